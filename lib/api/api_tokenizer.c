/* api_tokenizer.c - text to tokens and back. */
#include "api/api_objects.h"

#include "game/game.h"

static pvg_status wrap(pvg_context *context, pvi_tokenizer *made, pvg_tokenizer **out) {
    pvg_tokenizer *tokenizer = pvi_api_object(context, sizeof *tokenizer);
    if (tokenizer == NULL) {
        pvi_tokenizer_release(&context->env, made);
        return PVG_E_NOMEM;
    }
    tokenizer->tokenizer = made;
    *out = tokenizer;
    return PVG_OK;
}

pvg_status pvg_tokenizer_train(pvg_context *context, const pvg_dataset *dataset, const pvg_settings *settings,
                               pvg_tokenizer **out) {
    API_ENTER(context);
    API_NEED(context, dataset);
    API_NEED(context, out);
    pvi_settings *s;
    pvi_config config;
    pvi_tokenizer *made = NULL;
    API_TRY(pvi_api_settings(context, settings, &s));
    pvg_status status = pvi_config_read(&context->env, s, &config);
    if (status == PVG_OK) status = pvi_source_tokenizer(&context->env, &config, dataset->data, NULL, 0, &made);
    pvi_settings_destroy(&context->env, s);
    return status == PVG_OK ? wrap(context, made, out) : status;
}

pvg_status pvg_tokenizer_load(pvg_context *context, const char *path, pvg_tokenizer **out) {
    API_ENTER(context);
    API_NEED(context, path);
    API_NEED(context, out);
    pvi_tokenizer *made;
    API_TRY(pvi_tokenizer_load(&context->env, path, &made));
    return wrap(context, made, out);
}

pvg_status pvg_tokenizer_save(const pvg_tokenizer *tokenizer, const char *path) {
    API_ENTER_OF(tokenizer);
    API_NEED(tokenizer->context, path);
    return pvi_tokenizer_save(&tokenizer->context->env, tokenizer->tokenizer, path);
}

int32_t pvg_tokenizer_size(const pvg_tokenizer *tokenizer) {
    return tokenizer != NULL ? pvi_tokenizer_size(tokenizer->tokenizer) : 0;
}

/* Encoding and decoding may run on several threads at once, so each call has an environment of its own: the context's
 * allocator, and an error slot that nobody else writes to. */
static void private_env(const pvg_context *context, pvi_env *env) {
    pvi_env_init(env);
    env->allocate = context->env.allocate;
    env->release = context->env.release;
    env->allocator_user = context->env.allocator_user;
}

pvg_status pvg_tokenizer_encode(const pvg_tokenizer *tokenizer, const char *text, size_t length, int32_t specials,
                                int32_t *tokens, size_t capacity, size_t *needed) {
    if (tokenizer == NULL || text == NULL || (tokens == NULL && capacity > 0)) return PVG_E_INVALID;
    pvi_env env;
    pvi_tokens list;
    private_env(tokenizer->context, &env);
    pvi_tokens_init(&list, &env);
    pvg_status status = pvi_encode(&env, tokenizer->tokenizer, text, pvi_api_length(text, length), specials != 0, &list);
    if (status == PVG_OK && needed != NULL) *needed = list.length;
    if (status == PVG_OK && tokens != NULL) {
        if (capacity < list.length) status = PVG_E_BUFFER;
        else if (list.length > 0) memcpy(tokens, list.data, list.length * sizeof *tokens);
    }
    pvi_tokens_free(&list);
    return status;
}

pvg_status pvg_tokenizer_decode(const pvg_tokenizer *tokenizer, const int32_t *tokens, size_t count, char *text,
                                size_t capacity, size_t *needed) {
    if (tokenizer == NULL || (tokens == NULL && count > 0) || (text == NULL && capacity > 0)) return PVG_E_INVALID;
    pvi_env env;
    pvi_text bytes;
    private_env(tokenizer->context, &env);
    pvi_text_init(&bytes, &env);
    pvg_status status = pvi_decode(&env, tokenizer->tokenizer, tokens, count, true, &bytes);
    if (status == PVG_OK) status = pvi_text_ok(&bytes);
    if (status == PVG_OK && needed != NULL) *needed = bytes.length;
    if (status == PVG_OK && text != NULL) {
        if (capacity <= bytes.length) status = PVG_E_BUFFER;
        else memcpy(text, bytes.data != NULL ? bytes.data : "", bytes.length + 1);
    }
    pvi_text_free(&bytes);
    return status;
}

void pvg_tokenizer_destroy(pvg_tokenizer *tokenizer) {
    if (tokenizer == NULL) return;
    pvi_tokenizer_release(&tokenizer->context->env, tokenizer->tokenizer);
    pvi_api_object_free(tokenizer);
}
