/* sample_draw.c - see sample_draw.h. */
#include "model/sample_draw.h"

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

/* The first of the largest. */
static int32_t likeliest(const float *logits, int32_t vocab) {
    int32_t best = 0;
    for (int32_t i = 1; i < vocab; i++)
        if (logits[i] > logits[best]) best = i;
    return best;
}

/* Logits become (logit - largest) / temperature, which cannot overflow. */
static void temper(float *logits, int32_t vocab, double temperature) {
    float top = logits[likeliest(logits, vocab)];
    for (int32_t i = 0; i < vocab; i++) logits[i] = (float)((double)(logits[i] - top) / temperature);
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

/* Where the running sum first passes `target`. Rounding may leave it just short of that: then the last token that has
 * any probability. */
static int32_t pick(const float *p, int32_t vocab, double target) {
    int32_t last = 0;
    for (int32_t from = 0; from < vocab; from += BLOCK) {
        int32_t size = block_size(vocab, from);
        double sum = sum_block(p + from, size);
        if (sum <= 0) continue;
        bool here = target < sum;
        if (!here) {
            target -= sum;
            last = from;
            continue;
        }
        for (int32_t i = from; i < from + size; i++) {
            if (p[i] <= 0) continue;
            last = i;
            if (target < (double)p[i]) return i;
            target -= (double)p[i];
        }
        return last;
    }
    int32_t end = last + block_size(vocab, last);
    for (int32_t i = last; i < end; i++)
        if (p[i] > 0) last = i;
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

pvi_drawn pvi_draw(const pvi_sampling *how, uint64_t stream, int32_t position, float *logits, int32_t vocab, float *p,
                   int32_t *order) {
    if (how->temperature == 0) {
        int32_t token = likeliest(logits, vocab);
        return (pvi_drawn){token, pvi_row_logprob(logits, vocab, token, NULL)};
    }
    if (how->temperature != 1) temper(logits, vocab, how->temperature);
    pvi_row_logprob(logits, vocab, 0, p);
    pvi_rng rng = pvi_rng_stream(how->seed, "sample", stream, (uint64_t)position);
    double unit = pvi_rng_unit(&rng);
    int32_t token = how->top_p < 1 ? pick_nucleus(p, vocab, how->top_p, unit, order)
                                   : pick(p, vocab, unit * total(p, vocab));
    return (pvi_drawn){token, pvi_row_logprob(logits, vocab, token, NULL)};
}
