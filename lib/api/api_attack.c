/* api_attack.c - attacks on a frozen verifier. */
#include "api/api_objects.h"

#include "game/attack.h"

typedef struct watched {
    pvi_env *env;
    const pvg_attack_options *options;
} watched;

static void tell_progress(void *user, const char *what, int32_t done, int32_t total) {
    const watched *w = user;
    w->env->in_hook = true;
    w->options->progress(w->options->user, what, done, total);
    w->env->in_hook = false;
}

static pvg_status read_options(pvg_context *context, const pvg_attack_options *given, pvg_attack_options *out) {
    pvi_env *env = &context->env;
    *out = (pvg_attack_options){.struct_size = sizeof *out};
    if (given == NULL) return PVG_OK;
    API_TRY(pvi_api_read_struct(env, "pvg_attack_options", given, out, sizeof *out));
    if (out->reserved_zero != 0)
        return pvi_fail(env, PVG_E_UNSUPPORTED, "api", "pvg_attack_options.reserved_zero is %u; it must be 0", out->reserved_zero);
    return PVG_OK;
}

static pvg_status check_prover(pvg_context *context, const pvg_model *model, const char *what) {
    pvi_env *env = &context->env;
    API_TRY(pvi_api_same(context, model->context, what));
    if (model->model->shape.head != PVI_HEAD_LM)
        return pvi_fail(env, PVG_E_INVALID, "attack", "the %s has the head '%s': a prover is wanted", what, pvg_model_head(model));
    if (pvi_tokenizer_end(model->model->tokenizer) < 0)
        return pvi_fail(env, PVG_E_INVALID, "attack", "the %s's tokenizer has no end token", what);
    return PVG_OK;
}

static pvg_status check_all(pvg_context *context, const pvg_dataset *dataset, const pvg_model *base, const pvg_verifier *verifier,
                            const pvg_attack_options *o) {
    if (dataset != NULL) API_TRY(pvi_api_same(context, dataset->context, "dataset"));
    API_TRY(check_prover(context, base, "base"));
    if (o->start != NULL) API_TRY(check_prover(context, o->start, "start"));
    return pvi_api_check_cast(context, o->helpful, verifier, o->grader);
}

pvg_status pvg_attack(pvg_context *context, const pvg_settings *settings, pvg_dataset *dataset, pvg_model *base,
                      pvg_verifier *verifier, const pvg_attack_options *given, pvg_report **out) {
    API_ENTER(context);
    API_NEED(context, base);
    API_NEED(context, verifier);
    API_NEED(context, out);
    pvi_env *env = &context->env;
    pvg_attack_options options;
    API_TRY(read_options(context, given, &options));
    API_TRY(check_all(context, dataset, base, verifier, &options));
    pvi_settings *s;
    pvi_config config;
    pvg_report *report = NULL;
    API_TRY(pvi_api_settings(context, settings, &s));
    pvg_status status = pvi_config_read(env, s, &config);
    if (status == PVG_OK) status = pvi_api_report(context, &report);
    if (status == PVG_OK) {
        pvi_cast judge = pvi_api_cast(context, &config, NULL, verifier, NULL);
        pvi_cast helpful = pvi_api_cast(context, &config, options.helpful, NULL, options.grader);
        watched w = {env, &options};
        const pvi_attack attack = {.settings = s, .data = dataset != NULL ? dataset->data : NULL, .base = base->model,
                                   .start = options.start != NULL ? options.start->model : base->model, .judge = &judge,
                                   .helpful = options.helpful != NULL ? &helpful : NULL,
                                   .grader = options.grader != NULL ? options.grader->seat.host : NULL,
                                   .progress = options.progress != NULL ? tell_progress : NULL, .user = &w};
        status = pvi_attack_run(env, &attack, &report->report);
    }
    pvi_settings_destroy(env, s);
    if (status == PVG_OK) *out = report;
    else pvg_report_destroy(report);
    return status;
}
