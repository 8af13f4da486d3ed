/* env.c - the environment's start values, its error slot and its log. */
#include "base/env.h"

#include <stdlib.h>
#include <string.h>
#if defined(__linux__)
#include <sys/mman.h>
#endif

#include "base/text.h"

enum { LOG_LINE = 1024 };

/* Large blocks lie on pages of 2 MiB where the system has them to give: a matrix is then a few pages, not thousands, and
 * its first touch costs half. Only the advice is Linux's own. */
static const size_t HUGE_PAGE = (size_t)2 << 20;

static void *system_allocate(void *user, size_t size, size_t align) {
    (void)user;
    void *block = NULL;
    bool large = size >= 2 * HUGE_PAGE;
    if (posix_memalign(&block, large ? HUGE_PAGE : align, size) != 0) return NULL;
#if defined(MADV_HUGEPAGE)
    if (large) (void)madvise(block, size / HUGE_PAGE * HUGE_PAGE, MADV_HUGEPAGE);
#endif
    return block;
}

static void system_release(void *user, void *block, size_t size, size_t align) {
    (void)user;
    (void)size;
    (void)align;
    free(block);
}

void pvi_env_init(pvi_env *env) {
    env->allocate = system_allocate;
    env->release = system_release;
    env->allocator_user = NULL;
    atomic_init(&env->used, 0);
    atomic_init(&env->peak, 0);
    atomic_init(&env->allocations, 0);
    memset(&env->error, 0, sizeof env->error);
    env->log = NULL;
    env->log_user = NULL;
    env->log_level = PVG_LOG_OFF;
    atomic_init(&env->cancelled, 0);
    env->engine = 0;
    env->workers = NULL;
    env->in_hook = false;
    env->memory_limit = 0;
}

/* Drop a UTF-8 sequence that the end of the buffer cut in two. */
static void trim_partial_character(char *text) {
    size_t length = strlen(text);
    size_t start = length;
    while (start > 0 && length - start < 4 && ((unsigned char)text[start - 1] & 0xC0) == 0x80) start--;
    if (start == 0) return;
    unsigned char lead = (unsigned char)text[start - 1];
    size_t wanted = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : lead >= 0xC0 ? 2 : 1;
    if (wanted > length - start + 1) text[start - 1] = '\0';
}

static void copy_cut(char *to, size_t capacity, const char *from) {
    size_t length = strnlen(from, capacity);
    bool cut = length == capacity;
    if (cut) length = capacity - 1;
    memcpy(to, from, length);
    to[length] = '\0';
    if (cut) trim_partial_character(to);
}

pvg_status pvi_fail(pvi_env *env, pvg_status code, const char *component, const char *format, ...) {
    /* The arguments may point into env->error itself: format first, store after. */
    char message[sizeof env->error.message + 1], name[sizeof env->error.component];
    va_list list;
    va_start(list, format);
    if (pvi_text_vformat(message, sizeof message, format, list) < 0) message[0] = '\0';
    va_end(list);
    copy_cut(name, sizeof name, component);
    copy_cut(env->error.message, sizeof env->error.message, message);
    memcpy(env->error.component, name, sizeof name);
    env->error.code = code;
    return code;
}

void pvi_log(pvi_env *env, pvg_log_level level, const char *component, const char *format, ...) {
    if (env->log == NULL || level == PVG_LOG_OFF || level > env->log_level) return;
    char line[LOG_LINE + 1], cut[LOG_LINE];
    va_list list;
    va_start(list, format);
    int length = pvi_text_vformat(line, sizeof line, format, list);
    va_end(list);
    if (length < 0) return;
    copy_cut(cut, sizeof cut, line);
    env->log(env->log_user, level, component, cut);
}
