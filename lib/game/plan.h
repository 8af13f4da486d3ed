/* plan.h - how much memory a game will take, before anything is taken. */
#ifndef PVI_PLAN_H
#define PVI_PLAN_H

#include "game/config.h"

/* Bytes of one player's models and of its training. */
typedef struct pvi_player_plan {
    uint64_t parameters;  /* a count */
    uint64_t weights;     /* one model at work, the kernels' packed copies included */
    uint64_t models;      /* all those at rest that are held at once */
    uint64_t gradients, moments;
    uint64_t activations; /* one micro-batch, forward and backward */
    uint64_t cache;       /* keys and values while sampling, all workers */
} pvi_player_plan;

typedef struct pvi_plan {
    pvi_player_plan prover, verifier;
    uint64_t records; /* problems and solutions */
    uint64_t total;   /* most that is held at any time */
} pvi_plan;

/* An estimate for built-in problems, or for a dataset of `problems` items (0: as the settings say). The vocabulary is
 * taken at its full size. PVG_E_RANGE when a size is more than this machine can address. */
pvg_status pvi_plan_game(pvi_env *env, const pvi_settings *settings, uint64_t problems, pvi_plan *out);
/* PVG_E_NOMEM when the machine's memory cannot hold the plan; without this the system would end the program. */
pvg_status pvi_plan_check(pvi_env *env, const pvi_settings *settings, uint64_t problems);
/* {"prover": {...}, "verifier": {...}, "records": ..., "total": ...}, in bytes. */
pvg_status pvi_plan_write_json(const pvi_plan *plan, pvi_text *out);

#endif
