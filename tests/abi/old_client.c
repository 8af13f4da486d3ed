/* old_client.c - a program of the first days: compiled with the header of 0.1 as it was (v0_1/), it must still link with
 * the library of today, and run: every function, every struct that crosses the border, in its old size. */
#include <pvgame/pvgame.h>
#include <stdio.h>
#include <string.h>

#define F(name) (void (*)(void))name,
static void (*const functions[])(void) = {
#include "functions.inc"
};
#undef F

#define CHECK(condition)                                                                                               \
    do {                                                                                                               \
        if (!(condition)) {                                                                                            \
            printf("line %d: %s: %s\n", __LINE__, #condition, context != NULL ? pvg_error_message(context) : "");      \
            return 1;                                                                                                  \
        }                                                                                                              \
    } while (0)

/* A struct and what lies behind it: the library of today may know more fields and must not write them. */
typedef struct guarded_sample { pvg_sample it; char beyond[64]; } guarded_sample;
typedef struct guarded_progress { pvg_progress it; char beyond[64]; } guarded_progress;
typedef struct guarded_problem { pvg_problem it; char beyond[64]; } guarded_problem;
typedef struct guarded_oracle { pvg_oracle_result it; char beyond[64]; } guarded_oracle;
#define GUARD(value) (memset(&(value), '#', sizeof(value)), (value).it.struct_size = sizeof(value).it)
#define UNTOUCHED(value) untouched((value).beyond)
static int untouched(const char beyond[64]) {
    for (int i = 0; i < 64; i++)
        if (beyond[i] != '#') return 0;
    return 1;
}

static pvg_status answer(void *user, const pvg_request *request, pvg_reply *reply) {
    int *asked = user;
    for (size_t i = 0; i < pvg_request_count(request); i++, ++*asked) {
        pvg_status status = pvg_reply_text(reply, i, i % 2 == 0 ? " A: 1" : " A: 2", PVG_NUL_TERMINATED);
        if (status != PVG_OK) return status;
    }
    return PVG_OK;
}
static pvg_status learn(void *user, const pvg_feedback *feedback) {
    (void)user;
    return pvg_feedback_count(feedback) > 0 ? PVG_OK : PVG_E_INVALID;
}
static void finish(void *user) { *(int *)user += 1000000; }

/* A game of less than a second. */
static const struct { const char *name; int64_t value; } small[] = {
    {"rounds.count", 1},       {"problems.train", 128},      {"problems.test", 16},      {"verifier_base.steps", 4},
    {"pool.base_samples", 64}, {"pool.round_samples", 64},   {"verifier_train.steps", 4}, {"prover_train.steps", 2},
    {"evaluate.problems", 16}, {"evaluate.control", 8},      {"verifier_train.warmup", 0}, {"prover_train.warmup", 0}};

int main(void) {
    pvg_context *context = NULL;
    pvg_context_options options;
    pvg_settings *settings = NULL;
    pvg_dataset *data = NULL;
    pvg_prover *prover = NULL;
    pvg_scheduler *game = NULL;
    pvg_report *report = NULL;
    pvg_hooks hooks;
    guarded_sample sample;
    guarded_progress progress;
    guarded_problem problem;
    guarded_oracle oracle;
    int asked = 0;
    CHECK(pvg_abi_accepts(PVG_VERSION_MAJOR, PVG_VERSION_MINOR));
    for (size_t i = 0; i < sizeof functions / sizeof *functions; i++) CHECK(functions[i] != NULL);
    CHECK(pvg_context_options_init(&options, sizeof options) == PVG_OK && options.struct_size == sizeof options);
    options.threads = 2;
    CHECK(pvg_context_create(&options, &context) == PVG_OK);
    CHECK(pvg_settings_create(context, &settings) == PVG_OK && pvg_settings_preset(settings, "tiny") == PVG_OK);
    for (size_t i = 0; i < sizeof small / sizeof *small; i++)
        CHECK(pvg_settings_set_int(settings, small[i].name, small[i].value) == PVG_OK);

    CHECK(pvg_dataset_generate(context, settings, 0, 3, &data) == PVG_OK);
    GUARD(problem);
    CHECK(pvg_dataset_get(data, 2, &problem.it) == PVG_OK && UNTOUCHED(problem));
    CHECK(problem.it.label == -1 && problem.it.line == 0 && strlen(problem.it.gold) > 0);
    GUARD(oracle);
    CHECK(pvg_oracle_check(context, problem.it.chain, problem.it.solution, strlen(problem.it.solution), &oracle.it) == PVG_OK);
    CHECK(UNTOUCHED(oracle) && oracle.it.right && oracle.it.first_error == -1);

    CHECK(pvg_hooks_init(&hooks, sizeof hooks) == PVG_OK && hooks.struct_size == sizeof hooks);
    hooks.answer = answer;
    hooks.learn = learn;
    hooks.finish = finish;
    hooks.user = &asked;
    CHECK(pvg_prover_from_hooks(context, "guess", &hooks, &prover) == PVG_OK);
    CHECK(pvg_scheduler_create(context, settings, NULL, &game) == PVG_OK && pvg_scheduler_set_prover(game, prover) == PVG_OK);
    CHECK(pvg_scheduler_run(game) == PVG_OK && asked > 0);
    GUARD(progress);
    CHECK(pvg_scheduler_progress(game, &progress.it) == PVG_OK && UNTOUCHED(progress) && progress.it.rounds == 1);
    CHECK(pvg_scheduler_report(game, 0, &report) == PVG_OK && pvg_report_sample_count(report) > 0);
    GUARD(sample);
    CHECK(pvg_report_sample(report, 0, &sample.it) == PVG_OK && UNTOUCHED(sample));
    CHECK(sample.it.solution[0] == ' ' && sample.it.role == PVG_ROLE_HELPFUL);

    pvg_context_destroy(context);
    pvg_report_destroy(report);
    pvg_scheduler_destroy(game);
    pvg_prover_destroy(prover);
    pvg_dataset_destroy(data);
    pvg_settings_destroy(settings);
    context = NULL;
    CHECK(asked > 1000000 && asked < 2000000);
    return 0;
}
