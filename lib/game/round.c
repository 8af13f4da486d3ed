/* round.c - see round.h. */
#include "game/round.h"

#include <math.h>

const char *pvi_stage_name(pvi_stage stage) {
    static const char *const names[PVI_STAGES] = {"base", "verifier_base", "base_test", "role_samples", "roles", "base_pool",
                                                  "verifier", "prover", "test", "measure", "pool", "last_verifier",
                                                  "last_measure", "done"};
    return stage >= 0 && stage < PVI_STAGES ? names[stage] : "unknown";
}

static bool wanted(const pvi_round_plan *plan, pvi_place place) {
    switch (place.stage) {
    case PVI_STAGE_BASE:
    case PVI_STAGE_ROLE_SAMPLES:
    case PVI_STAGE_ROLES: return plan->own_prover && !plan->verifier_only;
    case PVI_STAGE_VERIFIER_BASE: return plan->own_verifier && !plan->correctness;
    case PVI_STAGE_VERIFIER: return !plan->correctness;
    case PVI_STAGE_BASE_TEST:
    case PVI_STAGE_PROVER:
    case PVI_STAGE_TEST: return !plan->verifier_only;
    case PVI_STAGE_BASE_POOL:
    case PVI_STAGE_POOL:
    case PVI_STAGE_LAST_VERIFIER:
    case PVI_STAGE_LAST_MEASURE: return !plan->verifier_only && !plan->correctness;
    default: return true;
    }
}

static pvi_place after(const pvi_round_plan *plan, pvi_place now) {
    if (now.stage == PVI_STAGE_BASE_POOL) return (pvi_place){PVI_STAGE_VERIFIER, 0};
    if (now.stage == PVI_STAGE_POOL && now.round + 1 < plan->rounds) return (pvi_place){PVI_STAGE_VERIFIER, now.round + 1};
    if (now.stage == PVI_STAGE_DONE) return now;
    return (pvi_place){(pvi_stage)(now.stage + 1), now.round};
}

pvi_place pvi_round_next(const pvi_round_plan *plan, pvi_place now) {
    do now = after(plan, now);
    while (!wanted(plan, now) && now.stage != PVI_STAGE_DONE);
    return now;
}

bool pvi_round_ends(const pvi_round_plan *plan, pvi_place now) {
    return now.stage == (plan->verifier_only || plan->correctness ? PVI_STAGE_MEASURE : PVI_STAGE_POOL);
}

pvi_place pvi_round_start(const pvi_round_plan *plan) {
    pvi_place first = {PVI_STAGE_BASE, -1};
    return wanted(plan, first) ? first : pvi_round_next(plan, first);
}

/* Mean of the last `size` observations of one field, NaN values left out; NaN when none. */
static double window_mean(const pvi_stop_state *state, int field, int64_t size) {
    double sum = 0;
    int64_t count = 0;
    for (int64_t i = 0; i < size && i < state->steps; i++) {
        double value = state->window[field][(state->steps - 1 - i) % PVI_WINDOW_MAX];
        if (isnan(value)) continue;
        sum += value;
        count++;
    }
    return count > 0 ? sum / (double)count : (double)NAN;
}

static void smooth(double *average, double value, double weight, bool started) {
    if (!isnan(value)) *average = started ? *average + weight * (value - *average) : value;
}

static bool stops(const pvi_config *c, const pvi_stop_state *state, const pvi_observation *seen, int64_t size) {
    bool parity = seen->sneaky_score >= seen->helpful_score; /* false when either is NaN */
    switch (c->stop) {
    case PVI_STOP_FIXED: return false;
    case PVI_STOP_PARITY: return parity;
    case PVI_STOP_PARITY_SMOOTHED: return state->smooth_started && state->smooth_sneaky >= state->smooth_helpful;
    case PVI_STOP_SNEAKY_ACCURACY: return parity && seen->sneaky_accuracy < c->stop_threshold;
    case PVI_STOP_COLLAPSE: return state->steps >= size && window_mean(state, 4, size) < c->stop_threshold;
    }
    return false;
}

bool pvi_stop_observe(const pvi_config *c, pvi_stop_state *state, const pvi_observation *seen) {
    const double field[5] = {seen->helpful_score, seen->sneaky_score, seen->sneaky_convinces, seen->sneaky_accuracy,
                             seen->accuracy};
    for (int f = 0; f < 5; f++) state->window[f][state->steps % PVI_WINDOW_MAX] = field[f];
    state->steps++;
    int64_t size = c->stop_window;
    bool both = !isnan(seen->helpful_score) && !isnan(seen->sneaky_score);
    smooth(&state->smooth_helpful, seen->helpful_score, c->stop_smoothing, state->smooth_started);
    smooth(&state->smooth_sneaky, seen->sneaky_score, c->stop_smoothing, state->smooth_started);
    state->smooth_started = state->smooth_started || both;
    if (state->steps >= size) {
        if (state->steps_to_parity == 0 && window_mean(state, 1, size) >= window_mean(state, 0, size))
            state->steps_to_parity = state->steps;
        if (state->steps_to_convince == 0 && window_mean(state, 2, size) > 0.5) state->steps_to_convince = state->steps;
    }
    return state->steps >= c->stop_after && stops(c, state, seen, size);
}
