/* common.c - options, contexts, settings, errors and signals that all commands share. */
#include <signal.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
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
    if (status == PVG_E_IO && (strstr(message, "No space") != NULL || strstr(message, "too large") != NULL)) return EXIT_RESOURCE;
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
    {"preset", KEY_PRESET, "NAME", 0, "Begin with a named set of settings: demo, tiny, gsm8k, gsm8k_verifier, paper", 1},
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

static error_t parse(int key, char *arg, struct argp_state *state) {
    common *c = state->input;
    char *end;
    switch (key) {
    case 'c': append(state, &c->config, &c->configs, arg); break;
    case 'q': c->quiet = true; break;
    case KEY_PRESET: c->preset = arg; break;
    case KEY_SET:
        if (strchr(arg, '=') == NULL || arg[0] == '=') argp_error(state, "--set %s: wanted NAME=VALUE", arg);
        append(state, &c->set, &c->sets, arg);
        break;
    case KEY_THREADS:
        c->threads = (int)strtol(arg, &end, 10);
        if (*arg == '\0' || *end != '\0' || c->threads < 1 || c->threads > 256)
            argp_error(state, "--threads %s: wanted a whole number from 1 to 256", arg);
        break;
    case KEY_ENGINE: c->engine = arg; break;
    case KEY_LOG_FORMAT:
        if (strcmp(arg, "json") != 0 && strcmp(arg, "text") != 0) argp_error(state, "--log-format %s: wanted text or json", arg);
        c->json_log = strcmp(arg, "json") == 0;
        break;
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

static int engine_of(const char *name, pvg_engine *out) {
    static const char *const names[] = {"best", "portable", "avx2", "avx512", "openblas"};
    for (int i = 0; i < 5; i++)
        if (strcmp(name, names[i]) == 0) {
            *out = i;
            return EXIT_DONE;
        }
    return fail_with(EXIT_USAGE, "--engine %s: wanted best, portable, avx2, avx512 or openblas", name);
}

int open_context(const common *c, pvg_context **out) {
    pvg_context_options how;
    pvg_context_options_init(&how, sizeof how);
    how.threads = c->threads;
    how.log = log_line;
    how.log_level = PVG_LOG_WARN;
    if (c->engine != NULL) {
        int code = engine_of(c->engine, &how.engine);
        if (code != EXIT_DONE) return code;
    }
    pvg_status status = pvg_context_create(&how, out);
    if (status == PVG_E_UNSUPPORTED)
        return fail_with(EXIT_INPUT, "this machine cannot run the '%s' kernels; `pvgame doctor` shows which it can", c->engine);
    if (status != PVG_OK) return fail_with(exit_code_of(status), "the library could not start: %s", pvg_status_name(status));
    return EXIT_DONE;
}

int set_setting(pvg_context *context, pvg_settings *settings, const char *name, const char *value) {
    return pvg_settings_set(settings, name, value) == PVG_OK ? EXIT_DONE : fail(context);
}

static int assign(pvg_context *context, pvg_settings *settings, const char *assignment) {
    const char *equals = strchr(assignment, '=');
    char name[128];
    size_t length = (size_t)(equals - assignment);
    if (length >= sizeof name) return fail_with(EXIT_INPUT, "--set %s: no setting has so long a name", assignment);
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
    for (size_t i = 0; i < c->sets && code == EXIT_DONE; i++) code = assign(context, settings, c->set[i]);
    if (code != EXIT_DONE) {
        pvg_settings_destroy(settings);
        return code;
    }
    *out = settings;
    return EXIT_DONE;
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

bool was_interrupted(void) { return signals > 0; }
