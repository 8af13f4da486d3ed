/* kernels_tables.h - one table an engine, private to compute/. */
#ifndef PVI_KERNELS_TABLES_H
#define PVI_KERNELS_TABLES_H

#include "compute/kernels.h"

extern const pvi_kernels pvi_kernels_portable;
#if defined(__x86_64__)
extern const pvi_kernels pvi_kernels_avx2, pvi_kernels_avx512;
#endif

#endif
