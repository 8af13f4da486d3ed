/* game.c - playing: one unit after another, and what follows the last unit of a stage. See game.h. */
#include "game/game.h"

#include <math.h>
#include <string.h>

#include "base/clock.h"

/* ---- randomness and averages ---- */

pvi_rng pvi_game_rng(const pvi_game *game, const char *purpose) {
    char label[48];
    pvi_text_format(label, sizeof label, "%s:%s", pvi_stage_name(game->place.stage), purpose);
    return pvi_rng_stream(game->config.seed, label, (uint64_t)(game->place.round + 1), (uint64_t)game->unit);
}

uint64_t pvi_game_seed(const pvi_game *game, const char *purpose) {
    char label[48];
    pvi_text_format(label, sizeof label, "%s:%s", pvi_stage_name(game->place.stage), purpose);
    pvi_rng rng = pvi_rng_stream(game->config.seed, label, (uint64_t)(game->place.round + 1), 0);
    uint64_t high = pvi_rng_u32(&rng);
    return high << 32 | pvi_rng_u32(&rng);
}

void pvi_running_add(pvi_game *game, int at, double value, double keep) {
    if (isnan(value)) return;
    game->running[at] = keep * game->running[at] + value;
    game->running[at + 1] = keep * game->running[at + 1] + 1;
}

double pvi_running_mean(const pvi_game *game, int at) {
    return game->running[at + 1] > 0 ? game->running[at] / game->running[at + 1] : (double)NAN;
}

pvi_report *pvi_game_report(pvi_game *game) {
    bool last = game->place.stage == PVI_STAGE_LAST_VERIFIER || game->place.stage == PVI_STAGE_LAST_MEASURE;
    return game->place.round < 0 || last ? &game->summary : &game->reports[game->place.round];
}

/* ---- players ---- */

pvg_status pvi_game_set_player(pvi_game *game, pvi_player *player) {
    if (game->started) return pvi_fail(game->env, PVG_E_STATE, "game", "players are set before the first step");
    pvi_player **slot = player->kind == PVI_EXCHANGE_PROVE    ? &game->prover
                        : player->kind == PVI_EXCHANGE_VERIFY ? &game->checker
                                                              : &game->grader;
    pvi_player *old = *slot;
    *slot = player->hosted ? pvi_player_retain(player) : NULL;
    pvi_player_release(old);
    if (game->resumed) return PVG_OK;
    game->plan.own_prover = game->prover == NULL;
    game->plan.own_verifier = game->checker == NULL;
    game->place = pvi_round_start(&game->plan);
    return PVG_OK;
}

static pvg_status missing(const pvi_game *game, const char *who, bool hosted) {
    return pvi_fail(game->env, PVG_E_STATE, "game", "this game was played with %s %s: set it again before going on",
                    hosted ? "the host's" : "the library's own", who);
}

static pvg_status check_players(const pvi_game *game) {
    if (game->plan.own_prover != (game->prover == NULL)) return missing(game, "prover", game->prover == NULL);
    if (game->plan.own_verifier != (game->checker == NULL)) return missing(game, "verifier", game->checker == NULL);
    if (game->resumed && game->wants_grader != (game->grader != NULL))
        return missing(game, "grader", game->wants_grader);
    if (game->plan.verifier_only && game->checker != NULL)
        return pvi_fail(game->env, PVG_E_STATE, "game",
                        "mode=verifier trains the library's own verifier, not a host's");
    if (game->plan.correctness && game->checker != NULL)
        return pvi_fail(game->env, PVG_E_STATE, "game", "mode=correctness is played without a verifier");
    return PVG_OK;
}

static pvg_status begin_game(pvi_game *game) {
    pvg_status status = check_players(game);
    if (status == PVG_OK) status = pvi_report_set(&game->summary, "problems_left_out", (double)game->left_out);
    if (status == PVG_OK && game->plan.own_prover && !game->plan.verifier_only) {
        pvi_shape shape = game->config.prover;
        shape.vocab = pvi_tokenizer_size(game->tokenizer);
        status = pvi_report_set(&game->summary, "prover_parameters", (double)pvi_shape_parameters(&shape));
    }
    if (status == PVG_OK && game->plan.own_verifier && !game->plan.correctness) {
        pvi_shape shape = game->config.verifier;
        shape.vocab = pvi_tokenizer_size(game->tokenizer);
        status = pvi_report_set(&game->summary, "verifier_parameters", (double)pvi_shape_parameters(&shape));
    }
    game->started = status == PVG_OK;
    return status;
}

/* ---- recording ---- */

static void forget_unit(pvi_game *game) {
    for (size_t i = 0; i < game->replies; i++) pvi_reply_destroy(game->reply[i]);
    game->replies = 0;
    pvi_report_free(&game->news);
    pvi_report_init(&game->news, game->env);
    pvi_solutions_cut(&game->fresh, 0);
}

static pvg_status record_unit(pvi_game *game) {
    const pvi_recorder *r = game->recorder;
    pvg_status status = PVG_OK;
    if (r != NULL) {
        if (game->news.metrics > 0) status = r->metric(game, game->news.metric, game->news.metrics);
        if (status == PVG_OK && game->fresh.count > 0) status = r->sample(game, &game->fresh, 0, game->fresh_reward);
        r->unit_done(game, status == PVG_OK);
    }
    if (status != PVG_OK) return status;
    game->unrecorded = false;
    forget_unit(game);
    return PVG_OK;
}

static pvg_status save_model(pvi_game *game, const char *name, const pvi_model *model) {
    return model != NULL ? game->recorder->model(game, name, model) : PVG_OK;
}

static pvg_status record_models(pvi_game *game) {
    char name[48];
    int32_t round = game->place.round;
    pvg_status status = PVG_OK;
    if (game->recorder == NULL) return PVG_OK;
    switch (game->place.stage) {
    case PVI_STAGE_BASE: return save_model(game, "base", game->base);
    case PVI_STAGE_VERIFIER_BASE: return save_model(game, "verifier_base", game->verifier_base);
    case PVI_STAGE_ROLES: return save_model(game, "start", game->start);
    case PVI_STAGE_LAST_VERIFIER: return save_model(game, "last_verifier", game->verifiers[game->plan.rounds]);
    case PVI_STAGE_VERIFIER:
        pvi_text_format(name, sizeof name, "round-%d/verifier", (int)round);
        return save_model(game, name, game->verifiers[round]);
    case PVI_STAGE_PROVER:
        pvi_text_format(name, sizeof name, "round-%d/prover", (int)round);
        status = save_model(game, name, game->policy[0]);
        pvi_text_format(name, sizeof name, "round-%d/sneaky", (int)round);
        return status == PVG_OK ? save_model(game, name, game->policy[1]) : status;
    default: return PVG_OK;
    }
}

/* ---- the step ---- */

static pvg_status do_unit(pvi_game *game) {
    game->reply_next = 0;
    pvi_report_free(&game->news);
    pvi_report_init(&game->news, game->env);
    pvi_solutions_cut(&game->fresh, 0);
    switch (game->place.stage) {
    case PVI_STAGE_BASE:
    case PVI_STAGE_VERIFIER_BASE:
    case PVI_STAGE_ROLES: return pvi_unit_language(game);
    case PVI_STAGE_VERIFIER:
    case PVI_STAGE_LAST_VERIFIER: return pvi_unit_verifier(game);
    case PVI_STAGE_PROVER: return pvi_unit_prover(game);
    case PVI_STAGE_MEASURE:
    case PVI_STAGE_LAST_MEASURE: return pvi_unit_measure(game);
    case PVI_STAGE_BASE_TEST:
    case PVI_STAGE_ROLE_SAMPLES:
    case PVI_STAGE_BASE_POOL:
    case PVI_STAGE_TEST:
    case PVI_STAGE_POOL: return pvi_unit_collect(game);
    case PVI_STAGE_DONE:
    case PVI_STAGES: break;
    }
    return PVG_OK;
}

/* The stage's last unit is done: keep what came of it and move on. */
static pvg_status end_stage(pvi_game *game) {
    pvi_place now = game->place, next = pvi_round_next(&game->plan, now);
    bool round_ends = pvi_round_ends(&game->plan, now);
    pvg_status status = game->kept ? PVG_OK : pvi_stage_finish(game);
    if (status != PVG_OK) return status;
    game->kept = true;
    status = record_models(game);
    if (status == PVG_OK && round_ends && game->recorder != NULL)
        status = game->recorder->round(game, now.round, &game->reports[now.round]);
    if (status != PVG_OK) return status;
    if (!pvi_training_goes_on(game)) pvi_stage_release(game);
    game->place = next;
    game->unit = game->units = 0;
    game->begun = game->kept = false;
    game->unsaved = true;
    game->owed = 1 + (round_ends ? PVI_GAME_ROUND_DONE : PVI_GAME_STAGE_DONE);
    return PVG_OK;
}

static pvg_status checkpoint(pvi_game *game) {
    pvg_status status = PVG_OK;
    if (game->recorder != NULL) {
        if (game->place.stage == PVI_STAGE_DONE) status = game->recorder->finish(game);
        if (status == PVG_OK) status = game->recorder->checkpoint(game);
    }
    if (status == PVG_OK) game->unsaved = false;
    return status;
}

/* The next unit, up to its record. */
static pvg_status advance(pvi_game *game) {
    if (pvi_cancelled(game->env))
        return pvi_fail(game->env, PVG_E_CANCELLED, "game", "cancelled between two units of work");
    pvg_status status = PVG_OK;
    if (!game->begun) {
        status = pvi_stage_begin(game);
        if (status != PVG_OK) {
            pvi_stage_release(game);
            return status;
        }
        game->begun = true;
    }
    if (game->unit >= game->units) return PVG_OK;
    status = do_unit(game);
    if (status != PVG_OK) {
        if (game->recorder != NULL) game->recorder->unit_done(game, false);
        return status;
    }
    game->unit++;
    game->unrecorded = true;
    game->owed = 1 + PVI_GAME_PROGRESS;
    return PVG_OK;
}

static pvg_status step(pvi_game *game, pvi_game_event *event) {
    pvg_status status = game->started ? PVG_OK : begin_game(game);
    if (status != PVG_OK) return status;
    if (game->place.stage == PVI_STAGE_DONE && game->owed == 0) {
        *event = PVI_GAME_FINISHED;
        return PVG_OK;
    }
    if (game->owed == 0) status = advance(game);
    if (status == PVG_OK && game->unrecorded) status = record_unit(game);
    if (status == PVG_OK && game->begun && game->unit >= game->units) status = end_stage(game);
    else if (status == PVG_OK && game->recorder != NULL && game->begun && game->recorder->due(game))
        game->unsaved = true;
    if (status == PVG_OK && game->unsaved) status = checkpoint(game);
    if (status != PVG_OK) return status;
    *event = (pvi_game_event)(game->owed - 1);
    game->owed = 0;
    return PVG_OK;
}

pvg_status pvi_game_step(pvi_game *game, pvi_game_event *event) {
    double from = pvi_clock();
    pvg_status status = step(game, event);
    game->seconds += pvi_clock() - from;
    return status;
}

/* ---- progress ---- */

double pvi_game_fraction(const pvi_game *game) {
    double done = 0, total = 0;
    bool before = true;
    for (pvi_place at = pvi_round_start(&game->plan); at.stage != PVI_STAGE_DONE;
         at = pvi_round_next(&game->plan, at)) {
        double work = pvi_stage_work(game, at);
        total += work;
        if (at.stage == game->place.stage && at.round == game->place.round) {
            before = false;
            if (game->units > 0) done += work * (double)game->unit / (double)game->units;
        } else if (before) {
            done += work;
        }
    }
    return before || total <= 0 ? 1 : done / total;
}

void pvi_game_stages(const pvi_game *game, int32_t *index, int32_t *count) {
    *index = -1;
    *count = 0;
    for (pvi_place at = pvi_round_start(&game->plan); at.stage != PVI_STAGE_DONE;
         at = pvi_round_next(&game->plan, at)) {
        if (at.stage == game->place.stage && at.round == game->place.round) *index = *count;
        ++*count;
    }
    if (*index < 0) *index = *count;
}

pvg_status pvi_game_add_samples(const pvi_game *game, int32_t round, size_t count, pvi_report *report) {
    size_t added[3] = {0};
    for (size_t i = 0; i < game->tests.count; i++) {
        const pvi_solution *s = &game->tests.item[i];
        if (s->source != round + 1 || s->greedy || added[s->role] == count) continue;
        added[s->role]++;
        const pvi_item *item = pvi_dataset_item(game->data, s->problem);
        char *id = (char *)(uintptr_t)item->id, *question = (char *)(uintptr_t)item->question;
        pvi_report_sample sample = {.role = s->role,
                                    .verdict = s->verdict,
                                    .tokens = (int32_t)s->token_count,
                                    .score = s->score,
                                    .id = id,
                                    .question = question,
                                    .gold = (char *)(uintptr_t)item->gold,
                                    .solution = (char *)(uintptr_t)pvi_solution_text(&game->tests, i)};
        pvg_status status = pvi_report_add_sample(report, &sample);
        if (status != PVG_OK) return status;
    }
    return PVG_OK;
}
