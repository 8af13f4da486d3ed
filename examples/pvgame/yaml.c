/* yaml.c - settings from YAML. libcyaml checks the file against a schema that is made here of the library's own list of
 * settings: groups are mappings, every value is taken as it is written and read by the library. */
#include <stdlib.h>
#include <string.h>

#include "cli.h"
#include "yaml.h"

/* Where each setting's text lands: one char * each, members of a group next to each other. */
typedef struct schema {
    size_t settings, groups;
    size_t *slot;                        /* by setting */
    char **group;                        /* names; "" for settings without a dot */
    cyaml_schema_field_t **group_fields; /* by group */
    cyaml_schema_field_t *top;
    cyaml_schema_value_t document;
} schema;

static void schema_free(schema *s) {
    for (size_t g = 0; g < s->groups; g++) {
        free(s->group[g]);
        free(s->group_fields[g]);
    }
    free(s->group);
    free(s->group_fields);
    free(s->slot);
    free(s->top);
}

static size_t group_length(const char *name) {
    const char *dot = strchr(name, '.');
    return dot == NULL ? 0 : (size_t)(dot - name);
}

static bool in_group(const char *name, const char *group) {
    size_t length = group_length(name);
    return strlen(group) == length && strncmp(name, group, length) == 0;
}

static bool list_groups(schema *s) {
    for (size_t i = 0; i < s->settings; i++) {
        const char *name = pvg_setting_name(i);
        size_t g = 0;
        while (g < s->groups && !in_group(name, s->group[g])) g++;
        if (g < s->groups) continue;
        if ((s->group[g] = strndup(name, group_length(name))) == NULL) return false;
        s->groups++;
    }
    return true;
}

static cyaml_schema_field_t text_field(const char *key, size_t slot) {
    return (cyaml_schema_field_t){.key = key, .data_offset = (uint32_t)(slot * sizeof(char *)),
                                  .value = {.type = CYAML_STRING, .flags = CYAML_FLAG_POINTER | CYAML_FLAG_OPTIONAL,
                                            .data_size = sizeof(char), .string = {.min = 0, .max = 65536}}};
}

/* Fields of one group, from slot `first` on; gives how many there are. */
static bool fill_group(schema *s, size_t g, size_t first, size_t *count) {
    size_t room = 1;
    for (size_t i = 0; i < s->settings; i++) room += in_group(pvg_setting_name(i), s->group[g]);
    cyaml_schema_field_t *fields = calloc(room, sizeof *fields);
    if (fields == NULL) return false;
    s->group_fields[g] = fields;
    *count = 0;
    bool top = s->group[g][0] == '\0';
    for (size_t i = 0; i < s->settings; i++) {
        const char *name = pvg_setting_name(i);
        if (!in_group(name, s->group[g])) continue;
        s->slot[i] = first + *count;
        fields[*count] = text_field(top ? name : name + group_length(name) + 1, top ? first + *count : *count);
        (*count)++;
    }
    return true;
}

static bool schema_make(schema *s) {
    *s = (schema){.settings = pvg_setting_count()};
    s->slot = calloc(s->settings, sizeof *s->slot);
    s->group = calloc(s->settings + 1, sizeof *s->group);
    s->group_fields = calloc(s->settings + 1, sizeof *s->group_fields);
    s->top = calloc(s->settings + 1, sizeof *s->top);
    if (s->slot == NULL || s->group == NULL || s->group_fields == NULL || s->top == NULL || !list_groups(s)) return false;
    size_t slot = 0, fields = 0;
    for (size_t g = 0; g < s->groups; g++) {
        size_t count;
        if (!fill_group(s, g, slot, &count)) return false;
        if (s->group[g][0] == '\0') {
            memcpy(s->top + fields, s->group_fields[g], count * sizeof *s->top);
            fields += count;
        } else {
            s->top[fields++] = (cyaml_schema_field_t){
                .key = s->group[g], .data_offset = (uint32_t)(slot * sizeof(char *)),
                .value = {.type = CYAML_MAPPING, .flags = CYAML_FLAG_OPTIONAL, .data_size = (uint32_t)(count * sizeof(char *)),
                          .mapping = {.fields = s->group_fields[g]}}};
        }
        slot += count;
    }
    s->document = (cyaml_schema_value_t){.type = CYAML_MAPPING, .flags = CYAML_FLAG_POINTER,
                                         .data_size = (uint32_t)(slot * sizeof(char *)), .mapping = {.fields = s->top}};
    return true;
}

/* ---- what is wrong with a file ---- */

static void listen(cyaml_log_t level, void *user, const char *format, va_list list) {
    complaint *c = user;
    char line[512];
    if (level < CYAML_LOG_ERROR) return;
    vsnprintf(line, sizeof line, format, list);
    line[strcspn(line, "\n")] = '\0';
    const char *key = strstr(line, "Unexpected key: "), *field = strstr(line, "in mapping field '"), *at = strstr(line, "line: ");
    if (key != NULL) snprintf(c->key, sizeof c->key, "%s", key + strlen("Unexpected key: "));
    if (field != NULL) {
        char *into = c->inner[0] == '\0' ? c->inner : c->outer;
        snprintf(into, sizeof c->inner, "%s", field + strlen("in mapping field '"));
        into[strcspn(into, "'")] = '\0';
    }
    if (at != NULL && c->line == 0) c->line = strtoul(at + strlen("line: "), NULL, 10);
    const char *sentence = strncmp(line, "Load: ", 6) == 0 ? line + 6 : line;
    if (c->text[0] == '\0') snprintf(c->text, sizeof c->text, "%s", sentence);
}

cyaml_config_t yaml_config(complaint *heard) {
    return (cyaml_config_t){.log_level = CYAML_LOG_ERROR, .log_fn = listen, .log_ctx = heard, .mem_fn = cyaml_mem,
                            .flags = CYAML_CFG_DEFAULT};
}

/* The first line, from 1, that `wanted` holds true of; 0 when none does or the file cannot be read again. */
static unsigned long find_line(const char *path, bool (*wanted)(void *arg, const char *line), void *arg) {
    FILE *file = fopen(path, "r");
    char *line = NULL;
    size_t room = 0;
    unsigned long number = 0, found = 0;
    while (file != NULL && found == 0 && getline(&line, &room, file) >= 0) {
        number++;
        if (wanted(arg, line)) found = number;
    }
    free(line);
    if (file != NULL) fclose(file);
    return found;
}

static bool is_tabbed(void *arg, const char *line) {
    (void)arg;
    return line[strspn(line, " ")] == '\t' && line[strspn(line, " \t\r\n")] != '\0';
}

/* A setting written as `group:` and, further in, `key: value`. */
typedef struct place {
    const char *name;
    bool inside; /* the group has begun */
} place;

static bool is_key(const char *line, const char *key, size_t length) { return strncmp(line, key, length) == 0 && line[length] == ':'; }

static bool is_setting(void *arg, const char *line) {
    place *p = arg;
    size_t group = group_length(p->name), indent = strspn(line, " ");
    if (group == 0) return is_key(line, p->name, strlen(p->name));
    if (indent == 0 && line[0] != '#' && line[0] != '\n') p->inside = is_key(line, p->name, group);
    const char *key = p->name + group + 1;
    return p->inside && indent > 0 && is_key(line + indent, key, strlen(key));
}

const char *where_text(const char *path, unsigned long line, char *buffer, size_t size) {
    if (line > 0) snprintf(buffer, size, "%s:%lu", path, line);
    else snprintf(buffer, size, "%s", path);
    return buffer;
}

static int unknown_group(const char *where, const char *key, const schema *s) {
    const char *names[s->settings + 1];
    size_t count = 0;
    while (s->top[count].key != NULL) {
        names[count] = s->top[count].key;
        count++;
    }
    names[count] = NULL;
    const char *guess = nearest_name(key, names);
    if (guess != NULL) return fail_with(EXIT_INPUT, "%s: there is no setting '%s'; did you mean '%s'?", where, key, guess);
    return fail_with(EXIT_INPUT, "%s: there is no setting '%s'; `pvgame settings` lists them", where, key);
}

/* Where a name stands; `near`, libcyaml's own guess, when it is written in another way. */
static unsigned long line_of(const char *path, const char *name, unsigned long near) {
    place p = {.name = name};
    unsigned long line = find_line(path, is_setting, &p);
    return line > 0 ? line : near;
}

/* Within a group the library knows best what was meant: ask it to set the unknown name. */
static int unknown_key(pvg_context *context, const char *where, const char *name, const schema *s, pvg_settings *settings) {
    if (group_length(name) == 0) return unknown_group(where, name, s);
    if (pvg_settings_set(settings, name, "") == PVG_OK) return EXIT_INPUT;
    return fail_with(EXIT_INPUT, "%s: %s", where, pvg_error_message(context));
}

/* libcyaml found another kind of thing than the schema has. */
static int wrong_kind(const char *where, const char *name, const char *sentence) {
    const char *found = strstr(sentence, "SEQUENCE") != NULL        ? "a list"
                        : strstr(sentence, "MAPPING_START") != NULL ? "a group"
                                                                    : "a value";
    if (name[0] == '\0')
        return fail_with(EXIT_INPUT, "%s: the file holds %s; wanted lines such as `pvgame train --dry-run` prints", where, found);
    if (strstr(sentence, "Expecting MAPPING") != NULL)
        return fail_with(EXIT_INPUT, "%s: %s is a group of settings: wanted indented lines under it, found %s", where, name, found);
    return fail_with(EXIT_INPUT, "%s: %s: wanted one value, found %s", where, name, found);
}

int no_yaml(const char *path, const char *where, const char *reason) {
    unsigned long tab = find_line(path, is_tabbed, NULL);
    if (tab > 0) return fail_with(EXIT_INPUT, "%s:%lu: the line begins with a tab; YAML is indented by spaces", path, tab);
    return fail_with(EXIT_INPUT, "%s: this is not YAML: %s", where, strncmp(reason, "libyaml: ", 9) == 0 ? reason + 9 : reason);
}

static int complain(pvg_context *context, const char *path, cyaml_err_t error, const complaint *c, const schema *s,
                    pvg_settings *settings) {
    if (error == CYAML_ERR_FILE_OPEN) return fail_with(EXIT_INPUT, "%s: the file cannot be opened", path);
    if (error == CYAML_ERR_OOM) return fail_with(EXIT_RESOURCE, "%s: out of memory", path);
    bool unknown = error == CYAML_ERR_INVALID_KEY && c->key[0] != '\0';
    const char *outer = unknown ? c->inner : c->outer, *inner = unknown ? c->key : c->inner;
    char name[300], where[MODEL_PATH + 40];
    snprintf(name, sizeof name, "%s%s%s", outer, outer[0] != '\0' ? "." : "", inner);
    where_text(path, name[0] != '\0' ? line_of(path, name, c->line) : c->line, where, sizeof where);
    if (unknown) return unknown_key(context, where, name, s, settings);
    if (strncmp(c->text, "Expecting ", 10) == 0) return wrong_kind(where, name, c->text);
    if (strncmp(c->text, "Mapping field already seen", 26) == 0) return fail_with(EXIT_INPUT, "%s: %s is given twice", where, name);
    return no_yaml(path, where, c->text[0] != '\0' ? c->text : cyaml_strerror(error));
}

static int apply(pvg_context *context, const char *path, const schema *s, char *const *value, pvg_settings *settings) {
    for (size_t i = 0; i < s->settings; i++) {
        if (value[s->slot[i]] == NULL || pvg_settings_set(settings, pvg_setting_name(i), value[s->slot[i]]) == PVG_OK) continue;
        char where[MODEL_PATH + 40];
        return fail_with(EXIT_INPUT, "%s: %s", where_text(path, line_of(path, pvg_setting_name(i), 0), where, sizeof where),
                         pvg_error_message(context));
    }
    return EXIT_DONE;
}

int read_yaml(pvg_context *context, const char *path, pvg_settings *settings) {
    schema s;
    if (is_directory(path)) return fail_with(EXIT_INPUT, "%s: is a directory, a file is wanted", path);
    if (!schema_make(&s)) {
        schema_free(&s);
        return fail_with(EXIT_RESOURCE, "%s: out of memory", path);
    }
    complaint heard = {.line = 0};
    cyaml_config_t config = yaml_config(&heard);
    cyaml_data_t *data = NULL;
    cyaml_err_t error = cyaml_load_file(path, &config, &s.document, &data, NULL);
    int code = error != CYAML_OK ? complain(context, path, error, &heard, &s, settings)
               : data == NULL    ? EXIT_DONE /* an empty document changes nothing */
                                 : apply(context, path, &s, (char *const *)data, settings);
    cyaml_free(&config, &s.document, data, 0);
    schema_free(&s);
    return code;
}
