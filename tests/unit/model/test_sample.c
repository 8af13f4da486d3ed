/* test_sample.c - sampling against plain recomputation, and independence of batch mates, threads and waves. */
#include <math.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>

#include "compute/engine.h"
#include "model/decoder.h"
#include "model/sample.h"
#include "support.h"

static const pvi_shape shape = {.vocab = 23, .width = 24, .layers = 2, .heads = 4, .kv_heads = 2, .head_dim = 6, .hidden = 40,
                                .context = 32, .rope_theta = 500.0f, .norm_eps = 1e-5f, .tied = true};
static const int32_t offset[] = {0, 4, 5, 12}, token[] = {1, 2, 3, 4, 9, 20, 19, 18, 17, 16, 15, 14};
static const uint64_t stream[] = {10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21};
static const pvi_prompts prompts = {.count = 3, .offset = offset, .token = token, .group = 4, .stream = stream};

static pvi_env *open_env(int threads) {
    pvi_env *env = test_env_with(threads, 0);
    env->engine = pvi_engine_best();
    return env;
}

static pvi_model *make_model(pvi_env *env) {
    pvi_model *model;
    pvi_init init = {.seed = 3, .embedding_scale = 1.0f};
    ck_ok(env, pvi_model_create(env, &shape, NULL, &init, &model));
    model->allowed[5] = false;
    return model;
}

/* The distribution of the next token by a forward pass over all that came before. */
static void next_logits(pvi_env *env, pvi_model *model, const int32_t *text, int32_t length, float *logits) {
    pvi_activations *work;
    const float *hidden;
    int32_t ends[] = {0, length};
    ck_ok(env, pvi_activations_create(env, &shape, length, length, false, &work));
    ck_ok(env, pvi_model_ready(model));
    ck_ok(env, pvi_forward(model, &(pvi_batch){1, ends, text}, work, &hidden));
    for (int32_t v = 0; v < shape.vocab; v++) {
        logits[v] = 0;
        for (int32_t i = 0; i < shape.width; i++)
            logits[v] = fmaf(hidden[(length - 1) * shape.width + i], model->weights.lm_head[v * shape.width + i], logits[v]);
        if (!model->allowed[v]) logits[v] = -INFINITY;
    }
    pvi_activations_destroy(env, work);
}

/* Text of sample i up to its token at `at`. */
static int32_t text_of(const pvi_samples *s, int32_t i, int32_t at, int32_t *text) {
    int32_t prompt = i / prompts.group, length = offset[prompt + 1] - offset[prompt];
    memcpy(text, token + offset[prompt], (size_t)length * sizeof *text);
    memcpy(text + length, s->token + s->offset[i], (size_t)at * sizeof *text);
    return length + at;
}

START_TEST(logprobs_are_those_of_a_forward_pass) {
    pvi_env *env = open_env(2);
    pvi_model *model = make_model(env);
    pvi_samples s;
    pvi_sampling how = {.temperature = 1, .top_p = 1, .longest = 12, .seed = 7};
    ck_ok(env, pvi_sample(env, model, &prompts, &how, 0, &s));
    ck_assert_int_eq(s.count, 12);
    for (int32_t i = 0; i < s.count; i++) {
        ck_assert_int_eq(s.offset[i + 1] - s.offset[i], 12); /* without a tokenizer there is no end token */
        for (int32_t at = 0; at < 12; at++) {
            int32_t text[32], length = text_of(&s, i, at, text);
            float logits[23], wanted;
            next_logits(env, model, text, length, logits);
            wanted = pvi_row_logprob(logits, shape.vocab, s.token[s.offset[i] + at], NULL);
            ck_assert_float_eq(s.logprob[s.offset[i] + at], wanted); /* bit for bit */
            ck_assert_int_ne(s.token[s.offset[i] + at], 5);
        }
    }
    pvi_samples_free(env, &s);
    pvi_model_destroy(model);
    test_env_free(env);
}
END_TEST

static void check_same(const pvi_samples *a, int32_t from, const pvi_samples *b) {
    for (int32_t i = 0; i < b->count; i++) {
        int32_t length = b->offset[i + 1] - b->offset[i];
        ck_assert_int_eq(length, a->offset[from + i + 1] - a->offset[from + i]);
        ck_assert_int_eq(memcmp(a->token + a->offset[from + i], b->token + b->offset[i], (size_t)length * sizeof *a->token), 0);
        ck_assert_int_eq(memcmp(a->logprob + a->offset[from + i], b->logprob + b->offset[i], (size_t)length * sizeof *a->logprob), 0);
    }
}

START_TEST(mates_threads_and_waves_change_nothing) {
    pvi_env *env = open_env(1);
    pvi_model *model = make_model(env);
    pvi_samples wanted, found;
    pvi_sampling how = {.temperature = 0.8, .top_p = 0.9, .longest = 9, .seed = 7};
    ck_ok(env, pvi_sample(env, model, &prompts, &how, 0, &wanted));
    for (int32_t p = 0; p < 3; p++) { /* each prompt alone */
        int32_t own[] = {0, offset[p + 1] - offset[p]};
        pvi_prompts alone = {.count = 1, .offset = own, .token = token + offset[p], .group = 4, .stream = stream + 4 * p};
        ck_ok(env, pvi_sample(env, model, &alone, &how, 0, &found));
        check_same(&wanted, 4 * p, &found);
        pvi_samples_free(env, &found);
    }
    ck_ok(env, pvi_sample(env, model, &prompts, &how, 1, &found)); /* one sample at a time */
    check_same(&wanted, 0, &found);
    pvi_samples_free(env, &found);
    for (int threads = 2; threads <= 4; threads += 2) {
        pvi_env *other = open_env(threads);
        pvi_model *copy = make_model(other);
        ck_ok(other, pvi_sample(other, copy, &prompts, &how, 0, &found));
        check_same(&wanted, 0, &found);
        pvi_samples_free(other, &found);
        pvi_model_destroy(copy);
        test_env_free(other);
    }
    pvi_samples_free(env, &wanted);
    pvi_model_destroy(model);
    test_env_free(env);
}
END_TEST

START_TEST(greedy_takes_the_likeliest) {
    pvi_env *env = open_env(1);
    pvi_model *model = make_model(env);
    pvi_samples s;
    pvi_sampling how = {.temperature = 0, .top_p = 1, .longest = 6, .seed = 7};
    ck_ok(env, pvi_sample(env, model, &prompts, &how, 0, &s));
    for (int32_t i = 0; i < s.count; i += 4) {
        for (int32_t at = 0; at < 6; at++) {
            int32_t text[32], length = text_of(&s, i, at, text), best = 0;
            float logits[23];
            next_logits(env, model, text, length, logits);
            for (int32_t v = 1; v < shape.vocab; v++)
                if (logits[v] > logits[best]) best = v;
            ck_assert_int_eq(s.token[s.offset[i] + at], best);
        }
    }
    pvi_samples_free(env, &s);
    pvi_model_destroy(model);
    test_env_free(env);
}
END_TEST

/* First tokens of many samples follow the distribution (chi-squared), also when tempered; top_p leaves out the tail. */
static void check_distribution(double temperature, double top_p) {
    enum { SAMPLES = 4000 };
    pvi_env *env = open_env(1);
    pvi_model *model = make_model(env);
    uint64_t streams[SAMPLES];
    for (int i = 0; i < SAMPLES; i++) streams[i] = (uint64_t)i;
    pvi_prompts many = {.count = 1, .offset = offset, .token = token, .group = SAMPLES, .stream = streams};
    pvi_sampling how = {.temperature = temperature, .top_p = top_p, .longest = 1, .seed = 5};
    pvi_samples s;
    ck_ok(env, pvi_sample(env, model, &many, &how, 0, &s));
    float logits[23];
    double p[23], sum = 0, kept = 0, seen[23] = {0}, chi = 0;
    next_logits(env, model, token, 4, logits);
    for (int v = 0; v < 23; v++) sum += p[v] = exp((double)logits[v] / temperature);
    for (int v = 0; v < 23; v++) p[v] /= sum;
    for (int v = 0; v < 23; v++) { /* is what is likelier than v less than top_p together? then v is kept */
        double above = 0;
        for (int u = 0; u < 23; u++) above += p[u] > p[v] ? p[u] : 0;
        if (above < top_p) kept += p[v];
        else seen[v] = -1;
    }
    for (int i = 0; i < SAMPLES; i++) {
        ck_assert_msg(seen[s.token[i]] >= 0, "token %d lies outside of the nucleus", (int)s.token[i]);
        seen[s.token[i]]++;
    }
    for (int v = 0; v < 23; v++)
        if (seen[v] >= 0 && p[v] > 0) chi += pow(seen[v] - SAMPLES * p[v] / kept, 2) / (SAMPLES * p[v] / kept);
    ck_assert_double_lt(chi, 55); /* 22 degrees of freedom: 0.0001 */
    pvi_samples_free(env, &s);
    pvi_model_destroy(model);
    test_env_free(env);
}

START_TEST(draws_follow_the_distribution) {
    check_distribution(1, 1);
    check_distribution(0.5, 1);
    check_distribution(1, 0.7);
}
END_TEST

START_TEST(stops_at_the_context) {
    pvi_env *env = open_env(1);
    pvi_model *model = make_model(env);
    pvi_sampling how = {.temperature = 1, .top_p = 1, .longest = 1000, .seed = 7};
    pvi_samples s;
    ck_ok(env, pvi_sample(env, model, &prompts, &how, 0, &s));
    for (int32_t i = 0; i < s.count; i++) {
        int32_t prompt = i / 4;
        ck_assert_int_eq(s.offset[i + 1] - s.offset[i], shape.context - (offset[prompt + 1] - offset[prompt]));
        ck_assert(!s.finished[i]);
    }
    pvi_samples_free(env, &s);
    pvi_model_destroy(model);
    test_env_free(env);
}
END_TEST

/* With a tokenizer samples end at its end token, which is the last one returned. */
START_TEST(ends_at_the_end_token) {
    pvi_env *env = open_env(2);
    const char *const specials[] = {"<|a|>", "<|end|>"};
    pvi_tokenizer_options options = {.vocab_size = 258, .specials = specials, .special_count = 2, .end = "<|end|>"};
    pvi_bpe_trainer *trainer;
    pvi_tokenizer *tokenizer;
    ck_ok(env, pvi_bpe_trainer_create(env, &options, &trainer));
    ck_ok(env, pvi_bpe_trainer_finish(trainer, &tokenizer));
    pvi_shape wide = shape;
    wide.vocab = 258;
    pvi_init init = {.seed = 3, .embedding_scale = 0.02f};
    pvi_model *model;
    ck_ok(env, pvi_model_create(env, &wide, tokenizer, &init, &model));
    int32_t end = pvi_tokenizer_end(tokenizer), other = pvi_tokenizer_special(tokenizer, "<|a|>");
    uint64_t streams[400];
    for (int i = 0; i < 400; i++) streams[i] = (uint64_t)i;
    pvi_prompts many = {.count = 1, .offset = offset, .token = token, .group = 400, .stream = streams};
    pvi_sampling how = {.temperature = 1, .top_p = 1, .longest = 28, .seed = 5};
    pvi_samples s;
    ck_ok(env, pvi_sample(env, model, &many, &how, 0, &s));
    int finished = 0;
    for (int32_t i = 0; i < s.count; i++) {
        finished += s.finished[i];
        for (int32_t t = s.offset[i]; t < s.offset[i + 1]; t++) {
            ck_assert_int_ne(s.token[t], other);
            if (s.token[t] == end) ck_assert_int_eq(t, s.offset[i + 1] - 1);
        }
        ck_assert(s.finished[i] == (s.token[s.offset[i + 1] - 1] == end));
    }
    ck_assert_int_gt(finished, 10); /* about 1 in 257 a token, 28 tokens, 400 samples: 43 expected */
    pvi_samples_free(env, &s);
    pvi_model_destroy(model);
    pvi_tokenizer_release(env, tokenizer);
    test_env_free(env);
}
END_TEST

START_TEST(refuses_and_cancels) {
    pvi_env *env = open_env(2);
    pvi_model *model = make_model(env);
    pvi_samples s;
    pvi_sampling how = {.temperature = 1, .top_p = 1, .longest = 12, .seed = 7};
    pvi_sampling bad = how;
    bad.temperature = -1;
    ck_fails(env, PVG_E_RANGE, "temperature is -1", pvi_sample(env, model, &prompts, &bad, 0, &s));
    bad = how;
    bad.top_p = 0;
    ck_fails(env, PVG_E_RANGE, "top_p is 0", pvi_sample(env, model, &prompts, &bad, 0, &s));
    static const int32_t long_offset[] = {0, 32};
    int32_t many[32] = {0};
    pvi_prompts too_long = {.count = 1, .offset = long_offset, .token = many, .group = 1, .stream = stream};
    ck_fails(env, PVG_E_RANGE, "prompt 0 has 32 tokens; wanted 1 to 31", pvi_sample(env, model, &too_long, &how, 0, &s));
    too_long.offset = (const int32_t[]){0, 0};
    ck_fails(env, PVG_E_RANGE, "prompt 0 has 0 tokens", pvi_sample(env, model, &too_long, &how, 0, &s));
    bad = how;
    bad.longest = 0;
    ck_fails(env, PVG_E_RANGE, "longest sample is 0", pvi_sample(env, model, &prompts, &bad, 0, &s));
    pvi_prompts none = prompts;
    none.count = 0;
    ck_fails(env, PVG_E_RANGE, "0 prompts", pvi_sample(env, model, &none, &how, 0, &s));
    none = prompts;
    none.group = INT32_MAX;
    ck_fails(env, PVG_E_RANGE, "2147483647 samples each", pvi_sample(env, model, &none, &how, 0, &s));
    pvi_model *verifier;
    ck_ok(env, pvi_model_with_head(env, model, PVI_HEAD_LAST, false, &verifier));
    ck_fails(env, PVG_E_INVALID, "a verifier cannot write", pvi_sample(env, verifier, &prompts, &how, 0, &s));
    pvi_model_destroy(verifier);
    many[0] = 23;
    static const int32_t short_offset[] = {0, 3};
    pvi_prompts bad_token = {.count = 1, .offset = short_offset, .token = many, .group = 1, .stream = stream};
    ck_fails(env, PVG_E_RANGE, "token 0 of prompt 0 is 23", pvi_sample(env, model, &bad_token, &how, 0, &s));
    atomic_store(&env->cancelled, 1);
    ck_fails(env, PVG_E_CANCELLED, "cancelled", pvi_sample(env, model, &prompts, &how, 0, &s));
    atomic_store(&env->cancelled, 0);
    model->weights.layer[0].qkv[0] = NAN;
    model->stale = true;
    ck_fails(env, PVG_E_NUMERIC, "self_attn.q_proj.weight", pvi_sample(env, model, &prompts, &how, 0, &s));
    pvi_model_destroy(model);
    test_env_free(env);
}
END_TEST

START_TEST(every_allocation_may_fail) {
    for (size_t k = 1;; k++) {
        pvi_env *env = test_env_with(2, k);
        env->engine = pvi_engine_best();
        pvi_model *model = NULL;
        pvi_init init = {.seed = 3, .embedding_scale = 1.0f};
        pvi_sampling how = {.temperature = 1, .top_p = 1, .longest = 3, .seed = 7};
        pvi_samples s;
        pvg_status status = pvi_model_create(env, &shape, NULL, &init, &model);
        if (status == PVG_OK) status = pvi_sample(env, model, &prompts, &how, 0, &s);
        if (status == PVG_OK) pvi_samples_free(env, &s);
        pvi_model_destroy(model);
        test_env_free(env);
        if (status == PVG_OK) break;
        ck_assert_int_eq(status, PVG_E_NOMEM);
    }
}
END_TEST

/* Samples of one prompt are what the prompt written out for each of them gives. More samples than a wave holds. */
START_TEST(groups_equal_separate_prompts) {
    enum { GROUP = 45, LENGTH = 7 };
    pvi_env *env = open_env(2);
    pvi_model *model = make_model(env);
    int32_t ends[GROUP + 1], text[GROUP * LENGTH];
    uint64_t streams[GROUP];
    for (int i = 0; i < GROUP; i++) {
        streams[i] = (uint64_t)(1000 - 3 * i);
        memcpy(text + i * LENGTH, token + 5, LENGTH * sizeof *text);
    }
    for (int i = 0; i <= GROUP; i++) ends[i] = i * LENGTH;
    pvi_prompts together = {.count = 1, .offset = ends, .token = text, .group = GROUP, .stream = streams};
    pvi_prompts apart = {.count = GROUP, .offset = ends, .token = text, .group = 1, .stream = streams};
    pvi_sampling how = {.temperature = 1, .top_p = 1, .longest = 20, .seed = 7};
    pvi_samples a, b;
    ck_ok(env, pvi_sample(env, model, &together, &how, 0, &a));
    ck_ok(env, pvi_sample(env, model, &apart, &how, 0, &b));
    ck_assert_int_eq(a.count, GROUP);
    check_same(&a, 0, &b);
    pvi_samples_free(env, &a);
    pvi_samples_free(env, &b);
    pvi_model_destroy(model);
    test_env_free(env);
}
END_TEST

/* Whole waves, in halves (24 and 21 samples, 32 and 32), and a head that does not stay near (a wave's logits all at once):
 * still every sample is what it is alone, and its log-probabilities are those of a forward pass over all of it. */
START_TEST(large_waves_change_nothing) {
    enum { SAMPLES = 70, NEW = 3, PROMPT = 2, LENGTH = PROMPT + NEW };
    static const pvi_shape large = {.vocab = 300, .width = 1024, .layers = 1, .heads = 4, .kv_heads = 2, .head_dim = 6,
                                    .hidden = 1300, .context = 16, .rope_theta = 500.0f, .norm_eps = 1e-5f, .tied = true};
    pvi_env *env = open_env(1);
    pvi_model *model;
    pvi_init init = {.seed = 3, .embedding_scale = 1.0f};
    ck_ok(env, pvi_model_create(env, &large, NULL, &init, &model));
    model->allowed[5] = model->allowed[299] = false;
    int32_t ends[SAMPLES + 1], text[SAMPLES * PROMPT], all_ends[SAMPLES + 1], all[SAMPLES * LENGTH], begin[SAMPLES];
    uint64_t streams[SAMPLES];
    float logprob[SAMPLES * LENGTH];
    for (int i = 0; i <= SAMPLES; i++) ends[i] = i * PROMPT, all_ends[i] = i * LENGTH;
    for (int i = 0; i < SAMPLES; i++) streams[i] = (uint64_t)(7 * i), text[2 * i] = 10 + i, text[2 * i + 1] = i % 3, begin[i] = PROMPT;
    pvi_prompts many = {.count = SAMPLES, .offset = ends, .token = text, .group = 1, .stream = streams};
    pvi_sampling how = {.temperature = 1, .top_p = 1, .longest = NEW, .seed = 7};
    pvi_samples wanted, found;
    ck_ok(env, pvi_sample(env, model, &many, &how, 0, &wanted));
    for (int i = 0; i < SAMPLES; i++) {
        memcpy(all + i * LENGTH, text + i * PROMPT, PROMPT * sizeof *all);
        memcpy(all + i * LENGTH + PROMPT, wanted.token + wanted.offset[i], NEW * sizeof *all);
    }
    ck_ok(env, pvi_logprobs(env, model, &(pvi_batch){SAMPLES, all_ends, all}, begin, logprob));
    for (int i = 0; i < SAMPLES; i++)
        ck_assert_int_eq(memcmp(logprob + i * LENGTH + PROMPT, wanted.logprob + wanted.offset[i], NEW * sizeof *logprob), 0);
    static const int32_t places[] = {0, 15, 16, 63, 64, 69}; /* of both waves, their ends among them */
    for (size_t p = 0; p < sizeof places / sizeof *places; p++) {
        pvi_prompts alone = {.count = 1, .offset = ends, .token = text + places[p] * PROMPT, .group = 1, .stream = streams + places[p]};
        ck_ok(env, pvi_sample(env, model, &alone, &how, 0, &found));
        check_same(&wanted, places[p], &found);
        pvi_samples_free(env, &found);
    }
    pvi_prompts fewer = {.count = 45, .offset = ends, .token = text, .group = 1, .stream = streams};
    ck_ok(env, pvi_sample(env, model, &fewer, &how, 0, &found));
    ck_assert_int_eq(memcmp(found.token, wanted.token, 45 * NEW * sizeof *found.token), 0);
    ck_assert_int_eq(memcmp(found.logprob, wanted.logprob, 45 * NEW * sizeof *found.logprob), 0);
    pvi_samples_free(env, &found);
    pvi_samples_free(env, &wanted);
    pvi_model_destroy(model);
    test_env_free(env);
}
END_TEST

static pvi_env *to_cancel;
static void cancel(int signal) {
    (void)signal;
    atomic_store(&to_cancel->cancelled, 1);
}

/* A timer cancels long before two seconds of work are done. */
START_TEST(stops_between_tokens) {
    enum { SAMPLES = 40000 };
    pvi_env *env = open_env(2);
    pvi_model *model = make_model(env);
    uint64_t *streams = calloc(SAMPLES, sizeof *streams);
    pvi_prompts many = {.count = 1, .offset = offset, .token = token, .group = SAMPLES, .stream = streams};
    pvi_sampling how = {.temperature = 1, .top_p = 1, .longest = 28, .seed = 7};
    pvi_samples s;
    to_cancel = env;
    signal(SIGALRM, cancel);
    struct itimerval soon = {.it_value = {.tv_usec = 20000}};
    setitimer(ITIMER_REAL, &soon, NULL);
    ck_fails(env, PVG_E_CANCELLED, "cancelled while sampling", pvi_sample(env, model, &many, &how, 0, &s));
    signal(SIGALRM, SIG_DFL);
    free(streams);
    pvi_model_destroy(model);
    test_env_free(env);
}
END_TEST

Suite *suite_sample(void) {
    Suite *suite = suite_create("sample");
    TCase *tc = tcase_create("sample");
    tcase_set_timeout(tc, 60);
    tcase_add_test(tc, logprobs_are_those_of_a_forward_pass);
    tcase_add_test(tc, mates_threads_and_waves_change_nothing);
    tcase_add_test(tc, greedy_takes_the_likeliest);
    tcase_add_test(tc, draws_follow_the_distribution);
    tcase_add_test(tc, stops_at_the_context);
    tcase_add_test(tc, ends_at_the_end_token);
    tcase_add_test(tc, refuses_and_cancels);
    tcase_add_test(tc, every_allocation_may_fail);
    tcase_add_test(tc, groups_equal_separate_prompts);
    tcase_add_test(tc, large_waves_change_nothing);
    tcase_add_test(tc, stops_between_tokens);
    suite_add_tcase(suite, tc);
    return suite;
}
