/* problem_english.c - problems as a teacher would tell them, and solutions a sentence a line.
 *
 * Question: "Nora has 11 apples. She buys 3 more apples. ... How many apples does Nora have now?"
 * Solution: "Nora now has 11 + 3 = 14 apples.\n...\n#### 14". Wording alone chooses scene, names and sentences, so that
 * a problem reads the same every time. */
#include <string.h>

#include "game/problem_render.h"
#include "game/problem_scenes.h"

typedef struct person {
    const char *name;
    bool she;
} person;

typedef struct cast {
    const pvi_scene *scene;
    const pvi_noun *noun, *other_noun;
    person hero, other[PVI_DISTRACTORS_MAX];
} cast;

/* ---- choosing ---- */

static size_t length_of(const char *const *list) {
    size_t count = 0;
    while (list[count] != NULL) count++;
    return count;
}

static size_t nouns_of(const pvi_noun *list) {
    size_t count = 0;
    while (list[count].one != NULL) count++;
    return count;
}

static const char *pick(pvi_rng *rng, const char *const *list) { return list[pvi_rng_below(rng, length_of(list))]; }

static bool coin(pvi_rng *rng) { return pvi_rng_below(rng, 2) == 1; }

static person nth_person(size_t index) {
    size_t she = length_of(pvi_names_she);
    return index < she ? (person){pvi_names_she[index], true} : (person){pvi_names_he[index - she], false};
}

/* Nobody twice, and the other things are not the things that are counted. */
static cast choose_cast(uint32_t wording) {
    pvi_rng rng = pvi_rng_stream(wording, "cast", 0, 0);
    size_t people = length_of(pvi_names_she) + length_of(pvi_names_he), things = nouns_of(pvi_things);
    size_t who = pvi_rng_below(&rng, people), step = pvi_rng_below(&rng, people / PVI_DISTRACTORS_MAX) + 1;
    cast c = {.scene = &pvi_scenes[pvi_rng_below(&rng, pvi_scene_count)], .hero = nth_person(who)};
    for (size_t d = 0; d < PVI_DISTRACTORS_MAX; d++) c.other[d] = nth_person((who + (d + 1) * step) % people);
    c.noun = &c.scene->nouns[pvi_rng_below(&rng, nouns_of(c.scene->nouns))];
    size_t other = pvi_rng_below(&rng, things);
    c.other_noun = &pvi_things[&pvi_things[other] == c.noun ? (other + 1) % things : other];
    return c;
}

/* ---- filling in ---- */

/* What the marks of a template stand for; see problem_scenes.h. */
typedef struct filling {
    const cast *cast;
    const person *other;
    bool pronoun; /* the hero may be called he or she */
    bool opens;   /* the template opens its sentence */
    int32_t number;
    const pvi_written_step *line;
} filling;

static const char *either(const person *who, const char *she, const char *he) { return who->she ? she : he; }

static const char *noun_for(const pvi_noun *noun, int64_t count) { return count == 1 ? noun->one : noun->many; }

static void put_fraction(pvi_text *out, int32_t n) {
    static const char *const names[] = {"half", "one third", "one fourth", "one fifth", "one sixth", "one seventh",
                                        "one eighth", "one ninth", "one tenth"};
    if (n >= 2 && n <= 10) pvi_text_puts(out, names[n - 2]);
    else pvi_text_printf(out, "1/%d", n);
}

static void put_times(pvi_text *out, int32_t n) {
    if (n == 2) pvi_text_puts(out, "twice");
    else pvi_text_printf(out, "%d times", n);
}

static void put_quantity(pvi_text *out, const filling *f) {
    if (f->cast->scene->dollars) pvi_text_printf(out, "$%d", f->number);
    else pvi_text_printf(out, "%d %s", f->number, noun_for(f->cast->noun, f->number));
}

static void put_line(pvi_text *out, const filling *f) {
    const pvi_written_step *line = f->line;
    if (line->full)
        pvi_text_printf(out, "%lld %s %lld = ", (long long)line->before, pvi_operation_sign(line->operation),
                        (long long)line->operand);
    pvi_text_printf(out, "%lld %s", (long long)line->value, noun_for(f->cast->noun, line->value));
}

static void put_mark(pvi_text *out, char mark, const filling *f, bool capital) {
    const person *hero = &f->cast->hero;
    switch (mark) {
    case 'N': pvi_text_puts(out, hero->name); break;
    case 'S':
        pvi_text_puts(out, !f->pronoun ? hero->name : capital ? either(hero, "She", "He") : either(hero, "she", "he"));
        break;
    case 'O': pvi_text_puts(out, f->pronoun ? either(hero, "her", "him") : hero->name); break;
    case 'P':
        pvi_text_puts(out, f->pronoun ? either(hero, "her", "his") : hero->name);
        if (!f->pronoun) pvi_text_puts(out, "'s");
        break;
    case 's': pvi_text_puts(out, either(hero, "she", "he")); break;
    case 'p': pvi_text_puts(out, either(hero, "her", "his")); break;
    case 'n': pvi_text_printf(out, "%d", f->number); break;
    case 'm': pvi_text_puts(out, noun_for(f->cast->noun, f->number)); break;
    case 'q': put_quantity(out, f); break;
    case 'u': pvi_text_puts(out, f->cast->noun->many); break;
    case 'x': put_times(out, f->number); break;
    case 'f': put_fraction(out, f->number); break;
    case 'e': put_line(out, f); break;
    case 'D': pvi_text_puts(out, f->other->name); break;
    case 'd': pvi_text_puts(out, either(f->other, "her", "his")); break;
    case 'v': pvi_text_puts(out, f->cast->other_noun->many); break;
    case 'w': pvi_text_puts(out, noun_for(f->cast->other_noun, f->number)); break;
    default: break;
    }
}

static void fill(pvi_text *out, const char *template, const filling *f) {
    for (const char *at = template; *at != '\0';) {
        bool first = at == template;
        if (*at == '{') {
            put_mark(out, at[1], f, first && f->opens);
            at += 3;
            continue;
        }
        size_t plain = strcspn(at, "{");
        bool lower = first && !f->opens && *at >= 'A' && *at <= 'Z';
        if (lower) pvi_text_append(out, (char[]){(char)(*at - 'A' + 'a')}, 1);
        pvi_text_append(out, at + lower, plain - lower);
        at += plain;
    }
}

/* ---- questions ---- */

typedef struct teller {
    const cast *cast;
    pvi_text *out;
    pvi_rng rng;
    size_t turn[4];  /* of each operation's sentences, so that none comes again before the others were used */
    const char *link; /* the last sentence's */
    int32_t unnamed;  /* sentences since the hero's name; -1: a pronoun would not be clear */
} teller;

static const char *next_in_turn(teller *t, pvi_operation operation, const char *const *list) {
    return list[t->turn[operation]++ % length_of(list)];
}

static void tell_step(teller *t, const pvi_step *step, bool opening) {
    static const char *const links[] = {"", "", "", "", "Then ", "Later, ", "After that, ", NULL};
    const char *template = next_in_turn(t, step->operation, t->cast->scene->step[step->operation]);
    bool own_time = *template == '~';
    const char *link = own_time || opening ? "" : pick(&t->rng, links);
    if (link == t->link) link = "";
    t->link = link;
    filling f = {.cast = t->cast, .number = step->operand, .opens = *link == '\0',
                 .pronoun = t->unnamed >= 0 && t->unnamed < 2 && pvi_rng_below(&t->rng, 4) > 0};
    pvi_text_puts(t->out, " ");
    pvi_text_puts(t->out, link);
    fill(t->out, template + own_time, &f);
    bool hero_acts = strncmp(template, "{S}", 3) == 0 || strncmp(template, "{N}", 3) == 0;
    t->unnamed = !hero_acts ? -1 : f.pronoun ? t->unnamed + 1 : 0;
}

static void tell_distractor(teller *t, const pvi_distractor *distractor, const person *other) {
    bool same_kind = coin(&t->rng);
    const char *const *list = same_kind ? t->cast->scene->other[distractor->operation]
                                        : pvi_other_things[distractor->operation];
    filling f = {.cast = t->cast, .other = other, .number = distractor->operand, .opens = true};
    pvi_text_puts(t->out, " ");
    fill(t->out, pick(&t->rng, list), &f);
    t->unnamed = -1;
}

void pvi_english_question(const pvi_problem *p, pvi_text *out) {
    cast c = choose_cast(p->wording);
    teller t = {.cast = &c, .out = out, .rng = pvi_rng_stream(p->wording, "question", 0, 0)};
    for (int k = 0; k < 4; k++) t.turn[k] = pvi_rng_below(&t.rng, length_of(c.scene->step[k]));
    fill(out, pick(&t.rng, c.scene->start), &(filling){.cast = &c, .number = p->start, .opens = true});
    int32_t next = 0;
    for (int32_t s = 0; s <= p->steps; s++) {
        for (; next < p->distractors && p->distractor[next].before == s; next++)
            tell_distractor(&t, &p->distractor[next], &c.other[next]);
        if (s < p->steps) tell_step(&t, &p->step[s], s == 0);
    }
    pvi_text_puts(out, " ");
    fill(out, pick(&t.rng, c.scene->question), &(filling){.cast = &c, .opens = true});
}

/* ---- solutions ---- */

void pvi_english_solution(const pvi_problem *p, const pvi_written_solution *solution, pvi_text *out) {
    cast c = choose_cast(p->wording);
    pvi_rng rng = pvi_rng_stream(p->wording, "solution", 0, 0);
    for (int32_t i = 0; i < solution->lines; i++) {
        const pvi_written_step *line = &solution->line[i];
        filling f = {.cast = &c, .line = line, .opens = true, .pronoun = i > 0 && coin(&rng)};
        bool plain = i == 0 || pvi_rng_below(&rng, 3) > 0;
        fill(out, pick(&rng, plain ? c.scene->state : pvi_state_after[line->operation]), &f);
        pvi_text_puts(out, "\n");
    }
    pvi_text_printf(out, "#### %lld", (long long)solution->answer);
}
