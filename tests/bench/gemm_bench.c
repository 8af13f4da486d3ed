/* gemm_bench.c - GFLOP/s of every engine, one core: square products, a training step's, and decoding's few rows.
 * Not a test: build the target bench_gemm and run it on a quiet machine. */
#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"
#include "compute/blas.h"
#include "compute/engine.h"
#include "compute/gemm.h"
#include "compute/machine.h"

static double rate(int engine, int m, int n, int k) {
    size_t a_size = (size_t)m * k, c_size = (size_t)m * n, b_size = pvi_pack_floats(engine, k, n);
    float *a = calloc(a_size, sizeof *a), *b = calloc(b_size, sizeof *b), *c = calloc(c_size, sizeof *c);
    if (a == NULL || b == NULL || c == NULL) exit(1);
    double begin = pvi_clock(), best = 1e9;
    while (pvi_clock() - begin < 0.3) {
        double start = pvi_clock();
        int repeats = 1 + (int)(2e7 / ((double)m * n * k));
        for (int i = 0; i < repeats; i++) pvi_gemm(engine, m, n, k, a, k, 1, b, c, n, false);
        double taken = (pvi_clock() - start) / repeats;
        if (taken < best) best = taken;
    }
    free(a), free(b), free(c);
    return 2.0 * m * n * k / best / 1e9;
}

int main(void) {
    static const int shapes[][3] = {{64, 64, 64},     {128, 128, 128},  {256, 256, 256},  {512, 512, 512}, {1024, 1024, 1024},
                                    {1024, 192, 64},  {1, 512, 128},    {8, 512, 128},    {64, 512, 128},  {1, 1536, 384},
                                    {8, 1536, 384},   {64, 1536, 384},  {1, 3072, 768},   {8, 3072, 768},  {64, 3072, 768}};
    printf("openblas: %s, core %s, %s\n%5s %5s %5s", pvi_blas_kind(), pvi_blas_core(), pvi_blas_threading(), "m", "n", "k");
    for (int engine = PVI_ENGINE_PORTABLE; engine <= PVI_ENGINE_OPENBLAS; engine++)
        if (pvi_engine_possible(engine)) printf(" %9s", pvi_engine_name(engine));
    printf("\n");
    for (size_t i = 0; i < sizeof shapes / sizeof *shapes; i++) {
        printf("%5d %5d %5d", shapes[i][0], shapes[i][1], shapes[i][2]);
        for (int engine = PVI_ENGINE_PORTABLE; engine <= PVI_ENGINE_OPENBLAS; engine++)
            if (pvi_engine_possible(engine)) printf(" %9.1f", rate(engine, shapes[i][0], shapes[i][1], shapes[i][2]));
        printf("\n");
        fflush(stdout);
    }
    pvi_env env;
    pvi_env_init(&env);
    env.engine = pvi_engine_best();
    pvi_machine machine;
    if (pvi_machine_look(&env, true, &machine) != PVG_OK) return 1;
    printf("peak of fused multiply-adds: %.1f\n", machine.peak);
    return 0;
}
