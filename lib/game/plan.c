/* plan.c - see plan.h. */
#include "game/plan.h"

#include "base/workers.h"
#include "compute/machine.h"
#include "game/game.h"
#include "model/packed.h"
#include "model/sample.h"

enum { PROBLEM_BYTES = 700, SOLUTION_BYTES = 64 + 3 * 8 };

typedef struct sum {
    uint64_t bytes;
    bool overflow;
} sum;

static void add(sum *s, uint64_t bytes, uint64_t times) {
    uint64_t all;
    if (bytes == SIZE_MAX || __builtin_mul_overflow(bytes, times, &all) || __builtin_add_overflow(s->bytes, all, &s->bytes))
        s->overflow = true;
}

/* `models` of them rest, without packed copies. */
static pvi_player_plan plan_player(const pvi_env *env, const pvi_shape *shape, uint64_t models) {
    uint64_t parameters = pvi_shape_parameters(shape), bare = parameters * sizeof(float);
    int32_t micro = pvi_micro_tokens(env, shape);
    pvi_player_plan p = {.parameters = parameters, .weights = bare + pvi_packed_bytes(shape, env->engine, true, true), .models = bare * models,
                         .gradients = bare, .moments = 2 * bare};
    p.activations = pvi_activations_bytes(shape, micro, shape->context, pvi_workers_count(env->workers), true);
    /* the trainer's: a tied head's own gradient, hidden gradients, rows of results */
    p.gradients += (shape->tied && shape->head == PVI_HEAD_LM ? (uint64_t)shape->vocab * (uint64_t)shape->width : 0) * sizeof(float);
    p.activations += (uint64_t)micro * ((uint64_t)shape->width * sizeof(float) + 80);
    return p;
}

/* While a prover trains. Prompts are taken to fill half of the room that they have. */
static uint64_t cache_bytes(const pvi_env *env, const pvi_config *c) {
    int32_t prompt = (c->prover.context - c->sampling.longest + 1) / 2, members = pvi_workers_count(env->workers);
    size_t each;
    pvi_sample_wave(&c->prover, &(pvi_wave_plan){(int32_t)c->prover_train.batch, c->group, members, prompt > 0 ? prompt : 1,
                                                 c->sampling.longest, 0}, &each);
    return (uint64_t)members * each;
}

static uint64_t record_bytes(const pvi_config *c, uint64_t problems) {
    uint64_t tokens = (uint64_t)c->sampling.longest / 2, each = SOLUTION_BYTES + tokens * 12;
    uint64_t solutions = (uint64_t)c->role_samples + (uint64_t)c->base_samples + (uint64_t)c->rounds * (uint64_t)c->round_samples +
                         (uint64_t)c->test_problems * (2 + 3 * (uint64_t)c->rounds);
    return problems * PROBLEM_BYTES + solutions * each;
}

pvg_status pvi_plan_game(pvi_env *env, const pvi_settings *settings, uint64_t problems, pvi_plan *out) {
    pvi_config c;
    pvg_status status = pvi_config_read(env, settings, &c);
    if (status != PVG_OK) return status;
    uint64_t rounds = (uint64_t)c.rounds, provers = c.separate_weights ? 2 : 1;
    if (problems == 0) problems = (uint64_t)(c.problem_train + c.problem_test);
    pvi_plan plan = {.prover = plan_player(env, &c.prover, 2 + (rounds > 1 ? provers : 0)), .verifier = plan_player(env, &c.verifier, rounds + 1),
                     .records = record_bytes(&c, problems)};
    plan.prover.cache = cache_bytes(env, &c);
    const pvi_player_plan *p = &plan.prover, *v = &plan.verifier;
    uint64_t backup = c.updates > 1 || provers > 1 ? p->parameters * 3 * sizeof(float) : 0;
    uint64_t reference = c.policy.kl > 0
                             ? pvi_activations_bytes(&c.prover, pvi_micro_tokens(env, &c.prover), c.prover.context,
                                                     pvi_workers_count(env->workers), false) +
                                   pvi_packed_bytes(&c.prover, env->engine, false, true)
                             : 0;
    sum held = {0}, proving = {0}, verifying = {0};
    add(&held, p->models, 1);
    add(&held, v->models, 1);
    add(&held, plan.records, 1);
    add(&proving, p->weights + p->gradients + p->moments + p->activations + backup, provers);
    add(&proving, reference, 1);
    add(&proving, p->cache, 1);
    add(&proving, pvi_packed_bytes(&c.verifier, env->engine, false, c.verifier.logprob_feature), 1);
    add(&verifying, v->weights + v->gradients + v->moments + v->activations, 1);
    uint64_t most = proving.bytes > verifying.bytes ? proving.bytes : verifying.bytes;
    if (held.overflow || proving.overflow || verifying.overflow || __builtin_add_overflow(held.bytes, most, &plan.total))
        return pvi_fail(env, PVG_E_RANGE, "plan", "models this large are more than this machine can address");
    *out = plan;
    return PVG_OK;
}

pvg_status pvi_plan_check(pvi_env *env, const pvi_settings *settings, uint64_t problems) {
    pvi_plan plan;
    pvg_status status = pvi_plan_game(env, settings, problems, &plan);
    uint64_t memory = pvi_machine_memory();
    if (status != PVG_OK || memory == 0 || plan.total <= memory) return status;
    return pvi_fail(env, PVG_E_NOMEM, "plan",
                    "the game needs about %llu MiB (prover %llu million parameters, verifier %llu, problems and solutions %llu MiB) "
                    "and the machine has, or allows it, %llu: make them smaller",
                    (unsigned long long)(plan.total >> 20), (unsigned long long)(plan.prover.parameters / 1000000),
                    (unsigned long long)(plan.verifier.parameters / 1000000), (unsigned long long)(plan.records >> 20),
                    (unsigned long long)(memory >> 20));
}

static void write_player(const char *name, const pvi_player_plan *p, pvi_text *out) {
    pvi_text_printf(out, "\"%s\":{\"parameters\":%llu,\"weights\":%llu,\"models\":%llu,\"gradients\":%llu,\"moments\":%llu,\"activations\":%llu",
                    name, (unsigned long long)p->parameters, (unsigned long long)p->weights, (unsigned long long)p->models,
                    (unsigned long long)p->gradients, (unsigned long long)p->moments, (unsigned long long)p->activations);
    if (p->cache > 0) pvi_text_printf(out, ",\"cache\":%llu", (unsigned long long)p->cache);
    pvi_text_puts(out, "},");
}

pvg_status pvi_plan_write_json(const pvi_plan *plan, pvi_text *out) {
    pvi_text_puts(out, "{");
    write_player("prover", &plan->prover, out);
    write_player("verifier", &plan->verifier, out);
    pvi_text_printf(out, "\"records\":%llu,\"total\":%llu}", (unsigned long long)plan->records, (unsigned long long)plan->total);
    return pvi_text_ok(out);
}
