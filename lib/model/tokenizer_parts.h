/* tokenizer_parts.h - the inside of a tokenizer, shared by the files that make, load, write and run one. */
#ifndef PVI_TOKENIZER_PARTS_H
#define PVI_TOKENIZER_PARTS_H

#include "model/tokenizer.h"
#include "model/tokenizer_map.h"
#include "model/tokenizer_split.h"

enum {
    PVI_TOKEN_PLAIN = 1,     /* of the BPE vocabulary and spelt in the byte alphabet: encoding can produce it */
    PVI_TOKEN_ADDED = 2,     /* recognised in the text before BPE */
    PVI_TOKEN_SPECIAL = 4,   /* ... and only where the caller allows it */
    PVI_TOKEN_NORMALIZED = 8 /* ... in the normalised text rather than in the raw one */
};

typedef struct pvi_merge {
    int32_t left, right, result; /* its index is its rank: lower merges first */
} pvi_merge;

/* Added tokens of one kind, in the order in which they are tried at a place: by first byte, longest first. */
typedef struct pvi_added_set {
    int32_t *ids;
    uint32_t first[257]; /* those that start with byte b are ids[first[b]] .. ids[first[b + 1] - 1] */
} pvi_added_set;

struct pvi_tokenizer {
    atomic_int references;
    int32_t size, bos, end;
    bool ignore_merges, nfc;

    char *bytes;    /* of all tokens, in order of their ids */
    size_t *start;  /* size + 1 */
    uint8_t *flags; /* PVI_TOKEN_*; 0 for an id that the file leaves out and for one that nothing encodes to */
    int32_t byte_ids[256];

    pvi_merge *merges;
    size_t merge_count;
    pvi_pair_map ranks;      /* pair to rank */
    pvi_byte_map words;      /* pre-tokens that encode to one token, and which */
    size_t longest_word;     /* longest key of `words` */
    pvi_added_set added[2];  /* [0]: looked for in the raw text, [1]: in the normalised text */

    pvi_splitter splitter;
    const char *pattern; /* of a trained tokenizer: one of the constants */
    char *source;        /* of a loaded one: the file, so that it is written as it was read */
    size_t source_length;
};

static inline const char *pvi_token_at(const pvi_tokenizer *tokenizer, int32_t id, size_t *length) {
    *length = tokenizer->start[id + 1] - tokenizer->start[id];
    return tokenizer->bytes + tokenizer->start[id];
}

/* Back to an earlier length. */
static inline void pvi_text_cut(pvi_text *text, size_t length) {
    if (text->length > length) {
        text->length = length;
        text->data[length] = '\0';
    }
}

/* A zeroed tokenizer with one reference, or NULL. */
pvi_tokenizer *pvi_tokenizer_blank(pvi_env *env);
/* Makes merges[rank], whose pair is not in `ranks` yet, known to the encoder; one that would make a special is left
 * out, because no special id may come out of plain text. */
pvg_status pvi_tokenizer_rank(pvi_env *env, pvi_tokenizer *tokenizer, size_t rank);
/* Builds what encoding needs from size, bytes, start, flags, byte_ids, ranks and splitter, and finds the end token. */
pvg_status pvi_tokenizer_seal(pvi_env *env, pvi_tokenizer *tokenizer);
/* The first part of sealing: what is needed to find added tokens in a text. Once is enough. */
pvg_status pvi_tokenizer_index_added(pvi_env *env, pvi_tokenizer *tokenizer);
/* The id of an added token with exactly this text, or -1. */
int32_t pvi_tokenizer_added(const pvi_tokenizer *tokenizer, const char *text, size_t length);

struct json_t;
/* Reads the normalizer, pre_tokenizer, post_processor and decoder of a tokenizer.json whose tokens are known. */
pvg_status pvi_tokenizer_read_steps(pvi_env *env, const char *name, const struct json_t *root,
                                    pvi_tokenizer *tokenizer);
/* A flag of an object, or `preset` when it is missing or null. */
pvg_status pvi_tokenizer_read_flag(pvi_env *env, const char *name, const struct json_t *object, const char *key,
                                   bool preset, bool *out);

/* One pre-token by merges alone, without the table of whole words. For sealing and for tests. */
pvg_status pvi_encode_merges(pvi_env *env, const pvi_tokenizer *tokenizer, const char *word, size_t length,
                             pvi_tokens *out);

/* The id of the first added token of a set in the text, the longest of those that start there, or -1. *at is its
 * offset, or the text's length when there is none. */
int32_t pvi_added_next(const pvi_tokenizer *tokenizer, const pvi_added_set *set, bool specials, const char *text,
                       size_t length, size_t *at);

/* The byte alphabet of GPT-2: every byte as one printable character, so that a vocabulary can be JSON. */
enum { PVI_ALPHABET_END = 324 }; /* no character at or beyond it stands for a byte */
uint32_t pvi_alphabet_char(unsigned char byte);
void pvi_alphabet_put(pvi_text *out, const char *bytes, size_t length);
/* Appends the bytes that a word stands for; false when some character stands for none (nothing is appended then). */
bool pvi_alphabet_take(pvi_text *out, const char *word, size_t length);

#endif
