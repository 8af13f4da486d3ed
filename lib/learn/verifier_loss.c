/* verifier_loss.c - losses on a verifier's scores, and the step that learns from them. */
#include <math.h>
#include <string.h>

#include "learn/micro_batch.h"
#include "model/sample.h"

static double logistic(double x) { return x >= 0 ? 1 / (1 + exp(-x)) : exp(x) / (1 + exp(x)); }
/* log(1 + exp(x)) without overflow. */
static double softplus(double x) { return (x > 0 ? x : 0) + log1p(exp(-fabs(x))); }

/* ---- pure functions of the scores ---- */

static bool opposed(const pvi_judged *j, size_t a, size_t b) {
    return j->problem[a] == j->problem[b] && j->label[a] != j->label[b];
}

int64_t pvi_judged_pairs(const pvi_judged *j) {
    int64_t pairs = 0;
    for (size_t a = 0; a < j->count; a++)
        for (size_t b = 0; j->label[a] && b < j->count; b++) pairs += opposed(j, a, b);
    return pairs;
}

/* d loss / d V of one example. In Bradley-Terry every opponent pushes with the probability of the wrong order. */
static double slope(const pvi_judged *j, const pvi_verifier_options *o, int64_t pairs, size_t i) {
    double v = (double)j->score[i], n = (double)j->count, p, push = 0;
    switch (o->loss) {
    case PVI_VERIFIER_CROSS_ENTROPY: push = (logistic(v) - j->label[i]) / n; break;
    case PVI_VERIFIER_MEAN_SQUARE:
        p = logistic(v);
        push = 2 * (p - j->label[i]) * p * (1 - p) / n;
        break;
    case PVI_VERIFIER_BRADLEY_TERRY:
        for (size_t k = 0; k < j->count; k++)
            if (opposed(j, i, k))
                push += j->label[i] ? -logistic((double)j->score[k] - v) : logistic(v - (double)j->score[k]);
        push /= (double)pairs;
        break;
    }
    return push + 2 * o->lambda * v / n;
}

void pvi_judged_gradient(const pvi_judged *j, const pvi_verifier_options *o, int64_t pairs, size_t from, size_t to,
                         float *d_score) {
    for (size_t i = from; i < to; i++) d_score[i] = (float)slope(j, o, pairs, i);
}

static double half_tie(double margin) { return margin > 0 ? 1 : margin == 0 ? 0.5 : 0; }

static void add_pairs(const pvi_judged *j, int64_t pairs, double *loss, double *accuracy) {
    double sum = 0, hits = 0;
    for (size_t a = 0; a < j->count; a++)
        for (size_t b = 0; j->label[a] && b < j->count; b++)
            if (opposed(j, a, b)) {
                double margin = (double)j->score[a] - (double)j->score[b];
                sum += softplus(-margin);
                hits += half_tie(margin);
            }
    *loss += sum / (double)pairs;
    *accuracy = hits / (double)pairs;
}

static void add_examples(const pvi_judged *j, bool square, double *loss, double *accuracy) {
    double sum = 0, hits = 0;
    for (size_t i = 0; i < j->count; i++) {
        double v = (double)j->score[i], off = logistic(v) - j->label[i];
        sum += square ? off * off : softplus(v) - j->label[i] * v;
        hits += half_tie(j->label[i] ? v : -v);
    }
    *loss += sum / (double)j->count;
    *accuracy = hits / (double)j->count;
}

void pvi_judged_loss(const pvi_judged *j, const pvi_verifier_options *o, int64_t pairs, pvi_verifier_stats *out) {
    double squares = 0, sum[2] = {0}, members[2] = {0};
    for (size_t i = 0; i < j->count; i++) {
        squares += (double)j->score[i] * (double)j->score[i];
        sum[j->label[i]] += (double)j->score[i];
        members[j->label[i]]++;
    }
    *out = (pvi_verifier_stats){.loss = o->lambda * squares / (double)j->count, .pairs = pairs,
                                .mean_right = members[1] > 0 ? sum[1] / members[1] : NAN,
                                .mean_wrong = members[0] > 0 ? sum[0] / members[0] : NAN};
    if (o->loss == PVI_VERIFIER_BRADLEY_TERRY) add_pairs(j, pairs, &out->loss, &out->accuracy);
    else add_examples(j, o->loss == PVI_VERIFIER_MEAN_SQUARE, &out->loss, &out->accuracy);
}

/* ---- the step ---- */

typedef struct verifier_work {
    pvi_trainer *trainer;
    const pvi_examples *examples;
    const pvi_verifier_options *options;
    pvi_judged judged;
    int64_t pairs;
    int64_t targets; /* of the joint language-model loss */
    pvi_lm_sums sums;
} verifier_work;

static pvg_status check_verifier(const verifier_work *w) {
    pvi_env *env = w->trainer->env;
    const pvi_verifier_options *o = w->options;
    if (w->trainer->model->shape.head == PVI_HEAD_LM)
        return pvi_fail(env, PVG_E_INVALID, "trainer", "a verifier step needs a model with a score head, not a prover");
    if (!(o->lambda >= 0) || !isfinite(o->lambda) || !(o->lm_weight >= 0) || !isfinite(o->lm_weight))
        return pvi_fail(env, PVG_E_RANGE, "trainer", "lambda is %g and lm_weight %g; wanted numbers of at least 0", o->lambda,
                        o->lm_weight);
    for (size_t i = 0; i < w->judged.count; i++)
        if (w->judged.label[i] > 1)
            return pvi_fail(env, PVG_E_INVALID, "trainer", "the label of example %zu is %d; wanted 0 or 1", i,
                            (int)w->judged.label[i]);
    if (o->loss == PVI_VERIFIER_BRADLEY_TERRY && w->pairs == 0)
        return pvi_fail(env, PVG_E_INVALID, "trainer",
                        "no pair of a right and a wrong example of one problem among %zu examples; Bradley-Terry needs one",
                        w->judged.count);
    return PVG_OK;
}

/* Room for one number a sequence. */
static pvg_status room(pvi_trainer *t, size_t sequences) {
    struct pvi_trainer_scratch *s = t->scratch;
    pvg_status status = pvi_reserve(t->env, (void **)&s->score, &s->score_capacity, sequences, sizeof *s->score);
    if (status != PVG_OK) return status;
    return pvi_reserve(t->env, (void **)&s->d_score, &s->d_score_capacity, sequences, sizeof *s->d_score);
}

static pvg_status score_micro(pvi_trainer *t, const pvi_micro *micro, const float **hidden) {
    struct pvi_trainer_scratch *s = t->scratch;
    pvg_status status = pvi_micro_forward(t, micro, hidden);
    bool feature = t->model->shape.logprob_feature;
    if (status == PVG_OK && feature)
        status = pvi_token_logprobs(t->model, &micro->batch, micro->begin, *hidden, s->rows, s->logprob);
    if (status != PVG_OK) return status;
    return pvi_score_head(t->model, &micro->batch, micro->begin, *hidden, feature ? s->logprob : NULL,
                          s->score + micro->first, NULL);
}

static pvg_status learn_micro(verifier_work *w, const pvi_micro *micro) {
    pvi_trainer *t = w->trainer;
    struct pvi_trainer_scratch *s = t->scratch;
    const float *hidden, *logprob = t->model->shape.logprob_feature ? s->logprob : NULL;
    size_t from = (size_t)micro->first, to = from + (size_t)micro->batch.sequences;
    pvg_status status = score_micro(t, micro, &hidden);
    if (status != PVG_OK) return status;
    pvi_judged_gradient(&w->judged, w->options, w->pairs, from, to, s->d_score);
    pvi_micro_clear(t, micro);
    status = pvi_score_head_backward(t->model, &micro->batch, micro->begin, hidden, logprob, s->d_score + from, t->d_hidden,
                                     &t->gradient);
    if (status == PVG_OK && w->targets > 0)
        status = pvi_micro_language(t, micro, hidden, w->judged.label + from, w->options->lm_weight / (double)w->targets,
                                    true, &w->sums);
    if (status != PVG_OK) return status;
    return pvi_backward(t->model, &micro->batch, t->activations, t->d_hidden, &t->gradient);
}

/* Every micro-batch in order: scores only, or all of it. */
static pvg_status each_micro(verifier_work *w, bool learn) {
    pvi_trainer *t = w->trainer;
    const pvi_examples *e = w->examples;
    pvg_status status = PVG_OK;
    for (int32_t first = 0, end; first < e->batch.sequences && status == PVG_OK; first = end) {
        pvi_micro micro;
        const float *hidden;
        end = pvi_micro_end(t, &e->batch, NULL, first);
        pvi_micro_cut(e, first, end, t->scratch->offset, &micro);
        status = learn ? learn_micro(w, &micro) : score_micro(t, &micro, &hidden);
    }
    return status;
}

static pvg_status prepare(verifier_work *w) {
    pvi_trainer *t = w->trainer;
    pvg_status status = check_verifier(w);
    bool words = w->options->lm_weight > 0 || t->model->shape.logprob_feature;
    if (status == PVG_OK) status = pvi_examples_check(t, w->examples, "the batch", words);
    if (status == PVG_OK) status = room(t, w->judged.count);
    if (status == PVG_OK) status = pvi_model_ready(t->model);
    return status;
}

pvg_status pvi_verifier_step(pvi_trainer *t, const pvi_examples *e, const uint8_t *label, const uint64_t *problem,
                             const pvi_verifier_options *options, pvi_verifier_stats *stats) {
    verifier_work w = {.trainer = t, .examples = e, .options = options,
                       .judged = {.count = (size_t)(e->batch.sequences > 0 ? e->batch.sequences : 0), .label = label,
                                  .problem = problem}};
    if (options->loss == PVI_VERIFIER_BRADLEY_TERRY) w.pairs = pvi_judged_pairs(&w.judged);
    pvg_status status = prepare(&w);
    if (status != PVG_OK) return status;
    w.judged.score = t->scratch->score;
    if (options->lm_weight > 0) w.targets = pvi_examples_targets(e, label);
    /* A pair's two members may lie in different micro-batches: then all scores first, and the forward pass again. */
    bool whole = pvi_micro_end(t, &e->batch, NULL, 0) == e->batch.sequences;
    if (options->loss == PVI_VERIFIER_BRADLEY_TERRY && !whole) status = each_micro(&w, false);
    if (status == PVG_OK) status = each_micro(&w, true);
    pvi_verifier_stats found = {0};
    if (status == PVG_OK) {
        pvi_judged_loss(&w.judged, options, w.pairs, &found);
        found.lm_loss = w.targets > 0 ? w.sums.loss / (double)w.targets : 0;
        found.loss += options->lm_weight * found.lm_loss;
    }
    status = pvi_step_end(t, status, "verifier", found.loss, &found.norm);
    if (status == PVG_OK) *stats = found;
    return status;
}
