/* problem.c - making problems, what a reference solution shows, and the machine form. */
#include "game/problem.h"

#include <string.h>

#include "game/problem_render.h"

static const char NAME[] = "problems";

/* Of values and operands in the machine form. */
enum { VALUE_MAX = 1000000000 };

const char *pvi_operation_sign(pvi_operation operation) {
    static const char *const signs[4] = {"+", "-", "*", "/"};
    return signs[operation];
}

bool pvi_operation_apply(pvi_operation operation, int64_t before, int64_t operand, int64_t *value) {
    switch (operation) {
    case PVI_ADD: return !__builtin_add_overflow(before, operand, value);
    case PVI_SUBTRACT: return !__builtin_sub_overflow(before, operand, value);
    case PVI_MULTIPLY: return !__builtin_mul_overflow(before, operand, value);
    case PVI_DIVIDE:
        if (operand == 0 || (operand == -1 && before == INT64_MIN) || before % operand != 0) return false;
        *value = before / operand;
        return true;
    }
    return false;
}

/* ---- making ---- */

pvg_status pvi_problem_check(pvi_env *env, const pvi_problem_options *o) {
    if (o->min_steps < 1 || o->max_steps > PVI_STEPS_MAX)
        return pvi_fail(env, PVG_E_RANGE, NAME, "min_steps %d and max_steps %d must be 1..%d", o->min_steps,
                        o->max_steps, PVI_STEPS_MAX);
    if (o->min_steps > o->max_steps)
        return pvi_fail(env, PVG_E_RANGE, NAME, "min_steps %d is more than max_steps %d", o->min_steps, o->max_steps);
    if (o->largest < 5 || o->largest > VALUE_MAX)
        return pvi_fail(env, PVG_E_RANGE, NAME, "largest %d must be 5..%d", o->largest, VALUE_MAX);
    if (o->largest_operand < 2)
        return pvi_fail(env, PVG_E_RANGE, NAME, "largest_operand %d must be at least 2", o->largest_operand);
    if (o->largest_factor < 2)
        return pvi_fail(env, PVG_E_RANGE, NAME, "largest_factor %d must be at least 2", o->largest_factor);
    if (o->distractors < 0 || o->distractors > PVI_DISTRACTORS_MAX)
        return pvi_fail(env, PVG_E_RANGE, NAME, "distractors %d must be 0..%d", o->distractors, PVI_DISTRACTORS_MAX);
    return PVG_OK;
}

static int32_t least(int32_t a, int32_t b) { return a < b ? a : b; }

static bool divides(int32_t value, int32_t operand) { return value > 0 && value % operand == 0; }

/* How many of the operands 2..most can follow a value? Nothing is multiplied or divided when nothing is there. */
static int32_t fitting(const pvi_problem_options *o, pvi_operation operation, int32_t value) {
    int32_t most = 0, divisors = 0;
    switch (operation) {
    case PVI_ADD: most = least(o->largest_operand, o->largest - value); break;
    case PVI_SUBTRACT: most = least(o->largest_operand, value); break;
    case PVI_MULTIPLY: most = value > 0 ? least(o->largest_factor, o->largest / value) : 0; break;
    case PVI_DIVIDE:
        for (int32_t y = 2; y <= o->largest_factor && y <= value; y++) divisors += divides(value, y);
        return divisors;
    }
    return most > 1 ? most - 1 : 0;
}

static int32_t nth_fitting(pvi_operation operation, int32_t value, int32_t index) {
    int32_t y = 2;
    if (operation != PVI_DIVIDE) return y + index;
    for (;; y++)
        if (divides(value, y) && index-- == 0) return y;
}

/* As if operation and operand were drawn uniformly again and again until the result fits. There is always one: 2 can be
 * added to what is at most largest - 2, and taken from the rest. */
static void draw_step(const pvi_problem_options *o, int32_t value, pvi_rng *rng, pvi_step *step) {
    int32_t count[4] = {0};
    double weight[4] = {0}, sum = 0;
    for (int k = 0; k < (o->division ? 4 : 3); k++) {
        count[k] = fitting(o, (pvi_operation)k, value);
        weight[k] = (double)count[k] / ((k < PVI_MULTIPLY ? o->largest_operand : o->largest_factor) - 1);
        sum += weight[k];
    }
    double at = pvi_rng_unit(rng) * sum;
    int chosen = -1;
    for (int k = 0; k < 4; k++) {
        if (count[k] == 0) continue;
        chosen = k;
        if (at < weight[k]) break;
        at -= weight[k];
    }
    step->operation = (pvi_operation)chosen;
    step->operand = nth_fitting(step->operation, value, (int32_t)pvi_rng_below(rng, (uint64_t)count[chosen]));
    int64_t result = 0;
    pvi_operation_apply(step->operation, value, step->operand, &result);
    step->value = (int32_t)result;
}

static void draw_distractor(const pvi_problem_options *o, int32_t steps, pvi_rng *rng, pvi_distractor *out) {
    out->operation = (pvi_operation)pvi_rng_below(rng, o->division ? 4 : 3);
    bool factor = out->operation == PVI_MULTIPLY || out->operation == PVI_DIVIDE;
    out->operand = pvi_rng_between(rng, 2, least(factor ? o->largest_factor : o->largest_operand, o->largest));
    out->before = pvi_rng_between(rng, 0, steps);
}

static void sort_by_place(pvi_distractor *item, int32_t count) {
    for (int32_t i = 1; i < count; i++)
        for (int32_t j = i; j > 0 && item[j - 1].before > item[j].before; j--) {
            pvi_distractor swap = item[j];
            item[j] = item[j - 1];
            item[j - 1] = swap;
        }
}

void pvi_problem_make(const pvi_problem_options *o, uint64_t number, pvi_problem *out) {
    pvi_rng rng = pvi_rng_stream(o->seed, "problem", number, 0);
    memset(out, 0, sizeof *out);
    out->steps = pvi_rng_between(&rng, o->min_steps, o->max_steps);
    out->start = pvi_rng_between(&rng, 2, (int)((int64_t)o->largest * 3 / 4));
    int32_t value = out->start;
    for (int32_t s = 0; s < out->steps; s++) {
        draw_step(o, value, &rng, &out->step[s]);
        value = out->step[s].value;
    }
    out->distractors = o->distractors;
    for (int32_t d = 0; d < out->distractors; d++) draw_distractor(o, out->steps, &rng, &out->distractor[d]);
    sort_by_place(out->distractor, out->distractors);
    out->wording = pvi_rng_u32(&rng);
}

/* ---- writing ---- */

void pvi_problem_question(const pvi_problem *problem, pvg_rendering rendering, pvi_text *out) {
    if (rendering == PVG_RENDERING_ENGLISH) pvi_english_question(problem, out);
    else pvi_compact_question(problem, out);
}

void pvi_write_solution(const pvi_problem *problem, pvg_rendering rendering, const pvi_written_solution *solution,
                        pvi_text *out) {
    if (rendering == PVG_RENDERING_ENGLISH) pvi_english_solution(problem, solution, out);
    else pvi_compact_solution(solution, out);
}

void pvi_written_right(const pvi_problem *problem, pvi_written_solution *out) {
    int32_t before = problem->start;
    for (int32_t s = 0; s < problem->steps; s++) {
        const pvi_step *step = &problem->step[s];
        out->line[s] = (pvi_written_step){.full = true, .operation = step->operation, .before = before,
                                          .operand = step->operand, .value = step->value};
        before = step->value;
    }
    out->lines = problem->steps;
    out->answer = before;
}

void pvi_problem_solution(const pvi_problem *problem, pvg_rendering rendering, const pvi_solution_style *style,
                          pvi_rng *rng, pvi_text *out) {
    pvi_written_solution all, shown = {.lines = 0};
    pvi_written_right(problem, &all);
    bool all_full = pvi_rng_unit(rng) < style->all_full;
    for (int32_t s = 0; s < all.lines; s++) {
        double draw = pvi_rng_unit(rng);
        bool full = all_full || draw < style->full;
        if (!full && draw >= style->full + style->bare) continue;
        all.line[s].full = full;
        shown.line[shown.lines++] = all.line[s];
    }
    shown.answer = all.answer;
    pvi_write_solution(problem, rendering, &shown, out);
}

/* ---- the machine form: "chain1 11 *2=22 +3=25 -2=23 | *2@1 | 305419896" ---- */

void pvi_problem_write_chain(const pvi_problem *p, pvi_text *out) {
    pvi_text_printf(out, "chain1 %d", p->start);
    for (int32_t s = 0; s < p->steps; s++)
        pvi_text_printf(out, " %s%d=%d", pvi_operation_sign(p->step[s].operation), p->step[s].operand,
                        p->step[s].value);
    pvi_text_puts(out, " |");
    for (int32_t d = 0; d < p->distractors; d++)
        pvi_text_printf(out, " %s%d@%d", pvi_operation_sign(p->distractor[d].operation), p->distractor[d].operand,
                        p->distractor[d].before);
    pvi_text_printf(out, " | %u", p->wording);
}

typedef struct reader {
    pvi_env *env;
    const char *chain, *at, *end;
} reader;

static pvg_status wanted(const reader *r, const char *what) {
    int shown = r->end - r->chain < 200 ? (int)(r->end - r->chain) : 200;
    return pvi_fail(r->env, PVG_E_FORMAT, NAME, "chain '%.*s': byte %zu: wanted %s", shown, r->chain,
                    (size_t)(r->at - r->chain), what);
}

static bool take_text(reader *r, const char *text) {
    size_t length = strlen(text);
    if ((size_t)(r->end - r->at) < length || memcmp(r->at, text, length) != 0) return false;
    r->at += length;
    return true;
}

/* Plain decimal without leading zeros, so that every problem has one form only. */
static bool take_number(reader *r, int64_t lowest, int64_t highest, int64_t *out) {
    const char *from = r->at;
    int64_t value = 0;
    while (r->at < r->end && *r->at >= '0' && *r->at <= '9' && value <= highest) value = value * 10 + (*r->at++ - '0');
    bool plain = r->at > from && (r->at == from + 1 || *from != '0');
    if (plain && value >= lowest && value <= highest) {
        *out = value;
        return true;
    }
    r->at = from;
    return false;
}

static bool take_operation(reader *r, pvi_operation *out) {
    for (int k = 0; k < 4; k++)
        if (take_text(r, pvi_operation_sign((pvi_operation)k))) {
            *out = (pvi_operation)k;
            return true;
        }
    return false;
}

static pvg_status read_step(reader *r, int64_t before, pvi_step *out) {
    int64_t operand, value, right = -1;
    if (!take_operation(r, &out->operation)) return wanted(r, "an operation: + - * or /");
    if (!take_number(r, 1, VALUE_MAX, &operand)) return wanted(r, "an operand of 1..1000000000");
    if (!take_text(r, "=")) return wanted(r, "'='");
    const char *at = r->at;
    if (!take_number(r, 0, VALUE_MAX, &value)) return wanted(r, "a value of 0..1000000000");
    if (!pvi_operation_apply(out->operation, before, operand, &right) || right != value) {
        r->at = at;
        return wanted(r, "the value that the step gives");
    }
    out->operand = (int32_t)operand;
    out->value = (int32_t)value;
    return PVG_OK;
}

static pvg_status read_distractor(reader *r, int32_t lowest, int32_t steps, pvi_distractor *out) {
    int64_t operand, before;
    if (!take_operation(r, &out->operation)) return wanted(r, "an operation: + - * or /");
    if (!take_number(r, 1, VALUE_MAX, &operand)) return wanted(r, "an operand of 1..1000000000");
    if (!take_text(r, "@")) return wanted(r, "'@'");
    if (!take_number(r, lowest, steps, &before)) return wanted(r, "the step it stands before, in rising order");
    out->operand = (int32_t)operand;
    out->before = (int32_t)before;
    return PVG_OK;
}

static pvg_status read_steps(reader *r, pvi_problem *p) {
    int64_t value;
    if (!take_number(r, 0, VALUE_MAX, &value)) return wanted(r, "a start of 0..1000000000");
    p->start = (int32_t)value;
    while (!take_text(r, " |")) {
        if (!take_text(r, " ")) return wanted(r, "one blank");
        if (p->steps == PVI_STEPS_MAX) return wanted(r, "no more than 8 steps");
        pvg_status status = read_step(r, pvi_problem_answer(p), &p->step[p->steps]);
        if (status != PVG_OK) return status;
        p->steps++;
    }
    return p->steps > 0 ? PVG_OK : wanted(r, "at least one step");
}

pvg_status pvi_problem_read_chain(pvi_env *env, const char *chain, size_t length, pvi_problem *out) {
    reader r = {.env = env, .chain = chain, .at = chain, .end = chain + length};
    pvi_problem p;
    memset(&p, 0, sizeof p);
    if (!take_text(&r, "chain1 ")) return wanted(&r, "'chain1 '");
    pvg_status status = read_steps(&r, &p);
    int32_t lowest = 0;
    while (status == PVG_OK && !take_text(&r, " | ")) {
        if (!take_text(&r, " ")) return wanted(&r, "one blank");
        if (p.distractors == PVI_DISTRACTORS_MAX) return wanted(&r, "no more than 3 distractors");
        status = read_distractor(&r, lowest, p.steps, &p.distractor[p.distractors]);
        lowest = p.distractor[p.distractors++].before;
    }
    if (status != PVG_OK) return status;
    int64_t wording;
    if (!take_number(&r, 0, UINT32_MAX, &wording)) return wanted(&r, "the number of the wording");
    if (r.at != r.end) return wanted(&r, "the end");
    p.wording = (uint32_t)wording;
    *out = p;
    return PVG_OK;
}
