/* test_language.c - supervised language modelling through the whole model. */
#include "learn_fixture.h"
#include "model/sample.h"

static pvg_status language(void *arg, pvi_trainer *trainer, double *loss) {
    (void)arg;
    pvi_lm_stats stats;
    pvg_status status = pvi_lm_step(trainer, &learn_examples, &stats);
    *loss = stats.loss;
    return status;
}

START_TEST(gradient_is_the_slope_of_the_loss) {
    pvi_env *env = learn_env(1);
    learn_check_gradient(learn_model(env, PVI_HEAD_LM, false, false, 1), language, NULL);
    learn_check_gradient(learn_model(env, PVI_HEAD_LM, true, false, 2), language, NULL);
    test_env_free(env);
}
END_TEST

START_TEST(cuts_and_threads_change_no_bit) {
    learn_case c = {.head = PVI_HEAD_LM, .step = language};
    learn_check_exact(&c);
    c.tied = true;
    learn_check_exact(&c);
}
END_TEST

/* Loss and hits again, from log-probabilities of single rows. */
START_TEST(loss_and_accuracy_are_those_of_the_rows) {
    pvi_env *env = learn_env(1);
    pvi_model *model = learn_model(env, PVI_HEAD_LM, true, false, 3);
    pvi_trainer *trainer = learn_trainer(model, &learn_still, 64);
    const float *hidden;
    int32_t rows[LEARN_TOKENS];
    float logprob[LEARN_TOKENS];
    ck_ok(env, pvi_forward(model, &learn_examples.batch, trainer->activations, &hidden));
    ck_ok(env, pvi_token_logprobs(model, &learn_examples.batch, learn_begin, hidden, rows, logprob));
    double sum = 0;
    for (int s = 0; s < LEARN_SEQUENCES; s++)
        for (int i = learn_offset[s]; i < learn_offset[s + 1]; i++) {
            ck_assert(i >= learn_offset[s] + learn_begin[s] ? logprob[i] < 0 : logprob[i] == 0);
            sum -= (double)logprob[i];
        }
    int hits = 0;
    for (int s = 0; s < LEARN_SEQUENCES; s++)
        for (int i = learn_offset[s] + learn_begin[s]; i < learn_offset[s + 1]; i++) {
            double best = -INFINITY, own = 0;
            for (int v = 0; v < model->shape.vocab; v++) {
                double logit = 0;
                for (int k = 0; k < model->shape.width; k++)
                    logit += (double)hidden[(i - 1) * model->shape.width + k] *
                             (double)model->weights.lm_head[v * model->shape.width + k];
                if (v == learn_token[i]) own = logit;
                if (logit > best) best = logit;
            }
            hits += own == best;
        }
    pvi_lm_stats stats, again;
    ck_ok(env, pvi_lm_evaluate(trainer, &learn_examples, &stats));
    ck_assert_int_eq(stats.targets, LEARN_TARGETS);
    ck_assert_double_eq_tol(stats.loss, sum / LEARN_TARGETS, 1e-12);
    ck_assert_double_eq_tol(stats.accuracy, (double)hits / LEARN_TARGETS, 1e-12);
    ck_assert_double_eq(stats.norm, 0);
    ck_assert_int_eq(trainer->step, 0);
    ck_ok(env, pvi_lm_step(trainer, &learn_examples, &again));
    ck_assert_double_eq(again.loss, stats.loss);
    ck_assert_double_eq(again.accuracy, stats.accuracy);
    ck_assert_double_gt(again.norm, 0);
    pvi_trainer_destroy(trainer);
    pvi_model_destroy(model);
    test_env_free(env);
}
END_TEST

START_TEST(learns_by_heart) {
    pvi_env *env = learn_env(1);
    pvi_model *model = learn_model(env, PVI_HEAD_LM, true, false, 3);
    pvi_adamw adamw = {.rate = 0.02, .beta1 = 0.9, .beta2 = 0.99, .epsilon = 1e-8, .clip = 1};
    pvi_trainer *trainer = learn_trainer(model, &adamw, 12);
    pvi_lm_stats stats;
    for (int i = 0; i < 80; i++) ck_ok(env, pvi_lm_step(trainer, &learn_examples, &stats));
    ck_assert_double_lt(stats.loss, 0.15);
    ck_assert_double_eq(stats.accuracy, 1);
    pvi_trainer_destroy(trainer);
    pvi_model_destroy(model);
    test_env_free(env);
}
END_TEST

/* ---- failure ---- */

static const pvi_lm_stats untouched = {.loss = -7, .targets = -7};

START_TEST(bad_weights_change_nothing) {
    pvi_env *env = learn_env(1);
    const float bad[] = {NAN, INFINITY, -INFINITY};
    for (int i = 0; i < 9; i++) {
        pvi_model *model = learn_model(env, PVI_HEAD_LM, false, false, 3);
        pvi_trainer *trainer = learn_trainer(model, &learn_moving, 7);
        pvi_lm_stats stats = untouched;
        ck_ok(env, pvi_lm_step(trainer, &learn_examples, &stats));
        stats = untouched;
        float *places[] = {&model->weights.layer[1].down[3], &model->weights.lm_head[4], &model->weights.norm[1]};
        *places[i / 3] = bad[i % 3];
        model->stale = true;
        learn_before before = learn_remember(trainer);
        ck_fails(env, PVG_E_NUMERIC, "finite", pvi_lm_step(trainer, &learn_examples, &stats));
        learn_check_unchanged(trainer, &before);
        ck_assert_mem_eq(&stats, &untouched, sizeof stats);
        stats = untouched;
        ck_fails(env, PVG_E_NUMERIC, "finite", pvi_lm_evaluate(trainer, &learn_examples, &stats));
        ck_assert_mem_eq(&stats, &untouched, sizeof stats);
        pvi_trainer_destroy(trainer);
        pvi_model_destroy(model);
    }
    test_env_free(env);
}
END_TEST

START_TEST(cancelled_steps_change_nothing) {
    pvi_env *env = learn_env(1);
    pvi_model *model = learn_model(env, PVI_HEAD_LM, true, false, 3);
    pvi_trainer *trainer = learn_trainer(model, &learn_moving, 7);
    pvi_lm_stats stats = untouched;
    learn_before before = learn_remember(trainer);
    atomic_store(&env->cancelled, 1);
    ck_fails(env, PVG_E_CANCELLED, "changed nothing", pvi_lm_step(trainer, &learn_examples, &stats));
    learn_check_unchanged(trainer, &before);
    ck_assert_mem_eq(&stats, &untouched, sizeof stats);
    atomic_store(&env->cancelled, 0);
    ck_ok(env, pvi_lm_step(trainer, &learn_examples, &stats));
    pvi_trainer_destroy(trainer);
    pvi_model_destroy(model);
    test_env_free(env);
}
END_TEST

START_TEST(special_tokens_are_no_targets) {
    pvi_env *env = learn_env(1);
    pvi_model *model = learn_model(env, PVI_HEAD_LM, true, false, 3);
    pvi_trainer *trainer = learn_trainer(model, &learn_moving, 64);
    pvi_lm_stats stats;
    model->allowed[1] = false; /* begins the first sequence, and is a target of the second */
    ck_fails(env, PVG_E_INVALID, "token 1 of sequence 1 of the batch is 1, which no solution may contain",
             pvi_lm_step(trainer, &learn_examples, &stats));
    model->allowed[1] = true;
    model->allowed[0] = false; /* is in prompts only, but for one */
    const pvi_examples first = {{1, learn_offset, learn_token}, learn_begin};
    ck_ok(env, pvi_lm_step(trainer, &first, &stats));
    ck_assert(isfinite(stats.loss) && isfinite(stats.norm));
    pvi_trainer_destroy(trainer);
    pvi_model_destroy(model);
    test_env_free(env);
}
END_TEST

Suite *suite_language(void) {
    Suite *suite = suite_create("language");
    TCase *tc = tcase_create("language");
    tcase_add_test(tc, gradient_is_the_slope_of_the_loss);
    tcase_add_test(tc, cuts_and_threads_change_no_bit);
    tcase_add_test(tc, loss_and_accuracy_are_those_of_the_rows);
    tcase_add_test(tc, learns_by_heart);
    tcase_add_test(tc, bad_weights_change_nothing);
    tcase_add_test(tc, cancelled_steps_change_nothing);
    tcase_add_test(tc, special_tokens_are_no_targets);
    suite_add_tcase(suite, tc);
    return suite;
}
