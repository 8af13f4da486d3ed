/* player.h - a prover, a verifier or a grader: the library's own (a model, the rules) or the host's (hooks, or
 * pulled). */
#ifndef PVI_PLAYER_H
#define PVI_PLAYER_H

#include "game/config.h"
#include "game/exchange.h"
#include "game/prompt.h"
#include "game/solutions.h"
#include "game/dataset.h"

typedef struct pvi_player {
    pvi_env *env;
    pvi_exchange_kind kind;
    char name[64];
    bool hosted;      /* else own: `model` for provers and verifiers, the built-in rules for a grader */
    pvi_hooks hooks;  /* hosted; answer NULL: pulled */
    uint64_t asked;   /* requests so far: their ids */
    int32_t references;
} pvi_player;

/* `finish` will run when the last reference goes, also if this call fails. */
pvg_status pvi_player_create(pvi_env *env, pvi_exchange_kind kind, const char *name, const pvi_hooks *hooks,
                             pvi_player **out);
pvi_player *pvi_player_retain(pvi_player *player);
void pvi_player_release(pvi_player *player);
/* Call the hook; on success *out is complete and the caller's. */
pvg_status pvi_player_ask(pvi_player *player, const pvg_request *request, pvg_reply **out);
pvg_status pvi_player_tell(pvi_player *player, const pvg_feedback *feedback);

/* Own players, used by games and by the API alike. A voice is a model with the way it is spoken to. */
typedef struct pvi_voice {
    pvi_env *env;
    pvi_model *model;
    const pvi_config *config;
    pvi_example_list list; /* scratch */
} pvi_voice;

typedef struct pvi_prove_job {
    size_t count;
    const uint32_t *problem; /* dataset indices */
    const pvg_role *role;
    int32_t group;
    double temperature;      /* 0: greedy */
    uint64_t seed, stream;   /* sample i of this job draws from stream + i */
    int32_t source;
} pvi_prove_job;
/* Sample with a model and append count * group solutions (ungraded). */
pvg_status pvi_voice_prove(pvi_voice *voice, const pvi_dataset *data, const pvi_prove_job *job, pvi_solutions *out);
/* Scores of solutions seen in the neutral role. One longer than the context is cut at its end. */
pvg_status pvi_voice_score_text(pvi_voice *voice, size_t count, const pvi_span *questions, const pvi_span *solutions,
                                double *scores);
pvg_status pvi_voice_parts(pvi_voice *voice, pvi_span question, pvi_span solution, size_t *ends, float *parts,
                           size_t capacity, size_t *needed);
void pvi_voice_free(pvi_voice *voice); /* scratch only */

#endif
