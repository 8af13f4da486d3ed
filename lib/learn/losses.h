/* losses.h - the three ways of learning: language modelling, judging, and policy gradient. Each step takes a whole
 * batch, does forward, loss and backward in micro-batches, applies one AdamW update and reports. A step that fails
 * changes nothing: weights, moments and step count stay, gradients are zero, *stats is untouched. Its own failures:
 * PVG_E_RANGE or PVG_E_INVALID for a batch that does not fit, PVG_E_NUMERIC for numbers that are not finite (in the
 * weights, the inputs, the loss or the gradients), PVG_E_CANCELLED between micro-batches.
 *
 * Losses are added up in double in sequence order; nothing depends on micro_tokens or the number of workers. */
#ifndef PVI_LOSSES_H
#define PVI_LOSSES_H

#include "learn/trainer.h"

/* Sequences with the index (within the sequence) of the first solution token: losses are on tokens begin[s]..end, each
 * predicted from the token before it. begin[s] >= 1 and at least one solution token. */
typedef struct pvi_examples {
    pvi_batch batch;
    const int32_t *begin;
} pvi_examples;

/* ---- supervised language modelling ---- */
/* loss: nats per target token; accuracy: share of targets that are the likeliest token; norm: before clipping. */
typedef struct pvi_lm_stats { double loss, accuracy, norm; int64_t targets; } pvi_lm_stats;
pvg_status pvi_lm_step(pvi_trainer *trainer, const pvi_examples *examples, pvi_lm_stats *stats);
/* The same loss without learning; norm is 0. */
pvg_status pvi_lm_evaluate(pvi_trainer *trainer, const pvi_examples *examples, pvi_lm_stats *stats);

/* ---- verifier: Kirchner et al. 2024 section 3.2; Kim & Lee 2026; Cobbe et al. 2021 ---- */
typedef enum pvi_verifier_loss {
    PVI_VERIFIER_CROSS_ENTROPY = 0, /* mean over examples of CE(sigmoid(V), label) + lambda V^2 */
    PVI_VERIFIER_BRADLEY_TERRY = 1, /* mean over right/wrong pairs of one problem of -log sigmoid(V_right - V_wrong), + mean lambda V^2 */
    PVI_VERIFIER_MEAN_SQUARE = 2    /* mean (sigmoid(V) - label)^2 + lambda V^2 */
} pvi_verifier_loss;
typedef struct pvi_verifier_options {
    pvi_verifier_loss loss;
    double lambda;
    double lm_weight; /* joint LM loss on the solution tokens of right examples, Cobbe et al. section 4.2; 0: off */
} pvi_verifier_options;
typedef struct pvi_verifier_stats {
    double loss;     /* everything that is minimised: the chosen loss, lambda's term, lm_weight's term */
    double accuracy; /* share of examples on the right side of 0 (Bradley-Terry: of pairs in the right order); a tie is half */
    double mean_right, mean_wrong; /* mean V; NaN when the batch has no such example */
    double lm_loss;  /* nats per target token, 0 when off */
    double norm;
    int64_t pairs;   /* Bradley-Terry only */
} pvi_verifier_stats;
/* label[s]: 1 right, 0 wrong. problem[s]: with Bradley-Terry, every right and every wrong example of equal value make a
 * pair; no pair in the batch: PVG_E_INVALID. lambda's term is over all examples, paired or not. The log-probabilities of
 * the logprob feature are inputs: no gradient flows through them. */
pvg_status pvi_verifier_step(pvi_trainer *trainer, const pvi_examples *examples, const uint8_t *label,
                             const uint64_t *problem, const pvi_verifier_options *options, pvi_verifier_stats *stats);

/* The parts of the step that are functions of the scores alone. */
typedef struct pvi_judged {
    size_t count;
    const float *score;
    const uint8_t *label;
    const uint64_t *problem;
} pvi_judged;
int64_t pvi_judged_pairs(const pvi_judged *judged);
/* d loss / d score of examples [from, to), without lm_weight's term. */
void pvi_judged_gradient(const pvi_judged *judged, const pvi_verifier_options *options, int64_t pairs, size_t from, size_t to,
                         float *d_score);
/* All of *out but lm_loss and norm; loss without lm_weight's term. */
void pvi_judged_loss(const pvi_judged *judged, const pvi_verifier_options *options, int64_t pairs, pvi_verifier_stats *out);

/* ---- prover: clipped policy gradient (PPO's surrogate, Schulman et al. 2017) with exact KL to a reference ---- */
typedef struct pvi_policy_options {
    double clip;      /* ratio kept in [1-clip, 1+clip] */
    double kl;        /* coefficient on the full-distribution KL(policy || reference), nats per solution */
    double entropy;   /* bonus coefficient, usually 0: nats per solution */
} pvi_policy_options;
typedef struct pvi_policy_stats {
    double loss;
    double kl;       /* nats per solution; 0 without a reference */
    double entropy;  /* nats per token */
    double clipped;  /* share of tokens from which the clip took the gradient */
    double norm;
    double mismatch; /* largest |log p of this forward - behaviour log p|: small on the first update after sampling */
    int64_t tokens;
} pvi_policy_stats;
/* loss = sum over solution tokens of -min(r A, clip(r) A) / sequences + kl * KL summed over tokens / sequences
 *        - entropy * entropy summed over tokens / sequences,   r = exp(log p - behaviour), log r kept in [-20, 20].
 * advantage[s] per sequence; behaviour[token]: log-probability at sampling, [total tokens], read on solution tokens.
 * The reference sees each sequence through reference_examples: the same solution tokens, its own prompt (roles differ).
 * reference_work: activations for the reference's forward, at least as large as the trainer's. reference NULL (with kl
 * 0): no reference, the next two are not read. */
pvg_status pvi_policy_step(pvi_trainer *trainer, pvi_model *reference, pvi_activations *reference_work,
                           const pvi_examples *examples, const pvi_examples *reference_examples,
                           const float *behaviour, const double *advantage, const pvi_policy_options *options,
                           pvi_policy_stats *stats);

/* What one row of logits contributes: the results before the division by `sequences`, and, with train, logits become
 * the gradient of loss / sequences. reference: its row, or NULL. */
typedef struct pvi_policy_row_in {
    int32_t target;
    double behaviour, advantage, sequences;
    bool train;
} pvi_policy_row_in;
typedef struct pvi_policy_row_out { double surrogate, kl, entropy, mismatch; bool clipped; } pvi_policy_row_out;
void pvi_policy_row(const pvi_policy_options *options, const pvi_policy_row_in *in, float *logits, const float *reference,
                    int32_t vocab, pvi_policy_row_out *out);

/* ---- group baselines ---- */
typedef enum pvi_advantage_scale { PVI_ADVANTAGE_NONE = 0, PVI_ADVANTAGE_GROUP_STD = 1, PVI_ADVANTAGE_ROLE_RMS = 2 } pvi_advantage_scale;
/* Values minus their mean, into out (may alias), and their population deviation sqrt(mean square). Where the deviation
 * is no more than rounding (equal values), all of out and the result are exactly 0. count >= 1. */
double pvi_group_center(const double *value, size_t count, double *out);
/* Reward minus the mean of its group (groups are consecutive runs of `group` >= 1, the last may be shorter), then
 * divided by nothing, by the group's deviation, or by the root mean square over all samples of the same role (the
 * recipe's choice). What has no deviation is 0. role: PVG_ROLE_*, read only with ROLE_RMS; NULL: all the same. */
void pvi_advantages(const double *reward, const int32_t *role, size_t count, size_t group, pvi_advantage_scale scale,
                    double *out);

#endif
