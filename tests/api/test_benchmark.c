/* test_benchmark.c - the benchmarks run, add up, and refuse what they do not know. */
#include <stdio.h>

#include "public.h"

static double number(const char *json, const char *name) {
    char quoted[64];
    snprintf(quoted, sizeof quoted, "\"%s\":", name);
    const char *at = strstr(json, quoted);
    ck_assert_msg(at != NULL, "%s lacks %s", json, name);
    return strtod(at + strlen(quoted), NULL);
}

typedef struct seen {
    pvg_context *context;
    int32_t calls, last, total;
} seen;

static void watch(void *user, int32_t done, int32_t total) {
    seen *s = user;
    ck_assert_int_eq(done, s->calls++);
    s->last = done;
    s->total = total;
    size_t needed;
    ck_refuses(s->context, PVG_E_BUSY, "hook", pvg_machine_describe(s->context, 0, NULL, 0, &needed));
}

START_TEST(every_benchmark_runs) {
    static const struct { const char *what, *rate, *part; double tokens; } cases[] = {
        {"train", "tok_s", "forward", 2 * 255}, {"generate", "total_tok_s", "prefill", 2 * 128}, {"score", "tok_s", "whole", 2 * 256}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        pvg_context *context = public_context(2, 0);
        seen seen = {.context = context};
        pvg_benchmark_options options = {.struct_size = sizeof options, .batch = 2, .reps = 2, .progress = watch, .user = &seen};
        char json[2048];
        size_t needed;
        ck_does(context, pvg_benchmark(context, cases[i].what, "XS", &options, json, sizeof json, &needed));
        ck_assert_uint_eq(needed, strlen(json));
        ck_assert_ptr_null(strchr(json, '\n'));
        ck_assert_int_eq(seen.last, 3);
        ck_assert_int_eq(seen.total, 3);
        ck_assert(number(json, "batch") == 2 && number(json, "reps") == 2 && number(json, "threads") == 2);
        double product = number(json, cases[i].rate) * number(json, "whole");
        ck_assert_msg(fabs(product / cases[i].tokens - 1) < 1e-2, "%s: %f tokens", json, product);
        ck_assert_double_gt(number(json, cases[i].part), 0);
        double share = number(json, "gflops") / number(json, "peak_gflops");
        ck_assert_double_eq_tol(share, number(json, "peak_share"), 2e-3);
        ck_assert(number(json, "peak_gflops") > 0 && number(json, "peak_rss_mib") > 1 && number(json, "held_mib") > 0);
        public_done(context);
    }
}
END_TEST

START_TEST(unknown_benchmarks_are_refused) {
    pvg_context *context = public_context(1, 0);
    char json[2048];
    ck_refuses(context, PVG_E_NOT_FOUND, "no benchmark 'learn'", pvg_benchmark(context, "learn", "S", NULL, json, sizeof json, NULL));
    ck_refuses(context, PVG_E_NOT_FOUND, "no size 'XL'", pvg_benchmark(context, "train", "XL", NULL, json, sizeof json, NULL));
    ck_refuses(context, PVG_E_INVALID, "'what'", pvg_benchmark(context, NULL, "S", NULL, json, sizeof json, NULL));
    pvg_benchmark_options options = {.struct_size = sizeof options, .batch = 5000};
    ck_refuses(context, PVG_E_RANGE, "5000 sequences", pvg_benchmark(context, "train", "XS", &options, json, sizeof json, NULL));
    options = (pvg_benchmark_options){.struct_size = sizeof options, .reps = -1};
    ck_refuses(context, PVG_E_RANGE, "-1 repetitions", pvg_benchmark(context, "train", "XS", &options, json, sizeof json, NULL));
    options = (pvg_benchmark_options){.struct_size = sizeof options, .reserved_zero = 1};
    ck_refuses(context, PVG_E_UNSUPPORTED, "reserved_zero", pvg_benchmark(context, "train", "XS", &options, json, sizeof json, NULL));
    public_done(context);
}
END_TEST

START_TEST(a_benchmark_can_be_cancelled) {
    pvg_context *context = public_context(1, 0);
    char json[2048];
    pvg_context_cancel(context);
    ck_refuses(context, PVG_E_CANCELLED, "cancelled", pvg_benchmark(context, "score", "XS", NULL, json, sizeof json, NULL));
    public_done(context);
}
END_TEST

/* Wherever memory ends, the benchmark says so and holds nothing. */
START_TEST(memory_that_is_refused) {
    static const char *const kinds[] = {"train", "generate", "score"};
    pvg_benchmark_options options = {.struct_size = sizeof options, .batch = 1, .reps = 1};
    char json[2048];
    for (size_t i = 0; i < 3; i++)
        for (size_t k = 1; k <= 16; k += 5) {
            pvg_context *context = public_context(1, k);
            ck_refuses(context, PVG_E_NOMEM, "memory", pvg_benchmark(context, kinds[i], "XS", &options, json, sizeof json, NULL));
            public_done(context);
        }
}
END_TEST

Suite *suite_benchmark(void) {
    Suite *suite = suite_create("benchmark");
    TCase *all = tcase_create("benchmark");
    tcase_set_timeout(all, 60);
    tcase_add_test(all, every_benchmark_runs);
    tcase_add_test(all, unknown_benchmarks_are_refused);
    tcase_add_test(all, a_benchmark_can_be_cancelled);
    tcase_add_test(all, memory_that_is_refused);
    suite_add_tcase(suite, all);
    return suite;
}
