/*
 * Bodies of uploads. Each goes with a checksum that S3 compares, so what was damaged on
 * its way is refused there. Large ones are read once: the checksum is computed while they
 * are sent, and follows them.
 */
#include <errno.h>
#include <unistd.h>

#include "aws/service/s3_request.h"
#include "base/digest.h"
#include "base/fault.h"
#include "base/str.h"
#include "wire/chunked.h"

int s3_body_same(const struct s3_body *b, struct fp_error *err)
{
	struct stat now;

	if (b->data || !b->as)
		return 0;
	if (fstat(b->fd, &now) < 0)
		return fp_fail_errno(err, "cannot read '%s'", b->path);
	if (now.st_size == b->as->st_size &&
	    now.st_mtim.tv_sec == b->as->st_mtim.tv_sec &&
	    now.st_mtim.tv_nsec == b->as->st_mtim.tv_nsec)
		return 0;
	return fp_fail(err, FP_ERR_INPUT,
		       "'%s' changed while it was sent, so nothing was stored; upload it "
		       "when it is complete",
		       b->path);
}

/* The bytes at `at` of the body, at most n; 0 at its end. */
static ssize_t read_body(const struct s3_body *b, int64_t at, void *out, size_t n,
			 struct fp_error *err)
{
	size_t want = (size_t)FP_MIN((int64_t)n, b->size - at);
	ssize_t got;

	if (!want)
		return 0;
	if (b->data) {
		memcpy(out, (const char *)b->data + at, want);
		return (ssize_t)want;
	}
	do
		got = fault_point("read") ? -1 : pread(b->fd, out, want, b->offset + at);
	while (got < 0 && errno == EINTR);
	if (got < 0)
		return fp_fail_errno(err, "cannot read '%s'", b->path);
	if (got == 0)
		return fp_fail(err, FP_ERR_INPUT,
			       "'%s' became shorter while it was sent, so nothing was "
			       "stored",
			       b->path);
	return got;
}

int s3_body_feed(const struct s3_body *b, struct checksum *sum, struct fp_error *err)
{
	FP_AUTO(freep) char *block = xmalloc(S3_BLOCK);
	int64_t at = 0;
	ssize_t n;

	while ((n = read_body(b, at, block, S3_BLOCK, err)) > 0) {
		checksum_update(sum, block, (size_t)n);
		at += n;
		if (http_interrupted())
			return fp_fail(err, FP_ERR_INTERRUPTED, "stopped");
	}
	return n < 0 ? -1 : 0;
}

static struct checksum *new_checksum(const char *algorithm, struct fp_error *err)
{
	struct checksum *sum = checksum_new(algorithm);

	if (!sum)
		(void)fp_fail(err, FP_ERR_INPUT,
			      "S3 knows no checksum '%s'; crc64nvme and sha256 are the "
			      "usual ones",
			      algorithm);
	return sum;
}

int s3_body_checksum(char **out, const struct s3_body *b, const char *algorithm,
		     struct fp_error *err)
{
	FP_AUTO(checksum_freep) struct checksum *sum = new_checksum(algorithm, err);
	FP_AUTO(buf_release) struct buf text = BUF_INIT;

	if (!sum || s3_body_feed(b, sum, err) < 0)
		return -1;
	checksum_final(sum, &text);
	*out = buf_detach(&text);
	return 0;
}

/* The plain bytes of a body while they are sent. */
struct flow {
	const struct s3_body *body;
	int64_t at;
};

static ssize_t flow_read(void *ctx, void *out, size_t n, struct fp_error *err)
{
	struct flow *f = ctx;
	ssize_t got = read_body(f->body, f->at, out, n, err);

	if (got <= 0)
		return got;
	f->at += got;
	/* Before the last bytes go: S3 stores nothing without them. */
	if (f->at == f->body->size && s3_body_same(f->body, err) < 0)
		return -1;
	return got;
}

static int flow_rewind(void *ctx, struct fp_error *err FP_UNUSED)
{
	struct flow *f = ctx;

	f->at = 0;
	return 0;
}

/* Over https the connection protects the bytes; over http each chunk is signed. */
static int send_large(const struct s3_target *t, const char *operation,
		      struct http_request *req, const struct s3_body *b,
		      const char *algorithm, char **checksum,
		      const struct http_progress *progress, struct http_response *res,
		      struct fp_error *err)
{
	FP_AUTO(freep) char *url = aws_endpoint(t->c, "s3", NULL, NULL);
	FP_AUTO(chunked_source_freep) struct chunked_source *chunks = NULL;
	struct flow flow = { .body = b };
	const struct http_source inner = {
		.size = b->size, .read = flow_read, .rewind = flow_rewind, .ctx = &flow
	};
	const struct chunked_options o = { .form = url && str_starts(url, "https:")
							   ? CHUNKED_UNSIGNED_TRAILER
							   : CHUNKED_SIGNED_TRAILER,
					   .checksum = algorithm,
					   .chunk_size = S3_BLOCK };

	if (chunked_source_new(&chunks, &inner, &o, err) < 0)
		return -1;
	chunked_source_attach(chunks, req);
	if (s3_send(t, operation, req, NULL, progress, res, err) < 0)
		return -1;
	*checksum = xstrdup(chunked_source_checksum(chunks));
	return 0;
}

static int send_small(const struct s3_target *t, const char *operation,
		      struct http_request *req, const struct s3_body *b,
		      const char *algorithm, char **checksum,
		      const struct http_progress *progress, struct http_response *res,
		      struct fp_error *err)
{
	FP_AUTO(checksum_freep) struct checksum *sum = new_checksum(algorithm, err);
	FP_AUTO(buf_release) struct buf text = BUF_INIT;
	struct flow flow = { .body = b };
	char hex[SHA256_HEX_LEN];
	ssize_t n;

	if (!sum)
		return -1;
	buf_reserve(&req->body, (size_t)b->size + 1);
	while ((n = flow_read(&flow, req->body.data + req->body.len,
			      (size_t)b->size - req->body.len, err)) > 0)
		req->body.len += (size_t)n;
	if (n < 0)
		return -1;
	checksum_update(sum, req->body.data, req->body.len);
	checksum_final(sum, &text);
	sha256_hex(hex, req->body.data, req->body.len);
	headers_set(&req->headers, checksum_header(sum), buf_str(&text));
	headers_set(&req->headers, "x-amz-content-sha256", hex);
	*checksum = buf_detach(&text);
	return s3_send(t, operation, req, NULL, progress, res, err);
}

int s3_send_body(const struct s3_target *t, const char *operation,
		 struct http_request *req, const struct s3_body *b, const char *algorithm,
		 char **checksum, const struct http_progress *progress,
		 struct http_headers *headers, struct fp_error *err)
{
	FP_AUTO(response_release) struct http_response res = { 0 };
	FP_AUTO(freep) char *sent = NULL;
	bool small = b->size <= (int64_t)S3_BLOCK;

	if ((small ? send_small : send_large)(t, operation, req, b, algorithm, &sent,
					      progress, &res, err) < 0)
		return -1;
	*checksum = sent;
	sent = NULL;
	*headers = res.headers;
	res.headers = (struct http_headers){ 0 };
	return 0;
}
