/* engine.h - which kernels compute. The library's own all give the same bits: every one multiplies and adds with a single
 * rounding, in order. OpenBLAS rounds in its own order. */
#ifndef PVI_ENGINE_H
#define PVI_ENGINE_H

#include <stdbool.h>

typedef enum pvi_engine {
    PVI_ENGINE_PORTABLE = 1, /* plain C */
    PVI_ENGINE_AVX2 = 2,     /* with FMA */
    PVI_ENGINE_AVX512 = 3,
    PVI_ENGINE_OPENBLAS = 4 /* best where there is no AVX2; a build may lack it */
} pvi_engine;

bool pvi_engine_possible(int engine); /* on this machine */
int pvi_engine_best(void);
const char *pvi_engine_name(int engine); /* static */

#endif
