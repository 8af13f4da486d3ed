/* init.c - see init.h. */
#include "model/init.h"

#include <math.h>
#include <string.h>

#include "base/workers.h"

static const float number_amplitude = 0.21f;
static const double periods[] = {100, 50, 25, 20, 10, 5, 4, 3, 2.5, 2};

typedef struct filler {
    pvi_model *model;
    const pvi_init *init;
    const char *name; /* of the tensor being filled */
    float *data;
    int64_t rows, cols;
    float scale;
} filler;

/* The number that a token reads as: 0..999, digits only after at most one blank, no leading zeros; else -1. */
static int number_of(const pvi_tokenizer *tokenizer, int32_t id) {
    if (tokenizer == NULL || id >= pvi_tokenizer_size(tokenizer) || pvi_tokenizer_is_special(tokenizer, id)) return -1;
    size_t length;
    const char *bytes = pvi_token_bytes(tokenizer, id, &length);
    if (length > 0 && bytes[0] == ' ') bytes++, length--;
    if (length < 1 || length > 3 || (bytes[0] == '0' && length > 1)) return -1;
    int number = 0;
    for (size_t i = 0; i < length; i++) {
        if (bytes[i] < '0' || bytes[i] > '9') return -1;
        number = 10 * number + (bytes[i] - '0');
    }
    return number;
}

static void write_number(float *row, int32_t width, int number) {
    size_t most = sizeof periods / sizeof *periods, count = (size_t)width / 4 < most ? (size_t)width / 4 : most;
    for (size_t i = 0; i < count; i++) {
        double angle = 2.0 * 3.14159265358979323846 * fmod(number, periods[i]) / periods[i];
        row[2 * i] = number_amplitude * (float)cos(angle);
        row[2 * i + 1] = number_amplitude * (float)sin(angle);
    }
}

static void fill_rows(void *arg, int member, int count) {
    const filler *f = arg;
    bool embedding = f->data == f->model->weights.embedding;
    size_t begin, end;
    pvi_share((size_t)f->rows, 1, member, count, &begin, &end);
    for (size_t r = begin; r < end; r++) {
        float *row = f->data + r * (size_t)f->cols;
        pvi_rng rng = pvi_rng_stream(f->init->seed, f->name, r, 0);
        for (int64_t c = 0; c < f->cols; c++) row[c] = f->scale * (float)pvi_rng_normal(&rng);
        int number = embedding && f->init->number_features ? number_of(f->model->tokenizer, (int32_t)r) : -1;
        if (number >= 0) write_number(row, f->model->shape.width, number);
    }
}

static pvg_status fill_tensor(void *arg, const char *name, float *data, int64_t rows, int64_t cols) {
    filler *f = arg;
    if (strncmp(name, "score.", 6) == 0 || strncmp(name, "logprob.", 8) == 0) return PVG_OK; /* stay zero */
    if (cols == 0) {
        for (int64_t i = 0; i < rows; i++) data[i] = 1.0f; /* a norm */
        return PVG_OK;
    }
    f->name = name;
    f->data = data;
    f->rows = rows;
    f->cols = cols;
    f->scale = 1.0f / sqrtf((float)cols);
    if (data == f->model->weights.embedding) f->scale = f->init->embedding_scale;
    /* What is added to the residual stream 2 * layers times keeps its variance near 1 in sum. */
    if (strstr(name, ".o_proj.") != NULL || strstr(name, ".down_proj.") != NULL)
        f->scale /= sqrtf(2.0f * (float)f->model->shape.layers);
    pvi_workers_run(f->model->env->workers, fill_rows, f);
    return PVG_OK;
}

pvg_status pvi_init_weights(pvi_model *model, const pvi_init *init) {
    filler f = {.model = model, .init = init};
    return pvi_model_tensors(&model->shape, &model->weights, fill_tensor, &f);
}
