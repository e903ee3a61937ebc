#include "base/clock.h"
#include "base/str.h"
#include "emulator/service/s3.h"

#define SOURCE "x-amz-copy-source"

/* "/bucket/key?versionId=x", encoded, into its three parts. */
static int split_source(struct s3_request *r, char **bucket, char **key,
			char **version_id)
{
	const char *s = s3_header(r, SOURCE), *slash, *question;
	struct buf b = BUF_INIT;

	s += *s == '/';
	slash = strchr(s, '/');
	if (!slash || !slash[1])
		return fault_set(&r->call->fault, 400, "InvalidArgument",
				 "Copy Source must mention the source bucket and key: "
				 "sourcebucket/sourcekey");
	question = strstr(slash, "?versionId=");
	uri_decode(&b, s, (size_t)(slash - s), false);
	*bucket = buf_detach(&b);
	uri_decode(&b, slash + 1,
		   question ? (size_t)(question - slash - 1) : strlen(slash + 1), false);
	*key = buf_detach(&b);
	if (question)
		*version_id = xstrdup(strchr(question, '=') + 1);
	return 0;
}

int s3_copy_source(struct s3_request *r, struct s3_object *o, char **bucket)
{
	FP_AUTO(freep) char *key = NULL;
	FP_AUTO(freep) char *version_id = NULL;
	struct s3_bucket b;

	if (split_source(r, bucket, &key, &version_id) < 0 ||
	    s3_bucket_find(r->call, *bucket, &b) < 0 ||
	    s3_object_get(r->call, *bucket, key, version_id, o) < 0)
		return -1;
	if (!str_eq(o->version_id, S3_NULL_VERSION))
		headers_set(&r->res->headers, "x-amz-copy-source-version-id",
			    o->version_id);
	return s3_check_read(r, o, SOURCE "-");
}

static bool says_replace(struct s3_request *r, const char *header)
{
	const char *s = s3_header(r, header);

	return s && str_eq(s, "REPLACE");
}

/* What the copy is to be: the source's bytes, with its attributes or new ones. */
static int make_copy(struct s3_request *r, struct s3_object *o, char **bucket)
{
	bool new_meta = says_replace(r, "x-amz-metadata-directive");
	bool new_tags = says_replace(r, "x-amz-tagging-directive");
	struct s3_object fresh = { 0 };

	if (s3_copy_source(r, o, bucket) < 0)
		return -1;
	if (s3_read_attributes(r, &fresh) < 0) {
		s3_stored_release(&fresh);
		return -1;
	}
	if (!new_meta && str_eq(*bucket, r->bucket) && str_eq(o->key, r->key) &&
	    o->latest && !s3_header(r, "x-amz-storage-class") &&
	    !s3_header(r, "x-amz-server-side-encryption")) {
		s3_stored_release(&fresh);
		return fault_set(
			&r->call->fault, 400, "InvalidRequest",
			"This copy request is illegal because it is trying to copy "
			"an object to itself without changing the object's "
			"metadata, storage class, website redirect location or "
			"encryption attributes.");
	}
	if (new_meta) {
		cJSON_Delete(o->headers);
		o->headers = fresh.headers;
		fresh.headers = NULL;
	}
	if (new_tags) {
		cJSON_Delete(o->tags);
		o->tags = fresh.tags;
		fresh.tags = NULL;
	}
	s3_stored_release(&fresh);
	free(o->key);
	o->key = xstrdup(r->key);
	return s3_store_object(r, o, "ObjectCreated:Copy");
}

static int copy_object(struct s3_request *r)
{
	FP_AUTO(s3_stored_release) struct s3_object o = { 0 };
	FP_AUTO(freep) char *bucket = NULL;
	FP_AUTO(freep) char *quoted = NULL;
	struct store *s = r->call->emu->store;
	struct fp_error err = { 0 };
	char date[25];

	if (store_begin(s, &err) < 0)
		return s3_failed(r->call, &err);
	if (make_copy(r, &o, &bucket) < 0) {
		store_rollback(s);
		return -1;
	}
	if (store_commit(s, &err) < 0)
		return s3_failed(r->call, &err);
	quoted = xasprintf("\"%s\"", o.etag);
	time_iso(date, o.modified_ms);
	headers_remove(&r->res->headers, "ETag");
	s3_begin_xml(r, "CopyObjectResult");
	xml_element(&r->res->body, "LastModified", date);
	xml_element(&r->res->body, "ETag", quoted);
	xml_close(&r->res->body, "CopyObjectResult");
	return 0;
}

const struct s3_route s3_copy_routes[] = {
	{ "PUT", 2, NULL, SOURCE, "CopyObject", copy_object },
	{ 0 },
};
