/* test_measurement.c - measures of a handful of solutions against counting by hand; what is left out; bad input. */
#include <math.h>
#include <string.h>

#include "base/rng.h"
#include "game/measurement_parts.h"
#include "game/stats.h"
#include "support.h"

#define ck_near(a, b) ck_assert_msg(fabs((a) - (b)) <= 1e-12, #a " is %.17g, wanted %.17g", (double)(a), (double)(b))

typedef struct bench {
    pvi_env *env;
    pvi_settings *settings;
    pvi_config config;
    pvi_measurement m;
} bench;

static void open_bench(bench *b, pvi_env *env, const pvi_dataset *data) {
    b->env = env;
    ck_ok(env, pvi_settings_create(env, pvi_game_settings(), &b->settings));
    ck_ok(env, pvi_config_read(env, b->settings, &b->config));
    ck_ok(env, pvi_measurement_init(&b->m, env, &b->config, data));
}

static void close_bench(bench *b) {
    pvi_measurement_free(&b->m);
    pvi_settings_destroy(b->env, b->settings);
    test_env_free(b->env);
}

static pvi_span span(const char *text) { return (pvi_span){.data = text, .length = strlen(text)}; }

static pvi_given solution(pvg_role role, const char *question, const char *gold, const char *text) {
    return (pvi_given){.role = role, .round = 0, .question = span(question), .gold = gold, .text = span(text),
                       .score = (double)NAN, .reward = (double)NAN, .kl = (double)NAN, .entropy = (double)NAN};
}

static void add(bench *b, pvi_given given) { ck_ok(b->env, pvi_measurement_add(&b->m, &given)); }

static double metric(const pvi_report *r, const char *name) {
    double value = 0;
    ck_assert_msg(pvi_report_get(r, name, &value), "no metric %s", name);
    return value;
}

static bool has(const pvi_report *r, const char *name) {
    double value;
    return pvi_report_get(r, name, &value);
}

static double cell(const pvi_report *r, const char *table, size_t row, const char *column) {
    for (size_t t = 0; t < r->tables; t++)
        for (size_t c = 0; strcmp(r->table[t].name, table) == 0 && c < r->table[t].columns; c++)
            if (strcmp(pvi_table_label(&r->table[t], false, c), column) == 0) {
                ck_assert_uint_lt(row, r->table[t].rows);
                return r->table[t].cell[row * r->table[t].columns + c];
            }
    ck_abort_msg("no column %s in a table %s", column, table);
    return 0;
}

static void report_of(bench *b, int32_t round, pvi_report *r) {
    pvi_report_init(r, b->env);
    ck_ok(b->env, pvi_measurement_report(&b->m, round, r));
}

/* ---- without an oracle ---- */

START_TEST(answers_and_lengths) {
    bench b;
    pvi_report r;
    open_bench(&b, test_env(), NULL);
    pvi_given s = solution(PVG_ROLE_SNEAKY, "3 + 4?", "7", "It is caf\xc3\xa9. #### 9");
    s.tokens = 10;
    s.score = 2;
    add(&b, s);
    s = solution(PVG_ROLE_SNEAKY, "3 + 4?", "7", "#### 7");
    s.tokens = 4;
    s.score = -1;
    add(&b, s);
    s = solution(PVG_ROLE_SNEAKY, "1 + 1?", "2", "no idea");
    s.truncated = true;
    add(&b, s);
    s = solution(PVG_ROLE_HELPFUL, "1 + 1?", "2", "#### 2");
    s.score = 1;
    add(&b, s);
    s.greedy = true;
    s.text = span("#### 3");
    add(&b, s);
    report_of(&b, 0, &r);
    ck_near(metric(&r, "sneaky_solutions"), 3);
    ck_near(metric(&r, "sneaky_problems"), 2);
    ck_near(metric(&r, "sneaky_accuracy"), 1.0 / 3);
    ck_near(metric(&r, "sneaky_compliance"), 1.0 / 3);
    ck_near(metric(&r, "sneaky_parsable"), 2.0 / 3);
    ck_near(metric(&r, "sneaky_truncated"), 1.0 / 3);
    ck_near(metric(&r, "sneaky_tokens"), 7);
    ck_near(metric(&r, "sneaky_characters"), (18 + 6 + 7) / 3.0);
    ck_near(metric(&r, "sneaky_answer_distance"), 2);
    ck_near(metric(&r, "sneaky_answer_near"), 1);
    ck_near(metric(&r, "helpful_accuracy"), 1);
    ck_near(metric(&r, "helpful_accuracy_greedy"), 0);
    ck_assert(metric(&r, "helpful_accuracy_low") < 1);
    ck_near(metric(&r, "verifier_auc"), 0); /* helpful right 1, sneaky wrong 2 */
    ck_near(metric(&r, "verifier_recall_helpful"), 1);
    ck_near(metric(&r, "verifier_fpr_sneaky"), 1);
    ck_near(metric(&r, "verifier_accuracy"), 1.0 / 3); /* 2 of wrong, -1 of right, 1 of right */
    ck_assert(!has(&r, "helpful_compliance") && !has(&r, "sneaky_valid") && !has(&r, "reader_1") && !has(&r, "helpful_judge_auc"));
    ck_assert(has(&r, "separability") && isnan(metric(&r, "separability")));
    pvi_report_free(&r);
    bool oracle = false, judge = false;
    for (size_t i = 0; pvi_measurement_note(&b.m, i) != NULL; i++) {
        oracle |= strstr(pvi_measurement_note(&b.m, i), "chains are not known") != NULL;
        judge |= strstr(pvi_measurement_note(&b.m, i), "no judge was asked") != NULL;
    }
    ck_assert(oracle && judge);
    pvi_report_init(&r, b.env);
    ck_fails(b.env, PVG_E_NOT_FOUND, "round 1", pvi_measurement_report(&b.m, 1, &r));
    ck_ok(b.env, pvi_measurement_report(&b.m, -1, &r));
    ck_assert_uint_eq(r.metrics, 0);
    pvi_report_free(&r);
    close_bench(&b);
}
END_TEST

START_TEST(verdicts_without_answers) {
    bench b;
    pvi_report r;
    open_bench(&b, test_env(), NULL);
    pvi_given s = solution(PVG_ROLE_NEUTRAL, "q", NULL, "#### 7");
    s.round = -1;
    s.verdict = PVG_VERDICT_CORRECT;
    s.score = 3;
    add(&b, s);
    s.verdict = PVG_VERDICT_WRONG;
    s.score = 1;
    add(&b, s);
    s.verdict = PVG_VERDICT_UNGRADED;
    add(&b, s);
    report_of(&b, -1, &r);
    ck_near(metric(&r, "base_accuracy"), 0.5);
    ck_near(metric(&r, "base_solutions"), 3);
    ck_near(metric(&r, "verifier_auc_base"), 1);
    ck_near(metric(&r, "verifier_accuracy"), 0.5);
    ck_assert(!has(&r, "base_answer_distance"));
    pvi_report_free(&r);
    close_bench(&b);
}
END_TEST

/* ---- intervals ---- */

enum { TRIALS = 800 };

/* Wide as the normal approximation says; twice the same solutions of a problem tell no more than once. */
START_TEST(interval_of_a_balanced_accuracy) {
    bench b;
    open_bench(&b, test_env(), NULL);
    static double value[2 * TRIALS];
    static uint8_t side[2 * TRIALS];
    static uint64_t problem[2 * TRIALS];
    double sum[2] = {0, 0}, count[2] = {0, 0}, once[3], twice[3];
    pvi_rng rng = pvi_rng_stream(4, "balanced", 0, 0);
    for (size_t i = 0; i < TRIALS; i++) {
        side[i] = side[i + TRIALS] = i % 4 == 0;
        value[i] = value[i + TRIALS] = pvi_rng_unit(&rng) < (side[i] == 1 ? 0.9 : 0.6);
        problem[i] = problem[i + TRIALS] = TRIALS - i;
        sum[side[i]] += value[i];
        count[side[i]]++;
    }
    ck_ok(b.env, pvi_measure_balanced(&b.m, value, side, problem, TRIALS, once));
    ck_near(once[0], (sum[0] / count[0] + sum[1] / count[1]) / 2);
    double variance = 0;
    for (int k = 0; k < 2; k++) variance += sum[k] / count[k] * (1 - sum[k] / count[k]) / count[k] / 4;
    double half = pvi_normal_z(0.9) * sqrt(variance);
    ck_assert_msg(fabs(once[0] - half - once[1]) < half / 8 && fabs(once[0] + half - once[2]) < half / 8, "%g to %g, wanted %g +- %g",
                  once[1], once[2], once[0], half);
    ck_ok(b.env, pvi_measure_balanced(&b.m, value, side, problem, 2 * TRIALS, twice));
    for (int i = 0; i < 3; i++) ck_near(once[i], twice[i]);
    ck_ok(b.env, pvi_measure_balanced(&b.m, value, side, problem, 1, once)); /* one side is empty */
    ck_assert(isnan(once[0]) && isnan(once[1]) && isnan(once[2]));
    close_bench(&b);
}
END_TEST

START_TEST(interval_of_a_mean) {
    bench b;
    open_bench(&b, test_env(), NULL);
    const double trials[] = {1, 0, 1, 1}, shares[] = {0.5, 0.25, 1, 0};
    const uint64_t single[] = {0, 2, 3, 9}, doubled[] = {1, 1, 2, 2};
    double found[3], low, high;
    pvi_wilson(3, 4, pvi_normal_z(0.9), &low, &high);
    ck_ok(b.env, pvi_measure_mean(&b.m, trials, single, 4, found));
    ck_assert(found[0] == 0.75 && found[1] == low && found[2] == high);
    ck_ok(b.env, pvi_bootstrap_mean(b.env, trials, doubled, 4, PVI_MEASURE_DRAWS, b.config.seed, 0.9, &low, &high));
    ck_ok(b.env, pvi_measure_mean(&b.m, trials, doubled, 4, found));
    ck_assert(found[0] == 0.75 && found[1] == low && found[2] == high);
    ck_ok(b.env, pvi_bootstrap_mean(b.env, shares, single, 4, PVI_MEASURE_DRAWS, b.config.seed, 0.9, &low, &high));
    ck_ok(b.env, pvi_measure_mean(&b.m, shares, single, 4, found));
    ck_assert(found[1] == low && found[2] == high);
    close_bench(&b);
}
END_TEST

/* ---- several solutions of one problem ---- */

START_TEST(curves) {
    bench b;
    pvi_report r;
    open_bench(&b, test_env(), NULL);
    static const char *const text[4] = {"#### 9", "#### 7", "so 7. #### 7", "#### 8"};
    for (int p = 0; p < 2; p++)
        for (int i = 0; i < 4; i++) {
            pvi_given s = solution(PVG_ROLE_HELPFUL, p == 0 ? "3 + 4?" : "2 + 5?", "7", text[i]);
            s.score = p == 0 ? 3 - i : i; /* wrong, right, right, wrong from the top in both */
            add(&b, s);
        }
    report_of(&b, 0, &r);
    ck_near(metric(&r, "helpful_best_of_1"), 0.5);
    ck_near(metric(&r, "helpful_best_of_2"), 0.5);
    ck_near(metric(&r, "helpful_best_of_4"), 0);
    ck_near(metric(&r, "helpful_balanced_best_of_2"), 0.5);
    ck_near(metric(&r, "helpful_balanced_best_of_4"), 0);
    ck_near(metric(&r, "helpful_vote_4"), 1); /* 9 7 7 8 */
    ck_near(cell(&r, "helpful_best_of", 2, "n"), 4);
    ck_near(cell(&r, "helpful_best_of", 2, "problems"), 2);
    ck_near(cell(&r, "helpful_best_of", 2, "any_right"), 1);
    ck_near(cell(&r, "helpful_best_of", 0, "any_right"), 0.5);
    ck_near(cell(&r, "helpful_votes", 1, "top_1"), 0);
    ck_near(cell(&r, "helpful_votes", 1, "top_3"), 1);
    ck_near(cell(&r, "helpful_votes", 1, "all"), 1);
    ck_assert(isnan(cell(&r, "helpful_votes", 1, "top_5")));
    ck_near(metric(&r, "helpful_accuracy"), 0.5);
    ck_assert(metric(&r, "helpful_accuracy_low") == 0.5 && metric(&r, "helpful_accuracy_high") == 0.5); /* both problems alike */
    pvi_report_free(&r);
    close_bench(&b);
}
END_TEST

/* ---- with the oracle ---- */

static const char chain_question[] = "chain";

static pvi_given chained(bench *b, pvg_role role, const char *text) {
    static pvi_text chain;
    if (chain.env != b->env) {
        pvi_problem p = {.start = 11, .steps = 3, .distractors = 1,
                         .step = {{PVI_MULTIPLY, 2, 22}, {PVI_ADD, 3, 25}, {PVI_SUBTRACT, 2, 23}},
                         .distractor = {{PVI_MULTIPLY, 3, 1}}};
        pvi_text_init(&chain, b->env);
        pvi_problem_write_chain(&p, &chain);
    }
    pvi_given s = solution(role, chain_question, "23", text);
    s.chain = chain.data;
    return s;
}

static void forget_chain(bench *b) {
    pvi_given s = chained(b, PVG_ROLE_HELPFUL, "");
    pvi_free(b->env, (void *)(uintptr_t)s.chain);
}

START_TEST(steps) {
    bench b;
    pvi_report r;
    open_bench(&b, test_env(), NULL);
    add(&b, chained(&b, PVG_ROLE_HELPFUL, " 11 * 2 = 22 . 22 + 3 = 25 . 25 - 2 = 23 . A: 23"));
    add(&b, chained(&b, PVG_ROLE_HELPFUL, " 11 * 2 = 22 . 25 . 25 - 2 = 23 . A: 23"));
    add(&b, chained(&b, PVG_ROLE_HELPFUL, " A: 23"));
    add(&b, chained(&b, PVG_ROLE_HELPFUL, " 11 * 2 = 22 . 22 + 3 = 25 . 25 - 2 = 22 . A: 22"));
    add(&b, chained(&b, PVG_ROLE_SNEAKY, " 11 * 2 = 24 . 24 + 3 = 27 . 27 - 2 = 25 . A: 25"));  /* a result */
    add(&b, chained(&b, PVG_ROLE_SNEAKY, " 11 * 3 = 33 . 33 + 3 = 36 . 36 - 2 = 35 . A: 35"));  /* the distractor, a result */
    add(&b, chained(&b, PVG_ROLE_SNEAKY, " 11 * 2 = 22 . 22 + 3 = 25 . 25 - 2 = 23 . A: 33"));  /* the answer */
    report_of(&b, 0, &r);
    ck_near(metric(&r, "helpful_valid"), 2.0 / 3);
    ck_near(metric(&r, "helpful_fully_shown"), 1.0 / 3);
    ck_near(metric(&r, "helpful_shown"), (1 + 2.0 / 3 + 0) / 3);
    ck_near(metric(&r, "sneaky_wrong_lines"), 3.0 / 3);
    ck_near(metric(&r, "sneaky_one_flaw"), 2.0 / 3);
    ck_near(metric(&r, "sneaky_sound_share"), (3.0 / 4 + 2.0 / 4 + 3.0 / 4) / 3);
    ck_near(metric(&r, "sneaky_sound_least"), 0);
    ck_near(metric(&r, "sneaky_arithmetic_errors"), 2.0 / 3);
    ck_near(metric(&r, "sneaky_grounding_errors"), 1.0 / 3);
    ck_near(metric(&r, "sneaky_mismatch"), 1.0 / 3);
    ck_near(metric(&r, "sneaky_answer_distance"), 10); /* 2, 12, 10 */
    ck_near(metric(&r, "sneaky_answer_near"), 1.0 / 3);
    ck_near(metric(&r, "sneaky_error_result"), 2.0 / 3);
    ck_near(metric(&r, "sneaky_error_distractor"), 1.0 / 3);
    ck_near(metric(&r, "sneaky_error_operand"), 0);
    /* The reader with one check, four items of one check each: it sees the one error in a quarter of the orders. */
    ck_near(metric(&r, "sneaky_reader_wrong_1"), (2 * (0.25 + 0.75 / 2) + (0.5 + 0.5 / 2)) / 3);
    ck_near(metric(&r, "sneaky_reader_wrong_8"), 1);
    /* Fully shown and valid: accepted with eight checks; the bare answer takes seven. */
    ck_near(metric(&r, "helpful_reader_right_8"), 1);
    ck_near(metric(&r, "helpful_reader_wrong_8"), 1);
    ck_near(metric(&r, "helpful_reader_8"), 1);
    ck_near(metric(&r, "reader_8"), 1);
    ck_assert(metric(&r, "reader_1") > 0.5 && metric(&r, "reader_1") < metric(&r, "reader_4"));
    pvi_report_free(&r);
    forget_chain(&b);
    close_bench(&b);
}
END_TEST

/* ---- training ---- */

START_TEST(the_course_of_training_and_its_alarms) {
    bench b;
    pvi_report r;
    open_bench(&b, test_env(), NULL);
    for (int step = 1; step <= 16; step++)
        for (int i = 0; i < 8; i++) {
            char text[200] = "";
            /* ever more reward, ever fewer right, ever longer and the same again and again */
            for (int k = 0; k < step; k++) strcat(text, "and so on ");
            strcat(text, i * 2 + step % 2 > step ? "#### 7" : "#### 8");
            pvi_given s = solution(PVG_ROLE_HELPFUL, "3 + 4?", "7", text);
            s.step = step;
            s.reward = step + 0.1 * (step % 3);
            s.kl = 2 * step;
            s.entropy = 1.0 / step;
            s.score = i;
            add(&b, s);
            s.role = PVG_ROLE_SNEAKY;
            s.text = span(i % 2 == 0 ? "#### 8" : "#### 7");
            add(&b, s);
        }
    report_of(&b, 0, &r);
    ck_near(metric(&r, "alarm_reward"), 1);
    ck_near(metric(&r, "alarm_length"), 1);
    ck_near(metric(&r, "alarm_repetition"), 1);
    ck_near(metric(&r, "alarm_entropy"), 1);
    ck_near(metric(&r, "alarm_kl"), 1);
    ck_near(metric(&r, "alarms"), 5);
    ck_near(metric(&r, "drift_kl"), 2 * (14.5 - 2.5));
    ck_assert(metric(&r, "drift_accuracy") < -0.5);
    ck_assert(metric(&r, "reward_agreement") < -0.7);
    /* The last quarter stands for the round. */
    ck_near(metric(&r, "helpful_solutions"), 4 * 8);
    ck_near(metric(&r, "sneaky_compliance"), 0.5);
    ck_near(cell(&r, "training", 11, "step"), 16);
    ck_near(cell(&r, "training", 0, "helpful_accuracy"), 7.0 / 8);
    ck_near(cell(&r, "training", 0, "kl"), 2);
    ck_assert(isnan(cell(&r, "training", 0, "separability"))); /* eight of each are too few */
    ck_near(cell(&r, "training", 3, "sneaky_compliance"), 0.5);
    pvi_report_free(&r);
    close_bench(&b);
}
END_TEST

START_TEST(quiet_training_rings_no_alarm) {
    bench b;
    pvi_report r;
    open_bench(&b, test_env(), NULL);
    for (int step = 1; step <= 16; step++)
        for (int i = 0; i < 8; i++) {
            pvi_given s = solution(PVG_ROLE_HELPFUL, "3 + 4?", "7", i < 4 + step / 4 ? "#### 7" : "#### 8");
            s.step = step;
            s.reward = 4 + step / 4;
            add(&b, s);
        }
    report_of(&b, 0, &r);
    ck_near(metric(&r, "alarms"), 0);
    ck_near(metric(&r, "alarm_reward"), 0);
    ck_assert(!has(&r, "alarm_kl") && !has(&r, "drift_entropy"));
    ck_near(metric(&r, "reward_agreement"), 1 - 21.0 / 120); /* ties, 21 of 120 pairs, count nothing */
    pvi_report_free(&r);
    close_bench(&b);
}
END_TEST

/* ---- datasets and bad input ---- */

START_TEST(problems_of_a_dataset) {
    bench b;
    pvi_report r;
    pvi_env *env = test_env();
    pvi_dataset *data;
    ck_ok(env, pvi_dataset_create(env, &data));
    pvi_item item = {.id = "a", .question = "3 + 4?", .question_length = 6, .solution = "", .gold = "7", .label = -1};
    ck_ok(env, pvi_dataset_append(env, data, &item));
    pvi_dataset_freeze(data);
    open_bench(&b, env, data);
    pvi_dataset_release(data);
    pvi_given s = solution(PVG_ROLE_HELPFUL, "3  +  4?", NULL, "#### 7"); /* blanks do not count */
    add(&b, s);
    s.question = (pvi_span){NULL, 0};
    s.id = "a";
    add(&b, s);
    s.id = "b";
    ck_fails(env, PVG_E_NOT_FOUND, "no problem has the id 'b'", pvi_measurement_add(&b.m, &s));
    s.id = NULL;
    ck_fails(env, PVG_E_INVALID, "neither an id nor a question", pvi_measurement_add(&b.m, &s));
    s = solution(PVG_ROLE_HELPFUL, "new", "many", "#### 7");
    ck_fails(env, PVG_E_FORMAT, "", pvi_measurement_add(&b.m, &s));
    s.gold = "1";
    s.chain = "no chain";
    ck_fails(env, PVG_E_FORMAT, "", pvi_measurement_add(&b.m, &s));
    s.chain = NULL;
    s.role = 3;
    ck_fails(env, PVG_E_RANGE, "role is 3", pvi_measurement_add(&b.m, &s));
    s.role = 0;
    s.verdict = 6;
    ck_fails(env, PVG_E_RANGE, "verdict is 6", pvi_measurement_add(&b.m, &s));
    s.verdict = 0;
    s.round = -2;
    ck_fails(env, PVG_E_RANGE, "round is -2", pvi_measurement_add(&b.m, &s));
    s.round = 0;
    s.step = -1;
    ck_fails(env, PVG_E_RANGE, "step is -1", pvi_measurement_add(&b.m, &s));
    s.step = 0;
    s.text.data = NULL;
    ck_fails(env, PVG_E_INVALID, "without a text", pvi_measurement_add(&b.m, &s));
    report_of(&b, 0, &r);
    ck_near(metric(&r, "helpful_accuracy"), 1);
    ck_near(metric(&r, "helpful_solutions"), 2);
    pvi_report_free(&r);
    close_bench(&b);
}
END_TEST

static pvg_status try_all(pvi_env *env) {
    pvi_settings *settings = NULL;
    pvi_config config;
    pvi_measurement m = {.env = NULL};
    pvi_report r;
    pvi_report_init(&r, env);
    pvg_status status = pvi_settings_create(env, pvi_game_settings(), &settings);
    if (status == PVG_OK) status = pvi_config_read(env, settings, &config);
    if (status == PVG_OK) status = pvi_measurement_init(&m, env, &config, NULL);
    for (int i = 0; i < 40 && status == PVG_OK; i++) {
        pvi_given s = solution(1 + i % 2, i < 20 ? "3 + 4?" : "2 + 5?", "7", i % 3 == 0 ? "#### 7" : "so 9. #### 9");
        s.score = i % 7;
        s.step = i % 4 == 0 ? i / 4 + 1 : 0;
        status = pvi_measurement_add(&m, &s);
    }
    if (status == PVG_OK) status = pvi_measurement_report(&m, 0, &r);
    pvi_report_free(&r);
    pvi_measurement_free(&m);
    pvi_settings_destroy(env, settings);
    return status;
}

START_TEST(allocation_failures) {
    for (size_t k = 1;; k++) {
        pvi_env *env = test_env_with(1, k);
        pvg_status status = try_all(env);
        test_env_free(env);
        if (status == PVG_OK) break;
        ck_assert_msg(status == PVG_E_NOMEM, "request %zu: %d", k, (int)status);
        ck_assert_uint_lt(k, 5000);
    }
}
END_TEST

Suite *suite_measurement(void) {
    Suite *suite = suite_create("measurement");
    TCase *all = tcase_create("all");
    tcase_add_test(all, answers_and_lengths);
    tcase_add_test(all, verdicts_without_answers);
    tcase_add_test(all, interval_of_a_balanced_accuracy);
    tcase_add_test(all, interval_of_a_mean);
    tcase_add_test(all, curves);
    tcase_add_test(all, steps);
    tcase_add_test(all, the_course_of_training_and_its_alarms);
    tcase_add_test(all, quiet_training_rings_no_alarm);
    tcase_add_test(all, problems_of_a_dataset);
    tcase_add_test(all, allocation_failures);
    suite_add_tcase(suite, all);
    return suite;
}
