/* support.h - what the tests share. */
#ifndef PVI_TEST_SUPPORT_H
#define PVI_TEST_SUPPORT_H

#include <check.h>

#include "base/env.h"

/* A fresh environment whose allocator fails request number `fail_at` (0: never), with a team of `threads` workers. */
pvi_env *test_env_with(int threads, size_t fail_at);
pvi_env *test_env(void); /* one worker, no failures */
/* Destroys the team and fails the running test if the library still holds a byte. */
void test_env_free(pvi_env *env);

/* A new empty directory below TMPDIR, removed at exit. The string lives until exit. */
const char *test_dir(void);
/* dir/name; the last 64 stay valid. */
const char *test_path(const char *dir, const char *name);
void test_write(const char *path, const char *content);

#define ck_ok(env, call)                                                                                               \
    do {                                                                                                               \
        pvg_status ck_status_ = (call);                                                                                \
        ck_assert_msg(ck_status_ == PVG_OK, "%s: status %d: %s", #call, (int)ck_status_, (env)->error.message);        \
    } while (0)
/* The call fails with `status`, and its message contains `part`. */
#define ck_fails(env, status, part, call)                                                                              \
    do {                                                                                                               \
        pvg_status ck_status_ = (call);                                                                                \
        ck_assert_msg(ck_status_ == (status), "%s: status %d, wanted %d", #call, (int)ck_status_, (int)(status));      \
        ck_assert_msg(strstr((env)->error.message, (part)) != NULL, "message '%s' lacks '%s'", (env)->error.message,   \
                      (part));                                                                                         \
    } while (0)

#endif
