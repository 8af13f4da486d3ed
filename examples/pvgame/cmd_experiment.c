/* cmd_experiment.c - `pvgame experiment`: many games, attacks and measures, and what they say of the paper's claims. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "experiment.h"

typedef struct experiment_options {
    common common;
    const char *name, *out, *seeds;
    int jobs;
    bool dry_run, list, show;
} experiment_options;

enum { KEY_SEEDS = 0x700, KEY_DRY_RUN, KEY_SHORT, KEY_LIST, KEY_SHOW };
static const struct argp_option options[] = {
    {"out", 'o', "DIR", 0, "Directory of the experiment (default: experiment-NAME); one that holds it already goes on",
     0},
    {"seeds", KEY_SEEDS, "LIST", 0, "Seeds instead of the file's, for example 1,2,3", 0},
    {"jobs", 'j', "N", 0, "Tasks at a time (default: one per processor)", 0},
    {"short", KEY_SHORT, NULL, 0, "The same as the name short: minutes instead of hours", 0},
    {"dry-run", KEY_DRY_RUN, NULL, 0, "Say what would be done, and what time, memory and disk that takes", 0},
    {"list", KEY_LIST, NULL, 0, "List the experiments that are built in", 0},
    {"show", KEY_SHOW, NULL, 0, "Print the experiment's file: to read, or to write one of your own", 0},
    {0}};

static void name_it(struct argp_state *state, experiment_options *o, const char *name) {
    if (o->name != NULL) argp_error(state, "one experiment is wanted, and '%s' is a second", name);
    o->name = name;
}

static error_t parse(int key, char *arg, struct argp_state *state) {
    experiment_options *o = state->input;
    switch (key) {
    case ARGP_KEY_INIT: state->child_inputs[0] = &o->common; break;
    case 'o': o->out = arg; break;
    case 'j': o->jobs = (int)whole_of(state, "--jobs", arg, 1); break;
    case KEY_SEEDS: o->seeds = arg; break;
    case KEY_SHORT: name_it(state, o, "short"); break;
    case KEY_DRY_RUN: o->dry_run = true; break;
    case KEY_LIST: o->list = true; break;
    case KEY_SHOW: o->show = true; break;
    case ARGP_KEY_ARG: name_it(state, o, arg); break;
    default: return ARGP_ERR_UNKNOWN;
    }
    return 0;
}

static const struct argp_child children[] = {{&common_argp, 0, "Settings (--set alone, for every arm) and machine:", 1},
                                             {0}};
static const struct argp experiment_argp = {
    .options = options,
    .parser = parse,
    .children = children,
    .args_doc = "[FILE.yaml|NAME]",
    .doc = "Play the games of an experiment under several seeds, attack their verifiers, put the numbers together with "
           "90 % intervals, and "
           "judge the paper's claims on them. Without a name: the default experiment.\v"
           "An experiment is a YAML file: name, seeds (a list), settings (a list of NAME=VALUE, for all), and arms, a "
           "list of name, kind, "
           "about, preset, settings, no_attack, no_measure. kind says what an arm is to the claims: game, correctness, "
           "game_cost, "
           "correctness_cost, cgc, goodhart, size, check.\n\nEach run is an ordinary run directory DIR/ARM-SEED, which "
           "every other command "
           "reads. An experiment that was interrupted goes on when the same command is given again; seeds and arms may "
           "be added to one that is "
           "done. experiment.json holds all numbers and findings."};

static int list_experiments(void) {
    for (size_t i = 0; embedded_experiments[i].name != NULL; i++) {
        trial *x;
        int code = experiment_open(embedded_experiments[i].name, &x);
        if (code != EXIT_DONE) return code;
        printf("%-14s %s\n%-14s %u arms, %u seeds%s%s\n", x->name, x->title != NULL ? x->title : "", "", x->arms_count,
               x->seeds_count, x->cost != NULL ? "; " : "", x->cost != NULL ? x->cost : "");
        experiment_free(x);
    }
    return EXIT_DONE;
}

static int show_experiment(const char *name) {
    for (size_t i = 0; embedded_experiments[i].name != NULL; i++)
        if (strcmp(name, embedded_experiments[i].name) == 0) {
            fputs(embedded_experiments[i].yaml, stdout);
            return EXIT_DONE;
        }
    return fail_with(EXIT_INPUT, "there is no built-in experiment '%s'; `pvgame experiment --list` lists them", name);
}

/* A directory holds one experiment: new arms and seeds may come, but what an arm is stays. */
static int claim_directory(const trial *x, const char *directory) {
    char path[MODEL_PATH + 32];
    const char *different = "";
    trial *before;
    if (mkdir(directory, 0777) != 0 && errno != EEXIST)
        return fail_with(errno == ENOSPC ? EXIT_RESOURCE : EXIT_INPUT, "%s: cannot be made: %s", directory,
                         strerror(errno));
    snprintf(path, sizeof path, "%s/experiment.yaml", directory);
    if (path_exists(path)) {
        int code = experiment_open(path, &before);
        if (code != EXIT_DONE) return code;
        bool same = experiment_agrees(x, before, &different);
        if (!same)
            code =
                fail_with(EXIT_INPUT, "%s holds runs of '%s' with other settings; choose another directory with --out",
                          directory, different);
        experiment_free(before);
        if (code != EXIT_DONE) return code;
    } else if (rmdir(directory) != 0) { /* it must have been empty */
        return fail_with(EXIT_INPUT, "%s is not empty and holds no experiment; choose another directory with --out",
                         directory);
    } else if (mkdir(directory, 0777) != 0) {
        return fail_with(EXIT_INPUT, "%s: cannot be made: %s", directory, strerror(errno));
    }
    return experiment_save(x, path);
}

static size_t tasks_left(const plan *p) {
    size_t left = 0;
    for (size_t i = 0; i < p->count; i++) left += p->task[i].state != TASK_DONE;
    return left;
}

/* DIR/report.html. What it says is in experiment.json, too: without it the experiment is no less done. */
static void write_report(const char *directory) {
    char *words[] = {(char *)"pvgame report", (char *)directory, (char *)"--quiet", NULL};
    if (command_report(3, words) == EXIT_DONE) printf("\nto look at, samples included: %s/report.html\n", directory);
}

static int run(const experiment_options *o, pvg_context *context, plan *p, int jobs, int threads) {
    int code = claim_directory(p->experiment, p->directory);
    if (code != EXIT_DONE) return code;
    size_t left = tasks_left(p);
    if (!o->common.quiet)
        printf("pvgame %s, experiment %s in %s: %zu of %zu tasks to do, %d at a time\n", pvg_version_string(),
               p->experiment->name, p->directory, left, p->count, jobs);
    fflush(stdout);
    if (left > 0) code = plan_run(p, &o->common, jobs, threads);
    pvg_experiment *results;
    int written = results_write(context, p, &results);
    if (written != EXIT_DONE) return code != EXIT_DONE ? code : written;
    if (!o->common.quiet && code != EXIT_INTERRUPTED) results_print(results, p, stdout);
    pvg_experiment_destroy(results);
    if (code == EXIT_INTERRUPTED)
        return fail_with(EXIT_INTERRUPTED, "interrupted; what is done was kept. Go on with the same command");
    if (o->common.quiet) return code;
    write_report(p->directory);
    printf("everything is in %s: experiment.json, and a run directory for each arm and seed\n", p->directory);
    return code;
}

static int with_experiment(const experiment_options *o, pvg_context *context, trial *x) {
    char buffer[128];
    const char *directory = o->out;
    plan p;
    int code = o->seeds != NULL ? experiment_set_seeds(x, o->seeds) : EXIT_DONE;
    if (code == EXIT_DONE) code = experiment_add_settings(x, o->common.set, o->common.sets);
    if (code != EXIT_DONE) return code;
    if (directory == NULL) {
        snprintf(buffer, sizeof buffer, "experiment-%s", x->name);
        directory = buffer;
    }
    if ((code = plan_make(context, x, directory, &p)) != EXIT_DONE) return code;
    plan_look(&p);
    int jobs = o->jobs > 0 ? o->jobs : pvg_context_threads(context);
    if ((size_t)jobs > p.count) jobs = (int)p.count;
    int threads = pvg_context_threads(context) > jobs ? pvg_context_threads(context) / jobs : 1;
    code = o->dry_run ? plan_print(&o->common, &p, jobs, threads, stdout) : run(o, context, &p, jobs, threads);
    plan_free(&p);
    return code;
}

int command_experiment(int argc, char **argv) {
    experiment_options o = {.jobs = 0};
    argp_parse(&experiment_argp, argc, argv, 0, NULL, &o);
    const char *name = o.name != NULL ? o.name : "default";
    pvg_context *context;
    trial *x;
    int code;
    if (o.list)
        code = list_experiments();
    else if (o.show)
        code = show_experiment(name);
    else if (o.common.preset != NULL || o.common.configs > 0)
        code = fail_with(EXIT_USAGE,
                         "an experiment's file says what its arms are; --preset and --config do not apply, --set does");
    else if ((code = experiment_open(name, &x)) == EXIT_DONE) {
        if ((code = open_context(&o.common, &context)) == EXIT_DONE) {
            code = with_experiment(&o, context, x);
            pvg_context_destroy(context);
        }
        experiment_free(x);
    }
    common_free(&o.common);
    return code;
}
