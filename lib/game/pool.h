/* pool.h - which solutions a verifier learns from. Kirchner et al. 2024 section 3.2: a fixed number of solutions a
 * problem, every source (base prover, each earlier round's prover) with its share, each source half right and half
 * wrong. */
#ifndef PVI_POOL_H
#define PVI_POOL_H

#include "base/rng.h"
#include "game/config.h"
#include "game/solutions.h"

/* Buckets of solution indices by source and label. Built for one round, used for every batch of it. */
typedef struct pvi_pool {
    pvi_env *env;
    const pvi_solutions *all;
    int32_t sources;       /* buckets exist for sources 0 .. sources-1 */
    double *weight;        /* share of each source, sums to 1 over usable ones */
    uint32_t *order;       /* indices, grouped by (source, label, problem) */
    size_t *begin;         /* [sources * 2 + 1] into order: wrong of source 0, right of source 0, wrong of source 1, ... */
    size_t kept, dropped;  /* solutions in the set; left out: not graded, without tokens, beyond the number a problem */
    size_t paired;         /* problems that have both a right and a wrong solution within one source */
    uint32_t (*pair)[4];   /* of each such problem: begin and end of its wrong and of its right indices in `order` */
    size_t *pair_begin;    /* [sources + 1] into pair */
} pvi_pool;

/* Usable solutions have verdict CORRECT or, as wrong ones, WRONG, NO_ANSWER, AMBIGUOUS or TRUNCATED. PVG_E_STATE with a
 * sentence when there is no right or no wrong solution at all. `seed` and `round` decide which solutions are kept when
 * solutions_per_problem is set. */
pvg_status pvi_pool_build(pvi_env *env, const pvi_solutions *all, int32_t sources, const pvi_config *config, int32_t round,
                          pvi_pool *out);
void pvi_pool_free(pvi_pool *pool);
/* `count` solution indices: half right, half wrong; within each label the sources by weight. For pairwise losses
 * (`pairs`): right and wrong of one problem and source next to each other. */
void pvi_pool_draw(const pvi_pool *pool, pvi_rng *rng, bool pairs, size_t count, uint32_t *out);

#endif
