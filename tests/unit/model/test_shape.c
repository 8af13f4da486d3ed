/* test_shape.c - bounds, divisibility and the number of parameters. */
#include <math.h>
#include <string.h>

#include "model/shape.h"
#include "support.h"

static const pvi_shape good = {.vocab = 20, .width = 12, .layers = 2, .heads = 4, .kv_heads = 2, .head_dim = 6,
                               .hidden = 10, .context = 16, .rope_theta = 10000.0f, .norm_eps = 1e-5f, .tied = true};

START_TEST(accepts_and_counts) {
    pvi_env *env = test_env();
    pvi_shape s = good;
    ck_ok(env, pvi_shape_check(env, &s));
    /* embedding, 2 x (norms, q k v, o, gate up down), final norm */
    uint64_t trunk = 240 + 2 * (24 + 48 * 12 + 24 * 12 + 3 * 120) + 12;
    ck_assert_uint_eq(pvi_shape_parameters(&s), trunk);
    s.tied = false;
    ck_assert_uint_eq(pvi_shape_parameters(&s), trunk + 240);
    s.head = PVI_HEAD_TOKEN_SUM; /* no lm_head, but weight, bias and log-probability weight */
    ck_assert_uint_eq(pvi_shape_parameters(&s), trunk + 12 + 2);
    test_env_free(env);
}
END_TEST

START_TEST(counts_a_billion) {
    pvi_env *env = test_env();
    pvi_shape s = {.vocab = 128256, .width = 2048, .layers = 16, .heads = 32, .kv_heads = 8, .head_dim = 64,
                   .hidden = 8192, .context = 131072, .rope_theta = 500000.0f, .norm_eps = 1e-5f, .tied = true};
    ck_ok(env, pvi_shape_check(env, &s));
    ck_assert_uint_eq(pvi_shape_parameters(&s), UINT64_C(1235814400)); /* Llama 3.2 1B */
    ck_assert_uint_eq(atomic_load(&env->allocations), 2);               /* the team's own */
    test_env_free(env);
}
END_TEST

START_TEST(names_what_is_wrong) {
    pvi_env *env = test_env();
    const struct {
        int32_t pvi_shape_offset, value;
        const char *part;
    } cases[] = {
        {offsetof(pvi_shape, vocab), 0, "vocab is 0"},        {offsetof(pvi_shape, width), -3, "width is -3"},
        {offsetof(pvi_shape, layers), 5000, "layers is 5000"}, {offsetof(pvi_shape, heads), 0, "heads is 0"},
        {offsetof(pvi_shape, kv_heads), 3, "multiple of kv_heads"}, {offsetof(pvi_shape, head_dim), 7, "even"},
        {offsetof(pvi_shape, hidden), INT32_MAX, "hidden is 2147483647"}, {offsetof(pvi_shape, context), 0, "context"},
        {offsetof(pvi_shape, head), 9, "head is 9"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        pvi_shape s = good;
        memcpy((char *)&s + cases[i].pvi_shape_offset, &cases[i].value, sizeof(int32_t));
        ck_fails(env, PVG_E_RANGE, cases[i].part, pvi_shape_check(env, &s));
    }
    pvi_shape s = good;
    s.rope_theta = NAN;
    ck_fails(env, PVG_E_RANGE, "rope_theta", pvi_shape_check(env, &s));
    s = good;
    s.norm_eps = 0.0f;
    ck_fails(env, PVG_E_RANGE, "norm_eps", pvi_shape_check(env, &s));
    s = good;
    s.logprob_feature = true;
    ck_fails(env, PVG_E_RANGE, "logprob_feature", pvi_shape_check(env, &s));
    s = (pvi_shape){.vocab = 1 << 20, .width = 1 << 16, .layers = 1024, .heads = 1024, .kv_heads = 1024,
                    .head_dim = 1024, .hidden = 1 << 18, .context = 1, .rope_theta = 1e4f, .norm_eps = 1e-5f};
    ck_fails(env, PVG_E_RANGE, "parameters", pvi_shape_check(env, &s));
    test_env_free(env);
}
END_TEST

Suite *suite_shape(void) {
    Suite *suite = suite_create("shape");
    TCase *tc = tcase_create("shape");
    tcase_add_test(tc, accepts_and_counts);
    tcase_add_test(tc, counts_a_billion);
    tcase_add_test(tc, names_what_is_wrong);
    suite_add_tcase(suite, tc);
    return suite;
}
