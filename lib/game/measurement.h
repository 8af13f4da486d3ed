/* measurement.h - what anybody's solutions show. Solutions are added one by one and looked at singly then; verifiers score
 * them; a report puts together those of one round. Definitions: docs/measures.md. */
#ifndef PVI_MEASUREMENT_H
#define PVI_MEASUREMENT_H

#include "base/text.h"
#include "game/cast.h"
#include "game/dataset.h"
#include "game/reader.h"
#include "game/report.h"

/* One solution, as in the public header. Texts are borrowed for the call. */
typedef struct pvi_given {
    pvg_role role;
    pvg_verdict verdict; /* UNGRADED: graded here, where there is a reference answer */
    int32_t round;       /* -1: of none */
    int64_t step;        /* of training, from 1; 0: drawn to be measured */
    bool greedy, truncated;
    int32_t tokens; /* 0: not known */
    const char *id, *gold, *chain; /* NULL: the dataset's */
    pvi_span question;             /* data NULL: the dataset's */
    pvi_span text;
    double score, reward, kl, entropy; /* NaN: not known */
} pvi_given;

enum { PVI_ROUND_MOST = 999 };
enum { PVI_BUDGETS = 4 }; /* of the reader: 1, 2, 4, 8 checks */
extern const int32_t pvi_budget[PVI_BUDGETS];

typedef struct pvi_measured {
    pvg_role role;
    pvg_verdict verdict;
    int32_t round, tokens;
    int64_t step;
    bool greedy;
    bool lent; /* the score is that of a verifier that was asked */
    uint32_t problem;
    size_t text_begin, text_length;
    int32_t characters;
    uint64_t answer;  /* of the value of the final answer; 0: none was read */
    double distance;  /* of a wrong final answer from the right one; NaN: not known */
    double repetition;
    double score, judge, reward, kl, entropy;
    bool seen;        /* by the oracle, whose findings follow */
    pvi_oracle_result oracle;
    int32_t wrong_kind[4]; /* wrong lines: result, operand, distractor, several at once */
    double accepts[PVI_BUDGETS]; /* the reader's chances */
} pvi_measured;

typedef struct pvi_measured_problem {
    uint64_t key;             /* of its id, or of its question */
    const pvi_item *item;     /* in the dataset; NULL: not there */
    char *question, *gold, *chain; /* own copies; NULL: the item's, or unknown */
    double value;             /* of the gold; NaN: not known */
} pvi_measured_problem;

typedef struct pvi_measurement {
    pvi_env *env;
    const pvi_config *config; /* borrowed */
    pvi_dataset *data;        /* retained; may be NULL */
    pvi_measured *item;
    size_t count, capacity;
    pvi_measured_problem *problem;
    size_t problems, problem_capacity;
    uint32_t *slot; /* problem index + 1 by key, open addressing */
    size_t slots;
    uint64_t *question_key; /* [items of data][2]: sorted hashes of questions, and where */
    char *text; /* of all solutions, end to end */
    size_t text_used, text_capacity;
    int32_t rounds;
    bool asked;         /* a verifier was */
    bool has_judge;
    pvi_report tables;  /* of verifiers by provers */
    size_t verifiers;
    pvi_text notes;     /* sentences, each with its NUL */
} pvi_measurement;

/* data may be NULL; config's seed, level, control_problems, grading, rendering and problems.largest are used. */
pvg_status pvi_measurement_init(pvi_measurement *m, pvi_env *env, const pvi_config *config, const pvi_dataset *data);
void pvi_measurement_free(pvi_measurement *m);
pvg_status pvi_measurement_add(pvi_measurement *m, const pvi_given *given);
/* The cast's verifier scores every solution: a row of the tables. `judge`: its scores are the judge's instead. */
pvg_status pvi_measurement_verifier(pvi_measurement *m, const char *name, const pvi_cast *cast);
pvg_status pvi_measurement_judge(pvi_measurement *m, const pvi_cast *cast);
/* Measures of a round, -1: of no round, and the tables. PVG_E_NOT_FOUND for a round without solutions. */
pvg_status pvi_measurement_report(pvi_measurement *m, int32_t round, pvi_report *report);
const char *pvi_measurement_note(const pvi_measurement *m, size_t index); /* what was left out; NULL beyond the last */
pvg_status pvi_measurement_write_json(pvi_measurement *m, pvi_text *out);

#endif
