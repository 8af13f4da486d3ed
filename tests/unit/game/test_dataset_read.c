/* test_dataset_read.c - JSON lines of many kinds, good and bad, and back to a file with the same digest. */
#include <string.h>

#include "base/alloc.h"
#include "base/file.h"
#include "base/text.h"
#include "game/dataset.h"
#include "support.h"

static pvi_dataset *read_with(pvi_env *env, const char *content, pvi_dataset_options options) {
    const char *path = test_path(test_dir(), "data.jsonl");
    test_write(path, content);
    pvi_dataset *data = NULL;
    ck_ok(env, pvi_dataset_read(env, path, &options, &data));
    return data;
}

#define READ(env, content, ...) read_with(env, content, (pvi_dataset_options){__VA_ARGS__})

static const char SCHOOL[] =
    "{\"question\": \"Two eggs at $9?\", \"answer\": \"2*9 = $<<2*9=18>>18\\n#### 18\"}\n"
    "{\"question\": \"Half of that?\", \"answer\": \"18/2 = <<18/2=9>>9 < <9\\n#### 9\", \"extra\": [1, {}]}\n";

START_TEST(reads_school_problems) {
    pvi_env *env = test_env();
    pvi_dataset *data = READ(env, SCHOOL, .strip_marks = true);
    ck_assert_uint_eq(pvi_dataset_count(data), 2);
    ck_assert_str_eq(pvi_dataset_item(data, 0)->solution, "2*9 = $18\n#### 18");
    ck_assert_str_eq(pvi_dataset_item(data, 1)->solution, "18/2 = 9 < <9\n#### 9");
    ck_assert_str_eq(pvi_dataset_item(data, 0)->gold, "18");
    ck_assert_uint_eq(pvi_dataset_item(data, 1)->line, 2);
    pvi_dataset_release(data);
    data = READ(env, SCHOOL, .strip_marks = false);
    ck_assert_str_eq(pvi_dataset_item(data, 0)->solution, "2*9 = $<<2*9=18>>18\n#### 18");
    pvi_dataset_release(data);
    test_env_free(env);
}
END_TEST

START_TEST(reads_other_fields) {
    pvi_env *env = test_env();
    pvi_dataset *data = READ(env,
                             "\xEF\xBB\xBF{\"p\": {\"text\": \"Q\", \"deep\": {\"n\": 3}}, \"a.b\": \"S\", \"a\": {\"b\": 1}, \"key\": 5}\r\n"
                             "  \r\n\n"
                             "{\"p\": {\"text\": \"R\", \"deep.n\": 0.5}, \"key\": \"k\", \"a\": {\"b\": null}}",
                             .fields = {.id = "key", .question = "p.text", .answer = "p.deep.n", .solution = "a.b"});
    ck_assert_uint_eq(pvi_dataset_count(data), 2);
    const pvi_item *item = pvi_dataset_item(data, 0);
    ck_assert_str_eq(item->id, "5");
    ck_assert_str_eq(item->question, "Q");
    ck_assert_str_eq(item->solution, "S");
    ck_assert_str_eq(item->gold, "3");
    item = pvi_dataset_item(data, 1);
    ck_assert_str_eq(item->id, "k");
    ck_assert_str_eq(item->gold, "0.5");
    ck_assert_str_eq(item->solution, "");
    ck_assert_uint_eq(item->line, 4);
    pvi_dataset_release(data);
    test_env_free(env);
}
END_TEST

START_TEST(reads_labelled_solutions) {
    pvi_env *env = test_env();
    pvi_dataset *data = READ(env,
                             "{\"question\": \"Q\", \"answer\": \"work\\nA: 18\", \"solution\": \"<<1+1=2>>2\\nA: 2\", \"is_correct\": false}\n"
                             "{\"question\": \"Q\", \"answer\": 18, \"solution\": \"A: 18\", \"is_correct\": 1, \"reference\": \"ref\"}\n",
                             .labelled = true, .strip_marks = true);
    const pvi_item *item = pvi_dataset_item(data, 0);
    ck_assert_str_eq(item->candidate, "2\nA: 2");
    ck_assert_str_eq(item->solution, "work\nA: 18");
    ck_assert_int_eq(item->label, 0);
    ck_assert_str_eq(pvi_dataset_item(data, 1)->solution, "ref");
    ck_assert_int_eq(pvi_dataset_item(data, 1)->label, 1);
    ck_assert(pvi_dataset_labelled(data));
    pvi_dataset_release(data);
    test_env_free(env);
}
END_TEST

#define GOOD "{\"question\": \"Q\", \"answer\": \"1\"}\n"

static const struct {
    const char *content;
    bool labelled;
    pvg_status status;
    const char *part;
} bad[] = {
    {GOOD "{\"question\": \"R\"}\n", false, PVG_E_FORMAT, "data.jsonl:2: field \"answer\": found nothing, wanted is text"},
    {GOOD "{\"answer\": \"1\"}\n", false, PVG_E_FORMAT, "data.jsonl:2: field \"question\": found nothing, wanted is text"},
    {"{\"question\": 5, \"answer\": \"1\"}", false, PVG_E_FORMAT, "field \"question\": found a number, wanted is text"},
    {"{\"question\": null, \"answer\": \"1\"}", false, PVG_E_FORMAT, "found null"},
    {"{\"question\": \"Q\", \"answer\": []}", false, PVG_E_FORMAT, "field \"answer\": found a list"},
    {"{\"question\": \"Q\", \"answer\": {\"x\": 1}}", false, PVG_E_FORMAT, "found an object"},
    {"{\"question\": \"Q\", \"answer\": true}", false, PVG_E_FORMAT, "field \"answer\": found true"},
    {"{\"question\": \"Q\", \"answer\": \"one\"}", false, PVG_E_FORMAT,
     "data.jsonl:1: field \"answer\": no single number can be read from the reference answer 'one'"},
    {"{\"question\": \"Q\", \"answer\": \"\"}", false, PVG_E_FORMAT, "field \"answer\": no single number"},
    {"{\"question\": \"Q\", \"answer\": \"1\", \"id\": 1.5}", false, PVG_E_FORMAT, "field \"id\": found a number, wanted is text or a whole"},
    {"{\"question\": \"Q\", \"answer\": \"1\", \"solution\": 3}", false, PVG_E_FORMAT, "field \"solution\": found a number"},
    {"{\"question\": \"Q\", \"answer\": \"1\", \"chain\": false}", false, PVG_E_FORMAT, "field \"chain\": found false"},
    {"{\"question\": \" \", \"answer\": \"1\"}", false, PVG_E_FORMAT, "data.jsonl:1: the question is empty"},
    {"{\"question\": \"a\\u0000b\", \"answer\": \"1\"}", false, PVG_E_FORMAT, "data.jsonl:1: not valid JSON"},
    {"{\"question\": \"a\xFF\", \"answer\": \"1\"}", false, PVG_E_FORMAT, "data.jsonl:1: not valid JSON at byte"},
    {"{\"question\": \"Q\", \"answer\": \"1\"", false, PVG_E_FORMAT, "not valid JSON"},
    {"{\"question\": \"Q\", \"answer\": \"1\"} x", false, PVG_E_FORMAT, "not valid JSON"},
    {"{\"question\": \"Q\", \"question\": \"R\", \"answer\": \"1\"}", false, PVG_E_FORMAT, "duplicate object key"},
    {"[1, 2]", false, PVG_E_FORMAT, "data.jsonl:1: found a list, wanted is one object a line"},
    {"17", false, PVG_E_FORMAT, "found a number, wanted is one object"},
    {"{\"question\": \"Q\", \"answer\": 123456789012345678901234567890}", false, PVG_E_FORMAT, "too big integer"},
    {GOOD "\n" GOOD, false, PVG_E_FORMAT, "data.jsonl:3: without an id"},
    {GOOD GOOD, false, PVG_E_FORMAT, "line 2 has the question of line 1"},
    {"{\"id\": 7, \"question\": \"Q\", \"answer\": \"1\"}\n{\"id\": \"7\", \"question\": \"R\", \"answer\": \"1\"}", false, PVG_E_FORMAT,
     "data.jsonl:2: the id '7' of line 2 is already that of line 1"},
    {GOOD, true, PVG_E_FORMAT, "field \"solution\": found nothing, wanted is text"},
    {"{\"question\": \"Q\", \"answer\": \"1\", \"solution\": \"s\"}", true, PVG_E_FORMAT,
     "field \"is_correct\": found nothing, wanted is true, false, 1 or 0"},
    {"{\"question\": \"Q\", \"answer\": \"1\", \"solution\": \"s\", \"is_correct\": 2}", true, PVG_E_FORMAT, "found a number, wanted is true"},
    {"{\"question\": \"Q\", \"answer\": \"1\", \"solution\": \"s\", \"is_correct\": \"yes\"}", true, PVG_E_FORMAT, "found text, wanted is true"},
};

START_TEST(bad_lines_fail_the_read) {
    pvi_env *env = test_env();
    const char *path = test_path(test_dir(), "data.jsonl");
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        pvi_dataset *data = NULL;
        test_write(path, bad[i].content);
        pvi_dataset_options options = {.labelled = bad[i].labelled};
        ck_fails(env, bad[i].status, bad[i].part, pvi_dataset_read(env, path, &options, &data));
        ck_assert_ptr_null(data);
    }
    test_env_free(env);
}
END_TEST

START_TEST(bad_files_fail_the_read) {
    pvi_env *env = test_env();
    const char *dir = test_dir(), *path = test_path(dir, "data.jsonl"), *zip = test_path(dir, "data.jsonl.gz");
    pvi_dataset *data = NULL;
    ck_fails(env, PVG_E_NOT_FOUND, "none.jsonl", pvi_dataset_read(env, test_path(dir, "none.jsonl"), NULL, &data));
    ck_ok(env, pvi_file_write(env, path, "{\"question\": \"Q\", \0 \"answer\": \"1\"}", 35));
    ck_fails(env, PVG_E_FORMAT, "data.jsonl:1: not valid JSON", pvi_dataset_read(env, path, NULL, &data));
    data = READ(env, SCHOOL, .labelled = false);
    ck_ok(env, pvi_dataset_write(env, data, zip));
    pvi_dataset_release(data);
    data = NULL;
    char *bytes;
    size_t length;
    ck_ok(env, pvi_file_read(env, zip, 1 << 20, &bytes, &length));
    for (size_t keep = 1; keep < length; keep += 7) {
        ck_ok(env, pvi_file_write(env, zip, bytes, keep));
        pvg_status status = pvi_dataset_read(env, zip, NULL, &data);
        ck_assert_msg(status == PVG_E_FORMAT && data == NULL, "%zu of %zu bytes: status %d", keep, length, (int)status);
    }
    bytes[length - 6] ^= 1; /* the checksum */
    ck_ok(env, pvi_file_write(env, zip, bytes, length));
    ck_fails(env, PVG_E_FORMAT, "damaged", pvi_dataset_read(env, zip, NULL, &data));
    pvi_free(env, bytes);
    test_env_free(env);
}
END_TEST

static pvi_dataset *mixed(pvi_env *env, bool labelled) {
    pvi_dataset *data;
    ck_ok(env, pvi_dataset_create(env, &data));
    static const char *const golds[] = {"1", "-2.5", "1/3", "50%", "1,000,000", "1e100"};
    for (int i = 0; i < 60; i++) {
        char question[64];
        pvi_text_format(question, sizeof question, "Q%d \"quoted\" \\ \t\n\xC3\xA9 <<1+1=2>>", labelled ? i / 3 : i);
        pvi_item item = {.question = question, .question_length = strlen(question), .gold = golds[i % 6], .label = -1};
        item.solution = i % 2 == 0 ? "" : "a <<1+2=3>>3\nb\n#### 99";
        item.solution_length = strlen(item.solution);
        item.chain = i % 3 == 0 ? NULL : i % 3 == 1 ? "" : "chain";
        if (labelled) {
            item.candidate = i % 5 == 0 ? "" : "#### 1";
            item.candidate_length = strlen(item.candidate);
            item.label = i % 2;
        }
        ck_ok(env, pvi_dataset_append(env, data, &item));
    }
    return data;
}

START_TEST(written_files_read_back) {
    pvi_env *env = test_env();
    const char *dir = test_dir();
    for (int kind = 0; kind < 4; kind++) {
        bool labelled = kind & 1;
        const char *path = test_path(dir, kind & 2 ? "out.jsonl.gz" : "out.jsonl");
        pvi_dataset *data = mixed(env, labelled), *back;
        char before[33], after[33];
        ck_ok(env, pvi_dataset_write(env, data, path));
        ck_ok(env, pvi_dataset_read(env, path, &(pvi_dataset_options){.labelled = labelled}, &back));
        ck_ok(env, pvi_dataset_digest(env, data, before));
        ck_ok(env, pvi_dataset_digest(env, back, after));
        ck_assert_str_eq(before, after);
        char *bytes;
        size_t length;
        ck_ok(env, pvi_file_read(env, path, 1 << 20, &bytes, &length));
        ck_assert_int_eq((unsigned char)bytes[0] == 0x1F, (kind & 2) != 0);
        pvi_free(env, bytes);
        pvi_dataset_release(data);
        pvi_dataset_release(back);
    }
    pvi_dataset *none, *back;
    const char *path = test_path(dir, "empty.jsonl.gz");
    ck_ok(env, pvi_dataset_create(env, &none));
    ck_ok(env, pvi_dataset_write(env, none, path));
    ck_ok(env, pvi_dataset_read(env, path, NULL, &back));
    ck_assert_uint_eq(pvi_dataset_count(back), 0);
    ck_fails(env, PVG_E_NOT_FOUND, "nowhere", pvi_dataset_write(env, none, test_path(dir, "nowhere/out.jsonl")));
    pvi_dataset_release(none);
    pvi_dataset_release(back);
    test_env_free(env);
}
END_TEST

START_TEST(no_memory_leaves_nothing) {
    const char *dir = test_dir(), *path = test_path(dir, "in.jsonl"), *zip = test_path(dir, "out.jsonl.gz");
    test_write(path, SCHOOL);
    for (size_t fail = 1;; fail++) {
        pvi_env *env = test_env_with(1, fail);
        pvi_dataset *data = NULL;
        pvg_status status = pvi_dataset_read(env, path, &(pvi_dataset_options){.strip_marks = true}, &data);
        if (status == PVG_OK) status = pvi_dataset_write(env, data, zip);
        ck_assert(status == PVG_OK || status == PVG_E_NOMEM);
        ck_assert(status == PVG_OK || !pvi_file_exists(zip));
        pvi_dataset_release(data);
        test_env_free(env);
        if (status == PVG_OK) break;
        ck_assert_uint_lt(fail, 200);
    }
}
END_TEST

Suite *suite_dataset_read(void) {
    Suite *suite = suite_create("dataset_read");
    TCase *all = tcase_create("dataset_read");
    tcase_add_test(all, reads_school_problems);
    tcase_add_test(all, reads_other_fields);
    tcase_add_test(all, reads_labelled_solutions);
    tcase_add_test(all, bad_lines_fail_the_read);
    tcase_add_test(all, bad_files_fail_the_read);
    tcase_add_test(all, written_files_read_back);
    tcase_add_test(all, no_memory_leaves_nothing);
    suite_add_tcase(suite, all);
    return suite;
}
