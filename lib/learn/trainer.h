/* trainer.h - gradients, moments and activations of one model in training: what every learning step shares.
 *
 * The steps of losses.h cut their batch into micro-batches, add up gradients and call pvi_trainer_apply once. Between
 * steps the gradients are zero. Everything is allocated at creation; a step allocates nothing (only batches of more
 * sequences than any before, and more than PVI_TRAINER_SEQUENCES, grow a small table once). */
#ifndef PVI_TRAINER_H
#define PVI_TRAINER_H

#include "model/forward.h"

typedef enum pvi_decay_kind { PVI_DECAY_CONSTANT = 0, PVI_DECAY_LINEAR = 1, PVI_DECAY_COSINE = 2 } pvi_decay_kind;
typedef struct pvi_schedule {
    pvi_decay_kind kind;
    int64_t warmup, total; /* steps */
    double final_share;    /* the rate ends at this share of the peak */
} pvi_schedule;
/* What the peak rate is multiplied by at `step`, counted from 0: (step + 1) / warmup while warming up, then falling from
 * 1 so that `final_share` is reached after `total` steps (and kept): no step before `total` has a rate of 0. */
double pvi_schedule_at(const pvi_schedule *schedule, int64_t step);

/* AdamW (Loshchilov & Hutter 2019): decay is decoupled from the gradient, moments are corrected for their start at 0. */
typedef struct pvi_adamw {
    double rate, beta1, beta2, epsilon;
    double weight_decay; /* not applied to norms, biases and the score head */
    double clip;         /* largest global gradient norm, 0: off */
} pvi_adamw;

typedef struct pvi_trainer {
    pvi_env *env;
    pvi_model *model; /* borrowed */
    pvi_view gradient, first, second; /* moments m and v */
    int64_t step;     /* updates applied so far */
    bool settled;     /* the last update left moments and weights within the limit. Whoever writes them otherwise sets it false */
    pvi_adamw adamw;
    pvi_schedule schedule;
    pvi_activations *activations;
    int32_t micro_tokens, longest;
    float *d_hidden;  /* [micro_tokens][width] */
    struct pvi_trainer_scratch *scratch; /* rows, log-probabilities and so on, private to learn/ */
} pvi_trainer;

#define PVI_TRAINER_SEQUENCES 4096
/* Numbers larger than this (1e15), or NaN, in gradients, moments or weights stop the training with PVG_E_NUMERIC: up to
 * here, an update provably stays finite, so that it is never begun and then found broken. */
#define PVI_TRAINER_LIMIT 1e15f

/* micro_tokens: most tokens computed at once (at least `longest`). Batches given to the step functions may be larger:
 * they are cut into micro-batches at sequence borders, and the cut does not change a bit of the result. */
pvg_status pvi_trainer_create(pvi_env *env, pvi_model *model, const pvi_adamw *adamw, const pvi_schedule *schedule,
                              int32_t micro_tokens, int32_t longest, pvi_trainer **out);
void pvi_trainer_destroy(pvi_trainer *trainer);

/* Check, clip, update, zero the gradients, mark the weights stale. PVG_E_NUMERIC, naming the tensor, if a gradient,
 * moment or weight is not a number within the limit: weights, moments and the step count are then unchanged and the
 * gradients zeroed. *norm (may be NULL): of the whole gradient before clipping, added up in double in a fixed order. */
pvg_status pvi_trainer_apply(pvi_trainer *trainer, double *norm);
/* Forget the gradients: a step that failed leaves nothing behind. */
void pvi_trainer_clear(pvi_trainer *trainer);
double pvi_trainer_rate(const pvi_trainer *trainer); /* learning rate of the next update */

#endif
