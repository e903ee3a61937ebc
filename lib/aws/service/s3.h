/*
 * Amazon S3.
 * Source: S3 API Reference, 2006-03-01; S3 User Guide, "Checking object integrity" and
 * "Multipart upload limits".
 */
#ifndef FP_AWS_S3_H
#define FP_AWS_S3_H

#include "aws/client.h"
#include "base/str.h"

#define S3_MAX_PARTS 10000
#define S3_MAX_PART  (INT64_C(5) << 30)
/* 48.8 TiB: as many of the largest parts as there may be. */
#define S3_MAX_OBJECT (S3_MAX_PARTS * S3_MAX_PART)

struct s3_object {
	int64_t size; /* -1: not said */
	char etag[80];
	char *content_type; /* owned; s3_object_release */
	char *version_id;   /* NULL when the bucket has no versions */
	/* As S3 has it: name ("crc64nvme") and value; without one the "md5" that the
	 * entity tag of most objects is; else "". */
	char checksum_name[16], checksum[100];
	bool composite; /* the checksum is one of the parts' checksums */
};
void s3_object_release(struct s3_object *o);

/* How a transfer of many requests goes. All zero: the defaults. */
struct s3_transfer {
	unsigned parallel; /* requests at once; 0: 8 */
	/* Of a piece; 0: 8 MiB, and more where 10,000 of them would not do. What is not
	 * larger (by default: than 16 MiB) goes in one request. */
	int64_t part_size;
	/* Bytes of the whole, those of an earlier run too; from any thread, one at a
	 * time. */
	const struct http_progress *progress;
	/* Where a download notes the object's size before the first report; or NULL. */
	int64_t *total;
	/*
	 * A folder in which an upload that breaks off is remembered; the same upload of
	 * the unchanged file goes on from there. NULL: it is aborted.
	 */
	const char *state;
};

struct s3_put_options {
	const char *content_type; /* NULL: application/octet-stream */
	/* Only where no object is: else FP_ERR_AWS "PreconditionFailed". */
	bool if_none_match;
	/* "crc64nvme" (NULL) and the other CRCs for the whole, "sha256" and "sha1" for
	 * each part and over these. */
	const char *checksum;
	struct s3_transfer transfer;
};

/* What came of a transfer. */
struct s3_result {
	int64_t size, reused; /* bytes; of them what an earlier run had done */
	char etag[80];
	char checksum_name[16], checksum[100]; /* of the whole, or "" */
	char version_id[1025];		       /* or "" */
};

/* FP_ERR_AWS with http_status 404 when it does not exist. */
FP_MUST_CHECK int s3_head(struct aws_client *c, const char *bucket, const char *key,
			  struct s3_object *out, struct fp_error *err);
FP_MUST_CHECK int s3_head_version(struct aws_client *c, const char *bucket,
				  const char *key, const char *version_id,
				  struct s3_object *out, struct fp_error *err);

/*
 * A file of any size, in parallel parts where it is large; memory does not grow with it.
 * A FIFO is read as s3_upload_stream does. FP_ERR_INPUT when the file changes meanwhile:
 * then nothing is stored. FP_ERR_INTERRUPTED and errors that may pass leave what was sent
 * to the next run where `o->transfer.state` is given, and say so; other errors leave
 * nothing. `o` and `out` may be NULL.
 */
FP_MUST_CHECK int s3_upload(struct aws_client *c, const char *bucket, const char *key,
			    const char *path, const struct s3_put_options *o,
			    struct s3_result *out, struct fp_error *err);
/*
 * All that comes from `fd`, a pipe. Each of the parallel requests holds one part in
 * memory: 8 MiB each, later 64 MiB, and then fewer at a time: about 256 MiB in sum.
 * FP_ERR_LIMIT behind 490 GiB. Whatever fails, nothing is left.
 */
FP_MUST_CHECK int s3_upload_stream(struct aws_client *c, const char *bucket,
				   const char *key, int fd,
				   const struct s3_put_options *o, struct s3_result *out,
				   struct fp_error *err);
/* s3_upload in its shortest form; `content_type` and `progress` may be NULL. */
FP_MUST_CHECK int s3_put_file(struct aws_client *c, const char *bucket, const char *key,
			      const char *path, const char *content_type,
			      const struct http_progress *progress, struct fp_error *err);
FP_MUST_CHECK int s3_put(struct aws_client *c, const char *bucket, const char *key,
			 const void *data, size_t n, const char *content_type,
			 struct fp_error *err);

/*
 * The body goes to `sink`, once and in order: where the connection breaks, the rest is
 * asked for, of the same object. Its checksum is verified when S3 has one of the whole.
 * `version_id` may be NULL. `out` may be NULL.
 */
FP_MUST_CHECK int s3_get(struct aws_client *c, const char *bucket, const char *key,
			 const char *version_id, const struct http_sink *sink,
			 struct s3_object *out, struct fp_error *err);
/*
 * To a file, in parallel ranges. It grows beside it as PATH.fpctl-part and takes its name
 * when it is whole and its checksum is right: FP_ERR_PROTOCOL when it is not. After
 * FP_ERR_INTERRUPTED and errors that may pass the same call goes on where it stopped, as
 * long as the object is the same; after others nothing is left. `t` and `out` may be
 * NULL; `t->state` is of no use here.
 */
FP_MUST_CHECK int s3_download(struct aws_client *c, const char *bucket, const char *key,
			      const char *version_id, const char *path,
			      const struct s3_transfer *t, struct s3_result *out,
			      struct fp_error *err);

/* An object's place; version_id may be NULL. */
struct s3_place {
	const char *bucket, *key, *version_id;
};
/*
 * Copy an object of any size inside S3, its metadata too (tags only up to 5 GiB). Only of
 * the object as it is at the start. `t` and `out` may be NULL.
 */
FP_MUST_CHECK int s3_copy(struct aws_client *c, const struct s3_place *from,
			  const struct s3_place *to, const struct s3_transfer *t,
			  struct s3_result *out, struct fp_error *err);
/* `version_id` may be NULL; what does not exist is fine. */
FP_MUST_CHECK int s3_delete(struct aws_client *c, const char *bucket, const char *key,
			    const char *version_id, struct fp_error *err);

/* Append the names of all the account's buckets. */
FP_MUST_CHECK int s3_bucket_names(struct aws_client *c, struct strs *out,
				  struct fp_error *err);

/* One line of a listing; the texts live for the call. */
struct s3_entry {
	const char *key, *etag, *modified, *storage_class;
	int64_t size;
};
/*
 * The objects whose keys begin with `prefix` (NULL: all), in order; `each` returns false
 * when it has enough.
 */
FP_MUST_CHECK int s3_list(struct aws_client *c, const char *bucket, const char *prefix,
			  bool (*each)(void *ctx, const struct s3_entry *e), void *ctx,
			  struct fp_error *err);
/* The bucket's region, owned by the caller. FP_ERR_AWS with http_status 404 or 403. */
FP_MUST_CHECK int s3_bucket_region(struct aws_client *c, const char *bucket,
				   char **region, struct fp_error *err);

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
