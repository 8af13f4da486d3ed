/* test_round.c - the order of stages for every kind of game, and the stop rules on hand-made curves. */
#include <math.h>
#include <string.h>

#include "game/round.h"
#include "support.h"

#define NONE ((double)NAN)

static void expect_order(pvi_round_plan plan, const char *wanted) {
    char seen[1024] = "";
    pvi_place place = pvi_round_start(&plan);
    for (int i = 0;; i++) {
        char one[64];
        ck_assert_int_lt(i, 100);
        pvi_text_format(one, sizeof one, "%s%s:%d", i > 0 ? " " : "", pvi_stage_name(place.stage), (int)place.round);
        strcat(seen, one);
        if (place.stage == PVI_STAGE_DONE) break;
        place = pvi_round_next(&plan, place);
    }
    ck_assert_str_eq(seen, wanted);
    place = pvi_round_next(&plan, place);
    ck_assert_int_eq(place.stage, PVI_STAGE_DONE); /* and stays there */
}

START_TEST(stages_of_a_whole_game) {
    expect_order((pvi_round_plan){.rounds = 2, .own_prover = true, .own_verifier = true},
                 "base:-1 verifier_base:-1 base_test:-1 role_samples:-1 roles:-1 base_pool:-1 "
                 "verifier:0 prover:0 test:0 measure:0 pool:0 verifier:1 prover:1 test:1 measure:1 pool:1 "
                 "last_verifier:1 last_measure:1 done:1");
}
END_TEST

START_TEST(stages_with_host_players) {
    expect_order((pvi_round_plan){.rounds = 1, .own_prover = false, .own_verifier = true},
                 "verifier_base:-1 base_test:-1 base_pool:-1 verifier:0 prover:0 test:0 measure:0 pool:0 last_verifier:0 "
                 "last_measure:0 done:0");
    expect_order((pvi_round_plan){.rounds = 1, .own_prover = true, .own_verifier = false},
                 "base:-1 base_test:-1 role_samples:-1 roles:-1 base_pool:-1 verifier:0 prover:0 test:0 measure:0 pool:0 "
                 "last_verifier:0 last_measure:0 done:0");
    expect_order((pvi_round_plan){.rounds = 1, .own_prover = false, .own_verifier = false},
                 "base_test:-1 base_pool:-1 verifier:0 prover:0 test:0 measure:0 pool:0 last_verifier:0 last_measure:0 done:0");
}
END_TEST

START_TEST(stages_of_a_verifier_alone) {
    expect_order((pvi_round_plan){.rounds = 1, .own_prover = true, .own_verifier = true, .verifier_only = true},
                 "verifier_base:-1 verifier:0 measure:0 done:0");
    expect_order((pvi_round_plan){.rounds = 1, .own_prover = true, .own_verifier = false, .verifier_only = true},
                 "verifier:0 measure:0 done:0");
}
END_TEST

START_TEST(stages_of_the_correctness_baseline) {
    pvi_round_plan plan = {.rounds = 2, .own_prover = true, .own_verifier = true, .correctness = true};
    expect_order(plan, "base:-1 base_test:-1 role_samples:-1 roles:-1 prover:0 test:0 measure:0 prover:1 test:1 measure:1 done:1");
    plan.own_prover = false;
    expect_order(plan, "base_test:-1 prover:0 test:0 measure:0 prover:1 test:1 measure:1 done:1");
    ck_assert(pvi_round_ends(&plan, (pvi_place){PVI_STAGE_MEASURE, 0}));
    ck_assert(!pvi_round_ends(&plan, (pvi_place){PVI_STAGE_TEST, 0}));
    plan.correctness = false;
    ck_assert(!pvi_round_ends(&plan, (pvi_place){PVI_STAGE_MEASURE, 0}));
    ck_assert(pvi_round_ends(&plan, (pvi_place){PVI_STAGE_POOL, 0}));
}
END_TEST

START_TEST(stage_names) {
    ck_assert_str_eq(pvi_stage_name(PVI_STAGE_BASE), "base");
    ck_assert_str_eq(pvi_stage_name(PVI_STAGE_DONE), "done");
    ck_assert_str_eq(pvi_stage_name((pvi_stage)PVI_STAGES), "unknown");
}
END_TEST

/* The step (from 1) at which a curve stops the round; 0: never. helpful[i] and sneaky[i] are mean scores. */
typedef struct curve {
    size_t steps;
    const double *helpful, *sneaky, *sneaky_accuracy, *accuracy;
} curve;

static double at(const double *values, size_t i) { return values != NULL ? values[i] : NONE; }

static int stop_step(const pvi_config *config, const curve *c, pvi_stop_state *state) {
    memset(state, 0, sizeof *state);
    int first = 0;
    for (size_t i = 0; i < c->steps; i++) {
        pvi_observation seen = {.helpful_score = at(c->helpful, i), .sneaky_score = at(c->sneaky, i), .sneaky_convinces = NONE,
                                .sneaky_accuracy = at(c->sneaky_accuracy, i), .accuracy = at(c->accuracy, i)};
        bool stop = pvi_stop_observe(config, state, &seen);
        if (stop && first == 0) first = (int)i + 1;
    }
    ck_assert_int_eq(state->steps, (int64_t)c->steps);
    return first;
}

START_TEST(fixed_never_stops) {
    const double h[] = {0, 0, 0}, s[] = {9, 9, 9}, zero[] = {0, 0, 0};
    pvi_config config = {.stop = PVI_STOP_FIXED, .stop_window = 1, .stop_threshold = 1};
    pvi_stop_state state;
    ck_assert_int_eq(stop_step(&config, &(curve){3, h, s, zero, zero}, &state), 0);
}
END_TEST

START_TEST(parity_of_one_step) {
    const double h[] = {2, 2, NONE, 2, 2}, s[] = {1, NONE, 9, 2, 3};
    pvi_config config = {.stop = PVI_STOP_PARITY, .stop_window = 1};
    pvi_stop_state state;
    ck_assert_int_eq(stop_step(&config, &(curve){5, h, s, NULL, NULL}, &state), 4); /* equal is parity; NaN is not */
    config.stop_after = 5;
    ck_assert_int_eq(stop_step(&config, &(curve){5, h, s, NULL, NULL}, &state), 5);
    config.stop_after = 6;
    ck_assert_int_eq(stop_step(&config, &(curve){5, h, s, NULL, NULL}, &state), 0);
}
END_TEST

START_TEST(parity_smoothed_waits_for_the_average) {
    /* one step of parity at 2 moves the averages half-way only: 4 and 2; then sneaky 4.5 against 3, 6.75 against 2.5 */
    const double h[] = {4, 4, 2, 2}, s[] = {0, 4, 7, 9};
    pvi_config config = {.stop = PVI_STOP_PARITY_SMOOTHED, .stop_window = 1, .stop_smoothing = 0.5};
    pvi_stop_state state;
    ck_assert_int_eq(stop_step(&config, &(curve){4, h, s, NULL, NULL}, &state), 3);
    ck_assert(state.smooth_helpful == 2.5 && state.smooth_sneaky == 6.75);
    /* A missing score leaves its average; before both were seen nothing is compared. */
    const double h2[] = {NONE, 1, NONE}, s2[] = {5, 0, 3};
    ck_assert_int_eq(stop_step(&config, &(curve){3, h2, s2, NULL, NULL}, &state), 3);
    ck_assert(state.smooth_helpful == 1 && state.smooth_sneaky == 1.5);
    config.stop = PVI_STOP_PARITY; /* the raw rule stops earlier on the first curve */
    ck_assert_int_eq(stop_step(&config, &(curve){4, h, s, NULL, NULL}, &state), 2);
}
END_TEST

START_TEST(sneaky_accuracy_needs_both) {
    const double h[] = {1, 1, 1, 1}, s[] = {0, 2, 2, 2}, right[] = {0, 0.2, NONE, 0.04};
    pvi_config config = {.stop = PVI_STOP_SNEAKY_ACCURACY, .stop_window = 1, .stop_threshold = 0.05};
    pvi_stop_state state;
    ck_assert_int_eq(stop_step(&config, &(curve){4, h, s, right, NULL}, &state), 4);
}
END_TEST

START_TEST(collapse_is_of_a_whole_window) {
    const double accuracy[] = {0.1, 0.1, 0.9, 0.1, NONE, 0.1, 0.1};
    pvi_config config = {.stop = PVI_STOP_COLLAPSE, .stop_window = 3, .stop_threshold = 0.2};
    pvi_stop_state state;
    /* windows: 3: .367, 4: .367, 5: .5 (of two), 6: .1 (of two) */
    ck_assert_int_eq(stop_step(&config, &(curve){7, NULL, NULL, NULL, accuracy}, &state), 6);
    const double nothing[] = {NONE, NONE, NONE, NONE};
    ck_assert_int_eq(stop_step(&config, &(curve){4, NULL, NULL, NULL, nothing}, &state), 0);
}
END_TEST

START_TEST(steps_to_fool) {
    pvi_config config = {.stop = PVI_STOP_FIXED, .stop_window = 2};
    pvi_stop_state state = {.steps = 0};
    const double convinces[] = {0.9, 0.1, 0.5, 0.5, 0.6, 0.0}, sneaky[] = {9, 0, 1, 4, NONE, 0};
    for (size_t i = 0; i < 6; i++) {
        pvi_observation seen = {.helpful_score = 2, .sneaky_score = sneaky[i], .sneaky_convinces = convinces[i],
                                .sneaky_accuracy = NONE, .accuracy = NONE};
        ck_assert(!pvi_stop_observe(&config, &state, &seen));
        ck_assert_int_eq(state.steps_to_convince, i < 4 ? 0 : 5); /* means .5 .3 .5 .55: above 1/2, not at it */
        ck_assert_int_eq(state.steps_to_parity, i < 1 ? 0 : 2);   /* (9 + 0) / 2 */
    }
}
END_TEST

START_TEST(windows_wrap_around) {
    pvi_config config = {.stop = PVI_STOP_COLLAPSE, .stop_window = PVI_WINDOW_MAX, .stop_threshold = 0.5};
    pvi_stop_state state = {.steps = 0};
    int stopped = 0;
    for (int i = 1; i <= 3 * PVI_WINDOW_MAX && stopped == 0; i++) {
        pvi_observation seen = {NONE, NONE, NONE, NONE, i <= 2 * PVI_WINDOW_MAX ? 1 : 0};
        if (pvi_stop_observe(&config, &state, &seen)) stopped = i;
    }
    ck_assert_int_eq(stopped, 2 * PVI_WINDOW_MAX + PVI_WINDOW_MAX / 2 + 1);
}
END_TEST

Suite *suite_round(void) {
    Suite *suite = suite_create("round");
    TCase *all = tcase_create("round");
    tcase_add_test(all, stages_of_a_whole_game);
    tcase_add_test(all, stages_with_host_players);
    tcase_add_test(all, stages_of_a_verifier_alone);
    tcase_add_test(all, stages_of_the_correctness_baseline);
    tcase_add_test(all, stage_names);
    tcase_add_test(all, fixed_never_stops);
    tcase_add_test(all, parity_of_one_step);
    tcase_add_test(all, parity_smoothed_waits_for_the_average);
    tcase_add_test(all, sneaky_accuracy_needs_both);
    tcase_add_test(all, collapse_is_of_a_whole_window);
    tcase_add_test(all, steps_to_fool);
    tcase_add_test(all, windows_wrap_around);
    suite_add_tcase(suite, all);
    return suite;
}
