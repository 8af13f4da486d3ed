/* learn_fixture.h - a tiny model, a ragged batch, and the comparisons that every learning step has to stand. */
#ifndef TEST_LEARN_FIXTURE_H
#define TEST_LEARN_FIXTURE_H

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "compute/engine.h"
#include "learn/micro_batch.h"
#include "support.h"

static const pvi_shape learn_shape = {.vocab = 13,
                                      .width = 8,
                                      .layers = 2,
                                      .heads = 2,
                                      .kv_heads = 1,
                                      .head_dim = 4,
                                      .hidden = 10,
                                      .context = 16,
                                      .rope_theta = 100.0f,
                                      .norm_eps = 1e-5f};

/* Sequences of 5, 3, 6, 3 and 6 tokens. Problem 7 has four pairs, problem 9 none. */
enum { LEARN_SEQUENCES = 5, LEARN_TOKENS = 23, LEARN_TARGETS = 14, LEARN_LONGEST = 6, LEARN_PAIRS = 4 };
static const int32_t learn_token[LEARN_TOKENS] = {1,  4, 2,  8,  5, 7, 1, 4, 2, 8,  6, 3,
                                                  11, 9, 12, 10, 3, 0, 0, 9, 5, 12, 7};
static const int32_t learn_offset[LEARN_SEQUENCES + 1] = {0, 5, 8, 14, 17, 23};
static const int32_t learn_begin[LEARN_SEQUENCES] = {2, 1, 3, 1, 2};
static const uint8_t learn_label[LEARN_SEQUENCES] = {1, 0, 1, 0, 0};
static const uint64_t learn_problem[LEARN_SEQUENCES] = {7, 7, 7, 9, 7};
static const pvi_examples learn_examples = {{LEARN_SEQUENCES, learn_offset, learn_token}, learn_begin};

/* Every gradient of a step can be read off the first moment afterwards, and the weights stay. */
static const pvi_adamw learn_still = {.rate = 0, .beta1 = 0, .beta2 = 0, .epsilon = 1e-8};
static const pvi_adamw learn_moving = {
    .rate = 0.01, .beta1 = 0.9, .beta2 = 0.99, .epsilon = 1e-8, .weight_decay = 0.1, .clip = 0.5};
static const pvi_schedule learn_constant = {.kind = PVI_DECAY_CONSTANT};

/* The fastest of the engines that give the same bits. */
static inline int learn_engine(void) {
    return pvi_engine_best() == PVI_ENGINE_OPENBLAS ? PVI_ENGINE_PORTABLE : pvi_engine_best();
}

static inline pvi_env *learn_env(int threads) {
    pvi_env *env = test_env_with(threads, 0);
    env->engine = learn_engine();
    return env;
}

static inline pvi_shape learn_shape_with(pvi_head head, bool tied, bool feature) {
    pvi_shape shape = learn_shape;
    shape.head = head;
    shape.tied = tied;
    shape.logprob_feature = feature;
    return shape;
}

static inline pvi_model *learn_model(pvi_env *env, pvi_head head, bool tied, bool feature, uint64_t seed) {
    pvi_shape shape = learn_shape_with(head, tied, feature);
    pvi_init init = {.seed = seed, .embedding_scale = 0.7f};
    pvi_rng rng = pvi_rng_stream(seed, "head", 0, 0);
    pvi_model *model;
    ck_ok(env, pvi_model_create(env, &shape, NULL, &init, &model));
    if (head == PVI_HEAD_LM) return model;
    for (int i = 0; i < shape.width; i++) model->weights.score_weight[i] = (float)(0.5 * pvi_rng_normal(&rng));
    if (head != PVI_HEAD_LAST) *model->weights.score_bias = 0.2f;
    if (feature) *model->weights.logprob_weight = 0.3f;
    return model;
}

static inline pvi_trainer *learn_trainer(pvi_model *model, const pvi_adamw *adamw, int32_t micro_tokens) {
    pvi_trainer *trainer;
    ck_ok(model->env,
          pvi_trainer_create(model->env, model, adamw, &learn_constant, micro_tokens, LEARN_LONGEST, &trainer));
    return trainer;
}

/* Check's assertions are too slow to be made for every element. */
static inline bool learn_all_zero(const pvi_view *view) {
    bool zero = true;
    for (uint64_t i = 0; i < view->count; i++) zero &= view->block[i] == 0.0f;
    return zero;
}

/* One step with some loss; *loss is what it minimises. */
typedef pvg_status (*learn_step_fn)(void *arg, pvi_trainer *trainer, double *loss);

/* ---- finite differences ---- */

typedef struct learn_differences {
    pvi_trainer *trainer;
    learn_step_fn step;
    void *arg;
    const float *gradient;
} learn_differences;

static inline double learn_loss(const learn_differences *d) {
    double loss = NAN;
    ck_ok(d->trainer->env, d->step(d->arg, d->trainer, &loss));
    return loss;
}

/* The tensor is moved by +-h along a direction that is the gradient with half as much noise. */
static inline pvg_status learn_differ(void *arg, const char *name, float *data, int64_t rows, int64_t cols) {
    learn_differences *d = arg;
    size_t count = (size_t)(cols == 0 ? rows : rows * cols);
    const float *g = d->gradient + (data - d->trainer->model->weights.block);
    double norm = 0, length = 0, slope = 0, h = 4e-3, noise = 0, side[2];
    double *u = calloc(count, sizeof *u);
    float *kept = malloc(count * sizeof *kept);
    memcpy(kept, data, count * sizeof *kept);
    pvi_rng rng = pvi_rng_stream(5, name, 0, 0);
    for (size_t i = 0; i < count; i++)
        norm += (double)g[i] * (double)g[i], u[i] = pvi_rng_normal(&rng), noise += u[i] * u[i];
    norm = sqrt(norm), noise = sqrt(noise);
    ck_assert_msg(norm > 1e-7, "%s has no gradient", name);
    for (size_t i = 0; i < count; i++) u[i] = 0.5 * u[i] / noise + (double)g[i] / norm, length += u[i] * u[i];
    for (size_t i = 0; i < count; i++) u[i] /= sqrt(length), slope += u[i] * (double)g[i];
    for (int k = 0; k < 2; k++) {
        for (size_t i = 0; i < count; i++) data[i] = (float)((double)kept[i] + (k == 0 ? -h : h) * u[i]);
        d->trainer->model->stale = true;
        side[k] = learn_loss(d);
    }
    memcpy(data, kept, count * sizeof *kept);
    d->trainer->model->stale = true;
    double found = (side[1] - side[0]) / (2 * h);
    ck_assert_msg(fabs(found - slope) <= 3e-3 * norm + 2e-4,
                  "%s: the loss rises by %.7g, its gradient says %.7g (norm %.3g)", name, found, slope, norm);
    free(u), free(kept);
    return PVG_OK;
}

/* model: destroyed here. */
static inline void learn_check_gradient(pvi_model *model, learn_step_fn step, void *arg) {
    pvi_trainer *trainer = learn_trainer(model, &learn_still, 64);
    learn_differences d = {.trainer = trainer, .step = step, .arg = arg};
    float *gradient = malloc(trainer->first.count * sizeof *gradient);
    learn_loss(&d);
    memcpy(gradient, trainer->first.block, trainer->first.count * sizeof *gradient);
    d.gradient = gradient;
    ck_ok(model->env, pvi_model_tensors(&model->shape, &model->weights, learn_differ, &d));
    free(gradient);
    pvi_trainer_destroy(trainer);
    pvi_model_destroy(model);
}

/* ---- exactness ---- */

typedef struct learn_trace {
    size_t count;
    float *weight, *first, *second;
    double loss[4], norm;
} learn_trace;

/* What a case needs that belongs to an environment (a reference model, say): made before the steps, freed after them. */
typedef struct learn_case {
    pvi_head head;
    bool tied, feature;
    learn_step_fn step;
    void *arg;
    void (*open)(void *arg, pvi_env *env);
    void (*close)(void *arg);
} learn_case;

static inline float *learn_copy(const pvi_view *view) {
    float *copy = malloc(view->count * sizeof *copy);
    memcpy(copy, view->block, view->count * sizeof *copy);
    return copy;
}

static inline learn_trace learn_run(const learn_case *c, int engine, int threads, int32_t micro_tokens) {
    pvi_env *env = test_env_with(threads, 0);
    env->engine = engine;
    pvi_model *model = learn_model(env, c->head, c->tied, c->feature, 1);
    if (c->open != NULL) c->open(c->arg, env);
    pvi_trainer *trainer = learn_trainer(model, &learn_moving, micro_tokens);
    learn_trace trace = {.count = model->weights.count};
    for (int i = 0; i < 4; i++) {
        size_t before = atomic_load(&env->allocations);
        ck_ok(env, c->step(c->arg, trainer, &trace.loss[i]));
        ck_assert_msg(i == 0 || atomic_load(&env->allocations) == before, "step %d allocated memory", i + 1);
        ck_assert(learn_all_zero(&trainer->gradient));
    }
    ck_assert_int_eq(trainer->step, 4);
    trace.weight = learn_copy(&model->weights);
    trace.first = learn_copy(&trainer->first);
    trace.second = learn_copy(&trainer->second);
    pvi_trainer_destroy(trainer);
    if (c->close != NULL) c->close(c->arg);
    pvi_model_destroy(model);
    test_env_free(env);
    return trace;
}

static inline void learn_trace_free(learn_trace *t) { free(t->weight), free(t->first), free(t->second); }

static inline void learn_check_same(const learn_trace *wanted, const learn_case *c, int engine, int threads,
                                    int32_t micro_tokens) {
    learn_trace found = learn_run(c, engine, threads, micro_tokens);
    size_t size = found.count * sizeof(float);
    const char *bad = memcmp(found.loss, wanted->loss, sizeof found.loss) != 0 ? "losses"
                      : memcmp(found.first, wanted->first, size) != 0          ? "first moments"
                      : memcmp(found.second, wanted->second, size) != 0        ? "second moments"
                      : memcmp(found.weight, wanted->weight, size) != 0        ? "weights"
                                                                               : NULL;
    ck_assert_msg(bad == NULL, "%s differ with engine %d, %d threads and micro-batches of %d tokens", bad, engine,
                  threads, (int)micro_tokens);
    learn_trace_free(&found);
}

/* Four steps, however they are computed, shared and cut: the same bits. */
static inline void learn_check_exact(const learn_case *c) {
    learn_trace wanted = learn_run(c, learn_engine(), 1, 64);
    static const int32_t cut[] = {7, 12, 64};
    for (int threads = 1; threads <= 4; threads *= 2)
        for (int k = 0; k < 3; k++) learn_check_same(&wanted, c, learn_engine(), threads, cut[k]);
    learn_check_same(&wanted, c, PVI_ENGINE_PORTABLE, 1, 12);
    learn_trace_free(&wanted);
}

/* ---- failure ---- */

/* Whatever a failed step leaves must be what was there before. */
typedef struct learn_before {
    float *weight, *first, *second;
    int64_t step;
} learn_before;

static inline learn_before learn_remember(const pvi_trainer *t) {
    return (learn_before){learn_copy(&t->model->weights), learn_copy(&t->first), learn_copy(&t->second), t->step};
}

static inline void learn_check_unchanged(const pvi_trainer *t, learn_before *b) {
    size_t size = t->first.count * sizeof(float);
    ck_assert_mem_eq(t->model->weights.block, b->weight, size);
    ck_assert_mem_eq(t->first.block, b->first, size);
    ck_assert_mem_eq(t->second.block, b->second, size);
    ck_assert_int_eq(t->step, b->step);
    ck_assert(learn_all_zero(&t->gradient));
    free(b->weight), free(b->first), free(b->second);
}

#endif
