/* stage_verifier.c - a verifier, trained anew on the pool of solutions for a fixed number of steps. Or the host's,
 * which is told the labels. */
#include <math.h>
#include <string.h>

#include "game/game.h"

enum { RUN_LOSS = 0, RUN_ACCURACY = 2, RUN_RIGHT = 4, RUN_WRONG = 6, RUN_NORM = 8 }; /* slots of `running` */
static const double keep = 0.98;

static int32_t index_of(const pvi_game *game) {
    return game->place.stage == PVI_STAGE_LAST_VERIFIER ? game->plan.rounds : game->place.round;
}

/* Base prover and the provers of all rounds before. */
static int32_t source_count(const pvi_game *game) { return game->plan.verifier_only ? 1 : index_of(game) + 1; }

static pvg_status make_model(pvi_game *game, pvi_model **out) {
    int32_t index = index_of(game);
    if (game->config.persist_verifier && index > 0)
        return pvi_model_clone(game->env, game->verifiers[index - 1], out);
    return pvi_model_with_head(game->env, game->verifier_base, game->config.verifier.head,
                               game->config.verifier.logprob_feature, out);
}

pvg_status pvi_verifier_begin(pvi_game *game) {
    const pvi_training *t = &game->config.verifier_train;
    pvg_status status = PVG_OK;
    if (game->checker == NULL) status = make_model(game, &game->training[0]);
    if (status == PVG_OK && game->units > 0)
        status = pvi_pool_build(game->env, &game->collected, source_count(game), &game->config, index_of(game),
                                &game->pool);
    if (status != PVG_OK || game->checker != NULL) return status;
    if (game->units > 0 && game->config.verifier_loss.loss == PVI_VERIFIER_BRADLEY_TERRY && game->pool.paired == 0)
        return pvi_fail(
            game->env, PVG_E_STATE, "game",
            "verifier_train.loss=bradley_terry compares right and wrong solutions of one problem, but none of the "
            "%zu collected solutions make such a pair: collect more a problem or take cross_entropy",
            game->pool.kept);
    const pvi_shape *shape = &game->training[0]->shape;
    return pvi_trainer_create(game->env, game->training[0], &t->adamw, &t->schedule, pvi_micro_tokens(game->env, shape),
                              shape->context, &game->trainer[0]);
}

/* A batch: some of the pool, then pairs with an injected error. A host's verifier is told of the pool alone. */
typedef struct draw {
    uint32_t *index; /* [pooled], into `collected` */
    uint8_t *label;
    uint64_t *problem;
    size_t pooled, count;
    pvi_solutions injected;
} draw;

static void free_draw(pvi_env *env, draw *d) {
    pvi_free(env, d->index);
    pvi_free(env, d->label);
    pvi_free(env, d->problem);
    pvi_solutions_free(&d->injected);
}

static pvg_status draw_make(pvi_game *game, bool pairs, draw *d) {
    pvi_env *env = game->env;
    size_t count = (size_t)game->config.verifier_train.batch;
    if (pairs && count % 2 != 0) count++;
    size_t injected = game->checker == NULL ? 2 * (size_t)(game->config.injected * (double)count / 2 + 0.5) : 0;
    if (injected > count) injected -= 2;
    *d = (draw){.pooled = count - injected, .count = count};
    pvi_solutions_init(&d->injected, env);
    d->index = pvi_alloc(env, count, sizeof *d->index);
    d->label = pvi_alloc(env, count, sizeof *d->label);
    d->problem = pvi_alloc(env, count, sizeof *d->problem);
    return d->index != NULL && d->label != NULL && d->problem != NULL ? PVG_OK : PVG_E_NOMEM;
}

/* Solution `which` of `all` as example `at`. */
static pvg_status take(pvi_game *game, draw *d, size_t at, const pvi_solutions *all, size_t which) {
    const pvi_solution *s = &all->item[which];
    d->label[at] = s->verdict == PVG_VERDICT_CORRECT;
    d->problem[at] = (uint64_t)s->problem << 16 | (uint64_t)(uint16_t)s->source; /* pairs are within a source */
    return pvi_game_add_example(game, &game->list, s->problem, pvi_solution_tokens(all, which), s->token_count);
}

static pvg_status draw_batch(pvi_game *game, draw *d) {
    bool pairs = game->config.verifier_loss.loss == PVI_VERIFIER_BRADLEY_TERRY;
    pvg_status status = draw_make(game, pairs, d);
    if (status != PVG_OK) return status;
    pvi_rng rng = pvi_game_rng(game, "batch");
    pvi_pool_draw(&game->pool, &rng, pairs, d->pooled, d->index);
    while (d->pooled + d->injected.count < d->count && status == PVG_OK)
        status = pvi_game_add_injected(game, &rng, &d->injected);
    pvi_example_list_clear(&game->list);
    for (size_t i = 0; i < d->pooled && status == PVG_OK; i++)
        status = take(game, d, i, &game->collected, d->index[i]);
    for (size_t i = 0; i < d->injected.count && status == PVG_OK; i++)
        status = take(game, d, d->pooled + i, &d->injected, i);
    return status;
}

static const char *const names[] = {"loss", "accuracy", "score_right", "score_wrong", "norm", "rate"};
enum { NAMES = sizeof names / sizeof *names };

static pvg_status learn(pvi_game *game, const draw *d) {
    pvi_examples examples = pvi_example_list_view(&game->list);
    double rate = pvi_trainer_rate(game->trainer[0]);
    pvi_verifier_stats stats;
    pvg_status status = pvi_verifier_step(game->trainer[0], &examples, d->label, d->problem,
                                          &game->config.verifier_loss, &stats);
    if (status != PVG_OK) return status;
    const double values[NAMES] = {stats.loss, stats.accuracy, stats.mean_right, stats.mean_wrong, stats.norm, rate};
    for (size_t i = 0; i < NAMES; i++) game->news.metric[i].value = values[i];
    for (int i = 0; i < 5; i++) pvi_running_add(game, RUN_LOSS + 2 * i, values[i], keep);
    pvi_text_format(game->note, sizeof game->note, "loss %.3f · %.0f %% told apart", stats.loss,
                    100 * pvi_running_mean(game, RUN_ACCURACY));
    return PVG_OK;
}

pvg_status pvi_unit_verifier(pvi_game *game) {
    draw d = {0};
    pvg_status status = draw_batch(game, &d);
    for (size_t i = 0; i < NAMES && status == PVG_OK && game->checker == NULL; i++)
        status = pvi_report_set(&game->news, names[i], (double)NAN);
    if (status == PVG_OK) {
        if (game->checker == NULL) status = learn(game, &d);
        else status = pvi_game_tell(game, game->checker, &game->collected, d.index, d.pooled, NULL, 0);
    }
    free_draw(game->env, &d);
    return status;
}

pvg_status pvi_verifier_finish(pvi_game *game) {
    if (game->checker != NULL) return PVG_OK;
    bool last = game->place.stage == PVI_STAGE_LAST_VERIFIER;
    pvi_report *report = pvi_game_report(game);
    pvg_status status = pvi_report_set(report, last ? "last_verifier_loss" : "verifier_loss",
                                       pvi_running_mean(game, RUN_LOSS));
    if (status == PVG_OK && !game->plan.verifier_only)
        status = pvi_report_set(report, last ? "last_verifier_accuracy" : "verifier_accuracy",
                                pvi_running_mean(game, RUN_ACCURACY));
    if (status != PVG_OK) return status;
    pvi_model **slot = &game->verifiers[index_of(game)];
    pvi_model_destroy(*slot);
    *slot = game->training[0];
    game->training[0] = NULL;
    return PVG_OK;
}
