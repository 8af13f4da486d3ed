/* test_stats.c - areas against all pairs, DeLong against its definition, closed forms, and coverage of the intervals. */
#include <math.h>
#include <string.h>

#include "base/rng.h"
#include "game/stats.h"
#include "support.h"

#define ck_near(a, b, tolerance) ck_assert_msg(fabs((a) - (b)) <= (tolerance), #a " is %.17g, wanted %.17g", (double)(a), (double)(b))
#define ck_nan(a) ck_assert_msg(isnan(a), #a " is %g, wanted NaN", (double)(a))

static double kernel(double p, double n) { return p > n ? 1 : p == n ? 0.5 : 0; }

static double naive_auc(const double *p, size_t n, const double *q, size_t m) {
    double wins = 0;
    for (size_t i = 0; i < n; i++)
        for (size_t j = 0; j < m; j++) wins += kernel(p[i], q[j]);
    return wins / (double)(n * m);
}

/* By the text of DeLong et al.: structural components, then their sample variances. */
static double naive_delong(const double *p, size_t n, const double *q, size_t m) {
    double area = naive_auc(p, n, q, m), s10 = 0, s01 = 0;
    for (size_t i = 0; i < n; i++) {
        double v = naive_auc(p + i, 1, q, m) - area;
        s10 += v * v / (double)(n - 1);
    }
    for (size_t j = 0; j < m; j++) {
        double v = naive_auc(p, n, q + j, 1) - area;
        s01 += v * v / (double)(m - 1);
    }
    return s10 / (double)n + s01 / (double)m;
}

static void fill(pvi_rng *rng, double *out, size_t n, double shift, bool ties) {
    for (size_t i = 0; i < n; i++) {
        out[i] = pvi_rng_normal(rng) + shift;
        if (ties) out[i] = floor(out[i] * 2);
    }
}

START_TEST(area_is_the_share_of_pairs) {
    pvi_env *env = test_env();
    double p[40], q[40], auc, low, high;
    for (uint64_t round = 0; round < 200; round++) {
        pvi_rng rng = pvi_rng_stream(1, "test", round, 0);
        size_t n = 2 + pvi_rng_below(&rng, 39), m = 2 + pvi_rng_below(&rng, 39);
        fill(&rng, p, n, 0.5, round % 2 == 0);
        fill(&rng, q, m, 0, round % 2 == 0);
        ck_ok(env, pvi_auc(env, p, n, q, m, &auc));
        ck_near(auc, naive_auc(p, n, q, m), 1e-12);
        double back;
        ck_ok(env, pvi_auc(env, q, m, p, n, &back));
        ck_near(auc + back, 1, 1e-12);
        ck_ok(env, pvi_auc_interval(env, p, n, q, m, 0.9, &auc, &low, &high));
        ck_assert(low <= auc && auc <= high && low >= 0 && high <= 1);
        double variance = naive_delong(p, n, q, m);
        if (auc == 0 || auc == 1 || variance == 0) continue;
        double half = 1.6448536269514722 * sqrt(variance) / (auc * (1 - auc)), middle = log(auc / (1 - auc));
        ck_near(low, 1 / (1 + exp(half - middle)), 1e-9);
        ck_near(high, 1 / (1 + exp(-half - middle)), 1e-9);
    }
    test_env_free(env);
}
END_TEST

/* n positive and n negative scores, `copies` times each: every score a problem of its own, or `share` of either side one. */
static void cluster(const double *p, const double *q, size_t n, size_t copies, size_t share, pvi_scored *out) {
    for (size_t i = 0; i < 2 * n; i++)
        for (size_t c = 0; c < copies; c++)
            *out++ = (pvi_scored){i < n ? p[i] : q[i - n], 1000 - (share == 1 ? i : i % n / share), i < n};
}

START_TEST(clustered_areas) {
    pvi_env *env = test_env();
    pvi_rng rng = pvi_rng_stream(4, "test", 0, 0);
    double p[12], q[12], wanted[3], found[3];
    pvi_scored all[24 * 3];
    for (int round = 0; round < 50; round++) {
        fill(&rng, p, 12, 0.5, round % 2 == 0);
        fill(&rng, q, 12, 0, round % 2 == 0);
        ck_ok(env, pvi_auc_interval(env, p, 12, q, 12, 0.9, &wanted[0], &wanted[1], &wanted[2]));
        cluster(p, q, 12, 1, 1, all); /* a problem each: DeLong */
        ck_ok(env, pvi_auc_clustered(env, all, 24, 0.9, found));
        for (int i = 0; i < 3; i++) ck_near(found[i], wanted[i], 1e-12);
        cluster(p, q, 12, 3, 1, all); /* copies say nothing new */
        ck_ok(env, pvi_auc_clustered(env, all, 72, 0.9, found));
        for (int i = 0; i < 3; i++) ck_near(found[i], wanted[i], 1e-12);
        /* Problems with a score on both sides, by Obuchowski's formula written out. */
        cluster(p, q, 12, 1, 2, all);
        double area = naive_auc(p, 12, q, 12), s10 = 0, s01 = 0, s11 = 0;
        for (size_t c = 0; c < 6; c++) {
            double a = naive_auc(p + 2 * c, 2, q, 12) * 2 - 2 * area, b = naive_auc(p, 12, q + 2 * c, 2) * 2 - 2 * area;
            s10 += a * a, s01 += b * b, s11 += a * b;
        }
        double variance = 6.0 / 5 * (s10 + s01 + 2 * s11) / 144, half = 1.6448536269514722 * sqrt(variance) / (area * (1 - area));
        ck_ok(env, pvi_auc_clustered(env, all, 24, 0.9, found));
        if (area == 0 || area == 1 || variance < 1e-12) continue;
        ck_near(found[1], 1 / (1 + exp(half - log(area / (1 - area)))), 1e-9);
        ck_near(found[2], 1 / (1 + exp(-half - log(area / (1 - area)))), 1e-9);
    }
    pvi_scored apart[] = {{1, 1, true}, {0, 1, false}, {2, 2, true}};
    ck_ok(env, pvi_auc_clustered(env, apart, 3, 0.9, found));
    ck_assert(found[0] == 1 && found[1] < 1 && found[2] == 1);
    ck_ok(env, pvi_auc_clustered(env, apart, 1, 0.9, found));
    ck_nan(found[0]);
    ck_nan(found[1]);
    apart[2].score = NAN;
    ck_fails(env, PVG_E_NUMERIC, "score 2 of 3", pvi_auc_clustered(env, apart, 3, 0.9, found));
    ck_fails(env, PVG_E_RANGE, "level", pvi_auc_clustered(env, apart, 2, 0, found));
    test_env_free(env);
}
END_TEST

START_TEST(area_at_the_edges) {
    pvi_env *env = test_env();
    double one[] = {1, 2, 3}, two[] = {4, 5, 6, 7}, same[] = {2, 2, 2}, bad[] = {1, NAN}, auc, low, high;
    double infinite[] = {INFINITY, -INFINITY};
    ck_ok(env, pvi_auc(env, one, 0, two, 4, &auc));
    ck_nan(auc);
    ck_ok(env, pvi_auc(env, one, 3, two, 0, &auc));
    ck_nan(auc);
    ck_ok(env, pvi_auc_interval(env, NULL, 0, NULL, 0, 0.9, &auc, &low, &high));
    ck_nan(low);
    ck_nan(high);
    ck_ok(env, pvi_auc(env, infinite, 2, one, 3, &auc));
    ck_near(auc, 0.5, 0);
    ck_ok(env, pvi_auc_interval(env, two, 4, one, 3, 0.9, &auc, &low, &high));
    ck_assert(auc == 1 && high == 1 && low > 0.3 && low < 0.9);
    double wide = low;
    ck_ok(env, pvi_auc_interval(env, two, 4, one, 3, 0.99, &auc, &low, &high));
    ck_assert(low < wide);
    ck_ok(env, pvi_auc_interval(env, one, 3, two, 4, 0.9, &auc, &low, &high));
    ck_assert(auc == 0 && low == 0);
    ck_near(high, 1 - wide, 1e-12);
    ck_ok(env, pvi_auc_interval(env, same, 3, same, 3, 0.9, &auc, &low, &high));
    ck_assert(auc == 0.5 && low > 0 && low < 0.5 && high > 0.5 && high < 1);
    ck_ok(env, pvi_auc_interval(env, two, 1, one, 1, 0.9, &auc, &low, &high));
    ck_assert(auc == 1 && low < 0.2 && high == 1);
    ck_fails(env, PVG_E_NUMERIC, "negative score 1 of 2 is not a number", pvi_auc(env, one, 3, bad, 2, &auc));
    ck_fails(env, PVG_E_NUMERIC, "positive score", pvi_auc_interval(env, bad, 2, one, 3, 0.9, &auc, &low, &high));
    ck_fails(env, PVG_E_RANGE, "level", pvi_auc_interval(env, one, 3, two, 4, 1, &auc, &low, &high));
    test_env_free(env);
}
END_TEST

/* Two normals one deviation apart have area Phi(1/sqrt 2); a 90 % interval must hold it about nine times in ten. */
START_TEST(area_interval_covers) {
    pvi_env *env = test_env();
    double truth = 0.5 * erfc(-0.5), p[30], q[30], auc, low, high;
    int held = 0, rounds = 1000;
    for (int round = 0; round < rounds; round++) {
        pvi_rng rng = pvi_rng_stream(2, "test", (uint64_t)round, 0);
        fill(&rng, p, 30, 1, false);
        fill(&rng, q, 30, 0, false);
        ck_ok(env, pvi_auc_interval(env, p, 30, q, 30, 0.9, &auc, &low, &high));
        held += low <= truth && truth <= high;
    }
    ck_assert_msg(held > 870 && held < 935, "%d of %d intervals hold the area", held, rounds);
    test_env_free(env);
}
END_TEST

START_TEST(normal_quantiles) {
    ck_near(pvi_normal_z(0.9), 1.6448536269514722, 1e-12);
    ck_near(pvi_normal_z(0.95), 1.9599639845400536, 1e-12);
    ck_near(pvi_normal_z(0.99), 2.5758293035489, 1e-12);
    ck_near(pvi_normal_z(0.6826894921370859), 1, 1e-12);
    ck_nan(pvi_normal_z(0));
    ck_nan(pvi_normal_z(1));
    ck_nan(pvi_normal_z(-0.5));
    ck_nan(pvi_normal_z(NAN));
}
END_TEST

START_TEST(wilson_intervals) {
    double low, high, z = pvi_normal_z(0.95);
    pvi_wilson(0, 0, z, &low, &high);
    ck_assert(low == 0 && high == 1);
    pvi_wilson(0, 10, z, &low, &high);
    ck_assert(low == 0);
    ck_near(high, z * z / (10 + z * z), 1e-12); /* closed form at no success */
    pvi_wilson(10, 10, z, &low, &high);
    ck_assert(high == 1);
    ck_near(low, 10 / (10 + z * z), 1e-12);
    /* The bounds are where the score test is exactly at z. */
    for (uint64_t s = 1; s < 20; s++) {
        pvi_wilson(s, 20, z, &low, &high);
        double share = (double)s / 20;
        ck_near((share - low) / sqrt(low * (1 - low) / 20), z, 1e-9);
        ck_near((high - share) / sqrt(high * (1 - high) / 20), z, 1e-9);
    }
    pvi_wilson(UINT64_MAX / 2, UINT64_MAX, z, &low, &high);
    ck_assert(low > 0.4999 && high < 0.5001);
}
END_TEST

/* Share of the k-subsets of n solutions, the first c right, that hold a right one. */
static double naive_pass(unsigned n, unsigned c, unsigned k) {
    double hit = 0, all = 0;
    for (unsigned set = 0; set < 1u << n; set++) {
        if ((unsigned)__builtin_popcount(set) != k) continue;
        all++;
        hit += (set & ((1u << c) - 1)) != 0;
    }
    return hit / all;
}

START_TEST(pass_at_k_counts_subsets) {
    for (unsigned n = 1; n <= 9; n++)
        for (unsigned c = 0; c <= n; c++)
            for (unsigned k = 1; k <= n; k++) ck_near(pvi_pass_at_k(n, c, k), naive_pass(n, c, k), 1e-12);
    ck_nan(pvi_pass_at_k(5, 2, 0));
    ck_nan(pvi_pass_at_k(5, 2, 6));
    ck_nan(pvi_pass_at_k(5, 6, 1));
    ck_nan(pvi_pass_at_k(0, 0, 1));
    ck_near(pvi_pass_at_k(1000000000000, 500000000000, 10), 1 - pow(0.5, 10), 1e-9);
    ck_near(pvi_pass_at_k(1000000000000, 10, 500000000000), 1 - pow(0.5, 10), 1e-9);
}
END_TEST

START_TEST(moments_and_quantiles) {
    pvi_env *env = test_env();
    double v[] = {3, 1, 2, 10}, w[] = {1, NAN}, at;
    ck_near(pvi_mean(v, 4), 4, 0);
    ck_nan(pvi_mean(v, 0));
    ck_near(pvi_deviation(v, 4), sqrt(50.0 / 3), 1e-15);
    ck_nan(pvi_deviation(v, 1));
    const double wanted[][2] = {{0, 1}, {0.25, 1.75}, {0.5, 2.5}, {0.9, 7.9}, {1, 10}}; /* numpy.quantile */
    for (size_t i = 0; i < 5; i++) {
        ck_ok(env, pvi_quantile(env, v, 4, wanted[i][0], &at));
        ck_near(at, wanted[i][1], 1e-12);
    }
    ck_assert(v[0] == 3); /* the caller's order stays */
    ck_ok(env, pvi_quantile(env, v, 0, 0.5, &at));
    ck_nan(at);
    ck_ok(env, pvi_quantile(env, v, 1, 0.3, &at));
    ck_near(at, 3, 0);
    ck_fails(env, PVG_E_NUMERIC, "value 1 of 2", pvi_quantile(env, w, 2, 0.5, &at));
    ck_fails(env, PVG_E_RANGE, "1.5", pvi_quantile(env, v, 4, 1.5, &at));
    ck_fails(env, PVG_E_RANGE, "quantile", pvi_quantile(env, v, 4, NAN, &at));
    test_env_free(env);
}
END_TEST

START_TEST(calibration) {
    pvi_env *env = test_env();
    double p[] = {0.05, 0.95, 1, 0.91, 0.5}, bad[] = {0.5, 1.5}, none[] = {NAN}, error;
    int32_t right[] = {0, 1, 1, 0, 1};
    ck_ok(env, pvi_calibration_error(env, p, right, 5, &error));
    ck_near(error, (0.05 + fabs(2 - (0.95 + 1 + 0.91)) + 0.5) / 5, 1e-12);
    ck_ok(env, pvi_calibration_error(env, p, right, 0, &error));
    ck_nan(error);
    ck_fails(env, PVG_E_NUMERIC, "probability 1 of 2 is 1.5", pvi_calibration_error(env, bad, right, 2, &error));
    ck_fails(env, PVG_E_NUMERIC, "probability 0", pvi_calibration_error(env, none, right, 1, &error));
    test_env_free(env);
}
END_TEST

START_TEST(bootstrap) {
    pvi_env *env = test_env();
    double v[200], low, high, again, top;
    uint64_t group[200];
    pvi_rng rng = pvi_rng_stream(3, "test", 0, 0);
    fill(&rng, v, 200, 0, false);
    for (size_t i = 0; i < 200; i++) group[i] = UINT64_MAX - i % 20 * 7;
    ck_ok(env, pvi_bootstrap_mean(env, v, NULL, 200, 2000, 5, 0.9, &low, &high));
    ck_ok(env, pvi_bootstrap_mean(env, v, NULL, 200, 2000, 5, 0.9, &again, &top));
    ck_assert(memcmp(&low, &again, sizeof low) == 0 && memcmp(&high, &top, sizeof high) == 0);
    double half = 1.645 * pvi_deviation(v, 200) / sqrt(200);
    ck_near(low, pvi_mean(v, 200) - half, half / 8);
    ck_near(high, pvi_mean(v, 200) + half, half / 8);
    ck_ok(env, pvi_bootstrap_mean(env, v, NULL, 200, 2000, 6, 0.9, &again, &top));
    ck_assert(low != again);
    /* Copies of one value in a group say no more than the value once. */
    for (size_t i = 0; i < 200; i++) v[i] = (double)(i % 20);
    ck_ok(env, pvi_bootstrap_mean(env, v, group, 200, 2000, 5, 0.9, &low, &high));
    half = 1.645 * sqrt(35.0) / sqrt(20);
    ck_near(high - low, 2 * half, half / 4);
    ck_ok(env, pvi_bootstrap_mean(env, v, NULL, 200, 2000, 5, 0.9, &again, &top));
    ck_assert(top - again < (high - low) / 2);
    ck_ok(env, pvi_bootstrap_mean(env, v + 7, NULL, 1, 1, 5, 0.9, &low, &high));
    ck_assert(low == 7 && high == 7);
    ck_ok(env, pvi_bootstrap_mean(env, v, NULL, 0, 10, 5, 0.9, &low, &high));
    ck_nan(low);
    ck_nan(high);
    v[3] = NAN;
    ck_fails(env, PVG_E_NUMERIC, "value 3 of 200", pvi_bootstrap_mean(env, v, NULL, 200, 10, 5, 0.9, &low, &high));
    ck_fails(env, PVG_E_RANGE, "0 draws", pvi_bootstrap_mean(env, v, NULL, 3, 0, 5, 0.9, &low, &high));
    ck_fails(env, PVG_E_RANGE, "level 2", pvi_bootstrap_mean(env, v, NULL, 3, 5, 5, 2, &low, &high));
    test_env_free(env);
}
END_TEST

START_TEST(no_memory) {
    double v[] = {1, 2, 3}, auc, low, high;
    for (size_t fail = 1; fail <= 2; fail++) {
        pvi_env *env = test_env_with(1, fail);
        ck_assert_int_eq(pvi_bootstrap_mean(env, v, NULL, 3, 5, 1, 0.9, &low, &high), PVG_E_NOMEM);
        test_env_free(env);
    }
    for (size_t fail = 1; fail <= 4; fail++) {
        pvi_env *env = test_env_with(1, fail);
        ck_assert_int_eq(pvi_auc_interval(env, v, 3, v, 3, 0.9, &auc, &low, &high), PVG_E_NOMEM);
        test_env_free(env);
    }
    pvi_env *env = test_env_with(1, 1);
    ck_assert_int_eq(pvi_quantile(env, v, 3, 0.5, &auc), PVG_E_NOMEM);
    test_env_free(env);
}
END_TEST

/* Against tables of Student's t. */
START_TEST(intervals_of_a_mean_by_student) {
    static const struct { double level; uint64_t freedom; double t; } table[] = {
        {0.9, 1, 6.313751514675043}, {0.9, 2, 2.919985580353726}, {0.95, 3, 3.182446305284263}, {0.9, 4, 2.131846781334451},
        {0.99, 7, 3.499483297350494}, {0.95, 30, 2.042272456301238}, {0.9, 1000, 1.646378817978986}};
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++)
        ck_near(pvi_student_t(table[i].level, table[i].freedom), table[i].t, 1e-8);
    ck_nan(pvi_student_t(0.9, 0));
    ck_nan(pvi_student_t(1, 3));
    double low, high, values[3] = {1, 2, 3};
    pvi_mean_interval(values, 3, 0.9, &low, &high);
    ck_near(low, 2 - 2.919985580353726 / sqrt(3), 1e-9);
    ck_near(high, 2 + 2.919985580353726 / sqrt(3), 1e-9);
    pvi_mean_interval(values, 1, 0.9, &low, &high);
    ck_nan(low);
    ck_nan(high);
}
END_TEST

Suite *suite_stats(void) {
    Suite *suite = suite_create("stats");
    TCase *all = tcase_create("stats");
    tcase_add_test(all, area_is_the_share_of_pairs);
    tcase_add_test(all, clustered_areas);
    tcase_add_test(all, area_at_the_edges);
    tcase_add_test(all, area_interval_covers);
    tcase_add_test(all, normal_quantiles);
    tcase_add_test(all, intervals_of_a_mean_by_student);
    tcase_add_test(all, wilson_intervals);
    tcase_add_test(all, pass_at_k_counts_subsets);
    tcase_add_test(all, moments_and_quantiles);
    tcase_add_test(all, calibration);
    tcase_add_test(all, bootstrap);
    tcase_add_test(all, no_memory);
    suite_add_tcase(suite, all);
    return suite;
}
