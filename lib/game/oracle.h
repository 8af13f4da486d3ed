/* oracle.h - is every step of a written solution of a built-in problem shown, right, and about the right quantities?
 * Exact, for any text, in either rendering. And its counterpart: solutions with one stated error. */
#ifndef PVI_ORACLE_H
#define PVI_ORACLE_H

#include "game/problem.h"

/* A full line is `x op y = z`; a bare line gives a value alone. A full line is an arithmetic error when x op y != z; a
 * grounding error when (op, y) is not the next or a later step of the chain, or x is not the value reached so far (the
 * oracle computes what skipped steps give, and counts those as omitted; after a wrong line the value reached is what
 * that line claims). A bare line is a grounding error when its value is not that of the next or a later step, from the
 * value reached so far. A wrong line that matches no step stands in for a step if one is missing before the next line
 * that does; if none is, it was one too many. Calculations without a result, false chains of equalities and long
 * calculations (a op b op c = d, otherwise a bare line) that do not come out are arithmetic errors. */
typedef struct pvi_oracle_result {
    int32_t steps;               /* of the problem */
    int32_t full, bare, omitted; /* steps written, right or wrong, as a calculation, as a result only, or not at all;
                                    together all steps */
    int32_t lines;               /* step lines found, right or wrong */
    int32_t wrong_lines;         /* of these */
    int32_t arithmetic_errors, grounding_errors; /* wrong lines of a kind; one line may be of both */
    bool mismatch;               /* the final answer is not what the last line and steps omitted after it give */
    bool answered, right;        /* marks of the final answer as in grade.h: one value, read by the strongest mark */
    bool valid;                  /* right, no wrong line, no mismatch, nothing omitted */
    bool fully_shown;            /* valid, and every step is a full line */
    int64_t answer;              /* 0 when there is none, or none that a problem can have */
    int32_t first_error;         /* index of the first wrong line, -1: none */
} pvi_oracle_result;
void pvi_oracle_check(const pvi_problem *problem, const char *solution, size_t length, pvi_oracle_result *out);

/* One of the lines, in the order of the text. It is valid when `arithmetic` and `grounded`. */
typedef struct pvi_oracle_line {
    int32_t step;     /* of the problem that it writes; -1: none */
    bool full;        /* a calculation; else a value alone */
    bool arithmetic;  /* comes out */
    bool grounded;    /* about the right quantities */
    bool distractor;  /* not grounded, and a distractor's operation and operand */
    int32_t omitted;  /* steps not written before it, on which it relies */
    size_t begin, end; /* its bytes, from its first number to its last */
} pvi_oracle_line;
typedef void (*pvi_oracle_line_fn)(void *user, const pvi_oracle_line *line);
/* The same, and tell of every line. */
void pvi_oracle_lines(const pvi_problem *problem, const char *solution, size_t length, pvi_oracle_line_fn each, void *user,
                      pvi_oracle_result *out);

/* Append a full solution with one error of the kind, followed through consistently: what comes after uses the wrong
 * value, and its own arithmetic is right.
 *   RESULT      one result is off by 1..3
 *   OPERAND     one line starts from a value off by 1..3, or has an operand off by 1..3 that is not beyond the problem's
 *               largest of its kind
 *   DISTRACTOR  one line has a distractor's operation and operand in place of its own
 *   ANSWER      the final answer is off by 1..3
 *   NONE        the right solution
 * Drawn uniformly from all places where the oracle finds that error and no other. All values stay within 0..limit (the
 * problems' `largest`), so that size alone never gives an error away. *changed: the final answer is wrong.
 * PVG_E_NOT_FOUND when the problem offers no place for the kind (no distractor, no room within the limit). */
pvg_status pvi_problem_inject(pvi_env *env, const pvi_problem *problem, pvg_rendering rendering, pvg_injection kind,
                              int32_t limit, uint64_t seed, pvi_text *out, bool *changed);

#endif
