/* hello.c - a whole game on built-in problems in a few seconds, and what came of it. */
#include <pvgame/pvgame.h>
#include <stdio.h>

int main(void) {
    pvg_context *context = NULL;
    pvg_settings *settings = NULL;
    pvg_scheduler *game = NULL;
    pvg_report *report = NULL;
    double sampled, greedy;
    if (pvg_context_create(NULL, &context) != PVG_OK) return 1;
    int done = pvg_settings_create(context, &settings) == PVG_OK && pvg_settings_preset(settings, "tiny") == PVG_OK &&
               pvg_scheduler_create(context, settings, NULL, &game) == PVG_OK && pvg_scheduler_run(game) == PVG_OK &&
               pvg_scheduler_report(game, 1, &report) == PVG_OK && /* its second and last round */
               pvg_report_metric(report, "helpful_accuracy", &sampled) == PVG_OK &&
               pvg_report_metric(report, "helpful_accuracy_greedy", &greedy) == PVG_OK;
    if (done) printf("the helpful prover's right answers: %.2f when sampled, %.2f greedy\n", sampled, greedy);
    else fprintf(stderr, "%s\n", pvg_error_message(context));
    pvg_report_destroy(report);
    pvg_scheduler_destroy(game);
    pvg_settings_destroy(settings);
    pvg_context_destroy(context);
    return !done;
}
