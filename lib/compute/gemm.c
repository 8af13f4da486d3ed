/* gemm.c - see gemm.h. A tile of C stays in registers over all of k. */
#include "compute/gemm.h"

#include <math.h>
#include <string.h>

#include "compute/blas.h"
#include "compute/engine.h"

enum { ROWS = 8, WIDTH_512 = 48, WIDTH_256 = 16, WIDTH_PLAIN = 16, WIDTH_BLAS = 128, WIDEST = 48 };

/* C[rows][panel width]; `c` has room for a whole panel's width. */
typedef void (*tile_fn)(int rows, int k, const float *a, ptrdiff_t a_row, ptrdiff_t a_col, const float *panel, float *c,
                        ptrdiff_t c_row, bool accumulate);

static void tile_plain(int rows, int k, const float *a, ptrdiff_t a_row, ptrdiff_t a_col, const float *panel, float *c,
                       ptrdiff_t c_row, bool accumulate) {
    for (int i = 0; i < rows; i++)
        for (int j = 0; j < WIDTH_PLAIN; j++) {
            float sum = accumulate ? c[i * c_row + j] : 0;
            for (int p = 0; p < k; p++) sum = fmaf(a[i * a_row + p * a_col], panel[p * WIDTH_PLAIN + j], sum);
            c[i * c_row + j] = sum;
        }
}

#if defined(__x86_64__)
#include <immintrin.h>

/* One function a row count, so that the accumulators are registers: VECTORS vectors of LANES floats a row. */
#define TILE(name, isa, rows, vectors, lanes, vec, zero, load, store, spread, fma)                                     \
    __attribute__((target(isa))) static void name(int k, const float *a, ptrdiff_t a_row, ptrdiff_t a_col,             \
                                                  const float *panel, float *c, ptrdiff_t c_row, bool accumulate) {    \
        vec sum[rows][vectors];                                                                                        \
        for (int i = 0; i < rows; i++)                                                                                 \
            for (int v = 0; v < vectors; v++) sum[i][v] = accumulate ? load(c + i * c_row + v * lanes) : zero();       \
        for (int p = 0; p < k; p++, a += a_col, panel += vectors * lanes)                                              \
            for (int i = 0; i < rows; i++) {                                                                           \
                vec x = spread(a[i * a_row]);                                                                          \
                for (int v = 0; v < vectors; v++) sum[i][v] = fma(x, load(panel + v * lanes), sum[i][v]);              \
            }                                                                                                          \
        for (int i = 0; i < rows; i++)                                                                                 \
            for (int v = 0; v < vectors; v++) store(c + i * c_row + v * lanes, sum[i][v]);                             \
    }
#define TILE_512(rows)                                                                                                 \
    TILE(tile_512_##rows, "avx512f", rows, 3, 16, __m512, _mm512_setzero_ps, _mm512_loadu_ps, _mm512_storeu_ps,        \
         _mm512_set1_ps, _mm512_fmadd_ps)
#define TILE_256(rows)                                                                                                 \
    TILE(tile_256_##rows, "avx2,fma", rows, 2, 8, __m256, _mm256_setzero_ps, _mm256_loadu_ps, _mm256_storeu_ps,        \
         _mm256_set1_ps, _mm256_fmadd_ps)
TILE_512(8)
TILE_512(4)
TILE_512(2)
TILE_512(1)
TILE_256(6)
TILE_256(4)
TILE_256(2)
TILE_256(1)

typedef void (*fixed_fn)(int, const float *, ptrdiff_t, ptrdiff_t, const float *, float *, ptrdiff_t, bool);
static const struct { int rows; fixed_fn run; } fixed_512[] = {{8, tile_512_8}, {4, tile_512_4}, {2, tile_512_2}, {1, tile_512_1}};
static const struct { int rows; fixed_fn run; } fixed_256[] = {{6, tile_256_6}, {4, tile_256_4}, {2, tile_256_2}, {1, tile_256_1}};

/* The largest tiles that still fit, until no row is left. */
#define TILES(name, table)                                                                                             \
    static void name(int rows, int k, const float *a, ptrdiff_t a_row, ptrdiff_t a_col, const float *panel, float *c,  \
                     ptrdiff_t c_row, bool accumulate) {                                                               \
        for (int t = 0; rows > 0;) {                                                                                   \
            if (table[t].rows > rows) {                                                                                \
                t++;                                                                                                   \
                continue;                                                                                              \
            }                                                                                                          \
            table[t].run(k, a, a_row, a_col, panel, c, c_row, accumulate);                                             \
            a += table[t].rows * a_row;                                                                                \
            c += table[t].rows * c_row;                                                                                \
            rows -= table[t].rows;                                                                                     \
        }                                                                                                              \
    }
TILES(tiles_512, fixed_512)
TILES(tiles_256, fixed_256)
#endif

static tile_fn tile_of(int engine) {
#if defined(__x86_64__)
    if (engine == PVI_ENGINE_AVX512) return tiles_512;
    if (engine == PVI_ENGINE_AVX2) return tiles_256;
#endif
    (void)engine;
    return tile_plain;
}

int pvi_pack_width(int engine) {
    switch (engine) {
    case PVI_ENGINE_AVX512: return WIDTH_512;
    case PVI_ENGINE_AVX2: return WIDTH_256;
    case PVI_ENGINE_OPENBLAS: return WIDTH_BLAS;
    default: return WIDTH_PLAIN;
    }
}

size_t pvi_pack_floats(int engine, int k, int n) {
    size_t width = (size_t)pvi_pack_width(engine);
    return ((size_t)n + width - 1) / width * width * (size_t)k;
}

void pvi_pack(int engine, int k, int n, const float *b, ptrdiff_t row, ptrdiff_t col, float *packed) {
    int width = pvi_pack_width(engine);
    for (int from = 0; from < n; from += width)
        for (int p = 0; p < k; p++)
            for (int j = 0; j < width; j++) *packed++ = from + j < n ? b[p * row + (from + j) * col] : 0;
}

/* The last panel may be wider than what is left of C: go through a copy. */
static void narrow_tile(tile_fn tile, int rows, int columns, int width, int k, const float *a, ptrdiff_t a_row,
                        ptrdiff_t a_col, const float *panel, float *c, ptrdiff_t c_row, bool accumulate) {
    float copy[ROWS * WIDEST] = {0};
    size_t bytes = (size_t)columns * sizeof *c;
    for (int i = 0; accumulate && i < rows; i++) memcpy(copy + i * width, c + i * c_row, bytes);
    tile(rows, k, a, a_row, a_col, panel, copy, width, accumulate);
    for (int i = 0; i < rows; i++) memcpy(c + i * c_row, copy + i * width, bytes);
}

/* A packed panel is a row-major matrix [k][WIDTH_BLAS], just what OpenBLAS takes. */
static void gemm_blas(int m, int n, int k, const float *a, ptrdiff_t a_row, ptrdiff_t a_col, const float *packed,
                      float *c, ptrdiff_t c_row, bool accumulate) {
    for (int j = 0; j < n; j += WIDTH_BLAS, packed += (ptrdiff_t)WIDTH_BLAS * k)
        pvi_blas_sgemm(m, n - j < WIDTH_BLAS ? n - j : WIDTH_BLAS, k, a, a_row, a_col, packed, WIDTH_BLAS, c + j, c_row,
                       accumulate);
}

void pvi_gemm(int engine, int m, int n, int k, const float *a, ptrdiff_t a_row, ptrdiff_t a_col, const float *packed,
              float *c, ptrdiff_t c_row, bool accumulate) {
    if (engine == PVI_ENGINE_OPENBLAS) {
        gemm_blas(m, n, k, a, a_row, a_col, packed, c, c_row, accumulate);
        return;
    }
    tile_fn tile = tile_of(engine);
    int width = pvi_pack_width(engine);
    for (int j = 0; j < n; j += width, packed += (ptrdiff_t)width * k) {
        if (j + width <= n) { /* all rows against one panel, which stays in the cache */
            tile(m, k, a, a_row, a_col, packed, c + j, c_row, accumulate);
            continue;
        }
        for (int i = 0; i < m; i += ROWS)
            narrow_tile(tile, m - i < ROWS ? m - i : ROWS, n - j, width, k, a + i * a_row, a_row, a_col, packed,
                        c + i * c_row + j, c_row, accumulate);
    }
}
