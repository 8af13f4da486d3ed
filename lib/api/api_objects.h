/* api_objects.h - what stands behind the public handles, and the guards that every public function begins with.
 *
 * Every object holds a reference to its context, so that a host may destroy things in any order. */
#ifndef PVI_API_OBJECTS_H
#define PVI_API_OBJECTS_H

#include <string.h>

#include "base/alloc.h"
#include "base/text.h"
#include "game/cast.h"
#include "game/report.h"
#include "pvgame/pvgame.h"

struct pvg_context {
    pvi_env env;
    atomic_int references;
};

struct pvg_settings {
    pvg_context *context;
    pvi_settings *values;
};

struct pvg_dataset {
    pvg_context *context;
    pvi_dataset *data;
};

struct pvg_tokenizer {
    pvg_context *context;
    pvi_tokenizer *tokenizer;
};

struct pvg_model {
    pvg_context *context;
    pvi_model *model;
    atomic_int references; /* the handle's, and one for each player made from it */
};

/* A player of one's own is a model with the way it is spoken to (the built-in grader: rules alone); a host's is hooks. */
typedef struct pvi_seat {
    pvg_context *context;
    pvi_player *host; /* NULL: the library's own */
    pvg_model *model; /* NULL for hosts and graders */
    pvi_settings *settings;
    pvi_config config; /* borrows texts from settings */
    pvi_voice voice;
} pvi_seat;
struct pvg_prover { pvi_seat seat; };
struct pvg_verifier { pvi_seat seat; };
struct pvg_grader { pvi_seat seat; };

struct pvg_report {
    pvg_context *context;
    pvi_report report;
};

pvg_context *pvi_context_retain(pvg_context *context);
void pvi_context_release(pvg_context *context);
pvg_model *pvi_handle_retain(pvg_model *model);

/* PVG_E_INVALID without a context, PVG_E_BUSY inside a hook of it. */
pvg_status pvi_api_enter(pvg_context *context, const char *function);
pvg_status pvi_api_null(pvg_context *context, const char *function, const char *argument);
/* Objects that work together belong to one context. */
pvg_status pvi_api_same(pvg_context *context, const pvg_context *other, const char *what);

#define API_ENTER(handle)                                                                                              \
    do {                                                                                                               \
        pvg_status entered_ = pvi_api_enter(handle, __func__);                                                         \
        if (entered_ != PVG_OK) return entered_;                                                                       \
    } while (0)
/* For functions of an object: its context, or PVG_E_INVALID. */
#define API_ENTER_OF(object)                                                                                           \
    do {                                                                                                               \
        if ((object) == NULL) return PVG_E_INVALID;                                                                    \
        API_ENTER((object)->context);                                                                                  \
    } while (0)
#define API_ENTER_SEAT(player)                                                                                         \
    do {                                                                                                               \
        if ((player) == NULL) return PVG_E_INVALID;                                                                    \
        API_ENTER((player)->seat.context);                                                                             \
    } while (0)
#define API_NEED(context, argument)                                                                                    \
    do {                                                                                                               \
        if ((argument) == NULL) return pvi_api_null(context, __func__, #argument);                                     \
    } while (0)
/* Passes a failure on. */
#define API_TRY(call)                                                                                                  \
    do {                                                                                                               \
        pvg_status tried_ = (call);                                                                                    \
        if (tried_ != PVG_OK) return tried_;                                                                           \
    } while (0)

static inline size_t pvi_api_length(const char *text, size_t length) {
    return length == PVG_NUL_TERMINATED ? strlen(text) : length;
}

/* A zeroed handle of `size` bytes whose first member is its context, retained. */
void *pvi_api_object(pvg_context *context, size_t size);
void pvi_api_object_free(void *object); /* and release the context */

/* The rule of caller-filled buffers. */
pvg_status pvi_api_give(pvg_context *context, const char *text, size_t length, char *buffer, size_t capacity,
                        size_t *needed);
/* Structs that begin with struct_size. Reading: `into` holds the library's defaults and gets the caller's prefix; a
 * larger caller's extra bytes must be zero. Writing: the caller gets what it has room for, and zeros beyond. */
pvg_status pvi_api_read_struct(pvi_env *env, const char *name, const void *from, void *into, size_t size);
pvg_status pvi_api_write_struct(pvi_env *env, const char *name, void *to, const void *from, size_t size);

/* Settings as given, or the defaults when NULL; the caller destroys *out. */
pvg_status pvi_api_settings(pvg_context *context, const pvg_settings *settings, pvi_settings **out);

pvg_status pvi_api_wrap_dataset(pvg_context *context, pvi_dataset *data, pvg_dataset **out);     /* takes data in any case */
pvg_status pvi_api_wrap_model(pvg_context *context, pvi_model *model, pvg_model **out);          /* takes model in any case */
pvg_status pvi_api_report(pvg_context *context, pvg_report **out);                               /* an empty one */

/* Players as they are asked outside of a game; each may be NULL. */
pvg_status pvi_api_check_cast(pvg_context *context, const pvg_prover *prover, const pvg_verifier *verifier, const pvg_grader *grader);
pvi_cast pvi_api_cast(pvg_context *context, const pvi_config *config, pvg_prover *prover, pvg_verifier *verifier, pvg_grader *grader);

#endif
