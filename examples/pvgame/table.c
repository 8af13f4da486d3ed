/* table.c - the table that grows by a row a round, and the verifier-by-prover matrices. */
#include <math.h>
#include <string.h>

#include "cli.h"

double metric(const pvg_report *report, const char *name) {
    double value;
    return pvg_report_metric(report, name, &value) == PVG_OK ? value : NAN;
}

const char *number_text(double value, int digits, char *buffer, size_t size) {
    if (isnan(value)) snprintf(buffer, size, "-");
    else snprintf(buffer, size, "%.*f", digits, value);
    return buffer;
}

typedef struct column {
    const char *first, *second, *metric;
    int width, digits;
} column;
enum { COLUMNS = 10 };
static const column of_game[COLUMNS] = {
    {"AUC", "base", "verifier_auc_base", 6, 2},   {"AUC", "game", "verifier_auc", 6, 2},
    {"check", "result", "control_auc_result", 8, 2}, {"check", "operand", "control_auc_operand", 9, 2},
    {"helpful", "right", "helpful_accuracy", 9, 3}, {"helpful", "greedy", "helpful_accuracy_greedy", 9, 3},
    {"helpful", "score", "helpful_score", 9, 2},  {"sneaky", "wrong", "sneaky_compliance", 8, 3},
    {"sneaky", "score", "sneaky_score", 8, 2},    {"steps", "to fool", "steps_to_fool", 9, 0},
};

/* mode=correctness: no verifier is in play. */
static const column of_correctness[COLUMNS] = {
    {"prover", "steps", "prover_steps", 8, 0},     {"helpful", "samples", "helpful_samples", 9, 0},
    {"helpful", "right", "helpful_accuracy", 9, 3}, {"helpful", "greedy", "helpful_accuracy_greedy", 9, 3},
    {"", "tokens", "helpful_tokens", 8, 1},        {"right:", "valid", "helpful_valid", 8, 3},
    {"all", "shown", "helpful_fully_shown", 8, 3}, {"", "kl", "kl", 8, 2},
};

bool is_correctness(const pvg_report *report) {
    double value;
    return pvg_report_metric(report, "helpful_accuracy", &value) == PVG_OK && pvg_report_metric(report, "verifier_auc", &value) != PVG_OK;
}

static const column *columns_of(const pvg_report *report) { return is_correctness(report) ? of_correctness : of_game; }

void table_header(FILE *out, const pvg_report *report) {
    const column *columns = columns_of(report);
    fputs("round", out);
    for (size_t i = 0; i < COLUMNS; i++) fprintf(out, "%*s", columns[i].width, columns[i].metric != NULL ? columns[i].first : "");
    fputs("\n     ", out);
    for (size_t i = 0; i < COLUMNS; i++) fprintf(out, "%*s", columns[i].width, columns[i].metric != NULL ? columns[i].second : "");
    fputc('\n', out);
    fflush(out);
}

void table_row(FILE *out, int round, const pvg_report *report) {
    char text[32];
    const column *columns = columns_of(report);
    fprintf(out, "%5d", round);
    for (size_t i = 0; i < COLUMNS && columns[i].metric != NULL; i++) {
        double value = metric(report, columns[i].metric);
        bool never = isnan(value) && strcmp(columns[i].metric, "steps_to_fool") == 0;
        fprintf(out, "%*s", columns[i].width, never ? "never" : number_text(value, columns[i].digits, text, sizeof text));
    }
    fputc('\n', out);
    fflush(out);
}

static bool find_table(const pvg_report *report, const char *name, size_t *index) {
    for (*index = 0; *index < pvg_report_table_count(report); (*index)++)
        if (strcmp(pvg_report_table_name(report, *index), name) == 0) return true;
    return false;
}

void table_matrix(FILE *out, const pvg_report *summary, const char *name, const char *title, const char *reading) {
    size_t table, rows, columns;
    if (!find_table(summary, name, &table) || pvg_report_table_size(summary, table, &rows, &columns) != PVG_OK) return;
    if (rows == 0 || columns == 0) return;
    fprintf(out, "\n%s\n           ", title);
    for (size_t j = 0; j < columns; j++) fprintf(out, "  prover %zu", j);
    for (size_t i = 0; i < rows; i++) {
        fprintf(out, "\nverifier %zu ", i);
        for (size_t j = 0; j < columns; j++) {
            double cell;
            char text[32];
            if (pvg_report_table_cell(summary, table, i, j, &cell) != PVG_OK) cell = NAN;
            fprintf(out, "%10s", number_text(cell, 2, text, sizeof text));
        }
    }
    fprintf(out, "\n%s\n", reading);
}
