/* inject.c - solutions with one stated error. Every candidate error is written out, followed through and judged; one
 * is drawn from those whose lines show exactly that error and no other. */
#include <string.h>

#include "game/oracle_judge.h"

static const char NAME[] = "problems";

enum {
    OFF_MOST = 3, /* results, starting values and answers are off by 1..3 */
    CANDIDATES = PVI_STEPS_MAX * 4 * OFF_MOST
};

/* What one line does differently; 0, 0, NULL: nothing. */
typedef struct slip {
    int32_t line;
    int64_t value_off, before_off, operand; /* operand 0: as it is */
    const pvi_distractor *distractor;
} slip;

static bool within(int64_t value, int32_t limit) { return value >= 0 && value <= limit; }

/* The whole chain with one slip. False when a division does not come out or a value leaves 0..limit. */
static bool follow_through(const pvi_problem *problem, const slip *error, int32_t limit, pvi_written_solution *out) {
    int64_t reached = problem->start;
    pvi_written_right(problem, out);
    for (int32_t s = 0; s < out->lines; s++) {
        pvi_written_step *line = &out->line[s];
        bool here = s == error->line;
        line->before = reached + (here ? error->before_off : 0);
        if (here && error->operand > 0) line->operand = error->operand;
        if (here && error->distractor != NULL) {
            line->operation = error->distractor->operation;
            line->operand = error->distractor->operand;
        }
        if (!pvi_operation_apply(line->operation, line->before, line->operand, &line->value)) return false;
        if (here) line->value += error->value_off;
        if (!within(line->before, limit) || !within(line->value, limit)) return false;
        reached = line->value;
    }
    out->answer = reached;
    return true;
}

static void judge_written(const pvi_problem *problem, const pvi_written_solution *solution, pvi_oracle_result *result) {
    pvi_judge judge;
    pvi_judge_begin(&judge, problem, result);
    for (int32_t i = 0; i < solution->lines; i++) pvi_judge_line(&judge, &solution->line[i], false);
    pvi_judge_end(&judge, true, solution->answer);
}

/* One wrong line, the slip's, and nothing else to find fault with. */
static bool shows(const pvi_problem *problem, const slip *error, bool arithmetic,
                  const pvi_written_solution *solution) {
    pvi_oracle_result r;
    judge_written(problem, solution, &r);
    return r.arithmetic_errors == arithmetic && r.grounding_errors == !arithmetic && r.first_error == error->line &&
           r.full == r.steps && !r.mismatch;
}

typedef struct slips {
    const pvi_problem *problem;
    int32_t limit, count;
    slip item[CANDIDATES];
} slips;

static void consider(slips *all, slip candidate) {
    pvi_written_solution solution;
    if (follow_through(all->problem, &candidate, all->limit, &solution) &&
        shows(all->problem, &candidate, candidate.value_off != 0, &solution))
        all->item[all->count++] = candidate;
}

static bool is_factor(pvi_operation operation) { return operation == PVI_MULTIPLY || operation == PVI_DIVIDE; }

/* The largest number that the problem adds or takes away (multiplies or divides by): a wrong operand beyond it could be
 * told by its size. */
static int32_t largest_operand(const pvi_problem *problem, bool factor) {
    int32_t most = 0;
    for (int32_t s = 0; s < problem->steps; s++)
        if (is_factor(problem->step[s].operation) == factor && problem->step[s].operand > most)
            most = problem->step[s].operand;
    for (int32_t d = 0; d < problem->distractors; d++)
        if (is_factor(problem->distractor[d].operation) == factor && problem->distractor[d].operand > most)
            most = problem->distractor[d].operand;
    return most;
}

static void consider_operands(slips *all, int32_t line) {
    const pvi_step *step = &all->problem->step[line];
    int32_t most = largest_operand(all->problem, is_factor(step->operation));
    for (int32_t off = -OFF_MOST; off <= OFF_MOST; off++) {
        int32_t operand = step->operand + off;
        if (off == 0) continue;
        if (operand >= 2 && operand <= most) consider(all, (slip){.line = line, .operand = operand});
        consider(all, (slip){.line = line, .before_off = off});
    }
}

static void collect(slips *all, pvg_injection kind) {
    for (int32_t line = 0; line < all->problem->steps; line++) {
        if (kind == PVG_INJECT_OPERAND) consider_operands(all, line);
        for (int32_t off = -OFF_MOST; off <= OFF_MOST && kind == PVG_INJECT_RESULT; off++)
            if (off != 0) consider(all, (slip){.line = line, .value_off = off});
        for (int32_t d = 0; d < all->problem->distractors && kind == PVG_INJECT_DISTRACTOR; d++)
            consider(all, (slip){.line = line, .distractor = &all->problem->distractor[d]});
    }
}

static bool slip_somewhere(const pvi_problem *problem, pvg_injection kind, int32_t limit, pvi_rng *rng,
                           pvi_written_solution *out) {
    slips all = {.problem = problem, .limit = limit};
    collect(&all, kind);
    if (all.count == 0) return false;
    return follow_through(problem, &all.item[pvi_rng_below(rng, (uint64_t)all.count)], limit, out);
}

static bool miss_answer(int32_t limit, pvi_rng *rng, pvi_written_solution *out) {
    int64_t choice[2 * OFF_MOST], count = 0;
    for (int64_t off = -OFF_MOST; off <= OFF_MOST; off++)
        if (off != 0 && within(out->answer + off, limit)) choice[count++] = out->answer + off;
    if (count == 0) return false;
    out->answer = choice[pvi_rng_below(rng, (uint64_t)count)];
    return true;
}

pvg_status pvi_problem_inject(pvi_env *env, const pvi_problem *problem, pvg_rendering rendering, pvg_injection kind,
                              int32_t limit, uint64_t seed, pvi_text *out, bool *changed) {
    pvi_rng rng = pvi_rng_stream(seed, "inject", (uint64_t)kind, 0);
    pvi_written_solution solution;
    bool found = true;
    pvi_written_right(problem, &solution);
    switch (kind) {
    case PVG_INJECT_NONE: break;
    case PVG_INJECT_ANSWER: found = miss_answer(limit, &rng, &solution); break;
    case PVG_INJECT_RESULT:
    case PVG_INJECT_OPERAND:
    case PVG_INJECT_DISTRACTOR: found = slip_somewhere(problem, kind, limit, &rng, &solution); break;
    default: return pvi_fail(env, PVG_E_INVALID, NAME, "injection %d is no kind of error", (int)kind);
    }
    if (!found)
        return pvi_fail(env, PVG_E_NOT_FOUND, NAME, "this problem offers no place for an error of kind %d within 0..%d",
                        (int)kind, limit);
    pvi_write_solution(problem, rendering, &solution, out);
    *changed = solution.answer != pvi_problem_answer(problem);
    return pvi_text_ok(out);
}
