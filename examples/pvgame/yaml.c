/* yaml.c - settings from YAML. libcyaml checks the file against a schema that is made here of the library's own list of
 * settings: groups are mappings, every value is taken as it is written and read by the library. */
#include <cyaml/cyaml.h>
#include <stdlib.h>
#include <string.h>

#include "cli.h"

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

/* What libcyaml says while it fails: the sentence first, then where. */
typedef struct complaint {
    char text[512];
    char key[128];   /* of an unexpected key */
    char group[128]; /* innermost mapping it stood in */
    unsigned long line;
} complaint;

static void listen(cyaml_log_t level, void *user, const char *format, va_list list) {
    complaint *c = user;
    char line[512];
    if (level < CYAML_LOG_ERROR) return;
    vsnprintf(line, sizeof line, format, list);
    line[strcspn(line, "\n")] = '\0';
    const char *key = strstr(line, "Unexpected key: "), *field = strstr(line, "in mapping field '"), *at = strstr(line, "line: ");
    if (key != NULL) snprintf(c->key, sizeof c->key, "%s", key + strlen("Unexpected key: "));
    if (field != NULL && c->group[0] == '\0') {
        snprintf(c->group, sizeof c->group, "%s", field + strlen("in mapping field '"));
        c->group[strcspn(c->group, "'")] = '\0';
    }
    if (at != NULL && c->line == 0) c->line = strtoul(at + strlen("line: "), NULL, 10);
    const char *sentence = strncmp(line, "Load: ", 6) == 0 ? line + 6 : line;
    if (c->text[0] == '\0') snprintf(c->text, sizeof c->text, "%s", sentence);
}

/* The library knows best what was meant: ask it to set the unknown name. */
static int unknown_key(pvg_context *context, const char *path, const complaint *c, pvg_settings *settings) {
    char name[300], where[40] = "";
    snprintf(name, sizeof name, "%s%s%s", c->group, c->group[0] != '\0' ? "." : "", c->key);
    if (c->line > 0) snprintf(where, sizeof where, ":%lu", c->line);
    if (pvg_settings_set(settings, name, "") == PVG_OK) return EXIT_INPUT;
    return fail_with(EXIT_INPUT, "%s%s: %s", path, where, pvg_error_message(context));
}

static int complain(pvg_context *context, const char *path, cyaml_err_t error, const complaint *c, pvg_settings *settings) {
    char where[40] = "";
    if (error == CYAML_ERR_INVALID_KEY && c->key[0] != '\0') return unknown_key(context, path, c, settings);
    if (error == CYAML_ERR_FILE_OPEN) return fail_with(EXIT_INPUT, "%s: the file cannot be opened", path);
    if (error == CYAML_ERR_OOM) return fail_with(EXIT_RESOURCE, "%s: out of memory", path);
    if (c->line > 0) snprintf(where, sizeof where, ":%lu", c->line);
    return fail_with(EXIT_INPUT, "%s%s: %s; wanted YAML such as `pvgame train --dry-run` prints", path, where,
                     c->text[0] != '\0' ? c->text : cyaml_strerror(error));
}

static int apply(pvg_context *context, const char *path, const schema *s, char *const *value, pvg_settings *settings) {
    for (size_t i = 0; i < s->settings; i++)
        if (value[s->slot[i]] != NULL && pvg_settings_set(settings, pvg_setting_name(i), value[s->slot[i]]) != PVG_OK)
            return fail_with(EXIT_INPUT, "%s: %s", path, pvg_error_message(context));
    return EXIT_DONE;
}

int read_yaml(pvg_context *context, const char *path, pvg_settings *settings) {
    schema s;
    if (!schema_make(&s)) {
        schema_free(&s);
        return fail_with(EXIT_RESOURCE, "%s: out of memory", path);
    }
    complaint heard = {.line = 0};
    cyaml_config_t config = {.log_level = CYAML_LOG_ERROR, .log_fn = listen, .log_ctx = &heard, .mem_fn = cyaml_mem,
                             .flags = CYAML_CFG_DEFAULT};
    cyaml_data_t *data = NULL;
    cyaml_err_t error = cyaml_load_file(path, &config, &s.document, &data, NULL);
    int code = error != CYAML_OK ? complain(context, path, error, &heard, settings)
               : data == NULL    ? EXIT_DONE /* an empty document changes nothing */
                                 : apply(context, path, &s, (char *const *)data, settings);
    cyaml_free(&config, &s.document, data, 0);
    schema_free(&s);
    return code;
}
