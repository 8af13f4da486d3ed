/* cmd_train.c - `pvgame train` and `pvgame resume`: play a game and watch it. */
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "cli.h"

/* ---- playing ---- */

typedef struct player_view {
    pvg_context *context;
    pvg_scheduler *scheduler;
    const char *directory;
    const common *options;
    progress line;
    int32_t shown; /* rounds in the table */
} view;

/* The report of a game or round in which a verifier alone was trained. */
static bool is_verifier_alone(const pvg_report *report) { return !isnan(metric(report, "test_right")); }

static void show_round(view *v) {
    pvg_report *report;
    int32_t round = v->shown++;
    if (v->options->quiet || pvg_scheduler_report(v->scheduler, round, &report) != PVG_OK) return;
    if (!is_verifier_alone(report)) {
        progress_clear(&v->line);
        if (round == 0) table_header(stdout, report);
        table_row(stdout, round, report);
    }
    pvg_report_destroy(report);
}

static pvg_progress where(const view *v) {
    pvg_progress now = {.struct_size = sizeof now};
    pvg_scheduler_progress(v->scheduler, &now);
    return now;
}

static void say_verifier(const pvg_report *summary, const char *directory) {
    char a[32], b[32], c[32], d[32];
    printf("verifier on %.0f held-out solutions: AUC %s (90 %% interval %s to %s), accuracy %s\n",
           metric(summary, "test_right") + metric(summary, "test_wrong"),
           number_text(metric(summary, "verifier_auc"), 3, a, sizeof a), number_text(metric(summary, "verifier_auc_low"), 3, b, sizeof b),
           number_text(metric(summary, "verifier_auc_high"), 3, c, sizeof c),
           number_text(metric(summary, "verifier_accuracy"), 3, d, sizeof d));
    if (directory != NULL) printf("score solutions with it:  pvgame score --verifier %s/models/round-0/verifier --in FILE\n", directory);
}

static void say_base(const pvg_report *summary) {
    char a[32], b[32];
    printf("base prover: %s right when sampled, %s greedy\n", number_text(metric(summary, "base_accuracy"), 3, a, sizeof a),
           number_text(metric(summary, "base_accuracy_greedy"), 3, b, sizeof b));
}

static void say_game(const pvg_report *summary, const char *directory) {
    say_base(summary);
    table_matrix(stdout, summary, "auc", "AUC of each verifier on each round's prover (helpful-right against sneaky-wrong)",
                 "On the diagonal a prover was trained against that verifier; below it the verifier already knew that\n"
                 "prover's samples. 0.5 is chance, less means fooled: a diagonal that rises shows verifiers getting harder\n"
                 "to fool. The check columns say how far a verifier finds one injected error in a clean solution.");
    if (directory != NULL)
        printf("\nlook at samples:  pvgame show %s --role sneaky --verdict wrong --sort score --limit 5\n", directory);
}

static void say_result(const view *v, double seconds) {
    pvg_report *summary;
    char took[32];
    if (pvg_scheduler_report(v->scheduler, -1, &summary) != PVG_OK) return;
    fputc('\n', stdout);
    if (is_verifier_alone(summary)) say_verifier(summary, v->directory);
    else if (isnan(metric(summary, "verifier_parameters"))) say_base(summary); /* mode=correctness: nobody to compare with */
    else say_game(summary, v->directory);
    printf("done in %s\n", duration_text(seconds, took, sizeof took));
    if (v->directory != NULL) printf("everything is in %s: metrics.jsonl, samples.jsonl.gz, report.json, models/\n", v->directory);
    pvg_report_destroy(summary);
}

/* Before the first one there is nothing to resume. */
static bool has_checkpoint(const char *directory) {
    char path[MODEL_PATH];
    snprintf(path, sizeof path, "%s/checkpoint", directory);
    return path_exists(path);
}

/* The first failure of the game: what was kept and what to do. */
static int stopped(view *v, pvg_status status) {
    progress_clear(&v->line);
    if (status == PVG_E_CANCELLED) {
        pvg_context_resume(v->context);
        if (v->directory == NULL) return fail_with(EXIT_INTERRUPTED, "interrupted; without a run directory nothing was kept");
        if (pvg_scheduler_checkpoint(v->scheduler) != PVG_OK) return fail(v->context);
        return fail_with(EXIT_INTERRUPTED, "interrupted; a checkpoint was written. Go on with: pvgame resume %s", v->directory);
    }
    int code = fail(v->context);
    if (v->directory == NULL) return code;
    if (code == EXIT_DIVERGED)
        fprintf(stderr, "pvgame: nothing was written after it. %s holds the last good checkpoint; try a lower learning rate,\n"
                        "pvgame: for example --set prover_train.rate=2e-4, in a new run\n", v->directory);
    else if (has_checkpoint(v->directory))
        fprintf(stderr, "pvgame: %s keeps what was done; once the cause is gone, go on with: pvgame resume %s\n", v->directory,
                v->directory);
    return code;
}

static int play(view *v) {
    pvg_event event = PVG_EVENT_PROGRESS;
    progress_init(&v->line, v->options);
    catch_signals(v->context);
    pvg_status status = PVG_OK;
    while (status == PVG_OK && event != PVG_EVENT_FINISHED) {
        status = pvg_scheduler_step(v->scheduler, &event);
        if (status != PVG_OK) break;
        pvg_progress now = where(v);
        if (event == PVG_EVENT_ROUND_DONE) show_round(v);
        progress_show(&v->line, &now);
    }
    if (status != PVG_OK) {
        status = stopped(v, status);
        catch_signals(NULL);
        return status;
    }
    catch_signals(NULL);
    progress_clear(&v->line);
    if (!v->options->quiet) say_result(v, where(v).seconds);
    return EXIT_DONE;
}

/* ---- train ---- */

typedef struct train_options {
    common common;
    const char *data, *out, *rounds, *seed;
    bool dry_run, verifier_only;
} train_options;

enum { KEY_ROUNDS = 0x200, KEY_SEED, KEY_DRY_RUN, KEY_VERIFIER_ONLY };
static const struct argp_option train_argp_options[] = {
    {"data", 'd', "FILE", 0, "JSON lines (also .gz) with question and answer, as GSM8K's; without it: built-in problems", 0},
    {"out", 'o', "DIR", 0, "Run directory, new or empty (default: run-1, run-2, ...)", 0},
    {"rounds", KEY_ROUNDS, "N", 0, "Rounds to play (rounds.count)", 0},
    {"seed", KEY_SEED, "N", 0, "Seed of everything random", 0},
    {"verifier-only", KEY_VERIFIER_ONLY, NULL, 0, "No game: train one verifier on labelled solutions (--data) and measure it", 0},
    {"dry-run", KEY_DRY_RUN, NULL, 0, "Print the resolved settings as YAML and stop", 0},
    {0}};

static error_t parse_train(int key, char *arg, struct argp_state *state) {
    train_options *o = state->input;
    switch (key) {
    case ARGP_KEY_INIT: state->child_inputs[0] = &o->common; break;
    case 'd': o->data = arg; break;
    case 'o': o->out = arg; break;
    case KEY_ROUNDS: o->rounds = arg; break;
    case KEY_SEED: o->seed = arg; break;
    case KEY_DRY_RUN: o->dry_run = true; break;
    case KEY_VERIFIER_ONLY: o->verifier_only = true; break;
    case ARGP_KEY_ARG: argp_error(state, "'%s' is not an option; a data file is given with --data", arg); break;
    default: return ARGP_ERR_UNKNOWN;
    }
    return 0;
}

static const struct argp_child train_children[] = {{&common_argp, 0, "Settings and machine:", 1}, {0}};
static const struct argp train_argp = {
    .options = train_argp_options, .parser = parse_train, .children = train_children,
    .doc = "Play the prover-verifier game: train a base model, then, round after round, a fresh verifier and a fresh prover.\v"
           "A row of the table is one round. AUC base: how well the verifier tells right from wrong solutions of the base "
           "prover; AUC game: helpful-right from sneaky-wrong ones of this round's prover, which was trained to fool it; "
           "check: finds one injected wrong result or operand in a clean solution (0.5 is chance); steps to fool: prover "
           "steps until sneaky solutions convince.\n\nCtrl-C finishes the step, writes a checkpoint and says how to resume."};

static int settings_of_train(pvg_context *context, const train_options *o, pvg_settings **out) {
    const char *preset = o->data == NULL ? NULL : o->verifier_only ? "gsm8k_verifier" : "gsm8k";
    int code = open_settings(context, &o->common, preset, out);
    if (code != EXIT_DONE) return code;
    if (o->rounds != NULL) code = set_setting(context, *out, "rounds.count", o->rounds);
    if (code == EXIT_DONE && o->seed != NULL) code = set_setting(context, *out, "seed", o->seed);
    if (code == EXIT_DONE && o->verifier_only) code = set_setting(context, *out, "mode", "verifier");
    if (code == EXIT_DONE && o->verifier_only) code = set_setting(context, *out, "data.labelled", "true");
    if (code != EXIT_DONE) pvg_settings_destroy(*out);
    return code;
}

static pvg_status settings_text(void *arg, char *buffer, size_t capacity, size_t *needed) {
    return pvg_settings_write(arg, 1, buffer, capacity, needed);
}

static int print_settings(pvg_context *context, pvg_settings *settings) {
    pvg_status status;
    char *yaml = fetch_text(settings_text, settings, &status);
    if (yaml == NULL) return fail(context);
    fputs(yaml, stdout);
    free(yaml);
    return EXIT_DONE;
}

static bool is_free(const char *path) {
    struct stat info;
    return stat(path, &info) != 0 && errno == ENOENT;
}

static const char *choose_directory(const char *wanted, char *buffer, size_t size) {
    if (wanted != NULL) return wanted;
    for (int i = 1;; i++) {
        snprintf(buffer, size, "run-%d", i);
        if (is_free(buffer)) return buffer;
    }
}

static void say_start(const train_options *o, pvg_context *context, const char *directory) {
    if (o->common.quiet) return;
    printf("pvgame %s, %d threads, run directory %s\n", pvg_version_string(), pvg_context_threads(context), directory);
    if (o->data != NULL && !o->verifier_only)
        printf("Models this small, trained from scratch, solve only a few of such problems (expect 1 to 5 %% on GSM8K): the\n"
               "game is played in full, but a prover that is almost always wrong teaches its verifier mostly style.\n");
    fflush(stdout);
}

static int start(const train_options *o, pvg_context *context, pvg_settings *settings, pvg_dataset *data) {
    char buffer[64];
    const char *directory = choose_directory(o->out, buffer, sizeof buffer);
    view v = {.context = context, .directory = directory, .options = &o->common};
    if (pvg_scheduler_create(context, settings, data, &v.scheduler) != PVG_OK) return fail(context);
    int code = pvg_scheduler_set_directory(v.scheduler, directory) == PVG_OK ? EXIT_DONE : fail(context);
    if (code == EXIT_DONE) {
        say_start(o, context, directory);
        code = play(&v);
    }
    pvg_scheduler_destroy(v.scheduler);
    return code;
}

static int train_with(const train_options *o, pvg_context *context) {
    pvg_settings *settings;
    pvg_dataset *data = NULL;
    int code = settings_of_train(context, o, &settings);
    if (code != EXIT_DONE) return code;
    if (o->dry_run) code = print_settings(context, settings);
    else {
        if (o->data != NULL && pvg_dataset_read(context, o->data, settings, &data) != PVG_OK) code = fail(context);
        else if (o->data != NULL && pvg_dataset_count(data) == 0) code = fail_with(EXIT_INPUT, "%s holds no problem", o->data);
        if (code == EXIT_DONE) code = start(o, context, settings, data);
    }
    pvg_dataset_destroy(data);
    pvg_settings_destroy(settings);
    return code;
}

int command_train(int argc, char **argv) {
    train_options o = {.data = NULL};
    argp_parse(&train_argp, argc, argv, 0, NULL, &o);
    pvg_context *context;
    int code;
    if (o.verifier_only && o.data == NULL && o.common.configs == 0)
        code = fail_with(EXIT_USAGE, "--verifier-only needs --data FILE with labelled solutions");
    else if ((code = open_context(&o.common, &context)) == EXIT_DONE) {
        code = train_with(&o, context);
        pvg_context_destroy(context);
    }
    common_free(&o.common);
    return code;
}

/* ---- resume ---- */

typedef struct resume_options {
    common common;
    const char *directory;
} resume_options;

static error_t parse_resume(int key, char *arg, struct argp_state *state) {
    resume_options *o = state->input;
    switch (key) {
    case ARGP_KEY_INIT: state->child_inputs[0] = &o->common; break;
    case ARGP_KEY_ARG:
        if (o->directory != NULL) argp_error(state, "one run directory is wanted, and '%s' is a second", arg);
        o->directory = arg;
        break;
    case ARGP_KEY_NO_ARGS: argp_error(state, "which run directory? pvgame resume DIR"); break;
    default: return ARGP_ERR_UNKNOWN;
    }
    return 0;
}

static const struct argp resume_argp = {
    .parser = parse_resume, .children = train_children, .args_doc = "DIR",
    .doc = "Go on with an interrupted game from its last checkpoint, to the same bits as if it had not been interrupted.\v"
           "Settings come from the run directory; threads and engine may differ."};

static int resume_with(const resume_options *o, pvg_context *context) {
    view v = {.context = context, .directory = o->directory, .options = &o->common};
    if (pvg_scheduler_resume(context, o->directory, &v.scheduler) != PVG_OK) return fail(context);
    pvg_progress now = where(&v);
    int code;
    if (now.fraction >= 1) code = fail_with(EXIT_INPUT, "the game in %s is finished: there is nothing to resume", o->directory);
    else {
        int32_t last = strcmp(now.stage, "last_verifier") == 0 || strcmp(now.stage, "last_measure") == 0 ? now.rounds : now.round;
        while (v.shown < last) show_round(&v);
        code = play(&v);
    }
    pvg_scheduler_destroy(v.scheduler);
    return code;
}

int command_resume(int argc, char **argv) {
    resume_options o = {.directory = NULL};
    argp_parse(&resume_argp, argc, argv, 0, NULL, &o);
    pvg_context *context;
    int code = EXIT_USAGE;
    if (o.common.preset != NULL || o.common.configs > 0 || o.common.sets > 0)
        fail_with(EXIT_USAGE, "resume takes its settings from the run directory; --preset, --config and --set do not apply");
    else if ((code = open_context(&o.common, &context)) == EXIT_DONE) {
        code = resume_with(&o, context);
        pvg_context_destroy(context);
    }
    common_free(&o.common);
    return code;
}
