/*
 * The parts of the S3 service. Source of the behaviour: Amazon S3 API Reference.
 */
#ifndef FP_EMULATOR_S3_H
#define FP_EMULATOR_S3_H

#include "emulator/bus.h"
#include "emulator/service.h"
#include "wire/uri.h"
#include "wire/xml.h"

#define S3_XMLNS	"http://s3.amazonaws.com/doc/2006-03-01/"
#define S3_NULL_VERSION "null"
/* Among an object's headers, for us only: its parts' sizes, "8388608*37,5". */
#define S3_PARTS    "x-fpctl-parts"
#define S3_OWNER_ID "75aa57f09aa0c8caeab4f8c24e99d10f8e7faeebf76c078efc7c6caea54ba06a"

/* A request to S3, taken apart. */
struct s3_request {
	struct call *call;
	struct rest_request *rest;
	struct rest_response *res;
	char *bucket, *key; /* decoded; NULL where there is none; owned */
	struct uri_params query;
};

/* An operation of the API. */
struct s3_route {
	const char *method;
	int level;	    /* 0 service, 1 bucket, 2 object */
	const char *marker; /* the query parameter that tells it, or NULL */
	const char *header; /* a header that must be there, or NULL */
	const char *name;   /* "PutObject" */
	int (*run)(struct s3_request *r);
};

enum s3_versioning { S3_UNVERSIONED, S3_ENABLED, S3_SUSPENDED };

struct s3_bucket {
	char name[64], region[64];
	int64_t created_ms;
	enum s3_versioning versioning;
};

/* One version of an object; texts and JSON are owned. */
struct s3_object {
	char *key, *version_id, *etag, *sha256; /* sha256 NULL: a delete marker */
	char *checksum;				/* "crc32:AAAAAA==", or NULL */
	cJSON *headers; /* {"content-type": ..., "x-amz-meta-...": ...} */
	cJSON *tags;	/* {key: value} */
	int64_t seq, size, modified_ms;
	bool latest;
	const struct buf *bytes; /* small, and to be stored with it; borrowed; or NULL */
};
void s3_stored_release(struct s3_object *o);

/* s3.c: small things for all */
const char *s3_header(const struct s3_request *r, const char *name); /* or NULL */
const char *s3_param(const struct s3_request *r, const char *name);  /* or NULL */
/* Begin an XML answer with its root element. */
void s3_begin_xml(struct s3_request *r, const char *root);
/* The body of a request as XML; -1 with MalformedXML. */
int s3_read_xml(struct s3_request *r, struct arena *a, struct xml **root);
/* The whole body as text, owned by the caller; NULL with a fault. */
char *s3_read_body(struct s3_request *r);
/* fault_from, for `return s3_failed(c, &err)`. */
int s3_failed(struct call *c, const struct fp_error *err);

/* s3_bucket.c */
extern const struct s3_route s3_bucket_routes[];
/* -1 with NoSuchBucket. */
int s3_bucket_find(struct call *c, const char *name, struct s3_bucket *out);
/* NULL, or what is wrong with the name. */
const char *s3_bucket_name_fault(const char *name);
/* `owner` tells whose it is: "" by the API, or a stack's resource. Making it again
 * for the same stack's resource is fine. */
int s3_bucket_create(struct call *c, const char *name, const char *owner);
/* -1 with BucketNotEmpty when it has an object, a version or an upload. */
int s3_bucket_delete(struct call *c, const char *name);
int s3_bucket_set_versioning(struct call *c, const char *name, enum s3_versioning v);

/* s3_config.c: documents kept for a bucket, by kind */
extern const struct s3_route s3_config_routes[];
/* Whether S3 would take it; -1 with a fault. */
int s3_config_check(struct call *c, const char *kind, const char *body);
/* NULL body removes it. */
int s3_config_set(struct call *c, const char *bucket, const char *kind, const char *body);
/* The document, owned by the caller; NULL when there is none, or with a fault. */
char *s3_config_get(struct call *c, const char *bucket, const char *kind);

/* s3_encryption.c. The documents' contents, as S3 refuses them; -1 with a fault. */
int s3_encryption_check(struct call *c, const struct xml *root);
/* What a request says of the encryption, as an object's headers. */
int s3_read_encryption(struct s3_request *r, cJSON *headers);
/* The encryption that `from` has, in place of the one that is there. */
void s3_take_encryption(cJSON *headers, const cJSON *from);
/* Where the request said nothing, the bucket's; the key's ARN; and both in the answer. */
int s3_settle_encryption(struct s3_request *r, cJSON *headers);

/* s3_lifecycle.c */
int s3_lifecycle_check(struct call *c, const struct xml *root);

/* s3_objects.c: the table of versions; to be called inside a transaction when writing */
/* 1 found (a delete marker, too), 0 not, -1 with a fault. NULL version: the latest. */
int s3_object_find(struct call *c, const char *bucket, const char *key,
		   const char *version_id, struct s3_object *out);
/* The same, but what is not there or deleted is the fault NoSuchKey/NoSuchVersion. */
int s3_object_get(struct call *c, const char *bucket, const char *key,
		  const char *version_id, struct s3_object *out);
/* Make `o` the latest version: fills version_id, seq, modified_ms. Counts the blob. */
int s3_object_put(struct call *c, const struct s3_bucket *b, struct s3_object *o);
/* What a delete did. */
struct s3_deletion {
	bool existed, marker_made, marker_removed;
	char version_id[64]; /* of the marker made or the version removed; or "" */
	char sequencer[17];
};
int s3_object_delete(struct call *c, const struct s3_bucket *b, const char *key,
		     const char *version_id, struct s3_deletion *out);
int s3_object_set_tags(struct call *c, const char *bucket, const struct s3_object *o,
		       const cJSON *tags);
void s3_sequencer(char out[17], int64_t seq);

/* s3_put.c, s3_get.c, s3_delete.c, s3_copy.c, s3_list.c, s3_multipart.c, s3_tags.c */
extern const struct s3_route s3_put_routes[], s3_get_routes[], s3_delete_routes[],
	s3_copy_routes[], s3_list_routes[], s3_multipart_routes[],
	s3_upload_list_routes[], s3_parts_routes[], s3_tags_routes[];

/* s3_put.c: what a request says about the object to be written; owned by `o`. -1
 * with a fault for what is not supported. */
int s3_read_attributes(struct s3_request *r, struct s3_object *o);
/* Put it, tell who listens, and answer with ETag and version. In a transaction. */
int s3_store_object(struct s3_request *r, struct s3_object *o, const char *event);
/* Keep the request's body as a blob; sha256 gets its name. Not in a transaction. */
int s3_keep_body(struct s3_request *r, char sha256[65]);

/* s3_get.c */
void s3_write_checksum(struct s3_request *r, const struct s3_object *o);
/* Of "crc32:AAAAAA==", or of NULL, which has none: the element ChecksumCRC32; "CRC32",
 * owned by the caller; whether it covers the whole or its parts' checksums. */
void s3_element_checksum(struct buf *out, const char *checksum);
char *s3_checksum_label(const char *checksum);
const char *s3_checksum_type(const char *checksum);
/* Whether a list of entity tags ("a", W/"b", *) names this one. */
bool s3_etag_in(const char *list, const char *etag);
/* If-Match and its like against an object; `prefix` "" or "x-amz-copy-source-". */
int s3_check_read(struct s3_request *r, const struct s3_object *o, const char *prefix);
/* "bytes=0-9" of `size` bytes: 1 and the range, 0 when it says nothing usable, -1
 * when it lies outside. */
int s3_parse_range(const char *text, int64_t size, int64_t *first, int64_t *count);
/* For the bus: {Bucket, Key, VersionId?} -> {Path, Sha256, Size}. */
int s3_get_object_path(struct call *c, const cJSON *in, cJSON *out);

/* s3_copy.c: find what x-amz-copy-source names, conditions checked. */
int s3_copy_source(struct s3_request *r, struct s3_object *o, char **bucket);

/* s3_tags.c */
/* "a=1&b=2" to an object; NULL with a fault. */
cJSON *s3_tags_from_query(struct call *c, const char *text);

/* s3_notify.c: rules [{"Id","Events":[],"Kind":"lambda|sns","Arn","Prefix","Suffix"}] */
extern const struct s3_route s3_notify_routes[];
/* Queue what the bucket's rules ask for. `event` is "ObjectCreated:Put"; in the
 * transaction of what happened. */
int s3_notify(struct call *c, const struct s3_bucket *b, const char *event,
	      const struct s3_object *o);
/* Check that the targets exist and let S3 in, and keep the rules. */
int s3_notify_set(struct call *c, const char *bucket, const cJSON *rules);

/* s3_resource.c */
extern const struct resource_type s3_resources[];

#endif
