/* test_naive_model.c - the twin of naive_model.h, one loop an equation, and its check by central differences. */
#include "naive_model.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "support.h"

/* What one layer keeps of one sequence. */
typedef struct trace {
    double *x, *n1, *qkv, *p, *att, *mid, *n2, *gu, *act;
} trace;

typedef struct run {
    const naive *n;
    int T;
    const int32_t *token;
    trace *layer;
    double *last, *hidden; /* before and after the final norm */
} run;

static double *room(size_t count) { return calloc(count, sizeof(double)); }

static const double *at(const naive *n, const float *tensor) { return n->w + (tensor - n->map.block); }
static double *grad(const naive *n, const float *tensor) { return n->g + (tensor - n->map.block); }

void naive_open(naive *n, pvi_env *env, const pvi_model *model) {
    n->shape = model->shape;
    pvi_view_create(env, &model->shape, &n->map);
    n->w = room(n->map.count);
    n->g = room(n->map.count);
    for (uint64_t i = 0; i < n->map.count; i++) n->w[i] = model->weights.block[i];
}

void naive_close(naive *n, pvi_env *env) {
    pvi_view_destroy(env, &n->map);
    free(n->w);
    free(n->g);
}

void naive_zero(naive *n) { memset(n->g, 0, n->map.count * sizeof *n->g); }

/* y[T][out] = x[T][in] w[out][in]^T, and its gradients. */
static void linear(int T, int in, int out, const double *x, const double *w, double *y) {
    for (int t = 0; t < T; t++)
        for (int o = 0; o < out; o++) {
            double sum = 0;
            for (int i = 0; i < in; i++) sum += x[t * in + i] * w[o * in + i];
            y[t * out + o] = sum;
        }
}

static void linear_back(int T, int in, int out, const double *x, const double *w, const double *dy, double *dx,
                        double *dw) {
    for (int t = 0; t < T; t++)
        for (int o = 0; o < out; o++)
            for (int i = 0; i < in; i++) {
                dx[t * in + i] += dy[t * out + o] * w[o * in + i];
                dw[o * in + i] += dy[t * out + o] * x[t * in + i];
            }
}

static double inverse_rms(int width, double eps, const double *x) {
    double sum = 0;
    for (int i = 0; i < width; i++) sum += x[i] * x[i];
    return 1.0 / sqrt(sum / width + eps);
}

static void norm(int T, int width, double eps, const double *x, const double *w, double *y) {
    for (int t = 0; t < T; t++, x += width, y += width) {
        double r = inverse_rms(width, eps, x);
        for (int i = 0; i < width; i++) y[i] = x[i] * r * w[i];
    }
}

static void norm_back(int T, int width, double eps, const double *x, const double *w, const double *dy, double *dx,
                      double *dw) {
    for (int t = 0; t < T; t++, x += width, dy += width, dx += width) {
        double r = inverse_rms(width, eps, x), dot = 0;
        for (int i = 0; i < width; i++) dot += dy[i] * w[i] * x[i];
        for (int i = 0; i < width; i++) {
            dx[i] += r * dy[i] * w[i] - r * r * r * x[i] * dot / width;
            dw[i] += dy[i] * x[i] * r;
        }
    }
}

/* Turn the pairs (i, i + head_dim / 2) of every query and key head; sign -1 turns back. */
static void rotate(const pvi_shape *s, int T, double *qkv, int sign) {
    int half = s->head_dim / 2, row = pvi_shape_qkv(s);
    for (int t = 0; t < T; t++)
        for (int h = 0; h < s->heads + s->kv_heads; h++)
            for (int i = 0; i < half; i++) {
                double angle = sign * t * pow(s->rope_theta, -2.0 * i / s->head_dim);
                double *a = qkv + t * row + h * s->head_dim + i, *b = a + half, x = *a, y = *b;
                *a = x * cos(angle) - y * sin(angle);
                *b = y * cos(angle) + x * sin(angle);
            }
}

typedef struct place {
    int q, k, v; /* columns of a query head and of its key and value heads */
} place;

static place head_place(const pvi_shape *s, int head) {
    int kv = head / (s->heads / s->kv_heads), d = s->head_dim;
    return (place){head * d, (s->heads + kv) * d, (s->heads + s->kv_heads + kv) * d};
}

static void attention(const pvi_shape *s, int T, const double *qkv, double *p, double *out) {
    int d = s->head_dim, row = pvi_shape_qkv(s);
    for (int h = 0; h < s->heads; h++)
        for (int t = 0; t < T; t++) {
            place c = head_place(s, h);
            double *weight = p + ((size_t)h * T + t) * T, most = -INFINITY, sum = 0;
            for (int u = 0; u <= t; u++) {
                weight[u] = 0;
                for (int i = 0; i < d; i++) weight[u] += qkv[t * row + c.q + i] * qkv[u * row + c.k + i];
                weight[u] /= sqrt(d);
                most = fmax(most, weight[u]);
            }
            for (int u = 0; u <= t; u++) sum += weight[u] = exp(weight[u] - most);
            for (int u = 0; u <= t; u++) {
                weight[u] /= sum;
                for (int i = 0; i < d; i++)
                    out[(t * s->heads + h) * d + i] += weight[u] * qkv[u * row + c.v + i];
            }
        }
}

static void attention_back(const pvi_shape *s, int T, const double *qkv, const double *p, const double *dout,
                           double *dqkv) {
    int d = s->head_dim, row = pvi_shape_qkv(s);
    double *dp = room((size_t)T);
    for (int h = 0; h < s->heads; h++)
        for (int t = 0; t < T; t++) {
            place c = head_place(s, h);
            const double *weight = p + ((size_t)h * T + t) * T, *dy = dout + (t * s->heads + h) * d;
            double dot = 0;
            for (int u = 0; u <= t; u++) {
                dp[u] = 0;
                for (int i = 0; i < d; i++) {
                    dp[u] += dy[i] * qkv[u * row + c.v + i];
                    dqkv[u * row + c.v + i] += weight[u] * dy[i];
                }
                dot += weight[u] * dp[u];
            }
            for (int u = 0; u <= t; u++)
                for (int i = 0; i < d; i++) {
                    double ds = weight[u] * (dp[u] - dot) / sqrt(d);
                    dqkv[t * row + c.q + i] += ds * qkv[u * row + c.k + i];
                    dqkv[u * row + c.k + i] += ds * qkv[t * row + c.q + i];
                }
        }
    free(dp);
}

static void layer_forward(const naive *n, const pvi_layer_view *v, int T, trace *k, double *out) {
    const pvi_shape *s = &n->shape;
    int W = s->width, H = s->hidden, A = s->heads * s->head_dim, Q = pvi_shape_qkv(s);
    norm(T, W, s->norm_eps, k->x, at(n, v->input_norm), k->n1);
    linear(T, W, Q, k->n1, at(n, v->qkv), k->qkv);
    rotate(s, T, k->qkv, 1);
    attention(s, T, k->qkv, k->p, k->att);
    linear(T, A, W, k->att, at(n, v->out), k->mid);
    for (int i = 0; i < T * W; i++) k->mid[i] += k->x[i];
    norm(T, W, s->norm_eps, k->mid, at(n, v->post_norm), k->n2);
    linear(T, W, 2 * H, k->n2, at(n, v->gate_up), k->gu);
    for (int t = 0; t < T; t++)
        for (int i = 0; i < H; i++) {
            double g = k->gu[t * 2 * H + i];
            k->act[t * H + i] = g / (1 + exp(-g)) * k->gu[t * 2 * H + H + i];
        }
    linear(T, H, W, k->act, at(n, v->down), out);
    for (int i = 0; i < T * W; i++) out[i] += k->mid[i];
}

static void feed_back(const naive *n, const pvi_layer_view *v, int T, const trace *k, double *dx) {
    int W = n->shape.width, H = n->shape.hidden;
    double *dact = room((size_t)T * H), *dgu = room((size_t)T * 2 * H), *dn = room((size_t)T * W);
    linear_back(T, H, W, k->act, at(n, v->down), dx, dact, grad(n, v->down));
    for (int t = 0; t < T; t++)
        for (int i = 0; i < H; i++) {
            double g = k->gu[t * 2 * H + i], u = k->gu[t * 2 * H + H + i], f = 1 / (1 + exp(-g));
            dgu[t * 2 * H + i] = dact[t * H + i] * u * f * (1 + g * (1 - f));
            dgu[t * 2 * H + H + i] = dact[t * H + i] * g * f;
        }
    linear_back(T, W, 2 * H, k->n2, at(n, v->gate_up), dgu, dn, grad(n, v->gate_up));
    norm_back(T, W, n->shape.norm_eps, k->mid, at(n, v->post_norm), dn, dx, grad(n, v->post_norm));
    free(dact);
    free(dgu);
    free(dn);
}

/* dx comes in as d loss / d output and leaves as d loss / d input of the layer. */
static void layer_backward(const naive *n, const pvi_layer_view *v, int T, const trace *k, double *dx) {
    const pvi_shape *s = &n->shape;
    int W = s->width, A = s->heads * s->head_dim, Q = pvi_shape_qkv(s);
    feed_back(n, v, T, k, dx);
    double *datt = room((size_t)T * A), *dqkv = room((size_t)T * Q), *dn = room((size_t)T * W);
    linear_back(T, A, W, k->att, at(n, v->out), dx, datt, grad(n, v->out));
    attention_back(s, T, k->qkv, k->p, datt, dqkv);
    rotate(s, T, dqkv, -1);
    linear_back(T, W, Q, k->n1, at(n, v->qkv), dqkv, dn, grad(n, v->qkv));
    norm_back(T, W, s->norm_eps, k->x, at(n, v->input_norm), dn, dx, grad(n, v->input_norm));
    free(datt);
    free(dqkv);
    free(dn);
}

static run run_open(const naive *n, const pvi_batch *batch, int sequence) {
    const pvi_shape *s = &n->shape;
    int begin = batch->offset[sequence], T = batch->offset[sequence + 1] - begin;
    size_t t = (size_t)T, W = s->width, H = s->hidden, A = (size_t)s->heads * s->head_dim;
    run r = {.n = n, .T = T, .token = batch->token + begin, .layer = calloc(s->layers, sizeof *r.layer)};
    r.last = room(t * W);
    r.hidden = room(t * W);
    for (int l = 0; l < s->layers; l++)
        r.layer[l] = (trace){room(t * W), room(t * W), room(t * pvi_shape_qkv(s)), room(t * t * s->heads), room(t * A),
                             room(t * W), room(t * W), room(t * 2 * H), room(t * H)};
    for (int i = 0; i < T; i++)
        memcpy(r.layer[0].x + i * W, at(n, n->map.embedding) + r.token[i] * W, W * sizeof(double));
    for (int l = 0; l < s->layers; l++)
        layer_forward(n, &n->map.layer[l], T, &r.layer[l], l + 1 < s->layers ? r.layer[l + 1].x : r.last);
    norm(T, s->width, s->norm_eps, r.last, at(n, n->map.norm), r.hidden);
    return r;
}

static void run_close(run *r) {
    for (int l = 0; l < r->n->shape.layers; l++) {
        trace *k = &r->layer[l];
        double *all[] = {k->x, k->n1, k->qkv, k->p, k->att, k->mid, k->n2, k->gu, k->act};
        for (size_t i = 0; i < sizeof all / sizeof *all; i++) free(all[i]);
    }
    free(r->layer);
    free(r->last);
    free(r->hidden);
}

static void run_back(run *r, const double *dhidden) {
    const naive *n = r->n;
    int W = n->shape.width;
    double *dx = room((size_t)r->T * W), *embedding = grad(n, n->map.embedding);
    norm_back(r->T, W, n->shape.norm_eps, r->last, at(n, n->map.norm), dhidden, dx, grad(n, n->map.norm));
    for (int l = n->shape.layers - 1; l >= 0; l--) layer_backward(n, &n->map.layer[l], r->T, &r->layer[l], dx);
    for (int t = 0; t < r->T; t++)
        for (int i = 0; i < W; i++) embedding[r->token[t] * W + i] += dx[t * W + i];
    free(dx);
}

void naive_hidden(const naive *n, const pvi_batch *batch, double *hidden) {
    for (int s = 0; s < batch->sequences; s++) {
        run r = run_open(n, batch, s);
        memcpy(hidden + (size_t)batch->offset[s] * n->shape.width, r.hidden, (size_t)r.T * n->shape.width * sizeof(double));
        run_close(&r);
    }
}

/* Turns a row of logits into d loss / d logits and returns -log p(target). */
static double cross_entropy(int vocab, double *logits, int target, double scale) {
    double most = -INFINITY, sum = 0;
    for (int v = 0; v < vocab; v++) most = fmax(most, logits[v]);
    for (int v = 0; v < vocab; v++) sum += exp(logits[v] - most);
    double loss = log(sum) + most - logits[target];
    for (int v = 0; v < vocab; v++) logits[v] = scale * (exp(logits[v] - most) / sum - (v == target));
    return loss;
}

double naive_lm(naive *n, const pvi_batch *batch, const int32_t *begin, double scale, bool learn, double *logits) {
    int W = n->shape.width, V = n->shape.vocab;
    double loss = 0;
    for (int s = 0; s < batch->sequences; s++) {
        run r = run_open(n, batch, s);
        double *all = room((size_t)r.T * V), *dhidden = room((size_t)r.T * W);
        linear(r.T, W, V, r.hidden, at(n, n->map.lm_head), all);
        if (logits != NULL) memcpy(logits + (size_t)batch->offset[s] * V, all, (size_t)r.T * V * sizeof(double));
        int first = begin[s] - 1;
        for (int t = first; t + 1 < r.T; t++) loss += scale * cross_entropy(V, all + (size_t)t * V, r.token[t + 1], scale);
        if (learn) {
            linear_back(r.T - 1 - first, W, V, r.hidden + first * W, at(n, n->map.lm_head), all + (size_t)first * V,
                        dhidden + first * W, grad(n, n->map.lm_head));
            run_back(&r, dhidden);
        }
        free(all);
        free(dhidden);
        run_close(&r);
    }
    return loss;
}

double naive_score(naive *n, const pvi_batch *batch, const int32_t *begin, const double *token_logprob,
                   const double *coefficient, bool learn, double *score) {
    const pvi_shape *s = &n->shape;
    const double *weight = at(n, n->map.score_weight);
    double total = 0;
    for (int q = 0; q < batch->sequences; q++) {
        run r = run_open(n, batch, q);
        double *dhidden = room((size_t)r.T * s->width);
        bool last = s->head == PVI_HEAD_LAST;
        int first = last ? r.T - 1 : begin[q];
        double share = s->head == PVI_HEAD_TOKEN_MEAN ? 1.0 / (r.T - first) : 1.0;
        score[q] = 0;
        for (int t = first; t < r.T; t++) {
            double part = last ? 0 : *at(n, n->map.score_bias), d = share * coefficient[q];
            double p = s->logprob_feature ? token_logprob[batch->offset[q] + t] : 0;
            for (int i = 0; i < s->width; i++) part += weight[i] * r.hidden[t * s->width + i];
            score[q] += share * (part + p * *at(n, n->map.logprob_weight));
            for (int i = 0; learn && i < s->width; i++) {
                grad(n, n->map.score_weight)[i] += d * r.hidden[t * s->width + i];
                dhidden[t * s->width + i] = d * weight[i];
            }
            if (learn && !last) *grad(n, n->map.score_bias) += d;
            if (learn) *grad(n, n->map.logprob_weight) += d * p;
        }
        total += coefficient[q] * score[q];
        if (learn) run_back(&r, dhidden);
        free(dhidden);
        run_close(&r);
    }
    return total;
}

/* ---- its own check ---- */

static const pvi_shape shape = {.vocab = 11, .width = 8, .layers = 2, .heads = 4, .kv_heads = 2, .head_dim = 4,
                                .hidden = 6, .context = 16, .rope_theta = 300.0f, .norm_eps = 1e-5f};
static const int32_t offset[] = {0, 5, 8, 15}, begin[] = {2, 1, 4};
static const int32_t token[] = {1, 2, 3, 2, 1, 10, 0, 0, 9, 8, 7, 6, 5, 4, 9};
static const double logprob[] = {0, 0, -.5, -.1, -2, 0, -.3, -.9, 0, 0, 0, 0, -1, -.2, -.7};
static const double coefficient[] = {0.7, -1.1, 0.4};

static double loss_of(naive *n, bool learn) {
    pvi_batch batch = {.sequences = 3, .offset = offset, .token = token};
    double score[3];
    if (n->shape.head == PVI_HEAD_LM) return naive_lm(n, &batch, begin, 0.3, learn, NULL);
    return naive_score(n, &batch, begin, logprob, coefficient, learn, score);
}

static void check_head(pvi_head head, bool tied, bool feature) {
    pvi_env *env = test_env();
    pvi_shape s = shape;
    s.head = head;
    s.tied = tied;
    s.logprob_feature = feature;
    pvi_init init = {.seed = 3, .embedding_scale = 0.6f};
    pvi_model *model;
    naive n;
    ck_ok(env, pvi_model_create(env, &s, NULL, &init, &model));
    naive_open(&n, env, model);
    pvi_rng rng = pvi_rng_stream(1, "test", 0, 0);
    for (uint64_t i = 0; i < n.map.count; i++) n.w[i] += 0.1 * pvi_rng_normal(&rng);
    loss_of(&n, true);
    for (uint64_t i = 0; i < n.map.count; i++) {
        double held = n.w[i], h = 1e-5;
        n.w[i] = held + h;
        double above = loss_of(&n, false);
        n.w[i] = held - h;
        double slope = (above - loss_of(&n, false)) / (2 * h);
        n.w[i] = held;
        ck_assert_msg(fabs(slope - n.g[i]) <= 1e-6 * (1 + fabs(slope)), "weight %d: %g, difference says %g", (int)i,
                      n.g[i], slope);
    }
    naive_close(&n, env);
    pvi_model_destroy(model);
    test_env_free(env);
}

START_TEST(gradients_are_the_slopes) {
    check_head(PVI_HEAD_LM, false, false);
    check_head(PVI_HEAD_LM, true, false);
    check_head(PVI_HEAD_TOKEN_SUM, true, true);
    check_head(PVI_HEAD_TOKEN_MEAN, true, false);
    check_head(PVI_HEAD_LAST, true, false);
}
END_TEST

Suite *suite_naive_model(void) {
    Suite *suite = suite_create("naive_model");
    TCase *tc = tcase_create("naive_model");
    tcase_add_test(tc, gradients_are_the_slopes);
    suite_add_tcase(suite, tc);
    return suite;
}
