/* naive_model.h - the decoder and its heads in double precision by plain loops, forward and backward: the twin that the
 * library's kernels and schedules are compared with. It is itself checked by finite differences and against PyTorch. */
#ifndef TEST_NAIVE_MODEL_H
#define TEST_NAIVE_MODEL_H

#include "model/forward.h"

typedef struct naive {
    pvi_shape shape;
    pvi_view map;      /* only says where a tensor lies */
    double *w, *g;     /* weights and gradients, flat as in the library */
} naive;

void naive_open(naive *n, pvi_env *env, const pvi_model *model);
void naive_close(naive *n, pvi_env *env);
void naive_zero(naive *n); /* gradients */

/* Hidden states after the final norm, [tokens][width]. */
void naive_hidden(const naive *n, const pvi_batch *batch, double *hidden);
/* Sum over the tokens begin[s].. of -log p, times `scale`; with `learn`, adds its gradient. logits (may be NULL):
 * [tokens][vocab], of every position. */
double naive_lm(naive *n, const pvi_batch *batch, const int32_t *begin, double scale, bool learn, double *logits);
/* Scores into score[sequences]; returns the sum of coefficient[s] * score[s] and, with `learn`, adds its gradient. */
double naive_score(naive *n, const pvi_batch *batch, const int32_t *begin, const double *token_logprob,
                   const double *coefficient, bool learn, double *score);

#endif
