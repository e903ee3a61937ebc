#include <pthread.h>

#include "emulator/service.h"

extern const struct service service_s3, service_sts;
const struct service *const services[] = { &service_s3, &service_sts, NULL };
#include "cloud.h"

#include "base/clock.h"
#include "emulator/address.h"
#include "emulator/server.h"
#include "http/client.h"
#include "wire/sigv4.h"

#define DIGITS	"123456789"
#define CHUNKED "9\r\n" DIGITS "\r\n0\r\n"

static char *state;
static struct emulator_address at;
static struct http_client *client;
static pthread_t thread;
static struct fp_error served; /* of emulator_serve, after it ended */

static void *serve(void *arg)
{
	struct emulator_options o = { .state = state, .log = arg };

	ck_assert_int_eq(emulator_serve(&o, &served), 0);
	return NULL;
}

/* Each test runs in a process of its own, and so has its own emulator. */
static void start(void)
{
	static char log[256];

	state = scratch();
	(void)snprintf(log, sizeof(log), "%s/emulator.log", state);
	ck_assert_int_eq(pthread_create(&thread, NULL, serve, log), 0);
	for (int i = 0; i < 2000 && emulator_find(&at, state, NULL) != 1; i++)
		clock_sleep_ms(5);
	ck_assert_ptr_nonnull(at.url);
	ck_assert_int_eq(http_client_new(&client,
					 &(struct http_options){ .no_proxy = true },
					 NULL),
			 0);
}

static void finish(void)
{
	FP_AUTO(freep) char *address = address_path(state);

	emulator_stop();
	ck_assert_int_eq(pthread_join(thread, NULL), 0);
	ck_assert_msg(!served.code, "%s", served.message);
	ck_assert(!fs_exists(address));
	ck_assert(!emulator_in_use(state));
	http_client_freep(&client);
	emulator_address_release(&at);
	scrap(state);
}

struct request {
	const char *name, *method, *target, *service; /* NULL service: not signed */
	const char *headers;			      /* "A: b\nC: d" */
	const char *body;
	int status;
	const char *has; /* in the headers or the body of the answer */
};

static void add_headers(struct http_request *http, const char *text)
{
	FP_AUTO(strs_release) struct strs lines = STRS_INIT;

	strs_split(&lines, text, '\n');
	for (size_t i = 0; i < lines.n; i++) {
		char *colon = strstr(lines.v[i], ": ");

		*colon = '\0';
		headers_add(&http->headers, lines.v[i], colon + 2);
	}
}

static void sign(struct http_request *http, const char *service)
{
	struct sigv4_scope scope = sigv4_for(service, "us-east-1", clock_now_ms());
	struct aws_credentials keys = { .access_key_id = at.access_key_id,
					.secret_access_key = at.secret_access_key };

	/* What a client declares of its body stays. */
	scope.payload_hash = headers_get(&http->headers, "x-amz-content-sha256");
	ck_assert_int_eq(sigv4_sign(http, &scope, &keys, NULL, NULL), 0);
}

static void send_request(const struct request *r, struct buf *answer, int *status)
{
	FP_AUTO(freep) char *url = xasprintf("%s%s", at.url, r->target);
	FP_AUTO(response_release) struct http_response res = { 0 };
	FP_AUTO(request_release) struct http_request http = { 0 };
	struct fp_error err = { 0 };

	request_init(&http, r->method, "/");
	ck_assert_int_eq(request_set_url(&http, url, NULL), 0);
	if (r->headers)
		add_headers(&http, r->headers);
	if (r->body)
		buf_puts(&http.body, r->body);
	if (r->service)
		sign(&http, r->service);
	ck_assert_msg(http_send(client, &http, NULL, NULL, &res, &err) == 0, "%s: %s",
		      r->name, err.message);
	*status = res.status;
	for (size_t i = 0; i < res.headers.n; i++)
		buf_printf(answer, "%s: %s\n", res.headers.v[i].name,
			   res.headers.v[i].value);
	buf_puts(answer, buf_str(&res.body));
}

static void check(const struct request *r)
{
	FP_AUTO(buf_release) struct buf answer = BUF_INIT;
	int status;

	send_request(r, &answer, &status);
	ck_assert_msg(status == r->status, "%s: %d\n%s", r->name, status,
		      buf_str(&answer));
	ck_assert_msg(!r->has || strstr(buf_str(&answer), r->has), "%s: no '%s' in\n%s",
		      r->name, r->has, buf_str(&answer));
}

#define FORM "Content-Type: application/x-www-form-urlencoded; charset=utf-8"
#define STREAM                                                                 \
	"x-amz-content-sha256: STREAMING-UNSIGNED-PAYLOAD-TRAILER\n"           \
	"Content-Encoding: aws-chunked\nx-amz-trailer: x-amz-checksum-crc32\n" \
	"x-amz-decoded-content-length: 9"
#define SIGNED                                                       \
	"x-amz-content-sha256: STREAMING-AWS4-HMAC-SHA256-PAYLOAD\n" \
	"x-amz-decoded-content-length: 9"

static const struct request requests[] = {
	{ "health", "GET", "/_fpctl/health", NULL, NULL, NULL, 200, "\"status\":\"ok\"" },
	{ "another host", "GET", "/_fpctl/health", NULL, "Host: example.com", NULL, 403,
	  "AccessDenied" },
	{ "another host, signed", "GET", "/", "s3", "Host: example.com:4566", NULL, 403,
	  "not this computer" },
	{ "localhost", "GET", "/", "s3", "Host: localhost:4566", NULL, 200, "ListAllMy" },
	{ "not signed", "GET", "/", NULL, NULL, NULL, 403, "AccessDenied" },
	{ "a signature of another key", "GET", "/", NULL,
	  "Authorization: AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20260101/us-east-1/s3/"
	  "aws4_request, SignedHeaders=host, Signature=0123456789abcdef0123456789abcdef"
	  "0123456789abcdef0123456789abcdef\nX-Amz-Date: 20260101T000000Z",
	  NULL, 403, "InvalidAccessKeyId" },
	{ "signature version 2 in the query", "GET",
	  "/bkt/k?AWSAccessKeyId=AKIDEXAMPLE&Signature=x&Expires=1", NULL, NULL, NULL,
	  400, "Please use AWS4-HMAC-SHA256" },
	{ "signature version 2 in a header", "GET", "/bkt/k", NULL,
	  "Authorization: AWS AKIDEXAMPLE:x", NULL, 400, "Please use AWS4-HMAC-SHA256" },
	{ "sts", "POST", "/", "sts", FORM, "Action=GetCallerIdentity&Version=2011-06-15",
	  200, "<Arn>arn:aws:iam::000000000000:root</Arn>" },
	{ "sts has a request id", "POST", "/", "sts", FORM,
	  "Action=GetCallerIdentity&Version=2011-06-15", 200, "x-amzn-RequestId: " },
	{ "an operation that is missing", "POST", "/", "sts", FORM,
	  "Action=GetSessionToken", 501, "<Code>NotImplemented</Code>" },
	{ "a malformed form", "POST", "/", "sts", FORM, "Action=%", 501,
	  "NotImplemented" },
	{ "a service that is missing, Query", "POST", "/", "ec2", FORM,
	  "Action=DescribeInstances", 501, "service 'ec2'" },
	{ "a service that is missing, JSON", "POST", "/", "dynamodb",
	  "Content-Type: application/x-amz-json-1.0\nX-Amz-Target: D.ListTables", "{}",
	  501, "\"__type\":\"NotImplemented\"" },
	{ "put", "PUT", "/bkt/k", "s3", NULL, DIGITS, 200, "ETag: " },
	{ "get", "GET", "/bkt/k", "s3", NULL, NULL, 200, DIGITS },
	{ "s3 has a request id", "GET", "/bkt/k", "s3", NULL, NULL, 200,
	  "x-amz-request-id: " },
	{ "head", "HEAD", "/bkt/k", "s3", NULL, NULL, 200, "Content-Length: 9" },
	{ "a range", "GET", "/bkt/k", "s3", "Range: bytes=2-4", NULL, 206, "345" },
	{ "virtual host", "GET", "/k", "s3", "Host: bkt.localhost:4566", NULL, 200,
	  DIGITS },
	{ "virtual host of s3", "GET", "/k", "s3", "Host: bkt.s3.localhost", NULL, 200,
	  DIGITS },
	{ "not modified", "GET", "/bkt/k", "s3", "If-None-Match: *", NULL, 304, NULL },
	{ "a digest of another body", "PUT", "/bkt/x", "s3",
	  "x-amz-content-sha256: "
	  "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
	  DIGITS, 400, "XAmzContentSHA256Mismatch" },
	{ "no digest at all", "PUT", "/bkt/x", "s3",
	  "x-amz-content-sha256: UNSIGNED-PAYLOAD", DIGITS, 200, NULL },
	{ "md5", "PUT", "/bkt/x", "s3", "Content-MD5: JfnnlDI7RTiF9RgfG2JNCw==", DIGITS,
	  200, NULL },
	{ "md5 of another body", "PUT", "/bkt/x", "s3",
	  "Content-MD5: JfnnlDI7RTiF9RgfG2JNCg==", DIGITS, 400, "BadDigest" },
	{ "no md5", "PUT", "/bkt/x", "s3", "Content-MD5: abc", DIGITS, 400,
	  "InvalidDigest" },
	{ "crc32", "PUT", "/bkt/x", "s3", "x-amz-checksum-crc32: y/Q5Jg==", DIGITS, 200,
	  "x-amz-checksum-crc32: y/Q5Jg==" },
	{ "crc32c", "PUT", "/bkt/x", "s3", "x-amz-checksum-crc32c: 4waSgw==", DIGITS, 200,
	  NULL },
	{ "crc64nvme", "PUT", "/bkt/x", "s3",
	  "x-amz-checksum-crc64nvme: rosUhgp5mIg=", DIGITS, 200, NULL },
	{ "sha1", "PUT", "/bkt/x", "s3",
	  "x-amz-checksum-sha1: 98O8HYCOBHMq32eZZczDTKeuNEE=", DIGITS, 200, NULL },
	{ "sha256", "PUT", "/bkt/x", "s3",
	  "x-amz-checksum-sha256: FeKw08M4keuw8e9gnsQZQgwg4yDOlMZfvIwzEkSOsiU=", DIGITS,
	  200, NULL },
	{ "crc32 of another body", "PUT", "/bkt/x", "s3",
	  "x-amz-checksum-crc32: AAAAAA==", DIGITS, 400, "BadDigest" },
	{ "sha512", "PUT", "/bkt/x", "s3",
	  "x-amz-checksum-sha512: "
	  "2eZ2LdHI6vbWGzxhkvxAjU1tXxF20MKRabwk5xw/J0rSf81YEbMT1oH35V7ALXPUmclUVba1u1A6"
	  "z1dPuo/+hQ==",
	  DIGITS, 200, NULL },
	{ "the checksum that S3 adds", "PUT", "/bkt/k", "s3", NULL, DIGITS, 200,
	  "x-amz-checksum-crc64nvme: rosUhgp5mIg=" },
	{ "checksum mode", "GET", "/bkt/k", "s3", "x-amz-checksum-mode: ENABLED", NULL,
	  200, "x-amz-checksum-crc64nvme: rosUhgp5mIg=" },
	{ "a trailer", "PUT", "/bkt/t", "s3", STREAM,
	  CHUNKED "x-amz-checksum-crc32:y/Q5Jg==\r\n\r\n", 200, NULL },
	{ "a wrong trailer", "PUT", "/bkt/u", "s3", STREAM,
	  CHUNKED "x-amz-checksum-crc32:AAAAAA==\r\n\r\n", 400, "BadDigest" },
	{ "a trailer that is missing", "PUT", "/bkt/u", "s3", STREAM, CHUNKED "\r\n", 400,
	  "MalformedTrailerError" },
	{ "a stream cut off", "PUT", "/bkt/u", "s3", STREAM, "9\r\n1234", 400,
	  "IncompleteBody" },
	{ "a stream of garbage", "PUT", "/bkt/u", "s3", STREAM, "garbage", 400,
	  "IncompleteBody" },
	{ "an unsigned chunk", "PUT", "/bkt/u", "s3", SIGNED, CHUNKED "\r\n", 400,
	  "IncompleteBody" },
	{ "a chunk of another signature", "PUT", "/bkt/u", "s3", SIGNED,
	  "9;chunk-signature="
	  "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
	  "\r\n" DIGITS "\r\n",
	  403, "SignatureDoesNotMatch" },
	{ "a stream without a length", "PUT", "/bkt/u", "s3",
	  "x-amz-content-sha256: STREAMING-UNSIGNED-PAYLOAD-TRAILER", CHUNKED "\r\n", 411,
	  "MissingContentLength" },
	{ "a form that is none", "PUT", "/bkt/u", "s3",
	  "x-amz-content-sha256: STREAMING-FOO\nx-amz-decoded-content-length: 9",
	  CHUNKED "\r\n", 400, "InvalidArgument" },
	{ "a trailer that was not announced", "PUT", "/bkt/u", "s3",
	  "x-amz-content-sha256: STREAMING-UNSIGNED-PAYLOAD-TRAILER\n"
	  "x-amz-decoded-content-length: 9",
	  CHUNKED "x-amz-checksum-crc32:y/Q5Jg==\r\n\r\n", 400, "MalformedTrailerError" },
	{ "small chunks", "PUT", "/bkt/u", "s3", STREAM,
	  "4\r\n1234\r\n5\r\n56789\r\n0\r\nx-amz-checksum-crc32:y/Q5Jg==\r\n\r\n", 403,
	  "InvalidChunkSizeError" },
	{ "an algorithm of the SDK without a checksum", "PUT", "/bkt/u", "s3",
	  "x-amz-sdk-checksum-algorithm: CRC32", DIGITS, 400,
	  "no corresponding x-amz-checksum-*" },
	{ "an algorithm of the SDK that is another", "PUT", "/bkt/u", "s3",
	  "x-amz-sdk-checksum-algorithm: SHA1\nx-amz-checksum-crc32: y/Q5Jg==", DIGITS,
	  400, "Value for x-amz-sdk-checksum-algorithm header is invalid." },
	{ "a checksum that is not computed", "PUT", "/bkt/u", "s3",
	  "x-amz-checksum-xxhash64: AAAAAAAAAAA=", DIGITS, 501, "NotImplemented" },
	{ "a checksum that is none", "PUT", "/bkt/u", "s3", "x-amz-checksum-crc32: AAAA",
	  DIGITS, 400, "Value for x-amz-checksum-crc32 header is invalid." },
	{ "nothing of what was refused", "GET", "/bkt/u", "s3", NULL, NULL, 404,
	  "NoSuchKey" },
	{ "what the stream carried", "GET", "/bkt/t", "s3", NULL, NULL, 200,
	  "\n" DIGITS },
};

START_TEST(answers)
{
	static const struct request bucket = { "bucket", "PUT", "/bkt", "s3",
					       NULL,	 NULL,	200,	NULL };

	start();
	check(&bucket);
	for (size_t i = 0; i < ARRAY_SIZE(requests); i++)
		check(&requests[i]);
	finish();
}
END_TEST

/* Larger than what is kept in memory: through a file, and the file goes. */
START_TEST(spools_large_bodies)
{
	static const struct request bucket = { "bucket", "PUT", "/bkt", "s3",
					       NULL,	 NULL,	200,	NULL };
	FP_AUTO(buf_release) struct buf large = BUF_INIT;
	FP_AUTO(buf_release) struct buf answer = BUF_INIT;
	FP_AUTO(strs_release) struct strs left = STRS_INIT;
	FP_AUTO(freep) char *tmp = NULL;
	struct request put = { "put", "PUT", "/bkt/large", "s3", NULL, NULL, 200, NULL };
	struct request refused = put;
	struct request get = { "get", "GET", "/bkt/large", "s3", NULL, NULL, 200, NULL };
	int status;

	start();
	buf_fill(&large, 'x', (size_t)5 << 20);
	put.body = refused.body = large.data;
	refused.target = "/none/large";
	refused.status = 404;
	check(&bucket);
	check(&put);
	check(&refused);
	refused.headers = "Content-MD5: JfnnlDI7RTiF9RgfG2JNCg==";
	refused.status = 400;
	check(&refused);
	send_request(&get, &answer, &status);
	ck_assert_uint_gt(answer.len, large.len);
	ck_assert_int_eq(
		memcmp(answer.data + answer.len - large.len, large.data, large.len), 0);
	tmp = fs_join(state, "tmp");
	ck_assert_int_eq(fs_list(&left, tmp, NULL), 0);
	ck_assert_msg(left.n == 0, "%s is left", left.n ? left.v[0] : "");
	finish();
}
END_TEST

START_TEST(refuses_a_second_one)
{
	struct emulator_options o = { 0 };
	struct fp_error err = { 0 };
	char *other = scratch();

	start();
	o.state = state;
	ck_assert_int_lt(emulator_serve(&o, &err), 0);
	ck_assert_int_eq(err.code, FP_ERR_STATE);
	o.state = other;
	o.port = at.port;
	ck_assert_int_lt(emulator_serve(&o, &err), 0);
	ck_assert_int_eq(err.code, FP_ERR_PORT);
	ck_assert_msg(strstr(err.message, "--port"), "%s", err.message);
	finish();
	scrap(other);
}
END_TEST

/* What kill -9 leaves: an address where nobody, or somebody else, answers. */
START_TEST(recognises_a_stale_address)
{
	struct emulator_address stale, found;

	start();
	stale = at;
	stale.pid = at.pid + 1;
	ck_assert_int_eq(address_write(&stale, state, NULL), 0);
	ck_assert_int_eq(emulator_find(&found, state, NULL), 0);
	stale.port = 1;
	ck_assert_int_eq(address_write(&stale, state, NULL), 0);
	ck_assert_int_eq(emulator_find(&found, state, NULL), 0);
	finish();
}
END_TEST

START_TEST(knows_no_address)
{
	struct emulator_address found;

	ck_assert_int_eq(emulator_find(&found, "/nonexistent/state", NULL), 0);
}
END_TEST

static const struct {
	const char *host;
	bool local;
} hosts[] = {
	{ "127.0.0.1", true },
	{ "127.0.0.1:4566", true },
	{ "localhost", true },
	{ "LocalHost:1", true },
	{ "[::1]", true },
	{ "[::1]:4566", true },
	{ "bkt.localhost", true },
	{ "a.b.s3.localhost:80", true },
	{ "", false },
	{ NULL, false },
	{ "example.com", false },
	{ "127.0.0.1.example.com", false },
	{ "localhost.example.com:80", false },
	{ "notlocalhost", false },
	{ "127.0.0.2", false },
	{ "localhost:80x", false },
};

START_TEST(knows_its_hosts)
{
	ck_assert_msg(server_host_is_local(hosts[_i].host) == hosts[_i].local, "%s",
		      str_or(hosts[_i].host, "(none)"));
}
END_TEST

static Suite *suite(void)
{
	Suite *s = suite_create("server");
	TCase *tc = tcase_create("server");

	tcase_set_timeout(tc, 120);
	tcase_add_test(tc, answers);
	tcase_add_test(tc, spools_large_bodies);
	tcase_add_test(tc, refuses_a_second_one);
	tcase_add_test(tc, recognises_a_stale_address);
	tcase_add_test(tc, knows_no_address);
	tcase_add_loop_test(tc, knows_its_hosts, 0, ARRAY_SIZE(hosts));
	suite_add_tcase(s, tc);
	return s;
}

CHECK_MAIN(suite)
