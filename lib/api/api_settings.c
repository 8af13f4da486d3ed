/* api_settings.c - named values. */
#include "api/api_objects.h"

static const pvi_setting_def *definition(size_t index) {
    const pvi_settings_table *table = pvi_game_settings();
    return index < table->count ? &table->defs[index] : NULL;
}
static const pvi_preset *preset_at(size_t index) {
    const pvi_settings_table *table = pvi_game_settings();
    return index < table->preset_count ? &table->presets[index] : NULL;
}

size_t pvg_setting_count(void) { return pvi_game_settings()->count; }
const char *pvg_setting_name(size_t index) { return definition(index) != NULL ? definition(index)->name : NULL; }
const char *pvg_setting_summary(size_t index) { return definition(index) != NULL ? definition(index)->summary : NULL; }
pvg_setting_kind pvg_setting_kind_of(size_t index) { return definition(index) != NULL ? definition(index)->kind : 0; }
const char *pvg_setting_default(size_t index) { return definition(index) != NULL ? definition(index)->initial : NULL; }
const char *pvg_setting_choices(size_t index) {
    const pvi_setting_def *def = definition(index);
    return def == NULL ? NULL : def->choices != NULL ? def->choices : "";
}
pvg_status pvg_setting_bounds(size_t index, double *lowest, double *highest) {
    const pvi_setting_def *def = definition(index);
    if (def == NULL || lowest == NULL || highest == NULL) return PVG_E_INVALID;
    if (def->kind != PVI_SETTING_INT && def->kind != PVI_SETTING_REAL) return PVG_E_NOT_FOUND;
    *lowest = def->lowest;
    *highest = def->highest;
    return PVG_OK;
}
size_t pvg_preset_count(void) { return pvi_game_settings()->preset_count; }
const char *pvg_preset_name(size_t index) { return preset_at(index) != NULL ? preset_at(index)->name : NULL; }
const char *pvg_preset_summary(size_t index) { return preset_at(index) != NULL ? preset_at(index)->summary : NULL; }

static pvg_status wrap(pvg_context *context, pvi_settings *values, pvg_settings **out) {
    pvg_settings *settings = pvi_api_object(context, sizeof *settings);
    if (settings == NULL) {
        pvi_settings_destroy(&context->env, values);
        return PVG_E_NOMEM;
    }
    settings->values = values;
    *out = settings;
    return PVG_OK;
}

pvg_status pvg_settings_create(pvg_context *context, pvg_settings **out) {
    API_ENTER(context);
    API_NEED(context, out);
    pvi_settings *values;
    API_TRY(pvi_settings_create(&context->env, pvi_game_settings(), &values));
    return wrap(context, values, out);
}

pvg_status pvg_settings_clone(const pvg_settings *settings, pvg_settings **out) {
    API_ENTER_OF(settings);
    API_NEED(settings->context, out);
    pvi_settings *values;
    API_TRY(pvi_settings_copy(&settings->context->env, settings->values, &values));
    return wrap(settings->context, values, out);
}

void pvg_settings_destroy(pvg_settings *settings) {
    if (settings == NULL) return;
    pvi_settings_destroy(&settings->context->env, settings->values);
    pvi_api_object_free(settings);
}

pvg_status pvi_api_settings(pvg_context *context, const pvg_settings *settings, pvi_settings **out) {
    if (settings == NULL) return pvi_settings_create(&context->env, pvi_game_settings(), out);
    return pvi_settings_copy(&context->env, settings->values, out);
}

pvg_status pvg_settings_preset(pvg_settings *settings, const char *preset) {
    API_ENTER_OF(settings);
    API_NEED(settings->context, preset);
    return pvi_settings_preset(&settings->context->env, settings->values, preset);
}

pvg_status pvg_settings_set(pvg_settings *settings, const char *name, const char *value) {
    API_ENTER_OF(settings);
    API_NEED(settings->context, name);
    API_NEED(settings->context, value);
    return pvi_settings_set(&settings->context->env, settings->values, name, value);
}

static pvg_status unknown(const pvg_settings *settings, const char *name) {
    /* Setting it would fail with the same sentence and its suggestion. */
    return pvi_settings_set(&settings->context->env, settings->values, name, "");
}

pvg_status pvg_settings_set_int(pvg_settings *settings, const char *name, int64_t value) {
    API_ENTER_OF(settings);
    API_NEED(settings->context, name);
    const pvi_setting_def *def = pvi_settings_find(pvi_game_settings(), name);
    char text[PVI_NUMBER_SIZE];
    pvi_text_format(text, sizeof text, "%lld", (long long)value);
    if (def != NULL && def->kind == PVI_SETTING_FLAG && (value == 0 || value == 1))
        return pvi_settings_set(&settings->context->env, settings->values, name, value == 1 ? "true" : "false");
    return pvi_settings_set(&settings->context->env, settings->values, name, text);
}

pvg_status pvg_settings_set_real(pvg_settings *settings, const char *name, double value) {
    API_ENTER_OF(settings);
    API_NEED(settings->context, name);
    if (value != value || value - value != 0)
        return pvi_fail(&settings->context->env, PVG_E_RANGE, "settings", "%s: the value is not a finite number", name);
    char text[PVI_NUMBER_SIZE];
    pvi_text_from_double(value, text);
    return pvi_settings_set(&settings->context->env, settings->values, name, text);
}

static pvg_status find(const pvg_settings *settings, const char *name, int first, int second, const char *wanted) {
    const pvi_setting_def *def = pvi_settings_find(pvi_game_settings(), name);
    if (def == NULL) return unknown(settings, name);
    if (def->kind == first || def->kind == second) return PVG_OK;
    return pvi_fail(&settings->context->env, PVG_E_INVALID, "settings", "%s is not %s: ask for its text", name, wanted);
}

pvg_status pvg_settings_get_int(const pvg_settings *settings, const char *name, int64_t *out) {
    API_ENTER_OF(settings);
    API_NEED(settings->context, name);
    API_NEED(settings->context, out);
    API_TRY(find(settings, name, PVI_SETTING_INT, PVI_SETTING_FLAG, "a whole number or a flag"));
    bool flag = pvi_settings_find(pvi_game_settings(), name)->kind == PVI_SETTING_FLAG;
    *out = flag ? pvi_settings_flag(settings->values, name) : pvi_settings_int(settings->values, name);
    return PVG_OK;
}

pvg_status pvg_settings_get_real(const pvg_settings *settings, const char *name, double *out) {
    API_ENTER_OF(settings);
    API_NEED(settings->context, name);
    API_NEED(settings->context, out);
    API_TRY(find(settings, name, PVI_SETTING_REAL, PVI_SETTING_INT, "a number"));
    bool whole = pvi_settings_find(pvi_game_settings(), name)->kind == PVI_SETTING_INT;
    *out = whole ? (double)pvi_settings_int(settings->values, name) : pvi_settings_real(settings->values, name);
    return PVG_OK;
}

pvg_status pvg_settings_get(const pvg_settings *settings, const char *name, const char **out) {
    API_ENTER_OF(settings);
    API_NEED(settings->context, name);
    API_NEED(settings->context, out);
    if (pvi_settings_find(pvi_game_settings(), name) == NULL) return unknown(settings, name);
    *out = pvi_settings_text(settings->values, name);
    return PVG_OK;
}

pvg_status pvg_settings_check(const pvg_settings *settings) {
    API_ENTER_OF(settings);
    pvi_config config;
    return pvi_config_read(&settings->context->env, settings->values, &config);
}

pvg_status pvg_settings_write(const pvg_settings *settings, int32_t comments, char *buffer, size_t capacity, size_t *needed) {
    API_ENTER_OF(settings);
    pvi_text yaml;
    pvi_text_init(&yaml, &settings->context->env);
    pvg_status status = pvi_settings_write_yaml(settings->values, comments != 0, &yaml);
    if (status == PVG_OK) status = pvi_api_give(settings->context, yaml.data, yaml.length, buffer, capacity, needed);
    pvi_text_free(&yaml);
    return status;
}
