/* benchmark.c - see benchmark.h. */
#include "game/benchmark.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/workers.h"
#include "compute/engine.h"
#include "compute/machine.h"
#include "game/game.h"
#include "learn/losses.h"
#include "model/sample.h"

enum { CONTEXT = 256 };
static const double PEAK_SECONDS = 0.1;

/* The feed-forward width makes the parameters those of a GPT-2 of the same layers and width, with its biases and learned
 * positions, within 3 %: S 869504 of 891777, M 12194688 of 12319105, L 123551232 of 123850753. */
static const struct size {
    char name[4];
    int32_t layers, width, heads, hidden, vocab, train, score;
} sizes[] = {{"XS", 1, 32, 2, 64, 64, 4, 8},
             {"S", 4, 128, 4, 352, 512, 16, 64},
             {"M", 6, 384, 6, 1024, 4096, 16, 64},
             {"L", 12, 768, 12, 2048, 50257, 4, 40}};
static const char *const kinds[] = {"train", "generate", "score"};
static const char *const part_names[][3] = {{"forward", "backward", "optimizer"}, {"prefill", "decode"}, {NULL}};

static pvi_shape shape_of(const struct size *s, pvi_bench_kind kind) {
    return (pvi_shape){.vocab = s->vocab, .width = s->width, .layers = s->layers, .heads = s->heads, .kv_heads = s->heads,
                       .head_dim = s->width / s->heads, .hidden = s->hidden, .context = CONTEXT, .rope_theta = 10000.0f,
                       .norm_eps = 1e-5f, .tied = true, .head = kind == PVI_BENCH_SCORE ? PVI_HEAD_LAST : PVI_HEAD_LM};
}

static int32_t default_batch(const struct size *s, pvi_bench_kind kind) {
    return kind == PVI_BENCH_TRAIN ? s->train : kind == PVI_BENCH_SCORE ? s->score : 64;
}

pvg_status pvi_bench_choose(pvi_env *env, const char *what, const char *size, int32_t batch, int32_t reps, pvi_bench *out) {
    int kind = 0, chosen = 0;
    while (kind < 3 && strcmp(kinds[kind], what) != 0) kind++;
    while (chosen < 4 && strcmp(sizes[chosen].name, size) != 0) chosen++;
    if (kind == 3)
        return pvi_fail(env, PVG_E_NOT_FOUND, "benchmark", "there is no benchmark '%s'; there are train, generate and score", what);
    if (chosen == 4)
        return pvi_fail(env, PVG_E_NOT_FOUND, "benchmark", "there is no size '%s'; there are XS, S, M and L", size);
    if (batch < 0 || batch > PVI_BENCH_MOST_BATCH)
        return pvi_fail(env, PVG_E_RANGE, "benchmark", "a batch of %d sequences; wanted 1 to %d", (int)batch, PVI_BENCH_MOST_BATCH);
    if (reps < 0 || reps > PVI_BENCH_MOST_REPS)
        return pvi_fail(env, PVG_E_RANGE, "benchmark", "%d repetitions; wanted 1 to %d", (int)reps, PVI_BENCH_MOST_REPS);
    const struct size *s = &sizes[chosen];
    *out = (pvi_bench){.kind = (pvi_bench_kind)kind, .shape = shape_of(s, (pvi_bench_kind)kind),
                       .batch = batch > 0 ? batch : default_batch(s, (pvi_bench_kind)kind), .reps = reps > 0 ? reps : PVI_BENCH_REPS};
    memcpy(out->size, s->name, sizeof out->size);
    return PVG_OK;
}

/* ---- what there is to work on ---- */

typedef struct bench_work {
    pvi_env *env;
    const pvi_bench *bench;
    pvi_model *model;
    pvi_trainer *trainer;
    int32_t *token, *offset, *begin;
    uint64_t *stream;
    float *score;
    double *seconds[4]; /* the whole, then parts */
    double *peak;       /* just before each repetition, one core */
} bench_work;

static void work_free(bench_work *w) {
    pvi_trainer_destroy(w->trainer);
    pvi_model_destroy(w->model);
    void *blocks[] = {w->token, w->offset, w->begin, w->stream, w->score, w->seconds[0], w->seconds[1], w->seconds[2], w->seconds[3], w->peak};
    for (size_t i = 0; i < sizeof blocks / sizeof blocks[0]; i++) pvi_free(w->env, blocks[i]);
}

static int32_t sequence_length(const pvi_bench *b) { return b->kind == PVI_BENCH_GENERATE ? PVI_BENCH_PROMPT : CONTEXT; }

static pvg_status make_sequences(bench_work *w) {
    pvi_env *env = w->env;
    size_t count = (size_t)w->bench->batch, length = (size_t)sequence_length(w->bench);
    w->token = pvi_alloc(env, count * length, sizeof *w->token);
    w->offset = pvi_alloc(env, count + 1, sizeof *w->offset);
    w->begin = pvi_alloc(env, count, sizeof *w->begin);
    w->stream = pvi_alloc(env, count, sizeof *w->stream);
    w->score = pvi_alloc(env, count, sizeof *w->score);
    w->peak = pvi_calloc(env, (size_t)w->bench->reps, sizeof *w->peak);
    for (int i = 0; i < 4; i++)
        if ((w->seconds[i] = pvi_calloc(env, (size_t)w->bench->reps, sizeof(double))) == NULL) return PVG_E_NOMEM;
    if (!w->token || !w->offset || !w->begin || !w->stream || !w->score || !w->peak) return PVG_E_NOMEM;
    pvi_rng rng = pvi_rng_stream(1, "benchmark", 0, 0);
    for (size_t i = 0; i < count * length; i++) w->token[i] = (int32_t)pvi_rng_below(&rng, (uint64_t)w->bench->shape.vocab);
    for (size_t i = 0; i < count; i++) {
        w->offset[i + 1] = (int32_t)((i + 1) * length);
        w->begin[i] = 1;
        w->stream[i] = i;
    }
    w->offset[0] = 0;
    return PVG_OK;
}

static pvg_status make_work(bench_work *w) {
    pvi_env *env = w->env;
    const pvi_shape *shape = &w->bench->shape;
    pvi_init init = {.seed = 1, .embedding_scale = 0.05f};
    pvg_status status = make_sequences(w);
    if (status == PVG_OK) status = pvi_model_create(env, shape, NULL, &init, &w->model);
    if (status != PVG_OK || w->bench->kind != PVI_BENCH_TRAIN) return status;
    pvi_adamw adamw = {.rate = 3e-4, .beta1 = 0.9, .beta2 = 0.95, .epsilon = 1e-8, .weight_decay = 0.1, .clip = 1};
    pvi_schedule schedule = {.kind = PVI_DECAY_CONSTANT};
    return pvi_trainer_create(env, w->model, &adamw, &schedule, pvi_micro_tokens(env, shape), CONTEXT, &w->trainer);
}

/* ---- one repetition: seconds of the whole, then of its parts ---- */

/* A whole step; then its parts alone: packing, the forward pass with the loss, an update. What remains of the step is the
 * backward pass. The update at the end leaves the weights to be packed, as the next step should find them. */
static pvg_status train_once(bench_work *w, double seconds[4]) {
    pvi_examples examples = {{w->bench->batch, w->offset, w->token}, w->begin};
    pvi_lm_stats stats;
    double start = pvi_clock();
    pvg_status status = pvi_lm_step(w->trainer, &examples, &stats);
    double stepped = pvi_clock();
    if (status == PVG_OK) status = pvi_model_ready(w->model);
    double packed = pvi_clock();
    if (status == PVG_OK) status = pvi_lm_evaluate(w->trainer, &examples, &stats);
    double seen = pvi_clock();
    if (status == PVG_OK) status = pvi_trainer_apply(w->trainer, NULL);
    double updated = pvi_clock();
    seconds[0] = stepped - start;
    seconds[1] = seen - packed;
    seconds[3] = (packed - stepped) + (updated - seen);
    seconds[2] = seconds[0] - seconds[1] - seconds[3];
    return status;
}

static pvg_status draw(bench_work *w, int32_t longest, double *seconds) {
    pvi_prompts prompts = {.count = w->bench->batch, .offset = w->offset, .token = w->token, .group = 1, .stream = w->stream};
    pvi_sampling how = {.temperature = 1, .top_p = 1, .longest = longest, .seed = 1};
    pvi_samples samples;
    double start = pvi_clock();
    pvg_status status = pvi_sample(w->env, w->model, &prompts, &how, 0, &samples);
    *seconds = pvi_clock() - start;
    if (status == PVG_OK) pvi_samples_free(w->env, &samples);
    return status;
}

static pvg_status generate_once(bench_work *w, double seconds[4]) {
    pvg_status status = draw(w, 1, &seconds[1]);
    if (status == PVG_OK) status = draw(w, PVI_BENCH_NEW, &seconds[0]);
    seconds[2] = seconds[0] - seconds[1];
    return status;
}

static pvg_status score_once(bench_work *w, double seconds[4]) {
    pvi_batch batch = {w->bench->batch, w->offset, w->token};
    double start = pvi_clock();
    pvg_status status = pvi_score(w->env, w->model, &batch, w->begin, w->score, NULL);
    seconds[0] = pvi_clock() - start;
    return status;
}

static pvg_status repeat(bench_work *w) {
    static pvg_status (*const once[])(bench_work *, double *) = {train_once, generate_once, score_once};
    const pvi_bench *b = w->bench;
    pvg_status status = PVG_OK;
    for (int32_t r = -1; r < b->reps && status == PVG_OK; r++) {
        double seconds[4] = {0};
        if (b->progress != NULL) b->progress(b->user, r + 1, b->reps + 1);
        if (pvi_cancelled(w->env)) return pvi_fail(w->env, PVG_E_CANCELLED, "benchmark", "cancelled");
        if (r >= 0) w->peak[r] = pvi_machine_peak(PEAK_SECONDS);
        status = once[b->kind](w, seconds);
        for (int i = 0; r >= 0 && i < 4; i++) w->seconds[i][r] = seconds[i];
    }
    if (b->progress != NULL) b->progress(b->user, b->reps + 1, b->reps + 1);
    return status;
}

/* ---- what it means ---- */

static int ascending(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static double per_second(double tokens, double seconds) { return seconds > 0 ? tokens / seconds : 0; }

/* Sorts. */
static double median(double *x, int32_t count) {
    qsort(x, (size_t)count, sizeof *x, ascending);
    return count % 2 == 1 ? x[count / 2] : (x[count / 2 - 1] + x[count / 2]) / 2;
}

/* Useful work: two operations a multiply-add of a matrix, and of attention to `seen` positions on average; looking up
 * embeddings is free. */
static double token_flops(const pvi_shape *s, double seen) {
    double width = s->width, mixed = (double)s->heads * s->head_dim, hidden = s->hidden;
    double matrices = s->layers * (pvi_shape_qkv(s) * width + mixed * width + 3 * hidden * width);
    if (s->head == PVI_HEAD_LM) matrices += s->vocab * width;
    return 2 * matrices + 4 * s->layers * mixed * seen;
}

static void conclude(bench_work *w, pvi_bench_result *r) {
    const pvi_bench *b = w->bench;
    double all = b->batch;
    r->parameters = pvi_shape_parameters(&b->shape);
    r->seconds = median(w->seconds[0], b->reps);
    r->spread = (w->seconds[0][b->reps - 1] - w->seconds[0][0]) / r->seconds;
    for (int i = 0; i < 3; i++) r->part[i] = fmax(median(w->seconds[i + 1], b->reps), 0);
    switch (b->kind) {
    case PVI_BENCH_TRAIN:
        r->tokens = all * (CONTEXT - 1);
        r->gflops = 3 * token_flops(&b->shape, CONTEXT / 2.0) * r->tokens / r->seconds * 1e-9;
        break;
    case PVI_BENCH_GENERATE:
        r->tokens = all * PVI_BENCH_NEW;
        r->prefill_s = per_second(all * PVI_BENCH_PROMPT, r->part[0]);
        r->decode_s = per_second(all * (PVI_BENCH_NEW - 1), r->part[1]);
        r->gflops = token_flops(&b->shape, PVI_BENCH_PROMPT + PVI_BENCH_NEW / 2.0) * r->decode_s * 1e-9;
        break;
    case PVI_BENCH_SCORE:
        r->tokens = all * CONTEXT;
        r->gflops = token_flops(&b->shape, CONTEXT / 2.0) * r->tokens / r->seconds * 1e-9;
        break;
    }
    r->tokens_s = r->tokens / r->seconds;
}

pvg_status pvi_bench_run(pvi_env *env, const pvi_bench *bench, pvi_bench_result *out) {
    bench_work work = {.env = env, .bench = bench};
    pvi_bench_result result = {0};
    pvg_status status = make_work(&work);
    if (status == PVG_OK) status = repeat(&work);
    if (status == PVG_OK) {
        conclude(&work, &result);
        result.peak = median(work.peak, bench->reps) * pvi_workers_count(env->workers);
        result.resident = pvi_machine_resident();
        result.held = atomic_load(&env->peak);
        *out = result;
    }
    work_free(&work);
    return status;
}

pvg_status pvi_bench_write_json(const pvi_env *env, const pvi_bench *b, const pvi_bench_result *r, pvi_text *out) {
    const pvi_shape *s = &b->shape;
    pvi_text_printf(out, "{\"benchmark\":\"%s\",\"size\":\"%s\",\"layers\":%d,\"width\":%d,\"heads\":%d,\"hidden\":%d,\"vocab\":%d,\"context\":%d,",
                    kinds[b->kind], b->size, (int)s->layers, (int)s->width, (int)s->heads, (int)s->hidden, (int)s->vocab, (int)s->context);
    pvi_text_printf(out, "\"params\":%llu,\"batch\":%d,\"reps\":%d,\"threads\":%d,\"engine\":\"%s\",", (unsigned long long)r->parameters,
                    (int)b->batch, (int)b->reps, pvi_workers_count(env->workers), pvi_engine_name(env->engine));
    if (b->kind == PVI_BENCH_GENERATE)
        pvi_text_printf(out, "\"decode_tok_s\":%.1f,\"total_tok_s\":%.1f,\"prefill_tok_s\":%.1f,", r->decode_s, r->tokens_s, r->prefill_s);
    else pvi_text_printf(out, "\"tok_s\":%.1f,", r->tokens_s);
    pvi_text_printf(out, "\"gflops\":%.3f,\"peak_gflops\":%.3f,\"peak_share\":%.4f,\"seconds\":{\"whole\":%.6f", r->gflops, r->peak,
                    r->gflops / r->peak, r->seconds);
    for (int i = 0; i < 3 && part_names[b->kind][i] != NULL; i++)
        pvi_text_printf(out, ",\"%s\":%.6f", part_names[b->kind][i], r->part[i]);
    pvi_text_printf(out, "},\"spread\":%.3f,\"held_mib\":%.1f,\"peak_rss_mib\":%.1f}", r->spread, (double)r->held / 1048576,
                    (double)r->resident / 1048576);
    return pvi_text_ok(out);
}
