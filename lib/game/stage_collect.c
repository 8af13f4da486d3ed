/* stage_collect.c - sampling: the base on the test problems, for the roles and for the verifier; then every round's
 * prover on the test problems and for the verifiers to come. */
#include <math.h>
#include <string.h>

#include "game/game.h"

/* Samples of one kind: consecutive problems of a half, `group` samples each. */
typedef struct series {
    pvg_role role;
    bool greedy;
    int64_t samples;
} series;

typedef struct collection {
    series part[3];
    int parts, half;
    int32_t group;
    int64_t offset;          /* in the half, of the first problem */
    pvi_solutions *into;
} collection;

static int64_t test_count(const pvi_game *game) {
    int64_t most = (int64_t)game->half_count[PVI_HALF_TEST];
    return game->config.test_problems < most ? game->config.test_problems : most;
}

/* Several solutions a problem where a verifier's training set wants them. */
static int32_t pool_group(const pvi_config *c, int64_t samples) {
    int32_t wanted = c->solutions_per_problem > 1 ? c->solutions_per_problem : 1;
    if (c->verifier_loss.loss == PVI_VERIFIER_BRADLEY_TERRY && wanted < 4) wanted = 4;
    return wanted < samples ? wanted : (int32_t)samples;
}

static collection describe(const pvi_game *game, pvi_place place) {
    const pvi_config *c = &game->config;
    int64_t tests = test_count(game), half = (c->round_samples + 1) / 2;
    pvi_game *g = (pvi_game *)(uintptr_t)game; /* only to name where the samples go */
    switch (place.stage) {
    case PVI_STAGE_BASE_TEST:
        return (collection){.part = {{PVG_ROLE_NEUTRAL, false, tests}, {PVG_ROLE_NEUTRAL, true, tests}}, .parts = 2,
                            .half = PVI_HALF_TEST, .group = 1, .into = &g->tests};
    case PVI_STAGE_ROLE_SAMPLES:
        return (collection){.part = {{PVG_ROLE_NEUTRAL, false, c->role_samples}}, .parts = 1,
                            .half = PVI_HALF_PROVER, .group = 1, .into = &g->role_samples};
    case PVI_STAGE_BASE_POOL:
        return (collection){.part = {{PVG_ROLE_NEUTRAL, false, c->base_samples}}, .parts = 1,
                            .half = PVI_HALF_VERIFIER, .group = pool_group(c, c->base_samples), .into = &g->collected};
    case PVI_STAGE_TEST:
        return (collection){.part = {{PVG_ROLE_HELPFUL, false, tests}, {PVG_ROLE_HELPFUL, true, tests},
                                     {PVG_ROLE_SNEAKY, false, tests}},
                            .parts = game->plan.correctness ? 2 : 3, .half = PVI_HALF_TEST, .group = 1, .into = &g->tests};
    default:
        return (collection){.part = {{PVG_ROLE_HELPFUL, false, half}, {PVG_ROLE_SNEAKY, false, half}}, .parts = 2,
                            .half = PVI_HALF_VERIFIER, .group = pool_group(c, half), .offset = (place.round + 1) * half,
                            .into = &g->collected};
    }
}

/* Samples a unit: a large wave, so that the batch stays wide, yet about a second of work. */
static int64_t wave(const pvi_game *game, int32_t group) {
    const double most = 4e10;
    double work = pvi_stage_work(game, (pvi_place){PVI_STAGE_ROLE_SAMPLES, -1}) /
                  (double)(game->config.role_samples + 1);
    int64_t samples = 1024;
    while (samples > 64 && (double)samples * work > most) samples /= 2;
    return samples < group ? group : samples / group * group;
}

int64_t pvi_collect_units(const pvi_game *game, pvi_place place) {
    collection all = describe(game, place);
    int64_t units = 0, size = wave(game, all.group);
    for (int p = 0; p < all.parts; p++) units += (all.part[p].samples + size - 1) / size;
    return units;
}

static pvg_status sample(pvi_game *game, const collection *all, int part, int64_t from, int64_t to) {
    const series *s = &all->part[part];
    int64_t first = from / all->group, problems = (to - from + all->group - 1) / all->group;
    uint32_t *problem = pvi_alloc(game->env, (size_t)problems, sizeof *problem);
    pvg_role *role = pvi_alloc(game->env, (size_t)problems, sizeof *role);
    pvg_status status = problem != NULL && role != NULL ? PVG_OK : PVG_E_NOMEM;
    for (int64_t i = 0; i < problems && status == PVG_OK; i++) {
        int64_t at = (all->offset / all->group + first + i) % (int64_t)game->half_count[all->half];
        problem[i] = game->half[all->half][at];
        role[i] = s->role;
    }
    pvi_prove_job job = {.count = (size_t)problems, .problem = problem, .role = role, .group = all->group,
                         .temperature = s->greedy ? 0 : game->config.sampling.temperature,
                         .seed = pvi_game_seed(game, "samples"), .stream = (uint64_t)part << 40 | (uint64_t)from,
                         .source = game->place.round + 1};
    pvi_solutions raw;
    pvi_solutions_init(&raw, game->env);
    if (status == PVG_OK) status = pvi_game_prove(game, &job, &raw);
    if (status == PVG_OK) pvi_solutions_cut(&raw, (size_t)(to - from));
    if (status == PVG_OK) status = pvi_game_canonical(game, &raw, &game->fresh);
    pvi_solutions_free(&raw);
    pvi_free(game->env, problem);
    pvi_free(game->env, role);
    return status;
}

/* The round's verifier judges at once; a host's is asked about the test alone. */
static pvg_status judge(pvi_game *game) {
    size_t count = game->fresh.count;
    if (game->place.round < 0 || game->plan.correctness || (game->checker != NULL && game->place.stage != PVI_STAGE_TEST)) return PVG_OK;
    double *score = pvi_alloc(game->env, count + 1, sizeof *score);
    if (score == NULL) return PVG_E_NOMEM;
    pvg_status status = pvi_game_score(game, game->place.round, &game->fresh, NULL, count, score);
    for (size_t i = 0; i < count && status == PVG_OK; i++) game->fresh.item[i].score = score[i];
    pvi_free(game->env, score);
    return status;
}

pvg_status pvi_unit_collect(pvi_game *game) {
    collection all = describe(game, game->place);
    int64_t size = wave(game, all.group), unit = game->unit;
    int part = 0;
    while (part + 1 < all.parts && unit >= (all.part[part].samples + size - 1) / size)
        unit -= (all.part[part++].samples + size - 1) / size;
    int64_t from = unit * size, to = from + size < all.part[part].samples ? from + size : all.part[part].samples;
    pvg_status status = sample(game, &all, part, from, to);
    if (status == PVG_OK) status = judge(game);
    if (status == PVG_OK) status = pvi_game_fresh_rewards(game);
    if (status == PVG_OK) status = pvi_solutions_add_all(all.into, &game->fresh);
    if (status != PVG_OK) return status;
    size_t right = 0;
    for (size_t i = 0; i < game->fresh.count; i++) right += game->fresh.item[i].verdict == PVG_VERDICT_CORRECT;
    static const char *const who[] = {"base", "helpful", "sneaky"};
    pvi_text_format(game->note, sizeof game->note, "%s%s %.2f right", who[all.part[part].role],
                    all.part[part].greedy ? " (greedy)" : "", (double)right / (double)game->fresh.count);
    return PVG_OK;
}

/* ---- after the last sample ---- */

pvg_status pvi_collect_finish(pvi_game *game) {
    switch (game->place.stage) {
    case PVI_STAGE_BASE_TEST: return pvi_measure_base(game);
    case PVI_STAGE_ROLE_SAMPLES: return pvi_game_stand_in(game, &game->role_samples, PVI_HALF_PROVER, "role", 8, true);
    case PVI_STAGE_BASE_POOL:
        if (game->prover != NULL) return PVG_OK;
        return pvi_game_stand_in(game, &game->collected, PVI_HALF_VERIFIER, "pool", 16, false);
    default: return PVG_OK;
    }
}
