/* decoder.c - see decoder.h. Row by row these are the computations of forward.c, and so are their bits. */
#include "model/decoder.h"

enum { PROMPT_ROWS = 192, LEAST_HALF = 16, NEAR = 64 << 20 /* bytes */ };

static float *at(float *rows, int32_t row, int32_t each) { return rows + (ptrdiff_t)row * each; }

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
    d.near = (d.prompt_floats * (size_t)prompts + d.own_floats * (size_t)slots) * sizeof(float) <= NEAR;
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

/* ---- a layer's dense parts ---- */

static void normalise(pvi_decoder *d, const float *weight, int32_t first, int32_t rows) {
    const pvi_shape *s = &d->model->shape;
    for (int32_t i = first; i < first + rows; i++)
        d->k->rms_norm(s->width, s->norm_eps, at(d->x, i, s->width), weight, at(d->normed, i, s->width));
}

static void gates(pvi_decoder *d, int32_t first, int32_t rows) {
    int32_t hidden = d->model->shape.hidden;
    for (int32_t i = first; i < first + rows; i++) d->k->swiglu(hidden, at(d->gate_up, i, 2 * hidden), at(d->act, i, hidden));
}

static void turn(pvi_decoder *d, int32_t row, int32_t position) {
    const pvi_shape *s = &d->model->shape;
    ptrdiff_t angle = (ptrdiff_t)position * (s->head_dim / 2);
    d->k->rotary(s->heads + s->kv_heads, s->head_dim, d->model->packed->cos + angle, d->model->packed->sin + angle, 1.0f,
                 at(d->qkv, row, pvi_shape_qkv(s)));
}

static void last_norm(const pvi_decoder *d, int32_t row, float *hidden) {
    const pvi_shape *s = &d->model->shape;
    d->k->rms_norm(s->width, s->norm_eps, d->x + (ptrdiff_t)row * s->width, d->model->weights.norm, hidden);
}

static const int64_t ALL = INT64_MAX / 2; /* of the work */

/* Rows that go through the model together, and how far they are: products are counted through all layers, four each. */
enum { QKV, PROJ, GATE_UP, DOWN, PRODUCTS };
typedef struct part {
    int32_t first, rows;
    const int32_t *slot;
    int32_t product, column; /* the next to be computed */
} part;

typedef struct product {
    const pvi_packed_matrix *matrix;
    float *x, *y; /* in and out, all rows */
    bool accumulate;
} product;

static product product_of(const pvi_decoder *d, int32_t index) {
    const pvi_packed_layer *p = &d->model->packed->layer[index / PRODUCTS];
    switch (index % PRODUCTS) {
    case QKV: return (product){&p->qkv, d->normed, d->qkv, false};
    case PROJ: return (product){&p->proj, d->mixed, d->x, true};
    case GATE_UP: return (product){&p->gate_up, d->normed, d->gate_up, false};
    default: return (product){&p->down, d->act, d->x, true};
    }
}

/* What a product of the part's rows takes in. */
static void prepare(pvi_decoder *d, const part *p) {
    const pvi_layer_view *w = &d->model->weights.layer[p->product / PRODUCTS];
    if (p->product % PRODUCTS == QKV) normalise(d, w->input_norm, p->first, p->rows);
    if (p->product % PRODUCTS == GATE_UP) normalise(d, w->post_norm, p->first, p->rows);
    if (p->product % PRODUCTS == DOWN) gates(d, p->first, p->rows);
}

/* Multiplications a row from the part's next product up to `end`. */
static int64_t work_until(const pvi_decoder *d, const part *p, int32_t end) {
    int64_t work = 0;
    for (int32_t i = p->product; i < end; i++) work += (int64_t)product_of(d, i).matrix->out * product_of(d, i).matrix->in;
    return work;
}

/* About so many multiplications a row, or ALL, up to product `end`. Gives what was done. */
static int64_t advance(pvi_decoder *d, part *p, int32_t end, int64_t work, pvi_wanted *wanted) {
    int32_t width = pvi_pack_width(d->model->env->engine);
    int64_t done = 0;
    while (p->product < end && done < work) {
        product m = product_of(d, p->product);
        int32_t in = m.matrix->in, out = m.matrix->out;
        int64_t each = (int64_t)in * width, panels = (work - done + each - 1) / each;
        int64_t left = out - p->column, columns = panels < (left + width - 1) / width ? panels * width : left;
        if (p->column == 0) prepare(d, p);
        pvi_apply_columns(d->model->env, m.matrix, p->rows, at(m.x, p->first, in), at(m.y, p->first, out), m.accumulate,
                          p->column, (int32_t)columns, wanted);
        done += columns * in;
        p->column += (int32_t)columns;
        if (p->column == out) p->product++, p->column = 0;
    }
    return done;
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
    part all = {.rows = rows};
    for (int32_t layer = 0; layer < s->layers; layer++) {
        advance(d, &all, layer * PRODUCTS + QKV + 1, ALL, NULL);
        prompts_attention(d, layer, first, end, offset);
    }
    advance(d, &all, s->layers * PRODUCTS, ALL, NULL);
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

static pvi_kv seen(const pvi_shape *s, float *cache, int32_t room, int32_t layer, int32_t head, int32_t count) {
    segment found = segment_of(s, cache, room, layer, head);
    return (pvi_kv){found.keys, found.values, count};
}

/* One head of up to PVI_STEP_ROWS rows of a part: what attention does at a time. */
typedef struct unit {
    int32_t layer, head, row, rows;
    const int32_t *slot;
    pvi_kv shared[PVI_STEP_ROWS], own[PVI_STEP_ROWS];
} unit;

static int32_t units_of(const pvi_decoder *d, const part *p) {
    return (p->rows + PVI_STEP_ROWS - 1) / PVI_STEP_ROWS * d->model->shape.heads;
}

static void find_unit(const pvi_decoder *d, const part *p, int32_t layer, int32_t index, unit *u) {
    const pvi_shape *s = &d->model->shape;
    int32_t from = index / s->heads * PVI_STEP_ROWS, head = index % s->heads, kv = head / (s->heads / s->kv_heads);
    u->layer = layer, u->head = head, u->row = p->first + from, u->slot = p->slot + from;
    u->rows = p->rows - from < PVI_STEP_ROWS ? p->rows - from : PVI_STEP_ROWS;
    for (int32_t i = 0; i < u->rows; i++) {
        int32_t slot = u->slot[i], prompt = d->slot_prompt[slot];
        u->shared[i] = seen(s, d->prompt_cache + (size_t)prompt * d->prompt_floats, d->prompt_room, layer, kv, d->prompt_length[prompt]);
        u->own[i] = seen(s, d->own_cache + (size_t)slot * d->own_floats, d->own_room, layer, kv, d->slot_length[slot] + 1);
    }
}

/* Keys and values of all heads are stored with the first: what is read at once would have to wait for them. */
static void attend(pvi_decoder *d, const unit *u) {
    const pvi_shape *s = &d->model->shape;
    int32_t in = pvi_shape_qkv(s), out = s->heads * s->head_dim;
    for (int32_t i = 0; i < u->rows && u->head == 0; i++) {
        int32_t slot = u->slot[i], own = d->slot_length[slot];
        turn(d, u->row + i, d->prompt_length[d->slot_prompt[slot]] + own);
        store(s, d->own_cache + (size_t)slot * d->own_floats, d->own_room, u->layer, own, at(d->qkv, u->row + i, in));
    }
    d->k->attention_steps(s->head_dim, u->rows, at(d->qkv, u->row, in) + u->head * s->head_dim, in, u->shared, u->own,
                          at(d->mixed, u->row, out) + u->head * s->head_dim, out, d->scratch);
}

static void want(pvi_wanted *w, const float *at, size_t count) {
    if (count > 0) w->stretch[w->count++] = (pvi_stretch){at, count};
}

/* In the order in which attention reads it. */
static pvi_wanted wanted_by(const pvi_decoder *d, const unit *u) {
    const pvi_shape *s = &d->model->shape;
    pvi_wanted w = {.near = d->near};
    for (int values = 0; values < 2; values++)
        for (int32_t i = 0; i < u->rows; i++) {
            const pvi_kv *kv[2] = {&u->shared[i], &u->own[i]};
            for (int k = i > 0 && u->shared[i].keys == u->shared[i - 1].keys ? 1 : 0; k < 2; k++)
                want(&w, values ? kv[k]->values : kv[k]->keys,
                     values ? pvi_values_floats(s->head_dim, kv[k]->count) : pvi_keys_floats(s->head_dim, kv[k]->count));
        }
    return w;
}

/* A layer's attention of one part, unit by unit; before each, some of the other part's products up to `end`, which ask
 * for the unit's keys and values: reading them takes as long as multiplying. */
static void attention_beside(pvi_decoder *d, const part *p, int32_t layer, part *other, int32_t end) {
    int32_t units = units_of(d, p);
    int64_t work = other != NULL ? work_until(d, other, end) : 0, done = 0;
    for (int32_t i = 0; i < units; i++) {
        unit u;
        find_unit(d, p, layer, i, &u);
        if (done < work) {
            pvi_wanted wanted = wanted_by(d, &u);
            done += advance(d, other, end, work * (i + 1) / units - done, &wanted);
        }
        attend(d, &u);
    }
}

/* In two halves, unless they are so small, or the weights so large (128 MiB), that bringing in the weights twice costs more. */
static bool in_halves(const pvi_decoder *d, int32_t count) {
    return count >= 2 * LEAST_HALF && pvi_shape_parameters(&d->model->shape) * sizeof(float) <= 2 * NEAR;
}

void pvi_decoder_step(pvi_decoder *d, int32_t count, const int32_t *slot, const int32_t *token, float *hidden) {
    const pvi_shape *s = &d->model->shape;
    int32_t half = in_halves(d, count) ? (count / 2 + PVI_STEP_ROWS - 1) / PVI_STEP_ROWS * PVI_STEP_ROWS : count;
    part a = {.rows = half, .slot = slot}, b = {.first = half, .rows = count - half, .slot = slot + half};
    pvi_gather(count, s->width, d->model->weights.embedding, token, d->x);
    for (int32_t layer = 0; layer < s->layers; layer++) {
        int32_t asked = layer * PRODUCTS + QKV + 1, next = layer + 1 < s->layers ? asked + PRODUCTS : asked + PRODUCTS - 1;
        advance(d, &a, asked, ALL, NULL);
        attention_beside(d, &a, layer, b.rows > 0 ? &b : NULL, asked);
        if (b.rows > 0) attention_beside(d, &b, layer, &a, next);
    }
    advance(d, &a, s->layers * PRODUCTS, ALL, NULL);
    if (b.rows > 0) advance(d, &b, s->layers * PRODUCTS, ALL, NULL);
    for (int32_t i = 0; i < count; i++) {
        d->slot_length[slot[i]]++;
        last_norm(d, i, hidden + (ptrdiff_t)i * s->width);
    }
}
