/* pvgame_settings.h - what a game is described by. Included by pvgame.h.
 *
 * Named, typed, bounded values describe a whole game: "rounds.count", "prover.width", "prover_train.reward". A preset
 * is a set of values under one name. The list of settings, with meaning, unit, bounds and default, is part of the
 * library: the functions pvg_setting_* at the end, `pvgame settings` on the command line, and docs/settings.md.
 *
 *     pvg_settings_create(context, &settings);
 *     pvg_settings_preset(settings, "tiny");
 *     pvg_settings_set(settings, "prover_train.reward", "src");
 *     pvg_settings_set_int(settings, "seed", 7);
 *     if (pvg_settings_check(settings) != PVG_OK) puts(pvg_error_message(context));
 *
 * Calls that take settings copy what they need: changing them afterwards changes nothing made before. */
#ifndef LIBPVGAME_SETTINGS_H
#define LIBPVGAME_SETTINGS_H

#include "pvgame_context.h"

#ifdef __cplusplus
extern "C" {
#endif

/* ====================================================================================================== settings == */

/* A value for every setting there is. */
typedef struct pvg_settings pvg_settings;

/* What values a setting takes. */
typedef int32_t pvg_setting_kind;
enum {
    PVG_SETTING_INT    = 1, /* a whole number within bounds */
    PVG_SETTING_REAL   = 2, /* a finite number within bounds */
    PVG_SETTING_TEXT   = 3, /* any UTF-8 text */
    PVG_SETTING_FLAG   = 4, /* true or false */
    PVG_SETTING_CHOICE = 5  /* one of several words */
};

/* All settings at their defaults, which are those of the preset "demo". */
PVG_API pvg_status pvg_settings_create(pvg_context *context, pvg_settings **out);

/* A copy that is changed on its own. */
PVG_API pvg_status pvg_settings_clone(const pvg_settings *settings, pvg_settings **out);

/* What was made with the settings stays. */
PVG_API void pvg_settings_destroy(pvg_settings *settings);

/* Overlays a named preset: "tiny" (seconds, to see that it runs), "demo" (minutes), "checking", "habits", "gsm8k",
 * "gsm8k_verifier", "paper"; see pvg_preset_summary. Settings that it does not name stay as they are.
 * PVG_E_NOT_FOUND for another name. */
PVG_API pvg_status pvg_settings_preset(pvg_settings *settings, const char *preset);

/* Sets any setting from text: "64", "3e-4", "true", a choice's word. Numbers are read alike in every locale.
 * PVG_E_NOT_FOUND suggests the nearest name; PVG_E_RANGE and PVG_E_FORMAT say what is wanted. A failed set changes
 * nothing. */
PVG_API pvg_status pvg_settings_set(pvg_settings *settings, const char *name, const char *value);

/* Sets an INT, a REAL or a FLAG (0 or 1) from a whole number: as pvg_settings_set with the number's text, errors
 * included. */
PVG_API pvg_status pvg_settings_set_int(pvg_settings *settings, const char *name, int64_t value);

/* Sets a REAL, or an INT where the number is whole: as pvg_settings_set with the number's text, errors included.
 * PVG_E_RANGE for NaN and infinities. */
PVG_API pvg_status pvg_settings_set_real(pvg_settings *settings, const char *name, double value);

/* The value of an INT or a FLAG (0 or 1). PVG_E_NOT_FOUND; PVG_E_INVALID for another kind. */
PVG_API pvg_status pvg_settings_get_int(const pvg_settings *settings, const char *name, int64_t *out);

/* The value of a REAL or an INT. PVG_E_NOT_FOUND; PVG_E_INVALID for another kind. */
PVG_API pvg_status pvg_settings_get_real(const pvg_settings *settings, const char *name, double *out);

/* The value of any kind as text, which lives until that setting changes. PVG_E_NOT_FOUND. */
PVG_API pvg_status pvg_settings_get(const pvg_settings *settings, const char *name, const char **out);

/* Do the values fit together: a width that its heads divide, a template with its places, room in the context? Every
 * call that takes settings asks the same; asking early gives the message early, and it names both sides. PVG_E_RANGE,
 * or PVG_E_FORMAT for a template without its places. */
PVG_API pvg_status pvg_settings_check(const pvg_settings *settings);

/* All values as YAML, nested by the dots in the names; with `comments` (1) each line says what it means. `pvgame train
 * --config` reads it back. A few KB. PVG_E_BUFFER. */
PVG_API pvg_status pvg_settings_write(const pvg_settings *settings, int32_t comments, char *buffer, size_t capacity,
                                      size_t *needed);

/* ============================================================================================= the list of settings == */

/* How many settings there are. Any thread, as all that follow; a later version may have more. */
PVG_API size_t pvg_setting_count(void);

/* The name of setting `index` < pvg_setting_count(), in the order of docs/settings.md; NULL beyond. Static. */
PVG_API const char *pvg_setting_name(size_t index);

/* What it means, with its unit: a sentence. NULL beyond the count. Static. */
PVG_API const char *pvg_setting_summary(size_t index);

/* What values it takes; 0 beyond the count. */
PVG_API pvg_setting_kind pvg_setting_kind_of(size_t index);

/* Its default, as text. NULL beyond the count. Static. */
PVG_API const char *pvg_setting_default(size_t index);

/* The words that a CHOICE takes, "a|b|c"; "" for other kinds, NULL beyond the count. Static. */
PVG_API const char *pvg_setting_choices(size_t index);

/* Lowest and highest value of an INT or a REAL, both included. PVG_E_NOT_FOUND for other kinds, PVG_E_INVALID beyond
 * the count; no message is written. */
PVG_API pvg_status pvg_setting_bounds(size_t index, double *lowest, double *highest);

/* How many presets there are. Any thread, as the next two. */
PVG_API size_t pvg_preset_count(void);

/* The name of preset `index` < pvg_preset_count(); NULL beyond. Static. */
PVG_API const char *pvg_preset_name(size_t index);

/* What it is for: a sentence. NULL beyond the count. Static. */
PVG_API const char *pvg_preset_summary(size_t index);

#ifdef __cplusplus
}
#endif
#endif /* LIBPVGAME_SETTINGS_H */
