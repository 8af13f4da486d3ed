/* sample_draw.c - see sample_draw.h. */
#include "model/sample_draw.h"

#include <float.h>
#include <math.h>

#include "base/rng.h"

enum { BLOCK = 64, LANES = 8 };

pvg_status pvi_sampling_check(pvi_env *env, const pvi_sampling *how) {
    if (!(how->temperature >= 0) || !isfinite(how->temperature))
        return pvi_fail(env, PVG_E_RANGE, "sampling", "temperature is %g; wanted a finite number of at least 0",
                        how->temperature);
    if (!(how->top_p > 0 && how->top_p <= 1))
        return pvi_fail(env, PVG_E_RANGE, "sampling", "top_p is %g; wanted a number above 0 and at most 1", how->top_p);
    if (how->longest < 1)
        return pvi_fail(env, PVG_E_RANGE, "sampling", "the longest sample is %d tokens; wanted at least 1",
                        (int)how->longest);
    return PVG_OK;
}

/* LANES candidates at a time, so that the compiler may use vectors. */
static float largest_of(const float *x, int32_t count) {
    float lane[LANES], most = -INFINITY;
    int32_t i = 0;
    for (int k = 0; k < LANES; k++) lane[k] = -INFINITY;
    for (; i + LANES <= count; i += LANES)
        for (int k = 0; k < LANES; k++) lane[k] = x[i + k] > lane[k] ? x[i + k] : lane[k];
    for (int k = 0; k < LANES; k++) most = lane[k] > most ? lane[k] : most;
    for (; i < count; i++) most = x[i] > most ? x[i] : most;
    return most;
}

/* The first of the largest. */
static int32_t likeliest(const float *logits, int32_t vocab) {
    float most = largest_of(logits, vocab);
    for (int32_t i = 0; i < vocab; i++)
        if (logits[i] == most) return i;
    return 0;
}

/* Logits become (logit - largest) / temperature, which cannot overflow: the largest is 0. */
static void temper(float *logits, int32_t vocab, double temperature) {
    float top = largest_of(logits, vocab), scale = 1 / temperature < FLT_MAX ? (float)(1 / temperature) : FLT_MAX;
    for (int32_t i = 0; i < vocab; i++) logits[i] = (logits[i] - top) * scale;
}

/* The sum of [0, count), in an order that leaves the compiler free to use vectors and is the same everywhere. */
static double sum_block(const float *p, int32_t count) {
    float lane[LANES] = {0};
    int32_t i = 0;
    for (; i + LANES <= count; i += LANES)
        for (int k = 0; k < LANES; k++) lane[k] += p[i + k];
    double sum = 0;
    for (int k = 0; k < LANES; k++) sum += (double)lane[k];
    for (; i < count; i++) sum += (double)p[i];
    return sum;
}

static int32_t block_size(int32_t vocab, int32_t from) { return vocab - from < BLOCK ? vocab - from : BLOCK; }

/* Where the running sum passes `target`: block by block, then within the block. Rounding may leave the sum just short of
 * it: then the last token that has any probability. */
static int32_t pick(const float *p, int32_t vocab, double target) {
    int32_t last = 0, from = 0;
    for (double sum; from + BLOCK < vocab && target >= (sum = sum_block(p + from, BLOCK)); from += BLOCK) target -= sum;
    for (int32_t i = from; i < vocab; i++) {
        if (p[i] <= 0) continue;
        last = i;
        if (target < (double)p[i]) return i;
        target -= (double)p[i];
    }
    for (int32_t i = from; last < from && i-- > 0;)
        if (p[i] > 0) return i;
    return last;
}

static double total(const float *p, int32_t vocab) {
    double sum = 0;
    for (int32_t from = 0; from < vocab; from += BLOCK) sum += sum_block(p + from, block_size(vocab, from));
    return sum;
}

/* ---- top_p: the fewest likeliest tokens that together have it ---- */

static bool before(const float *p, int32_t a, int32_t b) { return p[a] > p[b] || (p[a] == p[b] && a < b); }

static void sift(const float *p, int32_t *heap, int32_t count, int32_t at) {
    for (int32_t child; (child = 2 * at + 1) < count; at = child) {
        if (child + 1 < count && before(p, heap[child + 1], heap[child])) child++;
        if (!before(p, heap[child], heap[at])) return;
        int32_t held = heap[at];
        heap[at] = heap[child];
        heap[child] = held;
    }
}

/* A heap gives the likeliest tokens one by one; those taken gather at its end, likeliest last. */
static int32_t pick_nucleus(const float *p, int32_t vocab, double top_p, double unit, int32_t *heap) {
    int32_t count = 0;
    double wanted = top_p * total(p, vocab), mass = 0;
    for (int32_t i = 0; i < vocab; i++)
        if (p[i] > 0) heap[count++] = i;
    int32_t all = count;
    for (int32_t at = count / 2; at-- > 0;) sift(p, heap, count, at);
    while (count > 0 && (count == all || mass < wanted)) {
        int32_t taken = heap[0];
        heap[0] = heap[--count];
        heap[count] = taken;
        mass += (double)p[taken];
        sift(p, heap, count, 0);
    }
    double target = unit * mass;
    for (int32_t i = all; i-- > count;) {
        if (target < (double)p[heap[i]]) return heap[i];
        target -= (double)p[heap[i]];
    }
    return heap[count];
}

pvi_drawn pvi_draw(const pvi_kernels *kernels, const pvi_sampling *how, uint64_t stream, int32_t position, float *logits,
                   int32_t vocab, float *p, int32_t *order) {
    float largest, sum;
    int32_t token;
    if (how->temperature != 0 && how->temperature != 1) temper(logits, vocab, how->temperature);
    kernels->log_sum_parts(vocab, logits, &largest, &sum);
    if (!isfinite(sum)) return (pvi_drawn){0, NAN};
    if (how->temperature == 0) {
        token = likeliest(logits, vocab);
    } else {
        pvi_rng rng = pvi_rng_stream(how->seed, "sample", stream, (uint64_t)position);
        double unit = pvi_rng_unit(&rng);
        kernels->softmax(vocab, logits, largest, 1.0f / sum, p);
        token = how->top_p < 1 ? pick_nucleus(p, vocab, how->top_p, unit, order) : pick(p, vocab, unit * total(p, vocab));
    }
    return (pvi_drawn){token, pvi_log_prob_of(logits[token], largest, sum)};
}
