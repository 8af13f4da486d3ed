/* test_votes.c - closed forms against all subsets, the vote against counting by hand. */
#include <math.h>
#include <string.h>

#include "base/rng.h"
#include "game/votes.h"
#include "support.h"

#define ck_near(a, b) ck_assert_msg(fabs((a) - (b)) <= 1e-12, #a " is %.17g, wanted %.17g", (double)(a), (double)(b))

/* Chance that the best of the chosen is right, each of the equally good ones as likely. */
static double best_right(const pvi_ballot *b, size_t count, unsigned chosen) {
    double most = -INFINITY, tied = 0, right = 0;
    for (size_t i = 0; i < count; i++)
        if ((chosen >> i & 1) != 0 && b[i].score > most) most = b[i].score;
    for (size_t i = 0; i < count; i++)
        if ((chosen >> i & 1) != 0 && b[i].score == most) tied++, right += b[i].right;
    return right / tied;
}

static double naive_best_of(const pvi_ballot *b, size_t count, size_t n) {
    double sum = 0, sets = 0;
    for (unsigned chosen = 0; chosen < 1u << count; chosen++) {
        if ((size_t)__builtin_popcount(chosen) != n) continue;
        sum += best_right(b, count, chosen);
        sets++;
    }
    return sum / sets; /* 0 / 0 is NaN, as wanted */
}

static double naive_balanced(const pvi_ballot *b, size_t count, size_t n) {
    double sum = 0, sets = 0;
    unsigned right = 0;
    for (size_t i = 0; i < count; i++) right |= (unsigned)b[i].right << i;
    for (unsigned chosen = 0; chosen < 1u << count; chosen++) {
        if ((size_t)__builtin_popcount(chosen) != n || (size_t)__builtin_popcount(chosen & right) * 2 != n) continue;
        double top[2] = {-INFINITY, -INFINITY};
        for (size_t i = 0; i < count; i++)
            if ((chosen >> i & 1) != 0) top[b[i].right] = fmax(top[b[i].right], b[i].score);
        sum += top[1] > top[0] ? 1 : top[1] == top[0] ? 0.5 : 0;
        sets++;
    }
    return sum / sets;
}

static size_t make(uint64_t round, pvi_ballot *b) {
    pvi_rng rng = pvi_rng_stream(3, "ballots", round, 0);
    size_t count = 1 + (size_t)pvi_rng_below(&rng, 10);
    for (size_t i = 0; i < count; i++) {
        b[i].right = pvi_rng_below(&rng, 2) == 0;
        b[i].score = round % 2 == 0 ? (double)pvi_rng_below(&rng, 4) : pvi_rng_normal(&rng); /* with ties and without */
        b[i].answer = b[i].right ? 1 : (uint32_t)pvi_rng_below(&rng, 3) * 2;                 /* 0: none */
    }
    pvi_ballots_sort(b, count);
    return count;
}

static void same(double found, double wanted) {
    ck_assert_msg(isnan(found) == isnan(wanted), "%g, wanted %g", found, wanted);
    if (!isnan(wanted)) ck_near(found, wanted);
}

START_TEST(closed_forms_are_means_over_all_subsets) {
    pvi_ballot b[10];
    for (uint64_t round = 0; round < 60; round++) {
        size_t count = make(round, b);
        for (size_t i = 1; i < count; i++) ck_assert(b[i - 1].score >= b[i].score);
        for (size_t n = 0; n <= count + 1; n++) {
            same(pvi_best_of(b, count, n), n == 0 ? (double)NAN : naive_best_of(b, count, n));
            same(pvi_balanced_best_of(b, count, n), n == 0 || n % 2 == 1 ? (double)NAN : naive_balanced(b, count, n));
        }
    }
}
END_TEST

START_TEST(by_hand) {
    /* wrong 3, right 2, right 1, wrong 0 */
    const pvi_ballot b[] = {{3, 2, false}, {2, 1, true}, {1, 1, true}, {0, 2, false}};
    ck_near(pvi_best_of(b, 4, 1), 0.5);
    ck_near(pvi_best_of(b, 4, 2), 0.5); /* 3 of the 6 pairs hold the wrong 3 */
    ck_near(pvi_best_of(b, 4, 4), 0);
    ck_near(pvi_balanced_best_of(b, 4, 2), 0.5);
    ck_near(pvi_balanced_best_of(b, 4, 4), 0);
    pvi_env *env = test_env();
    const size_t top[] = {1, 2, 3, 4};
    double won[4];
    ck_ok(env, pvi_top_votes(env, b, 4, 2, 4, top, 4, 50, 1, won));
    ck_near(won[0], 0); /* 2 */
    ck_near(won[1], 0); /* 2, 1: one vote each, the better-scored wins */
    ck_near(won[2], 1); /* 2, 1, 1 */
    ck_near(won[3], 0); /* 2, 1, 1, 2: equal, and the best is wrong */
    test_env_free(env);
}
END_TEST

/* All ways to draw n of distinct scores. */
static double naive_vote(const pvi_ballot *b, size_t count, size_t n, size_t top) {
    double sum = 0, sets = 0;
    for (unsigned chosen = 0; chosen < 1u << count; chosen++) {
        size_t votes[8] = {0}, seen = 0;
        if ((size_t)__builtin_popcount(chosen) != n) continue;
        uint32_t winner = 0, right = 99;
        for (size_t i = 0; i < count && seen < top; i++) {
            if ((chosen >> i & 1) == 0) continue;
            seen++;
            votes[b[i].answer]++;
            if (b[i].right) right = b[i].answer;
        }
        for (size_t i = count; i-- > 0;) /* of equal ones the best-scored stays */
            if ((chosen >> i & 1) != 0 && b[i].answer != 0 && votes[b[i].answer] > 0 && (winner == 0 || votes[b[i].answer] >= votes[winner]))
                winner = b[i].answer;
        sum += winner == right;
        sets++;
    }
    return sum / sets;
}

START_TEST(votes_come_near_the_mean_over_all_subsets) {
    pvi_env *env = test_env();
    pvi_ballot b[10];
    for (uint64_t round = 1; round < 24; round += 2) {
        size_t count = make(round, b);
        for (size_t n = 1; n <= count; n++) {
            const size_t top[] = {1, (n + 1) / 2 > 1 ? (n + 1) / 2 : 2, n > 2 ? n : 3};
            size_t tops = n == 1 ? 1 : n == 2 ? 2 : (n + 1) / 2 < n ? 3 : 2;
            double won[3];
            ck_ok(env, pvi_top_votes(env, b, count, 4, n, top, tops, 4000, round, won));
            for (size_t i = 0; i < tops; i++)
                ck_assert_msg(fabs(won[i] - naive_vote(b, count, n, top[i])) < (n == count ? 1e-12 : 0.04),
                              "top %zu of %zu of %zu: %g, wanted %g", top[i], n, count, won[i], naive_vote(b, count, n, top[i]));
            ck_assert(fabs(won[0] - pvi_best_of(b, count, n)) < 0.04);
        }
    }
    test_env_free(env);
}
END_TEST

START_TEST(equal_scores_are_drawn_evenly) {
    pvi_env *env = test_env();
    const pvi_ballot b[] = {{1, 1, true}, {1, 2, false}, {1, 2, false}, {1, 2, false}};
    const size_t top[] = {1};
    double won;
    ck_ok(env, pvi_top_votes(env, b, 4, 2, 3, top, 1, 8000, 5, &won));
    ck_assert_msg(fabs(won - 0.25) < 0.02, "%g", won);
    double again;
    ck_ok(env, pvi_top_votes(env, b, 4, 2, 3, top, 1, 8000, 5, &again));
    ck_assert(won == again);
    ck_ok(env, pvi_top_votes(env, b, 4, 2, 5, top, 1, 10, 5, &won));
    ck_assert(isnan(won));
    test_env_free(env);
}
END_TEST

START_TEST(allocation_failures) {
    const pvi_ballot b[] = {{1, 1, true}, {0, 2, false}};
    const size_t top[] = {1};
    double won;
    for (size_t k = 1;; k++) {
        pvi_env *env = test_env_with(1, k);
        pvg_status status = pvi_top_votes(env, b, 2, 2, 2, top, 1, 10, 5, &won);
        test_env_free(env);
        if (status == PVG_OK) break;
        ck_assert_int_eq(status, PVG_E_NOMEM);
        ck_assert_uint_lt(k, 20);
    }
}
END_TEST

Suite *suite_votes(void) {
    Suite *suite = suite_create("votes");
    TCase *all = tcase_create("all");
    tcase_add_test(all, closed_forms_are_means_over_all_subsets);
    tcase_add_test(all, by_hand);
    tcase_add_test(all, votes_come_near_the_mean_over_all_subsets);
    tcase_add_test(all, equal_scores_are_drawn_evenly);
    tcase_add_test(all, allocation_failures);
    suite_add_tcase(suite, all);
    return suite;
}
