/* env.h - what every call below the API carries: allocator, error slot, log, progress, cancellation, worker team.
 *
 * One environment belongs to one context and is used by one thread at a time (workers touch only the atomics and the
 * allocator). Nothing in the library is global. */
#ifndef PVI_ENV_H
#define PVI_ENV_H

#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "pvgame/pvgame_types.h"

typedef struct pvi_workers pvi_workers;

/* The last failure: kept until the next one. A success does not clear it. */
typedef struct pvi_error {
    pvg_status code;
    char component[32];
    char message[768];
} pvi_error;

typedef void *(*pvi_allocate_fn)(void *user, size_t size, size_t align);
typedef void (*pvi_release_fn)(void *user, void *block, size_t size, size_t align);
typedef void (*pvi_log_fn)(void *user, pvg_log_level level, const char *component, const char *message);

typedef struct pvi_env {
    pvi_allocate_fn allocate;
    pvi_release_fn release;
    void *allocator_user;
    atomic_size_t used; /* bytes held now */
    atomic_size_t peak; /* most bytes ever held */
    atomic_size_t allocations; /* number of successful allocations so far; tests use it to show that a step makes none */

    pvi_error error;
    pvi_log_fn log;
    void *log_user;
    pvg_log_level log_level;

    atomic_int cancelled;
    int32_t engine;       /* which kernels compute: a pvi_engine of compute/engine.h; set once by the owner */
    pvi_workers *workers; /* never null once the context exists */
    bool in_hook;         /* a host's hook is running: other calls on this context are refused */
    uint64_t memory_limit; /* most bytes to hold, 0: no limit */
} pvi_env;

/* Fill *env with the C library's allocator, no log and a zeroed error. The worker team is added by its owner. */
void pvi_env_init(pvi_env *env);

/* Record a failure and return its code, so that `return pvi_fail(...)` reads well. Allocates nothing; a message that
 * is too long is cut at a character boundary. `component` is the reporting module's short name ("dataset"). */
pvg_status pvi_fail(pvi_env *env, pvg_status code, const char *component, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

/* Send one line to the host's log hook if the level is wanted. */
void pvi_log(pvi_env *env, pvg_log_level level, const char *component, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

static inline bool pvi_cancelled(pvi_env *env) { return atomic_load_explicit(&env->cancelled, memory_order_relaxed) != 0; }

#endif
