/* tokenizer_map.h - the two hash tables of byte-level BPE: byte strings to numbers, and token pairs to numbers.
 *
 * Entries are kept in order of insertion and nothing walks the tables in hash order, so no result depends on it. */
#ifndef PVI_TOKENIZER_MAP_H
#define PVI_TOKENIZER_MAP_H

#include "base/env.h"

typedef struct pvi_byte_entry {
    uint64_t hash;
    size_t start; /* in `bytes` */
    uint32_t length;
    int32_t value;
} pvi_byte_entry;

typedef struct pvi_byte_map {
    pvi_byte_entry *entries;
    size_t count, capacity;
    char *bytes; /* all keys, one after the other */
    size_t byte_count, byte_capacity;
    uint32_t *slots; /* entry + 1, 0 for free; NULL while the map is empty */
    size_t slot_count; /* a power of two */
} pvi_byte_map;

/* A zeroed map is empty. */
void pvi_byte_map_free(pvi_env *env, pvi_byte_map *map);
/* The entry of a key, or NULL. Valid until the next add. */
pvi_byte_entry *pvi_byte_map_find(const pvi_byte_map *map, const char *key, size_t length);
/* The entry of a key, made with `value` when there is none. */
pvg_status pvi_byte_map_add(pvi_env *env, pvi_byte_map *map, const char *key, size_t length, int32_t value,
                            pvi_byte_entry **out);

typedef struct pvi_pair_slot {
    uint64_t key;
    int32_t value; /* -1: free */
} pvi_pair_slot;

typedef struct pvi_pair_map {
    pvi_pair_slot *slots; /* NULL while the map is empty */
    size_t slot_count; /* a power of two */
    size_t count;
    int shift; /* 64 - log2(slot_count) */
} pvi_pair_map;

void pvi_pair_map_free(pvi_env *env, pvi_pair_map *map);
/* Adds a pair that is not in the map yet; value >= 0. */
pvg_status pvi_pair_map_add(pvi_env *env, pvi_pair_map *map, int32_t left, int32_t right, int32_t value);

static inline uint64_t pvi_pair_key(int32_t left, int32_t right) {
    return (uint64_t)(uint32_t)left << 32 | (uint32_t)right;
}

/* Fibonacci hashing (Knuth, The Art of Computer Programming, volume 3, section 6.4). */
static inline size_t pvi_pair_place(uint64_t key, int shift) {
    return (size_t)((key ^ key >> 29) * UINT64_C(0x9E3779B97F4A7C15) >> shift);
}

/* The value of a pair, or -1. */
static inline int32_t pvi_pair_map_find(const pvi_pair_map *map, int32_t left, int32_t right) {
    if (map->slots == NULL) {
        return -1;
    }
    uint64_t key = pvi_pair_key(left, right);
    size_t place = pvi_pair_place(key, map->shift);
    while (map->slots[place].value >= 0 && map->slots[place].key != key) {
        place = (place + 1) & (map->slot_count - 1);
    }
    return map->slots[place].value;
}

#endif
