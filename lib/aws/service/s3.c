#include "aws/service/s3.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "aws/endpoint.h"
#include "base/digest.h"
#include "base/fs.h"
#include "base/str.h"
#include "wire/uri.h"

#define MAX_PUT (5LL * 1024 * 1024 * 1024) /* one PutObject */

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

static void object_request(struct http_request *req, const char *method, const char *key)
{
	FP_AUTO(freep) char *path = key_path(key);

	request_init(req, method, path);
}

/* "s3://bucket/key: " before the message, which names operation and reason. */
static int fail_at(struct fp_error *err, const char *bucket, const char *key)
{
	return fp_wrap(err, "s3://%s/%s", bucket, key);
}

static void read_object(struct s3_object *o, const struct http_response *res)
{
	const struct http_headers *h = &res->headers;
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
}

int s3_head(struct aws_client *c, const char *bucket, const char *key,
	    struct s3_object *out, struct fp_error *err)
{
	FP_AUTO(request_release) struct http_request req;
	FP_AUTO(response_release) struct http_response res = { 0 };

	object_request(&req, "HEAD", key);
	if (aws_send(c, "s3", bucket, &req, NULL, NULL, &res, err) < 0)
		return fail_at(err, bucket, key);
	read_object(out, &res);
	return 0;
}

/* The payload's digest is signed, so S3 itself refuses what was damaged on its way. */
static int put(struct aws_client *c, const char *bucket, const char *key,
	       struct http_request *req, const char *digest, const char *content_type,
	       const struct http_progress *progress, struct fp_error *err)
{
	FP_AUTO(response_release) struct http_response res = { 0 };

	headers_set(&req->headers, "x-amz-content-sha256", digest);
	headers_set(&req->headers, "Content-Type",
		    str_or(content_type, "application/octet-stream"));
	if (aws_send(c, "s3", bucket, req, NULL, progress, &res, err) < 0)
		return fail_at(err, bucket, key);
	/* A proxy's welcome page is a 200, too. */
	if (!headers_get(&res.headers, "ETag")) {
		(void)fp_fail(err, FP_ERR_PROTOCOL,
			      "the answer has no ETag, so it is not S3's; check the "
			      "endpoint and the proxy");
		return fail_at(err, bucket, key);
	}
	return 0;
}

static int open_upload(int *fd, int64_t *size, const char *path, struct fp_error *err)
{
	struct stat st;

	/* Opening a FIFO would wait for its writer. */
	if (stat(path, &st) < 0)
		return fp_fail_errno(err, "cannot upload '%s'", path);
	if (S_ISDIR(st.st_mode))
		return fp_fail(err, FP_ERR_INPUT,
			       "cannot upload '%s': it is a folder; name a file", path);
	if (!S_ISREG(st.st_mode))
		return fp_fail(err, FP_ERR_INPUT,
			       "cannot upload '%s': it is no plain file", path);
	if (st.st_size > MAX_PUT)
		return fp_fail(err, FP_ERR_LIMIT, "'%s' is larger than 5 GiB", path);
	*fd = fs_open(path, O_RDONLY, 0, err);
	*size = st.st_size;
	return *fd < 0 ? -1 : 0;
}

int s3_put_file(struct aws_client *c, const char *bucket, const char *key,
		const char *path, const char *content_type,
		const struct http_progress *progress, struct fp_error *err)
{
	FP_AUTO(closep) int fd = -1;
	FP_AUTO(request_release) struct http_request req;
	char digest[SHA256_HEX_LEN];

	object_request(&req, "PUT", key);
	if (open_upload(&fd, &req.body_size, path, err) < 0 ||
	    sha256_fd_hex(digest, fd, err) < 0)
		return -1;
	if (req.body_size > 0)
		req.body_fd = fd;
	return put(c, bucket, key, &req, digest, content_type, progress, err);
}

int s3_put(struct aws_client *c, const char *bucket, const char *key, const void *data,
	   size_t n, const char *content_type, struct fp_error *err)
{
	FP_AUTO(request_release) struct http_request req;
	char digest[SHA256_HEX_LEN];

	object_request(&req, "PUT", key);
	buf_add(&req.body, data, n);
	sha256_hex(digest, data, n);
	return put(c, bucket, key, &req, digest, content_type, NULL, err);
}

int s3_get(struct aws_client *c, const char *bucket, const char *key,
	   const char *version_id, const struct http_sink *sink, struct s3_object *out,
	   struct fp_error *err)
{
	FP_AUTO(request_release) struct http_request req;
	FP_AUTO(response_release) struct http_response res = { 0 };

	object_request(&req, "GET", key);
	if (version_id)
		request_add_query(&req, "versionId", version_id);
	if (aws_send(c, "s3", bucket, &req, sink, NULL, &res, err) < 0)
		return fail_at(err, bucket, key);
	if (out)
		read_object(out, &res);
	return 0;
}

char *s3_url(struct aws_client *c, const char *bucket, const char *key)
{
	FP_AUTO(freep) char *base = aws_endpoint(c, "s3");
	FP_AUTO(freep) char *path = key_path(key);
	char *host = strstr(base, "://");
	size_t scheme = host ? (size_t)(host + 3 - base) : 0;

	if (!host || endpoint_is_local(host + 3) || strchr(bucket, '.'))
		return xasprintf("%s/%s%s", base, bucket, path);
	return xasprintf("%.*s%s.%s%s", (int)scheme, base, bucket, base + scheme, path);
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
