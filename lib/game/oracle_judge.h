/* oracle_judge.h - what the oracle reads from a text, and what it makes of it line by line; private to game/. */
#ifndef PVI_ORACLE_JUDGE_H
#define PVI_ORACLE_JUDGE_H

#include "game/oracle.h"
#include "game/problem_render.h"

/* A number that no value of a problem equals: a fraction, or beyond 10^12. */
#define PVI_NO_VALUE INT64_MIN

typedef struct pvi_judge {
    const pvi_problem *problem;
    pvi_oracle_result *result;
    int64_t reached;   /* what the text has established; PVI_NO_VALUE: nothing usable */
    int32_t next;      /* first step not yet accounted for */
    int32_t full, bare; /* wrong lines that match no step: each may stand in for one that is then not written */
    pvi_oracle_line_fn each; /* NULL: nobody is told */
    void *user;
    size_t begin, end; /* bytes of the line to be judged next */
} pvi_judge;

void pvi_judge_begin(pvi_judge *judge, const pvi_problem *problem, pvi_oracle_result *result);
/* `untrue`: the line itself says something false or unfinished beyond `before op operand = value`. */
void pvi_judge_line(pvi_judge *judge, const pvi_written_step *line, bool untrue);
void pvi_judge_end(pvi_judge *judge, bool answered, int64_t answer);

/* Feeds every line of a text to the judge. True when there is one final answer. */
bool pvi_oracle_read(pvi_judge *judge, const char *text, size_t length, int64_t *answer);

#endif
