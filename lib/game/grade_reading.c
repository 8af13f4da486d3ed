/* grade_reading.c - what a piece of text says: nothing readable, one number, or several that differ. */
#include <string.h>

#include "game/grade_parts.h"

/* ---- tokens ---- */

typedef enum token { T_END, T_NUMBER, T_BROKEN, T_WORD, T_EQUALS, T_SEPARATOR, T_OPEN, T_STOP } token;

typedef struct scanner {
    const pvi_glyphs *g;
    size_t at, end;
    bool after_number;    /* only symbols since the last number: a minus is then an operator */
    pvi_number number;    /* of T_NUMBER */
    size_t word, word_end; /* of T_WORD */
} scanner;

static void scanner_init(scanner *s, const pvi_glyphs *g, size_t begin, size_t end) {
    *s = (scanner){.g = g, .at = begin, .end = end};
    pvi_number_init(&s->number);
}

static uint8_t peek(const scanner *s, size_t i) { return i < s->end ? s->g->at[i].code : 0; }

static bool is_word(const scanner *s, const char *word) {
    return strlen(word) == s->word_end - s->word && pvi_glyphs_spell(s->g, s->word, s->word_end, word);
}

static bool is_one_of(const scanner *s, const char *const *words) {
    for (; *words != NULL; words++)
        if (is_word(s, *words)) return true;
    return false;
}

/* LaTeX commands that decorate; any other one (\sqrt, \pi) makes what stands there unreadable. */
static bool is_decoration(const scanner *s, size_t i) {
    static const char *const names[] = {"text",   "textbf", "textit", "mathrm", "mathbf", "mathit", "mbox",  "left",
                                        "right",  "quad",   "qquad",  "boxed",  "fbox",   "times",  "cdot",  "div",
                                        "degree", "circ",   "displaystyle", "boldsymbol", "bf", "rm", "euro", "pounds"};
    for (size_t n = 0; n < sizeof names / sizeof *names; n++)
        if (pvi_glyphs_word(s->g, i, s->end, names[n])) return true;
    return false;
}

static token read_command(scanner *s) {
    size_t name = s->at + 1, after = name;
    while (pvi_is_letter(peek(s, after))) after++;
    bool equal = pvi_glyphs_word(s->g, name, s->end, "approx") || pvi_glyphs_word(s->g, name, s->end, "implies");
    bool harmless = after == name || is_decoration(s, name);
    s->at = after;
    return equal ? T_EQUALS : harmless ? T_END : T_BROKEN;
}

/* A run of letters with what is glued to it: "x2", "F-16", "isn't". */
static token read_word(scanner *s) {
    s->word = s->at;
    for (uint8_t c; (c = peek(s, s->at)) != 0; s->at++)
        if (!pvi_is_letter(c) && !((c == '\'' || c == '-') && pvi_is_letter(peek(s, s->at + 1)))) break;
    s->word_end = s->at;
    for (uint8_t c; (c = peek(s, s->at)) != 0; s->at++)
        if (!pvi_is_letter(c) && !pvi_is_digit(c) && !(c == '-' && pvi_is_digit(peek(s, s->at + 1)))) break;
    return T_WORD;
}

static bool is_ordinal(const scanner *s, size_t after_digits) {
    static const char *const endings[] = {"st", "nd", "rd", "th"};
    for (size_t i = 0; i < 4; i++)
        if (pvi_glyphs_word(s->g, after_digits, s->end, endings[i])) return true;
    return false;
}

/* The number whose sign, currency or first digit stands at s->at; T_END when none does. */
static token read_signed(scanner *s) {
    enum { BETWEEN = 3 }; /* most characters between the sign and the digits */
    size_t at = s->at;
    bool negative = peek(s, at) == '-', sign = negative || peek(s, at) == '+';
    at += sign;
    for (int n = 0; n < BETWEEN && (peek(s, at) == '$' || (sign && peek(s, at) == ' ')); n++) at++;
    if (!sign && (peek(s, at) == '-' || peek(s, at) == '+')) sign = true, negative = peek(s, at++) == '-'; /* $-5 */
    pvi_found found = pvi_number_read(s->g, at, s->end, &s->number);
    if (found == PVI_FOUND_NOTHING) return T_END;
    if (found == PVI_FOUND_NUMBER && is_ordinal(s, s->number.end)) {
        s->word = s->word_end = s->number.end;
        s->at = s->number.end + 2;
        return T_WORD;
    }
    if (negative) mpq_neg(s->number.value, s->number.value);
    s->number.begin = s->at;
    s->at = s->number.end;
    return found == PVI_FOUND_NUMBER ? T_NUMBER : T_BROKEN;
}

static bool may_start_number(const scanner *s) {
    uint8_t c = peek(s, s->at), before = s->at > 0 ? s->g->at[s->at - 1].code : 0;
    if (c == '-' || c == '+') {
        bool bullet = (before == '\n' || before == 0) && peek(s, s->at + 1) == ' ';
        return !s->after_number && !bullet && before != '-' && before != '+' && before != ')';
    }
    if (c == '.') return pvi_is_digit(peek(s, s->at + 1)) && before != '.';
    return pvi_is_digit(c) || c == '$' || pvi_is_vulgar(c) || c == '\\';
}

/* Symbols; T_END: nothing to tell, go on. */
static token read_symbol(scanner *s) {
    uint8_t c = peek(s, s->at), next = peek(s, s->at + 1);
    if (c == '\\') return read_command(s);
    s->at++;
    if (c == '=') return T_EQUALS;
    if (c == '(' || c == '[') return T_OPEN;
    if (c == ';' || (c == ',' && !pvi_is_digit(next))) return T_SEPARATOR;
    bool ends = next == ' ' || next == '\n' || next == 0 || next == '"' || next == ')' || next == '*';
    if ((c == '.' && ends) || c == '!' || c == '?') return T_STOP;
    return T_END;
}

static token next_token(scanner *s) {
    while (s->at < s->end) {
        uint8_t c = peek(s, s->at);
        token t = T_END;
        if (pvi_is_letter(c)) {
            t = read_word(s);
        } else {
            if (may_start_number(s)) t = read_signed(s);
            if (t == T_END) t = read_symbol(s);
        }
        if (t == T_NUMBER) s->after_number = true;
        else if (t == T_WORD || t == T_EQUALS || t == T_OPEN || t == T_SEPARATOR) s->after_number = false;
        if (t != T_END) return t;
    }
    return T_END;
}

/* ---- equations ---- */

/* One side of an equation. */
typedef struct side {
    pvi_number number; /* the first */
    size_t numbers, words;
    bool joined;     /* the last token was a number, but for symbols: a further one makes an expression */
    bool expression; /* numbers that are operands, differ, or cannot be read */
    bool negated;    /* "minus" stands directly before */
} side;

static void side_start(side *s) {
    s->numbers = s->words = 0;
    s->joined = s->expression = s->negated = false;
}

static void side_number(side *s, pvi_number *number, bool percent_as_fraction) {
    if (s->negated) mpq_neg(number->value, number->value);
    s->negated = false;
    if (s->numbers++ == 0) pvi_number_swap(&s->number, number);
    else if (s->joined || !pvi_number_equal(&s->number, number, percent_as_fraction)) s->expression = true;
    s->joined = true;
}

/* A word between two numbers keeps them apart, unless it is an operation. */
static void side_word(side *s, const scanner *scan) {
    static const char *const operations[] = {"x", "times", "plus", "minus", "over", "to", NULL};
    static const char *const signs[] = {"minus", "negative", NULL};
    bool operation = s->joined && is_one_of(scan, operations);
    s->negated = !operation && is_one_of(scan, signs);
    if (operation || s->negated) return;
    s->joined = false;
    if (s->numbers == 0) s->words++;
}

/* Sides of one equation, then equations beside each other. */
typedef struct reader {
    pvi_reading *out;
    side side;
    bool percent_as_fraction;
    bool any, chain, chain_any; /* numbers were met; this chain has a plain side; this chain has numbers */
    pvi_number value;           /* of the last plain side of the chain */
    size_t words_before;
} reader;

static void end_side(reader *r) {
    side *s = &r->side;
    if (s->numbers > 0 && !r->any) {
        r->any = true;
        r->out->words_before = s->words;
        r->out->number.begin = s->number.begin;
        r->out->number.end = s->number.end;
    }
    r->chain_any = r->chain_any || s->numbers > 0 || s->expression;
    if (s->numbers > 0 && !s->expression) {
        r->chain = true;
        r->words_before = s->words;
        pvi_number_swap(&r->value, &s->number);
    }
    side_start(s);
}

static void end_chain(reader *r) {
    end_side(r);
    pvi_reading *out = r->out;
    if (r->chain_any && !r->chain) {
        out->said = PVI_SAYS_MANY;
    } else if (r->chain && out->said == PVI_SAYS_NOTHING) {
        out->said = PVI_SAYS_ONE;
        out->words_before = r->words_before;
        pvi_number_swap(&out->number, &r->value);
    } else if (r->chain && !pvi_number_equal(&out->number, &r->value, r->percent_as_fraction)) {
        out->said = PVI_SAYS_MANY;
    }
    r->chain = r->chain_any = false;
}

/* ---- readings ---- */

void pvi_reading_init(pvi_reading *reading) {
    *reading = (pvi_reading){.said = PVI_SAYS_NOTHING};
    pvi_number_init(&reading->number);
}

void pvi_reading_clear(pvi_reading *reading) { pvi_number_clear(&reading->number); }

/* True: the clause ends here. */
static bool take_word(reader *r, const scanner *s, bool sentence, bool *denied) {
    static const char *const reasons[] = {"because", "since", "as", "which", NULL};
    static const char *const joins[] = {"and", "or", NULL};
    static const char *const denials[] = {"not", "never", "isn't", "than", "least", "most", "without", "sqrt", NULL};
    bool seen = r->any || r->side.numbers > 0;
    if (sentence && seen && is_one_of(s, reasons)) return true;
    if (is_one_of(s, joins)) {
        end_chain(r);
        return false;
    }
    *denied = *denied || (!seen && is_one_of(s, denials));
    r->out->words++;
    side_word(&r->side, s);
    return false;
}

void pvi_reading_read(const pvi_glyphs *g, size_t begin, size_t end, bool sentence, bool percent_as_fraction,
                      pvi_reading *out) {
    scanner s;
    reader r = {.out = out, .percent_as_fraction = percent_as_fraction};
    bool denied = false, broken = false;
    scanner_init(&s, g, begin, end);
    pvi_number_init(&r.side.number);
    pvi_number_init(&r.value);
    side_start(&r.side);
    out->said = PVI_SAYS_NOTHING;
    out->words = out->words_before = 0;
    bool ended = false;
    for (token t; !ended && (t = next_token(&s)) != T_END;) {
        switch (t) {
        case T_NUMBER: side_number(&r.side, &s.number, percent_as_fraction); break;
        case T_BROKEN: r.side.expression = broken = true; break;
        case T_EQUALS: end_side(&r); break;
        case T_SEPARATOR: end_chain(&r); break;
        case T_OPEN: r.side.joined = false; break;
        case T_STOP: ended = sentence && (r.any || r.side.numbers > 0); break;
        case T_WORD: ended = take_word(&r, &s, sentence, &denied); break;
        case T_END: break;
        }
    }
    end_chain(&r);
    out->end = s.at;
    if (denied || (broken && out->said == PVI_SAYS_MANY)) out->said = PVI_SAYS_NOTHING;
    pvi_number_clear(&r.value);
    pvi_number_clear(&r.side.number);
    pvi_number_clear(&s.number);
}

bool pvi_reading_mentions(const pvi_glyphs *g, size_t begin, size_t end, const pvi_number *number, bool percent_as_fraction) {
    scanner s;
    bool found = false;
    scanner_init(&s, g, begin, end);
    for (token t; !found && (t = next_token(&s)) != T_END;)
        found = t == T_NUMBER && pvi_number_equal(&s.number, number, percent_as_fraction);
    pvi_number_clear(&s.number);
    return found;
}

bool pvi_reading_last(const pvi_glyphs *g, pvi_number *out) {
    scanner s;
    bool found = false;
    scanner_init(&s, g, 0, g->count);
    for (token t; (t = next_token(&s)) != T_END;) {
        if (t != T_NUMBER) continue;
        pvi_number_swap(&s.number, out);
        found = true;
    }
    pvi_number_clear(&s.number);
    return found;
}
