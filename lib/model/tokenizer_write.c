/* tokenizer_write.c - writing tokenizer.json, so that Hugging Face's libraries read what was trained here. */
#include <jansson.h>

#include "base/file.h"
#include "model/tokenizer_parts.h"

static const char NAME[] = "tokenizer";

static int take_json(const char *bytes, size_t length, void *out) {
    pvi_text *text = out;
    pvi_text_append(text, bytes, length);
    return text->failed ? -1 : 0;
}

/* The token as the vocabulary spells it, in `word`. */
static const char *spell(const pvi_tokenizer *tokenizer, int32_t id, pvi_text *word) {
    size_t length;
    const char *bytes = pvi_token_at(tokenizer, id, &length);
    pvi_text_clear(word);
    pvi_alphabet_put(word, bytes, length);
    return word->failed ? NULL : word->data;
}

/* The functions below return NULL when there is no memory; json_pack and json_object_set_new pass that on. */

/* Specials are in the vocabulary too: that is how other readers give them these ids. */
static json_t *vocab_json(const pvi_tokenizer *tokenizer, pvi_text *word) {
    json_t *vocab = json_object();
    for (int32_t id = 0; vocab != NULL && id < tokenizer->size; id++) {
        const char *text = spell(tokenizer, id, word);
        if (text == NULL || json_object_set_new(vocab, text, json_integer(id)) != 0) {
            json_decref(vocab);
            return NULL;
        }
    }
    return vocab;
}

static json_t *merges_json(const pvi_tokenizer *tokenizer, pvi_text *word) {
    json_t *merges = json_array();
    for (size_t rank = 0; merges != NULL && rank < tokenizer->merge_count; rank++) {
        const pvi_merge *merge = &tokenizer->merges[rank];
        size_t left, right;
        const char *left_bytes = pvi_token_at(tokenizer, merge->left, &left);
        const char *right_bytes = pvi_token_at(tokenizer, merge->right, &right);
        pvi_text_clear(word);
        pvi_alphabet_put(word, left_bytes, left);
        pvi_text_append(word, " ", 1);
        pvi_alphabet_put(word, right_bytes, right);
        if (word->failed || json_array_append_new(merges, json_string(word->data)) != 0) {
            json_decref(merges);
            return NULL;
        }
    }
    return merges;
}

static json_t *added_json(const pvi_tokenizer *tokenizer, pvi_text *word) {
    json_t *added = json_array();
    for (int32_t id = 0; added != NULL && id < tokenizer->size; id++) {
        if (!pvi_tokenizer_is_special(tokenizer, id)) {
            continue;
        }
        const char *text = spell(tokenizer, id, word);
        json_t *token = text == NULL ? NULL
                                     : json_pack("{s:i, s:s, s:b, s:b, s:b, s:b, s:b}", "id", (int)id, "content", text,
                                                 "single_word", 0, "lstrip", 0, "rstrip", 0, "normalized", 0,
                                                 "special", 1);
        if (json_array_append_new(added, token) != 0) {
            json_decref(added);
            return NULL;
        }
    }
    return added;
}

static json_t *model_json(const pvi_tokenizer *tokenizer, pvi_text *word) {
    return json_pack("{s:s, s:n, s:n, s:n, s:n, s:b, s:b, s:b, s:o, s:o}", "type", "BPE", "dropout", "unk_token",
                     "continuing_subword_prefix", "end_of_word_suffix", "fuse_unk", 0, "byte_fallback", 0,
                     "ignore_merges", 0, "vocab", vocab_json(tokenizer, word), "merges",
                     merges_json(tokenizer, word));
}

static json_t *pre_tokenizer_json(const pvi_tokenizer *tokenizer) {
    return json_pack("{s:s, s:[{s:s, s:{s:s}, s:s, s:b}, {s:s, s:b, s:b, s:b}]}", "type", "Sequence", "pretokenizers",
                     "type", "Split", "pattern", "Regex", tokenizer->pattern, "behavior", "Isolated", "invert", 0,
                     "type", "ByteLevel", "add_prefix_space", 0, "trim_offsets", 1, "use_regex", 0);
}

static json_t *whole_json(const pvi_tokenizer *tokenizer, pvi_text *word) {
    return json_pack("{s:s, s:n, s:n, s:o, s:n, s:o, s:n, s:{s:s, s:b, s:b, s:b}, s:o}", "version", "1.0",
                     "truncation", "padding", "added_tokens", added_json(tokenizer, word), "normalizer",
                     "pre_tokenizer", pre_tokenizer_json(tokenizer), "post_processor", "decoder", "type", "ByteLevel",
                     "add_prefix_space", 0, "trim_offsets", 1, "use_regex", 1, "model",
                     model_json(tokenizer, word));
}

pvg_status pvi_tokenizer_to_json(pvi_env *env, const pvi_tokenizer *tokenizer, pvi_text *out) {
    if (tokenizer->source != NULL) {
        pvi_text_append(out, tokenizer->source, tokenizer->source_length);
        return pvi_text_ok(out);
    }
    pvi_text word;
    pvi_text_init(&word, env);
    size_t before = out->length;
    json_t *root = whole_json(tokenizer, &word);
    bool written = root != NULL && json_dump_callback(root, take_json, out, JSON_INDENT(1)) == 0;
    json_decref(root);
    pvi_text_free(&word);
    if (!written) {
        pvi_text_cut(out, before);
        return pvi_fail(env, PVG_E_NOMEM, NAME, "no memory to write tokenizer.json");
    }
    pvi_text_append(out, "\n", 1);
    return pvi_text_ok(out);
}

pvg_status pvi_tokenizer_save(pvi_env *env, const pvi_tokenizer *tokenizer, const char *path) {
    if (tokenizer->source != NULL) {
        return pvi_file_write(env, path, tokenizer->source, tokenizer->source_length);
    }
    pvi_text json;
    pvi_text_init(&json, env);
    pvg_status status = pvi_tokenizer_to_json(env, tokenizer, &json);
    if (status == PVG_OK) {
        status = pvi_file_write(env, path, json.data, json.length);
    }
    pvi_text_free(&json);
    return status;
}
