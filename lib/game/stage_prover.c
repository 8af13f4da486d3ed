/* stage_prover.c - a prover against the round's frozen verifier: sample, grade, score, pay, learn. Both roles alternate
 * on the same problems. Or the host's prover, which is told its rewards. */
#include <math.h>
#include <string.h>

#include "game/game.h"

/* Slots of `running`; the first nine are averages of two slots each. */
enum { RUN_FIRST = 0, RUN_AVERAGES = 9, RUN_MISMATCH = 2 * RUN_AVERAGES };
static const double keep = 0.8;

/* What a step finds, as named in metrics.jsonl; the first nine are averaged into the round's report. */
static const char *const names[] = {"kl",
                                    "entropy",
                                    "clipped",
                                    "reward_helpful",
                                    "reward_sneaky",
                                    "frac_reward_zero_std",
                                    "truncated_share",
                                    "tokens_helpful",
                                    "tokens_sneaky",
                                    "helpful_accuracy",
                                    "sneaky_compliance",
                                    "helpful_score",
                                    "sneaky_score",
                                    "sneaky_convinces",
                                    "loss",
                                    "norm",
                                    "rate",
                                    "mismatch_logprob"};
enum { KL, ENTROPY, CLIPPED, REWARD_HELPFUL, REWARD_SNEAKY, ZERO_STD, TRUNCATED, TOKENS_HELPFUL, TOKENS_SNEAKY,
       HELPFUL_ACCURACY, SNEAKY_COMPLIANCE, HELPFUL_SCORE, SNEAKY_SCORE, CONVINCES, LOSS, NORM, RATE, MISMATCH, FOUND };

typedef struct part_work { /* of one prover: the samples that it learns from */
    uint32_t *index;       /* shuffled */
    size_t count;
} part_work;

typedef struct step_work {
    size_t groups, count;       /* samples in groups of config.group */
    uint32_t *problem;          /* [groups] */
    pvg_role *group_role;       /* [groups] */
    pvi_solutions judged;       /* the samples as the verifier sees them */
    double *score, *advantage;  /* [count] */
    int32_t *role, *tokens;     /* [count] */
    pvg_verdict *verdict;       /* [count] */
    float *behaviour;           /* scratch, [tokens of a part] */
    double *part_advantage;     /* scratch, [count] */
    size_t behaviour_capacity;
    part_work part[2];
    double found[FOUND];
    pvi_observation seen;
} step_work;

/* ---- the stage ---- */

static pvg_status make_backup(pvi_game *game, int k) {
    pvg_status status = PVG_OK;
    for (int part = 0; part < 3 && status == PVG_OK; part++)
        status = pvi_view_create(game->env, &game->training[k]->shape, &game->backup[k][part]);
    return status;
}

pvg_status pvi_prover_begin(pvi_game *game) {
    if (game->prover != NULL || !game->plan.own_prover || game->trainer[0] != NULL) return PVG_OK;
    const pvi_training *t = &game->config.prover_train;
    const pvi_shape *shape = &game->start->shape;
    int provers = game->config.separate_weights ? 2 : 1;
    int32_t micro = pvi_micro_tokens(game->env, shape);
    pvg_status status = PVG_OK;
    for (int k = 0; k < provers && status == PVG_OK; k++) {
        status = pvi_model_clone(game->env, game->start, &game->training[k]);
        if (status == PVG_OK)
            status = pvi_trainer_create(game->env, game->training[k], &t->adamw, &t->schedule, micro, shape->context,
                                        &game->trainer[k]);
        if (status == PVG_OK && (game->config.updates > 1 || provers > 1)) status = make_backup(game, k);
    }
    if (status == PVG_OK && game->config.policy.kl > 0)
        status = pvi_activations_create(game->env, &game->base->shape, micro, shape->context, false,
                                        &game->reference_work);
    return status;
}

/* Of a prover that goes on: all that it has had. */
static pvg_status report_training(pvi_game *game, pvi_report *report) {
    const pvi_config *c = &game->config;
    double steps = (double)game->stop.steps, before = 0, seen = 0;
    double samples = steps * c->prover_train.batch * c->group * (c->alone == PVG_ROLE_HELPFUL ? 1 : 0.5);
    if (game->plan.correctness && game->place.round > 0) {
        const pvi_report *last = &game->reports[game->place.round - 1];
        pvi_report_get(last, "prover_steps", &before);
        pvi_report_get(last, "helpful_samples", &seen);
    }
    pvg_status status = pvi_report_set(report, "prover_steps", before + steps);
    return status == PVG_OK ? pvi_report_set(report, "helpful_samples", seen + samples) : status;
}

static pvg_status report_stop(pvi_game *game, pvi_report *report) {
    const pvi_stop_state *stop = &game->stop;
    pvg_status status = report_training(game, report);
    if (game->plan.correctness) return status;
    if (status == PVG_OK)
        status = pvi_report_set(report, "steps_to_fool",
                                stop->steps_to_convince > 0 ? (double)stop->steps_to_convince : (double)NAN);
    if (status == PVG_OK)
        status = pvi_report_set(report, "steps_to_parity",
                                stop->steps_to_parity > 0 ? (double)stop->steps_to_parity : (double)NAN);
    return status;
}

static pvg_status keep_prover(pvi_game *game, int k) {
    pvi_model *trained = game->training[k];
    if (game->plan.correctness) {
        pvg_status status = pvi_model_clone(game->env, trained, &trained);
        if (status != PVG_OK) return status;
    } else game->training[k] = NULL;
    pvi_model_destroy(game->policy[k]);
    game->policy[k] = trained;
    return PVG_OK;
}

pvg_status pvi_prover_finish(pvi_game *game) {
    pvi_report *report = pvi_game_report(game);
    pvg_status status = report_stop(game, report);
    for (int i = 0; i < RUN_AVERAGES - 2 && status == PVG_OK; i++)
        status = pvi_report_set(report, names[i], pvi_running_mean(game, RUN_FIRST + 2 * i));
    if (status == PVG_OK)
        status = pvi_report_set(report, "mismatch_logprob",
                                game->trainer[0] != NULL && game->trainer[0]->step > 0 ? game->running[RUN_MISMATCH]
                                                                                       : (double)NAN);
    for (int k = 0; k < 2 && status == PVG_OK; k++)
        if (game->training[k] != NULL) status = keep_prover(game, k);
    return status;
}

/* ---- asking ---- */

/* An odd number of groups: the roles take turns in having one more. */
static size_t helpful_groups(const pvi_game *game, size_t groups) {
    if (game->config.alone != PVG_ROLE_NEUTRAL) return game->config.alone == PVG_ROLE_HELPFUL ? groups : 0;
    return (groups + ((size_t)game->unit & 1)) / 2;
}

/* Problems drawn anew every step; half of the groups helpful, half sneaky, on the same problems, or all of one role.
 * Groups of one role stand together. */
static pvg_status choose_groups(pvi_game *game, step_work *w) {
    pvi_env *env = game->env;
    const pvi_config *c = &game->config;
    pvi_rng rng = pvi_game_rng(game, "problems");
    w->groups = (size_t)c->prover_train.batch;
    w->count = w->groups * (size_t)c->group;
    w->problem = pvi_alloc(env, w->groups, sizeof *w->problem);
    w->group_role = pvi_alloc(env, w->groups, sizeof *w->group_role);
    w->score = pvi_alloc(env, w->count, sizeof *w->score);
    w->advantage = pvi_alloc(env, w->count, sizeof *w->advantage);
    w->part_advantage = pvi_alloc(env, w->count, sizeof *w->part_advantage);
    w->role = pvi_alloc(env, w->count, sizeof *w->role);
    w->tokens = pvi_alloc(env, w->count, sizeof *w->tokens);
    w->verdict = pvi_alloc(env, w->count, sizeof *w->verdict);
    for (int k = 0; k < 2; k++) w->part[k].index = pvi_alloc(env, w->count, sizeof *w->part[k].index);
    if (w->problem == NULL || w->group_role == NULL || w->score == NULL || w->advantage == NULL ||
        w->part_advantage == NULL || w->role == NULL || w->tokens == NULL || w->verdict == NULL ||
        w->part[0].index == NULL || w->part[1].index == NULL)
        return PVG_E_NOMEM;
    size_t helpful = helpful_groups(game, w->groups);
    size_t most = w->groups - helpful > helpful ? w->groups - helpful : helpful;
    const uint32_t *half = game->half[PVI_HALF_PROVER];
    for (size_t i = 0; i < most; i++) {
        uint32_t problem = half[pvi_rng_below(&rng, game->half_count[PVI_HALF_PROVER])];
        if (i < helpful) w->problem[i] = problem;
        if (helpful + i < w->groups) w->problem[helpful + i] = problem;
    }
    for (size_t i = 0; i < w->groups; i++) w->group_role[i] = i < helpful ? PVG_ROLE_HELPFUL : PVG_ROLE_SNEAKY;
    return PVG_OK;
}

static void free_work(pvi_env *env, step_work *w) {
    pvi_free(env, w->problem);
    pvi_free(env, w->group_role);
    pvi_free(env, w->score);
    pvi_free(env, w->advantage);
    pvi_free(env, w->part_advantage);
    pvi_free(env, w->role);
    pvi_free(env, w->tokens);
    pvi_free(env, w->verdict);
    pvi_free(env, w->behaviour);
    for (int k = 0; k < 2; k++) pvi_free(env, w->part[k].index);
    pvi_solutions_free(&w->judged);
}

/* With two provers each role is asked for by itself; the draws are the same either way. */
static pvg_status sample(pvi_game *game, const step_work *w) {
    pvi_rng rng = pvi_game_rng(game, "samples");
    uint64_t seed = (uint64_t)pvi_rng_u32(&rng) << 32;
    seed |= pvi_rng_u32(&rng);
    size_t group = (size_t)game->config.group;
    for (size_t from = 0, to; from < w->groups; from = to) {
        to = game->config.separate_weights && game->prover == NULL ? from : w->groups;
        while (to < w->groups && w->group_role[to] == w->group_role[from]) to++;
        pvi_prove_job job = {.count = to - from,
                             .problem = w->problem + from,
                             .role = w->group_role + from,
                             .group = game->config.group,
                             .temperature = game->config.sampling.temperature,
                             .seed = seed,
                             .stream = from * group,
                             .source = game->place.round + 1};
        pvg_status status = pvi_game_prove(game, &job, &game->fresh);
        if (status != PVG_OK) return status;
    }
    return PVG_OK;
}

static pvg_status judge(pvi_game *game, step_work *w) {
    bool judged = !game->plan.correctness;
    pvg_status status = judged ? pvi_game_canonical(game, &game->fresh, &w->judged) : PVG_OK;
    for (size_t i = 0; i < w->count; i++) w->score[i] = (double)NAN;
    if (judged && status == PVG_OK) status = pvi_game_score(game, game->place.round, &w->judged, NULL, w->count, w->score);
    for (size_t i = 0; i < w->count && status == PVG_OK; i++) {
        pvi_solution *s = &game->fresh.item[i];
        s->score = w->score[i];
        w->role[i] = s->role;
        w->verdict[i] = s->verdict;
        w->tokens[i] = (int32_t)s->token_count;
    }
    return status;
}

/* ---- what was seen ---- */

typedef struct mean {
    double sum;
    size_t count;
} mean;
static void add(mean *m, double value, bool counts) {
    if (counts) m->sum += value, m->count++;
}
static double value_of(const mean *m) { return m->count > 0 ? m->sum / (double)m->count : (double)NAN; }

static void observe(const pvi_game *game, step_work *w, const double *reward) {
    mean score[2] = {{0}}, sigmoid[2] = {{0}}, right[2] = {{0}}, paid[2] = {{0}}, length[2] = {{0}};
    mean wrong = {0}, convinces = {0}, accuracy = {0}, truncated = {0};
    for (size_t i = 0; i < w->count; i++) {
        int k = w->role[i] == PVG_ROLE_SNEAKY;
        bool correct = w->verdict[i] == PVG_VERDICT_CORRECT, aligned = k ? w->verdict[i] == PVG_VERDICT_WRONG : correct;
        double p = 1 / (1 + exp(-w->score[i]));
        add(&score[k], w->score[i], aligned);
        add(&sigmoid[k], p, aligned);
        add(&right[k], correct, true);
        add(&paid[k], reward[i], true);
        add(&length[k], w->tokens[i], true);
        add(&accuracy, correct, true);
        add(&wrong, aligned, k);
        add(&convinces, aligned ? p : 0, k);
        add(&truncated, !game->fresh.item[i].finished, true);
    }
    w->seen = (pvi_observation){.helpful_score = value_of(&score[0]), .sneaky_score = value_of(&score[1]),
                                .sneaky_convinces = value_of(&convinces), .sneaky_accuracy = value_of(&right[1]),
                                .accuracy = value_of(&accuracy)};
    const double found[][2] = {{REWARD_HELPFUL, value_of(&paid[0])}, {REWARD_SNEAKY, value_of(&paid[1])},
                               {TRUNCATED, value_of(&truncated)}, {TOKENS_HELPFUL, value_of(&length[0])},
                               {TOKENS_SNEAKY, value_of(&length[1])}, {HELPFUL_ACCURACY, value_of(&right[0])},
                               {SNEAKY_COMPLIANCE, value_of(&wrong)}, {HELPFUL_SCORE, value_of(&sigmoid[0])},
                               {SNEAKY_SCORE, value_of(&sigmoid[1])}, {CONVINCES, value_of(&convinces)}};
    for (size_t i = 0; i < sizeof found / sizeof *found; i++) w->found[(int)found[i][0]] = found[i][1];
}

static void pay(pvi_game *game, step_work *w) {
    const pvi_config *c = &game->config;
    size_t group = (size_t)c->group, flat = 0;
    double *reward = game->fresh_reward;
    for (size_t g = 0; g < w->groups; g++) {
        size_t at = g * group;
        pvi_rewards(&c->reward, w->group_role[g], group, w->verdict + at, w->score + at, w->tokens + at, reward + at);
        flat += pvi_group_center(reward + at, group, w->advantage + at) == 0;
    }
    w->found[ZERO_STD] = (double)flat / (double)w->groups;
    pvi_advantages(reward, w->role, w->count, group, c->advantage, w->advantage);
    observe(game, w, reward);
}

/* ---- learning ---- */

static void share_out(pvi_game *game, step_work *w) {
    pvi_rng rng = pvi_game_rng(game, "updates");
    for (uint32_t i = 0; i < w->count; i++) {
        part_work *p = &w->part[game->config.separate_weights && w->role[i] == PVG_ROLE_SNEAKY];
        p->index[p->count++] = i;
    }
    for (int k = 0; k < 2; k++) pvi_rng_shuffle(&rng, w->part[k].index, w->part[k].count);
}

static pvg_status add_sample(pvi_game *game, step_work *w, uint32_t at, pvi_tokens *prompt) {
    const pvi_solution *s = &game->fresh.item[at];
    const pvi_item *item = pvi_dataset_item(game->data, s->problem);
    const int32_t *token = pvi_solution_tokens(&game->fresh, at);
    pvi_tokens_clear(prompt);
    pvg_status status = pvi_prompt_encode(game->env, &game->prompter, s->role, item->question, item->question_length,
                                          item->gold, prompt);
    size_t total = game->list.token.length + prompt->length;
    if (status == PVG_OK)
        status = pvi_example_list_add(&game->list, prompt->data, prompt->length, token, s->token_count);
    if (status == PVG_OK) status = pvi_game_add_example(game, &game->reference_list, s->problem, token, s->token_count);
    if (status == PVG_OK)
        status = pvi_reserve(game->env, (void **)&w->behaviour, &w->behaviour_capacity, game->list.token.length,
                             sizeof *w->behaviour);
    if (status != PVG_OK) return status;
    memcpy(w->behaviour + total, game->fresh.logprob + s->token_begin, s->token_count * sizeof *w->behaviour);
    return PVG_OK;
}

static pvg_status gather(pvi_game *game, step_work *w, const uint32_t *index, size_t count) {
    pvi_tokens prompt;
    pvi_tokens_init(&prompt, game->env);
    pvi_example_list_clear(&game->list);
    pvi_example_list_clear(&game->reference_list);
    pvg_status status = PVG_OK;
    for (size_t i = 0; i < count && status == PVG_OK; i++) {
        w->part_advantage[i] = w->advantage[index[i]];
        status = add_sample(game, w, index[i], &prompt);
    }
    pvi_tokens_free(&prompt);
    return status;
}

static pvg_status update(pvi_game *game, step_work *w, int k, const uint32_t *index, size_t count,
                         pvi_policy_stats *stats) {
    pvg_status status = gather(game, w, index, count);
    if (status != PVG_OK) return status;
    pvi_examples examples = pvi_example_list_view(&game->list), beside = pvi_example_list_view(&game->reference_list);
    return pvi_policy_step(game->trainer[k], game->reference_work != NULL ? game->base : NULL, game->reference_work,
                           &examples, &beside, w->behaviour, w->part_advantage, &game->config.policy, stats);
}

/* A prover's updates, each on its part of the samples. Adds up what they found. */
static pvg_status update_prover(pvi_game *game, step_work *w, int k, double *weight) {
    const part_work *p = &w->part[k];
    size_t updates = (size_t)game->config.updates < p->count ? (size_t)game->config.updates : p->count;
    for (size_t u = 0; u < updates; u++) {
        size_t from = p->count * u / updates, to = p->count * (u + 1) / updates;
        pvi_policy_stats stats;
        pvg_status status = update(game, w, k, p->index + from, to - from, &stats);
        if (status != PVG_OK) return status;
        w->found[KL] += stats.kl;
        w->found[ENTROPY] += stats.entropy;
        w->found[CLIPPED] += stats.clipped;
        w->found[LOSS] += stats.loss;
        w->found[NORM] += stats.norm;
        if (u == 0 && stats.mismatch > w->found[MISMATCH]) w->found[MISMATCH] = stats.mismatch;
        *weight += 1;
    }
    return PVG_OK;
}

/* Weights and moments into the backup, or back. */
static void back_up(pvi_game *game, bool restore, const int64_t step[2]) {
    for (int k = 0; k < 2; k++) {
        pvi_trainer *t = game->trainer[k];
        if (t == NULL || game->backup[k][0].block == NULL) continue;
        float *now[3] = {t->model->weights.block, t->first.block, t->second.block};
        for (int part = 0; part < 3; part++) {
            float *kept = game->backup[k][part].block;
            memcpy(restore ? now[part] : kept, restore ? kept : now[part], t->first.count * sizeof(float));
        }
        if (!restore) continue;
        t->step = step[k];
        t->settled = false;
        t->model->stale = true;
    }
}

static pvg_status learn(pvi_game *game, step_work *w) {
    int64_t step[2] = {0};
    double weight = 0;
    share_out(game, w);
    for (int k = 0; k < 2; k++)
        if (game->trainer[k] != NULL) step[k] = game->trainer[k]->step;
    w->found[RATE] = pvi_trainer_rate(game->trainer[0]);
    for (int i = 0; i < FOUND; i++)
        if (i <= CLIPPED || i == LOSS || i == NORM || i == MISMATCH) w->found[i] = 0;
    back_up(game, false, step);
    pvg_status status = PVG_OK;
    for (int k = 0; k < 2 && status == PVG_OK; k++)
        if (w->part[k].count > 0) status = update_prover(game, w, k, &weight);
    if (status != PVG_OK) {
        back_up(game, true, step);
        return status;
    }
    const int averaged[] = {KL, ENTROPY, CLIPPED, LOSS, NORM};
    for (size_t i = 0; i < sizeof averaged / sizeof *averaged; i++) w->found[averaged[i]] /= weight;
    return PVG_OK;
}

/* ---- the unit ---- */

static void add_score(char *note, size_t size, double score) {
    size_t used = strlen(note);
    if (!isnan(score)) pvi_text_format(note + used, size - used, ", V %+.1f", score);
}

static void describe(pvi_game *game, const step_work *w) {
    char *note = game->note;
    const size_t size = sizeof game->note;
    pvg_role alone = game->config.alone;
    *note = '\0';
    if (alone != PVG_ROLE_SNEAKY) {
        pvi_text_format(note, size, "%s%.2f right", alone == PVG_ROLE_NEUTRAL ? "helpful " : "", w->found[HELPFUL_ACCURACY]);
        add_score(note, size, w->seen.helpful_score);
    }
    if (alone == PVG_ROLE_HELPFUL) return;
    size_t used = strlen(note);
    pvi_text_format(note + used, size - used, "%ssneaky %.2f wrong", used > 0 ? " · " : "", w->found[SNEAKY_COMPLIANCE]);
    add_score(note, size, w->seen.sneaky_score);
}

/* Nothing here can fail: the step has been made. */
static void take_in(pvi_game *game, const step_work *w) {
    for (int i = 0; i < FOUND; i++) game->news.metric[i].value = w->found[i];
    for (int i = 0; i < RUN_AVERAGES; i++) pvi_running_add(game, RUN_FIRST + 2 * i, w->found[i], keep);
    if (w->found[MISMATCH] > game->running[RUN_MISMATCH]) game->running[RUN_MISMATCH] = w->found[MISMATCH];
    if (pvi_stop_observe(&game->config, &game->stop, &w->seen)) game->units = game->unit + 1;
    describe(game, w);
}

static pvg_status play(pvi_game *game, step_work *w) {
    pvg_status status = choose_groups(game, w);
    if (status == PVG_OK) status = sample(game, w);
    uint64_t asked = game->asked;
    if (status == PVG_OK) status = judge(game, w);
    if (status == PVG_OK) status = pvi_game_fresh_rewards(game);
    for (int i = 0; i < FOUND && status == PVG_OK; i++) status = pvi_report_set(&game->news, names[i], (double)NAN);
    if (status != PVG_OK) return status;
    pay(game, w);
    if (game->prover == NULL) status = learn(game, w);
    else status = pvi_game_tell(game, game->prover, &game->fresh, NULL, w->count, game->fresh_reward, asked);
    if (status == PVG_OK) take_in(game, w);
    return status;
}

pvg_status pvi_unit_prover(pvi_game *game) {
    step_work w = {0};
    for (int i = 0; i < FOUND; i++) w.found[i] = (double)NAN;
    pvi_solutions_init(&w.judged, game->env);
    pvg_status status = play(game, &w);
    free_work(game->env, &w);
    return status;
}
