/* exchange.h - requests to players, their replies, and the feedback after: the one shape of every exchange. */
#ifndef PVI_EXCHANGE_H
#define PVI_EXCHANGE_H

#include "base/alloc.h"
#include "base/text.h"
#include "pvgame/pvgame_types.h"

/* These are the public opaque types; the public header only names them. */
typedef struct pvg_request pvg_request;
typedef struct pvg_reply pvg_reply;
typedef struct pvg_feedback pvg_feedback;

typedef enum pvi_exchange_kind { PVI_EXCHANGE_PROVE = 1, PVI_EXCHANGE_VERIFY = 2, PVI_EXCHANGE_GRADE = 3 } pvi_exchange_kind;

typedef struct pvi_span {
    const char *data;
    size_t length;
} pvi_span;

/* What is asked about one item; texts are borrowed for the length of the exchange. */
typedef struct pvi_ask {
    pvi_span question, solution, answer; /* answer.data NULL: not for this player's eyes */
    pvg_role role;
    uint64_t seed;
} pvi_ask;

struct pvg_request {
    pvi_env *env;
    pvi_exchange_kind kind;
    uint64_t id;
    double temperature;
    size_t count;
    const pvi_ask *item;
};

typedef struct pvi_answer {
    bool answered;
    size_t text_begin, text_length; /* into reply.text */
    double score;
    pvg_verdict verdict;
} pvi_answer;

struct pvg_reply {
    pvi_env *env;
    pvi_exchange_kind kind;
    size_t count;
    pvi_answer *item;
    pvi_text text;
    bool gave_up;
    char reason[256];
};

struct pvg_feedback {
    pvi_env *env;
    pvi_exchange_kind kind;
    uint64_t id;
    size_t count;
    const pvi_ask *item;
    const double *reward;       /* NULL for a verifier */
    const pvg_verdict *verdict;
};

/* The host's side, as pvg_hooks. */
typedef struct pvi_hooks {
    pvg_status (*answer)(void *user, const pvg_request *request, pvg_reply *reply);
    pvg_status (*learn)(void *user, const pvg_feedback *feedback);
    void (*finish)(void *user);
    void *user;
} pvi_hooks;

pvg_status pvi_reply_create(pvi_env *env, const pvg_request *request, pvg_reply **out);
void pvi_reply_destroy(pvg_reply *reply);
/* Every item answered and nothing given up, else PVG_E_CALLBACK naming the player and the first open item. */
pvg_status pvi_reply_check(const pvg_reply *reply, const char *player);

#endif
