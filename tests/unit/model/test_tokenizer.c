/* test_tokenizer.c - arrays of tokens, look-ups, decoding, end tokens and sharing. */
#include "test_tokenizer_fixture.h"

#include "base/workers.h"

START_TEST(test_tokens) {
    pvi_env *env = test_env();
    pvi_tokens tokens;
    pvi_tokens_init(&tokens, env);
    ck_ok(env, pvi_tokens_append(&tokens, NULL, 0));
    for (int32_t i = 0; i < 100; i++) {
        ck_ok(env, pvi_tokens_push(&tokens, i));
    }
    const int32_t more[] = {7, 8, 9};
    ck_ok(env, pvi_tokens_append(&tokens, more, 3));
    ck_assert_uint_eq(tokens.length, 103);
    ck_assert_int_eq(tokens.data[99], 99);
    ck_assert_int_eq(tokens.data[102], 9);
    size_t capacity = tokens.capacity;
    pvi_tokens_clear(&tokens);
    ck_assert_uint_eq(tokens.length, 0);
    ck_assert_uint_eq(tokens.capacity, capacity);
    pvi_tokens_free(&tokens);
    test_env_free(env);
}
END_TEST

START_TEST(test_lookups) {
    pvi_env *env = test_env();
    pvi_tokenizer *tokenizer = fixture_load(env, &(fixture){0});
    ck_assert_int_eq(pvi_tokenizer_size(tokenizer), FIXTURE_SIZE);
    ck_assert_int_eq(pvi_tokenizer_special(tokenizer, "<|helpful|>"), FIXTURE_HELPFUL);
    ck_assert_int_eq(pvi_tokenizer_special(tokenizer, "<|helpful|"), -1);
    ck_assert_int_eq(pvi_tokenizer_special(tokenizer, ""), -1);
    ck_assert_int_eq(pvi_tokenizer_special(tokenizer, "he"), -1);
    ck_assert(pvi_tokenizer_is_special(tokenizer, FIXTURE_HELPFUL));
    ck_assert(!pvi_tokenizer_is_special(tokenizer, 262));
    ck_assert(!pvi_tokenizer_is_special(tokenizer, -1));
    ck_assert(!pvi_tokenizer_is_special(tokenizer, FIXTURE_SIZE));
    size_t length;
    ck_assert_mem_eq(pvi_token_bytes(tokenizer, 262, &length), " the", 4);
    ck_assert_uint_eq(length, 4);
    ck_assert_mem_eq(pvi_token_bytes(tokenizer, FIXTURE_END, &length), "<|endoftext|>", 13);
    ck_assert_uint_eq(length, 13);
    ck_assert_ptr_null(pvi_token_bytes(tokenizer, FIXTURE_SIZE, &length));
    ck_assert_uint_eq(length, 0);
    ck_assert_ptr_null(pvi_token_bytes(tokenizer, -1, &length));
    pvi_tokenizer_release(env, tokenizer);
    test_env_free(env);
}
END_TEST

START_TEST(test_end) {
    pvi_env *env = test_env();
    pvi_tokenizer *tokenizer = fixture_load(env, &(fixture){0});
    ck_assert_int_eq(pvi_tokenizer_end(tokenizer), FIXTURE_END);
    ck_assert_int_eq(pvi_tokenizer_bos(tokenizer), -1);
    ck_ok(env, pvi_tokenizer_set_end(env, tokenizer, "<|helpful|>"));
    ck_assert_int_eq(pvi_tokenizer_end(tokenizer), FIXTURE_HELPFUL);
    ck_fails(env, PVG_E_NOT_FOUND, "'<|sneaky|>'", pvi_tokenizer_set_end(env, tokenizer, "<|sneaky|>"));
    ck_fails(env, PVG_E_NOT_FOUND, "'he'", pvi_tokenizer_set_end(env, tokenizer, "he"));
    ck_assert_int_eq(pvi_tokenizer_end(tokenizer), FIXTURE_HELPFUL);
    pvi_tokenizer_release(env, tokenizer);
    /* the order of preference, not the order in the file */
    tokenizer = fixture_load(env, &(fixture){.added = "[{\"id\":264,\"content\":\"<|im_end|>\",\"special\":true},"
                                                      "{\"id\":265,\"content\":\"<|eot_id|>\",\"special\":true},"
                                                      "{\"id\":266,\"content\":\"</s>\",\"special\":false}]"});
    ck_assert_int_eq(pvi_tokenizer_end(tokenizer), 265);
    pvi_tokenizer_release(env, tokenizer);
    tokenizer = fixture_load(env, &(fixture){.added = "[]"});
    ck_assert_int_eq(pvi_tokenizer_end(tokenizer), -1);
    pvi_tokenizer_release(env, tokenizer);
    test_env_free(env);
}
END_TEST

START_TEST(test_decode) {
    pvi_env *env = test_env();
    pvi_tokenizer *tokenizer = fixture_load(env, &(fixture){0});
    pvi_text out;
    pvi_text_init(&out, env);
    pvi_text_puts(&out, "> ");
    const int32_t ids[] = {FIXTURE_HELPFUL, 262, 257, FIXTURE_END};
    ck_ok(env, pvi_decode(env, tokenizer, ids, 4, true, &out));
    ck_assert_str_eq(out.data, "> <|helpful|> the a<|endoftext|>");
    pvi_text_clear(&out);
    ck_ok(env, pvi_decode(env, tokenizer, ids, 4, false, &out));
    ck_assert_str_eq(out.data, " the a");
    const int32_t wrong[] = {262, FIXTURE_SIZE};
    ck_fails(env, PVG_E_RANGE, "token 1 to decode is 265; ids go from 0 to 264",
             pvi_decode(env, tokenizer, wrong, 2, true, &out));
    const int32_t negative[] = {-1};
    ck_fails(env, PVG_E_RANGE, "is -1", pvi_decode(env, tokenizer, negative, 1, true, &out));
    ck_assert_str_eq(out.data, " the a");
    ck_ok(env, pvi_decode(env, tokenizer, NULL, 0, true, &out));
    pvi_text_free(&out);
    pvi_tokenizer_release(env, tokenizer);
    test_env_free(env);
}
END_TEST

START_TEST(test_share) {
    pvi_env *env = test_env();
    pvi_tokenizer *tokenizer = fixture_load(env, &(fixture){0});
    ck_assert_ptr_eq(pvi_tokenizer_retain(tokenizer), tokenizer);
    pvi_tokenizer_release(env, tokenizer);
    check_tokens(env, tokenizer, " the", true, 262);
    pvi_tokenizer_release(env, tokenizer);
    pvi_tokenizer_release(env, NULL);
    test_env_free(env);
}
END_TEST

typedef struct shared {
    pvi_env *env;
    const pvi_tokenizer *tokenizer;
    pvi_tokens tokens[4];
} shared;

static void encode_part(void *arg, int member, int count) {
    shared *s = arg;
    (void)count;
    for (int i = 0; i < 200; i++) {
        pvi_encode(s->env, s->tokenizer, "the hero in the rain, on a train", 32, true, &s->tokens[member]);
    }
}

START_TEST(test_threads) {
    pvi_env *env = test_env_with(4, 0);
    shared s = {.env = env, .tokenizer = fixture_load(env, &(fixture){0})};
    for (int i = 0; i < 4; i++) {
        pvi_tokens_init(&s.tokens[i], env);
    }
    pvi_workers_run(env->workers, encode_part, &s);
    for (int i = 0; i < 4; i++) {
        ck_assert_uint_gt(s.tokens[i].length, 0);
        ck_assert_uint_eq(s.tokens[i].length, s.tokens[0].length);
        ck_assert_mem_eq(s.tokens[i].data, s.tokens[0].data, s.tokens[0].length * sizeof(int32_t));
        if (i > 0) {
            pvi_tokens_free(&s.tokens[i]);
        }
    }
    pvi_tokens_free(&s.tokens[0]);
    pvi_tokenizer_release(env, (pvi_tokenizer *)s.tokenizer);
    test_env_free(env);
}
END_TEST

Suite *suite_tokenizer(void) {
    Suite *suite = suite_create("tokenizer");
    TCase *tcase = tcase_create("all");
    tcase_add_test(tcase, test_tokens);
    tcase_add_test(tcase, test_lookups);
    tcase_add_test(tcase, test_end);
    tcase_add_test(tcase, test_decode);
    tcase_add_test(tcase, test_share);
    tcase_add_test(tcase, test_threads);
    suite_add_tcase(suite, tcase);
    return suite;
}
