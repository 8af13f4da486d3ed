/* experiment.c - keeping and summarising the numbers of many runs; see experiment.h. */
#include "game/experiment.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "game/stats.h"

static const char NAME[] = "experiment";

pvg_status pvi_experiment_init(pvi_experiment *x, pvi_env *env, double level) {
    if (!(level >= 0.5 && level <= 0.999))
        return pvi_fail(env, PVG_E_RANGE, NAME, "level %g was asked for; wanted is 0.5 to 0.999", level);
    *x = (pvi_experiment){.env = env, .level = level};
    return PVG_OK;
}

void pvi_experiment_free(pvi_experiment *x) {
    for (size_t i = 0; i < x->arms; i++) {
        pvi_free(x->env, x->arm[i].name);
        pvi_free(x->env, x->arm[i].kind);
    }
    for (size_t i = 0; i < x->metrics; i++) pvi_free(x->env, x->metric[i]);
    pvi_free(x->env, x->arm);
    pvi_free(x->env, x->metric);
    pvi_free(x->env, x->entry);
}

/* ---- adding ---- */

static bool find_arm(const pvi_experiment *x, const char *name, size_t *at) {
    for (*at = 0; *at < x->arms; (*at)++)
        if (strcmp(x->arm[*at].name, name) == 0) return true;
    return false;
}

static bool find_metric(const pvi_experiment *x, const char *name, size_t *at) {
    for (*at = 0; *at < x->metrics; (*at)++)
        if (strcmp(x->metric[*at], name) == 0) return true;
    return false;
}

pvg_status pvi_experiment_arm(pvi_experiment *x, const char *name, const char *kind, double ratio) {
    size_t at;
    if (name[0] == '\0') return pvi_fail(x->env, PVG_E_INVALID, NAME, "an arm has an empty name");
    if (find_arm(x, name, &at)) return pvi_fail(x->env, PVG_E_INVALID, NAME, "there are two arms '%s'", name);
    pvg_status status = pvi_reserve(x->env, (void **)&x->arm, &x->arm_capacity, x->arms + 1, sizeof *x->arm);
    if (status != PVG_OK) return status;
    pvi_arm arm = {.name = pvi_strdup(x->env, name, strlen(name)), .ratio = ratio};
    arm.kind = arm.name != NULL ? pvi_strdup(x->env, kind, strlen(kind)) : NULL;
    if (arm.kind == NULL) {
        pvi_free(x->env, arm.name);
        return PVG_E_NOMEM;
    }
    x->arm[x->arms++] = arm;
    return PVG_OK;
}

static pvg_status intern_metric(pvi_experiment *x, const char *name, size_t *at) {
    if (find_metric(x, name, at)) return PVG_OK;
    pvg_status status =
        pvi_reserve(x->env, (void **)&x->metric, &x->metric_capacity, x->metrics + 1, sizeof *x->metric);
    if (status != PVG_OK) return status;
    char *copy = pvi_strdup(x->env, name, strlen(name));
    if (copy == NULL) return PVG_E_NOMEM;
    x->metric[x->metrics++] = copy;
    return PVG_OK;
}

static pvg_status note_seed(pvi_experiment *x, uint64_t seed) {
    for (size_t i = 0; i < x->seeds; i++)
        if (x->seed[i] == seed) return PVG_OK;
    if (x->seeds == PVI_SEEDS)
        return pvi_fail(x->env, PVG_E_RANGE, NAME, "seed %llu is one too many: an experiment has at most %d",
                        (unsigned long long)seed, PVI_SEEDS);
    x->seed[x->seeds++] = seed;
    return PVG_OK;
}

pvg_status pvi_experiment_add(pvi_experiment *x, const char *arm, uint64_t seed, int32_t round, const char *metric,
                              double value, bool at_least) {
    size_t arm_at, metric_at;
    if (!find_arm(x, arm, &arm_at)) return pvi_fail(x->env, PVG_E_NOT_FOUND, NAME, "there is no arm '%s'", arm);
    if (isinf(value))
        return pvi_fail(x->env, PVG_E_NUMERIC, NAME, "%s of arm '%s' is infinite in round %d", metric, arm, (int)round);
    if (round < -1) return pvi_fail(x->env, PVG_E_RANGE, NAME, "round %d was given; wanted is -1 or more", (int)round);
    if (isnan(value)) return PVG_OK;
    pvg_status status = note_seed(x, seed);
    if (status == PVG_OK) status = intern_metric(x, metric, &metric_at);
    if (status == PVG_OK)
        status = pvi_reserve(x->env, (void **)&x->entry, &x->entry_capacity, x->entries + 1, sizeof *x->entry);
    if (status != PVG_OK) return status;
    x->entry[x->entries++] = (pvi_experiment_entry){.arm = (uint32_t)arm_at,
                                         .metric = (uint32_t)metric_at,
                                         .round = round,
                                         .seed = seed,
                                         .at_least = at_least,
                                         .order = x->added++,
                                         .value = value};
    x->sorted = false;
    return PVG_OK;
}

/* ---- reading ---- */

/* By arm, metric and round. */
static int by_cell(const void *a, const void *b) {
    const pvi_experiment_entry *x = a, *y = b;
    if (x->arm != y->arm) return x->arm < y->arm ? -1 : 1;
    if (x->metric != y->metric) return x->metric < y->metric ? -1 : 1;
    return (x->round > y->round) - (x->round < y->round);
}

static int by_place(const void *a, const void *b) {
    const pvi_experiment_entry *x = a, *y = b;
    int cell = by_cell(a, b);
    if (cell != 0) return cell;
    if (x->seed != y->seed) return x->seed < y->seed ? -1 : 1;
    return (x->order > y->order) - (x->order < y->order);
}

void pvi_experiment_sort(pvi_experiment *x) {
    if (x->sorted) return;
    if (x->entries > 0) qsort(x->entry, x->entries, sizeof *x->entry, by_place);
    size_t kept = 0;
    for (size_t i = 0; i < x->entries; i++) {
        bool again =
            kept > 0 && by_cell(&x->entry[kept - 1], &x->entry[i]) == 0 && x->entry[kept - 1].seed == x->entry[i].seed;
        x->entry[again ? kept - 1 : kept++] = x->entry[i];
    }
    x->entries = kept;
    x->sorted = true;
}

pvi_cell pvi_experiment_cell(pvi_experiment *x, size_t arm, const char *metric, int32_t round) {
    size_t metric_at;
    pvi_cell cell = {.count = 0};
    pvi_experiment_sort(x);
    if (arm >= x->arms || !find_metric(x, metric, &metric_at) || x->entries == 0) return cell;
    pvi_experiment_entry key = {.arm = (uint32_t)arm, .metric = (uint32_t)metric_at, .round = round};
    const pvi_experiment_entry *found = bsearch(&key, x->entry, x->entries, sizeof key, by_cell), *end = x->entry + x->entries;
    if (found == NULL) return cell;
    while (found > x->entry && by_cell(found - 1, &key) == 0) found--;
    cell.entry = found;
    while (found + cell.count < end && by_cell(found + cell.count, &key) == 0) cell.count++;
    return cell;
}

int32_t pvi_experiment_end_round(pvi_experiment *x, size_t arm, const char *metric, bool last) {
    size_t metric_at;
    int32_t round = -1;
    pvi_experiment_sort(x);
    if (!find_metric(x, metric, &metric_at)) return -1;
    for (size_t i = 0; i < x->entries; i++) {
        const pvi_experiment_entry *entry = &x->entry[i];
        if (entry->arm == arm && entry->metric == metric_at && entry->round >= 0 && (round < 0 || last))
            round = entry->round;
    }
    return round;
}

pvi_summary pvi_summarise(const double *values, size_t count, double level) {
    pvi_summary s = {.seeds = (int32_t)count,
                     .mean = pvi_mean(values, count),
                     .deviation = pvi_deviation(values, count),
                     .least = NAN,
                     .most = NAN};
    pvi_mean_interval(values, count, level, &s.low, &s.high);
    for (size_t i = 0; i < count; i++) {
        s.least = fmin(s.least, values[i]);
        s.most = fmax(s.most, values[i]);
    }
    return s;
}

pvi_summary pvi_experiment_summary(pvi_experiment *x, pvi_cell cell) {
    double values[PVI_SEEDS];
    int32_t bounds = 0;
    for (size_t i = 0; i < cell.count; i++) {
        values[i] = cell.entry[i].value;
        bounds += cell.entry[i].at_least;
    }
    pvi_summary s = pvi_summarise(values, cell.count, x->level);
    s.bounds = bounds;
    return s;
}
