/* api_dataset.c - problems. */
#include "api/api_objects.h"

#include "game/game.h"

pvg_status pvi_api_wrap_dataset(pvg_context *context, pvi_dataset *data, pvg_dataset **out) {
    pvg_dataset *dataset = pvi_api_object(context, sizeof *dataset);
    if (dataset == NULL) {
        pvi_dataset_release(data);
        return PVG_E_NOMEM;
    }
    dataset->data = data;
    *out = dataset;
    return PVG_OK;
}

pvg_status pvg_dataset_create(pvg_context *context, pvg_dataset **out) {
    API_ENTER(context);
    API_NEED(context, out);
    pvi_dataset *data;
    API_TRY(pvi_dataset_create(&context->env, &data));
    return pvi_api_wrap_dataset(context, data, out);
}

static pvi_dataset_options reading(const pvi_settings *s) {
    return (pvi_dataset_options){.fields = {.id = pvi_settings_text(s, "data.id"),
                                            .question = pvi_settings_text(s, "data.question"),
                                            .answer = pvi_settings_text(s, "data.answer"),
                                            .solution = pvi_settings_text(s, "data.solution"),
                                            .label = pvi_settings_text(s, "data.label"),
                                            .chain = pvi_settings_text(s, "data.chain")},
                                 .labelled = pvi_settings_flag(s, "data.labelled"),
                                 .strip_marks = pvi_settings_flag(s, "data.strip_marks")};
}

/* Each step takes the dataset of the one before. */
static pvg_status narrow(pvi_env *env, const pvi_settings *s, pvi_dataset **data) {
    const char *exclude = pvi_settings_text(s, "data.exclude");
    if (exclude[0] != '\0') {
        pvi_dataset *rest;
        API_TRY(pvi_dataset_exclude(env, *data, exclude, &rest));
        pvi_dataset_release(*data);
        *data = rest;
    }
    int64_t limit = pvi_settings_int(s, "data.limit");
    if (limit > 0 && (uint64_t)limit < pvi_dataset_count(*data)) {
        pvi_dataset *first;
        API_TRY(pvi_dataset_limit(env, *data, (size_t)limit, &first));
        pvi_dataset_release(*data);
        *data = first;
    }
    return PVG_OK;
}

pvg_status pvg_dataset_read(pvg_context *context, const char *path, const pvg_settings *settings, pvg_dataset **out) {
    API_ENTER(context);
    API_NEED(context, path);
    API_NEED(context, out);
    pvi_settings *s;
    API_TRY(pvi_api_settings(context, settings, &s));
    pvi_dataset_options options = reading(s);
    pvi_dataset *data = NULL;
    pvg_status status = pvi_dataset_read(&context->env, path, &options, &data);
    if (status == PVG_OK) status = narrow(&context->env, s, &data);
    pvi_settings_destroy(&context->env, s);
    if (status == PVG_OK) return pvi_api_wrap_dataset(context, data, out);
    pvi_dataset_release(data);
    return status;
}

pvg_status pvg_dataset_generate(pvg_context *context, const pvg_settings *settings, uint64_t first, uint64_t count,
                                pvg_dataset **out) {
    API_ENTER(context);
    API_NEED(context, out);
    if (count > PVI_DATASET_ITEMS || first > UINT64_MAX - count)
        return pvi_fail(&context->env, PVG_E_RANGE, "dataset", "a dataset has at most %u problems, and %llu were asked for",
                        PVI_DATASET_ITEMS, (unsigned long long)count);
    pvi_settings *s;
    pvi_config config;
    API_TRY(pvi_api_settings(context, settings, &s));
    pvi_dataset *data = NULL;
    pvg_status status = pvi_config_read(&context->env, s, &config);
    if (status == PVG_OK) status = pvi_source_dataset(&context->env, &config, first, count, &data);
    pvi_settings_destroy(&context->env, s);
    return status == PVG_OK ? pvi_api_wrap_dataset(context, data, out) : status;
}

pvg_status pvg_dataset_append(pvg_dataset *dataset, const char *id, const char *question, size_t question_length,
                              const char *gold, const char *solution, size_t solution_length) {
    API_ENTER_OF(dataset);
    API_NEED(dataset->context, question);
    API_NEED(dataset->context, gold);
    if (solution == NULL) solution = "", solution_length = 0;
    pvi_item item = {.id = id, .question = question, .question_length = pvi_api_length(question, question_length),
                     .solution = solution, .solution_length = pvi_api_length(solution, solution_length), .gold = gold,
                     .label = -1};
    return pvi_dataset_append(&dataset->context->env, dataset->data, &item);
}

pvg_status pvg_dataset_append_labelled(pvg_dataset *dataset, const char *id, const char *question, size_t question_length,
                                       const char *gold, const char *candidate, size_t candidate_length, int32_t label) {
    API_ENTER_OF(dataset);
    API_NEED(dataset->context, question);
    API_NEED(dataset->context, gold);
    API_NEED(dataset->context, candidate);
    if (label != 0 && label != 1)
        return pvi_fail(&dataset->context->env, PVG_E_RANGE, "dataset", "the label is %d: 1 is right, 0 is wrong", label);
    pvi_item item = {.id = id, .question = question, .question_length = pvi_api_length(question, question_length),
                     .solution = "", .gold = gold, .candidate = candidate,
                     .candidate_length = pvi_api_length(candidate, candidate_length), .label = label};
    return pvi_dataset_append(&dataset->context->env, dataset->data, &item);
}

pvg_status pvg_dataset_freeze(pvg_dataset *dataset) {
    API_ENTER_OF(dataset);
    pvi_dataset_freeze(dataset->data);
    return PVG_OK;
}

uint64_t pvg_dataset_count(const pvg_dataset *dataset) { return dataset != NULL ? pvi_dataset_count(dataset->data) : 0; }

static const char *or_empty(const char *text) { return text != NULL ? text : ""; }

/* No message: frozen datasets are read from any thread. */
pvg_status pvg_dataset_get(const pvg_dataset *dataset, uint64_t index, pvg_problem *out) {
    if (dataset == NULL || out == NULL) return PVG_E_INVALID;
    if (index >= pvi_dataset_count(dataset->data)) return PVG_E_RANGE;
    const pvi_item *item = pvi_dataset_item(dataset->data, (size_t)index);
    pvg_problem problem = {.struct_size = sizeof problem, .label = item->label, .id = item->id, .question = item->question,
                           .gold = item->gold, .solution = or_empty(item->solution),
                           .candidate = or_empty(item->candidate), .chain = or_empty(item->chain), .line = item->line};
    pvi_env quiet;
    pvi_env_init(&quiet);
    return pvi_api_write_struct(&quiet, "pvg_problem", out, &problem, sizeof problem);
}

pvg_status pvg_dataset_part(const pvg_dataset *dataset, const pvg_settings *settings, const char *part, pvg_dataset **out) {
    API_ENTER_OF(dataset);
    pvg_context *context = dataset->context;
    API_NEED(context, part);
    API_NEED(context, out);
    static const char *const names[] = {"prover", "verifier", "test"};
    size_t side = 0;
    while (side < 3 && strcmp(names[side], part) != 0) side++;
    if (side == 3)
        return pvi_fail(&context->env, PVG_E_NOT_FOUND, "dataset", "there is no part '%s': prover, verifier and test are the parts", part);
    pvi_settings *s;
    API_TRY(pvi_api_settings(context, settings, &s));
    pvi_config config;
    pvi_dataset *parts[PVI_SIDES] = {NULL};
    pvg_status status = pvi_config_read(&context->env, s, &config);
    pvi_settings_destroy(&context->env, s);
    if (status != PVG_OK) return status;
    const double share[PVI_SIDES] = {config.share_prover, config.share_verifier, config.share_test};
    API_TRY(pvi_dataset_cut(&context->env, dataset->data, config.seed, share, parts));
    for (size_t i = 0; i < PVI_SIDES; i++)
        if (i != side) pvi_dataset_release(parts[i]);
    return pvi_api_wrap_dataset(context, parts[side], out);
}

pvg_status pvg_dataset_digest(const pvg_dataset *dataset, char out[33]) {
    API_ENTER_OF(dataset);
    API_NEED(dataset->context, out);
    return pvi_dataset_digest(&dataset->context->env, dataset->data, out);
}

pvg_status pvg_dataset_write(const pvg_dataset *dataset, const char *path) {
    API_ENTER_OF(dataset);
    API_NEED(dataset->context, path);
    return pvi_dataset_write(&dataset->context->env, dataset->data, path);
}

void pvg_dataset_destroy(pvg_dataset *dataset) {
    if (dataset == NULL) return;
    pvi_dataset_release(dataset->data);
    pvi_api_object_free(dataset);
}
