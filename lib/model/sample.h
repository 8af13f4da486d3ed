/* sample.h - batched sampling with a key-value cache, and scoring of given text.
 *
 * A prompt is computed once and its keys and values are shared by its whole group; finished sequences leave the batch.
 * Draws are keyed by (seed, stream of the sample, position), so a sample depends on its own prompt and stream alone,
 * and the log-probability returned with a token equals the one that training computes for it. */
#ifndef PVI_SAMPLE_H
#define PVI_SAMPLE_H

#include "model/forward.h"

typedef struct pvi_sampling {
    double temperature; /* 0: greedy. Log-probabilities are of the distribution drawn from; greedy: at temperature 1 */
    double top_p;       /* 1: off; when used, log-probabilities are still of the full distribution */
    int32_t longest;    /* most new tokens of a sample, the end token included */
    uint64_t seed;
} pvi_sampling;

typedef struct pvi_prompts {
    int32_t count;
    const int32_t *offset; /* [count + 1] */
    const int32_t *token;
    int32_t group;          /* samples per prompt */
    const uint64_t *stream; /* [count * group], sample g of prompt p at p*group+g */
} pvi_prompts;

/* Results live in growable arrays owned by this struct; free with pvi_samples_free. */
typedef struct pvi_samples {
    int32_t count;      /* prompts * group, same order */
    int32_t *offset;    /* [count + 1] into token */
    int32_t *token;     /* new tokens only, the end token included when it was drawn */
    float *logprob;     /* of each of them */
    bool *finished;     /* ended by the end token (else cut at `longest` or at the context) */
} pvi_samples;

/* How many samples of `count` prompts, `group` each, a worker of `members` draws at once, and the bytes of its cache: as
 * many as pay, halved until all workers' caches fit the limit (0: 1 GiB). */
typedef struct pvi_wave_plan {
    int32_t count, group, members;
    int32_t prompt_room, own_room; /* tokens of the longest prompt, of the longest sample */
    size_t limit;
} pvi_wave_plan;
int32_t pvi_sample_wave(const pvi_shape *shape, const pvi_wave_plan *plan, size_t *bytes);

/* Splits into waves that fit `cache_limit` bytes of cache (0: 1 GiB), of one sample per worker at least. Checks for
 * cancellation between tokens. On failure nothing is returned: PVG_E_RANGE for settings out of range, a prompt that is
 * empty or leaves no room in the context, or a token that does not exist; PVG_E_INVALID for a verifier; PVG_E_CANCELLED;
 * PVG_E_NUMERIC. */
pvg_status pvi_sample(pvi_env *env, pvi_model *model, const pvi_prompts *prompts, const pvi_sampling *how,
                      size_t cache_limit, pvi_samples *out);
void pvi_samples_free(pvi_env *env, pvi_samples *samples);

/* Verifier scores of many sequences, in micro-batches; parts may be NULL, else [total tokens], as in pvi_score_head.
 * begin[s] is at least 1. On failure score and parts may be written in part: PVG_E_RANGE for sequences, begins or tokens
 * out of range, PVG_E_INVALID for a prover, PVG_E_CANCELLED between micro-batches, PVG_E_NUMERIC for a score that is not
 * finite. */
pvg_status pvi_score(pvi_env *env, pvi_model *model, const pvi_batch *batch, const int32_t *begin, float *score,
                     float *parts);
/* Log-probabilities of tokens begin[s].. of each sequence given what precedes them (-INFINITY where the model may not
 * write the token); out is [total tokens], 0 elsewhere. Failures as above. */
pvg_status pvi_logprobs(pvi_env *env, pvi_model *model, const pvi_batch *batch, const int32_t *begin, float *out);

/* The same for a batch whose hidden states are at hand: log-probability of each solution token under the model's own LM
 * head, 0 for prompt tokens: a verifier's token_logprob. rows: [tokens] scratch; out: [tokens]. */
pvg_status pvi_token_logprobs(pvi_model *model, const pvi_batch *batch, const int32_t *begin, const float *hidden,
                              int32_t *rows, float *out);

#endif
