/* test_safetensors.c - named arrays in files: what is written, what is refused, and exact conversion. */
#include <jansson.h>
#include <math.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/file.h"
#include "model/safetensors.h"
#include "support.h"

/* A file of a header and so many bytes after it, each its own number. `length` 0: the header's own. */
static void write_raw(const char *path, const char *header, size_t header_length, uint64_t length, size_t data) {
    pvi_env env;
    pvi_env_init(&env);
    char *file = malloc(8 + header_length + data);
    if (length == 0) length = header_length;
    memcpy(file, &length, 8);
    memcpy(file + 8, header, header_length);
    for (size_t i = 0; i < data; i++) file[8 + header_length + i] = (char)i;
    ck_ok(&env, pvi_file_write(&env, path, file, 8 + header_length + data));
    free(file);
}

static const float floats[6] = {1.5f, -0.0f, 3e-42f, INFINITY, 1e38f, -7.25f};
static const int64_t longs[3] = {INT64_MIN, 9007199254740993, -1};
static const int32_t ints[2] = {INT32_MAX, INT32_MIN};
static const uint8_t bytes[5] = {1, 2, 3, 250, 0};
static const pvi_array arrays[] = {{"bytes", "U8", bytes, 5, 0},
                                   {"w\"\\\xC3\xA9", "F32", floats, 2, 3},
                                   {"longs", "I64", longs, 3, 0},
                                   {"ints", "I32", ints, 1, 2},
                                   {"nothing", "F32", floats, 0, 4}};
static const size_t count = sizeof arrays / sizeof arrays[0];

static void check_contents(pvi_env *env, pvi_arrays *a) {
    float f[6];
    int64_t l[3];
    int32_t i[2];
    uint8_t b[5];
    ck_ok(env, pvi_arrays_read(a, "w\"\\\xC3\xA9", "F32", f, 6));
    ck_ok(env, pvi_arrays_read(a, "longs", "I64", l, 3));
    ck_ok(env, pvi_arrays_read(a, "ints", "I32", i, 2));
    ck_ok(env, pvi_arrays_read(a, "bytes", "U8", b, 5));
    ck_ok(env, pvi_arrays_read(a, "nothing", "F32", f, 0));
    ck_assert_mem_eq(f, floats, sizeof f);
    ck_assert_mem_eq(l, longs, sizeof l);
    ck_assert_mem_eq(i, ints, sizeof i);
    ck_assert_mem_eq(b, bytes, sizeof b);
}

START_TEST(what_is_written_is_read) {
    pvi_env *env = test_env();
    const char *path = test_path(test_dir(), "a.safetensors");
    ck_ok(env, pvi_arrays_save(env, path, arrays, count, "{\"step\":\"12\",\"b\":\"\"}"));
    pvi_arrays *a;
    ck_ok(env, pvi_arrays_open(env, path, &a));
    check_contents(env, a);
    ck_assert_str_eq(pvi_arrays_metadata(a, "step"), "12");
    ck_assert_ptr_null(pvi_arrays_metadata(a, "other"));
    uint64_t found = 0;
    const char *dtype = "";
    ck_assert(pvi_arrays_find(a, "ints", &found, &dtype));
    ck_assert_uint_eq(found, 2);
    ck_assert_str_eq(dtype, "I32");
    ck_assert(!pvi_arrays_find(a, "__metadata__", &found, &dtype));
    float f[6];
    ck_fails(env, PVG_E_NOT_FOUND, "no array 'other'", pvi_arrays_read(a, "other", "F32", f, 6));
    ck_fails(env, PVG_E_FORMAT, "3 elements of type I64; wanted are 3 of type F32",
             pvi_arrays_read(a, "longs", "F32", f, 3));
    ck_fails(env, PVG_E_FORMAT, "5 elements of type U8; wanted are 4", pvi_arrays_read(a, "bytes", "U8", f, 4));
    pvi_arrays_close(a);
    test_env_free(env);
}
END_TEST

START_TEST(arrays_are_aligned_and_ordered) {
    pvi_env *env = test_env();
    const char *path = test_path(test_dir(), "a.safetensors");
    ck_ok(env, pvi_arrays_save(env, path, arrays, count, NULL));
    char *file;
    size_t length;
    uint64_t header;
    ck_ok(env, pvi_file_read(env, path, 4096, &file, &length));
    memcpy(&header, file, 8);
    ck_assert_uint_eq(header % 8, 0);
    ck_assert_int_eq(
        strncmp(file + 8, "{\"longs\":{\"dtype\":\"I64\",\"shape\":[3],\"data_offsets\":[0,24]},\"ints\":", 62), 0);
    ck_assert_uint_eq(length, 8 + header + 24 + 8 + 24 + 5);
    ck_assert_mem_eq(file + 8 + header, longs, 24);
    ck_assert_mem_eq(file + 8 + header + 24, ints, 8);
    ck_assert_mem_eq(file + 8 + header + 32, floats, 24);
    pvi_free(env, file);
    test_env_free(env);
}
END_TEST

START_TEST(no_array_at_all) {
    pvi_env *env = test_env();
    const char *path = test_path(test_dir(), "a.safetensors");
    pvi_arrays *a;
    ck_ok(env, pvi_arrays_save(env, path, NULL, 0, NULL));
    ck_ok(env, pvi_arrays_open(env, path, &a));
    ck_assert_uint_eq(pvi_arrays_count(a), 0);
    ck_fails(env, PVG_E_NOT_FOUND, "x", pvi_arrays_read(a, "x", "F32", NULL, 0));
    pvi_arrays_close(a);
    test_env_free(env);
}
END_TEST

START_TEST(what_cannot_be_written_is_refused) {
    pvi_env *env = test_env();
    const char *dir = test_dir(), *path = test_path(dir, "a.safetensors");
    const struct {
        pvi_array array[2];
        size_t count;
        const char *metadata, *part;
    } cases[] = {
        {{{"a", "F16", floats, 1, 0}}, 1, NULL, "of type F16"},
        {{{"a", "F32", floats, -1, 0}}, 1, NULL, "-1 x 0"},
        {{{"a", "F32", floats, INT64_MAX / 2, 3}}, 1, NULL, "x 3"},
        {{{"a", "F32", floats, INT64_MAX, 0}}, 1, NULL, "x 0"},
        {{{"__metadata__", "F32", floats, 1, 0}}, 1, NULL, "cannot name"},
        {{{"\xff", "F32", floats, 1, 0}}, 1, NULL, "cannot name"},
        {{{"a", "F32", floats, 1, 0}, {"a", "I64", longs, 1, 0}}, 2, NULL, "two arrays are named 'a'"},
        {{{"a", "I64", longs, INT64_MAX / 16, 0}, {"b", "I64", longs, INT64_MAX / 16, 0}}, 1, "[]", "metadata"},
        {{{"a", "F32", floats, 1, 0}}, 1, "{\"a\":1}", "metadata"},
        {{{"a", "F32", floats, 1, 0}}, 1, "{\"a\":", "metadata"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        ck_fails(env, PVG_E_INVALID, cases[i].part,
                 pvi_arrays_save(env, path, cases[i].array, cases[i].count, cases[i].metadata));
    const pvi_array huge[] = {{"a", "I64", longs, INT64_MAX / 16, 0},
                              {"b", "I64", longs, INT64_MAX / 16, 0},
                              {"c", "I64", longs, INT64_MAX / 16, 0}};
    ck_fails(env, PVG_E_RANGE, "more bytes", pvi_arrays_save(env, path, huge, 3, NULL));
    bool empty = false;
    ck_ok(env, pvi_dir_empty(env, dir, &empty));
    ck_assert(empty);
    test_env_free(env);
}
END_TEST

/* ---- what is refused ---- */

#define A4 "\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]"

static const struct {
    const char *header;
    size_t data;
    const char *part;
} malformed[] = {
    {"", 0, "does not begin with '{'"},
    {" {}", 0, "does not begin with '{'"},
    {"[]", 0, "does not begin with '{'"},
    {"\xEF\xBB\xBF{}", 0, "does not begin with '{'"},
    {"{", 0, "header, line 1"},
    {"{} x", 0, "header, line 1"},
    {"{\"a\":{" A4 "},\"a\":{" A4 "}}", 4, "duplicate"},
    {"{\"a\":{" A4 ",\"dtype\":\"F32\"}}", 4, "duplicate"},
    {"{\"\\u0000\":{" A4 "}}", 4, "header, line 1"},
    {"{\"\xff\":{" A4 "}}", 4, "header, line 1"},
    {"{\"a\":{\"dtype\":\"F32\",\"shape\":[NaN],\"data_offsets\":[0,4]}}", 4, "header, line 1"},
    {"{\"a\":{\"dtype\":\"F32\",\"shape\":[1e400],\"data_offsets\":[0,4]}}", 4, "header, line 1"},
    {"{\"a\":{\"dtype\":\"F32\",\"shape\":[99999999999999999999],\"data_offsets\":[0,4]}}", 4, "header, line 1"},
    {"{\"a\":7}", 0, "'a' is not described by an object"},
    {"{\"a\":null}", 0, "'a' is not described by an object"},
    {"{\"a\":{\"shape\":[1],\"data_offsets\":[0,4]}}", 4, "type ''"},
    {"{\"a\":{\"dtype\":32,\"shape\":[1],\"data_offsets\":[0,4]}}", 4, "type ''"},
    {"{\"a\":{\"dtype\":\"f32\",\"shape\":[1],\"data_offsets\":[0,4]}}", 4, "type 'f32', which does not exist"},
    {"{\"a\":{\"dtype\":\"F32\",\"data_offsets\":[0,4]}}", 4, "no \"shape\""},
    {"{\"a\":{\"dtype\":\"F32\",\"shape\":1,\"data_offsets\":[0,4]}}", 4, "no \"shape\""},
    {"{\"a\":{\"dtype\":\"F32\",\"shape\":[-1],\"data_offsets\":[0,4]}}", 4, "whole number of at least 0"},
    {"{\"a\":{\"dtype\":\"F32\",\"shape\":[1.0],\"data_offsets\":[0,4]}}", 4, "whole number of at least 0"},
    {"{\"a\":{\"dtype\":\"F32\",\"shape\":[\"1\"],\"data_offsets\":[0,4]}}", 4, "whole number of at least 0"},
    {"{\"a\":{\"dtype\":\"F32\",\"shape\":[4294967296,4294967296,4],\"data_offsets\":[0,4]}}", 4, "more elements"},
    {"{\"a\":{\"dtype\":\"F32\",\"shape\":[9223372036854775807,2],\"data_offsets\":[0,4]}}", 4, "cannot have 4 bytes"},
    {"{\"a\":{\"dtype\":\"F64\",\"shape\":[2305843009213693952],\"data_offsets\":[0,0]}}", 0, "cannot have 0 bytes"},
    {"{\"a\":{\"dtype\":\"F32\",\"shape\":[1]}}", 0, "no \"data_offsets\""},
    {"{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0]}}", 4, "no \"data_offsets\""},
    {"{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4,4]}}", 4, "no \"data_offsets\""},
    {"{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[4,0]}}", 4, "the first at most the second"},
    {"{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[-4,0]}}", 4, "no \"data_offsets\""},
    {"{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4.0]}}", 4, "no \"data_offsets\""},
    {"{\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,4]}}", 4,
     "2 elements of type F32 cannot have 4 bytes"},
    {"{\"a\":{\"dtype\":\"F32\",\"shape\":[],\"data_offsets\":[0,0]}}", 0,
     "1 elements of type F32 cannot have 0 bytes"},
    {"{\"a\":{\"dtype\":\"F4\",\"shape\":[3],\"data_offsets\":[0,1]}}", 1, "3 elements of type F4 cannot have 1"},
    {"{\"a\":{" A4 "}}", 3, "ends at byte 4 of 3: the file is cut off"},
    {"{\"a\":{" A4 "}}", 5, "the arrays end at byte 4, the file at 5"},
    {"{}", 1, "the arrays end at byte 0, the file at 1"},
    {"{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[4,8]}}", 8,
     "begins at byte 4, leaving a hole from byte 0"},
    {"{\"a\":{" A4 "},\"b\":{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[5,6]}}", 6,
     "'b' begins at byte 5, leaving a hole"},
    {"{\"a\":{" A4 "},\"b\":{" A4 "}}", 4, "begins at byte 0, but an earlier one reaches to byte 4"},
    {"{\"a\":{" A4 "},\"b\":{\"dtype\":\"U8\",\"shape\":[4],\"data_offsets\":[3,7]}}", 7, "'b' begins at byte 3, but"},
    {"{\"__metadata__\":[]}", 0, "\"__metadata__\" is not an object"},
    {"{\"__metadata__\":{\"a\":1}}", 0, "metadata 'a' is not text"},
    {"{\"__metadata__\":{\"a\":\"1\",\"a\":\"2\"}}", 0, "duplicate"},
};

START_TEST(malformed_files_are_refused) {
    pvi_env *env = test_env();
    const char *path = test_path(test_dir(), "bad.safetensors");
    for (size_t i = 0; i < sizeof malformed / sizeof malformed[0]; i++) {
        pvi_arrays *a;
        write_raw(path, malformed[i].header, strlen(malformed[i].header), 0, malformed[i].data);
        ck_fails(env, PVG_E_FORMAT, malformed[i].part, pvi_arrays_open(env, path, &a));
        ck_assert_ptr_nonnull(strstr(env->error.message, "bad.safetensors"));
    }
    test_env_free(env);
}
END_TEST

START_TEST(sizes_are_not_believed) {
    pvi_env *env = test_env();
    const char *path = test_path(test_dir(), "bad.safetensors");
    const uint64_t lengths[] = {3, 100000001, UINT64_C(1) << 40, UINT64_MAX, UINT64_MAX - 7, INT64_MAX};
    pvi_arrays *a;
    for (size_t i = 0; i < sizeof lengths / sizeof lengths[0]; i++) {
        write_raw(path, "{}", 2, lengths[i], 0);
        ck_fails(env, PVG_E_FORMAT, "announces a header of", pvi_arrays_open(env, path, &a));
    }
    write_raw(path, "{}", 2, 100000001, 0); /* as large as it says, and too large */
    ck_assert_int_eq(truncate(path, 100000100), 0);
    ck_fails(env, PVG_E_FORMAT, "announces a header of 100000001 bytes", pvi_arrays_open(env, path, &a));
    test_write(path, "1234567");
    ck_fails(env, PVG_E_FORMAT, "has 7 bytes", pvi_arrays_open(env, path, &a));
    test_write(path, "");
    ck_fails(env, PVG_E_FORMAT, "has 0 bytes", pvi_arrays_open(env, path, &a));
    ck_fails(env, PVG_E_NOT_FOUND, "missing", pvi_arrays_open(env, test_path(test_dir(), "missing"), &a));
    ck_fails(env, PVG_E_IO, "directory", pvi_arrays_open(env, test_dir(), &a));
    ck_assert_uint_lt(atomic_load(&env->peak), 1 << 20);
    test_env_free(env);
}
END_TEST

/* Brackets nested deeper than the parser goes, and a NUL byte, which end no reader's stack. */
START_TEST(hostile_headers) {
    pvi_env *env = test_env();
    const char *path = test_path(test_dir(), "bad.safetensors");
    pvi_arrays *a;
    char deep[5000] = "{\"a\":";
    memset(deep + 5, '[', sizeof deep - 5);
    write_raw(path, deep, sizeof deep, 0, 0);
    ck_fails(env, PVG_E_FORMAT, "header", pvi_arrays_open(env, path, &a));
    write_raw(path, "{}\0{}", 5, 0, 0);
    ck_fails(env, PVG_E_FORMAT, "header", pvi_arrays_open(env, path, &a));
    test_env_free(env);
}
END_TEST

START_TEST(unusual_but_valid_files) {
    pvi_env *env = test_env();
    const char *path = test_path(test_dir(), "a.safetensors");
    const char *header =
        "{\"b\":{\"dtype\":\"F32\",\"shape\":[],\"data_offsets\":[1,5],\"more\":1},\"a\":{\"dtype\":\"U8\","
        "\"shape\":[1,1,1],\"data_offsets\":[0,1]},\"z\":{\"dtype\":\"F64\",\"shape\":[0,9223372036854775807,4],"
        "\"data_offsets\":[1,1]},\"h\":{\"dtype\":\"F4\",\"shape\":[2],\"data_offsets\":[5,6]},"
        "\"__metadata__\":null}   ";
    write_raw(path, header, strlen(header), 0, 6);
    pvi_arrays *a;
    ck_ok(env, pvi_arrays_open(env, path, &a));
    float f;
    uint32_t bits;
    ck_ok(env, pvi_arrays_read(a, "b", "F32", &f, 1)); /* unaligned */
    memcpy(&bits, &f, 4);
    ck_assert_uint_eq(bits, 0x04030201);
    ck_ok(env, pvi_arrays_read(a, "z", "F32", &f, 0));
    ck_fails(env, PVG_E_FORMAT, "type F4", pvi_arrays_read(a, "h", "F32", &f, 2));
    pvi_arrays_close(a);
    test_env_free(env);
}
END_TEST

/* ---- conversion ---- */

static float half_by_definition(unsigned bits) {
    double fraction = bits & 1023, sign = bits >> 15 ? -1.0 : 1.0;
    int exponent = (int)(bits >> 10 & 31);
    if (exponent == 31) return (float)(fraction != 0 ? (double)NAN : sign * (double)INFINITY);
    return (float)(sign * (exponent == 0 ? ldexp(fraction, -24) : ldexp(1024 + fraction, exponent - 25)));
}

/* All 65536 numbers of both kinds, which also crosses the border of the reading buffer, from an odd offset. */
START_TEST(halves_convert_exactly) {
    pvi_env *env = test_env();
    const char *path = test_path(test_dir(), "h.safetensors");
    enum { N = 65536 };
    const char *header = "{\"p\":{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[0,1]},"
                         "\"h\":{\"dtype\":\"F16\",\"shape\":[65536],\"data_offsets\":[1,131073]},"
                         "\"b\":{\"dtype\":\"BF16\",\"shape\":[256,256],\"data_offsets\":[131073,262145]}}";
    size_t length = strlen(header), size = 8 + length + 1 + 4 * N;
    char *file = calloc(size, 1);
    uint64_t announced = length;
    memcpy(file, &announced, 8);
    memcpy(file + 8, header, length);
    for (unsigned i = 0; i < 2 * N; i++) {
        uint16_t bits = (uint16_t)i;
        memcpy(file + 9 + length + 2 * i, &bits, 2);
    }
    ck_ok(env, pvi_file_write(env, path, file, size));
    free(file);
    pvi_arrays *a;
    float *found = calloc(N, sizeof *found);
    ck_ok(env, pvi_arrays_open(env, path, &a));
    ck_ok(env, pvi_arrays_read(a, "h", "F32", found, N));
    for (unsigned i = 0; i < N; i++) {
        float wanted = half_by_definition(i);
        ck_assert_msg(isnan(wanted) ? isnan(found[i]) : memcmp(&found[i], &wanted, 4) == 0, "half %04x is %a", i,
                      (double)found[i]);
    }
    ck_ok(env, pvi_arrays_read(a, "b", "F32", found, N));
    for (uint32_t i = 0; i < N; i++) {
        uint32_t wanted = i << 16;
        ck_assert_mem_eq(&found[i], &wanted, 4);
    }
    pvi_arrays_close(a);
    free(found);
    test_env_free(env);
}
END_TEST

START_TEST(doubles_are_rounded_to_nearest) {
    pvi_env *env = test_env();
    const char *path = test_path(test_dir(), "d.safetensors");
    const double given[] = {0.1, 1e-40, -0.0, 16777217.0, 1e300, (double)NAN};
    const char *header = "{\"d\":{\"dtype\":\"F64\",\"shape\":[6],\"data_offsets\":[0,48]}}";
    char file[256];
    uint64_t length = strlen(header);
    memcpy(file, &length, 8);
    memcpy(file + 8, header, length);
    memcpy(file + 8 + length, given, sizeof given);
    ck_ok(env, pvi_file_write(env, path, file, 8 + length + sizeof given));
    pvi_arrays *a;
    float found[6];
    ck_ok(env, pvi_arrays_open(env, path, &a));
    ck_ok(env, pvi_arrays_read(a, "d", "F32", found, 6));
    ck_assert(found[0] == 0.1f && found[1] == 1e-40f && signbit(found[2]) && found[3] == 16777216.0f);
    ck_assert(isinf(found[4]) && isnan(found[5]));
    pvi_arrays_close(a);
    test_env_free(env);
}
END_TEST

/* ---- failures from outside ---- */

START_TEST(every_allocation_may_fail) {
    const char *path = test_path(test_dir(), "a.safetensors");
    bool done = false;
    for (size_t k = 1; !done; k++) {
        ck_assert_uint_lt(k, 100);
        pvi_env *env = test_env_with(1, k);
        pvi_arrays *a;
        pvg_status status = pvi_arrays_save(env, path, arrays, count, "{\"a\":\"b\"}");
        if (status == PVG_OK) status = pvi_arrays_open(env, path, &a);
        done = status == PVG_OK;
        if (done)
            check_contents(env, a), pvi_arrays_close(a);
        else
            ck_assert_int_eq(status, PVG_E_NOMEM);
        test_env_free(env);
    }
}
END_TEST

START_TEST(a_full_disk_leaves_the_old_file) {
    pvi_env *env = test_env();
    const char *path = test_path(test_dir(), "a.safetensors");
    float *large = calloc(1 << 16, sizeof *large);
    const pvi_array big = {"x", "F32", large, 1 << 16, 0};
    ck_ok(env, pvi_arrays_save(env, path, arrays, count, NULL));
    struct rlimit before, small;
    getrlimit(RLIMIT_FSIZE, &before);
    small = before;
    small.rlim_cur = 1 << 16;
    void (*handler)(int) = signal(SIGXFSZ, SIG_IGN);
    setrlimit(RLIMIT_FSIZE, &small);
    pvg_status status = pvi_arrays_save(env, path, &big, 1, NULL);
    setrlimit(RLIMIT_FSIZE, &before);
    signal(SIGXFSZ, handler);
    ck_fails(env, PVG_E_IO, "a.safetensors", status);
    pvi_arrays *a;
    ck_ok(env, pvi_arrays_open(env, path, &a));
    check_contents(env, a);
    pvi_arrays_close(a);
    free(large);
    test_env_free(env);
}
END_TEST

Suite *suite_safetensors(void) {
    Suite *suite = suite_create("safetensors");
    TCase *tc = tcase_create("safetensors");
    tcase_add_test(tc, what_is_written_is_read);
    tcase_add_test(tc, arrays_are_aligned_and_ordered);
    tcase_add_test(tc, no_array_at_all);
    tcase_add_test(tc, what_cannot_be_written_is_refused);
    tcase_add_test(tc, malformed_files_are_refused);
    tcase_add_test(tc, sizes_are_not_believed);
    tcase_add_test(tc, hostile_headers);
    tcase_add_test(tc, unusual_but_valid_files);
    tcase_add_test(tc, halves_convert_exactly);
    tcase_add_test(tc, doubles_are_rounded_to_nearest);
    tcase_add_test(tc, every_allocation_may_fail);
    tcase_add_test(tc, a_full_disk_leaves_the_old_file);
    suite_add_tcase(suite, tc);
    return suite;
}
