/* game_fixture.h - a game of a few steps of everything, for the tests of games. */
#ifndef PVI_GAME_FIXTURE_H
#define PVI_GAME_FIXTURE_H

#include <stdlib.h>
#include <string.h>

#include "compute/engine.h"
#include "game/game.h"
#include "support.h"

static inline pvi_env *game_env(int threads) {
    pvi_env *env = test_env_with(threads, 0);
    env->engine = pvi_engine_best();
    return env;
}

static inline void set_one(pvi_env *env, pvi_settings *settings, const char *assignment) {
    char name[64];
    size_t length = strcspn(assignment, "=");
    memcpy(name, assignment, length);
    name[length] = '\0';
    ck_ok(env, pvi_settings_set(env, settings, name, assignment + length + 1));
}

/* Small settings, then those of `more` (NULL at its end; may be NULL). */
static inline pvi_settings *game_settings(pvi_env *env, const char *const *more) {
    static const char *const small[] = {
        "problems.train=64", "problems.test=16", "problems.min_steps=1", "problems.max_steps=1", "problems.largest=12",
        "tokenizer.vocab=320", "prover.width=24", "prover.layers=1", "prover.heads=2", "prover.kv_heads=1",
        "prover.hidden=48", "prover.context=64", "verifier.width=16", "verifier.layers=1", "verifier.heads=2",
        "verifier.kv_heads=2", "verifier.hidden=24", "base.steps=30", "base.batch=8", "base.rate=3e-2", "base.warmup=4",
        "problems.all_full=0.2", "problems.full=0.2", "problems.bare=0.2", "verifier_base.steps=4",
        "verifier_base.batch=8", "roles.samples=64", "roles.steps=3", "roles.batch=8", "pool.base_samples=64",
        "pool.round_samples=32", "verifier_train.steps=5", "verifier_train.batch=16", "prover_train.steps=4",
        "prover_train.batch=4", "prover_train.group=4", "rounds.count=2", "evaluate.problems=16", "evaluate.control=8",
        "sampling.longest=24", NULL};
    pvi_settings *settings;
    ck_ok(env, pvi_settings_create(env, pvi_game_settings(), &settings));
    for (size_t i = 0; small[i] != NULL; i++) set_one(env, settings, small[i]);
    for (size_t i = 0; more != NULL && more[i] != NULL; i++) set_one(env, settings, more[i]);
    return settings;
}

static inline pvi_game *game_make(pvi_env *env, const char *const *more, pvi_dataset *data) {
    pvi_settings *settings = game_settings(env, more);
    pvi_game *game;
    ck_ok(env, pvi_game_create(env, settings, data, false, &game));
    pvi_settings_destroy(env, settings);
    return game;
}

static inline void game_play(pvi_game *game) {
    pvi_game_event event = PVI_GAME_PROGRESS;
    while (event != PVI_GAME_FINISHED) ck_ok(game->env, pvi_game_step(game, &event));
}

static inline void add_model(pvi_text *out, const char *name, const pvi_model *model) {
    if (model == NULL) return;
    uint64_t sum = 14695981039346656037ULL;
    for (uint64_t i = 0; i < model->weights.count; i++) {
        uint32_t bits;
        memcpy(&bits, &model->weights.block[i], sizeof bits);
        sum = (sum ^ bits) * 1099511628211ULL;
    }
    pvi_text_printf(out, "%s %016llx\n", name, (unsigned long long)sum);
}

/* Everything that a game found and made, as text: equal texts are equal games. */
static inline char *game_result(const pvi_game *game) {
    pvi_text out;
    pvi_text_init(&out, game->env);
    add_model(&out, "base", game->base);
    add_model(&out, "verifier_base", game->verifier_base);
    add_model(&out, "start", game->start);
    for (int k = 0; k < 2; k++) add_model(&out, "policy", game->policy[k]);
    for (int32_t r = 0; r <= game->plan.rounds; r++) add_model(&out, "verifier", game->verifiers[r]);
    ck_ok(game->env, pvi_report_write_json(&game->summary, &out));
    for (int32_t r = 0; r < game->plan.rounds; r++) {
        pvi_text_puts(&out, "\n");
        ck_ok(game->env, pvi_report_write_json(&game->reports[r], &out));
    }
    for (size_t i = 0; i < game->collected.count; i++)
        pvi_text_printf(&out, "\n%d %s", (int)game->collected.item[i].verdict, pvi_solution_text(&game->collected, i));
    char *copy = strdup(out.data);
    pvi_text_free(&out);
    return copy;
}

/* Fails the test where two results part; they are too long to be shown whole. */
static inline void game_same(const char *a, const char *b) {
    size_t at = 0;
    while (a[at] != '\0' && a[at] == b[at]) at++;
    ck_assert_msg(a[at] == b[at], "the games differ from byte %zu: '%.40s' and '%.40s'", at, a + at, b + at);
}

/* An allocator that fails request number `left`, counted down from any moment of a game. */
typedef struct failing {
    pvi_allocate_fn allocate;
    pvi_release_fn release;
    void *user;
    long left;
    bool cancels;
    pvi_env *env;
} failing;
static inline void *allocate_or_fail(void *user, size_t size, size_t align) {
    failing *f = user;
    bool now = f->left > 0 && --f->left == 0;
    if (now && f->cancels) atomic_store(&f->env->cancelled, 1);
    else if (now) return NULL;
    return f->allocate(f->user, size, align);
}
static inline void release_through(void *user, void *block, size_t size, size_t align) {
    failing *f = user;
    f->release(f->user, block, size, align);
}
static inline void failing_begin(failing *f, pvi_env *env, bool cancels) {
    *f = (failing){.allocate = env->allocate, .release = env->release, .user = env->allocator_user};
    f->cancels = cancels;
    f->env = env;
    env->allocate = allocate_or_fail;
    env->release = release_through;
    env->allocator_user = f;
}
static inline void failing_end(failing *f) {
    f->env->allocate = f->allocate;
    f->env->release = f->release;
    f->env->allocator_user = f->user;
}

/* The result of a whole game of these settings. */
static inline char *game_whole(int threads, const char *const *more) {
    pvi_env *env = game_env(threads);
    pvi_game *game = game_make(env, more, NULL);
    game_play(game);
    char *result = game_result(game);
    pvi_game_destroy(game);
    test_env_free(env);
    return result;
}

#endif
