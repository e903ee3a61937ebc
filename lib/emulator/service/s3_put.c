#include "base/json.h"
#include "base/str.h"
#include "emulator/service/s3.h"

#define META_PREFIX "x-amz-meta-"
#define META_LIMIT  2048

/* Kept with an object and given back with it. */
static const char *const kept_headers[] = {
	"cache-control",
	"content-disposition",
	"content-language",
	"expires",
	"x-amz-website-redirect-location",
};

static const char *const unsupported_headers[] = {
	"x-amz-server-side-encryption-customer-algorithm",
	"x-amz-object-lock-mode",
	"x-amz-object-lock-legal-hold",
	"x-amz-grant-read",
	"x-amz-grant-full-control",
	"x-amz-write-offset-bytes",
};

/* "aws-chunked,gzip" told how the body travelled; the object is "gzip". */
static void keep_encoding(cJSON *headers, const char *value)
{
	FP_AUTO(buf_release) struct buf kept = BUF_INIT;

	for (const char *s = value; *s;) {
		size_t n = strcspn(s, ",");
		FP_AUTO(freep) char *part = NULL;

		while (n && *s == ' ')
			s++, n--;
		part = xstrndup(s, n);
		if (*part && !str_ieq(part, "aws-chunked"))
			buf_printf(&kept, "%s%s", kept.len ? "," : "", part);
		s += n + (s[n] == ',');
	}
	if (kept.len)
		json_set_str(headers, "content-encoding", kept.data);
}

static int keep_meta(struct s3_request *r, cJSON *headers)
{
	const struct http_headers *h = &r->rest->http->headers;
	size_t total = 0;

	for (size_t i = 0; i < h->n; i++) {
		FP_AUTO(freep) char *name = str_lower(xstrdup(h->v[i].name));

		if (!str_starts(name, META_PREFIX))
			continue;
		total += strlen(name) - strlen(META_PREFIX) + strlen(h->v[i].value);
		json_set_str(headers, name, h->v[i].value);
	}
	if (total > META_LIMIT)
		return fault_set(&r->call->fault, 400, "MetadataTooLarge",
				 "the metadata is larger than %d bytes", META_LIMIT);
	return 0;
}

static int check_supported(struct s3_request *r)
{
	const char *acl = s3_header(r, "x-amz-acl");

	for (size_t i = 0; i < ARRAY_SIZE(unsupported_headers); i++)
		if (s3_header(r, unsupported_headers[i]))
			return fault_set(&r->call->fault, 501, "NotImplemented",
					 "the emulator does not support the header %s",
					 unsupported_headers[i]);
	if (acl && !str_eq(acl, "private") && !str_eq(acl, "bucket-owner-full-control"))
		return fault_set(&r->call->fault, 400, "AccessControlListNotSupported",
				 "The bucket does not allow ACLs");
	return 0;
}

int s3_read_attributes(struct s3_request *r, struct s3_object *o)
{
	const char *type = s3_header(r, "Content-Type");
	const char *encoding = s3_header(r, "Content-Encoding");
	const char *class = s3_header(r, "x-amz-storage-class");
	const char *tagging = s3_header(r, "x-amz-tagging");

	if (check_supported(r) < 0)
		return -1;
	o->headers = cJSON_CreateObject();
	json_set_str(o->headers, "content-type", str_or(type, "binary/octet-stream"));
	for (size_t i = 0; i < ARRAY_SIZE(kept_headers); i++)
		json_set_str(o->headers, kept_headers[i], s3_header(r, kept_headers[i]));
	if (encoding)
		keep_encoding(o->headers, encoding);
	if (class && !str_eq(class, "STANDARD"))
		json_set_str(o->headers, "x-amz-storage-class", class);
	if (s3_read_encryption(r, o->headers) < 0 || keep_meta(r, o->headers) < 0)
		return -1;
	if (!tagging)
		return 0;
	o->tags = s3_tags_from_query(r->call, tagging);
	return o->tags ? 0 : -1;
}

static bool etag_matches(const char *list, const char *etag)
{
	FP_AUTO(freep) char *quoted = xasprintf("\"%s\"", etag);

	return str_eq(list, "*") || str_eq(list, etag) || str_eq(list, quoted);
}

/* If-Match and If-None-Match of a write, inside its transaction. */
static int check_write(struct s3_request *r)
{
	const char *match = s3_header(r, "If-Match");
	const char *none = s3_header(r, "If-None-Match");
	struct s3_object o;
	bool there;
	int rc;

	if (!match && !none)
		return 0;
	if (none && !str_eq(none, "*"))
		return fault_set(&r->call->fault, 501, "NotImplemented",
				 "If-None-Match of a write can only be *");
	rc = s3_object_find(r->call, r->bucket, r->key, NULL, &o);
	there = rc == 1 && o.sha256;
	if (rc >= 0 && match && !there)
		rc = fault_set(&r->call->fault, 404, "NoSuchKey",
			       "The specified key does not exist.");
	else if (rc >= 0 && ((none && there) || (match && !etag_matches(match, o.etag))))
		rc = fault_set(&r->call->fault, 412, "PreconditionFailed",
			       "At least one of the pre-conditions you specified did not "
			       "hold");
	s3_stored_release(&o);
	return rc < 0 ? -1 : 0;
}

int s3_store_object(struct s3_request *r, struct s3_object *o, const char *event)
{
	FP_AUTO(freep) char *quoted = xasprintf("\"%s\"", o->etag);
	struct s3_bucket b;

	if (s3_bucket_find(r->call, r->bucket, &b) < 0 || check_write(r) < 0 ||
	    s3_settle_encryption(r, o->headers) < 0 ||
	    s3_object_put(r->call, &b, o) < 0 || s3_notify(r->call, &b, event, o) < 0)
		return -1;
	headers_set(&r->res->headers, "ETag", quoted);
	if (b.versioning == S3_ENABLED)
		headers_set(&r->res->headers, "x-amz-version-id", o->version_id);
	s3_write_checksum(r, o);
	return 0;
}

int s3_keep_body(struct s3_request *r, char sha256[65])
{
	struct store *s = r->call->emu->store;
	const struct buf *body = &r->rest->http->body;
	struct fp_error err = { 0 };
	int rc;

	memcpy(sha256, r->rest->body_sha256, 65);
	if (r->rest->body_path)
		rc = store_blob_adopt(s, r->rest->body_path, sha256, &err);
	else
		rc = store_blob_put(s, body->data, body->len, sha256, &err);
	return rc < 0 ? s3_failed(r->call, &err) : 0;
}

static int in_one(struct s3_request *r, struct s3_object *o, const char *event)
{
	struct store *s = r->call->emu->store;
	struct fp_error err = { 0 };

	if (store_begin(s, &err) < 0)
		return s3_failed(r->call, &err);
	if (s3_store_object(r, o, event) < 0) {
		store_rollback(s);
		return -1;
	}
	return store_commit(s, &err) < 0 ? s3_failed(r->call, &err) : 0;
}

/* A small body goes into the database with its object, a larger one becomes a file
 * before; a wrong name must not leave that behind. */
static int take_body(struct s3_request *r, struct s3_object *o)
{
	const struct buf *body = &r->rest->http->body;
	char sha256[65];
	struct s3_bucket b;

	o->sha256 = xstrdup(r->rest->body_sha256);
	o->etag = xstrdup(r->rest->body_md5);
	o->size = r->rest->body_size;
	if (!r->rest->body_path && body->len <= STORE_INSIDE) {
		o->bytes = body;
		return 0;
	}
	if (s3_bucket_find(r->call, r->bucket, &b) < 0 || check_write(r) < 0)
		return -1;
	return s3_keep_body(r, sha256);
}

static int put_object(struct s3_request *r)
{
	FP_AUTO(s3_stored_release) struct s3_object o = { .key = xstrdup(r->key) };

	if (s3_read_attributes(r, &o) < 0 || take_body(r, &o) < 0)
		return -1;
	if (r->rest->checksum)
		o.checksum = xasprintf("%s:%s", r->rest->checksum_name,
				       r->rest->checksum);
	return in_one(r, &o, "ObjectCreated:Put");
}

const struct s3_route s3_put_routes[] = {
	{ "PUT", 2, NULL, NULL, "PutObject", put_object },
	{ 0 },
};
