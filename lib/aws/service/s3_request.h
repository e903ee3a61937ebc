/*
 * What the files of S3 share: requests for objects, and their bodies.
 */
#ifndef FP_AWS_S3_REQUEST_H
#define FP_AWS_S3_REQUEST_H

#include <sys/stat.h>

#include "aws/service/s3.h"
#include "wire/checksum.h"
#include "wire/xml.h"

#ifdef __APPLE__
#define st_mtim st_mtimespec
#endif

#define S3_PARALLEL    8
#define S3_PART_SIZE   (INT64_C(8) << 20)
#define S3_SINGLE_SIZE (INT64_C(16) << 20) /* up to here one request does */
#define S3_BLOCK       ((size_t)256 << 10) /* read at a time */
#define S3_CHECKSUM    "crc64nvme"

/* An object that is asked for, or a bucket where key is NULL. */
struct s3_target {
	struct aws_client *c;
	const char *bucket, *key;
};

/* The request for an object; `version_id` may be NULL. */
void s3_request(struct http_request *req, const char *method, const char *key,
		const char *version_id);
/* "s3://bucket/key: " before the message. Returns -1. */
int s3_fail_at(struct fp_error *err, const char *bucket, const char *key);
/* What an answer's headers say of an object; releases nothing. */
void s3_read_object(struct s3_object *o, const struct http_headers *h);
/* The same as a result: what was stored. */
void s3_read_result(struct s3_result *r, const struct http_headers *h);
/* Send it: as aws_rest, with the object's address before the error. */
FP_MUST_CHECK int s3_send(const struct s3_target *t, const char *operation,
			  struct http_request *req, const struct http_sink *sink,
			  const struct http_progress *progress, struct http_response *res,
			  struct fp_error *err);
/* The same where the answer is XML; `headers` (or NULL) are the caller's to release. */
FP_MUST_CHECK int s3_send_xml(const struct s3_target *t, const char *operation,
			      struct http_request *req, struct arena *a,
			      struct xml **root, struct http_headers *headers,
			      struct fp_error *err);

/* A text of a listing as it was before encoding-type=url, which carries what XML cannot;
 * owned by the caller. */
char *s3_decoded(const struct xml *root, const char *text);
/* HeadObject, with all headers, which are the caller's to release. */
FP_MUST_CHECK int s3_head_all(const struct s3_target *t, const char *version_id,
			      struct s3_object *out, struct http_headers *headers,
			      struct fp_error *err);

/* Of `size` bytes, so that there are at most 10,000: whole MiB, but for `wanted`. */
int64_t s3_part_size(int64_t size, int64_t wanted);
/* Up to how many bytes one request does. */
int64_t s3_single_size(const struct s3_transfer *t);
unsigned s3_parallel(const struct s3_transfer *t, int64_t pieces);

/* s3_body.c: what a request carries, a range of a file or bytes in memory. */
struct s3_body {
	const void *data; /* NULL: of the file */
	int fd;
	const char *path;      /* for messages */
	const struct stat *as; /* the file as it must still be */
	int64_t offset, size;
};
/* FP_ERR_INPUT when the file is no longer what it was. */
FP_MUST_CHECK int s3_body_same(const struct s3_body *b, struct fp_error *err);
/* Feed its bytes to a checksum. */
FP_MUST_CHECK int s3_body_feed(const struct s3_body *b, struct checksum *sum,
			       struct fp_error *err);
/* The checksum of its bytes as the header has it, owned by the caller. */
FP_MUST_CHECK int s3_body_checksum(char **out, const struct s3_body *b,
				   const char *algorithm, struct fp_error *err);
/*
 * Send the request with this body and its checksum, which S3 verifies; *checksum is what
 * was sent, owned by the caller. FP_ERR_INPUT when the file changed meanwhile; S3 then
 * has stored nothing.
 */
FP_MUST_CHECK int s3_send_body(const struct s3_target *t, const char *operation,
			       struct http_request *req, const struct s3_body *b,
			       const char *algorithm, char **checksum,
			       const struct http_progress *progress,
			       struct http_headers *headers, struct fp_error *err);

/* s3_upload.c: what is asked for of the object; and PutObject. */
void s3_put_headers(struct http_request *req, const struct s3_put_options *o);
FP_MUST_CHECK int s3_put_body(const struct s3_target *t, const struct s3_body *body,
			      const struct s3_put_options *o, struct s3_result *out,
			      struct fp_error *err);

#endif
