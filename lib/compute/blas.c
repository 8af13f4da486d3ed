/* blas.c - see blas.h. */
#include "compute/blas.h"

#ifdef PVG_BLAS_NONE

bool pvi_blas_possible(void) { return false; }
const char *pvi_blas_kind(void) { return "none"; }
const char *pvi_blas_config(void) { return ""; }
const char *pvi_blas_core(void) { return ""; }
const char *pvi_blas_threading(void) { return ""; }
void pvi_blas_sgemm(int m, int n, int k, const float *a, ptrdiff_t a_row, ptrdiff_t a_col, const float *b,
                    ptrdiff_t b_row, float *c, ptrdiff_t c_row, bool accumulate) {
    (void)m, (void)n, (void)k, (void)a, (void)a_row, (void)a_col, (void)b, (void)b_row, (void)c, (void)c_row;
    (void)accumulate;
}

#else

#include <sched.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#ifdef PVG_BLAS_PRIVATE
#define cblas_sgemm pvi_private_cblas_sgemm
#define openblas_get_config pvi_private_openblas_get_config
#define openblas_get_corename pvi_private_openblas_get_corename
#define openblas_get_parallel pvi_private_openblas_get_parallel
#endif
#include <cblas.h>

/* OpenBLAS has a fixed number of work buffers for the whole process (128 in Debian's build) and ends the program when
 * they run out; a serial build gives wrong results when two threads call at once. */
enum { SEATS = 32, COPY_ROWS = 16, COPY_DEPTH = 256 };
static atomic_int seated;

#ifdef PVG_BLAS_PRIVATE
/* What the private copy sees instead of the process's environment: it reads these when it is loaded. Left to itself it
 * knows processors by number and treats one newer than itself as the oldest; instruction sets say what can be used. */
static const char *family(void) {
#if defined(__x86_64__)
    __builtin_cpu_init();
    if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512dq") &&
        __builtin_cpu_supports("avx512vl"))
        return "SkylakeX";
    if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) return "Haswell";
    if (__builtin_cpu_supports("avx")) return "Sandybridge";
    return __builtin_cpu_supports("sse4.2") ? "Nehalem" : "Prescott";
#else
    return NULL; /* it asks the system for the processor's features itself */
#endif
}

char *pvi_blas_getenv(const char *name);
char *pvi_blas_getenv(const char *name) {
    if (strcmp(name, "OPENBLAS_NUM_THREADS") == 0) return (char *)"1";
    if (strcmp(name, "OPENBLAS_CORETYPE") != 0) return NULL;
    char *chosen = getenv(name);
    return chosen != NULL ? chosen : (char *)family();
}
const char *pvi_blas_kind(void) { return "private"; }
#else
const char *pvi_blas_kind(void) { return "shared"; }
#endif

bool pvi_blas_possible(void) { return true; }
const char *pvi_blas_config(void) { return openblas_get_config(); }
const char *pvi_blas_core(void) {
    const char *core = openblas_get_corename();
    return strcmp(core, "Katmai") == 0 ? "Prescott" : core; /* one set of kernels, listed under its oldest name */
}
const char *pvi_blas_threading(void) {
    int kind = openblas_get_parallel();
    return kind == OPENBLAS_OPENMP ? "openmp" : kind == OPENBLAS_THREAD ? "pthread" : "serial";
}

static void take_seat(void) {
    int seats = openblas_get_parallel() == OPENBLAS_SEQUENTIAL ? 1 : SEATS;
    int taken = atomic_load_explicit(&seated, memory_order_relaxed);
    for (;;) {
        if (taken >= seats) {
            sched_yield();
            taken = atomic_load_explicit(&seated, memory_order_relaxed);
        } else if (atomic_compare_exchange_weak_explicit(&seated, &taken, taken + 1, memory_order_acquire,
                                                         memory_order_relaxed)) {
            return;
        }
    }
}

static void leave_seat(void) { atomic_fetch_sub_explicit(&seated, 1, memory_order_release); }

static void product(CBLAS_TRANSPOSE layout, int m, int n, int k, const float *a, ptrdiff_t a_step, const float *b,
                    ptrdiff_t b_row, float *c, ptrdiff_t c_row, bool accumulate) {
    cblas_sgemm(CblasRowMajor, layout, CblasNoTrans, m, n, k, 1.0f, a, (int)a_step, b, (int)b_row,
                accumulate ? 1.0f : 0.0f, c, (int)c_row);
}

/* A whose rows and columns both have gaps, or overlap: block by block through a dense copy. */
static void product_copied(int m, int n, int k, const float *a, ptrdiff_t a_row, ptrdiff_t a_col, const float *b,
                           ptrdiff_t b_row, float *c, ptrdiff_t c_row, bool accumulate) {
    float copy[COPY_ROWS * COPY_DEPTH];
    for (int i = 0; i < m; i += COPY_ROWS)
        for (int p = 0; p < k; p += COPY_DEPTH) {
            int rows = m - i < COPY_ROWS ? m - i : COPY_ROWS, depth = k - p < COPY_DEPTH ? k - p : COPY_DEPTH;
            for (int r = 0; r < rows; r++)
                for (int q = 0; q < depth; q++) copy[r * depth + q] = a[(i + r) * a_row + (p + q) * a_col];
            product(CblasNoTrans, rows, n, depth, copy, depth, b + p * b_row, b_row, c + i * c_row, c_row,
                    accumulate || p > 0);
        }
}

void pvi_blas_sgemm(int m, int n, int k, const float *a, ptrdiff_t a_row, ptrdiff_t a_col, const float *b,
                    ptrdiff_t b_row, float *c, ptrdiff_t c_row, bool accumulate) {
    if (m <= 0 || n <= 0) return;
    if (k <= 0) {
        for (int i = 0; !accumulate && i < m; i++) memset(c + i * c_row, 0, (size_t)n * sizeof *c);
        return;
    }
    take_seat();
    if (a_col == 1 && (a_row >= k || m == 1))
        product(CblasNoTrans, m, n, k, a, m == 1 ? k : a_row, b, b_row, c, c_row, accumulate);
    else if (a_row == 1 && a_col >= m)
        product(CblasTrans, m, n, k, a, a_col, b, b_row, c, c_row, accumulate);
    else
        product_copied(m, n, k, a, a_row, a_col, b, b_row, c, c_row, accumulate);
    leave_seat();
}

#endif
