/*
 * The steps of Signature Version 4 that signing and verifying share. For
 * lib/wire/sigv4*.c only; everyone else uses wire/sigv4.h.
 */
#ifndef FP_WIRE_SIGV4_CANONICAL_H
#define FP_WIRE_SIGV4_CANONICAL_H

#include "wire/sigv4.h"

#define SIGV4_ALGORITHM	 "AWS4-HMAC-SHA256"
#define SIGV4_SHA_HEADER "x-amz-content-sha256"
/* A week: the longest that a presigned URL is valid. */
#define SIGV4_MAX_EXPIRES_S (7 * 24 * 3600)

struct sigv4_canonical {
	bool s3_path, no_normalize;
	const char *signed_headers; /* "host;x-amz-date" */
	const char *payload_hash;
};

/*
 * Derive the key of a day, region and service, or take it from those derived lately.
 * Region and service are at most SIGV4_MAX_NAME bytes long.
 */
void sigv4_key_make(struct sigv4_key *k, const char *secret, const char *region,
		    const char *service, int64_t time_ms);
void sigv4_key_wipe(struct sigv4_key *k);

/* Whether a service's paths follow S3's rules. */
bool sigv4_is_s3(const char *service);
/* The names of the headers to sign: lower case, sorted, joined by ';'. `left_out` is
 * one more that is not signed, in lower case, or NULL. */
void sigv4_signed_headers(struct buf *out, const struct http_request *req,
			  const char *left_out);
/* The Host header's value as a client sends it: without the scheme's own port. */
void sigv4_host(struct buf *out, const struct http_request *req);
void sigv4_canonical_request(struct buf *out, const struct http_request *req,
			     const struct sigv4_canonical *how);
void sigv4_string_to_sign(struct buf *out, const struct sigv4_key *k,
			  const struct buf *canonical_request);
void sigv4_signature(char out[65], const struct sigv4_key *k, const char *text, size_t n);

/* Fail with FP_ERR_CREDENTIALS and AWS's code for it. */
int sigv4_refuse(struct fp_error *err, const char *aws_code, const char *fmt, ...)
	FP_PRINTF(3, 4);

#endif
