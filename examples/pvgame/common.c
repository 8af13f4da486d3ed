/* common.c - options, contexts, settings, errors and signals that all commands share. */
#include <errno.h>
#include <signal.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli.h"

/* ---- errors ---- */

int exit_code_of(pvg_status status) {
    switch (status) {
    case PVG_OK: return EXIT_DONE;
    case PVG_E_NOMEM: return EXIT_RESOURCE;
    case PVG_E_NUMERIC: return EXIT_DIVERGED;
    case PVG_E_CANCELLED: return EXIT_INTERRUPTED;
    case PVG_E_IO:
    case PVG_E_FORMAT:
    case PVG_E_INVALID: /* a model, say, that cannot play the part it was given */
    case PVG_E_TOO_NEW:
    case PVG_E_STATE:
    case PVG_E_BUSY: /* a run directory that another process has */
    case PVG_E_RANGE:
    case PVG_E_NOT_FOUND:
    case PVG_E_UNSUPPORTED: return EXIT_INPUT;
    default: return EXIT_OTHER;
    }
}

int fail(pvg_context *context) {
    pvg_status status = pvg_error_code(context);
    fprintf(stderr, "pvgame: %s\n", pvg_error_message(context));
    const char *message = pvg_error_message(context);
    if (status == PVG_E_IO && (strstr(message, "No space") != NULL || strstr(message, "quota") != NULL || strstr(message, "too large") != NULL))
        return EXIT_RESOURCE;
    return exit_code_of(status);
}

int fail_with(int code, const char *format, ...) {
    va_list list;
    va_start(list, format);
    fputs("pvgame: ", stderr);
    vfprintf(stderr, format, list);
    fputc('\n', stderr);
    va_end(list);
    return code;
}

/* ---- options ---- */

enum { KEY_SET = 0x100, KEY_PRESET, KEY_THREADS, KEY_ENGINE, KEY_LOG_FORMAT };

static const struct argp_option options[] = {
    {"config", 'c', "FILE", 0, "Settings from a YAML file; may be given several times, later ones win", 1},
    {"preset", KEY_PRESET, "NAME", 0, "Begin with a named set of settings: demo, checking, habits, tiny, gsm8k, gsm8k_verifier, paper", 1},
    {"set", KEY_SET, "NAME=VALUE", 0, "One setting, for example --set prover.width=128; see `pvgame settings`", 1},
    {"threads", KEY_THREADS, "N", 0, "Worker threads (default: one per processor); results do not depend on it", 2},
    {"engine", KEY_ENGINE, "NAME", 0, "Kernels: best, portable, avx2, avx512, openblas", 2},
    {"quiet", 'q', NULL, 0, "No progress, no tables: only errors and what was asked for", 2},
    {"log-format", KEY_LOG_FORMAT, "text|json", 0, "How progress is written where there is no terminal", 2},
    {0}};

static void append(struct argp_state *state, const char ***list, size_t *count, const char *value) {
    const char **grown = realloc(*list, (*count + 1) * sizeof *grown);
    if (grown == NULL) argp_failure(state, EXIT_RESOURCE, 0, "out of memory");
    *list = grown;
    grown[(*count)++] = value;
}

uint64_t whole_of(struct argp_state *state, const char *option, const char *arg, uint64_t least) {
    char *end;
    errno = 0;
    unsigned long long value = strtoull(arg, &end, 10);
    if (*arg < '0' || *arg > '9' || *end != '\0' || errno != 0 || value < least)
        argp_error(state, "%s %s: wanted a whole number from %llu on", option, arg, (unsigned long long)least);
    return value;
}

double number_of(struct argp_state *state, const char *option, const char *arg) {
    char *end;
    double value = strtod(arg, &end);
    if (*arg == '\0' || *end != '\0') argp_error(state, "%s %s: wanted a number", option, arg);
    return value;
}

const char *one_of(struct argp_state *state, const char *option, const char *arg, const char *names) {
    size_t length = strlen(arg);
    for (const char *at = names; at != NULL; at = strchr(at, '|') != NULL ? strchr(at, '|') + 1 : NULL)
        if (length > 0 && strncmp(at, arg, length) == 0 && (at[length] == '|' || at[length] == '\0')) return arg;
    argp_error(state, "%s %s: wanted one of %s", option, arg, names);
    return arg;
}

static error_t parse(int key, char *arg, struct argp_state *state) {
    common *c = state->input;
    switch (key) {
    case 'c': append(state, &c->config, &c->configs, arg); break;
    case 'q': c->quiet = true; break;
    case KEY_PRESET: c->preset = arg; break;
    case KEY_SET:
        if (strchr(arg, '=') == NULL || arg[0] == '=') argp_error(state, "--set %s: wanted NAME=VALUE", arg);
        append(state, &c->set, &c->sets, arg);
        break;
    case KEY_THREADS:
        if (whole_of(state, "--threads", arg, 1) > 256) argp_error(state, "--threads %s: wanted at most 256", arg);
        c->threads = atoi(arg);
        break;
    case KEY_ENGINE: c->engine = one_of(state, "--engine", arg, "best|portable|avx2|avx512|openblas"); break;
    case KEY_LOG_FORMAT: c->json_log = strcmp(one_of(state, "--log-format", arg, "text|json"), "json") == 0; break;
    default: return ARGP_ERR_UNKNOWN;
    }
    return 0;
}

const struct argp common_argp = {.options = options, .parser = parse};

void common_free(common *c) {
    free(c->config);
    free(c->set);
}

/* ---- contexts ---- */

static void log_line(void *user, pvg_log_level level, const char *component, const char *message) {
    (void)user;
    fprintf(stderr, "pvgame: %s%s: %s\n", level == PVG_LOG_WARN ? "warning: " : "", component, message);
}

static pvg_engine engine_of(const char *name) {
    static const char *const names[] = {"best", "portable", "avx2", "avx512", "openblas"}; /* as pvg_engine counts */
    pvg_engine engine = PVG_ENGINE_BEST;
    while (name != NULL && engine < PVG_ENGINE_OPENBLAS && strcmp(name, names[engine]) != 0) engine++;
    return name != NULL ? engine : PVG_ENGINE_BEST;
}

int open_context(const common *c, pvg_context **out) {
    pvg_context_options how;
    pvg_context_options_init(&how, sizeof how);
    how.threads = c->threads;
    how.log = log_line;
    how.log_level = PVG_LOG_WARN;
    how.engine = engine_of(c->engine);
    pvg_status status = pvg_context_create(&how, out);
    if (status == PVG_E_UNSUPPORTED)
        return fail_with(EXIT_INPUT, "this machine cannot run the '%s' kernels; `pvgame doctor` shows which it can", c->engine);
    if (status != PVG_OK) return fail_with(exit_code_of(status), "the library could not start: %s", pvg_status_name(status));
    return EXIT_DONE;
}

int set_setting(pvg_context *context, pvg_settings *settings, const char *name, const char *value) {
    return pvg_settings_set(settings, name, value) == PVG_OK ? EXIT_DONE : fail(context);
}

int assign_setting(pvg_context *context, pvg_settings *settings, const char *assignment) {
    const char *equals = strchr(assignment, '=');
    char name[128];
    size_t length = (size_t)(equals - assignment);
    if (length >= sizeof name) return fail_with(EXIT_INPUT, "%s: no setting has so long a name", assignment);
    memcpy(name, assignment, length);
    name[length] = '\0';
    return set_setting(context, settings, name, equals + 1);
}

int open_settings(pvg_context *context, const common *c, const char *preset, pvg_settings **out) {
    pvg_settings *settings;
    if (pvg_settings_create(context, &settings) != PVG_OK) return fail(context);
    int code = EXIT_DONE;
    if (c->preset != NULL) preset = c->preset;
    if (preset != NULL && pvg_settings_preset(settings, preset) != PVG_OK) code = fail(context);
    for (size_t i = 0; i < c->configs && code == EXIT_DONE; i++) code = read_yaml(context, c->config[i], settings);
    for (size_t i = 0; i < c->sets && code == EXIT_DONE; i++) code = assign_setting(context, settings, c->set[i]);
    if (code != EXIT_DONE) {
        pvg_settings_destroy(settings);
        return code;
    }
    *out = settings;
    return EXIT_DONE;
}

int open_run_settings(pvg_context *context, const common *c, const char *run, pvg_settings **out) {
    if (run == NULL) return open_settings(context, c, NULL, out);
    char config[MODEL_PATH];
    snprintf(config, sizeof config, "%s/config.yaml", run);
    common with = *c;
    with.config = calloc(c->configs + 1, sizeof *with.config);
    if (with.config == NULL) return fail_with(EXIT_RESOURCE, "out of memory");
    with.config[0] = config;
    for (size_t i = 0; i < c->configs; i++) with.config[i + 1] = c->config[i];
    with.configs = c->configs + 1;
    int code = open_settings(context, &with, NULL, out);
    free(with.config);
    return code;
}

char *fetch_text(text_fn call, void *arg, pvg_status *status) {
    size_t needed = 0;
    *status = call(arg, NULL, 0, &needed);
    if (*status != PVG_OK && *status != PVG_E_BUFFER) return NULL;
    char *text = malloc(needed + 1);
    if (text == NULL) {
        *status = PVG_E_NOMEM;
        return NULL;
    }
    *status = call(arg, text, needed + 1, &needed);
    if (*status == PVG_OK) return text;
    free(text);
    return NULL;
}

/* ---- signals ---- */

static pvg_context *volatile to_cancel;
static volatile sig_atomic_t signals;

static void on_signal(int number) {
    if (signals++ > 0) {
        signal(number, SIG_DFL);
        raise(number);
    }
    pvg_context *context = to_cancel;
    if (context != NULL) pvg_context_cancel(context);
}

void catch_signals(pvg_context *context) {
    struct sigaction action = {.sa_handler = on_signal};
    sigemptyset(&action.sa_mask);
    to_cancel = context;
    if (context == NULL) action.sa_handler = SIG_DFL;
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
}

/* ---- output ---- */

static bool same_file(const char *one, const char *other) {
    struct stat a, b;
    return stat(one, &a) == 0 && stat(other, &b) == 0 && a.st_dev == b.st_dev && a.st_ino == b.st_ino && S_ISREG(a.st_mode);
}

int open_output(const char *path, const char *in, FILE **out) {
    *out = stdout;
    if (path == NULL) return EXIT_DONE;
    if (in != NULL && same_file(path, in)) return fail_with(EXIT_INPUT, "%s is read and cannot be written to as well", path);
    *out = fopen(path, "w");
    if (*out != NULL) return EXIT_DONE;
    return fail_with(errno == ENOSPC ? EXIT_RESOURCE : EXIT_INPUT, "%s: cannot be written: %s", path, strerror(errno));
}

int close_output(const char *path, FILE *out, int code) {
    if (out == NULL || out == stdout) return code;
    bool failed = ferror(out) != 0;
    errno = 0;
    if (fclose(out) == 0 && !failed) return code;
    return fail_with(EXIT_RESOURCE, "%s: could not be written%s%s", path, errno != 0 ? ": " : "", errno != 0 ? strerror(errno) : "");
}

/* ---- names ---- */

enum { LONGEST_NAME = 63 };

/* Letters to insert, drop or change to make one of the other. */
static size_t edits(const char *a, const char *b) {
    size_t row[LONGEST_NAME + 2], width = strlen(b);
    for (size_t j = 0; j <= width; j++) row[j] = j;
    for (size_t i = 1; a[i - 1] != '\0'; i++) {
        size_t corner = row[0];
        row[0] = i;
        for (size_t j = 1; j <= width; j++) {
            size_t change = corner + (a[i - 1] != b[j - 1]), other = (row[j] < row[j - 1] ? row[j] : row[j - 1]) + 1;
            corner = row[j];
            row[j] = change < other ? change : other;
        }
    }
    return row[width];
}

const char *nearest_name(const char *typed, const char *const *names) {
    const char *best = NULL;
    size_t length = strlen(typed), fewest = length / 3 + 2;
    for (size_t i = 0; names[i] != NULL && length <= LONGEST_NAME; i++) {
        if (strlen(names[i]) > LONGEST_NAME) continue;
        if (length > 2 && (strncmp(names[i], typed, length) == 0 || strncmp(names[i], typed, strlen(names[i])) == 0)) return names[i];
        size_t distance = edits(typed, names[i]);
        if (distance >= fewest || distance >= length) continue;
        fewest = distance;
        best = names[i];
    }
    return best;
}
