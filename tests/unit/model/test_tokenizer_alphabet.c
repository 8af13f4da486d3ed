/* test_tokenizer_alphabet.c - the byte alphabet of GPT-2. */
#include <string.h>

#include "model/tokenizer_parts.h"
#include "support.h"

START_TEST(test_known) {
    ck_assert_uint_eq(pvi_alphabet_char('A'), 'A');
    ck_assert_uint_eq(pvi_alphabet_char(0), 0x100);
    ck_assert_uint_eq(pvi_alphabet_char('\n'), 0x10A); /* C with a dot, as in GPT-2's vocabulary */
    ck_assert_uint_eq(pvi_alphabet_char(' '), 0x120);  /* G with a dot */
    ck_assert_uint_eq(pvi_alphabet_char(127), 0x121);
    ck_assert_uint_eq(pvi_alphabet_char(0xA0), 0x142);
    ck_assert_uint_eq(pvi_alphabet_char(0xAD), 0x143);
    ck_assert_uint_eq(pvi_alphabet_char(0xFF), 0xFF);
}
END_TEST

START_TEST(test_every_byte) {
    pvi_env *env = test_env();
    pvi_text word, back;
    pvi_text_init(&word, env);
    pvi_text_init(&back, env);
    char all[256];
    for (int i = 0; i < 256; i++) {
        all[i] = (char)(unsigned char)i;
    }
    pvi_alphabet_put(&word, all, sizeof all);
    ck_assert(pvi_alphabet_take(&back, word.data, word.length));
    ck_assert_uint_eq(back.length, 256);
    ck_assert_mem_eq(back.data, all, 256);
    pvi_text_free(&word);
    pvi_text_free(&back);
    test_env_free(env);
}
END_TEST

START_TEST(test_foreign) {
    pvi_env *env = test_env();
    pvi_text back;
    pvi_text_init(&back, env);
    pvi_text_puts(&back, "kept");
    ck_assert(!pvi_alphabet_take(&back, "ab c", 4));              /* a blank is written as another character */
    ck_assert(!pvi_alphabet_take(&back, "a\xC5\x84", 3));         /* U+0144, one after the last */
    ck_assert(!pvi_alphabet_take(&back, "\xE2\x96\x81", 3));      /* U+2581, SentencePiece's blank */
    ck_assert(!pvi_alphabet_take(&back, "a\xFF", 2));             /* not UTF-8 */
    ck_assert_str_eq(back.data, "kept");
    ck_assert_uint_eq(back.length, 4);
    ck_assert(pvi_alphabet_take(&back, "\xC5\x83", 2)); /* U+0143, the last */
    ck_assert_uint_eq((unsigned char)back.data[4], 0xAD);
    pvi_text_free(&back);
    test_env_free(env);
}
END_TEST

Suite *suite_tokenizer_alphabet(void) {
    Suite *suite = suite_create("tokenizer_alphabet");
    TCase *tcase = tcase_create("all");
    tcase_add_test(tcase, test_known);
    tcase_add_test(tcase, test_every_byte);
    tcase_add_test(tcase, test_foreign);
    suite_add_tcase(suite, tcase);
    return suite;
}
