/* test_kept_games.c - games in a run directory, through the public header. */
#include "public.h"

START_TEST(kept_and_resumed) {
    pvg_context *context = public_context(1, 0);
    pvg_settings *s = public_small_game(context);
    pvg_scheduler *straight = NULL, *kept = NULL, *resumed = NULL;
    const char *dir = public_path(public_dir(), "run");
    pvg_event event = 0;
    ck_does(context, pvg_scheduler_create(context, s, NULL, &straight));
    ck_does(context, pvg_scheduler_run(straight));
    ck_does(context, pvg_scheduler_create(context, s, NULL, &kept));
    ck_does(context, pvg_scheduler_set_directory(kept, dir));
    ck_refuses(context, PVG_E_STATE, "already", pvg_scheduler_set_directory(kept, dir));
    for (int i = 0; i < 20; i++) ck_does(context, pvg_scheduler_step(kept, &event));
    ck_does(context, pvg_scheduler_checkpoint(kept));
    ck_does(context, pvg_scheduler_step(kept, &event)); /* this one is forgotten */
    pvg_scheduler_destroy(kept);
    ck_does(context, pvg_scheduler_resume(context, dir, &resumed));
    ck_does(context, pvg_scheduler_run(resumed));
    public_same_game(context, straight, resumed);
    pvg_scheduler_destroy(straight);
    pvg_scheduler_destroy(resumed);
    pvg_settings_destroy(s);
    pvg_status status = pvg_scheduler_resume(context, public_dir(), &resumed);
    ck_assert_int_eq(status, PVG_E_NOT_FOUND);
    public_done(context);
}
END_TEST

Suite *suite_kept_games(void) {
    Suite *suite = suite_create("kept_games");
    TCase *all = tcase_create("kept_games");
    tcase_set_timeout(all, 120);
    tcase_add_test(all, kept_and_resumed);
    suite_add_tcase(suite, all);
    return suite;
}
