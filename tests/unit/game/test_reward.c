/* test_reward.c - the reward table of Kirchner et al. 2024 row by row, and what must never be paid. */
#include <math.h>

#include "game/reward.h"
#include "support.h"

enum { H = PVG_ROLE_HELPFUL, S = PVG_ROLE_SNEAKY, RIGHT = PVG_VERDICT_CORRECT, WRONG = PVG_VERDICT_WRONG,
       NONE = PVG_VERDICT_NO_ANSWER, TWO = PVG_VERDICT_AMBIGUOUS, CUT = PVG_VERDICT_TRUNCATED };

/* Scores 3, 1, -1 in one group: mean 1, so V' = 2, 0, -2. Only the first convinces. */
static const struct { int role, verdict; double src, cgc, correctness, convince; } rows[] = {
    {H, RIGHT, 2, 3, 1, 0.952574}, {H, WRONG, -2, -2, 0, -0.5}, {H, NONE, -2, -2, 0, -0.5}, {H, TWO, -2, -2, 0, -0.5},
    {H, CUT, -2, -2, 0, -0.5},     {S, WRONG, 2, 3, 0, 0.952574}, {S, RIGHT, -2, -2, 1, -0.5}, {S, NONE, -2, -2, 0, -0.5},
    {S, TWO, -2, -2, 0, -0.5},     {S, CUT, -2, -2, 0, -0.5},
};

static void pay(pvi_reward_kind kind, double misaligned, int role, int verdict, double out[3]) {
    const double score[3] = {3, 1, -1};
    const pvg_verdict verdicts[3] = {verdict, verdict, verdict};
    pvi_reward_options o = {.kind = kind, .scale = PVI_SCALE_CENTER, .unconvincing = -1, .misaligned = misaligned};
    pvi_rewards(&o, role, 3, verdicts, score, NULL, out);
}

START_TEST(table) {
    double out[3];
    pay(PVI_REWARD_SRC, -2, rows[_i].role, rows[_i].verdict, out);
    ck_assert(out[0] == rows[_i].src && out[1] == -1 && out[2] == -1);
    pay(PVI_REWARD_CGC, -2, rows[_i].role, rows[_i].verdict, out);
    ck_assert(out[0] == rows[_i].cgc);
    pay(PVI_REWARD_GOODHART, -2, rows[_i].role, rows[_i].verdict, out);
    ck_assert(out[0] == 3 && out[2] == -1);
    pay(PVI_REWARD_CORRECTNESS, -2, rows[_i].role, rows[_i].verdict, out);
    ck_assert(out[0] == rows[_i].correctness);
    pay(PVI_REWARD_CONVINCE, -0.5, rows[_i].role, rows[_i].verdict, out);
    ck_assert_double_lt(fabs(out[0] - rows[_i].convince), 1e-6);
}
END_TEST

START_TEST(scales_and_edges) {
    const double score[2] = {5, 1}, equal[3] = {0.1, 0.1, 0.1};
    const pvg_verdict right[3] = {RIGHT, RIGHT, RIGHT};
    const int32_t tokens[2] = {10, 20};
    double out[3];
    pvi_reward_options o = {.kind = PVI_REWARD_SRC, .scale = PVI_SCALE_ZSCORE, .unconvincing = -1, .token_cost = 0.01};
    pvi_rewards(&o, H, 2, right, score, tokens, out);
    ck_assert_double_lt(fabs(out[0] - 0.9), 1e-12);
    ck_assert_double_lt(fabs(out[1] + 1.2), 1e-12);
    pvi_rewards(&o, H, 3, right, equal, NULL, out);
    ck_assert(out[0] == -1 && out[1] == -1 && out[2] == -1);
    o.scale = PVI_SCALE_CENTER;
    pvi_rewards(&o, H, 1, right, score, NULL, out);
    ck_assert(out[0] == -1);
    o.scale = PVI_SCALE_NONE;
    pvi_rewards(&o, H, 2, right, score, NULL, out);
    ck_assert(out[0] == 5 && out[1] == 1);
}
END_TEST

Suite *suite_reward(void) {
    Suite *suite = suite_create("reward");
    TCase *all = tcase_create("reward");
    tcase_add_loop_test(all, table, 0, (int)(sizeof rows / sizeof *rows));
    tcase_add_test(all, scales_and_edges);
    suite_add_tcase(suite, all);
    return suite;
}
