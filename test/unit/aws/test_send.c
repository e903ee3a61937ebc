/* Attempts: what is put right and sent again, what is not, and what is told then. */
#include "check_main.h"

#include "aws/bucket_region.h"
#include "aws/client.h"
#include "aws/internal.h"
#include "aws/mend.h"
#include "aws/service/sts.h"
#include "base/clock.h"
#include "test_server.h"

#define IDENTITY                                                                      \
	"<GetCallerIdentityResponse><GetCallerIdentityResult><Account>111122223333</" \
	"Account><Arn>a</Arn></GetCallerIdentityResult></GetCallerIdentityResponse>"
#define CODE(code)                                                                 \
	"<ErrorResponse><Error><Code>" code "</Code><Message>no</Message></Error>" \
	"<RequestId>r-1</RequestId></ErrorResponse>"
#define S3(code, more) "<Error><Code>" code "</Code><Message>no</Message>" more "</Error>"
#define LONG_AGO       "Date: Fri, 02 Jan 2026 03:04:05 GMT\r\n"

struct step {
	int status; /* 0: close the connection */
	const char *body, *headers;
};

/* Answers by the script; notes "METHOD target REGION" of each request. */
struct script {
	const struct step *steps; /* the last one is repeated */
	size_t n, calls;
	struct buf asked;
	char date[17], token[16];
};

static void note(struct script *s, const struct test_request *req)
{
	const char *scope = strstr(req->head, "Credential="), *at;
	char region[64] = "-";

	if (scope)
		(void)sscanf(scope, "Credential=%*[^/]/%*[^/]/%63[^/]", region);
	buf_printf(&s->asked, "%s%s %s %s", s->asked.len ? ", " : "", req->method,
		   req->target, region);
	at = strcasestr(req->head, "x-amz-date: ");
	(void)snprintf(s->date, sizeof(s->date), "%.16s", at ? at + 12 : "");
	at = strcasestr(req->head, "x-amz-security-token: ");
	(void)snprintf(s->token, sizeof(s->token), "%.*s",
		       at ? (int)strcspn(at + 22, "\r") : 0, at ? at + 22 : "");
}

static void play(void *ctx, const struct test_request *req, struct test_answer *out)
{
	struct script *s = ctx;
	const struct step *step = &s->steps[FP_MIN(s->calls, s->n - 1)];

	s->calls++;
	note(s, req);
	out->status = step->status;
	buf_puts(&out->headers, step->headers ? step->headers : "");
	if (!str_eq(req->method, "HEAD"))
		buf_puts(&out->body, step->body ? step->body : "");
}

static struct aws_client *client_with(const char *url, int64_t total_timeout_ms)
{
	struct aws_credentials creds = { .access_key_id = (char[]){ "AKIDEXAMPLE" },
					 .secret_access_key = (char[]){ "secret" } };
	struct aws_options o = { .region = "eu-west-1",
				 .endpoint_url = url,
				 .credentials = &creds,
				 .total_timeout_ms = total_timeout_ms };
	struct aws_client *c = NULL;

	ck_assert_int_eq(aws_client_new(&c, &o, NULL), 0);
	return c;
}

static const struct {
	const char *name, *method, *path;
	struct step steps[3];
	size_t n;
	bool ok;
	const char *asked;
} redirects[] = {
	{ "a header names the region",
	  "GET",
	  "/k",
	  { { 301, S3("PermanentRedirect", ""), "x-amz-bucket-region: us-west-2\r\n" },
	    { 200, "x", NULL } },
	  2,
	  true,
	  "GET /b/k eu-west-1, GET /b/k us-west-2" },
	{ "the document names the region",
	  "PUT",
	  "/k",
	  { { 400, S3("AuthorizationHeaderMalformed", "<Region>ap-south-1</Region>"),
	      NULL },
	    { 200, "", NULL } },
	  2,
	  true,
	  "PUT /b/k eu-west-1, PUT /b/k ap-south-1" },
	{ "the endpoint names the region",
	  "GET",
	  "/k",
	  { { 307,
	      S3("TemporaryRedirect",
		 "<Endpoint>b.s3x.s3.eu-central-1.amazonaws.com</Endpoint>"),
	      NULL },
	    { 200, "x", NULL } },
	  2,
	  true,
	  "GET /b/k eu-west-1, GET /b/k eu-central-1" },
	{ "the old form of endpoints",
	  "GET",
	  "/k",
	  { { 301, NULL, "Location: https://b.s3-us-west-2.amazonaws.com/k\r\n" },
	    { 200, "x", NULL } },
	  2,
	  true,
	  "GET /b/k eu-west-1, GET /b/k us-west-2" },
	{ "HEAD says nothing: the bucket is asked",
	  "HEAD",
	  "/k",
	  { { 400, NULL, NULL },
	    { 403, NULL, "x-amz-bucket-region: us-west-2\r\n" },
	    { 200, NULL, NULL } },
	  3,
	  true,
	  "HEAD /b/k eu-west-1, HEAD /b/ eu-west-1, HEAD /b/k us-west-2" },
	{ "HEAD of a bucket",
	  "HEAD",
	  "/",
	  { { 301, NULL, "x-amz-bucket-region: us-west-2\r\n" }, { 200, NULL, NULL } },
	  2,
	  true,
	  "HEAD /b/ eu-west-1, HEAD /b/ us-west-2" },
	{ "HEAD is refused for another reason",
	  "HEAD",
	  "/",
	  { { 400, NULL, NULL } },
	  1,
	  false,
	  "HEAD /b/ eu-west-1" },
	{ "a loop ends",
	  "GET",
	  "/k",
	  { { 301, S3("PermanentRedirect", ""), "x-amz-bucket-region: us-west-2\r\n" },
	    { 301, S3("PermanentRedirect", ""), "x-amz-bucket-region: eu-west-1\r\n" } },
	  2,
	  false,
	  "GET /b/k eu-west-1, GET /b/k us-west-2" },
	{ "to itself",
	  "GET",
	  "/k",
	  { { 301, S3("PermanentRedirect", ""), "x-amz-bucket-region: eu-west-1\r\n" } },
	  1,
	  false,
	  "GET /b/k eu-west-1" },
	{ "a region that is none",
	  "GET",
	  "/k",
	  { { 301, S3("PermanentRedirect", ""),
	      "x-amz-bucket-region: x.evil.com/\r\n" } },
	  1,
	  false,
	  "GET /b/k eu-west-1, HEAD /b/ eu-west-1" },
	{ "a bucket is created where it was asked for",
	  "PUT",
	  "/",
	  { { 400, S3("IllegalLocationConstraintException", ""),
	      "x-amz-bucket-region: us-west-2\r\n" } },
	  1,
	  false,
	  "PUT /b/ eu-west-1" },
	{ "no redirect but a refusal",
	  "GET",
	  "/k",
	  { { 403, S3("AccessDenied", ""), "x-amz-bucket-region: us-west-2\r\n" } },
	  1,
	  false,
	  "GET /b/k eu-west-1" },
	{ "an error in an answer of 200",
	  "PUT",
	  "/k",
	  { { 200, S3("InternalError", ""), NULL },
	    { 200, "<CopyObjectResult/>", NULL } },
	  2,
	  true,
	  "PUT /b/k eu-west-1, PUT /b/k eu-west-1" },
	{ "an object that looks like an error",
	  "GET",
	  "/k",
	  { { 200, S3("InternalError", ""), NULL } },
	  1,
	  true,
	  "GET /b/k eu-west-1" },
	{ "somebody else's page",
	  "PUT",
	  "/k",
	  { { 200, "<html><title>Welcome</title></html>", NULL } },
	  1,
	  false,
	  "PUT /b/k eu-west-1" },
	{ "a HEAD refused for the clock",
	  "HEAD",
	  "/k",
	  { { 403, NULL, LONG_AGO }, { 200, NULL, NULL } },
	  2,
	  true,
	  "HEAD /b/k eu-west-1, HEAD /b/k eu-west-1" },
	{ "the clock in the document",
	  "GET",
	  "/k",
	  { { 403,
	      S3("RequestTimeTooSkewed", "<ServerTime>2026-01-02T03:04:05Z</ServerTime>"),
	      NULL },
	    { 200, NULL, NULL } },
	  2,
	  true,
	  "GET /b/k eu-west-1, GET /b/k eu-west-1" },
};

static int ask_s3(struct aws_client *c, const char *method, const char *path,
		  struct fp_error *err)
{
	FP_AUTO(request_release) struct http_request req;
	FP_AUTO(response_release) struct http_response res = { 0 };
	struct aws_rest how = { .service = "s3",
				.operation = "Operation",
				.bucket = "b" };

	request_init(&req, method, path);
	return aws_rest(c, &how, &req, &res, err);
}

START_TEST(s3_is_followed)
{
	const __typeof__(redirects[0]) *r = &redirects[_i];
	struct script script = { .steps = r->steps, .n = r->n };
	struct test_server server;
	FP_AUTO(aws_client_freep) struct aws_client *c = NULL;
	struct fp_error err = { 0 };
	int rc;

	test_server_start(&server, play, &script);
	c = client_with(server.url, 0);
	rc = ask_s3(c, r->method, r->path, &err);
	test_server_stop(&server);
	ck_assert_msg((rc == 0) == r->ok, "%s: %s", r->name, err.message);
	ck_assert_msg(str_eq(buf_str(&script.asked), r->asked), "%s: %s", r->name,
		      buf_str(&script.asked));
	buf_release(&script.asked);
}
END_TEST

/* Only the first request to a bucket goes astray. */
START_TEST(regions_and_clocks_are_remembered)
{
	static const struct step steps[] = {
		{ 301, NULL, "x-amz-bucket-region: us-west-2\r\n" },
		{ 403, S3("RequestTimeTooSkewed", ""), LONG_AGO },
		{ 200, "x", NULL },
	};
	struct script script = { .steps = steps, .n = 3 };
	struct test_server server;
	FP_AUTO(aws_client_freep) struct aws_client *c = NULL;

	test_server_start(&server, play, &script);
	c = client_with(server.url, 0);
	ck_assert_int_eq(ask_s3(c, "GET", "/k", NULL), 0);
	ck_assert_int_eq(ask_s3(c, "GET", "/l", NULL), 0);
	test_server_stop(&server);
	ck_assert_str_eq(buf_str(&script.asked),
			 "GET /b/k eu-west-1, GET /b/k us-west-2, GET /b/k us-west-2, "
			 "GET /b/l us-west-2");
	ck_assert_msg(str_starts(script.date, "20260102T030"), "%s", script.date);
	buf_release(&script.asked);
}
END_TEST

/* Two threads are refused at once; the second one's answer comes when the first one has
 * corrected the clock already. */
START_TEST(a_clock_corrected_by_another_thread_is_used)
{
	FP_AUTO(aws_client_freep)
	struct aws_client *c = client_with("http://127.0.0.1:1", 0);
	FP_AUTO(request_release) struct http_request req;
	FP_AUTO(response_release) struct http_response res = { .status = 403 };
	struct aws_send send = { .service = "sts", .what = "sts X" };
	struct aws_progress first = { .c = c, .send = &send, .req = &req, .res = &res };
	struct aws_progress second = first, third = first;
	struct fp_error err = { .code = FP_ERR_AWS, .aws_code = "RequestTimeTooSkewed" };

	request_init(&req, "POST", "/");
	headers_add(&res.headers, "Date", "Fri, 02 Jan 2026 03:04:05 GMT");
	ck_assert_int_eq(aws_mend(&first, &err), 1);
	ck_assert_int_eq(aws_mend(&first, &err), 0);
	ck_assert_int_eq(aws_mend(&second, &err), 1);
	third.skew_ms = atomic_load(&c->skew_ms); /* signed right, and refused */
	ck_assert_int_eq(aws_mend(&third, &err), 0);
}
END_TEST

START_TEST(the_map_of_regions_is_bounded)
{
	FP_AUTO(bucket_regions_freep) struct bucket_regions *r = bucket_regions_new();
	char bucket[16], region[REGION_SIZE] = "";

	for (int i = 0; i < 3 * BUCKET_REGIONS_MAX; i++) {
		(void)snprintf(bucket, sizeof(bucket), "b%d", i);
		bucket_regions_set(r, bucket, "eu-west-1");
		bucket_regions_set(r, bucket, "eu-west-2");
		ck_assert(bucket_regions_get(r, bucket, region));
		ck_assert_str_eq(region, "eu-west-2");
	}
	ck_assert(!bucket_regions_get(r, "b0", region));
	(void)snprintf(bucket, sizeof(bucket), "b%d", 2 * BUCKET_REGIONS_MAX);
	ck_assert(bucket_regions_get(r, bucket, region));
}
END_TEST

/* Credentials from an environment whose session token is another one each time that the
 * chain asks, or always the same one. */
struct rotation {
	int asked;
	bool stays;
	char token[16];
};

static const char *rotating_get(void *ctx, const char *name)
{
	struct rotation *r = ctx;

	if (str_eq(name, "AWS_ACCESS_KEY_ID"))
		return "AKIDEXAMPLE";
	if (str_eq(name, "AWS_SECRET_ACCESS_KEY"))
		return "secret";
	if (!str_eq(name, "AWS_SESSION_TOKEN"))
		return str_eq(name, "AWS_CONFIG_FILE") ||
				       str_eq(name, "AWS_SHARED_CREDENTIALS_FILE")
			       ? "/nonexistent"
			       : NULL;
	(void)snprintf(r->token, sizeof(r->token), "t%d", r->stays ? 0 : r->asked++);
	return r->token;
}

static const struct {
	const char *name, *code;
	bool stays, anonymous;
	struct step second;
	size_t calls;
	bool ok;
} tokens[] = {
	{ "fetched anew",
	  "ExpiredToken",
	  false,
	  false,
	  { 200, IDENTITY, NULL },
	  2,
	  true },
	{ "once only",
	  "ExpiredTokenException",
	  false,
	  false,
	  { 400, CODE("ExpiredToken"), NULL },
	  2,
	  false },
	{ "the same as before",
	  "ExpiredToken",
	  true,
	  false,
	  { 200, IDENTITY, NULL },
	  1,
	  false },
	{ "another refusal",
	  "AccessDenied",
	  false,
	  false,
	  { 200, IDENTITY, NULL },
	  1,
	  false },
	{ "nothing was signed",
	  "ExpiredToken",
	  false,
	  true,
	  { 200, IDENTITY, NULL },
	  1,
	  false },
};

START_TEST(expired_tokens_are_refreshed)
{
	const __typeof__(tokens[0]) *t = &tokens[_i];
	FP_AUTO(freep)
	char *first = xasprintf(
		"<ErrorResponse><Error><Code>%s</Code><Message>no</Message></Error>"
		"</ErrorResponse>",
		t->code);
	struct step steps[] = { { 403, first, NULL }, t->second };
	struct script script = { .steps = steps, .n = 2 };
	struct rotation rotation = { .stays = t->stays };
	struct aws_env env = { .get = rotating_get, .ctx = &rotation };
	struct test_server server;
	struct aws_options o = { .region = "eu-west-1",
				 .env = &env,
				 .anonymous = t->anonymous };
	FP_AUTO(aws_client_freep) struct aws_client *c = NULL;
	FP_AUTO(sts_identity_release) struct sts_identity who = { 0 };
	struct fp_error err = { 0 };
	char before[16];
	int rc;

	test_server_start(&server, play, &script);
	o.endpoint_url = server.url;
	ck_assert_int_eq(aws_client_new(&c, &o, &err), 0);
	rc = sts_caller(c, &who, &err);
	(void)snprintf(before, sizeof(before), "%s", script.token);
	test_server_stop(&server);
	ck_assert_msg((rc == 0) == t->ok, "%s: %s", t->name, err.message);
	ck_assert_msg(script.calls == t->calls, "%s: %zu calls", t->name, script.calls);
	ck_assert_msg(t->calls == 1 || !str_eq(before, "t0"), "%s: %s", t->name, before);
	buf_release(&script.asked);
}
END_TEST

START_TEST(credentials_that_were_given_stay)
{
	static const struct step step = { 403, CODE("ExpiredToken"), NULL };
	struct script script = { .steps = &step, .n = 1 };
	struct test_server server;
	FP_AUTO(aws_client_freep) struct aws_client *c = NULL;
	FP_AUTO(sts_identity_release) struct sts_identity who = { 0 };
	struct fp_error err = { 0 };

	test_server_start(&server, play, &script);
	c = client_with(server.url, 0);
	ck_assert_int_eq(sts_caller(c, &who, &err), -1);
	test_server_stop(&server);
	ck_assert_uint_eq(script.calls, 1);
	ck_assert_uint_eq(err.number, 4102);
	ck_assert_ptr_nonnull(strstr(err.next, "aws sso login"));
	ck_assert_str_eq(err.request_id, "r-1");
	buf_release(&script.asked);
}
END_TEST

static const struct {
	const char *name;
	struct step step;
	size_t calls;
	enum fp_errc code;
	unsigned number;
	const char *message;
} told[] = {
	{ "attempts are counted",
	  { 400, CODE("Throttling"), NULL },
	  3,
	  FP_ERR_AWS,
	  4120,
	  "sts GetCallerIdentity, 3 attempts: no" },
	{ "one attempt",
	  { 403, CODE("AccessDenied"), NULL },
	  1,
	  FP_ERR_AWS,
	  4101,
	  "sts GetCallerIdentity: no" },
	{ "a code of no number",
	  { 418, CODE("Teapot"), NULL },
	  1,
	  FP_ERR_AWS,
	  0,
	  "sts GetCallerIdentity: no" },
	{ "a login page",
	  { 200, "<!DOCTYPE html><title>Hi</title>", NULL },
	  1,
	  FP_ERR_PROTOCOL,
	  0,
	  "sts GetCallerIdentity: a web page 'Hi' answered (status 200), not the "
	  "service: "
	  "a proxy, a login page or a wrong endpoint may be in the way" },
	{ "a page of a gateway",
	  { 502, "<html></html>", NULL },
	  3,
	  FP_ERR_AWS,
	  4123,
	  "sts GetCallerIdentity, 3 attempts: a web page answered (status 502), not the "
	  "service: a proxy, a login page or a wrong endpoint may be in the way" },
	{ "redirects of others are not followed",
	  { 302, NULL, "Location: http://127.0.0.1:1/\r\n" },
	  1,
	  FP_ERR_AWS,
	  4169,
	  "sts GetCallerIdentity: the service answered Redirect (status 302) without "
	  "a message" },
};

START_TEST(an_error_is_one_line)
{
	const __typeof__(told[0]) *t = &told[_i];
	struct script script = { .steps = &t->step, .n = 1 };
	struct test_server server;
	FP_AUTO(aws_client_freep) struct aws_client *c = NULL;
	FP_AUTO(sts_identity_release) struct sts_identity who = { 0 };
	struct fp_error err = { 0 };

	test_server_start(&server, play, &script);
	c = client_with(server.url, 0);
	ck_assert_int_eq(sts_caller(c, &who, &err), -1);
	test_server_stop(&server);
	ck_assert_msg(script.calls == t->calls, "%s: %zu", t->name, script.calls);
	ck_assert_str_eq(err.message, t->message);
	ck_assert_int_eq(err.code, t->code);
	ck_assert_uint_eq(err.number, t->number);
	buf_release(&script.asked);
}
END_TEST

/* Waiting for what the server asks would take longer than the call may. */
START_TEST(attempts_end_with_the_time)
{
	static const struct step step = { 503, CODE("SlowDown"),
					  "x-amz-retry-after: 5000\r\n" };
	struct script script = { .steps = &step, .n = 1 };
	struct test_server server;
	FP_AUTO(aws_client_freep) struct aws_client *c = NULL;
	FP_AUTO(sts_identity_release) struct sts_identity who = { 0 };
	struct fp_error err = { 0 };

	test_server_start(&server, play, &script);
	c = client_with(server.url, 2000);
	ck_assert_int_eq(sts_caller(c, &who, &err), -1);
	test_server_stop(&server);
	ck_assert_uint_eq(script.calls, 1);
	ck_assert_str_eq(err.message,
			 "sts GetCallerIdentity: no time is left to try again: no");
	ck_assert_uint_eq(err.number, 4122);
	buf_release(&script.asked);
}
END_TEST

/* Each exchange takes most of the time: together they must not take more. */
static void answer_late(void *ctx, const struct test_request *req,
			struct test_answer *out)
{
	(void)req;
	++*(int *)ctx;
	clock_sleep_ms(1500);
	out->status = 500;
}

START_TEST(exchanges_share_the_time)
{
	struct test_server server;
	FP_AUTO(aws_client_freep) struct aws_client *c = NULL;
	FP_AUTO(sts_identity_release) struct sts_identity who = { 0 };
	struct fp_error err = { 0 };
	int calls = 0;

	test_server_start(&server, answer_late, &calls);
	c = client_with(server.url, 2300);
	ck_assert_int_eq(sts_caller(c, &who, &err), -1);
	ck_assert_int_eq(err.code, FP_ERR_TIMEOUT);
	test_server_stop(&server);
	ck_assert_int_eq(calls, 2);
}
END_TEST

/* An operation that nobody may repeat unasked. */
static int create(struct aws_client *c, struct fp_error *err)
{
	static const struct aws_api api = { .service = "cloudformation",
					    .version = "2010-05-15",
					    .protocol = AWS_QUERY };

	return aws_call(c, &api, "CreateThing", NULL, NULL, err);
}

static const struct {
	const char *name;
	struct step step;
	size_t calls;
} refusals[] = {
	{ "throttled: not acted on", { 503, CODE("RequestLimitExceeded"), NULL }, 3 },
	{ "throttled by status", { 429, "", NULL }, 3 },
	{ "perhaps acted on", { 503, CODE("ServiceUnavailable"), NULL }, 1 },
	{ "perhaps received", { 0, NULL, NULL }, 1 },
};

START_TEST(what_may_do_harm_is_repeated_only_if_not_acted_on)
{
	struct script script = { .steps = &refusals[_i].step, .n = 1 };
	struct test_server server;
	FP_AUTO(aws_client_freep) struct aws_client *c = NULL;

	test_server_start(&server, play, &script);
	c = client_with(server.url, 0);
	ck_assert_int_eq(create(c, NULL), -1);
	test_server_stop(&server);
	ck_assert_msg(script.calls == refusals[_i].calls, "%s: %zu", refusals[_i].name,
		      script.calls);
	buf_release(&script.asked);
}
END_TEST

START_TEST(what_reached_nobody_is_repeated)
{
	FP_AUTO(aws_client_freep)
	struct aws_client *c = client_with("http://127.0.0.1:1", 0);
	struct fp_error err = { 0 };

	ck_assert_int_eq(create(c, &err), -1);
	ck_assert_int_eq(aws_client_requests(c), 3);
	ck_assert(err.unsent);
	ck_assert_msg(strstr(err.message, "CreateThing, 3 attempts: cannot connect to "
					  "127.0.0.1:1"),
		      "%s", err.message);
	ck_assert_msg(str_ends(err.message, "; start the emulator with 'fpctl local up', "
					    "or check the endpoint"),
		      "%s", err.message);
}
END_TEST

START_TEST(an_interrupt_ends_the_waiting)
{
	static const struct step step = { 503, CODE("SlowDown"), NULL };
	struct script script = { .steps = &step, .n = 1 };
	struct test_server server;
	FP_AUTO(aws_client_freep) struct aws_client *c = NULL;
	FP_AUTO(sts_identity_release) struct sts_identity who = { 0 };
	struct fp_error err = { 0 };

	test_server_start(&server, play, &script);
	c = client_with(server.url, 0);
	http_interrupt();
	ck_assert_int_eq(sts_caller(c, &who, &err), -1);
	test_server_stop(&server);
	ck_assert_int_eq(err.code, FP_ERR_INTERRUPTED);
	ck_assert_uint_le(script.calls, 1);
	buf_release(&script.asked);
}
END_TEST

/* A call is not given more memory than its answer may take. */
static void answer_much(void *ctx, const struct test_request *req,
			struct test_answer *out)
{
	(void)req;
	++*(int *)ctx;
	buf_puts(&out->headers, "Transfer-Encoding: chunked\r\n");
	buf_puts(&out->body, "1100000\r\n");
	buf_fill(&out->body, 'x', 0x1100000);
	buf_puts(&out->body, "\r\n0\r\n\r\n");
}

START_TEST(an_endless_answer_is_cut)
{
	struct test_server server;
	FP_AUTO(aws_client_freep) struct aws_client *c = NULL;
	FP_AUTO(sts_identity_release) struct sts_identity who = { 0 };
	struct fp_error err = { 0 };
	int calls = 0;

	test_server_start(&server, answer_much, &calls);
	c = client_with(server.url, 0);
	ck_assert_int_eq(sts_caller(c, &who, &err), -1);
	test_server_stop(&server);
	ck_assert_int_eq(err.code, FP_ERR_LIMIT);
	ck_assert_msg(strstr(err.message, "16 MiB"), "%s", err.message);
	ck_assert_int_eq(calls, 1);
}
END_TEST

static Suite *make_suite(void)
{
	Suite *s = suite_create("send");
	TCase *tc = tcase_create("attempts");

	tcase_add_loop_test(tc, s3_is_followed, 0, ARRAY_SIZE(redirects));
	tcase_add_test(tc, regions_and_clocks_are_remembered);
	tcase_add_test(tc, a_clock_corrected_by_another_thread_is_used);
	tcase_add_test(tc, the_map_of_regions_is_bounded);
	tcase_add_loop_test(tc, expired_tokens_are_refreshed, 0, ARRAY_SIZE(tokens));
	tcase_add_test(tc, credentials_that_were_given_stay);
	tcase_add_loop_test(tc, an_error_is_one_line, 0, ARRAY_SIZE(told));
	tcase_add_test(tc, attempts_end_with_the_time);
	tcase_add_test(tc, exchanges_share_the_time);
	tcase_add_loop_test(tc, what_may_do_harm_is_repeated_only_if_not_acted_on, 0,
			    ARRAY_SIZE(refusals));
	tcase_add_test(tc, what_reached_nobody_is_repeated);
	tcase_add_test(tc, an_interrupt_ends_the_waiting);
	tcase_add_test(tc, an_endless_answer_is_cut);
	suite_add_tcase(s, tc);
	return s;
}

CHECK_MAIN(make_suite)
