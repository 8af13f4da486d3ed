/* report_run.c - what the files of a run directory say, as one JSON object for the report's page. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

#include "report.h"

enum { POINTS = 400 }; /* of a curve at most */

/* ---- files ---- */

static char *file_text(const char *directory, const char *name) {
    char path[MODEL_PATH];
    snprintf(path, sizeof path, "%s/%s", directory, name);
    FILE *file = is_directory(path) ? NULL : fopen(path, "rb");
    if (file == NULL) return NULL;
    char *text = NULL;
    size_t length = 0, got;
    for (size_t room = 1 << 14;; room *= 2) {
        char *grown = realloc(text, room);
        if (grown == NULL) break;
        text = grown;
        got = fread(text + length, 1, room - 1 - length, file);
        length += got;
        text[length] = '\0';
        if (length < room - 1) break;
    }
    fclose(file);
    return text;
}

json_t *file_json(const char *directory, const char *name) {
    json_error_t error;
    char *text = file_text(directory, name);
    if (text == NULL) return NULL;
    json_t *found = json_loads(text, JSON_ALLOW_NUL, &error);
    if (found == NULL)
        fprintf(stderr, "pvgame: warning: %s/%s is not JSON and is left out: %s\n", directory, name, error.text);
    free(text);
    return found;
}

static void digest_text(const char *text, char out[33]) {
    XXH128_hash_t hash = XXH3_128bits(text, strlen(text));
    snprintf(out, 33, "%016llx%016llx", (unsigned long long)hash.high64, (unsigned long long)hash.low64);
}

static void add_config(json_t *run, const char *directory) {
    char digest[33];
    char *config = file_text(directory, "config.yaml");
    if (config == NULL) return;
    digest_text(config, digest);
    json_object_set_new(run, "config", text_json(config));
    json_object_set_new(run, "digest", json_string(digest));
    free(config);
}

static json_t *name_of(const char *directory) {
    char *whole = realpath(directory, NULL);
    const char *slash = whole != NULL ? strrchr(whole, '/') : NULL;
    json_t *name = text_json(slash != NULL && slash[1] != '\0' ? slash + 1 : directory);
    free(whole);
    return name;
}

/* ---- metrics.jsonl: curves, and the reports of rounds that are over ---- */

static bool is_place(const char *key) {
    return strcmp(key, "stage") == 0 || strcmp(key, "round") == 0 || strcmp(key, "step") == 0 ||
           strcmp(key, "seconds") == 0;
}

/* The curve of a stage and round, made at need: {"stage", "round", "step": [...], "series": {name: [...]}}. */
static json_t *curve_of(json_t *curves, json_t *line) {
    json_t *curve, *stage = json_object_get(line, "stage"), *round = json_object_get(line, "round");
    size_t i;
    json_array_foreach(curves, i, curve)
        if (json_equal(json_object_get(curve, "stage"), stage) && json_equal(json_object_get(curve, "round"), round))
            return curve;
    curve = json_pack("{s:O,s:O,s:[],s:{}}", "stage", stage, "round", round, "step", "series");
    json_array_append_new(curves, curve);
    return curve;
}

static void add_point(json_t *curve, json_t *line) {
    json_t *steps = json_object_get(curve, "step"), *series = json_object_get(curve, "series"), *value;
    size_t before = json_array_size(steps);
    const char *name;
    json_array_append(steps, json_object_get(line, "step"));
    json_object_foreach(line, name, value) {
        if (is_place(name) || !(json_is_number(value) || json_is_null(value))) continue;
        json_t *values = json_object_get(series, name);
        if (values == NULL) {
            values = json_array();
            json_object_set_new(series, name, values);
        }
        while (json_array_size(values) < before) json_array_append_new(values, json_null());
        json_array_append(values, value);
    }
}

static json_t *thinned(const json_t *values, size_t count) {
    json_t *few = json_array();
    for (size_t i = 0; i < POINTS; i++) {
        json_t *value = json_array_get(values, i * (count - 1) / (POINTS - 1));
        json_array_append(few, value != NULL ? value : json_null());
    }
    return few;
}

/* Long curves keep evenly spaced points, the first and the last among them. */
static void thin(json_t *curve) {
    size_t count = json_array_size(json_object_get(curve, "step"));
    const char *name;
    json_t *values;
    void *next;
    if (count <= POINTS) return;
    json_object_set_new(curve, "of", json_integer((json_int_t)count));
    json_object_set_new(curve, "step", thinned(json_object_get(curve, "step"), count));
    json_object_foreach_safe(json_object_get(curve, "series"), next, name, values)
        json_object_set_new(json_object_get(curve, "series"), name, thinned(values, count));
}

static void set_round(json_t *rounds, json_t *line) {
    json_t *round = json_object_get(line, "round"), *report = json_object_get(line, "report");
    json_int_t at = json_integer_value(round);
    if (!json_is_integer(round) || !json_is_object(report) || at < 0 || at > 10000) return;
    while ((json_int_t)json_array_size(rounds) <= at) json_array_append_new(rounds, json_null());
    json_array_set(rounds, (size_t)at, report);
}

static int read_metrics(const char *directory, json_t *curves, json_t *rounds) {
    char path[MODEL_PATH], *bytes;
    size_t length, i;
    unsigned long number;
    line_reader *reader;
    json_t *curve;
    snprintf(path, sizeof path, "%s/metrics.jsonl", directory);
    if (!path_exists(path)) return EXIT_DONE;
    int code = lines_open(path, &reader), got = 0;
    if (code != EXIT_DONE) return code;
    while ((got = lines_next(reader, &bytes, &length, &number)) == 1) {
        json_t *line = json_loadb(bytes, length, JSON_ALLOW_NUL, NULL);
        if (line == NULL) fprintf(stderr, "pvgame: warning: %s:%lu: not JSON; left out\n", path, number);
        else if (json_object_get(line, "event") != NULL) set_round(rounds, line);
        else if (json_is_string(json_object_get(line, "stage")) && json_is_integer(json_object_get(line, "round")) &&
                 json_is_integer(json_object_get(line, "step")))
            add_point(curve_of(curves, line), line);
        json_decref(line);
    }
    lines_close(reader);
    json_array_foreach(curves, i, curve) thin(curve);
    return got < 0 ? EXIT_INPUT : EXIT_DONE;
}

/* ---- all of it ---- */

static bool is_run(const json_t *run) {
    return json_object_get(run, "config") != NULL || json_object_get(run, "report") != NULL ||
           json_object_get(run, "experiment") != NULL;
}

json_t *run_json(const char *directory, int *code) {
    static const char *const kept[] = {"environment", "data", "report", "attack", "measures", "experiment"};
    if (!is_directory(directory)) {
        *code = fail_with(EXIT_INPUT, "%s: %s", directory,
                          path_exists(directory) ? "is not a directory" : strerror(ENOENT));
        return NULL;
    }
    json_t *run = json_object(), *curves = json_array(), *rounds = json_array();
    json_object_set_new(run, "name", name_of(directory));
    add_config(run, directory);
    for (size_t i = 0; i < sizeof kept / sizeof kept[0]; i++) {
        char name[64];
        snprintf(name, sizeof name, "%s.json", kept[i]);
        json_t *found = file_json(directory, name);
        if (found != NULL) json_object_set_new(run, kept[i], found);
    }
    *code = read_metrics(directory, curves, rounds);
    if (json_object_get(run, "report") == NULL && json_array_size(rounds) > 0) {
        json_object_set_new(run, "report", json_pack("{s:{},s:O}", "summary", "rounds", rounds));
        json_object_set_new(run, "unfinished", json_true());
    }
    json_object_set_new(run, "curves", curves);
    json_decref(rounds);
    if (*code == EXIT_DONE && !is_run(run))
        *code = fail_with(EXIT_INPUT, "%s is no run directory: it holds no config.yaml, report.json or experiment.json",
                          directory);
    if (*code == EXIT_DONE) return run;
    json_decref(run);
    return NULL;
}
