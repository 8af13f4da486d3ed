/* gemm_bench.c - GFLOP/s of every engine, one core, on the products of training and decoding. Not a test: build the target
 * bench_gemm and run it on a quiet machine. The weights of each product come in as many copies as fill 40 MiB and take
 * turns, as the matrices of a model do: what is measured includes bringing them in. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/env.h"
#include "base/rng.h"
#include "compute/blas.h"
#include "compute/engine.h"
#include "compute/gemm.h"
#include "compute/machine.h"

static const size_t WEIGHTS = (size_t)10 << 20; /* floats */

typedef struct product {
    const char *what;
    int m, n, k;
    bool turned; /* A lies [k][m] and C is added to: a weight's gradient */
} product;

static float *values(pvi_env *env, size_t count) {
    float *x = pvi_alloc(env, count, sizeof *x);
    if (x == NULL) exit(1);
    pvi_rng rng = pvi_rng_stream(1, "bench", count, 0);
    for (size_t i = 0; i < count; i++) x[i] = (float)pvi_rng_unit(&rng) - 0.5f;
    return x;
}

/* Best of 0.4 s, and the peak, best of 0.1 s, next to it: clocks change from second to second. */
static double rate(pvi_env *env, int engine, const product *p, double *peak) {
    size_t each = pvi_pack_floats(engine, p->k, p->n), copies = p->turned ? 1 : WEIGHTS / each + 1, turn = 0;
    float *a = values(env, (size_t)p->m * (size_t)p->k), *b = values(env, each * copies), *c = values(env, (size_t)p->m * (size_t)p->n);
    *peak = pvi_machine_peak(0.1);
    double begin = pvi_clock(), best = 1e9;
    int repeats = 1 + (int)(4e7 / ((double)p->m * p->n * p->k));
    while (pvi_clock() - begin < 0.4) {
        double start = pvi_clock();
        for (int i = 0; i < repeats; i++, turn = (turn + 1) % copies)
            pvi_gemm(engine, p->m, p->n, p->k, a, p->turned ? 1 : p->k, p->turned ? p->m : 1, b + turn * each, c, p->n, p->turned);
        double taken = (pvi_clock() - start) / repeats;
        if (taken < best) best = taken;
    }
    pvi_free(env, a), pvi_free(env, b), pvi_free(env, c);
    return 2.0 * p->m * p->n * p->k / best / 1e9;
}

/* bench_gemm [PART]: only the products whose names contain it. */
int main(int count, char **argument) {
    static const product products[] = {
        {"S qkv", 96, 384, 128, false},       {"S gate and up", 96, 704, 128, false}, {"S down", 96, 128, 352, false},
        {"S gate and up, gradient", 704, 128, 1024, true}, {"S down, gradient", 128, 352, 1024, true},
        {"M qkv", 96, 1152, 384, false},      {"M gate and up", 96, 2048, 384, false}, {"M down", 96, 384, 1024, false},
        {"M gate and up, back", 96, 384, 2048, false}, {"M head", 64, 4096, 384, false},
        {"M gate and up, gradient", 2048, 384, 1024, true}, {"M down, gradient", 384, 1024, 1024, true},
        {"L gate and up", 96, 4096, 768, false}, {"L down", 96, 768, 2048, false},
        {"L gate and up, gradient", 4096, 768, 1024, true},  {"L head, gradient", 50257, 768, 192, true},
        {"M decode 1", 1, 2048, 384, false},  {"M decode 8", 8, 2048, 384, false},  {"M decode 64", 64, 2048, 384, false},
        {"L decode 1", 1, 4096, 768, false},  {"L decode 8", 8, 4096, 768, false},  {"L decode 64", 64, 4096, 768, false}};
    pvi_env env;
    pvi_env_init(&env);
    env.engine = pvi_engine_best();
    printf("openblas: %s, core %s, %s; GFLOP/s and share of the peak of fused multiply-adds\n%-24s %5s %5s %5s", pvi_blas_kind(), pvi_blas_core(), pvi_blas_threading(), "", "m", "n", "k");
    for (int engine = PVI_ENGINE_AVX2; engine <= PVI_ENGINE_OPENBLAS; engine++)
        if (pvi_engine_possible(engine)) printf(" %9s %4s", pvi_engine_name(engine), "");
    printf("\n");
    for (size_t i = 0; i < sizeof products / sizeof *products; i++) {
        const product *p = &products[i];
        if (count > 1 && strstr(p->what, argument[1]) == NULL) continue;
        printf("%-24s %5d %5d %5d", p->what, p->m, p->n, p->k);
        for (int engine = PVI_ENGINE_AVX2; engine <= PVI_ENGINE_OPENBLAS; engine++)
            if (pvi_engine_possible(engine)) {
                double peak, found = rate(&env, engine, p, &peak);
                printf(" %9.1f %3.0f%%", found, 100 * found / peak);
            }
        printf("\n");
        fflush(stdout);
    }
    return 0;
}
