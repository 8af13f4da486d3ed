/* reader.h - a judge with little time: it checks a solution's steps in random order until its time is up.
 *
 * What there is to check: every line, and the final answer. Checking a calculation takes one check, a result without its
 * calculation two (the reader makes it up and checks it), and two more for every step left out on which the line or the
 * answer relies. A wrong one that was checked: the reader rejects. All checked: it accepts. Out of time: it tosses a coin.
 * The check in progress when time runs out was made in time with the share of it that there was time for; so two checks'
 * worth of work is half done, and not lost, when one check is left. */
#ifndef PVI_READER_H
#define PVI_READER_H

#include "game/oracle.h"

enum { PVI_READER_MOST = 8 }; /* largest budget */

/* A solution to be checked. */
typedef struct pvi_checklist {
    struct {
        int32_t cost;
        bool wrong;
    } item[64];
    int32_t items;
    bool answered;
} pvi_checklist;
/* What the oracle found on the way is wanted too, or not (NULL). Lines beyond the first 63 are not looked at. */
void pvi_reader_take(const pvi_problem *problem, const char *solution, size_t length, pvi_checklist *out, pvi_oracle_result *result);
/* Chance that a reader with `budget` checks (0..PVI_READER_MOST) accepts, over all orders. A solution without a final answer
 * is rejected. */
double pvi_reader_accepts(const pvi_checklist *reader, int32_t budget);

#endif
