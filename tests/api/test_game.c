/* test_game.c - whole games through the public header: run, stepped, pulled, cancelled. */
#include <stdbool.h>

#include "public.h"

typedef struct seen {
    int progress, stages, rounds, finished;
    double fraction;
    pvg_status nested; /* of a step inside the observer */
    int stop_after;    /* events; 0: never */
} seen;

static pvg_status observe(void *user, pvg_scheduler *game, pvg_event event) {
    seen *s = user;
    pvg_event inner = 0;
    s->progress += event == PVG_EVENT_PROGRESS;
    s->stages += event == PVG_EVENT_STAGE_DONE;
    s->rounds += event == PVG_EVENT_ROUND_DONE;
    s->finished += event == PVG_EVENT_FINISHED;
    s->nested = pvg_scheduler_step(game, &inner);
    pvg_progress progress = {.struct_size = sizeof progress};
    pvg_status status = pvg_scheduler_progress(game, &progress);
    if (status != PVG_OK) return status;
    if (progress.fraction < s->fraction || progress.fraction > 1) return PVG_E_INTERNAL;
    s->fraction = progress.fraction;
    return s->stop_after > 0 && --s->stop_after == 0 ? PVG_E_IO : PVG_OK;
}

START_TEST(a_whole_game) {
    pvg_context *context = public_context(2, 0);
    pvg_settings *s = public_small_game(context);
    pvg_scheduler *game = NULL;
    pvg_report *report = NULL;
    pvg_model *model = NULL;
    seen events = {.nested = PVG_OK};
    ck_does(context, pvg_scheduler_create(context, s, NULL, &game));
    pvg_settings_destroy(s);
    ck_refuses(context, PVG_E_NOT_FOUND, "'base'", pvg_scheduler_model(game, "base", &model));
    ck_refuses(context, PVG_E_NOT_FOUND, "round 0", pvg_scheduler_report(game, 0, &report));
    ck_refuses(context, PVG_E_STATE, "run directory", pvg_scheduler_checkpoint(game));
    ck_does(context, pvg_scheduler_set_observer(game, observe, &events));
    ck_does(context, pvg_scheduler_run(game));
    ck_assert_int_eq(events.rounds, 2);
    ck_assert_int_eq(events.finished, 1);
    ck_assert_int_gt(events.progress, 20);
    ck_assert_int_eq(events.nested, PVG_E_BUSY);
    ck_assert(events.fraction == 1);
    ck_does(context, pvg_scheduler_run(game)); /* finished: nothing more */
    ck_assert_int_eq(events.finished, 2);
    ck_does(context, pvg_scheduler_report(game, 1, &report));
    ck_assert_uint_gt(pvg_report_metric_count(report), 5);
    ck_assert_uint_gt(pvg_report_sample_count(report), 5);
    ck_refuses(context, PVG_E_RANGE, "round 2", pvg_scheduler_report(game, 2, &report));
    static const char *const models[] = {"base", "prover", "verifier", "verifier_base"};
    for (int i = 0; i < 4; i++) {
        ck_does(context, pvg_scheduler_model(game, models[i], &model));
        ck_assert_uint_gt(pvg_model_parameters(model), 100);
        pvg_model_destroy(model);
    }
    ck_refuses(context, PVG_E_NOT_FOUND, "'judge'", pvg_scheduler_model(game, "judge", &model));
    ck_refuses(context, PVG_E_STATE, "no request is open", pvg_scheduler_pending(game, &(const pvg_request *){NULL}, &(pvg_reply *){NULL}));
    pvg_context_destroy(context);
    pvg_scheduler_destroy(game);
    pvg_report_destroy(report);
    ck_assert_uint_eq(public_blocks(), 0);
}
END_TEST

START_TEST(cancelled_and_stopped_games_go_on_to_the_same_end) {
    pvg_context *context = public_context(1, 0);
    pvg_settings *s = public_small_game(context);
    pvg_scheduler *straight = NULL, *broken = NULL;
    ck_does(context, pvg_scheduler_create(context, s, NULL, &straight));
    ck_does(context, pvg_scheduler_run(straight));
    ck_does(context, pvg_scheduler_create(context, s, NULL, &broken));
    seen events = {.stop_after = 5};
    ck_does(context, pvg_scheduler_set_observer(broken, observe, &events));
    ck_refuses(context, PVG_E_CALLBACK, "PVG_E_IO", pvg_scheduler_run(broken));
    pvg_event event = 0;
    for (int i = 0; i < 10; i++) {
        pvg_context_cancel(context);
        ck_refuses(context, PVG_E_CANCELLED, "cancelled", pvg_scheduler_step(broken, &event));
        pvg_context_resume(context);
        ck_does(context, pvg_scheduler_step(broken, &event));
    }
    ck_does(context, pvg_scheduler_run(broken));
    public_same_game(context, straight, broken);
    pvg_scheduler_destroy(straight);
    pvg_scheduler_destroy(broken);
    pvg_settings_destroy(s);
    public_done(context);
}
END_TEST

/* A reply of another kind, or one that says nothing that can be used, is refused and leaves the item open. */
static void wrong_replies(pvg_context *context, const pvg_request *request, pvg_reply *reply) {
    pvg_request_kind kind = pvg_request_kind_of(request);
    size_t beyond = pvg_request_count(request);
    if (kind == PVG_REQUEST_PROVE) {
        ck_refuses(context, PVG_E_STATE, "does not ask for a score", pvg_reply_score(reply, 0, 1));
        ck_refuses(context, PVG_E_FORMAT, "not UTF-8 at byte 2", pvg_reply_text(reply, 0, "A:\xff", 3));
        ck_refuses(context, PVG_E_FORMAT, "NUL inside", pvg_reply_text(reply, 0, "A\0B", 3));
        ck_refuses(context, PVG_E_RANGE, "", pvg_reply_text(reply, beyond, "A: 1", PVG_NUL_TERMINATED));
    } else if (kind == PVG_REQUEST_VERIFY) {
        ck_refuses(context, PVG_E_STATE, "does not ask for a verdict", pvg_reply_verdict(reply, 0, PVG_VERDICT_WRONG));
        ck_refuses(context, PVG_E_NUMERIC, "score of item 0", pvg_reply_score(reply, 0, (double)NAN));
        ck_refuses(context, PVG_E_NUMERIC, "score of item 0", pvg_reply_score(reply, 0, (double)INFINITY));
    } else {
        ck_refuses(context, PVG_E_STATE, "does not ask for a text", pvg_reply_text(reply, 0, "A: 1", 4));
        ck_refuses(context, PVG_E_RANGE, "verdict of item 0 is 99", pvg_reply_verdict(reply, 0, 99));
    }
}

/* A digit as the answer, now and then right; a score and a verdict by it. Only a grader is shown the right answer. */
static void answer(pvg_context *context, const pvg_request *request, pvg_reply *reply) {
    pvg_request_kind kind = pvg_request_kind_of(request);
    for (size_t i = 0; i < pvg_request_count(request); i++) {
        char text[] = "A: 0.";
        const char *solution = NULL, *gold = NULL;
        size_t length = 0, gold_length = 0;
        text[3] = (char)('0' + pvg_request_seed(request, i) % 10);
        pvg_status shown = pvg_request_answer(request, i, &gold, &gold_length);
        ck_assert_int_eq(shown == PVG_OK, kind == PVG_REQUEST_GRADE);
        if (kind == PVG_REQUEST_PROVE) {
            ck_does(context, pvg_reply_text(reply, i, text, PVG_NUL_TERMINATED));
            continue;
        }
        ck_does(context, pvg_request_solution(request, i, &solution, &length));
        if (kind == PVG_REQUEST_VERIFY) {
            ck_does(context, pvg_reply_score(reply, i, solution[length - 2] - '4'));
            continue;
        }
        ck_assert_uint_eq(length, 5);
        bool right = gold_length == 1 && gold[0] == solution[3];
        ck_does(context, pvg_reply_verdict(reply, i, right ? PVG_VERDICT_CORRECT : PVG_VERDICT_WRONG));
    }
}

START_TEST(pulled_players) {
    pvg_context *context = public_context(1, 0);
    pvg_settings *s = public_small_game(context);
    pvg_prover *prover = NULL;
    pvg_verifier *verifier = NULL;
    pvg_grader *grader = NULL;
    pvg_scheduler *game = NULL;
    pvg_hooks pulled;
    pvg_event event = 0;
    int requests[4] = {0}, steps = 0;
    ck_assert_int_eq(pvg_hooks_init(&pulled, sizeof pulled), PVG_OK);
    ck_does(context, pvg_prover_from_hooks(context, "pulled", &pulled, &prover));
    ck_does(context, pvg_verifier_from_hooks(context, "pulled", &pulled, &verifier));
    ck_does(context, pvg_grader_from_hooks(context, "pulled", &pulled, &grader));
    ck_does(context, pvg_scheduler_create(context, s, NULL, &game));
    ck_does(context, pvg_scheduler_set_prover(game, prover));
    ck_does(context, pvg_scheduler_set_verifier(game, verifier));
    ck_does(context, pvg_scheduler_set_grader(game, grader));
    pvg_prover_destroy(prover);
    pvg_verifier_destroy(verifier);
    pvg_grader_destroy(grader);
    while (event != PVG_EVENT_FINISHED && steps++ < 2000) {
        ck_does(context, pvg_scheduler_step(game, &event));
        if (event != PVG_EVENT_NEEDS_REPLY) continue;
        const pvg_request *request = NULL;
        pvg_reply *reply = NULL;
        ck_does(context, pvg_scheduler_pending(game, &request, &reply));
        if (requests[pvg_request_kind_of(request)]++ == 0) {
            wrong_replies(context, request, reply);
            ck_refuses(context, PVG_E_CALLBACK, "'pulled' left item 0", pvg_scheduler_submit(game));
        }
        answer(context, request, reply);
        ck_does(context, pvg_scheduler_submit(game));
    }
    ck_assert_int_eq(event, PVG_EVENT_FINISHED);
    ck_assert(requests[PVG_REQUEST_PROVE] > 2 && requests[PVG_REQUEST_VERIFY] > 2 && requests[PVG_REQUEST_GRADE] > 2);
    pvg_scheduler_destroy(game);
    pvg_settings_destroy(s);
    public_done(context);
}
END_TEST

START_TEST(pulled_players_cannot_be_run) {
    pvg_context *context = public_context(1, 0);
    pvg_settings *s = public_small_game(context);
    pvg_prover *prover = NULL;
    pvg_scheduler *game = NULL;
    pvg_hooks pulled;
    pvg_grader *own = NULL;
    ck_assert_int_eq(pvg_hooks_init(&pulled, sizeof pulled), PVG_OK);
    ck_does(context, pvg_prover_from_hooks(context, "pulled", &pulled, &prover));
    ck_does(context, pvg_grader_create(context, NULL, &own));
    ck_does(context, pvg_scheduler_create(context, s, NULL, &game));
    ck_refuses(context, PVG_E_UNSUPPORTED, "host", pvg_scheduler_set_grader(game, own));
    ck_does(context, pvg_scheduler_set_prover(game, prover));
    ck_refuses(context, PVG_E_STATE, "pvg_scheduler_step", pvg_scheduler_run(game));
    ck_refuses(context, PVG_E_STATE, "", pvg_scheduler_set_prover(game, prover));
    pvg_scheduler_destroy(game);
    pvg_grader_destroy(own);
    pvg_prover_destroy(prover);
    pvg_settings_destroy(s);
    public_done(context);
}
END_TEST

/* Wherever memory runs out, nothing leaks, and the game goes on to the same end once there is memory again. */
START_TEST(no_memory) {
    pvg_context *whole = public_context(1, 0);
    pvg_settings *s = public_small_game(whole);
    pvg_scheduler *straight = NULL;
    ck_does(whole, pvg_scheduler_create(whole, s, NULL, &straight));
    ck_does(whole, pvg_scheduler_run(straight));
    static char wanted[65536], found[65536];
    pvg_report *report = NULL;
    ck_does(whole, pvg_scheduler_report(straight, -1, &report));
    ck_does(whole, pvg_report_json(report, wanted, sizeof wanted, NULL));
    pvg_report_destroy(report);
    pvg_scheduler_destroy(straight);
    pvg_settings_destroy(s);
    public_done(whole);
    for (size_t k = 1200; k < 40000; k += k / 2 + 1) {
        pvg_context *context = public_context(1, k);
        pvg_scheduler *game = NULL;
        s = public_small_game(context);
        pvg_status status = pvg_scheduler_create(context, s, NULL, &game);
        pvg_settings_destroy(s);
        if (status == PVG_OK) status = pvg_scheduler_run(game);
        ck_assert(status == PVG_OK || status == PVG_E_NOMEM);
        if (status == PVG_E_NOMEM && game != NULL) ck_does(context, pvg_scheduler_run(game));
        if (game != NULL) {
            ck_does(context, pvg_scheduler_report(game, -1, &report));
            ck_does(context, pvg_report_json(report, found, sizeof found, NULL));
            ck_assert_str_eq(found, wanted);
            pvg_report_destroy(report);
        }
        pvg_scheduler_destroy(game);
        public_done(context);
    }
}
END_TEST

START_TEST(a_dataset_of_ones_own) {
    pvg_context *context = public_context(1, 0);
    pvg_settings *s = public_small_game(context);
    pvg_dataset *data = NULL;
    pvg_scheduler *game = NULL;
    ck_does(context, pvg_dataset_generate(context, s, 0, 300, &data));
    ck_does(context, pvg_scheduler_create(context, s, data, &game));
    ck_refuses(context, PVG_E_STATE, "frozen", pvg_dataset_append(data, NULL, "late?", PVG_NUL_TERMINATED, "1", NULL, 0));
    pvg_dataset_destroy(data);
    pvg_event event = 0;
    for (int i = 0; i < 5; i++) ck_does(context, pvg_scheduler_step(game, &event));
    pvg_scheduler_destroy(game);
    ck_does(context, pvg_dataset_create(context, &data));
    pvg_status status = pvg_scheduler_create(context, s, data, &game); /* nothing in it */
    ck_assert_int_lt(status, 0);
    ck_assert_uint_gt(strlen(pvg_error_message(context)), 10);
    pvg_dataset_destroy(data);
    pvg_settings_destroy(s);
    public_done(context);
}
END_TEST

Suite *suite_game(void) {
    Suite *suite = suite_create("game");
    TCase *all = tcase_create("game");
    tcase_set_timeout(all, 120);
    tcase_add_test(all, a_whole_game);
    tcase_add_test(all, cancelled_and_stopped_games_go_on_to_the_same_end);
    tcase_add_test(all, pulled_players);
    tcase_add_test(all, pulled_players_cannot_be_run);
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__) /* a minute or more */
    tcase_add_test(all, no_memory);
#else
    (void)no_memory;
#endif
    tcase_add_test(all, a_dataset_of_ones_own);
    suite_add_tcase(suite, all);
    return suite;
}
