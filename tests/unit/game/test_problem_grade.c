/* test_problem_grade.c - the grader reads what the built-in problems write, and agrees with the oracle. */
#include <string.h>

#include "game/grade.h"
#include "game/oracle.h"
#include "support.h"

static void same_verdict(pvi_env *env, const pvi_problem *p, const pvi_text *solution, bool right) {
    char gold[16];
    pvi_grade grade;
    pvi_oracle_result r;
    int length = pvi_text_format(gold, sizeof gold, "%d", pvi_problem_answer(p));
    ck_ok(env, pvi_grade_solution(env, &(pvi_grade_options){.flexible = false}, gold, (size_t)length, solution->data,
                                  solution->length, &grade));
    pvi_oracle_check(p, solution->data, solution->length, &r);
    ck_assert_msg(grade.verdict == (right ? PVG_VERDICT_CORRECT : PVG_VERDICT_WRONG), "%s: %s", solution->data,
                  pvi_verdict_name(grade.verdict));
    ck_assert_int_eq(r.right, right);
}

START_TEST(grader_and_oracle_agree) {
    pvi_env *env = test_env();
    pvi_text text;
    pvi_text_init(&text, env);
    pvi_problem_options o = {.seed = 5, .min_steps = 1, .max_steps = 6, .largest = 200, .largest_operand = 30,
                             .largest_factor = 9, .division = true, .distractors = 1};
    for (uint64_t n = 0; n < 800; n++) {
        pvg_rendering rendering = n % 2 ? PVG_RENDERING_ENGLISH : PVG_RENDERING_COMPACT;
        pvi_problem p;
        pvi_problem_make(&o, n, &p);
        pvi_rng rng = pvi_rng_stream(4, "style", n, 0);
        pvi_text_clear(&text);
        pvi_problem_solution(&p, rendering, &(pvi_solution_style){0.3, 0.4, 0.4}, &rng, &text);
        same_verdict(env, &p, &text, true);
        for (pvg_injection kind = PVG_INJECT_NONE; kind <= PVG_INJECT_ANSWER; kind++) {
            bool changed;
            pvi_text_clear(&text);
            if (pvi_problem_inject(env, &p, rendering, kind, o.largest, n, &text, &changed) == PVG_OK)
                same_verdict(env, &p, &text, !changed);
        }
    }
    pvi_text_free(&text);
    test_env_free(env);
}
END_TEST

Suite *suite_problem_grade(void);
Suite *suite_problem_grade(void) {
    Suite *suite = suite_create("problem_grade");
    TCase *tests = tcase_create("problem_grade");
    tcase_set_timeout(tests, 60);
    tcase_add_test(tests, grader_and_oracle_agree);
    suite_add_tcase(suite, tests);
    return suite;
}
