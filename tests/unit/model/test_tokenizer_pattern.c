/* test_tokenizer_pattern.c - what of Oniguruma's pattern language is taken over, rewritten or refused. */
#include <string.h>

#include "model/tokenizer_split.h"
#include "support.h"

static const struct {
    const char *from, *to;
} kept[] = {
    {"", ""},
    {"abc|d.e+?f*+", "abc|d.e+?f*+"},
    {"[^\\r\\n\\p{L}]?\\p{Lu}+", "[^\\r\\n\\p{L}]?\\p{Lu}+"},
    {"\\s+(?!\\S)", "\\p{White_Space}+(?!\\P{White_Space})"},
    {"[^\\s\\d]", "[^\\p{White_Space}\\d]"},
    {"(?i:'s)(?:a)(?=b)(?<=c)(?<!d)(?>e)(f)", "(?i:'s)(?:a)(?=b)(?<=c)(?<!d)(?>e)(f)"},
    {"\\p{N}{1,3}a{2}b{2,}?c{2,3}?", "\\p{N}{1,3}a{2}b{2,}?c{2,3}?"},
    {"\\p{Han}\\P{^Greek}\\p{^L}", "\\p{sc:Han}\\P{^sc:Greek}\\p{^L}"},
    {"\\u4e00\\x41\\x{1F600}", "\\x{4e00}\\x{41}\\x{1F600}"},
    {"[{(*?+\\[\\]\\^\\-]", "[{(*?+\\[\\]\\^\\-]"},
    {"\\{\\\\", "\\{\\\\"},
    {"[a&b]", "[a&b]"},
};

START_TEST(test_kept) {
    pvi_env *env = test_env();
    pvi_text out;
    pvi_text_init(&out, env);
    pvi_text_puts(&out, "");
    ck_ok(env, pvi_pattern_translate(env, "file", kept[_i].from, strlen(kept[_i].from), &out));
    ck_assert_str_eq(out.data, kept[_i].to);
    pvi_text_free(&out);
    test_env_free(env);
}
END_TEST

/* Each of these means something else to PCRE2, or nothing. */
static const char *const refused[] = {
    "\\w+", "\\b", "\\h", "\\R", "\\X", "\\1", "\\A", "\\z", "\\G", "\\K", "\\Qa\\E", "a\\", "\\v", "\\N",
    "(?<name>a)", "(?i)a", "(?m:a)", "(*UTF)a", "(?#c)", "(?R)", "(?1)", "(?(1)a)", "(?C)",
    "a{1,3}+", "a{2}?", "a{,3}", "a{x}", "a{", "a{1,2,3}", "{", "a{}",
    "[a&&b]", "[[:alpha:]]", "[a[b]]", "[]a]", "[^]a]",
    "\\pL", "\\p{L", "\\p", "\\x{}", "\\x{1234567}", "\\x{12", "\\x4", "\\x80", "\\u12", "\\uD8", "\\u",
};

START_TEST(test_refused) {
    pvi_env *env = test_env();
    pvi_text out;
    pvi_text_init(&out, env);
    ck_fails(env, PVG_E_UNSUPPORTED, "file: the pattern has '",
             pvi_pattern_translate(env, "file", refused[_i], strlen(refused[_i]), &out));
    pvi_text_free(&out);
    test_env_free(env);
}
END_TEST

START_TEST(test_message) {
    pvi_env *env = test_env();
    pvi_text out;
    pvi_text_init(&out, env);
    ck_fails(env, PVG_E_UNSUPPORTED, "tokenizer.json: the pattern has '\\w' at character 4",
             pvi_pattern_translate(env, "tokenizer.json", "abc\\w+", 6, &out));
    pvi_text_free(&out);
    test_env_free(env);
}
END_TEST

Suite *suite_tokenizer_pattern(void) {
    Suite *suite = suite_create("tokenizer_pattern");
    TCase *tcase = tcase_create("all");
    tcase_add_loop_test(tcase, test_kept, 0, (int)(sizeof kept / sizeof kept[0]));
    tcase_add_loop_test(tcase, test_refused, 0, (int)(sizeof refused / sizeof refused[0]));
    tcase_add_test(tcase, test_message);
    suite_add_tcase(suite, tcase);
    return suite;
}
