/* test_dataset_cut.c - parts share no question, depend on questions alone, and outlive their source. */
#include <math.h>
#include <string.h>

#include "base/text.h"
#include "game/dataset.h"
#include "support.h"

/* Items first..last-1; item i asks question i / copies, with white space of its own. */
static pvi_dataset *numbered(pvi_env *env, int first, int last, int copies) {
    pvi_dataset *data;
    ck_ok(env, pvi_dataset_create(env, &data));
    for (int i = first; i < last; i++) {
        char id[16], question[48];
        pvi_text_format(id, sizeof id, "id%d", i);
        pvi_text_format(question, sizeof question, i % 2 == 0 ? "How much is %d?" : " How  much\nis %d?\t", i / copies);
        pvi_item item = {.id = id, .question = question, .question_length = strlen(question), .gold = "1", .label = -1};
        ck_ok(env, pvi_dataset_append(env, data, &item));
    }
    return data;
}

static uint64_t hash_of(const char *question) { return pvi_question_hash(3, question, strlen(question)); }

START_TEST(white_space_does_not_count) {
    ck_assert_uint_eq(hash_of("How much?"), hash_of("  How \t\n much?\r\n"));
    ck_assert_uint_ne(hash_of("How much?"), hash_of("Howmuch?"));
    ck_assert_uint_ne(hash_of("How much?"), hash_of("How much"));
    ck_assert_uint_ne(hash_of(""), pvi_question_hash(4, "", 0));
}
END_TEST

START_TEST(sides_follow_questions) {
    pvi_env *env = test_env();
    enum { COUNT = 4000, COPIES = 4 };
    const double share[PVI_SIDES] = {0.45, 0.35, 0.1};
    static uint8_t side[COUNT], part[COUNT / 2], other[COUNT];
    pvi_dataset *all = numbered(env, 0, COUNT, COPIES), *half = numbered(env, COUNT / 2, COUNT, COPIES);
    ck_ok(env, pvi_dataset_sides(env, all, 11, share, side));
    ck_ok(env, pvi_dataset_sides(env, half, 11, share, part));
    ck_ok(env, pvi_dataset_sides(env, all, 12, share, other));
    int size[4] = {0}, moved = 0;
    for (int i = 0; i < COUNT; i++) {
        ck_assert_uint_eq(side[i], side[i / COPIES * COPIES]);
        if (i >= COUNT / 2) ck_assert_uint_eq(side[i], part[i - COUNT / 2]);
        size[side[i]]++;
        moved += side[i] != other[i];
    }
    const double wanted[4] = {0.45, 0.35, 0.1, 0.1};
    for (int s = 0; s < 4; s++) {
        double questions = COUNT / COPIES, expected = wanted[s] * questions, deviation = sqrt(expected * (1 - wanted[s]));
        ck_assert_msg(fabs(size[s] / (double)COPIES - expected) < 4 * deviation, "side %d has %d items", s, size[s]);
    }
    ck_assert_int_gt(moved, COUNT / 2);
    pvi_dataset_release(all);
    pvi_dataset_release(half);
    test_env_free(env);
}
END_TEST

START_TEST(whole_shares_leave_nobody_out) {
    pvi_env *env = test_env();
    static uint8_t side[2000];
    pvi_dataset *all = numbered(env, 0, 2000, 1);
    const double cases[][PVI_SIDES] = {{0.1, 0.2, 0.7}, {1, 0, 0}, {0, 1, 0}, {0, 0, 1}, {0.3, 0.7, 0}};
    for (size_t c = 0; c < 5; c++) {
        ck_ok(env, pvi_dataset_sides(env, all, 1, cases[c], side));
        for (int i = 0; i < 2000; i++) ck_assert(side[i] < PVI_SIDES && cases[c][side[i]] > 0);
    }
    ck_fails(env, PVG_E_RANGE, "add up to more than 1", pvi_dataset_sides(env, all, 1, (double[]){0.5, 0.5, 0.1}, side));
    ck_fails(env, PVG_E_RANGE, "a share of the dataset is -0.1", pvi_dataset_sides(env, all, 1, (double[]){-0.1, 0.5, 0.1}, side));
    ck_fails(env, PVG_E_RANGE, "share", pvi_dataset_sides(env, all, 1, (double[]){NAN, 0.5, 0.1}, side));
    pvi_dataset_release(all);
    test_env_free(env);
}
END_TEST

START_TEST(cut_and_outlive_the_source) {
    pvi_env *env = test_env();
    pvi_dataset *all = numbered(env, 0, 300, 2), *side[PVI_SIDES], *part;
    ck_ok(env, pvi_dataset_cut(env, all, 5, (double[]){0.45, 0.45, 0.1}, side));
    size_t total = 0, at;
    for (int s = 0; s < PVI_SIDES; s++) {
        total += pvi_dataset_count(side[s]);
        ck_assert(pvi_dataset_frozen(side[s]));
        for (size_t i = 0; i < pvi_dataset_count(side[s]); i++) {
            const pvi_item *item = pvi_dataset_item(side[s], i);
            ck_assert(pvi_dataset_find(side[s], item->id, &at) && at == i);
            for (int o = 0; o < PVI_SIDES; o++) ck_assert(o == s || !pvi_dataset_find(side[o], item->id, &at));
        }
    }
    ck_assert_uint_eq(total, 300);
    ck_ok(env, pvi_dataset_limit(env, side[0], 3, &part));
    pvi_dataset_release(all);
    for (int s = 0; s < PVI_SIDES; s++) pvi_dataset_release(side[s]);
    ck_assert_uint_eq(pvi_dataset_count(part), 3);
    ck_assert_str_eq(pvi_dataset_item(part, 0)->gold, "1");
    ck_assert(pvi_dataset_retain(part) == part);
    pvi_dataset_release(part);
    ck_assert_ptr_nonnull(strstr(pvi_dataset_item(part, 2)->question, "much"));
    pvi_dataset_release(part);
    test_env_free(env);
}
END_TEST

START_TEST(subset_and_limit) {
    pvi_env *env = test_env();
    pvi_dataset *all = numbered(env, 0, 5, 1), *part = NULL;
    ck_ok(env, pvi_dataset_subset(env, all, (uint32_t[]){4, 0, 2}, 3, &part));
    ck_assert_str_eq(pvi_dataset_item(part, 0)->id, "id4");
    ck_assert_str_eq(pvi_dataset_item(part, 2)->id, "id2");
    pvi_dataset_release(part);
    ck_ok(env, pvi_dataset_subset(env, all, NULL, 0, &part));
    ck_assert_uint_eq(pvi_dataset_count(part), 0);
    pvi_dataset_release(part);
    ck_ok(env, pvi_dataset_limit(env, all, 99, &part));
    ck_assert_uint_eq(pvi_dataset_count(part), 5);
    pvi_dataset_release(part);
    ck_fails(env, PVG_E_RANGE, "item 5 was asked for", pvi_dataset_subset(env, all, (uint32_t[]){5}, 1, &part));
    ck_fails(env, PVG_E_INVALID, "item 1 was asked for twice", pvi_dataset_subset(env, all, (uint32_t[]){1, 1}, 2, &part));
    pvi_dataset_release(all);
    test_env_free(env);
}
END_TEST

START_TEST(exclusion_takes_the_whole_question) {
    pvi_env *env = test_env();
    const char *path = test_path(test_dir(), "ids.txt");
    pvi_dataset *all = numbered(env, 0, 10, 2), *rest = NULL;
    size_t at;
    test_write(path, "id3\r\n\n  id8 \n");
    ck_ok(env, pvi_dataset_exclude(env, all, path, &rest));
    ck_assert_uint_eq(pvi_dataset_count(rest), 6);
    ck_assert(!pvi_dataset_find(rest, "id2", &at) && !pvi_dataset_find(rest, "id9", &at) && pvi_dataset_find(rest, "id4", &at));
    pvi_dataset_release(rest);
    test_write(path, "");
    ck_ok(env, pvi_dataset_exclude(env, all, path, &rest));
    ck_assert_uint_eq(pvi_dataset_count(rest), 10);
    pvi_dataset_release(rest);
    test_write(path, "id1\nnone\n");
    ck_fails(env, PVG_E_NOT_FOUND, "ids.txt:2: no problem has the id 'none'", pvi_dataset_exclude(env, all, path, &rest));
    ck_fails(env, PVG_E_NOT_FOUND, "gone", pvi_dataset_exclude(env, all, "gone", &rest));
    pvi_dataset_release(all);
    test_env_free(env);
}
END_TEST

START_TEST(no_memory) {
    const char *path = test_path(test_dir(), "ids.txt");
    test_write(path, "id1\nid2\n");
    for (size_t fail = 1;; fail++) {
        pvi_env *env = test_env_with(1, fail);
        pvi_dataset *all = NULL, *side[PVI_SIDES], *rest = NULL;
        pvg_status status = pvi_dataset_create(env, &all);
        for (int i = 0; i < 3 && status == PVG_OK; i++) {
            pvi_item item = {.id = i == 0 ? "id0" : i == 1 ? "id1" : "id2", .question = "Q", .question_length = 1, .gold = "1", .label = -1};
            status = pvi_dataset_append(env, all, &item);
        }
        if (status == PVG_OK) status = pvi_dataset_exclude(env, all, path, &rest);
        if (status == PVG_OK) {
            pvi_dataset_release(rest);
            status = pvi_dataset_cut(env, all, 1, (double[]){0.5, 0.5, 0}, side);
            for (int s = 0; s < PVI_SIDES && status == PVG_OK; s++) pvi_dataset_release(side[s]);
        }
        ck_assert(status == PVG_OK || status == PVG_E_NOMEM);
        pvi_dataset_release(all);
        test_env_free(env);
        if (status == PVG_OK) break;
        ck_assert_uint_lt(fail, 200);
    }
}
END_TEST

Suite *suite_dataset_cut(void) {
    Suite *suite = suite_create("dataset_cut");
    TCase *all = tcase_create("dataset_cut");
    tcase_add_test(all, white_space_does_not_count);
    tcase_add_test(all, sides_follow_questions);
    tcase_add_test(all, whole_shares_leave_nobody_out);
    tcase_add_test(all, cut_and_outlive_the_source);
    tcase_add_test(all, subset_and_limit);
    tcase_add_test(all, exclusion_takes_the_whole_question);
    tcase_add_test(all, no_memory);
    suite_add_tcase(suite, all);
    return suite;
}
