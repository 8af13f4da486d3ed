/* test_rng.c - Philox against its published vectors, and the draws made from it. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/rng.h"
#include "support.h"

START_TEST(known_answers) {
    const uint32_t zeros[4] = {0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8};
    const uint32_t ones[4] = {0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd};
    pvi_rng low = {.key = {0, 0}}, high;
    memset(&high, 0xFF, sizeof high);
    high.left = 0;
    for (int i = 0; i < 4; i++) {
        ck_assert_uint_eq(pvi_rng_u32(&low), zeros[i]);
        ck_assert_uint_eq(pvi_rng_u32(&high), ones[i]);
    }
}
END_TEST

START_TEST(streams_differ) {
    pvi_rng a = pvi_rng_stream(1, "x", 2, 3), b = pvi_rng_stream(1, "x", 2, 3), c = pvi_rng_stream(1, "x", 3, 2),
            d = pvi_rng_stream(1, "y", 2, 3);
    uint32_t first = pvi_rng_u32(&a);
    ck_assert_uint_eq(first, pvi_rng_u32(&b));
    ck_assert_uint_ne(first, pvi_rng_u32(&c));
    ck_assert_uint_ne(first, pvi_rng_u32(&d));
}
END_TEST

START_TEST(draws_are_fair) {
    pvi_rng rng = pvi_rng_stream(7, "fair", 0, 0);
    int count[6] = {0};
    double sum = 0, squares = 0;
    for (int i = 0; i < 60000; i++) {
        int die = pvi_rng_between(&rng, 1, 6);
        ck_assert_int_ge(die, 1);
        ck_assert_int_le(die, 6);
        count[die - 1]++;
        double z = pvi_rng_normal(&rng);
        sum += z, squares += z * z;
    }
    for (int i = 0; i < 6; i++) ck_assert_int_lt(abs(count[i] - 10000), 400);
    ck_assert_double_lt(fabs(sum / 60000), 0.02);
    ck_assert_double_lt(fabs(squares / 60000 - 1), 0.03);
}
END_TEST

START_TEST(shuffle_keeps_all) {
    uint32_t item[100], seen[100] = {0};
    for (uint32_t i = 0; i < 100; i++) item[i] = i;
    pvi_rng rng = pvi_rng_stream(7, "shuffle", 0, 0);
    pvi_rng_shuffle(&rng, item, 100);
    int moved = 0;
    for (uint32_t i = 0; i < 100; i++) seen[item[i]]++, moved += item[i] != i;
    for (int i = 0; i < 100; i++) ck_assert_uint_eq(seen[i], 1);
    ck_assert_int_gt(moved, 80);
}
END_TEST

Suite *suite_rng(void) {
    Suite *suite = suite_create("rng");
    TCase *all = tcase_create("rng");
    tcase_add_test(all, known_answers);
    tcase_add_test(all, streams_differ);
    tcase_add_test(all, draws_are_fair);
    tcase_add_test(all, shuffle_keeps_all);
    suite_add_tcase(suite, all);
    return suite;
}
