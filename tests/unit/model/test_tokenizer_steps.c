/* test_tokenizer_steps.c - normalizer, pre_tokenizer, post_processor and decoder of a tokenizer.json. */
#include "test_tokenizer_fixture.h"

#define BYTE_LEVEL "{\"type\":\"ByteLevel\",\"add_prefix_space\":false,\"trim_offsets\":true,\"use_regex\":false}"
#define CUTTING "{\"type\":\"ByteLevel\",\"add_prefix_space\":false,\"trim_offsets\":true,\"use_regex\":true}"
#define SEQUENCE(list) "{\"type\":\"Sequence\",\"pretokenizers\":[" list "]}"
#define SPLIT(pattern) "{\"type\":\"Split\",\"pattern\":" pattern ",\"behavior\":\"Isolated\",\"invert\":false}"
#define BOS "{\"SpecialToken\":{\"id\":\"<|helpful|>\",\"type_id\":0}}"
#define EOS "{\"SpecialToken\":{\"id\":\"<|endoftext|>\",\"type_id\":0}}"
#define TEXT "{\"Sequence\":{\"id\":\"A\",\"type_id\":0}}"
#define TEMPLATE(single, ids) \
    "{\"type\":\"TemplateProcessing\",\"single\":" single ",\"pair\":[],\"special_tokens\":{\"<|helpful|>\":" \
    "{\"id\":\"<|helpful|>\",\"ids\":" ids ",\"tokens\":[\"<|helpful|>\"]}}}"

/* The text " the 12" in each way of cutting. */
static const struct {
    const char *pre_tokenizer;
    int32_t ids[8];
    size_t count;
} cuts[] = {
    {BYTE_LEVEL, {262, 220, 16, 17}, 4},
    {CUTTING, {262, 220, 16, 17}, 4},
    {SEQUENCE(BYTE_LEVEL), {262, 220, 16, 17}, 4},
    {SEQUENCE(SPLIT("{\"Regex\":\"\\\\p{N}| ?t\"}") "," BYTE_LEVEL), {256, 258, 220, 16, 17}, 5},
    {SEQUENCE(SPLIT("{\"String\":\"h\"}") "," BYTE_LEVEL), {256, 71, 68, 220, 16, 17}, 6},
    {SEQUENCE("{\"type\":\"Digits\",\"individual_digits\":true}," CUTTING), {262, 220, 16, 17}, 4},
    {SEQUENCE("{\"type\":\"Digits\"}," SEQUENCE(CUTTING)), {262, 220, 16, 17}, 4},
};

START_TEST(test_cuts) {
    pvi_env *env = test_env();
    pvi_tokenizer *tokenizer = fixture_load(env, &(fixture){.pre_tokenizer = cuts[_i].pre_tokenizer});
    check_ids(env, tokenizer, " the 12", 7, true, cuts[_i].ids, cuts[_i].count);
    pvi_tokenizer_release(env, tokenizer);
    test_env_free(env);
}
END_TEST

/* Single digits or runs of them: seen with a merge of two digits. */
START_TEST(test_digits) {
    pvi_env *env = test_env();
    fixture f = {.vocab = "\"12\":256", .merges = "[\"1 2\"]", .added = "[]",
                 .pre_tokenizer = SEQUENCE("{\"type\":\"Digits\",\"individual_digits\":true}," BYTE_LEVEL)};
    pvi_tokenizer *tokenizer = fixture_load(env, &f);
    check_tokens(env, tokenizer, "a12b", true, 64, 16, 17, 65);
    pvi_tokenizer_release(env, tokenizer);
    f.pre_tokenizer = SEQUENCE("{\"type\":\"Digits\",\"individual_digits\":false}," BYTE_LEVEL);
    tokenizer = fixture_load(env, &f);
    check_tokens(env, tokenizer, "a12b", true, 64, 256, 65);
    pvi_tokenizer_release(env, tokenizer);
    test_env_free(env);
}
END_TEST

START_TEST(test_normalizers) {
    pvi_env *env = test_env();
    static const struct {
        const char *normalizer;
        bool composes;
    } forms[] = {{"null", false},
                 {"{\"type\":\"NFC\"}", true},
                 {"{\"type\":\"Sequence\",\"normalizers\":[]}", false},
                 {"{\"type\":\"Sequence\",\"normalizers\":[{\"type\":\"NFC\"}]}", true}};
    for (size_t i = 0; i < sizeof forms / sizeof forms[0]; i++) {
        pvi_tokenizer *tokenizer = fixture_load(env, &(fixture){.normalizer = forms[i].normalizer});
        if (forms[i].composes) {
            check_tokens(env, tokenizer, "e\xCC\x81", true, 127, 102);
        } else {
            check_tokens(env, tokenizer, "e\xCC\x81", true, 68, 136, 223);
        }
        pvi_tokenizer_release(env, tokenizer);
    }
    test_env_free(env);
}
END_TEST

START_TEST(test_bos) {
    pvi_env *env = test_env();
    static const struct {
        const char *post;
        int32_t bos;
    } forms[] = {{"null", -1},
                 {TEMPLATE("[" TEXT "]", "[264]"), -1},
                 {TEMPLATE("[" BOS "," TEXT "]", "[264]"), FIXTURE_HELPFUL},
                 {"{\"type\":\"Sequence\",\"processors\":[{\"type\":\"ByteLevel\"}," TEMPLATE("[" BOS "," TEXT "]",
                  "[264]") "]}", FIXTURE_HELPFUL}};
    for (size_t i = 0; i < sizeof forms / sizeof forms[0]; i++) {
        pvi_tokenizer *tokenizer = fixture_load(env, &(fixture){.post_processor = forms[i].post});
        ck_assert_int_eq(pvi_tokenizer_bos(tokenizer), forms[i].bos);
        check_tokens(env, tokenizer, "!", true, 0); /* never added here */
        pvi_tokenizer_release(env, tokenizer);
    }
    test_env_free(env);
}
END_TEST

static const struct {
    fixture part;
    pvg_status status;
    const char *message;
} wrong[] = {
    {{.normalizer = "{\"type\":\"NFKC\"}"}, PVG_E_UNSUPPORTED, "normalizer is 'NFKC'; supported: null, NFC"},
    {{.normalizer = "{\"type\":\"Sequence\",\"normalizers\":[{\"type\":\"NFC\"},{\"type\":\"Lowercase\"}]}"},
     PVG_E_UNSUPPORTED, "normalizer is 'Lowercase'"},
    {{.normalizer = "{\"type\":\"Sequence\"}"}, PVG_E_FORMAT, "no \"normalizers\""},
    {{.normalizer = "{}"}, PVG_E_FORMAT, "normalizer has no type"},
    {{.normalizer = "3"}, PVG_E_FORMAT, "normalizer has no type"},
    {{.pre_tokenizer = "null"}, PVG_E_UNSUPPORTED, "pre_tokenizer is 'null'; supported: ByteLevel, Split"},
    {{.pre_tokenizer = "{\"type\":\"Metaspace\"}"}, PVG_E_UNSUPPORTED, "pre_tokenizer is 'Metaspace'"},
    {{.pre_tokenizer = "{\"type\":3}"}, PVG_E_FORMAT, "pre_tokenizer has no type"},
    {{.pre_tokenizer = "{\"type\":\"ByteLevel\"}"}, PVG_E_FORMAT, "no \"add_prefix_space\""},
    {{.pre_tokenizer = "{\"type\":\"ByteLevel\",\"add_prefix_space\":false,\"use_regex\":\"no\"}"}, PVG_E_FORMAT,
     "\"use_regex\" is a string"},
    {{.pre_tokenizer = "{\"type\":\"Sequence\"}"}, PVG_E_FORMAT, "no \"pretokenizers\""},
    {{.pre_tokenizer = SEQUENCE("")}, PVG_E_UNSUPPORTED, "the last pre_tokenizer is 'not ByteLevel'"},
    {{.pre_tokenizer = SEQUENCE("{\"type\":\"Digits\"}")}, PVG_E_UNSUPPORTED, "not ByteLevel"},
    {{.pre_tokenizer = SEQUENCE(BYTE_LEVEL ",{\"type\":\"Digits\"}")}, PVG_E_UNSUPPORTED,
     "after ByteLevel is 'Digits'"},
    {{.pre_tokenizer = SEQUENCE(BYTE_LEVEL "," BYTE_LEVEL)}, PVG_E_UNSUPPORTED, "after ByteLevel is 'ByteLevel'"},
    {{.pre_tokenizer = SEQUENCE("{\"type\":\"Split\",\"pattern\":{\"Regex\":\"a\"}}," BYTE_LEVEL)}, PVG_E_FORMAT,
     "no \"behavior\""},
    {{.pre_tokenizer = SEQUENCE("{\"type\":\"Split\",\"pattern\":{\"Regex\":\"a\"},\"behavior\":\"Removed\"},"
                                BYTE_LEVEL)}, PVG_E_UNSUPPORTED, "behavior of pre_tokenizer Split is 'Removed'"},
    {{.pre_tokenizer = SEQUENCE(SPLIT("{}") "," BYTE_LEVEL)}, PVG_E_FORMAT, "Split has no pattern"},
    {{.pre_tokenizer = SEQUENCE(SPLIT("{\"Regex\":1}") "," BYTE_LEVEL)}, PVG_E_FORMAT, "Split has no pattern"},
    {{.pre_tokenizer = SEQUENCE(SPLIT("{\"Regex\":\"a\",\"String\":\"b\"}") "," BYTE_LEVEL)}, PVG_E_FORMAT,
     "Split has no pattern"},
    {{.pre_tokenizer = SEQUENCE(SPLIT("{\"Regex\":\"(\"}") "," BYTE_LEVEL)}, PVG_E_UNSUPPORTED, "pattern '('"},
    {{.pre_tokenizer = SEQUENCE(SPLIT("{\"Regex\":\"\\\\w+\"}") "," BYTE_LEVEL)}, PVG_E_UNSUPPORTED, "has '\\w'"},
    {{.pre_tokenizer = SEQUENCE("{\"type\":\"Digits\",\"individual_digits\":1}," BYTE_LEVEL)}, PVG_E_FORMAT,
     "\"individual_digits\" is a number"},
    {{.post_processor = "{\"type\":\"RobertaProcessing\"}"}, PVG_E_UNSUPPORTED,
     "post_processor is 'RobertaProcessing'"},
    {{.post_processor = "[]"}, PVG_E_FORMAT, "post_processor has no type"},
    {{.post_processor = "{\"type\":\"Sequence\"}"}, PVG_E_FORMAT, "no \"processors\""},
    {{.post_processor = "{\"type\":\"TemplateProcessing\"}"}, PVG_E_FORMAT, "no \"single\""},
    {{.post_processor = TEMPLATE("[" BOS "," TEXT "," EOS "]", "[264]")}, PVG_E_UNSUPPORTED,
     "what TemplateProcessing adds is '<|endoftext|>'"},
    {{.post_processor = TEMPLATE("[" BOS "," BOS "," TEXT "]", "[264]")}, PVG_E_UNSUPPORTED, "'<|helpful|>'"},
    {{.post_processor = TEMPLATE("[" TEXT "," TEXT "]", "[264]")}, PVG_E_UNSUPPORTED, "a second text"},
    {{.post_processor = TEMPLATE("[" BOS "]", "[264]")}, PVG_E_FORMAT, "leaves the text out"},
    {{.post_processor = TEMPLATE("[3," TEXT "]", "[264]")}, PVG_E_FORMAT, "a piece of TemplateProcessing"},
    {{.post_processor = TEMPLATE("[" BOS "," TEXT "]", "[264,1]")}, PVG_E_FORMAT, "no single id"},
    {{.post_processor = TEMPLATE("[" BOS "," TEXT "]", "[]")}, PVG_E_FORMAT, "no single id"},
    {{.post_processor = TEMPLATE("[" BOS "," TEXT "]", "[\"264\"]")}, PVG_E_FORMAT, "no single id"},
    {{.post_processor = TEMPLATE("[" BOS "," TEXT "]", "[265]")}, PVG_E_FORMAT, "no special token"},
    {{.post_processor = TEMPLATE("[" BOS "," TEXT "]", "[-1]")}, PVG_E_FORMAT, "no special token"},
    {{.post_processor = TEMPLATE("[" EOS "," TEXT "]", "[264]")}, PVG_E_FORMAT, "no single id"},
    {{.decoder = "null"}, PVG_E_UNSUPPORTED, "decoder is 'null'; supported: ByteLevel"},
    {{.decoder = "{\"type\":\"Metaspace\"}"}, PVG_E_UNSUPPORTED, "decoder is 'Metaspace'"},
    {{.decoder = "{\"type\":\"Sequence\",\"decoders\":[]}"}, PVG_E_UNSUPPORTED, "decoder is 'Sequence'"},
    {{.decoder = "7"}, PVG_E_FORMAT, "decoder has no type"},
};

START_TEST(test_wrong) {
    pvi_env *env = test_env();
    pvi_tokenizer *none = NULL;
    ck_fails(env, wrong[_i].status, wrong[_i].message, fixture_try(env, &wrong[_i].part, &none));
    ck_assert_ptr_nonnull(strstr(env->error.message, "fixture.json"));
    ck_assert_ptr_null(none);
    test_env_free(env);
}
END_TEST

Suite *suite_tokenizer_steps(void) {
    Suite *suite = suite_create("tokenizer_steps");
    TCase *tcase = tcase_create("all");
    tcase_add_loop_test(tcase, test_cuts, 0, (int)(sizeof cuts / sizeof cuts[0]));
    tcase_add_test(tcase, test_digits);
    tcase_add_test(tcase, test_normalizers);
    tcase_add_test(tcase, test_bos);
    tcase_add_loop_test(tcase, test_wrong, 0, (int)(sizeof wrong / sizeof wrong[0]));
    suite_add_tcase(suite, tcase);
    return suite;
}
