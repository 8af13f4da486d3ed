/* test_correctness.c - mode=correctness: one prover without a verifier, measured along its training, which neither the
 * measuring nor a stop in between changes. */
#include <math.h>

#include "game/run.h"
#include "game_fixture.h"

static const char *const three[] = {"mode=correctness", "rounds.count=3", "prover_train.steps=2", "checkpoint.minutes=1000", NULL};
static const char *const one[] = {"mode=correctness", "rounds.count=1", "prover_train.steps=6", "checkpoint.minutes=1000", NULL};

static double metric(const pvi_report *report, const char *name) {
    double value = 0;
    ck_assert_msg(pvi_report_get(report, name, &value), "no metric %s", name);
    return value;
}

static char *policy_of(const pvi_game *game) {
    pvi_text out;
    pvi_text_init(&out, game->env);
    add_model(&out, "policy", game->policy[0]);
    char *copy = strdup(out.data);
    pvi_text_free(&out);
    return copy;
}

START_TEST(rounds_are_points_along_one_training) {
    pvi_env *env = game_env(2);
    pvi_game *game = game_make(env, three, NULL);
    game_play(game);
    for (int r = 0; r < 3; r++) {
        const pvi_report *report = &game->reports[r];
        double accuracy = metric(report, "helpful_accuracy"), value;
        ck_assert(accuracy >= 0 && accuracy <= 1);
        ck_assert_double_ge(metric(report, "helpful_tokens"), 1);
        metric(report, "helpful_accuracy_greedy");
        metric(report, "helpful_fully_shown");
        ck_assert_double_eq(metric(report, "prover_steps"), 2 * (r + 1));
        ck_assert_double_eq(metric(report, "helpful_samples"), 2 * (r + 1) * 4 * 4);
        ck_assert(!pvi_report_get(report, "verifier_auc", &value) && !pvi_report_get(report, "steps_to_fool", &value) &&
                  !pvi_report_get(report, "sneaky_compliance", &value));
        ck_assert_ptr_null(game->verifiers[r]);
    }
    ck_assert_ptr_null(game->verifier_base);
    ck_assert_ptr_null(game->trainer[0]); /* let go at the end */
    size_t kinds[3] = {0};
    for (size_t i = 0; i < game->tests.count; i++) kinds[game->tests.item[i].role]++;
    ck_assert_uint_eq(kinds[PVG_ROLE_HELPFUL], 3 * 2 * 16);
    ck_assert_uint_eq(kinds[PVG_ROLE_SNEAKY], 0);
    pvi_game_destroy(game);
    test_env_free(env);
}
END_TEST

/* What comes before the rounds is that of a game of the same seed. */
START_TEST(base_and_roles_are_those_of_a_game) {
    static const char *const whole[] = {"rounds.count=3", "prover_train.steps=2", NULL};
    pvi_env *env = game_env(1);
    pvi_game *game = game_make(env, whole, NULL), *baseline = game_make(env, three, NULL);
    pvi_game_event event;
    pvi_text a, b;
    pvi_text_init(&a, env);
    pvi_text_init(&b, env);
    while (game->place.stage != PVI_STAGE_BASE_POOL) ck_ok(env, pvi_game_step(game, &event));
    while (baseline->place.stage != PVI_STAGE_PROVER) ck_ok(env, pvi_game_step(baseline, &event));
    add_model(&a, "base", game->base);
    add_model(&a, "start", game->start);
    add_model(&b, "base", baseline->base);
    add_model(&b, "start", baseline->start);
    ck_assert_str_eq(a.data, b.data);
    pvi_text_free(&a);
    pvi_text_free(&b);
    pvi_game_destroy(game);
    pvi_game_destroy(baseline);
    test_env_free(env);
}
END_TEST

/* What every update did to the weights, as a recorder sees it. */
static pvg_status no_sample(pvi_game *game, const pvi_solutions *all, size_t from, const double *reward) {
    (void)game, (void)from;
    for (size_t i = 0; i < all->count && !isnan(reward[i]); i++) {
        ck_assert_double_eq(reward[i], all->item[i].verdict == PVG_VERDICT_CORRECT ? 1 : 0);
        ck_assert_int_eq(all->item[i].role, PVG_ROLE_HELPFUL);
        ck_assert(isnan(all->item[i].score));
    }
    return PVG_OK;
}
static double rates[16];
static size_t updates;
static pvg_status note_rate(pvi_game *game, const pvi_metric *m, size_t n) {
    for (size_t i = 0; i < n && game->place.stage == PVI_STAGE_PROVER; i++)
        if (strcmp(m[i].name, "rate") == 0) rates[updates++] = m[i].value;
    return PVG_OK;
}
static pvg_status no_round(pvi_game *game, int32_t r, const pvi_report *report) { return (void)game, (void)r, (void)report, PVG_OK; }
static void no_unit(pvi_game *game, bool well) { (void)game, (void)well; }
static pvg_status no_model(pvi_game *game, const char *name, const pvi_model *m) { return (void)game, (void)name, (void)m, PVG_OK; }
static bool no_due(const pvi_game *game) { return (void)game, false; }
static pvg_status nothing(pvi_game *game) { return (void)game, PVG_OK; }
static void no_close(pvi_game *game) { (void)game; }
static const pvi_recorder watching = {note_rate, no_sample, no_round, no_unit, no_model, no_due, nothing, nothing, no_close};

/* The schedule runs over all rounds, and Adam's moments are carried on: the same rates and counts of updates. */
START_TEST(training_goes_on_from_round_to_round) {
    pvi_env *env = game_env(1);
    double single[16];
    pvi_game *game = game_make(env, one, NULL);
    game->recorder = &watching;
    updates = 0;
    game_play(game);
    ck_assert_uint_eq(updates, 6);
    memcpy(single, rates, sizeof rates);
    pvi_game_destroy(game);
    game = game_make(env, three, NULL);
    game->recorder = &watching;
    updates = 0;
    pvi_game_event event;
    while (game->place.round < 2) {
        ck_ok(env, pvi_game_step(game, &event));
        if (game->place.stage == PVI_STAGE_TEST && game->unit == 1) {
            ck_assert_int_eq(game->trainer[0]->step, 2 * 2 * (game->place.round + 1));
            ck_assert(memcmp(game->policy[0]->weights.block, game->training[0]->weights.block,
                             game->policy[0]->weights.count * sizeof(float)) == 0);
        }
    }
    game_play(game);
    ck_assert_uint_eq(updates, 6);
    for (size_t i = 0; i < 6; i++) ck_assert_double_eq(rates[i], single[i]);
    pvi_game_destroy(game);
    test_env_free(env);
}
END_TEST

START_TEST(a_stop_anywhere_changes_nothing) {
    pvi_env *env = game_env(1);
    pvi_game *game = game_make(env, three, NULL);
    game_play(game);
    char *wanted = game_result(game), *policy = policy_of(game);
    pvi_game_destroy(game);
    char directory[768];
    strcpy(directory, test_path(test_dir(), "run"));
    game = game_make(env, three, NULL);
    ck_ok(env, pvi_run_create(game, directory));
    pvi_game_event event = PVI_GAME_PROGRESS;
    for (int step = 0; event != PVI_GAME_FINISHED; step++) {
        ck_ok(env, pvi_game_step(game, &event));
        if (game->place.round < 0 || step % 2 == 0) continue;
        ck_ok(env, pvi_run_checkpoint(game));
        pvi_game_destroy(game);
        ck_ok(env, pvi_run_resume(env, directory, &game));
    }
    char *got = game_result(game), *went = policy_of(game);
    ck_assert_str_eq(policy, went);
    game_same(wanted, got);
    pvi_game_destroy(game);
    free(wanted);
    free(policy);
    free(got);
    free(went);
    test_env_free(env);
}
END_TEST

/* Every allocation from the end of the first training on fails once. */
START_TEST(a_failed_step_is_made_again) {
    pvi_env *env = game_env(1);
    pvi_game *game = game_make(env, three, NULL);
    game_play(game);
    char *wanted = game_result(game);
    pvi_game_destroy(game);
    game = game_make(env, three, NULL);
    pvi_game_event event = PVI_GAME_PROGRESS;
    while (game->place.stage != PVI_STAGE_PROVER) ck_ok(env, pvi_game_step(game, &event));
    for (long k = 1; event != PVI_GAME_FINISHED; k = k < 60 ? k + 1 : 1) {
        failing f;
        failing_begin(&f, env, false);
        f.left = k;
        pvg_status status = pvi_game_step(game, &event);
        failing_end(&f);
        ck_assert(status == PVG_OK || status == PVG_E_NOMEM);
        if (status != PVG_OK && k % 5 == 0) ck_ok(env, pvi_game_step(game, &event)); /* however early the others failed */
    }
    char *got = game_result(game);
    game_same(wanted, got);
    pvi_game_destroy(game);
    free(wanted);
    free(got);
    test_env_free(env);
}
END_TEST

START_TEST(a_verifier_has_no_place) {
    pvi_env *env = game_env(1);
    pvi_game *game = game_make(env, three, NULL);
    const pvi_hooks hooks = {.answer = NULL};
    pvi_player *checker;
    pvi_game_event event;
    ck_ok(env, pvi_player_create(env, PVI_EXCHANGE_VERIFY, "host", &hooks, &checker));
    ck_ok(env, pvi_game_set_player(game, checker));
    ck_fails(env, PVG_E_STATE, "without a verifier", pvi_game_step(game, &event));
    pvi_player_release(checker);
    pvi_game_destroy(game);
    test_env_free(env);
}
END_TEST

Suite *suite_correctness(void) {
    Suite *suite = suite_create("correctness");
    TCase *tests = tcase_create("correctness");
    tcase_set_timeout(tests, 120);
    tcase_add_test(tests, rounds_are_points_along_one_training);
    tcase_add_test(tests, base_and_roles_are_those_of_a_game);
    tcase_add_test(tests, training_goes_on_from_round_to_round);
    tcase_add_test(tests, a_stop_anywhere_changes_nothing);
    tcase_add_test(tests, a_failed_step_is_made_again);
    tcase_add_test(tests, a_verifier_has_no_place);
    suite_add_tcase(suite, tests);
    return suite;
}
