/*
 * A request's body as it arrives: decoded from aws-chunked, hashed, kept in
 * memory while small and in a file of the state's folder when larger.
 */
#ifndef FP_EMULATOR_BODY_H
#define FP_EMULATOR_BODY_H

#include "emulator/service.h"
#include "wire/checksum.h"
#include "wire/chunked.h"

#define BODY_IN_MEMORY ((size_t)1 << 20)

struct body {
	struct store *store;
	struct buf memory; /* all of it while path is NULL */
	char *path;	   /* the file; removed by body_release if still there */
	int fd;
	int64_t size, limit; /* decoded bytes */
	struct digest *sha256, *md5;
	struct checksum *checksum; /* the one that the sender declared, or S3's own */
	bool checksum_added;	   /* S3's own */
	struct chunked *chunked;   /* NULL: the body is plain */
	struct http_headers trailers;
	char sha256_hex[65], md5_hex[33], checksum_text[96]; /* after body_end */
};

/*
 * From the request's headers; of CompleteMultipartUpload the checksum is the object's,
 * not the body's. `claim` and `secret` verify signed chunks and are borrowed; `limit` is
 * the largest decoded size. -1 with `f`.
 */
int body_begin(struct body *b, struct store *store, const struct http_request *http,
	       const struct sigv4_claim *claim, const char *secret, int64_t limit,
	       struct fault *f);
int body_feed(struct body *b, const void *data, size_t n, struct fault *f);
/* All arrived: compares size, Content-MD5, x-amz-content-sha256 and checksum. */
int body_end(struct body *b, const struct http_headers *headers, struct fault *f);
void body_release(struct body *b);

#endif
