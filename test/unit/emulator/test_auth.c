#include "emulator/auth.h"

#include "base/clock.h"
#include "wire/sigv4.h"

static const struct service s3 = { .name = "s3", .protocol = SERVICE_REST_XML },
			    sts = { .name = "sts", .protocol = SERVICE_QUERY },
			    logs = { .name = "logs", .protocol = SERVICE_JSON_1_1 },
			    lambda = { .name = "lambda", .protocol = SERVICE_REST_JSON };
const struct service *const services[] = { &s3, &sts, &logs, &lambda, NULL };
#include "cloud.h"

#define MINUTE INT64_C(60000)

/* What is done to a request that would be fine, and what each protocol says. */
enum mend { FINE, UNSIGNED, WRONG_SECRET, WRONG_KEY, WRONG_TOKEN, OTHER_PATH };

static const struct {
	const char *name;
	enum mend what;
	int64_t age_ms;
	bool presigned, session;
	const char *codes[4]; /* s3, sts, logs, lambda; NULL: it passes */
} cases[] = {
	{ "signed", FINE, 0, false, false, { NULL, NULL, NULL, NULL } },
	{ "signed 14 minutes ago",
	  FINE,
	  14 * MINUTE,
	  false,
	  false,
	  { NULL, NULL, NULL, NULL } },
	{ "signed 14 minutes ahead",
	  FINE,
	  -14 * MINUTE,
	  false,
	  false,
	  { NULL, NULL, NULL, NULL } },
	{ "presigned", FINE, 0, true, false, { NULL, NULL, NULL, NULL } },
	{ "with a session", FINE, 0, false, true, { NULL, NULL, NULL, NULL } },
	{ "presigned with a session", FINE, 0, true, true, { NULL, NULL, NULL, NULL } },
	{ "not signed",
	  UNSIGNED,
	  0,
	  false,
	  false,
	  /* Without a claim the service is not known, and an S3 client is assumed. */
	  { "AccessDenied", "AccessDenied", "AccessDenied", "AccessDenied" } },
	{ "wrong secret",
	  WRONG_SECRET,
	  0,
	  false,
	  false,
	  { "SignatureDoesNotMatch", "SignatureDoesNotMatch", "InvalidSignatureException",
	    "InvalidSignatureException" } },
	{ "another path than was signed",
	  OTHER_PATH,
	  0,
	  false,
	  false,
	  { "SignatureDoesNotMatch", "SignatureDoesNotMatch", "InvalidSignatureException",
	    "InvalidSignatureException" } },
	{ "unknown key",
	  WRONG_KEY,
	  0,
	  false,
	  false,
	  { "InvalidAccessKeyId", "InvalidClientTokenId", "UnrecognizedClientException",
	    "UnrecognizedClientException" } },
	{ "wrong token",
	  WRONG_TOKEN,
	  0,
	  false,
	  true,
	  { "InvalidToken", "InvalidClientTokenId", "UnrecognizedClientException",
	    "UnrecognizedClientException" } },
	{ "signed an hour ago",
	  FINE,
	  60 * MINUTE,
	  false,
	  false,
	  { "RequestTimeTooSkewed", "SignatureDoesNotMatch", "InvalidSignatureException",
	    "InvalidSignatureException" } },
	{ "signed an hour ahead",
	  FINE,
	  -60 * MINUTE,
	  false,
	  false,
	  { "RequestTimeTooSkewed", "SignatureDoesNotMatch", "InvalidSignatureException",
	    "InvalidSignatureException" } },
	{ "presigned too long ago",
	  FINE,
	  2 * MINUTE,
	  true,
	  false,
	  { "AccessDenied", "SignatureDoesNotMatch", "InvalidSignatureException",
	    "InvalidSignatureException" } },
};

static void make_keys(struct cloud *c, bool session, enum mend what,
		      struct aws_credentials *keys)
{
	struct aws_credentials root = {
		.access_key_id = (char *)c->emu.access_key_id,
		.secret_access_key = (char *)c->emu.secret_access_key,
	};

	if (session)
		ck_assert_int_eq(auth_issue_session(&c->emu,
						    "arn:aws:iam::000000000000:role/r",
						    "me", MINUTE, keys, NULL),
				 0);
	else
		aws_credentials_copy(keys, &root);
	if (what == WRONG_SECRET)
		keys->secret_access_key[0] ^= 1;
	else if (what == WRONG_KEY)
		keys->access_key_id[5] = '0';
	else if (what == WRONG_TOKEN)
		keys->session_token[0] ^= 1;
}

static void make_request(struct cloud *c, struct exchange *x, size_t which,
			 const struct service *service)
{
	FP_AUTO(aws_credentials_release) struct aws_credentials keys = { 0 };
	struct sigv4_scope scope = sigv4_for(service->name, "us-east-1",
					     clock_now_ms() - cases[which].age_ms);

	exchange_init(x, &c->emu);
	request_init(&x->http, "GET", "/a%20b/c");
	ck_assert_int_eq(
		request_set_url(&x->http, "http://127.0.0.1:4566/a%20b/c?x=1", NULL), 0);
	make_keys(c, cases[which].session, cases[which].what, &keys);
	if (cases[which].what == UNSIGNED)
		return;
	if (cases[which].presigned)
		ck_assert_int_eq(sigv4_presign(&x->http, &scope, &keys, 60, NULL, NULL),
				 0);
	else
		ck_assert_int_eq(sigv4_sign(&x->http, &scope, &keys, NULL, NULL), 0);
	if (cases[which].what == OTHER_PATH) {
		free(x->http.path);
		x->http.path = xstrdup("/a%20b/d");
	}
}

/* As server.c does it, for a request without a body. */
static int authenticate(struct exchange *x)
{
	if (auth_begin(x) < 0 ||
	    body_begin(&x->body, x->emu->store, &x->http, &x->claim, x->secret, 0,
		       &x->fault) < 0 ||
	    body_end(&x->body, &x->http.headers, &x->fault) < 0)
		return -1;
	return auth_end(x);
}

static void open_cloud(struct cloud *c)
{
	struct fp_error err = { 0 };

	cloud_open(c, NULL);
	ck_assert_msg(auth_open(&c->emu, &err) == 0, "%s", err.message);
}

static void close_cloud(struct cloud *c)
{
	freep(&c->emu.access_key_id);
	freep(&c->emu.secret_access_key);
	cloud_close(c);
}

START_TEST(tells_who_it_is)
{
	struct cloud c;

	open_cloud(&c);
	for (size_t i = 0; services[i]; i++) {
		const char *want = cases[_i].codes[i];
		struct exchange x;
		int rc;

		make_request(&c, &x, (size_t)_i, services[i]);
		rc = authenticate(&x);
		ck_assert_msg((rc == 0) == !want, "%s, %s: %s %s", cases[_i].name,
			      services[i]->name, x.fault.code, x.fault.message);
		if (want)
			ck_assert_str_eq(x.fault.code, want);
		else
			ck_assert_str_eq(
				x.caller_arn,
				cases[_i].session
					? "arn:aws:sts::000000000000:assumed-role/r/me"
					: "arn:aws:iam::000000000000:root");
		exchange_release(&x);
	}
	close_cloud(&c);
}
END_TEST

START_TEST(refuses_an_expired_session)
{
	FP_AUTO(aws_credentials_release) struct aws_credentials keys = { 0 };
	struct sigv4_scope scope = sigv4_for("sts", "us-east-1", clock_now_ms());
	struct exchange x;
	struct cloud c;

	open_cloud(&c);
	ck_assert_int_eq(auth_issue_session(&c.emu, "arn:aws:iam::000000000000:role/r",
					    "me", -1, &keys, NULL),
			 0);
	exchange_init(&x, &c.emu);
	request_init(&x.http, "GET", "/");
	ck_assert_int_eq(request_set_url(&x.http, "http://127.0.0.1:4566/", NULL), 0);
	ck_assert_int_eq(sigv4_sign(&x.http, &scope, &keys, NULL, NULL), 0);
	ck_assert_int_lt(authenticate(&x), 0);
	ck_assert_str_eq(x.fault.code, "ExpiredToken");
	exchange_release(&x);
	close_cloud(&c);
}
END_TEST

/* The region names a folder. */
START_TEST(refuses_what_is_no_region)
{
	static const char *const regions[] = { "..", "a.b", "EU", "a\\b" };
	struct cloud c;

	open_cloud(&c);
	for (size_t i = 0; i < ARRAY_SIZE(regions); i++) {
		FP_AUTO(aws_credentials_release) struct aws_credentials keys = { 0 };
		struct sigv4_scope scope = sigv4_for("s3", regions[i], clock_now_ms());
		struct exchange x;

		make_keys(&c, false, 0, &keys);
		exchange_init(&x, &c.emu);
		request_init(&x.http, "GET", "/");
		ck_assert_int_eq(request_set_url(&x.http, "http://127.0.0.1:4566/", NULL),
				 0);
		ck_assert_int_eq(sigv4_sign(&x.http, &scope, &keys, NULL, NULL), 0);
		ck_assert_int_lt(authenticate(&x), 0);
		ck_assert_str_eq(x.fault.code, "AuthorizationHeaderMalformed");
		ck_assert_ptr_nonnull(strstr(x.fault.message, regions[i]));
		exchange_release(&x);
	}
	close_cloud(&c);
}
END_TEST

START_TEST(keeps_its_root_key)
{
	FP_AUTO(freep) char *id = NULL;
	FP_AUTO(freep) char *secret = NULL;
	struct cloud c;

	open_cloud(&c);
	id = (char *)c.emu.access_key_id;
	secret = (char *)c.emu.secret_access_key;
	ck_assert_uint_eq(strlen(id), 20);
	ck_assert_uint_eq(strlen(secret), 40);
	cloud_open(&c, cloud_stop(&c));
	ck_assert_int_eq(auth_open(&c.emu, NULL), 0);
	ck_assert_str_eq(c.emu.access_key_id, id);
	ck_assert_str_eq(c.emu.secret_access_key, secret);
	close_cloud(&c);
}
END_TEST

static Suite *suite(void)
{
	Suite *s = suite_create("auth");
	TCase *tc = tcase_create("auth");

	tcase_add_loop_test(tc, tells_who_it_is, 0, ARRAY_SIZE(cases));
	tcase_add_test(tc, refuses_an_expired_session);
	tcase_add_test(tc, refuses_what_is_no_region);
	tcase_add_test(tc, keeps_its_root_key);
	suite_add_tcase(s, tc);
	return s;
}

CHECK_MAIN(suite)
