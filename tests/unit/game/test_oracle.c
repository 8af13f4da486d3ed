/* test_oracle.c - what the oracle says of right solutions, of solutions with one stated error, and of any text. */
#include <stdlib.h>
#include <string.h>

#include "game/oracle.h"
#include "support.h"

static const pvi_problem_options OPTIONS[] = {
    {.seed = 7, .min_steps = 2, .max_steps = 4, .largest = 29, .largest_operand = 6, .largest_factor = 3, .distractors = 1},
    {.seed = 8, .min_steps = 1, .max_steps = 8, .largest = 200, .largest_operand = 30, .largest_factor = 9, .division = true,
     .distractors = 3},
};
static const pvi_solution_style STYLES[] = {{0.4, 0.4, 0.5}, {1, 0, 0}, {0, 0, 1}, {0, 0, 0}, {0, 0.3, 0.3}};
static const pvg_rendering RENDERINGS[] = {PVG_RENDERING_COMPACT, PVG_RENDERING_ENGLISH};

static int32_t occurrences(const char *text, const char *part) {
    int32_t count = 0;
    for (const char *at = text; (at = strstr(at, part)) != NULL; at += strlen(part)) count++;
    return count;
}

static pvi_oracle_result check(const pvi_problem *p, const char *solution) {
    pvi_oracle_result r;
    pvi_oracle_check(p, solution, strlen(solution), &r);
    return r;
}

START_TEST(reference_solutions_are_right) {
    pvi_env *env = test_env();
    pvi_text text;
    pvi_text_init(&text, env);
    for (uint64_t n = 0; n < 3000; n++) {
        pvi_problem p;
        pvi_problem_make(&OPTIONS[n % 2], n, &p);
        const pvi_solution_style *style = &STYLES[n % 5];
        pvi_rng rng = pvi_rng_stream(3, "style", n, 0);
        pvi_text_clear(&text);
        pvi_problem_solution(&p, RENDERINGS[n / 2 % 2], style, &rng, &text);
        pvi_oracle_result r = check(&p, text.data);
        ck_assert_msg(r.answered && r.right && !r.mismatch && r.first_error == -1, "%s", text.data);
        ck_assert_int_eq(r.answer, pvi_problem_answer(&p));
        ck_assert_int_eq(r.arithmetic_errors + r.grounding_errors, 0);
        ck_assert_int_eq(r.steps, p.steps);
        ck_assert_int_eq(r.full, occurrences(text.data, "= "));
        ck_assert_int_eq(r.full + r.bare, r.lines);
        ck_assert_int_eq(r.full + r.bare + r.omitted, p.steps);
        ck_assert_int_eq(r.valid, r.omitted == 0);
        ck_assert_int_eq(r.fully_shown, r.full == p.steps);
        if (style->all_full == 1) ck_assert(r.fully_shown);
        if (style->bare == 1) ck_assert_int_eq(r.bare, p.steps);
        if (style == &STYLES[3]) ck_assert_int_eq(r.omitted, p.steps);
    }
    pvi_text_free(&text);
    test_env_free(env);
}
END_TEST

static bool inject(pvi_env *env, const pvi_problem *p, pvg_rendering rendering, pvg_injection kind, int32_t limit,
                   uint64_t seed, pvi_text *out, bool *changed) {
    pvi_text_clear(out);
    pvg_status status = pvi_problem_inject(env, p, rendering, kind, limit, seed, out, changed);
    ck_assert(status == PVG_OK || status == PVG_E_NOT_FOUND);
    return status == PVG_OK;
}

static void within(const char *text, int64_t limit) {
    for (const char *at = text; *at != '\0'; at++) {
        if (*at < '0' || *at > '9') continue;
        char *end;
        ck_assert(strtoll(at, &end, 10) <= limit);
        at = end - 1;
    }
}

START_TEST(injected_errors_are_what_they_say) {
    pvi_env *env = test_env();
    pvi_text text, twin;
    pvi_text_init(&text, env);
    pvi_text_init(&twin, env);
    int found[5] = {0}, tries = 1500;
    for (uint64_t n = 0; n < (uint64_t)tries; n++) {
        const pvi_problem_options *o = &OPTIONS[n % 2];
        pvi_problem p;
        pvi_problem_make(o, n, &p);
        for (pvg_injection kind = PVG_INJECT_NONE; kind <= PVG_INJECT_ANSWER; kind++) {
            bool changed, again;
            pvg_rendering rendering = RENDERINGS[n / 2 % 2];
            if (!inject(env, &p, rendering, kind, o->largest, n, &text, &changed)) continue;
            ck_assert(inject(env, &p, rendering, kind, o->largest, n, &twin, &again));
            ck_assert_str_eq(text.data, twin.data);
            pvi_oracle_result r = check(&p, text.data);
            found[kind]++;
            within(text.data, o->largest);
            ck_assert(r.answered && r.right == !changed);
            ck_assert_int_eq(r.full, p.steps);
            ck_assert_int_eq(r.lines, p.steps);
            ck_assert_msg(r.valid == (kind == PVG_INJECT_NONE), "kind %d: %s", (int)kind, text.data);
            ck_assert_int_eq(r.arithmetic_errors, kind == PVG_INJECT_RESULT);
            ck_assert_int_eq(r.grounding_errors, kind == PVG_INJECT_OPERAND || kind == PVG_INJECT_DISTRACTOR);
            ck_assert_int_eq(r.mismatch, kind == PVG_INJECT_ANSWER);
            ck_assert_int_eq(r.first_error >= 0, kind != PVG_INJECT_NONE && kind != PVG_INJECT_ANSWER);
        }
    }
    ck_assert_int_eq(found[PVG_INJECT_NONE], tries);
    ck_assert_int_eq(found[PVG_INJECT_ANSWER], tries);
    ck_assert_int_gt(found[PVG_INJECT_RESULT], tries * 95 / 100);
    ck_assert_int_gt(found[PVG_INJECT_OPERAND], tries * 95 / 100);
    ck_assert_int_gt(found[PVG_INJECT_DISTRACTOR], tries * 75 / 100);
    pvi_text_free(&text);
    pvi_text_free(&twin);
    test_env_free(env);
}
END_TEST

static pvi_problem example(void) {
    return (pvi_problem){.start = 11, .steps = 3, .distractors = 1, .wording = 5,
                         .step = {{PVI_MULTIPLY, 2, 22}, {PVI_ADD, 3, 25}, {PVI_SUBTRACT, 2, 23}},
                         .distractor = {{PVI_MULTIPLY, 3, 2}}};
}

START_TEST(injections_spread) {
    pvi_env *env = test_env();
    pvi_problem p = example();
    pvi_text text;
    pvi_text_init(&text, env);
    int line[5][3] = {{0}};
    for (uint64_t seed = 0; seed < 300; seed++)
        for (pvg_injection kind = PVG_INJECT_RESULT; kind <= PVG_INJECT_OPERAND; kind++) {
            bool changed;
            ck_assert(inject(env, &p, PVG_RENDERING_COMPACT, kind, 60, seed, &text, &changed));
            ck_assert(changed);
            line[kind][check(&p, text.data).first_error]++;
        }
    for (int k = 0; k < 3; k++) ck_assert(line[PVG_INJECT_RESULT][k] > 60 && line[PVG_INJECT_OPERAND][k] > 60);
    pvi_text_free(&text);
    test_env_free(env);
}
END_TEST

START_TEST(injections_without_a_place) {
    pvi_env *env = test_env();
    pvi_problem p = example();
    pvi_text text;
    bool changed;
    pvi_text_init(&text, env);
    p.distractors = 0;
    ck_fails(env, PVG_E_NOT_FOUND, "no place", pvi_problem_inject(env, &p, PVG_RENDERING_COMPACT, PVG_INJECT_DISTRACTOR, 29, 1,
                                                                  &text, &changed));
    ck_fails(env, PVG_E_NOT_FOUND, "no place", pvi_problem_inject(env, &p, PVG_RENDERING_COMPACT, PVG_INJECT_RESULT, 5, 1,
                                                                  &text, &changed));
    ck_fails(env, PVG_E_INVALID, "injection 9", pvi_problem_inject(env, &p, PVG_RENDERING_COMPACT, 9, 29, 1, &text, &changed));
    ck_assert_int_eq((int)text.length, 0);
    test_env_free(env);
}
END_TEST

START_TEST(injection_survives_want_of_memory) {
    for (size_t fail_at = 1;; fail_at++) {
        pvi_env *env = test_env_with(1, fail_at);
        pvi_problem p = example();
        pvi_text text;
        bool changed;
        pvi_text_init(&text, env);
        pvg_status status = pvi_problem_inject(env, &p, PVG_RENDERING_ENGLISH, PVG_INJECT_RESULT, 29, 1, &text, &changed);
        pvi_text_free(&text);
        test_env_free(env);
        if (status == PVG_OK) {
            ck_assert_uint_gt(fail_at, 1);
            break;
        }
        ck_assert_int_eq(status, PVG_E_NOMEM);
    }
}
END_TEST

/* Verdicts on hand-written solutions of the example: 11 * 2 = 22, + 3 = 25, - 2 = 23. */
static const struct {
    const char *text;
    int full, bare, omitted, lines, arithmetic, grounding, mismatch, answered, right, first_error;
} WRITTEN[] = {
    {" 11 * 2 = 22 ; 22 + 3 = 25 ; 25 - 2 = 23 ; A: 23", 3, 0, 0, 3, 0, 0, 0, 1, 1, -1},
    {" 11 * 2 = 22 . 22 + 3 = 25 . 23 . A: 23", 2, 1, 0, 3, 0, 0, 0, 1, 1, -1},
    {" 11 * 2 = 22 . 22 + 3 = 25 . 25 - 2 = 23 . A: 24", 3, 0, 0, 3, 0, 0, 1, 1, 0, -1},
    {" 11 * 2 = 22 ; 22 + 3 = 25 ; 25 - 2 = 23 ;", 3, 0, 0, 3, 0, 0, 0, 0, 0, -1},
    {" 22 ; 22 + 3 = 25 ; A: 23", 1, 1, 1, 2, 0, 0, 0, 1, 1, -1},
    {" 25 - 2 = 23 ; A: 23", 1, 0, 2, 1, 0, 0, 0, 1, 1, -1},
    {" 22 ; 24 ; 22 ; A: 22", 0, 3, 0, 3, 0, 1, 0, 1, 0, 1},
    {" A: 23", 0, 0, 3, 0, 0, 0, 0, 1, 1, -1},
    {" A: 24", 0, 0, 3, 0, 0, 0, 1, 1, 0, -1},
    {"", 0, 0, 3, 0, 0, 0, 0, 0, 0, -1},
    {" 11 * 2 = 22 ; 22 + 3 = 25 ; 25 - 2 = 23 ; A: 22", 3, 0, 0, 3, 0, 0, 1, 1, 0, -1},
    {" 11 * 2 = 23 ; 23 + 3 = 26 ; 26 - 2 = 24 ; A: 24", 3, 0, 0, 3, 1, 0, 0, 1, 0, 0},
    {" 11 * 2 = 22 ; 21 + 3 = 24 ; 24 - 2 = 22 ; A: 22", 3, 0, 0, 3, 0, 1, 0, 1, 0, 1},
    {" 11 * 2 = 22 ; 22 + 4 = 26 ; 26 - 2 = 24 ; A: 24", 3, 0, 0, 3, 0, 1, 0, 1, 0, 1},
    {" 11 * 2 = 22 ; 22 * 3 = 66 ; 66 - 2 = 64 ; A: 64", 3, 0, 0, 3, 0, 1, 0, 1, 0, 1},
    {" 11 * 2 = 22 ; 22 * 3 = 66 ; 66 + 3 = 69 ; 69 - 2 = 67 ; A: 67", 3, 0, 0, 4, 0, 1, 0, 1, 0, 1},
    {" 12 * 2 = 25 ; 25 + 3 = 28 ; 28 - 2 = 26 ; A: 26", 3, 0, 0, 3, 1, 1, 0, 1, 0, 0},
    {" 11 + 3 = 14 ; 14 * 2 = 28 ; 28 - 2 = 26 ; A: 26", 2, 0, 1, 3, 0, 2, 1, 1, 0, 0},
    {" 11 * 2 = 22 22 + 3 = 25 25 - 2 = 23 A: 23", 3, 0, 0, 3, 0, 0, 0, 1, 1, -1},
    {" 11 * 2 = 22 24 ; 24 - 2 = 22 ; A: 22", 2, 1, 0, 3, 0, 1, 0, 1, 0, 1},
    {" 11 * 2 ; 22 + 3 = 25 ; 25 - 2 = 23 ; A: 23", 2, 1, 0, 3, 1, 0, 0, 1, 1, 0},
    {" 11 * 2 = ; 22 + 3 = 25 ; 23 ; A: 23", 1, 2, 0, 3, 1, 0, 0, 1, 1, 0},
    {"11 * 2 = 22 + 3 = 25 - 2 = 23\nA: 23", 3, 0, 0, 3, 0, 0, 0, 1, 1, -1},
    {"11 * 2 = 20 + 2 = 22. 25 = 22 + 3. So 22 + 3 - 2 = 23.\n#### 23", 2, 1, 0, 3, 0, 0, 0, 1, 1, -1},
    {"11 * 2 = 22 = 24. 24 + 3 = 27; 27 - 2 = 25. A: 25", 3, 0, 0, 4, 1, 1, 0, 1, 0, 1},
    {"He has $11 \xc3\x97 2 = $22. Then 22 apples + 3 apples = 25 apples! It leaves 25 \xe2\x88\x92 2 = 23 apples. The answer is 23.",
     3, 0, 0, 3, 0, 0, 0, 1, 1, -1},
    {"11x2=22\n22+3=25\n25-2=23\n\\boxed{23}", 3, 0, 0, 3, 0, 0, 0, 1, 1, -1},
    {"11 * 2 = <<11*2=22>>22\n22 + 3 = <<22+3=25>>25\n25.00 - 2.0 = 23.0\n#### 23.0", 3, 0, 0, 3, 0, 0, 0, 1, 1, -1},
    {"11 * 2 = **22**. Tom has **25**. 25 - 2 = **23**. Answer: 23", 2, 1, 0, 3, 0, 0, 0, 1, 1, -1},
    {"A well-known sum: 11 * 2 = 22. A: 21. A: 23", 1, 0, 2, 1, 0, 0, 0, 1, 1, -1},
    {"A: 23. The answer is 24.", 0, 0, 3, 0, 0, 0, 0, 0, 0, -1},
    {"The answer is 24. A: 23", 0, 0, 3, 0, 0, 0, 0, 1, 1, -1},
    {"A: 23 or 24", 0, 0, 3, 0, 0, 0, 0, 0, 0, -1},
    {"A: 25 - 2 = 23", 0, 0, 3, 0, 0, 0, 0, 1, 1, -1},
    {"A: -23", 0, 0, 3, 0, 0, 0, 1, 1, 0, -1},
    {"A: 23.5", 0, 0, 3, 0, 0, 0, 1, 1, 0, -1},
    {"A: 99999999999999999999999999999999999999", 0, 0, 3, 0, 0, 0, 1, 1, 0, -1},
    {"99999999999999999999 * 99999999999999999999 = 9 ; A: 23", 1, 0, 2, 1, 1, 1, 1, 1, 1, 0},
    {"999999999999 * 999999999999 * 999999999999 = 22 ; A: 23", 0, 1, 2, 1, 1, 0, 0, 1, 1, 0},
    {"- = + ; = 22 = ; * * ; A:", 0, 1, 2, 1, 0, 0, 0, 0, 0, -1},
};

START_TEST(written_solutions) {
    pvi_problem p = example();
    for (size_t i = 0; i < sizeof WRITTEN / sizeof WRITTEN[0]; i++) {
        pvi_oracle_result r = check(&p, WRITTEN[i].text);
        int got[] = {r.full, r.bare, r.omitted, r.lines, r.arithmetic_errors, r.grounding_errors, r.mismatch, r.answered, r.right,
                     r.first_error};
        ck_assert_msg(memcmp(got, &WRITTEN[i].full, sizeof got) == 0, "'%s': %d %d %d, %d lines, %d %d, %d %d %d, %d",
                      WRITTEN[i].text, got[0], got[1], got[2], got[3], got[4], got[5], got[6], got[7], got[8], got[9]);
    }
}
END_TEST

START_TEST(zeros_inside_do_no_harm) {
    pvi_problem p = example();
    static const char text[] = "11 * 2 = 22 ; \0 22 + 3 = 25 ;\0 25 - 2 = 23 ; A: 23\0";
    pvi_oracle_result r;
    pvi_oracle_check(&p, text, sizeof text - 1, &r);
    ck_assert(r.fully_shown);
    pvi_oracle_check(&p, NULL, 0, &r);
    ck_assert(!r.answered && r.omitted == 3);
}
END_TEST

/* Any bytes get a verdict that adds up, and no byte beyond the text is read. */
START_TEST(garbage_gets_a_verdict) {
    static const char alphabet[] = "0123456789 0123 ++--**//==;;..,,$xA:#\n\\boxed{}answer is \xc3\x97\xe2\x88\x92\xff\x00";
    pvi_problem p = example();
    pvi_rng rng = pvi_rng_stream(5, "garbage", 0, 0);
    pvi_env *env = test_env();
    pvi_text text;
    for (int n = 0; n < 4000; n++) {
        uint64_t length = pvi_rng_below(&rng, 120);
        pvi_text_init(&text, env);
        pvi_text_append(&text, "", 0);
        for (uint64_t i = 0; i < length; i++) pvi_text_append(&text, &alphabet[pvi_rng_below(&rng, sizeof alphabet)], 1);
        char *exact = malloc(length > 0 ? length : 1);
        if (length > 0) memcpy(exact, text.data, length);
        pvi_oracle_result r;
        pvi_oracle_check(&p, exact, length, &r);
        free(exact);
        ck_assert_int_eq(r.full + r.bare + r.omitted, r.steps);
        ck_assert(r.full >= 0 && r.bare >= 0 && r.omitted >= 0);
        ck_assert((r.first_error >= 0) == (r.arithmetic_errors + r.grounding_errors > 0));
        ck_assert(r.first_error < r.lines && (!r.right || r.answered) && (!r.valid || r.right));
        pvi_text_free(&text);
    }
    test_env_free(env);
}
END_TEST

START_TEST(long_texts_take_linear_time) {
    pvi_env *env = test_env();
    pvi_problem p = example();
    pvi_text text;
    pvi_oracle_result r;
    pvi_text_init(&text, env);
    static const char *const parts[] = {"1 + ", "answer ", "22 = ", "9", "1,000,"};
    for (size_t k = 0; k < sizeof parts / sizeof parts[0]; k++) {
        pvi_text_clear(&text);
        for (int i = 0; i < 100000; i++) pvi_text_puts(&text, parts[k]);
        pvi_oracle_check(&p, text.data, text.length, &r);
        ck_assert(!r.valid);
    }
    pvi_text_free(&text);
    test_env_free(env);
}
END_TEST

Suite *suite_oracle(void);
Suite *suite_oracle(void) {
    Suite *suite = suite_create("oracle");
    TCase *tests = tcase_create("oracle");
    tcase_set_timeout(tests, 60);
    tcase_add_test(tests, reference_solutions_are_right);
    tcase_add_test(tests, injected_errors_are_what_they_say);
    tcase_add_test(tests, injections_spread);
    tcase_add_test(tests, injections_without_a_place);
    tcase_add_test(tests, injection_survives_want_of_memory);
    tcase_add_test(tests, written_solutions);
    tcase_add_test(tests, zeros_inside_do_no_harm);
    tcase_add_test(tests, garbage_gets_a_verdict);
    tcase_add_test(tests, long_texts_take_linear_time);
    suite_add_tcase(suite, tests);
    return suite;
}
