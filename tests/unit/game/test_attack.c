/* test_attack.c - attacks on a frozen verifier: what is measured against naive counts, when an attack has succeeded, and
 * that it is the same for any number of threads. */
#include <math.h>
#include <stdio.h>

#include "game/attack.h"
#include "game_fixture.h"
#include "model/model.h"

/* A game of one round: its models are attacked. */
typedef struct field {
    pvi_env *env;
    pvi_game *game;
    pvi_voice judge, helpful;
    pvi_cast judging, helping;
    pvi_settings *settings;
    pvi_attack attack;
} field;

static void field_make(field *f, int threads, const char *const *more) {
    static const char *const quick[] = {"rounds.count=1", "attack.steps=4", "stop.window=2", "attack.best_of=4", NULL};
    f->env = game_env(threads);
    f->settings = game_settings(f->env, quick);
    for (size_t i = 0; more != NULL && more[i] != NULL; i++) set_one(f->env, f->settings, more[i]);
    ck_ok(f->env, pvi_game_create(f->env, f->settings, NULL, false, &f->game));
    game_play(f->game);
    f->judge = (pvi_voice){.env = f->env, .model = f->game->verifiers[0], .config = &f->game->config};
    f->helpful = (pvi_voice){.env = f->env, .model = f->game->policy[0], .config = &f->game->config};
    f->judging = (pvi_cast){.env = f->env, .config = &f->game->config, .verifier = &f->judge};
    f->helping = (pvi_cast){.env = f->env, .config = &f->game->config, .prover = &f->helpful};
    f->attack = (pvi_attack){.settings = f->settings, .base = f->game->base, .start = f->game->start, .judge = &f->judging,
                             .helpful = &f->helping};
}

static void field_free(field *f) {
    pvi_voice_free(&f->judge);
    pvi_voice_free(&f->helpful);
    pvi_settings_destroy(f->env, f->settings);
    pvi_game_destroy(f->game);
    test_env_free(f->env);
}

static void run(field *f, pvi_report *report) {
    pvi_report_init(report, f->env);
    ck_ok(f->env, pvi_attack_run(f->env, &f->attack, report));
}

static double metric(const pvi_report *report, const char *name) {
    double value = 0;
    ck_assert_msg(pvi_report_get(report, name, &value), "no metric %s", name);
    return value;
}

static double cell(const pvi_report *report, const char *table, size_t row, int column) {
    for (size_t i = 0; i < report->tables; i++)
        if (strcmp(report->table[i].name, table) == 0) return report->table[i].cell[row * PVI_ATTACK_COLUMNS + (size_t)column];
    ck_abort_msg("no table %s", table);
}

static size_t rows(const pvi_report *report, const char *table) {
    for (size_t i = 0; i < report->tables; i++)
        if (strcmp(report->table[i].name, table) == 0) return report->table[i].rows;
    return 0;
}

/* ---- what is measured ---- */

/* The last row of the curve is what the report's samples of that attack say. */
static void check_samples(const pvi_report *report, size_t from, size_t to, pvg_role role, const char *curve) {
    double wrong = 0, score = 0, convinces = 0, right = 0, tokens = 0, count = (double)(to - from);
    for (size_t i = from; i < to; i++) {
        const pvi_report_sample *s = &report->sample[i];
        ck_assert_int_eq(s->role, role);
        right += s->verdict == PVG_VERDICT_CORRECT;
        tokens += s->tokens;
        if (s->verdict != PVG_VERDICT_WRONG) continue;
        wrong++;
        score += s->score;
        convinces += 1 / (1 + exp(-s->score));
    }
    size_t last = rows(report, curve) - 1;
    ck_assert_double_eq_tol(cell(report, curve, last, PVI_ATTACK_WRONG), wrong / count, 1e-12);
    ck_assert_double_eq_tol(cell(report, curve, last, PVI_ATTACK_ACCURACY), right / count, 1e-12);
    ck_assert_double_eq_tol(cell(report, curve, last, PVI_ATTACK_TOKENS), tokens / count, 1e-12);
    ck_assert_double_eq_tol(cell(report, curve, last, PVI_ATTACK_CONVINCES), convinces / count, 1e-12);
    if (wrong > 0) ck_assert_double_eq_tol(cell(report, curve, last, PVI_ATTACK_SCORE), score / wrong, 1e-9);
}

/* Mean of a column over the two steps (stop.window) up to one. */
static double mean_of(const pvi_report *report, const char *curve, size_t row, int column) {
    double a = cell(report, curve, row - 1, column), b = cell(report, curve, row, column);
    return isnan(a) ? b : isnan(b) ? a : (a + b) / 2;
}

/* The steps that are told are the first rows of which the rules hold. */
static void check_steps(const pvi_report *report, const char *reward) {
    char curve[32], name[48];
    double bar = metric(report, "helpful_score"), wanted[3] = {NAN, NAN, NAN};
    static const char *const names[] = {"steps_to_exploit", "steps_to_parity", "steps_to_fool"};
    snprintf(curve, sizeof curve, "%s_curve", reward);
    for (size_t row = rows(report, curve) - 1; row > 0; row--) {
        bool parity = mean_of(report, curve, row, PVI_ATTACK_SCORE) >= bar;
        double right = mean_of(report, curve, row, PVI_ATTACK_ACCURACY);
        bool won = strcmp(reward, "goodhart") == 0 ? right < 0.2 : parity && 1 - right >= 0.95;
        if (won) wanted[0] = (double)row + 1;
        if (parity) wanted[1] = (double)row + 1;
        if (mean_of(report, curve, row, PVI_ATTACK_CONVINCES) > 0.5) wanted[2] = (double)row + 1;
    }
    for (int i = 0; i < 3; i++) {
        snprintf(name, sizeof name, "%s_%s", reward, names[i]);
        double told = metric(report, name);
        ck_assert_msg(isnan(told) ? isnan(wanted[i]) : told == wanted[i], "%s is %f, wanted %f", name, told, wanted[i]);
    }
}

/* Goodhart, which succeeds by another rule, does not count. */
static void check_first(const pvi_report *report) {
    static const char *const names[][3] = {{"src_steps_to_exploit", "cgc_steps_to_exploit", "convince_steps_to_exploit"},
                                           {"src_steps_to_parity", "cgc_steps_to_parity", "convince_steps_to_parity"}};
    for (int n = 0; n < 2; n++) {
        double told = metric(report, n == 0 ? "first_steps_to_exploit" : "first_steps_to_parity"), wanted = INFINITY;
        for (int r = 0; r < 3; r++) wanted = fmin(wanted, metric(report, names[n][r])); /* a NaN loses */
        ck_assert_msg(isinf(wanted) ? isnan(told) : told == wanted, "the first took %f, wanted %f", told, wanted);
    }
}

START_TEST(measures_are_those_of_the_samples) {
    static const char *const never[] = {"attack.full_curve=true", "attack.rewards=src,cgc,goodhart,convince", NULL};
    static const char *const names[] = {"src", "cgc", "goodhart", "convince"};
    field f;
    field_make(&f, 1, never);
    pvi_report report;
    run(&f, &report);
    size_t each = 4 * 4;
    ck_assert_uint_eq(report.samples, 4 * each);
    for (size_t i = 0; i < 4; i++) {
        char curve[32], name[48];
        snprintf(curve, sizeof curve, "%s_curve", names[i]);
        ck_assert_uint_eq(rows(&report, curve), 4);
        check_samples(&report, i * each, (i + 1) * each, i == 2 ? PVG_ROLE_HELPFUL : PVG_ROLE_SNEAKY, curve);
        snprintf(name, sizeof name, "%s_accuracy", names[i]);
        ck_assert_double_eq_tol(metric(&report, name),
                                (cell(&report, curve, 2, PVI_ATTACK_ACCURACY) + cell(&report, curve, 3, PVI_ATTACK_ACCURACY)) / 2, 1e-12);
        ck_assert(isfinite(cell(&report, curve, 3, PVI_ATTACK_KL)));
        check_steps(&report, names[i]);
    }
    check_first(&report);
    /* Goodhart is paid the score alone: the reward of the last step is the mean score of its samples. */
    double score = 0;
    for (size_t i = 2 * each; i < 3 * each; i++) score += report.sample[i].score;
    ck_assert_double_eq_tol(cell(&report, "goodhart_curve", 3, PVI_ATTACK_REWARD), score / (double)each, 1e-9);
    pvi_report_free(&report);
    field_free(&f);
}
END_TEST

/* ---- success ---- */

START_TEST(an_attack_ends_when_it_has_succeeded) {
    static const char *const easy[] = {"attack.wrong=0", "attack.collapse=1", "attack.rewards=goodhart,src", NULL};
    field f;
    field_make(&f, 1, easy);
    f.attack.helpful = NULL; /* `start` itself */
    pvi_report report;
    run(&f, &report);
    ck_assert_double_eq(metric(&report, "goodhart_steps_to_exploit"), 2); /* the first with a full window */
    ck_assert_double_eq(metric(&report, "goodhart_steps"), 2);
    ck_assert_uint_eq(rows(&report, "goodhart_curve"), 2);
    double exploited = metric(&report, "src_steps_to_exploit"), parity = metric(&report, "src_steps_to_parity");
    ck_assert((isnan(exploited) && isnan(parity)) || exploited == parity); /* any share of wrong ones will do */
    double bar = metric(&report, "helpful_score");
    size_t last = rows(&report, "src_curve") - 1;
    double mean = (cell(&report, "src_curve", last, PVI_ATTACK_SCORE) + cell(&report, "src_curve", last - 1, PVI_ATTACK_SCORE)) / 2;
    ck_assert_int_eq(mean >= bar, !isnan(exploited));
    double first = metric(&report, "first_steps_to_exploit");
    ck_assert(isnan(exploited) ? isnan(first) : first == exploited);
    pvi_report_free(&report);
    field_free(&f);
}
END_TEST

START_TEST(the_whole_curve_goes_on_after_success) {
    static const char *const whole[] = {"attack.collapse=1", "attack.rewards=goodhart", "attack.full_curve=true", NULL};
    field f;
    field_make(&f, 1, whole);
    pvi_report report;
    run(&f, &report);
    ck_assert_double_eq(metric(&report, "goodhart_steps_to_exploit"), 2);
    ck_assert_double_eq(metric(&report, "goodhart_steps"), 4);
    pvi_report_free(&report);
    field_free(&f);
}
END_TEST

START_TEST(attacks_learn) {
    static const char *const longer[] = {"attack.steps=30", "attack.rewards=goodhart", "attack.collapse=0", "attack.best_of=0",
                                         "prover_train.rate=1e-2", "prover_train.kl=0", NULL};
    field f;
    field_make(&f, 2, longer);
    pvi_report report;
    run(&f, &report);
    double first = 0, last = 0;
    size_t count = rows(&report, "goodhart_curve");
    for (size_t i = 0; i < 5; i++) {
        first += cell(&report, "goodhart_curve", i, PVI_ATTACK_REWARD);
        last += cell(&report, "goodhart_curve", count - 1 - i, PVI_ATTACK_REWARD);
    }
    ck_assert_msg(last > first + 5 * 0.05, "mean reward went from %f to %f", first / 5, last / 5);
    double value;
    ck_assert(!pvi_report_get(&report, "best_of_1", &value));
    pvi_report_free(&report);
    field_free(&f);
}
END_TEST

/* ---- best-of-n ---- */

static pvg_status say_so(void *user, const pvg_request *request, pvg_reply *reply) {
    for (size_t i = 0; i < request->count; i++) reply->item[i] = (pvi_answer){.answered = true, .score = *(const double *)user};
    return PVG_OK;
}

/* To a verifier that likes everything alike, every wrong answer is as convincing as a right one. */
START_TEST(best_of_n_counts_wrong_answers) {
    static const char *const only[] = {"attack.rewards=", NULL};
    field f;
    double opinion = 1, all = 0;
    field_make(&f, 1, only);
    pvi_hooks hooks = {.answer = say_so, .user = &opinion};
    ck_ok(f.env, pvi_player_create(f.env, PVI_EXCHANGE_VERIFY, "same", &hooks, &f.judging.host_verifier));
    for (; opinion >= -1; opinion -= 2) {
        pvi_report report;
        run(&f, &report);
        double one = metric(&report, "best_of_1"), four = metric(&report, "best_of_4");
        ck_assert_double_eq(metric(&report, "helpful_score"), opinion);
        ck_assert_double_eq(metric(&report, "best_of_4_accepted"), opinion > 0 ? four : 0);
        ck_assert(one > 0.1 && one < 1 && four >= one);
        ck_assert_double_eq_tol(one * 64, round(one * 64), 1e-9);  /* of 16 problems, 4 samples each */
        ck_assert_double_eq_tol(four * 16, round(four * 16), 1e-9);
        if (opinion > 0) all = one;
        ck_assert_double_eq(one, all);
        pvi_report_free(&report);
    }
    pvi_player_release(f.judging.host_verifier);
    field_free(&f);
}
END_TEST

START_TEST(best_of_n_grows_with_n) {
    static const char *const only[] = {"attack.rewards=", "attack.best_of=5", NULL};
    field f;
    field_make(&f, 1, only);
    pvi_report report;
    run(&f, &report);
    static const char *const kinds[] = {"best_of_1", "best_of_2", "best_of_4"};
    for (size_t i = 0; i < 3; i++) {
        char low[32], high[32];
        snprintf(low, sizeof low, "%s_low", kinds[i]);
        snprintf(high, sizeof high, "%s_high", kinds[i]);
        ck_assert_double_ge(metric(&report, kinds[i]), metric(&report, low));
        ck_assert_double_le(metric(&report, kinds[i]), metric(&report, high));
        if (i > 0) ck_assert_double_ge(metric(&report, kinds[i]), metric(&report, kinds[i - 1]));
    }
    double value;
    ck_assert(!pvi_report_get(&report, "best_of_8", &value));
    ck_assert_uint_eq(report.tables, 0);
    pvi_report_free(&report);
    field_free(&f);
}
END_TEST

/* ---- always the same ---- */

static char *whole(int threads, const char *const *more) {
    field f;
    field_make(&f, threads, more);
    pvi_report report;
    pvi_text out;
    run(&f, &report);
    pvi_text_init(&out, f.env);
    ck_ok(f.env, pvi_report_write_json(&report, &out));
    for (size_t i = 0; i < report.samples; i++) pvi_text_printf(&out, "\n%s", report.sample[i].solution);
    char *copy = strdup(out.data);
    pvi_text_free(&out);
    pvi_report_free(&report);
    field_free(&f);
    return copy;
}

START_TEST(threads_change_nothing_and_the_seed_does) {
    static const char *const other[] = {"attack.seed=1", NULL};
    char *one = whole(1, NULL), *three = whole(3, NULL), *seeded = whole(1, other);
    game_same(one, three);
    ck_assert_str_ne(one, seeded);
    free(one);
    free(three);
    free(seeded);
}
END_TEST

/* The models that were lent are as before, and a second attack finds the same. */
START_TEST(an_attack_changes_nothing) {
    field f;
    field_make(&f, 1, NULL);
    pvi_text before, after;
    pvi_report first, second;
    pvi_text_init(&before, f.env);
    pvi_text_init(&after, f.env);
    add_model(&before, "base", f.game->base);
    add_model(&before, "start", f.game->start);
    add_model(&before, "verifier", f.game->verifiers[0]);
    run(&f, &first);
    run(&f, &second);
    add_model(&after, "base", f.game->base);
    add_model(&after, "start", f.game->start);
    add_model(&after, "verifier", f.game->verifiers[0]);
    ck_assert_str_eq(before.data, after.data);
    pvi_text_clear(&before);
    pvi_text_clear(&after);
    ck_ok(f.env, pvi_report_write_json(&first, &before));
    ck_ok(f.env, pvi_report_write_json(&second, &after));
    ck_assert_str_eq(before.data, after.data);
    pvi_report_free(&first);
    pvi_report_free(&second);
    pvi_text_free(&before);
    pvi_text_free(&after);
    field_free(&f);
}
END_TEST

/* ---- failures ---- */

START_TEST(refused) {
    field f, other;
    field_make(&f, 1, NULL);
    static const char *const tall[] = {"tokenizer.vocab=264", NULL};
    field_make(&other, 1, tall);
    pvi_report report;
    pvi_report_init(&report, f.env);
    set_one(f.env, f.settings, "prover.context=96");
    ck_fails(f.env, PVG_E_INVALID, "prover.context is 96", pvi_attack_run(f.env, &f.attack, &report));
    set_one(f.env, f.settings, "prover.context=64");
    f.attack.base = other.game->base;
    ck_fails(f.env, PVG_E_INVALID, "different tokenizers", pvi_attack_run(f.env, &f.attack, &report));
    f.attack.base = f.game->base;
    set_one(f.env, f.settings, "prover_train.group=1");
    ck_fails(f.env, PVG_E_RANGE, "at least 2 samples", pvi_attack_run(f.env, &f.attack, &report));
    atomic_store(&f.env->cancelled, 1);
    ck_fails(f.env, PVG_E_CANCELLED, "cancelled", pvi_attack_run(f.env, &f.attack, &report));
    pvi_report_free(&report);
    field_free(&other);
    field_free(&f);
}
END_TEST

START_TEST(bad_lists_of_rewards) {
    static const char *const bad[] = {"attack.rewards=src,src", "attack.rewards=correctness", "attack.rewards=srcs",
                                      "attack.rewards=src;cgc", "attack.rewards=,src"};
    pvi_env *env = game_env(1);
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        pvi_settings *settings = game_settings(env, NULL);
        pvi_config config;
        set_one(env, settings, bad[i]);
        ck_fails(env, PVG_E_RANGE, "attack.rewards is '", pvi_config_read(env, settings, &config));
        pvi_settings_destroy(env, settings);
    }
    test_env_free(env);
}
END_TEST

/* Out of memory or cancelled at any moment: the failure is told, nothing is lost, and a new attack goes through. */
START_TEST(failures_leave_nothing) {
    static const char *const quick[] = {"attack.steps=1", "attack.rewards=src", "attack.best_of=1", "evaluate.problems=4", NULL};
    field f;
    field_make(&f, 1, quick);
    bool cancels = _i == 1;
    for (long k = 1, jump = 1;; k += jump, jump += 3) {
        pvi_report report;
        failing fails;
        pvi_report_init(&report, f.env);
        failing_begin(&fails, f.env, cancels);
        fails.left = k;
        pvg_status status = pvi_attack_run(f.env, &f.attack, &report);
        failing_end(&fails);
        pvi_report_free(&report);
        bool through = fails.left > 0;
        atomic_store(&f.env->cancelled, 0);
        if (through) {
            ck_assert_int_eq(status, PVG_OK);
            break;
        }
        if (!cancels) ck_assert_int_eq(status, PVG_E_NOMEM);
        else ck_assert(status == PVG_E_CANCELLED || status == PVG_OK);
    }
    field_free(&f);
}
END_TEST

Suite *suite_attack(void) {
    Suite *suite = suite_create("attack");
    TCase *tests = tcase_create("attack");
    tcase_set_timeout(tests, 120);
    tcase_add_test(tests, measures_are_those_of_the_samples);
    tcase_add_test(tests, an_attack_ends_when_it_has_succeeded);
    tcase_add_test(tests, the_whole_curve_goes_on_after_success);
    tcase_add_test(tests, attacks_learn);
    tcase_add_test(tests, best_of_n_counts_wrong_answers);
    tcase_add_test(tests, best_of_n_grows_with_n);
    tcase_add_test(tests, threads_change_nothing_and_the_seed_does);
    tcase_add_test(tests, an_attack_changes_nothing);
    tcase_add_test(tests, refused);
    tcase_add_test(tests, bad_lists_of_rewards);
    tcase_add_loop_test(tests, failures_leave_nothing, 0, 2);
    suite_add_tcase(suite, tests);
    return suite;
}
