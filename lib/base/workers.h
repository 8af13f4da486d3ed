/* workers.h - a fixed team of threads that runs one task at a time, all members at once (SPMD).
 *
 * No work stealing: who computes what is a fixed partition, and no result may depend on it. The calling thread is
 * member 0, so a team of one has no thread at all. */
#ifndef PVI_WORKERS_H
#define PVI_WORKERS_H

#include "base/env.h"

/* threads >= 1; the caller decides the default. */
pvg_status pvi_workers_create(pvi_env *env, int threads, pvi_workers **out);
void pvi_workers_destroy(pvi_env *env, pvi_workers *workers);
int pvi_workers_count(const pvi_workers *workers);

typedef void (*pvi_task_fn)(void *arg, int member, int count);
/* Run task(arg, member, count) on every member; returns when all have returned. Not reentrant. */
void pvi_workers_run(pvi_workers *workers, pvi_task_fn task, void *arg);
/* Inside a task: wait until every member has come here. Spins briefly, then sleeps, so that a team larger than the
 * machine is slow but not stuck. */
void pvi_workers_barrier(pvi_workers *workers);

/* Member's contiguous part of [0,total), in multiples of `grain` (the last part takes the rest). */
static inline void pvi_share(size_t total, size_t grain, int member, int count, size_t *begin, size_t *end) {
    size_t blocks = (total + grain - 1) / grain;
    size_t from = blocks * (size_t)member / (size_t)count * grain, to = blocks * (size_t)(member + 1) / (size_t)count * grain;
    *begin = from < total ? from : total;
    *end = to < total ? to : total;
}

int pvi_cpu_count(void); /* processors this process may run on, at least 1 */

#endif
