/* micro_batch.h - what the learning steps share: the trainer's scratch memory, checks of a batch, and its cut into parts
 * that fit the activations. */
#ifndef PVI_MICRO_BATCH_H
#define PVI_MICRO_BATCH_H

#include "learn/adamw.h"
#include "learn/losses.h"

/* What one row of logits found out. Written by workers, each its own row; added up afterwards in row order. */
typedef struct pvi_row_result {
    double loss, kl, entropy;
    double mismatch;
    bool marked; /* language: hit; policy: clipped */
} pvi_row_result;

struct pvi_trainer_scratch {
    pvi_chunks chunks;
    /* The gradient's view with an LM head of its own when the head is the embedding: the head's and the lookups'
     * contributions are two chains, joined once a step. In one chain the cut into micro-batches would be seen. */
    pvi_view head_view;
    float *tied; /* [vocab][width], or NULL */
    int32_t *offset, *reference_offset; /* [micro_tokens + 1] */
    int32_t *rows;                      /* [micro_tokens] */
    pvi_row_result *result;             /* [micro_tokens], by token */
    double *weight;                     /* [micro_tokens], by token: what the row's loss is multiplied by */
    float *logprob;                     /* [micro_tokens], by token */
    float *reference_hidden;            /* [micro_tokens][reference width], rows of the policy's tokens */
    size_t reference_capacity;          /* floats */
    float *score, *d_score;             /* [sequences of the whole batch] */
    size_t score_capacity, d_score_capacity;
};

typedef struct pvi_micro {
    int32_t first;        /* index of its first sequence in the whole batch */
    pvi_batch batch;
    const int32_t *begin;
    int32_t token;        /* index of its first token in the whole batch */
} pvi_micro;

/* Shape, sizes, solution borders, token range; with `targets`, that every solution token may be written (else no finite
 * loss exists). `what` names the batch in messages. */
pvg_status pvi_examples_check(pvi_trainer *trainer, const pvi_examples *examples, const char *what, bool targets);
int64_t pvi_examples_targets(const pvi_examples *examples, const uint8_t *chosen); /* solution tokens; chosen NULL: all */
/* As many sequences from `first` on as fit (also in `beside`, the same sequences seen otherwise; may be NULL). */
int32_t pvi_micro_end(const pvi_trainer *trainer, const pvi_batch *batch, const pvi_batch *beside, int32_t first);
void pvi_micro_cut(const pvi_examples *examples, int32_t first, int32_t end, int32_t *offset, pvi_micro *out);

/* PVG_E_CANCELLED if asked to stop; else the next micro-batch's hidden states. */
pvg_status pvi_micro_forward(pvi_trainer *trainer, const pvi_micro *micro, const float **hidden);
/* Rows before each solution token of the chosen sequences (chosen by index in the micro-batch; NULL: all). */
int32_t pvi_micro_rows(const pvi_micro *micro, const uint8_t *chosen, int32_t *rows);
void pvi_micro_clear(pvi_trainer *trainer, const pvi_micro *micro); /* d_hidden = 0 */

/* Cross-entropy of solution tokens. With learn: d_hidden and the head's gradient get `scale` times the gradient of the
 * sum. */
typedef struct pvi_lm_sums {
    double loss;
    int64_t hits;
} pvi_lm_sums;
pvg_status pvi_micro_language(pvi_trainer *trainer, const pvi_micro *micro, const float *hidden, const uint8_t *chosen,
                              double scale, bool learn, pvi_lm_sums *sums);

/* The end of every step: refuse a loss that is not finite, else apply the update. Whatever failed before (status), the
 * gradients are zero afterwards. */
pvg_status pvi_step_end(pvi_trainer *trainer, pvg_status status, const char *what, double loss, double *norm);

#endif
