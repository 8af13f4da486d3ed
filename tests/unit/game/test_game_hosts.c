/* test_game_hosts.c - games with the host's players: what each is shown and told, by hook or pulled, and when one
 * fails. */
#include <math.h>
#include <stdio.h>

#include "base/text.h"
#include "game_fixture.h"

typedef struct hosts {
    pvi_env *env;
    long proofs, scores, grades;      /* items answered */
    long rewards, labels;             /* items of feedback */
    long answers_shown[4];            /* by kind of exchange, items with the reference answer */
    long sneaky_shown;
    uint64_t proved[4096];            /* ids of requests to the prover */
    size_t requests;
    long calls, fail_every, cancel_at;
} hosts;

/* The prover's idea of arithmetic: mostly wrong, by the seed. */
static void prove(const pvg_request *request, size_t i, pvg_reply *reply) {
    char text[32];
    snprintf(text, sizeof text, "A: %d", (int)(request->item[i].seed % 13));
    reply->item[i] = (pvi_answer){.answered = true, .text_begin = reply->text.length, .text_length = strlen(text)};
    pvi_text_puts(&reply->text, text);
}

static void fill(hosts *h, const pvg_request *request, pvg_reply *reply) {
    for (size_t i = 0; i < request->count; i++) {
        const pvi_ask *ask = &request->item[i];
        h->answers_shown[request->kind] += ask->answer.data != NULL;
        h->sneaky_shown += request->kind == PVI_EXCHANGE_PROVE && ask->role == PVG_ROLE_SNEAKY &&
                           ask->answer.data != NULL;
        ck_assert(ask->question.length > 0);
        if (request->kind == PVI_EXCHANGE_PROVE) {
            prove(request, i, reply);
            h->proofs++;
            continue;
        }
        ck_assert_ptr_nonnull(ask->solution.data);
        if (request->kind == PVI_EXCHANGE_VERIFY) {
            ck_assert_int_eq(ask->role, PVG_ROLE_NEUTRAL);
            reply->item[i] = (pvi_answer){.answered = true,
                                          .score = (double)(ask->solution.data[ask->solution.length - 1] % 5) - 2};
            h->scores++;
        } else {
            int64_t gold = 0, said = 0;
            ck_assert(pvi_text_to_int(ask->answer.data, ask->answer.length, &gold));
            const char *mark = strstr(ask->solution.data, "A: ");
            bool read = mark != NULL && pvi_text_to_int(mark + 3, strspn(mark + 3, "0123456789"), &said);
            pvg_verdict verdict = !read          ? PVG_VERDICT_NO_ANSWER
                                  : said == gold ? PVG_VERDICT_CORRECT
                                                 : PVG_VERDICT_WRONG;
            reply->item[i] = (pvi_answer){.answered = true, .verdict = verdict};
            h->grades++;
        }
    }
    if (request->kind == PVI_EXCHANGE_PROVE && h->requests < 4096) h->proved[h->requests++] = request->id;
}

static pvg_status answer(void *user, const pvg_request *request, pvg_reply *reply) {
    hosts *h = user;
    ck_assert(h->env->in_hook);
    h->calls++;
    if (h->fail_every > 0 && h->calls % h->fail_every == 0) return PVG_E_IO;
    if (h->calls == h->cancel_at) atomic_store(&h->env->cancelled, 1);
    fill(h, request, reply);
    return PVG_OK;
}

static pvg_status learn(void *user, const pvg_feedback *feedback) {
    hosts *h = user;
    h->calls++;
    if (h->fail_every > 0 && h->calls % h->fail_every == 0) return PVG_E_IO;
    if (feedback->kind == PVI_EXCHANGE_PROVE) {
        bool known = false;
        for (size_t i = 0; i < h->requests; i++) known = known || h->proved[i] == feedback->id;
        ck_assert_msg(known, "feedback on a request that was never made");
        for (size_t i = 0; i < feedback->count; i++) ck_assert(!isnan(feedback->reward[i]));
        h->rewards += (long)feedback->count;
    } else {
        ck_assert(feedback->id == 0 && feedback->reward == NULL);
        size_t right = 0;
        for (size_t i = 0; i < feedback->count; i++) right += feedback->verdict[i] == PVG_VERDICT_CORRECT;
        ck_assert_uint_eq(2 * right, feedback->count);
        h->labels += (long)feedback->count;
    }
    return PVG_OK;
}

static void seat(pvi_game *game, hosts *h, pvi_exchange_kind kind, bool pulled, bool learns) {
    pvi_hooks hooks = {pulled ? NULL : answer, learns ? learn : NULL, NULL, h};
    pvi_player *player;
    ck_ok(game->env, pvi_player_create(game->env, kind, NULL, &hooks, &player));
    ck_ok(game->env, pvi_game_set_player(game, player));
    pvi_player_release(player);
}

static const char *const usual[] = {"pool.base_samples=128", NULL};
enum { PROVER = 1, VERIFIER = 2, GRADER = 4, PULLED = 8, ALL = 7 };

static pvi_game *make(pvi_env *env, hosts *h, int who, const char *const *more) {
    pvi_game *game = game_make(env, more, NULL);
    *h = (hosts){.env = env};
    if (who & PROVER) seat(game, h, PVI_EXCHANGE_PROVE, who & PULLED, true);
    if (who & VERIFIER) seat(game, h, PVI_EXCHANGE_VERIFY, who & PULLED, true);
    if (who & GRADER) seat(game, h, PVI_EXCHANGE_GRADE, who & PULLED, false);
    return game;
}

/* To the end; whatever a host does wrong, the same step is tried again. */
static char *result_of(int who, long fail_every, long cancel_at) {
    pvi_env *env = game_env(1);
    hosts h;
    pvi_game *game = make(env, &h, who, usual);
    h.fail_every = fail_every;
    h.cancel_at = cancel_at;
    pvi_game_event event = PVI_GAME_PROGRESS;
    long troubles = 0;
    while (event != PVI_GAME_FINISHED) {
        pvg_status status = pvi_game_step(game, &event);
        if (status == PVI_NEEDS_REPLY) {
            ck_assert_ptr_nonnull(game->pending);
            ck_fails(env, PVG_E_CALLBACK, "left item 0", pvi_game_submit(game));
            fill(&h, game->pending, game->pending_reply);
            ck_ok(env, pvi_game_submit(game));
            continue;
        }
        if (status == PVG_OK) continue;
        ck_assert_int_eq(status, fail_every > 0 ? PVG_E_CALLBACK : PVG_E_CANCELLED);
        atomic_store(&env->cancelled, 0);
        troubles++;
    }
    ck_assert_int_eq(troubles > 0, fail_every > 0 || cancel_at > 0);
    ck_fails(env, PVG_E_STATE, "no request is open", pvi_game_submit(game));
    char *result = game_result(game);
    pvi_game_destroy(game);
    test_env_free(env);
    return result;
}

START_TEST(all_players_hosted) {
    pvi_env *env = game_env(1);
    hosts h;
    pvi_game *game = make(env, &h, ALL, usual);
    game_play(game);
    ck_assert_ptr_null(game->base);
    ck_assert_ptr_null(game->verifiers[0]);
    long sampled = 2 * 16 + 128 + 2 * (3 * 16 + 32), trained = 2 * 4 * 16;
    ck_assert_int_eq(h.proofs, sampled + trained);
    ck_assert_int_eq(h.grades, h.proofs);
    ck_assert_int_eq(h.rewards, trained);
    ck_assert_int_eq(h.labels, 3 * 5 * 16);
    ck_assert_int_eq(h.answers_shown[PVI_EXCHANGE_PROVE], 0);
    ck_assert_int_eq(h.answers_shown[PVI_EXCHANGE_VERIFY], 0);
    ck_assert_int_eq(h.answers_shown[PVI_EXCHANGE_GRADE], h.grades);
    double value;
    ck_assert(pvi_report_get(&game->reports[1], "verifier_auc", &value) && !isnan(value));
    ck_assert(pvi_report_get(&game->reports[1], "prover_steps", &value) && value == 4);
    ck_assert(pvi_report_get(&game->reports[1], "kl", &value) && isnan(value));
    pvi_game_destroy(game);
    test_env_free(env);
}
END_TEST

START_TEST(the_sneaky_role_may_see_the_answer) {
    pvi_env *env = game_env(1);
    hosts h;
    const char *const more[] = {"roles.sneaky_sees_answer=true", "pool.base_samples=128", NULL};
    pvi_game *game = make(env, &h, PROVER, more);
    game_play(game);
    ck_assert_int_gt(h.sneaky_shown, 0);
    ck_assert_int_eq(h.answers_shown[PVI_EXCHANGE_PROVE], h.sneaky_shown);
    pvi_game_destroy(game);
    test_env_free(env);
}
END_TEST

/* A host that does not learn has no training stages. */
START_TEST(a_host_that_does_not_learn) {
    pvi_env *env = game_env(1);
    hosts h = {.env = env};
    pvi_game *game = game_make(env, usual, NULL);
    seat(game, &h, PVI_EXCHANGE_PROVE, false, false);
    seat(game, &h, PVI_EXCHANGE_VERIFY, false, false);
    game_play(game);
    ck_assert_int_eq(h.proofs, 2 * 16 + 128 + 2 * (3 * 16 + 32));
    pvi_game_destroy(game);
    test_env_free(env);
}
END_TEST

static const int casts[] = {ALL, PROVER, VERIFIER, GRADER};

START_TEST(pulled_is_the_same_game) {
    char *called = result_of(casts[_i], 0, 0), *pulled = result_of(casts[_i] | PULLED, 0, 0);
    game_same(called, pulled);
    free(called), free(pulled);
}
END_TEST

START_TEST(hosts_that_fail_now_and_then) {
    char *calm = result_of(casts[_i], 0, 0), *troubled = result_of(casts[_i], 3, 0);
    game_same(calm, troubled);
    free(calm), free(troubled);
}
END_TEST

/* A grader that cancels while it is asked: the learning that would follow does not begin, and nothing is changed. */
START_TEST(cancelled_while_asked) {
    char *calm = result_of(GRADER, 0, 0);
    for (long at = 2; at <= 10; at += 4) {
        char *cancelled = result_of(GRADER, 0, at);
        game_same(calm, cancelled);
        free(cancelled);
    }
    free(calm);
}
END_TEST

START_TEST(giving_up_closes_the_request) {
    pvi_env *env = game_env(1);
    hosts h;
    pvi_game *game = make(env, &h, ALL | PULLED, usual);
    pvi_game_event event;
    ck_assert_int_eq(pvi_game_step(game, &event), PVI_NEEDS_REPLY);
    ck_assert_int_eq(pvi_game_step(game, &event), PVI_NEEDS_REPLY);
    uint64_t id = game->pending->id;
    game->pending_reply->gave_up = true;
    strcpy(game->pending_reply->reason, "out of ideas");
    ck_fails(env, PVG_E_CALLBACK, "'prover' gave up: out of ideas", pvi_game_submit(game));
    ck_assert_ptr_null(game->pending);
    ck_assert_int_eq(pvi_game_step(game, &event), PVI_NEEDS_REPLY);
    ck_assert_uint_eq(game->pending->id, id);
    pvi_game_destroy(game); /* with the request open */
    test_env_free(env);
}
END_TEST

START_TEST(players_are_set_before_the_first_step) {
    pvi_env *env = game_env(1);
    hosts h;
    pvi_game *game = make(env, &h, ALL, usual);
    pvi_game_event event;
    ck_ok(env, pvi_game_step(game, &event));
    pvi_hooks hooks = {answer, learn, NULL, &h};
    pvi_player *late;
    ck_ok(env, pvi_player_create(env, PVI_EXCHANGE_PROVE, NULL, &hooks, &late));
    ck_fails(env, PVG_E_STATE, "before the first step", pvi_game_set_player(game, late));
    pvi_player_release(late);
    pvi_game_destroy(game);
    game = make(env, &h, ALL, usual);
    game->resumed = true;
    game->plan.own_verifier = true; /* as if the checkpoint's game had had a verifier of its own */
    ck_fails(env, PVG_E_STATE, "played with the library's own verifier", pvi_game_step(game, &event));
    game->plan.own_verifier = false;
    ck_fails(env, PVG_E_STATE, "the library's own grader", pvi_game_step(game, &event));
    game->wants_grader = true;
    ck_ok(env, pvi_game_step(game, &event));
    pvi_game_destroy(game);
    test_env_free(env);
}
END_TEST

Suite *suite_game_hosts(void) {
    Suite *suite = suite_create("game_hosts");
    TCase *tests = tcase_create("game_hosts");
    tcase_set_timeout(tests, 120);
    tcase_add_test(tests, all_players_hosted);
    tcase_add_test(tests, the_sneaky_role_may_see_the_answer);
    tcase_add_test(tests, a_host_that_does_not_learn);
    tcase_add_loop_test(tests, pulled_is_the_same_game, 0, 4);
    tcase_add_loop_test(tests, hosts_that_fail_now_and_then, 0, 4);
    tcase_add_test(tests, cancelled_while_asked);
    tcase_add_test(tests, giving_up_closes_the_request);
    tcase_add_test(tests, players_are_set_before_the_first_step);
    suite_add_tcase(suite, tests);
    return suite;
}
