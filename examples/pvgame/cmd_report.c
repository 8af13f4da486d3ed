/* cmd_report.c - `pvgame report`: a run, or an experiment, as one HTML file that needs nothing else. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "report.h"

typedef struct report_options {
    common common;
    const char *run, *out;
    const char **compare;
    size_t compares;
    uint64_t samples;
} report_options;

enum { KEY_COMPARE = 0x700, KEY_SAMPLES };
static const uint64_t MOST_SAMPLES = 50000; /* the browser holds them all */

static void add_compared(report_options *o, const char *arg, struct argp_state *state) {
    const char **grown = realloc(o->compare, (o->compares + 1) * sizeof *grown);
    if (grown == NULL) argp_failure(state, EXIT_RESOURCE, 0, "out of memory");
    o->compare = grown;
    o->compare[o->compares++] = arg;
}

static error_t parse_report(int key, char *arg, struct argp_state *state) {
    report_options *o = state->input;
    switch (key) {
    case ARGP_KEY_INIT: state->child_inputs[0] = &o->common; break;
    case 'o': o->out = arg; break;
    case KEY_COMPARE: add_compared(o, arg, state); break;
    case KEY_SAMPLES:
        o->samples = whole_of(state, "--samples", arg, 0);
        if (o->samples > MOST_SAMPLES)
            argp_error(state, "--samples %s: wanted at most %llu", arg, (unsigned long long)MOST_SAMPLES);
        break;
    case ARGP_KEY_ARG:
        if (o->run == NULL) o->run = arg;
        else if (o->compares > 0) add_compared(o, arg, state);
        else argp_error(state, "one directory is wanted, and '%s' is a second; others go after --compare", arg);
        break;
    case ARGP_KEY_NO_ARGS: argp_error(state, "which run directory? pvgame report DIR"); break;
    default: return ARGP_ERR_UNKNOWN;
    }
    return 0;
}

static const struct argp_option options[] = {
    {"out", 'o', "FILE", 0, "Write to this file (default: DIR/report.html)", 0},
    {"compare", KEY_COMPARE, "DIR", 0,
     "Put the numbers and curves of another run beside; several times, or several DIRs after it", 0},
    {"samples", KEY_SAMPLES, "N", 0, "Show at most so many samples (default 2000; 0: none), those of the tests first", 0},
    {0}};
static const struct argp_child children[] = {{&common_argp, 0, "Settings and machine:", 1}, {0}};
static const struct argp report_argp = {
    .options = options, .parser = parse_report, .children = children, .args_doc = "DIR",
    .doc = "Write one HTML file that shows a run: headline numbers beside the injected-error control, the paper's claims "
           "and what became of them here, charts, samples with every token and step marked, settings.\vThe file needs no "
           "network and no other file: open it in a browser, or send it. docs/report.md says how each thing in it is "
           "found.\nExample:\n"
           "  pvgame report run-1 --compare run-2"};

/* ---- the data, made safe ---- */

/* JSON in ASCII, of which <, > and & are written as escapes too: they stand in texts only, and nothing in a text can
 * end the script element or begin another. */
static int put_json(const char *bytes, size_t length, void *file) {
    for (size_t i = 0; i < length; i++) {
        char c = bytes[i];
        bool escaped = c == '<' || c == '>' || c == '&';
        int put = escaped ? fprintf(file, "\\u%04x", (unsigned)(unsigned char)c) : fputc(c, file);
        if (put < 0) return -1;
    }
    return 0;
}

static bool put_page(const json_t *page, FILE *file) {
    return fwrite(page_head, 1, page_head_size, file) == page_head_size &&
           json_dump_callback(page, put_json, file, JSON_ENSURE_ASCII | JSON_COMPACT | JSON_REAL_PRECISION(6)) == 0 &&
           fwrite(page_tail, 1, page_tail_size, file) == page_tail_size;
}

static int write_to(const json_t *page, const char *path) {
    FILE *file;
    int code = open_output(path, NULL, &file);
    if (code == EXIT_DONE) code = close_output(path, file, put_page(page, file) ? EXIT_DONE : EXIT_RESOURCE);
    return code;
}

/* Written beside and renamed: a page that is there is replaced whole or not at all. Devices and pipes are written to. */
static int write_page(const json_t *page, const char *path) {
    char beside[MODEL_PATH + 16];
    struct stat info;
    if (stat(path, &info) == 0 && !S_ISREG(info.st_mode)) return write_to(page, path);
    snprintf(beside, sizeof beside, "%s.part", path);
    int code = write_to(page, beside);
    if (code == EXIT_DONE && rename(beside, path) != 0)
        code = fail_with(EXIT_INPUT, "%s: cannot be written: %s", path, strerror(errno));
    if (code != EXIT_DONE) unlink(beside);
    return code;
}

/* ---- the command ---- */

/* A directory's name that stands in an experiment's file: of a folder right inside of it, or nothing. */
static bool inner_path(const char *directory, const char *name, char *buffer, size_t size) {
    if (name == NULL || name[0] == '.' || strchr(name, '/') != NULL) return false;
    int length = snprintf(buffer, size, "%s/%s", directory, name);
    return length > 0 && (size_t)length < size && is_directory(buffer);
}

/* The first run of an arm that is there, with the arm's name as "part"; NULL when there is none. */
static json_t *arm_run(const report_options *o, const json_t *experiment, const char *arm, char *path, size_t size) {
    size_t i;
    json_t *one;
    int code;
    json_array_foreach(json_object_get(experiment, "runs"), i, one) {
        const char *of = json_string_value(json_object_get(one, "arm"));
        if (of == NULL || strcmp(of, arm) != 0) continue;
        if (!inner_path(o->run, json_string_value(json_object_get(one, "directory")), path, size)) continue;
        json_t *run = run_json(path, &code);
        if (run == NULL) continue;
        json_object_set_new(run, "part", json_string(arm));
        return run;
    }
    return NULL;
}

/* One run of every arm of an experiment, for its curves; the first arm that plays the game shows its samples, too. */
static int gather_parts(const report_options *o, const json_t *experiment, json_t *runs) {
    char path[MODEL_PATH];
    size_t i;
    json_t *arm;
    bool shown = false;
    int code = EXIT_DONE;
    json_array_foreach(json_object_get(experiment, "arms"), i, arm) {
        const char *name = json_string_value(json_object_get(arm, "name")),
                   *kind = json_string_value(json_object_get(arm, "kind"));
        json_t *run = name != NULL ? arm_run(o, experiment, name, path, sizeof path) : NULL;
        if (run == NULL) continue;
        json_array_append_new(runs, run);
        if (shown || kind == NULL || strcmp(kind, "game") != 0) continue;
        shown = true;
        code = add_samples(run, path, &o->common, o->samples);
        if (code != EXIT_DONE) return code;
    }
    return code;
}

static int gather_runs(const report_options *o, json_t *runs) {
    int code = EXIT_DONE;
    json_t *run = run_json(o->run, &code);
    if (run != NULL) {
        json_array_append_new(runs, run);
        code = add_samples(run, o->run, &o->common, o->samples);
        if (code == EXIT_DONE) code = gather_parts(o, json_object_get(run, "experiment"), runs);
    }
    for (size_t i = 0; i < o->compares && code == EXIT_DONE; i++) {
        run = run_json(o->compare[i], &code);
        if (run != NULL) json_array_append_new(runs, run);
    }
    return code;
}

/* What the paper says, as the library has it: [{"id", "figure", "title", "paper"}]. */
static int gather_claims(const common *how, json_t *claims) {
    pvg_context *context;
    pvg_experiment *none = NULL;
    int code = open_context(how, &context);
    if (code != EXIT_DONE) return code;
    pvg_status status = pvg_experiment_create(context, 0.9, &none);
    for (size_t i = 0; i < pvg_claim_count() && status == PVG_OK; i++) {
        pvg_claim claim = {.struct_size = sizeof claim};
        status = pvg_experiment_claim(none, i, &claim);
        if (status == PVG_OK)
            json_array_append_new(claims, json_pack("{s:s,s:s,s:s,s:s}", "id", claim.id, "figure", claim.figure,
                                                    "title", claim.title, "paper", claim.paper));
    }
    if (status != PVG_OK) code = fail(context);
    pvg_experiment_destroy(none);
    pvg_context_destroy(context);
    return code;
}

int command_report(int argc, char **argv) {
    report_options o = {.samples = 2000};
    argp_parse(&report_argp, argc, argv, 0, NULL, &o);
    char path[MODEL_PATH];
    snprintf(path, sizeof path, "%s/report.html", o.run);
    if (o.out == NULL) o.out = path;
    json_t *runs = json_array(), *claims = json_array();
    int code = gather_runs(&o, runs);
    if (code == EXIT_DONE) code = gather_claims(&o.common, claims);
    json_t *page = json_pack("{s:s,s:o,s:o}", "version", pvg_version_string(), "claims", claims, "runs", runs);
    if (code == EXIT_DONE && page == NULL) code = fail_with(EXIT_RESOURCE, "out of memory");
    if (code == EXIT_DONE) code = write_page(page, o.out);
    if (code == EXIT_DONE && !o.common.quiet) printf("%s\n", o.out);
    json_decref(page);
    free(o.compare);
    common_free(&o.common);
    return code;
}
