#include "base/fs.h"
#include "base/json.h"
#include "check_main.h"
#include "processor/handler.h"
#include "processor/result.h"
#include "test_server.h"
#include "wire/uri.h"

#define TOPIC "arn:aws:sns:eu-west-1:123456789012:results"

/* S3 and SNS, as one server. */
struct world {
	int s3_status, sns_status;
	const char *body;
	size_t announced; /* Content-Length, when it is to be another than the body's */
	struct buf asked; /* paths that were asked for */
	struct buf published;
	int publishes;
};

static void answer_get(struct world *w, const struct test_request *req,
		       struct test_answer *out)
{
	static const char missing[] =
		"<Error><Code>NoSuchKey</Code><Message>gone</Message></Error>";
	static const char archived[] =
		"<Error><Code>InvalidObjectState</Code><Message>cold</Message></Error>";
	static const char down[] =
		"<Error><Code>InternalError</Code><Message>no</Message></Error>";

	buf_printf(&w->asked, "%s\n", req->target);
	out->status = w->s3_status;
	buf_puts(&out->body, w->s3_status == 200   ? w->body
			     : w->s3_status == 404 ? missing
			     : w->s3_status == 403 ? archived
						   : down);
	if (w->announced && w->s3_status == 200) {
		buf_printf(&out->headers, "Content-Length: %zu\r\n", w->announced);
		out->hang_up = true;
	}
}

static void answer(void *ctx, const struct test_request *req, struct test_answer *out)
{
	static const char done[] =
		"<PublishResponse><PublishResult><MessageId>1</MessageId>"
		"</PublishResult></PublishResponse>";
	static const char refused[] =
		"<ErrorResponse><Error><Code>InternalError</Code><Message>"
		"SNS is down</Message></Error></ErrorResponse>";
	struct world *w = ctx;

	if (str_eq(req->method, "GET")) {
		answer_get(w, req, out);
		return;
	}
	w->publishes++;
	buf_clear(&w->published);
	buf_add(&w->published, req->body, req->body_len);
	out->status = w->sns_status;
	buf_puts(&out->body, w->sns_status == 200 ? done : refused);
}

struct bench {
	struct world world;
	struct test_server server;
	struct aws_client *aws;
	struct processor processor;
	struct buf out, log;
	struct fp_error err;
	int pipe[2];
};

static void bench_start(struct bench *b)
{
	struct aws_credentials creds = { .access_key_id = "AKIDEXAMPLE",
					 .secret_access_key = "secret" };
	struct aws_options o = { .region = "eu-west-1",
				 .endpoint_url = b->server.url,
				 .credentials = &creds };

	test_server_start(&b->server, answer, &b->world);
	ck_assert_int_eq(setenv("AWS_MAX_ATTEMPTS", "1", 1), 0);
	ck_assert_int_eq(aws_client_new(&b->aws, &o, &b->err), 0);
	ck_assert_int_eq(pipe(b->pipe), 0);
	b->processor = (struct processor){ .aws = b->aws, .log_fd = b->pipe[1] };
	strs_add(&b->processor.topics, TOPIC);
}

static int bench_handle(struct bench *b, const char *event, int64_t deadline_ms)
{
	const struct invocation inv = { .request_id = "req-1",
					.deadline_ms = deadline_ms,
					.event = event,
					.event_len = strlen(event) };
	char text[16384];
	int rc = processor_handle(&b->processor, &inv, &b->out, &b->err);
	ssize_t n;

	close(b->pipe[1]);
	while ((n = read(b->pipe[0], text, sizeof(text))) > 0)
		buf_add(&b->log, text, (size_t)n);
	return rc;
}

static void bench_end(struct bench *b)
{
	close(b->pipe[0]);
	aws_client_freep(&b->aws);
	strs_release(&b->processor.topics);
	test_server_stop(&b->server);
	buf_release(&b->out);
	buf_release(&b->log);
	buf_release(&b->world.asked);
	buf_release(&b->world.published);
}

/* The form parameter's value in what was published last, decoded. */
static const char *published(const struct bench *b, struct uri_params *p,
			     const char *name)
{
	uri_params_release(p);
	uri_params_parse(p, buf_str(&b->world.published), b->world.published.len, true);
	return str_or(uri_params_get(p, name), "");
}

#define EVENT(name, key)                                                              \
	"{\"Records\":[{\"eventSource\":\"aws:s3\",\"eventName\":\"" name             \
	"\",\"eventTime\":\"2026-01-02T03:04:05.678Z\",\"s3\":{\"bucket\":{\"name\":" \
	"\"my-bucket\"},\"object\":{\"key\":\"" key "\"}}}]}"
#define CREATED(key) EVENT("ObjectCreated:Put", key)

static const struct {
	const char *name, *event;
	int s3, sns;
	const char *body;
	size_t announced;
	const char *status, *error; /* in the log; NULL: the invocation succeeds */
	int publishes;
} cases[] = {
	{ "a sound file", CREATED("a.csv"), 200, 200, "a,b\n1,2\n", 0, "ok", NULL, 1 },
	{ "a bad file", CREATED("a.csv"), 200, 200, "a,b\n1\n", 0, "failed", NULL, 1 },
	{ "an empty file", CREATED("a.csv"), 200, 200, "", 0, "empty", NULL, 1 },
	{ "a file that is gone", CREATED("a.csv"), 404, 200, NULL, 0, "missing", NULL,
	  1 },
	{ "an archived file", CREATED("a.csv"), 403, 200, NULL, 0, "failed", NULL, 1 },
	{ "a removed file", EVENT("ObjectRemoved:Delete", "a.csv"), 500, 200, NULL, 0,
	  "removed", NULL, 1 },
	{ "S3 is down", CREATED("a.csv"), 503, 200, NULL, 0, "error",
	  "s3://my-bucket/a.csv", 0 },
	{ "SNS is down", CREATED("a.csv"), 200, 500, "a,b\n1,2\n", 0, "error",
	  "SNS is down", 1 },
	{ "a file that is cut off", CREATED("a.csv"), 200, 200, "a,b\n1,", 100, "error",
	  "", 0 },
};

START_TEST(outcome_of_one_file)
{
	const __typeof__(cases[0]) *c = &cases[_i];
	struct bench b = { .world = { .s3_status = c->s3,
				      .sns_status = c->sns,
				      .body = c->body,
				      .announced = c->announced } };
	FP_AUTO(json_freep) cJSON *line = NULL;
	int rc;

	bench_start(&b);
	rc = bench_handle(&b, c->event, 0);
	ck_assert_msg((rc < 0) == (c->error != NULL), "%s: %s", c->name, b.err.message);
	if (c->error)
		ck_assert_msg(strstr(b.err.message, c->error) != NULL, "%s: %s", c->name,
			      b.err.message);
	line = json_parse(buf_str(&b.log), b.log.len, "log", &b.err);
	ck_assert_msg(line != NULL, "%s", b.err.message);
	ck_assert_str_eq(json_str(line, "status", ""), c->status);
	ck_assert_str_eq(json_str(line, "request_id", ""), "req-1");
	ck_assert_int_eq(b.world.publishes, c->publishes);
	bench_end(&b);
}
END_TEST

START_TEST(message_tells_everything)
{
	static const char *const attributes[] = { RESULT_ATTRIBUTES };
	struct bench b = {
		.world = { .s3_status = 200, .sns_status = 200, .body = "a,b\n1,2\n3\n" }
	};
	FP_AUTO(uri_params_release) struct uri_params p = URI_PARAMS_INIT;
	FP_AUTO(json_freep) cJSON *m = NULL;

	bench_start(&b);
	ck_assert_int_eq(bench_handle(&b, CREATED("in/a+b%2B.csv"), 0), 0);
	ck_assert_str_eq(buf_str(&b.world.asked), "/my-bucket/in/a%20b%2B.csv\n");
	ck_assert_str_eq(published(&b, &p, "TopicArn"), TOPIC);
	ck_assert_str_eq(published(&b, &p, "Subject"), "failed: a b+.csv");
	m = json_parse(published(&b, &p, "Message"), strlen(published(&b, &p, "Message")),
		       "m", &b.err);
	ck_assert_ptr_nonnull(m);
	ck_assert_str_eq(json_str(m, "status", ""), "failed");
	ck_assert_str_eq(json_str(m, "bucket", ""), "my-bucket");
	ck_assert_str_eq(json_str(m, "key", ""), "in/a b+.csv");
	ck_assert_int_eq(json_int(m, "size", 0), 10);
	/* printf 'a,b\n1,2\n3\n' | sha256sum */
	ck_assert_str_eq(
		json_str(m, "sha256", ""),
		"e7e95159826d3a45eb498c95063c5a159a7ea93b10a940161b3625ce3e3dbe6d");
	ck_assert_str_eq(json_str(m, "type", ""), "csv");
	ck_assert_int_eq(json_int(m, "records", 0), 2);
	ck_assert_int_eq(json_int(m, "bad_row", 0), 3);
	ck_assert_int_eq(json_int(m, "bad_column", 0), 2);
	ck_assert_str_eq(json_str(m, "finding", ""), "1 column where the header has 2");
	ck_assert_str_eq(json_str(m, "request_id", ""), "req-1");
	ck_assert_str_eq(json_str(m, "event_time", ""), "2026-01-02T03:04:05.678Z");
	for (size_t i = 0; i <= ARRAY_SIZE(attributes); i++) {
		FP_AUTO(freep)
		char *name = xasprintf("MessageAttributes.entry.%zu.Name", i + 1);

		ck_assert_str_eq(published(&b, &p, name),
				 i < ARRAY_SIZE(attributes) ? attributes[i] : "");
	}
	bench_end(&b);
}
END_TEST

START_TEST(without_a_topic_nothing_is_sent)
{
	struct bench b = { .world = { .s3_status = 200, .body = "[1,2]" } };
	FP_AUTO(json_freep) cJSON *answer_json = NULL;

	bench_start(&b);
	strs_release(&b.processor.topics);
	ck_assert_int_eq(bench_handle(&b, CREATED("a.json"), 0), 0);
	ck_assert_int_eq(b.world.publishes, 0);
	answer_json = json_parse(buf_str(&b.out), b.out.len, "answer", &b.err);
	ck_assert_ptr_nonnull(answer_json);
	ck_assert_int_eq(cJSON_GetArraySize(json_get(answer_json, "results")), 1);
	bench_end(&b);
}
END_TEST

/* The time is up at once: a result, because another try would end the same. */
START_TEST(time_runs_out)
{
	struct bench b = {
		.world = { .s3_status = 200, .sns_status = 200, .body = "a,b\n" }
	};

	bench_start(&b);
	ck_assert_int_eq(bench_handle(&b, CREATED("a.csv"), 1), 0);
	ck_assert_ptr_nonnull(strstr(buf_str(&b.log), "the function's time ran out"));
	ck_assert_ptr_null(strstr(buf_str(&b.log), "sha256"));
	bench_end(&b);
}
END_TEST

START_TEST(test_event_is_fine)
{
	struct bench b = { .world = { .s3_status = 500 } };

	bench_start(&b);
	ck_assert_int_eq(bench_handle(&b, "{\"Event\":\"s3:TestEvent\"}", 0), 0);
	ck_assert_str_eq(buf_str(&b.out), "{\"results\":[]}");
	ck_assert_uint_eq(b.log.len, 0);
	bench_end(&b);
}
END_TEST

START_TEST(queue_gets_its_failures)
{
	static const char event[] =
		"{\"Records\":[{\"messageId\":\"m1\",\"eventSource\":\"aws:sqs\","
		"\"body\":"
		"\"{\\\"Records\\\":[{\\\"eventSource\\\":\\\"aws:s3\\\",\\\"s3\\\":{"
		"\\\"bucket"
		"\\\":{\\\"name\\\":\\\"b\\\"},\\\"object\\\":{\\\"key\\\":\\\"k\\\"}}}]}"
		"\"},"
		"{\"messageId\":\"m2\",\"eventSource\":\"aws:sqs\",\"body\":\"no\"}]}";
	struct bench b = { .world = { .s3_status = _i ? 500 : 200,
				      .sns_status = 200,
				      .body = "text" } };

	bench_start(&b);
	ck_assert_int_eq(bench_handle(&b, event, 0), 0);
	ck_assert_str_eq(buf_str(&b.out),
			 _i ? "{\"batchItemFailures\":[{\"itemIdentifier\":\"m2\"},"
			      "{\"itemIdentifier\":\"m1\"}]}"
			    : "{\"batchItemFailures\":[{\"itemIdentifier\":\"m2\"}]}");
	bench_end(&b);
}
END_TEST

static const struct {
	int sns_status;
	int rc;
} deliveries[] = { { 200, 0 }, { 500, -1 } };

/* A topic that fails keeps nothing from the others; the invocation fails then. */
START_TEST(every_topic_gets_the_message)
{
	struct bench b = { .world = { .s3_status = 200,
				      .sns_status = deliveries[_i].sns_status,
				      .body = "[1,2]" } };

	bench_start(&b);
	strs_add(&b.processor.topics, TOPIC "-2");
	ck_assert_int_eq(bench_handle(&b, CREATED("a.json"), 0), deliveries[_i].rc);
	ck_assert_int_eq(b.world.publishes, 2);
	ck_assert_ptr_nonnull(strstr(buf_str(&b.world.published), "results-2"));
	bench_end(&b);
}
END_TEST

static Suite *handler_suite(void)
{
	Suite *s = suite_create("processor/handler");
	TCase *tc = tcase_create("handler");

	tcase_add_loop_test(tc, outcome_of_one_file, 0, ARRAY_SIZE(cases));
	tcase_add_test(tc, message_tells_everything);
	tcase_add_test(tc, without_a_topic_nothing_is_sent);
	tcase_add_loop_test(tc, every_topic_gets_the_message, 0, ARRAY_SIZE(deliveries));
	tcase_add_test(tc, time_runs_out);
	tcase_add_test(tc, test_event_is_fine);
	tcase_add_loop_test(tc, queue_gets_its_failures, 0, 2);
	suite_add_tcase(s, tc);
	return s;
}

CHECK_MAIN(handler_suite)
