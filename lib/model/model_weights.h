/* model_weights.h - the weights of a model's directory: model.safetensors, or the shards that
 * model.safetensors.index.json lists; private to model/. */
#ifndef PVI_MODEL_WEIGHTS_H
#define PVI_MODEL_WEIGHTS_H

#include "model/model.h"

typedef struct pvi_weights pvi_weights;

pvg_status pvi_weights_exist(pvi_env *env, const char *folder, bool *out);
/* Opens every file and makes sure that they hold as many numbers as the shape wants, so that no memory is taken for
 * sizes that a few bytes of JSON claim. */
pvg_status pvi_weights_open(pvi_env *env, const char *folder, const pvi_shape *shape, pvi_weights **out);
void pvi_weights_close(pvi_weights *weights);
/* Every tensor of the model must be there with its sizes, and nothing unknown beside them. */
pvg_status pvi_weights_read(pvi_weights *weights, pvi_model *model);

#endif
