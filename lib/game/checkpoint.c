/* checkpoint.c - a game's state as a directory: state.json (what a person may want to read) and state.safetensors. The
 * lists of what a state is are here too; resume.c reads by the same ones. */
#include <math.h>
#include <string.h>

#include "base/clock.h"
#include "compute/engine.h"
#include "game/run_parts.h"
#include "model/model_file.h"

/* ---- what a state is ---- */

size_t pvi_state_fields(pvi_game *game, pvi_run *run, pvi_state_field fields[PVI_STATE_FIELDS]) {
    pvi_stop_state *stop = &game->stop;
    const pvi_state_field all[] = {
        {"unit", "I64", &game->unit, 1},
        {"units", "I64", &game->units, 1},
        {"running", "F64", game->running, PVI_RUNNING},
        {"seconds", "F64", &game->seconds, 1},
        {"policy_round", "I32", &run->policy_round, 1},
        {"stop.steps", "I64", &stop->steps, 1},
        {"stop.smooth", "F64", &stop->smooth_helpful, 1},
        {"stop.smooth_sneaky", "F64", &stop->smooth_sneaky, 1},
        {"stop.window", "F64", stop->window, sizeof stop->window / sizeof(double)},
        {"stop.steps_to_parity", "I64", &stop->steps_to_parity, 1},
        {"stop.steps_to_convince", "I64", &stop->steps_to_convince, 1},
    };
    memcpy(fields, all, sizeof all);
    return sizeof all / sizeof all[0];
}

void pvi_state_lists(pvi_game *game, pvi_state_list lists[PVI_STATE_LISTS]) {
    lists[0] = (pvi_state_list){"collected", &game->collected};
    lists[1] = (pvi_state_list){"tests", &game->tests};
    lists[2] = (pvi_state_list){"role_samples", &game->role_samples};
}

void pvi_solution_to_row(const pvi_solution *s, int64_t row[PVI_SOLUTION_COLUMNS]) {
    const int64_t values[PVI_SOLUTION_COLUMNS] = {s->problem, s->source, s->role, s->verdict, s->greedy, s->finished,
                                                  s->token_count, s->text_length, 0};
    memcpy(row, values, sizeof values);
    memcpy(&row[PVI_SOLUTION_COLUMNS - 1], &s->score, sizeof s->score);
}

void pvi_solution_from_row(const int64_t row[PVI_SOLUTION_COLUMNS], pvi_solution *s) {
    *s = (pvi_solution){.problem = (uint32_t)row[0], .source = (int32_t)row[1], .role = (pvg_role)row[2],
                        .verdict = (pvg_verdict)row[3], .greedy = row[4] != 0, .finished = row[5] != 0,
                        .token_count = (uint32_t)row[6], .text_length = (uint32_t)row[7]};
    memcpy(&s->score, &row[PVI_SOLUTION_COLUMNS - 1], sizeof s->score);
}

size_t pvi_state_models(pvi_game *game, int32_t policy_round, pvi_state_model models[PVI_STATE_MODELS]) {
    models[0] = (pvi_state_model){"base", &game->base};
    models[1] = (pvi_state_model){"verifier_base", &game->verifier_base};
    models[2] = (pvi_state_model){"start", &game->start};
    if (policy_round < 0) return 3;
    models[3] = (pvi_state_model){.slot = &game->policy[0]};
    models[4] = (pvi_state_model){.slot = &game->policy[1]};
    pvi_text_format(models[3].name, sizeof models[3].name, "round-%d/prover", (int)policy_round);
    pvi_text_format(models[4].name, sizeof models[4].name, "round-%d/sneaky", (int)policy_round);
    return 5;
}

void pvi_verifier_name(const pvi_game *game, int32_t which, char name[48]) {
    if (which == game->plan.rounds) pvi_text_format(name, 48, "last_verifier");
    else pvi_text_format(name, 48, "round-%d/verifier", (int)which);
}

/* ---- writing ---- */

/* Arrays with names and memory of their own, up to a fixed number. */
enum { ARRAYS = 64 };
typedef struct bag {
    pvi_env *env;
    pvi_array array[ARRAYS];
    char name[ARRAYS][64];
    size_t count;
    void *owned[ARRAYS];
    size_t owned_count;
} bag;

static void put(bag *b, const char *prefix, const char *name, const char *dtype, const void *data, uint64_t rows, uint64_t cols) {
    pvi_text_format(b->name[b->count], sizeof b->name[0], "%s%s", prefix, name);
    b->array[b->count] = (pvi_array){b->name[b->count], dtype, data, (int64_t)rows, (int64_t)cols};
    b->count++;
}

static void put_fields(bag *b, pvi_game *game) {
    pvi_state_field fields[PVI_STATE_FIELDS];
    size_t count = pvi_state_fields(game, game->run, fields);
    for (size_t i = 0; i < count; i++)
        put(b, "", fields[i].name, strcmp(fields[i].dtype, "F64") == 0 ? "I64" : fields[i].dtype, fields[i].data, fields[i].count, 0);
}

static pvg_status put_list(bag *b, const pvi_state_list *list) {
    const pvi_solutions *all = list->all;
    int64_t *rows = pvi_alloc(b->env, all->count * PVI_SOLUTION_COLUMNS, sizeof *rows);
    if (rows == NULL) return PVG_E_NOMEM;
    b->owned[b->owned_count++] = rows;
    for (size_t i = 0; i < all->count; i++) pvi_solution_to_row(&all->item[i], rows + i * PVI_SOLUTION_COLUMNS);
    put(b, list->name, ".rows", "I64", rows, all->count, PVI_SOLUTION_COLUMNS);
    put(b, list->name, ".token", "I32", all->token, all->token_count, 0);
    put(b, list->name, ".logprob", "F32", all->logprob, all->token_count, 0);
    put(b, list->name, ".text", "U8", all->text, all->text_count, 0);
    return PVG_OK;
}

static void put_trainers(bag *b, const pvi_game *game) {
    for (int k = 0; k < 2; k++) {
        const pvi_trainer *t = game->trainer[k];
        if (t == NULL || game->training[k] == NULL) continue;
        const char *prefix = k == 0 ? "trainer0" : "trainer1";
        put(b, prefix, ".weight", "F32", game->training[k]->weights.block, game->training[k]->weights.count, 0);
        put(b, prefix, ".first", "F32", t->first.block, t->first.count, 0);
        put(b, prefix, ".second", "F32", t->second.block, t->second.count, 0);
        put(b, prefix, ".step", "I64", &t->step, 1, 0);
    }
}

static pvg_status write_arrays(pvi_game *game, const char *path) {
    bag *b = pvi_calloc(game->env, 1, sizeof *b);
    if (b == NULL) return PVG_E_NOMEM;
    b->env = game->env;
    put_fields(b, game);
    pvi_state_list lists[PVI_STATE_LISTS];
    pvi_state_lists(game, lists);
    pvg_status status = PVG_OK;
    for (int i = 0; i < PVI_STATE_LISTS && status == PVG_OK; i++) status = put_list(b, &lists[i]);
    put_trainers(b, game);
    if (status == PVG_OK) status = pvi_arrays_save(game->env, path, b->array, b->count, NULL);
    for (size_t i = 0; i < b->owned_count; i++) pvi_free(game->env, b->owned[i]);
    pvi_free(game->env, b);
    return status;
}

static void list_models(pvi_game *game, pvi_text *out) {
    pvi_state_model models[PVI_STATE_MODELS];
    size_t count = pvi_state_models(game, game->run->policy_round, models);
    const char *comma = "";
    pvi_text_puts(out, ",\"models\":[");
    for (size_t i = 0; i < count; i++) {
        if (*models[i].slot == NULL) continue;
        pvi_text_printf(out, "%s\"%s\"", comma, models[i].name);
        comma = ",";
    }
    pvi_text_puts(out, "],\"verifiers\":[");
    comma = "";
    for (int32_t r = 0; r <= game->plan.rounds; r++) {
        if (game->verifiers[r] == NULL) continue;
        pvi_text_printf(out, "%s%d", comma, (int)r);
        comma = ",";
    }
    pvi_text_puts(out, "]");
}

/* Of every model that the state may refer to. */
static void list_digests(const pvi_run *run, pvi_text *out) {
    pvi_text_puts(out, ",\"weights\":{");
    for (size_t i = 0; i < run->kept_count; i++)
        pvi_text_printf(out, "%s\"%s\":\"%s\"", i > 0 ? "," : "", run->kept[i].name, run->kept[i].digest);
    pvi_text_puts(out, "}");
}

static const char *truth(bool value) { return value ? "true" : "false"; }

static pvg_status write_json(pvi_game *game, const char *arrays, uint64_t metric_bytes, uint64_t sample_bytes, pvi_text *out) {
    char digest[33];
    pvg_status status = pvi_dataset_digest(game->env, game->data, digest);
    if (status != PVG_OK) return status;
    pvi_text_printf(out, "{\"format\":%d,\"random_streams\":%d,\"exact\":%s,\"stage\":\"%s\",\"stage_number\":%d,\"round\":%d,\"begun\":%s,",
                    PVI_RUN_FORMAT, PVI_RNG_VERSION, truth(game->env->engine != PVI_ENGINE_OPENBLAS),
                    pvi_stage_name(game->place.stage), (int)game->place.stage, (int)game->place.round, truth(game->begun));
    pvi_text_printf(out, "\"smooth_started\":%s,\"metric_bytes\":%llu,\"sample_bytes\":%llu,\"digest\":\"%s\",\"labelled\":%s,",
                    truth(game->stop.smooth_started), (unsigned long long)metric_bytes, (unsigned long long)sample_bytes, digest,
                    truth(pvi_dataset_labelled(game->data)));
    pvi_text_printf(out, "\"built_in\":%s,\"own_prover\":%s,\"own_verifier\":%s,\"own_grader\":%s,\"note\":", truth(game->built_in),
                    truth(game->plan.own_prover), truth(game->plan.own_verifier), truth(game->grader == NULL));
    pvi_json_string(out, game->note, strlen(game->note));
    list_models(game, out);
    list_digests(game->run, out);
    pvi_text_printf(out, ",\"arrays\":\"%s\",\"settings\":", arrays);
    status = pvi_settings_write_json(game->settings, out);
    pvi_text_puts(out, ",\"summary\":");
    if (status == PVG_OK) status = pvi_report_write_json(&game->summary, out);
    pvi_text_puts(out, ",\"reports\":[");
    for (int32_t r = 0; r < game->plan.rounds && status == PVG_OK; r++) {
        if (r > 0) pvi_text_puts(out, ",");
        status = pvi_report_write_json(&game->reports[r], out);
    }
    pvi_text_puts(out, "]}\n");
    return status == PVG_OK ? pvi_text_ok(out) : status;
}

/* Into `folder`, which is new. */
static pvg_status write_state(pvi_game *game, const char *folder) {
    pvi_env *env = game->env;
    uint64_t metric_bytes, sample_bytes;
    char digest[33];
    pvi_text path, json;
    pvi_text_init(&path, env);
    pvi_text_init(&json, env);
    pvg_status status = pvi_path_join(env, folder, "state.safetensors", &path);
    if (status == PVG_OK) status = write_arrays(game, path.data);
    if (status == PVG_OK) status = pvi_digest_file(env, path.data, digest);
    if (status == PVG_OK) status = pvi_run_flush(game->run, &metric_bytes, &sample_bytes);
    if (status == PVG_OK) status = write_json(game, digest, metric_bytes, sample_bytes, &json);
    if (status == PVG_OK) status = pvi_path_join(env, folder, "state.json", &path);
    if (status == PVG_OK) status = pvi_file_write(env, path.data, json.data, json.length);
    pvi_text_free(&path);
    pvi_text_free(&json);
    return status;
}

pvg_status pvi_run_checkpoint(pvi_game *game) {
    pvi_run *run = game->run;
    if (run == NULL) return PVG_OK;
    pvi_env *env = game->env;
    if (game->unrecorded || game->kept)
        return pvi_fail(env, PVG_E_STATE, "run", "the last step failed half-way: step again before writing a checkpoint");
    pvi_text fresh, place;
    pvi_text_init(&fresh, env);
    pvi_text_init(&place, env);
    pvg_status status = pvi_run_path(run, PVI_RUN_CHECKPOINT ".part", &fresh);
    if (status == PVG_OK) status = pvi_run_path(run, PVI_RUN_CHECKPOINT, &place);
    if (status == PVG_OK) status = pvi_dir_remove(env, fresh.data);
    if (status == PVG_OK) status = pvi_dir_make(env, fresh.data);
    if (status == PVG_OK) status = write_state(game, fresh.data);
    if (status == PVG_OK) status = pvi_dir_replace(env, fresh.data, place.data);
    if (status == PVG_OK) run->last_checkpoint = pvi_clock();
    else if (fresh.data != NULL) {
        pvi_error held = env->error;
        pvi_dir_remove(env, fresh.data); /* gives a full disk its room back */
        env->error = held;
    }
    pvi_text_free(&fresh);
    pvi_text_free(&place);
    return status;
}
