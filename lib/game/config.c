/* config.c - from named values to the typed form, with the checks that need more than one setting. */
#include "game/config.h"

#include <string.h>

static void read_training(const pvi_settings *s, const char *part, pvi_training *out) {
    char name[64];
    static const char *const keys[] = {"steps", "batch", "rate", "warmup", "schedule", "final"};
    double value[6];
    for (size_t i = 0; i < 6; i++) {
        pvi_text_format(name, sizeof name, "%s.%s", part, keys[i]);
        value[i] = i == 4 ? pvi_settings_choice(s, name) : i == 2 || i == 5 ? pvi_settings_real(s, name)
                                                                            : (double)pvi_settings_int(s, name);
    }
    out->steps = (int64_t)value[0];
    out->batch = (int32_t)value[1];
    out->adamw = (pvi_adamw){.rate = value[2], .beta1 = pvi_settings_real(s, "model.beta1"),
                             .beta2 = pvi_settings_real(s, "model.beta2"), .epsilon = 1e-8,
                             .weight_decay = pvi_settings_real(s, "model.weight_decay"),
                             .clip = pvi_settings_real(s, "model.clip")};
    out->schedule = (pvi_schedule){.kind = (pvi_decay_kind)(int)value[4], .warmup = (int64_t)value[3], .total = out->steps,
                                   .final_share = value[5]};
}

static void read_shape(const pvi_settings *s, const char *part, pvi_shape *out) {
    char name[64];
    const char *keys[] = {"width", "layers", "heads", "kv_heads", "hidden"};
    int32_t value[5];
    for (size_t i = 0; i < 5; i++) {
        pvi_text_format(name, sizeof name, "%s.%s", part, keys[i]);
        value[i] = (int32_t)pvi_settings_int(s, name);
    }
    *out = (pvi_shape){.vocab = (int32_t)pvi_settings_int(s, "tokenizer.vocab"), .width = value[0], .layers = value[1],
                       .heads = value[2], .kv_heads = value[3], .head_dim = value[0] / value[2], .hidden = value[4],
                       .context = (int32_t)pvi_settings_int(s, "prover.context"),
                       .rope_theta = (float)pvi_settings_real(s, "model.rope_theta"),
                       .norm_eps = (float)pvi_settings_real(s, "model.norm_epsilon"), .tied = true};
}

static void read_problems(const pvi_settings *s, pvi_config *c) {
    c->problems = (pvi_problem_options){.seed = c->seed,
                                        .min_steps = (int32_t)pvi_settings_int(s, "problems.min_steps"),
                                        .max_steps = (int32_t)pvi_settings_int(s, "problems.max_steps"),
                                        .largest = (int32_t)pvi_settings_int(s, "problems.largest"),
                                        .largest_operand = (int32_t)pvi_settings_int(s, "problems.largest_operand"),
                                        .largest_factor = (int32_t)pvi_settings_int(s, "problems.largest_factor"),
                                        .division = pvi_settings_flag(s, "problems.division"),
                                        .distractors = (int32_t)pvi_settings_int(s, "problems.distractors")};
    c->style = (pvi_solution_style){.all_full = pvi_settings_real(s, "problems.all_full"),
                                    .full = pvi_settings_real(s, "problems.full"),
                                    .bare = pvi_settings_real(s, "problems.bare")};
    c->rendering = (pvg_rendering)pvi_settings_choice(s, "problems.rendering");
    c->problem_train = pvi_settings_int(s, "problems.train");
    c->problem_test = pvi_settings_int(s, "problems.test");
    c->share_prover = pvi_settings_real(s, "data.share_prover");
    c->share_verifier = pvi_settings_real(s, "data.share_verifier");
    c->share_test = 1 - c->share_prover - c->share_verifier;
    c->data_limit = pvi_settings_int(s, "data.limit");
}

static void read_models(const pvi_settings *s, pvi_config *c) {
    read_shape(s, "prover", &c->prover);
    c->prover.tied = pvi_settings_flag(s, "prover.tied");
    read_shape(s, "verifier", &c->verifier);
    c->verifier.head = (pvi_head)(PVI_HEAD_TOKEN_SUM + pvi_settings_choice(s, "verifier.head"));
    c->verifier.logprob_feature = pvi_settings_flag(s, "verifier.logprob_feature");
    c->number_features = pvi_settings_flag(s, "model.number_features");
    c->embedding_scale = pvi_settings_real(s, "model.embedding_scale");
    c->vocab = (int32_t)pvi_settings_int(s, "tokenizer.vocab");
    c->split_digits = pvi_settings_flag(s, "tokenizer.split_digits");
    c->role_text[PVG_ROLE_NEUTRAL] = pvi_settings_text(s, "roles.neutral");
    c->role_text[PVG_ROLE_HELPFUL] = pvi_settings_text(s, "roles.helpful");
    c->role_text[PVG_ROLE_SNEAKY] = pvi_settings_text(s, "roles.sneaky");
    c->end_text = pvi_settings_text(s, "roles.end");
    c->prompt_template = pvi_settings_text(s, "roles.template");
    c->sneaky_sees_answer = pvi_settings_flag(s, "roles.sneaky_sees_answer");
}

static void read_learning(const pvi_settings *s, pvi_config *c) {
    read_training(s, "base", &c->base);
    read_training(s, "verifier_base", &c->verifier_base);
    read_training(s, "roles", &c->roles);
    read_training(s, "verifier_train", &c->verifier_train);
    read_training(s, "prover_train", &c->prover_train);
    c->role_samples = pvi_settings_int(s, "roles.samples");
    c->base_samples = pvi_settings_int(s, "pool.base_samples");
    c->round_samples = pvi_settings_int(s, "pool.round_samples");
    c->mixture = (pvi_mixture)pvi_settings_choice(s, "pool.mixture");
    c->solutions_per_problem = (int32_t)pvi_settings_int(s, "pool.solutions_per_problem");
    c->verifier_loss = (pvi_verifier_options){
        .loss = (pvi_verifier_loss)pvi_settings_choice(s, "verifier_train.loss"),
        .lambda = pvi_settings_real(s, "verifier_train.lambda"), .lm_weight = pvi_settings_real(s, "verifier_train.lm_weight")};
    c->injected = pvi_settings_real(s, "verifier_train.injected");
    c->injected_kind = (pvg_injection)pvi_settings_choice(s, "verifier_train.injected_kind");
    c->persist_verifier = pvi_settings_flag(s, "verifier_train.persist");
    c->separate_weights = pvi_settings_flag(s, "prover_train.separate_weights");
    c->group = (int32_t)pvi_settings_int(s, "prover_train.group");
    c->updates = (int32_t)pvi_settings_int(s, "prover_train.updates");
    c->prover_train.schedule.total *= c->updates;
    c->prover_train.schedule.warmup *= c->updates;
    c->policy = (pvi_policy_options){.clip = pvi_settings_real(s, "prover_train.ratio_clip"),
                                     .kl = pvi_settings_real(s, "prover_train.kl"),
                                     .entropy = pvi_settings_real(s, "prover_train.entropy")};
    c->advantage = (pvi_advantage_scale)pvi_settings_choice(s, "prover_train.advantage");
    c->reward = (pvi_reward_options){.kind = (pvi_reward_kind)pvi_settings_choice(s, "prover_train.reward"),
                                     .scale = (pvi_reward_scale)pvi_settings_choice(s, "prover_train.score_scale"),
                                     .unconvincing = pvi_settings_real(s, "prover_train.unconvincing"),
                                     .misaligned = pvi_settings_real(s, "prover_train.misaligned"),
                                     .token_cost = pvi_settings_real(s, "prover_train.token_cost")};
    c->alone = c->reward.kind == PVI_REWARD_GOODHART || c->reward.kind == PVI_REWARD_CORRECTNESS ? PVG_ROLE_HELPFUL
                                                                                                   : PVG_ROLE_NEUTRAL;
    c->sampling = (pvi_sampling){.temperature = pvi_settings_real(s, "sampling.temperature"), .top_p = 1,
                                 .longest = (int32_t)pvi_settings_int(s, "sampling.longest"), .seed = c->seed};
}

/* One prover goes on over all rounds, and so does its schedule. */
static void only_correctness(pvi_config *c) {
    c->reward.kind = PVI_REWARD_CORRECTNESS;
    c->alone = PVG_ROLE_HELPFUL;
    c->prover_train.schedule.total *= c->rounds;
}

static void read_measures(const pvi_settings *s, pvi_config *c) {
    c->rounds = (int32_t)pvi_settings_int(s, "rounds.count");
    c->stop = (pvi_stop_rule)pvi_settings_choice(s, "stop.rule");
    c->stop_window = (int32_t)pvi_settings_int(s, "stop.window");
    c->stop_after = (int32_t)pvi_settings_int(s, "stop.after");
    c->stop_threshold = pvi_settings_real(s, "stop.threshold");
    c->stop_smoothing = pvi_settings_real(s, "stop.smoothing");
    c->test_problems = pvi_settings_int(s, "evaluate.problems");
    c->control_problems = pvi_settings_int(s, "evaluate.control");
    c->pass_samples = (int32_t)pvi_settings_int(s, "evaluate.samples");
    c->pass_k = (int32_t)pvi_settings_int(s, "evaluate.pass_k");
    c->level = pvi_settings_real(s, "evaluate.level");
    c->grading = (pvi_grade_options){.flexible = pvi_settings_flag(s, "grade.flexible"),
                                     .percent_as_fraction = pvi_settings_flag(s, "grade.percent_as_fraction")};
    c->checkpoint_minutes = pvi_settings_real(s, "checkpoint.minutes");
    c->keep_samples = pvi_settings_flag(s, "checkpoint.samples");
}

static bool add_reward(pvi_attack_config *attack, const char *name, size_t length) {
    for (int kind = 0; kind < PVI_REWARDS; kind++) {
        const char *known = pvi_reward_name((pvi_reward_kind)kind);
        if (kind == PVI_REWARD_CORRECTNESS || strlen(known) != length || memcmp(known, name, length) != 0) continue;
        for (int32_t i = 0; i < attack->rewards; i++)
            if (attack->reward[i] == (pvi_reward_kind)kind) return false;
        attack->reward[attack->rewards++] = (pvi_reward_kind)kind;
        return true;
    }
    return false;
}

static pvg_status read_attack(pvi_env *env, const pvi_settings *s, pvi_attack_config *out) {
    *out = (pvi_attack_config){.steps = pvi_settings_int(s, "attack.steps"), .seed = (uint64_t)pvi_settings_int(s, "attack.seed"),
                               .wrong = pvi_settings_real(s, "attack.wrong"), .collapse = pvi_settings_real(s, "attack.collapse"),
                               .misaligned = pvi_settings_real(s, "attack.misaligned"),
                               .best_of = (int32_t)pvi_settings_int(s, "attack.best_of"),
                               .full_curve = pvi_settings_flag(s, "attack.full_curve")};
    const char *list = pvi_settings_text(s, "attack.rewards"), *at = list;
    while (*at != '\0') {
        size_t length = strcspn(at, ",");
        if (!add_reward(out, at, length))
            return pvi_fail(env, PVG_E_RANGE, "settings", "attack.rewards is '%s': wanted are names out of src, cgc, goodhart and convince, "
                            "each once, with commas between them", list);
        at += length + (at[length] == ',');
    }
    return PVG_OK;
}

static pvg_status check_shape(pvi_env *env, const pvi_shape *shape, const char *part) {
    if (shape->width % shape->heads != 0)
        return pvi_fail(env, PVG_E_RANGE, "settings", "%s.width is %d, which %s.heads (%d) does not divide", part,
                        shape->width, part, shape->heads);
    if (shape->head_dim % 2 != 0 || shape->head_dim > PVI_HEAD_DIM_MAX)
        return pvi_fail(env, PVG_E_RANGE, "settings", "%s.width over %s.heads is %d: a head's width must be even and at most %d",
                        part, part, shape->head_dim, PVI_HEAD_DIM_MAX);
    pvg_status status = pvi_shape_check(env, shape);
    if (status == PVG_OK) return PVG_OK;
    pvi_error error = env->error;
    return pvi_fail(env, status, "settings", "the %s's sizes: %s", part, error.message);
}

static bool is_one_of(const char *text, const char *const *list, size_t count) {
    for (size_t i = 0; i < count; i++)
        if (strcmp(text, list[i]) == 0) return true;
    return false;
}

/* Roles are told apart by their texts alone, and a prompt must not hold what ends a solution. */
static pvg_status check_roles(pvi_env *env, const pvi_config *c) {
    const char *helpful = c->role_text[PVG_ROLE_HELPFUL];
    if (!c->separate_weights && strcmp(helpful, c->role_text[PVG_ROLE_SNEAKY]) == 0)
        return pvi_fail(env, PVG_E_RANGE, "settings", "roles.helpful and roles.sneaky are both '%s': one prover cannot tell them apart",
                        helpful);
    if (is_one_of(c->end_text, c->role_text, 3))
        return pvi_fail(env, PVG_E_RANGE, "settings", "roles.end is '%s', which is also a role's text", c->end_text);
    return PVG_OK;
}

static pvg_status cross_check(pvi_env *env, const pvi_config *c) {
    if (c->problems.min_steps > c->problems.max_steps)
        return pvi_fail(env, PVG_E_RANGE, "settings", "problems.min_steps (%d) is above problems.max_steps (%d)",
                        c->problems.min_steps, c->problems.max_steps);
    if (c->style.full + c->style.bare > 1 + 1e-9)
        return pvi_fail(env, PVG_E_RANGE, "settings", "problems.full (%g) and problems.bare (%g) add up to more than 1",
                        c->style.full, c->style.bare);
    if (c->share_test < 1e-9)
        return pvi_fail(env, PVG_E_RANGE, "settings",
                        "data.share_prover (%g) and data.share_verifier (%g) leave nothing for the test set: together below 1",
                        c->share_prover, c->share_verifier);
    if (strstr(c->prompt_template, "{question}") == NULL || strstr(c->prompt_template, "{role}") == NULL)
        return pvi_fail(env, PVG_E_FORMAT, "settings", "roles.template is '%s': it must contain {question} and {role}",
                        c->prompt_template);
    if (c->sampling.longest >= c->prover.context)
        return pvi_fail(env, PVG_E_RANGE, "settings", "sampling.longest (%d) must be below prover.context (%d)",
                        c->sampling.longest, c->prover.context);
    if (c->updates > (int64_t)c->prover_train.batch * c->group)
        return pvi_fail(env, PVG_E_RANGE, "settings", "prover_train.updates (%d) is more than the samples of a step (%lld)",
                        c->updates, (long long)c->prover_train.batch * c->group);
    if (c->reward.kind == PVI_REWARD_SRC && c->group < 2)
        return pvi_fail(env, PVG_E_RANGE, "settings", "prover_train.group is %d: the SRC reward compares at least 2 samples",
                        c->group);
    if (c->sampling.temperature <= 0)
        return pvi_fail(env, PVG_E_RANGE, "settings", "sampling.temperature is 0: a prover that learns must explore");
    pvg_status status = check_roles(env, c);
    if (status == PVG_OK) status = check_shape(env, &c->prover, "prover");
    return status != PVG_OK ? status : check_shape(env, &c->verifier, "verifier");
}

pvg_status pvi_config_read(pvi_env *env, const pvi_settings *settings, pvi_config *out) {
    pvi_config c = {.seed = (uint64_t)pvi_settings_int(settings, "seed"),
                    .mode = (pvi_game_mode)pvi_settings_choice(settings, "mode")};
    read_problems(settings, &c);
    read_models(settings, &c);
    read_learning(settings, &c);
    read_measures(settings, &c);
    if (c.mode == PVI_MODE_CORRECTNESS) only_correctness(&c);
    pvg_status status = read_attack(env, settings, &c.attack);
    if (status == PVG_OK) status = cross_check(env, &c);
    if (status == PVG_OK) *out = c;
    return status;
}
