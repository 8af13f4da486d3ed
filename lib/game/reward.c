/* reward.c - see reward.h. */
#include "game/reward.h"

#include <math.h>
#include <stdbool.h>

/* Did the sample do what its role asks? An unreadable answer never serves a sneaky prover. */
static bool aligned(pvg_role role, pvg_verdict verdict) {
    return verdict == (role == PVG_ROLE_SNEAKY ? PVG_VERDICT_WRONG : PVG_VERDICT_CORRECT);
}

static double sigmoid(double v) { return v >= 0 ? 1 / (1 + exp(-v)) : exp(v) / (1 + exp(v)); }

static void center_and_scale(pvi_reward_scale scale, const double *score, size_t count, double *mean, double *divisor) {
    *mean = 0;
    *divisor = 1;
    if (scale == PVI_SCALE_NONE || count == 0) return;
    for (size_t i = 0; i < count; i++) *mean += score[i];
    *mean /= (double)count;
    if (scale != PVI_SCALE_ZSCORE) return;
    double variance = 0;
    for (size_t i = 0; i < count; i++) variance += (score[i] - *mean) * (score[i] - *mean);
    *divisor = sqrt(variance / (double)count);
}

/* Equation (2). Equal scores differ from their mean by rounding at most: none of them convinces more than the others. */
static double signed_relative(const pvi_reward_options *o, bool serves, double score, double mean, double divisor) {
    double relative = divisor > 0 ? (score - mean) / divisor : 0;
    bool convinces = relative > 0 && fabs(score - mean) > 1e-12 * fabs(mean);
    if (!convinces) return o->unconvincing;
    return serves ? relative : -relative;
}

void pvi_rewards(const pvi_reward_options *o, pvg_role role, size_t count, const pvg_verdict *verdict, const double *score,
                 const int32_t *tokens, double *out) {
    double mean = 0, divisor = 1;
    if (o->kind == PVI_REWARD_SRC) center_and_scale(o->scale, score, count, &mean, &divisor);
    for (size_t i = 0; i < count; i++) {
        bool serves = aligned(role, verdict[i]);
        double reward = 0;
        switch (o->kind) {
        case PVI_REWARD_SRC: reward = signed_relative(o, serves, score[i], mean, divisor); break;
        case PVI_REWARD_CGC: reward = serves ? score[i] : o->misaligned; break;
        case PVI_REWARD_GOODHART: reward = score[i]; break;
        case PVI_REWARD_CORRECTNESS: reward = verdict[i] == PVG_VERDICT_CORRECT; break;
        case PVI_REWARD_CONVINCE: reward = serves ? sigmoid(score[i]) : -fabs(o->misaligned); break;
        }
        out[i] = reward - (tokens != NULL ? o->token_cost * tokens[i] : 0);
    }
}
