/* test_model_file.c - models as directories: ours back and forth, Hugging Face's in, everything else refused. */
#include <jansson.h>
#include <math.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include "base/alloc.h"
#include "base/file.h"
#include "model/model_file.h"
#include "support.h"

static const pvi_shape prover = {.vocab = 264,
                                 .width = 8,
                                 .layers = 2,
                                 .heads = 4,
                                 .kv_heads = 2,
                                 .head_dim = 6,
                                 .hidden = 10,
                                 .context = 32,
                                 .rope_theta = 12345.678f,
                                 .norm_eps = 1e-5f};

static pvi_tokenizer *make_tokenizer(pvi_env *env) {
    const char *specials[] = {"<|helpful|>", "<|end|>"};
    pvi_tokenizer_options options = {.vocab_size = 262, .specials = specials, .special_count = 2, .end = "<|end|>"};
    pvi_bpe_trainer *trainer;
    pvi_tokenizer *tokenizer;
    ck_ok(env, pvi_bpe_trainer_create(env, &options, &trainer));
    ck_ok(env, pvi_bpe_trainer_add(trainer, "12 + 30 = 42 ; 12 + 30 = 42", 27));
    ck_ok(env, pvi_bpe_trainer_finish(trainer, &tokenizer));
    return tokenizer;
}

/* Random weights in every tensor, the heads' too. */
static pvi_model *make_model(pvi_env *env, const pvi_shape *shape) {
    pvi_init init = {.seed = 3, .embedding_scale = 0.05f};
    pvi_tokenizer *tokenizer = make_tokenizer(env);
    pvi_model *model;
    ck_ok(env, pvi_model_create(env, shape, tokenizer, &init, &model));
    pvi_tokenizer_release(env, tokenizer);
    pvi_rng rng = pvi_rng_stream(9, "head", 0, 0);
    if (shape->head != PVI_HEAD_LM)
        for (int i = 0; i < shape->width; i++) model->weights.score_weight[i] = (float)pvi_rng_normal(&rng);
    if (shape->head == PVI_HEAD_TOKEN_SUM || shape->head == PVI_HEAD_TOKEN_MEAN) *model->weights.score_bias = -0.0f;
    if (shape->logprob_feature) *model->weights.logprob_weight = 3e-41f;
    return model;
}

static void same_model(const pvi_model *a, const pvi_model *b) {
    const pvi_shape *s = &a->shape, *t = &b->shape;
    ck_assert(s->vocab == t->vocab && s->width == t->width && s->layers == t->layers && s->heads == t->heads);
    ck_assert(s->kv_heads == t->kv_heads && s->head_dim == t->head_dim && s->hidden == t->hidden);
    ck_assert(s->context == t->context && s->rope_theta == t->rope_theta && s->norm_eps == t->norm_eps);
    ck_assert(s->tied == t->tied && s->head == t->head && s->logprob_feature == t->logprob_feature);
    ck_assert_mem_eq(a->weights.block, b->weights.block, a->weights.count * sizeof(float));
    ck_assert_mem_eq(a->allowed, b->allowed, (size_t)s->vocab);
    ck_assert_int_eq(pvi_tokenizer_end(a->tokenizer), pvi_tokenizer_end(b->tokenizer));
    ck_assert_int_eq(pvi_tokenizer_size(a->tokenizer), pvi_tokenizer_size(b->tokenizer));
}

static json_t *read_json(const char *dir, const char *name) {
    json_error_t error;
    json_t *root = json_load_file(test_path(dir, name), 0, &error);
    ck_assert_msg(root != NULL, "%s: %s", name, error.text);
    return root;
}

static const char *text_of(const json_t *root, const char *key) {
    const json_t *value = json_object_get(root, key);
    const char *text = json_string_value(json_is_array(value) ? json_array_get(value, 0) : value);
    return text == NULL ? "" : text;
}

/* ---- ours ---- */

static const struct {
    pvi_head head;
    bool tied, feature;
    const char *architecture, *name;
} kinds[] = {
    {PVI_HEAD_LM, false, false, "LlamaForCausalLM", "lm"},
    {PVI_HEAD_LM, true, false, "LlamaForCausalLM", "lm"},
    {PVI_HEAD_TOKEN_SUM, true, true, "LlamaForTokenClassification", "sum"},
    {PVI_HEAD_TOKEN_MEAN, false, false, "LlamaForTokenClassification", "mean"},
    {PVI_HEAD_LAST, true, false, "LlamaForSequenceClassification", "last"},
    {PVI_HEAD_LAST, true, true, "LlamaForSequenceClassification", "last"},
};
enum { KINDS = sizeof kinds / sizeof kinds[0] };

static pvi_shape shape_of(int kind) {
    pvi_shape shape = prover;
    shape.head = kinds[kind].head;
    shape.tied = kinds[kind].tied;
    shape.logprob_feature = kinds[kind].feature;
    return shape;
}

START_TEST(every_kind_of_model_comes_back) {
    pvi_env *env = test_env();
    const char *dir = test_path(test_dir(), "model");
    pvi_shape shape = shape_of(_i);
    pvi_model *model = make_model(env, &shape), *back;
    ck_ok(env, pvi_model_save(env, model, test_path(dir, ""))); /* with a slash at its end */
    ck_ok(env, pvi_model_load(env, dir, &back));
    same_model(model, back);
    json_t *config = read_json(dir, "config.json");
    ck_assert_str_eq(text_of(config, "architectures"), kinds[_i].architecture);
    ck_assert_str_eq(text_of(config, "pvgame_head"), kinds[_i].name);
    ck_assert_str_eq(text_of(config, "model_type"), "llama");
    ck_assert_int_eq(json_object_size(json_object_get(config, "id2label")), shape.head == PVI_HEAD_LM ? 0 : 1);
    ck_assert_double_eq(json_number_value(json_object_get(config, "rms_norm_eps")), 1e-5);
    json_decref(config);
    pvi_model_destroy(model);
    pvi_model_destroy(back);
    test_env_free(env);
}
END_TEST

/* The names and sizes that transformers' own classes have; anything more must be announced in model_file.h. */
START_TEST(tensors_have_hugging_face_s_names) {
    pvi_env *env = test_env();
    const char *dir = test_path(test_dir(), "model");
    pvi_shape shape = shape_of(_i);
    pvi_model *model = make_model(env, &shape);
    ck_ok(env, pvi_model_save(env, model, dir));
    pvi_arrays *a;
    uint64_t size;
    const char *dtype;
    ck_ok(env, pvi_arrays_open(env, test_path(dir, "model.safetensors"), &a));
    ck_assert_str_eq(pvi_arrays_metadata(a, "format"), "pt");
    ck_assert(pvi_arrays_find(a, "model.layers.1.self_attn.k_proj.weight", &size, &dtype));
    ck_assert_uint_eq(size, 2 * 6 * 8);
    float k[2 * 6 * 8], up[10 * 8];
    ck_ok(env, pvi_arrays_read(a, "model.layers.1.self_attn.k_proj.weight", "F32", k, 96));
    ck_assert_mem_eq(k, model->weights.layer[1].qkv + 4 * 6 * 8, sizeof k);
    ck_ok(env, pvi_arrays_read(a, "model.layers.0.mlp.up_proj.weight", "F32", up, 80));
    ck_assert_mem_eq(up, model->weights.layer[0].gate_up + 10 * 8, sizeof up);
    ck_assert(pvi_arrays_find(a, "lm_head.weight", &size, &dtype) == (shape.head == PVI_HEAD_LM && !shape.tied));
    ck_assert(pvi_arrays_find(a, "score.weight", &size, &dtype) == (shape.head != PVI_HEAD_LM));
    bool token = shape.head == PVI_HEAD_TOKEN_SUM || shape.head == PVI_HEAD_TOKEN_MEAN;
    ck_assert(pvi_arrays_find(a, "score.bias", &size, &dtype) == token);
    ck_assert(pvi_arrays_find(a, "logprob.weight", &size, &dtype) == shape.logprob_feature);
    pvi_arrays_close(a);
    pvi_model_destroy(model);
    test_env_free(env);
}
END_TEST

START_TEST(special_tokens_are_written_down) {
    pvi_env *env = test_env();
    const char *dir = test_path(test_dir(), "model");
    pvi_shape shape = shape_of(4);
    pvi_model *model = make_model(env, &shape);
    ck_ok(env, pvi_model_save(env, model, dir));
    int32_t end = pvi_tokenizer_end(model->tokenizer), helpful = pvi_tokenizer_special(model->tokenizer, "<|helpful|>");
    const char *names[] = {"config.json", "generation_config.json"};
    for (int i = 0; i < 2; i++) {
        json_t *root = read_json(dir, names[i]);
        ck_assert_int_eq(json_integer_value(json_object_get(root, "eos_token_id")), end);
        ck_assert_int_eq(json_integer_value(json_object_get(root, "pad_token_id")), helpful); /* ends no solution */
        json_decref(root);
    }
    json_t *root = read_json(dir, "tokenizer_config.json");
    ck_assert_str_eq(text_of(root, "eos_token"), "<|end|>");
    ck_assert_str_eq(text_of(root, "pad_token"), "<|helpful|>");
    json_decref(root);
    pvi_model_destroy(model);
    test_env_free(env);
}
END_TEST

START_TEST(an_old_model_is_replaced_and_nothing_else) {
    pvi_env *env = test_env();
    const char *base = test_dir(), *dir = test_path(base, "model"), *other = test_path(base, "other");
    pvi_shape one = shape_of(0), two = shape_of(2);
    pvi_model *first = make_model(env, &one), *second = make_model(env, &two), *back;
    ck_ok(env, pvi_model_save(env, first, dir));
    test_write(test_path(dir, "model.safetensors.index.json"), "{}");
    ck_ok(env, pvi_model_save(env, second, dir));
    ck_assert(!pvi_file_exists(test_path(dir, "model.safetensors.index.json")));
    ck_assert(!pvi_dir_exists(test_path(base, "model.part")) && !pvi_dir_exists(test_path(base, "model.old")));
    ck_ok(env, pvi_model_load(env, dir, &back));
    same_model(second, back);
    ck_ok(env, pvi_dir_make(env, other));
    ck_ok(env, pvi_model_save(env, second, other)); /* an empty one */
    ck_ok(env, pvi_dir_make(env, test_path(base, "home")));
    test_write(test_path(test_path(base, "home"), "diary"), "dear");
    ck_fails(env, PVG_E_STATE, "something other than a model", pvi_model_save(env, second, test_path(base, "home")));
    test_write(test_path(base, "file"), "");
    ck_fails(env, PVG_E_IO, "is a file", pvi_model_save(env, second, test_path(base, "file")));
    ck_fails(env, PVG_E_INVALID, "no name", pvi_model_save(env, second, ""));
    pvi_model_destroy(first);
    pvi_model_destroy(second);
    pvi_model_destroy(back);
    test_env_free(env);
}
END_TEST

START_TEST(a_model_that_must_not_be_saved) {
    pvi_env *env = test_env();
    const char *base = test_dir();
    pvi_model *model = make_model(env, &prover), *bare;
    model->weights.layer[1].down[3] = NAN;
    ck_fails(env, PVG_E_NUMERIC, "element 3 of model.layers.1.mlp.down_proj.weight",
             pvi_model_save(env, model, test_path(base, "model")));
    ck_ok(env, pvi_model_create(env, &prover, NULL, NULL, &bare));
    ck_fails(env, PVG_E_INVALID, "no tokenizer", pvi_model_save(env, bare, test_path(base, "model")));
    bool empty = false;
    ck_ok(env, pvi_dir_empty(env, base, &empty));
    ck_assert(empty);
    pvi_model_destroy(model);
    pvi_model_destroy(bare);
    test_env_free(env);
}
END_TEST

START_TEST(a_full_disk_leaves_the_old_model) {
    pvi_env *env = test_env();
    const char *base = test_dir(), *dir = test_path(base, "model");
    pvi_shape large = prover;
    large.width = 64;
    pvi_model *small = make_model(env, &prover), *big = make_model(env, &large), *back;
    ck_ok(env, pvi_model_save(env, small, dir));
    struct rlimit before, little;
    getrlimit(RLIMIT_FSIZE, &before);
    void (*handler)(int) = signal(SIGXFSZ, SIG_IGN);
    const rlim_t limits[] = {0, 100, 2000, 50000};
    for (int i = 0; i < 4; i++) {
        little = before;
        little.rlim_cur = limits[i];
        setrlimit(RLIMIT_FSIZE, &little);
        pvg_status status = pvi_model_save(env, big, dir);
        setrlimit(RLIMIT_FSIZE, &before);
        ck_fails(env, PVG_E_IO, "model.part/", status);
        ck_assert(!pvi_dir_exists(test_path(base, "model.part")));
    }
    signal(SIGXFSZ, handler);
    ck_ok(env, pvi_model_load(env, dir, &back));
    same_model(small, back);
    pvi_model_destroy(small);
    pvi_model_destroy(big);
    pvi_model_destroy(back);
    test_env_free(env);
}
END_TEST

START_TEST(every_allocation_may_fail) {
    const char *dir = test_path(test_dir(), "model");
    pvi_shape shape = shape_of(2);
    pvi_env *maker = test_env();
    pvi_model *model = make_model(maker, &shape);
    ck_ok(maker, pvi_model_save(maker, model, dir));
    bool done = false;
    for (size_t k = 1; !done; k++) {
        ck_assert_uint_lt(k, 3000);
        pvi_env *env = test_env_with(1, k);
        pvg_status status = pvi_model_save(env, model, dir);
        done = status == PVG_OK;
        if (!done) ck_assert_int_eq(status, PVG_E_NOMEM);
        test_env_free(env);
    }
    done = false;
    for (size_t k = 1; !done; k += k < 400 ? 1 : 37) {
        ck_assert_uint_lt(k, 20000);
        pvi_env *env = test_env_with(1, k);
        pvi_model *back;
        pvg_status status = pvi_model_load(env, dir, &back);
        done = status == PVG_OK;
        if (done)
            same_model(model, back), pvi_model_destroy(back);
        else
            ck_assert_int_eq(status, PVG_E_NOMEM);
        test_env_free(env);
    }
    pvi_model_destroy(model);
    test_env_free(maker);
}
END_TEST

/* ---- Hugging Face's ---- */

static const char *fixture_path(void) {
    static char path[1024];
    const char *here = __FILE__, *slash = strrchr(here, '/');
    int folder = slash == NULL ? 1 : (int)(slash - here);
    snprintf(path, sizeof path, "%.*s/../../golden/llama_shards", folder, slash == NULL ? "." : here);
    return path;
}

static pvg_status compare_bits(void *arg, const char *name, float *data, int64_t rows, int64_t cols) {
    const json_t *wanted = json_object_get(arg, name);
    ck_assert_int_eq((int64_t)json_array_size(wanted), cols == 0 ? rows : rows * cols);
    for (size_t i = 0; i < json_array_size(wanted); i++) {
        uint32_t bits;
        memcpy(&bits, &data[i], sizeof bits);
        ck_assert_msg(bits == json_integer_value(json_array_get(wanted, i)), "%s[%zu]", name, i);
    }
    return PVG_OK;
}

START_TEST(shards_of_mixed_types_are_read) {
    pvi_env *env = test_env();
    pvi_model *model;
    ck_ok(env, pvi_model_load(env, fixture_path(), &model));
    json_t *wanted = read_json(fixture_path(), "expected_bits.json");
    ck_ok(env, pvi_model_tensors(&model->shape, &model->weights, compare_bits, wanted));
    json_decref(wanted);
    ck_assert(model->shape.rope_theta == 500000.0f && !model->shape.tied && model->shape.norm_eps == 1e-6f);
    ck_assert_int_eq(pvi_tokenizer_end(model->tokenizer), pvi_tokenizer_special(model->tokenizer, "</s>"));
    pvi_model *back;
    const char *dir = test_path(test_dir(), "again");
    ck_ok(env, pvi_model_save(env, model, dir));
    ck_ok(env, pvi_model_load(env, dir, &back));
    same_model(model, back);
    pvi_model_destroy(model);
    pvi_model_destroy(back);
    test_env_free(env);
}
END_TEST

static const char *const files[] = {"config.json",
                                    "generation_config.json",
                                    "tokenizer.json",
                                    "model.safetensors.index.json",
                                    "model-00001-of-00002.safetensors",
                                    "model-00002-of-00002.safetensors"};

static void copy_file(const char *from, const char *to, const char *old, const char *fresh) {
    pvi_env env;
    pvi_env_init(&env);
    char *data;
    size_t length;
    ck_ok(&env, pvi_file_read(&env, from, 1 << 20, &data, &length));
    const char *at = old == NULL ? NULL : memmem(data, length, old, strlen(old));
    ck_assert_msg(old == NULL || at != NULL, "%s does not hold %s", from, old);
    pvi_text text;
    pvi_text_init(&text, &env);
    size_t before = at == NULL ? length : (size_t)(at - data);
    pvi_text_append(&text, data, before);
    if (at != NULL) {
        pvi_text_puts(&text, fresh);
        pvi_text_append(&text, at + strlen(old), length - before - strlen(old));
    }
    ck_ok(&env, pvi_file_write(&env, to, text.data, text.length));
    pvi_text_free(&text);
    pvi_free(&env, data);
}

/* The fixture with one text of one file replaced. */
static const char *changed(const char *file, const char *old, const char *fresh) {
    static const char *dir;
    if (dir == NULL) dir = test_dir();
    for (size_t i = 0; i < sizeof files / sizeof files[0]; i++) {
        bool this_one = strcmp(files[i], file) == 0;
        copy_file(test_path(fixture_path(), files[i]), test_path(dir, files[i]), this_one ? old : NULL, fresh);
    }
    return dir;
}

#define CONFIG "config.json"
#define INDEX  "model.safetensors.index.json"
#define SHARD  "model-00001-of-00002.safetensors"

static const struct {
    const char *file, *old, *fresh;
    pvg_status status;
    const char *part;
} refused[] = {
    {CONFIG, "{\"arch", "[\"arch", PVG_E_FORMAT, "config.json: line 1"},
    {CONFIG, "\"hidden_act\":", "\"model_type\":", PVG_E_FORMAT, "duplicate"},
    {CONFIG, "LlamaForCausalLM", "GPT2LMHeadModel", PVG_E_UNSUPPORTED,
     "'GPT2LMHeadModel'; supported: LlamaForCausalLM, Llama"},
    {CONFIG, "\"model_type\":\"llama\"", "\"model_type\":\"qwen2\"", PVG_E_UNSUPPORTED, "'qwen2'; supported: llama"},
    {CONFIG, "\"silu\"", "\"gelu\"", PVG_E_UNSUPPORTED, "'gelu'; supported: silu"},
    {CONFIG, "\"attention_bias\":false", "\"attention_bias\":true", PVG_E_UNSUPPORTED, "\"attention_bias\" is true"},
    {CONFIG, "\"attention_bias\":false", "\"mlp_bias\":true", PVG_E_UNSUPPORTED, "\"mlp_bias\" is true"},
    {CONFIG, "\"attention_bias\":false", "\"mlp_bias\":0", PVG_E_FORMAT, "\"mlp_bias\" is not true or false"},
    {CONFIG, "\"attention_bias\":false", "\"quantization_config\":{\"bits\":4}", PVG_E_UNSUPPORTED, "quantized"},
    {CONFIG, "\"attention_bias\":false", "\"partial_rotary_factor\":0.5", PVG_E_UNSUPPORTED,
     "partial_rotary_factor\" is 0.5"},
    {CONFIG, "\"attention_bias\":false", "\"rope_scaling\":{\"type\":\"linear\",\"factor\":2}", PVG_E_UNSUPPORTED,
     "'linear'"},
    {CONFIG, "\"rope_type\":\"default\"", "\"rope_type\":\"llama3\"", PVG_E_UNSUPPORTED,
     "\"rope_parameters\" is of type 'llama3'"},
    {CONFIG, "\"rope_type\":\"default\",", "", PVG_E_UNSUPPORTED, "\"rope_parameters\" is of type ''"},
    {CONFIG, "500000.0", "\"x\"", PVG_E_FORMAT, "\"rope_theta\" is not a number"},
    {CONFIG, "500000.0", "0.5", PVG_E_RANGE, "config.json: rope_theta must be"},
    {CONFIG, "1e-06", "0", PVG_E_RANGE, "norm_eps must be"},
    {CONFIG, "\"hidden_size\":8", "\"hidden_sizes\":8", PVG_E_FORMAT, "\"hidden_size\" is missing"},
    {CONFIG, "\"hidden_size\":8", "\"hidden_size\":8.0", PVG_E_FORMAT, "\"hidden_size\" is something else"},
    {CONFIG, "\"hidden_size\":8", "\"hidden_size\":-8", PVG_E_FORMAT, "whole number of at least 1"},
    {CONFIG, "\"hidden_size\":8", "\"hidden_size\":4294967304", PVG_E_FORMAT, "whole number of at least 1"},
    {CONFIG, "\"hidden_size\":8", "\"hidden_size\":16", PVG_E_FORMAT, "config.json describes a model of"},
    {CONFIG, "\"vocab_size\":264", "\"vocab_size\":1048576", PVG_E_FORMAT, "config.json describes a model of"},
    {CONFIG, "\"vocab_size\":264", "\"vocab_size\":2000000000", PVG_E_RANGE, "vocab is 2000000000"},
    {CONFIG, "\"num_hidden_layers\":1", "\"num_hidden_layers\":1024", PVG_E_FORMAT, "config.json describes a model of"},
    {CONFIG, "\"num_attention_heads\":2", "\"num_attention_heads\":3", PVG_E_FORMAT, ""},
    {CONFIG, "\"num_key_value_heads\":1", "\"num_key_value_heads\":3", PVG_E_RANGE, "not a multiple of kv_heads"},
    {CONFIG, "\"head_dim\":4", "\"head_dim\":2", PVG_E_FORMAT,
     "q_proj.weight has 2 sizes, the first 8 and 8; config.json wants 4 and 8"},
    {CONFIG, "\"intermediate_size\":6", "\"intermediate_size\":5", PVG_E_FORMAT, "gate_proj.weight has 2 sizes"},
    {CONFIG, "\"vocab_size\":264", "\"vocab_size\":200,\"z\":0", PVG_E_FORMAT, "\"eos_token_id\" holds something"},
    {CONFIG, "\"eos_token_id\":258", "\"eos_token_id\":264", PVG_E_FORMAT, "\"eos_token_id\" holds something"},
    {CONFIG, "\"eos_token_id\":258", "\"eos_token_id\":\"</s>\"", PVG_E_FORMAT, "\"eos_token_id\" holds something"},
    {CONFIG, "\"eos_token_id\":258", "\"eos_token_id\":[1,2,3,4,5,6,7,8,9,10,11,12,13,14,15]", PVG_E_UNSUPPORTED,
     "more than 16"},
    {CONFIG, "\"attention_bias\":false", "\"tie_word_embeddings\":true,\"pvgame_head\":\"sum\"", PVG_E_FORMAT,
     "\"pvgame_head\" is 'sum'"},
    {CONFIG, "\"attention_bias\":false", "\"pvgame_format\":2", PVG_E_TOO_NEW, "\"pvgame_format\" is 2"},
    {CONFIG, "\"attention_bias\":false", "\"pvgame_logprob_feature\":true", PVG_E_RANGE, "logprob_feature is on"},
    {CONFIG, "ForCausalLM\"]", "ForTokenClassification\"]", PVG_E_UNSUPPORTED, "2 labels; supported: 1"},
    {CONFIG, "ForCausalLM\"]", "ForTokenClassification\"],\"num_labels\":3", PVG_E_UNSUPPORTED,
     "3 labels; supported: 1"},
    {CONFIG, "ForCausalLM\"]", "ForSequenceClassification\"],\"id2label\":{\"0\":\"A\"}", PVG_E_FORMAT,
     "no tensor score.weight"},
    {CONFIG, "ForCausalLM\"]", "ForSequenceClassification\"],\"pvgame_head\":\"sum\",\"num_labels\":1", PVG_E_FORMAT,
     "\"pvgame_head\""},
    {"generation_config.json", "[257,", "[257,,", PVG_E_FORMAT, "generation_config.json: line 1"},
    {"generation_config.json", "[257,256]", "[300]", PVG_E_FORMAT, "generation_config.json: \"eos_token_id\" holds"},
    {INDEX, "{", "", PVG_E_FORMAT, "index.json: line 1"},
    {INDEX, "\"weight_map\"", "\"weights\"", PVG_E_FORMAT, "no \"weight_map\""},
    {INDEX, "\"model-00001-of", "\"../model-00001-of", PVG_E_FORMAT, "wanted is the name of a .safetensors file"},
    {INDEX, "\"model-00001-of", "\"/etc/model-00001-of", PVG_E_FORMAT, "wanted is the name of a .safetensors file"},
    {INDEX, "\"model-00001-of-00002.safetensors\"", "\"..safetensors\"", PVG_E_FORMAT, "'..safetensors'"},
    {INDEX, "\"model-00001-of-00002.safetensors\"", "\"tokenizer.json\"", PVG_E_FORMAT, "'tokenizer.json'"},
    {INDEX, "\"model-00001-of-00002.safetensors\"", "7", PVG_E_FORMAT, "in ''"},
    {INDEX, "\"model-00001-of-00002.safetensors\"", "\"model-3.safetensors\"", PVG_E_NOT_FOUND, "model-3.safetensors"},
    {INDEX, "\"lm_head.weight\"", "\"lm_heads.weight\"", PVG_E_FORMAT, "no tensor lm_head.weight"},
    {SHARD, "model.norm.weight", "model.morn.weight", PVG_E_FORMAT, "no tensor model.norm.weight"},
    {SHARD, "rotary_emb.inv_freq", "rotary_emb.bias_xyz", PVG_E_UNSUPPORTED, "rotary_emb.bias_xyz, which the model"},
    {SHARD, "\"F64\"", "\"I64\"", PVG_E_UNSUPPORTED, "is of type I64; supported: F32"},
    {SHARD, "\"shape\": [8], \"", "\"shape\":[8,1],\"", PVG_E_FORMAT,
     "post_attention_layernorm.weight has 2 sizes, the first 8 and 1; config.json wants 8 and 0"},
    {"tokenizer.json", "\"BPE\"", "\"WordPiece\"", PVG_E_UNSUPPORTED, "WordPiece"},
};

START_TEST(directories_of_others_are_refused) {
    pvi_env *env = test_env();
    for (size_t i = 0; i < sizeof refused / sizeof refused[0]; i++) {
        pvi_model *model;
        const char *dir = changed(refused[i].file, refused[i].old, refused[i].fresh);
        pvg_status status = pvi_model_load(env, dir, &model);
        ck_assert_msg(status == refused[i].status && strstr(env->error.message, refused[i].part) != NULL,
                      "%s -> %s: %d, %s", refused[i].old, refused[i].fresh, (int)status, env->error.message);
    }
    ck_assert_uint_lt(atomic_load(&env->peak), 4 << 20);
    test_env_free(env);
}
END_TEST

/* Variants that are fine, and which token ends a text in them. */
START_TEST(directories_of_others_are_opened) {
    static const struct {
        const char *file, *old, *fresh;
        int32_t end;
    } good[] = {
        {CONFIG, "\"head_dim\":4,", "", 258},
        {CONFIG, "\"attention_bias\":false", "\"rope_scaling\":null,\"num_labels\":7", 258},
        {CONFIG, "\"attention_bias\":false", "\"tie_word_embeddings\":true", 258}, /* its lm_head says nothing */
        {CONFIG, "258", "257", 257},
        {CONFIG, "258", "null", 257},
        {CONFIG, "258", "[256,258]", 258},
        {CONFIG, "258", "[0]", 257},
        {"generation_config.json", "[257,256]", "256", 258},
        {"generation_config.json", "[257,256]", "[]", 258},
    };
    pvi_env *env = test_env();
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
        pvi_model *model;
        ck_ok(env, pvi_model_load(env, changed(good[i].file, good[i].old, good[i].fresh), &model));
        ck_assert_int_eq(pvi_tokenizer_end(model->tokenizer), good[i].end);
        ck_assert(model->allowed[good[i].end]);
        pvi_model_destroy(model);
    }
    test_env_free(env);
}
END_TEST

START_TEST(missing_files_are_named) {
    pvi_env *env = test_env();
    pvi_model *model;
    const char *dir = test_dir();
    ck_fails(env, PVG_E_NOT_FOUND, "no such directory", pvi_model_load(env, test_path(dir, "nowhere"), &model));
    ck_fails(env, PVG_E_NOT_FOUND, "config.json", pvi_model_load(env, dir, &model));
    copy_file(test_path(fixture_path(), CONFIG), test_path(dir, CONFIG), NULL, NULL);
    ck_fails(env, PVG_E_NOT_FOUND, "no model.safetensors", pvi_model_load(env, dir, &model));
    for (int i = 3; i < 6; i++) copy_file(test_path(fixture_path(), files[i]), test_path(dir, files[i]), NULL, NULL);
    ck_fails(env, PVG_E_NOT_FOUND, "tokenizer.json", pvi_model_load(env, dir, &model));
    test_env_free(env);
}
END_TEST

START_TEST(weights_that_are_no_numbers) {
    pvi_env *env = test_env();
    const char *dir = test_path(test_dir(), "model");
    pvi_model *model = make_model(env, &prover), *back;
    model->weights.norm[2] = 12345.0f;
    ck_ok(env, pvi_model_save(env, model, dir));
    float number = 12345.0f, infinite = INFINITY;
    char old[5] = {0}, fresh[5] = {0};
    memcpy(old, &number, 4), memcpy(fresh, &infinite, 4);
    char *data, *at;
    size_t length;
    ck_ok(env, pvi_file_read(env, test_path(dir, "model.safetensors"), 1 << 20, &data, &length));
    at = memmem(data, length, old, 4);
    ck_assert_ptr_nonnull(at);
    memcpy(at, fresh, 4);
    ck_ok(env, pvi_file_write(env, test_path(dir, "model.safetensors"), data, length));
    ck_fails(env, PVG_E_NUMERIC, "model: element 2 of model.norm.weight", pvi_model_load(env, dir, &back));
    pvi_free(env, data);
    pvi_model_destroy(model);
    test_env_free(env);
}
END_TEST

Suite *suite_model_file(void) {
    Suite *suite = suite_create("model_file");
    TCase *tc = tcase_create("model_file");
    tcase_add_loop_test(tc, every_kind_of_model_comes_back, 0, KINDS);
    tcase_add_loop_test(tc, tensors_have_hugging_face_s_names, 0, KINDS);
    tcase_add_test(tc, special_tokens_are_written_down);
    tcase_add_test(tc, an_old_model_is_replaced_and_nothing_else);
    tcase_add_test(tc, a_model_that_must_not_be_saved);
    tcase_add_test(tc, a_full_disk_leaves_the_old_model);
    tcase_add_test(tc, every_allocation_may_fail);
    tcase_add_test(tc, shards_of_mixed_types_are_read);
    tcase_add_test(tc, directories_of_others_are_refused);
    tcase_add_test(tc, directories_of_others_are_opened);
    tcase_add_test(tc, missing_files_are_named);
    tcase_add_test(tc, weights_that_are_no_numbers);
    suite_add_tcase(suite, tc);
    return suite;
}
