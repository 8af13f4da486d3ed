/* text.h - growable bytes. Errors are sticky: append freely, then ask once with pvi_text_ok. */
#ifndef PVI_TEXT_H
#define PVI_TEXT_H

#include "base/env.h"

typedef struct pvi_text {
    pvi_env *env;
    char *data; /* always NUL-terminated once anything was appended; may be NULL when empty */
    size_t length, capacity;
    bool failed;
} pvi_text;

void pvi_text_init(pvi_text *text, pvi_env *env);
void pvi_text_free(pvi_text *text);
void pvi_text_clear(pvi_text *text); /* keeps the memory */
void pvi_text_append(pvi_text *text, const char *bytes, size_t length);
void pvi_text_puts(pvi_text *text, const char *string);
void pvi_text_printf(pvi_text *text, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* PVG_OK, or the PVG_E_NOMEM recorded when an append failed. */
pvg_status pvi_text_ok(const pvi_text *text);

/* Edit distance, capped, for "did you mean" suggestions; 99 when more than 4 edits apart. */
int pvi_text_distance(const char *a, const char *b);

/* Locale-independent number reading: true when all of [text, text+length) is one finite number. */
bool pvi_text_to_double(const char *text, size_t length, double *out);
bool pvi_text_to_int(const char *text, size_t length, int64_t *out);
/* The shortest decimal that reads back as the same double ("0.1", "1e-05"); value is finite. */
#define PVI_NUMBER_SIZE 32
void pvi_text_from_double(double value, char out[PVI_NUMBER_SIZE]);
/* snprintf and vsnprintf with a decimal point in every locale. */
int pvi_text_format(char *buffer, size_t capacity, const char *format, ...) __attribute__((format(printf, 3, 4)));
int pvi_text_vformat(char *buffer, size_t capacity, const char *format, va_list list)
    __attribute__((format(printf, 3, 0)));
/* Is this valid UTF-8? If not, *bad is the offset of the first wrong byte. */
bool pvi_text_utf8(const char *text, size_t length, size_t *bad);

#endif
