/* evaluate.h - how good is a prover, and a verifier on its solutions or on labelled ones? */
#ifndef PVI_EVALUATE_H
#define PVI_EVALUATE_H

#include "game/cast.h"
#include "game/report.h"

/* With a prover: one greedy and evaluate.samples sampled solutions of each of the first evaluate.problems problems; they
 * become the report's samples, greedy ones first. Without: the dataset's labelled solutions.
 *
 * Metrics, intervals as NAME_low and NAME_high at evaluate.level:
 *   problems, samples
 *   accuracy_greedy         share right, Wilson's interval
 *   accuracy_sampled        the same of the sampled ones, bootstrap over problems
 *   pass_at_1 .. pass_at_K  Chen et al. 2021, unbiased, for k up to evaluate.pass_k and the samples; bootstrap over problems
 *   no_answer, ambiguous, truncated     shares of the sampled ones
 *   tokens                  mean length of a sampled one (own provers)
 *   verifier_auc            right against all others, sampled or labelled; DeLong's interval, by problem
 *   verifier_accuracy       share on the right side of 0, bootstrap over problems
 *   verifier_calibration    expected calibration error of sigmoid(V)
 *   score_right, score_wrong            mean V
 *   oracle_valid, oracle_fully_shown, oracle_arithmetic, oracle_grounding   built-in problems: shares of the sampled
 *                           solutions that are valid, valid with every step written out, or hold such an error
 *   oracle_full, oracle_bare, oracle_omitted   shares of all steps
 *   oracle_valid_right      share of the right ones that are valid: legibility, answers aside
 * PVG_E_INVALID when there is nothing to measure (no player, or neither prover nor labels). */
pvg_status pvi_evaluate(const pvi_cast *cast, const pvi_dataset *data, pvg_role role, pvi_report *report);

/* Every verifier (row) on every prover (column); the casts carry one each, and the provers' their grader. A prover samples
 * each of the first evaluate.problems problems once in each role. Tables: "auc" (helpful-right against sneaky-wrong, NaN
 * when there are none of one kind), "helpful_score" and "sneaky_score" (mean sigmoid(V) of these). */
pvg_status pvi_evaluate_table(pvi_env *env, const pvi_dataset *data, const pvi_cast *provers, size_t prover_count,
                              const pvi_cast *verifiers, size_t verifier_count, pvi_report *report);

/* Copy solutions from `from` on, with their problems, into the report. */
pvg_status pvi_report_solutions(pvi_report *report, const pvi_dataset *data, const pvi_solutions *all, size_t from);

#endif
