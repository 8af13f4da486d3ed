/* kernels_portable.c - the kernels in plain C: what the vector operations mean. */
#include <math.h>
#include <string.h>

#include "compute/kernels_tables.h"

typedef struct vec {
    float at[PVI_LANES];
} vec;

#define EACH for (int l = 0; l < PVI_LANES; l++)

static inline vec v_set(float x) {
    vec v;
    EACH v.at[l] = x;
    return v;
}
static inline vec v_load_some(const float *x, int n) {
    vec v = v_set(0.0f);
    memcpy(v.at, x, (size_t)n * sizeof *x);
    return v;
}
static inline vec v_load(const float *x) { return v_load_some(x, PVI_LANES); }
static inline void v_store_some(float *x, int n, vec v) { memcpy(x, v.at, (size_t)n * sizeof *x); }
static inline void v_store(float *x, vec v) { v_store_some(x, PVI_LANES, v); }
static inline vec v_add(vec a, vec b) {
    EACH a.at[l] += b.at[l];
    return a;
}
static inline vec v_sub(vec a, vec b) {
    EACH a.at[l] -= b.at[l];
    return a;
}
static inline vec v_mul(vec a, vec b) {
    EACH a.at[l] *= b.at[l];
    return a;
}
static inline vec v_div(vec a, vec b) {
    EACH a.at[l] /= b.at[l];
    return a;
}
static inline vec v_sqrt(vec a) {
    EACH a.at[l] = sqrtf(a.at[l]);
    return a;
}
/* a * b + c and a * b - c, rounded once. */
static inline vec v_fma(vec a, vec b, vec c) {
    EACH a.at[l] = fmaf(a.at[l], b.at[l], c.at[l]);
    return a;
}
static inline vec v_fmsub(vec a, vec b, vec c) {
    EACH a.at[l] = fmaf(a.at[l], b.at[l], -c.at[l]);
    return a;
}
/* The second operand if either is NaN, as x86 does. */
static inline vec v_max(vec a, vec b) {
    EACH a.at[l] = a.at[l] > b.at[l] ? a.at[l] : b.at[l];
    return a;
}
static inline vec v_min(vec a, vec b) {
    EACH a.at[l] = a.at[l] < b.at[l] ? a.at[l] : b.at[l];
    return a;
}
/* Lanes from n on become `rest`. */
static inline vec v_first(vec v, int n, float rest) {
    for (int l = n; l < PVI_LANES; l++) v.at[l] = rest;
    return v;
}
/* 0 where x < limit, else v. */
static inline vec v_zero_below(vec x, float limit, vec v) {
    EACH v.at[l] = x.at[l] < limit ? 0.0f : v.at[l];
    return v;
}
/* v * 2^n, n in [-126, 127], where `shifted` is 1.5 * 2^23 + 127 + n: the exponent of 2^n is in its low bits. */
static inline vec v_scale(vec v, vec shifted) {
    EACH {
        uint32_t bits;
        float power;
        memcpy(&bits, &shifted.at[l], sizeof bits);
        bits <<= 23;
        memcpy(&power, &bits, sizeof power);
        v.at[l] *= power;
    }
    return v;
}
/* Four floats at x, then at x + stride and so on. */
static inline vec v_quarters(const float *x, ptrdiff_t stride) {
    vec v;
    EACH v.at[l] = x[l / 4 * stride + l % 4];
    return v;
}
/* Each quarter of the four is a matrix of 4 by 4: turn it. */
static inline void v_turn(vec v[4]) {
    vec old[4] = {v[0], v[1], v[2], v[3]};
    for (int i = 0; i < 4; i++) EACH v[i].at[l] = old[l % 4].at[l / 4 * 4 + i];
}
static inline float v_sum(vec v) {
    for (int half = PVI_LANES / 2; half > 0; half /= 2)
        for (int l = 0; l < half; l++) v.at[l] += v.at[l + half];
    return v.at[0];
}
static inline float v_most(vec v) {
    for (int half = PVI_LANES / 2; half > 0; half /= 2)
        for (int l = 0; l < half; l++) v.at[l] = v.at[l] > v.at[l + half] ? v.at[l] : v.at[l + half];
    return v.at[0];
}

enum { TILE_ROWS = 8, TILE_VECTORS = 1 };
#define KERNELS pvi_kernels_portable
#include "compute/kernels_body.h"
