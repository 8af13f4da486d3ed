/* test_golden.c - reads the golden vectors of PyTorch and holds the twin against them. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "golden.h"
#include "naive_model.h"
#include "support.h"

static json_t *load(void) {
    const char *here = __FILE__, *slash = strrchr(here, '/');
    char path[1024];
    int folder = slash == NULL ? 1 : (int)(slash - here);
    snprintf(path, sizeof path, "%.*s/../../golden/llama_tiny.json", folder, slash == NULL ? "." : here);
    json_error_t error;
    json_t *root = json_load_file(path, 0, &error);
    ck_assert_msg(root != NULL, "%s: %s", path, error.text);
    return root;
}

static double number(const json_t *object, const char *member) { return json_number_value(json_object_get(object, member)); }
static int32_t whole(const json_t *object, const char *member) { return (int32_t)number(object, member); }

static pvi_shape read_shape(const json_t *s, const char *name) {
    pvi_shape shape = {.vocab = whole(s, "vocab"), .width = whole(s, "width"), .layers = whole(s, "layers"),
                       .heads = whole(s, "heads"), .kv_heads = whole(s, "kv_heads"), .head_dim = whole(s, "head_dim"),
                       .hidden = whole(s, "hidden"), .context = whole(s, "context"),
                       .rope_theta = (float)number(s, "rope_theta"), .norm_eps = (float)number(s, "norm_eps")};
    shape.tied = strcmp(name, "lm_untied") != 0;
    shape.head = strncmp(name, "sum", 3) == 0    ? PVI_HEAD_TOKEN_SUM
                 : strncmp(name, "mean", 4) == 0 ? PVI_HEAD_TOKEN_MEAN
                 : strncmp(name, "last", 4) == 0 ? PVI_HEAD_LAST
                                                 : PVI_HEAD_LM;
    shape.logprob_feature = strstr(name, "_logprob") != NULL;
    return shape;
}

static pvg_status read_weight(void *arg, const char *name, float *data, int64_t rows, int64_t cols) {
    const json_t *array = json_object_get(json_object_get(arg, "weights"), name);
    int64_t count = cols == 0 ? rows : rows * cols;
    ck_assert_int_eq((int64_t)json_array_size(array), count);
    for (int64_t i = 0; i < count; i++) data[i] = (float)json_number_value(json_array_get(array, (size_t)i));
    return PVG_OK;
}

static void read_batch(golden *g) {
    const json_t *tokens = json_object_get(g->root, "tokens");
    for (int s = 0; s < GOLDEN_SEQUENCES; s++) {
        const json_t *row = json_array_get(tokens, (size_t)s);
        g->offset[s + 1] = g->offset[s] + (int32_t)json_array_size(row);
        ck_assert_int_le(g->offset[s + 1], GOLDEN_TOKENS);
        for (size_t i = 0; i < json_array_size(row); i++) {
            g->token[g->offset[s] + (int)i] = (int32_t)json_integer_value(json_array_get(row, i));
            g->token_logprob[g->offset[s] + (int)i] = number(g->root, "logprob_scale") * (double)(i + 1);
        }
        g->begin[s] = (int32_t)json_integer_value(json_array_get(json_object_get(g->root, "begin"), (size_t)s));
        g->coefficient[s] = json_number_value(json_array_get(json_object_get(g->root, "coefficient"), (size_t)s));
    }
    g->batch = (pvi_batch){.sequences = GOLDEN_SEQUENCES, .offset = g->offset, .token = g->token};
}

void golden_open(golden *g, pvi_env *env, const char *name) {
    memset(g, 0, sizeof *g);
    g->root = load();
    read_batch(g);
    pvi_shape shape = read_shape(json_object_get(g->root, "shape"), name);
    pvi_init init = {.seed = 1};
    ck_ok(env, pvi_model_create(env, &shape, NULL, &init, &g->model));
    ck_ok(env, pvi_model_tensors(&shape, &g->model->weights, read_weight, g->root));
    size_t i;
    json_t *value;
    json_array_foreach(json_object_get(g->root, "cases"), i, value) {
        if (strcmp(json_string_value(json_object_get(value, "name")), name) == 0) g->values = value;
    }
    ck_assert_ptr_nonnull(g->values);
}

void golden_close(golden *g) {
    pvi_model_destroy(g->model);
    json_decref(g->root);
}

static void compare(const char *name, const json_t *array, const double *found, size_t count, double tolerance) {
    ck_assert_msg(json_array_size(array) == count, "%s: %zu golden numbers, %zu wanted", name, json_array_size(array), count);
    double most = 0;
    for (size_t i = 0; i < count; i++) most = fmax(most, fabs(json_number_value(json_array_get(array, i))));
    for (size_t i = 0; i < count; i++) {
        double wanted = json_number_value(json_array_get(array, i));
        ck_assert_msg(fabs(found[i] - wanted) <= tolerance * most, "%s[%zu] is %.9g, golden %.9g", name, i, found[i], wanted);
    }
}

typedef struct comparing {
    const golden *g;
    const double *as_double;
    const float *as_float;
    double tolerance;
} comparing;

static pvg_status compare_tensor(void *arg, const char *name, float *data, int64_t rows, int64_t cols) {
    const comparing *c = arg;
    size_t at = (size_t)(data - c->g->model->weights.block), count = (size_t)(cols == 0 ? rows : rows * cols);
    double *found = calloc(count, sizeof *found);
    for (size_t i = 0; i < count; i++) found[i] = c->as_double != NULL ? c->as_double[at + i] : (double)c->as_float[at + i];
    compare(name, json_object_get(json_object_get(c->g->values, "gradients"), name), found, count, c->tolerance);
    free(found);
    return PVG_OK;
}

void golden_check_gradients(const golden *g, const double *as_double, const float *as_float, double tolerance) {
    comparing c = {g, as_double, as_float, tolerance};
    ck_assert_int_eq(pvi_model_tensors(&g->model->shape, &g->model->weights, compare_tensor, &c), PVG_OK);
}

void golden_check_values(const golden *g, const char *member, const double *found, size_t count, double tolerance) {
    const json_t *values = json_object_get(g->values, member);
    if (json_is_number(values)) ck_assert_double_eq_tol(found[0], json_number_value(values), tolerance * fabs(found[0]));
    else compare(member, values, found, count, tolerance);
}

/* ---- the twin ---- */

static double targets_of(const golden *g) {
    int count = 0;
    for (int s = 0; s < GOLDEN_SEQUENCES; s++) count += g->offset[s + 1] - g->offset[s] - g->begin[s];
    return count;
}

static void check_twin(const char *name) {
    pvi_env *env = test_env();
    golden g;
    naive n;
    golden_open(&g, env, name);
    naive_open(&n, env, g.model);
    double logits[GOLDEN_TOKENS * 19], score[GOLDEN_SEQUENCES], loss;
    if (g.model->shape.head == PVI_HEAD_LM) {
        loss = naive_lm(&n, &g.batch, g.begin, 1.0 / targets_of(&g), true, logits);
        golden_check_values(&g, "logits", logits, GOLDEN_TOKENS * 19, 2e-7);
    } else {
        loss = naive_score(&n, &g.batch, g.begin, g.token_logprob, g.coefficient, true, score);
        golden_check_values(&g, "scores", score, GOLDEN_SEQUENCES, 2e-7);
    }
    golden_check_values(&g, "loss", &loss, 1, 1e-9);
    golden_check_gradients(&g, n.g, NULL, 2e-7);
    naive_close(&n, env);
    golden_close(&g);
    test_env_free(env);
}

START_TEST(twin_agrees_with_pytorch) {
    check_twin("lm_untied");
    check_twin("lm_tied");
    check_twin("sum");
    check_twin("mean_logprob");
    check_twin("last");
}
END_TEST

Suite *suite_golden(void) {
    Suite *suite = suite_create("golden");
    TCase *tc = tcase_create("golden");
    tcase_add_test(tc, twin_agrees_with_pytorch);
    suite_add_tcase(suite, tc);
    return suite;
}
