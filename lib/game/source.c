/* source.c - what a game is made of: built-in problems as a dataset, a tokenizer for it, models with random weights. */
#include <string.h>

#include "game/game.h"
#include "base/workers.h"

/* ---- problems ---- */

static void write_item(const pvi_config *config, uint64_t number, pvi_text text[4]) {
    pvi_problem problem;
    pvi_rng rng = pvi_rng_stream(config->problems.seed, "reference", number, 0);
    pvi_problem_make(&config->problems, number, &problem);
    pvi_problem_question(&problem, config->rendering, &text[0]);
    pvi_problem_solution(&problem, config->rendering, &config->style, &rng, &text[1]);
    pvi_problem_write_chain(&problem, &text[2]);
    pvi_text_printf(&text[3], "%d", (int)pvi_problem_answer(&problem));
}

pvg_status pvi_source_append(pvi_env *env, const pvi_config *config, uint64_t number, pvi_dataset *data) {
    pvi_text text[4];
    char id[32];
    for (int i = 0; i < 4; i++) pvi_text_init(&text[i], env);
    pvi_text_format(id, sizeof id, "problem-%llu", (unsigned long long)number);
    write_item(config, number, text);
    pvg_status status = PVG_OK;
    for (int i = 0; i < 4 && status == PVG_OK; i++) status = pvi_text_ok(&text[i]);
    if (status == PVG_OK) {
        pvi_item item = {.id = id,
                         .question = text[0].data,
                         .question_length = text[0].length,
                         .solution = text[1].data,
                         .solution_length = text[1].length,
                         .chain = text[2].data,
                         .gold = text[3].data,
                         .label = -1};
        status = pvi_dataset_append(env, data, &item);
    }
    for (int i = 0; i < 4; i++) pvi_text_free(&text[i]);
    return status;
}

pvg_status pvi_source_dataset(pvi_env *env, const pvi_config *config, uint64_t first, uint64_t count,
                              pvi_dataset **out) {
    pvi_dataset *data = NULL;
    pvg_status status = pvi_problem_check(env, &config->problems);
    if (status == PVG_OK) status = pvi_dataset_create(env, &data);
    for (uint64_t i = 0; i < count && status == PVG_OK; i++) status = pvi_source_append(env, config, first + i, data);
    if (status == PVG_OK) *out = data;
    else pvi_dataset_release(data);
    return status;
}

/* ---- tokenizer ---- */

/* A text that can be a special token of its own. */
static bool can_be_special(const char *text) {
    size_t length = strlen(text);
    for (size_t i = 0; i < length; i++)
        if (text[i] <= ' ' || text[i] > '~') return false;
    return length >= 2 && length <= 64;
}

static int32_t list_specials(const pvi_config *config, const char *out[4]) {
    const char *const wanted[4] = {config->end_text, config->role_text[0], config->role_text[1], config->role_text[2]};
    int32_t count = 0;
    for (int i = 0; i < 4; i++) {
        bool again = false;
        for (int32_t k = 0; k < count; k++) again = again || strcmp(out[k], wanted[i]) == 0;
        if (!again && can_be_special(wanted[i])) out[count++] = wanted[i];
    }
    return count;
}

static pvg_status feed(pvi_bpe_trainer *trainer, const pvi_item *item) {
    pvg_status status = pvi_bpe_trainer_add(trainer, item->question, item->question_length);
    if (status == PVG_OK) status = pvi_bpe_trainer_add(trainer, item->solution, item->solution_length);
    if (status == PVG_OK && item->candidate != NULL)
        status = pvi_bpe_trainer_add(trainer, item->candidate, item->candidate_length);
    return status;
}

pvg_status pvi_source_tokenizer(pvi_env *env, const pvi_config *config, const pvi_dataset *data, const uint32_t *index,
                                size_t count, pvi_tokenizer **out) {
    if (!can_be_special(config->end_text))
        return pvi_fail(env, PVG_E_FORMAT, "tokenizer",
                        "roles.end is '%s': wanted 2 to 64 printable ASCII characters without blanks",
                        config->end_text);
    const char *special[4];
    pvi_tokenizer_options options = {.vocab_size = config->vocab,
                                     .specials = special,
                                     .end = config->end_text,
                                     .special_count = list_specials(config, special),
                                     .split_digits = config->split_digits};
    pvi_bpe_trainer *trainer = NULL;
    pvg_status status = pvi_bpe_trainer_create(env, &options, &trainer);
    if (status != PVG_OK) return status;
    size_t total = index != NULL ? count : pvi_dataset_count(data);
    for (size_t i = 0; i < total && status == PVG_OK; i++)
        status = feed(trainer, pvi_dataset_item(data, index != NULL ? index[i] : i));
    if (status == PVG_OK) return pvi_bpe_trainer_finish(trainer, out);
    pvi_bpe_trainer_drop(trainer);
    return status;
}

/* ---- models ---- */

pvg_status pvi_source_model(pvi_env *env, const pvi_config *config, pvi_tokenizer *tokenizer, bool verifier,
                            pvi_head head, pvi_model **out) {
    pvi_shape shape = verifier ? config->verifier : config->prover;
    shape.vocab = pvi_tokenizer_size(tokenizer);
    shape.head = head;
    if (head == PVI_HEAD_LM) shape.logprob_feature = false;
    pvi_rng rng = pvi_rng_stream(config->seed, "weights", verifier, 0);
    uint64_t seed = pvi_rng_u32(&rng);
    pvi_init init = {.seed = seed << 32 | pvi_rng_u32(&rng), .embedding_scale = (float)config->embedding_scale,
                     .number_features = config->number_features};
    return pvi_model_create(env, &shape, tokenizer, &init, out);
}

/* Tokens of one worker: so few that their activations stay in its cache. Where no useful number does, gradients go through
 * memory less often with more. */
static int32_t worker_tokens(const pvi_shape *shape) {
    const size_t cache = (size_t)12 << 20;
    for (int32_t tokens = 1024; tokens >= 256; tokens /= 2)
        if (pvi_activations_bytes(shape, tokens, shape->context, 1, true) <= cache) return tokens;
    return 512;
}

int32_t pvi_micro_tokens(const pvi_env *env, const pvi_shape *shape) {
    const size_t most = (size_t)256 << 20;
    int members = pvi_workers_count(env->workers);
    int32_t each = worker_tokens(shape), tokens = members < 8192 / each ? each * members : 8192;
    while (tokens > shape->context && pvi_activations_bytes(shape, tokens, shape->context, members, true) > most)
        tokens /= 2;
    return tokens > shape->context ? tokens : shape->context;
}
