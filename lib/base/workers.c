/* workers.c - see workers.h. The only file that knows about threads. */
#include "base/workers.h"

#include <pthread.h>
#include <sched.h>

#include "base/alloc.h"

enum { SPINS = 4000 }; /* some microseconds: less than a sleep and a wake-up cost */

typedef struct member {
    pvi_workers *team;
    int index;
    pthread_t thread;
} member;

struct pvi_workers {
    int count;
    bool spin; /* no: more members than processors, where spinning only keeps others from working */
    pthread_mutex_t lock;
    pthread_cond_t changed;
    atomic_uint call;    /* raised for each task, and once to end */
    atomic_uint arrived; /* at the present barrier */
    atomic_uint phase;   /* barriers passed */
    atomic_bool ending;
    pvi_task_fn task;
    void *arg;
    member *members;
};

/* Wait until *word differs from `old`. */
static void wait_for_change(pvi_workers *team, atomic_uint *word, unsigned old) {
    for (int i = 0; team->spin && i < SPINS; i++) {
        if (atomic_load_explicit(word, memory_order_acquire) != old) return;
#if defined(__x86_64__)
        __builtin_ia32_pause();
#endif
    }
    pthread_mutex_lock(&team->lock);
    while (atomic_load_explicit(word, memory_order_acquire) == old) pthread_cond_wait(&team->changed, &team->lock);
    pthread_mutex_unlock(&team->lock);
}

static void change(pvi_workers *team, atomic_uint *word) {
    pthread_mutex_lock(&team->lock);
    atomic_fetch_add_explicit(word, 1, memory_order_release);
    pthread_cond_broadcast(&team->changed);
    pthread_mutex_unlock(&team->lock);
}

void pvi_workers_barrier(pvi_workers *team) {
    if (team->count == 1) return;
    unsigned phase = atomic_load_explicit(&team->phase, memory_order_acquire);
    if (atomic_fetch_add_explicit(&team->arrived, 1, memory_order_acq_rel) + 1 == (unsigned)team->count) {
        atomic_store_explicit(&team->arrived, 0, memory_order_relaxed);
        change(team, &team->phase);
        return;
    }
    wait_for_change(team, &team->phase, phase);
}

static void *work(void *arg) {
    member *self = arg;
    pvi_workers *team = self->team;
    for (unsigned call = 0;; call++) {
        wait_for_change(team, &team->call, call);
        if (atomic_load(&team->ending)) return NULL;
        team->task(team->arg, self->index, team->count);
        pvi_workers_barrier(team);
    }
}

static void join(pvi_env *env, pvi_workers *team, int started) {
    atomic_store(&team->ending, true);
    change(team, &team->call);
    for (int i = 1; i < started; i++) pthread_join(team->members[i].thread, NULL);
    pthread_cond_destroy(&team->changed);
    pthread_mutex_destroy(&team->lock);
    pvi_free(env, team->members);
    pvi_free(env, team);
}

pvg_status pvi_workers_create(pvi_env *env, int threads, pvi_workers **out) {
    if (threads < 1 || threads > 256)
        return pvi_fail(env, PVG_E_RANGE, "workers", "%d threads: between 1 and 256 are possible", threads);
    pvi_workers *team = pvi_calloc(env, 1, sizeof *team);
    if (team == NULL) return PVG_E_NOMEM;
    team->members = pvi_calloc(env, (size_t)threads, sizeof *team->members);
    if (team->members == NULL) {
        pvi_free(env, team);
        return PVG_E_NOMEM;
    }
    team->count = threads;
    team->spin = threads <= pvi_cpu_count();
    pthread_mutex_init(&team->lock, NULL);
    pthread_cond_init(&team->changed, NULL);
    for (int i = 1; i < threads; i++) {
        team->members[i] = (member){.team = team, .index = i};
        if (pthread_create(&team->members[i].thread, NULL, work, &team->members[i]) == 0) continue;
        join(env, team, i);
        return pvi_fail(env, PVG_E_NOMEM, "workers", "thread %d of %d could not be started", i, threads);
    }
    *out = team;
    return PVG_OK;
}

void pvi_workers_destroy(pvi_env *env, pvi_workers *team) {
    if (team != NULL) join(env, team, team->count);
}

int pvi_workers_count(const pvi_workers *team) { return team->count; }

void pvi_workers_run(pvi_workers *team, pvi_task_fn task, void *arg) {
    team->task = task;
    team->arg = arg;
    if (team->count > 1) change(team, &team->call);
    task(arg, 0, team->count);
    pvi_workers_barrier(team); /* also tells that everybody is back */
}

int pvi_cpu_count(void) {
    cpu_set_t set;
    int count = sched_getaffinity(0, sizeof set, &set) == 0 ? CPU_COUNT(&set) : 1;
    return count < 1 ? 1 : count > 256 ? 256 : count;
}
