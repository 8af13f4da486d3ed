/* cast.h - who is asked outside of a game: for evaluating, generating, scoring and grading. Each player is the library's
 * own or the host's; requests go out in batches. */
#ifndef PVI_CAST_H
#define PVI_CAST_H

#include "game/player.h"

typedef struct pvi_cast {
    pvi_env *env;
    const pvi_config *config;
    pvi_voice *prover, *verifier;                  /* own; may be NULL */
    pvi_player *host_prover, *host_verifier, *host_grader; /* the host's; may be NULL. No host_grader: the built-in rules */
} pvi_cast;

typedef struct pvi_cast_job {
    pvg_role role;
    int32_t samples;    /* of each problem */
    double temperature; /* 0: greedy */
    uint64_t seed;
    size_t problems;    /* the first so many of the dataset */
} pvi_cast_job;

/* Append problems * samples graded solutions, those of one problem next to each other. */
pvg_status pvi_cast_prove(const pvi_cast *cast, const pvi_dataset *data, const pvi_cast_job *job, pvi_solutions *out);
/* Set the verdicts of solutions from `from` on. */
pvg_status pvi_cast_grade(const pvi_cast *cast, const pvi_dataset *data, pvi_solutions *all, size_t from);
pvg_status pvi_cast_score(const pvi_cast *cast, size_t count, const pvi_span *questions, const pvi_span *solutions,
                          double *scores);

#endif
