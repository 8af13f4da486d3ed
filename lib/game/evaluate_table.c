/* evaluate_table.c - every verifier on every prover, see evaluate.h. */
#include "game/evaluate.h"

#include <math.h>

#include "game/stats.h"

/* One prover's solutions that the table is about. */
typedef struct column {
    size_t count, helpful; /* the helpful-right ones first */
    pvi_span *question, *solution;
    double *score;
} column;

static void column_free(pvi_env *env, column *c) {
    pvi_free(env, c->question);
    pvi_free(env, c->solution);
    pvi_free(env, c->score);
}

static void add_kind(const pvi_dataset *data, const pvi_solutions *all, pvg_role role, pvg_verdict verdict, column *c) {
    for (size_t i = 0; i < all->count; i++) {
        const pvi_solution *s = &all->item[i];
        if (s->role != role || s->verdict != verdict) continue;
        const pvi_item *problem = pvi_dataset_item(data, s->problem);
        c->question[c->count] = (pvi_span){.data = problem->question, .length = problem->question_length};
        c->solution[c->count++] = (pvi_span){.data = pvi_solution_text(all, i), .length = s->text_length};
    }
}

static pvg_status column_make(pvi_env *env, const pvi_dataset *data, const pvi_solutions *all, column *c) {
    *c = (column){.question = pvi_alloc(env, all->count, sizeof *c->question),
                  .solution = pvi_alloc(env, all->count, sizeof *c->solution), .score = pvi_alloc(env, all->count, sizeof *c->score)};
    if (c->question == NULL || c->solution == NULL || c->score == NULL) return PVG_E_NOMEM;
    add_kind(data, all, PVG_ROLE_HELPFUL, PVG_VERDICT_CORRECT, c);
    c->helpful = c->count;
    add_kind(data, all, PVG_ROLE_SNEAKY, PVG_VERDICT_WRONG, c);
    return PVG_OK;
}

static pvg_status prove_both(const pvi_cast *cast, const pvi_dataset *data, pvi_solutions *all) {
    size_t problems = pvi_dataset_count(data);
    if ((uint64_t)cast->config->test_problems < problems) problems = (size_t)cast->config->test_problems;
    pvg_status status = PVG_OK;
    for (pvg_role role = PVG_ROLE_HELPFUL; status == PVG_OK && role <= PVG_ROLE_SNEAKY; role++) {
        pvi_cast_job job = {.role = role, .samples = 1, .temperature = cast->config->sampling.temperature,
                            .seed = cast->config->seed + (uint64_t)role, .problems = problems};
        status = pvi_cast_prove(cast, data, &job, all);
    }
    return status;
}

static double mean_sigmoid(const double *score, size_t count) {
    double sum = 0;
    for (size_t i = 0; i < count; i++) sum += 1 / (1 + exp(-score[i]));
    return count > 0 ? sum / (double)count : (double)NAN;
}

typedef struct place {
    size_t row, column, rows, columns;
} place;

static pvg_status set_cell(pvi_report *report, const char *name, const place *at, double value) {
    pvi_table *table = NULL;
    pvg_status status = pvi_report_table(report, name, at->rows, at->columns, &table);
    if (status == PVG_OK) table->cell[at->row * at->columns + at->column] = value;
    return status;
}

static pvg_status judge_column(const pvi_cast *verifier, const place *at, column *c, pvi_report *report) {
    double auc;
    const double *sneaky = c->score + c->helpful;
    pvg_status status = pvi_cast_score(verifier, c->count, c->question, c->solution, c->score);
    if (status == PVG_OK) status = pvi_auc(verifier->env, c->score, c->helpful, sneaky, c->count - c->helpful, &auc);
    if (status == PVG_OK) status = set_cell(report, "auc", at, auc);
    if (status == PVG_OK) status = set_cell(report, "helpful_score", at, mean_sigmoid(c->score, c->helpful));
    return status == PVG_OK ? set_cell(report, "sneaky_score", at, mean_sigmoid(sneaky, c->count - c->helpful)) : status;
}

pvg_status pvi_evaluate_table(pvi_env *env, const pvi_dataset *data, const pvi_cast *provers, size_t prover_count,
                              const pvi_cast *verifiers, size_t verifier_count, pvi_report *report) {
    pvg_status status = PVG_OK;
    place at = {.rows = verifier_count, .columns = prover_count};
    if (pvi_dataset_count(data) == 0) return pvi_fail(env, PVG_E_INVALID, "evaluate", "the dataset is empty");
    for (at.column = 0; status == PVG_OK && at.column < prover_count; at.column++) {
        pvi_solutions all;
        column c = {0};
        pvi_solutions_init(&all, env);
        status = prove_both(&provers[at.column], data, &all);
        if (status == PVG_OK) status = column_make(env, data, &all, &c);
        for (at.row = 0; status == PVG_OK && at.row < verifier_count; at.row++)
            status = judge_column(&verifiers[at.row], &at, &c, report);
        column_free(env, &c);
        pvi_solutions_free(&all);
    }
    return status;
}
