/* model_weights.c - see model_weights.h. */
#include "model/model_weights.h"

#include <jansson.h>
#include <string.h>

#include "base/file.h"
#include "model/safetensors.h"

static const char NAME[] = "model";

#define INDEX_LONGEST ((size_t)64 << 20)
enum { MOST_SHARDS = 512 };

struct pvi_weights {
    pvi_env *env;
    char *folder;
    json_t *index; /* NULL: one file */
    struct shard {
        const char *name; /* belongs to the index */
        pvi_arrays *arrays;
    } shard[MOST_SHARDS];
    size_t count;
};

static const char ONE[] = "model.safetensors", INDEX[] = "model.safetensors.index.json";

static pvg_status exists(pvi_env *env, const char *folder, const char *name, bool *out) {
    pvi_text path;
    pvi_text_init(&path, env);
    pvg_status status = pvi_path_join(env, folder, name, &path);
    if (status == PVG_OK) *out = pvi_file_exists(path.data);
    pvi_text_free(&path);
    return status;
}

static pvg_status look(pvi_env *env, const char *folder, bool *one, bool *index) {
    *one = *index = false;
    pvg_status status = exists(env, folder, ONE, one);
    return status == PVG_OK ? exists(env, folder, INDEX, index) : status;
}

pvg_status pvi_weights_exist(pvi_env *env, const char *folder, bool *out) {
    bool one, index;
    pvg_status status = look(env, folder, &one, &index);
    if (status == PVG_OK) *out = one || index;
    return status;
}

/* ---- opening ---- */

static pvg_status open_shard(pvi_weights *w, const char *name) {
    pvi_text path;
    pvi_text_init(&path, w->env);
    pvg_status status = pvi_path_join(w->env, w->folder, name, &path);
    if (status == PVG_OK) status = pvi_arrays_open(w->env, path.data, &w->shard[w->count].arrays);
    if (status == PVG_OK) w->shard[w->count++].name = name;
    pvi_text_free(&path);
    return status;
}

static struct shard *shard_named(pvi_weights *w, const char *name) {
    for (size_t i = 0; i < w->count; i++)
        if (strcmp(w->shard[i].name, name) == 0) return &w->shard[i];
    return NULL;
}

/* A plain name: the index must not reach outside its directory. */
static bool plain(const char *name) {
    size_t length = strlen(name);
    return strchr(name, '/') == NULL && strstr(name, "..") == NULL && length > 12 &&
           strcmp(name + length - 12, ".safetensors") == 0;
}

static pvg_status open_listed(pvi_weights *w) {
    json_t *map = json_object_get(w->index, "weight_map"), *value;
    const char *tensor;
    if (!json_is_object(map))
        return pvi_fail(w->env, PVG_E_FORMAT, NAME, "%s/%s: there is no \"weight_map\" object", w->folder, INDEX);
    json_object_foreach(map, tensor, value) {
        const char *name = json_string_value(value);
        if (name == NULL || !plain(name))
            return pvi_fail(w->env, PVG_E_FORMAT, NAME,
                            "%s/%s: '%.100s' is in '%.100s'; wanted is the name of a "
                            ".safetensors file in the same directory",
                            w->folder, INDEX, tensor, name == NULL ? "" : name);
        if (shard_named(w, name) != NULL) continue;
        if (w->count == MOST_SHARDS)
            return pvi_fail(w->env, PVG_E_RANGE, NAME, "%s/%s: more than %d files", w->folder, INDEX, MOST_SHARDS);
        pvg_status status = open_shard(w, name);
        if (status != PVG_OK) return status;
    }
    return PVG_OK;
}

static pvg_status open_index(pvi_weights *w) {
    pvi_text path;
    char *text = NULL;
    size_t length;
    json_error_t error;
    pvi_text_init(&path, w->env);
    pvg_status status = pvi_path_join(w->env, w->folder, INDEX, &path);
    if (status == PVG_OK) status = pvi_file_read(w->env, path.data, INDEX_LONGEST, &text, &length);
    if (status == PVG_OK) {
        w->index = json_loadb(text, length, JSON_REJECT_DUPLICATES, &error);
        bool memory = w->index == NULL && json_error_code(&error) == json_error_out_of_memory;
        if (w->index == NULL)
            status = pvi_fail(w->env, memory ? PVG_E_NOMEM : PVG_E_FORMAT, NAME, "%s: line %d, column %d: %s",
                              path.data, error.line, error.column, error.text);
    }
    pvi_free(w->env, text);
    pvi_text_free(&path);
    return status == PVG_OK ? open_listed(w) : status;
}

static pvg_status open_files(pvi_weights *w) {
    bool one, index;
    pvg_status status = look(w->env, w->folder, &one, &index);
    if (status != PVG_OK) return status;
    if (one) return open_shard(w, ONE);
    if (index) return open_index(w);
    return pvi_fail(w->env, PVG_E_NOT_FOUND, NAME, "%s: there is no %s and no %s", w->folder, ONE, INDEX);
}

static pvg_status check_amount(const pvi_weights *w, const pvi_shape *shape) {
    uint64_t have = 0, wanted = pvi_shape_parameters(shape);
    for (size_t i = 0; i < w->count; i++)
        for (size_t k = 0; k < pvi_arrays_count(w->shard[i].arrays); k++)
            have += pvi_arrays_at(w->shard[i].arrays, k)->count; /* at most two a byte */
    if (shape->head != PVI_HEAD_LM) wanted -= 2; /* a score's bias and log-probability weight need not be there */
    if (have >= wanted) return PVG_OK;
    return pvi_fail(w->env, PVG_E_FORMAT, NAME,
                    "%s: config.json describes a model of %llu numbers; the weights have %llu", w->folder,
                    (unsigned long long)wanted, (unsigned long long)have);
}

pvg_status pvi_weights_open(pvi_env *env, const char *folder, const pvi_shape *shape, pvi_weights **out) {
    pvi_weights *w = pvi_calloc(env, 1, sizeof *w);
    if (w == NULL) return PVG_E_NOMEM;
    w->env = env;
    w->folder = pvi_strdup(env, folder, strlen(folder));
    pvg_status status = w->folder == NULL ? PVG_E_NOMEM : open_files(w);
    if (status == PVG_OK) status = check_amount(w, shape);
    if (status == PVG_OK)
        *out = w;
    else
        pvi_weights_close(w);
    return status;
}

void pvi_weights_close(pvi_weights *w) {
    if (w == NULL) return;
    pvi_env *env = w->env;
    for (size_t i = 0; i < w->count; i++) pvi_arrays_close(w->shard[i].arrays);
    json_decref(w->index);
    pvi_free(env, w->folder);
    pvi_free(env, w);
}

/* ---- reading ---- */

static pvi_arrays *holder(pvi_weights *w, const char *tensor) {
    if (w->index == NULL) return w->shard[0].arrays;
    const char *name = json_string_value(json_object_get(json_object_get(w->index, "weight_map"), tensor));
    return name == NULL ? NULL : shard_named(w, name)->arrays;
}

static pvg_status read_tensor(void *arg, const char *name, float *data, int64_t rows, int64_t cols) {
    pvi_weights *w = arg;
    pvi_arrays *arrays = holder(w, name);
    const pvi_entry *e = arrays == NULL ? NULL : pvi_arrays_entry(arrays, name);
    if (e == NULL) return pvi_fail(w->env, PVG_E_FORMAT, NAME, "%s: the weights have no tensor %s", w->folder, name);
    if (!pvi_dtype_is_float(e->dtype))
        return pvi_fail(w->env, PVG_E_UNSUPPORTED, NAME, "%s: %s is of type %s; supported: F32, F16, BF16, F64",
                        w->folder, name, e->dtype);
    if (e->rank != (cols == 0 ? 1 : 2) || e->size[0] != rows || e->size[1] != cols)
        return pvi_fail(w->env, PVG_E_FORMAT, NAME,
                        "%s: %s has %zu sizes, the first %lld and %lld; config.json wants %lld and %lld "
                        "(0: none)",
                        w->folder, name, e->rank, (long long)e->size[0], (long long)e->size[1], (long long)rows,
                        (long long)cols);
    return pvi_arrays_read(arrays, name, "F32", data, e->count);
}

/* Left over without meaning: tables that old versions of transformers saved, a head that is the embedding. */
static bool idle(const char *name, const pvi_shape *shape) {
    return strstr(name, ".rotary_emb.inv_freq") != NULL ||
           (strcmp(name, "lm_head.weight") == 0 && (shape->tied || shape->head != PVI_HEAD_LM));
}

static pvg_status refuse_unknown(const pvi_weights *w, const pvi_shape *shape) {
    for (size_t i = 0; i < w->count; i++)
        for (size_t k = 0; k < pvi_arrays_count(w->shard[i].arrays); k++) {
            const pvi_entry *e = pvi_arrays_at(w->shard[i].arrays, k);
            if (e->read || idle(e->name, shape)) continue;
            return pvi_fail(w->env, PVG_E_UNSUPPORTED, NAME,
                            "%s: the weights have a tensor %.100s, which the model of config.json has "
                            "no place for",
                            w->folder, e->name);
        }
    return PVG_OK;
}

pvg_status pvi_weights_read(pvi_weights *w, pvi_model *model) {
    pvg_status status = pvi_model_tensors(&model->shape, &model->weights, read_tensor, w);
    return status == PVG_OK ? refuse_unknown(w, &model->shape) : status;
}
