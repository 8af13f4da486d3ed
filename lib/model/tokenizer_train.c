/* tokenizer_train.c - learning merges (Sennrich et al. 2016, byte-level as in GPT-2): the most frequent pair of
 * neighbours inside pre-tokens becomes a token, again and again.
 *
 * Works on different pre-tokens with their counts. Every pair knows its count and the words it was seen in; a heap
 * gives the best pair. Counts in the heap may be stale: they are checked when they come out on top. */
#include <string.h>

#include "base/alloc.h"
#include "model/tokenizer_parts.h"

static const char NAME[] = "tokenizer";

enum {
    BYTES = 256,
    SPECIAL_LONGEST = 64,
    SPECIALS_MOST = 4096,
    VOCAB_MOST = 1 << 20,
    WORD_LONGEST = 1024 /* longer pre-tokens are counted in parts, so that one cannot make training quadratic */
};

typedef struct word {
    uint64_t count;
    size_t start; /* in `symbols` */
    uint32_t length;
} word;

typedef struct pair {
    uint64_t count;
    int32_t left, right;
    int32_t result; /* the token it was merged into, or -1 */
    int32_t words;  /* newest node of the list of words, or -1 */
    int32_t step;   /* the last merge that raised its count */
} pair;

typedef struct node {
    uint32_t word;
    int32_t next;
} node;

typedef struct entry {
    uint64_t count;
    int32_t pair;
} entry;

struct pvi_bpe_trainer {
    pvi_env *env;
    pvi_tokenizer *made; /* the tokenizer in the making: flags, specials, splitter */
    int32_t vocab_size, special_count;
    uint64_t min_count;
    pvi_split_work work;

    pvi_byte_map seen; /* different pre-tokens; value = index into words */
    word *words;
    size_t word_count, word_capacity;

    int32_t *symbols;
    pvi_byte_map tokens; /* bytes of every token made so far; value = id */
    pair *pairs;
    size_t pair_count, pair_capacity;
    pvi_pair_map pair_of;
    node *nodes;
    size_t node_count, node_capacity;
    entry *heap;
    size_t heap_length, heap_capacity;
    int32_t *touched; /* pairs whose count grew in this merge, each once */
    size_t touched_count, touched_capacity;
    int32_t step;
    size_t merge_capacity;
};

/* ---- making and feeding ---- */

static pvg_status check_special(pvi_env *env, const char *const *specials, int32_t index) {
    const char *text = specials[index];
    size_t length = text == NULL ? 0 : strlen(text);
    bool fits = length >= 2 && length <= SPECIAL_LONGEST;
    for (size_t i = 0; i < length; i++) {
        fits &= text[i] > ' ' && text[i] <= '~';
    }
    if (!fits) {
        return pvi_fail(env, PVG_E_INVALID, NAME,
                        "special token %d is '%.80s'; wanted are 2 to %d printable ASCII characters without blanks",
                        (int)index, text == NULL ? "(null)" : text, SPECIAL_LONGEST);
    }
    for (int32_t i = 0; i < index; i++) {
        if (strcmp(specials[i], text) == 0) {
            return pvi_fail(env, PVG_E_INVALID, NAME, "special token '%s' is given twice", text);
        }
    }
    return PVG_OK;
}

static pvg_status check_options(pvi_env *env, const pvi_tokenizer_options *options) {
    if (options->special_count < 0 || options->special_count > SPECIALS_MOST ||
        (options->special_count > 0 && options->specials == NULL)) {
        return pvi_fail(env, PVG_E_INVALID, NAME, "%d special tokens; wanted are 0 to %d, with a list of them",
                        (int)options->special_count, SPECIALS_MOST);
    }
    if (options->vocab_size < BYTES + options->special_count || options->vocab_size > VOCAB_MOST) {
        return pvi_fail(env, PVG_E_RANGE, NAME, "vocabulary of %d tokens; wanted are %d (bytes and specials) to %d",
                        (int)options->vocab_size, BYTES + (int)options->special_count, VOCAB_MOST);
    }
    if (options->min_count < 0) {
        return pvi_fail(env, PVG_E_RANGE, NAME, "min_count is %d; wanted is 0 (the default) or more",
                        (int)options->min_count);
    }
    pvg_status status = PVG_OK;
    for (int32_t i = 0; i < options->special_count && status == PVG_OK; i++) {
        status = check_special(env, options->specials, i);
    }
    return status;
}

/* The tokens as the tokenizer keeps them: bytes one after the other, in order of ids, with their offsets and flags. */
static pvg_status write_tokens(pvi_env *env, pvi_tokenizer *made, const pvi_byte_map *tokens, int32_t special_count) {
    size_t size = tokens->count;
    char *bytes = pvi_alloc(env, tokens->byte_count, 1);
    size_t *start = pvi_alloc(env, size + 1, sizeof *start);
    uint8_t *flags = pvi_alloc(env, size, 1);
    if (bytes == NULL || start == NULL || flags == NULL) {
        pvi_free(env, bytes);
        pvi_free(env, start);
        pvi_free(env, flags);
        return PVG_E_NOMEM;
    }
    memcpy(bytes, tokens->bytes, tokens->byte_count);
    for (size_t id = 0; id < size; id++) {
        bool special = id >= BYTES && id < BYTES + (size_t)special_count;
        start[id] = tokens->entries[id].start;
        flags[id] = special ? PVI_TOKEN_ADDED | PVI_TOKEN_SPECIAL : PVI_TOKEN_PLAIN;
    }
    start[size] = tokens->byte_count;
    made->size = (int32_t)size;
    made->bytes = bytes;
    made->start = start;
    made->flags = flags;
    return PVG_OK;
}

static pvg_status first_tokens(pvi_bpe_trainer *trainer, const pvi_tokenizer_options *options) {
    pvi_byte_entry *made;
    pvg_status status = PVG_OK;
    for (int32_t id = 0; id < BYTES && status == PVG_OK; id++) {
        char byte = (char)(unsigned char)id;
        status = pvi_byte_map_add(trainer->env, &trainer->tokens, &byte, 1, id, &made);
        trainer->made->byte_ids[id] = id;
    }
    for (int32_t i = 0; i < options->special_count && status == PVG_OK; i++) {
        const char *text = options->specials[i];
        status = pvi_byte_map_add(trainer->env, &trainer->tokens, text, strlen(text), BYTES + i, &made);
    }
    return status;
}

/* The tokenizer without merges: the specials are found with it while texts come in. */
static pvg_status prepare(pvi_bpe_trainer *trainer, const pvi_tokenizer_options *options) {
    pvi_env *env = trainer->env;
    trainer->made = pvi_tokenizer_blank(env);
    if (trainer->made == NULL) {
        return PVG_E_NOMEM;
    }
    trainer->made->pattern = options->split_digits ? pvi_pattern_digits : pvi_pattern_runs;
    pvg_status status = pvi_splitter_add_pattern(env, &trainer->made->splitter, NAME, trainer->made->pattern,
                                                 strlen(trainer->made->pattern));
    if (status == PVG_OK) {
        status = pvi_split_work_init(env, &trainer->work);
    }
    if (status == PVG_OK) {
        status = first_tokens(trainer, options);
    }
    if (status == PVG_OK) {
        status = write_tokens(env, trainer->made, &trainer->tokens, options->special_count);
    }
    if (status == PVG_OK) {
        status = pvi_tokenizer_index_added(env, trainer->made);
    }
    if (status == PVG_OK && options->end != NULL) {
        status = pvi_tokenizer_set_end(env, trainer->made, options->end);
    }
    return status;
}

pvg_status pvi_bpe_trainer_create(pvi_env *env, const pvi_tokenizer_options *options, pvi_bpe_trainer **out) {
    pvg_status status = check_options(env, options);
    if (status != PVG_OK) {
        return status;
    }
    pvi_bpe_trainer *trainer = pvi_calloc(env, 1, sizeof *trainer);
    if (trainer == NULL) {
        return PVG_E_NOMEM;
    }
    trainer->env = env;
    trainer->vocab_size = options->vocab_size;
    trainer->special_count = options->special_count;
    trainer->min_count = options->min_count == 0 ? 2 : (uint64_t)options->min_count;
    pvi_text_init(&trainer->work.padded, env);
    status = prepare(trainer, options);
    if (status != PVG_OK) {
        pvi_bpe_trainer_drop(trainer);
        return status;
    }
    *out = trainer;
    return PVG_OK;
}

void pvi_bpe_trainer_drop(pvi_bpe_trainer *trainer) {
    if (trainer == NULL) {
        return;
    }
    pvi_env *env = trainer->env;
    pvi_split_work_free(&trainer->work);
    pvi_tokenizer_release(env, trainer->made);
    pvi_byte_map_free(env, &trainer->seen);
    pvi_byte_map_free(env, &trainer->tokens);
    pvi_pair_map_free(env, &trainer->pair_of);
    pvi_free(env, trainer->words);
    pvi_free(env, trainer->symbols);
    pvi_free(env, trainer->pairs);
    pvi_free(env, trainer->nodes);
    pvi_free(env, trainer->heap);
    pvi_free(env, trainer->touched);
    pvi_free(env, trainer);
}

static pvg_status count_word(void *user, const char *text, size_t length) {
    pvi_bpe_trainer *trainer = user;
    while (length > 0) {
        size_t part = length < WORD_LONGEST ? length : WORD_LONGEST;
        void *block = trainer->words;
        pvg_status status = pvi_reserve(trainer->env, &block, &trainer->word_capacity, trainer->word_count + 1,
                                        sizeof *trainer->words);
        trainer->words = block;
        pvi_byte_entry *found;
        if (status == PVG_OK) {
            status = pvi_byte_map_add(trainer->env, &trainer->seen, text, part, (int32_t)trainer->word_count, &found);
        }
        if (status != PVG_OK) {
            return status;
        }
        if ((size_t)found->value == trainer->word_count) {
            trainer->words[trainer->word_count++] = (word){.length = (uint32_t)part};
        }
        trainer->words[found->value].count++;
        text += part;
        length -= part;
    }
    return PVG_OK;
}

pvg_status pvi_bpe_trainer_add(pvi_bpe_trainer *trainer, const char *text, size_t length) {
    while (length > 0) {
        size_t at, size = 0;
        int32_t id = pvi_added_next(trainer->made, &trainer->made->added[0], true, text, length, &at);
        pvg_status status = pvi_split(&trainer->made->splitter, &trainer->work, text, at, count_word, trainer);
        if (status != PVG_OK) {
            return status;
        }
        if (id >= 0) {
            pvi_token_at(trainer->made, id, &size);
        }
        text += at + size;
        length -= at + size;
    }
    return PVG_OK;
}

/* ---- the heap of pairs: highest count first, then lower ids ---- */

static bool better(const pvi_bpe_trainer *trainer, const entry *a, const entry *b) {
    if (a->count != b->count) {
        return a->count > b->count;
    }
    const pair *x = &trainer->pairs[a->pair], *y = &trainer->pairs[b->pair];
    return x->left != y->left ? x->left < y->left : x->right < y->right;
}

static pvg_status heap_push(pvi_bpe_trainer *trainer, int32_t index) {
    entry e = {trainer->pairs[index].count, index};
    if (e.count < trainer->min_count) {
        return PVG_OK;
    }
    void *block = trainer->heap;
    pvg_status status = pvi_reserve(trainer->env, &block, &trainer->heap_capacity, trainer->heap_length + 1,
                                    sizeof *trainer->heap);
    trainer->heap = block;
    if (status != PVG_OK) {
        return status;
    }
    size_t at = trainer->heap_length++;
    while (at > 0 && better(trainer, &e, &trainer->heap[(at - 1) / 2])) {
        trainer->heap[at] = trainer->heap[(at - 1) / 2];
        at = (at - 1) / 2;
    }
    trainer->heap[at] = e;
    return PVG_OK;
}

static entry heap_pop(pvi_bpe_trainer *trainer) {
    entry top = trainer->heap[0], last = trainer->heap[--trainer->heap_length];
    size_t at = 0;
    for (size_t child = 1; child < trainer->heap_length; child = 2 * at + 1) {
        if (child + 1 < trainer->heap_length && better(trainer, &trainer->heap[child + 1], &trainer->heap[child])) {
            child++;
        }
        if (!better(trainer, &trainer->heap[child], &last)) {
            break;
        }
        trainer->heap[at] = trainer->heap[child];
        at = child;
    }
    trainer->heap[at] = last;
    return top;
}

/* ---- counts ---- */

static pvg_status pair_index(pvi_bpe_trainer *trainer, int32_t left, int32_t right, int32_t *out) {
    *out = pvi_pair_map_find(&trainer->pair_of, left, right);
    if (*out >= 0) {
        return PVG_OK;
    }
    void *block = trainer->pairs;
    pvg_status status = pvi_reserve(trainer->env, &block, &trainer->pair_capacity, trainer->pair_count + 1,
                                    sizeof *trainer->pairs);
    trainer->pairs = block;
    if (status == PVG_OK && trainer->pair_count >= INT32_MAX) {
        status = pvi_fail(trainer->env, PVG_E_RANGE, NAME, "more than %d different pairs of tokens", INT32_MAX);
    }
    if (status == PVG_OK) {
        status = pvi_pair_map_add(trainer->env, &trainer->pair_of, left, right, (int32_t)trainer->pair_count);
    }
    if (status == PVG_OK) {
        *out = (int32_t)trainer->pair_count;
        trainer->pairs[trainer->pair_count++] = (pair){0, left, right, -1, -1, -1};
    }
    return status;
}

static pvg_status remember_word(pvi_bpe_trainer *trainer, int32_t index, uint32_t word_index) {
    pair *p = &trainer->pairs[index];
    if (p->words >= 0 && trainer->nodes[p->words].word == word_index) {
        return PVG_OK;
    }
    void *block = trainer->nodes;
    pvg_status status = pvi_reserve(trainer->env, &block, &trainer->node_capacity, trainer->node_count + 1,
                                    sizeof *trainer->nodes);
    trainer->nodes = block;
    if (status == PVG_OK && trainer->node_count >= INT32_MAX) {
        status = pvi_fail(trainer->env, PVG_E_RANGE, NAME, "too much text to learn a vocabulary from");
    }
    if (status == PVG_OK) {
        trainer->nodes[trainer->node_count] = (node){word_index, p->words};
        p->words = (int32_t)trainer->node_count++;
    }
    return status;
}

static pvg_status touch(pvi_bpe_trainer *trainer, int32_t index) {
    if (trainer->pairs[index].step == trainer->step) {
        return PVG_OK;
    }
    void *block = trainer->touched;
    pvg_status status = pvi_reserve(trainer->env, &block, &trainer->touched_capacity, trainer->touched_count + 1,
                                    sizeof *trainer->touched);
    trainer->touched = block;
    if (status == PVG_OK) {
        trainer->touched[trainer->touched_count++] = index;
        trainer->pairs[index].step = trainer->step;
    }
    return status;
}

/* Counts one more place of a pair; `fresh`: the pair may be new to the word. */
static pvg_status see_pair(pvi_bpe_trainer *trainer, int32_t left, int32_t right, uint32_t word_index, bool fresh) {
    int32_t index;
    pvg_status status = pair_index(trainer, left, right, &index);
    if (status != PVG_OK) {
        return status;
    }
    trainer->pairs[index].count += trainer->words[word_index].count;
    if (fresh) {
        status = remember_word(trainer, index, word_index);
    }
    return status == PVG_OK && fresh ? touch(trainer, index) : status;
}

static pvg_status push_touched(pvi_bpe_trainer *trainer) {
    pvg_status status = PVG_OK;
    for (size_t i = 0; i < trainer->touched_count && status == PVG_OK; i++) {
        status = heap_push(trainer, trainer->touched[i]);
    }
    trainer->touched_count = 0;
    trainer->step++;
    return status;
}

static pvg_status count_pairs(pvi_bpe_trainer *trainer) {
    trainer->symbols = pvi_alloc(trainer->env, trainer->seen.byte_count, sizeof *trainer->symbols);
    if (trainer->symbols == NULL) {
        return PVG_E_NOMEM;
    }
    pvg_status status = PVG_OK;
    for (uint32_t w = 0; w < trainer->word_count && status == PVG_OK; w++) {
        word *one = &trainer->words[w];
        one->start = trainer->seen.entries[w].start;
        for (uint32_t i = 0; i < one->length; i++) {
            trainer->symbols[one->start + i] = (unsigned char)trainer->seen.bytes[one->start + i];
        }
        for (uint32_t i = 0; i + 1 < one->length && status == PVG_OK; i++) {
            const int32_t *at = trainer->symbols + one->start + i;
            status = see_pair(trainer, at[0], at[1], w, true);
        }
    }
    return status == PVG_OK ? push_touched(trainer) : status;
}

/* ---- merging ---- */

static bool has_pair(const int32_t *symbols, uint32_t length, int32_t left, int32_t right) {
    for (uint32_t i = 0; i + 1 < length; i++) {
        if (symbols[i] == left && symbols[i + 1] == right) {
            return true;
        }
    }
    return false;
}

/* Replaces the pair in one word. Counts of all its pairs are taken out before and put in after. */
static pvg_status merge_in_word(pvi_bpe_trainer *trainer, uint32_t index, int32_t left, int32_t right,
                                int32_t result) {
    word *one = &trainer->words[index];
    int32_t *symbols = trainer->symbols + one->start;
    if (!has_pair(symbols, one->length, left, right)) {
        return PVG_OK;
    }
    for (uint32_t i = 0; i + 1 < one->length; i++) {
        trainer->pairs[pvi_pair_map_find(&trainer->pair_of, symbols[i], symbols[i + 1])].count -= one->count;
    }
    uint32_t kept = 0;
    for (uint32_t i = 0; i < one->length; kept++) {
        bool here = i + 1 < one->length && symbols[i] == left && symbols[i + 1] == right;
        symbols[kept] = here ? result : symbols[i];
        i += here ? 2 : 1;
    }
    one->length = kept;
    pvg_status status = PVG_OK;
    for (uint32_t i = 0; i + 1 < kept && status == PVG_OK; i++) {
        bool fresh = symbols[i] == result || symbols[i + 1] == result;
        status = see_pair(trainer, symbols[i], symbols[i + 1], index, fresh);
    }
    return status;
}

/* The token that a pair becomes. Two pairs can spell the same bytes; they become the same token. A pair that was
 * merged before, and comes up again because of that, needs no second rule. */
static pvg_status name_result(pvi_bpe_trainer *trainer, pair *p) {
    if (p->result >= 0) {
        return PVG_OK;
    }
    const pvi_byte_entry *left = &trainer->tokens.entries[p->left], *right = &trainer->tokens.entries[p->right];
    pvi_text bytes;
    pvi_text_init(&bytes, trainer->env);
    pvi_text_append(&bytes, trainer->tokens.bytes + left->start, left->length);
    pvi_text_append(&bytes, trainer->tokens.bytes + right->start, right->length);
    pvg_status status = pvi_text_ok(&bytes);
    pvi_byte_entry *made;
    if (status == PVG_OK) {
        status = pvi_byte_map_add(trainer->env, &trainer->tokens, bytes.data, bytes.length,
                                  (int32_t)trainer->tokens.count, &made);
    }
    pvi_text_free(&bytes);
    void *block = trainer->made->merges;
    if (status == PVG_OK) {
        status = pvi_reserve(trainer->env, &block, &trainer->merge_capacity, trainer->made->merge_count + 1,
                             sizeof *trainer->made->merges);
        trainer->made->merges = block;
    }
    if (status == PVG_OK) {
        p->result = made->value;
        trainer->made->merges[trainer->made->merge_count++] = (pvi_merge){p->left, p->right, p->result};
    }
    return status;
}

static pvg_status merge_pair(pvi_bpe_trainer *trainer, int32_t index) {
    pvg_status status = name_result(trainer, &trainer->pairs[index]);
    pair p = trainer->pairs[index]; /* a copy: the array can move */
    for (int32_t n = p.words; n >= 0 && status == PVG_OK; n = trainer->nodes[n].next) {
        status = merge_in_word(trainer, trainer->nodes[n].word, p.left, p.right, p.result);
    }
    return status == PVG_OK ? push_touched(trainer) : status;
}

static pvg_status learn(pvi_bpe_trainer *trainer) {
    pvg_status status = count_pairs(trainer);
    while (status == PVG_OK && trainer->heap_length > 0 && trainer->tokens.count < (size_t)trainer->vocab_size) {
        entry best = heap_pop(trainer);
        uint64_t count = trainer->pairs[best.pair].count;
        if (count == best.count) {
            status = pvi_cancelled(trainer->env)
                         ? pvi_fail(trainer->env, PVG_E_CANCELLED, NAME, "learning the vocabulary was cancelled")
                         : merge_pair(trainer, best.pair);
        } else if (count < best.count) {
            status = heap_push(trainer, best.pair);
        }
    }
    return status;
}

pvg_status pvi_bpe_trainer_finish(pvi_bpe_trainer *trainer, pvi_tokenizer **out) {
    pvi_env *env = trainer->env;
    pvi_tokenizer *made = trainer->made;
    pvg_status status = learn(trainer);
    if (status == PVG_OK) {
        pvi_free(env, made->bytes);
        pvi_free(env, made->start);
        pvi_free(env, made->flags);
        made->bytes = NULL;
        made->start = NULL;
        made->flags = NULL;
        status = write_tokens(env, made, &trainer->tokens, trainer->special_count);
    }
    for (size_t rank = 0; rank < made->merge_count && status == PVG_OK; rank++) {
        status = pvi_tokenizer_rank(env, made, rank);
    }
    if (status == PVG_OK) {
        status = pvi_tokenizer_seal(env, made);
    }
    if (status == PVG_OK) {
        *out = pvi_tokenizer_retain(made);
    }
    pvi_bpe_trainer_drop(trainer);
    return status;
}
