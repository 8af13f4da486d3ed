/* measurement_parts.h - private to the measurement's files. */
#ifndef PVI_MEASUREMENT_PARTS_H
#define PVI_MEASUREMENT_PARTS_H

#include "game/measurement.h"

enum { PVI_MEASURE_NAME = 64, PVI_MEASURE_DRAWS = 1000 };

/* Random samples of one role and round that were drawn to be measured; when there are none, those of the last quarter of its
 * training. */
typedef struct pvi_crowd {
    uint32_t *index;
    size_t count, problems;
} pvi_crowd;
pvg_status pvi_crowd_choose(const pvi_measurement *m, int32_t round, pvg_role role, pvi_crowd *out);
/* The latter, also when there are others. */
pvg_status pvi_crowd_last_quarter(const pvi_measurement *m, int32_t round, pvg_role role, pvi_crowd *out);
/* All of training, by step. */
pvg_status pvi_crowd_trace(const pvi_measurement *m, int32_t round, pvg_role role, pvi_crowd *out);
void pvi_crowd_free(pvi_env *env, pvi_crowd *crowd);

/* "base" (neutral, of no round), "neutral", "helpful", "sneaky" */
const char *pvi_measure_prefix(int32_t round, pvg_role role);

/* NAME, NAME_low and NAME_high. */
pvg_status pvi_measure_set_interval(pvi_report *report, const char *name, const double value[3]);
/* Mean of values with their problems: Wilson's interval when each problem has one value and all are 0 or 1, else the
 * bootstrap's over problems. */
pvg_status pvi_measure_mean(const pvi_measurement *m, const double *value, const uint64_t *group, size_t count, double out[3]);
/* Mean of the means of the two sides, right (side 1) and wrong (0): a balanced accuracy. Bootstrap over problems; NaN with an
 * empty side. */
pvg_status pvi_measure_balanced(const pvi_measurement *m, const double *value, const uint8_t *side, const uint64_t *group,
                                size_t count, double out[3]);

const char *pvi_measured_chain(const pvi_measured_problem *problem); /* NULL: not a built-in problem, or not known */
pvi_span pvi_measured_text(const pvi_measurement *m, const pvi_measured *s);

/* A sentence on what is left out, once. */
void pvi_measure_note(pvi_measurement *m, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* The report's parts. */
pvg_status pvi_measure_texts(pvi_measurement *m, int32_t round, pvg_role role, const pvi_crowd *crowd, pvi_report *report);
pvg_status pvi_measure_roles(pvi_measurement *m, const pvi_crowd crowd[3], pvi_report *report);
pvg_status pvi_measure_verifier(const pvi_measurement *m, const pvi_crowd crowd[3], pvi_report *report); /* a part of the former */
/* Area by which style alone tells helpful from sneaky, with its interval. */
pvg_status pvi_measure_style(const pvi_measurement *m, const pvi_crowd *helpful, const pvi_crowd *sneaky, double auc[3]);
pvg_status pvi_measure_choices(pvi_measurement *m, int32_t round, pvg_role role, const pvi_crowd *crowd, pvi_report *report);
pvg_status pvi_measure_training(pvi_measurement *m, int32_t round, pvi_report *report);

#endif
