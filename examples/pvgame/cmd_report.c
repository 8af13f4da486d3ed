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
        if (o->samples > MOST_SAMPLES) argp_error(state, "--samples %s: wanted at most %llu", arg, (unsigned long long)MOST_SAMPLES);
        break;
    case ARGP_KEY_ARG:
        if (o->run == NULL) o->run = arg;
        else if (o->compares > 0) add_compared(o, arg, state);
        else argp_error(state, "one directory is wanted, and '%s' is a second; put others beside it with --compare", arg);
        break;
    case ARGP_KEY_NO_ARGS: argp_error(state, "which run directory? pvgame report DIR"); break;
    default: return ARGP_ERR_UNKNOWN;
    }
    return 0;
}

static const struct argp_option options[] = {
    {"out", 'o', "FILE", 0, "Write to this file (default: DIR/report.html)", 0},
    {"compare", KEY_COMPARE, "DIR", 0, "Put the numbers and curves of another run beside; several times, or several DIRs after it", 0},
    {"samples", KEY_SAMPLES, "N", 0, "Show at most this many samples (default 2000; 0: none), those of the tests first", 0}, {0}};
static const struct argp_child children[] = {{&common_argp, 0, "Settings and machine:", 1}, {0}};
static const struct argp report_argp = {
    .options = options, .parser = parse_report, .children = children, .args_doc = "DIR",
    .doc = "Write one HTML file that shows a run: headline numbers beside the injected-error control, the paper's claims and what "
           "became of them here, charts, samples with every token and step marked, settings.\vThe file needs no network and no "
           "other file: open it in a browser, or send it. docs/report.md says how each thing in it is found.\nExample:\n"
           "  pvgame report run-1 --compare run-2"};

/* ---- the data, made safe ---- */

/* JSON in ASCII, of which <, > and & are written as escapes too: they stand in texts only, and nothing in a text can
 * end the script element or begin another. */
static int put_json(const char *bytes, size_t length, void *file) {
    for (size_t i = 0; i < length; i++) {
        char c = bytes[i];
        int put = c == '<' || c == '>' || c == '&' ? fprintf(file, "\\u%04x", (unsigned)(unsigned char)c) : fputc(c, file);
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

/* Written beside and renamed: a page that is there is replaced whole or not at all. A device or a pipe is written to. */
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

static int gather_runs(const report_options *o, json_t *runs) {
    int code = EXIT_DONE;
    json_t *run = run_json(o->run, &code);
    if (run != NULL) {
        json_array_append_new(runs, run);
        code = add_samples(run, o->run, &o->common, o->samples);
    }
    for (size_t i = 0; i < o->compares && code == EXIT_DONE; i++) {
        run = run_json(o->compare[i], &code);
        if (run != NULL) json_array_append_new(runs, run);
    }
    return code;
}

int command_report(int argc, char **argv) {
    report_options o = {.samples = 2000};
    argp_parse(&report_argp, argc, argv, 0, NULL, &o);
    char path[MODEL_PATH];
    snprintf(path, sizeof path, "%s/report.html", o.run);
    if (o.out == NULL) o.out = path;
    json_t *runs = json_array();
    int code = gather_runs(&o, runs);
    json_t *page = json_pack("{s:s,s:O}", "version", pvg_version_string(), "runs", runs);
    if (code == EXIT_DONE && page == NULL) code = fail_with(EXIT_RESOURCE, "out of memory");
    if (code == EXIT_DONE) code = write_page(page, o.out);
    if (code == EXIT_DONE && !o.common.quiet) printf("%s\n", o.out);
    json_decref(page);
    json_decref(runs);
    free(o.compare);
    common_free(&o.common);
    return code;
}
