/* tokenizer_pattern.c - from the pattern language of tokenizer.json (Oniguruma in Ruby syntax) to that of PCRE2.
 *
 * The two agree on most of what tokenizers use. What means something else on the other side is either rewritten (\s,
 * which in PCRE2 includes U+180E; script names, which in PCRE2 mean script extensions) or refused: a pattern that is
 * read slightly wrong costs quality without any error. */
#include "model/tokenizer_split.h"

#include <string.h>

static const char NAME[] = "tokenizer";

typedef struct scan {
    pvi_env *env;
    const char *name;    /* of the file, for errors */
    const char *pattern;
    size_t length, at;
    bool in_class;
    pvi_text *out;
} scan;

static bool ahead(const scan *s, const char *text) {
    size_t n = strlen(text);
    return s->length - s->at >= n && memcmp(s->pattern + s->at, text, n) == 0;
}

static void copy(scan *s, size_t count) {
    pvi_text_append(s->out, s->pattern + s->at, count);
    s->at += count;
}

static pvg_status refuse(const scan *s, size_t count) {
    size_t left = s->length - s->at;
    return pvi_fail(s->env, PVG_E_UNSUPPORTED, NAME,
                    "%s: the pattern has '%.*s' at character %zu, which is not read here as Hugging Face reads it; "
                    "supported are literals, classes, groups, look-around, repeats, \\p{..} \\s \\d \\n \\r \\t and "
                    "(?i:..)", s->name, (int)(count < left ? count : left), s->pattern + s->at, s->at + 1);
}

static bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

static bool is_hex(char c) {
    return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

/* \p{L} and the like stay; a longer name can only be a script. */
static pvg_status property(scan *s) {
    const char *open = s->pattern + s->at + 2;
    size_t left = s->length - s->at - 2;
    const char *close = left > 0 && *open == '{' ? memchr(open, '}', left) : NULL;
    if (close == NULL) {
        return refuse(s, 3);
    }
    size_t size = (size_t)(close - open) - 1;
    size_t negated = size > 0 && open[1] == '^' ? 1 : 0;
    copy(s, 3 + negated);
    if (size - negated > 2) {
        pvi_text_puts(s->out, "sc:");
    }
    copy(s, size - negated + 1);
    return PVG_OK;
}

/* \uHHHH, \xHH below 0x80 and \x{H..}, all written the last way. */
static pvg_status code_point(scan *s) {
    bool wide = s->pattern[s->at + 1] == 'u';
    bool braces = !wide && s->at + 2 < s->length && s->pattern[s->at + 2] == '{';
    size_t from = s->at + (braces ? 3 : 2), to = from;
    while (to < s->length && is_hex(s->pattern[to]) && (braces || to - from < (wide ? 4u : 2u))) {
        to++;
    }
    bool fits = braces ? to > from && to - from <= 6 && to < s->length && s->pattern[to] == '}'
                       : to - from == (wide ? 4u : 2u) && (wide || s->pattern[from] < '8');
    if (!fits) {
        return refuse(s, 6);
    }
    pvi_text_puts(s->out, "\\x{");
    pvi_text_append(s->out, s->pattern + from, to - from);
    pvi_text_puts(s->out, "}");
    s->at = to + (braces ? 1 : 0);
    return PVG_OK;
}

static pvg_status escape(scan *s) {
    char c = s->at + 1 < s->length ? s->pattern[s->at + 1] : '\0';
    if (c == 's' || c == 'S') {
        pvi_text_puts(s->out, c == 's' ? "\\p{White_Space}" : "\\P{White_Space}");
        s->at += 2;
        return PVG_OK;
    }
    if (c == 'p' || c == 'P') {
        return property(s);
    }
    if (c == 'u' || c == 'x') {
        return code_point(s);
    }
    bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || is_digit(c);
    if (c <= ' ' || c == 127 || (letter && strchr("dDnrtf", c) == NULL)) {
        return refuse(s, 2);
    }
    copy(s, 2);
    return PVG_OK;
}

static pvg_status group(scan *s) {
    static const char *const known[] = {"(?:", "(?i:", "(?=", "(?!", "(?<=", "(?<!", "(?>"};
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++) {
        if (ahead(s, known[i])) {
            copy(s, strlen(known[i]));
            return PVG_OK;
        }
    }
    if (ahead(s, "(?") || ahead(s, "(*")) {
        return refuse(s, 4);
    }
    copy(s, 1);
    return PVG_OK;
}

/* {n}, {n,} and {n,m}. Ruby reads {n,m}+ as two repeats and {n}? as an optional {n}; PCRE2 does not. */
static pvg_status repeat(scan *s) {
    size_t at = s->at + 1, digits = 0;
    bool comma = false;
    for (; at < s->length && (is_digit(s->pattern[at]) || (s->pattern[at] == ',' && !comma && digits > 0)); at++) {
        comma |= s->pattern[at] == ',';
        digits++;
    }
    char after = at + 1 < s->length ? s->pattern[at + 1] : '\0';
    if (digits == 0 || at == s->length || s->pattern[at] != '}' || after == '+' || (after == '?' && !comma)) {
        return refuse(s, at + 2 - s->at);
    }
    copy(s, at + 1 - s->at);
    return PVG_OK;
}

static pvg_status class_open(scan *s) {
    size_t count = s->at + 1 < s->length && s->pattern[s->at + 1] == '^' ? 2 : 1;
    if (s->at + count < s->length && s->pattern[s->at + count] == ']') {
        return refuse(s, count + 1);
    }
    copy(s, count);
    s->in_class = true;
    return PVG_OK;
}

static pvg_status step(scan *s) {
    char c = s->pattern[s->at];
    if (c == '\\') {
        return escape(s);
    }
    if (s->in_class) {
        if (c == '[' || ahead(s, "&&")) {
            return refuse(s, 2);
        }
        s->in_class = c != ']';
    } else if (c == '[') {
        return class_open(s);
    } else if (c == '(') {
        return group(s);
    } else if (c == '{') {
        return repeat(s);
    }
    copy(s, 1);
    return PVG_OK;
}

pvg_status pvi_pattern_translate(pvi_env *env, const char *name, const char *pattern, size_t length, pvi_text *out) {
    scan s = {.env = env, .name = name, .pattern = pattern, .length = length, .out = out};
    while (s.at < s.length) {
        pvg_status status = step(&s);
        if (status != PVG_OK) {
            return status;
        }
    }
    return pvi_text_ok(out);
}
