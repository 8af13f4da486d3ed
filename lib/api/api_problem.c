/* api_problem.c - the step oracle and the error injector of built-in problems. */
#include "api/api_objects.h"

#include "game/oracle.h"

pvg_status pvg_oracle_check(pvg_context *context, const char *chain, const char *solution, size_t length,
                            pvg_oracle_result *out) {
    API_ENTER(context);
    API_NEED(context, chain);
    API_NEED(context, solution);
    API_NEED(context, out);
    pvi_problem problem;
    API_TRY(pvi_problem_read_chain(&context->env, chain, strlen(chain), &problem));
    pvi_oracle_result found;
    pvi_oracle_check(&problem, solution, pvi_api_length(solution, length), &found);
    pvg_oracle_result result = {.struct_size = sizeof result, .steps = found.steps, .full = found.full, .bare = found.bare,
                                .omitted = found.omitted, .arithmetic_errors = found.arithmetic_errors,
                                .grounding_errors = found.grounding_errors, .mismatch = found.mismatch,
                                .answered = found.answered, .right = found.right, .valid = found.valid,
                                .fully_shown = found.fully_shown, .answer = found.answer, .lines = found.lines,
                                .first_error = found.first_error};
    return pvi_api_write_struct(&context->env, "pvg_oracle_result", out, &result, sizeof result);
}

/* Keeps the line that was asked for. */
typedef struct line_search {
    size_t wanted, seen;
    pvi_oracle_line found;
} line_search;

static void look_at_line(void *user, const pvi_oracle_line *line) {
    line_search *search = user;
    if (search->seen++ == search->wanted) search->found = *line;
}

pvg_status pvg_oracle_read_line(pvg_context *context, const char *chain, const char *solution, size_t length, size_t index,
                                pvg_oracle_line *out) {
    API_ENTER(context);
    API_NEED(context, chain);
    API_NEED(context, solution);
    API_NEED(context, out);
    pvi_problem problem;
    API_TRY(pvi_problem_read_chain(&context->env, chain, strlen(chain), &problem));
    line_search search = {.wanted = index};
    pvi_oracle_result whole;
    pvi_oracle_lines(&problem, solution, pvi_api_length(solution, length), look_at_line, &search, &whole);
    if (index >= search.seen)
        return pvi_fail(&context->env, PVG_E_RANGE, "oracle", "line %zu was asked for, and the solution has %zu", index, search.seen);
    const pvi_oracle_line *l = &search.found;
    pvg_oracle_line line = {.struct_size = sizeof line, .step = l->step, .full = l->full, .arithmetic = l->arithmetic,
                            .grounded = l->grounded, .distractor = l->distractor, .omitted = l->omitted,
                            .begin = l->begin, .end = l->end};
    return pvi_api_write_struct(&context->env, "pvg_oracle_line", out, &line, sizeof line);
}

static pvg_status check_kinds(pvi_env *env, pvg_rendering rendering, pvg_injection kind) {
    if (rendering != PVG_RENDERING_COMPACT && rendering != PVG_RENDERING_ENGLISH)
        return pvi_fail(env, PVG_E_RANGE, "oracle", "rendering is %d: PVG_RENDERING_COMPACT (0) and PVG_RENDERING_ENGLISH (1) are known", rendering);
    if (kind < PVG_INJECT_NONE || kind > PVG_INJECT_ANSWER)
        return pvi_fail(env, PVG_E_RANGE, "oracle", "the kind of error is %d: PVG_INJECT_NONE (0) to PVG_INJECT_ANSWER (4) are known", kind);
    return PVG_OK;
}

pvg_status pvg_problem_inject(pvg_context *context, const char *chain, pvg_rendering rendering, pvg_injection kind,
                              int32_t largest, uint64_t seed, char *buffer, size_t capacity, size_t *needed,
                              int32_t *changed) {
    API_ENTER(context);
    API_NEED(context, chain);
    API_TRY(check_kinds(&context->env, rendering, kind));
    if (largest < 1) return pvi_fail(&context->env, PVG_E_RANGE, "oracle", "largest is %d: at least 1", largest);
    pvi_problem problem;
    API_TRY(pvi_problem_read_chain(&context->env, chain, strlen(chain), &problem));
    pvi_text text;
    bool wrong = false;
    pvi_text_init(&text, &context->env);
    pvg_status status = pvi_problem_inject(&context->env, &problem, rendering, kind, largest, seed, &text, &wrong);
    if (status == PVG_OK) status = pvi_text_ok(&text);
    if (status == PVG_OK) status = pvi_api_give(context, text.data, text.length, buffer, capacity, needed);
    if (status == PVG_OK && changed != NULL) *changed = wrong;
    pvi_text_free(&text);
    return status;
}
