/* pvgame_exchange.h - requests, replies and feedback: what a host's player sees. Included by pvgame.h.
 *
 * A host program may be any player: prover, verifier or grader. The library asks about a batch of items, the host
 * answers each, and later hears what came of it. There are two ways to be asked:
 *
 *   by hooks          the library calls `answer` on the thread that called the library. For players that answer at once.
 *   by pulling        with no `answer`, pvg_scheduler_step returns PVG_EVENT_NEEDS_REPLY; the host takes the request,
 *                     answers at leisure (a service, a queue, a person), and submits. No callback at all.
 *
 *     static pvg_status answer(void *user, const pvg_request *request, pvg_reply *reply) {
 *         for (size_t i = 0; i < pvg_request_count(request); i++) {
 *             const char *text; size_t length;
 *             if (pvg_request_solution(request, i, &text, &length) != PVG_OK) return PVG_E_INVALID;
 *             pvg_reply_score(reply, i, my_model(text, length));
 *         }
 *         return PVG_OK;
 *     }
 *
 * Whole programs: examples/host_prover.c, host_verifier.c, host_grader.c, stepped_prover.c. The functions on requests,
 * replies and feedback are the only ones that may be called on the context inside a hook. */
#ifndef LIBPVGAME_EXCHANGE_H
#define LIBPVGAME_EXCHANGE_H

#include "pvgame_context.h"

#ifdef __cplusplus
extern "C" {
#endif

/* ====================================================================================================== requests == */

/* What is asked: a batch of items. Read-only; it lives until the hook returns, or until pvg_scheduler_submit. */
typedef struct pvg_request pvg_request;

/* Where the answers go: one for every item. Write-only; it lives as long as its request, and copies what it is
 * given. */
typedef struct pvg_reply pvg_reply;

/* What came of an earlier request. Read-only; it lives until the hook returns. */
typedef struct pvg_feedback pvg_feedback;

/* What is wanted for each item. */
typedef int32_t pvg_request_kind;
enum {
    PVG_REQUEST_PROVE  = 1, /* a solution text for the question, in the item's role */
    PVG_REQUEST_VERIFY = 2, /* a score for question and solution: any real number, higher is more convincing */
    PVG_REQUEST_GRADE  = 3  /* a verdict for question, solution and reference answer */
};

/* What is wanted for the items; 0 for NULL. */
PVG_API pvg_request_kind pvg_request_kind_of(const pvg_request *request);

/* A number that the feedback repeats, unlike that of any other request to this player. */
PVG_API uint64_t pvg_request_id(const pvg_request *request);

/* How many items there are, at least 1; 0 for NULL. */
PVG_API size_t pvg_request_count(const pvg_request *request);

/* PROVE: in which role to write. GRADE: in which role the solution was written. VERIFY: always neutral, as a verifier
 * must not know. Neutral beyond the count. */
PVG_API pvg_role pvg_request_role(const pvg_request *request, size_t item);

/* A number to draw random numbers from: a player that does is as reproducible as the library's. 0 beyond the count. */
PVG_API uint64_t pvg_request_seed(const pvg_request *request, size_t item);

/* PROVE: the sampling temperature; 0 asks for the best answer. */
PVG_API double pvg_request_temperature(const pvg_request *request);

/* An item's question. Borrowed until the exchange ends, and not NUL-terminated. PVG_E_RANGE beyond the count;
 * PVG_E_NOT_FOUND when pvg_grader_grade was given none. */
PVG_API pvg_status pvg_request_question(const pvg_request *request, size_t item, const char **out, size_t *length);

/* VERIFY and GRADE: an item's solution, as pvg_request_question. PVG_E_NOT_FOUND when solutions are what is wanted. */
PVG_API pvg_status pvg_request_solution(const pvg_request *request, size_t item, const char **out, size_t *length);

/* The reference answer, as pvg_request_question. Only a grader sees it, and a sneaky prover when
 * roles.sneaky_sees_answer is set; for anybody else PVG_E_NOT_FOUND. */
PVG_API pvg_status pvg_request_answer(const pvg_request *request, size_t item, const char **out, size_t *length);

/* ======================================================================================================= replies == */

/* Answers an item of PROVE with a solution, or answers it anew. The text is copied. PVG_E_STATE if something else is
 * wanted, PVG_E_RANGE beyond the count, PVG_E_FORMAT for a text that is not UTF-8 or holds a NUL. */
PVG_API pvg_status pvg_reply_text(pvg_reply *reply, size_t item, const char *text, size_t length);

/* Answers an item of VERIFY with a finite score, or answers it anew. PVG_E_STATE if something else is wanted,
 * PVG_E_RANGE beyond the count, PVG_E_NUMERIC for NaN and infinities. */
PVG_API pvg_status pvg_reply_score(pvg_reply *reply, size_t item, double score);

/* Answers an item of GRADE with a verdict other than UNGRADED, or answers it anew. PVG_E_STATE if something else is
 * wanted, PVG_E_RANGE beyond the count and for a number that is no verdict. */
PVG_API pvg_status pvg_reply_verdict(pvg_reply *reply, size_t item, pvg_verdict verdict);

/* Gives up the whole request: the call that led to it fails with PVG_E_CALLBACK, and `message` is in its sentence. */
PVG_API pvg_status pvg_reply_fail(pvg_reply *reply, const char *message);

/* ====================================================================================================== feedback == */

/* Of which kind the request was: PROVE brings rewards, VERIFY labels. */
PVG_API pvg_request_kind pvg_feedback_kind(const pvg_feedback *feedback);

/* pvg_request_id of the request; 0: labelled solutions that answer no request. */
PVG_API uint64_t pvg_feedback_id(const pvg_feedback *feedback);

/* How many items there are: those of the request, in its order. */
PVG_API size_t pvg_feedback_count(const pvg_feedback *feedback);

/* PROVE: the item's reward, by K equations 2 to 4 as prover_train.reward says (docs/game.md). NaN for a verifier and
 * beyond the count. */
PVG_API double pvg_feedback_reward(const pvg_feedback *feedback, size_t item);

/* In which role the item's solution was written: what a verifier was not told when it was asked. */
PVG_API pvg_role pvg_feedback_role(const pvg_feedback *feedback, size_t item);

/* What the grader said of the item's solution: the label of a verifier that learns. */
PVG_API pvg_verdict pvg_feedback_verdict(const pvg_feedback *feedback, size_t item);

/* The item's question, borrowed until the hook returns, not NUL-terminated. PVG_E_RANGE beyond the count. */
PVG_API pvg_status pvg_feedback_question(const pvg_feedback *feedback, size_t item, const char **out, size_t *length);

/* The item's solution, as pvg_feedback_question. */
PVG_API pvg_status pvg_feedback_solution(const pvg_feedback *feedback, size_t item, const char **out, size_t *length);

/* ========================================================================================================= hooks == */

/* A host's player. Fill it by pvg_hooks_init, then set what is wanted. The hooks are the library's from the moment that
 * they are handed in: `finish` runs exactly once, when the player is gone, also when making it fails. A hook returns
 * PVG_OK, or any other status to fail the call that led to it with PVG_E_CALLBACK; so does an item that was left
 * without an answer. An exception or a longjmp must not leave a hook. */
typedef struct pvg_hooks {
    uint32_t struct_size;     /* sizeof(pvg_hooks) */
    uint32_t reserved_zero;
    /* Answers every item of a request. NULL: the player is pulled, and calls that would ask it without a game that is
     * stepped fail with PVG_E_STATE. */
    pvg_status (*answer)(void *user, const pvg_request *request, pvg_reply *reply);
    /* Hears rewards or labels. NULL: not interested. */
    pvg_status (*learn)(void *user, const pvg_feedback *feedback);
    /* The player is gone: free what `user` holds. NULL: nothing to do. */
    void (*finish)(void *user);
    void *user;               /* handed to all three */
} pvg_hooks;

/* Fills *hooks with nothing but its struct_size, which is sizeof(pvg_hooks) as the caller knows it. Any thread. */
PVG_API pvg_status pvg_hooks_init(pvg_hooks *hooks, size_t struct_size);

#ifdef __cplusplus
}
#endif
#endif /* LIBPVGAME_EXCHANGE_H */
