/* stats.h - the statistics of an evaluation: areas, intervals, pass@k, calibration.
 *
 * Pure functions of doubles; same inputs, same bits. Counts of zero give NaN where nothing can be said. */
#ifndef PVI_STATS_H
#define PVI_STATS_H

#include "base/env.h"

/* Area under the ROC curve: the chance that a random positive scores above a random negative; ties count half. NaN when
 * n or m is 0. A score that is NaN is PVG_E_NUMERIC. */
pvg_status pvi_auc(pvi_env *env, const double *positive, size_t n, const double *negative, size_t m, double *auc);

/* Its two-sided interval at `level` (0.9: 90 %): DeLong, DeLong & Clarke-Pearson 1988 variance on the logit scale, so
 * that it stays inside [0,1]. A perfectly separated sample has variance 0 there; then (and when n or m is 1) the bounds
 * come from Hanley & McNeil's variance at the area shrunk by half a pair, stretched to hold the area itself. NaN when n
 * or m is 0; PVG_E_RANGE for a level outside (0,1). */
pvg_status pvi_auc_interval(pvi_env *env, const double *positive, size_t n, const double *negative, size_t m, double level,
                            double *auc, double *low, double *high);

typedef struct pvi_scored {
    double score;
    uint64_t problem;
    bool positive;
} pvi_scored;

/* The area and its interval where several scores belong to one problem: Obuchowski 1997's variance for clustered data, which
 * is DeLong's where each has a problem of its own. out: area, low, high. Else as above, with problems in the place of
 * scores where the variance is 0. */
pvg_status pvi_auc_clustered(pvi_env *env, const pvi_scored *all, size_t count, double level, double out[3]);

/* The two-sided z of a level: 1.6449 for 0.9, 1.9600 for 0.95. NaN outside (0,1). */
double pvi_normal_z(double level);

/* The two-sided quantile of Student's t: 2.9200 for level 0.9 and 2 degrees of freedom. NaN for a level outside (0,1) or no
 * degree of freedom. */
double pvi_student_t(double level, uint64_t freedom);

/* Wilson's interval of a proportion; (0,1) when n is 0. */
void pvi_wilson(uint64_t successes, uint64_t n, double z, double *low, double *high);

/* The chance that at least one of k solutions drawn without replacement from n, of which c are right, is right: Chen et
 * al. 2021, unbiased for pass@k. NaN when k is 0, k > n or c > n. */
double pvi_pass_at_k(uint64_t n, uint64_t c, uint64_t k);

double pvi_mean(const double *values, size_t n);               /* NaN when n is 0 */
double pvi_deviation(const double *values, size_t n);          /* sample standard deviation (n - 1); NaN when n < 2 */
/* The mean's two-sided interval by Student's t; NaN when n < 2 (nothing is known of the spread). */
void pvi_mean_interval(const double *values, size_t n, double level, double *low, double *high);
/* Linear interpolation between order statistics (type 7, as numpy); NaN when n is 0. NaN values are PVG_E_NUMERIC,
 * a q outside [0,1] is PVG_E_RANGE. */
pvg_status pvi_quantile(pvi_env *env, const double *values, size_t n, double q, double *out);

/* Expected calibration error over 10 equal bins: the mean, weighted by bin size, of |share right - mean probability|.
 * right[i] is 0 or 1. NaN when n is 0; PVG_E_NUMERIC for a probability outside [0,1]. */
pvg_status pvi_calibration_error(pvi_env *env, const double *probability, const int32_t *right, size_t n, double *out);

/* Percentile bootstrap of the mean at `level`. With `group` (one id per value, any numbers), whole groups are drawn:
 * for several solutions of one problem. A pure function of its arguments. NaN when n is 0. PVG_E_RANGE for no draws or a
 * level outside (0,1), PVG_E_NUMERIC for a value that is NaN. */
pvg_status pvi_bootstrap_mean(pvi_env *env, const double *values, const uint64_t *group, size_t n, uint32_t draws,
                              uint64_t seed, double level, double *low, double *high);

#endif
