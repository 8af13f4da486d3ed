/* tokenizer.h - byte-level BPE: trained here, written and read as Hugging Face tokenizer.json.
 *
 * Any bytes survive encode and decode exactly, invalid UTF-8 and NUL included, unless a loaded file asks for NFC or
 * for a prefix space. Ids of a trained tokenizer: 0..255 are the bytes, then the specials in the order given, then
 * the merges, most frequent first. */
#ifndef PVI_TOKENIZER_H
#define PVI_TOKENIZER_H

#include "base/env.h"
#include "base/text.h"

/* Immutable once made: const use from any thread, each with its own output. It holds memory of the environment that
 * made it, so it goes before that one. */
typedef struct pvi_tokenizer pvi_tokenizer;

/* A growable array of token ids. */
typedef struct pvi_tokens {
    pvi_env *env;
    int32_t *data;
    size_t length, capacity;
} pvi_tokens;

void pvi_tokens_init(pvi_tokens *tokens, pvi_env *env);
void pvi_tokens_free(pvi_tokens *tokens);
void pvi_tokens_clear(pvi_tokens *tokens); /* keeps the memory */
pvg_status pvi_tokens_push(pvi_tokens *tokens, int32_t id);
pvg_status pvi_tokens_append(pvi_tokens *tokens, const int32_t *ids, size_t count);

typedef struct pvi_tokenizer_options {
    int32_t vocab_size;          /* total, bytes and specials included; >= 256 + special_count; fewer tokens when the
                                  * text yields no more merges */
    int32_t min_count;           /* a merge needs this many occurrences; 0: 2 */
    const char *const *specials; /* each of 2 to 64 printable ASCII characters, no blanks, all different */
    int32_t special_count;
    const char *end;             /* which special ends a solution; NULL: the rule of pvi_tokenizer_load */
    bool split_digits;           /* every digit its own pre-token; otherwise runs of up to 3 digits, and the blank
                                  * before a run may be part of its token */
} pvi_tokenizer_options;

/* A trainer is fed text by text, so that a corpus need not be in memory twice. Specials written in the text are left
 * out of the counts. Ties between pairs go to the lower ids, so that the result depends on the counts alone. */
typedef struct pvi_bpe_trainer pvi_bpe_trainer;
pvg_status pvi_bpe_trainer_create(pvi_env *env, const pvi_tokenizer_options *options, pvi_bpe_trainer **out);
pvg_status pvi_bpe_trainer_add(pvi_bpe_trainer *trainer, const char *text, size_t length);
pvg_status pvi_bpe_trainer_finish(pvi_bpe_trainer *trainer, pvi_tokenizer **out); /* frees the trainer in any case */
void pvi_bpe_trainer_drop(pvi_bpe_trainer *trainer);                              /* NULL is a no-op */

/* `path` is a tokenizer.json or a folder that holds one; at most 256 MiB. Read: model BPE (merges as "a b" or
 * ["a","b"], ignore_merges) over the byte-level alphabet, all 256 bytes present; added_tokens; normalizer null, NFC or
 * a Sequence of those; pre_tokenizers ByteLevel, Split (Isolated), Digits and a Sequence of those that ends in
 * ByteLevel; post_processor null, ByteLevel, TemplateProcessing that adds a BOS, or a Sequence of those; decoder
 * ByteLevel. Truncation and padding are left to the caller. Anything else is PVG_E_UNSUPPORTED and says what was
 * found.
 *
 * The end token is the first there is of "<|end|>", "<|endoftext|>", "</s>", "<|eot_id|>", "<|im_end|>"; a model's
 * own configuration may know better: see pvi_tokenizer_set_end.
 *
 * Patterns are matched with PCRE2's Unicode tables: text in characters newer than those may be cut differently than
 * by a library with newer ones. It still decodes exactly. */
pvg_status pvi_tokenizer_load(pvi_env *env, const char *path, pvi_tokenizer **out);
/* The same from memory; `name` is what errors call it. */
pvg_status pvi_tokenizer_from_json(pvi_env *env, const char *name, const char *json, size_t length,
                                   pvi_tokenizer **out);
/* A loaded tokenizer is written byte for byte as it was read. */
pvg_status pvi_tokenizer_save(pvi_env *env, const pvi_tokenizer *tokenizer, const char *path);
pvg_status pvi_tokenizer_to_json(pvi_env *env, const pvi_tokenizer *tokenizer, pvi_text *out); /* appends */

pvi_tokenizer *pvi_tokenizer_retain(pvi_tokenizer *tokenizer);          /* returns its argument */
void pvi_tokenizer_release(pvi_env *env, pvi_tokenizer *tokenizer);     /* NULL is a no-op */

int32_t pvi_tokenizer_size(const pvi_tokenizer *tokenizer);                       /* highest id + 1 */
int32_t pvi_tokenizer_special(const pvi_tokenizer *tokenizer, const char *text);  /* id, or -1 */
bool pvi_tokenizer_is_special(const pvi_tokenizer *tokenizer, int32_t id);        /* false out of range */
int32_t pvi_tokenizer_end(const pvi_tokenizer *tokenizer);                        /* id, or -1 */
int32_t pvi_tokenizer_bos(const pvi_tokenizer *tokenizer);                        /* id, or -1; encode never adds it */
/* Before sharing only. PVG_E_NOT_FOUND when there is no such special. */
pvg_status pvi_tokenizer_set_end(pvi_env *env, pvi_tokenizer *tokenizer, const char *text);

/* Append the tokens of a text; on failure *out is as before. `specials`: recognise special tokens written in the text
 * (prompt templates), or take them as plain text (anything that was not written by the program itself: a problem
 * that contains "<|helpful|>" must not change roles). With false no special id is ever produced. */
pvg_status pvi_encode(pvi_env *env, const pvi_tokenizer *tokenizer, const char *text, size_t length, bool specials,
                      pvi_tokens *out);
/* Append the bytes of the tokens; they need not be valid UTF-8. PVG_E_RANGE for an id that does not exist. */
pvg_status pvi_decode(pvi_env *env, const pvi_tokenizer *tokenizer, const int32_t *tokens, size_t count,
                      bool show_specials, pvi_text *out);
/* The bytes of one token, not NUL-terminated; NULL and length 0 out of range. */
const char *pvi_token_bytes(const pvi_tokenizer *tokenizer, int32_t id, size_t *length);

#endif
