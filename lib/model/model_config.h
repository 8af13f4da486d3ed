/* model_config.h - the JSON beside a model's weights: config.json, generation_config.json, tokenizer_config.json;
 * private to model/. */
#ifndef PVI_MODEL_CONFIG_H
#define PVI_MODEL_CONFIG_H

#include "model/model.h"

enum { PVI_MODEL_ENDS = 16 };

typedef struct pvi_model_config {
    pvi_shape shape; /* checked */
    int32_t end
        [PVI_MODEL_ENDS]; /* ids that end a text, the preferred first; generation_config.json goes before config.json */
    size_t ends;
} pvi_model_config;

/* What is written beyond Hugging Face's own keys: "pvgame_format" (1), "pvgame_head" ("lm", "sum", "mean", "last"),
 * "pvgame_logprob_feature". A token classifier without "pvgame_head" is taken to be summed. */
pvg_status pvi_model_config_read(pvi_env *env, const char *folder, pvi_model_config *out);
pvg_status pvi_model_config_write(pvi_env *env, const pvi_model *model, const char *folder);

#endif
