/* score_head.c - a verifier's scalar head: one number a token, summed, averaged, or the last one's alone (then without a
 * bias, as in LlamaForSequenceClassification). */
#include "compute/kernels.h"
#include "model/forward.h"

/* Tokens [from, end) of the batch that make a sequence's score, and what each is multiplied by. */
typedef struct scored {
    int32_t from, end;
    float share;
} scored;

static scored tokens_of(const pvi_model *model, const pvi_batch *batch, const int32_t *begin, int32_t sequence) {
    int32_t end = batch->offset[sequence + 1], from = batch->offset[sequence] + begin[sequence];
    if (model->shape.head == PVI_HEAD_LAST) from = end - 1;
    float share = model->shape.head == PVI_HEAD_TOKEN_MEAN ? 1.0f / (float)(end - from) : 1.0f;
    return (scored){from, end, share};
}

static pvg_status check(const pvi_model *model, const pvi_batch *batch, const int32_t *begin, const float *token_logprob) {
    if (model->shape.head == PVI_HEAD_LM)
        return pvi_fail(model->env, PVG_E_INVALID, "model", "this model has a language-model head and gives no scores");
    if (model->shape.logprob_feature && token_logprob == NULL)
        return pvi_fail(model->env, PVG_E_INVALID, "model", "this verifier needs the log-probability of each token");
    for (int32_t q = 0; q < batch->sequences; q++)
        if (begin[q] < 0 || begin[q] >= batch->offset[q + 1] - batch->offset[q])
            return pvi_fail(model->env, PVG_E_RANGE, "model", "sequence %d of %d tokens has its solution begin at %d", (int)q,
                            (int)(batch->offset[q + 1] - batch->offset[q]), (int)begin[q]);
    return PVG_OK;
}

pvg_status pvi_score_head(pvi_model *model, const pvi_batch *batch, const int32_t *begin, const float *hidden,
                          const float *token_logprob, float *score, float *parts) {
    pvg_status status = check(model, batch, begin, token_logprob);
    if (status != PVG_OK) return status;
    const pvi_kernels *k = pvi_kernels_of(model->env->engine);
    const pvi_view *w = &model->weights;
    int32_t width = model->shape.width;
    for (int32_t t = 0; parts != NULL && t < pvi_batch_tokens(batch); t++) parts[t] = 0;
    for (int32_t q = 0; q < batch->sequences; q++) {
        scored s = tokens_of(model, batch, begin, q);
        float sum = 0;
        for (int32_t t = s.from; t < s.end; t++) {
            float part = k->dot(width, w->score_weight, hidden + (ptrdiff_t)t * width);
            if (model->shape.head != PVI_HEAD_LAST) part += w->score_bias[0];
            if (model->shape.logprob_feature) part += w->logprob_weight[0] * token_logprob[t];
            part *= s.share;
            if (parts != NULL) parts[t] = part;
            sum += part;
        }
        score[q] = sum;
    }
    return PVG_OK;
}

pvg_status pvi_score_head_backward(pvi_model *model, const pvi_batch *batch, const int32_t *begin, const float *hidden,
                                   const float *token_logprob, const float *d_score, float *d_hidden, pvi_view *gradients) {
    pvg_status status = check(model, batch, begin, token_logprob);
    if (status != PVG_OK) return status;
    const pvi_kernels *k = pvi_kernels_of(model->env->engine);
    int32_t width = model->shape.width;
    for (int32_t q = 0; q < batch->sequences; q++) {
        scored s = tokens_of(model, batch, begin, q);
        float d = d_score[q] * s.share;
        for (int32_t t = s.from; t < s.end; t++) {
            k->add_scaled(width, d, model->weights.score_weight, d_hidden + (ptrdiff_t)t * width);
            k->add_scaled(width, d, hidden + (ptrdiff_t)t * width, gradients->score_weight);
            if (model->shape.head != PVI_HEAD_LAST) gradients->score_bias[0] += d;
            if (model->shape.logprob_feature) gradients->logprob_weight[0] += d * token_logprob[t];
        }
    }
    return PVG_OK;
}
