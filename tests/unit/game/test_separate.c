/* test_separate.c - words and repetition by hand; the discriminator on texts that differ, and on texts that do not. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/rng.h"
#include "base/text.h"
#include "game/separate.h"
#include "game/words.h"
#include "support.h"

static size_t words_in(pvi_env *env, const char *text) {
    uint64_t *word;
    size_t count;
    ck_ok(env, pvi_words(env, text, strlen(text), &word, &count));
    pvi_free(env, word);
    return count;
}

static double repetition(pvi_env *env, const char *text, size_t n) {
    double share;
    ck_ok(env, pvi_repetition(env, text, strlen(text), n, &share));
    return share;
}

START_TEST(words_and_repetition) {
    pvi_env *env = test_env();
    ck_assert_uint_eq(words_in(env, ""), 0);
    ck_assert_uint_eq(words_in(env, " \t "), 0);
    ck_assert_uint_eq(words_in(env, "Nora has 12+3=15 apples.\n"), 10);
    ck_assert_uint_eq(words_in(env, "caf\xc3\xa9s 3.5"), 4);
    ck_assert(repetition(env, "", 2) == 0);
    ck_assert(repetition(env, "a", 2) == 0);
    ck_assert(repetition(env, "a b c", 2) == 0);
    ck_assert(repetition(env, "a b a b a", 2) == 0.5);  /* ab ba ab ba */
    ck_assert(repetition(env, "a  b a\tb", 2) == 1.0 / 3); /* blanks do not count */
    ck_assert(repetition(env, "7 7 7 7 7", 1) == 0.8);
    ck_assert(repetition(env, "ab a b", 1) == 0);
    test_env_free(env);
}
END_TEST

enum { TEXTS = 240 };
static char buffer[TEXTS][64];
static pvi_span text[TEXTS];
static uint8_t side[TEXTS];
static uint64_t problem[TEXTS];

/* Sums with random numbers; those of side 1 end in " so" with chance `habit`. Two texts a problem, one of each side. */
static void write_texts(double habit, uint64_t seed) {
    for (size_t i = 0; i < TEXTS; i++) {
        pvi_rng rng = pvi_rng_stream(seed, "texts", i, 0);
        int a = pvi_rng_between(&rng, 1, 29), b = pvi_rng_between(&rng, 1, 29);
        side[i] = i % 2 == 1;
        problem[i] = 1000 - i / 2;
        int length = pvi_text_format(buffer[i], sizeof buffer[i], "%d + %d = %d%s", a, b, a + b,
                                     side[i] == 1 && pvi_rng_unit(&rng) < habit ? " so" : "");
        text[i] = (pvi_span){.data = buffer[i], .length = (size_t)length};
    }
}

START_TEST(texts_that_differ_and_texts_that_do_not) {
    pvi_env *env = test_env();
    double all[3], half[3], none[3], again[3];
    write_texts(1, 1);
    ck_ok(env, pvi_separate(env, text, side, problem, TEXTS, 5, 0.9, all));
    ck_assert_msg(all[0] > 0.999, "%g", all[0]);
    write_texts(0.5, 2);
    ck_ok(env, pvi_separate(env, text, side, problem, TEXTS, 5, 0.9, half));
    ck_assert_msg(half[0] > 0.65 && half[0] < 0.85, "%g", half[0]); /* 0.75 at best */
    ck_assert(half[1] < half[0] && half[0] < half[2]);
    double sum = 0;
    for (uint64_t seed = 3; seed < 9; seed++) {
        write_texts(0, seed);
        ck_ok(env, pvi_separate(env, text, side, problem, TEXTS, 5, 0.9, none));
        ck_assert_msg(none[0] > 0.38 && none[0] < 0.62, "%g", none[0]);
        sum += none[0] / 6;
    }
    ck_assert_msg(sum > 0.44 && sum < 0.56, "%g", sum);
    ck_ok(env, pvi_separate(env, text, side, problem, TEXTS, 5, 0.9, again));
    ck_assert(memcmp(none, again, sizeof none) == 0);
    test_env_free(env);
}
END_TEST

/* Without the cut by problems, a problem's own words would tell its texts apart. */
START_TEST(a_problem_is_in_one_fold) {
    pvi_env *env = test_env();
    double auc[3];
    for (size_t i = 0; i < TEXTS; i++) {
        side[i] = i / 8 % 2; /* all texts of a problem are on one side */
        problem[i] = i / 8;
        int length = pvi_text_format(buffer[i], sizeof buffer[i], "word%c%c", (char)('a' + i / 8 % 26), (char)('a' + i / 208));
        text[i] = (pvi_span){.data = buffer[i], .length = (size_t)length};
    }
    ck_ok(env, pvi_separate(env, text, side, problem, TEXTS, 5, 0.9, auc));
    ck_assert_msg(auc[0] < 0.6, "%g", auc[0]);
    for (size_t i = 0; i < TEXTS; i++) problem[i] = i;
    ck_ok(env, pvi_separate(env, text, side, problem, TEXTS, 5, 0.9, auc));
    ck_assert_msg(auc[0] > 0.95, "%g", auc[0]);
    test_env_free(env);
}
END_TEST

START_TEST(too_few_texts_say_nothing) {
    pvi_env *env = test_env();
    double auc[3] = {0};
    write_texts(1, 1);
    ck_ok(env, pvi_separate(env, text, side, problem, 2 * PVI_SEPARATE_LEAST - 1, 5, 0.9, auc));
    ck_assert(isnan(auc[0]) && isnan(auc[1]));
    ck_ok(env, pvi_separate(env, text, side, problem, 2 * PVI_SEPARATE_LEAST, 5, 0.9, auc));
    ck_assert(auc[0] > 0.8);
    ck_ok(env, pvi_separate(env, NULL, NULL, NULL, 0, 5, 0.9, auc));
    ck_assert(isnan(auc[0]));
    for (size_t i = 0; i < TEXTS; i++) text[i].length = 0; /* nothing written */
    ck_ok(env, pvi_separate(env, text, side, problem, TEXTS, 5, 0.9, auc));
    ck_assert(auc[0] == 0.5);
    test_env_free(env);
}
END_TEST

START_TEST(allocation_failures) {
    double auc[3];
    write_texts(1, 1);
    for (size_t k = 1;; k++) {
        pvi_env *env = test_env_with(1, k);
        pvg_status status = pvi_separate(env, text, side, problem, 60, 5, 0.9, auc);
        test_env_free(env);
        if (status == PVG_OK) break;
        ck_assert_int_eq(status, PVG_E_NOMEM);
        ck_assert_uint_lt(k, 400);
    }
}
END_TEST

Suite *suite_separate(void) {
    Suite *suite = suite_create("separate");
    TCase *all = tcase_create("all");
    tcase_add_test(all, words_and_repetition);
    tcase_add_test(all, texts_that_differ_and_texts_that_do_not);
    tcase_add_test(all, a_problem_is_in_one_fold);
    tcase_add_test(all, too_few_texts_say_nothing);
    tcase_add_test(all, allocation_failures);
    suite_add_tcase(suite, all);
    return suite;
}
