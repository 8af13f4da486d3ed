/* model.h - weights of one model: a flat block of fp32 parameters with named views, and packed copies for the kernels.
 *
 * Flat order: embedding, then per layer (input norm, q, k, v, o, post norm, gate, up, down), final norm, then lm_head
 * (untied provers), then score weight (width), score bias (1), logprob weight (1) for verifiers. q,k,v are adjacent, as
 * are gate,up, so each pair or triple is one GEMM. A matrix is [out][in] row-major, as in Hugging Face files. */
#ifndef PVI_MODEL_H
#define PVI_MODEL_H

#include "base/alloc.h"
#include "base/rng.h"
#include "model/shape.h"
#include "model/tokenizer.h"

typedef struct pvi_layer_view {
    float *input_norm, *qkv /* [qkv][width] */, *out /* [width][heads*head_dim] */, *post_norm;
    float *gate_up /* [2*hidden][width] */, *down /* [width][hidden] */;
} pvi_layer_view;

/* Views into a flat block laid out for `shape`: the same for weights, gradients and moments. */
typedef struct pvi_view {
    float *block;
    uint64_t count;
    float *embedding; /* [vocab][width] */
    pvi_layer_view *layer;
    float *norm;
    float *lm_head; /* == embedding when tied or when a verifier */
    float *score_weight, *score_bias, *logprob_weight; /* verifiers, else NULL */
} pvi_view;

typedef struct pvi_packed pvi_packed; /* kernels' copies of the matrices; private to model/ */

typedef struct pvi_model {
    pvi_env *env;
    pvi_shape shape;
    pvi_view weights;
    pvi_tokenizer *tokenizer; /* retained */
    pvi_packed *packed;
    bool stale;  /* weights changed since they were packed */
    bool *allowed; /* [vocab]: may this token be written? ordinary tokens and the end token; other specials never */
} pvi_model;

/* Random weights: normal with deviation 1/sqrt(fan_in), residual outputs scaled by 1/sqrt(2*layers), embeddings
 * `embedding_scale`, norms 1, score head 0. With `number_features`, tokens that read as integers 0..999 (an optional
 * leading space, then digits) get cos/sin of 2 pi n/p in their first dimensions, p from {100,50,25,20,10,5,4,3,2.5,2}
 * as far as width/4 allows: nearby and congruent numbers start out similar, which speeds up learning arithmetic. */
typedef struct pvi_init {
    uint64_t seed;
    float embedding_scale; /* 0.05 by default; number features have amplitude 0.21 */
    bool number_features;
} pvi_init;

/* init NULL: zeros, for a caller that knows the weights. */
pvg_status pvi_model_create(pvi_env *env, const pvi_shape *shape, pvi_tokenizer *tokenizer, const pvi_init *init, pvi_model **out);
pvg_status pvi_model_clone(pvi_env *env, const pvi_model *model, pvi_model **out);
/* A verifier on a prover-shaped trunk or the other way: same trunk weights, new head (zeros). */
pvg_status pvi_model_with_head(pvi_env *env, const pvi_model *trunk, pvi_head head, bool logprob_feature, pvi_model **out);
void pvi_model_destroy(pvi_model *model);
void pvi_model_copy_weights(pvi_model *to, const pvi_model *from); /* same shape */
/* Must be called after any change of weights and before any forward; packs if stale. Uses the worker team. */
pvg_status pvi_model_ready(pvi_model *model);
/* A row of logits: tokens that may not be written get -INFINITY. */
void pvi_model_forbid(const pvi_model *model, float *logits);
/* Drops the packed copies, two or three times the weights: for a model that rests. Made anew when next needed. */
void pvi_model_rest(pvi_model *model);
/* PVG_E_NUMERIC naming the tensor when a weight is not finite. */
pvg_status pvi_model_check_finite(const pvi_model *model);

/* Lay a zeroed flat block out for a shape (gradients, moments). */
pvg_status pvi_view_create(pvi_env *env, const pvi_shape *shape, pvi_view *out);
void pvi_view_destroy(pvi_env *env, pvi_view *view);

/* Named tensors as in Hugging Face files, in the flat order: calls visit(arg, name, data, rows, cols); cols 0: a vector. */
typedef pvg_status (*pvi_visit_fn)(void *arg, const char *name, float *data, int64_t rows, int64_t cols);
pvg_status pvi_model_tensors(const pvi_shape *shape, const pvi_view *view, pvi_visit_fn visit, void *arg);

#endif
