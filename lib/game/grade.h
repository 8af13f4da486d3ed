/* grade.h - is the final answer of a solution right? Stated rules, exact rationals, bounded work.
 *
 * MARKERS, strongest first. Each offers its last occurrence that holds a readable answer:
 *   boxed      \boxed{x} or \fbox{x}, braces balanced
 *   hashes     #### x         nothing but an equation's left side before x
 *   a-colon    A: x           at the start of a line or sentence; x with at most four words fills the rest of the line
 *   answer-is  answer is x, answer: x, answer = x, answer to/in/for ... is x; letter case does not matter, at most four
 *              words before x
 *   last-number  the last number of the text: only with options.flexible, and only when no marker offers anything
 * The answer is the strongest marker's. Another marker with a different value makes the solution AMBIGUOUS when it stands
 * later, or directly before (no word in between). A marker whose own text holds two different numbers ("5 or 6", "5-6",
 * "5 feet 6 inches") is AMBIGUOUS too. A \boxed{} that cannot be read and stands after every offer withdraws them. A
 * marker with nothing behind it on its line is read from the next line with text, which the answer must fill. The text of
 * hashes and answer-is ends with the sentence that holds the number, at "because", "since", "as" and "which", and where the
 * next \boxed{} or #### starts. "not", "never", "than", "least" or "most" before the number: no answer.
 *
 * NUMBERS: 18  -18  1,000  1{,}000  .5  5.  1e3  1.5 x 10^3  3/4  2 1/2  \frac{3}{4} \tfrac \dfrac \frac34  2½  $5  5$
 *   -$5  50%  50 percent  3 million; with units and marks of emphasis around; Unicode minus and full-width forms. Commas
 *   only between valid groups of three. a = b = c is read as c; a side that is an expression is passed over.
 *   Unit words are not looked at. More than 200 digits, exponents beyond 400 and zero denominators are not numbers.
 * TRUNCATED only with options.truncated: no marker holds an answer, or the answer touches the end of the text (it may
 * have been cut in the middle: "#### 1" of "#### 18").
 *
 * Every function here is reentrant. docs/grader.md is the user's version of this page. */
#ifndef PVI_GRADE_H
#define PVI_GRADE_H

#include "base/env.h"

typedef struct pvi_grade_options {
    bool flexible;            /* without a marker take the last number */
    bool percent_as_fraction; /* 50% is 1/2, not 50 */
    bool truncated;           /* the solution ran into its length limit */
} pvi_grade_options;

typedef struct pvi_grade {
    pvg_verdict verdict;
    size_t begin, end;  /* bytes of the solution that were read as the answer; 0,0 when none */
    const char *rule;   /* "boxed", "hashes", "a-colon", "answer-is", "last-number"; "" when none. Static */
    char extracted[64]; /* that text without calculator marks, cut at a character if longer */
} pvi_grade;

/* Longest canonical text of a readable gold, with its NUL. */
enum { PVI_GOLD_SIZE = 1024 };

/* The canonical text of a reference answer: an integer, a finite decimal, or p/q in lowest terms, with % kept; equal
 * values have equal texts. `text` is the answer alone ("1,000 dollars") or a whole reference solution: then what follows
 * the last ####, else what the markers above offer. PVG_E_FORMAT when no single number can be read. */
pvg_status pvi_gold_canonical(pvi_env *env, const char *text, size_t length, char out[PVI_GOLD_SIZE]);

/* PVG_E_FORMAT when the gold itself cannot be read; every solution, whatever its bytes, gets a verdict. */
pvg_status pvi_grade_solution(pvi_env *env, const pvi_grade_options *options, const char *gold, size_t gold_length,
                              const char *solution, size_t solution_length, pvi_grade *out);

/* "correct", "wrong", "no_answer", "ambiguous", "truncated", "ungraded". */
const char *pvi_verdict_name(pvg_verdict verdict);

#endif
