/* language.c - language modelling: cross-entropy of solution tokens, and log-probabilities without learning. */
#include <math.h>
#include <string.h>

#include "learn/micro_batch.h"

/* ---- cross-entropy rows ---- */

typedef struct language_rows {
    const int32_t *token;
    pvi_row_result *result;
    double scale;
    bool learn;
} language_rows;

/* Is it the first of the largest? Without branches, so that the compiler may use vectors. */
static bool likeliest(const float *logits, int32_t vocab, int32_t token) {
    int32_t above = 0;
    for (int32_t i = 0; i < token; i++) above += logits[i] >= logits[token];
    for (int32_t i = token + 1; i < vocab; i++) above += logits[i] > logits[token];
    return above == 0;
}

static void language_row(void *arg, int32_t row, float *logits, const float *reference, int32_t vocab) {
    (void)reference;
    const language_rows *l = arg;
    int32_t target = l->token[row + 1];
    pvi_row_result *r = &l->result[row];
    r->marked = likeliest(logits, vocab, target);
    r->loss = -(double)pvi_row_logprob(logits, vocab, target, l->learn ? logits : NULL);
    if (!l->learn) return;
    float scale = (float)l->scale;
    logits[target] -= 1.0f;
    for (int32_t i = 0; i < vocab; i++) logits[i] *= scale;
}

pvg_status pvi_micro_language(pvi_trainer *t, const pvi_micro *micro, const float *hidden, const uint8_t *chosen,
                              double scale, bool learn, pvi_lm_sums *sums) {
    struct pvi_trainer_scratch *s = t->scratch;
    language_rows rows = {.token = micro->batch.token, .result = s->result, .scale = scale, .learn = learn};
    pvi_lm_pass pass = {.model = t->model, .hidden = hidden, .rows = s->rows, .row = language_row, .arg = &rows,
                        .count = pvi_micro_rows(micro, chosen, s->rows), .d_hidden = learn ? t->d_hidden : NULL,
                        .gradients = learn ? &s->head_view : NULL};
    if (pass.count == 0) return PVG_OK;
    pvg_status status = pvi_lm_head(&pass);
    if (status != PVG_OK) return status;
    for (int32_t i = 0; i < pass.count; i++) {
        sums->loss += s->result[s->rows[i]].loss;
        sums->hits += s->result[s->rows[i]].marked;
    }
    return PVG_OK;
}

/* ---- steps ---- */

static pvg_status language_micro(pvi_trainer *t, const pvi_micro *micro, double scale, bool learn, pvi_lm_sums *sums) {
    const float *hidden;
    pvg_status status = pvi_micro_forward(t, micro, &hidden);
    if (status != PVG_OK) return status;
    if (learn) pvi_micro_clear(t, micro);
    status = pvi_micro_language(t, micro, hidden, NULL, scale, learn, sums);
    if (status != PVG_OK || !learn) return status;
    return pvi_backward(t->model, &micro->batch, t->activations, t->d_hidden, &t->gradient);
}

static pvg_status language_pass(pvi_trainer *t, const pvi_examples *e, bool learn, pvi_lm_stats *out) {
    pvg_status status = pvi_examples_check(t, e, "the batch", true);
    if (status == PVG_OK) status = pvi_model_ready(t->model);
    if (status != PVG_OK) return status;
    int64_t targets = pvi_examples_targets(e, NULL);
    pvi_lm_sums sums = {0};
    for (int32_t first = 0, end; first < e->batch.sequences && status == PVG_OK; first = end) {
        pvi_micro micro;
        end = pvi_micro_end(t, &e->batch, NULL, first);
        pvi_micro_cut(e, first, end, t->scratch->offset, &micro);
        status = language_micro(t, &micro, 1.0 / (double)targets, learn, &sums);
    }
    pvi_lm_stats stats = {.loss = sums.loss / (double)targets, .accuracy = (double)sums.hits / (double)targets,
                          .targets = targets};
    if (learn) status = pvi_step_end(t, status, "language-model", stats.loss, &stats.norm);
    else if (status == PVG_OK && !isfinite(stats.loss))
        status = pvi_fail(t->env, PVG_E_NUMERIC, "trainer", "the language-model loss is not a finite number");
    if (status == PVG_OK) *out = stats;
    return status;
}

pvg_status pvi_lm_step(pvi_trainer *t, const pvi_examples *e, pvi_lm_stats *stats) {
    return language_pass(t, e, true, stats);
}

pvg_status pvi_lm_evaluate(pvi_trainer *t, const pvi_examples *e, pvi_lm_stats *stats) {
    return language_pass(t, e, false, stats);
}
