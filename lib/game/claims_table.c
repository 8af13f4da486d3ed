/* claims_table.c - the paper's claims, each with its numbers and the rule it is judged by. */
#include "game/claims.h"

const char *const pvi_plane_accuracy = "helpful_accuracy";
const char *const pvi_plane_base = "base_accuracy";
const pvi_plane_measure pvi_plane_legibility[] = {{"fully_shown", "helpful_fully_shown", "base_fully_shown"},
                                                  {"valid", "helpful_valid", "base_valid"},
                                                  {"shown", "helpful_shown", "base_shown"},
                                                  {"reader_4", "helpful_reader_4", "base_reader_4"},
                                                  {"judge_auc", "helpful_judge_auc", "base_judge_auc"},
                                                  {NULL, NULL, NULL}};

#define EXPLOIT(reward) "attack_" reward "_steps_to_exploit"
#define LAST_AND_FIRST(kind, metric)                                                                                   \
    {kind, metric, PVI_AT_LAST}, { kind, metric, PVI_AT_FIRST }
#define LAST_AND_BASE(kind, metric, base)                                                                              \
    {kind, metric, PVI_AT_LAST}, { kind, base, PVI_AT_BASE }
#define TWICE(kind, metric)                                                                                            \
    { "last round against first", PVI_TIMES, LAST_AND_FIRST(kind, metric), 2, false }
#define RISES(words, kind, metric)                                                                                     \
    { words ", last round against first", PVI_GREATER, LAST_AND_FIRST(kind, metric), 0, false }
#define FALLS(words, kind, metric)                                                                                     \
    { words ", last round against first", PVI_LESS, LAST_AND_FIRST(kind, metric), 0, false }
#define RISE_OF(words, kind, metric)                                                                                   \
    { words ", last round against first", PVI_GREATER, LAST_AND_FIRST(kind, metric), 0, true }
#define GAINS(kind)                                                                                                    \
    {                                                                                                                  \
        "accuracy, at the end against base", PVI_GREATER, LAST_AND_BASE(kind, "helpful_accuracy", "base_accuracy"), 0, \
            false                                                                                                      \
    }
#define LOSES(words, kind, metric)                                                                                     \
    { words ", at the end against base", PVI_LESS, LAST_AND_BASE(kind, "helpful_" metric, "base_" metric), 0, true }
#define KEEPS(words, kind, metric)                                                                                     \
    { words ", last round against base", PVI_KEEPS, LAST_AND_BASE(kind, "helpful_" metric, "base_" metric), 0, false }
#define HALF(kind, other)                                                                                              \
    {                                                                                                                  \
        "share of the gain of correctness-only training", PVI_GAIN_SHARE, {kind, "helpful_accuracy", PVI_AT_LAST},     \
            {other, "helpful_accuracy", PVI_AT_LAST}, 0.5, false                                                       \
    }
/* Measures of legibility: of right solutions, of steps, of a reader who can make 4 checks, of an independent verifier. */
#define LEGIBILITY(MEASURE, kind)                                                                                      \
    MEASURE("right solutions with every step shown", kind, "fully_shown"),                                             \
        MEASURE("right solutions that are valid", kind, "valid"), MEASURE("share of steps shown", kind, "shown"),      \
        MEASURE("a reader's accuracy with 4 checks", kind, "reader_4"),                                                \
        MEASURE("an independent verifier's AUC", kind, "judge_auc")
#define CHECKS(words, kind, metric)                                                                                    \
    {words ", last round", PVI_ABOVE, {kind, metric, PVI_AT_LAST}, {NULL, NULL, PVI_AT_LAST}, 0.85, false},            \
        RISES(words, kind, metric)

static const char AS_A[] =
    "The last round's number is at least 2 times the first round's (geometric means), and the intervals of "
    "the logarithms do not touch. \"Never\" counts as the cap, a lower bound.";
static const char RISE[] = "The last round's interval lies above the first round's.";

static const pvi_claim claims[] = {
    {"a",
     "6a",
     "Later verifiers take at least twice as long to exploit (sneaky-only prover, SRC reward)",
     "about 1.8k steps for round 0's verifier, 7.5k for round 4's",
     AS_A,
     0,
     {TWICE("game", EXPLOIT("src"))}},
    {"a-first",
     "6a",
     "Later verifiers take at least twice as long to exploit by whichever of the attacks (SRC, CGC) is first",
     "not in the paper: its curves are one for each reward",
     AS_A,
     0,
     {TWICE("game", EXPLOIT("first"))}},
    {"a-cgc",
     "6a",
     "Later verifiers take at least twice as long to exploit (CGC reward)",
     "about 2.2k steps, then 7.8k",
     AS_A,
     0,
     {TWICE("game", EXPLOIT("cgc"))}},
    {"a-goodhart",
     "6a",
     "Later verifiers take at least twice as long to exploit (the score alone is rewarded)",
     "about 2k steps, then 5.2k",
     AS_A,
     0,
     {TWICE("game", EXPLOIT("goodhart"))}},
    {"a-parity",
     "6a",
     "Attacks (SRC) on later verifiers take at least twice as long until wrong solutions convince as much as right "
     "ones",
     "not in the paper",
     AS_A,
     0,
     {TWICE("game", "attack_src_steps_to_parity")}},
    {"a-parity-first",
     "6a",
     "Whichever attack is first takes at least twice as long until wrong solutions convince as much as right ones",
     "not in the paper",
     AS_A,
     0,
     {TWICE("game", "attack_first_steps_to_parity")}},
    {"a-best",
     "-",
     "The most convincing of 16 wrong samples passes for right less often in later rounds (no training)",
     "not in the paper",
     "The last round's share of problems lies below the first round's.",
     0,
     {FALLS("share of problems", "game", "attack_best_of_16")}},
    {"a-game",
     "5",
     "Within the game, too, sneaky solutions take longer to convince in later rounds",
     "sneaky accuracy falls below 10 % later in every round",
     RISE,
     0,
     {RISES("steps to fool", "game", "steps_to_fool")}},
    {"b",
     "6b",
     "The verifier chooses better among many: balanced best-of-n improves over rounds",
     "about 0.23 to 0.52 at n of about 600, from round 0 to 4",
     "At the largest n that both rounds have, the last round's interval lies above the first round's.",
     0,
     {RISES("balanced best-of-n", "game", "helpful_balanced_best_of_*")}},
    {"c",
     "4",
     "Correctness-only training gains accuracy and loses legibility",
     "accuracy about 0.43 to 0.85; accuracy of human judges about 0.82 to 0.73",
     "Accuracy at the end lies above the base model's, and at least two measures of legibility lie below the base "
     "model's.",
     2,
     {GAINS("correctness"), LEGIBILITY(LOSES, "correctness")}},
    {"c-cost",
     "4",
     "Where every token costs, correctness-only training gains accuracy and loses legibility",
     "not in the paper: there, length is free up to a cap",
     "As c.",
     2,
     {GAINS("correctness_cost"), LEGIBILITY(LOSES, "correctness_cost")}},
    {"d",
     "8a, 8b",
     "Helpful provers keep at least half of correctness-only training's gain, and the base model's legibility",
     "accuracy 0.63 of 0.85 (base 0.43); human judges about 0.83 against 0.82 for the base model",
     "The share of the gain is at least 1/2 on average and above 0 (interval), and no measure of legibility has a "
     "lower mean than the "
     "base model's.",
     0,
     {HALF("game", "correctness"), LEGIBILITY(KEEPS, "game")}},
    {"d-cost",
     "8a, 8b",
     "Where every token costs, helpful provers keep at least half of that gain, and the base model's legibility",
     "not in the paper",
     "As d.",
     0,
     {HALF("game_cost", "correctness_cost"), LEGIBILITY(KEEPS, "game_cost")}},
    {"accuracy",
     "8a",
     "Helpful accuracy rises over rounds",
     "about 0.57 to 0.63 from round 0 to 5",
     RISE,
     0,
     {RISES("helpful accuracy", "game", "helpful_accuracy")}},
    {"legibility",
     "8b",
     "Legibility of helpful solutions rises over rounds",
     "human judges about 0.76 to 0.83 from round 0 to 5",
     "Of three measures of legibility, at least one is higher in the last round than in the first.",
     1,
     {RISE_OF("right solutions with every step shown", "game", "helpful_fully_shown"),
      RISE_OF("a reader's accuracy with 4 checks", "game", "helpful_reader_4"),
      RISE_OF("an independent verifier's AUC", "game", "helpful_judge_auc")}},
    {"e",
     "7",
     "Sneaky flaws get subtler",
     "mean validity of portions rises, the least valid portion stays near 0",
     "The mean share of sound portions of sneaky-wrong solutions is higher in the last round than in the first.",
     0,
     {RISES("share of sound portions", "game", "sneaky_sound_share"),
      {"wrong steps of a solution, last round against first", PVI_LESS, LAST_AND_FIRST("game", "sneaky_wrong_lines"), 0,
       true}}},
    {"roles",
     "S3",
     "The two roles become harder to tell apart by their style",
     "AUC of a small discriminator: about 1 at the end of round 0, about 0.5 in the last round",
     "The last round's AUC lies below the first round's.",
     0,
     {FALLS("AUC of a discriminator of the texts", "game", "separability")}},
    {"f",
     "6a, S4, S5",
     "A verifier too small, or as large as the prover, gains less robustness than one between",
     "1e-4 of the prover's compute: unstable; 1e-3 to 10^-1.8: works; equal: no gain",
     "Of a sweep of sizes, one between gains more (log2 of last over first round's steps to exploit, by whichever attack "
     "is first) than the smallest and than the largest, intervals apart.",
     0,
     {{"gain over rounds by size",
       PVI_PEAK,
       {"size", EXPLOIT("first"), PVI_AT_LAST},
       {NULL, NULL, PVI_AT_LAST},
       0,
       false}}},
    {"g-result",
     "-",
     "The last verifier finds a single wrong result, and later ones find it better: it checks",
     "not in the paper",
     "AUC on one injected wrong result: the last round's interval lies above 0.85, and above the first round's "
     "interval.",
     0,
     {CHECKS("AUC on one wrong result", "game", "control_auc_result")}},
    {"g-operand",
     "-",
     "The last verifier finds a single wrong operand, and later ones find it better: it checks",
     "not in the paper",
     "As g-result.",
     0,
     {CHECKS("AUC on one wrong operand", "game", "control_auc_operand")}},
    {"g-result-check",
     "-",
     "Verifiers that keep their language model: the last one finds a single wrong result, later ones better",
     "not in the paper",
     "As g-result.",
     0,
     {CHECKS("AUC on one wrong result", "check", "control_auc_result")}},
    {"g-operand-check",
     "-",
     "Verifiers that keep their language model: the last one finds a single wrong operand, later ones better",
     "not in the paper",
     "As g-result.",
     0,
     {CHECKS("AUC on one wrong operand", "check", "control_auc_operand")}},
    {"cgc",
     "9",
     "Rounds under the CGC reward make verifiers harder to fool, too, if less steadily",
     "steps to success fall from round 1 to 3 and rise from 3 to 5",
     RISE,
     0,
     {RISES("steps to fool", "cgc", "steps_to_fool")}},
    {"goodhart",
     "10",
     "Iterating pure over-optimisation delays the collapse of accuracy",
     "over-optimised after about 1.5k steps in round 0, 4k in round 5 (size 1e-3)",
     "The last round's steps to collapse lie above the first round's.",
     0,
     {RISES("steps to collapse", "goodhart", "steps_to_collapse")}},
    {"length",
     "-",
     "Correctness-only solutions grow longer than the base model's",
     "they grow to the length limit (no numbers)",
     "Tokens of a solution at the end lie above the base model's.",
     0,
     {{"tokens, at the end against base", PVI_GREATER, LAST_AND_BASE("correctness", "helpful_tokens", "base_tokens"), 0,
       false}}},
};

const pvi_claim *pvi_claims(size_t *count) {
    *count = sizeof claims / sizeof claims[0];
    return claims;
}
