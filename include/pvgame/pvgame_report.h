/* pvgame_report.h - named numbers, tables and samples. Included by pvgame.h.
 *
 * Whatever measures something gives a report: a round of a game, an evaluation, generating, an attack, a measurement.
 *
 *     pvg_scheduler_report(game, 0, &report);
 *     pvg_report_metric(report, "helpful_accuracy", &value);
 *     for (size_t i = 0; i < pvg_report_sample_count(report); i++) {
 *         pvg_sample sample = {sizeof sample};
 *         pvg_report_sample(report, i, &sample);
 *         printf("%s %s\n", pvg_verdict_name(sample.verdict), sample.solution);
 *     }
 *
 * Which metrics there are is said where the report is made, and in docs/game.md; later versions may add some. A report
 * is independent of what it was made from, and does not change: texts of it live as long as it. */
#ifndef LIBPVGAME_REPORT_H
#define LIBPVGAME_REPORT_H

#include "pvgame_context.h"

#ifdef __cplusplus
extern "C" {
#endif

/* ======================================================================================================= reports == */

/* Named numbers, tables and samples. */
typedef struct pvg_report pvg_report;

/* How many numbers it holds; 0 for NULL. */
PVG_API size_t pvg_report_metric_count(const pvg_report *report);

/* The name of number `index`; NULL beyond the count. */
PVG_API const char *pvg_report_metric_name(const pvg_report *report, size_t index);

/* Number `index`; NaN when it could not be measured, and beyond the count. */
PVG_API double pvg_report_metric_value(const pvg_report *report, size_t index);

/* The number of that name; NaN when it could not be measured. PVG_E_NOT_FOUND when the report has none. */
PVG_API pvg_status pvg_report_metric(const pvg_report *report, const char *name, double *out);

/* How many tables it holds; 0 for NULL. */
PVG_API size_t pvg_report_table_count(const pvg_report *report);

/* The name of a table: "auc" (verifier by prover, helpful-right against sneaky-wrong), "sneaky_score" and so on; NULL
 * beyond the count. */
PVG_API const char *pvg_report_table_name(const pvg_report *report, size_t table);

/* How many rows and columns it has. PVG_E_RANGE beyond the count. */
PVG_API pvg_status pvg_report_table_size(const pvg_report *report, size_t table, size_t *rows, size_t *columns);

/* What a row is about: "last_verifier"; "" where that was not said, NULL beyond the table. */
PVG_API const char *pvg_report_table_row_name(const pvg_report *report, size_t table, size_t row);

/* What a column is about: "accuracy"; "" where that was not said, NULL beyond the table. */
PVG_API const char *pvg_report_table_column_name(const pvg_report *report, size_t table, size_t column);

/* One number of a table; NaN when it could not be measured. PVG_E_RANGE beyond the table. */
PVG_API pvg_status pvg_report_table_cell(const pvg_report *report, size_t table, size_t row, size_t column,
                                         double *out);

/* One solution that was looked at. Set struct_size before the call. */
typedef struct pvg_sample {
    uint32_t struct_size;     /* sizeof(pvg_sample) */
    pvg_role role;            /* in which it was written */
    pvg_verdict verdict;      /* what the grader said */
    int32_t tokens;           /* of the solution, the end token included; 0 for a host's text */
    const char *id;           /* the problem's */
    const char *question;     /* the problem's */
    const char *solution;     /* what was written */
    const char *gold;         /* the problem's reference answer */
    double score;             /* the verifier's; NaN when not scored */
} pvg_sample;

/* How many samples it holds; 0 for NULL. */
PVG_API size_t pvg_report_sample_count(const pvg_report *report);

/* Sample number `index`. The texts live as long as the report. PVG_E_RANGE beyond the count. */
PVG_API pvg_status pvg_report_sample(const pvg_report *report, size_t index, pvg_sample *out);

/* {"metrics": {...}, "tables": {...}, "labels": {...}}; samples are not included. labels: of each table whose rows or
 * columns have names, {"rows": [...], "columns": [...]}; absent when none has. What could not be measured is null.
 * PVG_E_BUFFER. */
PVG_API pvg_status pvg_report_json(const pvg_report *report, char *buffer, size_t capacity, size_t *needed);

/* Frees it. */
PVG_API void pvg_report_destroy(pvg_report *report);

#ifdef __cplusplus
}
#endif
#endif /* LIBPVGAME_REPORT_H */
