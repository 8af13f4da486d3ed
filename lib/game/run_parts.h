/* run_parts.h - the run directory's inside: shared by run.c, checkpoint.c and resume.c alone. */
#ifndef PVI_RUN_PARTS_H
#define PVI_RUN_PARTS_H

#include "base/digest.h"
#include "base/file.h"
#include "game/run.h"

/* A model that was written, and the digest of its weights: a checkpoint that refers to it can tell damage. */
typedef struct pvi_kept_model {
    char name[48], digest[33];
} pvi_kept_model;

struct pvi_run {
    pvi_env *env;
    char *directory;
    pvi_lock *lock;
    pvi_appender *metrics, *samples;
    pvi_text metric_lines, sample_lines; /* since the last checkpoint */
    size_t metric_mark, sample_mark;     /* what lies behind belongs to the unit in progress */
    double last_checkpoint;              /* seconds of a monotonic clock; negative: none yet */
    int32_t policy_round;                /* whose prover is game->policy; -1: none */
    pvi_kept_model *kept;
    size_t kept_count, kept_capacity;
};

#define PVI_RUN_CHECKPOINT "checkpoint"

/* DIRECTORY/name into *out. */
pvg_status pvi_run_path(const pvi_run *run, const char *name, pvi_text *out);
/* Claim the directory, open the logs (cut to these lengths) and set game->run and game->recorder. */
pvg_status pvi_run_open(pvi_game *game, const char *directory, pvi_lock *lock, uint64_t metric_bytes, uint64_t sample_bytes);
/* Of models/NAME/model.safetensors as it stands on disk. */
pvg_status pvi_run_weights_digest(const pvi_run *run, const char *name, char digest[33]);
pvg_status pvi_run_keep(pvi_run *run, const char *name, const char *digest);
const char *pvi_run_kept(const pvi_run *run, const char *name); /* the digest, or NULL */
/* Put what was gathered on disk; the files' lengths then. */
pvg_status pvi_run_flush(pvi_run *run, uint64_t *metric_bytes, uint64_t *sample_bytes);

/* Every number of a game's state that is not a model or a solution, as names and addresses: one list for writing and
 * reading. Doubles travel as the bits of an I64. */
typedef struct pvi_state_field {
    const char *name;
    const char *dtype; /* "I32", "I64", "F64" (written as I64) */
    void *data;
    uint64_t count;
} pvi_state_field;
enum { PVI_STATE_FIELDS = 24 };
size_t pvi_state_fields(pvi_game *game, pvi_run *run, pvi_state_field fields[PVI_STATE_FIELDS]);

/* The records of solutions by their names in a checkpoint. */
enum { PVI_STATE_LISTS = 3 };
typedef struct pvi_state_list {
    const char *name;
    pvi_solutions *all;
} pvi_state_list;
void pvi_state_lists(pvi_game *game, pvi_state_list lists[PVI_STATE_LISTS]);
/* One solution's numbers, as I64 columns. */
enum { PVI_SOLUTION_COLUMNS = 9 };
void pvi_solution_to_row(const pvi_solution *s, int64_t row[PVI_SOLUTION_COLUMNS]);
void pvi_solution_from_row(const int64_t row[PVI_SOLUTION_COLUMNS], pvi_solution *s);

/* Models that a game holds between stages, by name in models/. */
enum { PVI_STATE_MODELS = 5 };
typedef struct pvi_state_model {
    char name[48];
    pvi_model **slot;
} pvi_state_model;
/* The named ones that do not depend on the round, then the newest policies; verifiers are counted by round. */
size_t pvi_state_models(pvi_game *game, int32_t policy_round, pvi_state_model models[PVI_STATE_MODELS]);
void pvi_verifier_name(const pvi_game *game, int32_t which, char name[48]);

#endif
