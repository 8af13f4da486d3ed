/* test_attacks.c - attacks on a game's verifier and on a host's, through the public header. */
#include <math.h>

#include "public.h"

/* A finished game's players. */
typedef struct players {
    pvg_settings *settings;
    pvg_model *base, *start, *trained, *judge;
    pvg_verifier *verifier;
    pvg_prover *helpful;
} players;

static players play(pvg_context *context) {
    players p = {.settings = public_small_game(context)};
    static const char *const values[][2] = {{"rounds.count", "1"}, {"attack.steps", "3"}, {"stop.window", "2"}, {"attack.best_of", "2"}};
    for (size_t i = 0; i < sizeof values / sizeof *values; i++) ck_does(context, pvg_settings_set(p.settings, values[i][0], values[i][1]));
    pvg_scheduler *game;
    ck_does(context, pvg_scheduler_create(context, p.settings, NULL, &game));
    ck_does(context, pvg_scheduler_run(game));
    ck_does(context, pvg_scheduler_model(game, "base", &p.base));
    ck_does(context, pvg_scheduler_model(game, "start", &p.start));
    ck_does(context, pvg_scheduler_model(game, "prover", &p.trained));
    ck_does(context, pvg_scheduler_model(game, "verifier", &p.judge));
    pvg_scheduler_destroy(game);
    ck_does(context, pvg_verifier_from_model(context, p.judge, p.settings, &p.verifier));
    ck_does(context, pvg_prover_from_model(context, p.trained, p.settings, &p.helpful));
    return p;
}

static void leave(players *p) {
    pvg_model_destroy(p->base);
    pvg_model_destroy(p->start);
    pvg_model_destroy(p->trained);
    pvg_model_destroy(p->judge);
    pvg_verifier_destroy(p->verifier);
    pvg_prover_destroy(p->helpful);
    pvg_settings_destroy(p->settings);
}

typedef struct seen {
    pvg_context *context;
    int32_t steps[3], others;
} seen;

static void watch(void *user, const char *what, int32_t done, int32_t total) {
    static const char *const names[] = {"src", "cgc", "goodhart"};
    seen *s = user;
    size_t i = 0;
    while (i < 3 && strcmp(what, names[i]) != 0) i++;
    if (i == 3) s->others++;
    else {
        ck_assert_int_eq(done, ++s->steps[i]);
        ck_assert_int_eq(total, 3);
    }
    size_t needed;
    ck_refuses(s->context, PVG_E_BUSY, "hook", pvg_machine_describe(s->context, 0, NULL, 0, &needed));
}

START_TEST(a_game_is_attacked) {
    pvg_context *context = public_context(2, 0);
    players p = play(context);
    seen seen = {.context = context};
    pvg_attack_options options = {.struct_size = sizeof options, .start = p.start, .helpful = p.helpful, .progress = watch, .user = &seen};
    pvg_report *report, *again;
    ck_does(context, pvg_settings_set(p.settings, "attack.wrong", "1"));
    ck_does(context, pvg_settings_set(p.settings, "attack.full_curve", "true"));
    ck_does(context, pvg_attack(context, p.settings, NULL, p.base, p.verifier, &options, &report));
    for (int i = 0; i < 3; i++) ck_assert_int_eq(seen.steps[i], 3);
    ck_assert_int_eq(seen.others, 4);
    double value;
    ck_does(context, pvg_report_metric(report, "src_steps", &value));
    ck_assert_double_eq(value, 3);
    ck_does(context, pvg_report_metric(report, "cgc_steps_to_exploit", &value));
    ck_does(context, pvg_report_metric(report, "best_of_2_accepted_high", &value));
    ck_assert(value >= 0 && value <= 1);
    ck_assert_uint_eq(pvg_report_table_count(report), 3);
    size_t rows, columns;
    ck_assert_str_eq(pvg_report_table_name(report, 0), "src_curve");
    ck_does(context, pvg_report_table_size(report, 0, &rows, &columns));
    ck_assert(rows == 3 && columns == 7);
    ck_assert_uint_eq(pvg_report_sample_count(report), 3 * 4 * 2);
    static char first[65536], second[65536];
    options.progress = NULL;
    ck_does(context, pvg_attack(context, p.settings, NULL, p.base, p.verifier, &options, &again));
    ck_does(context, pvg_report_json(report, first, sizeof first, NULL));
    ck_does(context, pvg_report_json(again, second, sizeof second, NULL));
    ck_assert_str_eq(first, second);
    pvg_report_destroy(report);
    pvg_report_destroy(again);
    leave(&p);
    public_done(context);
}
END_TEST

/* A verifier that likes long solutions. */
static pvg_status score_length(void *user, const pvg_request *request, pvg_reply *reply) {
    ++*(size_t *)user;
    for (size_t i = 0; i < pvg_request_count(request); i++) {
        const char *text;
        size_t length;
        if (pvg_request_solution(request, i, &text, &length) != PVG_OK) return PVG_E_INVALID;
        pvg_reply_score(reply, i, (double)length - 20);
    }
    return PVG_OK;
}

START_TEST(a_hosts_verifier_is_attacked) {
    pvg_context *context = public_context(1, 0);
    players p = play(context);
    size_t asked = 0;
    pvg_hooks hooks = {.struct_size = sizeof hooks, .answer = score_length, .user = &asked};
    pvg_verifier *host, *pulled;
    pvg_report *report;
    ck_does(context, pvg_verifier_from_hooks(context, "length", &hooks, &host));
    ck_does(context, pvg_settings_set(p.settings, "attack.rewards", "goodhart"));
    ck_does(context, pvg_attack(context, p.settings, NULL, p.base, host, NULL, &report));
    ck_assert_uint_ge(asked, 2); /* steps before success; one request each */
    for (size_t i = 0; i < pvg_report_sample_count(report); i++) {
        pvg_sample s = {.struct_size = sizeof s};
        ck_does(context, pvg_report_sample(report, i, &s));
        ck_assert_double_eq(s.score, (double)strlen(s.solution) - 20);
    }
    pvg_report_destroy(report);
    hooks.answer = NULL;
    ck_does(context, pvg_verifier_from_hooks(context, "pulled", &hooks, &pulled));
    ck_refuses(context, PVG_E_STATE, "no answer hook", pvg_attack(context, p.settings, NULL, p.base, pulled, NULL, &report));
    pvg_verifier_destroy(host);
    pvg_verifier_destroy(pulled);
    leave(&p);
    public_done(context);
}
END_TEST

START_TEST(wrong_arguments_are_refused) {
    pvg_context *context = public_context(1, 0), *elsewhere;
    players p = play(context);
    pvg_report *report = NULL;
    pvg_attack_options options = {.struct_size = sizeof options, .reserved_zero = 1};
    ck_refuses(context, PVG_E_INVALID, "'base'", pvg_attack(context, p.settings, NULL, NULL, p.verifier, NULL, &report));
    ck_refuses(context, PVG_E_INVALID, "'verifier'", pvg_attack(context, p.settings, NULL, p.base, NULL, NULL, &report));
    ck_refuses(context, PVG_E_UNSUPPORTED, "reserved_zero", pvg_attack(context, p.settings, NULL, p.base, p.verifier, &options, &report));
    ck_refuses(context, PVG_E_INVALID, "a prover is wanted", pvg_attack(context, p.settings, NULL, p.judge, p.verifier, NULL, &report));
    ck_assert_int_eq(pvg_context_create(NULL, &elsewhere), PVG_OK);
    ck_refuses(elsewhere, PVG_E_INVALID, "context", pvg_attack(elsewhere, NULL, NULL, p.base, p.verifier, NULL, &report));
    pvg_context_cancel(context);
    ck_refuses(context, PVG_E_CANCELLED, "cancelled", pvg_attack(context, p.settings, NULL, p.base, p.verifier, NULL, &report));
    pvg_context_resume(context);
    ck_assert_ptr_null(report);
    pvg_context_destroy(elsewhere);
    leave(&p);
    public_done(context);
}
END_TEST

Suite *suite_attacks(void);
Suite *suite_attacks(void) {
    Suite *suite = suite_create("attacks");
    TCase *tests = tcase_create("attacks");
    tcase_set_timeout(tests, 120);
    tcase_add_test(tests, a_game_is_attacked);
    tcase_add_test(tests, a_hosts_verifier_is_attacked);
    tcase_add_test(tests, wrong_arguments_are_refused);
    suite_add_tcase(suite, tests);
    return suite;
}
