/* report.h - named numbers, tables and samples: what a round, a game or an evaluation found. */
#ifndef PVI_REPORT_H
#define PVI_REPORT_H

#include "base/alloc.h"
#include "base/text.h"
#include "pvgame/pvgame_types.h"

typedef struct pvi_metric {
    char *name;
    double value; /* NaN: could not be measured */
} pvi_metric;

typedef struct pvi_table {
    char *name;
    size_t rows, columns;
    double *cell; /* NaN where not measured */
    char **row_name, **column_name; /* [rows], [columns]; NULL, or NULL inside: without a name */
} pvi_table;

typedef struct pvi_report_sample {
    pvg_role role;
    pvg_verdict verdict;
    int32_t tokens;
    double score;
    char *id, *question, *solution, *gold;
} pvi_report_sample;

typedef struct pvi_report {
    pvi_env *env;
    pvi_metric *metric;
    size_t metrics, metric_capacity;
    pvi_table *table;
    size_t tables, table_capacity;
    pvi_report_sample *sample;
    size_t samples, sample_capacity;
} pvi_report;

void pvi_report_init(pvi_report *report, pvi_env *env);
void pvi_report_free(pvi_report *report);
/* Set or replace. */
pvg_status pvi_report_set(pvi_report *report, const char *name, double value);
bool pvi_report_get(const pvi_report *report, const char *name, double *out);
/* Make a table (or grow it, keeping cells; new ones are NaN) and give its cells. */
pvg_status pvi_report_table(pvi_report *report, const char *name, size_t rows, size_t columns, pvi_table **out);
/* Say what a row (else a column) of an existing table is about; an index beyond the table is PVG_E_RANGE. Growing keeps
 * names. */
pvg_status pvi_report_label(pvi_report *report, const char *table, bool row, size_t index, const char *name);
const char *pvi_table_label(const pvi_table *table, bool row, size_t index); /* "" without a name or beyond the table */
pvg_status pvi_report_add_sample(pvi_report *report, const pvi_report_sample *copied);
pvg_status pvi_report_copy(pvi_report *to, const pvi_report *from); /* `to` is initialised and empty */
/* A finite number as JSON, or null. */
void pvi_json_number(pvi_text *out, double value);
void pvi_json_string(pvi_text *out, const char *text, size_t length); /* quoted; invalid UTF-8 becomes U+FFFD */
pvg_status pvi_report_write_json(const pvi_report *report, pvi_text *out);
/* Read back what pvi_report_write_json wrote (metrics and tables), as checkpoints need. */
pvg_status pvi_report_read_json(pvi_report *report, const char *json, size_t length);

#endif
