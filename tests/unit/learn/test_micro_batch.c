/* test_micro_batch.c - checks of a batch, its cut into parts, and the rows that predict solution tokens. */
#include "learn_fixture.h"

static pvi_env *env;
static pvi_model *model;
static pvi_trainer *trainer;

static void open_trainer(int32_t micro_tokens) {
    env = learn_env(1);
    model = learn_model(env, PVI_HEAD_LM, true, false, 1);
    trainer = learn_trainer(model, &learn_still, micro_tokens);
}

static void close_trainer(void) {
    pvi_trainer_destroy(trainer);
    pvi_model_destroy(model);
    test_env_free(env);
}

START_TEST(as_many_sequences_as_fit) {
    open_trainer(8); /* lengths 5 3 6 3 6 */
    const pvi_batch *batch = &learn_examples.batch;
    ck_assert_int_eq(pvi_micro_end(trainer, batch, NULL, 0), 2);
    ck_assert_int_eq(pvi_micro_end(trainer, batch, NULL, 1), 2);
    ck_assert_int_eq(pvi_micro_end(trainer, batch, NULL, 2), 3);
    ck_assert_int_eq(pvi_micro_end(trainer, batch, NULL, 3), 4);
    ck_assert_int_eq(pvi_micro_end(trainer, batch, NULL, 4), 5);
    const int32_t offset[] = {0, 5, 9, 12, 15, 18};
    const pvi_batch beside = {LEARN_SEQUENCES, offset, learn_token};
    ck_assert_int_eq(pvi_micro_end(trainer, batch, &beside, 0), 1); /* 5 + 4 do not fit beside */
    ck_assert_int_eq(pvi_micro_end(trainer, batch, &beside, 2), 3);
    close_trainer();
}
END_TEST

START_TEST(a_part_is_seen_as_a_batch) {
    int32_t offset[4], rows[LEARN_TOKENS];
    pvi_micro micro;
    pvi_micro_cut(&learn_examples, 1, 4, offset, &micro);
    ck_assert(micro.first == 1 && micro.token == 5 && micro.batch.sequences == 3 &&
              micro.batch.token == learn_token + 5);
    ck_assert_mem_eq(offset, ((int32_t[]){0, 3, 9, 12}), sizeof offset);
    ck_assert_ptr_eq(micro.begin, learn_begin + 1);
    ck_assert_int_eq(pvi_micro_rows(&micro, NULL, rows), 7);
    ck_assert_mem_eq(rows, ((int32_t[]){0, 1, 5, 6, 7, 9, 10}), 7 * sizeof *rows);
    ck_assert_int_eq(pvi_micro_rows(&micro, (const uint8_t[]){0, 1, 0}, rows), 3);
    ck_assert_mem_eq(rows, ((int32_t[]){5, 6, 7}), 3 * sizeof *rows);
    ck_assert_int_eq(pvi_micro_rows(&micro, (const uint8_t[]){0, 0, 0}, rows), 0);
    ck_assert_int_eq(pvi_examples_targets(&learn_examples, NULL), LEARN_TARGETS);
    ck_assert_int_eq(pvi_examples_targets(&learn_examples, learn_label), 3 + 3);
}
END_TEST

START_TEST(bad_batches_are_refused) {
    open_trainer(64);
    int32_t token[LEARN_TOKENS], begin[LEARN_SEQUENCES], offset[LEARN_SEQUENCES + 1];
    const pvi_examples e = {{LEARN_SEQUENCES, offset, token}, begin};
    const struct {
        int32_t *place, bad;
        pvg_status status;
        const char *part;
    } cases[] = {
        {&offset[0], 1, PVG_E_INVALID, "from offset 1"},
        {&offset[1], 9, PVG_E_RANGE, "sequence 0 of it has 9 tokens; the longest planned for is 6"},
        {&offset[1], 0, PVG_E_INVALID, "sequence 0 of it begins at 2 of 0"},
        {&offset[2], 4, PVG_E_INVALID, "sequence 1 of it begins at 1 of -1"},
        {&begin[3], 0, PVG_E_INVALID, "sequence 3 of it begins at 0 of 3"},
        {&begin[3], 3, PVG_E_INVALID, "sequence 3 of it begins at 3 of 3"},
        {&begin[3], -1, PVG_E_INVALID, "sequence 3 of it begins at -1 of 3"},
        {&token[22], 13, PVG_E_RANGE, "token 5 of sequence 4 of it is 13, outside 0..12"},
        {&token[0], -1, PVG_E_RANGE, "token 0 of sequence 0 of it is -1"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        memcpy(token, learn_token, sizeof token), memcpy(begin, learn_begin, sizeof begin),
            memcpy(offset, learn_offset, sizeof offset);
        ck_ok(env, pvi_examples_check(trainer, &e, "it", true));
        *cases[i].place = cases[i].bad;
        ck_fails(env, cases[i].status, cases[i].part, pvi_examples_check(trainer, &e, "it", true));
    }
    const pvi_examples negative = {{-3, learn_offset, learn_token}, learn_begin};
    ck_fails(env, PVG_E_INVALID, "-3 sequences", pvi_examples_check(trainer, &negative, "it", true));
    close_trainer();
}
END_TEST

START_TEST(a_loss_that_is_no_number_ends_the_step) {
    open_trainer(64);
    trainer->gradient.norm[2] = 1;
    trainer->scratch->tied[3] = 1;
    double norm = -7;
    learn_before before = learn_remember(trainer);
    ck_fails(env, PVG_E_NUMERIC, "the test loss of update 1 is not a finite number",
             pvi_step_end(trainer, PVG_OK, "test", NAN, &norm));
    learn_check_unchanged(trainer, &before);
    ck_assert(trainer->scratch->tied[3] == 0 && norm == -7);
    before = learn_remember(trainer);
    trainer->gradient.norm[2] = 1;
    ck_assert_int_eq(pvi_step_end(trainer, PVG_E_CANCELLED, "test", 0, &norm), PVG_E_CANCELLED);
    learn_check_unchanged(trainer, &before);
    close_trainer();
}
END_TEST

Suite *suite_micro_batch(void) {
    Suite *suite = suite_create("micro_batch");
    TCase *tc = tcase_create("micro_batch");
    tcase_add_test(tc, as_many_sequences_as_fit);
    tcase_add_test(tc, a_part_is_seen_as_a_batch);
    tcase_add_test(tc, bad_batches_are_refused);
    tcase_add_test(tc, a_loss_that_is_no_number_ends_the_step);
    suite_add_tcase(suite, tc);
    return suite;
}
