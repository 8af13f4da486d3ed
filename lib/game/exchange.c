/* exchange.c - see exchange.h. */
#include "game/exchange.h"

#include <math.h>
#include <string.h>

pvg_status pvi_reply_create(pvi_env *env, const pvg_request *request, pvg_reply **out) {
    pvg_reply *reply = pvi_calloc(env, 1, sizeof *reply);
    if (reply == NULL) return PVG_E_NOMEM;
    reply->env = env;
    reply->kind = request->kind;
    reply->count = request->count;
    pvi_text_init(&reply->text, env);
    reply->item = pvi_calloc(env, request->count + 1, sizeof *reply->item);
    if (reply->item == NULL) {
        pvi_reply_destroy(reply);
        return PVG_E_NOMEM;
    }
    *out = reply;
    return PVG_OK;
}

void pvi_reply_destroy(pvg_reply *reply) {
    if (reply == NULL) return;
    pvi_env *env = reply->env;
    pvi_text_free(&reply->text);
    pvi_free(env, reply->item);
    pvi_free(env, reply);
}

pvg_status pvi_reply_check(const pvg_reply *reply, const char *player) {
    if (reply->gave_up)
        return pvi_fail(reply->env, PVG_E_CALLBACK, "player", "'%s' gave up: %s", player, reply->reason);
    for (size_t i = 0; i < reply->count; i++)
        if (!reply->item[i].answered)
            return pvi_fail(reply->env, PVG_E_CALLBACK, "player", "'%s' left item %zu of %zu unanswered", player, i,
                            reply->count);
    return PVG_OK;
}
