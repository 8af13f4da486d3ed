/* test_loss_golden.c - losses, gradients and updates of every learning step against tests/golden/losses_tiny.json, which
 * PyTorch made. */
#include <jansson.h>
#include <stdio.h>

#include "learn_fixture.h"

typedef struct golden {
    json_t *root;
    int32_t token[64], offset[8], begin[8], beside_token[64], beside_offset[8], beside_begin[8];
    pvi_examples examples, beside; /* beside: as the reference sees them */
    uint8_t label[8];
    uint64_t problem[8];
    float behaviour[64];
    double advantage[8];
} golden;

static double at(const json_t *array, size_t i) { return json_number_value(json_array_get(array, i)); }
static double number(const json_t *object, const char *key) { return json_number_value(json_object_get(object, key)); }
static const char *text(const json_t *object, const char *key) {
    return json_string_value(json_object_get(object, key));
}
static bool truth(const json_t *object, const char *key) { return json_is_true(json_object_get(object, key)); }

static json_t *load(void) {
    const char *here = __FILE__, *slash = strrchr(here, '/');
    char path[1024];
    int folder = slash == NULL ? 1 : (int)(slash - here);
    snprintf(path, sizeof path, "%.*s/../../golden/losses_tiny.json", folder, slash == NULL ? "." : here);
    json_error_t error;
    json_t *root = json_load_file(path, 0, &error);
    ck_assert_msg(root != NULL, "%s: %s", path, error.text);
    return root;
}

static void open_golden(golden *g) {
    memset(g, 0, sizeof *g);
    g->root = load();
    const json_t *tokens = json_object_get(g->root, "tokens"), *prompts = json_object_get(g->root, "prompts");
    size_t sequences = json_array_size(tokens);
    for (size_t s = 0; s < sequences; s++) {
        const json_t *row = json_array_get(tokens, s), *prompt = json_array_get(prompts, s);
        g->begin[s] = (int32_t)at(json_object_get(g->root, "begin"), s);
        g->label[s] = (uint8_t)at(json_object_get(g->root, "label"), s);
        g->problem[s] = (uint64_t)at(json_object_get(g->root, "problem"), s);
        g->advantage[s] = at(json_object_get(g->root, "advantage"), s);
        g->beside_begin[s] = (int32_t)json_array_size(prompt);
        int32_t own = g->offset[s], other = g->beside_offset[s];
        for (size_t i = 0; i < json_array_size(prompt); i++) g->beside_token[other++] = (int32_t)at(prompt, i);
        for (size_t i = 0; i < json_array_size(row); i++) {
            g->token[own++] = (int32_t)at(row, i);
            if ((int32_t)i >= g->begin[s]) g->beside_token[other++] = (int32_t)at(row, i);
        }
        g->offset[s + 1] = own;
        g->beside_offset[s + 1] = other;
    }
    for (int32_t i = 0; i < g->offset[sequences]; i++)
        g->behaviour[i] = (float)at(json_object_get(g->root, "behaviour"), (size_t)i);
    g->examples = (pvi_examples){{(int32_t)sequences, g->offset, g->token}, g->begin};
    g->beside = (pvi_examples){{(int32_t)sequences, g->beside_offset, g->beside_token}, g->beside_begin};
}

static pvg_status read_weight(void *arg, const char *name, float *data, int64_t rows, int64_t cols) {
    const json_t *array = json_object_get(arg, name);
    ck_assert_int_eq((int64_t)json_array_size(array), cols == 0 ? rows : rows * cols);
    for (size_t i = 0; i < json_array_size(array); i++) data[i] = (float)at(array, i);
    return PVG_OK;
}

static pvi_model *golden_model(const golden *g, pvi_env *env, const char *weights, pvi_head head, bool tied,
                               bool feature) {
    const json_t *s = json_object_get(g->root, "shape");
    pvi_shape shape = {.vocab = (int32_t)number(s, "vocab"),
                       .width = (int32_t)number(s, "width"),
                       .layers = (int32_t)number(s, "layers"),
                       .heads = (int32_t)number(s, "heads"),
                       .kv_heads = (int32_t)number(s, "kv_heads"),
                       .head_dim = (int32_t)number(s, "head_dim"),
                       .hidden = (int32_t)number(s, "hidden"),
                       .context = (int32_t)number(s, "context"),
                       .rope_theta = (float)number(s, "rope_theta"),
                       .norm_eps = (float)number(s, "norm_eps"),
                       .tied = tied,
                       .head = head,
                       .logprob_feature = feature};
    pvi_model *model;
    ck_ok(env, pvi_model_create(env, &shape, NULL, NULL, &model));
    ck_ok(env, pvi_model_tensors(&shape, &model->weights, read_weight, json_object_get(g->root, weights)));
    return model;
}

/* ---- comparing ---- */

typedef struct comparison {
    const json_t *wanted;
    const pvi_view *view; /* where the tensors begin in both blocks */
    const float *found;
    double tolerance;
} comparison;

/* Within the tolerance of the largest number of the tensor, which may be 0 but for rounding. */
static pvg_status compare(void *arg, const char *name, float *data, int64_t rows, int64_t cols) {
    const comparison *c = arg;
    const json_t *wanted = json_object_get(c->wanted, name);
    const float *found = c->found + (data - c->view->block);
    size_t count = (size_t)(cols == 0 ? rows : rows * cols);
    double most = 0;
    ck_assert_msg(json_array_size(wanted) == count, "%s has %zu golden numbers", name, json_array_size(wanted));
    for (size_t i = 0; i < count; i++) most = fmax(most, fabs(at(wanted, i)));
    for (size_t i = 0; i < count; i++)
        ck_assert_msg(fabs((double)found[i] - at(wanted, i)) <= c->tolerance * (most + 0.01), "%s[%zu] is %.9g, golden %.9g",
                      name, i, (double)found[i], at(wanted, i));
    return PVG_OK;
}

static void check_model(const pvi_model *model, const float *found, const json_t *wanted, double tolerance) {
    comparison c = {wanted, &model->weights, found, tolerance};
    ck_assert_int_eq(pvi_model_tensors(&model->shape, &model->weights, compare, &c), PVG_OK);
}

static void check_loss(const json_t *c, double loss) {
    ck_assert_double_eq_tol(loss, number(c, "loss"), 3e-6 * (1 + fabs(loss)));
}

/* ---- cases ---- */

static void language_case(const golden *g, pvi_env *env, const json_t *c) {
    pvi_model *model = golden_model(g, env, "weights", PVI_HEAD_LM, truth(c, "tied"), false);
    pvi_trainer *trainer = learn_trainer(model, &learn_still, 8);
    pvi_lm_stats stats;
    ck_ok(env, pvi_lm_step(trainer, &g->examples, &stats));
    check_loss(c, stats.loss);
    check_model(model, trainer->first.block, json_object_get(c, "gradients"), 2e-5);
    pvi_trainer_destroy(trainer);
    pvi_model_destroy(model);
}

static void verifier_case(const golden *g, pvi_env *env, const json_t *c) {
    const char *head = text(c, "head"), *kind = text(c, "kind");
    pvi_verifier_options options = {.lambda = number(c, "lambda"), .lm_weight = number(c, "lm_weight")};
    options.loss = strcmp(kind, "bradley_terry") == 0 ? PVI_VERIFIER_BRADLEY_TERRY
                   : strcmp(kind, "mean_square") == 0 ? PVI_VERIFIER_MEAN_SQUARE
                                                      : PVI_VERIFIER_CROSS_ENTROPY;
    pvi_head of = strcmp(head, "sum") == 0    ? PVI_HEAD_TOKEN_SUM
                  : strcmp(head, "mean") == 0 ? PVI_HEAD_TOKEN_MEAN
                                              : PVI_HEAD_LAST;
    pvi_model *model = golden_model(g, env, "weights", of, true, truth(c, "feature"));
    pvi_trainer *trainer = learn_trainer(model, &learn_still, 8);
    pvi_verifier_stats stats;
    ck_ok(env, pvi_verifier_step(trainer, &g->examples, g->label, g->problem, &options, &stats));
    check_loss(c, stats.loss);
    check_model(model, trainer->first.block, json_object_get(c, "gradients"), 2e-5);
    pvi_trainer_destroy(trainer);
    pvi_model_destroy(model);
}

static void policy_case(const golden *g, pvi_env *env, const json_t *c) {
    pvi_policy_options options = {number(c, "clip"), number(c, "kl_weight"), number(c, "entropy_weight")};
    pvi_model *model = golden_model(g, env, "weights", PVI_HEAD_LM, truth(c, "tied"), false);
    pvi_model *reference = golden_model(g, env, "reference", PVI_HEAD_LM, true, false);
    pvi_trainer *trainer = learn_trainer(model, &learn_still, 8);
    pvi_activations *work;
    ck_ok(env, pvi_activations_create(env, &reference->shape, 8, LEARN_LONGEST, false, &work));
    pvi_policy_stats stats;
    ck_ok(env, pvi_policy_step(trainer, reference, work, &g->examples, &g->beside, g->behaviour, g->advantage, &options,
                               &stats));
    check_loss(c, stats.loss);
    ck_assert_double_eq_tol(stats.kl, number(c, "kl"), 2e-5);
    ck_assert_double_eq_tol(stats.entropy, number(c, "entropy"), 2e-5);
    ck_assert_double_eq_tol(stats.clipped, number(c, "clipped"), 1e-12);
    check_model(model, trainer->first.block, json_object_get(c, "gradients"), 2e-5);
    pvi_activations_destroy(env, work);
    pvi_trainer_destroy(trainer);
    pvi_model_destroy(reference), pvi_model_destroy(model);
}

START_TEST(losses_and_gradients_agree_with_pytorch) {
    pvi_env *env = learn_env(2);
    golden g;
    open_golden(&g);
    size_t i, count[3] = {0};
    json_t *c;
    json_array_foreach(json_object_get(g.root, "cases"), i, c) {
        const char *step = text(c, "step");
        if (strcmp(step, "language") == 0) language_case(&g, env, c), count[0]++;
        if (strcmp(step, "verifier") == 0) verifier_case(&g, env, c), count[1]++;
        if (strcmp(step, "policy") == 0) policy_case(&g, env, c), count[2]++;
    }
    ck_assert(count[0] == 2 && count[1] == 6 && count[2] == 3);
    json_decref(g.root);
    test_env_free(env);
}
END_TEST

/* A schedule of 0.01, 0.02, 0.02, as in the golden updates. */
START_TEST(updates_agree_with_pytorch) {
    pvi_env *env = learn_env(2);
    golden g;
    open_golden(&g);
    const json_t *u = json_object_get(g.root, "updated");
    const pvi_adamw adamw = {.rate = 0.02,
                             .beta1 = number(u, "beta1"),
                             .beta2 = number(u, "beta2"),
                             .epsilon = number(u, "epsilon"),
                             .weight_decay = number(u, "weight_decay"),
                             .clip = number(u, "clip")};
    const pvi_schedule schedule = {.kind = PVI_DECAY_CONSTANT, .warmup = 2};
    pvi_model *model = golden_model(&g, env, "weights", PVI_HEAD_LM, true, false);
    pvi_trainer *trainer;
    ck_ok(env, pvi_trainer_create(env, model, &adamw, &schedule, 8, LEARN_LONGEST, &trainer));
    for (size_t i = 0; i < 3; i++) {
        pvi_lm_stats stats;
        ck_assert_double_eq_tol(pvi_trainer_rate(trainer), at(json_object_get(u, "rates"), i), 1e-15);
        ck_ok(env, pvi_lm_step(trainer, &g.examples, &stats));
        ck_assert_double_eq_tol(stats.norm, at(json_object_get(u, "norms"), i), 1e-4);
    }
    check_model(model, model->weights.block, json_object_get(u, "weights"), 2e-5);
    pvi_trainer_destroy(trainer);
    pvi_model_destroy(model);
    json_decref(g.root);
    test_env_free(env);
}
END_TEST

Suite *suite_loss_golden(void) {
    Suite *suite = suite_create("loss_golden");
    TCase *tc = tcase_create("loss_golden");
    tcase_add_test(tc, losses_and_gradients_agree_with_pytorch);
    tcase_add_test(tc, updates_agree_with_pytorch);
    suite_add_tcase(suite, tc);
    return suite;
}
