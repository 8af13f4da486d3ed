/* kernels.c - see kernels.h: what is the same on every engine. */
#include "compute/kernels.h"

#include <math.h>
#include <string.h>

#include "compute/engine.h"
#include "compute/kernels_tables.h"

const pvi_kernels *pvi_kernels_of(int engine) {
#if defined(__x86_64__)
    if (engine == PVI_ENGINE_OPENBLAS) /* which only multiplies matrices */
        engine = pvi_engine_possible(PVI_ENGINE_AVX512) ? PVI_ENGINE_AVX512
                 : pvi_engine_possible(PVI_ENGINE_AVX2) ? PVI_ENGINE_AVX2
                                                        : PVI_ENGINE_PORTABLE;
    if (engine == PVI_ENGINE_AVX512) return &pvi_kernels_avx512;
    if (engine == PVI_ENGINE_AVX2) return &pvi_kernels_avx2;
#endif
    (void)engine;
    return &pvi_kernels_portable;
}

void pvi_key_put(float *keys, int32_t head_dim, int32_t at, const float *key) {
    keys += (size_t)(at / PVI_LANES * PVI_LANES) * (size_t)head_dim + (size_t)(at % PVI_LANES);
    if (at % PVI_LANES == 0) memset(keys, 0, pvi_keys_floats(head_dim, PVI_LANES) * sizeof *keys);
    for (int32_t d = 0; d < head_dim; d++) keys[d * PVI_LANES] = key[d];
}

void pvi_value_put(float *values, int32_t head_dim, int32_t at, const float *value) {
    values += pvi_values_floats(head_dim, at);
    memcpy(values, value, (size_t)head_dim * sizeof *value);
    for (int32_t d = head_dim; d < pvi_lanes_up(head_dim); d++) values[d] = 0;
}

/* The rooms that attend, attention and attention_back of kernels_body.h lay out. */
size_t pvi_attention_scratch(const pvi_attention_shape *s, int32_t longest, bool backward) {
    size_t dim = (size_t)s->head_dim, wide = (size_t)pvi_lanes_up(s->head_dim), up = (size_t)pvi_lanes_up(longest);
    size_t forward = up * dim + (size_t)longest * wide + 8 * (2 * wide + (size_t)pvi_lanes_up(longest + 8));
    size_t back = up * (2 * dim + 3 * wide) + 32 * (3 * wide + 2 * up);
    return backward && back > forward ? back : forward;
}

size_t pvi_attention_steps_scratch(int32_t head_dim, int32_t count) {
    return PVI_STEP_ROWS * (2 * (size_t)pvi_lanes_up(head_dim) + (size_t)pvi_lanes_up(count + PVI_LANES));
}

float pvi_log_prob(const pvi_kernels *kernels, int32_t count, const float *logits, int32_t token, float *p) {
    float largest, sum;
    kernels->log_sum_parts(count, logits, &largest, &sum);
    float result = pvi_log_prob_of(logits[token], largest, sum);
    if (p != NULL) kernels->softmax(count, logits, largest, 1.0f / sum, p);
    return result;
}

void pvi_gather(int32_t rows, int32_t width, const float *table, const int32_t *token, float *to) {
    for (int32_t i = 0; i < rows; i++)
        memcpy(to + (size_t)i * (size_t)width, table + (size_t)token[i] * (size_t)width, (size_t)width * sizeof *to);
}

void pvi_rotary_table(int32_t positions, int32_t head_dim, float theta, float *cosines, float *sines) {
    int32_t half = head_dim / 2;
    for (int32_t i = 0; i < half; i++) {
        double frequency = pow((double)theta, -2.0 * i / head_dim);
        for (int32_t t = 0; t < positions; t++) {
            cosines[(size_t)t * (size_t)half + (size_t)i] = (float)cos(t * frequency);
            sines[(size_t)t * (size_t)half + (size_t)i] = (float)sin(t * frequency);
        }
    }
}
