/* support.c - see support.h. */
#include "support.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
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

/* Directories made by this process's tests; atexit removes them. */
static char *made[64];
static size_t made_count;

static void remove_made(void) {
    pvi_env env;
    pvi_env_init(&env);
    for (size_t i = 0; i < made_count; i++) {
        pvi_dir_remove(&env, made[i]);
        free(made[i]);
    }
    made_count = 0;
}

const char *test_dir(void) {
    const char *base = getenv("TMPDIR");
    char path[512];
    snprintf(path, sizeof path, "%s/pvgame-XXXXXX", base != NULL ? base : "/tmp");
    ck_assert_ptr_nonnull(mkdtemp(path));
    ck_assert_uint_lt(made_count, sizeof made / sizeof *made);
    if (made_count == 0) atexit(remove_made);
    return made[made_count++] = strdup(path);
}

const char *test_path(const char *dir, const char *name) {
    static char paths[64][768];
    static size_t next;
    char *path = paths[next++ % 64];
    snprintf(path, sizeof paths[0], "%s/%s", dir, name);
    return path;
}

void test_write(const char *path, const char *content) {
    pvi_env env;
    pvi_env_init(&env);
    ck_ok(&env, pvi_file_write(&env, path, content, strlen(content)));
}
