/* tokenizer_steps.c - the steps of a tokenizer.json around its model: normalizer, pre_tokenizer, post_processor and
 * decoder. What is not known exactly is refused: a tokenizer that is nearly right costs quality without any error. */
#include <jansson.h>
#include <string.h>

#include "model/tokenizer_parts.h"

static const char NAME[] = "tokenizer";

typedef struct reader {
    pvi_env *env;
    const char *name; /* of the file, for errors */
    const json_t *root;
    pvi_tokenizer *made;
    bool ended; /* ByteLevel was seen: nothing may follow it */
} reader;

static const char *kind_of(const json_t *value) {
    switch (json_typeof(value)) {
    case JSON_OBJECT: return "an object";
    case JSON_ARRAY: return "a list";
    case JSON_STRING: return "a string";
    case JSON_INTEGER:
    case JSON_REAL: return "a number";
    case JSON_NULL: return "null";
    default: return "a flag";
    }
}

pvg_status pvi_tokenizer_read_flag(pvi_env *env, const char *name, const json_t *object, const char *key, bool preset,
                                   bool *out) {
    const json_t *value = json_object_get(object, key);
    if (value == NULL || json_is_null(value)) {
        *out = preset;
        return PVG_OK;
    }
    if (!json_is_boolean(value)) {
        return pvi_fail(env, PVG_E_FORMAT, NAME, "%s: \"%s\" is %s; wanted is true or false", name, key,
                        kind_of(value));
    }
    *out = json_is_true(value);
    return PVG_OK;
}

static pvg_status malformed(const reader *r, const char *field, const char *wanted) {
    return pvi_fail(r->env, PVG_E_FORMAT, NAME, "%s: %s; wanted is %s", r->name, field, wanted);
}

static pvg_status unsupported(const reader *r, const char *field, const char *found, const char *known) {
    return pvi_fail(r->env, PVG_E_UNSUPPORTED, NAME, "%s: %s is '%.60s'; supported: %s", r->name, field, found, known);
}

/* The type of a step; "null" for none, NULL when it is malformed. */
static const char *type_of(const json_t *step) {
    if (step == NULL || json_is_null(step)) {
        return "null";
    }
    return json_string_value(json_object_get(step, "type"));
}

/* ---- normalizer ---- */

static pvg_status read_normalizer(reader *r, const json_t *step) {
    const char *type = type_of(step);
    if (type == NULL) {
        return malformed(r, "normalizer has no type", "an object with a \"type\", or null");
    }
    if (strcmp(type, "null") == 0) {
        return PVG_OK;
    }
    if (strcmp(type, "NFC") == 0) {
        r->made->nfc = true;
        return PVG_OK;
    }
    if (strcmp(type, "Sequence") != 0) {
        return unsupported(r, "normalizer", type, "null, NFC, Sequence of NFC");
    }
    const json_t *list = json_object_get(step, "normalizers");
    if (!json_is_array(list)) {
        return malformed(r, "normalizer Sequence has no \"normalizers\"", "a list");
    }
    pvg_status status = PVG_OK;
    for (size_t i = 0; i < json_array_size(list) && status == PVG_OK; i++) {
        status = read_normalizer(r, json_array_get(list, i));
    }
    return status;
}

/* ---- pre_tokenizer ---- */

static const char PRE_TOKENIZERS[] =
    "ByteLevel, Split (behavior Isolated), Digits, and a Sequence of those with ByteLevel last";

static pvg_status add_pattern(reader *r, const char *pattern) {
    return pvi_splitter_add_pattern(r->env, &r->made->splitter, r->name, pattern, strlen(pattern));
}

static pvg_status read_byte_level(reader *r, const json_t *step) {
    bool blank = true, cut = true;
    if (!json_is_boolean(json_object_get(step, "add_prefix_space"))) {
        return malformed(r, "pre_tokenizer ByteLevel has no \"add_prefix_space\"", "true or false");
    }
    pvg_status status = pvi_tokenizer_read_flag(r->env, r->name, step, "add_prefix_space", true, &blank);
    if (status == PVG_OK) {
        status = pvi_tokenizer_read_flag(r->env, r->name, step, "use_regex", true, &cut);
    }
    if (status == PVG_OK && blank) {
        status = pvi_splitter_add_blank(r->env, &r->made->splitter, r->name);
    }
    if (status == PVG_OK && cut) {
        status = add_pattern(r, pvi_pattern_gpt2);
    }
    r->ended = true;
    return status;
}

static pvg_status read_split(reader *r, const json_t *step) {
    const char *behavior = json_string_value(json_object_get(step, "behavior"));
    if (behavior == NULL) {
        return malformed(r, "pre_tokenizer Split has no \"behavior\"", "a string");
    }
    if (strcmp(behavior, "Isolated") != 0) {
        return unsupported(r, "behavior of pre_tokenizer Split", behavior, "Isolated");
    }
    const json_t *pattern = json_object_get(step, "pattern");
    const json_t *regex = json_object_get(pattern, "Regex"), *literal = json_object_get(pattern, "String");
    if (json_object_size(pattern) != 1 || !(json_is_string(regex) || json_is_string(literal))) {
        return malformed(r, "pre_tokenizer Split has no pattern", "{\"Regex\": \"..\"} or {\"String\": \"..\"}");
    }
    /* "invert" changes what is called a match; Isolated keeps matches and the rest alike. */
    if (regex != NULL) {
        return pvi_splitter_add_pattern(r->env, &r->made->splitter, r->name, json_string_value(regex),
                                        json_string_length(regex));
    }
    return pvi_splitter_add_literal(r->env, &r->made->splitter, r->name, json_string_value(literal),
                                    json_string_length(literal));
}

static pvg_status read_digits(reader *r, const json_t *step) {
    bool single = false;
    pvg_status status = pvi_tokenizer_read_flag(r->env, r->name, step, "individual_digits", false, &single);
    return status == PVG_OK ? add_pattern(r, single ? "\\p{N}" : "\\p{N}+") : status;
}

static pvg_status read_pre_tokenizer(reader *r, const json_t *step) {
    const char *type = type_of(step);
    if (type == NULL) {
        return malformed(r, "pre_tokenizer has no type", "an object with a \"type\"");
    }
    if (strcmp(type, "Sequence") == 0) {
        const json_t *list = json_object_get(step, "pretokenizers");
        if (!json_is_array(list)) {
            return malformed(r, "pre_tokenizer Sequence has no \"pretokenizers\"", "a list");
        }
        pvg_status status = PVG_OK;
        for (size_t i = 0; i < json_array_size(list) && status == PVG_OK; i++) {
            status = read_pre_tokenizer(r, json_array_get(list, i));
        }
        return status;
    }
    if (r->ended) {
        return unsupported(r, "the pre_tokenizer after ByteLevel", type, PRE_TOKENIZERS);
    }
    if (strcmp(type, "ByteLevel") == 0) {
        return read_byte_level(r, step);
    }
    if (strcmp(type, "Split") == 0) {
        return read_split(r, step);
    }
    if (strcmp(type, "Digits") == 0) {
        return read_digits(r, step);
    }
    return unsupported(r, "pre_tokenizer", type, PRE_TOKENIZERS);
}

/* ---- post_processor ---- */

static pvg_status set_bos(reader *r, const json_t *step, const char *key) {
    const json_t *ids = json_object_get(json_object_get(json_object_get(step, "special_tokens"), key), "ids");
    const json_t *id = json_array_get(ids, 0);
    if (json_array_size(ids) != 1 || !json_is_integer(id)) {
        return malformed(r, "TemplateProcessing's special token has no single id", "\"ids\": [number]");
    }
    json_int_t value = json_integer_value(id);
    if (value < 0 || value >= r->made->size || !pvi_tokenizer_is_special(r->made, (int32_t)value)) {
        return malformed(r, "TemplateProcessing names an id that is no special token", "the id of one");
    }
    r->made->bos = (int32_t)value;
    return PVG_OK;
}

static pvg_status read_template(reader *r, const json_t *step) {
    static const char known[] = "an optional special token, then $A";
    const json_t *list = json_object_get(step, "single");
    if (!json_is_array(list)) {
        return malformed(r, "post_processor TemplateProcessing has no \"single\"", "a list");
    }
    bool text = false;
    for (size_t i = 0; i < json_array_size(list); i++) {
        const json_t *piece = json_array_get(list, i);
        const json_t *sequence = json_object_get(piece, "Sequence");
        const char *special = json_string_value(json_object_get(json_object_get(piece, "SpecialToken"), "id"));
        if (sequence == NULL && special == NULL) {
            return malformed(r, "a piece of TemplateProcessing is unknown", "SpecialToken or Sequence");
        }
        if (text || (special != NULL && r->made->bos >= 0)) {
            return unsupported(r, "what TemplateProcessing adds", special == NULL ? "a second text" : special, known);
        }
        text = sequence != NULL;
        pvg_status status = text ? PVG_OK : set_bos(r, step, special);
        if (status != PVG_OK) {
            return status;
        }
    }
    return text ? PVG_OK : malformed(r, "TemplateProcessing leaves the text out", known);
}

static pvg_status read_post_processor(reader *r, const json_t *step) {
    const char *type = type_of(step);
    if (type == NULL) {
        return malformed(r, "post_processor has no type", "an object with a \"type\", or null");
    }
    if (strcmp(type, "null") == 0 || strcmp(type, "ByteLevel") == 0) {
        return PVG_OK; /* ByteLevel changes offsets only */
    }
    if (strcmp(type, "TemplateProcessing") == 0) {
        return read_template(r, step);
    }
    if (strcmp(type, "Sequence") != 0) {
        return unsupported(r, "post_processor", type,
                           "null, ByteLevel, TemplateProcessing that adds a BOS, Sequence of those");
    }
    const json_t *list = json_object_get(step, "processors");
    if (!json_is_array(list)) {
        return malformed(r, "post_processor Sequence has no \"processors\"", "a list");
    }
    pvg_status status = PVG_OK;
    for (size_t i = 0; i < json_array_size(list) && status == PVG_OK; i++) {
        status = read_post_processor(r, json_array_get(list, i));
    }
    return status;
}

/* ---- decoder ---- */

static pvg_status read_decoder(reader *r, const json_t *step) {
    const char *type = type_of(step);
    if (type == NULL) {
        return malformed(r, "decoder has no type", "an object with a \"type\"");
    }
    const json_t *list = json_object_get(step, "decoders");
    if (strcmp(type, "Sequence") == 0 && json_array_size(list) == 1) {
        return read_decoder(r, json_array_get(list, 0));
    }
    return strcmp(type, "ByteLevel") == 0 ? PVG_OK : unsupported(r, "decoder", type, "ByteLevel");
}

pvg_status pvi_tokenizer_read_steps(pvi_env *env, const char *name, const json_t *root, pvi_tokenizer *tokenizer) {
    reader r = {.env = env, .name = name, .root = root, .made = tokenizer};
    pvg_status status = read_normalizer(&r, json_object_get(root, "normalizer"));
    if (status == PVG_OK) {
        status = read_pre_tokenizer(&r, json_object_get(root, "pre_tokenizer"));
    }
    if (status == PVG_OK && !r.ended) {
        status = unsupported(&r, "the last pre_tokenizer", "not ByteLevel", PRE_TOKENIZERS);
    }
    if (status == PVG_OK) {
        status = read_post_processor(&r, json_object_get(root, "post_processor"));
    }
    return status == PVG_OK ? read_decoder(&r, json_object_get(root, "decoder")) : status;
}
