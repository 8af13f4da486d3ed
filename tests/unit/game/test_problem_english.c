/* test_problem_english.c - the English rendering: whole sentences, every number told, nobody mixed up. */
#include <stdlib.h>
#include <string.h>

#include "game/oracle.h"
#include "game/problem_scenes.h"
#include "support.h"

static const pvi_problem_options OPTIONS = {.seed = 11, .min_steps = 1, .max_steps = 8, .largest = 200,
                                            .largest_operand = 30, .largest_factor = 12, .division = true,
                                            .distractors = 3};

static size_t length_of(const char *const *list) {
    size_t count = 0;
    while (list[count] != NULL) count++;
    return count;
}

static void check_template(const char *template, const char *marks, const char *needed) {
    bool has = needed == NULL;
    for (const char *at = template; (at = strchr(at, '{')) != NULL; at += 3) {
        ck_assert_msg(at[1] != '\0' && strchr(marks, at[1]) != NULL && at[2] == '}', "%s", template);
        has |= needed != NULL && strchr(needed, at[1]) != NULL;
    }
    ck_assert_msg(has, "%s", template);
    size_t length = strlen(template);
    ck_assert_msg(length > 4 && (template[length - 1] == '.' || template[length - 1] == '?'), "%s", template);
    ck_assert_msg(strstr(template, "  ") == NULL && strstr(template, "{}") == NULL, "%s", template);
    for (const char *at = template; *at != '\0'; at++) ck_assert(*at >= ' ' && *at <= '~');
}

static void check_list(const char *const *list, size_t least, const char *marks, const char *needed) {
    ck_assert_uint_ge(length_of(list), least);
    for (size_t i = 0; list[i] != NULL; i++) {
        check_template(list[i], marks, needed);
        for (size_t j = 0; j < i; j++) ck_assert_str_ne(list[i], list[j]);
    }
}

START_TEST(templates_are_whole) {
    /* what tells the operand of each operation */
    static const char *const operand[4] = {"nq", "nq", "x", "fn"};
    size_t steps[4] = {0}, others[4] = {0};
    for (size_t s = 0; s < pvi_scene_count; s++) {
        const pvi_scene *scene = &pvi_scenes[s];
        check_list(scene->start, 3, "Nqnm", "q");
        for (int k = 0; k < 4; k++) {
            check_list(scene->step[k], 3, "NSOPsopnmquxf", operand[k]);
            check_list(scene->other[k], 2, "Ddnmquxf", operand[k]);
            steps[k] += length_of(scene->step[k]);
            others[k] += length_of(scene->other[k]);
            for (size_t i = 0; scene->other[k][i] != NULL; i++) ck_assert(strstr(scene->other[k][i], "{D}") != NULL);
        }
        check_list(scene->question, 3, "Nu", NULL);
        for (size_t i = 0; scene->question[i] != NULL; i++) ck_assert(strchr(scene->question[i], '?') != NULL);
        check_list(scene->state, 3, "NSe", "e");
        ck_assert(scene->nouns[0].one != NULL);
    }
    for (int k = 0; k < 4; k++) {
        check_list(pvi_other_things[k], 3, "Ddnvwxf", operand[k]);
        check_list(pvi_state_after[k], 2, "e", "e");
        ck_assert_uint_ge(steps[k], 30);
        ck_assert_uint_ge(others[k], 20);
    }
}
END_TEST

START_TEST(there_are_many_names_and_things) {
    size_t she = length_of(pvi_names_she), he = length_of(pvi_names_he), things = 0;
    ck_assert_uint_ge(she, 30);
    ck_assert_uint_ge(he, 30);
    for (size_t i = 0; i < she + he; i++)
        for (size_t j = 0; j < i; j++)
            ck_assert_str_ne(i < she ? pvi_names_she[i] : pvi_names_he[i - she],
                             j < she ? pvi_names_she[j] : pvi_names_he[j - she]);
    for (; pvi_things[things].one != NULL; things++)
        for (size_t j = 0; j < things; j++) ck_assert_str_ne(pvi_things[things].one, pvi_things[j].one);
    ck_assert_uint_ge(things, 60);
}
END_TEST

static bool tells_number(const char *text, int32_t number) {
    static const char *const words[] = {"twice", "half", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth",
                                        "tenth"};
    char digits[16];
    size_t length = (size_t)pvi_text_format(digits, sizeof digits, "%d", number);
    for (const char *at = text; (at = strstr(at, digits)) != NULL; at++) {
        bool alone = (at == text || at[-1] < '0' || at[-1] > '9') && (at[length] < '0' || at[length] > '9');
        if (alone) return true;
    }
    if (number == 2) return strstr(text, "twice") != NULL || strstr(text, "half") != NULL;
    return number >= 3 && number <= 10 && strstr(text, words[number - 1]) != NULL;
}

static int occurrences(const char *text, const char *part) {
    int count = 0;
    for (const char *at = text; (at = strstr(at, part)) != NULL; at += strlen(part)) count++;
    return count;
}

START_TEST(questions_tell_everything) {
    pvi_env *env = test_env();
    pvi_text text, again;
    pvi_text_init(&text, env);
    pvi_text_init(&again, env);
    for (uint64_t n = 0; n < 1500; n++) {
        pvi_problem p;
        pvi_problem_make(&OPTIONS, n, &p);
        pvi_text_clear(&text);
        pvi_text_clear(&again);
        pvi_problem_question(&p, PVG_RENDERING_ENGLISH, &text);
        pvi_problem_question(&p, PVG_RENDERING_ENGLISH, &again);
        ck_assert_str_eq(text.data, again.data);
        const char *q = text.data;
        ck_assert_msg(tells_number(q, p.start), "%s", q);
        for (int32_t s = 0; s < p.steps; s++) ck_assert_msg(tells_number(q, p.step[s].operand), "%s", q);
        for (int32_t d = 0; d < p.distractors; d++) ck_assert_msg(tells_number(q, p.distractor[d].operand), "%s", q);
        ck_assert(*q >= 'A' && *q <= 'Z' && q[text.length - 1] == '?');
        ck_assert_int_eq(occurrences(q, ". ") + 1, p.steps + p.distractors + 2); /* a sentence each, start and question */
        ck_assert(strpbrk(q, "{}~\n") == NULL && strstr(q, "  ") == NULL && strstr(q, "..") == NULL);
    }
    pvi_text_free(&text);
    pvi_text_free(&again);
    test_env_free(env);
}
END_TEST

START_TEST(one_of_a_thing_is_one) {
    pvi_env *env = test_env();
    pvi_text text;
    pvi_text_init(&text, env);
    pvi_problem p = {.start = 3, .steps = 1, .step = {{PVI_SUBTRACT, 2, 1}}};
    for (p.wording = 0; p.wording < 200; p.wording++) {
        pvi_rng rng = pvi_rng_stream(1, "test", 0, 0);
        pvi_text_clear(&text);
        pvi_problem_solution(&p, PVG_RENDERING_ENGLISH, &(pvi_solution_style){1, 0, 0}, &rng, &text);
        const char *noun = strstr(text.data, "3 - 2 = 1 ");
        ck_assert_msg(noun != NULL && strstr(text.data, "\n#### 1") != NULL, "%s", text.data);
        size_t length = strcspn(noun + 10, " .");
        ck_assert_msg(noun[10 + length - 1] != 's' || strncmp(noun + 10, "atlas", 5) == 0, "%s", text.data);
    }
    pvi_text_free(&text);
    test_env_free(env);
}
END_TEST

START_TEST(problems_rarely_repeat) {
    enum { COUNT = 3000 };
    pvi_env *env = test_env();
    static char seen[COUNT][512];
    pvi_problem_options o = OPTIONS;
    o.min_steps = 2;
    o.max_steps = 3;
    o.distractors = 1;
    pvi_text text;
    pvi_text_init(&text, env);
    for (uint64_t n = 0; n < COUNT; n++) {
        pvi_problem p;
        pvi_problem_make(&o, n, &p);
        pvi_text_clear(&text);
        pvi_problem_question(&p, PVG_RENDERING_ENGLISH, &text);
        ck_assert_uint_lt(text.length, sizeof seen[0]);
        memcpy(seen[n], text.data, text.length + 1);
    }
    qsort(seen, COUNT, sizeof seen[0], (int (*)(const void *, const void *))strcmp);
    for (size_t n = 1; n < COUNT; n++) ck_assert_str_ne(seen[n], seen[n - 1]);
    pvi_text_free(&text);
    test_env_free(env);
}
END_TEST

Suite *suite_problem_english(void);
Suite *suite_problem_english(void) {
    Suite *suite = suite_create("problem_english");
    TCase *tests = tcase_create("problem_english");
    tcase_set_timeout(tests, 60);
    tcase_add_test(tests, templates_are_whole);
    tcase_add_test(tests, there_are_many_names_and_things);
    tcase_add_test(tests, questions_tell_everything);
    tcase_add_test(tests, one_of_a_thing_is_one);
    tcase_add_test(tests, problems_rarely_repeat);
    suite_add_tcase(suite, tests);
    return suite;
}
