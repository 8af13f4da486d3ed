/* round.h - one round as a pure state machine: what comes next, when it stops, what was seen. No I/O, no models, no
 * memory: the scheduler does the work that it asks for and tells it what came of it. */
#ifndef PVI_ROUND_H
#define PVI_ROUND_H

#include "game/config.h"

typedef enum pvi_stage {
    PVI_STAGE_BASE = 0,      /* base prover, supervised */
    PVI_STAGE_VERIFIER_BASE, /* verifier's language model, supervised */
    PVI_STAGE_BASE_TEST,     /* base prover on the test problems */
    PVI_STAGE_ROLE_SAMPLES,  /* base samples from which roles are learned */
    PVI_STAGE_ROLES,         /* role fine-tuning */
    PVI_STAGE_BASE_POOL,     /* base samples for the verifier */
    PVI_STAGE_VERIFIER,      /* a fresh verifier on the pool */
    PVI_STAGE_PROVER,        /* a fresh prover against it */
    PVI_STAGE_TEST,          /* that prover on the test problems */
    PVI_STAGE_MEASURE,       /* scores, tables, injected-error control */
    PVI_STAGE_POOL,          /* that prover's samples for the next verifiers */
    PVI_STAGE_LAST_VERIFIER, /* one more verifier, trained on all rounds */
    PVI_STAGE_LAST_MEASURE,
    PVI_STAGE_DONE,
    PVI_STAGES
} pvi_stage;
const char *pvi_stage_name(pvi_stage stage);

typedef struct pvi_round_plan {
    int32_t rounds;
    bool own_prover, own_verifier; /* else the host's: no base, role or language-model stages for it */
    bool verifier_only;            /* mode=verifier: labelled solutions, one verifier */
    bool correctness;              /* mode=correctness: no verifier; one prover that goes on over the rounds */
} pvi_round_plan;
typedef struct pvi_place {
    pvi_stage stage;
    int32_t round; /* -1 before the first */
} pvi_place;
pvi_place pvi_round_start(const pvi_round_plan *plan);
pvi_place pvi_round_next(const pvi_round_plan *plan, pvi_place now);
/* Is this the last stage of a round? */
bool pvi_round_ends(const pvi_round_plan *plan, pvi_place now);

/* What one step of prover training showed. NaN: no such sample in the step. */
typedef struct pvi_observation {
    double helpful_score; /* mean V of helpful-correct samples */
    double sneaky_score;  /* mean V of sneaky-wrong samples */
    double sneaky_convinces; /* mean over sneaky samples of [parsed wrong] * sigmoid(V) */
    double sneaky_accuracy;  /* share of sneaky samples that are correct */
    double accuracy;         /* share of all samples that are correct */
} pvi_observation;

/* Running state of the stop rules; zero-initialised at the start of a round. All fields are saved in checkpoints. */
typedef struct pvi_stop_state {
    int64_t steps;
    double smooth_helpful, smooth_sneaky;
    bool smooth_started;
    double window[5][PVI_WINDOW_MAX]; /* newest at steps % window, fields of pvi_observation in order */
    int64_t steps_to_parity;   /* first step at which the windowed means met; 0: not yet */
    int64_t steps_to_convince; /* first step at which windowed sneaky_convinces passed 1/2; 0: not yet */
} pvi_stop_state;
/* Take one step's observation in; true when the round's prover training should end now. */
bool pvi_stop_observe(const pvi_config *config, pvi_stop_state *state, const pvi_observation *seen);

#endif
