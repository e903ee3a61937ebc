/*
 * Proof of possession of a key: a JWT signed by ES256, as the header DPoP.
 * Source: RFC 9449 (DPoP), RFC 7515 (JWS), RFC 7518 section 3.4 (ES256).
 */
#ifndef FP_AWS_DPOP_H
#define FP_AWS_DPOP_H

#include "base/base.h"
#include "base/error.h"

/*
 * A proof for a POST to `url`, made now. `pem` is a P-256 private key, SEC 1 or PKCS #8.
 * `*out` is owned by the caller. FP_ERR_INPUT when it is no such key.
 */
FP_MUST_CHECK int dpop_proof(char **out, const char *pem, const char *url, int64_t now_ms,
			     struct fp_error *err);

#endif
