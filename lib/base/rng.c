/* rng.c - Philox4x32-10 and what is drawn from it. */
#include "base/rng.h"

#include <math.h>
#include <string.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

enum { ROUNDS = 10 };

static void philox(const uint32_t key_in[2], const uint32_t counter[4], uint32_t out[4]) {
    uint32_t x[4] = {counter[0], counter[1], counter[2], counter[3]};
    uint32_t key[2] = {key_in[0], key_in[1]};
    for (int round = 0; round < ROUNDS; round++) {
        uint64_t p = (uint64_t)UINT32_C(0xD2511F53) * x[0], q = (uint64_t)UINT32_C(0xCD9E8D57) * x[2];
        uint32_t y0 = (uint32_t)(q >> 32) ^ x[1] ^ key[0], y2 = (uint32_t)(p >> 32) ^ x[3] ^ key[1];
        x[0] = y0;
        x[1] = (uint32_t)q;
        x[2] = y2;
        x[3] = (uint32_t)p;
        key[0] += UINT32_C(0x9E3779B9);
        key[1] += UINT32_C(0xBB67AE85);
    }
    memcpy(out, x, sizeof x);
}

static void put_little(unsigned char *to, uint64_t value) {
    for (int i = 0; i < 8; i++) to[i] = (unsigned char)(value >> (8 * i));
}

/* 128 bits of hash choose the stream: half of them are the key, half the upper counter words. */
pvi_rng pvi_rng_stream(uint64_t seed, const char *label, uint64_t a, uint64_t b) {
    XXH128_hash_t name = XXH3_128bits_withSeed(label, strlen(label), seed);
    unsigned char bytes[32];
    put_little(bytes, name.low64);
    put_little(bytes + 8, name.high64);
    put_little(bytes + 16, a);
    put_little(bytes + 24, b);
    XXH128_hash_t hash = XXH3_128bits_withSeed(bytes, sizeof bytes, seed);
    pvi_rng rng = {.key = {(uint32_t)hash.low64, (uint32_t)(hash.low64 >> 32)},
                   .counter = {0, 0, (uint32_t)hash.high64, (uint32_t)(hash.high64 >> 32)}};
    return rng;
}

uint32_t pvi_rng_u32(pvi_rng *rng) {
    if (rng->left == 0) {
        philox(rng->key, rng->counter, rng->block);
        rng->left = 4;
        if (++rng->counter[0] == 0) rng->counter[1]++;
    }
    return rng->block[4 - rng->left--];
}

static uint64_t next_u64(pvi_rng *rng) {
    uint64_t low = pvi_rng_u32(rng);
    return low | (uint64_t)pvi_rng_u32(rng) << 32;
}

uint64_t pvi_rng_below(pvi_rng *rng, uint64_t n) {
    if (n <= 1) return 0;
    if (n <= UINT32_MAX) {
        /* Lemire's multiply-and-reject: the low half tells the few draws that would favour small results. */
        uint32_t limit = (uint32_t)n, reject = (0u - limit) % limit;
        uint64_t product = (uint64_t)pvi_rng_u32(rng) * limit;
        while ((uint32_t)product < reject) product = (uint64_t)pvi_rng_u32(rng) * limit;
        return product >> 32;
    }
    uint64_t mask = UINT64_MAX >> __builtin_clzll(n - 1), draw = next_u64(rng) & mask;
    while (draw >= n) draw = next_u64(rng) & mask;
    return draw;
}

int pvi_rng_between(pvi_rng *rng, int lowest, int highest) {
    if (highest <= lowest) return lowest;
    uint64_t span = (uint64_t)((int64_t)highest - lowest) + 1;
    return (int)((int64_t)lowest + (int64_t)pvi_rng_below(rng, span));
}

double pvi_rng_unit(pvi_rng *rng) { return (double)(next_u64(rng) >> 11) * 0x1p-53; }

/* Box-Muller without the second variate: a stream then has no hidden half-used state. */
double pvi_rng_normal(pvi_rng *rng) {
    double radius = sqrt(-2.0 * log(1.0 - pvi_rng_unit(rng)));
    return radius * cos(2.0 * 3.14159265358979323846 * pvi_rng_unit(rng));
}

void pvi_rng_shuffle(pvi_rng *rng, uint32_t *items, size_t count) {
    for (size_t i = count; i > 1; i--) {
        size_t j = (size_t)pvi_rng_below(rng, i);
        uint32_t held = items[i - 1];
        items[i - 1] = items[j];
        items[j] = held;
    }
}
