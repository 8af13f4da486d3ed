/* backward.c - gradients of the trunk. In each layer every member first takes its own sequences back; then, after all
 * have done so, the members share the weights' rows among them: each weight's gradient is one chain over all tokens in
 * order, whoever computes it. */
#include <string.h>

#include "base/workers.h"
#include "compute/gemm.h"
#include "model/activations.h"
#include "model/packed.h"

typedef struct backward_task {
    pvi_model *model;
    const pvi_batch *batch;
    pvi_activations *a;
    const pvi_kernels *k;
    float *d_stream; /* [tokens][width]: the residual stream's gradient */
    const pvi_view *gradient;
} backward_task;

static float *at(float *rows, int32_t row, int32_t each) { return rows + (ptrdiff_t)row * each; }

/* ---- a member's own rows ---- */

static void feed_forward_back(const backward_task *t, int32_t i, int32_t row, int32_t end) {
    const pvi_shape *s = &t->model->shape;
    const pvi_layer_view *w = &t->model->weights.layer[i];
    const pvi_packed_layer *p = &t->model->packed->layer[i];
    const pvi_layer_state *l = &t->a->layer[i];
    pvi_activations *a = t->a;
    int32_t width = s->width, hidden = s->hidden, engine = t->model->env->engine, tokens = pvi_batch_tokens(t->batch);
    pvi_apply_back(t->model->env, &p->down, end - row, at(t->d_stream, row, width), at(a->d_act, row, hidden), false);
    for (int32_t r = row; r < end; r++) {
        t->k->swiglu_back(hidden, at(l->gate_up, r, 2 * hidden), at(a->d_act, r, hidden), at(a->act, r, hidden), at(a->d_gate_up, r, 2 * hidden));
        t->k->rms_norm(width, s->norm_eps, at(l->middle, r, width), w->post_norm, at(a->normed, r, width));
    }
    pvi_pack_rows(engine, tokens, hidden, a->act, hidden, 1, row, end, a->x_down);
    pvi_pack_rows(engine, tokens, width, a->normed, width, 1, row, end, a->x_gate_up);
    pvi_apply_back(t->model->env, &p->gate_up, end - row, at(a->d_gate_up, row, 2 * hidden), at(a->d_middle_normed, row, width), false);
}

/* Attention's part; d_stream still holds the gradient of the stream after the feed-forward part. */
static void attention_back(const backward_task *t, int32_t i, int32_t first, int32_t last, float *scratch) {
    const pvi_shape *s = &t->model->shape;
    const pvi_packed *packed = t->model->packed;
    const pvi_layer_state *l = &t->a->layer[i];
    pvi_activations *a = t->a;
    pvi_attention_shape shape = {s->heads, s->kv_heads, s->head_dim};
    int32_t mixed = s->heads * s->head_dim, qkv = pvi_shape_qkv(s), half = s->head_dim / 2;
    for (int32_t q = first; q < last; q++) {
        int32_t row = t->batch->offset[q], length = t->batch->offset[q + 1] - row;
        for (int32_t h = 0; h < s->kv_heads; h++)
            t->k->attention_back(&shape, length, h, at(l->qkv, row, qkv), at(l->mixed, row, mixed), at(l->stats, row, 2 * s->heads),
                                 at(a->d_mixed, row, mixed), at(a->d_qkv, row, qkv), scratch);
        for (int32_t p = 0; p < length; p++)
            t->k->rotary(s->heads + s->kv_heads, s->head_dim, packed->cos + (ptrdiff_t)p * half, packed->sin + (ptrdiff_t)p * half,
                         -1.0f, at(a->d_qkv, row + p, qkv));
    }
}

/* The stream's gradient is needed three times: for the down matrix's weights (kept in d_after), then with the
 * feed-forward norm's part for the output matrix's weights, then with the attention norm's part for the layer below. */
static void own_rows(const backward_task *t, int32_t i, int member) {
    const pvi_shape *s = &t->model->shape;
    const pvi_layer_view *w = &t->model->weights.layer[i];
    const pvi_packed_layer *p = &t->model->packed->layer[i];
    const pvi_layer_state *l = &t->a->layer[i];
    pvi_activations *a = t->a;
    int32_t first = a->member_first[member], last = a->member_first[member + 1];
    int32_t row = t->batch->offset[first], end = t->batch->offset[last], width = s->width, mixed = s->heads * s->head_dim;
    int32_t engine = t->model->env->engine, tokens = pvi_batch_tokens(t->batch), qkv = pvi_shape_qkv(s);
    if (row == end) return;
    memcpy(at(a->d_after, row, width), at(t->d_stream, row, width), (size_t)(end - row) * (size_t)width * sizeof(float));
    feed_forward_back(t, i, row, end);
    for (int32_t r = row; r < end; r++)
        t->k->rms_norm_back(width, l->r_middle[r], at(l->middle, r, width), w->post_norm, at(a->d_middle_normed, r, width),
                            at(t->d_stream, r, width), at(t->d_stream, r, width));
    memcpy(at(a->d_between, row, width), at(t->d_stream, row, width), (size_t)(end - row) * (size_t)width * sizeof(float));
    pvi_apply_back(t->model->env, &p->proj, end - row, at(t->d_stream, row, width), at(a->d_mixed, row, mixed), false);
    pvi_pack_rows(engine, tokens, mixed, l->mixed, mixed, 1, row, end, a->x_proj);
    attention_back(t, i, first, last, a->attention[member]);
    for (int32_t r = row; r < end; r++)
        t->k->rms_norm(width, s->norm_eps, at(l->input, r, width), w->input_norm, at(a->normed, r, width));
    pvi_pack_rows(engine, tokens, width, a->normed, width, 1, row, end, a->x_qkv);
    pvi_apply_back(t->model->env, &p->qkv, end - row, at(a->d_qkv, row, qkv), at(a->d_normed, row, width), false);
    for (int32_t r = row; r < end; r++)
        t->k->rms_norm_back(width, l->r_input[r], at(l->input, r, width), w->input_norm, at(a->d_normed, r, width),
                            at(t->d_stream, r, width), at(t->d_stream, r, width));
}

/* ---- the weights ---- */

/* dW[out][in] += dY^T X for the member's share of W's rows. */
static void weight_rows(const backward_task *t, const pvi_packed_matrix *m, const float *d_out, const float *x, float *gradient,
                        int member, int count) {
    size_t from, to;
    pvi_share((size_t)m->out, 8, member, count, &from, &to);
    if (from == to) return;
    pvi_gemm(t->model->env->engine, (int)(to - from), m->in, pvi_batch_tokens(t->batch), d_out + from, 1, m->out, x,
             gradient + from * (size_t)m->in, m->in, true);
}

static void norm_columns(const backward_task *t, const float *r, const float *x, const float *dy, float *gradient, int member,
                         int count) {
    size_t from, to;
    pvi_share((size_t)t->model->shape.width, PVI_LANES, member, count, &from, &to);
    if (from < to)
        t->k->rms_norm_weight(pvi_batch_tokens(t->batch), (int32_t)(to - from), t->model->shape.width, r, x + from, dy + from,
                              gradient + from);
}

static void shared_weights(const backward_task *t, int32_t i, int member, int count) {
    const pvi_layer_view *g = &t->gradient->layer[i];
    const pvi_packed_layer *p = &t->model->packed->layer[i];
    const pvi_layer_state *l = &t->a->layer[i];
    const pvi_activations *a = t->a;
    weight_rows(t, &p->qkv, a->d_qkv, a->x_qkv, g->qkv, member, count);
    weight_rows(t, &p->proj, a->d_between, a->x_proj, g->out, member, count);
    weight_rows(t, &p->gate_up, a->d_gate_up, a->x_gate_up, g->gate_up, member, count);
    weight_rows(t, &p->down, a->d_after, a->x_down, g->down, member, count);
    norm_columns(t, l->r_middle, l->middle, a->d_middle_normed, g->post_norm, member, count);
    norm_columns(t, l->r_input, l->input, a->d_normed, g->input_norm, member, count);
}

/* Looked-up rows get their tokens' gradients, in token order. */
static void embedding_columns(const backward_task *t, int member, int count) {
    int32_t width = t->model->shape.width, tokens = pvi_batch_tokens(t->batch);
    size_t from, to;
    pvi_share((size_t)width, PVI_LANES, member, count, &from, &to);
    if (from == to) return;
    for (int32_t r = 0; r < tokens; r++)
        t->k->add((int32_t)(to - from), at(t->d_stream, r, width) + from, at(t->gradient->embedding, t->batch->token[r], width) + from);
}

static void backward_member(void *arg, int member, int count) {
    const backward_task *t = arg;
    pvi_activations *a = t->a;
    pvi_workers *team = t->model->env->workers;
    int32_t width = t->model->shape.width;
    int32_t row = t->batch->offset[a->member_first[member]], end = t->batch->offset[a->member_first[member + 1]];
    memcpy(at(a->d_normed, row, width), at(t->d_stream, row, width), (size_t)(end - row) * (size_t)width * sizeof(float));
    for (int32_t r = row; r < end; r++)
        t->k->rms_norm_back(width, a->r_last[r], at(a->last, r, width), t->model->weights.norm, at(a->d_normed, r, width), a->zero,
                            at(t->d_stream, r, width));
    pvi_workers_barrier(team);
    norm_columns(t, a->r_last, a->last, a->d_normed, t->gradient->norm, member, count);
    for (int32_t i = t->model->shape.layers - 1; i >= 0; i--) {
        pvi_workers_barrier(team);
        own_rows(t, i, member);
        pvi_workers_barrier(team);
        shared_weights(t, i, member, count);
    }
    embedding_columns(t, member, count);
}

pvg_status pvi_backward(pvi_model *model, const pvi_batch *batch, pvi_activations *a, float *d_hidden, pvi_view *gradients) {
    pvg_status status = pvi_packed_backward(model);
    if (status != PVG_OK) return status;
    backward_task task = {.model = model, .batch = batch, .a = a, .k = pvi_kernels_of(model->env->engine), .d_stream = d_hidden,
                          .gradient = gradients};
    pvi_workers_run(model->env->workers, backward_member, &task);
    return PVG_OK;
}
