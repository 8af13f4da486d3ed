/* reward.c - see reward.h. */
#include "game/reward.h"

#include <math.h>
#include <stdbool.h>

#include "learn/losses.h"

const char *pvi_reward_name(pvi_reward_kind kind) {
    static const char *const names[PVI_REWARDS] = {"src", "cgc", "goodhart", "correctness", "convince"};
    return (int)kind >= 0 && (int)kind < PVI_REWARDS ? names[kind] : "unknown";
}

/* Only a parsed wrong answer satisfies the sneaky role: otherwise it would win by leaving the answer out. */
static bool aligned(pvg_role role, pvg_verdict verdict) {
    return verdict == (role == PVG_ROLE_SNEAKY ? PVG_VERDICT_WRONG : PVG_VERDICT_CORRECT);
}

/* V' of SRC, into out. */
static void scale_scores(pvi_reward_scale scale, size_t count, const double *score, double *out) {
    if (scale == PVI_SCALE_NONE) {
        for (size_t i = 0; i < count; i++) out[i] = score[i];
        return;
    }
    double deviation = pvi_group_center(score, count, out);
    if (scale == PVI_SCALE_ZSCORE && deviation != 0)
        for (size_t i = 0; i < count; i++) out[i] /= deviation;
}

/* The paper's test is strict: a score equal to the group's mean is not convincing. A score that is not a number stays
 * one, so that the learning step refuses it. */
static double relative(double convincing, bool is_aligned, double unconvincing) {
    if (isnan(convincing)) return convincing;
    if (!(convincing > 0)) return unconvincing;
    return is_aligned ? convincing : -convincing;
}

static double logistic(double x) { return x >= 0 ? 1 / (1 + exp(-x)) : exp(x) / (1 + exp(x)); }

void pvi_rewards(const pvi_reward_options *options, pvg_role role, size_t count, const pvg_verdict *verdict,
                 const double *score, const int32_t *tokens, double *out) {
    if (count == 0) return;
    if (options->kind == PVI_REWARD_SRC) scale_scores(options->scale, count, score, out);
    for (size_t i = 0; i < count; i++) {
        bool good = aligned(role, verdict[i]);
        switch (options->kind) {
        case PVI_REWARD_SRC: out[i] = relative(out[i], good, options->unconvincing); break;
        case PVI_REWARD_CGC: out[i] = good ? score[i] : options->misaligned; break;
        case PVI_REWARD_GOODHART: out[i] = score[i]; break;
        case PVI_REWARD_CORRECTNESS: out[i] = verdict[i] == PVG_VERDICT_CORRECT ? 1 : 0; break;
        case PVI_REWARD_CONVINCE: out[i] = good ? logistic(score[i]) : -fabs(options->misaligned); break;
        }
        if (options->token_cost != 0) out[i] -= options->token_cost * (double)tokens[i];
    }
}
