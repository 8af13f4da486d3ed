/* words.c - see words.h. */
#include "game/words.h"

#include <stdlib.h>

#include "base/alloc.h"

typedef enum kind { BLANK, LETTER, DIGIT, OTHER } kind;

static kind kind_of(char c) {
    unsigned char byte = (unsigned char)c;
    if (byte == ' ' || byte == '\t' || byte == '\r') return BLANK;
    if (byte >= '0' && byte <= '9') return DIGIT;
    if (byte >= 0x80 || (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z')) return LETTER;
    return OTHER;
}

/* One step of a 64-bit hash: every bit of both goes into every bit. */
static uint64_t mix(uint64_t hash, uint64_t value) {
    hash = (hash ^ value) * UINT64_C(0x9e3779b97f4a7c15);
    hash = (hash ^ (hash >> 32)) * UINT64_C(0xd6e8feb86659fd93);
    return hash ^ (hash >> 32);
}

static size_t word_end(const char *text, size_t length, size_t from) {
    kind first = kind_of(text[from]);
    size_t to = from + 1;
    if (first == LETTER || first == DIGIT)
        while (to < length && kind_of(text[to]) == first) to++;
    return to;
}

static uint64_t word_hash(const char *text, size_t from, size_t to) {
    uint64_t hash = 1;
    for (size_t i = from; i < to; i++) hash = mix(hash, (unsigned char)text[i]);
    return hash;
}

pvg_status pvi_words(pvi_env *env, const char *text, size_t length, uint64_t **out, size_t *count) {
    uint64_t *word = pvi_alloc(env, length + 1, sizeof *word);
    if (word == NULL) return PVG_E_NOMEM;
    size_t found = 0;
    for (size_t at = 0; at < length;) {
        size_t end = word_end(text, length, at);
        if (kind_of(text[at]) != BLANK) word[found++] = word_hash(text, at, end);
        at = end;
    }
    *out = word;
    *count = found;
    return PVG_OK;
}

uint64_t pvi_words_run(const uint64_t *word, size_t n) {
    uint64_t hash = n;
    for (size_t i = 0; i < n; i++) hash = mix(hash, word[i]);
    return hash;
}

static int ascending(const void *a, const void *b) {
    uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
    return (x > y) - (x < y);
}

pvg_status pvi_repetition(pvi_env *env, const char *text, size_t length, size_t n, double *out) {
    uint64_t *word;
    size_t words;
    pvg_status status = pvi_words(env, text, length, &word, &words);
    if (status != PVG_OK) return status;
    size_t runs = words >= n ? words - n + 1 : 0, repeated = 0;
    for (size_t i = 0; i < runs; i++) word[i] = pvi_words_run(word + i, n); /* run i needs no word before i */
    qsort(word, runs, sizeof *word, ascending);
    for (size_t i = 1; i < runs; i++) repeated += word[i] == word[i - 1];
    *out = runs > 0 ? (double)repeated / (double)runs : 0;
    pvi_free(env, word);
    return PVG_OK;
}
