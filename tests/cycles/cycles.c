/* cycles.c - create, train, destroy, again and again, in four threads with a context each: nothing may grow, nothing may
 * race, and every game of the same settings gives the same numbers, whatever runs beside it.
 *
 * PVG_CYCLES is how many games are played in all (default 8, the whole measure 1000): run it under ThreadSanitizer and
 * valgrind, too. */
#define _GNU_SOURCE
#include <malloc.h>
#include <pthread.h>
#include <pvgame/pvgame.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { THREADS = 4, JSON = 65536 };

/* Says what it likes of untrained models' answers, so that a game this short has right and wrong ones of every role. */
static pvg_status grade(void *user, const pvg_request *request, pvg_reply *reply) {
    (void)user;
    for (size_t i = 0; i < pvg_request_count(request); i++) {
        const char *solution;
        size_t length;
        pvg_status status = pvg_request_solution(request, i, &solution, &length);
        if (status != PVG_OK) return status;
        status = pvg_reply_verdict(reply, i, length % 2 == 0 ? PVG_VERDICT_CORRECT : PVG_VERDICT_WRONG);
        if (status != PVG_OK) return status;
    }
    return PVG_OK;
}

static pvg_status small_settings(pvg_context *context, pvg_settings **out) {
    static const struct { const char *name; int64_t value; } values[] = {
        {"problems.train", 64},       {"problems.test", 8},       {"tokenizer.vocab", 280},     {"prover.width", 16},
        {"prover.hidden", 16},        {"prover.layers", 1},       {"verifier.hidden", 16},      {"verifier.layers", 1},
        {"base.steps", 2},            {"base.batch", 8},          {"base.warmup", 1},           {"verifier_base.steps", 1},
        {"verifier_base.batch", 8},   {"verifier_base.warmup", 0}, {"roles.samples", 16},       {"roles.steps", 1},
        {"roles.batch", 8},           {"pool.base_samples", 16},  {"pool.round_samples", 16},   {"verifier_train.steps", 2},
        {"verifier_train.batch", 8},  {"verifier_train.warmup", 0}, {"prover_train.steps", 2},  {"prover_train.batch", 4},
        {"prover_train.group", 2},    {"prover_train.warmup", 0}, {"sampling.longest", 8},      {"evaluate.problems", 4},
        {"evaluate.control", 4},      {"evaluate.samples", 1},    {"evaluate.pass_k", 1},       {"rounds.count", 1}};
    pvg_status status = pvg_settings_create(context, out);
    if (status == PVG_OK) status = pvg_settings_preset(*out, "tiny");
    for (size_t i = 0; status == PVG_OK && i < sizeof values / sizeof *values; i++)
        status = pvg_settings_set_int(*out, values[i].name, values[i].value);
    return status;
}

static pvg_status play(pvg_context *context, char *json) {
    pvg_settings *settings = NULL;
    pvg_grader *grader = NULL;
    pvg_scheduler *game = NULL;
    pvg_report *report = NULL;
    pvg_model *model = NULL;
    pvg_hooks hooks;
    pvg_hooks_init(&hooks, sizeof hooks);
    hooks.answer = grade;
    pvg_status status = small_settings(context, &settings);
    if (status == PVG_OK) status = pvg_grader_from_hooks(context, "parity", &hooks, &grader);
    if (status == PVG_OK) status = pvg_scheduler_create(context, settings, NULL, &game);
    if (status == PVG_OK) status = pvg_scheduler_set_grader(game, grader);
    if (status == PVG_OK) status = pvg_scheduler_run(game);
    if (status == PVG_OK) status = pvg_scheduler_report(game, 0, &report);
    if (status == PVG_OK) status = pvg_report_json(report, json, JSON, NULL);
    if (status == PVG_OK) status = pvg_scheduler_model(game, "prover", &model);
    pvg_settings_destroy(settings);
    pvg_scheduler_destroy(game);
    pvg_grader_destroy(grader);
    pvg_report_destroy(report);
    pvg_model_destroy(model);
    return status;
}

/* One life of a context; its first argument must hold what every game gives, "" before the first. */
static int cycle(char *expected, int32_t workers) {
    pvg_context_options options;
    pvg_context *context = NULL;
    static _Thread_local char json[JSON];
    pvg_context_options_init(&options, sizeof options);
    options.threads = workers;
    if (pvg_context_create(&options, &context) != PVG_OK) return 0;
    uint64_t before = pvg_memory_used(context);
    int ok = play(context, json) == PVG_OK;
    if (!ok) printf("%s\n", pvg_error_message(context));
    if (ok && expected[0] == '\0') strcpy(expected, json);
    if (ok && strcmp(json, expected) != 0) ok = 0, printf("another result:\n%s\n%s\n", expected, json);
    if (ok && pvg_memory_used(context) != before) ok = 0, printf("a game left %zu bytes\n", (size_t)(pvg_memory_used(context) - before));
    pvg_context_destroy(context);
    return ok;
}

static char expected[JSON];
static atomic_int left, failed;

static void *live(void *workers) {
    char own[JSON];
    strcpy(own, expected);
    while (atomic_fetch_sub(&left, 1) > 0)
        if (!cycle(own, *(int32_t *)workers)) atomic_store(&failed, 1);
    return NULL;
}

static int play_in_threads(int games) {
    pthread_t threads[THREADS];
    int32_t workers[THREADS];
    atomic_store(&left, games);
    for (int i = 0; i < THREADS; i++) {
        workers[i] = 1 + i % 2;
        if (pthread_create(&threads[i], NULL, live, &workers[i]) != 0) return 0;
    }
    for (int i = 0; i < THREADS; i++) pthread_join(threads[i], NULL);
    return !atomic_load(&failed);
}

static size_t resident(void) {
    size_t pages = 0, total;
    FILE *file = fopen("/proc/self/statm", "r");
    if (file == NULL) return 0;
    if (fscanf(file, "%zu %zu", &total, &pages) != 2) pages = 0;
    fclose(file);
    return pages * 4;
}

int main(void) {
    const char *wanted = getenv("PVG_CYCLES");
    int games = wanted != NULL ? atoi(wanted) : 8;
    if (!cycle(expected, 1) || !play_in_threads(2 * THREADS)) return 1; /* what is allocated once has been, afterwards */
    size_t heap = mallinfo2().uordblks, rss = resident();
    if (!play_in_threads(games)) return 1;
    size_t grown = mallinfo2().uordblks;
    grown = grown > heap ? grown - heap : 0;
    printf("%d games: the heap grew by %zu bytes, the process from %zu to %zu KiB\n", games, grown, rss, resident());
    return grown > 65536;
}
