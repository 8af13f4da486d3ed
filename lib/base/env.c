/* env.c - see env.h. */
#include "base/env.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void *default_allocate(void *user, size_t size, size_t align) {
    (void)user;
    void *block = NULL;
    if (align < sizeof(void *)) align = sizeof(void *);
    return posix_memalign(&block, align, size) == 0 ? block : NULL;
}

static void default_release(void *user, void *block, size_t size, size_t align) {
    (void)user, (void)size, (void)align;
    free(block);
}

void pvi_env_init(pvi_env *env) {
    memset(env, 0, sizeof *env);
    env->allocate = default_allocate;
    env->release = default_release;
    env->log_level = PVG_LOG_OFF;
}

/* Cut a text that did not fit so that it does not end inside a UTF-8 sequence. */
static void close_text(char *text, size_t capacity, int wanted) {
    if (wanted < 0) text[0] = '\0';
    if (wanted < 0 || (size_t)wanted < capacity) return;
    size_t end = capacity - 1;
    while (end > 0 && ((unsigned char)text[end - 1] & 0xC0) == 0x80) end--;
    if (end > 0 && (unsigned char)text[end - 1] >= 0xC0) end--;
    text[end] = '\0';
}

pvg_status pvi_fail(pvi_env *env, pvg_status code, const char *component, const char *format, ...) {
    char message[sizeof env->error.message]; /* apart: an argument may be the old message */
    va_list arguments;
    va_start(arguments, format);
    int wanted = vsnprintf(message, sizeof message, format, arguments);
    va_end(arguments);
    close_text(message, sizeof message, wanted);
    memcpy(env->error.message, message, sizeof message);
    snprintf(env->error.component, sizeof env->error.component, "%s", component);
    env->error.code = code;
    return code;
}

void pvi_log(pvi_env *env, pvg_log_level level, const char *component, const char *format, ...) {
    if (env->log == NULL || level > env->log_level || level == PVG_LOG_OFF) return;
    char message[1024];
    va_list arguments;
    va_start(arguments, format);
    int wanted = vsnprintf(message, sizeof message, format, arguments);
    va_end(arguments);
    close_text(message, sizeof message, wanted);
    env->log(env->log_user, level, component, message);
}
