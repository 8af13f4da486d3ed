/* api_measure.c - measuring anybody's solutions. */
#include "api/api_objects.h"

#include <math.h>

#include "game/measurement.h"

struct pvg_measurement {
    pvg_context *context;
    pvi_settings *settings;
    pvi_config config; /* borrows texts from settings */
    pvi_measurement measurement;
    pvi_text json; /* of all reports; empty when something was added since */
};

pvg_status pvg_solution_init(pvg_solution *solution, size_t struct_size) {
    const pvg_solution fresh = {.struct_size = (uint32_t)struct_size, .round = -1, .question_length = PVG_NUL_TERMINATED,
                                .text_length = PVG_NUL_TERMINATED, .score = (double)NAN, .reward = (double)NAN,
                                .kl = (double)NAN, .entropy = (double)NAN};
    pvi_env quiet;
    if (solution == NULL || struct_size < sizeof(uint32_t) || struct_size > UINT32_MAX) return PVG_E_INVALID;
    solution->struct_size = (uint32_t)struct_size;
    pvi_env_init(&quiet);
    return pvi_api_write_struct(&quiet, "pvg_solution", solution, &fresh, sizeof fresh);
}

pvg_status pvg_measurement_create(pvg_context *context, const pvg_dataset *dataset, const pvg_settings *settings,
                                  pvg_measurement **out) {
    API_ENTER(context);
    API_NEED(context, out);
    if (dataset != NULL) API_TRY(pvi_api_same(context, dataset->context, "dataset"));
    if (settings != NULL) API_TRY(pvi_api_same(context, settings->context, "settings"));
    pvg_measurement *m = pvi_api_object(context, sizeof *m);
    if (m == NULL) return PVG_E_NOMEM;
    pvi_text_init(&m->json, &context->env);
    pvg_status status = pvi_api_settings(context, settings, &m->settings);
    if (status == PVG_OK) status = pvi_config_read(&context->env, m->settings, &m->config);
    if (status == PVG_OK) {
        if (dataset != NULL) pvi_dataset_freeze(dataset->data);
        status = pvi_measurement_init(&m->measurement, &context->env, &m->config, dataset != NULL ? dataset->data : NULL);
    }
    if (status == PVG_OK) *out = m;
    else pvg_measurement_destroy(m);
    return status;
}

void pvg_measurement_destroy(pvg_measurement *measurement) {
    if (measurement == NULL) return;
    pvi_measurement_free(&measurement->measurement);
    pvi_text_free(&measurement->json);
    pvi_settings_destroy(&measurement->context->env, measurement->settings);
    pvi_api_object_free(measurement);
}

static pvi_span span_of(const char *text, size_t length) {
    return (pvi_span){.data = text, .length = text != NULL ? pvi_api_length(text, length) : 0};
}

pvg_status pvg_measurement_add(pvg_measurement *measurement, const pvg_solution *solution) {
    API_ENTER_OF(measurement);
    API_NEED(measurement->context, solution);
    pvg_solution s;
    pvg_solution_init(&s, sizeof s);
    API_TRY(pvi_api_read_struct(&measurement->context->env, "pvg_solution", solution, &s, sizeof s));
    const pvi_given given = {.role = s.role, .verdict = s.verdict, .round = s.round, .step = s.step, .greedy = s.greedy != 0,
                             .truncated = s.truncated != 0, .tokens = s.tokens, .id = s.id, .gold = s.gold, .chain = s.chain,
                             .question = span_of(s.question, s.question_length), .text = span_of(s.text, s.text_length),
                             .score = s.score, .reward = s.reward, .kl = s.kl, .entropy = s.entropy};
    pvi_text_free(&measurement->json);
    return pvi_measurement_add(&measurement->measurement, &given);
}

static pvg_status cast_verifier(pvg_measurement *measurement, pvg_verifier *verifier, pvi_cast *out) {
    API_NEED(measurement->context, verifier);
    API_TRY(pvi_api_same(measurement->context, verifier->seat.context, "verifier"));
    pvi_seat *seat = &verifier->seat;
    *out = (pvi_cast){.env = &measurement->context->env, .config = &seat->config, .host_verifier = seat->host,
                      .verifier = seat->model != NULL ? &seat->voice : NULL};
    return PVG_OK;
}

pvg_status pvg_measurement_verifier(pvg_measurement *measurement, const char *name, pvg_verifier *verifier) {
    API_ENTER_OF(measurement);
    API_NEED(measurement->context, name);
    pvi_cast cast;
    API_TRY(cast_verifier(measurement, verifier, &cast));
    pvi_text_free(&measurement->json);
    return pvi_measurement_verifier(&measurement->measurement, name, &cast);
}

pvg_status pvg_measurement_judge(pvg_measurement *measurement, pvg_verifier *judge) {
    API_ENTER_OF(measurement);
    pvi_cast cast;
    API_TRY(cast_verifier(measurement, judge, &cast));
    pvi_text_free(&measurement->json);
    return pvi_measurement_judge(&measurement->measurement, &cast);
}

int32_t pvg_measurement_rounds(const pvg_measurement *measurement) { return measurement != NULL ? measurement->measurement.rounds : 0; }

pvg_status pvg_measurement_report(pvg_measurement *measurement, int32_t round, pvg_report **out) {
    API_ENTER_OF(measurement);
    pvg_context *context = measurement->context;
    API_NEED(context, out);
    if (round < -1 || round > PVI_ROUND_MOST)
        return pvi_fail(&context->env, PVG_E_RANGE, "measure", "round is %d: -1 (of none) to %d are possible", round, PVI_ROUND_MOST);
    pvg_report *report = NULL;
    API_TRY(pvi_api_report(context, &report));
    pvg_status status = pvi_measurement_report(&measurement->measurement, round, &report->report);
    if (status == PVG_OK) *out = report;
    else pvg_report_destroy(report);
    return status;
}

const char *pvg_measurement_note(const pvg_measurement *measurement, size_t index) {
    return measurement != NULL ? pvi_measurement_note(&measurement->measurement, index) : NULL;
}

pvg_status pvg_measurement_json(pvg_measurement *measurement, char *buffer, size_t capacity, size_t *needed) {
    API_ENTER_OF(measurement);
    pvi_text *json = &measurement->json;
    if (json->length == 0) {
        pvi_text_init(json, &measurement->context->env);
        pvg_status status = pvi_measurement_write_json(&measurement->measurement, json);
        if (status != PVG_OK) {
            pvi_text_free(json);
            return status;
        }
    }
    return pvi_api_give(measurement->context, json->data, json->length, buffer, capacity, needed);
}
