/* shape.h - the hyperparameters of a Llama-family decoder and the sizes that follow from them. */
#ifndef PVI_SHAPE_H
#define PVI_SHAPE_H

#include "base/env.h"

enum { PVI_HEAD_DIM_MAX = 1024 };

/* What sits on top of the trunk. */
typedef enum pvi_head {
    PVI_HEAD_LM = 0,         /* next-token logits: a prover. LlamaForCausalLM */
    PVI_HEAD_TOKEN_SUM = 1,  /* one number a token, summed over the solution. LlamaForTokenClassification, 1 label */
    PVI_HEAD_TOKEN_MEAN = 2, /* the same, averaged */
    PVI_HEAD_LAST = 3        /* one number from the last token. LlamaForSequenceClassification, 1 label */
} pvi_head;

typedef struct pvi_shape {
    int32_t vocab, width, layers, heads, kv_heads, head_dim, hidden, context; /* hidden: feed-forward width */
    float rope_theta, norm_eps;
    bool tied;     /* the LM head is the embedding matrix */
    pvi_head head; /* a verifier's trunk keeps its embedding, so that tied LM logits stay computable (joint LM loss) */
    bool logprob_feature; /* verifier only: adds u * log p(token) of its own LM logits to each token's part */
} pvi_shape;

/* Every bound and divisibility, in one sentence naming the field; overflow-checked. */
pvg_status pvi_shape_check(pvi_env *env, const pvi_shape *shape);
uint64_t pvi_shape_parameters(const pvi_shape *shape);
/* Width of the fused query-key-value projection: (heads + 2 * kv_heads) * head_dim. */
static inline int32_t pvi_shape_qkv(const pvi_shape *s) { return (s->heads + 2 * s->kv_heads) * s->head_dim; }

#endif
