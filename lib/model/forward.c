/* forward.c - see forward.h. Sequences are independent: every member takes its own through all layers, block by block,
 * without waiting for anybody. */
#include "model/forward.h"

#include <string.h>

#include "base/workers.h"
#include "model/activations.h"
#include "model/packed.h"

enum { BLOCK_TOKENS = 192 }; /* rows that go through a layer together: their activations stay in the cache */

typedef struct forward_task {
    const pvi_model *model;
    const pvi_batch *batch;
    pvi_activations *a;
    const pvi_kernels *k;
} forward_task;

/* Sequences [first, end) and their rows [row, row + rows). */
typedef struct block {
    int32_t first, end, row, rows;
} block;

static float *at(float *rows, int32_t row, int32_t each) { return rows + (ptrdiff_t)row * each; }

/* Normed, projected and turned queries, keys and values. */
static void attention_inputs(const forward_task *t, const pvi_layer_view *w, const pvi_packed_layer *p, pvi_layer_state *l,
                             const block *b) {
    const pvi_shape *s = &t->model->shape;
    int32_t width = s->width, qkv = pvi_shape_qkv(s), half = s->head_dim / 2;
    float *normed = at(t->a->normed, b->row, width);
    for (int32_t i = 0; i < b->rows; i++)
        l->r_input[b->row + i] = t->k->rms_norm(width, s->norm_eps, at(l->input, b->row + i, width), w->input_norm, at(normed, i, width));
    pvi_apply(t->model->env, &p->qkv, b->rows, normed, at(l->qkv, b->row, qkv), false);
    for (int32_t q = b->first; q < b->end; q++)
        for (int32_t row = t->batch->offset[q]; row < t->batch->offset[q + 1]; row++) {
            ptrdiff_t position = (ptrdiff_t)(row - t->batch->offset[q]) * half;
            t->k->rotary(s->heads + s->kv_heads, s->head_dim, t->model->packed->cos + position, t->model->packed->sin + position,
                         1.0f, at(l->qkv, row, qkv));
        }
}

static void attend(const forward_task *t, pvi_layer_state *l, const block *b, float *scratch) {
    const pvi_shape *s = &t->model->shape;
    pvi_attention_shape shape = {s->heads, s->kv_heads, s->head_dim};
    int32_t qkv = pvi_shape_qkv(s), mixed = s->heads * s->head_dim;
    for (int32_t q = b->first; q < b->end; q++) {
        int32_t row = t->batch->offset[q], length = t->batch->offset[q + 1] - row;
        for (int32_t h = 0; h < s->kv_heads; h++)
            t->k->attention(&shape, length, h, at(l->qkv, row, qkv), at(l->mixed, row, mixed), at(l->stats, row, 2 * s->heads), scratch);
    }
}

static void feed_forward(const forward_task *t, const pvi_layer_view *w, const pvi_packed_layer *p, pvi_layer_state *l,
                         const block *b, float *out) {
    const pvi_shape *s = &t->model->shape;
    int32_t width = s->width, hidden = s->hidden;
    float *normed = at(t->a->normed, b->row, width), *act = at(t->a->act, b->row, hidden), *gate_up = at(l->gate_up, b->row, 2 * hidden);
    for (int32_t i = 0; i < b->rows; i++)
        l->r_middle[b->row + i] = t->k->rms_norm(width, s->norm_eps, at(l->middle, b->row + i, width), w->post_norm, at(normed, i, width));
    pvi_apply(t->model->env, &p->gate_up, b->rows, normed, gate_up, false);
    for (int32_t i = 0; i < b->rows; i++) t->k->swiglu(hidden, at(gate_up, i, 2 * hidden), at(act, i, hidden));
    memmove(out, at(l->middle, b->row, width), (size_t)b->rows * (size_t)width * sizeof *out);
    pvi_apply(t->model->env, &p->down, b->rows, act, out, true);
}

static void one_layer(const forward_task *t, int32_t i, const block *b, float *scratch) {
    const pvi_shape *s = &t->model->shape;
    int32_t width = s->width, mixed = s->heads * s->head_dim;
    const pvi_layer_view *w = &t->model->weights.layer[i];
    const pvi_packed_layer *p = &t->model->packed->layer[i];
    pvi_layer_state *l = &t->a->layer[t->a->training ? i : 0];
    attention_inputs(t, w, p, l, b);
    attend(t, l, b, scratch);
    float *middle = at(l->middle, b->row, width);
    memcpy(middle, at(l->input, b->row, width), (size_t)b->rows * (size_t)width * sizeof *middle);
    pvi_apply(t->model->env, &p->proj, b->rows, at(l->mixed, b->row, mixed), middle, true);
    bool last = i + 1 == s->layers;
    float *next = last ? t->a->last : t->a->layer[t->a->training ? i + 1 : 0].input;
    feed_forward(t, w, p, l, b, at(next, b->row, width));
}

static void one_block(const forward_task *t, const block *b, float *scratch) {
    const pvi_shape *s = &t->model->shape;
    int32_t width = s->width;
    pvi_gather(b->rows, width, t->model->weights.embedding, t->batch->token + b->row, at(t->a->layer[0].input, b->row, width));
    for (int32_t i = 0; i < s->layers; i++) one_layer(t, i, b, scratch);
    for (int32_t row = b->row; row < b->row + b->rows; row++)
        t->a->r_last[row] = t->k->rms_norm(width, s->norm_eps, at(t->a->last, row, width), t->model->weights.norm, at(t->a->hidden, row, width));
}

static void forward_member(void *arg, int member, int count) {
    const forward_task *t = arg;
    const int32_t *offset = t->batch->offset;
    (void)count;
    int32_t first = t->a->member_first[member], end = t->a->member_first[member + 1], from = first;
    while (from < end) {
        int32_t to = from + 1;
        while (to < end && offset[to + 1] - offset[from] <= BLOCK_TOKENS) to++;
        one_block(t, &(block){from, to, offset[from], offset[to] - offset[from]}, t->a->attention[member]);
        from = to;
    }
    size_t width = (size_t)t->model->shape.width, rows = (size_t)(offset[end] - offset[first]);
    t->a->broken[member] = !t->k->finite(rows * width, at(t->a->hidden, offset[first], t->model->shape.width));
}

static pvg_status check(const pvi_model *model, const pvi_batch *batch, const pvi_activations *a) {
    pvi_env *env = model->env;
    const pvi_shape *s = &model->shape;
    if (batch->sequences < 1) return pvi_fail(env, PVG_E_RANGE, "model", "a batch without sequences");
    for (int32_t q = 0; q < batch->sequences; q++) {
        int32_t length = batch->offset[q + 1] - batch->offset[q];
        if (length < 1 || length > s->context || length > a->longest)
            return pvi_fail(env, PVG_E_RANGE, "model", "sequence %d has %d tokens; wanted 1 to %d", (int)q, (int)length,
                            (int)(s->context < a->longest ? s->context : a->longest));
    }
    int32_t tokens = pvi_batch_tokens(batch);
    if (tokens > a->tokens)
        return pvi_fail(env, PVG_E_RANGE, "model", "a batch of %d tokens; there is room for %d", (int)tokens, (int)a->tokens);
    for (int32_t i = 0; i < tokens; i++)
        if (batch->token[i] < 0 || batch->token[i] >= s->vocab)
            return pvi_fail(env, PVG_E_RANGE, "model", "token %d of the batch is %d; wanted 0 to %d", (int)i, (int)batch->token[i],
                            (int)s->vocab - 1);
    return PVG_OK;
}

pvg_status pvi_forward(pvi_model *model, const pvi_batch *batch, pvi_activations *a, const float **hidden) {
    pvi_env *env = model->env;
    pvg_status status = check(model, batch, a);
    if (status != PVG_OK) return status;
    pvi_activations_share(a, batch);
    forward_task task = {.model = model, .batch = batch, .a = a, .k = pvi_kernels_of(env->engine)};
    pvi_workers_run(env->workers, forward_member, &task);
    for (int32_t m = 0; m < a->members; m++)
        if (a->broken[m]) {
            status = pvi_model_check_finite(model); /* names the tensor if a weight is to blame */
            return status != PVG_OK ? status : pvi_fail(env, PVG_E_NUMERIC, "model", "a hidden state is not a finite number");
        }
    *hidden = a->hidden;
    return PVG_OK;
}
