/* kernels_body.h - the kernels, written once over vectors of 16 floats and compiled once an engine. The including file
 * defines the type `vec` and its operations (see kernels_portable.c, the plainest), TILE_ROWS (4 or 8) and TILE_VECTORS (1 or
 * 2), as many sums as fit its registers, and KERNELS, the table's name. */
#include <math.h>
#include <string.h>

#define INLINE static inline __attribute__((always_inline))

enum { QUERIES = 8, BACK_QUERIES = 32 };

/* The first n (1..16) of a vector, the rest zero. */
INLINE vec get(const float *x, int32_t n) { return n >= PVI_LANES ? v_load(x) : v_load_some(x, n); }
INLINE void put(float *x, int32_t n, vec v) {
    if (n >= PVI_LANES) v_store(x, v);
    else v_store_some(x, n, v);
}

/* What follows, for each vector of a row: i is where it begins, n how many of its elements there are. Written out twice, so
 * that n is a constant where it is 16. */
#define EACH_VECTOR(i, n, count, ...)                                                                                  \
    do {                                                                                                               \
        int32_t i = 0;                                                                                                 \
        for (; i + PVI_LANES <= (count); i += PVI_LANES) {                                                             \
            enum { n = PVI_LANES };                                                                                    \
            __VA_ARGS__                                                                                                \
        }                                                                                                              \
        if (i < (count)) {                                                                                             \
            int32_t n = (count) - i;                                                                                   \
            __VA_ARGS__                                                                                                \
        }                                                                                                              \
    } while (0)

/* exp of x in [-87, 88]: Cody and Waite's reduction by ln 2 in two parts, and a polynomial on [-ln 2 / 2, ln 2 / 2]. The
 * shift, 1.5 * 2^23 + 127, rounds to whole powers of 2 and biases them as an exponent is; NaN stays NaN. */
INLINE vec v_exp_near(vec x) {
    vec shifted = v_fma(x, v_set(1.44269504f), v_set(12583039.0f)), n = v_sub(shifted, v_set(12583039.0f));
    vec r = v_fma(n, v_set(-0.693145752f), x);
    r = v_fma(n, v_set(-1.42860677e-6f), r);
    vec p = v_fma(v_set(1.98756912e-4f), r, v_set(1.39819994e-3f));
    p = v_fma(p, r, v_set(8.33345205e-3f));
    p = v_fma(p, r, v_set(4.16657962e-2f));
    p = v_fma(p, r, v_set(0.166666657f));
    p = v_fma(p, r, v_set(0.5f));
    p = v_fma(v_mul(p, r), r, r);
    return v_scale(v_add(p, v_set(1.0f)), shifted);
}

/* Below -87 nothing is left; the second operand of a minimum and a maximum wins if it is NaN. */
INLINE vec v_exp_low(vec x) { return v_zero_below(x, -87.0f, v_exp_near(v_max(v_set(-87.0f), x))); } /* x at most 88 */
INLINE vec v_exp(vec x) { return v_exp_low(v_min(v_set(88.0f), x)); }

/* ---- rows ---- */

INLINE float dot_row(int32_t count, const float *a, const float *b) {
    vec sum = v_set(0.0f);
    EACH_VECTOR(i, n, count, sum = v_fma(get(a + i, n), get(b + i, n), sum););
    return v_sum(sum);
}

static float dot(int32_t count, const float *a, const float *b) { return dot_row(count, a, b); }

static void add(int32_t count, const float *a, float *to) {
    EACH_VECTOR(i, n, count, put(to + i, n, v_add(get(to + i, n), get(a + i, n))););
}

static void add_scaled(int32_t count, float scale, const float *a, float *to) {
    EACH_VECTOR(i, n, count, put(to + i, n, v_fma(v_set(scale), get(a + i, n), get(to + i, n))););
}

static bool finite_row(size_t count, const float *x) {
    vec sum = v_set(0.0f);
    for (size_t i = 0; i < count; i += PVI_LANES) {
        int32_t n = count - i < PVI_LANES ? (int32_t)(count - i) : PVI_LANES;
        sum = v_fma(get(x + i, n), v_set(0.0f), sum); /* NaN from what is not finite, else 0 */
    }
    return v_sum(sum) == 0.0f;
}

/* The second operand of a minimum and a maximum wins if it is NaN: what is not finite is found by the sum. */
static bool within(size_t count, const float *x, float lowest, float highest) {
    vec sum = v_set(0.0f), least = v_set(highest), most = v_set(lowest);
    for (size_t i = 0; i + PVI_LANES <= count; i += PVI_LANES) {
        vec v = v_load(x + i);
        sum = v_fma(v, v_set(0.0f), sum);
        least = v_min(least, v), most = v_max(most, v);
    }
    bool bad = v_sum(sum) != 0.0f || v_most(most) > highest || -v_most(v_sub(v_set(0.0f), least)) < lowest;
    for (size_t i = count / PVI_LANES * PVI_LANES; i < count; i++) bad |= !(x[i] >= lowest) | !(x[i] <= highest);
    return !bad;
}

/* Eight sums, element i in sum i mod 8: an order that neither the compiler nor the machine chooses. A product of two floats
 * is exact in double, so that it makes no difference whether it is rounded before it is added. */
static double squares(size_t count, const float *x) {
    double sum[8] = {0};
    size_t i = 0;
    for (; i + 8 <= count; i += 8)
        for (size_t k = 0; k < 8; k++) sum[k] += (double)x[i + k] * (double)x[i + k];
    for (size_t k = 0; i < count; i++, k++) sum[k] += (double)x[i] * (double)x[i];
    return ((sum[0] + sum[1]) + (sum[2] + sum[3])) + ((sum[4] + sum[5]) + (sum[6] + sum[7]));
}

static float adamw(int32_t count, const pvi_adamw_factors *f, float *weight, float *gradient, float *first, float *second) {
    vec bound = v_set(0.0f);
    EACH_VECTOR(i, n, count, {
        vec g = v_mul(get(gradient + i, n), v_set(f->scale));
        vec m = v_add(v_mul(v_set(f->beta1), get(first + i, n)), v_mul(v_set(f->rest1), g));
        vec v = v_add(v_mul(v_set(f->beta2), get(second + i, n)), v_mul(v_mul(v_set(f->rest2), g), g));
        vec down = v_div(v_mul(v_set(f->step), m), v_add(v_mul(v_sqrt(v), v_set(f->root)), v_set(f->epsilon)));
        vec w = v_sub(v_mul(v_set(f->keep), get(weight + i, n)), down);
        bound = v_add(bound, v_fma(w, w, v_fma(m, m, v)));
        put(weight + i, n, w);
        put(first + i, n, m);
        put(second + i, n, v);
        put(gradient + i, n, v_set(0.0f));
    });
    return v_sum(bound);
}

static void exp_row(int32_t count, const float *x, float *y) {
    EACH_VECTOR(i, n, count, put(y + i, n, v_exp(get(x + i, n))););
}

static void log_sum_parts(int32_t count, const float *x, float *largest, float *sum) {
    vec most = v_set(-INFINITY), total = v_set(0.0f);
    int32_t whole = count / PVI_LANES * PVI_LANES;
    for (int32_t i = 0; i < whole; i += PVI_LANES) most = v_max(most, v_load(x + i));
    if (whole < count) most = v_max(most, v_first(v_load_some(x + whole, count - whole), count - whole, -INFINITY));
    *largest = v_most(most);
    vec top = v_set(*largest);
    for (int32_t i = 0; i < whole; i += PVI_LANES) total = v_add(total, v_exp_low(v_sub(v_load(x + i), top)));
    if (whole < count) {
        vec last = v_exp_low(v_sub(v_load_some(x + whole, count - whole), top));
        total = v_add(total, v_first(last, count - whole, 0.0f));
    }
    *sum = v_sum(total);
}

static void softmax(int32_t count, const float *x, float largest, float inverse, float *p) {
    vec top = v_set(largest), scale = v_set(inverse);
    EACH_VECTOR(i, n, count, put(p + i, n, v_mul(v_exp(v_sub(get(x + i, n), top)), scale)););
}

/* ---- norms ---- */

static float rms_norm(int32_t width, float eps, const float *x, const float *weight, float *y) {
    float r = 1.0f / sqrtf(dot_row(width, x, x) / (float)width + eps);
    vec scale = v_set(r);
    EACH_VECTOR(i, n, width, put(y + i, n, v_mul(v_mul(get(x + i, n), scale), get(weight + i, n))););
    return r;
}

static void rms_norm_back(int32_t width, float r, const float *x, const float *weight, const float *dy, const float *base,
                          float *out) {
    vec sum = v_set(0.0f), scale = v_set(r);
    EACH_VECTOR(i, n, width, sum = v_fma(v_mul(get(dy + i, n), get(weight + i, n)), get(x + i, n), sum););
    vec along = v_set(-(r * r * r * (v_sum(sum) / (float)width)));
    EACH_VECTOR(i, n, width, {
        vec d = v_fma(get(x + i, n), along, get(base + i, n));
        put(out + i, n, v_fma(v_mul(get(dy + i, n), get(weight + i, n)), scale, d));
    });
}

/* Columns [0, n) of all rows. */
INLINE void norm_columns(int32_t n, int32_t rows, ptrdiff_t stride, const float *r, const float *x, const float *dy,
                         float *d_weight) {
    vec sum = get(d_weight, n);
    for (int32_t t = 0; t < rows; t++)
        sum = v_fma(get(dy + t * stride, n), v_mul(get(x + t * stride, n), v_set(r[t])), sum);
    put(d_weight, n, sum);
}

static void rms_norm_weight(int32_t rows, int32_t width, ptrdiff_t stride, const float *r, const float *x,
                            const float *dy, float *d_weight) {
    EACH_VECTOR(i, n, width, norm_columns(n, rows, stride, r, x + i, dy + i, d_weight + i););
}

/* ---- positions ---- */

/* The first n of a vector's pairs, in all heads; `half` floats further on lies what they are paired with. */
INLINE void turn(int32_t n, int32_t heads, int32_t half, const float *cos, const float *sin, float direction, float *row) {
    vec c = get(cos, n), s = v_mul(get(sin, n), v_set(direction));
    for (int32_t h = 0; h < heads; h++, row += 2 * half) {
        vec x = get(row, n), y = get(row + half, n);
        put(row, n, v_fmsub(x, c, v_mul(y, s)));
        put(row + half, n, v_fma(y, c, v_mul(x, s)));
    }
}

static void rotary(int32_t heads, int32_t head_dim, const float *cos, const float *sin, float direction, float *row) {
    int32_t half = head_dim / 2;
    if (half == 8) turn(8, heads, half, cos, sin, direction, row); /* of heads of 16: the same with a constant */
    else EACH_VECTOR(i, n, half, turn(n, heads, half, cos + i, sin + i, direction, row + i););
}

/* ---- feed-forward ---- */

/* What exp leaves out below -87 is lost beside the 1 anyway. */
INLINE vec v_logistic(vec x) {
    vec power = v_exp_near(v_max(v_set(-87.0f), v_min(v_set(88.0f), v_sub(v_set(0.0f), x))));
    return v_div(v_set(1.0f), v_add(v_set(1.0f), power));
}

static void swiglu(int32_t hidden, const float *gate_up, float *act) {
    const float *gate = gate_up, *up = gate_up + hidden;
    EACH_VECTOR(i, n, hidden, {
        vec g = get(gate + i, n), u = get(up + i, n);
        put(act + i, n, v_mul(v_mul(g, v_logistic(g)), u));
    });
}

static void swiglu_back(int32_t hidden, const float *gate_up, const float *d_act, float *act, float *d_gate_up) {
    const float *gate = gate_up, *up = gate_up + hidden;
    float *d_gate = d_gate_up, *d_up = d_gate_up + hidden;
    vec one = v_set(1.0f);
    EACH_VECTOR(i, n, hidden, {
        vec g = get(gate + i, n), u = get(up + i, n), d = get(d_act + i, n), s = v_logistic(g);
        vec silu = v_mul(g, s), slope = v_mul(s, v_fma(g, v_sub(one, s), one));
        put(act + i, n, v_mul(silu, u));
        put(d_gate + i, n, v_mul(v_mul(d, u), slope));
        put(d_up + i, n, v_mul(d, silu));
    });
}

/* ---- attention ---- */

/* c[i][j] = chain over p of a(i, p) * b[p][j], begun at 0 or at c, for a fixed count of rows and vectors. */
INLINE void tile(const int rows, const int vectors, int32_t k, const float *a, ptrdiff_t a_row, ptrdiff_t a_col,
                 const float *b, ptrdiff_t b_row, ptrdiff_t b_vec, float *c, ptrdiff_t c_row, ptrdiff_t c_vec,
                 bool accumulate) {
    vec sum[8][4];
#pragma GCC unroll 8
    for (int i = 0; i < rows; i++)
#pragma GCC unroll 4
        for (int v = 0; v < vectors; v++) sum[i][v] = accumulate ? v_load(c + i * c_row + v * c_vec) : v_set(0.0f);
    for (int32_t p = 0; p < k; p++, a += a_col, b += b_row) {
        vec y[4];
#pragma GCC unroll 4
        for (int v = 0; v < vectors; v++) y[v] = v_load(b + v * b_vec);
#pragma GCC unroll 8
        for (int i = 0; i < rows; i++) {
            vec x = v_set(a[i * a_row]);
#pragma GCC unroll 4
            for (int v = 0; v < vectors; v++) sum[i][v] = v_fma(x, y[v], sum[i][v]);
        }
    }
#pragma GCC unroll 8
    for (int i = 0; i < rows; i++)
#pragma GCC unroll 4
        for (int v = 0; v < vectors; v++) v_store(c + i * c_row + v * c_vec, sum[i][v]);
}

/* As many of the rows and vectors at once as there are registers for. */
INLINE void rows_of(const int rows, int32_t vectors, int32_t k, const float *a, ptrdiff_t a_row, ptrdiff_t a_col, const float *b,
                    ptrdiff_t b_row, ptrdiff_t b_vec, float *c, ptrdiff_t c_row, bool accumulate) {
    int32_t v = 0;
    for (; v + TILE_VECTORS <= vectors; v += TILE_VECTORS)
        tile(rows, TILE_VECTORS, k, a, a_row, a_col, b + v * b_vec, b_row, b_vec, c + v * PVI_LANES, c_row, PVI_LANES, accumulate);
    for (; v < vectors; v++)
        tile(rows, 1, k, a, a_row, a_col, b + v * b_vec, b_row, b_vec, c + v * PVI_LANES, c_row, PVI_LANES, accumulate);
}

/* Eight rows by `vectors` vectors; consecutive vectors are b_vec floats apart in b and 16 in c. */
static void eight_rows(int32_t vectors, int32_t k, const float *a, ptrdiff_t a_row, ptrdiff_t a_col, const float *b,
                       ptrdiff_t b_row, ptrdiff_t b_vec, float *c, ptrdiff_t c_row, bool accumulate) {
    for (int i = 0; i < 8; i += TILE_ROWS)
        rows_of(TILE_ROWS, vectors, k, a + i * a_row, a_row, a_col, b, b_row, b_vec, c + i * c_row, c_row, accumulate);
}

static void one_row(int32_t vectors, int32_t k, const float *a, const float *b, ptrdiff_t b_row, ptrdiff_t b_vec, float *c,
                    bool accumulate) {
    int32_t v = 0;
    for (; v + 4 <= vectors; v += 4)
        tile(1, 4, k, a, 0, 1, b + v * b_vec, b_row, b_vec, c + v * PVI_LANES, 0, PVI_LANES, accumulate);
    for (; v + 2 <= vectors; v += 2)
        tile(1, 2, k, a, 0, 1, b + v * b_vec, b_row, b_vec, c + v * PVI_LANES, 0, PVI_LANES, accumulate);
    if (v < vectors) tile(1, 1, k, a, 0, 1, b + v * b_vec, b_row, b_vec, c + v * PVI_LANES, 0, PVI_LANES, accumulate);
}

/* Columns of `count` rows into blocks of 16 rows, as keys lie; the last block is filled up with zeros. */
static void to_blocks(int32_t count, int32_t width, const float *rows, ptrdiff_t stride, float *blocks) {
    for (int32_t u = 0; u < count; u += PVI_LANES, blocks += PVI_LANES * width) {
        int32_t here = count - u < PVI_LANES ? count - u : PVI_LANES, d = 0;
        const float *from = rows + u * stride;
        if (here < PVI_LANES) memset(blocks, 0, (size_t)(PVI_LANES * width) * sizeof *blocks);
        for (; here == PVI_LANES && d + 4 <= width; d += 4) {
            vec quarter[4];
            for (int i = 0; i < 4; i++) quarter[i] = v_quarters(from + i * stride + d, 4 * stride);
            v_turn(quarter);
            for (int i = 0; i < 4; i++) v_store(blocks + (d + i) * PVI_LANES, quarter[i]);
        }
        for (; d < width; d++)
            for (int32_t i = 0; i < here; i++) blocks[d * PVI_LANES + i] = from[i * stride + d];
    }
}

/* Rows of `width` floats, scaled, into `padded` rows of whole vectors, filled up with zeros. */
static void to_rows(int32_t count, int32_t padded, int32_t width, const float *rows, ptrdiff_t stride, float scale,
                    float *out) {
    int32_t wide = pvi_lanes_up(width);
    vec factor = v_set(scale);
    for (int32_t t = 0; t < count; t++, rows += stride, out += wide)
        EACH_VECTOR(d, n, width, v_store(out + d, v_mul(get(rows + d, n), factor)););
    memset(out, 0, (size_t)(padded - count) * (size_t)wide * sizeof *out);
}

static void from_rows(int32_t count, int32_t width, const float *in, float scale, float *rows, ptrdiff_t stride) {
    vec factor = v_set(scale);
    for (int32_t t = 0; t < count; t++, in += pvi_lanes_up(width), rows += stride)
        EACH_VECTOR(d, n, width, put(rows + d, n, v_mul(v_load(in + d), factor)););
}

/* Scores of a row -> exp(score - largest); stats: the largest and 1 / their sum. */
INLINE void exp_scores(int32_t count, float *score, float *stats) {
    int32_t whole = count / PVI_LANES * PVI_LANES, rest = count - whole;
    vec last = v_set(-INFINITY), most = last, sum = v_set(0.0f);
    if (rest > 0) last = v_first(v_load(score + whole), rest, -INFINITY); /* whole vectors: what lies behind is room */
    for (int32_t i = 0; i < whole; i += PVI_LANES) most = v_max(most, v_load(score + i));
    most = v_max(most, last);
    float largest = v_most(most);
    vec top = v_set(largest);
    for (int32_t i = 0; i < whole; i += PVI_LANES) {
        vec e = v_exp_low(v_sub(v_load(score + i), top));
        v_store(score + i, e);
        sum = v_add(sum, e);
    }
    if (rest > 0) {
        vec e = v_exp_low(v_sub(last, top)); /* 0 behind the last score */
        v_store(score + whole, e);
        sum = v_add(sum, e);
    }
    stats[0] = largest;
    stats[1] = 1.0f / v_sum(sum);
}

static void attend(const pvi_attention_shape *s, int32_t length, int32_t head, const float *keys, const float *values,
                   const float *qkv, float *out, float *stats, float *scratch) {
    int32_t dim = s->head_dim, wide = pvi_lanes_up(dim), stride = pvi_attention_qkv(s), row = pvi_lanes_up(length + QUERIES);
    float *query = scratch, *score = query + QUERIES * wide, *mixed = score + (size_t)QUERIES * (size_t)row;
    float scale = 1.0f / sqrtf((float)dim);
    for (int32_t t = 0; t < length; t += QUERIES) {
        int32_t rows = length - t < QUERIES ? length - t : QUERIES, seen = t + rows;
        to_rows(rows, QUERIES, dim, qkv + (ptrdiff_t)t * stride + head * dim, stride, scale, query);
        eight_rows((seen + PVI_LANES - 1) / PVI_LANES, dim, query, wide, 1, keys, PVI_LANES, (ptrdiff_t)PVI_LANES * dim,
                   score, row, false);
        for (int32_t i = 0; i < rows; i++) {
            float *mine = score + (ptrdiff_t)i * row;
            exp_scores(t + i + 1, mine, stats + ((ptrdiff_t)(t + i) * s->heads + head) * 2);
            memset(mine + t + i + 1, 0, (size_t)(rows - 1 - i) * sizeof *mine); /* what it must not see */
        }
        eight_rows(wide / PVI_LANES, seen, score, row, 1, values, wide, PVI_LANES, mixed, wide, false);
        for (int32_t i = 0; i < rows; i++)
            from_rows(1, dim, mixed + i * wide, stats[((ptrdiff_t)(t + i) * s->heads + head) * 2 + 1],
                      out + ((ptrdiff_t)(t + i) * s->heads + head) * dim, 0);
    }
}

static void attention(const pvi_attention_shape *s, int32_t length, int32_t kv_head, const float *qkv, float *out,
                      float *stats, float *scratch) {
    int32_t dim = s->head_dim, group = s->heads / s->kv_heads, stride = pvi_attention_qkv(s);
    const float *key = qkv + (s->heads + kv_head) * dim, *value = key + s->kv_heads * dim;
    float *keys = scratch, *values = keys + pvi_keys_floats(dim, length);
    to_blocks(length, dim, key, stride, keys);
    to_rows(length, length, dim, value, stride, 1.0f, values);
    for (int32_t h = kv_head * group; h < (kv_head + 1) * group; h++)
        attend(s, length, h, keys, values, qkv, out, stats, values + pvi_values_floats(dim, length));
}

/* As eight_rows for any number of rows; a's columns lie side by side. */
static void few_rows(int32_t rows, int32_t vectors, int32_t k, const float *a, ptrdiff_t a_row, const float *b,
                     ptrdiff_t b_row, ptrdiff_t b_vec, float *c, ptrdiff_t c_row, bool accumulate) {
    for (; rows >= 4; rows -= 4, a += 4 * a_row, c += 4 * c_row)
        rows_of(4, vectors, k, a, a_row, 1, b, b_row, b_vec, c, c_row, accumulate);
    for (; rows > 0; rows--, a += a_row, c += c_row) one_row(vectors, k, a, b, b_row, b_vec, c, accumulate);
}

/* How many of the rows from the first on have the same segment. */
static int32_t sharing(int32_t rows, const pvi_kv *shared) {
    int32_t n = 1;
    while (n < rows && shared[n].keys == shared->keys && shared[n].count == shared->count) n++;
    return n;
}

/* Every stage for all rows: a row's scores, stored in vectors that do not match those read next, are long settled when
 * they are read. */
static void attention_steps(int32_t head_dim, int32_t rows, const float *query, ptrdiff_t query_row, const pvi_kv *shared,
                            const pvi_kv *own, float *out, ptrdiff_t out_row, float *scratch) {
    int32_t wide = pvi_lanes_up(head_dim), most = 0;
    ptrdiff_t block = (ptrdiff_t)PVI_LANES * head_dim;
    for (int32_t i = 0; i < rows; i++) most = shared[i].count + own[i].count > most ? shared[i].count + own[i].count : most;
    int32_t row = pvi_lanes_up(most + PVI_LANES);
    float *scaled = scratch, *mixed = scaled + rows * wide, *score = mixed + rows * wide, stats[PVI_STEP_ROWS][2];
    to_rows(rows, rows, head_dim, query, query_row, 1.0f / sqrtf((float)head_dim), scaled);
    for (int32_t i = 0, n; i < rows; i += n) {
        n = sharing(rows - i, shared + i);
        few_rows(n, pvi_lanes_up(shared[i].count) / PVI_LANES, head_dim, scaled + i * wide, wide, shared[i].keys, PVI_LANES,
                 block, score + (ptrdiff_t)i * row, row, false);
    }
    for (int32_t i = 0; i < rows; i++) /* the shared segment's surplus scores are overwritten */
        one_row(pvi_lanes_up(own[i].count) / PVI_LANES, head_dim, scaled + i * wide, own[i].keys, PVI_LANES, block,
                score + (ptrdiff_t)i * row + shared[i].count, false);
    for (int32_t i = 0; i < rows; i++) exp_scores(shared[i].count + own[i].count, score + (ptrdiff_t)i * row, stats[i]);
    for (int32_t i = 0, n; i < rows; i += n) {
        n = sharing(rows - i, shared + i);
        few_rows(n, wide / PVI_LANES, shared[i].count, score + (ptrdiff_t)i * row, row, shared[i].values, wide, PVI_LANES,
                 mixed + i * wide, wide, false);
    }
    for (int32_t i = 0; i < rows; i++)
        one_row(wide / PVI_LANES, own[i].count, score + (ptrdiff_t)i * row + shared[i].count, own[i].values, wide,
                PVI_LANES, mixed + i * wide, true);
    for (int32_t i = 0; i < rows; i++) from_rows(1, head_dim, mixed + i * wide, stats[i][1], out + i * out_row, 0);
}

/* ---- attention's gradient ---- */

/* Where the parts of the scratch memory begin. `up` is the length in whole vectors. */
typedef struct back_room {
    float *keys, *values;          /* in blocks */
    float *key_rows, *d_key, *d_value; /* [up][wide] */
    float *query, *d_out, *d_query;    /* [BACK_QUERIES][wide] */
    float *p, *d_p;                /* [BACK_QUERIES][up] */
} back_room;

static back_room lay_out_back(int32_t dim, int32_t length, float *scratch) {
    size_t wide = (size_t)pvi_lanes_up(dim), up = (size_t)pvi_lanes_up(length);
    back_room r;
    r.keys = scratch;
    r.values = r.keys + up * (size_t)dim;
    r.key_rows = r.values + up * (size_t)dim;
    r.d_key = r.key_rows + up * wide;
    r.d_value = r.d_key + up * wide;
    r.query = r.d_value + up * wide;
    r.d_out = r.query + BACK_QUERIES * wide;
    r.d_query = r.d_out + BACK_QUERIES * wide;
    r.p = r.d_query + BACK_QUERIES * wide;
    r.d_p = r.p + BACK_QUERIES * up;
    return r;
}

/* Row t of the block: p = exp(score - largest) / sum and d score = p * (dp - sum of p dp). */
INLINE void score_slopes(int32_t seen, int32_t up, const float *stats, float along, float *p, float *d_p) {
    int32_t i = 0;
    for (; i < seen; i += PVI_LANES) {
        vec x = v_mul(v_exp(v_sub(v_load(p + i), v_set(stats[0]))), v_set(stats[1]));
        x = v_first(x, seen - i, 0.0f);
        v_store(p + i, x);
        v_store(d_p + i, v_first(v_mul(x, v_sub(v_load(d_p + i), v_set(along))), seen - i, 0.0f));
    }
    for (; i < up; i += PVI_LANES) v_store(p + i, v_set(0.0f)), v_store(d_p + i, v_set(0.0f));
}

/* Queries t .. t + rows of one head: adds to d_key and d_value, sets d_query. Eight queries or keys at a time, and nothing
 * where none of the queries sees any of the keys. */
static void queries_back(const back_room *r, int32_t dim, int32_t up, int32_t t, int32_t rows, const float *stats,
                         ptrdiff_t stats_row, const float *out, ptrdiff_t out_row) {
    int32_t wide = pvi_lanes_up(dim), vectors = wide / PVI_LANES, seen = t + rows;
    ptrdiff_t block = (ptrdiff_t)PVI_LANES * dim;
    for (int32_t i = 0; i < rows; i += 8) {
        int32_t far = pvi_lanes_up(t + i + 8 < seen ? t + i + 8 : seen);
        float *p = r->p + (ptrdiff_t)i * up, *d_p = r->d_p + (ptrdiff_t)i * up;
        eight_rows(far / PVI_LANES, dim, r->query + i * wide, wide, 1, r->keys, PVI_LANES, block, p, up, false);
        eight_rows(far / PVI_LANES, dim, r->d_out + i * wide, wide, 1, r->values, PVI_LANES, block, d_p, up, false);
        for (int32_t j = i; j < i + 8 && j < rows; j++, p += up, d_p += up)
            score_slopes(t + j + 1, far, stats + j * stats_row, dot_row(dim, r->d_out + j * wide, out + j * out_row), p, d_p);
    }
    for (int32_t u = 0; u < seen; u += 8) {
        int32_t i = u > t ? u - t : 0; /* the first query that sees a key */
        ptrdiff_t at = (ptrdiff_t)i * up + u;
        float *d_value = r->d_value + (ptrdiff_t)u * wide, *d_key = r->d_key + (ptrdiff_t)u * wide;
        eight_rows(vectors, rows - i, r->p + at, 1, up, r->d_out + i * wide, wide, PVI_LANES, d_value, wide, true);
        eight_rows(vectors, rows - i, r->d_p + at, 1, up, r->query + i * wide, wide, PVI_LANES, d_key, wide, true);
    }
    for (int32_t i = 0; i < rows; i += 8)
        eight_rows(vectors, t + i + 8 < seen ? t + i + 8 : seen, r->d_p + (ptrdiff_t)i * up, up, 1, r->key_rows, wide, PVI_LANES,
                   r->d_query + i * wide, wide, false);
}

static void attention_back(const pvi_attention_shape *s, int32_t length, int32_t kv_head, const float *qkv,
                           const float *out, const float *stats, const float *d_out, float *d_qkv, float *scratch) {
    int32_t dim = s->head_dim, group = s->heads / s->kv_heads, stride = pvi_attention_qkv(s), out_row = s->heads * dim;
    int32_t up = pvi_lanes_up(length), key_at = (s->heads + kv_head) * dim, value_at = key_at + s->kv_heads * dim;
    back_room r = lay_out_back(dim, length, scratch);
    float scale = 1.0f / sqrtf((float)dim);
    to_blocks(length, dim, qkv + key_at, stride, r.keys);
    to_blocks(length, dim, qkv + value_at, stride, r.values);
    to_rows(length, up, dim, qkv + key_at, stride, 1.0f, r.key_rows);
    memset(r.d_key, 0, 2 * (size_t)up * (size_t)pvi_lanes_up(dim) * sizeof(float)); /* and d_value behind it */
    for (int32_t h = kv_head * group; h < (kv_head + 1) * group; h++)
        for (int32_t t = 0; t < length; t += BACK_QUERIES) {
            int32_t rows = length - t < BACK_QUERIES ? length - t : BACK_QUERIES;
            ptrdiff_t at = (ptrdiff_t)t * out_row + h * dim;
            to_rows(rows, BACK_QUERIES, dim, qkv + (ptrdiff_t)t * stride + h * dim, stride, scale, r.query);
            to_rows(rows, BACK_QUERIES, dim, d_out + at, out_row, 1.0f, r.d_out);
            queries_back(&r, dim, up, t, rows, stats + ((ptrdiff_t)t * s->heads + h) * 2, (ptrdiff_t)s->heads * 2, out + at,
                         out_row);
            from_rows(rows, dim, r.d_query, scale, d_qkv + (ptrdiff_t)t * stride + h * dim, stride);
        }
    from_rows(length, dim, r.d_key, 1.0f, d_qkv + key_at, stride);
    from_rows(length, dim, r.d_value, 1.0f, d_qkv + value_at, stride);
}

const pvi_kernels KERNELS = {.rms_norm = rms_norm, .rms_norm_back = rms_norm_back, .rms_norm_weight = rms_norm_weight,
                             .rotary = rotary, .swiglu = swiglu, .swiglu_back = swiglu_back, .attention = attention,
                             .attention_back = attention_back, .attention_steps = attention_steps,
                             .log_sum_parts = log_sum_parts, .softmax = softmax, .exp = exp_row, .dot = dot, .add = add,
                             .add_scaled = add_scaled, .finite = finite_row, .within = within, .squares = squares,
                             .adamw = adamw};
