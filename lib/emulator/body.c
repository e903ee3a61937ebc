#include "emulator/body.h"

#include <fcntl.h>
#include <unistd.h>

#include "base/digest.h"
#include "base/fs.h"
#include "base/str.h"
#include "emulator/body_checksum.h"

static int refuse_size(struct body *b, struct fault *f)
{
	return fault_set(f, 413, "EntityTooLarge",
			 "the body is larger than %lld bytes, the most that is accepted",
			 (long long)b->limit);
}

/* A body in chunks says how long what it carries is. */
static int begin_chunks(struct body *b, const char *form_name, const char *length,
			const struct sigv4_claim *claim, const char *secret,
			struct fault *f)
{
	enum chunked_form form;

	if (!chunked_form_named(&form, form_name))
		return fault_set(f, 400, "InvalidArgument",
				 CONTENT_SHA256
				 " must be UNSIGNED-PAYLOAD, a STREAMING- form that is "
				 "known, or a valid sha256 value, not '%.100s'",
				 form_name);
	if (!length)
		return fault_set(f, 411, "MissingContentLength",
				 "You must provide the x-amz-decoded-content-length HTTP "
				 "header.");
	b->chunked = chunked_new(form, claim, secret, &b->trailers);
	return 0;
}

static bool is_sha256(const char *s)
{
	return strlen(s) == SHA256_HEX_LEN - 1 &&
	       strspn(s, "0123456789abcdefABCDEF") == SHA256_HEX_LEN - 1;
}

int body_begin(struct body *b, struct store *store, const struct http_request *http,
	       const struct sigv4_claim *claim, const char *secret, int64_t limit,
	       struct fault *f)
{
	const struct http_headers *headers = &http->headers;
	const char *hash = headers_get(headers, CONTENT_SHA256);
	const char *length = headers_get(headers, "Content-Length");
	int64_t n;

	*b = (struct body){ .store = store, .fd = -1, .limit = limit };
	b->sha256 = digest_new("SHA256");
	b->md5 = digest_new("MD5");
	if (body_declare_checksum(b, http, f) < 0)
		return -1;
	if (hash && !str_eq(hash, SIGV4_UNSIGNED_PAYLOAD) && !is_sha256(hash)) {
		length = headers_get(headers, "x-amz-decoded-content-length");
		if (begin_chunks(b, hash, length, claim, secret, f) < 0)
			return -1;
	}
	if (length && (!str_to_i64(length, 0, INT64_MAX, &n) || n > limit))
		return refuse_size(b, f);
	return 0;
}

static int write_out(struct body *b, const void *data, size_t n, struct fault *f)
{
	struct fp_error err = { 0 };

	if (fs_write_all(b->fd, data, n, b->path, &err) < 0)
		return fault_from(f, &err);
	return 0;
}

static int spool(struct body *b, struct fault *f)
{
	struct fp_error err = { 0 };

	b->path = store_tmp_path(b->store);
	b->fd = fs_open(b->path, O_RDWR | O_CREAT | O_EXCL, 0600, &err);
	if (b->fd < 0)
		return fault_from(f, &err);
	if (write_out(b, b->memory.data, b->memory.len, f) < 0)
		return -1;
	buf_release(&b->memory);
	return 0;
}

static int take(struct body *b, const void *data, size_t n, struct fault *f)
{
	b->size += (int64_t)n;
	if (b->size > b->limit)
		return refuse_size(b, f);
	digest_update(b->sha256, data, n);
	digest_update(b->md5, data, n);
	if (b->checksum)
		checksum_update(b->checksum, data, n);
	if (!b->path && b->memory.len + n > BODY_IN_MEMORY && spool(b, f) < 0)
		return -1;
	if (b->path)
		return write_out(b, data, n, f);
	buf_add(&b->memory, data, n);
	return 0;
}

int body_feed(struct body *b, const void *data, size_t n, struct fault *f)
{
	FP_AUTO(buf_release) struct buf plain = BUF_INIT;
	struct fp_error err = { 0 };

	if (!b->chunked)
		return take(b, data, n, f);
	if (chunked_feed(b->chunked, &plain, data, n, &err) < 0)
		return fault_set(f, *err.aws_code ? 403 : 400,
				 str_or(err.aws_code, "IncompleteBody"), "%s",
				 err.message);
	return take(b, plain.data, plain.len, f);
}

int body_end(struct body *b, const struct http_headers *headers, struct fault *f)
{
	const char *length = headers_get(headers, "x-amz-decoded-content-length");
	uint8_t sum[SHA256_LEN];
	int64_t n;

	hex_encode(b->sha256_hex, sum, digest_final(b->sha256, sum));
	hex_encode(b->md5_hex, sum, digest_final(b->md5, sum));
	if (b->chunked && !chunked_done(b->chunked))
		return fault_set(f, 400, "IncompleteBody", "the body ends too early");
	if (b->chunked && length &&
	    (!str_to_i64(length, 0, INT64_MAX, &n) || n != b->size))
		return fault_set(f, 400, "IncompleteBody",
				 "the body has %lld bytes where %s were announced",
				 (long long)b->size, length);
	if (body_check_digests(b, headers, sum, f) < 0 ||
	    body_check_checksum(b, headers, f) < 0)
		return -1;
	if (b->fd >= 0 && close(b->fd) < 0) {
		struct fp_error err = { 0 };

		b->fd = -1;
		(void)fp_fail_errno(&err, "cannot write '%s'", b->path);
		return fault_from(f, &err);
	}
	b->fd = -1;
	return 0;
}

void body_release(struct body *b)
{
	if (b->fd >= 0)
		(void)close(b->fd);
	if (b->path)
		(void)unlink(b->path);
	b->fd = -1;
	freep(&b->path);
	buf_release(&b->memory);
	digest_freep(&b->sha256);
	digest_freep(&b->md5);
	checksum_freep(&b->checksum);
	chunked_freep(&b->chunked);
	headers_release(&b->trailers);
}
