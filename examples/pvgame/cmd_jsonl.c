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

enum { VERDICTS = 6 };
typedef struct job {
    const jsonl_options *options;
    pvg_context *context;
    line_reader *reader;
    const char *source;
    FILE *out;
    pvg_grader *grader;
    pvg_verifier *verifier;
    unsigned long verdicts[VERDICTS];
} job;

/* A text, or, with room in `spare`, a number as text. */
static int field_text(const job *j, json_t *line, int which, unsigned long number, char *spare, size_t size, span *out) {
    const char *name = j->options->field[which];
    json_t *value = line_field(line, name);
    if (json_is_string(value)) {
        *out = (span){json_string_value(value), json_string_length(value)};
        return EXIT_DONE;
    }
    if (spare == NULL || !json_is_number(value))
        return fail_with(EXIT_INPUT, "%s:%lu: field '%s' is %s; wanted a text%s", j->source, number, name,
                         value == NULL ? "missing" : "not a text", spare != NULL ? " or a number" : "");
    number_as_text(value, spare, size);
    *out = (span){spare, strlen(spare)};
    return EXIT_DONE;
}

static int grade_line(job *j, json_t *line, unsigned long number) {
    char spare[64], brief[256] = "", *extracted = brief;
    span solution, answer;
    size_t needed;
    pvg_verdict verdict;
    int code = field_text(j, line, FIELD_SOLUTION, number, NULL, 0, &solution);
    if (code == EXIT_DONE) code = field_text(j, line, FIELD_ANSWER, number, spare, sizeof spare, &answer);
    if (code != EXIT_DONE) return code;
    int32_t truncated = json_is_true(json_object_get(line, "truncated"));
    pvg_status status = pvg_grader_grade(j->grader, NULL, answer.data, answer.length, solution.data, solution.length, truncated,
                                         &verdict, brief, sizeof brief, &needed);
    if (status == PVG_E_BUFFER && (extracted = malloc(needed + 1)) != NULL)
        status = pvg_grader_grade(j->grader, NULL, answer.data, answer.length, solution.data, solution.length, truncated, &verdict,
                                  extracted, needed + 1, &needed);
    if (extracted == NULL) return fail_with(EXIT_RESOURCE, "out of memory");
    if (status != PVG_OK) {
        code = fail_with(exit_code_of(status), "%s:%lu: %s", j->source, number, pvg_error_message(j->context));
    } else {
        if (verdict >= 0 && verdict < VERDICTS) j->verdicts[verdict]++;
        json_object_set_new(line, "verdict", json_string(pvg_verdict_name(verdict)));
        json_object_set_new(line, "extracted", needed > 0 ? text_json(extracted) : json_null());
    }
    if (extracted != brief) free(extracted);
    return code;
}

static int add_parts(job *j, json_t *line, span question, span solution) {
    parts p;
    int code = fetch_parts(j->context, j->verifier, question, solution, &p);
    if (code != EXIT_DONE) return code;
    json_t *list = json_array();
    for (size_t i = 0; i < p.count; i++) json_array_append_new(list, json_pack("[I,f]", (json_int_t)p.end[i], (double)p.value[i]));
    json_object_set_new(line, "parts", list);
    parts_free(&p);
    return EXIT_DONE;
}

enum { BATCH = 256 };

/* Lines that are scored together. */
typedef struct batch {
    json_t *line[BATCH];
    span question[BATCH], solution[BATCH];
    size_t count;
} batch;

static int score_batch(job *j, batch *b) {
    double scores[BATCH];
    const char *question[BATCH], *solution[BATCH];
    size_t question_length[BATCH], solution_length[BATCH];
    if (b->count == 0) return EXIT_DONE;
    for (size_t i = 0; i < b->count; i++) {
        question[i] = b->question[i].data;
        question_length[i] = b->question[i].length;
        solution[i] = b->solution[i].data;
        solution_length[i] = b->solution[i].length;
    }
    if (pvg_verifier_score(j->verifier, b->count, question, question_length, solution, solution_length, scores) != PVG_OK)
        return fail(j->context);
    int code = EXIT_DONE;
    for (size_t i = 0; i < b->count && code == EXIT_DONE; i++) {
        json_object_set_new(b->line[i], "score", json_real(scores[i]));
        if (j->options->parts) code = add_parts(j, b->line[i], b->question[i], b->solution[i]);
        if (code == EXIT_DONE) code = write_json(json_incref(b->line[i]), j->out);
    }
    return code;
}

static int parse_line(const job *j, const char *bytes, size_t length, unsigned long number, json_t **out) {
    json_error_t error;
    json_t *line = json_loadb(bytes, length, JSON_REJECT_DUPLICATES | JSON_ALLOW_NUL, &error);
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
    char *bytes;
    size_t length;
    int got;
    do got = lines_next(j->reader, &bytes, &length, number);
    while (got == 1 && strspn(bytes, " \t") == length);
    if (got < 0) *code = EXIT_INPUT;
    if (got != 1) return got;
    *code = parse_line(j, bytes, length, *number, line);
    return *code == EXIT_DONE ? 1 : -1;
}

static int grade_all(job *j) {
    json_t *line = NULL;
    unsigned long number;
    int code = EXIT_DONE;
    while (code == EXIT_DONE && next_object(j, &line, &number, &code) == 1) {
        code = grade_line(j, line, number);
        if (code == EXIT_DONE) code = write_json(json_incref(line), j->out);
        json_decref(line);
    }
    return code;
}

static int score_all(job *j) {
    int code = EXIT_DONE, got = 1;
    batch *b = calloc(1, sizeof *b);
    if (b == NULL) return fail_with(EXIT_RESOURCE, "out of memory");
    while (code == EXIT_DONE && got == 1) {
        unsigned long number;
        b->count = 0;
        while (b->count < BATCH && code == EXIT_DONE && (got = next_object(j, &b->line[b->count], &number, &code)) == 1) {
            size_t i = b->count++;
            code = field_text(j, b->line[i], FIELD_QUESTION, number, NULL, 0, &b->question[i]);
            if (code == EXIT_DONE) code = field_text(j, b->line[i], FIELD_SOLUTION, number, NULL, 0, &b->solution[i]);
        }
        if (code == EXIT_DONE) code = score_batch(j, b);
        for (size_t i = 0; i < b->count; i++) json_decref(b->line[i]);
    }
    free(b);
    return code;
}

static void say_verdicts(const job *j) {
    unsigned long total = 0;
    for (int i = 1; i < VERDICTS; i++) total += j->verdicts[i];
    fprintf(stderr, "%lu graded", total);
    for (int i = 1; i < VERDICTS; i++) fprintf(stderr, ", %lu %s", j->verdicts[i], pvg_verdict_name(i));
    fputc('\n', stderr);
}

static int open_player(job *j, pvg_settings *settings) {
    const jsonl_options *o = j->options;
    if (!o->scoring) return pvg_grader_create(j->context, settings, &j->grader) == PVG_OK ? EXIT_DONE : fail(j->context);
    return open_verifier(j->context, o->verifier, settings, &j->verifier);
}

static int run_job(job *j, pvg_settings *settings) {
    const jsonl_options *o = j->options;
    int code = open_player(j, settings);
    if (code == EXIT_DONE) code = lines_open(o->in, &j->reader);
    if (code == EXIT_DONE) code = open_output(o->out, o->in, &j->out);
    if (code == EXIT_DONE) code = o->scoring ? score_all(j) : grade_all(j);
    code = close_output(o->out, j->out, code);
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
        job j = {.options = &o, .context = context, .source = o.in != NULL ? o.in : "standard input"};
        char run[MODEL_PATH];
        bool in_run = o.verifier != NULL && run_of_model(o.verifier, run, sizeof run);
        if ((code = open_run_settings(context, &o.common, in_run ? run : NULL, &settings)) == EXIT_DONE) {
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
