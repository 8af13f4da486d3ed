/* claims.h - the form in which a claim of the paper is written down: comparisons of numbers of an experiment. */
#ifndef PVI_CLAIMS_H
#define PVI_CLAIMS_H

#include "game/experiment.h"

/* Round -1; the first and the last round that has it. */
typedef enum pvi_when { PVI_AT_BASE = 0, PVI_AT_FIRST, PVI_AT_LAST } pvi_when;

/* A number: of the first arm of this kind. A metric "name_*" is the one with the largest number in place of the star that
 * both sides have under two seeds. */
typedef struct pvi_side {
    const char *kind, *metric;
    pvi_when when;
} pvi_side;

/* Two numbers differ when their intervals do not touch. */
typedef enum pvi_relation {
    PVI_GREATER = 0, /* left is greater than right */
    PVI_LESS,
    PVI_TIMES,       /* left is greater, and at least `amount` times right; means and intervals on a log scale */
    PVI_KEEPS,       /* left's mean is at least right's */
    PVI_ABOVE,       /* left's whole interval is at or above `amount` */
    PVI_BELOW,
    PVI_GAIN_SHARE,  /* (left - base) / (right - base), seed by seed, is at least `amount`: mean, interval above 0 */
    PVI_PEAK         /* over all arms of left's kind, log2(last round / first round) of its metric is higher for one
                      * between the smallest and the largest ratio than for both */
} pvi_relation;

typedef struct pvi_check {
    const char *what; /* in words, with both sides */
    pvi_relation relation;
    pvi_side left, right;
    double amount;
    bool optional; /* counts towards `needed` instead of having to hold */
} pvi_check;

enum { PVI_CHECKS = 6 };
typedef struct pvi_claim {
    const char *id, *figure, *title, *paper, *rule;
    int32_t needed; /* of the optional checks */
    pvi_check check[PVI_CHECKS]; /* ends with one that has no `what` */
} pvi_claim;

/* claims_table.c */
const pvi_claim *pvi_claims(size_t *count);

/* The plane of accuracy and legibility (Kirchner et al., figure 1): metrics of a round and of the base model. */
typedef struct pvi_plane_measure {
    const char *name, *round, *base;
} pvi_plane_measure;
extern const pvi_plane_measure pvi_plane_legibility[]; /* ends with one that has no name */
extern const char *const pvi_plane_accuracy, *const pvi_plane_base;

#endif
