/* digest.h - content fingerprints (XXH3, 128 bits): for identity and damage, not for security. */
#ifndef PVI_DIGEST_H
#define PVI_DIGEST_H

#include "base/env.h"

typedef struct pvi_digest pvi_digest; /* streaming state */
pvg_status pvi_digest_open(pvi_env *env, pvi_digest **out);
void pvi_digest_add(pvi_digest *digest, const void *data, size_t length);
void pvi_digest_hex(const pvi_digest *digest, char out[33]); /* 32 hex digits and NUL; may go on after */
void pvi_digest_close(pvi_digest *digest);
/* Of a file's bytes; the file may be larger than memory. */
pvg_status pvi_digest_file(pvi_env *env, const char *path, char out[33]);
void pvi_digest_of(const void *data, size_t length, char out[33]);

#endif
