/* game.h - a whole game in memory: players, problems, solutions, the place reached, and what was measured.
 *
 * Work is done in units (one optimizer step, one batch of samples). A unit first asks everything it needs of the
 * players, then changes the game: if asking fails, is cancelled, or must wait for a pulled player, nothing has changed
 * and the same unit starts again. All randomness is a function of (seed, stage, round, unit). */
#ifndef PVI_GAME_H
#define PVI_GAME_H

#include "game/player.h"
#include "game/pool.h"
#include "game/report.h"
#include "game/round.h"

#define PVI_NEEDS_REPLY 1 /* not an error: a pulled player must answer first */

typedef struct pvi_run pvi_run; /* the run directory, run.h */

enum { PVI_HALF_PROVER = 0, PVI_HALF_VERIFIER = 1, PVI_HALF_TEST = 2, PVI_HALVES = 3 };

typedef struct pvi_order { /* a shuffled pass over a half, remade every epoch */
    uint32_t *item;
    size_t count;
    int64_t epoch;
    int32_t stage;
} pvi_order;

typedef struct pvi_game {
    pvi_env *env;
    pvi_settings *settings;
    pvi_config config;
    pvi_round_plan plan;
    /* problems */
    pvi_dataset *data;
    bool built_in;
    uint32_t *half[PVI_HALVES];
    size_t half_count[PVI_HALVES];
    uint64_t *known; /* sorted digests of all questions: fresh training problems avoid them */
    size_t known_count, left_out;
    pvi_order order;
    /* players */
    pvi_tokenizer *tokenizer;
    pvi_prompter prompter;
    pvi_player *prover, *checker, *grader; /* NULL: the library's own */
    pvi_model *base, *verifier_base, *start;
    pvi_model *policy[2]; /* [1] only with separate weights: sneaky */
    pvi_model **verifiers; /* [rounds + 1], one a round and the last; NULL until trained */
    pvi_trainer *trainer[2];
    pvi_model *training[2]; /* the models being trained, owned until their stage ends */
    pvi_activations *reference_work;
    pvi_pool pool;
    /* solutions */
    pvi_solutions collected, tests, role_samples;
    /* place */
    pvi_place place;
    int64_t unit, units; /* within the stage */
    bool begun;          /* stage resources exist */
    pvi_stop_state stop;
    double seconds, work_done, work_total;
    char note[256];
    /* exchanges of the unit in progress */
    pvg_reply **reply;
    size_t replies, reply_capacity, reply_next;
    pvg_request *pending;
    pvg_reply *pending_reply;
    pvi_player *pending_player;
    /* findings */
    pvi_report *reports; /* [rounds] */
    pvi_report summary;
    double *last_means;  /* running statistics of the stage, see stage files */
    pvi_run *run;
} pvi_game;

/* The settings are copied; the dataset (NULL: built-in) is retained and frozen. */
pvg_status pvi_game_create(pvi_env *env, const pvi_settings *settings, pvi_dataset *data, bool built_in, pvi_game **out);
void pvi_game_destroy(pvi_game *game);

/* One unit of work. *event gets what happened: 0 progress, 1 stage done, 2 round done, 3 finished. PVI_NEEDS_REPLY when
 * a pulled player must answer. */
typedef enum pvi_game_event { PVI_GAME_PROGRESS, PVI_GAME_STAGE_DONE, PVI_GAME_ROUND_DONE, PVI_GAME_FINISHED } pvi_game_event;
pvg_status pvi_game_step(pvi_game *game, pvi_game_event *event);
/* Share of the expected work done so far, 0..1. */
double pvi_game_fraction(const pvi_game *game);

/* ---- used by the stage files ---- */

/* Make the stage's resources (trainer, pool), as at its first unit. Also called when resuming, before the trainer's
 * state is overlaid. */
pvg_status pvi_stage_begin(pvi_game *game);
void pvi_stage_release(pvi_game *game);
int64_t pvi_stage_units(const pvi_game *game, pvi_place place);
/* Expected cost of one unit of a stage, in multiply-adds: for progress estimates only. */
double pvi_stage_unit_work(const pvi_game *game, pvi_place place);

pvg_status pvi_unit_train_language(pvi_game *game); /* BASE, VERIFIER_BASE */
pvg_status pvi_unit_train_roles(pvi_game *game);
pvg_status pvi_unit_train_verifier(pvi_game *game);
pvg_status pvi_unit_train_prover(pvi_game *game, bool *stop);
pvg_status pvi_unit_collect(pvi_game *game); /* tests, role samples, pools */
pvg_status pvi_unit_measure(pvi_game *game);

/* Prove with the right player for the stage, grade, and append to `out`. */
pvg_status pvi_game_prove(pvi_game *game, const pvi_prove_job *job, pvi_solutions *out);
/* Scores by verifier `which` (index into verifiers) or the host's, of solutions index[0..count). */
pvg_status pvi_game_score(pvi_game *game, int32_t which, const pvi_solutions *all, const uint32_t *index, size_t count,
                          double *scores);
pvg_status pvi_game_exchange(pvi_game *game, pvi_player *player, const pvg_request *request, const pvg_reply **reply);

/* Random stream of a purpose at the present place and unit. */
pvi_rng pvi_game_rng(const pvi_game *game, const char *purpose);
pvi_report *pvi_game_report(pvi_game *game); /* of the present round, or the summary before the first */

#endif
