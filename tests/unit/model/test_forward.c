/* test_forward.c - the decoder and its heads against PyTorch's vectors and the plain twin, and the same bits whatever the
 * engine, the threads, the batch mates and the cut into micro-batches. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "compute/engine.h"
#include "golden.h"
#include "model/packed.h"
#include "naive_model.h"
#include "support.h"

enum { ROOM = 64 };

/* A model with its gradients and activations, and what one pass gave. */
typedef struct bench {
    pvi_env *env;
    pvi_model *model;
    pvi_view gradient;
    pvi_activations *work;
    float score[16], parts[ROOM], d_score[16], logprob[ROOM];
    double loss;
} bench;

static void bench_open(bench *b, pvi_env *env, const pvi_shape *shape, uint64_t seed) {
    memset(b, 0, sizeof *b);
    b->env = env;
    pvi_init init = {.seed = seed, .embedding_scale = 0.6f};
    ck_ok(env, pvi_model_create(env, shape, NULL, &init, &b->model));
    pvi_rng rng = pvi_rng_stream(seed, "test", 0, 0);
    for (uint64_t i = 0; i < b->model->weights.count; i++) b->model->weights.block[i] += 0.1f * (float)pvi_rng_normal(&rng);
    ck_ok(env, pvi_view_create(env, shape, &b->gradient));
    ck_ok(env, pvi_activations_create(env, shape, ROOM, shape->context, true, &b->work));
    for (int i = 0; i < ROOM; i++) b->logprob[i] = -0.05f * (float)(i % 7);
}

static void bench_close(bench *b) {
    pvi_activations_destroy(b->env, b->work);
    pvi_view_destroy(b->env, &b->gradient);
    pvi_model_destroy(b->model);
}

/* -log p of each row's target, scaled. */
typedef struct targets {
    const int32_t *token;
    float scale;
    double loss[ROOM];
} targets;

static void cross_entropy(void *arg, int32_t row, float *logits, const float *reference, int32_t vocab) {
    targets *t = arg;
    (void)reference;
    t->loss[row] = -(double)pvi_row_logprob(logits, vocab, t->token[row + 1], logits) * (double)t->scale;
    for (int32_t v = 0; v < vocab; v++) logits[v] *= t->scale;
    logits[t->token[row + 1]] -= t->scale;
}

static int32_t target_rows(const pvi_batch *batch, const int32_t *begin, int32_t *rows) {
    int32_t count = 0;
    for (int32_t q = 0; q < batch->sequences; q++)
        for (int32_t t = batch->offset[q] + begin[q]; t < batch->offset[q + 1]; t++) rows[count++] = t - 1;
    return count;
}

/* One forward and backward pass; gradients are added. */
static void pass_of(bench *b, const pvi_batch *batch, const int32_t *begin, const double *coefficient, float scale) {
    const float *hidden;
    ck_ok(b->env, pvi_model_ready(b->model));
    ck_ok(b->env, pvi_forward(b->model, batch, b->work, &hidden));
    float *d_hidden = calloc((size_t)ROOM * (size_t)b->model->shape.width, sizeof *d_hidden);
    if (b->model->shape.head == PVI_HEAD_LM) {
        int32_t rows[ROOM], count = target_rows(batch, begin, rows);
        targets t = {.token = batch->token, .scale = scale};
        pvi_lm_pass pass = {.model = b->model, .hidden = hidden, .rows = rows, .count = count, .row = cross_entropy, .arg = &t,
                            .d_hidden = d_hidden, .gradients = &b->gradient};
        ck_ok(b->env, pvi_lm_head(&pass));
        for (int32_t i = 0; i < count; i++) b->loss += t.loss[rows[i]];
    } else {
        const float *feature = b->model->shape.logprob_feature ? b->logprob : NULL;
        for (int32_t q = 0; q < batch->sequences; q++) b->d_score[q] = (float)coefficient[q];
        ck_ok(b->env, pvi_score_head(b->model, batch, begin, hidden, feature, b->score, b->parts));
        ck_ok(b->env, pvi_score_head_backward(b->model, batch, begin, hidden, feature, b->d_score, d_hidden, &b->gradient));
        for (int32_t q = 0; q < batch->sequences; q++) b->loss += coefficient[q] * (double)b->score[q];
    }
    ck_ok(b->env, pvi_backward(b->model, batch, b->work, d_hidden, &b->gradient));
    free(d_hidden);
}

static const int32_t offset[] = {0, 5, 8, 15, 16 + 15, 34}, begin[] = {2, 1, 4, 3, 1};
static const int32_t token[] = {1, 2, 3, 2, 1, 10, 0, 0, 9, 8, 7, 6, 5, 4, 9, 1, 1, 2, 3, 5, 8, 3, 1, 4, 5, 9, 2, 6, 5, 3, 0, 7, 7, 2};
static const double coefficient[] = {0.7, -1.1, 0.4, 0.9, -0.2};
static const pvi_batch whole = {.sequences = 5, .offset = offset, .token = token};

static const pvi_shape shapes[] = {
    {.vocab = 11, .width = 8, .layers = 2, .heads = 4, .kv_heads = 2, .head_dim = 4, .hidden = 6, .context = 20, .rope_theta = 300.0f,
     .norm_eps = 1e-5f, .tied = true},
    {.vocab = 53, .width = 40, .layers = 3, .heads = 5, .kv_heads = 1, .head_dim = 8, .hidden = 70, .context = 20,
     .rope_theta = 300.0f, .norm_eps = 1e-5f},
    {.vocab = 70, .width = 48, .layers = 1, .heads = 2, .kv_heads = 2, .head_dim = 34, .hidden = 33, .context = 20,
     .rope_theta = 10000.0f, .norm_eps = 1e-5f, .tied = true, .head = PVI_HEAD_TOKEN_SUM},
    {.vocab = 70, .width = 24, .layers = 2, .heads = 2, .kv_heads = 1, .head_dim = 12, .hidden = 50, .context = 20,
     .rope_theta = 10000.0f, .norm_eps = 1e-5f, .tied = true, .head = PVI_HEAD_TOKEN_MEAN, .logprob_feature = true},
    {.vocab = 30, .width = 16, .layers = 2, .heads = 2, .kv_heads = 2, .head_dim = 8, .hidden = 20, .context = 20,
     .rope_theta = 10000.0f, .norm_eps = 1e-5f, .tied = true, .head = PVI_HEAD_LAST},
};
enum { SHAPES = sizeof shapes / sizeof shapes[0] };

static void check_against_twin(int engine, const pvi_shape *shape) {
    pvi_env *env = test_env_with(2, 0);
    env->engine = engine;
    bench b;
    naive n;
    bench_open(&b, env, shape, 5);
    naive_open(&n, env, b.model);
    pass_of(&b, &whole, begin, coefficient, 0.3f);
    double score[5], logprob[ROOM];
    for (int i = 0; i < ROOM; i++) logprob[i] = (double)b.logprob[i];
    double loss = shape->head == PVI_HEAD_LM ? naive_lm(&n, &whole, begin, 0.3, true, NULL)
                                             : naive_score(&n, &whole, begin, logprob, coefficient, true, score);
    ck_assert_double_eq_tol(b.loss, loss, 2e-5 * (1 + fabs(loss)));
    double most = 0;
    for (uint64_t i = 0; i < n.map.count; i++) most = fmax(most, fabs(n.g[i]));
    for (uint64_t i = 0; i < n.map.count; i++)
        ck_assert_msg(fabs((double)b.gradient.block[i] - n.g[i]) <= 3e-6 * most, "engine %d, gradient %d is %.8g, the twin's %.8g",
                      engine, (int)i, (double)b.gradient.block[i], n.g[i]);
    naive_close(&n, env);
    bench_close(&b);
    test_env_free(env);
}

START_TEST(agrees_with_the_twin) {
    for (int engine = PVI_ENGINE_PORTABLE; engine <= PVI_ENGINE_OPENBLAS; engine++)
        for (int i = 0; i < SHAPES && pvi_engine_possible(engine); i++) check_against_twin(engine, &shapes[i]);
}
END_TEST

static void check_golden(const char *name) {
    pvi_env *env = test_env();
    env->engine = pvi_engine_best();
    golden g;
    golden_open(&g, env, name);
    bench b;
    bench_open(&b, env, &g.model->shape, 1);
    pvi_model_copy_weights(b.model, g.model);
    for (int i = 0; i < GOLDEN_TOKENS; i++) b.logprob[i] = (float)g.token_logprob[i];
    int32_t count = 0;
    for (int q = 0; q < GOLDEN_SEQUENCES; q++) count += g.offset[q + 1] - g.offset[q] - g.begin[q];
    pass_of(&b, &g.batch, g.begin, g.coefficient, 1.0f / (float)count);
    golden_check_values(&g, "loss", &b.loss, 1, 1e-5);
    golden_check_gradients(&g, NULL, b.gradient.block, 1e-5);
    bench_close(&b);
    golden_close(&g);
    test_env_free(env);
}

START_TEST(agrees_with_pytorch) {
    check_golden("lm_untied");
    check_golden("lm_tied");
    check_golden("sum");
    check_golden("mean_logprob");
    check_golden("last");
}
END_TEST

/* All that a pass makes, for comparing bits. */
static float *bits_of(int engine, int threads, const pvi_shape *shape, bool cut, uint64_t *count, float score[5]) {
    pvi_env *env = test_env_with(threads, 0);
    env->engine = engine;
    bench b;
    bench_open(&b, env, shape, 9);
    if (cut) { /* sequences 0 and 1, then 2, then 3 and 4 */
        static const int32_t first[] = {0, 2, 3, 5};
        for (int i = 0; i < 3; i++) {
            int32_t part_offset[4] = {0}, from = first[i], n = first[i + 1] - from;
            for (int32_t q = 0; q <= n; q++) part_offset[q] = offset[from + q] - offset[from];
            pvi_batch part = {.sequences = n, .offset = part_offset, .token = token + offset[from]};
            float held[ROOM];
            memcpy(held, b.logprob, sizeof held);
            memmove(b.logprob, b.logprob + offset[from], (ROOM - (size_t)offset[from]) * sizeof *held);
            pass_of(&b, &part, begin + from, coefficient + from, 0.3f);
            memcpy(b.logprob, held, sizeof held);
            memcpy(score + from, b.score, (size_t)n * sizeof *score);
        }
    } else {
        pass_of(&b, &whole, begin, coefficient, 0.3f);
        memcpy(score, b.score, 5 * sizeof *score);
    }
    *count = b.gradient.count;
    float *copy = malloc(b.gradient.count * sizeof *copy);
    memcpy(copy, b.gradient.block, b.gradient.count * sizeof *copy);
    bench_close(&b);
    test_env_free(env);
    return copy;
}

START_TEST(same_bits_whatever_the_schedule) {
    static const int threads[] = {2, 4, 1};
    for (int i = 0; i < SHAPES; i++) {
        uint64_t count;
        float score[5] = {0}, other_score[5] = {0};
        float *wanted = bits_of(PVI_ENGINE_PORTABLE, 1, &shapes[i], false, &count, score);
        for (int engine = PVI_ENGINE_PORTABLE; engine <= PVI_ENGINE_AVX512; engine++)
            for (int k = 0; k < 3 && pvi_engine_possible(engine); k++) {
                /* a tied head joins two chains: the trainer keeps them apart, and so the cut shows here */
                bool cut = k > 0 && !(shapes[i].tied && shapes[i].head == PVI_HEAD_LM);
                float *found = bits_of(engine, threads[k], &shapes[i], cut, &count, other_score);
                for (uint64_t j = 0; j < count; j++)
                    ck_assert_msg(memcmp(&wanted[j], &found[j], sizeof *found) == 0, "shape %d, engine %d, %d threads, gradient %d: %a and %a",
                                  i, engine, threads[k], (int)j, (double)wanted[j], (double)found[j]);
                ck_assert_int_eq(memcmp(score, other_score, sizeof score), 0);
                free(found);
            }
        free(wanted);
    }
}
END_TEST

START_TEST(parts_add_up_and_prompts_have_none) {
    pvi_env *env = test_env();
    env->engine = pvi_engine_best();
    bench b;
    bench_open(&b, env, &shapes[2], 4);
    pass_of(&b, &whole, begin, coefficient, 0.3f);
    for (int q = 0; q < 5; q++) {
        float sum = 0;
        for (int t = offset[q]; t < offset[q + 1]; t++) {
            if (t < offset[q] + begin[q]) ck_assert_float_eq(b.parts[t], 0);
            sum += b.parts[t];
        }
        ck_assert_float_eq(sum, b.score[q]);
    }
    bench_close(&b);
    test_env_free(env);
}
END_TEST

START_TEST(a_second_pass_allocates_nothing) {
    pvi_env *env = test_env_with(2, 0);
    env->engine = pvi_engine_best();
    bench b;
    bench_open(&b, env, &shapes[1], 4);
    pass_of(&b, &whole, begin, coefficient, 0.3f);
    b.model->stale = true;
    size_t before = atomic_load(&env->allocations);
    pass_of(&b, &whole, begin, coefficient, 0.3f);
    ck_assert_uint_eq(atomic_load(&env->allocations), before);
    bench_close(&b);
    test_env_free(env);
}
END_TEST

START_TEST(refuses_what_does_not_fit) {
    pvi_env *env = test_env();
    env->engine = pvi_engine_best();
    bench b;
    bench_open(&b, env, &shapes[0], 4);
    const float *hidden;
    ck_ok(env, pvi_model_ready(b.model));
    static const int32_t empty[] = {0, 0}, longer[] = {0, 21}, bad_token[] = {1, 11}, two[] = {0, 2};
    ck_fails(env, PVG_E_RANGE, "sequence 0 has 0 tokens", pvi_forward(b.model, &(pvi_batch){1, empty, token}, b.work, &hidden));
    ck_fails(env, PVG_E_RANGE, "wanted 1 to 20", pvi_forward(b.model, &(pvi_batch){1, longer, token}, b.work, &hidden));
    ck_fails(env, PVG_E_RANGE, "token 1 of the batch is 11; wanted 0 to 10",
             pvi_forward(b.model, &(pvi_batch){1, two, bad_token}, b.work, &hidden));
    pvi_activations *small;
    ck_ok(env, pvi_activations_create(env, &shapes[0], 8, 20, false, &small));
    ck_fails(env, PVG_E_RANGE, "there is room for 8", pvi_forward(b.model, &whole, small, &hidden));
    b.model->weights.layer[1].down[3] = NAN;
    b.model->stale = true;
    ck_ok(env, pvi_model_ready(b.model));
    ck_fails(env, PVG_E_NUMERIC, "model.layers.1.mlp.down_proj.weight", pvi_forward(b.model, &whole, b.work, &hidden));
    pvi_activations_destroy(env, small);
    bench_close(&b);
    test_env_free(env);
}
END_TEST

START_TEST(every_allocation_may_fail) {
    for (size_t k = 1;; k++) {
        pvi_env *env = test_env_with(1, k);
        env->engine = pvi_engine_best();
        pvi_model *model = NULL;
        pvi_activations *work = NULL;
        pvi_init init = {.seed = 1, .embedding_scale = 0.5f};
        pvg_status status = pvi_model_create(env, &shapes[0], NULL, &init, &model);
        if (status == PVG_OK) status = pvi_activations_create(env, &shapes[0], ROOM, 20, true, &work);
        if (status == PVG_OK) status = pvi_model_ready(model);
        if (status == PVG_OK) status = pvi_packed_backward(model);
        pvi_activations_destroy(env, work);
        pvi_model_destroy(model);
        test_env_free(env);
        if (status == PVG_OK) break;
        ck_assert_int_eq(status, PVG_E_NOMEM);
    }
}
END_TEST

START_TEST(memory_is_what_was_planned) {
    pvi_env *env = test_env_with(2, 0);
    env->engine = pvi_engine_best();
    for (int i = 0; i < SHAPES; i++) {
        size_t before = atomic_load(&env->used);
        pvi_activations *work;
        ck_ok(env, pvi_activations_create(env, &shapes[i], ROOM, 20, i % 2 == 0, &work));
        size_t took = atomic_load(&env->used) - before, planned = pvi_activations_bytes(&shapes[i], ROOM, 20, 2, i % 2 == 0);
        ck_assert_uint_ge(took, planned);
        ck_assert_uint_le(took, planned + 256); /* two blocks' headers */
        pvi_activations_destroy(env, work);
    }
    test_env_free(env);
}
END_TEST

Suite *suite_forward(void) {
    Suite *suite = suite_create("forward");
    TCase *tc = tcase_create("forward");
    tcase_set_timeout(tc, 60);
    tcase_add_test(tc, agrees_with_the_twin);
    tcase_add_test(tc, agrees_with_pytorch);
    tcase_add_test(tc, same_bits_whatever_the_schedule);
    tcase_add_test(tc, parts_add_up_and_prompts_have_none);
    tcase_add_test(tc, a_second_pass_allocates_nothing);
    tcase_add_test(tc, refuses_what_does_not_fit);
    tcase_add_test(tc, every_allocation_may_fail);
    tcase_add_test(tc, memory_is_what_was_planned);
    suite_add_tcase(suite, tc);
    return suite;
}
