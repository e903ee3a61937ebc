#include "emulator/service.h"

extern const struct service service_logs;
const struct service *const services[] = { &service_logs, NULL };

#include "base/clock.h"
#include "emulator/service/logs.h"
#include "steps.h"

static const struct step groups[] = {
	{ "CreateLogGroup", "{\"logGroupName\":\"/a/b\",\"tags\":{\"k\":\"v\"}}", NULL,
	  NULL, NULL },
	{ "CreateLogGroup", "{\"logGroupName\":\"/a/b\"}",
	  "ResourceAlreadyExistsException", NULL, NULL },
	{ "CreateLogGroup", "{\"logGroupName\":\"a b\"}", "InvalidParameterException",
	  NULL, NULL },
	{ "CreateLogGroup",
	  "{\"logGroupName\":\"/c\",\"logGroupClass\":\"INFREQUENT_ACCESS\"}",
	  "NotImplemented", NULL, NULL },
	{ "CreateLogGroup",
	  "{\"logGroupName\":\"/c\",\"deletionProtectionEnabled\":true}",
	  "NotImplemented", NULL, NULL },
	{ "PutRetentionPolicy", "{\"logGroupName\":\"/a/b\",\"retentionInDays\":30}",
	  NULL, NULL, NULL },
	{ "PutRetentionPolicy", "{\"logGroupName\":\"/a/b\",\"retentionInDays\":31}",
	  "InvalidParameterException", NULL, NULL },
	{ "DescribeLogGroups", "{\"logGroupNamePrefix\":\"/a\"}", NULL,
	  "logGroups/0/retentionInDays", "30" },
	{ "DescribeLogGroups", "{\"logGroupNamePrefix\":\"/z\"}", NULL, "logGroups/0",
	  NULL },
	{ "DeleteRetentionPolicy", "{\"logGroupName\":\"/a/b\"}", NULL, NULL, NULL },
	{ "DescribeLogGroups", "{}", NULL, "logGroups/0/retentionInDays", NULL },
	{ "ListTagsLogGroup", "{\"logGroupName\":\"/a/b\"}", NULL, "tags/k", "v" },
	{ "TagResource",
	  "{\"resourceArn\":\"arn:aws:logs:us-east-1:000000000000:log-group:/a/b:*\","
	  "\"tags\":{\"k\":\"w\"}}",
	  NULL, NULL, NULL },
	{ "ListTagsLogGroup", "{\"logGroupName\":\"/a/b\"}", NULL, "tags/k", "w" },
	{ "CreateLogStream", "{\"logGroupName\":\"/a/b\",\"logStreamName\":\"s\"}", NULL,
	  NULL, NULL },
	{ "CreateLogStream", "{\"logGroupName\":\"/a/b\",\"logStreamName\":\"s\"}",
	  "ResourceAlreadyExistsException", NULL, NULL },
	{ "CreateLogStream", "{\"logGroupName\":\"/no\",\"logStreamName\":\"s\"}",
	  "ResourceNotFoundException", NULL, NULL },
	{ "PutLogEvents",
	  "{\"logGroupName\":\"/a/"
	  "b\",\"logStreamName\":\"no\",\"logEvents\":[{\"timestamp\":1,"
	  "\"message\":\"x\"}]}",
	  "ResourceNotFoundException", NULL, NULL },
	{ "PutLogEvents",
	  "{\"logGroupName\":\"/a/"
	  "b\",\"logStreamName\":\"s\",\"logEvents\":[{\"timestamp\":1,"
	  "\"message\":\"x\"}]}",
	  NULL, "rejectedLogEventsInfo/tooOldLogEventEndIndex", "1" },
	{ "PutLogEvents",
	  "{\"logGroupName\":\"/a/"
	  "b\",\"logStreamName\":\"s\",\"logEvents\":[{\"timestamp\":2,"
	  "\"message\":\"x\"},{\"timestamp\":1,\"message\":\"y\"}]}",
	  "InvalidParameterException", NULL, NULL },
	{ "FilterLogEvents", "{\"logGroupName\":\"/a/b\",\"filterPattern\":\"[a]\"}",
	  "InvalidParameterException", NULL, NULL },
	{ "DeleteLogGroup", "{\"logGroupName\":\"/a/b\"}", NULL, NULL, NULL },
	{ "DeleteLogGroup", "{\"logGroupName\":\"/a/b\"}", "ResourceNotFoundException",
	  NULL, NULL },
};

START_TEST(groups_and_streams)
{
	struct cloud c;

	cloud_open(&c, NULL);
	run_steps(&c, "logs", groups, ARRAY_SIZE(groups));
	cloud_close(&c);
}
END_TEST

#define LINES 25

static void put_lines(struct cloud *c)
{
	int64_t now = clock_now_ms();

	for (int k = 0; k < LINES; k++) {
		FP_AUTO(freep)
		char *in = xasprintf(
			"{\"logGroupName\":\"g\",\"logStreamName\":\"s%d\",\"logEvents\":"
			"[{\"timestamp\":%lld,\"message\":\"line %d\"}]}",
			k % 2, (long long)(now - LINES + k / 5), k);
		cJSON *out = call_json(c, "logs", "FpctlPutLines", in);

		ck_assert_msg(!c->call.fault.status, "%s", c->call.fault.message);
		cJSON_Delete(out);
	}
}

/* Follow the tokens to the end; how many events came, none of them twice. */
static int count_pages(struct cloud *c, const char *action, const char *more,
		       const char *token_name)
{
	FP_AUTO(freep) char *token = NULL;
	int n = 0;

	for (int page = 0; page < 100; page++) {
		FP_AUTO(freep)
		char *in = xasprintf("{\"logGroupName\":\"g\",\"limit\":4%s%s%s%s}", more,
				     token ? ",\"nextToken\":\"" : "", str_or(token, ""),
				     token ? "\"" : "");
		FP_AUTO(json_freep) cJSON *out = call_json(c, "logs", action, in);
		const char *next = json_str(out, token_name, NULL);

		ck_assert_msg(!c->call.fault.status, "%s", c->call.fault.message);
		n += cJSON_GetArraySize(json_get(out, "events"));
		if (!next || str_eq(next, token))
			return n;
		free(token);
		token = xstrdup(next);
	}
	ck_abort_msg("%s never ends", action);
	return -1;
}

START_TEST(pages_hold_every_event_once)
{
	struct cloud c;

	cloud_open(&c, NULL);
	put_lines(&c);
	ck_assert_int_eq(count_pages(&c, "FilterLogEvents", "", "nextToken"), LINES);
	ck_assert_int_eq(count_pages(&c, "FilterLogEvents",
				     ",\"filterPattern\":\"line -2\"", "nextToken"),
			 LINES - 7);
	ck_assert_int_eq(count_pages(&c, "FilterLogEvents",
				     ",\"logStreamNames\":[\"s0\"]", "nextToken"),
			 13);
	ck_assert_int_eq(count_pages(&c, "GetLogEvents",
				     ",\"logStreamName\":\"s1\",\"startFromHead\":true",
				     "nextForwardToken"),
			 12);
	ck_assert_int_eq(count_pages(&c, "GetLogEvents", ",\"logStreamName\":\"s1\"",
				     "nextBackwardToken"),
			 12);
	cloud_close(&c);
}
END_TEST

START_TEST(old_events_go_at_the_start)
{
	static const struct step keep[] = {
		{ "PutRetentionPolicy", "{\"logGroupName\":\"g\",\"retentionInDays\":1}",
		  NULL, NULL, NULL },
	};
	static const struct step gone[] = {
		{ "FilterLogEvents", "{\"logGroupName\":\"g\"}", NULL, "events/0/message",
		  "young" },
	};
	FP_AUTO(freep) char *in = NULL;
	struct fp_error err = { 0 };
	struct cloud c;

	cloud_open(&c, NULL);
	in = xasprintf("{\"logGroupName\":\"g\",\"logStreamName\":\"s\",\"logEvents\":"
		       "[{\"timestamp\":%lld,\"message\":\"old\"},"
		       "{\"timestamp\":%lld,\"message\":\"young\"}]}",
		       (long long)clock_now_ms() - 2 * 86400000,
		       (long long)clock_now_ms());
	cJSON_Delete(call_json(&c, "logs", "FpctlPutLines", in));
	run_steps(&c, "logs", keep, ARRAY_SIZE(keep));
	ck_assert_msg(service_logs.start(&c.emu, &err) == 0, "%s", err.message);
	run_steps(&c, "logs", gone, ARRAY_SIZE(gone));
	cloud_close(&c);
}
END_TEST

static const struct {
	const char *pattern, *message;
	bool good, matches;
} patterns[] = {
	{ "", "anything", true, true },
	{ "a", "cab", true, true },
	{ "a b", "b and a", true, true },
	{ "a b", "b", true, false },
	{ "\"a b\"", "a b", true, true },
	{ "\"a b\"", "b a", true, false },
	{ "\"say \\\"x\\\"\"", "say \"x\"", true, true },
	{ "\"open", "", false, false },
	{ "a -b", "a", true, true },
	{ "a -b", "a b", true, false },
	{ "?a ?b", "b", true, true },
	{ "?a ?b", "c", true, false },
	{ "[ip, user]", "", false, false },
	{ "{ $.a = \"x\" }", "{\"a\":\"x\"}", true, true },
	{ "{ $.a = \"x*\" }", "{\"a\":\"xyz\"}", true, true },
	{ "{ $.a = x }", "{\"a\":\"y\"}", true, false },
	{ "{ $.a != x }", "{\"a\":\"y\"}", true, true },
	{ "{ $.a.b > 5 }", "{\"a\":{\"b\":7}}", true, true },
	{ "{ $.a.b > 5 }", "{\"a\":{\"b\":5}}", true, false },
	{ "{$.a>=5&&$.b<2}", "{\"a\":5,\"b\":1}", true, true },
	{ "{$.a=5||$.b=2}", "{\"a\":1,\"b\":2}", true, true },
	{ "{$.a=5||$.b=2}", "{\"a\":1,\"b\":1}", true, false },
	{ "{$.a=5&&$.b=2||$.c=1}", "", false, false },
	{ "{ $.a = true }", "{\"a\":true}", true, true },
	{ "{ $.a = 1 }", "no JSON", true, false },
	{ "{ $.a }", "", false, false },
	{ "{ $.a = }", "", false, false },
	{ "{ a = 1 }", "", false, false },
	{ "{ $.a = 1 } x", "", false, false },
	{ "{", "", false, false },
};

START_TEST(pattern_matches)
{
	const __typeof__(patterns[0]) *p = &patterns[_i];
	struct logs_filter *f = NULL;
	struct fp_error err = { 0 };
	int rc = logs_filter_parse(&f, p->pattern, &err);

	ck_assert_msg((rc == 0) == p->good, "%s: %s", p->pattern, err.message);
	if (rc == 0)
		ck_assert_msg(logs_filter_matches(f, p->message) == p->matches,
			      "%s on %s", p->pattern, p->message);
	logs_filter_freep(&f);
}
END_TEST

START_TEST(group_as_a_resource)
{
	const struct resource_type *t = find_type("AWS::Logs::LogGroup");
	FP_AUTO(json_freep)
	cJSON *properties = cJSON_Parse(
		"{\"LogGroupName\":\"/x\",\"RetentionInDays\":\"7\"}");
	FP_AUTO(json_freep)
	cJSON *bad = cJSON_Parse("{\"LogGroupName\":\"/y\","
				 "\"RetentionInDays\":8}");
	struct resource out = { NULL, NULL }, again = { NULL, NULL },
			none = { NULL, NULL };
	static const struct step made[] = {
		{ "DescribeLogGroups", "{}", NULL, "logGroups/0/retentionInDays", "7" },
		{ "DescribeLogGroups", "{}", NULL, "logGroups/1", NULL },
	};
	struct resource_request r;
	struct cloud c;

	cloud_open(&c, NULL);
	r = request_for(&c, properties, NULL);
	ck_assert_msg(t->create(&r, &out) == 0, "%s", c.call.fault.message);
	ck_assert_str_eq(out.physical_id, "/x");
	ck_assert_str_eq(json_str(out.attributes, "Arn", ""),
			 "arn:aws:logs:us-east-1:000000000000:log-group:/x:*");
	ck_assert_int_eq(t->create(&r, &again), 0);
	r.logical_id = "Other";
	ck_assert_int_eq(t->create(&r, &none), -1);
	ck_assert_str_eq(c.call.fault.code, "AlreadyExists");
	r = request_for(&c, bad, NULL);
	ck_assert_int_eq(t->create(&r, &none), -1);
	run_steps(&c, "logs", made, ARRAY_SIZE(made));
	r = request_for(&c, properties, NULL);
	ck_assert_int_eq(t->remove(&r, &out), 0);
	ck_assert_int_eq(t->remove(&r, &out), 0);
	free(out.physical_id);
	cJSON_Delete(out.attributes);
	free(again.physical_id);
	cJSON_Delete(again.attributes);
	cloud_close(&c);
}
END_TEST

static Suite *logs_suite(void)
{
	Suite *s = suite_create("logs");
	TCase *tc = tcase_create("logs");

	tcase_add_test(tc, groups_and_streams);
	tcase_add_test(tc, pages_hold_every_event_once);
	tcase_add_test(tc, old_events_go_at_the_start);
	tcase_add_loop_test(tc, pattern_matches, 0, ARRAY_SIZE(patterns));
	tcase_add_test(tc, group_as_a_resource);
	suite_add_tcase(s, tc);
	return s;
}

CHECK_MAIN(logs_suite)
