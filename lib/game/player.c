/* player.c - see player.h. */
#include "game/player.h"

#include <string.h>

static const char *kind_name(pvi_exchange_kind kind) {
    switch (kind) {
    case PVI_EXCHANGE_PROVE: return "prover";
    case PVI_EXCHANGE_VERIFY: return "verifier";
    case PVI_EXCHANGE_GRADE: return "grader";
    }
    return "player";
}

pvg_status pvi_player_create(pvi_env *env, pvi_exchange_kind kind, const char *name, const pvi_hooks *hooks,
                             pvi_player **out) {
    pvi_player *player = pvi_calloc(env, 1, sizeof *player);
    if (player == NULL) {
        if (hooks != NULL && hooks->finish != NULL) hooks->finish(hooks->user);
        return PVG_E_NOMEM;
    }
    *player = (pvi_player){.env = env, .kind = kind, .hosted = hooks != NULL, .references = 1};
    if (hooks != NULL) player->hooks = *hooks;
    pvi_text_format(player->name, sizeof player->name, "%s",
                    name != NULL && name[0] != '\0' ? name : kind_name(kind));
    *out = player;
    return PVG_OK;
}

pvi_player *pvi_player_retain(pvi_player *player) {
    if (player != NULL) player->references++;
    return player;
}

void pvi_player_release(pvi_player *player) {
    if (player == NULL || --player->references > 0) return;
    if (player->hooks.finish != NULL) player->hooks.finish(player->hooks.user);
    pvi_free(player->env, player);
}

pvg_status pvi_player_ask(pvi_player *player, const pvg_request *request, pvg_reply **out) {
    pvi_env *env = player->env;
    if (player->hooks.answer == NULL)
        return pvi_fail(env, PVG_E_STATE, "player",
                        "'%s' is pulled: only a game that is stepped can wait for its answers", player->name);
    if (pvi_cancelled(env))
        return pvi_fail(env, PVG_E_CANCELLED, "player", "cancelled before '%s' was asked", player->name);
    pvg_reply *reply = NULL;
    pvg_status status = pvi_reply_create(env, request, &reply);
    if (status != PVG_OK) return status;
    env->in_hook = true;
    status = player->hooks.answer(player->hooks.user, request, reply);
    env->in_hook = false;
    if (status != PVG_OK)
        status = reply->gave_up ? pvi_reply_check(reply, player->name)
                                : pvi_fail(env, PVG_E_CALLBACK, "player", "the %s '%s' failed with status %d",
                                           kind_name(player->kind), player->name, (int)status);
    else status = pvi_reply_check(reply, player->name);
    if (status == PVG_OK) status = pvi_text_ok(&reply->text);
    if (status == PVG_OK) *out = reply;
    else pvi_reply_destroy(reply);
    return status;
}

pvg_status pvi_player_tell(pvi_player *player, const pvg_feedback *feedback) {
    pvi_env *env = player->env;
    if (player->hooks.learn == NULL || feedback->count == 0) return PVG_OK;
    env->in_hook = true;
    pvg_status status = player->hooks.learn(player->hooks.user, feedback);
    env->in_hook = false;
    if (status == PVG_OK) return PVG_OK;
    return pvi_fail(env, PVG_E_CALLBACK, "player", "the %s '%s' failed to learn, with status %d",
                    kind_name(player->kind), player->name, (int)status);
}
