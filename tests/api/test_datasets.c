/* test_datasets.c - problems through the public header: read, made, cut, written; bad lines and their sentences. */
#include "public.h"

static const char *const two_lines =
    "{\"question\": \"Ann has 3 apples and buys 4. How many?\", \"answer\": \"3 + 4 = <<3+4=7>>7\\n#### 7\"}\n"
    "{\"question\": \"Bob halves 10.\", \"answer\": \"10 / 2 = 5\\n#### 5\", \"id\": \"bob\"}\n";

START_TEST(reads_problems) {
    pvg_context *context = public_context(1, 0);
    const char *path = public_path(public_dir(), "two.jsonl");
    public_write(path, two_lines);
    pvg_dataset *data = NULL;
    pvg_problem problem = {.struct_size = sizeof problem};
    ck_does(context, pvg_dataset_read(context, path, NULL, &data));
    ck_assert_uint_eq(pvg_dataset_count(data), 2);
    ck_does(context, pvg_dataset_get(data, 0, &problem));
    ck_assert_str_eq(problem.gold, "7");
    ck_assert_ptr_null(strstr(problem.solution, "<<"));
    ck_assert_str_eq(problem.candidate, "");
    ck_assert_str_eq(problem.chain, "");
    ck_assert_int_eq(problem.label, -1);
    ck_assert_uint_eq(problem.line, 1);
    ck_does(context, pvg_dataset_get(data, 1, &problem));
    ck_assert_str_eq(problem.id, "bob");
    ck_assert_int_eq(pvg_dataset_get(data, 2, &problem), PVG_E_RANGE);
    ck_assert_int_eq(pvg_dataset_get(NULL, 0, &problem), PVG_E_INVALID);
    pvg_dataset_destroy(data);
    public_done(context);
}
END_TEST

static void bad_file(const char *content, pvg_status status, const char *part) {
    pvg_context *context = public_context(1, 0);
    const char *path = public_path(public_dir(), "bad.jsonl");
    public_write(path, content);
    pvg_dataset *data = NULL;
    ck_refuses(context, status, part, pvg_dataset_read(context, path, NULL, &data));
    ck_assert_msg(strstr(pvg_error_message(context), "bad.jsonl") != NULL, "'%s'", pvg_error_message(context));
    ck_assert_ptr_null(data);
    public_done(context);
}

START_TEST(bad_lines_are_named) {
    bad_file("{\"question\": \"a\", \"answer\": \"#### 1\"}\n{\"question\": \"b\"}\n", PVG_E_FORMAT, "2");
    bad_file("{\"question\": 5, \"answer\": \"#### 1\"}\n", PVG_E_FORMAT, "question");
    bad_file("{\"question\": \"a\", \"answer\": \"#### many\"}\n", PVG_E_FORMAT, "answer");
    bad_file("{\"question\": \"a\"\n", PVG_E_FORMAT, "1");
    bad_file("{\"question\": \"a\", \"answer\": \"1\", \"id\": \"x\"}\n{\"question\": \"b\", \"answer\": \"1\", \"id\": \"x\"}\n",
             PVG_E_FORMAT, "x");
}
END_TEST

START_TEST(files_that_are_not_there) {
    pvg_context *context = public_context(1, 0);
    pvg_dataset *data = NULL;
    const char *path = public_path(public_dir(), "missing.jsonl");
    ck_refuses(context, PVG_E_NOT_FOUND, "missing.jsonl", pvg_dataset_read(context, path, NULL, &data));
    path = public_path(public_dir(), "cut.jsonl.gz");
    public_write(path, "\x1f\x8b\x08");
    pvg_status status = pvg_dataset_read(context, path, NULL, &data);
    ck_assert(status == PVG_E_FORMAT || status == PVG_E_IO);
    ck_assert_ptr_nonnull(strstr(pvg_error_message(context), "cut.jsonl.gz"));
    ck_refuses(context, PVG_E_INVALID, "'path'", pvg_dataset_read(context, NULL, NULL, &data));
    public_done(context);
}
END_TEST

START_TEST(settings_choose_and_limit) {
    pvg_context *context = public_context(1, 0);
    const char *dir = public_dir(), *path = public_path(dir, "other.jsonl"), *ids = public_path(dir, "ids.txt");
    public_write(path, "{\"q\": \"a\", \"a\": \"1\", \"name\": \"one\"}\n{\"q\": \"b\", \"a\": \"2\", \"name\": \"two\"}\n"
                       "{\"q\": \"c\", \"a\": \"3\", \"name\": \"three\"}\n");
    public_write(ids, "one\n");
    pvg_settings *s = NULL;
    pvg_dataset *data = NULL;
    pvg_problem problem = {.struct_size = sizeof problem};
    ck_does(context, pvg_settings_create(context, &s));
    ck_does(context, pvg_settings_set(s, "data.question", "q"));
    ck_does(context, pvg_settings_set(s, "data.answer", "a"));
    ck_does(context, pvg_settings_set(s, "data.id", "name"));
    ck_does(context, pvg_settings_set(s, "data.exclude", ids));
    ck_does(context, pvg_settings_set(s, "data.limit", "1"));
    ck_does(context, pvg_dataset_read(context, path, s, &data));
    ck_assert_uint_eq(pvg_dataset_count(data), 1);
    ck_does(context, pvg_dataset_get(data, 0, &problem));
    ck_assert_str_eq(problem.id, "two");
    pvg_dataset_destroy(data);
    pvg_settings_destroy(s);
    public_done(context);
}
END_TEST

START_TEST(built_by_hand) {
    pvg_context *context = public_context(1, 0);
    pvg_dataset *data = NULL, *back = NULL;
    char digest[33], again[33];
    const char *path = public_path(public_dir(), "out.jsonl.gz");
    ck_does(context, pvg_dataset_create(context, &data));
    ck_does(context, pvg_dataset_append(data, NULL, "one and one?xx", 12, "1,000 dollars", "it is so", PVG_NUL_TERMINATED));
    ck_does(context, pvg_dataset_append(data, "two", "two?", PVG_NUL_TERMINATED, "1/2", NULL, 0));
    ck_refuses(context, PVG_E_FORMAT, "none", pvg_dataset_append(data, NULL, "three?", PVG_NUL_TERMINATED, "none", NULL, 0));
    ck_refuses(context, PVG_E_INVALID, "two", pvg_dataset_append(data, "two", "again?", PVG_NUL_TERMINATED, "1", NULL, 0));
    ck_refuses(context, PVG_E_INVALID, "'gold'", pvg_dataset_append(data, NULL, "q?", PVG_NUL_TERMINATED, NULL, NULL, 0));
    ck_assert_uint_eq(pvg_dataset_count(data), 2);
    ck_does(context, pvg_dataset_write(data, path));
    ck_does(context, pvg_dataset_read(context, path, NULL, &back));
    ck_does(context, pvg_dataset_digest(data, digest));
    ck_does(context, pvg_dataset_digest(back, again));
    ck_assert_str_eq(digest, again);
    ck_does(context, pvg_dataset_freeze(data));
    ck_refuses(context, PVG_E_STATE, "frozen", pvg_dataset_append(data, NULL, "late?", PVG_NUL_TERMINATED, "1", NULL, 0));
    pvg_dataset_destroy(back);
    pvg_dataset_destroy(data);
    pvg_dataset_destroy(NULL);
    public_done(context);
}
END_TEST

START_TEST(labelled_by_hand) {
    pvg_context *context = public_context(1, 0);
    pvg_dataset *data = NULL;
    pvg_problem problem = {.struct_size = sizeof problem};
    ck_does(context, pvg_dataset_create(context, &data));
    ck_does(context, pvg_dataset_append_labelled(data, NULL, "1+1?", PVG_NUL_TERMINATED, "2", "#### 3", PVG_NUL_TERMINATED, 0));
    ck_refuses(context, PVG_E_RANGE, "label is 2",
               pvg_dataset_append_labelled(data, NULL, "1+2?", PVG_NUL_TERMINATED, "3", "x", PVG_NUL_TERMINATED, 2));
    ck_does(context, pvg_dataset_get(data, 0, &problem));
    ck_assert_str_eq(problem.candidate, "#### 3");
    ck_assert_int_eq(problem.label, 0);
    pvg_dataset_destroy(data);
    public_done(context);
}
END_TEST

START_TEST(parts_are_disjoint) {
    pvg_context *context = public_context(1, 0);
    pvg_dataset *data = NULL, *part[3] = {NULL};
    static const char *const names[] = {"prover", "verifier", "test"};
    uint64_t total = 0;
    ck_does(context, pvg_dataset_create(context, &data));
    for (int i = 0; i < 100; i++) {
        char question[] = "question 00";
        question[9] = (char)('0' + i / 10), question[10] = (char)('0' + i % 10);
        ck_does(context, pvg_dataset_append(data, NULL, question, PVG_NUL_TERMINATED, "1", NULL, 0));
    }
    for (int i = 0; i < 3; i++) {
        ck_does(context, pvg_dataset_part(data, NULL, names[i], &part[i]));
        ck_assert_uint_gt(pvg_dataset_count(part[i]), 0);
        total += pvg_dataset_count(part[i]);
    }
    ck_assert_uint_eq(total, 100);
    ck_refuses(context, PVG_E_NOT_FOUND, "'train'", pvg_dataset_part(data, NULL, "train", &part[0]));
    pvg_dataset_destroy(data);
    for (int i = 0; i < 3; i++) pvg_dataset_destroy(part[i]);
    public_done(context);
}
END_TEST

/* An older program's pvg_problem ends after `gold`; a newer one's has more: it gets zeros there. */
START_TEST(problems_of_other_sizes) {
    pvg_context *context = public_context(1, 0);
    pvg_dataset *data = NULL;
    ck_does(context, pvg_dataset_create(context, &data));
    ck_does(context, pvg_dataset_append(data, "x", "q?", PVG_NUL_TERMINATED, "5", "s", PVG_NUL_TERMINATED));
    struct { uint32_t struct_size; int32_t label; const char *id, *question, *gold, *guard; } old = {.struct_size = 32, .guard = "mine"};
    ck_assert_int_eq(pvg_dataset_get(data, 0, (pvg_problem *)(void *)&old), PVG_OK);
    ck_assert_str_eq(old.gold, "5");
    ck_assert_str_eq(old.guard, "mine");
    struct { pvg_problem now; uint64_t later; } newer;
    memset(&newer, 0xff, sizeof newer);
    newer.now.struct_size = sizeof newer;
    ck_assert_int_eq(pvg_dataset_get(data, 0, &newer.now), PVG_OK);
    ck_assert_uint_eq(newer.later, 0);
    ck_assert_uint_eq(newer.now.struct_size, sizeof newer);
    ck_assert_str_eq(newer.now.solution, "s");
    newer.now.struct_size = 0;
    ck_assert_int_eq(pvg_dataset_get(data, 0, &newer.now), PVG_E_INVALID);
    pvg_dataset_destroy(data);
    public_done(context);
}
END_TEST

START_TEST(generated_problems) {
    pvg_context *context = public_context(1, 0);
    pvg_dataset *first = NULL, *again = NULL, *later = NULL;
    pvg_problem a = {.struct_size = sizeof a}, b = {.struct_size = sizeof b};
    char one[33], two[33];
    ck_does(context, pvg_dataset_generate(context, NULL, 0, 20, &first));
    ck_does(context, pvg_dataset_generate(context, NULL, 0, 20, &again));
    ck_does(context, pvg_dataset_generate(context, NULL, 15, 5, &later));
    ck_does(context, pvg_dataset_digest(first, one));
    ck_does(context, pvg_dataset_digest(again, two));
    ck_assert_str_eq(one, two);
    ck_does(context, pvg_dataset_get(first, 15, &a));
    ck_does(context, pvg_dataset_get(later, 0, &b));
    ck_assert_str_eq(a.question, b.question);
    ck_assert_str_eq(a.solution, b.solution);
    ck_refuses(context, PVG_E_RANGE, "at most", pvg_dataset_generate(context, NULL, 0, UINT64_MAX, &first));
    pvg_dataset_destroy(first);
    pvg_dataset_destroy(again);
    pvg_dataset_destroy(later);
    public_done(context);
}
END_TEST

START_TEST(oracle_and_injector) {
    pvg_context *context = public_context(1, 0);
    pvg_dataset *data = NULL;
    ck_does(context, pvg_dataset_generate(context, NULL, 0, 10, &data));
    for (uint64_t i = 0; i < 10; i++) {
        pvg_problem problem = {.struct_size = sizeof problem};
        pvg_oracle_result result = {.struct_size = sizeof result};
        char text[1024];
        size_t needed = 0;
        int32_t changed = 5;
        ck_does(context, pvg_dataset_get(data, i, &problem));
        ck_does(context, pvg_oracle_check(context, problem.chain, problem.solution, PVG_NUL_TERMINATED, &result));
        ck_assert_int_eq(result.right, 1);
        ck_assert_int_eq(result.first_error, -1);
        ck_does(context, pvg_problem_inject(context, problem.chain, PVG_RENDERING_COMPACT, PVG_INJECT_NONE, 29, i, text,
                                            sizeof text, &needed, &changed));
        ck_assert_int_eq(changed, 0);
        ck_does(context, pvg_oracle_check(context, problem.chain, text, needed, &result));
        ck_assert_int_eq(result.fully_shown, 1);
        ck_does(context, pvg_problem_inject(context, problem.chain, PVG_RENDERING_COMPACT, PVG_INJECT_ANSWER, 29, i, text,
                                            sizeof text, &needed, &changed));
        ck_assert_int_eq(changed, 1);
        ck_does(context, pvg_oracle_check(context, problem.chain, text, needed, &result));
        ck_assert_int_eq(result.right, 0);
        ck_assert_int_eq(result.mismatch, 1);
    }
    char text[64];
    pvg_oracle_result result = {.struct_size = sizeof result};
    ck_refuses(context, PVG_E_FORMAT, "", pvg_oracle_check(context, "no chain", "x", 1, &result));
    ck_refuses(context, PVG_E_RANGE, "kind of error is 9",
               pvg_problem_inject(context, "x", 0, 9, 29, 1, text, sizeof text, NULL, NULL));
    pvg_dataset_destroy(data);
    public_done(context);
}
END_TEST

Suite *suite_datasets(void) {
    Suite *suite = suite_create("datasets");
    TCase *all = tcase_create("datasets");
    tcase_add_test(all, reads_problems);
    tcase_add_test(all, bad_lines_are_named);
    tcase_add_test(all, files_that_are_not_there);
    tcase_add_test(all, settings_choose_and_limit);
    tcase_add_test(all, built_by_hand);
    tcase_add_test(all, labelled_by_hand);
    tcase_add_test(all, parts_are_disjoint);
    tcase_add_test(all, problems_of_other_sizes);
    tcase_add_test(all, generated_problems);
    tcase_add_test(all, oracle_and_injector);
    suite_add_tcase(suite, all);
    return suite;
}
