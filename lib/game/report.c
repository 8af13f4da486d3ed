/* report.c - see report.h. */
#include "game/report.h"

#include <jansson.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

void pvi_report_init(pvi_report *report, pvi_env *env) {
    memset(report, 0, sizeof *report);
    report->env = env;
}

static void free_sample(pvi_env *env, pvi_report_sample *s) {
    pvi_free(env, s->id);
    pvi_free(env, s->question);
    pvi_free(env, s->solution);
    pvi_free(env, s->gold);
}

static void free_names(pvi_env *env, char **name, size_t count) {
    for (size_t i = 0; name != NULL && i < count; i++) pvi_free(env, name[i]);
    pvi_free(env, name);
}

void pvi_report_free(pvi_report *report) {
    pvi_env *env = report->env;
    if (env == NULL) return;
    for (size_t i = 0; i < report->metrics; i++) pvi_free(env, report->metric[i].name);
    for (size_t i = 0; i < report->tables; i++) {
        pvi_free(env, report->table[i].name);
        pvi_free(env, report->table[i].cell);
        free_names(env, report->table[i].row_name, report->table[i].rows);
        free_names(env, report->table[i].column_name, report->table[i].columns);
    }
    for (size_t i = 0; i < report->samples; i++) free_sample(env, &report->sample[i]);
    pvi_free(env, report->metric);
    pvi_free(env, report->table);
    pvi_free(env, report->sample);
    pvi_report_init(report, env);
}

pvg_status pvi_report_set(pvi_report *report, const char *name, double value) {
    for (size_t i = 0; i < report->metrics; i++)
        if (strcmp(report->metric[i].name, name) == 0) {
            report->metric[i].value = value;
            return PVG_OK;
        }
    pvg_status status = pvi_reserve(report->env, (void **)&report->metric, &report->metric_capacity, report->metrics + 1,
                                    sizeof *report->metric);
    if (status != PVG_OK) return status;
    char *copy = pvi_strdup(report->env, name, strlen(name));
    if (copy == NULL) return PVG_E_NOMEM;
    report->metric[report->metrics++] = (pvi_metric){copy, value};
    return PVG_OK;
}

bool pvi_report_get(const pvi_report *report, const char *name, double *out) {
    for (size_t i = 0; i < report->metrics; i++)
        if (strcmp(report->metric[i].name, name) == 0) {
            *out = report->metric[i].value;
            return true;
        }
    return false;
}

static pvi_table *find_table(pvi_report *report, const char *name) {
    for (size_t i = 0; i < report->tables; i++)
        if (strcmp(report->table[i].name, name) == 0) return &report->table[i];
    return NULL;
}

/* Room for `to` names where there was room for `from`; a table without names stays so. */
static pvg_status grow_names(pvi_env *env, char ***name, size_t from, size_t to) {
    if (*name == NULL || to == from) return PVG_OK;
    char **grown = pvi_realloc(env, *name, to, sizeof **name);
    if (grown == NULL) return PVG_E_NOMEM;
    for (size_t i = from; i < to; i++) grown[i] = NULL;
    *name = grown;
    return PVG_OK;
}

static pvg_status resize_table(pvi_env *env, pvi_table *table, size_t rows, size_t columns) {
    if (rows < table->rows) rows = table->rows;
    if (columns < table->columns) columns = table->columns;
    if (table->cell != NULL && rows == table->rows && columns == table->columns) return PVG_OK;
    pvg_status status = grow_names(env, &table->row_name, table->rows, rows);
    if (status == PVG_OK) status = grow_names(env, &table->column_name, table->columns, columns);
    if (status != PVG_OK) return status;
    double *cell = pvi_alloc(env, rows * columns + 1, sizeof *cell);
    if (cell == NULL) return PVG_E_NOMEM;
    for (size_t r = 0; r < rows; r++)
        for (size_t c = 0; c < columns; c++)
            cell[r * columns + c] = r < table->rows && c < table->columns ? table->cell[r * table->columns + c] : (double)NAN;
    pvi_free(env, table->cell);
    table->cell = cell;
    table->rows = rows;
    table->columns = columns;
    return PVG_OK;
}

pvg_status pvi_report_table(pvi_report *report, const char *name, size_t rows, size_t columns, pvi_table **out) {
    pvi_env *env = report->env;
    pvi_table *table = find_table(report, name);
    if (table == NULL) {
        pvg_status status = pvi_reserve(env, (void **)&report->table, &report->table_capacity, report->tables + 1,
                                        sizeof *report->table);
        if (status != PVG_OK) return status;
        char *copy = pvi_strdup(env, name, strlen(name));
        if (copy == NULL) return PVG_E_NOMEM;
        table = &report->table[report->tables++];
        *table = (pvi_table){.name = copy};
    }
    pvg_status status = resize_table(env, table, rows, columns);
    if (status == PVG_OK && out != NULL) *out = table;
    return status;
}

pvg_status pvi_report_label(pvi_report *report, const char *table, bool row, size_t index, const char *name) {
    pvi_env *env = report->env;
    pvi_table *t = find_table(report, table);
    size_t count = t == NULL ? 0 : row ? t->rows : t->columns;
    if (index >= count)
        return pvi_fail(env, PVG_E_RANGE, "report", "table '%s' has no %s %zu to name", table, row ? "row" : "column", index);
    char ***names = row ? &t->row_name : &t->column_name;
    if (*names == NULL) *names = pvi_calloc(env, count, sizeof **names);
    char *copy = *names != NULL ? pvi_strdup(env, name, strlen(name)) : NULL;
    if (copy == NULL) return PVG_E_NOMEM;
    pvi_free(env, (*names)[index]);
    (*names)[index] = copy;
    return PVG_OK;
}

const char *pvi_table_label(const pvi_table *table, bool row, size_t index) {
    char *const *names = row ? table->row_name : table->column_name;
    return names != NULL && index < (row ? table->rows : table->columns) && names[index] != NULL ? names[index] : "";
}

static pvg_status copy_names(pvi_report *to, const pvi_table *from, bool row) {
    pvg_status status = PVG_OK;
    if ((row ? from->row_name : from->column_name) == NULL) return PVG_OK;
    for (size_t i = 0; i < (row ? from->rows : from->columns) && status == PVG_OK; i++)
        status = pvi_report_label(to, from->name, row, i, pvi_table_label(from, row, i));
    return status;
}

pvg_status pvi_report_add_sample(pvi_report *report, const pvi_report_sample *from) {
    pvi_env *env = report->env;
    pvg_status status = pvi_reserve(env, (void **)&report->sample, &report->sample_capacity, report->samples + 1,
                                    sizeof *report->sample);
    if (status != PVG_OK) return status;
    pvi_report_sample s = *from;
    s.id = pvi_strdup(env, from->id, strlen(from->id));
    s.question = pvi_strdup(env, from->question, strlen(from->question));
    s.solution = pvi_strdup(env, from->solution, strlen(from->solution));
    s.gold = pvi_strdup(env, from->gold, strlen(from->gold));
    if (s.id == NULL || s.question == NULL || s.solution == NULL || s.gold == NULL) {
        free_sample(env, &s);
        return PVG_E_NOMEM;
    }
    report->sample[report->samples++] = s;
    return PVG_OK;
}

pvg_status pvi_report_copy(pvi_report *to, const pvi_report *from) {
    pvg_status status = PVG_OK;
    for (size_t i = 0; i < from->metrics && status == PVG_OK; i++)
        status = pvi_report_set(to, from->metric[i].name, from->metric[i].value);
    for (size_t i = 0; i < from->tables && status == PVG_OK; i++) {
        const pvi_table *t = &from->table[i];
        pvi_table *copy = NULL;
        status = pvi_report_table(to, t->name, t->rows, t->columns, &copy);
        if (status == PVG_OK) memcpy(copy->cell, t->cell, t->rows * t->columns * sizeof *t->cell);
        if (status == PVG_OK) status = copy_names(to, t, true);
        if (status == PVG_OK) status = copy_names(to, t, false);
    }
    for (size_t i = 0; i < from->samples && status == PVG_OK; i++) status = pvi_report_add_sample(to, &from->sample[i]);
    return status;
}

void pvi_json_number(pvi_text *out, double value) {
    if (!isfinite(value)) {
        pvi_text_puts(out, "null");
        return;
    }
    char *text = NULL;
    json_t *number = json_real(value);
    if (number != NULL) text = json_dumps(number, JSON_ENCODE_ANY | JSON_REAL_PRECISION(17));
    if (value == floor(value) && fabs(value) < 1e15) pvi_text_printf(out, "%lld", (long long)value);
    else if (text != NULL) pvi_text_puts(out, text);
    else out->failed = true;
    free(text);
    json_decref(number);
}

/* Length of the valid UTF-8 sequence at `at`, or 0. */
static size_t sequence_length(const char *at, size_t left) {
    for (size_t n = 1; n <= 4 && n <= left; n++) {
        size_t bad = 0;
        if (pvi_text_utf8(at, n, &bad)) return n;
    }
    return 0;
}

void pvi_json_string(pvi_text *out, const char *text, size_t length) {
    pvi_text_append(out, "\"", 1);
    for (size_t i = 0; i < length;) {
        unsigned char c = (unsigned char)text[i];
        size_t n = sequence_length(text + i, length - i);
        if (n == 0) {
            pvi_text_puts(out, "\xEF\xBF\xBD");
            i++;
            continue;
        }
        if (c == '"' || c == '\\') pvi_text_printf(out, "\\%c", c);
        else if (c == '\n') pvi_text_puts(out, "\\n");
        else if (c == '\t') pvi_text_puts(out, "\\t");
        else if (c < 0x20 || c == 0x7f) pvi_text_printf(out, "\\u%04x", c);
        else pvi_text_append(out, text + i, n);
        i += n;
    }
    pvi_text_append(out, "\"", 1);
}

static void write_table(const pvi_table *table, pvi_text *out) {
    pvi_text_puts(out, "[");
    for (size_t r = 0; r < table->rows; r++) {
        pvi_text_puts(out, r == 0 ? "[" : ",[");
        for (size_t c = 0; c < table->columns; c++) {
            if (c > 0) pvi_text_puts(out, ",");
            pvi_json_number(out, table->cell[r * table->columns + c]);
        }
        pvi_text_puts(out, "]");
    }
    pvi_text_puts(out, "]");
}

static void write_names(const pvi_table *table, bool row, pvi_text *out) {
    pvi_text_puts(out, "[");
    for (size_t i = 0; i < (row ? table->rows : table->columns); i++) {
        const char *name = pvi_table_label(table, row, i);
        if (i > 0) pvi_text_puts(out, ",");
        pvi_json_string(out, name, strlen(name));
    }
    pvi_text_puts(out, "]");
}

static void write_labels(const pvi_report *report, pvi_text *out) {
    size_t written = 0;
    for (size_t i = 0; i < report->tables; i++) {
        const pvi_table *t = &report->table[i];
        if (t->row_name == NULL && t->column_name == NULL) continue;
        pvi_text_puts(out, written++ == 0 ? ",\"labels\":{" : ",");
        pvi_json_string(out, t->name, strlen(t->name));
        pvi_text_puts(out, ":{\"rows\":");
        write_names(t, true, out);
        pvi_text_puts(out, ",\"columns\":");
        write_names(t, false, out);
        pvi_text_puts(out, "}");
    }
    if (written > 0) pvi_text_puts(out, "}");
}

pvg_status pvi_report_write_json(const pvi_report *report, pvi_text *out) {
    pvi_text_puts(out, "{\"metrics\":{");
    for (size_t i = 0; i < report->metrics; i++) {
        if (i > 0) pvi_text_puts(out, ",");
        pvi_json_string(out, report->metric[i].name, strlen(report->metric[i].name));
        pvi_text_puts(out, ":");
        pvi_json_number(out, report->metric[i].value);
    }
    pvi_text_puts(out, "},\"tables\":{");
    for (size_t i = 0; i < report->tables; i++) {
        if (i > 0) pvi_text_puts(out, ",");
        pvi_json_string(out, report->table[i].name, strlen(report->table[i].name));
        pvi_text_puts(out, ":");
        write_table(&report->table[i], out);
    }
    pvi_text_puts(out, "}");
    write_labels(report, out);
    pvi_text_puts(out, "}");
    return pvi_text_ok(out);
}

static double number_of(const json_t *value) { return json_is_number(value) ? json_number_value(value) : (double)NAN; }

static pvg_status read_table(pvi_report *report, const char *name, const json_t *rows) {
    size_t columns = json_array_size(json_array_get(rows, 0));
    pvi_table *table = NULL;
    pvg_status status = pvi_report_table(report, name, json_array_size(rows), columns, &table);
    for (size_t r = 0; status == PVG_OK && r < table->rows; r++)
        for (size_t c = 0; c < columns; c++)
            table->cell[r * columns + c] = number_of(json_array_get(json_array_get(rows, r), c));
    return status;
}

static pvg_status read_names(pvi_report *report, const char *table, bool row, const json_t *names) {
    pvg_status status = PVG_OK;
    for (size_t i = 0; i < json_array_size(names) && status == PVG_OK; i++) {
        const char *name = json_string_value(json_array_get(names, i));
        if (name != NULL && name[0] != '\0') status = pvi_report_label(report, table, row, i, name);
    }
    return status;
}

pvg_status pvi_report_read_json(pvi_report *report, const char *json, size_t length) {
    json_error_t error;
    json_t *root = json_loadb(json, length, JSON_REJECT_DUPLICATES, &error);
    if (root == NULL)
        return pvi_fail(report->env, PVG_E_FORMAT, "report", "a stored report is not JSON: %s", error.text);
    pvg_status status = PVG_OK;
    const char *name;
    json_t *value;
    json_object_foreach(json_object_get(root, "metrics"), name, value)
        if (status == PVG_OK) status = pvi_report_set(report, name, number_of(value));
    json_object_foreach(json_object_get(root, "tables"), name, value)
        if (status == PVG_OK) status = read_table(report, name, value);
    json_object_foreach(json_object_get(root, "labels"), name, value) {
        if (status == PVG_OK) status = read_names(report, name, true, json_object_get(value, "rows"));
        if (status == PVG_OK) status = read_names(report, name, false, json_object_get(value, "columns"));
    }
    json_decref(root);
    return status;
}
