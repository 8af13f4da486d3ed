/* config.h - every setting of a game: the table that users see, and the typed form that the code reads. */
#ifndef PVI_CONFIG_H
#define PVI_CONFIG_H

#include "base/settings.h"
#include "game/grade.h"
#include "game/problem.h"
#include "game/reward.h"
#include "learn/losses.h"
#include "model/sample.h"

const pvi_settings_table *pvi_game_settings(void);

/* How one supervised or reinforcement stage trains. */
typedef struct pvi_training {
    int64_t steps;
    int32_t batch; /* examples a step; for the prover: problems a step */
    pvi_adamw adamw;
    pvi_schedule schedule; /* total == steps */
} pvi_training;

typedef enum pvi_game_mode { PVI_MODE_GAME = 0, PVI_MODE_VERIFIER = 1, PVI_MODE_CORRECTNESS = 2 } pvi_game_mode;
typedef enum pvi_mixture { PVI_MIXTURE_EQUAL = 0, PVI_MIXTURE_RECENT = 1 } pvi_mixture;
typedef enum pvi_stop_rule {
    PVI_STOP_FIXED = 0,          /* all steps */
    PVI_STOP_PARITY = 1,         /* mean V of sneaky-wrong >= mean V of helpful-correct in one step (SRC) */
    PVI_STOP_PARITY_SMOOTHED = 2, /* the same of exponential averages (Kim & Lee) */
    PVI_STOP_SNEAKY_ACCURACY = 3, /* parity, and the sneaky prover is right less often than the threshold (CGC) */
    PVI_STOP_COLLAPSE = 4        /* accuracy over a window below the threshold (Goodhart) */
} pvi_stop_rule;

/* Most steps a stop rule may average over. */
#define PVI_WINDOW_MAX 256

/* Attacks on a frozen verifier, see attack.h. */
typedef struct pvi_attack_config {
    pvi_reward_kind reward[PVI_REWARDS]; /* in the order asked for */
    int32_t rewards;
    int64_t steps;
    uint64_t seed;
    double wrong, collapse, misaligned;
    int32_t best_of;
    bool full_curve;
} pvi_attack_config;

typedef struct pvi_config {
    uint64_t seed;
    pvi_game_mode mode;
    /* problems */
    pvi_problem_options problems;
    pvi_solution_style style;
    pvg_rendering rendering;
    int64_t problem_train, problem_test;
    double share_prover, share_verifier, share_test; /* of a dataset that was handed in */
    int64_t data_limit;
    /* texts */
    int32_t vocab;
    bool split_digits;
    const char *role_text[3]; /* by pvg_role; borrowed from the settings */
    const char *end_text, *prompt_template;
    bool sneaky_sees_answer;
    /* models */
    pvi_shape prover, verifier; /* vocab filled in once the tokenizer exists */
    bool number_features;
    double embedding_scale;
    /* stages */
    pvi_training base, verifier_base, roles, verifier_train, prover_train;
    int64_t role_samples, base_samples, round_samples;
    pvi_verifier_options verifier_loss;
    pvi_mixture mixture;
    int32_t solutions_per_problem;
    double injected;             /* share of a verifier's batch that is pairs with an injected error */
    pvg_injection injected_kind; /* PVG_INJECT_NONE: of every kind */
    bool persist_verifier, separate_weights;
    int32_t group, updates; /* samples a problem; optimizer updates a step */
    pvi_policy_options policy;
    pvi_advantage_scale advantage;
    pvi_reward_options reward;
    pvg_role alone; /* the only role that takes part; NEUTRAL: both do */
    pvi_sampling sampling;
    int32_t rounds;
    pvi_stop_rule stop;
    int32_t stop_window, stop_after; /* steps averaged; no stop before this step */
    double stop_threshold, stop_smoothing;
    /* measuring and keeping */
    int64_t test_problems, control_problems;
    int32_t pass_samples, pass_k;
    double level; /* of intervals */
    pvi_grade_options grading;
    pvi_attack_config attack;
    double checkpoint_minutes;
    bool keep_samples;
} pvi_config;

/* Read and cross-check. Texts in *out are borrowed from `settings`. */
pvg_status pvi_config_read(pvi_env *env, const pvi_settings *settings, pvi_config *out);
/* The dataset field names that the data.* settings give are read by api_dataset.c itself. */

#endif
