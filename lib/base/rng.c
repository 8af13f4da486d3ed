/* rng.c - see rng.h. */
#include "base/rng.h"

#include <math.h>

static void philox(const uint32_t key_in[2], const uint32_t counter[4], uint32_t out[4]) {
    uint32_t k0 = key_in[0], k1 = key_in[1], c0 = counter[0], c1 = counter[1], c2 = counter[2], c3 = counter[3];
    for (int round = 0; round < 10; round++) {
        uint64_t p0 = (uint64_t)0xD2511F53u * c0, p1 = (uint64_t)0xCD9E8D57u * c2;
        uint32_t n0 = (uint32_t)(p1 >> 32) ^ c1 ^ k0, n2 = (uint32_t)(p0 >> 32) ^ c3 ^ k1;
        c0 = n0, c1 = (uint32_t)p1, c2 = n2, c3 = (uint32_t)p0;
        k0 += 0x9E3779B9u, k1 += 0xBB67AE85u;
    }
    out[0] = c0, out[1] = c1, out[2] = c2, out[3] = c3;
}

/* splitmix64's finaliser: spreads every input bit over the word. */
static uint64_t mix(uint64_t x) {
    x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9u;
    x = (x ^ (x >> 27)) * 0x94D049BB133111EBu;
    return x ^ (x >> 31);
}

pvi_rng pvi_rng_stream(uint64_t seed, const char *label, uint64_t a, uint64_t b) {
    uint64_t name = 0xCBF29CE484222325u; /* FNV-1a */
    for (; *label != '\0'; label++) name = (name ^ (unsigned char)*label) * 0x100000001B3u;
    uint64_t key = mix(seed + 0x9E3779B97F4A7C15u), place = mix(name ^ mix(a + 0x9E3779B97F4A7C15u)) + b * 0xD1342543DE82EF95u;
    key ^= mix(name + 0x632BE59BD9B4E019u) ^ mix(b ^ 0xA0761D6478BD642Fu);
    return (pvi_rng){.key = {(uint32_t)key, (uint32_t)(key >> 32)},
                     .counter = {0, 0, (uint32_t)place, (uint32_t)(place >> 32)}};
}

uint32_t pvi_rng_u32(pvi_rng *rng) {
    if (rng->left == 0) {
        philox(rng->key, rng->counter, rng->block);
        if (++rng->counter[0] == 0) rng->counter[1]++;
        rng->left = 4;
    }
    return rng->block[4 - rng->left--];
}

static uint64_t u64(pvi_rng *rng) {
    uint64_t high = pvi_rng_u32(rng);
    return high << 32 | pvi_rng_u32(rng);
}

uint64_t pvi_rng_below(pvi_rng *rng, uint64_t n) {
    uint64_t reject = (uint64_t)(-n) % n; /* 2^64 mod n: values below it would favour small results */
    for (;;) {
        uint64_t x = u64(rng);
        if (x >= reject) return x % n;
    }
}

int pvi_rng_between(pvi_rng *rng, int lowest, int highest) {
    return lowest + (int)pvi_rng_below(rng, (uint64_t)((int64_t)highest - lowest + 1));
}

double pvi_rng_unit(pvi_rng *rng) { return (double)(u64(rng) >> 11) * 0x1p-53; }

double pvi_rng_normal(pvi_rng *rng) {
    double radius = sqrt(-2 * log(1 - pvi_rng_unit(rng)));
    return radius * cos(6.283185307179586 * pvi_rng_unit(rng));
}

void pvi_rng_shuffle(pvi_rng *rng, uint32_t *items, size_t count) {
    for (size_t i = count; i > 1; i--) {
        size_t j = (size_t)pvi_rng_below(rng, i);
        uint32_t kept = items[i - 1];
        items[i - 1] = items[j];
        items[j] = kept;
    }
}
