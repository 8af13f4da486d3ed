/* test_tokenizer_train.c - learning merges: a case worked by hand, a slow second way, and the options. */
#include <stdlib.h>

#include "test_tokenizer_fixture.h"

#include "base/alloc.h"
#include "base/rng.h"

static void check_merge(const pvi_tokenizer *tokenizer, size_t rank, const char *left, const char *right) {
    ck_assert_uint_lt(rank, tokenizer->merge_count);
    size_t left_length, right_length;
    const char *left_bytes = pvi_token_bytes(tokenizer, tokenizer->merges[rank].left, &left_length);
    const char *right_bytes = pvi_token_bytes(tokenizer, tokenizer->merges[rank].right, &right_length);
    ck_assert_msg(left_length == strlen(left) && memcmp(left_bytes, left, left_length) == 0 &&
                      right_length == strlen(right) && memcmp(right_bytes, right, right_length) == 0,
                  "merge %zu is '%.*s' '%.*s', wanted '%s' '%s'", rank, (int)left_length, left_bytes,
                  (int)right_length, right_bytes, left, right);
}

/* The example of Sennrich et al. 2016 (figure 1 there: low, lower, newest, widest), counted by hand.
 * Words: "low" 5, " lower" 2, " newest" 6, " widest" 3.
 *   e+s 9 (newest 6, widest 3), s+t 9: a tie, e (101) is lower than s (115)         -> "es"
 *   es+t 9                                                                          -> "est"
 *   " "+l 2, l+o 7, o+w 7, w+e 8 (lower 2, newest 6), e+r 2, " "+n 6, n+e 6, e+w 6,
 *   w+est 6, " "+w 3, w+i 3, i+d 3, d+est 3: l+o and o+w lead, l (108) is lower     -> "lo"
 * (w+e is 2 by then: in "newest" the e went into "est".)
 *   lo+w 7                                                                          -> "low"
 *   6 each: " "+n, e+w, n+e, w+est; " " (32) is lowest                              -> " n" */
START_TEST(test_by_hand) {
    pvi_env *env = test_env();
    static const char *const texts[] = {"low", "low", "low", "low", "low", " lower lower", " newest newest newest",
                                        " newest newest newest", " widest widest widest", NULL};
    pvi_tokenizer *tokenizer = trained(env, &(pvi_tokenizer_options){.vocab_size = 261}, texts);
    ck_assert_int_eq(pvi_tokenizer_size(tokenizer), 261);
    ck_assert_uint_eq(tokenizer->merge_count, 5);
    check_merge(tokenizer, 0, "e", "s");
    check_merge(tokenizer, 1, "es", "t");
    check_merge(tokenizer, 2, "l", "o");
    check_merge(tokenizer, 3, "lo", "w");
    check_merge(tokenizer, 4, " ", "n");
    check_tokens(env, tokenizer, "lowest newest", true, 259, 257, 260, 'e', 'w', 257);
    pvi_tokenizer_release(env, tokenizer);
    test_env_free(env);
}
END_TEST

/* ---- a second, slow trainer: counts everything anew before each merge ---- */

enum { SLOW_WORDS = 40, SLOW_LENGTH = 24, SLOW_MERGES = 40 };

typedef struct slow {
    int32_t words[SLOW_WORDS][SLOW_LENGTH];
    int lengths[SLOW_WORDS];
    char bytes[256 + SLOW_MERGES][SLOW_LENGTH + 1];
    int32_t size;
    pvi_merge merges[SLOW_MERGES * 2];
    int merge_count;
} slow;

static int slow_count(const slow *s, int32_t left, int32_t right) {
    int count = 0;
    for (int w = 0; w < SLOW_WORDS; w++) {
        for (int i = 0; i + 1 < s->lengths[w]; i++) {
            count += s->words[w][i] == left && s->words[w][i + 1] == right;
        }
    }
    return count;
}

static bool slow_best(const slow *s, int32_t *left, int32_t *right) {
    int best = 1;
    for (int32_t a = 0; a < s->size; a++) {
        for (int32_t b = 0; b < s->size; b++) {
            bool letters = (a >= 'a' || a == ' ') && (b >= 'a' || b == ' ');
            int count = letters ? slow_count(s, a, b) : 0;
            if (count > best) {
                best = count;
                *left = a;
                *right = b;
            }
        }
    }
    return best > 1;
}

static int32_t slow_result(slow *s, int32_t left, int32_t right) {
    for (int i = 0; i < s->merge_count; i++) {
        if (s->merges[i].left == left && s->merges[i].right == right) {
            return s->merges[i].result;
        }
    }
    char bytes[2 * SLOW_LENGTH + 1];
    strcpy(bytes, s->bytes[left]);
    strcat(bytes, s->bytes[right]);
    int32_t id = 0;
    while (id < s->size && strcmp(s->bytes[id], bytes) != 0) {
        id++;
    }
    if (id == s->size) {
        strcpy(s->bytes[s->size++], bytes);
    }
    s->merges[s->merge_count++] = (pvi_merge){left, right, id};
    return id;
}

static void slow_merge(slow *s, int32_t left, int32_t right) {
    int32_t result = slow_result(s, left, right);
    for (int w = 0; w < SLOW_WORDS; w++) {
        int kept = 0;
        for (int i = 0; i < s->lengths[w]; kept++) {
            bool here = i + 1 < s->lengths[w] && s->words[w][i] == left && s->words[w][i + 1] == right;
            s->words[w][kept] = here ? result : s->words[w][i];
            i += here ? 2 : 1;
        }
        s->lengths[w] = kept;
    }
}

static void slow_learn(slow *s) {
    int32_t left = 0, right = 0;
    while (s->size < 256 + SLOW_MERGES && slow_best(s, &left, &right)) {
        slow_merge(s, left, right);
    }
}

/* Words of few letters, so that overlaps ("aaa") and two ways to one token ("ab"+"a", "a"+"ba") are common. */
START_TEST(test_against_slow) {
    pvi_env *env = test_env();
    pvi_rng rng = pvi_rng_stream((uint64_t)_i, "tokenizer-train", 0, 0);
    slow *s = calloc(1, sizeof *s);
    ck_assert_ptr_nonnull(s);
    for (int byte = 1; byte < 256; byte++) {
        s->bytes[byte][0] = (char)(unsigned char)byte;
    }
    s->size = 256;
    pvi_text text;
    pvi_text_init(&text, env);
    for (int w = 0; w < SLOW_WORDS; w++) {
        s->lengths[w] = 1 + (int)pvi_rng_below(&rng, SLOW_LENGTH - 1);
        for (int i = 0; i < s->lengths[w]; i++) {
            char c = i == 0 ? ' ' : "abab"[pvi_rng_below(&rng, 2 + (uint64_t)_i % 3)];
            s->words[w][i] = c;
            pvi_text_append(&text, &c, 1);
        }
        if (s->lengths[w] == 1) { /* a blank before a blank would be a run of them */
            s->words[w][1] = 'b';
            s->lengths[w] = 2;
            pvi_text_puts(&text, "b");
        }
    }
    slow_learn(s);
    const char *texts[] = {text.data, NULL};
    pvi_tokenizer *tokenizer = trained(env, &(pvi_tokenizer_options){.vocab_size = 256 + SLOW_MERGES}, texts);
    ck_assert_int_eq(pvi_tokenizer_size(tokenizer), s->size);
    ck_assert_uint_eq(tokenizer->merge_count, (size_t)s->merge_count);
    for (int i = 0; i < s->merge_count; i++) {
        ck_assert_int_eq(tokenizer->merges[i].left, s->merges[i].left);
        ck_assert_int_eq(tokenizer->merges[i].right, s->merges[i].right);
        ck_assert_int_eq(tokenizer->merges[i].result, s->merges[i].result);
    }
    pvi_tokenizer_release(env, tokenizer);
    pvi_text_free(&text);
    free(s);
    test_env_free(env);
}
END_TEST

/* The blank before a number is part of its token. */
START_TEST(test_numbers) {
    pvi_env *env = test_env();
    static const char *const texts[] = {"3 + 8 = 11, 5 + 6 = 11, 4 + 7 = 11", NULL};
    pvi_tokenizer *tokenizer = trained(env, &(pvi_tokenizer_options){.vocab_size = 300}, texts);
    pvi_tokens tokens;
    pvi_tokens_init(&tokens, env);
    ck_ok(env, pvi_encode(env, tokenizer, " 11", 3, true, &tokens));
    ck_assert_uint_eq(tokens.length, 1);
    pvi_tokens_free(&tokens);
    pvi_tokenizer_release(env, tokenizer);
    tokenizer = trained(env, &(pvi_tokenizer_options){.vocab_size = 300, .split_digits = true}, texts);
    check_tokens(env, tokenizer, " 11", true, ' ', '1', '1');
    pvi_tokenizer_release(env, tokenizer);
    test_env_free(env);
}
END_TEST

START_TEST(test_min_count) {
    pvi_env *env = test_env();
    static const char *const texts[] = {"ab", " ab", " cd cd cd", NULL};
    pvi_tokenizer *tokenizer = trained(env, &(pvi_tokenizer_options){.vocab_size = 1000}, texts);
    ck_assert_int_eq(pvi_tokenizer_size(tokenizer), 259); /* " c", " cd", "ab"; " ab" occurs once */
    check_merge(tokenizer, 0, " ", "c");
    check_merge(tokenizer, 1, " c", "d");
    check_merge(tokenizer, 2, "a", "b");
    pvi_tokenizer_release(env, tokenizer);
    tokenizer = trained(env, &(pvi_tokenizer_options){.vocab_size = 1000, .min_count = 3}, texts);
    ck_assert_int_eq(pvi_tokenizer_size(tokenizer), 258);
    pvi_tokenizer_release(env, tokenizer);
    tokenizer = trained(env, &(pvi_tokenizer_options){.vocab_size = 1000, .min_count = 1}, texts);
    ck_assert_int_eq(pvi_tokenizer_size(tokenizer), 260);
    pvi_tokenizer_release(env, tokenizer);
    test_env_free(env);
}
END_TEST

START_TEST(test_specials) {
    pvi_env *env = test_env();
    static const char *const texts[] = {"<|end|><|end|><|end|>abc<|end|>abc", "<|sneaky|>x<|sneaky|>", NULL};
    static const char *const specials[] = {"<|end|>", "<|sneaky|>"};
    pvi_tokenizer_options options = {.vocab_size = 400, .specials = specials, .special_count = 2};
    pvi_tokenizer *tokenizer = trained(env, &options, texts);
    ck_assert_int_eq(pvi_tokenizer_special(tokenizer, "<|end|>"), 256);
    ck_assert_int_eq(pvi_tokenizer_special(tokenizer, "<|sneaky|>"), 257);
    ck_assert_int_eq(pvi_tokenizer_end(tokenizer), 256);
    ck_assert_int_eq(pvi_tokenizer_size(tokenizer), 260); /* only "ab" and "abc" were learned */
    check_tokens(env, tokenizer, "abc<|sneaky|>", true, 259, 257);
    pvi_tokenizer_release(env, tokenizer);
    options.end = "<|sneaky|>";
    tokenizer = trained(env, &options, texts);
    ck_assert_int_eq(pvi_tokenizer_end(tokenizer), 257);
    pvi_tokenizer_release(env, tokenizer);
    options.vocab_size = 258; /* no room for any merge */
    tokenizer = trained(env, &options, texts);
    ck_assert_int_eq(pvi_tokenizer_size(tokenizer), 258);
    pvi_tokenizer_release(env, tokenizer);
    test_env_free(env);
}
END_TEST

START_TEST(test_nothing) {
    pvi_env *env = test_env();
    static const char *const texts[] = {"", NULL};
    pvi_tokenizer *tokenizer = trained(env, &(pvi_tokenizer_options){.vocab_size = 400}, texts);
    ck_assert_int_eq(pvi_tokenizer_size(tokenizer), 256);
    ck_assert_int_eq(pvi_tokenizer_end(tokenizer), -1);
    check_tokens(env, tokenizer, "az", true, 'a', 'z');
    pvi_tokenizer_release(env, tokenizer);
    pvi_bpe_trainer *trainer;
    ck_ok(env, pvi_bpe_trainer_create(env, &(pvi_tokenizer_options){.vocab_size = 256}, &trainer));
    ck_ok(env, pvi_bpe_trainer_add(trainer, "dropped dropped", 15));
    pvi_bpe_trainer_drop(trainer);
    pvi_bpe_trainer_drop(NULL);
    test_env_free(env);
}
END_TEST

/* The counts alone matter: neither the order of the texts nor how they are cut into calls. */
START_TEST(test_order) {
    pvi_env *env = test_env();
    static const char *const one[] = {"the cat sat", " on the mat", " and the dog sat", NULL};
    static const char *const other[] = {" and the dog sat on the mat", "the cat sat", NULL};
    pvi_tokenizer *a = trained(env, &(pvi_tokenizer_options){.vocab_size = 290, .min_count = 1}, one);
    pvi_tokenizer *b = trained(env, &(pvi_tokenizer_options){.vocab_size = 290, .min_count = 1}, other);
    ck_assert_int_eq(pvi_tokenizer_size(a), pvi_tokenizer_size(b));
    ck_assert_uint_eq(a->merge_count, b->merge_count);
    ck_assert_mem_eq(a->merges, b->merges, a->merge_count * sizeof *a->merges);
    pvi_tokenizer_release(env, a);
    pvi_tokenizer_release(env, b);
    test_env_free(env);
}
END_TEST

/* A pre-token of many thousand bytes, and one that is not UTF-8. */
START_TEST(test_odd_text) {
    pvi_env *env = test_env();
    size_t length = 50000;
    char *text = pvi_alloc(env, length, 1);
    memset(text, 'x', length);
    memset(text + length - 100, 0xFF, 100);
    pvi_bpe_trainer *trainer;
    pvi_tokenizer *tokenizer;
    ck_ok(env, pvi_bpe_trainer_create(env, &(pvi_tokenizer_options){.vocab_size = 300}, &trainer));
    ck_ok(env, pvi_bpe_trainer_add(trainer, text, length));
    ck_ok(env, pvi_bpe_trainer_finish(trainer, &tokenizer));
    ck_assert_int_ge(pvi_tokenizer_size(tokenizer), 256 + 9); /* x2, x4, .. x1024 at least half of them */
    check_round(env, tokenizer, text, length, true);
    pvi_free(env, text);
    pvi_tokenizer_release(env, tokenizer);
    test_env_free(env);
}
END_TEST

START_TEST(test_wrong_options) {
    pvi_env *env = test_env();
    pvi_bpe_trainer *trainer = NULL;
    static const struct {
        const char *specials[3];
        const char *message;
    } wrong[] = {
        {{"a", NULL, NULL}, "special token 0 is 'a'"},
        {{"ok", "no blank", NULL}, "special token 1 is 'no blank'"},
        {{"\xC3\xA9\xC3\xA9", NULL, NULL}, "printable ASCII"},
        {{"0123456789012345678901234567890123456789012345678901234567890123x", NULL, NULL}, "2 to 64"},
        {{"<|end|>", "x1", "<|end|>"}, "'<|end|>' is given twice"},
    };
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        int32_t count = 0;
        while (count < 3 && wrong[i].specials[count] != NULL) {
            count++;
        }
        pvi_tokenizer_options options = {.vocab_size = 300, .specials = wrong[i].specials, .special_count = count};
        ck_fails(env, PVG_E_INVALID, wrong[i].message, pvi_bpe_trainer_create(env, &options, &trainer));
    }
    const char *one[] = {"<|end|>", NULL};
    pvi_tokenizer_options options = {.vocab_size = 256, .specials = one, .special_count = 1};
    ck_fails(env, PVG_E_RANGE, "wanted are 257", pvi_bpe_trainer_create(env, &options, &trainer));
    options.vocab_size = 1 << 21;
    ck_fails(env, PVG_E_RANGE, "vocabulary of 2097152", pvi_bpe_trainer_create(env, &options, &trainer));
    options.vocab_size = 300;
    options.min_count = -1;
    ck_fails(env, PVG_E_RANGE, "min_count is -1", pvi_bpe_trainer_create(env, &options, &trainer));
    options.min_count = 0;
    options.end = "<|stop|>";
    ck_fails(env, PVG_E_NOT_FOUND, "'<|stop|>'", pvi_bpe_trainer_create(env, &options, &trainer));
    options.end = NULL;
    options.special_count = 2; /* the second is a null pointer */
    ck_fails(env, PVG_E_INVALID, "special token 1", pvi_bpe_trainer_create(env, &options, &trainer));
    options.specials = NULL;
    ck_fails(env, PVG_E_INVALID, "2 special tokens", pvi_bpe_trainer_create(env, &options, &trainer));
    options.special_count = -1;
    ck_fails(env, PVG_E_INVALID, "-1 special tokens", pvi_bpe_trainer_create(env, &options, &trainer));
    ck_assert_ptr_null(trainer);
    test_env_free(env);
}
END_TEST

START_TEST(test_cancel) {
    pvi_env *env = test_env();
    pvi_bpe_trainer *trainer;
    pvi_tokenizer *tokenizer = NULL;
    ck_ok(env, pvi_bpe_trainer_create(env, &(pvi_tokenizer_options){.vocab_size = 300}, &trainer));
    ck_ok(env, pvi_bpe_trainer_add(trainer, "abab abab", 9));
    atomic_store(&env->cancelled, 1);
    ck_fails(env, PVG_E_CANCELLED, "cancelled", pvi_bpe_trainer_finish(trainer, &tokenizer));
    ck_assert_ptr_null(tokenizer);
    test_env_free(env);
}
END_TEST

static pvg_status train_and_encode(pvi_env *env, pvi_tokens *tokens) {
    static const char *const specials[] = {"<|end|>"};
    const pvi_tokenizer_options options = {.vocab_size = 300, .specials = specials, .special_count = 1};
    static const char text[] = "Mira picked 36 pears on Friday<|end|>She picked 12 pears, and 36+12 = 48 pears";
    pvi_bpe_trainer *trainer;
    pvi_tokenizer *tokenizer = NULL;
    pvg_status status = pvi_bpe_trainer_create(env, &options, &trainer);
    if (status != PVG_OK) {
        return status;
    }
    status = pvi_bpe_trainer_add(trainer, text, sizeof text - 1);
    if (status != PVG_OK) {
        pvi_bpe_trainer_drop(trainer);
        return status;
    }
    status = pvi_bpe_trainer_finish(trainer, &tokenizer);
    if (status == PVG_OK) {
        status = pvi_encode(env, tokenizer, text, sizeof text - 1, true, tokens);
    }
    pvi_tokenizer_release(env, tokenizer);
    return status;
}

/* Every allocation fails once: the status says so, or the library does without it; nothing is kept. */
START_TEST(test_no_memory) {
    size_t requests = 1, failures = 0;
    for (size_t at = 0; at <= requests; at++) {
        pvi_env *env = test_env_with(1, at);
        size_t before = atomic_load(&env->allocations);
        pvi_tokens tokens;
        pvi_tokens_init(&tokens, env);
        pvg_status status = train_and_encode(env, &tokens);
        ck_assert(status == PVG_OK ? tokens.length > 0 : tokens.length == 0);
        ck_assert(status == PVG_OK || (status == PVG_E_NOMEM && at > 0));
        failures += status != PVG_OK;
        requests = at == 0 ? atomic_load(&env->allocations) - before : requests;
        pvi_tokens_free(&tokens);
        test_env_free(env);
    }
    ck_assert_uint_gt(failures, 50);
}
END_TEST

Suite *suite_tokenizer_train(void) {
    Suite *suite = suite_create("tokenizer_train");
    TCase *tcase = tcase_create("all");
    tcase_set_timeout(tcase, 60);
    tcase_add_test(tcase, test_by_hand);
    tcase_add_loop_test(tcase, test_against_slow, 0, 12);
    tcase_add_test(tcase, test_numbers);
    tcase_add_test(tcase, test_min_count);
    tcase_add_test(tcase, test_specials);
    tcase_add_test(tcase, test_nothing);
    tcase_add_test(tcase, test_order);
    tcase_add_test(tcase, test_odd_text);
    tcase_add_test(tcase, test_wrong_options);
    tcase_add_test(tcase, test_cancel);
    tcase_add_test(tcase, test_no_memory);
    suite_add_tcase(suite, tcase);
    return suite;
}
