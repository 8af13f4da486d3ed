/* host_verifier.c - the host's own verifier: the library's prover learns to convince a program of yours.
 *
 * This one looks for `x op y = z` in a solution and counts how many are right. A real host would ask its own model. */
#include <pvgame/pvgame.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static double judge(const char *solution) {
    double score = -1;
    for (const char *at = solution; (at = strchr(at, '=')) != NULL; at++) {
        const char *from = at;
        long x, y, z;
        char sign;
        while (from > solution && from[-1] != ';') from--;
        if (sscanf(from, " %ld %c %ld = %ld", &x, &sign, &y, &z) != 4) continue;
        score += (sign == '+' ? x + y : sign == '-' ? x - y : x * y) == z ? 1 : -3;
    }
    return score;
}

static pvg_status answer(void *user, const pvg_request *request, pvg_reply *reply) {
    (void)user;
    for (size_t i = 0; i < pvg_request_count(request); i++) {
        const char *text;
        size_t length;
        pvg_status status = pvg_request_solution(request, i, &text, &length);
        if (status != PVG_OK) return status;
        char *copy = malloc(length + 1);
        if (copy == NULL) return pvg_reply_fail(reply, "out of memory");
        memcpy(copy, text, length);
        copy[length] = '\0';
        pvg_reply_score(reply, i, judge(copy));
        free(copy);
    }
    return PVG_OK;
}

static pvg_status learn(void *user, const pvg_feedback *feedback) {
    *(size_t *)user += pvg_feedback_count(feedback); /* labelled solutions from which a host's model would learn */
    return PVG_OK;
}

static pvg_status watch(void *user, pvg_scheduler *game, pvg_event event) {
    (void)user;
    pvg_progress now = {.struct_size = sizeof now};
    if (event == PVG_EVENT_STAGE_DONE && pvg_scheduler_progress(game, &now) == PVG_OK)
        printf("%3.0f %%  %s\n", 100 * now.fraction, now.stage);
    return PVG_OK;
}

int main(void) {
    pvg_context *context = NULL;
    pvg_settings *settings = NULL;
    pvg_verifier *verifier = NULL;
    pvg_scheduler *game = NULL;
    pvg_hooks hooks;
    size_t labels = 0;
    pvg_hooks_init(&hooks, sizeof hooks);
    hooks.answer = answer;
    hooks.learn = learn;
    hooks.user = &labels;
    if (pvg_context_create(NULL, &context) != PVG_OK) return 1;
    int done = pvg_settings_create(context, &settings) == PVG_OK && pvg_settings_preset(settings, "tiny") == PVG_OK &&
               pvg_verifier_from_hooks(context, "line counter", &hooks, &verifier) == PVG_OK &&
               pvg_scheduler_create(context, settings, NULL, &game) == PVG_OK &&
               pvg_scheduler_set_verifier(game, verifier) == PVG_OK && pvg_scheduler_set_observer(game, watch, NULL) == PVG_OK &&
               pvg_scheduler_run(game) == PVG_OK;
    if (done) printf("the host's verifier was offered %zu labelled solutions to learn from\n", labels);
    else fprintf(stderr, "%s\n", pvg_error_message(context));
    pvg_scheduler_destroy(game);
    pvg_verifier_destroy(verifier);
    pvg_settings_destroy(settings);
    pvg_context_destroy(context);
    return !done;
}
