/* test_context.c - creating contexts, structs of other sizes, errors, memory. */
#include "public.h"

START_TEST(versions_and_names) {
    ck_assert_uint_eq(pvg_version_number(), PVG_VERSION_MAJOR * 1000000 + PVG_VERSION_MINOR * 1000 + PVG_VERSION_PATCH);
    ck_assert_str_eq(pvg_version_string(), "0.1.0");
    ck_assert_int_eq(pvg_abi_accepts(PVG_VERSION_MAJOR, PVG_VERSION_MINOR), 1);
    ck_assert_int_eq(pvg_abi_accepts(PVG_VERSION_MAJOR, PVG_VERSION_MINOR + 1), 0);
    ck_assert_int_eq(pvg_abi_accepts(PVG_VERSION_MAJOR + 1, 0), 0);
    ck_assert_str_eq(pvg_status_name(PVG_OK), "PVG_OK");
    ck_assert_str_eq(pvg_status_name(PVG_E_INTERNAL), "PVG_E_INTERNAL");
    ck_assert_str_eq(pvg_status_name(-16), "unknown status");
    ck_assert_str_eq(pvg_status_name(1), "unknown status");
    ck_assert_str_eq(pvg_verdict_name(PVG_VERDICT_NO_ANSWER), "no_answer");
    ck_assert_str_eq(pvg_role_name(PVG_ROLE_SNEAKY), "sneaky");
}
END_TEST

START_TEST(defaults) {
    pvg_context *context = NULL;
    ck_assert_int_eq(pvg_context_create(NULL, &context), PVG_OK);
    ck_assert_int_ge(pvg_context_threads(context), 1);
    ck_assert_int_eq(pvg_error_code(context), PVG_OK);
    ck_assert_str_eq(pvg_error_message(context), "");
    pvg_context_destroy(context);
    pvg_context_destroy(NULL);
    ck_assert_int_eq(pvg_context_create(NULL, NULL), PVG_E_INVALID);
}
END_TEST

static char last_line[512];
static void keep_line(void *user, pvg_log_level level, const char *component, const char *message) {
    (void)user, (void)level, (void)component;
    strncpy(last_line, message, sizeof last_line - 1);
}

static void refused(pvg_context_options options, pvg_status status, const char *part) {
    pvg_context *context = NULL;
    options.log = keep_line;
    options.log_level = options.log_level == 0 ? PVG_LOG_ERROR : options.log_level;
    last_line[0] = '\0';
    ck_assert_int_eq(pvg_context_create(&options, &context), status);
    ck_assert_ptr_null(context);
    ck_assert_msg(strstr(last_line, part) != NULL, "'%s' lacks '%s'", last_line, part);
}

START_TEST(bad_options) {
    pvg_context_options o;
    ck_assert_int_eq(pvg_context_options_init(&o, sizeof o), PVG_OK);
    pvg_context_options bad = o;
    bad.threads = 257;
    refused(bad, PVG_E_RANGE, "threads is 257");
    bad = o, bad.engine = 9;
    refused(bad, PVG_E_RANGE, "engine is 9");
    bad = o, bad.log_level = 7;
    refused(bad, PVG_E_RANGE, "log_level is 7");
    bad = o, bad.struct_size = 0;
    refused(bad, PVG_E_INVALID, "");
    pvg_allocator half = {.struct_size = sizeof half};
    bad = o, bad.allocator = &half;
    refused(bad, PVG_E_INVALID, "allocate and release");
    ck_assert_int_eq(pvg_context_options_init(NULL, sizeof o), PVG_E_INVALID);
    ck_assert_int_eq(pvg_context_options_init(&o, 2), PVG_E_INVALID);
}
END_TEST

START_TEST(every_engine_of_this_machine) {
    int possible = 0;
    for (pvg_engine engine = PVG_ENGINE_BEST; engine <= PVG_ENGINE_OPENBLAS; engine++) {
        pvg_context_options options;
        pvg_context *context = NULL;
        ck_assert_int_eq(pvg_context_options_init(&options, sizeof options), PVG_OK);
        options.engine = engine;
        options.threads = 1;
        pvg_status status = pvg_context_create(&options, &context);
        ck_assert(status == PVG_OK || (status == PVG_E_UNSUPPORTED && context == NULL));
        possible += status == PVG_OK;
        pvg_context_destroy(context);
    }
    ck_assert_int_ge(possible, 2); /* the best one, and plain C */
}
END_TEST

/* An older program's options end after `threads`; a newer one's have fields that this library does not know. */
START_TEST(options_of_other_sizes) {
    pvg_context *context = NULL;
    struct { uint32_t struct_size; int32_t threads; } old = {sizeof old, 2};
    ck_assert_int_eq(pvg_context_create((const pvg_context_options *)(const void *)&old, &context), PVG_OK);
    ck_assert_int_eq(pvg_context_threads(context), 2);
    pvg_context_destroy(context);

    struct { pvg_context_options now; uint64_t later; } newer;
    memset(&newer, 0xff, sizeof newer);
    ck_assert_int_eq(pvg_context_options_init(&newer.now, sizeof newer), PVG_OK);
    ck_assert_uint_eq(newer.now.struct_size, sizeof newer);
    ck_assert_uint_eq(newer.later, 0);
    ck_assert_int_eq(pvg_context_create(&newer.now, &context), PVG_OK);
    pvg_context_destroy(context);
    newer.later = 1;
    context = NULL;
    newer.now.log = keep_line;
    newer.now.log_level = PVG_LOG_ERROR;
    ck_assert_int_eq(pvg_context_create(&newer.now, &context), PVG_E_UNSUPPORTED);
    ck_assert_ptr_null(context);

    struct { uint32_t struct_size; int32_t guard; } small = {0, 77};
    ck_assert_int_eq(pvg_context_options_init((pvg_context_options *)(void *)&small, sizeof small.struct_size), PVG_OK);
    ck_assert_int_eq(small.guard, 77);
}
END_TEST

START_TEST(objects_keep_their_context) {
    pvg_context *context = public_context(2, 0);
    pvg_settings *settings = NULL;
    ck_does(context, pvg_settings_create(context, &settings));
    pvg_context_destroy(context);
    ck_assert_uint_gt(public_blocks(), 0);
    const char *text = NULL;
    ck_assert_int_eq(pvg_settings_set(settings, "seed", "3"), PVG_OK);
    ck_assert_int_eq(pvg_settings_get(settings, "seed", &text), PVG_OK);
    ck_assert_str_eq(text, "3");
    pvg_settings_destroy(settings);
    ck_assert_uint_eq(public_blocks(), 0);
}
END_TEST

START_TEST(memory_is_counted_and_limited) {
    pvg_context_options options;
    pvg_context *context = NULL;
    pvg_settings *settings = NULL;
    ck_assert_int_eq(pvg_context_options_init(&options, sizeof options), PVG_OK);
    options.threads = 1;
    options.memory_limit = 200000;
    ck_assert_int_eq(pvg_context_create(&options, &context), PVG_OK);
    uint64_t before = pvg_memory_used(context);
    ck_does(context, pvg_settings_create(context, &settings));
    ck_assert_uint_gt(pvg_memory_used(context), before);
    pvg_settings *clones[64] = {NULL};
    pvg_status status = PVG_OK;
    size_t count = 0;
    while (count < 64 && (status = pvg_settings_clone(settings, &clones[count])) == PVG_OK) count++;
    ck_assert_int_eq(status, PVG_E_NOMEM);
    ck_assert_ptr_nonnull(strstr(pvg_error_message(context), "limit"));
    ck_assert_uint_le(pvg_memory_peak(context), 200000);
    for (size_t i = 0; i < count; i++) pvg_settings_destroy(clones[i]);
    pvg_settings_destroy(settings);
    ck_assert_uint_eq(pvg_memory_used(context), before);
    pvg_context_destroy(context);
}
END_TEST

START_TEST(no_context_no_crash) {
    ck_assert_int_eq(pvg_error_code(NULL), PVG_E_INVALID);
    ck_assert_ptr_nonnull(pvg_error_message(NULL));
    ck_assert_int_eq(pvg_context_threads(NULL), 0);
    ck_assert_uint_eq(pvg_memory_used(NULL), 0);
    pvg_context_cancel(NULL);
    pvg_settings *settings = NULL;
    ck_assert_int_eq(pvg_settings_create(NULL, &settings), PVG_E_INVALID);
    ck_assert_ptr_null(settings);
    pvg_context *context = public_context(1, 0);
    ck_refuses(context, PVG_E_INVALID, "pvg_settings_create: 'out' is a null pointer", pvg_settings_create(context, NULL));
    public_done(context);
}
END_TEST

START_TEST(the_machine_describes_itself) {
    pvg_context *context = public_context(1, 0);
    char json[4096], tiny[8];
    size_t needed = 0;
    ck_does(context, pvg_machine_describe(context, 0, NULL, 0, &needed));
    ck_assert_uint_gt(needed, 100);
    ck_refuses(context, PVG_E_BUFFER, "8 bytes", pvg_machine_describe(context, 0, tiny, sizeof tiny, &needed));
    ck_does(context, pvg_machine_describe(context, 0, json, sizeof json, &needed));
    ck_assert_uint_eq(strlen(json), needed);
    ck_assert_ptr_nonnull(strstr(json, "\"engine\": \""));
    ck_assert_ptr_nonnull(strstr(json, "\"gflops\": {\"peak\": null"));
    public_done(context);
}
END_TEST

Suite *suite_context(void) {
    Suite *suite = suite_create("context");
    TCase *all = tcase_create("context");
    tcase_add_test(all, versions_and_names);
    tcase_add_test(all, defaults);
    tcase_add_test(all, bad_options);
    tcase_add_test(all, every_engine_of_this_machine);
    tcase_add_test(all, options_of_other_sizes);
    tcase_add_test(all, objects_keep_their_context);
    tcase_add_test(all, memory_is_counted_and_limited);
    tcase_add_test(all, no_context_no_crash);
    tcase_add_test(all, the_machine_describes_itself);
    suite_add_tcase(suite, all);
    return suite;
}
