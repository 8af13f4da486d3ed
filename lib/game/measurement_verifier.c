/* measurement_verifier.c - asking verifiers: a row of the verifier-by-prover tables each, and the injected-error control. */
#include <math.h>
#include <string.h>

#include "base/alloc.h"
#include "game/control.h"
#include "game/measurement_parts.h"

/* ---- scores ---- */

/* Every solution that a report may look at: one of a chosen crowd. */
static pvg_status mark_chosen(const pvi_measurement *m, uint8_t *chosen) {
    pvg_status status = PVG_OK;
    for (int32_t round = -1; round < m->rounds; round++)
        for (pvg_role role = 0; role < 3 && status == PVG_OK; role++) {
            pvi_crowd crowd;
            status = pvi_crowd_choose(m, round, role, &crowd);
            for (size_t i = 0; i < crowd.count && status == PVG_OK; i++) chosen[crowd.index[i]] = 1;
            pvi_crowd_free(m->env, &crowd);
        }
    return status;
}

static pvi_span question_of(const pvi_measurement *m, uint32_t problem) {
    const pvi_measured_problem *p = &m->problem[problem];
    if (p->item != NULL) return (pvi_span){.data = p->item->question, .length = p->item->question_length};
    return (pvi_span){.data = p->question, .length = strlen(p->question)};
}

/* Scores of the chosen ones; NaN for the others. */
static pvg_status ask(const pvi_measurement *m, const pvi_cast *cast, double *score) {
    pvi_env *env = m->env;
    uint8_t *chosen = pvi_calloc(env, m->count + 1, sizeof *chosen);
    pvi_span *question = pvi_alloc(env, m->count + 1, sizeof *question), *text = pvi_alloc(env, m->count + 1, sizeof *text);
    double *found = pvi_alloc(env, m->count + 1, sizeof *found);
    pvg_status status = chosen != NULL && question != NULL && text != NULL && found != NULL ? mark_chosen(m, chosen) : PVG_E_NOMEM;
    size_t count = 0;
    for (size_t i = 0; i < m->count && status == PVG_OK; i++) {
        if (!chosen[i]) continue;
        question[count] = question_of(m, m->item[i].problem);
        text[count++] = pvi_measured_text(m, &m->item[i]);
    }
    if (status == PVG_OK) status = pvi_cast_score(cast, count, question, text, found);
    for (size_t i = 0, next = 0; i < m->count && status == PVG_OK; i++) score[i] = chosen[i] ? found[next++] : (double)NAN;
    pvi_free(env, chosen);
    pvi_free(env, question);
    pvi_free(env, text);
    pvi_free(env, found);
    return status;
}

static void swap_scores(pvi_measurement *m, double *score) {
    for (size_t i = 0; i < m->count; i++) {
        double kept = m->item[i].score;
        m->item[i].score = score[i];
        score[i] = kept;
    }
}

/* ---- rows of tables ---- */

static pvg_status set_cell(pvi_measurement *m, const char *table, size_t columns, size_t column, const char *row_name,
                           const char *column_name, double value) {
    pvi_table *t = NULL;
    pvg_status status = pvi_report_table(&m->tables, table, m->verifiers + 1, columns, &t);
    if (status == PVG_OK) t->cell[m->verifiers * columns + column] = value;
    if (status == PVG_OK) status = pvi_report_label(&m->tables, table, true, m->verifiers, row_name);
    return status == PVG_OK ? pvi_report_label(&m->tables, table, false, column, column_name) : status;
}

static double metric_of(const pvi_report *report, const char *name) {
    double value;
    return pvi_report_get(report, name, &value) ? value : (double)NAN;
}

/* What the verifier, whose scores the solutions have now, makes of a round. */
static pvg_status view_round(pvi_measurement *m, int32_t round, pvi_report *out) {
    pvi_crowd crowd[3] = {{0}};
    pvg_status status = PVG_OK;
    for (pvg_role role = 0; role < 3 && status == PVG_OK; role++) status = pvi_crowd_choose(m, round, role, &crowd[role]);
    if (status == PVG_OK) status = pvi_measure_verifier(m, crowd, out);
    for (int role = 0; role < 3; role++) pvi_crowd_free(m->env, &crowd[role]);
    return status;
}

static pvg_status add_round(pvi_measurement *m, const char *name, int32_t round) {
    static const struct { const char *table, *metric; } cells[] = {
        {"auc", "verifier_auc"}, {"auc_own", "verifier_auc_own"}, {"accuracy", "verifier_accuracy"},
        {"fpr_sneaky", "verifier_fpr_sneaky"}, {"recall_helpful", "verifier_recall_helpful"},
        {"calibration", "verifier_calibration"}, {"helpful_score", "helpful_score"}, {"sneaky_score", "sneaky_score"}};
    char prover[32];
    pvi_report view;
    pvi_report_init(&view, m->env);
    pvi_text_format(prover, sizeof prover, "round %d", (int)round);
    pvg_status status = view_round(m, round, &view);
    for (size_t i = 0; i < sizeof cells / sizeof *cells && status == PVG_OK; i++)
        status = set_cell(m, cells[i].table, (size_t)m->rounds, (size_t)round, name, prover, metric_of(&view, cells[i].metric));
    pvi_report_free(&view);
    return status;
}

/* The table "verifiers": what is about the verifier alone. */
static const char *const alone[] = {"auc_base",       "auc_base_low",       "auc_base_high",  "accuracy_base",
                                    "control_result", "control_result_low", "control_result_high",
                                    "control_operand", "control_operand_low", "control_operand_high",
                                    "control_distractor", "control_distractor_low", "control_distractor_high",
                                    "control_answer", "control_answer_low", "control_answer_high"};
enum { ALONE = sizeof alone / sizeof *alone, FIRST_CONTROL = 4 };

static pvg_status add_base(pvi_measurement *m, const char *name, double cell[ALONE]) {
    static const char *const metric[FIRST_CONTROL] = {"verifier_auc_base", "verifier_auc_base_low", "verifier_auc_base_high",
                                                      "verifier_accuracy"};
    pvi_report view;
    pvi_report_init(&view, m->env);
    pvg_status status = view_round(m, -1, &view);
    for (size_t i = 0; i < FIRST_CONTROL; i++) cell[i] = metric_of(&view, metric[i]);
    pvi_report_free(&view);
    for (size_t i = 0; i < ALONE && status == PVG_OK; i++) status = set_cell(m, "verifiers", ALONE, i, name, alone[i], cell[i]);
    return status;
}

/* ---- the control ---- */

typedef struct asking {
    const pvi_measurement *m;
    const pvi_cast *cast;
} asking;

static pvg_status score_control(void *user, const uint32_t *problem, const pvi_span *text, size_t count, double *score) {
    const asking *a = user;
    pvi_span *question = pvi_alloc(a->m->env, count + 1, sizeof *question);
    if (question == NULL) return PVG_E_NOMEM;
    for (size_t i = 0; i < count; i++) question[i] = question_of(a->m, problem[i]);
    pvg_status status = pvi_cast_score(a->cast, count, question, text, score);
    pvi_free(a->m->env, question);
    return status;
}

/* Of the first so many problems of this measurement that are built-in ones. */
static pvg_status control(const pvi_measurement *m, const pvi_cast *cast, double *cell) {
    const char **chain = pvi_alloc(m->env, m->problems + 1, sizeof *chain);
    uint64_t *seed = pvi_alloc(m->env, m->problems + 1, sizeof *seed);
    double area[PVI_CONTROL_KINDS][3];
    int64_t wanted = m->config->control_problems;
    pvg_status status = chain != NULL && seed != NULL ? PVG_OK : PVG_E_NOMEM;
    for (size_t p = 0; p < m->problems && status == PVG_OK; p++) {
        const char *known = pvi_measured_chain(&m->problem[p]);
        chain[p] = wanted > 0 ? known : NULL;
        seed[p] = m->config->seed + p;
        wanted -= known != NULL;
    }
    asking a = {m, cast};
    const pvi_control job = {.env = m->env, .chain = chain, .seed = seed, .count = m->problems, .rendering = m->config->rendering,
                             .largest = m->config->problems.largest, .level = m->config->level, .score = score_control, .user = &a};
    if (status == PVG_OK) status = pvi_control_areas(&job, area);
    if (status == PVG_OK) memcpy(cell, area, sizeof area);
    pvi_free(m->env, chain);
    pvi_free(m->env, seed);
    return status;
}

/* ---- a verifier, a judge ---- */

static pvg_status add_row(pvi_measurement *m, const char *name, const pvi_cast *cast) {
    double cell[ALONE];
    pvg_status status = control(m, cast, cell + FIRST_CONTROL);
    if (status == PVG_OK) status = add_base(m, name, cell);
    for (int32_t round = 0; round < m->rounds && status == PVG_OK; round++) status = add_round(m, name, round);
    return status;
}

pvg_status pvi_measurement_verifier(pvi_measurement *m, const char *name, const pvi_cast *cast) {
    double *score = pvi_alloc(m->env, m->count + 1, sizeof *score);
    pvg_status status = score != NULL ? ask(m, cast, score) : PVG_E_NOMEM;
    if (status == PVG_OK) {
        swap_scores(m, score);
        status = add_row(m, name, cast);
        swap_scores(m, score);
    }
    if (status == PVG_OK) {
        m->verifiers++;
        for (size_t i = 0; i < m->count; i++) {
            pvi_measured *s = &m->item[i];
            if (!isnan(score[i]) && (isnan(s->score) || s->lent)) s->score = score[i], s->lent = true;
        }
        m->asked = true;
    }
    pvi_free(m->env, score);
    return status;
}

pvg_status pvi_measurement_judge(pvi_measurement *m, const pvi_cast *cast) {
    double *score = pvi_alloc(m->env, m->count + 1, sizeof *score);
    pvg_status status = score != NULL ? ask(m, cast, score) : PVG_E_NOMEM;
    for (size_t i = 0; i < m->count && status == PVG_OK; i++) m->item[i].judge = score[i];
    if (status == PVG_OK) m->has_judge = m->asked = true;
    pvi_free(m->env, score);
    return status;
}
