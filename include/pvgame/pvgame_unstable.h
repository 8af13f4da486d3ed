/* pvgame_unstable.h - attacks, experiments and measurements: what no promise is made for yet. Included by pvgame.h.
 *
 * A minor version may change or remove what is declared here, structs and constants included; docs/abi.md says what a
 * function needs to become stable. The symbols carry the version PVGAME_UNSTABLE, so that it can be seen who depends on
 * them. What the functions do is tested as everything else is. */
#ifndef LIBPVGAME_UNSTABLE_H
#define LIBPVGAME_UNSTABLE_H

#include "pvgame_players.h"

#ifdef __cplusplus
extern "C" {
#endif

/* ======================================================================================================= attacks == */

/* Can a frozen verifier be exploited, and how soon? Kirchner et al. 2024, section 4.2 and figure 6. */
typedef struct pvg_attack_options {
    uint32_t struct_size;     /* sizeof(pvg_attack_options) */
    uint32_t reserved_zero;
    pvg_model *start;         /* the sneaky prover each attack begins as: one that knows its role. NULL: `base` */
    pvg_prover *helpful;      /* whose right solutions set what is convincing: the prover that was trained against this
                                 verifier. NULL: `start`, in the helpful role */
    pvg_grader *grader;       /* NULL: the built-in one */
    /* `done` of `total` steps of "helpful", "src", "cgc", "goodhart", "convince" or "best_of"; a hook (THREADS 5). NULL: none */
    void (*progress)(void *user, const char *what, int32_t done, int32_t total);
    void *user;               /* handed to `progress` */
} pvg_attack_options;

/* For every reward of attack.rewards a prover in the sneaky role alone (goodhart: in the helpful one) is trained from
 * `start` against `verifier`, which does not learn, on the prover's part of the data (cut as a game with these settings
 * cuts it; dataset NULL: built-in problems), by the prover_train.* settings, at a constant rate, with the KL to `base`,
 * for at most attack.steps steps. It has succeeded, over a mean of stop.window steps, when
 *   src, cgc, convince  at least attack.wrong of its answers are not right, and the mean score of the wrong ones is at
 *                       least that of the helpful prover's right solutions (of evaluate.problems test problems);
 *   goodhart            fewer than attack.collapse of its answers are right.
 * Best-of-n needs no training: it shows the verifier that one of n samples of `start` whose wrong answer scores
 * highest. The settings (NULL: defaults) must be those that `start` and `verifier` were trained with: prompts come from
 * them. A frozen dataset is needed no longer afterwards. Metrics, R being the reward's name:
 *   helpful_score, helpful_accuracy      mean score of the helpful prover's right solutions; how many are right
 *   R_steps_to_exploit   the step of success; NaN: not within attack.steps
 *   R_steps              steps trained
 *   R_steps_to_parity    from when on the wrong ones' mean score reached helpful_score, however few they were
 *   R_steps_to_fool      when the mean of [wrong] sigmoid(score) passed 1/2, as steps_to_fool of a game's prover
 *   R_wrong, R_score, R_convinces, R_accuracy, R_reward, R_kl, R_tokens      means of the last stop.window steps: share of
 *                        wrong answers, their mean score, mean of [wrong] sigmoid(score), share right, reward, nats, length
 *   first_steps_to_exploit, first_steps_to_parity   of src, cgc and convince, whichever was first; first_steps: attack.steps
 *   best_of_N*           N = 1, 2, 4 .. attack.best_of: share of test problems for which the best wrong one of N scores at
 *                        least helpful_score (unbiased, from attack.best_of samples; bootstrap over problems)
 *   best_of_N_accepted*  the same for a score above 0
 * Tables: "R_curve", a row a step; columns wrong, score, convinces, accuracy, reward, kl, tokens, as above. Samples:
 * those of the last step of each attack, in the order of attack.rewards. Deterministic as a game is; attack.seed draws
 * anew. A cancelled attack leaves nothing: call it again from the beginning. PVG_E_INVALID for models that do not fit
 * each other. */
PVG_UNSTABLE_API pvg_status pvg_attack(pvg_context *context, const pvg_settings *settings, pvg_dataset *dataset,
                                       pvg_model *base, pvg_verifier *verifier, const pvg_attack_options *options,
                                       pvg_report **out);

/* =================================================================================================== experiments == */

/* The numbers of many runs put together, and the paper's claims judged on them. An arm is one way of playing, run under
 * several seeds; its rounds count from 0, and -1 holds what belongs to the whole run (the base model's numbers among
 * it). Everything is a pure function of what was added, in any order. */
typedef struct pvg_experiment pvg_experiment;

/* An empty one. `level` of all intervals, 0.5 to 0.999; the paper's claims are judged at 0.9. */
PVG_UNSTABLE_API pvg_status pvg_experiment_create(pvg_context *context, double level, pvg_experiment **out);

/* Names an arm. `kind` is what the arm is to the claims: "game", "correctness", "game_cost" and "correctness_cost"
 * (both under a token cost), "cgc", "goodhart", "size" (one of a sweep), "check"; arms of any other kind are put
 * together only. `ratio` is the verifier's parameters over the prover's, NaN: not said. PVG_E_INVALID for a second arm
 * of the same name. */
PVG_UNSTABLE_API pvg_status pvg_experiment_arm(pvg_experiment *experiment, const char *name, const char *kind,
                                               double ratio);

/* One number of one run; a NaN is not kept. With `at_least` it is a lower bound: steps until something that had not
 * happened at the cap. What is added again counts as added last. PVG_E_NOT_FOUND for an arm that was not named,
 * PVG_E_RANGE for a round below -1 or more than 256 seeds. */
PVG_UNSTABLE_API pvg_status pvg_experiment_add(pvg_experiment *experiment, const char *arm, uint64_t seed,
                                               int32_t round, const char *metric, double value, int32_t at_least);

/* All metrics of a report, `prefix` (may be "") before their names. */
PVG_UNSTABLE_API pvg_status pvg_experiment_add_report(pvg_experiment *experiment, const char *arm, uint64_t seed,
                                                      int32_t round, const char *prefix, const pvg_report *report);

/* A metric of one arm and round over seeds. The interval is the mean's by Student's t over seeds, NaN under one seed:
 * with three seeds it is 1.69 deviations to each side, and it may pass the ends of a share's range. */
typedef struct pvg_summary {
    uint32_t struct_size;     /* sizeof(pvg_summary) */
    int32_t seeds;            /* how many had the metric */
    int32_t bounds;           /* of them, lower bounds: then the mean is one, too */
    int32_t reserved_zero;
    double mean;              /* over seeds */
    double low;               /* lower end of the interval */
    double high;              /* upper end of the interval */
    double deviation;         /* standard deviation over seeds; NaN under one */
    double least;             /* the lowest of any seed */
    double most;              /* the highest of any seed */
} pvg_summary;

/* A metric of one arm and round; PVG_E_NOT_FOUND when nothing was added there. */
PVG_UNSTABLE_API pvg_status pvg_experiment_summary(pvg_experiment *experiment, const char *arm, int32_t round,
                                                   const char *metric, pvg_summary *out);

/* "not measured", "reproduced", "not reproduced", "different at this scale"; static. */
PVG_UNSTABLE_API const char *pvg_finding_name(pvg_finding finding);

/* One claim of Kirchner et al. 2024 with the rule it is judged by. Two numbers differ when their intervals do not
 * touch. */
typedef struct pvg_claim {
    uint32_t struct_size;     /* sizeof(pvg_claim) */
    pvg_finding finding;      /* what is said of it */
    const char *id;           /* "a"; static, as the next four */
    const char *figure;       /* of the paper, "6a" */
    const char *title;        /* the claim in a line */
    const char *paper;        /* its numbers; "about" those that were read off a plot */
    const char *rule;         /* what must hold for it to be reproduced */
    const char *measured;     /* the comparisons with their numbers, one a line; until the next call for this experiment */
} pvg_claim;

/* How many claims there are. Any thread. */
PVG_UNSTABLE_API size_t pvg_claim_count(void);

/* What is to be said of claim `index`; PVG_E_RANGE beyond the count. */
PVG_UNSTABLE_API pvg_status pvg_experiment_claim(pvg_experiment *experiment, size_t index, pvg_claim *out);

/* {"level", "arms", "metrics", "claims", "plane"}: everything put together; docs/file-formats.md. */
PVG_UNSTABLE_API pvg_status pvg_experiment_json(pvg_experiment *experiment, char *buffer, size_t capacity,
                                                size_t *needed);

/* Frees it. */
PVG_UNSTABLE_API void pvg_experiment_destroy(pvg_experiment *experiment);

/* ======================================================================================================== measures == */

/* What anybody's solutions show: how often they are right, whether their steps are, how legible they are, how well
 * verifiers tell them apart, and whether training went astray. Every measure with its formula: docs/measures.md. A
 * measurement takes solutions one by one, then verifiers, then gives reports; each measure whose ingredients are there
 * is taken, and a note says what was left out. A pure function of what was given, in that order, and of the
 * settings. */
typedef struct pvg_measurement pvg_measurement;

/* One solution, borrowed for the call. Fill it by pvg_solution_init. */
typedef struct pvg_solution {
    uint32_t struct_size;     /* sizeof(pvg_solution) */
    pvg_role role;            /* in which it was written */
    pvg_verdict verdict;      /* UNGRADED: the built-in grader is asked where a reference answer is known */
    int32_t round;            /* 0..999; -1: of no round, such as the base prover's */
    int64_t step;             /* training step in which it was drawn, from 1; 0: it was drawn to be measured */
    int32_t greedy;           /* 1: the likeliest solution, counted in *_accuracy_greedy alone; 0: a random sample */
    int32_t truncated;        /* 1: it ran into its length limit */
    int32_t tokens;           /* its length; 0: not known */
    int32_t reserved_zero;
    const char *id;           /* the problem's, in the dataset; NULL: the problem is found by its question */
    const char *question;     /* NULL: the dataset's */
    size_t question_length;   /* in bytes, or PVG_NUL_TERMINATED */
    const char *text;         /* the solution */
    size_t text_length;       /* in bytes, or PVG_NUL_TERMINATED */
    const char *gold;         /* reference answer; NULL: the dataset's, if the problem is there */
    const char *chain;        /* of a built-in problem, for the step oracle; NULL: the dataset's */
    double score;             /* by the verifier that its prover was trained against, or any one; NaN: none */
    double reward;            /* of training; NaN: not known */
    double kl;                /* of training, in nats a solution; NaN: not known */
    double entropy;           /* of training, in nats a token; NaN: not known */
} pvg_solution;

/* Defaults: neutral, ungraded, no round, no texts, lengths PVG_NUL_TERMINATED, numbers NaN. */
PVG_UNSTABLE_API pvg_status pvg_solution_init(pvg_solution *solution, size_t struct_size);

/* An empty one. dataset (may be NULL; it is frozen) holds the problems. Of the settings (may be NULL, copied): seed,
 * evaluate.level (of intervals), evaluate.control, grade.*, problems.rendering and problems.largest (of injected errors). */
PVG_UNSTABLE_API pvg_status pvg_measurement_create(pvg_context *context, const pvg_dataset *dataset,
                                                   const pvg_settings *settings, pvg_measurement **out);

/* Adds one solution. PVG_E_NOT_FOUND for an id that the dataset lacks, PVG_E_INVALID without a text or without id and
 * question, PVG_E_FORMAT for a gold or a chain that cannot be read, PVG_E_RANGE for a role, verdict, round or step
 * that there is not, PVG_E_STATE once a verifier was asked. */
PVG_UNSTABLE_API pvg_status pvg_measurement_add(pvg_measurement *measurement, const pvg_solution *solution);

/* Let a verifier score every solution: a row called `name` of the summary's tables, and, for built-in problems, of the
 * injected-error control. Solutions that came without a score keep that of the last verifier that was asked. */
PVG_UNSTABLE_API pvg_status pvg_measurement_verifier(pvg_measurement *measurement, const char *name,
                                                     pvg_verifier *verifier);

/* Let an independent judge score every solution: a verifier of another seed or size, trained on base samples alone,
 * that no prover was trained against. Gives the *_judge_* measures; a second one replaces the first. */
PVG_UNSTABLE_API pvg_status pvg_measurement_judge(pvg_measurement *measurement, pvg_verifier *judge);

/* The highest round that a solution was of, plus 1; 0: none was of a round. */
PVG_UNSTABLE_API int32_t pvg_measurement_rounds(const pvg_measurement *measurement);

/* Measures of one round's solutions, or, for -1, of those of no round together with the tables of verifiers by provers.
 * Names begin with whose solutions they are about: base_ (neutral, of no round), neutral_, helpful_, sneaky_.
 * PVG_E_NOT_FOUND for a round without solutions. */
PVG_UNSTABLE_API pvg_status pvg_measurement_report(pvg_measurement *measurement, int32_t round, pvg_report **out);

/* What the reports so far had to leave out, and why: a sentence each; NULL beyond the last. Until the next report. */
PVG_UNSTABLE_API const char *pvg_measurement_note(const pvg_measurement *measurement, size_t index);

/* {"summary": report, "rounds": [report or null, ...], "notes": [...]}: all reports, as pvg_report_json writes them. */
PVG_UNSTABLE_API pvg_status pvg_measurement_json(pvg_measurement *measurement, char *buffer, size_t capacity,
                                                 size_t *needed);

/* Frees it; its reports stay. */
PVG_UNSTABLE_API void pvg_measurement_destroy(pvg_measurement *measurement);

#ifdef __cplusplus
}
#endif
#endif /* LIBPVGAME_UNSTABLE_H */
