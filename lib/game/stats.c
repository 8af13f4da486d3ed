/* stats.c - see stats.h. */
#include "game/stats.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/rng.h"

static const char NAME[] = "stats";

/* ---- sorted samples ---- */

static int by_value(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static pvg_status refuse_nan(pvi_env *env, const char *what, const double *values, size_t n) {
    for (size_t i = 0; i < n; i++)
        if (isnan(values[i])) return pvi_fail(env, PVG_E_NUMERIC, NAME, "%s %zu of %zu is not a number", what, i, n);
    return PVG_OK;
}

/* A sorted copy, freed by the caller. */
static pvg_status sorted_copy(pvi_env *env, const char *what, const double *values, size_t n, double **out) {
    pvg_status status = refuse_nan(env, what, values, n);
    if (status != PVG_OK) return status;
    double *copy = pvi_alloc(env, n, sizeof *copy);
    if (copy == NULL) return PVG_E_NOMEM;
    if (n > 0) {
        memcpy(copy, values, n * sizeof *copy);
        qsort(copy, n, sizeof *copy, by_value);
    }
    *out = copy;
    return PVG_OK;
}

/* For each of the sorted a[0..n): twice the number of sorted b below it, plus the number equal to it. */
static void placements(const double *a, size_t n, const double *b, size_t m, uint64_t *out) {
    size_t below = 0, not_above = 0;
    for (size_t i = 0; i < n; i++) {
        while (below < m && b[below] < a[i]) below++;
        while (not_above < m && b[not_above] <= a[i]) not_above++;
        out[i] = (uint64_t)below + not_above;
    }
}

/* ---- areas ---- */

typedef struct areas {
    double *positive, *negative; /* sorted */
    uint64_t *place_positive, *place_negative; /* twice the mid-ranks in the other sample */
} areas;

static void areas_free(pvi_env *env, areas *a) {
    pvi_free(env, a->positive);
    pvi_free(env, a->negative);
    pvi_free(env, a->place_positive);
    pvi_free(env, a->place_negative);
}

static pvg_status areas_make(pvi_env *env, const double *positive, size_t n, const double *negative, size_t m, areas *out) {
    areas a = {0};
    pvg_status status = sorted_copy(env, "positive score", positive, n, &a.positive);
    if (status == PVG_OK) status = sorted_copy(env, "negative score", negative, m, &a.negative);
    if (status == PVG_OK && (a.place_positive = pvi_alloc(env, n, sizeof(uint64_t))) == NULL) status = PVG_E_NOMEM;
    if (status == PVG_OK && (a.place_negative = pvi_alloc(env, m, sizeof(uint64_t))) == NULL) status = PVG_E_NOMEM;
    if (status != PVG_OK) {
        areas_free(env, &a);
        return status;
    }
    placements(a.positive, n, a.negative, m, a.place_positive);
    placements(a.negative, m, a.positive, n, a.place_negative);
    *out = a;
    return PVG_OK;
}

static double area_of(const areas *a, size_t n, size_t m) {
    uint64_t twice = 0;
    for (size_t i = 0; i < n; i++) twice += a->place_positive[i];
    return n > 0 && m > 0 ? (double)twice / 2 / ((double)n * (double)m) : NAN;
}

pvg_status pvi_auc(pvi_env *env, const double *positive, size_t n, const double *negative, size_t m, double *auc) {
    areas a;
    pvg_status status = areas_make(env, positive, n, negative, m, &a);
    if (status != PVG_OK) return status;
    *auc = area_of(&a, n, m);
    areas_free(env, &a);
    return PVG_OK;
}

/* Sample variance of the mean of placements, each divided by twice the other sample's size. */
static double placement_variance(const uint64_t *place, size_t n, size_t others) {
    double total = 0, squares = 0;
    for (size_t i = 0; i < n; i++) total += (double)place[i];
    for (size_t i = 0; i < n; i++) squares += ((double)place[i] - total / (double)n) * ((double)place[i] - total / (double)n);
    return squares / ((double)n - 1) / (double)n / (4 * (double)others * (double)others);
}

/* Hanley & McNeil 1982, equation 1. */
static double hanley_variance(double area, double n, double m) {
    double q1 = area / (2 - area), q2 = 2 * area * area / (1 + area);
    return (area * (1 - area) + (n - 1) * (q1 - area * area) + (m - 1) * (q2 - area * area)) / (n * m);
}

static double expit(double x) { return 1 / (1 + exp(-x)); }

static void logit_interval(double area, double variance, double z, double *low, double *high) {
    double middle = log(area / (1 - area)), half = z * sqrt(variance) / (area * (1 - area));
    *low = expit(middle - half);
    *high = expit(middle + half);
}

static void area_interval(double auc, double variance, size_t n, size_t m, double z, double *low, double *high) {
    if (auc > 0 && auc < 1 && variance > 0) {
        logit_interval(auc, variance, z, low, high);
        return;
    }
    double half_pair = 0.5 / ((double)n * (double)m);
    double inside = fmin(fmax(auc, half_pair), 1 - half_pair);
    logit_interval(inside, hanley_variance(inside, (double)n, (double)m), z, low, high);
    *low = fmin(*low, auc);
    *high = fmax(*high, auc);
}

pvg_status pvi_auc_interval(pvi_env *env, const double *positive, size_t n, const double *negative, size_t m, double level,
                            double *auc, double *low, double *high) {
    double z = pvi_normal_z(level);
    if (isnan(z)) return pvi_fail(env, PVG_E_RANGE, NAME, "the level of an interval is %g; wanted is between 0 and 1", level);
    areas a;
    pvg_status status = areas_make(env, positive, n, negative, m, &a);
    if (status != PVG_OK) return status;
    *auc = *low = *high = area_of(&a, n, m);
    double variance = n > 1 && m > 1 ? placement_variance(a.place_positive, n, m) + placement_variance(a.place_negative, m, n) : 0;
    if (!isnan(*auc)) area_interval(*auc, variance, n, m, z, low, high);
    areas_free(env, &a);
    return PVG_OK;
}

/* ---- areas of clustered scores ---- */

typedef struct placed {
    double score;
    uint64_t problem, place; /* place: twice the number of the other side on the wrong side of it, ties once */
    bool positive;
} placed;

static int by_score(const void *a, const void *b) { return by_value(&((const placed *)a)->score, &((const placed *)b)->score); }
static int by_problem(const void *a, const void *b) {
    uint64_t x = ((const placed *)a)->problem, y = ((const placed *)b)->problem;
    return (x > y) - (x < y);
}

/* Of the sorted: positives are placed by the negatives below them, negatives by the positives above. */
static void place_all(placed *all, size_t count, uint64_t positives) {
    uint64_t below[2] = {0, 0};
    for (size_t i = 0, end; i < count; i = end) {
        uint64_t equal[2] = {0, 0};
        for (end = i; end < count && all[end].score == all[i].score; end++) equal[all[end].positive]++;
        for (size_t k = i; k < end; k++)
            all[k].place = all[k].positive ? 2 * below[0] + equal[0] : 2 * (positives - below[1] - equal[1]) + equal[1];
        below[0] += equal[0], below[1] += equal[1];
    }
}

/* Sums over problems of what their scores' places differ from the area by; [0] negatives, [1] positives. */
typedef struct cluster_sums {
    double square[2], product;
    uint64_t problems[2], all;
} cluster_sums;

static void add_cluster(const placed *one, size_t count, const uint64_t total[2], double area, cluster_sums *sums) {
    uint64_t place[2] = {0, 0}, many[2] = {0, 0};
    double apart[2];
    for (size_t i = 0; i < count; i++) place[one[i].positive] += one[i].place, many[one[i].positive]++;
    for (int side = 0; side < 2; side++) {
        apart[side] = (double)place[side] / 2 / (double)total[1 - side] - (double)many[side] * area;
        sums->square[side] += apart[side] * apart[side];
        sums->problems[side] += many[side] > 0;
    }
    sums->product += apart[0] * apart[1];
    sums->all++;
}

/* n / (n - 1), which makes a sample's variance unbiased. */
static double unbiased(uint64_t n) { return (double)n / ((double)n - 1); }

static double clustered_variance(placed *all, size_t count, const uint64_t total[2], double area, cluster_sums *sums) {
    qsort(all, count, sizeof *all, by_problem);
    for (size_t i = 0, end; i < count; i = end) {
        for (end = i; end < count && all[end].problem == all[i].problem;) end++;
        add_cluster(all + i, end - i, total, area, sums);
    }
    if (sums->problems[0] < 2 || sums->problems[1] < 2) return 0;
    double n = (double)total[0], m = (double)total[1];
    return unbiased(sums->problems[0]) * sums->square[0] / (n * n) + unbiased(sums->problems[1]) * sums->square[1] / (m * m) +
           2 * unbiased(sums->all) * sums->product / (n * m);
}

pvg_status pvi_auc_clustered(pvi_env *env, const pvi_scored *scored, size_t count, double level, double out[3]) {
    double z = pvi_normal_z(level);
    if (isnan(z)) return pvi_fail(env, PVG_E_RANGE, NAME, "the level of an interval is %g; wanted is between 0 and 1", level);
    placed *all = pvi_alloc(env, count + 1, sizeof *all);
    if (all == NULL) return PVG_E_NOMEM;
    uint64_t total[2] = {0, 0}, twice = 0;
    pvg_status status = PVG_OK;
    for (size_t i = 0; i < count && status == PVG_OK; i++) {
        all[i] = (placed){scored[i].score, scored[i].problem, 0, scored[i].positive};
        total[all[i].positive]++;
        if (isnan(all[i].score)) status = pvi_fail(env, PVG_E_NUMERIC, NAME, "score %zu of %zu is not a number", i, count);
    }
    out[0] = out[1] = out[2] = (double)NAN;
    if (status == PVG_OK && total[0] > 0 && total[1] > 0) {
        qsort(all, count, sizeof *all, by_score);
        place_all(all, count, total[1]);
        for (size_t i = 0; i < count; i++) twice += all[i].positive ? all[i].place : 0;
        out[0] = (double)twice / 2 / ((double)total[0] * (double)total[1]);
        cluster_sums sums = {0};
        double variance = clustered_variance(all, count, total, out[0], &sums);
        area_interval(out[0], variance, sums.problems[1], sums.problems[0], z, &out[1], &out[2]);
    }
    pvi_free(env, all);
    return status;
}

/* ---- proportions ---- */

double pvi_normal_z(double level) {
    if (!(level > 0 && level < 1)) return NAN;
    double below = 0, above = 40; /* erfc(40/sqrt 2) is 0 */
    for (int i = 0; i < 80; i++) {
        double z = (below + above) / 2;
        if (erfc(z / sqrt(2)) > 1 - level) below = z;
        else above = z;
    }
    return (below + above) / 2;
}

void pvi_wilson(uint64_t successes, uint64_t n, double z, double *low, double *high) {
    *low = 0;
    *high = 1;
    if (n == 0) return;
    double count = (double)n, share = (double)successes / count, scale = 1 + z * z / count;
    double middle = (share + z * z / (2 * count)) / scale;
    double half = z / scale * sqrt(share * (1 - share) / count + z * z / (4 * count * count));
    if (successes > 0) *low = fmax(0, middle - half);
    if (successes < n) *high = fmin(1, middle + half);
}

double pvi_pass_at_k(uint64_t n, uint64_t c, uint64_t k) {
    if (k == 0 || k > n || c > n) return NAN;
    if (n - c < k) return 1;
    uint64_t fewer = c < k ? c : k, more = c < k ? k : c;
    double none = 1; /* C(n-c, k) / C(n, k), which c and k enter alike */
    for (uint64_t j = 0; j < fewer; j++) none *= (double)(n - more - j) / (double)(n - j);
    return 1 - none;
}

/* ---- moments and order statistics ---- */

double pvi_mean(const double *values, size_t n) {
    double total = 0;
    for (size_t i = 0; i < n; i++) total += values[i];
    return n > 0 ? total / (double)n : NAN;
}

double pvi_deviation(const double *values, size_t n) {
    if (n < 2) return NAN;
    double mean = pvi_mean(values, n), squares = 0;
    for (size_t i = 0; i < n; i++) squares += (values[i] - mean) * (values[i] - mean);
    return sqrt(squares / (double)(n - 1));
}

/* P(|T| < tan(angle) sqrt(freedom)): a finite sum for whole degrees of freedom (Abramowitz & Stegun 26.7.3 and 26.7.4). */
static double student_inside(double angle, uint64_t freedom) {
    bool odd = freedom % 2 != 0;
    double square = cos(angle) * cos(angle), term = odd ? cos(angle) : 1, sum = 0;
    for (uint64_t k = odd ? 1 : 0; k + 2 <= freedom; k += 2) {
        sum += term;
        term *= square * (double)(k + 1) / (double)(k + 2);
    }
    return odd ? (angle + sin(angle) * sum) * 2 / acos(-1) : sin(angle) * sum;
}

double pvi_student_t(double level, uint64_t freedom) {
    if (!(level > 0 && level < 1) || freedom == 0) return NAN;
    double low = 0, high = acos(-1) / 2;
    for (int halvings = 0; halvings < 60; halvings++) {
        double middle = (low + high) / 2;
        if (student_inside(middle, freedom) < level) low = middle;
        else high = middle;
    }
    return tan((low + high) / 2) * sqrt((double)freedom);
}

void pvi_mean_interval(const double *values, size_t n, double level, double *low, double *high) {
    *low = *high = NAN;
    if (n < 2) return;
    double mean = pvi_mean(values, n), half = pvi_student_t(level, n - 1) * pvi_deviation(values, n) / sqrt((double)n);
    *low = mean - half;
    *high = mean + half;
}

static double quantile_of_sorted(const double *sorted, size_t n, double q) {
    double place = q * (double)(n - 1);
    size_t below = (size_t)place;
    double share = place - (double)below;
    if (share == 0 || sorted[below] == sorted[below + 1]) return sorted[below];
    return sorted[below] + share * (sorted[below + 1] - sorted[below]);
}

pvg_status pvi_quantile(pvi_env *env, const double *values, size_t n, double q, double *out) {
    if (!(q >= 0 && q <= 1)) return pvi_fail(env, PVG_E_RANGE, NAME, "a quantile at %g was asked for; wanted is 0 to 1", q);
    double *sorted;
    pvg_status status = sorted_copy(env, "value", values, n, &sorted);
    if (status != PVG_OK) return status;
    *out = n > 0 ? quantile_of_sorted(sorted, n, q) : NAN;
    pvi_free(env, sorted);
    return PVG_OK;
}

pvg_status pvi_calibration_error(pvi_env *env, const double *probability, const int32_t *right, size_t n, double *out) {
    enum { BINS = 10 };
    double chance[BINS] = {0}, hits[BINS] = {0};
    for (size_t i = 0; i < n; i++) {
        double p = probability[i];
        if (!(p >= 0 && p <= 1))
            return pvi_fail(env, PVG_E_NUMERIC, NAME, "probability %zu of %zu is %g; wanted is 0 to 1", i, n, p);
        size_t bin = p < 1 ? (size_t)(p * BINS) : BINS - 1;
        chance[bin] += p;
        hits[bin] += right[i] != 0;
    }
    double gap = 0; /* size / n * |hits / size - chance / size|, summed */
    for (size_t b = 0; b < BINS; b++) gap += fabs(hits[b] - chance[b]);
    *out = n > 0 ? gap / (double)n : NAN;
    return PVG_OK;
}

/* ---- bootstrap ---- */

typedef struct cluster {
    uint64_t group;
    size_t position; /* of its first value: keeps the order total */
    double sum, count;
} cluster;

static int by_group(const void *a, const void *b) {
    const cluster *x = a, *y = b;
    if (x->group != y->group) return x->group < y->group ? -1 : 1;
    return (x->position > y->position) - (x->position < y->position);
}

/* One cluster a group (a value without groups); returns how many. */
static size_t make_clusters(const double *values, const uint64_t *group, size_t n, cluster *out) {
    for (size_t i = 0; i < n; i++) out[i] = (cluster){group != NULL ? group[i] : i, i, values[i], 1};
    qsort(out, n, sizeof *out, by_group);
    size_t count = 0;
    for (size_t i = 0; i < n; i++) {
        if (count > 0 && out[count - 1].group == out[i].group) {
            out[count - 1].sum += out[i].sum;
            out[count - 1].count++;
        } else {
            out[count++] = out[i];
        }
    }
    return count;
}

static double resampled_mean(const cluster *clusters, size_t count, uint64_t seed, uint64_t draw) {
    pvi_rng rng = pvi_rng_stream(seed, "bootstrap", draw, 0);
    double sum = 0, size = 0;
    for (size_t i = 0; i < count; i++) {
        const cluster *c = &clusters[pvi_rng_below(&rng, count)];
        sum += c->sum;
        size += c->count;
    }
    return sum / size;
}

pvg_status pvi_bootstrap_mean(pvi_env *env, const double *values, const uint64_t *group, size_t n, uint32_t draws,
                              uint64_t seed, double level, double *low, double *high) {
    if (draws < 1 || !(level > 0 && level < 1))
        return pvi_fail(env, PVG_E_RANGE, NAME, "a bootstrap of %u draws at level %g was asked for; wanted are at least 1 "
                        "draw and a level between 0 and 1", draws, level);
    pvg_status status = refuse_nan(env, "value", values, n);
    if (status != PVG_OK) return status;
    *low = *high = NAN;
    if (n == 0) return PVG_OK;
    cluster *clusters = pvi_alloc(env, n, sizeof *clusters);
    double *means = clusters != NULL ? pvi_alloc(env, draws, sizeof *means) : NULL;
    if (means != NULL) {
        size_t count = make_clusters(values, group, n, clusters);
        for (uint32_t d = 0; d < draws; d++) means[d] = resampled_mean(clusters, count, seed, d);
        qsort(means, draws, sizeof *means, by_value);
        *low = quantile_of_sorted(means, draws, (1 - level) / 2);
        *high = quantile_of_sorted(means, draws, (1 + level) / 2);
    }
    pvi_free(env, means);
    pvi_free(env, clusters);
    return means != NULL ? PVG_OK : PVG_E_NOMEM;
}
