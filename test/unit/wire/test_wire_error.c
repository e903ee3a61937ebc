/* Error answers as the services, and what stands before them, send them. */
#include "wire/wire_error.h"

#include "base/str.h"
#include "check_main.h"
#include "wire/query.h"

static const struct {
	int status;
	const char *header, *value, *body, *code, *message, *request_id;
} errors[] = {
	{ 400, NULL, NULL,
	  "<ErrorResponse "
	  "xmlns=\"x\"><Error><Type>Sender</Type><Code>ValidationError</Code>"
	  "<Message>No updates are to be "
	  "performed.</Message></Error><RequestId>r-1</RequestId>"
	  "</ErrorResponse>",
	  "ValidationError", "No updates are to be performed.", "r-1" },
	{ 404, "x-amz-request-id", "r-2",
	  "<?xml version=\"1.0\"?>\n<Error><Code>NoSuchKey</Code><Message>no such "
	  "key</Message>"
	  "<Key>k</Key><RequestId>r-x</RequestId></Error>",
	  "NoSuchKey", "no such key", "r-2" },
	{ 400, NULL, NULL,
	  "<Response><Errors><Error><Code>AuthFailure</Code><Message>m</Message></"
	  "Error></Errors>"
	  "<RequestID>r-3</RequestID></Response>",
	  "AuthFailure", "m", "r-3" },
	{ 403, NULL, NULL,
	  "<AccessDeniedException>\n  <Message>Unable to determine "
	  "service</Message>\n</AccessDeniedException>",
	  "AccessDeniedException", "Unable to determine service", "" },
	{ 404, NULL, NULL, "<UnknownOperationException/>", "UnknownOperationException",
	  "the service answered UnknownOperationException (status 404) without a "
	  "message",
	  "" },
	{ 400, "x-amzn-requestid", "r-4",
	  "{\"__type\":\"com.amazonaws.logs#ResourceNotFoundException\",\"message\":\"no "
	  "group\"}",
	  "ResourceNotFoundException", "no group", "r-4" },
	{ 400, NULL, NULL, "{\"__type\":\"PipelineNotFoundException\",\"Message\":\"m\"}",
	  "PipelineNotFoundException", "m", "" },
	{ 400, NULL, NULL,
	  "{\"__type\":\"com.x#A:http://internal.amazon.com/coral/x/"
	  "\",\"message\":\"m\"}",
	  "A", "m", "" },
	{ 404, "x-amzn-ErrorType",
	  "ResourceNotFoundException:http://internal.amazon.com/x/",
	  "{\"Type\":\"User\",\"Message\":\"Function not found\"}",
	  "ResourceNotFoundException", "Function not found", "" },
	{ 400, "x-amzn-query-error", "AWS.SimpleQueueService.NonExistentQueue;Sender",
	  "{\"__type\":\"com.amazonaws.sqs#QueueDoesNotExist\",\"message\":\"m\"}",
	  "AWS.SimpleQueueService.NonExistentQueue", "m", "" },
	{ 400, "x-amzn-errortype", "AuthorizationPendingException",
	  "{\"error\":\"authorization_pending\",\"error_description\":\"wait\"}",
	  "authorization_pending", "wait", "" },
	{ 403, NULL, NULL,
	  "<ErrorResponse><Error><Code>SignatureDoesNotMatch</Code><Message>The request "
	  "signature does not match. Check your key.\n\nThe Canonical String for this "
	  "request should have been\n'POST\n/\n\nx-amz-security-token:SECRET'"
	  "</Message></Error></ErrorResponse>",
	  "SignatureDoesNotMatch",
	  "The request signature does not match. Check your key.", "" },
	{ 403, NULL, NULL,
	  "{\"Error\":{\"Code\":\"ExpiredToken\",\"Message\":\"old\"},"
	  "\"RequestId\":\"r-5\"}",
	  "ExpiredToken", "old", "r-5" },
	{ 403, NULL, NULL, "", "AccessDenied",
	  "the service answered AccessDenied (status 403) without a message", "" },
	{ 404, NULL, NULL, "", "NotFound",
	  "the service answered NotFound (status 404) without a message", "" },
	{ 418, NULL, NULL, "{\"__type\":", "UnknownError",
	  "the service answered UnknownError (status 418) without a message", "" },
	{ 500, NULL, NULL, "{\"__type\":3,\"message\":{}}", "InternalError",
	  "the service answered InternalError (status 500) without a message", "" },
	{ 500, NULL, NULL, "<Error><Code>Internal", "InternalError",
	  "the service answered InternalError (status 500) without a message", "" },
	{ 400, NULL, NULL,
	  "<!DOCTYPE e [<!ENTITY a \"aaaa\"><!ENTITY b \"&a;&a;\">]><Error><Code>&b;"
	  "</Code></Error>",
	  "BadRequest", "the service answered BadRequest (status 400) without a message",
	  "" },
	/* What is printed is one plain line. */
	{ 400, NULL, NULL,
	  "{\"__type\":\"V\",\"message\":\" a\\r\\n\\tb\\u001b[31m  c\\u007f\\n\"}", "V",
	  "a b [31m c", "" },
	/* Terminals take U+009B for ESC [. */
	{ 400, NULL, NULL, "{\"__type\":\"V\",\"message\":\"a\\u009b31mb\\u0085\u00e9\"}",
	  "V", "a 31mb \u00e9", "" },
	{ 400, "x-amz-request-id", "r\x1b[2J 6", "{\"__type\":\"V\\u001b[2J\"}", "V[2J",
	  "the service answered V[2J (status 400) without a message", "r[2J6" },
	{ 404, "x-amzn-errortype", "\xe6", "", "NotFound",
	  "the service answered NotFound (status 404) without a message", "" },
	{ 502, NULL, NULL, "<html><body>Bad gateway</body></html>", "BadGateway",
	  "a web page answered (status 502), not the service: a proxy, a login page or "
	  "a wrong endpoint may be in the way",
	  "" },
	{ 503, NULL, NULL,
	  "\n<!DOCTYPE HTML>\n<HTML><HEAD><TITLE>ERROR:\n The request"
	  "</TITLE></HEAD></HTML>",
	  "ServiceUnavailable",
	  "a web page 'ERROR: The request' answered (status 503), not the service: a "
	  "proxy, a login page or a wrong endpoint may be in the way",
	  "" },
};

START_TEST(errors_are_read)
{
	const __typeof__(errors[0]) *c = &errors[_i];
	FP_AUTO(response_release) struct http_response res = { .status = c->status };
	struct fp_error err = { 0 };

	if (c->header)
		headers_add(&res.headers, c->header, c->value);
	buf_puts(&res.body, c->body);
	wire_read_error(&res, &err);
	ck_assert_int_eq(err.code, FP_ERR_AWS);
	ck_assert_int_eq(err.http_status, c->status);
	ck_assert_str_eq(err.aws_code, c->code);
	ck_assert_str_eq(err.message, c->message);
	ck_assert_str_eq(err.request_id, c->request_id);
}
END_TEST

START_TEST(an_error_that_we_write_is_read)
{
	FP_AUTO(response_release) struct http_response res = { .status = 400 };
	struct fp_error err = { 0 };

	query_encode_error(&res.body, "http://x/", "r-9", "AlreadyExistsException",
			   "Stack [a&b] already exists", true);
	wire_read_error(&res, &err);
	ck_assert_str_eq(err.aws_code, "AlreadyExistsException");
	ck_assert_str_eq(err.message, "Stack [a&b] already exists");
	ck_assert_str_eq(err.request_id, "r-9");
}
END_TEST

/* Somebody else answered: no code of AWS's may be read into that. */
START_TEST(a_login_page_is_no_refusal)
{
	FP_AUTO(response_release) struct http_response res = { .status = 403 };
	struct fp_error err = { 0 };

	buf_puts(&res.body, "<html><head><title>Sign in</title></head></html>");
	wire_read_error(&res, &err);
	ck_assert_int_eq(err.code, FP_ERR_PROTOCOL);
	ck_assert_int_eq(err.http_status, 403);
	ck_assert_str_eq(err.aws_code, "");
	ck_assert_ptr_nonnull(strstr(err.message, "a web page 'Sign in' answered"));
}
END_TEST

/* Encoded authorization messages are long, and an endless one must not be printed. */
START_TEST(long_messages_are_cut)
{
	FP_AUTO(response_release) struct http_response res = { .status = 403 };
	struct fp_error err = { 0 };

	buf_puts(&res.body, "{\"__type\":\"X\",\"message\":\"not authorized. Encoded "
			    "authorization failure message: ");
	buf_fill(&res.body, 'A', 3000);
	buf_puts(&res.body, " end\"}");
	wire_read_error(&res, &err);
	ck_assert_msg(str_ends(err.message, "AAAAAAAA... end"), "%s", err.message);
	ck_assert_uint_lt(strlen(err.message), 150);
	buf_clear(&res.body);
	buf_puts(&res.body, "{\"__type\":\"X\",\"message\":\"");
	for (int i = 0; i < 5000; i++)
		buf_puts(&res.body, "\xc3\xbc ");
	buf_puts(&res.body, "\"}");
	wire_read_error(&res, &err);
	ck_assert_msg(str_ends(err.message, "\xc3\xbc ..."), "%s", err.message);
	ck_assert_uint_lt(strlen(err.message), 1300);
}
END_TEST

/* Neither parsed nor kept: the memory would be many times its size. */
START_TEST(a_large_answer_is_no_error_document)
{
	FP_AUTO(response_release) struct http_response res = { .status = 500 };
	struct fp_error err = { 0 };

	buf_puts(&res.body, "<Error><Code>Mine</Code>");
	buf_fill(&res.body, ' ', (size_t)2 << 20);
	buf_puts(&res.body, "</Error>");
	wire_read_error(&res, &err);
	ck_assert_str_eq(err.aws_code, "InternalError");
	ck_assert(!wire_is_error_document(&res));
}
END_TEST

START_TEST(members_of_s3_are_read)
{
	FP_AUTO(response_release) struct http_response res = { .status = 400 };
	struct fp_error err = { 0 };
	char region[16];

	headers_add(&res.headers, "x-amz-id-2", "a+b/c=");
	buf_puts(&res.body,
		 "<?xml version=\"1.0\"?>\n<Error><Code>"
		 "AuthorizationHeaderMalformed</Code><Region>eu-west-1</Region>"
		 "<HostId>x</HostId></Error>");
	wire_read_error(&res, &err);
	ck_assert_str_eq(err.host_id, "a+b/c=");
	ck_assert(wire_error_member(&res, "Region", region, sizeof(region)));
	ck_assert_str_eq(region, "eu-west-1");
	ck_assert(!wire_error_member(&res, "Endpoint", region, sizeof(region)));
	ck_assert(wire_is_error_document(&res));
	ck_assert(!wire_is_web_page(&res));
	buf_clear(&res.body);
	buf_puts(&res.body, "<CopyObjectResult><Error/></CopyObjectResult>");
	ck_assert(!wire_is_error_document(&res));
}
END_TEST

static Suite *make_suite(void)
{
	Suite *s = suite_create("wire_error");
	TCase *tc = tcase_create("errors");

	tcase_add_loop_test(tc, errors_are_read, 0, ARRAY_SIZE(errors));
	tcase_add_test(tc, an_error_that_we_write_is_read);
	tcase_add_test(tc, a_login_page_is_no_refusal);
	tcase_add_test(tc, long_messages_are_cut);
	tcase_add_test(tc, a_large_answer_is_no_error_document);
	tcase_add_test(tc, members_of_s3_are_read);
	suite_add_tcase(s, tc);
	return s;
}

CHECK_MAIN(make_suite)
