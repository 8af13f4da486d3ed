/* evaluate.c - see evaluate.h. */
#include "game/evaluate.h"

#include <math.h>
#include <string.h>

#include "game/oracle.h"
#include "game/stats.h"

enum { DRAWS = 2000, NAME = 64 };

/* One solution as the statistics see it. */
typedef struct judged {
    size_t count;
    double *right;     /* 1 or 0 */
    double *score;     /* NaN without a verifier */
    uint64_t *problem; /* which solutions stand or fall together */
    pvi_span *question, *solution;
} judged;

static bool judged_make(pvi_env *env, judged *all, size_t count) {
    *all = (judged){.count = count, .right = pvi_calloc(env, count, sizeof *all->right),
                    .score = pvi_calloc(env, count, sizeof *all->score), .problem = pvi_calloc(env, count, sizeof *all->problem),
                    .question = pvi_calloc(env, count, sizeof *all->question),
                    .solution = pvi_calloc(env, count, sizeof *all->solution)};
    return all->right != NULL && all->score != NULL && all->problem != NULL && all->question != NULL && all->solution != NULL;
}

static void judged_free(pvi_env *env, judged *all) {
    pvi_free(env, all->right);
    pvi_free(env, all->score);
    pvi_free(env, all->problem);
    pvi_free(env, all->question);
    pvi_free(env, all->solution);
}

static pvg_status set_with_interval(pvi_report *report, const char *name, double value, double low, double high) {
    char full[NAME];
    pvg_status status = pvi_report_set(report, name, value);
    pvi_text_format(full, sizeof full, "%s_low", name);
    if (status == PVG_OK) status = pvi_report_set(report, full, low);
    pvi_text_format(full, sizeof full, "%s_high", name);
    return status == PVG_OK ? pvi_report_set(report, full, high) : status;
}

/* The mean of values whose groups are problems, with a bootstrap interval. */
static pvg_status set_mean(const pvi_cast *cast, pvi_report *report, const char *name, const double *value,
                           const uint64_t *group, size_t count) {
    double low, high;
    pvg_status status = pvi_bootstrap_mean(cast->env, value, group, count, DRAWS, cast->config->seed, cast->config->level, &low, &high);
    return status == PVG_OK ? set_with_interval(report, name, pvi_mean(value, count), low, high) : status;
}

static pvg_status set_share(pvi_report *report, const char *name, double part, double whole) {
    return pvi_report_set(report, name, whole > 0 ? part / whole : (double)NAN);
}

/* ---- prover ---- */

static uint64_t count_verdict(const pvi_solutions *all, size_t from, size_t to, pvg_verdict verdict) {
    uint64_t count = 0;
    for (size_t i = from; i < to; i++) count += all->item[i].verdict == verdict;
    return count;
}

static pvg_status measure_greedy(const pvi_cast *cast, const pvi_solutions *all, size_t problems, pvi_report *report) {
    uint64_t right = count_verdict(all, 0, problems, PVG_VERDICT_CORRECT);
    double low, high;
    pvi_wilson(right, problems, pvi_normal_z(cast->config->level), &low, &high);
    return set_with_interval(report, "accuracy_greedy", (double)right / (double)problems, low, high);
}

static pvg_status measure_pass(const pvi_cast *cast, const judged *sampled, size_t problems, int32_t samples, pvi_report *report) {
    double *pass = pvi_alloc(cast->env, problems, sizeof *pass);
    if (pass == NULL) return PVG_E_NOMEM;
    pvg_status status = PVG_OK;
    for (int32_t k = 1; status == PVG_OK && k <= cast->config->pass_k && k <= samples; k++) {
        for (size_t p = 0; p < problems; p++) {
            uint64_t right = 0;
            for (int32_t g = 0; g < samples; g++) right += sampled->right[p * (size_t)samples + (size_t)g] > 0;
            pass[p] = pvi_pass_at_k((uint64_t)samples, right, (uint64_t)k);
        }
        char name[NAME];
        pvi_text_format(name, sizeof name, "pass_at_%d", k);
        status = set_mean(cast, report, name, pass, NULL, problems);
    }
    pvi_free(cast->env, pass);
    return status;
}

static pvg_status measure_verdicts(const pvi_solutions *all, size_t from, pvi_report *report) {
    double count = (double)(all->count - from), tokens = 0;
    for (size_t i = from; i < all->count; i++) tokens += all->item[i].token_count;
    static const struct { const char *name; pvg_verdict verdict; } shares[] = {
        {"no_answer", PVG_VERDICT_NO_ANSWER}, {"ambiguous", PVG_VERDICT_AMBIGUOUS}, {"truncated", PVG_VERDICT_TRUNCATED}};
    pvg_status status = PVG_OK;
    for (size_t i = 0; status == PVG_OK && i < sizeof shares / sizeof *shares; i++)
        status = set_share(report, shares[i].name, (double)count_verdict(all, from, all->count, shares[i].verdict), count);
    return status == PVG_OK && tokens > 0 ? set_share(report, "tokens", tokens, count) : status;
}

/* ---- what the step oracle says ---- */

typedef struct oracle_sums {
    double solutions, right, valid, valid_right, fully_shown, arithmetic, grounding, steps, full, bare, omitted;
} oracle_sums;

static pvg_status add_oracle(pvi_env *env, const pvi_item *problem, pvi_span solution, bool right, oracle_sums *sums) {
    pvi_problem chain;
    pvi_oracle_result result;
    pvg_status status = pvi_problem_read_chain(env, problem->chain, strlen(problem->chain), &chain);
    if (status != PVG_OK) return status;
    pvi_oracle_check(&chain, solution.data, solution.length, &result);
    sums->solutions++;
    sums->right += right;
    sums->valid += result.valid;
    sums->valid_right += result.valid && right;
    sums->fully_shown += result.fully_shown;
    sums->arithmetic += result.arithmetic_errors > 0;
    sums->grounding += result.grounding_errors > 0;
    sums->steps += result.steps;
    sums->full += result.full;
    sums->bare += result.bare;
    sums->omitted += result.omitted;
    return PVG_OK;
}

static pvg_status measure_oracle(const pvi_cast *cast, const pvi_dataset *data, const judged *all, pvi_report *report) {
    oracle_sums s = {0};
    for (size_t i = 0; i < all->count; i++) {
        const pvi_item *problem = pvi_dataset_item(data, (size_t)all->problem[i]);
        if (problem->chain == NULL || problem->chain[0] == '\0') continue;
        pvg_status status = add_oracle(cast->env, problem, all->solution[i], all->right[i] > 0, &s);
        if (status != PVG_OK) return status;
    }
    if (s.solutions == 0) return PVG_OK;
    const struct { const char *name; double part, whole; } shares[] = {
        {"oracle_valid", s.valid, s.solutions},          {"oracle_fully_shown", s.fully_shown, s.solutions},
        {"oracle_arithmetic", s.arithmetic, s.solutions}, {"oracle_grounding", s.grounding, s.solutions},
        {"oracle_full", s.full, s.steps},                 {"oracle_bare", s.bare, s.steps},
        {"oracle_omitted", s.omitted, s.steps},           {"oracle_valid_right", s.valid_right, s.right}};
    pvg_status status = PVG_OK;
    for (size_t i = 0; status == PVG_OK && i < sizeof shares / sizeof *shares; i++)
        status = set_share(report, shares[i].name, shares[i].part, shares[i].whole);
    return status;
}

/* ---- verifier ---- */

static pvg_status measure_auc(const pvi_cast *cast, const judged *all, pvi_report *report) {
    pvi_scored *side = pvi_alloc(cast->env, all->count, sizeof *side);
    if (side == NULL) return PVG_E_NOMEM;
    double sum[2] = {0, 0}, many[2] = {0, 0}, auc[3];
    for (size_t i = 0; i < all->count; i++) {
        side[i] = (pvi_scored){all->score[i], all->problem[i], all->right[i] > 0};
        sum[side[i].positive] += all->score[i], many[side[i].positive]++;
    }
    pvg_status status = pvi_auc_clustered(cast->env, side, all->count, cast->config->level, auc);
    if (status == PVG_OK) status = set_with_interval(report, "verifier_auc", auc[0], auc[1], auc[2]);
    if (status == PVG_OK) status = pvi_report_set(report, "score_right", many[1] > 0 ? sum[1] / many[1] : (double)NAN);
    if (status == PVG_OK) status = pvi_report_set(report, "score_wrong", many[0] > 0 ? sum[0] / many[0] : (double)NAN);
    pvi_free(cast->env, side);
    return status;
}

static pvg_status measure_calls(const pvi_cast *cast, const judged *all, pvi_report *report) {
    double *hit = pvi_alloc(cast->env, all->count, sizeof *hit), *probability = pvi_alloc(cast->env, all->count, sizeof *hit);
    int32_t *right = pvi_alloc(cast->env, all->count, sizeof *right);
    pvg_status status = hit != NULL && probability != NULL && right != NULL ? PVG_OK : PVG_E_NOMEM;
    for (size_t i = 0; status == PVG_OK && i < all->count; i++) {
        right[i] = all->right[i] > 0;
        hit[i] = all->score[i] == 0 ? 0.5 : (double)((all->score[i] > 0) == (right[i] == 1));
        probability[i] = 1 / (1 + exp(-all->score[i]));
    }
    double error = NAN;
    if (status == PVG_OK) status = pvi_calibration_error(cast->env, probability, right, all->count, &error);
    if (status == PVG_OK) status = pvi_report_set(report, "verifier_calibration", error);
    if (status == PVG_OK) status = set_mean(cast, report, "verifier_accuracy", hit, all->problem, all->count);
    pvi_free(cast->env, hit);
    pvi_free(cast->env, probability);
    pvi_free(cast->env, right);
    return status;
}

static pvg_status measure_verifier(const pvi_cast *cast, judged *all, pvi_report *report) {
    pvg_status status = pvi_cast_score(cast, all->count, all->question, all->solution, all->score);
    if (status == PVG_OK) status = measure_auc(cast, all, report);
    return status == PVG_OK ? measure_calls(cast, all, report) : status;
}

/* ---- all together ---- */

static bool has_prover(const pvi_cast *cast) { return cast->prover != NULL || cast->host_prover != NULL; }
static bool has_verifier(const pvi_cast *cast) { return cast->verifier != NULL || cast->host_verifier != NULL; }

static void fill_from_solutions(const pvi_dataset *data, const pvi_solutions *all, size_t from, judged *out) {
    for (size_t i = 0; i < out->count; i++) {
        const pvi_solution *solution = &all->item[from + i];
        const pvi_item *problem = pvi_dataset_item(data, solution->problem);
        out->right[i] = solution->verdict == PVG_VERDICT_CORRECT;
        out->problem[i] = solution->problem;
        out->question[i] = (pvi_span){.data = problem->question, .length = problem->question_length};
        out->solution[i] = (pvi_span){.data = pvi_solution_text(all, from + i), .length = solution->text_length};
    }
}

static void fill_from_labels(const pvi_dataset *data, judged *out) {
    for (size_t i = 0; i < out->count; i++) {
        const pvi_item *item = pvi_dataset_item(data, i);
        out->right[i] = item->label == 1;
        out->problem[i] = pvi_question_hash(0, item->question, item->question_length);
        out->question[i] = (pvi_span){.data = item->question, .length = item->question_length};
        out->solution[i] = (pvi_span){.data = item->candidate, .length = item->candidate_length};
    }
}

static pvg_status measure_sampled(const pvi_cast *cast, const pvi_dataset *data, pvi_solutions *all, size_t problems,
                                  judged *sampled, pvi_report *report) {
    int32_t samples = cast->config->pass_samples;
    pvg_status status = measure_greedy(cast, all, problems, report);
    if (status == PVG_OK) status = set_mean(cast, report, "accuracy_sampled", sampled->right, sampled->problem, sampled->count);
    if (status == PVG_OK) status = measure_pass(cast, sampled, problems, samples, report);
    if (status == PVG_OK) status = measure_verdicts(all, problems, report);
    if (status == PVG_OK) status = measure_oracle(cast, data, sampled, report);
    if (status == PVG_OK && has_verifier(cast)) status = measure_verifier(cast, sampled, report);
    for (size_t i = 0; status == PVG_OK && has_verifier(cast) && i < sampled->count; i++)
        all->item[problems + i].score = sampled->score[i];
    return status == PVG_OK ? pvi_report_solutions(report, data, all, 0) : status;
}

static pvg_status evaluate_prover(const pvi_cast *cast, const pvi_dataset *data, pvg_role role, pvi_report *report) {
    size_t problems = pvi_dataset_count(data);
    if ((uint64_t)cast->config->test_problems < problems) problems = (size_t)cast->config->test_problems;
    pvi_cast_job job = {.role = role, .samples = 1, .temperature = 0, .seed = cast->config->seed, .problems = problems};
    pvi_solutions all;
    judged sampled = {0};
    pvi_solutions_init(&all, cast->env);
    pvg_status status = pvi_cast_prove(cast, data, &job, &all);
    job.samples = cast->config->pass_samples;
    job.temperature = cast->config->sampling.temperature;
    if (status == PVG_OK) status = pvi_cast_prove(cast, data, &job, &all);
    if (status == PVG_OK) status = pvi_report_set(report, "problems", (double)problems);
    if (status == PVG_OK) status = pvi_report_set(report, "samples", job.samples);
    if (status == PVG_OK && !judged_make(cast->env, &sampled, all.count - problems)) status = PVG_E_NOMEM;
    if (status == PVG_OK) {
        fill_from_solutions(data, &all, problems, &sampled);
        status = measure_sampled(cast, data, &all, problems, &sampled, report);
    }
    judged_free(cast->env, &sampled);
    pvi_solutions_free(&all);
    return status;
}

static pvg_status evaluate_labels(const pvi_cast *cast, const pvi_dataset *data, pvi_report *report) {
    judged all = {0};
    pvg_status status = pvi_report_set(report, "samples", (double)pvi_dataset_count(data));
    if (status == PVG_OK && !judged_make(cast->env, &all, pvi_dataset_count(data))) status = PVG_E_NOMEM;
    if (status == PVG_OK) {
        fill_from_labels(data, &all);
        status = measure_verifier(cast, &all, report);
    }
    judged_free(cast->env, &all);
    return status;
}

pvg_status pvi_evaluate(const pvi_cast *cast, const pvi_dataset *data, pvg_role role, pvi_report *report) {
    if (pvi_dataset_count(data) == 0) return pvi_fail(cast->env, PVG_E_INVALID, "evaluate", "the dataset is empty");
    if (has_prover(cast)) return evaluate_prover(cast, data, role, report);
    if (!has_verifier(cast)) return pvi_fail(cast->env, PVG_E_INVALID, "evaluate", "neither a prover nor a verifier was given");
    if (!pvi_dataset_labelled(data))
        return pvi_fail(cast->env, PVG_E_INVALID, "evaluate",
                        "without a prover a verifier is measured on labelled solutions, and this dataset has none (data.labelled)");
    return evaluate_labels(cast, data, report);
}

pvg_status pvi_report_solutions(pvi_report *report, const pvi_dataset *data, const pvi_solutions *all, size_t from) {
    pvi_text text; /* texts of a record are not NUL-terminated */
    pvi_text_init(&text, report->env);
    pvg_status status = PVG_OK;
    for (size_t i = from; status == PVG_OK && i < all->count; i++) {
        const pvi_solution *solution = &all->item[i];
        const pvi_item *problem = pvi_dataset_item(data, solution->problem);
        pvi_text_clear(&text);
        pvi_text_append(&text, pvi_solution_text(all, i), solution->text_length);
        status = pvi_text_ok(&text);
        if (status != PVG_OK) break;
        pvi_report_sample sample = {.role = solution->role, .verdict = solution->verdict, .tokens = (int32_t)solution->token_count,
                                    .score = solution->score, .id = (char *)problem->id, .question = (char *)problem->question,
                                    .solution = text.data, .gold = (char *)problem->gold};
        status = pvi_report_add_sample(report, &sample);
    }
    pvi_text_free(&text);
    return status;
}
