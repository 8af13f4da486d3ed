/* decoder.c - see decoder.h. Row by row these are the computations of forward.c, and so are their bits. */
#include "model/decoder.h"

enum { PROMPT_ROWS = 192 };

static float *at(float *rows, int32_t row, int32_t each) { return rows + (ptrdiff_t)row * each; }

int32_t pvi_decoder_wave(const pvi_shape *shape) {
    const uint64_t kept = (uint64_t)16 << 20; /* bytes of weights that stay near */
    return pvi_shape_parameters(shape) * sizeof(float) > kept ? PVI_WAVE_LARGE : PVI_WAVE;
}

/* ---- memory ---- */

static size_t segment_floats(const pvi_shape *s, int32_t room) {
    size_t head = pvi_keys_floats(s->head_dim, room) + pvi_values_floats(s->head_dim, room);
    return head * (size_t)s->kv_heads * (size_t)s->layers;
}

static int32_t most_rows(int32_t slots, int32_t prompt_room) {
    int32_t rows = prompt_room > PROMPT_ROWS ? prompt_room : PROMPT_ROWS;
    return slots > rows ? slots : rows;
}

static size_t scratch_floats(const pvi_shape *s, int32_t prompt_room, int32_t own_room) {
    pvi_attention_shape shape = {s->heads, s->kv_heads, s->head_dim};
    size_t prompt = pvi_attention_scratch(&shape, prompt_room, false);
    size_t step = pvi_attention_steps_scratch(s->head_dim, prompt_room + own_room);
    return prompt > step ? prompt : step;
}

/* Every block in turn: planned when the arena is NULL, else taken. */
static void *take(pvi_arena *arena, size_t *plan, size_t count, size_t size) {
    if (arena != NULL) return pvi_arena_take(arena, count, size);
    *plan += pvi_arena_cost(count, size);
    return NULL;
}

static size_t lay_out(pvi_arena *arena, const pvi_shape *s, pvi_decoder *d) {
    size_t plan = 0, rows = (size_t)d->rows, f = sizeof(float), i = sizeof(int32_t);
    d->prompt_floats = segment_floats(s, d->prompt_room);
    d->own_floats = segment_floats(s, d->own_room);
    d->prompt_cache = take(arena, &plan, d->prompt_floats * (size_t)d->prompts, f);
    d->own_cache = take(arena, &plan, d->own_floats * (size_t)d->slots, f);
    d->prompt_length = take(arena, &plan, (size_t)d->prompts, i);
    d->slot_prompt = take(arena, &plan, (size_t)d->slots, i);
    d->slot_length = take(arena, &plan, (size_t)d->slots, i);
    d->x = take(arena, &plan, rows * (size_t)s->width, f);
    d->normed = take(arena, &plan, rows * (size_t)s->width, f);
    d->qkv = take(arena, &plan, rows * (size_t)pvi_shape_qkv(s), f);
    d->mixed = take(arena, &plan, rows * (size_t)s->heads * (size_t)s->head_dim, f);
    d->gate_up = take(arena, &plan, rows * 2 * (size_t)s->hidden, f);
    d->act = take(arena, &plan, rows * (size_t)s->hidden, f);
    d->stats = take(arena, &plan, rows * 2 * (size_t)s->heads, f);
    d->scratch = take(arena, &plan, scratch_floats(s, d->prompt_room, d->own_room), f);
    return plan;
}

static pvi_decoder sized(int32_t prompts, int32_t slots, int32_t prompt_room, int32_t own_room) {
    return (pvi_decoder){.prompts = prompts, .slots = slots, .prompt_room = prompt_room, .own_room = own_room,
                         .rows = most_rows(slots, prompt_room)};
}

size_t pvi_decoder_bytes(const pvi_shape *shape, int32_t prompts, int32_t slots, int32_t prompt_room, int32_t own_room) {
    pvi_decoder d = sized(prompts, slots, prompt_room, own_room);
    return lay_out(NULL, shape, &d);
}

pvg_status pvi_decoder_create(pvi_env *env, const pvi_model *model, int32_t prompts, int32_t slots, int32_t prompt_room,
                              int32_t own_room, pvi_decoder *out) {
    pvi_decoder d = sized(prompts, slots, prompt_room, own_room);
    pvg_status status = pvi_arena_init(env, &d.arena, lay_out(NULL, &model->shape, &d));
    if (status != PVG_OK) return status;
    lay_out(&d.arena, &model->shape, &d);
    d.model = model;
    d.k = pvi_kernels_of(model->env->engine);
    *out = d;
    return PVG_OK;
}

void pvi_decoder_free(pvi_env *env, pvi_decoder *d) { pvi_arena_free(env, &d->arena); }

/* ---- the cache ---- */

typedef struct segment {
    float *keys, *values;
} segment;

/* Keys and values of one head in one layer of a prompt or a slot. */
static segment segment_of(const pvi_shape *s, float *cache, int32_t room, int32_t layer, int32_t head) {
    size_t keys = pvi_keys_floats(s->head_dim, room), both = keys + pvi_values_floats(s->head_dim, room);
    float *keys_at = cache + both * ((size_t)layer * (size_t)s->kv_heads + (size_t)head);
    return (segment){keys_at, keys_at + keys};
}

static void store(const pvi_shape *s, float *cache, int32_t room, int32_t layer, int32_t position, const float *qkv) {
    const float *key = qkv + s->heads * s->head_dim, *value = key + s->kv_heads * s->head_dim;
    for (int32_t h = 0; h < s->kv_heads; h++, key += s->head_dim, value += s->head_dim) {
        segment to = segment_of(s, cache, room, layer, h);
        pvi_key_put(to.keys, s->head_dim, position, key);
        pvi_value_put(to.values, s->head_dim, position, value);
    }
}

/* ---- a layer's dense parts, for `rows` rows of d->x ---- */

static void normalise(pvi_decoder *d, const float *weight, int32_t rows) {
    const pvi_shape *s = &d->model->shape;
    for (int32_t i = 0; i < rows; i++)
        d->k->rms_norm(s->width, s->norm_eps, at(d->x, i, s->width), weight, at(d->normed, i, s->width));
}

static void queries_keys_values(pvi_decoder *d, int32_t layer, int32_t rows) {
    normalise(d, d->model->weights.layer[layer].input_norm, rows);
    pvi_apply(d->model->env, &d->model->packed->layer[layer].qkv, rows, d->normed, d->qkv, false);
}

static void turn(pvi_decoder *d, int32_t row, int32_t position) {
    const pvi_shape *s = &d->model->shape;
    ptrdiff_t angle = (ptrdiff_t)position * (s->head_dim / 2);
    d->k->rotary(s->heads + s->kv_heads, s->head_dim, d->model->packed->cos + angle, d->model->packed->sin + angle, 1.0f,
                 at(d->qkv, row, pvi_shape_qkv(s)));
}

static void rest_of_layer(pvi_decoder *d, int32_t layer, int32_t rows) {
    const pvi_shape *s = &d->model->shape;
    const pvi_env *env = d->model->env;
    const pvi_packed_layer *p = &d->model->packed->layer[layer];
    pvi_apply(env, &p->proj, rows, d->mixed, d->x, true);
    normalise(d, d->model->weights.layer[layer].post_norm, rows);
    pvi_apply(env, &p->gate_up, rows, d->normed, d->gate_up, false);
    for (int32_t i = 0; i < rows; i++) d->k->swiglu(s->hidden, at(d->gate_up, i, 2 * s->hidden), at(d->act, i, s->hidden));
    pvi_apply(env, &p->down, rows, d->act, d->x, true);
}

static void last_norm(const pvi_decoder *d, int32_t row, float *hidden) {
    const pvi_shape *s = &d->model->shape;
    d->k->rms_norm(s->width, s->norm_eps, d->x + (ptrdiff_t)row * s->width, d->model->weights.norm, hidden);
}

/* ---- prompts ---- */

static void prompts_attention(pvi_decoder *d, int32_t layer, int32_t first, int32_t end, const int32_t *offset) {
    const pvi_shape *s = &d->model->shape;
    pvi_attention_shape shape = {s->heads, s->kv_heads, s->head_dim};
    int32_t qkv = pvi_shape_qkv(s), mixed = s->heads * s->head_dim;
    for (int32_t p = first; p < end; p++) {
        int32_t row = offset[p] - offset[first], length = offset[p + 1] - offset[p];
        float *cache = d->prompt_cache + (size_t)p * d->prompt_floats;
        for (int32_t t = 0; t < length; t++) {
            turn(d, row + t, t);
            store(s, cache, d->prompt_room, layer, t, at(d->qkv, row + t, qkv));
        }
        for (int32_t h = 0; h < s->kv_heads; h++)
            d->k->attention(&shape, length, h, at(d->qkv, row, qkv), at(d->mixed, row, mixed),
                            at(d->stats, row, 2 * s->heads), d->scratch);
    }
}

void pvi_decoder_prompts(pvi_decoder *d, int32_t first, int32_t end, const int32_t *offset, const int32_t *token,
                         float *hidden) {
    const pvi_shape *s = &d->model->shape;
    int32_t rows = offset[end] - offset[first];
    pvi_gather(rows, s->width, d->model->weights.embedding, token + offset[first], d->x);
    for (int32_t layer = 0; layer < s->layers; layer++) {
        queries_keys_values(d, layer, rows);
        prompts_attention(d, layer, first, end, offset);
        rest_of_layer(d, layer, rows);
    }
    for (int32_t p = first; p < end; p++) {
        d->prompt_length[p] = offset[p + 1] - offset[p];
        last_norm(d, offset[p + 1] - offset[first] - 1, hidden + (ptrdiff_t)(p - first) * s->width);
    }
}

/* ---- samples ---- */

void pvi_decoder_begin(pvi_decoder *d, int32_t slot, int32_t prompt) {
    d->slot_prompt[slot] = prompt;
    d->slot_length[slot] = 0;
}

/* A row's key and value into its slot's place. */
static void step_store(pvi_decoder *d, int32_t layer, int32_t row, int32_t slot) {
    const pvi_shape *s = &d->model->shape;
    turn(d, row, d->prompt_length[d->slot_prompt[slot]] + d->slot_length[slot]);
    store(s, d->own_cache + (size_t)slot * d->own_floats, d->own_room, layer, d->slot_length[slot],
          at(d->qkv, row, pvi_shape_qkv(s)));
}

static pvi_kv seen(const pvi_shape *s, float *cache, int32_t room, int32_t layer, int32_t head, int32_t count) {
    segment found = segment_of(s, cache, room, layer, head);
    return (pvi_kv){found.keys, found.values, count};
}

/* Rows [row, row + count), at most PVI_STEP_ROWS. */
static void step_attention(pvi_decoder *d, int32_t layer, int32_t row, int32_t count, const int32_t *slot) {
    const pvi_shape *s = &d->model->shape;
    int32_t group = s->heads / s->kv_heads, in = pvi_shape_qkv(s), out = s->heads * s->head_dim;
    pvi_kv shared[PVI_STEP_ROWS], own[PVI_STEP_ROWS];
    for (int32_t h = 0; h < s->heads; h++) {
        for (int32_t i = 0; i < count && h % group == 0; i++) {
            int32_t prompt = d->slot_prompt[slot[i]];
            shared[i] = seen(s, d->prompt_cache + (size_t)prompt * d->prompt_floats, d->prompt_room, layer, h / group,
                             d->prompt_length[prompt]);
            own[i] = seen(s, d->own_cache + (size_t)slot[i] * d->own_floats, d->own_room, layer, h / group,
                          d->slot_length[slot[i]] + 1);
        }
        d->k->attention_steps(s->head_dim, count, at(d->qkv, row, in) + h * s->head_dim, in, shared, own,
                              at(d->mixed, row, out) + h * s->head_dim, out, d->scratch);
    }
}

void pvi_decoder_step(pvi_decoder *d, int32_t count, const int32_t *slot, const int32_t *token, float *hidden) {
    const pvi_shape *s = &d->model->shape;
    pvi_gather(count, s->width, d->model->weights.embedding, token, d->x);
    for (int32_t layer = 0; layer < s->layers; layer++) {
        queries_keys_values(d, layer, count);
        for (int32_t i = 0, rows; i < count; i += rows) { /* what is stored is still near when it is read */
            rows = count - i < PVI_STEP_ROWS ? count - i : PVI_STEP_ROWS;
            for (int32_t r = i; r < i + rows; r++) step_store(d, layer, r, slot[r]);
            step_attention(d, layer, i, rows, slot + i);
        }
        rest_of_layer(d, layer, count);
    }
    for (int32_t i = 0; i < count; i++) {
        d->slot_length[slot[i]]++;
        last_norm(d, i, hidden + (ptrdiff_t)i * s->width);
    }
}
