/* rng.h - counter-based random numbers (Philox4x32-10, Salmon et al. 2011, "Parallel random numbers: as easy as
 * 1, 2, 3"). A stream is a pure function of (seed, label, a, b): nothing has to be saved to resume, and no stream
 * depends on how much another one was used or on the thread that draws. */
#ifndef PVI_RNG_H
#define PVI_RNG_H

#include <stdint.h>
#include <stddef.h>

/* Stored in checkpoints; raised whenever any stream changes. */
#define PVI_RNG_VERSION 1

typedef struct pvi_rng {
    uint32_t key[2];
    uint32_t counter[4];
    uint32_t block[4];
    uint32_t left; /* unread words of block */
} pvi_rng;

pvi_rng pvi_rng_stream(uint64_t seed, const char *label, uint64_t a, uint64_t b);
uint32_t pvi_rng_u32(pvi_rng *rng);
uint64_t pvi_rng_below(pvi_rng *rng, uint64_t n);           /* uniform in [0,n), unbiased; n >= 1 */
int pvi_rng_between(pvi_rng *rng, int lowest, int highest); /* uniform, both ends included */
double pvi_rng_unit(pvi_rng *rng);                          /* uniform in [0,1), 53 bits */
double pvi_rng_normal(pvi_rng *rng);                        /* mean 0, variance 1 */
void pvi_rng_shuffle(pvi_rng *rng, uint32_t *items, size_t count);

#endif
