#include "aws/service/s3.h"

#include "aws/address.h"
#include "aws/service/s3_request.h"
#include "base/digest.h"
#include "base/str.h"
#include "wire/uri.h"

#define MIB (INT64_C(1) << 20)

void s3_object_release(struct s3_object *o)
{
	free(o->content_type);
	free(o->version_id);
	*o = (struct s3_object){ 0 };
}

static char *key_path(const char *key)
{
	FP_AUTO(buf_release) struct buf path = BUF_INIT;

	buf_putc(&path, '/');
	uri_encode(&path, key, strlen(key), "/");
	return buf_detach(&path);
}

void s3_request(struct http_request *req, const char *method, const char *key,
		const char *version_id)
{
	FP_AUTO(freep) char *path = key_path(key);

	request_init(req, method, path);
	if (version_id)
		request_add_query(req, "versionId", version_id);
}

int s3_fail_at(struct fp_error *err, const char *bucket, const char *key)
{
	return fp_wrap(err, "s3://%s/%s", bucket, key);
}

static void read_checksum(char name[16], char value[100], const struct http_headers *h)
{
	for (size_t i = 0; checksum_names[i]; i++) {
		FP_AUTO(freep)
		char *header = xasprintf(CHECKSUM_HEADER "%s", checksum_names[i]);
		const char *text = headers_get(h, header);

		if (!text || strlen(text) >= 100)
			continue;
		(void)snprintf(name, 16, "%s", checksum_names[i]);
		(void)snprintf(value, 100, "%s", text);
	}
}

/*
 * Objects without a checksum, from before 2024, have at least their MD5 as entity tag:
 * but uploads in parts, and what is encrypted with a key of KMS or the caller's own.
 * Source: S3 API Reference, "Object".
 */
static void read_md5(struct s3_object *o, const struct http_headers *h)
{
	const char *key = headers_get(h, "x-amz-server-side-encryption");
	FP_AUTO(buf_release) struct buf text = BUF_INIT;
	uint8_t md5[MD5_LEN];

	if (strlen(o->etag) != 2 * MD5_LEN + 2 ||
	    !hex_decode(md5, o->etag + 1, MD5_LEN) ||
	    str_starts(str_or(key, ""), "aws:kms") ||
	    headers_get(h, "x-amz-server-side-encryption-customer-algorithm"))
		return;
	base64_encode(&text, md5, MD5_LEN);
	(void)snprintf(o->checksum_name, sizeof(o->checksum_name), "md5");
	(void)snprintf(o->checksum, sizeof(o->checksum), "%s", buf_str(&text));
}

void s3_read_object(struct s3_object *o, const struct http_headers *h)
{
	const char *size = headers_get(h, "Content-Length");
	const char *type = headers_get(h, "Content-Type");
	const char *version = headers_get(h, "x-amz-version-id");

	*o = (struct s3_object){ 0 };
	if (!size || !str_to_i64(size, 0, INT64_MAX, &o->size))
		o->size = -1;
	(void)snprintf(o->etag, sizeof(o->etag), "%s",
		       str_or(headers_get(h, "ETag"), ""));
	o->content_type = type ? xstrdup(type) : NULL;
	o->version_id = version && !str_eq(version, "null") ? xstrdup(version) : NULL;
	read_checksum(o->checksum_name, o->checksum, h);
	o->composite = strchr(o->checksum, '-') ||
		       str_eq(headers_get(h, "x-amz-checksum-type"), "COMPOSITE");
	if (!*o->checksum)
		read_md5(o, h);
}

void s3_read_result(struct s3_result *r, const struct http_headers *h)
{
	const char *version = headers_get(h, "x-amz-version-id");

	(void)snprintf(r->etag, sizeof(r->etag), "%s",
		       str_or(headers_get(h, "ETag"), r->etag));
	(void)snprintf(r->version_id, sizeof(r->version_id), "%s",
		       version && !str_eq(version, "null") ? version : "");
	read_checksum(r->checksum_name, r->checksum, h);
}

int s3_head_all(const struct s3_target *t, const char *version_id, struct s3_object *out,
		struct http_headers *headers, struct fp_error *err)
{
	FP_AUTO(request_release) struct http_request req;
	FP_AUTO(response_release) struct http_response res = { 0 };

	s3_request(&req, "HEAD", t->key, version_id);
	headers_set(&req.headers, "x-amz-checksum-mode", "ENABLED");
	if (s3_send(t, "HeadObject", &req, NULL, NULL, &res, err) < 0) {
		/* A HEAD's answer has no body that could say it. */
		if (err && str_eq(err->aws_code, "NotFound"))
			(void)snprintf(err->message, sizeof(err->message),
				       "s3://%s/%s: s3 HeadObject: there is no such "
				       "object, or no such bucket",
				       t->bucket, t->key);
		return -1;
	}
	s3_read_object(out, &res.headers);
	*headers = res.headers;
	res.headers = (struct http_headers){ 0 };
	return 0;
}

int s3_head_version(struct aws_client *c, const char *bucket, const char *key,
		    const char *version_id, struct s3_object *out, struct fp_error *err)
{
	FP_AUTO(headers_release) struct http_headers headers = { 0 };
	const struct s3_target t = { c, bucket, key };

	return s3_head_all(&t, version_id, out, &headers, err);
}

int s3_head(struct aws_client *c, const char *bucket, const char *key,
	    struct s3_object *out, struct fp_error *err)
{
	return s3_head_version(c, bucket, key, NULL, out, err);
}

int s3_delete(struct aws_client *c, const char *bucket, const char *key,
	      const char *version_id, struct fp_error *err)
{
	FP_AUTO(request_release) struct http_request req;
	FP_AUTO(response_release) struct http_response res = { 0 };
	struct s3_target t = { c, bucket, key };

	s3_request(&req, "DELETE", key, version_id);
	return s3_send(&t, "DeleteObject", &req, NULL, NULL, &res, err);
}

int s3_send(const struct s3_target *t, const char *operation, struct http_request *req,
	    const struct http_sink *sink, const struct http_progress *progress,
	    struct http_response *res, struct fp_error *err)
{
	const struct aws_rest how = { .service = "s3",
				      .operation = operation,
				      .bucket = t->bucket,
				      .sink = sink,
				      .progress = progress };

	if (aws_rest(t->c, &how, req, res, err) < 0)
		return t->key ? s3_fail_at(err, t->bucket, t->key)
			      : fp_wrap(err, "s3://%s", t->bucket);
	return 0;
}

int s3_send_xml(const struct s3_target *t, const char *operation,
		struct http_request *req, struct arena *a, struct xml **root,
		struct http_headers *headers, struct fp_error *err)
{
	FP_AUTO(response_release) struct http_response res = { 0 };

	if (s3_send(t, operation, req, NULL, NULL, &res, err) < 0)
		return -1;
	if (xml_parse(root, a, buf_str(&res.body), res.body.len, err) < 0)
		return s3_fail_at(err, t->bucket, str_or(t->key, ""));
	if (headers) {
		*headers = res.headers;
		res.headers = (struct http_headers){ 0 };
	}
	return 0;
}

int64_t s3_part_size(int64_t size, int64_t wanted)
{
	int64_t least = size / S3_MAX_PARTS + (size % S3_MAX_PARTS != 0);
	int64_t usual = wanted ? wanted : S3_PART_SIZE;

	return usual >= least ? usual : (least + MIB - 1) / MIB * MIB;
}

int64_t s3_single_size(const struct s3_transfer *t)
{
	return t->part_size ? t->part_size : S3_SINGLE_SIZE;
}

unsigned s3_parallel(const struct s3_transfer *t, int64_t pieces)
{
	int64_t n = t && t->parallel ? t->parallel : S3_PARALLEL;

	return (unsigned)FP_MAX(FP_MIN(n, pieces), 1);
}

int s3_put_file(struct aws_client *c, const char *bucket, const char *key,
		const char *path, const char *content_type,
		const struct http_progress *progress, struct fp_error *err)
{
	struct s3_put_options o = { .content_type = content_type,
				    .transfer.progress = progress };

	return s3_upload(c, bucket, key, path, &o, NULL, err);
}

char *s3_url(struct aws_client *c, const char *bucket, const char *key)
{
	FP_AUTO(freep) char *base = aws_endpoint(c, "s3", bucket, NULL);
	FP_AUTO(freep) char *path = key_path(key);

	/* Without an endpoint nothing can be asked of such a client anyway. */
	if (!base)
		return xasprintf("s3://%s%s", bucket, path);
	return xasprintf("%s%s", base, path);
}

int s3_parse_uri(const char *uri, char **bucket, char **key, struct fp_error *err)
{
	const char *name = uri + 5, *slash;

	if (!str_starts(uri, "s3://") || !*name || *name == '/')
		return fp_fail(err, FP_ERR_INPUT, "'%s' is no s3://BUCKET/KEY", uri);
	slash = strchr(name, '/');
	*bucket = slash ? xstrndup(name, (size_t)(slash - name)) : xstrdup(name);
	*key = xstrdup(slash ? slash + 1 : "");
	return 0;
}
