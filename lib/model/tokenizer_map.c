/* tokenizer_map.c - open addressing with linear probing, at most half full. */
#include "model/tokenizer_map.h"

#include <string.h>
#include <xxhash.h>

#include "base/alloc.h"

enum { FIRST_SLOTS = 64 };

void pvi_byte_map_free(pvi_env *env, pvi_byte_map *map) {
    pvi_free(env, map->entries);
    pvi_free(env, map->bytes);
    pvi_free(env, map->slots);
    memset(map, 0, sizeof *map);
}

/* The slot that holds the key, or the free one where it belongs. */
static size_t byte_place(const pvi_byte_map *map, uint64_t hash, const char *key, size_t length) {
    size_t place = (size_t)hash & (map->slot_count - 1);
    while (map->slots[place] != 0) {
        const pvi_byte_entry *entry = &map->entries[map->slots[place] - 1];
        if (entry->hash == hash && entry->length == length && memcmp(map->bytes + entry->start, key, length) == 0) {
            break;
        }
        place = (place + 1) & (map->slot_count - 1);
    }
    return place;
}

pvi_byte_entry *pvi_byte_map_find(const pvi_byte_map *map, const char *key, size_t length) {
    if (map->slots == NULL) {
        return NULL;
    }
    uint32_t slot = map->slots[byte_place(map, XXH3_64bits(key, length), key, length)];
    return slot == 0 ? NULL : &map->entries[slot - 1];
}

static pvg_status byte_grow(pvi_env *env, pvi_byte_map *map) {
    size_t slot_count = map->slot_count == 0 ? FIRST_SLOTS : map->slot_count * 2;
    uint32_t *slots = pvi_calloc(env, slot_count, sizeof *slots);
    if (slots == NULL) {
        return PVG_E_NOMEM;
    }
    for (size_t i = 0; i < map->count; i++) {
        size_t place = (size_t)map->entries[i].hash & (slot_count - 1);
        while (slots[place] != 0) {
            place = (place + 1) & (slot_count - 1);
        }
        slots[place] = (uint32_t)i + 1;
    }
    pvi_free(env, map->slots);
    map->slots = slots;
    map->slot_count = slot_count;
    return PVG_OK;
}

static pvg_status byte_room(pvi_env *env, pvi_byte_map *map, size_t length) {
    if (length > UINT32_MAX || map->count >= INT32_MAX) {
        return pvi_fail(env, PVG_E_RANGE, "tokenizer", "more than %d different words, or a word of %zu bytes",
                        INT32_MAX, length);
    }
    if (map->count * 2 >= map->slot_count) {
        pvg_status status = byte_grow(env, map);
        if (status != PVG_OK) {
            return status;
        }
    }
    void *block = map->entries;
    pvg_status status = pvi_reserve(env, &block, &map->capacity, map->count + 1, sizeof *map->entries);
    map->entries = block;
    if (status == PVG_OK) {
        block = map->bytes;
        status = pvi_reserve(env, &block, &map->byte_capacity, map->byte_count + length + 1, 1);
        map->bytes = block;
    }
    return status;
}

pvg_status pvi_byte_map_add(pvi_env *env, pvi_byte_map *map, const char *key, size_t length, int32_t value,
                            pvi_byte_entry **out) {
    uint64_t hash = XXH3_64bits(key, length);
    if (map->slots != NULL) {
        uint32_t slot = map->slots[byte_place(map, hash, key, length)];
        if (slot != 0) {
            *out = &map->entries[slot - 1];
            return PVG_OK;
        }
    }
    pvg_status status = byte_room(env, map, length);
    if (status != PVG_OK) {
        return status;
    }
    map->slots[byte_place(map, hash, key, length)] = (uint32_t)map->count + 1;
    pvi_byte_entry *entry = &map->entries[map->count++];
    *entry = (pvi_byte_entry){hash, map->byte_count, (uint32_t)length, value};
    memcpy(map->bytes + map->byte_count, key, length);
    map->byte_count += length;
    *out = entry;
    return PVG_OK;
}

void pvi_pair_map_free(pvi_env *env, pvi_pair_map *map) {
    pvi_free(env, map->slots);
    memset(map, 0, sizeof *map);
}

static void pair_put(pvi_pair_map *map, uint64_t key, int32_t value) {
    size_t place = pvi_pair_place(key, map->shift);
    while (map->slots[place].value >= 0) {
        place = (place + 1) & (map->slot_count - 1);
    }
    map->slots[place] = (pvi_pair_slot){key, value};
}

static pvg_status pair_grow(pvi_env *env, pvi_pair_map *map) {
    pvi_pair_map grown = {.count = map->count};
    grown.slot_count = map->slot_count == 0 ? FIRST_SLOTS : map->slot_count * 2;
    grown.shift = 64;
    for (size_t n = grown.slot_count; n > 1; n /= 2) {
        grown.shift--;
    }
    grown.slots = pvi_alloc(env, grown.slot_count, sizeof *grown.slots);
    if (grown.slots == NULL) {
        return PVG_E_NOMEM;
    }
    for (size_t i = 0; i < grown.slot_count; i++) {
        grown.slots[i] = (pvi_pair_slot){0, -1};
    }
    for (size_t i = 0; i < map->slot_count; i++) {
        if (map->slots[i].value >= 0) {
            pair_put(&grown, map->slots[i].key, map->slots[i].value);
        }
    }
    pvi_free(env, map->slots);
    *map = grown;
    return PVG_OK;
}

pvg_status pvi_pair_map_add(pvi_env *env, pvi_pair_map *map, int32_t left, int32_t right, int32_t value) {
    if (map->count * 2 >= map->slot_count) {
        pvg_status status = pair_grow(env, map);
        if (status != PVG_OK) {
            return status;
        }
    }
    pair_put(map, pvi_pair_key(left, right), value);
    map->count++;
    return PVG_OK;
}
