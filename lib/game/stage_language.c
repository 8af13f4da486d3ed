/* stage_language.c - supervised stages: the base prover, the verifier's language model, and the two roles. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "game/game.h"

enum { RUN_LOSS = 0, RUN_ACCURACY = 2 }; /* slots of `running` */
static const double keep = 0.98;

static const pvi_training *training_of(const pvi_game *game) {
    switch (game->place.stage) {
    case PVI_STAGE_BASE: return &game->config.base;
    case PVI_STAGE_VERIFIER_BASE: return &game->config.verifier_base;
    default: return &game->config.roles;
    }
}

static int half_of(const pvi_game *game) {
    return game->place.stage == PVI_STAGE_BASE ? PVI_HALF_PROVER : PVI_HALF_VERIFIER;
}

/* ---- examples from a dataset ---- */

static pvi_span reference_of(const pvi_game *game, uint32_t index) {
    const pvi_item *item = pvi_dataset_item(game->data, index);
    if (game->plan.verifier_only) return (pvi_span){item->candidate, item->candidate_length};
    return (pvi_span){item->solution, item->solution_length};
}

/* Encodes into `tokens`; whether the example exists and fits. */
static pvg_status encode_reference(pvi_game *game, uint32_t index, pvi_tokens *tokens, bool *fits) {
    pvi_span text = reference_of(game, index);
    size_t prompt = game->prompt_begin[index + 1] - game->prompt_begin[index];
    *fits = false;
    pvi_tokens_clear(tokens);
    if (text.data == NULL || text.length == 0) return PVG_OK;
    pvg_status status = pvi_solution_encode(game->env, &game->prompter, text.data, text.length, tokens);
    *fits = prompt + tokens->length <= (size_t)game->config.prover.context;
    return status;
}

static pvg_status list_half(pvi_game *game, int half, pvi_tokens *tokens) {
    for (size_t i = 0; i < game->half_count[half]; i++) {
        bool fits = false;
        pvg_status status = encode_reference(game, game->half[half][i], tokens, &fits);
        if (status != PVG_OK) return status;
        if (fits) game->order.item[game->order.count++] = game->half[half][i];
    }
    return PVG_OK;
}

/* The usable examples of the stage. */
static pvg_status make_order(pvi_game *game) {
    size_t most = game->half_count[PVI_HALF_PROVER] + game->half_count[PVI_HALF_VERIFIER] + 1;
    game->order = (pvi_order){.epoch = -1};
    game->order.item = pvi_alloc(game->env, most, sizeof *game->order.item);
    game->order.shuffled = pvi_alloc(game->env, most, sizeof *game->order.shuffled);
    if (game->order.item == NULL || game->order.shuffled == NULL) return PVG_E_NOMEM;
    pvi_tokens tokens;
    pvi_tokens_init(&tokens, game->env);
    pvg_status status = list_half(game, half_of(game), &tokens);
    if (status == PVG_OK && game->plan.verifier_only) status = list_half(game, PVI_HALF_PROVER, &tokens);
    pvi_tokens_free(&tokens);
    if (status != PVG_OK || game->order.count > 0) return status;
    return pvi_fail(game->env, PVG_E_STATE, "game",
                    "the %s needs solutions to learn from, but none of the %zu problems of its half has one that fits "
                    "prover.context=%d",
                    game->place.stage == PVI_STAGE_BASE ? "base prover" : "verifier's language model",
                    game->half_count[half_of(game)], (int)game->config.prover.context);
}

/* Example number `at` of an endless series: every epoch in an order of its own. */
static uint32_t ordered_item(pvi_game *game, int64_t at) {
    pvi_order *order = &game->order;
    int64_t epoch = at / (int64_t)order->count;
    if (epoch != order->epoch) {
        pvi_rng rng = pvi_rng_stream(game->config.seed, pvi_stage_name(game->place.stage), 0, (uint64_t)epoch);
        memcpy(order->shuffled, order->item, order->count * sizeof *order->item);
        pvi_rng_shuffle(&rng, order->shuffled, order->count);
        order->epoch = epoch;
    }
    return order->shuffled[at % (int64_t)order->count];
}

static pvg_status too_long(const pvi_game *game, size_t tokens) {
    return pvi_fail(game->env, PVG_E_STATE, "game",
                    "a built-in problem with its solution has %zu tokens, more than prover.context=%d: raise it, or "
                    "tokenizer.vocab", tokens, (int)game->config.prover.context);
}

static pvg_status add_reference(pvi_game *game, uint32_t index, pvi_tokens *tokens) {
    bool fits = false;
    pvg_status status = encode_reference(game, index, tokens, &fits);
    size_t prompt = game->prompt_begin[index + 1] - game->prompt_begin[index];
    if (status == PVG_OK && !fits) return too_long(game, prompt + tokens->length);
    return status == PVG_OK ? pvi_game_add_example(game, &game->list, index, tokens->data, tokens->length) : status;
}

/* ---- fresh built-in problems ---- */

static int by_value(const void *x, const void *y) {
    uint64_t a = *(const uint64_t *)x, b = *(const uint64_t *)y;
    return a < b ? -1 : a > b;
}

static bool is_known(const pvi_game *game, const pvi_text *question) {
    uint64_t hash = pvi_question_hash(game->config.seed, question->data, question->length);
    return bsearch(&hash, game->known, game->known_count, sizeof hash, by_value) != NULL;
}

typedef struct fresh_work {
    pvi_text question, solution;
    pvi_tokens prompt, tokens;
} fresh_work;

/* Problem `at` of the stage's endless series, among those not in the dataset; false when the source has no others. */
static bool fresh_problem(const pvi_game *game, int64_t at, pvi_problem *problem, uint64_t *number,
                          pvi_text *question) {
    enum { TRIES = 64 };
    uint64_t series = (uint64_t)1 << 44 | (uint64_t)(game->place.stage == PVI_STAGE_VERIFIER_BASE) << 43;
    for (uint64_t attempt = 0; attempt < TRIES; attempt++) {
        *number = series | ((uint64_t)at * TRIES + attempt);
        pvi_problem_make(&game->config.problems, *number, problem);
        pvi_text_clear(question);
        pvi_problem_question(problem, game->config.rendering, question);
        if (!is_known(game, question)) return true;
    }
    return false;
}

static pvg_status add_fresh(pvi_game *game, int64_t at, fresh_work *w) {
    const pvi_config *c = &game->config;
    pvi_problem problem;
    uint64_t number;
    if (!fresh_problem(game, at, &problem, &number, &w->question)) {
        int half = half_of(game);
        return add_reference(game, game->half[half][(uint64_t)at % game->half_count[half]], &w->tokens);
    }
    pvi_rng rng = pvi_rng_stream(c->problems.seed, "reference", number, 0);
    pvi_text_clear(&w->solution);
    pvi_problem_solution(&problem, c->rendering, &c->style, &rng, &w->solution);
    pvg_status status = pvi_text_ok(&w->question) == PVG_OK ? pvi_text_ok(&w->solution) : PVG_E_NOMEM;
    pvi_tokens_clear(&w->prompt);
    pvi_tokens_clear(&w->tokens);
    if (status == PVG_OK)
        status = pvi_prompt_encode(game->env, &game->prompter, PVG_ROLE_NEUTRAL, w->question.data, w->question.length,
                                   NULL, &w->prompt);
    if (status == PVG_OK)
        status = pvi_solution_encode(game->env, &game->prompter, w->solution.data, w->solution.length, &w->tokens);
    if (status == PVG_OK && w->prompt.length + w->tokens.length > (size_t)c->prover.context)
        status = too_long(game, w->prompt.length + w->tokens.length);
    return status == PVG_OK
               ? pvi_example_list_add(&game->list, w->prompt.data, w->prompt.length, w->tokens.data, w->tokens.length)
               : status;
}

/* ---- roles: helpful learns from the base's right samples, sneaky from its wrong ones ---- */

static pvg_status list_role_samples(pvi_game *game) {
    const pvi_solutions *all = &game->role_samples;
    for (int k = 0; k < 2; k++) {
        game->role_item[k] = pvi_alloc(game->env, all->count + 1, sizeof *game->role_item[k]);
        if (game->role_item[k] == NULL) return PVG_E_NOMEM;
    }
    for (size_t i = 0; i < all->count; i++) {
        pvg_verdict verdict = all->item[i].verdict;
        if (verdict == PVG_VERDICT_CORRECT) game->role_item[0][game->role_count[0]++] = (uint32_t)i;
        if (verdict == PVG_VERDICT_WRONG) game->role_item[1][game->role_count[1]++] = (uint32_t)i;
    }
    if (game->role_count[0] > 0 && game->role_count[1] > 0) return PVG_OK;
    bool too_good = game->role_count[0] > all->count / 2;
    return pvi_fail(
        game->env, PVG_E_STATE, "game",
        "the roles are learned from right and from wrong base solutions, but of %zu samples %zu are right and %zu "
        "wrong with a readable answer: %s",
        all->count, game->role_count[0], game->role_count[1],
        too_good ? "train the base less, or take harder problems" : "train the base longer, or take easier problems");
}

static pvg_status add_role_example(pvi_game *game, pvi_rng *rng, int k, pvi_tokens *prompt) {
    const pvi_solutions *all = &game->role_samples;
    uint32_t at = game->role_item[k][pvi_rng_below(rng, game->role_count[k])];
    const pvi_solution *s = &all->item[at];
    const pvi_item *item = pvi_dataset_item(game->data, s->problem);
    pvi_tokens_clear(prompt);
    pvg_status status = pvi_prompt_encode(game->env, &game->prompter, k == 0 ? PVG_ROLE_HELPFUL : PVG_ROLE_SNEAKY,
                                          item->question, item->question_length, item->gold, prompt);
    if (status != PVG_OK) return status;
    size_t room = (size_t)game->config.prover.context - prompt->length;
    return pvi_example_list_add(&game->list, prompt->data, prompt->length, pvi_solution_tokens(all, at),
                                s->token_count < room ? s->token_count : room);
}

/* The roles' marks were never seen so far: they start near the neutral one's embedding, so that what the base has
 * learned is there from the first step. */
static pvg_status start_marks(pvi_game *game, pvi_model *model) {
    const pvi_config *c = &game->config;
    pvi_tokens mark[3];
    pvg_status status = PVG_OK;
    bool single = true;
    for (int role = 0; role < 3; role++) {
        pvi_tokens_init(&mark[role], game->env);
        if (status == PVG_OK)
            status = pvi_encode(game->env, game->tokenizer, c->role_text[role], strlen(c->role_text[role]), true,
                                &mark[role]);
        single = single && mark[role].length == 1;
    }
    size_t width = (size_t)model->shape.width;
    for (int role = 1; role < 3 && status == PVG_OK && single; role++) {
        pvi_rng rng = pvi_rng_stream(c->seed, "role marks", (uint64_t)role, 0);
        const float *from = model->weights.embedding + (size_t)mark[0].data[0] * width;
        float *to = model->weights.embedding + (size_t)mark[role].data[0] * width;
        if (to == from) continue;
        for (size_t d = 0; d < width; d++) to[d] = from[d] + (float)(2 * c->embedding_scale * pvi_rng_normal(&rng));
    }
    model->stale = true;
    for (int role = 0; role < 3; role++) pvi_tokens_free(&mark[role]);
    return status;
}

/* ---- the stage ---- */

static pvg_status make_model(pvi_game *game, pvi_model **out) {
    bool verifier = game->place.stage == PVI_STAGE_VERIFIER_BASE;
    if (game->place.stage != PVI_STAGE_ROLES)
        return pvi_source_model(game->env, &game->config, game->tokenizer, verifier, PVI_HEAD_LM, out);
    pvg_status status = pvi_model_clone(game->env, game->base, out);
    return status == PVG_OK ? start_marks(game, *out) : status;
}

pvg_status pvi_language_begin(pvi_game *game) {
    const pvi_training *t = training_of(game);
    pvg_status status = make_model(game, &game->training[0]);
    if (status == PVG_OK && game->units > 0) {
        if (game->place.stage == PVI_STAGE_ROLES) status = list_role_samples(game);
        else if (!game->built_in) status = make_order(game);
    }
    if (status != PVG_OK) return status;
    const pvi_shape *shape = &game->training[0]->shape;
    return pvi_trainer_create(game->env, game->training[0], &t->adamw, &t->schedule, pvi_micro_tokens(game->env, shape),
                              shape->context, &game->trainer[0]);
}

static pvg_status gather(pvi_game *game, int32_t batch) {
    pvi_rng rng = pvi_game_rng(game, "examples");
    fresh_work w;
    pvi_text_init(&w.question, game->env);
    pvi_text_init(&w.solution, game->env);
    pvi_tokens_init(&w.prompt, game->env);
    pvi_tokens_init(&w.tokens, game->env);
    pvi_example_list_clear(&game->list);
    pvg_status status = PVG_OK;
    for (int32_t i = 0; i < batch && status == PVG_OK; i++) {
        int64_t at = game->unit * batch + i;
        if (game->place.stage == PVI_STAGE_ROLES) status = add_role_example(game, &rng, i & 1, &w.prompt);
        else if (game->built_in) status = add_fresh(game, at, &w);
        else status = add_reference(game, ordered_item(game, at), &w.tokens);
    }
    pvi_text_free(&w.question);
    pvi_text_free(&w.solution);
    pvi_tokens_free(&w.prompt);
    pvi_tokens_free(&w.tokens);
    return status;
}

pvg_status pvi_unit_language(pvi_game *game) {
    double from = pvi_clock();
    pvi_trainer *trainer = game->trainer[0];
    double rate = pvi_trainer_rate(trainer);
    pvg_status status = gather(game, training_of(game)->batch);
    if (status != PVG_OK) return status;
    pvi_examples examples = pvi_example_list_view(&game->list);
    const double tokens = (double)pvi_batch_tokens(&examples.batch);
    static const char *const names[] = {"loss", "accuracy", "norm", "rate", "tokens"};
    for (size_t i = 0; i < 5 && status == PVG_OK; i++) status = pvi_report_set(&game->news, names[i], (double)NAN);
    pvi_lm_stats stats;
    if (status == PVG_OK) status = pvi_lm_step(trainer, &examples, &stats);
    if (status != PVG_OK) return status;
    const double values[] = {stats.loss, stats.accuracy, stats.norm, rate, tokens};
    for (size_t i = 0; i < 5; i++) game->news.metric[i].value = values[i];
    pvi_running_add(game, RUN_LOSS, stats.loss, keep);
    pvi_running_add(game, RUN_ACCURACY, stats.accuracy, keep);
    double seconds = pvi_clock() - from;
    pvi_text_format(game->note, sizeof game->note, "loss %.3f · %.0fk tok/s", stats.loss,
                    seconds > 0 ? tokens / seconds / 1000 : 0);
    return PVG_OK;
}

pvg_status pvi_language_finish(pvi_game *game) {
    static const char *const names[] = {"base_loss", "verifier_base_loss", "roles_loss"};
    pvi_stage stage = game->place.stage;
    int k = stage == PVI_STAGE_BASE ? 0 : stage == PVI_STAGE_VERIFIER_BASE ? 1 : 2;
    pvg_status status = pvi_report_set(&game->summary, names[k], pvi_running_mean(game, RUN_LOSS));
    if (status != PVG_OK) return status;
    pvi_model **slot = k == 0 ? &game->base : k == 1 ? &game->verifier_base : &game->start;
    pvi_model_destroy(*slot);
    *slot = game->training[0];
    game->training[0] = NULL;
    return PVG_OK;
}
