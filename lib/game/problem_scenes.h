/* problem_scenes.h - the words of the English rendering; private to the built-in problems.
 *
 * In a sentence, of who or what the problem is about:
 *   {N} the name   {S} {O} {P} the name or, where it is clear, he, him, his   {s} {p} he, his
 *   {n} the number {m} the thing, one or many as {n} says   {q} both ("3 apples", "$3")
 *   {u} the things  {x} "twice", "3 times"    {f} "half", "one third"
 *   {e} in solutions: the calculation or its result, with the thing
 * and of others:
 *   {D} a name  {d} his or her  {v} other things  {w} other things, one or many as {n} says
 * A step that begins with ~ tells its own time and gets no "Then" before it. */
#ifndef PVI_PROBLEM_SCENES_H
#define PVI_PROBLEM_SCENES_H

#include <stdbool.h>
#include <stddef.h>

typedef struct pvi_noun {
    const char *one, *many;
} pvi_noun;

/* Lists of texts end in NULL, lists of nouns in {NULL, NULL}. */
typedef struct pvi_scene {
    const pvi_noun *nouns;
    bool dollars;                 /* quantities are written "$3" in the question */
    const char *const *start;
    const char *const *step[4];   /* by operation */
    const char *const *other[4];  /* distractors by operation, about the same kind of thing */
    const char *const *question;
    const char *const *state;
} pvi_scene;

extern const pvi_scene pvi_scenes[];
extern const size_t pvi_scene_count;
/* Distractors that fit everywhere, about other things, by operation. */
extern const char *const *const pvi_other_things[4];
extern const char *const *const pvi_state_after[4]; /* for a line with that operation, in every scene */
extern const char *const pvi_names_she[], *const pvi_names_he[];
extern const pvi_noun pvi_things[];

#endif
