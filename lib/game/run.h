/* run.h - the run directory: everything a game leaves on disk, and how it goes on after a stop, to the same bits.
 *
 * Layout and formats: docs/file-formats.md. One process at a time holds a directory (a lock that dies with it). What a
 * unit of work reports is gathered in memory, kept when the unit ends well and forgotten when it fails; a checkpoint
 * puts it on disk. So a crash, a full disk or a failed allocation loses at most the work since the last checkpoint, and
 * resuming cuts the logs back to what that checkpoint knew.
 *
 * Every function that takes a game does nothing and succeeds when game->run is NULL: played in memory only. */
#ifndef PVI_RUN_H
#define PVI_RUN_H

#include "game/game.h"

/* Raised when the meaning of anything in a checkpoint changes. */
#define PVI_RUN_FORMAT 1

/* Make the directory (it must be missing or empty: PVG_E_STATE otherwise; PVG_E_BUSY when another process is making
 * one there) and set game->run. Writes config.yaml, environment.json, data.json and, unless the game made its own
 * problems, data.jsonl.gz. A failure leaves the directory as it was. No checkpoint yet: pvi_run_due is true until the
 * first one. */
pvg_status pvi_run_create(pvi_game *game, const char *directory);
void pvi_run_close(pvi_game *game); /* what no checkpoint holds is forgotten; game->run becomes NULL */

/* A game as its newest checkpoint saw it, with game->run set and the logs cut back. Whoever set players before sets
 * them again. PVG_E_NOT_FOUND without a checkpoint, PVG_E_BUSY when the directory is in use, PVG_E_TOO_NEW for a newer
 * version's, PVG_E_UNSUPPORTED when this version would not go on to the same bits, PVG_E_FORMAT naming the damaged file. */
pvg_status pvi_run_resume(pvi_env *env, const char *directory, pvi_game **out);

/* ---- what a unit reports ---- */

/* One line of metrics.jsonl: the present stage, round and unit (counted from 1), the numbers, the seconds worked. */
pvg_status pvi_run_metric(pvi_game *game, const pvi_metric *metric, size_t count);
/* A line a solution of `all` from index `from` on. reward has all->count - from entries, or NULL. Nothing when
 * checkpoint.samples is off. */
pvg_status pvi_run_sample(pvi_game *game, const pvi_solutions *all, size_t from, const double *reward);
/* The line that ends a round: {"event":"round","round":0,"report":{...}}. */
pvg_status pvi_run_round(pvi_game *game, int32_t round, const pvi_report *report);
/* The unit ended: keep what it reported, or forget it. Cannot fail. */
void pvi_run_unit_done(pvi_game *game, bool well);

/* ---- what stays ---- */

/* Write models/NAME ("base", "round-0/verifier"), replacing an older one. To be called once a model is final and before
 * the checkpoint after its stage: checkpoints refer to it by name, and every model that the game holds (base,
 * verifier_base, start, policy, verifiers; each its own object) must have been written. */
pvg_status pvi_run_model(pvi_game *game, const char *name, const pvi_model *model);
/* Is it time, by checkpoint.minutes, for a checkpoint within a stage? */
bool pvi_run_due(const pvi_game *game);
/* Everything so far, safe on disk; between units only. On failure the older checkpoint stands, and so does the game. */
pvg_status pvi_run_checkpoint(pvi_game *game);
/* report.json: the summary and every round's report. At the end of the game, before its last checkpoint. */
pvg_status pvi_run_finish(pvi_game *game);

#endif
