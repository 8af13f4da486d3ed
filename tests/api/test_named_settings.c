/* test_named_settings.c - settings through the public header. */
#include "public.h"

START_TEST(every_setting_describes_itself) {
    pvg_context *context = public_context(1, 0);
    pvg_settings *settings = NULL;
    ck_does(context, pvg_settings_create(context, &settings));
    ck_assert_uint_gt(pvg_setting_count(), 50);
    for (size_t i = 0; i < pvg_setting_count(); i++) {
        const char *text = NULL, *name = pvg_setting_name(i);
        ck_does(context, pvg_settings_get(settings, name, &text));
        ck_assert_uint_gt(strlen(pvg_setting_summary(i)), 10);
        ck_does(context, pvg_settings_set(settings, name, pvg_setting_default(i)));
        double low = 1, high = 0;
        pvg_setting_kind kind = pvg_setting_kind_of(i);
        int number = kind == PVG_SETTING_INT || kind == PVG_SETTING_REAL;
        ck_assert_int_eq(pvg_setting_bounds(i, &low, &high), number ? PVG_OK : PVG_E_NOT_FOUND);
        if (number) ck_assert(low <= high);
        ck_assert_int_eq(kind == PVG_SETTING_CHOICE, pvg_setting_choices(i)[0] != '\0');
    }
    ck_assert_ptr_null(pvg_setting_name(pvg_setting_count()));
    ck_assert_ptr_null(pvg_setting_summary(pvg_setting_count()));
    ck_assert_int_eq(pvg_setting_kind_of(pvg_setting_count()), 0);
    pvg_settings_destroy(settings);
    public_done(context);
}
END_TEST

START_TEST(kinds) {
    pvg_context *context = public_context(1, 0);
    pvg_settings *s = NULL;
    int64_t whole = 0;
    double real = 0;
    const char *text = NULL;
    ck_does(context, pvg_settings_create(context, &s));
    ck_does(context, pvg_settings_set_int(s, "rounds.count", 7));
    ck_does(context, pvg_settings_get_int(s, "rounds.count", &whole));
    ck_assert_int_eq(whole, 7);
    ck_does(context, pvg_settings_get_real(s, "rounds.count", &real));
    ck_assert(real == 7);
    ck_does(context, pvg_settings_set_real(s, "base.rate", 0.1));
    ck_does(context, pvg_settings_get_real(s, "base.rate", &real));
    ck_assert(real == 0.1);
    ck_does(context, pvg_settings_set_int(s, "grade.flexible", 1));
    ck_does(context, pvg_settings_get_int(s, "grade.flexible", &whole));
    ck_assert_int_eq(whole, 1);
    ck_does(context, pvg_settings_set(s, "mode", "verifier"));
    ck_does(context, pvg_settings_get(s, "mode", &text));
    ck_assert_str_eq(text, "verifier");
    ck_refuses(context, PVG_E_INVALID, "mode", pvg_settings_get_int(s, "mode", &whole));
    ck_refuses(context, PVG_E_INVALID, "base.rate", pvg_settings_get_int(s, "base.rate", &whole));
    ck_refuses(context, PVG_E_RANGE, "base.rate", pvg_settings_set_real(s, "base.rate", (double)NAN));
    pvg_settings_destroy(s);
    public_done(context);
}
END_TEST

START_TEST(failures_change_nothing) {
    pvg_context *context = public_context(1, 0);
    pvg_settings *s = NULL;
    const char *text = "untouched";
    ck_does(context, pvg_settings_create(context, &s));
    ck_refuses(context, PVG_E_NOT_FOUND, "did you mean 'prover.width'", pvg_settings_set(s, "prover.widht", "8"));
    ck_refuses(context, PVG_E_NOT_FOUND, "did you mean 'prover.width'", pvg_settings_get(s, "prover.widht", &text));
    ck_assert_str_eq(text, "untouched");
    ck_refuses(context, PVG_E_RANGE, "rounds.count", pvg_settings_set(s, "rounds.count", "0"));
    ck_refuses(context, PVG_E_FORMAT, "rounds.count", pvg_settings_set(s, "rounds.count", "three"));
    ck_refuses(context, PVG_E_NOT_FOUND, "no such", pvg_settings_preset(s, "no such"));
    ck_does(context, pvg_settings_get(s, "rounds.count", &text));
    ck_assert_str_eq(text, "3");
    ck_refuses(context, PVG_E_INVALID, "'value' is a null pointer", pvg_settings_set(s, "seed", NULL));
    pvg_settings_destroy(s);
    public_done(context);
}
END_TEST

START_TEST(values_must_fit_together) {
    pvg_context *context = public_context(1, 0);
    pvg_settings *s = NULL;
    ck_does(context, pvg_settings_create(context, &s));
    ck_does(context, pvg_settings_check(s));
    ck_does(context, pvg_settings_set(s, "prover.heads", "5"));
    ck_refuses(context, PVG_E_RANGE, "prover.heads", pvg_settings_check(s));
    ck_does(context, pvg_settings_set(s, "prover.heads", "4"));
    ck_does(context, pvg_settings_set(s, "roles.template", "{question}"));
    ck_refuses(context, PVG_E_FORMAT, "{role}", pvg_settings_check(s));
    pvg_settings_destroy(s);
    public_done(context);
}
END_TEST

START_TEST(every_preset_is_playable) {
    pvg_context *context = public_context(1, 0);
    for (size_t i = 0; i < pvg_preset_count(); i++) {
        pvg_settings *s = NULL;
        ck_does(context, pvg_settings_create(context, &s));
        ck_does(context, pvg_settings_preset(s, pvg_preset_name(i)));
        ck_does(context, pvg_settings_check(s));
        ck_assert_uint_gt(strlen(pvg_preset_summary(i)), 10);
        pvg_settings_destroy(s);
    }
    ck_assert_ptr_null(pvg_preset_name(pvg_preset_count()));
    public_done(context);
}
END_TEST

START_TEST(clones_and_yaml) {
    pvg_context *context = public_context(1, 0);
    pvg_settings *s = NULL, *copy = NULL;
    char first[32768], second[32768];
    size_t needed = 0;
    ck_does(context, pvg_settings_create(context, &s));
    ck_does(context, pvg_settings_set(s, "seed", "99"));
    ck_does(context, pvg_settings_clone(s, &copy));
    ck_does(context, pvg_settings_write(s, 1, first, sizeof first, &needed));
    ck_does(context, pvg_settings_write(copy, 1, second, sizeof second, NULL));
    ck_assert_str_eq(first, second);
    ck_assert_ptr_nonnull(strstr(first, "seed: 99"));
    ck_assert_uint_eq(needed, strlen(first));
    ck_does(context, pvg_settings_set(copy, "seed", "1"));
    ck_does(context, pvg_settings_write(s, 1, second, sizeof second, NULL));
    ck_assert_str_eq(first, second);
    ck_refuses(context, PVG_E_BUFFER, "wanted", pvg_settings_write(s, 1, second, needed, NULL)); /* no room for the NUL */
    pvg_settings_destroy(copy);
    pvg_settings_destroy(s);
    pvg_settings_destroy(NULL);
    public_done(context);
}
END_TEST

START_TEST(no_memory) {
    for (size_t k = 1, failed = 1; failed; k++) {
        pvg_context *context = public_context(1, k);
        pvg_settings *s = NULL, *copy = NULL;
        char yaml[32768];
        pvg_status status = pvg_settings_create(context, &s);
        if (status == PVG_OK) status = pvg_settings_preset(s, "tiny");
        if (status == PVG_OK) status = pvg_settings_clone(s, &copy);
        if (status == PVG_OK) status = pvg_settings_write(copy, 1, yaml, sizeof yaml, NULL);
        failed = status != PVG_OK;
        if (failed) ck_assert_int_eq(status, PVG_E_NOMEM);
        pvg_settings_destroy(copy);
        pvg_settings_destroy(s);
        public_done(context);
    }
}
END_TEST

Suite *suite_named_settings(void) {
    Suite *suite = suite_create("named_settings");
    TCase *all = tcase_create("named_settings");
    tcase_add_test(all, every_setting_describes_itself);
    tcase_add_test(all, kinds);
    tcase_add_test(all, failures_change_nothing);
    tcase_add_test(all, values_must_fit_together);
    tcase_add_test(all, every_preset_is_playable);
    tcase_add_test(all, clones_and_yaml);
    tcase_add_test(all, no_memory);
    suite_add_tcase(suite, all);
    return suite;
}
