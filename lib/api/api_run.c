/* api_run.c - games that are kept in a directory, and go on from it. */
#include "api/api_game.h"

#include "game/run.h"

pvg_status pvg_scheduler_resume(pvg_context *context, const char *directory, pvg_scheduler **out) {
    API_ENTER(context);
    API_NEED(context, directory);
    API_NEED(context, out);
    pvi_game *game;
    API_TRY(pvi_run_resume(&context->env, directory, &game));
    return pvi_api_wrap_game(context, game, out);
}

pvg_status pvg_scheduler_set_directory(pvg_scheduler *scheduler, const char *directory) {
    API_ENTER_OF(scheduler);
    API_NEED(scheduler->context, directory);
    pvi_env *env = &scheduler->context->env;
    if (scheduler->game->run != NULL) return pvi_fail(env, PVG_E_STATE, "scheduler", "this game has a run directory already");
    if (scheduler->game->started)
        return pvi_fail(env, PVG_E_STATE, "scheduler", "the game has begun: a run directory is set before the first step");
    return pvi_run_create(scheduler->game, directory);
}
