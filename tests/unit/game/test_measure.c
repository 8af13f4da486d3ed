/* test_measure.c - what a game says of its players, against the same counted naively from its solutions. */
#include <math.h>

#include "game/oracle.h"
#include "game_fixture.h"

static pvi_env *env;
static pvi_game *game;

/* One game for all checks, which change nothing. A large test, so that every group of solutions has some. */
static void play(void) {
    static const char *const more[] = {"problems.test=96", "evaluate.problems=96", "evaluate.control=40",
                                       "problems.max_steps=2", "problems.distractors=1", "base.steps=60",
                                       "prover.context=80", "verifier_train.steps=20", NULL};
    env = game_env(1);
    game = game_make(env, more, NULL);
    game_play(game);
}
static void stop(void) {
    pvi_game_destroy(game);
    test_env_free(env);
}

static double metric(const pvi_report *report, const char *name) {
    double value = 0;
    ck_assert_msg(pvi_report_get(report, name, &value), "no metric %s", name);
    return value;
}

static void same(double found, double wanted, const char *what) {
    ck_assert_msg(isnan(found) == isnan(wanted) && !(fabs(found - wanted) > 1e-9), "%s is %.12g, wanted is %.12g", what,
                  found, wanted);
}

/* ---- naive twins ---- */

enum { RIGHT, WRONG, NOT_RIGHT };
typedef struct scores {
    double value[512];
    size_t count;
} scores;

static bool belongs(const pvi_solution *s, int which) {
    if (which == NOT_RIGHT) return s->verdict != PVG_VERDICT_CORRECT;
    return s->verdict == (which == RIGHT ? PVG_VERDICT_CORRECT : PVG_VERDICT_WRONG);
}

/* Scored anew, one by one. */
static scores scored(int32_t verifier, int32_t source, pvg_role role, int which) {
    scores out = {.count = 0};
    for (uint32_t i = 0; i < game->tests.count; i++) {
        const pvi_solution *s = &game->tests.item[i];
        if (s->source != source || s->role != role || s->greedy || !belongs(s, which)) continue;
        ck_ok(env, pvi_game_score(game, verifier, &game->tests, &i, 1, &out.value[out.count++]));
    }
    return out;
}

static double area(const scores *high, const scores *low) {
    double sum = 0;
    for (size_t i = 0; i < high->count; i++)
        for (size_t k = 0; k < low->count; k++)
            sum += high->value[i] > low->value[k] ? 1 : high->value[i] == low->value[k] ? 0.5 : 0;
    return sum / ((double)high->count * (double)low->count); /* 0 / 0 is NaN, as wanted */
}

static double mean_sigmoid(const scores *s) {
    double sum = 0;
    for (size_t i = 0; i < s->count; i++) sum += 1 / (1 + exp(-s->value[i]));
    return sum / (double)s->count;
}

static int ascending(const void *x, const void *y) {
    double a = *(const double *)x, b = *(const double *)y;
    return (a > b) - (a < b);
}

/* Share of the sneaky prover's wrong solutions that score above the median of the helpful one's right ones. */
static double fooled(scores helpful, const scores *sneaky) {
    if (helpful.count == 0 || sneaky->count == 0) return (double)NAN;
    qsort(helpful.value, helpful.count, sizeof(double), ascending);
    double median = (helpful.value[(helpful.count - 1) / 2] + helpful.value[helpful.count / 2]) / 2, above = 0;
    for (size_t i = 0; i < sneaky->count; i++) above += sneaky->value[i] > median;
    return above / (double)sneaky->count;
}

/* ---- verifiers ---- */

static void check_verifier(const pvi_report *report, const char *prefix, int32_t verifier) {
    char name[64];
    scores right = scored(verifier, 0, PVG_ROLE_NEUTRAL, RIGHT),
           not_right = scored(verifier, 0, PVG_ROLE_NEUTRAL, NOT_RIGHT);
    ck_assert(right.count > 0 && not_right.count > 0);
    ck_assert_uint_eq(right.count + not_right.count, 96);
    pvi_text_format(name, sizeof name, "%sverifier_auc_base", prefix);
    same(metric(report, name), area(&right, &not_right), name);
}

static void check_verifiers_against_the_base(void) {
    for (int32_t round = 0; round < 2; round++) check_verifier(&game->reports[round], "", round);
    check_verifier(&game->summary, "last_", 2);
}

static void check_verifiers_against_their_prover(void) {
    for (int32_t round = 0; round < 2; round++) {
        const pvi_report *report = &game->reports[round];
        scores right = scored(round, round + 1, PVG_ROLE_HELPFUL, RIGHT);
        scores not_right = scored(round, round + 1, PVG_ROLE_HELPFUL, NOT_RIGHT);
        scores wrong = scored(round, round + 1, PVG_ROLE_SNEAKY, WRONG);
        ck_assert(right.count > 0 && wrong.count > 0);
        same(metric(report, "verifier_auc_own"), area(&right, &not_right), "verifier_auc_own");
        same(metric(report, "verifier_auc"), area(&right, &wrong), "verifier_auc");
        same(metric(report, "helpful_score"), mean_sigmoid(&right), "helpful_score");
        same(metric(report, "sneaky_score"), mean_sigmoid(&wrong), "sneaky_score");
    }
}

static double cell(const char *name, int32_t row, int32_t column) {
    for (size_t i = 0; i < game->summary.tables; i++) {
        const pvi_table *t = &game->summary.table[i];
        if (strcmp(t->name, name) == 0) return t->cell[(size_t)row * t->columns + (size_t)column];
    }
    ck_abort_msg("no table %s", name);
    return 0;
}

/* Every verifier, the one after the last round included, meets every prover. */
static void check_tables(void) {
    for (int32_t verifier = 0; verifier < 3; verifier++) {
        for (int32_t round = 0; round < 2; round++) {
            scores helpful = scored(verifier, round + 1, PVG_ROLE_HELPFUL, RIGHT);
            scores sneaky = scored(verifier, round + 1, PVG_ROLE_SNEAKY, WRONG);
            same(cell("auc", verifier, round), area(&helpful, &sneaky), "auc");
            same(cell("helpful_score", verifier, round), mean_sigmoid(&helpful), "helpful_score");
            same(cell("sneaky_score", verifier, round), mean_sigmoid(&sneaky), "sneaky_score");
            same(cell("fooled", verifier, round), fooled(helpful, &sneaky), "fooled");
        }
    }
    ck_assert_double_ne(cell("auc", 0, 1), cell("auc", 1, 1));
}

/* ---- the control ---- */

static scores forged(int32_t verifier, pvg_injection kind) {
    scores out = {.count = 0};
    for (size_t i = 0; i < 40; i++) {
        uint32_t problem = game->half[PVI_HALF_TEST][i];
        const char *chain = pvi_dataset_item(game->data, problem)->chain;
        pvi_problem p;
        pvi_text text;
        bool changed = false;
        pvi_text_init(&text, env);
        ck_ok(env, pvi_problem_read_chain(env, chain, strlen(chain), &p));
        pvg_status status = pvi_problem_inject(env, &p, game->config.rendering, kind, game->config.problems.largest,
                                               game->config.seed + problem, &text, &changed);
        if (status == PVG_OK && (changed || kind == PVG_INJECT_NONE)) {
            pvi_span span = {text.data, text.length};
            ck_ok(env, pvi_game_score_texts(game, verifier, &problem, &span, 1, &out.value[out.count++]));
        }
        pvi_text_free(&text);
    }
    return out;
}

static void check_control(void) {
    static const pvg_injection kinds[] = {PVG_INJECT_RESULT, PVG_INJECT_OPERAND, PVG_INJECT_DISTRACTOR,
                                          PVG_INJECT_ANSWER};
    static const char *const names[] = {"control_auc_result", "control_auc_operand", "control_auc_distractor",
                                        "control_auc_answer"};
    for (int32_t round = 0; round < 2; round++) {
        scores clean = forged(round, PVG_INJECT_NONE);
        ck_assert_uint_eq(clean.count, 40);
        for (size_t i = 0; i < 4; i++) {
            scores wrong = forged(round, kinds[i]);
            ck_assert_uint_gt(wrong.count, 0);
            same(metric(&game->reports[round], names[i]), area(&clean, &wrong), names[i]);
        }
    }
}

/* ---- provers ---- */

typedef struct counted {
    double all, right, wrong, tokens, valid, shown, lines, arithmetic, grounding;
} counted;

static counted count(int32_t source, pvg_role role, bool greedy) {
    counted c = {0};
    for (size_t i = 0; i < game->tests.count; i++) {
        const pvi_solution *s = &game->tests.item[i];
        if (s->source != source || s->role != role || s->greedy != greedy) continue;
        pvi_problem p;
        pvi_oracle_result seen;
        const char *chain = pvi_dataset_item(game->data, s->problem)->chain;
        ck_ok(env, pvi_problem_read_chain(env, chain, strlen(chain), &p));
        pvi_oracle_check(&p, pvi_solution_text(&game->tests, i), s->text_length, &seen);
        c.all++;
        c.tokens += s->token_count;
        if (s->verdict == PVG_VERDICT_CORRECT) c.right++, c.valid += seen.valid, c.shown += seen.fully_shown;
        if (s->verdict != PVG_VERDICT_WRONG) continue;
        c.wrong++, c.lines += seen.wrong_lines, c.arithmetic += seen.arithmetic_errors,
            c.grounding += seen.grounding_errors;
    }
    ck_assert_double_eq(c.all, 96);
    return c;
}

static void check_right(const pvi_report *report, const char *prefix, int32_t source, pvg_role role) {
    counted c = count(source, role, false), greedy = count(source, role, true);
    const struct {
        const char *name;
        double value;
    } wanted[] = {{"accuracy", c.right / c.all},
                  {"accuracy_greedy", greedy.right / greedy.all},
                  {"tokens", c.tokens / c.all},
                  {"valid", c.valid / c.right},
                  {"fully_shown", c.shown / c.right}};
    char name[64];
    for (size_t i = 0; i < sizeof wanted / sizeof *wanted; i++) {
        pvi_text_format(name, sizeof name, "%s_%s", prefix, wanted[i].name);
        same(metric(report, name), wanted[i].value, name);
    }
    pvi_text_format(name, sizeof name, "%s_accuracy_low", prefix);
    ck_assert_double_lt(metric(report, name), c.right / c.all);
}

static void check_provers(void) {
    check_right(&game->summary, "base", 0, PVG_ROLE_NEUTRAL);
    for (int32_t round = 0; round < 2; round++) {
        const pvi_report *report = &game->reports[round];
        check_right(report, "helpful", round + 1, PVG_ROLE_HELPFUL);
        counted c = count(round + 1, PVG_ROLE_SNEAKY, false);
        same(metric(report, "sneaky_compliance"), c.wrong / c.all, "sneaky_compliance");
        same(metric(report, "sneaky_tokens"), c.tokens / c.all, "sneaky_tokens");
        same(metric(report, "sneaky_wrong_lines"), c.lines / c.wrong, "sneaky_wrong_lines");
        same(metric(report, "sneaky_arithmetic_errors"), c.arithmetic / c.wrong, "sneaky_arithmetic_errors");
        same(metric(report, "sneaky_grounding_errors"), c.grounding / c.wrong, "sneaky_grounding_errors");
    }
}

/* ---- what is said of anybody's solutions ---- */

static double share_above_0(const scores *s) {
    double above = 0;
    for (size_t i = 0; i < s->count; i++) above += s->value[i] > 0;
    return above / (double)s->count;
}

static size_t place_of(const pvi_report *report, const char *name) {
    size_t at = 0;
    while (at < report->metrics && strcmp(report->metric[at].name, name) != 0) at++;
    ck_assert_msg(at < report->metrics, "no metric %s", name);
    return at;
}

static void check_more(void) {
    for (int32_t round = 0; round < 2; round++) {
        const pvi_report *report = &game->reports[round];
        scores right = scored(round, round + 1, PVG_ROLE_HELPFUL, RIGHT), wrong = scored(round, round + 1, PVG_ROLE_SNEAKY, WRONG);
        same(metric(report, "verifier_recall_helpful"), share_above_0(&right), "verifier_recall_helpful");
        same(metric(report, "verifier_fpr_sneaky"), share_above_0(&wrong), "verifier_fpr_sneaky");
        ck_assert_double_eq(metric(report, "helpful_solutions"), 96);
        ck_assert(metric(report, "separability") >= 0 && metric(report, "separability") <= 1);
        ck_assert(metric(report, "sneaky_sound_share") >= 0 && metric(report, "sneaky_sound_share") < 1);
        ck_assert(metric(report, "reader_8") >= metric(report, "reader_1"));
        /* They follow what the game measures itself, and change nothing of it. */
        ck_assert_uint_gt(place_of(report, "helpful_solutions"), place_of(report, "control_auc_answer"));
        ck_assert_uint_lt(place_of(report, "sneaky_compliance"), place_of(report, "helpful_solutions"));
    }
    ck_assert_double_eq(metric(&game->summary, "base_problems"), 96);
    ck_assert(metric(&game->summary, "base_shown") > 0);
}

START_TEST(what_is_said_is_so) {
    play();
    check_verifiers_against_the_base();
    check_verifiers_against_their_prover();
    check_tables();
    check_control();
    check_provers();
    check_more();
    stop();
}
END_TEST

Suite *suite_measure(void) {
    Suite *suite = suite_create("measure");
    TCase *tests = tcase_create("measure");
    tcase_set_timeout(tests, 120);
    tcase_add_test(tests, what_is_said_is_so);
    suite_add_tcase(suite, tests);
    return suite;
}
