/* experiment_file.c - experiments as YAML: a list of arms with their settings, and seeds. */
#include "experiment.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "yaml.h"

enum { MOST_ARMS = 64, MOST_SEEDS = 256, MOST_SETTINGS = 256, MOST_DRAWS = 4096 };

static const cyaml_schema_value_t setting_schema = {CYAML_VALUE_STRING(CYAML_FLAG_POINTER, char, 1, 65536)};
static const cyaml_schema_value_t seed_schema = {CYAML_VALUE_UINT(CYAML_FLAG_DEFAULT, uint64_t)};
static const cyaml_schema_field_t arm_fields[] = {
    CYAML_FIELD_STRING_PTR("name", CYAML_FLAG_POINTER, trial_arm, name, 1, 64),
    CYAML_FIELD_STRING_PTR("kind", CYAML_FLAG_POINTER | CYAML_FLAG_OPTIONAL, trial_arm, kind, 1, 64),
    CYAML_FIELD_STRING_PTR("about", CYAML_FLAG_POINTER | CYAML_FLAG_OPTIONAL, trial_arm, about, 0, 4096),
    CYAML_FIELD_STRING_PTR("preset", CYAML_FLAG_POINTER | CYAML_FLAG_OPTIONAL, trial_arm, preset, 1, 64),
    CYAML_FIELD_STRING_PTR("judge", CYAML_FLAG_POINTER | CYAML_FLAG_OPTIONAL, trial_arm, judge, 0, 64),
    CYAML_FIELD_UINT("draws", CYAML_FLAG_OPTIONAL, trial_arm, draws),
    CYAML_FIELD_BOOL("no_attack", CYAML_FLAG_OPTIONAL, trial_arm, no_attack),
    CYAML_FIELD_BOOL("no_measure", CYAML_FLAG_OPTIONAL, trial_arm, no_measure),
    CYAML_FIELD_SEQUENCE("settings", CYAML_FLAG_POINTER | CYAML_FLAG_OPTIONAL, trial_arm, settings, &setting_schema, 0,
                         MOST_SETTINGS),
    CYAML_FIELD_END};
static const cyaml_schema_value_t arm_schema = {CYAML_VALUE_MAPPING(CYAML_FLAG_DEFAULT, trial_arm, arm_fields)};
static const cyaml_schema_field_t experiment_fields[] = {
    CYAML_FIELD_STRING_PTR("name", CYAML_FLAG_POINTER, trial, name, 1, 64),
    CYAML_FIELD_STRING_PTR("title", CYAML_FLAG_POINTER | CYAML_FLAG_OPTIONAL, trial, title, 0, 1024),
    CYAML_FIELD_STRING_PTR("about", CYAML_FLAG_POINTER | CYAML_FLAG_OPTIONAL, trial, about, 0, 65536),
    CYAML_FIELD_STRING_PTR("cost", CYAML_FLAG_POINTER | CYAML_FLAG_OPTIONAL, trial, cost, 0, 1024),
    CYAML_FIELD_SEQUENCE("seeds", CYAML_FLAG_POINTER, trial, seeds, &seed_schema, 1, MOST_SEEDS),
    CYAML_FIELD_SEQUENCE("settings", CYAML_FLAG_POINTER | CYAML_FLAG_OPTIONAL, trial, settings, &setting_schema, 0,
                         MOST_SETTINGS),
    CYAML_FIELD_SEQUENCE("arms", CYAML_FLAG_POINTER, trial, arms, &arm_schema, 1, MOST_ARMS),
    CYAML_FIELD_END};
static const cyaml_schema_value_t experiment_schema = {
    CYAML_VALUE_MAPPING(CYAML_FLAG_POINTER, trial, experiment_fields)};

void experiment_free(trial *x) {
    complaint heard = {.line = 0};
    cyaml_config_t config = yaml_config(&heard);
    cyaml_free(&config, &experiment_schema, x, 0);
}

/* ---- what an experiment must be ---- */

static bool is_file_name(const char *name) {
    static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-.";
    return name[0] != '.' && name[0] != '-' && name[strspn(name, letters)] == '\0';
}

static int check_settings(const char *where, const char *of, char *const *settings, unsigned count) {
    for (unsigned i = 0; i < count; i++)
        if (strchr(settings[i], '=') == NULL || settings[i][0] == '=')
            return fail_with(EXIT_INPUT, "%s: setting '%s' of %s: wanted NAME=VALUE", where, settings[i], of);
    return EXIT_DONE;
}

static int check_judge(const char *where, const trial *x, const trial_arm *a) {
    bool known = a->judge == NULL || a->judge[0] == '\0';
    for (unsigned i = 0; i < x->arms_count; i++) known = known || strcmp(a->judge, x->arms[i].name) == 0;
    if (!known)
        return fail_with(EXIT_INPUT, "%s: the judge of '%s' is '%s', which is no arm", where, a->name, a->judge);
    if (a->draws > MOST_DRAWS)
        return fail_with(EXIT_INPUT, "%s: draws of '%s': wanted at most %d", where, a->name, MOST_DRAWS);
    return EXIT_DONE;
}

static int check(const char *where, const trial *x) {
    if (!is_file_name(x->name))
        return fail_with(EXIT_INPUT, "%s: name '%s' becomes a directory's: wanted letters, digits, '_', '-' and '.'",
                         where, x->name);
    int code = check_settings(where, "all arms", x->settings, x->settings_count);
    for (unsigned i = 0; i < x->arms_count && code == EXIT_DONE; i++) {
        const char *name = x->arms[i].name;
        if (!is_file_name(name))
            return fail_with(EXIT_INPUT,
                             "%s: arm '%s' becomes a directory's name: wanted letters, digits, '_', '-' and '.'", where,
                             name);
        for (unsigned j = 0; j < i; j++)
            if (strcmp(name, x->arms[j].name) == 0)
                return fail_with(EXIT_INPUT, "%s: there are two arms '%s'", where, name);
        code = check_settings(where, name, x->arms[i].settings, x->arms[i].settings_count);
    }
    for (unsigned i = 0; i < x->arms_count && code == EXIT_DONE; i++) code = check_judge(where, x, &x->arms[i]);
    for (unsigned i = 0; i < x->seeds_count && code == EXIT_DONE; i++)
        for (unsigned j = 0; j < i; j++)
            if (x->seeds[i] == x->seeds[j])
                return fail_with(EXIT_INPUT, "%s: seed %llu is given twice", where, (unsigned long long)x->seeds[i]);
    return code;
}

/* ---- reading and writing ---- */

static int complain(const char *path, cyaml_err_t error, const complaint *c) {
    char where[MODEL_PATH + 40];
    where_text(path, c->line, where, sizeof where);
    if (error == CYAML_ERR_FILE_OPEN) return fail_with(EXIT_INPUT, "%s: the file cannot be opened", path);
    if (error == CYAML_ERR_OOM) return fail_with(EXIT_RESOURCE, "%s: out of memory", path);
    if (error == CYAML_ERR_INVALID_KEY && c->key[0] != '\0')
        return fail_with(EXIT_INPUT, "%s: an experiment has no '%s' here; `pvgame experiment --help` says what it has",
                         where, c->key);
    if (error == CYAML_ERR_MAPPING_FIELD_MISSING || error == CYAML_ERR_SEQUENCE_ENTRIES_MIN)
        return fail_with(EXIT_INPUT, "%s: %s; wanted are name, seeds, and arms that have a name each", where, c->text);
    if (error == CYAML_ERR_LIBYAML_PARSER) return no_yaml(path, where, c->text);
    return fail_with(EXIT_INPUT, "%s: %s%s%s", where, c->text[0] != '\0' ? c->text : cyaml_strerror(error),
                     c->inner[0] != '\0' ? ", in " : "", c->inner);
}

static int load(const char *path, const char *yaml, trial **out) {
    complaint heard = {.line = 0};
    cyaml_config_t config = yaml_config(&heard);
    cyaml_data_t *data = NULL;
    cyaml_err_t error =
        yaml != NULL ? cyaml_load_data((const uint8_t *)yaml, strlen(yaml), &config, &experiment_schema, &data, NULL)
                     : cyaml_load_file(path, &config, &experiment_schema, &data, NULL);
    if (error != CYAML_OK) return complain(path, error, &heard);
    int code = check(path, data);
    if (code == EXIT_DONE)
        *out = data;
    else
        experiment_free(data);
    return code;
}

int experiment_open(const char *name, trial **out) {
    const char *names[MOST_ARMS] = {NULL};
    for (size_t i = 0; embedded_experiments[i].name != NULL; i++) {
        names[i] = embedded_experiments[i].name;
        if (strcmp(name, names[i]) == 0) return load(name, embedded_experiments[i].yaml, out);
    }
    if (is_directory(name))
        return fail_with(EXIT_INPUT, "%s: is a directory, an experiment's file or name is wanted", name);
    if (path_exists(name)) return load(name, NULL, out);
    const char *guess = nearest_name(name, names);
    if (guess != NULL)
        return fail_with(EXIT_INPUT, "there is no file or experiment '%s'; did you mean '%s'?", name, guess);
    return fail_with(EXIT_INPUT,
                     "there is no file or experiment '%s'; `pvgame experiment --list` lists those that are built in",
                     name);
}

int experiment_save(const trial *x, const char *path) {
    complaint heard = {.line = 0};
    cyaml_config_t config = yaml_config(&heard);
    char *text = NULL;
    size_t length = 0;
    cyaml_err_t error = cyaml_save_data(&text, &length, &config, &experiment_schema, x, 0);
    if (error != CYAML_OK) return fail_with(EXIT_RESOURCE, "%s: %s", path, cyaml_strerror(error));
    int code = write_whole(path, text, length);
    free(text);
    return code;
}

/* ---- changes from the command line ---- */

int experiment_set_seeds(trial *x, const char *list) {
    const char *at = list;
    unsigned count = 0;
    uint64_t *seeds = calloc(MOST_SEEDS, sizeof *seeds);
    if (seeds == NULL) return fail_with(EXIT_RESOURCE, "out of memory");
    free(x->seeds);
    x->seeds = seeds;
    for (;;) {
        char *end;
        errno = 0;
        unsigned long long seed = strtoull(at, &end, 10);
        if (*at < '0' || *at > '9' || errno != 0 || (*end != ',' && *end != '\0') || count == MOST_SEEDS)
            return fail_with(EXIT_USAGE, "--seeds %s: wanted whole numbers with commas between them, at most %d", list,
                             MOST_SEEDS);
        seeds[count++] = seed;
        x->seeds_count = count;
        if (*end == '\0') return check("--seeds", x);
        at = end + 1;
    }
}

int experiment_add_settings(trial *x, const char *const *settings, size_t count) {
    for (unsigned a = 0; a < x->arms_count; a++) {
        trial_arm *arm = &x->arms[a];
        char **grown = realloc(arm->settings, (arm->settings_count + count + 1) * sizeof *grown);
        if (grown == NULL) return fail_with(EXIT_RESOURCE, "out of memory");
        arm->settings = grown;
        for (size_t i = 0; i < count; i++) {
            if ((grown[arm->settings_count] = strdup(settings[i])) == NULL)
                return fail_with(EXIT_RESOURCE, "out of memory");
            arm->settings_count++;
        }
    }
    return EXIT_DONE;
}

/* ---- the same experiment ---- */

static bool same_text(const char *a, const char *b) { return strcmp(a != NULL ? a : "", b != NULL ? b : "") == 0; }

static bool same_settings(char *const *a, unsigned count_a, char *const *b, unsigned count_b) {
    if (count_a != count_b) return false;
    for (unsigned i = 0; i < count_a; i++)
        if (strcmp(a[i], b[i]) != 0) return false;
    return true;
}

bool experiment_agrees(const trial *x, const trial *other, const char **different) {
    bool all = same_settings(x->settings, x->settings_count, other->settings, other->settings_count);
    for (unsigned i = 0; i < x->arms_count; i++)
        for (unsigned j = 0; j < other->arms_count; j++) {
            const trial_arm *a = &x->arms[i], *b = &other->arms[j];
            if (strcmp(a->name, b->name) != 0) continue;
            *different = a->name;
            if (!all || !same_text(a->preset, b->preset)) return false;
            if (!same_settings(a->settings, a->settings_count, b->settings, b->settings_count)) return false;
        }
    return true;
}

int arm_settings(pvg_context *context, const trial *x, const trial_arm *a, uint64_t seed, pvg_settings **out) {
    pvg_settings *settings;
    char text[32];
    if (pvg_settings_create(context, &settings) != PVG_OK) return fail(context);
    int code = a->preset != NULL && pvg_settings_preset(settings, a->preset) != PVG_OK ? fail(context) : EXIT_DONE;
    for (unsigned i = 0; i < x->settings_count && code == EXIT_DONE; i++)
        code = assign_setting(context, settings, x->settings[i]);
    for (unsigned i = 0; i < a->settings_count && code == EXIT_DONE; i++)
        code = assign_setting(context, settings, a->settings[i]);
    snprintf(text, sizeof text, "%llu", (unsigned long long)seed);
    if (code == EXIT_DONE) code = set_setting(context, settings, "seed", text);
    if (code == EXIT_DONE && pvg_settings_check(settings) != PVG_OK) code = fail(context);
    if (code == EXIT_DONE)
        *out = settings;
    else
        pvg_settings_destroy(settings);
    return code;
}
