/* kernels_avx512.c - the kernels on 512-bit registers. */
#include <math.h>
#include <string.h>

#include "compute/kernels_tables.h"

#if defined(__x86_64__)
#pragma GCC target("avx512f")
#include <immintrin.h>

typedef __m512 vec;

static inline __mmask16 first_lanes(int n) { return (__mmask16)(n >= PVI_LANES ? 0xffffu : (1u << n) - 1u); }

static inline vec v_set(float x) { return _mm512_set1_ps(x); }
static inline vec v_load(const float *x) { return _mm512_loadu_ps(x); }
/* Half a vector, as heads of 16 have, without a mask: a masked load has to wait for stores nearby. */
static inline vec v_load_some(const float *x, int n) {
    return n == 8 ? _mm512_zextps256_ps512(_mm256_loadu_ps(x)) : _mm512_maskz_loadu_ps(first_lanes(n), x);
}
static inline void v_store(float *x, vec v) { _mm512_storeu_ps(x, v); }
static inline void v_store_some(float *x, int n, vec v) {
    if (n == 8) _mm256_storeu_ps(x, _mm512_castps512_ps256(v));
    else _mm512_mask_storeu_ps(x, first_lanes(n), v);
}
static inline vec v_add(vec a, vec b) { return _mm512_add_ps(a, b); }
static inline vec v_sub(vec a, vec b) { return _mm512_sub_ps(a, b); }
static inline vec v_mul(vec a, vec b) { return _mm512_mul_ps(a, b); }
static inline vec v_div(vec a, vec b) { return _mm512_div_ps(a, b); }
static inline vec v_sqrt(vec a) { return _mm512_sqrt_ps(a); }
static inline vec v_fma(vec a, vec b, vec c) { return _mm512_fmadd_ps(a, b, c); }
static inline vec v_fmsub(vec a, vec b, vec c) { return _mm512_fmsub_ps(a, b, c); }
static inline vec v_max(vec a, vec b) { return _mm512_max_ps(a, b); }
static inline vec v_min(vec a, vec b) { return _mm512_min_ps(a, b); }
static inline vec v_first(vec v, int n, float rest) { return _mm512_mask_blend_ps(first_lanes(n), v_set(rest), v); }
static inline vec v_zero_below(vec x, float limit, vec v) {
    return _mm512_maskz_mov_ps(_mm512_cmp_ps_mask(x, v_set(limit), _CMP_NLT_UQ), v);
}
static inline vec v_scale(vec v, vec shifted) {
    return _mm512_mul_ps(v, _mm512_castsi512_ps(_mm512_slli_epi32(_mm512_castps_si512(shifted), 23)));
}

static inline vec v_quarters(const float *x, ptrdiff_t stride) {
    __m512 v = _mm512_castps128_ps512(_mm_loadu_ps(x));
    v = _mm512_insertf32x4(v, _mm_loadu_ps(x + stride), 1);
    v = _mm512_insertf32x4(v, _mm_loadu_ps(x + 2 * stride), 2);
    return _mm512_insertf32x4(v, _mm_loadu_ps(x + 3 * stride), 3);
}
static inline void v_turn(vec v[4]) {
    __m512 a = _mm512_unpacklo_ps(v[0], v[1]), b = _mm512_unpackhi_ps(v[0], v[1]);
    __m512 c = _mm512_unpacklo_ps(v[2], v[3]), d = _mm512_unpackhi_ps(v[2], v[3]);
    v[0] = _mm512_shuffle_ps(a, c, 0x44);
    v[1] = _mm512_shuffle_ps(a, c, 0xee);
    v[2] = _mm512_shuffle_ps(b, d, 0x44);
    v[3] = _mm512_shuffle_ps(b, d, 0xee);
}

static inline __m256 upper(vec v) { return _mm256_castpd_ps(_mm512_extractf64x4_pd(_mm512_castps_pd(v), 1)); }
static inline float v_sum(vec v) {
    __m256 x = _mm256_add_ps(_mm512_castps512_ps256(v), upper(v));
    __m128 y = _mm_add_ps(_mm256_castps256_ps128(x), _mm256_extractf128_ps(x, 1));
    y = _mm_add_ps(y, _mm_movehl_ps(y, y));
    return _mm_cvtss_f32(_mm_add_ss(y, _mm_movehdup_ps(y)));
}
static inline float v_most(vec v) {
    __m256 x = _mm256_max_ps(_mm512_castps512_ps256(v), upper(v));
    __m128 y = _mm_max_ps(_mm256_castps256_ps128(x), _mm256_extractf128_ps(x, 1));
    y = _mm_max_ps(y, _mm_movehl_ps(y, y));
    return _mm_cvtss_f32(_mm_max_ss(y, _mm_movehdup_ps(y)));
}

/* 16 sums of 32 registers. */
enum { TILE_ROWS = 8, TILE_VECTORS = 2 };
#define KERNELS pvi_kernels_avx512
#include "compute/kernels_body.h"
#endif
