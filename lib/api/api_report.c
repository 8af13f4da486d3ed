/* api_report.c - what was found. */
#include "api/api_objects.h"

#include <math.h>

pvg_status pvi_api_report(pvg_context *context, pvg_report **out) {
    pvg_report *report = pvi_api_object(context, sizeof *report);
    if (report == NULL) return PVG_E_NOMEM;
    pvi_report_init(&report->report, &context->env);
    *out = report;
    return PVG_OK;
}

void pvg_report_destroy(pvg_report *report) {
    if (report == NULL) return;
    pvi_report_free(&report->report);
    pvi_api_object_free(report);
}

size_t pvg_report_metric_count(const pvg_report *report) { return report != NULL ? report->report.metrics : 0; }
const char *pvg_report_metric_name(const pvg_report *report, size_t index) {
    return index < pvg_report_metric_count(report) ? report->report.metric[index].name : NULL;
}
double pvg_report_metric_value(const pvg_report *report, size_t index) {
    return index < pvg_report_metric_count(report) ? report->report.metric[index].value : (double)NAN;
}

pvg_status pvg_report_metric(const pvg_report *report, const char *name, double *out) {
    API_ENTER_OF(report);
    API_NEED(report->context, name);
    API_NEED(report->context, out);
    if (pvi_report_get(&report->report, name, out)) return PVG_OK;
    return pvi_fail(&report->context->env, PVG_E_NOT_FOUND, "report", "there is no metric '%s' in this report", name);
}

size_t pvg_report_table_count(const pvg_report *report) { return report != NULL ? report->report.tables : 0; }
const char *pvg_report_table_name(const pvg_report *report, size_t table) {
    return table < pvg_report_table_count(report) ? report->report.table[table].name : NULL;
}

static pvg_status find_table(const pvg_report *report, size_t table, const pvi_table **out) {
    if (table >= report->report.tables)
        return pvi_fail(&report->context->env, PVG_E_RANGE, "report", "table %zu was asked for, and there are %zu", table, report->report.tables);
    *out = &report->report.table[table];
    return PVG_OK;
}

pvg_status pvg_report_table_size(const pvg_report *report, size_t table, size_t *rows, size_t *columns) {
    API_ENTER_OF(report);
    API_NEED(report->context, rows);
    API_NEED(report->context, columns);
    const pvi_table *found = NULL;
    API_TRY(find_table(report, table, &found));
    *rows = found->rows;
    *columns = found->columns;
    return PVG_OK;
}

pvg_status pvg_report_table_cell(const pvg_report *report, size_t table, size_t row, size_t column, double *out) {
    API_ENTER_OF(report);
    API_NEED(report->context, out);
    const pvi_table *found = NULL;
    API_TRY(find_table(report, table, &found));
    if (row >= found->rows || column >= found->columns)
        return pvi_fail(&report->context->env, PVG_E_RANGE, "report", "cell %zu,%zu was asked for, and table '%s' is %zu by %zu", row,
                        column, found->name, found->rows, found->columns);
    *out = found->cell[row * found->columns + column];
    return PVG_OK;
}

static const char *label(const pvg_report *report, size_t table, bool row, size_t index) {
    return table < pvg_report_table_count(report) ? pvi_table_label(&report->report.table[table], row, index) : "";
}
const char *pvg_report_table_row_name(const pvg_report *report, size_t table, size_t row) { return label(report, table, true, row); }
const char *pvg_report_table_column_name(const pvg_report *report, size_t table, size_t column) {
    return label(report, table, false, column);
}

size_t pvg_report_sample_count(const pvg_report *report) { return report != NULL ? report->report.samples : 0; }

pvg_status pvg_report_sample(const pvg_report *report, size_t index, pvg_sample *out) {
    API_ENTER_OF(report);
    API_NEED(report->context, out);
    if (index >= report->report.samples)
        return pvi_fail(&report->context->env, PVG_E_RANGE, "report", "sample %zu was asked for, and there are %zu", index, report->report.samples);
    const pvi_report_sample *s = &report->report.sample[index];
    pvg_sample sample = {.struct_size = sizeof sample, .role = s->role, .verdict = s->verdict, .tokens = s->tokens, .id = s->id,
                         .question = s->question, .solution = s->solution, .gold = s->gold, .score = s->score};
    return pvi_api_write_struct(&report->context->env, "pvg_sample", out, &sample, sizeof sample);
}

pvg_status pvg_report_json(const pvg_report *report, char *buffer, size_t capacity, size_t *needed) {
    API_ENTER_OF(report);
    pvi_text json;
    pvi_text_init(&json, &report->context->env);
    pvg_status status = pvi_report_write_json(&report->report, &json);
    if (status == PVG_OK) status = pvi_text_ok(&json);
    if (status == PVG_OK) status = pvi_api_give(report->context, json.data, json.length, buffer, capacity, needed);
    pvi_text_free(&json);
    return status;
}
