/* problem_compact.c - problems for small models: every word and number, the first too, has one blank before it, so that
 * each is the same single token wherever it stands.
 *
 * Question: " A 11 A times 2 A more 3 B times 2 A less 2". A is who is asked about, B stands for everybody else.
 * Solution: " 11 * 2 = 22 . 25 . 25 - 2 = 23 . A: 23": the full stop lets the grader read what follows as
 * the final answer. */
#include "game/problem_render.h"

static const char *const words[4] = {"more", "less", "times", "over"};

static void clause(pvi_text *out, char who, pvi_operation operation, int32_t operand) {
    pvi_text_printf(out, " %c %s %d", who, words[operation], operand);
}

void pvi_compact_question(const pvi_problem *p, pvi_text *out) {
    pvi_text_printf(out, " A %d", p->start);
    int32_t next = 0;
    for (int32_t s = 0; s <= p->steps; s++) {
        for (; next < p->distractors && p->distractor[next].before == s; next++)
            clause(out, 'B', p->distractor[next].operation, p->distractor[next].operand);
        if (s < p->steps) clause(out, 'A', p->step[s].operation, p->step[s].operand);
    }
}

void pvi_compact_solution(const pvi_written_solution *solution, pvi_text *out) {
    for (int32_t i = 0; i < solution->lines; i++) {
        const pvi_written_step *line = &solution->line[i];
        if (line->full)
            pvi_text_printf(out, " %lld %s %lld =", (long long)line->before, pvi_operation_sign(line->operation),
                            (long long)line->operand);
        pvi_text_printf(out, " %lld .", (long long)line->value);
    }
    pvi_text_printf(out, " A: %lld", (long long)solution->answer);
}
