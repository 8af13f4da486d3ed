/* adamw.c - see adamw.h. */
#include "learn/adamw.h"

#include <math.h>
#include <string.h>

#include "base/workers.h"
#include "compute/kernels.h"

enum { CHUNK = 8192 };

/* ---- the list of tensors and their chunks ---- */

typedef struct lister {
    const pvi_view *view;
    pvi_chunks *out;
    bool counting;
} lister;

static pvg_status list_tensor(void *arg, const char *name, float *data, int64_t rows, int64_t cols) {
    lister *l = arg;
    pvi_chunks *out = l->out;
    uint64_t count = (uint64_t)(cols == 0 ? rows : rows * cols), begin = (uint64_t)(data - l->view->block);
    if (l->counting) {
        out->tensors++;
        out->chunks += (count + CHUNK - 1) / CHUNK;
        return PVG_OK;
    }
    pvi_tensor *tensor = &out->tensor[out->tensors];
    *tensor = (pvi_tensor){.begin = begin, .count = count};
    memcpy(tensor->name, name, strnlen(name, sizeof tensor->name - 1));
    tensor->decays = cols != 0 && data != l->view->score_weight; /* vectors are norms and biases */
    for (uint64_t from = 0; from < count; from += CHUNK)
        out->chunk[out->chunks++] = (pvi_chunk){.begin = begin + from, .tensor = (uint32_t)out->tensors,
                                                .count = (uint32_t)(count - from < CHUNK ? count - from : CHUNK)};
    out->tensors++;
    return PVG_OK;
}

pvg_status pvi_chunks_create(pvi_env *env, const pvi_shape *shape, const pvi_view *view, pvi_chunks *out) {
    pvi_chunks chunks = {0};
    lister l = {.view = view, .out = &chunks, .counting = true};
    pvi_model_tensors(shape, view, list_tensor, &l);
    chunks.tensor = pvi_calloc(env, chunks.tensors, sizeof *chunks.tensor);
    chunks.chunk = pvi_calloc(env, chunks.chunks, sizeof *chunks.chunk);
    if (chunks.tensor == NULL || chunks.chunk == NULL) {
        pvi_chunks_destroy(env, &chunks);
        return PVG_E_NOMEM;
    }
    chunks.tensors = chunks.chunks = 0;
    l.counting = false;
    pvi_model_tensors(shape, view, list_tensor, &l);
    *out = chunks;
    return PVG_OK;
}

void pvi_chunks_destroy(pvi_env *env, pvi_chunks *chunks) {
    pvi_free(env, chunks->tensor);
    pvi_free(env, chunks->chunk);
    *chunks = (pvi_chunks){0};
}

/* ---- check and norm ---- */

typedef struct check_task {
    pvi_chunks *chunks;
    const pvi_blocks *blocks;
    const pvi_kernels *k;
    float limit;
    bool settled;
} check_task;

static void check_chunks(void *arg, int member, int count) {
    const check_task *t = arg;
    size_t begin, end;
    pvi_share(t->chunks->chunks, 1, member, count, &begin, &end);
    for (size_t i = begin; i < end; i++) {
        pvi_chunk *c = &t->chunks->chunk[i];
        const pvi_blocks *b = t->blocks;
        float limit = t->limit;
        c->squares = t->k->squares(c->count, b->gradient + c->begin);
        c->sound = t->k->within(c->count, b->gradient + c->begin, -limit, limit);
        if (t->settled) continue;
        c->sound = c->sound && t->k->within(c->count, b->first + c->begin, -limit, limit) &&
                   t->k->within(c->count, b->second + c->begin, 0.0f, limit * limit) &&
                   t->k->within(c->count, b->weight + c->begin, -limit, limit);
    }
}

/* The first unsound number of a chunk, in words. */
static pvg_status explain(pvi_env *env, const pvi_chunks *chunks, const pvi_chunk *c, const pvi_blocks *blocks, float limit) {
    const struct {
        const float *block;
        const char *what;
        float lowest, highest;
    } kind[4] = {{blocks->gradient, "the gradient", -limit, limit}, {blocks->first, "the first moment", -limit, limit},
                 {blocks->second, "the second moment", 0.0f, limit * limit}, {blocks->weight, "the weight", -limit, limit}};
    for (int k = 0; k < 4; k++)
        for (uint64_t i = c->begin; i < c->begin + c->count; i++)
            if (!(kind[k].block[i] >= kind[k].lowest && kind[k].block[i] <= kind[k].highest))
                return pvi_fail(env, PVG_E_NUMERIC, "trainer",
                                "%s of %s is %g at element %llu; wanted a finite number within %g; nothing was updated",
                                kind[k].what, chunks->tensor[c->tensor].name, (double)kind[k].block[i],
                                (unsigned long long)(i - chunks->tensor[c->tensor].begin), (double)kind[k].highest);
    return pvi_fail(env, PVG_E_INTERNAL, "trainer", "an unsound chunk has no unsound number");
}

pvg_status pvi_chunks_check(pvi_env *env, pvi_chunks *chunks, const pvi_blocks *blocks, float limit, bool settled, double *norm) {
    check_task task = {.chunks = chunks, .blocks = blocks, .k = pvi_kernels_of(env->engine), .limit = limit, .settled = settled};
    pvi_workers_run(env->workers, check_chunks, &task);
    double sum = 0;
    for (size_t i = 0; i < chunks->chunks; i++) {
        if (!chunks->chunk[i].sound) return explain(env, chunks, &chunks->chunk[i], blocks, limit);
        sum += chunks->chunk[i].squares;
    }
    *norm = sqrt(sum);
    return PVG_OK;
}

/* ---- update ---- */

typedef struct update_task {
    pvi_chunks *chunks;
    const pvi_blocks *blocks;
    const pvi_kernels *k;
    pvi_adamw_factors factors;
    float keep;  /* what weight decay leaves, where a tensor decays */
    float bound; /* the limit's square */
} update_task;

static update_task prepare(const pvi_update *u) {
    return (update_task){.factors = {.scale = (float)u->scale, .beta1 = (float)u->beta1, .rest1 = (float)(1 - u->beta1),
                                     .beta2 = (float)u->beta2, .rest2 = (float)(1 - u->beta2),
                                     .step = (float)(u->rate / (1 - pow(u->beta1, (double)u->count))),
                                     .root = (float)(1 / sqrt(1 - pow(u->beta2, (double)u->count))),
                                     .epsilon = (float)u->epsilon},
                         .keep = (float)(1 - u->rate * u->weight_decay)};
}

static void update_chunks(void *arg, int member, int count) {
    const update_task *t = arg;
    const pvi_blocks *b = t->blocks;
    pvi_adamw_factors factors = t->factors;
    size_t begin, end;
    pvi_share(t->chunks->chunks, 1, member, count, &begin, &end);
    for (size_t i = begin; i < end; i++) {
        pvi_chunk *c = &t->chunks->chunk[i];
        factors.keep = t->chunks->tensor[c->tensor].decays ? t->keep : 1.0f;
        c->sound = t->k->adamw((int32_t)c->count, &factors, b->weight + c->begin, b->gradient + c->begin, b->first + c->begin,
                               b->second + c->begin) <= t->bound;
    }
}

bool pvi_chunks_update(pvi_env *env, pvi_chunks *chunks, const pvi_blocks *blocks, const pvi_update *update, float limit) {
    update_task task = prepare(update);
    task.chunks = chunks;
    task.blocks = blocks;
    task.k = pvi_kernels_of(env->engine);
    task.bound = limit * limit;
    pvi_workers_run(env->workers, update_chunks, &task);
    bool sound = true;
    for (size_t i = 0; i < chunks->chunks; i++) sound &= chunks->chunk[i].sound;
    return sound;
}
