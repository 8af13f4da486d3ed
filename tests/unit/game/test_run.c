/* test_run.c - the run directory: what it holds, and that a game stopped anywhere goes on to the same bits. */
#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <signal.h>

#include "base/alloc.h"
#include "base/file.h"
#include "compute/engine.h"
#include "game/run.h"
#include "support.h"

static pvi_env *open_env(int threads) {
    pvi_env *env = test_env_with(threads, 0);
    env->engine = pvi_engine_best();
    return env;
}

/* A few steps of everything, with what makes state: updates, momentum, several rounds. */
static const char *const assignments[] = {
    "problems.train=64", "problems.test=16", "problems.min_steps=1", "problems.max_steps=1", "problems.largest=12", "tokenizer.vocab=320", "prover.width=24", "prover.layers=1",
    "prover.heads=2", "prover.kv_heads=1", "prover.hidden=48", "prover.context=64", "verifier.width=16", "verifier.layers=1",
    "verifier.heads=2", "verifier.kv_heads=2", "verifier.hidden=24", "base.steps=70", "base.batch=16", "base.rate=1e-2", "verifier_base.steps=4",
    "verifier_base.batch=8", "roles.samples=64", "roles.steps=3", "roles.batch=8", "pool.base_samples=32", "pool.round_samples=32",
    "verifier_train.steps=5", "verifier_train.batch=16", "verifier_train.injected=0.25", "prover_train.steps=4",
    "prover_train.batch=4", "prover_train.group=4",
    "rounds.count=2", "evaluate.problems=16", "evaluate.control=8", "sampling.longest=24", "checkpoint.minutes=1000"};

static pvi_settings *make_settings(pvi_env *env) {
    pvi_settings *settings;
    ck_ok(env, pvi_settings_create(env, pvi_game_settings(), &settings));
    for (size_t i = 0; i < sizeof assignments / sizeof assignments[0]; i++) {
        char name[64];
        size_t length = strcspn(assignments[i], "=");
        memcpy(name, assignments[i], length);
        name[length] = '\0';
        ck_ok(env, pvi_settings_set(env, settings, name, assignments[i] + length + 1));
    }
    return settings;
}

static pvi_game *make_game(pvi_env *env, const char *directory) {
    pvi_settings *settings = make_settings(env);
    pvi_game *game;
    ck_ok(env, pvi_game_create(env, settings, NULL, true, &game));
    pvi_settings_destroy(env, settings);
    if (directory != NULL) ck_ok(env, pvi_run_create(game, directory));
    return game;
}

/* Steps taken; stops early after `most` of them. */
static int play(pvi_game *game, int most) {
    pvi_game_event event = PVI_GAME_PROGRESS;
    int steps = 0;
    while (event != PVI_GAME_FINISHED && steps < most) {
        ck_ok(game->env, pvi_game_step(game, &event));
        steps++;
    }
    return steps;
}

/* All lines of a file, without the times in them. */
static char *lines_of(pvi_env *env, const char *path) {
    pvi_lines *lines;
    pvi_text all;
    const char *line;
    size_t length;
    uint64_t number;
    pvi_text_init(&all, env);
    ck_ok(env, pvi_lines_open(env, path, 1 << 20, &lines));
    while (pvi_lines_next(lines, &line, &length, &number) == PVG_OK && line != NULL) {
        json_t *object = json_loadb(line, length, 0, NULL);
        ck_assert_msg(object != NULL, "%s:%d is not JSON: %s", path, (int)number, line);
        json_object_del(object, "seconds");
        char *text = json_dumps(object, JSON_SORT_KEYS);
        pvi_text_printf(&all, "%s\n", text);
        free(text);
        json_decref(object);
    }
    pvi_lines_close(lines);
    char *copy = strdup(all.data != NULL ? all.data : "");
    pvi_text_free(&all);
    return copy;
}

static void compare_lines(pvi_env *env, const char *a, const char *b, const char *name) {
    char *left = lines_of(env, test_path(a, name)), *right = lines_of(env, test_path(b, name));
    ck_assert_msg(strlen(left) > 100, "%s is almost empty", name);
    size_t same = 0;
    while (left[same] != 0 && left[same] == right[same]) same++;
    ck_assert_msg(left[same] == right[same], "%s of %s and %s differ at byte %zu: ...%.120s and ...%.120s", name, a, b, same, left + (same > 60 ? same - 60 : 0), right + (same > 60 ? same - 60 : 0));
    free(left);
    free(right);
}

static void compare_bytes(pvi_env *env, const char *a, const char *b, const char *name) {
    char *left, *right;
    size_t left_length, right_length;
    ck_ok(env, pvi_file_read(env, test_path(a, name), 1 << 26, &left, &left_length));
    ck_ok(env, pvi_file_read(env, test_path(b, name), 1 << 26, &right, &right_length));
    ck_assert_uint_eq(left_length, right_length);
    ck_assert_msg(memcmp(left, right, left_length) == 0, "%s of %s and %s differ", name, a, b);
    pvi_free(env, left);
    pvi_free(env, right);
}

static void compare_runs(pvi_env *env, const char *a, const char *b) {
    static const char *const models[] = {"base", "verifier_base", "start", "round-0/verifier", "round-0/prover", "round-1/verifier",
                                         "round-1/prover", "last_verifier"};
    for (size_t i = 0; i < sizeof models / sizeof models[0]; i++) {
        char name[96];
        pvi_text_format(name, sizeof name, "models/%s/model.safetensors", models[i]);
        compare_bytes(env, a, b, name);
    }
    compare_lines(env, a, b, "metrics.jsonl");
    compare_lines(env, a, b, "samples.jsonl.gz");
    compare_bytes(env, a, b, "report.json");
}

/* An allocator that begins to fail after some requests. */
static int failures_in;
static pvi_allocate_fn real_allocate;
static void *failing_allocate(void *user, size_t size, size_t align) {
    return failures_in-- > 0 ? real_allocate(user, size, align) : NULL;
}

static const char *fresh_dir(void) { return test_path(test_dir(), "run"); }

START_TEST(a_stopped_game_goes_on_to_the_same_bits) {
    pvi_env *env = open_env(1);
    char whole[768], parts[768];
    strcpy(whole, fresh_dir());
    strcpy(parts, fresh_dir());
    pvi_game *game = make_game(env, whole);
    int steps = play(game, 1 << 20);
    pvi_game_destroy(game);
    game = make_game(env, parts);
    int done = 0, stops = 0;
    for (int part = 50; done < steps; part = part % 7 + 2, stops++) { /* in every stage, at many places */
        done += play(game, part);
        if (done >= steps) break;
        ck_ok(env, pvi_run_checkpoint(game));
        if (stops % 3 == 0) play(game, 2); /* what no checkpoint holds is lost with the process */
        pvi_game_destroy(game);
        ck_ok(env, pvi_run_resume(env, parts, &game));
    }
    pvi_game_destroy(game);
    ck_assert_int_gt(stops, 10);
    compare_runs(env, whole, parts);
    test_env_free(env);
}
END_TEST

START_TEST(threads_change_no_file) {
    char one[768], two[768];
    strcpy(one, fresh_dir());
    strcpy(two, fresh_dir());
    pvi_env *env = open_env(1), *team = open_env(3);
    pvi_game *game = make_game(env, one);
    play(game, 1 << 20);
    pvi_game_destroy(game);
    game = make_game(team, two);
    play(game, 1 << 20);
    pvi_game_destroy(game);
    compare_runs(env, one, two);
    test_env_free(team);
    test_env_free(env);
}
END_TEST

START_TEST(refuses_a_directory_in_use) {
    pvi_env *env = open_env(1);
    char directory[768], file[768];
    strcpy(directory, fresh_dir());
    pvi_game *game = make_game(env, directory), *other = make_game(env, NULL), *resumed;
    ck_fails(env, PVG_E_STATE, "not empty", pvi_run_create(other, directory));
    ck_assert_ptr_null(other->run);
    ck_fails(env, PVG_E_BUSY, "another process is using it", pvi_run_resume(env, directory, &resumed));
    ck_fails(env, PVG_E_NOT_FOUND, "not a run directory", pvi_run_resume(env, test_dir(), &resumed));
    play(game, 1);
    ck_ok(env, pvi_run_checkpoint(game));
    ck_fails(env, PVG_E_BUSY, "another process is using it", pvi_run_resume(env, directory, &resumed));
    pvi_game_destroy(game);
    ck_ok(env, pvi_run_resume(env, directory, &resumed));
    pvi_game_destroy(resumed);
    strcpy(file, test_path(test_dir(), "file"));
    test_write(file, "x");
    ck_fails(env, PVG_E_IO, file, pvi_run_create(other, test_path(file, "run")));
    ck_fails(env, PVG_E_IO, "is a file, not a directory", pvi_run_create(other, file));
    ck_assert(pvi_file_exists(file));
    pvi_game_destroy(other);
    test_env_free(env);
}
END_TEST

/* Replace the first `from` in a file by `to`. */
static void edit(pvi_env *env, const char *path, const char *from, const char *to) {
    char *text;
    size_t length;
    ck_ok(env, pvi_file_read(env, path, 1 << 26, &text, &length));
    char *at = strstr(text, from);
    ck_assert_msg(at != NULL, "%s holds no %s", path, from);
    pvi_text out;
    pvi_text_init(&out, env);
    pvi_text_append(&out, text, (size_t)(at - text));
    pvi_text_puts(&out, to);
    pvi_text_puts(&out, at + strlen(from));
    ck_ok(env, pvi_file_write(env, path, out.data, out.length));
    pvi_text_free(&out);
    pvi_free(env, text);
}

static void check_damage(pvg_status status, const char *sentence, const char *file, const char *from, const char *to) {
    pvi_env *env = open_env(1);
    char directory[768];
    strcpy(directory, fresh_dir());
    pvi_game *game = make_game(env, directory);
    play(game, 80);
    ck_ok(env, pvi_run_checkpoint(game));
    pvi_game_destroy(game);
    if (from != NULL) edit(env, test_path(directory, file), from, to);
    else if (to != NULL) test_write(test_path(directory, file), to);
    else ck_ok(env, pvi_dir_remove(env, test_path(directory, "checkpoint")));
    ck_fails(env, status, sentence, pvi_run_resume(env, directory, &game));
    test_env_free(env);
}

START_TEST(damage_is_named) {
    check_damage(PVG_E_FORMAT, "the checkpoint is damaged", "checkpoint/state.json", NULL, "{\"format\":");
    check_damage(PVG_E_TOO_NEW, "written by a newer version", "checkpoint/state.json", "\"format\":1", "\"format\":2");
    check_damage(PVG_E_UNSUPPORTED, "random streams", "checkpoint/state.json", "\"random_streams\":1", "\"random_streams\":7");
    check_damage(PVG_E_UNSUPPORTED, "OpenBLAS", "checkpoint/state.json", "\"exact\":true", "\"exact\":false");
    check_damage(PVG_E_FORMAT, "digest", "checkpoint/state.json", "\"digest\":\"", "\"digest\":\"x");
    check_damage(PVG_E_FORMAT, "out of range", "checkpoint/state.json", "\"stage_number\":", "\"stage_number\":9");
    check_damage(PVG_E_FORMAT, "state.safetensors", "checkpoint/state.safetensors", NULL, "short");
    check_damage(PVG_E_FORMAT, "metrics.jsonl", "metrics.jsonl", NULL, "");
    check_damage(PVG_E_FORMAT, "model.safetensors", "models/base/model.safetensors", NULL, "short");
    check_damage(PVG_E_NOT_FOUND, "no checkpoint to go on from", "lock", NULL, NULL);
}
END_TEST

/* One bit of one weight: nothing else could tell. */
static void flip_last_byte(pvi_env *env, const char *path) {
    char *bytes;
    size_t length;
    ck_ok(env, pvi_file_read(env, path, 1 << 26, &bytes, &length));
    bytes[length - 1] ^= 1;
    ck_ok(env, pvi_file_write(env, path, bytes, length));
    pvi_free(env, bytes);
}

START_TEST(a_flipped_bit_is_found) {
    static const char *const files[] = {"checkpoint/state.safetensors", "models/base/model.safetensors"};
    pvi_env *env = open_env(1);
    char directory[768];
    strcpy(directory, fresh_dir());
    pvi_game *game = make_game(env, directory);
    play(game, 80);
    ck_ok(env, pvi_run_checkpoint(game));
    pvi_game_destroy(game);
    for (size_t i = 0; i < 2; i++) {
        flip_last_byte(env, test_path(directory, files[i]));
        ck_fails(env, PVG_E_FORMAT, strrchr(files[i], '/') + 1, pvi_run_resume(env, directory, &game));
        flip_last_byte(env, test_path(directory, files[i]));
    }
    ck_ok(env, pvi_run_resume(env, directory, &game));
    pvi_game_destroy(game);
    test_env_free(env);
}
END_TEST

START_TEST(a_checkpoint_left_aside_is_put_back) {
    pvi_env *env = open_env(1);
    char directory[768];
    strcpy(directory, fresh_dir());
    pvi_game *game = make_game(env, directory);
    play(game, 3);
    ck_ok(env, pvi_run_checkpoint(game));
    pvi_game_destroy(game);
    ck_assert_int_eq(rename(test_path(directory, "checkpoint"), test_path(directory, "checkpoint.old")), 0);
    ck_ok(env, pvi_run_resume(env, directory, &game));
    ck_assert_int_eq(game->unit, 3);
    pvi_game_destroy(game);
    test_env_free(env);
}
END_TEST

/* Out of memory anywhere: a status, nothing leaked, and the directory as it was. */
START_TEST(allocations_fail) {
    pvi_env *env = open_env(1);
    char directory[768];
    strcpy(directory, fresh_dir());
    pvi_game *game = make_game(env, directory);
    play(game, 75);
    ck_ok(env, pvi_run_checkpoint(game));
    pvi_game_destroy(game);
    test_env_free(env);
    pvg_status status = PVG_E_NOMEM;
    for (size_t fail = 1; status != PVG_OK; fail += 1 + fail / 12) {
        env = test_env_with(1, fail);
        env->engine = pvi_engine_best();
        status = pvi_run_resume(env, directory, &game);
        if (status == PVG_OK) pvi_game_destroy(game);
        else ck_assert_msg(status == PVG_E_NOMEM, "status %d: %s", (int)status, env->error.message);
        test_env_free(env);
    }
    status = PVG_E_NOMEM;
    env = open_env(1);
    ck_ok(env, pvi_run_resume(env, directory, &game)); /* no failure has hurt it */
    pvi_game_destroy(game);
    game = make_game(env, NULL);
    pvi_allocate_fn allocate = env->allocate;
    const char *existing = test_dir();
    bool empty = false;
    for (int fail = 0; status != PVG_OK; fail++) {
        failures_in = fail;
        real_allocate = allocate;
        env->allocate = failing_allocate;
        status = pvi_run_create(game, existing);
        env->allocate = allocate;
        ck_assert(status == PVG_OK || status == PVG_E_NOMEM);
        if (status == PVG_OK) break;
        ck_ok(env, pvi_dir_empty(env, existing, &empty));
        ck_assert(empty && game->run == NULL);
    }
    play(game, 2);
    status = PVG_E_NOMEM;
    for (int fail = 0; status != PVG_OK; fail++) {
        failures_in = fail;
        env->allocate = failing_allocate;
        status = pvi_run_checkpoint(game);
        env->allocate = allocate;
        ck_assert(status == PVG_OK || status == PVG_E_NOMEM);
    }
    pvi_game_destroy(game);
    test_env_free(env);
}
END_TEST

/* A full disk: the step that wrote fails with its sentence; with room again the same game goes on, and nothing is lost. */
START_TEST(a_full_disk_loses_nothing) {
    pvi_env *env = open_env(1);
    char whole[768], tight[768];
    strcpy(whole, fresh_dir());
    strcpy(tight, fresh_dir());
    pvi_game *game = make_game(env, whole);
    play(game, 1 << 20);
    pvi_game_destroy(game);
    game = make_game(env, tight);
    play(game, 9);
    ck_ok(env, pvi_run_checkpoint(game));
    signal(SIGXFSZ, SIG_IGN);
    struct rlimit before, none;
    getrlimit(RLIMIT_FSIZE, &before);
    none = before;
    pvi_game_event event = PVI_GAME_PROGRESS;
    pvg_status status = PVG_OK;
    for (none.rlim_cur = 300; none.rlim_cur < 40000; none.rlim_cur += 5000) {
        setrlimit(RLIMIT_FSIZE, &none);
        for (int i = 0; i < 3; i++) {
            status = pvi_game_step(game, &event);
            if (status == PVG_OK) status = pvi_run_checkpoint(game);
            if (status != PVG_OK) ck_assert_int_eq(status, PVG_E_IO);
        }
        setrlimit(RLIMIT_FSIZE, &before);
    }
    play(game, 1 << 20);
    pvi_game_destroy(game);
    compare_runs(env, whole, tight);
    test_env_free(env);
}
END_TEST

Suite *suite_run(void) {
    Suite *suite = suite_create("run");
    TCase *tc = tcase_create("run");
    tcase_set_timeout(tc, 120);
    tcase_add_test(tc, a_stopped_game_goes_on_to_the_same_bits);
    tcase_add_test(tc, threads_change_no_file);
    tcase_add_test(tc, refuses_a_directory_in_use);
    tcase_add_test(tc, damage_is_named);
    tcase_add_test(tc, a_flipped_bit_is_found);
    tcase_add_test(tc, a_checkpoint_left_aside_is_put_back);
    tcase_add_test(tc, allocations_fail);
    tcase_add_test(tc, a_full_disk_loses_nothing);
    suite_add_tcase(suite, tc);
    return suite;
}
