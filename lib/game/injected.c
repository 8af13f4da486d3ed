/* injected.c - what a verifier may learn from beside the pool: right solutions of its half's problems, each with the same
 * solution with one injected error. Style tells nothing about them; only checking tells them apart. */
#include <math.h>

#include "game/game.h"

/* Draws until a problem has a place for an error. */
static pvg_status forge_wrong(pvi_game *game, pvi_rng *rng, pvi_text *text, uint32_t *problem) {
    enum { TRIES = 256 };
    pvg_injection wanted = game->config.injected_kind;
    bool made = false;
    for (int i = 0; i < TRIES; i++) {
        pvg_injection kind = wanted != PVG_INJECT_NONE
                                 ? wanted
                                 : (pvg_injection)pvi_rng_between(rng, PVG_INJECT_RESULT, PVG_INJECT_ANSWER);
        *problem = game->half[PVI_HALF_VERIFIER][pvi_rng_below(rng, game->half_count[PVI_HALF_VERIFIER])];
        uint64_t seed = pvi_rng_u32(rng);
        pvg_status status = pvi_game_forge(game, kind, *problem, seed, text, &made);
        if (status != PVG_OK || made) return status;
    }
    return pvi_fail(game->env, PVG_E_STATE, "game",
                    "verifier_train.injected is %g, but none of %d problems drawn from the verifier's half has a place for "
                    "an injected error: it needs built-in problems, and for distractors problems.distractors",
                    game->config.injected, (int)TRIES);
}

static pvg_status add(pvi_solutions *raw, uint32_t problem, pvg_verdict verdict, const pvi_text *text) {
    pvi_solution s = {.problem = problem, .source = -1, .verdict = verdict, .finished = true, .score = (double)NAN};
    return pvi_solutions_add(raw, &s, NULL, NULL, 0, text->data, text->length);
}

pvg_status pvi_game_add_injected(pvi_game *game, pvi_rng *rng, pvi_solutions *out) {
    pvi_solutions raw;
    pvi_text right, wrong;
    pvi_solutions_init(&raw, game->env);
    pvi_text_init(&right, game->env);
    pvi_text_init(&wrong, game->env);
    uint32_t problem = 0;
    bool made = false;
    pvg_status status = forge_wrong(game, rng, &wrong, &problem);
    if (status == PVG_OK) status = pvi_game_forge(game, PVG_INJECT_NONE, problem, 0, &right, &made);
    if (status == PVG_OK) status = add(&raw, problem, PVG_VERDICT_CORRECT, &right);
    if (status == PVG_OK) status = add(&raw, problem, PVG_VERDICT_WRONG, &wrong);
    if (status == PVG_OK) status = pvi_game_canonical(game, &raw, out);
    pvi_text_free(&right);
    pvi_text_free(&wrong);
    pvi_solutions_free(&raw);
    return status;
}

pvg_status pvi_game_check_injected(pvi_game *game) {
    if (game->config.injected <= 0) return PVG_OK;
    pvi_rng rng = pvi_rng_stream(game->config.seed, "check injected", 0, 0);
    pvi_text text;
    uint32_t problem;
    pvi_text_init(&text, game->env);
    pvg_status status = forge_wrong(game, &rng, &text, &problem);
    pvi_text_free(&text);
    return status;
}
