/* api_context.c - versions, the context, its errors, and the guards. */
#include "api/api_objects.h"

#include <stdlib.h>

#include "base/workers.h"
#include "compute/engine.h"

enum { MOST_THREADS = 256 };

#define TEXT_OF(x) #x
#define TEXT(x) TEXT_OF(x)

uint32_t pvg_version_number(void) {
    return PVG_VERSION_MAJOR * 1000000u + PVG_VERSION_MINOR * 1000u + PVG_VERSION_PATCH;
}
const char *pvg_version_string(void) {
    return TEXT(PVG_VERSION_MAJOR) "." TEXT(PVG_VERSION_MINOR) "." TEXT(PVG_VERSION_PATCH);
}

int32_t pvg_abi_accepts(uint32_t header_major, uint32_t header_minor) {
    return header_major == PVG_VERSION_MAJOR && header_minor <= PVG_VERSION_MINOR;
}

const char *pvg_status_name(pvg_status status) {
    static const char *const names[] = {"PVG_OK",          "PVG_E_INVALID",   "PVG_E_NOMEM",  "PVG_E_IO",
                                        "PVG_E_FORMAT",    "PVG_E_TOO_NEW",   "PVG_E_STATE",  "PVG_E_RANGE",
                                        "PVG_E_NOT_FOUND", "PVG_E_BUSY",      "PVG_E_NUMERIC", "PVG_E_CALLBACK",
                                        "PVG_E_CANCELLED", "PVG_E_BUFFER",    "PVG_E_UNSUPPORTED", "PVG_E_INTERNAL"};
    return status <= 0 && status > -(int32_t)(sizeof names / sizeof *names) ? names[-status] : "unknown status";
}

const char *pvg_role_name(pvg_role role) {
    return role == PVG_ROLE_HELPFUL ? "helpful" : role == PVG_ROLE_SNEAKY ? "sneaky" : role == PVG_ROLE_NEUTRAL ? "neutral" : "unknown";
}

const char *pvg_verdict_name(pvg_verdict verdict) {
    static const char *const names[] = {"ungraded", "correct", "wrong", "no_answer", "ambiguous", "truncated"};
    return verdict >= 0 && verdict < (int32_t)(sizeof names / sizeof *names) ? names[verdict] : "unknown";
}

/* ---- structs that grow ---- */

static uint32_t struct_size(const void *value) {
    uint32_t size;
    memcpy(&size, value, sizeof size);
    return size;
}

pvg_status pvi_api_read_struct(pvi_env *env, const char *name, const void *from, void *into, size_t size) {
    uint32_t given = struct_size(from);
    if (given < sizeof given)
        return pvi_fail(env, PVG_E_INVALID, "api", "%s.struct_size is %u: set it to sizeof(%s), or call its init function", name, given, name);
    const unsigned char *bytes = from;
    for (size_t i = size; i < given; i++)
        if (bytes[i] != 0)
            return pvi_fail(env, PVG_E_UNSUPPORTED, "api", "%s uses fields that this library (%s) does not know", name, pvg_version_string());
    memcpy(into, from, given < size ? given : size);
    return PVG_OK;
}

pvg_status pvi_api_write_struct(pvi_env *env, const char *name, void *to, const void *from, size_t size) {
    uint32_t given = struct_size(to);
    if (given < sizeof given)
        return pvi_fail(env, PVG_E_INVALID, "api", "%s.struct_size is %u: set it to sizeof(%s) before the call", name, given, name);
    size_t common = given < size ? given : size;
    memcpy((char *)to + sizeof given, (const char *)from + sizeof given, common - sizeof given);
    if (given > size) memset((char *)to + size, 0, given - size);
    return PVG_OK;
}

static pvg_status init_struct(void *to, const void *defaults, size_t size, size_t given) {
    if (to == NULL || given < sizeof(uint32_t) || given > UINT32_MAX) return PVG_E_INVALID;
    memset(to, 0, given);
    memcpy(to, defaults, given < size ? given : size);
    uint32_t own = (uint32_t)given;
    memcpy(to, &own, sizeof own);
    return PVG_OK;
}

static const pvg_context_options default_options = {.struct_size = sizeof default_options};
static const pvg_hooks default_hooks = {.struct_size = sizeof default_hooks};

pvg_status pvg_context_options_init(pvg_context_options *options, size_t size) {
    return init_struct(options, &default_options, sizeof default_options, size);
}
pvg_status pvg_hooks_init(pvg_hooks *hooks, size_t size) {
    return init_struct(hooks, &default_hooks, sizeof default_hooks, size);
}

/* ---- context ---- */

static pvg_status check_options(pvi_env *env, const pvg_context_options *o) {
    if (o->threads < 0 || o->threads > MOST_THREADS)
        return pvi_fail(env, PVG_E_RANGE, "context", "threads is %d: 0 (one per processor) to %d are possible", o->threads, MOST_THREADS);
    if (o->engine < PVG_ENGINE_BEST || o->engine > PVG_ENGINE_OPENBLAS)
        return pvi_fail(env, PVG_E_RANGE, "context", "engine is %d: PVG_ENGINE_BEST (0) to PVG_ENGINE_OPENBLAS (4) are known", o->engine);
    if (o->engine != PVG_ENGINE_BEST && !pvi_engine_possible(o->engine))
        return pvi_fail(env, PVG_E_UNSUPPORTED, "context", "this machine or this build cannot compute with the engine '%s'",
                        pvi_engine_name(o->engine));
    if (o->log_level < PVG_LOG_OFF || o->log_level > PVG_LOG_DEBUG)
        return pvi_fail(env, PVG_E_RANGE, "context", "log_level is %d: PVG_LOG_OFF (0) to PVG_LOG_DEBUG (4) are known", o->log_level);
    return PVG_OK;
}

static pvg_status read_allocator(pvi_env *env, const pvg_allocator *given) {
    if (given == NULL) return PVG_OK;
    pvg_allocator allocator = {.struct_size = sizeof allocator};
    API_TRY(pvi_api_read_struct(env, "pvg_allocator", given, &allocator, sizeof allocator));
    if (allocator.allocate == NULL || allocator.release == NULL)
        return pvi_fail(env, PVG_E_INVALID, "context", "pvg_allocator needs both allocate and release");
    env->allocate = allocator.allocate;
    env->release = allocator.release;
    env->allocator_user = allocator.user;
    return PVG_OK;
}

/* `env` is on the caller's stack until there is a context to hold it. */
static pvg_status open_env(pvi_env *env, const pvg_context_options *given, pvg_context_options *options) {
    pvi_env_init(env);
    *options = default_options;
    if (given != NULL) {
        API_TRY(pvi_api_read_struct(env, "pvg_context_options", given, options, sizeof *options));
        env->log = options->log;
        env->log_user = options->log_user;
        env->log_level = options->log_level;
    }
    API_TRY(check_options(env, options));
    env->memory_limit = options->memory_limit;
    env->engine = options->engine == PVG_ENGINE_BEST ? pvi_engine_best() : options->engine;
    return read_allocator(env, options->allocator);
}

static int team_size(const pvg_context_options *options) {
    if (options->threads > 0) return options->threads;
    int processors = pvi_cpu_count();
    return processors < MOST_THREADS ? processors : MOST_THREADS;
}

pvg_status pvg_context_create(const pvg_context_options *given, pvg_context **out) {
    if (out == NULL) return PVG_E_INVALID;
    pvi_env start;
    pvg_context_options options;
    pvg_status status = open_env(&start, given, &options);
    pvg_context *context = status == PVG_OK ? start.allocate(start.allocator_user, sizeof *context, 64) : NULL;
    if (status == PVG_OK && context == NULL) status = pvi_fail(&start, PVG_E_NOMEM, "context", "out of memory");
    if (status == PVG_OK) {
        memcpy(&context->env, &start, sizeof start);
        atomic_init(&context->references, 1);
        status = pvi_workers_create(&context->env, team_size(&options), &context->env.workers);
        if (status != PVG_OK) {
            start.error = context->env.error;
            start.release(start.allocator_user, context, sizeof *context, 64);
        }
    }
    if (status != PVG_OK) {
        pvi_log(&start, PVG_LOG_ERROR, "context", "%s", start.error.message);
        return status;
    }
    pvi_log(&context->env, PVG_LOG_INFO, "context", "libpvgame %s: engine %s, %d threads", pvg_version_string(),
            pvi_engine_name(context->env.engine), pvi_workers_count(context->env.workers));
    *out = context;
    return PVG_OK;
}

pvg_context *pvi_context_retain(pvg_context *context) {
    atomic_fetch_add(&context->references, 1);
    return context;
}

void pvi_context_release(pvg_context *context) {
    if (atomic_fetch_sub(&context->references, 1) != 1) return;
    pvi_env *env = &context->env;
    pvi_workers_destroy(env, env->workers);
    env->release(env->allocator_user, context, sizeof *context, 64);
}

void pvg_context_destroy(pvg_context *context) {
    if (context != NULL) pvi_context_release(context);
}

void pvg_context_cancel(pvg_context *context) {
    if (context != NULL) atomic_store_explicit(&context->env.cancelled, 1, memory_order_relaxed);
}
void pvg_context_resume(pvg_context *context) {
    if (context != NULL) atomic_store_explicit(&context->env.cancelled, 0, memory_order_relaxed);
}

pvg_status pvg_error_code(const pvg_context *context) { return context != NULL ? context->env.error.code : PVG_E_INVALID; }
const char *pvg_error_message(const pvg_context *context) {
    return context != NULL ? context->env.error.message : "there is no context";
}
const char *pvg_error_component(const pvg_context *context) {
    return context != NULL ? context->env.error.component : "api";
}

int32_t pvg_context_threads(const pvg_context *context) {
    return context != NULL ? pvi_workers_count(context->env.workers) : 0;
}
uint64_t pvg_memory_used(const pvg_context *context) {
    return context != NULL ? atomic_load_explicit(&context->env.used, memory_order_relaxed) : 0;
}
uint64_t pvg_memory_peak(const pvg_context *context) {
    return context != NULL ? atomic_load_explicit(&context->env.peak, memory_order_relaxed) : 0;
}

/* ---- guards ---- */

pvg_status pvi_api_enter(pvg_context *context, const char *function) {
    if (context == NULL) return PVG_E_INVALID;
    if (context->env.in_hook)
        return pvi_fail(&context->env, PVG_E_BUSY, "api",
                        "%s was called inside a hook of the same context: there only the request, reply and feedback functions may be used", function);
    return PVG_OK;
}

pvg_status pvi_api_null(pvg_context *context, const char *function, const char *argument) {
    return pvi_fail(&context->env, PVG_E_INVALID, "api", "%s: '%s' is a null pointer", function, argument);
}

pvg_status pvi_api_same(pvg_context *context, const pvg_context *other, const char *what) {
    if (context == other) return PVG_OK;
    return pvi_fail(&context->env, PVG_E_INVALID, "api", "the %s belongs to another context", what);
}

void *pvi_api_object(pvg_context *context, size_t size) {
    void *object = pvi_calloc(&context->env, 1, size);
    if (object != NULL) *(pvg_context **)object = pvi_context_retain(context);
    return object;
}

void pvi_api_object_free(void *object) {
    pvg_context *context = *(pvg_context **)object;
    pvi_free(&context->env, object);
    pvi_context_release(context);
}

pvg_status pvi_api_give(pvg_context *context, const char *text, size_t length, char *buffer, size_t capacity,
                        size_t *needed) {
    if (needed != NULL) *needed = length;
    if (buffer == NULL && capacity == 0) return PVG_OK;
    if (buffer == NULL) return pvi_fail(&context->env, PVG_E_INVALID, "api", "the buffer is a null pointer, its capacity %zu", capacity);
    if (capacity <= length)
        return pvi_fail(&context->env, PVG_E_BUFFER, "api", "the buffer holds %zu bytes and %zu are wanted", capacity, length + 1);
    memcpy(buffer, text != NULL ? text : "", length);
    buffer[length] = '\0';
    return PVG_OK;
}
