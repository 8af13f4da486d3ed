/* packed.c - see packed.h. */
#include "model/packed.h"

#include <string.h>

#include "base/workers.h"
#include "compute/engine.h"
#include "compute/gemm.h"

enum { LOGITS_FLOATS = 1 << 18, CHUNK_MOST = 256, CHUNK_LEAST = 192 }; /* each chunk streams the head anew */

static int32_t chunk_rows(const pvi_shape *shape) {
    int32_t rows = LOGITS_FLOATS / shape->vocab;
    return rows > CHUNK_MOST ? CHUNK_MOST : rows < CHUNK_LEAST ? CHUNK_LEAST : rows / 8 * 8;
}

/* Every matrix of the layers, in order. */
typedef void (*matrix_fn)(void *arg, pvi_packed_matrix *m);
static void each_matrix(pvi_packed *p, int32_t layers, matrix_fn visit, void *arg) {
    for (int32_t i = 0; i < layers; i++) {
        visit(arg, &p->layer[i].qkv);
        visit(arg, &p->layer[i].proj);
        visit(arg, &p->layer[i].gate_up);
        visit(arg, &p->layer[i].down);
    }
}

static void layer_shapes(const pvi_shape *s, const pvi_layer_view *w, pvi_packed_layer *out) {
    int32_t mixed = s->heads * s->head_dim;
    *out = (pvi_packed_layer){.qkv = {.weight = w->qkv, .out = pvi_shape_qkv(s), .in = s->width},
                              .proj = {.weight = w->out, .out = s->width, .in = mixed},
                              .gate_up = {.weight = w->gate_up, .out = 2 * s->hidden, .in = s->width},
                              .down = {.weight = w->down, .out = s->width, .in = s->hidden}};
}

/* Floats of one copy, in whole cache lines. */
static size_t copy_floats(int engine, int32_t k, int32_t n) { return (pvi_pack_floats(engine, k, n) + 15) / 16 * 16; }

static size_t layers_floats(const pvi_shape *s, int engine, bool backward) {
    pvi_packed_layer one;
    pvi_layer_view none = {0};
    layer_shapes(s, &none, &one);
    const pvi_packed_matrix *m[4] = {&one.qkv, &one.proj, &one.gate_up, &one.down};
    size_t sum = 0;
    for (int i = 0; i < 4; i++)
        sum += backward ? copy_floats(engine, m[i]->out, m[i]->in) : copy_floats(engine, m[i]->in, m[i]->out);
    return sum * (size_t)s->layers;
}

static size_t head_floats(const pvi_shape *s, int engine, bool backward) {
    return backward ? copy_floats(engine, s->vocab, s->width) : copy_floats(engine, s->width, s->vocab);
}

size_t pvi_packed_bytes(const pvi_shape *s, int engine, bool training, bool head) {
    size_t chunk = (size_t)chunk_rows(s), floats = layers_floats(s, engine, false) + (size_t)s->context * (size_t)s->head_dim;
    if (training) floats += layers_floats(s, engine, true);
    if (head) floats += head_floats(s, engine, false) + chunk * ((size_t)s->vocab + (size_t)s->width);
    if (head && training) floats += head_floats(s, engine, true) + pvi_pack_floats(engine, (int)chunk, s->width);
    return floats * sizeof(float) + (size_t)s->layers * sizeof(pvi_packed_layer) + sizeof(pvi_packed);
}

void pvi_packed_destroy(pvi_env *env, pvi_packed *p) {
    if (p == NULL) return;
    void *blocks[] = {p->layer, p->forward, p->backward, p->cos, p->sin, p->head.forward, p->head.backward, p->logits, p->rows, p->panel};
    for (size_t i = 0; i < sizeof blocks / sizeof blocks[0]; i++) pvi_free(env, blocks[i]);
    pvi_free(env, p);
}

typedef struct placer {
    int engine;
    bool backward;
    float *next;
} placer;

static void place(void *arg, pvi_packed_matrix *m) {
    placer *at = arg;
    *(at->backward ? &m->backward : &m->forward) = at->next;
    at->next += at->backward ? copy_floats(at->engine, m->out, m->in) : copy_floats(at->engine, m->in, m->out);
}

static pvg_status make(pvi_model *model, pvi_packed **out) {
    pvi_env *env = model->env;
    const pvi_shape *s = &model->shape;
    pvi_packed *p = pvi_calloc(env, 1, sizeof *p);
    if (p == NULL) return PVG_E_NOMEM;
    size_t half = (size_t)s->context * (size_t)s->head_dim / 2;
    p->layer = pvi_calloc(env, (size_t)s->layers, sizeof *p->layer);
    p->forward = pvi_alloc(env, layers_floats(s, env->engine, false), sizeof(float));
    p->cos = pvi_alloc(env, half, sizeof(float));
    p->sin = pvi_alloc(env, half, sizeof(float));
    if (!p->layer || !p->forward || !p->cos || !p->sin) {
        pvi_packed_destroy(env, p);
        return PVG_E_NOMEM;
    }
    for (int32_t i = 0; i < s->layers; i++) layer_shapes(s, &model->weights.layer[i], &p->layer[i]);
    p->chunk = chunk_rows(s);
    p->head = (pvi_packed_matrix){.weight = model->weights.lm_head, .out = s->vocab, .in = s->width};
    each_matrix(p, s->layers, place, &(placer){.engine = env->engine, .next = p->forward});
    pvi_rotary_table(s->context, s->head_dim, s->rope_theta, p->cos, p->sin);
    *out = p;
    return PVG_OK;
}

typedef struct pack_task {
    pvi_packed *packed;
    int32_t layers; /* 0: the head */
    int engine, member, count;
    bool backward;
} pack_task;

/* The member's panels of one matrix. */
static void pack_share(void *arg, pvi_packed_matrix *m) {
    const pack_task *t = arg;
    int k = t->backward ? m->out : m->in, n = t->backward ? m->in : m->out;
    ptrdiff_t row = t->backward ? m->in : 1, col = t->backward ? 1 : m->in;
    size_t from, to;
    pvi_share((size_t)n, (size_t)pvi_pack_width(t->engine), t->member, t->count, &from, &to);
    if (from == to) return;
    float *packed = t->backward ? m->backward : m->forward;
    pvi_pack(t->engine, k, (int)(to - from), m->weight + (ptrdiff_t)from * col, row, col, packed + from * (size_t)k);
}

static void pack_all(void *arg, int member, int count) {
    pack_task t = *(const pack_task *)arg;
    t.member = member;
    t.count = count;
    if (t.layers > 0) each_matrix(t.packed, t.layers, pack_share, &t);
    else pack_share(&t, &t.packed->head);
}

pvg_status pvi_model_ready(pvi_model *model) {
    if (model->packed != NULL && !model->stale) return PVG_OK;
    if (model->packed == NULL) {
        pvg_status status = make(model, &model->packed);
        if (status != PVG_OK) return status;
    }
    pack_task task = {.packed = model->packed, .layers = model->shape.layers, .engine = model->env->engine};
    pvi_workers_run(model->env->workers, pack_all, &task);
    model->packed->backward_stale = model->packed->head_stale = model->packed->head_backward_stale = true;
    model->stale = false;
    return PVG_OK;
}

pvg_status pvi_packed_backward(pvi_model *model) {
    pvi_packed *p = model->packed;
    pvi_env *env = model->env;
    if (!p->backward_stale) return PVG_OK;
    if (p->backward == NULL) {
        p->backward = pvi_alloc(env, layers_floats(&model->shape, env->engine, true), sizeof(float));
        if (p->backward == NULL) return PVG_E_NOMEM;
        each_matrix(p, model->shape.layers, place, &(placer){.engine = env->engine, .backward = true, .next = p->backward});
    }
    pack_task task = {.packed = p, .layers = model->shape.layers, .engine = env->engine, .backward = true};
    pvi_workers_run(env->workers, pack_all, &task);
    p->backward_stale = false;
    return PVG_OK;
}

/* A block that is there already, or is made now. */
static bool have(pvi_env *env, float **block, size_t floats) {
    if (*block == NULL) *block = pvi_alloc(env, floats, sizeof(float));
    return *block != NULL;
}

static void pack_head(pvi_model *model, bool backward, bool *stale) {
    if (!*stale) return;
    pack_task task = {.packed = model->packed, .engine = model->env->engine, .backward = backward};
    pvi_workers_run(model->env->workers, pack_all, &task);
    *stale = false;
}

pvg_status pvi_packed_head(pvi_model *model, pvi_head_use use) {
    pvi_packed *p = model->packed;
    pvi_env *env = model->env;
    const pvi_shape *s = &model->shape;
    size_t chunk = (size_t)p->chunk;
    if (!have(env, &p->head.forward, head_floats(s, env->engine, false))) return PVG_E_NOMEM;
    pack_head(model, false, &p->head_stale);
    if (use >= PVI_HEAD_FOR_LOSS && (!have(env, &p->logits, chunk * (size_t)s->vocab) || !have(env, &p->rows, chunk * (size_t)s->width)))
        return PVG_E_NOMEM;
    if (use < PVI_HEAD_FOR_GRADIENT) return PVG_OK;
    if (!have(env, &p->panel, pvi_pack_floats(env->engine, p->chunk, s->width)) ||
        !have(env, &p->head.backward, head_floats(s, env->engine, true)))
        return PVG_E_NOMEM;
    pack_head(model, true, &p->head_backward_stale);
    return PVG_OK;
}

void pvi_model_rest(pvi_model *model) {
    pvi_packed_destroy(model->env, model->packed);
    model->packed = NULL;
}

void pvi_apply(const pvi_env *env, const pvi_packed_matrix *m, int32_t rows, const float *x, float *y, bool accumulate) {
    pvi_gemm(env->engine, rows, m->out, m->in, x, m->in, 1, m->forward, y, m->out, accumulate);
}

void pvi_apply_columns(const pvi_env *env, const pvi_packed_matrix *m, int32_t rows, const float *x, float *y, bool accumulate,
                       int32_t from, int32_t columns, pvi_wanted *wanted) {
    pvi_gemm_asking(env->engine, rows, columns, m->in, x, m->in, m->forward + (ptrdiff_t)from * m->in, y + from, m->out, accumulate,
                    wanted);
}

void pvi_apply_back(const pvi_env *env, const pvi_packed_matrix *m, int32_t rows, const float *dy, float *dx, bool accumulate) {
    pvi_gemm(env->engine, rows, m->in, m->out, dy, m->out, 1, m->backward, dx, m->in, accumulate);
}
