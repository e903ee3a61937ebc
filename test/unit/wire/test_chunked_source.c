#include <string.h>

#include "base/clock.h"
#include "base/str.h"
#include "check_main.h"
#include "wire/chunked.h"
#include "wire/sigv4.h"
#include "wire/source.h"

#define DOC_KEY	   "AKIAIOSFODNN7EXAMPLE"
#define DOC_SECRET "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"

/* Gives its bytes in small pieces, and fails when told to. */
struct slow {
	struct source_bytes bytes;
	struct http_source from;
	size_t piece, fail_at;
};

static ssize_t slow_read(void *ctx, void *out, size_t n, struct fp_error *err)
{
	struct slow *s = ctx;

	if (s->fail_at && s->bytes.at >= s->fail_at)
		return fp_fail(err, FP_ERR_IO, "the disk is gone");
	return s->from.read(s->from.ctx, out, FP_MIN(n, s->piece), err);
}

static int slow_rewind(void *ctx, struct fp_error *err)
{
	struct slow *s = ctx;

	return s->from.rewind(s->from.ctx, err);
}

static struct http_source slow_source(struct slow *s, const void *data, size_t n)
{
	s->bytes = (struct source_bytes){ .data = data, .size = n };
	s->from = source_memory(&s->bytes);
	return (struct http_source){
		.size = (int64_t)n, .read = slow_read, .rewind = slow_rewind, .ctx = s
	};
}

/* All of it, in pieces; the length must be the one that was promised. */
static int read_all(struct buf *out, const struct http_source *s, size_t piece,
		    struct fp_error *err)
{
	char data[4096];
	ssize_t n;

	while ((n = s->read(s->ctx, data, FP_MIN(piece, sizeof(data)), err)) > 0)
		buf_add(out, data, (size_t)n);
	if (n == 0)
		ck_assert_int_eq((int64_t)out->len, s->size);
	return (int)n;
}

static void sign(struct http_request *req, struct sigv4_trace *trace, const char *when)
{
	const struct aws_credentials creds = { .access_key_id = DOC_KEY,
					       .secret_access_key = DOC_SECRET };
	struct fp_error err = { 0 };
	int64_t time_ms;
	struct sigv4_scope scope;

	ck_assert(time_parse(when, &time_ms));
	scope = sigv4_for("s3", "us-east-1", time_ms);
	ck_assert_msg(sigv4_sign(req, &scope, &creds, trace, &err) == 0, "%s",
		      err.message);
}

/* The examples of S3's documentation, from the request to the last byte. */
static const struct {
	const char *name;
	struct chunked_options options;
	bool length_is_signed;
	const char *seed, *chunks[3], *end;
} examples[] = {
	{ "without a trailer",
	  { CHUNKED_SIGNED, NULL, 65536 },
	  true,
	  "4f232c4386841ef735655705268965c44a0e4690baa4adea153f7db9fa80a0a9",
	  { "10000;chunk-signature="
	    "ad80c730a21e5b8d04586a2213dd63b9a0e99e0e2307b0ade35a65485a288648\r\n",
	    "400;chunk-signature="
	    "0055627c9e194cb4542bae2aa5492e3c1575bbb81b612b7d234b86a503ef5497\r\n",
	    "0;chunk-signature="
	    "b6c6ea8a5354eaf15b3cb7646744f4275b71ea724fed81ceb9323e279d449df9\r\n" },
	  "\r\n" },
	{ "with a trailer",
	  { CHUNKED_SIGNED_TRAILER, "CRC32C", 65536 },
	  false,
	  "106e2a8a18243abcf37539882f36619c00e2dfc72633413f02d3b74544bfeb8e",
	  { "10000;chunk-signature="
	    "b474d8862b1487a5145d686f57f013e54db672cee1c953b3010fb58501ef5aa2\r\n",
	    "400;chunk-signature="
	    "1c1344b170168f8e65b41376b44b20fe354e373826ccbbe2c1d40a8cae51e5c7\r\n",
	    "0;chunk-signature="
	    "2ca2aba2005185cf7159c6277faf83795951dd77a3a99e6e65d5c9f85863f992\r\n" },
	  "x-amz-checksum-crc32c:sOO8/Q==\r\nx-amz-trailer-signature:"
	  "d81f82fc3505edab99d459891051a732e8730629a2e4a59689829ca17fe2e435\r\n\r\n" },
};

START_TEST(documented_bodies_are_made)
{
	const __typeof__(examples[0]) *e = &examples[_i];
	FP_AUTO(sigv4_trace_release) struct sigv4_trace trace = { 0 };
	FP_AUTO(request_release) struct http_request req;
	FP_AUTO(chunked_source_freep) struct chunked_source *c = NULL;
	FP_AUTO(buf_release) struct buf plain = BUF_INIT;
	FP_AUTO(buf_release) struct buf want = BUF_INIT;
	FP_AUTO(buf_release) struct buf got = BUF_INIT;
	struct fp_error err = { 0 };
	struct slow slow = { .piece = 999 };
	struct http_source inner;

	buf_fill(&plain, 'a', 66560);
	inner = slow_source(&slow, plain.data, plain.len);
	ck_assert_int_eq(chunked_source_new(&c, &inner, &e->options, &err), 0);
	request_init(&req, "PUT", "/examplebucket/chunkObject.txt");
	free(req.host);
	req.host = xstrdup("s3.amazonaws.com");
	headers_add(&req.headers, "x-amz-storage-class", "REDUCED_REDUNDANCY");
	chunked_source_attach(c, &req);
	if (e->length_is_signed) {
		ck_assert_int_eq(req.source->size, 66824);
		headers_add(&req.headers, "Content-Length", "66824");
	}
	sign(&req, &trace, "20130524T000000Z");
	ck_assert_str_eq(trace.signature, e->seed);
	buf_puts(&want, e->chunks[0]);
	buf_fill(&want, 'a', 65536);
	buf_printf(&want, "\r\n%s", e->chunks[1]);
	buf_fill(&want, 'a', 1024);
	buf_printf(&want, "\r\n%s%s", e->chunks[2], e->end);
	for (unsigned attempt = 0; attempt < 2; attempt++) {
		buf_clear(&got);
		ck_assert_int_eq(read_all(&got, req.source, 4001, &err), 0);
		ck_assert_uint_eq(got.len, want.len);
		ck_assert_mem_eq(got.data, want.data, got.len);
		ck_assert_str_eq(chunked_source_checksum(c), _i ? "sOO8/Q==" : "");
		ck_assert_int_eq(req.source->rewind(req.source->ctx, &err), 0);
		ck_assert_str_eq(chunked_source_checksum(c), "");
	}
}
END_TEST

static const size_t sizes[] = { 0,    1,     15,    16,	   8191,  8192,
				8193, 16384, 65535, 65536, 65537, 200000 };

static void decode(enum chunked_form form, const struct http_request *req,
		   const struct buf *body, struct buf *out, struct http_headers *trailers)
{
	FP_AUTO(sigv4_claim_release) struct sigv4_claim claim = { 0 };
	FP_AUTO(chunked_freep) struct chunked *decoder = NULL;
	struct fp_error err = { 0 };

	ck_assert_int_eq(sigv4_claim_read(&claim, req, &err), 0);
	decoder = chunked_new(form, &claim, DOC_SECRET, trailers);
	ck_assert_msg(chunked_feed(decoder, out, body->data, body->len, &err) == 0, "%s",
		      err.message);
	ck_assert(chunked_done(decoder));
}

/* What one side makes the other reads, also at a second attempt signed later. */
START_TEST(bodies_come_back)
{
	static const struct chunked_options forms[] = {
		{ CHUNKED_SIGNED, NULL, CHUNKED_MIN_SIZE },
		{ CHUNKED_SIGNED_TRAILER, "crc32", CHUNKED_MIN_SIZE },
		{ CHUNKED_SIGNED_TRAILER, "sha256", 0 },
		{ CHUNKED_UNSIGNED_TRAILER, "crc64nvme", CHUNKED_MIN_SIZE + 1 },
		{ CHUNKED_UNSIGNED_TRAILER, "sha1", 0 },
	};
	const struct chunked_options *form = &forms[(size_t)_i % ARRAY_SIZE(forms)];
	size_t size = sizes[(size_t)_i / ARRAY_SIZE(forms) % ARRAY_SIZE(sizes)];
	FP_AUTO(chunked_source_freep) struct chunked_source *c = NULL;
	FP_AUTO(request_release) struct http_request req;
	FP_AUTO(buf_release) struct buf plain = BUF_INIT;
	struct slow slow = { .piece = 1000 };
	struct fp_error err = { 0 };
	struct http_source inner;

	for (size_t i = 0; i < size; i++)
		buf_putc(&plain, (char)(i * 7 + i / 256));
	inner = slow_source(&slow, plain.data, plain.len);
	ck_assert_int_eq(chunked_source_new(&c, &inner, form, &err), 0);
	request_init(&req, "PUT", "/b/k");
	free(req.host);
	req.host = xstrdup("localhost");
	chunked_source_attach(c, &req);
	for (unsigned attempt = 0; attempt < 2; attempt++) {
		FP_AUTO(headers_release) struct http_headers trailers = { 0 };
		FP_AUTO(buf_release) struct buf body = BUF_INIT;
		FP_AUTO(buf_release) struct buf out = BUF_INIT;

		sign(&req, NULL, attempt ? "20260102T030405Z" : "20260102T235959Z");
		ck_assert_int_eq(req.source->rewind(req.source->ctx, &err), 0);
		ck_assert_int_eq(read_all(&body, req.source, 4096, &err), 0);
		decode(form->form, &req, &body, &out, &trailers);
		ck_assert_uint_eq(out.len, plain.len);
		ck_assert_mem_eq(buf_str(&out), buf_str(&plain), out.len);
		ck_assert_uint_eq(trailers.n, form->checksum ? 1 : 0);
		if (form->checksum)
			ck_assert_str_eq(trailers.v[0].value, chunked_source_checksum(c));
	}
}
END_TEST

START_TEST(headers_say_it)
{
	const struct chunked_options o = { CHUNKED_UNSIGNED_TRAILER, "crc32c", 0 };
	FP_AUTO(chunked_source_freep) struct chunked_source *c = NULL;
	FP_AUTO(request_release) struct http_request req;
	struct source_bytes bytes = { .data = "hello", .size = 5 };
	struct http_source inner = source_memory(&bytes);
	struct fp_error err = { 0 };

	ck_assert_int_eq(chunked_source_new(&c, &inner, &o, &err), 0);
	request_init(&req, "PUT", "/");
	headers_add(&req.headers, "content-encoding", "gzip");
	chunked_source_attach(c, &req);
	chunked_source_attach(c, &req);
	ck_assert_uint_eq(req.headers.n, 4);
	ck_assert_str_eq(headers_get(&req.headers, "Content-Encoding"),
			 "aws-chunked,gzip");
	ck_assert_str_eq(headers_get(&req.headers, "x-amz-decoded-content-length"), "5");
	ck_assert_str_eq(headers_get(&req.headers, "x-amz-trailer"),
			 "x-amz-checksum-crc32c");
	ck_assert_str_eq(headers_get(&req.headers, "x-amz-content-sha256"),
			 "STREAMING-UNSIGNED-PAYLOAD-TRAILER");
	ck_assert_ptr_eq(req.source, chunked_source_body(c));
}
END_TEST

static const struct {
	struct chunked_options o;
	const char *error;
} refused[] = {
	{ { CHUNKED_SIGNED_TRAILER, "crc16", 0 }, "'crc16' is no checksum of S3" },
	{ { CHUNKED_SIGNED_TRAILER, NULL, 0 },
	  "a checksum goes into a trailer, and a trailer holds one" },
	{ { CHUNKED_SIGNED, "crc32", 0 },
	  "a checksum goes into a trailer, and a trailer holds one" },
	{ { CHUNKED_SIGNED, NULL, 8191 },
	  "chunks have 8192 to 67108864 bytes, not 8191" },
	{ { CHUNKED_SIGNED, NULL, 67108865 },
	  "chunks have 8192 to 67108864 bytes, not 67108865" },
};

START_TEST(options_that_do_not_fit)
{
	struct source_bytes bytes = { .data = "", .size = 0 };
	struct http_source inner = source_memory(&bytes);
	struct chunked_source *c = NULL;
	struct fp_error err = { 0 };

	ck_assert_int_lt(chunked_source_new(&c, &inner, &refused[_i].o, &err), 0);
	ck_assert_str_eq(err.message, refused[_i].error);
	ck_assert_int_eq(err.code, FP_ERR_INPUT);
	ck_assert_ptr_null(c);
}
END_TEST

START_TEST(failures_come_through)
{
	const struct chunked_options o = { CHUNKED_SIGNED, NULL, CHUNKED_MIN_SIZE };
	FP_AUTO(chunked_source_freep) struct chunked_source *c = NULL;
	FP_AUTO(buf_release) struct buf plain = BUF_INIT;
	FP_AUTO(buf_release) struct buf out = BUF_INIT;
	const struct sigv4_seed seed = { .signature = "none" };
	struct slow slow = { .piece = 5000 };
	struct fp_error err = { 0 };
	struct http_source inner;
	const struct http_source *s;

	buf_fill(&plain, 'x', 30000);
	inner = slow_source(&slow, plain.data, plain.len);
	ck_assert_int_eq(chunked_source_new(&c, &inner, &o, &err), 0);
	s = chunked_source_body(c);
	ck_assert_int_lt(read_all(&out, s, 4096, &err), 0);
	ck_assert_str_eq(err.message, "chunks can be signed only after their request");
	s->seed(s->ctx, &seed);
	slow.fail_at = 20000;
	ck_assert_int_lt(read_all(&out, s, 4096, &err), 0);
	ck_assert_str_eq(err.message, "the disk is gone");
	slow.fail_at = 0;
	slow.bytes.size = 29999;
	ck_assert_int_eq(s->rewind(s->ctx, &err), 0);
	ck_assert_int_lt(read_all(&out, s, 4096, &err), 0);
	ck_assert_str_eq(err.message, "what is being sent ended 1 bytes too early");
}
END_TEST

static Suite *make_suite(void)
{
	Suite *s = suite_create("chunked_source");
	TCase *tc = tcase_create("chunked_source");

	tcase_add_loop_test(tc, documented_bodies_are_made, 0, ARRAY_SIZE(examples));
	tcase_add_loop_test(tc, bodies_come_back, 0, 5 * ARRAY_SIZE(sizes));
	tcase_add_test(tc, headers_say_it);
	tcase_add_loop_test(tc, options_that_do_not_fit, 0, ARRAY_SIZE(refused));
	tcase_add_test(tc, failures_come_through);
	suite_add_tcase(s, tc);
	return s;
}

CHECK_MAIN(make_suite)
