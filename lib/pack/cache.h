/*
 * Compressing twice what did not change costs seconds: the digest of all that
 * goes into a zip leads to the zip that was made of it.
 */
#ifndef FP_PACK_CACHE_H
#define FP_PACK_CACHE_H

#include "base/digest.h"
#include "pack/zip.h"

/* The digest of the names, modes and bytes, and of who compresses them. */
FP_MUST_CHECK int cache_fingerprint(char out[SHA256_HEX_LEN],
				    const struct pack_entry *entries, size_t n,
				    struct fp_error *err);
/*
 * The zip's digest and size, when `folder` has it whole. Its bytes are hashed
 * again: a file that was cut short or changed is not found.
 */
bool cache_find(const char *folder, const char *fingerprint, char sha256[SHA256_HEX_LEN],
		int64_t *size);
/* Remember that `fingerprint` became `sha256`. */
FP_MUST_CHECK int cache_remember(const char *folder, const char *fingerprint,
				 const char *sha256, struct fp_error *err);

#endif
