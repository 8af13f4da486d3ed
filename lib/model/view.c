/* view.c - where each tensor lies in a flat block, and what it is called in a Hugging Face file. */
#include "base/text.h"
#include "model/model.h"

/* The next `count` floats of the block. */
static float *take(float **next, uint64_t count) {
    float *here = *next;
    *next += count;
    return here;
}

static void lay_out(const pvi_shape *shape, pvi_view *view) {
    uint64_t width = (uint64_t)shape->width, hidden = (uint64_t)shape->hidden;
    float *next = view->block;
    view->embedding = take(&next, (uint64_t)shape->vocab * width);
    for (int32_t i = 0; i < shape->layers; i++) {
        pvi_layer_view *layer = &view->layer[i];
        layer->input_norm = take(&next, width);
        layer->qkv = take(&next, (uint64_t)pvi_shape_qkv(shape) * width);
        layer->out = take(&next, width * (uint64_t)shape->heads * (uint64_t)shape->head_dim);
        layer->post_norm = take(&next, width);
        layer->gate_up = take(&next, 2 * hidden * width);
        layer->down = take(&next, width * hidden);
    }
    view->norm = take(&next, width);
    view->lm_head = view->embedding;
    if (shape->head == PVI_HEAD_LM) {
        if (!shape->tied) view->lm_head = take(&next, (uint64_t)shape->vocab * width);
        return;
    }
    view->score_weight = take(&next, width);
    view->score_bias = take(&next, 1);
    view->logprob_weight = take(&next, 1);
}

pvg_status pvi_view_create(pvi_env *env, const pvi_shape *shape, pvi_view *out) {
    pvi_view view = {.count = pvi_shape_parameters(shape)};
    view.layer = pvi_calloc(env, (size_t)shape->layers, sizeof *view.layer);
    if (view.layer == NULL) return PVG_E_NOMEM;
    view.block = pvi_calloc(env, view.count, sizeof *view.block);
    if (view.block == NULL) {
        pvi_free(env, view.layer);
        return PVG_E_NOMEM;
    }
    lay_out(shape, &view);
    *out = view;
    return PVG_OK;
}

void pvi_view_destroy(pvi_env *env, pvi_view *view) {
    pvi_free(env, view->block);
    pvi_free(env, view->layer);
    *view = (pvi_view){0};
}

/* ---- names ---- */

typedef struct visitor {
    pvi_visit_fn visit;
    void *arg;
    int32_t layer;
    pvg_status status;
} visitor;

static void show(visitor *v, const char *name, float *data, int64_t rows, int64_t cols) {
    if (v->status == PVG_OK) v->status = v->visit(v->arg, name, data, rows, cols);
}

static void show_layer(visitor *v, const char *part, float *data, int64_t rows, int64_t cols) {
    char name[96];
    pvi_text_format(name, sizeof name, "model.layers.%d.%s.weight", (int)v->layer, part);
    show(v, name, data, rows, cols);
}

static void layer_tensors(visitor *v, const pvi_shape *shape, const pvi_layer_view *layer) {
    int64_t width = shape->width, hidden = shape->hidden;
    int64_t q = (int64_t)shape->heads * shape->head_dim, k = (int64_t)shape->kv_heads * shape->head_dim;
    show_layer(v, "input_layernorm", layer->input_norm, width, 0);
    show_layer(v, "self_attn.q_proj", layer->qkv, q, width);
    show_layer(v, "self_attn.k_proj", layer->qkv + q * width, k, width);
    show_layer(v, "self_attn.v_proj", layer->qkv + (q + k) * width, k, width);
    show_layer(v, "self_attn.o_proj", layer->out, width, q);
    show_layer(v, "post_attention_layernorm", layer->post_norm, width, 0);
    show_layer(v, "mlp.gate_proj", layer->gate_up, hidden, width);
    show_layer(v, "mlp.up_proj", layer->gate_up + hidden * width, hidden, width);
    show_layer(v, "mlp.down_proj", layer->down, width, hidden);
}

pvg_status pvi_model_tensors(const pvi_shape *shape, const pvi_view *view, pvi_visit_fn visit, void *arg) {
    visitor v = {.visit = visit, .arg = arg};
    show(&v, "model.embed_tokens.weight", view->embedding, shape->vocab, shape->width);
    for (v.layer = 0; v.layer < shape->layers; v.layer++) layer_tensors(&v, shape, &view->layer[v.layer]);
    show(&v, "model.norm.weight", view->norm, shape->width, 0);
    if (shape->head == PVI_HEAD_LM) {
        if (!shape->tied) show(&v, "lm_head.weight", view->lm_head, shape->vocab, shape->width);
        return v.status;
    }
    show(&v, "score.weight", view->score_weight, 1, shape->width);
    if (shape->head != PVI_HEAD_LAST) show(&v, "score.bias", view->score_bias, 1, 0);
    if (shape->logprob_feature) show(&v, "logprob.weight", view->logprob_weight, 1, 0);
    return v.status;
}
