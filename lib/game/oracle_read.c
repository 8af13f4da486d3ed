/* oracle_read.c - finding step lines and the final answer in any text.
 *
 * A text is cut into segments at ';', line ends, sentence ends and before a mark of the final answer. In a segment:
 *   a op b = c        a full line; = d may follow, and c op d = e goes on from it
 *   c = a op b        the same, written backwards
 *   a op b op c = d   a bare line: it shows d, but not each step; false when the calculation is
 *   a number alone    a bare line; of several with words between them the last, unless there is a calculation
 *   a op b            without a result: untrue
 * Numbers with nothing but blanks between them are lines of their own. Units, currency, words and brackets are passed
 * over. */
#include <string.h>

#include "game/oracle_judge.h"

#define VALUE_LIMIT INT64_C(1000000000000)

/* ---- bytes ---- */

typedef struct span {
    const char *at, *end;
} span;

static bool is_digit(char c) { return c >= '0' && c <= '9'; }
static bool is_blank(char c) { return c == ' ' || c == '\t'; }
static bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
static char lower(char c) { return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c; }

/* Length of `text` (lower case) if it stands at s, in any letter case; else 0. */
static size_t starts(span s, const char *text) {
    size_t length = strlen(text);
    if ((size_t)(s.end - s.at) < length) return 0;
    for (size_t i = 0; i < length; i++)
        if (lower(s.at[i]) != text[i]) return 0;
    return length;
}

static bool three_digits(span s) {
    return s.end - s.at >= 3 && is_digit(s.at[0]) && is_digit(s.at[1]) && is_digit(s.at[2]) &&
           (s.end - s.at == 3 || !is_digit(s.at[3]));
}

/* The number at s->at, a digit: commas between groups of three, a fraction of zeros. */
static int64_t take_number(span *s) {
    int64_t value = 0;
    bool whole = true;
    int32_t group = 0; /* digits since the last comma, at most 4 */
    for (; s->at < s->end; s->at++) {
        if (*s->at == ',' && group <= 3 && three_digits((span){s->at + 1, s->end})) {
            group = 0;
            continue;
        }
        if (!is_digit(*s->at)) break;
        if (value <= VALUE_LIMIT) value = value * 10 + (*s->at - '0');
        if (group < 4) group++;
    }
    if (s->end - s->at >= 2 && s->at[0] == '.' && is_digit(s->at[1]))
        for (s->at++; s->at < s->end && is_digit(*s->at); s->at++) whole &= *s->at == '0';
    return whole && value <= VALUE_LIMIT ? value : PVI_NO_VALUE;
}

/* ---- calculations ---- */

/* A number, or numbers with operations between them; product and sum keep the usual order of operations. */
typedef struct part {
    int32_t numbers; /* 3 stands for more, too */
    pvi_operation operation;
    int64_t first, second, sum, product;
    const char *begin, *first_end, *end; /* where it stands */
} part;

static int64_t apply(pvi_operation operation, int64_t a, int64_t b) {
    int64_t value;
    bool known = a != PVI_NO_VALUE && b != PVI_NO_VALUE && pvi_operation_apply(operation, a, b, &value);
    return known ? value : PVI_NO_VALUE;
}

static int64_t value_of(const part *p) { return apply(PVI_ADD, p->sum, p->product); }

static part number_part(int64_t number, span at) {
    return (part){.numbers = 1, .first = number, .product = number, .begin = at.at, .first_end = at.end, .end = at.end};
}

static void extend(part *p, pvi_operation operation, int64_t number, span at) {
    p->end = at.end;
    if (p->numbers == 1) {
        p->operation = operation;
        p->second = number;
    }
    if (p->numbers < 3) p->numbers++;
    if (operation == PVI_MULTIPLY || operation == PVI_DIVIDE) {
        p->product = apply(operation, p->product, number);
        return;
    }
    p->sum = value_of(p);
    p->product = operation == PVI_ADD ? number : apply(PVI_SUBTRACT, 0, number);
}

/* Parts joined by equality signs, from left to right. */
typedef struct equality {
    part open;     /* a calculation that waits for its result; numbers 0: none */
    bool restated; /* ... and whose result was written as another calculation */
    bool stated;   /* a value was given: */
    int64_t value;
    span at;       /* ... here */
    bool judged;   /* ... by a line already judged */
} equality;

typedef struct scan {
    pvi_judge *judge;
    const char *text; /* all of it begins here */
    part now;      /* being read; numbers 0: none */
    equality chain;
    bool calculated; /* the segment has a calculation */
    bool alone;      /* the segment has a number alone, the last one: */
    int64_t number;
    span number_at;
} scan;

static void judge_at(scan *s, const pvi_written_step *line, bool untrue, const char *begin, const char *end) {
    s->judge->begin = (size_t)(begin - s->text);
    s->judge->end = (size_t)(end - s->text);
    pvi_judge_line(s->judge, line, untrue);
}

static void judge_full(scan *s, const part *p, int64_t value, const char *begin, const char *end) {
    pvi_written_step line = {.full = true, .operation = p->operation, .before = p->first, .operand = p->second,
                             .value = value};
    judge_at(s, &line, false, begin, end);
    s->calculated = true;
}

static void judge_bare(scan *s, int64_t value, bool untrue, const char *begin, const char *end) {
    pvi_written_step line = {.value = value};
    judge_at(s, &line, untrue, begin, end);
}

static void judge_calculation(scan *s, const part *p, int64_t value, const char *end) {
    if (p->numbers == 2) {
        judge_full(s, p, value, p->begin, end);
        return;
    }
    judge_bare(s, value, value == PVI_NO_VALUE || value_of(p) != value, p->begin, end);
    s->calculated = true;
}

static void state(equality *chain, const part *p, bool judged) {
    chain->stated = true;
    chain->value = p->first;
    chain->at = (span){p->begin, p->first_end};
    chain->judged = judged;
}

static void open_calculation(equality *chain, const part *p) {
    chain->open = *p;
    chain->restated = false;
}

/* a op b = `p` */
static void give_result(scan *s, const part *p) {
    equality *chain = &s->chain;
    part calculation = chain->open;
    bool other_way = p->numbers > 1 && p->first != value_of(&calculation) && value_of(p) == value_of(&calculation);
    if (other_way) {
        chain->restated = true;
        return;
    }
    judge_calculation(s, &calculation, p->first, p->first_end);
    state(chain, p, true);
    chain->open.numbers = 0;
    if (p->numbers > 1) open_calculation(chain, p);
}

/* value = `p` */
static void compare(scan *s, const part *p) {
    equality *chain = &s->chain;
    if (!chain->judged && p->numbers == 2) {
        judge_full(s, p, chain->value, chain->at.at, p->end);
        chain->judged = true;
        return;
    }
    if (value_of(p) == chain->value && chain->value != PVI_NO_VALUE) return;
    if (p->numbers == 1 || p->first != chain->value) {
        judge_bare(s, p->first, true, chain->at.at, p->first_end);
        s->calculated = true;
        state(chain, p, true);
    }
    if (p->numbers > 1) open_calculation(chain, p);
}

static void end_part(scan *s) {
    equality *chain = &s->chain;
    part p = s->now;
    s->now.numbers = 0;
    if (p.numbers == 0) return;
    if (chain->open.numbers > 0) {
        give_result(s, &p);
    } else if (chain->stated) {
        compare(s, &p);
    } else if (p.numbers > 1) {
        open_calculation(chain, &p);
    } else {
        state(chain, &p, false);
    }
}

static void end_chain(scan *s) {
    equality *chain = &s->chain;
    end_part(s);
    part last = chain->open;
    if (last.numbers > 0 && chain->restated) {
        judge_calculation(s, &last, value_of(&last), last.end);
    } else if (last.numbers > 0) {
        judge_bare(s, value_of(&last), true, last.begin, last.end);
        s->calculated = true;
    } else if (chain->stated && !chain->judged) {
        s->alone = true;
        s->number = chain->value;
        s->number_at = chain->at;
    }
    memset(chain, 0, sizeof *chain);
}

static void end_line(scan *s) {
    end_chain(s);
    if (s->alone && !s->calculated) judge_bare(s, s->number, false, s->number_at.at, s->number_at.end);
    s->alone = s->calculated = false;
}

/* ---- segments ---- */

/* Length of an operation's sign, or 0. A minus sign between letters is a hyphen, and x is one only by itself. */
static size_t starts_operation(span s, char before, pvi_operation *out) {
    static const struct {
        const char *sign;
        pvi_operation operation;
    } signs[] = {{"+", PVI_ADD}, {"-", PVI_SUBTRACT}, {"\xe2\x88\x92", PVI_SUBTRACT}, {"\xe2\x80\x93", PVI_SUBTRACT},
                 {"*", PVI_MULTIPLY}, {"\xc3\x97", PVI_MULTIPLY}, {"x", PVI_MULTIPLY}, {"/", PVI_DIVIDE},
                 {"\xc3\xb7", PVI_DIVIDE}};
    for (size_t i = 0; i < sizeof signs / sizeof signs[0]; i++) {
        size_t length = starts(s, signs[i].sign);
        if (length == 0) continue;
        char after = s.end - s.at > (ptrdiff_t)length ? s.at[length] : ' ';
        if (lower(*s.at) == 'x' && (is_letter(before) || is_letter(after))) continue;
        if (*s.at == '-' && is_letter(before) && is_letter(after)) continue;
        *out = signs[i].operation;
        return length;
    }
    return 0;
}

typedef enum before_number { NOTHING, NUMBER, WORDS_AFTER_NUMBER, OPERATION, EQUALS } before_number;

static void take_value(scan *s, before_number previous, pvi_operation operation, int64_t number, span at) {
    if (previous == OPERATION) {
        extend(&s->now, operation, number, at);
        return;
    }
    if (previous == NUMBER) end_line(s);
    if (previous == WORDS_AFTER_NUMBER) end_chain(s);
    s->now = number_part(number, at);
}

static void read_steps(pvi_judge *judge, const char *text, span s) {
    scan state = {.judge = judge, .text = text};
    before_number previous = NOTHING;
    pvi_operation operation = PVI_ADD;
    bool negative = false;
    char before = ' ';
    while (s.at < s.end) {
        char c = *s.at;
        size_t length;
        if (is_digit(c)) {
            const char *begin = s.at;
            int64_t number = take_number(&s);
            take_value(&state, previous, operation, negative && number != PVI_NO_VALUE ? -number : number,
                       (span){begin, s.at});
            previous = NUMBER;
            negative = false;
            before = '0';
            continue;
        }
        if (starts(s, "**") || starts(s, "\\(") || starts(s, "\\)")) {
            s.at += 2;
            continue;
        }
        if ((length = starts_operation(s, before, &operation)) > 0) {
            bool between = previous == NUMBER || previous == WORDS_AFTER_NUMBER;
            negative = !between && operation == PVI_SUBTRACT;
            if (between) previous = OPERATION;
            before = c;
            s.at += length;
            continue;
        }
        if (c == '=') {
            end_part(&state);
            previous = EQUALS;
            negative = false;
        } else if (!is_blank(c) && c != '$' && c != '(' && c != ')') {
            negative = false;
            if (previous == NUMBER || previous == OPERATION) previous = WORDS_AFTER_NUMBER;
        }
        before = c;
        s.at++;
    }
    end_line(&state);
}

/* ---- the final answer ---- */

typedef enum mark { BOXED, HASHES, A_COLON, ANSWER_IS, MARKS } mark;

static void skip_blanks(span *s) {
    while (s->at < s->end && is_blank(*s->at)) s->at++;
}

/* "answer is", "answer:", "answer =" */
static size_t starts_answer_is(span s) {
    span rest = {s.at + starts(s, "answer"), s.end};
    if (rest.at == s.at) return 0;
    skip_blanks(&rest);
    size_t sign = starts(rest, "is") + starts(rest, ":") + starts(rest, "=");
    return sign > 0 ? (size_t)(rest.at - s.at) + sign : 0;
}

/* Length of a mark of the final answer at s, or 0. */
static size_t starts_mark(span s, char before, mark *out) {
    size_t length;
    bool word = is_letter(before) || is_digit(before);
    if ((length = starts(s, "\\boxed{")) > 0) *out = BOXED;
    else if ((length = starts(s, "####")) > 0) *out = HASHES;
    else if (!word && *s.at == 'A' && (length = starts(s, "a:")) > 0) *out = A_COLON;
    else if (!word && (length = starts_answer_is(s)) > 0) *out = ANSWER_IS;
    return length;
}

/* The one number of a segment, or what stands behind its last equality sign. */
static bool read_answer(span s, int64_t *out) {
    bool found = false, torn = false, negative = false;
    while (s.at < s.end) {
        if (is_digit(*s.at)) {
            int64_t number = take_number(&s);
            if (negative && number != PVI_NO_VALUE) number = -number;
            torn |= found && number != *out;
            *out = number;
            found = true;
            negative = false;
            continue;
        }
        if (*s.at == '=') found = torn = false;
        negative = *s.at == '-' || (negative && (*s.at == '$' || is_blank(*s.at)));
        s.at++;
    }
    return found && !torn;
}

static bool ends_segment(span s) {
    char c = *s.at;
    if (c == ';' || c == '\n' || c == '\r') return true;
    if (c != '.' && c != '!' && c != '?') return false;
    return s.end - s.at == 1 || is_blank(s.at[1]) || s.at[1] == '\n' || s.at[1] == '\r';
}

/* The strongest mark's last answer, unless a weaker one contradicts it later. */
typedef struct answers {
    bool found[MARKS];
    int64_t value[MARKS];
    const char *at[MARKS];
} answers;

static bool final_answer(const answers *a, int64_t *out) {
    int strongest = 0;
    while (strongest < MARKS && !a->found[strongest]) strongest++;
    if (strongest == MARKS) return false;
    for (int m = strongest + 1; m < MARKS; m++)
        if (a->found[m] && a->at[m] > a->at[strongest] && a->value[m] != a->value[strongest]) return false;
    *out = a->value[strongest];
    return true;
}

static void end_segment(pvi_judge *judge, const char *text, answers *all, bool marked, mark kind, span s) {
    int64_t value;
    if (!marked) {
        read_steps(judge, text, s);
    } else if (read_answer(s, &value)) {
        all->found[kind] = true;
        all->value[kind] = value;
        all->at[kind] = s.at;
    }
}

bool pvi_oracle_read(pvi_judge *judge, const char *text, size_t length, int64_t *answer) {
    span s = {text, text + length}, segment = {text, text};
    answers all = {.found = {false}};
    bool marked = false;
    mark kind = BOXED, found = BOXED;
    while (s.at < s.end) {
        size_t skip = starts_mark(s, s.at > text ? s.at[-1] : ' ', &found);
        if (skip == 0 && !ends_segment(s)) {
            s.at++;
            continue;
        }
        segment.end = s.at;
        end_segment(judge, text, &all, marked, kind, segment);
        marked = skip > 0;
        kind = found;
        s.at += skip > 0 ? skip : 1;
        segment.at = s.at;
    }
    segment.end = s.end;
    end_segment(judge, text, &all, marked, kind, segment);
    return final_answer(&all, answer);
}
