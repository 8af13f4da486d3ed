/* test_score.c - scores and log-probabilities of given texts: against the passes they are made of, whatever the cut. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "compute/engine.h"
#include "model/sample.h"
#include "support.h"

enum { SEQUENCES = 150 }; /* more tokens than one micro-batch takes */
static const pvi_shape shape = {.vocab = 23, .width = 24, .layers = 2, .heads = 4, .kv_heads = 2, .head_dim = 6, .hidden = 40,
                                .context = 32, .rope_theta = 500.0f, .norm_eps = 1e-5f, .tied = true};

typedef struct texts {
    int32_t offset[SEQUENCES + 1], begin[SEQUENCES], token[SEQUENCES * 32];
    pvi_batch batch;
} texts;

/* Sequences of 2 to 32 tokens, token 5 never in a solution. */
static void fill(texts *t) {
    t->offset[0] = 0;
    for (int32_t q = 0; q < SEQUENCES; q++) {
        int32_t length = q % 3 == 0 ? 2 + q % 31 : 32;
        t->offset[q + 1] = t->offset[q] + length;
        t->begin[q] = 1 + q * 7 % (length - 1);
        for (int32_t i = 0; i < length; i++) t->token[t->offset[q] + i] = 6 + (q * 31 + i * i) % 17;
    }
    t->batch = (pvi_batch){SEQUENCES, t->offset, t->token};
    ck_assert_int_gt(t->offset[SEQUENCES], 2048);
}

static pvi_env *open_env(int threads, size_t fail_at) {
    pvi_env *env = test_env_with(threads, fail_at);
    env->engine = pvi_engine_best();
    return env;
}

static pvg_status make_model(pvi_env *env, pvi_head head, bool feature, pvi_model **out) {
    pvi_shape with = shape;
    with.head = head;
    with.logprob_feature = feature;
    pvi_init init = {.seed = 3, .embedding_scale = 1.0f};
    pvg_status status = pvi_model_create(env, &with, NULL, &init, out);
    if (status != PVG_OK) return status;
    (*out)->allowed[5] = false;
    for (int i = 0; i < shape.width && head != PVI_HEAD_LM; i++) (*out)->weights.score_weight[i] = 0.1f * (float)(i % 5 - 2);
    if (head != PVI_HEAD_LM) {
        (*out)->weights.score_bias[0] = 0.25f;
        (*out)->weights.logprob_weight[0] = 0.3f;
    }
    return PVG_OK;
}

typedef struct found {
    float score[SEQUENCES], parts[SEQUENCES * 32], logprob[SEQUENCES * 32];
} found;

/* The whole batch in one forward pass. */
static void whole(pvi_env *env, pvi_model *model, const texts *t, found *out) {
    int32_t tokens = t->offset[SEQUENCES], *rows = malloc((size_t)tokens * sizeof *rows);
    pvi_activations *work;
    const float *hidden;
    ck_ok(env, pvi_model_ready(model));
    ck_ok(env, pvi_activations_create(env, &model->shape, tokens, 32, false, &work));
    ck_ok(env, pvi_forward(model, &t->batch, work, &hidden));
    ck_ok(env, pvi_token_logprobs(model, &t->batch, t->begin, hidden, rows, out->logprob));
    if (model->shape.head != PVI_HEAD_LM)
        ck_ok(env, pvi_score_head(model, &t->batch, t->begin, hidden, out->logprob, out->score, out->parts));
    pvi_activations_destroy(env, work);
    free(rows);
}

START_TEST(scores_are_those_of_one_pass) {
    static const pvi_head heads[] = {PVI_HEAD_TOKEN_SUM, PVI_HEAD_TOKEN_MEAN, PVI_HEAD_LAST};
    texts t;
    found wanted, got;
    fill(&t);
    for (int kind = 0; kind < 6; kind++)
        for (int threads = 1; threads <= 3; threads += 2) {
            pvi_env *env = open_env(threads, 0);
            pvi_model *model;
            ck_ok(env, make_model(env, heads[kind % 3], kind >= 3, &model));
            if (threads == 1) whole(env, model, &t, &wanted);
            ck_ok(env, pvi_score(env, model, &t.batch, t.begin, got.score, got.parts));
            size_t tokens = (size_t)t.offset[SEQUENCES];
            ck_assert_int_eq(memcmp(got.score, wanted.score, sizeof wanted.score), 0);
            ck_assert_int_eq(memcmp(got.parts, wanted.parts, tokens * sizeof *wanted.parts), 0);
            memset(got.score, 0, sizeof got.score);
            ck_ok(env, pvi_score(env, model, &t.batch, t.begin, got.score, NULL));
            ck_assert_int_eq(memcmp(got.score, wanted.score, sizeof wanted.score), 0);
            pvi_model_destroy(model);
            test_env_free(env);
        }
}
END_TEST

START_TEST(logprobs_are_those_of_one_pass) {
    texts t;
    found wanted, got;
    fill(&t);
    t.token[t.offset[4] - 1] = 5; /* at the end of a solution */
    for (int threads = 1; threads <= 4; threads *= 2) {
        pvi_env *env = open_env(threads, 0);
        pvi_model *model;
        ck_ok(env, make_model(env, PVI_HEAD_LM, false, &model));
        if (threads == 1) whole(env, model, &t, &wanted);
        ck_ok(env, pvi_logprobs(env, model, &t.batch, t.begin, got.logprob));
        ck_assert_int_eq(memcmp(got.logprob, wanted.logprob, (size_t)t.offset[SEQUENCES] * sizeof *wanted.logprob), 0);
        for (int32_t q = 0; q < SEQUENCES; q++)
            for (int32_t i = 0; i < t.offset[q + 1] - t.offset[q]; i++)
                ck_assert(i >= t.begin[q] || got.logprob[t.offset[q] + i] == 0);
        ck_assert(isinf(got.logprob[t.offset[4] - 1]));
        pvi_model_destroy(model);
        test_env_free(env);
    }
}
END_TEST

/* A sequence alone scores as among others. */
START_TEST(mates_change_nothing) {
    texts t;
    found all;
    fill(&t);
    pvi_env *env = open_env(2, 0);
    pvi_model *model;
    ck_ok(env, make_model(env, PVI_HEAD_TOKEN_SUM, true, &model));
    ck_ok(env, pvi_score(env, model, &t.batch, t.begin, all.score, all.parts));
    ck_ok(env, pvi_logprobs(env, model, &t.batch, t.begin, all.logprob));
    for (int32_t q = 0; q < SEQUENCES; q += 7) {
        int32_t ends[] = {0, t.offset[q + 1] - t.offset[q]};
        pvi_batch alone = {1, ends, t.token + t.offset[q]};
        float score, parts[32], logprob[32];
        ck_ok(env, pvi_score(env, model, &alone, t.begin + q, &score, parts));
        ck_ok(env, pvi_logprobs(env, model, &alone, t.begin + q, logprob));
        ck_assert_float_eq(score, all.score[q]);
        ck_assert_int_eq(memcmp(parts, all.parts + t.offset[q], (size_t)ends[1] * sizeof *parts), 0);
        ck_assert_int_eq(memcmp(logprob, all.logprob + t.offset[q], (size_t)ends[1] * sizeof *logprob), 0);
    }
    pvi_model_destroy(model);
    test_env_free(env);
}
END_TEST

START_TEST(refuses_and_cancels) {
    texts t;
    found f;
    fill(&t);
    pvi_env *env = open_env(1, 0);
    pvi_model *prover, *verifier;
    ck_ok(env, make_model(env, PVI_HEAD_LM, false, &prover));
    ck_ok(env, make_model(env, PVI_HEAD_TOKEN_SUM, true, &verifier));
    ck_fails(env, PVG_E_INVALID, "a prover gives no scores", pvi_score(env, prover, &t.batch, t.begin, f.score, NULL));
    t.begin[140] = 0;
    ck_fails(env, PVG_E_RANGE, "sequence 140 begins at 0 of 32", pvi_score(env, verifier, &t.batch, t.begin, f.score, NULL));
    t.begin[140] = 32;
    ck_fails(env, PVG_E_RANGE, "sequence 140 begins at 32 of 32", pvi_logprobs(env, verifier, &t.batch, t.begin, f.logprob));
    t.begin[140] = 1;
    t.token[t.offset[140] + 3] = 23;
    ck_fails(env, PVG_E_RANGE, "token 3 of sequence 140 is 23", pvi_score(env, verifier, &t.batch, t.begin, f.score, NULL));
    t.token[t.offset[140] + 3] = 5; /* it may not be written, so its log-probability is no number to score with */
    ck_fails(env, PVG_E_NUMERIC, "the score of sequence 140", pvi_score(env, verifier, &t.batch, t.begin, f.score, NULL));
    t.token[t.offset[140] + 3] = 6;
    pvi_batch long_one = {1, (const int32_t[]){0, 33}, t.token};
    ck_fails(env, PVG_E_RANGE, "sequence 0 has 33 tokens; wanted 2 to 32", pvi_score(env, verifier, &long_one, t.begin, f.score, NULL));
    atomic_store(&env->cancelled, 1);
    ck_fails(env, PVG_E_CANCELLED, "cancelled", pvi_score(env, verifier, &t.batch, t.begin, f.score, NULL));
    ck_fails(env, PVG_E_CANCELLED, "cancelled", pvi_logprobs(env, verifier, &t.batch, t.begin, f.logprob));
    atomic_store(&env->cancelled, 0);
    pvi_batch none = {0, t.offset, t.token};
    ck_ok(env, pvi_score(env, verifier, &none, t.begin, f.score, NULL));
    ck_ok(env, pvi_logprobs(env, verifier, &none, t.begin, f.logprob));
    pvi_model_destroy(prover);
    pvi_model_destroy(verifier);
    test_env_free(env);
}
END_TEST

START_TEST(every_allocation_may_fail) {
    texts t;
    found f;
    fill(&t);
    for (size_t k = 1;; k++) {
        pvi_env *env = open_env(2, k);
        pvi_model *model = NULL;
        pvg_status status = make_model(env, PVI_HEAD_TOKEN_SUM, true, &model);
        pvi_batch few = {3, t.offset, t.token};
        if (status == PVG_OK) status = pvi_score(env, model, &few, t.begin, f.score, f.parts);
        if (status == PVG_OK) status = pvi_logprobs(env, model, &few, t.begin, f.logprob);
        pvi_model_destroy(model);
        test_env_free(env);
        if (status == PVG_OK) break;
        ck_assert_int_eq(status, PVG_E_NOMEM);
    }
}
END_TEST

Suite *suite_score(void) {
    Suite *suite = suite_create("score");
    TCase *tc = tcase_create("score");
    tcase_set_timeout(tc, 60);
    tcase_add_test(tc, scores_are_those_of_one_pass);
    tcase_add_test(tc, logprobs_are_those_of_one_pass);
    tcase_add_test(tc, mates_change_nothing);
    tcase_add_test(tc, refuses_and_cancels);
    tcase_add_test(tc, every_allocation_may_fail);
    suite_add_tcase(suite, tc);
    return suite;
}
