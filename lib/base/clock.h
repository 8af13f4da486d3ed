/* clock.h - monotonic time, for metrics and progress only: no result depends on it. */
#ifndef PVI_CLOCK_H
#define PVI_CLOCK_H
double pvi_clock(void); /* seconds */
#endif
