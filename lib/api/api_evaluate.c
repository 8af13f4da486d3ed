/* api_evaluate.c - measuring players over a dataset. */
#include "api/api_objects.h"

#include "game/evaluate.h"

pvg_status pvi_api_check_cast(pvg_context *context, const pvg_prover *prover, const pvg_verifier *verifier, const pvg_grader *grader) {
    if (prover != NULL) API_TRY(pvi_api_same(context, prover->seat.context, "prover"));
    if (verifier != NULL) API_TRY(pvi_api_same(context, verifier->seat.context, "verifier"));
    if (grader != NULL) API_TRY(pvi_api_same(context, grader->seat.context, "grader"));
    return PVG_OK;
}

pvi_cast pvi_api_cast(pvg_context *context, const pvi_config *config, pvg_prover *prover, pvg_verifier *verifier, pvg_grader *grader) {
    pvi_cast cast = {.env = &context->env, .config = config};
    if (prover != NULL && prover->seat.model != NULL) cast.prover = &prover->seat.voice;
    if (prover != NULL) cast.host_prover = prover->seat.host;
    if (verifier != NULL && verifier->seat.model != NULL) cast.verifier = &verifier->seat.voice;
    if (verifier != NULL) cast.host_verifier = verifier->seat.host;
    if (grader != NULL) cast.host_grader = grader->seat.host;
    return cast;
}

pvg_status pvg_evaluate(pvg_context *context, const pvg_dataset *dataset, pvg_prover *prover, pvg_role role, pvg_verifier *verifier,
                        pvg_grader *grader, const pvg_settings *settings, pvg_report **out) {
    API_ENTER(context);
    API_NEED(context, dataset);
    API_NEED(context, out);
    API_TRY(pvi_api_same(context, dataset->context, "dataset"));
    API_TRY(pvi_api_check_cast(context, prover, verifier, grader));
    if (role < PVG_ROLE_NEUTRAL || role > PVG_ROLE_SNEAKY)
        return pvi_fail(&context->env, PVG_E_RANGE, "evaluate", "role is %d: PVG_ROLE_NEUTRAL (0), HELPFUL (1) and SNEAKY (2) are known", role);
    pvi_settings *s;
    pvi_config config;
    pvg_report *report = NULL;
    API_TRY(pvi_api_settings(context, settings, &s));
    pvg_status status = pvi_config_read(&context->env, s, &config);
    if (status == PVG_OK) status = pvi_api_report(context, &report);
    if (status == PVG_OK) {
        pvi_cast cast = pvi_api_cast(context, &config, prover, verifier, grader);
        status = pvi_evaluate(&cast, dataset->data, role, &report->report);
    }
    pvi_settings_destroy(&context->env, s);
    if (status == PVG_OK) *out = report;
    else pvg_report_destroy(report);
    return status;
}

static pvg_status table_casts(pvg_context *context, const pvi_config *config, size_t prover_count, pvg_prover *const *provers,
                              size_t verifier_count, pvg_verifier *const *verifiers, pvg_grader *grader, pvi_cast *cast) {
    for (size_t i = 0; i < prover_count; i++) {
        if (provers[i] == NULL) return pvi_fail(&context->env, PVG_E_INVALID, "evaluate", "prover %zu is a null pointer", i);
        API_TRY(pvi_api_check_cast(context, provers[i], NULL, grader));
        cast[i] = pvi_api_cast(context, config, provers[i], NULL, grader);
    }
    for (size_t i = 0; i < verifier_count; i++) {
        if (verifiers[i] == NULL) return pvi_fail(&context->env, PVG_E_INVALID, "evaluate", "verifier %zu is a null pointer", i);
        API_TRY(pvi_api_check_cast(context, NULL, verifiers[i], NULL));
        cast[prover_count + i] = pvi_api_cast(context, config, NULL, verifiers[i], NULL);
    }
    return PVG_OK;
}

pvg_status pvg_evaluate_table(pvg_context *context, const pvg_dataset *dataset, size_t prover_count, pvg_prover *const *provers,
                              size_t verifier_count, pvg_verifier *const *verifiers, pvg_grader *grader,
                              const pvg_settings *settings, pvg_report **out) {
    API_ENTER(context);
    API_NEED(context, dataset);
    API_NEED(context, provers);
    API_NEED(context, verifiers);
    API_NEED(context, out);
    API_TRY(pvi_api_same(context, dataset->context, "dataset"));
    if (prover_count == 0 || verifier_count == 0 || prover_count > SIZE_MAX / 2 || verifier_count > SIZE_MAX / 2)
        return pvi_fail(&context->env, PVG_E_INVALID, "evaluate", "a table has at least one prover and one verifier");
    pvi_env *env = &context->env;
    pvi_settings *s;
    pvi_config config;
    pvg_report *report = NULL;
    API_TRY(pvi_api_settings(context, settings, &s));
    pvi_cast *cast = pvi_alloc(env, prover_count + verifier_count, sizeof *cast);
    pvg_status status = cast != NULL ? pvi_config_read(env, s, &config) : PVG_E_NOMEM;
    if (status == PVG_OK) status = table_casts(context, &config, prover_count, provers, verifier_count, verifiers, grader, cast);
    if (status == PVG_OK) status = pvi_api_report(context, &report);
    if (status == PVG_OK)
        status = pvi_evaluate_table(env, dataset->data, cast, prover_count, cast + prover_count, verifier_count, &report->report);
    pvi_free(env, cast);
    pvi_settings_destroy(env, s);
    if (status == PVG_OK) *out = report;
    else pvg_report_destroy(report);
    return status;
}
