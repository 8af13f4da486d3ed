/* test_experiment.c - numbers of many runs put together, and what the claims say of made-up ones. */
#include <jansson.h>
#include <math.h>
#include <string.h>

#include "game/claims.h"
#include "game/stats.h"
#include "support.h"

static pvi_experiment begin(pvi_env *env) {
    pvi_experiment x;
    ck_ok(env, pvi_experiment_init(&x, env, 0.9));
    return x;
}

/* Seeds 1, 2, 3 with middle - spread, middle, middle + spread. */
static void add(pvi_experiment *x, const char *arm, int32_t round, const char *metric, double middle, double spread) {
    for (uint64_t seed = 1; seed <= 3; seed++)
        ck_ok(x->env, pvi_experiment_add(x, arm, seed, round, metric, middle + spread * ((double)seed - 2), false));
}

static size_t claim_named(const char *id) {
    size_t count;
    const pvi_claim *claim = pvi_claims(&count);
    for (size_t i = 0; i < count; i++)
        if (strcmp(claim[i].id, id) == 0) return i;
    ck_abort_msg("there is no claim %s", id);
    return 0;
}

/* The claim's finding is this one, and the words of what was measured contain `part`. */
static void finds(pvi_experiment *x, const char *id, pvg_finding wanted, const char *part) {
    pvi_judgement j;
    ck_ok(x->env, pvi_claim_judge(x, claim_named(id), &j));
    ck_assert_msg(j.finding == wanted, "%s: %s, wanted %s: %s", id, pvi_finding_name(j.finding),
                  pvi_finding_name(wanted), j.measured.data);
    ck_assert_msg(strstr(j.measured.data, part) != NULL, "%s: '%s' lacks '%s'", id, j.measured.data, part);
    pvi_judgement_free(&j);
}

static void end(pvi_experiment *x) {
    pvi_env *env = x->env;
    pvi_experiment_free(x);
    test_env_free(env);
}

START_TEST(a_summary_is_over_seeds) {
    pvi_experiment x = begin(test_env());
    ck_ok(x.env, pvi_experiment_arm(&x, "other", "game", NAN));
    ck_ok(x.env, pvi_experiment_arm(&x, "main", "game", NAN));
    add(&x, "main", 1, "m", 10, 2);
    add(&x, "main", 0, "m", 1, 0);
    add(&x, "other", 1, "m", 3, 1);
    ck_ok(x.env, pvi_experiment_add(&x, "main", 2, 1, "m", 10, true)); /* again: counts as added last */
    ck_ok(x.env, pvi_experiment_add(&x, "main", 4, 1, "m", NAN, false));
    pvi_cell cell = pvi_experiment_cell(&x, 1, "m", 1);
    ck_assert_uint_eq(cell.count, 3);
    pvi_summary s = pvi_experiment_summary(&x, cell);
    ck_assert_int_eq(s.seeds, 3);
    ck_assert_int_eq(s.bounds, 1);
    ck_assert_double_eq_tol(s.mean, 10, 1e-12);
    ck_assert_double_eq_tol(s.deviation, 2, 1e-12);
    ck_assert_double_eq_tol(s.high - s.mean, 2.919985580353726 * 2 / sqrt(3), 1e-9);
    ck_assert_double_eq_tol(s.mean - s.low, s.high - s.mean, 1e-12);
    ck_assert_double_eq(s.least, 8);
    ck_assert_double_eq(s.most, 12);
    ck_assert_int_eq(pvi_experiment_end_round(&x, 1, "m", false), 0);
    ck_assert_int_eq(pvi_experiment_end_round(&x, 1, "m", true), 1);
    ck_assert_int_eq(pvi_experiment_end_round(&x, 0, "m", false), 1);
    ck_assert_int_eq(pvi_experiment_end_round(&x, 0, "none", false), -1);
    ck_assert_uint_eq(pvi_experiment_cell(&x, 1, "m", 2).count, 0);
    ck_assert_uint_eq(pvi_experiment_cell(&x, 2, "m", 1).count, 0);
    end(&x);
}
END_TEST

START_TEST(what_cannot_be_added) {
    pvi_experiment x = begin(test_env());
    pvi_experiment bad;
    ck_fails(x.env, PVG_E_RANGE, "0.5 to 0.999", pvi_experiment_init(&bad, x.env, 1));
    ck_ok(x.env, pvi_experiment_arm(&x, "main", "game", NAN));
    ck_fails(x.env, PVG_E_INVALID, "two arms 'main'", pvi_experiment_arm(&x, "main", "cgc", NAN));
    ck_fails(x.env, PVG_E_INVALID, "empty", pvi_experiment_arm(&x, "", "cgc", NAN));
    ck_fails(x.env, PVG_E_NOT_FOUND, "no arm 'mian'", pvi_experiment_add(&x, "mian", 1, 0, "m", 1, false));
    ck_fails(x.env, PVG_E_NUMERIC, "m of arm 'main' is infinite in round 0",
             pvi_experiment_add(&x, "main", 1, 0, "m", INFINITY, false));
    ck_fails(x.env, PVG_E_RANGE, "round -2", pvi_experiment_add(&x, "main", 1, -2, "m", 1, false));
    for (uint64_t seed = 0; seed < PVI_SEEDS; seed++)
        ck_ok(x.env, pvi_experiment_add(&x, "main", seed, 0, "m", 1, false));
    ck_fails(x.env, PVG_E_RANGE, "one too many", pvi_experiment_add(&x, "main", PVI_SEEDS, 0, "m", 1, false));
    end(&x);
}
END_TEST

#define STEPS "attack_src_steps_to_exploit"

START_TEST(twice_as_long) {
    static const struct {
        double first, last, spread;
        pvg_finding finding;
    } cases[] = {{100, 300, 10, PVG_FINDING_REPRODUCED},
                 {100, 150, 5, PVG_FINDING_NOT_REPRODUCED},  /* longer, but not twice */
                 {100, 300, 90, PVG_FINDING_NOT_REPRODUCED}, /* intervals touch */
                 {300, 100, 5, PVG_FINDING_DIFFERENT}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        pvi_experiment x = begin(test_env());
        ck_ok(x.env, pvi_experiment_arm(&x, "main", "game", NAN));
        add(&x, "main", 0, STEPS, cases[i].first, cases[i].spread);
        add(&x, "main", 1, STEPS, 1, 0); /* rounds between do not matter */
        add(&x, "main", 3, STEPS, cases[i].last, cases[i].spread);
        finds(&x, "a", cases[i].finding, "last round against first");
        finds(&x, "a-cgc", PVG_FINDING_NOT_MEASURED, "not measured under two seeds");
        end(&x);
    }
}
END_TEST

START_TEST(steps_that_reached_the_cap) {
    pvi_experiment x = begin(test_env());
    ck_ok(x.env, pvi_experiment_arm(&x, "main", "game", NAN));
    add(&x, "main", 0, STEPS, 20, 1);
    for (uint64_t seed = 1; seed <= 3; seed++) ck_ok(x.env, pvi_experiment_add(&x, "main", seed, 2, STEPS, 200, true));
    finds(&x, "a", PVG_FINDING_REPRODUCED, "at least 200 (200 to 200) against 20 (18.3 to 21.7), times at least 10");
    /* When the first verifier held, too, nothing can be said of twice. */
    ck_ok(x.env, pvi_experiment_add(&x, "main", 2, 0, STEPS, 200, true));
    finds(&x, "a", PVG_FINDING_DIFFERENT, "at its cap already");
    end(&x);
}
END_TEST

START_TEST(one_seed_or_one_round_shows_nothing) {
    pvi_experiment x = begin(test_env());
    ck_ok(x.env, pvi_experiment_arm(&x, "main", "game", NAN));
    ck_ok(x.env, pvi_experiment_add(&x, "main", 1, 0, STEPS, 10, false));
    ck_ok(x.env, pvi_experiment_add(&x, "main", 1, 1, STEPS, 90, false));
    finds(&x, "a", PVG_FINDING_NOT_MEASURED, "not measured");
    add(&x, "main", 0, "helpful_accuracy", 0.5, 0.01);
    finds(&x, "accuracy", PVG_FINDING_NOT_MEASURED, "not measured");
    end(&x);
}
END_TEST

/* Measures of legibility that do not change. */
static void add_same(pvi_experiment *x, const char *arm, int32_t last) {
    static const char *const base[] = {"base_shown", "base_reader_4", "base_judge_auc"};
    static const char *const end[] = {"helpful_shown", "helpful_reader_4", "helpful_judge_auc"};
    for (int m = 0; m < 3; m++) {
        add(x, arm, -1, base[m], 0.7, 0.01);
        add(x, arm, last, end[m], 0.7, 0.01);
    }
}

/* Claim c: accuracy must rise, and two measures of legibility must fall. */
START_TEST(at_least_two_measures) {
    static const struct {
        double accuracy, shown, valid;
        pvg_finding finding;
    } cases[] = {{0.9, 0.1, 0.5, PVG_FINDING_REPRODUCED},
                 {0.9, 0.9, 0.95, PVG_FINDING_DIFFERENT},     /* more legible instead */
                 {0.9, 0.1, 0.8, PVG_FINDING_NOT_REPRODUCED}, /* only one falls, the other stays */
                 {0.3, 0.1, 0.5, PVG_FINDING_DIFFERENT}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        pvi_experiment x = begin(test_env());
        ck_ok(x.env, pvi_experiment_arm(&x, "c", "correctness", NAN));
        add(&x, "c", -1, "base_accuracy", 0.6, 0.01);
        add(&x, "c", -1, "base_fully_shown", 0.6, 0.01);
        add(&x, "c", -1, "base_valid", 0.8, 0.01);
        finds(&x, "c", PVG_FINDING_NOT_MEASURED, "not measured");
        add_same(&x, "c", 0);
        add(&x, "c", 0, "helpful_accuracy", cases[i].accuracy, 0.01);
        add(&x, "c", 0, "helpful_fully_shown", cases[i].shown, 0.01);
        add(&x, "c", 0, "helpful_valid", cases[i].valid, 0.01);
        finds(&x, "c", cases[i].finding, "accuracy, at the end against base: ");
        end(&x);
    }
}
END_TEST

START_TEST(half_of_the_gain) {
    static const struct {
        double helpful;
        pvg_finding finding;
    } cases[] = {{0.8, PVG_FINDING_REPRODUCED}, {0.62, PVG_FINDING_NOT_REPRODUCED}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        pvi_experiment x = begin(test_env());
        ck_ok(x.env, pvi_experiment_arm(&x, "g", "game", NAN));
        ck_ok(x.env, pvi_experiment_arm(&x, "c", "correctness", NAN));
        static const char *const base[] = {"base_fully_shown", "base_valid"}, *const last[] = {"helpful_fully_shown",
                                                                                               "helpful_valid"};
        for (int m = 0; m < 2; m++) {
            add(&x, "g", -1, base[m], 0.7, 0.01);
            add(&x, "g", 2, last[m], 0.75, 0.1);
        }
        add_same(&x, "g", 2);
        add(&x, "g", -1, "base_accuracy", 0.6, 0.01);
        add(&x, "g", 2, "helpful_accuracy", cases[i].helpful, 0.01);
        add(&x, "c", 0, "helpful_accuracy", 0.9, 0.01);
        finds(&x, "d", cases[i].finding, cases[i].finding == PVG_FINDING_REPRODUCED ? "share 0.66" : "share 0.06");
        end(&x);
    }
}
END_TEST

START_TEST(a_size_between_gains_most) {
    static const struct {
        double smallest, middle, largest;
        pvg_finding finding;
    } cases[] = {{100, 800, 100, PVG_FINDING_REPRODUCED},
                 {100, 150, 800, PVG_FINDING_DIFFERENT},
                 {100, 110, 105, PVG_FINDING_NOT_REPRODUCED}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        pvi_experiment x = begin(test_env());
        ck_ok(x.env, pvi_experiment_arm(&x, "one", "size", 1));
        ck_ok(x.env, pvi_experiment_arm(&x, "tenth", "size", 0.1));
        finds(&x, "f", PVG_FINDING_NOT_MEASURED, "");
        ck_ok(x.env, pvi_experiment_arm(&x, "half", "size", 0.5));
        const struct {
            const char *arm;
            double last;
        } arm[] = {{"tenth", cases[i].smallest}, {"half", cases[i].middle}, {"one", cases[i].largest}};
        for (int a = 0; a < 3; a++) {
            add(&x, arm[a].arm, 0, "attack_first_steps_to_exploit", 50, 0);
            add(&x, arm[a].arm, 2, "attack_first_steps_to_exploit", arm[a].last, 10);
        }
        finds(&x, "f", cases[i].finding, "best between");
        end(&x);
    }
}
END_TEST

START_TEST(checking_wants_a_mark_and_a_rise) {
    static const struct {
        double first, last;
        pvg_finding finding;
    } cases[] = {{0.5, 0.95, PVG_FINDING_REPRODUCED},
                 {0.5, 0.7, PVG_FINDING_NOT_REPRODUCED},
                 {0.95, 0.95, PVG_FINDING_NOT_REPRODUCED}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        pvi_experiment x = begin(test_env());
        ck_ok(x.env, pvi_experiment_arm(&x, "g", "game", NAN));
        add(&x, "g", 0, "control_auc_result", cases[i].first, 0.01);
        add(&x, "g", 3, "control_auc_result", cases[i].last, 0.01);
        finds(&x, "g-result", cases[i].finding, "AUC on one wrong result, last round: ");
        end(&x);
    }
}
END_TEST

/* n up to 8 in the last round, up to 16 in the first: 8 counts, and 16 as a text is not larger than 8. */
START_TEST(the_largest_number_that_both_have) {
    pvi_experiment x = begin(test_env());
    ck_ok(x.env, pvi_experiment_arm(&x, "g", "game", NAN));
    finds(&x, "b", PVG_FINDING_NOT_MEASURED, "balanced best-of-n, last round against first: not measured");
    static const char *const name[] = {"helpful_balanced_best_of_2", "helpful_balanced_best_of_16",
                                       "helpful_balanced_best_of_8", "helpful_balanced_best_of_8_low",
                                       "helpful_balanced_best_of_"};
    for (int m = 0; m < 5; m++) {
        add(&x, "g", 0, name[m], 0.5, 0.01);
        if (m != 1) add(&x, "g", 2, name[m], m == 2 ? 0.9 : 0.1, 0.01);
    }
    finds(&x, "b", PVG_FINDING_REPRODUCED, "balanced best-of-n, last round against first, n = 8: 0.9 (0.883 to 0.917) against 0.5");
    end(&x);
}
END_TEST

static pvg_status fill_and_write(pvi_env *env, pvi_text *out) {
    pvi_experiment x;
    pvg_status status = pvi_experiment_init(&x, env, 0.9);
    if (status != PVG_OK) return status;
    status = pvi_experiment_arm(&x, "main \"1\"", "game", 0.25);
    for (uint64_t seed = 1; seed <= 2 && status == PVG_OK; seed++)
        for (int32_t round = -1; round < 2 && status == PVG_OK; round++) {
            const char *accuracy = round < 0 ? "base_accuracy" : "helpful_accuracy",
                       *valid = round < 0 ? "base_valid" : "helpful_valid";
            status = pvi_experiment_add(&x, "main \"1\"", seed, round, accuracy,
                                        0.5 + 0.1 * round + 0.01 * (double)seed, false);
            if (status == PVG_OK) status = pvi_experiment_add(&x, "main \"1\"", seed, round, valid, 0.75, round == 1);
        }
    if (status == PVG_OK) status = pvi_experiment_write_json(&x, out);
    pvi_experiment_free(&x);
    return status;
}

START_TEST(all_of_it_as_json) {
    pvi_env *env = test_env();
    pvi_text out;
    pvi_text_init(&out, env);
    ck_ok(env, fill_and_write(env, &out));
    json_error_t error;
    json_t *root = json_loadb(out.data, out.length, JSON_REJECT_DUPLICATES, &error);
    ck_assert_msg(root != NULL, "%s: %s", error.text, out.data);
    ck_assert_double_eq(json_number_value(json_object_get(root, "level")), 0.9);
    const json_t *arm = json_array_get(json_object_get(root, "arms"), 0);
    ck_assert_str_eq(json_string_value(json_object_get(arm, "name")), "main \"1\"");
    const json_t *metrics = json_object_get(json_object_get(root, "metrics"), "main \"1\"");
    ck_assert_uint_eq(json_object_size(metrics), 4);
    const json_t *valid = json_array_get(json_object_get(metrics, "helpful_valid"), 1);
    ck_assert_int_eq(json_integer_value(json_object_get(valid, "round")), 1);
    ck_assert_int_eq(json_integer_value(json_object_get(valid, "at_least")), 2);
    ck_assert_double_eq(json_number_value(json_object_get(json_object_get(valid, "values"), "2")), 0.75);
    ck_assert_uint_eq(json_array_size(json_object_get(root, "claims")), pvi_claim_count());
    const json_t *plane = json_object_get(root, "plane");
    ck_assert_uint_eq(json_array_size(plane), 3);
    const json_t *base = json_array_get(plane, 0);
    ck_assert_int_eq(json_integer_value(json_object_get(base, "round")), -1);
    const json_t *legibility = json_object_get(json_object_get(base, "legibility"), "valid");
    ck_assert_double_eq(json_number_value(json_object_get(legibility, "mean")), 0.75);
    json_decref(root);
    pvi_text_free(&out);
    test_env_free(env);
}
END_TEST

START_TEST(nothing_at_all_is_json_too) {
    pvi_experiment x = begin(test_env());
    pvi_text out;
    pvi_text_init(&out, x.env);
    ck_ok(x.env, pvi_experiment_write_json(&x, &out));
    json_t *root = json_loadb(out.data, out.length, JSON_REJECT_DUPLICATES, NULL);
    ck_assert_ptr_nonnull(root);
    json_decref(root);
    pvi_text_free(&out);
    end(&x);
}
END_TEST

START_TEST(every_allocation_may_fail) {
    for (size_t k = 1;; k++) {
        pvi_env *env = test_env_with(1, k);
        pvi_text out;
        pvi_text_init(&out, env);
        pvg_status status = fill_and_write(env, &out);
        pvi_text_free(&out);
        test_env_free(env);
        if (status == PVG_OK) break;
        ck_assert_int_eq(status, PVG_E_NOMEM);
        ck_assert_uint_lt(k, 2000);
    }
}
END_TEST

START_TEST(every_claim_is_written_whole) {
    size_t count;
    const pvi_claim *claim = pvi_claims(&count);
    for (size_t i = 0; i < count; i++) {
        ck_assert(claim[i].figure[0] != '\0' && claim[i].title[0] != '\0' && claim[i].paper[0] != '\0' &&
                  claim[i].rule[0] != '\0');
        ck_assert_ptr_nonnull(claim[i].check[0].what);
        ck_assert_uint_eq(claim_named(claim[i].id), i);
        int32_t optional = 0;
        for (size_t c = 0; c < PVI_CHECKS && claim[i].check[c].what != NULL; c++)
            optional += claim[i].check[c].optional;
        ck_assert_int_le(claim[i].needed, optional);
    }
}
END_TEST

Suite *suite_experiment(void);
Suite *suite_experiment(void) {
    Suite *suite = suite_create("experiment");
    TCase *numbers = tcase_create("numbers"), *claims = tcase_create("claims");
    tcase_add_test(numbers, a_summary_is_over_seeds);
    tcase_add_test(numbers, what_cannot_be_added);
    tcase_add_test(numbers, all_of_it_as_json);
    tcase_add_test(numbers, nothing_at_all_is_json_too);
    tcase_add_test(numbers, every_allocation_may_fail);
    tcase_add_test(claims, twice_as_long);
    tcase_add_test(claims, steps_that_reached_the_cap);
    tcase_add_test(claims, one_seed_or_one_round_shows_nothing);
    tcase_add_test(claims, at_least_two_measures);
    tcase_add_test(claims, half_of_the_gain);
    tcase_add_test(claims, a_size_between_gains_most);
    tcase_add_test(claims, checking_wants_a_mark_and_a_rise);
    tcase_add_test(claims, the_largest_number_that_both_have);
    tcase_add_test(claims, every_claim_is_written_whole);
    suite_add_tcase(suite, numbers);
    suite_add_tcase(suite, claims);
    return suite;
}
