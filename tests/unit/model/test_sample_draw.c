/* test_sample_draw.c - tokens out of rows of logits, against plain loops in double precision. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/rng.h"
#include "compute/engine.h"
#include "model/sample_draw.h"
#include "support.h"

enum { MOST = 300 };
static const int sizes[] = {1, 2, 7, 64, 65, 128, 129, 300};
enum { SIZES = sizeof sizes / sizeof *sizes };

/* Logits of a row; every fifth token is disallowed. */
static void fill(float *logits, int vocab, uint64_t seed) {
    pvi_rng rng = pvi_rng_stream(seed, "logits", 0, 0);
    for (int i = 0; i < vocab; i++) logits[i] = i % 5 == 3 ? -INFINITY : (float)(3 * pvi_rng_normal(&rng));
}

static pvi_drawn draw(const pvi_sampling *how, uint64_t stream, int position, const float *logits, int vocab) {
    float copy[MOST], p[MOST];
    int32_t order[MOST];
    memcpy(copy, logits, (size_t)vocab * sizeof *copy);
    return pvi_draw(pvi_kernels_of(pvi_engine_best()), how, stream, position, copy, vocab, p, order);
}

static double unit_of(const pvi_sampling *how, uint64_t stream, int position) {
    pvi_rng rng = pvi_rng_stream(how->seed, "sample", stream, (uint64_t)position);
    return pvi_rng_unit(&rng);
}

static void naive_probabilities(const float *logits, int vocab, double temperature, double *p) {
    double top = -INFINITY, sum = 0;
    for (int i = 0; i < vocab; i++) top = fmax(top, (double)logits[i]);
    for (int i = 0; i < vocab; i++) sum += p[i] = exp(((double)logits[i] - top) / temperature);
    for (int i = 0; i < vocab; i++) p[i] /= sum;
}

/* Is `token` where the running sum over `order` passes unit * mass, give or take rounding? */
static void check_place(const double *p, const int *order, int count, double target, int token) {
    double before = 0;
    for (int i = 0; i < count; i++) {
        if (order[i] == token) {
            ck_assert_msg(target > before - 1e-5 && target < before + p[token] + 1e-5, "%g is not in %g..%g of token %d",
                          target, before, before + p[token], token);
            return;
        }
        before += p[order[i]];
    }
    ck_abort_msg("token %d is not a candidate", token);
}

START_TEST(draws_where_the_sum_passes) {
    static const double temperatures[] = {1, 0.7, 3};
    for (int n = 0; n < SIZES; n++)
        for (uint64_t stream = 0; stream < 200; stream++) {
            float logits[MOST];
            double p[MOST], temperature = temperatures[stream % 3];
            int vocab = sizes[n], order[MOST];
            pvi_sampling how = {.temperature = temperature, .top_p = 1, .longest = 1, .seed = 11};
            fill(logits, vocab, stream);
            naive_probabilities(logits, vocab, temperature, p);
            for (int i = 0; i < vocab; i++) order[i] = i;
            pvi_drawn drawn = draw(&how, stream, 4, logits, vocab);
            ck_assert(isfinite(logits[drawn.token]));
            check_place(p, order, vocab, unit_of(&how, stream, 4), drawn.token);
            ck_assert_double_eq_tol((double)drawn.logprob, log(p[drawn.token]), 1e-5);
            if (temperature == 1) ck_assert_float_eq(drawn.logprob, pvi_row_logprob(logits, vocab, drawn.token, NULL));
        }
}
END_TEST

static const double *sorted_by;
static int likelier(const void *a, const void *b) {
    double x = sorted_by[*(const int *)a], y = sorted_by[*(const int *)b];
    return x != y ? (x < y) - (x > y) : *(const int *)a - *(const int *)b;
}

START_TEST(a_nucleus_is_the_fewest_likeliest) {
    static const double masses[] = {0.9, 0.5, 1e-9, 0.99};
    for (int n = 0; n < SIZES; n++)
        for (uint64_t stream = 0; stream < 200; stream++) {
            float logits[MOST];
            double p[MOST], mass = 0;
            int vocab = sizes[n], order[MOST], count = 0;
            pvi_sampling how = {.temperature = 1, .top_p = masses[stream % 4], .longest = 1, .seed = 11};
            fill(logits, vocab, stream);
            naive_probabilities(logits, vocab, 1, p);
            for (int i = 0; i < vocab; i++) order[i] = i;
            sorted_by = p;
            qsort(order, (size_t)vocab, sizeof *order, likelier);
            do mass += p[order[count++]];
            while (count < vocab && mass < how.top_p);
            pvi_drawn drawn = draw(&how, stream, 0, logits, vocab);
            check_place(p, order, count, unit_of(&how, stream, 0) * mass, drawn.token);
            /* of the full distribution */
            ck_assert_float_eq(drawn.logprob, pvi_row_logprob(logits, vocab, drawn.token, NULL));
        }
}
END_TEST

START_TEST(ties_go_to_the_first) {
    float logits[MOST];
    for (int n = 0; n < SIZES; n++) {
        for (int i = 0; i < sizes[n]; i++) logits[i] = i < sizes[n] / 2 ? -1 : 2;
        pvi_sampling greedy = {.temperature = 0, .top_p = 1, .longest = 1};
        pvi_sampling narrow = {.temperature = 1, .top_p = 1e-9, .longest = 1};
        pvi_drawn drawn = draw(&greedy, 0, 0, logits, sizes[n]);
        ck_assert_int_eq(drawn.token, sizes[n] / 2);
        ck_assert_float_eq(drawn.logprob, pvi_row_logprob(logits, sizes[n], drawn.token, NULL));
        ck_assert_int_eq(draw(&narrow, 0, 0, logits, sizes[n]).token, sizes[n] / 2);
    }
}
END_TEST

START_TEST(extreme_temperatures) {
    float logits[MOST];
    fill(logits, 129, 5);
    logits[7] = 3e38f;
    logits[8] = -3e38f;
    pvi_sampling how = {.temperature = 0, .top_p = 1, .longest = 1, .seed = 3};
    int32_t best = draw(&how, 0, 0, logits, 129).token;
    static const double cold[] = {1e-300, 1e-40, 1e-20, 1e-6};
    for (int i = 0; i < 4; i++) {
        how.temperature = cold[i];
        pvi_drawn drawn = draw(&how, 1, 2, logits, 129);
        ck_assert_int_eq(drawn.token, best);
        ck_assert_float_eq(drawn.logprob, 0);
    }
    fill(logits, 129, 5);
    how.temperature = 1e9; /* all allowed tokens alike: 103 of them */
    pvi_drawn drawn = draw(&how, 1, 2, logits, 129);
    ck_assert(isfinite(logits[drawn.token]));
    ck_assert_double_eq_tol((double)drawn.logprob, -log(103), 1e-5);
}
END_TEST

START_TEST(what_is_no_distribution_is_told) {
    float logits[MOST];
    for (int what = 0; what < 4; what++)
        for (int how = 0; how < 3; how++) {
            fill(logits, 70, 1);
            for (int i = 0; i < 70 && what == 0; i++) logits[i] = NAN;
            for (int i = 0; i < 70 && what == 1; i++) logits[i] = -INFINITY;
            if (what == 2) logits[69] = NAN;
            if (what == 3) logits[20] = INFINITY;
            pvi_sampling ways[] = {{.temperature = 0, .top_p = 1}, {.temperature = 1, .top_p = 1},
                                   {.temperature = 0.5, .top_p = 0.5}};
            pvi_drawn drawn = draw(&ways[how], 0, 0, logits, 70);
            ck_assert(isnan(drawn.logprob));
            ck_assert(drawn.token >= 0 && drawn.token < 70);
        }
}
END_TEST

/* Seed, stream and position choose the draw, and nothing else does. */
START_TEST(keys_choose_the_draw) {
    float logits[MOST];
    int differ[3] = {0};
    for (int i = 0; i < 200; i++) logits[i] = 0;
    for (uint64_t stream = 0; stream < 50; stream++) {
        pvi_sampling how = {.temperature = 1, .top_p = 1, .seed = 9}, other = how;
        other.seed = 10;
        int32_t token = draw(&how, stream, 3, logits, 200).token;
        ck_assert_int_eq(token, draw(&how, stream, 3, logits, 200).token);
        differ[0] += token != draw(&how, stream, 4, logits, 200).token;
        differ[1] += token != draw(&how, stream + 1, 3, logits, 200).token;
        differ[2] += token != draw(&other, stream, 3, logits, 200).token;
    }
    for (int i = 0; i < 3; i++) ck_assert_int_gt(differ[i], 40);
}
END_TEST

Suite *suite_sample_draw(void) {
    Suite *suite = suite_create("sample_draw");
    TCase *tc = tcase_create("sample_draw");
    tcase_add_test(tc, draws_where_the_sum_passes);
    tcase_add_test(tc, a_nucleus_is_the_fewest_likeliest);
    tcase_add_test(tc, ties_go_to_the_first);
    tcase_add_test(tc, extreme_temperatures);
    tcase_add_test(tc, what_is_no_distribution_is_told);
    tcase_add_test(tc, keys_choose_the_draw);
    suite_add_tcase(suite, tc);
    return suite;
}
