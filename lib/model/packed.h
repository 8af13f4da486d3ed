/* packed.h - the kernels' copies of a model's matrices, and the scratch memory of its head; private to model/. */
#ifndef PVI_PACKED_H
#define PVI_PACKED_H

#include "compute/gemm.h"
#include "compute/kernels.h"
#include "model/model.h"

/* One matrix W [out][in]: `forward` for Y = X W^T, `backward` for dX = dY W (NULL until a backward pass is asked for). */
typedef struct pvi_packed_matrix {
    const float *weight;
    int32_t out, in;
    float *forward, *backward;
} pvi_packed_matrix;

typedef struct pvi_packed_layer {
    pvi_packed_matrix qkv, proj, gate_up, down;
} pvi_packed_layer;

struct pvi_packed {
    pvi_packed_layer *layer;
    float *forward, *backward;  /* the blocks that the layers' matrices lie in */
    bool backward_stale;
    float *cos, *sin;           /* [context][head_dim / 2] */
    /* The language-model head: scoring does without. NULL until pvi_packed_head asks for them. */
    pvi_packed_matrix head;
    bool head_stale, head_backward_stale;
    int32_t chunk;              /* rows of logits at a time */
    float *logits, *rows;       /* [chunk][vocab], [chunk][width] */
    float *panel;               /* rows again, packed for the head's gradient */
};

/* Bytes of all of the above; `training`: the backward copies too; `head`: the language-model head is used. */
size_t pvi_packed_bytes(const pvi_shape *shape, int engine, bool training, bool head);
/* For pvi_backward: make the layers' backward copies, or bring them up to date. */
pvg_status pvi_packed_backward(pvi_model *model);
/* The same for the language-model head. Each use needs what the ones before do, and more. */
typedef enum pvi_head_use { PVI_HEAD_FOR_SAMPLING, PVI_HEAD_FOR_LOSS, PVI_HEAD_FOR_GRADIENT } pvi_head_use;
pvg_status pvi_packed_head(pvi_model *model, pvi_head_use use);
void pvi_packed_destroy(pvi_env *env, pvi_packed *packed);

/* Y[rows][out] = X W^T and dX[rows][in] = dY W (+= with `accumulate`), on the calling thread. */
void pvi_apply(const pvi_env *env, const pvi_packed_matrix *m, int32_t rows, const float *x, float *y, bool accumulate);
/* Y's columns [from, from + columns) alone, `from` a multiple of pvi_pack_width(); asking for what is wanted soon. */
void pvi_apply_columns(const pvi_env *env, const pvi_packed_matrix *m, int32_t rows, const float *x, float *y, bool accumulate,
                       int32_t from, int32_t columns, pvi_wanted *wanted);
void pvi_apply_back(const pvi_env *env, const pvi_packed_matrix *m, int32_t rows, const float *dy, float *dx, bool accumulate);

#endif
