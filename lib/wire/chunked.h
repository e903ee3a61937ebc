/*
 * aws-chunked bodies, as the SDKs send them to S3: chunks with or without a
 * signature each, and a trailer with a checksum.
 * Source: S3 API Reference, "Signature calculations for the Authorization
 * header: transferring payload in multiple chunks", and with trailers.
 */
#ifndef FP_WIRE_CHUNKED_H
#define FP_WIRE_CHUNKED_H

#include "wire/message.h"
#include "wire/sigv4.h"

/* A decoder that is fed bytes as they arrive. */
struct chunked;
/*
 * `claim` and `secret` verify signed chunks, and are borrowed while it lives;
 * NULL for the unsigned form. `trailers` is filled from the trailer part.
 */
struct chunked *chunked_new(const struct sigv4_claim *claim, const char *secret,
			    struct http_headers *trailers);
/* Decoded bytes are appended to `out`, also those of a chunk whose signature is yet
 * to come: keep nothing before chunked_done(). After a failure only free it.
 * FP_ERR_PROTOCOL for malformed framing, FP_ERR_CREDENTIALS "SignatureDoesNotMatch" for a
 * wrong chunk signature. */
FP_MUST_CHECK int chunked_feed(struct chunked *c, struct buf *out, const void *data,
			       size_t n, struct fp_error *err);
/* Whether the last chunk and the trailers were read. */
bool chunked_done(const struct chunked *c);
void chunked_freep(struct chunked **c);

#endif
