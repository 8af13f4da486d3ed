/* experiment_plan.c - the tasks of an experiment: what is done, what is left, and what that will take. */
#include "experiment.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* ---- how much work a task is ---- */

static double number_setting(const pvg_settings *settings, const char *name) {
    double value = 0;
    pvg_settings_get_real(settings, name, &value);
    return value;
}

/* What a settings' players are, for estimates. */
typedef struct sizes {
    double prover, verifier; /* parameters */
    double text;             /* tokens of a prompt and a solution */
    uint64_t memory;
} sizes;

typedef struct plan_text {
    pvg_context *context;
    const pvg_settings *settings;
} plan_text;

static pvg_status describe(void *arg, char *buffer, size_t capacity, size_t *needed) {
    const plan_text *p = arg;
    return pvg_plan_describe(p->context, p->settings, buffer, capacity, needed);
}

static int find_sizes(pvg_context *context, const pvg_settings *settings, sizes *out) {
    pvg_status status;
    plan_text arg = {context, settings};
    char *text = fetch_text(describe, &arg, &status);
    if (text == NULL) return fail(context);
    json_t *root = json_loads(text, 0, NULL);
    *out = (sizes){.prover = json_number_value(json_object_get(json_object_get(root, "prover"), "parameters")),
                   .verifier = json_number_value(json_object_get(json_object_get(root, "verifier"), "parameters")),
                   .text = 0.4 * number_setting(settings, "prover.context"),
                   .memory = (uint64_t)json_number_value(json_object_get(root, "total"))};
    json_decref(root);
    free(text);
    return EXIT_DONE;
}

/* Operations, more or less: a token costs 2 a parameter to read, 6 to learn from, and about 6 to write. */
enum { READ = 2, LEARN = 6, WRITE = 6 };

/* A step of policy training: write, let the verifier read, learn, read the reference. */
static double prover_step(const pvg_settings *s, const sizes *z) {
    double samples = number_setting(s, "prover_train.batch") * number_setting(s, "prover_train.group");
    return samples * z->text * ((WRITE + LEARN + READ) * z->prover + READ * z->verifier);
}

static double training(const pvg_settings *s, const char *part, double parameters, const sizes *z) {
    char steps[64], batch[64];
    snprintf(steps, sizeof steps, "%s.steps", part);
    snprintf(batch, sizeof batch, "%s.batch", part);
    return number_setting(s, steps) * number_setting(s, batch) * z->text * LEARN * parameters;
}

static bool is_correctness_alone(const pvg_settings *s) {
    const char *mode = "";
    pvg_settings_get(s, "mode", &mode);
    return strcmp(mode, "correctness") == 0;
}

/* The baseline: one prover, trained on and tested. */
static double correctness_units(const pvg_settings *s, const sizes *z) {
    double written = z->text * WRITE * z->prover, rounds = number_setting(s, "rounds.count");
    return training(s, "base", z->prover, z) + training(s, "roles", z->prover, z) +
           written * number_setting(s, "roles.samples") +
           rounds * (number_setting(s, "prover_train.steps") * prover_step(s, z) +
                     2 * written * number_setting(s, "evaluate.problems"));
}

static double game_units(const pvg_settings *s, const sizes *z) {
    if (is_correctness_alone(s)) return correctness_units(s, z);
    double written = z->text * (WRITE * z->prover + READ * z->verifier), rounds = number_setting(s, "rounds.count");
    double before = training(s, "base", z->prover, z) + training(s, "verifier_base", z->verifier, z) +
                    training(s, "roles", z->prover, z) +
                    written * (number_setting(s, "roles.samples") + number_setting(s, "pool.base_samples"));
    double tested = number_setting(s, "evaluate.problems"), control = 8 * number_setting(s, "evaluate.control");
    double verifier = training(s, "verifier_train", z->verifier, z) +
                      z->text * READ * z->verifier * (control + tested * (rounds + 2));
    double round = verifier + number_setting(s, "prover_train.steps") * prover_step(s, z) +
                   written * (number_setting(s, "pool.round_samples") + 4 * tested);
    return before + rounds * round + verifier;
}

static double rewards_of(const pvg_settings *s) {
    const char *list = "";
    pvg_settings_get(s, "attack.rewards", &list);
    double count = *list != '\0';
    for (; *list != '\0'; list++) count += *list == ',';
    return count;
}

static double attack_units(const pvg_settings *s, const sizes *z) {
    double samples = (number_setting(s, "attack.best_of") + 1) * number_setting(s, "evaluate.problems");
    return rewards_of(s) * number_setting(s, "attack.steps") * prover_step(s, z) +
           samples * z->text * (WRITE * z->prover + READ * z->verifier);
}

static double measure_units(const pvg_settings *s, const sizes *z) {
    double rounds = number_setting(s, "rounds.count");
    return (rounds + 1) *
           (2 * number_setting(s, "evaluate.problems") * (rounds + 1) + 8 * number_setting(s, "evaluate.control")) *
           z->text * READ * z->verifier;
}

/* ---- the list ---- */

static double draw_units(const trial_arm *a, const pvg_settings *s, const sizes *z) {
    return number_setting(s, "rounds.count") * DRAW_PROBLEMS * a->draws * z->text *
           (WRITE * z->prover + READ * z->verifier);
}

/* Made last for this run; NULL without memory. */
static task *add_task(plan *p, const trial_arm *a, uint64_t seed, task_kind kind, double units) {
    task *grown = realloc(p->task, (p->count + 1) * sizeof *grown);
    if (grown == NULL) return NULL;
    p->task = grown;
    task *t = &grown[p->count];
    size_t game = kind == TASK_GAME ? p->count : p->task[p->count - 1].game;
    *t = (task){
        .arm = a, .seed = seed, .kind = kind, .game = game, .draws = game, .judge = game, .units = units, .parts = 1};
    snprintf(t->run, sizeof t->run, "%s/%s-%llu", p->directory, a->name, (unsigned long long)seed);
    p->count++;
    return t;
}

static bool add_run(plan *p, const trial_arm *a, uint64_t seed, const pvg_settings *s, const sizes *z) {
    double targets = number_setting(s, "rounds.count") + 1,
           rewards = rewards_of(s); /* verifiers: each round's and the last */
    if (add_task(p, a, seed, TASK_GAME, game_units(s, z)) == NULL) return false;
    if (!a->no_attack) {
        task *t = add_task(p, a, seed, TASK_ATTACK, targets * attack_units(s, z));
        if (t == NULL) return false;
        t->parts = (int)(targets * (rewards + 2));
    }
    if (a->draws > 0) {
        if (add_task(p, a, seed, TASK_DRAW, draw_units(a, s, z)) == NULL) return false;
        task *t = add_task(p, a, seed, TASK_CHOOSE, 0.1 * draw_units(a, s, z));
        if (t == NULL) return false;
        t->draws = p->count - 2;
    }
    return a->no_measure || add_task(p, a, seed, TASK_MEASURE, measure_units(s, z)) != NULL;
}

/* Models, samples (about 20 bytes each, compressed) and a checkpoint that holds the solutions and two models or three. */
static double disk_of(const pvg_settings *s, const sizes *z) {
    double rounds = number_setting(s, "rounds.count");
    double samples = rounds * (number_setting(s, "prover_train.steps") * number_setting(s, "prover_train.batch") *
                                   number_setting(s, "prover_train.group") +
                               number_setting(s, "pool.round_samples") + 3 * number_setting(s, "evaluate.problems"));
    double models = 4 * (z->prover * (rounds + 2) + z->verifier * (rounds + 2));
    return models + 20 * samples + 12 * z->prover +
           400 * (number_setting(s, "pool.base_samples") + rounds * number_setting(s, "pool.round_samples"));
}

static const task *game_of(const plan *p, const char *arm, uint64_t seed) {
    for (size_t i = 0; i < p->count; i++)
        if (p->task[i].kind == TASK_GAME && p->task[i].seed == seed && strcmp(p->task[i].arm->name, arm) == 0)
            return &p->task[i];
    return NULL;
}

static const task *judging_game(const plan *p, const task *t) {
    const trial *x = p->experiment;
    const char *arm = t->arm->judge != NULL ? t->arm->judge : t->arm->name;
    unsigned at = 0;
    while (at < x->seeds_count && x->seeds[at] != t->seed) at++;
    return x->seeds_count > 1 && arm[0] != '\0' ? game_of(p, arm, x->seeds[(at + 1) % x->seeds_count]) : NULL;
}

int plan_make(pvg_context *context, const trial *x, const char *directory, plan *out) {
    *out = (plan){.experiment = x, .directory = directory};
    out->ratio = calloc(x->arms_count, sizeof *out->ratio);
    out->memory = calloc(x->arms_count, sizeof *out->memory);
    int code = out->ratio != NULL && out->memory != NULL ? EXIT_DONE : fail_with(EXIT_RESOURCE, "out of memory");
    for (unsigned s = 0; s < x->seeds_count && code == EXIT_DONE; s++)
        for (unsigned a = 0; a < x->arms_count && code == EXIT_DONE; a++) {
            pvg_settings *settings;
            sizes z = {0};
            if ((code = arm_settings(context, x, &x->arms[a], x->seeds[s], &settings)) != EXIT_DONE) break;
            code = find_sizes(context, settings, &z);
            if (code == EXIT_DONE && !add_run(out, &x->arms[a], x->seeds[s], settings, &z))
                code = fail_with(EXIT_RESOURCE, "out of memory");
            out->ratio[a] = z.verifier / z.prover;
            out->memory[a] = z.memory;
            out->disk += disk_of(settings, &z);
            pvg_settings_destroy(settings);
        }
    for (size_t i = 0; i < out->count && code == EXIT_DONE; i++) {
        task *t = &out->task[i];
        const task *judge = t->kind == TASK_MEASURE ? judging_game(out, t) : NULL;
        if (judge != NULL) t->judge = judge->game;
    }
    if (code != EXIT_DONE) plan_free(out);
    return code;
}

void plan_free(plan *p) {
    free(p->task);
    free(p->ratio);
    free(p->memory);
    *p = (plan){.count = 0};
}

const char *task_name(const task *t, char *buffer, size_t size) {
    static const char *const what[TASK_KINDS] = {"", " attacks", " draws", " choices", " measures"};
    snprintf(buffer, size, "%s-%llu%s", t->arm->name, (unsigned long long)t->seed, what[t->kind]);
    return buffer;
}

const char *task_judge(const plan *p, const task *t) {
    const task *game = judging_game(p, t);
    return game != NULL ? game->run : NULL;
}

const char *task_file(const task *t, char *buffer, size_t size) {
    static const char *const name[TASK_KINDS] = {"report.json", "attack.json", "draws.jsonl", "choices.json",
                                                 "measures.json"};
    snprintf(buffer, size, "%s/%s", t->run, name[t->kind]);
    return buffer;
}

/* ---- what is done, and how long it took ---- */

static void times_path(const plan *p, char *buffer, size_t size) {
    snprintf(buffer, size, "%s/times.json", p->directory);
}

/* A game's report is its last word; the others' files grow while they work, and their time is kept when they end. */
void plan_look(plan *p) {
    char path[MODEL_PATH + 32], name[128];
    times_path(p, path, sizeof path);
    json_t *times = json_load_file(path, 0, NULL); /* without it nothing is known of times */
    for (size_t i = 0; i < p->count; i++) {
        task *t = &p->task[i];
        double seconds = json_number_value(json_object_get(times, task_name(t, name, sizeof name)));
        bool done = path_exists(task_file(t, path, sizeof path)) && (t->kind == TASK_GAME || seconds > 0);
        t->state = done ? TASK_DONE : TASK_WAITING;
        t->fraction = done;
        t->seconds = done ? seconds : 0;
    }
    json_decref(times);
}

int write_whole(const char *path, const char *text, size_t length) {
    char beside[MODEL_PATH + 80];
    snprintf(beside, sizeof beside, "%s.new", path);
    FILE *file = fopen(beside, "w");
    bool written =
        file != NULL && fwrite(text, 1, length, file) == length && fflush(file) == 0 && fsync(fileno(file)) == 0;
    int error = errno;
    if (file != NULL && fclose(file) != 0 && written) {
        written = false;
        error = errno;
    }
    if (written && rename(beside, path) == 0) return EXIT_DONE;
    if (written) error = errno;
    unlink(beside);
    return fail_with(error == ENOSPC ? EXIT_RESOURCE : EXIT_INPUT, "%s: cannot be written: %s", path, strerror(error));
}

int plan_keep_times(const plan *p) {
    char path[MODEL_PATH + 16], name[128];
    json_t *times = json_object();
    for (size_t i = 0; i < p->count; i++)
        if (p->task[i].seconds > 0)
            json_object_set_new(times, task_name(&p->task[i], name, sizeof name), json_real(p->task[i].seconds));
    char *text = json_dumps(times, JSON_INDENT(1) | JSON_REAL_PRECISION(6));
    json_decref(times);
    if (text == NULL) return fail_with(EXIT_RESOURCE, "out of memory");
    times_path(p, path, sizeof path);
    int code = write_whole(path, text, strlen(text));
    free(text);
    return code;
}

/* ---- estimates ---- */

/* Seconds a unit, from a game of the first arm with few steps of everything. */
/* So little training may leave nothing to go on with: what was done until then tells the speed all the same. */
static int play_until_it_ends(pvg_context *context, pvg_scheduler *game, double *done) {
    pvg_progress now = {.struct_size = sizeof now};
    pvg_status status = pvg_scheduler_run(game);
    if (pvg_scheduler_progress(game, &now) != PVG_OK) return fail(context);
    *done = now.fraction;
    return status == PVG_OK || (status == PVG_E_STATE && now.fraction > 0.05) ? EXIT_DONE : fail(context);
}

static int play_a_little(pvg_context *context, const plan *p, double *rate) {
    static const char *const little[] = {"problems.train=2048",    "problems.test=64",        "base.steps=40",
                                         "base.warmup=5",          "verifier_base.steps=40",  "verifier_base.warmup=5",
                                         "roles.samples=256",      "roles.steps=8",           "pool.base_samples=512",
                                         "pool.round_samples=128", "verifier_train.steps=20", "verifier_train.warmup=2",
                                         "prover_train.steps=4",   "prover_train.warmup=1",   "rounds.count=1",
                                         "evaluate.problems=64",   "evaluate.control=32",     "stop.rule=fixed"};
    pvg_settings *settings;
    pvg_scheduler *game = NULL;
    double done = 1;
    sizes z;
    int code = arm_settings(context, p->experiment, &p->experiment->arms[0], p->experiment->seeds[0], &settings);
    if (code != EXIT_DONE) return code;
    for (size_t i = 0; i < sizeof little / sizeof little[0] && code == EXIT_DONE; i++)
        code = assign_setting(context, settings, little[i]);
    double began = clock_seconds();
    if (code == EXIT_DONE) code = find_sizes(context, settings, &z);
    catch_signals(context);
    if (code == EXIT_DONE && pvg_scheduler_create(context, settings, NULL, &game) != PVG_OK) code = fail(context);
    if (code == EXIT_DONE) code = play_until_it_ends(context, game, &done);
    catch_signals(NULL);
    if (code == EXIT_DONE) *rate = (clock_seconds() - began) / (done * game_units(settings, &z));
    pvg_scheduler_destroy(game);
    pvg_settings_destroy(settings);
    return code;
}

static int calibrate(const common *options, int threads, const plan *p, double *rate) {
    common with = *options;
    pvg_context *context;
    with.threads = threads;
    int code = open_context(&with, &context);
    if (code != EXIT_DONE) return code;
    if (!options->quiet)
        fprintf(stderr, "pvgame: playing a few steps of '%s' to measure this machine\n", p->experiment->arms[0].name);
    code = play_a_little(context, p, rate);
    pvg_context_destroy(context);
    return code;
}

/* From tasks whose times are known. */
static double known_rate(const plan *p) {
    double seconds = 0, units = 0;
    for (size_t i = 0; i < p->count; i++)
        if (p->task[i].seconds > 0) {
            seconds += p->task[i].seconds;
            units += p->task[i].units;
        }
    return units > 0 ? seconds / units : 0;
}

static double seconds_of(const task *t, double rate) { return t->seconds > 0 ? t->seconds : t->units * rate; }

/* All that is left, `jobs` at a time: at least the longest run, whose tasks wait for each other. */
static double seconds_left(const plan *p, double rate, int jobs) {
    double total = 0, longest = 0, run = 0;
    for (size_t i = 0; i < p->count; i++) {
        const task *t = &p->task[i];
        if (t->kind == TASK_GAME) run = 0;
        if (t->state == TASK_DONE) continue;
        double seconds = seconds_of(t, rate);
        total += seconds;
        if (t->kind == TASK_GAME || p->task[t->game].state == TASK_DONE)
            run = fmax(run, seconds);
        else
            run = fmax(run, seconds_of(&p->task[t->game], rate) + seconds);
        longest = fmax(longest, run);
    }
    return fmax(total / jobs, longest);
}

static void print_arm(const plan *p, unsigned a, double rate, FILE *out) {
    const trial_arm *arm = &p->experiment->arms[a];
    double seconds[TASK_KINDS] = {0};
    size_t runs = 0, done = 0, tasks = 0;
    for (size_t i = 0; i < p->count; i++) {
        const task *t = &p->task[i];
        if (t->arm != arm) continue;
        seconds[t->kind] += seconds_of(t, rate);
        runs += t->kind == TASK_GAME;
        tasks++;
        done += t->state == TASK_DONE;
    }
    char game[32], attack[32], measure[32];
    fprintf(out, "%-22s %4zu %7.3f %9s %9s %9s %7.0f MiB %5zu/%zu  %s\n", arm->name, runs, p->ratio[a],
            duration_text(seconds[TASK_GAME] / (double)runs, game, sizeof game),
            duration_text(seconds[TASK_ATTACK] / (double)runs, attack, sizeof attack),
            duration_text((seconds[TASK_DRAW] + seconds[TASK_CHOOSE] + seconds[TASK_MEASURE]) / (double)runs, measure,
                          sizeof measure),
            (double)p->memory[a] / 1048576, done, tasks, arm->about != NULL ? arm->about : "");
}

int plan_print(const common *options, const plan *p, int jobs, int threads, FILE *out) {
    const trial *x = p->experiment;
    double rate = known_rate(p);
    bool measured = rate > 0;
    int code = measured ? EXIT_DONE : calibrate(options, threads, p, &rate);
    if (code != EXIT_DONE) return code;
    fprintf(out, "experiment %s%s%s\n%u seeds, %u arms, in %s\n\n", x->name, x->title != NULL ? ": " : "",
            x->title != NULL ? x->title : "", x->seeds_count, x->arms_count, p->directory);
    fprintf(out, "%-22s %4s %7s %9s %9s %9s %11s %7s\n", "arm", "runs", "ratio", "game", "attacks", "measures",
            "memory", "done");
    uint64_t memory = 0;
    for (unsigned a = 0; a < x->arms_count; a++) {
        print_arm(p, a, rate, out);
        if (p->memory[a] > memory) memory = p->memory[a];
    }
    char left[32];
    fprintf(out,
            "\nabout %s left with %d at a time (times are of one run; %s)\nup to %.0f MiB of memory, about %.0f MiB of "
            "disk in all\n",
            duration_text(seconds_left(p, rate, jobs), left, sizeof left), jobs,
            measured ? "from the tasks that are done" : "estimated from a few steps: good to a factor of 2",
            (double)memory * jobs / 1048576, p->disk / 1048576);
    if (x->cost != NULL) fprintf(out, "measured before: %s\n", x->cost);
    return EXIT_DONE;
}
