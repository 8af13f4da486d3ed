/* test_tokenizer_split.c - pre-tokens, invalid UTF-8 and normal form C. */
#include <string.h>

#include "model/tokenizer_split.h"
#include "support.h"

static pvg_status join(void *user, const char *piece, size_t length) {
    pvi_text *out = user;
    pvi_text_puts(out, out->length == 0 ? "" : "|");
    pvi_text_append(out, piece, length);
    return PVG_OK;
}

/* The pieces of a text, joined by bars. */
static void check_pieces(pvi_env *env, const pvi_splitter *splitter, const char *text, size_t length,
                         const char *wanted) {
    pvi_split_work work;
    pvi_text out;
    pvi_text_init(&out, env);
    pvi_text_puts(&out, "");
    ck_ok(env, pvi_split_work_init(env, &work));
    ck_ok(env, pvi_split(splitter, &work, text, length, join, &out));
    ck_assert_str_eq(out.data, wanted);
    pvi_split_work_free(&work);
    pvi_text_free(&out);
}

static void check_pattern(const char *pattern, const char *text, const char *wanted) {
    pvi_env *env = test_env();
    pvi_splitter splitter = {0};
    ck_ok(env, pvi_splitter_add_pattern(env, &splitter, "test", pattern, strlen(pattern)));
    check_pieces(env, &splitter, text, strlen(text), wanted);
    pvi_splitter_free(&splitter);
    test_env_free(env);
}

static const struct {
    const char *pattern, *text, *wanted;
} cases[] = {
    /* numbers keep their blank and have at most three digits */
    {pvi_pattern_runs, "a 11 1234567 5", "a| 11| 123|456|7| 5"},
    {pvi_pattern_runs, "48/2 = <<48/2=24>>24", "48|/|2| =| <<|48|/|2|=|24|>>|24"},
    {pvi_pattern_runs, "#### 72\n\nNext", "####| 72|\n|\n|Next"},
    {pvi_pattern_runs, "She's DON'T 'stop' I'll", "She|'s| DON|'T| '|stop|'| I|'ll"},
    {pvi_pattern_runs, "a   b  \n c  ", "a|  | b|  \n| c|  "},
    {pvi_pattern_runs, "nai\xCC\x88ve", "nai\xCC\x88ve"}, /* a combining mark stays in its word */
    {pvi_pattern_runs, "\xD9\xA3\xD9\xA4", "\xD9\xA3\xD9\xA4"},
    {pvi_pattern_digits, "a 11 1234", "a| |1|1| |1|2|3|4"},
    {pvi_pattern_gpt2, "it's 12345's  x", "it|'s| 12345|'s| | x"},
    {pvi_pattern_gpt2, "IT'S 'stop", "IT|'|S| '|stop"},
    /* U+180E is no blank to Unicode, though PCRE2's own \s takes it for one */
    {"\\s", "a\xE1\xA0\x8E" "b\xC2\xA0" "c", "a\xE1\xA0\x8E" "b|\xC2\xA0|c"},
    /* what does not match is kept, and an empty match still cuts */
    {"[0-9]", "ab12c", "ab|1|2|c"},
    {"(?=[A-Z])", "oneTwoThree", "one|Two|Three"},
    {"$", "a\nb", "a|\nb"},
    {"x*", "ab", "a|b"},
    {"", "a\xC3\xA9", "a|\xC3\xA9"},
};

START_TEST(test_patterns) {
    check_pattern(cases[_i].pattern, cases[_i].text, cases[_i].wanted);
}
END_TEST

START_TEST(test_stages) {
    pvi_env *env = test_env();
    pvi_splitter splitter = {0};
    check_pieces(env, &splitter, "as it is", 8, "as it is");
    ck_ok(env, pvi_splitter_add_literal(env, &splitter, "test", ".*", 2));
    check_pieces(env, &splitter, "a.*b*", 5, "a|.*|b*");
    ck_ok(env, pvi_splitter_add_blank(env, &splitter, "test"));
    check_pieces(env, &splitter, "a.* b", 5, " a| .*| b");
    ck_ok(env, pvi_splitter_add_pattern(env, &splitter, "test", pvi_pattern_gpt2, strlen(pvi_pattern_gpt2)));
    check_pieces(env, &splitter, "one two.*3", 10, " one| two| .*| 3");
    for (int i = 3; i < PVI_STAGES_MAX; i++) {
        ck_ok(env, pvi_splitter_add_blank(env, &splitter, "test"));
    }
    ck_fails(env, PVG_E_UNSUPPORTED, "more than 8 steps", pvi_splitter_add_blank(env, &splitter, "test"));
    ck_fails(env, PVG_E_UNSUPPORTED, "more than 8 steps", pvi_splitter_add_literal(env, &splitter, "test", "a", 1));
    ck_fails(env, PVG_E_UNSUPPORTED, "more than 8 steps", pvi_splitter_add_pattern(env, &splitter, "test", "a", 1));
    pvi_splitter_free(&splitter);
    test_env_free(env);
}
END_TEST

START_TEST(test_invalid_utf8) {
    pvi_env *env = test_env();
    pvi_splitter splitter = {0};
    ck_ok(env, pvi_splitter_add_pattern(env, &splitter, "test", pvi_pattern_runs, strlen(pvi_pattern_runs)));
    check_pieces(env, &splitter, "ab\xFF\xFE cd", 7, "ab|\xFF|\xFE| cd");
    check_pieces(env, &splitter, "\xE2\x82", 2, "\xE2|\x82");          /* cut short */
    check_pieces(env, &splitter, "\xED\xA0\x80", 3, "\xED|\xA0|\x80"); /* a surrogate */
    check_pieces(env, &splitter, "\xC0\x80x", 3, "\xC0|\x80|x");       /* NUL, too long */
    check_pieces(env, &splitter, "\xF4\x90\x80\x80", 4, "\xF4|\x90|\x80|\x80"); /* beyond U+10FFFF */
    pvi_splitter_free(&splitter);
    test_env_free(env);
}
END_TEST

START_TEST(test_utf8_run) {
    ck_assert_uint_eq(pvi_utf8_run("", 0), 0);
    ck_assert_uint_eq(pvi_utf8_run("0123456789abcdef\xC3\xA9 and more", 27), 27);
    ck_assert_uint_eq(pvi_utf8_run("0123456\xC3", 8), 7);
    ck_assert_uint_eq(pvi_utf8_run("01234567\xFFrest of it", 19), 8);
    ck_assert_uint_eq(pvi_utf8_run("\xF0\x9F\x98\x80\xF0\x9F\x98", 7), 4);
    ck_assert_uint_eq(pvi_utf8_run("a\0b", 3), 3);
}
END_TEST

START_TEST(test_bad_patterns) {
    pvi_env *env = test_env();
    pvi_splitter splitter = {0};
    ck_fails(env, PVG_E_UNSUPPORTED, "test: pattern '(a'", pvi_splitter_add_pattern(env, &splitter, "test", "(a", 2));
    ck_fails(env, PVG_E_UNSUPPORTED, "test: pattern", pvi_splitter_add_pattern(env, &splitter, "test", "\\p{Xy}", 6));
    ck_fails(env, PVG_E_UNSUPPORTED, "test: pattern",
             pvi_splitter_add_pattern(env, &splitter, "test", "\\p{NoScript}", 12));
    ck_assert_int_eq(splitter.count, 0);
    pvi_splitter_free(&splitter);
    test_env_free(env);
}
END_TEST

/* A pattern that takes exponential time is stopped, and the message says why. */
START_TEST(test_limits) {
    pvi_env *env = test_env();
    pvi_splitter splitter = {0};
    pvi_split_work work;
    pvi_text out;
    pvi_text_init(&out, env);
    const char *pattern = "(?:(a+)+)+b";
    ck_ok(env, pvi_splitter_add_pattern(env, &splitter, "test", pattern, strlen(pattern)));
    ck_ok(env, pvi_split_work_init(env, &work));
    char text[200];
    memset(text, 'a', sizeof text);
    text[198] = '!';
    text[199] = 'b';
    ck_fails(env, PVG_E_RANGE, "too much work", pvi_split(&splitter, &work, text, sizeof text, join, &out));
    pvi_split_work_free(&work);
    pvi_splitter_free(&splitter);
    pvi_text_free(&out);
    test_env_free(env);
}
END_TEST

static pvg_status stop(void *user, const char *piece, size_t length) {
    (void)piece;
    (void)length;
    return --*(int *)user == 0 ? PVG_E_CANCELLED : PVG_OK;
}

START_TEST(test_stop) {
    pvi_env *env = test_env();
    pvi_splitter splitter = {0};
    pvi_split_work work;
    ck_ok(env, pvi_splitter_add_pattern(env, &splitter, "test", "[0-9]", 5));
    ck_ok(env, pvi_split_work_init(env, &work));
    for (int count = 1; count <= 5; count++) {
        int left = count;
        ck_assert_int_eq(pvi_split(&splitter, &work, "a1\xFF" "2b", 5, stop, &left), PVG_E_CANCELLED);
    }
    int left = 6;
    ck_ok(env, pvi_split(&splitter, &work, "a1\xFF" "2b", 5, stop, &left));
    pvi_split_work_free(&work);
    pvi_splitter_free(&splitter);
    test_env_free(env);
}
END_TEST

START_TEST(test_nfc) {
    pvi_env *env = test_env();
    pvi_text out;
    pvi_text_init(&out, env);
    ck_ok(env, pvi_normalize_nfc(env, "", 0, &out));
    ck_assert_uint_eq(out.length, 0);
    ck_ok(env, pvi_normalize_nfc(env, "e\xCC\x81 \xE2\x84\xA6", 7, &out)); /* e + acute; the ohm sign */
    ck_assert_str_eq(out.data, "\xC3\xA9 \xCE\xA9");
    pvi_text_clear(&out);
    ck_ok(env, pvi_normalize_nfc(env, "e\xFF\xCC\x81", 4, &out)); /* a bad byte keeps them apart */
    ck_assert_str_eq(out.data, "e\xFF\xCC\x81");
    pvi_text_clear(&out);
    ck_ok(env, pvi_normalize_nfc(env, "\xE1\x84\x92\xE1\x85\xA1\xE1\x86\xAB\0x", 11, &out)); /* Hangul, and NUL */
    ck_assert_uint_eq(out.length, 5);
    ck_assert_mem_eq(out.data, "\xED\x95\x9C\0x", 5);
    pvi_text_clear(&out);
    /* U+FB2C decomposes into three characters and stays so: longer than it was */
    ck_ok(env, pvi_normalize_nfc(env, "\xEF\xAC\xAC", 3, &out));
    ck_assert_str_eq(out.data, "\xD7\xA9\xD6\xBC\xD7\x81");
    pvi_text_free(&out);
    test_env_free(env);
}
END_TEST

Suite *suite_tokenizer_split(void) {
    Suite *suite = suite_create("tokenizer_split");
    TCase *tcase = tcase_create("all");
    tcase_add_loop_test(tcase, test_patterns, 0, (int)(sizeof cases / sizeof cases[0]));
    tcase_add_test(tcase, test_stages);
    tcase_add_test(tcase, test_invalid_utf8);
    tcase_add_test(tcase, test_utf8_run);
    tcase_add_test(tcase, test_bad_patterns);
    tcase_add_test(tcase, test_limits);
    tcase_add_test(tcase, test_stop);
    tcase_add_test(tcase, test_nfc);
    suite_add_tcase(suite, tcase);
    return suite;
}
