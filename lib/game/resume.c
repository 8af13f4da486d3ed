/* resume.c - a game as its newest checkpoint saw it. */
#include <jansson.h>
#include <string.h>

#include "base/clock.h"
#include "compute/engine.h"
#include "game/run_parts.h"
#include "model/model_file.h"

enum { STATE_LIMIT = 1 << 28 };

typedef struct loader {
    pvi_env *env;
    const char *directory;
    json_t *state;
    pvi_arrays *arrays;
    pvi_text path; /* the file in hand, for messages */
    pvi_lock *lock;
    pvi_game *game;
} loader;

static pvg_status damaged(loader *l, const char *what) {
    return pvi_fail(l->env, PVG_E_FORMAT, "run", "%s: %s; the checkpoint is damaged", l->path.data, what);
}

static pvg_status path_of(loader *l, const char *name) { return pvi_path_join(l->env, l->directory, name, &l->path); }

static bool flag(const loader *l, const char *name) { return json_is_true(json_object_get(l->state, name)); }
static int64_t whole(const loader *l, const char *name) { return json_integer_value(json_object_get(l->state, name)); }

/* ---- state.json ---- */

static pvg_status open_state(loader *l) {
    char *text = NULL;
    size_t length;
    json_error_t error;
    pvg_status status = path_of(l, PVI_RUN_CHECKPOINT "/state.json");
    if (status != PVG_OK) return status;
    if (!pvi_file_exists(l->path.data))
        return pvi_fail(l->env, PVG_E_NOT_FOUND, "run", "%s: there is no checkpoint to go on from", l->path.data);
    status = pvi_file_read(l->env, l->path.data, STATE_LIMIT, &text, &length);
    if (status != PVG_OK) return status;
    l->state = json_loadb(text, length, JSON_REJECT_DUPLICATES, &error);
    pvi_free(l->env, text);
    if (l->state == NULL) return damaged(l, error.text);
    if (!json_is_integer(json_object_get(l->state, "format"))) return damaged(l, "field \"format\" is missing");
    int64_t format = whole(l, "format");
    if (format > PVI_RUN_FORMAT)
        return pvi_fail(l->env, PVG_E_TOO_NEW, "run", "%s: format %lld, written by a newer version; this one reads up to %d",
                        l->path.data, (long long)format, PVI_RUN_FORMAT);
    if (whole(l, "random_streams") != PVI_RNG_VERSION)
        return pvi_fail(l->env, PVG_E_UNSUPPORTED, "run", "%s: played with random streams of version %lld, this library has %d: it would not go on to the same bits",
                        l->path.data, (long long)whole(l, "random_streams"), PVI_RNG_VERSION);
    if (flag(l, "exact") != (l->env->engine != PVI_ENGINE_OPENBLAS))
        return pvi_fail(l->env, PVG_E_UNSUPPORTED, "run", "%s: played with %s: choose that engine to go on to the same bits", l->path.data,
                        flag(l, "exact") ? "the library's own kernels" : "OpenBLAS");
    return PVG_OK;
}

static pvg_status read_settings(loader *l, pvi_settings **out) {
    char *text = json_dumps(json_object_get(l->state, "settings"), JSON_REAL_PRECISION(17));
    if (text == NULL) return damaged(l, "field \"settings\" is missing");
    pvg_status status = pvi_settings_create(l->env, pvi_game_settings(), out);
    if (status == PVG_OK) {
        status = pvi_settings_read_json(l->env, *out, text, strlen(text));
        if (status != PVG_OK) pvi_settings_destroy(l->env, *out);
    }
    free(text);
    return status;
}

/* ---- the game ---- */

static pvg_status check_data(loader *l) {
    char digest[33];
    const char *wanted = json_string_value(json_object_get(l->state, "digest"));
    pvg_status status = pvi_dataset_digest(l->env, l->game->data, digest);
    if (status != PVG_OK) return status;
    if (wanted != NULL && strcmp(wanted, digest) == 0) return PVG_OK;
    return pvi_fail(l->env, PVG_E_FORMAT, "run", "%s: the problems are not those that the game was played on (digest %s, wanted %s)",
                    l->directory, digest, wanted != NULL ? wanted : "none");
}

static pvg_status create_game(loader *l) {
    pvi_settings *settings = NULL;
    pvi_dataset *data = NULL;
    pvg_status status = read_settings(l, &settings);
    if (status != PVG_OK) return status;
    if (!flag(l, "built_in")) {
        pvi_dataset_options options = {.labelled = flag(l, "labelled")};
        status = path_of(l, "data.jsonl.gz");
        if (status == PVG_OK) status = pvi_dataset_read(l->env, l->path.data, &options, &data);
    }
    if (status == PVG_OK) status = pvi_game_create(l->env, settings, data, flag(l, "built_in"), &l->game);
    pvi_dataset_release(data);
    pvi_settings_destroy(l->env, settings);
    return status == PVG_OK ? check_data(l) : status;
}

static pvg_status read_report(loader *l, const json_t *from, pvi_report *to) {
    char *text = from != NULL ? json_dumps(from, JSON_REAL_PRECISION(17)) : NULL;
    if (text == NULL) return damaged(l, "a report is missing");
    pvi_report_free(to);
    pvi_report_init(to, l->env);
    pvg_status status = pvi_report_read_json(to, text, strlen(text));
    free(text);
    return status;
}

static pvg_status read_place(loader *l) {
    pvi_game *game = l->game;
    int64_t stage = whole(l, "stage_number"), round = whole(l, "round");
    if (stage < 0 || stage > PVI_STAGE_DONE || round < -1 || round >= game->plan.rounds) return damaged(l, "the stage or round is out of range");
    game->place = (pvi_place){(pvi_stage)stage, (int32_t)round};
    game->plan.own_prover = flag(l, "own_prover");
    game->plan.own_verifier = flag(l, "own_verifier");
    game->wants_grader = !flag(l, "own_grader");
    game->resumed = true;
    const char *note = json_string_value(json_object_get(l->state, "note"));
    pvi_text_format(game->note, sizeof game->note, "%s", note != NULL ? note : "");
    pvg_status status = read_report(l, json_object_get(l->state, "summary"), &game->summary);
    for (int32_t r = 0; r < game->plan.rounds && status == PVG_OK; r++)
        status = read_report(l, json_array_get(json_object_get(l->state, "reports"), (size_t)r), &game->reports[r]);
    return status;
}

/* ---- models ---- */

static pvg_status load_model(loader *l, const char *name, pvi_model **slot) {
    char inside[96], digest[33];
    const char *wanted = pvi_run_kept(l->game->run, name);
    pvi_text_format(inside, sizeof inside, "models/%s", name);
    pvg_status status = path_of(l, inside);
    if (status == PVG_OK) status = pvi_model_load(l->env, l->path.data, slot);
    if (status == PVG_OK) status = pvi_run_weights_digest(l->game->run, name, digest);
    if (status != PVG_OK || (wanted != NULL && strcmp(wanted, digest) == 0)) return status;
    return pvi_fail(l->env, PVG_E_FORMAT, "run", "%s: model.safetensors is not what the checkpoint refers to (digest %s, wanted %s)",
                    l->path.data, digest, wanted != NULL ? wanted : "none");
}

static pvg_status read_digests(loader *l) {
    const char *name;
    json_t *value;
    json_object_foreach(json_object_get(l->state, "weights"), name, value) {
        if (!json_is_string(value)) return damaged(l, "a digest is not text");
        pvg_status status = pvi_run_keep(l->game->run, name, json_string_value(value));
        if (status != PVG_OK) return status;
    }
    return PVG_OK;
}

static bool is_listed(const json_t *list, const char *name) {
    size_t i;
    json_t *one;
    json_array_foreach(list, i, one) {
        if (json_is_string(one) && strcmp(json_string_value(one), name) == 0) return true;
    }
    return false;
}

static pvg_status load_models(loader *l) {
    pvi_game *game = l->game;
    pvi_state_model models[PVI_STATE_MODELS];
    size_t count = pvi_state_models(game, game->run->policy_round, models), i;
    pvg_status status = PVG_OK;
    for (i = 0; i < count && status == PVG_OK; i++)
        if (is_listed(json_object_get(l->state, "models"), models[i].name)) status = load_model(l, models[i].name, models[i].slot);
    json_t *one;
    json_array_foreach(json_object_get(l->state, "verifiers"), i, one) {
        int64_t r = json_integer_value(one);
        char name[48];
        if (status != PVG_OK) break;
        if (!json_is_integer(one) || r < 0 || r > game->plan.rounds || game->verifiers[r] != NULL) return damaged(l, "a verifier's number is wrong");
        pvi_verifier_name(game, (int32_t)r, name);
        status = load_model(l, name, &game->verifiers[r]);
    }
    return status;
}

/* ---- state.safetensors ---- */

static pvg_status read_fields(loader *l) {
    pvi_state_field fields[PVI_STATE_FIELDS];
    size_t count = pvi_state_fields(l->game, l->game->run, fields);
    pvg_status status = PVG_OK;
    for (size_t i = 0; i < count && status == PVG_OK; i++)
        status = pvi_arrays_read(l->arrays, fields[i].name, strcmp(fields[i].dtype, "F64") == 0 ? "I64" : fields[i].dtype, fields[i].data,
                                 fields[i].count);
    l->game->stop.smooth_started = flag(l, "smooth_started");
    return status;
}

static pvg_status open_arrays(loader *l) {
    char digest[33];
    const char *wanted = json_string_value(json_object_get(l->state, "arrays"));
    pvg_status status = path_of(l, PVI_RUN_CHECKPOINT "/state.safetensors");
    if (status == PVG_OK) status = pvi_digest_file(l->env, l->path.data, digest);
    if (status != PVG_OK) return status;
    if (wanted == NULL || strcmp(wanted, digest) != 0) return damaged(l, "its bytes are not those that were written");
    return pvi_arrays_open(l->env, l->path.data, &l->arrays);
}

/* One list's arrays, read whole. */
typedef struct stored {
    int64_t *rows;
    int32_t *token;
    float *logprob;
    char *text;
    uint64_t count, tokens, bytes;
} stored;

static pvg_status read_array(loader *l, const char *list, const char *part, const char *dtype, size_t size, void **out, uint64_t *count) {
    char name[64];
    const char *found;
    pvi_text_format(name, sizeof name, "%s%s", list, part);
    if (!pvi_arrays_find(l->arrays, name, count, &found)) return damaged(l, "a list of solutions is missing");
    *out = pvi_alloc(l->env, *count, size);
    return *out != NULL ? pvi_arrays_read(l->arrays, name, dtype, *out, *count) : PVG_E_NOMEM;
}

static pvg_status read_stored(loader *l, const char *list, stored *s) {
    uint64_t cells = 0, logprobs = 0;
    pvg_status status = read_array(l, list, ".rows", "I64", sizeof(int64_t), (void **)&s->rows, &cells);
    if (status == PVG_OK) status = read_array(l, list, ".token", "I32", sizeof(int32_t), (void **)&s->token, &s->tokens);
    if (status == PVG_OK) status = read_array(l, list, ".logprob", "F32", sizeof(float), (void **)&s->logprob, &logprobs);
    if (status == PVG_OK) status = read_array(l, list, ".text", "U8", 1, (void **)&s->text, &s->bytes);
    s->count = cells / PVI_SOLUTION_COLUMNS;
    if (status == PVG_OK && (cells % PVI_SOLUTION_COLUMNS != 0 || logprobs != s->tokens)) return damaged(l, "a list of solutions does not fit together");
    return status;
}

static pvg_status add_stored(loader *l, const stored *s, pvi_solutions *to) {
    uint64_t token = 0, byte = 0;
    size_t problems = pvi_dataset_count(l->game->data);
    for (uint64_t i = 0; i < s->count; i++) {
        pvi_solution one;
        pvi_solution_from_row(s->rows + i * PVI_SOLUTION_COLUMNS, &one);
        if (one.problem >= problems || one.token_count > s->tokens - token || one.text_length >= s->bytes - byte)
            return damaged(l, "a solution lies outside of its list");
        pvg_status status = pvi_solutions_add(to, &one, s->token + token, s->logprob + token, one.token_count, s->text + byte, one.text_length);
        if (status != PVG_OK) return status;
        token += one.token_count;
        byte += one.text_length + (uint64_t)1; /* and its NUL */
    }
    return PVG_OK;
}

static pvg_status read_lists(loader *l) {
    pvi_state_list lists[PVI_STATE_LISTS];
    pvi_state_lists(l->game, lists);
    pvg_status status = PVG_OK;
    for (int i = 0; i < PVI_STATE_LISTS && status == PVG_OK; i++) {
        stored s = {NULL};
        status = read_stored(l, lists[i].name, &s);
        pvi_solutions_cut(lists[i].all, 0);
        if (status == PVG_OK) status = add_stored(l, &s, lists[i].all);
        void *blocks[] = {s.rows, s.token, s.logprob, s.text};
        for (size_t k = 0; k < 4; k++) pvi_free(l->env, blocks[k]);
    }
    return status;
}

static pvg_status read_trainer(loader *l, int k) {
    pvi_trainer *t = l->game->trainer[k];
    pvi_model *model = l->game->training[k];
    if (t == NULL || model == NULL) return PVG_OK;
    const struct {
        const char *name, *dtype;
        void *data;
        uint64_t count;
    } parts[] = {{"weight", "F32", model->weights.block, model->weights.count}, {"first", "F32", t->first.block, t->first.count},
                 {"second", "F32", t->second.block, t->second.count}, {"step", "I64", &t->step, 1}};
    pvg_status status = PVG_OK;
    for (size_t i = 0; i < 4 && status == PVG_OK; i++) {
        char name[64];
        pvi_text_format(name, sizeof name, "trainer%d.%s", k, parts[i].name);
        status = pvi_arrays_read(l->arrays, name, parts[i].dtype, parts[i].data, parts[i].count);
    }
    model->stale = true;
    t->settled = false;
    return status == PVG_OK ? pvi_model_check_finite(model) : status;
}

/* Begin the stage as its first unit does, then put the numbers of the unit reached in their places. */
static pvg_status go_into_stage(loader *l) {
    pvi_game *game = l->game;
    uint64_t count;
    const char *dtype;
    bool training = pvi_arrays_find(l->arrays, "trainer0.step", &count, &dtype); /* also between stages, where it goes on */
    pvg_status status = flag(l, "begun") ? pvi_stage_begin(game) : PVG_OK;
    if (status == PVG_OK && flag(l, "begun")) status = read_fields(l);
    if (status == PVG_OK && training && game->plan.correctness) status = pvi_prover_begin(game);
    for (int k = 0; k < 2 && status == PVG_OK; k++) status = read_trainer(l, k);
    game->begun = status == PVG_OK && flag(l, "begun");
    if (status != PVG_OK) pvi_stage_release(game);
    return status;
}

/* ---- the whole ---- */

/* Nobody else has the directory, and its checkpoint, if there is one, is in its place. */
static pvg_status claim(loader *l) {
    pvg_status status = path_of(l, "lock");
    if (status != PVG_OK) return status;
    if (!pvi_file_exists(l->path.data))
        return pvi_fail(l->env, PVG_E_NOT_FOUND, "run", "%s: is not a run directory", l->directory);
    status = pvi_lock_open(l->env, l->path.data, &l->lock);
    if (status == PVG_OK) status = path_of(l, PVI_RUN_CHECKPOINT);
    return status == PVG_OK ? pvi_dir_restore(l->env, l->path.data) : status;
}

static pvg_status load(loader *l) {
    pvg_status status = claim(l);
    if (status == PVG_OK) status = open_state(l);
    if (status == PVG_OK) status = create_game(l);
    if (status == PVG_OK) status = path_of(l, PVI_RUN_CHECKPOINT "/state.json");
    if (status == PVG_OK) status = read_place(l);
    if (status != PVG_OK) return status;
    pvi_lock *lock = l->lock;
    l->lock = NULL;
    status = pvi_run_open(l->game, l->directory, lock, (uint64_t)whole(l, "metric_bytes"), (uint64_t)whole(l, "sample_bytes"));
    if (status == PVG_OK) status = read_digests(l);
    if (status == PVG_OK) status = open_arrays(l);
    if (status == PVG_OK) status = read_fields(l);
    if (status == PVG_OK) status = read_lists(l);
    if (status == PVG_OK) status = load_models(l);
    if (status == PVG_OK) status = go_into_stage(l);
    if (status == PVG_OK) l->game->run->last_checkpoint = pvi_clock();
    return status;
}

pvg_status pvi_run_resume(pvi_env *env, const char *directory, pvi_game **out) {
    loader l = {.env = env, .directory = directory};
    pvi_text_init(&l.path, env);
    pvg_status status = load(&l);
    pvi_arrays_close(l.arrays);
    json_decref(l.state);
    pvi_lock_close(l.lock);
    pvi_text_free(&l.path);
    if (status != PVG_OK) {
        pvi_error held = env->error;
        pvi_game_destroy(l.game);
        env->error = held;
        return status;
    }
    *out = l.game;
    return PVG_OK;
}
