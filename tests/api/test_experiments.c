/* test_experiments.c - many runs put together, through the public header. */
#include "public.h"

START_TEST(claims_of_made_up_runs) {
    pvg_context *c = public_context(1, 0);
    pvg_experiment *e;
    ck_refuses(c, PVG_E_RANGE, "level 2", pvg_experiment_create(c, 2, &e));
    ck_does(c, pvg_experiment_create(c, 0.9, &e));
    ck_does(c, pvg_experiment_arm(e, "main", "game", NAN));
    for (uint64_t seed = 1; seed <= 3; seed++) {
        ck_does(c, pvg_experiment_add(e, "main", seed, 0, "attack_src_steps_to_exploit", 20 + (double)seed, 0));
        ck_does(c, pvg_experiment_add(e, "main", seed, 1, "attack_src_steps_to_exploit", 100, 1));
    }
    pvg_summary s = {.struct_size = sizeof s};
    ck_does(c, pvg_experiment_summary(e, "main", 1, "attack_src_steps_to_exploit", &s));
    ck_assert(s.seeds == 3 && s.bounds == 3 && s.mean == 100 && s.low == 100);
    ck_refuses(c, PVG_E_NOT_FOUND, "arm 'main' has no other of round 1",
               pvg_experiment_summary(e, "main", 1, "other", &s));
    ck_refuses(c, PVG_E_NOT_FOUND, "arm 'mian' has no", pvg_experiment_summary(e, "mian", 1, "other", &s));
    pvg_claim claim = {.struct_size = sizeof claim};
    ck_does(c, pvg_experiment_claim(e, 0, &claim));
    ck_assert_str_eq(claim.id, "a");
    ck_assert_int_eq(claim.finding, PVG_FINDING_REPRODUCED);
    ck_assert_str_eq(pvg_finding_name(claim.finding), "reproduced");
    ck_assert_ptr_nonnull(strstr(claim.measured, "at least 100"));
    ck_refuses(c, PVG_E_RANGE, "there are", pvg_experiment_claim(e, pvg_claim_count(), &claim));
    size_t needed;
    ck_does(c, pvg_experiment_json(e, NULL, 0, &needed));
    char *json = malloc(needed + 1);
    ck_does(c, pvg_experiment_json(e, json, needed + 1, &needed));
    ck_assert_ptr_nonnull(strstr(json, "\"finding\":\"reproduced\""));
    free(json);
    pvg_experiment_destroy(e);
    public_done(c);
}
END_TEST

START_TEST(reports_of_a_game) {
    pvg_context *c = public_context(1, 0);
    pvg_experiment *e;
    pvg_scheduler *game;
    pvg_report *report;
    pvg_settings *settings = public_small_game(c);
    ck_does(c, pvg_scheduler_create(c, settings, NULL, &game));
    ck_does(c, pvg_scheduler_run(game));
    ck_does(c, pvg_scheduler_report(game, 0, &report));
    ck_does(c, pvg_experiment_create(c, 0.9, &e));
    ck_does(c, pvg_experiment_arm(e, "main", "game", NAN));
    ck_does(c, pvg_experiment_add_report(e, "main", 7, 0, "game_", report));
    ck_refuses(c, PVG_E_NOT_FOUND, "no arm 'none'", pvg_experiment_add_report(e, "none", 7, 0, "", report));
    double value;
    pvg_summary s = {.struct_size = sizeof s};
    ck_does(c, pvg_report_metric(report, "helpful_accuracy", &value));
    ck_does(c, pvg_experiment_summary(e, "main", 0, "game_helpful_accuracy", &s));
    ck_assert(s.seeds == 1 && s.mean == value && isnan(s.low));
    pvg_report_destroy(report);
    pvg_scheduler_destroy(game);
    pvg_settings_destroy(settings);
    pvg_experiment_destroy(e);
    public_done(c);
}
END_TEST

Suite *suite_experiments(void);
Suite *suite_experiments(void) {
    Suite *suite = suite_create("experiments");
    TCase *all = tcase_create("experiments");
    tcase_add_test(all, claims_of_made_up_runs);
    tcase_add_test(all, reports_of_a_game);
    suite_add_tcase(suite, all);
    return suite;
}
