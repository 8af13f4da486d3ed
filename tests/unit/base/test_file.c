/* test_file.c - reading, atomic writing, lines, and logs that survive a crash. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/digest.h"
#include "base/file.h"
#include "support.h"

START_TEST(write_then_read) {
    pvi_env *env = test_env();
    const char *path = test_path(test_dir(), "a");
    char *data = NULL;
    size_t length = 0;
    ck_ok(env, pvi_file_write(env, path, "one\0two", 7));
    ck_ok(env, pvi_file_read(env, path, 100, &data, &length));
    ck_assert_uint_eq(length, 7);
    ck_assert_mem_eq(data, "one\0two", 8);
    pvi_free(env, data);
    ck_fails(env, PVG_E_RANGE, "at most 3", pvi_file_read(env, path, 3, &data, &length));
    ck_fails(env, PVG_E_NOT_FOUND, "/missing", pvi_file_read(env, test_path(test_dir(), "missing"), 3, &data, &length));
    ck_fails(env, PVG_E_IO, "directory", pvi_file_read(env, test_dir(), 3, &data, &length));
    test_env_free(env);
}
END_TEST

START_TEST(dropped_writer_leaves_the_old_file) {
    pvi_env *env = test_env();
    const char *dir = test_dir(), *path = test_path(dir, "a");
    test_write(path, "old");
    pvi_writer *writer = NULL;
    ck_ok(env, pvi_writer_open(env, path, &writer));
    ck_ok(env, pvi_writer_append(writer, "new", 3));
    pvi_writer_drop(writer);
    uint64_t size = 0;
    char *data = NULL;
    size_t length = 0;
    ck_ok(env, pvi_file_size(env, path, &size));
    ck_ok(env, pvi_file_read(env, path, 100, &data, &length));
    ck_assert_str_eq(data, "old");
    pvi_free(env, data);
    unlink(path);
    bool empty = false;
    ck_ok(env, pvi_dir_empty(env, dir, &empty));
    ck_assert(empty);
    test_env_free(env);
}
END_TEST

START_TEST(a_device_is_not_replaced) {
    pvi_env *env = test_env();
    ck_fails(env, PVG_E_IO, "no regular file", pvi_file_write(env, "/dev/full", "x", 1));
    test_env_free(env);
}
END_TEST

START_TEST(a_full_disk_is_reported) {
    pvi_env *env = test_env();
    pvi_appender *log = NULL;
    ck_ok(env, pvi_appender_open(env, "/dev/full", PVI_KEEP_ALL, &log));
    ck_ok(env, pvi_appender_write(log, "x", 1));
    ck_fails(env, PVG_E_IO, "/dev/full", pvi_appender_flush(log, NULL));
    pvi_appender_close(log);
    test_env_free(env);
}
END_TEST

static void expect_lines(pvi_env *env, const char *path, const char *joined) {
    pvi_lines *lines = NULL;
    char seen[256] = "";
    const char *line;
    size_t length;
    uint64_t number = 0, expected = 1;
    ck_ok(env, pvi_lines_open(env, path, 100, &lines));
    for (;;) {
        ck_ok(env, pvi_lines_next(lines, &line, &length, &number));
        if (line == NULL) break;
        ck_assert_uint_eq(number, expected++);
        strncat(seen, line, length);
        strcat(seen, "|");
    }
    ck_assert_str_eq(seen, joined);
    pvi_lines_close(lines);
}

START_TEST(lines_of_every_kind) {
    pvi_env *env = test_env();
    const char *path = test_path(test_dir(), "lines");
    test_write(path, "\xEF\xBB\xBFone\r\n\ntwo\nlast");
    expect_lines(env, path, "one||two|last|");
    test_write(path, "");
    expect_lines(env, path, "");
    char big[200];
    memset(big, 'x', sizeof big - 1);
    big[sizeof big - 1] = '\0';
    test_write(path, big);
    pvi_lines *lines = NULL;
    const char *line;
    size_t length;
    uint64_t number;
    ck_ok(env, pvi_lines_open(env, path, 100, &lines));
    ck_fails(env, PVG_E_FORMAT, "longer than 100", pvi_lines_next(lines, &line, &length, &number));
    pvi_lines_close(lines);
    test_env_free(env);
}
END_TEST

START_TEST(appended_gzip_is_readable_and_can_be_cut) {
    pvi_env *env = test_env();
    const char *path = test_path(test_dir(), "log.gz");
    pvi_appender *log = NULL;
    uint64_t first = 0, second = 0;
    ck_ok(env, pvi_appender_open(env, path, 0, &log));
    ck_ok(env, pvi_appender_write(log, "one\n", 4));
    ck_ok(env, pvi_appender_flush(log, &first));
    ck_ok(env, pvi_appender_write(log, "two\n", 4));
    ck_ok(env, pvi_appender_flush(log, &second));
    ck_ok(env, pvi_appender_write(log, "lost\n", 5));
    pvi_appender_close(log);
    ck_assert_uint_gt(second, first);
    expect_lines(env, path, "one|two|");
    ck_ok(env, pvi_appender_open(env, path, first, &log));
    ck_ok(env, pvi_appender_write(log, "three\n", 6));
    ck_ok(env, pvi_appender_flush(log, NULL));
    pvi_appender_close(log);
    expect_lines(env, path, "one|three|");
    ck_assert_int_eq(truncate(path, (off_t)first + 9), 0);
    pvi_lines *lines = NULL;
    const char *line = "";
    size_t length;
    uint64_t number;
    pvg_status status = PVG_OK;
    ck_ok(env, pvi_lines_open(env, path, 100, &lines));
    while (status == PVG_OK && line != NULL) status = pvi_lines_next(lines, &line, &length, &number);
    ck_assert_int_eq(status, PVG_E_FORMAT);
    pvi_lines_close(lines);
    test_env_free(env);
}
END_TEST

START_TEST(directories_are_replaced_whole) {
    pvi_env *env = test_env();
    const char *dir = test_dir(), *old = test_path(dir, "m"), *fresh = test_path(dir, "m.new");
    ck_ok(env, pvi_dir_make(env, test_path(dir, "m/deep")));
    ck_ok(env, pvi_dir_make(env, fresh));
    test_write(test_path(dir, "m.new/x"), "x");
    ck_ok(env, pvi_dir_replace(env, fresh, old));
    ck_assert(pvi_file_exists(test_path(dir, "m/x")));
    ck_assert(!pvi_dir_exists(test_path(dir, "m/deep")));
    ck_assert(!pvi_dir_exists(test_path(dir, "m.old")));
    ck_fails(env, PVG_E_NOT_FOUND, "nothing", pvi_dir_replace(env, test_path(dir, "nothing"), old));
    ck_assert(pvi_file_exists(test_path(dir, "m/x")));
    test_env_free(env);
}
END_TEST

START_TEST(a_directory_left_aside_is_put_back) {
    pvi_env *env = test_env();
    const char *dir = test_dir(), *place = test_path(dir, "a"), *aside = test_path(dir, "a.old");
    ck_ok(env, pvi_dir_restore(env, place)); /* nothing there: nothing to do */
    ck_assert(!pvi_dir_exists(place));
    ck_ok(env, pvi_dir_make(env, aside));
    test_write(test_path(aside, "old"), "1");
    ck_ok(env, pvi_dir_restore(env, place));
    ck_assert(pvi_file_exists(test_path(place, "old")) && !pvi_dir_exists(aside));
    ck_ok(env, pvi_dir_make(env, aside));
    ck_ok(env, pvi_dir_restore(env, place)); /* what stands in place stays */
    ck_assert(pvi_file_exists(test_path(place, "old")) && pvi_dir_exists(aside));
    test_env_free(env);
}
END_TEST

START_TEST(a_file_has_the_digest_of_its_bytes) {
    pvi_env *env = test_env();
    const char *path = test_path(test_dir(), "bytes");
    const size_t sizes[] = {0, 1, (1 << 20) - 1, 1 << 20, (1 << 20) + 1, 5 << 19};
    char *bytes = pvi_alloc(env, 5 << 19, 1), wanted[33], got[33];
    for (size_t i = 0; i < 5 << 19; i++) bytes[i] = (char)(i * 2654435761u >> 13);
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        ck_ok(env, pvi_file_write(env, path, bytes, sizes[i]));
        ck_ok(env, pvi_digest_file(env, path, got));
        pvi_digest_of(bytes, sizes[i], wanted);
        ck_assert_str_eq(got, wanted);
    }
    ck_fails(env, PVG_E_NOT_FOUND, "none", pvi_digest_file(env, test_path(test_dir(), "none"), got));
    pvi_free(env, bytes);
    test_env_free(env);
}
END_TEST

Suite *suite_file(void) {
    Suite *suite = suite_create("file");
    TCase *all = tcase_create("file");
    tcase_add_test(all, write_then_read);
    tcase_add_test(all, dropped_writer_leaves_the_old_file);
    tcase_add_test(all, a_device_is_not_replaced);
    tcase_add_test(all, a_full_disk_is_reported);
    tcase_add_test(all, lines_of_every_kind);
    tcase_add_test(all, appended_gzip_is_readable_and_can_be_cut);
    tcase_add_test(all, directories_are_replaced_whole);
    tcase_add_test(all, a_directory_left_aside_is_put_back);
    tcase_add_test(all, a_file_has_the_digest_of_its_bytes);
    suite_add_tcase(suite, all);
    return suite;
}
