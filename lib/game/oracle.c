/* oracle.c - judging the lines of a solution against the chain of its problem. */
#include "game/oracle.h"

#include <string.h>

#include "game/oracle_judge.h"

void pvi_judge_begin(pvi_judge *j, const pvi_problem *problem, pvi_oracle_result *result) {
    memset(result, 0, sizeof *result);
    result->steps = problem->steps;
    result->first_error = -1;
    *j = (pvi_judge){.problem = problem, .result = result, .reached = problem->start};
}

static int32_t least(int32_t a, int32_t b) { return a < b ? a : b; }

/* What steps from..to-1 make of a value. */
static int64_t follow(const pvi_problem *problem, int64_t value, int32_t from, int32_t to) {
    for (int32_t s = from; s < to && value != PVI_NO_VALUE; s++)
        if (!pvi_operation_apply(problem->step[s].operation, value, problem->step[s].operand, &value))
            return PVI_NO_VALUE;
    return value;
}

/* The value before step `to`, if that is the next step written: of the steps passed over, wrong lines stand in for the
 * first ones. */
static int64_t value_before(const pvi_judge *j, int32_t to) {
    return follow(j->problem, j->reached, j->next + least(j->full + j->bare, to - j->next), to);
}

/* Steps up to `to` are done, not written or stood in for. */
static void pass(pvi_judge *j, int32_t to) {
    int32_t passed = to - j->next;
    int32_t full = least(passed, j->full), bare = least(passed - full, j->bare);
    j->result->full += full;
    j->result->bare += bare;
    j->result->omitted += passed - full - bare;
    j->next = to;
    j->full = j->bare = 0;
}

static bool same_operation(const pvi_step *step, const pvi_written_step *line) {
    return step->operation == line->operation && step->operand == line->operand;
}

/* The step that a line writes, or -1. *grounded: from the right value. */
static int32_t step_of_full(const pvi_judge *j, const pvi_written_step *line, bool *grounded) {
    const pvi_problem *p = j->problem;
    *grounded = true;
    for (int32_t s = j->next; s < p->steps; s++)
        if (same_operation(&p->step[s], line) && line->before != PVI_NO_VALUE && line->before == value_before(j, s))
            return s;
    *grounded = false;
    return j->next < p->steps && same_operation(&p->step[j->next], line) ? j->next : -1;
}

static int32_t step_of_bare(const pvi_judge *j, int64_t value) {
    for (int32_t s = j->next; s < j->problem->steps && value != PVI_NO_VALUE; s++) {
        int64_t before = value_before(j, s);
        if (before != PVI_NO_VALUE && follow(j->problem, before, s, s + 1) == value) return s;
    }
    return -1;
}

static bool holds(const pvi_written_step *line) {
    int64_t value;
    return line->before != PVI_NO_VALUE && line->operand != PVI_NO_VALUE &&
           pvi_operation_apply(line->operation, line->before, line->operand, &value) && value == line->value;
}

static bool is_distractor(const pvi_problem *p, const pvi_written_step *line) {
    for (int32_t d = 0; d < p->distractors; d++)
        if (line->full && p->distractor[d].operation == line->operation && p->distractor[d].operand == line->operand) return true;
    return false;
}

void pvi_judge_line(pvi_judge *j, const pvi_written_step *line, bool untrue) {
    pvi_oracle_result *r = j->result;
    int32_t omitted = r->omitted;
    bool grounded = false, arithmetic = !untrue && (!line->full || holds(line));
    int32_t step = line->full ? step_of_full(j, line, &grounded) : step_of_bare(j, line->value);
    if (!line->full) grounded = step >= 0;
    r->arithmetic_errors += !arithmetic;
    r->grounding_errors += !grounded;
    r->wrong_lines += !(arithmetic && grounded);
    if (!(arithmetic && grounded) && r->first_error < 0) r->first_error = r->lines;
    r->lines++;
    if (step >= 0) {
        pass(j, step);
        j->next++;
        *(line->full ? &r->full : &r->bare) += 1;
    } else {
        int32_t *stands_in = line->full ? &j->full : &j->bare;
        *stands_in = least(*stands_in + 1, PVI_STEPS_MAX);
    }
    j->reached = line->value;
    if (j->each == NULL) return;
    pvi_oracle_line seen = {.step = step, .full = line->full, .arithmetic = arithmetic, .grounded = grounded,
                            .distractor = !grounded && is_distractor(j->problem, line), .omitted = r->omitted - omitted,
                            .begin = j->begin, .end = j->end};
    j->each(j->user, &seen);
}

void pvi_judge_end(pvi_judge *j, bool answered, int64_t answer) {
    pvi_oracle_result *r = j->result;
    int64_t implied = value_before(j, r->steps);
    pass(j, r->steps);
    r->answered = answered;
    r->answer = answered && answer != PVI_NO_VALUE ? answer : 0;
    r->right = answered && answer == pvi_problem_answer(j->problem);
    r->mismatch = answered && answer != implied;
    r->valid = r->right && r->first_error < 0 && !r->mismatch && r->omitted == 0;
    r->fully_shown = r->valid && r->full == r->steps;
}

void pvi_oracle_check(const pvi_problem *problem, const char *solution, size_t length, pvi_oracle_result *out) {
    pvi_oracle_lines(problem, solution, length, NULL, NULL, out);
}

void pvi_oracle_lines(const pvi_problem *problem, const char *solution, size_t length, pvi_oracle_line_fn each, void *user,
                      pvi_oracle_result *out) {
    pvi_judge judge;
    int64_t answer = 0;
    pvi_judge_begin(&judge, problem, out);
    judge.each = each;
    judge.user = user;
    bool answered = pvi_oracle_read(&judge, solution, length, &answer);
    pvi_judge_end(&judge, answered, answer);
}
