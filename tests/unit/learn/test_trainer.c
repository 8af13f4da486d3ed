/* test_trainer.c - making a trainer, what it refuses, and the joining of a tied head's two gradients. */
#include "learn_fixture.h"

START_TEST(bad_plans_are_refused) {
    const struct {
        pvi_adamw adamw;
        pvi_schedule schedule;
        int32_t micro_tokens, longest;
        const char *part;
    } bad[] = {
        {{-0.1, 0.9, 0.9, 1e-8, 0, 0}, {0}, 8, 8, "learning rate is -0.1"},
        {{11, 0.9, 0.9, 1e-8, 0, 0}, {0}, 8, 8, "learning rate is 11"},
        {{NAN, 0.9, 0.9, 1e-8, 0, 0}, {0}, 8, 8, "learning rate is nan"},
        {{0.1, 1, 0.9, 1e-8, 0, 0}, {0}, 8, 8, "beta1 is 1"},
        {{0.1, 0.9, -0.1, 1e-8, 0, 0}, {0}, 8, 8, "beta2 -0.1"},
        {{0.1, 0.9, 1, 1e-8, 0, 0}, {0}, 8, 8, "beta2 1"},
        {{0.1, 0.9, 0.9, 0, 0, 0}, {0}, 8, 8, "epsilon is 0"},
        {{0.1, 0.9, 0.9, NAN, 0, 0}, {0}, 8, 8, "epsilon is nan"},
        {{0.1, 0.9, 0.9, 1e-8, -1, 0}, {0}, 8, 8, "weight decay is -1"},
        {{0.1, 0.9, 0.9, 1e-8, 11, 0}, {0}, 8, 8, "weight decay is 11"},
        {{0.1, 0.9, 0.9, 1e-8, 0, -1}, {0}, 8, 8, "norm is -1"},
        {{0.1, 0.9, 0.9, 1e-8, 0, INFINITY}, {0}, 8, 8, "norm is inf"},
        {{0.1, 0.9, 0.9, 1e-8, 0, 0}, {PVI_DECAY_LINEAR, -1, 5, 0}, 8, 8, "-1 warm-up steps"},
        {{0.1, 0.9, 0.9, 1e-8, 0, 0}, {PVI_DECAY_LINEAR, 1, 5, 1.5}, 8, 8, "final share 1.5"},
        {{0.1, 0.9, 0.9, 1e-8, 0, 0}, {0}, 7, 8, "micro-batches of 7 tokens"},
        {{0.1, 0.9, 0.9, 1e-8, 0, 0}, {0}, 8, 1, "sequences of up to 1"},
    };
    pvi_env *env = learn_env(1);
    pvi_model *model = learn_model(env, PVI_HEAD_LM, true, false, 1);
    pvi_trainer *trainer;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        ck_fails(env, PVG_E_RANGE, bad[i].part,
                 pvi_trainer_create(env, model, &bad[i].adamw, &bad[i].schedule, bad[i].micro_tokens, bad[i].longest,
                                    &trainer));
    pvi_model_destroy(model);
    test_env_free(env);
}
END_TEST

START_TEST(every_allocation_may_fail) {
    const pvi_head heads[] = {PVI_HEAD_LM, PVI_HEAD_TOKEN_SUM};
    for (int h = 0; h < 2; h++) {
        bool done = false;
        for (size_t k = 1; !done; k++) {
            ck_assert_uint_lt(k, 300);
            pvi_env *env = test_env_with(2, k);
            pvi_shape shape = learn_shape_with(heads[h], true, false);
            pvi_init init = {.seed = 1, .embedding_scale = 0.1f};
            pvi_model *model = NULL;
            pvi_trainer *trainer = NULL;
            pvg_status status = pvi_model_create(env, &shape, NULL, &init, &model);
            if (status == PVG_OK)
                status = pvi_trainer_create(env, model, &learn_moving, &learn_constant, 64, 6, &trainer);
            done = status == PVG_OK;
            if (!done) ck_assert_int_eq(status, PVG_E_NOMEM);
            pvi_trainer_destroy(done ? trainer : NULL);
            pvi_model_destroy(model);
            test_env_free(env);
        }
    }
}
END_TEST

/* The head's gradient and the lookups' are two chains: what is applied is their sum. */
START_TEST(a_tied_head_adds_to_the_embedding) {
    pvi_env *env = learn_env(2);
    pvi_model *model = learn_model(env, PVI_HEAD_LM, true, false, 1);
    pvi_trainer *trainer = learn_trainer(model, &learn_still, 64);
    double norm;
    trainer->gradient.embedding[5] = 3;
    trainer->scratch->head_view.lm_head[5] = -7;
    trainer->scratch->head_view.lm_head[6] = 3;
    ck_ok(env, pvi_trainer_apply(trainer, &norm));
    ck_assert_double_eq(norm, 5);
    ck_assert(trainer->first.embedding[5] == -4 && trainer->first.embedding[6] == 3 &&
              trainer->first.embedding[7] == 0);
    ck_assert(trainer->scratch->tied[5] == 0 && trainer->gradient.embedding[5] == 0);
    trainer->gradient.norm[0] = 1;
    trainer->scratch->head_view.lm_head[5] = 1;
    pvi_trainer_clear(trainer);
    ck_ok(env, pvi_trainer_apply(trainer, &norm));
    ck_assert_double_eq(norm, 0);
    pvi_trainer_destroy(trainer);
    pvi_model_destroy(model);
    test_env_free(env);
}
END_TEST

START_TEST(an_untied_head_is_its_own_tensor) {
    pvi_env *env = learn_env(1);
    pvi_model *model = learn_model(env, PVI_HEAD_LM, false, false, 1);
    pvi_trainer *trainer = learn_trainer(model, &learn_still, 64);
    ck_assert_ptr_null(trainer->scratch->tied);
    ck_assert_ptr_eq(trainer->scratch->head_view.lm_head, trainer->gradient.lm_head);
    pvi_trainer_destroy(trainer);
    pvi_model_destroy(model);
    test_env_free(env);
}
END_TEST

START_TEST(the_rate_follows_the_schedule) {
    pvi_env *env = learn_env(1);
    pvi_model *model = learn_model(env, PVI_HEAD_LM, true, false, 1);
    const pvi_adamw adamw = {.rate = 0.5, .beta1 = 0.9, .beta2 = 0.99, .epsilon = 1e-8};
    const pvi_schedule schedule = {.kind = PVI_DECAY_LINEAR, .warmup = 2, .total = 6, .final_share = 0.5};
    const double wanted[] = {0.25, 0.5, 0.5, 0.4375, 0.375, 0.3125, 0.25, 0.25};
    pvi_trainer *trainer;
    ck_ok(env, pvi_trainer_create(env, model, &adamw, &schedule, 64, 6, &trainer));
    for (int i = 0; i < 8; i++) {
        ck_assert_int_eq(trainer->step, i);
        ck_assert_double_eq_tol(pvi_trainer_rate(trainer), wanted[i], 1e-15);
        float before = model->weights.norm[0];
        trainer->gradient.norm[0] = 1; /* always the same: every step is the rate, whatever the moments */
        ck_ok(env, pvi_trainer_apply(trainer, NULL));
        ck_assert_double_eq_tol((double)(before - model->weights.norm[0]), wanted[i], 1e-5);
    }
    pvi_trainer_destroy(trainer);
    pvi_model_destroy(model);
    test_env_free(env);
}
END_TEST

Suite *suite_trainer(void) {
    Suite *suite = suite_create("trainer");
    TCase *tc = tcase_create("trainer");
    tcase_add_test(tc, bad_plans_are_refused);
    tcase_add_test(tc, every_allocation_may_fail);
    tcase_add_test(tc, a_tied_head_adds_to_the_embedding);
    tcase_add_test(tc, an_untied_head_is_its_own_tensor);
    tcase_add_test(tc, the_rate_follows_the_schedule);
    suite_add_tcase(suite, tc);
    return suite;
}
