/* score.c - scores and log-probabilities of many given sequences, in micro-batches. */
#include <math.h>
#include <string.h>

#include "base/workers.h"
#include "model/sample.h"

enum { MICRO_TOKENS = 512 }; /* of each worker: so few that they stay in its cache */

/* Sequences [first, end) as a batch of their own. */
typedef struct part {
    int32_t first, end, token;
    pvi_batch batch;
} part;

typedef struct scoring {
    pvi_env *env;
    pvi_model *model;
    const pvi_batch *batch;
    const int32_t *begin;
    int32_t tokens, longest; /* room */
    pvi_activations *work;
    int32_t *offset, *rows;
    float *logprob; /* of a part's tokens; NULL when not wanted */
    bool wants_logprobs;
} scoring;

static void scoring_free(scoring *s) {
    pvi_activations_destroy(s->env, s->work);
    pvi_free(s->env, s->offset);
    pvi_free(s->env, s->rows);
    pvi_free(s->env, s->logprob);
}

/* Of the whole batch, before anything is computed. */
static pvg_status check(const scoring *s) {
    const pvi_shape *shape = &s->model->shape;
    for (int32_t q = 0; q < s->batch->sequences; q++) {
        int32_t from = s->batch->offset[q], length = s->batch->offset[q + 1] - from;
        if (length < 2 || length > shape->context)
            return pvi_fail(s->env, PVG_E_RANGE, "scoring", "sequence %d has %d tokens; wanted 2 to %d", (int)q,
                            (int)length, (int)shape->context);
        if (s->begin[q] < 1 || s->begin[q] >= length)
            return pvi_fail(s->env, PVG_E_RANGE, "scoring",
                            "the solution of sequence %d begins at %d of %d tokens; wanted 1 to %d", (int)q,
                            (int)s->begin[q], (int)length, (int)length - 1);
        for (int32_t t = 0; t < length; t++)
            if (s->batch->token[from + t] < 0 || s->batch->token[from + t] >= shape->vocab)
                return pvi_fail(s->env, PVG_E_RANGE, "scoring", "token %d of sequence %d is %d; wanted 0 to %d", (int)t,
                                (int)q, (int)s->batch->token[from + t], (int)shape->vocab - 1);
    }
    return PVG_OK;
}

static pvg_status scoring_make(scoring *s) {
    pvi_env *env = s->env;
    pvg_status status = check(s);
    if (status != PVG_OK) return status;
    for (int32_t q = 0; q < s->batch->sequences; q++) {
        int32_t length = s->batch->offset[q + 1] - s->batch->offset[q];
        if (length > s->longest) s->longest = length;
    }
    int32_t micro = MICRO_TOKENS * pvi_workers_count(env->workers);
    s->tokens = s->longest > micro ? s->longest : micro;
    if (s->tokens > pvi_batch_tokens(s->batch)) s->tokens = pvi_batch_tokens(s->batch);
    s->offset = pvi_alloc(env, (size_t)s->tokens + 1, sizeof *s->offset);
    s->rows = pvi_alloc(env, (size_t)s->tokens, sizeof *s->rows);
    if (s->wants_logprobs) s->logprob = pvi_alloc(env, (size_t)s->tokens, sizeof *s->logprob);
    if (!s->offset || !s->rows || (s->wants_logprobs && !s->logprob)) return PVG_E_NOMEM;
    status = pvi_activations_create(env, &s->model->shape, s->tokens, s->longest, false, &s->work);
    return status == PVG_OK ? pvi_model_ready(s->model) : status;
}

static part next_part(const scoring *s, int32_t first) {
    const int32_t *offset = s->batch->offset;
    int32_t end = first;
    while (end < s->batch->sequences && offset[end + 1] - offset[first] <= s->tokens) end++;
    for (int32_t q = first; q <= end; q++) s->offset[q - first] = offset[q] - offset[first];
    return (part){first, end, offset[first], {end - first, s->offset, s->batch->token + offset[first]}};
}

/* Hidden states of a part and, where wanted, the log-probabilities of its solution tokens. */
static pvg_status run_part(scoring *s, const part *p, const float **hidden) {
    if (pvi_cancelled(s->env)) return pvi_fail(s->env, PVG_E_CANCELLED, "scoring", "cancelled while scoring");
    pvg_status status = pvi_forward(s->model, &p->batch, s->work, hidden);
    if (status != PVG_OK || !s->wants_logprobs) return status;
    return pvi_token_logprobs(s->model, &p->batch, s->begin + p->first, *hidden, s->rows, s->logprob);
}

static pvg_status score_part(const scoring *s, const part *p, const float *hidden, float *score, float *parts) {
    pvg_status status = pvi_score_head(s->model, &p->batch, s->begin + p->first, hidden, s->logprob, score + p->first,
                                       parts != NULL ? parts + p->token : NULL);
    for (int32_t q = p->first; q < p->end && status == PVG_OK; q++)
        if (!isfinite(score[q]))
            status = pvi_fail(s->env, PVG_E_NUMERIC, "scoring", "the score of sequence %d is not a finite number", (int)q);
    return status;
}

pvg_status pvi_score(pvi_env *env, pvi_model *model, const pvi_batch *batch, const int32_t *begin, float *score,
                     float *parts) {
    if (model->shape.head == PVI_HEAD_LM)
        return pvi_fail(env, PVG_E_INVALID, "scoring", "a prover gives no scores: it has no score head");
    if (batch->sequences == 0) return PVG_OK;
    scoring s = {.env = env, .model = model, .batch = batch, .begin = begin,
                 .wants_logprobs = model->shape.logprob_feature};
    pvg_status status = scoring_make(&s);
    for (int32_t first = 0; status == PVG_OK && first < batch->sequences;) {
        part p = next_part(&s, first);
        const float *hidden;
        status = run_part(&s, &p, &hidden);
        if (status == PVG_OK) status = score_part(&s, &p, hidden, score, parts);
        first = p.end;
    }
    scoring_free(&s);
    return status;
}

pvg_status pvi_logprobs(pvi_env *env, pvi_model *model, const pvi_batch *batch, const int32_t *begin, float *out) {
    if (batch->sequences == 0) return PVG_OK;
    scoring s = {.env = env, .model = model, .batch = batch, .begin = begin, .wants_logprobs = true};
    pvg_status status = scoring_make(&s);
    for (int32_t first = 0; status == PVG_OK && first < batch->sequences;) {
        part p = next_part(&s, first);
        const float *hidden;
        status = run_part(&s, &p, &hidden);
        if (status == PVG_OK) memcpy(out + p.token, s.logprob, (size_t)pvi_batch_tokens(&p.batch) * sizeof *out);
        first = p.end;
    }
    scoring_free(&s);
    return status;
}

/* ---- log-probabilities of the tokens that are there ---- */

typedef struct given {
    const int32_t *token;
    float *out;
} given;

static void given_row(void *arg, int32_t row, float *logits, const float *reference, int32_t vocab) {
    const given *g = arg;
    (void)reference;
    g->out[row + 1] = pvi_row_logprob(logits, vocab, g->token[row + 1], NULL);
}

pvg_status pvi_token_logprobs(pvi_model *model, const pvi_batch *batch, const int32_t *begin, const float *hidden,
                              int32_t *rows, float *out) {
    given g = {batch->token, out};
    int32_t count = 0;
    memset(out, 0, (size_t)pvi_batch_tokens(batch) * sizeof *out);
    for (int32_t q = 0; q < batch->sequences; q++)
        for (int32_t t = batch->offset[q] + begin[q]; t < batch->offset[q + 1]; t++) rows[count++] = t - 1;
    pvi_lm_pass pass = {.model = model, .hidden = hidden, .rows = rows, .count = count, .row = given_row, .arg = &g};
    return pvi_lm_head(&pass);
}
