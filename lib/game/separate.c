/* separate.c - see separate.h. */
#include "game/separate.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/rng.h"
#include "game/stats.h"
#include "game/words.h"

enum { FEATURES = 4096, CONSTANT = FEATURES, WEIGHTS = FEATURES + 1, LONGEST_RUN = 3, FOLDS = 5, MOST_STEPS = 400 };

/* Texts as sparse rows. */
typedef struct rows {
    size_t count;
    size_t *begin;   /* [count + 1] */
    uint16_t *index; /* of a feature */
    double *value;
    size_t entries, entry_capacity, value_capacity;
} rows;

static void rows_free(pvi_env *env, rows *r) {
    pvi_free(env, r->begin);
    pvi_free(env, r->index);
    pvi_free(env, r->value);
}

static pvg_status add_entry(pvi_env *env, rows *r, size_t feature, double value) {
    pvg_status status = pvi_reserve(env, (void **)&r->index, &r->entry_capacity, r->entries + 1, sizeof *r->index);
    if (status == PVG_OK) status = pvi_reserve(env, (void **)&r->value, &r->value_capacity, r->entries + 1, sizeof *r->value);
    if (status != PVG_OK) return status;
    r->index[r->entries] = (uint16_t)feature;
    r->value[r->entries++] = value;
    return PVG_OK;
}

/* `tally` is all zero before and after. */
static pvg_status add_row(pvi_env *env, pvi_span text, uint32_t *tally, rows *r) {
    uint64_t *word = NULL;
    size_t words = 0;
    pvg_status status = pvi_words(env, text.data, text.length, &word, &words);
    if (status != PVG_OK) return status;
    for (size_t n = 1; n <= LONGEST_RUN; n++)
        for (size_t i = 0; i + n <= words; i++) tally[pvi_words_run(word + i, n) % FEATURES]++;
    double squares = 0;
    for (size_t f = 0; f < FEATURES && status == PVG_OK; f++) {
        if (tally[f] == 0) continue;
        double value = log1p(tally[f]);
        status = add_entry(env, r, f, value);
        squares += value * value;
    }
    for (size_t e = r->begin[r->count]; e < r->entries; e++) r->value[e] /= sqrt(squares);
    memset(tally, 0, FEATURES * sizeof *tally);
    pvi_free(env, word);
    r->begin[++r->count] = r->entries;
    return status;
}

static pvg_status rows_make(pvi_env *env, const pvi_span *text, size_t count, rows *r) {
    uint32_t *tally = pvi_calloc(env, FEATURES, sizeof *tally);
    r->begin = pvi_calloc(env, count + 1, sizeof *r->begin);
    pvg_status status = tally != NULL && r->begin != NULL ? PVG_OK : PVG_E_NOMEM;
    for (size_t i = 0; i < count && status == PVG_OK; i++) status = add_row(env, text[i], tally, r);
    pvi_free(env, tally);
    return status;
}

static double product(const rows *r, size_t row, const double *weight) {
    double sum = weight[CONSTANT];
    for (size_t e = r->begin[row]; e < r->begin[row + 1]; e++) sum += r->value[e] * weight[r->index[e]];
    return sum;
}

/* ---- logistic regression ---- */

typedef struct learner {
    const rows *rows;
    const uint8_t *side;
    const uint32_t *fold;
    uint32_t held_out;
    double count; /* of the others */
    double weight[WEIGHTS], ahead[WEIGHTS], slope[WEIGHTS];
} learner;

/* Gradient at `ahead`; returns its largest entry. */
static double find_slope(learner *l) {
    for (size_t w = 0; w < WEIGHTS; w++) l->slope[w] = l->ahead[w]; /* of |w|^2 / 2, all times count */
    for (size_t i = 0; i < l->rows->count; i++) {
        if (l->fold[i] == l->held_out) continue;
        double error = 1 / (1 + exp(-product(l->rows, i, l->ahead))) - l->side[i];
        l->slope[CONSTANT] += error;
        for (size_t e = l->rows->begin[i]; e < l->rows->begin[i + 1]; e++) l->slope[l->rows->index[e]] += error * l->rows->value[e];
    }
    double most = 0;
    for (size_t w = 0; w < WEIGHTS; w++) {
        l->slope[w] /= l->count;
        if (fabs(l->slope[w]) > most) most = fabs(l->slope[w]);
    }
    return most;
}

/* Nesterov's method for a strongly convex function: a row has length sqrt(2), so the second derivative is at most
 * 2 / 4 + 1 / count and at least 1 / count. */
static void learn(learner *l) {
    double most = 0.5 + 1 / l->count, least = 1 / l->count;
    double momentum = (sqrt(most) - sqrt(least)) / (sqrt(most) + sqrt(least));
    memset(l->weight, 0, sizeof l->weight);
    memset(l->ahead, 0, sizeof l->ahead);
    for (int step = 0; step < MOST_STEPS && find_slope(l) > 1e-6; step++)
        for (size_t w = 0; w < WEIGHTS; w++) {
            double next = l->ahead[w] - l->slope[w] / most;
            l->ahead[w] = next + momentum * (next - l->weight[w]);
            l->weight[w] = next;
        }
}

/* ---- folds ---- */

typedef struct dealt {
    uint64_t key, group;
    size_t item;
} dealt;

static int by_key(const void *a, const void *b) {
    const dealt *x = a, *y = b;
    if (x->key != y->key) return x->key < y->key ? -1 : 1;
    if (x->group != y->group) return x->group < y->group ? -1 : 1;
    return (x->item > y->item) - (x->item < y->item);
}

/* Groups in a random order, dealt to the folds one by one. */
static pvg_status deal(pvi_env *env, const uint64_t *group, size_t count, uint64_t seed, uint32_t *fold) {
    dealt *all = pvi_alloc(env, count, sizeof *all);
    if (all == NULL) return PVG_E_NOMEM;
    for (size_t i = 0; i < count; i++) {
        pvi_rng rng = pvi_rng_stream(seed, "folds", group[i], 0);
        all[i] = (dealt){.key = pvi_rng_u32(&rng), .group = group[i], .item = i};
    }
    qsort(all, count, sizeof *all, by_key);
    uint32_t groups = 0;
    for (size_t i = 0; i < count; i++) {
        groups += i > 0 && all[i].group != all[i - 1].group;
        fold[all[i].item] = groups % FOLDS;
    }
    pvi_free(env, all);
    return PVG_OK;
}

/* Scores of the held-out texts, brought to mean 0 and deviation 1. */
static void score_fold(const learner *l, double *score) {
    double sum = 0, squares = 0, count = 0;
    for (size_t i = 0; i < l->rows->count; i++) {
        if (l->fold[i] != l->held_out) continue;
        score[i] = product(l->rows, i, l->weight);
        sum += score[i];
        squares += score[i] * score[i];
        count++;
    }
    double mean = sum / count, variance = squares / count - mean * mean;
    for (size_t i = 0; i < l->rows->count; i++)
        if (l->fold[i] == l->held_out) score[i] = (score[i] - mean) / (variance > 1e-300 ? sqrt(variance) : 1);
}

static pvg_status cross_validate(pvi_env *env, const rows *r, const uint8_t *side, const uint32_t *fold, double *score) {
    learner *l = pvi_alloc(env, 1, sizeof *l);
    if (l == NULL) return PVG_E_NOMEM;
    for (uint32_t f = 0; f < FOLDS; f++) {
        *l = (learner){.rows = r, .side = side, .fold = fold, .held_out = f};
        for (size_t i = 0; i < r->count; i++) l->count += fold[i] != f;
        if (l->count == 0) continue;
        learn(l);
        score_fold(l, score);
    }
    pvi_free(env, l);
    return PVG_OK;
}

static pvg_status area(pvi_env *env, double *score, const uint8_t *side, size_t count, double level, double auc[3]) {
    double *split = pvi_alloc(env, count, sizeof *split);
    if (split == NULL) return PVG_E_NOMEM;
    size_t first = 0, second = count;
    for (size_t i = 0; i < count; i++) split[side[i] != 0 ? first++ : --second] = score[i];
    pvg_status status = pvi_auc_interval(env, split, first, split + second, count - second, level, &auc[0], &auc[1], &auc[2]);
    pvi_free(env, split);
    return status;
}

pvg_status pvi_separate(pvi_env *env, const pvi_span *text, const uint8_t *side, const uint64_t *group, size_t count,
                        uint64_t seed, double level, double auc[3]) {
    size_t ones = 0;
    for (size_t i = 0; i < count; i++) ones += side[i] != 0;
    auc[0] = auc[1] = auc[2] = (double)NAN;
    if (ones < PVI_SEPARATE_LEAST || count - ones < PVI_SEPARATE_LEAST) return PVG_OK;
    rows r = {0};
    uint32_t *fold = pvi_alloc(env, count, sizeof *fold);
    double *score = pvi_calloc(env, count, sizeof *score);
    pvg_status status = fold != NULL && score != NULL ? PVG_OK : PVG_E_NOMEM;
    if (status == PVG_OK) status = rows_make(env, text, count, &r);
    if (status == PVG_OK) status = deal(env, group, count, seed, fold);
    if (status == PVG_OK) status = cross_validate(env, &r, side, fold, score);
    if (status == PVG_OK) status = area(env, score, side, count, level, auc);
    rows_free(env, &r);
    pvi_free(env, fold);
    pvi_free(env, score);
    return status;
}
