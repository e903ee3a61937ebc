/*
 * Signature Version 4: canonical request -> string to sign -> signature.
 * Source: AWS General Reference, "Signature Version 4 signing process", and the
 * S3 API Reference for S3's own rules.
 *
 * Reads no clock, environment or network, so the vectors test the code that
 * ships. The client signs; the emulator verifies.
 */
#ifndef FP_WIRE_SIGV4_H
#define FP_WIRE_SIGV4_H

#include "base/digest.h"
#include "wire/message.h"

struct aws_credentials {
	char *access_key_id;
	char *secret_access_key;
	char *session_token; /* NULL when they are permanent */
	int64_t expires_ms;  /* since the epoch; 0 when they do not expire */
};
/* Overwrites the secrets before freeing them. */
void aws_credentials_release(struct aws_credentials *c);
/* Copies, to be released; `token` may be NULL. Overwrites what was in `out`. */
void aws_credentials_set(struct aws_credentials *out, const char *id, const char *secret,
			 const char *token);
void aws_credentials_copy(struct aws_credentials *to, const struct aws_credentials *from);

/* How a request is to be signed. */
struct sigv4_scope {
	const char *region, *service;
	int64_t time_ms;
	/* The path as S3 has it: encoded once and not normalised. sigv4_for() sets it. */
	bool s3_path;
	bool no_normalize;	 /* dots and double slashes stay */
	bool body_hash_header;	 /* x-amz-content-sha256 is sent and signed */
	bool omit_session_token; /* the token is added after signing */
	/*
	 * NULL: the body is hashed. Otherwise this text stands for its hash:
	 * "UNSIGNED-PAYLOAD", "STREAMING-...", or the hex digest of a body that
	 * comes from a file.
	 */
	const char *payload_hash;
};

#define SIGV4_UNSIGNED_PAYLOAD "UNSIGNED-PAYLOAD"

/* The scope as the SDKs have it for a service: S3's path rules and its
 * x-amz-content-sha256 for "s3", the usual ones for all others. */
struct sigv4_scope sigv4_for(const char *service, const char *region, int64_t time_ms);

/* What was computed, for `fpctl sign` and for error messages. */
struct sigv4_trace {
	struct buf canonical_request, string_to_sign;
	char signature[65];
};
void sigv4_trace_release(struct sigv4_trace *t);

/*
 * Sign `req` in place: adds Host, X-Amz-Date and Authorization, plus
 * X-Amz-Security-Token when `creds` are temporary. `trace` may be NULL.
 *
 * Keeps no pointer to its arguments. On failure returns -1 and leaves `req`
 * unchanged; FP_ERR_INPUT means that a header value holds a line break that is
 * no folding, or that a part of the scope is missing.
 */
FP_MUST_CHECK int sigv4_sign(struct http_request *req, const struct sigv4_scope *scope,
			     const struct aws_credentials *creds,
			     struct sigv4_trace *trace, struct fp_error *err);

/* The same by query parameters; valid for `expires_s` seconds (1 to 604800). */
FP_MUST_CHECK int sigv4_presign(struct http_request *req, const struct sigv4_scope *scope,
				const struct aws_credentials *creds, int64_t expires_s,
				struct sigv4_trace *trace, struct fp_error *err);

/* What a received request says about its signature. Texts are owned. */
struct sigv4_claim {
	char *access_key_id, *date, *region, *service, *signed_headers, *signature;
	char *session_token; /* NULL when none was sent */
	int64_t time_ms;
	int64_t expires_s; /* presigned: its validity; else 0 */
	bool presigned;
};
void sigv4_claim_release(struct sigv4_claim *c);

/*
 * Read the claim from Authorization or the query. FP_ERR_CREDENTIALS with
 * aws_code "MissingAuthenticationToken" when there is none, or
 * "IncompleteSignature" / "AuthorizationQueryParametersError" when malformed.
 */
FP_MUST_CHECK int sigv4_claim_read(struct sigv4_claim *c, const struct http_request *req,
				   struct fp_error *err);

/*
 * Compute the signature anew with `secret` and compare in constant time.
 * `payload_hash` is what the sender declared (x-amz-content-sha256), or the
 * digest of the received body. FP_ERR_CREDENTIALS with aws_code
 * "SignatureDoesNotMatch" when it differs. The clock is the caller's matter.
 */
FP_MUST_CHECK int sigv4_verify(const struct http_request *req,
			       const struct sigv4_claim *claim, const char *secret,
			       const char *payload_hash, struct fp_error *err);

/* What signatures of one day, region and service are made with. */
#define SIGV4_MAX_NAME 64 /* bytes of a region's and a service's name */
struct sigv4_key {
	uint8_t secret[SHA256_LEN]; /* the derived signing key */
	char amz_date[17];	    /* "20260102T030405Z" */
	char scope[160];	    /* "20260102/us-east-1/s3/aws4_request" */
};
/* Forget the keys that were derived lately, when no more is to be signed. */
void sigv4_forget_keys(void);

/*
 * What the chunks of a signed aws-chunked body follow: the signature of the request.
 * sigv4_sign() hands it to the request's source. Wipe it after use.
 */
struct sigv4_seed {
	struct sigv4_key key;
	char signature[65];
};
/* The same from a received request. */
void sigv4_claim_seed(struct sigv4_seed *seed, const struct sigv4_claim *claim,
		      const char *secret);
void sigv4_seed_wipe(struct sigv4_seed *seed);
/* The signature of a chunk whose data have this hex digest, following the seed's
 * signature or that of the chunk before. */
void sigv4_chunk_signature(char out[65], const struct sigv4_key *k, const char *previous,
			   const char *digest);
/* The signature of the trailer part: `text` is its lines "name:value\n". */
void sigv4_trailer_signature(char out[65], const struct sigv4_key *k,
			     const char *previous, const char *text);

#endif
