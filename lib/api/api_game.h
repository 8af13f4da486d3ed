/* api_game.h - what stands behind a scheduler's handle. */
#ifndef PVI_API_GAME_H
#define PVI_API_GAME_H

#include "api/api_objects.h"
#include "game/game.h"

struct pvg_scheduler {
    pvg_context *context;
    pvi_game *game;
    pvg_observer_fn observe;
    void *observer_user;
    bool running;
};

pvg_status pvi_api_wrap_game(pvg_context *context, pvi_game *game, pvg_scheduler **out); /* takes game in any case */

#endif
