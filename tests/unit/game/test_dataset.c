/* test_dataset.c - items, ids and digests; what may be appended; memory that runs out. */
#include <string.h>

#include "base/text.h"
#include "game/dataset.h"
#include "support.h"

static pvi_item problem(const char *id, const char *question, const char *gold) {
    return (pvi_item){.id = id, .question = question, .question_length = strlen(question), .solution = "", .gold = gold, .label = -1};
}

static pvi_item labelled(const char *question, const char *candidate, int32_t label) {
    pvi_item item = problem(NULL, question, "18");
    item.candidate = candidate;
    item.candidate_length = strlen(candidate);
    item.label = label;
    return item;
}

START_TEST(keeps_copies) {
    pvi_env *env = test_env();
    pvi_dataset *data;
    ck_ok(env, pvi_dataset_create(env, &data));
    char question[] = "How many eggs?", id[] = "eggs";
    pvi_item item = problem(id, question, "1,000 eggs");
    item.solution = "many\n#### 1000";
    item.solution_length = strlen(item.solution);
    item.chain = "start 1";
    item.line = 7;
    ck_ok(env, pvi_dataset_append(env, data, &item));
    memset(question, 'x', sizeof question - 1);
    memset(id, 'x', sizeof id - 1);
    const pvi_item *kept = pvi_dataset_item(data, 0);
    ck_assert_str_eq(kept->id, "eggs");
    ck_assert_str_eq(kept->question, "How many eggs?");
    ck_assert_uint_eq(kept->question_length, 14);
    ck_assert_str_eq(kept->solution, "many\n#### 1000");
    ck_assert_str_eq(kept->gold, "1000");
    ck_assert_str_eq(kept->chain, "start 1");
    ck_assert_ptr_null(kept->candidate);
    ck_assert_int_eq(kept->label, -1);
    ck_assert_uint_eq(kept->line, 7);
    size_t at;
    ck_assert(pvi_dataset_find(data, "eggs", &at) && at == 0);
    ck_assert(!pvi_dataset_find(data, "egg", &at));
    ck_assert(!pvi_dataset_labelled(data) && !pvi_dataset_frozen(data));
    pvi_dataset_release(data);
    pvi_dataset_release(NULL);
    test_env_free(env);
}
END_TEST

START_TEST(makes_ids) {
    pvi_env *env = test_env();
    pvi_dataset *data, *more;
    ck_ok(env, pvi_dataset_create(env, &data));
    ck_ok(env, pvi_dataset_create(env, &more));
    pvi_item plain = problem("", "Q one", "1");
    ck_ok(env, pvi_dataset_append(env, data, &plain));
    ck_assert_uint_eq(strlen(pvi_dataset_item(data, 0)->id), 32);
    ck_fails(env, PVG_E_INVALID, "item 1 has the question of item 0", pvi_dataset_append(env, data, &plain));
    plain.id = "own";
    ck_ok(env, pvi_dataset_append(env, data, &plain));
    plain.line = 12;
    ck_fails(env, PVG_E_INVALID, "the id 'own' of line 12 is already that of item 1", pvi_dataset_append(env, data, &plain));
    ck_assert_uint_eq(pvi_dataset_count(data), 2);
    char wanted[40];
    for (int i = 0; i < 20; i++) {
        pvi_item item = labelled("Q one", "#### 18", i % 2);
        ck_ok(env, pvi_dataset_append(env, more, &item));
        pvi_text_format(wanted, sizeof wanted, i == 0 ? "%s" : "%s-%d", pvi_dataset_item(data, 0)->id, i + 1);
        ck_assert_str_eq(pvi_dataset_item(more, (size_t)i)->id, wanted);
    }
    ck_assert(pvi_dataset_labelled(more));
    pvi_dataset_release(data);
    pvi_dataset_release(more);
    test_env_free(env);
}
END_TEST

START_TEST(refuses_bad_items) {
    pvi_env *env = test_env();
    pvi_dataset *data;
    ck_ok(env, pvi_dataset_create(env, &data));
    pvi_item good = problem("a", "Q", "1"), bad = good;
    ck_ok(env, pvi_dataset_append(env, data, &good));
    const struct {
        pvi_item item;
        pvg_status status;
        const char *part;
    } cases[] = {
        {problem("b", "", "1"), PVG_E_FORMAT, "the question is empty"},
        {problem("b", " \n\t", "1"), PVG_E_FORMAT, "the question is empty"},
        {problem("b", "Q\xFFz", "1"), PVG_E_FORMAT, "question is not UTF-8: byte 1 is 0xff"},
        {problem("\xC3", "Q", "1"), PVG_E_FORMAT, "id is not UTF-8"},
        {problem("b", "Q", "one"), PVG_E_FORMAT, "no single number can be read from the reference answer 'one'"},
        {problem("b", "Q", "5 or 6"), PVG_E_FORMAT, "reference answer '5 or 6'"},
        {problem("a", "Other", "1"), PVG_E_INVALID, "the id 'a' of item 1 is already that of item 0"},
        {labelled("Q", "#### 18", 1), PVG_E_INVALID, "cannot be mixed"},
        {labelled("Q", "#### 18", 2), PVG_E_INVALID, "the label is 2"},
        {labelled("Q", "#### 18", -1), PVG_E_INVALID, "the label is -1"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        ck_fails(env, cases[i].status, cases[i].part, pvi_dataset_append(env, data, &cases[i].item));
    bad.id = "b";
    bad.label = 0;
    ck_fails(env, PVG_E_INVALID, "the label is 0", pvi_dataset_append(env, data, &bad));
    bad = problem("b", "Q", "1");
    bad.solution = "a\0b";
    bad.solution_length = 3;
    ck_fails(env, PVG_E_FORMAT, "the solution holds a NUL at byte 1", pvi_dataset_append(env, data, &bad));
    pvi_dataset_freeze(data);
    good.id = "b";
    ck_fails(env, PVG_E_STATE, "frozen", pvi_dataset_append(env, data, &good));
    ck_assert_uint_eq(pvi_dataset_count(data), 1);
    pvi_dataset_release(data);
    test_env_free(env);
}
END_TEST

static void digest_of(pvi_env *env, const pvi_item *items, size_t count, char out[33]) {
    pvi_dataset *data;
    ck_ok(env, pvi_dataset_create(env, &data));
    for (size_t i = 0; i < count; i++) ck_ok(env, pvi_dataset_append(env, data, &items[i]));
    ck_ok(env, pvi_dataset_digest(env, data, out));
    pvi_dataset_release(data);
}

START_TEST(digest_is_of_the_content) {
    pvi_env *env = test_env();
    pvi_item items[2] = {problem("a", "Q1", "1"), problem("b", "Q2", "2")}, other[2];
    char first[33], second[33];
    digest_of(env, items, 2, first);
    memcpy(other, items, sizeof items);
    other[0].line = 99;
    other[1].gold = "2.0 eggs"; /* the same value */
    digest_of(env, other, 2, second);
    ck_assert_str_eq(first, second);
    for (int change = 0; change < 6; change++) {
        memcpy(other, items, sizeof items);
        switch (change) {
        case 0: other[0] = items[1], other[1] = items[0]; break;
        case 1: other[0].id = "c"; break;
        case 2: other[0].question = "Q3"; break;
        case 3: other[0].gold = "3"; break;
        case 4: other[0].chain = ""; break;
        case 5: other[0].solution = "s", other[0].solution_length = 1; break;
        }
        digest_of(env, other, 2, second);
        ck_assert_msg(strcmp(first, second) != 0, "change %d", change);
    }
    pvi_item right = labelled("Q", "#### 18", 1), wrong = labelled("Q", "#### 18", 0);
    digest_of(env, &right, 1, first);
    digest_of(env, &wrong, 1, second);
    ck_assert_str_ne(first, second);
    test_env_free(env);
}
END_TEST

START_TEST(a_failed_append_changes_nothing) {
    for (size_t fail = 1;; fail++) {
        pvi_env *env = test_env_with(1, fail);
        pvi_dataset *data = NULL;
        pvg_status status = pvi_dataset_create(env, &data);
        size_t added = 0;
        char id[16];
        for (int i = 0; i < 40 && status == PVG_OK; i++) {
            pvi_text_format(id, sizeof id, "id%d", i);
            pvi_item item = problem(id, "Q", "1");
            status = pvi_dataset_append(env, data, &item);
            added += status == PVG_OK;
            size_t at;
            ck_assert(pvi_dataset_find(data, id, &at) == (status == PVG_OK));
        }
        if (data != NULL) ck_assert_uint_eq(pvi_dataset_count(data), added);
        ck_assert(status == PVG_OK || status == PVG_E_NOMEM);
        pvi_dataset_release(data);
        test_env_free(env);
        if (status == PVG_OK) break;
        ck_assert_uint_lt(fail, 1000);
    }
}
END_TEST

Suite *suite_dataset(void) {
    Suite *suite = suite_create("dataset");
    TCase *all = tcase_create("dataset");
    tcase_add_test(all, keeps_copies);
    tcase_add_test(all, makes_ids);
    tcase_add_test(all, refuses_bad_items);
    tcase_add_test(all, digest_is_of_the_content);
    tcase_add_test(all, a_failed_append_changes_nothing);
    suite_add_tcase(suite, all);
    return suite;
}
