/* grade_marker.c - where a solution states its answer. Every piece of text that is read is at most WINDOW characters
 * long, so that the work is linear in the solution. */
#include <string.h>

#include "game/grade_parts.h"

enum { WINDOW = 512, UNIT_WORDS = 4, SUBJECT = 100 };

const char *const pvi_mark_names[PVI_MARKS] = {"boxed", "hashes", "a-colon", "answer-is"};

static const size_t NOT_HERE = SIZE_MAX;

/* ---- recognising a marker: the glyph behind it, or NOT_HERE ---- */

static size_t skip_spaces(const pvi_glyphs *g, size_t i) {
    while (pvi_glyph_at(g, i) == ' ') i++;
    return i;
}

static bool is_markup(uint8_t c) { return c == ' ' || c == '*' || c == '_' || c == '`' || c == '"' || c == '\'' || c == ')'; }

static size_t skip_markup(const pvi_glyphs *g, size_t i) {
    while (is_markup(pvi_glyph_at(g, i))) i++;
    return i;
}

static size_t after_boxed(const pvi_glyphs *g, size_t i) {
    if (pvi_glyph_at(g, i) != '\\') return NOT_HERE;
    size_t at = pvi_glyphs_spell(g, i, g->count, "\\boxed") ? i + 6 : pvi_glyphs_spell(g, i, g->count, "\\fbox") ? i + 5 : NOT_HERE;
    if (at == NOT_HERE) return NOT_HERE;
    at = skip_spaces(g, at);
    return pvi_glyph_at(g, at) == '{' ? at + 1 : NOT_HERE;
}

static size_t after_hashes(const pvi_glyphs *g, size_t i) {
    if (pvi_glyph_at(g, i) != '#' || !pvi_glyphs_spell(g, i, g->count, "####")) return NOT_HERE;
    bool longer = (i > 0 && g->at[i - 1].code == '#') || pvi_glyph_at(g, i + 4) == '#';
    return longer ? NOT_HERE : i + 4;
}

/* At the start of a line or behind the end of a sentence. */
static bool at_start(const pvi_glyphs *g, size_t i) {
    while (i > 0 && is_markup(g->at[i - 1].code)) i--;
    uint8_t before = i > 0 ? g->at[i - 1].code : '\n';
    return before == '\n' || before == '.' || before == '!' || before == '?' || before == '>';
}

static size_t after_a_colon(const pvi_glyphs *g, size_t i) {
    if (pvi_glyph_at(g, i) != 'A') return NOT_HERE;
    size_t at = skip_markup(g, i + 1);
    if (pvi_glyph_at(g, at) != ':') return NOT_HERE;
    return at_start(g, i) ? at + 1 : NOT_HERE;
}

/* answer to/in/for ... is */
static size_t after_subject(const pvi_glyphs *g, size_t i) {
    static const char *const links[] = {"to", "in", "for"};
    bool linked = false;
    for (size_t n = 0; n < 3; n++) linked = linked || pvi_glyphs_word(g, i, g->count, links[n]);
    if (!linked) return NOT_HERE;
    for (size_t at = i; at < g->count && at < i + SUBJECT; at++) {
        uint8_t c = g->at[at].code;
        if (c == '\n' || c == '.' || c == '!' || c == ';') return NOT_HERE;
        if (pvi_glyphs_word(g, at, g->count, "is")) return at + 2;
    }
    return NOT_HERE;
}

static size_t after_answer_is(const pvi_glyphs *g, size_t i) {
    if ((pvi_glyph_at(g, i) | 0x20) != 'a' || !pvi_glyphs_word(g, i, g->count, "answer")) return NOT_HERE;
    size_t at = skip_markup(g, i + 6);
    uint8_t c = pvi_glyph_at(g, at);
    if (c == ':' || c == '=') return at + 1;
    return pvi_glyphs_word(g, at, g->count, "is") ? at + 2 : after_subject(g, at);
}

static size_t after_mark(int mark, const pvi_glyphs *g, size_t i) {
    switch (mark) {
    case PVI_MARK_BOXED: return after_boxed(g, i);
    case PVI_MARK_HASHES: return after_hashes(g, i);
    case PVI_MARK_A_COLON: return after_a_colon(g, i);
    default: return after_answer_is(g, i);
    }
}

/* ---- the text behind it ---- */

static bool is_text(uint8_t c) { return pvi_is_letter(c) || pvi_is_digit(c) || pvi_is_vulgar(c) || c == '\\'; }

static bool has_text(const pvi_glyphs *g, size_t begin, size_t end) {
    for (size_t i = begin; i < end; i++)
        if (is_text(g->at[i].code)) return true;
    return false;
}

static bool starts_offer(const pvi_glyphs *g, size_t i) {
    return after_boxed(g, i) != NOT_HERE || after_hashes(g, i) != NOT_HERE;
}

static bool ends_line(const pvi_glyphs *g, size_t i) {
    return i == g->count || g->at[i].code == '\n' || starts_offer(g, i);
}

/* Where the line ends, or the next offer in it starts. An offer that is all there is to read belongs to the text. */
static size_t line_end(const pvi_glyphs *g, size_t begin) {
    size_t i = begin, limit = g->count - i > WINDOW ? i + WINDOW : g->count;
    for (bool text = false; i < limit && g->at[i].code != '\n' && !(text && starts_offer(g, i)); i++)
        text = text || is_text(g->at[i].code);
    return i;
}

/* The matching brace, or NOT_HERE. */
static size_t closing_brace(const pvi_glyphs *g, size_t i) {
    size_t limit = g->count - i > WINDOW ? i + WINDOW : g->count;
    for (int depth = 1; i < limit; i++) {
        if (g->at[i].code == '{') depth++;
        if (g->at[i].code == '}' && --depth == 0) return i;
    }
    return NOT_HERE;
}

static bool readable(const pvi_offer *o) { return o->reading.said != PVI_SAYS_NOTHING; }

static bool read_boxed(const pvi_glyphs *g, bool percent, pvi_offer *o) {
    o->end = closing_brace(g, o->text);
    if (o->end == NOT_HERE) return false;
    pvi_reading_read(g, o->text, o->end, false, percent, &o->reading);
    return readable(o);
}

/* The answer fills [text,end), a whole line, but for a few words. */
static bool read_filling(const pvi_glyphs *g, bool percent, pvi_offer *o) {
    if (!ends_line(g, o->end)) return false;
    pvi_reading_read(g, o->text, o->end, false, percent, &o->reading);
    return readable(o) && o->reading.words <= UNIT_WORDS;
}

static bool read_line(int mark, const pvi_glyphs *g, bool percent, pvi_offer *o) {
    o->end = line_end(g, o->text);
    if (!has_text(g, o->text, o->end)) {
        size_t from = o->text, limit = g->count - from > WINDOW ? from + WINDOW : g->count;
        while (o->text < limit && !is_text(g->at[o->text].code)) o->text++;
        while (o->text > from && g->at[o->text - 1].code != '\n') o->text--; /* with its sign or currency */
        o->end = line_end(g, o->text);
        return read_filling(g, percent, o);
    }
    if (mark == PVI_MARK_A_COLON) return read_filling(g, percent, o);
    pvi_reading_read(g, o->text, o->end, true, percent, &o->reading);
    o->end = o->reading.end;
    return readable(o) && o->reading.words_before <= (mark == PVI_MARK_HASHES ? 0 : UNIT_WORDS);
}

/* ---- all of them ---- */

void pvi_offers_init(pvi_offers *offers) {
    *offers = (pvi_offers){.withdrawn = false};
    for (int m = 0; m < PVI_MARKS; m++) pvi_reading_init(&offers->of[m].reading);
}

void pvi_offers_clear(pvi_offers *offers) {
    for (int m = 0; m < PVI_MARKS; m++) pvi_reading_clear(&offers->of[m].reading);
}

/* The last readable occurrence; *broken_at: the last occurrence, if that one cannot be read. */
static void find_mark(int mark, const pvi_glyphs *g, bool percent, pvi_offer *o, size_t *broken_at) {
    *broken_at = NOT_HERE;
    for (size_t i = g->count; i-- > 0;) {
        size_t text = after_mark(mark, g, i);
        if (text == NOT_HERE) continue;
        o->begin = i;
        o->text = text;
        if (mark == PVI_MARK_BOXED ? read_boxed(g, percent, o) : read_line(mark, g, percent, o)) return;
        if (*broken_at == NOT_HERE) *broken_at = i;
    }
    o->reading.said = PVI_SAYS_NOTHING;
}

void pvi_offers_find(const pvi_glyphs *g, bool percent_as_fraction, pvi_offers *out) {
    size_t broken_box = NOT_HERE;
    for (int m = PVI_MARKS; m-- > 0;) find_mark(m, g, percent_as_fraction, &out->of[m], &broken_box);
    out->withdrawn = broken_box != NOT_HERE;
    for (int m = 0; m < PVI_MARKS; m++)
        if (readable(&out->of[m]) && out->of[m].end > broken_box) out->withdrawn = false;
}

bool pvi_offers_last_hashes(const pvi_glyphs *g, size_t *begin, size_t *end) {
    for (size_t i = g->count; i-- > 0;) {
        size_t text = after_hashes(g, i);
        if (text == NOT_HERE) continue;
        *begin = text;
        *end = line_end(g, text);
        return true;
    }
    return false;
}
