/* test_game_options.c - what the options of a game do: whom the players learn from, where they start, what each one
 * sees, what is paid; and how a game goes on without wrong solutions, or when a training runs away. */
#include <math.h>
#include <stdio.h>

#include "game_fixture.h"

static double metric(const pvi_report *report, const char *name) {
    double value = 0;
    ck_assert_msg(pvi_report_get(report, name, &value), "no metric %s", name);
    return value;
}

static void play_until(pvi_game *game, pvi_stage stage, int32_t round) {
    pvi_game_event event;
    while (game->place.stage != stage || game->place.round != round) ck_ok(game->env, pvi_game_step(game, &event));
}

static bool same_weights(const pvi_model *a, const pvi_model *b) {
    return a->weights.count == b->weights.count &&
           memcmp(a->weights.block, b->weights.block, a->weights.count * sizeof(float)) == 0;
}

/* ---- a game watched unit by unit ---- */

/* What the samples of a stage must be: set for the game under test. */
static struct {
    size_t samples, rewards, hints, plain;
    long training_prompts, fresh_prompts;
} seen;

static bool in_half(const pvi_game *game, int half, uint32_t problem) {
    for (size_t i = 0; i < game->half_count[half]; i++)
        if (game->half[half][i] == problem) return true;
    return false;
}

static int half_of_stage(pvi_stage stage) {
    switch (stage) {
    case PVI_STAGE_BASE:
    case PVI_STAGE_ROLE_SAMPLES:
    case PVI_STAGE_ROLES:
    case PVI_STAGE_PROVER: return PVI_HALF_PROVER;
    case PVI_STAGE_VERIFIER_BASE:
    case PVI_STAGE_BASE_POOL:
    case PVI_STAGE_VERIFIER:
    case PVI_STAGE_LAST_VERIFIER:
    case PVI_STAGE_POOL: return PVI_HALF_VERIFIER;
    default: return PVI_HALF_TEST;
    }
}

/* Helpful and sneaky samples of a step are of the same problems; every reward is what its group gives by the rules. */
static void check_step(const pvi_game *game, const pvi_solutions *all, const double *reward) {
    const pvi_config *c = &game->config;
    size_t group = (size_t)c->group, helpful = 0;
    bool one = c->reward.kind == PVI_REWARD_GOODHART || c->reward.kind == PVI_REWARD_CORRECTNESS;
    ck_assert_uint_eq(all->count, (size_t)c->prover_train.batch * group);
    for (size_t i = 0; i < all->count; i++) helpful += all->item[i].role == PVG_ROLE_HELPFUL;
    ck_assert_uint_eq(helpful, one ? all->count : all->count / 2);
    for (size_t i = 0; i < all->count && !one; i++)
        ck_assert_uint_eq(all->item[i].problem, all->item[(i + helpful) % all->count].problem);
    for (size_t g = 0; g < all->count; g += group) {
        pvg_verdict verdict[16];
        double score[16], paid[16];
        int32_t tokens[16];
        for (size_t i = 0; i < group; i++) {
            ck_assert(all->item[g + i].problem == all->item[g].problem && all->item[g + i].role == all->item[g].role);
            verdict[i] = all->item[g + i].verdict;
            score[i] = all->item[g + i].score;
            tokens[i] = (int32_t)all->item[g + i].token_count;
        }
        pvi_rewards(&c->reward, all->item[g].role, group, verdict, score, tokens, paid);
        for (size_t i = 0; i < group; i++) ck_assert_double_eq(reward[g + i], paid[i]);
    }
    seen.rewards += all->count;
}

static pvg_status watch_samples(pvi_game *game, const pvi_solutions *all, size_t from, const double *reward) {
    (void)from;
    int half = half_of_stage(game->place.stage);
    for (size_t i = 0; i < all->count; i++) {
        ck_assert_msg(in_half(game, half, all->item[i].problem), "%s: a problem of another half",
                      pvi_stage_name(game->place.stage));
        ck_assert_int_eq(isnan(all->item[i].score), game->place.round < 0);
    }
    if (game->place.stage == PVI_STAGE_PROVER) check_step(game, all, reward);
    seen.samples += all->count;
    return PVG_OK;
}

/* The half that a question is in; -1: in none. *answer: what follows the question. */
static int find_question(const pvi_game *game, const char *text, const char **answer) {
    for (int h = 0; h < PVI_HALVES; h++) {
        for (size_t i = 0; i < game->half_count[h]; i++) {
            const pvi_item *item = pvi_dataset_item(game->data, game->half[h][i]);
            if (strncmp(text, item->question, item->question_length) != 0) continue;
            *answer = text + item->question_length;
            if (**answer == '<') return h;
            char hint[64];
            snprintf(hint, sizeof hint, " %s<|sneaky|>", item->gold);
            if (strcmp(*answer, hint) == 0) return h;
        }
    }
    return -1;
}

/* Prompts that were learned from in the unit just done: none of the test, none of the other player's half. */
static void watch_prompts(const pvi_game *game, const pvi_example_list *list, bool verifier) {
    pvi_text text;
    pvi_text_init(&text, game->env);
    for (size_t i = 0; i < list->count; i++) {
        const char *rest = "";
        pvi_text_clear(&text);
        ck_ok(game->env, pvi_decode(game->env, game->tokenizer, list->token.data + list->offset[i],
                                    (size_t)list->begin[i], true, &text));
        int half = find_question(game, text.data, &rest);
        bool base = game->place.stage == PVI_STAGE_BASE || game->place.stage == PVI_STAGE_VERIFIER_BASE;
        if (half < 0) {
            ck_assert_msg(base, "%s learned from an unknown prompt '%s'", pvi_stage_name(game->place.stage), text.data);
            seen.fresh_prompts++;
            continue;
        }
        ck_assert_msg(half == half_of_stage(game->place.stage), "%s learned from '%s'",
                      pvi_stage_name(game->place.stage), text.data);
        if (verifier) ck_assert_str_eq(rest, "<|solve|>");
        else if (rest[0] == ' ') seen.hints++;
        else if (!base && strcmp(rest, "<|sneaky|>") == 0) seen.plain++;
        seen.training_prompts++;
    }
    pvi_text_free(&text);
}

static pvg_status no_metric(pvi_game *game, const pvi_metric *m, size_t n) {
    return (void)game, (void)m, (void)n, PVG_OK;
}
static pvg_status no_round(pvi_game *game, int32_t r, const pvi_report *report) {
    return (void)game, (void)r, (void)report, PVG_OK;
}
static void watch_unit(pvi_game *game, bool well) {
    if (!well) return;
    switch (game->place.stage) {
    case PVI_STAGE_BASE:
    case PVI_STAGE_VERIFIER_BASE:
    case PVI_STAGE_ROLES: watch_prompts(game, &game->list, false); break;
    case PVI_STAGE_VERIFIER:
    case PVI_STAGE_LAST_VERIFIER: watch_prompts(game, &game->list, true); break;
    case PVI_STAGE_PROVER:
        watch_prompts(game, &game->list, false);
        watch_prompts(game, &game->reference_list, true);
        break;
    default: break;
    }
}
static pvg_status no_model(pvi_game *game, const char *name, const pvi_model *m) {
    return (void)game, (void)name, (void)m, PVG_OK;
}
static bool never(const pvi_game *game) { return (void)game, false; }
static pvg_status nothing(pvi_game *game) { return (void)game, PVG_OK; }
static void no_close(pvi_game *game) { (void)game; }
static const pvi_recorder watcher = {no_metric, watch_samples, no_round, watch_unit, no_model,
                                     never,     nothing,       nothing,  no_close};

static char *watched(int threads, const char *const *more) {
    pvi_env *env = game_env(threads);
    pvi_game *game = game_make(env, more, NULL);
    memset(&seen, 0, sizeof seen);
    game->recorder = &watcher;
    game_play(game);
    ck_assert_int_eq(game->verifiers[0]->shape.head, game->config.verifier.head);
    ck_assert(isfinite(metric(&game->reports[0], "verifier_loss")));
    ck_assert(isfinite(metric(&game->reports[0], "reward_helpful")));
    char *result = game_result(game);
    pvi_game_destroy(game);
    test_env_free(env);
    return result;
}

static const char *const kinds[][9] = {
    {"prover_train.reward=src", "verifier_train.loss=bradley_terry", "verifier.head=last",
     "prover_train.advantage=none", NULL},
    {"prover_train.reward=src", "prover_train.score_scale=zscore", "verifier_train.loss=mean_square",
     "verifier.head=token_mean", "prover_train.advantage=group_std", "prover_train.token_cost=0.01", NULL},
    {"prover_train.reward=cgc", "prover_train.misaligned=-2", "verifier_train.loss=bradley_terry",
     "verifier.head=token_sum", NULL},
    {"prover_train.reward=goodhart", "verifier_train.loss=cross_entropy", "verifier.head=token_mean", NULL},
    {"prover_train.reward=correctness", "prover_train.token_cost=0.01", "verifier_train.loss=mean_square",
     "verifier.head=last", NULL},
    {"prover_train.reward=convince", "verifier_train.loss=cross_entropy", "verifier.head=token_sum",
     "roles.sneaky_sees_answer=true", "prover_train.separate_weights=true", NULL},
};

START_TEST(rewards_losses_heads) {
    const char *list[16] = {"rounds.count=1", "base.steps=40", "pool.base_samples=128", "prover_train.steps=2",
                            "verifier_train.steps=2"};
    size_t count = 5;
    for (int i = 0; kinds[_i][i] != NULL; i++) list[count++] = kinds[_i][i];
    list[count] = NULL;
    char *one = watched(1, list);
    ck_assert_uint_eq(seen.rewards, 2 * 4 * 4);
    ck_assert_uint_eq(seen.samples, 2 * 16 + 64 + 128 + 2 * 4 * 4 + 3 * 16 + 32);
    ck_assert_int_gt(seen.training_prompts, 0);
    ck_assert_int_gt(seen.fresh_prompts, 0);
    bool hinted = _i == 5; /* then every sneaky prompt has it, and no other */
    ck_assert_int_eq(seen.hints > 0, hinted);
    ck_assert_int_eq(seen.plain == 0, hinted);
    if (hinted) {
        char *four = watched(4, list);
        game_same(one, four);
        free(four);
    }
    free(one);
}
END_TEST

/* ---- where players start ---- */

static void check_starts(bool persist) {
    pvi_env *env = game_env(1);
    const char *const more[] = {"prover_train.steps=1", "verifier_train.steps=2",
                                persist ? "verifier_train.persist=true" : "seed=1", NULL};
    pvi_game *game = game_make(env, more, NULL);
    pvi_model *anew;
    for (int32_t round = 0; round < 3; round++) {
        if (round < 2) play_until(game, PVI_STAGE_VERIFIER, round);
        else play_until(game, PVI_STAGE_LAST_VERIFIER, round - 1);
        ck_ok(env, pvi_stage_begin(game));
        ck_ok(env, pvi_model_with_head(env, game->verifier_base, game->config.verifier.head, false, &anew));
        ck_assert(same_weights(game->training[0], round > 0 && persist ? game->verifiers[round - 1] : anew));
        ck_assert_int_eq(game->trainer[0]->step, 0);
        if (round > 0) ck_assert(!same_weights(game->verifiers[round - 1], anew));
        pvi_model_destroy(anew);
        pvi_stage_release(game);
        if (round == 2) break;
        play_until(game, PVI_STAGE_PROVER, round);
        ck_ok(env, pvi_stage_begin(game));
        ck_assert(same_weights(game->training[0], game->start));
        if (round > 0) ck_assert(!same_weights(game->policy[0], game->start));
        pvi_stage_release(game);
    }
    pvi_game_destroy(game);
    test_env_free(env);
}
START_TEST(fresh_players_every_round) { check_starts(false); }
END_TEST
START_TEST(a_verifier_that_persists) { check_starts(true); }
END_TEST

/* One group a step: the roles take turns, and the other role's prover stays as it is. */
START_TEST(separate_weights) {
    pvi_env *env = game_env(1);
    const char *const more[] = {"prover_train.separate_weights=true", "prover_train.batch=1", "rounds.count=1",
                                "prover_train.warmup=0", "prover_train.updates=1", NULL};
    pvi_game *game = game_make(env, more, NULL);
    pvi_game_event event;
    play_until(game, PVI_STAGE_PROVER, 0);
    for (int step = 0; step < 3; step++) {
        pvi_model *before[2] = {NULL, NULL};
        for (int k = 0; k < 2; k++)
            ck_ok(env, pvi_model_clone(env, step > 0 ? game->training[k] : game->start, &before[k]));
        ck_ok(env, pvi_game_step(game, &event));
        int learns = step % 2 == 0; /* sneaky first */
        ck_assert(!same_weights(game->training[learns], before[learns]));
        ck_assert(same_weights(game->training[1 - learns], before[1 - learns]));
        for (int k = 0; k < 2; k++) pvi_model_destroy(before[k]);
    }
    play_until(game, PVI_STAGE_TEST, 0);
    ck_assert(!same_weights(game->policy[0], game->policy[1]));
    pvi_game_destroy(game);
    test_env_free(env);
}
END_TEST

/* ---- the pool of the second verifier ---- */

START_TEST(mixtures) {
    for (int recent = 0; recent < 2; recent++) {
        pvi_env *env = game_env(1);
        const char *const more[] = {"prover_train.steps=1", "pool.solutions_per_problem=2",
                                    recent ? "pool.mixture=recent" : "pool.mixture=equal", NULL};
        pvi_game *game = game_make(env, more, NULL);
        play_until(game, PVI_STAGE_VERIFIER, 1);
        ck_ok(env, pvi_stage_begin(game));
        ck_assert_int_eq(game->pool.sources, 2);
        ck_assert_double_eq_tol(game->pool.weight[0], recent ? 1.0 / 3 : 0.5, 1e-12);
        ck_assert_double_eq_tol(game->pool.weight[1], recent ? 2.0 / 3 : 0.5, 1e-12);
        ck_assert_uint_gt(game->pool.kept, 16);
        for (size_t i = 0; i < game->pool.kept; i++) {
            int others = 0;
            for (size_t k = 0; k < game->pool.kept; k++)
                others += game->collected.item[game->pool.order[i]].problem ==
                          game->collected.item[game->pool.order[k]].problem;
            ck_assert_int_le(others, 2);
        }
        pvi_stage_release(game);
        pvi_game_destroy(game);
        test_env_free(env);
    }
}
END_TEST

/* ---- a base that is always right ---- */

static pvg_status praise(void *user, const pvg_request *request, pvg_reply *reply) {
    (void)user;
    for (size_t i = 0; i < request->count; i++)
        reply->item[i] = (pvi_answer){.answered = true, .verdict = PVG_VERDICT_CORRECT};
    return PVG_OK;
}

static pvi_dataset *problems(pvi_env *env, size_t count, int candidates) {
    pvi_dataset *data;
    ck_ok(env, pvi_dataset_create(env, &data));
    for (size_t i = 0; i < count; i++) {
        char question[64], answer[16], solution[64];
        size_t a = i % 7 + 1, b = i % 5 + 1;
        snprintf(question, sizeof question, "%zu and %zu, case %zu", a, b, i);
        snprintf(answer, sizeof answer, "%zu", a + b);
        for (int k = 0; k < (candidates > 0 ? candidates : 1); k++) {
            pvi_item item = {
                .question = question, .question_length = strlen(question), .gold = answer, .label = -1, .solution = ""};
            snprintf(solution, sizeof solution, "%zu + %zu = %zu. A: %zu", a, b, a + b + (size_t)k, a + b + (size_t)k);
            if (candidates > 0) {
                item.label = k == 0, item.candidate = solution, item.candidate_length = strlen(solution);
            } else {
                item.solution = solution, item.solution_length = strlen(solution);
            }
            ck_ok(env, pvi_dataset_append(env, data, &item));
        }
    }
    return data;
}

START_TEST(a_base_that_is_always_right) {
    pvi_env *env = game_env(1);
    const char *const more[] = {"base.steps=5", "rounds.count=1", NULL};
    pvi_dataset *data = _i > 0 ? problems(env, 60, 0) : NULL;
    pvi_game *game = game_make(env, more, data);
    pvi_dataset_release(data);
    pvi_hooks hooks = {.answer = praise};
    pvi_player *player;
    ck_ok(env, pvi_player_create(env, PVI_EXCHANGE_GRADE, NULL, &hooks, &player));
    ck_ok(env, pvi_game_set_player(game, player));
    pvi_player_release(player);
    play_until(game, PVI_STAGE_ROLE_SAMPLES, -1);
    game->reply_next = 0;
    ck_ok(env,
          pvi_unit_collect(game)); /* all samples: what follows fails at every request, and adds nothing until it can */
    size_t sampled = game->role_samples.count;
    failing f;
    failing_begin(&f, env, false);
    pvg_status status = PVG_E_NOMEM;
    for (long k = 1; status != PVG_OK; k++) {
        ck_assert_uint_eq(game->role_samples.count, sampled);
        f.left = k;
        status = pvi_collect_finish(game);
        ck_assert(status == PVG_OK || status == PVG_E_NOMEM);
    }
    ck_assert_uint_eq(game->role_samples.count, sampled + 2);
    failing_end(&f);
    pvi_solutions_cut(&game->role_samples, 0);
    game_play(game);
    ck_assert_double_eq(metric(&game->summary, "role_wrong_samples"), 0);
    ck_assert_double_eq(metric(&game->summary, "role_wrong_stand_ins"), 2);
    ck_assert_double_eq(metric(&game->summary, "pool_wrong_stand_ins"), 2);
    ck_assert_double_eq(metric(&game->summary, "pool_stand_ins"), 0);
    int checked = 0;
    for (size_t i = 0; i < game->collected.count; i++) {
        const pvi_solution *s = &game->collected.item[i];
        if (s->verdict != PVG_VERDICT_WRONG) continue;
        const char *gold = pvi_game_gold(game, s->problem);
        pvi_grade grade;
        ck_ok(env, pvi_grade_solution(env, &game->config.grading, gold, strlen(gold),
                                      pvi_solution_text(&game->collected, i), s->text_length, &grade));
        ck_assert_int_eq(grade.verdict, PVG_VERDICT_WRONG);
        ck_assert(in_half(game, PVI_HALF_VERIFIER, s->problem));
        checked++;
    }
    ck_assert_int_eq(checked, 2);
    pvi_game_destroy(game);
    test_env_free(env);
}
END_TEST

/* ---- mode=verifier ---- */

START_TEST(a_test_question_is_never_learned_from) {
    pvi_env *env = game_env(1);
    const char *const more[] = {"mode=verifier", "verifier_base.steps=3", "verifier_train.loss=bradley_terry", NULL};
    pvi_dataset *data = problems(env, 80, 3);
    pvi_game *game = game_make(env, more, data);
    pvi_dataset_release(data);
    game_play(game);
    ck_assert_uint_eq(game->collected.count + game->tests.count, 240);
    ck_assert_uint_gt(game->tests.count, 5);
    for (size_t t = 0; t < game->tests.count; t++)
        for (size_t i = 0; i < game->collected.count; i++)
            ck_assert_str_ne(pvi_dataset_item(game->data, game->tests.item[t].problem)->question,
                             pvi_dataset_item(game->data, game->collected.item[i].problem)->question);
    double auc = metric(&game->summary, "verifier_auc");
    ck_assert(auc >= 0 && auc <= 1);
    ck_assert_double_eq(metric(&game->summary, "test_right") * 3, (double)game->tests.count);
    pvi_game_destroy(game);
    test_env_free(env);
}
END_TEST

/* ---- answers that lengthen prompts ---- */

/* A sneaky prompt with a long answer counts: what is left in fits with its longest solution. */
START_TEST(hints_count_as_length) {
    pvi_env *env = game_env(1);
    pvi_dataset *data;
    ck_ok(env, pvi_dataset_create(env, &data));
    for (int i = 0; i < 60; i++) {
        char question[32], gold[48], solution[64];
        snprintf(question, sizeof question, "case %d", i);
        snprintf(gold, sizeof gold, i % 2 ? "%d" : "%d7777777777777777777777777777777", i + 1);
        snprintf(solution, sizeof solution, "A: %d", i);
        pvi_item item = {.question = question,
                         .question_length = strlen(question),
                         .gold = gold,
                         .label = -1,
                         .solution = solution,
                         .solution_length = strlen(solution)};
        ck_ok(env, pvi_dataset_append(env, data, &item));
    }
    const char *const more[] = {"roles.sneaky_sees_answer=true", "tokenizer.vocab=262", "tokenizer.split_digits=true",
                                "prover.context=48", "sampling.longest=24", NULL};
    pvi_game *game = game_make(env, more, data);
    pvi_dataset_release(data);
    ck_assert_uint_eq(game->left_out, 30);
    pvi_game_destroy(game);
    test_env_free(env);
}
END_TEST

/* ---- a training that runs away ---- */

/* A weight that is not a number: the step fails, changes nothing, and the game can play the stage anew. */
static void check_runaway(pvi_stage stage, int32_t round) {
    pvi_env *env = game_env(1);
    const char *const more[] = {"rounds.count=1", NULL};
    pvi_game *game = game_make(env, more, NULL);
    pvi_game_event event;
    play_until(game, stage, round);
    ck_ok(env, pvi_game_step(game, &event));
    pvi_model *model = game->training[0], *before;
    model->weights.block[model->weights.count / 2] = (float)NAN;
    model->stale = true;
    ck_ok(env, pvi_model_clone(env, model, &before));
    for (int again = 0; again < 2; again++) {
        ck_fails(env, PVG_E_NUMERIC, "finite", pvi_game_step(game, &event));
        ck_assert_int_eq(game->unit, 1);
        ck_assert(same_weights(model, before));
    }
    pvi_model_destroy(before);
    pvi_stage_release(game);
    game->begun = false;
    game->unit = 0;
    game_play(game);
    pvi_game_destroy(game);
    test_env_free(env);
}

START_TEST(runaway_training) {
    check_runaway(PVI_STAGE_BASE, -1);
    check_runaway(PVI_STAGE_VERIFIER, 0);
    check_runaway(PVI_STAGE_PROVER, 0);
}
END_TEST

/* Rates that are far too large, yet allowed: nothing learned is of use, but every number stays finite to the end. */
START_TEST(absurd_rates) {
    pvi_env *env = game_env(1);
    const char *const more[] = {"verifier_train.rate=10", "prover_train.rate=10", NULL};
    pvi_game *game = game_make(env, more, NULL);
    game_play(game);
    ck_assert_int_eq(isfinite(metric(&game->reports[1], "verifier_loss")), 1);
    ck_assert_int_eq(isfinite(metric(&game->reports[1], "kl")), 1);
    pvi_game_destroy(game);
    test_env_free(env);
}
END_TEST

Suite *suite_game_options(void) {
    Suite *suite = suite_create("game_options");
    TCase *tests = tcase_create("game_options");
    tcase_set_timeout(tests, 120);
    tcase_add_loop_test(tests, rewards_losses_heads, 0, (int)(sizeof kinds / sizeof *kinds));
    tcase_add_test(tests, fresh_players_every_round);
    tcase_add_test(tests, a_verifier_that_persists);
    tcase_add_test(tests, separate_weights);
    tcase_add_test(tests, mixtures);
    tcase_add_loop_test(tests, a_base_that_is_always_right, 0, 2);
    tcase_add_test(tests, a_test_question_is_never_learned_from);
    tcase_add_test(tests, hints_count_as_length);
    tcase_add_test(tests, runaway_training);
    tcase_add_test(tests, absurd_rates);
    suite_add_tcase(suite, tests);
    return suite;
}
