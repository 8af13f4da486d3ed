/* model_file.c - see model_file.h. */
#include "model/model_file.h"

#include <string.h>

#include "base/file.h"
#include "model/model_config.h"
#include "model/model_weights.h"

static const char NAME[] = "model";

/* ---- saving ---- */

typedef struct list {
    struct named {
        char name[96];
    } * name;
    pvi_array *array;
    size_t count;
} list;

static pvg_status list_tensor(void *arg, const char *name, float *data, int64_t rows, int64_t cols) {
    list *l = arg;
    memcpy(l->name[l->count].name, name, strlen(name) + 1);
    l->array[l->count] =
        (pvi_array){.name = l->name[l->count].name, .dtype = "F32", .data = data, .rows = rows, .cols = cols};
    l->count++;
    return PVG_OK;
}

static pvg_status count_tensor(void *arg, const char *name, float *data, int64_t rows, int64_t cols) {
    (void)name, (void)data, (void)rows, (void)cols;
    ++*(size_t *)arg;
    return PVG_OK;
}

static pvg_status save_weights(pvi_env *env, const pvi_model *model, const char *path) {
    size_t most = 0;
    (void)pvi_model_tensors(&model->shape, &model->weights, count_tensor, &most);
    list l = {.name = pvi_alloc(env, most, sizeof *l.name)};
    l.array = l.name == NULL ? NULL : pvi_alloc(env, most, sizeof *l.array);
    pvg_status status =
        l.array == NULL ? PVG_E_NOMEM : pvi_model_tensors(&model->shape, &model->weights, list_tensor, &l);
    if (status == PVG_OK) status = pvi_arrays_save(env, path, l.array, l.count, "{\"format\":\"pt\"}");
    pvi_free(env, l.array);
    pvi_free(env, l.name);
    return status;
}

static pvg_status save_files(pvi_env *env, const pvi_model *model, const char *folder) {
    pvi_text path;
    pvi_text_init(&path, env);
    pvg_status status = pvi_dir_remove(env, folder); /* left by a crash */
    if (status == PVG_OK) status = pvi_dir_make(env, folder);
    if (status == PVG_OK) status = pvi_model_config_write(env, model, folder);
    if (status == PVG_OK) status = pvi_path_join(env, folder, "tokenizer.json", &path);
    if (status == PVG_OK) status = pvi_tokenizer_save(env, model->tokenizer, path.data);
    if (status == PVG_OK) status = pvi_path_join(env, folder, "model.safetensors", &path);
    if (status == PVG_OK) status = save_weights(env, model, path.data);
    pvi_text_free(&path);
    return status;
}

/* Only a model or nothing may be replaced: the old directory goes with all that is in it. */
static pvg_status check_target(pvi_env *env, const char *folder) {
    bool empty = true, model = false;
    if (pvi_file_exists(folder)) return pvi_fail(env, PVG_E_IO, NAME, "%s: is a file, not a directory", folder);
    if (!pvi_dir_exists(folder)) return PVG_OK;
    pvg_status status = pvi_dir_empty(env, folder, &empty);
    if (status == PVG_OK) status = pvi_weights_exist(env, folder, &model);
    if (status != PVG_OK || empty || model) return status;
    return pvi_fail(env, PVG_E_STATE, NAME, "%s: holds something other than a model and is not replaced", folder);
}

static pvg_status save_beside(pvi_env *env, const pvi_model *model, const char *folder) {
    pvi_text beside;
    pvi_text_init(&beside, env);
    pvi_text_printf(&beside, "%s.part", folder);
    pvg_status status = pvi_text_ok(&beside);
    if (status == PVG_OK) status = save_files(env, model, beside.data);
    if (status == PVG_OK) status = pvi_dir_replace(env, beside.data, folder);
    if (status != PVG_OK && !beside.failed) {
        pvi_error first = env->error;
        (void)pvi_dir_remove(env, beside.data);
        env->error = first;
    }
    pvi_text_free(&beside);
    return status;
}

pvg_status pvi_model_save(pvi_env *env, const pvi_model *model, const char *folder) {
    size_t length = strlen(folder);
    while (length > 1 && folder[length - 1] == '/') length--;
    if (length == 0) return pvi_fail(env, PVG_E_INVALID, NAME, "a model's directory has no name");
    if (model->tokenizer == NULL)
        return pvi_fail(env, PVG_E_INVALID, NAME, "%s: the model has no tokenizer to save", folder);
    pvg_status status = pvi_model_check_finite(model);
    if (status != PVG_OK) return status;
    char *name = pvi_strdup(env, folder, length);
    if (name == NULL) return PVG_E_NOMEM;
    status = check_target(env, name);
    if (status == PVG_OK) status = save_beside(env, model, name);
    pvi_free(env, name);
    return status;
}

/* ---- loading ---- */

/* The tokenizer's own end if the model's configuration lists it, else the first listed that is a special token. */
static pvg_status choose_end(pvi_env *env, const char *folder, const pvi_model_config *config,
                             pvi_tokenizer *tokenizer) {
    int32_t chosen = -1;
    for (size_t i = config->ends; i-- > 0;)
        if (pvi_tokenizer_is_special(tokenizer, config->end[i])) chosen = config->end[i];
    for (size_t i = 0; i < config->ends; i++)
        if (config->end[i] == pvi_tokenizer_end(tokenizer)) return PVG_OK;
    if (config->ends == 0) return PVG_OK;
    if (chosen < 0)
        return pvi_fail(env, PVG_E_UNSUPPORTED, NAME,
                        "%s: \"eos_token_id\" is %d, which is no special token of tokenizer.json", folder,
                        (int)config->end[0]);
    size_t length;
    const char *bytes = pvi_token_bytes(tokenizer, chosen, &length);
    char *text = pvi_strdup(env, bytes, length);
    if (text == NULL) return PVG_E_NOMEM;
    pvg_status status = pvi_tokenizer_set_end(env, tokenizer, text);
    pvi_free(env, text);
    return status;
}

static pvg_status in_folder(pvi_env *env, const char *folder, pvg_status status) {
    if (status == PVG_OK || status == PVG_E_NOMEM) return status;
    pvi_error found = env->error;
    return pvi_fail(env, status, NAME, "%s: %s", folder, found.message);
}

static pvg_status build(pvi_env *env, const char *folder, const pvi_model_config *config, pvi_weights *weights,
                        pvi_tokenizer *tokenizer, pvi_model **out) {
    pvi_model *model;
    pvg_status status = choose_end(env, folder, config, tokenizer);
    if (status != PVG_OK) return status;
    status = in_folder(env, folder, pvi_model_create(env, &config->shape, tokenizer, NULL, &model));
    if (status != PVG_OK) return status;
    status = pvi_weights_read(weights, model);
    if (status == PVG_OK) status = in_folder(env, folder, pvi_model_check_finite(model));
    if (status == PVG_OK)
        *out = model;
    else
        pvi_model_destroy(model);
    return status;
}

pvg_status pvi_model_load(pvi_env *env, const char *folder, pvi_model **out) {
    if (!pvi_dir_exists(folder)) return pvi_fail(env, PVG_E_NOT_FOUND, NAME, "%s: there is no such directory", folder);
    pvi_model_config config;
    pvi_weights *weights = NULL;
    pvi_tokenizer *tokenizer = NULL;
    pvg_status status = pvi_model_config_read(env, folder, &config);
    if (status == PVG_OK) status = pvi_weights_open(env, folder, &config.shape, &weights);
    if (status == PVG_OK) status = pvi_tokenizer_load(env, folder, &tokenizer);
    if (status == PVG_OK) status = build(env, folder, &config, weights, tokenizer, out);
    pvi_tokenizer_release(env, tokenizer);
    pvi_weights_close(weights);
    return status;
}
