/* host_grader.c - the host's own grader: here one that takes any answer within 1 of the right one. */
#include <pvgame/pvgame.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static pvg_verdict grade(const char *solution, size_t length, const char *gold) {
    char text[512];
    if (length >= sizeof text) return PVG_VERDICT_NO_ANSWER;
    memcpy(text, solution, length);
    text[length] = '\0';
    const char *mark = strrchr(text, ':');
    if (mark == NULL) return PVG_VERDICT_NO_ANSWER;
    long off = strtol(mark + 1, NULL, 10) - strtol(gold, NULL, 10);
    return off >= -1 && off <= 1 ? PVG_VERDICT_CORRECT : PVG_VERDICT_WRONG;
}

static pvg_status answer(void *user, const pvg_request *request, pvg_reply *reply) {
    (void)user;
    for (size_t i = 0; i < pvg_request_count(request); i++) {
        const char *solution, *gold;
        size_t length, gold_length;
        pvg_status status = pvg_request_solution(request, i, &solution, &length);
        if (status == PVG_OK) status = pvg_request_answer(request, i, &gold, &gold_length); /* a grader may see it */
        if (status == PVG_OK) status = pvg_reply_verdict(reply, i, grade(solution, length, gold));
        if (status != PVG_OK) return status;
    }
    return PVG_OK;
}

int main(void) {
    pvg_context *context = NULL;
    pvg_settings *settings = NULL;
    pvg_grader *grader = NULL;
    pvg_scheduler *game = NULL;
    pvg_report *report = NULL;
    pvg_hooks hooks;
    double accuracy;
    pvg_hooks_init(&hooks, sizeof hooks);
    hooks.answer = answer;
    if (pvg_context_create(NULL, &context) != PVG_OK) return 1;
    int done = pvg_settings_create(context, &settings) == PVG_OK && pvg_settings_preset(settings, "tiny") == PVG_OK &&
               pvg_grader_from_hooks(context, "within one", &hooks, &grader) == PVG_OK &&
               pvg_scheduler_create(context, settings, NULL, &game) == PVG_OK && pvg_scheduler_set_grader(game, grader) == PVG_OK &&
               pvg_scheduler_run(game) == PVG_OK && pvg_scheduler_report(game, -1, &report) == PVG_OK &&
               pvg_report_metric(report, "base_accuracy", &accuracy) == PVG_OK;
    if (done) printf("base prover within one of the right answer: %.2f\n", accuracy);
    else fprintf(stderr, "%s\n", pvg_error_message(context));
    pvg_report_destroy(report);
    pvg_scheduler_destroy(game);
    pvg_grader_destroy(grader);
    pvg_settings_destroy(settings);
    pvg_context_destroy(context);
    return !done;
}
