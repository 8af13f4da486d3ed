/* pvgame_game.h - the game. Included by pvgame.h.
 *
 * A scheduler plays a whole prover-verifier game: base models, then rounds of a fresh verifier and a fresh prover (K
 * section 3; the algorithm is in docs/game.md). It may be run to its end, or stepped, a unit of work at a time:
 *
 *     pvg_scheduler_create(context, settings, NULL, &game);
 *     pvg_scheduler_set_directory(game, "run-1");      (everything is kept there, and can be resumed)
 *     pvg_event event = 0;
 *     while (event != PVG_EVENT_FINISHED && pvg_scheduler_step(game, &event) == PVG_OK)
 *         if (event == PVG_EVENT_NEEDS_REPLY) answer(game);     (only with pulled players)
 *     pvg_scheduler_report(game, 0, &report);
 *
 * A step that fails, is cancelled or must wait for a host changes nothing: it starts again from where it was. So a game
 * survives a full disk, a host that raises an exception, Ctrl-C and, with a run directory, the end of the process. */
#ifndef LIBPVGAME_GAME_H
#define LIBPVGAME_GAME_H

#include "pvgame_players.h"

#ifdef __cplusplus
extern "C" {
#endif

/* ===================================================================================================== scheduler == */

/* A game being played. */
typedef struct pvg_scheduler pvg_scheduler;

/* What a step came to. */
typedef int32_t pvg_event;
enum {
    PVG_EVENT_PROGRESS       = 1, /* one unit of work was done: an optimizer step, a batch of samples */
    PVG_EVENT_NEEDS_REPLY    = 2, /* a pulled player must answer: pvg_scheduler_pending, then pvg_scheduler_submit */
    PVG_EVENT_STAGE_DONE     = 3, /* a stage ended; see pvg_scheduler_progress */
    PVG_EVENT_ROUND_DONE     = 4, /* a round ended; its report is ready */
    PVG_EVENT_FINISHED       = 5  /* nothing is left; further steps return this again */
};

/* Where a game stands. Set struct_size before the call. */
typedef struct pvg_progress {
    uint32_t struct_size;     /* sizeof(pvg_progress) */
    int32_t round;            /* 0-based; -1 before the first */
    int32_t rounds;           /* how many there will be */
    int32_t stage_index;      /* which of the game's stages this is, from 0 */
    int32_t stages;           /* how many stages the game has */
    const char *stage;        /* static: "base", "verifier", "prover", ... */
    const char *note;         /* the newest numbers in words, for a progress line; borrowed until the next step */
    int64_t done;             /* units of work done within the stage */
    int64_t total;            /* units of work that the stage has */
    double fraction;          /* of the whole game's expected work, 0..1 */
    double seconds;           /* spent working so far, earlier runs included */
} pvg_progress;

/* Hears of every event of a running game, on the thread that runs it. Any status but PVG_OK stops the run. It is no
 * hook: it may call anything but step, run, submit and destroy on its game. */
typedef pvg_status (*pvg_observer_fn)(void *user, pvg_scheduler *scheduler, pvg_event event);

/* Makes a game; nothing is trained yet. dataset NULL: built-in problems by the problems.* settings. The settings (NULL:
 * defaults) are copied; the dataset is frozen and cut into prover half, verifier half and test, disjoint by question (K
 * section 3.2). PVG_E_NOMEM, before anything is taken, when the plan (pvg_plan_describe) is larger than the machine's
 * memory; PVG_E_RANGE and PVG_E_FORMAT as pvg_settings_check. */
PVG_API pvg_status pvg_scheduler_create(pvg_context *context, const pvg_settings *settings, pvg_dataset *dataset,
                                        pvg_scheduler **out);

/* Replaces the prover by the host's (made from hooks, else PVG_E_UNSUPPORTED) before the first step (PVG_E_STATE
 * later). There are then no base and role stages: the host answers in its roles and may learn from the rewards. The
 * game keeps the player. */
PVG_API pvg_status pvg_scheduler_set_prover(pvg_scheduler *scheduler, pvg_prover *prover);

/* Replaces the verifier by the host's, as pvg_scheduler_set_prover. It is offered labelled solutions each round, and
 * keeps what it learned over the rounds if it likes. */
PVG_API pvg_status pvg_scheduler_set_verifier(pvg_scheduler *scheduler, pvg_verifier *verifier);

/* Replaces the grader by the host's, as pvg_scheduler_set_prover. */
PVG_API pvg_status pvg_scheduler_set_grader(pvg_scheduler *scheduler, pvg_grader *grader);

/* Keeps everything in a run directory (docs/file-formats.md): resolved config, data, metrics.jsonl, samples.jsonl.gz,
 * models, checkpoints. It must be new or empty (PVG_E_STATE). Without it the game is played in memory only. Before the
 * first step. PVG_E_IO. */
PVG_API pvg_status pvg_scheduler_set_directory(pvg_scheduler *scheduler, const char *directory);

/* Goes on from the newest checkpoint of a run directory: to the same bits as an uninterrupted run. Host players must be
 * set again before the first step. PVG_E_NOT_FOUND where there is none; PVG_E_IO, PVG_E_FORMAT; PVG_E_TOO_NEW for a
 * run of a newer library. */
PVG_API pvg_status pvg_scheduler_resume(pvg_context *context, const char *directory, pvg_scheduler **out);

/* Does one unit of work and says in *event what it came to. Everything written before the call is safe if it fails, and
 * the game can be stepped again: after PVG_E_CANCELLED (pvg_context_resume first), PVG_E_IO or PVG_E_CALLBACK at once.
 * After PVG_E_NUMERIC training has diverged: other settings are wanted. */
PVG_API pvg_status pvg_scheduler_step(pvg_scheduler *scheduler, pvg_event *event);

/* Steps until FINISHED, telling the observer (if there is one) of every event; an observer's failure stops the run with
 * PVG_E_CALLBACK, and running or stepping again goes on. Pulled players cannot be run this way (PVG_E_STATE). Errors as
 * pvg_scheduler_step. */
PVG_API pvg_status pvg_scheduler_run(pvg_scheduler *scheduler);

/* Who hears of a run's events: `observe` (NULL: nobody), which is handed `user`. Replaces the one before. */
PVG_API pvg_status pvg_scheduler_set_observer(pvg_scheduler *scheduler, pvg_observer_fn observe, void *user);

/* The open request of a pulled player and where to write the answer; both live until pvg_scheduler_submit. PVG_E_STATE
 * when none is open: only after PVG_EVENT_NEEDS_REPLY there is one. */
PVG_API pvg_status pvg_scheduler_pending(pvg_scheduler *scheduler, const pvg_request **request, pvg_reply **reply);

/* Hands the answer in; then step again. PVG_E_CALLBACK for one that is not complete: it stays open. PVG_E_STATE when no
 * request is. */
PVG_API pvg_status pvg_scheduler_submit(pvg_scheduler *scheduler);

/* Writes a checkpoint now (also done after every stage and every checkpoint.minutes), whole or not at all. PVG_E_STATE
 * without a directory; PVG_E_IO. */
PVG_API pvg_status pvg_scheduler_checkpoint(pvg_scheduler *scheduler);

/* Where the game stands. Also after a failure, and in the observer. */
PVG_API pvg_status pvg_scheduler_progress(pvg_scheduler *scheduler, pvg_progress *out);

/* What a round measured: 0.., or -1 for the game as a whole (base metrics, the verifier-by-prover tables); docs/game.md
 * lists the names. The samples are those of the test in that round, of the base prover for -1. PVG_E_RANGE for a round
 * that the game has not, PVG_E_NOT_FOUND before it began. */
PVG_API pvg_status pvg_scheduler_report(pvg_scheduler *scheduler, int32_t round, pvg_report **out);

/* A copy of the newest trained model: "base", "verifier_base", "start" (knows its roles; every round's prover begins
 * as it), "prover", "prover_sneaky" (separate weights only), "verifier"; PVG_E_NOT_FOUND before it exists. */
PVG_API pvg_status pvg_scheduler_model(pvg_scheduler *scheduler, const char *which, pvg_model **out);

/* Ends the game. What is in its run directory stays, and can be resumed from the last checkpoint. */
PVG_API void pvg_scheduler_destroy(pvg_scheduler *scheduler);

#ifdef __cplusplus
}
#endif
#endif /* LIBPVGAME_GAME_H */
