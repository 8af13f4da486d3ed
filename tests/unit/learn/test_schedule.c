/* test_schedule.c - learning rates at the corners of each schedule. */
#include <math.h>
#include <string.h>

#include "learn/trainer.h"
#include "support.h"

static void near(double got, double wanted) { ck_assert_double_eq_tol(got, wanted, 1e-12); }

START_TEST(warms_up_from_one_part) {
    pvi_schedule s = {.kind = PVI_DECAY_CONSTANT, .warmup = 4, .total = 100, .final_share = 0.1};
    for (int64_t step = 0; step < 4; step++) near(pvi_schedule_at(&s, step), (double)(step + 1) / 4);
    near(pvi_schedule_at(&s, 4), 1);
    near(pvi_schedule_at(&s, 99), 1);
    near(pvi_schedule_at(&s, 100000), 1);
}
END_TEST

START_TEST(falls_linearly_to_the_final_share) {
    pvi_schedule s = {.kind = PVI_DECAY_LINEAR, .warmup = 10, .total = 110, .final_share = 0.2};
    near(pvi_schedule_at(&s, 9), 1);
    near(pvi_schedule_at(&s, 10), 1);
    near(pvi_schedule_at(&s, 60), 0.6);
    near(pvi_schedule_at(&s, 109), 0.208);
    near(pvi_schedule_at(&s, 110), 0.2);
    near(pvi_schedule_at(&s, 500), 0.2);
}
END_TEST

START_TEST(falls_along_a_cosine) {
    pvi_schedule s = {.kind = PVI_DECAY_COSINE, .warmup = 0, .total = 100, .final_share = 0.1};
    near(pvi_schedule_at(&s, 0), 1);
    near(pvi_schedule_at(&s, 25), 0.1 + 0.9 * 0.5 * (1 + sqrt(0.5)));
    near(pvi_schedule_at(&s, 50), 0.55);
    near(pvi_schedule_at(&s, 75), 0.1 + 0.9 * 0.5 * (1 - sqrt(0.5)));
    near(pvi_schedule_at(&s, 100), 0.1);
}
END_TEST

START_TEST(never_pauses_before_the_end) {
    for (int kind = PVI_DECAY_CONSTANT; kind <= PVI_DECAY_COSINE; kind++) {
        pvi_schedule s = {.kind = (pvi_decay_kind)kind, .warmup = 5, .total = 50, .final_share = 0};
        double last = 2;
        for (int64_t step = 0; step < 50; step++) {
            double now = pvi_schedule_at(&s, step);
            ck_assert(now > 0 && now <= 1);
            if (step >= 5) ck_assert(now <= last);
            last = now;
        }
    }
}
END_TEST

START_TEST(survives_a_warmup_as_long_as_the_run) {
    pvi_schedule s = {.kind = PVI_DECAY_LINEAR, .warmup = 8, .total = 8, .final_share = 0};
    near(pvi_schedule_at(&s, 7), 1);
    near(pvi_schedule_at(&s, 8), 1);
    s.total = 4;
    near(pvi_schedule_at(&s, 3), 0.5);
    near(pvi_schedule_at(&s, 20), 1);
}
END_TEST

Suite *suite_schedule(void);
Suite *suite_schedule(void) {
    Suite *suite = suite_create("schedule");
    TCase *tc = tcase_create("schedule");
    tcase_add_test(tc, warms_up_from_one_part);
    tcase_add_test(tc, falls_linearly_to_the_final_share);
    tcase_add_test(tc, falls_along_a_cosine);
    tcase_add_test(tc, never_pauses_before_the_end);
    tcase_add_test(tc, survives_a_warmup_as_long_as_the_run);
    suite_add_tcase(suite, tc);
    return suite;
}
