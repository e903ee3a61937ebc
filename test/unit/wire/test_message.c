/* Requests and their parts: message, uri and arn. */
#include "wire/message.h"

#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "check_main.h"
#include "wire/arn.h"
#include "wire/uri.h"

START_TEST(headers_ignore_case_and_keep_order)
{
	FP_AUTO(headers_release) struct http_headers h = { 0 };

	headers_add(&h, "A", "1");
	headers_add(&h, "b", "2");
	headers_add(&h, "a", "3");
	ck_assert_str_eq(headers_get(&h, "a"), "1");
	ck_assert_ptr_null(headers_get(&h, "c"));
	headers_set(&h, "a", headers_get(&h, "B"));
	ck_assert_uint_eq(h.n, 2);
	ck_assert_str_eq(headers_get(&h, "A"), "2");
	ck_assert_str_eq(h.v[0].name, "b");
	headers_remove(&h, "B");
	headers_remove(&h, "none");
	ck_assert_uint_eq(h.n, 1);
}
END_TEST

static const struct {
	const char *url, *scheme, *host, *path, *query; /* scheme NULL: refused */
} urls[] = {
	{ "https://example.com", "https", "example.com", "/", "" },
	{ "https://example.com/", "https", "example.com", "/", "" },
	{ "HTTP://Example.COM:8080/A?B=c", "http", "example.com:8080", "/A", "B=c" },
	{ "http://h?a=1", "http", "h", "/", "a=1" },
	{ "http://h/a?b?c#d?e", "http", "h", "/a", "b?c" },
	{ "http://h/a#b", "http", "h", "/a", "" },
	{ "http://h//a/../b%20c d", "http", "h", "//a/../b%20c d", "" },
	{ "http://127.0.0.1:4566/x", "http", "127.0.0.1:4566", "/x", "" },
	{ "http://[::1]:4566/x", "http", "[::1]:4566", "/x", "" },
	{ "http://[fe80::1]/", "http", "[fe80::1]", "/", "" },
	{ "", NULL, NULL, NULL, NULL },
	{ "example.com/x", NULL, NULL, NULL, NULL },
	{ "ftp://example.com/", NULL, NULL, NULL, NULL },
	{ "file:///etc/passwd", NULL, NULL, NULL, NULL },
	{ "https://", NULL, NULL, NULL, NULL },
	{ "https:///path", NULL, NULL, NULL, NULL },
	{ "https://user:pass@h/", NULL, NULL, NULL, NULL },
	{ "https://h:0/", NULL, NULL, NULL, NULL },
	{ "https://h:65536/", NULL, NULL, NULL, NULL },
	{ "https://h:/", NULL, NULL, NULL, NULL },
	{ "https://h:8o/", NULL, NULL, NULL, NULL },
	{ "https://[::1/", NULL, NULL, NULL, NULL },
	{ "https://[]/", NULL, NULL, NULL, NULL },
	{ "https://a b/", NULL, NULL, NULL, NULL },
	{ "https://h/\r\nHost: x", NULL, NULL, NULL, NULL },
};

START_TEST(urls_are_split)
{
	const __typeof__(urls[0]) *c = &urls[_i];
	FP_AUTO(request_release) struct http_request r;
	struct fp_error err = { 0 };
	int rc;

	request_init(&r, "GET", "/before");
	rc = request_set_url(&r, c->url, &err);
	ck_assert_msg((rc < 0) == !c->scheme, "%s: %s", c->url, err.message);
	if (rc < 0) {
		ck_assert_int_eq(err.code, FP_ERR_INPUT);
		ck_assert_str_eq(r.path, "/before");
		return;
	}
	ck_assert_str_eq(r.scheme, c->scheme);
	ck_assert_str_eq(r.host, c->host);
	ck_assert_str_eq(r.path, c->path);
	ck_assert_str_eq(r.query, c->query);
}
END_TEST

START_TEST(requests_are_written)
{
	FP_AUTO(request_release) struct http_request r;
	FP_AUTO(freep) char *url = NULL;
	struct fp_error err = { 0 };

	request_init(&r, "PUT", "/");
	ck_assert_int_eq(request_set_url(&r, "http://h:1/p", &err), 0);
	request_add_query(&r, "a b", "c&d=\xc3\xbc");
	request_add_query(&r, "e", NULL);
	url = request_url(&r);
	ck_assert_str_eq(url, "http://h:1/p?a%20b=c%26d%3D%C3%BC&e=");
}
END_TEST

static const struct {
	const char *in, *keep, *want;
} encodings[] = {
	{ "AZaz09-._~", "", "AZaz09-._~" },
	{ "a/b c+d%", "", "a%2Fb%20c%2Bd%25" },
	{ "a/b c", "/", "a/b%20c" },
	{ "\xc3\xbc\xff", "", "%C3%BC%FF" },
	{ "!'()*:@&=$,;?#[]", "", "%21%27%28%29%2A%3A%40%26%3D%24%2C%3B%3F%23%5B%5D" },
};

START_TEST(encoding_is_undone)
{
	FP_AUTO(buf_release) struct buf out = BUF_INIT;
	FP_AUTO(buf_release) struct buf back = BUF_INIT;

	uri_encode(&out, encodings[_i].in, strlen(encodings[_i].in), encodings[_i].keep);
	ck_assert_str_eq(buf_str(&out), encodings[_i].want);
	uri_decode(&back, out.data, out.len, false);
	ck_assert_str_eq(buf_str(&back), encodings[_i].in);
}
END_TEST

static const struct {
	const char *in;
	bool plus;
	const char *want;
} decodings[] = {
	{ "a+b%2b%2B", false, "a+b++" },
	{ "a+b%2b%2B", true, "a b++" },
	{ "%", false, "%" },
	{ "%4", false, "%4" },
	{ "%4g%g4%%41", false, "%4g%g4%A" },
	{ "", false, "" },
};

START_TEST(broken_escapes_stay)
{
	FP_AUTO(buf_release) struct buf out = BUF_INIT;

	uri_decode(&out, decodings[_i].in, strlen(decodings[_i].in), decodings[_i].plus);
	ck_assert_str_eq(buf_str(&out), decodings[_i].want);
}
END_TEST

START_TEST(only_the_illegal_is_escaped)
{
	FP_AUTO(buf_release) struct buf out = BUF_INIT;

	uri_escape_illegal(&out, "/a b%20/../~+!*'();:@&=$,[]\xc3\xbc\"<>#\\^`{|}\x7f");
	ck_assert_str_eq(buf_str(&out),
			 "/a%20b%20/../~+!*'();:@&=$,[]%C3%BC%22%3C%3E%23%5C%5E%60"
			 "%7B%7C%7D%7F");
}
END_TEST

START_TEST(parameters_are_split)
{
	static const char query[] = "a=1&b&&c=%20+=&a=2&=x";
	static const char *const want[][2] = {
		{ "a", "1" }, { "b", "" }, { "c", "  =" }, { "a", "2" }, { "", "x" },
	};
	FP_AUTO(uri_params_release) struct uri_params p = URI_PARAMS_INIT;

	uri_params_parse(&p, query, strlen(query), true);
	ck_assert_uint_eq(p.n, ARRAY_SIZE(want));
	for (size_t i = 0; i < p.n; i++) {
		ck_assert_str_eq(p.v[i].name, want[i][0]);
		ck_assert_str_eq(p.v[i].value, want[i][1]);
		ck_assert(p.v[i].has_value == (i != 1));
	}
	ck_assert_str_eq(uri_params_get(&p, "a"), "1");
	ck_assert_ptr_null(uri_params_get(&p, "d"));
}
END_TEST

static const struct {
	const char *text, *service, *region, *account, *resource; /* service NULL: none */
} arns[] = {
	{ "arn:aws:s3:::bucket/key", "s3", "", "", "bucket/key" },
	{ "arn:aws:lambda:eu-west-1:012345678901:function:a:1", "lambda", "eu-west-1",
	  "012345678901", "function:a:1" },
	{ "arn:aws-cn:iam::012345678901:role/r", "iam", "", "012345678901", "role/r" },
	{ "", NULL, NULL, NULL, NULL },
	{ "arn:aws:s3:::", NULL, NULL, NULL, NULL },
	{ "arn:aws:s3::bucket", NULL, NULL, NULL, NULL },
	{ "arn::s3:::b", NULL, NULL, NULL, NULL },
	{ "urn:aws:s3:::b", NULL, NULL, NULL, NULL },
	{ "arn:aws:s3::01234567890123456789:b", NULL, NULL, NULL, NULL },
};

START_TEST(arns_are_split)
{
	const __typeof__(arns[0]) *c = &arns[_i];
	struct arn a;

	ck_assert_msg(arn_parse(&a, c->text) == (c->service != NULL), "%s", c->text);
	if (!c->service)
		return;
	ck_assert_str_eq(a.service, c->service);
	ck_assert_str_eq(a.region, c->region);
	ck_assert_str_eq(a.account, c->account);
	ck_assert_str_eq(a.resource, c->resource);
}
END_TEST

START_TEST(regions_have_partitions)
{
	ck_assert_str_eq(arn_partition("eu-west-1"), "aws");
	ck_assert_str_eq(arn_partition("cn-north-1"), "aws-cn");
	ck_assert_str_eq(arn_partition("us-gov-west-1"), "aws-us-gov");
	ck_assert_str_eq(arn_partition("eusc-de-east-1"), "aws-eusc");
	ck_assert_str_eq(arn_partition("us-isob-east-1"), "aws-iso-b");
	ck_assert_str_eq(arn_dns_suffix("eusc-de-east-1"), "amazonaws.eu");
	ck_assert_str_eq(arn_dns_suffix("cn-north-1"), "amazonaws.com.cn");
	ck_assert_str_eq(arn_dns_suffix("us-gov-west-1"), "amazonaws.com");
}
END_TEST

/* A password or a signature does not come back in a message. */
START_TEST(urls_in_messages_tell_no_secrets)
{
	static const struct {
		const char *url, *message;
	} cases[] = {
		{ "ftp://h/p?X-Amz-Signature=s3cret",
		  "'ftp://h/p?...' is no url: write it as https://HOST/PATH" },
		{ "https://me:s3cret@h/p", "'https://...@h/p' is no url: the host is "
					   "malformed, a user name has no "
					   "place in it" },
		{ "https:///p?s3cret",
		  "'https:///p?...' is no url: the host is missing" },
		{ "me:s3cret@h", "'...@h' is no url: write it as https://HOST/PATH" },
		{ "https://h h/p#s3cret",
		  "'https://h h/p?...' is no url: the host is malformed" },
		{ "https://h/\n?s3cret",
		  "a url may not hold control characters: 'https://h/\n?...'" },
	};
	FP_AUTO(request_release) struct http_request r;
	struct fp_error err = { 0 };

	request_init(&r, "GET", "/");
	ck_assert_int_lt(request_set_url(&r, cases[_i].url, &err), 0);
	ck_assert_str_eq(err.message, cases[_i].message);
}
END_TEST

static Suite *make_suite(void)
{
	Suite *s = suite_create("message");
	TCase *tc = tcase_create("message");

	tcase_add_test(tc, headers_ignore_case_and_keep_order);
	tcase_add_loop_test(tc, urls_are_split, 0, ARRAY_SIZE(urls));
	tcase_add_test(tc, requests_are_written);
	tcase_add_loop_test(tc, encoding_is_undone, 0, ARRAY_SIZE(encodings));
	tcase_add_loop_test(tc, broken_escapes_stay, 0, ARRAY_SIZE(decodings));
	tcase_add_test(tc, only_the_illegal_is_escaped);
	tcase_add_test(tc, parameters_are_split);
	tcase_add_loop_test(tc, arns_are_split, 0, ARRAY_SIZE(arns));
	tcase_add_test(tc, regions_have_partitions);
	tcase_add_loop_test(tc, urls_in_messages_tell_no_secrets, 0, 6);
	suite_add_tcase(s, tc);
	return s;
}

CHECK_MAIN(make_suite)
