/* cmd_models.c - `pvgame eval`, `pvgame generate` and `pvgame problems`: models and problems outside of a game. */
#include <jansson.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "cli.h"

enum { MODELS = 16 };
typedef struct model_options {
    common common;
    const char *run, *data, *out, *question, *seed, *samples, *temperature, *rendering;
    const char *prover[MODELS], *verifier[MODELS];
    size_t provers, verifiers;
    char *owned[2 * MODELS]; /* those of the paths that are not the command line's */
    size_t owned_count;
    pvg_role role;
    uint64_t count, least, first;
    bool json, takes_run, rounds;
} model_options;

enum { KEY_SEED = 0x500, KEY_SAMPLES, KEY_TEMPERATURE, KEY_ROLE, KEY_FIRST, KEY_RENDERING, KEY_JSON, KEY_ROUNDS };

static pvg_role role_of(struct argp_state *state, const char *arg) {
    one_of(state, "--role", arg, "neutral|helpful|sneaky");
    pvg_role role = PVG_ROLE_NEUTRAL;
    while (role < PVG_ROLE_SNEAKY && strcmp(arg, pvg_role_name(role)) != 0) role++;
    return role;
}

static void add(struct argp_state *state, const char **list, size_t *count, const char *arg) {
    if (*count == MODELS) argp_error(state, "more than %d models of a kind", MODELS);
    list[(*count)++] = arg;
}

static error_t parse_models(int key, char *arg, struct argp_state *state) {
    model_options *o = state->input;
    switch (key) {
    case ARGP_KEY_INIT: state->child_inputs[0] = &o->common; break;
    case 'p': add(state, o->prover, &o->provers, arg); break;
    case 'v': add(state, o->verifier, &o->verifiers, arg); break;
    case 'd': o->data = arg; break;
    case 'o': o->out = arg; break;
    case 'Q': o->question = arg; break;
    case 'n': o->count = whole_of(state, "--count", arg, o->least); break;
    case KEY_FIRST: o->first = whole_of(state, "--first", arg, 0); break;
    case KEY_SEED:
        whole_of(state, "--seed", arg, 0);
        o->seed = arg;
        break;
    case KEY_SAMPLES:
        whole_of(state, "--samples", arg, 1);
        o->samples = arg;
        break;
    case KEY_TEMPERATURE:
        number_of(state, "--temperature", arg);
        o->temperature = arg;
        break;
    case KEY_RENDERING: o->rendering = arg; break;
    case KEY_ROLE: o->role = role_of(state, arg); break;
    case KEY_JSON: o->json = true; break;
    case KEY_ROUNDS: o->rounds = true; break;
    case ARGP_KEY_ARG:
        if (!o->takes_run) argp_error(state, "'%s' is not an option; how many is told by --count", arg);
        if (o->run != NULL) argp_error(state, "one run directory is wanted, and '%s' is a second", arg);
        o->run = arg;
        break;
    default: return ARGP_ERR_UNKNOWN;
    }
    return 0;
}

static const struct argp_child children[] = {{&common_argp, 0, "Settings and machine:", 1}, {0}};
#define MODEL_OPTIONS                                                                                                  \
    {"prover", 'p', "DIR", 0, "Model directory of a prover", 0},                                                       \
    {"data", 'd', "FILE", 0, "Problems from JSON lines; without it the test part of the run's own data, or built-in "   \
                             "problems that no game has used", 0},                                                     \
    {"count", 'n', "N", 0, "How many problems (default: eval 512, generate 8)", 0},                                    \
    {"samples", KEY_SAMPLES, "N", 0, "Samples a problem", 0},                                                          \
    {"role", KEY_ROLE, "ROLE", 0, "neutral, helpful or sneaky", 0}, {"seed", KEY_SEED, "N", 0, "Seed of the samples", 0}

static const struct argp_option eval_options[] = {
    MODEL_OPTIONS, {"verifier", 'v', "DIR", 0, "Model directory of a verifier; may be repeated, as --prover may", 0},
    {"json", KEY_JSON, NULL, 0, "Print JSON", 0}, {0}};
static const struct argp eval_argp = {
    .options = eval_options, .parser = parse_models, .children = children, .args_doc = "[RUN]",
    .doc = "Measure models on problems they have not seen: accuracy greedy and sampled, pass@k, verifier AUC and accuracy, "
           "with intervals; and every verifier on every prover.\vWith a run directory its provers and verifiers are taken, "
           "and its settings. Example: pvgame eval run-1"};
static const struct argp_option generate_options[] = {
    MODEL_OPTIONS, {"question", 'Q', "TEXT", 0, "One question instead of a data set", 0},
    {"temperature", KEY_TEMPERATURE, "T", 0, "0 is greedy (default: sampling.temperature)", 0},
    {"rounds", KEY_ROUNDS, NULL, 0, "Of a run directory: every round's prover in turn, with the round, and the score of the verifier "
                                    "that it was trained against", 0},
    {"out", 'o', "FILE", 0, "Write to this file instead of standard output", 0}, {0}};
static const struct argp generate_argp = {
    .options = generate_options, .parser = parse_models, .children = children, .args_doc = "[RUN]",
    .doc = "Let a prover write solutions: JSON lines with id, question, solution, gold, verdict, role and tokens.\v"
           "With a run directory its newest prover is taken. Example: pvgame generate run-1 --role sneaky -n 5\n"
           "With --rounds the lines are what `pvgame measure` needs for best-of-n curves by round."};
static const struct argp_option problems_options[] = {
    {"count", 'n', "N", 0, "How many (default 10)", 0}, {"first", KEY_FIRST, "N", 0, "Number of the first (default 0)", 0},
    {"rendering", KEY_RENDERING, "NAME", 0, "english (default) or compact", 0},
    {"seed", KEY_SEED, "N", 0, "Seed of the source", 0}, {"out", 'o', "FILE", 0, "Write here (.gz: compressed)", 0}, {0}};
static const struct argp problems_argp = {
    .options = problems_options, .parser = parse_models, .children = children,
    .doc = "Write built-in problems as JSON lines: id, question, answer, solution and chain (for the step oracle).\v"
           "Number, seed and the problems.* settings decide a problem. Example:\n"
           "  pvgame problems -n 3 --set problems.max_steps=8"};

/* ---- models of a run directory ---- */

static char *join(const char *folder, const char *rest) {
    char *path = malloc(strlen(folder) + strlen(rest) + 2);
    if (path != NULL) sprintf(path, "%s/%s", folder, rest);
    return path;
}

static const char *own(model_options *o, char *path) {
    if (path != NULL) o->owned[o->owned_count++] = path;
    return path;
}

/* The models of the last rounds, as many as there is room for. */
static void models_of_run(model_options *o) {
    char path[MODEL_PATH];
    int rounds = rounds_kept(o->run);
    for (int round = rounds > MODELS - 1 ? rounds - (MODELS - 1) : 0; round < rounds; round++) {
        if (o->provers < MODELS && round_model(o->run, round, "prover", path, sizeof path)) o->prover[o->provers++] = own(o, strdup(path));
        if (o->verifiers < MODELS && round_model(o->run, round, "verifier", path, sizeof path))
            o->verifier[o->verifiers++] = own(o, strdup(path));
    }
    char *last = join(o->run, "models/last_verifier");
    if (last != NULL && o->verifiers < MODELS && path_exists(last)) o->verifier[o->verifiers++] = own(o, last);
    else free(last);
}

static void options_free(model_options *o) {
    for (size_t i = 0; i < o->owned_count; i++) free(o->owned[i]);
    common_free(&o->common);
}

static int no_models(const model_options *o, const char *hint) {
    if (o->run == NULL) return fail_with(EXIT_USAGE, "%s", hint);
    return fail_with(EXIT_INPUT, "%s holds no trained models yet (looked for %s/models/round-0/prover)", o->run, o->run);
}

static int settings_for(model_options *o, pvg_context *context, pvg_settings **out) {
    char found[MODEL_PATH];
    const char *run = o->run, *model = o->provers > 0 ? o->prover[0] : o->verifiers > 0 ? o->verifier[0] : NULL;
    if (run == NULL && model != NULL && run_of_model(model, found, sizeof found)) run = found;
    int code = open_run_settings(context, &o->common, run, out);
    if (code != EXIT_DONE) return code;
    if (o->samples != NULL) code = set_setting(context, *out, "evaluate.samples", o->samples);
    if (code == EXIT_DONE && o->rendering != NULL) code = set_setting(context, *out, "problems.rendering", o->rendering);
    if (code != EXIT_DONE) pvg_settings_destroy(*out);
    return code;
}

/* Far beyond the numbers that a game draws its problems from. */
static const uint64_t UNSEEN = UINT64_C(1) << 40;

/* The first `count` problems, or labelled solutions, of `all`, which is destroyed. */
static int shorten(pvg_context *context, pvg_dataset *all, uint64_t count, pvg_dataset **out) {
    if (pvg_dataset_count(all) <= count) {
        *out = all;
        return EXIT_DONE;
    }
    pvg_dataset *few = NULL;
    pvg_status status = pvg_dataset_create(context, &few);
    for (uint64_t i = 0; i < count && status == PVG_OK; i++) {
        pvg_problem p = {.struct_size = sizeof p};
        status = pvg_dataset_get(all, i, &p);
        if (status != PVG_OK) continue;
        if (p.label < 0) status = pvg_dataset_append(few, p.id, p.question, PVG_NUL_TERMINATED, p.gold, p.solution, PVG_NUL_TERMINATED);
        else status = pvg_dataset_append_labelled(few, p.id, p.question, PVG_NUL_TERMINATED, p.gold, p.candidate, PVG_NUL_TERMINATED,
                                                  p.label);
    }
    pvg_dataset_destroy(all);
    if (status == PVG_OK) {
        *out = few;
        return EXIT_DONE;
    }
    pvg_dataset_destroy(few);
    return fail(context);
}

/* The test part of what the run was given. Its copy has the default fields, whatever those of the file were. */
static int open_run_data(const model_options *o, pvg_context *context, const pvg_settings *settings, const char *path,
                         pvg_dataset **out) {
    pvg_settings *fields = NULL;
    pvg_dataset *all = NULL, *test = NULL;
    const char *labelled = "false";
    pvg_status status = pvg_settings_create(context, &fields);
    if (status == PVG_OK) status = pvg_settings_get(settings, "data.labelled", &labelled);
    if (status == PVG_OK) status = pvg_settings_set(fields, "data.labelled", labelled);
    if (status == PVG_OK) status = pvg_dataset_read(context, path, fields, &all);
    if (status == PVG_OK) status = pvg_dataset_part(all, settings, "test", &test);
    int code = status == PVG_OK ? EXIT_DONE : fail(context);
    pvg_dataset_destroy(all);
    pvg_settings_destroy(fields);
    if (code == EXIT_DONE) code = shorten(context, test, o->count, out);
    return code;
}

static int open_question(pvg_context *context, const char *question, pvg_dataset **out) {
    pvg_dataset *one; /* no answer is known: the verdict is not shown */
    if (pvg_dataset_create(context, &one) != PVG_OK) return fail(context);
    *out = one;
    return pvg_dataset_append(one, NULL, question, PVG_NUL_TERMINATED, "0", NULL, 0) == PVG_OK ? EXIT_DONE : fail(context);
}

static int open_file(const model_options *o, pvg_context *context, pvg_settings *settings, pvg_dataset **out) {
    char limit[32];
    snprintf(limit, sizeof limit, "%llu", (unsigned long long)o->count);
    int code = set_setting(context, settings, "data.limit", limit);
    if (code != EXIT_DONE) return code;
    if (pvg_dataset_read(context, o->data, settings, out) != PVG_OK) return fail(context);
    return pvg_dataset_count(*out) > 0 ? EXIT_DONE : fail_with(EXIT_INPUT, "%s holds no problem", o->data);
}

static int open_problems(const model_options *o, pvg_context *context, pvg_settings *settings, pvg_dataset **out) {
    if (o->question != NULL) return open_question(context, o->question, out);
    if (o->data != NULL) return open_file(o, context, settings, out);
    char *kept = o->run != NULL ? join(o->run, "data.jsonl.gz") : NULL;
    int code = EXIT_DONE;
    if (kept != NULL && path_exists(kept)) code = open_run_data(o, context, settings, kept, out);
    else if (pvg_dataset_generate(context, settings, UNSEEN, o->count, out) != PVG_OK) code = fail(context);
    free(kept);
    return code;
}

/* ---- eval ---- */

static void print_metrics(const char *title, const pvg_report *report) {
    printf("\n%s\n", title);
    for (size_t i = 0; i < pvg_report_metric_count(report); i++) {
        const char *name = pvg_report_metric_name(report, i);
        size_t length = strlen(name);
        char low_name[128], high_name[128], a[32], b[32], c[32];
        if ((length > 4 && strcmp(name + length - 4, "_low") == 0) || (length > 5 && strcmp(name + length - 5, "_high") == 0)) continue;
        snprintf(low_name, sizeof low_name, "%s_low", name);
        snprintf(high_name, sizeof high_name, "%s_high", name);
        double low = metric(report, low_name), high = metric(report, high_name), value = pvg_report_metric_value(report, i);
        bool is_count = value >= 2 && value == floor(value);
        printf("  %-28s %8s", name, number_text(value, is_count ? 0 : 3, a, sizeof a));
        if (!isnan(low) || !isnan(high))
            printf("   %s to %s", number_text(low, 3, b, sizeof b), number_text(high, 3, c, sizeof c));
        putchar('\n');
    }
}

static pvg_status report_text(void *arg, char *buffer, size_t capacity, size_t *needed) {
    return pvg_report_json(arg, buffer, capacity, needed);
}

static int print_report(const model_options *o, pvg_context *context, const char *title, pvg_report *report) {
    if (!o->json) {
        print_metrics(title, report);
        return EXIT_DONE;
    }
    pvg_status status;
    char *text = fetch_text(report_text, report, &status);
    if (text == NULL) return fail(context);
    json_t *parsed = json_loads(text, 0, NULL);
    json_t *line = json_pack("{s:o,s:o}", "of", text_json(title), "report", parsed != NULL ? parsed : json_null());
    free(text);
    return write_json(line, stdout);
}

typedef struct opened {
    pvg_prover *prover[MODELS];
    pvg_verifier *verifier[MODELS];
} opened;

static int evaluate_one(const model_options *o, pvg_context *context, const pvg_settings *settings, const pvg_dataset *data,
                        pvg_prover *prover, pvg_verifier *verifier, const char *title, pvg_role role) {
    pvg_report *report;
    if (pvg_evaluate(context, data, prover, role, verifier, NULL, settings, &report) != PVG_OK) return fail(context);
    int code = print_report(o, context, title, report);
    pvg_report_destroy(report);
    return code;
}

static int evaluate_all(const model_options *o, pvg_context *context, const pvg_settings *settings, const pvg_dataset *data,
                        const opened *m) {
    int code = EXIT_DONE;
    pvg_verifier *judge = o->verifiers > 0 ? m->verifier[o->verifiers - 1] : NULL;
    if (o->provers == 0) return evaluate_one(o, context, settings, data, NULL, judge, o->verifier[o->verifiers - 1], o->role);
    for (size_t i = 0; i < o->provers && code == EXIT_DONE; i++)
        code = evaluate_one(o, context, settings, data, m->prover[i], judge, o->prover[i], o->role);
    if (code != EXIT_DONE || o->verifiers == 0) return code;
    pvg_report *report;
    if (pvg_evaluate_table(context, data, o->provers, (pvg_prover *const *)m->prover, o->verifiers,
                           (pvg_verifier *const *)m->verifier, NULL, settings, &report) != PVG_OK)
        return fail(context);
    if (o->json) code = print_report(o, context, "verifier by prover", report);
    else {
        table_matrix(stdout, report, "auc", "AUC, helpful-right against sneaky-wrong", "0.5 is chance; less means fooled.");
        table_matrix(stdout, report, "sneaky_score", "mean sigmoid(V) of sneaky-wrong solutions", "Higher is more convinced.");
    }
    pvg_report_destroy(report);
    return code;
}

static int eval_with(model_options *o, pvg_context *context) {
    pvg_settings *settings;
    pvg_dataset *data = NULL;
    opened m = {{NULL}, {NULL}};
    int code = settings_for(o, context, &settings);
    if (code != EXIT_DONE) return code;
    code = open_problems(o, context, settings, &data);
    for (size_t i = 0; i < o->provers && code == EXIT_DONE; i++) code = open_prover(context, o->prover[i], settings, &m.prover[i]);
    for (size_t i = 0; i < o->verifiers && code == EXIT_DONE; i++)
        code = open_verifier(context, o->verifier[i], settings, &m.verifier[i]);
    if (code == EXIT_DONE) code = evaluate_all(o, context, settings, data, &m);
    for (size_t i = 0; i < MODELS; i++) {
        pvg_prover_destroy(m.prover[i]);
        pvg_verifier_destroy(m.verifier[i]);
    }
    pvg_dataset_destroy(data);
    pvg_settings_destroy(settings);
    return code;
}

int command_eval(int argc, char **argv) {
    model_options o = {.role = PVG_ROLE_HELPFUL, .count = 512, .least = 1, .takes_run = true};
    argp_parse(&eval_argp, argc, argv, 0, NULL, &o);
    pvg_context *context;
    int code;
    if (o.run != NULL) models_of_run(&o);
    if (o.provers + o.verifiers == 0)
        code = no_models(&o, "which models? pvgame eval RUN, or --prover DIR and --verifier DIR");
    else if ((code = open_context(&o.common, &context)) == EXIT_DONE) {
        code = eval_with(&o, context);
        pvg_context_destroy(context);
    }
    options_free(&o);
    return code;
}

/* ---- generate ---- */

/* Where solutions come from: one prover, or that of a round with the verifier that it was trained against. */
typedef struct origin {
    int round; /* -1: not known */
    pvg_prover *prover;
    pvg_verifier *verifier; /* NULL: nobody scores */
} origin;

static json_t *sample_json(const model_options *o, const origin *from, const pvg_sample *s, double score) {
    json_t *line = json_pack("{s:o,s:o,s:o,s:s,s:i}", "id", text_json(s->id), "question", text_json(s->question), "solution",
                             text_json(s->solution), "role", pvg_role_name(s->role), "tokens", (int)s->tokens);
    if (o->question == NULL && line != NULL) {
        json_object_set_new(line, "gold", text_json(s->gold));
        json_object_set_new(line, "verdict", json_string(pvg_verdict_name(s->verdict)));
    }
    if (from->round >= 0) json_object_set_new(line, "round", json_integer(from->round));
    if (from->verifier != NULL) json_object_set_new(line, "score", json_real(score));
    return line;
}

static int score_samples(pvg_context *context, pvg_verifier *verifier, const pvg_report *report, double *scores) {
    size_t count = pvg_report_sample_count(report);
    const char **texts = calloc(2 * count + 1, sizeof *texts);
    int code = texts != NULL ? EXIT_DONE : fail_with(EXIT_RESOURCE, "out of memory");
    for (size_t i = 0; i < count && code == EXIT_DONE; i++) {
        pvg_sample s = {.struct_size = sizeof s};
        if (pvg_report_sample(report, i, &s) != PVG_OK) code = fail(context);
        texts[i] = s.question;
        texts[count + i] = s.solution;
    }
    if (code == EXIT_DONE && pvg_verifier_score(verifier, count, texts, NULL, texts + count, NULL, scores) != PVG_OK) code = fail(context);
    free(texts);
    return code;
}

static int write_samples(const model_options *o, pvg_context *context, const origin *from, const pvg_report *report, FILE *out) {
    size_t count = pvg_report_sample_count(report);
    double *scores = calloc(count + 1, sizeof *scores);
    int code = scores != NULL ? EXIT_DONE : fail_with(EXIT_RESOURCE, "out of memory");
    if (code == EXIT_DONE && from->verifier != NULL) code = score_samples(context, from->verifier, report, scores);
    for (size_t i = 0; i < count && code == EXIT_DONE; i++) {
        pvg_sample s = {.struct_size = sizeof s};
        if (pvg_report_sample(report, i, &s) != PVG_OK) code = fail(context);
        else code = write_json(sample_json(o, from, &s, scores[i]), out);
    }
    free(scores);
    return code;
}

static int generate_from(const model_options *o, pvg_context *context, const pvg_settings *settings, const pvg_dataset *data,
                         const origin *from, FILE *out) {
    double temperature = 1;
    int64_t samples = 1;
    uint64_t seed = o->seed != NULL ? strtoull(o->seed, NULL, 10) : 1;
    pvg_settings_get_real(settings, "sampling.temperature", &temperature);
    if (o->temperature != NULL) temperature = strtod(o->temperature, NULL);
    if (o->samples != NULL) pvg_settings_get_int(settings, "evaluate.samples", &samples); /* where settings_for put it, within bounds */
    pvg_report *report;
    if (pvg_prover_generate(from->prover, data, o->role, (int32_t)samples, temperature, seed, &report) != PVG_OK) return fail(context);
    int code = write_samples(o, context, from, report, out);
    pvg_report_destroy(report);
    return code;
}

static int generate_round(const model_options *o, pvg_context *context, const pvg_settings *settings, const pvg_dataset *data, int round,
                          FILE *out) {
    char path[MODEL_PATH];
    origin from = {.round = round};
    if (!round_model(o->run, round, "prover", path, sizeof path)) return EXIT_DONE;
    int code = open_prover(context, path, settings, &from.prover);
    if (code == EXIT_DONE && round_model(o->run, round, "verifier", path, sizeof path))
        code = open_verifier(context, path, settings, &from.verifier);
    if (code == EXIT_DONE) code = generate_from(o, context, settings, data, &from, out);
    pvg_verifier_destroy(from.verifier);
    pvg_prover_destroy(from.prover);
    return code;
}

static int generate_all(const model_options *o, pvg_context *context, const pvg_settings *settings, const pvg_dataset *data, FILE *out) {
    int code = EXIT_DONE;
    if (o->rounds) {
        for (int round = 0; round < rounds_kept(o->run) && code == EXIT_DONE; round++)
            code = generate_round(o, context, settings, data, round, out);
        return code;
    }
    origin from = {.round = -1};
    code = open_prover(context, o->prover[o->provers - 1], settings, &from.prover);
    if (code == EXIT_DONE) code = generate_from(o, context, settings, data, &from, out);
    pvg_prover_destroy(from.prover);
    return code;
}

static int generate_with(model_options *o, pvg_context *context) {
    pvg_settings *settings;
    pvg_dataset *data = NULL;
    FILE *out;
    int code = settings_for(o, context, &settings);
    if (code != EXIT_DONE) return code;
    code = open_problems(o, context, settings, &data);
    if (code == EXIT_DONE && (code = open_output(o->out, o->data, &out)) == EXIT_DONE)
        code = close_output(o->out, out, generate_all(o, context, settings, data, out));
    pvg_dataset_destroy(data);
    pvg_settings_destroy(settings);
    return code;
}

int command_generate(int argc, char **argv) {
    model_options o = {.role = PVG_ROLE_HELPFUL, .count = 8, .least = 1, .takes_run = true};
    argp_parse(&generate_argp, argc, argv, 0, NULL, &o);
    pvg_context *context;
    int code;
    if (o.run != NULL) models_of_run(&o);
    if (o.rounds && o.run == NULL) code = fail_with(EXIT_USAGE, "--rounds takes a run directory: pvgame generate RUN --rounds");
    else if (o.provers == 0) code = no_models(&o, "which prover? pvgame generate RUN, or --prover DIR");
    else if ((code = open_context(&o.common, &context)) == EXIT_DONE) {
        code = generate_with(&o, context);
        pvg_context_destroy(context);
    }
    options_free(&o);
    return code;
}

/* ---- problems ---- */

static int print_problems(pvg_context *context, const pvg_dataset *data) {
    int code = EXIT_DONE;
    for (uint64_t i = 0; i < pvg_dataset_count(data) && code == EXIT_DONE; i++) {
        pvg_problem p = {.struct_size = sizeof p};
        if (pvg_dataset_get(data, i, &p) != PVG_OK) return fail(context);
        code = write_json(json_pack("{s:s,s:s,s:s,s:s,s:s}", "id", p.id, "question", p.question, "answer", p.gold, "solution",
                                    p.solution, "chain", p.chain), stdout);
    }
    return code;
}

static int problems_with(model_options *o, pvg_context *context) {
    pvg_settings *settings;
    pvg_dataset *data = NULL;
    int code = settings_for(o, context, &settings);
    if (code != EXIT_DONE) return code;
    if (o->seed != NULL) code = set_setting(context, settings, "seed", o->seed);
    if (code == EXIT_DONE && pvg_dataset_generate(context, settings, o->first, o->count, &data) != PVG_OK) code = fail(context);
    if (code == EXIT_DONE && o->out != NULL && pvg_dataset_write(data, o->out) != PVG_OK) code = fail(context);
    if (code == EXIT_DONE && o->out == NULL) code = print_problems(context, data);
    pvg_dataset_destroy(data);
    pvg_settings_destroy(settings);
    return code;
}

int command_problems(int argc, char **argv) {
    model_options o = {.count = 10, .rendering = "english"};
    argp_parse(&problems_argp, argc, argv, 0, NULL, &o);
    pvg_context *context;
    int code = open_context(&o.common, &context);
    if (code == EXIT_DONE) {
        code = problems_with(&o, context);
        pvg_context_destroy(context);
    }
    options_free(&o);
    return code;
}
