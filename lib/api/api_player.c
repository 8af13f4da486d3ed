/* api_player.c - provers, verifiers and graders as handles. */
#include "api/api_objects.h"

#include "game/cast.h"
#include "game/evaluate.h"

/* ---- seats ---- */

static pvg_status read_hooks(pvg_context *context, const pvg_hooks *given, pvi_hooks *out) {
    pvg_hooks hooks = {.struct_size = sizeof hooks};
    API_TRY(pvi_api_read_struct(&context->env, "pvg_hooks", given, &hooks, sizeof hooks));
    *out = (pvi_hooks){.answer = hooks.answer, .learn = hooks.learn, .finish = hooks.finish, .user = hooks.user};
    return PVG_OK;
}

static void seat_free(pvi_seat *seat) {
    pvi_env *env = &seat->context->env;
    if (seat->model != NULL) pvi_voice_free(&seat->voice);
    pvi_player_release(seat->host);
    pvi_settings_destroy(env, seat->settings);
    pvg_model_destroy(seat->model);
    pvi_api_object_free(seat);
}

/* A seat with settings read; nobody sits in it yet. */
static pvg_status seat_make(pvg_context *context, const pvg_settings *settings, pvi_seat **out) {
    pvi_seat *seat = pvi_api_object(context, sizeof *seat);
    if (seat == NULL) return PVG_E_NOMEM;
    pvg_status status = pvi_api_settings(context, settings, &seat->settings);
    if (status == PVG_OK) status = pvi_config_read(&context->env, seat->settings, &seat->config);
    if (status == PVG_OK) *out = seat;
    else seat_free(seat);
    return status;
}

/* Hooks are the library's from the moment they were handed in: a player that could not be made is gone, too. */
static pvg_status unmade(const pvg_hooks *given, pvg_status status) {
    if (given != NULL && given->struct_size >= offsetof(pvg_hooks, user) + sizeof given->user && given->finish != NULL)
        given->finish(given->user);
    return status;
}

static pvg_status seat_host(pvg_context *context, const char *function, pvi_exchange_kind kind, const char *name,
                            const pvg_hooks *given, void *out) {
    pvi_hooks hooks;
    pvi_seat *seat = NULL;
    pvg_status status = pvi_api_enter(context, function);
    if (status == PVG_OK && name == NULL) status = pvi_api_null(context, function, "name");
    if (status == PVG_OK && given == NULL) status = pvi_api_null(context, function, "hooks");
    if (status == PVG_OK && out == NULL) status = pvi_api_null(context, function, "out");
    if (status == PVG_OK) status = read_hooks(context, given, &hooks);
    if (status == PVG_OK) status = seat_make(context, NULL, &seat);
    if (status != PVG_OK) return unmade(given, status);
    status = pvi_player_create(&context->env, kind, name, &hooks, &seat->host);
    if (status == PVG_OK) memcpy(out, &seat, sizeof seat);
    else seat_free(seat);
    return status;
}

static pvg_status seat_model(pvg_context *context, pvg_model *model, const pvg_settings *settings, bool verifier, pvi_seat **out) {
    API_NEED(context, model);
    API_TRY(pvi_api_same(context, model->context, "model"));
    if ((model->model->shape.head != PVI_HEAD_LM) != verifier)
        return pvi_fail(&context->env, PVG_E_INVALID, "player", "a model with the head '%s' cannot be a %s", pvg_model_head(model),
                        verifier ? "verifier" : "prover");
    if (pvi_tokenizer_end(model->model->tokenizer) < 0)
        return pvi_fail(&context->env, PVG_E_INVALID, "player", "the model's tokenizer has no end token");
    pvi_seat *seat = NULL;
    API_TRY(seat_make(context, settings, &seat));
    seat->model = pvi_handle_retain(model);
    seat->voice = (pvi_voice){.env = &context->env, .model = model->model, .config = &seat->config};
    pvi_example_list_init(&seat->voice.list, &context->env);
    *out = seat;
    return PVG_OK;
}

/* ---- prover ---- */

pvg_status pvg_prover_from_model(pvg_context *context, pvg_model *model, const pvg_settings *settings, pvg_prover **out) {
    API_ENTER(context);
    API_NEED(context, out);
    pvi_seat *seat = NULL;
    API_TRY(seat_model(context, model, settings, false, &seat));
    *out = (pvg_prover *)seat;
    return PVG_OK;
}
pvg_status pvg_prover_from_hooks(pvg_context *context, const char *name, const pvg_hooks *hooks, pvg_prover **out) {
    return seat_host(context, __func__, PVI_EXCHANGE_PROVE, name, hooks, out);
}
void pvg_prover_destroy(pvg_prover *prover) {
    if (prover != NULL) seat_free(&prover->seat);
}

static pvg_status check_job(pvi_env *env, pvg_role role, int32_t samples, double temperature) {
    if (role < PVG_ROLE_NEUTRAL || role > PVG_ROLE_SNEAKY)
        return pvi_fail(env, PVG_E_RANGE, "prover", "role is %d: PVG_ROLE_NEUTRAL (0), HELPFUL (1) and SNEAKY (2) are known", role);
    if (samples < 1 || samples > 1000000) return pvi_fail(env, PVG_E_RANGE, "prover", "samples is %d: 1 to 1000000 a problem", samples);
    if (!(temperature >= 0 && temperature <= 10))
        return pvi_fail(env, PVG_E_RANGE, "prover", "temperature is %g: 0 (greedy) to 10", temperature);
    return PVG_OK;
}

pvg_status pvg_prover_generate(pvg_prover *prover, const pvg_dataset *dataset, pvg_role role, int32_t samples,
                               double temperature, uint64_t seed, pvg_report **out) {
    API_ENTER_SEAT(prover);
    pvi_seat *seat = &prover->seat;
    pvg_context *context = seat->context;
    API_NEED(context, dataset);
    API_NEED(context, out);
    API_TRY(pvi_api_same(context, dataset->context, "dataset"));
    API_TRY(check_job(&context->env, role, samples, temperature));
    pvi_cast cast = {.env = &context->env, .config = &seat->config, .host_prover = seat->host,
                     .prover = seat->model != NULL ? &seat->voice : NULL};
    pvi_cast_job job = {.role = role, .samples = samples, .temperature = temperature, .seed = seed,
                        .problems = pvi_dataset_count(dataset->data)};
    pvi_solutions all;
    pvg_report *report = NULL;
    pvi_solutions_init(&all, &context->env);
    pvg_status status = pvi_cast_prove(&cast, dataset->data, &job, &all);
    if (status == PVG_OK) status = pvi_api_report(context, &report);
    if (status == PVG_OK) status = pvi_report_solutions(&report->report, dataset->data, &all, 0);
    pvi_solutions_free(&all);
    if (status == PVG_OK) *out = report;
    else pvg_report_destroy(report);
    return status;
}

/* ---- verifier ---- */

pvg_status pvg_verifier_from_model(pvg_context *context, pvg_model *model, const pvg_settings *settings, pvg_verifier **out) {
    API_ENTER(context);
    API_NEED(context, out);
    pvi_seat *seat = NULL;
    API_TRY(seat_model(context, model, settings, true, &seat));
    *out = (pvg_verifier *)seat;
    return PVG_OK;
}
pvg_status pvg_verifier_from_hooks(pvg_context *context, const char *name, const pvg_hooks *hooks, pvg_verifier **out) {
    return seat_host(context, __func__, PVI_EXCHANGE_VERIFY, name, hooks, out);
}
void pvg_verifier_destroy(pvg_verifier *verifier) {
    if (verifier != NULL) seat_free(&verifier->seat);
}

static pvg_status fill_spans(pvg_context *context, size_t count, const char *const *texts, const size_t *lengths, const char *what,
                             pvi_span *out) {
    for (size_t i = 0; i < count; i++) {
        if (texts[i] == NULL) return pvi_fail(&context->env, PVG_E_INVALID, "verifier", "%s %zu is a null pointer", what, i);
        out[i] = (pvi_span){.data = texts[i], .length = pvi_api_length(texts[i], lengths != NULL ? lengths[i] : PVG_NUL_TERMINATED)};
    }
    return PVG_OK;
}

pvg_status pvg_verifier_score(pvg_verifier *verifier, size_t count, const char *const *questions, const size_t *question_lengths,
                              const char *const *solutions, const size_t *solution_lengths, double *scores) {
    API_ENTER_SEAT(verifier);
    pvi_seat *seat = &verifier->seat;
    pvg_context *context = seat->context;
    if (count == 0) return PVG_OK;
    API_NEED(context, questions);
    API_NEED(context, solutions);
    API_NEED(context, scores);
    pvi_env *env = &context->env;
    pvi_span *question = pvi_alloc(env, count, sizeof *question), *solution = pvi_alloc(env, count, sizeof *solution);
    double *result = pvi_alloc(env, count, sizeof *result);
    pvg_status status = question != NULL && solution != NULL && result != NULL ? PVG_OK : PVG_E_NOMEM;
    if (status == PVG_OK) status = fill_spans(context, count, questions, question_lengths, "question", question);
    if (status == PVG_OK) status = fill_spans(context, count, solutions, solution_lengths, "solution", solution);
    pvi_cast cast = {.env = env, .config = &seat->config, .host_verifier = seat->host,
                     .verifier = seat->model != NULL ? &seat->voice : NULL};
    if (status == PVG_OK) status = pvi_cast_score(&cast, count, question, solution, result);
    if (status == PVG_OK) memcpy(scores, result, count * sizeof *result);
    pvi_free(env, question);
    pvi_free(env, solution);
    pvi_free(env, result);
    return status;
}

pvg_status pvg_verifier_parts(pvg_verifier *verifier, const char *question, size_t question_length, const char *solution,
                              size_t solution_length, size_t *ends, float *parts, size_t capacity, size_t *needed) {
    API_ENTER_SEAT(verifier);
    pvi_seat *seat = &verifier->seat;
    pvg_context *context = seat->context;
    API_NEED(context, question);
    API_NEED(context, solution);
    if (capacity > 0) {
        API_NEED(context, ends);
        API_NEED(context, parts);
    }
    if (seat->model == NULL || seat->model->model->shape.head == PVI_HEAD_LAST)
        return pvi_fail(&context->env, PVG_E_UNSUPPORTED, "verifier",
                        "only a model whose head sums or averages over tokens has parts");
    size_t count = 0;
    pvi_span q = {.data = question, .length = pvi_api_length(question, question_length)};
    pvi_span s = {.data = solution, .length = pvi_api_length(solution, solution_length)};
    pvg_status status = pvi_voice_parts(&seat->voice, q, s, ends, parts, capacity, &count);
    if (needed != NULL && (status == PVG_OK || status == PVG_E_BUFFER)) *needed = count;
    return status == PVG_E_BUFFER && capacity == 0 ? PVG_OK : status;
}

/* ---- grader ---- */

pvg_status pvg_grader_create(pvg_context *context, const pvg_settings *settings, pvg_grader **out) {
    API_ENTER(context);
    API_NEED(context, out);
    pvi_seat *seat = NULL;
    API_TRY(seat_make(context, settings, &seat));
    *out = (pvg_grader *)seat;
    return PVG_OK;
}
pvg_status pvg_grader_from_hooks(pvg_context *context, const char *name, const pvg_hooks *hooks, pvg_grader **out) {
    return seat_host(context, __func__, PVI_EXCHANGE_GRADE, name, hooks, out);
}
void pvg_grader_destroy(pvg_grader *grader) {
    if (grader != NULL) seat_free(&grader->seat);
}

static pvg_status grade_hosted(pvi_seat *seat, const pvi_ask *item, pvg_verdict *verdict) {
    pvi_env *env = &seat->context->env;
    pvi_player *player = seat->host;
    if (player->hooks.answer == NULL)
        return pvi_fail(env, PVG_E_STATE, "grader", "'%s' has no answer hook: outside of a game there is nobody to pull its requests", player->name);
    pvg_request request = {.env = env, .kind = PVI_EXCHANGE_GRADE, .id = ++player->asked, .count = 1, .item = item};
    pvg_reply *reply = NULL;
    API_TRY(pvi_player_ask(player, &request, &reply));
    *verdict = reply->item[0].verdict;
    pvi_reply_destroy(reply);
    return PVG_OK;
}

pvg_status pvg_grader_grade(pvg_grader *grader, const char *question, const char *gold, size_t gold_length, const char *solution,
                            size_t solution_length, int32_t truncated, pvg_verdict *verdict, char *extracted, size_t capacity,
                            size_t *needed) {
    API_ENTER_SEAT(grader);
    pvi_seat *seat = &grader->seat;
    pvg_context *context = seat->context;
    API_NEED(context, gold);
    API_NEED(context, solution);
    API_NEED(context, verdict);
    pvi_span answer = {.data = gold, .length = pvi_api_length(gold, gold_length)};
    pvi_span written = {.data = solution, .length = pvi_api_length(solution, solution_length)};
    if (seat->host != NULL) {
        pvi_ask item = {.question = {.data = question != NULL ? question : "", .length = question != NULL ? strlen(question) : 0},
                        .solution = written, .answer = answer};
        pvg_verdict given = PVG_VERDICT_UNGRADED;
        API_TRY(grade_hosted(seat, &item, &given));
        API_TRY(pvi_api_give(context, "", 0, extracted, capacity, needed));
        *verdict = given;
        return PVG_OK;
    }
    pvi_grade_options options = seat->config.grading;
    options.truncated = truncated != 0;
    pvi_grade grade;
    API_TRY(pvi_grade_solution(&context->env, &options, answer.data, answer.length, written.data, written.length, &grade));
    API_TRY(pvi_api_give(context, written.data + grade.begin, grade.end - grade.begin, extracted, capacity, needed));
    *verdict = grade.verdict;
    return PVG_OK;
}
