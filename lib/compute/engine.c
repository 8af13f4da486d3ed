/* engine.c - see engine.h. */
#include "compute/engine.h"

bool pvi_engine_possible(int engine) {
#if defined(__x86_64__)
    __builtin_cpu_init();
    if (engine == PVI_ENGINE_AVX512) return __builtin_cpu_supports("avx512f");
    if (engine == PVI_ENGINE_AVX2) return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
#endif
    return engine == PVI_ENGINE_PORTABLE;
}

int pvi_engine_best(void) {
    return pvi_engine_possible(PVI_ENGINE_AVX512) ? PVI_ENGINE_AVX512
           : pvi_engine_possible(PVI_ENGINE_AVX2) ? PVI_ENGINE_AVX2
                                                  : PVI_ENGINE_PORTABLE;
}

const char *pvi_engine_name(int engine) {
    return engine == PVI_ENGINE_AVX512 ? "avx512" : engine == PVI_ENGINE_AVX2 ? "avx2" : "portable";
}
