/* activations.h - what a forward pass leaves for its backward pass, and the scratch of both; private to model/. */
#ifndef PVI_ACTIVATIONS_H
#define PVI_ACTIVATIONS_H

#include "compute/kernels.h"
#include "model/forward.h"

/* Of one layer; without training all layers share one. [tokens] rows each. */
typedef struct pvi_layer_state {
    float *input;   /* [width]: the residual stream that comes in */
    float *qkv;     /* turned by their positions */
    float *stats;   /* [heads][2], see kernels.h */
    float *mixed;   /* [heads * head_dim]: attention's output */
    float *middle;  /* [width]: the residual stream after attention */
    float *gate_up; /* [2 * hidden] */
    float *r_input, *r_middle; /* one a token: 1 / root mean square */
} pvi_layer_state;

/* What goes through all of a layer, and what goes through a chain of products, at one time: its activations stay in the
 * cache. */
enum { PVI_BLOCK_TOKENS = 192, PVI_CHUNK_ROWS = 96 };

typedef struct pvi_member_scratch {
    float *attention;
    float *normed, *act, *d_act; /* [PVI_CHUNK_ROWS] rows of width, hidden, hidden; d_act in training only */
} pvi_member_scratch;

struct pvi_activations {
    pvi_arena arena;
    pvi_shape shape;
    int32_t tokens, longest, members;
    bool training;
    pvi_layer_state *layer;
    float *last;   /* [tokens][width]: the residual stream after all layers */
    float *r_last;
    float *hidden; /* [tokens][width] */
    pvi_member_scratch *member; /* [members] */
    /* backward */
    float *d_normed, *d_middle_normed; /* [tokens][width] */
    float *d_other;   /* [tokens][width]: the residual stream's gradient takes turns between here and d_hidden */
    float *d_between; /* [tokens][width]: of the residual stream after attention */
    float *d_mixed, *d_qkv, *d_gate_up;
    float *x_qkv, *x_proj, *x_gate_up, *x_down; /* the matrices' inputs, packed */
    float *zero; /* [width] */
    /* the batch in hand */
    int32_t *member_first; /* [members + 1]: first sequence of each member's share */
    bool *broken;          /* [members] */
};

/* Whole sequences to members, balanced by tokens. */
void pvi_activations_share(pvi_activations *a, const pvi_batch *batch);

/* The next block of whole sequences from `first` on, at least one, ends here. */
int32_t pvi_block_end(const pvi_batch *batch, int32_t first, int32_t end);
static inline int32_t pvi_chunk_end(int32_t row, int32_t end) { return end - row < PVI_CHUNK_ROWS ? end : row + PVI_CHUNK_ROWS; }

#endif
