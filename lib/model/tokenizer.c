/* tokenizer.c - life, look-ups and decoding of a tokenizer, and the arrays of tokens. */
#include "model/tokenizer.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "model/tokenizer_parts.h"

static const char NAME[] = "tokenizer";

static const char *const USUAL_ENDS[] = {"<|end|>", "<|endoftext|>", "</s>", "<|eot_id|>", "<|im_end|>"};

void pvi_tokens_init(pvi_tokens *tokens, pvi_env *env) {
    *tokens = (pvi_tokens){.env = env};
}

void pvi_tokens_free(pvi_tokens *tokens) {
    pvi_free(tokens->env, tokens->data);
    *tokens = (pvi_tokens){.env = tokens->env};
}

void pvi_tokens_clear(pvi_tokens *tokens) {
    tokens->length = 0;
}

pvg_status pvi_tokens_append(pvi_tokens *tokens, const int32_t *ids, size_t count) {
    if (count == 0) {
        return PVG_OK;
    }
    if (tokens->capacity - tokens->length < count) {
        void *block = tokens->data;
        pvg_status status = pvi_reserve(tokens->env, &block, &tokens->capacity, tokens->length + count,
                                        sizeof *tokens->data);
        tokens->data = block;
        if (status != PVG_OK) {
            return status;
        }
    }
    memcpy(tokens->data + tokens->length, ids, count * sizeof *ids);
    tokens->length += count;
    return PVG_OK;
}

pvg_status pvi_tokens_push(pvi_tokens *tokens, int32_t id) {
    return pvi_tokens_append(tokens, &id, 1);
}

pvi_tokenizer *pvi_tokenizer_blank(pvi_env *env) {
    pvi_tokenizer *tokenizer = pvi_calloc(env, 1, sizeof *tokenizer);
    if (tokenizer != NULL) {
        atomic_init(&tokenizer->references, 1);
        tokenizer->bos = -1;
        tokenizer->end = -1;
    }
    return tokenizer;
}

pvi_tokenizer *pvi_tokenizer_retain(pvi_tokenizer *tokenizer) {
    atomic_fetch_add_explicit(&tokenizer->references, 1, memory_order_relaxed);
    return tokenizer;
}

void pvi_tokenizer_release(pvi_env *env, pvi_tokenizer *tokenizer) {
    if (tokenizer == NULL || atomic_fetch_sub_explicit(&tokenizer->references, 1, memory_order_acq_rel) > 1) {
        return;
    }
    pvi_splitter_free(&tokenizer->splitter);
    pvi_pair_map_free(env, &tokenizer->ranks);
    pvi_byte_map_free(env, &tokenizer->words);
    pvi_free(env, tokenizer->added[0].ids);
    pvi_free(env, tokenizer->added[1].ids);
    pvi_free(env, tokenizer->bytes);
    pvi_free(env, tokenizer->start);
    pvi_free(env, tokenizer->flags);
    pvi_free(env, tokenizer->merges);
    pvi_free(env, tokenizer->source);
    pvi_free(env, tokenizer);
}

int32_t pvi_tokenizer_size(const pvi_tokenizer *tokenizer) {
    return tokenizer->size;
}

int32_t pvi_tokenizer_end(const pvi_tokenizer *tokenizer) {
    return tokenizer->end;
}

int32_t pvi_tokenizer_bos(const pvi_tokenizer *tokenizer) {
    return tokenizer->bos;
}

bool pvi_tokenizer_is_special(const pvi_tokenizer *tokenizer, int32_t id) {
    return id >= 0 && id < tokenizer->size && (tokenizer->flags[id] & PVI_TOKEN_SPECIAL) != 0;
}

const char *pvi_token_bytes(const pvi_tokenizer *tokenizer, int32_t id, size_t *length) {
    if (id < 0 || id >= tokenizer->size) {
        *length = 0;
        return NULL;
    }
    return pvi_token_at(tokenizer, id, length);
}

int32_t pvi_tokenizer_added(const pvi_tokenizer *tokenizer, const char *text, size_t length) {
    for (int kind = 0; length > 0 && kind < 2; kind++) {
        const pvi_added_set *set = &tokenizer->added[kind];
        unsigned char byte = (unsigned char)text[0];
        for (uint32_t i = set->first[byte]; i < set->first[byte + 1]; i++) {
            size_t size;
            const char *bytes = pvi_token_at(tokenizer, set->ids[i], &size);
            if (size == length && memcmp(bytes, text, size) == 0) {
                return set->ids[i];
            }
        }
    }
    return -1;
}

int32_t pvi_tokenizer_special(const pvi_tokenizer *tokenizer, const char *text) {
    int32_t id = pvi_tokenizer_added(tokenizer, text, strlen(text));
    return pvi_tokenizer_is_special(tokenizer, id) ? id : -1;
}

pvg_status pvi_tokenizer_set_end(pvi_env *env, pvi_tokenizer *tokenizer, const char *text) {
    int32_t id = pvi_tokenizer_special(tokenizer, text);
    if (id < 0) {
        return pvi_fail(env, PVG_E_NOT_FOUND, NAME, "end token: the tokenizer has no special token '%s'", text);
    }
    tokenizer->end = id;
    return PVG_OK;
}

pvg_status pvi_decode(pvi_env *env, const pvi_tokenizer *tokenizer, const int32_t *tokens, size_t count,
                      bool show_specials, pvi_text *out) {
    for (size_t i = 0; i < count; i++) {
        if (tokens[i] < 0 || tokens[i] >= tokenizer->size) {
            return pvi_fail(env, PVG_E_RANGE, NAME, "token %zu to decode is %d; ids go from 0 to %d", i, (int)tokens[i],
                            (int)tokenizer->size - 1);
        }
    }
    size_t before = out->length;
    for (size_t i = 0; i < count; i++) {
        if (show_specials || (tokenizer->flags[tokens[i]] & PVI_TOKEN_SPECIAL) == 0) {
            size_t length;
            const char *bytes = pvi_token_at(tokenizer, tokens[i], &length);
            pvi_text_append(out, bytes, length);
        }
    }
    pvg_status status = pvi_text_ok(out);
    if (status != PVG_OK) {
        pvi_text_cut(out, before);
    }
    return status;
}

/* Order in which added tokens are tried: first byte, then longest, then bytes. */
typedef struct added_item {
    const char *bytes;
    size_t length;
    int32_t id;
} added_item;

static int compare_added(const void *a, const void *b) {
    const added_item *x = a, *y = b;
    unsigned char first_x = (unsigned char)x->bytes[0], first_y = (unsigned char)y->bytes[0];
    if (first_x != first_y) {
        return first_x < first_y ? -1 : 1;
    }
    if (x->length != y->length) {
        return x->length > y->length ? -1 : 1;
    }
    return memcmp(x->bytes, y->bytes, x->length);
}

static size_t collect_added(const pvi_tokenizer *tokenizer, bool normalized, added_item *items) {
    size_t count = 0;
    for (int32_t id = 0; id < tokenizer->size; id++) {
        uint8_t flags = tokenizer->flags[id];
        if ((flags & PVI_TOKEN_ADDED) != 0 && ((flags & PVI_TOKEN_NORMALIZED) != 0) == normalized) {
            if (items != NULL) {
                items[count].id = id;
                items[count].bytes = pvi_token_at(tokenizer, id, &items[count].length);
            }
            count++;
        }
    }
    return count;
}

static pvg_status index_set(pvi_env *env, const pvi_tokenizer *tokenizer, bool normalized, pvi_added_set *set) {
    if (set->ids != NULL) {
        return PVG_OK;
    }
    size_t count = collect_added(tokenizer, normalized, NULL);
    added_item *items = pvi_alloc(env, count, sizeof *items);
    set->ids = pvi_alloc(env, count, sizeof *set->ids);
    if (items == NULL || set->ids == NULL) {
        pvi_free(env, items);
        return PVG_E_NOMEM;
    }
    collect_added(tokenizer, normalized, items);
    qsort(items, count, sizeof *items, compare_added);
    for (size_t i = 0; i < count; i++) {
        set->ids[i] = items[i].id;
        set->first[(unsigned char)items[i].bytes[0] + 1]++;
    }
    for (size_t byte = 0; byte < 256; byte++) {
        set->first[byte + 1] += set->first[byte];
    }
    pvi_free(env, items);
    return PVG_OK;
}

pvg_status pvi_tokenizer_index_added(pvi_env *env, pvi_tokenizer *tokenizer) {
    pvg_status status = index_set(env, tokenizer, false, &tokenizer->added[0]);
    return status == PVG_OK ? index_set(env, tokenizer, true, &tokenizer->added[1]) : status;
}

pvg_status pvi_tokenizer_rank(pvi_env *env, pvi_tokenizer *tokenizer, size_t rank) {
    const pvi_merge *merge = &tokenizer->merges[rank];
    return pvi_tokenizer_is_special(tokenizer, merge->result)
               ? PVG_OK
               : pvi_pair_map_add(env, &tokenizer->ranks, merge->left, merge->right, (int32_t)rank);
}

/* Most pre-tokens are one token: find them without merging. With ignore_merges every token of the vocabulary counts,
 * otherwise those that their own bytes encode to. */
static pvg_status index_words(pvi_env *env, pvi_tokenizer *tokenizer) {
    pvi_tokens tokens;
    pvi_tokens_init(&tokens, env);
    pvg_status status = PVG_OK;
    for (int32_t id = 0; status == PVG_OK && id < tokenizer->size; id++) {
        if ((tokenizer->flags[id] & PVI_TOKEN_PLAIN) == 0 || (tokenizer->flags[id] & PVI_TOKEN_SPECIAL) != 0) {
            continue;
        }
        size_t length;
        const char *bytes = pvi_token_at(tokenizer, id, &length);
        pvi_tokens_clear(&tokens);
        if (!tokenizer->ignore_merges) {
            status = pvi_encode_merges(env, tokenizer, bytes, length, &tokens);
        }
        if (status == PVG_OK && (tokenizer->ignore_merges || (tokens.length == 1 && tokens.data[0] == id))) {
            pvi_byte_entry *entry;
            status = pvi_byte_map_add(env, &tokenizer->words, bytes, length, id, &entry);
            tokenizer->longest_word = length > tokenizer->longest_word ? length : tokenizer->longest_word;
        }
    }
    pvi_tokens_free(&tokens);
    return status;
}

pvg_status pvi_tokenizer_seal(pvi_env *env, pvi_tokenizer *tokenizer) {
    pvg_status status = pvi_tokenizer_index_added(env, tokenizer);
    if (status == PVG_OK) {
        status = index_words(env, tokenizer);
    }
    for (size_t i = 0; i < sizeof USUAL_ENDS / sizeof USUAL_ENDS[0] && tokenizer->end < 0; i++) {
        tokenizer->end = pvi_tokenizer_special(tokenizer, USUAL_ENDS[i]);
    }
    return status;
}
