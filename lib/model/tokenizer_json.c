/* tokenizer_json.c - reading Hugging Face's tokenizer.json: its tokens and merges, checked before anything is built. */
#include <jansson.h>
#include <string.h>

#include "base/alloc.h"
#include "base/file.h"
#include "model/tokenizer_parts.h"

static const char NAME[] = "tokenizer";

#define FILE_LONGEST ((size_t)256 << 20)
enum { HOLES_ALLOWED = 1024 }; /* ids may be left out, but a small file must not ask for a large table */

typedef struct draft_token {
    const char *text; /* belongs to the parsed file; NULL: no such token */
    size_t length;
    bool listed; /* in the model's vocabulary */
    uint8_t flags;
} draft_token;

typedef struct reader {
    pvi_env *env;
    const char *name; /* of the file, for errors */
    const json_t *vocab, *merges, *added; /* `added` may be NULL */
    pvi_tokenizer *made;
    draft_token *draft;
    pvi_text scratch;
} reader;

static int shown(size_t length) {
    return length < 60 ? (int)length : 60;
}

/* ---- the model's frame ---- */

/* Absent, null, false, 0 and "" all mean "not used". */
static bool is_off(const json_t *value) {
    return value == NULL || json_is_null(value) || json_is_false(value) ||
           (json_is_number(value) && json_number_value(value) == 0.0) ||
           (json_is_string(value) && json_string_length(value) == 0);
}

/* unk_token, fuse_unk and byte_fallback say what happens to bytes without a token: there are none. */
static pvg_status read_model(reader *r, const json_t *root) {
    static const char *const unknown[] = {"dropout", "continuing_subword_prefix", "end_of_word_suffix"};
    const json_t *model = json_object_get(root, "model"), *type = json_object_get(model, "type");
    const json_t *version = json_object_get(root, "version");
    if (!json_is_object(model)) {
        return pvi_fail(r->env, PVG_E_FORMAT, NAME, "%s: there is no \"model\" object; wanted is a tokenizer.json",
                        r->name);
    }
    if (version != NULL && (!json_is_string(version) || strcmp(json_string_value(version), "1.0") != 0)) {
        return pvi_fail(r->env, PVG_E_UNSUPPORTED, NAME, "%s: \"version\" is not \"1.0\"", r->name);
    }
    if (type != NULL && (!json_is_string(type) || strcmp(json_string_value(type), "BPE") != 0)) {
        return pvi_fail(r->env, PVG_E_UNSUPPORTED, NAME, "%s: the model's type is '%.60s'; supported: BPE", r->name,
                        json_is_string(type) ? json_string_value(type) : "not a string");
    }
    for (size_t i = 0; i < sizeof unknown / sizeof unknown[0]; i++) {
        if (!is_off(json_object_get(model, unknown[i]))) {
            return pvi_fail(r->env, PVG_E_UNSUPPORTED, NAME, "%s: the model uses \"%s\"; supported: BPE without it",
                            r->name, unknown[i]);
        }
    }
    r->vocab = json_object_get(model, "vocab");
    r->merges = json_object_get(model, "merges");
    if (!json_is_object(r->vocab) || !json_is_array(r->merges)) {
        return pvi_fail(r->env, PVG_E_FORMAT, NAME, "%s: the model's \"%s\" is missing or not %s", r->name,
                        json_is_object(r->vocab) ? "merges" : "vocab",
                        json_is_object(r->vocab) ? "a list" : "an object");
    }
    r->added = json_object_get(root, "added_tokens");
    if (r->added != NULL && !json_is_null(r->added) && !json_is_array(r->added)) {
        return pvi_fail(r->env, PVG_E_FORMAT, NAME, "%s: \"added_tokens\" is not a list", r->name);
    }
    return pvi_tokenizer_read_flag(r->env, r->name, model, "ignore_merges", false, &r->made->ignore_merges);
}

/* ---- tokens ---- */

static pvg_status check_id(const reader *r, const json_t *id, const char *text, json_int_t limit, json_int_t *size) {
    json_int_t value = json_integer_value(id);
    if (!json_is_integer(id) || value < 0 || value >= limit) {
        return pvi_fail(r->env, PVG_E_FORMAT, NAME,
                        "%s: the id of token '%.60s' is not a whole number from 0 to %lld (what %zu tokens allow)",
                        r->name, text, (long long)limit - 1, json_object_size(r->vocab) + json_array_size(r->added));
    }
    *size = value + 1 > *size ? value + 1 : *size;
    return PVG_OK;
}

static pvg_status check_ids(reader *r) {
    json_int_t size = 0;
    json_int_t limit = (json_int_t)(2 * (json_object_size(r->vocab) + json_array_size(r->added)) + HOLES_ALLOWED);
    const char *text;
    json_t *id;
    json_object_foreach((json_t *)r->vocab, text, id) {
        pvg_status status = check_id(r, id, text, limit, &size);
        if (status != PVG_OK) {
            return status;
        }
    }
    for (size_t i = 0; i < json_array_size(r->added); i++) {
        const json_t *token = json_array_get(r->added, i), *content = json_object_get(token, "content");
        if (!json_is_string(content) || json_string_length(content) == 0) {
            return pvi_fail(r->env, PVG_E_FORMAT, NAME, "%s: added token %zu has no \"content\"", r->name, i);
        }
        pvg_status status = check_id(r, json_object_get(token, "id"), json_string_value(content), limit, &size);
        if (status != PVG_OK) {
            return status;
        }
    }
    r->made->size = (int32_t)size;
    return PVG_OK;
}

static pvg_status id_taken(const reader *r, int32_t id, const char *text) {
    return pvi_fail(r->env, PVG_E_FORMAT, NAME, "%s: id %d is given to both '%.60s' and '%.60s'", r->name, (int)id,
                    r->draft[id].text, text);
}

static pvg_status draft_vocab(reader *r) {
    const char *text;
    json_t *value;
    json_object_foreach((json_t *)r->vocab, text, value) {
        int32_t id = (int32_t)json_integer_value(value);
        if (r->draft[id].text != NULL) {
            return id_taken(r, id, text);
        }
        r->draft[id] = (draft_token){text, strlen(text), true, 0};
    }
    return PVG_OK;
}

static pvg_status added_flags(reader *r, const json_t *token, uint8_t *flags) {
    static const char *const unknown[] = {"lstrip", "rstrip", "single_word"};
    for (size_t i = 0; i < sizeof unknown / sizeof unknown[0]; i++) {
        bool on;
        pvg_status status = pvi_tokenizer_read_flag(r->env, r->name, token, unknown[i], false, &on);
        if (status != PVG_OK) {
            return status;
        }
        if (on) {
            return pvi_fail(r->env, PVG_E_UNSUPPORTED, NAME,
                            "%s: added token '%.60s' has \"%s\"; supported: lstrip, rstrip and single_word false",
                            r->name, json_string_value(json_object_get(token, "content")), unknown[i]);
        }
    }
    bool special, normalized = false;
    pvg_status status = pvi_tokenizer_read_flag(r->env, r->name, token, "special", false, &special);
    if (status == PVG_OK) {
        status = pvi_tokenizer_read_flag(r->env, r->name, token, "normalized", !special, &normalized);
    }
    if (status == PVG_OK) {
        *flags = (uint8_t)(PVI_TOKEN_ADDED | (special ? PVI_TOKEN_SPECIAL : 0) |
                           (normalized ? PVI_TOKEN_NORMALIZED : 0));
    }
    return status;
}

static pvg_status draft_one_added(reader *r, const json_t *token, pvi_byte_map *seen) {
    const json_t *content = json_object_get(token, "content");
    const char *text = json_string_value(content);
    size_t length = json_string_length(content);
    int32_t id = (int32_t)json_integer_value(json_object_get(token, "id"));
    uint8_t flags = 0;
    pvi_byte_entry *entry;
    size_t before = seen->count;
    pvg_status status = added_flags(r, token, &flags);
    if (status == PVG_OK) {
        status = pvi_byte_map_add(r->env, seen, text, length, id, &entry);
    }
    if (status != PVG_OK) {
        return status;
    }
    if (seen->count == before) {
        return pvi_fail(r->env, PVG_E_FORMAT, NAME, "%s: added token '%.60s' is listed twice", r->name, text);
    }
    const json_t *listed = json_object_getn(r->vocab, text, length);
    if (listed != NULL && json_integer_value(listed) != id) {
        return pvi_fail(r->env, PVG_E_FORMAT, NAME, "%s: token '%.60s' has id %lld in the vocabulary and %d as added",
                        r->name, text, (long long)json_integer_value(listed), (int)id);
    }
    if (listed == NULL && r->draft[id].text != NULL) {
        return id_taken(r, id, text);
    }
    r->draft[id] = (draft_token){text, length, listed != NULL, flags};
    return PVG_OK;
}

static pvg_status draft_added(reader *r) {
    pvi_byte_map seen = {0};
    pvg_status status = PVG_OK;
    for (size_t i = 0; i < json_array_size(r->added) && status == PVG_OK; i++) {
        status = draft_one_added(r, json_array_get(r->added, i), &seen);
    }
    pvi_byte_map_free(r->env, &seen);
    return status;
}

/* Appends what the token stands for. One of the vocabulary is spelt in the byte alphabet, an added one is plain. */
static pvg_status spell(reader *r, draft_token *token, pvi_text *bytes) {
    size_t from = bytes->length;
    bool spelt = token->listed && token->length > 0 && (token->flags & PVI_TOKEN_SPECIAL) == 0 &&
                 pvi_alphabet_take(bytes, token->text, token->length);
    if (spelt) {
        token->flags |= PVI_TOKEN_PLAIN;
        if ((token->flags & PVI_TOKEN_ADDED) != 0 && pvi_text_ok(bytes) == PVG_OK &&
            (bytes->length - from != token->length || memcmp(bytes->data + from, token->text, token->length) != 0)) {
            return pvi_fail(r->env, PVG_E_UNSUPPORTED, NAME,
                            "%s: added token '%.60s' means other bytes in the vocabulary; supported: ASCII, or only "
                            "one of the two", r->name, token->text);
        }
    } else {
        pvi_text_append(bytes, token->text, token->length);
    }
    return PVG_OK;
}

static pvg_status write_tokens(reader *r) {
    pvi_tokenizer *made = r->made;
    made->start = pvi_alloc(r->env, (size_t)made->size + 1, sizeof *made->start);
    made->flags = pvi_calloc(r->env, (size_t)made->size, 1);
    if (made->start == NULL || made->flags == NULL) {
        return PVG_E_NOMEM;
    }
    pvi_text bytes;
    pvi_text_init(&bytes, r->env);
    pvi_text_append(&bytes, "", 0);
    pvg_status status = PVG_OK;
    for (int32_t id = 0; id < made->size && status == PVG_OK; id++) {
        made->start[id] = bytes.length;
        if (r->draft[id].text != NULL) {
            status = spell(r, &r->draft[id], &bytes);
            made->flags[id] = r->draft[id].flags;
        }
    }
    made->start[made->size] = bytes.length;
    status = status == PVG_OK ? pvi_text_ok(&bytes) : status;
    if (status == PVG_OK) {
        made->bytes = bytes.data; /* the text's memory is now the tokenizer's */
    } else {
        pvi_text_free(&bytes);
    }
    return status;
}

static pvg_status find_bytes(reader *r) {
    for (int byte = 0; byte < 256; byte++) {
        char one = (char)(unsigned char)byte;
        pvi_text_clear(&r->scratch);
        pvi_alphabet_put(&r->scratch, &one, 1);
        if (pvi_text_ok(&r->scratch) != PVG_OK) {
            return PVG_E_NOMEM;
        }
        const json_t *id = json_object_getn(r->vocab, r->scratch.data, r->scratch.length);
        if (id == NULL || pvi_tokenizer_is_special(r->made, (int32_t)json_integer_value(id))) {
            return pvi_fail(r->env, PVG_E_UNSUPPORTED, NAME,
                            "%s: the vocabulary has no token '%s' for byte 0x%02x; supported: byte-level BPE with all "
                            "256 bytes", r->name, r->scratch.data, (unsigned)byte);
        }
        r->made->byte_ids[byte] = (int32_t)json_integer_value(id);
    }
    return PVG_OK;
}

/* A token that is looked for in the normalised text must be in normal form itself. */
static pvg_status check_normal(reader *r) {
    for (int32_t id = 0; r->made->nfc && id < r->made->size; id++) {
        const draft_token *token = &r->draft[id];
        if ((token->flags & PVI_TOKEN_ADDED) == 0 || (token->flags & PVI_TOKEN_NORMALIZED) == 0) {
            continue;
        }
        pvi_text_clear(&r->scratch);
        pvg_status status = pvi_normalize_nfc(r->env, token->text, token->length, &r->scratch);
        if (status != PVG_OK) {
            return status;
        }
        if (r->scratch.length != token->length || memcmp(r->scratch.data, token->text, token->length) != 0) {
            return pvi_fail(r->env, PVG_E_UNSUPPORTED, NAME, "%s: added token '%.60s' is normalized but not in NFC",
                            r->name, token->text);
        }
    }
    return PVG_OK;
}

/* ---- merges ---- */

/* Splits "a b" or ["a", "b"]; false when it is neither. */
static bool merge_parts(const json_t *merge, const char *part[2], size_t length[2]) {
    if (json_is_string(merge)) {
        const char *text = json_string_value(merge), *blank = strchr(text, ' ');
        if (blank == NULL || strchr(blank + 1, ' ') != NULL) {
            return false;
        }
        part[0] = text;
        length[0] = (size_t)(blank - text);
        part[1] = blank + 1;
        length[1] = strlen(part[1]);
        return true;
    }
    for (size_t i = 0; i < 2; i++) {
        const json_t *text = json_array_get(merge, i);
        part[i] = json_string_value(text);
        length[i] = json_string_length(text);
    }
    return json_array_size(merge) == 2 && part[0] != NULL && part[1] != NULL;
}

static pvg_status vocab_id(const reader *r, size_t rank, const char *text, size_t length, int32_t *out) {
    const json_t *id = json_object_getn(r->vocab, text, length);
    if (id == NULL) {
        return pvi_fail(r->env, PVG_E_FORMAT, NAME, "%s: merge %zu needs token '%.*s', which is not in the vocabulary",
                        r->name, rank, shown(length), text);
    }
    *out = (int32_t)json_integer_value(id);
    return PVG_OK;
}

static pvg_status read_merge(reader *r, size_t rank) {
    const char *part[2];
    size_t length[2];
    pvi_merge merge;
    if (!merge_parts(json_array_get(r->merges, rank), part, length)) {
        return pvi_fail(r->env, PVG_E_FORMAT, NAME, "%s: merge %zu is malformed; wanted is \"a b\" or [\"a\", \"b\"]",
                        r->name, rank);
    }
    pvi_text_clear(&r->scratch);
    pvi_text_append(&r->scratch, part[0], length[0]);
    pvi_text_append(&r->scratch, part[1], length[1]);
    pvg_status status = pvi_text_ok(&r->scratch);
    if (status == PVG_OK) {
        status = vocab_id(r, rank, part[0], length[0], &merge.left);
    }
    if (status == PVG_OK) {
        status = vocab_id(r, rank, part[1], length[1], &merge.right);
    }
    if (status == PVG_OK) {
        status = vocab_id(r, rank, r->scratch.data, r->scratch.length, &merge.result);
    }
    if (status == PVG_OK && (length[0] == 0 || length[1] == 0 ||
                             pvi_pair_map_find(&r->made->ranks, merge.left, merge.right) >= 0)) {
        status = pvi_fail(r->env, PVG_E_FORMAT, NAME, "%s: merge %zu ('%.*s' with '%.*s') is %s", r->name, rank,
                          shown(length[0]), part[0], shown(length[1]), part[1],
                          length[0] == 0 || length[1] == 0 ? "half empty" : "listed twice");
    }
    if (status == PVG_OK) {
        r->made->merges[rank] = merge;
        status = pvi_tokenizer_rank(r->env, r->made, rank);
    }
    return status;
}

static pvg_status read_merges(reader *r) {
    r->made->merge_count = json_array_size(r->merges);
    r->made->merges = pvi_alloc(r->env, r->made->merge_count, sizeof *r->made->merges);
    pvg_status status = r->made->merges == NULL ? PVG_E_NOMEM : PVG_OK;
    for (size_t rank = 0; rank < r->made->merge_count && status == PVG_OK; rank++) {
        status = read_merge(r, rank);
    }
    return status;
}

/* ---- the whole file ---- */

static pvg_status read_tokens(reader *r) {
    pvg_status status = check_ids(r);
    if (status != PVG_OK) {
        return status;
    }
    r->draft = pvi_calloc(r->env, (size_t)r->made->size, sizeof *r->draft);
    if (r->draft == NULL) {
        return PVG_E_NOMEM;
    }
    status = draft_vocab(r);
    if (status == PVG_OK) {
        status = draft_added(r);
    }
    if (status == PVG_OK) {
        status = write_tokens(r);
    }
    return status == PVG_OK ? find_bytes(r) : status;
}

static pvg_status build(reader *r, const json_t *root) {
    pvg_status status = read_model(r, root);
    if (status == PVG_OK) {
        status = read_tokens(r);
    }
    if (status == PVG_OK) {
        status = pvi_tokenizer_read_steps(r->env, r->name, root, r->made);
    }
    if (status == PVG_OK) {
        status = check_normal(r);
    }
    if (status == PVG_OK) {
        status = read_merges(r);
    }
    return status == PVG_OK ? pvi_tokenizer_seal(r->env, r->made) : status;
}

static pvg_status parse(pvi_env *env, const char *name, const char *json, size_t length, pvi_tokenizer **out) {
    json_error_t error;
    json_t *root = json_loadb(json, length, JSON_REJECT_DUPLICATES, &error);
    if (root == NULL) {
        bool memory = json_error_code(&error) == json_error_out_of_memory;
        return pvi_fail(env, memory ? PVG_E_NOMEM : PVG_E_FORMAT, NAME, "%s: line %d, column %d: %s", name, error.line,
                        error.column, error.text);
    }
    reader r = {.env = env, .name = name, .made = pvi_tokenizer_blank(env)};
    pvi_text_init(&r.scratch, env);
    pvg_status status = r.made == NULL ? PVG_E_NOMEM : build(&r, root);
    pvi_text_free(&r.scratch);
    pvi_free(env, r.draft);
    json_decref(root);
    if (status == PVG_OK) {
        *out = r.made;
    } else {
        pvi_tokenizer_release(env, r.made);
    }
    return status;
}

pvg_status pvi_tokenizer_from_json(pvi_env *env, const char *name, const char *json, size_t length,
                                   pvi_tokenizer **out) {
    if (length > FILE_LONGEST) {
        return pvi_fail(env, PVG_E_RANGE, NAME, "%s: %zu bytes; at most %zu are read", name, length, FILE_LONGEST);
    }
    char *copy = pvi_strdup(env, json, length);
    if (copy == NULL) {
        return PVG_E_NOMEM;
    }
    pvi_tokenizer *made;
    pvg_status status = parse(env, name, json, length, &made);
    if (status != PVG_OK) {
        pvi_free(env, copy);
        return status;
    }
    made->source = copy;
    made->source_length = length;
    *out = made;
    return PVG_OK;
}

pvg_status pvi_tokenizer_load(pvi_env *env, const char *path, pvi_tokenizer **out) {
    pvi_text file;
    pvi_text_init(&file, env);
    pvg_status status = PVG_OK;
    if (pvi_dir_exists(path)) {
        status = pvi_path_join(env, path, "tokenizer.json", &file);
        path = file.data;
    }
    char *json = NULL;
    size_t length = 0;
    pvi_tokenizer *made = NULL;
    if (status == PVG_OK) {
        status = pvi_file_read(env, path, FILE_LONGEST, &json, &length);
    }
    if (status == PVG_OK) {
        status = parse(env, path, json, length, &made);
    }
    pvi_text_free(&file);
    if (status != PVG_OK) {
        pvi_free(env, json);
        return status;
    }
    made->source = json;
    made->source_length = length;
    *out = made;
    return PVG_OK;
}
