/* forward.h - activations of a ragged batch, and their gradients. There is no padding: a batch is its sequences end to
 * end, and no result of one sequence depends on another, on the batch's size or on the number of threads, bit for bit.
 *
 * Gradients accumulate over calls as one chain of fused multiply-adds in token order, so that a batch cut into
 * micro-batches (in order) gives the same bits as the whole. */
#ifndef PVI_FORWARD_H
#define PVI_FORWARD_H

#include "model/model.h"

typedef struct pvi_batch {
    int32_t sequences;
    const int32_t *offset; /* [sequences + 1], offset[0] == 0: where each sequence begins in `token` */
    const int32_t *token;
} pvi_batch;
static inline int32_t pvi_batch_tokens(const pvi_batch *batch) { return batch->offset[batch->sequences]; }

/* Memory for forward (and backward, if `training`) of up to `tokens` tokens in sequences of at most `longest`. */
typedef struct pvi_activations pvi_activations;
size_t pvi_activations_bytes(const pvi_shape *shape, int32_t tokens, int32_t longest, int members, bool training);
pvg_status pvi_activations_create(pvi_env *env, const pvi_shape *shape, int32_t tokens, int32_t longest, bool training,
                                  pvi_activations **out);
void pvi_activations_destroy(pvi_env *env, pvi_activations *activations);

/* Hidden states after the final norm, [tokens][width], borrowed until the next forward. PVG_E_RANGE if the batch does
 * not fit, a sequence is longer than shape.context, or a token is out of range; PVG_E_NUMERIC if a hidden state is not
 * finite. */
pvg_status pvi_forward(pvi_model *model, const pvi_batch *batch, pvi_activations *activations, const float **hidden);

/* Given d loss / d hidden of the last forward (same batch), add the trunk's parameter gradients to `gradients`.
 * d_hidden is used as scratch. */
pvg_status pvi_backward(pvi_model *model, const pvi_batch *batch, pvi_activations *activations, float *d_hidden,
                        pvi_view *gradients);

/* ---- The language-model head, in chunks: logits of a whole batch are never materialised ---- */

/* One row of logits (disallowed tokens are -INFINITY). Replace it by d loss / d logits in place, when `train`.
 * `reference` is the reference model's row, or NULL. Called on workers, each row once, in no stated order: write only
 * to places that belong to this row. */
typedef void (*pvi_row_fn)(void *arg, int32_t row, float *logits, const float *reference, int32_t vocab);

typedef struct pvi_lm_pass {
    pvi_model *model;
    const float *hidden;      /* [tokens][width] of model */
    const int32_t *rows;      /* which tokens' hidden states are projected, ascending */
    int32_t count;
    pvi_model *reference;     /* may be NULL */
    const float *reference_hidden; /* [tokens][reference width], indexed by the same rows */
    pvi_row_fn row;
    void *arg;
    float *d_hidden;          /* [tokens][width], or NULL: forward only. Rows not listed are untouched; listed rows are ADDED to */
    pvi_view *gradients;      /* lm_head's gradient is added; NULL with d_hidden NULL */
} pvi_lm_pass;
pvg_status pvi_lm_head(const pvi_lm_pass *pass);

/* log softmax of the row at `token`, and optionally all probabilities into p (may alias logits). Fixed order. */
float pvi_row_logprob(const float *logits, int32_t vocab, int32_t token, float *p);

/* ---- Verifier heads ---- */

/* Scores of every sequence. `begin[s]` is the index within the sequence of the first solution token: heads sum or
 * average over tokens begin[s]..end. parts (may be NULL): [tokens], each solution token's own contribution (score parts
 * sum to the score minus nothing: the bias is added per token as in a per-token linear layer; LAST: one part, at the
 * last token); prompt tokens get 0. token_logprob: [tokens] log p of each solution token under the verifier's own LM
 * logits, needed only with logprob_feature, else NULL. */
pvg_status pvi_score_head(pvi_model *model, const pvi_batch *batch, const int32_t *begin, const float *hidden,
                          const float *token_logprob, float *score, float *parts);
/* Given d loss / d score [sequences]: ADD to d_hidden and to the head's gradients. */
pvg_status pvi_score_head_backward(pvi_model *model, const pvi_batch *batch, const int32_t *begin, const float *hidden,
                                   const float *token_logprob, const float *d_score, float *d_hidden, pvi_view *gradients);

#endif
