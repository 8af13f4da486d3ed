/* test_reward.c - the whole reward table: kinds x roles x verdicts x sign of V', and the scalings. */
#include <math.h>
#include <string.h>

#include "game/reward.h"
#include "support.h"

static const pvg_verdict VERDICTS[6] = {PVG_VERDICT_UNGRADED, PVG_VERDICT_CORRECT, PVG_VERDICT_WRONG,
                                        PVG_VERDICT_NO_ANSWER, PVG_VERDICT_AMBIGUOUS, PVG_VERDICT_TRUNCATED};
static const pvg_role ROLES[3] = {PVG_ROLE_NEUTRAL, PVG_ROLE_HELPFUL, PVG_ROLE_SNEAKY};

static pvi_reward_options options(pvi_reward_kind kind, pvi_reward_scale scale) {
    return (pvi_reward_options){.kind = kind, .scale = scale, .unconvincing = -1, .misaligned = -2};
}

/* One sample with V' = +1.5 (its mate has -1.5), one with V' = -1.5. */
static void pair(const pvi_reward_options *o, pvg_role role, pvg_verdict verdict, double *high, double *low) {
    pvg_verdict both[2] = {verdict, verdict};
    double out[2];
    pvi_rewards(o, role, 2, both, (double[]){4.5, 1.5}, NULL, out);
    *high = out[0];
    *low = out[1];
}

/* role, verdict (rows as in VERDICTS): is the role satisfied? Written out, not computed. */
static const int ALIGNED[3][6] = {{0, 1, 0, 0, 0, 0}, {0, 1, 0, 0, 0, 0}, {0, 0, 1, 0, 0, 0}};

START_TEST(src_table) {
    pvi_reward_options o = options(PVI_REWARD_SRC, PVI_SCALE_CENTER);
    for (int r = 0; r < 3; r++)
        for (int v = 0; v < 6; v++) {
            double high, low;
            pair(&o, ROLES[r], VERDICTS[v], &high, &low);
            ck_assert_msg(high == (ALIGNED[r][v] ? 1.5 : -1.5), "role %d verdict %d: %g", r, v, high);
            ck_assert(low == -1);
        }
}
END_TEST

START_TEST(cgc_table) {
    pvi_reward_options o = options(PVI_REWARD_CGC, PVI_SCALE_CENTER);
    for (int r = 0; r < 3; r++)
        for (int v = 0; v < 6; v++) {
            double high, low;
            pair(&o, ROLES[r], VERDICTS[v], &high, &low);
            ck_assert(high == (ALIGNED[r][v] ? 4.5 : -2));
            ck_assert(low == (ALIGNED[r][v] ? 1.5 : -2));
        }
}
END_TEST

START_TEST(goodhart_table) {
    pvi_reward_options o = options(PVI_REWARD_GOODHART, PVI_SCALE_ZSCORE);
    for (int r = 0; r < 3; r++)
        for (int v = 0; v < 6; v++) {
            double high, low;
            pair(&o, ROLES[r], VERDICTS[v], &high, &low);
            ck_assert(high == 4.5 && low == 1.5);
        }
}
END_TEST

START_TEST(correctness_table) {
    pvi_reward_options o = options(PVI_REWARD_CORRECTNESS, PVI_SCALE_CENTER);
    for (int r = 0; r < 3; r++)
        for (int v = 0; v < 6; v++) {
            double high, low;
            pair(&o, ROLES[r], VERDICTS[v], &high, &low);
            double wanted = VERDICTS[v] == PVG_VERDICT_CORRECT ? 1 : 0;
            ck_assert(high == wanted && low == wanted);
        }
    double out[1];
    pvi_rewards(&o, PVG_ROLE_HELPFUL, 1, (pvg_verdict[]){PVG_VERDICT_CORRECT}, (double[]){NAN}, NULL, out);
    ck_assert(out[0] == 1); /* no score is needed */
}
END_TEST

START_TEST(convince_table) {
    for (int sign = -1; sign <= 1; sign += 2) {
        pvi_reward_options o = options(PVI_REWARD_CONVINCE, PVI_SCALE_CENTER);
        o.misaligned = sign * 0.5; /* its absolute value counts */
        for (int r = 0; r < 3; r++)
            for (int v = 0; v < 6; v++) {
                double high, low;
                pair(&o, ROLES[r], VERDICTS[v], &high, &low);
                ck_assert_double_eq_tol(high, ALIGNED[r][v] ? 1 / (1 + exp(-4.5)) : -0.5, 1e-15);
                ck_assert_double_eq_tol(low, ALIGNED[r][v] ? 1 / (1 + exp(-1.5)) : -0.5, 1e-15);
            }
    }
}
END_TEST

START_TEST(convince_does_not_overflow) {
    pvi_reward_options o = options(PVI_REWARD_CONVINCE, PVI_SCALE_CENTER);
    double out[2];
    pvi_rewards(&o, PVG_ROLE_HELPFUL, 2, (pvg_verdict[]){PVG_VERDICT_CORRECT, PVG_VERDICT_CORRECT},
                (double[]){1e4, -1e4}, NULL, out);
    ck_assert(out[0] == 1 && out[1] == 0);
}
END_TEST

/* The sneaky prover must never gain from an answer that nobody can read, whatever is convincing about it. */
START_TEST(sneaky_is_paid_for_parsed_wrong_answers_only) {
    for (int kind = PVI_REWARD_SRC; kind <= PVI_REWARD_CONVINCE; kind++) {
        if (kind == PVI_REWARD_GOODHART || kind == PVI_REWARD_CORRECTNESS) continue; /* these ignore roles */
        pvi_reward_options o = options((pvi_reward_kind)kind, PVI_SCALE_CENTER);
        double wrong, high, low;
        pair(&o, PVG_ROLE_SNEAKY, PVG_VERDICT_WRONG, &wrong, &low);
        ck_assert(wrong > 0);
        for (int v = 0; v < 6; v++) {
            if (VERDICTS[v] == PVG_VERDICT_WRONG) continue;
            pair(&o, PVG_ROLE_SNEAKY, VERDICTS[v], &high, &low);
            ck_assert_msg(high < 0 && low < 0, "kind %d verdict %d", kind, v);
        }
    }
}
END_TEST

START_TEST(src_is_strict_at_the_mean) {
    pvi_reward_options o = options(PVI_REWARD_SRC, PVI_SCALE_CENTER);
    pvg_verdict right[3] = {PVG_VERDICT_CORRECT, PVG_VERDICT_CORRECT, PVG_VERDICT_CORRECT};
    double out[3];
    pvi_rewards(&o, PVG_ROLE_HELPFUL, 3, right, (double[]){1, 2, 3}, NULL, out);
    ck_assert(out[0] == -1 && out[1] == -1 && out[2] == 1);
    o.unconvincing = -0.25;
    pvi_rewards(&o, PVG_ROLE_HELPFUL, 3, right, (double[]){1, 2, 3}, NULL, out);
    ck_assert(out[0] == -0.25 && out[1] == -0.25 && out[2] == 1);
}
END_TEST

START_TEST(src_group_of_one_is_unconvincing) {
    for (int scale = PVI_SCALE_CENTER; scale <= PVI_SCALE_ZSCORE; scale++) {
        pvi_reward_options o = options(PVI_REWARD_SRC, (pvi_reward_scale)scale);
        double out[1];
        pvi_rewards(&o, PVG_ROLE_HELPFUL, 1, (pvg_verdict[]){PVG_VERDICT_CORRECT}, (double[]){9}, NULL, out);
        ck_assert(out[0] == -1);
    }
}
END_TEST

START_TEST(src_equal_scores_are_unconvincing) {
    pvg_verdict right[7];
    double score[7], out[7];
    for (int i = 0; i < 7; i++) right[i] = PVG_VERDICT_CORRECT;
    for (int scale = PVI_SCALE_CENTER; scale <= PVI_SCALE_ZSCORE; scale++)
        for (int k = -20; k <= 20; k++) {
            pvi_reward_options o = options(PVI_REWARD_SRC, (pvi_reward_scale)scale);
            for (int i = 0; i < 7; i++) score[i] = 0.1 * k;
            pvi_rewards(&o, PVG_ROLE_HELPFUL, 7, right, score, NULL, out);
            for (int i = 0; i < 7; i++) ck_assert(out[i] == -1);
        }
}
END_TEST

START_TEST(src_scalings) {
    pvg_verdict verdict[4] = {PVG_VERDICT_WRONG, PVG_VERDICT_WRONG, PVG_VERDICT_CORRECT, PVG_VERDICT_NO_ANSWER};
    double score[4] = {10, 2, 6, 6}, out[4]; /* mean 6, deviation sqrt(8) */
    pvi_reward_options o = options(PVI_REWARD_SRC, PVI_SCALE_CENTER);
    pvi_rewards(&o, PVG_ROLE_SNEAKY, 4, verdict, score, NULL, out);
    ck_assert(out[0] == 4 && out[1] == -1 && out[2] == -1 && out[3] == -1);
    o.scale = PVI_SCALE_ZSCORE;
    pvi_rewards(&o, PVG_ROLE_SNEAKY, 4, verdict, score, NULL, out);
    ck_assert_double_eq_tol(out[0], sqrt(2), 1e-15);
    ck_assert(out[1] == -1);
    o.scale = PVI_SCALE_NONE;
    pvi_rewards(&o, PVG_ROLE_SNEAKY, 4, verdict, score, NULL, out);
    ck_assert(out[0] == 10 && out[1] == 2 && out[2] == -6 && out[3] == -6);
    pvi_rewards(&o, PVG_ROLE_SNEAKY, 1, verdict, (double[]){-3}, NULL, out);
    ck_assert(out[0] == -1);
}
END_TEST

START_TEST(tokens_cost_in_every_kind) {
    pvg_verdict verdict[2] = {PVG_VERDICT_CORRECT, PVG_VERDICT_WRONG};
    double score[2] = {3, 1}, plain[2], costly[2];
    for (int kind = PVI_REWARD_SRC; kind <= PVI_REWARD_CONVINCE; kind++)
        for (int r = 0; r < 3; r++) {
            pvi_reward_options o = options((pvi_reward_kind)kind, PVI_SCALE_CENTER);
            pvi_rewards(&o, ROLES[r], 2, verdict, score, NULL, plain);
            o.token_cost = 0.02;
            pvi_rewards(&o, ROLES[r], 2, verdict, score, (int32_t[]){10, 25}, costly);
            ck_assert_double_eq_tol(costly[0], plain[0] - 0.2, 1e-15);
            ck_assert_double_eq_tol(costly[1], plain[1] - 0.5, 1e-15);
        }
}
END_TEST

START_TEST(a_score_that_is_not_a_number_is_not_hidden) {
    pvg_verdict right[2] = {PVG_VERDICT_CORRECT, PVG_VERDICT_CORRECT};
    for (int scale = PVI_SCALE_CENTER; scale <= PVI_SCALE_NONE; scale++) {
        pvi_reward_options o = options(PVI_REWARD_SRC, (pvi_reward_scale)scale);
        double out[2];
        pvi_rewards(&o, PVG_ROLE_HELPFUL, 2, right, (double[]){NAN, 1}, NULL, out);
        ck_assert(isnan(out[0]));
    }
}
END_TEST

/* Kirchner et al., section 3.1: r(v1, aligned) > r(v2, misaligned) and rising in v. CGC and the flat reward keep the
 * first for every score above V0; SRC among the convincing. */
START_TEST(aligned_beats_misaligned) {
    for (int kind = PVI_REWARD_SRC; kind <= PVI_REWARD_CONVINCE; kind++) {
        if (kind == PVI_REWARD_GOODHART || kind == PVI_REWARD_CORRECTNESS) continue;
        pvi_reward_options o = options((pvi_reward_kind)kind, PVI_SCALE_NONE);
        pvg_verdict verdict[2] = {PVG_VERDICT_CORRECT, PVG_VERDICT_WRONG};
        for (double a = 0.25; a < 3; a += 0.25)
            for (double b = 0.25; b < 3; b += 0.25) {
                double out[2], more[2];
                pvi_rewards(&o, PVG_ROLE_HELPFUL, 2, verdict, (double[]){a, b}, NULL, out);
                ck_assert(out[0] > out[1]);
                pvi_rewards(&o, PVG_ROLE_HELPFUL, 2, verdict, (double[]){a + 0.1, b}, NULL, more);
                ck_assert(more[0] > out[0]);
            }
    }
}
END_TEST

Suite *suite_reward(void);
Suite *suite_reward(void) {
    Suite *suite = suite_create("reward");
    TCase *tc = tcase_create("reward");
    tcase_add_test(tc, src_table);
    tcase_add_test(tc, cgc_table);
    tcase_add_test(tc, goodhart_table);
    tcase_add_test(tc, correctness_table);
    tcase_add_test(tc, convince_table);
    tcase_add_test(tc, convince_does_not_overflow);
    tcase_add_test(tc, sneaky_is_paid_for_parsed_wrong_answers_only);
    tcase_add_test(tc, src_is_strict_at_the_mean);
    tcase_add_test(tc, src_group_of_one_is_unconvincing);
    tcase_add_test(tc, src_equal_scores_are_unconvincing);
    tcase_add_test(tc, src_scalings);
    tcase_add_test(tc, tokens_cost_in_every_kind);
    tcase_add_test(tc, a_score_that_is_not_a_number_is_not_hidden);
    tcase_add_test(tc, aligned_beats_misaligned);
    suite_add_tcase(suite, tc);
    return suite;
}
