/*
 * Our vectors, made with botocore by tools/make-vectors: we sign what it signs,
 * and accept what it sends. Then what is refused.
 */
#include "wire/sigv4.h"

#include "base/clock.h"
#include "vectors.h"

static struct vectors vectors = { "test/vectors/sigv4", STRS_INIT };

static void make_request(struct http_request *r, const cJSON *v, const char *url,
			 const char *headers)
{
	struct fp_error err = { 0 };

	request_init(r, json_str(v, "method", ""), "/");
	ck_assert_msg(request_set_url(r, json_str(v, url, ""), &err) == 0, "%s",
		      err.message);
	json_each (h, json_get(v, headers))
		headers_add(&r->headers, h->child->valuestring,
			    h->child->next->valuestring);
	buf_puts(&r->body, json_str(v, "body", ""));
}

static void make_credentials(struct aws_credentials *c, const cJSON *v)
{
	const char *token = json_str(v, "session_token", NULL);

	*c = (struct aws_credentials){ xstrdup(json_str(v, "access_key", "")),
				       xstrdup(json_str(v, "secret_key", "")),
				       token ? xstrdup(token) : NULL, 0 };
}

static struct sigv4_scope make_scope(const cJSON *v)
{
	struct sigv4_scope s;
	int64_t ms;

	ck_assert(time_parse(json_str(v, "time", ""), &ms));
	s = sigv4_for(json_str(v, "service", ""), json_str(v, "region", ""), ms);
	s.payload_hash = json_str(v, "payload_hash", NULL);
	return s;
}

/* "name:value" of all but Host, which botocore leaves to its HTTP library. */
static char *sorted_headers(const struct http_request *r)
{
	FP_AUTO(strs_release) struct strs lines = STRS_INIT;
	struct buf out = BUF_INIT;

	for (size_t i = 0; i < r->headers.n; i++) {
		char *name = str_lower(xstrdup(r->headers.v[i].name));

		if (!str_eq(name, "host"))
			strs_add_owned(&lines,
				       xasprintf("%s:%s", name, r->headers.v[i].value));
		free(name);
	}
	strs_sort(&lines);
	for (size_t i = 0; i < lines.n; i++)
		buf_printf(&out, "%s\n", lines.v[i]);
	return buf_detach(&out);
}

static char *sorted_query(const struct http_request *r)
{
	FP_AUTO(strs_release) struct strs parts = STRS_INIT;
	struct buf out = BUF_INIT;

	strs_split(&parts, r->query, '&');
	strs_sort(&parts);
	for (size_t i = 0; i < parts.n; i++)
		buf_printf(&out, "%s\n", parts.v[i]);
	return buf_detach(&out);
}

START_TEST(we_sign_as_botocore_does)
{
	FP_AUTO(json_freep) cJSON *v = vectors_load(&vectors, _i);
	FP_AUTO(request_release) struct http_request req, want;
	FP_AUTO(aws_credentials_release) struct aws_credentials creds;
	FP_AUTO(sigv4_trace_release) struct sigv4_trace t = { 0 };
	FP_AUTO(freep) char *got_text = NULL, *want_text = NULL;
	struct sigv4_scope scope = make_scope(v);
	struct fp_error err = { 0 };
	int64_t expires = json_int(v, "expires", 0);
	int rc;

	make_request(&req, v, "url", "headers");
	make_request(&want, v, "signed_url", "signed_headers");
	make_credentials(&creds, v);
	rc = expires ? sigv4_presign(&req, &scope, &creds, expires, &t, &err)
		     : sigv4_sign(&req, &scope, &creds, &t, &err);
	ck_assert_msg(rc == 0, "%s", err.message);
	ck_assert_str_eq(buf_str(&t.canonical_request),
			 json_str(v, "canonical_request", ""));
	ck_assert_str_eq(buf_str(&t.string_to_sign), json_str(v, "string_to_sign", ""));
	ck_assert_str_eq(t.signature, json_str(v, "signature", ""));
	got_text = expires ? sorted_query(&req) : sorted_headers(&req);
	want_text = expires ? sorted_query(&want) : sorted_headers(&want);
	ck_assert_str_eq(got_text, want_text);
	/* Signing again, as a retry does, changes nothing. */
	rc = expires ? sigv4_presign(&req, &scope, &creds, expires, NULL, &err)
		     : sigv4_sign(&req, &scope, &creds, NULL, &err);
	ck_assert_int_eq(rc, 0);
	free(got_text);
	got_text = expires ? sorted_query(&req) : sorted_headers(&req);
	ck_assert_str_eq(got_text, want_text);
}
END_TEST

START_TEST(we_accept_what_botocore_sends)
{
	FP_AUTO(json_freep) cJSON *v = vectors_load(&vectors, _i);
	FP_AUTO(request_release) struct http_request req;
	FP_AUTO(sigv4_claim_release) struct sigv4_claim claim;
	const char *secret = json_str(v, "secret_key", ""), *hash;
	struct fp_error err = { 0 };

	make_request(&req, v, "signed_url", "signed_headers");
	hash = strrchr(json_str(v, "canonical_request", ""), '\n') + 1;
	ck_assert_msg(sigv4_claim_read(&claim, &req, &err) == 0, "%s", err.message);
	ck_assert_str_eq(claim.access_key_id, json_str(v, "access_key", ""));
	ck_assert_str_eq(claim.region, json_str(v, "region", ""));
	ck_assert_str_eq(claim.service, json_str(v, "service", ""));
	ck_assert_int_eq(claim.time_ms, make_scope(v).time_ms);
	ck_assert_int_eq(claim.expires_s, json_int(v, "expires", 0));
	ck_assert(str_eq(claim.session_token, json_str(v, "session_token", NULL)));
	ck_assert_msg(sigv4_verify(&req, &claim, secret, hash, &err) == 0, "%s",
		      err.message);
	/* One bit of anything that is signed, and it is refused. */
	ck_assert_int_lt(sigv4_verify(&req, &claim, secret, "other", &err), 0);
	ck_assert_str_eq(err.aws_code, "SignatureDoesNotMatch");
	ck_assert_int_eq(err.code, FP_ERR_CREDENTIALS);
	req.method[0] ^= 1;
	ck_assert_int_lt(sigv4_verify(&req, &claim, secret, hash, &err), 0);
	req.method[0] ^= 1;
	claim.time_ms += 1000;
	ck_assert_int_lt(sigv4_verify(&req, &claim, secret, hash, &err), 0);
	claim.time_ms -= 1000;
	request_add_query(&req, "more", "1");
	ck_assert_int_lt(sigv4_verify(&req, &claim, secret, hash, &err), 0);
}
END_TEST

#define SCOPE "Credential=AKID/20260102/us-east-1/s3/aws4_request"
#define HEX64 "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
#define HEADER \
	"AWS4-HMAC-SHA256 " SCOPE ", SignedHeaders=host;x-amz-date, Signature=" HEX64
#define QUERY                                                                            \
	"X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKID%2F20260102%2Fus-east-1%" \
	"2Fs3%2F"                                                                        \
	"aws4_request&X-Amz-Date=20260102T030405Z&X-Amz-SignedHeaders=host&X-Amz-"       \
	"Signature=" HEX64

static const struct {
	const char *auth, *date, *query, *code; /* code NULL: accepted */
} claims[] = {
	{ HEADER, "20260102T030405Z", "", NULL },
	{ "AWS4-HMAC-SHA256 " SCOPE ",SignedHeaders=host,Signature=" HEX64,
	  "20260102T030405Z", "", NULL },
	{ NULL, NULL, "", "MissingAuthenticationToken" },
	{ "Basic dTpw", "20260102T030405Z", "", "IncompleteSignature" },
	{ "AWS4-HMAC-SHA256", "20260102T030405Z", "", "IncompleteSignature" },
	{ HEADER, NULL, "", "IncompleteSignature" },
	{ HEADER, "20260103T030405Z", "", "IncompleteSignature" },
	{ HEADER, "yesterday", "", "IncompleteSignature" },
	{ "AWS4-HMAC-SHA256 " SCOPE ", SignedHeaders=x-amz-date, Signature=" HEX64,
	  "20260102T030405Z", "", "IncompleteSignature" },
	{ "AWS4-HMAC-SHA256 " SCOPE ", SignedHeaders=host, Signature=abc",
	  "20260102T030405Z", "", "IncompleteSignature" },
	{ "AWS4-HMAC-SHA256 Credential=AKID/s3, SignedHeaders=host, Signature=" HEX64,
	  "20260102T030405Z", "", "IncompleteSignature" },
	{ NULL, NULL, QUERY "&X-Amz-Expires=60", NULL },
	{ NULL, NULL, QUERY, "AuthorizationQueryParametersError" },
	{ NULL, NULL, QUERY "&X-Amz-Expires=0", "AuthorizationQueryParametersError" },
	{ NULL, NULL, QUERY "&X-Amz-Expires=604801",
	  "AuthorizationQueryParametersError" },
	{ NULL, NULL, QUERY "&X-Amz-Expires=1h", "AuthorizationQueryParametersError" },
	{ NULL, NULL, "X-Amz-Signature=" HEX64, "AuthorizationQueryParametersError" },
	{ NULL, NULL, "X-Amz-Algorithm=AWS4-HMAC-SHA256",
	  "AuthorizationQueryParametersError" },
};

START_TEST(claims_are_judged)
{
	FP_AUTO(request_release) struct http_request req;
	FP_AUTO(sigv4_claim_release) struct sigv4_claim claim = { 0 };
	const __typeof__(claims[0]) *c = &claims[_i];
	struct fp_error err = { 0 };
	int rc;

	request_init(&req, "GET", "/");
	if (c->auth)
		headers_add(&req.headers, "Authorization", c->auth);
	if (c->date)
		headers_add(&req.headers, "X-Amz-Date", c->date);
	free(req.query);
	req.query = xstrdup(c->query);
	rc = sigv4_claim_read(&claim, &req, &err);
	ck_assert_msg((rc < 0) == (c->code != NULL), "%s", err.message);
	ck_assert_str_eq(err.aws_code, c->code ? c->code : "");
}
END_TEST

static const struct {
	const char *name, *region, *service, *key, *header, *value;
	int64_t expires;
	bool file;
	const char *error;
} refused[] = {
	{ "region", "", "s3", "A", "X", "y", 0, false,
	  "a region is needed to sign a request" },
	{ "service", "r", NULL, "A", "X", "y", 0, false,
	  "a service is needed to sign a request" },
	{ "key", "r", "s", "", "X", "y", 0, false,
	  "an access key and its secret are needed to sign a request" },
	{ "scope", "r/x", "s", "A", "X", "y", 0, false,
	  "'r/x' or 's' is no region or service" },
	{ "break", "r", "s", "A", "X", "y\nZ: 1", 0, false,
	  "header 'X' holds a line break or is malformed" },
	{ "return", "r", "s", "A", "X", "y\r", 0, false,
	  "header 'X' holds a line break or is malformed" },
	{ "name", "r", "s", "A", "X:", "y", 0, false,
	  "header 'X:' holds a line break or is malformed" },
	{ "file", "r", "s", "A", "X", "y", 0, true,
	  "the digest of a body that comes from a file is needed" },
	{ "never", "r", "s", "A", "X", "y", -1, false,
	  "a presigned url is valid for 1 to 604800 seconds, not -1" },
	{ "too long", "r", "s", "A", "X", "y", 604801, false,
	  "a presigned url is valid for 1 to 604800 seconds, not 604801" },
};

START_TEST(bad_input_leaves_the_request_as_it_was)
{
	const __typeof__(refused[0]) *c = &refused[_i];
	FP_AUTO(request_release) struct http_request req;
	FP_AUTO(aws_credentials_release)
	struct aws_credentials creds = { .access_key_id = xstrdup(c->key),
					 .secret_access_key = xstrdup("secret") };
	struct sigv4_scope scope = sigv4_for(c->service, c->region, 0);
	struct fp_error err = { 0 };
	int rc;

	request_init(&req, "GET", "/");
	ck_assert_int_eq(request_set_url(&req, "https://h/?a=1", &err), 0);
	headers_add(&req.headers, c->header, c->value);
	headers_add(&req.headers, "Authorization", "old");
	req.body_fd = c->file ? 0 : -1;
	rc = c->expires ? sigv4_presign(&req, &scope, &creds, c->expires, NULL, &err)
			: sigv4_sign(&req, &scope, &creds, NULL, &err);
	ck_assert_int_lt(rc, 0);
	ck_assert_str_eq(err.message, c->error);
	ck_assert_int_eq(err.code, FP_ERR_INPUT);
	ck_assert_uint_eq(req.headers.n, 2);
	ck_assert_str_eq(req.query, "a=1");
}
END_TEST

START_TEST(a_raw_s3_path_is_signed_as_it_is_sent)
{
	FP_AUTO(request_release) struct http_request req;
	FP_AUTO(aws_credentials_release)
	struct aws_credentials creds = { .access_key_id = xstrdup("A"),
					 .secret_access_key = xstrdup("secret") };
	FP_AUTO(sigv4_trace_release) struct sigv4_trace t = { 0 };
	struct sigv4_scope scope = sigv4_for("s3", "us-east-1", 0);
	struct fp_error err = { 0 };

	request_init(&req, "GET", "/");
	ck_assert_int_eq(request_set_url(&req, "https://h/a b/\xc3\xbc/../%20//~", &err),
			 0);
	ck_assert_int_eq(sigv4_sign(&req, &scope, &creds, &t, &err), 0);
	ck_assert(str_starts(buf_str(&t.canonical_request),
			     "GET\n/a%20b/%C3%BC/../%20//~\n"));
}
END_TEST

static Suite *make_suite(void)
{
	Suite *s = suite_create("sigv4");
	TCase *tc = tcase_create("vectors"), *input = tcase_create("input");
	int n = vectors_list(&vectors);

	tcase_add_loop_test(tc, we_sign_as_botocore_does, 0, n);
	tcase_add_loop_test(tc, we_accept_what_botocore_sends, 0, n);
	suite_add_tcase(s, tc);
	tcase_add_loop_test(input, claims_are_judged, 0, ARRAY_SIZE(claims));
	tcase_add_loop_test(input, bad_input_leaves_the_request_as_it_was, 0,
			    ARRAY_SIZE(refused));
	tcase_add_test(input, a_raw_s3_path_is_signed_as_it_is_sent);
	suite_add_tcase(s, input);
	return s;
}

CHECK_MAIN(make_suite)
