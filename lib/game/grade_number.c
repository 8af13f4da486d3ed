/* grade_number.c - one number in folded text, as an exact rational. Bounded: no number has more than DIGITS digits. */
#include <string.h>

#include "game/grade_parts.h"

enum { DIGITS = PVI_NUMBER_DIGITS, EXPONENT = 400 };

void pvi_number_init(pvi_number *number) {
    *number = (pvi_number){0};
    mpq_init(number->value);
}

void pvi_number_clear(pvi_number *number) { mpq_clear(number->value); }

void pvi_number_swap(pvi_number *a, pvi_number *b) {
    pvi_number keep = *a;
    *a = *b;
    *b = keep;
}

bool pvi_number_equal(const pvi_number *a, const pvi_number *b, bool percent_as_fraction) {
    if (!percent_as_fraction || a->percent == b->percent) return mpq_equal(a->value, b->value) != 0;
    mpq_t hundred, scaled;
    mpq_init(hundred);
    mpq_init(scaled);
    mpq_set_ui(hundred, 100, 1);
    mpq_div(scaled, a->percent ? a->value : b->value, hundred);
    bool equal = mpq_equal(scaled, a->percent ? b->value : a->value) != 0;
    mpq_clear(hundred);
    mpq_clear(scaled);
    return equal;
}

/* ---- digits ---- */

/* The text that a number is read from. */
typedef struct source {
    const pvi_glyphs *g;
    size_t end;
} source;

static uint8_t peek(const source *s, size_t i) { return i < s->end ? s->g->at[i].code : 0; }

static size_t skip_spaces(const source *s, size_t i) {
    while (peek(s, i) == ' ') i++;
    return i;
}

static size_t count_digits(const source *s, size_t i) {
    size_t n = 0;
    while (pvi_is_digit(peek(s, i + n))) n++;
    return n;
}

/* Digits with commas between groups of three and a decimal part. */
typedef struct decimal {
    char digits[DIGITS + 1];
    size_t count;    /* digits met: more than DIGITS are not kept */
    size_t decimals; /* of them behind the point */
    bool pointed;
    size_t end;
} decimal;

static void take_digits(const source *s, decimal *d, size_t n) {
    for (size_t i = 0; i < n; i++, d->end++)
        if (d->count++ < DIGITS) d->digits[d->count - 1] = (char)peek(s, d->end);
}

static bool comma_group(const source *s, size_t i) { return peek(s, i) == ',' && count_digits(s, i + 1) == 3; }

static bool read_decimal(const source *s, size_t i, decimal *d) {
    *d = (decimal){.end = i};
    size_t leading = count_digits(s, i);
    take_digits(s, d, leading);
    if (leading >= 1 && leading <= 3 && peek(s, i) != '0') {
        while (comma_group(s, d->end)) {
            d->end++;
            take_digits(s, d, 3);
        }
    }
    if (peek(s, d->end) == '.' && pvi_is_digit(peek(s, d->end + 1))) {
        d->pointed = true;
        d->end++;
        d->decimals = count_digits(s, d->end);
        take_digits(s, d, d->decimals);
    }
    d->digits[d->count < DIGITS ? d->count : DIGITS] = '\0';
    return d->count > 0 && d->count <= DIGITS;
}

static void times_power_of_ten(mpq_t value, long exponent) {
    mpz_t power;
    mpz_init(power);
    mpz_ui_pow_ui(power, 10, (unsigned long)(exponent < 0 ? -exponent : exponent));
    if (exponent < 0) mpz_mul(mpq_denref(value), mpq_denref(value), power);
    else mpz_mul(mpq_numref(value), mpq_numref(value), power);
    mpz_clear(power);
    mpq_canonicalize(value);
}

static void decimal_value(const decimal *d, mpq_t out) {
    mpz_set_str(mpq_numref(out), d->digits, 10);
    mpz_set_ui(mpq_denref(out), 1);
    times_power_of_ten(out, -(long)d->decimals);
}

/* ---- powers of ten ---- */

/* [+-]digits, in plain or superscript digits; false when there is none or it is beyond EXPONENT. */
static bool read_exponent(const source *s, size_t *i, long *out) {
    bool raised = peek(s, *i) >= PVI_GLYPH_SUPERSCRIPT && peek(s, *i) <= PVI_GLYPH_SUPERSCRIPT + 10;
    uint8_t zero = raised ? PVI_GLYPH_SUPERSCRIPT : '0', minus = raised ? PVI_GLYPH_SUPERSCRIPT + 10 : '-';
    bool negative = peek(s, *i) == minus;
    if (negative || peek(s, *i) == '+') ++*i;
    long value = 0;
    size_t first = *i;
    for (; peek(s, *i) >= zero && peek(s, *i) <= zero + 9; ++*i)
        if (value <= EXPONENT) value = value * 10 + (peek(s, *i) - zero);
    *out = negative ? -value : value;
    return *i > first && value <= EXPONENT;
}

/* e3 directly behind the digits. */
static pvi_found read_e(const source *s, size_t *i, long *exponent) {
    size_t at = *i + 1;
    if (peek(s, *i) != 'e' && peek(s, *i) != 'E') return PVI_FOUND_NOTHING;
    if (!pvi_is_digit(peek(s, at)) && !((peek(s, at) == '-' || peek(s, at) == '+') && pvi_is_digit(peek(s, at + 1))))
        return PVI_FOUND_NOTHING;
    bool fine = read_exponent(s, &at, exponent);
    *i = at;
    return fine ? PVI_FOUND_NUMBER : PVI_FOUND_BROKEN;
}

/* x 10^3: the sign may be x, *, \times or \cdot, the exponent in braces or raised. */
static pvi_found read_times_ten(const source *s, size_t *i, long *exponent) {
    size_t at = skip_spaces(s, *i);
    if (peek(s, at) == 'x' || peek(s, at) == 'X' || peek(s, at) == '*') at++;
    else if (pvi_glyphs_spell(s->g, at, s->end, "\\times")) at += 6;
    else if (pvi_glyphs_spell(s->g, at, s->end, "\\cdot")) at += 5;
    else return PVI_FOUND_NOTHING;
    at = skip_spaces(s, at);
    if (peek(s, at) != '1' || peek(s, at + 1) != '0') return PVI_FOUND_NOTHING;
    at += 2;
    bool raised = peek(s, at) >= PVI_GLYPH_SUPERSCRIPT && peek(s, at) <= PVI_GLYPH_SUPERSCRIPT + 10;
    if (!raised && peek(s, at++) != '^') return PVI_FOUND_NOTHING;
    bool braced = peek(s, at) == '{';
    at += braced;
    bool fine = read_exponent(s, &at, exponent) && (!braced || peek(s, at) == '}');
    *i = at + (fine && braced);
    return fine ? PVI_FOUND_NUMBER : PVI_FOUND_BROKEN;
}

/* ---- fractions ---- */

/* out = numerator / denominator, when the denominator is not zero. */
static bool set_ratio(const decimal *numerator, const decimal *denominator, mpq_t out) {
    mpq_t below;
    mpq_init(below);
    decimal_value(numerator, out);
    decimal_value(denominator, below);
    bool fine = mpq_sgn(below) != 0;
    if (fine) mpq_div(out, out, below);
    mpq_clear(below);
    return fine;
}

/* One argument of \frac: {12} or a single digit. */
static bool read_argument(const source *s, size_t *i, decimal *out, bool *negative) {
    *i = skip_spaces(s, *i);
    if (peek(s, *i) != '{') {
        if (!pvi_is_digit(peek(s, *i))) return false;
        *out = (decimal){.digits = {(char)peek(s, *i)}, .count = 1, .end = *i + 1};
        ++*i;
        return true;
    }
    size_t at = skip_spaces(s, *i + 1);
    if (peek(s, at) == '-') *negative = !*negative, at++;
    if (!read_decimal(s, at, out)) return false;
    at = skip_spaces(s, out->end);
    if (peek(s, at) != '}') return false;
    *i = at + 1;
    return true;
}

static pvi_found read_latex_fraction(const source *s, size_t *i, mpq_t out) {
    static const char *const names[] = {"\\frac", "\\tfrac", "\\dfrac", "\\cfrac"};
    size_t at = 0;
    for (size_t n = 0; n < 4 && at == 0; n++)
        if (pvi_glyphs_spell(s->g, *i, s->end, names[n])) at = *i + strlen(names[n]);
    if (at == 0 || pvi_is_letter(peek(s, at))) return PVI_FOUND_NOTHING;
    decimal numerator, denominator;
    bool negative = false;
    bool fine = read_argument(s, &at, &numerator, &negative) && read_argument(s, &at, &denominator, &negative) &&
                set_ratio(&numerator, &denominator, out);
    if (fine && negative) mpq_neg(out, out);
    *i = at;
    return fine ? PVI_FOUND_NUMBER : PVI_FOUND_BROKEN;
}

/* /4 behind whole digits, with blanks around it or none. */
static pvi_found read_over(const source *s, const decimal *numerator, size_t *i, mpq_t out) {
    size_t at = skip_spaces(s, *i);
    if (numerator->pointed || peek(s, at) != '/') return PVI_FOUND_NOTHING;
    at = skip_spaces(s, at + 1);
    if (!pvi_is_digit(peek(s, at))) return PVI_FOUND_NOTHING;
    decimal denominator;
    bool fine = read_decimal(s, at, &denominator) && !denominator.pointed && set_ratio(numerator, &denominator, out);
    *i = denominator.end;
    if (peek(s, skip_spaces(s, *i)) == '/' && pvi_is_digit(peek(s, skip_spaces(s, skip_spaces(s, *i) + 1)))) fine = false;
    return fine ? PVI_FOUND_NUMBER : PVI_FOUND_BROKEN;
}

/* A proper fraction behind a whole number and a blank ("2 1/2", "2\frac12", "2½"). */
static bool read_mixed(const source *s, size_t *i, mpq_t part) {
    size_t at = skip_spaces(s, *i);
    bool found = false;
    if (pvi_is_vulgar(peek(s, at))) {
        unsigned long a, b;
        pvi_vulgar_fraction(peek(s, at) - PVI_GLYPH_VULGAR, &a, &b);
        mpq_set_ui(part, a, b);
        at++;
        found = true;
    } else if (peek(s, at) == '\\') {
        found = read_latex_fraction(s, &at, part) == PVI_FOUND_NUMBER;
    } else if (at > *i) {
        decimal numerator;
        found = read_decimal(s, at, &numerator);
        at = numerator.end;
        found = found && read_over(s, &numerator, &at, part) == PVI_FOUND_NUMBER;
    }
    found = found && mpq_sgn(part) > 0 && mpz_cmp(mpq_numref(part), mpq_denref(part)) < 0;
    if (found) *i = at;
    return found;
}

/* ---- what may stand behind a number ---- */

static void read_scale(const source *s, pvi_number *n) {
    static const struct {
        const char *word;
        long exponent;
    } scale[] = {{"hundred", 2}, {"thousand", 3}, {"million", 6}, {"billion", 9}, {"trillion", 12}};
    size_t at = skip_spaces(s, n->end);
    for (size_t i = 0; i < sizeof scale / sizeof *scale; i++) {
        if (!pvi_glyphs_word(s->g, at, s->end, scale[i].word)) continue;
        times_power_of_ten(n->value, scale[i].exponent);
        n->end = at + strlen(scale[i].word);
        return;
    }
}

static void read_percent(const source *s, pvi_number *n) {
    size_t at = skip_spaces(s, n->end);
    size_t length = peek(s, at) == '%'                                ? 1
                    : pvi_glyphs_word(s->g, at, s->end, "percent")    ? 7
                    : pvi_glyphs_word(s->g, at, s->end, "per cent")   ? 8
                    : peek(s, at) == '$' && peek(s, at + 1) == '%'    ? 2 /* $50$% */
                                                                      : 0;
    n->percent = length > 0;
    if (length > 0) n->end = at + length;
}

/* Does something follow directly that makes the number another one: a second point, a power, k for thousand? */
static bool spoiled(const source *s, size_t i) {
    uint8_t c = peek(s, i), next = peek(s, i + 1);
    if (c == '.' && pvi_is_digit(next)) return true;
    if (c == '^') return !pvi_glyphs_spell(s->g, i, s->end, "^\\circ") && !pvi_glyphs_spell(s->g, i, s->end, "^{\\circ");
    if (c >= PVI_GLYPH_SUPERSCRIPT && c <= PVI_GLYPH_SUPERSCRIPT + 10) return true;
    if (pvi_is_vulgar(c)) return true;
    return (c == 'k' || c == 'K' || c == 'M' || c == 'B') && !pvi_is_letter(next);
}

static size_t after_broken(const source *s, size_t i) {
    while (pvi_is_digit(peek(s, i)) || ((peek(s, i) == '.' || peek(s, i) == ',') && pvi_is_digit(peek(s, i + 1)))) i++;
    return i;
}

static pvi_found read_magnitude(const source *s, size_t i, pvi_number *out) {
    decimal d;
    unsigned long a, b;
    long exponent = 0;
    out->end = i;
    if (peek(s, i) == '\\') return read_latex_fraction(s, &out->end, out->value);
    if (pvi_is_vulgar(peek(s, i))) {
        pvi_vulgar_fraction(peek(s, i) - PVI_GLYPH_VULGAR, &a, &b);
        mpq_set_ui(out->value, a, b);
        out->end = i + 1;
        return PVI_FOUND_NUMBER;
    }
    if (!pvi_is_digit(peek(s, i)) && !(peek(s, i) == '.' && pvi_is_digit(peek(s, i + 1)))) return PVI_FOUND_NOTHING;
    bool fine = read_decimal(s, i, &d);
    out->end = d.end;
    if (!fine) return PVI_FOUND_BROKEN;
    pvi_found found = read_over(s, &d, &out->end, out->value);
    if (found != PVI_FOUND_NOTHING) return found;
    decimal_value(&d, out->value);
    found = read_e(s, &out->end, &exponent);
    if (found == PVI_FOUND_NOTHING) found = read_times_ten(s, &out->end, &exponent);
    if (found == PVI_FOUND_BROKEN) return found;
    if (found == PVI_FOUND_NUMBER) {
        times_power_of_ten(out->value, exponent);
    } else if (!d.pointed) {
        mpq_t part;
        mpq_init(part);
        if (read_mixed(s, &out->end, part)) mpq_add(out->value, out->value, part);
        mpq_clear(part);
    }
    return PVI_FOUND_NUMBER;
}

pvi_found pvi_number_read(const pvi_glyphs *g, size_t i, size_t end, pvi_number *out) {
    source s = {g, end};
    out->begin = i;
    out->percent = false;
    pvi_found found = read_magnitude(&s, i, out);
    if (found == PVI_FOUND_NOTHING) return found;
    if (found == PVI_FOUND_BROKEN || spoiled(&s, out->end)) {
        out->end = after_broken(&s, out->end);
        return PVI_FOUND_BROKEN;
    }
    read_scale(&s, out);
    read_percent(&s, out);
    return PVI_FOUND_NUMBER;
}
