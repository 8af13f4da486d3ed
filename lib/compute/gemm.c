/* gemm.c - see gemm.h. A tile of C stays in registers over all of k. */
#include "compute/gemm.h"

#include <math.h>
#include <string.h>

#include "compute/blas.h"
#include "compute/engine.h"

enum { ROWS = 8, WIDTH_512 = 48, WIDTH_256 = 16, WIDTH_PLAIN = 16, WIDTH_BLAS = 128, WIDEST = 48, DEPTH = 256, DEPTH_TURNED = 96 };

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
#define TILE_512(rows, vectors)                                                                                        \
    TILE(tile_512_##rows##x##vectors, "avx512f", rows, vectors, 16, __m512, _mm512_setzero_ps, _mm512_loadu_ps,        \
         _mm512_storeu_ps, _mm512_set1_ps, _mm512_fmadd_ps)
#define TILE_256(rows)                                                                                                 \
    TILE(tile_256_##rows, "avx2,fma", rows, 2, 8, __m256, _mm256_setzero_ps, _mm256_loadu_ps, _mm256_storeu_ps,        \
         _mm256_set1_ps, _mm256_fmadd_ps)
TILE_512(8, 3)
TILE_512(4, 3)
TILE_512(2, 3)
TILE_512(1, 3)
TILE_512(8, 2)
TILE_512(4, 2)
TILE_512(2, 2)
TILE_512(1, 2)
TILE_512(8, 1)
TILE_512(4, 1)
TILE_512(2, 1)
TILE_512(1, 1)
TILE_256(6)
TILE_256(4)
TILE_256(2)
TILE_256(1)

typedef struct fixed_tile {
    int rows;
    void (*run)(int k, const float *a, ptrdiff_t a_row, ptrdiff_t a_col, const float *panel, float *c, ptrdiff_t c_row,
                bool accumulate);
} fixed_tile;
static const fixed_tile fixed_512x3[] = {{8, tile_512_8x3}, {4, tile_512_4x3}, {2, tile_512_2x3}, {1, tile_512_1x3}};
static const fixed_tile fixed_512x2[] = {{8, tile_512_8x2}, {4, tile_512_4x2}, {2, tile_512_2x2}, {1, tile_512_1x2}};
static const fixed_tile fixed_512x1[] = {{8, tile_512_8x1}, {4, tile_512_4x1}, {2, tile_512_2x1}, {1, tile_512_1x1}};
static const fixed_tile fixed_256[] = {{6, tile_256_6}, {4, tile_256_4}, {2, tile_256_2}, {1, tile_256_1}};

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
TILES(tiles_512x3, fixed_512x3)
TILES(tiles_512x2, fixed_512x2)
TILES(tiles_512x1, fixed_512x1)
TILES(tiles_256, fixed_256)
#endif

static tile_fn tile_of(int engine, int width) {
#if defined(__x86_64__)
    if (engine == PVI_ENGINE_AVX512) return width == WIDTH_512 ? tiles_512x3 : width == 32 ? tiles_512x2 : tiles_512x1;
    if (engine == PVI_ENGINE_AVX2) return tiles_256;
#endif
    (void)engine;
    (void)width;
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

int pvi_panel_width(int engine, int n, int from) {
    int width = pvi_pack_width(engine), left = n - from;
    if (engine != PVI_ENGINE_AVX512 || left >= width) return width;
    return (left + 15) / 16 * 16;
}

size_t pvi_pack_floats(int engine, int k, int n) {
    int whole = n / pvi_pack_width(engine) * pvi_pack_width(engine);
    return ((size_t)whole + (whole < n ? (size_t)pvi_panel_width(engine, n, whole) : 0)) * (size_t)k;
}

/* One row of a panel: `there` columns, the rest zeros. */
static void pack_row(int width, int there, const float *b, ptrdiff_t col, float *packed) {
    if (col == 1 && there == WIDTH_512) memcpy(packed, b, WIDTH_512 * sizeof *b); /* a few moves, not a call */
    else if (col == 1 && there == WIDTH_256) memcpy(packed, b, WIDTH_256 * sizeof *b);
    else if (col == 1) memcpy(packed, b, (size_t)there * sizeof *b);
    else
        for (int j = 0; j < there; j++) packed[j] = b[j * col];
    for (int j = there; j < width; j++) packed[j] = 0;
}

void pvi_pack_rows(int engine, int k, int n, const float *b, ptrdiff_t row, ptrdiff_t col, int first, int end,
                   float *packed) {
    for (int from = 0, width; from < n; from += width) {
        width = pvi_panel_width(engine, n, from);
        int there = n - from < width ? n - from : width;
        for (int p = first; p < end; p++)
            pack_row(width, there, b + (p - first) * row + from * col, col, packed + (ptrdiff_t)p * width);
        packed += (ptrdiff_t)width * k;
    }
}

void pvi_pack(int engine, int k, int n, const float *b, ptrdiff_t row, ptrdiff_t col, float *packed) {
    pvi_pack_rows(engine, k, n, b, row, col, 0, k, packed);
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

/* Rows p of B from `k_from` on, `k` of the `k_all` in a panel. */
static void gemm_part(int engine, int m, int n, int k_all, int k_from, int k, const float *a, ptrdiff_t a_row,
                      ptrdiff_t a_col, const float *packed, float *c, ptrdiff_t c_row, bool accumulate) {
    for (int j = 0, width; j < n; j += width) {
        width = pvi_panel_width(engine, n, j);
        tile_fn tile = tile_of(engine, width);
        const float *panel = packed + (ptrdiff_t)j * k_all + (ptrdiff_t)k_from * width;
        if (j + width <= n) { /* all rows against one panel, which stays in the cache */
            tile(m, k, a, a_row, a_col, panel, c + j, c_row, accumulate);
            continue;
        }
        for (int i = 0; i < m; i += ROWS)
            narrow_tile(tile, m - i < ROWS ? m - i : ROWS, n - j, width, k, a + i * a_row, a_row, a_col, panel,
                        c + i * c_row + j, c_row, accumulate);
    }
}

void pvi_gemm(int engine, int m, int n, int k, const float *a, ptrdiff_t a_row, ptrdiff_t a_col, const float *packed,
              float *c, ptrdiff_t c_row, bool accumulate) {
    if (engine == PVI_ENGINE_OPENBLAS) {
        gemm_blas(m, n, k, a, a_row, a_col, packed, c, c_row, accumulate);
        return;
    }
    /* A part of k at a time: that much of a panel stays in the cache, and of an A that lies turned, of its pages too. */
    int depth = a_col == 1 ? DEPTH : DEPTH_TURNED;
    for (int from = 0; from < k || from == 0; from += depth)
        gemm_part(engine, m, n, k, from, k - from < depth ? k - from : depth, a + from * a_col, a_row, a_col, packed, c,
                  c_row, accumulate || from > 0);
}
