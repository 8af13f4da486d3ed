/* dataset.h - problems with exact answers: read, checked, cut into halves that share no question, fingerprinted. */
#ifndef PVI_DATASET_H
#define PVI_DATASET_H

#include "base/env.h"

/* One problem, or one labelled solution of a problem. All texts are UTF-8, NUL-terminated, without NUL inside. */
typedef struct pvi_item {
    const char *id;
    const char *question;
    size_t question_length;
    const char *solution; /* reference solution with its final answer; "" when there is none */
    size_t solution_length;
    const char *gold;      /* canonical text of the reference answer, see grade.h */
    const char *chain;     /* machine form of a built-in problem, or NULL */
    const char *candidate; /* a model's solution, or NULL */
    size_t candidate_length;
    int32_t label; /* of candidate: 1 right, 0 wrong; -1 when there is none */
    uint64_t line; /* in its file, from 1; 0 when it came from elsewhere */
} pvi_item;

/* Longest line of a file, and most items. */
#define PVI_DATASET_LINE ((size_t)16 << 20)
#define PVI_DATASET_ITEMS UINT32_MAX

typedef struct pvi_dataset pvi_dataset;

pvg_status pvi_dataset_create(pvi_env *env, pvi_dataset **out);
pvi_dataset *pvi_dataset_retain(const pvi_dataset *dataset); /* atomic count */
void pvi_dataset_release(pvi_dataset *dataset);              /* NULL is a no-op */

/* Copy one item in. id NULL or "": the digest of the question (of labelled solutions of one question the second gets
 * "-2" behind it, and so on). gold may be in any form the grader reads; its canonical text is kept. An item has a
 * candidate with label 0 or 1, or neither; within a dataset all or none. On failure nothing is added:
 * PVG_E_STATE when frozen, PVG_E_INVALID for a duplicate id (both places named; of items without candidates two with one
 * question need ids of their own) or a bad combination, PVG_E_FORMAT for an unreadable gold, an empty question, invalid
 * UTF-8 or a NUL, PVG_E_RANGE for a text longer than a line may be. */
pvg_status pvi_dataset_append(pvi_env *env, pvi_dataset *dataset, const pvi_item *item);
void pvi_dataset_freeze(pvi_dataset *dataset); /* from now on immutable, and readable from any thread */
bool pvi_dataset_frozen(const pvi_dataset *dataset);

size_t pvi_dataset_count(const pvi_dataset *dataset);
const pvi_item *pvi_dataset_item(const pvi_dataset *dataset, size_t index); /* borrowed; index < count; until the next append */
bool pvi_dataset_labelled(const pvi_dataset *dataset);                      /* items carry candidates */
bool pvi_dataset_find(const pvi_dataset *dataset, const char *id, size_t *index);
/* 32 hex digits over every item's texts and label in order; line numbers do not count. */
pvg_status pvi_dataset_digest(pvi_env *env, const pvi_dataset *dataset, char out[33]);
/* 64-bit hash of a question, white space at the ends and runs of it inside not counting: what "the same question" means
 * to the cut. */
uint64_t pvi_question_hash(uint64_t seed, const char *question, size_t length);

/* ---- files ---- */

/* Field names; NULL: the default. "a.b" reaches into an object (a field really named "a.b" goes first). */
typedef struct pvi_dataset_fields {
    const char *id;        /* "id": text or integer; may be missing */
    const char *question;  /* "question" */
    const char *answer;    /* "answer": text (GSM8K's with "#### 18", "... A: 18", or the answer alone) or a number */
    const char *solution;  /* "solution": reference solution, or the labelled one; may be missing unless labelled */
    const char *label;     /* "is_correct": true, false, 1 or 0; read only when labelled */
    const char *chain;     /* "chain"; may be missing */
    const char *reference; /* "reference": reference solution of a labelled line; may be missing */
} pvi_dataset_fields;

typedef struct pvi_dataset_options {
    pvi_dataset_fields fields;
    bool labelled;    /* each line is a model's solution with a label: candidate and label are filled */
    bool strip_marks; /* remove GSM8K's calculator marks <<a*b=c>> from reference and labelled solutions */
} pvi_dataset_options;

/* JSON lines, plain or gzip. Blank lines, CRLF and a byte-order mark are fine; fields not named above are ignored.
 * Without a reference solution of its own, an answer of several lines or with #### is the reference solution. A bad line
 * fails the whole read: PVG_E_FORMAT naming file, line, field, what was found and what is wanted. options may be NULL. */
pvg_status pvi_dataset_read(pvi_env *env, const char *path, const pvi_dataset_options *options, pvi_dataset **out);
/* JSON lines under the default field names, gzip if the path ends in .gz; atomic. Read back (with `labelled` if the
 * items are) it has the same digest. */
pvg_status pvi_dataset_write(pvi_env *env, const pvi_dataset *dataset, const char *path);

/* ---- parts ---- */

/* Every part is frozen. Items index[0..count) in that order, each at most once (PVG_E_INVALID; PVG_E_RANGE beyond the
 * last). Texts are shared; the source lives as long as its parts. */
pvg_status pvi_dataset_subset(pvi_env *env, const pvi_dataset *dataset, const uint32_t *index, size_t count, pvi_dataset **out);
/* The first `count` items (all, if there are fewer). */
pvg_status pvi_dataset_limit(pvi_env *env, const pvi_dataset *dataset, size_t count, pvi_dataset **out);
/* All but the ids listed in a file, one a line, blank lines skipped. Every item with the question of a listed one goes.
 * PVG_E_NOT_FOUND names an unknown id and its line. */
pvg_status pvi_dataset_exclude(pvi_env *env, const pvi_dataset *dataset, const char *path, pvi_dataset **out);

/* The random cut. The side of an item depends on seed and question alone: equal questions stay together, and an item
 * never changes sides when others are added or removed. Sizes are therefore binomial, not exact, and a side may be empty
 * in a small dataset. Shares are >= 0 and add up to at most 1; what is left over is on no side (PVI_SIDE_NONE). */
enum { PVI_SIDE_PROVER = 0, PVI_SIDE_VERIFIER = 1, PVI_SIDE_TEST = 2, PVI_SIDE_NONE = 3, PVI_SIDES = 3 };
/* side has one entry an item. */
pvg_status pvi_dataset_sides(pvi_env *env, const pvi_dataset *dataset, uint64_t seed, const double share[PVI_SIDES],
                             uint8_t *side);
pvg_status pvi_dataset_cut(pvi_env *env, const pvi_dataset *dataset, uint64_t seed, const double share[PVI_SIDES],
                           pvi_dataset *out[PVI_SIDES]);

#endif
