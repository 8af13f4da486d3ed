/* test_machine.c - the facts are plausible, and measuring gives rates that this machine can have. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

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

static void put(const char *root, const char *name, const char *text) {
    char path[256];
    snprintf(path, sizeof path, "%s/%s", root, name);
    FILE *out = fopen(path, "w");
    ck_assert_ptr_nonnull(out);
    fputs(text, out);
    fclose(out);
}

static void make(const char *root, const char *name) {
    char path[256];
    snprintf(path, sizeof path, "%s/%s", root, name);
    ck_assert_int_eq(mkdir(path, 0700), 0);
}

/* The least limit on the way up counts; groups that are not there, and words, do not. */
START_TEST(control_groups) {
    char root[] = "/tmp/pvgame-groups-XXXXXX", list[64];
    ck_assert_ptr_nonnull(mkdtemp(root));
    snprintf(list, sizeof list, "%s/list", root);
    ck_assert(pvi_machine_allowed(list, root) == UINT64_MAX);
    put(root, "list", "7:cpu,cpuacct:/a\nnonsense\n0::/job/step\n");
    ck_assert(pvi_machine_allowed(list, root) == UINT64_MAX);
    static const struct {
        const char *group, *file, *text;
        uint64_t allowed;
    } steps[] = {{"job", "job/memory.max", "3000\n", 3000},
                 {"job/step", "job/step/memory.max", "max\n", 3000},
                 {NULL, "job/step/memory.max", "2000\n", 2000},
                 {NULL, "memory.max", "1000\n", 1000}}; /* a container sees its own group at the top */
    for (size_t i = 0; i < sizeof steps / sizeof *steps; i++) {
        if (steps[i].group != NULL) make(root, steps[i].group);
        put(root, steps[i].file, steps[i].text);
        ck_assert_uint_eq(pvi_machine_allowed(list, root), steps[i].allowed);
    }
    make(root, "memory");
    put(root, "memory/memory.limit_in_bytes", "900\n");
    ck_assert_uint_eq(pvi_machine_allowed(list, root), 1000);
    put(root, "list", "4:memory:/elsewhere\n0::/\n");
    ck_assert_uint_eq(pvi_machine_allowed(list, root), 900);
    static const char *const gone[] = {"memory/memory.limit_in_bytes", "memory", "memory.max", "job/step/memory.max", "job/step",
                                       "job/memory.max", "job", "list", ""};
    for (size_t i = 0; i < sizeof gone / sizeof *gone; i++) {
        char path[256];
        snprintf(path, sizeof path, "%s/%s", root, gone[i]);
        ck_assert_int_eq(remove(path), 0);
    }
}
END_TEST

Suite *suite_machine(void) {
    Suite *suite = suite_create("machine");
    TCase *all = tcase_create("machine");
    tcase_set_timeout(all, 60);
    tcase_add_test(all, facts);
    tcase_add_test(all, control_groups);
    tcase_add_test(all, rates);
    tcase_add_test(all, no_memory);
    suite_add_tcase(suite, all);
    return suite;
}
