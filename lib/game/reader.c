/* reader.c - see reader.h. */
#include "game/reader.h"

#include <string.h>

enum { LINES = 63, COST_OMITTED = 2 };

static void add_item(pvi_checklist *r, int32_t cost, bool wrong) {
    r->item[r->items].cost = cost;
    r->item[r->items++].wrong = wrong;
}

typedef struct taking {
    pvi_checklist *reader;
    int32_t omitted; /* before the lines so far */
} taking;

static void take_line(void *user, const pvi_oracle_line *line) {
    taking *t = user;
    t->omitted += line->omitted;
    if (t->reader->items >= LINES) return;
    add_item(t->reader, (line->full ? 1 : 2) + COST_OMITTED * line->omitted, !(line->arithmetic && line->grounded));
}

void pvi_reader_take(const pvi_problem *problem, const char *solution, size_t length, pvi_checklist *out, pvi_oracle_result *result) {
    pvi_oracle_result seen;
    taking t = {.reader = out};
    memset(out, 0, sizeof *out);
    pvi_oracle_lines(problem, solution, length, take_line, &t, &seen);
    out->answered = seen.answered;
    if (seen.answered) add_item(out, 1 + COST_OMITTED * (seen.omitted - t.omitted), seen.mismatch);
    if (result != NULL) *result = seen;
}

/* ways[j][t]: choices of j right items that take t checks together. */
typedef double ways[PVI_READER_MOST + 1][PVI_READER_MOST + 1];

static void with(ways w, int32_t cost) {
    for (int32_t j = PVI_READER_MOST; j >= 1; j--)
        for (int32_t t = PVI_READER_MOST; t >= cost; t--) w[j][t] += w[j - 1][t - cost];
}

static void without(ways w, int32_t cost) {
    for (int32_t j = 1; j <= PVI_READER_MOST; j++)
        for (int32_t t = cost; t <= PVI_READER_MOST; t++) w[j][t] -= w[j - 1][t - cost];
}

/* Chance to come to accept by running out of time in item `last`, after right ones: summed over how many those are and how
 * long they take. `before`: choices of them. */
static double out_of_time(const pvi_checklist *r, int32_t budget, int32_t last, ways before) {
    double chance = 0, orders = r->items; /* items * C(items - 1, j): ways to choose the last and the j before it */
    for (int32_t j = 0; j <= budget && j < r->items; j++) {
        if (j > 0) orders *= (double)(r->items - j) / j;
        for (int32_t t = 0; t <= budget; t++) {
            int32_t cost = r->item[last].cost;
            if (before[j][t] == 0 || t + cost <= budget) continue;
            double done = (double)(budget - t) / cost, accepts = 0.5;
            if (r->item[last].wrong) accepts = (1 - done) / 2;
            else if (j + 1 == r->items) accepts = (1 + done) / 2; /* it was the very last */
            chance += before[j][t] / orders * accepts;
        }
    }
    return chance;
}

double pvi_reader_accepts(const pvi_checklist *r, int32_t budget) {
    if (!r->answered) return 0;
    ways all = {{1}};
    int32_t total = 0;
    bool faultless = true;
    for (int32_t i = 0; i < r->items; i++) {
        total += r->item[i].cost;
        faultless = faultless && !r->item[i].wrong;
        if (!r->item[i].wrong) with(all, r->item[i].cost);
    }
    double chance = faultless && total <= budget ? 1 : 0;
    for (int32_t i = 0; i < r->items; i++) {
        ways before;
        memcpy(before, all, sizeof before);
        if (!r->item[i].wrong) without(before, r->item[i].cost);
        chance += out_of_time(r, budget, i, before);
    }
    return chance;
}
