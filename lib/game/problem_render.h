/* problem_render.h - writing questions and solutions; private to the built-in problems. */
#ifndef PVI_PROBLEM_RENDER_H
#define PVI_PROBLEM_RENDER_H

#include "game/problem.h"

/* One line of a solution, right or wrong: a calculation, or its result alone. */
typedef struct pvi_written_step {
    bool full;
    pvi_operation operation;
    int64_t before, operand, value;
} pvi_written_step;

typedef struct pvi_written_solution {
    pvi_written_step line[PVI_STEPS_MAX];
    int32_t lines;
    int64_t answer;
} pvi_written_solution;

/* Every step in full. */
void pvi_written_right(const pvi_problem *problem, pvi_written_solution *out);

void pvi_write_solution(const pvi_problem *problem, pvg_rendering rendering, const pvi_written_solution *solution,
                        pvi_text *out);

void pvi_compact_question(const pvi_problem *problem, pvi_text *out);
void pvi_compact_solution(const pvi_written_solution *solution, pvi_text *out);

void pvi_english_question(const pvi_problem *problem, pvi_text *out);
void pvi_english_solution(const pvi_problem *problem, const pvi_written_solution *solution, pvi_text *out);

#endif
