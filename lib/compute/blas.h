/* blas.h - OpenBLAS, and nothing else of it anywhere else in the library.
 *
 * A build holds a private copy (its names are local, its processor family is picked here and it starts no threads), the
 * system's shared library, or none: docs/blas.md. */
#ifndef PVI_BLAS_H
#define PVI_BLAS_H

#include <stdbool.h>
#include <stddef.h>

bool pvi_blas_possible(void);
/* How it was built in: "private", "shared" or "none"; static. */
const char *pvi_blas_kind(void);
/* OpenBLAS's own words for its build and for the kernels in use ("SkylakeX"); "" without it; static. */
const char *pvi_blas_config(void);
const char *pvi_blas_core(void);
/* "serial", "pthread" or "openmp"; "" without it; static. */
const char *pvi_blas_threading(void);

/* C[m][n] = A B, or C += A B with `accumulate`; b is row-major [k][n] with rows b_row apart, a and c as in gemm.h. No
 * effect without OpenBLAS. Any thread: calls that this OpenBLAS cannot run side by side wait for each other. */
void pvi_blas_sgemm(int m, int n, int k, const float *a, ptrdiff_t a_row, ptrdiff_t a_col, const float *b,
                    ptrdiff_t b_row, float *c, ptrdiff_t c_row, bool accumulate);

#endif
