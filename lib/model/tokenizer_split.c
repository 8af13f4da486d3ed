/* tokenizer_split.c - pre-tokenisation: PCRE2 patterns, one after the other, over the valid UTF-8 parts of a text. */
#define PCRE2_CODE_UNIT_WIDTH 8
#include "model/tokenizer_split.h"

#include <pcre2.h>
#include <string.h>
#include <utf8proc.h>

#include "base/alloc.h"

static const char NAME[] = "tokenizer";

/* Patterns come from files. The limits stop a bad one in well under a second; sane ones stay far below. */
enum { PATTERN_LONGEST = 65536, MATCH_LIMIT = 10000000, HEAP_LIMIT_KIB = 65536 };

const char pvi_pattern_gpt2[] =
    "'s|'t|'re|'ve|'m|'ll|'d| ?\\p{L}+| ?\\p{N}+| ?[^\\s\\p{L}\\p{N}]+|\\s+(?!\\S)|\\s+";

/* GPT-2's with four changes: contractions in either case and only at the end of a word, combining marks belong to
 * the word, and numbers are cut. */
#define CONTRACTION "'(?:[sdmtSDMT]|[lL][lL]|[vV][eE]|[rR][eE])(?!\\p{L})"
#define WORD " ?\\p{L}[\\p{L}\\p{M}]*"
#define OTHER " ?[^\\s\\p{L}\\p{N}]+|\\s+(?!\\S)|\\s+"
const char pvi_pattern_runs[] = CONTRACTION "|" WORD "| ?\\p{N}{1,3}|" OTHER;
const char pvi_pattern_digits[] = CONTRACTION "|" WORD "|\\p{N}|" OTHER;

static void *take_memory(size_t size, void *env) {
    return pvi_alloc(env, size, 1);
}

static void give_memory(void *block, void *env) {
    pvi_free(env, block);
}

static pvg_status room(pvi_env *env, const pvi_splitter *splitter, const char *name) {
    if (splitter->count == PVI_STAGES_MAX) {
        return pvi_fail(env, PVG_E_UNSUPPORTED, NAME, "%s: pre_tokenizer has more than %d steps", name,
                        PVI_STAGES_MAX);
    }
    return PVG_OK;
}

static pvg_status compile_failed(pvi_env *env, const char *name, const char *pattern, size_t length, int error) {
    if (error == PCRE2_ERROR_NOMEMORY || error == PCRE2_ERROR_HEAP_FAILED) {
        return pvi_fail(env, PVG_E_NOMEM, NAME, "%s: no memory to compile the pattern", name);
    }
    unsigned char why[160];
    pcre2_get_error_message(error, why, sizeof why);
    return pvi_fail(env, PVG_E_UNSUPPORTED, NAME, "%s: pattern '%.*s': %s", name, (int)(length < 200 ? length : 200),
                    pattern, (const char *)why);
}

static pvg_status compile(pvi_env *env, pvi_splitter *splitter, const char *name, const char *pattern, size_t length,
                          uint32_t options) {
    pcre2_general_context *memory = pcre2_general_context_create(take_memory, give_memory, env);
    if (memory == NULL) {
        return PVG_E_NOMEM;
    }
    pcre2_compile_context *settings = pcre2_compile_context_create(memory);
    if (settings != NULL && splitter->limits == NULL) {
        splitter->limits = pcre2_match_context_create(memory);
    }
    pvg_status status = PVG_E_NOMEM;
    if (settings != NULL && splitter->limits != NULL) {
        pcre2_set_match_limit(splitter->limits, MATCH_LIMIT);
        pcre2_set_heap_limit(splitter->limits, HEAP_LIMIT_KIB);
        pcre2_set_newline(settings, PCRE2_NEWLINE_LF);
        pcre2_set_max_pattern_length(settings, PATTERN_LONGEST);
        int error;
        PCRE2_SIZE where;
        pcre2_code *code = pcre2_compile((PCRE2_SPTR)pattern, length, options, &error, &where, settings);
        if (code == NULL) {
            status = compile_failed(env, name, pattern, length, error);
        } else {
            /* Where there is no executable memory the interpreter gives the same matches, slower. */
            (void)pcre2_jit_compile(code, PCRE2_JIT_COMPLETE);
            splitter->stages[splitter->count++].code = code;
            status = PVG_OK;
        }
    }
    pcre2_compile_context_free(settings);
    pcre2_general_context_free(memory);
    return status;
}

pvg_status pvi_splitter_add_pattern(pvi_env *env, pvi_splitter *splitter, const char *name, const char *pattern,
                                    size_t length) {
    pvg_status status = room(env, splitter, name);
    if (status != PVG_OK) {
        return status;
    }
    pvi_text translated;
    pvi_text_init(&translated, env);
    status = pvi_pattern_translate(env, name, pattern, length, &translated);
    if (status == PVG_OK) {
        status = compile(env, splitter, name, translated.length == 0 ? "" : translated.data, translated.length,
                         PCRE2_UTF | PCRE2_UCP | PCRE2_MULTILINE);
    }
    pvi_text_free(&translated);
    return status;
}

pvg_status pvi_splitter_add_literal(pvi_env *env, pvi_splitter *splitter, const char *name, const char *text,
                                    size_t length) {
    pvg_status status = room(env, splitter, name);
    return status != PVG_OK ? status : compile(env, splitter, name, text, length, PCRE2_UTF | PCRE2_LITERAL);
}

pvg_status pvi_splitter_add_blank(pvi_env *env, pvi_splitter *splitter, const char *name) {
    pvg_status status = room(env, splitter, name);
    if (status == PVG_OK) {
        splitter->stages[splitter->count++].code = NULL;
    }
    return status;
}

void pvi_splitter_free(pvi_splitter *splitter) {
    for (int i = 0; i < splitter->count; i++) {
        pcre2_code_free(splitter->stages[i].code);
    }
    pcre2_match_context_free(splitter->limits);
    memset(splitter, 0, sizeof *splitter);
}

pvg_status pvi_split_work_init(pvi_env *env, pvi_split_work *work) {
    *work = (pvi_split_work){.env = env};
    pvi_text_init(&work->padded, env);
    pcre2_general_context *memory = pcre2_general_context_create(take_memory, give_memory, env);
    if (memory == NULL) {
        return PVG_E_NOMEM;
    }
    work->match = pcre2_match_data_create(1, memory);
    pcre2_general_context_free(memory);
    return work->match == NULL ? PVG_E_NOMEM : PVG_OK;
}

void pvi_split_work_free(pvi_split_work *work) {
    pcre2_match_data_free(work->match);
    pvi_text_free(&work->padded);
}

typedef struct cut {
    const pvi_splitter *splitter;
    pvi_split_work *work;
    pvi_piece_fn take;
    void *user;
} cut;

static pvg_status match(const cut *c, const pcre2_code *code, const char *text, size_t length, size_t from,
                        bool *found) {
    const pcre2_match_context *limits = c->splitter->limits;
    int rc = pcre2_match(code, (PCRE2_SPTR)text, length, from, PCRE2_NO_UTF_CHECK, c->work->match,
                         (pcre2_match_context *)limits);
    if (rc == PCRE2_ERROR_JIT_STACKLIMIT) {
        rc = pcre2_match(code, (PCRE2_SPTR)text, length, from, PCRE2_NO_UTF_CHECK | PCRE2_NO_JIT, c->work->match,
                         (pcre2_match_context *)limits);
    }
    *found = rc >= 0;
    if (rc >= 0 || rc == PCRE2_ERROR_NOMATCH) {
        return PVG_OK;
    }
    if (rc == PCRE2_ERROR_NOMEMORY) {
        return pvi_fail(c->work->env, PVG_E_NOMEM, NAME, "no memory to match the tokenizer's pattern");
    }
    unsigned char why[160];
    pcre2_get_error_message(rc, why, sizeof why);
    return pvi_fail(c->work->env, PVG_E_RANGE, NAME, "the tokenizer's pattern needs too much work on this text: %s",
                    (const char *)why);
}

static size_t char_size(const char *text) {
    unsigned char c = (unsigned char)*text;
    return c < 0x80 ? 1 : c < 0xE0 ? 2 : c < 0xF0 ? 3 : 4;
}

static pvg_status run_stage(const cut *c, int stage, const char *text, size_t length);

static pvg_status pass_on(const cut *c, int stage, const char *text, size_t length) {
    if (length == 0) {
        return PVG_OK;
    }
    return stage == c->splitter->count ? c->take(c->user, text, length) : run_stage(c, stage, text, length);
}

static pvg_status pad(const cut *c, int stage, const char *text, size_t length) {
    if (text[0] == ' ') {
        return pass_on(c, stage + 1, text, length);
    }
    /* Only the last stage of a file can pad, so the buffer is never in use twice. */
    pvi_text *padded = &c->work->padded;
    pvi_text_clear(padded);
    pvi_text_append(padded, " ", 1);
    pvi_text_append(padded, text, length);
    pvg_status status = pvi_text_ok(padded);
    return status != PVG_OK ? status : pass_on(c, stage + 1, padded->data, padded->length);
}

static pvg_status run_stage(const cut *c, int stage, const char *text, size_t length) {
    const pcre2_code *code = c->splitter->stages[stage].code;
    if (code == NULL) {
        return pad(c, stage, text, length);
    }
    size_t done = 0; /* everything before it is handed on */
    size_t from = 0; /* where to look next */
    while (from < length) {
        bool found = false;
        pvg_status status = match(c, code, text, length, from, &found);
        if (status != PVG_OK) {
            return status;
        }
        if (!found) {
            break;
        }
        const PCRE2_SIZE *span = pcre2_get_ovector_pointer(c->work->match);
        size_t begin = span[0], end = span[1];
        if (begin < done || end < begin || end > length) {
            return pvi_fail(c->work->env, PVG_E_UNSUPPORTED, NAME, "the tokenizer's pattern matches backwards");
        }
        status = pass_on(c, stage + 1, text + done, begin - done);
        if (status == PVG_OK) {
            status = pass_on(c, stage + 1, text + begin, end - begin);
        }
        if (status != PVG_OK) {
            return status;
        }
        done = end;
        from = end > begin ? end : end + (end < length ? char_size(text + end) : 1);
    }
    return pass_on(c, stage + 1, text + done, length - done);
}

pvg_status pvi_split(const pvi_splitter *splitter, pvi_split_work *work, const char *text, size_t length,
                     pvi_piece_fn take, void *user) {
    const cut c = {splitter, work, take, user};
    size_t at = 0;
    while (at < length) {
        size_t valid = pvi_utf8_run(text + at, length - at);
        pvg_status status = pass_on(&c, 0, text + at, valid);
        at += valid;
        if (status == PVG_OK && at < length) {
            status = take(user, text + at, 1);
            at++;
        }
        if (status != PVG_OK) {
            return status;
        }
    }
    return PVG_OK;
}

size_t pvi_utf8_run(const char *text, size_t length) {
    size_t at = 0;
    while (at < length) {
        uint64_t eight;
        while (length - at >= sizeof eight) { /* most text is ASCII: eight bytes at a time */
            memcpy(&eight, text + at, sizeof eight);
            if ((eight & UINT64_C(0x8080808080808080)) != 0) {
                break;
            }
            at += sizeof eight;
        }
        if (at == length) {
            break;
        }
        if ((unsigned char)text[at] < 0x80) {
            at++;
            continue;
        }
        utf8proc_int32_t c;
        utf8proc_ssize_t n = utf8proc_iterate((const utf8proc_uint8_t *)text + at, (utf8proc_ssize_t)(length - at), &c);
        if (n <= 0) {
            break;
        }
        at += (size_t)n;
    }
    return at;
}

static bool is_ascii(const char *text, size_t length) {
    for (size_t i = 0; i < length; i++) {
        if ((unsigned char)text[i] >= 0x80) {
            return false;
        }
    }
    return true;
}

/* Valid UTF-8 only. */
static pvg_status compose(pvi_env *env, const char *text, size_t length, pvi_text *out) {
    if (is_ascii(text, length)) {
        pvi_text_append(out, text, length);
        return pvi_text_ok(out);
    }
    const utf8proc_option_t options = UTF8PROC_STABLE | UTF8PROC_COMPOSE;
    utf8proc_int32_t *points = NULL;
    utf8proc_ssize_t room_for = 0, wanted = (utf8proc_ssize_t)length;
    while (wanted > room_for) {
        pvi_free(env, points);
        points = pvi_alloc(env, (size_t)wanted + 1, sizeof *points); /* reencode adds a terminator */
        if (points == NULL) {
            return PVG_E_NOMEM;
        }
        room_for = wanted;
        wanted = utf8proc_decompose((const utf8proc_uint8_t *)text, (utf8proc_ssize_t)length, points, room_for,
                                    options);
    }
    utf8proc_ssize_t bytes = wanted < 0 ? wanted : utf8proc_reencode(points, wanted, options);
    pvg_status status;
    if (bytes < 0) {
        status = pvi_fail(env, PVG_E_FORMAT, NAME, "NFC: %s", utf8proc_errmsg(bytes));
    } else {
        pvi_text_append(out, (const char *)points, (size_t)bytes);
        status = pvi_text_ok(out);
    }
    pvi_free(env, points);
    return status;
}

pvg_status pvi_normalize_nfc(pvi_env *env, const char *text, size_t length, pvi_text *out) {
    size_t at = 0;
    while (at < length) {
        size_t valid = pvi_utf8_run(text + at, length - at);
        pvg_status status = compose(env, text + at, valid, out);
        if (status != PVG_OK) {
            return status;
        }
        at += valid;
        if (at < length) {
            pvi_text_append(out, text + at, 1);
            at++;
        }
    }
    return pvi_text_ok(out);
}
