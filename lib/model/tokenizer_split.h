/* tokenizer_split.h - cutting text into pre-tokens: the part of a tokenizer that works on characters, not on bytes. */
#ifndef PVI_TOKENIZER_SPLIT_H
#define PVI_TOKENIZER_SPLIT_H

#include "base/env.h"
#include "base/text.h"

/* Patterns are stored as Hugging Face writes them. GPT-2's is what ByteLevel means by use_regex; the other two are
 * what trained tokenizers use. */
extern const char pvi_pattern_gpt2[];
extern const char pvi_pattern_runs[];   /* numbers in runs of up to 3 digits, with the blank before them */
extern const char pvi_pattern_digits[]; /* every digit alone */

enum { PVI_STAGES_MAX = 8 };

struct pcre2_real_code_8;
struct pcre2_real_match_context_8;
struct pcre2_real_match_data_8;

typedef struct pvi_split_stage {
    struct pcre2_real_code_8 *code; /* NULL: this stage puts a blank before a piece that does not start with one */
} pvi_split_stage;

/* A chain of stages, each cutting the pieces of the one before. Read only once made. */
typedef struct pvi_splitter {
    pvi_split_stage stages[PVI_STAGES_MAX];
    int count;
    struct pcre2_real_match_context_8 *limits;
} pvi_splitter;

/* A zeroed splitter has no stage and gives every piece whole. `name` is what errors call the file. */
pvg_status pvi_splitter_add_pattern(pvi_env *env, pvi_splitter *splitter, const char *name, const char *pattern,
                                    size_t length);
pvg_status pvi_splitter_add_literal(pvi_env *env, pvi_splitter *splitter, const char *name, const char *text,
                                    size_t length);
pvg_status pvi_splitter_add_blank(pvi_env *env, pvi_splitter *splitter, const char *name);
void pvi_splitter_free(pvi_splitter *splitter);

/* What one thread needs while it cuts. */
typedef struct pvi_split_work {
    pvi_env *env;
    struct pcre2_real_match_data_8 *match;
    pvi_text padded;
} pvi_split_work;

pvg_status pvi_split_work_init(pvi_env *env, pvi_split_work *work);
void pvi_split_work_free(pvi_split_work *work);

typedef pvg_status (*pvi_piece_fn)(void *user, const char *piece, size_t length);

/* Gives every pre-token of the text, in order, to `take`; together they are the text. Each byte that belongs to no
 * valid UTF-8 character is a pre-token of its own. Stops at the first failure. */
pvg_status pvi_split(const pvi_splitter *splitter, pvi_split_work *work, const char *text, size_t length,
                     pvi_piece_fn take, void *user);

/* Appends a pattern of Hugging Face's engine (Oniguruma, Ruby syntax) as PCRE2 has to be given it. What the two read
 * differently is PVG_E_UNSUPPORTED. */
pvg_status pvi_pattern_translate(pvi_env *env, const char *name, const char *pattern, size_t length, pvi_text *out);

/* How many bytes from the start are valid UTF-8. */
size_t pvi_utf8_run(const char *text, size_t length);
/* Appends the text in Unicode normal form C; bytes that are not UTF-8 stay as they are. */
pvg_status pvi_normalize_nfc(pvi_env *env, const char *text, size_t length, pvi_text *out);

#endif
