/* sample_draw.h - one token out of one row of logits; private to model/. */
#ifndef PVI_SAMPLE_DRAW_H
#define PVI_SAMPLE_DRAW_H

#include "compute/kernels.h"
#include "model/sample.h"

typedef struct pvi_drawn {
    int32_t token;
    float logprob; /* as sample.h promises */
} pvi_drawn;

/* How the distribution is cut: both as in pvi_sampling. */
pvg_status pvi_sampling_check(pvi_env *env, const pvi_sampling *how);

/* Draw the token at index `position` of the sample that draws from `stream`. Disallowed tokens have logit -INFINITY and
 * are never drawn. Logits are overwritten. p: [vocab] scratch; order: [vocab] scratch, used only with top_p < 1. A row
 * without a distribution (NaN, all -INFINITY) gives a log-probability of NaN. */
pvi_drawn pvi_draw(const pvi_kernels *kernels, const pvi_sampling *how, uint64_t stream, int32_t position, float *logits,
                   int32_t vocab, float *p, int32_t *order);

#endif
