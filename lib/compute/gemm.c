/* gemm.c - see gemm.h. A tile of C stays in registers over all of k. */
#include "compute/gemm.h"

#include <math.h>
#include <string.h>

#include "compute/blas.h"
#include "compute/engine.h"

enum {
    ROWS_512 = 8, ROWS_256 = 6, ROWS_PLAIN = 8, MOST_ROWS = 8, WIDTH_512 = 48, WIDTH_256 = 16, WIDTH_PLAIN = 16, WIDTH_BLAS = 128, WIDEST = 48,
    LINE = 16,         /* floats */
    DEPTH = 192,       /* rows of a panel at a time */
    PACK_STEPS = 64,   /* of a turned B at a time: 4 lines of each column */
    TURNED_ROWS = 48   /* rows of a turned A at a time: with DEPTH, 48 KiB of the stack */
};

/* How A's elements lie: a step along a row, from row to row, and from one tile's rows to the next one's. */
typedef struct a_steps {
    ptrdiff_t row, col, tile;
} a_steps;

/* What is needed soon: each step along k asks for one line, each tile of rows begins further on. */
typedef struct ahead {
    const float *at;
    ptrdiff_t step, tile;
} ahead;

/* C[rows][panel width]; `c` has room for a whole panel's width. */
typedef void (*tile_fn)(int rows, int k, const float *a, a_steps step, const float *panel, float *c, ptrdiff_t c_row,
                        bool accumulate, ahead next, pvi_wanted *wanted);

static void tile_plain(int rows, int k, const float *a, a_steps step, const float *panel, float *c, ptrdiff_t c_row,
                       bool accumulate, ahead next, pvi_wanted *wanted) {
    (void)next;
    (void)wanted;
    for (int i = 0; i < rows; i++) {
        const float *mine = a + i / ROWS_PLAIN * step.tile + i % ROWS_PLAIN * step.row;
        for (int j = 0; j < WIDTH_PLAIN; j++) {
            float sum = accumulate ? c[i * c_row + j] : 0;
            for (int p = 0; p < k; p++) sum = fmaf(mine[p * step.col], panel[p * WIDTH_PLAIN + j], sum);
            c[i * c_row + j] = sum;
        }
    }
}

#if defined(__x86_64__)
#include <immintrin.h>

/* One function a row count, so that the accumulators are registers: VECTORS vectors of LANES floats a row. Those with ASKS for
 * what is wanted soon are functions of their own: one more instruction a step costs 3 %. */
#define TILE(name, isa, rows, vectors, lanes, vec, zero, load, store, spread, fma, asks)                               \
    __attribute__((target(isa))) static void name(int k, const float *a, ptrdiff_t a_row, ptrdiff_t a_col,             \
                                                  const float *panel, float *c, ptrdiff_t c_row, bool accumulate,      \
                                                  const float *next, ptrdiff_t next_step, const float *soon,           \
                                                  ptrdiff_t soon_step) {                                               \
        vec sum[rows][vectors];                                                                                        \
        for (int i = 0; i < rows; i++)                                                                                 \
            for (int v = 0; v < vectors; v++) sum[i][v] = accumulate ? load(c + i * c_row + v * lanes) : zero();       \
        for (int p = 0; p < k; p++, a += a_col, panel += vectors * lanes, next += next_step) {                         \
            _mm_prefetch((const char *)next, _MM_HINT_T1);                                                             \
            if (asks) _mm_prefetch((const char *)soon, _MM_HINT_T1), soon += soon_step;                                \
            for (int i = 0; i < rows; i++) {                                                                           \
                vec x = spread(a[i * a_row]);                                                                          \
                for (int v = 0; v < vectors; v++) sum[i][v] = fma(x, load(panel + v * lanes), sum[i][v]);              \
            }                                                                                                          \
        }                                                                                                              \
        for (int i = 0; i < rows; i++)                                                                                 \
            for (int v = 0; v < vectors; v++) store(c + i * c_row + v * lanes, sum[i][v]);                             \
    }
#define TILE_512(rows, vectors, asks)                                                                                  \
    TILE(tile_512_##rows##x##vectors##_##asks, "avx512f", rows, vectors, 16, __m512, _mm512_setzero_ps,                \
         _mm512_loadu_ps, _mm512_storeu_ps, _mm512_set1_ps, _mm512_fmadd_ps, asks)
#define TILE_256(rows, asks)                                                                                           \
    TILE(tile_256_##rows##_##asks, "avx2,fma", rows, 2, 8, __m256, _mm256_setzero_ps, _mm256_loadu_ps,                 \
         _mm256_storeu_ps, _mm256_set1_ps, _mm256_fmadd_ps, asks)
TILE_512(8, 3, 0)
TILE_512(4, 3, 0)
TILE_512(2, 3, 0)
TILE_512(1, 3, 0)
TILE_512(8, 2, 0)
TILE_512(4, 2, 0)
TILE_512(2, 2, 0)
TILE_512(1, 2, 0)
TILE_512(8, 1, 0)
TILE_512(4, 1, 0)
TILE_512(2, 1, 0)
TILE_512(1, 1, 0)
TILE_512(8, 3, 1)
TILE_512(8, 2, 1)
TILE_512(8, 1, 1)
TILE_256(6, 0)
TILE_256(4, 0)
TILE_256(2, 0)
TILE_256(1, 0)
TILE_256(6, 1)

typedef void (*fixed_fn)(int k, const float *a, ptrdiff_t a_row, ptrdiff_t a_col, const float *panel, float *c,
                         ptrdiff_t c_row, bool accumulate, const float *next, ptrdiff_t next_step, const float *soon,
                         ptrdiff_t soon_step);
typedef struct fixed_tile {
    int rows;
    fixed_fn run;
} fixed_tile;
static const fixed_tile fixed_512x3[] = {{8, tile_512_8x3_0}, {4, tile_512_4x3_0}, {2, tile_512_2x3_0}, {1, tile_512_1x3_0}};
static const fixed_tile fixed_512x2[] = {{8, tile_512_8x2_0}, {4, tile_512_4x2_0}, {2, tile_512_2x2_0}, {1, tile_512_1x2_0}};
static const fixed_tile fixed_512x1[] = {{8, tile_512_8x1_0}, {4, tile_512_4x1_0}, {2, tile_512_2x1_0}, {1, tile_512_1x1_0}};
static const fixed_tile fixed_256[] = {{6, tile_256_6_0}, {4, tile_256_4_0}, {2, tile_256_2_0}, {1, tile_256_1_0}};

/* Rows of C that come soon, to be added to or written over. */
static inline void expect(int rows, int width, const float *c, ptrdiff_t c_row) {
    for (int i = 0; i < rows && i < MOST_ROWS; i++)
        for (int j = 0; j < width; j += LINE) __builtin_prefetch(c + i * c_row + j, 0, 2);
}

/* What a tile of k steps is to ask for, `step` floats each: as much as memory brings in that time besides the next panel. */
static inline ahead take(pvi_wanted *wanted, int k, ptrdiff_t step) {
    if (wanted == NULL || wanted->now == wanted->count) return (ahead){NULL, 0, 0};
    if (wanted->near) step *= 4;
    ahead taken = {wanted->stretch[wanted->now].at + wanted->done, step, 0};
    wanted->done += (size_t)(k * step);
    if (wanted->done >= wanted->stretch[wanted->now].count) wanted->now++, wanted->done = 0;
    return taken;
}

/* The largest tiles that still fit, until no row is left; behind the last one, the next panel begins beside the first. The
 * largest ask for what is wanted. */
#define TILES(name, table, width, lanes, asking)                                                                       \
    static void name(int rows, int k, const float *a, a_steps step, const float *panel, float *c, ptrdiff_t c_row,     \
                     bool accumulate, ahead next, pvi_wanted *wanted) {                                                \
        int all = rows;                                                                                                \
        for (int t = 0; rows > 0;) {                                                                                   \
            int here = table[t].rows;                                                                                  \
            if (here > rows) {                                                                                         \
                t++;                                                                                                   \
                continue;                                                                                              \
            }                                                                                                          \
            if (rows > here) expect(rows - here, width, c + here * c_row, c_row);                                      \
            else expect(all, width, c + (rows - all) * c_row + width, c_row);                                          \
            ahead soon = t == 0 ? take(wanted, k, here * width / (4 * lanes)) : (ahead){NULL, 0, 0};                   \
            (soon.at != NULL ? asking : table[t].run)(k, a, step.row, step.col, panel, c, c_row, accumulate, next.at,  \
                                                      next.step, soon.at, soon.step);                                  \
            a += t == 0 ? step.tile : here * step.row;                                                                 \
            c += here * c_row;                                                                                         \
            next.at += next.tile;                                                                                      \
            rows -= here;                                                                                              \
        }                                                                                                              \
    }
TILES(tiles_512x3, fixed_512x3, 48, 16, tile_512_8x3_1)
TILES(tiles_512x2, fixed_512x2, 32, 16, tile_512_8x2_1)
TILES(tiles_512x1, fixed_512x1, 16, 16, tile_512_8x1_1)
TILES(tiles_256, fixed_256, 16, 8, tile_256_6_1)
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

static int tile_rows(int engine) {
    return engine == PVI_ENGINE_AVX512 ? ROWS_512 : engine == PVI_ENGINE_AVX2 ? ROWS_256 : ROWS_PLAIN;
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

/* A matrix that lies turned, as weights do for the forward pass: `there` columns, each k floats side by side. A few lines of
 * each column at a time, as columns may lie whole pages apart. */
static void pack_turned(int width, int there, int k, const float *b, ptrdiff_t col, float *packed) {
    for (int from = 0; from < k; from += PACK_STEPS) {
        int end = k - from < PACK_STEPS ? k : from + PACK_STEPS, j = 0;
#if defined(__x86_64__)
        for (; j + 4 <= there; j += 4) {
            const float *at = b + j * col;
            int p = from;
            for (; p + 4 <= end; p += 4) {
                __m128 r0 = _mm_loadu_ps(at + p), r1 = _mm_loadu_ps(at + col + p), r2 = _mm_loadu_ps(at + 2 * col + p),
                       r3 = _mm_loadu_ps(at + 3 * col + p);
                _MM_TRANSPOSE4_PS(r0, r1, r2, r3);
                float *to = packed + (ptrdiff_t)p * width + j;
                _mm_storeu_ps(to, r0), _mm_storeu_ps(to + width, r1), _mm_storeu_ps(to + 2 * width, r2), _mm_storeu_ps(to + 3 * width, r3);
            }
            for (; p < end; p++)
                for (int i = 0; i < 4; i++) packed[(ptrdiff_t)p * width + j + i] = at[i * col + p];
        }
#endif
        for (; j < width; j++)
            for (int p = from; p < end; p++) packed[(ptrdiff_t)p * width + j] = j < there ? b[j * col + p] : 0;
    }
}

void pvi_pack_rows(int engine, int k, int n, const float *b, ptrdiff_t row, ptrdiff_t col, int first, int end,
                   float *packed) {
    for (int from = 0, width; from < n; from += width) {
        width = pvi_panel_width(engine, n, from);
        int there = n - from < width ? n - from : width;
        float *to = packed + (ptrdiff_t)first * width;
        if (row == 1 && col != 1) pack_turned(width, there, end - first, b + from * col, col, to);
        else
            for (int p = 0; p < end - first; p++) pack_row(width, there, b + p * row + from * col, col, to + (ptrdiff_t)p * width);
        packed += (ptrdiff_t)width * k;
    }
}

void pvi_pack(int engine, int k, int n, const float *b, ptrdiff_t row, ptrdiff_t col, float *packed) {
    pvi_pack_rows(engine, k, n, b, row, col, 0, k, packed);
}

/* The last panel may be wider than what is left of C: go through a copy. At most one tile's rows. */
static void narrow_tile(tile_fn tile, int rows, int columns, int width, int k, const float *a, a_steps step,
                        const float *panel, float *c, ptrdiff_t c_row, bool accumulate) {
    float copy[MOST_ROWS * WIDEST] = {0};
    size_t bytes = (size_t)columns * sizeof *c;
    for (int i = 0; accumulate && i < rows; i++) memcpy(copy + i * width, c + i * c_row, bytes);
    tile(rows, k, a, step, panel, copy, width, accumulate, (ahead){panel, 0, 0}, NULL);
    for (int i = 0; i < rows; i++) memcpy(c + i * c_row, copy + i * width, bytes);
}

/* A packed panel is a row-major matrix [k][WIDTH_BLAS], just what OpenBLAS takes. */
static void gemm_blas(int m, int n, int k, const float *a, ptrdiff_t a_row, ptrdiff_t a_col, const float *packed,
                      float *c, ptrdiff_t c_row, bool accumulate) {
    for (int j = 0; j < n; j += WIDTH_BLAS, packed += (ptrdiff_t)WIDTH_BLAS * k)
        pvi_blas_sgemm(m, n - j < WIDTH_BLAS ? n - j : WIDTH_BLAS, k, a, a_row, a_col, packed, WIDTH_BLAS, c + j, c_row,
                       accumulate);
}

/* Rows from `k_from` on, k of them, of B's k_all. */
typedef struct depth {
    const float *packed;
    int n, k_all, k_from, k;
} depth;

/* Against m rows of A: all rows against one panel, which stays in the cache while the next one comes in. During the first
 * panel, `first` may ask for something else. */
static void gemm_part(int engine, int m, const depth *b, const float *a, a_steps step, float *c, ptrdiff_t c_row,
                      bool accumulate, const ahead *first, pvi_wanted *wanted) {
    int group = tile_rows(engine);
    for (int j = 0, width; j < b->n; j += width) {
        width = pvi_panel_width(engine, b->n, j);
        tile_fn tile = tile_of(engine, width);
        const float *panel = b->packed + (ptrdiff_t)j * b->k_all + (ptrdiff_t)b->k_from * width;
        int spread = (width * group + m - 1) / m, each = spread < LINE ? spread : LINE; /* evenly over the tiles: many at once queue up */
        ahead next = {panel + (ptrdiff_t)b->k_all * width, each, (ptrdiff_t)b->k * each};
        if (j + width <= b->n) {
            tile(m, b->k, a, step, panel, c + j, c_row, accumulate, j == 0 && first != NULL ? *first : next, wanted);
            continue;
        }
        for (int i = 0; i < m; i += group)
            narrow_tile(tile, m - i < group ? m - i : group, b->n - j, width, b->k, a + i / group * step.tile, step, panel,
                        c + i * c_row + j, c_row, accumulate);
    }
}

/* A turned A's rows, upright: for each tile's rows [k][group]. Two groups are one line of A. */
static void set_upright(int group, int rows, int k, const float *a, ptrdiff_t a_col, float *upright) {
    int i = 0;
    for (; group == ROWS_512 && i + 2 * ROWS_512 <= rows; i += 2 * ROWS_512, upright += 2 * ROWS_512 * k)
        for (int p = 0; p < k; p++) {
            memcpy(upright + p * ROWS_512, a + p * a_col + i, ROWS_512 * sizeof *a);
            memcpy(upright + (k + p) * ROWS_512, a + p * a_col + i + ROWS_512, ROWS_512 * sizeof *a);
        }
    for (; i < rows; i += group, upright += group * k)
        for (int p = 0; p < k; p++)
            for (int r = 0; r < group && r < rows - i; r++) upright[p * group + r] = a[p * a_col + i + r];
}

/* A lies turned (its rows side by side), as the gradient of an output does in a weight's gradient: every step along k would
 * be another page. Few rows at a time are set upright, for all of B's panels. */
static void turned_part(int engine, int m, const depth *b, const float *a, ptrdiff_t a_col, float *c, ptrdiff_t c_row,
                        bool accumulate) {
    float upright[TURNED_ROWS * DEPTH];
    int group = tile_rows(engine);
    a_steps step = {1, group, (ptrdiff_t)group * b->k};
    for (int i = 0; i < m; i += TURNED_ROWS) {
        int rows = m - i < TURNED_ROWS ? m - i : TURNED_ROWS;
        set_upright(group, rows, b->k, a + i, a_col, upright);
        gemm_part(engine, rows, b, upright, step, c + i * c_row, c_row, accumulate, &(ahead){a + i + TURNED_ROWS, a_col, LINE}, NULL);
    }
}

static void gemm(int engine, int m, int n, int k, const float *a, ptrdiff_t a_row, ptrdiff_t a_col, const float *packed,
                 float *c, ptrdiff_t c_row, bool accumulate, pvi_wanted *wanted) {
    if (engine == PVI_ENGINE_OPENBLAS) {
        gemm_blas(m, n, k, a, a_row, a_col, packed, c, c_row, accumulate);
        return;
    }
    bool turned = a_row == 1 && a_col != 1;
    int most = m <= tile_rows(engine) && !turned && k > DEPTH ? k : DEPTH; /* one tile's rows need B once: straight through */
    for (int from = 0; from < k || from == 0; from += most) {
        depth b = {packed, n, k, from, k - from < most ? k - from : most};
        bool onto = accumulate || from > 0;
        a_steps step = {a_row, a_col, tile_rows(engine) * a_row};
        if (turned) turned_part(engine, m, &b, a + from * a_col, a_col, c, c_row, onto);
        else gemm_part(engine, m, &b, a + from * a_col, step, c, c_row, onto, NULL, wanted);
    }
}

void pvi_gemm(int engine, int m, int n, int k, const float *a, ptrdiff_t a_row, ptrdiff_t a_col, const float *packed,
              float *c, ptrdiff_t c_row, bool accumulate) {
    gemm(engine, m, n, k, a, a_row, a_col, packed, c, c_row, accumulate, NULL);
}

void pvi_gemm_asking(int engine, int m, int n, int k, const float *a, ptrdiff_t a_row, const float *packed, float *c,
                     ptrdiff_t c_row, bool accumulate, pvi_wanted *wanted) {
    gemm(engine, m, n, k, a, a_row, 1, packed, c, c_row, accumulate, wanted);
}
