/* cmd_measure.c - `pvgame measure`: what anybody's solutions show, from JSON lines or a run directory. */
#include <jansson.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "cli.h"

enum { INPUTS = 64, VERIFIERS = 32 };

/* What is looked for in a line, and under which name. */
enum { QUESTION, SOLUTION, ANSWER, ID, ROLE, ROUND, STEP, VERDICT, LABEL, SCORE, REWARD, TOKENS, GREEDY, TRUNCATED, CHAIN, KL, ENTROPY, FIELDS };
static const char *const field_names[FIELDS] = {"question", "solution", "answer", "id",     "role",      "round", "step", "verdict", "label",
                                                "score",    "reward",   "tokens", "greedy", "truncated", "chain", "kl",   "entropy"};

typedef struct measure_options {
    common common;
    const char *in[INPUTS], *run, *data, *json, *judge;
    const char *verifier[VERIFIERS];
    const char *field[FIELDS];
    size_t ins, verifiers;
    bool no_verifiers;
} measure_options;

static void set_field(measure_options *o, const char *arg, struct argp_state *state) {
    for (int i = 0; i < FIELDS; i++) {
        size_t length = strlen(field_names[i]);
        if (strncmp(arg, field_names[i], length) != 0 || arg[length] != '=' || arg[length + 1] == '\0') continue;
        o->field[i] = arg + length + 1;
        return;
    }
    argp_error(state, "--field %s: wanted WHAT=NAME, WHAT one of question, solution, answer, id, role, round, step, verdict, label, "
                      "score, reward, tokens, greedy, truncated, chain, kl, entropy", arg);
}

static void add_input(measure_options *o, const char *arg, struct argp_state *state) {
    if (strcmp(arg, "-") == 0 || !is_directory(arg)) {
        if (o->ins == INPUTS) argp_error(state, "more than %d files", INPUTS);
        o->in[o->ins++] = arg;
        return;
    }
    if (o->run != NULL) argp_error(state, "one run directory is wanted, and '%s' is a second", arg);
    o->run = arg;
}

enum { KEY_JUDGE = 0x600, KEY_JSON, KEY_NO_VERIFIERS };
static error_t parse_measure(int key, char *arg, struct argp_state *state) {
    measure_options *o = state->input;
    switch (key) {
    case ARGP_KEY_INIT: state->child_inputs[0] = &o->common; break;
    case 'd': o->data = arg; break;
    case 'f': set_field(o, arg, state); break;
    case 'v':
        if (o->verifiers == VERIFIERS) argp_error(state, "more than %d verifiers", VERIFIERS);
        o->verifier[o->verifiers++] = arg;
        break;
    case KEY_JUDGE: o->judge = arg; break;
    case KEY_JSON: o->json = arg; break;
    case KEY_NO_VERIFIERS: o->no_verifiers = true; break;
    case ARGP_KEY_ARG: add_input(o, arg, state); break;
    case ARGP_KEY_END:
        if (o->ins == 0 && o->run == NULL) argp_error(state, "which solutions? Files of JSON lines (- is standard input), or a run directory");
        break;
    default: return ARGP_ERR_UNKNOWN;
    }
    return 0;
}

static const struct argp_child children[] = {{&common_argp, 0, "Settings and machine:", 1}, {0}};
static const struct argp_option measure_options_list[] = {
    {"data", 'd', "FILE", 0, "Problems (JSON lines) that the solutions are of, found by id or question; needed only where the lines "
                             "themselves lack question or answer", 0},
    {"field", 'f', "WHAT=NAME", 0, "Where to find it in a line (a.b reaches into objects): question, solution, answer (default answer, "
                                   "else gold), id, role, round, step, verdict, label (is_correct), score, reward, tokens, greedy, "
                                   "truncated, chain, kl, entropy. Only solution, and question or id, must be there", 0},
    {"verifier", 'v', "DIR", 0, "Let this verifier score all solutions: a row of the tables of verifiers by provers, and the "
                                "injected-error control; may be repeated", 0},
    {"judge", KEY_JUDGE, "DIR", 0, "An independent judge: a verifier of another seed or size, trained on base samples alone", 0},
    {"no-verifiers", KEY_NO_VERIFIERS, NULL, 0, "Do not ask a run directory's own verifiers", 0},
    {"json", KEY_JSON, "FILE", 0, "Write everything as JSON here (- is standard output, instead of the tables)", 0},
    {0}};
static const struct argp measure_argp = {
    .options = measure_options_list, .parser = parse_measure, .children = children, .args_doc = "FILE... | RUN",
    .doc = "Measure solutions, whoever wrote them: accuracy, legibility, subtlety of wrong ones, length and repetition, what verifiers and "
           "a reader with little time can tell apart, best-of-n and votes, style, reward hacking.\vEvery measure is defined in "
           "docs/measures.md. A run directory's test samples and training samples are taken, with its verifiers; the measures' "
           "intervals are at evaluate.level (90 %). What could not be measured is said at the end. Examples:\n"
           "  pvgame measure run-1 --json measures.json\n"
           "  pvgame measure solutions.jsonl --field answer=ground_truth --verifier run-1/models/last_verifier\n"
           "  pvgame generate run-1 --role helpful --samples 64 -n 100 | pvgame measure - --verifier run-1/models/last_verifier"};

/* ---- one line ---- */

typedef struct job {
    const measure_options *options;
    pvg_context *context;
    pvg_settings *settings;
    pvg_measurement *measurement;
    const char *source;
    bool in_run;
    json_t *course;       /* of a run: "round/step": [kl, entropy] */
    pvg_dataset *problem; /* the built-in problem looked up last */
    char problem_id[64];
    unsigned long taken;
} job;

static json_t *field_of(const job *j, json_t *line, int which) {
    if (j->in_run) return json_object_get(line, which == ANSWER ? "gold" : which == LABEL ? "is_correct" : field_names[which]);
    if (j->options->field[which] != NULL) return line_field(line, j->options->field[which]);
    if (which == LABEL) return json_object_get(line, "is_correct");
    json_t *found = json_object_get(line, field_names[which]);
    return found == NULL && which == ANSWER ? json_object_get(line, "gold") : found;
}

static const char *name_of(const job *j, int which) {
    const char *given = j->options->field[which];
    return given != NULL && !j->in_run ? given : which == LABEL ? "is_correct" : field_names[which];
}

static int unfit(const job *j, unsigned long number, int which, const char *wanted) {
    return fail_with(EXIT_INPUT, "%s:%lu: field '%s' is not what is wanted: %s", j->source, number, name_of(j, which), wanted);
}

static bool is_absent(const json_t *value) { return value == NULL || json_is_null(value); }

/* A text, or a number as text in `spare`; NULL when it is not there. */
static int take_text(const job *j, json_t *line, int which, unsigned long number, char *spare, size_t size, const char **out, size_t *length) {
    json_t *value = field_of(j, line, which);
    *out = NULL;
    if (is_absent(value)) return EXIT_DONE;
    if (json_is_string(value)) {
        *out = json_string_value(value);
        if (length != NULL) *length = json_string_length(value);
        return EXIT_DONE;
    }
    if (spare == NULL || !json_is_number(value)) return unfit(j, number, which, spare == NULL ? "a text" : "a text or a number");
    number_as_text(value, spare, size);
    *out = spare;
    if (length != NULL) *length = strlen(spare);
    return EXIT_DONE;
}

static int take_number(const job *j, json_t *line, int which, unsigned long number, double *out) {
    json_t *value = field_of(j, line, which);
    if (is_absent(value)) return EXIT_DONE;
    if (!json_is_number(value)) return unfit(j, number, which, "a number");
    *out = json_number_value(value);
    return EXIT_DONE;
}

static int take_whole(const job *j, json_t *line, int which, unsigned long number, int64_t least, int64_t *out) {
    json_t *value = field_of(j, line, which);
    if (is_absent(value)) return EXIT_DONE;
    double found = json_is_number(value) ? json_number_value(value) : NAN;
    if (!(found >= (double)least && found <= 1e9) || found != floor(found)) return unfit(j, number, which, "a whole number");
    *out = (int64_t)found;
    return EXIT_DONE;
}

static int take_flag(const job *j, json_t *line, int which, unsigned long number, int32_t *out) {
    json_t *value = field_of(j, line, which);
    if (is_absent(value)) return EXIT_DONE;
    if (json_is_boolean(value)) *out = json_is_true(value);
    else if (json_is_integer(value) && json_integer_value(value) >= 0 && json_integer_value(value) <= 1) *out = (int32_t)json_integer_value(value);
    else return unfit(j, number, which, "true or false");
    return EXIT_DONE;
}

typedef const char *(*naming)(int32_t value);

/* A name among those of 0..most. */
static int take_name(const job *j, json_t *line, int which, unsigned long number, naming name, int32_t most, const char *wanted, int32_t *out) {
    json_t *value = field_of(j, line, which);
    if (is_absent(value)) return EXIT_DONE;
    for (int32_t i = 0; i <= most && json_is_string(value); i++)
        if (strcmp(json_string_value(value), name(i)) == 0) {
            *out = i;
            return EXIT_DONE;
        }
    return unfit(j, number, which, wanted);
}

static int take_numbers(const job *j, json_t *line, unsigned long number, pvg_solution *s) {
    int64_t round = -1, step = 0, tokens = 0;
    int32_t label = -1;
    int code = take_whole(j, line, ROUND, number, -1, &round);
    if (code == EXIT_DONE) code = take_whole(j, line, STEP, number, 0, &step);
    if (code == EXIT_DONE) code = take_whole(j, line, TOKENS, number, 0, &tokens);
    if (code == EXIT_DONE) code = take_flag(j, line, GREEDY, number, &s->greedy);
    if (code == EXIT_DONE) code = take_flag(j, line, TRUNCATED, number, &s->truncated);
    if (code == EXIT_DONE) code = take_flag(j, line, LABEL, number, &label);
    if (code == EXIT_DONE) code = take_number(j, line, SCORE, number, &s->score);
    if (code == EXIT_DONE) code = take_number(j, line, REWARD, number, &s->reward);
    if (code == EXIT_DONE) code = take_number(j, line, KL, number, &s->kl);
    if (code == EXIT_DONE) code = take_number(j, line, ENTROPY, number, &s->entropy);
    if (code == EXIT_DONE)
        code = take_name(j, line, ROLE, number, pvg_role_name, PVG_ROLE_SNEAKY, "neutral, helpful or sneaky", &s->role);
    if (code == EXIT_DONE)
        code = take_name(j, line, VERDICT, number, pvg_verdict_name, PVG_VERDICT_TRUNCATED,
                         "correct, wrong, no_answer, ambiguous, truncated or ungraded", &s->verdict);
    if (s->verdict == PVG_VERDICT_UNGRADED && label >= 0) s->verdict = label == 1 ? PVG_VERDICT_CORRECT : PVG_VERDICT_WRONG;
    s->round = (int32_t)round;
    s->step = step;
    s->tokens = (int32_t)tokens;
    return code;
}

/* ---- what a run knows besides ---- */

/* Where a line of a run belongs: false when it is not of those that are measured. */
static bool place_in_run(const job *j, const json_t *line, pvg_solution *s) {
    const char *stage = json_string_value(json_object_get(line, "stage"));
    if (stage == NULL) return false;
    bool training = strcmp(stage, "prover") == 0;
    if (!training && strcmp(stage, "test") != 0 && strcmp(stage, "base_test") != 0) return false;
    if (training) {
        char key[48];
        snprintf(key, sizeof key, "%d/%lld", (int)s->round, (long long)s->step);
        json_t *course = json_object_get(j->course, key);
        if (course != NULL) json_unpack(course, "[F,F]", &s->kl, &s->entropy);
    } else {
        s->step = 0;
    }
    return true;
}

/* The chain of a built-in problem, which its id and the settings give; NULL unless its question is the line's. */
static const char *chain_of(job *j, const pvg_solution *s) {
    unsigned long long problem;
    char rest;
    if (s->id == NULL || s->question == NULL || sscanf(s->id, "problem-%llu%c", &problem, &rest) != 1) return NULL;
    if (strcmp(j->problem_id, s->id) != 0) {
        pvg_dataset_destroy(j->problem);
        j->problem = NULL;
        snprintf(j->problem_id, sizeof j->problem_id, "%s", s->id);
        if (pvg_dataset_generate(j->context, j->settings, problem, 1, &j->problem) != PVG_OK) j->problem = NULL;
    }
    pvg_problem p = {.struct_size = sizeof p};
    if (j->problem == NULL || pvg_dataset_get(j->problem, 0, &p) != PVG_OK) return NULL;
    return strlen(p.question) == s->question_length && memcmp(p.question, s->question, s->question_length) == 0 ? p.chain : NULL;
}

static int measure_line(job *j, json_t *line, unsigned long number) {
    pvg_solution s;
    char id[64], answer[64];
    pvg_solution_init(&s, sizeof s);
    int code = take_numbers(j, line, number, &s);
    if (code == EXIT_DONE && j->in_run && !place_in_run(j, line, &s)) return EXIT_DONE;
    if (code == EXIT_DONE) code = take_text(j, line, SOLUTION, number, NULL, 0, &s.text, &s.text_length);
    if (code == EXIT_DONE) code = take_text(j, line, QUESTION, number, NULL, 0, &s.question, &s.question_length);
    if (code == EXIT_DONE) code = take_text(j, line, ANSWER, number, answer, sizeof answer, &s.gold, NULL);
    if (code == EXIT_DONE) code = take_text(j, line, ID, number, id, sizeof id, &s.id, NULL);
    if (code == EXIT_DONE) code = take_text(j, line, CHAIN, number, NULL, 0, &s.chain, NULL);
    if (code != EXIT_DONE) return code;
    if (s.text == NULL) return unfit(j, number, SOLUTION, "a text, and it is missing");
    if (s.chain == NULL) s.chain = chain_of(j, &s);
    pvg_status status = pvg_measurement_add(j->measurement, &s);
    if (status != PVG_OK) return fail_with(exit_code_of(status), "%s:%lu: %s", j->source, number, pvg_error_message(j->context));
    j->taken++;
    return EXIT_DONE;
}

static int measure_file(job *j, const char *path, int (*each)(job *j, json_t *line, unsigned long number)) {
    line_reader *reader;
    char *text;
    size_t length;
    unsigned long number;
    int code = lines_open(path, &reader), more;
    if (code != EXIT_DONE) return code;
    j->source = strcmp(path, "-") == 0 ? "standard input" : path;
    while (code == EXIT_DONE && (more = lines_next(reader, &text, &length, &number)) != 0) {
        json_error_t error;
        if (more < 0) {
            code = EXIT_INPUT;
            break;
        }
        if (strspn(text, " \t") == length) continue;
        json_t *line = json_loadb(text, length, JSON_ALLOW_NUL, &error);
        if (json_is_object(line)) code = each(j, line, number);
        else code = fail_with(EXIT_INPUT, "%s:%lu: %s", j->source, number, line == NULL ? error.text : "wanted a JSON object");
        json_decref(line);
    }
    lines_close(reader);
    return code;
}

static int note_course(job *j, json_t *line, unsigned long number) {
    const char *stage = json_string_value(json_object_get(line, "stage"));
    json_t *kl = json_object_get(line, "kl"), *entropy = json_object_get(line, "entropy");
    (void)number;
    if (stage == NULL || strcmp(stage, "prover") != 0 || !json_is_number(kl) || !json_is_number(entropy)) return EXIT_DONE;
    char key[48];
    snprintf(key, sizeof key, "%lld/%lld", (long long)json_integer_value(json_object_get(line, "round")),
             (long long)json_integer_value(json_object_get(line, "step")));
    json_object_set_new(j->course, key, json_pack("[f,f]", json_number_value(kl), json_number_value(entropy)));
    return EXIT_DONE;
}

static int measure_run(job *j, const char *run) {
    char path[MODEL_PATH];
    j->course = json_object();
    j->in_run = true;
    snprintf(path, sizeof path, "%s/metrics.jsonl", run);
    int code = path_exists(path) ? measure_file(j, path, note_course) : EXIT_DONE;
    snprintf(path, sizeof path, "%s/samples.jsonl.gz", run);
    if (code == EXIT_DONE && !path_exists(path))
        code = fail_with(EXIT_INPUT, "%s holds no samples (looked for %s; checkpoint.samples must be on)", run, path);
    if (code == EXIT_DONE) code = measure_file(j, path, measure_line);
    j->in_run = false;
    json_decref(j->course);
    return code;
}

/* ---- verifiers ---- */

static int ask(job *j, const char *name, const char *path, bool judge) {
    pvg_verifier *verifier;
    char in_run[MODEL_PATH];
    pvg_settings *settings = NULL;
    bool own = run_of_model(path, in_run, sizeof in_run);
    int code = own ? open_run_settings(j->context, &j->options->common, in_run, &settings) : EXIT_DONE;
    if (code == EXIT_DONE) code = open_verifier(j->context, path, own ? settings : j->settings, &verifier);
    if (code == EXIT_DONE) {
        pvg_status status = judge ? pvg_measurement_judge(j->measurement, verifier) : pvg_measurement_verifier(j->measurement, name, verifier);
        if (status != PVG_OK) code = fail(j->context);
        pvg_verifier_destroy(verifier);
    }
    pvg_settings_destroy(settings);
    return code;
}

static int ask_run(job *j, const char *run) {
    char path[MODEL_PATH], name[32];
    int code = EXIT_DONE;
    for (int round = 0; round < rounds_kept(run) && code == EXIT_DONE; round++) {
        snprintf(name, sizeof name, "verifier %d", round);
        if (round_model(run, round, "verifier", path, sizeof path)) code = ask(j, name, path, false);
    }
    snprintf(path, sizeof path, "%s/models/last_verifier", run);
    return code == EXIT_DONE && path_exists(path) ? ask(j, "last_verifier", path, false) : code;
}

static int ask_all(job *j) {
    const measure_options *o = j->options;
    int code = o->run != NULL && !o->no_verifiers ? ask_run(j, o->run) : EXIT_DONE;
    for (size_t i = 0; i < o->verifiers && code == EXIT_DONE; i++) code = ask(j, o->verifier[i], o->verifier[i], false);
    return code == EXIT_DONE && o->judge != NULL ? ask(j, NULL, o->judge, true) : code;
}

/* ---- everything ---- */

static pvg_status all_json(void *arg, char *buffer, size_t capacity, size_t *needed) {
    return pvg_measurement_json(arg, buffer, capacity, needed);
}

static int write_all(job *j) {
    const char *path = j->options->json;
    bool standard = path != NULL && strcmp(path, "-") == 0;
    if (path != NULL) {
        FILE *out;
        pvg_status status;
        char *text = fetch_text(all_json, j->measurement, &status);
        if (text == NULL) return fail(j->context);
        int code = open_output(standard ? NULL : path, NULL, &out);
        if (code == EXIT_DONE) {
            fputs(text, out);
            code = close_output(path, out, code);
        }
        free(text);
        if (code != EXIT_DONE || standard) return code;
    }
    return print_measures(stdout, j->context, j->measurement);
}

static int measure_all(job *j) {
    const measure_options *o = j->options;
    int code = o->run != NULL ? measure_run(j, o->run) : EXIT_DONE;
    for (size_t i = 0; i < o->ins && code == EXIT_DONE; i++) code = measure_file(j, o->in[i], measure_line);
    if (code == EXIT_DONE && j->taken == 0) code = fail_with(EXIT_INPUT, "there is no solution in what was given");
    if (code == EXIT_DONE) code = ask_all(j);
    return code == EXIT_DONE ? write_all(j) : code;
}

static int open_problems(job *j, pvg_dataset **out) {
    const measure_options *o = j->options;
    char kept[MODEL_PATH];
    const char *path = o->data;
    if (path == NULL && o->run != NULL) {
        snprintf(kept, sizeof kept, "%s/data.jsonl.gz", o->run);
        if (path_exists(kept)) path = kept;
    }
    *out = NULL;
    if (path == NULL) return EXIT_DONE;
    pvg_settings *fields = NULL; /* a run's copy has the default fields, whatever those of the file were */
    if (path == kept && pvg_settings_create(j->context, &fields) != PVG_OK) return fail(j->context);
    pvg_status status = pvg_dataset_read(j->context, path, fields != NULL ? fields : j->settings, out);
    pvg_settings_destroy(fields);
    return status == PVG_OK ? EXIT_DONE : fail(j->context);
}

int command_measure(int argc, char **argv) {
    measure_options o = {.run = NULL};
    argp_parse(&measure_argp, argc, argv, 0, NULL, &o);
    job j = {.options = &o};
    char found[MODEL_PATH];
    const char *run = o.run, *model = o.verifiers > 0 ? o.verifier[0] : o.judge;
    if (run == NULL && model != NULL && run_of_model(model, found, sizeof found)) run = found;
    int code = open_context(&o.common, &j.context);
    if (code == EXIT_DONE) {
        pvg_dataset *data = NULL;
        code = open_run_settings(j.context, &o.common, run, &j.settings);
        if (code == EXIT_DONE) code = open_problems(&j, &data);
        if (code == EXIT_DONE && pvg_measurement_create(j.context, data, j.settings, &j.measurement) != PVG_OK) code = fail(j.context);
        if (code == EXIT_DONE) code = measure_all(&j);
        pvg_measurement_destroy(j.measurement);
        pvg_dataset_destroy(j.problem);
        pvg_dataset_destroy(data);
        pvg_settings_destroy(j.settings);
        pvg_context_destroy(j.context);
    }
    common_free(&o.common);
    return code;
}
