/* test_model.c - layout, first weights, copies and heads. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/workers.h"
#include "model/model.h"
#include "support.h"

static const pvi_shape tiny = {.vocab = 300, .width = 16, .layers = 2, .heads = 4, .kv_heads = 2, .head_dim = 4,
                               .hidden = 20, .context = 32, .rope_theta = 10000.0f, .norm_eps = 1e-5f};
static const pvi_init plain = {.seed = 7, .embedding_scale = 0.05f};

typedef struct walk {
    const float *next;
    int count, norms;
    double square[64];
    char first[64], last[64];
} walk;

static pvg_status step(void *arg, const char *name, float *data, int64_t rows, int64_t cols) {
    walk *w = arg;
    ck_assert_ptr_eq(data, w->next);
    int64_t size = cols == 0 ? rows : rows * cols;
    double sum = 0.0;
    for (int64_t i = 0; i < size; i++) sum += (double)data[i] * data[i];
    w->square[w->count] = sum / (double)size;
    w->norms += strstr(name, "norm") != NULL;
    snprintf(w->count == 0 ? w->first : w->last, sizeof w->first, "%s", name);
    w->next += size;
    w->count++;
    return PVG_OK;
}

static pvi_tokenizer *byte_tokenizer(pvi_env *env) {
    const char *specials[] = {"<|end|>", "<|helpful|>"};
    pvi_tokenizer_options options = {.vocab_size = 290, .specials = specials, .special_count = 2, .end = "<|end|>"};
    pvi_bpe_trainer *trainer;
    pvi_tokenizer *tokenizer;
    ck_ok(env, pvi_bpe_trainer_create(env, &options, &trainer));
    const char *text = "12 + 30 = 42 ; 12 * 2 = 24 ; 42 - 12 = 30 ;";
    ck_ok(env, pvi_bpe_trainer_add(trainer, text, strlen(text)));
    ck_ok(env, pvi_bpe_trainer_finish(trainer, &tokenizer));
    return tokenizer;
}

START_TEST(tensors_cover_the_block_in_order) {
    pvi_env *env = test_env();
    pvi_model *model;
    ck_ok(env, pvi_model_create(env, &tiny, NULL, &plain, &model));
    walk w = {.next = model->weights.block};
    ck_ok(env, pvi_model_tensors(&tiny, &model->weights, step, &w));
    ck_assert_ptr_eq(w.next, model->weights.block + model->weights.count);
    ck_assert_uint_eq(model->weights.count, pvi_shape_parameters(&tiny));
    ck_assert_int_eq(w.count, 1 + 2 * 9 + 2);
    ck_assert_int_eq(w.norms, 5);
    ck_assert_str_eq(w.first, "model.embed_tokens.weight");
    ck_assert_str_eq(w.last, "lm_head.weight");
    ck_assert_double_eq_tol(sqrt(w.square[0]), 0.05, 0.005);         /* embedding */
    ck_assert_double_eq(w.square[1], 1.0);                           /* a norm */
    ck_assert_double_eq_tol(sqrt(w.square[2]), 0.25, 0.05);          /* q: 1 / sqrt(16) */
    ck_assert_double_eq_tol(sqrt(w.square[5]), 0.125, 0.025);        /* o: halved by 2 layers */
    ck_assert_double_eq_tol(sqrt(w.square[9]), 0.5 / sqrt(20), 0.02); /* down */
    pvi_model_destroy(model);
    test_env_free(env);
}
END_TEST

START_TEST(first_weights_do_not_depend_on_threads) {
    pvi_env *one = test_env_with(1, 0), *three = test_env_with(3, 0);
    pvi_model *a, *b, *c;
    pvi_init other = {.seed = 8, .embedding_scale = 0.05f};
    ck_ok(one, pvi_model_create(one, &tiny, NULL, &plain, &a));
    ck_ok(three, pvi_model_create(three, &tiny, NULL, &plain, &b));
    ck_ok(three, pvi_model_create(three, &tiny, NULL, &other, &c));
    ck_assert_mem_eq(a->weights.block, b->weights.block, a->weights.count * sizeof(float));
    ck_assert_int_ne(memcmp(a->weights.block, c->weights.block, a->weights.count * sizeof(float)), 0);
    pvi_model_destroy(a);
    pvi_model_destroy(b);
    pvi_model_destroy(c);
    test_env_free(one);
    test_env_free(three);
}
END_TEST

START_TEST(numbers_start_on_circles) {
    pvi_env *env = test_env();
    pvi_tokenizer *tokenizer = byte_tokenizer(env);
    pvi_init numbers = plain;
    numbers.number_features = true;
    pvi_model *model;
    ck_ok(env, pvi_model_create(env, &tiny, tokenizer, &numbers, &model));
    const float *seven = model->weights.embedding + '7' * tiny.width, *letter = model->weights.embedding + 'x' * tiny.width;
    const double periods[] = {100, 50, 25, 20}; /* width / 4 of them */
    for (int i = 0; i < 4; i++) {
        double angle = 2 * 3.14159265358979323846 * 7 / periods[i];
        ck_assert_double_eq_tol(seven[2 * i], 0.21 * cos(angle), 1e-6);
        ck_assert_double_eq_tol(seven[2 * i + 1], 0.21 * sin(angle), 1e-6);
    }
    ck_assert_double_gt(fabs(letter[0] - 0.21 * cos(0.4)), 1e-4);
    pvi_model *without;
    ck_ok(env, pvi_model_create(env, &tiny, tokenizer, &plain, &without));
    ck_assert_mem_eq(seven + 8, without->weights.embedding + '7' * tiny.width + 8, 8 * sizeof(float));
    pvi_model_destroy(without);
    pvi_model_destroy(model);
    pvi_tokenizer_release(env, tokenizer);
    test_env_free(env);
}
END_TEST

START_TEST(only_text_and_the_end_may_be_written) {
    pvi_env *env = test_env();
    pvi_tokenizer *tokenizer = byte_tokenizer(env);
    pvi_model *model;
    ck_ok(env, pvi_model_create(env, &tiny, tokenizer, &plain, &model));
    ck_assert(model->allowed['a']);
    ck_assert(model->allowed[pvi_tokenizer_end(tokenizer)]);
    ck_assert(!model->allowed[pvi_tokenizer_special(tokenizer, "<|helpful|>")]);
    ck_assert(!model->allowed[tiny.vocab - 1]); /* no such token */
    pvi_shape small = tiny;
    small.vocab = 256;
    pvi_model *none = NULL;
    ck_fails(env, PVG_E_RANGE, "vocab is 256", pvi_model_create(env, &small, tokenizer, &plain, &none));
    ck_assert_ptr_null(none);
    pvi_model_destroy(model);
    pvi_tokenizer_release(env, tokenizer);
    test_env_free(env);
}
END_TEST

START_TEST(heads_change_and_the_trunk_stays) {
    pvi_env *env = test_env();
    pvi_model *prover, *verifier, *back, *copy;
    ck_ok(env, pvi_model_create(env, &tiny, NULL, &plain, &prover));
    ck_ok(env, pvi_model_with_head(env, prover, PVI_HEAD_TOKEN_SUM, true, &verifier));
    size_t trunk = (size_t)(prover->weights.norm + tiny.width - prover->weights.block);
    ck_assert_mem_eq(prover->weights.block, verifier->weights.block, trunk * sizeof(float));
    ck_assert_ptr_eq(verifier->weights.lm_head, verifier->weights.embedding);
    ck_assert_ptr_eq(verifier->weights.score_weight, verifier->weights.block + trunk);
    for (int i = 0; i < tiny.width + 2; i++) ck_assert(verifier->weights.score_weight[i] == 0.0f);
    ck_ok(env, pvi_model_with_head(env, verifier, PVI_HEAD_LM, false, &back));
    ck_assert(back->shape.tied);
    ck_assert_mem_eq(prover->weights.block, back->weights.block, trunk * sizeof(float));
    ck_ok(env, pvi_model_clone(env, verifier, &copy));
    copy->weights.score_bias[0] = 2.0f;
    copy->stale = false;
    pvi_model_copy_weights(copy, verifier);
    ck_assert(copy->stale);
    ck_assert_mem_eq(copy->weights.block, verifier->weights.block, copy->weights.count * sizeof(float));
    pvi_model_destroy(prover);
    pvi_model_destroy(verifier);
    pvi_model_destroy(back);
    pvi_model_destroy(copy);
    test_env_free(env);
}
END_TEST

START_TEST(finds_what_is_not_a_number) {
    pvi_env *env = test_env();
    pvi_model *model;
    ck_ok(env, pvi_model_create(env, &tiny, NULL, &plain, &model));
    ck_ok(env, pvi_model_check_finite(model));
    model->weights.layer[1].gate_up[20 * 16 + 5] = -INFINITY;
    ck_fails(env, PVG_E_NUMERIC, "element 5 of model.layers.1.mlp.up_proj.weight", pvi_model_check_finite(model));
    model->weights.layer[0].out[3] = NAN;
    ck_fails(env, PVG_E_NUMERIC, "element 3 of model.layers.0.self_attn.o_proj", pvi_model_check_finite(model));
    pvi_model_destroy(model);
    test_env_free(env);
}
END_TEST

START_TEST(survives_every_refused_allocation) {
    for (size_t at = 1;; at++) {
        pvi_env *env = test_env_with(2, at);
        pvi_model *model = NULL;
        pvg_status status = pvi_model_create(env, &tiny, NULL, &plain, &model);
        if (status == PVG_OK) {
            ck_assert_uint_ge(at, 4);
            pvi_model_destroy(model);
            test_env_free(env);
            return;
        }
        ck_assert_int_eq(status, PVG_E_NOMEM);
        ck_assert_ptr_null(model);
        test_env_free(env);
    }
}
END_TEST

Suite *suite_model(void) {
    Suite *suite = suite_create("model");
    TCase *tc = tcase_create("model");
    tcase_add_test(tc, tensors_cover_the_block_in_order);
    tcase_add_test(tc, first_weights_do_not_depend_on_threads);
    tcase_add_test(tc, numbers_start_on_circles);
    tcase_add_test(tc, only_text_and_the_end_may_be_written);
    tcase_add_test(tc, heads_change_and_the_trunk_stays);
    tcase_add_test(tc, finds_what_is_not_a_number);
    tcase_add_test(tc, survives_every_refused_allocation);
    suite_add_tcase(suite, tc);
    return suite;
}
