/* digest.c - XXH3 fingerprints, 128 bits. */
#include "base/digest.h"

#include <string.h>

#include "base/alloc.h"
#include "base/file.h"

/* The header-only form: the streaming state can then live in memory from the host's allocator. */
#define XXH_INLINE_ALL
#include <xxhash.h>

struct pvi_digest {
    XXH3_state_t state; /* wants 64-byte alignment, which pvi_alloc gives */
    pvi_env *env;
};

static void to_hex(XXH128_hash_t hash, char out[33]) {
    static const char digits[] = "0123456789abcdef";
    XXH128_canonical_t bytes;
    XXH128_canonicalFromHash(&bytes, hash);
    for (size_t i = 0; i < sizeof bytes.digest; i++) {
        out[2 * i] = digits[bytes.digest[i] >> 4];
        out[2 * i + 1] = digits[bytes.digest[i] & 15];
    }
    out[32] = '\0';
}

pvg_status pvi_digest_open(pvi_env *env, pvi_digest **out) {
    pvi_digest *digest = pvi_calloc(env, 1, sizeof *digest);
    if (digest == NULL) return PVG_E_NOMEM;
    XXH3_128bits_reset(&digest->state);
    digest->env = env;
    *out = digest;
    return PVG_OK;
}

void pvi_digest_add(pvi_digest *digest, const void *data, size_t length) {
    if (length > 0) XXH3_128bits_update(&digest->state, data, length);
}

void pvi_digest_hex(const pvi_digest *digest, char out[33]) { to_hex(XXH3_128bits_digest(&digest->state), out); }

void pvi_digest_close(pvi_digest *digest) {
    if (digest != NULL) pvi_free(digest->env, digest);
}

void pvi_digest_of(const void *data, size_t length, char out[33]) {
    to_hex(XXH3_128bits(length > 0 ? data : "", length), out);
}

pvg_status pvi_digest_file(pvi_env *env, const char *path, char out[33]) {
    enum { PIECE = 1 << 20 };
    pvi_reader *reader = NULL;
    pvi_digest *digest = NULL;
    uint64_t size = 0;
    pvg_status status = pvi_reader_open(env, path, &reader, &size);
    if (status != PVG_OK) return status;
    char *piece = pvi_alloc(env, PIECE, 1);
    status = piece != NULL ? pvi_digest_open(env, &digest) : PVG_E_NOMEM;
    for (uint64_t at = 0; status == PVG_OK && at < size; at += PIECE) {
        size_t length = size - at < PIECE ? (size_t)(size - at) : PIECE;
        status = pvi_reader_at(reader, at, piece, length);
        if (status == PVG_OK) pvi_digest_add(digest, piece, length);
    }
    if (status == PVG_OK) pvi_digest_hex(digest, out);
    pvi_digest_close(digest);
    pvi_free(env, piece);
    pvi_reader_close(reader);
    return status;
}
