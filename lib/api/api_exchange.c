/* api_exchange.c - what a hook may call: the request, the reply and the feedback. */
#include "api/api_objects.h"

#include <math.h>

pvg_request_kind pvg_request_kind_of(const pvg_request *request) { return request != NULL ? (pvg_request_kind)request->kind : 0; }
uint64_t pvg_request_id(const pvg_request *request) { return request != NULL ? request->id : 0; }
size_t pvg_request_count(const pvg_request *request) { return request != NULL ? request->count : 0; }
double pvg_request_temperature(const pvg_request *request) { return request != NULL ? request->temperature : 0; }
pvg_role pvg_request_role(const pvg_request *request, size_t item) {
    return request != NULL && item < request->count ? request->item[item].role : PVG_ROLE_NEUTRAL;
}
uint64_t pvg_request_seed(const pvg_request *request, size_t item) {
    return request != NULL && item < request->count ? request->item[item].seed : 0;
}

static pvg_status check_item(pvi_env *env, size_t item, size_t count) {
    if (item < count) return PVG_OK;
    return pvi_fail(env, PVG_E_RANGE, "exchange", "item %zu was asked for, and there are %zu", item, count);
}

static pvg_status give_span(pvi_env *env, pvi_span span, const char *what, const char **out, size_t *length) {
    if (out == NULL || length == NULL) return pvi_fail(env, PVG_E_INVALID, "exchange", "a place to write to is a null pointer");
    if (span.data == NULL) return pvi_fail(env, PVG_E_NOT_FOUND, "exchange", "this exchange shows its player no %s", what);
    *out = span.data;
    *length = span.length;
    return PVG_OK;
}

pvg_status pvg_request_question(const pvg_request *request, size_t item, const char **out, size_t *length) {
    if (request == NULL) return PVG_E_INVALID;
    API_TRY(check_item(request->env, item, request->count));
    return give_span(request->env, request->item[item].question, "question", out, length);
}
pvg_status pvg_request_solution(const pvg_request *request, size_t item, const char **out, size_t *length) {
    if (request == NULL) return PVG_E_INVALID;
    API_TRY(check_item(request->env, item, request->count));
    return give_span(request->env, request->item[item].solution, "solution", out, length);
}
pvg_status pvg_request_answer(const pvg_request *request, size_t item, const char **out, size_t *length) {
    if (request == NULL) return PVG_E_INVALID;
    API_TRY(check_item(request->env, item, request->count));
    return give_span(request->env, request->item[item].answer, "reference answer", out, length);
}

/* ---- reply ---- */

static pvg_status open_item(pvg_reply *reply, pvi_exchange_kind kind, const char *what, size_t item) {
    if (reply == NULL) return PVG_E_INVALID;
    API_TRY(check_item(reply->env, item, reply->count));
    if (reply->kind != kind) return pvi_fail(reply->env, PVG_E_STATE, "exchange", "this request does not ask for a %s", what);
    return PVG_OK;
}

pvg_status pvg_reply_text(pvg_reply *reply, size_t item, const char *text, size_t length) {
    API_TRY(open_item(reply, PVI_EXCHANGE_PROVE, "text", item));
    if (text == NULL) return pvi_fail(reply->env, PVG_E_INVALID, "exchange", "the text of item %zu is a null pointer", item);
    length = pvi_api_length(text, length);
    size_t bad;
    if (!pvi_text_utf8(text, length, &bad))
        return pvi_fail(reply->env, PVG_E_FORMAT, "exchange", "the text of item %zu is not UTF-8 at byte %zu", item, bad);
    if (memchr(text, 0, length) != NULL)
        return pvi_fail(reply->env, PVG_E_FORMAT, "exchange", "the text of item %zu has a NUL inside", item);
    size_t begin = reply->text.length;
    pvi_text_append(&reply->text, text, length);
    API_TRY(pvi_text_ok(&reply->text));
    reply->item[item] = (pvi_answer){.answered = true, .text_begin = begin, .text_length = length};
    return PVG_OK;
}

pvg_status pvg_reply_score(pvg_reply *reply, size_t item, double score) {
    API_TRY(open_item(reply, PVI_EXCHANGE_VERIFY, "score", item));
    if (!isfinite(score)) return pvi_fail(reply->env, PVG_E_NUMERIC, "exchange", "the score of item %zu is not a finite number", item);
    reply->item[item] = (pvi_answer){.answered = true, .score = score};
    return PVG_OK;
}

pvg_status pvg_reply_verdict(pvg_reply *reply, size_t item, pvg_verdict verdict) {
    API_TRY(open_item(reply, PVI_EXCHANGE_GRADE, "verdict", item));
    if (verdict < PVG_VERDICT_CORRECT || verdict > PVG_VERDICT_TRUNCATED)
        return pvi_fail(reply->env, PVG_E_RANGE, "exchange", "the verdict of item %zu is %d: %d to %d are verdicts", item, verdict,
                        PVG_VERDICT_CORRECT, PVG_VERDICT_TRUNCATED);
    reply->item[item] = (pvi_answer){.answered = true, .verdict = verdict};
    return PVG_OK;
}

pvg_status pvg_reply_fail(pvg_reply *reply, const char *message) {
    if (reply == NULL) return PVG_E_INVALID;
    reply->gave_up = true;
    pvi_text_format(reply->reason, sizeof reply->reason, "%s", message != NULL ? message : "no reason given");
    return PVG_OK;
}

/* ---- feedback ---- */

pvg_request_kind pvg_feedback_kind(const pvg_feedback *feedback) { return feedback != NULL ? (pvg_request_kind)feedback->kind : 0; }
uint64_t pvg_feedback_id(const pvg_feedback *feedback) { return feedback != NULL ? feedback->id : 0; }
size_t pvg_feedback_count(const pvg_feedback *feedback) { return feedback != NULL ? feedback->count : 0; }
double pvg_feedback_reward(const pvg_feedback *feedback, size_t item) {
    return feedback != NULL && feedback->reward != NULL && item < feedback->count ? feedback->reward[item] : (double)NAN;
}
pvg_verdict pvg_feedback_verdict(const pvg_feedback *feedback, size_t item) {
    return feedback != NULL && feedback->verdict != NULL && item < feedback->count ? feedback->verdict[item] : PVG_VERDICT_UNGRADED;
}
pvg_role pvg_feedback_role(const pvg_feedback *feedback, size_t item) {
    return feedback != NULL && item < feedback->count ? feedback->item[item].role : PVG_ROLE_NEUTRAL;
}
pvg_status pvg_feedback_question(const pvg_feedback *feedback, size_t item, const char **out, size_t *length) {
    if (feedback == NULL) return PVG_E_INVALID;
    API_TRY(check_item(feedback->env, item, feedback->count));
    return give_span(feedback->env, feedback->item[item].question, "question", out, length);
}
pvg_status pvg_feedback_solution(const pvg_feedback *feedback, size_t item, const char **out, size_t *length) {
    if (feedback == NULL) return PVG_E_INVALID;
    API_TRY(check_item(feedback->env, item, feedback->count));
    return give_span(feedback->env, feedback->item[item].solution, "solution", out, length);
}
