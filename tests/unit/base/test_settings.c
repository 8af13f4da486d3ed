/* test_settings.c - kinds, bounds, suggestions, presets, and reading back what was written. */
#include <string.h>

#include "base/settings.h"
#include "support.h"

static const pvi_setting_def defs[] = {
    {"seed", PVI_SETTING_INT, 0, 9007199254740991.0, "1", "", "Seed."},
    {"prover.width", PVI_SETTING_INT, 8, 1024, "64", "", "Width."},
    {"prover.rate", PVI_SETTING_REAL, 0, 10, "4e-3", "", "Rate."},
    {"prover.tied", PVI_SETTING_FLAG, 0, 1, "true", "", "Tied."},
    {"reward.kind", PVI_SETTING_CHOICE, 0, 0, "src", "src|cgc|none", "Kind."},
    {"reward.text", PVI_SETTING_TEXT, 0, 0, "<|end|>", "", "Text."},
};
static const char *const small[] = {"prover.width=16", "reward.kind=cgc", NULL};
static const char *const broken[] = {"prover.width=32", "prover.rate=99", NULL};
static const pvi_preset presets[] = {{"small", "Small.", small}, {"broken", "Fails half-way.", broken}};
static const pvi_settings_table table = {defs, 6, presets, 2};

START_TEST(values_are_checked) {
    pvi_env *env = test_env();
    pvi_settings *s = NULL;
    ck_ok(env, pvi_settings_create(env, &table, &s));
    ck_assert_int_eq(pvi_settings_int(s, "prover.width"), 64);
    ck_assert(pvi_settings_real(s, "prover.rate") == 4e-3);
    ck_assert(!pvi_settings_changed(s, "prover.rate"));
    ck_ok(env, pvi_settings_set(env, s, "prover.rate", "1e-5"));
    ck_assert(pvi_settings_real(s, "prover.rate") == 1e-5);
    ck_assert(pvi_settings_changed(s, "prover.rate"));
    ck_ok(env, pvi_settings_set(env, s, "prover.tied", "off"));
    ck_assert(!pvi_settings_flag(s, "prover.tied"));
    ck_ok(env, pvi_settings_set(env, s, "reward.kind", "none"));
    ck_assert_int_eq(pvi_settings_choice(s, "reward.kind"), 2);
    ck_fails(env, PVG_E_NOT_FOUND, "did you mean 'prover.width'", pvi_settings_set(env, s, "prover.widht", "1"));
    ck_fails(env, PVG_E_RANGE, "between 8 and 1024", pvi_settings_set(env, s, "prover.width", "7"));
    ck_fails(env, PVG_E_FORMAT, "whole number", pvi_settings_set(env, s, "prover.width", "64.5"));
    ck_fails(env, PVG_E_FORMAT, "true or false", pvi_settings_set(env, s, "prover.tied", "maybe"));
    ck_fails(env, PVG_E_RANGE, "src|cgc|none", pvi_settings_set(env, s, "reward.kind", "sr"));
    ck_assert_int_eq(pvi_settings_int(s, "prover.width"), 64);
    pvi_settings_destroy(env, s);
    test_env_free(env);
}
END_TEST

START_TEST(presets_apply_whole_or_not_at_all) {
    pvi_env *env = test_env();
    pvi_settings *s = NULL;
    ck_ok(env, pvi_settings_create(env, &table, &s));
    ck_fails(env, PVG_E_RANGE, "prover.rate", pvi_settings_preset(env, s, "broken"));
    ck_assert_int_eq(pvi_settings_int(s, "prover.width"), 64);
    ck_ok(env, pvi_settings_preset(env, s, "small"));
    ck_assert_int_eq(pvi_settings_int(s, "prover.width"), 16);
    ck_fails(env, PVG_E_NOT_FOUND, "small, broken", pvi_settings_preset(env, s, "large"));
    pvi_settings_destroy(env, s);
    test_env_free(env);
}
END_TEST

START_TEST(json_reads_back) {
    pvi_env *env = test_env();
    pvi_settings *a = NULL, *b = NULL;
    pvi_text one, two;
    pvi_text_init(&one, env);
    pvi_text_init(&two, env);
    ck_ok(env, pvi_settings_create(env, &table, &a));
    ck_ok(env, pvi_settings_create(env, &table, &b));
    ck_ok(env, pvi_settings_set(env, a, "reward.text", "say \"no\"\n"));
    ck_ok(env, pvi_settings_set(env, a, "prover.rate", "0.1"));
    ck_ok(env, pvi_settings_set(env, a, "seed", "9007199254740991"));
    ck_ok(env, pvi_settings_write_json(a, &one));
    ck_ok(env, pvi_settings_read_json(env, b, one.data, one.length));
    ck_ok(env, pvi_settings_write_json(b, &two));
    ck_assert_str_eq(one.data, two.data);
    ck_fails(env, PVG_E_FORMAT, "object", pvi_settings_read_json(env, b, "[1]", 3));
    pvi_text_clear(&one);
    ck_ok(env, pvi_settings_write_yaml(b, false, &one));
    ck_assert_ptr_nonnull(strstr(one.data, "seed: 9007199254740991\nprover:\n  width: 64\n  rate: 0.1\n  tied: true\nreward:\n"));
    pvi_text_free(&one);
    pvi_text_free(&two);
    pvi_settings_destroy(env, a);
    pvi_settings_destroy(env, b);
    test_env_free(env);
}
END_TEST

START_TEST(every_failed_allocation_is_survived) {
    for (size_t fail = 1;; fail++) {
        ck_assert_uint_lt(fail, 200);
        pvi_env *env = test_env_with(1, fail);
        pvi_settings *s = NULL;
        pvg_status status = pvi_settings_create(env, &table, &s);
        if (status == PVG_OK) status = pvi_settings_preset(env, s, "small");
        pvi_settings_destroy(env, s);
        test_env_free(env);
        if (status == PVG_OK) break;
        ck_assert_int_eq(status, PVG_E_NOMEM);
    }
}
END_TEST

Suite *suite_settings(void) {
    Suite *suite = suite_create("settings");
    TCase *all = tcase_create("settings");
    tcase_add_test(all, values_are_checked);
    tcase_add_test(all, presets_apply_whole_or_not_at_all);
    tcase_add_test(all, json_reads_back);
    tcase_add_test(all, every_failed_allocation_is_survived);
    suite_add_tcase(suite, all);
    return suite;
}
