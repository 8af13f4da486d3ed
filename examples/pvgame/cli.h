/* cli.h - what the commands of the program share. The program uses the public header alone. */
#ifndef PVGAME_CLI_H
#define PVGAME_CLI_H

#include <argp.h>
#include <stdbool.h>
#include <stdio.h>

#include "pvgame/pvgame.h"

/* Exit codes, documented in `pvgame --help` and docs/cli.md. */
enum {
    EXIT_DONE = 0,
    EXIT_OTHER = 1,       /* anything without a code of its own */
    EXIT_USAGE = 2,       /* the command line */
    EXIT_INPUT = 3,       /* a file, a setting or data that cannot be used */
    EXIT_RESOURCE = 4,    /* memory or disk space */
    EXIT_DIVERGED = 5,    /* a number became NaN or infinite */
    EXIT_INTERRUPTED = 130 /* stopped by a signal; a checkpoint was written where there is a run directory */
};

/* What every command that touches models or settings accepts; filled by common_argp. */
typedef struct common {
    const char *preset;
    const char **config; /* YAML files, in order */
    size_t configs;
    const char **set; /* name=value, in order */
    size_t sets;
    int threads;
    const char *engine;
    bool quiet, json_log;
} common;
extern const struct argp common_argp; /* `input` of the child is a common * */
void common_free(common *c);

/* A context as the options ask, with log lines on standard error. Returns an exit code. */
int open_context(const common *c, pvg_context **out);
/* Defaults, then `preset` (or the one asked for), then the files, then the assignments. */
int open_settings(pvg_context *context, const common *c, const char *preset, pvg_settings **out);
/* The same, beginning with the config.yaml of a run directory (NULL: of none). */
int open_run_settings(pvg_context *context, const common *c, const char *run, pvg_settings **out);
int set_setting(pvg_context *context, pvg_settings *settings, const char *name, const char *value);
int assign_setting(pvg_context *context, pvg_settings *settings, const char *assignment); /* "name=value" */

/* "pvgame: <sentence>" on standard error; gives the exit code for the context's last error. */
int fail(pvg_context *context);
int fail_with(int code, const char *format, ...) __attribute__((format(printf, 2, 3)));
int exit_code_of(pvg_status status);

/* For option parsers: end the program with a usage error unless `arg` is what is wanted. */
uint64_t whole_of(struct argp_state *state, const char *option, const char *arg, uint64_t least);
double number_of(struct argp_state *state, const char *option, const char *arg);
const char *one_of(struct argp_state *state, const char *option, const char *arg, const char *names); /* "a|b|c" */

/* The name nearest to what was typed, NULL when none is near; `names` ends with NULL. */
const char *nearest_name(const char *typed, const char *const *names);

/* SIGINT and SIGTERM cancel the context; a second one ends the program at once. */
void catch_signals(pvg_context *context);

/* Open `path` for writing, or give standard output for NULL; refuses to overwrite what is read, `in` (may be NULL). */
int open_output(const char *path, const char *in, FILE **out);
/* Close it and say if not all could be written. Gives the code to go on with. Standard output is looked at when the
 * program ends. */
int close_output(const char *path, FILE *out, int code);

/* yaml.c: overlay a file's settings. */
int read_yaml(pvg_context *context, const char *path, pvg_settings *settings);

/* progress.c: one line on a terminal, a plain line every few seconds elsewhere, nothing when quiet. */
typedef struct progress {
    bool enabled, terminal, json;
    double shown; /* when the last line was written, seconds of a monotonic clock */
    bool open;    /* a line on the terminal that must be cleared before other output */
} progress;
void progress_init(progress *p, const common *c);
void progress_show(progress *p, const pvg_progress *now);
/* For work without a scheduler: done of total. */
void progress_count(progress *p, const char *what, uint64_t done, uint64_t total, double seconds);
/* For many games: `what` is at work (plain letters), so much is done, so many seconds are left (negative: not known yet). */
void progress_whole(progress *p, const char *what, double fraction, double seconds, double left);
void progress_clear(progress *p);
double clock_seconds(void);
/* "1h02m", "3m07s", "12s" */
const char *duration_text(double seconds, char *buffer, size_t size);

/* table.c */
bool is_correctness(const pvg_report *report); /* of a round of mode=correctness */
void table_header(FILE *out, const pvg_report *report);
void table_row(FILE *out, int round, const pvg_report *report);
void table_matrix(FILE *out, const pvg_report *summary, const char *name, const char *title, const char *reading);
double metric(const pvg_report *report, const char *name); /* NaN when there is none */
/* "0.53", "-" for NaN */
const char *number_text(double value, int digits, char *buffer, size_t size);

/* measures.c: what a measurement found, as tables, and what it left out. */
int print_measures(FILE *out, pvg_context *context, pvg_measurement *measurement);

/* players.c: models of a run directory; paths of at most MODEL_PATH bytes. */
enum { MODEL_PATH = 4096 };
typedef struct span {
    const char *data;
    size_t length;
} span;
typedef struct parts { /* of a verifier's score, token by token */
    size_t *end;       /* byte of the solution at which a token ends */
    float *value;
    size_t count;
} parts;
bool path_exists(const char *path);
/* The run directory that the model directory `model` lies in; false when it lies in none. Its settings matter: a verifier
 * reads what the prompt template makes of a question. */
bool run_of_model(const char *model, char *buffer, size_t size);
bool is_directory(const char *path);
int rounds_kept(const char *run);
bool round_model(const char *run, int round, const char *player, char *buffer, size_t size); /* false: there is none */
int newest_verifier(const char *run, char *buffer, size_t size);
int open_prover(pvg_context *context, const char *path, const pvg_settings *settings, pvg_prover **out);
int open_verifier(pvg_context *context, const char *path, const pvg_settings *settings, pvg_verifier **out);
pvg_status try_parts(pvg_verifier *verifier, span question, span solution, parts *out);
int fetch_parts(pvg_context *context, pvg_verifier *verifier, span question, span solution, parts *out);
void parts_free(parts *p);

/* lines.c: JSON lines in and out. */
typedef struct line_reader line_reader;
int lines_open(const char *path, line_reader **out); /* NULL or "-": standard input; .gz is recognised */
/* 1: a line, NUL-terminated, newline removed; 0: the end; -1: failed, said on standard error. */
int lines_next(line_reader *reader, char **line, size_t *length, unsigned long *number);
void lines_close(line_reader *reader);
struct json_t;
/* Takes the object (NULL: out of memory). A write that fails is EXIT_RESOURCE, said when the output is closed. */
int write_json(struct json_t *object, FILE *out);
/* "a.b" reaches into an object; a field of exactly that name goes first. Borrowed; NULL when it is not there. */
struct json_t *line_field(struct json_t *line, const char *name);
/* The shortest decimal that reads back as the same number: 0.1 and not 0.10000000000000001. */
void number_as_text(const struct json_t *value, char *out, size_t size);
/* A JSON text; bytes that are not UTF-8 become U+FFFD. */
struct json_t *text_json(const char *text);

/* Read a whole text that the library returns through (buffer, capacity, needed). */
typedef pvg_status (*text_fn)(void *arg, char *buffer, size_t capacity, size_t *needed);
char *fetch_text(text_fn call, void *arg, pvg_status *status);

/* The commands; argv[0] is "pvgame NAME". */
int command_train(int argc, char **argv);
int command_resume(int argc, char **argv);
int command_eval(int argc, char **argv);
int command_attack(int argc, char **argv);
int command_generate(int argc, char **argv);
int command_score(int argc, char **argv);
int command_grade(int argc, char **argv);
int command_measure(int argc, char **argv);
int command_problems(int argc, char **argv);
int command_plan(int argc, char **argv);
int command_show(int argc, char **argv);
int command_report(int argc, char **argv);
int command_doctor(int argc, char **argv);
int command_bench(int argc, char **argv);
int command_experiment(int argc, char **argv);
int command_settings(int argc, char **argv);

#endif
