#include "http/retry.h"

#include "base/str.h"
#include "check_main.h"

static const struct {
	const char *name;
	int status; /* 0: no answer came */
	enum fp_errc error;
	const char *code, *service;
	bool again;
	int64_t most_ms; /* the longest first wait */
	unsigned cost;
} cases[] = {
	{ "connection refused", 0, FP_ERR_NETWORK, NULL, NULL, true, 50, 14 },
	{ "timeout", 0, FP_ERR_TIMEOUT, NULL, NULL, true, 50, 14 },
	{ "Ctrl-C", 0, FP_ERR_INTERRUPTED, NULL, NULL, false, 0, 0 },
	{ "bad input", 0, FP_ERR_INPUT, NULL, NULL, false, 0, 0 },
	{ "500", 500, FP_ERR_AWS, "InternalFailure", NULL, true, 50, 14 },
	{ "501", 501, FP_ERR_AWS, "NotImplemented", NULL, false, 0, 0 },
	{ "502", 502, FP_ERR_AWS, NULL, NULL, true, 50, 14 },
	{ "503", 503, FP_ERR_AWS, "ServiceUnavailable", NULL, true, 50, 14 },
	{ "503 slow down", 503, FP_ERR_AWS, "SlowDown", NULL, true, 1000, 5 },
	{ "504", 504, FP_ERR_AWS, NULL, NULL, true, 50, 14 },
	{ "400 throttling", 400, FP_ERR_AWS, "Throttling", NULL, true, 1000, 5 },
	{ "400 exception", 400, FP_ERR_AWS, "ThrottlingException", NULL, true, 1000, 5 },
	{ "429 without a code", 429, FP_ERR_AWS, NULL, NULL, true, 1000, 5 },
	{ "400 request timeout", 400, FP_ERR_AWS, "RequestTimeout", NULL, true, 50, 14 },
	{ "400 validation", 400, FP_ERR_AWS, "ValidationError", NULL, false, 0, 0 },
	{ "403", 403, FP_ERR_AWS, "AccessDenied", NULL, false, 0, 0 },
	{ "404", 404, FP_ERR_AWS, "NoSuchKey", NULL, false, 0, 0 },
	{ "certificate", 0, FP_ERR_TLS, NULL, NULL, false, 0, 0 },
	{ "a proxy that refuses", 0, FP_ERR_PROXY, NULL, NULL, false, 0, 0 },
	{ "too large", 0, FP_ERR_LIMIT, NULL, NULL, false, 0, 0 },
	{ "a login page", 403, FP_ERR_PROTOCOL, NULL, NULL, false, 0, 0 },
	{ "a gateway's page", 502, FP_ERR_AWS, "BadGateway", NULL, true, 50, 14 },
	{ "no identity provider", 400, FP_ERR_AWS, "IDPCommunicationError", "sts", true,
	  50, 14 },
	{ "of STS only", 400, FP_ERR_AWS, "IDPCommunicationError", "iam", false, 0, 0 },
	{ "the key service", 400, FP_ERR_AWS, "KmsThrottled", "sqs", true, 1000, 5 },
	{ "the key service, told by SNS", 400, FP_ERR_AWS, "KMSThrottling", "sns", true,
	  1000, 5 },
	{ "of these two only", 400, FP_ERR_AWS, "KmsThrottled", "s3", false, 0, 0 },
	{ "writes to one key", 409, FP_ERR_AWS, "ConditionalRequestConflict", "s3", true,
	  50, 14 },
	{ "a conflict is the caller's", 409, FP_ERR_AWS, "ResourceConflictException",
	  "lambda", false, 0, 0 },
};

START_TEST(failures_are_judged)
{
	const __typeof__(cases[0]) *c = &cases[_i];
	FP_AUTO(retry_bucket_freep) struct retry_bucket *b = retry_bucket_new();
	struct http_response res = { .status = c->status };
	struct fp_error err = { .code = c->error, .http_status = c->status };
	int64_t longest = 0;

	(void)snprintf(err.aws_code, sizeof(err.aws_code), "%s", str_or(c->code, ""));
	ck_assert_msg(retry_judge(c->service, &err) == (!c->again      ? RETRY_NEVER
							: c->cost == 5 ? RETRY_THROTTLED
								       : RETRY_TRANSIENT),
		      "%s", c->name);
	ck_assert_msg(c->service || retry_may_pass(&err) == c->again, "%s", c->name);
	for (int i = 0; i < 30; i++) {
		struct retry r = { .bucket = b, .attempt = 1, .service = c->service };
		int64_t wait = -1;

		ck_assert_msg(retry_again(&r, c->status ? &res : NULL, &err, &wait) ==
				      c->again,
			      "%s", c->name);
		ck_assert_uint_eq(r.cost, c->cost);
		ck_assert_msg(!c->again || (wait >= 0 && wait < c->most_ms), "%s: %lld",
			      c->name, (long long)wait);
		longest = FP_MAX(longest, wait);
	}
	/* Of 30 waits that are spread evenly, one is in the upper half. */
	ck_assert(!c->again || longest > c->most_ms / 2);
}
END_TEST

static const struct fp_error fault = { .code = FP_ERR_AWS, .http_status = 500 };
static const struct fp_error slow_down = { .code = FP_ERR_AWS,
					   .http_status = 503,
					   .aws_code = "SlowDown" };

START_TEST(attempts_are_limited)
{
	int64_t wait;

	for (unsigned most = 0; most < 6; most++) {
		struct retry r = { .max_attempts = most, .attempt = 1 };

		while (retry_again(&r, NULL, &fault, &wait))
			r.attempt++;
		ck_assert_uint_eq(r.attempt, most ? most : 3);
	}
}
END_TEST

START_TEST(waits_grow_up_to_their_limit)
{
	struct retry r = { .max_attempts = 1000 };
	int64_t wait, longest = 0;

	for (r.attempt = 1; r.attempt < 500; r.attempt++) {
		ck_assert(retry_again(&r, NULL, &slow_down, &wait));
		ck_assert_int_lt(wait, 20000);
		longest = FP_MAX(longest, wait);
	}
	ck_assert_int_gt(longest, 15000);
}
END_TEST

START_TEST(the_bucket_runs_dry_and_fills)
{
	FP_AUTO(retry_bucket_freep) struct retry_bucket *b = retry_bucket_new();
	struct retry r = { .bucket = b, .attempt = 1 }, fresh = { .bucket = b };
	int64_t wait;
	int n = 0;

	while (retry_again(&r, NULL, &fault, &wait))
		n++;
	ck_assert_int_eq(n, 500 / 14);
	retry_succeeded(&r); /* what the last retry took comes back */
	ck_assert(retry_again(&r, NULL, &fault, &wait));
	ck_assert(!retry_again(&r, NULL, &fault, &wait));
	for (int i = 0; i < 14; i++)
		retry_succeeded(&fresh);
	ck_assert(retry_again(&r, NULL, &fault, &wait));
}
END_TEST

static const struct {
	const char *header, *value;
	int64_t least, most;
} asked[] = {
	{ "x-amz-retry-after", "2000", 2000, 2000 },
	{ "x-amz-retry-after", "1500", 1500, 1500 },
	{ "x-amz-retry-after", "99000", 5000, 5050 },
	{ "x-amz-retry-after", "soon", 0, 50 },
	{ "Retry-After", "3", 3000, 3000 },
	{ "Retry-After", "-3", 0, 50 },
	{ "Retry-After", "Fri, 02 Jan 2026 03:04:05 GMT", 0, 50 }, /* long ago */
	{ "Retry-After", "Fri, 02 Jan 2099 03:04:05 GMT", 5000, 5050 },
};

START_TEST(a_server_may_ask_for_time)
{
	struct http_response res = { .status = 500 };
	struct retry r = { .attempt = 1 };
	int64_t wait;

	headers_add(&res.headers, asked[_i].header, asked[_i].value);
	ck_assert(retry_again(&r, &res, &fault, &wait));
	ck_assert_int_ge(wait, asked[_i].least);
	ck_assert_int_le(wait, asked[_i].most);
	response_release(&res);
}
END_TEST

static Suite *make_suite(void)
{
	Suite *s = suite_create("retry");
	TCase *tc = tcase_create("standard mode");

	tcase_add_loop_test(tc, failures_are_judged, 0, ARRAY_SIZE(cases));
	tcase_add_test(tc, attempts_are_limited);
	tcase_add_test(tc, waits_grow_up_to_their_limit);
	tcase_add_test(tc, the_bucket_runs_dry_and_fills);
	tcase_add_loop_test(tc, a_server_may_ask_for_time, 0, ARRAY_SIZE(asked));
	suite_add_tcase(s, tc);
	return s;
}

CHECK_MAIN(make_suite)
