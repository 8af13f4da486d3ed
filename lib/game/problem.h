/* problem.h - the built-in source of grade-school word problems: seeded, of any count and difficulty, with exact answers.
 *
 * A problem is a chain: somebody starts with a number of things, and each step adds, takes away, multiplies or divides.
 * Distractor clauses tell of somebody or something else and change nothing. The same chain is written in two
 * renderings. Every value is a whole number from 0 to `largest`. Small-scale recipe: docs/game.md.
 *
 *   compact   " A 11 A times 2 A more 3 B times 2 A less 2"      every word and number is one token with its blank
 *             " 11 * 2 = 22 . 25 . 25 - 2 = 23 . A: 23"
 *   English   "Nora has 11 apples. By the end of the month, she has twice as many apples as before. ..."
 *             "Nora now has 11 * 2 = 22 apples.\nThat makes 25 apples.\n...\n#### 23" */
#ifndef PVI_PROBLEM_H
#define PVI_PROBLEM_H

#include "base/env.h"
#include "base/rng.h"
#include "base/text.h"

enum { PVI_STEPS_MAX = 8, PVI_DISTRACTORS_MAX = 3 };

typedef struct pvi_problem_options {
    uint64_t seed;
    int32_t min_steps, max_steps;  /* 1..PVI_STEPS_MAX */
    int32_t largest;               /* no value is larger */
    int32_t largest_operand;       /* of + and -: 2..largest_operand */
    int32_t largest_factor;        /* of * and /: 2..largest_factor */
    bool division;                 /* exact divisions too */
    int32_t distractors;           /* exactly so many a problem */
} pvi_problem_options;

typedef enum pvi_operation { PVI_ADD = 0, PVI_SUBTRACT = 1, PVI_MULTIPLY = 2, PVI_DIVIDE = 3 } pvi_operation;

typedef struct pvi_step {
    pvi_operation operation;
    int32_t operand, value; /* value: the result of this step */
} pvi_step;

typedef struct pvi_distractor {
    pvi_operation operation;
    int32_t operand;
    int32_t before; /* stands before this step; == steps: after the last */
} pvi_distractor;

typedef struct pvi_problem {
    int32_t start, steps, distractors;
    pvi_step step[PVI_STEPS_MAX];
    pvi_distractor distractor[PVI_DISTRACTORS_MAX];
    uint32_t wording; /* chooses names, things and templates of the English rendering */
} pvi_problem;

static inline int32_t pvi_problem_answer(const pvi_problem *p) { return p->steps > 0 ? p->step[p->steps - 1].value : p->start; }
/* "+", "-", "*", "/" */
const char *pvi_operation_sign(pvi_operation operation);
/* False for a division that does not come out, or by 0. */
bool pvi_operation_apply(pvi_operation operation, int64_t before, int64_t operand, int64_t *value);

/* PVG_E_RANGE naming the option when the bounds contradict each other or leave no problem. */
pvg_status pvi_problem_check(pvi_env *env, const pvi_problem_options *options);
/* Problem `number` of the source: a pure function of options and number. */
void pvi_problem_make(const pvi_problem_options *options, uint64_t number, pvi_problem *out);

/* Append the question, on one line, without a newline at the end. */
void pvi_problem_question(const pvi_problem *problem, pvg_rendering rendering, pvi_text *out);

/* How much of the work a reference solution shows: with probability `all_full` every step is a calculation; else each
 * step is one with probability `full`, its result alone with probability `bare`, or left out. The answer is always there. */
typedef struct pvi_solution_style { double all_full, full, bare; } pvi_solution_style;
/* Append a right solution. rng chooses what is shown. */
void pvi_problem_solution(const pvi_problem *problem, pvg_rendering rendering, const pvi_solution_style *style, pvi_rng *rng,
                          pvi_text *out);

/* The machine form, one line of ASCII: all of *problem. Reading checks every value against the chain (PVG_E_FORMAT). */
void pvi_problem_write_chain(const pvi_problem *problem, pvi_text *out);
pvg_status pvi_problem_read_chain(pvi_env *env, const char *chain, size_t length, pvi_problem *out);

#endif
