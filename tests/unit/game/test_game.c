/* test_game.c - whole games of the library's own players: what they find, the same bits whatever happens on the way,
 * and what cannot be played. */
#include <math.h>
#include <stdio.h>

#include "game_fixture.h"

static double metric(const pvi_report *report, const char *name) {
    double value = 0;
    ck_assert_msg(pvi_report_get(report, name, &value), "no metric %s", name);
    return value;
}

static void check_share(const pvi_report *report, const char *name) {
    double value = metric(report, name);
    ck_assert_msg(isnan(value) || (value >= 0 && value <= 1), "%s is %g", name, value);
}

static void check_round(const pvi_report *report) {
    static const char *const shares[] = {"verifier_accuracy",      "verifier_auc_base",
                                         "verifier_auc_base_low",  "verifier_auc_base_high",
                                         "verifier_auc",           "verifier_auc_low",
                                         "verifier_auc_high",      "verifier_auc_own",
                                         "control_auc_result",     "control_auc_operand",
                                         "control_auc_distractor", "control_auc_answer",
                                         "helpful_accuracy",       "helpful_accuracy_low",
                                         "helpful_accuracy_high",  "helpful_accuracy_greedy",
                                         "helpful_valid",          "helpful_fully_shown",
                                         "helpful_score",          "sneaky_compliance",
                                         "sneaky_score",           "clipped",
                                         "frac_reward_zero_std",   "truncated_share"};
    static const char *const others[] = {
        "verifier_loss", "helpful_tokens", "sneaky_tokens", "sneaky_wrong_lines", "sneaky_arithmetic_errors",
        "sneaky_grounding_errors", "sneaky_answer_distance", "steps_to_fool", "steps_to_parity", "kl", "entropy",
        "reward_helpful", "reward_sneaky"};
    for (size_t i = 0; i < sizeof shares / sizeof *shares; i++) check_share(report, shares[i]);
    for (size_t i = 0; i < sizeof others / sizeof *others; i++) metric(report, others[i]);
    ck_assert_double_eq(metric(report, "prover_steps"), 4);
    /* what the sampler says a token's probability is, training must find too */
    ck_assert_double_lt(metric(report, "mismatch_logprob"), 1e-4);
    ck_assert_double_ge(metric(report, "helpful_accuracy_high"), metric(report, "helpful_accuracy"));
}

static void check_summary(const pvi_game *game) {
    static const char *const names[] = {"base_accuracy",           "base_accuracy_low",   "base_accuracy_high",
                                        "base_accuracy_greedy",    "base_tokens",         "base_valid",
                                        "base_fully_shown",        "role_right_samples",  "role_wrong_samples",
                                        "prover_parameters",       "verifier_parameters", "base_loss",
                                        "verifier_base_loss",      "last_verifier_loss",  "last_verifier_auc_base",
                                        "last_control_auc_operand"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) metric(&game->summary, names[i]);
    static const char *const tables[] = {"auc", "sneaky_score", "helpful_score", "fooled"};
    ck_assert_uint_eq(game->summary.tables, 4);
    for (size_t i = 0; i < 4; i++) {
        const pvi_table *t = &game->summary.table[i];
        ck_assert_str_eq(t->name, tables[i]);
        ck_assert(t->rows == 3 && t->columns == 2);
    }
}

START_TEST(a_whole_game) {
    pvi_env *env = game_env(1);
    pvi_game *game = game_make(env, NULL, NULL);
    int count[4] = {0};
    double fraction = 0;
    pvi_game_event event = PVI_GAME_PROGRESS;
    while (event != PVI_GAME_FINISHED) {
        ck_ok(env, pvi_game_step(game, &event));
        count[event]++;
        ck_assert_double_ge(pvi_game_fraction(game), fraction - 1e-12);
        fraction = pvi_game_fraction(game);
    }
    ck_assert_double_eq(fraction, 1);
    ck_assert_int_eq(count[PVI_GAME_ROUND_DONE], 2);
    int32_t index, stages;
    pvi_game_stages(game, &index, &stages);
    ck_assert_int_eq(stages, 6 + 2 * 5 + 2);
    ck_assert_int_eq(index, stages);
    ck_assert_int_eq(count[PVI_GAME_ROUND_DONE] + count[PVI_GAME_STAGE_DONE], stages);
    check_round(&game->reports[0]);
    check_round(&game->reports[1]);
    check_summary(game);
    ck_assert_uint_eq(game->collected.count - (size_t)metric(&game->summary, "pool_stand_ins"), 64 + 2 * 32);
    ck_assert_uint_eq(game->tests.count, 2 * 16 + 2 * 3 * 16);
    ck_ok(env, pvi_game_step(game, &event));
    ck_assert_int_eq(event, PVI_GAME_FINISHED);
    pvi_report samples;
    pvi_report_init(&samples, env);
    ck_ok(env, pvi_game_add_samples(game, 1, 3, &samples));
    ck_assert_uint_eq(samples.samples, 6);
    pvi_report_free(&samples);
    pvi_game_destroy(game);
    test_env_free(env);
}
END_TEST

START_TEST(same_bits_on_any_team) {
    char *one = game_whole(1, NULL), *two = game_whole(2, NULL), *four = game_whole(4, NULL);
    game_same(one, two);
    game_same(one, four);
    const char *const other[] = {"seed=2", NULL};
    char *different = game_whole(1, other);
    ck_assert_int_ne(strcmp(one, different), 0);
    free(one), free(two), free(four), free(different);
}
END_TEST

/* A question is in one part alone, and no training problem is one of them. */
START_TEST(parts_share_no_question) {
    pvi_env *env = game_env(1);
    pvi_game *game = game_make(env, NULL, NULL);
    ck_assert_uint_eq(game->half_count[0] + game->half_count[1], 64);
    ck_assert_uint_eq(game->half_count[2], 16);
    for (size_t i = 1; i < game->known_count; i++) ck_assert_uint_ne(game->known[i - 1], game->known[i]);
    pvi_game_destroy(game);
    test_env_free(env);
}
END_TEST

static const char *const variants[][6] = {
    {"prover_train.separate_weights=true", "roles.sneaky_sees_answer=true", NULL},
    {"verifier_train.persist=true", "pool.mixture=recent", "pool.solutions_per_problem=2", NULL},
    {"prover_train.reward=src", "verifier_train.loss=bradley_terry", "verifier.head=last",
     "prover_train.advantage=none", "pool.base_samples=128", NULL},
    {"prover_train.reward=correctness", "prover_train.updates=1", "prover_train.kl=0", NULL},
    {"prover_train.reward=goodhart", "prover_train.batch=3", "stop.rule=collapse", "stop.after=0", "stop.threshold=1",
     NULL},
    {"prover_train.reward=cgc", "stop.rule=parity_smoothed", "verifier.logprob_feature=true",
     "verifier_train.lm_weight=0.5", "problems.rendering=english", NULL},
    {"verifier_train.steps=0", "prover_train.steps=0", "roles.steps=0", "evaluate.control=0", NULL},
};

/* Every option plays to the end, also with problems that are too long for some solutions. */
START_TEST(options) {
    const char *const *more = variants[_i];
    const char *list[10] = {"rounds.count=1", "base.steps=40", NULL};
    for (int i = 0; more[i] != NULL; i++) list[2 + i] = more[i], list[3 + i] = NULL;
    if (_i == 5) list[1] = "prover.context=256"; /* English is longer */
    char *result = game_whole(1, list);
    ck_assert_ptr_nonnull(strstr(result, "helpful_accuracy"));
    free(result);
}
END_TEST

START_TEST(a_stop_rule_ends_the_round) {
    pvi_env *env = game_env(1);
    const char *const more[] = {"stop.rule=collapse", "stop.threshold=1", "stop.after=0", "stop.window=2", NULL};
    pvi_game *game = game_make(env, more, NULL);
    game_play(game);
    ck_assert_double_eq(metric(&game->reports[0], "prover_steps"), 2);
    pvi_game_destroy(game);
    test_env_free(env);
}
END_TEST

/* ---- interruptions ---- */

START_TEST(cancelled_anywhere) {
    char *undisturbed = game_whole(1, NULL);
    pvi_env *env = game_env(1);
    pvi_game *game = game_make(env, NULL, NULL);
    pvi_game_event event = PVI_GAME_PROGRESS;
    while (event != PVI_GAME_FINISHED) {
        atomic_store(&env->cancelled, 1);
        if (game->place.stage != PVI_STAGE_DONE)
            ck_fails(env, PVG_E_CANCELLED, "cancelled", pvi_game_step(game, &event));
        atomic_store(&env->cancelled, 0);
        ck_ok(env, pvi_game_step(game, &event));
    }
    char *result = game_result(game);
    game_same(result, undisturbed);
    free(result), free(undisturbed);
    pvi_game_destroy(game);
    test_env_free(env);
}
END_TEST

/* Steps each fail at one request after the other (or are cancelled there), until they get through: in the end the game
 * is the same. A step that fails between two updates of one unit would leave its mark on the weights. */
static void disturb(bool cancels) {
    const char *const more[] = {"rounds.count=1",         "prover_train.steps=1", "prover_train.separate_weights=true",
                                "prover_train.batch=2",   "prover_train.group=2", "verifier_train.steps=1",
                                "verifier_train.batch=4", "roles.steps=1",        "roles.batch=4",
                                "roles.samples=20",       "pool.base_samples=16", "pool.round_samples=8",
                                "evaluate.problems=4",    "evaluate.control=2",   NULL};
    char *undisturbed = game_whole(1, more);
    pvi_env *env = game_env(1);
    pvi_game *game = game_make(env, more, NULL);
    failing f;
    failing_begin(&f, env, cancels);
    pvi_game_event event = PVI_GAME_PROGRESS;
    while (event != PVI_GAME_FINISHED) {
        bool base = game->place.stage == PVI_STAGE_BASE && game->unit > 1;
        pvg_status status = PVG_E_NOMEM;
        for (long k = base ? 0 : 1; status != PVG_OK; k++) {
            f.left = k;
            status = pvi_game_step(game, &event);
            atomic_store(&env->cancelled, 0);
            ck_assert_msg(status == PVG_OK || status == (cancels ? PVG_E_CANCELLED : PVG_E_NOMEM),
                          "request %ld: status %d: %s", k, (int)status, env->error.message);
        }
    }
    f.left = 0;
    char *result = game_result(game);
    game_same(result, undisturbed);
    free(result), free(undisturbed);
    pvi_game_destroy(game);
    failing_end(&f);
    test_env_free(env);
}

START_TEST(without_memory_anywhere) { disturb(false); }
END_TEST
START_TEST(cancelled_inside_units) { disturb(true); }
END_TEST

/* ---- recording ---- */

typedef struct notebook {
    int calls, fail_every, metrics, rounds, models, checkpoints, finished, closed;
    size_t samples;
} notebook;
static notebook book;
static pvg_status write_down(pvi_game *game, int *count, int more) {
    if (book.fail_every > 0 && ++book.calls % book.fail_every == 0)
        return pvi_fail(game->env, PVG_E_IO, "test", "the pen is empty");
    *count += more;
    return PVG_OK;
}
static int unit_samples;
static pvg_status take_metric(pvi_game *game, const pvi_metric *metric_, size_t count) {
    ck_assert(count > 0 && metric_ != NULL);
    return write_down(game, &book.metrics, 1);
}
static pvg_status take_sample(pvi_game *game, const pvi_solutions *all, size_t from, const double *reward) {
    ck_assert(from == 0 && reward != NULL);
    bool learns = game->place.stage == PVI_STAGE_PROVER;
    for (size_t i = 0; i < all->count; i++) ck_assert(isnan(reward[i]) == !learns);
    return write_down(game, &unit_samples, (int)all->count);
}
static pvg_status take_round(pvi_game *game, int32_t round, const pvi_report *report) {
    ck_assert_ptr_eq(report, &game->reports[round]);
    return write_down(game, &book.rounds, 1);
}
static void take_unit(pvi_game *game, bool well) {
    (void)game;
    if (well) book.samples += (size_t)unit_samples;
    unit_samples = 0;
}
static pvg_status take_model(pvi_game *game, const char *name, const pvi_model *model) {
    ck_assert(name[0] != '\0' && model != NULL);
    return write_down(game, &book.models, 1);
}
static bool always(const pvi_game *game) { return game->unit % 3 == 0; }
static pvg_status take_checkpoint(pvi_game *game) { return write_down(game, &book.checkpoints, 1); }
static pvg_status take_finish(pvi_game *game) {
    ck_assert_int_eq(game->place.stage, PVI_STAGE_DONE);
    return write_down(game, &book.finished, 1);
}
static void take_close(pvi_game *game) { (void)game, book.closed++; }
static const pvi_recorder recorder = {take_metric, take_sample, take_round, take_unit,  take_model,
                                      always,      take_checkpoint, take_finish, take_close};

START_TEST(records_everything_once) {
    char *undisturbed = game_whole(1, NULL);
    for (int fail_every = 0; fail_every <= 3; fail_every += 3) {
        book = (notebook){.fail_every = fail_every};
        pvi_env *env = game_env(1);
        pvi_game *game = game_make(env, NULL, NULL);
        game->recorder = &recorder;
        pvi_game_event event = PVI_GAME_PROGRESS;
        int rounds = 0, failed = 0;
        while (event != PVI_GAME_FINISHED) {
            pvg_status status = pvi_game_step(game, &event);
            ck_assert(status == PVG_OK || status == PVG_E_IO);
            failed += status != PVG_OK;
            rounds += status == PVG_OK && event == PVI_GAME_ROUND_DONE;
        }
        ck_assert_int_eq(failed > 0, fail_every > 0);
        char *result = game_result(game);
        game_same(result, undisturbed);
        free(result);
        ck_assert_int_eq(rounds, 2);
        size_t kept = game->collected.count - (size_t)metric(&game->summary, "pool_stand_ins") + game->tests.count;
        ck_assert_uint_eq(book.samples, kept + 64 + 2 * 4 * 16);
        ck_assert_int_ge(book.models, 3 + 2 * 2 + 1);
        if (fail_every == 0) {
            ck_assert_int_eq(book.rounds, 2);
            ck_assert_int_eq(book.models, 3 + 2 * 2 + 1);
            ck_assert_int_eq(book.metrics, 30 + 4 + 3 + 3 * 5 + 2 * 4);
            ck_assert_int_eq(book.finished, 1);
        }
        pvi_game_destroy(game);
        ck_assert_int_eq(book.closed, 1);
        test_env_free(env);
    }
    free(undisturbed);
}
END_TEST

/* ---- datasets ---- */

static pvi_dataset *problems(pvi_env *env, size_t count, bool solved, bool labelled) {
    pvi_dataset *data;
    ck_ok(env, pvi_dataset_create(env, &data));
    for (size_t i = 0; i < count; i++) {
        char question[64], answer[16], right[64], wrong[64];
        size_t a = i % 7 + 1, b = i % 5 + 1;
        snprintf(question, sizeof question, "%zu and %zu, case %zu", a, b, i);
        snprintf(answer, sizeof answer, "%zu", a + b);
        snprintf(right, sizeof right, "%zu + %zu = %zu. A: %zu", a, b, a + b, a + b);
        snprintf(wrong, sizeof wrong, "%zu - %zu = %zu. A: %zu", b, a, a + b + 1, a + b + 1); /* easy to tell */
        pvi_item item = {
            .question = question, .question_length = strlen(question), .gold = answer, .label = -1, .solution = ""};
        if (solved) item.solution = right, item.solution_length = strlen(right);
        if (labelled) {
            item.label = (int32_t)(i / 3 % 2);
            item.candidate = item.label ? right : wrong;
            item.candidate_length = strlen(item.candidate);
        }
        ck_ok(env, pvi_dataset_append(env, data, &item));
    }
    return data;
}

static void cannot_make(const char *const *more, size_t count, bool solved, bool labelled, pvg_status status,
                        const char *part) {
    pvi_env *env = game_env(1);
    pvi_dataset *data = count > 0 ? problems(env, count, solved, labelled) : NULL;
    pvi_settings *settings = game_settings(env, more);
    pvi_game *game = NULL;
    ck_fails(env, status, part, pvi_game_create(env, settings, data, false, &game));
    ck_assert_ptr_null(game);
    pvi_settings_destroy(env, settings);
    pvi_dataset_release(data);
    test_env_free(env);
}

START_TEST(what_cannot_be_played) {
    const char *const verifier[] = {"mode=verifier", NULL}, *const many[] = {"problems.train=100000", NULL};
    const char *const narrow[] = {"prover.context=32", "sampling.longest=30", NULL};
    const char *const end[] = {"roles.end=the end", NULL};
    cannot_make(NULL, 40, true, true, PVG_E_STATE, "set mode=verifier");
    cannot_make(verifier, 40, true, false, PVG_E_STATE, "needs labelled solutions");
    cannot_make(many, 0, false, false, PVG_E_STATE, "different questions");
    cannot_make(NULL, 1, true, false, PVG_E_STATE, "is empty");
    cannot_make(narrow, 40, true, false, PVG_E_STATE, "40 have a prompt too long for prover.context=32");
    cannot_make(end, 0, false, false, PVG_E_FORMAT, "roles.end");
}
END_TEST

/* Steps until something fails; the game stays usable, that is, fails the same way again. */
static void cannot_go_on(const char *const *more, pvi_dataset *(*make)(pvi_env *), const char *part) {
    pvi_env *env = game_env(1);
    pvi_dataset *data = make != NULL ? make(env) : NULL;
    pvi_game *game = game_make(env, more, data);
    pvi_game_event event;
    pvg_status status;
    while ((status = pvi_game_step(game, &event)) == PVG_OK) ck_assert_int_ne(event, PVI_GAME_FINISHED);
    ck_assert_int_eq(status, PVG_E_STATE);
    ck_assert_msg(strstr(env->error.message, part) != NULL, "message '%s' lacks '%s'", env->error.message, part);
    ck_fails(env, PVG_E_STATE, part, pvi_game_step(game, &event));
    pvi_game_destroy(game);
    pvi_dataset_release(data);
    test_env_free(env);
}
static pvi_dataset *unsolved(pvi_env *env) { return problems(env, 60, false, false); }
static pvi_dataset *solved(pvi_env *env) { return problems(env, 60, true, false); }

START_TEST(what_cannot_go_on) {
    const char *const untrained[] = {"base.steps=0", NULL};
    cannot_go_on(NULL, unsolved, "none of the");
    cannot_go_on(untrained, solved, "right and from wrong base solutions");
    cannot_go_on(untrained, NULL, "train the base longer");
}
END_TEST

START_TEST(a_dataset_of_problems) {
    pvi_env *env = game_env(1);
    const char *const more[] = {"base.steps=100", "base.rate=1e-2", "rounds.count=1", "verifier_base.steps=8", NULL};
    pvi_dataset *data = solved(env);
    pvi_game *game = game_make(env, more, data);
    pvi_dataset_release(data);
    game_play(game);
    ck_assert(isnan(metric(&game->summary, "base_valid"))); /* no chains, no oracle */
    ck_assert(isnan(metric(&game->reports[0], "control_auc_result")));
    metric(&game->reports[0], "verifier_auc");
    pvi_game_destroy(game);
    test_env_free(env);
}
END_TEST

START_TEST(a_verifier_on_labelled_solutions) {
    pvi_env *env = game_env(1);
    const char *const more[] = {"mode=verifier", "verifier_base.steps=60", "verifier_train.steps=100",
                                "verifier_train.rate=1e-2", NULL};
    pvi_dataset *data = problems(env, 300, false, true);
    pvi_game *game = game_make(env, more, data);
    pvi_dataset_release(data);
    game_play(game);
    ck_assert_ptr_null(game->base);
    ck_assert_uint_gt(game->tests.count, 10);
    double auc = metric(&game->summary, "verifier_auc");
    ck_assert_double_gt(auc, 0.8);
    ck_assert_double_le(metric(&game->summary, "verifier_auc_low"), auc);
    ck_assert_double_ge(metric(&game->summary, "verifier_auc_high"), auc);
    check_share(&game->reports[0], "verifier_accuracy");
    pvi_game_destroy(game);
    test_env_free(env);
}
END_TEST

Suite *suite_game(void) {
    Suite *suite = suite_create("game");
    TCase *tests = tcase_create("game");
    tcase_set_timeout(tests, 120);
    tcase_add_test(tests, a_whole_game);
    tcase_add_test(tests, same_bits_on_any_team);
    tcase_add_test(tests, parts_share_no_question);
    tcase_add_loop_test(tests, options, 0, (int)(sizeof variants / sizeof *variants));
    tcase_add_test(tests, a_stop_rule_ends_the_round);
    tcase_add_test(tests, cancelled_anywhere);
    tcase_add_test(tests, without_memory_anywhere);
    tcase_add_test(tests, cancelled_inside_units);
    tcase_add_test(tests, records_everything_once);
    tcase_add_test(tests, what_cannot_be_played);
    tcase_add_test(tests, what_cannot_go_on);
    tcase_add_test(tests, a_dataset_of_problems);
    tcase_add_test(tests, a_verifier_on_labelled_solutions);
    suite_add_tcase(suite, tests);
    return suite;
}
