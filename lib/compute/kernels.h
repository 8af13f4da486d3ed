/* kernels.h - what a decoder does besides matrix products, one row at a time.
 *
 * Every result has one meaning, whatever the engine: sums run over 16 lanes (element i belongs to lane i % 16, each lane
 * adds in ascending order, then lanes l and l + 8, l + 4, l + 2, l + 1 are added), products are fused into additions
 * where stated by the plain twin, and nothing of a row depends on other rows. So training over whole sequences and
 * decoding one token at a time, on any engine, give the same bits. Everything runs on the calling thread; nothing
 * allocates. Pointers need no alignment. */
#ifndef PVI_KERNELS_H
#define PVI_KERNELS_H

#include <math.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { PVI_LANES = 16 };
static inline int32_t pvi_lanes_up(int32_t n) { return (n + PVI_LANES - 1) / PVI_LANES * PVI_LANES; }

/* ---- attention's data ---- */

typedef struct pvi_attention_shape {
    int32_t heads, kv_heads, head_dim;
} pvi_attention_shape;
static inline int32_t pvi_attention_qkv(const pvi_attention_shape *s) { return (s->heads + 2 * s->kv_heads) * s->head_dim; }

/* Keys of one head lie in blocks of 16, so that 16 dot products run side by side: element d of key u is at
 * (u / 16 * head_dim + d) * 16 + u % 16. Room for `count` keys: pvi_keys_floats. Values of one head are rows of
 * pvi_lanes_up(head_dim) floats. Put keys in ascending order: the first one of a block fills the rest of it with zeros. */
static inline size_t pvi_keys_floats(int32_t head_dim, int32_t count) {
    return (size_t)pvi_lanes_up(count) * (size_t)head_dim;
}
static inline size_t pvi_values_floats(int32_t head_dim, int32_t count) {
    return (size_t)pvi_lanes_up(head_dim) * (size_t)count;
}
void pvi_key_put(float *keys, int32_t head_dim, int32_t at, const float *key);
void pvi_value_put(float *values, int32_t head_dim, int32_t at, const float *value);

/* Keys and values of consecutive positions: a prompt shared by many samples, or a sample's own. */
typedef struct pvi_kv {
    const float *keys, *values;
    int32_t count;
} pvi_kv;

/* Floats of scratch that one worker needs for attention over sequences of at most `longest`. */
size_t pvi_attention_scratch(const pvi_attention_shape *s, int32_t longest, bool backward);
/* Floats for attention_steps over at most `count` positions. */
size_t pvi_attention_steps_scratch(int32_t head_dim, int32_t count);
enum { PVI_STEP_ROWS = 8 };

/* g = scale * gradient; first = beta1 * first + rest1 * g; second = beta2 * second + (rest2 * g) * g;
 * weight = keep * weight - step * first / (sqrt(second) * root + epsilon). */
typedef struct pvi_adamw_factors {
    float scale, beta1, rest1, beta2, rest2, step, root, epsilon, keep;
} pvi_adamw_factors;

typedef struct pvi_kernels {
    /* y = x * r * weight, r = 1 / sqrt(mean(x^2) + eps); returns r. y may be x. */
    float (*rms_norm)(int32_t width, float eps, const float *x, const float *weight, float *y);
    /* out = base + d loss / d x, given dy. out may be base or dy. */
    void (*rms_norm_back)(int32_t width, float r, const float *x, const float *weight, const float *dy, const float *base,
                          float *out);
    /* d_weight[i] = fma(dy[t][i], x[t][i] * r[t], d_weight[i]) over rows t in order; rows are `stride` floats apart. Covers
     * columns 0..width: shift the pointers to share columns among workers. */
    void (*rms_norm_weight)(int32_t rows, int32_t width, ptrdiff_t stride, const float *r, const float *x, const float *dy,
                            float *d_weight);

    /* Turn the pairs (i, i + head_dim / 2) of `heads` heads of one row by the angles of its position. cos, sin:
     * [head_dim / 2]. direction 1: forward; -1: back, as gradients need. */
    void (*rotary)(int32_t heads, int32_t head_dim, const float *cos, const float *sin, float direction, float *row);

    /* act[hidden] = silu(gate) * up, gate_up = gate[hidden] then up[hidden]. act may be gate_up. */
    void (*swiglu)(int32_t hidden, const float *gate_up, float *act);
    /* act again, and d_gate_up from d_act. */
    void (*swiglu_back)(int32_t hidden, const float *gate_up, const float *d_act, float *act, float *d_gate_up);

    /* Causal attention of one sequence for the query heads that share kv_head. qkv: its rows, already turned; out: rows of
     * heads * head_dim; stats: [length][heads][2], the largest score and 1 / sum of exp(score - largest). */
    void (*attention)(const pvi_attention_shape *s, int32_t length, int32_t kv_head, const float *qkv, float *out,
                      float *stats, float *scratch);
    /* d_qkv of the heads that belong to kv_head (still turned), from d_out. */
    void (*attention_back)(const pvi_attention_shape *s, int32_t length, int32_t kv_head, const float *qkv,
                           const float *out, const float *stats, const float *d_out, float *d_qkv, float *scratch);
    /* One head of up to PVI_STEP_ROWS samples, one query (turned) each, against all positions so far, its own included:
     * first those of shared[i], then those of own[i]. Row i of query and out is i * query_row, i * out_row floats on. The
     * bits of `attention`'s last row; neighbours that share their first segment save time. */
    void (*attention_steps)(int32_t head_dim, int32_t rows, const float *query, ptrdiff_t query_row, const pvi_kv *shared,
                            const pvi_kv *own, float *out, ptrdiff_t out_row, float *scratch);

    /* The largest of a row, and the sum of exp(x - largest). -INFINITY counts as nothing. */
    void (*log_sum_parts)(int32_t count, const float *x, float *largest, float *sum);
    /* p = exp(x - largest) * inverse. p may be x. */
    void (*softmax)(int32_t count, const float *x, float largest, float inverse, float *p);
    /* y = exp(x): relative error below 2^-22 for x in [-87, 88]; 0 below, exp(88) above; NaN stays. y may be x. */
    void (*exp)(int32_t count, const float *x, float *y);

    float (*dot)(int32_t count, const float *a, const float *b);
    void (*add)(int32_t count, const float *a, float *to);                /* to += a */
    void (*add_scaled)(int32_t count, float scale, const float *a, float *to); /* to = fma(scale, a, to) */
    bool (*finite)(size_t count, const float *x);
    bool (*within)(size_t count, const float *x, float lowest, float highest); /* all of them? No NaN is; both finite */
    double (*squares)(size_t count, const float *x); /* their sum, the same bits on every engine */
    /* One AdamW update, no product fused into an addition; the gradient becomes 0. Returns the sum of first^2, second and
     * weight^2 afterwards: a bound of all of them, NaN or infinite if one is. */
    float (*adamw)(int32_t count, const pvi_adamw_factors *f, float *weight, float *gradient, float *first, float *second);
} pvi_kernels;

/* The engine's; static. OpenBLAS only multiplies matrices: with it, the fastest of the library's own. */
const pvi_kernels *pvi_kernels_of(int engine);

/* log softmax of a row at an element, from what log_sum_parts found. */
static inline float pvi_log_prob_of(float logit, float largest, float sum) {
    return logit - largest - (float)log((double)sum);
}
/* The same of a row of logits at `token`; if p is not NULL, all probabilities (p may be logits). */
float pvi_log_prob(const pvi_kernels *kernels, int32_t count, const float *logits, int32_t token, float *p);

/* Rows of a table: to[i] = table[token[i]], `width` floats each. */
void pvi_gather(int32_t rows, int32_t width, const float *table, const int32_t *token, float *to);

/* cos and sin of position * theta^(-2 i / head_dim), [positions][head_dim / 2] each. */
void pvi_rotary_table(int32_t positions, int32_t head_dim, float theta, float *cos, float *sin);

#endif
