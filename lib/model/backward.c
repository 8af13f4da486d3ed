/* backward.c - gradients of the trunk. In each layer every member first takes its own sequences back; then, after all
 * have done so, the members share the weights' rows among them: each weight's gradient is one chain over all tokens in
 * order, whoever computes it. */
#include "base/workers.h"
#include "compute/gemm.h"
#include "model/activations.h"
#include "model/packed.h"

typedef struct backward_task {
    pvi_model *model;
    const pvi_batch *batch;
    pvi_activations *a;
    const pvi_kernels *k;
    float *d_hidden;
    const pvi_view *gradient;
} backward_task;

/* One layer. The gradient of the residual stream is needed three times: as it comes in (d_above), for the down matrix's
 * weights; with the feed-forward norm's part (d_between), for the output matrix's; and with the attention norm's part
 * (d_below), for the layer below. */
typedef struct layer_back {
    const backward_task *task;
    const pvi_activations *a;
    const pvi_env *env;
    const pvi_kernels *k;
    const pvi_shape *shape;
    const pvi_layer_view *weights, *gradient;
    const pvi_packed_layer *packed;
    const pvi_layer_state *state;
    float *d_above, *d_below;
    int32_t tokens;
} layer_back;

static float *at(float *rows, int32_t row, int32_t each) { return rows + (ptrdiff_t)row * each; }

/* ---- a member's own rows ---- */

/* Rows [row, end), at most a chunk: down to attention's output. */
static void feed_forward_back(const layer_back *b, int32_t row, int32_t end, const pvi_member_scratch *m) {
    const pvi_shape *s = b->shape;
    const pvi_layer_state *l = b->state;
    const pvi_activations *a = b->a;
    int32_t width = s->width, hidden = s->hidden, rows = end - row, mixed = s->heads * s->head_dim;
    int engine = b->env->engine;
    pvi_apply_back(b->env, &b->packed->down, rows, at(b->d_above, row, width), m->d_act, false);
    for (int32_t i = 0; i < rows; i++) {
        b->k->swiglu_back(hidden, at(l->gate_up, row + i, 2 * hidden), at(m->d_act, i, hidden), at(m->act, i, hidden),
                          at(a->d_gate_up, row + i, 2 * hidden));
        b->k->rms_norm(width, s->norm_eps, at(l->middle, row + i, width), b->weights->post_norm, at(m->normed, i, width));
    }
    pvi_pack_rows(engine, b->tokens, hidden, m->act, hidden, 1, row, end, a->x_down);
    pvi_pack_rows(engine, b->tokens, width, m->normed, width, 1, row, end, a->x_gate_up);
    pvi_pack_rows(engine, b->tokens, mixed, at(l->mixed, row, mixed), mixed, 1, row, end, a->x_proj);
    pvi_apply_back(b->env, &b->packed->gate_up, rows, at(a->d_gate_up, row, 2 * hidden), at(a->d_middle_normed, row, width), false);
    for (int32_t r = row; r < end; r++)
        b->k->rms_norm_back(width, l->r_middle[r], at(l->middle, r, width), b->weights->post_norm,
                            at(a->d_middle_normed, r, width), at(b->d_above, r, width), at(a->d_between, r, width));
    pvi_apply_back(b->env, &b->packed->proj, rows, at(a->d_between, row, width), at(a->d_mixed, row, mixed), false);
}

static void attention_back(const layer_back *b, int32_t row, int32_t length, const pvi_member_scratch *m) {
    const pvi_shape *s = b->shape;
    const pvi_packed *packed = b->task->model->packed;
    const pvi_layer_state *l = b->state;
    pvi_attention_shape shape = {s->heads, s->kv_heads, s->head_dim};
    int32_t mixed = s->heads * s->head_dim, qkv = pvi_shape_qkv(s), half = s->head_dim / 2;
    float *d_qkv = at(b->a->d_qkv, row, qkv);
    for (int32_t h = 0; h < s->kv_heads; h++)
        b->k->attention_back(&shape, length, h, at(l->qkv, row, qkv), at(l->mixed, row, mixed), at(l->stats, row, 2 * s->heads),
                             at(b->a->d_mixed, row, mixed), d_qkv, m->attention);
    for (int32_t p = 0; p < length; p++)
        b->k->rotary(s->heads + s->kv_heads, s->head_dim, packed->cos + (ptrdiff_t)p * half, packed->sin + (ptrdiff_t)p * half,
                     -1.0f, at(d_qkv, p, qkv));
}

/* Rows [row, end), at most a chunk: from queries, keys and values to the layer below. */
static void attention_inputs_back(const layer_back *b, int32_t row, int32_t end, const pvi_member_scratch *m) {
    const pvi_shape *s = b->shape;
    const pvi_layer_state *l = b->state;
    const pvi_activations *a = b->a;
    int32_t width = s->width;
    for (int32_t r = row; r < end; r++)
        b->k->rms_norm(width, s->norm_eps, at(l->input, r, width), b->weights->input_norm, at(m->normed, r - row, width));
    pvi_pack_rows(b->env->engine, b->tokens, width, m->normed, width, 1, row, end, a->x_qkv);
    pvi_apply_back(b->env, &b->packed->qkv, end - row, at(a->d_qkv, row, pvi_shape_qkv(s)), at(a->d_normed, row, width), false);
    for (int32_t r = row; r < end; r++)
        b->k->rms_norm_back(width, l->r_input[r], at(l->input, r, width), b->weights->input_norm, at(a->d_normed, r, width),
                            at(a->d_between, r, width), at(b->d_below, r, width));
}

/* Sequences [first, last). */
static void sequences_back(const layer_back *b, int32_t first, int32_t last, const pvi_member_scratch *m) {
    const int32_t *offset = b->task->batch->offset;
    int32_t begin = offset[first], end = offset[last];
    for (int32_t row = begin; row < end; row = pvi_chunk_end(row, end)) feed_forward_back(b, row, pvi_chunk_end(row, end), m);
    for (int32_t q = first; q < last; q++) attention_back(b, offset[q], offset[q + 1] - offset[q], m);
    for (int32_t row = begin; row < end; row = pvi_chunk_end(row, end))
        attention_inputs_back(b, row, pvi_chunk_end(row, end), m);
}

static void own_rows(const layer_back *b, int member) {
    const pvi_activations *a = b->a;
    for (int32_t from = a->member_first[member], end = a->member_first[member + 1], to; from < end; from = to) {
        to = pvi_block_end(b->task->batch, from, end);
        sequences_back(b, from, to, &a->member[member]);
    }
}

/* ---- the weights ---- */

/* dW[out][in] += dY^T X for the member's share of W's rows. */
static void weight_rows(const layer_back *b, const pvi_packed_matrix *m, const float *d_out, const float *x, float *gradient,
                        int member, int count) {
    size_t from, to;
    pvi_share((size_t)m->out, 8, member, count, &from, &to);
    if (from == to) return;
    pvi_gemm(b->env->engine, (int)(to - from), m->in, b->tokens, d_out + from, 1, m->out, x, gradient + from * (size_t)m->in,
             m->in, true);
}

static void norm_columns(const backward_task *t, const float *r, const float *x, const float *dy, float *gradient, int member,
                         int count) {
    size_t from, to;
    pvi_share((size_t)t->model->shape.width, PVI_LANES, member, count, &from, &to);
    if (from < to)
        t->k->rms_norm_weight(pvi_batch_tokens(t->batch), (int32_t)(to - from), t->model->shape.width, r, x + from, dy + from,
                              gradient + from);
}

static void shared_weights(const layer_back *b, int member, int count) {
    const pvi_layer_view *g = b->gradient;
    const pvi_packed_layer *p = b->packed;
    const pvi_layer_state *l = b->state;
    const pvi_activations *a = b->a;
    weight_rows(b, &p->qkv, a->d_qkv, a->x_qkv, g->qkv, member, count);
    weight_rows(b, &p->proj, a->d_between, a->x_proj, g->out, member, count);
    weight_rows(b, &p->gate_up, a->d_gate_up, a->x_gate_up, g->gate_up, member, count);
    weight_rows(b, &p->down, b->d_above, a->x_down, g->down, member, count);
    norm_columns(b->task, l->r_middle, l->middle, a->d_middle_normed, g->post_norm, member, count);
    norm_columns(b->task, l->r_input, l->input, a->d_normed, g->input_norm, member, count);
}

/* Looked-up rows get their tokens' gradients, in token order. */
static void embedding_columns(const backward_task *t, float *d_stream, int member, int count) {
    int32_t width = t->model->shape.width, tokens = pvi_batch_tokens(t->batch);
    size_t from, to;
    pvi_share((size_t)width, PVI_LANES, member, count, &from, &to);
    if (from == to) return;
    for (int32_t r = 0; r < tokens; r++)
        t->k->add((int32_t)(to - from), at(d_stream, r, width) + from, at(t->gradient->embedding, t->batch->token[r], width) + from);
}

/* ---- all of it ---- */

static void final_norm_back(const backward_task *t, float *d_stream, int member) {
    const pvi_activations *a = t->a;
    int32_t width = t->model->shape.width;
    int32_t row = t->batch->offset[a->member_first[member]], end = t->batch->offset[a->member_first[member + 1]];
    for (int32_t r = row; r < end; r++)
        t->k->rms_norm_back(width, a->r_last[r], at(a->last, r, width), t->model->weights.norm, at(t->d_hidden, r, width),
                            a->zero, at(d_stream, r, width));
}

static void backward_member(void *arg, int member, int count) {
    const backward_task *t = arg;
    const pvi_activations *a = t->a;
    const pvi_model *model = t->model;
    pvi_workers *team = model->env->workers;
    float *above = a->d_other, *below = t->d_hidden;
    final_norm_back(t, above, member);
    pvi_workers_barrier(team);
    norm_columns(t, a->r_last, a->last, t->d_hidden, t->gradient->norm, member, count);
    for (int32_t i = model->shape.layers - 1; i >= 0; i--) {
        layer_back b = {.task = t, .a = a, .env = model->env, .k = t->k, .shape = &model->shape,
                        .weights = &model->weights.layer[i], .gradient = &t->gradient->layer[i],
                        .packed = &model->packed->layer[i], .state = &a->layer[i], .d_above = above, .d_below = below,
                        .tokens = pvi_batch_tokens(t->batch)};
        pvi_workers_barrier(team);
        own_rows(&b, member);
        pvi_workers_barrier(team);
        shared_weights(&b, member, count);
        below = above;
        above = b.d_below;
    }
    embedding_columns(t, above, member, count);
}

pvg_status pvi_backward(pvi_model *model, const pvi_batch *batch, pvi_activations *a, float *d_hidden, pvi_view *gradients) {
    pvg_status status = pvi_packed_backward(model);
    if (status != PVG_OK) return status;
    backward_task task = {.model = model, .batch = batch, .a = a, .k = pvi_kernels_of(model->env->engine), .d_hidden = d_hidden,
                          .gradient = gradients};
    pvi_workers_run(model->env->workers, backward_member, &task);
    return PVG_OK;
}
