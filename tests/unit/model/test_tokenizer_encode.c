/* test_tokenizer_encode.c - merges, added tokens and exact round trips. */
#include "test_tokenizer_fixture.h"

#include "base/alloc.h"
#include "base/rng.h"

/* Worked by hand from the merges of the fixture: ranks " t" 0, " a" 1, "he" 2, "in" 3, "re" 4, "on" 5, " t"+"he" 6. */
START_TEST(test_fixture_ids) {
    pvi_env *env = test_env();
    pvi_tokenizer *tokenizer = fixture_load(env, &(fixture){0});
    check_tokens(env, tokenizer, "!", true, 0);
    check_tokens(env, tokenizer, "Aa", true, 32, 64);
    check_tokens(env, tokenizer, " \n", true, 220, 198);
    check_tokens(env, tokenizer, " the", true, 262);
    check_tokens(env, tokenizer, "the", true, 83, 258);               /* t, he: no blank, no " the" */
    check_tokens(env, tokenizer, " there", true, 262, 260);           /* " t" h e r e -> " the" re */
    check_tokens(env, tokenizer, " then a hen", true, 262, 77, 257, 220, 258, 77);
    check_tokens(env, tokenizer, "  the", true, 220, 262);            /* the second blank is the word's */
    check_tokens(env, tokenizer, "it's", true, 72, 83, 6, 82);
    check_tokens(env, tokenizer, "\xC3\xA9", true, 127, 102);         /* bytes C3 and A9 */
    check_tokens(env, tokenizer, "ion", true, 72, 261);               /* "in" does not occur in "ion" */
    check_tokens(env, tokenizer, "here", true, 258, 260);             /* "he" first: lower rank */
    check_ids(env, tokenizer, "", 0, true, NULL, 0);
    pvi_tokenizer_release(env, tokenizer);
    test_env_free(env);
}
END_TEST

/* "aaaaa" with the merge "a a": leftmost first. */
START_TEST(test_leftmost) {
    pvi_env *env = test_env();
    pvi_tokenizer *tokenizer = fixture_load(env, &(fixture){
        .vocab = "\"aa\":256,\"aaaa\":257", .merges = "[[\"a\",\"a\"],[\"aa\",\"aa\"]]", .added = "null"});
    check_tokens(env, tokenizer, "aaaaa", true, 257, 64);
    check_tokens(env, tokenizer, "aaaaaaa", true, 257, 256, 64);
    pvi_tokenizer_release(env, tokenizer);
    test_env_free(env);
}
END_TEST

/* A merge can come before those that make its parts: the lowest rank present goes first, one place at a time. */
START_TEST(test_rank_order) {
    pvi_env *env = test_env();
    pvi_tokenizer *tokenizer = fixture_load(env, &(fixture){
        .vocab = "\"ab\":256,\"abc\":257,\"bc\":258,\"cab\":259,\"abab\":260", .added = "[]",
        .merges = "[\"ab ab\",\"ab c\",\"a b\",\"b c\",\"c ab\"]"});
    check_tokens(env, tokenizer, "abab", true, 260);
    check_tokens(env, tokenizer, "abcab", true, 257, 256);
    check_tokens(env, tokenizer, "cabab", true, 66, 260);
    check_tokens(env, tokenizer, "cab", true, 259);
    check_tokens(env, tokenizer, "bcab", true, 258, 256); /* "b c" goes before "c ab" */
    pvi_tokenizer_release(env, tokenizer);
    test_env_free(env);
}
END_TEST

START_TEST(test_ignore_merges) {
    pvi_env *env = test_env();
    fixture f = {.vocab = "\"abc\":256,\"bc\":257,\"xyz\":258,\"qq\":259", .merges = "[\"b c\"]",
                 .added = "[{\"id\":259,\"content\":\"qq\",\"special\":true}]"};
    pvi_tokenizer *tokenizer = fixture_load(env, &f);
    check_tokens(env, tokenizer, "abc", true, 64, 257);
    pvi_tokenizer_release(env, tokenizer);
    f.model = "\"type\":\"BPE\",\"ignore_merges\":true";
    tokenizer = fixture_load(env, &f);
    check_tokens(env, tokenizer, "abc", true, 256);
    check_tokens(env, tokenizer, "xyz", true, 258);
    check_tokens(env, tokenizer, "abcd", true, 64, 257, 67);
    check_tokens(env, tokenizer, "qq", true, 259);
    check_tokens(env, tokenizer, "qq", false, 80, 80); /* a special never comes out of plain text */
    pvi_tokenizer_release(env, tokenizer);
    test_env_free(env);
}
END_TEST

START_TEST(test_specials) {
    pvi_env *env = test_env();
    pvi_tokenizer *tokenizer = fixture_load(env, &(fixture){0});
    check_tokens(env, tokenizer, "a<|helpful|> the<|endoftext|>", true, 64, FIXTURE_HELPFUL, 262, FIXTURE_END);
    check_tokens(env, tokenizer, "<|helpful|><|helpful|>", true, FIXTURE_HELPFUL, FIXTURE_HELPFUL);
    pvi_tokens tokens;
    pvi_tokens_init(&tokens, env);
    const char *text = "say <|helpful|>, <|endoftext|>";
    ck_ok(env, pvi_encode(env, tokenizer, text, strlen(text), false, &tokens));
    for (size_t i = 0; i < tokens.length; i++) {
        ck_assert(!pvi_tokenizer_is_special(tokenizer, tokens.data[i]));
    }
    pvi_tokens_free(&tokens);
    check_round(env, tokenizer, text, strlen(text), false);
    check_round(env, tokenizer, text, strlen(text), true);
    check_tokens(env, tokenizer, "<|helpful|", true, 27, 91, 258, 75, 79, 69, 84, 75, 91); /* cut short */
    pvi_tokenizer_release(env, tokenizer);
    test_env_free(env);
}
END_TEST

/* A merge that spells a special is not used either. */
START_TEST(test_special_merge) {
    pvi_env *env = test_env();
    pvi_tokenizer *tokenizer = fixture_load(env, &(fixture){
        .vocab = "\"<|\":256,\"<|>\":257", .merges = "[\"< |\",\"<| >\"]",
        .added = "[{\"id\":257,\"content\":\"<|>\",\"special\":true}]"});
    check_tokens(env, tokenizer, "<|>", true, 257);
    check_tokens(env, tokenizer, "<|>", false, 256, 29);
    pvi_tokenizer_release(env, tokenizer);
    test_env_free(env);
}
END_TEST

/* The longest added token at the leftmost place wins; those that are not special need no permission. */
START_TEST(test_added) {
    pvi_env *env = test_env();
    pvi_tokenizer *tokenizer = fixture_load(env, &(fixture){
        .added = "[{\"id\":264,\"content\":\"<a>\",\"special\":false},{\"id\":265,\"content\":\"<a><b>\"},"
                 "{\"id\":266,\"content\":\"a><\",\"normalized\":false},"
                 "{\"id\":267,\"content\":\"\xC3\xA9t\xC3\xA9\",\"special\":true}]"});
    check_tokens(env, tokenizer, "<a><b>", false, 27, 266, 65, 29); /* raw text first: "a><" */
    check_tokens(env, tokenizer, "<a>", false, 264);
    check_tokens(env, tokenizer, "<a> <b>", true, 264, 220, 27, 65, 29);
    check_tokens(env, tokenizer, "\xC3\xA9t\xC3\xA9", true, 267);
    check_round(env, tokenizer, "<a><b>\xC3\xA9t\xC3\xA9", 11, true);
    pvi_tokenizer_release(env, tokenizer);
    tokenizer = fixture_load(env, &(fixture){
        .added = "[{\"id\":264,\"content\":\"<a>\"},{\"id\":265,\"content\":\"<a><b>\"}]"});
    check_tokens(env, tokenizer, "<a><a><b>", false, 264, 265);
    pvi_tokenizer_release(env, tokenizer);
    test_env_free(env);
}
END_TEST

START_TEST(test_nfc) {
    pvi_env *env = test_env();
    pvi_tokenizer *tokenizer = fixture_load(env, &(fixture){
        .normalizer = "{\"type\":\"NFC\"}",
        .added = "[{\"id\":264,\"content\":\"\xC3\xA9!\",\"normalized\":true},"
                 "{\"id\":265,\"content\":\"e\xCC\x81?\",\"normalized\":false}]"});
    check_tokens(env, tokenizer, "xe\xCC\x81", true, 87, 127, 102);
    check_tokens(env, tokenizer, "e\xCC\x81!", true, 264); /* looked for after composing */
    check_tokens(env, tokenizer, "e\xCC\x81?", true, 265); /* looked for before */
    pvi_tokenizer_release(env, tokenizer);
    test_env_free(env);
}
END_TEST

START_TEST(test_prefix_space) {
    pvi_env *env = test_env();
    pvi_tokenizer *tokenizer = fixture_load(env, &(fixture){
        .pre_tokenizer = "{\"type\":\"ByteLevel\",\"add_prefix_space\":true,\"trim_offsets\":true}"});
    check_tokens(env, tokenizer, "the", true, 262);
    check_tokens(env, tokenizer, " the", true, 262);
    check_tokens(env, tokenizer, "the<|helpful|>the", true, 262, FIXTURE_HELPFUL, 262);
    pvi_tokenizer_release(env, tokenizer);
    test_env_free(env);
}
END_TEST

static pvi_tokenizer *learned(pvi_env *env, const char *const *specials, int32_t count) {
    static const char *const texts[] = {
        "Mira picked 36/3 = <<36/3=12>>12 pears on Friday.\nMira picked 36+12 = <<36+12=48>>48 pears by Sunday.",
        "the the then there aaaaaaaaaaaaaaaaaaaaaaaa abababababab 11 11 11",
        "\xE6\x97\xA5\xE6\x9C\xAC \xE6\x97\xA5\xE6\x9C\xAC",
        "A pear costs 6/30 = $<<6/30=0.2>>0.2 at the stall.\n#### 10", NULL};
    const pvi_tokenizer_options options = {.vocab_size = 400, .specials = specials, .special_count = count};
    return trained(env, &options, texts);
}

START_TEST(test_random_bytes) {
    pvi_env *env = test_env();
    const char *specials[] = {"<|end|>", "<|helpful|>"};
    pvi_tokenizer *tokenizer = learned(env, specials, 2);
    pvi_rng rng = pvi_rng_stream(1, "tokenizer-test", 0, 0);
    char text[300];
    for (int round = 0; round < 2000; round++) {
        size_t length = (size_t)pvi_rng_below(&rng, sizeof text);
        int span = round % 2 == 0 ? 256 : 4; /* all bytes, or few that merge a lot */
        for (size_t i = 0; i < length; i++) {
            text[i] = (char)(unsigned char)(span == 256 ? pvi_rng_below(&rng, 256) : 'a' + pvi_rng_below(&rng, 2));
        }
        check_round(env, tokenizer, text, length, round % 3 == 0);
    }
    pvi_tokenizer_release(env, tokenizer);
    test_env_free(env);
}
END_TEST

static size_t put_utf8(char *out, uint32_t c) {
    if (c < 0x80) {
        out[0] = (char)c;
        return 1;
    }
    size_t size = c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;
    for (size_t i = size - 1; i > 0; i--, c >>= 6) {
        out[i] = (char)(unsigned char)(0x80 | (c & 0x3F));
    }
    out[0] = (char)(unsigned char)((0xF00 >> size & 0xFF) | c);
    return size;
}

/* Characters of every plane, NUL and the newest and never assigned ones among them. */
START_TEST(test_all_planes) {
    pvi_env *env = test_env();
    pvi_tokenizer *tokenizer = learned(env, NULL, 0);
    char text[512];
    for (uint32_t plane = 0; plane <= 16; plane++) {
        for (uint32_t from = 0; from < 0x10000; from += 97 * 64) {
            size_t length = 0;
            for (uint32_t i = 0; i < 64; i++) {
                uint32_t c = plane << 16 | ((from + i * 97) & 0xFFFF);
                length += c >= 0xD800 && c < 0xE000 ? 0 : put_utf8(text + length, c);
            }
            check_round(env, tokenizer, text, length, true);
        }
    }
    pvi_tokenizer_release(env, tokenizer);
    test_env_free(env);
}
END_TEST

/* The two ways of merging agree at the length where one takes over, and beyond. */
START_TEST(test_short_and_long) {
    pvi_env *env = test_env();
    pvi_tokenizer *tokenizer = learned(env, NULL, 0);
    pvi_rng rng = pvi_rng_stream(2, "tokenizer-test", 0, 0);
    enum { LIMIT = 48, TAIL = 60 };
    char text[LIMIT + TAIL];
    for (int round = 0; round < 500; round++) {
        size_t length = 1 + (size_t)pvi_rng_below(&rng, LIMIT);
        for (size_t i = 0; i < length; i++) {
            text[i] = "abthern "[pvi_rng_below(&rng, 8)];
        }
        memset(text + length, 1, TAIL); /* makes it long, and merges with nothing */
        pvi_tokens alone, padded;
        pvi_tokens_init(&alone, env);
        pvi_tokens_init(&padded, env);
        ck_ok(env, pvi_encode_merges(env, tokenizer, text, length, &alone));
        ck_ok(env, pvi_encode_merges(env, tokenizer, text, length + TAIL, &padded));
        ck_assert_uint_eq(padded.length, alone.length + TAIL);
        ck_assert_mem_eq(padded.data, alone.data, alone.length * sizeof(int32_t));
        pvi_tokens_free(&alone);
        pvi_tokens_free(&padded);
    }
    pvi_tokenizer_release(env, tokenizer);
    test_env_free(env);
}
END_TEST

/* The table of whole words changes no result. */
START_TEST(test_word_table) {
    pvi_env *env = test_env();
    pvi_tokenizer *tokenizer = learned(env, NULL, 0);
    ck_assert_uint_gt(tokenizer->words.count, 256);
    for (int32_t id = 0; id < pvi_tokenizer_size(tokenizer); id++) {
        pvi_tokens merged;
        pvi_tokens_init(&merged, env);
        size_t length;
        const char *bytes = pvi_token_bytes(tokenizer, id, &length);
        ck_ok(env, pvi_encode_merges(env, tokenizer, bytes, length, &merged));
        const pvi_byte_entry *entry = pvi_byte_map_find(&tokenizer->words, bytes, length);
        ck_assert((entry != NULL) == (merged.length == 1));
        ck_assert(entry == NULL || entry->value == merged.data[0]);
        pvi_tokens_free(&merged);
    }
    pvi_tokenizer_release(env, tokenizer);
    test_env_free(env);
}
END_TEST

/* One pre-token of a million bytes: not quadratic. */
START_TEST(test_long_word) {
    pvi_env *env = test_env();
    pvi_tokenizer *tokenizer = learned(env, NULL, 0);
    size_t length = 1000000;
    char *text = pvi_alloc(env, length, 1);
    for (size_t i = 0; i < length; i++) {
        text[i] = "ab"[i * i / 7 % 2];
    }
    check_round(env, tokenizer, text, length, true);
    memset(text, ' ', length);
    check_round(env, tokenizer, text, length, true);
    pvi_free(env, text);
    pvi_tokenizer_release(env, tokenizer);
    test_env_free(env);
}
END_TEST

/* Tokens are appended; a failure leaves what was there. */
START_TEST(test_append) {
    pvi_env *env = test_env();
    pvi_tokenizer *tokenizer = fixture_load(env, &(fixture){
        .pre_tokenizer = "{\"type\":\"Sequence\",\"pretokenizers\":[{\"type\":\"Split\",\"pattern\":"
                         "{\"Regex\":\"[0-9]|(?:(a+)+)+b\"},\"behavior\":\"Isolated\",\"invert\":false},"
                         "{\"type\":\"ByteLevel\",\"add_prefix_space\":false,\"use_regex\":false}]}"});
    pvi_tokens tokens;
    pvi_tokens_init(&tokens, env);
    ck_ok(env, pvi_tokens_push(&tokens, 5));
    ck_ok(env, pvi_encode(env, tokenizer, "!", 1, true, &tokens));
    ck_assert_uint_eq(tokens.length, 2);
    ck_assert_int_eq(tokens.data[0], 5);
    ck_assert_int_eq(tokens.data[1], 0);
    char text[100];
    memset(text, 'a', sizeof text);
    text[0] = '1';
    text[98] = '!';
    text[99] = 'b';
    ck_fails(env, PVG_E_RANGE, "too much work", pvi_encode(env, tokenizer, text, sizeof text, true, &tokens));
    ck_assert_uint_eq(tokens.length, 2);
    pvi_tokens_free(&tokens);
    pvi_tokenizer_release(env, tokenizer);
    test_env_free(env);
}
END_TEST

START_TEST(test_too_long) {
    pvi_env *env = test_env();
    pvi_tokenizer *tokenizer = fixture_load(env, &(fixture){0});
    pvi_tokens tokens;
    pvi_tokens_init(&tokens, env);
    ck_fails(env, PVG_E_RANGE, "bytes; at most 536870912", /* the length alone is looked at */
             pvi_encode(env, tokenizer, "x", ((size_t)1 << 29) + 1, true, &tokens));
    pvi_tokenizer_release(env, tokenizer);
    test_env_free(env);
}
END_TEST

Suite *suite_tokenizer_encode(void) {
    Suite *suite = suite_create("tokenizer_encode");
    TCase *tcase = tcase_create("all");
    tcase_set_timeout(tcase, 60);
    tcase_add_test(tcase, test_fixture_ids);
    tcase_add_test(tcase, test_leftmost);
    tcase_add_test(tcase, test_rank_order);
    tcase_add_test(tcase, test_ignore_merges);
    tcase_add_test(tcase, test_specials);
    tcase_add_test(tcase, test_special_merge);
    tcase_add_test(tcase, test_added);
    tcase_add_test(tcase, test_nfc);
    tcase_add_test(tcase, test_prefix_space);
    tcase_add_test(tcase, test_random_bytes);
    tcase_add_test(tcase, test_all_planes);
    tcase_add_test(tcase, test_short_and_long);
    tcase_add_test(tcase, test_word_table);
    tcase_add_test(tcase, test_long_word);
    tcase_add_test(tcase, test_append);
    tcase_add_test(tcase, test_too_long);
    suite_add_tcase(suite, tcase);
    return suite;
}
