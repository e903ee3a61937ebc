#include "base/buf.h"
#include "base/json.h"
#include "check_main.h"
#include "processor/event.h"

#define RECORD(bucket, key)                                                        \
	"{\"eventSource\":\"aws:s3\",\"eventName\":\"ObjectCreated:Put\","         \
	"\"eventTime\":\"2026-01-02T03:04:05.678Z\",\"s3\":{\"bucket\":{\"name\":" \
	"\"" bucket "\"},\"object\":{\"key\":\"" key "\",\"versionId\":\"v1\"}}}"
#define EVENT(records) "{\"Records\":[" records "]}"

static void check_object(const struct event_object *o, const char *bucket,
			 const char *key)
{
	ck_assert_str_eq(o->bucket, bucket);
	ck_assert_str_eq(o->key, key);
	ck_assert_str_eq(o->version, "v1");
	ck_assert_str_eq(o->name, "ObjectCreated:Put");
	ck_assert_str_eq(o->time, "2026-01-02T03:04:05.678Z");
}

/* "text" as a member of a wrapper, or several ones. */
static char *wrap(const char *before, const char *text, const char *behind)
{
	struct buf out = BUF_INIT;

	buf_puts(&out, before);
	json_quote(&out, text, strlen(text));
	buf_puts(&out, behind);
	return buf_detach(&out);
}

START_TEST(direct)
{
	static const char json[] = EVENT(
		RECORD("b1", "in/a+b+%C3%A9%2B.csv") "," RECORD("b2", "x"));
	FP_AUTO(event_release) struct event e = EVENT_INIT;
	struct fp_error err = { 0 };

	ck_assert_msg(event_parse(&e, json, strlen(json), &err) == 0, "%s", err.message);
	ck_assert_uint_eq(e.n, 2);
	check_object(&e.v[0], "b1", "in/a b \xc3\xa9+.csv");
	check_object(&e.v[1], "b2", "x");
	ck_assert_ptr_null(e.v[0].message);
	ck_assert(!e.from_queue && !e.test);
}
END_TEST

/* Directly, by SNS, by SQS, by SNS and SQS. */
START_TEST(wrapped)
{
	static const char event[] = EVENT(RECORD("b", "k"));
	FP_AUTO(freep)
	char *sns = wrap(
		"{\"Records\":[{\"EventSource\":\"aws:sns\",\"Sns\":{\"Message\":", event,
		"}}]}");
	FP_AUTO(freep)
	char *sqs = wrap(
		"{\"Records\":[{\"messageId\":\"m1\",\"eventSource\":\"aws:sqs\","
		"\"body\":",
		event,
		"},{\"messageId\":\"m2\",\"eventSource\":\"aws:sqs\",\"body\":\"?\"}]}");
	FP_AUTO(freep)
	char *envelope = wrap("{\"Type\":\"Notification\",\"Message\":", event, "}");
	FP_AUTO(freep)
	char *both = wrap("{\"Records\":[{\"messageId\":\"m1\",\"eventSource\":\"aws:"
			  "sqs\",\"body\":",
			  envelope, "}]}");
	const char *const texts[] = { event, sns, sqs, both };
	FP_AUTO(event_release) struct event e = EVENT_INIT;
	struct fp_error err = { 0 };

	ck_assert_msg(event_parse(&e, texts[_i], strlen(texts[_i]), &err) == 0, "%s",
		      err.message);
	ck_assert_uint_eq(e.n, 1);
	check_object(&e.v[0], "b", "k");
	ck_assert_int_eq(e.from_queue, _i >= 2);
	if (e.from_queue)
		ck_assert_str_eq(e.v[0].message, "m1");
	/* The message that is no event fails alone. */
	ck_assert_uint_eq(e.broken.n, _i == 2);
	if (e.broken.n)
		ck_assert_str_eq(e.broken.v[0], "m2");
}
END_TEST

START_TEST(test_event)
{
	static const char json[] =
		"{\"Service\":\"Amazon S3\",\"Event\":\"s3:TestEvent\","
		"\"Bucket\":\"b\"}";
	FP_AUTO(event_release) struct event e = EVENT_INIT;
	struct fp_error err = { 0 };

	ck_assert_int_eq(event_parse(&e, json, strlen(json), &err), 0);
	ck_assert(e.test);
	ck_assert_uint_eq(e.n, 0);
}
END_TEST

static const struct {
	const char *name, *in, *error;
} bad[] = {
	{ "no JSON", "hello", "" },
	{ "no records", "{\"a\":1}", "this is no S3 event: it has no list of Records" },
	{ "records of something", "{\"Records\":{}}",
	  "this is no S3 event: it has no list of Records" },
	{ "no bucket", EVENT(RECORD("", "k")), "a record of the event names no bucket" },
	{ "no key", EVENT(RECORD("b", "")), "a record of the event names no object key" },
	{ "a NUL in a key", EVENT(RECORD("b", "a%00b")),
	  "an object key holds a NUL byte" },
	{ "another service", "{\"Records\":[{\"eventSource\":\"aws:kinesis\"}]}",
	  "the event comes from 'aws:kinesis'; this function takes S3's, also by SQS and "
	  "SNS" },
	{ "a number as a record", "{\"Records\":[7]}",
	  "the event comes from ''; this function takes S3's, also by SQS and SNS" },
	{ "a message without an id",
	  "{\"Records\":[{\"eventSource\":\"aws:sqs\",\"body\":\"\"}]}",
	  "an SQS record has no messageId" },
};

START_TEST(strangers_are_refused)
{
	FP_AUTO(event_release) struct event e = EVENT_INIT;
	struct fp_error err = { 0 };

	ck_assert_int_eq(event_parse(&e, bad[_i].in, strlen(bad[_i].in), &err), -1);
	if (bad[_i].error[0])
		ck_assert_str_eq(err.message, bad[_i].error);
	ck_assert_uint_eq(e.n, 0);
}
END_TEST

static Suite *event_suite(void)
{
	Suite *s = suite_create("processor/event");
	TCase *tc = tcase_create("event");

	tcase_add_test(tc, direct);
	tcase_add_loop_test(tc, wrapped, 0, 4);
	tcase_add_test(tc, test_event);
	tcase_add_loop_test(tc, strangers_are_refused, 0, ARRAY_SIZE(bad));
	suite_add_tcase(s, tc);
	return s;
}

CHECK_MAIN(event_suite)
