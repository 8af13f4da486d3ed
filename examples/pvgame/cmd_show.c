/* cmd_show.c - `pvgame show`: the samples of a run directory, filtered, sorted, and coloured by the verifier's parts. */
#include <jansson.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "cli.h"

typedef struct show_options {
    common common;
    const char *run, *role, *verdict, *stage, *problem, *sort;
    double lowest, highest, round;
    uint64_t limit;
    bool json, parts;
} show_options;

enum { KEY_ROLE = 0x600, KEY_VERDICT, KEY_STAGE, KEY_PROBLEM, KEY_SORT, KEY_ROUND, KEY_MIN, KEY_MAX, KEY_JSON, KEY_PARTS };

#define ROLES "neutral|helpful|sneaky"
#define VERDICTS "correct|wrong|no_answer|ambiguous|truncated|ungraded"
#define STAGES "base_test|role_samples|base_pool|prover|test|pool"
#define ORDERS "score|-score|reward|tokens"

static error_t parse_show(int key, char *arg, struct argp_state *state) {
    show_options *o = state->input;
    switch (key) {
    case ARGP_KEY_INIT: state->child_inputs[0] = &o->common; break;
    case KEY_ROLE: o->role = one_of(state, "--role", arg, ROLES); break;
    case KEY_VERDICT: o->verdict = one_of(state, "--verdict", arg, VERDICTS); break;
    case KEY_STAGE: o->stage = one_of(state, "--stage", arg, STAGES); break;
    case KEY_PROBLEM: o->problem = arg; break;
    case KEY_ROUND: o->round = number_of(state, "--round", arg); break;
    case KEY_SORT: o->sort = one_of(state, "--sort", arg, ORDERS); break;
    case KEY_MIN: o->lowest = number_of(state, "--min-score", arg); break;
    case KEY_MAX: o->highest = number_of(state, "--max-score", arg); break;
    case 'n': o->limit = whole_of(state, "--limit", arg, 0); break;
    case KEY_JSON: o->json = true; break;
    case KEY_PARTS: o->parts = true; break;
    case ARGP_KEY_ARG:
        if (o->run != NULL) argp_error(state, "one run directory is wanted, and '%s' is a second", arg);
        o->run = arg;
        break;
    case ARGP_KEY_NO_ARGS: argp_error(state, "which run directory? pvgame show DIR"); break;
    default: return ARGP_ERR_UNKNOWN;
    }
    return 0;
}

static const struct argp_option options[] = {
    {"role", KEY_ROLE, "ROLE", 0, "neutral, helpful or sneaky", 0},
    {"round", KEY_ROUND, "N", 0, "Samples of this round (-1: before the first)", 0},
    {"stage", KEY_STAGE, "NAME", 0, "base_test, role_samples, base_pool, prover, test or pool", 0},
    {"verdict", KEY_VERDICT, "NAME", 0, "correct, wrong, no_answer, ambiguous, truncated or ungraded", 0},
    {"problem", KEY_PROBLEM, "ID", 0, "One problem: compare rounds and roles side by side", 0},
    {"min-score", KEY_MIN, "V", 0, "Verifier score at least this", 0},
    {"max-score", KEY_MAX, "V", 0, "Verifier score at most this", 0},
    {"sort", KEY_SORT, "BY", 0, "score (highest first), -score, reward or tokens", 0},
    {"limit", 'n', "N", 0, "At most this many (default 10; 0: all)", 0},
    {"parts", KEY_PARTS, NULL, 0, "Colour each token by the part it adds to the verifier's score: green for, red against", 0},
    {"json", KEY_JSON, NULL, 0, "Print the lines as they are", 0}, {0}};
static const struct argp_child children[] = {{&common_argp, 0, "Settings and machine:", 1}, {0}};
static const struct argp show_argp = {
    .options = options, .parser = parse_show, .children = children, .args_doc = "DIR",
    .doc = "Look at the samples of a game.\vExample, the wrong solutions that convinced the last verifier most:\n"
           "  pvgame show run-1 --role sneaky --verdict wrong --stage test --sort score"};

/* ---- choosing ---- */

static bool text_is(json_t *line, const char *field, const char *wanted) {
    const char *found = json_string_value(json_object_get(line, field));
    return wanted == NULL || (found != NULL && strcmp(found, wanted) == 0);
}

static double field_number(json_t *line, const char *field) {
    json_t *value = json_object_get(line, field);
    return json_is_number(value) ? json_number_value(value) : NAN;
}

static bool wanted(const show_options *o, json_t *line) {
    if (!text_is(line, "role", o->role) || !text_is(line, "verdict", o->verdict) || !text_is(line, "stage", o->stage) ||
        !text_is(line, "id", o->problem))
        return false;
    if (!isnan(o->round) && field_number(line, "round") != o->round) return false;
    double score = field_number(line, "score");
    if (!isnan(o->lowest) && !(score >= o->lowest)) return false;
    return isnan(o->highest) || score <= o->highest;
}

typedef struct shelf {
    json_t **line;
    double *key;
    size_t count, capacity;
} shelf;

static double sort_key(const show_options *o, json_t *line) {
    if (o->sort == NULL) return 0;
    double value = field_number(line, o->sort[0] == '-' ? o->sort + 1 : o->sort);
    if (isnan(value)) return -INFINITY;
    return o->sort[0] == '-' ? -value : value;
}

/* Keep the best `limit`, in order; equal keys stay in file order. */
static bool keep(const show_options *o, shelf *s, json_t *line) {
    double key = sort_key(o, line);
    if (o->limit > 0 && s->count == o->limit && key <= s->key[s->count - 1]) return true;
    if (s->count == s->capacity && (o->limit == 0 || s->count < o->limit)) {
        size_t room = s->capacity == 0 ? 64 : s->capacity * 2;
        json_t **lines = realloc(s->line, room * sizeof *lines);
        if (lines != NULL) s->line = lines;
        double *keys = realloc(s->key, room * sizeof *keys);
        if (keys != NULL) s->key = keys;
        if (lines == NULL || keys == NULL) return false;
        s->capacity = room;
    }
    if (o->limit > 0 && s->count == o->limit) json_decref(s->line[--s->count]);
    size_t at = s->count++;
    while (at > 0 && s->key[at - 1] < key) {
        s->line[at] = s->line[at - 1];
        s->key[at] = s->key[at - 1];
        at--;
    }
    s->line[at] = json_incref(line);
    s->key[at] = key;
    return true;
}

static int gather(const show_options *o, shelf *s) {
    char path[MODEL_PATH], *bytes;
    size_t length;
    unsigned long number;
    line_reader *reader;
    snprintf(path, sizeof path, "%s/samples.jsonl.gz", o->run);
    int code = lines_open(path, &reader), got = 0;
    if (code != EXIT_DONE) return code;
    bool full = false;
    while (!full && (got = lines_next(reader, &bytes, &length, &number)) == 1) {
        json_t *line = json_loadb(bytes, length, JSON_ALLOW_NUL, NULL);
        if (line == NULL) {
            fprintf(stderr, "pvgame: %s:%lu: not JSON; left out\n", path, number);
            continue;
        }
        if (wanted(o, line) && !keep(o, s, line)) code = fail_with(EXIT_RESOURCE, "out of memory");
        json_decref(line);
        full = code != EXIT_DONE || (o->sort == NULL && o->limit > 0 && s->count == o->limit);
    }
    lines_close(reader);
    return got < 0 ? EXIT_INPUT : code;
}

/* ---- printing ---- */

/* Texts come from models and from data: control characters must not reach the terminal, neither those of ASCII nor
 * U+0080 to U+009F, c2 80 to c2 9f in UTF-8. Bytes begin..end of `t`, which may cut a character. */
static void put_safe(span t, size_t begin, size_t end) {
    for (size_t i = begin; i < end; i++) {
        unsigned char c = (unsigned char)t.data[i], next = i + 1 < t.length ? (unsigned char)t.data[i + 1] : 0;
        unsigned char before = i > 0 ? (unsigned char)t.data[i - 1] : 0;
        bool opens = c == 0xc2 && next >= 0x80 && next < 0xa0, closes = before == 0xc2 && c >= 0x80 && c < 0xa0;
        if (c == '\n') fputs("\n      ", stdout);
        else if (c < 0x20 || c == 0x7f || opens || closes) printf("\\x%02x", c);
        else putchar(c);
    }
}

static void put_text(span t) { put_safe(t, 0, t.length); }

static const char *colour_of(float part, float largest) {
    float share = largest > 0 ? part / largest : 0;
    if (share > 0.5f) return "\033[42m";
    if (share > 0.15f) return "\033[32m";
    if (share < -0.5f) return "\033[41m";
    if (share < -0.15f) return "\033[31m";
    return "";
}

static void put_coloured(span solution, const parts *p) {
    float largest = 0;
    size_t begin = 0;
    for (size_t i = 0; i < p->count; i++) largest = fmaxf(largest, fabsf(p->value[i]));
    for (size_t i = 0; i < p->count; i++) {
        const char *colour = colour_of(p->value[i], largest);
        size_t end = p->end[i];
        while (end < solution.length && ((unsigned char)solution.data[end] & 0xc0) == 0x80) end++; /* tokens may cut characters */
        if (end <= begin) continue;
        fputs(colour, stdout);
        put_safe(solution, begin, end);
        if (colour[0] != '\0') fputs("\033[0m", stdout);
        begin = end;
    }
}

static span text_of(json_t *line, const char *field) {
    json_t *value = json_object_get(line, field);
    if (json_is_string(value)) return (span){json_string_value(value), json_string_length(value)};
    return (span){"", 0};
}

static int print_sample(json_t *line, pvg_context *context, pvg_verifier *verifier) {
    char score[32], reward[32], round[32];
    static const char *const before[] = {"", "  ", "  "}, *const field[] = {"stage", "role", "verdict"};
    span question = text_of(line, "question"), solution = text_of(line, "solution");
    put_text(text_of(line, "id"));
    printf("  round %s  ", number_text(field_number(line, "round"), 0, round, sizeof round));
    for (int i = 0; i < 3; i++) {
        fputs(before[i], stdout);
        put_text(text_of(line, field[i]));
    }
    printf("  score %s  reward %s\n  Q   ", number_text(field_number(line, "score"), 2, score, sizeof score),
           number_text(field_number(line, "reward"), 2, reward, sizeof reward));
    put_text(question);
    fputs("\n  A   ", stdout);
    parts p = {.count = 0};
    if (verifier == NULL) put_text(solution);
    else {
        int code = fetch_parts(context, verifier, question, solution, &p);
        if (code != EXIT_DONE) return code;
        put_coloured(solution, &p);
        parts_free(&p);
    }
    fputs("\n      (gold ", stdout);
    put_text(text_of(line, "gold"));
    fputs(")\n\n", stdout);
    return EXIT_DONE;
}

static int print_all(const show_options *o, const shelf *s) {
    pvg_context *context = NULL;
    pvg_settings *settings = NULL;
    pvg_verifier *verifier = NULL;
    int code = EXIT_DONE;
    if (o->parts && !o->json && s->count > 0) {
        char path[MODEL_PATH];
        code = newest_verifier(o->run, path, sizeof path);
        if (code == EXIT_DONE) code = open_context(&o->common, &context);
        if (code == EXIT_DONE) code = open_run_settings(context, &o->common, o->run, &settings);
        if (code == EXIT_DONE) code = open_verifier(context, path, settings, &verifier);
    }
    for (size_t i = 0; i < s->count && code == EXIT_DONE && !ferror(stdout); i++)
        code = o->json ? write_json(json_incref(s->line[i]), stdout) : print_sample(s->line[i], context, verifier);
    pvg_verifier_destroy(verifier);
    pvg_settings_destroy(settings);
    pvg_context_destroy(context);
    return code;
}

int command_show(int argc, char **argv) {
    show_options o = {.lowest = NAN, .highest = NAN, .round = NAN, .limit = 10};
    argp_parse(&show_argp, argc, argv, 0, NULL, &o);
    shelf s = {.line = NULL};
    int code = gather(&o, &s);
    if (code == EXIT_DONE) code = print_all(&o, &s);
    if (code == EXIT_DONE && s.count == 0) fprintf(stderr, "pvgame: no sample of %s fits\n", o.run);
    for (size_t i = 0; i < s.count; i++) json_decref(s.line[i]);
    free(s.line);
    free(s.key);
    common_free(&o.common);
    return code;
}
