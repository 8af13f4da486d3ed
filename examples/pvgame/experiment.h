/* experiment.h - what `pvgame experiment` is made of. */
#ifndef PVGAME_EXPERIMENT_H
#define PVGAME_EXPERIMENT_H

#include <jansson.h>

#include "cli.h"

/* ---- experiment_file.c: what an experiment is ---- */

/* One way of playing; run under every seed. Settings are "name=value", as --set takes them. */
typedef struct trial_arm {
    char *name, *about;
    char *kind; /* what it is to the claims: pvg_experiment_arm */
    char *preset;
    char *judge; /* the arm whose first verifier of another seed is the independent judge; NULL: this one, "": none */
    bool no_attack, no_measure;
    uint32_t draws; /* samples a problem of every round's helpful prover, for best-of-n; 0: none */
    char **settings;
    unsigned settings_count;
} trial_arm;
typedef struct trial {
    char *name, *title, *about, *cost;
    uint64_t *seeds;
    char **settings; /* of all arms, before their own */
    trial_arm *arms;
    unsigned seeds_count, settings_count, arms_count;
} trial;
/* A file, or the name of a built-in experiment. */
int experiment_open(const char *name, trial **out);
void experiment_free(trial *x);
/* Replace the seeds by "1,2,3"; add settings that win over all others. */
int experiment_set_seeds(trial *x, const char *list);
int experiment_add_settings(trial *x, const char *const *settings, size_t count);
/* As YAML that experiment_open reads back. */
int experiment_save(const trial *x, const char *path);
/* Is every arm that both have the same in both? If not, *different is its name. */
bool experiment_agrees(const trial *x, const trial *other, const char **different);
/* Built-in experiments, embedded at build time; ends with one without a name. */
typedef struct embedded_experiment {
    const char *name, *yaml;
} embedded_experiment;
extern const embedded_experiment embedded_experiments[];

/* All settings of one run. */
int arm_settings(pvg_context *context, const trial *x, const trial_arm *a, uint64_t seed, pvg_settings **out);

/* ---- experiment_plan.c: what has to be done, and what that will take ---- */

enum { DRAW_PROBLEMS = 64 }; /* on which each round's prover draws many solutions */

/* A run's game, then what is asked of its models: each a command of this program. */
typedef enum task_kind { TASK_GAME = 0, TASK_ATTACK, TASK_DRAW, TASK_CHOOSE, TASK_MEASURE, TASK_KINDS } task_kind;
typedef enum task_state { TASK_WAITING = 0, TASK_RUNNING, TASK_DONE, TASK_FAILED } task_state;
typedef struct task {
    const trial_arm *arm;
    uint64_t seed;
    task_kind kind;
    size_t game;          /* index of the run's game; its own for a game */
    size_t draws, judge;  /* other tasks that must be done first; the game again where there are none */
    double units;         /* expected work, in arbitrary units */
    int parts;            /* how many countings its progress is made of */
    double seconds;       /* that it took; 0: not done, or not known */
    task_state state;
    double fraction;
    char note[96];
    char run[MODEL_PATH]; /* its run directory */
} task;
typedef struct plan {
    const trial *experiment;
    const char *directory;
    task *task;
    size_t count;
    double *ratio;    /* by arm: verifier's parameters over the prover's */
    uint64_t *memory; /* by arm: bytes of its game */
    double disk;      /* bytes that all runs together will take */
} plan;
int plan_make(pvg_context *context, const trial *x, const char *directory, plan *out);
void plan_free(plan *p);
/* Which tasks are done already, and how long they took. */
void plan_look(plan *p);
/* Keep how long tasks took. */
int plan_keep_times(const plan *p);
/* What it all will take; plays a short game, with the threads of one job, to measure the machine unless a task was timed. */
int plan_print(const common *options, const plan *p, int jobs, int threads_a_job, FILE *out);
const char *task_name(const task *t, char *buffer, size_t size);
/* The run directory whose first verifier judges a task's solutions: of another seed. NULL: none. */
const char *task_judge(const plan *p, const task *t);
/* The file that a task writes. */
const char *task_file(const task *t, char *buffer, size_t size);

/* ---- experiment_run.c: doing it ---- */

/* So many tasks at a time, each a process of its own. EXIT_DONE when every task is done. */
int plan_run(plan *p, const common *options, int jobs, int threads_a_job);

/* ---- experiment_result.c: what came of it ---- */

/* Gather what the runs found and write DIR/experiment.json. */
int results_write(pvg_context *context, const plan *p, pvg_experiment **out);
void results_print(pvg_experiment *results, const plan *p, FILE *out);
/* Write a file beside and rename it. */
int write_whole(const char *path, const char *text, size_t length);

#endif
