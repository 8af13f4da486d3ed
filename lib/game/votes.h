/* votes.h - one problem, many solutions, a verifier that chooses: what comes of it in the mean over all ways to draw n of
 * the solutions without replacement. Closed forms where there are any; see docs/measures.md. */
#ifndef PVI_VOTES_H
#define PVI_VOTES_H

#include "base/env.h"

/* One solution of the problem. */
typedef struct pvi_ballot {
    double score;
    uint32_t answer; /* equal final answers have equal numbers, 0: none could be read */
    bool right;
} pvi_ballot;

/* Best first; what follows expects this order. */
void pvi_ballots_sort(pvi_ballot *ballot, size_t count);

/* Chance that the best-scored of n is right; of solutions with the same score each is as likely to be taken. NaN when n is 0
 * or greater than count. */
double pvi_best_of(const pvi_ballot *ballot, size_t count, size_t n);

/* Kirchner et al. 2024, figure 6b: the same of n / 2 right and n / 2 wrong ones; a right and a wrong one with the same score
 * count half. n = 2 is the area under the ROC curve within the problem. NaN for an odd n or too few of one kind. */
double pvi_balanced_best_of(const pvi_ballot *ballot, size_t count, size_t n);

/* Cobbe et al. 2021, section 5.1: the k best-scored of n vote, and the most frequent answer wins (of equally frequent ones
 * that of the best-scored solution). Chances that it is right for k = top[0] < top[1] < ..., each at most n, in out[]: the
 * mean over `draws` random draws, a function of `seed`; one draw when n is count. NaN when n is 0 or greater than count.
 * Answers are below `answers`. */
pvg_status pvi_top_votes(pvi_env *env, const pvi_ballot *ballot, size_t count, uint32_t answers, size_t n, const size_t *top,
                         size_t tops, uint32_t draws, uint64_t seed, double *out);

#endif
