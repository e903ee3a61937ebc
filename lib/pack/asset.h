/*
 * A processor as Lambda wants it: a zip whose digest is its S3 key, so that
 * unchanged code is never uploaded or deployed again.
 */
#ifndef FP_PACK_ASSET_H
#define FP_PACK_ASSET_H

#include "base/digest.h"
#include "base/error.h"

struct asset {
	char *path; /* of the zip */
	char *key;  /* "processors/SHA256.zip" */
	char sha256[SHA256_HEX_LEN];
	int64_t size;
	bool unchanged; /* the same bytes were there already */
};

/*
 * Make the zip of a bootstrap in `folder`/SHA256.zip (made when missing). A
 * dynamic program takes its libraries along and is started through its own
 * loader by a small `bootstrap` script. `arch` is the one that the manifest
 * asks for; a bootstrap for another one is FP_ERR_BUILD.
 */
FP_MUST_CHECK int asset_build(struct asset *out, const char *bootstrap, const char *arch,
			      const char *folder, struct fp_error *err);
void asset_release(struct asset *a);

#endif
