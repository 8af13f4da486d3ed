/* measurement_choices.c - what choosing by the score makes of many solutions of one problem: curves over how many there are. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "game/measurement_parts.h"
#include "game/stats.h"
#include "game/votes.h"

/* Votes are counted for so many best ones; VOTES are the columns of the table, the last of them all n. */
static const size_t top[] = {1, 3, 5, 10, 30};
enum { TOPS = sizeof top / sizeof *top, VOTES = TOPS + 1, VOTE_DRAWS = 200 };

/* A curve ends where few problems have enough solutions: fewer than 10, and fewer than a tenth of all. */
static bool are_enough(double problems, size_t all) { return problems > 0 && (problems >= 10 || 10 * problems >= (double)all); }

/* The ballots of one crowd, problem by problem. */
typedef struct booth {
    pvi_ballot *ballot;
    size_t *begin; /* [problems + 1] */
    uint32_t *answers; /* [problems]: different ones */
    size_t problems, most; /* most ballots of a problem */
    double *value; /* [problems] scratch */
} booth;

static void booth_free(pvi_env *env, booth *b) {
    pvi_free(env, b->ballot);
    pvi_free(env, b->begin);
    pvi_free(env, b->answers);
    pvi_free(env, b->value);
}

typedef struct entry {
    uint32_t problem, index;
    uint64_t answer;
} entry;

static int by_problem_and_answer(const void *a, const void *b) {
    const entry *x = a, *y = b;
    if (x->problem != y->problem) return x->problem < y->problem ? -1 : 1;
    if (x->answer != y->answer) return x->answer < y->answer ? -1 : 1;
    return (x->index > y->index) - (x->index < y->index);
}

static void fill_booth(const pvi_measurement *m, const entry *all, size_t count, booth *b) {
    for (size_t i = 0; i < count; i++) {
        bool fresh = i == 0 || all[i].problem != all[i - 1].problem;
        if (fresh) {
            b->begin[b->problems] = i;
            b->answers[b->problems++] = 0;
        }
        uint32_t *answers = &b->answers[b->problems - 1];
        if (all[i].answer != 0 && (fresh || all[i].answer != all[i - 1].answer)) ++*answers;
        const pvi_measured *s = &m->item[all[i].index];
        b->ballot[i] = (pvi_ballot){.score = s->score, .answer = all[i].answer != 0 ? *answers : 0,
                                    .right = s->verdict == PVG_VERDICT_CORRECT};
    }
    b->begin[b->problems] = count;
    for (size_t p = 0; p < b->problems; p++) {
        size_t size = b->begin[p + 1] - b->begin[p];
        pvi_ballots_sort(b->ballot + b->begin[p], size);
        if (size > b->most) b->most = size;
    }
}

static pvg_status booth_make(const pvi_measurement *m, const pvi_crowd *crowd, booth *b) {
    pvi_env *env = m->env;
    entry *all = pvi_alloc(env, crowd->count + 1, sizeof *all);
    *b = (booth){.ballot = pvi_alloc(env, crowd->count + 1, sizeof *b->ballot), .begin = pvi_alloc(env, crowd->count + 1, sizeof *b->begin),
                 .answers = pvi_alloc(env, crowd->count + 1, sizeof *b->answers), .value = pvi_alloc(env, crowd->count + 1, sizeof *b->value)};
    bool made = all != NULL && b->ballot != NULL && b->begin != NULL && b->answers != NULL && b->value != NULL;
    size_t count = 0;
    for (size_t i = 0; i < crowd->count && made; i++) {
        const pvi_measured *s = &m->item[crowd->index[i]];
        if (isnan(s->score) || s->verdict == PVG_VERDICT_UNGRADED) continue;
        all[count++] = (entry){s->problem, crowd->index[i], s->answer};
    }
    if (made) {
        qsort(all, count, sizeof *all, by_problem_and_answer);
        fill_booth(m, all, count, b);
    }
    pvi_free(env, all);
    return made ? PVG_OK : PVG_E_NOMEM;
}

/* ---- curves ---- */

typedef struct curve {
    const char *prefix, *name;
    const char *const *column;
    size_t columns, rows;
} curve;

static pvg_status label_columns(pvi_report *report, const curve *c, const char *table) {
    pvg_status status = PVG_OK;
    for (size_t i = 0; i < c->columns && status == PVG_OK; i++) status = pvi_report_label(report, table, false, i, c->column[i]);
    return status;
}

/* The row of n, one more than there was; the table grows. */
static pvg_status add_row(pvi_report *report, curve *c, const double *cell) {
    char name[PVI_MEASURE_NAME];
    pvi_table *table = NULL;
    pvi_text_format(name, sizeof name, "%s_%s", c->prefix, c->name);
    pvg_status status = pvi_report_table(report, name, c->rows + 1, c->columns, &table);
    if (status != PVG_OK) return status;
    memcpy(table->cell + c->rows * c->columns, cell, c->columns * sizeof *cell);
    return c->rows++ == 0 ? label_columns(report, c, name) : PVG_OK;
}

/* The mean over problems that have a value, as a metric and in out[1..3], with how many there were in out[4]. */
static pvg_status summarise(const pvi_measurement *m, booth *b, curve *c, size_t n, double out[5], pvi_report *report) {
    char name[PVI_MEASURE_NAME];
    size_t count = 0;
    for (size_t p = 0; p < b->problems; p++)
        if (!isnan(b->value[p])) b->value[count++] = b->value[p];
    out[0] = (double)n;
    out[4] = (double)count;
    if (!are_enough(out[4], b->problems)) return PVG_OK;
    pvg_status status = pvi_measure_mean(m, b->value, NULL, count, out + 1);
    pvi_text_format(name, sizeof name, "%s_%s_%zu", c->prefix, c->name, n);
    return status == PVG_OK ? pvi_measure_set_interval(report, name, out + 1) : status;
}

static double pass(const pvi_ballot *ballot, size_t count, size_t n) {
    size_t rights = 0;
    for (size_t i = 0; i < count; i++) rights += ballot[i].right;
    return pvi_pass_at_k(count, rights, n);
}

typedef double (*choosing)(const pvi_ballot *ballot, size_t count, size_t n);

static pvg_status report_curve(const pvi_measurement *m, booth *b, curve *c, choosing choose, size_t first, pvi_report *report) {
    pvg_status status = PVG_OK;
    for (size_t n = first; n <= b->most && status == PVG_OK; n *= 2) {
        double row[6] = {0};
        for (size_t p = 0; p < b->problems; p++) b->value[p] = choose(b->ballot + b->begin[p], b->begin[p + 1] - b->begin[p], n);
        status = summarise(m, b, c, n, row, report);
        if (status != PVG_OK || !are_enough(row[4], b->problems)) break;
        if (c->columns == 6) {
            double sum = 0;
            for (size_t p = 0; p < b->problems; p++) {
                double chance = pass(b->ballot + b->begin[p], b->begin[p + 1] - b->begin[p], n);
                sum += isnan(chance) ? 0 : chance;
            }
            row[5] = sum / row[4];
        }
        status = add_row(report, c, row);
    }
    return status;
}

static pvg_status vote(const pvi_measurement *m, const booth *b, size_t n, double row[VOTES + 2]) {
    size_t tops = 0, asked[VOTES];
    double won[VOTES], sum[VOTES] = {0};
    while (tops < TOPS && top[tops] < n) asked[tops] = top[tops], tops++;
    asked[tops++] = n;
    row[0] = (double)n;
    row[1] = 0;
    for (size_t p = 0; p < b->problems; p++) {
        size_t size = b->begin[p + 1] - b->begin[p];
        if (size < n) continue;
        pvg_status status = pvi_top_votes(m->env, b->ballot + b->begin[p], size, b->answers[p], n, asked, tops, VOTE_DRAWS,
                                          m->config->seed + p, won);
        if (status != PVG_OK) return status;
        for (size_t i = 0; i < tops; i++) sum[i] += won[i];
        row[1]++;
    }
    for (size_t i = 0; i < VOTES; i++) row[2 + i] = (double)NAN;
    for (size_t i = 0; i + 1 < tops; i++) row[2 + i] = sum[i] / row[1];
    row[1 + VOTES] = sum[tops - 1] / row[1];
    return PVG_OK;
}

static pvg_status report_votes(const pvi_measurement *m, const booth *b, const char *prefix, pvi_report *report) {
    static const char *const columns[VOTES + 2] = {"n", "problems", "top_1", "top_3", "top_5", "top_10", "top_30", "all"};
    curve c = {.prefix = prefix, .name = "votes", .column = columns, .columns = VOTES + 2};
    pvg_status status = PVG_OK;
    for (size_t n = 2; n <= b->most && status == PVG_OK; n *= 2) {
        double row[VOTES + 2];
        char name[PVI_MEASURE_NAME];
        status = vote(m, b, n, row);
        if (!are_enough(row[1], b->problems)) break;
        if (status == PVG_OK) status = add_row(report, &c, row);
        pvi_text_format(name, sizeof name, "%s_vote_%zu", prefix, n);
        if (status == PVG_OK) status = pvi_report_set(report, name, row[1 + VOTES]);
    }
    return status;
}

pvg_status pvi_measure_choices(pvi_measurement *m, int32_t round, pvg_role role, const pvi_crowd *crowd, pvi_report *report) {
    static const char *const best[6] = {"n", "right", "low", "high", "problems", "any_right"};
    const char *prefix = pvi_measure_prefix(round, role);
    curve ordinary = {.prefix = prefix, .name = "best_of", .column = best, .columns = 6};
    curve balanced = {.prefix = prefix, .name = "balanced_best_of", .column = best, .columns = 5};
    booth b = {0};
    pvg_status status = booth_make(m, crowd, &b);
    if (status == PVG_OK && b.most >= 2) {
        status = report_curve(m, &b, &ordinary, pvi_best_of, 1, report);
        if (status == PVG_OK) status = report_curve(m, &b, &balanced, pvi_balanced_best_of, 2, report);
        if (status == PVG_OK) status = report_votes(m, &b, prefix, report);
    } else if (status == PVG_OK && b.most == 1 && (round >= 0 || m->rounds == 0)) {
        pvi_measure_note(m, "best-of-n and votes of %s solutions: there is one scored solution a problem; several are wanted", prefix);
    }
    booth_free(m->env, &b);
    return status;
}
