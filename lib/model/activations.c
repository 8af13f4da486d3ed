/* activations.c - see activations.h: planned first, then taken at once. */
#include "model/activations.h"

#include "base/workers.h"
#include "compute/engine.h"
#include "compute/gemm.h"

/* One list for planning and taking: with block NULL only `size` grows. */
typedef struct taker {
    pvi_arena *arena; /* NULL: plan */
    size_t size;
    bool overflow;
} taker;

static void *take(taker *t, size_t count, size_t each, size_t size) {
    size_t total;
    if (__builtin_mul_overflow(count, each, &total)) t->overflow = true;
    else if (t->arena != NULL) return pvi_arena_take(t->arena, total, size);
    size_t cost = t->overflow ? SIZE_MAX : pvi_arena_cost(total, size);
    if (cost == SIZE_MAX || __builtin_add_overflow(t->size, cost, &t->size)) t->overflow = true;
    return NULL;
}

/* Floats of a packed matrix on whatever engine: plans do not depend on it. */
static size_t pack_room(int32_t rows, int32_t columns) {
    size_t most = 0;
    for (int engine = PVI_ENGINE_PORTABLE; engine <= PVI_ENGINE_OPENBLAS; engine++) {
        size_t room = pvi_pack_floats(engine, rows, columns);
        if (room > most) most = room;
    }
    return most;
}

static float *floats(taker *t, size_t rows, size_t each) { return take(t, rows, each, sizeof(float)); }

static pvi_layer_state take_layer(taker *t, const pvi_shape *s, size_t rows) {
    size_t mixed = (size_t)s->heads * (size_t)s->head_dim;
    return (pvi_layer_state){.input = floats(t, rows, (size_t)s->width),
                             .qkv = floats(t, rows, (size_t)pvi_shape_qkv(s)),
                             .stats = floats(t, rows, 2 * (size_t)s->heads),
                             .mixed = floats(t, rows, mixed),
                             .middle = floats(t, rows, (size_t)s->width),
                             .gate_up = floats(t, rows, 2 * (size_t)s->hidden),
                             .r_input = floats(t, rows, 1),
                             .r_middle = floats(t, rows, 1)};
}

static pvi_member_scratch take_member(taker *t, const pvi_activations *a) {
    const pvi_shape *s = &a->shape;
    pvi_attention_shape shape = {s->heads, s->kv_heads, s->head_dim};
    pvi_member_scratch m = {.attention = floats(t, pvi_attention_scratch(&shape, a->longest, a->training), 1),
                            .normed = floats(t, PVI_CHUNK_ROWS, (size_t)s->width),
                            .act = floats(t, PVI_CHUNK_ROWS, (size_t)s->hidden)};
    if (a->training) m.d_act = floats(t, PVI_CHUNK_ROWS, (size_t)s->hidden);
    return m;
}

static void take_backward(taker *t, pvi_activations *a) {
    const pvi_shape *s = &a->shape;
    size_t rows = (size_t)a->tokens, width = (size_t)s->width, mixed = (size_t)s->heads * (size_t)s->head_dim;
    a->d_normed = floats(t, rows, width);
    a->d_middle_normed = floats(t, rows, width);
    a->d_other = floats(t, rows, width);
    a->d_between = floats(t, rows, width);
    a->d_mixed = floats(t, rows, mixed);
    a->d_qkv = floats(t, rows, (size_t)pvi_shape_qkv(s));
    a->d_gate_up = floats(t, rows, 2 * (size_t)s->hidden);
    a->x_qkv = floats(t, pack_room(a->tokens, s->width), 1);
    a->x_proj = floats(t, pack_room(a->tokens, (int)mixed), 1);
    a->x_gate_up = floats(t, pack_room(a->tokens, s->width), 1);
    a->x_down = floats(t, pack_room(a->tokens, s->hidden), 1);
    a->zero = floats(t, width, 1);
}

static void take_all(taker *t, pvi_activations *a) {
    const pvi_shape *s = &a->shape;
    size_t rows = (size_t)a->tokens, width = (size_t)s->width, members = (size_t)a->members;
    a->layer = take(t, a->training ? (size_t)s->layers : 1, 1, sizeof *a->layer);
    for (int32_t i = 0; i < (a->training ? s->layers : 1); i++) {
        pvi_layer_state one = take_layer(t, s, rows);
        if (t->arena != NULL) a->layer[i] = one;
    }
    a->last = floats(t, rows, width);
    a->r_last = floats(t, rows, 1);
    a->hidden = floats(t, rows, width);
    a->member = take(t, members, 1, sizeof *a->member);
    for (int32_t i = 0; i < a->members; i++) {
        pvi_member_scratch one = take_member(t, a);
        if (t->arena != NULL) a->member[i] = one;
    }
    a->member_first = take(t, members + 1, 1, sizeof *a->member_first);
    a->broken = take(t, members, 1, sizeof *a->broken);
    if (a->training) take_backward(t, a);
}

static size_t plan_bytes(const pvi_shape *shape, int32_t tokens, int32_t longest, int members, bool training) {
    pvi_activations a = {.shape = *shape, .tokens = tokens, .longest = longest, .members = members, .training = training};
    taker t = {.arena = NULL};
    take_all(&t, &a);
    return t.overflow ? SIZE_MAX : t.size;
}

size_t pvi_activations_bytes(const pvi_shape *shape, int32_t tokens, int32_t longest, int members, bool training) {
    size_t bytes = plan_bytes(shape, tokens, longest, members, training);
    return bytes == SIZE_MAX ? SIZE_MAX : bytes + sizeof(pvi_activations);
}

pvg_status pvi_activations_create(pvi_env *env, const pvi_shape *shape, int32_t tokens, int32_t longest, bool training,
                                  pvi_activations **out) {
    if (tokens < 1 || longest < 1)
        return pvi_fail(env, PVG_E_RANGE, "model", "activations for %d tokens in sequences of %d; wanted at least 1", (int)tokens,
                        (int)longest);
    if (longest > shape->context) longest = shape->context;
    pvi_activations *a = pvi_calloc(env, 1, sizeof *a);
    if (a == NULL) return PVG_E_NOMEM;
    *a = (pvi_activations){.shape = *shape, .tokens = tokens, .longest = longest, .members = pvi_workers_count(env->workers),
                           .training = training};
    size_t bytes = plan_bytes(shape, tokens, longest, a->members, training);
    pvg_status status = bytes == SIZE_MAX ? pvi_fail(env, PVG_E_NOMEM, "model", "activations of %d tokens are more than this machine can address", (int)tokens)
                                          : pvi_arena_init(env, &a->arena, bytes);
    if (status != PVG_OK) {
        pvi_free(env, a);
        return status;
    }
    take_all(&(taker){.arena = &a->arena}, a);
    for (int32_t i = 0; training && i < shape->width; i++) a->zero[i] = 0;
    *out = a;
    return PVG_OK;
}

void pvi_activations_destroy(pvi_env *env, pvi_activations *a) {
    if (a == NULL) return;
    pvi_arena_free(env, &a->arena);
    pvi_free(env, a);
}

void pvi_activations_share(pvi_activations *a, const pvi_batch *batch) {
    int64_t total = pvi_batch_tokens(batch);
    int32_t sequence = 0;
    for (int32_t m = 0; m < a->members; m++) {
        a->member_first[m] = sequence;
        int64_t until = total * (m + 1) / a->members;
        while (sequence < batch->sequences && batch->offset[sequence + 1] <= until) sequence++;
    }
    a->member_first[a->members] = batch->sequences;
}

int32_t pvi_block_end(const pvi_batch *batch, int32_t first, int32_t end) {
    int32_t to = first + 1;
    while (to < end && batch->offset[to + 1] - batch->offset[first] <= PVI_BLOCK_TOKENS) to++;
    return to;
}
