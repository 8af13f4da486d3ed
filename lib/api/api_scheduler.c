/* api_scheduler.c - the game, run or stepped. */
#include "api/api_game.h"

enum { MOST_SAMPLES = 1 << 20 };

pvg_status pvi_api_wrap_game(pvg_context *context, pvi_game *game, pvg_scheduler **out) {
    pvg_scheduler *scheduler = pvi_api_object(context, sizeof *scheduler);
    if (scheduler == NULL) {
        pvi_game_destroy(game);
        return PVG_E_NOMEM;
    }
    scheduler->game = game;
    *out = scheduler;
    return PVG_OK;
}

pvg_status pvg_scheduler_create(pvg_context *context, const pvg_settings *settings, pvg_dataset *dataset, pvg_scheduler **out) {
    API_ENTER(context);
    API_NEED(context, out);
    if (dataset != NULL) API_TRY(pvi_api_same(context, dataset->context, "dataset"));
    pvi_settings *s;
    pvi_game *game;
    API_TRY(pvi_api_settings(context, settings, &s));
    pvg_status status = pvi_game_create(&context->env, s, dataset != NULL ? dataset->data : NULL, false, &game);
    pvi_settings_destroy(&context->env, s);
    return status == PVG_OK ? pvi_api_wrap_game(context, game, out) : status;
}

void pvg_scheduler_destroy(pvg_scheduler *scheduler) {
    if (scheduler == NULL) return;
    pvi_game_destroy(scheduler->game);
    pvi_api_object_free(scheduler);
}

static pvg_status not_running(const pvg_scheduler *scheduler, const char *function) {
    if (!scheduler->running) return PVG_OK;
    return pvi_fail(&scheduler->context->env, PVG_E_BUSY, "scheduler", "%s was called by the observer of a running game", function);
}

/* ---- players ---- */

static pvg_status set_player(pvg_scheduler *scheduler, const pvi_seat *seat, const char *what) {
    pvg_context *context = scheduler->context;
    API_TRY(pvi_api_same(context, seat->context, what));
    if (seat->host == NULL)
        return pvi_fail(&context->env, PVG_E_UNSUPPORTED, "scheduler", "a game trains its own %s: only a host's (from hooks) can replace it", what);
    return pvi_game_set_player(scheduler->game, seat->host);
}

pvg_status pvg_scheduler_set_prover(pvg_scheduler *scheduler, pvg_prover *prover) {
    API_ENTER_OF(scheduler);
    API_NEED(scheduler->context, prover);
    return set_player(scheduler, &prover->seat, "prover");
}
pvg_status pvg_scheduler_set_verifier(pvg_scheduler *scheduler, pvg_verifier *verifier) {
    API_ENTER_OF(scheduler);
    API_NEED(scheduler->context, verifier);
    return set_player(scheduler, &verifier->seat, "verifier");
}
pvg_status pvg_scheduler_set_grader(pvg_scheduler *scheduler, pvg_grader *grader) {
    API_ENTER_OF(scheduler);
    API_NEED(scheduler->context, grader);
    return set_player(scheduler, &grader->seat, "grader");
}

/* ---- playing ---- */

static pvg_event event_of(pvi_game_event event) {
    switch (event) {
    case PVI_GAME_STAGE_DONE: return PVG_EVENT_STAGE_DONE;
    case PVI_GAME_ROUND_DONE: return PVG_EVENT_ROUND_DONE;
    case PVI_GAME_FINISHED: return PVG_EVENT_FINISHED;
    default: return PVG_EVENT_PROGRESS;
    }
}

static pvg_status step(pvg_scheduler *scheduler, pvg_event *event) {
    pvi_game_event done;
    pvg_status status = pvi_game_step(scheduler->game, &done);
    if (status == PVI_NEEDS_REPLY) {
        *event = PVG_EVENT_NEEDS_REPLY;
        return PVG_OK;
    }
    if (status == PVG_OK) *event = event_of(done);
    return status;
}

pvg_status pvg_scheduler_step(pvg_scheduler *scheduler, pvg_event *event) {
    API_ENTER_OF(scheduler);
    API_NEED(scheduler->context, event);
    API_TRY(not_running(scheduler, __func__));
    return step(scheduler, event);
}

static pvg_status run(pvg_scheduler *scheduler) {
    pvi_env *env = &scheduler->context->env;
    pvg_event event = PVG_EVENT_PROGRESS;
    while (event != PVG_EVENT_FINISHED) {
        API_TRY(step(scheduler, &event));
        if (event == PVG_EVENT_NEEDS_REPLY)
            return pvi_fail(env, PVG_E_STATE, "scheduler", "a player without an answer hook must be pulled: use pvg_scheduler_step");
        if (scheduler->observe == NULL) continue;
        pvg_status told = scheduler->observe(scheduler->observer_user, scheduler, event);
        if (told != PVG_OK)
            return pvi_fail(env, PVG_E_CALLBACK, "scheduler", "the observer stopped the game with %s", pvg_status_name(told));
    }
    return PVG_OK;
}

pvg_status pvg_scheduler_run(pvg_scheduler *scheduler) {
    API_ENTER_OF(scheduler);
    API_TRY(not_running(scheduler, __func__));
    scheduler->running = true;
    pvg_status status = run(scheduler);
    scheduler->running = false;
    return status;
}

pvg_status pvg_scheduler_set_observer(pvg_scheduler *scheduler, pvg_observer_fn observe, void *user) {
    API_ENTER_OF(scheduler);
    scheduler->observe = observe;
    scheduler->observer_user = user;
    return PVG_OK;
}

pvg_status pvg_scheduler_pending(pvg_scheduler *scheduler, const pvg_request **request, pvg_reply **reply) {
    API_ENTER_OF(scheduler);
    API_NEED(scheduler->context, request);
    API_NEED(scheduler->context, reply);
    if (scheduler->game->pending == NULL)
        return pvi_fail(&scheduler->context->env, PVG_E_STATE, "scheduler", "no request is open: only after PVG_EVENT_NEEDS_REPLY there is one");
    *request = scheduler->game->pending;
    *reply = scheduler->game->pending_reply;
    return PVG_OK;
}

pvg_status pvg_scheduler_submit(pvg_scheduler *scheduler) {
    API_ENTER_OF(scheduler);
    API_TRY(not_running(scheduler, __func__));
    return pvi_game_submit(scheduler->game);
}

pvg_status pvg_scheduler_checkpoint(pvg_scheduler *scheduler) {
    API_ENTER_OF(scheduler);
    if (scheduler->game->recorder == NULL)
        return pvi_fail(&scheduler->context->env, PVG_E_STATE, "scheduler", "this game has no run directory to write a checkpoint to");
    return scheduler->game->recorder->checkpoint(scheduler->game);
}

/* ---- looking at it ---- */

pvg_status pvg_scheduler_progress(pvg_scheduler *scheduler, pvg_progress *out) {
    API_ENTER_OF(scheduler);
    API_NEED(scheduler->context, out);
    const pvi_game *game = scheduler->game;
    pvg_progress progress = {.struct_size = sizeof progress, .round = game->place.round, .rounds = game->plan.rounds,
                             .stage = pvi_stage_name(game->place.stage), .note = game->note, .done = game->unit,
                             .total = game->units, .fraction = pvi_game_fraction(game), .seconds = game->seconds};
    pvi_game_stages(game, &progress.stage_index, &progress.stages);
    return pvi_api_write_struct(&scheduler->context->env, "pvg_progress", out, &progress, sizeof progress);
}

static pvg_status copy_report(const pvi_game *game, int32_t round, pvi_report *to) {
    pvg_status status = pvi_report_copy(to, round < 0 ? &game->summary : &game->reports[round]);
    return status == PVG_OK ? pvi_game_add_samples(game, round, MOST_SAMPLES, to) : status;
}

pvg_status pvg_scheduler_report(pvg_scheduler *scheduler, int32_t round, pvg_report **out) {
    API_ENTER_OF(scheduler);
    pvg_context *context = scheduler->context;
    const pvi_game *game = scheduler->game;
    API_NEED(context, out);
    if (round < -1 || round >= game->plan.rounds)
        return pvi_fail(&context->env, PVG_E_RANGE, "scheduler", "round %d was asked for: -1 (the whole game) to %d are possible", round,
                        game->plan.rounds - 1);
    if (round > game->place.round)
        return pvi_fail(&context->env, PVG_E_NOT_FOUND, "scheduler", "round %d has not begun", round);
    pvg_report *report;
    API_TRY(pvi_api_report(context, &report));
    pvg_status status = copy_report(game, round, &report->report);
    if (status == PVG_OK) *out = report;
    else pvg_report_destroy(report);
    return status;
}

static const pvi_model *newest_verifier(const pvi_game *game) {
    for (int32_t i = game->plan.rounds; i >= 0; i--)
        if (game->verifiers[i] != NULL) return game->verifiers[i];
    return NULL;
}

pvg_status pvg_scheduler_model(pvg_scheduler *scheduler, const char *which, pvg_model **out) {
    API_ENTER_OF(scheduler);
    pvg_context *context = scheduler->context;
    const pvi_game *game = scheduler->game;
    API_NEED(context, which);
    API_NEED(context, out);
    const struct { const char *name; const pvi_model *model; } known[] = {
        {"base", game->base}, {"verifier_base", game->verifier_base}, {"start", game->start}, {"prover", game->policy[0]},
        {"prover_sneaky", game->policy[1]}, {"verifier", newest_verifier(game)}};
    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        if (strcmp(known[i].name, which) != 0) continue;
        if (known[i].model == NULL)
            return pvi_fail(&context->env, PVG_E_NOT_FOUND, "scheduler", "the model '%s' does not exist yet", which);
        pvi_model *copy;
        API_TRY(pvi_model_clone(&context->env, known[i].model, &copy));
        return pvi_api_wrap_model(context, copy, out);
    }
    return pvi_fail(&context->env, PVG_E_NOT_FOUND, "scheduler",
                    "there is no model '%s': base, verifier_base, start, prover, prover_sneaky and verifier are known", which);
}
