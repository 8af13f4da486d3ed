/* grade_parts.h - what the grader is made of: folded text, numbers in it, and what one piece of text says. */
#ifndef PVI_GRADE_PARTS_H
#define PVI_GRADE_PARTS_H

#include <gmp.h>

#include "base/env.h"

/* ---- text as the rules see it (grade_fold.c) ---- */

/* One character, folded to a byte: full-width forms, dashes, currencies, spaces and LaTeX escapes become their plain ASCII
 * counterparts; calculator marks <<a*b=c>> and invisible characters are left out. */
typedef struct pvi_glyph {
    size_t offset; /* in the source */
    uint8_t size;  /* bytes of the source */
    uint8_t code;
} pvi_glyph;

enum {
    PVI_GLYPH_VULGAR = 0x80,      /* + index of a vulgar fraction */
    PVI_GLYPH_SUPERSCRIPT = 0xA0, /* + digit; + 10: superscript minus */
    PVI_GLYPH_LETTER = 0xFE,      /* any letter beyond ASCII */
    PVI_GLYPH_SYMBOL = 0xFF,      /* anything else, broken UTF-8 included */
    PVI_VULGARS = 18
};

typedef struct pvi_glyphs {
    pvi_glyph *at;
    size_t count;
} pvi_glyphs;

pvg_status pvi_glyphs_fold(pvi_env *env, const char *text, size_t length, pvi_glyphs *out);
void pvi_glyphs_free(pvi_env *env, pvi_glyphs *glyphs);
/* Numerator and denominator of PVI_GLYPH_VULGAR + index. */
void pvi_vulgar_fraction(size_t index, unsigned long *numerator, unsigned long *denominator);

static inline uint8_t pvi_glyph_at(const pvi_glyphs *g, size_t i) { return i < g->count ? g->at[i].code : 0; }
static inline bool pvi_is_digit(uint8_t c) { return c >= '0' && c <= '9'; }
static inline bool pvi_is_letter(uint8_t c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == PVI_GLYPH_LETTER; }
static inline bool pvi_is_vulgar(uint8_t c) { return c >= PVI_GLYPH_VULGAR && c < PVI_GLYPH_VULGAR + PVI_VULGARS; }
/* Do the glyphs at i spell the ASCII `word` (lower case), in any letter case? */
bool pvi_glyphs_spell(const pvi_glyphs *g, size_t i, size_t end, const char *word);
/* The same, as a whole word: no letter before or after. */
bool pvi_glyphs_word(const pvi_glyphs *g, size_t i, size_t end, const char *word);

/* ---- numbers (grade_number.c) ---- */

enum { PVI_NUMBER_DIGITS = 200 }; /* more digits are not a number */

typedef struct pvi_number {
    mpq_t value; /* as written: 50 for 50% */
    bool percent;
    size_t begin, end; /* glyphs */
} pvi_number;

void pvi_number_init(pvi_number *number);
void pvi_number_clear(pvi_number *number);
void pvi_number_swap(pvi_number *a, pvi_number *b);
bool pvi_number_equal(const pvi_number *a, const pvi_number *b, bool percent_as_fraction);

typedef enum pvi_found { PVI_FOUND_NOTHING, PVI_FOUND_NUMBER, PVI_FOUND_BROKEN } pvi_found;
/* The unsigned number that starts at glyph i and ends before `end`, with its percent sign or scale word. BROKEN: it
 * looks like one and is none (1.2.3, 5^2, 1/0, too long); out->end is then where reading may go on. */
pvi_found pvi_number_read(const pvi_glyphs *g, size_t i, size_t end, pvi_number *out);

/* ---- what a piece of text says (grade_reading.c) ---- */

typedef enum pvi_said { PVI_SAYS_NOTHING, PVI_SAYS_ONE, PVI_SAYS_MANY } pvi_said;

typedef struct pvi_reading {
    pvi_said said;
    pvi_number number;   /* of PVI_SAYS_ONE; its glyphs alone also of PVI_SAYS_MANY (the first) */
    size_t end;          /* glyph behind the last one that was looked at */
    size_t words;        /* in all of the text */
    size_t words_before; /* the number, in its side of an equation */
} pvi_reading;

void pvi_reading_init(pvi_reading *reading);
void pvi_reading_clear(pvi_reading *reading);
/* Read the glyphs [begin,end). `sentence`: stop at the end of the sentence or clause that holds the first number. */
void pvi_reading_read(const pvi_glyphs *g, size_t begin, size_t end, bool sentence, bool percent_as_fraction,
                      pvi_reading *out);
/* Is `number` among the numbers of [begin,end)? */
bool pvi_reading_mentions(const pvi_glyphs *g, size_t begin, size_t end, const pvi_number *number, bool percent_as_fraction);
/* The last number of the whole text; false when there is none. */
bool pvi_reading_last(const pvi_glyphs *g, pvi_number *out);

/* ---- markers (grade_marker.c) ---- */

/* Strongest first. */
enum { PVI_MARK_BOXED, PVI_MARK_HASHES, PVI_MARK_A_COLON, PVI_MARK_ANSWER_IS, PVI_MARKS };
extern const char *const pvi_mark_names[PVI_MARKS];

/* The last readable occurrence of each marker. */
typedef struct pvi_offer {
    size_t begin, text, end; /* glyphs: the marker, the text that was read, its end */
    pvi_reading reading;     /* PVI_SAYS_NOTHING: this marker offers nothing */
} pvi_offer;

typedef struct pvi_offers {
    pvi_offer of[PVI_MARKS];
    bool withdrawn; /* a \boxed{} that cannot be read stands after all of them */
} pvi_offers;

void pvi_offers_init(pvi_offers *offers);
void pvi_offers_clear(pvi_offers *offers);
void pvi_offers_find(const pvi_glyphs *g, bool percent_as_fraction, pvi_offers *out);
/* The text after the last ####; false when there is none. */
bool pvi_offers_last_hashes(const pvi_glyphs *g, size_t *begin, size_t *end);

#endif
