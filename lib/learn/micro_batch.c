/* micro_batch.c - see micro_batch.h. */
#include "learn/micro_batch.h"

#include <math.h>
#include <string.h>

static pvg_status check_sequence(pvi_trainer *t, const pvi_examples *e, const char *what, int32_t s) {
    int32_t length = e->batch.offset[s + 1] - e->batch.offset[s], begin = e->begin[s];
    if (length > t->longest)
        return pvi_fail(t->env, PVG_E_RANGE, "trainer", "sequence %d of %s has %d tokens; the longest planned for is %d",
                        (int)s, what, (int)length, (int)t->longest);
    if (begin < 1 || begin >= length)
        return pvi_fail(t->env, PVG_E_INVALID, "trainer",
                        "the solution of sequence %d of %s begins at %d of %d tokens; it needs one token before it and one in it",
                        (int)s, what, (int)begin, (int)length);
    return PVG_OK;
}

static pvg_status check_tokens(pvi_trainer *t, const pvi_examples *e, const char *what, bool targets, int32_t s) {
    const int32_t *token = e->batch.token + e->batch.offset[s];
    int32_t length = e->batch.offset[s + 1] - e->batch.offset[s];
    for (int32_t i = 0; i < length; i++) {
        if (token[i] < 0 || token[i] >= t->model->shape.vocab)
            return pvi_fail(t->env, PVG_E_RANGE, "trainer", "token %d of sequence %d of %s is %d, outside 0..%d", (int)i,
                            (int)s, what, (int)token[i], (int)t->model->shape.vocab - 1);
        if (targets && i >= e->begin[s] && !t->model->allowed[token[i]])
            return pvi_fail(t->env, PVG_E_INVALID, "trainer",
                            "token %d of sequence %d of %s is %d, which no solution may contain (a special token)", (int)i,
                            (int)s, what, (int)token[i]);
    }
    return PVG_OK;
}

pvg_status pvi_examples_check(pvi_trainer *t, const pvi_examples *e, const char *what, bool targets) {
    if (e->batch.sequences < 1 || e->batch.offset[0] != 0)
        return pvi_fail(t->env, PVG_E_INVALID, "trainer", "%s has %d sequences from offset %d; wanted at least one, from 0",
                        what, (int)e->batch.sequences, e->batch.sequences < 1 ? 0 : (int)e->batch.offset[0]);
    pvg_status status = PVG_OK;
    for (int32_t s = 0; s < e->batch.sequences && status == PVG_OK; s++) {
        status = check_sequence(t, e, what, s);
        if (status == PVG_OK) status = check_tokens(t, e, what, targets, s);
    }
    return status;
}

int64_t pvi_examples_targets(const pvi_examples *e, const uint8_t *chosen) {
    int64_t targets = 0;
    for (int32_t s = 0; s < e->batch.sequences; s++)
        if (chosen == NULL || chosen[s]) targets += e->batch.offset[s + 1] - e->batch.offset[s] - e->begin[s];
    return targets;
}

int32_t pvi_micro_end(const pvi_trainer *t, const pvi_batch *batch, const pvi_batch *beside, int32_t first) {
    int32_t end = first + 1;
    while (end < batch->sequences && batch->offset[end + 1] - batch->offset[first] <= t->micro_tokens &&
           (beside == NULL || beside->offset[end + 1] - beside->offset[first] <= t->micro_tokens))
        end++;
    return end;
}

void pvi_micro_cut(const pvi_examples *e, int32_t first, int32_t end, int32_t *offset, pvi_micro *out) {
    int32_t token = e->batch.offset[first];
    for (int32_t s = first; s <= end; s++) offset[s - first] = e->batch.offset[s] - token;
    *out = (pvi_micro){.first = first, .token = token, .begin = e->begin + first,
                       .batch = {.sequences = end - first, .offset = offset, .token = e->batch.token + token}};
}

pvg_status pvi_micro_forward(pvi_trainer *t, const pvi_micro *micro, const float **hidden) {
    if (pvi_cancelled(t->env)) return pvi_fail(t->env, PVG_E_CANCELLED, "trainer", "cancelled; this step changed nothing");
    return pvi_forward(t->model, &micro->batch, t->activations, hidden);
}

int32_t pvi_micro_rows(const pvi_micro *micro, const uint8_t *chosen, int32_t *rows) {
    int32_t count = 0;
    for (int32_t s = 0; s < micro->batch.sequences; s++) {
        if (chosen != NULL && !chosen[s]) continue;
        int32_t from = micro->batch.offset[s] + micro->begin[s] - 1, to = micro->batch.offset[s + 1] - 1;
        for (int32_t row = from; row < to; row++) rows[count++] = row; /* predicts row + 1 */
    }
    return count;
}

void pvi_micro_clear(pvi_trainer *t, const pvi_micro *micro) {
    memset(t->d_hidden, 0, (size_t)pvi_batch_tokens(&micro->batch) * (size_t)t->model->shape.width * sizeof(float));
}

pvg_status pvi_step_end(pvi_trainer *t, pvg_status status, const char *what, double loss, double *norm) {
    if (status == PVG_OK && !isfinite(loss))
        status = pvi_fail(t->env, PVG_E_NUMERIC, "trainer", "the %s loss of update %lld is not a finite number", what,
                          (long long)t->step + 1);
    if (status == PVG_OK) return pvi_trainer_apply(t, norm);
    pvi_trainer_clear(t);
    return status;
}
