/* kernels_bench.c - nanoseconds of the kernels beside the matrix products, one thread, in processor time, the best of many
 * runs. Not a test: build the target bench_kernels.
 *
 *   bench_kernels [ENGINE]          every kernel at the benchmark's sizes S and M
 *   bench_kernels ENGINE once       each but once: for `valgrind --tool=callgrind`, which counts instructions
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/rng.h"
#include "compute/engine.h"
#include "compute/kernels.h"

enum { LENGTH = 256, SEQUENCES = 4, ROWS = LENGTH * SEQUENCES, PROMPT = 64, OWN = 64, OWN_ROOM = 128 };

typedef struct size {
    const char *name;
    int width, heads, head_dim, hidden, vocab, wave;
} size;

static const pvi_kernels *kernels;
static int repeats = 20;

static double seconds(void) {
    struct timespec now;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

static float *values(size_t count) {
    float *x = malloc(count * sizeof *x);
    if (x == NULL) exit(1);
    pvi_rng rng = pvi_rng_stream(1, "bench", count, 0);
    for (size_t i = 0; i < count; i++) x[i] = (float)pvi_rng_unit(&rng) - 0.5f;
    return x;
}

/* The best time of the statement, in ns for each of `count`. */
#define MEASURE(name, count, ...)                                                                                      \
    do {                                                                                                               \
        double best_ = 1e9;                                                                                            \
        for (int r_ = 0; r_ < repeats; r_++) {                                                                         \
            double start_ = seconds();                                                                                 \
            __VA_ARGS__;                                                                                               \
            double taken_ = seconds() - start_;                                                                        \
            if (taken_ < best_) best_ = taken_;                                                                        \
        }                                                                                                              \
        printf("  %-34s %9.1f\n", name, best_ * 1e9 / (count));                                                        \
    } while (0)

static void sequences(const size *s) {
    pvi_attention_shape shape = {s->heads, s->heads, s->head_dim};
    size_t row = (size_t)pvi_attention_qkv(&shape), out_row = (size_t)s->width, stats_row = 2 * (size_t)s->heads;
    float *qkv = values(ROWS * row), *out = values(ROWS * out_row), *stats = values(ROWS * stats_row), *d_out = values(ROWS * out_row);
    float *d_qkv = values(ROWS * row), *scratch = values(pvi_attention_scratch(&shape, LENGTH, true));
    MEASURE("attention", ROWS, for (size_t q = 0; q < SEQUENCES; q++) for (int h = 0; h < s->heads; h++)
            kernels->attention(&shape, LENGTH, h, qkv + q * LENGTH * row, out + q * LENGTH * out_row,
                               stats + q * LENGTH * stats_row, scratch));
    MEASURE("attention_back", ROWS, for (size_t q = 0; q < SEQUENCES; q++) for (int h = 0; h < s->heads; h++)
            kernels->attention_back(&shape, LENGTH, h, qkv + q * LENGTH * row, out + q * LENGTH * out_row,
                                    stats + q * LENGTH * stats_row, d_out + q * LENGTH * out_row, d_qkv + q * LENGTH * row,
                                    scratch));
    float cosines[64], sines[64];
    pvi_rotary_table(1, s->head_dim, 10000.0f, cosines, sines);
    MEASURE("rotary", ROWS, for (size_t r = 0; r < ROWS; r++)
            kernels->rotary(2 * s->heads, s->head_dim, cosines, sines, 1.0f, qkv + r * row));
    free(qkv), free(out), free(stats), free(d_out), free(d_qkv), free(scratch);
}

/* Samples with a prompt of their own each, one layer: far more keys and values than the near caches hold. */
static void steps(const size *s) {
    size_t prompt = pvi_keys_floats(s->head_dim, PROMPT) + pvi_values_floats(s->head_dim, PROMPT);
    size_t own = pvi_keys_floats(s->head_dim, OWN_ROOM) + pvi_values_floats(s->head_dim, OWN_ROOM);
    float *prompts = values(prompt * (size_t)(s->wave * s->heads)), *owns = values(own * (size_t)(s->wave * s->heads));
    float *query = values((size_t)(s->wave * s->width)), *out = values((size_t)(s->wave * s->width));
    float *scratch = values(pvi_attention_steps_scratch(s->head_dim, PROMPT + OWN_ROOM));
    pvi_kv shared[PVI_STEP_ROWS], kept[PVI_STEP_ROWS];
    MEASURE("attention_steps, 128 positions", s->wave, for (int i = 0; i < s->wave; i += PVI_STEP_ROWS)
            for (int h = 0; h < s->heads; h++) {
                for (int j = 0; j < PVI_STEP_ROWS; j++) {
                    float *p = prompts + prompt * (size_t)((i + j) * s->heads + h), *o = owns + own * (size_t)((i + j) * s->heads + h);
                    shared[j] = (pvi_kv){p, p + pvi_keys_floats(s->head_dim, PROMPT), PROMPT};
                    kept[j] = (pvi_kv){o, o + pvi_keys_floats(s->head_dim, OWN_ROOM), OWN};
                }
                kernels->attention_steps(s->head_dim, PVI_STEP_ROWS, query + i * s->width + h * s->head_dim, s->width, shared, kept,
                                         out + i * s->width + h * s->head_dim, s->width, scratch);
            });
    free(prompts), free(owns), free(query), free(out), free(scratch);
}

static void rows(const size *s) {
    size_t width = (size_t)s->width, hidden = (size_t)s->hidden, vocab = (size_t)s->vocab, few = 64;
    float *x = values(ROWS * width), *y = values(ROWS * width), *weight = values(width), *gate_up = values(ROWS * 2 * hidden);
    float *d_act = values(ROWS * hidden), *act = values(ROWS * hidden), *d_gate_up = values(ROWS * 2 * hidden);
    float *logits = values(few * vocab), *p = values(vocab), largest, sum, kept = 0;
    MEASURE("rms_norm", ROWS, for (size_t r = 0; r < ROWS; r++)
            kept += kernels->rms_norm(s->width, 1e-5f, x + r * width, weight, y + r * width));
    MEASURE("rms_norm_back", ROWS, for (size_t r = 0; r < ROWS; r++)
            kernels->rms_norm_back(s->width, 1.0f, x + r * width, weight, y + r * width, d_act, y + r * width));
    MEASURE("swiglu", ROWS, for (size_t r = 0; r < ROWS; r++) kernels->swiglu(s->hidden, gate_up + r * 2 * hidden, act + r * hidden));
    MEASURE("swiglu_back", ROWS, for (size_t r = 0; r < ROWS; r++)
            kernels->swiglu_back(s->hidden, gate_up + r * 2 * hidden, d_act + r * hidden, act + r * hidden, d_gate_up + r * 2 * hidden));
    MEASURE("log_sum_parts", few, for (size_t r = 0; r < few; r++) {
        kernels->log_sum_parts(s->vocab, logits + r * vocab, &largest, &sum);
        kept += sum;
    });
    MEASURE("softmax", few, for (size_t r = 0; r < few; r++) kernels->softmax(s->vocab, logits + r * vocab, 0.5f, 0.01f, p));
    if (kept == 0) printf("\n"); /* so that nothing is left out */
    free(x), free(y), free(weight), free(gate_up), free(d_act), free(act), free(d_gate_up), free(logits), free(p);
}

int main(int argc, char **argv) {
    static const size sizes[] = {{"S", 128, 4, 32, 352, 512, 32}, {"M", 384, 6, 64, 1024, 4096, 64}};
    int engine = pvi_engine_best();
    for (int e = PVI_ENGINE_PORTABLE; argc > 1 && e <= PVI_ENGINE_AVX512; e++)
        if (strcmp(argv[1], pvi_engine_name(e)) == 0) engine = e;
    if (!pvi_engine_possible(engine)) return 1;
    if (argc > 2) repeats = 1;
    kernels = pvi_kernels_of(engine);
    printf("%s: ns for each row\n", pvi_engine_name(engine));
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        printf("%s\n", sizes[i].name);
        sequences(&sizes[i]);
        steps(&sizes[i]);
        rows(&sizes[i]);
    }
    return 0;
}
