/* test_adamw.c - the update against its definition in double, and the bounds that keep it finite. */
#include "learn_fixture.h"

/* Two chunks in the embedding, so that a tensor crosses a border. */
static pvi_model *large_model(pvi_env *env, pvi_head head, bool tied) {
    pvi_shape shape = learn_shape_with(head, tied, head != PVI_HEAD_LM);
    pvi_init init = {.seed = 5, .embedding_scale = 0.5f};
    pvi_model *model;
    shape.vocab = 1500;
    ck_ok(env, pvi_model_create(env, &shape, NULL, &init, &model));
    return model;
}

static void fill(float *block, size_t count, uint64_t a, double scale) {
    pvi_rng rng = pvi_rng_stream(8, "gradient", a, 0);
    for (size_t i = 0; i < count; i++) block[i] = (float)(scale * pvi_rng_normal(&rng));
}

/* ---- the twin ---- */

typedef struct twin {
    size_t count;
    double *w, *m, *v;
    bool *decays;
} twin;

static pvg_status mark_decay(void *arg, const char *name, float *data, int64_t rows, int64_t cols) {
    twin *t = arg;
    static const float *block;
    if (strcmp(name, "model.embed_tokens.weight") == 0) block = data;
    bool matrix = strstr(name, "norm") == NULL && strncmp(name, "score.", 6) != 0 && strncmp(name, "logprob.", 8) != 0;
    for (int64_t i = 0; i < (cols == 0 ? rows : rows * cols); i++) t->decays[data - block + i] = matrix;
    return PVG_OK;
}

static twin open_twin(pvi_model *model) {
    twin t = {.count = model->weights.count};
    t.w = calloc(t.count, sizeof *t.w), t.m = calloc(t.count, sizeof *t.m), t.v = calloc(t.count, sizeof *t.v);
    t.decays = calloc(t.count, sizeof *t.decays);
    for (size_t i = 0; i < t.count; i++) t.w[i] = (double)model->weights.block[i];
    pvi_model_tensors(&model->shape, &model->weights, mark_decay, &t);
    return t;
}

static double twin_step(twin *t, const float *gradient, const pvi_adamw *a, double rate, int64_t count) {
    double norm = 0;
    for (size_t i = 0; i < t->count; i++) norm += (double)gradient[i] * (double)gradient[i];
    norm = sqrt(norm);
    double scale = a->clip > 0 && norm > a->clip ? a->clip / norm : 1;
    for (size_t i = 0; i < t->count; i++) {
        double g = scale * (double)gradient[i];
        t->m[i] = a->beta1 * t->m[i] + (1 - a->beta1) * g;
        t->v[i] = a->beta2 * t->v[i] + (1 - a->beta2) * g * g;
        double m = t->m[i] / (1 - pow(a->beta1, (double)count)), v = t->v[i] / (1 - pow(a->beta2, (double)count));
        if (t->decays[i]) t->w[i] -= rate * a->weight_decay * t->w[i];
        t->w[i] -= rate * m / (sqrt(v) + a->epsilon);
    }
    return norm;
}

static void close_twin(twin *t) { free(t->w), free(t->m), free(t->v), free(t->decays); }

/* Within `tolerance` of the numbers' usual size or their own. */
static void check_close(const char *what, const float *found, const double *wanted, size_t count, double size,
                        double tolerance) {
    size_t bad = 0;
    while (bad < count && fabs((double)found[bad] - wanted[bad]) <= tolerance * (size + fabs(wanted[bad]))) bad++;
    ck_assert_msg(bad == count, "%s[%zu] is %.9g, not %.9g", what, bad, (double)found[bad % count],
                  wanted[bad % count]);
}

static void check_updates(pvi_head head, const pvi_adamw *adamw, const pvi_schedule *schedule, double scale) {
    pvi_env *env = learn_env(3);
    pvi_model *model = large_model(env, head, head != PVI_HEAD_LM);
    pvi_trainer *trainer;
    ck_ok(env, pvi_trainer_create(env, model, adamw, schedule, 64, 8, &trainer));
    twin t = open_twin(model);
    for (int i = 1; i <= 6; i++) {
        double norm, rate = adamw->rate * pvi_schedule_at(schedule, i - 1);
        ck_assert_double_eq(pvi_trainer_rate(trainer), rate);
        fill(trainer->gradient.block, trainer->gradient.count, (uint64_t)i, scale);
        double wanted = twin_step(&t, trainer->gradient.block, adamw, rate, i);
        model->stale = false;
        ck_ok(env, pvi_trainer_apply(trainer, &norm));
        ck_assert(model->stale);
        ck_assert_double_eq_tol(norm, wanted, 1e-12 * wanted);
        ck_assert(learn_all_zero(&trainer->gradient));
    }
    double size = adamw->clip > 0 && scale > 0.1 ? 0.02 : scale; /* of a gradient, clipped or not */
    check_close("m", trainer->first.block, t.m, t.count, size, 5e-7);
    check_close("v", trainer->second.block, t.v, t.count, size * size, 5e-7);
    check_close("w", model->weights.block, t.w, t.count, 0.1, 2e-6);
    close_twin(&t);
    pvi_trainer_destroy(trainer);
    pvi_model_destroy(model);
    test_env_free(env);
}

START_TEST(updates_agree_with_their_definition) {
    const pvi_adamw plain = {.rate = 0.01, .beta1 = 0.9, .beta2 = 0.999, .epsilon = 1e-8};
    const pvi_adamw decayed = {
        .rate = 0.1, .beta1 = 0.8, .beta2 = 0.95, .epsilon = 1e-3, .weight_decay = 0.4, .clip = 3};
    const pvi_schedule schedule = {.kind = PVI_DECAY_COSINE, .warmup = 2, .total = 5, .final_share = 0.1};
    check_updates(PVI_HEAD_LM, &plain, &learn_constant, 0.3);
    check_updates(PVI_HEAD_LM, &decayed, &schedule, 0.5);         /* norm of about 80: clipped */
    check_updates(PVI_HEAD_TOKEN_SUM, &decayed, &schedule, 1e-4); /* norm of about 0.01: not clipped */
    check_updates(PVI_HEAD_TOKEN_MEAN, &decayed, &learn_constant, 2);
}
END_TEST

START_TEST(threads_change_no_bit) {
    float *wanted = NULL;
    double norms[4];
    for (int threads = 1; threads <= 4; threads++) {
        pvi_env *env = learn_env(threads);
        pvi_model *model = large_model(env, PVI_HEAD_LM, true);
        pvi_trainer *trainer;
        ck_ok(env, pvi_trainer_create(env, model, &learn_moving, &learn_constant, 64, 8, &trainer));
        for (int i = 0; i < 3; i++) {
            fill(trainer->gradient.block, trainer->gradient.count, (uint64_t)i, 0.1);
            fill(trainer->scratch->tied, (size_t)model->shape.vocab * 8, 10 + (uint64_t)i, 0.1);
            ck_ok(env, pvi_trainer_apply(trainer, &norms[threads - 1]));
        }
        float *found = learn_copy(&model->weights);
        if (wanted == NULL)
            wanted = found;
        else {
            ck_assert_mem_eq(found, wanted, model->weights.count * sizeof(float));
            ck_assert_double_eq(norms[threads - 1], norms[0]);
            free(found);
        }
        pvi_trainer_destroy(trainer);
        pvi_model_destroy(model);
        test_env_free(env);
    }
    free(wanted);
}
END_TEST

/* ---- bounds ---- */

START_TEST(numbers_beyond_the_limit_are_named) {
    pvi_env *env = learn_env(2);
    pvi_model *model = large_model(env, PVI_HEAD_TOKEN_SUM, true);
    pvi_trainer *trainer;
    ck_ok(env, pvi_trainer_create(env, model, &learn_moving, &learn_constant, 64, 8, &trainer));
    fill(trainer->gradient.block, trainer->gradient.count, 1, 0.1);
    ck_ok(env, pvi_trainer_apply(trainer, NULL));
    const struct {
        float *place, bad;
        const char *part;
    } cases[] = {
        {&trainer->gradient.embedding[9000], NAN, "the gradient of model.embed_tokens.weight is nan at element 9000"},
        {&trainer->gradient.embedding[11999], INFINITY,
         "the gradient of model.embed_tokens.weight is inf at element 11999"},
        {&trainer->gradient.layer[1].qkv[8 * 8 + 3], -1.1e15f,
         "the gradient of model.layers.1.self_attn.k_proj.weight"},
        {trainer->gradient.score_bias, 1.1e15f, "the gradient of score.bias"},
        {trainer->gradient.logprob_weight, NAN, "the gradient of logprob.weight"},
        {&trainer->first.norm[7], NAN, "the first moment of model.norm.weight is nan at element 7"},
        {&trainer->second.norm[0], -1e-30f, "the second moment of model.norm.weight"},
        {&trainer->second.layer[0].down[79], INFINITY,
         "the second moment of model.layers.0.mlp.down_proj.weight is inf at element 79"},
        {&model->weights.score_weight[2], 1e16f, "the weight of score.weight"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        float kept = *cases[i].place;
        double norm = -7;
        *cases[i].place = cases[i].bad;
        trainer->gradient.block[3] = 2;
        trainer->settled = false;
        learn_before before = learn_remember(trainer);
        ck_fails(env, PVG_E_NUMERIC, cases[i].part, pvi_trainer_apply(trainer, &norm));
        ck_assert_double_eq(norm, -7);
        learn_check_unchanged(trainer, &before);
        *cases[i].place = kept;
    }
    ck_ok(env, pvi_trainer_apply(trainer, NULL));
    pvi_trainer_destroy(trainer);
    pvi_model_destroy(model);
    test_env_free(env);
}
END_TEST

/* At the limit itself, and at the worst rates that are allowed, an update stays finite. */
START_TEST(updates_at_the_limit_stay_finite) {
    const pvi_adamw wild = {.rate = 10, .beta1 = 0.99999, .beta2 = 0, .epsilon = 1e-16, .weight_decay = 0.1};
    pvi_env *env = learn_env(1);
    pvi_model *model = large_model(env, PVI_HEAD_LM, true);
    pvi_trainer *trainer;
    ck_ok(env, pvi_trainer_create(env, model, &wild, &learn_constant, 64, 8, &trainer));
    for (uint64_t i = 0; i < trainer->first.count; i++) {
        trainer->first.block[i] = i % 2 == 0 ? PVI_TRAINER_LIMIT : -PVI_TRAINER_LIMIT;
        trainer->second.block[i] = i % 3 == 0 ? 0 : PVI_TRAINER_LIMIT * PVI_TRAINER_LIMIT;
        trainer->gradient.block[i] = i % 5 == 0 ? PVI_TRAINER_LIMIT : i % 5 == 1 ? 1e-30f : 0;
        model->weights.block[i] = i % 7 == 0 ? -PVI_TRAINER_LIMIT : 1;
    }
    double norm;
    ck_ok(env, pvi_trainer_apply(trainer, &norm));
    ck_assert(isfinite(norm));
    bool finite = true;
    for (uint64_t i = 0; i < trainer->first.count; i++)
        finite &= isfinite(model->weights.block[i]) && isfinite(trainer->first.block[i]) &&
                  isfinite(trainer->second.block[i]);
    ck_assert(finite);
    pvi_trainer_destroy(trainer);
    pvi_model_destroy(model);
    test_env_free(env);
}
END_TEST

Suite *suite_adamw(void) {
    Suite *suite = suite_create("adamw");
    TCase *tc = tcase_create("adamw");
    tcase_add_test(tc, updates_agree_with_their_definition);
    tcase_add_test(tc, threads_change_no_bit);
    tcase_add_test(tc, numbers_beyond_the_limit_are_named);
    tcase_add_test(tc, updates_at_the_limit_stay_finite);
    suite_add_tcase(suite, tc);
    return suite;
}
