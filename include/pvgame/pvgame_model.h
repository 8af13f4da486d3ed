/* pvgame_model.h - tokenizers and models. Included by pvgame.h.
 *
 * A model is a Llama-family decoder with the head of a prover (over the vocabulary) or of a verifier (one number). Its
 * directory is Hugging Face's own - config.json, model.safetensors, tokenizer.json - so that `transformers` opens what
 * is written here, and this library Llama models that were written there. A game makes and trains its models by itself;
 * these functions are for programs that bring models, take them away, or look inside:
 *
 *     pvg_scheduler_model(game, "prover", &model);
 *     pvg_model_save(model, "my-prover");
 *     pvg_model_load(context, "my-prover", &model);
 *     pvg_prover_from_model(context, model, settings, &prover); */
#ifndef LIBPVGAME_MODEL_H
#define LIBPVGAME_MODEL_H

#include "pvgame_data.h"

#ifdef __cplusplus
extern "C" {
#endif

/* ===================================================================================================== tokenizer == */

/* Byte-level BPE, as Hugging Face's tokenizer.json. Immutable: size, encode and decode may be called from any thread at
 * any time, and therefore give only a status, no message. */
typedef struct pvg_tokenizer pvg_tokenizer;

/* Trains one on the questions and solutions of a dataset: tokenizer.* settings; the roles' marks become special tokens.
 * settings may be NULL. Deterministic. */
PVG_API pvg_status pvg_tokenizer_train(pvg_context *context, const pvg_dataset *dataset, const pvg_settings *settings,
                                       pvg_tokenizer **out);

/* Reads a tokenizer.json, or that of a directory. Tokens are those of Hugging Face's `tokenizers`, exactly, or the file
 * is refused: PVG_E_UNSUPPORTED says which part of it this library does not do. PVG_E_NOT_FOUND, PVG_E_IO,
 * PVG_E_FORMAT. */
PVG_API pvg_status pvg_tokenizer_load(pvg_context *context, const char *path, pvg_tokenizer **out);

/* Writes a tokenizer.json, whole or not at all. PVG_E_IO. */
PVG_API pvg_status pvg_tokenizer_save(const pvg_tokenizer *tokenizer, const char *path);

/* Highest id + 1; 0 for NULL. */
PVG_API int32_t pvg_tokenizer_size(const pvg_tokenizer *tokenizer);

/* The tokens of a text. Special tokens written in the text are recognised only with `specials` (1). needed and capacity
 * count tokens: at most as many as bytes. PVG_E_BUFFER; PVG_E_RANGE for a text of GBs. */
PVG_API pvg_status pvg_tokenizer_encode(const pvg_tokenizer *tokenizer, const char *text, size_t length,
                                        int32_t specials, int32_t *tokens, size_t capacity, size_t *needed);

/* Exactly the bytes that were encoded. needed and capacity count bytes. PVG_E_BUFFER; PVG_E_RANGE for an id that is
 * none. */
PVG_API pvg_status pvg_tokenizer_decode(const pvg_tokenizer *tokenizer, const int32_t *tokens, size_t count,
                                        char *text, size_t capacity, size_t *needed);

/* Models that were made with it keep it. */
PVG_API void pvg_tokenizer_destroy(pvg_tokenizer *tokenizer);

/* ========================================================================================================= model == */

/* A Llama-family decoder: a prover (LM head) or a verifier (a scalar head on the same trunk), with its tokenizer. */
typedef struct pvg_model pvg_model;

/* Random weights from the seed; `part` is "prover" or "verifier" and picks which settings give the shape (prover.*,
 * verifier.*). PVG_E_NOT_FOUND for another word; PVG_E_RANGE for a shape that is none. */
PVG_API pvg_status pvg_model_create(pvg_context *context, const pvg_tokenizer *tokenizer, const pvg_settings *settings,
                                    const char *part, pvg_model **out);

/* Reads a model directory: of transformers' making as well as ours; one safetensors file or shards, F32, F16, BF16 or
 * F64. PVG_E_UNSUPPORTED names what this library does not do, PVG_E_NUMERIC a weight that is not finite;
 * PVG_E_NOT_FOUND, PVG_E_IO, PVG_E_FORMAT. */
PVG_API pvg_status pvg_model_load(pvg_context *context, const char *directory, pvg_model **out);

/* Writes a model directory, beside and renamed: a directory that is there is replaced whole or not at all. PVG_E_IO. */
PVG_API pvg_status pvg_model_save(const pvg_model *model, const char *directory);

/* A copy with weights of its own. */
PVG_API pvg_status pvg_model_clone(const pvg_model *model, pvg_model **out);

/* How many weights it has; 0 for NULL. */
PVG_API uint64_t pvg_model_parameters(const pvg_model *model);

/* Most tokens of a prompt and solution together; 0 for NULL. */
PVG_API int32_t pvg_model_context_length(const pvg_model *model);

/* What it gives: "lm" (a prover), or how a verifier's score comes about: "token_sum" (one number a token, summed over
 * the solution), "token_mean", "last" (of the last token). Static. */
PVG_API const char *pvg_model_head(const pvg_model *model);

/* The model's own tokenizer, as a handle to be destroyed by the caller. */
PVG_API pvg_status pvg_model_tokenizer(const pvg_model *model, pvg_tokenizer **out);

/* Log-probability (nats, at temperature 1) of tokens[i] given tokens[0..i-1], for i = 1 .. count-1; logprobs[0] = 0.
 * The same bits as when sampling. Models with an LM head only (PVG_E_UNSUPPORTED); PVG_E_RANGE unless count is 1 to the
 * context length and every token is below the tokenizer's size. */
PVG_API pvg_status pvg_model_logprobs(pvg_model *model, const int32_t *tokens, size_t count, float *logprobs);

/* Players that were made from it keep it. */
PVG_API void pvg_model_destroy(pvg_model *model);

/* Memory that a game with these settings will take, by player and purpose, in bytes, as JSON; nothing is allocated.
 * settings may be NULL. pvg_scheduler_create asks the same and refuses what does not fit the machine. PVG_E_BUFFER. */
PVG_API pvg_status pvg_plan_describe(pvg_context *context, const pvg_settings *settings, char *buffer, size_t capacity,
                                     size_t *needed);

#ifdef __cplusplus
}
#endif
#endif /* LIBPVGAME_MODEL_H */
