/* benchmark.h - how fast this machine trains, samples and scores, on models of three sizes that others publish figures
 * of. The work is what a game does, by the same calls. */
#ifndef PVI_BENCHMARK_H
#define PVI_BENCHMARK_H

#include "base/text.h"
#include "model/shape.h"

typedef enum pvi_bench_kind { PVI_BENCH_TRAIN = 0, PVI_BENCH_GENERATE = 1, PVI_BENCH_SCORE = 2 } pvi_bench_kind;

/* Called before each repetition, and when all are done: `done` of `total` are. */
typedef void (*pvi_bench_progress_fn)(void *user, int32_t done, int32_t total);

typedef struct pvi_bench {
    pvi_bench_kind kind;
    char size[4];    /* "XS", "S", "M", "L" */
    pvi_shape shape;
    int32_t batch;   /* sequences of a whole context; generate: of PVI_BENCH_PROMPT + PVI_BENCH_NEW tokens */
    int32_t reps;    /* those that are timed; one more goes before */
    pvi_bench_progress_fn progress; /* may be NULL */
    void *user;
} pvi_bench;

enum { PVI_BENCH_PROMPT = 64, PVI_BENCH_NEW = 128, PVI_BENCH_REPS = 5, PVI_BENCH_MOST_REPS = 1000, PVI_BENCH_MOST_BATCH = 4096 };

/* Fill *out for "train", "generate" or "score" and a size. batch 0: 16, for L 4; 64; 64, for L 40. reps 0: 5. */
pvg_status pvi_bench_choose(pvi_env *env, const char *what, const char *size, int32_t batch, int32_t reps, pvi_bench *out);

/* Medians. Parts are of one step (train: forward with the loss, backward, optimizer with packing) or of one batch
 * (generate: prompts with their first tokens, all other tokens). */
typedef struct pvi_bench_result {
    uint64_t parameters;
    double seconds, spread; /* of one repetition; (slowest - fastest) / median */
    double part[3];          /* some are differences of two measurements; at least 0 */
    double tokens, tokens_s;   /* what is counted, and its rate: predicted, newly drawn, read */
    double decode_s, prefill_s; /* tokens a second; generate only; 0: too short to tell */
    double gflops, peak;       /* useful work, and what this many cores could do out of registers, between repetitions */
    uint64_t resident, held;   /* most bytes of the process, of the library */
} pvi_bench_result;

pvg_status pvi_bench_run(pvi_env *env, const pvi_bench *bench, pvi_bench_result *out);
/* One line of JSON; pvgame.h has its fields. */
pvg_status pvi_bench_write_json(const pvi_env *env, const pvi_bench *bench, const pvi_bench_result *result, pvi_text *out);

#endif
