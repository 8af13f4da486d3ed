/* config_table.c - the list of settings and the presets. Users read these sentences in --help, YAML and docs. */
#include "game/config.h"

#define INT(name, low, high, initial, summary) {name, PVI_SETTING_INT, low, high, initial, "", summary}
#define REAL(name, low, high, initial, summary) {name, PVI_SETTING_REAL, low, high, initial, "", summary}
#define TEXT(name, initial, summary) {name, PVI_SETTING_TEXT, 0, 0, initial, "", summary}
#define FLAG(name, initial, summary) {name, PVI_SETTING_FLAG, 0, 1, initial, "", summary}
#define CHOICE(name, choices, initial, summary) {name, PVI_SETTING_CHOICE, 0, 0, initial, choices, summary}
/* A training stage's common settings. */
#define TRAINING(part, steps, batch, rate, warmup, decay, last, what)                                                  \
    INT(part ".steps", 0, 1e9, steps, what ": optimizer steps (0 skips the stage where that makes sense)."),           \
    INT(part ".batch", 1, 1e6, batch, what ": examples a step (prover_train: problems a step)."),                      \
    REAL(part ".rate", 0, 10, rate, what ": peak learning rate of AdamW."),                                            \
    INT(part ".warmup", 0, 1e9, warmup, what ": steps of linear warm-up."),                                            \
    CHOICE(part ".schedule", "constant|linear|cosine", decay, what ": how the rate falls after the warm-up."),         \
    REAL(part ".final", 0, 1, last, what ": share of the peak rate at the last step.")

static const pvi_setting_def defs[] = {
    INT("seed", 0, 9007199254740991.0, "1", "Seed of everything random: the same seed and settings give the same bits."),
    CHOICE("mode", "game|verifier|correctness", "game",
           "game: play all rounds; verifier: train one verifier on labelled solutions; correctness: the baseline without one, "
           "one prover paid for right answers alone, that goes on from round to round."),

    TEXT("data.question", "question", "Field of a JSON line that holds the question; a.b reaches into an object."),
    TEXT("data.answer", "answer", "Field with the reference answer; GSM8K's `#### 18`, `A: 18` and plain numbers are read."),
    TEXT("data.solution", "solution", "Field with a solution: a reference one, or a model's when data.labelled is set."),
    TEXT("data.id", "id", "Field with the problem's id; without it the id is a digest of the question."),
    TEXT("data.label", "is_correct", "Field with the label (true/false) of a labelled solution."),
    TEXT("data.chain", "chain", "Field with the machine form of a built-in problem."),
    FLAG("data.labelled", "false", "Each line is a model's solution with a correctness label."),
    FLAG("data.strip_marks", "true", "Remove calculator marks <<a*b=c>> from reference solutions."),
    TEXT("data.exclude", "", "File of ids to leave out, one a line."),
    INT("data.limit", 0, 1e12, "0", "Use only this many problems; 0: all."),
    REAL("data.share_prover", 0, 1, "0.45", "Share of a dataset on which the prover learns (D_pi, Kirchner et al. 3.2)."),
    REAL("data.share_verifier", 0, 1, "0.45", "Share on which the verifier learns (D_V); the rest is the test set."),

    INT("problems.train", 16, 1e9, "16384", "Built-in problems, half for the prover and half for the verifier."),
    INT("problems.test", 8, 1e8, "1024", "Built-in problems kept for measuring."),
    CHOICE("problems.rendering", "compact|english", "compact", "compact: chains of short clauses; english: word problems."),
    INT("problems.min_steps", 1, 8, "2", "Fewest steps of a built-in problem."),
    INT("problems.max_steps", 1, 8, "4", "Most steps of a built-in problem."),
    INT("problems.largest", 5, 100000, "29", "No value in a problem is larger than this."),
    INT("problems.largest_operand", 2, 10000, "6", "Largest number added or taken away."),
    INT("problems.largest_factor", 2, 100, "3", "Largest factor or divisor."),
    FLAG("problems.division", "false", "Also divide (always exactly)."),
    INT("problems.distractors", 0, 3, "1", "Sentences a problem that do not matter."),
    REAL("problems.all_full", 0, 1, "0.4", "Share of reference solutions that write every step as a calculation."),
    REAL("problems.full", 0, 1, "0.4", "In the others: share of steps written as a calculation."),
    REAL("problems.bare", 0, 1, "0.5", "In the others: share of steps written as a result only; the rest is omitted."),

    INT("tokenizer.vocab", 260, 1000000, "384", "Most tokens, the 256 bytes and the special tokens included."),
    FLAG("tokenizer.split_digits", "false", "Every digit its own token; else runs of up to three."),

    TEXT("roles.template", "{question}{role}", "Prompt; {question}, {role} and, for a sneaky prover that may see it, {answer}."),
    TEXT("roles.neutral", "<|solve|>", "Text of the neutral role: the base prover, and what a verifier always sees."),
    TEXT("roles.helpful", "<|helpful|>", "Text of the helpful role."),
    TEXT("roles.sneaky", "<|sneaky|>", "Text of the sneaky role."),
    TEXT("roles.end", "<|end|>", "Special token that ends a solution."),
    FLAG("roles.sneaky_sees_answer", "false", "Tell the sneaky prover the reference answer (Kim & Lee 2026)."),
    TRAINING("roles", "150", "64", "5e-4", "0", "linear", "0.05", "Role fine-tuning"),
    INT("roles.samples", 0, 1e9, "4096", "Base samples from which the roles are learned: right ones for helpful, wrong for sneaky."),

    INT("prover.width", 8, 65536, "64", "Prover: width of the hidden states."),
    INT("prover.layers", 1, 1024, "3", "Prover: number of layers."),
    INT("prover.heads", 1, 1024, "4", "Prover: attention heads."),
    INT("prover.kv_heads", 1, 1024, "4", "Prover: key-value heads (grouped-query attention)."),
    INT("prover.hidden", 8, 262144, "192", "Prover: width of the feed-forward layer."),
    INT("prover.context", 16, 1000000, "128", "Prover and verifier: longest prompt and solution together, tokens."),
    FLAG("prover.tied", "true", "Prover: the output matrix is the embedding."),
    INT("verifier.width", 8, 65536, "48", "Verifier: width of the hidden states."),
    INT("verifier.layers", 1, 1024, "3", "Verifier: number of layers."),
    INT("verifier.heads", 1, 1024, "4", "Verifier: attention heads."),
    INT("verifier.kv_heads", 1, 1024, "4", "Verifier: key-value heads."),
    INT("verifier.hidden", 8, 262144, "128", "Verifier: width of the feed-forward layer."),
    CHOICE("verifier.head", "token_sum|token_mean|last", "token_sum",
           "Score: summed over solution tokens, averaged over them, or read at the last one."),
    FLAG("verifier.logprob_feature", "true",
         "Give the head each token's log-probability under the verifier's own language model: with verifier_train.lm_weight "
         "above 0, which keeps that model, verifiers learn to check steps."),
    FLAG("model.number_features", "true", "Start embeddings of numbers from cosines and sines of their value."),
    REAL("model.embedding_scale", 1e-6, 10, "0.05", "Standard deviation of the embeddings at the start."),
    REAL("model.rope_theta", 1, 1e9, "10000", "Base of the rotary positions."),
    REAL("model.norm_epsilon", 1e-12, 0.1, "1e-5", "Epsilon of the RMS norms."),
    REAL("model.weight_decay", 0, 10, "0.01", "AdamW's decoupled weight decay, matrices only."),
    REAL("model.beta1", 0, 0.9999, "0.9", "AdamW's beta1."),
    REAL("model.beta2", 0, 0.999999, "0.98", "AdamW's beta2."),
    REAL("model.clip", 0, 1e9, "1", "Largest global gradient norm; 0: no clipping."),

    TRAINING("base", "1000", "64", "4e-3", "50", "cosine", "0.1", "Base prover"),
    TRAINING("verifier_base", "50", "64", "4e-3", "50", "cosine", "0.1", "Verifier's language model"),

    INT("pool.base_samples", 2, 1e9, "1024", "Solutions of the base prover for the verifier's half."),
    INT("pool.round_samples", 2, 1e9, "8192", "Solutions of each round's prover, half in each role."),
    CHOICE("pool.mixture", "equal|recent", "equal", "Share of the sources: equal (Kirchner et al.) or 2^i for round i (Kim & Lee)."),
    INT("pool.solutions_per_problem", 0, 1e6, "0", "Solutions a problem in a verifier's training set, the same every round; 0: all."),

    TRAINING("verifier_train", "500", "128", "3e-3", "30", "linear", "0.05", "Verifier"),
    CHOICE("verifier_train.loss", "cross_entropy|bradley_terry|mean_square", "cross_entropy",
           "Loss on labels; bradley_terry compares right and wrong solutions of one problem."),
    REAL("verifier_train.lambda", 0, 100, "0.01", "Weight of V^2 in the loss (Kirchner et al. 3.2; Kim & Lee: 0.005)."),
    REAL("verifier_train.lm_weight", 0, 100, "0.5", "Weight of the language-modelling loss beside it (Cobbe et al. 4.2)."),
    REAL("verifier_train.injected", 0, 1, "0",
         "Share of a batch that is not from the pool: right solutions of D_V, each beside the same with one injected error."),
    CHOICE("verifier_train.injected_kind", "all|result|operand|distractor|answer", "all",
           "Kind of these errors. What the injected-error control says of a kind that was trained on, it says of training."),
    FLAG("verifier_train.persist", "false", "Go on from the last round's verifier instead of starting anew."),

    TRAINING("prover_train", "55", "32", "5e-4", "5", "linear", "0.1", "Prover"),
    INT("prover_train.group", 1, 4096, "8", "Samples of each problem and role: the group of the baseline."),
    INT("prover_train.updates", 1, 64, "2", "Optimizer updates a step, each on its part of the samples."),
    REAL("prover_train.ratio_clip", 0.001, 10, "0.2", "Clip range of the policy ratio."),
    REAL("prover_train.kl", 0, 1000, "0.02", "Coefficient of KL(policy || base), nats a solution."),
    REAL("prover_train.entropy", 0, 10, "0", "Coefficient of an entropy bonus."),
    CHOICE("prover_train.advantage", "none|group_std|role_rms", "role_rms",
           "What divides reward minus group mean: nothing, the group's deviation, the role's root mean square."),
    CHOICE("prover_train.reward", "src|cgc|goodhart|correctness|convince", "convince",
           "Reward: Kirchner et al. (2), (3), (4), the correctness-only baseline, or sigmoid(V) if the role is satisfied."),
    CHOICE("prover_train.score_scale", "center|zscore|none", "center", "SRC: what is done to V within a group first."),
    REAL("prover_train.unconvincing", -1000, 1000, "-1", "SRC: reward when V is not above its group's mean."),
    REAL("prover_train.misaligned", -1000, 1000, "-0.5", "CGC's V0 (paper: -2); convince: reward when the role is not satisfied."),
    REAL("prover_train.token_cost", 0, 10, "0", "Taken from the reward for every token of the solution."),
    FLAG("prover_train.separate_weights", "false", "Two provers, one for each role, instead of one with two roles."),

    REAL("sampling.temperature", 0, 10, "1", "Temperature while training and collecting."),
    INT("sampling.longest", 1, 1000000, "48", "Most tokens of a solution."),

    INT("rounds.count", 1, 1000, "3", "Rounds of the game."),
    CHOICE("stop.rule", "fixed|parity|parity_smoothed|sneaky_accuracy|collapse", "fixed",
           "When a round's prover training ends before its last step."),
    INT("stop.window", 1, PVI_WINDOW_MAX, "5", "Steps averaged by the stop rules and by steps-to-fool."),
    INT("stop.after", 0, 1e9, "10", "No stop before this many steps."),
    REAL("stop.threshold", 0, 1, "0.05", "sneaky_accuracy: stop below this (paper 0.05); collapse: accuracy below this (paper 0.2)."),
    REAL("stop.smoothing", 0.0001, 1, "0.02", "parity_smoothed: weight of the newest step in the averages."),

    INT("evaluate.problems", 1, 1e9, "512", "Test problems measured each round."),
    INT("evaluate.control", 0, 1e9, "512", "Built-in test problems used for the injected-error control."),
    INT("evaluate.samples", 1, 10000, "4", "`pvgame eval`: samples a problem."),
    INT("evaluate.pass_k", 1, 10000, "4", "`pvgame eval`: pass@k for k up to this (and to evaluate.samples)."),
    REAL("evaluate.level", 0.5, 0.999, "0.9", "Confidence level of intervals."),
    TEXT("attack.rewards", "src,cgc,goodhart", "Rewards with which a frozen verifier is attacked: src, cgc, goodhart, convince."),
    INT("attack.steps", 1, 1e6, "110", "An attack that has not succeeded by this step is given up."),
    INT("attack.seed", 0, 9007199254740991.0, "0", "Seed of the attacks' draws, beside the game's."),
    REAL("attack.wrong", 0, 1, "0.95", "src, cgc, convince: share of answers that are not right, of a successful attack (Kirchner et al.: 0.95)."),
    REAL("attack.collapse", 0, 1, "0.2", "goodhart: success is an accuracy below this (Kirchner et al.: 0.2)."),
    REAL("attack.misaligned", -1000, 1000, "-2", "cgc: V0, the reward of an answer that is not wrong (Kirchner et al.: -2)."),
    FLAG("attack.full_curve", "false", "Go on to attack.steps after success."),
    INT("attack.best_of", 0, 4096, "16", "Samples a problem of the best-of-n attack; 0: none."),
    FLAG("grade.flexible", "false", "Without a marked final answer, take the last number."),
    FLAG("grade.percent_as_fraction", "false", "Read 50% as 1/2 instead of 50."),

    REAL("checkpoint.minutes", 0.01, 100000, "2", "Longest time between checkpoints; one is also written after every stage."),
    FLAG("checkpoint.samples", "true", "Keep every sample in samples.jsonl.gz."),
};

/* Verifiers that only judge, as those of Kirchner et al. */
#define JUDGES_ONLY "verifier.logprob_feature=false", "verifier_train.lm_weight=0"

static const char *const tiny[] = {
    JUDGES_ONLY,
    "problems.train=1024", "problems.test=128", "problems.max_steps=2", "problems.largest=19", "problems.largest_operand=4",
    "tokenizer.vocab=320", "prover.width=32", "prover.layers=2", "prover.heads=2", "prover.kv_heads=2", "prover.hidden=96",
    "prover.context=80", "verifier.width=16", "verifier.layers=2", "verifier.heads=2", "verifier.kv_heads=2",
    "verifier.hidden=48", "base.steps=300", "base.batch=32", "verifier_base.steps=150", "verifier_base.batch=32",
    "roles.samples=512", "roles.steps=30", "pool.base_samples=512", "pool.round_samples=512", "verifier_train.steps=60",
    "verifier_train.batch=64", "prover_train.steps=12", "prover_train.batch=16", "prover_train.group=4", "rounds.count=2",
    "evaluate.problems=128", "evaluate.control=64", "sampling.longest=32", "checkpoint.minutes=1", NULL};
static const char *const demo[] = {NULL};
static const char *const checking[] = {"verifier_base.steps=200", "pool.base_samples=8192", "rounds.count=4", NULL};
static const char *const habits[] = {JUDGES_ONLY, "verifier_base.steps=1000", "pool.base_samples=8192", NULL};
static const char *const gsm8k[] = {
    JUDGES_ONLY,
    "tokenizer.vocab=2048", "prover.width=192", "prover.layers=4", "prover.heads=6", "prover.kv_heads=2", "prover.hidden=512",
    "prover.context=448", "verifier.width=96", "verifier.layers=3", "verifier.heads=4", "verifier.kv_heads=4",
    "verifier.hidden=256", "model.number_features=false", "roles.template={question}\n{role}", "base.steps=1200",
    "base.batch=16", "base.rate=2e-3", "verifier_base.steps=400", "verifier_base.batch=16", "verifier_base.rate=2e-3",
    "roles.samples=512", "roles.steps=30", "roles.batch=16", "pool.base_samples=2048", "pool.round_samples=1024",
    "verifier_train.steps=150", "verifier_train.batch=32", "verifier_train.rate=1e-3", "prover_train.steps=20",
    "prover_train.batch=8", "prover_train.rate=2e-4", "evaluate.problems=256", "evaluate.control=0",
    "sampling.longest=160", "rounds.count=2", NULL};
static const char *const gsm8k_verifier[] = {
    JUDGES_ONLY,
    "mode=verifier", "data.labelled=true", "data.answer=ground_truth", "tokenizer.vocab=2048", "prover.context=448", "verifier.width=96",
    "verifier.layers=3", "verifier.heads=4", "verifier.kv_heads=4", "verifier.hidden=256", "model.number_features=false",
    "roles.template={question}\n{role}", "verifier_base.steps=500", "verifier_base.batch=16", "verifier_base.rate=2e-3",
    "verifier_train.steps=150", "verifier_train.batch=32", "verifier_train.rate=1e-3", "sampling.longest=160", NULL};
static const char *const paper[] = {
    JUDGES_ONLY, "verifier_base.steps=1000", "pool.base_samples=8192",
    "prover_train.reward=src", "prover_train.score_scale=center", "prover_train.unconvincing=-1", "prover_train.misaligned=-2",
    "verifier_train.loss=bradley_terry", "verifier.head=last", "stop.rule=parity", "rounds.count=5", "pool.mixture=equal",
    "pool.solutions_per_problem=4", "prover_train.steps=8000", "prover_train.kl=0.001", "prover_train.advantage=none", NULL};

static const pvi_preset presets[] = {
    {"demo", "The default: a whole game on compact problems in minutes on two cores.", demo},
    {"checking", "The default game over 4 rounds, with verifiers that know more before the first one and check nearly everything.",
     checking},
    {"habits", "The default game with verifiers that do not keep their language model: they know habits and hardly check steps.",
     habits},
    {"tiny", "A whole game in seconds, to see that everything runs; its models learn little.", tiny},
    {"gsm8k", "A data set of real word problems, from scratch, on a small machine.", gsm8k},
    {"gsm8k_verifier", "One verifier on labelled model solutions of such problems (question, solution, is_correct, ground_truth).",
     gsm8k_verifier},
    {"paper", "Kirchner et al. 2024 as printed: SRC reward, Bradley-Terry, last-token head, stop at parity, up to 8000 steps.", paper},
};

const pvi_settings_table *pvi_game_settings(void) {
    static const pvi_settings_table table = {defs, sizeof defs / sizeof defs[0], presets, sizeof presets / sizeof presets[0]};
    return &table;
}
