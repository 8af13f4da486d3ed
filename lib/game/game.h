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
typedef struct pvi_recorder pvi_recorder;
struct pvi_cast;

enum { PVI_HALF_PROVER = 0, PVI_HALF_VERIFIER = 1, PVI_HALF_TEST = 2, PVI_HALVES = 3 };

typedef struct pvi_order { /* examples of a language stage: a pass over a list, shuffled anew every epoch */
    uint32_t *item, *shuffled;
    size_t count;
    int64_t epoch; /* that `shuffled` is of; -1: none yet */
} pvi_order;

/* Sums over the units of a stage, by the stage's own meaning; all zero when it begins. */
enum { PVI_RUNNING = 48 };

typedef struct pvi_game {
    pvi_env *env;
    pvi_settings *settings;
    pvi_config config;
    pvi_round_plan plan;
    /* problems: made by pvi_game_create, the same for the same settings and data */
    pvi_dataset *data;
    bool built_in;
    uint32_t *half[PVI_HALVES]; /* dataset indices */
    size_t half_count[PVI_HALVES];
    uint64_t *known; /* sorted hashes of all questions: fresh training problems avoid them */
    size_t known_count;
    size_t left_out;          /* problems whose prompt leaves no room for a solution */
    pvi_tokens prompt;        /* the neutral prompts of all problems, end to end */
    size_t *prompt_begin;     /* [items + 1] */
    pvi_tokenizer *tokenizer;
    pvi_prompter prompter;
    /* players; NULL: the library's own */
    pvi_player *prover, *checker, *grader;
    const struct pvi_cast *judge; /* a frozen verifier from outside instead of the rounds' own, see attack.h; usually NULL */
    bool started;
    bool resumed, wants_grader; /* from a checkpoint: the host's players (plan, wants_grader) must be set again */
    /* models, NULL until they exist. SAVED */
    pvi_model *base, *verifier_base, *start;
    pvi_model *policy[2];  /* the newest prover; [1] only with separate weights: sneaky */
    pvi_model **verifiers; /* [rounds + 1], one a round and the last */
    /* resources of the stage, made by pvi_stage_begin (in mode=correctness the prover's stay until the end). SAVED: training[k]'s weights, trainer[k]'s moments and step */
    pvi_trainer *trainer[2];
    pvi_model *training[2];
    pvi_activations *reference_work;
    pvi_view backup[2][3]; /* weights and moments before the step, when a step has several updates */
    pvi_pool pool;
    pvi_order order;
    uint32_t *role_item[2]; /* ROLES: indices of role_samples, right ones and wrong ones */
    size_t role_count[2];
    /* solutions. SAVED. Their tokens are the canonical ones of their texts: what a verifier sees */
    pvi_solutions collected, tests, role_samples;
    /* place. SAVED */
    pvi_place place;
    int64_t unit, units; /* within the stage; units may be lowered by a stop rule */
    bool begun;          /* stage resources exist; not saved */
    pvi_stop_state stop;
    double running[PVI_RUNNING];
    double seconds;
    /* findings. SAVED */
    pvi_report *reports; /* [rounds] */
    pvi_report summary;
    /* the unit just done, for the record: metrics of the step, and every solution sampled in it */
    pvi_report news;
    pvi_solutions fresh;
    double *fresh_reward; /* [fresh.count]; NaN where there is none */
    size_t fresh_capacity;
    char note[256];
    /* exchanges of the unit in progress, replayed when it starts again */
    pvg_reply **reply;
    size_t replies, reply_capacity, reply_next;
    uint64_t asked; /* id of the newest request to the prover, for its feedback */
    pvg_request *pending;
    pvi_text pending_text; /* what the pending request points into */
    pvg_reply *pending_reply;
    pvi_player *pending_player;
    pvi_example_list list, reference_list; /* scratch */
    /* What is still to do after a unit when a step failed in the middle of it; checkpoints never see these. */
    bool unrecorded, kept, unsaved;
    int32_t owed; /* event + 1 */
    const pvi_recorder *recorder; /* NULL: played in memory only */
    pvi_run *run;
    void *watcher; /* what a recorder other than the run directory's needs */
} pvi_game;

/* Where a game's findings go: the run directory, see run.h for the functions of these names. A failure fails the step;
 * the next step calls the same function again first, and no work is repeated. */
struct pvi_recorder {
    pvg_status (*metric)(pvi_game *game, const pvi_metric *metric, size_t count);
    pvg_status (*sample)(pvi_game *game, const pvi_solutions *all, size_t from, const double *reward);
    pvg_status (*round)(pvi_game *game, int32_t round, const pvi_report *report);
    void (*unit_done)(pvi_game *game, bool well);
    pvg_status (*model)(pvi_game *game, const char *name, const pvi_model *model);
    bool (*due)(const pvi_game *game);
    pvg_status (*checkpoint)(pvi_game *game);
    pvg_status (*finish)(pvi_game *game);
    void (*close)(pvi_game *game);
};

/* The settings are copied; the dataset is retained and frozen. data NULL: built-in problems are made. built_in: data
 * was made so by an earlier game of the same settings, and is cut as then. */
pvg_status pvi_game_create(pvi_env *env, const pvi_settings *settings, pvi_dataset *data, bool built_in,
                           pvi_game **out);
/* The same with this tokenizer (retained) instead of one trained on the data. */
pvg_status pvi_game_create_with(pvi_env *env, const pvi_settings *settings, pvi_dataset *data, bool built_in,
                                pvi_tokenizer *tokenizer, pvi_game **out);
void pvi_game_destroy(pvi_game *game);
/* Replace a player by the host's (retained). PVG_E_STATE after the first step. */
pvg_status pvi_game_set_player(pvi_game *game, pvi_player *player);

typedef enum pvi_game_event {
    PVI_GAME_PROGRESS,
    PVI_GAME_STAGE_DONE,
    PVI_GAME_ROUND_DONE,
    PVI_GAME_FINISHED
} pvi_game_event;
/* One unit of work. PVI_NEEDS_REPLY when a pulled player must answer: game->pending and game->pending_reply are then
 * open, and pvi_game_submit hands the reply in. */
pvg_status pvi_game_step(pvi_game *game, pvi_game_event *event);
/* PVG_E_STATE without an open request; PVG_E_CALLBACK for an incomplete reply, which stays open (after "gave up" the
 * request is closed and asked again by the next step). */
pvg_status pvi_game_submit(pvi_game *game);
/* Share of the expected work done so far, 0..1. */
double pvi_game_fraction(const pvi_game *game);
/* Stages in all, and which one this is (from 0): for progress lines. */
void pvi_game_stages(const pvi_game *game, int32_t *index, int32_t *count);
/* Add up to `count` solutions of each role from the test of a round (-1: the base's) as the report's samples. */
pvg_status pvi_game_add_samples(const pvi_game *game, int32_t round, size_t count, pvi_report *report);

/* ---- what a game is made of ---- */

/* Built-in problem `number` of the configured source, as an item with reference solution, gold and chain. */
pvg_status pvi_source_append(pvi_env *env, const pvi_config *config, uint64_t number, pvi_dataset *data);
/* Numbers first .. first + count - 1. Not frozen. */
pvg_status pvi_source_dataset(pvi_env *env, const pvi_config *config, uint64_t first, uint64_t count,
                              pvi_dataset **out);
/* A tokenizer trained on the questions and solutions of items index[0..count) (NULL: of all). */
pvg_status pvi_source_tokenizer(pvi_env *env, const pvi_config *config, const pvi_dataset *data, const uint32_t *index,
                                size_t count, pvi_tokenizer **out);
/* Random weights of a stage's model: the config's shape with the tokenizer's vocabulary. */
pvg_status pvi_source_model(pvi_env *env, const pvi_config *config, pvi_tokenizer *tokenizer, bool verifier,
                            pvi_head head, pvi_model **out);
/* Tokens a training micro-batch may have: 256 to 1024 for each worker, as far as they fit 256 MiB of activations, at most
 * 8192, at least one sequence. */
int32_t pvi_micro_tokens(const pvi_env *env, const pvi_shape *shape);

/* ---- used by the stage files ---- */

/* Make the stage's resources (trainer, pool), as at its first unit. Also called when resuming, before the weights and
 * the trainer's state are overlaid. A stage without units has none. */
pvg_status pvi_stage_begin(pvi_game *game);
/* Its last unit is done: keep what came of it. */
pvg_status pvi_stage_finish(pvi_game *game);
void pvi_stage_release(pvi_game *game);
/* mode=correctness: the prover of this round will be trained on in the next one, with its moments. */
bool pvi_training_goes_on(const pvi_game *game);
int64_t pvi_stage_units(const pvi_game *game, pvi_place place);
/* Expected cost of all units of a stage, in multiply-adds: for progress estimates only. */
double pvi_stage_work(const pvi_game *game, pvi_place place);

pvg_status pvi_unit_language(pvi_game *game); /* BASE, VERIFIER_BASE, ROLES */
pvg_status pvi_unit_verifier(pvi_game *game);
pvg_status pvi_unit_prover(pvi_game *game);
pvg_status pvi_unit_collect(pvi_game *game); /* tests, role samples, pools */
pvg_status pvi_unit_measure(pvi_game *game);

pvg_status pvi_language_begin(pvi_game *game);
pvg_status pvi_verifier_begin(pvi_game *game);
pvg_status pvi_prover_begin(pvi_game *game);
int64_t pvi_collect_units(const pvi_game *game, pvi_place place);
int64_t pvi_measure_units(const pvi_game *game, pvi_place place);
pvg_status pvi_language_finish(pvi_game *game);
pvg_status pvi_verifier_finish(pvi_game *game);
pvg_status pvi_prover_finish(pvi_game *game);
pvg_status pvi_collect_finish(pvi_game *game);
pvg_status pvi_measure_base(pvi_game *game);  /* the base's test: accuracy, tokens, legibility */
pvg_status pvi_measure_round(pvi_game *game); /* the same of the round's prover in both roles */
pvg_status pvi_measure_more(pvi_game *game);  /* and all that can be said of anybody's solutions, measurement.h */

/* Prove with the player that this stage is about, grade, and append to `out`. */
pvg_status pvi_game_prove(pvi_game *game, const pvi_prove_job *job, pvi_solutions *out);
/* Scores of solutions by verifier `which` (index into verifiers), or by the host's, which is always its present one. */
pvg_status pvi_game_score(pvi_game *game, int32_t which, const pvi_solutions *all, const uint32_t *index, size_t count,
                          double *scores);
/* The same of texts of problems. */
pvg_status pvi_game_score_texts(pvi_game *game, int32_t which, const uint32_t *problem, const pvi_span *text,
                                size_t count, double *scores);
/* Copies with the canonical tokens of their texts, cut to what fits the context behind the neutral prompt. */
pvg_status pvi_game_canonical(pvi_game *game, const pvi_solutions *from, pvi_solutions *to);
/* Add the neutral prompt of a problem and a solution's tokens. */
pvg_status pvi_game_add_example(pvi_game *game, pvi_example_list *list, uint32_t problem, const int32_t *token,
                                size_t count);
/* Append the solution of a built-in problem with one error of a kind, see oracle.h. *made: it has a place for the
 * error, and the answer is wrong by it. */
pvg_status pvi_game_forge(pvi_game *game, pvg_injection kind, uint32_t index, uint64_t seed, pvi_text *out, bool *made);
/* Draw a problem of the verifier's half and append to `out` its right solution, every step shown, and then the same
 * with one error of config.injected_kind. Canonical tokens; verdicts set. */
pvg_status pvi_game_add_injected(pvi_game *game, pvi_rng *rng, pvi_solutions *out);
/* PVG_E_STATE when config.injected wants such pairs and the verifier's half gives none. */
pvg_status pvi_game_check_injected(pvi_game *game);
/* Add to the base's samples `all` of a half what is missing in them: reference solutions until one in `share` is right;
 * and, where most are right, wrong solutions until one in 32 is wrong (`readable`: by its answer). Reported. */
pvg_status pvi_game_stand_in(pvi_game *game, pvi_solutions *all, int half, const char *prefix, size_t share,
                             bool readable);
/* Give `fresh` room for rewards, all NaN. */
pvg_status pvi_game_fresh_rewards(pvi_game *game);
/* The next exchange of this unit: a reply from before, or the player's. The reply belongs to the game. */
pvg_status pvi_game_exchange(pvi_game *game, pvi_player *player, const pvg_request *request, const pvg_reply **reply);

pvg_status pvi_game_tell(pvi_game *game, pvi_player *player, const pvi_solutions *all, const uint32_t *index,
                         size_t count, const double *reward, uint64_t id);

/* Averages over the newest values of a stage, older ones fading: slots `at` and `at + 1` of `running`. NaN is left
 * out. */
void pvi_running_add(pvi_game *game, int at, double value, double keep);
double pvi_running_mean(const pvi_game *game, int at); /* NaN when empty */

/* Random stream of a purpose at the present place and unit. */
pvi_rng pvi_game_rng(const pvi_game *game, const char *purpose);
/* A seed for sampling, of the present place alone. */
uint64_t pvi_game_seed(const pvi_game *game, const char *purpose);
pvi_report *pvi_game_report(pvi_game *game); /* of the present round, or the summary before the first */
const char *pvi_game_gold(const pvi_game *game, uint32_t problem);

#endif
