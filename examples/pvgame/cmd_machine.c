/* cmd_machine.c - `pvgame doctor`, `pvgame plan` and `pvgame settings`: what is here, what it will take, what can be set. */
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "cli.h"

typedef struct machine_options {
    common common;
    bool json, fast, takes_word;
    const char *filter;
} machine_options;

enum { KEY_JSON = 0x400, KEY_FAST };
static error_t parse_machine(int key, char *arg, struct argp_state *state) {
    machine_options *o = state->input;
    switch (key) {
    case ARGP_KEY_INIT: state->child_inputs[0] = &o->common; break;
    case KEY_JSON: o->json = true; break;
    case KEY_FAST: o->fast = true; break;
    case ARGP_KEY_ARG:
        if (!o->takes_word || o->filter != NULL) argp_error(state, "'%s' is not an option, and no word is wanted here", arg);
        o->filter = arg;
        break;
    default: return ARGP_ERR_UNKNOWN;
    }
    return 0;
}

static const struct argp_child children[] = {{&common_argp, 0, "Settings and machine:", 1}, {0}};
static const struct argp_option doctor_options[] = {{"json", KEY_JSON, NULL, 0, "Print JSON", 0},
                                                    {"fast", KEY_FAST, NULL, 0, "Do not measure speeds", 0}, {0}};
static const struct argp doctor_argp = {
    .options = doctor_options, .parser = parse_machine, .children = children,
    .doc = "Look at this machine: processor, kernels in use, OpenBLAS and its kernels, threads, and the speed they reach."};
static const struct argp_option json_option[] = {{"json", KEY_JSON, NULL, 0, "Print JSON", 0}, {0}};
static const struct argp plan_argp = {
    .options = json_option, .parser = parse_machine, .children = children,
    .doc = "Say how much memory a game with these settings will take, by player and purpose, before anything is taken."};
static const struct argp settings_argp = {
    .options = json_option, .parser = parse_machine, .children = children, .args_doc = "[WORD]",
    .doc = "List the settings whose name or description contains WORD, with their meaning, bounds and default."};

typedef struct describe {
    pvg_context *context;
    pvg_settings *settings;
    int32_t measure;
} describe;

/* Measuring takes seconds, so the size is not asked for first. */
static pvg_status machine_text(void *arg, char *buffer, size_t capacity, size_t *needed) {
    const describe *d = arg;
    if (buffer == NULL) {
        *needed = 1 << 16;
        return PVG_OK;
    }
    return pvg_machine_describe(d->context, d->measure, buffer, capacity, needed);
}

static pvg_status plan_text(void *arg, char *buffer, size_t capacity, size_t *needed) {
    const describe *d = arg;
    return pvg_plan_describe(d->context, d->settings, buffer, capacity, needed);
}

static void print_value(const char *name, const json_t *value, int indent) {
    const char *key;
    json_t *inner;
    if (json_is_object(value)) {
        printf("%*s%s\n", indent, "", name);
        json_object_foreach((json_t *)value, key, inner) print_value(key, inner, indent + 2);
        return;
    }
    printf("%*s%-*s ", indent, "", 26 - indent, name);
    if (json_is_string(value)) printf("%s\n", json_string_value(value));
    else if (strcmp(name, "memory") == 0) printf("%.1f GiB\n", json_number_value(value) / 1073741824);
    else if (json_is_number(value)) printf("%.4g\n", json_number_value(value));
    else printf("not measured\n");
}

static void print_bytes(const char *name, const json_t *value, int indent) {
    const char *key;
    json_t *inner;
    if (json_is_object(value)) {
        printf("%*s%s\n", indent, "", name);
        json_object_foreach((json_t *)value, key, inner) print_bytes(key, inner, indent + 2);
        return;
    }
    double number = json_number_value(value);
    if (strcmp(name, "parameters") == 0) printf("%*s%-*s %14.0f\n", indent, "", 26 - indent, name, number);
    else printf("%*s%-*s %10.1f MiB\n", indent, "", 26 - indent, name, number / 1048576);
}

typedef void (*print_fn)(const char *name, const json_t *value, int indent);
static int print_text(pvg_context *context, text_fn call, describe *d, bool as_json, print_fn print) {
    pvg_status status;
    char *text = fetch_text(call, d, &status);
    if (text == NULL) return fail(context);
    json_t *all = as_json ? NULL : json_loads(text, 0, NULL);
    const char *key;
    json_t *value;
    if (all == NULL) printf("%s\n", text);
    else json_object_foreach(all, key, value) print(key, value, 0);
    json_decref(all);
    free(text);
    return EXIT_DONE;
}

int command_doctor(int argc, char **argv) {
    machine_options o = {.json = false};
    argp_parse(&doctor_argp, argc, argv, 0, NULL, &o);
    pvg_context *context;
    int code = open_context(&o.common, &context);
    if (code == EXIT_DONE) {
        describe d = {.context = context, .measure = !o.fast};
        code = print_text(context, machine_text, &d, o.json, print_value);
        pvg_context_destroy(context);
    }
    common_free(&o.common);
    return code;
}

int command_plan(int argc, char **argv) {
    machine_options o = {.json = false};
    argp_parse(&plan_argp, argc, argv, 0, NULL, &o);
    pvg_context *context;
    int code = open_context(&o.common, &context);
    if (code == EXIT_DONE) {
        describe d = {.context = context};
        if ((code = open_settings(context, &o.common, NULL, &d.settings)) == EXIT_DONE) {
            code = print_text(context, plan_text, &d, o.json, print_bytes);
            pvg_settings_destroy(d.settings);
        }
        pvg_context_destroy(context);
    }
    common_free(&o.common);
    return code;
}

/* ---- settings ---- */

static void print_setting(size_t i) {
    double low, high;
    printf("%s\n    %s\n    default: %s", pvg_setting_name(i), pvg_setting_summary(i),
           pvg_setting_default(i)[0] != '\0' ? pvg_setting_default(i) : "(empty)");
    if (pvg_setting_kind_of(i) == PVG_SETTING_CHOICE) printf("; one of %s", pvg_setting_choices(i));
    else if (pvg_setting_kind_of(i) == PVG_SETTING_FLAG) printf("; true or false");
    else if (pvg_setting_kind_of(i) != PVG_SETTING_TEXT && pvg_setting_bounds(i, &low, &high) == PVG_OK)
        printf("; from %.16g to %.16g", low, high);
    printf("\n");
}

static json_t *setting_json(size_t i) {
    double low = 0, high = 0;
    static const char *const kinds[] = {"", "int", "real", "text", "flag", "choice"};
    int kind = pvg_setting_kind_of(i);
    json_t *one = json_pack("{s:s,s:s,s:s,s:s}", "name", pvg_setting_name(i), "kind", kind >= 1 && kind <= 5 ? kinds[kind] : "",
                            "default", pvg_setting_default(i), "summary", pvg_setting_summary(i));
    if (kind == PVG_SETTING_CHOICE) json_object_set_new(one, "choices", json_string(pvg_setting_choices(i)));
    if ((kind == PVG_SETTING_INT || kind == PVG_SETTING_REAL) && pvg_setting_bounds(i, &low, &high) == PVG_OK) {
        json_object_set_new(one, "lowest", json_real(low));
        json_object_set_new(one, "highest", json_real(high));
    }
    return one;
}

static bool matches(size_t i, const char *word) {
    return word == NULL || strstr(pvg_setting_name(i), word) != NULL || strcasestr(pvg_setting_summary(i), word) != NULL;
}

int command_settings(int argc, char **argv) {
    machine_options o = {.takes_word = true};
    argp_parse(&settings_argp, argc, argv, 0, NULL, &o);
    json_t *list = json_array();
    size_t shown = 0;
    for (size_t i = 0; i < pvg_setting_count(); i++) {
        if (!matches(i, o.filter)) continue;
        shown++;
        if (o.json) json_array_append_new(list, setting_json(i));
        else print_setting(i);
    }
    if (o.json) {
        json_dumpf(list, stdout, JSON_INDENT(1));
        putchar('\n');
    } else if (o.filter == NULL) {
        printf("\nPresets (--preset NAME):\n");
        for (size_t i = 0; i < pvg_preset_count(); i++) printf("  %-8s %s\n", pvg_preset_name(i), pvg_preset_summary(i));
    }
    json_decref(list);
    common_free(&o.common);
    if (shown == 0) return fail_with(EXIT_INPUT, "no setting's name or description contains '%s'", o.filter);
    return EXIT_DONE;
}
