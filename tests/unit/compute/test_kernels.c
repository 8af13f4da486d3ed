/* test_kernels.c - every kernel against its definition in double precision, every engine against plain C bit for bit,
 * gradients against central differences, and decoding against whole sequences bit for bit. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/rng.h"
#include "compute/engine.h"
#include "compute/kernels.h"
#include "support.h"

static pvi_rng rng;

static void setup(void) { rng = pvi_rng_stream(5, "kernels", 0, 0); }

static float *values(size_t count) {
    float *x = malloc((count + 1) * sizeof *x);
    for (size_t i = 0; i < count; i++) x[i] = (float)pvi_rng_normal(&rng);
    return x;
}

static void near(double found, double wanted, double tolerance, const char *what) {
    ck_assert_msg(fabs(found - wanted) <= tolerance * (1 + fabs(wanted)), "%s is %.9g, wanted %.9g", what, found, wanted);
}

#define same(a, b, count) ck_assert(memcmp(a, b, (size_t)(count) * sizeof *(a)) == 0)

static const int counts[] = {1, 2, 15, 16, 17, 31, 64, 100};
enum { COUNTS = sizeof counts / sizeof *counts };

static const pvi_kernels *kernels_or_null(int engine) { return pvi_engine_possible(engine) ? pvi_kernels_of(engine) : NULL; }
static const pvi_kernels *plain(void) { return pvi_kernels_of(PVI_ENGINE_PORTABLE); }

/* ---- exp and softmax ---- */

START_TEST(exp_is_close) {
    const pvi_kernels *k = kernels_or_null(_i);
    if (k == NULL) return;
    double worst = 0;
    float x[50], y[50];
    for (double at = -86.9; at < 88;) {
        for (int i = 0; i < 50; i++, at += 0.0037) x[i] = (float)at;
        k->exp(50, x, y);
        for (int i = 0; i < 50 && x[i] < 88; i++) worst = fmax(worst, fabs((double)y[i] / exp((double)x[i]) - 1));
    }
    ck_assert_msg(worst < ldexp(1, -22), "relative error %g", worst);
    float odd[] = {-INFINITY, -1e30f, -88, 0, -0.0f, 88, 1000, INFINITY, NAN};
    k->exp(9, odd, odd);
    ck_assert(odd[0] == 0 && odd[1] == 0 && odd[2] == 0 && odd[3] == 1 && odd[4] == 1);
    ck_assert(odd[5] > 1.65e38f && odd[6] == odd[5] && odd[7] == odd[5] && isnan(odd[8]));
}
END_TEST

START_TEST(log_probabilities) {
    const pvi_kernels *k = kernels_or_null(_i);
    if (k == NULL) return;
    for (int c = 0; c < COUNTS; c++) {
        int n = counts[c];
        float *x = values(n), *p = values(n), *q = values(n);
        if (n > 2) x[1] = -INFINITY;
        double sum = 0, total = 0;
        for (int i = 0; i < n; i++) sum += exp((double)x[i]);
        float found = pvi_log_prob(k, n, x, n - 1, p), twin = pvi_log_prob(plain(), n, x, n - 1, q);
        near((double)found, (double)x[n - 1] - log(sum), 1e-6, "log p");
        for (int i = 0; i < n; i++) {
            near((double)p[i], exp((double)x[i]) / sum, 1e-6, "p");
            total += (double)p[i];
        }
        near(total, 1, 1e-6, "sum of p");
        if (n > 2) ck_assert(p[1] == 0);
        ck_assert(found == twin);
        same(p, q, n);
        free(x), free(p), free(q);
    }
}
END_TEST

/* ---- rows ---- */

/* Every place of a row counts, whatever the width of the registers. Changes x. */
static void check_bounds(const pvi_kernels *k, int n, float *x) {
    static const float bad[] = {NAN, INFINITY, -INFINITY, 2.5f, -1.5f};
    double sum[8] = {0};
    for (int i = 0; i < n; i++) {
        x[i] = i % 3 == 0 ? 2.0f : i % 3 == 1 ? -1.0f : 1e-20f;
        sum[i % 8] += (double)x[i] * (double)x[i];
    }
    ck_assert(k->squares((size_t)n, x) == ((sum[0] + sum[1]) + (sum[2] + sum[3])) + ((sum[4] + sum[5]) + (sum[6] + sum[7])));
    ck_assert(k->within((size_t)n, x, -1.0f, 2.0f));
    for (int i = 0; i < n; i++)
        for (size_t c = 0; c < sizeof bad / sizeof bad[0]; c++) {
            float kept = x[i];
            x[i] = bad[c];
            ck_assert_msg(!k->within((size_t)n, x, -1.0f, 2.0f), "%g at %d of %d was let through", (double)bad[c], i, n);
            x[i] = kept;
        }
}

START_TEST(rows) {
    const pvi_kernels *k = kernels_or_null(_i);
    if (k == NULL) return;
    for (int c = 0; c < COUNTS; c++) {
        int n = counts[c];
        float *a = values(n), *b = values(n), *x = values(n), *y = malloc(n * sizeof *y);
        double sum = 0;
        for (int i = 0; i < n; i++) sum += (double)a[i] * (double)b[i];
        near((double)k->dot(n, a, b), sum, 1e-5, "dot");
        ck_assert(k->dot(n, a, b) == plain()->dot(n, a, b));
        memcpy(y, x, n * sizeof *x);
        k->add(n, a, y);
        for (int i = 0; i < n; i++) ck_assert(y[i] == x[i] + a[i]);
        memcpy(y, x, n * sizeof *x);
        k->add_scaled(n, 0.3f, a, y);
        for (int i = 0; i < n; i++) ck_assert(y[i] == fmaf(0.3f, a[i], x[i]));
        ck_assert(k->finite(n, a));
        for (int i = 0; i < 3; i++) {
            a[n - 1] = i == 0 ? NAN : i == 1 ? INFINITY : -INFINITY;
            ck_assert(!k->finite(n, a));
        }
        check_bounds(k, n, b);
        free(a), free(b), free(x), free(y);
    }
}
END_TEST

START_TEST(updates) {
    const pvi_kernels *k = kernels_or_null(_i);
    if (k == NULL) return;
    const pvi_adamw_factors f = {.scale = 0.7f, .beta1 = 0.9f, .rest1 = 0.1f, .beta2 = 0.99f, .rest2 = 0.01f, .step = 0.02f,
                                 .root = 1.3f, .epsilon = 1e-6f, .keep = 0.998f};
    for (int c = 0; c < COUNTS; c++) {
        int n = counts[c];
        float *w = values(n), *gradient = values(n), *m = values(n), *v = values(n);
        float *wanted[3] = {values(n), values(n), values(n)};
        for (int i = 0; i < n; i++) { /* each product is rounded before it is added */
            float g = f.scale * gradient[i], a = f.beta1 * m[i], b = f.rest1 * g;
            v[i] *= v[i];
            float d = f.beta2 * v[i], e = f.rest2 * g;
            e *= g;
            wanted[1][i] = a + b;
            wanted[2][i] = d + e;
            float root = sqrtf(wanted[2][i]) * f.root, kept = f.keep * w[i], down = f.step * wanted[1][i] / (root + f.epsilon);
            wanted[0][i] = kept - down;
        }
        double bound = (double)k->adamw(n, &f, w, gradient, m, v), sum = 0;
        same(w, wanted[0], n), same(m, wanted[1], n), same(v, wanted[2], n);
        for (int i = 0; i < n; i++) {
            ck_assert(gradient[i] == 0);
            sum += (double)w[i] * (double)w[i] + (double)m[i] * (double)m[i] + (double)v[i];
        }
        near(bound, sum, 1e-5, "bound");
        float *place[3] = {&w[n - 1], &m[n - 1], &v[n - 1]};
        for (int i = 0; i < 3; i++) {
            ck_assert(k->adamw(n, &f, w, gradient, m, v) <= 1e30f);
            *place[i] = i == 0 ? NAN : i == 1 ? INFINITY : -1.0f;
            ck_assert(!(k->adamw(n, &f, w, gradient, m, v) <= 1e30f));
            w[n - 1] = m[n - 1] = v[n - 1] = 0.5f;
        }
        free(w), free(gradient), free(m), free(v), free(wanted[0]), free(wanted[1]), free(wanted[2]);
    }
}
END_TEST

/* ---- norms ---- */

static double norm_loss(int n, const float *x, const float *w, const float *up) {
    double squares = 0, loss = 0;
    for (int i = 0; i < n; i++) squares += (double)x[i] * (double)x[i];
    double r = 1 / sqrt(squares / n + 1e-3);
    for (int i = 0; i < n; i++) loss += (double)x[i] * r * (double)w[i] * (double)up[i];
    return loss;
}

/* Central difference of f at *x, which float rounding makes a little uneven. */
#define SLOPE(out, x, f)                                                                                               \
    do {                                                                                                               \
        float held_ = *(x);                                                                                            \
        *(x) = held_ + 0.00390625f;                                                                                    \
        double up_ = *(x), above_ = (f);                                                                               \
        *(x) = held_ - 0.00390625f;                                                                                    \
        out = (above_ - (f)) / (up_ - (double)*(x));                                                                   \
        *(x) = held_;                                                                                                  \
    } while (0)

START_TEST(norms) {
    const pvi_kernels *k = kernels_or_null(_i);
    if (k == NULL) return;
    for (int c = 0; c < COUNTS; c++) {
        int n = counts[c];
        float *x = values(n), *w = values(n), *up = values(n), *base = values(n), *y = values(n), *z = values(n);
        float *dw = values(n), *dz = malloc(n * sizeof *dz), slope_scale = 2e-4f;
        memcpy(dz, dw, n * sizeof *dz);
        float *start = malloc(n * sizeof *start);
        memcpy(start, dw, n * sizeof *start);
        float r = k->rms_norm(n, 1e-3f, x, w, y), r2 = plain()->rms_norm(n, 1e-3f, x, w, z);
        ck_assert(r == r2);
        same(y, z, n);
        double loss = 0;
        for (int i = 0; i < n; i++) loss += (double)y[i] * (double)up[i];
        near(loss, norm_loss(n, x, w, up), 1e-5, "norm");
        k->rms_norm_back(n, r, x, w, up, base, y);
        plain()->rms_norm_back(n, r, x, w, up, base, z);
        same(y, z, n);
        k->rms_norm_weight(1, n, n, &r, x, up, dw);
        plain()->rms_norm_weight(1, n, n, &r, x, up, dz);
        same(dw, dz, n);
        for (int i = 0; i < n; i++) {
            double slope;
            SLOPE(slope, &x[i], norm_loss(n, x, w, up));
            near((double)(y[i] - base[i]), slope, (double)slope_scale * 5, "d norm / d x");
            SLOPE(slope, &w[i], norm_loss(n, x, w, up));
            near((double)(dw[i] - start[i]), slope, (double)slope_scale, "d norm / d weight");
        }
        free(x), free(w), free(up), free(base), free(y), free(z), free(dw), free(dz), free(start);
    }
}
END_TEST

START_TEST(norm_weights_are_one_chain) {
    const pvi_kernels *k = kernels_or_null(_i);
    if (k == NULL) return;
    int rows = 7, n = 40;
    float *x = values(rows * n), *dy = values(rows * n), *r = values(rows), *a = values(n), b[40], c[40];
    memcpy(b, a, sizeof b);
    memcpy(c, a, sizeof c);
    k->rms_norm_weight(rows, n, n, r, x, dy, a);
    k->rms_norm_weight(3, n, n, r, x, dy, b);
    k->rms_norm_weight(4, n, n, r + 3, x + 3 * n, dy + 3 * n, b);
    same(a, b, n);
    k->rms_norm_weight(rows, 16, n, r, x, dy, c);
    k->rms_norm_weight(rows, 24, n, r, x + 16, dy + 16, c + 16);
    same(a, c, n);
    free(x), free(dy), free(r), free(a);
}
END_TEST

/* ---- positions ---- */

START_TEST(turning) {
    const pvi_kernels *k = kernels_or_null(_i);
    if (k == NULL) return;
    const int dims[] = {2, 4, 10, 16, 32, 48, 64};
    for (size_t c = 0; c < sizeof dims / sizeof *dims; c++) {
        int dim = dims[c], half = dim / 2, heads = 3, at = 5;
        float *cs = malloc(8 * half * sizeof *cs), *sn = malloc(8 * half * sizeof *sn);
        pvi_rotary_table(8, dim, 100.0f, cs, sn);
        float *row = values(heads * dim), *turned = values(heads * dim), *twin = values(heads * dim);
        memcpy(turned, row, heads * dim * sizeof *row);
        memcpy(twin, row, heads * dim * sizeof *row);
        k->rotary(heads, dim, cs + at * half, sn + at * half, 1.0f, turned);
        plain()->rotary(heads, dim, cs + at * half, sn + at * half, 1.0f, twin);
        same(turned, twin, heads * dim);
        for (int h = 0; h < heads; h++)
            for (int i = 0; i < half; i++) {
                double angle = at * pow(100.0, -2.0 * i / dim), x = (double)row[h * dim + i], y = (double)row[h * dim + i + half];
                near((double)turned[h * dim + i], x * cos(angle) - y * sin(angle), 1e-6, "first of a pair");
                near((double)turned[h * dim + i + half], y * cos(angle) + x * sin(angle), 1e-6, "second of a pair");
            }
        k->rotary(heads, dim, cs + at * half, sn + at * half, -1.0f, turned);
        for (int i = 0; i < heads * dim; i++) near((double)turned[i], (double)row[i], 1e-6, "turned back");
        free(cs), free(sn), free(row), free(turned), free(twin);
    }
}
END_TEST

/* ---- feed-forward ---- */

static double swiglu_loss(int n, const float *gate_up, const float *d) {
    double loss = 0;
    for (int i = 0; i < n; i++)
        loss += (double)d[i] * (double)gate_up[i] / (1 + exp(-(double)gate_up[i])) * (double)gate_up[n + i];
    return loss;
}

START_TEST(gates) {
    const pvi_kernels *k = kernels_or_null(_i);
    if (k == NULL) return;
    for (int c = 0; c < COUNTS; c++) {
        int n = counts[c];
        float *x = values(2 * n), *d = values(n), *act = values(n), *twin = values(n), *again = values(n);
        float *dx = values(2 * n), *d_twin = values(2 * n);
        k->swiglu(n, x, act);
        plain()->swiglu(n, x, twin);
        same(act, twin, n);
        double loss = 0;
        for (int i = 0; i < n; i++) loss += (double)d[i] * (double)act[i];
        near(loss, swiglu_loss(n, x, d), 1e-5, "swiglu");
        k->swiglu_back(n, x, d, again, dx);
        plain()->swiglu_back(n, x, d, twin, d_twin);
        same(act, again, n);
        same(dx, d_twin, 2 * n);
        for (int i = 0; i < 2 * n; i++) {
            double slope;
            SLOPE(slope, &x[i], swiglu_loss(n, x, d));
            near((double)dx[i], slope, 1e-4, "d swiglu");
        }
        free(x), free(d), free(act), free(twin), free(again), free(dx), free(d_twin);
    }
    float far[] = {-1000, 1000, 2, 3}, out[2]; /* gates that saturate */
    k->swiglu(2, far, out);
    ck_assert(fabsf(out[0]) < 1e-30f && out[1] == 3000);
}
END_TEST

/* ---- attention ---- */

typedef struct attention_case {
    pvi_attention_shape s;
    int length;
    float *qkv, *out, *stats, *d_out, *d_qkv, *scratch;
} attention_case;

static attention_case open_case(int heads, int kv_heads, int dim, int length) {
    attention_case c = {.s = {heads, kv_heads, dim}, .length = length};
    size_t row = (size_t)pvi_attention_qkv(&c.s), out_row = (size_t)heads * dim;
    c.qkv = values(length * row);
    c.out = values(length * out_row);
    c.stats = values((size_t)length * heads * 2);
    c.d_out = values(length * out_row);
    c.d_qkv = values(length * row);
    c.scratch = malloc(pvi_attention_scratch(&c.s, length, true) * sizeof(float));
    return c;
}

static void close_case(attention_case *c) {
    free(c->qkv), free(c->out), free(c->stats), free(c->d_out), free(c->d_qkv), free(c->scratch);
}

static void forward(const pvi_kernels *k, attention_case *c) {
    for (int h = 0; h < c->s.kv_heads; h++) k->attention(&c->s, c->length, h, c->qkv, c->out, c->stats, c->scratch);
}

static void back(const pvi_kernels *k, attention_case *c) {
    for (int h = 0; h < c->s.kv_heads; h++)
        k->attention_back(&c->s, c->length, h, c->qkv, c->out, c->stats, c->d_out, c->d_qkv, c->scratch);
}

/* Row t of one head, in double. */
static void naive_row(const attention_case *c, int head, int t, double *out) {
    int dim = c->s.head_dim, row = pvi_attention_qkv(&c->s), kv = head / (c->s.heads / c->s.kv_heads);
    const float *q = c->qkv + t * row + head * dim, *k = c->qkv + (c->s.heads + kv) * dim, *v = k + c->s.kv_heads * dim;
    double *p = malloc((t + 1) * sizeof *p), most = -INFINITY, sum = 0;
    for (int u = 0; u <= t; u++) {
        p[u] = 0;
        for (int i = 0; i < dim; i++) p[u] += (double)q[i] * (double)k[u * row + i];
        p[u] /= sqrt(dim);
        most = fmax(most, p[u]);
    }
    for (int u = 0; u <= t; u++) sum += p[u] = exp(p[u] - most);
    memset(out, 0, dim * sizeof *out);
    for (int u = 0; u <= t; u++)
        for (int i = 0; i < dim; i++) out[i] += p[u] / sum * (double)v[u * row + i];
    free(p);
}

static double naive_loss(const attention_case *c) {
    double loss = 0, out[128];
    for (int h = 0; h < c->s.heads; h++)
        for (int t = 0; t < c->length; t++) {
            naive_row(c, h, t, out);
            for (int i = 0; i < c->s.head_dim; i++)
                loss += out[i] * (double)c->d_out[(t * c->s.heads + h) * c->s.head_dim + i];
        }
    return loss;
}

static const int cases[][4] = {{4, 2, 4, 13}, {1, 1, 2, 1},  {4, 4, 16, 40}, {3, 1, 10, 7},
                               {2, 2, 32, 67}, {6, 2, 24, 33}, {1, 1, 48, 65}, {2, 1, 6, 8}};
enum { CASES = sizeof cases / sizeof *cases };

START_TEST(attention_is_the_definition) {
    const pvi_kernels *k = kernels_or_null(_i);
    if (k == NULL) return;
    for (int n = 0; n < CASES; n++) {
        attention_case c = open_case(cases[n][0], cases[n][1], cases[n][2], cases[n][3]);
        double row[128];
        forward(k, &c);
        for (int h = 0; h < c.s.heads; h++)
            for (int t = 0; t < c.length; t++) {
                naive_row(&c, h, t, row);
                for (int i = 0; i < c.s.head_dim; i++)
                    near((double)c.out[(t * c.s.heads + h) * c.s.head_dim + i], row[i], 2e-6, "attention");
            }
        close_case(&c);
    }
}
END_TEST

START_TEST(attention_same_bits) {
    const pvi_kernels *k = kernels_or_null(_i);
    if (k == NULL) return;
    for (int n = 0; n < CASES; n++) {
        attention_case c = open_case(cases[n][0], cases[n][1], cases[n][2], cases[n][3]);
        size_t outs = (size_t)c.length * c.s.heads * c.s.head_dim, all = (size_t)c.length * pvi_attention_qkv(&c.s);
        float *out = malloc(outs * sizeof *out), *d_qkv = malloc(all * sizeof *d_qkv);
        forward(k, &c);
        back(k, &c);
        memcpy(out, c.out, outs * sizeof *out);
        memcpy(d_qkv, c.d_qkv, all * sizeof *d_qkv);
        forward(plain(), &c);
        back(plain(), &c);
        same(out, c.out, outs);
        same(d_qkv, c.d_qkv, all);
        free(out), free(d_qkv);
        close_case(&c);
    }
}
END_TEST

START_TEST(attention_slopes) {
    const pvi_kernels *k = kernels_or_null(_i);
    if (k == NULL) return;
    for (int n = 0; n < CASES; n++) {
        attention_case c = open_case(cases[n][0], cases[n][1], cases[n][2], cases[n][3]);
        forward(k, &c);
        back(k, &c);
        size_t all = (size_t)c.length * pvi_attention_qkv(&c.s), step = all < 200 ? 1 : all / 23;
        for (size_t i = 0; i < all; i += step) {
            double slope;
            SLOPE(slope, &c.qkv[i], naive_loss(&c));
            near((double)c.d_qkv[i], slope, 3e-4, "d attention");
        }
        close_case(&c);
    }
}
END_TEST

/* A prompt of `shared` positions, then the sample's own; the queries of `rows` last positions side by side. */
static void decode(const pvi_kernels *k, const attention_case *c, int shared, int rows) {
    int dim = c->s.head_dim, row = pvi_attention_qkv(&c->s), outs = c->s.heads * dim, length = c->length;
    float *scratch = malloc(pvi_attention_steps_scratch(dim, length) * sizeof *scratch), out[PVI_STEP_ROWS * 64];
    for (int h = 0; h < c->s.heads; h++) {
        int kv = h / (c->s.heads / c->s.kv_heads);
        float *keys[2], *held[2];
        for (int s = 0; s < 2; s++) {
            keys[s] = malloc(pvi_keys_floats(dim, length) * sizeof(float));
            held[s] = malloc(pvi_values_floats(dim, length) * sizeof(float));
            memset(keys[s], 0xff, pvi_keys_floats(dim, length) * sizeof(float)); /* NaN: nothing that is read may be left over */
            memset(held[s], 0xff, pvi_values_floats(dim, length) * sizeof(float));
        }
        for (int t = 0; t < length; t++) {
            int s = t >= shared, at = s ? t - shared : t;
            const float *key = c->qkv + t * row + (c->s.heads + kv) * dim;
            pvi_key_put(keys[s], dim, at, key);
            pvi_value_put(held[s], dim, at, key + c->s.kv_heads * dim);
            pvi_kv prompt[PVI_STEP_ROWS], own[PVI_STEP_ROWS];
            int n = t + 1 < rows ? t + 1 : rows;
            for (int i = 0; i < n; i++) { /* row i is position t - i */
                int seen = t - i + 1, first = seen < shared ? seen : shared;
                prompt[i] = (pvi_kv){keys[0], held[0], first};
                own[i] = (pvi_kv){keys[1], held[1], seen - first};
            }
            k->attention_steps(dim, n, c->qkv + t * row + h * dim, -row, prompt, own, out, 64, scratch);
            for (int i = 0; i < n; i++) same(out + i * 64, c->out + (t - i) * outs + h * dim, dim);
        }
        for (int s = 0; s < 2; s++) free(keys[s]), free(held[s]);
    }
    free(scratch);
}

START_TEST(decoding_same_bits) {
    const pvi_kernels *k = kernels_or_null(_i);
    if (k == NULL) return;
    for (int n = 0; n < CASES; n++) {
        attention_case c = open_case(cases[n][0], cases[n][1], cases[n][2], cases[n][3]);
        forward(k, &c);
        for (int rows = 1; rows <= PVI_STEP_ROWS; rows++) {
            decode(k, &c, c.length, rows);
            decode(k, &c, c.length / 2, rows);
            decode(k, &c, 1, rows);
        }
        close_case(&c);
    }
}
END_TEST

START_TEST(attention_does_not_look_ahead) {
    attention_case c = open_case(2, 1, 16, 50);
    const pvi_kernels *k = pvi_kernels_of(pvi_engine_best());
    float before[20 * 32];
    forward(k, &c);
    memcpy(before, c.out, sizeof before);
    for (int i = 20 * pvi_attention_qkv(&c.s); i < 50 * pvi_attention_qkv(&c.s); i++) c.qkv[i] = (float)i;
    forward(k, &c);
    same(before, c.out, 20 * 32);
    c.length = 20;
    forward(k, &c);
    same(before, c.out, 20 * 32);
    close_case(&c);
}
END_TEST

START_TEST(gathering) {
    float table[12], out[9];
    for (int i = 0; i < 12; i++) table[i] = (float)i;
    const int32_t token[] = {3, 0, 3};
    pvi_gather(3, 3, table, token, out);
    for (int i = 0; i < 9; i++) ck_assert(out[i] == (float)(token[i / 3] * 3 + i % 3));
}
END_TEST

Suite *suite_kernels(void) {
    Suite *suite = suite_create("kernels");
    TCase *all = tcase_create("kernels");
    tcase_set_timeout(all, 60);
    tcase_add_checked_fixture(all, setup, NULL);
    const TTest *engines[] = {exp_is_close, log_probabilities, rows, updates, norms, norm_weights_are_one_chain, turning,
                              gates, attention_is_the_definition, attention_same_bits, attention_slopes, decoding_same_bits};
    for (size_t i = 0; i < sizeof engines / sizeof *engines; i++)
        tcase_add_loop_test(all, engines[i], PVI_ENGINE_PORTABLE, PVI_ENGINE_AVX512 + 1);
    tcase_add_test(all, attention_does_not_look_ahead);
    tcase_add_test(all, gathering);
    suite_add_tcase(suite, all);
    return suite;
}
