/* test_report.c - metrics, tables and JSON that can hold hostile text. */
#include <jansson.h>
#include <math.h>
#include <string.h>

#include "game/report.h"
#include "support.h"

START_TEST(tables_grow_and_keep_cells) {
    pvi_env *env = test_env();
    pvi_report r;
    pvi_table *t = NULL;
    pvi_report_init(&r, env);
    ck_ok(env, pvi_report_table(&r, "auc", 1, 2, &t));
    ck_assert(isnan(t->cell[1]));
    t->cell[1] = 0.5;
    ck_ok(env, pvi_report_table(&r, "auc", 3, 4, &t));
    ck_assert(t->cell[1] == 0.5);
    ck_assert(isnan(t->cell[11]));
    ck_assert_uint_eq(r.tables, 1);
    pvi_report_free(&r);
    test_env_free(env);
}
END_TEST

START_TEST(json_round_trip) {
    pvi_env *env = test_env();
    pvi_report a, b;
    pvi_table *t = NULL;
    pvi_text one, two;
    pvi_report_init(&a, env);
    pvi_report_init(&b, env);
    pvi_text_init(&one, env);
    pvi_text_init(&two, env);
    ck_ok(env, pvi_report_set(&a, "accuracy", 0.1));
    ck_ok(env, pvi_report_set(&a, "accuracy", 1.0 / 3));
    ck_ok(env, pvi_report_set(&a, "missing", NAN));
    ck_ok(env, pvi_report_table(&a, "auc", 2, 2, &t));
    t->cell[0] = 0.7, t->cell[3] = -2;
    ck_ok(env, pvi_report_write_json(&a, &one));
    ck_ok(env, pvi_report_read_json(&b, one.data, one.length));
    ck_ok(env, pvi_report_write_json(&b, &two));
    ck_assert_str_eq(one.data, two.data);
    double value = 0;
    ck_assert(pvi_report_get(&b, "accuracy", &value) && value == 1.0 / 3);
    ck_assert(pvi_report_get(&b, "missing", &value) && isnan(value));
    ck_assert(!pvi_report_get(&b, "other", &value));
    ck_fails(env, PVG_E_FORMAT, "JSON", pvi_report_read_json(&b, "{", 1));
    pvi_report_free(&a);
    pvi_report_free(&b);
    pvi_text_free(&one);
    pvi_text_free(&two);
    test_env_free(env);
}
END_TEST

START_TEST(strings_are_escaped) {
    pvi_env *env = test_env();
    pvi_text out;
    pvi_text_init(&out, env);
    pvi_json_string(&out, "a\"\\\n\x01\xFF\xC3\xA9", 8);
    ck_assert_str_eq(out.data, "\"a\\\"\\\\\\n\\u0001\xEF\xBF\xBD\xC3\xA9\"");
    json_t *back = json_loads(out.data, JSON_DECODE_ANY, NULL);
    ck_assert_ptr_nonnull(back);
    json_decref(back);
    pvi_text_free(&out);
    test_env_free(env);
}
END_TEST

START_TEST(copies_survive_every_failure) {
    pvi_env *plain = test_env();
    pvi_report from;
    pvi_report_init(&from, plain);
    pvi_report_sample sample = {.role = PVG_ROLE_SNEAKY, .score = 2, .id = "i", .question = "q", .solution = "s", .gold = "1"};
    ck_ok(plain, pvi_report_set(&from, "m", 1));
    ck_ok(plain, pvi_report_table(&from, "t", 2, 2, NULL));
    ck_ok(plain, pvi_report_add_sample(&from, &sample));
    for (size_t fail = 1;; fail++) {
        ck_assert_uint_lt(fail, 50);
        pvi_env *env = test_env_with(1, fail);
        pvi_report to;
        pvi_report_init(&to, env);
        pvg_status status = pvi_report_copy(&to, &from);
        if (status == PVG_OK) ck_assert_str_eq(to.sample[0].solution, "s");
        pvi_report_free(&to);
        test_env_free(env);
        if (status == PVG_OK) break;
    }
    pvi_report_free(&from);
    test_env_free(plain);
}
END_TEST

Suite *suite_report(void) {
    Suite *suite = suite_create("report");
    TCase *all = tcase_create("report");
    tcase_add_test(all, tables_grow_and_keep_cells);
    tcase_add_test(all, json_round_trip);
    tcase_add_test(all, strings_are_escaped);
    tcase_add_test(all, copies_survive_every_failure);
    suite_add_tcase(suite, all);
    return suite;
}
