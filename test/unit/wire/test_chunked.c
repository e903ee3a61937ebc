#include "wire/chunked.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "check_main.h"

/* The examples of S3's documentation: "Authenticating requests: AWS SigV4,
 * chunked uploads", without and with a trailer. 66560 letters 'a'. */
#define DOC_SECRET "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"

static const struct signed_example {
	const char *name;
	enum chunked_form form;
	const char *seed, *first, *second, *last, *trailer, *trailer_signature;
} examples[] = {
	{ "without a trailer", CHUNKED_SIGNED,
	  "4f232c4386841ef735655705268965c44a0e4690baa4adea153f7db9fa80a0a9",
	  "ad80c730a21e5b8d04586a2213dd63b9a0e99e0e2307b0ade35a65485a288648",
	  "0055627c9e194cb4542bae2aa5492e3c1575bbb81b612b7d234b86a503ef5497",
	  "b6c6ea8a5354eaf15b3cb7646744f4275b71ea724fed81ceb9323e279d449df9", NULL,
	  NULL },
	{ "with a trailer", CHUNKED_SIGNED_TRAILER,
	  "106e2a8a18243abcf37539882f36619c00e2dfc72633413f02d3b74544bfeb8e",
	  "b474d8862b1487a5145d686f57f013e54db672cee1c953b3010fb58501ef5aa2",
	  "1c1344b170168f8e65b41376b44b20fe354e373826ccbbe2c1d40a8cae51e5c7",
	  "2ca2aba2005185cf7159c6277faf83795951dd77a3a99e6e65d5c9f85863f992",
	  "x-amz-checksum-crc32c:sOO8/Q==",
	  "d81f82fc3505edab99d459891051a732e8730629a2e4a59689829ca17fe2e435" },
};

static void make_claim(struct sigv4_claim *c, const char *seed)
{
	*c = (struct sigv4_claim){ .region = xstrdup("us-east-1"),
				   .service = xstrdup("s3"),
				   .signature = xstrdup(seed) };
	ck_assert(time_parse("20130524T000000Z", &c->time_ms));
}

static void make_body(struct buf *b, const struct signed_example *e)
{
	buf_printf(b, "10000;chunk-signature=%s\r\n", e->first);
	buf_fill(b, 'a', 65536);
	buf_printf(b, "\r\n400;chunk-signature=%s\r\n", e->second);
	buf_fill(b, 'a', 1024);
	buf_printf(b, "\r\n0;chunk-signature=%s\r\n", e->last);
	if (e->trailer)
		buf_printf(b, "%s\r\nx-amz-trailer-signature:%s\r\n", e->trailer,
			   e->trailer_signature);
	buf_puts(b, "\r\n");
}

/* Feed it in pieces of `step` bytes; 0 when it was read to its end. */
static int decode(enum chunked_form form, const struct sigv4_claim *claim,
		  const struct buf *body, size_t step, struct buf *out,
		  struct http_headers *trailers, struct fp_error *err)
{
	FP_AUTO(chunked_freep)
	struct chunked *c = chunked_new(form, claim, DOC_SECRET, trailers);

	for (size_t i = 0; i < body->len; i += step)
		if (chunked_feed(c, out, body->data + i, FP_MIN(step, body->len - i),
				 err) < 0)
			return -1;
	return chunked_done(c) ? 0 : 1;
}

START_TEST(documented_bodies_are_read)
{
	static const size_t steps[] = { 1, 7, 1000, 1 << 20 };
	const struct signed_example *e = &examples[_i];
	FP_AUTO(sigv4_claim_release) struct sigv4_claim claim;
	FP_AUTO(buf_release) struct buf body = BUF_INIT;
	struct fp_error err = { 0 };

	make_claim(&claim, e->seed);
	make_body(&body, e);
	for (size_t i = 0; i < ARRAY_SIZE(steps); i++) {
		FP_AUTO(buf_release) struct buf out = BUF_INIT;
		FP_AUTO(headers_release) struct http_headers trailers = { 0 };

		ck_assert_msg(decode(e->form, &claim, &body, steps[i], &out, &trailers,
				     &err) == 0,
			      "%s: %s", e->name, err.message);
		ck_assert_uint_eq(out.len, 65536 + 1024);
		ck_assert_uint_eq(strspn(out.data, "a"), out.len);
		ck_assert_uint_eq(trailers.n, e->trailer ? 1 : 0);
		if (e->trailer)
			ck_assert_str_eq(headers_get(&trailers, "x-amz-checksum-crc32c"),
					 "sOO8/Q==");
	}
}
END_TEST

/* Any byte changed: a wrong signature or broken framing, never a good body. */
START_TEST(changed_bodies_are_refused)
{
	const struct signed_example *e = &examples[_i];
	FP_AUTO(sigv4_claim_release) struct sigv4_claim claim;
	FP_AUTO(buf_release) struct buf body = BUF_INIT;
	size_t at[] = { 0, 100, 30000, 65536 + 90, 65536 + 100, 0, 0, 0 };

	make_claim(&claim, e->seed);
	make_body(&body, e);
	for (size_t i = 5; i < ARRAY_SIZE(at); i++)
		at[i] = body.len - 10 * (i - 4);
	for (size_t i = 0; i < ARRAY_SIZE(at); i++) {
		FP_AUTO(buf_release) struct buf out = BUF_INIT;
		struct fp_error err = { 0 };

		body.data[at[i]] ^= 1;
		ck_assert_msg(decode(e->form, &claim, &body, 4096, &out, NULL, &err) != 0,
			      "%s: byte %zu", e->name, at[i]);
		body.data[at[i]] ^= 1;
	}
}
END_TEST

START_TEST(a_wrong_signature_is_named)
{
	FP_AUTO(sigv4_claim_release) struct sigv4_claim claim;
	FP_AUTO(buf_release) struct buf body = BUF_INIT;
	FP_AUTO(buf_release) struct buf out = BUF_INIT;
	struct fp_error err = { 0 };

	make_claim(&claim, examples[0].seed);
	make_body(&body, &examples[0]);
	body.data[1000] ^= 1;
	ck_assert_int_lt(
		decode(CHUNKED_SIGNED, &claim, &body, body.len, &out, NULL, &err), 0);
	ck_assert_str_eq(err.aws_code, "SignatureDoesNotMatch");
	ck_assert_int_eq(err.code, FP_ERR_CREDENTIALS);
}
END_TEST

static const struct {
	const char *name, *body, *want, *trailer; /* want NULL: refused or unfinished */
} unsigned_bodies[] = {
	{ "empty", "0\r\n\r\n", "", NULL },
	{ "one chunk", "3\r\nabc\r\n0\r\n\r\n", "abc", NULL },
	{ "two small chunks", "3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n", NULL, NULL },
	{ "capital digits", "A\r\n0123456789\r\n0\r\n\r\n", "0123456789", NULL },
	{ "leading zeros", "003\r\nabc\r\n000\r\n\r\n", "abc", NULL },
	{ "an extension", "3;a=b\r\nabc\r\n0;c\r\n\r\n", "abc", NULL },
	{ "a trailer", "1\r\na\r\n0\r\nx-amz-checksum-crc32: AAAA== \r\n\r\n", "a",
	  "AAAA==" },
	{ "nothing", "", NULL, NULL },
	{ "no end", "3\r\nabc\r\n", NULL, NULL },
	{ "cut in data", "3\r\nab", NULL, NULL },
	{ "cut in trailers", "0\r\nx:y\r\n", NULL, NULL },
	{ "no size", "\r\n\r\n", NULL, NULL },
	{ "no number", "x\r\nabc\r\n0\r\n\r\n", NULL, NULL },
	{ "a sign", "-3\r\nabc\r\n0\r\n\r\n", NULL, NULL },
	{ "a huge size", "ffffffffffffffff\r\na", NULL, NULL },
	{ "longer than its size", "3\r\nabcd\r\n0\r\n\r\n", NULL, NULL },
	{ "shorter than its size", "4\r\nabc\r\n0\r\n\r\n", NULL, NULL },
	{ "bare line feeds", "3\nabc\n0\n\n", NULL, NULL },
	{ "more behind the end", "0\r\n\r\n0\r\n\r\n", NULL, NULL },
	{ "a trailer that is none", "0\r\nabc\r\n\r\n", NULL, NULL },
	{ "a trailer without a name", "0\r\n:abc\r\n\r\n", NULL, NULL },
};

START_TEST(unsigned_bodies_are_read)
{
	const __typeof__(unsigned_bodies[0]) *c = &unsigned_bodies[_i];
	FP_AUTO(buf_release) struct buf body = BUF_INIT;

	buf_puts(&body, c->body);
	for (size_t step = 1; step < 12; step += 5) {
		FP_AUTO(buf_release) struct buf out = BUF_INIT;
		FP_AUTO(headers_release) struct http_headers trailers = { 0 };
		struct fp_error err = { 0 };
		int rc = decode(CHUNKED_UNSIGNED_TRAILER, NULL, &body, step, &out,
				&trailers, &err);

		ck_assert_msg((rc == 0) == (c->want != NULL), "%s: %s", c->name,
			      err.message);
		if (rc < 0)
			ck_assert_int_eq(err.code, *err.aws_code ? FP_ERR_CREDENTIALS
								 : FP_ERR_PROTOCOL);
		if (c->want)
			ck_assert_str_eq(buf_str(&out), c->want);
		if (c->trailer)
			ck_assert_str_eq(headers_get(&trailers, "X-Amz-Checksum-CRC32"),
					 c->trailer);
	}
}
END_TEST

START_TEST(endless_lines_are_refused)
{
	static const char *const starts[] = { "3;", "0\r\nx:" };

	for (size_t i = 0; i < ARRAY_SIZE(starts); i++) {
		FP_AUTO(buf_release) struct buf body = BUF_INIT;
		FP_AUTO(buf_release) struct buf out = BUF_INIT;
		struct fp_error err = { 0 };

		buf_puts(&body, starts[i]);
		buf_fill(&body, 'x', 10000);
		ck_assert_int_lt(decode(CHUNKED_UNSIGNED_TRAILER, NULL, &body, 100, &out,
					NULL, &err),
				 0);
		ck_assert_str_eq(err.message,
				 "malformed aws-chunked body: a line is too long");
	}
}
END_TEST

START_TEST(a_trailer_needs_its_signature)
{
	struct signed_example e = examples[1];
	FP_AUTO(sigv4_claim_release) struct sigv4_claim claim;
	FP_AUTO(buf_release) struct buf body = BUF_INIT;
	FP_AUTO(buf_release) struct buf out = BUF_INIT;
	struct fp_error err = { 0 };

	make_claim(&claim, e.seed);
	make_body(&body, &e);
	buf_truncate(&body,
		     (size_t)(strstr(body.data + 60000, "x-amz-trailer") - body.data));
	buf_puts(&body, "\r\n");
	ck_assert_int_lt(decode(e.form, &claim, &body, 99, &out, NULL, &err), 0);
	ck_assert_str_eq(
		err.message,
		"malformed aws-chunked body: the trailer's signature is missing");
}
END_TEST

START_TEST(only_the_last_chunk_is_small)
{
	static const size_t sizes[][3] = { { 8192, 8192, 1 },
					   { 8191, 1, 0 },
					   { 8192, 8191, 1 } };
	static const char *const codes[] = { "", "InvalidChunkSizeError",
					     "InvalidChunkSizeError" };
	FP_AUTO(buf_release) struct buf body = BUF_INIT;
	FP_AUTO(buf_release) struct buf out = BUF_INIT;
	struct fp_error err = { 0 };
	int rc;

	for (size_t i = 0; i < 3 && sizes[_i][i]; i++) {
		buf_printf(&body, "%zx\r\n", sizes[_i][i]);
		buf_fill(&body, 'x', sizes[_i][i]);
		buf_puts(&body, "\r\n");
	}
	buf_puts(&body, "0\r\n\r\n");
	rc = decode(CHUNKED_UNSIGNED_TRAILER, NULL, &body, 1000, &out, NULL, &err);
	ck_assert_int_eq(rc, *codes[_i] ? -1 : 0);
	ck_assert_str_eq(err.aws_code, codes[_i]);
}
END_TEST

/* Another form, which the signed headers name, than the body has. */
START_TEST(the_form_is_kept_to)
{
	const struct signed_example *e = &examples[_i];
	FP_AUTO(sigv4_claim_release) struct sigv4_claim claim;
	FP_AUTO(buf_release) struct buf body = BUF_INIT;
	FP_AUTO(buf_release) struct buf out = BUF_INIT;
	struct fp_error err = { 0 };

	make_claim(&claim, e->seed);
	make_body(&body, e);
	ck_assert_int_lt(
		decode(examples[!_i].form, &claim, &body, 1000, &out, NULL, &err), 0);
	ck_assert_str_eq(err.message,
			 _i ? "malformed aws-chunked body: its form has no trailer"
			    : "malformed aws-chunked body: the trailer's signature is "
			      "missing");
}
END_TEST

START_TEST(forms_have_names)
{
	enum chunked_form form;

	for (enum chunked_form f = CHUNKED_SIGNED; f <= CHUNKED_UNSIGNED_TRAILER; f++) {
		ck_assert(chunked_form_named(&form, chunked_form_name(f)));
		ck_assert_int_eq(form, f);
	}
	ck_assert(!chunked_form_named(&form, "STREAMING-AWS4-HMAC-SHA256-PAYLOADS"));
	ck_assert(!chunked_form_named(&form, "UNSIGNED-PAYLOAD"));
}
END_TEST

static Suite *make_suite(void)
{
	Suite *s = suite_create("chunked");
	TCase *tc = tcase_create("chunked");

	tcase_add_loop_test(tc, documented_bodies_are_read, 0, ARRAY_SIZE(examples));
	tcase_add_loop_test(tc, changed_bodies_are_refused, 0, ARRAY_SIZE(examples));
	tcase_add_test(tc, a_wrong_signature_is_named);
	tcase_add_loop_test(tc, unsigned_bodies_are_read, 0, ARRAY_SIZE(unsigned_bodies));
	tcase_add_test(tc, endless_lines_are_refused);
	tcase_add_test(tc, a_trailer_needs_its_signature);
	tcase_add_loop_test(tc, only_the_last_chunk_is_small, 0, 3);
	tcase_add_loop_test(tc, the_form_is_kept_to, 0, ARRAY_SIZE(examples));
	tcase_add_test(tc, forms_have_names);
	suite_add_tcase(s, tc);
	return s;
}

CHECK_MAIN(make_suite)
