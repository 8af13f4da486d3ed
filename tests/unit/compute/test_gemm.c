/* test_gemm.c - every engine this machine has, bit for bit against a plain loop of fused multiply-adds. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/rng.h"
#include "compute/engine.h"
#include "compute/gemm.h"
#include "support.h"

static void naive(int m, int n, int k, const float *a, ptrdiff_t a_row, ptrdiff_t a_col, const float *b, ptrdiff_t row,
                  ptrdiff_t col, float *c, ptrdiff_t c_row, bool accumulate) {
    for (int i = 0; i < m; i++)
        for (int j = 0; j < n; j++) {
            float sum = accumulate ? c[i * c_row + j] : 0;
            for (int p = 0; p < k; p++) sum = fmaf(a[i * a_row + p * a_col], b[p * row + j * col], sum);
            c[i * c_row + j] = sum;
        }
}

static float *values(pvi_rng *rng, size_t count) {
    float *x = malloc((count + 1) * sizeof *x);
    for (size_t i = 0; i < count; i++) x[i] = (float)pvi_rng_normal(rng);
    return x;
}

/* Panel by panel, asking for something else meanwhile. */
static void check_asking(int engine, int m, int n, int k, const float *a, const float *packed, const float *wanted, float *c,
                         ptrdiff_t c_row, bool accumulate) {
    int width = pvi_pack_width(engine);
    pvi_wanted memory = {.stretch = {{a, 100}, {packed, 1}}, .count = 2, .near = (m & 1) != 0};
    for (int from = 0; from < n; from += width)
        pvi_gemm_asking(engine, m, n - from < width ? n - from : width, k, a, k, packed + (ptrdiff_t)from * k, c + from, c_row,
                        accumulate, &memory);
    ck_assert(memcmp(c, wanted, (size_t)(m * c_row) * sizeof *c) == 0);
}

static void one_shape(int engine, pvi_rng *rng, int m, int n, int k, bool a_turned, bool b_turned, bool accumulate) {
    ptrdiff_t c_row = n + 3;
    float *a = values(rng, (size_t)m * k), *b = values(rng, (size_t)k * n), *c = values(rng, (size_t)(m * c_row));
    float *d = malloc((size_t)(m * c_row) * sizeof *d + 4), *e = malloc((size_t)(m * c_row) * sizeof *e + 4), *old = malloc((size_t)(m * c_row) * sizeof *old + 4);
    float *packed = malloc(pvi_pack_floats(engine, k, n) * sizeof *packed + 4);
    memcpy(d, c, (size_t)(m * c_row) * sizeof *d);
    memcpy(e, c, (size_t)(m * c_row) * sizeof *e);
    memcpy(old, c, (size_t)(m * c_row) * sizeof *old);
    ptrdiff_t a_row = a_turned ? 1 : k, a_col = a_turned ? m : 1, b_row = b_turned ? 1 : n, b_col = b_turned ? k : 1;
    naive(m, n, k, a, a_row, a_col, b, b_row, b_col, c, c_row, accumulate);
    pvi_pack(engine, k, n, b, b_row, b_col, packed);
    pvi_gemm(engine, m, n, k, a, a_row, a_col, packed, d, c_row, accumulate);
    ck_assert_msg(memcmp(c, d, (size_t)(m * c_row) * sizeof *c) == 0, "%s m %d n %d k %d", pvi_engine_name(engine), m, n, k);
    if (!a_turned) check_asking(engine, m, n, k, a, packed, c, e, c_row, accumulate);
    memcpy(e, old, (size_t)(m * c_row) * sizeof *e);
    int half = k / 2; /* a cut of k into two accumulating calls changes nothing */
    pvi_pack(engine, half, n, b, b_row, b_col, packed);
    pvi_gemm(engine, m, n, half, a, a_row, a_col, packed, e, c_row, accumulate);
    pvi_pack(engine, k - half, n, b + half * b_row, b_row, b_col, packed);
    pvi_gemm(engine, m, n, k - half, a + half * a_col, a_row, a_col, packed, e, c_row, true);
    ck_assert(memcmp(c, e, (size_t)(m * c_row) * sizeof *c) == 0);
    free(a), free(b), free(c), free(d), free(e), free(old), free(packed);
}

START_TEST(same_bits_as_the_plain_loop) {
    const int ks[] = {1, 2, 7, 64, 131}, ns[] = {1, 5, 16, 17, 48, 49, 100};
    int engine = _i;
    if (!pvi_engine_possible(engine)) return;
    pvi_rng rng = pvi_rng_stream(3, "gemm", (uint64_t)engine, 0);
    for (int m = 1; m <= 19; m++)
        for (size_t n = 0; n < sizeof ns / sizeof *ns; n++)
            for (size_t k = 0; k < sizeof ks / sizeof *ks; k++)
                one_shape(engine, &rng, m, ns[n], ks[k], (m + n) & 1, (n + k) & 1, (m + k) & 1);
}
END_TEST

START_TEST(long_products_are_one_chain) {
    int engine = _i;
    if (!pvi_engine_possible(engine)) return;
    pvi_rng rng = pvi_rng_stream(3, "long", (uint64_t)engine, 0);
    for (int k = 255; k <= 515; k += 130)
        for (int turned = 0; turned < 2; turned++) one_shape(engine, &rng, 9, 70, k, turned, !turned, turned);
}
END_TEST

START_TEST(rows_can_be_packed_apart) {
    int engine = _i, k = 11;
    if (!pvi_engine_possible(engine)) return;
    pvi_rng rng = pvi_rng_stream(3, "apart", (uint64_t)engine, 0);
    for (int n = 1; n < 120; n += 7) {
        size_t bytes = pvi_pack_floats(engine, k, n) * sizeof(float);
        float *b = values(&rng, (size_t)(k * n)), *whole = malloc(bytes), *parts = malloc(bytes);
        pvi_pack(engine, k, n, b, n, 1, whole);
        pvi_pack_rows(engine, k, n, b + 4 * n, n, 1, 4, k, parts);
        pvi_pack_rows(engine, k, n, b, n, 1, 0, 4, parts);
        ck_assert(memcmp(whole, parts, bytes) == 0);
        int last = 0;
        while (last + pvi_panel_width(engine, n, last) < n) last += pvi_panel_width(engine, n, last);
        ck_assert_uint_eq(bytes, (size_t)(last + pvi_panel_width(engine, n, last)) * (size_t)k * sizeof(float));
        free(b), free(whole), free(parts);
    }
}
END_TEST

START_TEST(a_row_does_not_know_its_mates) {
    int engine = pvi_engine_best(), k = 40, n = 70;
    pvi_rng rng = pvi_rng_stream(3, "mates", 0, 0);
    float *a = values(&rng, 13 * 40), *b = values(&rng, 40 * 70), all[13 * 70], one[70];
    float *packed = malloc(pvi_pack_floats(engine, k, n) * sizeof *packed);
    pvi_pack(engine, k, n, b, n, 1, packed);
    pvi_gemm(engine, 13, n, k, a, k, 1, packed, all, n, false);
    for (int i = 0; i < 13; i++) {
        pvi_gemm(engine, 1, n, k, a + i * k, k, 1, packed, one, n, false);
        ck_assert(memcmp(one, all + i * n, sizeof one) == 0);
    }
    free(a), free(b), free(packed);
}
END_TEST

Suite *suite_gemm(void) {
    Suite *suite = suite_create("gemm");
    TCase *all = tcase_create("gemm");
    tcase_set_timeout(all, 60);
    tcase_add_loop_test(all, same_bits_as_the_plain_loop, PVI_ENGINE_PORTABLE, PVI_ENGINE_AVX512 + 1);
    tcase_add_loop_test(all, long_products_are_one_chain, PVI_ENGINE_PORTABLE, PVI_ENGINE_AVX512 + 1);
    tcase_add_loop_test(all, rows_can_be_packed_apart, PVI_ENGINE_PORTABLE, PVI_ENGINE_OPENBLAS + 1);
    tcase_add_test(all, a_row_does_not_know_its_mates);
    suite_add_tcase(suite, all);
    return suite;
}
