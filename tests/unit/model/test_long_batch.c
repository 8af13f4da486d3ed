/* test_long_batch.c - batches of several blocks and chunks of rows: against the plain twin, and the same bits for a
 * sequence alone, for its beginning alone, and for any number of workers. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "compute/engine.h"
#include "naive_model.h"
#include "support.h"

enum { SEQUENCES = 6, TOKENS = 420, LONGEST = 130 };

static const int32_t offset[SEQUENCES + 1] = {0, 100, 170, 171, 301, 367, TOKENS}, begin[SEQUENCES] = {3, 1, 0, 64, 9, 50};
static int32_t token[TOKENS];
static const double coefficient[SEQUENCES] = {0.7, -1.1, 0.4, 0.9, -0.2, 1.0};
static const pvi_batch whole = {.sequences = SEQUENCES, .offset = offset, .token = token};
static const pvi_shape shape = {.vocab = 31, .width = 24, .layers = 2, .heads = 4, .kv_heads = 2, .head_dim = 6, .hidden = 34,
                                .context = LONGEST, .rope_theta = 500.0f, .norm_eps = 1e-5f, .tied = true,
                                .head = PVI_HEAD_TOKEN_MEAN};

typedef struct work {
    pvi_env *env;
    pvi_model *model;
    pvi_activations *activations;
} work;

static work open_work(int engine, int threads, bool training) {
    for (int i = 0; i < TOKENS; i++) token[i] = (i * i + i / 7) % shape.vocab;
    work w = {.env = test_env_with(threads, 0)};
    w.env->engine = engine;
    pvi_init init = {.seed = 8, .embedding_scale = 0.6f};
    ck_ok(w.env, pvi_model_create(w.env, &shape, NULL, &init, &w.model));
    pvi_rng rng = pvi_rng_stream(8, "test", 0, 0);
    for (uint64_t i = 0; i < w.model->weights.count; i++) w.model->weights.block[i] += 0.1f * (float)pvi_rng_normal(&rng);
    ck_ok(w.env, pvi_model_ready(w.model));
    ck_ok(w.env, pvi_activations_create(w.env, &shape, TOKENS, LONGEST, training, &w.activations));
    return w;
}

static void close_work(work *w) {
    pvi_activations_destroy(w->env, w->activations);
    pvi_model_destroy(w->model);
    test_env_free(w->env);
}

/* Gradients of the scores' weighted sum; the caller frees them. */
static float *gradients(int engine, int threads, naive *twin) {
    work w = open_work(engine, threads, true);
    pvi_view gradient;
    const float *hidden;
    float score[SEQUENCES], d_score[SEQUENCES], *d_hidden = calloc((size_t)TOKENS * shape.width, sizeof *d_hidden);
    for (int i = 0; i < SEQUENCES; i++) d_score[i] = (float)coefficient[i];
    ck_ok(w.env, pvi_view_create(w.env, &shape, &gradient));
    ck_ok(w.env, pvi_forward(w.model, &whole, w.activations, &hidden));
    ck_ok(w.env, pvi_score_head(w.model, &whole, begin, hidden, NULL, score, NULL));
    ck_ok(w.env, pvi_score_head_backward(w.model, &whole, begin, hidden, NULL, d_score, d_hidden, &gradient));
    ck_ok(w.env, pvi_backward(w.model, &whole, w.activations, d_hidden, &gradient));
    float *copy = malloc(gradient.count * sizeof *copy);
    memcpy(copy, gradient.block, gradient.count * sizeof *copy);
    if (twin != NULL) {
        double wanted[SEQUENCES];
        naive_open(twin, w.env, w.model);
        naive_score(twin, &whole, begin, NULL, coefficient, true, wanted);
        for (int i = 0; i < SEQUENCES; i++) ck_assert_double_eq_tol((double)score[i], wanted[i], 2e-5);
    }
    free(d_hidden);
    pvi_view_destroy(w.env, &gradient);
    if (twin == NULL) close_work(&w);
    else {
        double most = 0;
        for (uint64_t i = 0; i < twin->map.count; i++) most = fmax(most, fabs(twin->g[i]));
        for (uint64_t i = 0; i < twin->map.count; i++) ck_assert_double_eq_tol((double)copy[i], twin->g[i], 3e-6 * most);
        naive_close(twin, w.env);
        close_work(&w);
    }
    return copy;
}

START_TEST(gradients_agree) {
    naive twin;
    size_t bytes = pvi_shape_parameters(&shape) * sizeof(float);
    float *one = gradients(pvi_engine_best(), 1, &twin);
    for (int engine = PVI_ENGINE_PORTABLE; engine <= PVI_ENGINE_AVX512; engine++)
        for (int threads = 1; threads <= 3 && pvi_engine_possible(engine); threads++) {
            if (engine == PVI_ENGINE_PORTABLE && threads != 2) continue;
            float *other = gradients(engine, threads, NULL);
            ck_assert_msg(memcmp(one, other, bytes) == 0, "engine %d, %d threads", engine, threads);
            free(other);
        }
    free(one);
}
END_TEST

/* Hidden states of a sequence's first `length` tokens, alone. */
static void check_alone(work *alone, int32_t from, int32_t length, const float *wanted) {
    int32_t ends[] = {0, length};
    pvi_batch one = {.sequences = 1, .offset = ends, .token = token + from};
    const float *hidden;
    ck_ok(alone->env, pvi_forward(alone->model, &one, alone->activations, &hidden));
    ck_assert_msg(memcmp(hidden, wanted + (size_t)from * shape.width, (size_t)length * shape.width * sizeof *hidden) == 0,
                  "%d tokens from %d on", (int)length, (int)from);
}

START_TEST(a_sequence_knows_neither_mates_nor_its_future) {
    work all = open_work(pvi_engine_best(), 2, true), alone = open_work(pvi_engine_best(), 1, false);
    const float *hidden;
    ck_ok(all.env, pvi_forward(all.model, &whole, all.activations, &hidden));
    for (int32_t q = 0; q < SEQUENCES; q++) {
        int32_t length = offset[q + 1] - offset[q];
        check_alone(&alone, offset[q], length, hidden);
        check_alone(&alone, offset[q], (length + 1) / 2, hidden);
        check_alone(&alone, offset[q], 1, hidden);
    }
    close_work(&all);
    close_work(&alone);
}
END_TEST

Suite *suite_long_batch(void) {
    Suite *suite = suite_create("long_batch");
    TCase *tc = tcase_create("long_batch");
    tcase_set_timeout(tc, 60);
    tcase_add_test(tc, gradients_agree);
    tcase_add_test(tc, a_sequence_knows_neither_mates_nor_its_future);
    suite_add_tcase(suite, tc);
    return suite;
}
