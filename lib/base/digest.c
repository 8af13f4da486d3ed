/* digest.c - see digest.h. */
#include "base/digest.h"

#include <xxhash.h>

#include "base/alloc.h"

struct pvi_digest {
    XXH3_state_t *state;
    pvi_env *env;
};

pvg_status pvi_digest_open(pvi_env *env, pvi_digest **out) {
    pvi_digest *digest = pvi_alloc(env, 1, sizeof *digest);
    if (digest == NULL) return PVG_E_NOMEM;
    *digest = (pvi_digest){XXH3_createState(), env};
    if (digest->state == NULL) {
        pvi_free(env, digest);
        return pvi_fail(env, PVG_E_NOMEM, "digest", "no memory for a digest");
    }
    XXH3_128bits_reset(digest->state);
    *out = digest;
    return PVG_OK;
}

void pvi_digest_add(pvi_digest *digest, const void *data, size_t length) {
    if (length > 0) XXH3_128bits_update(digest->state, data, length);
}

static void to_hex(XXH128_hash_t hash, char out[33]) {
    const uint64_t word[2] = {hash.high64, hash.low64};
    for (int i = 0; i < 32; i++) out[i] = "0123456789abcdef"[word[i / 16] >> (60 - 4 * (i % 16)) & 15];
    out[32] = '\0';
}

void pvi_digest_hex(const pvi_digest *digest, char out[33]) { to_hex(XXH3_128bits_digest(digest->state), out); }

void pvi_digest_close(pvi_digest *digest) {
    if (digest == NULL) return;
    XXH3_freeState(digest->state);
    pvi_free(digest->env, digest);
}

void pvi_digest_of(const void *data, size_t length, char out[33]) { to_hex(XXH3_128bits(data, length), out); }
