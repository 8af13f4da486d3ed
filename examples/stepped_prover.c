/* stepped_prover.c - the host drives the game step by step and is the prover itself: no callback at all.
 *
 * A harness that answers at leisure (a service, a queue, a person) works like this. The prover here writes the right
 * number as helpful and a number next to it as sneaky, by reading the problem's clauses. */
#define _POSIX_C_SOURCE 200809L /* strtok_r */
#include <pvgame/pvgame.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* "A 11 A times 2 B more 3": what A has at the end. */
static long solve(const char *question, size_t length) {
    char text[512], *rest = text, *word;
    long value = 0;
    if (length >= sizeof text) return 0;
    memcpy(text, question, length);
    text[length] = '\0';
    while ((word = strtok_r(rest, " ", &rest)) != NULL) {
        char *what = strtok_r(rest, " ", &rest);
        if (what == NULL) break;
        char *end;
        long number = strtol(what, &end, 10);
        int start = *end == '\0';
        if (!start) {
            char *operand = strtok_r(rest, " ", &rest);
            number = operand != NULL ? strtol(operand, NULL, 10) : 0;
        }
        if (strcmp(word, "A") != 0) continue;
        if (start) value = number;
        else if (strcmp(what, "times") == 0) value *= number;
        else if (strcmp(what, "more") == 0) value += number;
        else if (strcmp(what, "less") == 0) value -= number;
    }
    return value;
}

static pvg_status prove(pvg_scheduler *game) {
    const pvg_request *request;
    pvg_reply *reply;
    pvg_status status = pvg_scheduler_pending(game, &request, &reply);
    for (size_t i = 0; status == PVG_OK && i < pvg_request_count(request); i++) {
        const char *question;
        char solution[64];
        size_t length;
        status = pvg_request_question(request, i, &question, &length);
        if (status != PVG_OK) break;
        long value = solve(question, length);
        if (pvg_request_role(request, i) == PVG_ROLE_SNEAKY || pvg_request_seed(request, i) % 4 == 0) value++; /* now and then wrong */
        snprintf(solution, sizeof solution, " A: %ld", value);
        status = pvg_reply_text(reply, i, solution, strlen(solution));
    }
    return status == PVG_OK ? pvg_scheduler_submit(game) : status;
}

int main(void) {
    pvg_context *context = NULL;
    pvg_settings *settings = NULL;
    pvg_prover *prover = NULL;
    pvg_scheduler *game = NULL;
    pvg_hooks pulled;
    pvg_event event = 0;
    size_t asked = 0;
    pvg_hooks_init(&pulled, sizeof pulled); /* no answer function: requests are pulled */
    if (pvg_context_create(NULL, &context) != PVG_OK) return 1;
    pvg_status status = pvg_settings_create(context, &settings);
    if (status == PVG_OK) status = pvg_settings_preset(settings, "tiny");
    if (status == PVG_OK) status = pvg_prover_from_hooks(context, "stepped", &pulled, &prover);
    if (status == PVG_OK) status = pvg_scheduler_create(context, settings, NULL, &game);
    if (status == PVG_OK) status = pvg_scheduler_set_prover(game, prover);
    while (status == PVG_OK && event != PVG_EVENT_FINISHED) {
        status = pvg_scheduler_step(game, &event);
        if (status != PVG_OK || event != PVG_EVENT_NEEDS_REPLY) continue;
        status = prove(game);
        asked++;
    }
    if (status == PVG_OK) printf("finished after %zu requests\n", asked);
    else fprintf(stderr, "%s\n", pvg_error_message(context));
    pvg_scheduler_destroy(game);
    pvg_prover_destroy(prover);
    pvg_settings_destroy(settings);
    pvg_context_destroy(context);
    return status != PVG_OK;
}
