/* run.c - see run.h: making the directory, what a unit reports, and the models. */
#include "game/run.h"

#include <math.h>
#include <string.h>

#include "base/clock.h"
#include "base/workers.h"
#include "compute/engine.h"
#include "compute/machine.h"
#include "game/run_parts.h"
#include "model/model_file.h"

static const pvi_recorder recorder = {.metric = pvi_run_metric, .sample = pvi_run_sample, .round = pvi_run_round,
                                      .unit_done = pvi_run_unit_done, .model = pvi_run_model, .due = pvi_run_due,
                                      .checkpoint = pvi_run_checkpoint, .finish = pvi_run_finish, .close = pvi_run_close};

pvg_status pvi_run_path(const pvi_run *run, const char *name, pvi_text *out) {
    return pvi_path_join(run->env, run->directory, name, out);
}

/* ---- opening and closing ---- */

static void run_free(pvi_run *run) {
    pvi_env *env = run->env;
    pvi_appender_close(run->metrics);
    pvi_appender_close(run->samples);
    pvi_text_free(&run->metric_lines);
    pvi_text_free(&run->sample_lines);
    pvi_lock_close(run->lock);
    pvi_free(env, run->kept);
    pvi_free(env, run->directory);
    pvi_free(env, run);
}

static pvg_status open_logs(pvi_run *run, bool samples, uint64_t metric_bytes, uint64_t sample_bytes) {
    pvi_text path;
    pvi_text_init(&path, run->env);
    pvg_status status = pvi_run_path(run, "metrics.jsonl", &path);
    if (status == PVG_OK) status = pvi_appender_open(run->env, path.data, metric_bytes, &run->metrics);
    if (status == PVG_OK) status = pvi_run_path(run, "samples.jsonl.gz", &path);
    if (status == PVG_OK && samples) status = pvi_appender_open(run->env, path.data, sample_bytes, &run->samples);
    pvi_text_free(&path);
    return status;
}

pvg_status pvi_run_open(pvi_game *game, const char *directory, pvi_lock *lock, uint64_t metric_bytes, uint64_t sample_bytes) {
    pvi_env *env = game->env;
    pvi_run *run = pvi_calloc(env, 1, sizeof *run);
    if (run == NULL) {
        pvi_lock_close(lock);
        return PVG_E_NOMEM;
    }
    *run = (pvi_run){.env = env, .lock = lock, .last_checkpoint = -1, .policy_round = -1};
    pvi_text_init(&run->metric_lines, env);
    pvi_text_init(&run->sample_lines, env);
    run->directory = pvi_strdup(env, directory, strlen(directory));
    pvg_status status = run->directory != NULL ? open_logs(run, game->config.keep_samples, metric_bytes, sample_bytes) : PVG_E_NOMEM;
    if (status != PVG_OK) {
        run_free(run);
        return status;
    }
    game->run = run;
    game->recorder = &recorder;
    return PVG_OK;
}

void pvi_run_close(pvi_game *game) {
    if (game->run == NULL) return;
    run_free(game->run);
    game->run = NULL;
    game->recorder = NULL;
}

/* ---- a new directory ---- */

static pvg_status write_text(const pvi_run *run, const char *name, pvi_text *text) {
    pvi_text path;
    pvi_text_init(&path, run->env);
    pvg_status status = pvi_text_ok(text);
    if (status == PVG_OK) status = pvi_run_path(run, name, &path);
    if (status == PVG_OK) status = pvi_file_write(run->env, path.data, text->data, text->length);
    pvi_text_free(&path);
    return status;
}

static pvg_status write_environment(const pvi_run *run) {
    pvi_machine machine;
    pvg_status status = pvi_machine_look(run->env, false, &machine);
    if (status != PVG_OK) return status;
    pvi_text out;
    pvi_text_init(&out, run->env);
    pvi_text_printf(&out, "{\"format\":%d,\"random_streams\":%d,\"engine\":\"%s\",\"threads\":%d,\"processor\":", PVI_RUN_FORMAT,
                    PVI_RNG_VERSION, pvi_engine_name(run->env->engine), pvi_workers_count(run->env->workers));
    pvi_json_string(&out, machine.processor, strlen(machine.processor));
    pvi_text_puts(&out, ",\"features\":");
    pvi_json_string(&out, machine.features, strlen(machine.features));
    pvi_text_puts(&out, "}\n");
    status = write_text(run, "environment.json", &out);
    pvi_text_free(&out);
    return status;
}

static pvg_status write_data(const pvi_game *game) {
    char digest[33];
    pvi_text out;
    pvi_text_init(&out, game->env);
    pvg_status status = pvi_dataset_digest(game->env, game->data, digest);
    if (status == PVG_OK) {
        pvi_text_printf(&out, "{\"source\":\"%s\",\"problems\":%zu,\"labelled\":%s,\"digest\":\"%s\"}\n",
                        game->built_in ? "built-in" : "data.jsonl.gz", pvi_dataset_count(game->data),
                        pvi_dataset_labelled(game->data) ? "true" : "false", digest);
        status = write_text(game->run, "data.json", &out);
    }
    if (status == PVG_OK && !game->built_in) {
        status = pvi_run_path(game->run, "data.jsonl.gz", &out);
        if (status == PVG_OK) status = pvi_dataset_write(game->env, game->data, out.data);
    }
    pvi_text_free(&out);
    return status;
}

static pvg_status write_beginnings(const pvi_game *game) {
    pvi_text out;
    pvi_text_init(&out, game->env);
    pvg_status status = pvi_settings_write_yaml(game->settings, true, &out);
    if (status == PVG_OK) status = write_text(game->run, "config.yaml", &out);
    pvi_text_free(&out);
    if (status == PVG_OK) status = write_environment(game->run);
    return status == PVG_OK ? write_data(game) : status;
}

/* The directory exists, is empty but for the lock, and is this process's. */
static pvg_status claim(pvi_env *env, const char *directory, pvi_lock **lock) {
    bool empty = true;
    pvg_status status = pvi_dir_exists(directory) ? pvi_dir_empty(env, directory, &empty) : pvi_dir_make(env, directory);
    if (status != PVG_OK) return status;
    if (!empty)
        return pvi_fail(env, PVG_E_STATE, "run", "%s: the directory is not empty; a run needs a new one (to go on with a run, resume it)",
                        directory);
    pvi_text path;
    pvi_text_init(&path, env);
    status = pvi_path_join(env, directory, "lock", &path);
    if (status == PVG_OK) status = pvi_lock_open(env, path.data, lock);
    pvi_text_free(&path);
    return status;
}

/* Leave the directory as it was: missing, or empty (it may be a link or have owners of its own, so it is not remade).
 * `path` has room for every name: tidying up takes no memory. */
static void tidy(pvi_env *env, const char *directory, bool existed, pvi_text *path) {
    static const char *const made[] = {"config.yaml", "environment.json", "data.json", "data.jsonl.gz", "metrics.jsonl",
                                       "samples.jsonl.gz", "lock"};
    pvi_error held = env->error; /* must not hide what went wrong */
    for (size_t i = 0; i < sizeof made / sizeof made[0]; i++)
        if (pvi_path_join(env, directory, made[i], path) == PVG_OK) pvi_dir_remove(env, path->data);
    if (!existed) pvi_dir_remove(env, directory);
    env->error = held;
}

pvg_status pvi_run_create(pvi_game *game, const char *directory) {
    pvi_env *env = game->env;
    pvi_lock *lock = NULL;
    if (pvi_file_exists(directory)) return pvi_fail(env, PVG_E_IO, "run", "%s: is a file, not a directory", directory);
    pvi_text path;
    pvi_text_init(&path, env);
    bool existed = pvi_dir_exists(directory);
    pvg_status status = pvi_path_join(env, directory, "the longest name of all", &path);
    if (status == PVG_OK) status = claim(env, directory, &lock);
    bool claimed = status == PVG_OK;
    if (claimed) status = pvi_run_open(game, directory, lock, PVI_KEEP_ALL, PVI_KEEP_ALL);
    if (status == PVG_OK) status = write_beginnings(game);
    if (status != PVG_OK) {
        pvi_run_close(game);
        if (claimed || (!existed && status != PVG_E_BUSY && status != PVG_E_STATE)) tidy(env, directory, existed, &path);
    }
    pvi_text_free(&path);
    return status;
}

/* ---- what a unit reports ---- */

static void begin_line(const pvi_game *game, pvi_text *out) {
    pvi_text_printf(out, "{\"stage\":\"%s\",\"round\":%d,", pvi_stage_name(game->place.stage), (int)game->place.round);
}

pvg_status pvi_run_metric(pvi_game *game, const pvi_metric *metric, size_t count) {
    if (game->run == NULL) return PVG_OK;
    pvi_text *out = &game->run->metric_lines;
    begin_line(game, out);
    pvi_text_printf(out, "\"step\":%lld,\"seconds\":%.3f", (long long)game->unit, game->seconds);
    for (size_t i = 0; i < count; i++) {
        pvi_text_puts(out, ",");
        pvi_json_string(out, metric[i].name, strlen(metric[i].name));
        pvi_text_puts(out, ":");
        pvi_json_number(out, metric[i].value);
    }
    pvi_text_puts(out, "}\n");
    return pvi_text_ok(out);
}

static const char *role_name(pvg_role role) {
    return role == PVG_ROLE_HELPFUL ? "helpful" : role == PVG_ROLE_SNEAKY ? "sneaky" : "neutral";
}

static void text_field(pvi_text *out, const char *name, const char *text, size_t length) {
    pvi_text_printf(out, "\"%s\":", name);
    pvi_json_string(out, text, length);
    pvi_text_puts(out, ",");
}

static void sample_line(const pvi_game *game, const pvi_solutions *all, size_t i, double reward, pvi_text *out) {
    const pvi_solution *s = &all->item[i];
    const pvi_item *item = pvi_dataset_item(game->data, s->problem);
    begin_line(game, out);
    pvi_text_printf(out, "\"step\":%lld,", (long long)game->unit);
    text_field(out, "id", item->id, strlen(item->id));
    pvi_text_printf(out, "\"role\":\"%s\",\"verdict\":\"%s\",\"score\":", role_name(s->role), pvi_verdict_name(s->verdict));
    pvi_json_number(out, s->score);
    pvi_text_puts(out, ",\"reward\":");
    pvi_json_number(out, reward);
    pvi_text_printf(out, ",\"tokens\":%u,\"greedy\":%s,", (unsigned)s->token_count, s->greedy ? "true" : "false");
    text_field(out, "question", item->question, item->question_length);
    text_field(out, "solution", pvi_solution_text(all, i), s->text_length);
    pvi_text_puts(out, "\"gold\":");
    pvi_json_string(out, item->gold, strlen(item->gold));
    pvi_text_puts(out, "}\n");
}

pvg_status pvi_run_sample(pvi_game *game, const pvi_solutions *all, size_t from, const double *reward) {
    if (game->run == NULL || game->run->samples == NULL) return PVG_OK;
    for (size_t i = from; i < all->count; i++)
        sample_line(game, all, i, reward != NULL ? reward[i - from] : (double)NAN, &game->run->sample_lines);
    return pvi_text_ok(&game->run->sample_lines);
}

pvg_status pvi_run_round(pvi_game *game, int32_t round, const pvi_report *report) {
    pvi_run *run = game->run;
    if (run == NULL) return PVG_OK;
    size_t before = run->metric_lines.length;
    pvi_text_printf(&run->metric_lines, "{\"event\":\"round\",\"round\":%d,\"report\":", (int)round);
    pvg_status status = pvi_report_write_json(report, &run->metric_lines);
    pvi_text_puts(&run->metric_lines, "}\n");
    if (status == PVG_OK) status = pvi_text_ok(&run->metric_lines);
    if (status == PVG_OK) run->metric_mark = run->metric_lines.length;
    else run->metric_lines.length = before, run->metric_lines.failed = false;
    return status;
}

static void keep_or_forget(pvi_text *lines, size_t *mark, bool keep) {
    if (keep) *mark = lines->length;
    else if (lines->length > *mark) {
        lines->length = *mark;
        if (lines->data != NULL) lines->data[*mark] = '\0';
    }
    lines->failed = false; /* a failed append was reported, and is forgotten with its unit */
}

void pvi_run_unit_done(pvi_game *game, bool well) {
    if (game->run == NULL) return;
    keep_or_forget(&game->run->metric_lines, &game->run->metric_mark, well);
    keep_or_forget(&game->run->sample_lines, &game->run->sample_mark, well);
}

static pvg_status flush_lines(pvi_appender *appender, pvi_text *lines, size_t *mark, uint64_t *length) {
    pvg_status status = *mark > 0 ? pvi_appender_write(appender, lines->data, *mark) : PVG_OK;
    if (status != PVG_OK) return status;
    /* From here on the appender holds them: a failed flush is made up for by the next one. */
    if (lines->length > *mark) memmove(lines->data, lines->data + *mark, lines->length - *mark);
    lines->length -= *mark;
    *mark = 0;
    return pvi_appender_flush(appender, length);
}

pvg_status pvi_run_flush(pvi_run *run, uint64_t *metric_bytes, uint64_t *sample_bytes) {
    *sample_bytes = 0;
    pvg_status status = flush_lines(run->metrics, &run->metric_lines, &run->metric_mark, metric_bytes);
    if (status == PVG_OK && run->samples != NULL)
        status = flush_lines(run->samples, &run->sample_lines, &run->sample_mark, sample_bytes);
    return status;
}

/* ---- what stays ---- */

pvg_status pvi_run_weights_digest(const pvi_run *run, const char *name, char digest[33]) {
    char inside[96];
    pvi_text path;
    pvi_text_init(&path, run->env);
    pvi_text_format(inside, sizeof inside, "models/%s/model.safetensors", name);
    pvg_status status = pvi_run_path(run, inside, &path);
    if (status == PVG_OK) status = pvi_digest_file(run->env, path.data, digest);
    pvi_text_free(&path);
    return status;
}

const char *pvi_run_kept(const pvi_run *run, const char *name) {
    for (size_t i = 0; i < run->kept_count; i++)
        if (strcmp(run->kept[i].name, name) == 0) return run->kept[i].digest;
    return NULL;
}

pvg_status pvi_run_keep(pvi_run *run, const char *name, const char *digest) {
    size_t i = 0;
    while (i < run->kept_count && strcmp(run->kept[i].name, name) != 0) i++;
    pvg_status status = pvi_reserve(run->env, (void **)&run->kept, &run->kept_capacity, i + 1, sizeof *run->kept);
    if (status != PVG_OK) return status;
    pvi_text_format(run->kept[i].name, sizeof run->kept[i].name, "%s", name);
    pvi_text_format(run->kept[i].digest, sizeof run->kept[i].digest, "%s", digest);
    if (i == run->kept_count) run->kept_count++;
    return PVG_OK;
}

pvg_status pvi_run_model(pvi_game *game, const char *name, const pvi_model *model) {
    pvi_run *run = game->run;
    if (run == NULL) return PVG_OK;
    char inside[96];
    pvi_text path;
    pvi_text_init(&path, run->env);
    pvi_text_format(inside, sizeof inside, "models/%s", name);
    pvg_status status = pvi_run_path(run, inside, &path);
    if (status == PVG_OK) {
        char *slash = strrchr(path.data, '/');
        *slash = '\0';
        status = pvi_dir_make(run->env, path.data);
        *slash = '/';
    }
    if (status == PVG_OK) status = pvi_model_save(run->env, model, path.data);
    char digest[33];
    if (status == PVG_OK) status = pvi_run_weights_digest(run, name, digest);
    if (status == PVG_OK) status = pvi_run_keep(run, name, digest);
    if (status == PVG_OK && model == game->policy[0]) run->policy_round = game->place.round;
    pvi_text_free(&path);
    return status;
}

bool pvi_run_due(const pvi_game *game) {
    const pvi_run *run = game->run;
    return run != NULL && (run->last_checkpoint < 0 || pvi_clock() - run->last_checkpoint >= 60 * game->config.checkpoint_minutes);
}

pvg_status pvi_run_finish(pvi_game *game) {
    if (game->run == NULL) return PVG_OK;
    pvi_text out;
    pvi_text_init(&out, game->env);
    pvi_text_puts(&out, "{\"summary\":");
    pvg_status status = pvi_report_write_json(&game->summary, &out);
    pvi_text_puts(&out, ",\"rounds\":[");
    for (int32_t r = 0; r < game->plan.rounds && status == PVG_OK; r++) {
        if (r > 0) pvi_text_puts(&out, ",");
        status = pvi_report_write_json(&game->reports[r], &out);
    }
    pvi_text_puts(&out, "]}\n");
    if (status == PVG_OK) status = write_text(game->run, "report.json", &out);
    pvi_text_free(&out);
    return status;
}
