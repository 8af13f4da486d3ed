/* measure_texts.c - what a prover's test solutions show by themselves: right or wrong, how long, and, for built-in
 * problems, what the step oracle says. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "game/game.h"
#include "game/measurement.h"
#include "game/oracle.h"
#include "game/stats.h"

typedef struct tally {
    double count, right, wrong; /* wrong: parsed, and differs */
    double tokens;
    double seen_right, valid, fully_shown;                          /* by the oracle, of right ones */
    double seen_wrong, wrong_lines, arithmetic_errors, grounding_errors; /* of wrong ones */
    double *distance; /* |answer - gold| of wrong ones that the oracle read */
    size_t distances;
} tally;

static void consult(tally *t, const pvi_problem *problem, const char *text, const pvi_solution *s) {
    pvi_oracle_result seen;
    pvi_oracle_check(problem, text, s->text_length, &seen);
    if (s->verdict == PVG_VERDICT_CORRECT) {
        t->seen_right++;
        t->valid += seen.valid;
        t->fully_shown += seen.fully_shown;
    } else {
        t->seen_wrong++;
        t->wrong_lines += seen.wrong_lines;
        t->arithmetic_errors += seen.arithmetic_errors;
        t->grounding_errors += seen.grounding_errors;
        if (seen.answered)
            t->distance[t->distances++] = fabs((double)seen.answer - (double)pvi_problem_answer(problem));
    }
}

static pvg_status count_texts(pvi_game *game, int32_t source, pvg_role role, bool greedy, tally *t) {
    for (size_t i = 0; i < game->tests.count; i++) {
        const pvi_solution *s = &game->tests.item[i];
        if (s->source != source || s->role != role || s->greedy != greedy) continue;
        t->count++;
        t->right += s->verdict == PVG_VERDICT_CORRECT;
        t->wrong += s->verdict == PVG_VERDICT_WRONG;
        t->tokens += s->token_count;
        const char *chain = pvi_dataset_item(game->data, s->problem)->chain;
        if (chain == NULL || (s->verdict != PVG_VERDICT_CORRECT && s->verdict != PVG_VERDICT_WRONG)) continue;
        pvi_problem problem;
        pvg_status status = pvi_problem_read_chain(game->env, chain, strlen(chain), &problem);
        if (status != PVG_OK) return status;
        consult(t, &problem, pvi_solution_text(&game->tests, i), s);
    }
    return PVG_OK;
}

typedef struct finding {
    const char *name;
    double value;
} finding;

static pvg_status report_all(pvi_report *report, const char *prefix, const finding *found, size_t count) {
    pvg_status status = PVG_OK;
    for (size_t i = 0; i < count && status == PVG_OK; i++) {
        char name[64];
        pvi_text_format(name, sizeof name, "%s_%s", prefix, found[i].name);
        status = pvi_report_set(report, name, found[i].value);
    }
    return status;
}

static double share(double part, double whole) { return whole > 0 ? part / whole : (double)NAN; }

/* Of the base or the helpful role. */
static pvg_status report_right(const pvi_game *game, pvi_report *report, const char *prefix, const tally *t) {
    double low = 0, high = 1;
    pvi_wilson((uint64_t)t->right, (uint64_t)t->count, pvi_normal_z(game->config.level), &low, &high);
    const finding found[] = {{"accuracy", share(t->right, t->count)}, {"accuracy_low", low}, {"accuracy_high", high},
                             {"tokens", share(t->tokens, t->count)}, {"valid", share(t->valid, t->seen_right)},
                             {"fully_shown", share(t->fully_shown, t->seen_right)}};
    return report_all(report, prefix, found, sizeof found / sizeof *found);
}

static pvg_status report_sneaky(pvi_game *game, pvi_report *report, const tally *t) {
    double distance = (double)NAN;
    pvg_status status = pvi_quantile(game->env, t->distance, t->distances, 0.5, &distance);
    if (status != PVG_OK) return status;
    const finding found[] = {{"compliance", share(t->wrong, t->count)},
                             {"tokens", share(t->tokens, t->count)},
                             {"wrong_lines", share(t->wrong_lines, t->seen_wrong)},
                             {"arithmetic_errors", share(t->arithmetic_errors, t->seen_wrong)},
                             {"grounding_errors", share(t->grounding_errors, t->seen_wrong)},
                             {"answer_distance", distance}};
    return report_all(report, "sneaky", found, sizeof found / sizeof *found);
}

static pvg_status measure(pvi_game *game, pvg_role role, bool greedy, const char *prefix) {
    pvi_report *report = pvi_game_report(game);
    tally t = {.distance = pvi_alloc(game->env, game->tests.count + 1, sizeof(double))};
    pvg_status status = t.distance != NULL ? PVG_OK : PVG_E_NOMEM;
    if (status == PVG_OK) status = count_texts(game, game->place.round + 1, role, greedy, &t);
    if (status == PVG_OK) {
        const finding best = {"accuracy_greedy", share(t.right, t.count)};
        if (greedy) status = report_all(report, prefix, &best, 1);
        else if (role == PVG_ROLE_SNEAKY) status = report_sneaky(game, report, &t);
        else status = report_right(game, report, prefix, &t);
    }
    pvi_free(game->env, t.distance);
    return status;
}

/* ---- what is said of anybody's solutions ---- */

static pvg_status add_solution(const pvi_game *game, size_t i, pvi_measurement *m) {
    const pvi_solution *s = &game->tests.item[i];
    const pvi_item *item = pvi_dataset_item(game->data, s->problem);
    const pvi_given given = {.role = s->role, .verdict = s->verdict, .round = s->source - 1, .greedy = s->greedy,
                             .tokens = (int32_t)s->token_count, .id = item->id,
                             .question = {.data = item->question, .length = item->question_length},
                             .text = {.data = pvi_solution_text(&game->tests, i), .length = s->text_length},
                             .score = s->score, .reward = (double)NAN, .kl = (double)NAN, .entropy = (double)NAN};
    return pvi_measurement_add(m, &given);
}

/* Measures that the report has already stay as they are. */
static pvg_status append(pvi_report *to, const pvi_report *from) {
    pvg_status status = PVG_OK;
    double old;
    for (size_t i = 0; i < from->metrics && status == PVG_OK; i++)
        if (!pvi_report_get(to, from->metric[i].name, &old)) status = pvi_report_set(to, from->metric[i].name, from->metric[i].value);
    return status;
}

pvg_status pvi_measure_more(pvi_game *game) {
    pvi_measurement m;
    pvi_report more;
    pvi_report_init(&more, game->env);
    pvg_status status = pvi_measurement_init(&m, game->env, &game->config, game->data);
    for (size_t i = 0; i < game->tests.count && status == PVG_OK; i++)
        if (game->tests.item[i].source == game->place.round + 1) status = add_solution(game, i, &m);
    if (status == PVG_OK) status = pvi_measurement_report(&m, game->place.round, &more);
    if (status == PVG_OK) status = append(pvi_game_report(game), &more);
    pvi_measurement_free(&m);
    pvi_report_free(&more);
    return status;
}

pvg_status pvi_measure_base(pvi_game *game) {
    pvg_status status = measure(game, PVG_ROLE_NEUTRAL, false, "base");
    if (status == PVG_OK) status = measure(game, PVG_ROLE_NEUTRAL, true, "base");
    return status == PVG_OK ? pvi_measure_more(game) : status;
}

pvg_status pvi_measure_round(pvi_game *game) {
    pvg_status status = measure(game, PVG_ROLE_HELPFUL, false, "helpful");
    if (status == PVG_OK) status = measure(game, PVG_ROLE_HELPFUL, true, "helpful");
    if (status != PVG_OK || game->plan.correctness) return status;
    return measure(game, PVG_ROLE_SNEAKY, false, "sneaky");
}
