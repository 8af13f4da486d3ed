/* test_injected.c - what verifiers learn from beside the pool: pairs with one injected error, and no more of them than
 * asked for. */
#include <math.h>

#include "game/oracle.h"
#include "game_fixture.h"

static double metric(const pvi_report *report, const char *name) {
    double value = 0;
    ck_assert_msg(pvi_report_get(report, name, &value), "no metric %s", name);
    return value;
}

static bool is_in(const pvi_game *game, int half, uint32_t problem) {
    for (size_t i = 0; i < game->half_count[half]; i++)
        if (game->half[half][i] == problem) return true;
    return false;
}

static pvi_oracle_result judged(const pvi_game *game, const pvi_solutions *all, size_t i, pvi_problem *problem) {
    pvi_oracle_result seen;
    const char *chain = pvi_dataset_item(game->data, all->item[i].problem)->chain;
    ck_ok(game->env, pvi_problem_read_chain(game->env, chain, strlen(chain), problem));
    pvi_oracle_check(problem, pvi_solution_text(all, i), all->item[i].text_length, &seen);
    return seen;
}

/* The kind of error that the oracle sees, or -1 for more or less than one. */
static int kind_of(const pvi_oracle_result *seen) {
    if (seen->arithmetic_errors == 1 && seen->grounding_errors == 0 && !seen->mismatch) return PVG_INJECT_RESULT;
    if (seen->arithmetic_errors == 0 && seen->grounding_errors == 1 && !seen->mismatch) return PVG_INJECT_OPERAND;
    return seen->wrong_lines == 0 && seen->mismatch ? PVG_INJECT_ANSWER : -1;
}

static const char *const kinds[] = {"all", "result", "operand", "distractor", "answer"};
enum { PAIRS = 300 };
static const char *const roomy[] = {"problems.max_steps=3", "problems.largest=29", "problems.train=256", NULL};

/* Of problems that the verifier may see; the right one without fault, the wrong one with exactly the error wanted. */
START_TEST(pairs_differ_by_one_error) {
    char kind[64] = "verifier_train.injected_kind=";
    strcat(kind, kinds[_i]);
    const char *const more[] = {roomy[0], roomy[1], roomy[2], kind, NULL};
    pvi_env *env = game_env(1);
    pvi_game *game = game_make(env, more, NULL);
    pvi_solutions all;
    pvi_solutions_init(&all, env);
    pvi_rng rng = pvi_rng_stream(1, "test", 0, 0);
    for (int i = 0; i < PAIRS; i++) ck_ok(env, pvi_game_add_injected(game, &rng, &all));
    ck_assert_uint_eq(all.count, 2 * PAIRS);
    int found[PVG_INJECT_ANSWER + 1] = {0};
    for (size_t i = 0; i < all.count; i += 2) {
        pvi_problem problem;
        ck_assert_uint_eq(all.item[i].problem, all.item[i + 1].problem);
        ck_assert(is_in(game, PVI_HALF_VERIFIER, all.item[i].problem));
        ck_assert(!is_in(game, PVI_HALF_TEST, all.item[i].problem));
        pvi_oracle_result right = judged(game, &all, i, &problem), wrong = judged(game, &all, i + 1, &problem);
        ck_assert_int_eq(all.item[i].verdict, PVG_VERDICT_CORRECT);
        ck_assert_int_eq(all.item[i + 1].verdict, PVG_VERDICT_WRONG);
        ck_assert(right.fully_shown && wrong.answered && !wrong.right && wrong.omitted == 0);
        int seen = kind_of(&wrong);
        ck_assert_int_ge(seen, 0);
        found[seen]++;
    }
    int wanted = _i == PVG_INJECT_DISTRACTOR ? PVG_INJECT_OPERAND : _i; /* to the oracle a grounding error */
    if (wanted != PVG_INJECT_NONE) ck_assert_int_eq(found[wanted], PAIRS);
    /* of four equal kinds two are grounding errors; distractors have a place less often */
    for (int k = 1; k <= PVG_INJECT_ANSWER && wanted == PVG_INJECT_NONE; k++) {
        double share = k == PVG_INJECT_DISTRACTOR ? 0 : k == PVG_INJECT_OPERAND ? 0.5 : 0.25;
        ck_assert_double_le(fabs((double)found[k] / PAIRS - share), share == 0 ? 0 : 0.1);
    }
    pvi_solutions_free(&all);
    pvi_game_destroy(game);
    test_env_free(env);
}
END_TEST

START_TEST(errors_are_drawn_anew) {
    pvi_env *env = game_env(1);
    pvi_game *game = game_make(env, roomy, NULL);
    pvi_solutions all[2];
    size_t distinct = 0;
    for (int k = 0; k < 2; k++) {
        pvi_solutions_init(&all[k], env);
        pvi_rng rng = pvi_rng_stream(1, "test", 0, 0);
        for (int i = 0; i < PAIRS; i++) ck_ok(env, pvi_game_add_injected(game, &rng, &all[k]));
    }
    ck_assert_uint_eq(all[0].text_count, all[1].text_count);
    ck_assert_mem_eq(all[0].text, all[1].text, all[0].text_count);
    for (size_t i = 1; i < all[0].count; i += 2) {
        bool again = false;
        for (size_t k = 1; k < i && !again; k += 2)
            again = strcmp(pvi_solution_text(&all[0], i), pvi_solution_text(&all[0], k)) == 0;
        distinct += !again;
    }
    ck_assert_uint_gt(distinct, PAIRS * 3 / 4); /* of 128 problems */
    pvi_solutions_free(&all[0]);
    pvi_solutions_free(&all[1]);
    pvi_game_destroy(game);
    test_env_free(env);
}
END_TEST

START_TEST(without_memory) {
    pvi_env *env = game_env(1);
    pvi_game *game = game_make(env, roomy, NULL);
    pvi_solutions all;
    pvi_solutions_init(&all, env);
    failing f;
    failing_begin(&f, env, false);
    pvg_status status = PVG_E_NOMEM;
    for (long k = 1; status != PVG_OK; k++) {
        pvi_rng rng = pvi_rng_stream(1, "test", 0, 0);
        f.left = k;
        status = pvi_game_add_injected(game, &rng, &all);
        if (status == PVG_OK) continue;
        ck_assert_int_eq(status, PVG_E_NOMEM);
        ck_assert_uint_eq(all.count, 0);
    }
    f.left = 0;
    ck_assert_uint_eq(all.count, 2);
    pvi_solutions_free(&all);
    pvi_game_destroy(game);
    failing_end(&f);
    test_env_free(env);
}
END_TEST

/* ---- their share of a batch ---- */

/* The first verifier's weights. Another number of base samples is another pool. */
static char *first_verifier(const char *samples, const char *injected, const char *loss) {
    const char *const more[] = {"rounds.count=1", "prover_train.steps=0", samples, injected, loss, NULL};
    pvi_env *env = game_env(1);
    pvi_game *game = game_make(env, more, NULL);
    game_play(game);
    pvi_text out;
    pvi_text_init(&out, env);
    add_model(&out, "verifier", game->verifiers[0]);
    char *copy = strdup(out.data);
    pvi_text_free(&out);
    pvi_game_destroy(game);
    test_env_free(env);
    return copy;
}

static bool pool_matters(const char *injected, const char *loss) {
    char *a = first_verifier("pool.base_samples=64", injected, loss),
         *b = first_verifier("pool.base_samples=96", injected, loss);
    bool differ = strcmp(a, b) != 0;
    free(a), free(b);
    return differ;
}

START_TEST(shares) {
    static const char *const losses[] = {"verifier_train.loss=cross_entropy", "verifier_train.loss=bradley_terry"};
    ck_assert(!pool_matters("verifier_train.injected=1", losses[_i]));
    ck_assert(pool_matters("verifier_train.injected=0.5", losses[_i]));
    char *none = first_verifier("pool.base_samples=64", "verifier_train.injected=0", losses[_i]),
         *few = first_verifier("pool.base_samples=64", "verifier_train.injected=0.06", losses[_i]), /* 0.96 of 16 */
         *one = first_verifier("pool.base_samples=64", "verifier_train.injected=0.07", losses[_i]); /* a pair */
    ck_assert_str_eq(none, few);
    ck_assert_str_ne(none, one);
    free(none), free(few), free(one);
}
END_TEST

START_TEST(same_bits) {
    const char *const more[] = {"verifier_train.injected=0.5", "verifier_train.batch=7", NULL};
    char *one = game_whole(1, more), *three = game_whole(3, more);
    game_same(one, three);
    free(one), free(three);
}
END_TEST

/* ---- what cannot be ---- */

static void refused(const char *const *more, pvi_dataset *data, pvi_env *env) {
    pvi_settings *settings = game_settings(env, more);
    pvi_game *game = NULL;
    ck_fails(env, PVG_E_STATE, "verifier_train.injected", pvi_game_create(env, settings, data, false, &game));
    ck_assert_ptr_null(game);
    pvi_settings_destroy(env, settings);
}

START_TEST(problems_without_steps) {
    const char *const more[] = {"verifier_train.injected=0.5", NULL};
    pvi_env *env = game_env(1);
    pvi_dataset *data;
    ck_ok(env, pvi_dataset_create(env, &data));
    for (int i = 0; i < 60; i++) {
        char question[32], gold[8];
        pvi_text_format(question, sizeof question, "Say %d", i);
        pvi_text_format(gold, sizeof gold, "%d", i);
        pvi_item item = {.question = question, .question_length = strlen(question), .gold = gold, .label = -1,
                         .solution = "", .solution_length = 0};
        ck_ok(env, pvi_dataset_append(env, data, &item));
    }
    refused(more, data, env);
    pvi_dataset_release(data);
    test_env_free(env);
}
END_TEST

START_TEST(no_distractors) {
    const char *const more[] = {"verifier_train.injected=0.5", "verifier_train.injected_kind=distractor",
                                "problems.distractors=0", "problems.max_steps=2", "problems.largest=29", NULL};
    pvi_env *env = game_env(1);
    refused(more, NULL, env);
    test_env_free(env);
}
END_TEST

/* ---- learning ---- */

/* A verifier that is shown wrong final answers learns to find them, on problems that it never saw. */
START_TEST(learns_to_check_answers) {
    const char *const more[] = {"rounds.count=1", "prover_train.steps=0", "problems.train=512", "problems.test=64",
                                "evaluate.control=64", "verifier.width=32", "verifier.layers=2",
                                "verifier_train.steps=150", "verifier_train.batch=32", "verifier_train.rate=1e-2",
                                "verifier_train.injected=1", "verifier_train.injected_kind=answer", NULL};
    pvi_env *env = game_env(1);
    pvi_game *game = game_make(env, more, NULL);
    game_play(game);
    ck_assert_double_gt(metric(&game->reports[0], "control_auc_answer"), 0.8);
    pvi_game_destroy(game);
    test_env_free(env);
}
END_TEST

Suite *suite_injected(void) {
    Suite *suite = suite_create("injected");
    TCase *tests = tcase_create("injected");
    tcase_set_timeout(tests, 240);
    tcase_add_loop_test(tests, pairs_differ_by_one_error, 0, (int)(sizeof kinds / sizeof *kinds));
    tcase_add_test(tests, errors_are_drawn_anew);
    tcase_add_test(tests, without_memory);
    tcase_add_loop_test(tests, shares, 0, 2);
    tcase_add_test(tests, same_bits);
    tcase_add_test(tests, problems_without_steps);
    tcase_add_test(tests, no_distractors);
    tcase_add_test(tests, learns_to_check_answers);
    suite_add_tcase(suite, tests);
    return suite;
}
