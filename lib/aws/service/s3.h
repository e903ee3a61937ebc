/*
 * Amazon S3.
 * Source: S3 API Reference, 2006-03-01.
 */
#ifndef FP_AWS_S3_H
#define FP_AWS_S3_H

#include "aws/client.h"

struct s3_object {
	int64_t size;
	char etag[80];
	char *content_type; /* owned; s3_object_release */
	char *version_id;   /* NULL when the bucket has no versions */
};
void s3_object_release(struct s3_object *o);

/* FP_ERR_AWS with http_status 404 when it does not exist. */
FP_MUST_CHECK int s3_head(struct aws_client *c, const char *bucket, const char *key,
			  struct s3_object *out, struct fp_error *err);
/* A file of any size up to 5 GiB; `content_type` may be NULL; `progress` too. */
FP_MUST_CHECK int s3_put_file(struct aws_client *c, const char *bucket, const char *key,
			      const char *path, const char *content_type,
			      const struct http_progress *progress, struct fp_error *err);
FP_MUST_CHECK int s3_put(struct aws_client *c, const char *bucket, const char *key,
			 const void *data, size_t n, const char *content_type,
			 struct fp_error *err);
/* The body goes to `sink`. `version_id` may be NULL. `out` may be NULL. */
FP_MUST_CHECK int s3_get(struct aws_client *c, const char *bucket, const char *key,
			 const char *version_id, const struct http_sink *sink,
			 struct s3_object *out, struct fp_error *err);
/*
 * How many objects and versions a bucket holds, counted up to `limit`; -1 in
 * *count for a bucket that does not exist.
 */
FP_MUST_CHECK int s3_count(struct aws_client *c, const char *bucket, int64_t limit,
			   int64_t *count, struct fp_error *err);
/* Delete every object and version; `*deleted` counts them. A missing bucket is fine. */
FP_MUST_CHECK int s3_empty(struct aws_client *c, const char *bucket, int64_t *deleted,
			   struct fp_error *err);
/* Delete an empty bucket; a missing one is fine. */
FP_MUST_CHECK int s3_delete_bucket(struct aws_client *c, const char *bucket,
				   struct fp_error *err);
/* "https://bucket.s3.region.amazonaws.com/key", for TemplateURL; caller frees. */
char *s3_url(struct aws_client *c, const char *bucket, const char *key);
/*
 * Split "s3://bucket/key"; points nowhere: both owned by the caller. The key is
 * "" for "s3://bucket" and "s3://bucket/".
 */
FP_MUST_CHECK int s3_parse_uri(const char *uri, char **bucket, char **key,
			       struct fp_error *err);

#endif
