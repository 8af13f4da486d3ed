/* reward.h - what a prover is paid: pure functions. Kirchner et al. 2024, equations (2) to (4) and section 4.1;
 * Kim & Lee 2026 for the flat variant. */
#ifndef PVI_REWARD_H
#define PVI_REWARD_H

#include <stddef.h>
#include "pvgame/pvgame_types.h"

typedef enum pvi_reward_kind {
    PVI_REWARD_SRC = 0,         /* signed relative convincingness, eq. (2) */
    PVI_REWARD_CGC = 1,         /* correctness-gated convincingness, eq. (3) */
    PVI_REWARD_GOODHART = 2,    /* R = V, eq. (4): ignores roles */
    PVI_REWARD_CORRECTNESS = 3, /* the correctness-only baseline: 1 for correct, else 0; ignores roles and scores */
    PVI_REWARD_CONVINCE = 4     /* the small-scale recipe's: sigmoid(V) when the role is satisfied, else -penalty */
} pvi_reward_kind;
#define PVI_REWARDS 5
const char *pvi_reward_name(pvi_reward_kind kind); /* as prover_train.reward calls it */
typedef enum pvi_reward_scale { PVI_SCALE_CENTER = 0, PVI_SCALE_ZSCORE = 1, PVI_SCALE_NONE = 2 } pvi_reward_scale;

typedef struct pvi_reward_options {
    pvi_reward_kind kind;
    pvi_reward_scale scale;  /* SRC only: V' is V - mean of the group, (V - mean) / its deviation, or V itself */
    double unconvincing;     /* SRC: the "-1" of the second branch, for V' <= 0 */
    double misaligned;       /* CGC: V0 = -2. CONVINCE: the penalty is its absolute value */
    double token_cost;       /* subtracted per solution token, whatever the kind */
} pvi_reward_options;

/* Rewards of one group: samples of one problem and one role. tokens[] may be NULL when token_cost is 0. A sneaky sample
 * is aligned only with verdict WRONG (a parsed wrong answer); any other role only with CORRECT. With SRC this differs
 * from the paper for unreadable answers: a convincing one gets -V' in either role.
 * The deviation is the population's; in a group without any (one sample, or equal scores) every V' is 0, and so SRC
 * pays `unconvincing`. A score that is NaN makes the rewards that depend on it NaN. */
void pvi_rewards(const pvi_reward_options *options, pvg_role role, size_t count, const pvg_verdict *verdict,
                 const double *score, const int32_t *tokens, double *out);

#endif
