/* public.c - see public.h. */
#define _GNU_SOURCE
#include "public.h"

#include <ftw.h>
#include <stdatomic.h>
#include <stdio.h>
#include <unistd.h>

static atomic_size_t held, asked;
static size_t refused_at;

static void *count_allocate(void *user, size_t size, size_t align) {
    (void)user;
    if (atomic_fetch_add(&asked, 1) + 1 == refused_at) return NULL;
    void *block = NULL;
    if (posix_memalign(&block, align, size) != 0) return NULL;
    atomic_fetch_add(&held, 1);
    return block;
}

static void count_release(void *user, void *block, size_t size, size_t align) {
    (void)user, (void)size, (void)align;
    atomic_fetch_sub(&held, 1);
    free(block);
}

pvg_context *public_context(int32_t threads, size_t fail_at) {
    static const pvg_allocator allocator = {.struct_size = sizeof allocator, .allocate = count_allocate, .release = count_release};
    pvg_context_options options;
    pvg_context *context = NULL;
    ck_assert_int_eq(pvg_context_options_init(&options, sizeof options), PVG_OK);
    options.threads = threads;
    options.allocator = &allocator;
    atomic_store(&held, 0);
    refused_at = 0;
    ck_assert_int_eq(pvg_context_create(&options, &context), PVG_OK);
    atomic_store(&asked, 0);
    refused_at = fail_at;
    return context;
}

size_t public_blocks(void) { return atomic_load(&held); }

void public_done(pvg_context *context) {
    pvg_context_destroy(context);
    ck_assert_uint_eq(public_blocks(), 0);
}

static char *made[32];
static size_t made_count;

static int remove_one(const char *path, const struct stat *info, int kind, struct FTW *walk) {
    (void)info, (void)kind, (void)walk;
    return remove(path);
}

static void remove_made(void) {
    for (size_t i = 0; i < made_count; i++) {
        nftw(made[i], remove_one, 8, FTW_DEPTH | FTW_PHYS);
        free(made[i]);
    }
}

const char *public_dir(void) {
    const char *base = getenv("TMPDIR");
    char path[512];
    snprintf(path, sizeof path, "%s/pvgame-XXXXXX", base != NULL ? base : "/tmp");
    ck_assert_ptr_nonnull(mkdtemp(path));
    ck_assert_uint_lt(made_count, sizeof made / sizeof *made);
    if (made_count == 0) atexit(remove_made);
    return made[made_count++] = strdup(path);
}

const char *public_path(const char *dir, const char *name) {
    static char paths[16][768];
    static size_t next;
    char *path = paths[next++ % 16];
    snprintf(path, sizeof paths[0], "%s/%s", dir, name);
    return path;
}

void public_write(const char *path, const char *content) {
    FILE *file = fopen(path, "wb");
    ck_assert_ptr_nonnull(file);
    ck_assert_uint_eq(fwrite(content, 1, strlen(content), file), strlen(content));
    ck_assert_int_eq(fclose(file), 0);
}

pvg_settings *public_small_game(pvg_context *context) {
    static const char *const values[][2] = {
        {"problems.train", "256"},      {"problems.test", "32"},         {"base.steps", "60"},
        {"base.batch", "16"},           {"verifier_base.steps", "4"},    {"verifier_base.batch", "8"},
        {"roles.samples", "96"},        {"roles.steps", "2"},            {"roles.batch", "8"},
        {"pool.base_samples", "64"},    {"pool.round_samples", "64"},    {"verifier_train.steps", "4"},
        {"verifier_train.batch", "16"}, {"prover_train.steps", "2"},     {"prover_train.batch", "4"},
        {"prover_train.group", "2"},    {"prover_train.warmup", "0"},    {"rounds.count", "2"},
        {"evaluate.problems", "16"},    {"evaluate.control", "8"},       {"base.warmup", "5"},       {"problems.min_steps", "1"},
        {"verifier_base.warmup", "1"},  {"verifier_train.warmup", "1"}, {"problems.max_steps", "1"}};
    pvg_settings *settings = NULL;
    ck_does(context, pvg_settings_create(context, &settings));
    ck_does(context, pvg_settings_preset(settings, "tiny"));
    for (size_t i = 0; i < sizeof values / sizeof *values; i++)
        ck_does(context, pvg_settings_set(settings, values[i][0], values[i][1]));
    return settings;
}

void public_same_game(pvg_context *context, pvg_scheduler *a, pvg_scheduler *b) {
    for (int32_t round = -1; round < 2; round++) {
        pvg_report *one = NULL, *two = NULL;
        static char first[65536], second[65536];
        ck_does(context, pvg_scheduler_report(a, round, &one));
        ck_does(context, pvg_scheduler_report(b, round, &two));
        ck_does(context, pvg_report_json(one, first, sizeof first, NULL));
        ck_does(context, pvg_report_json(two, second, sizeof second, NULL));
        ck_assert_str_eq(first, second);
        pvg_report_destroy(one);
        pvg_report_destroy(two);
    }
}
