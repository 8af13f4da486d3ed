/* public.h - what the tests of the public header share: it sees nothing of lib/. */
#ifndef PVG_TEST_PUBLIC_H
#define PVG_TEST_PUBLIC_H

#include <check.h>
#include <math.h>
#include <pvgame/pvgame.h>
#include <stdlib.h>
#include <string.h>

/* A context with `threads` workers whose allocator counts and fails request number `fail_at` (0: none). */
pvg_context *public_context(int32_t threads, size_t fail_at);
/* Destroys it; the running test fails if the library holds a block after that. */
void public_done(pvg_context *context);
size_t public_blocks(void); /* held now by the last context made */

/* A new empty directory, removed at exit; dir/name, the last 16 stay valid. */
const char *public_dir(void);
const char *public_path(const char *dir, const char *name);
void public_write(const char *path, const char *content);

#define ck_does(context, call)                                                                                         \
    do {                                                                                                               \
        pvg_status does_ = (call);                                                                                     \
        ck_assert_msg(does_ == PVG_OK, "%s: %s: %s", #call, pvg_status_name(does_), pvg_error_message(context));       \
    } while (0)
/* The call fails with `status` and a sentence that contains `part`. */
#define ck_refuses(context, status, part, call)                                                                        \
    do {                                                                                                               \
        pvg_status does_ = (call);                                                                                     \
        ck_assert_msg(does_ == (status), "%s: %s, wanted %s", #call, pvg_status_name(does_), pvg_status_name(status)); \
        ck_assert_int_eq(pvg_error_code(context), (status));                                                           \
        ck_assert_msg(strstr(pvg_error_message(context), (part)) != NULL, "'%s' lacks '%s'", pvg_error_message(context), (part)); \
    } while (0)

/* Settings of a game that takes about a second. */
pvg_settings *public_small_game(pvg_context *context);
/* Two such games ended with the same reports to the last digit. */
void public_same_game(pvg_context *context, pvg_scheduler *a, pvg_scheduler *b);

#endif
