/* voice.c - the library's own prover and verifier: a model with the way it is spoken to. See player.h. */
#include <math.h>
#include <string.h>

#include "game/player.h"
#include "model/sample.h"

static pvi_prompter prompter_of(const pvi_voice *voice) {
    return (pvi_prompter){.config = voice->config, .tokenizer = voice->model->tokenizer};
}

void pvi_voice_free(pvi_voice *voice) { pvi_example_list_free(&voice->list); }

static void start_list(pvi_voice *voice) {
    if (voice->list.env == NULL) pvi_example_list_init(&voice->list, voice->env);
    pvi_example_list_clear(&voice->list);
}

/* ---- proving ---- */

static pvg_status encode_prompts(pvi_voice *voice, const pvi_dataset *data, const pvi_prove_job *job) {
    pvi_prompter prompter = prompter_of(voice);
    pvi_tokens prompt;
    pvi_tokens_init(&prompt, voice->env);
    pvg_status status = PVG_OK;
    start_list(voice);
    for (size_t i = 0; i < job->count && status == PVG_OK; i++) {
        const pvi_item *item = pvi_dataset_item(data, job->problem[i]);
        pvi_tokens_clear(&prompt);
        status = pvi_prompt_encode(voice->env, &prompter, job->role[i], item->question, item->question_length,
                                   item->gold, &prompt);
        if (status == PVG_OK && prompt.length + 1 > (size_t)voice->model->shape.context)
            status = pvi_fail(voice->env, PVG_E_RANGE, "prover",
                              "the prompt of problem '%s' has %zu tokens, which leaves no room in a context of %d",
                              item->id, prompt.length, (int)voice->model->shape.context);
        if (status == PVG_OK) status = pvi_example_list_add(&voice->list, prompt.data, prompt.length, NULL, 0);
    }
    pvi_tokens_free(&prompt);
    return status;
}

/* One sample into `out`: its text is what its tokens decode to. */
static pvg_status add_sample(pvi_voice *voice, const pvi_prove_job *job, const pvi_samples *samples, size_t at,
                             pvi_text *text, pvi_solutions *out) {
    const int32_t *token = samples->token + samples->offset[at];
    size_t count = (size_t)(samples->offset[at + 1] - samples->offset[at]), prompt = at / (size_t)job->group;
    pvi_text_clear(text);
    pvg_status status = pvi_decode(voice->env, voice->model->tokenizer, token, count, false, text);
    if (status == PVG_OK) status = pvi_text_ok(text);
    if (status != PVG_OK) return status;
    pvi_solution solution = {.problem = job->problem[prompt], .source = job->source, .role = job->role[prompt],
                             .greedy = job->temperature == 0, .finished = samples->finished[at], .score = (double)NAN};
    return pvi_solutions_add(out, &solution, token, samples->logprob + samples->offset[at], count,
                             text->data != NULL ? text->data : "", text->length);
}

static pvg_status sample_prompts(pvi_voice *voice, const pvi_prove_job *job, const uint64_t *stream,
                                 pvi_solutions *out) {
    pvi_sampling how = voice->config->sampling;
    how.temperature = job->temperature;
    how.seed = job->seed;
    pvi_prompts prompts = {.count = (int32_t)job->count, .offset = voice->list.offset, .token = voice->list.token.data,
                           .group = job->group, .stream = stream};
    pvi_samples samples = {0};
    pvg_status status = pvi_model_ready(voice->model);
    if (status == PVG_OK) status = pvi_sample(voice->env, voice->model, &prompts, &how, 0, &samples);
    if (status != PVG_OK) return status;
    size_t before = out->count;
    pvi_text text;
    pvi_text_init(&text, voice->env);
    for (size_t i = 0; i < (size_t)samples.count && status == PVG_OK; i++)
        status = add_sample(voice, job, &samples, i, &text, out);
    pvi_text_free(&text);
    pvi_samples_free(voice->env, &samples);
    if (status != PVG_OK) pvi_solutions_cut(out, before);
    return status;
}

pvg_status pvi_voice_prove(pvi_voice *voice, const pvi_dataset *data, const pvi_prove_job *job, pvi_solutions *out) {
    if (job->count == 0) return PVG_OK;
    size_t samples = job->count * (size_t)job->group;
    uint64_t *stream = pvi_alloc(voice->env, samples, sizeof *stream);
    if (stream == NULL) return PVG_E_NOMEM;
    for (size_t i = 0; i < samples; i++) stream[i] = job->stream + i;
    pvg_status status = encode_prompts(voice, data, job);
    if (status == PVG_OK) status = sample_prompts(voice, job, stream, out);
    pvi_free(voice->env, stream);
    return status;
}

/* ---- judging ---- */

/* A neutral prompt and a solution that together do not fit the context lose the solution's end, and if need be the
 * prompt's beginning: one solution token is always judged. */
static pvg_status add_text(pvi_voice *voice, pvi_span question, pvi_span solution, pvi_tokens *prompt,
                           pvi_tokens *tokens) {
    pvi_prompter prompter = prompter_of(voice);
    pvi_tokens_clear(prompt);
    pvi_tokens_clear(tokens);
    pvg_status status = pvi_prompt_encode(voice->env, &prompter, PVG_ROLE_NEUTRAL, question.data, question.length, NULL,
                                          prompt);
    if (status == PVG_OK) status = pvi_solution_encode(voice->env, &prompter, solution.data, solution.length, tokens);
    if (status != PVG_OK) return status;
    size_t context = (size_t)voice->model->shape.context;
    size_t skip = prompt->length + 1 > context ? prompt->length + 1 - context : 0,
           room = context - (prompt->length - skip);
    return pvi_example_list_add(&voice->list, prompt->data + skip, prompt->length - skip, tokens->data,
                                tokens->length < room ? tokens->length : room);
}

static pvg_status score_list(pvi_voice *voice, double *scores, float *parts) {
    size_t count = voice->list.count;
    if (count == 0) return PVG_OK;
    float *score = pvi_alloc(voice->env, count, sizeof *score);
    if (score == NULL) return PVG_E_NOMEM;
    pvi_examples examples = pvi_example_list_view(&voice->list);
    pvg_status status = pvi_model_ready(voice->model);
    if (status == PVG_OK) status = pvi_score(voice->env, voice->model, &examples.batch, examples.begin, score, parts);
    for (size_t i = 0; i < count && status == PVG_OK; i++) scores[i] = (double)score[i];
    pvi_free(voice->env, score);
    return status;
}

pvg_status pvi_voice_score_text(pvi_voice *voice, size_t count, const pvi_span *questions, const pvi_span *solutions,
                                double *scores) {
    pvi_tokens prompt, tokens;
    pvi_tokens_init(&prompt, voice->env);
    pvi_tokens_init(&tokens, voice->env);
    start_list(voice);
    pvg_status status = PVG_OK;
    for (size_t i = 0; i < count && status == PVG_OK; i++)
        status = add_text(voice, questions[i], solutions[i], &prompt, &tokens);
    pvi_tokens_free(&prompt);
    pvi_tokens_free(&tokens);
    return status == PVG_OK ? score_list(voice, scores, NULL) : status;
}

/* Where each token of the solution ends in its text; the end token ends where the text does. */
static void token_ends(const pvi_voice *voice, size_t text_length, size_t *ends, const float *part, float *parts,
                       size_t count) {
    const int32_t *token = voice->list.token.data + voice->list.begin[0];
    size_t at = 0;
    for (size_t i = 0; i < count; i++) {
        size_t length = 0;
        if (!pvi_tokenizer_is_special(voice->model->tokenizer, token[i]))
            pvi_token_bytes(voice->model->tokenizer, token[i], &length);
        at += length;
        ends[i] = at < text_length ? at : text_length;
        parts[i] = part[voice->list.begin[0] + (int32_t)i];
    }
}

pvg_status pvi_voice_parts(pvi_voice *voice, pvi_span question, pvi_span solution, size_t *ends, float *parts,
                           size_t capacity, size_t *needed) {
    pvi_env *env = voice->env;
    if (voice->model->shape.head != PVI_HEAD_TOKEN_SUM && voice->model->shape.head != PVI_HEAD_TOKEN_MEAN)
        return pvi_fail(env, PVG_E_UNSUPPORTED, "verifier", "only a verifier with a summed or averaged head has parts");
    double score;
    pvi_tokens prompt, tokens;
    pvi_tokens_init(&prompt, env);
    pvi_tokens_init(&tokens, env);
    start_list(voice);
    pvg_status status = add_text(voice, question, solution, &prompt, &tokens);
    pvi_tokens_free(&prompt);
    pvi_tokens_free(&tokens);
    if (status != PVG_OK) return status;
    size_t count = voice->list.token.length - (size_t)voice->list.begin[0];
    *needed = count;
    if (capacity < count)
        return pvi_fail(env, PVG_E_BUFFER, "verifier", "%zu parts, but room for %zu", count, capacity);
    float *part = pvi_alloc(env, voice->list.token.length, sizeof *part);
    if (part == NULL) return PVG_E_NOMEM;
    status = score_list(voice, &score, part);
    if (status == PVG_OK) token_ends(voice, solution.length, ends, part, parts, count);
    pvi_free(env, part);
    return status;
}
