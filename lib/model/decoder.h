/* decoder.h - one worker's way through a model with a key-value cache: prompts at once, then a token at a time for many
 * samples side by side. Everything runs on the calling thread. Private to model/. */
#ifndef PVI_DECODER_H
#define PVI_DECODER_H

#include "model/packed.h"

/* Most samples that one worker takes along at a time: as many as make the products of each half pay. */
enum { PVI_WAVE = 64 };

/* Prompts that share the cache, and the samples that go on from them. Slots are the samples' places in the cache. */
typedef struct pvi_decoder {
    const pvi_model *model;
    const pvi_kernels *k;
    int32_t prompts, slots;        /* room */
    int32_t prompt_room, own_room; /* positions of a prompt and of a sample */
    int32_t rows;                  /* most rows computed together */
    float *prompt_cache, *own_cache;
    size_t prompt_floats, own_floats; /* of one prompt, of one slot: all layers */
    int32_t *prompt_length;        /* [prompts] */
    int32_t *slot_prompt, *slot_length; /* [slots]: its prompt; own positions filled */
    float *x, *normed, *qkv, *mixed, *gate_up, *act, *stats, *scratch; /* rows */
    bool near;                     /* the caches fit the processor's last cache */
    pvi_arena arena;
} pvi_decoder;

/* Bytes that a decoder takes. */
size_t pvi_decoder_bytes(const pvi_shape *shape, int32_t prompts, int32_t slots, int32_t prompt_room, int32_t own_room);
pvg_status pvi_decoder_create(pvi_env *env, const pvi_model *model, int32_t prompts, int32_t slots, int32_t prompt_room,
                              int32_t own_room, pvi_decoder *out);
void pvi_decoder_free(pvi_env *env, pvi_decoder *d);

/* Fill the cache of prompts [first, end) (at most d->rows tokens together) with their tokens, end to end as in a batch;
 * hidden[i] gets prompt i's last state after the final norm, [width] each, i from `first`. */
void pvi_decoder_prompts(pvi_decoder *d, int32_t first, int32_t end, const int32_t *offset, const int32_t *token,
                         float *hidden);
/* A sample begins behind a prompt. */
void pvi_decoder_begin(pvi_decoder *d, int32_t slot, int32_t prompt);
/* Feed one token to each of `count` slots (at most d->rows); hidden: [count][width] after the final norm. */
void pvi_decoder_step(pvi_decoder *d, int32_t count, const int32_t *slot, const int32_t *token, float *hidden);

#endif
