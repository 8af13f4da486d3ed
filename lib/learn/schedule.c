/* schedule.c - the learning rate over the steps: linear warm-up, then constant, linear or half a cosine. */
#include <math.h>

#include "learn/trainer.h"

double pvi_schedule_at(const pvi_schedule *schedule, int64_t step) {
    if (step < schedule->warmup) return (double)(step + 1) / (double)schedule->warmup;
    if (schedule->kind == PVI_DECAY_CONSTANT) return 1.0;
    int64_t length = schedule->total - schedule->warmup, passed = step - schedule->warmup;
    if (length <= 0) return 1.0; /* all warm-up: nothing is left to decay over */
    if (passed >= length) return schedule->final_share;
    double progress = (double)passed / (double)length;
    double left = schedule->kind == PVI_DECAY_LINEAR ? 1.0 - progress : 0.5 * (1.0 + cos(3.14159265358979323846 * progress));
    return schedule->final_share + (1.0 - schedule->final_share) * left;
}
