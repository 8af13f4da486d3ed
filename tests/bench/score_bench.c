/* score_bench.c - score 10,000 solutions: the C half of score_bench.py. Prints processor seconds a repetition, one a line.
 *
 * score_bench PRESET REPETITIONS */
#define _POSIX_C_SOURCE 199309L
#include <pvgame/pvgame.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { COUNT = 10000 };

static double now(void) {
    struct timespec at;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &at);
    return (double)at.tv_sec + 1e-9 * (double)at.tv_nsec;
}

int main(int argc, char **argv) {
    static const char *questions[COUNT], *solutions[COUNT];
    static size_t question_lengths[COUNT], solution_lengths[COUNT];
    static double scores[COUNT];
    pvg_context_options options;
    pvg_context *context = NULL;
    pvg_settings *settings = NULL;
    pvg_dataset *problems = NULL;
    pvg_tokenizer *tokenizer = NULL;
    pvg_model *model = NULL;
    pvg_verifier *verifier = NULL;
    if (argc != 3) return 2;
    pvg_context_options_init(&options, sizeof options);
    options.threads = 1;
    if (pvg_context_create(&options, &context) != PVG_OK) return 1;
    if (pvg_settings_create(context, &settings) != PVG_OK || pvg_settings_preset(settings, argv[1]) != PVG_OK ||
        pvg_dataset_generate(context, settings, 0, COUNT, &problems) != PVG_OK ||
        pvg_tokenizer_train(context, problems, settings, &tokenizer) != PVG_OK ||
        pvg_model_create(context, tokenizer, settings, "verifier", &model) != PVG_OK ||
        pvg_verifier_from_model(context, model, settings, &verifier) != PVG_OK) return 1;
    for (size_t i = 0; i < COUNT; i++) {
        pvg_problem problem = {.struct_size = sizeof problem};
        if (pvg_dataset_get(problems, i, &problem) != PVG_OK) return 1;
        questions[i] = problem.question;
        solutions[i] = problem.solution;
        question_lengths[i] = strlen(problem.question);
        solution_lengths[i] = strlen(problem.solution);
    }
    for (int repetition = 0; repetition < atoi(argv[2]); repetition++) {
        double from = now();
        if (pvg_verifier_score(verifier, COUNT, questions, question_lengths, solutions, solution_lengths, scores) != PVG_OK) return 1;
        printf("%.6f %.17g\n", now() - from, scores[COUNT - 1]);
        fflush(stdout);
    }
    pvg_verifier_destroy(verifier);
    pvg_model_destroy(model);
    pvg_tokenizer_destroy(tokenizer);
    pvg_dataset_destroy(problems);
    pvg_settings_destroy(settings);
    pvg_context_destroy(context);
    return 0;
}
