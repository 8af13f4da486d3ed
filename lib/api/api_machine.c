/* api_machine.c - the machine, how fast it is, and what a game would take of it, as JSON. */
#include "api/api_objects.h"

#include <math.h>

#include "base/workers.h"
#include "compute/blas.h"
#include "compute/engine.h"
#include "compute/machine.h"
#include "game/benchmark.h"
#include "game/plan.h"

static void add_text(pvi_text *json, const char *name, const char *value) {
    pvi_text_printf(json, "\"%s\": ", name);
    pvi_json_string(json, value, strlen(value));
}

static void add_number(pvi_text *json, const char *name, double value) {
    pvi_text_printf(json, "\"%s\": ", name);
    if (isfinite(value)) pvi_text_printf(json, "%.1f", value);
    else pvi_text_puts(json, "null");
}

static void write_machine(const pvg_context *context, const pvi_machine *machine, pvi_text *json) {
    pvi_text_puts(json, "{");
    add_text(json, "library", pvg_version_string());
    pvi_text_puts(json, ", ");
    add_text(json, "processor", machine->processor);
    pvi_text_puts(json, ", ");
    add_text(json, "features", machine->features);
    pvi_text_printf(json, ", \"processors\": %d, \"threads\": %d, \"memory\": %llu, ", machine->processors,
                    pvi_workers_count(context->env.workers), (unsigned long long)machine->memory);
    add_text(json, "engine", pvi_engine_name(context->env.engine));
    pvi_text_puts(json, ", \"openblas\": {");
    add_text(json, "build", pvi_blas_kind());
    pvi_text_puts(json, ", ");
    add_text(json, "core", pvi_blas_core());
    pvi_text_puts(json, ", ");
    add_text(json, "threading", pvi_blas_threading());
    pvi_text_puts(json, ", ");
    add_text(json, "config", pvi_blas_config());
    pvi_text_puts(json, "}, \"gflops\": {");
    add_number(json, "peak", machine->peak);
    pvi_text_puts(json, ", ");
    add_number(json, "engine", machine->engine_rate);
    pvi_text_puts(json, ", ");
    add_number(json, "openblas", machine->openblas_rate);
    pvi_text_puts(json, "}}");
}

pvg_status pvg_machine_describe(pvg_context *context, int32_t measure, char *buffer, size_t capacity, size_t *needed) {
    API_ENTER(context);
    pvi_machine machine;
    API_TRY(pvi_machine_look(&context->env, measure != 0, &machine));
    pvi_text json;
    pvi_text_init(&json, &context->env);
    write_machine(context, &machine, &json);
    pvg_status status = pvi_text_ok(&json);
    if (status == PVG_OK) status = pvi_api_give(context, json.data, json.length, buffer, capacity, needed);
    pvi_text_free(&json);
    return status;
}

typedef struct watched {
    pvi_env *env;
    const pvg_benchmark_options *options;
} watched;

static void tell_progress(void *user, int32_t done, int32_t total) {
    const watched *w = user;
    w->env->in_hook = true;
    w->options->progress(w->options->user, done, total);
    w->env->in_hook = false;
}

pvg_status pvg_benchmark(pvg_context *context, const char *what, const char *size, const pvg_benchmark_options *given,
                         char *buffer, size_t capacity, size_t *needed) {
    API_ENTER(context);
    API_NEED(context, what);
    API_NEED(context, size);
    pvi_env *env = &context->env;
    pvg_benchmark_options options = {.struct_size = sizeof options};
    pvi_bench bench;
    pvi_bench_result result;
    if (given != NULL) API_TRY(pvi_api_read_struct(env, "pvg_benchmark_options", given, &options, sizeof options));
    if (options.reserved_zero != 0)
        return pvi_fail(env, PVG_E_UNSUPPORTED, "api", "pvg_benchmark_options.reserved_zero is %d; it must be 0", options.reserved_zero);
    API_TRY(pvi_bench_choose(env, what, size, options.batch, options.reps, &bench));
    if (options.progress != NULL) bench.progress = tell_progress;
    bench.user = &(watched){env, &options};
    API_TRY(pvi_bench_run(env, &bench, &result));
    pvi_text json;
    pvi_text_init(&json, env);
    pvg_status status = pvi_bench_write_json(env, &bench, &result, &json);
    if (status == PVG_OK) status = pvi_api_give(context, json.data, json.length, buffer, capacity, needed);
    pvi_text_free(&json);
    return status;
}

pvg_status pvg_plan_describe(pvg_context *context, const pvg_settings *settings, char *buffer, size_t capacity, size_t *needed) {
    API_ENTER(context);
    pvi_plan plan;
    API_NEED(context, settings);
    API_TRY(pvi_plan_game(&context->env, settings->values, 0, &plan));
    pvi_text json;
    pvi_text_init(&json, &context->env);
    pvg_status status = pvi_plan_write_json(&plan, &json);
    if (status == PVG_OK) status = pvi_api_give(context, json.data, json.length, buffer, capacity, needed);
    pvi_text_free(&json);
    return status;
}
