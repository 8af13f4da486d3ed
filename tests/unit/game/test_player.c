/* test_player.c - the host's players: asked, told, and let go of. */
#include <string.h>

#include "game/player.h"
#include "support.h"

typedef struct host {
    pvi_env *env;
    int asked, told, finished;
    pvg_status answer_status, learn_status;
    bool skip_last, give_up, was_in_hook;
} host;

static pvg_status answer(void *user, const pvg_request *request, pvg_reply *reply) {
    host *h = user;
    h->asked++;
    h->was_in_hook = h->env->in_hook;
    for (size_t i = 0; i + h->skip_last < request->count; i++)
        reply->item[i] = (pvi_answer){.answered = true, .score = (double)i};
    if (h->give_up) {
        reply->gave_up = true;
        strcpy(reply->reason, "no idea");
    }
    return h->answer_status;
}
static pvg_status learn(void *user, const pvg_feedback *feedback) {
    host *h = user;
    h->told += (int)feedback->count;
    return h->learn_status;
}
static void finish(void *user) { ((host *)user)->finished++; }

static pvi_player *make(pvi_env *env, host *h) {
    *h = (host){.env = env};
    pvi_hooks hooks = {answer, learn, finish, h};
    pvi_player *player;
    ck_ok(env, pvi_player_create(env, PVI_EXCHANGE_VERIFY, "judge", &hooks, &player));
    return player;
}

static const pvi_ask items[2] = {{.role = PVG_ROLE_HELPFUL}, {.role = PVG_ROLE_SNEAKY}};

static pvg_request request_of(pvi_env *env) {
    return (pvg_request){.env = env, .kind = PVI_EXCHANGE_VERIFY, .id = 7, .count = 2, .item = items};
}

START_TEST(finishes_once) {
    pvi_env *env = test_env();
    host h;
    pvi_player *player = make(env, &h);
    ck_assert_ptr_eq(pvi_player_retain(player), player);
    pvi_player_release(player);
    ck_assert_int_eq(h.finished, 0);
    pvi_player_release(player);
    ck_assert_int_eq(h.finished, 1);
    pvi_player_release(NULL);
    ck_assert_ptr_null(pvi_player_retain(NULL));
    test_env_free(env);
}
END_TEST

START_TEST(finishes_when_it_cannot_be_made) {
    pvi_env *env = test_env_with(1, 1);
    host h = {.env = env};
    pvi_hooks hooks = {answer, learn, finish, &h};
    pvi_player *player = NULL;
    ck_assert_int_eq(pvi_player_create(env, PVI_EXCHANGE_PROVE, NULL, &hooks, &player), PVG_E_NOMEM);
    ck_assert_int_eq(h.finished, 1);
    test_env_free(env);
}
END_TEST

START_TEST(answers) {
    pvi_env *env = test_env();
    host h;
    pvi_player *player = make(env, &h);
    pvg_request request = request_of(env);
    pvg_reply *reply = NULL;
    ck_ok(env, pvi_player_ask(player, &request, &reply));
    ck_assert(h.was_in_hook && !env->in_hook);
    ck_assert_uint_eq(reply->count, 2);
    ck_assert_double_eq(reply->item[1].score, 1);
    pvi_reply_destroy(reply);
    pvi_player_release(player);
    test_env_free(env);
}
END_TEST

START_TEST(failures) {
    pvi_env *env = test_env();
    host h;
    pvi_player *player = make(env, &h);
    pvg_request request = request_of(env);
    pvg_reply *reply = NULL;
    h.skip_last = true;
    ck_fails(env, PVG_E_CALLBACK, "'judge' left item 1 of 2 unanswered", pvi_player_ask(player, &request, &reply));
    h.skip_last = false;
    h.give_up = true;
    ck_fails(env, PVG_E_CALLBACK, "'judge' gave up: no idea", pvi_player_ask(player, &request, &reply));
    h.answer_status = PVG_E_IO;
    ck_fails(env, PVG_E_CALLBACK, "'judge' gave up: no idea", pvi_player_ask(player, &request, &reply));
    h.give_up = false;
    ck_fails(env, PVG_E_CALLBACK, "the verifier 'judge' failed with status -3",
             pvi_player_ask(player, &request, &reply));
    ck_assert(!env->in_hook);
    atomic_store(&env->cancelled, 1);
    ck_fails(env, PVG_E_CANCELLED, "judge", pvi_player_ask(player, &request, &reply));
    ck_assert_int_eq(h.asked, 4);
    ck_assert_ptr_null(reply);
    pvi_player_release(player);
    test_env_free(env);
}
END_TEST

START_TEST(learning) {
    pvi_env *env = test_env();
    host h;
    pvi_player *player = make(env, &h);
    pvg_feedback feedback = {.env = env, .kind = PVI_EXCHANGE_VERIFY, .count = 2, .item = items};
    ck_ok(env, pvi_player_tell(player, &feedback));
    ck_assert_int_eq(h.told, 2);
    h.learn_status = PVG_E_NOMEM;
    ck_fails(env, PVG_E_CALLBACK, "failed to learn, with status -2", pvi_player_tell(player, &feedback));
    ck_assert(!env->in_hook);
    player->hooks.learn = NULL;
    ck_ok(env, pvi_player_tell(player, &feedback));
    pvi_player_release(player);
    test_env_free(env);
}
END_TEST

START_TEST(pulled_players_are_not_called) {
    pvi_env *env = test_env();
    pvi_hooks hooks = {.answer = NULL};
    pvi_player *player;
    ck_ok(env, pvi_player_create(env, PVI_EXCHANGE_GRADE, "", &hooks, &player));
    ck_assert_str_eq(player->name, "grader");
    pvg_request request = request_of(env);
    pvg_reply *reply = NULL;
    ck_fails(env, PVG_E_STATE, "'grader' is pulled", pvi_player_ask(player, &request, &reply));
    pvi_player_release(player);
    test_env_free(env);
}
END_TEST

Suite *suite_player(void) {
    Suite *suite = suite_create("player");
    TCase *tests = tcase_create("player");
    tcase_add_test(tests, finishes_once);
    tcase_add_test(tests, finishes_when_it_cannot_be_made);
    tcase_add_test(tests, answers);
    tcase_add_test(tests, failures);
    tcase_add_test(tests, learning);
    tcase_add_test(tests, pulled_players_are_not_called);
    suite_add_tcase(suite, tests);
    return suite;
}
