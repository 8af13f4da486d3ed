/* pool.c - see pool.h. */
#include "game/pool.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"

static int label_of(const pvi_solution *s) { return s->verdict == PVG_VERDICT_CORRECT; }
static bool usable(const pvi_solution *s, int32_t sources) {
    return s->verdict != PVG_VERDICT_UNGRADED && s->token_count > 0 && s->source >= 0 && s->source < sources;
}
static size_t bucket_of(const pvi_solution *s) { return (size_t)s->source * 2 + (size_t)label_of(s); }

typedef struct {
    uint32_t problem, draw, index, bucket;
    bool keep;
} entry;

/* By problem, then a random order: decides which solutions stay when only some do. */
static int by_problem(const void *x, const void *y) {
    const entry *a = x, *b = y;
    if (a->problem != b->problem) return a->problem < b->problem ? -1 : 1;
    if (a->draw != b->draw) return a->draw < b->draw ? -1 : 1;
    return a->index < b->index ? -1 : a->index > b->index;
}
static int by_bucket(const void *x, const void *y) {
    const entry *a = x, *b = y;
    if (a->bucket != b->bucket) return a->bucket < b->bucket ? -1 : 1;
    if (a->problem != b->problem) return a->problem < b->problem ? -1 : 1;
    return a->index < b->index ? -1 : a->index > b->index;
}

/* The entry of [from, to) not yet kept whose bucket is owed most; SIZE_MAX when none is left. */
static size_t most_owed(const entry *entries, size_t from, size_t to, int32_t turn, const double *weight, const double *given) {
    size_t best = SIZE_MAX;
    double most = 0;
    for (size_t i = from; i < to; i++) {
        if (entries[i].keep) continue;
        double due = turn * weight[entries[i].bucket / 2] / 2 - given[entries[i].bucket];
        if (best == SIZE_MAX || due > most) best = i, most = due;
    }
    return best;
}

/* Keep at most `limit` entries of each problem, sources by weight and labels half and half, so that the number a problem
 * is the same in every round and new rounds replace part of the old. Returns how many are kept (moved to the front). */
static size_t keep_some(entry *entries, size_t count, int32_t limit, int32_t sources, const double *weight, double *given) {
    for (size_t from = 0, to; from < count; from = to) {
        to = from;
        while (to < count && entries[to].problem == entries[from].problem) to++;
        for (int32_t b = 0; b < sources * 2; b++) given[b] = 0;
        for (int32_t k = 1; k <= limit; k++) {
            size_t best = most_owed(entries, from, to, k, weight, given);
            if (best == SIZE_MAX) break;
            entries[best].keep = true;
            given[entries[best].bucket] += 1;
        }
    }
    size_t kept = 0;
    for (size_t i = 0; i < count; i++)
        if (entries[i].keep) entries[kept++] = entries[i];
    return kept;
}

static void source_weights(const pvi_config *config, int32_t sources, double *weight) {
    double sum = 0;
    for (int32_t s = 0; s < sources; s++) sum += weight[s] = config->mixture == PVI_MIXTURE_RECENT ? ldexp(1, s) : 1;
    for (int32_t s = 0; s < sources; s++) weight[s] /= sum;
}

/* Problems with both labels within one source, for pairwise losses. Entries are in bucket order. */
static pvg_status find_pairs(pvi_pool *pool, const entry *entries) {
    pvi_env *env = pool->env;
    size_t capacity = pool->kept / 2 + 1;
    pool->pair = pvi_alloc(env, capacity, sizeof *pool->pair);
    pool->pair_begin = pvi_alloc(env, (size_t)pool->sources + 1, sizeof *pool->pair_begin);
    if (pool->pair == NULL || pool->pair_begin == NULL) return PVG_E_NOMEM;
    for (int32_t s = 0; s < pool->sources; s++) {
        pool->pair_begin[s] = pool->paired;
        size_t w = pool->begin[2 * s], w_end = pool->begin[2 * s + 1], r = w_end, r_end = pool->begin[2 * s + 2];
        while (w < w_end && r < r_end) {
            uint32_t pw = entries[w].problem, pr = entries[r].problem;
            size_t w_next = w, r_next = r;
            while (w_next < w_end && entries[w_next].problem == pw) w_next++;
            while (r_next < r_end && entries[r_next].problem == pr) r_next++;
            if (pw == pr) {
                uint32_t *p = pool->pair[pool->paired++];
                p[0] = (uint32_t)w, p[1] = (uint32_t)w_next, p[2] = (uint32_t)r, p[3] = (uint32_t)r_next;
            }
            if (pw <= pr) w = w_next;
            if (pr <= pw) r = r_next;
        }
    }
    pool->pair_begin[pool->sources] = pool->paired;
    return PVG_OK;
}

static pvg_status fill(pvi_pool *pool, const pvi_config *config, int32_t round, entry *entries, double *given) {
    const pvi_solutions *all = pool->all;
    pvi_rng rng = pvi_rng_stream(config->seed, "pool", (uint64_t)round, 0);
    size_t count = 0;
    for (size_t i = 0; i < all->count; i++) {
        if (!usable(&all->item[i], pool->sources)) continue;
        entries[count++] = (entry){all->item[i].problem, pvi_rng_u32(&rng), (uint32_t)i, (uint32_t)bucket_of(&all->item[i]), false};
    }
    qsort(entries, count, sizeof *entries, by_problem);
    pool->kept = count;
    if (config->solutions_per_problem > 0)
        pool->kept = keep_some(entries, count, config->solutions_per_problem, pool->sources, pool->weight, given);
    pool->dropped = all->count - pool->kept;
    qsort(entries, pool->kept, sizeof *entries, by_bucket);
    size_t at = 0;
    for (size_t b = 0; b <= (size_t)pool->sources * 2; b++) {
        while (at < pool->kept && entries[at].bucket < b) at++;
        pool->begin[b] = at;
    }
    for (size_t i = 0; i < pool->kept; i++) pool->order[i] = entries[i].index;
    return find_pairs(pool, entries);
}

static pvg_status check_labels(const pvi_pool *pool) {
    size_t count[2] = {0, 0};
    for (int32_t b = 0; b < pool->sources * 2; b++) count[b & 1] += pool->begin[b + 1] - pool->begin[b];
    if (count[0] > 0 && count[1] > 0) return PVG_OK;
    return pvi_fail(pool->env, PVG_E_STATE, "pool",
                    "a verifier needs right and wrong solutions, but of %zu collected ones %zu are right and %zu wrong: %s",
                    pool->kept, count[1], count[0], count[0] == 0 && count[1] > 0
                        ? "train the base less, or take harder problems" : "train the base longer, or take easier problems");
}

pvg_status pvi_pool_build(pvi_env *env, const pvi_solutions *all, int32_t sources, const pvi_config *config, int32_t round,
                          pvi_pool *out) {
    pvi_pool pool = {.env = env, .all = all, .sources = sources};
    entry *entries = pvi_alloc(env, all->count + 1, sizeof *entries);
    double *given = pvi_alloc(env, (size_t)sources * 2 + 1, sizeof *given);
    pool.weight = pvi_alloc(env, (size_t)sources + 1, sizeof *pool.weight);
    pool.order = pvi_alloc(env, all->count + 1, sizeof *pool.order);
    pool.begin = pvi_alloc(env, (size_t)sources * 2 + 1, sizeof *pool.begin);
    pvg_status status = PVG_E_NOMEM;
    if (entries != NULL && given != NULL && pool.weight != NULL && pool.order != NULL && pool.begin != NULL) {
        source_weights(config, sources, pool.weight);
        status = fill(&pool, config, round, entries, given);
    }
    pvi_free(env, entries);
    pvi_free(env, given);
    if (status == PVG_OK) status = check_labels(&pool);
    if (status == PVG_OK) *out = pool;
    else pvi_pool_free(&pool);
    return status;
}

void pvi_pool_free(pvi_pool *pool) {
    if (pool->env == NULL) return;
    pvi_free(pool->env, pool->weight);
    pvi_free(pool->env, pool->order);
    pvi_free(pool->env, pool->begin);
    pvi_free(pool->env, pool->pair);
    pvi_free(pool->env, pool->pair_begin);
    memset(pool, 0, sizeof *pool);
}

/* A source drawn by weight among those with something in `size_of`. */
static int32_t draw_source(const pvi_pool *pool, pvi_rng *rng, const size_t *begin, size_t stride, size_t offset) {
    double sum = 0;
    for (int32_t s = 0; s < pool->sources; s++) {
        size_t b = (size_t)s * stride + offset;
        if (begin[b + 1] > begin[b]) sum += pool->weight[s];
    }
    double at = pvi_rng_unit(rng) * sum;
    int32_t last = -1;
    for (int32_t s = 0; s < pool->sources; s++) {
        size_t b = (size_t)s * stride + offset;
        if (begin[b + 1] == begin[b]) continue;
        last = s;
        at -= pool->weight[s];
        if (at < 0) break;
    }
    return last;
}

static uint32_t draw_index(const pvi_pool *pool, pvi_rng *rng, size_t begin, size_t end) {
    return pool->order[begin + pvi_rng_below(rng, end - begin)];
}

void pvi_pool_draw(const pvi_pool *pool, pvi_rng *rng, bool pairs, size_t count, uint32_t *out) {
    for (size_t i = 0; i < count; i += 2) {
        if (pairs && pool->paired > 0) {
            int32_t s = draw_source(pool, rng, pool->pair_begin, 1, 0);
            const uint32_t *p = pool->pair[pool->pair_begin[s] +
                                           pvi_rng_below(rng, pool->pair_begin[s + 1] - pool->pair_begin[s])];
            out[i] = draw_index(pool, rng, p[2], p[3]);
            if (i + 1 < count) out[i + 1] = draw_index(pool, rng, p[0], p[1]);
            continue;
        }
        for (size_t label = 0; label < 2 && i + label < count; label++) {
            int32_t s = draw_source(pool, rng, pool->begin, 2, 1 - label);
            size_t b = (size_t)s * 2 + 1 - label;
            out[i + label] = draw_index(pool, rng, pool->begin[b], pool->begin[b + 1]);
        }
    }
}
