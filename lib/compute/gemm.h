/* gemm.h - matrix products in fp32 with one meaning.
 *
 * Every element of C is one chain of fused multiply-adds in ascending k, begun at 0 or at the old C. So no blocking,
 * panel width, engine, partition among workers, or cut of k into several accumulating calls changes a bit, and the plain
 * loop over fmaf is an exact twin. All but the engine OpenBLAS, which has an order of its own that may depend on m, n, k
 * and the way A is stored: there the same calls give the same bits, and nothing more is promised.
 *
 * B is used in packed form: panels of pvi_pack_width() columns (the last may be narrower), [k][width] each,
 * padded with zeros. Weights
 * are packed once and used many times. */
#ifndef PVI_GEMM_H
#define PVI_GEMM_H

#include <stdbool.h>
#include <stddef.h>

/* Columns of a panel: workers that share the columns of C cut at multiples of it. */
int pvi_pack_width(int engine);
/* Columns of the panel that begins at column `from` of n, padding included: the last one may be narrower. The panel
 * begins at packed + from * k. */
int pvi_panel_width(int engine, int n, int from);
/* Floats of a packed B of k rows and n columns. */
size_t pvi_pack_floats(int engine, int k, int n);
/* b(r, c) = b[r * row + c * col]: row-major with col 1, a transposed one (weights, [out][in]) with row 1. */
void pvi_pack(int engine, int k, int n, const float *b, ptrdiff_t row, ptrdiff_t col, float *packed);
/* The same for rows first .. end of B's k rows alone, so that workers can share the rows: b points at row `first`. */
void pvi_pack_rows(int engine, int k, int n, const float *b, ptrdiff_t row, ptrdiff_t col, int first, int end,
                   float *packed);
/* C[m][n] = A B, or += with `accumulate`. a(r, c) = a[r * a_row + c * a_col]; C's rows are c_row floats apart. Runs on
 * the calling thread alone. */
void pvi_gemm(int engine, int m, int n, int k, const float *a, ptrdiff_t a_row, ptrdiff_t a_col, const float *packed,
              float *c, ptrdiff_t c_row, bool accumulate);

/* Memory that is wanted soon, in order. The product that goes before asks for it, some of a line each step along k, so
 * that memory works while the registers do; no result depends on it. Only engines with tiles of vectors ask. */
enum { PVI_STRETCHES = 32 };
typedef struct pvi_stretch {
    const float *at;
    size_t count; /* floats */
} pvi_stretch;
typedef struct pvi_wanted {
    pvi_stretch stretch[PVI_STRETCHES];
    int count, now; /* stretches; the one being asked for */
    size_t done;    /* floats of it */
    bool near;      /* in the last cache, which gives four times as much meanwhile as memory */
} pvi_wanted;
/* pvi_gemm of an A that is not turned (a_col 1). */
void pvi_gemm_asking(int engine, int m, int n, int k, const float *a, ptrdiff_t a_row, const float *packed, float *c,
                     ptrdiff_t c_row, bool accumulate, pvi_wanted *wanted);

#endif
