/* cmd_attack.c - `pvgame attack`: can the verifiers of a finished game be exploited, and how soon? */
#include <errno.h>
#include <jansson.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli.h"

enum { SEEDS = 64, FORMAT = 1 };
static const char *const column_names[] = {"wrong", "score", "convinces", "accuracy", "reward", "kl", "tokens"};

typedef struct attack_options {
    common common;
    const char *run, *verifier, *prover, *base, *helpful, *data, *out;
    const char *reward, *steps, *best_of, *rounds;
    const char *seed[SEEDS];
    size_t seeds;
    char *seed_text;
    bool json, anew;
} attack_options;

enum { KEY_BASE = 0x600, KEY_HELPFUL, KEY_REWARD, KEY_STEPS, KEY_BEST_OF, KEY_ROUNDS, KEY_SEEDS, KEY_JSON, KEY_ANEW };

static void take_seeds(struct argp_state *state, attack_options *o, const char *arg) {
    free(o->seed_text);
    o->seeds = 0;
    o->seed_text = strdup(arg);
    if (o->seed_text == NULL) argp_failure(state, EXIT_RESOURCE, 0, "out of memory");
    for (char *at = strtok(o->seed_text, ","); at != NULL; at = strtok(NULL, ",")) {
        whole_of(state, "--seeds", at, 0);
        if (o->seeds == SEEDS) argp_error(state, "--seeds %s: at most %d", arg, SEEDS);
        o->seed[o->seeds++] = at;
    }
    if (o->seeds == 0) argp_error(state, "--seeds %s: wanted numbers with commas between them", arg);
}

static error_t parse_attack(int key, char *arg, struct argp_state *state) {
    attack_options *o = state->input;
    switch (key) {
    case ARGP_KEY_INIT: state->child_inputs[0] = &o->common; break;
    case 'v': o->verifier = arg; break;
    case 'p': o->prover = arg; break;
    case 'd': o->data = arg; break;
    case 'o': o->out = arg; break;
    case KEY_BASE: o->base = arg; break;
    case KEY_HELPFUL: o->helpful = arg; break;
    case KEY_REWARD: o->reward = arg; break;
    case KEY_STEPS:
        whole_of(state, "--steps", arg, 1);
        o->steps = arg;
        break;
    case KEY_BEST_OF:
        whole_of(state, "--best-of", arg, 0);
        o->best_of = arg;
        break;
    case KEY_ROUNDS:
        if (strcmp(arg, "all") != 0) whole_of(state, "--rounds", arg, 0);
        o->rounds = arg;
        break;
    case KEY_SEEDS: take_seeds(state, o, arg); break;
    case KEY_JSON: o->json = true; break;
    case KEY_ANEW: o->anew = true; break;
    case ARGP_KEY_ARG:
        if (o->run != NULL) argp_error(state, "one run directory is wanted, and '%s' is a second", arg);
        o->run = arg;
        break;
    default: return ARGP_ERR_UNKNOWN;
    }
    return 0;
}

static const struct argp_child attack_children[] = {{&common_argp, 0, "Settings and machine:", 1}, {0}};
static const struct argp_option attack_argp_options[] = {
    {"reward", KEY_REWARD, "LIST", 0, "Rewards of the attacks: src, cgc, goodhart, convince (attack.rewards)", 0},
    {"steps", KEY_STEPS, "N", 0, "Give an attack up after so many steps (attack.steps)", 0},
    {"best-of", KEY_BEST_OF, "N", 0, "Samples a problem of the best-of-n attack; 0: none (attack.best_of)", 0},
    {"rounds", KEY_ROUNDS, "all|N", 0, "Whose verifier: of every round and the last one (default), or of round N", 0},
    {"seeds", KEY_SEEDS, "LIST", 0, "Repeat every attack with these seeds (attack.seed; default 0)", 0},
    {"verifier", 'v', "DIR", 0, "Attack this verifier instead of a run's", 0},
    {"prover", 'p', "DIR", 0, "The prover that attacks begin as (default: the run's models/start)", 0},
    {"base", KEY_BASE, "DIR", 0, "The prover that the KL term holds to (default: the run's models/base, else --prover)", 0},
    {"helpful", KEY_HELPFUL, "DIR", 0, "The prover whose right solutions are the measure (default: the round's, else --prover)", 0},
    {"data", 'd', "FILE", 0, "Problems from JSON lines (default: the run's own, or built-in ones)", 0},
    {"out", 'o', "FILE", 0, "Where the findings go (default: RUN/attack.json)", 0},
    {"anew", KEY_ANEW, NULL, 0, "Repeat what that file holds already", 0},
    {"json", KEY_JSON, NULL, 0, "Print the findings as JSON", 0},
    {0}};
static const struct argp attack_argp = {
    .options = attack_argp_options, .parser = parse_attack, .children = attack_children, .args_doc = "[RUN]",
    .doc = "Attack the frozen verifiers of a game. For every reward a prover is trained, from the start and in the sneaky role "
           "alone, against a verifier that no longer learns, until it is exploited: hardly any answer is right, and the wrong ones "
           "convince as much as the helpful prover's right ones (goodhart: fewer than a fifth are right). The steps that this takes measure robustness. "
           "Best-of-n trains nothing: it shows the most convincing wrong one of n samples.\v"
           "Findings are kept in RUN/attack.json as they come. Stopped and called again with the same settings, it goes on with "
           "what is missing; with other settings that file begins anew.\n\nExamples:\n"
           "  pvgame attack run-1\n"
           "  pvgame attack run-1 --reward convince --steps 200 --seeds 1,2,3\n"
           "  pvgame attack --verifier run-1/models/last_verifier --prover run-1/models/start"};

/* ---- who is attacked ---- */

typedef struct target {
    int round; /* -1: a verifier given by its path */
    char verifier[MODEL_PATH], helpful[MODEL_PATH]; /* "": none */
    char name[64];
    const char *key; /* how the findings call the verifier: its place in the run, or its path */
} target;

typedef struct targets {
    target *at;
    size_t count;
} targets;

/* The last verifier counts as one round more; the newest prover is what it has to stand. */
static bool run_target(const char *run, int round, int rounds, target *out) {
    bool last = round == rounds;
    *out = (target){.round = round};
    if (last) {
        int length = snprintf(out->verifier, sizeof out->verifier, "%s/models/last_verifier", run);
        if (length < 0 || (size_t)length >= sizeof out->verifier || !path_exists(out->verifier)) return false;
        snprintf(out->name, sizeof out->name, "last verifier");
    } else {
        if (!round_model(run, round, "verifier", out->verifier, sizeof out->verifier)) return false;
        snprintf(out->name, sizeof out->name, "round %d", round);
    }
    out->key = out->verifier + strlen(run) + 1;
    if (!round_model(run, last ? rounds - 1 : round, "prover", out->helpful, sizeof out->helpful)) out->helpful[0] = '\0';
    return true;
}

static int find_in_run(const attack_options *o, targets *out) {
    int rounds = rounds_kept(o->run);
    bool one = o->rounds != NULL && strcmp(o->rounds, "all") != 0;
    out->at = calloc((size_t)rounds + 1, sizeof *out->at);
    if (out->at == NULL) return fail_with(EXIT_RESOURCE, "out of memory");
    for (int round = 0; round <= rounds; round++)
        if (!one || round == atoi(o->rounds)) out->count += run_target(o->run, round, rounds, &out->at[out->count]);
    if (out->count > 0) return EXIT_DONE;
    if (one && rounds > 0) return fail_with(EXIT_INPUT, "%s has no verifier of round %s: it has %d rounds", o->run, o->rounds, rounds);
    return fail_with(EXIT_INPUT, "%s holds no trained verifier yet (looked for %s/models/round-0/verifier)", o->run, o->run);
}

static int find_targets(const attack_options *o, targets *out) {
    if (o->verifier == NULL && o->run == NULL)
        return fail_with(EXIT_USAGE, "which verifier? pvgame attack RUN, or --verifier DIR and --prover DIR");
    if (o->verifier == NULL) return find_in_run(o, out);
    out->at = calloc(1, sizeof *out->at);
    if (out->at == NULL) return fail_with(EXIT_RESOURCE, "out of memory");
    if (strlen(o->verifier) >= MODEL_PATH) return fail_with(EXIT_INPUT, "%s: the path is too long", o->verifier);
    out->at->round = -1;
    snprintf(out->at->verifier, sizeof out->at->verifier, "%s", o->verifier);
    snprintf(out->at->name, sizeof out->at->name, "verifier");
    out->at->key = o->verifier;
    out->count = 1;
    return EXIT_DONE;
}

/* ---- what is attacked with ---- */

typedef struct siege {
    const attack_options *options;
    pvg_context *context;
    pvg_settings *settings;
    pvg_dataset *data; /* NULL: built-in problems */
    pvg_model *base, *start;
    json_t *file;      /* as it will be written */
    char out[MODEL_PATH];
    progress line;
    const char *now;   /* the verifier under attack */
    double began;
} siege;

static int load_model(siege *s, const char *path, pvg_model **out) {
    return pvg_model_load(s->context, path, out) == PVG_OK ? EXIT_DONE : fail(s->context);
}

static const char *of_run(const char *run, const char *name, char *buffer, size_t size) {
    if (run == NULL) return NULL;
    int length = snprintf(buffer, size, "%s/%s", run, name);
    return length > 0 && (size_t)length < size && path_exists(buffer) ? buffer : NULL;
}

static int open_models(siege *s) {
    const attack_options *o = s->options;
    char base_path[MODEL_PATH], start_path[MODEL_PATH];
    const char *base = o->base != NULL ? o->base : of_run(o->run, "models/base", base_path, sizeof base_path);
    const char *start = o->prover != NULL ? o->prover : of_run(o->run, "models/start", start_path, sizeof start_path);
    if (start == NULL) start = base;
    if (base == NULL) base = start;
    if (start == NULL) return fail_with(o->run != NULL ? EXIT_INPUT : EXIT_USAGE, "with which prover? give --prover DIR");
    int code = load_model(s, base, &s->base);
    return code == EXIT_DONE ? load_model(s, start, &s->start) : code;
}

/* The run's copy of its problems has the default fields, whatever those of the file were. */
static int open_data(siege *s) {
    const attack_options *o = s->options;
    char kept[MODEL_PATH];
    const char *path = o->data != NULL ? o->data : of_run(o->run, "data.jsonl.gz", kept, sizeof kept);
    if (path == NULL) return EXIT_DONE;
    return pvg_dataset_read(s->context, path, o->data != NULL ? s->settings : NULL, &s->data) == PVG_OK ? EXIT_DONE : fail(s->context);
}

static int open_attack_settings(siege *s) {
    const attack_options *o = s->options;
    char found[MODEL_PATH];
    const char *run = o->run;
    if (run == NULL && run_of_model(o->verifier, found, sizeof found)) run = found;
    int code = open_run_settings(s->context, &o->common, run, &s->settings);
    const struct {
        const char *name, *value;
    } given[] = {{"attack.rewards", o->reward}, {"attack.steps", o->steps}, {"attack.best_of", o->best_of}};
    for (size_t i = 0; i < sizeof given / sizeof *given && code == EXIT_DONE; i++)
        if (given[i].value != NULL) code = set_setting(s->context, s->settings, given[i].name, given[i].value);
    return code;
}

/* ---- the file of findings ---- */

static pvg_status settings_text(void *arg, char *buffer, size_t capacity, size_t *needed) {
    return pvg_settings_write(arg, 0, buffer, capacity, needed);
}
static pvg_status report_text(void *arg, char *buffer, size_t capacity, size_t *needed) {
    return pvg_report_json(arg, buffer, capacity, needed);
}

static json_t *new_file(const char *settings) {
    json_t *columns = json_array();
    for (size_t i = 0; i < sizeof column_names / sizeof *column_names; i++) json_array_append_new(columns, json_string(column_names[i]));
    return json_pack("{s:i,s:s,s:o,s:o,s:[]}", "format", FORMAT, "library", pvg_version_string(), "settings", text_json(settings),
                     "curve_columns", columns, "attacks");
}

/* What is there is kept if it was found by the same library under the same settings, seeds of attacks aside. */
static int open_file(siege *s) {
    pvg_status status;
    char *settings = fetch_text(settings_text, s->settings, &status);
    if (settings == NULL) return fail(s->context);
    const attack_options *o = s->options;
    json_t *old = s->out[0] != '\0' && !o->anew ? json_load_file(s->out, 0, NULL) : NULL;
    const char *before = json_string_value(json_object_get(old, "settings")), *library = json_string_value(json_object_get(old, "library"));
    bool same = before != NULL && library != NULL && strcmp(before, settings) == 0 && strcmp(library, pvg_version_string()) == 0 &&
                json_is_array(json_object_get(old, "attacks"));
    s->file = same ? json_incref(old) : new_file(settings);
    json_decref(old);
    free(settings);
    return s->file != NULL ? EXIT_DONE : fail_with(EXIT_RESOURCE, "out of memory");
}

/* Beside, and renamed: a reader sees the old file or the new one. */
static int write_file(const siege *s) {
    char part[MODEL_PATH + 8];
    if (s->out[0] == '\0') return EXIT_DONE;
    snprintf(part, sizeof part, "%s.part", s->out);
    FILE *out = fopen(part, "w");
    if (out == NULL) return fail_with(errno == ENOSPC ? EXIT_RESOURCE : EXIT_INPUT, "%s: cannot be written: %s", part, strerror(errno));
    bool well = json_dumpf(s->file, out, JSON_COMPACT | JSON_REAL_PRECISION(17)) == 0 && fputc('\n', out) != EOF && fflush(out) == 0 &&
                fsync(fileno(out)) == 0;
    well = fclose(out) == 0 && well;
    if (well && rename(part, s->out) == 0) return EXIT_DONE;
    int code = fail_with(errno == ENOSPC ? EXIT_RESOURCE : EXIT_INPUT, "%s: could not be written: %s", s->out, strerror(errno));
    remove(part);
    return code;
}

static json_t *find_entry(const siege *s, const char *key, const char *seed) {
    size_t i;
    json_t *one;
    json_array_foreach(json_object_get(s->file, "attacks"), i, one) {
        const char *of = json_string_value(json_object_get(one, "verifier"));
        if (of != NULL && strcmp(of, key) == 0 && json_integer_value(json_object_get(one, "seed")) == atoll(seed)) return one;
    }
    return NULL;
}

static int keep(siege *s, const target *t, const char *seed, pvg_report *report) {
    pvg_status status;
    char *text = fetch_text(report_text, report, &status);
    if (text == NULL) return fail(s->context);
    json_t *found = json_loads(text, 0, NULL);
    free(text);
    json_t *entry = json_pack("{s:o,s:i,s:o,s:o,s:I,s:o}", "name", text_json(t->name), "round", t->round, "verifier", text_json(t->key),
                              "helpful", t->helpful[0] != '\0' ? text_json(t->helpful) : json_null(), "seed", (json_int_t)atoll(seed),
                              "report", found);
    if (entry == NULL || json_array_append_new(json_object_get(s->file, "attacks"), entry) != 0)
        return fail_with(EXIT_RESOURCE, "out of memory");
    return write_file(s);
}

/* ---- attacking ---- */

static void show_progress(void *user, const char *what, int32_t done, int32_t total) {
    siege *s = user;
    char label[160];
    snprintf(label, sizeof label, "%s, %s", s->now, what);
    progress_count(&s->line, label, (uint64_t)done, (uint64_t)total, clock_seconds() - s->began);
}

static int attack_one(siege *s, const target *t, const char *seed) {
    pvg_verifier *verifier = NULL;
    pvg_prover *helpful = NULL;
    pvg_report *report = NULL;
    const char *path = s->options->helpful != NULL ? s->options->helpful : t->helpful;
    int code = set_setting(s->context, s->settings, "attack.seed", seed);
    if (code == EXIT_DONE) code = open_verifier(s->context, t->verifier, s->settings, &verifier);
    if (code == EXIT_DONE && path[0] != '\0') code = open_prover(s->context, path, s->settings, &helpful);
    if (code == EXIT_DONE) {
        s->now = t->name;
        s->began = clock_seconds();
        pvg_attack_options options = {.struct_size = sizeof options, .start = s->start, .helpful = helpful, .progress = show_progress,
                                      .user = s};
        if (pvg_attack(s->context, s->settings, s->data, s->base, verifier, &options, &report) != PVG_OK) {
            progress_clear(&s->line);
            code = fail(s->context);
        }
    }
    if (code == EXIT_DONE) code = keep(s, t, seed, report);
    pvg_report_destroy(report);
    pvg_prover_destroy(helpful);
    pvg_verifier_destroy(verifier);
    return code;
}

static int attack_all(siege *s, const targets *all) {
    const attack_options *o = s->options;
    int code = EXIT_DONE;
    progress_init(&s->line, &o->common);
    catch_signals(s->context);
    for (size_t t = 0; t < all->count && code == EXIT_DONE; t++)
        for (size_t i = 0; i < o->seeds && code == EXIT_DONE; i++)
            if (find_entry(s, all->at[t].key, o->seed[i]) == NULL) code = attack_one(s, &all->at[t], o->seed[i]);
    catch_signals(NULL);
    progress_clear(&s->line);
    if (code == EXIT_INTERRUPTED && s->out[0] != '\0')
        fprintf(stderr, "pvgame: %s keeps the attacks that were finished; the same command goes on with the others\n", s->out);
    return code;
}

/* ---- what was found ---- */

static double found(const json_t *entry, const char *prefix, const char *name) {
    char full[128];
    snprintf(full, sizeof full, "%s%s", prefix, name);
    const json_t *value = json_object_get(json_object_get(json_object_get(entry, "report"), "metrics"), full);
    return json_is_number(value) ? json_number_value(value) : NAN;
}

static void print_steps(const json_t *entry, const char *reward) {
    double exploited = found(entry, reward, "_steps_to_exploit");
    if (isnan(exploited)) printf("%8s%-5.0f", "not in ", found(entry, reward, "_steps"));
    else printf("%8.0f     ", exploited);
}

static void print_row(const target *t, const json_t *entry, const char *seed, char *const *rewards, size_t count, int best) {
    char name[32], text[32];
    printf("%-14s %5s ", t->name, seed);
    for (size_t i = 0; i < count; i++) print_steps(entry, rewards[i]);
    if (best > 0) {
        snprintf(name, sizeof name, "best_of_%d", best);
        printf("%10s", number_text(found(entry, name, ""), 3, text, sizeof text));
        printf("%10s", number_text(found(entry, name, "_accepted"), 3, text, sizeof text));
    }
    putchar('\n');
}

static void print_table(const siege *s, const targets *all) {
    const char *list = "";
    int64_t most = 0, steps = 0;
    int best = 0;
    char *rewards[8], *at;
    size_t count = 0;
    pvg_settings_get(s->settings, "attack.rewards", &list);
    pvg_settings_get_int(s->settings, "attack.best_of", &most);
    pvg_settings_get_int(s->settings, "attack.steps", &steps);
    char *copy = strdup(list);
    for (at = strtok(copy, ","); at != NULL && count < 8; at = strtok(NULL, ",")) rewards[count++] = at;
    for (int n = 1; n <= most; n *= 2) best = n;
    printf("verifier        seed ");
    for (size_t i = 0; i < count; i++) printf("%8s     ", rewards[i]);
    if (best > 0) printf("  best of %-3d accepted", best);
    putchar('\n');
    for (size_t t = 0; t < all->count; t++)
        for (size_t i = 0; i < s->options->seeds; i++) {
            const json_t *entry = find_entry(s, all->at[t].key, s->options->seed[i]);
            if (entry != NULL) print_row(&all->at[t], entry, s->options->seed[i], rewards, count, best);
        }
    if (count > 0) printf("Steps until a sneaky prover exploits the verifier (at most %lld tried): more is more robust.\n", (long long)steps);
    if (best > 0)
        printf("Best of %d: share of problems with a wrong one among %d samples that convinces as much as right ones do, or at all.\n", best,
               best);
    free(copy);
}

static int print_json(const siege *s) {
    json_dumpf(s->file, stdout, JSON_COMPACT | JSON_REAL_PRECISION(17));
    putchar('\n');
    return EXIT_DONE;
}

/* ---- the command ---- */

static int choose_out(siege *s) {
    const attack_options *o = s->options;
    int length = 0;
    if (o->out != NULL) length = snprintf(s->out, sizeof s->out, "%s", o->out);
    else if (o->run != NULL) length = snprintf(s->out, sizeof s->out, "%s/attack.json", o->run);
    return length >= 0 && (size_t)length < sizeof s->out ? EXIT_DONE : fail_with(EXIT_INPUT, "the path of the findings is too long");
}

static int attack_with(const attack_options *o, const targets *all, pvg_context *context) {
    siege s = {.options = o, .context = context};
    int code = choose_out(&s);
    if (code == EXIT_DONE) code = open_attack_settings(&s);
    if (code == EXIT_DONE) code = open_data(&s);
    if (code == EXIT_DONE) code = open_models(&s);
    if (code == EXIT_DONE) code = open_file(&s);
    if (code == EXIT_DONE) code = attack_all(&s, all);
    if (code == EXIT_DONE && o->json) code = print_json(&s);
    else if (code == EXIT_DONE && !o->common.quiet) print_table(&s, all);
    json_decref(s.file);
    pvg_model_destroy(s.base);
    pvg_model_destroy(s.start);
    pvg_dataset_destroy(s.data);
    pvg_settings_destroy(s.settings);
    return code;
}

int command_attack(int argc, char **argv) {
    attack_options o = {.seed = {"0"}, .seeds = 1};
    targets all = {NULL, 0};
    argp_parse(&attack_argp, argc, argv, 0, NULL, &o);
    pvg_context *context;
    int code = find_targets(&o, &all);
    if (code == EXIT_DONE) code = open_context(&o.common, &context);
    if (code == EXIT_DONE) {
        code = attack_with(&o, &all, context);
        pvg_context_destroy(context);
    }
    free(all.at);
    free(o.seed_text);
    common_free(&o.common);
    return code;
}
