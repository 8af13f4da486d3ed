/* test_memory.c - allocation, its accounting and failures; the arena; growable text. */
#include <math.h>
#include <string.h>

#include "base/alloc.h"
#include "base/text.h"
#include "support.h"

START_TEST(blocks_are_aligned_and_counted) {
    pvi_env *env = test_env();
    size_t before = atomic_load(&env->used);
    char *block = pvi_alloc(env, 100, 3);
    ck_assert_uint_eq((uintptr_t)block % 64, 0);
    ck_assert_uint_ge(atomic_load(&env->used), before + 300);
    memset(block, 'x', 300);
    block = pvi_realloc(env, block, 1000, 3);
    ck_assert_int_eq(block[299], 'x');
    pvi_free(env, block);
    ck_assert_uint_eq(atomic_load(&env->used), before);
    ck_assert_ptr_null(pvi_alloc(env, SIZE_MAX / 2, 3));
    ck_assert_int_eq(env->error.code, PVG_E_NOMEM);
    test_env_free(env);
}
END_TEST

START_TEST(arena_takes_what_was_planned) {
    pvi_env *env = test_env();
    pvi_arena arena;
    ck_ok(env, pvi_arena_init(env, &arena, pvi_arena_cost(10, 4) + pvi_arena_cost(1, 65)));
    ck_assert_ptr_nonnull(pvi_arena_take(&arena, 10, 4));
    ck_assert_uint_eq((uintptr_t)pvi_arena_take(&arena, 1, 65) % 64, 0);
    ck_assert_ptr_null(pvi_arena_take(&arena, 1, 1));
    pvi_arena_free(env, &arena);
    test_env_free(env);
}
END_TEST

START_TEST(text_survives_every_failure) {
    bool done = false;
    for (size_t fail = 1; !done; fail++) {
        ck_assert_uint_lt(fail, 50);
        pvi_env *env = test_env_with(1, fail);
        pvi_text text;
        pvi_text_init(&text, env);
        for (int i = 0; i < 100; i++) pvi_text_printf(&text, "%d,", i);
        done = pvi_text_ok(&text) == PVG_OK;
        ck_assert(done || env->error.code == PVG_E_NOMEM);
        if (done) ck_assert_uint_eq(text.length, 290);
        pvi_text_free(&text);
        test_env_free(env);
    }
}
END_TEST

START_TEST(numbers_round_trip) {
    const double values[] = {0, 0.1, -1.0 / 3, 1e-300, 123456789.125, 5e-324};
    for (size_t i = 0; i < sizeof values / sizeof *values; i++) {
        char text[PVI_NUMBER_SIZE];
        double back = NAN;
        pvi_text_from_double(values[i], text);
        ck_assert(pvi_text_to_double(text, strlen(text), &back));
        ck_assert(back == values[i]);
    }
    double real;
    int64_t whole;
    ck_assert(!pvi_text_to_double("1x", 2, &real));
    ck_assert(!pvi_text_to_double("", 0, &real));
    ck_assert(!pvi_text_to_double("1e999", 5, &real));
    ck_assert(pvi_text_to_int("-9223372036854775808", 20, &whole) && whole == INT64_MIN);
    ck_assert(!pvi_text_to_int("9223372036854775808", 19, &whole));
}
END_TEST

START_TEST(utf8_and_distance) {
    size_t bad = 0;
    ck_assert(pvi_text_utf8("a\xC3\xA9\xF0\x9F\x98\x80", 7, &bad));
    ck_assert(!pvi_text_utf8("ab\xC0\x80", 4, &bad));
    ck_assert_uint_eq(bad, 2);
    ck_assert(!pvi_text_utf8("\xED\xA0\x80", 3, &bad));
    ck_assert(!pvi_text_utf8("\xE2\x82", 2, &bad));
    ck_assert_int_eq(pvi_text_distance("prover.widht", "prover.width"), 2);
    ck_assert_int_eq(pvi_text_distance("kitten", "sitting"), 3);
    ck_assert_int_eq(pvi_text_distance("abc", "uvwxyz"), 99);
}
END_TEST

Suite *suite_memory(void) {
    Suite *suite = suite_create("memory");
    TCase *all = tcase_create("memory");
    tcase_add_test(all, blocks_are_aligned_and_counted);
    tcase_add_test(all, arena_takes_what_was_planned);
    tcase_add_test(all, text_survives_every_failure);
    tcase_add_test(all, numbers_round_trip);
    tcase_add_test(all, utf8_and_distance);
    suite_add_tcase(suite, all);
    return suite;
}
