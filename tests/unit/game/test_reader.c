/* test_reader.c - the reader's chances against playing all orders, and what lines cost; the oracle's lines one by one. */
#include <math.h>
#include <string.h>

#include "base/rng.h"
#include "game/reader.h"
#include "support.h"

#define ck_near(a, b) ck_assert_msg(fabs((a) - (b)) <= 1e-12, #a " is %.17g, wanted %.17g", (double)(a), (double)(b))

/* Chance to accept when the items left (bits of `open`) come in any order and `time` checks are left. */
static double play(const pvi_checklist *r, unsigned open, double time) {
    double sum = 0, count = 0;
    if (open == 0) return 1;
    for (int i = 0; i < r->items; i++) {
        if ((open >> i & 1) == 0) continue;
        double cost = r->item[i].cost, made = time >= cost ? 1 : time / cost;
        double checked = r->item[i].wrong ? 0 : play(r, open & ~(1u << i), time >= cost ? time - cost : 0);
        sum += made * checked + (1 - made) * 0.5;
        count++;
    }
    return sum / count;
}

START_TEST(chances_over_all_orders) {
    for (uint64_t round = 0; round < 200; round++) {
        pvi_rng rng = pvi_rng_stream(9, "reader", round, 0);
        pvi_checklist r = {.items = 1 + (int32_t)pvi_rng_below(&rng, 6), .answered = true};
        for (int i = 0; i < r.items; i++) {
            r.item[i].cost = 1 + (int32_t)pvi_rng_below(&rng, 4);
            r.item[i].wrong = pvi_rng_below(&rng, round % 3 + 1) == 1;
        }
        for (int32_t k = 0; k <= PVI_READER_MOST; k++) ck_near(pvi_reader_accepts(&r, k), play(&r, (1u << r.items) - 1, k));
    }
}
END_TEST

/* 11 * 2 = 22, 22 + 3 = 25, 25 - 2 = 23; the distractor is * 3. */
static void three_steps(pvi_problem *p) {
    *p = (pvi_problem){.start = 11, .steps = 3, .distractors = 1,
                       .step = {{PVI_MULTIPLY, 2, 22}, {PVI_ADD, 3, 25}, {PVI_SUBTRACT, 2, 23}},
                       .distractor = {{PVI_MULTIPLY, 3, 1}}};
}

static pvi_checklist take(const char *text) {
    pvi_problem p;
    pvi_checklist r;
    three_steps(&p);
    pvi_reader_take(&p, text, strlen(text), &r, NULL);
    return r;
}

START_TEST(what_there_is_to_check) {
    pvi_checklist r = take(" 11 * 2 = 22 . 25 . 25 - 2 = 23 . A: 23");
    ck_assert_int_eq(r.items, 4);
    const int32_t costs[] = {1, 2, 1, 1};
    for (int i = 0; i < 4; i++) {
        ck_assert_int_eq(r.item[i].cost, costs[i]);
        ck_assert(!r.item[i].wrong);
    }
    ck_near(pvi_reader_accepts(&r, 0), 0.5);
    ck_near(pvi_reader_accepts(&r, 5), 1);
    ck_assert(pvi_reader_accepts(&r, 4) > 0.5 && pvi_reader_accepts(&r, 4) < 1);
    r = take(" 25 - 2 = 23 . A: 23"); /* two steps left out before the line */
    ck_assert_int_eq(r.items, 2);
    ck_assert_int_eq(r.item[0].cost, 5);
    ck_assert_int_eq(r.item[1].cost, 1);
    r = take("A: 23"); /* all left out */
    ck_assert_int_eq(r.items, 1);
    ck_assert_int_eq(r.item[0].cost, 7);
    r = take(" 11 * 2 = 24 . 24 + 3 = 27 . 27 - 2 = 25 . A: 25");
    ck_assert(r.item[0].wrong && !r.item[1].wrong && !r.item[2].wrong && !r.item[3].wrong);
    ck_near(pvi_reader_accepts(&r, 1), 0.75 * 0.5); /* a quarter sees the error, the others toss */
    ck_near(pvi_reader_accepts(&r, 4), 0);
    r = take(" 11 * 2 = 22 . 22 + 3 = 25 . 25 - 2 = 23 . A: 24");
    ck_assert(r.item[3].wrong);
    r = take(" 11 * 2 = 22 .");
    ck_near(pvi_reader_accepts(&r, 8), 0);
}
END_TEST

START_TEST(very_long_texts) {
    char text[4096] = "";
    for (int i = 0; i < 200; i++) strcat(text, " 11 * 2 = 22 .");
    strcat(text, " A: 22");
    pvi_checklist r = take(text);
    ck_assert_int_eq(r.items, 64);
    for (int32_t k = 0; k <= PVI_READER_MOST; k++) {
        double chance = pvi_reader_accepts(&r, k);
        ck_assert(chance >= 0 && chance <= 0.5);
    }
}
END_TEST

typedef struct seen {
    pvi_oracle_line line[16];
    int count;
} seen;
static void see(void *user, const pvi_oracle_line *line) {
    seen *s = user;
    ck_assert_int_lt(s->count, 16);
    s->line[s->count++] = *line;
}

static void check_line(const char *text, const pvi_oracle_line *l, const char *stands, int32_t step, bool full, bool arithmetic,
                       bool grounded) {
    ck_assert_msg(l->end - l->begin == strlen(stands) && memcmp(text + l->begin, stands, strlen(stands)) == 0, "'%.*s', wanted '%s'",
                  (int)(l->end - l->begin), text + l->begin, stands);
    ck_assert_int_eq(l->step, step);
    ck_assert(l->full == full && l->arithmetic == arithmetic && l->grounded == grounded);
}

START_TEST(lines_of_the_oracle) {
    pvi_problem p;
    pvi_oracle_result whole, again;
    three_steps(&p);
    const char *text = "First 11 * 2 = 22 apples. Then 22 + 3 = 26. 26 * 3 = 78, so 76.\nThat is 25 - 2 = 23\n23 = 25 - 2. A: 23";
    seen s = {.count = 0};
    pvi_oracle_lines(&p, text, strlen(text), see, &s, &whole);
    pvi_oracle_check(&p, text, strlen(text), &again);
    ck_assert_int_eq(memcmp(&whole, &again, sizeof whole), 0);
    ck_assert_int_eq(s.count, whole.lines);
    ck_assert_int_eq(s.count, 5);
    check_line(text, &s.line[0], "11 * 2 = 22", 0, true, true, true);
    check_line(text, &s.line[1], "22 + 3 = 26", 1, true, false, true);
    check_line(text, &s.line[2], "26 * 3 = 78", -1, true, true, false);
    ck_assert(s.line[2].distractor && !s.line[0].distractor);
    ck_assert_uint_eq(s.line[3].end - s.line[3].begin, strlen("25 - 2 = 23"));
    ck_assert_int_eq(strncmp(text + s.line[4].begin, "23 = 25 - 2", 11), 0);
    ck_assert_uint_eq(s.line[4].end - s.line[4].begin, 11);
    s.count = 0;
    text = " 25 . 25 - 2 = 23 . A: 23";
    pvi_oracle_lines(&p, text, strlen(text), see, &s, &whole);
    ck_assert_int_eq(s.count, 2);
    check_line(text, &s.line[0], "25", 1, false, true, true);
    ck_assert_int_eq(s.line[0].omitted, 1);
    check_line(text, &s.line[1], "25 - 2 = 23", 2, true, true, true);
    ck_assert_int_eq(s.line[1].omitted, 0);
    s.count = 0;
    text = "11 * 2 = 22 + 3 = 25 - 2 = 23; 11 * 2 + 3 = 25; 4 + 4; 9";
    pvi_oracle_lines(&p, text, strlen(text), see, &s, &whole);
    ck_assert_int_eq(s.count, 6);
    check_line(text, &s.line[0], "11 * 2 = 22", 0, true, true, true);
    check_line(text, &s.line[1], "22 + 3 = 25", 1, true, true, true);
    check_line(text, &s.line[2], "25 - 2 = 23", 2, true, true, true);
    ck_assert_int_eq(strncmp(text + s.line[3].begin, "11 * 2 + 3 = 25", 15), 0);
    ck_assert_int_eq(strncmp(text + s.line[4].begin, "4 + 4", 5), 0);
    ck_assert_int_eq(strncmp(text + s.line[5].begin, "9", 1), 0);
}
END_TEST

Suite *suite_reader(void) {
    Suite *suite = suite_create("reader");
    TCase *all = tcase_create("all");
    tcase_add_test(all, chances_over_all_orders);
    tcase_add_test(all, what_there_is_to_check);
    tcase_add_test(all, very_long_texts);
    tcase_add_test(all, lines_of_the_oracle);
    suite_add_tcase(suite, all);
    return suite;
}
