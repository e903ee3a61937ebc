/*
 * What a request says of its body's bytes, and whether that is so: digests,
 * x-amz-checksum- headers and trailers. For body.c only.
 * Source: S3 User Guide, "Checking object integrity"; S3 API Reference, PutObject.
 */
#ifndef FP_EMULATOR_BODY_CHECKSUM_H
#define FP_EMULATOR_BODY_CHECKSUM_H

#include "base/digest.h"
#include "emulator/body.h"

#define CONTENT_SHA256 "x-amz-content-sha256"

/* The algorithm to compute: that of the header or of the trailer that is announced,
 * else the CRC64NVME that S3 adds by itself. -1 with `f`. */
int body_declare_checksum(struct body *b, const struct http_request *http,
			  struct fault *f);
/* x-amz-content-sha256 against b->sha256_hex, Content-MD5 against `md5`. */
int body_check_digests(struct body *b, const struct http_headers *headers,
		       const uint8_t md5[MD5_LEN], struct fault *f);
/* The checksum; fills b->checksum_text. */
int body_check_checksum(struct body *b, const struct http_headers *headers,
			struct fault *f);

#endif
