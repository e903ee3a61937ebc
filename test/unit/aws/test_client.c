/* Calls against a server that misbehaves as the script says. */
#include "check_main.h"

#include "aws/client.h"
#include "aws/service/s3.h"
#include "aws/service/sns.h"
#include "aws/service/sts.h"
#include "base/fs.h"
#include "base/json.h"
#include "test_server.h"

#define THROTTLED                                                                       \
	"<ErrorResponse><Error><Code>Throttling</Code><Message>Rate exceeded</Message>" \
	"</Error><RequestId>r1</RequestId></ErrorResponse>"
#define SKEWED                                                                           \
	"<ErrorResponse><Error><Code>RequestTimeTooSkewed</Code><Message>late</Message>" \
	"</Error></ErrorResponse>"
#define DENIED                                                         \
	"<ErrorResponse><Error><Code>AccessDenied</Code><Message>not " \
	"you</Message></Error>"                                        \
	"<RequestId>r2</RequestId></ErrorResponse>"
#define IDENTITY                                                                      \
	"<GetCallerIdentityResponse><GetCallerIdentityResult><Account>111122223333</" \
	"Account>"                                                                    \
	"<Arn>arn:aws:iam::111122223333:user/x</Arn></GetCallerIdentityResult>"       \
	"</GetCallerIdentityResponse>"

struct step {
	int status; /* 0: close the connection */
	const char *body, *headers;
};

struct script {
	const struct step *steps; /* the last one is repeated */
	size_t n, calls;
	char last[8192]; /* of the last request: method, target, head, body */
};

static void play(void *ctx, const struct test_request *req, struct test_answer *out)
{
	struct script *s = ctx;
	const struct step *step = &s->steps[FP_MIN(s->calls, s->n - 1)];

	s->calls++;
	(void)snprintf(s->last, sizeof(s->last), "%.*s\n%s", 6000, req->head, req->body);
	out->status = step->status;
	buf_puts(&out->headers, step->headers ? step->headers : "");
	buf_puts(&out->body, step->body ? step->body : "");
}

static struct aws_client *client_for(const struct test_server *server)
{
	struct aws_credentials creds = { .access_key_id = (char[]){ "AKIDEXAMPLE" },
					 .secret_access_key = (char[]){ "secret" } };
	struct aws_options o = { .region = "eu-west-1",
				 .endpoint_url = server->url,
				 .credentials = &creds };
	struct aws_client *c = NULL;

	ck_assert_int_eq(aws_client_new(&c, &o, NULL), 0);
	return c;
}

static const struct {
	const char *name;
	struct step steps[4];
	size_t nsteps, calls;
	bool ok;
	const char *aws_code, *message;
} cases[] = {
	{ "an answer", { { 200, IDENTITY, NULL } }, 1, 1, true, NULL, NULL },
	{ "throttled once",
	  { { 400, THROTTLED, NULL }, { 200, IDENTITY, NULL } },
	  2,
	  2,
	  true,
	  NULL,
	  NULL },
	{ "unavailable once",
	  { { 503, "", NULL }, { 200, IDENTITY, NULL } },
	  2,
	  2,
	  true,
	  NULL,
	  NULL },
	{ "no answer once",
	  { { 0, NULL, NULL }, { 200, IDENTITY, NULL } },
	  2,
	  2,
	  true,
	  NULL,
	  NULL },
	{ "always unavailable", { { 500, "", NULL } }, 1, 3, false, NULL, NULL },
	{ "denied is final",
	  { { 403, DENIED, NULL } },
	  1,
	  1,
	  false,
	  "AccessDenied",
	  "sts GetCallerIdentity: not you" },
	{ "our clock is wrong",
	  { { 403, SKEWED, "Date: Fri, 02 Jan 2026 03:04:05 GMT\r\n" },
	    { 200, IDENTITY, NULL } },
	  2,
	  2,
	  true,
	  NULL,
	  NULL },
	{ "the clock is not to blame",
	  { { 403, SKEWED, NULL } },
	  1,
	  1,
	  false,
	  "RequestTimeTooSkewed",
	  "late" },
	{ "an answer that is no XML",
	  { { 200, "hello", NULL } },
	  1,
	  1,
	  false,
	  NULL,
	  "sts GetCallerIdentity" },
	{ "an answer without an account",
	  { { 200, "<a><GetCallerIdentityResult/></a>", NULL } },
	  1,
	  1,
	  false,
	  NULL,
	  "no account" },
};

START_TEST(call_survives)
{
	struct script script = { cases[_i].steps, cases[_i].nsteps, 0, "" };
	struct test_server server;
	FP_AUTO(sts_identity_release) struct sts_identity who = { 0 };
	FP_AUTO(aws_client_freep) struct aws_client *c = NULL;
	struct fp_error err = { 0 };
	int rc;

	test_server_start(&server, play, &script);
	c = client_for(&server);
	rc = sts_caller(c, &who, &err);
	test_server_stop(&server);
	ck_assert_msg((rc == 0) == cases[_i].ok, "%s: %s", cases[_i].name, err.message);
	ck_assert_msg(script.calls == cases[_i].calls, "%s: %zu calls", cases[_i].name,
		      script.calls);
	ck_assert_int_eq(aws_client_requests(c), (int64_t)script.calls);
	if (cases[_i].aws_code)
		ck_assert_str_eq(err.aws_code, cases[_i].aws_code);
	if (cases[_i].message)
		ck_assert_msg(strstr(err.message, cases[_i].message), "%s: %s",
			      cases[_i].name, err.message);
	if (rc == 0)
		ck_assert_str_eq(who.account, "111122223333");
}
END_TEST

/* A corrected clock shows in the next signature. */
START_TEST(clock_is_corrected)
{
	static const struct step steps[] = {
		{ 403, SKEWED, "Date: Fri, 02 Jan 2026 03:04:05 GMT\r\n" },
		{ 200, IDENTITY, NULL },
	};
	struct script script = { steps, 2, 0, "" };
	struct test_server server;
	FP_AUTO(sts_identity_release) struct sts_identity who = { 0 };
	FP_AUTO(aws_client_freep) struct aws_client *c = NULL;

	test_server_start(&server, play, &script);
	c = client_for(&server);
	ck_assert_int_eq(sts_caller(c, &who, NULL), 0);
	test_server_stop(&server);
	ck_assert_msg(strcasestr(script.last, "x-amz-date: 20260102T0304"), "%s",
		      script.last);
}
END_TEST

START_TEST(publish_repeats)
{
	static const struct step steps[] = { { 500, "", NULL },
					     { 200, "<a><PublishResult/></a>", NULL } };
	struct script script = { steps, 2, 0, "" };
	struct test_server server;
	FP_AUTO(json_freep) cJSON *attributes = cJSON_CreateObject();
	FP_AUTO(aws_client_freep) struct aws_client *c = NULL;
	struct fp_error err = { 0 };

	json_set_str(attributes, "status", "ok");
	test_server_start(&server, play, &script);
	c = client_for(&server);
	ck_assert_msg(sns_publish(c, "arn:aws:sns:eu-west-1:1:t", "s", "m", attributes,
				  &err) == 0,
		      "%s", err.message);
	test_server_stop(&server);
	ck_assert_msg(strstr(script.last, "MessageAttributes.entry.1.Name=status"), "%s",
		      script.last);
	ck_assert_ptr_nonnull(
		strstr(script.last, "MessageAttributes.entry.1.Value.StringValue=ok"));
}
END_TEST

START_TEST(nobody_listens)
{
	struct test_server server;
	FP_AUTO(aws_client_freep) struct aws_client *c = NULL;
	FP_AUTO(sts_identity_release) struct sts_identity who = { 0 };
	struct fp_error err = { 0 };

	test_server_start(&server, play, NULL);
	test_server_stop(&server);
	c = client_for(&server);
	ck_assert_int_eq(sts_caller(c, &who, &err), -1);
	ck_assert_int_eq(err.code, FP_ERR_NETWORK);
	ck_assert_msg(strstr(err.message, server.host), "%s", err.message);
	ck_assert_msg(strstr(err.message, "fpctl local up"), "%s", err.message);
}
END_TEST

static char *temporary(const char *text)
{
	const char *tmp = getenv("TMPDIR");
	char *path = xasprintf("%s/fpctl-test-XXXXXX", tmp ? tmp : "/tmp");
	int fd = mkstemp(path);

	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(fs_write_all(fd, text, strlen(text), path, NULL), 0);
	close(fd);
	return path;
}

START_TEST(a_page_of_somebody_else_is_no_upload)
{
	static const struct step steps[] = { { 200, "<html>welcome</html>", NULL } };
	struct script script = { steps, 1, 0, "" };
	struct test_server server;
	FP_AUTO(aws_client_freep) struct aws_client *c = NULL;
	struct fp_error err = { 0 };
	int rc;

	test_server_start(&server, play, &script);
	c = client_for(&server);
	rc = s3_put(c, "bucket", "a", "x", 1, NULL, &err);
	test_server_stop(&server);
	ck_assert_int_eq(rc, -1);
	ck_assert_int_eq(err.code, FP_ERR_PROTOCOL);
}
END_TEST

START_TEST(a_file_is_sent_again_from_its_start)
{
	static const struct step steps[] = { { 503, "", NULL },
					     { 200, "", "ETag: \"x\"\r\n" } };
	struct script script = { steps, 2, 0, "" };
	struct test_server server;
	FP_AUTO(aws_client_freep) struct aws_client *c = NULL;
	FP_AUTO(freep) char *path = temporary("a,b\n1,2\n");
	struct fp_error err = { 0 };
	int rc;

	test_server_start(&server, play, &script);
	c = client_for(&server);
	rc = s3_put_file(c, "bucket", "a b/c+ü.csv", path, "text/csv", NULL, &err);
	test_server_stop(&server);
	(void)unlink(path);
	ck_assert_msg(rc == 0, "%s", err.message);
	ck_assert_uint_eq(script.calls, 2);
	ck_assert_msg(strstr(script.last, "PUT /bucket/a%20b/c%2B%C3%BC.csv HTTP/1.1") ==
			      script.last,
		      "%s", script.last);
	ck_assert_ptr_nonnull(strstr(script.last, "\na,b\n1,2\n"));
	ck_assert_ptr_nonnull(strcasestr(script.last, "content-type: text/csv"));
	ck_assert_ptr_nonnull(strcasestr(script.last, "x-amz-content-sha256: "));
}
END_TEST

static const struct {
	const char *path, *error;
} wrong_files[] = { { "/dev/null", "no plain file" },
		    { "/", "is a folder" },
		    { "/nonexistent/x", "cannot upload '/nonexistent/x'" } };

START_TEST(wrong_files_are_told)
{
	struct test_server none = { .url = "http://127.0.0.1:1" };
	FP_AUTO(aws_client_freep) struct aws_client *c = client_for(&none);
	struct fp_error err = { 0 };

	ck_assert_int_eq(s3_put_file(c, "b", "k", wrong_files[_i].path, NULL, NULL, &err),
			 -1);
	ck_assert_msg(strstr(err.message, wrong_files[_i].error), "%s", err.message);
	ck_assert_int_eq(aws_client_requests(c), 0);
}
END_TEST

static const struct {
	const char *uri, *bucket, *key;
} uris[] = {
	{ "s3://b/k", "b", "k" },   { "s3://b/k/l", "b", "k/l" },
	{ "s3://b/", "b", "" },	    { "s3://b", "b", "" },
	{ "s3:///k", NULL, NULL },  { "s3://", NULL, NULL },
	{ "b/k", NULL, NULL },	    { "", NULL, NULL },
	{ "S3://b/k", NULL, NULL },
};

START_TEST(uri_is_split)
{
	FP_AUTO(freep) char *bucket = NULL, *key = NULL;
	struct fp_error err = { 0 };
	int rc = s3_parse_uri(uris[_i].uri, &bucket, &key, &err);

	ck_assert_int_eq(rc, uris[_i].bucket ? 0 : -1);
	if (rc == 0) {
		ck_assert_str_eq(bucket, uris[_i].bucket);
		ck_assert_str_eq(key, uris[_i].key);
	}
}
END_TEST

/* Two pages of versions, then an empty bucket. */
START_TEST(emptying_takes_all_pages)
{
	static const struct step steps[] = {
		{ 200,
		  "<R><IsTruncated>true</IsTruncated><NextKeyMarker>a</NextKeyMarker>"
		  "<Version><Key>a&amp;b</Key><VersionId>1</VersionId></Version>"
		  "<DeleteMarker><Key>a</Key><VersionId>2</VersionId></DeleteMarker></R>",
		  NULL },
		{ 200, "<DeleteResult/>", NULL },
		{ 200, "<R><Version><Key>c</Key><VersionId>3</VersionId></Version></R>",
		  NULL },
		{ 200, "<DeleteResult/>", NULL },
		{ 200, "<R><IsTruncated>false</IsTruncated></R>", NULL },
	};
	struct script script = { steps, ARRAY_SIZE(steps), 0, "" };
	struct test_server server;
	FP_AUTO(aws_client_freep) struct aws_client *c = NULL;
	struct fp_error err = { 0 };
	int64_t deleted = 0;

	test_server_start(&server, play, &script);
	c = client_for(&server);
	ck_assert_msg(s3_empty(c, "b", &deleted, &err) == 0, "%s", err.message);
	test_server_stop(&server);
	ck_assert_int_eq(deleted, 3);
	ck_assert_uint_eq(script.calls, 5);
}
END_TEST

START_TEST(a_refused_deletion_is_an_error)
{
	static const struct step steps[] = {
		{ 200, "<R><Version><Key>a</Key><VersionId>1</VersionId></Version></R>",
		  NULL },
		{ 200,
		  "<DeleteResult><Error><Key>a</Key><Code>AccessDenied</Code>"
		  "<Message>locked</Message></Error></DeleteResult>",
		  NULL },
	};
	struct script script = { steps, 2, 0, "" };
	struct test_server server;
	FP_AUTO(aws_client_freep) struct aws_client *c = NULL;
	struct fp_error err = { 0 };
	int64_t deleted = 0;

	test_server_start(&server, play, &script);
	c = client_for(&server);
	ck_assert_int_eq(s3_empty(c, "b", &deleted, &err), -1);
	test_server_stop(&server);
	ck_assert_msg(strstr(err.message, "s3://b/a: AccessDenied: locked"), "%s",
		      err.message);
}
END_TEST

static Suite *client_suite(void)
{
	Suite *s = suite_create("client");
	TCase *tc = tcase_create("client");

	tcase_add_loop_test(tc, call_survives, 0, ARRAY_SIZE(cases));
	tcase_add_test(tc, clock_is_corrected);
	tcase_add_test(tc, publish_repeats);
	tcase_add_test(tc, nobody_listens);
	tcase_add_test(tc, a_page_of_somebody_else_is_no_upload);
	tcase_add_test(tc, a_file_is_sent_again_from_its_start);
	tcase_add_loop_test(tc, wrong_files_are_told, 0, ARRAY_SIZE(wrong_files));
	tcase_add_loop_test(tc, uri_is_split, 0, ARRAY_SIZE(uris));
	tcase_add_test(tc, emptying_takes_all_pages);
	tcase_add_test(tc, a_refused_deletion_is_an_error);
	suite_add_tcase(s, tc);
	return s;
}

CHECK_MAIN(client_suite)
