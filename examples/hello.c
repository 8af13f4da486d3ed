/* hello.c - a whole game on built-in problems in a few seconds, and what came of it. */
#include <pvgame/pvgame.h>
#include <stdio.h>

int main(void) {
    pvg_context *context = NULL;
    pvg_settings *settings = NULL;
    pvg_scheduler *game = NULL;
    pvg_report *report = NULL;
    double before, after;
    if (pvg_context_create(NULL, &context) != PVG_OK) return 1;
    if (pvg_settings_create(context, &settings) == PVG_OK && pvg_settings_preset(settings, "tiny") == PVG_OK &&
        pvg_scheduler_create(context, settings, NULL, &game) == PVG_OK && pvg_scheduler_run(game) == PVG_OK &&
        pvg_scheduler_report(game, -1, &report) == PVG_OK && pvg_report_metric(report, "base_accuracy", &before) == PVG_OK &&
        pvg_report_metric(report, "helpful_accuracy", &after) == PVG_OK)
        printf("right answers: base prover %.2f, helpful prover of the last round %.2f\n", before, after);
    else fprintf(stderr, "%s\n", pvg_error_message(context));
    int failed = pvg_error_code(context) != PVG_OK;
    pvg_report_destroy(report);
    pvg_scheduler_destroy(game);
    pvg_settings_destroy(settings);
    pvg_context_destroy(context);
    return failed;
}
