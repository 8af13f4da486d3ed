/* test_advantage.c - group baselines against numbers worked out by hand. */
#include <math.h>
#include <string.h>

#include "learn/losses.h"
#include "support.h"

enum { H = PVG_ROLE_HELPFUL, S = PVG_ROLE_SNEAKY };

static void expect(const double *got, const double *wanted, size_t count) {
    for (size_t i = 0; i < count; i++)
        ck_assert_msg(fabs(got[i] - wanted[i]) <= 1e-12, "[%zu] is %.17g, not %.17g", i, got[i], wanted[i]);
}

START_TEST(subtracts_the_group_mean) {
    double reward[6] = {1, 2, 6, -1, -1, 5}, out[6];
    pvi_advantages(reward, NULL, 6, 3, PVI_ADVANTAGE_NONE, out);
    expect(out, (double[]){-2, -1, 3, -2, -2, 4}, 6);
    pvi_advantages(reward, NULL, 5, 3, PVI_ADVANTAGE_NONE, out); /* a shorter last group */
    expect(out, (double[]){-2, -1, 3, 0, 0}, 5);
}
END_TEST

START_TEST(divides_by_the_groups_deviation) {
    double reward[6] = {1, 3, 10, 30, 7, 7}, out[6];
    pvi_advantages(reward, NULL, 6, 2, PVI_ADVANTAGE_GROUP_STD, out);
    expect(out, (double[]){-1, 1, -1, 1, 0, 0}, 6);
}
END_TEST

START_TEST(divides_by_the_roles_root_mean_square) {
    double reward[8] = {1, 3, 0, 0, 10, 30, 5, 5}, out[8];
    int32_t role[8] = {H, H, H, H, S, S, S, S};
    pvi_advantages(reward, role, 8, 2, PVI_ADVANTAGE_ROLE_RMS, out);
    double h = sqrt(0.5), s = sqrt(50); /* helpful: -1 1 0 0; sneaky: -10 10 0 0 */
    expect(out, (double[]){-1 / h, 1 / h, 0, 0, -10 / s, 10 / s, 0, 0}, 8);
    for (int32_t i = 0; i < 8; i++) role[i] = PVG_ROLE_NEUTRAL;
    double all = sqrt((2.0 + 200.0) / 8);
    double wanted[8] = {-1 / all, 1 / all, 0, 0, -10 / all, 10 / all, 0, 0};
    pvi_advantages(reward, role, 8, 2, PVI_ADVANTAGE_ROLE_RMS, out);
    expect(out, wanted, 8);
    pvi_advantages(reward, NULL, 8, 2, PVI_ADVANTAGE_ROLE_RMS, out);
    expect(out, wanted, 8);
}
END_TEST

/* The mean of equal numbers may differ from them by a rounding; it must not become an advantage of one. */
START_TEST(equal_rewards_have_no_advantage) {
    double reward[7], out[7];
    int32_t role[7] = {H, H, H, H, H, H, H};
    for (int scale = PVI_ADVANTAGE_NONE; scale <= PVI_ADVANTAGE_ROLE_RMS; scale++)
        for (int i = 1; i < 40; i++) {
            for (int k = 0; k < 7; k++) reward[k] = 0.1 * i;
            pvi_advantages(reward, role, 7, 7, (pvi_advantage_scale)scale, out);
            for (int k = 0; k < 7; k++) ck_assert(out[k] == 0);
        }
}
END_TEST

START_TEST(a_group_of_one_has_no_advantage) {
    double reward[3] = {5, -3, 0.7}, out[3];
    for (int scale = PVI_ADVANTAGE_NONE; scale <= PVI_ADVANTAGE_ROLE_RMS; scale++) {
        pvi_advantages(reward, NULL, 3, 1, (pvi_advantage_scale)scale, out);
        for (int k = 0; k < 3; k++) ck_assert(out[k] == 0);
    }
}
END_TEST

START_TEST(small_but_real_differences_count) {
    double reward[2] = {1, 1 + 1e-9}, out[2];
    pvi_advantages(reward, NULL, 2, 2, PVI_ADVANTAGE_GROUP_STD, out);
    ck_assert_double_eq_tol(out[0], -1, 1e-6);
    ck_assert_double_eq_tol(out[1], 1, 1e-6);
}
END_TEST

START_TEST(not_a_number_stays_one) {
    double reward[4] = {1, NAN, 3, 4}, out[4];
    for (int scale = PVI_ADVANTAGE_NONE; scale <= PVI_ADVANTAGE_ROLE_RMS; scale++) {
        pvi_advantages(reward, NULL, 4, 2, (pvi_advantage_scale)scale, out);
        ck_assert(isnan(out[0]) && isnan(out[1]));
    }
}
END_TEST

Suite *suite_advantage(void);
Suite *suite_advantage(void) {
    Suite *suite = suite_create("advantage");
    TCase *tc = tcase_create("advantage");
    tcase_add_test(tc, subtracts_the_group_mean);
    tcase_add_test(tc, divides_by_the_groups_deviation);
    tcase_add_test(tc, divides_by_the_roles_root_mean_square);
    tcase_add_test(tc, equal_rewards_have_no_advantage);
    tcase_add_test(tc, a_group_of_one_has_no_advantage);
    tcase_add_test(tc, small_but_real_differences_count);
    tcase_add_test(tc, not_a_number_stays_one);
    suite_add_tcase(suite, tc);
    return suite;
}
