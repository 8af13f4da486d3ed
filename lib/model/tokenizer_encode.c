/* tokenizer_encode.c - text to tokens: added tokens, normal form, pre-tokens, then merges, lowest rank first and
 * leftmost among equals. Short pre-tokens search their few pairs each time; long ones keep a heap, so that a file
 * without blanks does not take quadratic time. Both give the same tokens. */
#include <string.h>

#include "base/alloc.h"
#include "model/tokenizer_parts.h"

static const char NAME[] = "tokenizer";

enum { SHORT_WORD = 48 };
/* NFC can make a text three times as long, and symbols are counted in 32 bits. */
#define TEXT_LONGEST ((size_t)1 << 29)

typedef struct symbol {
    int32_t id; /* -1: merged into the one before */
    int32_t previous, next; /* -1 at the ends */
} symbol;

typedef struct candidate {
    int32_t rank, at;
    int32_t left, right; /* what stood there when it was found */
} candidate;

typedef struct encoder {
    pvi_env *env;
    const pvi_tokenizer *tokenizer;
    pvi_tokens *out;
    bool specials;
    pvi_split_work work;
    symbol *symbols;
    size_t symbol_capacity;
    candidate *heap;
    size_t heap_length, heap_capacity;
} encoder;

static void encoder_free(encoder *e) {
    pvi_split_work_free(&e->work);
    pvi_free(e->env, e->symbols);
    pvi_free(e->env, e->heap);
}

static pvg_status merge_short(encoder *e, const char *word, size_t length) {
    const pvi_tokenizer *tokenizer = e->tokenizer;
    int32_t ids[SHORT_WORD], ranks[SHORT_WORD]; /* ranks[i]: of the pair that starts at i, or INT32_MAX */
    size_t n = length;
    for (size_t i = 0; i < n; i++) {
        ids[i] = tokenizer->byte_ids[(unsigned char)word[i]];
    }
    for (size_t i = 0; i + 1 < n; i++) {
        int32_t rank = pvi_pair_map_find(&tokenizer->ranks, ids[i], ids[i + 1]);
        ranks[i] = rank < 0 ? INT32_MAX : rank;
    }
    while (n > 1) {
        size_t best = 0;
        for (size_t i = 1; i + 1 < n; i++) {
            best = ranks[i] < ranks[best] ? i : best;
        }
        if (ranks[best] == INT32_MAX) {
            break;
        }
        ids[best] = tokenizer->merges[ranks[best]].result;
        n--;
        memmove(ids + best + 1, ids + best + 2, (n - best - 1) * sizeof *ids);
        if (n - best > 1) {
            memmove(ranks + best, ranks + best + 1, (n - 1 - best) * sizeof *ranks);
        }
        for (size_t i = best == 0 ? 0 : best - 1; i <= best && i + 1 < n; i++) {
            int32_t rank = pvi_pair_map_find(&tokenizer->ranks, ids[i], ids[i + 1]);
            ranks[i] = rank < 0 ? INT32_MAX : rank;
        }
    }
    return pvi_tokens_append(e->out, ids, n);
}

static bool before(const candidate *a, const candidate *b) {
    return a->rank != b->rank ? a->rank < b->rank : a->at < b->at;
}

static pvg_status heap_push(encoder *e, candidate c) {
    if (e->heap_length == e->heap_capacity) {
        void *block = e->heap;
        pvg_status status = pvi_reserve(e->env, &block, &e->heap_capacity, e->heap_length + 1, sizeof *e->heap);
        e->heap = block;
        if (status != PVG_OK) {
            return status;
        }
    }
    size_t at = e->heap_length++;
    while (at > 0 && before(&c, &e->heap[(at - 1) / 2])) {
        e->heap[at] = e->heap[(at - 1) / 2];
        at = (at - 1) / 2;
    }
    e->heap[at] = c;
    return PVG_OK;
}

static candidate heap_pop(encoder *e) {
    candidate top = e->heap[0], last = e->heap[--e->heap_length];
    size_t at = 0;
    for (size_t child = 1; child < e->heap_length; child = 2 * at + 1) {
        if (child + 1 < e->heap_length && before(&e->heap[child + 1], &e->heap[child])) {
            child++;
        }
        if (!before(&e->heap[child], &last)) {
            break;
        }
        e->heap[at] = e->heap[child];
        at = child;
    }
    e->heap[at] = last;
    return top;
}

/* Offers the pair that starts at symbol `at`, if it can be merged. */
static pvg_status offer(encoder *e, int32_t at) {
    int32_t next = at < 0 ? -1 : e->symbols[at].next;
    if (next < 0) {
        return PVG_OK;
    }
    int32_t left = e->symbols[at].id, right = e->symbols[next].id;
    int32_t rank = pvi_pair_map_find(&e->tokenizer->ranks, left, right);
    return rank < 0 ? PVG_OK : heap_push(e, (candidate){rank, at, left, right});
}

static pvg_status merge_at(encoder *e, const candidate *c) {
    symbol *left = &e->symbols[c->at];
    if (left->id != c->left || left->next < 0 || e->symbols[left->next].id != c->right) {
        return PVG_OK; /* one of the two has been merged since */
    }
    symbol *right = &e->symbols[left->next];
    left->id = e->tokenizer->merges[c->rank].result;
    left->next = right->next;
    right->id = -1;
    if (left->next >= 0) {
        e->symbols[left->next].previous = c->at;
    }
    pvg_status status = offer(e, left->previous);
    return status == PVG_OK ? offer(e, c->at) : status;
}

static pvg_status merge_long(encoder *e, const char *word, size_t length) {
    void *block = e->symbols;
    pvg_status status = pvi_reserve(e->env, &block, &e->symbol_capacity, length, sizeof *e->symbols);
    e->symbols = block;
    if (status != PVG_OK) {
        return status;
    }
    int32_t n = (int32_t)length;
    for (int32_t i = 0; i < n; i++) {
        e->symbols[i] = (symbol){e->tokenizer->byte_ids[(unsigned char)word[i]], i - 1, i + 1 < n ? i + 1 : -1};
    }
    e->heap_length = 0;
    for (int32_t i = 0; i < n && status == PVG_OK; i++) {
        status = offer(e, i);
    }
    while (status == PVG_OK && e->heap_length > 0) {
        candidate best = heap_pop(e);
        status = merge_at(e, &best);
    }
    for (int32_t i = 0; i >= 0 && status == PVG_OK; i = e->symbols[i].next) {
        status = pvi_tokens_push(e->out, e->symbols[i].id);
    }
    return status;
}

static pvg_status encode_word(void *user, const char *word, size_t length) {
    encoder *e = user;
    const pvi_tokenizer *tokenizer = e->tokenizer;
    if (length == 1) {
        return pvi_tokens_push(e->out, tokenizer->byte_ids[(unsigned char)word[0]]);
    }
    if (length <= tokenizer->longest_word) {
        const pvi_byte_entry *entry = pvi_byte_map_find(&tokenizer->words, word, length);
        if (entry != NULL) {
            return pvi_tokens_push(e->out, entry->value);
        }
    }
    return length <= SHORT_WORD ? merge_short(e, word, length) : merge_long(e, word, length);
}

pvg_status pvi_encode_merges(pvi_env *env, const pvi_tokenizer *tokenizer, const char *word, size_t length,
                             pvi_tokens *out) {
    encoder e = {.env = env, .tokenizer = tokenizer, .out = out};
    pvi_text_init(&e.work.padded, env);
    pvg_status status = length <= SHORT_WORD ? merge_short(&e, word, length) : merge_long(&e, word, length);
    encoder_free(&e);
    return status;
}

int32_t pvi_added_next(const pvi_tokenizer *tokenizer, const pvi_added_set *set, bool specials, const char *text,
                       size_t length, size_t *at) {
    for (size_t i = 0; set->first[256] > 0 && i < length; i++) {
        unsigned char byte = (unsigned char)text[i];
        for (uint32_t k = set->first[byte]; k < set->first[byte + 1]; k++) {
            size_t size;
            const char *bytes = pvi_token_at(tokenizer, set->ids[k], &size);
            bool wanted = specials || (tokenizer->flags[set->ids[k]] & PVI_TOKEN_SPECIAL) == 0;
            if (wanted && size <= length - i && memcmp(bytes, text + i, size) == 0) {
                *at = i;
                return set->ids[k];
            }
        }
    }
    *at = length;
    return -1;
}

static pvg_status encode_plain(encoder *e, const char *text, size_t length) {
    return pvi_split(&e->tokenizer->splitter, &e->work, text, length, encode_word, e);
}

static pvg_status encode_normalized(encoder *e, const char *text, size_t length);

/* Emits the added tokens of a set and hands what is between them to the next step. */
static pvg_status encode_added(encoder *e, int kind, const char *text, size_t length) {
    while (length > 0) {
        size_t at;
        int32_t id = pvi_added_next(e->tokenizer, &e->tokenizer->added[kind], e->specials, text, length, &at);
        pvg_status status = PVG_OK;
        if (at > 0) {
            status = kind == 0 ? encode_normalized(e, text, at) : encode_plain(e, text, at);
        }
        if (status == PVG_OK && id >= 0) {
            size_t size;
            pvi_token_at(e->tokenizer, id, &size);
            status = pvi_tokens_push(e->out, id);
            at += size;
        }
        if (status != PVG_OK) {
            return status;
        }
        text += at;
        length -= at;
    }
    return PVG_OK;
}

static pvg_status encode_normalized(encoder *e, const char *text, size_t length) {
    if (!e->tokenizer->nfc) {
        return encode_added(e, 1, text, length);
    }
    pvi_text normal;
    pvi_text_init(&normal, e->env);
    pvg_status status = pvi_normalize_nfc(e->env, text, length, &normal);
    if (status == PVG_OK) {
        status = encode_added(e, 1, normal.data, normal.length);
    }
    pvi_text_free(&normal);
    return status;
}

pvg_status pvi_encode(pvi_env *env, const pvi_tokenizer *tokenizer, const char *text, size_t length, bool specials,
                      pvi_tokens *out) {
    if (length > TEXT_LONGEST) {
        return pvi_fail(env, PVG_E_RANGE, NAME, "the text to encode has %zu bytes; at most %zu at a time", length,
                        TEXT_LONGEST);
    }
    size_t kept = out->length;
    encoder e = {.env = env, .tokenizer = tokenizer, .out = out, .specials = specials};
    pvg_status status = pvi_split_work_init(env, &e.work);
    if (status == PVG_OK) {
        status = encode_added(&e, 0, text, length);
    }
    encoder_free(&e);
    if (status != PVG_OK) {
        out->length = kept;
    }
    return status;
}
