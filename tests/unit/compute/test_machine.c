/* test_machine.c - the facts are plausible, and measuring gives rates that this machine can have. */
#include <math.h>
#include <string.h>

#include "compute/blas.h"
#include "compute/engine.h"
#include "compute/machine.h"
#include "support.h"

START_TEST(facts) {
    pvi_env *env = test_env();
    pvi_machine machine;
    ck_ok(env, pvi_machine_look(env, false, &machine));
    ck_assert_int_ge(machine.processors, 1);
    ck_assert_uint_gt(machine.memory, 1 << 20);
    ck_assert(isnan(machine.peak) && isnan(machine.engine_rate) && isnan(machine.openblas_rate));
    ck_assert_int_eq(pvi_engine_possible(PVI_ENGINE_AVX512), strstr(machine.features, "avx512f") != NULL);
    test_env_free(env);
}
END_TEST

START_TEST(rates) {
    pvi_env *env = test_env();
    pvi_machine machine;
    env->engine = pvi_engine_best();
    ck_ok(env, pvi_machine_look(env, true, &machine));
    ck_assert(machine.peak > 0.01 && machine.peak < 1e4);
    ck_assert(machine.engine_rate > 0.01 && machine.engine_rate < 2 * machine.peak);
    ck_assert_int_eq(pvi_blas_possible(), machine.openblas_rate > 0.01);
    test_env_free(env);
}
END_TEST

START_TEST(no_memory) {
    for (size_t k = 2; k <= 5; k += 3) { /* within the engine's buffers, within OpenBLAS's */
        pvi_env *env = test_env_with(1, k);
        pvi_machine machine;
        env->engine = pvi_engine_best();
        if (k == 2 || pvi_blas_possible()) ck_fails(env, PVG_E_NOMEM, "memory", pvi_machine_look(env, true, &machine));
        test_env_free(env);
    }
}
END_TEST

Suite *suite_machine(void) {
    Suite *suite = suite_create("machine");
    TCase *all = tcase_create("machine");
    tcase_set_timeout(all, 60);
    tcase_add_test(all, facts);
    tcase_add_test(all, rates);
    tcase_add_test(all, no_memory);
    suite_add_tcase(suite, all);
    return suite;
}
