/* test_workers.c - every member runs, and nobody passes a barrier early. */
#include <string.h>

#include "base/workers.h"
#include "support.h"

enum { PHASES = 200, MOST = 7 };
typedef struct { pvi_workers *team; int64_t seen[MOST]; atomic_int late; } board;

static void phases(void *arg, int member, int count) {
    board *b = arg;
    for (int p = 1; p <= PHASES; p++) {
        b->seen[member] = p;
        pvi_workers_barrier(b->team);
        for (int m = 0; m < count; m++)
            if (b->seen[m] != p) atomic_fetch_add(&b->late, 1);
        pvi_workers_barrier(b->team);
    }
}

START_TEST(barriers_hold) {
    const int sizes[] = {1, 2, 4, 7};
    pvi_env *env = test_env_with(sizes[_i], 0);
    board b = {.team = env->workers};
    for (int run = 0; run < 3; run++) pvi_workers_run(env->workers, phases, &b);
    ck_assert_int_eq(atomic_load(&b.late), 0);
    for (int m = 0; m < sizes[_i]; m++) ck_assert_int_eq(b.seen[m], PHASES);
    test_env_free(env);
}
END_TEST

START_TEST(shares_cover_all) {
    for (size_t total = 0; total < 50; total++)
        for (int count = 1; count < 6; count++) {
            size_t expected = 0, begin, end;
            for (int m = 0; m < count; m++) {
                pvi_share(total, 4, m, count, &begin, &end);
                ck_assert_uint_eq(begin, expected);
                expected = end;
            }
            ck_assert_uint_eq(expected, total);
        }
}
END_TEST

START_TEST(absurd_team_is_refused) {
    pvi_env *env = test_env();
    pvi_workers *team = NULL;
    ck_fails(env, PVG_E_RANGE, "between 1 and 256", pvi_workers_create(env, 0, &team));
    test_env_free(env);
}
END_TEST

Suite *suite_workers(void) {
    Suite *suite = suite_create("workers");
    TCase *all = tcase_create("workers");
    tcase_add_loop_test(all, barriers_hold, 0, 4);
    tcase_add_test(all, shares_cover_all);
    tcase_add_test(all, absurd_team_is_refused);
    suite_add_tcase(suite, all);
    return suite;
}
