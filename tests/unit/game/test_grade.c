/* test_grade.c - the grader's rules, one solution a line, and what holds for every solution. */
#include <string.h>

#include "base/rng.h"
#include "base/text.h"
#include "game/grade.h"
#include "support.h"

enum { C = PVG_VERDICT_CORRECT, W = PVG_VERDICT_WRONG, N = PVG_VERDICT_NO_ANSWER, A = PVG_VERDICT_AMBIGUOUS, T = PVG_VERDICT_TRUNCATED };

typedef struct grading {
    const char *gold, *solution;
    pvg_verdict verdict;
    const char *extracted; /* NULL: not looked at */
} grading;

static pvi_grade grade(pvi_env *env, pvi_grade_options options, const char *gold, const char *solution) {
    pvi_grade out;
    ck_ok(env, pvi_grade_solution(env, &options, gold, strlen(gold), solution, strlen(solution), &out));
    return out;
}

static void check_all(pvi_grade_options options, const grading *table, size_t count) {
    pvi_env *env = test_env();
    for (size_t i = 0; i < count; i++) {
        const grading *t = &table[i];
        pvi_grade out = grade(env, options, t->gold, t->solution);
        ck_assert_msg(out.verdict == t->verdict, "'%s' with gold %s: %s (read '%s' by '%s'), wanted %s", t->solution, t->gold,
                      pvi_verdict_name(out.verdict), out.extracted, out.rule, pvi_verdict_name(t->verdict));
        if (t->extracted != NULL)
            ck_assert_msg(strcmp(out.extracted, t->extracted) == 0, "'%s': read '%s', wanted '%s'", t->solution, out.extracted,
                          t->extracted);
    }
    test_env_free(env);
}

#define CHECK_ALL(table, ...) check_all((pvi_grade_options){__VA_ARGS__}, table, sizeof table / sizeof *table)

static const grading markers[] = {
    {"18", "9 * 2 = 18\n#### 18", C, "18"},
    {"18", "####18", C, "18"},
    {"18", "#### 17", W, "17"},
    {"18", "#### 17\n#### 18", C, "18"},
    {"18", "#### **18**", C, "18"},
    {"18", "#### $18.", C, "$18"},
    {"18", "#### 18 eggs", C, "18"},
    {"18", "#### x = 18", C, "18"},
    {"18", "####\n18", C, "18"},
    {"18", "####\n\n  18 dollars\n", C, "18"},
    {"18", "####\nso then we must add up the 18 eggs", N, ""},
    {"18", "### 18", N, ""},
    {"18", "##### 18", N, ""},
    {"18", "#### Step 1\nadd\n#### Step 2\nadd more\nA: 18", C, "18"},
    {"18", "She makes $18 a day\nA: 18", C, "18"},
    {"18", "Some text. A: 18", C, "18"},
    {"18", "**A:** 18", C, "18"},
    {"18", "A: He makes 18 dollars", C, "18"},
    {"18", "A: we know that he makes 18 dollars from all of the eggs", N, ""},
    {"18", "Plan A: 18", N, ""},
    {"18", "a: 18", N, ""},
    {"18", "BA: 18", N, ""},
    {"18", "The answer is 18.", C, "18"},
    {"18", "the ANSWER IS 18", C, "18"},
    {"18", "So the final answer is: 18 dollars", C, "18"},
    {"18", "Answer: 18", C, "18"},
    {"18", "**Answer:** 18", C, "18"},
    {"18", "answer = 18", C, "18"},
    {"18", "Answer:\n18", C, "18"},
    {"18", "The answer to the question is 18.", C, "18"},
    {"18", "The answer in dollars is $18.", C, "$18"},
    {"18", "The answer for Janet is 18", C, "18"},
    {"18", "The answer is that she makes 18 dollars", C, "18"},
    {"18", "The answer is 18, because 9 * 2 = 18.", C, "18"},
    {"18", "The answer is 18. That took 3 steps.", C, "18"},
    {"18", "The answer is 9 * 2 = 18.", C, "18"},
    {"18", "The answer is not 18.", N, ""},
    {"18", "The answer isn't 18.", N, ""},
    {"18", "The answer is less than 18.", N, ""},
    {"18", "The answers are 18", N, ""},
    {"18", "My answering machine is 18", N, ""},
    {"18", "She makes 18 dollars", N, ""},
    {"18", "", N, ""},
    {"18", "\\boxed{18}", C, "18"},
    {"18", "so $\\boxed{18}$.", C, "18"},
    {"18", "\\fbox{18}", C, "18"},
    {"18", "\\boxed {18}", C, "18"},
    {"18", "\\boxed{\\text{18 dollars}}", C, "18"},
    {"18", "\\boxed{x = 18}", C, "18"},
    {"18", "\\boxed{17} no wait \\boxed{18}", C, "18"},
    {"18", "The answer is \\boxed{18}.", C, "18"},
    {"18", "A: $\\boxed{18}$", C, "18"},
    {"18", "\\boxed{18", N, ""},
    {"18", "\\boxed{}", N, ""},
    {"18", "#### 18\n\\boxed{x}", N, ""},
    {"18", "\\boxed{x}\n#### 18", C, "18"},
    {"4", "\\boxed{\\sqrt{16}}", N, ""},
    {"4", "\\boxed{\\sqrt{16} = 4}", C, "4"},
    {"18", "The answer is <<9*2=18>>18", C, "18"},
    {"18", "A: $<<9*2=18>>18", C, "$18"},
};

START_TEST(reads_markers) { CHECK_ALL(markers, .flexible = false); }
END_TEST

static const grading contradictions[] = {
    {"18", "A: 17\n#### 18", A, "18"},
    {"18", "#### 18\nA: 17", A, "18"},
    {"18", "#### 18\nThe answer is 17", A, "18"},
    {"18", "\\boxed{18}\n#### 17", A, "18"},
    {"18", "The answer is 17 #### 18", A, "18"},
    {"18", "The answer is 5 \\boxed{18}", A, "18"},
    {"18", "The answer is 17. No, we forgot one egg.\n#### 18", C, "18"},
    {"18", "A: 18\n#### 18", C, "18"},
    {"18", "A: 18.0\n#### 36/2", C, "36/2"},
    {"18", "#### 18 or 17", A, NULL},
    {"5", "#### 5-6", A, NULL},
    {"5", "#### 5 - 6", A, NULL},
    {"5", "The answer is 5 or 6", A, NULL},
    {"5", "A: 5 feet 6 inches", A, NULL},
    {"5", "#### 5, 6", A, NULL},
    {"5", "#### 5,6", A, NULL},
    {"5", "#### x = 5, y = 6", A, NULL},
    {"10", "#### 10:30", A, NULL},
    {"10", "#### 10:10", A, NULL},
    {"9", "#### 9 * 9", A, NULL},
    {"9", "#### 9 x 9", A, NULL},
    {"9", "#### 9 + 9", A, NULL},
    {"9", "#### 9 9", A, NULL},
    {"5", "\\boxed{5, 6}", A, NULL},
    {"5", "The answer is 5 and 5", C, "5"},
    {"5", "The answer is 5 (or 6)", A, NULL},
    {"0.5", "The answer is 1/2 (50%)", A, NULL},
    {"18", "The answer is 18 dollars for 5 days.\n#### 18", C, "18"},
    {"18", "The answer is 4 dollars for 5 days.\n#### 18", A, "18"},
    {"18", "#### 18\nSo the answer is 4 dollars for 5 days.", A, "18"},
};

START_TEST(refuses_contradictions) { CHECK_ALL(contradictions, .flexible = false); }
END_TEST

/* Each solution is the answer alone, behind "#### ". */
static const grading numbers[] = {
    {"1000", "1,000", C, "1,000"}, {"1000000", "1,000,000", C, NULL}, {"1000", "1{,}000", C, "1{,}000"},
    {"1000.5", "1,000.50", C, NULL}, {"1234567", "1,234,567", C, NULL}, {"100", "1,00", A, NULL},
    {"1234567", "1234,567", A, NULL}, {"10000", "1,0000", A, NULL}, {"123", "0,123", A, NULL}, {"1000", "1.000", W, NULL},
    {"0.5", ".5", C, ".5"}, {"0.5", "0.50", C, NULL}, {"5", "5.", C, "5"}, {"5", "5.0", C, NULL}, {"5", "5.00", C, NULL},
    {"5", "05", C, NULL}, {"-18", "-18", C, "-18"}, {"-18", "18", W, NULL}, {"18", "-18", W, NULL}, {"18", "+18", C, NULL},
    {"-18", "\xE2\x88\x92" "18", C, NULL}, {"-18", "\xE2\x80\x93" "18", C, NULL}, {"-18", "- 18", C, NULL},
    {"-18", "negative 18", C, NULL}, {"-18", "minus 18", C, NULL}, {"-5", "-$5", C, "-$5"}, {"-5", "$-5", C, "$-5"},
    {"-5", "-\\$5", C, NULL}, {"5", "$5", C, "$5"}, {"5", "5$", C, "5"}, {"5", "$5$", C, NULL}, {"5", "\\$5", C, NULL},
    {"5", "\xE2\x82\xAC" "5", C, NULL}, {"5", "\xC2\xA3" "5", C, NULL}, {"5", "$ 5", C, NULL},
    {"1000", "1e3", C, "1e3"}, {"1000", "1E+3", C, NULL}, {"0.001", "1e-3", C, NULL}, {"1500", "1.5 x 10^3", C, "1.5 x 10^3"},
    {"1500", "1.5 \xC3\x97 10^{3}", C, NULL}, {"1500", "1.5 \\times 10^3", C, NULL}, {"1500", "1.5 \\cdot 10^{3}", C, NULL},
    {"0.0015", "1.5*10^-3", C, NULL}, {"1500", "1.5 \xC3\x97 10\xC2\xB3", C, NULL}, {"15", "1.5 x 10", A, NULL},
    {"0.75", "3/4", C, "3/4"}, {"0.75", "3 / 4", C, NULL}, {"3/4", "0.75", C, NULL}, {"3/4", "6/8", C, NULL},
    {"1/3", "0.33", W, NULL}, {"1/3", "2/6", C, NULL}, {"-3/4", "-3/4", C, NULL}, {"3/4", "3/4/5", N, NULL},
    {"2.5", "2 1/2", C, "2 1/2"}, {"-2.5", "-2 1/2", C, NULL}, {"2.5", "2\\frac{1}{2}", C, NULL}, {"2.5", "2 \\frac12", C, NULL},
    {"2.5", "2\xC2\xBD", C, "2\xC2\xBD"}, {"2.5", "2 \xC2\xBD", C, NULL}, {"0.5", "\xC2\xBD", C, NULL}, {"3.5", "2 3/2", A, NULL},
    {"0.75", "\\frac{3}{4}", C, "\\frac{3}{4}"}, {"0.75", "\\tfrac{3}{4}", C, NULL}, {"0.75", "\\dfrac34", C, NULL},
    {"0.75", "\\frac{3}4", C, NULL}, {"0.75", "\\frac 34", C, NULL}, {"-0.75", "-\\frac{3}{4}", C, NULL},
    {"-0.75", "\\frac{-3}{4}", C, NULL}, {"250", "\\frac{1,000}{4}", C, NULL}, {"4", "\\frac{x}{4}", N, NULL},
    {"1", "1/0", N, NULL}, {"1", "\\frac{1}{0}", N, NULL}, {"50", "50%", C, "50%"}, {"50", "50 percent", C, "50 percent"},
    {"50", "50 per cent", C, NULL}, {"50", "50\\%", C, NULL}, {"50", "$50\\%$", C, NULL}, {"50%", "50", C, NULL},
    {"0.5", "50%", W, NULL}, {"3000000", "3 million", C, "3 million"}, {"3000000", "$3 million", C, NULL},
    {"1800000000", "1.8 billion", C, NULL}, {"5000", "5 thousand dollars", C, NULL}, {"2500000", "2 1/2 million", C, NULL},
    {"18", "\xEF\xBC\x91\xEF\xBC\x98", C, NULL}, {"18", "1\xE2\x80\x8B" "8", C, NULL}, {"18", "\xC2\xA0" "18", C, NULL},
    {"5", "5kg", C, NULL}, {"5", "5 km/h", C, NULL}, {"5", "$5/hour", C, NULL}, {"5", "5th", N, NULL}, {"5000", "5k", N, NULL},
    {"5", "5^2", N, NULL}, {"5", "5\xC2\xB2", N, NULL}, {"90", "90^\\circ", C, NULL}, {"90", "90\xC2\xB0", C, NULL},
    {"5", "5.5.5", N, NULL}, {"5", "5.0.5", N, NULL}, {"5", "x5", N, NULL}, {"16", "F-16", N, NULL}, {"18", "eighteen", N, NULL},
    {"18", "9 * 2 = 18", C, "18"}, {"18", "9*2=18", C, "18"}, {"18", "18 = 9 * 2", C, "18"}, {"18", "20 - 2 = 18", C, "18"},
    {"18", "20-2=18.", C, "18"}, {"0.75", "3/4 = 0.75", C, "0.75"}, {"18", "= 18", C, "18"}, {"18", "18!", C, "18"},
    {"1e400", "1e400", C, NULL}, {"18", "1e401", N, NULL}, {"18", "(18)", C, NULL}, {"18", "`18`", C, NULL}, {"18", "__18__", C, NULL},
    {"18", "*18*", C, NULL}, {"18", "~18", C, NULL}, {"18", "\"18\"", C, NULL}, {"18", "<b>18</b>", N, NULL},
    {"18", "\xFF\xFE 18", C, "18"}, {"100000000000000000000000000000000000001", "100000000000000000000000000000000000000", W, NULL},
    {"0.1", "0.10000000000000000000000000000000000001", W, NULL}, {"0", "-0", C, NULL}, {"0", "0.00", C, NULL},
};

START_TEST(reads_numbers) {
    enum { COUNT = sizeof numbers / sizeof *numbers };
    static char texts[COUNT][160], boxes[COUNT][160];
    static grading table[COUNT], boxed[COUNT];
    for (size_t i = 0; i < COUNT; i++) {
        table[i] = boxed[i] = numbers[i];
        pvi_text_format(texts[i], sizeof texts[i], "We count.\n#### %s", numbers[i].solution);
        table[i].solution = texts[i];
        pvi_text_format(boxes[i], sizeof boxes[i], "We count: \\boxed{%s}", numbers[i].solution);
        boxed[i].solution = boxes[i];
        if (strcmp(numbers[i].solution, "<b>18</b>") == 0) boxed[i].verdict = C; /* words may stand in a box */
    }
    CHECK_ALL(table, .flexible = false);
    CHECK_ALL(boxed, .flexible = false);
}
END_TEST

static const grading fractions[] = {
    {"0.5", "A: 50%", C, NULL}, {"50%", "A: 0.5", C, NULL}, {"50%", "A: 1/2", C, NULL}, {"50%", "A: 50", W, NULL},
    {"50", "A: 50%", W, NULL}, {"50%", "A: 50.0 percent", C, NULL}, {"0.5", "The answer is 1/2 (50%)", C, NULL},
};

START_TEST(percent_may_be_a_fraction) { CHECK_ALL(fractions, .percent_as_fraction = true); }
END_TEST

static const grading loose[] = {
    {"18", "She makes 18 dollars a day.", C, "18"}, {"18", "9 * 2 = 18", C, "18"}, {"18", "17 and then 18", C, "18"},
    {"18", "nothing", N, ""}, {"18", "The answer is 17. She makes 18.", W, "17"}, {"18", "- 18 eggs", C, "18"},
    {"-18", "it fell to -18", C, "-18"}, {"18", "20-18", C, "18"}, {"18", "#### 17\n\\boxed{?} 18", N, ""},
    {"18", "\\boxed{1", N, ""},
};

START_TEST(flexible_takes_the_last_number) { CHECK_ALL(loose, .flexible = true); }
END_TEST

static const grading cut[] = {
    {"18", "#### 1", T, "1"}, {"18", "#### 18", T, "18"}, {"18", "#### 18\n", C, "18"}, {"18", "#### 18.", T, NULL},
    {"18", "#### 18 dol", T, NULL}, {"18", "#### 18 dollars a", C, NULL}, {"18", "She makes", T, ""}, {"18", "", T, ""},
    {"18", "\\boxed{18}", C, NULL}, {"18", "\\boxed{18", T, ""}, {"18", "#### 17\nand", W, NULL}, {"18", "so 18 and", T, ""},
};

START_TEST(truncation) {
    CHECK_ALL(cut, .truncated = true);
    CHECK_ALL(cut, .truncated = true, .flexible = true);
}
END_TEST

START_TEST(says_where_it_read) {
    pvi_env *env = test_env();
    pvi_grade_options none = {0};
    const char *solution = "\xE2\x82\xAC 9 * 2 = <<9*2=18>>18\nA: \xEF\xBC\x91{,}000 %";
    pvi_grade out = grade(env, none, "1000%", solution);
    ck_assert_int_eq(out.verdict, C);
    ck_assert_str_eq(out.rule, "a-colon");
    ck_assert_str_eq(out.extracted, "\xEF\xBC\x91{,}000 %");
    ck_assert_uint_eq(out.end, strlen(solution));
    ck_assert_uint_eq(out.begin, strlen(solution) - strlen(out.extracted));
    ck_assert_str_eq(grade(env, none, "1", "\\boxed{1}").rule, "boxed");
    ck_assert_str_eq(grade(env, none, "1", "#### 1").rule, "hashes");
    ck_assert_str_eq(grade(env, none, "1", "answer: 1").rule, "answer-is");
    ck_assert_str_eq(grade(env, (pvi_grade_options){.flexible = true}, "1", "1").rule, "last-number");
    ck_assert_str_eq(grade(env, none, "1", "1").rule, "");
    /* A long answer is cut between characters. */
    char longest[400] = "#### 0.";
    for (int i = 0; i < 60; i++) strcat(longest, "\xEF\xBC\x91");
    out = grade(env, none, "1", longest);
    size_t bad;
    ck_assert(pvi_text_utf8(out.extracted, strlen(out.extracted), &bad));
    ck_assert_uint_gt(strlen(out.extracted), 58);
    ck_assert_uint_eq(out.end - out.begin, 182);
    test_env_free(env);
}
END_TEST

START_TEST(long_numbers_are_none) {
    pvi_env *env = test_env();
    char text[600] = "#### ";
    memset(text + 5, '7', 200);
    ck_assert_int_eq(grade(env, (pvi_grade_options){0}, "1", text).verdict, W);
    text[205] = '7';
    ck_assert_int_eq(grade(env, (pvi_grade_options){0}, "1", text).verdict, N);
    test_env_free(env);
}
END_TEST

/* ---- golds ---- */

static const char *const golds[][2] = {
    {"18", "18"}, {" 18 \n", "18"}, {"1,000 dollars", "1000"}, {"$5", "5"}, {"-2 1/2", "-2.5"}, {"3/4", "0.75"}, {"2/6", "1/3"},
    {"-0", "0"}, {"0.50", "0.5"}, {"050", "50"}, {"1e3", "1000"}, {"1e-3", "0.001"}, {"-.05", "-0.05"}, {"50%", "50%"},
    {"50.0 percent", "50%"}, {"1/3 %", "1/3%"}, {"1/1024", "0.0009765625"}, {"7/1", "7"}, {"\xC2\xBC", "0.25"},
    {"He has 3 + 4 = <<3+4=7>>7.\n#### 7", "7"}, {"#### 6\nmore\n#### 1,007", "1007"}, {"3 + 4 = 7\nA: 7", "7"},
    {"We see that the answer is 7.", "7"}, {"\\boxed{7}", "7"}, {"x = 7", "7"}, {"7 = 7.0", "7"}, {"A: 7\n", "7"},
};

static const char *const not_golds[] = {
    "", " ", "eighteen", "5 or 6", "5-6", "1/0", "#### ", "A: 18\n####", "18\n19", "9 * 2", "1e500", "5^2", "\\boxed{5 or 6}",
    "he had a very long way to go with his 5 sheep", "#### 5 or 6", "\xFF",
};

START_TEST(canonical_golds) {
    pvi_env *env = test_env();
    char out[PVI_GOLD_SIZE], again[PVI_GOLD_SIZE];
    for (size_t i = 0; i < sizeof golds / sizeof *golds; i++) {
        ck_ok(env, pvi_gold_canonical(env, golds[i][0], strlen(golds[i][0]), out));
        ck_assert_msg(strcmp(out, golds[i][1]) == 0, "'%s' gave '%s', wanted '%s'", golds[i][0], out, golds[i][1]);
        ck_ok(env, pvi_gold_canonical(env, out, strlen(out), again));
        ck_assert_str_eq(again, out);
    }
    for (size_t i = 0; i < sizeof not_golds / sizeof *not_golds; i++) {
        pvg_status status = pvi_gold_canonical(env, not_golds[i], strlen(not_golds[i]), out);
        ck_assert_msg(status == PVG_E_FORMAT, "'%s' was read as '%s'", not_golds[i], out);
        ck_fails(env, PVG_E_FORMAT, "no single number can be read",
                 pvi_grade_solution(env, &(pvi_grade_options){0}, not_golds[i], strlen(not_golds[i]), "#### 1", 6, &(pvi_grade){0}));
    }
    test_env_free(env);
}
END_TEST

START_TEST(longest_golds_fit) {
    pvi_env *env = test_env();
    char text[900], out[PVI_GOLD_SIZE];
    memset(text, 0, sizeof text);
    memset(text, '7', 200);
    ck_ok(env, pvi_gold_canonical(env, text, strlen(text), out));
    ck_assert_str_eq(out, text);
    strcpy(text + 200, "%");
    ck_ok(env, pvi_gold_canonical(env, text, strlen(text), out));
    ck_assert_str_eq(out, text);
    strcpy(text + 200, "e-5");
    ck_ok(env, pvi_gold_canonical(env, text, strlen(text), out));
    ck_assert_uint_eq(strlen(out), 201);
    strcpy(text + 200, "e1");
    ck_fails(env, PVG_E_FORMAT, "over 200 digits", pvi_gold_canonical(env, text, strlen(text), out));
    strcpy(text + 200, "e-400");
    ck_fails(env, PVG_E_FORMAT, "over 200 digits", pvi_gold_canonical(env, text, strlen(text), out));
    text[200] = '/';
    memset(text + 201, '9', 200);
    text[401] = '\0';
    ck_ok(env, pvi_gold_canonical(env, text, strlen(text), out));
    ck_assert_str_eq(out, "7/9");
    text[0] = '-';
    text[400] = '8';
    ck_ok(env, pvi_gold_canonical(env, text, strlen(text), out));
    ck_assert_uint_gt(strlen(out), 390);
    test_env_free(env);
}
END_TEST

/* Equal values have equal texts, and every written form of a value is graded correct against every other. */
START_TEST(forms_of_a_value_agree) {
    pvi_env *env = test_env();
    for (uint64_t i = 0; i < 300; i++) {
        pvi_rng rng = pvi_rng_stream(1, "grade", i, 0);
        int whole = pvi_rng_between(&rng, 0, 2000000), quarter = pvi_rng_between(&rng, 0, 3), sign = pvi_rng_between(&rng, 0, 1);
        const char *minus = sign ? "-" : "";
        char form[4][80], canon[4][PVI_GOLD_SIZE];
        static const char *const decimals[] = {"", ".25", ".5", ".75"};
        char grouped[32];
        if (whole >= 1000000) pvi_text_format(grouped, sizeof grouped, "%d,%03d,%03d", whole / 1000000, whole / 1000 % 1000, whole % 1000);
        else if (whole >= 1000) pvi_text_format(grouped, sizeof grouped, "%d,%03d", whole / 1000, whole % 1000);
        else pvi_text_format(grouped, sizeof grouped, "%d", whole);
        pvi_text_format(form[0], 80, "%s%d%s", minus, whole, decimals[quarter]);
        pvi_text_format(form[1], 80, "%s$%s%s dollars", minus, grouped, quarter == 0 ? ".00" : decimals[quarter]);
        pvi_text_format(form[2], 80, "%s\\frac{%d}{8}", minus, whole * 8 + quarter * 2);
        if (quarter > 0) pvi_text_format(form[3], 80, "%s%d %d/4", minus, whole, quarter);
        else pvi_text_format(form[3], 80, "%s%d/%d", minus, whole * 3, 3);
        for (int a = 0; a < 4; a++) ck_ok(env, pvi_gold_canonical(env, form[a], strlen(form[a]), canon[a]));
        for (int a = 1; a < 4; a++) ck_assert_msg(strcmp(canon[a], canon[0]) == 0, "%s: %s; %s: %s", form[a], canon[a], form[0], canon[0]);
        for (int a = 0; a < 4; a++) {
            char text[120];
            pvi_text_format(text, sizeof text, "The answer is %s.", form[a]);
            ck_assert_int_eq(grade(env, (pvi_grade_options){0}, form[(a + 1) % 4], text).verdict, C);
            char other[80];
            pvi_text_format(other, sizeof other, "%s%d%s1", minus, whole, quarter == 0 ? "." : decimals[quarter]);
            ck_assert_int_eq(grade(env, (pvi_grade_options){0}, other, text).verdict, W);
        }
    }
    test_env_free(env);
}
END_TEST

/* ---- any bytes ---- */

/* Whatever the bytes: a verdict, a span inside the text, and no reading beyond a number that was not there. */
START_TEST(any_bytes_get_a_verdict) {
    static const char *const pieces[] = {
        "#### ", "A: ", "\nA:", "answer is ", "\\boxed{", "}", "{", "\\frac", "{3}{4}", "18", "5", ",", ".", "000", "-", "$", "%", " ",
        "\n", "=", "/", "x 10^", "e9", " million", "\xC2\xBD", "\xE2\x88\x92", "\xFF", "\xE2", "<<", ">>", "*", "not ", "or ", "\\sqrt",
        "((", "1e", "answer to ", "percent", "\\", "\xC2\xB2", "999999999999999999999999999999"};
    pvi_env *env = test_env();
    for (uint64_t i = 0; i < 4000; i++) {
        pvi_rng rng = pvi_rng_stream(2, "grade", i, 0);
        char text[400] = "";
        int count = pvi_rng_between(&rng, 1, 12);
        for (int k = 0; k < count; k++) strcat(text, pieces[pvi_rng_below(&rng, sizeof pieces / sizeof *pieces)]);
        pvi_grade_options options = {.flexible = i % 2, .percent_as_fraction = i % 3 == 0, .truncated = i % 5 == 0};
        size_t length = strlen(text);
        pvi_grade out;
        ck_ok(env, pvi_grade_solution(env, &options, "18", 2, text, length, &out));
        ck_assert_int_ge(out.verdict, C);
        ck_assert_uint_le(out.end, length);
        ck_assert_uint_le(out.begin, out.end);
        if (out.verdict == C || out.verdict == W) ck_assert_uint_gt(out.end, out.begin);
        char canonical[PVI_GOLD_SIZE], again[PVI_GOLD_SIZE];
        if (pvi_gold_canonical(env, text, length, canonical) == PVG_OK) {
            ck_ok(env, pvi_gold_canonical(env, canonical, strlen(canonical), again));
            ck_assert_str_eq(again, canonical);
        }
    }
    test_env_free(env);
}
END_TEST

/* Much of anything that could make a rule look far. */
START_TEST(work_is_bounded) {
    static const char *const patterns[] = {"answer in ", "\\boxed{", "#### ", "\nA: ", "<<1+", "1,000,", "9", "A:  ", "- ", "1/", "\n",
                                           "{", "answer is\n", "1.5.", "$", "answer to x is "};
    pvi_env *env = test_env();
    enum { SIZE = 1 << 16 };
    pvi_text text;
    pvi_text_init(&text, env);
    for (size_t p = 0; p < sizeof patterns / sizeof *patterns; p++) {
        pvi_text_clear(&text);
        while (text.length < SIZE) pvi_text_puts(&text, patterns[p]);
        pvi_grade out;
        ck_ok(env, pvi_grade_solution(env, &(pvi_grade_options){.flexible = true}, "18", 2, text.data, text.length, &out));
    }
    pvi_text_free(&text);
    test_env_free(env);
}
END_TEST

START_TEST(no_memory) {
    pvi_grade out;
    for (size_t fail = 1; fail <= 2; fail++) {
        pvi_env *env = test_env_with(1, fail);
        ck_assert_int_eq(pvi_grade_solution(env, &(pvi_grade_options){0}, "18", 2, "#### 18", 7, &out), PVG_E_NOMEM);
        ck_assert_int_eq(out.verdict, PVG_VERDICT_UNGRADED);
        test_env_free(env);
    }
}
END_TEST

START_TEST(names) {
    ck_assert_str_eq(pvi_verdict_name(PVG_VERDICT_NO_ANSWER), "no_answer");
    ck_assert_str_eq(pvi_verdict_name(PVG_VERDICT_TRUNCATED), "truncated");
    ck_assert_str_eq(pvi_verdict_name(99), "ungraded");
}
END_TEST

Suite *suite_grade(void) {
    Suite *suite = suite_create("grade");
    TCase *all = tcase_create("grade");
    tcase_set_timeout(all, 20);
    tcase_add_test(all, reads_markers);
    tcase_add_test(all, refuses_contradictions);
    tcase_add_test(all, reads_numbers);
    tcase_add_test(all, percent_may_be_a_fraction);
    tcase_add_test(all, flexible_takes_the_last_number);
    tcase_add_test(all, truncation);
    tcase_add_test(all, says_where_it_read);
    tcase_add_test(all, long_numbers_are_none);
    tcase_add_test(all, canonical_golds);
    tcase_add_test(all, longest_golds_fit);
    tcase_add_test(all, forms_of_a_value_agree);
    tcase_add_test(all, any_bytes_get_a_verdict);
    tcase_add_test(all, work_is_bounded);
    tcase_add_test(all, no_memory);
    tcase_add_test(all, names);
    suite_add_tcase(suite, all);
    return suite;
}
