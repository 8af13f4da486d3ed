/* settings.c - see settings.h. Values are kept as canonical text: what is written can be read back exactly. */
#include "base/settings.h"

#include <jansson.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"

struct pvi_settings {
    const pvi_settings_table *table;
    char **value; /* [table->count], canonical */
};

const pvi_setting_def *pvi_settings_find(const pvi_settings_table *table, const char *name) {
    for (size_t i = 0; i < table->count; i++)
        if (strcmp(table->defs[i].name, name) == 0) return &table->defs[i];
    return NULL;
}

static const char *value_of(const pvi_settings *settings, const char *name, const pvi_setting_def **def) {
    const pvi_setting_def *found = pvi_settings_find(settings->table, name);
    if (def != NULL) *def = found;
    return found != NULL ? settings->value[found - settings->table->defs] : "";
}

void pvi_settings_destroy(pvi_env *env, pvi_settings *settings) {
    if (settings == NULL) return;
    for (size_t i = 0; settings->value != NULL && i < settings->table->count; i++) pvi_free(env, settings->value[i]);
    pvi_free(env, settings->value);
    pvi_free(env, settings);
}

static pvi_settings *bare(pvi_env *env, const pvi_settings_table *table) {
    pvi_settings *settings = pvi_calloc(env, 1, sizeof *settings);
    if (settings == NULL) return NULL;
    settings->table = table;
    settings->value = pvi_calloc(env, table->count + 1, sizeof *settings->value);
    if (settings->value != NULL) return settings;
    pvi_free(env, settings);
    return NULL;
}

pvg_status pvi_settings_copy(pvi_env *env, const pvi_settings *from, pvi_settings **out) {
    pvi_settings *settings = bare(env, from->table);
    if (settings == NULL) return PVG_E_NOMEM;
    for (size_t i = 0; i < from->table->count; i++) {
        settings->value[i] = pvi_strdup(env, from->value[i], strlen(from->value[i]));
        if (settings->value[i] != NULL) continue;
        pvi_settings_destroy(env, settings);
        return PVG_E_NOMEM;
    }
    *out = settings;
    return PVG_OK;
}

pvg_status pvi_settings_create(pvi_env *env, const pvi_settings_table *table, pvi_settings **out) {
    pvi_settings *settings = bare(env, table);
    pvg_status status = settings != NULL ? PVG_OK : PVG_E_NOMEM;
    for (size_t i = 0; status == PVG_OK && i < table->count; i++)
        status = pvi_settings_set(env, settings, table->defs[i].name, table->defs[i].initial);
    if (status == PVG_OK) *out = settings;
    else pvi_settings_destroy(env, settings);
    return status;
}

static pvg_status unknown(pvi_env *env, const pvi_settings_table *table, const char *name) {
    const char *nearest = NULL;
    int least = 99;
    for (size_t i = 0; i < table->count; i++) {
        int distance = pvi_text_distance(name, table->defs[i].name);
        if (distance < least) least = distance, nearest = table->defs[i].name;
    }
    if (nearest == NULL) return pvi_fail(env, PVG_E_NOT_FOUND, "settings", "there is no setting '%s'", name);
    return pvi_fail(env, PVG_E_NOT_FOUND, "settings", "there is no setting '%s'; did you mean '%s'?", name, nearest);
}

static pvg_status canonical_number(pvi_env *env, const pvi_setting_def *def, const char *value, char out[PVI_NUMBER_SIZE]) {
    bool whole = def->kind == PVI_SETTING_INT;
    double number = 0;
    if (!pvi_text_to_double(value, strlen(value), &number) || (whole && number != floor(number)))
        return pvi_fail(env, PVG_E_FORMAT, "settings", "%s is '%s': %s is wanted", def->name, value,
                        whole ? "a whole number" : "a number");
    if (number < def->lowest || number > def->highest)
        return pvi_fail(env, PVG_E_RANGE, "settings", "%s is %s: it must be between %.16g and %.16g", def->name, value,
                        def->lowest, def->highest);
    if (whole && fabs(number) < 9.2e18) pvi_text_format(out, PVI_NUMBER_SIZE, "%lld", (long long)number);
    else pvi_text_from_double(number, out);
    return PVG_OK;
}

/* Position of `value` among "a|b|c", or -1. */
static int choice_index(const char *choices, const char *value) {
    size_t length = strlen(value);
    for (int index = 0;; index++) {
        const char *bar = strchr(choices, '|');
        size_t size = bar != NULL ? (size_t)(bar - choices) : strlen(choices);
        if (size == length && memcmp(choices, value, size) == 0) return index;
        if (bar == NULL) return -1;
        choices = bar + 1;
    }
}

static const char *canonical_flag(const char *value) {
    static const char *const yes[] = {"true", "yes", "on", "1"}, *const no[] = {"false", "no", "off", "0"};
    for (size_t i = 0; i < 4; i++) {
        if (strcmp(value, yes[i]) == 0) return "true";
        if (strcmp(value, no[i]) == 0) return "false";
    }
    return NULL;
}

pvg_status pvi_settings_set(pvi_env *env, pvi_settings *settings, const char *name, const char *value) {
    const pvi_setting_def *def = pvi_settings_find(settings->table, name);
    if (def == NULL) return unknown(env, settings->table, name);
    char number[PVI_NUMBER_SIZE];
    size_t bad = 0;
    pvg_status status = PVG_OK;
    if (def->kind == PVI_SETTING_INT || def->kind == PVI_SETTING_REAL) {
        status = canonical_number(env, def, value, number);
        value = number;
    } else if (def->kind == PVI_SETTING_FLAG) {
        const char *flag = canonical_flag(value);
        if (flag == NULL) status = pvi_fail(env, PVG_E_FORMAT, "settings", "%s is '%s': true or false is wanted", name, value);
        value = flag;
    } else if (def->kind == PVI_SETTING_CHOICE && choice_index(def->choices, value) < 0) {
        status = pvi_fail(env, PVG_E_RANGE, "settings", "%s is '%s': one of %s is wanted", name, value, def->choices);
    } else if (!pvi_text_utf8(value, strlen(value), &bad)) {
        status = pvi_fail(env, PVG_E_FORMAT, "settings", "%s is not UTF-8 at byte %zu", name, bad);
    }
    if (status != PVG_OK) return status;
    char *copy = pvi_strdup(env, value, strlen(value));
    if (copy == NULL) return PVG_E_NOMEM;
    char **slot = &settings->value[def - settings->table->defs];
    pvi_free(env, *slot);
    *slot = copy;
    return PVG_OK;
}

static pvg_status assign(pvi_env *env, pvi_settings *settings, const char *assignment) {
    const char *equals = strchr(assignment, '=');
    char name[64];
    if (equals == NULL || (size_t)(equals - assignment) >= sizeof name)
        return pvi_fail(env, PVG_E_INTERNAL, "settings", "a preset holds '%s': name=value is wanted", assignment);
    memcpy(name, assignment, (size_t)(equals - assignment));
    name[equals - assignment] = '\0';
    return pvi_settings_set(env, settings, name, equals + 1);
}

/* Values change places, so that a failure half-way changes nothing. */
static void swap_values(pvi_settings *a, pvi_settings *b) {
    char **kept = a->value;
    a->value = b->value;
    b->value = kept;
}

pvg_status pvi_settings_preset(pvi_env *env, pvi_settings *settings, const char *preset) {
    const pvi_settings_table *table = settings->table;
    for (size_t i = 0; i < table->preset_count; i++) {
        if (strcmp(table->presets[i].name, preset) != 0) continue;
        pvi_settings *changed = NULL;
        pvg_status status = pvi_settings_copy(env, settings, &changed);
        for (const char *const *at = table->presets[i].assignments; status == PVG_OK && *at != NULL; at++)
            status = assign(env, changed, *at);
        if (status == PVG_OK) swap_values(settings, changed);
        pvi_settings_destroy(env, changed);
        return status;
    }
    pvi_text names;
    pvi_text_init(&names, env);
    for (size_t i = 0; i < table->preset_count; i++)
        pvi_text_printf(&names, "%s%s", i > 0 ? ", " : "", table->presets[i].name);
    pvg_status status = pvi_text_ok(&names);
    if (status == PVG_OK)
        status = pvi_fail(env, PVG_E_NOT_FOUND, "settings", "there is no preset '%s'; there are %s", preset,
                          names.length > 0 ? names.data : "none");
    pvi_text_free(&names);
    return status;
}

bool pvi_settings_changed(const pvi_settings *settings, const char *name) {
    const pvi_setting_def *def;
    const char *value = value_of(settings, name, &def);
    if (def == NULL) return false;
    double now = 0, before = 0;
    bool numbers = pvi_text_to_double(value, strlen(value), &now) &&
                   pvi_text_to_double(def->initial, strlen(def->initial), &before);
    return numbers && def->kind <= PVI_SETTING_REAL ? now != before : strcmp(value, def->initial) != 0;
}

double pvi_settings_real(const pvi_settings *settings, const char *name) {
    const char *value = value_of(settings, name, NULL);
    double number = 0;
    return pvi_text_to_double(value, strlen(value), &number) ? number : 0;
}

int64_t pvi_settings_int(const pvi_settings *settings, const char *name) {
    const char *value = value_of(settings, name, NULL);
    int64_t number = 0;
    return pvi_text_to_int(value, strlen(value), &number) ? number : 0;
}

bool pvi_settings_flag(const pvi_settings *settings, const char *name) {
    return strcmp(value_of(settings, name, NULL), "true") == 0;
}

const char *pvi_settings_text(const pvi_settings *settings, const char *name) { return value_of(settings, name, NULL); }

int pvi_settings_choice(const pvi_settings *settings, const char *name) {
    const pvi_setting_def *def;
    const char *value = value_of(settings, name, &def);
    int index = def != NULL ? choice_index(def->choices, value) : 0;
    return index < 0 ? 0 : index;
}

/* ---- as text ---- */

/* JSON's quoting is also YAML's double-quoted style. */
static void quote(pvi_text *out, const char *value) {
    json_t *string = json_string(value);
    char *text = string != NULL ? json_dumps(string, JSON_ENCODE_ANY) : NULL;
    if (text != NULL) pvi_text_puts(out, text);
    else out->failed = true;
    free(text);
    json_decref(string);
}

static void write_value(const pvi_setting_def *def, const char *value, bool json, pvi_text *out) {
    bool words = def->kind == PVI_SETTING_TEXT || (json && def->kind == PVI_SETTING_CHOICE);
    if (words) quote(out, value);
    else pvi_text_puts(out, value);
}

pvg_status pvi_settings_write_yaml(const pvi_settings *settings, bool comments, pvi_text *out) {
    const char *group = "";
    size_t group_length = 0;
    for (size_t i = 0; i < settings->table->count; i++) {
        const pvi_setting_def *def = &settings->table->defs[i];
        const char *dot = strchr(def->name, '.');
        size_t length = dot != NULL ? (size_t)(dot - def->name) : 0;
        if (length != group_length || memcmp(def->name, group, length) != 0) {
            group = def->name;
            group_length = length;
            if (length > 0) pvi_text_printf(out, "%.*s:\n", (int)length, group);
        }
        if (comments) pvi_text_printf(out, "%s# %s\n", dot != NULL ? "  " : "", def->summary);
        pvi_text_printf(out, "%s%s: ", dot != NULL ? "  " : "", dot != NULL ? dot + 1 : def->name);
        write_value(def, settings->value[i], false, out);
        pvi_text_puts(out, "\n");
    }
    return pvi_text_ok(out);
}

pvg_status pvi_settings_write_json(const pvi_settings *settings, pvi_text *out) {
    pvi_text_puts(out, "{");
    for (size_t i = 0; i < settings->table->count; i++) {
        pvi_text_printf(out, "%s\"%s\": ", i > 0 ? ", " : "", settings->table->defs[i].name);
        write_value(&settings->table->defs[i], settings->value[i], true, out);
    }
    pvi_text_puts(out, "}");
    return pvi_text_ok(out);
}

static pvg_status read_member(pvi_env *env, pvi_settings *settings, const char *name, const json_t *value) {
    char number[PVI_NUMBER_SIZE];
    const char *text = json_string_value(value);
    if (json_is_boolean(value)) text = json_is_true(value) ? "true" : "false";
    if (json_is_integer(value)) {
        pvi_text_format(number, sizeof number, "%lld", (long long)json_integer_value(value));
        text = number;
    } else if (json_is_real(value)) {
        pvi_text_from_double(json_real_value(value), number);
        text = number;
    }
    if (text == NULL)
        return pvi_fail(env, PVG_E_FORMAT, "settings", "%s is not a number, a text, true or false", name);
    return pvi_settings_set(env, settings, name, text);
}

pvg_status pvi_settings_read_json(pvi_env *env, pvi_settings *settings, const char *json, size_t length) {
    json_error_t error;
    json_t *root = json_loadb(json, length, JSON_REJECT_DUPLICATES, &error);
    if (!json_is_object(root)) {
        json_decref(root);
        return pvi_fail(env, PVG_E_FORMAT, "settings", "line %d: an object of settings is wanted: %s", error.line,
                        root == NULL ? error.text : "something else was found");
    }
    pvi_settings *changed = NULL;
    pvg_status status = pvi_settings_copy(env, settings, &changed);
    const char *name;
    json_t *value;
    json_object_foreach(root, name, value)
        if (status == PVG_OK) status = read_member(env, changed, name, value);
    if (status == PVG_OK) swap_values(settings, changed);
    pvi_settings_destroy(env, changed);
    json_decref(root);
    return status;
}
