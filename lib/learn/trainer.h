/* trainer.h - gradients, moments and activations of one model in training: what every learning step shares.
 *
 * A step is: pvi_trainer_begin, one loss call per micro-batch (each adds gradients), pvi_trainer_apply. Everything is
 * allocated at creation; a step allocates nothing. */
#ifndef PVI_TRAINER_H
#define PVI_TRAINER_H

#include "model/forward.h"

typedef enum pvi_decay_kind { PVI_DECAY_CONSTANT = 0, PVI_DECAY_LINEAR = 1, PVI_DECAY_COSINE = 2 } pvi_decay_kind;
typedef struct pvi_schedule {
    pvi_decay_kind kind;
    int64_t warmup, total; /* steps */
    double final_share;    /* the rate ends at this share of the peak */
} pvi_schedule;
double pvi_schedule_at(const pvi_schedule *schedule, int64_t step); /* multiplier in (0,1], step counts from 0 */

typedef struct pvi_adamw {
    double rate, beta1, beta2, epsilon, weight_decay; /* decay decoupled; not applied to norms, biases, the score head */
    double clip; /* global gradient norm, 0: off */
} pvi_adamw;

typedef struct pvi_trainer {
    pvi_env *env;
    pvi_model *model; /* borrowed */
    pvi_view gradient, first, second; /* moments m and v */
    int64_t step;     /* updates applied so far */
    pvi_adamw adamw;
    pvi_schedule schedule;
    pvi_activations *activations;
    int32_t micro_tokens, longest;
    float *d_hidden;  /* [micro_tokens][width] */
    struct pvi_trainer_scratch *scratch; /* rows, log-probabilities and so on, private to learn/ */
} pvi_trainer;

/* micro_tokens: most tokens computed at once (at least `longest`). Batches given to the step functions may be larger:
 * they are cut into micro-batches at sequence borders, and the cut does not change a bit of the result. */
pvg_status pvi_trainer_create(pvi_env *env, pvi_model *model, const pvi_adamw *adamw, const pvi_schedule *schedule,
                              int32_t micro_tokens, int32_t longest, pvi_trainer **out);
void pvi_trainer_destroy(pvi_trainer *trainer);

/* Clip, check, update, zero the gradients, mark the weights stale. PVG_E_NUMERIC if a gradient, moment or weight is not
 * finite, naming the tensor: weights and moments are then unchanged and gradients zeroed. *norm: before clipping. */
pvg_status pvi_trainer_apply(pvi_trainer *trainer, double *norm);
double pvi_trainer_rate(const pvi_trainer *trainer); /* learning rate of the next update */

#endif
