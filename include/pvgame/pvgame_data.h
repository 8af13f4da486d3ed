/* pvgame_data.h - problems with exact answers, and the step oracle of the built-in ones. Included by pvgame.h.
 *
 * A dataset comes from a file (pvg_dataset_read), from the built-in source (pvg_dataset_generate), or from the program
 * itself (pvg_dataset_create, pvg_dataset_append). Every reference answer is read when it enters: one that cannot be
 * read is an error there, and never makes a solution right or wrong later.
 *
 *     pvg_dataset_create(context, &data);
 *     pvg_dataset_append(data, NULL, "What is 17 + 25?", PVG_NUL_TERMINATED, "42", NULL, 0);
 *     pvg_scheduler_create(context, settings, data, &game);
 *
 * A game cuts its dataset into three parts, disjoint by question: one to train provers on, one for verifiers, one to
 * test with (K section 3.2). */
#ifndef LIBPVGAME_DATA_H
#define LIBPVGAME_DATA_H

#include "pvgame_settings.h"

#ifdef __cplusplus
extern "C" {
#endif

/* ======================================================================================================= dataset == */

/* Problems with exact answers. Immutable once frozen; a game freezes what it is given. */
typedef struct pvg_dataset pvg_dataset;

/* One problem, borrowed from its dataset. Set struct_size before the call. */
typedef struct pvg_problem {
    uint32_t struct_size;     /* sizeof(pvg_problem) */
    int32_t label;            /* of `candidate`: 1 right, 0 wrong, -1 none */
    const char *id;           /* stable: the file's own id, or a digest of the question */
    const char *question;     /* what a player is asked */
    const char *gold;         /* the reference answer */
    const char *solution;     /* a reference solution, "" when there is none */
    const char *candidate;    /* a model's solution, labelled; "" when there is none */
    const char *chain;        /* machine form of a built-in problem, from which the oracle works; "" otherwise */
    uint64_t line;            /* where it stood in its file, from 1; 0 if it came from elsewhere */
} pvg_problem;

/* An empty one, to be filled by pvg_dataset_append. */
PVG_API pvg_status pvg_dataset_create(pvg_context *context, pvg_dataset **out);

/* Reads JSON lines, plain or gzip. Field names come from data.question, data.answer, data.solution, data.id, data.label
 * and data.chain; defaults read GSM8K (`question`, `answer` ending in "#### gold"). data.labelled reads a file of model
 * solutions with correctness labels. A bad line fails the whole read: PVG_E_FORMAT names file, line, field, what was
 * found and what is wanted. data.exclude and data.limit are applied. settings may be NULL. PVG_E_NOT_FOUND for a
 * missing file, PVG_E_IO for one that cannot be read. docs/cli.md describes the files. */
PVG_API pvg_status pvg_dataset_read(pvg_context *context, const char *path, const pvg_settings *settings,
                                    pvg_dataset **out);

/* `count` built-in problems number first .. first+count-1 of the source that the problems.* settings describe, with
 * worked solutions: a pure function of settings, seed and number. settings may be NULL. PVG_E_RANGE for more than there
 * can be. */
PVG_API pvg_status pvg_dataset_generate(pvg_context *context, const pvg_settings *settings, uint64_t first,
                                        uint64_t count, pvg_dataset **out);

/* Adds one problem; texts are copied. solution and id (then a digest of the question) may be NULL. gold is an answer in
 * any form that the grader reads (docs/grader.md). PVG_E_FORMAT if the gold cannot be read as a number or a text is not
 * UTF-8, PVG_E_INVALID for an id that is there already, PVG_E_RANGE for a text of MBs, PVG_E_STATE when frozen. */
PVG_API pvg_status pvg_dataset_append(pvg_dataset *dataset, const char *id, const char *question,
                                      size_t question_length, const char *gold, const char *solution,
                                      size_t solution_length);

/* Adds a model's solution of a problem, labelled 1 (right) or 0 (wrong): what mode=verifier trains on. One question may
 * have many. A dataset holds either problems or labelled solutions (PVG_E_INVALID for a mixture); else as
 * pvg_dataset_append. */
PVG_API pvg_status pvg_dataset_append_labelled(pvg_dataset *dataset, const char *id, const char *question,
                                               size_t question_length, const char *gold, const char *candidate,
                                               size_t candidate_length, int32_t label);

/* The part "prover", "verifier" or "test" of a dataset, as a game with these settings cuts it (seed, data.share_prover,
 * data.share_verifier): the side of a problem depends on seed and question alone, so equal questions stay together.
 * settings may be NULL. PVG_E_NOT_FOUND for another word. */
PVG_API pvg_status pvg_dataset_part(const pvg_dataset *dataset, const pvg_settings *settings, const char *part,
                                    pvg_dataset **out);

/* From now on immutable, and readable from any thread. Freezing again does nothing. */
PVG_API pvg_status pvg_dataset_freeze(pvg_dataset *dataset);

/* How many problems, or labelled solutions, it holds; 0 for NULL. */
PVG_API uint64_t pvg_dataset_count(const pvg_dataset *dataset);

/* Problem number `index`, from 0. The texts live until the dataset changes or is destroyed. PVG_E_RANGE beyond the
 * count. Writes no message: any thread may read a frozen dataset. */
PVG_API pvg_status pvg_dataset_get(const pvg_dataset *dataset, uint64_t index, pvg_problem *out);

/* 32 hex digits and a NUL over the content in order: equal datasets have equal digests. For identity, not security. */
PVG_API pvg_status pvg_dataset_digest(const pvg_dataset *dataset, char out[33]);

/* Writes JSON lines (gzip if the path ends in .gz), whole or not at all; reading them back gives the same digest.
 * PVG_E_IO. */
PVG_API pvg_status pvg_dataset_write(const pvg_dataset *dataset, const char *path);

/* Games and players that were made from it keep what they need. */
PVG_API void pvg_dataset_destroy(pvg_dataset *dataset);

/* =================================================================================================== step oracle == */

/* What the step oracle says of a written solution of a built-in problem. It knows every step of the problem and reads
 * each line of the solution against them. Set struct_size before the call. */
typedef struct pvg_oracle_result {
    uint32_t struct_size;     /* sizeof(pvg_oracle_result) */
    int32_t steps;            /* steps the problem has */
    int32_t full;             /* of them written out as a calculation */
    int32_t bare;             /* written as a result only */
    int32_t omitted;          /* not written at all */
    int32_t arithmetic_errors; /* lines with a op b = c that is false */
    int32_t grounding_errors; /* true-looking lines with a wrong quantity or operation */
    int32_t mismatch;         /* 1: the final answer is not what the last line implies */
    int32_t answered;         /* 1: a final answer was found */
    int32_t right;            /* 1: it is the right one */
    int32_t valid;            /* 1: right, nothing wrong, nothing omitted */
    int32_t fully_shown;      /* 1: valid, and every step written out */
    int64_t answer;           /* the final answer; 0 without one */
    int32_t lines;            /* step lines found, right or wrong */
    int32_t first_error;      /* index of the first wrong line; -1: none */
} pvg_oracle_result;

/* Reads a solution. `chain` is pvg_problem.chain; any text of a solution gets a result. PVG_E_FORMAT for a chain that
 * is none. */
PVG_API pvg_status pvg_oracle_check(pvg_context *context, const char *chain, const char *solution, size_t length,
                                    pvg_oracle_result *out);

/* One step line of a solution as the oracle reads it. Set struct_size before the call. */
typedef struct pvg_oracle_line {
    uint32_t struct_size;     /* sizeof(pvg_oracle_line) */
    int32_t step;             /* of the problem, from 0, that it writes; -1: none */
    int32_t full;             /* 1: a calculation; 0: a result alone */
    int32_t arithmetic;       /* 1: what it says comes out; 0: an arithmetic error */
    int32_t grounded;         /* 1: about the right quantities; 0: a grounding error. Valid: both */
    int32_t distractor;       /* 1: not grounded, and it does what a distractor tells of */
    int32_t omitted;          /* steps not written since the line before, on which this one relies */
    int32_t reserved_zero;
    uint64_t begin;           /* first byte of the solution in which it stands */
    uint64_t end;             /* and the one after its last */
} pvg_oracle_line;

/* Line `index` < pvg_oracle_result.lines of a solution; PVG_E_RANGE beyond, PVG_E_FORMAT for a chain that is none. */
PVG_API pvg_status pvg_oracle_read_line(pvg_context *context, const char *chain, const char *solution, size_t length,
                                        size_t index, pvg_oracle_line *out);

/* Writes a full solution of the problem with one stated error, followed through consistently: what comes after uses the
 * wrong value and is right in itself. The place is drawn by `seed`; every value stays within 0..largest
 * (problems.largest), so that size alone gives no error away. *changed (may be NULL): 0 when the final answer is right
 * all the same. PVG_E_NOT_FOUND when the problem offers no place for the kind, PVG_E_FORMAT for a chain that is none,
 * PVG_E_BUFFER. A verifier that checks tells these from clean solutions: the game's injected-error control. */
PVG_API pvg_status pvg_problem_inject(pvg_context *context, const char *chain, pvg_rendering rendering,
                                      pvg_injection kind, int32_t largest, uint64_t seed, char *buffer, size_t capacity,
                                      size_t *needed, int32_t *changed);

#ifdef __cplusplus
}
#endif
#endif /* LIBPVGAME_DATA_H */
