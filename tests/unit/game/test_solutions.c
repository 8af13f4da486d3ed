/* test_solutions.c - the record of solutions keeps texts and tokens apart and can be cut back. */
#include <string.h>

#include "game/solutions.h"
#include "support.h"

static pvg_status add(pvi_solutions *all, uint32_t problem, const char *text, size_t tokens) {
    const int32_t token[] = {5, 6, 7, 8};
    const float logprob[] = {-1, -2, -3, -4};
    pvi_solution s = {.problem = problem, .role = PVG_ROLE_HELPFUL, .verdict = PVG_VERDICT_CORRECT};
    return pvi_solutions_add(all, &s, token, logprob, tokens, text, strlen(text));
}

START_TEST(keeps_and_cuts) {
    pvi_env *env = test_env();
    pvi_solutions a, b;
    pvi_solutions_init(&a, env);
    pvi_solutions_init(&b, env);
    ck_ok(env, add(&a, 1, "one", 2));
    ck_ok(env, add(&a, 2, "", 0));
    ck_ok(env, add(&a, 3, "three", 4));
    ck_ok(env, add(&b, 9, "nine", 1));
    ck_ok(env, pvi_solutions_add_all(&b, &a));
    ck_assert_uint_eq(b.count, 4);
    ck_assert_str_eq(pvi_solution_text(&b, 3), "three");
    ck_assert_int_eq(pvi_solution_tokens(&b, 3)[3], 8);
    ck_assert_uint_eq(b.item[3].problem, 3);
    pvi_solutions_cut(&b, 2);
    ck_ok(env, add(&b, 4, "four", 3));
    ck_assert_str_eq(pvi_solution_text(&b, 1), "one");
    ck_assert_str_eq(pvi_solution_text(&b, 2), "four");
    ck_assert(b.logprob[b.item[2].token_begin + 2] == -3);
    pvi_solutions_free(&a);
    pvi_solutions_free(&b);
    test_env_free(env);
}
END_TEST

START_TEST(a_failed_merge_changes_nothing) {
    for (size_t fail = 5;; fail++) {
        pvi_env *env = test_env_with(1, fail);
        pvi_solutions a, b;
        pvi_solutions_init(&a, env);
        pvi_solutions_init(&b, env);
        pvg_status status = add(&b, 0, "kept", 1);
        for (uint32_t i = 0; i < 20 && status == PVG_OK; i++) status = add(&a, i, "some words", 4);
        if (status == PVG_OK) {
            status = pvi_solutions_add_all(&b, &a);
            ck_assert_uint_eq(b.count, status == PVG_OK ? 21 : 1);
            ck_assert_str_eq(pvi_solution_text(&b, 0), "kept");
        }
        pvi_solutions_free(&a);
        pvi_solutions_free(&b);
        test_env_free(env);
        if (status == PVG_OK) break;
        ck_assert_uint_lt(fail, 60);
    }
}
END_TEST

Suite *suite_solutions(void) {
    Suite *suite = suite_create("solutions");
    TCase *all = tcase_create("solutions");
    tcase_add_test(all, keeps_and_cuts);
    tcase_add_test(all, a_failed_merge_changes_nothing);
    suite_add_tcase(suite, all);
    return suite;
}
