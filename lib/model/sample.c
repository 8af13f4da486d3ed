/* sample.c - see sample.h. Every worker takes its own samples from the first token to the last, a wave at a time, with a
 * cache of its own: nobody waits, and nothing of a sample depends on the others. */
#include "model/sample.h"

#include <math.h>
#include <string.h>

#include "base/workers.h"
#include "model/decoder.h"
#include "model/sample_draw.h"

static const size_t CACHE_DEFAULT = (size_t)1 << 30;

/* One worker's room. */
typedef struct sampler {
    pvi_decoder decoder;
    float *hidden;            /* [rows][width]: last states of prompts or samples */
    float *logits, *p;        /* [logit_rows][vocab], [vocab] */
    int32_t *order;           /* [vocab] */
    int32_t *slot, *token;    /* [wave]: samples still going on, and what each drew last */
    pvg_status status;        /* OK, CANCELLED or NUMERIC */
} sampler;

typedef struct sample_task {
    pvi_env *env;
    const pvi_model *model;
    const pvi_prompts *prompts;
    const pvi_sampling *how;
    sampler *member;
    int32_t wave; /* most samples of a worker at once */
    int32_t logit_rows;
    int32_t *token, *length; /* [samples][longest], [samples] */
    float *logprob;
    bool *finished;
} sample_task;

static int32_t room_of(const sample_task *t, int32_t sample) {
    int32_t prompt = sample / t->prompts->group, length = t->prompts->offset[prompt + 1] - t->prompts->offset[prompt];
    int32_t left = t->model->shape.context - length;
    return t->how->longest < left ? t->how->longest : left;
}

/* ---- drawing ---- */

static void project(const sample_task *t, sampler *m, int32_t rows, const float *hidden) {
    int32_t vocab = t->model->shape.vocab;
    pvi_apply(t->env, &t->model->packed->head, rows, hidden, m->logits, false);
    float *logits = m->logits;
    for (int32_t i = 0; i < rows; i++, logits += vocab) pvi_model_forbid(t->model, logits);
}

/* Draw sample's next token from a row of logits (overwritten). True while it goes on. */
static bool draw(const sample_task *t, sampler *m, int32_t sample, float *logits) {
    int32_t at = t->length[sample], longest = t->how->longest;
    pvi_drawn drawn = pvi_draw(m->decoder.k, t->how, t->prompts->stream[sample], at, logits, t->model->shape.vocab, m->p,
                               m->order);
    if (!isfinite(drawn.logprob)) m->status = PVG_E_NUMERIC;
    t->token[(size_t)sample * (size_t)longest + (size_t)at] = drawn.token;
    t->logprob[(size_t)sample * (size_t)longest + (size_t)at] = drawn.logprob;
    t->length[sample] = at + 1;
    t->finished[sample] = t->model->tokenizer != NULL && drawn.token == pvi_tokenizer_end(t->model->tokenizer);
    return !t->finished[sample] && at + 1 < room_of(t, sample);
}

/* First tokens: all samples of a prompt draw from the same row. Gives how many go on. */
static int32_t first_tokens(const sample_task *t, sampler *m, int32_t from, int32_t to) {
    int32_t group = t->prompts->group, base = from / group, going = 0, vocab = t->model->shape.vocab;
    for (int32_t sample = from; sample < to; sample++) {
        int32_t prompt = sample / group - base;
        if (sample == from || sample % group == 0) project(t, m, 1, m->hidden + (ptrdiff_t)prompt * t->model->shape.width);
        float *copy = m->logits + vocab;
        memcpy(copy, m->logits, (size_t)vocab * sizeof *copy);
        pvi_decoder_begin(&m->decoder, sample - from, prompt);
        if (draw(t, m, sample, copy)) m->slot[going++] = sample - from;
    }
    return going;
}

static int32_t next_tokens(const sample_task *t, sampler *m, int32_t from, int32_t count) {
    int32_t going = 0, width = t->model->shape.width, vocab = t->model->shape.vocab, longest = t->how->longest;
    for (int32_t i = 0; i < count; i++) {
        int32_t sample = from + m->slot[i];
        m->token[i] = t->token[(size_t)sample * (size_t)longest + (size_t)t->length[sample] - 1];
    }
    pvi_decoder_step(&m->decoder, count, m->slot, m->token, m->hidden);
    for (int32_t base = 0; base < count; base += t->logit_rows) {
        int32_t rows = count - base < t->logit_rows ? count - base : t->logit_rows;
        project(t, m, rows, m->hidden + (ptrdiff_t)base * width);
        for (int32_t i = 0; i < rows; i++) {
            int32_t slot = m->slot[base + i];
            if (draw(t, m, from + slot, m->logits + (ptrdiff_t)i * vocab)) m->slot[going++] = slot;
        }
    }
    return going;
}

/* The wave's prompts through the model, as many together as the decoder's rows allow. */
static void prompts_of(const sample_task *t, sampler *m, int32_t from, int32_t to) {
    int32_t base = from / t->prompts->group, count = (to - 1) / t->prompts->group + 1 - base, first = 0;
    const int32_t *offset = t->prompts->offset + base;
    while (first < count) {
        int32_t end = first + 1;
        while (end < count && offset[end + 1] - offset[first] <= m->decoder.rows) end++;
        float *hidden = m->hidden + (ptrdiff_t)first * t->model->shape.width;
        pvi_decoder_prompts(&m->decoder, first, end, offset, t->prompts->token, hidden);
        first = end;
    }
}

static void one_wave(const sample_task *t, sampler *m, int32_t from, int32_t to) {
    prompts_of(t, m, from, to);
    int32_t going = first_tokens(t, m, from, to);
    while (going > 0 && m->status == PVG_OK) {
        if (pvi_cancelled(t->env)) m->status = PVG_E_CANCELLED;
        else going = next_tokens(t, m, from, going);
    }
}

static void sample_member(void *arg, int member, int count) {
    const sample_task *t = arg;
    sampler *m = &t->member[member];
    size_t from, end, grain = (size_t)t->prompts->group;
    size_t total = (size_t)t->prompts->count * grain;
    if ((size_t)t->prompts->count < (size_t)(4 * count)) grain = 1; /* few prompts: split their groups too */
    pvi_share(total, grain, member, count, &from, &end);
    while (from < end && m->status == PVG_OK) {
        size_t to = from + (size_t)t->wave < end ? from + (size_t)t->wave : end;
        one_wave(t, m, (int32_t)from, (int32_t)to);
        if (pvi_cancelled(t->env) && m->status == PVG_OK && to < end) m->status = PVG_E_CANCELLED;
        from = to;
    }
}

/* ---- memory ---- */

typedef struct prompt_lengths {
    int32_t shortest, longest;
} prompt_lengths;

static prompt_lengths lengths_of(const pvi_prompts *p) {
    prompt_lengths l = {INT32_MAX, 0};
    for (int32_t i = 0; i < p->count; i++) {
        int32_t length = p->offset[i + 1] - p->offset[i];
        if (length < l.shortest) l.shortest = length;
        if (length > l.longest) l.longest = length;
    }
    return l;
}

/* Most prompts that `wave` consecutive samples can touch. */
static int32_t prompts_of_wave(int32_t count, int32_t group, int32_t wave) {
    int32_t most = (wave + group - 2) / group + 1;
    return most < count ? most : count;
}

int32_t pvi_sample_wave(const pvi_shape *shape, const pvi_wave_plan *p, size_t *bytes) {
    size_t share = (p->limit > 0 ? p->limit : CACHE_DEFAULT) / (size_t)p->members;
    int64_t most = (int64_t)((p->count + p->members - 1) / p->members) * p->group; /* of one member */
    int32_t wave = PVI_WAVE;
    if (most < wave) wave = (int32_t)most;
    for (;; wave /= 2) {
        *bytes = pvi_decoder_bytes(shape, prompts_of_wave(p->count, p->group, wave), wave, p->prompt_room, p->own_room);
        if (wave <= 1 || *bytes <= share) return wave;
    }
}

static void sampler_free(pvi_env *env, sampler *m) {
    void *blocks[] = {m->hidden, m->logits, m->p, m->order, m->slot, m->token};
    for (size_t i = 0; i < sizeof blocks / sizeof blocks[0]; i++) pvi_free(env, blocks[i]);
    pvi_decoder_free(env, &m->decoder);
}

static pvg_status sampler_make(const sample_task *t, int32_t prompt_room, int32_t own_room, sampler *m) {
    pvi_env *env = t->env;
    size_t vocab = (size_t)t->model->shape.vocab, width = (size_t)t->model->shape.width, wave = (size_t)t->wave;
    int32_t prompts = prompts_of_wave(t->prompts->count, t->prompts->group, t->wave);
    size_t states = (size_t)prompts > wave ? (size_t)prompts : wave;
    pvg_status status = pvi_decoder_create(env, t->model, prompts, t->wave, prompt_room, own_room, &m->decoder);
    if (status != PVG_OK) return status;
    m->hidden = pvi_alloc(env, states * width, sizeof(float));
    m->logits = pvi_alloc(env, (size_t)t->logit_rows * vocab, sizeof(float));
    m->p = pvi_alloc(env, vocab, sizeof(float));
    m->order = pvi_alloc(env, vocab, sizeof(int32_t));
    m->slot = pvi_alloc(env, wave, sizeof(int32_t));
    m->token = pvi_alloc(env, wave, sizeof(int32_t));
    return m->hidden && m->logits && m->p && m->order && m->slot && m->token ? PVG_OK : PVG_E_NOMEM;
}

/* Rows of logits at a time: few, that they stay in the cache; where the head's weights do not, all that there are. At
 * least two, for a prompt's row and its copy. */
static int32_t choose_logit_rows(const pvi_shape *s, int32_t wave) {
    enum { FEW = 16, KEPT_FLOATS = 1 << 18 };
    bool kept = (int64_t)s->vocab * s->width <= KEPT_FLOATS;
    return kept || wave < FEW ? FEW : wave;
}

static pvg_status task_make(sample_task *t, size_t cache_limit, int members) {
    pvi_env *env = t->env;
    size_t total = (size_t)t->prompts->count * (size_t)t->prompts->group, longest = (size_t)t->how->longest;
    int32_t prompt_room = lengths_of(t->prompts).longest, own_room = t->how->longest;
    size_t bytes;
    t->wave = pvi_sample_wave(&t->model->shape, &(pvi_wave_plan){t->prompts->count, t->prompts->group, members, prompt_room, own_room, cache_limit},
                              &bytes);
    t->logit_rows = choose_logit_rows(&t->model->shape, t->wave);
    t->member = pvi_calloc(env, (size_t)members, sizeof *t->member);
    t->token = pvi_alloc(env, total * longest, sizeof *t->token);
    t->logprob = pvi_alloc(env, total * longest, sizeof *t->logprob);
    t->length = pvi_calloc(env, total, sizeof *t->length);
    t->finished = pvi_calloc(env, total, sizeof *t->finished);
    if (!t->member || !t->token || !t->logprob || !t->length || !t->finished) return PVG_E_NOMEM;
    pvg_status status = PVG_OK;
    for (int i = 0; i < members && status == PVG_OK; i++) status = sampler_make(t, prompt_room, own_room, &t->member[i]);
    return status;
}

static void task_free(sample_task *t, int members) {
    for (int i = 0; t->member != NULL && i < members; i++) sampler_free(t->env, &t->member[i]);
    void *blocks[] = {t->member, t->token, t->logprob, t->length, t->finished};
    for (size_t i = 0; i < sizeof blocks / sizeof blocks[0]; i++) pvi_free(t->env, blocks[i]);
}

/* ---- the whole ---- */

static pvg_status check(pvi_env *env, const pvi_model *model, const pvi_prompts *p, const pvi_sampling *how) {
    if (model->shape.head != PVI_HEAD_LM)
        return pvi_fail(env, PVG_E_INVALID, "sampling", "a verifier cannot write solutions: it has no language-model head");
    if (p->count < 1 || p->group < 1 || p->count > INT32_MAX / p->group)
        return pvi_fail(env, PVG_E_RANGE, "sampling", "%d prompts with %d samples each; wanted 1 to 2^31 - 1 samples",
                        (int)p->count, (int)p->group);
    for (int32_t i = 0; i < p->count; i++) {
        int32_t length = p->offset[i + 1] - p->offset[i];
        if (length < 1 || length >= model->shape.context)
            return pvi_fail(env, PVG_E_RANGE, "sampling", "prompt %d has %d tokens; wanted 1 to %d, to leave room for an answer",
                            (int)i, (int)length, (int)model->shape.context - 1);
        for (int32_t t = p->offset[i]; t < p->offset[i + 1]; t++)
            if (p->token[t] < 0 || p->token[t] >= model->shape.vocab)
                return pvi_fail(env, PVG_E_RANGE, "sampling", "token %d of prompt %d is %d; wanted 0 to %d",
                                (int)(t - p->offset[i]), (int)i, (int)p->token[t], (int)model->shape.vocab - 1);
    }
    return pvi_sampling_check(env, how);
}

static pvg_status gather(const sample_task *t, pvi_samples *out) {
    int32_t total = t->prompts->count * t->prompts->group;
    size_t tokens = 0, longest = (size_t)t->how->longest;
    for (int32_t i = 0; i < total; i++) tokens += (size_t)t->length[i];
    if (tokens > INT32_MAX) return pvi_fail(t->env, PVG_E_RANGE, "sampling", "more than 2^31 tokens in one call");
    pvi_samples s = {.count = total};
    s.offset = pvi_alloc(t->env, (size_t)total + 1, sizeof *s.offset);
    s.token = pvi_alloc(t->env, tokens, sizeof *s.token);
    s.logprob = pvi_alloc(t->env, tokens, sizeof *s.logprob);
    s.finished = pvi_alloc(t->env, (size_t)total, sizeof *s.finished);
    if (!s.offset || !s.token || !s.logprob || !s.finished) {
        pvi_samples_free(t->env, &s);
        return PVG_E_NOMEM;
    }
    s.offset[0] = 0;
    for (int32_t i = 0; i < total; i++) {
        size_t length = (size_t)t->length[i], from = (size_t)i * longest;
        memcpy(s.token + s.offset[i], t->token + from, length * sizeof *s.token);
        memcpy(s.logprob + s.offset[i], t->logprob + from, length * sizeof *s.logprob);
        s.offset[i + 1] = s.offset[i] + (int32_t)length;
    }
    memcpy(s.finished, t->finished, (size_t)total * sizeof *s.finished);
    *out = s;
    return PVG_OK;
}

static pvg_status outcome(const sample_task *t, int members) {
    for (int i = 0; i < members; i++) {
        if (t->member[i].status == PVG_E_CANCELLED)
            return pvi_fail(t->env, PVG_E_CANCELLED, "sampling", "cancelled while sampling");
        if (t->member[i].status != PVG_OK) {
            pvg_status status = pvi_model_check_finite(t->model);
            if (status != PVG_OK) return status;
            return pvi_fail(t->env, PVG_E_NUMERIC, "sampling", "a log-probability is not a finite number");
        }
    }
    return PVG_OK;
}

pvg_status pvi_sample(pvi_env *env, pvi_model *model, const pvi_prompts *prompts, const pvi_sampling *how,
                      size_t cache_limit, pvi_samples *out) {
    pvg_status status = check(env, model, prompts, how);
    if (status == PVG_OK) status = pvi_model_ready(model);
    if (status == PVG_OK) status = pvi_packed_head(model, PVI_HEAD_FOR_SAMPLING);
    if (status != PVG_OK) return status;
    pvi_sampling capped = *how;
    int32_t most = model->shape.context - lengths_of(prompts).shortest;
    if (capped.longest > most) capped.longest = most;
    int members = pvi_workers_count(env->workers);
    sample_task task = {.env = env, .model = model, .prompts = prompts, .how = &capped};
    status = task_make(&task, cache_limit, members);
    if (status == PVG_OK) {
        pvi_workers_run(env->workers, sample_member, &task);
        status = outcome(&task, members);
    }
    if (status == PVG_OK) status = gather(&task, out);
    task_free(&task, members);
    return status;
}

void pvi_samples_free(pvi_env *env, pvi_samples *s) {
    pvi_free(env, s->offset);
    pvi_free(env, s->token);
    pvi_free(env, s->logprob);
    pvi_free(env, s->finished);
    *s = (pvi_samples){0};
}
