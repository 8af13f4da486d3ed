/* alloc.c - counted allocation through the host's hook, growable arrays and the bump arena. */
#include "base/alloc.h"

#include <string.h>

#if defined(__SANITIZE_ADDRESS__)
#include <sanitizer/asan_interface.h>
#define GUARD(address, size) ASAN_POISON_MEMORY_REGION(address, size)
#define UNGUARD(address, size) ASAN_UNPOISON_MEMORY_REGION(address, size)
#else
#define GUARD(address, size) ((void)(address), (void)(size))
#define UNGUARD(address, size) ((void)(address), (void)(size))
#endif

enum { ALIGN = 64, SMALLEST_ARRAY = 16 };

/* The release hook is told a block's size, so every block carries it in the cache line before it. */
typedef struct header {
    size_t total; /* bytes asked of the hook, this header included */
} header;

static header *header_of(void *block) { return (header *)(void *)((unsigned char *)block - ALIGN); }

static bool block_size(size_t count, size_t size, size_t *total) {
    size_t bytes;
    if (__builtin_mul_overflow(count, size, &bytes)) return false;
    return !__builtin_add_overflow(bytes, (size_t)ALIGN, total) && *total <= (size_t)PTRDIFF_MAX;
}

static void count_in(pvi_env *env, size_t total) {
    size_t now = atomic_fetch_add_explicit(&env->used, total, memory_order_relaxed) + total;
    size_t peak = atomic_load_explicit(&env->peak, memory_order_relaxed);
    while (now > peak && !atomic_compare_exchange_weak_explicit(&env->peak, &peak, now, memory_order_relaxed,
                                                                memory_order_relaxed)) {
    }
    atomic_fetch_add_explicit(&env->allocations, 1, memory_order_relaxed);
}

void *pvi_alloc(pvi_env *env, size_t count, size_t size) {
    size_t total;
    if (!block_size(count, size, &total)) {
        pvi_fail(env, PVG_E_NOMEM, "alloc", "%zu elements of %zu bytes are more than this machine can address", count,
                 size);
        return NULL;
    }
    size_t used = atomic_load_explicit(&env->used, memory_order_relaxed);
    if (env->memory_limit > 0 && (used > env->memory_limit || total > env->memory_limit - used)) {
        pvi_fail(env, PVG_E_NOMEM, "alloc", "%zu bytes more than the %zu in use would exceed the limit of %llu", total, used,
                 (unsigned long long)env->memory_limit);
        return NULL;
    }
    unsigned char *start = env->allocate(env->allocator_user, total, ALIGN);
    if (start == NULL) {
        pvi_fail(env, PVG_E_NOMEM, "alloc", "out of memory: %zu bytes were refused while %zu are in use", total,
                 atomic_load_explicit(&env->used, memory_order_relaxed));
        return NULL;
    }
    count_in(env, total);
    ((header *)(void *)start)->total = total;
    GUARD(start + sizeof(header), ALIGN - sizeof(header));
    return start + ALIGN;
}

void *pvi_calloc(pvi_env *env, size_t count, size_t size) {
    void *block = pvi_alloc(env, count, size);
    if (block != NULL) memset(block, 0, count * size);
    return block;
}

void *pvi_realloc(pvi_env *env, void *block, size_t count, size_t size) {
    void *next = pvi_alloc(env, count, size);
    if (next == NULL || block == NULL) return next;
    size_t old = header_of(block)->total - ALIGN, wanted = count * size;
    memcpy(next, block, old < wanted ? old : wanted);
    pvi_free(env, block);
    return next;
}

void pvi_free(pvi_env *env, void *block) {
    if (block == NULL) return;
    header *start = header_of(block);
    size_t total = start->total;
    UNGUARD((unsigned char *)start + sizeof(header), ALIGN - sizeof(header));
    atomic_fetch_sub_explicit(&env->used, total, memory_order_relaxed);
    env->release(env->allocator_user, start, total, ALIGN);
}

char *pvi_strdup(pvi_env *env, const char *text, size_t length) {
    if (length == SIZE_MAX) {
        pvi_fail(env, PVG_E_NOMEM, "alloc", "a text of %zu bytes is more than this machine can address", length);
        return NULL;
    }
    char *copy = pvi_alloc(env, length + 1, 1);
    if (copy == NULL) return NULL;
    if (length > 0) memcpy(copy, text, length);
    copy[length] = '\0';
    return copy;
}

pvg_status pvi_reserve(pvi_env *env, void **block, size_t *capacity, size_t wanted, size_t size) {
    if (wanted <= *capacity) return PVG_OK;
    size_t next = *capacity < SMALLEST_ARRAY ? SMALLEST_ARRAY : *capacity;
    while (next < wanted) next = next > SIZE_MAX / 2 ? wanted : next * 2;
    void *grown = pvi_realloc(env, *block, next, size);
    if (grown == NULL) return PVG_E_NOMEM;
    *block = grown;
    *capacity = next;
    return PVG_OK;
}

pvg_status pvi_arena_init(pvi_env *env, pvi_arena *arena, size_t size) {
    unsigned char *block = pvi_alloc(env, size, 1);
    if (block == NULL) return PVG_E_NOMEM;
    *arena = (pvi_arena){.block = block, .size = size};
    return PVG_OK;
}

void pvi_arena_free(pvi_env *env, pvi_arena *arena) {
    pvi_free(env, arena->block);
    *arena = (pvi_arena){0};
}

size_t pvi_arena_cost(size_t count, size_t size) {
    size_t bytes;
    if (__builtin_mul_overflow(count, size, &bytes) || bytes > SIZE_MAX - (ALIGN - 1)) return SIZE_MAX;
    return (bytes + ALIGN - 1) / ALIGN * ALIGN;
}

void *pvi_arena_take(pvi_arena *arena, size_t count, size_t size) {
    size_t cost = pvi_arena_cost(count, size);
    if (arena->block == NULL || cost > arena->size - arena->used) return NULL;
    void *taken = arena->block + arena->used;
    arena->used += cost;
    if (arena->used > arena->high) arena->high = arena->used;
    return taken;
}
