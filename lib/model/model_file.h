/* model_file.h - a model as a Hugging Face directory: config.json, model.safetensors, tokenizer.json,
 * generation_config.json. `transformers` opens ours; we open Llama directories of its making. */
#ifndef PVI_MODEL_FILE_H
#define PVI_MODEL_FILE_H

#include "model/model.h"

/* Written to a temporary directory beside (FOLDER.part) and renamed: an existing model is replaced whole or not at all,
 * with all that is in its directory; a directory that holds something else is left alone (PVG_E_STATE). A model with a
 * weight that is not finite is not written (PVG_E_NUMERIC), nor one without a tokenizer (PVG_E_INVALID).
 *
 * transformers opens a prover as LlamaForCausalLM and a verifier as LlamaForSequenceClassification (last token) or
 * LlamaForTokenClassification (sum, mean), with one label. What those classes cannot say is kept beside: "pvgame_head"
 * in config.json, and the weight of the log-probability feature as a tensor logprob.weight, which transformers reports
 * as unexpected and leaves out of its scores. pad_token_id is a token that ends no solution. */
pvg_status pvi_model_save(pvi_env *env, const pvi_model *model, const char *folder);
/* F32, F16, BF16, F64 tensors, single file or sharded by model.safetensors.index.json. Every field and size is checked
 * before memory is taken; a tensor that the model has no place for is refused (PVG_E_UNSUPPORTED), as is what this
 * library does not compute: biases, scaled positions, other architectures. Of several end tokens one is kept: the
 * tokenizer's own if listed, else the first. */
pvg_status pvi_model_load(pvi_env *env, const char *folder, pvi_model **out);

/* One safetensors file of named fp32/i64/u8 arrays: also how optimiser and game state are kept. */
typedef struct pvi_array {
    const char *name;
    const char *dtype; /* "F32", "I32", "I64", "U8" */
    const void *data;
    int64_t rows, cols; /* cols 0: a vector */
} pvi_array;
pvg_status pvi_arrays_save(pvi_env *env, const char *path, const pvi_array *arrays, size_t count, const char *metadata_json);
typedef struct pvi_arrays pvi_arrays; /* an opened file: header parsed and validated, data read on demand */
pvg_status pvi_arrays_open(pvi_env *env, const char *path, pvi_arrays **out);
void pvi_arrays_close(pvi_arrays *arrays);
/* PVG_E_NOT_FOUND, or PVG_E_FORMAT when dtype or the element count differ from what is wanted. F32 converts from
 * F16/BF16/F64. */
pvg_status pvi_arrays_read(pvi_arrays *arrays, const char *name, const char *dtype, void *data, uint64_t count);
bool pvi_arrays_find(const pvi_arrays *arrays, const char *name, uint64_t *count, const char **dtype);
const char *pvi_arrays_metadata(const pvi_arrays *arrays, const char *key); /* NULL when absent */

#endif
