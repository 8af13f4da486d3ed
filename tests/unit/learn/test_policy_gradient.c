/* test_policy_gradient.c - one row of logits against its definition, and the prover's step through the whole model. */
#include "learn_fixture.h"
#include "model/sample.h"

/* ---- a row ---- */

enum { V = 9 };

/* The step's contribution of one row, from the definition in double. */
static double row_by_definition(const pvi_policy_options *o, const pvi_policy_row_in *in, const double *logits,
                                const double *reference, pvi_policy_row_out *out) {
    double most = -INFINITY, most_reference = -INFINITY, sum = 0, sum_reference = 0, kl = 0, entropy = 0;
    for (int i = 0; i < V; i++) {
        most = fmax(most, logits[i]);
        if (reference != NULL) most_reference = fmax(most_reference, reference[i]);
    }
    for (int i = 0; i < V; i++) {
        sum += exp(logits[i] - most);
        if (reference != NULL) sum_reference += exp(reference[i] - most_reference);
    }
    for (int i = 0; i < V; i++) {
        double l = logits[i] - most - log(sum), p = exp(l);
        if (p == 0) continue;
        entropy -= p * l;
        if (reference != NULL) kl += p * (l - (reference[i] - most_reference - log(sum_reference)));
    }
    double off = logits[in->target] - most - log(sum) - in->behaviour, ratio = exp(fmin(fmax(off, -20), 20));
    double held = fmin(fmax(ratio, 1 - o->clip), 1 + o->clip), a = in->advantage;
    *out = (pvi_policy_row_out){-fmin(ratio * a, held * a), kl, entropy, fabs(off), held * a < ratio * a};
    return (out->surrogate + o->kl * kl - o->entropy * entropy) / in->sequences;
}

static void check_row(const pvi_policy_options *o, const pvi_policy_row_in *in, const float *logits,
                      const float *reference) {
    double l[V], r[V];
    float row[V];
    for (int i = 0; i < V; i++) l[i] = (double)logits[i], r[i] = reference == NULL ? 0 : (double)reference[i];
    const double *beside = reference == NULL ? NULL : r;
    pvi_policy_row_out wanted, found, ignored;
    row_by_definition(o, in, l, beside, &wanted);
    memcpy(row, logits, sizeof row);
    pvi_policy_row(o, in, row, reference, V, &found);
    double size = fmax(1, fabs(wanted.surrogate));
    ck_assert_double_eq_tol(found.surrogate, wanted.surrogate, 1e-5 * size);
    ck_assert_double_eq_tol(found.kl, wanted.kl, 1e-5);
    ck_assert_double_eq_tol(found.entropy, wanted.entropy, 1e-5);
    ck_assert_double_eq_tol(found.mismatch, wanted.mismatch, 1e-5);
    ck_assert_int_eq(found.clipped, wanted.clipped);
    for (int i = 0; i < V; i++) {
        double h = 1e-5, side[2], kept = l[i];
        if (isinf(kept)) {
            ck_assert(row[i] == 0.0f); /* no way to move it */
            continue;
        }
        for (int k = 0; k < 2; k++) {
            l[i] = kept + (k == 0 ? -h : h);
            side[k] = row_by_definition(o, in, l, beside, &ignored);
        }
        l[i] = kept;
        double slope = (side[1] - side[0]) / (2 * h);
        ck_assert_msg(fabs((double)row[i] - slope) <= 1e-5 * size, "[%d] is %.8g, the slope %.8g", i, (double)row[i],
                      slope);
    }
}

static const float plain[V] = {0.5f, -1, 2, 0, 1.5f, -3, 0.25f, 1, -0.5f};
static const float other[V] = {1, 0.5f, 0, -1, 2.5f, 1, -2, 0, 0.75f};

START_TEST(rows_agree_with_their_definition) {
    const double advantage[] = {1.3, -0.8, 0, 2};
    const double behaviour[] = {-0.01, -1.2, -1.7, -2.4, -9, -30}; /* the target's log p is about -1.08 or -3.58 */
    for (int target = 2; target < 5; target++)
        for (int a = 0; a < 4; a++)
            for (int b = 0; b < 6; b++) {
                pvi_policy_row_in in = {target, behaviour[b], advantage[a], 4, true};
                check_row(&(pvi_policy_options){0.2, 0.1, 0.03}, &in, plain, other);
                check_row(&(pvi_policy_options){0.2, 0, 0}, &in, plain, NULL);
                check_row(&(pvi_policy_options){5, 0, -0.5}, &in, plain, other);
            }
}
END_TEST

START_TEST(disallowed_tokens_take_no_part) {
    float row[V], reference[V];
    memcpy(row, plain, sizeof row);
    memcpy(reference, other, sizeof reference);
    row[3] = row[7] = reference[3] = reference[7] = -INFINITY;
    pvi_policy_row_in in = {2, -1, 0.7, 3, true};
    check_row(&(pvi_policy_options){0.2, 0.5, 0.2}, &in, row, reference);
}
END_TEST

START_TEST(a_certain_token_has_no_entropy) {
    float row[V] = {0}, reference[V] = {0};
    row[2] = 2000;
    pvi_policy_row_in in = {2, 0, 1, 1, true};
    pvi_policy_row_out out;
    pvi_policy_row(&(pvi_policy_options){0.2, 0.1, 0.1}, &in, row, reference, V, &out);
    ck_assert(out.entropy == 0 && out.surrogate == -1 && out.mismatch == 0 && !out.clipped);
    ck_assert_double_eq_tol(out.kl, log(V), 1e-6);
    for (int i = 0; i < V; i++) ck_assert(isfinite(row[i]));
}
END_TEST

START_TEST(without_training_logits_are_only_read) {
    float row[V];
    memcpy(row, plain, sizeof row);
    pvi_policy_row_in in = {2, -1, 0.7, 3, false};
    pvi_policy_row_out with, without;
    pvi_policy_row(&(pvi_policy_options){0.2, 0.5, 0.2}, &in, row, other, V, &without);
    in.train = true;
    memcpy(row, plain, sizeof row);
    pvi_policy_row(&(pvi_policy_options){0.2, 0.5, 0.2}, &in, row, other, V, &with);
    ck_assert(with.surrogate == without.surrogate && with.kl == without.kl && with.entropy == without.entropy);
}
END_TEST

/* ---- the step ---- */

/* The reference's prompts are of other lengths and other words; the solutions are the same. */
static const int32_t reference_word[7] = {9, 2, 8, 5, 1, 0, 12};
static const int32_t reference_prompt[LEARN_SEQUENCES] = {1, 3, 2, 2, 1};

typedef struct policy {
    pvi_policy_options options;
    pvi_model *reference;
    pvi_activations *work;
    int32_t token[64], offset[LEARN_SEQUENCES + 1];
    pvi_examples beside;
    float behaviour[LEARN_TOKENS];
    double advantage[LEARN_SEQUENCES];
    pvi_policy_stats stats;
    bool alone; /* no reference */
} policy;

static void open_policy(void *arg, pvi_env *env) {
    policy *p = arg;
    p->reference = NULL;
    if (p->alone) return;
    pvi_shape wider = learn_shape;
    wider.width = 12;
    ck_ok(env, pvi_model_create(env, &wider, NULL, &(pvi_init){.seed = 77, .embedding_scale = 0.7f}, &p->reference));
    ck_ok(env, pvi_activations_create(env, &p->reference->shape, 64, 16, false, &p->work));
    for (int s = 0, at = 0; s < LEARN_SEQUENCES; s++) {
        for (int i = 0; i < reference_prompt[s]; i++, at++) p->token[at] = reference_word[at % 7];
        for (int i = learn_offset[s] + learn_begin[s]; i < learn_offset[s + 1]; i++) p->token[at++] = learn_token[i];
        p->offset[s + 1] = at;
    }
    p->beside = (pvi_examples){{LEARN_SEQUENCES, p->offset, p->token}, reference_prompt};
}

static void close_policy(void *arg) {
    policy *p = arg;
    if (p->reference == NULL) return;
    pvi_activations_destroy(p->reference->env, p->work);
    pvi_model_destroy(p->reference);
}

/* Behaviour near and far from what the model of seed 1 says, so that the clip bites on both sides. */
static policy make_policy(double clip, double kl, double entropy) {
    policy p = {.options = {clip, kl, entropy}, .advantage = {1.2, -0.7, 0.4, -1.5, 0.9}};
    pvi_rng rng = pvi_rng_stream(3, "behaviour", 0, 0);
    for (int i = 0; i < LEARN_TOKENS; i++) p.behaviour[i] = (float)(-2.5 - 0.9 * pvi_rng_normal(&rng));
    return p;
}

static pvg_status act(void *arg, pvi_trainer *trainer, double *loss) {
    policy *p = arg;
    pvg_status status =
        pvi_policy_step(trainer, p->reference, p->work, &learn_examples, p->reference != NULL ? &p->beside : NULL,
                        p->behaviour, p->advantage, &p->options, &p->stats);
    *loss = p->stats.loss;
    return status;
}

START_TEST(gradient_is_the_slope_of_the_loss) {
    static const pvi_policy_options options[] = {{0.2, 0, 0}, {0.2, 0.3, 0}, {0.3, 0.1, 0.2}, {1000, 0.05, -0.1}};
    pvi_env *env = learn_env(1);
    for (int i = 0; i < 4; i++) {
        policy p = make_policy(options[i].clip, options[i].kl, options[i].entropy);
        p.alone = i == 0;
        open_policy(&p, env);
        learn_check_gradient(learn_model(env, PVI_HEAD_LM, i % 2 == 0, false, 1), act, &p);
        ck_assert(i == 3 ? p.stats.clipped == 0 : p.stats.clipped > 0.1 && p.stats.clipped < 0.9);
        ck_assert(p.alone ? p.stats.kl == 0 : p.stats.kl > 0.1);
        close_policy(&p);
    }
    test_env_free(env);
}
END_TEST

START_TEST(cuts_and_threads_change_no_bit) {
    policy p = make_policy(0.2, 0.1, 0.01);
    learn_case c = {
        .head = PVI_HEAD_LM, .tied = true, .step = act, .arg = &p, .open = open_policy, .close = close_policy};
    learn_check_exact(&c);
    p.alone = true;
    p.options.kl = 0;
    c.tied = false;
    learn_check_exact(&c);
}
END_TEST

/* On the samples of the model itself: ratios are 1, the clip never bites, and the loss is minus the mean of advantage
 * times length. */
START_TEST(first_update_after_sampling) {
    pvi_env *env = learn_env(1);
    pvi_model *model = learn_model(env, PVI_HEAD_LM, true, false, 1);
    pvi_trainer *trainer = learn_trainer(model, &learn_still, 64);
    policy p = make_policy(0.2, 0, 0);
    p.alone = true;
    open_policy(&p, env);
    const float *hidden;
    int32_t rows[LEARN_TOKENS];
    double loss, wanted = 0;
    ck_ok(env, pvi_forward(model, &learn_examples.batch, trainer->activations, &hidden));
    ck_ok(env, pvi_token_logprobs(model, &learn_examples.batch, learn_begin, hidden, rows, p.behaviour));
    ck_ok(env, act(&p, trainer, &loss));
    ck_assert_double_eq(p.stats.mismatch, 0);
    ck_assert_double_eq(p.stats.clipped, 0);
    ck_assert_int_eq(p.stats.tokens, LEARN_TARGETS);
    for (int s = 0; s < LEARN_SEQUENCES; s++)
        wanted -= p.advantage[s] * (learn_offset[s + 1] - learn_offset[s] - learn_begin[s]) / LEARN_SEQUENCES;
    ck_assert_double_eq_tol(loss, wanted, 1e-12);
    pvi_trainer_destroy(trainer);
    pvi_model_destroy(model);
    test_env_free(env);
}
END_TEST

/* The model as its own reference, seen through the same prompts: no divergence. */
START_TEST(no_divergence_from_oneself) {
    pvi_env *env = learn_env(1);
    pvi_model *model = learn_model(env, PVI_HEAD_LM, true, false, 1), *copy;
    ck_ok(env, pvi_model_clone(env, model, &copy));
    pvi_trainer *trainer = learn_trainer(model, &learn_still, 64);
    pvi_activations *work;
    ck_ok(env, pvi_activations_create(env, &copy->shape, 64, 16, false, &work));
    policy p = make_policy(0.2, 0.5, 0);
    memset(p.advantage, 0, sizeof p.advantage);
    ck_ok(env, pvi_policy_step(trainer, copy, work, &learn_examples, &learn_examples, p.behaviour, p.advantage,
                               &p.options, &p.stats));
    ck_assert_double_eq_tol(p.stats.kl, 0, 1e-6);
    ck_assert_double_eq_tol(p.stats.norm, 0, 1e-5);
    ck_assert_double_gt(p.stats.entropy, 0.5);
    ck_assert_double_le(p.stats.entropy, log(13));
    pvi_activations_destroy(env, work);
    pvi_trainer_destroy(trainer);
    pvi_model_destroy(model), pvi_model_destroy(copy);
    test_env_free(env);
}
END_TEST

START_TEST(what_pays_becomes_likelier) {
    pvi_env *env = learn_env(1);
    pvi_model *model = learn_model(env, PVI_HEAD_LM, true, false, 1);
    pvi_adamw adamw = {.rate = 0.01, .beta1 = 0.9, .beta2 = 0.99, .epsilon = 1e-8, .clip = 1};
    pvi_trainer *trainer = learn_trainer(model, &adamw, 12);
    policy p = make_policy(0.2, 0, 0);
    p.alone = true;
    open_policy(&p, env);
    const float *hidden;
    int32_t rows[LEARN_TOKENS];
    float after[LEARN_TOKENS];
    double loss;
    pvi_activations *work;
    ck_ok(env, pvi_activations_create(env, &model->shape, 64, 16, false, &work));
    ck_ok(env, pvi_forward(model, &learn_examples.batch, work, &hidden));
    ck_ok(env, pvi_token_logprobs(model, &learn_examples.batch, learn_begin, hidden, rows, p.behaviour));
    for (int i = 0; i < 10; i++) ck_ok(env, act(&p, trainer, &loss));
    ck_assert_double_gt(p.stats.mismatch, 0.01);
    ck_ok(env, pvi_model_ready(model));
    ck_ok(env, pvi_forward(model, &learn_examples.batch, work, &hidden));
    ck_ok(env, pvi_token_logprobs(model, &learn_examples.batch, learn_begin, hidden, rows, after));
    for (int s = 0; s < LEARN_SEQUENCES; s++) {
        double change = 0;
        for (int i = learn_offset[s]; i < learn_offset[s + 1]; i++) change += (double)after[i] - (double)p.behaviour[i];
        ck_assert_msg(change * p.advantage[s] > 0, "sequence %d: advantage %g, log p changed by %g", s, p.advantage[s],
                      change);
    }
    pvi_activations_destroy(env, work);
    pvi_trainer_destroy(trainer);
    pvi_model_destroy(model);
    test_env_free(env);
}
END_TEST

/* ---- failure ---- */

START_TEST(wrong_arguments_are_refused) {
    pvi_env *env = learn_env(1);
    pvi_model *model = learn_model(env, PVI_HEAD_LM, true, false, 1),
              *judge = learn_model(env, PVI_HEAD_LAST, true, false, 1);
    pvi_trainer *trainer = learn_trainer(model, &learn_moving, 64), *other = learn_trainer(judge, &learn_moving, 64);
    policy good = make_policy(0.2, 0.1, 0);
    open_policy(&good, env);
    learn_before before = learn_remember(trainer);
    double loss;
    const struct {
        double clip, kl, entropy;
    } bad[] = {{0, 0, 0}, {-1, 0, 0}, {NAN, 0, 0}, {0.2, -0.1, 0}, {0.2, NAN, 0}, {0.2, 0, INFINITY}};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        policy p = good;
        p.options = (pvi_policy_options){bad[i].clip, bad[i].kl, bad[i].entropy};
        ck_fails(env, PVG_E_RANGE, "wanted clip above 0", act(&p, trainer, &loss));
    }
    ck_fails(env, PVG_E_INVALID, "needs a prover", act(&good, other, &loss));
    policy p = good;
    p.reference = NULL;
    ck_fails(env, PVG_E_INVALID, "without a reference", act(&p, trainer, &loss));
    p = good, p.advantage[2] = NAN;
    ck_fails(env, PVG_E_NUMERIC, "advantage of sequence 2", act(&p, trainer, &loss));
    p = good, p.behaviour[7] = -INFINITY;
    ck_fails(env, PVG_E_NUMERIC, "token 2 of sequence 1", act(&p, trainer, &loss));
    p = good, p.behaviour[0] = NAN; /* a prompt's: not read */
    p.beside.batch.token = p.token, p.token[p.offset[2] - 1] ^= 1;
    ck_fails(env, PVG_E_INVALID, "solution of sequence 1 is not the policy's", act(&p, trainer, &loss));
    p = good, p.beside.batch.sequences = 4;
    ck_fails(env, PVG_E_INVALID, "5 sequences for the policy, 4", act(&p, trainer, &loss));
    learn_check_unchanged(trainer, &before);
    p = good, p.behaviour[0] = NAN;
    ck_ok(env, act(&p, trainer, &loss));
    close_policy(&good);
    pvi_trainer_destroy(trainer), pvi_trainer_destroy(other);
    pvi_model_destroy(model), pvi_model_destroy(judge);
    test_env_free(env);
}
END_TEST

START_TEST(failed_steps_change_nothing) {
    pvi_env *env = learn_env(1);
    pvi_model *model = learn_model(env, PVI_HEAD_LM, true, false, 1);
    pvi_trainer *trainer = learn_trainer(model, &learn_moving, 7);
    policy p = make_policy(1e9, 0.1, 0);
    double loss;
    open_policy(&p, env);
    ck_ok(env, act(&p, trainer, &loss));
    pvi_policy_stats stats = p.stats;
    p.advantage[0] = 1e30; /* a gradient beyond every bound, from numbers that are finite */
    learn_before before = learn_remember(trainer);
    ck_fails(env, PVG_E_NUMERIC, "the gradient of ", act(&p, trainer, &loss));
    learn_check_unchanged(trainer, &before);
    p.advantage[0] = 1.7e308; /* the loss itself overflows */
    p.advantage[2] = 1.7e308;
    before = learn_remember(trainer);
    ck_fails(env, PVG_E_NUMERIC, "", act(&p, trainer, &loss));
    learn_check_unchanged(trainer, &before);
    p.advantage[0] = p.advantage[2] = 1;
    p.reference->weights.norm[1] = NAN;
    p.reference->stale = true;
    before = learn_remember(trainer);
    ck_fails(env, PVG_E_NUMERIC, "finite", act(&p, trainer, &loss));
    learn_check_unchanged(trainer, &before);
    p.reference->weights.norm[1] = 1;
    p.reference->stale = true;
    before = learn_remember(trainer);
    atomic_store(&env->cancelled, 1);
    ck_fails(env, PVG_E_CANCELLED, "", act(&p, trainer, &loss));
    atomic_store(&env->cancelled, 0);
    learn_check_unchanged(trainer, &before);
    ck_assert_mem_eq(&stats, &p.stats, sizeof stats);
    ck_ok(env, act(&p, trainer, &loss));
    close_policy(&p);
    pvi_trainer_destroy(trainer);
    pvi_model_destroy(model);
    test_env_free(env);
}
END_TEST

Suite *suite_policy_gradient(void) {
    Suite *suite = suite_create("policy_gradient");
    TCase *tc = tcase_create("policy_gradient");
    tcase_add_test(tc, rows_agree_with_their_definition);
    tcase_add_test(tc, disallowed_tokens_take_no_part);
    tcase_add_test(tc, a_certain_token_has_no_entropy);
    tcase_add_test(tc, without_training_logits_are_only_read);
    tcase_add_test(tc, gradient_is_the_slope_of_the_loss);
    tcase_add_test(tc, cuts_and_threads_change_no_bit);
    tcase_add_test(tc, first_update_after_sampling);
    tcase_add_test(tc, no_divergence_from_oneself);
    tcase_add_test(tc, what_pays_becomes_likelier);
    tcase_add_test(tc, wrong_arguments_are_refused);
    tcase_add_test(tc, failed_steps_change_nothing);
    suite_add_tcase(suite, tc);
    return suite;
}
