/*
 * aws-chunked bodies, as the SDKs send them to S3: chunks with or without a
 * signature each, and a trailer with a checksum.
 * Source: S3 API Reference, "Signature calculations for the Authorization
 * header: transferring payload in multiple chunks", and with trailers.
 */
#ifndef FP_WIRE_CHUNKED_H
#define FP_WIRE_CHUNKED_H

#include "wire/checksum.h"
#include "wire/message.h"
#include "wire/sigv4.h"

/*
 * Amazon S3 takes the unsigned form over https only; chunks of
 * a signed form are covered by signatures of their own, so they suit http too.
 */
enum chunked_form {
	CHUNKED_SIGNED,		  /* STREAMING-AWS4-HMAC-SHA256-PAYLOAD */
	CHUNKED_SIGNED_TRAILER,	  /* STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER */
	CHUNKED_UNSIGNED_TRAILER, /* STREAMING-UNSIGNED-PAYLOAD-TRAILER */
};
/* What x-amz-content-sha256 says of it. */
const char *chunked_form_name(enum chunked_form form);
/* From what it says; false when it names none of them. */
FP_MUST_CHECK bool chunked_form_named(enum chunked_form *out, const char *name);
#define CHUNKED_MIN_SIZE ((size_t)8 << 10) /* only the last chunk is smaller */

/* A decoder that is fed bytes as they arrive. */
struct chunked;
/*
 * `claim` and `secret` verify signed chunks, and are not kept; the unsigned form does
 * without. `trailers` is filled from the trailer part.
 */
struct chunked *chunked_new(enum chunked_form form, const struct sigv4_claim *claim,
			    const char *secret, struct http_headers *trailers);
/* Decoded bytes are appended to `out`, also those of a chunk whose signature is yet
 * to come: keep nothing before chunked_done(). After a failure only free it.
 * FP_ERR_PROTOCOL for malformed framing, FP_ERR_CREDENTIALS with AWS's code
 * "SignatureDoesNotMatch" for a wrong chunk signature, "InvalidChunkSizeError" for a
 * chunk that is too small. */
FP_MUST_CHECK int chunked_feed(struct chunked *c, struct buf *out, const void *data,
			       size_t n, struct fp_error *err);
/* Whether the last chunk and the trailers were read. */
bool chunked_done(const struct chunked *c);
void chunked_freep(struct chunked **c);

#define CHUNKED_DEFAULT_SIZE ((size_t)64 << 10)
#define CHUNKED_MAX_SIZE     ((size_t)64 << 20)

struct chunked_options {
	enum chunked_form form;
	/* Sent as the trailer, by name: "crc64nvme". Only the signed form without a
	 * trailer takes none. */
	const char *checksum;
	size_t chunk_size; /* bytes of data in each chunk but the last; 0: the default */
};

/*
 * The encoder: a body made while it is sent, in constant memory, whose size is known
 * before. `inner` gives the plain bytes; it and what it reads are borrowed while the
 * encoder lives.
 */
struct chunked_source;
/* FP_ERR_INPUT: options that do not fit each other, or a name that is no checksum. */
FP_MUST_CHECK int chunked_source_new(struct chunked_source **out,
				     const struct http_source *inner,
				     const struct chunked_options *o,
				     struct fp_error *err);
/* Make it the body of `req`: its source, which is borrowed, and the headers that say
 * so. sigv4_sign(), at each attempt anew, gives it the signature to begin with. */
void chunked_source_attach(struct chunked_source *c, struct http_request *req);
/* The bytes as they go over the wire; the same that chunked_source_attach() sets. */
const struct http_source *chunked_source_body(const struct chunked_source *c);
/* The checksum that was sent: base64; "" until all was read, or without one. */
const char *chunked_source_checksum(const struct chunked_source *c);
void chunked_source_freep(struct chunked_source **c); /* wipes the key */

#endif
