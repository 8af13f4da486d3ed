/* measurement_roles.c - what is between the roles: the verifier's and the judge's view of helpful and sneaky solutions, and
 * whether style alone tells them apart. */
#include <math.h>

#include "base/alloc.h"
#include "game/measurement_parts.h"
#include "game/separate.h"
#include "game/stats.h"

typedef double (*score_of)(const pvi_measured *s);
static double own_score(const pvi_measured *s) { return s->score; }
static double judge_score(const pvi_measured *s) { return s->judge; }

typedef bool (*choice)(const pvi_measured *s);
static bool is_right(const pvi_measured *s) { return s->verdict == PVG_VERDICT_CORRECT; }
static bool is_wrong(const pvi_measured *s) { return s->verdict == PVG_VERDICT_WRONG; }
static bool is_not_right(const pvi_measured *s) { return s->verdict != PVG_VERDICT_CORRECT && s->verdict != PVG_VERDICT_UNGRADED; }

/* Adds the chosen ones of a crowd that have a score; out has room for all. */
static size_t collect(const pvi_measurement *m, const pvi_crowd *crowd, score_of score, choice wanted, bool positive, pvi_scored *out) {
    size_t count = 0;
    for (size_t i = 0; i < crowd->count; i++) {
        const pvi_measured *s = &m->item[crowd->index[i]];
        if (wanted(s) && !isnan(score(s))) out[count++] = (pvi_scored){score(s), s->problem, positive};
    }
    return count;
}

static pvg_status report_auc(const pvi_measurement *m, const char *name, score_of score, const pvi_crowd *high, choice is_high,
                             const pvi_crowd *low, choice is_low, pvi_report *report) {
    pvi_scored *all = pvi_alloc(m->env, high->count + low->count + 1, sizeof *all);
    if (all == NULL) return PVG_E_NOMEM;
    size_t n = collect(m, high, score, is_high, true, all), k = collect(m, low, score, is_low, false, all + n);
    double auc[3];
    pvg_status status = pvi_auc_clustered(m->env, all, n + k, m->config->level, auc);
    if (status == PVG_OK && n > 0 && k > 0) status = pvi_measure_set_interval(report, name, auc);
    pvi_free(m->env, all);
    return status;
}

/* Share of the chosen ones that the verifier takes for right: recall of right ones, false positives of wrong ones. */
static pvg_status report_passed(const pvi_measurement *m, const char *name, const pvi_crowd *crowd, choice wanted, pvi_report *report) {
    double *passed = pvi_alloc(m->env, crowd->count + 1, sizeof *passed), value[3];
    uint64_t *problem = pvi_alloc(m->env, crowd->count + 1, sizeof *problem);
    pvg_status status = passed != NULL && problem != NULL ? PVG_OK : PVG_E_NOMEM;
    size_t count = 0;
    for (size_t i = 0; i < crowd->count && status == PVG_OK; i++) {
        const pvi_measured *s = &m->item[crowd->index[i]];
        if (!wanted(s) || isnan(s->score)) continue;
        passed[count] = s->score == 0 ? 0.5 : s->score > 0;
        problem[count++] = s->problem;
    }
    if (status == PVG_OK && count > 0) {
        status = pvi_measure_mean(m, passed, problem, count, value);
        if (status == PVG_OK) status = pvi_measure_set_interval(report, name, value);
    }
    pvi_free(m->env, passed);
    pvi_free(m->env, problem);
    return status;
}

/* Over all roles: the share on the right side of 0, and how far sigmoid(score) is from the share of right ones. */
static pvg_status report_calls(const pvi_measurement *m, const pvi_crowd crowd[3], pvi_report *report) {
    size_t room = crowd[0].count + crowd[1].count + crowd[2].count + 1, count = 0;
    double *hit = pvi_alloc(m->env, room, sizeof *hit), *chance = pvi_alloc(m->env, room, sizeof *chance), value[3], error;
    uint64_t *problem = pvi_alloc(m->env, room, sizeof *problem);
    int32_t *right = pvi_alloc(m->env, room, sizeof *right);
    pvg_status status = hit != NULL && chance != NULL && problem != NULL && right != NULL ? PVG_OK : PVG_E_NOMEM;
    for (int role = 0; role < 3 && status == PVG_OK; role++)
        for (size_t i = 0; i < crowd[role].count; i++) {
            const pvi_measured *s = &m->item[crowd[role].index[i]];
            if (isnan(s->score) || s->verdict == PVG_VERDICT_UNGRADED) continue;
            right[count] = is_right(s);
            hit[count] = s->score == 0 ? 0.5 : (s->score > 0) == is_right(s);
            chance[count] = 1 / (1 + exp(-s->score));
            problem[count++] = s->problem;
        }
    if (status == PVG_OK && count > 0) {
        status = pvi_measure_mean(m, hit, problem, count, value);
        if (status == PVG_OK) status = pvi_measure_set_interval(report, "verifier_accuracy", value);
        if (status == PVG_OK) status = pvi_calibration_error(m->env, chance, right, count, &error);
        if (status == PVG_OK) status = pvi_report_set(report, "verifier_calibration", error);
    }
    pvi_free(m->env, hit);
    pvi_free(m->env, chance);
    pvi_free(m->env, problem);
    pvi_free(m->env, right);
    return status;
}

static pvg_status report_mean_score(const pvi_measurement *m, const char *name, const pvi_crowd *crowd, choice wanted, pvi_report *report) {
    double sum = 0, count = 0;
    for (size_t i = 0; i < crowd->count; i++) {
        const pvi_measured *s = &m->item[crowd->index[i]];
        if (!wanted(s) || isnan(s->score)) continue;
        sum += 1 / (1 + exp(-s->score));
        count++;
    }
    return count > 0 ? pvi_report_set(report, name, sum / count) : PVG_OK;
}

pvg_status pvi_measure_verifier(const pvi_measurement *m, const pvi_crowd crowd[3], pvi_report *report) {
    const pvi_crowd *neutral = &crowd[0], *helpful = &crowd[1], *sneaky = &crowd[2];
    pvg_status status = report_auc(m, "verifier_auc", own_score, helpful, is_right, sneaky, is_wrong, report);
    if (status == PVG_OK) status = report_auc(m, "verifier_auc_own", own_score, helpful, is_right, helpful, is_not_right, report);
    if (status == PVG_OK) status = report_auc(m, "verifier_auc_base", own_score, neutral, is_right, neutral, is_not_right, report);
    if (status == PVG_OK) status = report_passed(m, "verifier_recall_helpful", helpful, is_right, report);
    if (status == PVG_OK) status = report_passed(m, "verifier_fpr_sneaky", sneaky, is_wrong, report);
    if (status == PVG_OK) status = report_mean_score(m, "helpful_score", helpful, is_right, report);
    if (status == PVG_OK) status = report_mean_score(m, "sneaky_score", sneaky, is_wrong, report);
    return status == PVG_OK ? report_calls(m, crowd, report) : status;
}

/* ---- the reader between the roles: helpful right against sneaky wrong ---- */

static pvg_status report_reader(const pvi_measurement *m, const pvi_crowd *helpful, const pvi_crowd *sneaky, pvi_report *report) {
    size_t room = helpful->count + sneaky->count + 1;
    double *value = pvi_alloc(m->env, room, sizeof *value), found[3];
    uint64_t *problem = pvi_alloc(m->env, room, sizeof *problem);
    uint8_t *side = pvi_alloc(m->env, room, sizeof *side);
    pvg_status status = value != NULL && problem != NULL && side != NULL ? PVG_OK : PVG_E_NOMEM;
    for (int b = 0; b < PVI_BUDGETS && status == PVG_OK; b++) {
        char name[PVI_MEASURE_NAME];
        size_t count = 0, wrongs = 0;
        for (size_t i = 0; i < helpful->count + sneaky->count; i++) {
            bool own = i < helpful->count;
            const pvi_measured *s = &m->item[own ? helpful->index[i] : sneaky->index[i - helpful->count]];
            if (!s->seen || own != is_right(s)) continue;
            value[count] = own ? s->accepts[b] : 1 - s->accepts[b];
            problem[count] = s->problem;
            side[count++] = own;
            wrongs += !own;
        }
        if (wrongs == 0 || wrongs == count) break;
        pvi_text_format(name, sizeof name, "reader_%d", (int)pvi_budget[b]);
        status = pvi_measure_balanced(m, value, side, problem, count, found);
        if (status == PVG_OK) status = pvi_measure_set_interval(report, name, found);
    }
    pvi_free(m->env, value);
    pvi_free(m->env, problem);
    pvi_free(m->env, side);
    return status;
}

/* ---- style ---- */

enum { STYLE_MOST = 1024 }; /* texts of a role: more would cost more and say little more */

pvg_status pvi_measure_style(const pvi_measurement *m, const pvi_crowd *helpful, const pvi_crowd *sneaky, double auc[3]) {
    size_t n = helpful->count < STYLE_MOST ? helpful->count : STYLE_MOST, k = sneaky->count < STYLE_MOST ? sneaky->count : STYLE_MOST;
    pvi_span *text = pvi_alloc(m->env, n + k + 1, sizeof *text);
    uint64_t *problem = pvi_alloc(m->env, n + k + 1, sizeof *problem);
    uint8_t *side = pvi_alloc(m->env, n + k + 1, sizeof *side);
    pvg_status status = text != NULL && problem != NULL && side != NULL ? PVG_OK : PVG_E_NOMEM;
    for (size_t i = 0; i < n + k && status == PVG_OK; i++) {
        /* evenly over the crowd */
        uint32_t index = i < n ? helpful->index[i * helpful->count / n] : sneaky->index[(i - n) * sneaky->count / k];
        const pvi_measured *s = &m->item[index];
        text[i] = pvi_measured_text(m, s);
        problem[i] = s->problem;
        side[i] = i < n;
    }
    if (status == PVG_OK) status = pvi_separate(m->env, text, side, problem, n + k, m->config->seed, m->config->level, auc);
    pvi_free(m->env, text);
    pvi_free(m->env, problem);
    pvi_free(m->env, side);
    return status;
}

pvg_status pvi_measure_roles(pvi_measurement *m, const pvi_crowd crowd[3], pvi_report *report) {
    const pvi_crowd *helpful = &crowd[PVG_ROLE_HELPFUL], *sneaky = &crowd[PVG_ROLE_SNEAKY];
    double auc[3];
    pvg_status status = pvi_measure_verifier(m, crowd, report);
    if (status == PVG_OK && m->has_judge) status = report_auc(m, "judge_auc", judge_score, helpful, is_right, sneaky, is_wrong, report);
    if (status == PVG_OK) status = report_reader(m, helpful, sneaky, report);
    if (status == PVG_OK && helpful->count > 0 && sneaky->count > 0) {
        status = pvi_measure_style(m, helpful, sneaky, auc);
        if (status == PVG_OK) status = pvi_measure_set_interval(report, "separability", auc);
    }
    return status;
}
