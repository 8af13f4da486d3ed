/* test_config.c - the table of settings, the presets, and the checks that need more than one setting. */
#include <string.h>

#include "game/config.h"
#include "support.h"

static pvi_settings *defaults(pvi_env *env) {
    pvi_settings *settings = NULL;
    ck_ok(env, pvi_settings_create(env, pvi_game_settings(), &settings));
    return settings;
}

static size_t group_of(const char *name) {
    const char *dot = strchr(name, '.');
    return dot != NULL ? (size_t)(dot - name) : 0;
}

START_TEST(the_table_is_sound) {
    const pvi_settings_table *table = pvi_game_settings();
    for (size_t i = 0; i < table->count; i++) {
        const pvi_setting_def *def = &table->defs[i];
        ck_assert_ptr_eq(pvi_settings_find(table, def->name), def); /* no name twice */
        ck_assert_msg(strlen(def->summary) > 10 && def->summary[strlen(def->summary) - 1] == '.', "%s: '%s'", def->name,
                      def->summary);
        bool number = def->kind == PVI_SETTING_INT || def->kind == PVI_SETTING_REAL;
        ck_assert(!number || def->lowest < def->highest);
        ck_assert((def->kind == PVI_SETTING_CHOICE) == (def->choices[0] != '\0'));
    }
}
END_TEST

/* Else a YAML file would hold the same key twice. */
START_TEST(groups_stand_together) {
    const pvi_settings_table *table = pvi_game_settings();
    for (size_t i = 1; i < table->count; i++) {
        const char *name = table->defs[i].name, *before = table->defs[i - 1].name;
        size_t length = group_of(name);
        if (length == group_of(before) && memcmp(name, before, length) == 0) continue;
        for (size_t k = 0; k < i; k++)
            ck_assert_msg(group_of(table->defs[k].name) != length || memcmp(table->defs[k].name, name, length) != 0,
                          "%s is away from its group", name);
    }
}
END_TEST

START_TEST(every_preset_reads) {
    const pvi_settings_table *table = pvi_game_settings();
    ck_assert_uint_ge(table->preset_count, 4);
    for (size_t i = 0; i < table->preset_count; i++) {
        pvi_env *env = test_env();
        pvi_settings *settings = defaults(env);
        pvi_config config;
        ck_ok(env, pvi_settings_preset(env, settings, table->presets[i].name));
        ck_ok(env, pvi_config_read(env, settings, &config));
        pvi_settings_destroy(env, settings);
        test_env_free(env);
    }
}
END_TEST

START_TEST(values_arrive) {
    pvi_env *env = test_env();
    pvi_settings *s = defaults(env);
    const char *const values[][2] = {
        {"seed", "9"}, {"mode", "verifier"}, {"problems.rendering", "english"}, {"data.share_prover", "0.25"},
        {"prover.width", "96"}, {"prover.heads", "6"}, {"prover.kv_heads", "2"}, {"prover.tied", "false"},
        {"verifier.head", "last"}, {"verifier.logprob_feature", "true"}, {"base.rate", "0.25"}, {"base.warmup", "7"},
        {"base.schedule", "constant"}, {"prover_train.updates", "3"}, {"prover_train.steps", "10"},
        {"prover_train.warmup", "4"}, {"prover_train.reward", "goodhart"}, {"prover_train.score_scale", "zscore"},
        {"prover_train.advantage", "group_std"}, {"verifier_train.loss", "mean_square"}, {"pool.mixture", "recent"},
        {"verifier_train.injected", "0.25"}, {"verifier_train.injected_kind", "operand"}, {"stop.rule", "collapse"}, {"sampling.longest", "17"}, {"roles.sneaky", "<|s|>"}, {"grade.flexible", "true"},
        {"checkpoint.minutes", "1.5"}};
    for (size_t i = 0; i < sizeof values / sizeof *values; i++) ck_ok(env, pvi_settings_set(env, s, values[i][0], values[i][1]));
    pvi_config c;
    ck_ok(env, pvi_config_read(env, s, &c));
    ck_assert_uint_eq(c.seed, 9);
    ck_assert_uint_eq(c.problems.seed, 9);
    ck_assert_uint_eq(c.sampling.seed, 9);
    ck_assert_int_eq(c.mode, PVI_MODE_VERIFIER);
    ck_assert_int_eq(c.rendering, PVG_RENDERING_ENGLISH);
    ck_assert_double_eq_tol(c.share_test, 0.3, 1e-12);
    ck_assert_int_eq(c.prover.head_dim, 16);
    ck_assert_int_eq(c.prover.kv_heads, 2);
    ck_assert(!c.prover.tied && c.verifier.tied);
    ck_assert_int_eq(c.prover.head, PVI_HEAD_LM);
    ck_assert_int_eq(c.verifier.head, PVI_HEAD_LAST);
    ck_assert(c.verifier.logprob_feature && !c.prover.logprob_feature);
    ck_assert_int_eq(c.verifier.context, c.prover.context);
    ck_assert(c.base.adamw.rate == 0.25);
    ck_assert_int_eq(c.base.schedule.warmup, 7);
    ck_assert_int_eq(c.base.schedule.kind, PVI_DECAY_CONSTANT);
    ck_assert_int_eq(c.base.schedule.total, c.base.steps);
    ck_assert_int_eq(c.prover_train.schedule.total, 30); /* counted in updates */
    ck_assert_int_eq(c.prover_train.schedule.warmup, 12);
    ck_assert_int_eq(c.reward.kind, PVI_REWARD_GOODHART);
    ck_assert_int_eq(c.reward.scale, PVI_SCALE_ZSCORE);
    ck_assert_int_eq(c.advantage, PVI_ADVANTAGE_GROUP_STD);
    ck_assert_int_eq(c.verifier_loss.loss, PVI_VERIFIER_MEAN_SQUARE);
    ck_assert_int_eq(c.mixture, PVI_MIXTURE_RECENT);
    ck_assert(c.injected == 0.25);
    ck_assert_int_eq(c.injected_kind, PVG_INJECT_OPERAND);
    ck_assert_int_eq(c.stop, PVI_STOP_COLLAPSE);
    ck_assert_int_eq(c.sampling.longest, 17);
    ck_assert_str_eq(c.role_text[PVG_ROLE_SNEAKY], "<|s|>");
    ck_assert(c.grading.flexible);
    ck_assert(c.checkpoint_minutes == 1.5);
    pvi_settings_destroy(env, s);
    test_env_free(env);
}
END_TEST

/* The order of the choices in the table is the order of the enumerators. */
START_TEST(choices_match_their_enumerators) {
    pvi_env *env = test_env();
    pvi_settings *s = defaults(env);
    const struct {
        const char *name, *value;
        int wanted;
    } cases[] = {{"mode", "game", PVI_MODE_GAME}, {"mode", "verifier", PVI_MODE_VERIFIER},
                 {"problems.rendering", "compact", PVG_RENDERING_COMPACT}, {"problems.rendering", "english", PVG_RENDERING_ENGLISH},
                 {"base.schedule", "constant", PVI_DECAY_CONSTANT}, {"base.schedule", "linear", PVI_DECAY_LINEAR},
                 {"base.schedule", "cosine", PVI_DECAY_COSINE}, {"verifier.head", "token_sum", PVI_HEAD_TOKEN_SUM - 1},
                 {"verifier.head", "token_mean", PVI_HEAD_TOKEN_MEAN - 1}, {"verifier.head", "last", PVI_HEAD_LAST - 1},
                 {"verifier_train.loss", "cross_entropy", PVI_VERIFIER_CROSS_ENTROPY},
                 {"verifier_train.loss", "bradley_terry", PVI_VERIFIER_BRADLEY_TERRY},
                 {"verifier_train.loss", "mean_square", PVI_VERIFIER_MEAN_SQUARE}, {"pool.mixture", "equal", PVI_MIXTURE_EQUAL},
                 {"pool.mixture", "recent", PVI_MIXTURE_RECENT}, {"verifier_train.injected_kind", "all", PVG_INJECT_NONE},
                 {"verifier_train.injected_kind", "result", PVG_INJECT_RESULT},
                 {"verifier_train.injected_kind", "operand", PVG_INJECT_OPERAND},
                 {"verifier_train.injected_kind", "distractor", PVG_INJECT_DISTRACTOR},
                 {"verifier_train.injected_kind", "answer", PVG_INJECT_ANSWER}, {"prover_train.advantage", "none", PVI_ADVANTAGE_NONE},
                 {"prover_train.advantage", "group_std", PVI_ADVANTAGE_GROUP_STD},
                 {"prover_train.advantage", "role_rms", PVI_ADVANTAGE_ROLE_RMS}, {"prover_train.reward", "src", PVI_REWARD_SRC},
                 {"prover_train.reward", "cgc", PVI_REWARD_CGC}, {"prover_train.reward", "goodhart", PVI_REWARD_GOODHART},
                 {"prover_train.reward", "correctness", PVI_REWARD_CORRECTNESS},
                 {"prover_train.reward", "convince", PVI_REWARD_CONVINCE}, {"prover_train.score_scale", "center", PVI_SCALE_CENTER},
                 {"prover_train.score_scale", "zscore", PVI_SCALE_ZSCORE}, {"prover_train.score_scale", "none", PVI_SCALE_NONE},
                 {"stop.rule", "fixed", PVI_STOP_FIXED}, {"stop.rule", "parity", PVI_STOP_PARITY},
                 {"stop.rule", "parity_smoothed", PVI_STOP_PARITY_SMOOTHED},
                 {"stop.rule", "sneaky_accuracy", PVI_STOP_SNEAKY_ACCURACY}, {"stop.rule", "collapse", PVI_STOP_COLLAPSE}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        ck_ok(env, pvi_settings_set(env, s, cases[i].name, cases[i].value));
        ck_assert_int_eq(pvi_settings_choice(s, cases[i].name), cases[i].wanted);
    }
    pvi_settings_destroy(env, s);
    test_env_free(env);
}
END_TEST

START_TEST(bounds_and_suggestions) {
    pvi_env *env = test_env();
    pvi_settings *s = defaults(env);
    ck_fails(env, PVG_E_NOT_FOUND, "prover.width", pvi_settings_set(env, s, "prover.widht", "64"));
    ck_fails(env, PVG_E_NOT_FOUND, "stop.rule", pvi_settings_set(env, s, "stop.rules", "fixed"));
    ck_fails(env, PVG_E_RANGE, "between 8 and 65536", pvi_settings_set(env, s, "prover.width", "4"));
    ck_fails(env, PVG_E_RANGE, "between 1 and 256", pvi_settings_set(env, s, "stop.window", "257"));
    ck_fails(env, PVG_E_RANGE, "parity", pvi_settings_set(env, s, "stop.rule", "never"));
    ck_fails(env, PVG_E_FORMAT, "whole number", pvi_settings_set(env, s, "rounds.count", "2.5"));
    ck_fails(env, PVG_E_NOT_FOUND, "tiny", pvi_settings_preset(env, s, "small"));
    pvi_settings_destroy(env, s);
    test_env_free(env);
}
END_TEST

START_TEST(contradictions_are_refused) {
    const struct {
        const char *set[4]; /* names and values */
        pvg_status status;
        const char *part;
    } cases[] = {
        {{"problems.min_steps", "5"}, PVG_E_RANGE, "problems.max_steps (4)"},
        {{"problems.full", "0.7"}, PVG_E_RANGE, "problems.bare"},
        {{"data.share_prover", "0.55"}, PVG_E_RANGE, "test set"},
        {{"data.share_prover", "0.7", "data.share_verifier", "0.3"}, PVG_E_RANGE, "test set"}, /* but for rounding */
        {{"data.share_prover", "0.9", "data.share_verifier", "0.9"}, PVG_E_RANGE, "test set"},
        {{"roles.template", "Q: {question}"}, PVG_E_FORMAT, "{role}"},
        {{"roles.template", "{role}"}, PVG_E_FORMAT, "{question}"},
        {{"sampling.longest", "128"}, PVG_E_RANGE, "prover.context (128)"},
        {{"prover_train.batch", "1", "prover_train.group", "1"}, PVG_E_RANGE, "prover_train.updates (2)"},
        {{"prover_train.group", "1", "prover_train.reward", "src"}, PVG_E_RANGE, "at least 2"},
        {{"sampling.temperature", "0"}, PVG_E_RANGE, "explore"},
        {{"prover.width", "65"}, PVG_E_RANGE, "prover.heads (4)"},
        {{"verifier.width", "50"}, PVG_E_RANGE, "verifier.heads (4)"},
        {{"prover.kv_heads", "3"}, PVG_E_RANGE, "kv_heads"},
        {{"prover.width", "12"}, PVG_E_RANGE, "even"},
        {{"verifier.width", "65536"}, PVG_E_RANGE, "verifier.width over verifier.heads is 16384"},
        {{"verifier.kv_heads", "3"}, PVG_E_RANGE, "the verifier's sizes"},
        {{"roles.sneaky", "<|helpful|>"}, PVG_E_RANGE, "cannot tell them apart"},
        {{"roles.end", "<|solve|>"}, PVG_E_RANGE, "also a role's text"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        pvi_env *env = test_env();
        pvi_settings *s = defaults(env);
        for (size_t k = 0; k < 4 && cases[i].set[k] != NULL; k += 2)
            ck_ok(env, pvi_settings_set(env, s, cases[i].set[k], cases[i].set[k + 1]));
        pvi_config config = {.seed = 77};
        ck_fails(env, cases[i].status, cases[i].part, pvi_config_read(env, s, &config));
        ck_assert_uint_eq(config.seed, 77); /* nothing half-read */
        pvi_settings_destroy(env, s);
        test_env_free(env);
    }
}
END_TEST

Suite *suite_config(void) {
    Suite *suite = suite_create("config");
    TCase *all = tcase_create("config");
    tcase_add_test(all, the_table_is_sound);
    tcase_add_test(all, groups_stand_together);
    tcase_add_test(all, every_preset_reads);
    tcase_add_test(all, values_arrive);
    tcase_add_test(all, choices_match_their_enumerators);
    tcase_add_test(all, bounds_and_suggestions);
    tcase_add_test(all, contradictions_are_refused);
    suite_add_tcase(suite, all);
    return suite;
}
