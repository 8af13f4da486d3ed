/* test_problem.c - bounds and distributions of problems, their compact texts, and the machine form. */
#include <string.h>

#include "game/oracle.h"
#include "support.h"

static const pvi_problem_options DEFAULTS = {.seed = 7, .min_steps = 2, .max_steps = 4, .largest = 29, .largest_operand = 6,
                                             .largest_factor = 3, .distractors = 1};

static const pvi_problem_options VARIED[] = {
    {.seed = 1, .min_steps = 1, .max_steps = 1, .largest = 5, .largest_operand = 2, .largest_factor = 2},
    {.seed = 2, .min_steps = 8, .max_steps = 8, .largest = 100, .largest_operand = 20, .largest_factor = 10, .division = true,
     .distractors = 3},
    {.seed = 3, .min_steps = 1, .max_steps = 8, .largest = 29, .largest_operand = 10000, .largest_factor = 100,
     .division = true, .distractors = 2},
    {.seed = 4, .min_steps = 3, .max_steps = 5, .largest = 100000, .largest_operand = 10000, .largest_factor = 100,
     .division = true, .distractors = 1},
};

static void check_bounds(const pvi_problem_options *o, const pvi_problem *p) {
    ck_assert(p->steps >= o->min_steps && p->steps <= o->max_steps);
    ck_assert(p->start >= 2 && p->start <= o->largest);
    int64_t value = p->start, next = -1;
    for (int32_t s = 0; s < p->steps; s++) {
        bool factor = p->step[s].operation >= PVI_MULTIPLY;
        ck_assert(p->step[s].operand >= 2);
        ck_assert(p->step[s].operand <= (factor ? o->largest_factor : o->largest_operand));
        ck_assert(o->division || p->step[s].operation != PVI_DIVIDE);
        ck_assert(!factor || value > 0);
        ck_assert(pvi_operation_apply(p->step[s].operation, value, p->step[s].operand, &next));
        ck_assert(next == p->step[s].value && next >= 0 && next <= o->largest);
        value = next;
    }
    ck_assert_int_eq(pvi_problem_answer(p), (int)value);
    ck_assert_int_eq(p->distractors, o->distractors);
    for (int32_t d = 0; d < p->distractors; d++) {
        ck_assert(p->distractor[d].operand >= 2 && p->distractor[d].operand <= o->largest);
        ck_assert(p->distractor[d].before >= 0 && p->distractor[d].before <= p->steps);
        ck_assert(d == 0 || p->distractor[d].before >= p->distractor[d - 1].before);
        ck_assert(o->division || p->distractor[d].operation != PVI_DIVIDE);
    }
}

START_TEST(problems_keep_their_bounds) {
    pvi_problem p;
    for (uint64_t n = 0; n < 2000; n++) {
        pvi_problem_make(&DEFAULTS, n, &p);
        check_bounds(&DEFAULTS, &p);
        for (size_t v = 0; v < sizeof VARIED / sizeof VARIED[0]; v++) {
            pvi_problem_make(&VARIED[v], n, &p);
            check_bounds(&VARIED[v], &p);
        }
    }
}
END_TEST

START_TEST(problems_depend_on_seed_and_number_alone) {
    pvi_problem a, b, c;
    pvi_problem_options other = DEFAULTS;
    other.seed++;
    int same = 0;
    for (uint64_t n = 0; n < 200; n++) {
        pvi_problem_make(&DEFAULTS, n, &a);
        pvi_problem_make(&DEFAULTS, 199 - n, &b);
        pvi_problem_make(&DEFAULTS, n, &b);
        ck_assert(memcmp(&a, &b, sizeof a) == 0);
        pvi_problem_make(&other, n, &c);
        same += a.wording == c.wording;
    }
    ck_assert_int_eq(same, 0);
}
END_TEST

START_TEST(steps_and_operations_are_drawn_evenly) {
    int steps[PVI_STEPS_MAX + 1] = {0}, first[4] = {0}, place[5] = {0}, total = 6000, two = 0;
    for (uint64_t n = 0; n < (uint64_t)total; n++) {
        pvi_problem p;
        pvi_problem_make(&DEFAULTS, n, &p);
        steps[p.steps]++;
        first[p.step[0].operation]++;
        if (p.steps == 4) place[p.distractor[0].before]++;
        two += p.start == 2;
    }
    for (int k = 2; k <= 4; k++) ck_assert_int_ge(steps[k], total * 28 / 100);
    ck_assert_int_eq(steps[2] + steps[3] + steps[4], total);
    for (int k = 0; k < 3; k++) ck_assert_int_ge(first[k], total / 5); /* products that are too large are drawn again */
    ck_assert_int_eq(first[3], 0);
    for (int k = 0; k < 5; k++) ck_assert_int_ge(place[k], steps[4] * 15 / 100);
    ck_assert(two > total / 30 && two < total / 14);
}
END_TEST

START_TEST(options_are_checked) {
    static const struct {
        pvi_problem_options options;
        const char *names;
    } bad[] = {
        {{.min_steps = 0, .max_steps = 4, .largest = 29, .largest_operand = 6, .largest_factor = 3}, "min_steps 0"},
        {{.min_steps = 1, .max_steps = 9, .largest = 29, .largest_operand = 6, .largest_factor = 3}, "max_steps 9"},
        {{.min_steps = 5, .max_steps = 4, .largest = 29, .largest_operand = 6, .largest_factor = 3}, "min_steps 5"},
        {{.min_steps = 1, .max_steps = 4, .largest = 4, .largest_operand = 6, .largest_factor = 3}, "largest 4"},
        {{.min_steps = 1, .max_steps = 4, .largest = 29, .largest_operand = 1, .largest_factor = 3}, "largest_operand 1"},
        {{.min_steps = 1, .max_steps = 4, .largest = 29, .largest_operand = 6, .largest_factor = 1}, "largest_factor 1"},
        {{.min_steps = 1, .max_steps = 4, .largest = 29, .largest_operand = 6, .largest_factor = 3, .distractors = 4},
         "distractors 4"},
    };
    pvi_env *env = test_env();
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        ck_fails(env, PVG_E_RANGE, bad[i].names, pvi_problem_check(env, &bad[i].options));
    ck_ok(env, pvi_problem_check(env, &DEFAULTS));
    for (size_t v = 0; v < sizeof VARIED / sizeof VARIED[0]; v++) ck_ok(env, pvi_problem_check(env, &VARIED[v]));
    test_env_free(env);
}
END_TEST

static pvi_problem example(void) {
    return (pvi_problem){.start = 11, .steps = 3, .distractors = 1, .wording = 5,
                         .step = {{PVI_MULTIPLY, 2, 22}, {PVI_ADD, 3, 25}, {PVI_SUBTRACT, 2, 23}},
                         .distractor = {{PVI_MULTIPLY, 2, 2}}};
}

START_TEST(compact_texts) {
    pvi_env *env = test_env();
    pvi_problem p = example();
    pvi_text text;
    pvi_rng rng = pvi_rng_stream(1, "test", 0, 0);
    pvi_text_init(&text, env);
    pvi_problem_question(&p, PVG_RENDERING_COMPACT, &text);
    ck_assert_str_eq(text.data, " A 11 A times 2 A more 3 B times 2 A less 2");
    pvi_text_clear(&text);
    pvi_problem_solution(&p, PVG_RENDERING_COMPACT, &(pvi_solution_style){1, 0, 0}, &rng, &text);
    ck_assert_str_eq(text.data, " 11 * 2 = 22 . 22 + 3 = 25 . 25 - 2 = 23 . A: 23");
    pvi_text_clear(&text);
    pvi_problem_solution(&p, PVG_RENDERING_COMPACT, &(pvi_solution_style){0, 0, 1}, &rng, &text);
    ck_assert_str_eq(text.data, " 22 . 25 . 23 . A: 23");
    pvi_text_clear(&text);
    pvi_problem_solution(&p, PVG_RENDERING_COMPACT, &(pvi_solution_style){0, 0, 0}, &rng, &text);
    ck_assert_str_eq(text.data, " A: 23");
    p.step[0] = (pvi_step){PVI_DIVIDE, 11, 1};
    pvi_text_clear(&text);
    pvi_problem_question(&p, PVG_RENDERING_COMPACT, &text);
    ck_assert_ptr_nonnull(strstr(text.data, " A 11 A over 11 "));
    pvi_text_free(&text);
    test_env_free(env);
}
END_TEST

START_TEST(chains_come_back) {
    pvi_env *env = test_env();
    pvi_text text, again;
    pvi_text_init(&text, env);
    pvi_text_init(&again, env);
    for (uint64_t n = 0; n < 400; n++) {
        const pvi_problem_options *o = n % 5 == 4 ? &DEFAULTS : &VARIED[n % 5];
        pvi_problem p, q;
        pvi_problem_make(o, n, &p);
        pvi_text_clear(&text);
        pvi_text_clear(&again);
        pvi_problem_write_chain(&p, &text);
        ck_ok(env, pvi_problem_read_chain(env, text.data, text.length, &q));
        ck_assert(memcmp(&p, &q, sizeof p) == 0);
        pvi_problem_write_chain(&q, &again);
        ck_assert_str_eq(text.data, again.data);
    }
    pvi_text_free(&text);
    pvi_text_free(&again);
    test_env_free(env);
}
END_TEST

START_TEST(damaged_chains_are_refused) {
    static const struct {
        const char *chain, *wanted;
    } bad[] = {
        {"", "'chain1 '"},
        {"chain2 11 *2=22 | | 5", "'chain1 '"},
        {"chain1 -11 *2=22 | | 5", "a start"},
        {"chain1 011 *2=22 | | 5", "a start"},
        {"chain1 11 | | 5", "at least one step"},
        {"chain1 11 *2=23 | | 5", "the value that the step gives"},
        {"chain1 11 *2=22 +3=24 | | 5", "the value that the step gives"},
        {"chain1 11 /2=5 | | 5", "the value that the step gives"},
        {"chain1 11 -12=0 | | 5", "the value that the step gives"},
        {"chain1 11 /0=0 | | 5", "an operand"},
        {"chain1 11 ^2=121 | | 5", "an operation"},
        {"chain1 11 *2 | | 5", "'='"},
        {"chain1 11  *2=22 | | 5", "an operation"},
        {"chain1 1 +1=2 +1=3 +1=4 +1=5 +1=6 +1=7 +1=8 +1=9 +1=10 | | 5", "no more than 8 steps"},
        {"chain1 11 *2=22 | *2 | 5", "'@'"},
        {"chain1 11 *2=22 | *2@2 | 5", "the step it stands before"},
        {"chain1 11 *2=22 | *2@1 *2@0 | 5", "the step it stands before"},
        {"chain1 11 *2=22 | *2@1 *2@1 *2@1 *2@1 | 5", "no more than 3 distractors"},
        {"chain1 11 *2=22 | |", "an operation"},
        {"chain1 11 *2=22 | | ", "the number of the wording"},
        {"chain1 11 *2=22 | | 4294967296", "the number of the wording"},
        {"chain1 11 *2=22 | | 5 ", "the end"},
        {"chain1 11 *2=99999999999999999999999999 | | 5", "a value"},
    };
    pvi_env *env = test_env();
    pvi_problem p = example();
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        ck_fails(env, PVG_E_FORMAT, bad[i].wanted, pvi_problem_read_chain(env, bad[i].chain, strlen(bad[i].chain), &p));
    ck_assert_int_eq(p.start, 11); /* untouched */
    const char *good = "chain1 11 *2=22 | *2@1 | 5";
    for (size_t length = 0; length < strlen(good); length++)
        ck_fails(env, PVG_E_FORMAT, "wanted", pvi_problem_read_chain(env, good, length, &p));
    ck_ok(env, pvi_problem_read_chain(env, good, strlen(good), &p));
    test_env_free(env);
}
END_TEST

START_TEST(operations) {
    int64_t value = 77;
    ck_assert(pvi_operation_apply(PVI_DIVIDE, 12, 4, &value) && value == 3);
    ck_assert(!pvi_operation_apply(PVI_DIVIDE, 12, 5, &value));
    ck_assert(!pvi_operation_apply(PVI_DIVIDE, 12, 0, &value));
    ck_assert(!pvi_operation_apply(PVI_DIVIDE, INT64_MIN, -1, &value));
    ck_assert(!pvi_operation_apply(PVI_MULTIPLY, INT64_MAX, 2, &value));
    ck_assert(!pvi_operation_apply(PVI_ADD, INT64_MAX, 1, &value));
    ck_assert(!pvi_operation_apply(PVI_SUBTRACT, INT64_MIN, 1, &value));
}
END_TEST

Suite *suite_problem(void);
Suite *suite_problem(void) {
    Suite *suite = suite_create("problem");
    TCase *tests = tcase_create("problem");
    tcase_set_timeout(tests, 60);
    tcase_add_test(tests, problems_keep_their_bounds);
    tcase_add_test(tests, problems_depend_on_seed_and_number_alone);
    tcase_add_test(tests, steps_and_operations_are_drawn_evenly);
    tcase_add_test(tests, options_are_checked);
    tcase_add_test(tests, compact_texts);
    tcase_add_test(tests, chains_come_back);
    tcase_add_test(tests, damaged_chains_are_refused);
    tcase_add_test(tests, operations);
    suite_add_tcase(suite, tests);
    return suite;
}
