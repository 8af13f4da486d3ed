/* api_model.c - models as handles. */
#include "api/api_objects.h"

#include "game/game.h"
#include "model/model_file.h"

pvg_status pvi_api_wrap_model(pvg_context *context, pvi_model *model, pvg_model **out) {
    pvg_model *handle = pvi_api_object(context, sizeof *handle);
    if (handle == NULL) {
        pvi_model_destroy(model);
        return PVG_E_NOMEM;
    }
    handle->model = model;
    atomic_init(&handle->references, 1);
    *out = handle;
    return PVG_OK;
}

pvg_model *pvi_handle_retain(pvg_model *model) {
    atomic_fetch_add(&model->references, 1);
    return model;
}

void pvg_model_destroy(pvg_model *model) {
    if (model == NULL || atomic_fetch_sub(&model->references, 1) != 1) return;
    pvi_model_destroy(model->model);
    pvi_api_object_free(model);
}

pvg_status pvg_model_create(pvg_context *context, const pvg_tokenizer *tokenizer, const pvg_settings *settings,
                            const char *part, pvg_model **out) {
    API_ENTER(context);
    API_NEED(context, tokenizer);
    API_NEED(context, part);
    API_NEED(context, out);
    bool verifier = strcmp(part, "verifier") == 0;
    if (!verifier && strcmp(part, "prover") != 0)
        return pvi_fail(&context->env, PVG_E_NOT_FOUND, "model", "there is no part '%s': prover and verifier are the parts", part);
    pvi_settings *s;
    pvi_config config;
    pvi_model *model;
    API_TRY(pvi_api_settings(context, settings, &s));
    pvg_status status = pvi_config_read(&context->env, s, &config);
    pvi_head head = verifier ? config.verifier.head : PVI_HEAD_LM;
    if (status == PVG_OK)
        status = pvi_source_model(&context->env, &config, tokenizer->tokenizer, verifier, head, &model);
    pvi_settings_destroy(&context->env, s);
    return status == PVG_OK ? pvi_api_wrap_model(context, model, out) : status;
}

pvg_status pvg_model_load(pvg_context *context, const char *directory, pvg_model **out) {
    API_ENTER(context);
    API_NEED(context, directory);
    API_NEED(context, out);
    pvi_model *model;
    API_TRY(pvi_model_load(&context->env, directory, &model));
    return pvi_api_wrap_model(context, model, out);
}

pvg_status pvg_model_save(const pvg_model *model, const char *directory) {
    API_ENTER_OF(model);
    API_NEED(model->context, directory);
    return pvi_model_save(&model->context->env, model->model, directory);
}

pvg_status pvg_model_clone(const pvg_model *model, pvg_model **out) {
    API_ENTER_OF(model);
    API_NEED(model->context, out);
    pvi_model *copy;
    API_TRY(pvi_model_clone(&model->context->env, model->model, &copy));
    return pvi_api_wrap_model(model->context, copy, out);
}

uint64_t pvg_model_parameters(const pvg_model *model) { return model != NULL ? model->model->weights.count : 0; }
int32_t pvg_model_context_length(const pvg_model *model) { return model != NULL ? model->model->shape.context : 0; }

const char *pvg_model_head(const pvg_model *model) {
    if (model == NULL) return "";
    switch (model->model->shape.head) {
    case PVI_HEAD_TOKEN_SUM: return "token_sum";
    case PVI_HEAD_TOKEN_MEAN: return "token_mean";
    case PVI_HEAD_LAST: return "last";
    default: return "lm";
    }
}

pvg_status pvg_model_tokenizer(const pvg_model *model, pvg_tokenizer **out) {
    API_ENTER_OF(model);
    API_NEED(model->context, out);
    pvg_tokenizer *tokenizer = pvi_api_object(model->context, sizeof *tokenizer);
    if (tokenizer == NULL) return PVG_E_NOMEM;
    tokenizer->tokenizer = pvi_tokenizer_retain(model->model->tokenizer);
    *out = tokenizer;
    return PVG_OK;
}

pvg_status pvg_model_logprobs(pvg_model *model, const int32_t *tokens, size_t count, float *logprobs) {
    API_ENTER_OF(model);
    pvi_env *env = &model->context->env;
    API_NEED(model->context, tokens);
    API_NEED(model->context, logprobs);
    if (count == 0 || count > (size_t)model->model->shape.context)
        return pvi_fail(env, PVG_E_RANGE, "model", "%zu tokens were given: 1 to %d (the model's context) are possible", count,
                        model->model->shape.context);
    if (model->model->shape.head != PVI_HEAD_LM)
        return pvi_fail(env, PVG_E_UNSUPPORTED, "model", "this model has the head '%s', not a language model's", pvg_model_head(model));
    const int32_t offset[2] = {0, (int32_t)count}, begin = 1;
    pvi_batch batch = {.sequences = 1, .offset = offset, .token = tokens};
    if (count == 1) {
        logprobs[0] = 0;
        return PVG_OK;
    }
    float *result = pvi_calloc(env, count, sizeof *result);
    if (result == NULL) return PVG_E_NOMEM;
    pvg_status status = pvi_logprobs(env, model->model, &batch, &begin, result);
    if (status == PVG_OK) memcpy(logprobs, result, count * sizeof *result);
    pvi_free(env, result);
    return status;
}
