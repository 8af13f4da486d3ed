/* players.c - provers and verifiers of a run directory or a model directory. */
#include <stdlib.h>
#include <sys/stat.h>

#include "cli.h"

bool path_exists(const char *path) {
    struct stat info;
    return stat(path, &info) == 0;
}

bool is_directory(const char *path) {
    struct stat info;
    return stat(path, &info) == 0 && S_ISDIR(info.st_mode);
}

bool run_of_model(const char *model, char *buffer, size_t size) {
    static const char *const up[] = {"/../..", "/../../.."}; /* RUN/models/base, RUN/models/round-0/prover */
    for (int i = 0; i < 2; i++) {
        char config[MODEL_PATH + 16];
        int length = snprintf(buffer, size, "%s%s", model, up[i]);
        if (length < 0 || (size_t)length >= size || (size_t)length >= MODEL_PATH) return false;
        snprintf(config, sizeof config, "%s/models", buffer);
        if (!is_directory(config)) continue;
        snprintf(config, sizeof config, "%s/config.yaml", buffer);
        if (path_exists(config)) return true;
    }
    return false;
}

bool round_model(const char *run, int round, const char *player, char *buffer, size_t size) {
    int length = snprintf(buffer, size, "%s/models/round-%d/%s", run, round, player);
    return length > 0 && (size_t)length < size && path_exists(buffer);
}

int rounds_kept(const char *run) {
    char path[MODEL_PATH];
    int rounds = 0;
    while (round_model(run, rounds, "verifier", path, sizeof path) || round_model(run, rounds, "prover", path, sizeof path)) rounds++;
    return rounds;
}

int newest_verifier(const char *run, char *buffer, size_t size) {
    int length = snprintf(buffer, size, "%s/models/last_verifier", run);
    if (length > 0 && (size_t)length < size && path_exists(buffer)) return EXIT_DONE;
    for (int round = rounds_kept(run) - 1; round >= 0; round--)
        if (round_model(run, round, "verifier", buffer, size)) return EXIT_DONE;
    return fail_with(EXIT_INPUT, "%s holds no trained verifier yet (looked for %s/models/round-0/verifier)", run, run);
}

int open_prover(pvg_context *context, const char *path, const pvg_settings *settings, pvg_prover **out) {
    pvg_model *model;
    if (pvg_model_load(context, path, &model) != PVG_OK) return fail(context);
    pvg_status status = pvg_prover_from_model(context, model, settings, out);
    pvg_model_destroy(model);
    return status == PVG_OK ? EXIT_DONE : fail(context);
}

int open_verifier(pvg_context *context, const char *path, const pvg_settings *settings, pvg_verifier **out) {
    pvg_model *model;
    if (pvg_model_load(context, path, &model) != PVG_OK) return fail(context);
    pvg_status status = pvg_verifier_from_model(context, model, settings, out);
    pvg_model_destroy(model);
    return status == PVG_OK ? EXIT_DONE : fail(context);
}

pvg_status try_parts(pvg_verifier *verifier, span question, span solution, parts *out) {
    size_t needed = 0;
    *out = (parts){.count = 0};
    pvg_status status = pvg_verifier_parts(verifier, question.data, question.length, solution.data, solution.length, NULL, NULL, 0,
                                           &needed);
    if (status != PVG_OK && status != PVG_E_BUFFER) return status;
    out->end = calloc(needed + 1, sizeof *out->end);
    out->value = calloc(needed + 1, sizeof *out->value);
    status = out->end == NULL || out->value == NULL
                 ? PVG_E_NOMEM
                 : pvg_verifier_parts(verifier, question.data, question.length, solution.data, solution.length, out->end, out->value,
                                      needed, &out->count);
    if (status != PVG_OK) parts_free(out);
    return status;
}

int fetch_parts(pvg_context *context, pvg_verifier *verifier, span question, span solution, parts *out) {
    pvg_status status = try_parts(verifier, question, solution, out);
    if (status == PVG_E_NOMEM) return fail_with(EXIT_RESOURCE, "out of memory");
    return status == PVG_OK ? EXIT_DONE : fail(context);
}

void parts_free(parts *p) {
    free(p->end);
    free(p->value);
    *p = (parts){.count = 0};
}
