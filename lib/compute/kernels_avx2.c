/* kernels_avx2.c - the kernels on pairs of 256-bit registers. */
#include <math.h>
#include <string.h>

#include "compute/kernels_tables.h"

#if defined(__x86_64__)
#pragma GCC target("avx2,fma")
#include <immintrin.h>

typedef struct vec {
    __m256 low, high;
} vec;

static inline __m256i first_lanes(int n) {
    return _mm256_cmpgt_epi32(_mm256_set1_epi32(n), _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7));
}

static inline vec v_set(float x) { return (vec){_mm256_set1_ps(x), _mm256_set1_ps(x)}; }
static inline vec v_load(const float *x) { return (vec){_mm256_loadu_ps(x), _mm256_loadu_ps(x + 8)}; }
static inline vec v_load_some(const float *x, int n) {
    return (vec){_mm256_maskload_ps(x, first_lanes(n)), n > 8 ? _mm256_maskload_ps(x + 8, first_lanes(n - 8)) : _mm256_setzero_ps()};
}
static inline void v_store(float *x, vec v) {
    _mm256_storeu_ps(x, v.low);
    _mm256_storeu_ps(x + 8, v.high);
}
static inline void v_store_some(float *x, int n, vec v) {
    _mm256_maskstore_ps(x, first_lanes(n), v.low);
    if (n > 8) _mm256_maskstore_ps(x + 8, first_lanes(n - 8), v.high);
}
static inline vec v_add(vec a, vec b) { return (vec){_mm256_add_ps(a.low, b.low), _mm256_add_ps(a.high, b.high)}; }
static inline vec v_sub(vec a, vec b) { return (vec){_mm256_sub_ps(a.low, b.low), _mm256_sub_ps(a.high, b.high)}; }
static inline vec v_mul(vec a, vec b) { return (vec){_mm256_mul_ps(a.low, b.low), _mm256_mul_ps(a.high, b.high)}; }
static inline vec v_div(vec a, vec b) { return (vec){_mm256_div_ps(a.low, b.low), _mm256_div_ps(a.high, b.high)}; }
static inline vec v_sqrt(vec a) { return (vec){_mm256_sqrt_ps(a.low), _mm256_sqrt_ps(a.high)}; }
static inline vec v_fma(vec a, vec b, vec c) {
    return (vec){_mm256_fmadd_ps(a.low, b.low, c.low), _mm256_fmadd_ps(a.high, b.high, c.high)};
}
static inline vec v_fmsub(vec a, vec b, vec c) {
    return (vec){_mm256_fmsub_ps(a.low, b.low, c.low), _mm256_fmsub_ps(a.high, b.high, c.high)};
}
static inline vec v_max(vec a, vec b) { return (vec){_mm256_max_ps(a.low, b.low), _mm256_max_ps(a.high, b.high)}; }
static inline vec v_min(vec a, vec b) { return (vec){_mm256_min_ps(a.low, b.low), _mm256_min_ps(a.high, b.high)}; }
static inline vec v_first(vec v, int n, float rest) {
    __m256 r = _mm256_set1_ps(rest);
    return (vec){_mm256_blendv_ps(r, v.low, _mm256_castsi256_ps(first_lanes(n))),
                 _mm256_blendv_ps(r, v.high, _mm256_castsi256_ps(first_lanes(n - 8)))};
}
static inline vec v_zero_below(vec x, float limit, vec v) {
    __m256 l = _mm256_set1_ps(limit);
    return (vec){_mm256_and_ps(_mm256_cmp_ps(x.low, l, _CMP_NLT_UQ), v.low),
                 _mm256_and_ps(_mm256_cmp_ps(x.high, l, _CMP_NLT_UQ), v.high)};
}
static inline __m256 scale_half(__m256 v, __m256 shifted) {
    return _mm256_mul_ps(v, _mm256_castsi256_ps(_mm256_slli_epi32(_mm256_castps_si256(shifted), 23)));
}
static inline vec v_scale(vec v, vec shifted) {
    return (vec){scale_half(v.low, shifted.low), scale_half(v.high, shifted.high)};
}
static inline vec v_quarters(const float *x, ptrdiff_t stride) {
    return (vec){_mm256_loadu2_m128(x + stride, x), _mm256_loadu2_m128(x + 3 * stride, x + 2 * stride)};
}
static inline void turn_half(__m256 *w, __m256 *x, __m256 *y, __m256 *z) {
    __m256 a = _mm256_unpacklo_ps(*w, *x), b = _mm256_unpackhi_ps(*w, *x);
    __m256 c = _mm256_unpacklo_ps(*y, *z), d = _mm256_unpackhi_ps(*y, *z);
    *w = _mm256_shuffle_ps(a, c, 0x44);
    *x = _mm256_shuffle_ps(a, c, 0xee);
    *y = _mm256_shuffle_ps(b, d, 0x44);
    *z = _mm256_shuffle_ps(b, d, 0xee);
}
static inline void v_turn(vec v[4]) {
    turn_half(&v[0].low, &v[1].low, &v[2].low, &v[3].low);
    turn_half(&v[0].high, &v[1].high, &v[2].high, &v[3].high);
}
static inline float v_sum(vec v) {
    __m256 x = _mm256_add_ps(v.low, v.high);
    __m128 y = _mm_add_ps(_mm256_castps256_ps128(x), _mm256_extractf128_ps(x, 1));
    y = _mm_add_ps(y, _mm_movehl_ps(y, y));
    return _mm_cvtss_f32(_mm_add_ss(y, _mm_movehdup_ps(y)));
}
static inline float v_most(vec v) {
    __m256 x = _mm256_max_ps(v.low, v.high);
    __m128 y = _mm_max_ps(_mm256_castps256_ps128(x), _mm256_extractf128_ps(x, 1));
    y = _mm_max_ps(y, _mm_movehl_ps(y, y));
    return _mm_cvtss_f32(_mm_max_ss(y, _mm_movehdup_ps(y)));
}

/* 4 sums are 8 of 16 registers. */
enum { TILE_ROWS = 4, TILE_VECTORS = 1 };
#define KERNELS pvi_kernels_avx2
#include "compute/kernels_body.h"
#endif
