/* cast.c - see cast.h. */
#include "game/cast.h"

#include <math.h>
#include <string.h>

enum { BATCH = 256 };

static pvi_span span(const char *text, size_t length) { return (pvi_span){.data = text, .length = length}; }

static size_t least(size_t a, size_t b) { return a < b ? a : b; }

static pvg_status check_cancelled(const pvi_cast *cast) {
    return pvi_cancelled(cast->env) ? pvi_fail(cast->env, PVG_E_CANCELLED, "player", "cancelled between two batches") : PVG_OK;
}

static pvg_status ask(const pvi_cast *cast, pvi_player *player, pvi_ask *item, size_t count, double temperature, pvg_reply **out) {
    if (player->hooks.answer == NULL)
        return pvi_fail(cast->env, PVG_E_STATE, "player", "'%s' has no answer hook: outside of a game there is nobody to pull its requests",
                        player->name);
    pvg_request request = {.env = cast->env, .kind = player->kind, .id = ++player->asked, .temperature = temperature,
                           .count = count, .item = item};
    return pvi_player_ask(player, &request, out);
}

/* ---- proving ---- */

static pvg_status prove_own(const pvi_cast *cast, const pvi_dataset *data, const pvi_cast_job *job, size_t from, size_t to,
                            pvi_solutions *out) {
    uint32_t problem[BATCH];
    pvg_role role[BATCH];
    for (size_t i = from; i < to; i++) problem[i - from] = (uint32_t)i, role[i - from] = job->role;
    pvi_prove_job own = {.count = to - from, .problem = problem, .role = role, .group = job->samples,
                         .temperature = job->temperature, .seed = job->seed, .stream = (uint64_t)from * (uint64_t)job->samples,
                         .source = 0};
    return pvi_voice_prove(cast->prover, data, &own, out);
}

static pvg_status keep_text(const pvi_cast_job *job, size_t problem, const pvg_reply *reply, size_t i, pvi_solutions *out) {
    pvi_solution solution = {.problem = (uint32_t)problem, .role = job->role, .greedy = job->temperature <= 0, .finished = true,
                             .score = NAN};
    const pvi_answer *answer = &reply->item[i];
    return pvi_solutions_add(out, &solution, NULL, NULL, 0, reply->text.data + answer->text_begin, answer->text_length);
}

static void ask_to_prove(const pvi_cast *cast, const pvi_cast_job *job, const pvi_item *problem, size_t place, pvi_ask *item) {
    bool told = job->role == PVG_ROLE_SNEAKY && cast->config->sneaky_sees_answer;
    pvi_rng rng = pvi_rng_stream(job->seed, "request", place, 0);
    *item = (pvi_ask){.question = span(problem->question, problem->question_length), .role = job->role,
                      .seed = (uint64_t)pvi_rng_u32(&rng) << 32 | pvi_rng_u32(&rng)};
    if (told) item->answer = span(problem->gold, strlen(problem->gold));
}

static pvg_status prove_hosted(const pvi_cast *cast, const pvi_dataset *data, const pvi_cast_job *job, size_t from, size_t to,
                               pvi_solutions *out) {
    size_t samples = (size_t)job->samples, count = (to - from) * samples;
    pvi_ask *item = pvi_calloc(cast->env, count, sizeof *item);
    if (item == NULL) return PVG_E_NOMEM;
    for (size_t i = 0; i < count; i++)
        ask_to_prove(cast, job, pvi_dataset_item(data, from + i / samples), from * samples + i, &item[i]);
    pvg_reply *reply = NULL;
    pvg_status status = ask(cast, cast->host_prover, item, count, job->temperature, &reply);
    for (size_t i = 0; status == PVG_OK && i < count; i++) status = keep_text(job, from + i / samples, reply, i, out);
    pvi_reply_destroy(reply);
    pvi_free(cast->env, item);
    return status;
}

pvg_status pvi_cast_prove(const pvi_cast *cast, const pvi_dataset *data, const pvi_cast_job *job, pvi_solutions *out) {
    size_t before = out->count;
    pvg_status status = PVG_OK;
    for (size_t from = 0; status == PVG_OK && from < job->problems; from += BATCH) {
        size_t to = least(from + BATCH, job->problems);
        status = check_cancelled(cast);
        if (status != PVG_OK) break;
        status = cast->host_prover != NULL ? prove_hosted(cast, data, job, from, to, out)
                                           : prove_own(cast, data, job, from, to, out);
    }
    if (status == PVG_OK) status = pvi_cast_grade(cast, data, out, before);
    if (status != PVG_OK) pvi_solutions_cut(out, before);
    return status;
}

/* ---- grading ---- */

static pvg_status grade_own(const pvi_cast *cast, const pvi_dataset *data, pvi_solutions *all, size_t from) {
    for (size_t i = from; i < all->count; i++) {
        pvi_solution *solution = &all->item[i];
        const pvi_item *problem = pvi_dataset_item(data, solution->problem);
        pvi_grade_options options = cast->config->grading;
        options.truncated = !solution->finished;
        pvi_grade grade;
        pvg_status status = pvi_grade_solution(cast->env, &options, problem->gold, strlen(problem->gold),
                                               pvi_solution_text(all, i), solution->text_length, &grade);
        if (status != PVG_OK) return status;
        solution->verdict = grade.verdict;
    }
    return PVG_OK;
}

static pvg_status grade_batch(const pvi_cast *cast, const pvi_dataset *data, pvi_solutions *all, size_t from, size_t to) {
    pvi_ask item[BATCH] = {{.seed = 0}};
    for (size_t i = from; i < to; i++) {
        const pvi_item *problem = pvi_dataset_item(data, all->item[i].problem);
        item[i - from] = (pvi_ask){.question = span(problem->question, problem->question_length),
                                   .solution = span(pvi_solution_text(all, i), all->item[i].text_length),
                                   .answer = span(problem->gold, strlen(problem->gold)), .role = all->item[i].role};
    }
    pvg_reply *reply = NULL;
    pvg_status status = ask(cast, cast->host_grader, item, to - from, 0, &reply);
    for (size_t i = from; status == PVG_OK && i < to; i++) all->item[i].verdict = reply->item[i - from].verdict;
    pvi_reply_destroy(reply);
    return status;
}

pvg_status pvi_cast_grade(const pvi_cast *cast, const pvi_dataset *data, pvi_solutions *all, size_t from) {
    if (cast->host_grader == NULL) return grade_own(cast, data, all, from);
    pvg_status status = PVG_OK;
    for (; status == PVG_OK && from < all->count; from += BATCH)
        status = grade_batch(cast, data, all, from, least(from + BATCH, all->count));
    return status;
}

/* ---- scoring ---- */

static pvg_status score_hosted(const pvi_cast *cast, size_t count, const pvi_span *questions, const pvi_span *solutions,
                               double *scores) {
    pvi_ask item[BATCH] = {{.seed = 0}};
    for (size_t i = 0; i < count; i++) item[i] = (pvi_ask){.question = questions[i], .solution = solutions[i]};
    pvg_reply *reply = NULL;
    pvg_status status = ask(cast, cast->host_verifier, item, count, 0, &reply);
    for (size_t i = 0; status == PVG_OK && i < count; i++) scores[i] = reply->item[i].score;
    pvi_reply_destroy(reply);
    return status;
}

pvg_status pvi_cast_score(const pvi_cast *cast, size_t count, const pvi_span *questions, const pvi_span *solutions,
                          double *scores) {
    pvg_status status = PVG_OK;
    for (size_t from = 0; status == PVG_OK && from < count; from += BATCH) {
        size_t batch = least(BATCH, count - from);
        status = check_cancelled(cast);
        if (status != PVG_OK) break;
        status = cast->host_verifier != NULL
                     ? score_hosted(cast, batch, questions + from, solutions + from, scores + from)
                     : pvi_voice_score_text(cast->verifier, batch, questions + from, solutions + from, scores + from);
    }
    return status;
}
