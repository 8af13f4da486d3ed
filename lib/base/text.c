/* text.c - see text.h. */
#include "base/text.h"

#include <locale.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"

void pvi_text_init(pvi_text *text, pvi_env *env) { *text = (pvi_text){.env = env}; }

void pvi_text_free(pvi_text *text) {
    if (text->env == NULL) return;
    pvi_free(text->env, text->data);
    pvi_text_init(text, text->env);
}

void pvi_text_clear(pvi_text *text) {
    text->length = 0;
    text->failed = false;
    if (text->data != NULL) text->data[0] = '\0';
}

static bool make_room(pvi_text *text, size_t more) {
    if (text->failed) return false;
    text->failed = more > SIZE_MAX / 4 || pvi_reserve(text->env, (void **)&text->data, &text->capacity,
                                                      text->length + more + 1, 1) != PVG_OK;
    return !text->failed;
}

void pvi_text_append(pvi_text *text, const char *bytes, size_t length) {
    if (!make_room(text, length)) return;
    if (length > 0) memcpy(text->data + text->length, bytes, length);
    text->length += length;
    text->data[text->length] = '\0';
}

void pvi_text_puts(pvi_text *text, const char *string) { pvi_text_append(text, string, strlen(string)); }

void pvi_text_printf(pvi_text *text, const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    int wanted = pvi_text_vformat(NULL, 0, format, arguments);
    va_end(arguments);
    if (wanted < 0) text->failed = true;
    if (wanted < 0 || !make_room(text, (size_t)wanted)) return;
    va_start(arguments, format);
    pvi_text_vformat(text->data + text->length, (size_t)wanted + 1, format, arguments);
    va_end(arguments);
    text->length += (size_t)wanted;
}

pvg_status pvi_text_ok(const pvi_text *text) {
    return text->failed ? pvi_fail(text->env, PVG_E_NOMEM, "text", "no memory for a text of over %zu bytes", text->length)
                        : PVG_OK;
}

static int least(int a, int b, int c) { return a < b ? (a < c ? a : c) : (b < c ? b : c); }

int pvi_text_distance(const char *a, const char *b) {
    enum { LONGEST = 63, TOO_FAR = 99, CAP = 4 };
    size_t na = strlen(a), nb = strlen(b);
    if (na > LONGEST || nb > LONGEST) return TOO_FAR;
    int row[LONGEST + 1];
    for (size_t j = 0; j <= nb; j++) row[j] = (int)j;
    for (size_t i = 1; i <= na; i++) {
        int corner = row[0];
        row[0] = (int)i;
        for (size_t j = 1; j <= nb; j++) {
            int above = row[j];
            row[j] = least(above + 1, row[j - 1] + 1, corner + (a[i - 1] != b[j - 1]));
            corner = above;
        }
    }
    return row[nb] <= CAP ? row[nb] : TOO_FAR;
}

bool pvi_text_to_double(const char *text, size_t length, double *out) {
    char copy[64];
    if (length == 0 || length >= sizeof copy || strspn(text, "+-0123456789.eE") < length) return false;
    memcpy(copy, text, length);
    copy[length] = '\0';
    locale_t plain = newlocale(LC_NUMERIC_MASK, "C", (locale_t)0); /* the host's locale may use a decimal comma */
    if (plain == (locale_t)0) return false;
    char *end = copy;
    double value = strtod_l(copy, &end, plain);
    freelocale(plain);
    if (*end != '\0' || !isfinite(value)) return false;
    *out = value;
    return true;
}

bool pvi_text_to_int(const char *text, size_t length, int64_t *out) {
    bool negative = length > 0 && text[0] == '-';
    size_t i = negative || (length > 0 && text[0] == '+');
    if (i == length) return false;
    int64_t value = 0;
    for (; i < length; i++) {
        if (text[i] < '0' || text[i] > '9') return false;
        int64_t digit = text[i] - '0';
        if (__builtin_mul_overflow(value, 10, &value)) return false;
        if (negative ? __builtin_sub_overflow(value, digit, &value) : __builtin_add_overflow(value, digit, &value)) return false;
    }
    *out = value;
    return true;
}

/* Length of the well-formed sequence at p (Unicode table 3-7), or 0. */
static size_t sequence(const unsigned char *p, size_t left) {
    unsigned char c = p[0];
    if (c < 0x80) return 1;
    size_t n = c >= 0xC2 && c <= 0xDF ? 2 : c >= 0xE0 && c <= 0xEF ? 3 : c >= 0xF0 && c <= 0xF4 ? 4 : 0;
    if (n == 0 || n > left) return 0;
    unsigned char low = c == 0xE0 ? 0xA0 : c == 0xF0 ? 0x90 : 0x80, high = c == 0xED ? 0x9F : c == 0xF4 ? 0x8F : 0xBF;
    if (p[1] < low || p[1] > high) return 0;
    for (size_t i = 2; i < n; i++)
        if ((p[i] & 0xC0) != 0x80) return 0;
    return n;
}

bool pvi_text_utf8(const char *text, size_t length, size_t *bad) {
    for (size_t i = 0; i < length;) {
        size_t n = sequence((const unsigned char *)text + i, length - i);
        if (n == 0) {
            *bad = i;
            return false;
        }
        i += n;
    }
    return true;
}

int pvi_text_vformat(char *buffer, size_t capacity, const char *format, va_list list) {
    locale_t plain = newlocale(LC_NUMERIC_MASK, "C", (locale_t)0);
    locale_t before = plain != (locale_t)0 ? uselocale(plain) : (locale_t)0; /* of this thread only */
    int wanted = vsnprintf(buffer, capacity, format, list);
    if (plain == (locale_t)0) return wanted;
    uselocale(before);
    freelocale(plain);
    return wanted;
}

int pvi_text_format(char *buffer, size_t capacity, const char *format, ...) {
    va_list list;
    va_start(list, format);
    int wanted = pvi_text_vformat(buffer, capacity, format, list);
    va_end(list);
    return wanted;
}

void pvi_text_from_double(double value, char out[PVI_NUMBER_SIZE]) {
    for (int digits = 1; digits <= 17; digits++) {
        double back = 0;
        pvi_text_format(out, PVI_NUMBER_SIZE, "%.*g", digits, value);
        if (pvi_text_to_double(out, strlen(out), &back) && back == value) return;
    }
}
