/* memory_bench.c - does a game take the memory that was planned? Plays one round with the settings given as NAME=VALUE, by
 * default with a prover of 360 million parameters and so few steps that it is a matter of minutes, and compares. Not a
 * test: build the target bench_memory; needs 16 GiB. */
#include <stdio.h>
#include <string.h>

#include "base/workers.h"
#include "compute/engine.h"
#include "compute/machine.h"
#include "game/game.h"
#include "game/plan.h"

static const char *const large[] = {
    "prover.width=1024", "prover.layers=28", "prover.heads=16", "prover.kv_heads=16", "prover.hidden=2816", "base.steps=1",
    "base.batch=8", "verifier_base.steps=1", "roles.steps=0", "roles.samples=0", "pool.base_samples=64", "pool.round_samples=64",
    "verifier_train.steps=0", "prover_train.steps=1", "prover_train.batch=8", "prover_train.updates=1", "rounds.count=1",
    "problems.train=512", "problems.test=16", "evaluate.problems=16", "evaluate.control=8"};

static pvg_status set(pvi_env *env, pvi_settings *settings, const char *assignment) {
    char name[64];
    const char *value = strchr(assignment, '=');
    if (value == NULL || (size_t)(value - assignment) >= sizeof name)
        return pvi_fail(env, PVG_E_INVALID, "bench", "'%s' is no NAME=VALUE", assignment);
    memcpy(name, assignment, (size_t)(value - assignment));
    name[value - assignment] = '\0';
    return pvi_settings_set(env, settings, name, value + 1);
}

static pvg_status play(pvi_env *env, const pvi_settings *settings) {
    pvi_plan plan;
    pvi_game *game;
    pvi_game_event event = PVI_GAME_PROGRESS;
    pvg_status status = pvi_plan_game(env, settings, 0, &plan);
    if (status == PVG_OK) status = pvi_game_create(env, settings, NULL, true, &game);
    if (status != PVG_OK) return status;
    while (status == PVG_OK && event != PVI_GAME_ROUND_DONE) status = pvi_game_step(game, &event);
    pvi_game_destroy(game);
    double planned = (double)plan.total, taken = (double)atomic_load(&env->peak), resident = (double)pvi_machine_resident();
    printf("prover: %.1f million parameters\nplanned:  %9.1f MiB\ntaken:    %9.1f MiB, %.1f %% of it\nresident: %9.1f MiB, %.1f %%\n",
           (double)plan.prover.parameters / 1e6, planned / 1048576, taken / 1048576, 100 * taken / planned, resident / 1048576,
           100 * resident / planned);
    return status;
}

int main(int count, char **argument) {
    pvi_env env;
    pvi_env_init(&env);
    env.engine = pvi_engine_best();
    pvi_workers *workers = NULL;
    pvi_settings *settings = NULL;
    pvg_status status = pvi_workers_create(&env, pvi_cpu_count(), &workers);
    env.workers = workers;
    if (status == PVG_OK) status = pvi_settings_create(&env, pvi_game_settings(), &settings);
    for (size_t i = 0; status == PVG_OK && count == 1 && i < sizeof large / sizeof *large; i++) status = set(&env, settings, large[i]);
    for (int i = 1; status == PVG_OK && i < count; i++) status = set(&env, settings, argument[i]);
    if (status == PVG_OK) status = play(&env, settings);
    if (status != PVG_OK) fprintf(stderr, "%s\n", env.error.message);
    pvi_settings_destroy(&env, settings);
    pvi_workers_destroy(&env, workers);
    return status == PVG_OK ? 0 : 1;
}
