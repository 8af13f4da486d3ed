/* model.c - see model.h. */
#include "model/model.h"

#include <math.h>
#include <string.h>

#include "model/init.h"
#include "model/packed.h"

static void choose_allowed(pvi_model *model) {
    const pvi_tokenizer *tokenizer = model->tokenizer;
    for (int32_t id = 0; id < model->shape.vocab; id++) {
        if (tokenizer == NULL) model->allowed[id] = true;
        else if (id >= pvi_tokenizer_size(tokenizer)) model->allowed[id] = false; /* a padded vocabulary */
        else model->allowed[id] = !pvi_tokenizer_is_special(tokenizer, id) || id == pvi_tokenizer_end(tokenizer);
    }
}

/* Almost all are allowed, and the others side by side: look for them. */
void pvi_model_forbid(const pvi_model *model, float *logits) {
    const bool *allowed = model->allowed, *end = allowed + model->shape.vocab, *at = allowed;
    while (at < end && (at = memchr(at, false, (size_t)(end - at))) != NULL)
        for (; at < end && !*at; at++) logits[at - allowed] = -INFINITY;
}

/* A model with zeroed weights. */
static pvg_status make(pvi_env *env, const pvi_shape *shape, pvi_tokenizer *tokenizer, pvi_model **out) {
    pvg_status status = pvi_shape_check(env, shape);
    if (status != PVG_OK) return status;
    if (tokenizer != NULL && pvi_tokenizer_size(tokenizer) > shape->vocab)
        return pvi_fail(env, PVG_E_RANGE, "model", "vocab is %d, but the tokenizer has %d tokens", (int)shape->vocab,
                        (int)pvi_tokenizer_size(tokenizer));
    pvi_model *model = pvi_calloc(env, 1, sizeof *model);
    if (model == NULL) return PVG_E_NOMEM;
    *model = (pvi_model){.env = env, .shape = *shape, .stale = true};
    model->allowed = pvi_calloc(env, (size_t)shape->vocab, sizeof *model->allowed);
    status = model->allowed != NULL ? pvi_view_create(env, shape, &model->weights) : PVG_E_NOMEM;
    if (status != PVG_OK) {
        pvi_model_destroy(model);
        return status;
    }
    if (tokenizer != NULL) model->tokenizer = pvi_tokenizer_retain(tokenizer);
    choose_allowed(model);
    *out = model;
    return PVG_OK;
}

pvg_status pvi_model_create(pvi_env *env, const pvi_shape *shape, pvi_tokenizer *tokenizer, const pvi_init *init,
                            pvi_model **out) {
    if (init != NULL && (!isfinite(init->embedding_scale) || init->embedding_scale < 0.0f))
        return pvi_fail(env, PVG_E_RANGE, "model", "embedding_scale must be a finite number of at least 0");
    pvi_model *model;
    pvg_status status = make(env, shape, tokenizer, &model);
    if (status != PVG_OK) return status;
    if (init != NULL) status = pvi_init_weights(model, init);
    if (status != PVG_OK) {
        pvi_model_destroy(model);
        return status;
    }
    *out = model;
    return PVG_OK;
}

pvg_status pvi_model_clone(pvi_env *env, const pvi_model *model, pvi_model **out) {
    pvi_model *copy;
    pvg_status status = make(env, &model->shape, model->tokenizer, &copy);
    if (status != PVG_OK) return status;
    memcpy(copy->weights.block, model->weights.block, model->weights.count * sizeof(float));
    *out = copy;
    return PVG_OK;
}

pvg_status pvi_model_with_head(pvi_env *env, const pvi_model *trunk, pvi_head head, bool logprob_feature,
                               pvi_model **out) {
    pvi_shape shape = trunk->shape;
    shape.head = head;
    shape.logprob_feature = logprob_feature;
    if (trunk->shape.head != PVI_HEAD_LM) shape.tied = true; /* a verifier has no other head to offer */
    pvi_model *model;
    pvg_status status = make(env, &shape, trunk->tokenizer, &model);
    if (status != PVG_OK) return status;
    size_t count = (size_t)(trunk->weights.norm - trunk->weights.block) + (size_t)shape.width;
    memcpy(model->weights.block, trunk->weights.block, count * sizeof(float));
    *out = model;
    return PVG_OK;
}

void pvi_model_destroy(pvi_model *model) {
    if (model == NULL) return;
    pvi_env *env = model->env;
    pvi_packed_destroy(env, model->packed);
    pvi_view_destroy(env, &model->weights);
    pvi_free(env, model->allowed);
    pvi_tokenizer_release(env, model->tokenizer);
    pvi_free(env, model);
}

void pvi_model_copy_weights(pvi_model *to, const pvi_model *from) {
    memcpy(to->weights.block, from->weights.block, from->weights.count * sizeof(float));
    to->stale = true;
}

/* Exponent all ones: infinite or NaN. */
static bool all_finite(const float *data, int64_t count) {
    uint32_t found = 0;
    for (int64_t i = 0; i < count; i++) {
        uint32_t bits;
        memcpy(&bits, &data[i], sizeof bits);
        found |= (bits & UINT32_C(0x7f800000)) == UINT32_C(0x7f800000);
    }
    return found == 0;
}

static pvg_status check_tensor(void *arg, const char *name, float *data, int64_t rows, int64_t cols) {
    int64_t count = cols == 0 ? rows : rows * cols;
    if (all_finite(data, count)) return PVG_OK;
    int64_t at = 0;
    while (isfinite(data[at])) at++;
    return pvi_fail(arg, PVG_E_NUMERIC, "model", "element %lld of %s is not a finite number", (long long)at, name);
}

pvg_status pvi_model_check_finite(const pvi_model *model) {
    return pvi_model_tensors(&model->shape, &model->weights, check_tensor, model->env);
}
