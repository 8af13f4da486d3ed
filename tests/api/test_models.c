/* test_models.c - tokenizers and models through the public header. */
#include "public.h"

typedef struct kit {
    pvg_context *context;
    pvg_settings *settings;
    pvg_dataset *data;
    pvg_tokenizer *tokenizer;
    pvg_model *prover;
} kit;

static kit kit_make(void) {
    kit k = {.context = public_context(1, 0)};
    k.settings = public_small_game(k.context);
    ck_does(k.context, pvg_dataset_generate(k.context, k.settings, 0, 50, &k.data));
    ck_does(k.context, pvg_tokenizer_train(k.context, k.data, k.settings, &k.tokenizer));
    ck_does(k.context, pvg_model_create(k.context, k.tokenizer, k.settings, "prover", &k.prover));
    return k;
}

/* In the order in which a careless host might. */
static void kit_free(kit *k) {
    pvg_context_destroy(k->context);
    pvg_tokenizer_destroy(k->tokenizer);
    pvg_settings_destroy(k->settings);
    pvg_model_destroy(k->prover);
    pvg_dataset_destroy(k->data);
    ck_assert_uint_eq(public_blocks(), 0);
}

START_TEST(tokens_and_back) {
    kit k = kit_make();
    const char *text = "Ann has 12 apples.\xff <|end|>";
    int32_t tokens[128];
    char back[128];
    size_t count = 0, length = 0;
    ck_assert_int_eq(pvg_tokenizer_encode(k.tokenizer, text, PVG_NUL_TERMINATED, 0, NULL, 0, &count), PVG_OK);
    ck_assert_int_eq(pvg_tokenizer_encode(k.tokenizer, text, PVG_NUL_TERMINATED, 0, tokens, count - 1, &length), PVG_E_BUFFER);
    ck_assert_uint_eq(length, count);
    ck_assert_int_eq(pvg_tokenizer_encode(k.tokenizer, text, PVG_NUL_TERMINATED, 0, tokens, 128, &count), PVG_OK);
    ck_assert_int_eq(pvg_tokenizer_decode(k.tokenizer, tokens, count, back, sizeof back, &length), PVG_OK);
    ck_assert_str_eq(back, text);
    ck_assert_uint_eq(length, strlen(text));
    size_t special = 0;
    ck_assert_int_eq(pvg_tokenizer_encode(k.tokenizer, text, PVG_NUL_TERMINATED, 1, tokens, 128, &special), PVG_OK);
    ck_assert_uint_lt(special, count);
    ck_assert_int_lt(tokens[0], pvg_tokenizer_size(k.tokenizer));
    const int32_t wrong = 1 << 30;
    ck_assert_int_eq(pvg_tokenizer_decode(k.tokenizer, &wrong, 1, back, sizeof back, &length), PVG_E_RANGE);
    ck_assert_int_eq(pvg_tokenizer_encode(NULL, text, 1, 0, NULL, 0, &count), PVG_E_INVALID);
    kit_free(&k);
}
END_TEST

START_TEST(tokenizer_files) {
    kit k = kit_make();
    const char *path = public_path(public_dir(), "tokenizer.json");
    pvg_tokenizer *back = NULL;
    ck_does(k.context, pvg_tokenizer_save(k.tokenizer, path));
    ck_does(k.context, pvg_tokenizer_load(k.context, path, &back));
    ck_assert_int_eq(pvg_tokenizer_size(back), pvg_tokenizer_size(k.tokenizer));
    pvg_tokenizer_destroy(back);
    public_write(path, "{}");
    ck_refuses(k.context, PVG_E_FORMAT, "tokenizer.json", pvg_tokenizer_load(k.context, path, &back));
    kit_free(&k);
}
END_TEST

START_TEST(models_and_their_files) {
    kit k = kit_make();
    const char *dir = public_path(public_dir(), "model");
    const int32_t tokens[] = {40, 41, 42, 43};
    float before[4], after[4];
    pvg_model *copy = NULL, *back = NULL, *judge = NULL;
    pvg_tokenizer *tokenizer = NULL;
    ck_assert_str_eq(pvg_model_head(k.prover), "lm");
    ck_assert_uint_gt(pvg_model_parameters(k.prover), 1000);
    ck_assert_int_eq(pvg_model_context_length(k.prover), 80);
    ck_does(k.context, pvg_model_logprobs(k.prover, tokens, 4, before));
    ck_assert(before[0] == 0);
    for (int i = 1; i < 4; i++) ck_assert(isfinite(before[i]) && before[i] < 0);
    ck_does(k.context, pvg_model_clone(k.prover, &copy));
    ck_does(k.context, pvg_model_save(copy, dir));
    ck_does(k.context, pvg_model_load(k.context, dir, &back));
    ck_does(k.context, pvg_model_logprobs(back, tokens, 4, after));
    ck_assert(memcmp(before, after, sizeof before) == 0);
    ck_does(k.context, pvg_model_tokenizer(back, &tokenizer));
    pvg_model_destroy(back);
    ck_assert_int_eq(pvg_tokenizer_size(tokenizer), pvg_tokenizer_size(k.tokenizer));
    pvg_tokenizer_destroy(tokenizer);
    pvg_model_destroy(copy);
    ck_does(k.context, pvg_model_create(k.context, k.tokenizer, k.settings, "verifier", &judge));
    ck_assert_str_eq(pvg_model_head(judge), "token_sum");
    ck_refuses(k.context, PVG_E_UNSUPPORTED, "token_sum", pvg_model_logprobs(judge, tokens, 4, after));
    pvg_model_destroy(judge);
    kit_free(&k);
}
END_TEST

START_TEST(bad_models) {
    kit k = kit_make();
    pvg_model *model = NULL;
    int32_t tokens[100] = {0};
    float out[100];
    ck_refuses(k.context, PVG_E_NOT_FOUND, "'judge'", pvg_model_create(k.context, k.tokenizer, k.settings, "judge", &model));
    ck_refuses(k.context, PVG_E_RANGE, "100 tokens", pvg_model_logprobs(k.prover, tokens, 100, out));
    ck_refuses(k.context, PVG_E_RANGE, "0 tokens", pvg_model_logprobs(k.prover, tokens, 0, out));
    tokens[1] = 1 << 30;
    ck_assert_int_eq(pvg_model_logprobs(k.prover, tokens, 3, out), PVG_E_RANGE);
    pvg_status status = pvg_model_load(k.context, public_path(public_dir(), "nothing"), &model);
    ck_assert(status == PVG_E_IO || status == PVG_E_NOT_FOUND);
    ck_assert_ptr_null(model);
    ck_assert_uint_eq(pvg_model_parameters(NULL), 0);
    pvg_model_destroy(NULL);
    kit_free(&k);
}
END_TEST

Suite *suite_models(void) {
    Suite *suite = suite_create("models");
    TCase *all = tcase_create("models");
    tcase_set_timeout(all, 60);
    tcase_add_test(all, tokens_and_back);
    tcase_add_test(all, tokenizer_files);
    tcase_add_test(all, models_and_their_files);
    tcase_add_test(all, bad_models);
    suite_add_tcase(suite, all);
    return suite;
}
