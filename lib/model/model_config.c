/* model_config.c - reading config.json: every field checked, and what this library does not compute refused by name. */
#include "model/model_config.h"

#include <jansson.h>
#include <math.h>
#include <string.h>

#include "base/file.h"

static const char NAME[] = "model";

#define FILE_LONGEST ((size_t)4 << 20)
enum { FORMAT_VERSION = 1 };

typedef struct source {
    pvi_env *env;
    const char *path;
    json_t *root;
} source;

static pvg_status parse(pvi_env *env, const char *path, json_t **out) {
    char *text;
    size_t length;
    pvg_status status = pvi_file_read(env, path, FILE_LONGEST, &text, &length);
    if (status != PVG_OK) return status;
    json_error_t error;
    *out = json_loadb(text, length, JSON_REJECT_DUPLICATES, &error);
    pvi_free(env, text);
    if (json_is_object(*out)) return PVG_OK;
    bool memory = *out == NULL && json_error_code(&error) == json_error_out_of_memory;
    if (*out == NULL)
        return pvi_fail(env, memory ? PVG_E_NOMEM : PVG_E_FORMAT, NAME, "%s: line %d, column %d: %s", path, error.line,
                        error.column, error.text);
    json_decref(*out);
    return pvi_fail(env, PVG_E_FORMAT, NAME, "%s: is not a JSON object", path);
}

/* ---- fields ---- */

static const json_t *field(const source *s, const char *key) {
    const json_t *value = json_object_get(s->root, key);
    return json_is_null(value) ? NULL : value;
}

/* preset 0: the field is needed. */
static pvg_status whole(const source *s, const char *key, int32_t preset, int32_t *out) {
    const json_t *value = field(s, key);
    *out = preset;
    if (value == NULL && preset != 0) return PVG_OK;
    json_int_t number = json_integer_value(value);
    if (!json_is_integer(value) || number < 1 || number > INT32_MAX)
        return pvi_fail(s->env, PVG_E_FORMAT, NAME, "%s: \"%s\" is %s; wanted is a whole number of at least 1", s->path,
                        key, value == NULL ? "missing" : "something else");
    *out = (int32_t)number;
    return PVG_OK;
}

static pvg_status real(const source *s, const char *key, float preset, float *out) {
    const json_t *value = field(s, key);
    *out = value == NULL ? preset : (float)json_number_value(value);
    if (value == NULL || json_is_number(value)) return PVG_OK;
    return pvi_fail(s->env, PVG_E_FORMAT, NAME, "%s: \"%s\" is not a number", s->path, key);
}

static pvg_status flag(const source *s, const char *key, bool *out) {
    const json_t *value = field(s, key);
    *out = json_is_true(value);
    if (value == NULL || json_is_boolean(value)) return PVG_OK;
    return pvi_fail(s->env, PVG_E_FORMAT, NAME, "%s: \"%s\" is not true or false", s->path, key);
}

/* The field's text; "" when it is missing or no text. */
static const char *text(const source *s, const char *key) {
    const char *value = json_string_value(field(s, key));
    return value == NULL ? "" : value;
}

/* ---- what is not computed ---- */

static pvg_status refuse_biases(const source *s) {
    static const char *const keys[] = {"attention_bias", "mlp_bias"};
    for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++) {
        bool on;
        pvg_status status = flag(s, keys[i], &on);
        if (status != PVG_OK) return status;
        if (on)
            return pvi_fail(s->env, PVG_E_UNSUPPORTED, NAME, "%s: \"%s\" is true; supported: false", s->path, keys[i]);
    }
    return PVG_OK;
}

/* Positions that are not scaled in any way; what newer files call "rope_parameters" also holds rope_theta. */
static pvg_status read_rope(const source *s, float *theta) {
    static const char *const keys[] = {"rope_scaling", "rope_parameters"};
    pvg_status status = real(s, "rope_theta", 10000.0f, theta);
    for (size_t i = 0; i < sizeof keys / sizeof keys[0] && status == PVG_OK; i++) {
        json_t *rope = json_object_get(s->root, keys[i]);
        if (rope == NULL || json_is_null(rope)) continue;
        source inner = {s->env, s->path, rope};
        const char *type = text(&inner, "rope_type")[0] != '\0' ? text(&inner, "rope_type") : text(&inner, "type");
        if (strcmp(type, "default") != 0)
            return pvi_fail(s->env, PVG_E_UNSUPPORTED, NAME,
                            "%s: \"%s\" is of type '%.40s'; supported: null, or type 'default'", s->path, keys[i],
                            type);
        status = real(&inner, "rope_theta", *theta, theta);
    }
    return status;
}

static pvg_status refuse_others(const source *s) {
    const char *type = text(s, "model_type"), *act = text(s, "hidden_act");
    float share;
    if (strcmp(type, "llama") != 0)
        return pvi_fail(s->env, PVG_E_UNSUPPORTED, NAME, "%s: \"model_type\" is '%.60s'; supported: llama", s->path,
                        type);
    if (field(s, "hidden_act") != NULL && strcmp(act, "silu") != 0)
        return pvi_fail(s->env, PVG_E_UNSUPPORTED, NAME, "%s: \"hidden_act\" is '%.60s'; supported: silu", s->path,
                        act);
    if (field(s, "quantization_config") != NULL)
        return pvi_fail(s->env, PVG_E_UNSUPPORTED, NAME,
                        "%s: the weights are quantized; supported: F32, F16, BF16, F64", s->path);
    pvg_status status = real(s, "partial_rotary_factor", 1.0f, &share);
    if (status == PVG_OK && share != 1.0f)
        return pvi_fail(s->env, PVG_E_UNSUPPORTED, NAME, "%s: \"partial_rotary_factor\" is %g; supported: 1", s->path,
                        (double)share);
    return status == PVG_OK ? refuse_biases(s) : status;
}

/* ---- the head ---- */

static pvg_status head_mismatch(const source *s, const char *architecture, const char *head) {
    return pvi_fail(s->env, PVG_E_FORMAT, NAME, "%s: \"pvgame_head\" is '%.40s', which %s does not have", s->path, head,
                    architecture);
}

static pvg_status check_labels(const source *s) {
    const json_t *names = field(s, "id2label");
    int32_t labels = 2; /* the default of transformers */
    pvg_status status = names != NULL ? PVG_OK : whole(s, "num_labels", 2, &labels);
    if (names != NULL) labels = (int32_t)json_object_size(names);
    if (status != PVG_OK || labels == 1) return status;
    return pvi_fail(s->env, PVG_E_UNSUPPORTED, NAME, "%s: the classifier has %d labels; supported: 1, a score", s->path,
                    (int)labels);
}

static pvg_status read_head(const source *s, pvi_shape *shape) {
    const json_t *list = field(s, "architectures");
    const char *architecture = json_string_value(json_array_get(list, 0)), *head = text(s, "pvgame_head");
    bool named = head[0] != '\0';
    if (architecture == NULL) architecture = "";
    if (strcmp(architecture, "LlamaForCausalLM") == 0) {
        shape->head = PVI_HEAD_LM;
        return !named || strcmp(head, "lm") == 0 ? PVG_OK : head_mismatch(s, architecture, head);
    }
    if (strcmp(architecture, "LlamaForSequenceClassification") == 0) {
        shape->head = PVI_HEAD_LAST;
        return !named || strcmp(head, "last") == 0 ? check_labels(s) : head_mismatch(s, architecture, head);
    }
    if (strcmp(architecture, "LlamaForTokenClassification") == 0) {
        shape->head = strcmp(head, "mean") == 0 ? PVI_HEAD_TOKEN_MEAN : PVI_HEAD_TOKEN_SUM;
        bool good = !named || strcmp(head, "mean") == 0 || strcmp(head, "sum") == 0;
        return good ? check_labels(s) : head_mismatch(s, architecture, head);
    }
    return pvi_fail(s->env, PVG_E_UNSUPPORTED, NAME,
                    "%s: the first of \"architectures\" is '%.80s'; supported: LlamaForCausalLM, "
                    "LlamaForSequenceClassification, LlamaForTokenClassification",
                    s->path, architecture);
}

/* ---- sizes ---- */

static pvg_status read_sizes(const source *s, pvi_shape *shape) {
    pvg_status status = whole(s, "vocab_size", 0, &shape->vocab);
    if (status == PVG_OK) status = whole(s, "hidden_size", 0, &shape->width);
    if (status == PVG_OK) status = whole(s, "num_hidden_layers", 0, &shape->layers);
    if (status == PVG_OK) status = whole(s, "num_attention_heads", 0, &shape->heads);
    if (status == PVG_OK) status = whole(s, "num_key_value_heads", shape->heads, &shape->kv_heads);
    if (status == PVG_OK) status = whole(s, "intermediate_size", 0, &shape->hidden);
    if (status == PVG_OK) status = whole(s, "max_position_embeddings", 0, &shape->context);
    if (status != PVG_OK) return status;
    if (field(s, "head_dim") == NULL && shape->width % shape->heads != 0)
        return pvi_fail(s->env, PVG_E_FORMAT, NAME,
                        "%s: \"hidden_size\" %d is not a multiple of \"num_attention_heads\" %d, and there "
                        "is no \"head_dim\"",
                        s->path, (int)shape->width, (int)shape->heads);
    return whole(s, "head_dim", shape->width < shape->heads ? 1 : shape->width / shape->heads, &shape->head_dim);
}

static pvg_status check_shape(const source *s, const pvi_shape *shape) {
    pvg_status status = pvi_shape_check(s->env, shape);
    if (status == PVG_OK) return PVG_OK;
    pvi_error found = s->env->error;
    return pvi_fail(s->env, status, NAME, "%s: %s", s->path, found.message);
}

static pvg_status read_shape(const source *s, pvi_shape *shape) {
    json_int_t version = json_integer_value(field(s, "pvgame_format"));
    if (version > FORMAT_VERSION)
        return pvi_fail(s->env, PVG_E_TOO_NEW, NAME, "%s: \"pvgame_format\" is %lld; this version reads up to %d",
                        s->path, (long long)version, FORMAT_VERSION);
    *shape = (pvi_shape){0};
    pvg_status status = refuse_others(s);
    if (status == PVG_OK) status = read_head(s, shape);
    if (status == PVG_OK) status = read_sizes(s, shape);
    if (status == PVG_OK) status = read_rope(s, &shape->rope_theta);
    if (status == PVG_OK) status = real(s, "rms_norm_eps", 1e-6f, &shape->norm_eps);
    if (status == PVG_OK) status = flag(s, "tie_word_embeddings", &shape->tied);
    if (status == PVG_OK) status = flag(s, "pvgame_logprob_feature", &shape->logprob_feature);
    return status == PVG_OK ? check_shape(s, shape) : status;
}

/* ---- what ends a text ---- */

static pvg_status add_end(const source *s, const json_t *id, int32_t vocab, pvi_model_config *out) {
    json_int_t value = json_integer_value(id);
    if (!json_is_integer(id) || value < 0 || value >= vocab)
        return pvi_fail(s->env, PVG_E_FORMAT, NAME, "%s: \"eos_token_id\" holds something that is no id below %d",
                        s->path, (int)vocab);
    for (size_t i = 0; i < out->ends; i++)
        if (out->end[i] == value) return PVG_OK;
    if (out->ends == PVI_MODEL_ENDS)
        return pvi_fail(s->env, PVG_E_UNSUPPORTED, NAME, "%s: \"eos_token_id\" has more than %d ids", s->path,
                        PVI_MODEL_ENDS);
    out->end[out->ends++] = (int32_t)value;
    return PVG_OK;
}

static pvg_status add_ends(const source *s, pvi_model_config *out) {
    const json_t *ids = field(s, "eos_token_id");
    pvg_status status = PVG_OK;
    if (ids == NULL) return PVG_OK;
    if (!json_is_array(ids)) return add_end(s, ids, out->shape.vocab, out);
    for (size_t i = 0; i < json_array_size(ids) && status == PVG_OK; i++)
        status = add_end(s, json_array_get(ids, i), out->shape.vocab, out);
    return status;
}

static pvg_status read_generation(pvi_env *env, const char *path, pvi_model_config *out) {
    if (!pvi_file_exists(path)) return PVG_OK;
    source s = {.env = env, .path = path};
    pvg_status status = parse(env, path, &s.root);
    if (status != PVG_OK) return status;
    status = add_ends(&s, out);
    json_decref(s.root);
    return status;
}

static pvg_status read_both(pvi_env *env, const char *config, const char *generation, pvi_model_config *out) {
    source s = {.env = env, .path = config};
    pvg_status status = parse(env, config, &s.root);
    if (status != PVG_OK) return status;
    status = read_shape(&s, &out->shape);
    if (status == PVG_OK) status = read_generation(env, generation, out);
    if (status == PVG_OK) status = add_ends(&s, out);
    json_decref(s.root);
    return status;
}

pvg_status pvi_model_config_read(pvi_env *env, const char *folder, pvi_model_config *out) {
    pvi_text config, generation;
    pvi_text_init(&config, env);
    pvi_text_init(&generation, env);
    *out = (pvi_model_config){0};
    pvg_status status = pvi_path_join(env, folder, "config.json", &config);
    if (status == PVG_OK) status = pvi_path_join(env, folder, "generation_config.json", &generation);
    if (status == PVG_OK) status = read_both(env, config.data, generation.data, out);
    pvi_text_free(&config);
    pvi_text_free(&generation);
    return status;
}

/* ---- writing ---- */

/* Members added one after the other; a failure is remembered. */
typedef struct sink {
    json_t *root;
    bool failed;
} sink;

static void put(sink *s, const char *key, json_t *value) { s->failed |= json_object_set_new(s->root, key, value) != 0; }
static void put_id(sink *s, const char *key, int32_t id) { put(s, key, id < 0 ? json_null() : json_integer(id)); }

/* The shortest decimal that reads back as the same float: 1e-05 rather than 9.99999975e-06. */
static json_t *shortest(float value) {
    char digits[PVI_NUMBER_SIZE];
    double found = (double)value;
    for (int precision = 1; precision < 10; precision++) {
        int length = pvi_text_format(digits, sizeof digits, "%.*g", precision, (double)value);
        if (pvi_text_to_double(digits, (size_t)length, &found) && (float)found == value) break;
    }
    return json_real(found);
}

/* A token for padding, which nothing here needs but transformers does. It must never be the last token of a text, so it
 * is not the end token: a special named for it, any other special, else the token of a zero byte. -1: there is none. */
static int32_t padding(const pvi_tokenizer *tokenizer) {
    static const char *const names[] = {"<|pad|>", "<pad>", "[PAD]"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if (pvi_tokenizer_special(tokenizer, names[i]) >= 0) return pvi_tokenizer_special(tokenizer, names[i]);
    int32_t zero = -1;
    for (int32_t id = 0; id < pvi_tokenizer_size(tokenizer); id++) {
        size_t length;
        const char *bytes = pvi_token_bytes(tokenizer, id, &length);
        if (pvi_tokenizer_is_special(tokenizer, id) && id != pvi_tokenizer_end(tokenizer)) return id;
        if (zero < 0 && length == 1 && bytes[0] == '\0') zero = id;
    }
    return zero;
}

static void put_head(sink *s, pvi_head head) {
    static const struct {
        const char *architecture, *name;
    } heads[] = {[PVI_HEAD_LM] = {"LlamaForCausalLM", "lm"},
                 [PVI_HEAD_TOKEN_SUM] = {"LlamaForTokenClassification", "sum"},
                 [PVI_HEAD_TOKEN_MEAN] = {"LlamaForTokenClassification", "mean"},
                 [PVI_HEAD_LAST] = {"LlamaForSequenceClassification", "last"}};
    put(s, "architectures", json_pack("[s]", heads[head].architecture));
    put(s, "pvgame_format", json_integer(FORMAT_VERSION));
    put(s, "pvgame_head", json_string(heads[head].name));
    if (head == PVI_HEAD_LM) return;
    put(s, "id2label", json_pack("{s:s}", "0", "SCORE"));
    put(s, "label2id", json_pack("{s:i}", "SCORE", 0));
}

static void put_shape(sink *s, const pvi_shape *shape) {
    put(s, "model_type", json_string("llama"));
    put(s, "vocab_size", json_integer(shape->vocab));
    put(s, "hidden_size", json_integer(shape->width));
    put(s, "intermediate_size", json_integer(shape->hidden));
    put(s, "num_hidden_layers", json_integer(shape->layers));
    put(s, "num_attention_heads", json_integer(shape->heads));
    put(s, "num_key_value_heads", json_integer(shape->kv_heads));
    put(s, "head_dim", json_integer(shape->head_dim));
    put(s, "max_position_embeddings", json_integer(shape->context));
    put(s, "rms_norm_eps", shortest(shape->norm_eps));
    put(s, "rope_theta", shortest(shape->rope_theta));
    put(s, "rope_scaling", json_null());
    put(s, "hidden_act", json_string("silu"));
    put(s, "attention_bias", json_false());
    put(s, "mlp_bias", json_false());
    put(s, "tie_word_embeddings", json_boolean(shape->tied));
    put(s, "torch_dtype", json_string("float32"));
    if (shape->logprob_feature) put(s, "pvgame_logprob_feature", json_true());
}

static void put_tokens(sink *s, const pvi_tokenizer *tokenizer) {
    put_id(s, "bos_token_id", pvi_tokenizer_bos(tokenizer));
    put_id(s, "eos_token_id", pvi_tokenizer_end(tokenizer));
    put_id(s, "pad_token_id", padding(tokenizer));
}

static void put_token_text(sink *s, const char *key, const pvi_tokenizer *tokenizer, int32_t id) {
    size_t length;
    const char *bytes = pvi_token_bytes(tokenizer, id, &length);
    if (id >= 0 && pvi_tokenizer_is_special(tokenizer, id)) put(s, key, json_stringn(bytes, length));
}

static void put_tokenizer(sink *s, const pvi_model *model) {
    const pvi_tokenizer *tokenizer = model->tokenizer;
    put(s, "tokenizer_class", json_string("PreTrainedTokenizerFast"));
    put(s, "model_max_length", json_integer(model->shape.context));
    put(s, "clean_up_tokenization_spaces", json_false());
    put_token_text(s, "bos_token", tokenizer, pvi_tokenizer_bos(tokenizer));
    put_token_text(s, "eos_token", tokenizer, pvi_tokenizer_end(tokenizer));
    put_token_text(s, "pad_token", tokenizer, padding(tokenizer));
}

static int take_json(const char *data, size_t length, void *out) {
    pvi_text_append(out, data, length);
    return ((pvi_text *)out)->failed ? -1 : 0;
}

static pvg_status write_text(pvi_env *env, const char *folder, const char *name, pvi_text *body) {
    pvi_text path;
    pvi_text_init(&path, env);
    pvi_text_puts(body, "\n");
    pvg_status status = pvi_text_ok(body);
    if (status == PVG_OK) status = pvi_path_join(env, folder, name, &path);
    if (status == PVG_OK) status = pvi_file_write(env, path.data, body->data, body->length);
    pvi_text_free(&path);
    return status;
}

/* Writes and frees what was put together. */
static pvg_status finish(pvi_env *env, sink *s, const char *folder, const char *name) {
    pvi_text body;
    pvi_text_init(&body, env);
    bool made =
        !s->failed && json_dump_callback(s->root, take_json, &body, JSON_INDENT(2) | JSON_REAL_PRECISION(9)) == 0;
    pvg_status status = made          ? write_text(env, folder, name, &body)
                        : body.failed ? pvi_text_ok(&body)
                                      : pvi_fail(env, PVG_E_NOMEM, NAME, "%s/%s: out of memory", folder, name);
    pvi_text_free(&body);
    json_decref(s->root);
    return status;
}

pvg_status pvi_model_config_write(pvi_env *env, const pvi_model *model, const char *folder) {
    sink config = {.root = json_object()}, generation = {.root = json_object()}, tokenizer = {.root = json_object()};
    put_head(&config, model->shape.head);
    put_shape(&config, &model->shape);
    put_tokens(&config, model->tokenizer);
    put_tokens(&generation, model->tokenizer);
    put_tokenizer(&tokenizer, model);
    pvg_status status = finish(env, &config, folder, "config.json");
    pvg_status other = finish(env, &generation, folder, "generation_config.json");
    pvg_status third = finish(env, &tokenizer, folder, "tokenizer_config.json");
    return status != PVG_OK ? status : other != PVG_OK ? other : third;
}
