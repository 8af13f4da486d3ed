/* machine.c - see machine.h. */
#include "compute/machine.h"

#include <math.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/text.h"
#include "base/workers.h"
#include "compute/blas.h"
#include "compute/engine.h"
#include "compute/gemm.h"

enum { SIDE = 512, CHAINS = 12, LINKS = 4096 };
static const double seconds_each = 0.3;

/* CHAINS independent chains of multiply-adds keep every unit busy: no memory is touched. */
#define CHAIN_LOOP(name, isa, lanes, vec, set, fma, take)                                                              \
    isa static float name(float x) {                                                                                   \
        vec sum[CHAINS], factor = set(x);                                                                              \
        for (int i = 0; i < CHAINS; i++) sum[i] = set((float)i);                                                       \
        for (int n = 0; n < LINKS; n++)                                                                                \
            for (int i = 0; i < CHAINS; i++) sum[i] = fma(sum[i], factor, factor);                                     \
        float total = 0;                                                                                               \
        for (int i = 0; i < CHAINS; i++) total += take(sum[i]);                                                        \
        return total;                                                                                                  \
    }

#define SAME(x) (x)
#define PLAIN_FMA(a, b, c) ((a) * (b) + (c))
CHAIN_LOOP(chains_plain, , 1, float, SAME, PLAIN_FMA, SAME)

#if defined(__x86_64__)
#include <cpuid.h>
#include <immintrin.h>
CHAIN_LOOP(chains_256, __attribute__((target("avx2,fma"))), 8, __m256, _mm256_set1_ps, _mm256_fmadd_ps, _mm256_cvtss_f32)
CHAIN_LOOP(chains_512, __attribute__((target("avx512f"))), 16, __m512, _mm512_set1_ps, _mm512_fmadd_ps, _mm512_cvtss_f32)

static void name_processor(char out[64]) {
    unsigned words[12];
    for (unsigned i = 0; i < 3; i++)
        if (!__get_cpuid(0x80000002u + i, &words[4 * i], &words[4 * i + 1], &words[4 * i + 2], &words[4 * i + 3])) return;
    char name[sizeof words + 1];
    memcpy(name, words, sizeof words);
    name[sizeof words] = '\0';
    const char *start = name + strspn(name, " ");
    memcpy(out, start, strlen(start) + 1);
}

static void list_features(char out[128]) {
#define FEATURE(name)                                                                                                  \
    if (__builtin_cpu_supports(name)) strcat(out, out[0] != '\0' ? " " name : name)
    __builtin_cpu_init();
    FEATURE("sse4.2");
    FEATURE("avx");
    FEATURE("avx2");
    FEATURE("fma");
    FEATURE("avx512f");
    FEATURE("avx512bw");
    FEATURE("avx512dq");
    FEATURE("avx512vl");
    FEATURE("avx512vnni");
    FEATURE("avx512bf16");
#undef FEATURE
}
#else
static void name_processor(char out[64]) { out[0] = '\0'; }
static void list_features(char out[128]) { out[0] = '\0'; }
#endif

/* Best rate of repeated runs within the time: other work on the machine only ever slows one down. */
typedef void (*work_fn)(void *arg);
static double best_rate(work_fn work, void *arg, double flops, double seconds) {
    double begin = pvi_clock(), best = INFINITY;
    while (pvi_clock() - begin < seconds) {
        double start = pvi_clock();
        work(arg);
        double taken = pvi_clock() - start;
        if (taken > 0 && taken < best) best = taken;
    }
    return flops / best / 1e9;
}

typedef struct chain_work {
    float (*run)(float);
    volatile float sink;
} chain_work;

static void chain_runs(void *arg) {
    chain_work *work = arg;
    float sum = 0;
    for (int i = 0; i < 16; i++) sum += work->run(0.5f);
    work->sink = sum;
}

double pvi_machine_peak(double seconds) {
    chain_work work = {.run = chains_plain};
    double lanes = 1;
#if defined(__x86_64__)
    if (pvi_engine_possible(PVI_ENGINE_AVX512)) work.run = chains_512, lanes = 16;
    else if (pvi_engine_possible(PVI_ENGINE_AVX2)) work.run = chains_256, lanes = 8;
#endif
    return best_rate(chain_runs, &work, 16.0 * 2 * CHAINS * LINKS * lanes, seconds);
}

typedef struct gemm_work {
    int engine;
    float *a, *packed, *c;
} gemm_work;

static void gemm_runs(void *arg) {
    gemm_work *w = arg;
    pvi_gemm(w->engine, SIDE, SIDE, SIDE, w->a, SIDE, 1, w->packed, w->c, SIDE, false);
}

static pvg_status measure_gemm(pvi_env *env, int engine, double *out) {
    size_t square = (size_t)SIDE * SIDE;
    gemm_work w = {.engine = engine, .a = pvi_calloc(env, square, sizeof *w.a), .c = pvi_calloc(env, square, sizeof *w.c),
                   .packed = pvi_calloc(env, pvi_pack_floats(engine, SIDE, SIDE), sizeof *w.packed)};
    pvg_status status = w.a != NULL && w.c != NULL && w.packed != NULL ? PVG_OK : PVG_E_NOMEM;
    if (status == PVG_OK) *out = best_rate(gemm_runs, &w, 2.0 * (double)square * SIDE, seconds_each);
    pvi_free(env, w.a);
    pvi_free(env, w.c);
    pvi_free(env, w.packed);
    return status;
}

/* ---- memory ---- */

/* A file that holds one number; none, or a word ("max"), is no limit. */
static uint64_t limit_in(const char *root, const char *group, int length, const char *file) {
    char path[1024];
    if ((size_t)pvi_text_format(path, sizeof path, "%s%.*s/%s", root, length, group, file) >= sizeof path) return UINT64_MAX;
    unsigned long long limit;
    FILE *in = fopen(path, "re");
    if (in == NULL) return UINT64_MAX;
    int found = fscanf(in, "%llu", &limit);
    fclose(in);
    return found == 1 && limit > 0 ? limit : UINT64_MAX;
}

/* The least limit of a group and of those above it. In a container the groups' names may be the host's, and only the
 * topmost be there. */
static uint64_t limit_of(const char *root, const char *group, const char *file) {
    int length = (int)strlen(group);
    while (length > 0 && group[length - 1] == '/') length--;
    uint64_t least = limit_in(root, group, length, file);
    while (length > 0) {
        do length--;
        while (length > 0 && group[length] != '/');
        uint64_t limit = limit_in(root, group, length, file);
        if (limit < least) least = limit;
    }
    return least;
}

uint64_t pvi_machine_allowed(const char *membership, const char *root) {
    char line[1024], old[1024];
    uint64_t least = UINT64_MAX;
    FILE *in = fopen(membership, "re");
    while (in != NULL && fgets(line, sizeof line, in) != NULL) { /* ID:CONTROLLERS:/GROUP */
        line[strcspn(line, "\n")] = '\0';
        char *controllers = strchr(line, ':'), *group = controllers != NULL ? strchr(++controllers, ':') : NULL;
        if (group == NULL) continue;
        *group++ = '\0';
        uint64_t limit = UINT64_MAX;
        if (*controllers == '\0') limit = limit_of(root, group, "memory.max");
        else if (strcmp(controllers, "memory") == 0 && (size_t)pvi_text_format(old, sizeof old, "%s/memory", root) < sizeof old)
            limit = limit_of(old, group, "memory.limit_in_bytes");
        if (limit < least) least = limit;
    }
    if (in != NULL) fclose(in);
    return least;
}

uint64_t pvi_machine_memory(void) {
    uint64_t allowed = pvi_machine_allowed("/proc/self/cgroup", "/sys/fs/cgroup");
    long pages = sysconf(_SC_PHYS_PAGES), size = sysconf(_SC_PAGESIZE);
    uint64_t there = pages > 0 && size > 0 ? (uint64_t)pages * (uint64_t)size : 0;
    return allowed < there || (there == 0 && allowed != UINT64_MAX) ? allowed : there;
}

uint64_t pvi_machine_resident(void) {
    struct rusage usage;
    return getrusage(RUSAGE_SELF, &usage) == 0 ? (uint64_t)usage.ru_maxrss * 1024 : 0;
}

pvg_status pvi_machine_look(pvi_env *env, bool measure, pvi_machine *out) {
    pvi_machine machine = {.processors = pvi_cpu_count(), .memory = pvi_machine_memory(), .peak = NAN, .engine_rate = NAN,
                           .openblas_rate = NAN};
    name_processor(machine.processor);
    list_features(machine.features);
    if (measure) {
        machine.peak = pvi_machine_peak(seconds_each);
        pvg_status status = measure_gemm(env, env->engine, &machine.engine_rate);
        if (status == PVG_OK && pvi_blas_possible()) status = measure_gemm(env, PVI_ENGINE_OPENBLAS, &machine.openblas_rate);
        if (status != PVG_OK) return status;
    }
    *out = machine;
    return PVG_OK;
}
