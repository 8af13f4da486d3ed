/* test_tokenizer_write.c - tokenizer.json as written: what is in it, and that reading it gives the same tokenizer. */
#include "test_tokenizer_fixture.h"

#include <jansson.h>

static const char *const TEXTS[] = {
    "Mira picked 36/3 = <<36/3=12>>12 pears on Friday.\nMira picked 36+12 = <<36+12=48>>48 pears by Sunday.\n#### 48",
    "\xE6\x97\xA5\xE6\x9C\xAC \xE6\x97\xA5\xE6\x9C\xAC \xF0\x9F\x98\x80\xF0\x9F\x98\x80 "
    "\"quoted\\\" \"quoted\\\"", NULL};
static const char *const SPECIALS[] = {"<|end|>", "<|\"\\|>"};

static pvi_tokenizer *made(pvi_env *env, bool split_digits) {
    return trained(env, &(pvi_tokenizer_options){.vocab_size = 290, .specials = SPECIALS, .special_count = 2,
                                                 .split_digits = split_digits}, TEXTS);
}

START_TEST(test_same_again) {
    pvi_env *env = test_env();
    pvi_tokenizer *first = made(env, _i == 1), *second;
    pvi_text json, again;
    pvi_text_init(&json, env);
    pvi_text_init(&again, env);
    ck_ok(env, pvi_tokenizer_to_json(env, first, &json));
    ck_ok(env, pvi_tokenizer_from_json(env, "again", json.data, json.length, &second));
    ck_assert_int_eq(pvi_tokenizer_size(second), pvi_tokenizer_size(first));
    ck_assert_int_eq(pvi_tokenizer_end(second), 256);
    ck_assert_int_eq(pvi_tokenizer_special(second, "<|\"\\|>"), 257);
    ck_assert_uint_eq(second->merge_count, first->merge_count);
    ck_assert_mem_eq(second->merges, first->merges, first->merge_count * sizeof *first->merges);
    ck_assert_mem_eq(second->flags, first->flags, (size_t)first->size);
    ck_assert_mem_eq(second->bytes, first->bytes, first->start[first->size]);
    for (size_t i = 0; TEXTS[i] != NULL; i++) {
        pvi_tokens tokens;
        pvi_tokens_init(&tokens, env);
        ck_ok(env, pvi_encode(env, first, TEXTS[i], strlen(TEXTS[i]), true, &tokens));
        check_ids(env, second, TEXTS[i], strlen(TEXTS[i]), true, tokens.data, tokens.length);
        pvi_tokens_free(&tokens);
    }
    ck_ok(env, pvi_tokenizer_to_json(env, second, &again));
    ck_assert_str_eq(again.data, json.data);
    pvi_text_free(&json);
    pvi_text_free(&again);
    pvi_tokenizer_release(env, first);
    pvi_tokenizer_release(env, second);
    test_env_free(env);
}
END_TEST

START_TEST(test_same_every_time) {
    pvi_env *env = test_env();
    pvi_text one, two;
    pvi_text_init(&one, env);
    pvi_text_init(&two, env);
    pvi_tokenizer *a = made(env, false), *b = made(env, false);
    ck_ok(env, pvi_tokenizer_to_json(env, a, &one));
    ck_ok(env, pvi_tokenizer_to_json(env, b, &two));
    ck_assert_str_eq(one.data, two.data);
    pvi_tokenizer_release(env, a);
    pvi_tokenizer_release(env, b);
    pvi_text_free(&one);
    pvi_text_free(&two);
    test_env_free(env);
}
END_TEST

/* What other readers look for. */
START_TEST(test_members) {
    pvi_env *env = test_env();
    pvi_tokenizer *tokenizer = made(env, false);
    pvi_text text;
    pvi_text_init(&text, env);
    ck_ok(env, pvi_tokenizer_to_json(env, tokenizer, &text));
    json_t *root = json_loadb(text.data, text.length, JSON_REJECT_DUPLICATES, NULL);
    ck_assert_ptr_nonnull(root);
    ck_assert_str_eq(json_string_value(json_object_get(root, "version")), "1.0");
    ck_assert(json_is_null(json_object_get(root, "normalizer")));
    ck_assert(json_is_null(json_object_get(root, "truncation")));
    json_t *steps = json_object_get(json_object_get(root, "pre_tokenizer"), "pretokenizers");
    json_t *split = json_array_get(steps, 0), *bytes = json_array_get(steps, 1);
    ck_assert_str_eq(json_string_value(json_object_get(json_object_get(split, "pattern"), "Regex")), pvi_pattern_runs);
    ck_assert_str_eq(json_string_value(json_object_get(split, "behavior")), "Isolated");
    ck_assert_str_eq(json_string_value(json_object_get(bytes, "type")), "ByteLevel");
    ck_assert(json_is_false(json_object_get(bytes, "use_regex")));
    json_t *vocab = json_object_get(json_object_get(root, "model"), "vocab");
    ck_assert_int_eq(pvi_tokenizer_size(tokenizer), 290); /* enough text to fill it */
    ck_assert_uint_eq(json_object_size(vocab), (size_t)pvi_tokenizer_size(tokenizer));
    ck_assert_int_eq(json_integer_value(json_object_get(vocab, "Ġ")), ' ');
    ck_assert_int_eq(json_integer_value(json_object_get(vocab, "Ċ")), '\n');
    ck_assert_int_eq(json_integer_value(json_object_get(vocab, "<|end|>")), 256);
    json_t *added = json_array_get(json_object_get(root, "added_tokens"), 0);
    ck_assert_str_eq(json_string_value(json_object_get(added, "content")), "<|end|>");
    ck_assert_int_eq(json_integer_value(json_object_get(added, "id")), 256);
    ck_assert(json_is_true(json_object_get(added, "special")));
    json_t *merges = json_object_get(json_object_get(root, "model"), "merges");
    ck_assert_uint_eq(json_array_size(merges), tokenizer->merge_count);
    json_decref(root);
    pvi_text_free(&text);
    pvi_tokenizer_release(env, tokenizer);
    test_env_free(env);
}
END_TEST

/* A loaded file is written back as it was, unknown members and layout included. */
START_TEST(test_verbatim) {
    pvi_env *env = test_env();
    pvi_text json, out;
    pvi_text_init(&json, env);
    pvi_text_init(&out, env);
    fixture_json(&(fixture){.head = "\"version\" : \"1.0\",\n \"padding\":{\"strategy\":\"Fixed\"}"}, &json);
    folder dir = folder_make();
    pvi_tokenizer *tokenizer, *again;
    ck_ok(env, pvi_tokenizer_from_json(env, "source", json.data, json.length, &tokenizer));
    ck_ok(env, pvi_tokenizer_save(env, tokenizer, dir.file));
    ck_ok(env, pvi_tokenizer_load(env, dir.path, &again));
    ck_ok(env, pvi_tokenizer_to_json(env, again, &out));
    ck_assert_str_eq(out.data, json.data);
    folder_remove(&dir);
    pvi_text_free(&json);
    pvi_text_free(&out);
    pvi_tokenizer_release(env, tokenizer);
    pvi_tokenizer_release(env, again);
    test_env_free(env);
}
END_TEST

START_TEST(test_save_trained) {
    pvi_env *env = test_env();
    pvi_tokenizer *tokenizer = made(env, false), *again;
    folder dir = folder_make();
    ck_ok(env, pvi_tokenizer_save(env, tokenizer, dir.file));
    ck_ok(env, pvi_tokenizer_load(env, dir.file, &again));
    ck_assert_int_eq(pvi_tokenizer_size(again), pvi_tokenizer_size(tokenizer));
    folder_remove(&dir);
    pvi_tokenizer_release(env, tokenizer);
    pvi_tokenizer_release(env, again);
    test_env_free(env);
}
END_TEST

/* The allocator refuses one request after another while JSON is written; the tokenizer stays good. */
START_TEST(test_no_memory) {
    pvi_env *env = test_env();
    pvi_tokenizer *tokenizer = made(env, false);
    size_t failures = 0;
    for (size_t at = 1;; at++) {
        pvi_env *scarce = test_env_with(1, at);
        pvi_text out;
        pvi_text_init(&out, scarce);
        pvg_status status = pvi_tokenizer_to_json(scarce, tokenizer, &out);
        pvi_text_free(&out);
        test_env_free(scarce);
        if (status == PVG_OK) {
            break;
        }
        ck_assert_int_eq(status, PVG_E_NOMEM);
        failures++;
    }
    ck_assert_uint_gt(failures, 3);
    check_tokens(env, tokenizer, "<|end|>", true, 256);
    pvi_tokenizer_release(env, tokenizer);
    test_env_free(env);
}
END_TEST

Suite *suite_tokenizer_write(void) {
    Suite *suite = suite_create("tokenizer_write");
    TCase *tcase = tcase_create("all");
    tcase_add_loop_test(tcase, test_same_again, 0, 2);
    tcase_add_test(tcase, test_same_every_time);
    tcase_add_test(tcase, test_members);
    tcase_add_test(tcase, test_verbatim);
    tcase_add_test(tcase, test_save_trained);
    tcase_add_test(tcase, test_no_memory);
    suite_add_tcase(suite, tcase);
    return suite;
}
