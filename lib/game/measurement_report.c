/* measurement_report.c - whose solutions a report is about, its intervals, its notes, and all parts together. */
#include <math.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/rng.h"
#include "game/measurement_parts.h"
#include "game/stats.h"

static const char NAME[] = "measure";

/* ---- crowds ---- */

const char *pvi_measure_prefix(int32_t round, pvg_role role) {
    if (role == PVG_ROLE_NEUTRAL) return round < 0 ? "base" : "neutral";
    return role == PVG_ROLE_HELPFUL ? "helpful" : "sneaky";
}

void pvi_crowd_free(pvi_env *env, pvi_crowd *crowd) {
    pvi_free(env, crowd->index);
    *crowd = (pvi_crowd){0};
}

static int64_t last_step(const pvi_measurement *m, int32_t round, pvg_role role) {
    int64_t last = 0;
    for (size_t i = 0; i < m->count; i++)
        if (m->item[i].round == round && m->item[i].role == role && m->item[i].step > last) last = m->item[i].step;
    return last;
}

/* The samples of steps from..to. */
static pvg_status choose_steps(const pvi_measurement *m, int32_t round, pvg_role role, int64_t from, int64_t to, pvi_crowd *out) {
    uint8_t *known = pvi_calloc(m->env, m->problems + 1, sizeof *known);
    *out = (pvi_crowd){.index = pvi_alloc(m->env, m->count + 1, sizeof *out->index)};
    if (known == NULL || out->index == NULL) {
        pvi_free(m->env, known);
        return PVG_E_NOMEM;
    }
    for (uint32_t i = 0; i < m->count; i++) {
        const pvi_measured *s = &m->item[i];
        if (s->round != round || s->role != role || s->greedy || s->step < from || s->step > to) continue;
        out->index[out->count++] = i;
        out->problems += !known[s->problem];
        known[s->problem] = 1;
    }
    pvi_free(m->env, known);
    return PVG_OK;
}

pvg_status pvi_crowd_last_quarter(const pvi_measurement *m, int32_t round, pvg_role role, pvi_crowd *out) {
    int64_t last = last_step(m, round, role);
    return choose_steps(m, round, role, last - (last + 3) / 4 + 1, last, out);
}

pvg_status pvi_crowd_choose(const pvi_measurement *m, int32_t round, pvg_role role, pvi_crowd *out) {
    pvg_status status = choose_steps(m, round, role, 0, 0, out);
    if (status != PVG_OK || out->count > 0) return status;
    pvi_crowd_free(m->env, out);
    return pvi_crowd_last_quarter(m, round, role, out);
}

/* By step, then in the order of adding. */
typedef struct placed {
    int64_t step;
    uint32_t index;
} placed;

static int by_step(const void *a, const void *b) {
    const placed *x = a, *y = b;
    if (x->step != y->step) return x->step < y->step ? -1 : 1;
    return (x->index > y->index) - (x->index < y->index);
}

pvg_status pvi_crowd_trace(const pvi_measurement *m, int32_t round, pvg_role role, pvi_crowd *out) {
    pvg_status status = choose_steps(m, round, role, 1, INT64_MAX, out);
    placed *all = status == PVG_OK ? pvi_alloc(m->env, out->count + 1, sizeof *all) : NULL;
    if (all == NULL) return PVG_E_NOMEM;
    for (size_t i = 0; i < out->count; i++) all[i] = (placed){m->item[out->index[i]].step, out->index[i]};
    qsort(all, out->count, sizeof *all, by_step);
    for (size_t i = 0; i < out->count; i++) out->index[i] = all[i].index;
    pvi_free(m->env, all);
    return PVG_OK;
}

/* ---- numbers ---- */

pvg_status pvi_measure_set_interval(pvi_report *report, const char *name, const double value[3]) {
    static const char *const end[3] = {"", "_low", "_high"};
    pvg_status status = PVG_OK;
    for (int i = 0; i < 3 && status == PVG_OK; i++) {
        char full[PVI_MEASURE_NAME + 8];
        pvi_text_format(full, sizeof full, "%s%s", name, end[i]);
        status = pvi_report_set(report, full, value[i]);
    }
    return status;
}

/* One value a problem, each 0 or 1. */
static bool are_single_trials(const double *value, const uint64_t *group, size_t count) {
    for (size_t i = 0; i < count; i++)
        if ((value[i] != 0 && value[i] != 1) || (i > 0 && group != NULL && group[i] <= group[i - 1])) return false;
    return true;
}

pvg_status pvi_measure_mean(const pvi_measurement *m, const double *value, const uint64_t *group, size_t count, double out[3]) {
    out[0] = pvi_mean(value, count);
    if (!are_single_trials(value, group, count))
        return pvi_bootstrap_mean(m->env, value, group, count, PVI_MEASURE_DRAWS, m->config->seed, m->config->level, &out[1], &out[2]);
    uint64_t hits = 0;
    for (size_t i = 0; i < count; i++) hits += value[i] == 1;
    pvi_wilson(hits, count, pvi_normal_z(m->config->level), &out[1], &out[2]);
    return PVG_OK;
}

/* ---- the bootstrap of a balanced accuracy ---- */

typedef struct cluster {
    uint64_t group;
    size_t place;
    double sum[2], count[2];
} cluster;

static int by_group(const void *a, const void *b) {
    const cluster *x = a, *y = b;
    if (x->group != y->group) return x->group < y->group ? -1 : 1;
    return (x->place > y->place) - (x->place < y->place);
}

static size_t make_clusters(const double *value, const uint8_t *side, const uint64_t *group, size_t count, cluster *out) {
    size_t clusters = 0;
    for (size_t i = 0; i < count; i++) {
        out[i] = (cluster){.group = group[i], .place = i};
        out[i].sum[side[i]] = value[i];
        out[i].count[side[i]] = 1;
    }
    qsort(out, count, sizeof *out, by_group);
    for (size_t i = 0; i < count; i++) {
        bool same = clusters > 0 && out[clusters - 1].group == out[i].group;
        if (!same) out[clusters++] = out[i];
        for (int k = 0; k < 2 && same; k++) {
            out[clusters - 1].sum[k] += out[i].sum[k];
            out[clusters - 1].count[k] += out[i].count[k];
        }
    }
    return clusters;
}

static double balanced(const double sum[2], const double count[2]) { return (sum[0] / count[0] + sum[1] / count[1]) / 2; }

/* NaN when a draw has no problem with one of the sides. */
static double resampled(const pvi_measurement *m, const cluster *all, size_t clusters, uint32_t draw) {
    pvi_rng rng = pvi_rng_stream(m->config->seed, "balanced", draw, 0);
    double sum[2] = {0, 0}, count[2] = {0, 0};
    for (size_t i = 0; i < clusters; i++) {
        const cluster *c = &all[pvi_rng_below(&rng, clusters)];
        for (int k = 0; k < 2; k++) {
            sum[k] += c->sum[k];
            count[k] += c->count[k];
        }
    }
    return balanced(sum, count);
}

pvg_status pvi_measure_balanced(const pvi_measurement *m, const double *value, const uint8_t *side, const uint64_t *group,
                                size_t count, double out[3]) {
    double sum[2] = {0, 0}, size[2] = {0, 0};
    for (size_t i = 0; i < count; i++) {
        sum[side[i]] += value[i];
        size[side[i]]++;
    }
    out[0] = out[1] = out[2] = (double)NAN;
    if (size[0] == 0 || size[1] == 0) return PVG_OK;
    out[0] = balanced(sum, size);
    cluster *all = pvi_alloc(m->env, count, sizeof *all);
    double *drawn = pvi_alloc(m->env, PVI_MEASURE_DRAWS, sizeof *drawn);
    pvg_status status = all != NULL && drawn != NULL ? PVG_OK : PVG_E_NOMEM;
    size_t draws = 0;
    if (status == PVG_OK) {
        size_t clusters = make_clusters(value, side, group, count, all);
        for (uint32_t d = 0; d < PVI_MEASURE_DRAWS; d++) {
            drawn[draws] = resampled(m, all, clusters, d);
            draws += !isnan(drawn[draws]);
        }
        status = pvi_quantile(m->env, drawn, draws, (1 - m->config->level) / 2, &out[1]);
    }
    if (status == PVG_OK) status = pvi_quantile(m->env, drawn, draws, (1 + m->config->level) / 2, &out[2]);
    pvi_free(m->env, all);
    pvi_free(m->env, drawn);
    return status;
}

/* ---- notes ---- */

static bool is_noted(const pvi_text *notes, const char *sentence) {
    for (size_t at = 0; at < notes->length; at += strlen(notes->data + at) + 1)
        if (strcmp(notes->data + at, sentence) == 0) return true;
    return false;
}

void pvi_measure_note(pvi_measurement *m, const char *format, ...) {
    char sentence[256];
    va_list list;
    va_start(list, format);
    pvi_text_vformat(sentence, sizeof sentence, format, list);
    va_end(list);
    if (!is_noted(&m->notes, sentence)) pvi_text_append(&m->notes, sentence, strlen(sentence) + 1);
}

typedef struct ingredients {
    bool verdicts, scores, both_roles, tokens;
    size_t answered, seen; /* solutions with an answer; of them, by the oracle */
} ingredients;

static ingredients look_for(const pvi_measurement *m, const pvi_crowd crowd[3]) {
    ingredients found = {.both_roles = crowd[1].count > 0 && crowd[2].count > 0};
    for (int role = 0; role < 3; role++)
        for (size_t i = 0; i < crowd[role].count; i++) {
            const pvi_measured *s = &m->item[crowd[role].index[i]];
            found.verdicts |= s->verdict != PVG_VERDICT_UNGRADED;
            found.scores |= !isnan(s->score);
            found.answered += s->verdict == PVG_VERDICT_CORRECT || s->verdict == PVG_VERDICT_WRONG;
            found.seen += s->seen;
            found.tokens |= s->tokens > 0;
        }
    return found;
}

static void note_missing(pvi_measurement *m, int32_t round, const pvi_crowd crowd[3]) {
    ingredients have = look_for(m, crowd);
    if (!have.verdicts) pvi_measure_note(m, "accuracy and all that builds on it: no reference answers and no verdicts are known");
    if (have.seen > 0 && have.seen < have.answered)
        pvi_measure_note(m, "steps of some solutions: the chains of %zu of %zu are known", have.seen, have.answered);
    if (have.seen == 0)
        pvi_measure_note(m, "validity of steps, kinds of errors and the reader with little time: the problems' chains are not known");
    if (!have.scores) pvi_measure_note(m, "what a verifier sees: no solution has a score and no verifier was asked");
    if (!have.both_roles && (round >= 0 || m->rounds == 0)) pvi_measure_note(m, "separability and helpful against sneaky: solutions of both roles are wanted");
    if (!have.tokens) pvi_measure_note(m, "length in tokens: not given");
    if (!m->has_judge) pvi_measure_note(m, "an independent judge's view: no judge was asked");
}

/* ---- all parts ---- */

static pvg_status report_curves(pvi_measurement *m, int32_t round, const pvi_crowd crowd[3], pvi_report *report) {
    pvg_role chooser = crowd[PVG_ROLE_HELPFUL].count > 0 ? PVG_ROLE_HELPFUL : PVG_ROLE_NEUTRAL;
    if (crowd[chooser].count == 0) return PVG_OK;
    if (crowd[chooser].count > crowd[chooser].problems || last_step(m, round, chooser) == 0)
        return pvi_measure_choices(m, round, chooser, &crowd[chooser], report);
    pvi_crowd trained; /* one solution a problem was drawn to be measured: in training there are groups */
    pvg_status status = pvi_crowd_last_quarter(m, round, chooser, &trained);
    if (status == PVG_OK) status = pvi_measure_choices(m, round, chooser, &trained, report);
    pvi_crowd_free(m->env, &trained);
    return status;
}

pvg_status pvi_measurement_report(pvi_measurement *m, int32_t round, pvi_report *report) {
    pvi_crowd crowd[3] = {{0}};
    pvg_status status = PVG_OK;
    size_t found = 0;
    for (pvg_role role = 0; role < 3 && status == PVG_OK; role++) {
        status = pvi_crowd_choose(m, round, role, &crowd[role]);
        found += crowd[role].count;
    }
    for (size_t i = 0; i < m->count && found == 0; i++) found += m->item[i].round == round;
    if (status == PVG_OK && found == 0 && round >= 0)
        status = pvi_fail(m->env, PVG_E_NOT_FOUND, NAME, "no solution of round %d was added", round);
    for (pvg_role role = 0; role < 3 && status == PVG_OK; role++)
        status = pvi_measure_texts(m, round, role, &crowd[role], report);
    if (status == PVG_OK) status = pvi_measure_roles(m, crowd, report);
    if (status == PVG_OK) status = report_curves(m, round, crowd, report);
    if (status == PVG_OK) status = pvi_measure_training(m, round, report);
    if (status == PVG_OK && round < 0) status = pvi_report_copy(report, &m->tables);
    if (status == PVG_OK && found > 0) note_missing(m, round, crowd);
    for (int role = 0; role < 3; role++) pvi_crowd_free(m->env, &crowd[role]);
    return status == PVG_OK ? pvi_text_ok(&m->notes) : status;
}

const char *pvi_measurement_note(const pvi_measurement *m, size_t index) {
    size_t at = 0;
    while (at < m->notes.length && index-- > 0) at += strlen(m->notes.data + at) + 1;
    return at < m->notes.length ? m->notes.data + at : NULL;
}

static pvg_status write_report(pvi_measurement *m, int32_t round, pvi_text *out) {
    pvi_report report;
    pvi_report_init(&report, m->env);
    pvg_status status = pvi_measurement_report(m, round, &report);
    if (status == PVG_OK) status = pvi_report_write_json(&report, out);
    else if (status == PVG_E_NOT_FOUND) pvi_text_puts(out, "null"), status = PVG_OK;
    pvi_report_free(&report);
    return status;
}

pvg_status pvi_measurement_write_json(pvi_measurement *m, pvi_text *out) {
    pvi_text_puts(out, "{\"summary\":");
    pvg_status status = write_report(m, -1, out);
    pvi_text_puts(out, ",\"rounds\":[");
    for (int32_t r = 0; r < m->rounds && status == PVG_OK; r++) {
        if (r > 0) pvi_text_puts(out, ",");
        status = write_report(m, r, out);
    }
    pvi_text_puts(out, "],\"notes\":[");
    const char *note;
    for (size_t i = 0; (note = pvi_measurement_note(m, i)) != NULL; i++) {
        if (i > 0) pvi_text_puts(out, ",");
        pvi_json_string(out, note, strlen(note));
    }
    pvi_text_puts(out, "]}\n");
    return status == PVG_OK ? pvi_text_ok(out) : status;
}
