/* grade_fold.c - text as the grader's rules see it: one plain byte a character. */
#include <string.h>
#include <utf8proc.h>

#include "base/alloc.h"
#include "game/grade_parts.h"

/* ---- characters beyond ASCII ---- */

static const struct {
    uint16_t code;
    uint8_t numerator, denominator;
} vulgar[PVI_VULGARS] = {
    {0x00BC, 1, 4}, {0x00BD, 1, 2}, {0x00BE, 3, 4}, {0x2150, 1, 7}, {0x2151, 1, 9}, {0x2152, 1, 10},
    {0x2153, 1, 3}, {0x2154, 2, 3}, {0x2155, 1, 5}, {0x2156, 2, 5}, {0x2157, 3, 5}, {0x2158, 4, 5},
    {0x2159, 1, 6}, {0x215A, 5, 6}, {0x215B, 1, 8}, {0x215C, 3, 8}, {0x215D, 5, 8}, {0x215E, 7, 8},
};

void pvi_vulgar_fraction(size_t index, unsigned long *numerator, unsigned long *denominator) {
    *numerator = vulgar[index].numerator;
    *denominator = vulgar[index].denominator;
}

static const struct {
    uint16_t first, last;
    uint8_t code;
} plain[] = {
    {0x00A2, 0x00A5, '$'}, {0x20A0, 0x20C0, '$'},                                                    /* currencies */
    {0x2010, 0x2015, '-'}, {0x2212, 0x2212, '-'}, {0xFE58, 0xFE58, '-'}, {0xFE63, 0xFE63, '-'},      /* dashes, minus */
    {0x00D7, 0x00D7, '*'}, {0x2715, 0x2715, '*'}, {0x00B7, 0x00B7, '*'}, {0x22C5, 0x22C5, '*'},      /* products */
    {0x00F7, 0x00F7, '/'}, {0x2044, 0x2044, '/'}, {0x2215, 0x2215, '/'},                             /* fractions */
    {0x2248, 0x2248, '='}, {0x2245, 0x2245, '='}, {0x21D2, 0x21D2, '='},                             /* equal, about, so */
    {0x2018, 0x201B, '\''}, {0x201C, 0x201F, '"'},                                                   /* quotes */
    {0x2028, 0x2029, '\n'}, {0x0085, 0x0085, '\n'},                                                  /* line ends */
};

/* 0: the character is invisible. */
static uint8_t beyond_ascii(int32_t c) {
    if (c >= 0xFF01 && c <= 0xFF5E) return (uint8_t)(c - 0xFF01 + '!');
    for (size_t i = 0; i < PVI_VULGARS; i++)
        if (vulgar[i].code == c) return (uint8_t)(PVI_GLYPH_VULGAR + i);
    for (size_t i = 0; i < sizeof plain / sizeof *plain; i++)
        if (c >= plain[i].first && c <= plain[i].last) return plain[i].code;
    if (c == 0x00B9) return PVI_GLYPH_SUPERSCRIPT + 1;
    if (c == 0x00B2 || c == 0x00B3) return (uint8_t)(PVI_GLYPH_SUPERSCRIPT + c - 0x00B0);
    if (c == 0x2070 || (c >= 0x2074 && c <= 0x2079)) return (uint8_t)(PVI_GLYPH_SUPERSCRIPT + c - 0x2070);
    if (c == 0x207B) return PVI_GLYPH_SUPERSCRIPT + 10;
    switch (utf8proc_category(c)) {
    case UTF8PROC_CATEGORY_ZS: return ' ';
    case UTF8PROC_CATEGORY_CF:
    case UTF8PROC_CATEGORY_MN:
    case UTF8PROC_CATEGORY_ME: return 0;
    case UTF8PROC_CATEGORY_LU:
    case UTF8PROC_CATEGORY_LL:
    case UTF8PROC_CATEGORY_LT:
    case UTF8PROC_CATEGORY_LM:
    case UTF8PROC_CATEGORY_LO:
    case UTF8PROC_CATEGORY_MC:
    case UTF8PROC_CATEGORY_ND:
    case UTF8PROC_CATEGORY_NL: return PVI_GLYPH_LETTER; /* digits of other scripts are not read as numbers */
    default: return PVI_GLYPH_SYMBOL;
    }
}

/* ---- ASCII sequences that stand for one character, or none ---- */

static bool starts(const char *text, size_t left, const char *what) {
    size_t n = strlen(what);
    return n <= left && memcmp(text, what, n) == 0;
}

/* Bytes of a calculator mark, 0 when this is none. A scan ends at the next '<', so all of them together are linear. */
static size_t calculator_mark(const char *text, size_t left) {
    if (!starts(text, left, "<<")) return 0;
    for (size_t i = 2; i + 1 < left && text[i] != '\n' && text[i] != '<'; i++)
        if (text[i] == '>' && text[i + 1] == '>') return i + 2;
    return 0;
}

static const struct {
    const char *text;
    uint8_t code; /* 0: left out */
} sequence[] = {
    {"{,}", ','}, {"\\%", '%'}, {"\\$", '$'}, {"\\#", '#'}, {"\\_", '_'}, {"\\&", '&'}, {"\\\\", ' '}, {"\\,", ' '},
    {"\\;", ' '}, {"\\:", ' '}, {"\\ ", ' '}, {"\\!", 0}, {"\\(", ' '}, {"\\)", ' '}, {"\\[", ' '}, {"\\]", ' '}, {"\r\n", '\n'},
};

/* The glyph of the character or sequence at text: its size in bytes, its code (0: left out). */
static size_t fold_one(const char *text, size_t left, uint8_t *code) {
    unsigned char c = (unsigned char)*text;
    *code = 0;
    size_t mark = c == '<' ? calculator_mark(text, left) : 0;
    if (mark > 0) return mark;
    for (size_t i = 0; i < sizeof sequence / sizeof *sequence && (c == '\\' || c == '{' || c == '\r'); i++) {
        if (!starts(text, left, sequence[i].text)) continue;
        *code = sequence[i].code;
        return strlen(sequence[i].text);
    }
    if (c < 0x80) {
        *code = c == '\r' ? '\n' : c == '\t' || (c < ' ' && c != '\n') || c == 0x7F ? ' ' : c;
        return 1;
    }
    int32_t point;
    utf8proc_ssize_t size = utf8proc_iterate((const utf8proc_uint8_t *)text, (utf8proc_ssize_t)(left < 4 ? left : 4), &point);
    *code = size > 0 ? beyond_ascii(point) : PVI_GLYPH_SYMBOL;
    return size > 0 ? (size_t)size : 1;
}

pvg_status pvi_glyphs_fold(pvi_env *env, const char *text, size_t length, pvi_glyphs *out) {
    pvi_glyph *at = pvi_alloc(env, length, sizeof *at);
    if (at == NULL) return PVG_E_NOMEM;
    size_t count = 0;
    for (size_t i = 0; i < length;) {
        uint8_t code;
        size_t size = fold_one(text + i, length - i, &code);
        if (code != 0) at[count++] = (pvi_glyph){.offset = i, .size = (uint8_t)size, .code = code};
        i += size;
    }
    *out = (pvi_glyphs){at, count};
    return PVG_OK;
}

void pvi_glyphs_free(pvi_env *env, pvi_glyphs *glyphs) {
    pvi_free(env, glyphs->at);
    *glyphs = (pvi_glyphs){0};
}

/* ---- words ---- */

static uint8_t lower(uint8_t c) { return c >= 'A' && c <= 'Z' ? (uint8_t)(c - 'A' + 'a') : c; }

bool pvi_glyphs_spell(const pvi_glyphs *g, size_t i, size_t end, const char *word) {
    for (; *word != '\0'; word++, i++)
        if (i >= end || lower(g->at[i].code) != (uint8_t)*word) return false;
    return true;
}

bool pvi_glyphs_word(const pvi_glyphs *g, size_t i, size_t end, const char *word) {
    size_t after = i + strlen(word);
    return pvi_glyphs_spell(g, i, end, word) && (i == 0 || !pvi_is_letter(g->at[i - 1].code)) &&
           (after >= g->count || !pvi_is_letter(g->at[after].code));
}
