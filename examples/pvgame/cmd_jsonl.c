/* cmd_jsonl.c - `pvgame grade` and `pvgame score`: JSON lines in, the same lines out with a verdict or a score. */
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "cli.h"

enum { FIELD_QUESTION, FIELD_SOLUTION, FIELD_ANSWER, FIELDS };
static const char *const field_names[FIELDS] = {"question", "solution", "answer"};

typedef struct jsonl_options {
    common common;
    const char *in, *out, *verifier;
    const char *field[FIELDS];
    bool parts, summary;
    bool scoring; /* `score`, else `grade` */
} jsonl_options;

static void set_field(jsonl_options *o, const char *arg, struct argp_state *state) {
    for (int i = 0; i < FIELDS; i++) {
        size_t length = strlen(field_names[i]);
        if (strncmp(arg, field_names[i], length) != 0 || arg[length] != '=' || arg[length + 1] == '\0') continue;
        o->field[i] = arg + length + 1;
        return;
    }
    argp_error(state, "--field %s: wanted question=NAME, solution=NAME or answer=NAME", arg);
}

enum { KEY_IN = 0x300, KEY_PARTS, KEY_SUMMARY };
static error_t parse_jsonl(int key, char *arg, struct argp_state *state) {
    jsonl_options *o = state->input;
    switch (key) {
    case ARGP_KEY_INIT: state->child_inputs[0] = &o->common; break;
    case 'i': o->in = arg; break;
    case 'o': o->out = arg; break;
    case 'f': set_field(o, arg, state); break;
    case 'v': o->verifier = arg; break;
    case KEY_PARTS: o->parts = true; break;
    case KEY_SUMMARY: o->summary = true; break;
    case ARGP_KEY_ARG: argp_error(state, "'%s' is not an option; a file is given with --in", arg); break;
    case ARGP_KEY_END:
        if (o->scoring && o->verifier == NULL) argp_error(state, "which verifier? --verifier DIR, a model directory");
        break;
    default: return ARGP_ERR_UNKNOWN;
    }
    return 0;
}

static const struct argp_child children[] = {{&common_argp, 0, "Settings and machine:", 1}, {0}};
#define COMMON_OPTIONS                                                                                                 \
    {"in", 'i', "FILE", 0, "Read this file (also .gz) instead of standard input", 0},                                  \
    {"out", 'o', "FILE", 0, "Write to this file instead of standard output", 0},                                       \
    {"field", 'f', "WHAT=NAME", 0, "Where to find it in a line: question=, solution=, answer= (a.b reaches into objects)", 0}

static const struct argp_option grade_options[] = {
    COMMON_OPTIONS, {"summary", KEY_SUMMARY, NULL, 0, "Count verdicts on standard error at the end", 0}, {0}};
static const struct argp grade_argp = {
    .options = grade_options, .parser = parse_jsonl, .children = children,
    .doc = "Compare the final answer of each `solution` with `answer`; writes each line back with `verdict` (correct, wrong, "
           "no_answer, ambiguous, truncated) and `extracted`.\vAnswers are compared as exact rationals; the rules are in "
           "docs/grader.md. A line with \"truncated\": true is taken as cut short. Example:\n"
           "  echo '{\"question\":\"\",\"solution\":\"The answer is 1,000.\",\"answer\":\"1000\"}' | pvgame grade"};
static const struct argp_option score_options[] = {
    COMMON_OPTIONS, {"verifier", 'v', "DIR", 0, "Model directory of the verifier, for example run-1/models/last_verifier", 0},
    {"parts", KEY_PARTS, NULL, 0, "Also write `parts`: [end byte, part of the score] of each token of the solution", 0}, {0}};
static const struct argp score_argp = {
    .options = score_options, .parser = parse_jsonl, .children = children,
    .doc = "Score each `solution` of `question` with a verifier; writes each line back with `score` (higher is more "
           "convincing; for a verifier trained with cross-entropy the log-odds of being correct)."};

/* ---- lines ---- */

typedef struct job {
    const jsonl_options *options;
    pvg_context *context;
    line_reader *reader;
    const char *source;
    FILE *out;
    pvg_grader *grader;
    pvg_verifier *verifier;
    unsigned long verdicts[6];
} job;

/* "a.b" reaches into an object; a field of exactly that name goes first. */
static json_t *find_field(json_t *line, const char *name) {
    json_t *found = json_object_get(line, name);
    const char *dot = strchr(name, '.');
    if (found != NULL || dot == NULL) return found;
    char head[128];
    snprintf(head, sizeof head, "%.*s", (int)(dot - name), name);
    return find_field(json_object_get(line, head), dot + 1);
}

/* A text, or, with room in `spare`, a number as text. */
static int field_text(const job *j, json_t *line, int which, unsigned long number, char *spare, size_t size, const char **out) {
    const char *name = j->options->field[which];
    json_t *value = find_field(line, name);
    if (json_is_string(value)) {
        *out = json_string_value(value);
        return EXIT_DONE;
    }
    if (spare == NULL) size = 0;
    if (size > 0 && json_is_integer(value)) snprintf(spare, size, "%lld", (long long)json_integer_value(value));
    else if (size > 0 && json_is_real(value)) snprintf(spare, size, "%.17g", json_real_value(value));
    else
        return fail_with(EXIT_INPUT, "%s:%lu: field '%s' is %s; wanted a text%s", j->source, number, name,
                         value == NULL ? "missing" : "not a text", size > 0 ? " or a number" : "");
    *out = spare;
    return EXIT_DONE;
}

static int grade_line(job *j, json_t *line, unsigned long number) {
    char spare[64], extracted[256] = "";
    const char *solution = "", *answer = "";
    size_t needed;
    pvg_verdict verdict;
    int code = field_text(j, line, FIELD_SOLUTION, number, NULL, 0, &solution);
    if (code == EXIT_DONE) code = field_text(j, line, FIELD_ANSWER, number, spare, sizeof spare, &answer);
    if (code != EXIT_DONE) return code;
    int32_t truncated = json_is_true(json_object_get(line, "truncated"));
    pvg_status status = pvg_grader_grade(j->grader, NULL, answer, PVG_NUL_TERMINATED, solution, PVG_NUL_TERMINATED, truncated,
                                         &verdict, extracted, sizeof extracted, &needed);
    if (status != PVG_OK && status != PVG_E_BUFFER) {
        code = exit_code_of(status);
        return fail_with(code, "%s:%lu: %s", j->source, number, pvg_error_message(j->context));
    }
    if (verdict >= 0 && verdict < 6) j->verdicts[verdict]++;
    json_object_set_new(line, "verdict", json_string(pvg_verdict_name(verdict)));
    json_object_set_new(line, "extracted", needed > 0 ? json_string(extracted) : json_null());
    return EXIT_DONE;
}

static int add_parts(job *j, json_t *line, const char *question, const char *solution) {
    size_t needed = 0;
    pvg_verifier_parts(j->verifier, question, PVG_NUL_TERMINATED, solution, PVG_NUL_TERMINATED, NULL, NULL, 0, &needed);
    size_t *ends = calloc(needed + 1, sizeof *ends);
    float *parts = calloc(needed + 1, sizeof *parts);
    pvg_status status = ends == NULL || parts == NULL
                            ? PVG_E_NOMEM
                            : pvg_verifier_parts(j->verifier, question, PVG_NUL_TERMINATED, solution, PVG_NUL_TERMINATED, ends,
                                                 parts, needed, &needed);
    json_t *list = json_array();
    for (size_t i = 0; status == PVG_OK && i < needed; i++)
        json_array_append_new(list, json_pack("[I,f]", (json_int_t)ends[i], (double)parts[i]));
    json_object_set_new(line, "parts", list);
    free(ends);
    free(parts);
    return status == PVG_OK ? EXIT_DONE : fail(j->context);
}

enum { BATCH = 256 };

/* Score the lines that were gathered and write them. */
static int score_batch(job *j, json_t **line, const char **question, const char **solution, size_t count) {
    double scores[BATCH];
    if (count == 0) return EXIT_DONE;
    if (pvg_verifier_score(j->verifier, count, question, NULL, solution, NULL, scores) != PVG_OK) return fail(j->context);
    int code = EXIT_DONE;
    for (size_t i = 0; i < count && code == EXIT_DONE; i++) {
        json_object_set_new(line[i], "score", json_real(scores[i]));
        if (j->options->parts) code = add_parts(j, line[i], question[i], solution[i]);
        if (code == EXIT_DONE && (json_dumpf(line[i], j->out, JSON_COMPACT) != 0 || fputc('\n', j->out) == EOF))
            code = fail_with(EXIT_RESOURCE, "the output could not be written");
    }
    return code;
}

static int parse_line(const job *j, const char *text, size_t length, unsigned long number, json_t **out) {
    json_error_t error;
    json_t *line = json_loadb(text, length, JSON_REJECT_DUPLICATES, &error);
    if (line == NULL) return fail_with(EXIT_INPUT, "%s:%lu: not JSON: %s", j->source, number, error.text);
    if (!json_is_object(line)) {
        json_decref(line);
        return fail_with(EXIT_INPUT, "%s:%lu: wanted a JSON object", j->source, number);
    }
    *out = line;
    return EXIT_DONE;
}

/* The next line that is not blank: 1, 0 at the end, -1 failed. */
static int next_object(job *j, json_t **line, unsigned long *number, int *code) {
    char *text;
    size_t length;
    int got;
    while ((got = lines_next(j->reader, &text, &length, number)) == 1 && strspn(text, " \t") == length) {
    }
    if (got < 0) *code = EXIT_INPUT;
    if (got != 1) return got;
    *code = parse_line(j, text, length, *number, line);
    return *code == EXIT_DONE ? 1 : -1;
}

static int grade_all(job *j) {
    json_t *line = NULL;
    unsigned long number;
    int code = EXIT_DONE;
    while (code == EXIT_DONE && next_object(j, &line, &number, &code) == 1) {
        code = grade_line(j, line, number);
        if (code == EXIT_DONE && (json_dumpf(line, j->out, JSON_COMPACT) != 0 || fputc('\n', j->out) == EOF))
            code = fail_with(EXIT_RESOURCE, "the output could not be written");
        json_decref(line);
    }
    return code;
}

static int score_all(job *j) {
    json_t *line[BATCH];
    const char *question[BATCH], *solution[BATCH];
    int code = EXIT_DONE, got = 1;
    while (code == EXIT_DONE && got == 1) {
        size_t count = 0;
        unsigned long number;
        while (count < BATCH && code == EXIT_DONE && (got = next_object(j, &line[count], &number, &code)) == 1) {
            code = field_text(j, line[count], FIELD_QUESTION, number, NULL, 0, &question[count]);
            if (code == EXIT_DONE) code = field_text(j, line[count], FIELD_SOLUTION, number, NULL, 0, &solution[count]);
            count++;
        }
        if (code == EXIT_DONE) code = score_batch(j, line, question, solution, count);
        for (size_t i = 0; i < count; i++) json_decref(line[i]);
    }
    return code;
}

static void say_verdicts(const job *j) {
    unsigned long total = 0;
    for (int i = 1; i < 6; i++) total += j->verdicts[i];
    fprintf(stderr, "%lu graded", total);
    for (int i = 1; i < 6; i++) fprintf(stderr, ", %lu %s", j->verdicts[i], pvg_verdict_name(i));
    fputc('\n', stderr);
}

static int open_player(job *j, pvg_settings *settings) {
    const jsonl_options *o = j->options;
    if (!o->scoring) return pvg_grader_create(j->context, settings, &j->grader) == PVG_OK ? EXIT_DONE : fail(j->context);
    pvg_model *model;
    if (pvg_model_load(j->context, o->verifier, &model) != PVG_OK) return fail(j->context);
    pvg_status status = pvg_verifier_from_model(j->context, model, settings, &j->verifier);
    pvg_model_destroy(model);
    return status == PVG_OK ? EXIT_DONE : fail(j->context);
}

static int run_job(job *j, pvg_settings *settings) {
    const jsonl_options *o = j->options;
    int code = open_player(j, settings);
    if (code == EXIT_DONE) code = lines_open(o->in, &j->reader);
    if (code == EXIT_DONE && o->out != NULL && (j->out = fopen(o->out, "w")) == NULL)
        code = fail_with(EXIT_INPUT, "%s: cannot be written", o->out);
    if (code == EXIT_DONE) code = o->scoring ? score_all(j) : grade_all(j);
    if (o->out != NULL && j->out != NULL && fclose(j->out) != 0 && code == EXIT_DONE)
        code = fail_with(EXIT_RESOURCE, "%s: could not be written", o->out);
    if (code == EXIT_DONE && o->summary) say_verdicts(j);
    lines_close(j->reader);
    pvg_grader_destroy(j->grader);
    pvg_verifier_destroy(j->verifier);
    return code;
}

static int jsonl(const struct argp *argp, bool scoring, int argc, char **argv) {
    jsonl_options o = {.scoring = scoring, .field = {field_names[0], field_names[1], field_names[2]}};
    argp_parse(argp, argc, argv, 0, NULL, &o);
    pvg_context *context;
    int code = open_context(&o.common, &context);
    if (code == EXIT_DONE) {
        pvg_settings *settings;
        job j = {.options = &o, .context = context, .out = stdout, .source = o.in != NULL ? o.in : "standard input"};
        if ((code = open_settings(context, &o.common, NULL, &settings)) == EXIT_DONE) {
            code = run_job(&j, settings);
            pvg_settings_destroy(settings);
        }
        pvg_context_destroy(context);
    }
    common_free(&o.common);
    return code;
}

int command_grade(int argc, char **argv) { return jsonl(&grade_argp, false, argc, argv); }
int command_score(int argc, char **argv) { return jsonl(&score_argp, true, argc, argv); }
