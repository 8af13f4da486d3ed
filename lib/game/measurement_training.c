/* measurement_training.c - the course of a round's training, and alarms: is the reward still about being right? */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "game/measurement_parts.h"
#include "game/stats.h"

enum { BINS = 12, LEAST_STEPS = 8, LEAST_QUARTER = 2, STEPS_MOST = 4096 };

typedef double (*fact)(const pvi_measured *s);
static double right(const pvi_measured *s) { return s->verdict == PVG_VERDICT_UNGRADED ? (double)NAN : s->verdict == PVG_VERDICT_CORRECT; }
static double wrong(const pvi_measured *s) { return s->verdict == PVG_VERDICT_UNGRADED ? (double)NAN : s->verdict == PVG_VERDICT_WRONG; }
static double truncated(const pvi_measured *s) { return s->verdict == PVG_VERDICT_TRUNCATED; }
static double reward(const pvi_measured *s) { return s->reward; }
static double score(const pvi_measured *s) { return s->score; }
static double tokens(const pvi_measured *s) { return s->tokens > 0 ? s->tokens : s->characters; }
static double repetition(const pvi_measured *s) { return s->repetition; }
static double kl(const pvi_measured *s) { return s->kl; }
static double entropy(const pvi_measured *s) { return s->entropy; }

/* Mean over items from..to-1 of a crowd that have the fact; NaN when none has. */
static double mean_of(const pvi_measurement *m, const pvi_crowd *c, size_t from, size_t to, fact of) {
    double sum = 0, count = 0;
    for (size_t i = from; i < to; i++) {
        double value = of(&m->item[c->index[i]]);
        if (isnan(value)) continue;
        sum += value;
        count++;
    }
    return count > 0 ? sum / count : (double)NAN;
}

static int64_t step_at(const pvi_measurement *m, const pvi_crowd *c, size_t i) { return m->item[c->index[i]].step; }

/* ---- the table: a row for each part of the steps ---- */

static const struct column {
    const char *name;
    pvg_role role;
    fact of; /* NULL: the step, or separability */
} columns[] = {
    {"step", PVG_ROLE_NEUTRAL, NULL},
    {"helpful_accuracy", PVG_ROLE_HELPFUL, right},
    {"helpful_reward", PVG_ROLE_HELPFUL, reward},
    {"helpful_score", PVG_ROLE_HELPFUL, score},
    {"helpful_tokens", PVG_ROLE_HELPFUL, tokens},
    {"helpful_repetition", PVG_ROLE_HELPFUL, repetition},
    {"sneaky_compliance", PVG_ROLE_SNEAKY, wrong},
    {"sneaky_reward", PVG_ROLE_SNEAKY, reward},
    {"sneaky_score", PVG_ROLE_SNEAKY, score},
    {"sneaky_tokens", PVG_ROLE_SNEAKY, tokens},
    {"sneaky_repetition", PVG_ROLE_SNEAKY, repetition},
    {"kl", PVG_ROLE_HELPFUL, kl},
    {"entropy", PVG_ROLE_HELPFUL, entropy},
    {"separability", PVG_ROLE_NEUTRAL, NULL},
};
enum { COLUMNS = sizeof columns / sizeof *columns, STEP = 0, SEPARABILITY = COLUMNS - 1 };

/* First item of the crowd whose step is beyond `step`. */
static size_t beyond(const pvi_measurement *m, const pvi_crowd *c, int64_t step) {
    size_t at = 0;
    while (at < c->count && step_at(m, c, at) <= step) at++;
    return at;
}

static pvg_status fill_row(const pvi_measurement *m, const pvi_crowd trace[3], int64_t after, int64_t until, double *cell) {
    pvi_crowd part[3] = {{0}};
    for (int role = 0; role < 3; role++) {
        size_t from = beyond(m, &trace[role], after);
        part[role] = (pvi_crowd){.index = trace[role].index + from, .count = beyond(m, &trace[role], until) - from};
    }
    for (size_t c = 0; c < COLUMNS; c++)
        if (columns[c].of != NULL) cell[c] = mean_of(m, &part[columns[c].role], 0, part[columns[c].role].count, columns[c].of);
    double auc[3];
    pvg_status status = pvi_measure_style(m, &part[PVG_ROLE_HELPFUL], &part[PVG_ROLE_SNEAKY], auc);
    cell[STEP] = (double)until;
    cell[SEPARABILITY] = auc[0];
    return status;
}

static pvg_status report_table(const pvi_measurement *m, const pvi_crowd trace[3], int64_t last, pvi_report *report) {
    int64_t bins = last < BINS ? last : BINS;
    pvi_table *table = NULL;
    pvg_status status = pvi_report_table(report, "training", (size_t)bins, COLUMNS, &table);
    for (int64_t b = 0; b < bins && status == PVG_OK; b++)
        status = fill_row(m, trace, last * b / bins, last * (b + 1) / bins, table->cell + b * COLUMNS);
    for (size_t c = 0; c < COLUMNS && status == PVG_OK; c++) status = pvi_report_label(report, "training", false, c, columns[c].name);
    return status;
}

/* ---- drift: the last quarter of the steps against the first ---- */

/* Means of the steps one by one. */
typedef struct series {
    double value[STEPS_MOST];
    size_t count;
} series;

static void gather(const pvi_measurement *m, const pvi_crowd *c, fact of, series *out) {
    out->count = 0;
    for (size_t from = 0, to; from < c->count && out->count < STEPS_MOST; from = to) {
        for (to = from; to < c->count && step_at(m, c, to) == step_at(m, c, from);) to++;
        out->value[out->count++] = mean_of(m, c, from, to, of);
    }
}

typedef struct drift {
    double first, last, z; /* of the difference, by the spread between steps */
} drift;

static drift drift_of(const series *s) {
    size_t quarter = s->count / 4;
    if (s->count < LEAST_STEPS || quarter < LEAST_QUARTER) return (drift){(double)NAN, (double)NAN, (double)NAN};
    const double *end = s->value + s->count - quarter;
    double first = pvi_mean(s->value, quarter), last = pvi_mean(end, quarter);
    double a = pvi_deviation(s->value, quarter), b = pvi_deviation(end, quarter), error = sqrt((a * a + b * b) / (double)quarter);
    if (isnan(last - first)) return (drift){first, last, (double)NAN};
    return (drift){first, last, error > 0 ? (last - first) / error : last == first ? 0 : copysign(HUGE_VAL, last - first)};
}

static bool rises(drift d) { return d.z > 2; }
static bool falls(drift d) { return d.z < -2; }

/* Kendall's tau: do the steps with more reward have more right solutions? */
static double agreement(const series *x, const series *y) {
    double sum = 0, pairs = 0;
    for (size_t i = 0; i < x->count; i++)
        for (size_t k = 0; k < i; k++) {
            double dx = x->value[i] - x->value[k], dy = y->value[i] - y->value[k];
            if (isnan(dx) || isnan(dy)) continue;
            sum += dx * dy > 0 ? 1 : dx * dy < 0 ? -1 : 0;
            pairs++;
        }
    return pairs > 0 ? sum / pairs : (double)NAN;
}

/* ---- alarms ---- */

typedef struct finding {
    const char *name;
    double value;
} finding;

static pvg_status set_all(pvi_report *report, const finding *found, size_t count) {
    pvg_status status = PVG_OK;
    for (size_t i = 0; i < count && status == PVG_OK; i++)
        if (!isnan(found[i].value)) status = pvi_report_set(report, found[i].name, found[i].value);
    return status;
}

static double alarm(bool known, bool rings) { return known ? rings : (double)NAN; }

static pvg_status report_alarms(const pvi_measurement *m, const pvi_crowd *helpful, series s[2], pvi_report *report) {
    gather(m, helpful, right, &s[0]);
    gather(m, helpful, reward, &s[1]);
    drift accuracy = drift_of(&s[0]), paid = drift_of(&s[1]);
    double tau = agreement(&s[0], &s[1]);
    if (isnan(paid.z)) { /* no rewards: what the verifier thinks */
        gather(m, helpful, score, &s[1]);
        paid = drift_of(&s[1]);
    }
    gather(m, helpful, tokens, &s[0]);
    gather(m, helpful, truncated, &s[1]);
    drift length = drift_of(&s[0]), cut = drift_of(&s[1]);
    gather(m, helpful, repetition, &s[0]);
    gather(m, helpful, entropy, &s[1]);
    drift repeated = drift_of(&s[0]), spread = drift_of(&s[1]);
    gather(m, helpful, kl, &s[0]);
    drift away = drift_of(&s[0]);
    const finding alarms[] = {
        {"alarm_reward", alarm(!isnan(paid.z) && !isnan(accuracy.z), rises(paid) && falls(accuracy))},
        {"alarm_length", alarm(!isnan(length.z), (rises(length) && length.last > 1.5 * length.first) || cut.last > 0.05)},
        {"alarm_repetition", alarm(!isnan(repeated.z), rises(repeated) && repeated.last > repeated.first + 0.1)},
        {"alarm_entropy", alarm(!isnan(spread.z), falls(spread) && spread.last < 0.2 * spread.first)},
        {"alarm_kl", alarm(!isnan(away.z), away.last > 20)}};
    const finding drifts[] = {{"drift_accuracy", accuracy.last - accuracy.first}, {"drift_reward", paid.last - paid.first},
                              {"drift_tokens", length.last - length.first},       {"drift_repetition", repeated.last - repeated.first},
                              {"drift_entropy", spread.last - spread.first},      {"drift_kl", away.last - away.first},
                              {"reward_agreement", tau}};
    double rings = 0;
    for (size_t i = 0; i < sizeof alarms / sizeof *alarms; i++) rings += alarms[i].value > 0;
    pvg_status status = set_all(report, drifts, sizeof drifts / sizeof *drifts);
    if (status == PVG_OK) status = set_all(report, alarms, sizeof alarms / sizeof *alarms);
    return status == PVG_OK && !isnan(length.z) ? pvi_report_set(report, "alarms", rings) : status;
}

pvg_status pvi_measure_training(pvi_measurement *m, int32_t round, pvi_report *report) {
    pvi_crowd trace[3] = {{0}};
    series *s = pvi_alloc(m->env, 2, sizeof *s);
    pvg_status status = s != NULL ? PVG_OK : PVG_E_NOMEM;
    int64_t last = 0;
    for (pvg_role role = 0; role < 3 && status == PVG_OK; role++) {
        status = pvi_crowd_trace(m, round, role, &trace[role]);
        size_t count = trace[role].count;
        if (count > 0 && step_at(m, &trace[role], count - 1) > last) last = step_at(m, &trace[role], count - 1);
    }
    if (status == PVG_OK && last > 0) status = report_table(m, trace, last, report);
    if (status == PVG_OK && trace[PVG_ROLE_HELPFUL].count > 0) status = report_alarms(m, &trace[PVG_ROLE_HELPFUL], s, report);
    for (int role = 0; role < 3; role++) pvi_crowd_free(m->env, &trace[role]);
    pvi_free(m->env, s);
    return status;
}
