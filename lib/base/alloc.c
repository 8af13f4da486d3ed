/* alloc.c - see alloc.h. Every block is preceded by one cache line that remembers its size. */
#include "base/alloc.h"

#include <string.h>

enum { ALIGN = 64 };

static void count_in(pvi_env *env, size_t size) {
    size_t used = atomic_fetch_add(&env->used, size) + size;
    size_t peak = atomic_load(&env->peak);
    while (used > peak && !atomic_compare_exchange_weak(&env->peak, &peak, used)) {}
    atomic_fetch_add(&env->allocations, 1);
}

static pvg_status refuse(pvi_env *env, size_t count, size_t size) {
    return pvi_fail(env, PVG_E_NOMEM, "memory", "no memory for %zu elements of %zu bytes (%zu bytes are held)", count, size,
                    atomic_load(&env->used));
}

void *pvi_alloc(pvi_env *env, size_t count, size_t size) {
    size_t bytes;
    if (__builtin_mul_overflow(count, size, &bytes) || bytes > SIZE_MAX / 2 - ALIGN) return refuse(env, count, size), NULL;
    bytes += ALIGN;
    if (env->memory_limit != 0 && atomic_load(&env->used) + bytes > env->memory_limit) return refuse(env, count, size), NULL;
    unsigned char *block = env->allocate(env->allocator_user, bytes, ALIGN);
    if (block == NULL) return refuse(env, count, size), NULL;
    memcpy(block, &bytes, sizeof bytes);
    count_in(env, bytes);
    return block + ALIGN;
}

void *pvi_calloc(pvi_env *env, size_t count, size_t size) {
    void *block = pvi_alloc(env, count, size);
    if (block != NULL) memset(block, 0, count * size);
    return block;
}

static size_t block_bytes(const void *block) {
    size_t bytes;
    memcpy(&bytes, (const unsigned char *)block - ALIGN, sizeof bytes);
    return bytes;
}

void *pvi_realloc(pvi_env *env, void *block, size_t count, size_t size) {
    void *fresh = pvi_alloc(env, count, size);
    if (fresh == NULL || block == NULL) return fresh;
    size_t old = block_bytes(block) - ALIGN;
    memcpy(fresh, block, old < count * size ? old : count * size);
    pvi_free(env, block);
    return fresh;
}

void pvi_free(pvi_env *env, void *block) {
    if (block == NULL) return;
    size_t bytes = block_bytes(block);
    atomic_fetch_sub(&env->used, bytes);
    env->release(env->allocator_user, (unsigned char *)block - ALIGN, bytes, ALIGN);
}

char *pvi_strdup(pvi_env *env, const char *text, size_t length) {
    char *copy = pvi_alloc(env, length + 1, 1);
    if (copy == NULL) return NULL;
    if (length > 0) memcpy(copy, text, length);
    copy[length] = '\0';
    return copy;
}

pvg_status pvi_reserve(pvi_env *env, void **block, size_t *capacity, size_t wanted, size_t size) {
    if (wanted <= *capacity) return PVG_OK;
    size_t grown = *capacity < 8 ? 8 : *capacity;
    while (grown < wanted) {
        if (grown > SIZE_MAX / 2) return refuse(env, wanted, size);
        grown *= 2;
    }
    void *fresh = pvi_realloc(env, *block, grown, size);
    if (fresh == NULL) return PVG_E_NOMEM;
    *block = fresh;
    *capacity = grown;
    return PVG_OK;
}

pvg_status pvi_arena_init(pvi_env *env, pvi_arena *arena, size_t size) {
    *arena = (pvi_arena){.block = pvi_alloc(env, size, 1), .size = size};
    return arena->block != NULL ? PVG_OK : PVG_E_NOMEM;
}

void pvi_arena_free(pvi_env *env, pvi_arena *arena) {
    pvi_free(env, arena->block);
    *arena = (pvi_arena){0};
}

size_t pvi_arena_cost(size_t count, size_t size) {
    size_t bytes;
    if (__builtin_mul_overflow(count, size, &bytes) || bytes > SIZE_MAX - ALIGN) return SIZE_MAX;
    return (bytes + ALIGN - 1) / ALIGN * ALIGN;
}

void *pvi_arena_take(pvi_arena *arena, size_t count, size_t size) {
    size_t bytes = pvi_arena_cost(count, size);
    if (bytes > arena->size - arena->used) return NULL;
    void *block = arena->block + arena->used;
    arena->used += bytes;
    if (arena->used > arena->high) arena->high = arena->used;
    return block;
}
