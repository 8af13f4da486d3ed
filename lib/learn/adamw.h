/* adamw.h - one AdamW update over all tensors of a model, shared among the workers in fixed chunks. */
#ifndef PVI_ADAMW_H
#define PVI_ADAMW_H

#include "model/model.h"

typedef struct pvi_tensor {
    uint64_t begin, count; /* in the flat block */
    bool decays;
    char name[96];
} pvi_tensor;

/* A piece of one tensor: what a worker takes at a time. Sums are kept by chunk and added up in chunk order, so that no
 * result depends on who computed what. */
typedef struct pvi_chunk {
    uint64_t begin;
    uint32_t count;
    uint32_t tensor;
    double squares; /* of the gradient */
    bool sound;     /* all numbers within the limit, when last checked or updated */
} pvi_chunk;

typedef struct pvi_chunks {
    pvi_tensor *tensor;
    size_t tensors;
    pvi_chunk *chunk;
    size_t chunks;
} pvi_chunks;

pvg_status pvi_chunks_create(pvi_env *env, const pvi_shape *shape, const pvi_view *view, pvi_chunks *out);
void pvi_chunks_destroy(pvi_env *env, pvi_chunks *chunks);

/* The four blocks of one model in training, laid out alike. */
typedef struct pvi_blocks {
    float *weight, *gradient, *first, *second;
} pvi_blocks;

/* Everything finite and small enough for an update to stay finite? If so, the gradient's norm; else PVG_E_NUMERIC
 * naming the tensor. settled: weights and moments are known to be, only gradients are looked at. */
pvg_status pvi_chunks_check(pvi_env *env, pvi_chunks *chunks, const pvi_blocks *blocks, float limit, bool settled, double *norm);

typedef struct pvi_update {
    double rate, beta1, beta2, epsilon, weight_decay;
    double scale;  /* the gradient is multiplied by this first: clipping */
    int64_t count; /* of updates, this one included */
} pvi_update;
/* Update weights and moments, zero the gradients. True: weights and moments have been found within the limit, as they
 * were written; false: they have to be looked at. */
bool pvi_chunks_update(pvi_env *env, pvi_chunks *chunks, const pvi_blocks *blocks, const pvi_update *update, float limit);

#endif
