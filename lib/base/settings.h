/* settings.h - named, typed, bounded values. Adding a setting adds no ABI.
 *
 * The mechanism only: tables of definitions are contributed by higher layers. */
#ifndef PVI_SETTINGS_H
#define PVI_SETTINGS_H

#include "base/env.h"
#include "base/text.h"

enum { PVI_SETTING_INT = 1, PVI_SETTING_REAL = 2, PVI_SETTING_TEXT = 3, PVI_SETTING_FLAG = 4, PVI_SETTING_CHOICE = 5 };

typedef struct pvi_setting_def {
    const char *name;    /* dotted: "prover.width" */
    int32_t kind;        /* PVI_SETTING_* */
    double lowest, highest; /* bounds of INT and REAL */
    const char *initial; /* default, as text */
    const char *choices; /* CHOICE: "center|zscore|none" */
    const char *summary; /* one sentence with the unit and, where there is one, the paper's equation */
} pvi_setting_def;

typedef struct pvi_preset {
    const char *name, *summary;
    const char *const *assignments; /* "name=value" strings, NULL at the end */
} pvi_preset;

typedef struct pvi_settings_table {
    const pvi_setting_def *defs;
    size_t count;
    const pvi_preset *presets;
    size_t preset_count;
} pvi_settings_table;

typedef struct pvi_settings pvi_settings;
pvg_status pvi_settings_create(pvi_env *env, const pvi_settings_table *table, pvi_settings **out);
pvg_status pvi_settings_copy(pvi_env *env, const pvi_settings *from, pvi_settings **out);
void pvi_settings_destroy(pvi_env *env, pvi_settings *settings);

/* PVG_E_NOT_FOUND for an unknown name, with the nearest known one suggested; PVG_E_RANGE outside the bounds or the
 * choices, PVG_E_FORMAT when the text is not of the setting's kind. A failed set changes nothing. */
pvg_status pvi_settings_set(pvi_env *env, pvi_settings *settings, const char *name, const char *value);
pvg_status pvi_settings_preset(pvi_env *env, pvi_settings *settings, const char *preset);
/* Is the value something else than the definition's default? */
bool pvi_settings_changed(const pvi_settings *settings, const char *name);

/* For code that names a setting in its own table: an unknown name is a programming error and returns 0 / "". */
int64_t pvi_settings_int(const pvi_settings *settings, const char *name);
double pvi_settings_real(const pvi_settings *settings, const char *name);
bool pvi_settings_flag(const pvi_settings *settings, const char *name);
const char *pvi_settings_text(const pvi_settings *settings, const char *name); /* any kind, canonical text; borrowed */
int pvi_settings_choice(const pvi_settings *settings, const char *name);       /* index into choices */
const pvi_setting_def *pvi_settings_find(const pvi_settings_table *table, const char *name);

/* Nested YAML ("prover:\n  width: 64\n"), with a comment a line from the summaries if `comments`. */
pvg_status pvi_settings_write_yaml(const pvi_settings *settings, bool comments, pvi_text *out);
/* {"prover.width": 64, ...}: what a checkpoint stores; reading it back restores every value exactly. */
pvg_status pvi_settings_write_json(const pvi_settings *settings, pvi_text *out);
pvg_status pvi_settings_read_json(pvi_env *env, pvi_settings *settings, const char *json, size_t length);

#endif
