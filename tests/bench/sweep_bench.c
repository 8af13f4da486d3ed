/* sweep_bench.c - does cost grow as it should: with tokens, with layers, with the width squared? One training step, one core,
 * one size changed at a time. Not a test: build the target bench_sweep and run it on a quiet machine. The last column is
 * the cost of one unit of useful work, as a multiple of the first line's: 1 where growth is as it should be. */
#include <stdio.h>
#include <stdlib.h>

#include "base/env.h"
#include "base/workers.h"
#include "compute/engine.h"
#include "game/benchmark.h"

typedef struct sweep {
    const char *what;
    int value[5], batch;
} sweep;

static void change(pvi_bench *bench, const sweep *s, int value) {
    pvi_shape *shape = &bench->shape;
    if (s->what[0] == 'l') shape->layers = value;
    if (s->what[0] != 'w') return;
    shape->width = value;
    shape->hidden = value * 11 / 4;
    shape->head_dim = 64;
    shape->heads = shape->kv_heads = value / 64;
}

static pvg_status run(pvi_env *env, const sweep *s) {
    double first = 0;
    for (int i = 0; i < 5; i++) {
        pvi_bench bench;
        pvi_bench_result r;
        pvg_status status = pvi_bench_choose(env, "train", "S", s->what[0] == 's' ? s->value[i] : s->batch, 5, &bench);
        if (status != PVG_OK) return status;
        change(&bench, s, s->value[i]);
        status = pvi_bench_run(env, &bench, &r);
        if (status != PVG_OK) return status;
        if (i == 0) first = r.gflops;
        printf("%-10s %6d %12.1f %10.4f %10.1f %9.1f %8.2f\n", s->what, s->value[i], (double)r.parameters / 1e6, r.seconds, r.tokens_s,
               r.gflops, first / r.gflops);
        fflush(stdout);
    }
    return PVG_OK;
}

int main(void) {
    static const sweep sweeps[] = {{"sequences", {4, 8, 16, 32, 64}, 0},
                                   {"layers", {2, 4, 8, 16, 32}, 8},
                                   {"width", {128, 256, 512, 1024, 2048}, 4}};
    pvi_env env;
    pvi_env_init(&env);
    env.engine = pvi_engine_best();
    pvi_workers *workers = NULL;
    pvg_status status = pvi_workers_create(&env, 1, &workers);
    env.workers = workers;
    printf("%-10s %6s %12s %10s %10s %9s %8s\n", "changed", "to", "parameters/M", "seconds", "tokens/s", "GFLOP/s", "cost");
    for (size_t i = 0; i < sizeof sweeps / sizeof *sweeps && status == PVG_OK; i++) status = run(&env, &sweeps[i]);
    if (status != PVG_OK) fprintf(stderr, "%s\n", env.error.message);
    pvi_workers_destroy(&env, workers);
    return status == PVG_OK ? 0 : 1;
}
