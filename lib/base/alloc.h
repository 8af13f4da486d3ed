/* alloc.h - all memory of the library, through the context's allocator, counted and overflow-checked. */
#ifndef PVI_ALLOC_H
#define PVI_ALLOC_H

#include "base/env.h"

/* Blocks are aligned to 64 bytes (a cache line, a zmm register). On failure: NULL, with PVG_E_NOMEM recorded in env.
 * A request of zero bytes yields a unique non-null block. */
void *pvi_alloc(pvi_env *env, size_t count, size_t size);
void *pvi_calloc(pvi_env *env, size_t count, size_t size); /* zeroed */

/* Grow or shrink to count*size bytes, contents kept. On failure the old block stays valid and NULL is returned. */
void *pvi_realloc(pvi_env *env, void *block, size_t count, size_t size);
void pvi_free(pvi_env *env, void *block); /* NULL is a no-op */

/* A NUL-terminated copy of length bytes. */
char *pvi_strdup(pvi_env *env, const char *text, size_t length);

/* Make room for at least `wanted` elements in a growable array: doubles *capacity. */
pvg_status pvi_reserve(pvi_env *env, void **block, size_t *capacity, size_t wanted, size_t size);

/* A bump arena: one block, sized before the work starts, so that a training step allocates nothing. */
typedef struct pvi_arena {
    unsigned char *block;
    size_t size, used, high;
} pvi_arena;

pvg_status pvi_arena_init(pvi_env *env, pvi_arena *arena, size_t size);
void pvi_arena_free(pvi_env *env, pvi_arena *arena);
/* The next count*size bytes, 64-byte aligned, not cleared; NULL when the plan was too small (a library bug). */
void *pvi_arena_take(pvi_arena *arena, size_t count, size_t size);
static inline size_t pvi_arena_mark(const pvi_arena *arena) { return arena->used; }
static inline void pvi_arena_back(pvi_arena *arena, size_t mark) { arena->used = mark; }
/* What pvi_arena_take will consume for a request: planners add these up. */
size_t pvi_arena_cost(size_t count, size_t size);

#endif
