/* forward.c - see forward.h. Sequences are independent: every member takes its own through all layers, block by block,
 * without waiting for anybody. */
#include "model/forward.h"

#include <string.h>

#include "base/workers.h"
#include "model/activations.h"
#include "model/packed.h"

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

/* One layer for one member. */
typedef struct layer_task {
    const pvi_env *env;
    const pvi_kernels *k;
    const pvi_shape *shape;
    const pvi_layer_view *weights;
    const pvi_packed_layer *packed;
    const float *cos, *sin;
    const pvi_layer_state *state;
    float *out; /* [tokens][width]: the residual stream that goes out */
    const pvi_member_scratch *scratch;
} layer_task;

static float *at(float *rows, int32_t row, int32_t each) { return rows + (ptrdiff_t)row * each; }

/* Queries, keys and values of rows [row, end), at most a chunk. */
static void attention_inputs(const layer_task *t, int32_t row, int32_t end) {
    const pvi_shape *s = t->shape;
    const pvi_layer_state *l = t->state;
    float *normed = t->scratch->normed;
    for (int32_t r = row; r < end; r++)
        l->r_input[r] = t->k->rms_norm(s->width, s->norm_eps, at(l->input, r, s->width), t->weights->input_norm,
                                       at(normed, r - row, s->width));
    pvi_apply(t->env, &t->packed->qkv, end - row, normed, at(l->qkv, row, pvi_shape_qkv(s)), false);
}

static void attend(const layer_task *t, int32_t row, int32_t length) {
    const pvi_shape *s = t->shape;
    const pvi_layer_state *l = t->state;
    pvi_attention_shape shape = {s->heads, s->kv_heads, s->head_dim};
    int32_t each = pvi_shape_qkv(s), half = s->head_dim / 2;
    float *qkv = at(l->qkv, row, each), *mixed = at(l->mixed, row, s->heads * s->head_dim);
    for (int32_t p = 0; p < length; p++)
        t->k->rotary(s->heads + s->kv_heads, s->head_dim, t->cos + (ptrdiff_t)p * half, t->sin + (ptrdiff_t)p * half, 1.0f,
                     at(qkv, p, each));
    for (int32_t h = 0; h < s->kv_heads; h++)
        t->k->attention(&shape, length, h, qkv, mixed, at(l->stats, row, 2 * s->heads), t->scratch->attention);
}

/* The rest of the layer for rows [row, end), at most a chunk. */
static void feed_forward(const layer_task *t, int32_t row, int32_t end) {
    const pvi_shape *s = t->shape;
    const pvi_layer_state *l = t->state;
    int32_t width = s->width, hidden = s->hidden, rows = end - row;
    float *middle = at(l->middle, row, width), *gate_up = at(l->gate_up, row, 2 * hidden), *out = at(t->out, row, width);
    float *normed = t->scratch->normed, *act = t->scratch->act;
    size_t bytes = (size_t)rows * (size_t)width * sizeof(float);
    memcpy(middle, at(l->input, row, width), bytes);
    pvi_apply(t->env, &t->packed->proj, rows, at(l->mixed, row, s->heads * s->head_dim), middle, true);
    for (int32_t i = 0; i < rows; i++)
        l->r_middle[row + i] = t->k->rms_norm(width, s->norm_eps, at(middle, i, width), t->weights->post_norm, at(normed, i, width));
    pvi_apply(t->env, &t->packed->gate_up, rows, normed, gate_up, false);
    for (int32_t i = 0; i < rows; i++) t->k->swiglu(hidden, at(gate_up, i, 2 * hidden), at(act, i, hidden));
    memcpy(out, middle, bytes);
    pvi_apply(t->env, &t->packed->down, rows, act, out, true);
}

static void one_layer(const forward_task *t, int32_t i, const block *b, const pvi_member_scratch *scratch) {
    pvi_activations *a = t->a;
    const pvi_packed *p = t->model->packed;
    bool last = i + 1 == t->model->shape.layers;
    layer_task layer = {.env = t->model->env, .k = t->k, .shape = &t->model->shape, .weights = &t->model->weights.layer[i],
                        .packed = &p->layer[i], .cos = p->cos, .sin = p->sin, .state = &a->layer[a->training ? i : 0],
                        .out = last ? a->last : a->layer[a->training ? i + 1 : 0].input, .scratch = scratch};
    int32_t end = b->row + b->rows;
    for (int32_t row = b->row; row < end; row = pvi_chunk_end(row, end)) attention_inputs(&layer, row, pvi_chunk_end(row, end));
    for (int32_t q = b->first; q < b->end; q++) attend(&layer, t->batch->offset[q], t->batch->offset[q + 1] - t->batch->offset[q]);
    for (int32_t row = b->row; row < end; row = pvi_chunk_end(row, end)) feed_forward(&layer, row, pvi_chunk_end(row, end));
}

static void one_block(const forward_task *t, const block *b, const pvi_member_scratch *scratch) {
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
        int32_t to = pvi_block_end(t->batch, from, end);
        one_block(t, &(block){from, to, offset[from], offset[to] - offset[from]}, &t->a->member[member]);
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
