/* golden.h - the vectors of tests/golden/llama_tiny.json, made by PyTorch. */
#ifndef TEST_GOLDEN_H
#define TEST_GOLDEN_H

#include <jansson.h>

#include "model/forward.h"

enum { GOLDEN_SEQUENCES = 3, GOLDEN_TOKENS = 25 };

typedef struct golden {
    json_t *root;
    int32_t offset[GOLDEN_SEQUENCES + 1], begin[GOLDEN_SEQUENCES], token[GOLDEN_TOKENS];
    pvi_batch batch;
    double coefficient[GOLDEN_SEQUENCES], token_logprob[GOLDEN_TOKENS];
    pvi_model *model; /* of the case */
    json_t *values;   /* the case: loss, logits or scores, gradients */
} golden;

/* A case by its name: "lm_untied", "lm_tied", "sum", "mean_logprob", "last". */
void golden_open(golden *g, pvi_env *env, const char *name);
void golden_close(golden *g);
/* |a - b| <= tolerance * (largest |b| of the tensor), for every gradient; `gradients` is flat in the model's order,
 * double or float. */
void golden_check_gradients(const golden *g, const double *as_double, const float *as_float, double tolerance);
/* Fails unless the `count` numbers of this member agree. */
void golden_check_values(const golden *g, const char *member, const double *found, size_t count, double tolerance);

#endif
