#include "emulator/body.h"

#include <fcntl.h>
#include <unistd.h>

#include "base/digest.h"
#include "base/fs.h"
#include "base/str.h"

#define CONTENT_SHA256 "x-amz-content-sha256"
#define STREAMING      "STREAMING-"

static int refuse_size(struct body *b, struct fault *f)
{
	return fault_set(f, 413, "EntityTooLarge",
			 "the body is larger than %lld bytes, the most that is accepted",
			 (long long)b->limit);
}

/* The declared checksum's algorithm: a header with its value, or a trailer's name. */
static int declared_checksum(struct body *b, const struct http_headers *headers,
			     struct fault *f)
{
	const char *trailer = headers_get(headers, "x-amz-trailer");

	for (size_t i = 0; checksum_names[i]; i++) {
		FP_AUTO(freep)
		char *name = xasprintf(CHECKSUM_HEADER "%s", checksum_names[i]);

		if (!headers_get(headers, name) && (!trailer || !str_ieq(trailer, name)))
			continue;
		if (b->checksum)
			return fault_set(f, 400, "InvalidRequest",
					 "Expecting a single x-amz-checksum- header. "
					 "Multiple checksum Types are not allowed.");
		b->checksum = checksum_new(checksum_names[i]);
	}
	return 0;
}

int body_begin(struct body *b, struct store *store, const struct http_headers *headers,
	       const struct sigv4_claim *claim, const char *secret, int64_t limit,
	       struct fault *f)
{
	const char *hash = headers_get(headers, CONTENT_SHA256);
	const char *length = headers_get(headers, "Content-Length");
	const char *decoded = headers_get(headers, "x-amz-decoded-content-length");
	int64_t n;

	*b = (struct body){ .store = store, .fd = -1, .limit = limit };
	b->sha256 = digest_new("SHA256");
	b->md5 = digest_new("MD5");
	if (declared_checksum(b, headers, f) < 0)
		return -1;
	if (hash && str_starts(hash, STREAMING)) {
		bool is_signed = str_starts(hash, "STREAMING-AWS4-HMAC-SHA256-PAYLOAD");

		b->chunked = chunked_new(is_signed ? claim : NULL, secret, &b->trailers);
		length = decoded;
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
		return err.code == FP_ERR_CREDENTIALS
			       ? fault_set(f, 403, "SignatureDoesNotMatch", "%s",
					   err.message)
			       : fault_set(f, 400, "IncompleteBody", "%s", err.message);
	return take(b, plain.data, plain.len, f);
}

static int check_sha256(struct body *b, const struct http_headers *headers,
			struct fault *f)
{
	const char *hash = headers_get(headers, CONTENT_SHA256);

	if (!hash || str_starts(hash, STREAMING) ||
	    str_eq(hash, SIGV4_UNSIGNED_PAYLOAD) || str_ieq(hash, b->sha256_hex))
		return 0;
	return fault_set(f, 400, "XAmzContentSHA256Mismatch",
			 "the provided '" CONTENT_SHA256 "' header does not match what "
			 "was computed: %s",
			 b->sha256_hex);
}

static int check_md5(const uint8_t md5[MD5_LEN], const struct http_headers *headers,
		     struct fault *f)
{
	FP_AUTO(buf_release) struct buf want = BUF_INIT;
	const char *header = headers_get(headers, "Content-MD5");

	if (!header)
		return 0;
	if (!base64_decode(&want, header, strlen(header)) || want.len != MD5_LEN)
		return fault_set(f, 400, "InvalidDigest",
				 "the Content-MD5 you specified was invalid");
	if (memcmp(want.data, md5, MD5_LEN) != 0)
		return fault_set(f, 400, "BadDigest",
				 "the Content-MD5 you specified did not match what was "
				 "received");
	return 0;
}

static int check_checksum(struct body *b, const struct http_headers *headers,
			  struct fault *f)
{
	FP_AUTO(buf_release) struct buf got = BUF_INIT;
	FP_AUTO(buf_release) struct buf sent = BUF_INIT;
	FP_AUTO(freep) char *name = NULL;
	const char *want;

	if (!b->checksum)
		return 0;
	checksum_final(b->checksum, &got);
	(void)snprintf(b->checksum_text, sizeof(b->checksum_text), "%s", buf_str(&got));
	name = xasprintf(CHECKSUM_HEADER "%s", checksum_name(b->checksum));
	want = headers_get(headers, name);
	if (!want)
		want = headers_get(&b->trailers, name);
	if (!want)
		return fault_set(f, 400, "MalformedTrailerError",
				 "the trailer %s was announced and not sent", name);
	if (strlen(want) != strlen(b->checksum_text) ||
	    !base64_decode(&sent, want, strlen(want)))
		return fault_set(f, 400, "InvalidRequest",
				 "Value for %s header is invalid.", name);
	if (!str_eq(want, b->checksum_text))
		return fault_set(f, 400, "BadDigest",
				 "the %s you specified did not match the calculated "
				 "checksum %s",
				 name, b->checksum_text);
	return 0;
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
	if (check_sha256(b, headers, f) < 0 || check_md5(sum, headers, f) < 0 ||
	    check_checksum(b, headers, f) < 0)
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
