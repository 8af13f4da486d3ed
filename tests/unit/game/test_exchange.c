/* test_exchange.c - a reply starts empty and must be completed. */
#include <string.h>

#include "game/exchange.h"
#include "support.h"

START_TEST(open_items_and_giving_up_are_named) {
    pvi_env *env = test_env();
    pvi_ask items[2] = {{.role = PVG_ROLE_HELPFUL}, {.role = PVG_ROLE_SNEAKY}};
    pvg_request request = {.env = env, .kind = PVI_EXCHANGE_VERIFY, .id = 1, .count = 2, .item = items};
    pvg_reply *reply = NULL;
    ck_ok(env, pvi_reply_create(env, &request, &reply));
    ck_fails(env, PVG_E_CALLBACK, "item 0 of 2", pvi_reply_check(reply, "judge"));
    reply->item[0].answered = true;
    ck_fails(env, PVG_E_CALLBACK, "'judge' left item 1", pvi_reply_check(reply, "judge"));
    reply->item[1].answered = true;
    ck_ok(env, pvi_reply_check(reply, "judge"));
    reply->gave_up = true;
    strcpy(reply->reason, "out of paper");
    ck_fails(env, PVG_E_CALLBACK, "out of paper", pvi_reply_check(reply, "judge"));
    pvi_reply_destroy(reply);
    pvi_reply_destroy(NULL);
    test_env_free(env);
}
END_TEST

Suite *suite_exchange(void) {
    Suite *suite = suite_create("exchange");
    TCase *all = tcase_create("exchange");
    tcase_add_test(all, open_items_and_giving_up_are_named);
    suite_add_tcase(suite, all);
    return suite;
}
