/* pvgame_players.h - provers, verifiers, graders, and measuring them. Included by pvgame.h.
 *
 * A player is the library's own (made from a model, or the built-in grader) or the host's (made from hooks); what can
 * be done with it is the same. These functions are for players outside of a game: grading answers, scoring solutions,
 * letting a prover write, and measuring one against another.
 *
 *     pvg_grader_create(context, NULL, &grader);
 *     pvg_grader_grade(grader, NULL, "1,000", PVG_NUL_TERMINATED, "So it is 1000.\n#### 1000", PVG_NUL_TERMINATED, 0,
 *                      &verdict, NULL, 0, NULL);
 *
 * Reference answers go to graders alone: a prover's or verifier's request has none (roles.sneaky_sees_answer
 * excepted). */
#ifndef LIBPVGAME_PLAYERS_H
#define LIBPVGAME_PLAYERS_H

#include "pvgame_exchange.h"
#include "pvgame_model.h"
#include "pvgame_report.h"

#ifdef __cplusplus
extern "C" {
#endif

/* ======================================================================================================== prover == */

/* Writes solutions. */
typedef struct pvg_prover pvg_prover;

/* The library's own prover: a model with an LM head (PVG_E_INVALID for another). Prompt texts and sampling come from
 * roles.* and sampling.*: those that the model was trained with. settings may be NULL and are copied. The model is
 * shared, not copied. */
PVG_API pvg_status pvg_prover_from_model(pvg_context *context, pvg_model *model, const pvg_settings *settings,
                                         pvg_prover **out);

/* The host's; `name` is what messages call it. The hooks are copied, and finished even when this fails. */
PVG_API pvg_status pvg_prover_from_hooks(pvg_context *context, const char *name, const pvg_hooks *hooks,
                                         pvg_prover **out);

/* Writes `samples` (1 to 1000000) solutions for every problem, in one role, at a temperature of 0 (greedy) to 10. The
 * report holds one sample each, in the order of the problems, graded when the problem has a gold answer; no metrics.
 * Deterministic for a seed. PVG_E_RANGE, PVG_E_CANCELLED; PVG_E_CALLBACK or PVG_E_STATE from a host's prover. */
PVG_API pvg_status pvg_prover_generate(pvg_prover *prover, const pvg_dataset *dataset, pvg_role role, int32_t samples,
                                       double temperature, uint64_t seed, pvg_report **out);

/* A game that it was given to keeps it. */
PVG_API void pvg_prover_destroy(pvg_prover *prover);

/* ====================================================================================================== verifier == */

/* Says how convincing a solution is, without knowing the answer or who wrote it. */
typedef struct pvg_verifier pvg_verifier;

/* The library's own verifier: a model with a scalar head (PVG_E_INVALID for another), which sees every solution in the
 * neutral role. settings may be NULL and are copied. The model is shared, not copied. */
PVG_API pvg_status pvg_verifier_from_model(pvg_context *context, pvg_model *model, const pvg_settings *settings,
                                           pvg_verifier **out);

/* The host's; `name` is what messages call it. The hooks are copied, and finished even when this fails. */
PVG_API pvg_status pvg_verifier_from_hooks(pvg_context *context, const char *name, const pvg_hooks *hooks,
                                           pvg_verifier **out);

/* Scores `count` solutions; lengths may be NULL when every text is NUL-terminated. Higher is more convincing; a model
 * trained with cross-entropy gives the log-odds of being correct. A solution's score depends on nothing else in the
 * call. PVG_E_CANCELLED; PVG_E_CALLBACK or PVG_E_STATE from a host's verifier. */
PVG_API pvg_status pvg_verifier_score(pvg_verifier *verifier, size_t count, const char *const *questions,
                                      const size_t *question_lengths, const char *const *solutions,
                                      const size_t *solution_lengths, double *scores);

/* Where the score comes from: for each token of the solution, the byte offset at which it ends and its part of the
 * score. needed and capacity count tokens. Models with a summed or averaged head only
 * (PVG_E_UNSUPPORTED); PVG_E_BUFFER. */
PVG_API pvg_status pvg_verifier_parts(pvg_verifier *verifier, const char *question, size_t question_length,
                                      const char *solution, size_t solution_length, size_t *ends, float *parts,
                                      size_t capacity, size_t *needed);

/* A game that it was given to keeps it. */
PVG_API void pvg_verifier_destroy(pvg_verifier *verifier);

/* ======================================================================================================== grader == */

/* Says whether a solution's final answer is the reference answer. */
typedef struct pvg_grader pvg_grader;

/* The built-in grader: final answers read by the rules of docs/grader.md and compared as exact rationals; grade.*
 * settings. settings may be NULL and are copied. */
PVG_API pvg_status pvg_grader_create(pvg_context *context, const pvg_settings *settings, pvg_grader **out);

/* The host's; `name` is what messages call it. The hooks are copied, and finished even when this fails. */
PVG_API pvg_status pvg_grader_from_hooks(pvg_context *context, const char *name, const pvg_hooks *hooks,
                                         pvg_grader **out);

/* Grades one solution. `question` is handed to a host's grader and may be NULL. `truncated` (1): it ran into its length
 * limit. extracted (may be NULL with capacity 0) receives the answer text that was read, "" when there is none.
 * PVG_E_FORMAT when the gold answer itself cannot be read; PVG_E_BUFFER; PVG_E_CALLBACK or PVG_E_STATE from a host's
 * grader. */
PVG_API pvg_status pvg_grader_grade(pvg_grader *grader, const char *question, const char *gold, size_t gold_length,
                                    const char *solution, size_t solution_length, int32_t truncated,
                                    pvg_verdict *verdict, char *extracted, size_t capacity, size_t *needed);

/* A game that it was given to keeps it. */
PVG_API void pvg_grader_destroy(pvg_grader *grader);

/* ====================================================================================================== measuring == */

/* Measures a prover, and a verifier on its solutions, over the first evaluate.problems problems: one greedy and
 * evaluate.samples sampled solutions of each, which become the report's samples. Either may be NULL: without a prover
 * the dataset's labelled solutions are judged (PVG_E_INVALID when there are none). grader NULL: the built-in one;
 * settings may be NULL. Metrics, with NAME_low and NAME_high where an interval at evaluate.level is given (*):
 *   problems, samples
 *   accuracy_greedy*      share right (Wilson)
 *   accuracy_sampled*     share right (bootstrap over problems)
 *   pass_at_1* ... pass_at_K*   at least one of k is right: Chen et al. 2021, unbiased (bootstrap over problems)
 *   no_answer, ambiguous, truncated     shares of the sampled; tokens: their mean length
 *   verifier_auc*         right against all others (DeLong; Obuchowski 1997 where problems have several solutions)
 *   verifier_accuracy*    share on the right side of 0 (bootstrap over problems)
 *   verifier_calibration  expected calibration error of sigmoid(score);  score_right, score_wrong: mean scores
 *   oracle_valid, oracle_fully_shown, oracle_arithmetic, oracle_grounding     built-in problems: shares of the sampled
 *                         that the step oracle finds valid, valid and fully shown, with such an error
 *   oracle_full, oracle_bare, oracle_omitted: shares of steps;  oracle_valid_right: valid among the right
 * PVG_E_CANCELLED; PVG_E_CALLBACK or PVG_E_STATE from a host's player. */
PVG_API pvg_status pvg_evaluate(pvg_context *context, const pvg_dataset *dataset, pvg_prover *prover, pvg_role role,
                                pvg_verifier *verifier, pvg_grader *grader, const pvg_settings *settings,
                                pvg_report **out);

/* Every verifier on every prover: tables "auc" (helpful-right against sneaky-wrong; NaN when there are none of one
 * kind), "sneaky_score" and "helpful_score" (mean sigmoid(V)), verifiers in rows, provers in columns; each prover
 * samples each of the first evaluate.problems problems once in both roles. grader NULL: the built-in one; settings may
 * be NULL. Errors as pvg_evaluate. */
PVG_API pvg_status pvg_evaluate_table(pvg_context *context, const pvg_dataset *dataset, size_t prover_count,
                                      pvg_prover *const *provers, size_t verifier_count, pvg_verifier *const *verifiers,
                                      pvg_grader *grader, const pvg_settings *settings, pvg_report **out);

#ifdef __cplusplus
}
#endif
#endif /* LIBPVGAME_PLAYERS_H */
