/* api_experiment.c - many runs put together, and the claims judged on them. */
#include "api/api_objects.h"

#include "game/claims.h"

struct pvg_experiment {
    pvg_context *context;
    pvi_experiment experiment;
    pvi_judgement judgement; /* the last one given */
};

pvg_status pvg_experiment_create(pvg_context *context, double level, pvg_experiment **out) {
    API_ENTER(context);
    API_NEED(context, out);
    pvi_experiment experiment;
    API_TRY(pvi_experiment_init(&experiment, &context->env, level));
    pvg_experiment *made = pvi_api_object(context, sizeof *made);
    if (made == NULL) return PVG_E_NOMEM;
    made->experiment = experiment;
    *out = made;
    return PVG_OK;
}

void pvg_experiment_destroy(pvg_experiment *experiment) {
    if (experiment == NULL) return;
    pvi_judgement_free(&experiment->judgement);
    pvi_experiment_free(&experiment->experiment);
    pvi_api_object_free(experiment);
}

pvg_status pvg_experiment_arm(pvg_experiment *experiment, const char *name, const char *kind, double ratio) {
    API_ENTER_OF(experiment);
    API_NEED(experiment->context, name);
    API_NEED(experiment->context, kind);
    return pvi_experiment_arm(&experiment->experiment, name, kind, ratio);
}

pvg_status pvg_experiment_add(pvg_experiment *experiment, const char *arm, uint64_t seed, int32_t round,
                              const char *metric, double value, int32_t at_least) {
    API_ENTER_OF(experiment);
    API_NEED(experiment->context, arm);
    API_NEED(experiment->context, metric);
    return pvi_experiment_add(&experiment->experiment, arm, seed, round, metric, value, at_least != 0);
}

pvg_status pvg_experiment_add_report(pvg_experiment *experiment, const char *arm, uint64_t seed, int32_t round,
                                     const char *prefix, const pvg_report *report) {
    API_ENTER_OF(experiment);
    API_NEED(experiment->context, arm);
    API_NEED(experiment->context, prefix);
    API_NEED(experiment->context, report);
    pvi_text name;
    pvi_text_init(&name, &experiment->context->env);
    pvg_status status = PVG_OK;
    for (size_t i = 0; i < report->report.metrics && status == PVG_OK; i++) {
        const pvi_metric *metric = &report->report.metric[i];
        pvi_text_clear(&name);
        pvi_text_puts(&name, prefix);
        pvi_text_puts(&name, metric->name);
        status = pvi_text_ok(&name);
        if (status == PVG_OK)
            status = pvi_experiment_add(&experiment->experiment, arm, seed, round, name.data, metric->value, false);
    }
    pvi_text_free(&name);
    return status;
}

pvg_status pvg_experiment_summary(pvg_experiment *experiment, const char *arm, int32_t round, const char *metric,
                                  pvg_summary *out) {
    API_ENTER_OF(experiment);
    API_NEED(experiment->context, arm);
    API_NEED(experiment->context, metric);
    API_NEED(experiment->context, out);
    pvi_experiment *x = &experiment->experiment;
    size_t at = 0;
    while (at < x->arms && strcmp(x->arm[at].name, arm) != 0) at++;
    pvi_cell cell = pvi_experiment_cell(x, at, metric, round);
    if (cell.count == 0)
        return pvi_fail(x->env, PVG_E_NOT_FOUND, "experiment", "arm '%s' has no %s of round %d", arm, metric,
                        (int)round);
    pvi_summary found = pvi_experiment_summary(x, cell);
    pvg_summary s = {.struct_size = sizeof s,
                     .seeds = found.seeds,
                     .bounds = found.bounds,
                     .mean = found.mean,
                     .low = found.low,
                     .high = found.high,
                     .deviation = found.deviation,
                     .least = found.least,
                     .most = found.most};
    return pvi_api_write_struct(x->env, "pvg_summary", out, &s, sizeof s);
}

const char *pvg_finding_name(pvg_finding finding) { return pvi_finding_name(finding); }
size_t pvg_claim_count(void) { return pvi_claim_count(); }

pvg_status pvg_experiment_claim(pvg_experiment *experiment, size_t index, pvg_claim *out) {
    API_ENTER_OF(experiment);
    API_NEED(experiment->context, out);
    pvi_experiment *x = &experiment->experiment;
    size_t count;
    const pvi_claim *claim = pvi_claims(&count);
    if (index >= count)
        return pvi_fail(x->env, PVG_E_RANGE, "experiment", "claim %zu was asked for, and there are %zu", index, count);
    pvi_judgement judgement;
    API_TRY(pvi_claim_judge(x, index, &judgement));
    claim += index;
    pvg_claim given = {.struct_size = sizeof given,
                       .finding = judgement.finding,
                       .id = claim->id,
                       .figure = claim->figure,
                       .title = claim->title,
                       .paper = claim->paper,
                       .rule = claim->rule,
                       .measured = judgement.measured.data};
    pvg_status status = pvi_api_write_struct(x->env, "pvg_claim", out, &given, sizeof given);
    if (status != PVG_OK) {
        pvi_judgement_free(&judgement);
        return status;
    }
    pvi_judgement_free(&experiment->judgement);
    experiment->judgement = judgement;
    return PVG_OK;
}

pvg_status pvg_experiment_json(pvg_experiment *experiment, char *buffer, size_t capacity, size_t *needed) {
    API_ENTER_OF(experiment);
    pvi_text json;
    pvi_text_init(&json, &experiment->context->env);
    pvg_status status = pvi_experiment_write_json(&experiment->experiment, &json);
    if (status == PVG_OK) status = pvi_api_give(experiment->context, json.data, json.length, buffer, capacity, needed);
    pvi_text_free(&json);
    return status;
}
