/* shape.c - see shape.h. */
#include "model/shape.h"

#include <math.h>

/* Bounds are wide, but close enough that no product of sizes can overflow 64 bits. */
enum {
    MOST_VOCAB = 1 << 20,
    MOST_WIDTH = 1 << 16,
    MOST_LAYERS = 1024,
    MOST_HEADS = 1024,
    MOST_HIDDEN = 1 << 18,
    MOST_CONTEXT = 1 << 20
};
static const uint64_t most_parameters = UINT64_C(1) << 40;

static pvg_status check_sizes(pvi_env *env, const pvi_shape *shape) {
    const struct {
        const char *name;
        int32_t value, most;
    } sizes[] = {
        {"vocab", shape->vocab, MOST_VOCAB},          {"width", shape->width, MOST_WIDTH},
        {"layers", shape->layers, MOST_LAYERS},       {"heads", shape->heads, MOST_HEADS},
        {"kv_heads", shape->kv_heads, MOST_HEADS},    {"head_dim", shape->head_dim, PVI_HEAD_DIM_MAX},
        {"hidden", shape->hidden, MOST_HIDDEN},       {"context", shape->context, MOST_CONTEXT},
    };
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        if (sizes[i].value >= 1 && sizes[i].value <= sizes[i].most) continue;
        return pvi_fail(env, PVG_E_RANGE, "shape", "%s is %d; it must be between 1 and %d", sizes[i].name,
                        (int)sizes[i].value, (int)sizes[i].most);
    }
    return PVG_OK;
}

pvg_status pvi_shape_check(pvi_env *env, const pvi_shape *shape) {
    pvg_status status = check_sizes(env, shape);
    if (status != PVG_OK) return status;
    if (shape->heads % shape->kv_heads != 0)
        return pvi_fail(env, PVG_E_RANGE, "shape", "heads is %d, which is not a multiple of kv_heads, %d",
                        (int)shape->heads, (int)shape->kv_heads);
    if (shape->head_dim % 2 != 0)
        return pvi_fail(env, PVG_E_RANGE, "shape", "head_dim is %d; it must be even, because positions turn pairs",
                        (int)shape->head_dim);
    if (!(shape->rope_theta >= 1.0f) || isinf(shape->rope_theta))
        return pvi_fail(env, PVG_E_RANGE, "shape", "rope_theta must be a finite number of at least 1");
    if (!(shape->norm_eps > 0.0f && shape->norm_eps <= 0.1f))
        return pvi_fail(env, PVG_E_RANGE, "shape", "norm_eps must be above 0 and at most 0.1");
    if (shape->head < PVI_HEAD_LM || shape->head > PVI_HEAD_LAST)
        return pvi_fail(env, PVG_E_RANGE, "shape", "head is %d, which names no head", (int)shape->head);
    if (shape->logprob_feature && shape->head == PVI_HEAD_LM)
        return pvi_fail(env, PVG_E_RANGE, "shape", "logprob_feature is on, but only a verifier's head can use it");
    if (pvi_shape_parameters(shape) > most_parameters)
        return pvi_fail(env, PVG_E_RANGE, "shape", "%llu parameters: at most %llu are possible",
                        (unsigned long long)pvi_shape_parameters(shape), (unsigned long long)most_parameters);
    return PVG_OK;
}

uint64_t pvi_shape_parameters(const pvi_shape *shape) {
    uint64_t width = (uint64_t)shape->width, hidden = (uint64_t)shape->hidden;
    uint64_t attention = (uint64_t)shape->heads * (uint64_t)shape->head_dim;
    uint64_t layer = 2 * width + (uint64_t)pvi_shape_qkv(shape) * width + attention * width + 3 * hidden * width;
    uint64_t trunk = (uint64_t)shape->vocab * width + (uint64_t)shape->layers * layer + width;
    if (shape->head != PVI_HEAD_LM) return trunk + width + 2;
    return shape->tied ? trunk : trunk + (uint64_t)shape->vocab * width;
}
