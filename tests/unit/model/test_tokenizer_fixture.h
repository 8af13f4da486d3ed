/* test_tokenizer_fixture.h - a small tokenizer.json in GPT-2's format, with parts that tests replace.
 *
 * Ids as in GPT-2: the printable bytes first ("!" 0, "A" 32, "a" 64), then the others (newline 198, blank 220), then
 * one token for every merge (" t" 256, " a" 257, "he" 258, "in" 259, "re" 260, "on" 261, " the" 262), then the
 * specials "<|endoftext|>" 263 and "<|helpful|>" 264. */
#ifndef TEST_TOKENIZER_FIXTURE_H
#define TEST_TOKENIZER_FIXTURE_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/text.h"
#include "model/tokenizer_parts.h"
#include "support.h"

enum { FIXTURE_SIZE = 265, FIXTURE_END = 263, FIXTURE_HELPFUL = 264 };

/* Every part is JSON text; NULL means the usual one, "" leaves the member out where it has a name of its own. */
typedef struct fixture {
    const char *head, *added, *normalizer, *pre_tokenizer, *post_processor, *decoder;
    const char *model;  /* members of the model before its vocabulary */
    const char *vocab;  /* the vocabulary after the bytes */
    const char *merges;
    int leave_out; /* a byte without a token, plus one */
} fixture;

static inline const char *fixture_or(const char *part, const char *usual) {
    return part == NULL ? usual : part;
}

static inline void fixture_bytes(pvi_text *out, int leave_out) {
    int id = 0;
    for (int shifted = 0; shifted < 2; shifted++) {
        for (int byte = 0; byte < 256; byte++) {
            uint32_t c = pvi_alphabet_char((unsigned char)byte);
            if ((c >= 256) != (shifted == 1) || byte + 1 == leave_out) {
                id += (c >= 256) == (shifted == 1) ? 1 : 0;
                continue;
            }
            char one = (char)(unsigned char)byte;
            pvi_text_puts(out, c == '"' || c == '\\' ? "\"\\" : "\"");
            pvi_alphabet_put(out, &one, 1);
            pvi_text_printf(out, "\":%d,", id++);
        }
    }
}

static inline void fixture_json(const fixture *f, pvi_text *out) {
    pvi_text_printf(out, "{%s", fixture_or(f->head, "\"version\":\"1.0\",\"truncation\":null,\"padding\":null"));
    pvi_text_printf(out, ",\"added_tokens\":%s", fixture_or(f->added,
        "[{\"id\":263,\"content\":\"<|endoftext|>\",\"single_word\":false,\"lstrip\":false,\"rstrip\":false,"
        "\"normalized\":false,\"special\":true},"
        "{\"id\":264,\"content\":\"<|helpful|>\",\"special\":true}]"));
    pvi_text_printf(out, ",\"normalizer\":%s", fixture_or(f->normalizer, "null"));
    pvi_text_printf(out, ",\"pre_tokenizer\":%s", fixture_or(f->pre_tokenizer,
        "{\"type\":\"ByteLevel\",\"add_prefix_space\":false,\"trim_offsets\":true}"));
    pvi_text_printf(out, ",\"post_processor\":%s", fixture_or(f->post_processor,
        "{\"type\":\"ByteLevel\",\"add_prefix_space\":true,\"trim_offsets\":false}"));
    pvi_text_printf(out, ",\"decoder\":%s", fixture_or(f->decoder,
        "{\"type\":\"ByteLevel\",\"add_prefix_space\":true,\"trim_offsets\":true}"));
    pvi_text_printf(out, ",\"model\":{%s,\"vocab\":{", fixture_or(f->model,
        "\"type\":\"BPE\",\"dropout\":null,\"unk_token\":null,\"continuing_subword_prefix\":\"\","
        "\"end_of_word_suffix\":\"\",\"fuse_unk\":false"));
    fixture_bytes(out, f->leave_out);
    pvi_text_puts(out, fixture_or(f->vocab,
        "\"Ġt\":256,\"Ġa\":257,\"he\":258,\"in\":259,\"re\":260,\"on\":261,\"Ġthe\":262,\"<|endoftext|>\":263"));
    pvi_text_printf(out, "},\"merges\":%s}}", fixture_or(f->merges,
        "[\"Ġ t\",\"Ġ a\",\"h e\",\"i n\",\"r e\",\"o n\",\"Ġt he\"]"));
    ck_assert_int_eq(pvi_text_ok(out), PVG_OK);
}

static inline pvg_status fixture_try(pvi_env *env, const fixture *f, pvi_tokenizer **out) {
    pvi_text json;
    pvi_text_init(&json, env);
    fixture_json(f, &json);
    pvg_status status = pvi_tokenizer_from_json(env, "fixture.json", json.data, json.length, out);
    pvi_text_free(&json);
    return status;
}

static inline pvi_tokenizer *fixture_load(pvi_env *env, const fixture *f) {
    pvi_tokenizer *made = NULL;
    ck_ok(env, fixture_try(env, f, &made));
    return made;
}

/* The tokens of a text are exactly these; `count` ids follow. */
static inline void check_ids(pvi_env *env, const pvi_tokenizer *tokenizer, const char *text, size_t length,
                             bool specials, const int32_t *ids, size_t count) {
    pvi_tokens tokens;
    pvi_tokens_init(&tokens, env);
    ck_ok(env, pvi_encode(env, tokenizer, text, length, specials, &tokens));
    for (size_t i = 0; i < tokens.length && i < count; i++) {
        ck_assert_msg(tokens.data[i] == ids[i], "'%s': token %zu is %d, wanted %d", text, i, (int)tokens.data[i],
                      (int)ids[i]);
    }
    ck_assert_msg(tokens.length == count, "'%s': %zu tokens, wanted %zu", text, tokens.length, count);
    pvi_tokens_free(&tokens);
}

#define check_tokens(env, tokenizer, text, specials, ...)                                                              \
    do {                                                                                                               \
        const int32_t wanted_[] = {__VA_ARGS__};                                                                       \
        check_ids(env, tokenizer, text, strlen(text), specials, wanted_, sizeof wanted_ / sizeof wanted_[0]);          \
    } while (0)

static inline void check_round(pvi_env *env, const pvi_tokenizer *tokenizer, const char *text, size_t length,
                               bool specials) {
    pvi_tokens tokens;
    pvi_text back;
    pvi_tokens_init(&tokens, env);
    pvi_text_init(&back, env);
    ck_ok(env, pvi_encode(env, tokenizer, text, length, specials, &tokens));
    ck_ok(env, pvi_decode(env, tokenizer, tokens.data, tokens.length, true, &back));
    ck_assert_uint_eq(back.length, length);
    ck_assert(length == 0 || memcmp(back.data, text, length) == 0);
    pvi_tokens_free(&tokens);
    pvi_text_free(&back);
}

/* A new folder, and the path of a tokenizer.json in it. */
typedef struct folder {
    char path[256], file[280];
} folder;

static inline folder folder_make(void) {
    folder made;
    const char *base = getenv("TMPDIR");
    snprintf(made.path, sizeof made.path, "%s/tokenizer-XXXXXX", base == NULL ? "/tmp" : base);
    ck_assert_ptr_nonnull(mkdtemp(made.path));
    snprintf(made.file, sizeof made.file, "%s/tokenizer.json", made.path);
    return made;
}

static inline void folder_remove(const folder *made) {
    unlink(made->file);
    ck_assert_int_eq(rmdir(made->path), 0);
}

/* A tokenizer learned from texts that end with NULL. */
static inline pvi_tokenizer *trained(pvi_env *env, const pvi_tokenizer_options *options, const char *const *texts) {
    pvi_bpe_trainer *trainer;
    pvi_tokenizer *made = NULL;
    ck_ok(env, pvi_bpe_trainer_create(env, options, &trainer));
    for (; *texts != NULL; texts++) {
        ck_ok(env, pvi_bpe_trainer_add(trainer, *texts, strlen(*texts)));
    }
    ck_ok(env, pvi_bpe_trainer_finish(trainer, &made));
    return made;
}

#endif
