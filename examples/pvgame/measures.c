/* measures.c - printing a measurement: a column for the base and one for each round, then tables and notes. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "cli.h"

/* Reports by round, the summary first; NULL where there is none. */
typedef struct reports {
    pvg_report **report;
    int count;
} reports;

static bool ends_in(const char *name, const char *end) {
    size_t length = strlen(name), tail = strlen(end);
    return length > tail && strcmp(name + length - tail, end) == 0;
}

static const char *after_prefix(const char *name, const char *prefix) {
    size_t length = strlen(prefix);
    return strncmp(name, prefix, length) == 0 && name[length] == '_' ? name + length + 1 : NULL;
}

static bool is_of_a_role(const char *name) {
    static const char *const roles[] = {"base", "neutral", "helpful", "sneaky"};
    for (size_t i = 0; i < sizeof roles / sizeof *roles; i++)
        if (after_prefix(name, roles[i]) != NULL) return true;
    return false;
}

/* ---- rows ---- */

/* NAME followed by an end; "" when there is no room. */
static const char *with_end(const char *name, const char *end, char *buffer, size_t size) {
    if (strlen(name) + strlen(end) + 1 > size) return "";
    return strcat(strcpy(buffer, name), end);
}

/* A number, with its interval where there is one. */
static const char *interval_text(double value, double low, double high, char *buffer, size_t size) {
    char one[32], from[32], to[32];
    bool whole = value == floor(value) && fabs(value) > 1;
    int digits = whole || fabs(value) >= 100 ? 0 : fabs(value) >= 10 ? 1 : 3;
    number_text(value, digits, one, sizeof one);
    if (isnan(value) || isnan(low) || isnan(high)) snprintf(buffer, size, "%s", one);
    else snprintf(buffer, size, "%s (%s-%s)", one, number_text(low, digits, from, sizeof from), number_text(high, digits, to, sizeof to));
    return buffer;
}

enum { NAME_WIDTH = 24, CELL_WIDTH = 21 };

static void print_cell(FILE *out, const pvg_report *report, const char *name) {
    char low[128], high[128], cell[128];
    double value = NAN, from = NAN, to = NAN;
    if (report != NULL) {
        value = metric(report, name);
        from = metric(report, with_end(name, "_low", low, sizeof low));
        to = metric(report, with_end(name, "_high", high, sizeof high));
    }
    fprintf(out, "%*s", CELL_WIDTH, interval_text(value, from, to, cell, sizeof cell));
}

static void print_row(FILE *out, const reports *all, const char *shown, const char *names[2]) {
    fprintf(out, "  %-*s", NAME_WIDTH, shown);
    for (int i = 0; i < all->count; i++) {
        bool first = all->report[i] != NULL && names[0] != NULL && !isnan(metric(all->report[i], names[0]));
        print_cell(out, all->report[i], first || names[1] == NULL ? names[0] : names[1]);
    }
    fputc('\n', out);
}

/* Has an earlier report, or this one further up, a metric that makes the same row? */
static bool is_shown(const reports *all, int report, size_t index, const char *const prefix[2], const char *name) {
    for (int i = 0; i <= report; i++) {
        if (all->report[i] == NULL) continue;
        size_t most = i == report ? index : pvg_report_metric_count(all->report[i]);
        for (size_t k = 0; k < most; k++) {
            const char *other = pvg_report_metric_name(all->report[i], k);
            for (int p = 0; p < 2; p++) {
                const char *rest = prefix[p] == NULL ? NULL : prefix[p][0] == '\0' ? (is_of_a_role(other) ? NULL : other) : after_prefix(other, prefix[p]);
                if (rest != NULL && strcmp(rest, name) == 0) return true;
            }
        }
    }
    return false;
}

static void print_heads(FILE *out, const char *title, const reports *all) {
    char head[32];
    fprintf(out, "\n%-*s", NAME_WIDTH + 2, title);
    for (int i = 0; i < all->count; i++) {
        snprintf(head, sizeof head, "round %d", i - 1);
        fprintf(out, "%*s", CELL_WIDTH, i > 0 ? head : all->count > 1 ? "base" : "no round");
    }
    fputc('\n', out);
}

/* All metrics that begin with one of the prefixes ("": with that of no role), a row each. */
static void print_section(FILE *out, const char *title, const reports *all, const char *first, const char *second) {
    const char *const prefix[2] = {first, second};
    bool begun = false;
    for (int i = 0; i < all->count; i++)
        for (size_t k = 0; all->report[i] != NULL && k < pvg_report_metric_count(all->report[i]); k++) {
            const char *name = pvg_report_metric_name(all->report[i], k), *rest = NULL;
            for (int p = 0; p < 2 && rest == NULL; p++)
                if (prefix[p] != NULL) rest = prefix[p][0] == '\0' ? (is_of_a_role(name) ? NULL : name) : after_prefix(name, prefix[p]);
            if (rest == NULL || ends_in(name, "_low") || ends_in(name, "_high") || is_shown(all, i, k, prefix, rest)) continue;
            if (!begun) print_heads(out, title, all);
            begun = true;
            char full[2][128];
            const char *names[2] = {full[0], second != NULL ? full[1] : NULL};
            snprintf(full[0], sizeof full[0], "%s%s%s", first, first[0] != '\0' ? "_" : "", rest);
            snprintf(full[1], sizeof full[1], "%s_%s", second != NULL ? second : "", rest);
            print_row(out, all, rest, names);
        }
}

/* ---- tables ---- */

static double cell_of(const pvg_report *report, size_t table, size_t row, size_t column) {
    double cell = NAN;
    return pvg_report_table_cell(report, table, row, column, &cell) == PVG_OK ? cell : NAN;
}

/* A line for each column of the table: tables have few rows and, some of them, long names. The columns NAME_low and NAME_high
 * stand with NAME. */
static void print_turned(FILE *out, const pvg_report *report, size_t table, size_t rows, size_t columns) {
    fprintf(out, "  %-*s", NAME_WIDTH, "");
    for (size_t r = 0; r < rows; r++) fprintf(out, "%*s", CELL_WIDTH, pvg_report_table_row_name(report, table, r));
    for (size_t c = 0; c < columns; c++) {
        const char *name = pvg_report_table_column_name(report, table, c);
        if (ends_in(name, "_low") || ends_in(name, "_high")) continue;
        bool interval = c + 2 < columns && ends_in(pvg_report_table_column_name(report, table, c + 1), "_low");
        fprintf(out, "\n  %-*s", NAME_WIDTH, name);
        for (size_t r = 0; r < rows; r++) {
            char text[128];
            double low = interval ? cell_of(report, table, r, c + 1) : NAN, high = interval ? cell_of(report, table, r, c + 2) : NAN;
            fprintf(out, "%*s", CELL_WIDTH, interval_text(cell_of(report, table, r, c), low, high, text, sizeof text));
        }
    }
    fputc('\n', out);
}

/* A line for each column, a narrow cell for each row: a course in time. */
static void print_course(FILE *out, const pvg_report *report, size_t table, size_t rows, size_t columns) {
    for (size_t c = 0; c < columns; c++) {
        fprintf(out, "  %-*s", NAME_WIDTH, pvg_report_table_column_name(report, table, c));
        for (size_t r = 0; r < rows; r++) {
            char text[32];
            double cell = cell_of(report, table, r, c);
            fprintf(out, "%8s", number_text(cell, c == 0 ? 0 : fabs(cell) >= 10 ? 1 : 3, text, sizeof text));
        }
        fputc('\n', out);
    }
}

static void print_table(FILE *out, const pvg_report *report, size_t table, const char *of) {
    size_t rows, columns;
    if (pvg_report_table_size(report, table, &rows, &columns) != PVG_OK || rows == 0) return;
    fprintf(out, "\n%s%s\n", pvg_report_table_name(report, table), of);
    if (pvg_report_table_row_name(report, table, 0)[0] != '\0') print_turned(out, report, table, rows, columns);
    else print_course(out, report, table, rows, columns);
}

static void print_tables(FILE *out, const reports *all) {
    for (int i = 0; i < all->count; i++) {
        char of[48] = "";
        if (i > 0) snprintf(of, sizeof of, ", round %d", i - 1);
        for (size_t t = 0; all->report[i] != NULL && t < pvg_report_table_count(all->report[i]); t++) print_table(out, all->report[i], t, of);
    }
}

/* ---- all of it ---- */

static int open_reports(pvg_context *context, pvg_measurement *measurement, reports *all) {
    all->count = pvg_measurement_rounds(measurement) + 1;
    all->report = calloc((size_t)all->count, sizeof *all->report);
    if (all->report == NULL) return fail_with(EXIT_RESOURCE, "out of memory");
    for (int i = 0; i < all->count; i++) {
        pvg_status status = pvg_measurement_report(measurement, i - 1, &all->report[i]);
        if (status == PVG_E_NOT_FOUND) all->report[i] = NULL;
        else if (status != PVG_OK) return fail(context);
    }
    return EXIT_DONE;
}

int print_measures(FILE *out, pvg_context *context, pvg_measurement *measurement) {
    reports all = {0};
    int code = open_reports(context, measurement, &all);
    if (code == EXIT_DONE) {
        fprintf(out, "Values with their intervals; docs/measures.md defines each.\n");
        print_section(out, "Helpful solutions", &all, "helpful", "base");
        print_section(out, "Sneaky solutions", &all, "sneaky", NULL);
        print_section(out, "Neutral solutions", &all, "neutral", NULL);
        print_section(out, "Verifiers, roles, training", &all, "", NULL);
        print_tables(out, &all);
        const char *note;
        for (size_t i = 0; (note = pvg_measurement_note(measurement, i)) != NULL; i++)
            fprintf(out, "%s%s\n", i == 0 ? "\nLeft out:\n  " : "  ", note);
    }
    for (int i = 0; i < all.count && all.report != NULL; i++) pvg_report_destroy(all.report[i]);
    free(all.report);
    return code;
}
