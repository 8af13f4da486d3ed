/* init.h - the first weights of a model; private to model/. */
#ifndef PVI_INIT_H
#define PVI_INIT_H

#include "model/model.h"

/* Fills model->weights, which are zeros, on the worker team. Every row is a random stream of its own, keyed by the
 * tensor's name and the row, so that no weight depends on the number of threads or on other tensors. */
pvg_status pvi_init_weights(pvi_model *model, const pvi_init *init);

#endif
