/* advantage.c - group baselines: how much better a sample was than the others of its problem. */
#include <math.h>

#include "learn/losses.h"

/* Deviations that are this small beside the values are rounding, not information: dividing by them would turn equal
 * rewards into advantages of one. */
static const double NOISE = 1e-12;

double pvi_group_center(const double *value, size_t count, double *out) {
    double sum = 0, largest = 0;
    for (size_t i = 0; i < count; i++) {
        sum += value[i];
        if (fabs(value[i]) > largest) largest = fabs(value[i]);
    }
    double mean = sum / (double)count, squares = 0;
    for (size_t i = 0; i < count; i++) {
        out[i] = value[i] - mean;
        squares += out[i] * out[i];
    }
    double deviation = sqrt(squares / (double)count);
    if (!(deviation <= NOISE * largest)) return deviation; /* also when it is NaN */
    for (size_t i = 0; i < count; i++) out[i] = 0;
    return 0;
}

static void divide(double *value, size_t count, double by) {
    for (size_t i = 0; i < count; i++) value[i] = by == 0 ? 0 : value[i] / by;
}

/* Divide the samples of each role by the root of their mean square. */
static void divide_by_role(const int32_t *role, size_t count, double *value) {
    for (int32_t r = PVG_ROLE_NEUTRAL; r <= PVG_ROLE_SNEAKY; r++) {
        double squares = 0;
        size_t members = 0;
        for (size_t i = 0; i < count; i++)
            if (role == NULL ? r == 0 : role[i] == r) {
                squares += value[i] * value[i];
                members++;
            }
        if (members == 0 || squares == 0) continue; /* all zero: they stay zero */
        double rms = sqrt(squares / (double)members);
        for (size_t i = 0; i < count; i++)
            if (role == NULL ? r == 0 : role[i] == r) value[i] /= rms;
    }
}

void pvi_advantages(const double *reward, const int32_t *role, size_t count, size_t group, pvi_advantage_scale scale,
                    double *out) {
    for (size_t from = 0; from < count; from += group) {
        size_t size = count - from < group ? count - from : group;
        double deviation = pvi_group_center(reward + from, size, out + from);
        if (scale == PVI_ADVANTAGE_GROUP_STD) divide(out + from, size, deviation);
    }
    if (scale == PVI_ADVANTAGE_ROLE_RMS) divide_by_role(role, count, out);
}
