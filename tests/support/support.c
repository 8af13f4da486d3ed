/* support.c - see support.h. */
#include "support.h"

#include <stdlib.h>
#include <string.h>

#include "base/workers.h"

typedef struct fixture {
    pvi_env env;
    size_t fail_at;
    atomic_size_t requests;
} fixture;

static void *allocate(void *user, size_t size, size_t align) {
    fixture *f = user;
    if (atomic_fetch_add(&f->requests, 1) + 1 == f->fail_at) return NULL;
    void *block = NULL;
    return posix_memalign(&block, align, size) == 0 ? block : NULL;
}

static void release(void *user, void *block, size_t size, size_t align) {
    (void)user, (void)size, (void)align;
    free(block);
}

pvi_env *test_env_with(int threads, size_t fail_at) {
    fixture *f = calloc(1, sizeof *f);
    pvi_env_init(&f->env);
    f->env.allocate = allocate;
    f->env.release = release;
    f->env.allocator_user = f;
    ck_assert_int_eq(pvi_workers_create(&f->env, threads, &f->env.workers), PVG_OK);
    atomic_store(&f->requests, 0);
    f->fail_at = fail_at;
    return &f->env;
}

pvi_env *test_env(void) { return test_env_with(1, 0); }

void test_env_free(pvi_env *env) {
    pvi_workers_destroy(env, env->workers);
    ck_assert_uint_eq(atomic_load(&env->used), 0);
    free(env->allocator_user);
}
