/* experiment.h - the numbers of many runs put together: by arm (a way of playing) and round, over seeds; and the paper's
 * claims, judged on them.
 *
 * An arm's `kind` says what it is to the claims (claims_table.c names those they ask for); other kinds are only put
 * together. Rounds count from 0; -1 is what belongs to the run as a whole, the base model's numbers among it. */
#ifndef PVI_EXPERIMENT_H
#define PVI_EXPERIMENT_H

#include "base/alloc.h"
#include "base/text.h"
#include "game/report.h"
#include "pvgame/pvgame_types.h"

typedef struct pvi_arm {
    char *name, *kind;
    double ratio; /* verifier's parameters to the prover's; NaN: not said */
} pvi_arm;

/* One number of one run. */
typedef struct pvi_experiment_entry {
    uint32_t arm, metric; /* indices */
    int32_t round;
    bool at_least; /* the value is a lower bound: a count that had reached its cap */
    uint64_t seed;
    size_t order; /* of adding */
    double value; /* finite */
} pvi_experiment_entry;

enum { PVI_SEEDS = 256 }; /* most in an experiment */

typedef struct pvi_experiment {
    pvi_env *env;
    uint64_t seed[PVI_SEEDS];
    size_t seeds;
    double level;
    pvi_arm *arm;
    size_t arms, arm_capacity;
    char **metric;
    size_t metrics, metric_capacity;
    pvi_experiment_entry *entry; /* sorted by arm, metric, round, seed, without doubles, once `sorted` */
    size_t entries, entry_capacity, added;
    bool sorted;
} pvi_experiment;

/* PVG_E_RANGE for a level outside 0.5 to 0.999. */
pvg_status pvi_experiment_init(pvi_experiment *experiment, pvi_env *env, double level);
void pvi_experiment_free(pvi_experiment *experiment);
/* PVG_E_INVALID for a name that is there already or empty. */
pvg_status pvi_experiment_arm(pvi_experiment *experiment, const char *name, const char *kind, double ratio);
/* A NaN is not kept; what is added twice counts as it was added last. PVG_E_NOT_FOUND for an arm that is not there,
 * PVG_E_NUMERIC for an infinite value, PVG_E_RANGE for a seed too many. */
pvg_status pvi_experiment_add(pvi_experiment *experiment, const char *arm, uint64_t seed, int32_t round, const char *metric,
                              double value, bool at_least);

/* ---- reading (after adding, before more is added) ---- */

/* Entries of one arm, metric and round: a run of them, by seed. Also `metric` or arms that are not there: none. */
typedef struct pvi_cell {
    const pvi_experiment_entry *entry;
    size_t count;
} pvi_cell;
void pvi_experiment_sort(pvi_experiment *experiment);
pvi_cell pvi_experiment_cell(pvi_experiment *experiment, size_t arm, const char *metric, int32_t round);
/* The first or last round from 0 on that has the metric; -1 when none has. */
int32_t pvi_experiment_end_round(pvi_experiment *experiment, size_t arm, const char *metric, bool last);

typedef struct pvi_summary {
    int32_t seeds, bounds; /* of them, lower bounds */
    double mean, low, high, deviation, least, most;
} pvi_summary;
/* Mean over seeds with its interval by Student's t, deviation, least and most; all NaN without a seed, and the interval
 * with one. */
pvi_summary pvi_summarise(const double *values, size_t count, double level);
pvi_summary pvi_experiment_summary(pvi_experiment *experiment, pvi_cell cell);

/* The members of a JSON object, without its braces. */
void pvi_summary_write_json(const pvi_summary *summary, pvi_text *out);

/* ---- claims ---- */

const char *pvi_finding_name(pvg_finding finding); /* static */

typedef enum pvi_outcome { /* of one comparison */
    PVI_HOLDS = 0,
    PVI_OPEN,      /* the intervals overlap, or a number's interval holds the mark: nothing is shown */
    PVI_MISSED,    /* the whole interval is on the wrong side of the mark */
    PVI_OPPOSITE,  /* the contrary is shown */
    PVI_SATURATED, /* what it would start from is not there: the first number was at its cap already */
    PVI_MISSING    /* not measured, or under one seed only */
} pvi_outcome;

/* The judgement of one claim; texts belong to it. */
typedef struct pvi_judgement {
    pvg_finding finding;
    pvi_text measured; /* the comparisons in words and numbers, one a line */
    pvi_text checks;   /* the same as a JSON array */
} pvi_judgement;
size_t pvi_claim_count(void);
pvg_status pvi_claim_judge(pvi_experiment *experiment, size_t claim, pvi_judgement *out);
void pvi_judgement_free(pvi_judgement *judgement);

/* {"level", "arms", "metrics", "claims", "plane"}: docs/file-formats.md. */
pvg_status pvi_experiment_write_json(pvi_experiment *experiment, pvi_text *out);

#endif
