/* test_plan.c - memory is announced before it is taken. */
#include <string.h>

#include "compute/engine.h"
#include "game/game.h"
#include "game/plan.h"
#include "support.h"

static pvi_settings *make_settings(pvi_env *env, const char *const *assignment) {
    pvi_settings *settings;
    ck_ok(env, pvi_settings_create(env, pvi_game_settings(), &settings));
    for (; *assignment != NULL; assignment++) {
        char name[64];
        size_t length = strcspn(*assignment, "=");
        memcpy(name, *assignment, length);
        name[length] = '\0';
        ck_ok(env, pvi_settings_set(env, settings, name, *assignment + length + 1));
    }
    return settings;
}

/* A game takes no more than was announced, and not much less. (Its most: the second step samples with all packed copies made.) */
START_TEST(a_game_takes_what_was_planned) {
    static const char *const assignment[] = {
        "problems.train=512", "problems.test=32", "prover.width=96", "prover.hidden=256", "base.steps=30", "base.batch=32", "base.rate=1e-2",
        "base.warmup=5", "problems.max_steps=1", "problems.min_steps=1", "problems.largest=19", "verifier_base.steps=1", "roles.samples=128",
        "roles.steps=1", "pool.base_samples=64", "verifier_train.steps=1", "prover_train.steps=2", "rounds.count=1",
        "evaluate.problems=32", "evaluate.control=8", "tokenizer.vocab=300", NULL};
    pvi_env *env = test_env_with(2, 0);
    env->engine = pvi_engine_best();
    pvi_settings *settings = make_settings(env, assignment);
    pvi_plan plan;
    pvi_game *game;
    ck_ok(env, pvi_plan_game(env, settings, 0, &plan));
    ck_ok(env, pvi_game_create(env, settings, NULL, true, &game));
    pvi_game_event event = PVI_GAME_PROGRESS;
    while (event != PVI_GAME_ROUND_DONE) ck_ok(env, pvi_game_step(game, &event));
    double share = (double)atomic_load(&env->peak) / (double)plan.total;
    ck_assert_msg(share > 0.9 && share <= 1, "planned %llu bytes, took %zu", (unsigned long long)plan.total, atomic_load(&env->peak));
    pvi_game_destroy(game);
    pvi_settings_destroy(env, settings);
    test_env_free(env);
}
END_TEST

START_TEST(large_models_are_planned_without_memory) {
    static const char *const assignment[] = {"prover.width=2048", "prover.layers=24", "prover.heads=16", "prover.kv_heads=4",
                                             "prover.hidden=5632", "prover.context=1024", "tokenizer.vocab=32000", NULL};
    pvi_env *env = test_env();
    env->engine = pvi_engine_best();
    pvi_settings *settings = make_settings(env, assignment);
    pvi_plan plan;
    size_t before = atomic_load(&env->used);
    ck_ok(env, pvi_plan_game(env, settings, 0, &plan));
    ck_assert_uint_eq(atomic_load(&env->used), before);
    ck_assert_uint_gt(plan.prover.parameters, 1000000000);
    ck_assert_uint_eq(plan.prover.moments, plan.prover.parameters * 8);
    ck_assert_uint_gt(plan.total, plan.prover.weights * 2);
    pvi_settings_destroy(env, settings);
    test_env_free(env);
}
END_TEST

START_TEST(what_the_machine_cannot_hold_is_refused) {
    static const char *const assignment[] = {"problems.train=1000000000", "problems.test=100000000", NULL};
    pvi_env *env = test_env();
    env->engine = pvi_engine_best();
    pvi_settings *settings = make_settings(env, assignment);
    pvi_game *game = NULL;
    ck_ok(env, pvi_plan_check(env, settings, 1000));
    ck_fails(env, PVG_E_NOMEM, "the machine has", pvi_game_create(env, settings, NULL, true, &game));
    ck_assert_ptr_null(game);
    pvi_settings_destroy(env, settings);
    test_env_free(env);
}
END_TEST

Suite *suite_plan(void) {
    Suite *suite = suite_create("plan");
    TCase *tc = tcase_create("plan");
    tcase_set_timeout(tc, 60);
    tcase_add_test(tc, a_game_takes_what_was_planned);
    tcase_add_test(tc, large_models_are_planned_without_memory);
    tcase_add_test(tc, what_the_machine_cannot_hold_is_refused);
    suite_add_tcase(suite, tc);
    return suite;
}
