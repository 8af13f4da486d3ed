/* cmd_bench.c - `pvgame bench`: how fast this machine trains, samples and scores. */
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "cli.h"

typedef struct bench_options {
    common common;
    const char *what, *size;
    int batch, reps;
    bool json;
    progress progress;
    double began;
} bench_options;

enum { KEY_SIZE = 0x500, KEY_BATCH, KEY_REPS, KEY_JSON };

static int count_of(struct argp_state *state, const char *option, const char *text) {
    char *end;
    long value = strtol(text, &end, 10);
    if (*text == '\0' || *end != '\0' || value < 1 || value > 4096) argp_error(state, "%s %s: wanted a whole number from 1 on", option, text);
    return (int)value;
}

static error_t parse_bench(int key, char *arg, struct argp_state *state) {
    bench_options *o = state->input;
    switch (key) {
    case ARGP_KEY_INIT: state->child_inputs[0] = &o->common; break;
    case KEY_SIZE: o->size = arg; break;
    case KEY_BATCH: o->batch = count_of(state, "--batch", arg); break;
    case KEY_REPS: o->reps = count_of(state, "--reps", arg); break;
    case KEY_JSON: o->json = true; break;
    case ARGP_KEY_ARG:
        if (o->what != NULL) argp_error(state, "one benchmark at a time: '%s' is one more", arg);
        o->what = arg;
        break;
    case ARGP_KEY_END:
        if (o->what == NULL) argp_error(state, "wanted one of: train, generate, score");
        break;
    default: return ARGP_ERR_UNKNOWN;
    }
    return 0;
}

static const struct argp_child children[] = {{&common_argp, 0, "Machine (settings are not looked at):", 1}, {0}};
static const struct argp_option options[] = {
    {"size", KEY_SIZE, "S|M|L", 0, "The model (default S): 0.87, 12.2 or 124 million parameters; XS to try it", 0},
    {"batch", KEY_BATCH, "N", 0, "Sequences at a time (default: train 16, for L 4; generate 64; score 64, for L 40)", 0},
    {"reps", KEY_REPS, "N", 0, "Timed repetitions, of which the median is told (default 5)", 0},
    {"json", KEY_JSON, NULL, 0, "Print one line of JSON", 0},
    {0}};
static const struct argp bench_argp = {
    .options = options, .parser = parse_bench, .children = children, .args_doc = "train|generate|score",
    .doc = "Measure training, sampling (64 prompt tokens and 128 new ones) or scoring, on random weights: tokens a second, the "
           "share of this machine's peak of fused multiply-adds, memory, and where the time goes."};

static void tell(void *user, int32_t done, int32_t total) {
    bench_options *o = user;
    progress_count(&o->progress, o->what, (uint64_t)done, (uint64_t)total, clock_seconds() - o->began);
}

static double number(const json_t *all, const char *name) { return json_number_value(json_object_get(all, name)); }

static void print_rate(const json_t *all, const char *name, const char *label) {
    if (json_object_get(all, name) != NULL) printf("%-12s %12.1f tokens/s\n", label, number(all, name));
}

static void print_parts(const json_t *seconds) {
    const char *name;
    json_t *value;
    double whole = number(seconds, "whole");
    json_object_foreach((json_t *)seconds, name, value) {
        double part = json_number_value(value);
        printf("  %-10s %12.2f ms", name, 1e3 * part);
        if (value != json_object_get(seconds, "whole")) printf("  %3.0f %%", 100 * part / whole);
        putchar('\n');
    }
}

static void print_text(const json_t *all) {
    printf("%s %s: %.2f million parameters, %.0f sequences, %.0f thread%s, %s\n", json_string_value(json_object_get(all, "benchmark")),
           json_string_value(json_object_get(all, "size")), number(all, "params") / 1e6, number(all, "batch"), number(all, "threads"),
           number(all, "threads") > 1 ? "s" : "", json_string_value(json_object_get(all, "engine")));
    print_rate(all, "tok_s", "rate");
    print_rate(all, "decode_tok_s", "decoding");
    print_rate(all, "total_tok_s", "with prompts");
    print_rate(all, "prefill_tok_s", "prompts");
    printf("%-12s %12.1f GFLOP/s, %.0f %% of the peak of %.1f\n", "useful work", number(all, "gflops"), 100 * number(all, "peak_share"),
           number(all, "peak_gflops"));
    printf("%-12s %12.1f MiB (the library's own %.1f)\n", "memory", number(all, "peak_rss_mib"), number(all, "held_mib"));
    printf("%-12s median of %.0f, which lie within %.0f %%\n", "time", number(all, "reps"), 100 * number(all, "spread"));
    print_parts(json_object_get(all, "seconds"));
}

static int run_bench(pvg_context *context, bench_options *o) {
    char text[2048];
    pvg_benchmark_options how = {.struct_size = sizeof how, .batch = o->batch, .reps = o->reps, .progress = tell, .user = o};
    progress_init(&o->progress, &o->common);
    o->began = clock_seconds();
    pvg_status status = pvg_benchmark(context, o->what, o->size, &how, text, sizeof text, NULL);
    progress_clear(&o->progress);
    if (status != PVG_OK) return fail(context);
    json_t *all = o->json ? NULL : json_loads(text, 0, NULL);
    if (all == NULL) printf("%s\n", text);
    else print_text(all);
    json_decref(all);
    return EXIT_DONE;
}

int command_bench(int argc, char **argv) {
    bench_options o = {.size = "S"};
    argp_parse(&bench_argp, argc, argv, 0, NULL, &o);
    pvg_context *context;
    int code = open_context(&o.common, &context);
    if (code == EXIT_DONE) {
        catch_signals(context);
        code = run_bench(context, &o);
        catch_signals(NULL);
        pvg_context_destroy(context);
    }
    common_free(&o.common);
    return code;
}
