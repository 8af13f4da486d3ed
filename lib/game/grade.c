/* grade.c - verdicts and canonical golds; see grade.h. */
#include "game/grade.h"

#include <string.h>

#include "base/alloc.h"
#include "base/text.h"
#include "game/grade_parts.h"

static const char NAME[] = "grade";

const char *pvi_verdict_name(pvg_verdict verdict) {
    switch (verdict) {
    case PVG_VERDICT_CORRECT: return "correct";
    case PVG_VERDICT_WRONG: return "wrong";
    case PVG_VERDICT_NO_ANSWER: return "no_answer";
    case PVG_VERDICT_AMBIGUOUS: return "ambiguous";
    case PVG_VERDICT_TRUNCATED: return "truncated";
    default: return "ungraded";
    }
}

/* ---- golds ---- */

static pvg_status unreadable(pvi_env *env, const char *text, size_t length) {
    enum { SHOWN = 60 };
    bool longer = length > SHOWN;
    size_t from = longer ? length - SHOWN : 0; /* the answer stands at the end */
    while (from < length && ((unsigned char)text[from] & 0xC0) == 0x80) from++;
    return pvi_fail(env, PVG_E_FORMAT, NAME, "no single number can be read from the reference answer '%s%.*s'",
                    longer ? "..." : "", (int)(length - from), text + from);
}

/* The answer alone: one number on one line with at most a few words. */
static bool read_alone(const pvi_glyphs *g, size_t begin, size_t end, pvi_reading *r) {
    enum { WORDS = 6, LONGEST = 512 };
    while (end > begin && (g->at[end - 1].code == '\n' || g->at[end - 1].code == ' ')) end--;
    while (begin < end && (g->at[begin].code == '\n' || g->at[begin].code == ' ')) begin++;
    if (end - begin > LONGEST) return false;
    for (size_t i = begin; i < end; i++)
        if (g->at[i].code == '\n') return false;
    pvi_reading_read(g, begin, end, false, false, r);
    return r->said == PVI_SAYS_ONE && r->words <= WORDS;
}

static bool read_marked(const pvi_glyphs *g, pvi_reading *r) {
    pvi_offers offers;
    pvi_offers_init(&offers);
    pvi_offers_find(g, false, &offers);
    bool found = false;
    for (int m = 0; m < PVI_MARKS && !found && !offers.withdrawn; m++) {
        pvi_reading *offered = &offers.of[m].reading;
        found = offered->said != PVI_SAYS_NOTHING;
        if (!found) continue;
        r->said = offered->said;
        pvi_number_swap(&r->number, &offered->number);
    }
    pvi_offers_clear(&offers);
    return found;
}

static pvg_status read_gold(pvi_env *env, const char *text, size_t length, pvi_reading *r) {
    pvi_glyphs g;
    pvg_status status = pvi_glyphs_fold(env, text, length, &g);
    if (status != PVG_OK) return status;
    size_t begin, end;
    bool fine;
    if (pvi_offers_last_hashes(&g, &begin, &end)) fine = read_alone(&g, begin, end, r);
    else if (read_marked(&g, r)) fine = r->said == PVI_SAYS_ONE;
    else fine = read_alone(&g, 0, g.count, r);
    pvi_glyphs_free(env, &g);
    return fine ? PVG_OK : unreadable(env, text, length);
}

/* How many times the prime divides n, which is left without it. */
static unsigned long take_prime(mpz_t n, unsigned long prime) {
    mpz_t p;
    mpz_init_set_ui(p, prime);
    unsigned long times = mpz_remove(n, n, p);
    mpz_clear(p);
    return times;
}

/* Decimals that a fraction in lowest terms needs; false when they never end. */
static bool finite_decimals(const mpq_t value, unsigned long *decimals) {
    mpz_t rest;
    mpz_init_set(rest, mpq_denref(value));
    unsigned long twos = take_prime(rest, 2), fives = take_prime(rest, 5);
    bool finite = mpz_cmp_ui(rest, 1) == 0;
    mpz_clear(rest);
    *decimals = twos > fives ? twos : fives;
    return finite;
}

/* value * 10^decimals is whole: write it with its point. */
static void write_decimal(const mpq_t value, unsigned long decimals, char out[PVI_GOLD_SIZE]) {
    mpz_t scaled;
    mpz_init(scaled);
    mpz_ui_pow_ui(scaled, 10, decimals);
    mpz_mul(scaled, scaled, mpq_numref(value));
    mpz_divexact(scaled, scaled, mpq_denref(value));
    mpz_abs(scaled, scaled);
    char digits[PVI_GOLD_SIZE + 2];
    mpz_get_str(digits, 10, scaled);
    mpz_clear(scaled);
    size_t count = strlen(digits), whole = count > decimals ? count - decimals : 0, at = 0;
    if (mpq_sgn(value) < 0) out[at++] = '-';
    if (whole == 0) out[at++] = '0';
    memcpy(out + at, digits, whole);
    at += whole;
    if (decimals > 0) {
        out[at++] = '.';
        for (size_t zeros = decimals - (count - whole); zeros > 0; zeros--) out[at++] = '0';
        memcpy(out + at, digits + whole, count - whole);
        at += count - whole;
    }
    out[at] = '\0';
}

/* No part has more digits than the reader takes. */
static bool can_be_read_back(const char *text) {
    size_t digits = 0;
    for (; *text != '\0' && digits <= PVI_NUMBER_DIGITS; text++) {
        if (*text == '/') digits = 0;
        digits += pvi_is_digit((uint8_t)*text);
    }
    return digits <= PVI_NUMBER_DIGITS;
}

static pvg_status write_canonical(pvi_env *env, const pvi_number *number, char out[PVI_GOLD_SIZE]) {
    enum { SPARE = 16 }; /* sign, point, leading zero, slash, percent, NUL */
    unsigned long decimals = 0;
    bool finite = finite_decimals(number->value, &decimals);
    size_t numerator = mpz_sizeinbase(mpq_numref(number->value), 10);
    size_t denominator = mpz_sizeinbase(mpq_denref(number->value), 10);
    bool fits = numerator + (finite ? decimals : denominator) <= PVI_GOLD_SIZE - SPARE;
    if (fits && finite) write_decimal(number->value, decimals, out);
    else if (fits) mpq_get_str(out, 10, number->value);
    if (!fits || !can_be_read_back(out))
        return pvi_fail(env, PVG_E_FORMAT, NAME, "the reference answer has over %d digits", PVI_NUMBER_DIGITS);
    if (number->percent) strcat(out, "%");
    return PVG_OK;
}

pvg_status pvi_gold_canonical(pvi_env *env, const char *text, size_t length, char out[PVI_GOLD_SIZE]) {
    pvi_reading r;
    pvi_reading_init(&r);
    pvg_status status = read_gold(env, text, length, &r);
    if (status == PVG_OK) status = write_canonical(env, &r.number, out);
    pvi_reading_clear(&r);
    return status;
}

/* ---- solutions ---- */

/* No word between the end of one offer and the start of the next. */
static bool side_by_side(const pvi_glyphs *g, const pvi_offer *first, const pvi_offer *second) {
    for (size_t i = first->end; i < second->begin; i++)
        if (pvi_is_letter(g->at[i].code)) return false;
    return true;
}

static bool contradicts(const pvi_glyphs *g, const pvi_offer *answer, const pvi_offer *other, bool percent) {
    const pvi_number *mine = &answer->reading.number, *its = &other->reading.number;
    if (other->reading.said == PVI_SAYS_ONE && pvi_number_equal(mine, its, percent)) return false;
    if (its->begin >= answer->end) return true;
    if (its->end > answer->text) return false; /* the same words, read by both markers */
    if (!side_by_side(g, other, answer)) return false;
    return other->reading.said == PVI_SAYS_ONE || !pvi_reading_mentions(g, other->text, other->end, mine, percent);
}

/* The answer's mark; PVI_MARKS when there is none. */
static int choose(const pvi_glyphs *g, const pvi_offers *offers, bool percent, bool *ambiguous) {
    int chosen = 0;
    *ambiguous = false;
    if (offers->withdrawn) return PVI_MARKS;
    while (chosen < PVI_MARKS && offers->of[chosen].reading.said == PVI_SAYS_NOTHING) chosen++;
    if (chosen == PVI_MARKS) return PVI_MARKS;
    *ambiguous = offers->of[chosen].reading.said == PVI_SAYS_MANY;
    for (int m = chosen + 1; m < PVI_MARKS && !*ambiguous; m++)
        *ambiguous = offers->of[m].reading.said != PVI_SAYS_NOTHING &&
                     contradicts(g, &offers->of[chosen], &offers->of[m], percent);
    return chosen;
}

/* May the number go on behind the end of a solution that was cut? Then at most one word, cut as well, follows it. */
static bool touches_end(const pvi_glyphs *g, size_t end) {
    bool word = false;
    for (size_t i = end; i < g->count; i++) {
        uint8_t c = g->at[i].code;
        if (c == '\n' || c == '}') return false;
        if (word && !pvi_is_letter(c)) return false;
        word = pvi_is_letter(c);
    }
    return true;
}

static void fill_span(const pvi_glyphs *g, const char *solution, const pvi_number *n, pvi_grade *out) {
    if (n->end <= n->begin) return;
    out->begin = g->at[n->begin].offset;
    out->end = g->at[n->end - 1].offset + g->at[n->end - 1].size;
    size_t length = 0;
    for (size_t i = n->begin; i < n->end && length + g->at[i].size < sizeof out->extracted; i++) {
        memcpy(out->extracted + length, solution + g->at[i].offset, g->at[i].size);
        length += g->at[i].size;
    }
    out->extracted[length] = '\0';
}

static void judge(const pvi_glyphs *g, const pvi_grade_options *options, const pvi_number *gold, const char *solution,
                  pvi_offers *offers, pvi_grade *out) {
    bool percent = options->percent_as_fraction, ambiguous;
    pvi_offers_find(g, percent, offers);
    int mark = choose(g, offers, percent, &ambiguous);
    pvi_number *answer = &offers->of[mark < PVI_MARKS ? mark : 0].reading.number;
    bool found = mark < PVI_MARKS;
    out->rule = found ? pvi_mark_names[mark] : "";
    if (!found && options->flexible && !offers->withdrawn && !options->truncated && pvi_reading_last(g, answer)) {
        found = true;
        out->rule = "last-number";
    }
    if (found) fill_span(g, solution, answer, out);
    if (options->truncated && (!found || touches_end(g, answer->end))) out->verdict = PVG_VERDICT_TRUNCATED;
    else if (!found) out->verdict = PVG_VERDICT_NO_ANSWER;
    else if (ambiguous) out->verdict = PVG_VERDICT_AMBIGUOUS;
    else out->verdict = pvi_number_equal(answer, gold, percent) ? PVG_VERDICT_CORRECT : PVG_VERDICT_WRONG;
}

pvg_status pvi_grade_solution(pvi_env *env, const pvi_grade_options *options, const char *gold, size_t gold_length,
                              const char *solution, size_t solution_length, pvi_grade *out) {
    pvi_reading wanted;
    pvi_offers offers;
    pvi_glyphs g = {0};
    pvi_reading_init(&wanted);
    pvi_offers_init(&offers);
    *out = (pvi_grade){.verdict = PVG_VERDICT_UNGRADED, .rule = ""};
    pvg_status status = read_gold(env, gold, gold_length, &wanted);
    if (status == PVG_OK) status = pvi_glyphs_fold(env, solution, solution_length, &g);
    if (status == PVG_OK) judge(&g, options, &wanted.number, solution, &offers, out);
    pvi_glyphs_free(env, &g);
    pvi_offers_clear(&offers);
    pvi_reading_clear(&wanted);
    return status;
}
