/* lm_head.c - the language-model head, a chunk of rows at a time: logits of a whole batch never exist. */
#include <math.h>
#include <string.h>

#include "base/workers.h"
#include "compute/engine.h"
#include "compute/gemm.h"
#include "model/forward.h"
#include "model/packed.h"

typedef struct head_task {
    const pvi_lm_pass *pass;
    const pvi_kernels *k;
    int32_t chunk;
} head_task;

/* The chosen rows of a model's hidden states, side by side, and their logits. */
static void project(const pvi_model *model, const float *hidden, const int32_t *rows, int32_t from, int32_t to) {
    const pvi_packed *p = model->packed;
    int32_t width = model->shape.width, vocab = model->shape.vocab;
    for (int32_t i = from; i < to; i++)
        memcpy(p->rows + (ptrdiff_t)i * width, hidden + (ptrdiff_t)rows[i] * width, (size_t)width * sizeof(float));
    float *logits = p->logits + (ptrdiff_t)from * vocab;
    pvi_apply(model->env, &p->head, to - from, p->rows + (ptrdiff_t)from * width, logits, false);
    for (int32_t i = from; i < to; i++, logits += vocab) pvi_model_forbid(model, logits);
}

/* Rows [from, to) of the chunk that begins at `base`: a member's own. */
static void own_rows(const head_task *t, int32_t base, int32_t from, int32_t to) {
    const pvi_lm_pass *pass = t->pass;
    const pvi_packed *p = pass->model->packed;
    const int32_t *rows = pass->rows + base;
    int32_t width = pass->model->shape.width, vocab = pass->model->shape.vocab;
    project(pass->model, pass->hidden, rows, from, to);
    if (pass->reference != NULL) project(pass->reference, pass->reference_hidden, rows, from, to);
    for (int32_t i = from; i < to; i++)
        pass->row(pass->arg, rows[i], p->logits + (ptrdiff_t)i * vocab,
                  pass->reference != NULL ? pass->reference->packed->logits + (ptrdiff_t)i * vocab : NULL, vocab);
    if (pass->d_hidden == NULL) return;
    int32_t chunk_rows = pass->count - base < t->chunk ? pass->count - base : t->chunk;
    pvi_pack_rows(pass->model->env->engine, chunk_rows, width, p->rows + (ptrdiff_t)from * width, width, 1, from, to,
                  p->panel);
    float *d = p->rows + (ptrdiff_t)from * width; /* the hidden states are in the panel now */
    pvi_apply_back(pass->model->env, &p->head, to - from, p->logits + (ptrdiff_t)from * vocab, d, false);
    for (int32_t i = from; i < to; i++, d += width) t->k->add(width, d, pass->d_hidden + (ptrdiff_t)rows[i] * width);
}

static void weight_rows(const head_task *t, int32_t rows, int member, int count) {
    const pvi_model *model = t->pass->model;
    size_t from, to;
    pvi_share((size_t)model->shape.vocab, 8, member, count, &from, &to);
    if (from < to)
        pvi_gemm(model->env->engine, (int)(to - from), model->shape.width, rows, model->packed->logits + from, 1, model->shape.vocab,
                 model->packed->panel, t->pass->gradients->lm_head + from * (size_t)model->shape.width, model->shape.width, true);
}

static void head_member(void *arg, int member, int count) {
    const head_task *t = arg;
    const pvi_lm_pass *pass = t->pass;
    pvi_workers *team = pass->model->env->workers;
    int32_t most = pass->count < t->chunk ? pass->count : t->chunk;
    for (int32_t base = 0; base < pass->count; base += t->chunk) {
        int32_t rows = pass->count - base < t->chunk ? pass->count - base : t->chunk;
        size_t from, to, whole = (size_t)(pass->d_hidden != NULL ? rows : most);
        pvi_share(whole, 1, member, count, &from, &to);
        if (to > (size_t)rows) to = (size_t)rows;
        if (from < to) own_rows(t, base, (int32_t)from, (int32_t)to);
        /* Forward only, nobody waits: so a member keeps to its own place in the buffers, also in a shorter last chunk. */
        if (pass->d_hidden == NULL) continue;
        pvi_workers_barrier(team);
        weight_rows(t, rows, member, count);
        pvi_workers_barrier(team);
    }
}

pvg_status pvi_lm_head(const pvi_lm_pass *pass) {
    if (pass->count == 0) return PVG_OK;
    pvg_status status = pvi_packed_head(pass->model, pass->d_hidden != NULL ? PVI_HEAD_FOR_GRADIENT : PVI_HEAD_FOR_LOSS);
    if (status == PVG_OK && pass->reference != NULL) status = pvi_packed_head(pass->reference, PVI_HEAD_FOR_LOSS);
    if (status != PVG_OK) return status;
    head_task task = {.pass = pass, .k = pvi_kernels_of(pass->model->env->engine), .chunk = pass->model->packed->chunk};
    if (pass->reference != NULL && pass->reference->packed->chunk < task.chunk) task.chunk = pass->reference->packed->chunk;
    pvi_workers_run(pass->model->env->workers, head_member, &task);
    return PVG_OK;
}

float pvi_row_logprob(const float *logits, int32_t vocab, int32_t token, float *p) {
    return pvi_log_prob(pvi_kernels_of(pvi_engine_best()), vocab, logits, token, p);
}
