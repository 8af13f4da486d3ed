/* control.h - the injected-error control: does a verifier check steps, or does it know its opponent's habits? Clean worked
 * solutions against the same with one error of one kind, followed through consistently (oracle.h): style tells nothing. */
#ifndef PVI_CONTROL_H
#define PVI_CONTROL_H

#include "game/exchange.h"
#include "game/oracle.h"

enum { PVI_CONTROL_KINDS = 4 };
extern const char *const pvi_control_kind[PVI_CONTROL_KINDS]; /* "result", "operand", "distractor", "answer" */

typedef struct pvi_control {
    pvi_env *env;
    const char *const *chain; /* [count] of problems; NULL: not a built-in one, passed over */
    const uint64_t *seed;     /* [count] draw the place of the error */
    size_t count;
    pvg_rendering rendering;
    int32_t largest; /* no value of a solution is larger */
    double level;    /* of the intervals */
    /* Scores of solutions of problems, by their place in `chain`. */
    pvg_status (*score)(void *user, const uint32_t *problem, const pvi_span *text, size_t count, double *score);
    void *user;
} pvi_control;

/* Areas by kind, clean above wrong, each with its interval; NaN where no problem has a place for the kind. */
pvg_status pvi_control_areas(const pvi_control *control, double area[PVI_CONTROL_KINDS][3]);

#endif
