/* trainer.c - see trainer.h. */
#include "learn/trainer.h"

#include <math.h>
#include <string.h>

#include "base/workers.h"
#include "learn/micro_batch.h"

/* ---- creation ---- */

static pvg_status check_adamw(pvi_env *env, const pvi_adamw *a) {
    if (!(a->rate >= 0 && a->rate <= 10))
        return pvi_fail(env, PVG_E_RANGE, "trainer", "the learning rate is %g; wanted 0..10", a->rate);
    if (!(a->beta1 >= 0 && a->beta1 <= 0.99999) || !(a->beta2 >= 0 && a->beta2 <= 0.999999))
        return pvi_fail(env, PVG_E_RANGE, "trainer", "beta1 is %g and beta2 %g; wanted 0..0.99999 and 0..0.999999", a->beta1,
                        a->beta2);
    if (!(a->epsilon >= 1e-16 && a->epsilon <= 1))
        return pvi_fail(env, PVG_E_RANGE, "trainer", "AdamW's epsilon is %g; wanted 1e-16..1", a->epsilon);
    if (!(a->weight_decay >= 0) || !(a->rate * a->weight_decay <= 1))
        return pvi_fail(env, PVG_E_RANGE, "trainer", "the weight decay is %g; wanted 0 up to 1 / rate", a->weight_decay);
    if (!(a->clip >= 0) || !isfinite(a->clip))
        return pvi_fail(env, PVG_E_RANGE, "trainer", "the largest gradient norm is %g; wanted a number of at least 0",
                        a->clip);
    return PVG_OK;
}

static pvg_status check_plan(pvi_env *env, const pvi_schedule *s, int32_t micro_tokens, int32_t longest) {
    if (s->warmup < 0 || s->total < 0 || !(s->final_share >= 0 && s->final_share <= 1))
        return pvi_fail(env, PVG_E_RANGE, "trainer",
                        "a schedule of %lld warm-up steps, %lld steps and final share %g; wanted at least 0, 0 and 0..1",
                        (long long)s->warmup, (long long)s->total, s->final_share);
    if (longest < 2 || micro_tokens < longest)
        return pvi_fail(env, PVG_E_RANGE, "trainer",
                        "micro-batches of %d tokens with sequences of up to %d; wanted at least one sequence of 2", (int)micro_tokens,
                        (int)longest);
    return PVG_OK;
}

/* A table that could not be had leaves *status bad. */
static void *table(pvi_env *env, size_t count, size_t size, pvg_status *status) {
    if (*status != PVG_OK) return NULL;
    void *block = pvi_calloc(env, count, size);
    if (block == NULL) *status = PVG_E_NOMEM;
    return block;
}

static pvg_status create_scratch(pvi_trainer *t) {
    pvi_env *env = t->env;
    const pvi_shape *shape = &t->model->shape;
    size_t tokens = (size_t)t->micro_tokens, width = (size_t)shape->width;
    pvg_status status = PVG_OK;
    struct pvi_trainer_scratch *s = t->scratch = table(env, 1, sizeof *s, &status);
    if (status != PVG_OK) return status;
    s->offset = table(env, tokens + 1, sizeof *s->offset, &status);
    s->rows = table(env, tokens, sizeof *s->rows, &status);
    s->result = table(env, tokens, sizeof *s->result, &status);
    s->weight = table(env, tokens, sizeof *s->weight, &status);
    s->logprob = table(env, tokens, sizeof *s->logprob, &status);
    if (shape->head == PVI_HEAD_LM) {
        s->reference_offset = table(env, tokens + 1, sizeof *s->reference_offset, &status);
        s->reference_capacity = tokens * width;
        s->reference_hidden = table(env, s->reference_capacity, sizeof *s->reference_hidden, &status);
    } else {
        s->score_capacity = s->d_score_capacity = PVI_TRAINER_SEQUENCES;
        s->score = table(env, s->score_capacity, sizeof *s->score, &status);
        s->d_score = table(env, s->d_score_capacity, sizeof *s->d_score, &status);
    }
    s->head_view = t->gradient;
    if (t->gradient.lm_head == t->gradient.embedding) {
        s->tied = table(env, (size_t)shape->vocab * width, sizeof *s->tied, &status);
        s->head_view.lm_head = s->tied;
    }
    return status == PVG_OK ? pvi_chunks_create(env, shape, &t->gradient, &s->chunks) : status;
}

static void destroy_scratch(pvi_env *env, struct pvi_trainer_scratch *s) {
    if (s == NULL) return;
    pvi_chunks_destroy(env, &s->chunks);
    pvi_free(env, s->tied);
    pvi_free(env, s->offset);
    pvi_free(env, s->reference_offset);
    pvi_free(env, s->rows);
    pvi_free(env, s->result);
    pvi_free(env, s->weight);
    pvi_free(env, s->logprob);
    pvi_free(env, s->reference_hidden);
    pvi_free(env, s->score);
    pvi_free(env, s->d_score);
    pvi_free(env, s);
}

static pvg_status create_parts(pvi_trainer *t) {
    pvi_env *env = t->env;
    const pvi_shape *shape = &t->model->shape;
    pvg_status status = pvi_view_create(env, shape, &t->gradient);
    if (status == PVG_OK) status = pvi_view_create(env, shape, &t->first);
    if (status == PVG_OK) status = pvi_view_create(env, shape, &t->second);
    if (status == PVG_OK)
        status = pvi_activations_create(env, shape, t->micro_tokens, t->longest, true, &t->activations);
    if (status == PVG_OK) t->d_hidden = table(env, (size_t)t->micro_tokens * (size_t)shape->width, sizeof(float), &status);
    return status == PVG_OK ? create_scratch(t) : status;
}

pvg_status pvi_trainer_create(pvi_env *env, pvi_model *model, const pvi_adamw *adamw, const pvi_schedule *schedule,
                              int32_t micro_tokens, int32_t longest, pvi_trainer **out) {
    pvg_status status = check_adamw(env, adamw);
    if (status == PVG_OK) status = check_plan(env, schedule, micro_tokens, longest);
    if (status != PVG_OK) return status;
    pvi_trainer *t = pvi_calloc(env, 1, sizeof *t);
    if (t == NULL) return PVG_E_NOMEM;
    *t = (pvi_trainer){.env = env, .model = model, .adamw = *adamw, .schedule = *schedule, .micro_tokens = micro_tokens,
                       .longest = longest};
    status = create_parts(t);
    /* Pack now, so that the first step finds the packed copies in place. */
    if (status == PVG_OK) status = pvi_model_ready(model);
    if (status != PVG_OK) {
        pvi_trainer_destroy(t);
        return status;
    }
    *out = t;
    return PVG_OK;
}

void pvi_trainer_destroy(pvi_trainer *t) {
    if (t == NULL) return;
    pvi_env *env = t->env;
    destroy_scratch(env, t->scratch);
    pvi_free(env, t->d_hidden);
    pvi_activations_destroy(env, t->activations);
    pvi_view_destroy(env, &t->gradient);
    pvi_view_destroy(env, &t->first);
    pvi_view_destroy(env, &t->second);
    pvi_free(env, t);
}

/* ---- the end of a step ---- */

double pvi_trainer_rate(const pvi_trainer *t) { return t->adamw.rate * pvi_schedule_at(&t->schedule, t->step); }

static size_t head_floats(const pvi_trainer *t) { return (size_t)t->model->shape.vocab * (size_t)t->model->shape.width; }

void pvi_trainer_clear(pvi_trainer *t) {
    memset(t->gradient.block, 0, t->gradient.count * sizeof(float));
    if (t->scratch->tied != NULL) memset(t->scratch->tied, 0, head_floats(t) * sizeof(float));
}

/* The tied head's gradient into the embedding's. */
static void join_tied(void *arg, int member, int count) {
    pvi_trainer *t = arg;
    float *embedding = t->gradient.embedding, *tied = t->scratch->tied;
    size_t begin, end;
    pvi_share(head_floats(t), 64, member, count, &begin, &end);
    for (size_t i = begin; i < end; i++) {
        embedding[i] += tied[i];
        tied[i] = 0.0f;
    }
}

pvg_status pvi_trainer_apply(pvi_trainer *t, double *norm) {
    if (t->scratch->tied != NULL) pvi_workers_run(t->env->workers, join_tied, t);
    pvi_blocks blocks = {.weight = t->model->weights.block, .gradient = t->gradient.block, .first = t->first.block,
                         .second = t->second.block};
    double found;
    pvg_status status = pvi_chunks_check(t->env, &t->scratch->chunks, &blocks, PVI_TRAINER_LIMIT, t->settled, &found);
    if (status != PVG_OK) {
        pvi_trainer_clear(t);
        return status;
    }
    const pvi_adamw *a = &t->adamw;
    pvi_update update = {.rate = pvi_trainer_rate(t), .beta1 = a->beta1, .beta2 = a->beta2, .epsilon = a->epsilon,
                         .weight_decay = a->weight_decay, .count = t->step + 1,
                         .scale = a->clip > 0 && found > a->clip ? a->clip / found : 1.0};
    t->settled = pvi_chunks_update(t->env, &t->scratch->chunks, &blocks, &update, PVI_TRAINER_LIMIT);
    if (t->gradient.score_bias != NULL) *t->gradient.score_bias = *t->gradient.logprob_weight = 0.0f; /* of no tensor, perhaps */
    t->step++;
    t->model->stale = true;
    if (norm != NULL) *norm = found;
    return PVG_OK;
}
