/* words.h - a text as words, and its runs of n words: what repetition and style are measured on, without a tokenizer.
 *
 * A word is a longest run of letters (bytes from 0x80 on count as letters), a longest run of digits, a line end, or any
 * other byte that is not a blank. */
#ifndef PVI_WORDS_H
#define PVI_WORDS_H

#include "base/env.h"

/* The hashes of all words in order; *out is the caller's to free. */
pvg_status pvi_words(pvi_env *env, const char *text, size_t length, uint64_t **out, size_t *count);
/* Of the `n` words from `word` on; the same words in the same order have the same hash, whatever n else is used. */
uint64_t pvi_words_run(const uint64_t *word, size_t n);

/* Share of the runs of n words that stood in the text before: 1 - different runs / runs. 0 for texts of fewer than n words. */
pvg_status pvi_repetition(pvi_env *env, const char *text, size_t length, size_t n, double *out);

#endif
