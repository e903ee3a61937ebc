/*
 * One object of S3 in memory, with uploads in parts and ranges; it misbehaves as the
 * test says, and counts.
 */
#ifndef FP_TEST_FAKE_S3_H
#define FP_TEST_FAKE_S3_H

#include "aws/service/s3.h"
#include "base/digest.h"
#include "test_server.h"
#include "wire/checksum.h"

#define FAKE_PARTS 16

struct fake_s3 {
	struct buf object;
	bool there, no_checksum;
	char etag[40];
	struct buf parts[FAKE_PARTS];
	bool uploading;
	unsigned creates, part_puts, completes, aborts, reads;
	unsigned calls, break_every;	/* hang up on each nth call; 0: on none */
	unsigned bad_part;		/* this part (from 1) always fails */
	unsigned cut_every;		/* each nth GET breaks after half its bytes */
	unsigned gets_left;		/* when limited: so many GETs, then nothing */
	bool limited, corrupt, forgets; /* forgets: no upload is known any more */
	bool lost_completion;		/* done, but its answer does not arrive */
	bool conflict;			/* the first completion meets another write */
	bool unknown_part;		/* the first completion names a wrong part */
	bool busy;			/* every answer: 503, ask later */
	bool md5;			/* entity tags are what they are in S3 */
	const char *touch;		/* a file that grows while its parts are sent */
	unsigned etags;
	size_t sent; /* bytes of answers to GETs */
};

static inline bool fake_header(const struct test_request *req, const char *name,
			       char *value, size_t size)
{
	FP_AUTO(freep) char *want = xasprintf("\r\n%s: ", name);
	const char *at = strcasestr(req->head, want);

	if (!at)
		return false;
	at += strlen(want);
	(void)snprintf(value, size, "%.*s", (int)strcspn(at, "\r"), at);
	return true;
}

static inline unsigned fake_number(const struct test_request *req, const char *name)
{
	const char *at = strstr(req->target, name);

	return at ? (unsigned)strtoul(at + strlen(name), NULL, 10) : 0;
}

static inline void fake_checksum(char out[64], const struct buf *b)
{
	FP_AUTO(checksum_freep) struct checksum *sum = checksum_new("crc64nvme");
	FP_AUTO(buf_release) struct buf text = BUF_INIT;

	checksum_update(sum, buf_str(b), b->len);
	checksum_final(sum, &text);
	(void)snprintf(out, 64, "%s", buf_str(&text));
}

static inline void fake_store(struct fake_s3 *f)
{
	FP_AUTO(checksum_freep) struct checksum *sum = checksum_new("md5");
	FP_AUTO(buf_release) struct buf text = BUF_INIT, raw = BUF_INIT;
	char hex[2 * MD5_LEN + 1] = "";

	f->there = true;
	checksum_update(sum, buf_str(&f->object), f->object.len);
	checksum_final(sum, &text);
	ck_assert(base64_decode(&raw, buf_str(&text), text.len));
	for (size_t i = 0; i < raw.len; i++)
		(void)snprintf(hex + 2 * i, 3, "%02x", (uint8_t)raw.data[i]);
	if (f->md5)
		(void)snprintf(f->etag, sizeof(f->etag), "\"%s\"", hex);
	else
		(void)snprintf(f->etag, sizeof(f->etag), "\"e%u\"", ++f->etags);
}

static inline void fake_drop_parts(struct fake_s3 *f)
{
	for (size_t i = 0; i < FAKE_PARTS; i++)
		buf_release(&f->parts[i]);
	f->uploading = false;
}

static inline void fake_grow(const char *path)
{
	FILE *file = fopen(path, "a");

	ck_assert_ptr_nonnull(file);
	ck_assert_int_gt(fprintf(file, "more"), 0);
	ck_assert_int_eq(fclose(file), 0);
}

static inline void fake_part(struct fake_s3 *f, const struct test_request *req,
			     struct test_answer *out)
{
	unsigned n = fake_number(req, "partNumber=");
	char range[64];
	long long first, last;

	f->part_puts++;
	if (n == f->bad_part || n == 0 || n > FAKE_PARTS) {
		out->status = 0;
		return;
	}
	if (f->touch)
		fake_grow(f->touch);
	buf_clear(&f->parts[n - 1]);
	buf_printf(&out->headers, "ETag: \"p%u\"\r\n", n);
	if (!fake_header(req, "x-amz-copy-source-range", range, sizeof(range))) {
		buf_add(&f->parts[n - 1], req->body, req->body_len);
		return;
	}
	ck_assert_int_eq(sscanf(range, "bytes=%lld-%lld", &first, &last), 2);
	buf_add(&f->parts[n - 1], f->object.data + first, (size_t)(last - first + 1));
	buf_printf(&out->body, "<CopyPartResult><ETag>\"p%u\"</ETag></CopyPartResult>",
		   n);
}

static inline void fake_complete(struct fake_s3 *f, const struct test_request *req,
				 struct test_answer *out)
{
	FP_AUTO(buf_release) struct buf whole = BUF_INIT;
	char sum[64], said[64];

	if (f->completes++ == 0 && (f->conflict || f->unknown_part)) {
		out->status = f->conflict ? 409 : 400;
		buf_printf(&out->body, "<Error><Code>%s</Code></Error>",
			   f->conflict ? "ConditionalRequestConflict" : "InvalidPart");
		f->uploading = !f->conflict;
		return;
	}
	for (size_t i = 0; i < FAKE_PARTS; i++)
		buf_add(&whole, buf_str(&f->parts[i]), f->parts[i].len);
	fake_checksum(sum, &whole);
	if (fake_header(req, "x-amz-checksum-crc64nvme", said, sizeof(said)) &&
	    !str_eq(sum, said)) {
		out->status = 400;
		buf_puts(&out->body, "<Error><Code>BadDigest</Code></Error>");
		return;
	}
	buf_release(&f->object);
	f->object = whole;
	whole = (struct buf)BUF_INIT;
	fake_store(f);
	fake_drop_parts(f);
	if (f->lost_completion)
		out->status = 0;
	buf_printf(&out->body,
		   "<CompleteMultipartUploadResult><ETag>%s</ETag>"
		   "<ChecksumCRC64NVME>%s</ChecksumCRC64NVME>"
		   "</CompleteMultipartUploadResult>",
		   f->etag, sum);
}

static inline void fake_read(struct fake_s3 *f, const struct test_request *req,
			     struct test_answer *out)
{
	long long first = 0, last = (long long)f->object.len - 1;
	char value[128], sum[64];
	bool head = str_eq(req->method, "HEAD");
	size_t n;

	if (!f->there) {
		out->status = 404;
		return;
	}
	if (!head && f->limited && f->gets_left-- == 0) {
		f->gets_left = 0;
		out->status = 0;
		return;
	}
	f->reads += !head;
	if (fake_header(req, "If-Match", value, sizeof(value)) &&
	    !str_eq(value, f->etag)) {
		out->status = 412;
		buf_puts(&out->body, "<Error><Code>PreconditionFailed</Code></Error>");
		return;
	}
	fake_checksum(sum, &f->object);
	buf_printf(&out->headers, "ETag: %s\r\n", f->etag);
	if (fake_header(req, "Range", value, sizeof(value))) {
		if (sscanf(value, "bytes=%lld-%lld", &first, &last) < 1)
			ck_abort_msg("%s", value);
		out->status = 206;
		buf_printf(&out->headers, "Content-Range: bytes %lld-%lld/%zu\r\n", first,
			   last, f->object.len);
	} else if (!f->no_checksum) {
		buf_printf(&out->headers, "x-amz-checksum-crc64nvme: %s\r\n", sum);
	}
	n = (size_t)(last - first + 1);
	buf_printf(&out->headers, "Content-Length: %zu\r\n", n);
	if (head)
		return;
	out->hang_up = f->cut_every && f->reads % f->cut_every == 0;
	if (out->hang_up)
		n /= 2;
	buf_add(&out->body, buf_str(&f->object) + first, n);
	if (f->corrupt && n)
		out->body.data[n / 2] ^= 1;
	f->sent += n;
}

static void fake_s3(void *ctx, const struct test_request *req, struct test_answer *out)
{
	struct fake_s3 *f = ctx;
	bool of_upload = strstr(req->target, "uploadId=") != NULL;

	if (f->busy) {
		f->calls++;
		out->status = 503;
		buf_puts(&out->headers, "Retry-After: 5\r\n");
	} else if (f->break_every && ++f->calls % f->break_every == 0) {
		out->status = 0;
	} else if (of_upload && (f->forgets || !f->uploading)) {
		out->status = 404;
		buf_puts(&out->body, "<Error><Code>NoSuchUpload</Code></Error>");
	} else if (strstr(req->target, "?uploads")) {
		fake_drop_parts(f);
		f->uploading = true;
		f->forgets = false;
		f->creates++;
		buf_puts(&out->body,
			 "<InitiateMultipartUploadResult><UploadId>u</UploadId>"
			 "</InitiateMultipartUploadResult>");
	} else if (str_eq(req->method, "PUT") && of_upload) {
		fake_part(f, req, out);
	} else if (str_eq(req->method, "POST")) {
		fake_complete(f, req, out);
	} else if (str_eq(req->method, "DELETE")) {
		f->aborts++;
		fake_drop_parts(f);
		out->status = 204;
	} else if (str_eq(req->method, "PUT")) {
		if (f->touch)
			fake_grow(f->touch);
		buf_clear(&f->object);
		buf_add(&f->object, req->body, req->body_len);
		fake_store(f);
		buf_printf(&out->headers, "ETag: %s\r\n", f->etag);
	} else {
		fake_read(f, req, out);
	}
}

static inline void fake_s3_release(struct fake_s3 *f)
{
	fake_drop_parts(f);
	buf_release(&f->object);
}

#endif
