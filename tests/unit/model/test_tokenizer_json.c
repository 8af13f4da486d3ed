/* test_tokenizer_json.c - reading tokenizer.json: the forms it takes, and files that are wrong. */
#include "test_tokenizer_fixture.h"

START_TEST(test_merge_forms) {
    pvi_env *env = test_env();
    pvi_tokenizer *pairs = fixture_load(env, &(fixture){
        .merges = "[[\"Ġ\",\"t\"],[\"Ġ\",\"a\"],[\"h\",\"e\"],[\"i\",\"n\"],[\"r\",\"e\"],[\"o\",\"n\"],"
                  "[\"Ġt\",\"he\"]]"});
    check_tokens(env, pairs, " there on", true, 262, 260, 220, 261);
    pvi_tokenizer_release(env, pairs);
    test_env_free(env);
}
END_TEST

/* Ids may be left out; what is not spelt in the byte alphabet keeps its text and is never produced. */
START_TEST(test_holes) {
    pvi_env *env = test_env();
    pvi_tokenizer *tokenizer = fixture_load(env, &(fixture){
        .vocab = "\"he\":300,\"\xE2\x96\x81the\":301", .merges = "[\"h e\"]", .added = "[]"});
    ck_assert_int_eq(pvi_tokenizer_size(tokenizer), 302);
    check_tokens(env, tokenizer, "he", true, 300);
    pvi_text out;
    pvi_text_init(&out, env);
    const int32_t ids[] = {299, 301, 300};
    ck_ok(env, pvi_decode(env, tokenizer, ids, 3, true, &out));
    ck_assert_str_eq(out.data, "\xE2\x96\x81thehe");
    pvi_text_free(&out);
    pvi_tokenizer_release(env, tokenizer);
    test_env_free(env);
}
END_TEST

START_TEST(test_from_disk) {
    pvi_env *env = test_env();
    pvi_text json;
    pvi_text_init(&json, env);
    fixture_json(&(fixture){0}, &json);
    folder dir = folder_make();
    pvi_tokenizer *none = NULL;
    ck_assert_int_ne(pvi_tokenizer_load(env, dir.path, &none), PVG_OK);
    ck_assert_ptr_nonnull(strstr(env->error.message, dir.file));
    ck_ok(env, pvi_file_write(env, dir.file, json.data, json.length));
    for (int i = 0; i < 2; i++) {
        pvi_tokenizer *tokenizer;
        ck_ok(env, pvi_tokenizer_load(env, i == 0 ? dir.path : dir.file, &tokenizer));
        check_tokens(env, tokenizer, " the", true, 262);
        pvi_tokenizer_release(env, tokenizer);
    }
    ck_ok(env, pvi_file_write(env, dir.file, "{", 1));
    ck_fails(env, PVG_E_FORMAT, "tokenizer.json: line 1", pvi_tokenizer_load(env, dir.path, &none));
    folder_remove(&dir);
    ck_assert_ptr_null(none);
    pvi_text_free(&json);
    test_env_free(env);
}
END_TEST

#define END_TOKEN "{\"id\":263,\"content\":\"<|endoftext|>\",\"special\":true}"

static const struct {
    fixture part;
    pvg_status status;
    const char *message;
} wrong[] = {
    {{.head = "\"version\":\"2.0\""}, PVG_E_UNSUPPORTED, "\"version\" is not"},
    {{.head = "\"version\":1"}, PVG_E_UNSUPPORTED, "\"version\" is not"},
    {{.model = "\"type\":\"WordPiece\""}, PVG_E_UNSUPPORTED, "type is 'WordPiece'; supported: BPE"},
    {{.model = "\"type\":7"}, PVG_E_UNSUPPORTED, "type is 'not a string'"},
    {{.model = "\"dropout\":0.1"}, PVG_E_UNSUPPORTED, "uses \"dropout\""},
    {{.model = "\"continuing_subword_prefix\":\"##\""}, PVG_E_UNSUPPORTED, "uses \"continuing_subword_prefix\""},
    {{.model = "\"end_of_word_suffix\":\"</w>\""}, PVG_E_UNSUPPORTED, "uses \"end_of_word_suffix\""},
    {{.model = "\"ignore_merges\":1"}, PVG_E_FORMAT, "\"ignore_merges\" is a number"},
    {{.merges = "{}"}, PVG_E_FORMAT, "\"merges\" is missing or not a list"},
    {{.merges = "null"}, PVG_E_FORMAT, "\"merges\" is missing or not a list"},
    {{.merges = "[\"h e\",\"h\"]"}, PVG_E_FORMAT, "merge 1 is malformed"},
    {{.merges = "[\"h e r\"]"}, PVG_E_FORMAT, "merge 0 is malformed"},
    {{.merges = "[[\"h\"]]"}, PVG_E_FORMAT, "merge 0 is malformed"},
    {{.merges = "[[\"h\",1]]"}, PVG_E_FORMAT, "merge 0 is malformed"},
    {{.merges = "[[\"h\",\"e\",\"r\"]]"}, PVG_E_FORMAT, "merge 0 is malformed"},
    {{.merges = "[3]"}, PVG_E_FORMAT, "merge 0 is malformed"},
    {{.merges = "[\"h zz\"]"}, PVG_E_FORMAT, "merge 0 needs token 'zz'"},
    {{.merges = "[\"zz h\"]"}, PVG_E_FORMAT, "merge 0 needs token 'zz'"},
    {{.merges = "[\"h e\",\"x y\"]"}, PVG_E_FORMAT, "merge 1 needs token 'xy'"},
    {{.merges = "[\"h e\",\"i n\",\"h e\"]"}, PVG_E_FORMAT, "merge 2 ('h' with 'e') is listed twice"},
    {{.vocab = "\"\":256", .merges = "[\" a\"]", .added = "[]"}, PVG_E_FORMAT, "half empty"},
    {{.vocab = "\"he\":255"}, PVG_E_FORMAT, "id 255 is given to both"},
    {{.vocab = "\"he\":256,\"he\":257"}, PVG_E_FORMAT, "duplicate"},
    {{.vocab = "\"he\":-1"}, PVG_E_FORMAT, "the id of token 'he'"},
    {{.vocab = "\"he\":2.5"}, PVG_E_FORMAT, "the id of token 'he'"},
    {{.vocab = "\"he\":\"256\""}, PVG_E_FORMAT, "the id of token 'he'"},
    {{.vocab = "\"he\":1000000000"}, PVG_E_FORMAT, "the id of token 'he'"},
    {{.vocab = "\"he\":99999999999999999999"}, PVG_E_FORMAT, "line"},
    {{.leave_out = 'q' + 1}, PVG_E_UNSUPPORTED, "no token 'q' for byte 0x71"},
    {{.added = "{}"}, PVG_E_FORMAT, "\"added_tokens\" is not a list"},
    {{.added = "[7]"}, PVG_E_FORMAT, "added token 0 has no \"content\""},
    {{.added = "[{\"id\":263}]"}, PVG_E_FORMAT, "added token 0 has no \"content\""},
    {{.added = "[{\"id\":263,\"content\":\"\"}]"}, PVG_E_FORMAT, "added token 0 has no \"content\""},
    {{.added = "[{\"content\":\"x1\"}]"}, PVG_E_FORMAT, "the id of token 'x1'"},
    {{.added = "[{\"id\":-5,\"content\":\"x1\"}]"}, PVG_E_FORMAT, "the id of token 'x1'"},
    {{.added = "[{\"id\":264,\"content\":\"<|endoftext|>\"}]"}, PVG_E_FORMAT, "has id 263 in the vocabulary"},
    {{.added = "[{\"id\":262,\"content\":\"new\"}]"}, PVG_E_FORMAT, "id 262 is given to both"},
    {{.added = "[" END_TOKEN "," END_TOKEN "]"}, PVG_E_FORMAT, "listed twice"},
    {{.added = "[{\"id\":264,\"content\":\"p1\"},{\"id\":265,\"content\":\"p1\"}]"}, PVG_E_FORMAT, "listed twice"},
    {{.added = "[{\"id\":264,\"content\":\"p1\"},{\"id\":264,\"content\":\"p2\"}]"}, PVG_E_FORMAT,
     "id 264 is given to both 'p1' and 'p2'"},
    {{.added = "[{\"id\":264,\"content\":\"p1\",\"special\":1}]"}, PVG_E_FORMAT, "\"special\" is a number"},
    {{.added = "[{\"id\":264,\"content\":\"p1\",\"lstrip\":true}]"}, PVG_E_UNSUPPORTED, "has \"lstrip\""},
    {{.added = "[{\"id\":264,\"content\":\"p1\",\"rstrip\":true}]"}, PVG_E_UNSUPPORTED, "has \"rstrip\""},
    {{.added = "[{\"id\":264,\"content\":\"p1\",\"single_word\":true}]"}, PVG_E_UNSUPPORTED, "has \"single_word\""},
    {{.added = "[{\"id\":262,\"content\":\"Ġthe\"}]"}, PVG_E_UNSUPPORTED, "means other bytes in the vocabulary"},
    {{.added = "[{\"id\":64,\"content\":\"a\",\"special\":true}]"}, PVG_E_UNSUPPORTED, "no token 'a' for byte 0x61"},
    {{.added = "[{\"id\":264,\"content\":\"e\xCC\x81\"}]", .normalizer = "{\"type\":\"NFC\"}"}, PVG_E_UNSUPPORTED,
     "not in NFC"},
};

START_TEST(test_wrong) {
    pvi_env *env = test_env();
    pvi_tokenizer *none = NULL;
    ck_fails(env, wrong[_i].status, wrong[_i].message, fixture_try(env, &wrong[_i].part, &none));
    ck_assert_ptr_nonnull(strstr(env->error.message, "fixture.json"));
    ck_assert_ptr_null(none);
    test_env_free(env);
}
END_TEST

static const char *const not_tokenizers[] = {"", "null", "[]", "3", "{}", "{\"model\":[]}", "{\"model\":null}",
    "{\"model\":{\"type\":\"BPE\"}}", "{\"model\":{\"vocab\":{}}}", "{\"model\":{\"vocab\":[],\"merges\":[]}}",
    "{\"model\":{\"vocab\":{},\"merges\":[]}}", "\xEF\xBB\xBF{}", "{\"a\":\"\\u0000\"}", "{\"a\":\"\xFF\"}"};

START_TEST(test_not_tokenizers) {
    pvi_env *env = test_env();
    pvi_tokenizer *none = NULL;
    pvg_status status = pvi_tokenizer_from_json(env, "x.json", not_tokenizers[_i], strlen(not_tokenizers[_i]), &none);
    ck_assert(status == PVG_E_FORMAT || status == PVG_E_UNSUPPORTED);
    ck_assert_ptr_nonnull(strstr(env->error.message, "x.json"));
    ck_assert_ptr_null(none);
    test_env_free(env);
}
END_TEST

/* Cut anywhere, it is damaged; with any one byte changed, it loads or fails, and what loads can encode. */
START_TEST(test_damage) {
    pvi_env *env = test_env();
    pvi_text json;
    pvi_text_init(&json, env);
    fixture_json(&(fixture){0}, &json);
    pvi_tokenizer *made;
    for (size_t length = 0; length < json.length; length += 13) {
        ck_assert_int_eq(pvi_tokenizer_from_json(env, "cut", json.data, length, &made), PVG_E_FORMAT);
    }
    static const char swaps[] = "0\"}]:,9\x01";
    for (size_t at = 0; at < json.length; at += 7) {
        char before = json.data[at];
        json.data[at] = swaps[at % (sizeof swaps - 1)];
        if (pvi_tokenizer_from_json(env, "changed", json.data, json.length, &made) == PVG_OK) {
            check_round(env, made, "the <|helpful|> 11 \xFF\xC3\xA9", 22, true);
            pvi_tokenizer_release(env, made);
        }
        json.data[at] = before;
    }
    pvi_text_free(&json);
    test_env_free(env);
}
END_TEST

START_TEST(test_too_large) {
    pvi_env *env = test_env();
    pvi_tokenizer *none = NULL;
    ck_fails(env, PVG_E_RANGE, "at most 268435456", /* the length alone is looked at */
             pvi_tokenizer_from_json(env, "big", "{}", ((size_t)256 << 20) + 1, &none));
    test_env_free(env);
}
END_TEST

START_TEST(test_no_memory) {
    size_t failures = 0;
    fixture f = {.normalizer = "{\"type\":\"NFC\"}",
                 .pre_tokenizer = "{\"type\":\"Sequence\",\"pretokenizers\":[{\"type\":\"Digits\","
                                  "\"individual_digits\":true},{\"type\":\"ByteLevel\",\"add_prefix_space\":true}]}"};
    pvi_env *plain = test_env();
    pvi_text json;
    pvi_text_init(&json, plain);
    fixture_json(&f, &json);
    size_t requests = 1;
    for (size_t at = 0; at <= requests; at++) {
        pvi_env *env = test_env_with(1, at);
        size_t before = atomic_load(&env->allocations);
        pvi_tokenizer *made = NULL;
        pvi_tokens tokens;
        pvi_tokens_init(&tokens, env);
        pvg_status status = pvi_tokenizer_from_json(env, "f", json.data, json.length, &made);
        if (status == PVG_OK) {
            status = pvi_encode(env, made, "e\xCC\x81 12 <|helpful|> the", 21, true, &tokens);
        }
        ck_assert(status == PVG_OK ? tokens.length > 0 : tokens.length == 0);
        ck_assert(status == PVG_OK || (status == PVG_E_NOMEM && at > 0));
        failures += status != PVG_OK;
        requests = at == 0 ? atomic_load(&env->allocations) - before : requests;
        pvi_tokens_free(&tokens);
        pvi_tokenizer_release(env, made);
        test_env_free(env);
    }
    ck_assert_uint_gt(failures, 30);
    pvi_text_free(&json);
    test_env_free(plain);
}
END_TEST

Suite *suite_tokenizer_json(void) {
    Suite *suite = suite_create("tokenizer_json");
    TCase *tcase = tcase_create("all");
    tcase_set_timeout(tcase, 60);
    tcase_add_test(tcase, test_merge_forms);
    tcase_add_test(tcase, test_holes);
    tcase_add_test(tcase, test_from_disk);
    tcase_add_loop_test(tcase, test_wrong, 0, (int)(sizeof wrong / sizeof wrong[0]));
    tcase_add_loop_test(tcase, test_not_tokenizers, 0, (int)(sizeof not_tokenizers / sizeof not_tokenizers[0]));
    tcase_add_test(tcase, test_damage);
    tcase_add_test(tcase, test_too_large);
    tcase_add_test(tcase, test_no_memory);
    suite_add_tcase(suite, tcase);
    return suite;
}
