/* policy_gradient.c - the prover's step: PPO's clipped surrogate with an exact KL to a reference model. */
#include <math.h>
#include <string.h>

#include "learn/micro_batch.h"

/* ---- one row of logits ---- */

/* logits -> log-probabilities in place. A disallowed token stays at -INFINITY. */
static void to_logprobs(float *logits, int32_t vocab, float log_sum) {
    for (int32_t i = 0; i < vocab; i++) logits[i] -= log_sum;
}

typedef struct row_sums {
    double kl, entropy;
} row_sums;

/* Over tokens that the policy may write at all. Where its probability is 0 to the last bit, nothing is left to add. */
static row_sums sum_row(const float *logprob, const float *reference, float reference_log_sum, int32_t vocab) {
    row_sums sums = {0};
    for (int32_t i = 0; i < vocab; i++) {
        double p = exp((double)logprob[i]);
        if (p == 0) continue;
        sums.entropy -= p * (double)logprob[i];
        if (reference != NULL) sums.kl += p * ((double)logprob[i] - (double)(reference[i] - reference_log_sum));
    }
    return sums;
}

/* d / d log p of -min(r A, clip(r) A), and whether the clip made it 0. Exactly the derivative of the loss as stated:
 * also 0 where the log-ratio is held at its bounds. */
static double surrogate_slope(double log_ratio, double ratio, double advantage, double clip, bool *clipped) {
    *clipped = advantage > 0 ? ratio > 1 + clip : advantage < 0 && ratio < 1 - clip;
    if (*clipped || log_ratio >= 20 || log_ratio <= -20) return 0;
    return -ratio * advantage;
}

/* NaN goes through. */
static double kept(double x, double low, double high) { return x < low ? low : x > high ? high : x; }

void pvi_policy_row(const pvi_policy_options *o, const pvi_policy_row_in *in, float *logits, const float *reference,
                    int32_t vocab, pvi_policy_row_out *out) {
    float target = pvi_row_logprob(logits, vocab, in->target, NULL), reference_log_sum = 0.0f;
    if (reference != NULL)
        reference_log_sum = reference[in->target] - pvi_row_logprob(reference, vocab, in->target, NULL);
    to_logprobs(logits, vocab, logits[in->target] - target);
    row_sums sums = sum_row(logits, reference, reference_log_sum, vocab);
    double off = (double)target - in->behaviour, log_ratio = kept(off, -20, 20), ratio = exp(log_ratio);
    double plain = ratio * in->advantage, limited = kept(ratio, 1 - o->clip, 1 + o->clip) * in->advantage;
    *out = (pvi_policy_row_out){.surrogate = plain < limited ? -plain : -limited, .kl = sums.kl, .entropy = sums.entropy,
                                .mismatch = fabs(off)};
    double push = surrogate_slope(log_ratio, ratio, in->advantage, o->clip, &out->clipped);
    if (!in->train) return;
    for (int32_t i = 0; i < vocab; i++) {
        double l = (double)logits[i], p = exp(l), d = -push * p;
        if (p > 0) {
            if (reference != NULL) d += o->kl * p * (l - (double)(reference[i] - reference_log_sum) - sums.kl);
            d += o->entropy * p * (l + sums.entropy);
        }
        if (i == in->target) d += push;
        logits[i] = (float)(d / in->sequences);
    }
}

/* ---- the step ---- */

typedef struct policy_work {
    pvi_trainer *trainer;
    pvi_model *reference;
    pvi_activations *reference_work;
    const pvi_examples *examples, *reference_examples;
    const float *behaviour;
    const double *advantage;
    const pvi_policy_options *options;
    pvi_micro micro;
    double surrogate, kl, entropy, mismatch;
    int64_t clipped, tokens;
} policy_work;

static void policy_row(void *arg, int32_t row, float *logits, const float *reference, int32_t vocab) {
    const policy_work *w = arg;
    const struct pvi_trainer_scratch *s = w->trainer->scratch;
    pvi_policy_row_in in = {.target = w->micro.batch.token[row + 1], .advantage = s->weight[row], .train = true,
                            .behaviour = (double)w->behaviour[w->micro.token + row + 1],
                            .sequences = (double)w->examples->batch.sequences};
    pvi_policy_row_out out;
    pvi_policy_row(w->options, &in, logits, reference, vocab, &out);
    s->result[row] = (pvi_row_result){.loss = out.surrogate, .kl = out.kl, .entropy = out.entropy,
                                      .mismatch = out.mismatch, .marked = out.clipped};
}

static pvg_status check_options(const policy_work *w) {
    pvi_env *env = w->trainer->env;
    const pvi_policy_options *o = w->options;
    if (!(o->clip > 0) || !isfinite(o->clip) || !(o->kl >= 0) || !isfinite(o->kl) || !isfinite(o->entropy))
        return pvi_fail(env, PVG_E_RANGE, "trainer",
                        "clip is %g, kl %g, entropy %g; wanted clip above 0, kl of at least 0, all finite", o->clip, o->kl,
                        o->entropy);
    if (w->trainer->model->shape.head != PVI_HEAD_LM)
        return pvi_fail(env, PVG_E_INVALID, "trainer", "a policy step needs a prover, not a model with a score head");
    if (w->reference == NULL && o->kl > 0)
        return pvi_fail(env, PVG_E_INVALID, "trainer", "kl is %g without a reference model", o->kl);
    if (w->reference != NULL && w->reference->shape.vocab != w->trainer->model->shape.vocab)
        return pvi_fail(env, PVG_E_INVALID, "trainer", "the reference has %d tokens, the policy %d",
                        (int)w->reference->shape.vocab, (int)w->trainer->model->shape.vocab);
    return PVG_OK;
}

/* Advantages and behaviour: finite where they are read. */
static pvg_status check_numbers(const policy_work *w) {
    pvi_env *env = w->trainer->env;
    const pvi_examples *e = w->examples;
    for (int32_t s = 0; s < e->batch.sequences; s++) {
        if (!isfinite(w->advantage[s]))
            return pvi_fail(env, PVG_E_NUMERIC, "trainer", "the advantage of sequence %d is %g", (int)s, w->advantage[s]);
        for (int32_t i = e->batch.offset[s] + e->begin[s]; i < e->batch.offset[s + 1]; i++)
            if (!isfinite(w->behaviour[i]))
                return pvi_fail(env, PVG_E_NUMERIC, "trainer", "the sampling log-probability of token %d of sequence %d is %g",
                                (int)(i - e->batch.offset[s]), (int)s, (double)w->behaviour[i]);
    }
    return PVG_OK;
}

/* Both see the same solutions. */
static pvg_status check_reference(const policy_work *w) {
    const pvi_examples *e = w->examples, *r = w->reference_examples;
    if (e->batch.sequences != r->batch.sequences)
        return pvi_fail(w->trainer->env, PVG_E_INVALID, "trainer", "%d sequences for the policy, %d for the reference",
                        (int)e->batch.sequences, (int)r->batch.sequences);
    pvg_status status = pvi_examples_check(w->trainer, r, "the reference's batch", false);
    for (int32_t s = 0; s < e->batch.sequences && status == PVG_OK; s++) {
        int32_t from = e->batch.offset[s] + e->begin[s], count = e->batch.offset[s + 1] - from;
        int32_t beside = r->batch.offset[s] + r->begin[s];
        if (r->batch.offset[s + 1] - beside != count ||
            memcmp(e->batch.token + from, r->batch.token + beside, (size_t)count * sizeof(int32_t)) != 0)
            status = pvi_fail(w->trainer->env, PVG_E_INVALID, "trainer",
                              "the reference's solution of sequence %d is not the policy's", (int)s);
    }
    return status;
}

static pvg_status prepare(policy_work *w) {
    pvi_trainer *t = w->trainer;
    pvg_status status = check_options(w);
    if (status == PVG_OK) status = pvi_examples_check(t, w->examples, "the batch", true);
    if (status == PVG_OK) status = check_numbers(w);
    if (status == PVG_OK) status = pvi_model_ready(t->model);
    if (status != PVG_OK || w->reference == NULL) return status;
    status = check_reference(w);
    size_t floats = (size_t)t->micro_tokens * (size_t)w->reference->shape.width;
    if (status == PVG_OK)
        status = pvi_reserve(t->env, (void **)&t->scratch->reference_hidden, &t->scratch->reference_capacity, floats,
                             sizeof(float));
    return status == PVG_OK ? pvi_model_ready(w->reference) : status;
}

/* The reference's hidden states of this micro-batch's solutions, moved to where the policy's rows are. */
static pvg_status reference_rows(policy_work *w, int32_t first, int32_t end) {
    struct pvi_trainer_scratch *s = w->trainer->scratch;
    pvi_micro beside;
    const float *hidden;
    pvi_micro_cut(w->reference_examples, first, end, s->reference_offset, &beside);
    pvg_status status = pvi_forward(w->reference, &beside.batch, w->reference_work, &hidden);
    if (status != PVG_OK) return status;
    size_t width = (size_t)w->reference->shape.width;
    for (int32_t i = 0; i < end - first; i++) {
        int32_t to = w->micro.batch.offset[i] + w->micro.begin[i] - 1, rows = w->micro.batch.offset[i + 1] - 1 - to;
        int32_t from = beside.batch.offset[i] + beside.begin[i] - 1;
        memcpy(s->reference_hidden + (size_t)to * width, hidden + (size_t)from * width, (size_t)rows * width * sizeof(float));
    }
    return PVG_OK;
}

static void add_results(policy_work *w, int32_t rows) {
    const struct pvi_trainer_scratch *s = w->trainer->scratch;
    for (int32_t i = 0; i < rows; i++) {
        const pvi_row_result *r = &s->result[s->rows[i]];
        w->surrogate += r->loss;
        w->kl += r->kl;
        w->entropy += r->entropy;
        w->clipped += r->marked;
        if (r->mismatch > w->mismatch) w->mismatch = r->mismatch;
    }
    w->tokens += rows;
}

static pvg_status policy_micro(policy_work *w, int32_t first, int32_t end) {
    pvi_trainer *t = w->trainer;
    struct pvi_trainer_scratch *s = t->scratch;
    const float *hidden;
    pvi_micro_cut(w->examples, first, end, s->offset, &w->micro);
    pvg_status status = pvi_micro_forward(t, &w->micro, &hidden);
    if (status == PVG_OK && w->reference != NULL) status = reference_rows(w, first, end);
    if (status != PVG_OK) return status;
    for (int32_t i = 0; i < end - first; i++)
        for (int32_t k = w->micro.batch.offset[i]; k < w->micro.batch.offset[i + 1]; k++) s->weight[k] = w->advantage[first + i];
    pvi_micro_clear(t, &w->micro);
    pvi_lm_pass pass = {.model = t->model, .hidden = hidden, .rows = s->rows, .row = policy_row, .arg = w,
                        .count = pvi_micro_rows(&w->micro, NULL, s->rows), .reference = w->reference,
                        .reference_hidden = w->reference != NULL ? s->reference_hidden : NULL, .d_hidden = t->d_hidden,
                        .gradients = &s->head_view};
    status = pvi_lm_head(&pass);
    if (status != PVG_OK) return status;
    add_results(w, pass.count);
    return pvi_backward(t->model, &w->micro.batch, t->activations, t->d_hidden, &t->gradient);
}

pvg_status pvi_policy_step(pvi_trainer *t, pvi_model *reference, pvi_activations *reference_work, const pvi_examples *e,
                           const pvi_examples *reference_examples, const float *behaviour, const double *advantage,
                           const pvi_policy_options *options, pvi_policy_stats *stats) {
    policy_work w = {.trainer = t, .reference = reference, .reference_work = reference_work, .examples = e,
                     .reference_examples = reference_examples, .behaviour = behaviour, .advantage = advantage,
                     .options = options};
    pvg_status status = prepare(&w);
    if (status != PVG_OK) return status;
    const pvi_batch *beside = reference != NULL ? &reference_examples->batch : NULL;
    for (int32_t first = 0, end; first < e->batch.sequences && status == PVG_OK; first = end) {
        end = pvi_micro_end(t, &e->batch, beside, first);
        status = policy_micro(&w, first, end);
    }
    double sequences = (double)e->batch.sequences, tokens = w.tokens > 0 ? (double)w.tokens : 1;
    pvi_policy_stats found = {.kl = w.kl / sequences, .entropy = w.entropy / tokens, .mismatch = w.mismatch,
                              .clipped = (double)w.clipped / tokens, .tokens = w.tokens,
                              .loss = (w.surrogate + options->kl * w.kl - options->entropy * w.entropy) / sequences};
    status = pvi_step_end(t, status, "policy", found.loss, &found.norm);
    if (status == PVG_OK) *stats = found;
    return status;
}
