/* test_players.c - the library's own and the host's provers, verifiers and graders, outside of a game. */
#include "public.h"

#include <stdio.h>

typedef struct host {
    pvg_context *context;
    int answered, finished, learned;
    int leave_open;      /* this item gets no answer; -1: none */
    pvg_status returned; /* by the hook */
    int call_back;       /* try to use the context inside the hook */
    pvg_status inside;   /* what that gave */
    pvg_status answer_status; /* of pvg_request_answer */
} host;

static pvg_status host_answer(void *user, const pvg_request *request, pvg_reply *reply) {
    host *h = user;
    h->answered++;
    if (h->call_back) {
        pvg_settings *settings = NULL;
        h->inside = pvg_settings_create(h->context, &settings);
    }
    for (size_t i = 0; i < pvg_request_count(request); i++) {
        const char *question = NULL, *text = NULL;
        size_t length = 0;
        pvg_status status = pvg_request_question(request, i, &question, &length);
        if (status != PVG_OK) return status;
        h->answer_status = pvg_request_answer(request, i, &text, &length);
        if ((int)i == h->leave_open) continue;
        switch (pvg_request_kind_of(request)) {
        case PVG_REQUEST_PROVE: status = pvg_reply_text(reply, i, pvg_request_role(request, i) == PVG_ROLE_SNEAKY ? "#### 8" : "#### 7", PVG_NUL_TERMINATED); break;
        case PVG_REQUEST_VERIFY:
            status = pvg_request_solution(request, i, &text, &length);
            if (status == PVG_OK) status = pvg_reply_score(reply, i, length > 0 && text[length - 1] == '7' ? 2 : -1);
            break;
        default: status = pvg_reply_verdict(reply, i, PVG_VERDICT_CORRECT);
        }
        if (status != PVG_OK) return status;
    }
    return h->returned;
}

static void host_finish(void *user) { ((host *)user)->finished++; }

static pvg_hooks hooks_of(host *h) {
    pvg_hooks hooks;
    ck_assert_int_eq(pvg_hooks_init(&hooks, sizeof hooks), PVG_OK);
    hooks.answer = host_answer;
    hooks.finish = host_finish;
    hooks.user = h;
    h->leave_open = -1;
    return hooks;
}

static pvg_dataset *three_problems(pvg_context *context) {
    pvg_dataset *data = NULL;
    ck_does(context, pvg_dataset_create(context, &data));
    ck_does(context, pvg_dataset_append(data, "a", "3 + 4?", PVG_NUL_TERMINATED, "7", NULL, 0));
    ck_does(context, pvg_dataset_append(data, "b", "4 + 4?", PVG_NUL_TERMINATED, "8", NULL, 0));
    ck_does(context, pvg_dataset_append(data, "c", "6 + 1?", PVG_NUL_TERMINATED, "7", NULL, 0));
    return data;
}

START_TEST(built_in_grader) {
    pvg_context *context = public_context(1, 0);
    pvg_grader *grader = NULL;
    pvg_verdict verdict = PVG_VERDICT_UNGRADED;
    char extracted[16];
    size_t needed = 0;
    ck_does(context, pvg_grader_create(context, NULL, &grader));
    ck_does(context, pvg_grader_grade(grader, NULL, "1000", PVG_NUL_TERMINATED, "so #### 1,000", PVG_NUL_TERMINATED, 0, &verdict,
                                      extracted, sizeof extracted, &needed));
    ck_assert_int_eq(verdict, PVG_VERDICT_CORRECT);
    ck_assert_str_eq(extracted, "1,000");
    ck_assert_uint_eq(needed, 5);
    ck_does(context, pvg_grader_grade(grader, NULL, "1/2", 3, "A: 0.75", PVG_NUL_TERMINATED, 0, &verdict, NULL, 0, NULL));
    ck_assert_int_eq(verdict, PVG_VERDICT_WRONG);
    ck_does(context, pvg_grader_grade(grader, NULL, "5", 1, "I do not know", PVG_NUL_TERMINATED, 0, &verdict, NULL, 0, NULL));
    ck_assert_int_eq(verdict, PVG_VERDICT_NO_ANSWER);
    ck_does(context, pvg_grader_grade(grader, NULL, "5", 1, "and then", PVG_NUL_TERMINATED, 1, &verdict, NULL, 0, NULL));
    ck_assert_int_eq(verdict, PVG_VERDICT_TRUNCATED);
    ck_refuses(context, PVG_E_FORMAT, "", pvg_grader_grade(grader, NULL, "many", 4, "#### 1", 6, 0, &verdict, NULL, 0, NULL));
    ck_refuses(context, PVG_E_BUFFER, "", pvg_grader_grade(grader, NULL, "1000", 4, "so #### 1,000", PVG_NUL_TERMINATED, 0, &verdict,
                                                           extracted, 3, &needed));
    ck_assert_int_eq(verdict, PVG_VERDICT_TRUNCATED); /* untouched by the failures */
    pvg_context_destroy(context);
    pvg_grader_destroy(grader);
    ck_assert_uint_eq(public_blocks(), 0);
}
END_TEST

START_TEST(hosted_prover) {
    pvg_context *context = public_context(1, 0);
    host h = {.context = context, .call_back = 1};
    pvg_hooks hooks = hooks_of(&h);
    pvg_prover *prover = NULL;
    pvg_report *report = NULL;
    pvg_dataset *data = three_problems(context);
    ck_does(context, pvg_prover_from_hooks(context, "seven", &hooks, &prover));
    ck_does(context, pvg_prover_generate(prover, data, PVG_ROLE_HELPFUL, 2, 1.0, 5, &report));
    ck_assert_int_eq(h.inside, PVG_E_BUSY);
    ck_assert_int_eq(h.answer_status, PVG_E_NOT_FOUND); /* the gold is not for a prover's eyes */
    ck_assert_uint_eq(pvg_report_sample_count(report), 6);
    pvg_sample sample = {.struct_size = sizeof sample};
    ck_does(context, pvg_report_sample(report, 2, &sample));
    ck_assert_str_eq(sample.id, "b");
    ck_assert_str_eq(sample.solution, "#### 7");
    ck_assert_str_eq(sample.gold, "8");
    ck_assert_int_eq(sample.verdict, PVG_VERDICT_WRONG);
    ck_assert_int_eq(sample.role, PVG_ROLE_HELPFUL);
    ck_assert(isnan(sample.score));
    ck_refuses(context, PVG_E_RANGE, "sample 6", pvg_report_sample(report, 6, &sample));
    pvg_report_destroy(report);
    pvg_context_destroy(context);
    pvg_dataset_destroy(data);
    ck_assert_int_eq(h.finished, 0);
    pvg_prover_destroy(prover);
    ck_assert_int_eq(h.finished, 1);
    ck_assert_uint_eq(public_blocks(), 0);
}
END_TEST

START_TEST(hosts_that_fail) {
    pvg_context *context = public_context(1, 0);
    host h = {.context = context};
    pvg_hooks hooks = hooks_of(&h);
    pvg_prover *prover = NULL;
    pvg_report *report = NULL;
    pvg_dataset *data = three_problems(context);
    ck_does(context, pvg_prover_from_hooks(context, "careless", &hooks, &prover));
    h.leave_open = 1;
    ck_refuses(context, PVG_E_CALLBACK, "'careless'", pvg_prover_generate(prover, data, PVG_ROLE_NEUTRAL, 1, 0, 5, &report));
    h.leave_open = -1, h.returned = PVG_E_IO;
    ck_refuses(context, PVG_E_CALLBACK, "'careless'", pvg_prover_generate(prover, data, PVG_ROLE_NEUTRAL, 1, 0, 5, &report));
    ck_assert_ptr_null(report);
    ck_refuses(context, PVG_E_RANGE, "role is 7", pvg_prover_generate(prover, data, 7, 1, 0, 5, &report));
    ck_refuses(context, PVG_E_RANGE, "samples is 0", pvg_prover_generate(prover, data, 0, 0, 0, 5, &report));
    ck_refuses(context, PVG_E_RANGE, "temperature", pvg_prover_generate(prover, data, 0, 1, -1, 5, &report));
    pvg_prover_destroy(prover);
    hooks.answer = NULL; /* to be pulled: only a game can */
    ck_does(context, pvg_prover_from_hooks(context, "pulled", &hooks, &prover));
    ck_refuses(context, PVG_E_STATE, "pulled", pvg_prover_generate(prover, data, 0, 1, 0, 5, &report));
    pvg_prover_destroy(prover);
    pvg_dataset_destroy(data);
    public_done(context);
}
END_TEST

/* pvg_hooks of an older program, without `finish` and `user`. */
START_TEST(hooks_of_other_sizes) {
    pvg_context *context = public_context(1, 0);
    struct { uint32_t struct_size, reserved_zero; pvg_status (*answer)(void *, const pvg_request *, pvg_reply *); } old = {16, 0, NULL};
    pvg_grader *grader = NULL;
    ck_does(context, pvg_grader_from_hooks(context, "old", (const pvg_hooks *)(const void *)&old, &grader));
    pvg_grader_destroy(grader);
    old.struct_size = 1;
    ck_refuses(context, PVG_E_INVALID, "struct_size", pvg_grader_from_hooks(context, "old", (const pvg_hooks *)(const void *)&old, &grader));
    public_done(context);
}
END_TEST

START_TEST(hosted_verifier_and_grader) {
    pvg_context *context = public_context(1, 0);
    host judge = {.context = context}, marker = {.context = context};
    pvg_hooks hooks = hooks_of(&judge);
    pvg_verifier *verifier = NULL;
    pvg_grader *grader = NULL;
    const char *questions[] = {"q", "q"}, *solutions[] = {"#### 7", "#### 8"};
    double scores[2] = {0, 0};
    ck_does(context, pvg_verifier_from_hooks(context, "judge", &hooks, &verifier));
    ck_does(context, pvg_verifier_score(verifier, 2, questions, NULL, solutions, NULL, scores));
    ck_assert(scores[0] == 2 && scores[1] == -1);
    ck_assert_int_eq(judge.answer_status, PVG_E_NOT_FOUND);
    solutions[1] = NULL;
    ck_refuses(context, PVG_E_INVALID, "solution 1", pvg_verifier_score(verifier, 2, questions, NULL, solutions, NULL, scores));
    ck_refuses(context, PVG_E_UNSUPPORTED, "parts", pvg_verifier_parts(verifier, "q", 1, "s", 1, NULL, NULL, 0, NULL));
    pvg_hooks marks = hooks_of(&marker);
    pvg_verdict verdict = PVG_VERDICT_UNGRADED;
    ck_does(context, pvg_grader_from_hooks(context, "marker", &marks, &grader));
    ck_does(context, pvg_grader_grade(grader, "q", "1", 1, "2", 1, 0, &verdict, NULL, 0, NULL));
    ck_assert_int_eq(verdict, PVG_VERDICT_CORRECT);
    ck_assert_int_eq(marker.answer_status, PVG_OK);
    pvg_verifier_destroy(verifier);
    pvg_grader_destroy(grader);
    ck_assert_int_eq(judge.finished + marker.finished, 2);
    public_done(context);
}
END_TEST

static double metric(pvg_context *context, const pvg_report *report, const char *name) {
    double value = -99;
    ck_does(context, pvg_report_metric(report, name, &value));
    return value;
}

START_TEST(evaluation_with_hosts) {
    pvg_context *context = public_context(1, 0);
    host writer = {.context = context}, judge = {.context = context};
    pvg_hooks prove = hooks_of(&writer), verify = hooks_of(&judge);
    pvg_prover *prover = NULL;
    pvg_verifier *verifier = NULL;
    pvg_report *report = NULL;
    pvg_dataset *data = three_problems(context);
    ck_does(context, pvg_prover_from_hooks(context, "seven", &prove, &prover));
    ck_does(context, pvg_verifier_from_hooks(context, "judge", &verify, &verifier));
    ck_does(context, pvg_evaluate(context, data, prover, PVG_ROLE_NEUTRAL, verifier, NULL, NULL, &report));
    ck_assert(fabs(metric(context, report, "accuracy_greedy") - 2.0 / 3) < 1e-12);
    ck_assert(fabs(metric(context, report, "accuracy_sampled") - 2.0 / 3) < 1e-12);
    ck_assert(metric(context, report, "accuracy_greedy_low") < 2.0 / 3);
    ck_assert(metric(context, report, "accuracy_greedy_high") > 2.0 / 3);
    ck_assert(fabs(metric(context, report, "pass_at_4") - 2.0 / 3) < 1e-12);
    ck_assert(metric(context, report, "verifier_auc") == 0.5); /* it says 7 to everybody */
    ck_assert(fabs(metric(context, report, "verifier_accuracy") - 2.0 / 3) < 1e-12);
    ck_assert(metric(context, report, "problems") == 3);
    ck_assert_uint_eq(pvg_report_sample_count(report), 3 + 3 * 4);
    double none;
    ck_refuses(context, PVG_E_NOT_FOUND, "'oracle_valid'", pvg_report_metric(report, "oracle_valid", &none));
    char json[8192];
    ck_does(context, pvg_report_json(report, json, sizeof json, NULL));
    ck_assert_ptr_nonnull(strstr(json, "\"accuracy_greedy\""));
    ck_assert_ptr_null(pvg_report_metric_name(report, pvg_report_metric_count(report)));
    pvg_report_destroy(report);
    ck_refuses(context, PVG_E_INVALID, "labelled", pvg_evaluate(context, data, NULL, 0, verifier, NULL, NULL, &report));
    ck_refuses(context, PVG_E_INVALID, "neither", pvg_evaluate(context, data, NULL, 0, NULL, NULL, NULL, &report));
    pvg_prover_destroy(prover);
    pvg_verifier_destroy(verifier);
    pvg_dataset_destroy(data);
    public_done(context);
}
END_TEST

START_TEST(table_of_hosts) {
    pvg_context *context = public_context(1, 0);
    host writer = {.context = context}, judge = {.context = context};
    pvg_hooks prove = hooks_of(&writer), verify = hooks_of(&judge);
    pvg_prover *prover[2] = {NULL};
    pvg_verifier *verifier = NULL;
    pvg_report *report = NULL;
    size_t rows = 0, columns = 0;
    double cell = 0;
    pvg_dataset *data = three_problems(context);
    ck_does(context, pvg_prover_from_hooks(context, "two-faced", &prove, &prover[0]));
    ck_does(context, pvg_prover_from_hooks(context, "two-faced", &prove, &prover[1]));
    ck_does(context, pvg_verifier_from_hooks(context, "judge", &verify, &verifier));
    ck_does(context, pvg_evaluate_table(context, data, 2, prover, 1, &verifier, NULL, NULL, &report));
    ck_assert_uint_eq(pvg_report_table_count(report), 3);
    ck_assert_str_eq(pvg_report_table_name(report, 0), "auc");
    ck_does(context, pvg_report_table_size(report, 0, &rows, &columns));
    ck_assert_uint_eq(rows, 1);
    ck_assert_uint_eq(columns, 2);
    ck_does(context, pvg_report_table_cell(report, 0, 0, 1, &cell));
    ck_assert(cell == 1); /* helpful and right: 7, scored 2; sneaky and wrong: 8, scored -1 */
    ck_refuses(context, PVG_E_RANGE, "1 by 2", pvg_report_table_cell(report, 0, 1, 0, &cell));
    ck_refuses(context, PVG_E_RANGE, "table 3", pvg_report_table_size(report, 3, &rows, &columns));
    pvg_report_destroy(report);
    ck_refuses(context, PVG_E_INVALID, "at least one", pvg_evaluate_table(context, data, 0, prover, 1, &verifier, NULL, NULL, &report));
    pvg_prover_destroy(prover[0]);
    pvg_prover_destroy(prover[1]);
    pvg_verifier_destroy(verifier);
    pvg_dataset_destroy(data);
    public_done(context);
}
END_TEST

START_TEST(evaluation_of_labelled_solutions) {
    pvg_context *context = public_context(1, 0);
    host judge = {.context = context};
    pvg_hooks verify = hooks_of(&judge);
    pvg_verifier *verifier = NULL;
    pvg_report *report = NULL;
    pvg_dataset *data = NULL;
    ck_does(context, pvg_dataset_create(context, &data));
    for (int i = 0; i < 6; i++) {
        char question[16];
        snprintf(question, sizeof question, "number %d?", i);
        ck_does(context, pvg_dataset_append_labelled(data, NULL, question, PVG_NUL_TERMINATED, "7", i % 2 ? "it is 7" : "it is 6",
                                                     PVG_NUL_TERMINATED, i % 2));
    }
    ck_does(context, pvg_verifier_from_hooks(context, "judge", &verify, &verifier));
    ck_does(context, pvg_evaluate(context, data, NULL, 0, verifier, NULL, NULL, &report));
    ck_assert(metric(context, report, "verifier_auc") == 1);
    ck_assert(metric(context, report, "verifier_auc_low") < 1);
    ck_assert(metric(context, report, "verifier_accuracy") == 1);
    ck_assert(metric(context, report, "score_right") == 2);
    ck_assert(metric(context, report, "score_wrong") == -1);
    pvg_report_destroy(report);
    pvg_verifier_destroy(verifier);
    pvg_dataset_destroy(data);
    public_done(context);
}
END_TEST

START_TEST(own_players) {
    pvg_context *context = public_context(2, 0);
    pvg_settings *s = public_small_game(context);
    pvg_dataset *data = NULL;
    pvg_tokenizer *tokenizer = NULL;
    pvg_model *writer = NULL, *judge = NULL;
    pvg_prover *prover = NULL;
    pvg_verifier *verifier = NULL;
    pvg_report *report = NULL, *again = NULL;
    ck_does(context, pvg_dataset_generate(context, s, 0, 20, &data));
    ck_does(context, pvg_tokenizer_train(context, data, s, &tokenizer));
    ck_does(context, pvg_model_create(context, tokenizer, s, "prover", &writer));
    ck_does(context, pvg_model_create(context, tokenizer, s, "verifier", &judge));
    ck_refuses(context, PVG_E_INVALID, "'lm'", pvg_verifier_from_model(context, writer, s, &verifier));
    ck_refuses(context, PVG_E_INVALID, "'token_sum'", pvg_prover_from_model(context, judge, s, &prover));
    ck_does(context, pvg_prover_from_model(context, writer, s, &prover));
    ck_does(context, pvg_verifier_from_model(context, judge, s, &verifier));
    pvg_model_destroy(writer);
    pvg_model_destroy(judge);
    pvg_tokenizer_destroy(tokenizer);
    ck_does(context, pvg_prover_generate(prover, data, PVG_ROLE_SNEAKY, 2, 1, 9, &report));
    ck_does(context, pvg_prover_generate(prover, data, PVG_ROLE_SNEAKY, 2, 1, 9, &again));
    ck_assert_uint_eq(pvg_report_sample_count(report), 40);
    for (size_t i = 0; i < 40; i++) {
        pvg_sample a = {.struct_size = sizeof a}, b = {.struct_size = sizeof b};
        ck_does(context, pvg_report_sample(report, i, &a));
        ck_does(context, pvg_report_sample(again, i, &b));
        ck_assert_str_eq(a.solution, b.solution);
        ck_assert_int_gt(a.tokens, 0);
    }
    pvg_report_destroy(report);
    pvg_report_destroy(again);
    size_t ends[64], needed = 0;
    float parts[64];
    double score = 0, sum = 0;
    const char *question = "Ann has 3.", *solution = "3 + 4 = 7.";
    ck_does(context, pvg_verifier_score(verifier, 1, &question, NULL, &solution, NULL, &score));
    ck_does(context, pvg_verifier_parts(verifier, question, PVG_NUL_TERMINATED, solution, PVG_NUL_TERMINATED, ends, parts, 64, &needed));
    ck_assert_uint_gt(needed, 0);
    for (size_t i = 0; i < needed; i++) sum += parts[i];
    ck_assert(fabs(sum - score) < 1e-4);
    ck_does(context, pvg_evaluate(context, data, prover, PVG_ROLE_HELPFUL, verifier, NULL, s, &report));
    ck_assert(metric(context, report, "oracle_valid") >= 0);
    pvg_context_cancel(context);
    ck_refuses(context, PVG_E_CANCELLED, "", pvg_evaluate(context, data, prover, PVG_ROLE_HELPFUL, verifier, NULL, s, &again));
    pvg_context_resume(context);
    pvg_report_destroy(report);
    pvg_prover_destroy(prover);
    pvg_verifier_destroy(verifier);
    pvg_dataset_destroy(data);
    pvg_settings_destroy(s);
    public_done(context);
}
END_TEST

static pvg_status evaluate_everything(pvg_context *context, const pvg_hooks *prove, const pvg_hooks *verify) {
    pvg_dataset *data = NULL;
    pvg_prover *prover = NULL;
    pvg_verifier *verifier = NULL;
    pvg_report *report = NULL, *table = NULL;
    pvg_status status = pvg_dataset_create(context, &data);
    if (status == PVG_OK) status = pvg_dataset_append(data, "a", "3 + 4?", PVG_NUL_TERMINATED, "7", NULL, 0);
    if (status == PVG_OK) status = pvg_prover_from_hooks(context, "seven", prove, &prover);
    if (status == PVG_OK) status = pvg_verifier_from_hooks(context, "judge", verify, &verifier);
    if (status == PVG_OK) status = pvg_evaluate(context, data, prover, PVG_ROLE_NEUTRAL, verifier, NULL, NULL, &report);
    if (status == PVG_OK) status = pvg_evaluate_table(context, data, 1, &prover, 1, &verifier, NULL, NULL, &table);
    pvg_report_destroy(table);
    pvg_report_destroy(report);
    pvg_verifier_destroy(verifier);
    pvg_prover_destroy(prover);
    pvg_dataset_destroy(data);
    return status;
}

/* A hook of a player that could not be made is finished, too: as often as it was handed in, and never twice. */
START_TEST(no_memory) {
    pvg_status status = PVG_E_NOMEM;
    for (size_t k = 1; status != PVG_OK; k++) {
        pvg_context *context = public_context(1, k);
        host writer = {.context = context}, judge = {.context = context};
        pvg_hooks prove = hooks_of(&writer), verify = hooks_of(&judge);
        status = evaluate_everything(context, &prove, &verify);
        ck_assert_msg(status == PVG_OK || status == PVG_E_NOMEM || status == PVG_E_CALLBACK, "k %zu: %s: %s", k,
                      pvg_status_name(status), pvg_error_message(context));
        ck_assert_int_le(writer.finished, 1);
        ck_assert_int_le(judge.finished, writer.finished);
        if (status == PVG_OK) ck_assert_int_eq(judge.finished, 1);
        public_done(context);
    }
}
END_TEST

START_TEST(unmade_players_are_finished) {
    pvg_context *context = public_context(1, 0);
    host h = {.context = context};
    pvg_hooks hooks = hooks_of(&h);
    pvg_prover *prover = NULL;
    ck_refuses(context, PVG_E_INVALID, "name", pvg_prover_from_hooks(context, NULL, &hooks, &prover));
    ck_assert_int_eq(h.finished, 1);
    ck_refuses(context, PVG_E_INVALID, "out", pvg_prover_from_hooks(context, "writer", &hooks, NULL));
    ck_assert_int_eq(h.finished, 2);
    ck_assert_int_eq(pvg_prover_from_hooks(NULL, "writer", &hooks, &prover), PVG_E_INVALID);
    ck_assert_int_eq(h.finished, 3);
    public_done(context);
    for (size_t k = 1, made = 0; !made; k++) {
        host other = {0};
        pvg_hooks given = hooks_of(&other);
        context = public_context(1, k);
        made = pvg_verifier_from_hooks(context, "judge", &given, (pvg_verifier **)&prover) == PVG_OK;
        ck_assert_int_eq(other.finished, made ? 0 : 1);
        if (made) pvg_verifier_destroy((pvg_verifier *)prover);
        ck_assert_int_eq(other.finished, 1);
        public_done(context);
    }
}
END_TEST

START_TEST(contexts_do_not_mix) {
    pvg_context *other = NULL;
    ck_assert_int_eq(pvg_context_create(NULL, &other), PVG_OK);
    pvg_context *context = public_context(1, 0);
    host h = {.context = context};
    pvg_hooks hooks = hooks_of(&h);
    pvg_prover *prover = NULL;
    pvg_report *report = NULL;
    pvg_dataset *data = three_problems(other);
    ck_does(context, pvg_prover_from_hooks(context, "seven", &hooks, &prover));
    ck_refuses(context, PVG_E_INVALID, "another context", pvg_prover_generate(prover, data, 0, 1, 0, 5, &report));
    pvg_prover_destroy(prover);
    pvg_dataset_destroy(data);
    pvg_context_destroy(other);
    public_done(context);
}
END_TEST

Suite *suite_players(void) {
    Suite *suite = suite_create("players");
    TCase *all = tcase_create("players");
    tcase_set_timeout(all, 60);
    tcase_add_test(all, built_in_grader);
    tcase_add_test(all, hosted_prover);
    tcase_add_test(all, hosts_that_fail);
    tcase_add_test(all, hooks_of_other_sizes);
    tcase_add_test(all, hosted_verifier_and_grader);
    tcase_add_test(all, evaluation_with_hosts);
    tcase_add_test(all, table_of_hosts);
    tcase_add_test(all, evaluation_of_labelled_solutions);
    tcase_add_test(all, own_players);
    tcase_add_test(all, no_memory);
    tcase_add_test(all, unmade_players_are_finished);
    tcase_add_test(all, contexts_do_not_mix);
    suite_add_tcase(suite, all);
    return suite;
}
