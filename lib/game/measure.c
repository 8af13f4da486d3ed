/* measure.c - what a verifier can tell apart: base solutions, the provers' of every round, and solutions with one
 * injected error. The tables of verifiers by provers. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "game/control.h"
#include "game/game.h"
#include "game/stats.h"

static bool is_last(const pvi_game *game) { return game->place.stage == PVI_STAGE_LAST_MEASURE; }
static int32_t verifier_of(const pvi_game *game) { return is_last(game) ? game->plan.rounds : game->place.round; }

static pvg_status report(pvi_game *game, const char *name, double value) {
    char full[64];
    pvi_text_format(full, sizeof full, "%s%s", is_last(game) ? "last_" : "", name);
    return pvi_report_set(pvi_game_report(game), full, value);
}

static pvg_status report_interval(pvi_game *game, const char *name, const double value[3]) {
    static const char *const end[3] = {"", "_low", "_high"};
    pvg_status status = PVG_OK;
    for (int i = 0; i < 3 && status == PVG_OK; i++) {
        char full[64];
        pvi_text_format(full, sizeof full, "%s%s", name, end[i]);
        status = report(game, full, value[i]);
    }
    return status;
}

/* ---- groups of test solutions ---- */

/* Test solutions of one source and role, sampled, with or without a verdict, and their scores. */
typedef struct crowd {
    uint32_t *index;
    double *score;
    size_t count;
} crowd;

typedef bool (*choice)(const pvi_solution *s);
static bool is_right(const pvi_solution *s) { return s->verdict == PVG_VERDICT_CORRECT; }
static bool is_wrong(const pvi_solution *s) { return s->verdict == PVG_VERDICT_WRONG; }
static bool is_not_right(const pvi_solution *s) { return s->verdict != PVG_VERDICT_CORRECT; }

static void free_crowd(pvi_env *env, crowd *c) {
    pvi_free(env, c->index);
    pvi_free(env, c->score);
    memset(c, 0, sizeof *c);
}

static pvg_status choose(pvi_game *game, int32_t source, pvg_role role, choice wanted, crowd *out) {
    *out = (crowd){pvi_alloc(game->env, game->tests.count + 1, sizeof *out->index),
                   pvi_alloc(game->env, game->tests.count + 1, sizeof *out->score), 0};
    if (out->index == NULL || out->score == NULL) return PVG_E_NOMEM;
    for (size_t i = 0; i < game->tests.count; i++) {
        const pvi_solution *s = &game->tests.item[i];
        if (s->source == source && s->role == role && !s->greedy && wanted(s)) out->index[out->count++] = (uint32_t)i;
    }
    return PVG_OK;
}

/* Scores by a verifier; a round's own were taken when its test was sampled. */
static pvg_status score(pvi_game *game, int32_t verifier, int32_t source, crowd *c) {
    if (source != verifier + 1) return pvi_game_score(game, verifier, &game->tests, c->index, c->count, c->score);
    for (size_t i = 0; i < c->count; i++) c->score[i] = game->tests.item[c->index[i]].score;
    return PVG_OK;
}

static pvg_status scored(pvi_game *game, int32_t verifier, int32_t source, pvg_role role, choice wanted, crowd *out) {
    pvg_status status = choose(game, source, role, wanted, out);
    return status == PVG_OK ? score(game, verifier, source, out) : status;
}

/* ---- against the base, and against itself ---- */

static pvg_status report_auc(pvi_game *game, const char *name, const crowd *right, const crowd *wrong) {
    double auc[3] = {(double)NAN, (double)NAN, (double)NAN};
    pvg_status status = pvi_auc_interval(game->env, right->score, right->count, wrong->score, wrong->count,
                                         game->config.level, &auc[0], &auc[1], &auc[2]);
    return status == PVG_OK ? report_interval(game, name, auc) : status;
}

static pvg_status compare(pvi_game *game, const char *name, int32_t source, pvg_role role) {
    crowd right = {0}, wrong = {0};
    pvg_status status = scored(game, verifier_of(game), source, role, is_right, &right);
    if (status == PVG_OK) status = scored(game, verifier_of(game), source, role, is_not_right, &wrong);
    if (status == PVG_OK) status = report_auc(game, name, &right, &wrong);
    free_crowd(game->env, &right);
    free_crowd(game->env, &wrong);
    return status;
}

/* ---- verifier i against prover j ---- */

static double mean_sigmoid(const crowd *c) {
    double sum = 0;
    for (size_t i = 0; i < c->count; i++) sum += 1 / (1 + exp(-c->score[i]));
    return c->count > 0 ? sum / (double)c->count : (double)NAN;
}

static pvg_status fooled_share(pvi_game *game, const crowd *helpful, const crowd *sneaky, double *out) {
    double median = (double)NAN, above = 0;
    pvg_status status = pvi_quantile(game->env, helpful->score, helpful->count, 0.5, &median);
    for (size_t i = 0; i < sneaky->count; i++) above += sneaky->score[i] > median;
    *out = helpful->count > 0 && sneaky->count > 0 ? above / (double)sneaky->count : (double)NAN;
    return status;
}

static pvg_status set_cell(pvi_game *game, const char *name, int32_t row, int32_t column, double value) {
    size_t rounds = (size_t)game->plan.rounds;
    pvi_table *table = NULL;
    pvg_status status = pvi_report_table(&game->summary, name, rounds + 1, rounds, &table);
    if (status == PVG_OK) table->cell[(size_t)row * rounds + (size_t)column] = value;
    return status;
}

static pvg_status fill_cells(pvi_game *game, int32_t row, int32_t column, const crowd *helpful, const crowd *sneaky) {
    double auc = (double)NAN, fooled = (double)NAN;
    pvg_status status = pvi_auc(game->env, helpful->score, helpful->count, sneaky->score, sneaky->count, &auc);
    if (status == PVG_OK) status = fooled_share(game, helpful, sneaky, &fooled);
    if (status == PVG_OK) status = set_cell(game, "auc", row, column, auc);
    if (status == PVG_OK) status = set_cell(game, "sneaky_score", row, column, mean_sigmoid(sneaky));
    if (status == PVG_OK) status = set_cell(game, "helpful_score", row, column, mean_sigmoid(helpful));
    if (status == PVG_OK) status = set_cell(game, "fooled", row, column, fooled);
    return status;
}

static pvg_status meet(pvi_game *game, int32_t verifier, int32_t round) {
    crowd helpful = {0}, sneaky = {0};
    pvg_status status = scored(game, verifier, round + 1, PVG_ROLE_HELPFUL, is_right, &helpful);
    if (status == PVG_OK) status = scored(game, verifier, round + 1, PVG_ROLE_SNEAKY, is_wrong, &sneaky);
    if (status == PVG_OK) status = fill_cells(game, verifier, round, &helpful, &sneaky);
    if (status == PVG_OK && verifier == verifier_of(game) && round == game->place.round) {
        status = report_auc(game, "verifier_auc", &helpful, &sneaky);
        if (status == PVG_OK) status = report(game, "helpful_score", mean_sigmoid(&helpful));
        if (status == PVG_OK) status = report(game, "sneaky_score", mean_sigmoid(&sneaky));
    }
    free_crowd(game->env, &helpful);
    free_crowd(game->env, &sneaky);
    return status;
}

/* ---- the control: does the verifier check steps, or know its opponent's habits? ---- */

static pvg_status score_control(void *user, const uint32_t *problem, const pvi_span *text, size_t count, double *score) {
    pvi_game *game = user;
    uint32_t *index = pvi_alloc(game->env, count + 1, sizeof *index);
    if (index == NULL) return PVG_E_NOMEM;
    for (size_t i = 0; i < count; i++) index[i] = game->half[PVI_HALF_TEST][problem[i]];
    pvg_status status = pvi_game_score_texts(game, verifier_of(game), index, text, count, score);
    pvi_free(game->env, index);
    return status;
}

static pvg_status control(pvi_game *game) {
    const pvi_config *config = &game->config;
    size_t count = game->half_count[PVI_HALF_TEST];
    if ((uint64_t)config->control_problems < count) count = (size_t)config->control_problems;
    const char **chain = pvi_alloc(game->env, count + 1, sizeof *chain);
    uint64_t *seed = pvi_alloc(game->env, count + 1, sizeof *seed);
    double area[PVI_CONTROL_KINDS][3];
    pvg_status status = chain != NULL && seed != NULL ? PVG_OK : PVG_E_NOMEM;
    for (size_t i = 0; i < count && status == PVG_OK; i++) {
        chain[i] = pvi_dataset_item(game->data, game->half[PVI_HALF_TEST][i])->chain;
        seed[i] = config->seed + game->half[PVI_HALF_TEST][i];
    }
    const pvi_control job = {.env = game->env, .chain = chain, .seed = seed, .count = count, .rendering = config->rendering,
                             .largest = config->problems.largest, .level = config->level, .score = score_control, .user = game};
    if (status == PVG_OK) status = pvi_control_areas(&job, area);
    for (size_t k = 0; k < PVI_CONTROL_KINDS && status == PVG_OK; k++) {
        char name[64];
        pvi_text_format(name, sizeof name, "control_auc_%s", pvi_control_kind[k]);
        status = report_interval(game, name, area[k]);
    }
    pvi_free(game->env, chain);
    pvi_free(game->env, seed);
    return status;
}

/* ---- mode=verifier: the test part of the labelled solutions ---- */

static pvg_status measure_held_out(pvi_game *game) {
    crowd right = {0}, wrong = {0};
    pvg_status status = choose(game, 0, PVG_ROLE_NEUTRAL, is_right, &right);
    if (status == PVG_OK) status = choose(game, 0, PVG_ROLE_NEUTRAL, is_wrong, &wrong);
    if (status == PVG_OK) status = pvi_game_score(game, 0, &game->tests, right.index, right.count, right.score);
    if (status == PVG_OK) status = pvi_game_score(game, 0, &game->tests, wrong.index, wrong.count, wrong.score);
    if (status == PVG_OK) status = report_auc(game, "verifier_auc", &right, &wrong);
    uint64_t told = 0, count = right.count + wrong.count;
    for (size_t i = 0; i < right.count; i++) told += right.score[i] > 0;
    for (size_t i = 0; i < wrong.count; i++) told += wrong.score[i] <= 0;
    double value[3] = {count > 0 ? (double)told / (double)count : (double)NAN, 0, 1};
    pvi_wilson(told, count, pvi_normal_z(game->config.level), &value[1], &value[2]);
    if (status == PVG_OK) status = report_interval(game, "verifier_accuracy", value);
    if (status == PVG_OK) status = report(game, "test_right", (double)right.count);
    if (status == PVG_OK) status = report(game, "test_wrong", (double)wrong.count);
    free_crowd(game->env, &right);
    free_crowd(game->env, &wrong);
    return status == PVG_OK ? pvi_report_copy(&game->summary, &game->reports[0]) : status;
}

/* ---- the stage: one unit a comparison ---- */

enum { UNIT_TEXTS, UNIT_BASE, UNIT_OWN, UNIT_CONTROL, UNIT_TABLE };

int64_t pvi_measure_units(const pvi_game *game, pvi_place place) {
    if (game->plan.verifier_only || game->plan.correctness) return 1;
    if (place.stage == PVI_STAGE_LAST_MEASURE) return UNIT_TABLE + game->plan.rounds;
    return UNIT_TABLE + 2 + 2 * place.round;
}

/* Cell by cell: this verifier on every round so far, then the earlier verifiers on this round. A host's verifier cannot
 * be asked for its earlier selves. */
static pvg_status measure_cell(pvi_game *game, int32_t cell) {
    if (is_last(game)) return meet(game, game->plan.rounds, cell);
    int32_t round = game->place.round;
    if (cell <= round) return meet(game, round, cell);
    return game->checker != NULL ? PVG_OK : meet(game, cell - round - 1, round);
}

pvg_status pvi_unit_measure(pvi_game *game) {
    if (game->plan.verifier_only) return measure_held_out(game);
    switch (game->unit) {
    case UNIT_TEXTS: return is_last(game) ? PVG_OK : pvi_measure_round(game);
    case UNIT_BASE: return compare(game, "verifier_auc_base", 0, PVG_ROLE_NEUTRAL);
    case UNIT_OWN:
        return is_last(game) ? PVG_OK : compare(game, "verifier_auc_own", game->place.round + 1, PVG_ROLE_HELPFUL);
    case UNIT_CONTROL: return control(game);
    default:
        if (!is_last(game) && game->unit + 1 == game->units) return pvi_measure_more(game);
        return measure_cell(game, (int32_t)(game->unit - UNIT_TABLE));
    }
}
