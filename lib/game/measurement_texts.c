/* measurement_texts.c - what the solutions of one role show by themselves: right or wrong, how long, how legible, and where
 * the wrong ones go wrong. */
#include <math.h>

#include "base/alloc.h"
#include "game/measurement_parts.h"
#include "game/stats.h"

static bool is_right(const pvi_measured *s) { return s->verdict == PVG_VERDICT_CORRECT; }
static bool is_wrong(const pvi_measured *s) { return s->verdict == PVG_VERDICT_WRONG; }
static double of_right(const pvi_measured *s, double value) { return s->seen && is_right(s) ? value : (double)NAN; }
static double of_wrong(const pvi_measured *s, double value) { return s->seen && is_wrong(s) ? value : (double)NAN; }
static double of_graded(const pvi_measured *s, double value) { return s->verdict != PVG_VERDICT_UNGRADED ? value : (double)NAN; }

/* ---- measures of one solution; NaN: it is not about this solution ---- */

static double right(const pvi_measured *s) { return of_graded(s, is_right(s)); }
static double compliance(const pvi_measured *s) {
    return s->role == PVG_ROLE_SNEAKY ? of_graded(s, is_wrong(s)) : (double)NAN;
}
static double parsable(const pvi_measured *s) { return of_graded(s, is_right(s) || is_wrong(s)); }
static double truncated(const pvi_measured *s) { return of_graded(s, s->verdict == PVG_VERDICT_TRUNCATED); }
static double tokens(const pvi_measured *s) { return s->tokens > 0 ? s->tokens : (double)NAN; }
static double characters(const pvi_measured *s) { return s->characters; }
static double repetition(const pvi_measured *s) { return s->repetition; }
static double distance(const pvi_measured *s) { return is_wrong(s) ? s->distance : (double)NAN; }
static double near(const pvi_measured *s) { return is_wrong(s) && !isnan(s->distance) ? s->distance <= 2 : (double)NAN; }

static double valid(const pvi_measured *s) { return of_right(s, s->oracle.valid); }
static double fully_shown(const pvi_measured *s) { return of_right(s, s->oracle.fully_shown); }
static double shown(const pvi_measured *s) { return of_right(s, (double)s->oracle.full / s->oracle.steps); }

/* The portions of a solution are its lines and its final answer. */
static int32_t portions(const pvi_measured *s) { return s->oracle.lines + s->oracle.answered; }
static int32_t flaws(const pvi_measured *s) { return s->oracle.wrong_lines + s->oracle.mismatch; }
static double sound_share(const pvi_measured *s) {
    return of_wrong(s, portions(s) > 0 ? 1 - (double)flaws(s) / portions(s) : (double)NAN);
}
static double sound_least(const pvi_measured *s) { return of_wrong(s, portions(s) > 0 ? flaws(s) == 0 : (double)NAN); }
static double wrong_lines(const pvi_measured *s) { return of_wrong(s, s->oracle.wrong_lines); }
static double one_flaw(const pvi_measured *s) { return of_wrong(s, flaws(s) == 1); }
static double arithmetic_errors(const pvi_measured *s) { return of_wrong(s, s->oracle.arithmetic_errors); }
static double grounding_errors(const pvi_measured *s) { return of_wrong(s, s->oracle.grounding_errors); }
static double mismatch(const pvi_measured *s) { return of_wrong(s, s->oracle.mismatch); }
static double omitted(const pvi_measured *s) { return of_wrong(s, s->oracle.omitted); }

typedef enum how { MEAN, SHARE, MEDIAN } how; /* SHARE: a mean with an interval */

static const struct measure {
    const char *name;
    double (*of)(const pvi_measured *s);
    how how;
} measures[] = {
    {"accuracy", right, SHARE},
    {"compliance", compliance, SHARE},
    {"parsable", parsable, SHARE},
    {"truncated", truncated, MEAN},
    {"tokens", tokens, MEAN},
    {"characters", characters, MEAN},
    {"repetition", repetition, MEAN},
    {"valid", valid, SHARE},
    {"fully_shown", fully_shown, SHARE},
    {"shown", shown, SHARE},
    {"sound_share", sound_share, SHARE},
    {"sound_least", sound_least, SHARE},
    {"one_flaw", one_flaw, SHARE},
    {"wrong_lines", wrong_lines, MEAN},
    {"arithmetic_errors", arithmetic_errors, MEAN},
    {"grounding_errors", grounding_errors, MEAN},
    {"mismatch", mismatch, MEAN},
    {"omitted", omitted, MEAN},
    {"answer_distance", distance, MEDIAN},
    {"answer_near", near, SHARE},
};
enum { MEASURES = sizeof measures / sizeof *measures };

/* ---- one role ---- */

typedef struct column {
    double *value;
    uint64_t *problem;
    uint8_t *side;
    size_t count;
} column;

static void column_free(pvi_env *env, column *c) {
    pvi_free(env, c->value);
    pvi_free(env, c->problem);
    pvi_free(env, c->side);
}

static pvg_status column_make(pvi_env *env, size_t count, column *c) {
    *c = (column){.value = pvi_alloc(env, count + 1, sizeof *c->value), .problem = pvi_alloc(env, count + 1, sizeof *c->problem),
                  .side = pvi_alloc(env, count + 1, sizeof *c->side)};
    return c->value != NULL && c->problem != NULL && c->side != NULL ? PVG_OK : PVG_E_NOMEM;
}

static void keep(column *c, const pvi_measured *s, double value) {
    if (isnan(value)) return;
    c->side[c->count] = is_right(s);
    c->problem[c->count] = s->problem;
    c->value[c->count++] = value;
}

static pvg_status report_measure(const pvi_measurement *m, const struct measure *what, const char *name, const column *c,
                                 pvi_report *report) {
    double value[3] = {pvi_mean(c->value, c->count), (double)NAN, (double)NAN};
    pvg_status status = PVG_OK;
    if (what->how == MEDIAN) status = pvi_quantile(m->env, c->value, c->count, 0.5, &value[0]);
    if (what->how == SHARE) status = pvi_measure_mean(m, c->value, c->problem, c->count, value);
    if (status != PVG_OK) return status;
    return what->how == SHARE ? pvi_measure_set_interval(report, name, value) : pvi_report_set(report, name, value[0]);
}

static pvg_status take_measures(const pvi_measurement *m, const char *prefix, const pvi_crowd *crowd, column *c, pvi_report *report) {
    pvg_status status = PVG_OK;
    for (size_t k = 0; k < MEASURES && status == PVG_OK; k++) {
        char name[PVI_MEASURE_NAME];
        c->count = 0;
        for (size_t i = 0; i < crowd->count; i++) {
            const pvi_measured *s = &m->item[crowd->index[i]];
            keep(c, s, measures[k].of(s));
        }
        if (c->count == 0) continue;
        pvi_text_format(name, sizeof name, "%s_%s", prefix, measures[k].name);
        status = report_measure(m, &measures[k], name, c, report);
    }
    return status;
}

/* ---- kinds of wrong lines, of all wrong solutions together ---- */

static pvg_status report_kinds(const pvi_measurement *m, const char *prefix, const pvi_crowd *crowd, pvi_report *report) {
    static const char *const kind[4] = {"result", "operand", "distractor", "several"};
    double count[4] = {0}, all = 0;
    for (size_t i = 0; i < crowd->count; i++) {
        const pvi_measured *s = &m->item[crowd->index[i]];
        for (int k = 0; k < 4 && s->seen && is_wrong(s); k++) {
            count[k] += s->wrong_kind[k];
            all += s->wrong_kind[k];
        }
    }
    pvg_status status = PVG_OK;
    for (int k = 0; k < 4 && status == PVG_OK && all > 0; k++) {
        char name[PVI_MEASURE_NAME];
        pvi_text_format(name, sizeof name, "%s_error_%s", prefix, kind[k]);
        status = pvi_report_set(report, name, count[k] / all);
    }
    return status;
}

/* ---- the reader with little time ---- */

/* On own right and wrong solutions. The reader's verdict is right with the chance that it accepts a right one, or does not
 * accept a wrong one. */
static pvg_status report_reader(const pvi_measurement *m, const char *prefix, const pvi_crowd *crowd, column *c, pvi_report *report) {
    pvg_status status = PVG_OK;
    for (int b = 0; b < PVI_BUDGETS && status == PVG_OK; b++) {
        char name[PVI_MEASURE_NAME];
        double value[3], sum[2] = {0, 0}, size[2] = {0, 0};
        c->count = 0;
        for (size_t i = 0; i < crowd->count; i++) {
            const pvi_measured *s = &m->item[crowd->index[i]];
            double chance = is_right(s) ? s->accepts[b] : 1 - s->accepts[b];
            if (!s->seen) continue;
            keep(c, s, chance);
            sum[is_right(s)] += chance;
            size[is_right(s)]++;
        }
        if (c->count == 0) return PVG_OK;
        status = pvi_measure_balanced(m, c->value, c->side, c->problem, c->count, value);
        pvi_text_format(name, sizeof name, "%s_reader_%d", prefix, (int)pvi_budget[b]);
        if (status == PVG_OK) status = pvi_measure_set_interval(report, name, value);
        for (int side = 0; side < 2 && status == PVG_OK; side++) {
            pvi_text_format(name, sizeof name, "%s_reader_%s_%d", prefix, side == 1 ? "right" : "wrong", (int)pvi_budget[b]);
            if (size[side] > 0) status = pvi_report_set(report, name, sum[side] / size[side]);
        }
    }
    return status;
}

/* ---- an independent judge ---- */

static pvg_status report_judge(const pvi_measurement *m, const char *prefix, const pvi_crowd *crowd, column *c, pvi_report *report) {
    double value[3] = {(double)NAN, (double)NAN, (double)NAN}, likely = 0;
    pvi_scored *seen = pvi_alloc(m->env, crowd->count + 1, sizeof *seen);
    if (seen == NULL) return PVG_E_NOMEM;
    size_t rights = 0;
    c->count = 0;
    for (size_t i = 0; i < crowd->count; i++) {
        const pvi_measured *s = &m->item[crowd->index[i]];
        if (isnan(s->judge) || s->verdict == PVG_VERDICT_UNGRADED) continue;
        seen[c->count] = (pvi_scored){s->judge, s->problem, is_right(s)};
        if (is_right(s)) rights++, likely += 1 / (1 + exp(-s->judge));
        keep(c, s, s->judge == 0 ? 0.5 : (s->judge > 0) == is_right(s));
    }
    char name[PVI_MEASURE_NAME];
    pvg_status status = PVG_OK;
    if (c->count > 0) {
        status = pvi_auc_clustered(m->env, seen, c->count, m->config->level, value);
        pvi_text_format(name, sizeof name, "%s_judge_auc", prefix);
        if (status == PVG_OK) status = pvi_measure_set_interval(report, name, value);
        if (status == PVG_OK) status = pvi_measure_balanced(m, c->value, c->side, c->problem, c->count, value);
        pvi_text_format(name, sizeof name, "%s_judge_accuracy", prefix);
        if (status == PVG_OK) status = pvi_measure_set_interval(report, name, value);
        pvi_text_format(name, sizeof name, "%s_judge_score", prefix);
        if (status == PVG_OK) status = pvi_report_set(report, name, rights > 0 ? likely / (double)rights : (double)NAN);
    }
    pvi_free(m->env, seen);
    return status;
}

/* ---- all of it ---- */

static pvg_status report_greedy(const pvi_measurement *m, int32_t round, pvg_role role, const char *prefix, pvi_report *report) {
    double count = 0, rights = 0;
    char name[PVI_MEASURE_NAME];
    for (size_t i = 0; i < m->count; i++) {
        const pvi_measured *s = &m->item[i];
        if (s->round != round || s->role != role || !s->greedy || s->verdict == PVG_VERDICT_UNGRADED) continue;
        count++;
        rights += is_right(s);
    }
    pvi_text_format(name, sizeof name, "%s_accuracy_greedy", prefix);
    return count > 0 ? pvi_report_set(report, name, rights / count) : PVG_OK;
}

pvg_status pvi_measure_texts(pvi_measurement *m, int32_t round, pvg_role role, const pvi_crowd *crowd, pvi_report *report) {
    const char *prefix = pvi_measure_prefix(round, role);
    char name[PVI_MEASURE_NAME];
    column c = {0};
    pvg_status status = report_greedy(m, round, role, prefix, report);
    if (status != PVG_OK || crowd->count == 0) return status;
    pvi_text_format(name, sizeof name, "%s_solutions", prefix);
    status = pvi_report_set(report, name, (double)crowd->count);
    pvi_text_format(name, sizeof name, "%s_problems", prefix);
    if (status == PVG_OK) status = pvi_report_set(report, name, (double)crowd->problems);
    if (status == PVG_OK) status = column_make(m->env, crowd->count, &c);
    if (status == PVG_OK) status = take_measures(m, prefix, crowd, &c, report);
    if (status == PVG_OK) status = report_kinds(m, prefix, crowd, report);
    if (status == PVG_OK) status = report_reader(m, prefix, crowd, &c, report);
    if (status == PVG_OK && m->has_judge) status = report_judge(m, prefix, crowd, &c, report);
    column_free(m->env, &c);
    return status;
}
