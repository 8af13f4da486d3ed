/* engine.c - see engine.h. */
#include "compute/engine.h"

#include "compute/blas.h"

bool pvi_engine_possible(int engine) {
#if defined(__x86_64__)
    __builtin_cpu_init();
    if (engine == PVI_ENGINE_AVX512) return __builtin_cpu_supports("avx512f");
    if (engine == PVI_ENGINE_AVX2) return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
#endif
    return engine == PVI_ENGINE_PORTABLE || (engine == PVI_ENGINE_OPENBLAS && pvi_blas_possible());
}

int pvi_engine_best(void) {
    static const int best_first[] = {PVI_ENGINE_AVX512, PVI_ENGINE_AVX2, PVI_ENGINE_OPENBLAS};
    for (size_t i = 0; i < sizeof best_first / sizeof *best_first; i++)
        if (pvi_engine_possible(best_first[i])) return best_first[i];
    return PVI_ENGINE_PORTABLE;
}

const char *pvi_engine_name(int engine) {
    switch (engine) {
    case PVI_ENGINE_AVX512: return "avx512";
    case PVI_ENGINE_AVX2: return "avx2";
    case PVI_ENGINE_OPENBLAS: return "openblas";
    default: return "portable";
    }
}
