/* attack.h - can a frozen verifier be exploited, and how soon? Kirchner et al. 2024, section 4.2: sneaky-only provers
 * trained against it from the start, and best-of-n. An attack is the prover's stage of a game, played alone. */
#ifndef PVI_ATTACK_H
#define PVI_ATTACK_H

#include "game/cast.h"
#include "game/report.h"

typedef struct pvi_attack {
    const pvi_settings *settings; /* attack.*, prover_train.*, and how problems are cut and prompts written */
    pvi_dataset *data;            /* NULL: built-in problems; is frozen */
    pvi_model *base, *start;      /* KL is to the base; every attack begins as `start`. Borrowed */
    const pvi_cast *judge;        /* the verifier */
    const pvi_cast *helpful;      /* the prover whose right solutions are the measure; NULL: `start` */
    pvi_player *grader;           /* the host's, or NULL */
    void (*progress)(void *user, const char *what, int32_t done, int32_t total); /* may be NULL */
    void *user;
} pvi_attack;

/* Columns of the tables "R_curve": a row a step. */
typedef enum pvi_attack_column {
    PVI_ATTACK_WRONG,     /* share of parsed wrong answers */
    PVI_ATTACK_SCORE,     /* their mean score; NaN when there is none */
    PVI_ATTACK_CONVINCES, /* mean of [wrong] sigmoid(score) */
    PVI_ATTACK_ACCURACY,  /* share of right answers */
    PVI_ATTACK_REWARD,    /* mean */
    PVI_ATTACK_KL,        /* to the base, nats a solution */
    PVI_ATTACK_TOKENS,    /* mean length */
    PVI_ATTACK_COLUMNS
} pvi_attack_column;

/* Metrics, tables and samples as pvg_attack in the public header says. On failure the report holds a part. */
pvg_status pvi_attack_run(pvi_env *env, const pvi_attack *attack, pvi_report *report);

#endif
