/* test_pool.c - which solutions a verifier learns from: halves, mixtures, constant numbers, pairs. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "game/pool.h"
#include "support.h"

static pvg_status add(pvi_solutions *all, uint32_t problem, int32_t source, pvg_verdict verdict, size_t tokens) {
    const int32_t token[] = {1, 2, 3};
    pvi_solution s = {.problem = problem, .source = source, .verdict = verdict, .score = (double)NAN};
    return pvi_solutions_add(all, &s, token, NULL, tokens, "x", 1);
}

static bool right(const pvi_solutions *all, uint32_t index) { return all->item[index].verdict == PVG_VERDICT_CORRECT; }

/* `problems` problems, each with right and wrong solutions of every source. */
static void fill(pvi_env *env, pvi_solutions *all, uint32_t problems, int32_t sources, int rights, int wrongs) {
    pvi_solutions_init(all, env);
    for (uint32_t p = 0; p < problems; p++)
        for (int32_t s = 0; s < sources; s++)
            for (int i = 0; i < rights + wrongs; i++)
                ck_ok(env, add(all, p, s, i < rights ? PVG_VERDICT_CORRECT : PVG_VERDICT_WRONG, 3));
}

enum { DRAWN = 20000 };

/* Share of draws by source and label. */
static void shares(const pvi_pool *pool, bool pairs, double share[4][2]) {
    static uint32_t index[DRAWN];
    memset(share, 0, 4 * sizeof *share);
    pvi_rng rng = pvi_rng_stream(3, "test", 0, 0);
    for (size_t at = 0; at < DRAWN; at += 100) pvi_pool_draw(pool, &rng, pairs, 100, index + at);
    for (size_t i = 0; i < DRAWN; i++) {
        const pvi_solution *s = &pool->all->item[index[i]];
        share[s->source][right(pool->all, index[i])] += 1.0 / DRAWN;
    }
}

START_TEST(half_right_half_wrong) {
    pvi_env *env = test_env();
    pvi_solutions all;
    fill(env, &all, 50, 1, 1, 9); /* rare right ones */
    pvi_config config = {.seed = 1};
    pvi_pool pool;
    ck_ok(env, pvi_pool_build(env, &all, 1, &config, 0, &pool));
    ck_assert_uint_eq(pool.kept, 500);
    uint32_t index[64];
    pvi_rng rng = pvi_rng_stream(1, "test", 0, 0);
    for (int k = 0; k < 20; k++) {
        pvi_pool_draw(&pool, &rng, false, 64, index);
        int rights = 0;
        for (size_t i = 0; i < 64; i++) rights += right(&all, index[i]);
        ck_assert_int_eq(rights, 32); /* exactly, in every batch */
    }
    pvi_pool_draw(&pool, &rng, false, 1, index);
    ck_assert(right(&all, index[0]));
    pvi_pool_free(&pool);
    pvi_solutions_free(&all);
    test_env_free(env);
}
END_TEST

START_TEST(mixtures) {
    pvi_env *env = test_env();
    pvi_solutions all;
    fill(env, &all, 20, 3, 2, 2);
    for (uint32_t p = 0; p < 400; p++) ck_ok(env, add(&all, p, 0, PVG_VERDICT_WRONG, 3)); /* numbers do not sway shares */
    for (int mixture = PVI_MIXTURE_EQUAL; mixture <= PVI_MIXTURE_RECENT; mixture++) {
        pvi_config config = {.seed = 1, .mixture = (pvi_mixture)mixture};
        pvi_pool pool;
        double share[4][2];
        ck_ok(env, pvi_pool_build(env, &all, 3, &config, 2, &pool));
        for (int pairs = 0; pairs < 2; pairs++) {
            shares(&pool, pairs != 0, share);
            for (int s = 0; s < 3; s++)
                for (int label = 0; label < 2; label++) {
                    double wanted = mixture == PVI_MIXTURE_EQUAL ? 1.0 / 3 : ldexp(1, s) / 7;
                    ck_assert_double_eq_tol(share[s][label], wanted / 2, 0.015);
                }
        }
        pvi_pool_free(&pool);
    }
    pvi_solutions_free(&all);
    test_env_free(env);
}
END_TEST

START_TEST(a_source_without_a_label_leaves_its_share_to_others) {
    pvi_env *env = test_env();
    pvi_solutions all;
    fill(env, &all, 20, 2, 2, 2);
    for (uint32_t p = 0; p < 20; p++) ck_ok(env, add(&all, p, 2, PVG_VERDICT_CORRECT, 3)); /* source 2 is never wrong */
    pvi_config config = {.seed = 1};
    pvi_pool pool;
    double share[4][2];
    ck_ok(env, pvi_pool_build(env, &all, 3, &config, 2, &pool));
    shares(&pool, false, share);
    ck_assert(share[2][0] == 0);
    ck_assert_double_eq_tol(share[0][0], 0.25, 0.015);
    ck_assert_double_eq_tol(share[2][1], 1.0 / 6, 0.015);
    shares(&pool, true, share); /* and it can give no pair */
    ck_assert(share[2][0] == 0 && share[2][1] == 0);
    pvi_pool_free(&pool);
    pvi_solutions_free(&all);
    test_env_free(env);
}
END_TEST

START_TEST(what_is_usable) {
    pvi_env *env = test_env();
    pvi_solutions all;
    pvi_solutions_init(&all, env);
    const pvg_verdict verdicts[] = {PVG_VERDICT_CORRECT, PVG_VERDICT_WRONG, PVG_VERDICT_NO_ANSWER, PVG_VERDICT_AMBIGUOUS,
                                    PVG_VERDICT_TRUNCATED, PVG_VERDICT_UNGRADED};
    for (size_t i = 0; i < 6; i++) ck_ok(env, add(&all, 0, 0, verdicts[i], 3));
    ck_ok(env, add(&all, 0, 0, PVG_VERDICT_CORRECT, 0)); /* no tokens */
    ck_ok(env, add(&all, 0, 1, PVG_VERDICT_CORRECT, 3)); /* a later source */
    pvi_config config = {.seed = 1};
    pvi_pool pool;
    ck_ok(env, pvi_pool_build(env, &all, 1, &config, 0, &pool));
    ck_assert_uint_eq(pool.kept, 5);
    ck_assert_uint_eq(pool.dropped, 3);
    ck_assert_uint_eq(pool.begin[1], 4); /* wrong ones first */
    ck_assert_uint_eq(pool.begin[2], 5);
    ck_assert_uint_eq(pool.order[4], 0);
    pvi_pool_free(&pool);
    pvi_solutions_free(&all);
    test_env_free(env);
}
END_TEST

START_TEST(a_label_is_missing) {
    pvi_env *env = test_env();
    pvi_solutions all;
    pvi_solutions_init(&all, env);
    pvi_config config = {.seed = 1};
    pvi_pool pool;
    ck_fails(env, PVG_E_STATE, "0 are right and 0 wrong", pvi_pool_build(env, &all, 1, &config, 0, &pool));
    for (int i = 0; i < 3; i++) ck_ok(env, add(&all, 0, 0, PVG_VERDICT_WRONG, 3));
    ck_fails(env, PVG_E_STATE, "of 3 collected ones 0 are right and 3 wrong", pvi_pool_build(env, &all, 1, &config, 0, &pool));
    pvi_solutions_free(&all);
    test_env_free(env);
}
END_TEST

/* Of the solutions kept: how many of a problem, of a source, of a label. */
static size_t kept_of(const pvi_pool *pool, int64_t problem, int32_t source, int label) {
    size_t count = 0;
    for (size_t i = 0; i < pool->kept; i++) {
        const pvi_solution *s = &pool->all->item[pool->order[i]];
        count += (problem < 0 || s->problem == problem) && (source < 0 || s->source == source) &&
                 (label < 0 || right(pool->all, pool->order[i]) == (label != 0));
    }
    return count;
}

START_TEST(the_number_a_problem_is_constant) {
    pvi_env *env = test_env();
    pvi_solutions all;
    fill(env, &all, 30, 3, 4, 4);
    pvi_config config = {.seed = 1, .solutions_per_problem = 4};
    for (int32_t sources = 1; sources <= 3; sources++) {
        pvi_pool pool;
        ck_ok(env, pvi_pool_build(env, &all, sources, &config, sources - 1, &pool));
        ck_assert_uint_eq(pool.kept, 120); /* as many every round, however many sources there are */
        for (int64_t p = 0; p < 30; p++) ck_assert_uint_eq(kept_of(&pool, p, -1, -1), 4);
        for (int label = 0; label < 2 && sources < 3; label++) ck_assert_uint_eq(kept_of(&pool, -1, 0, label), 60 / (size_t)sources);
        pvi_pool_free(&pool);
    }
    config = (pvi_config){.seed = 1, .solutions_per_problem = 6, .mixture = PVI_MIXTURE_EQUAL};
    pvi_pool even;
    ck_ok(env, pvi_pool_build(env, &all, 3, &config, 2, &even));
    for (int32_t s = 0; s < 3; s++)
        for (int label = 0; label < 2; label++) ck_assert_uint_eq(kept_of(&even, 7, s, label), 1);
    pvi_pool_free(&even);
    config = (pvi_config){.seed = 1, .solutions_per_problem = 14, .mixture = PVI_MIXTURE_RECENT};
    pvi_pool recent;
    ck_ok(env, pvi_pool_build(env, &all, 3, &config, 2, &recent));
    for (int32_t s = 0; s < 3; s++)
        for (int label = 0; label < 2; label++) ck_assert_uint_eq(kept_of(&recent, 7, s, label), 1u << s);
    pvi_pool_free(&recent);
    pvi_solutions_free(&all);
    test_env_free(env);
}
END_TEST

START_TEST(what_is_kept_depends_on_seed_and_round_alone) {
    pvi_env *env = test_env();
    pvi_solutions all;
    fill(env, &all, 40, 2, 5, 5);
    pvi_pool pool[4];
    const uint64_t seeds[] = {1, 1, 2, 1};
    const int32_t rounds[] = {0, 0, 0, 1};
    for (int i = 0; i < 4; i++) {
        pvi_config config = {.seed = seeds[i], .solutions_per_problem = 4};
        ck_ok(env, pvi_pool_build(env, &all, 2, &config, rounds[i], &pool[i]));
        ck_assert_uint_eq(pool[i].kept, 160);
    }
    ck_assert_int_eq(memcmp(pool[0].order, pool[1].order, 160 * sizeof(uint32_t)), 0);
    ck_assert_int_ne(memcmp(pool[0].order, pool[2].order, 160 * sizeof(uint32_t)), 0);
    ck_assert_int_ne(memcmp(pool[0].order, pool[3].order, 160 * sizeof(uint32_t)), 0);
    for (int i = 0; i < 4; i++) pvi_pool_free(&pool[i]);
    pvi_solutions_free(&all);
    test_env_free(env);
}
END_TEST

START_TEST(pairs_are_of_one_problem_and_source) {
    pvi_env *env = test_env();
    pvi_solutions all;
    pvi_solutions_init(&all, env);
    for (uint32_t p = 0; p < 30; p++)
        for (int32_t s = 0; s < 2; s++) {
            if (p % 3 != 0) ck_ok(env, add(&all, p, s, PVG_VERDICT_CORRECT, 3));
            if (p % 3 != 1) ck_ok(env, add(&all, p, s, PVG_VERDICT_WRONG, 3));
            if (p % 3 != 1) ck_ok(env, add(&all, p, s, PVG_VERDICT_NO_ANSWER, 3));
        }
    pvi_config config = {.seed = 1};
    pvi_pool pool;
    ck_ok(env, pvi_pool_build(env, &all, 2, &config, 1, &pool));
    ck_assert_uint_eq(pool.paired, 20); /* ten problems in each source */
    uint32_t index[101];
    bool seen[30] = {false};
    pvi_rng rng = pvi_rng_stream(1, "test", 0, 0);
    for (int k = 0; k < 20; k++) {
        pvi_pool_draw(&pool, &rng, true, 101, index);
        for (size_t i = 0; i + 1 < 101; i += 2) {
            const pvi_solution *a = &all.item[index[i]], *b = &all.item[index[i + 1]];
            ck_assert_uint_eq(a->problem, b->problem);
            ck_assert_int_eq(a->source, b->source);
            ck_assert(right(&all, index[i]) && !right(&all, index[i + 1]));
            seen[a->problem] = true;
        }
    }
    for (uint32_t p = 0; p < 30; p++) ck_assert_int_eq(seen[p], p % 3 == 2);
    pvi_pool_free(&pool);
    pvi_solutions_free(&all);
    test_env_free(env);
}
END_TEST

START_TEST(out_of_memory) {
    for (size_t fail = 1;; fail++) {
        pvi_env *quiet = test_env(), *env = test_env_with(1, fail);
        pvi_solutions all;
        fill(quiet, &all, 5, 2, 2, 2);
        pvi_config config = {.seed = 1, .solutions_per_problem = 2};
        pvi_pool pool;
        pvg_status status = pvi_pool_build(env, &all, 2, &config, 1, &pool);
        if (status == PVG_OK) pvi_pool_free(&pool);
        else ck_assert_int_eq(status, PVG_E_NOMEM);
        pvi_solutions_free(&all);
        test_env_free(env);
        test_env_free(quiet);
        if (status == PVG_OK) break;
        ck_assert_uint_lt(fail, 20);
    }
}
END_TEST

Suite *suite_pool(void) {
    Suite *suite = suite_create("pool");
    TCase *all = tcase_create("pool");
    tcase_add_test(all, half_right_half_wrong);
    tcase_add_test(all, mixtures);
    tcase_add_test(all, a_source_without_a_label_leaves_its_share_to_others);
    tcase_add_test(all, what_is_usable);
    tcase_add_test(all, a_label_is_missing);
    tcase_add_test(all, the_number_a_problem_is_constant);
    tcase_add_test(all, what_is_kept_depends_on_seed_and_round_alone);
    tcase_add_test(all, pairs_are_of_one_problem_and_source);
    tcase_add_test(all, out_of_memory);
    suite_add_tcase(suite, all);
    return suite;
}
