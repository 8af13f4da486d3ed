/* test_verifier_loss.c - losses on scores against plain twins, and the verifier's step through the whole model. */
#include "learn_fixture.h"

/* ---- functions of the scores ---- */

enum { N = 7 };
static const float scores[N] = {1.25f, -0.5f, 3.0f, 0.75f, -40.0f, 55.0f, -0.5f};
static const uint8_t labels[N] = {1, 0, 0, 1, 1, 0, 1};
static const uint64_t problems[N] = {1, 1, 2, 1, 2, 3, 1};

/* Straight from the definition, in long double. */
static double loss_by_definition(const double *v, const pvi_verifier_options *o) {
    long double loss = 0, square = 0;
    int pairs = 0;
    for (int i = 0; i < N; i++) {
        long double p = 1 / (1 + expl(-(long double)v[i])), q = 1 / (1 + expl((long double)v[i]));
        square += (long double)v[i] * (long double)v[i];
        if (o->loss == PVI_VERIFIER_CROSS_ENTROPY) loss -= labels[i] ? logl(p) : logl(q);
        if (o->loss == PVI_VERIFIER_MEAN_SQUARE) loss += labels[i] ? q * q : p * p;
        for (int k = 0; o->loss == PVI_VERIFIER_BRADLEY_TERRY && k < N; k++)
            if (labels[i] == 1 && labels[k] == 0 && problems[i] == problems[k]) {
                loss -= logl(1 / (1 + expl(-((long double)v[i] - (long double)v[k]))));
                pairs++;
            }
    }
    return (double)(loss / (pairs > 0 ? pairs : N) + (long double)o->lambda * square / N);
}

static const pvi_judged judged = {N, scores, labels, problems};

START_TEST(losses_agree_with_their_definition) {
    double v[N];
    for (int i = 0; i < N; i++) v[i] = (double)scores[i];
    for (int kind = 0; kind < 3; kind++) {
        pvi_verifier_options options = {.loss = (pvi_verifier_loss)kind, .lambda = 0.01};
        int64_t pairs = pvi_judged_pairs(&judged);
        pvi_verifier_stats stats;
        float slope[N];
        pvi_judged_loss(&judged, &options, pairs, &stats);
        ck_assert_double_eq_tol(stats.loss, loss_by_definition(v, &options), 1e-12 * stats.loss);
        pvi_judged_gradient(&judged, &options, pairs, 0, N, slope);
        for (int i = 0; i < N; i++) {
            double h = 1e-5, side[2];
            for (int k = 0; k < 2; k++) {
                v[i] = (double)scores[i] + (k == 0 ? -h : h);
                side[k] = loss_by_definition(v, &options);
            }
            v[i] = (double)scores[i];
            ck_assert_double_eq_tol((double)slope[i], (side[1] - side[0]) / (2 * h), 1e-7);
        }
    }
}
END_TEST

START_TEST(a_gradient_in_parts_is_the_whole_gradient) {
    for (int kind = 0; kind < 3; kind++) {
        pvi_verifier_options options = {.loss = (pvi_verifier_loss)kind, .lambda = 0.3};
        float whole[N], part[N];
        pvi_judged_gradient(&judged, &options, 5, 0, N, whole);
        memset(part, 0xff, sizeof part);
        pvi_judged_gradient(&judged, &options, 5, 0, 3, part);
        pvi_judged_gradient(&judged, &options, 5, 3, N, part);
        ck_assert_mem_eq(whole, part, sizeof whole);
    }
}
END_TEST

START_TEST(pairs_are_right_and_wrong_of_one_problem) {
    ck_assert_int_eq(pvi_judged_pairs(&judged),
                     3 + 1); /* problem 1: three right, one wrong; 2: one of each; 3: alone */
    pvi_verifier_options options = {.loss = PVI_VERIFIER_BRADLEY_TERRY};
    pvi_verifier_stats stats;
    pvi_judged_loss(&judged, &options, 4, &stats);
    ck_assert_double_eq(stats.accuracy, (1 + 1 + 0.5 + 0) / 4); /* the tie of -0.5 and -0.5 is half */
    ck_assert_int_eq(stats.pairs, 4);
    float slope[N];
    pvi_judged_gradient(&judged, &options, 4, 0, N, slope);
    ck_assert(slope[5] == 0.0f); /* in no pair */
    ck_assert_double_eq_tol((double)slope[6], -0.5 / 4, 1e-7);
}
END_TEST

START_TEST(accuracy_and_means) {
    pvi_verifier_options options = {.loss = PVI_VERIFIER_CROSS_ENTROPY};
    pvi_verifier_stats stats;
    pvi_judged_loss(&judged, &options, 0, &stats);
    ck_assert_double_eq_tol(stats.accuracy, 3.0 / N, 1e-15); /* 1.25, -0.5 wrong, 0.75 */
    ck_assert_double_eq_tol(stats.mean_right, (1.25 + 0.75 - 40 - 0.5) / 4, 1e-12);
    ck_assert_double_eq_tol(stats.mean_wrong, (-0.5 + 3 + 55) / 3, 1e-12);
    const float zero[2] = {0, 0};
    const pvi_judged right = {2, zero, (const uint8_t[]){1, 1}, problems};
    pvi_judged_loss(&right, &options, 0, &stats);
    ck_assert(stats.accuracy == 0.5 && stats.mean_right == 0 && isnan(stats.mean_wrong));
    ck_assert_double_eq_tol(stats.loss, log(2), 1e-15);
}
END_TEST

START_TEST(extreme_scores_stay_finite) {
    const float far[4] = {3e4f, -3e4f, -3e4f, 3e4f};
    const pvi_judged j = {4, far, (const uint8_t[]){1, 0, 1, 0}, (const uint64_t[]){1, 1, 1, 1}};
    for (int kind = 0; kind < 3; kind++) {
        pvi_verifier_options options = {.loss = (pvi_verifier_loss)kind};
        pvi_verifier_stats stats;
        float slope[4];
        pvi_judged_loss(&j, &options, 4, &stats);
        pvi_judged_gradient(&j, &options, 4, 0, 4, slope);
        ck_assert(isfinite(stats.loss) && stats.loss > 0.4);
        for (int i = 0; i < 4; i++) ck_assert(isfinite(slope[i]));
        if (kind == PVI_VERIFIER_CROSS_ENTROPY)
            ck_assert(slope[0] == 0 && slope[1] == 0 && slope[2] == -0.25f && slope[3] == 0.25f);
    }
}
END_TEST

/* ---- the step ---- */

static pvg_status judge(void *arg, pvi_trainer *trainer, double *loss) {
    pvi_verifier_stats stats;
    pvg_status status = pvi_verifier_step(trainer, &learn_examples, learn_label, learn_problem, arg, &stats);
    *loss = stats.loss;
    return status;
}

static const struct {
    pvi_head head;
    bool feature;
    pvi_verifier_options options;
} cases[] = {
    {PVI_HEAD_TOKEN_SUM, false, {PVI_VERIFIER_BRADLEY_TERRY, 0.02, 0}},
    {PVI_HEAD_TOKEN_SUM, false, {PVI_VERIFIER_CROSS_ENTROPY, 0.05, 0.3}},
    {PVI_HEAD_TOKEN_MEAN, false, {PVI_VERIFIER_MEAN_SQUARE, 0.1, 0}},
    {PVI_HEAD_LAST, false, {PVI_VERIFIER_CROSS_ENTROPY, 0.01, 0}},
    {PVI_HEAD_TOKEN_MEAN, true, {PVI_VERIFIER_BRADLEY_TERRY, 0, 0.2}},
    {PVI_HEAD_LAST, true, {PVI_VERIFIER_MEAN_SQUARE, 0, 0.1}},
};
enum { CASES = sizeof cases / sizeof cases[0], WITHOUT_FEATURE = 4 };

START_TEST(gradient_is_the_slope_of_the_loss) {
    pvi_env *env = learn_env(1);
    pvi_verifier_options options = cases[_i].options;
    learn_check_gradient(learn_model(env, cases[_i].head, true, false, 1), judge, &options);
    test_env_free(env);
}
END_TEST

/* The log-probabilities are inputs, so the loss's slope in the trunk is more than the gradient, unless their weight is
 * 0; the slope in that weight itself is whole. */
START_TEST(the_weight_of_the_log_probabilities) {
    pvi_env *env = learn_env(1);
    pvi_verifier_options options = {PVI_VERIFIER_CROSS_ENTROPY, 0.05, 0};
    pvi_model *model = learn_model(env, PVI_HEAD_TOKEN_SUM, true, true, 1);
    *model->weights.logprob_weight = 0;
    learn_check_gradient(model, judge, &options); /* all slopes, the feature's weight among them */
    model = learn_model(env, PVI_HEAD_TOKEN_SUM, true, true, 1);
    pvi_trainer *trainer = learn_trainer(model, &learn_still, 64);
    double loss[3], h = 1e-3;
    ck_ok(env, judge(&options, trainer, &loss[0]));
    double slope = (double)*trainer->first.logprob_weight;
    for (int k = 1; k < 3; k++) {
        *model->weights.logprob_weight = (float)(0.3 + (k == 1 ? -h : h));
        model->stale = true;
        ck_ok(env, judge(&options, trainer, &loss[k]));
    }
    ck_assert_double_eq_tol(slope, (loss[2] - loss[1]) / (2 * h), 2e-3 * fabs(slope));
    pvi_trainer_destroy(trainer);
    pvi_model_destroy(model);
    test_env_free(env);
}
END_TEST

START_TEST(cuts_and_threads_change_no_bit) {
    pvi_verifier_options options = cases[_i].options;
    learn_case c = {.head = cases[_i].head, .tied = true, .feature = cases[_i].feature, .step = judge, .arg = &options};
    learn_check_exact(&c);
}
END_TEST

/* The step's parts: the loss of its scores, and the language loss of the right examples alone. */
START_TEST(the_joint_loss_is_the_sum_of_its_parts) {
    pvi_env *env = learn_env(1);
    pvi_model *model = learn_model(env, PVI_HEAD_TOKEN_SUM, true, false, 4);
    pvi_trainer *trainer = learn_trainer(model, &learn_still, 64);
    pvi_verifier_options plain = {PVI_VERIFIER_BRADLEY_TERRY, 0.1, 0}, joint = plain;
    pvi_verifier_stats one, both;
    joint.lm_weight = 0.7;
    ck_ok(env, pvi_verifier_step(trainer, &learn_examples, learn_label, learn_problem, &plain, &one));
    ck_ok(env, pvi_verifier_step(trainer, &learn_examples, learn_label, learn_problem, &joint, &both));
    ck_assert_int_eq(one.pairs, LEARN_PAIRS);
    ck_assert_double_eq(one.lm_loss, 0);
    ck_assert_double_gt(both.lm_loss, 0);
    ck_assert_double_eq_tol(both.loss, one.loss + 0.7 * both.lm_loss, 1e-12);
    ck_assert_double_eq(both.accuracy, one.accuracy);
    int32_t offset[3] = {0, 5, 11}, token[11], begin[2] = {2, 3};
    memcpy(token, learn_token, 5 * sizeof *token), memcpy(token + 5, learn_token + 8, 6 * sizeof *token);
    const pvi_examples right = {{2, offset, token}, begin};
    pvi_lm_stats language;
    ck_ok(env, pvi_lm_evaluate(trainer, &right, &language));
    ck_assert_double_eq_tol(both.lm_loss, language.loss, 1e-12);
    pvi_trainer_destroy(trainer);
    pvi_model_destroy(model);
    test_env_free(env);
}
END_TEST

START_TEST(learns_to_tell_right_from_wrong) {
    pvi_env *env = learn_env(1);
    pvi_adamw adamw = {.rate = 0.02, .beta1 = 0.9, .beta2 = 0.99, .epsilon = 1e-8, .clip = 1};
    for (int kind = 0; kind < 3; kind++) {
        pvi_model *model = learn_model(env, PVI_HEAD_TOKEN_SUM, true, false, 3);
        pvi_trainer *trainer = learn_trainer(model, &adamw, 12);
        pvi_verifier_options options = {(pvi_verifier_loss)kind, 0.001, 0};
        pvi_verifier_stats stats;
        for (int i = 0; i < 60; i++)
            ck_ok(env, pvi_verifier_step(trainer, &learn_examples, learn_label, learn_problem, &options, &stats));
        ck_assert_double_eq(stats.accuracy, 1);
        ck_assert_double_gt(stats.mean_right, stats.mean_wrong + 1);
        pvi_trainer_destroy(trainer);
        pvi_model_destroy(model);
    }
    test_env_free(env);
}
END_TEST

/* ---- failure ---- */

START_TEST(wrong_arguments_are_refused) {
    pvi_env *env = learn_env(1);
    pvi_model *model = learn_model(env, PVI_HEAD_LAST, true, false, 3),
              *prover = learn_model(env, PVI_HEAD_LM, true, false, 3);
    pvi_trainer *trainer = learn_trainer(model, &learn_moving, 64), *other = learn_trainer(prover, &learn_moving, 64);
    pvi_verifier_stats stats = {.loss = -7};
    pvi_verifier_options good = {PVI_VERIFIER_BRADLEY_TERRY, 0, 0}, bad = good;
    learn_before before = learn_remember(trainer);
    ck_fails(env, PVG_E_INVALID, "not a prover",
             pvi_verifier_step(other, &learn_examples, learn_label, learn_problem, &good, &stats));
    bad.lambda = -1;
    ck_fails(env, PVG_E_RANGE, "lambda is -1",
             pvi_verifier_step(trainer, &learn_examples, learn_label, learn_problem, &bad, &stats));
    bad = good, bad.lm_weight = NAN;
    ck_fails(env, PVG_E_RANGE, "lm_weight",
             pvi_verifier_step(trainer, &learn_examples, learn_label, learn_problem, &bad, &stats));
    const uint8_t label[LEARN_SEQUENCES] = {1, 0, 2, 0, 0}, all_right[LEARN_SEQUENCES] = {1, 1, 1, 1, 1};
    bad = good, bad.loss = PVI_VERIFIER_CROSS_ENTROPY;
    ck_fails(env, PVG_E_INVALID, "label of example 2 is 2",
             pvi_verifier_step(trainer, &learn_examples, label, learn_problem, &bad, &stats));
    ck_fails(env, PVG_E_INVALID, "no pair",
             pvi_verifier_step(trainer, &learn_examples, all_right, learn_problem, &good, &stats));
    const pvi_examples none = {{0, learn_offset, learn_token}, learn_begin};
    ck_fails(env, PVG_E_INVALID, "0 sequences",
             pvi_verifier_step(trainer, &none, learn_label, learn_problem, &bad, &stats));
    learn_check_unchanged(trainer, &before);
    ck_assert_double_eq(stats.loss, -7);
    ck_ok(env, pvi_verifier_step(trainer, &learn_examples, all_right, NULL, &bad, &stats)); /* problems are not read */
    ck_assert(isnan(stats.mean_wrong));
    pvi_trainer_destroy(trainer), pvi_trainer_destroy(other);
    pvi_model_destroy(model), pvi_model_destroy(prover);
    test_env_free(env);
}
END_TEST

START_TEST(failed_steps_change_nothing) {
    pvi_env *env = learn_env(1);
    for (int i = 0; i < CASES; i++) {
        pvi_model *model = learn_model(env, cases[i].head, true, cases[i].feature, 3);
        pvi_trainer *trainer = learn_trainer(model, &learn_moving, 7);
        pvi_verifier_options options = cases[i].options;
        pvi_verifier_stats stats;
        ck_ok(env, pvi_verifier_step(trainer, &learn_examples, learn_label, learn_problem, &options, &stats));
        stats.loss = -7;
        model->weights.score_weight[3] = NAN;
        model->stale = true;
        learn_before before = learn_remember(trainer);
        ck_fails(env, PVG_E_NUMERIC, "finite",
                 pvi_verifier_step(trainer, &learn_examples, learn_label, learn_problem, &options, &stats));
        learn_check_unchanged(trainer, &before);
        model->weights.score_weight[3] = 0.5f;
        model->stale = true;
        before = learn_remember(trainer);
        atomic_store(&env->cancelled, 1);
        ck_fails(env, PVG_E_CANCELLED, "",
                 pvi_verifier_step(trainer, &learn_examples, learn_label, learn_problem, &options, &stats));
        atomic_store(&env->cancelled, 0);
        learn_check_unchanged(trainer, &before);
        ck_assert_double_eq(stats.loss, -7);
        pvi_trainer_destroy(trainer);
        pvi_model_destroy(model);
    }
    test_env_free(env);
}
END_TEST

Suite *suite_verifier_loss(void) {
    Suite *suite = suite_create("verifier_loss");
    TCase *tc = tcase_create("verifier_loss");
    tcase_add_test(tc, losses_agree_with_their_definition);
    tcase_add_test(tc, a_gradient_in_parts_is_the_whole_gradient);
    tcase_add_test(tc, pairs_are_right_and_wrong_of_one_problem);
    tcase_add_test(tc, accuracy_and_means);
    tcase_add_test(tc, extreme_scores_stay_finite);
    tcase_add_loop_test(tc, gradient_is_the_slope_of_the_loss, 0, WITHOUT_FEATURE);
    tcase_add_test(tc, the_weight_of_the_log_probabilities);
    tcase_add_loop_test(tc, cuts_and_threads_change_no_bit, 0, CASES);
    tcase_add_test(tc, the_joint_loss_is_the_sum_of_its_parts);
    tcase_add_test(tc, learns_to_tell_right_from_wrong);
    tcase_add_test(tc, wrong_arguments_are_refused);
    tcase_add_test(tc, failed_steps_change_nothing);
    suite_add_tcase(suite, tc);
    return suite;
}
