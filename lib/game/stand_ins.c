/* stand_ins.c - what stands in for right or wrong solutions when the base gives almost none: the helpful role, the
 * sneaky role and the verifier each need both to learn from, and a game should not end for want of them. */
#include <math.h>
#include <string.h>

#include "game/game.h"
#include "game/oracle.h"

pvg_status pvi_game_forge(pvi_game *game, pvg_injection kind, uint32_t index, uint64_t seed, pvi_text *out,
                          bool *made) {
    const char *chain = pvi_dataset_item(game->data, index)->chain;
    *made = false;
    if (chain == NULL) return PVG_OK;
    pvi_problem problem;
    bool changed = false;
    size_t before = out->length;
    pvg_status status = pvi_problem_read_chain(game->env, chain, strlen(chain), &problem);
    if (status == PVG_OK)
        status = pvi_problem_inject(game->env, &problem, game->config.rendering, kind, game->config.problems.largest,
                                    seed, out, &changed);
    if (status == PVG_E_NOT_FOUND) return PVG_OK; /* no place for this error */
    if (status == PVG_OK) status = pvi_text_ok(out);
    if (status != PVG_OK) return status;
    *made = kind == PVG_INJECT_NONE || changed;
    if (!*made) out->length = before;
    return PVG_OK;
}

static pvg_status add(pvi_solutions *raw, uint32_t problem, pvg_verdict verdict, const char *text, size_t length) {
    pvi_solution s = {.problem = problem, .verdict = verdict, .finished = true, .score = (double)NAN};
    return pvi_solutions_add(raw, &s, NULL, NULL, 0, text, length);
}

/* Reference solutions of a half. */
static pvg_status add_right(pvi_game *game, int half, size_t wanted, pvi_solutions *raw) {
    size_t before = raw->count;
    pvg_status status = PVG_OK;
    for (size_t i = 0; i < game->half_count[half] && raw->count - before < wanted && status == PVG_OK; i++) {
        const pvi_item *item = pvi_dataset_item(game->data, game->half[half][i]);
        if (item->solution_length == 0) continue;
        status = add(raw, game->half[half][i], PVG_VERDICT_CORRECT, item->solution, item->solution_length);
    }
    return status;
}

/* A solution with one wrong result; where the steps are not known, the next problem's solution. */
static pvg_status write_wrong(pvi_game *game, int half, size_t i, pvi_text *text) {
    uint32_t index = game->half[half][i];
    bool made = false;
    pvi_text_clear(text);
    pvg_status status = pvi_game_forge(game, PVG_INJECT_RESULT, index, game->config.seed + index, text, &made);
    if (status != PVG_OK || made) return status;
    const pvi_item *next = pvi_dataset_item(game->data, game->half[half][(i + 1) % game->half_count[half]]);
    pvi_text_append(text, next->solution, next->solution_length);
    return pvi_text_ok(text);
}

static pvg_status add_wrong(pvi_game *game, int half, size_t wanted, pvi_solutions *raw) {
    size_t before = raw->count;
    pvi_text text;
    pvi_text_init(&text, game->env);
    pvg_status status = PVG_OK;
    for (size_t i = 0; i < game->half_count[half] && raw->count - before < wanted && status == PVG_OK; i++) {
        uint32_t problem = game->half[half][i];
        const char *gold = pvi_game_gold(game, problem);
        pvi_grade grade = {.verdict = PVG_VERDICT_UNGRADED};
        status = write_wrong(game, half, i, &text);
        if (status == PVG_OK && text.length > 0)
            status = pvi_grade_solution(game->env, &game->config.grading, gold, strlen(gold), text.data, text.length,
                                        &grade);
        if (status == PVG_OK && grade.verdict == PVG_VERDICT_WRONG)
            status = add(raw, problem, PVG_VERDICT_WRONG, text.data, text.length);
    }
    pvi_text_free(&text);
    return status;
}

/* Metrics are made before the solutions change, and then only given their value: that cannot fail. */
pvg_status pvi_game_stand_in(pvi_game *game, pvi_solutions *all, int half, const char *prefix, size_t share,
                             bool readable) {
    enum { RIGHT, WRONG, RIGHT_ADDED, WRONG_ADDED, COUNTS };
    static const char *const ends[COUNTS] = {"right_samples", "wrong_samples", "stand_ins", "wrong_stand_ins"};
    size_t count[COUNTS] = {0};
    char name[COUNTS][48];
    for (size_t i = 0; i < all->count; i++) {
        count[RIGHT] += all->item[i].verdict == PVG_VERDICT_CORRECT;
        count[WRONG] += all->item[i].verdict == PVG_VERDICT_WRONG;
    }
    pvg_status status = PVG_OK;
    for (int i = 0; i < COUNTS && status == PVG_OK; i++) {
        pvi_text_format(name[i], sizeof name[i], "%s_%s", prefix, ends[i]);
        status = pvi_report_set(&game->summary, name[i], (double)count[i]);
    }
    size_t right = all->count / share > 0 ? all->count / share : 1, wrong = all->count / 32 > 0 ? all->count / 32 : 1;
    size_t wrongs = readable ? count[WRONG] : all->count - count[RIGHT];
    pvi_solutions raw;
    pvi_solutions_init(&raw, game->env);
    if (status == PVG_OK && count[RIGHT] < right) status = add_right(game, half, right - count[RIGHT], &raw);
    count[RIGHT_ADDED] = raw.count;
    if (status == PVG_OK && 2 * count[RIGHT] > all->count && wrongs < wrong)
        status = add_wrong(game, half, wrong - wrongs, &raw);
    count[WRONG_ADDED] = raw.count - count[RIGHT_ADDED];
    if (status == PVG_OK) status = pvi_game_canonical(game, &raw, all);
    pvi_solutions_free(&raw);
    for (int i = RIGHT_ADDED; i < COUNTS && status == PVG_OK; i++)
        status = pvi_report_set(&game->summary, name[i], (double)count[i]);
    return status;
}
