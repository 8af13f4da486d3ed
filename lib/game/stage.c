/* stage.c - what the stages have in common: resources, numbers of units, expected cost. */
#include <string.h>

#include "game/game.h"

/* Between stages no model is at work: what a stage needs packed, it packs. */
static void rest_models(pvi_game *game) {
    pvi_model *const models[] = {game->base, game->verifier_base, game->start, game->policy[0], game->policy[1]};
    for (size_t i = 0; i < sizeof models / sizeof models[0]; i++)
        if (models[i] != NULL) pvi_model_rest(models[i]);
    for (int32_t r = 0; game->verifiers != NULL && r <= game->plan.rounds; r++)
        if (game->verifiers[r] != NULL) pvi_model_rest(game->verifiers[r]);
}

pvg_status pvi_stage_begin(pvi_game *game) {
    rest_models(game);
    memset(&game->stop, 0, sizeof game->stop);
    game->units = pvi_stage_units(game, game->place);
    memset(game->running, 0, sizeof game->running);
    switch (game->place.stage) {
    case PVI_STAGE_BASE:
    case PVI_STAGE_VERIFIER_BASE:
    case PVI_STAGE_ROLES: return pvi_language_begin(game);
    case PVI_STAGE_VERIFIER:
    case PVI_STAGE_LAST_VERIFIER: return pvi_verifier_begin(game);
    case PVI_STAGE_PROVER: return pvi_prover_begin(game);
    default: return PVG_OK;
    }
}

pvg_status pvi_stage_finish(pvi_game *game) {
    switch (game->place.stage) {
    case PVI_STAGE_BASE:
    case PVI_STAGE_VERIFIER_BASE:
    case PVI_STAGE_ROLES: return pvi_language_finish(game);
    case PVI_STAGE_VERIFIER:
    case PVI_STAGE_LAST_VERIFIER: return pvi_verifier_finish(game);
    case PVI_STAGE_PROVER: return pvi_prover_finish(game);
    case PVI_STAGE_BASE_TEST:
    case PVI_STAGE_ROLE_SAMPLES:
    case PVI_STAGE_BASE_POOL:
    case PVI_STAGE_TEST:
    case PVI_STAGE_POOL: return pvi_collect_finish(game);
    default: return PVG_OK;
    }
}

bool pvi_training_goes_on(const pvi_game *game) {
    pvi_place at = game->place;
    if (!game->plan.correctness || at.stage < PVI_STAGE_PROVER) return false;
    return !(pvi_round_ends(&game->plan, at) && at.round + 1 == game->plan.rounds);
}

void pvi_stage_release(pvi_game *game) {
    pvi_env *env = game->env;
    for (int k = 0; k < 2; k++) {
        pvi_trainer_destroy(game->trainer[k]);
        pvi_model_destroy(game->training[k]);
        game->trainer[k] = NULL;
        game->training[k] = NULL;
        for (int part = 0; part < 3; part++) pvi_view_destroy(env, &game->backup[k][part]);
        pvi_free(env, game->role_item[k]);
        game->role_item[k] = NULL;
        game->role_count[k] = 0;
    }
    memset(game->backup, 0, sizeof game->backup);
    pvi_activations_destroy(env, game->reference_work);
    game->reference_work = NULL;
    pvi_pool_free(&game->pool);
    pvi_free(env, game->order.item);
    pvi_free(env, game->order.shuffled);
    memset(&game->order, 0, sizeof game->order);
}

int64_t pvi_stage_units(const pvi_game *game, pvi_place place) {
    const pvi_config *c = &game->config;
    switch (place.stage) {
    case PVI_STAGE_BASE: return c->base.steps;
    case PVI_STAGE_VERIFIER_BASE: return c->verifier_base.steps;
    case PVI_STAGE_ROLES: return c->roles.steps;
    case PVI_STAGE_VERIFIER:
    case PVI_STAGE_LAST_VERIFIER:
        return game->checker != NULL && game->checker->hooks.learn == NULL ? 0 : c->verifier_train.steps;
    case PVI_STAGE_PROVER: return game->prover != NULL && game->prover->hooks.learn == NULL ? 0 : c->prover_train.steps;
    case PVI_STAGE_MEASURE:
    case PVI_STAGE_LAST_MEASURE: return pvi_measure_units(game, place);
    case PVI_STAGE_DONE:
    case PVI_STAGES: return 0;
    default: return pvi_collect_units(game, place);
    }
}

/* ---- expected cost ---- */

/* Tokens of an ordinary prompt with its solution. */
static double usual_tokens(const pvi_game *game) {
    size_t items = game->known_count;
    double prompt = items > 0 ? (double)game->prompt.length / (double)items : 0;
    return prompt + 0.5 * game->config.sampling.longest;
}

static double token_work(const pvi_game *game, bool verifier) {
    pvi_shape shape = verifier ? game->config.verifier : game->config.prover;
    if (verifier ? !game->plan.own_verifier : !game->plan.own_prover) return 0;
    shape.vocab = pvi_tokenizer_size(game->tokenizer);
    return (double)pvi_shape_parameters(&shape);
}

double pvi_stage_work(const pvi_game *game, pvi_place place) {
    const pvi_config *c = &game->config;
    double tokens = usual_tokens(game);
    double prover = tokens * token_work(game, false), verifier = tokens * token_work(game, true);
    double tests = (double)c->test_problems, step_samples = (double)c->prover_train.batch * c->group;
    const double sampling = 3; /* a token drawn costs about as much as three computed at once */
    switch (place.stage) {
    case PVI_STAGE_BASE: return 3 * prover * (double)(c->base.steps * c->base.batch);
    case PVI_STAGE_VERIFIER_BASE: return 3 * verifier * (double)(c->verifier_base.steps * c->verifier_base.batch);
    case PVI_STAGE_ROLES: return 3 * prover * (double)(c->roles.steps * c->roles.batch);
    case PVI_STAGE_BASE_TEST: return 2 * sampling * prover * tests;
    case PVI_STAGE_ROLE_SAMPLES: return sampling * prover * (double)c->role_samples;
    case PVI_STAGE_BASE_POOL: return sampling * prover * (double)c->base_samples;
    case PVI_STAGE_VERIFIER:
    case PVI_STAGE_LAST_VERIFIER: return 3 * verifier * (double)(c->verifier_train.steps * c->verifier_train.batch);
    case PVI_STAGE_PROVER: return ((4 + sampling) * prover + verifier) * step_samples * (double)c->prover_train.steps;
    case PVI_STAGE_TEST: return 3 * sampling * prover * tests;
    case PVI_STAGE_POOL: return sampling * prover * (double)c->round_samples;
    case PVI_STAGE_MEASURE: return verifier * tests * (4 + 2 * place.round);
    case PVI_STAGE_LAST_MEASURE: return verifier * tests * (2 + 2 * game->plan.rounds);
    default: return 0;
    }
}
