/* machine.h - what this machine can do, and what the engine makes of it. */
#ifndef PVI_MACHINE_H
#define PVI_MACHINE_H

#include "base/env.h"

typedef struct pvi_machine {
    char processor[64];  /* its own name; "" where it has none */
    char features[128];  /* "avx2 fma avx512f ...": those that matter here */
    int32_t processors;  /* this process may run on */
    uint64_t memory;     /* bytes of the machine, or that it may use; 0: unknown */
    double peak;         /* fused multiply-adds out of registers, one core, GFLOP/s; NaN: not measured */
    double engine_rate, openblas_rate; /* sgemm of 512 x 512 x 512, one core; NaN: not measured, or no OpenBLAS */
} pvi_machine;

/* Bytes of the machine, or fewer where a control group (a container, a batch job) allows fewer; 0: unknown. */
uint64_t pvi_machine_memory(void);
/* What control groups allow, of either version; UINT64_MAX: no limit. The list of groups that a process is in, and where
 * groups are mounted. */
uint64_t pvi_machine_allowed(const char *membership, const char *root);
/* With `measure`, about a second of one core. */
pvg_status pvi_machine_look(pvi_env *env, bool measure, pvi_machine *out);
/* Fused multiply-adds out of registers, one core, GFLOP/s: the best of so many seconds. */
double pvi_machine_peak(double seconds);
/* Most memory this process ever held, in bytes; 0: unknown. */
uint64_t pvi_machine_resident(void);

#endif
