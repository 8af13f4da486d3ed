/* test_blas.c - OpenBLAS against a plain loop in double precision: layouts, gaps, accumulation, and calls side by side. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/rng.h"
#include "base/workers.h"
#include "compute/blas.h"
#include "compute/engine.h"
#include "compute/gemm.h"
#include "support.h"

static float *values(pvi_rng *rng, size_t count) {
    float *x = malloc((count + 1) * sizeof *x);
    for (size_t i = 0; i < count; i++) x[i] = (float)pvi_rng_normal(rng);
    return x;
}

static void one_shape(pvi_rng *rng, int m, int n, int k, ptrdiff_t a_row, ptrdiff_t a_col, bool accumulate) {
    ptrdiff_t c_row = n + 3;
    float *a = values(rng, (size_t)(m * a_row + k * a_col)), *b = values(rng, (size_t)(k * n));
    float *c = values(rng, (size_t)(m * c_row)), *packed = malloc(pvi_pack_floats(PVI_ENGINE_OPENBLAS, k, n) * sizeof *packed + 4);
    float *old = malloc((size_t)(m * c_row) * sizeof *old);
    memcpy(old, c, (size_t)(m * c_row) * sizeof *c);
    pvi_pack(PVI_ENGINE_OPENBLAS, k, n, b, n, 1, packed);
    pvi_gemm(PVI_ENGINE_OPENBLAS, m, n, k, a, a_row, a_col, packed, c, c_row, accumulate);
    for (int i = 0; i < m; i++) {
        for (int j = 0; j < n; j++) {
            double sum = accumulate ? old[i * c_row + j] : 0, size = fabs(sum);
            for (int p = 0; p < k; p++) {
                double term = (double)a[i * a_row + p * a_col] * b[p * n + j];
                sum += term;
                size += fabs(term);
            }
            ck_assert_msg(fabs(c[i * c_row + j] - sum) <= 1e-6 * size, "m %d n %d k %d at %d,%d", m, n, k, i, j);
        }
        for (ptrdiff_t j = n; j < c_row; j++) ck_assert(c[i * c_row + j] == old[i * c_row + j]);
    }
    free(a), free(b), free(c), free(packed), free(old);
}

START_TEST(equals_the_plain_loop) {
    if (!pvi_engine_possible(PVI_ENGINE_OPENBLAS)) return;
    const int ms[] = {1, 2, 5, 16, 33}, ns[] = {1, 7, 128, 131}, ks[] = {0, 1, 9, 64, 300};
    pvi_rng rng = pvi_rng_stream(5, "blas", 0, 0);
    for (size_t i = 0; i < sizeof ms / sizeof *ms; i++)
        for (size_t j = 0; j < sizeof ns / sizeof *ns; j++)
            for (size_t p = 0; p < sizeof ks / sizeof *ks; p++) {
                int m = ms[i], n = ns[j], k = ks[p];
                bool accumulate = (i + j + p) & 1;
                one_shape(&rng, m, n, k, k + 2, 1, accumulate);
                one_shape(&rng, m, n, k, 1, m + 2, !accumulate);
                one_shape(&rng, m, n, k, 2 * k + 1, 2, accumulate); /* gaps both ways: through the copy */
            }
}
END_TEST

typedef struct race {
    const float *a, *packed, *wanted;
    int wrong[4];
} race;

enum { SIDE = 96, REPEATS = 200 };

static void race_task(void *arg, int member, int count) {
    (void)count;
    race *r = arg;
    static _Thread_local float c[SIDE * SIDE];
    for (int t = 0; t < REPEATS; t++) {
        pvi_gemm(PVI_ENGINE_OPENBLAS, SIDE, SIDE, SIDE, r->a, SIDE, 1, r->packed, c, SIDE, false);
        r->wrong[member] += memcmp(c, r->wanted, sizeof c) != 0;
    }
}

START_TEST(calls_side_by_side_agree) {
    if (!pvi_engine_possible(PVI_ENGINE_OPENBLAS)) return;
    pvi_rng rng = pvi_rng_stream(5, "race", 0, 0);
    float *a = values(&rng, SIDE * SIDE), *b = values(&rng, SIDE * SIDE), *wanted = malloc(SIDE * SIDE * sizeof *wanted);
    float *packed = malloc(pvi_pack_floats(PVI_ENGINE_OPENBLAS, SIDE, SIDE) * sizeof *packed);
    pvi_pack(PVI_ENGINE_OPENBLAS, SIDE, SIDE, b, SIDE, 1, packed);
    pvi_gemm(PVI_ENGINE_OPENBLAS, SIDE, SIDE, SIDE, a, SIDE, 1, packed, wanted, SIDE, false);
    race r = {.a = a, .packed = packed, .wanted = wanted};
    pvi_env *env = test_env_with(4, 0);
    pvi_workers_run(env->workers, race_task, &r);
    test_env_free(env);
    for (int i = 0; i < 4; i++) ck_assert_int_eq(r.wrong[i], 0);
    free(a), free(b), free(wanted), free(packed);
}
END_TEST

/* The private copy picks kernels by what the processor can do, not by its model number. */
START_TEST(kernels_fit_the_processor) {
    if (strcmp(pvi_blas_kind(), "private") != 0 || getenv("OPENBLAS_CORETYPE") != NULL) return;
    ck_assert_str_eq(pvi_blas_threading(), "pthread");
    ck_assert_ptr_nonnull(strstr(pvi_blas_config(), "OpenBLAS"));
#if defined(__x86_64__)
    if (__builtin_cpu_supports("avx512vl")) ck_assert_str_eq(pvi_blas_core(), "SkylakeX");
    else if (__builtin_cpu_supports("avx2")) ck_assert_str_eq(pvi_blas_core(), "Haswell");
#endif
}
END_TEST

Suite *suite_blas(void) {
    Suite *suite = suite_create("blas");
    TCase *all = tcase_create("blas");
    tcase_set_timeout(all, 60);
    tcase_add_test(all, equals_the_plain_loop);
    tcase_add_test(all, calls_side_by_side_agree);
    tcase_add_test(all, kernels_fit_the_processor);
    suite_add_tcase(suite, all);
    return suite;
}
