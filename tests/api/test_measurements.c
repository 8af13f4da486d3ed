/* test_measurements.c - measuring anybody's solutions through the public header; lines of the oracle; labels of tables. */
#include "public.h"

static double metric_of(pvg_context *context, const pvg_report *report, const char *name) {
    double value = 0;
    ck_does(context, pvg_report_metric(report, name, &value));
    return value;
}

/* A host's verifier: 2 for what ends in 7, -1 for the rest. */
static pvg_status seven(void *user, const pvg_request *request, pvg_reply *reply) {
    pvg_status status = PVG_OK;
    (void)user;
    for (size_t i = 0; i < pvg_request_count(request) && status == PVG_OK; i++) {
        const char *text;
        size_t length;
        status = pvg_request_solution(request, i, &text, &length);
        if (status == PVG_OK) status = pvg_reply_score(reply, i, length > 0 && text[length - 1] == '7' ? 2 : -1);
    }
    return status;
}

static pvg_verifier *verifier_of_seven(pvg_context *context) {
    pvg_hooks hooks;
    pvg_verifier *verifier = NULL;
    pvg_hooks_init(&hooks, sizeof hooks);
    hooks.answer = seven;
    ck_does(context, pvg_verifier_from_hooks(context, "seven", &hooks, &verifier));
    return verifier;
}

static void add(pvg_context *context, pvg_measurement *m, pvg_role role, int32_t round, const char *id, const char *text) {
    pvg_solution s;
    ck_assert_int_eq(pvg_solution_init(&s, sizeof s), PVG_OK);
    s.role = role;
    s.round = round;
    s.id = id;
    s.text = text;
    ck_does(context, pvg_measurement_add(m, &s));
}

START_TEST(built_in_problems_with_verifiers_and_a_judge) {
    pvg_context *context = public_context(1, 0);
    pvg_settings *settings = NULL;
    pvg_dataset *data = NULL;
    pvg_measurement *m = NULL;
    pvg_report *report = NULL;
    ck_does(context, pvg_settings_create(context, &settings));
    ck_does(context, pvg_dataset_generate(context, settings, 0, 30, &data));
    ck_does(context, pvg_measurement_create(context, data, settings, &m));
    for (uint64_t i = 0; i < 30; i++) {
        pvg_problem p = {.struct_size = sizeof p};
        char wrong[256], right[256];
        int32_t changed = 0;
        ck_does(context, pvg_dataset_get(data, i, &p));
        ck_does(context, pvg_problem_inject(context, p.chain, PVG_RENDERING_COMPACT, PVG_INJECT_RESULT, 29, i, wrong, sizeof wrong, NULL, &changed));
        ck_does(context, pvg_problem_inject(context, p.chain, PVG_RENDERING_COMPACT, PVG_INJECT_NONE, 29, i, right, sizeof right, NULL, NULL));
        add(context, m, PVG_ROLE_NEUTRAL, -1, p.id, i % 2 == 0 ? p.solution : wrong);
        for (int32_t round = 0; round < 2; round++) {
            add(context, m, PVG_ROLE_HELPFUL, round, p.id, right);
            add(context, m, PVG_ROLE_SNEAKY, round, p.id, wrong);
        }
    }
    pvg_verifier *verifier = verifier_of_seven(context);
    ck_assert_int_eq(pvg_measurement_rounds(m), 2);
    ck_does(context, pvg_measurement_verifier(m, "seven", verifier));
    ck_does(context, pvg_measurement_verifier(m, "again", verifier));
    ck_does(context, pvg_measurement_judge(m, verifier));
    pvg_verifier_destroy(verifier);
    pvg_solution late;
    pvg_solution_init(&late, sizeof late);
    late.id = "problem-0";
    late.text = "A: 1";
    ck_refuses(context, PVG_E_STATE, "added before", pvg_measurement_add(m, &late));
    ck_does(context, pvg_measurement_report(m, 1, &report));
    ck_assert(metric_of(context, report, "helpful_accuracy") == 1);
    ck_assert(metric_of(context, report, "helpful_valid") == 1);
    ck_assert(metric_of(context, report, "sneaky_one_flaw") == 1);
    ck_assert(metric_of(context, report, "reader_8") > 0.9);
    double auc = metric_of(context, report, "verifier_auc");
    ck_assert(metric_of(context, report, "judge_auc") == auc);
    ck_assert(metric_of(context, report, "helpful_judge_score") == metric_of(context, report, "helpful_score"));
    pvg_report_destroy(report);
    ck_does(context, pvg_measurement_report(m, -1, &report));
    ck_assert(metric_of(context, report, "base_accuracy") >= 0.5);
    size_t found = 0;
    for (size_t t = 0; t < pvg_report_table_count(report); t++) {
        size_t rows, columns;
        double cell = 0;
        ck_does(context, pvg_report_table_size(report, t, &rows, &columns));
        ck_assert_uint_eq(rows, 2);
        ck_assert_str_eq(pvg_report_table_row_name(report, t, 1), "again");
        ck_assert_str_eq(pvg_report_table_row_name(report, t, 2), "");
        if (strcmp(pvg_report_table_name(report, t), "auc") == 0) {
            ck_assert_str_eq(pvg_report_table_column_name(report, t, 1), "round 1");
            ck_does(context, pvg_report_table_cell(report, t, 1, 1, &cell));
            ck_assert(cell == auc);
            found++;
        }
        if (strcmp(pvg_report_table_name(report, t), "verifiers") == 0) {
            ck_assert_str_eq(pvg_report_table_column_name(report, t, 4), "control_result");
            ck_does(context, pvg_report_table_cell(report, t, 0, 4, &cell));
            ck_assert(cell > 0.2 && cell < 0.8); /* it checks nothing */
            found++;
        }
    }
    ck_assert_uint_eq(found, 2);
    pvg_report_destroy(report);
    ck_refuses(context, PVG_E_NOT_FOUND, "round 2", pvg_measurement_report(m, 2, &report));
    ck_refuses(context, PVG_E_RANGE, "round is -2", pvg_measurement_report(m, -2, &report));
    size_t needed = 0, again = 0;
    ck_does(context, pvg_measurement_json(m, NULL, 0, &needed));
    char *json = malloc(needed + 1);
    ck_does(context, pvg_measurement_json(m, json, needed + 1, &again));
    ck_assert_uint_eq(needed, again);
    ck_assert(strstr(json, "{\"summary\":{\"metrics\":{\"base_solutions\":30,") == json);
    ck_assert(strstr(json, "\"labels\":{\"verifiers\":{\"rows\":[\"seven\",\"again\"]") != NULL);
    ck_assert(strstr(json, "\"notes\":[") != NULL);
    free(json);
    ck_assert(pvg_measurement_note(m, 0) != NULL);
    ck_assert(pvg_measurement_note(m, 1000) == NULL);
    pvg_measurement_destroy(m);
    pvg_dataset_destroy(data);
    pvg_settings_destroy(settings);
    public_done(context);
}
END_TEST

START_TEST(arguments) {
    pvg_context *context = public_context(1, 0);
    pvg_measurement *m = NULL;
    pvg_solution s;
    ck_assert_int_eq(pvg_solution_init(NULL, sizeof s), PVG_E_INVALID);
    ck_assert_int_eq(pvg_solution_init(&s, 2), PVG_E_INVALID);
    ck_assert_int_eq(pvg_solution_init(&s, sizeof s), PVG_OK);
    ck_assert(isnan(s.score) && isnan(s.entropy) && s.round == -1 && s.text_length == PVG_NUL_TERMINATED);
    ck_assert_int_eq(pvg_measurement_create(NULL, NULL, NULL, &m), PVG_E_INVALID);
    ck_refuses(context, PVG_E_INVALID, "out", pvg_measurement_create(context, NULL, NULL, NULL));
    ck_does(context, pvg_measurement_create(context, NULL, NULL, &m));
    ck_refuses(context, PVG_E_INVALID, "solution", pvg_measurement_add(m, NULL));
    ck_refuses(context, PVG_E_INVALID, "without a text", pvg_measurement_add(m, &s));
    s.question = "3 + 4?";
    s.text = "#### 7 and more";
    s.text_length = 6;
    s.gold = "7";
    ck_does(context, pvg_measurement_add(m, &s));
    ck_refuses(context, PVG_E_INVALID, "name", pvg_measurement_verifier(m, NULL, NULL));
    ck_refuses(context, PVG_E_INVALID, "verifier", pvg_measurement_verifier(m, "x", NULL));
    ck_refuses(context, PVG_E_INVALID, "verifier", pvg_measurement_judge(m, NULL));
    pvg_report *report = NULL;
    pvg_verifier *verifier = verifier_of_seven(context);
    ck_does(context, pvg_measurement_verifier(m, "seven", verifier)); /* no chain: no control, no round: no provers */
    pvg_verifier_destroy(verifier);
    ck_does(context, pvg_measurement_report(m, -1, &report));
    ck_assert(metric_of(context, report, "base_accuracy") == 1);
    ck_assert(metric_of(context, report, "verifier_accuracy") == 1);
    ck_assert_uint_eq(pvg_report_table_count(report), 1);
    double cell = 0;
    ck_does(context, pvg_report_table_cell(report, 0, 0, 3, &cell));
    ck_assert(cell == 1); /* accuracy_base */
    ck_does(context, pvg_report_table_cell(report, 0, 0, 4, &cell));
    ck_assert(isnan(cell)); /* control_result */
    ck_assert_int_eq(pvg_measurement_rounds(m), 0);
    ck_assert_int_eq(pvg_measurement_rounds(NULL), 0);
    ck_assert(pvg_measurement_note(NULL, 0) == NULL);
    pvg_report_destroy(report);
    pvg_context_destroy(context);
    pvg_measurement_destroy(m);
    pvg_measurement_destroy(NULL);
    ck_assert_uint_eq(public_blocks(), 0);
}
END_TEST

START_TEST(lines_of_the_oracle) {
    pvg_context *context = public_context(1, 0);
    pvg_settings *settings = NULL;
    pvg_dataset *data = NULL;
    pvg_problem p = {.struct_size = sizeof p};
    ck_does(context, pvg_settings_create(context, &settings));
    ck_does(context, pvg_dataset_generate(context, settings, 0, 1, &data));
    ck_does(context, pvg_dataset_get(data, 0, &p));
    char text[256];
    ck_does(context, pvg_problem_inject(context, p.chain, PVG_RENDERING_COMPACT, PVG_INJECT_RESULT, 29, 1, text, sizeof text, NULL, NULL));
    pvg_oracle_result whole = {.struct_size = sizeof whole};
    ck_does(context, pvg_oracle_check(context, p.chain, text, PVG_NUL_TERMINATED, &whole));
    ck_assert_int_eq(whole.lines, whole.steps);
    for (int32_t i = 0; i < whole.lines; i++) {
        pvg_oracle_line line = {.struct_size = sizeof line};
        ck_does(context, pvg_oracle_read_line(context, p.chain, text, PVG_NUL_TERMINATED, (size_t)i, &line));
        ck_assert_int_eq(line.arithmetic, i != whole.first_error);
        ck_assert_int_eq(line.grounded, 1);
        ck_assert_int_eq(line.full, 1);
        ck_assert_int_eq(line.step, i);
        ck_assert(line.begin < line.end && line.end <= strlen(text));
    }
    pvg_oracle_line line = {.struct_size = sizeof line};
    ck_refuses(context, PVG_E_RANGE, "the solution has", pvg_oracle_read_line(context, p.chain, text, PVG_NUL_TERMINATED, (size_t)whole.lines, &line));
    ck_refuses(context, PVG_E_FORMAT, "", pvg_oracle_read_line(context, "no chain", text, PVG_NUL_TERMINATED, 0, &line));
    pvg_dataset_destroy(data);
    pvg_settings_destroy(settings);
    public_done(context);
}
END_TEST

/* Everything, on a few problems; the last report as JSON. */
static pvg_status try_all(pvg_context *context, char *json, size_t size) {
    pvg_settings *settings = NULL;
    pvg_dataset *data = NULL;
    pvg_measurement *m = NULL;
    pvg_verifier *verifier = NULL;
    pvg_hooks hooks;
    pvg_hooks_init(&hooks, sizeof hooks);
    hooks.answer = seven;
    pvg_status status = pvg_settings_create(context, &settings);
    if (status == PVG_OK) status = pvg_dataset_generate(context, settings, 0, 4, &data);
    if (status == PVG_OK) status = pvg_measurement_create(context, data, settings, &m);
    if (status == PVG_OK) status = pvg_verifier_from_hooks(context, "seven", &hooks, &verifier);
    for (uint64_t i = 0; i < 8 && status == PVG_OK; i++) {
        pvg_problem p = {.struct_size = sizeof p};
        pvg_solution s;
        pvg_solution_init(&s, sizeof s);
        status = pvg_dataset_get(data, i / 2, &p);
        s.round = 0;
        s.role = i % 2 == 0 ? PVG_ROLE_HELPFUL : PVG_ROLE_SNEAKY;
        s.id = p.id;
        s.text = i % 2 == 0 ? p.solution : "A: 7";
        if (status == PVG_OK) status = pvg_measurement_add(m, &s);
    }
    if (status == PVG_OK) status = pvg_measurement_verifier(m, "seven", verifier);
    if (status == PVG_OK) status = pvg_measurement_judge(m, verifier);
    if (status == PVG_OK) status = pvg_measurement_json(m, json, size, NULL);
    pvg_verifier_destroy(verifier);
    pvg_measurement_destroy(m);
    pvg_dataset_destroy(data);
    pvg_settings_destroy(settings);
    return status;
}

START_TEST(memory_that_is_refused) {
    static char wanted[1 << 16], found[1 << 16];
    pvg_context *context = public_context(1, 0);
    ck_does(context, try_all(context, wanted, sizeof wanted));
    public_done(context);
    pvg_status status = PVG_E_NOMEM;
    for (size_t k = 1; status != PVG_OK; k += 1 + k / 40) {
        context = public_context(1, k);
        status = try_all(context, found, sizeof found);
        ck_assert_msg(status == PVG_OK || status == PVG_E_NOMEM, "request %zu: %s", k, pvg_error_message(context));
        ck_assert_uint_lt(k, 100000);
        public_done(context);
    }
    ck_assert_str_eq(found, wanted);
}
END_TEST

Suite *suite_measurements(void) {
    Suite *suite = suite_create("measurements");
    TCase *all = tcase_create("all");
    tcase_add_test(all, built_in_problems_with_verifiers_and_a_judge);
    tcase_add_test(all, arguments);
    tcase_add_test(all, lines_of_the_oracle);
    tcase_add_test(all, memory_that_is_refused);
    suite_add_tcase(suite, all);
    return suite;
}
