/* game_setup.c - a game from its settings and data: problems cut into parts, tokenizer, prompts; and its end. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "game/game.h"
#include "game/plan.h"

/* ---- problems ---- */

static int by_value(const void *x, const void *y) {
    uint64_t a = *(const uint64_t *)x, b = *(const uint64_t *)y;
    return a < b ? -1 : a > b;
}

static uint64_t hash_of(const pvi_game *game, const pvi_item *item) {
    return pvi_question_hash(game->config.seed, item->question, item->question_length);
}

/* An open-addressed set of hashes; 0 marks a free place. */
typedef struct hash_set {
    uint64_t *slot;
    size_t mask;
} hash_set;

static bool set_add(hash_set *set, uint64_t hash) {
    hash += hash == 0;
    size_t at = (size_t)hash & set->mask;
    while (set->slot[at] != 0) {
        if (set->slot[at] == hash) return false;
        at = (at + 1) & set->mask;
    }
    set->slot[at] = hash;
    return true;
}

/* Different questions only, so that no question is in two parts. */
static pvg_status fill_built_in(pvi_game *game, pvi_dataset *data, hash_set *seen) {
    const pvi_config *c = &game->config;
    uint64_t wanted = (uint64_t)(c->problem_train + c->problem_test), number = 0;
    pvi_text question;
    pvi_text_init(&question, game->env);
    pvg_status status = PVG_OK;
    /* a source that repeats itself 19 times out of 20 has little left to tell */
    for (; pvi_dataset_count(data) < wanted && number < 1000 + 20 * pvi_dataset_count(data) && status == PVG_OK;
         number++) {
        pvi_problem problem;
        pvi_problem_make(&c->problems, number, &problem);
        pvi_text_clear(&question);
        pvi_problem_question(&problem, c->rendering, &question);
        status = pvi_text_ok(&question);
        if (status == PVG_OK && set_add(seen, pvi_question_hash(c->seed, question.data, question.length)))
            status = pvi_source_append(game->env, c, number, data);
    }
    pvi_text_free(&question);
    size_t count = pvi_dataset_count(data);
    if (status == PVG_OK && count < wanted)
        status = pvi_fail(
            game->env, PVG_E_STATE, "game",
            "the problems.* settings yield about %zu different questions; problems.train and problems.test want %llu",
            count, (unsigned long long)wanted);
    return status;
}

static pvg_status make_built_in(pvi_game *game) {
    pvi_env *env = game->env;
    size_t size = 64;
    while (size < 2 * (size_t)(game->config.problem_train + game->config.problem_test)) size *= 2;
    hash_set seen = {pvi_calloc(env, size, sizeof(uint64_t)), size - 1};
    pvg_status status = seen.slot != NULL ? pvi_problem_check(env, &game->config.problems) : PVG_E_NOMEM;
    if (status == PVG_OK) status = pvi_dataset_create(env, &game->data);
    if (status == PVG_OK) status = fill_built_in(game, game->data, &seen);
    pvi_free(env, seen.slot);
    return status;
}

static pvg_status take_data(pvi_game *game, pvi_dataset *data) {
    const pvi_config *c = &game->config;
    if (data == NULL) return make_built_in(game);
    pvi_dataset_freeze(data);
    if (c->data_limit > 0 && (uint64_t)c->data_limit < pvi_dataset_count(data))
        return pvi_dataset_limit(game->env, data, (size_t)c->data_limit, &game->data);
    game->data = pvi_dataset_retain(data);
    return PVG_OK;
}

static pvg_status check_kind(const pvi_game *game) {
    size_t count = pvi_dataset_count(game->data);
    if (count == 0) return pvi_fail(game->env, PVG_E_STATE, "game", "the dataset is empty");
    bool labelled = pvi_dataset_labelled(game->data);
    if (game->config.mode == PVI_MODE_VERIFIER && !labelled)
        return pvi_fail(game->env, PVG_E_STATE, "game",
                        "mode=verifier needs labelled solutions (data.labelled=true); this dataset has none");
    if (game->config.mode != PVI_MODE_VERIFIER && labelled)
        return pvi_fail(game->env, PVG_E_STATE, "game",
                        "this dataset holds labelled solutions: set mode=verifier, or give a dataset of problems");
    return PVG_OK;
}

/* The part each item belongs to; PVI_SIDE_NONE: none. */
static pvg_status choose_sides(pvi_game *game, uint8_t *side) {
    const pvi_config *c = &game->config;
    size_t count = pvi_dataset_count(game->data);
    if (!game->built_in) {
        const double share[3] = {c->share_prover, c->share_verifier, c->share_test};
        return pvi_dataset_sides(game->env, game->data, c->seed, share, side);
    }
    size_t test = (size_t)c->problem_test, train = count > test ? count - test : 0;
    for (size_t i = 0; i < count; i++)
        side[i] = i >= train ? PVI_HALF_TEST : i < (train + 1) / 2 ? PVI_HALF_PROVER : PVI_HALF_VERIFIER;
    return PVG_OK;
}

static pvg_status fill_halves(pvi_game *game, const uint8_t *side) {
    size_t count = pvi_dataset_count(game->data), wanted[PVI_HALVES] = {0};
    for (size_t i = 0; i < count; i++)
        if (side[i] < PVI_HALVES) wanted[side[i]]++;
    for (int h = 0; h < PVI_HALVES; h++) {
        game->half[h] = pvi_alloc(game->env, wanted[h] + 1, sizeof *game->half[h]);
        if (game->half[h] == NULL) return PVG_E_NOMEM;
    }
    for (size_t i = 0; i < count; i++)
        if (side[i] < PVI_HALVES) game->half[side[i]][game->half_count[side[i]]++] = (uint32_t)i;
    return PVG_OK;
}

static pvg_status cut_data(pvi_game *game) {
    size_t count = pvi_dataset_count(game->data);
    uint8_t *side = pvi_alloc(game->env, count, sizeof *side);
    game->known = pvi_alloc(game->env, count, sizeof *game->known);
    pvg_status status = side != NULL && game->known != NULL ? choose_sides(game, side) : PVG_E_NOMEM;
    if (status == PVG_OK) status = fill_halves(game, side);
    pvi_free(game->env, side);
    if (status != PVG_OK) return status;
    for (size_t i = 0; i < count; i++) game->known[i] = hash_of(game, pvi_dataset_item(game->data, i));
    game->known_count = count;
    qsort(game->known, count, sizeof *game->known, by_value);
    return PVG_OK;
}

/* ---- texts ---- */

static pvg_status make_tokenizer(pvi_game *game) {
    if (game->tokenizer != NULL) return PVG_OK;
    size_t prover = game->half_count[PVI_HALF_PROVER], verifier = game->half_count[PVI_HALF_VERIFIER];
    uint32_t *index = pvi_alloc(game->env, prover + verifier + 1, sizeof *index);
    if (index == NULL) return PVG_E_NOMEM;
    memcpy(index, game->half[PVI_HALF_PROVER], prover * sizeof *index);
    memcpy(index + prover, game->half[PVI_HALF_VERIFIER], verifier * sizeof *index);
    pvg_status status = pvi_source_tokenizer(game->env, &game->config, game->data, index, prover + verifier,
                                             &game->tokenizer);
    pvi_free(game->env, index);
    return status;
}

static pvg_status encode_prompts(pvi_game *game) {
    size_t count = pvi_dataset_count(game->data);
    pvi_tokens_init(&game->prompt, game->env);
    game->prompter = (pvi_prompter){.config = &game->config, .tokenizer = game->tokenizer};
    game->prompt_begin = pvi_alloc(game->env, count + 1, sizeof *game->prompt_begin);
    if (game->prompt_begin == NULL) return PVG_E_NOMEM;
    game->prompt_begin[0] = 0;
    for (size_t i = 0; i < count; i++) {
        const pvi_item *item = pvi_dataset_item(game->data, i);
        pvg_status status = pvi_prompt_encode(game->env, &game->prompter, PVG_ROLE_NEUTRAL, item->question,
                                              item->question_length, NULL, &game->prompt);
        if (status != PVG_OK) return status;
        game->prompt_begin[i + 1] = game->prompt.length;
    }
    return PVG_OK;
}

/* Tokens of a problem's longest prompt, whatever the role. */
static pvg_status longest_prompt(pvi_game *game, uint32_t index, pvi_tokens *tokens, size_t *out) {
    const pvi_item *item = pvi_dataset_item(game->data, index);
    pvg_status status = PVG_OK;
    *out = game->prompt_begin[index + 1] - game->prompt_begin[index];
    for (int role = PVG_ROLE_HELPFUL; role <= PVG_ROLE_SNEAKY && status == PVG_OK; role++) {
        pvi_tokens_clear(tokens);
        status = pvi_prompt_encode(game->env, &game->prompter, (pvg_role)role, item->question, item->question_length,
                                   item->gold, tokens);
        if (tokens->length > *out) *out = tokens->length;
    }
    return status;
}

/* Problems whose prompt and longest solution do not fit the context are left out. */
static pvg_status drop_long(pvi_game *game) {
    bool verifier_only = game->config.mode == PVI_MODE_VERIFIER;
    size_t solution = verifier_only ? 16 : (size_t)game->config.sampling.longest;
    pvi_tokens tokens;
    pvi_tokens_init(&tokens, game->env);
    pvg_status status = PVG_OK;
    for (int h = 0; h < PVI_HALVES; h++) {
        size_t kept = 0;
        for (size_t i = 0; i < game->half_count[h] && status == PVG_OK; i++) {
            size_t prompt = 0;
            status = longest_prompt(game, game->half[h][i], &tokens, &prompt);
            if (prompt + solution <= (size_t)game->config.prover.context) game->half[h][kept++] = game->half[h][i];
        }
        game->left_out += game->half_count[h] - kept;
        game->half_count[h] = kept;
    }
    pvi_tokens_free(&tokens);
    return status;
}

static pvg_status check_halves(const pvi_game *game) {
    static const char *const name[PVI_HALVES] = {"prover's half", "verifier's half", "test"};
    for (int h = 0; h < PVI_HALVES; h++) {
        if (game->half_count[h] > 0 || (game->config.mode == PVI_MODE_VERIFIER && h == PVI_HALF_PROVER)) continue;
        return pvi_fail(
            game->env, PVG_E_STATE, "game",
            "the %s is empty: the dataset has %zu items, of which %zu have a prompt too long for prover.context=%d "
            "with sampling.longest=%d; give more problems, or change these",
            name[h], pvi_dataset_count(game->data), game->left_out, (int)game->config.prover.context,
            (int)game->config.sampling.longest);
    }
    return PVG_OK;
}

/* ---- labelled solutions: mode=verifier ---- */

/* The first item with the same question: pairs of right and wrong are found by it. */
static pvg_status add_candidates(pvi_game *game, int half, pvi_solutions *out) {
    pvi_solutions raw;
    pvi_solutions_init(&raw, game->env);
    pvg_status status = PVG_OK;
    for (size_t i = 0; i < game->half_count[half] && status == PVG_OK; i++) {
        const pvi_item *item = pvi_dataset_item(game->data, game->half[half][i]);
        if (item->label < 0) continue;
        pvi_solution s = {.problem = game->half[half][i],
                          .role = PVG_ROLE_NEUTRAL,
                          .finished = true,
                          .score = (double)NAN,
                          .verdict = item->label == 1 ? PVG_VERDICT_CORRECT : PVG_VERDICT_WRONG};
        status = pvi_solutions_add(&raw, &s, NULL, NULL, 0, item->candidate, item->candidate_length);
    }
    if (status == PVG_OK) status = pvi_game_canonical(game, &raw, out);
    pvi_solutions_free(&raw);
    return status;
}

typedef struct place_of {
    uint64_t hash;
    uint32_t item;
} place_of;

static int by_hash(const void *x, const void *y) {
    const place_of *a = x, *b = y;
    if (a->hash != b->hash) return a->hash < b->hash ? -1 : 1;
    return a->item < b->item ? -1 : a->item > b->item;
}

/* Solutions of one question get one problem number, that of its first item. */
static pvg_status join_problems(pvi_game *game, pvi_solutions *all) {
    size_t count = pvi_dataset_count(game->data);
    place_of *place = pvi_alloc(game->env, count, sizeof *place);
    uint32_t *first = pvi_alloc(game->env, count, sizeof *first);
    if (place != NULL && first != NULL) {
        for (size_t i = 0; i < count; i++)
            place[i] = (place_of){hash_of(game, pvi_dataset_item(game->data, i)), (uint32_t)i};
        qsort(place, count, sizeof *place, by_hash);
        for (size_t i = 0; i < count; i++)
            first[place[i].item] = i > 0 && place[i].hash == place[i - 1].hash ? first[place[i - 1].item]
                                                                               : place[i].item;
        for (size_t i = 0; i < all->count; i++) all->item[i].problem = first[all->item[i].problem];
    }
    pvg_status status = place != NULL && first != NULL ? PVG_OK : PVG_E_NOMEM;
    pvi_free(game->env, place);
    pvi_free(game->env, first);
    return status;
}

static pvg_status take_candidates(pvi_game *game) {
    pvg_status status = add_candidates(game, PVI_HALF_PROVER, &game->collected);
    if (status == PVG_OK) status = add_candidates(game, PVI_HALF_VERIFIER, &game->collected);
    if (status == PVG_OK) status = add_candidates(game, PVI_HALF_TEST, &game->tests);
    return status == PVG_OK ? join_problems(game, &game->collected) : status;
}

/* ---- the whole ---- */

static pvg_status make_findings(pvi_game *game) {
    pvi_env *env = game->env;
    size_t rounds = (size_t)game->plan.rounds;
    game->verifiers = pvi_calloc(env, rounds + 1, sizeof *game->verifiers);
    game->reports = pvi_calloc(env, rounds, sizeof *game->reports);
    if (game->verifiers == NULL || game->reports == NULL) return PVG_E_NOMEM;
    for (size_t r = 0; r < rounds; r++) pvi_report_init(&game->reports[r], env);
    return PVG_OK;
}

static pvg_status set_up(pvi_game *game, pvi_dataset *data) {
    pvg_status status = take_data(game, data);
    if (status == PVG_OK) status = check_kind(game);
    if (status == PVG_OK) status = cut_data(game);
    if (status == PVG_OK) status = make_tokenizer(game);
    if (status == PVG_OK) status = encode_prompts(game);
    if (status == PVG_OK) status = drop_long(game);
    if (status == PVG_OK) status = check_halves(game);
    if (status == PVG_OK) status = pvi_game_check_injected(game);
    if (status == PVG_OK) status = make_findings(game);
    if (status == PVG_OK && game->plan.verifier_only) status = take_candidates(game);
    if (status == PVG_OK) pvi_dataset_freeze(game->data);
    return status;
}

pvg_status pvi_game_create(pvi_env *env, const pvi_settings *settings, pvi_dataset *data, bool built_in,
                           pvi_game **out) {
    return pvi_game_create_with(env, settings, data, built_in, NULL, out);
}

pvg_status pvi_game_create_with(pvi_env *env, const pvi_settings *settings, pvi_dataset *data, bool built_in,
                                pvi_tokenizer *tokenizer, pvi_game **out) {
    pvi_game *game = pvi_calloc(env, 1, sizeof *game);
    if (game == NULL) return PVG_E_NOMEM;
    game->env = env;
    game->built_in = built_in || data == NULL;
    game->tokenizer = tokenizer != NULL ? pvi_tokenizer_retain(tokenizer) : NULL;
    pvi_solutions_init(&game->collected, env);
    pvi_solutions_init(&game->tests, env);
    pvi_solutions_init(&game->role_samples, env);
    pvi_solutions_init(&game->fresh, env);
    pvi_report_init(&game->summary, env);
    pvi_report_init(&game->news, env);
    pvi_text_init(&game->pending_text, env);
    pvi_example_list_init(&game->list, env);
    pvi_example_list_init(&game->reference_list, env);
    pvg_status status = pvi_settings_copy(env, settings, &game->settings);
    if (status == PVG_OK) status = pvi_config_read(env, game->settings, &game->config);
    if (status == PVG_OK) status = pvi_plan_check(env, game->settings, data != NULL ? pvi_dataset_count(data) : 0);
    if (status == PVG_OK) {
        bool verifier_only = game->config.mode == PVI_MODE_VERIFIER;
        game->plan = (pvi_round_plan){.rounds = verifier_only ? 1 : game->config.rounds, .own_prover = true,
                                      .own_verifier = true, .verifier_only = verifier_only,
                                      .correctness = game->config.mode == PVI_MODE_CORRECTNESS};
        game->place = pvi_round_start(&game->plan);
        status = set_up(game, data);
    }
    if (status == PVG_OK) *out = game;
    else pvi_game_destroy(game);
    return status;
}

static void destroy_models(pvi_game *game) {
    pvi_model_destroy(game->base);
    pvi_model_destroy(game->verifier_base);
    pvi_model_destroy(game->start);
    for (int k = 0; k < 2; k++) pvi_model_destroy(game->policy[k]);
    for (int32_t r = 0; game->verifiers != NULL && r <= game->plan.rounds; r++) pvi_model_destroy(game->verifiers[r]);
    pvi_free(game->env, game->verifiers);
}

static void destroy_exchanges(pvi_game *game) {
    for (size_t i = 0; i < game->replies; i++) pvi_reply_destroy(game->reply[i]);
    pvi_free(game->env, game->reply);
    if (game->pending != NULL) pvi_free(game->env, (void *)(uintptr_t)game->pending->item);
    pvi_free(game->env, game->pending);
    pvi_reply_destroy(game->pending_reply);
    pvi_text_free(&game->pending_text);
    pvi_player_release(game->prover);
    pvi_player_release(game->checker);
    pvi_player_release(game->grader);
}

void pvi_game_destroy(pvi_game *game) {
    if (game == NULL) return;
    pvi_env *env = game->env;
    if (game->recorder != NULL) game->recorder->close(game);
    pvi_stage_release(game);
    destroy_models(game);
    destroy_exchanges(game);
    for (int32_t r = 0; game->reports != NULL && r < game->plan.rounds; r++) pvi_report_free(&game->reports[r]);
    pvi_free(env, game->reports);
    pvi_report_free(&game->summary);
    pvi_report_free(&game->news);
    pvi_solutions_free(&game->collected);
    pvi_solutions_free(&game->tests);
    pvi_solutions_free(&game->role_samples);
    pvi_solutions_free(&game->fresh);
    pvi_free(env, game->fresh_reward);
    pvi_example_list_free(&game->list);
    pvi_example_list_free(&game->reference_list);
    for (int h = 0; h < PVI_HALVES; h++) pvi_free(env, game->half[h]);
    pvi_free(env, game->known);
    pvi_free(env, game->prompt_begin);
    if (game->prompt.env != NULL) pvi_tokens_free(&game->prompt);
    pvi_tokenizer_release(env, game->tokenizer);
    pvi_dataset_release(game->data);
    pvi_settings_destroy(env, game->settings);
    pvi_free(env, game);
}
