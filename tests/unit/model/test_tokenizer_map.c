/* test_tokenizer_map.c - the hash tables of the tokenizer. */
#include <string.h>

#include "base/text.h"
#include "model/tokenizer_map.h"
#include "support.h"

START_TEST(test_bytes) {
    pvi_env *env = test_env();
    pvi_byte_map map = {0};
    ck_assert_ptr_null(pvi_byte_map_find(&map, "a", 1));
    for (int32_t i = 0; i < 5000; i++) {
        pvi_byte_entry *entry;
        int32_t key[2] = {i, -i};
        ck_ok(env, pvi_byte_map_add(env, &map, (const char *)key, sizeof key, i, &entry));
        ck_assert_int_eq(entry->value, i);
    }
    for (int32_t i = 0; i < 5000; i++) {
        int32_t key[2] = {i, -i};
        const pvi_byte_entry *entry = pvi_byte_map_find(&map, (const char *)key, sizeof key);
        ck_assert_ptr_nonnull(entry);
        ck_assert_int_eq(entry->value, i);
        ck_assert_ptr_eq(entry, &map.entries[i]); /* in order of insertion */
        key[1]++;
        ck_assert_ptr_null(pvi_byte_map_find(&map, (const char *)key, sizeof key));
    }
    pvi_byte_map_free(env, &map);
    test_env_free(env);
}
END_TEST

START_TEST(test_bytes_again) {
    pvi_env *env = test_env();
    pvi_byte_map map = {0};
    pvi_byte_entry *entry;
    ck_ok(env, pvi_byte_map_add(env, &map, "ab\0c", 4, 7, &entry));
    ck_ok(env, pvi_byte_map_add(env, &map, "ab\0c", 4, 8, &entry));
    ck_assert_int_eq(entry->value, 7);
    ck_assert_uint_eq(map.count, 1);
    ck_assert_ptr_null(pvi_byte_map_find(&map, "ab\0d", 4));
    ck_assert_ptr_null(pvi_byte_map_find(&map, "ab", 2));
    ck_ok(env, pvi_byte_map_add(env, &map, "", 0, 9, &entry));
    ck_assert_int_eq(pvi_byte_map_find(&map, "", 0)->value, 9);
    pvi_byte_map_free(env, &map);
    test_env_free(env);
}
END_TEST

START_TEST(test_pairs) {
    pvi_env *env = test_env();
    pvi_pair_map map = {0};
    ck_assert_int_eq(pvi_pair_map_find(&map, 0, 0), -1);
    for (int32_t i = 0; i < 3000; i++) {
        ck_ok(env, pvi_pair_map_add(env, &map, i % 50, i / 50, i));
    }
    for (int32_t i = 0; i < 3000; i++) {
        ck_assert_int_eq(pvi_pair_map_find(&map, i % 50, i / 50), i);
    }
    ck_assert_int_eq(pvi_pair_map_find(&map, 50, 0), -1);
    ck_assert_int_eq(pvi_pair_map_find(&map, 0, 60), -1);
    pvi_pair_map_free(env, &map);
    test_env_free(env);
}
END_TEST

/* A pair is not its mirror image, and keys at the end of the range stay apart. */
START_TEST(test_pair_keys) {
    pvi_env *env = test_env();
    pvi_pair_map map = {0};
    ck_ok(env, pvi_pair_map_add(env, &map, 1, 2, 10));
    ck_ok(env, pvi_pair_map_add(env, &map, INT32_MAX, 0, 11));
    ck_ok(env, pvi_pair_map_add(env, &map, 0, INT32_MAX, 12));
    ck_assert_int_eq(pvi_pair_map_find(&map, 2, 1), -1);
    ck_assert_int_eq(pvi_pair_map_find(&map, INT32_MAX, 0), 11);
    ck_assert_int_eq(pvi_pair_map_find(&map, 0, INT32_MAX), 12);
    pvi_pair_map_free(env, &map);
    test_env_free(env);
}
END_TEST

Suite *suite_tokenizer_map(void) {
    Suite *suite = suite_create("tokenizer_map");
    TCase *tcase = tcase_create("all");
    tcase_add_test(tcase, test_bytes);
    tcase_add_test(tcase, test_bytes_again);
    tcase_add_test(tcase, test_pairs);
    tcase_add_test(tcase, test_pair_keys);
    suite_add_tcase(suite, tcase);
    return suite;
}
