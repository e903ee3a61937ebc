#include "emulator/service.h"

extern const struct service service_sns;

/* In place of Lambda: lets "good" be invoked, and counts. */
static int invoked;

static int may_invoke(struct call *c, const cJSON *in, cJSON *out);
static int invoke(struct call *c, const cJSON *in, cJSON *out);

static const struct operation lambda_operations[] = {
	{ "FpctlMayInvoke", may_invoke },
	{ "Invoke", invoke },
	{ NULL, NULL },
};
static const struct service fake_lambda = { .name = "lambda",
					    .operations = lambda_operations };
/* In place of SQS: takes from nobody but this topic, into "good". */
static int may_send(struct call *c, const cJSON *in, cJSON *out);
static int send_message(struct call *c, const cJSON *in, cJSON *out);
static char sent[2][2048];

static const struct operation sqs_operations[] = {
	{ "FpctlMaySend", may_send },
	{ "FpctlSend", send_message },
	{ NULL, NULL },
};
static const struct service fake_sqs = { .name = "sqs", .operations = sqs_operations };
const struct service *const services[] = { &service_sns, &fake_lambda, &fake_sqs, NULL };

#include "emulator/service/sns.h"
#include "steps.h"

static int may_invoke(struct call *c, const cJSON *in, cJSON *out)
{
	(void)c;
	json_set_bool(out, "Allowed",
		      str_ends(json_str(in, "FunctionName", ""), ":good") &&
			      str_eq(json_str(in, "Principal", ""), "sns.amazonaws.com"));
	return 0;
}

static int invoke(struct call *c, const cJSON *in, cJSON *out FP_UNUSED)
{
	const cJSON *records = json_get(json_get(in, "Payload"), "Records");

	(void)c;
	ck_assert_str_eq(json_str(cJSON_GetArrayItem(records, 0), "Sns.Message", ""),
			 "hello");
	__atomic_add_fetch(&invoked, 1, __ATOMIC_SEQ_CST);
	return 0;
}

static int may_send(struct call *c, const cJSON *in, cJSON *out)
{
	(void)c;
	json_set_bool(out, "Allowed",
		      strstr(json_str(in, "QueueArn", ""), ":good") &&
			      str_eq(json_str(in, "Principal", ""), "sns.amazonaws.com"));
	return 0;
}

/* "good-raw" is the second. */
static int send_message(struct call *c, const cJSON *in, cJSON *out FP_UNUSED)
{
	FP_AUTO(freep) char *text = json_text(in);
	bool raw = str_ends(json_str(in, "QueueArn", ""), "raw");

	(void)c;
	(void)snprintf(sent[raw], sizeof(sent[raw]), "%s", text);
	return 0;
}

#define TOPIC "arn:aws:sns:us-east-1:000000000000:t"
#define TO(protocol, endpoint)                                 \
	"{\"TopicArn\":\"" TOPIC "\",\"Protocol\":\"" protocol \
	"\",\"Endpoint\":\"" endpoint "\"}"
#define FUNCTION(name) "arn:aws:lambda:us-east-1:000000000000:function:" name

static const struct step topics[] = {
	{ "GetTopicAttributes", "{\"TopicArn\":\"" TOPIC "\"}", "NotFound", NULL, NULL },
	{ "GetTopicAttributes", "{\"TopicArn\":\"x\"}", "InvalidParameter", NULL, NULL },
	{ "CreateTopic", "{\"Name\":\"a b\"}", "InvalidParameter", NULL, NULL },
	{ "CreateTopic", "{\"Name\":\"t.fifo\"}", "NotImplemented", NULL, NULL },
	{ "CreateTopic", "{\"Name\":\"t\"}", NULL, "TopicArn", TOPIC },
	{ "CreateTopic", "{\"Name\":\"t\"}", NULL, "TopicArn", TOPIC },
	{ "ListTopics", "{}", NULL, "Topics/0/TopicArn", TOPIC },
	{ "SetTopicAttributes",
	  "{\"TopicArn\":\"" TOPIC
	  "\",\"AttributeName\":\"DisplayName\",\"AttributeValue\":\"D\"}",
	  NULL, NULL, NULL },
	{ "GetTopicAttributes", "{\"TopicArn\":\"" TOPIC "\"}", NULL,
	  "Attributes/DisplayName", "D" },
	{ "SetTopicAttributes",
	  "{\"TopicArn\":\"" TOPIC
	  "\",\"AttributeName\":\"Policy\",\"AttributeValue\":\"{\"}",
	  "InvalidParameter", NULL, NULL },
	{ "Subscribe", TO("email", "nobody"), "InvalidParameter", NULL, NULL },
	{ "Subscribe", TO("sqs", "x"), "InvalidParameter", NULL, NULL },
	{ "Subscribe", TO("sms", "x"), "NotImplemented", NULL, NULL },
	{ "Subscribe",
	  "{\"TopicArn\":\"" TOPIC "\",\"Protocol\":\"email\",\"Endpoint\":\"a@b\","
	  "\"Attributes\":{\"FilterPolicy\":\"{\\\"a\\\":{\\\"b\\\":[1]}}\"}}",
	  "InvalidParameter", NULL, NULL },
	{ "Subscribe", TO("email", "a@example.com"), NULL, NULL, NULL },
	{ "Subscribe", TO("email", "a@example.com"), NULL, NULL, NULL },
	{ "GetTopicAttributes", "{\"TopicArn\":\"" TOPIC "\"}", NULL,
	  "Attributes/SubscriptionsConfirmed", "1" },
	{ "Publish", "{\"TopicArn\":\"" TOPIC "\",\"Message\":\"\"}", "InvalidParameter",
	  NULL, NULL },
	{ "Publish",
	  "{\"TopicArn\":\"" TOPIC "\",\"Message\":\"m\",\"Subject\":\"a\\nb\"}",
	  "InvalidParameter", NULL, NULL },
	{ "Publish", "{\"PhoneNumber\":\"1\",\"Message\":\"m\"}", "NotImplemented", NULL,
	  NULL },
	{ "Publish",
	  "{\"TopicArn\":\"" TOPIC "\",\"Message\":\"{}\",\"MessageStructure\":\"json\"}",
	  "InvalidParameter", NULL, NULL },
	{ "FpctlListMessages", "{}", NULL, "Messages/0", NULL },
	{ "DeleteTopic", "{\"TopicArn\":\"" TOPIC "\"}", NULL, NULL, NULL },
	{ "DeleteTopic", "{\"TopicArn\":\"" TOPIC "\"}", NULL, NULL, NULL },
	{ "ListSubscriptions", "{}", NULL, "Subscriptions/0", NULL },
};

START_TEST(topics_and_subscriptions)
{
	struct cloud c;

	cloud_open(&c, NULL);
	run_steps(&c, "sns", topics, ARRAY_SIZE(topics));
	cloud_close(&c);
}
END_TEST

static const struct step published[] = {
	{ "CreateTopic", "{\"Name\":\"t\"}", NULL, NULL, NULL },
	{ "Subscribe", TO("email", "all@example.com"), NULL, NULL, NULL },
	{ "Subscribe",
	  "{\"TopicArn\":\"" TOPIC
	  "\",\"Protocol\":\"https\",\"Endpoint\":\"https://h/\","
	  "\"Attributes\":{\"FilterPolicy\":\"{\\\"status\\\":[\\\"failed\\\"]}\"}}",
	  NULL, NULL, NULL },
	{ "Subscribe", TO("lambda", FUNCTION("good")), NULL, NULL, NULL },
	{ "Subscribe", TO("lambda", FUNCTION("bad")), NULL, NULL, NULL },
	{ "Publish",
	  "{\"TopicArn\":\"" TOPIC "\",\"Message\":\"hello\",\"Subject\":\"s\","
	  "\"MessageAttributes\":{\"status\":{\"DataType\":\"String\",\"StringValue\":"
	  "\"ok\"}}}",
	  NULL, NULL, NULL },
	{ "FpctlListMessages", "{\"TopicArn\":\"" TOPIC "\"}", NULL, "Messages/0/Message",
	  "hello" },
	{ "FpctlListMessages", "{}", NULL, "Messages/0/Attributes/status", "ok" },
	{ "FpctlListMessages", "{\"TopicArn\":\"other\"}", NULL, "Messages/0", NULL },
	{ "PublishBatch",
	  "{\"TopicArn\":\"" TOPIC "\",\"PublishBatchRequestEntries\":["
	  "{\"Id\":\"1\",\"Message\":\"hello\"},{\"Id\":\"2\",\"Message\":\"\"}]}",
	  NULL, "Failed/0/Id", "2" },
	{ "PublishBatch", "{\"TopicArn\":\"" TOPIC "\"}", "EmptyBatchRequest", NULL,
	  NULL },
	{ "FpctlListMessages", "{}", NULL, "Messages/2", NULL },
};

static int by_protocol(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

START_TEST(messages_are_kept_and_delivered)
{
	FP_AUTO(json_freep) cJSON *out = NULL;
	struct fp_error err = { 0 };
	const char *protocols[3] = { "", "", "" };
	struct cloud c;
	int n = 0;

	cloud_open(&c, NULL);
	run_steps(&c, "sns", published, ARRAY_SIZE(published));
	out = call_json(&c, "sns", "FpctlListMessages", "{}");
	json_each (d, json_get(cJSON_GetArrayItem(json_get(out, "Messages"), 0),
			       "Deliveries"))
		if (n < 3)
			protocols[n++] = json_str(d, "Protocol", "");
	/* They come in the order of ARNs, which are random. */
	qsort(protocols, 3, sizeof(protocols[0]), by_protocol);
	ck_assert_int_eq(n, 2);
	ck_assert_str_eq(protocols[1], "email");
	ck_assert_str_eq(protocols[2], "lambda");
	ck_assert_int_eq(bus_start(c.emu.bus, &err), 0);
	ck_assert(bus_idle(c.emu.bus, 5000));
	ck_assert_int_eq(__atomic_load_n(&invoked, __ATOMIC_SEQ_CST), 2);
	cJSON_Delete(call_json(&c, "sns", "FpctlClearMessages", "{}"));
	run_steps(&c, "sns",
		  &(struct step){ "FpctlListMessages", "{}", NULL, "Messages/0", NULL },
		  1);
	cloud_close(&c);
}
END_TEST

#define QUEUE(name) "arn:aws:sqs:us-east-1:000000000000:" name

static const struct step queued[] = {
	{ "CreateTopic", "{\"Name\":\"t\"}", NULL, NULL, NULL },
	{ "Subscribe", TO("sqs", QUEUE("good")), NULL, NULL, NULL },
	{ "Subscribe", TO("sqs", QUEUE("bad")), NULL, NULL, NULL },
	{ "Subscribe",
	  "{\"TopicArn\":\"" TOPIC "\",\"Protocol\":\"sqs\",\"Endpoint\":\"" QUEUE(
		  "good-raw") "\",\"Attributes\":{\"RawMessageDelivery\":\"true\"}}",
	  NULL, NULL, NULL },
	{ "Publish",
	  "{\"TopicArn\":\"" TOPIC "\",\"Message\":\"hello\",\"Subject\":\"s\","
	  "\"MessageAttributes\":{\"status\":{\"DataType\":\"String\",\"StringValue\":"
	  "\"ok\"}}}",
	  NULL, NULL, NULL },
	/* Two of three: the other one's policy does not let the topic in. */
	{ "FpctlListMessages", "{}", NULL, "Messages/0/Deliveries/2", NULL },
};

START_TEST(queues_get_messages)
{
	FP_AUTO(json_freep) cJSON *plain = NULL;
	FP_AUTO(json_freep) cJSON *raw = NULL;
	FP_AUTO(json_freep) cJSON *body = NULL;
	struct cloud c;

	cloud_open(&c, NULL);
	run_steps(&c, "sns", queued, ARRAY_SIZE(queued));
	ck_assert_int_eq(bus_start(c.emu.bus, NULL), 0);
	ck_assert(bus_idle(c.emu.bus, 5000));
	plain = cJSON_Parse(sent[0]);
	raw = cJSON_Parse(sent[1]);
	body = cJSON_Parse(json_str(plain, "MessageBody", ""));
	ck_assert_str_eq(json_str(body, "Type", ""), "Notification");
	ck_assert_str_eq(json_str(body, "Message", ""), "hello");
	ck_assert_str_eq(json_str(body, "Subject", ""), "s");
	ck_assert_str_eq(json_str(body, "MessageAttributes.status.Value", ""), "ok");
	ck_assert_ptr_null(json_get(plain, "MessageAttributes"));
	ck_assert_str_eq(json_str(raw, "MessageBody", ""), "hello");
	ck_assert_str_eq(json_str(raw, "MessageAttributes.status.StringValue", ""), "ok");
	cloud_close(&c);
}
END_TEST

static const struct {
	const char *policy, *values;
	bool good, matches;
} filters[] = {
	{ "{\"a\":[\"x\"]}", "{\"a\":\"x\"}", true, true },
	{ "{\"a\":[\"x\"]}", "{\"a\":\"y\"}", true, false },
	{ "{\"a\":[\"x\"]}", "{}", true, false },
	{ "{\"a\":[\"x\",\"y\"],\"b\":[1]}", "{\"a\":\"y\",\"b\":1}", true, true },
	{ "{\"a\":[\"x\"],\"b\":[1]}", "{\"a\":\"x\",\"b\":2}", true, false },
	{ "{\"a\":[{\"prefix\":\"in\"}]}", "{\"a\":\"invoice\"}", true, true },
	{ "{\"a\":[{\"suffix\":\".csv\"}]}", "{\"a\":\"x.csv\"}", true, true },
	{ "{\"a\":[{\"anything-but\":[\"x\"]}]}", "{\"a\":\"y\"}", true, true },
	{ "{\"a\":[{\"anything-but\":\"x\"}]}", "{\"a\":\"x\"}", true, false },
	{ "{\"a\":[{\"anything-but\":{\"prefix\":\"x\"}}]}", "{\"a\":\"xy\"}", true,
	  false },
	{ "{\"a\":[{\"anything-but\":\"x\"}]}", "{}", true, false },
	{ "{\"a\":[{\"numeric\":[\">\",1,\"<=\",3]}]}", "{\"a\":3}", true, true },
	{ "{\"a\":[{\"numeric\":[\">\",1,\"<=\",3]}]}", "{\"a\":4}", true, false },
	{ "{\"a\":[{\"numeric\":[\"=\",1]}]}", "{\"a\":\"1\"}", true, false },
	{ "{\"a\":[{\"exists\":true}]}", "{\"a\":\"x\"}", true, true },
	{ "{\"a\":[{\"exists\":true}]}", "{}", true, false },
	{ "{\"a\":[{\"exists\":false}]}", "{}", true, true },
	{ "{\"a\":[\"x\"]}", "{\"a\":[\"y\",\"x\"]}", true, true },
	{ "{\"a\":{\"b\":[\"x\"]}}", "{\"a\":{\"b\":\"x\"}}", true, true },
	{ "{\"a\":{\"b\":[\"x\"]}}", "{}", true, false },
	{ "{\"a\":[{\"equals-ignore-case\":\"X\"}]}", "{\"a\":\"x\"}", true, true },
	{ "{\"a\":[null]}", "{\"a\":null}", true, true },
	{ "{\"a\":\"x\"}", "", false, false },
	{ "{\"a\":[]}", "", false, false },
	{ "{\"a\":[[\"x\"]]}", "", false, false },
	{ "{\"a\":[{\"like\":\"x\"}]}", "", false, false },
	{ "{\"a\":[{\"numeric\":[\">\"]}]}", "", false, false },
	{ "{\"a\":[{\"numeric\":[\"~\",1]}]}", "", false, false },
	{ "{\"$or\":[{\"a\":[1]}]}", "", false, false },
	{ "{\"$or\":[{\"a\":[1]},{\"b\":[2]}]}", "{\"b\":2}", true, true },
	{ "{\"$or\":[{\"a\":[1]},{\"b\":[2]}]}", "{\"b\":1}", true, false },
	{ "{\"$or\":[{\"a\":[1]},{\"b\":[2]}],\"c\":[3]}", "{\"a\":1}", true, false },
	{ "{\"$or\":[\"x\"]}", "{\"$or\":\"x\"}", true, true },
	{ "{\"a\":{\"b\":[1]}}", "{\"a\":[{\"b\":2},{\"b\":1}]}", true, true },
	{ "{\"a\":{\"b\":[1]}}", "{\"a\":[{\"b\":2},3]}", true, false },
	{ "{\"a\":[{\"cidr\":\"10.0.0.0/24\"}]}", "{\"a\":\"10.0.0.255\"}", true, true },
	{ "{\"a\":[{\"cidr\":\"10.0.0.0/23\"}]}", "{\"a\":\"10.0.2.0\"}", true, false },
	{ "{\"a\":[{\"cidr\":\"fe80::/10\"}]}", "{\"a\":\"febf::1\"}", true, true },
	{ "{\"a\":[{\"cidr\":\"0.0.0.0/0\"}]}", "{\"a\":\"::1\"}", true, false },
	{ "{\"a\":[{\"cidr\":\"10.0.0.0/33\"}]}", "", false, false },
	{ "{\"a\":[1],\"b\":[1],\"c\":[1],\"d\":[1],\"e\":[1],\"f\":[1]}", "", false,
	  false },
	{ "{\"a\":[1,2,3,4,5,6],\"b\":[1,2,3,4,5],\"c\":[1,2,3,4,5,6]}", "", false,
	  false },
	{ "[1]", "", false, false },
	{ "x", "", false, false },
};

START_TEST(filter_matches)
{
	const __typeof__(filters[0]) *f = &filters[_i];
	FP_AUTO(json_freep) cJSON *policy = cJSON_Parse(f->policy);
	FP_AUTO(json_freep) cJSON *values = cJSON_Parse(f->values);
	struct call c = { .emu = NULL };

	ck_assert_msg((sns_filter_check(&c, f->policy) == 0) == f->good, "%s: %s",
		      f->policy, c.fault.message);
	if (f->good)
		ck_assert_msg(sns_filter_matches(policy, values) == f->matches,
			      "%s on %s", f->policy, f->values);
}
END_TEST

static const struct {
	const char *type, *properties, *changed, *fault;
	const char *attribute, *want;
} resources[] = {
	{ "AWS::SNS::Topic",
	  "{\"DisplayName\":\"d\",\"Subscription\":[{\"Protocol\":\"email\",\"Endpoint\":"
	  "\"a@b\"}]}",
	  "{\"Subscription\":[{\"Protocol\":\"email\",\"Endpoint\":\"c@d\"}]}", NULL,
	  "TopicName", "stack-Thing-ABCDEFGHIJKL" },
	{ "AWS::SNS::Topic", "{\"TopicName\":\"t\"}", NULL, "AlreadyExists", NULL, NULL },
	{ "AWS::SNS::Topic", "{\"FifoTopic\":true}", NULL, "NotImplemented", NULL, NULL },
	{ "AWS::SNS::Topic", "{\"ArchivePolicy\":{\"a\":1}}", NULL, "NotImplemented",
	  NULL, NULL },
	{ "AWS::SNS::Topic",
	  "{\"Subscription\":[{\"Protocol\":\"email\",\"Endpoint\":\"nobody\"}]}", NULL,
	  "InvalidParameter", NULL, NULL },
	{ "AWS::SNS::TopicPolicy",
	  "{\"Topics\":[\"" TOPIC "\"],\"PolicyDocument\":{\"Statement\":[]}}", NULL,
	  NULL, "Id", "stack-Thing-ABCDEFGHIJKL" },
	{ "AWS::SNS::Subscription",
	  "{\"TopicArn\":\"" TOPIC "\",\"Protocol\":\"email\",\"Endpoint\":\"a@b\","
	  "\"FilterPolicy\":{\"a\":[\"b\"]}}",
	  "{\"TopicArn\":\"" TOPIC "\",\"Protocol\":\"email\",\"Endpoint\":\"a@b\"}",
	  NULL, NULL, NULL },
	{ "AWS::SNS::Subscription",
	  "{\"TopicArn\":\"" TOPIC "\",\"Protocol\":\"sqs\",\"Endpoint\":\"x\"}", NULL,
	  "InvalidParameter", NULL, NULL },
};

START_TEST(resource_lives)
{
	const __typeof__(resources[0]) *d = &resources[_i];
	const struct resource_type *t = find_type(d->type);
	FP_AUTO(json_freep) cJSON *properties = cJSON_Parse(d->properties);
	FP_AUTO(json_freep) cJSON *changed = d->changed ? cJSON_Parse(d->changed) : NULL;
	struct resource out = { NULL, NULL };
	struct resource_request r;
	struct cloud c;

	cloud_open(&c, NULL);
	cJSON_Delete(call_json(&c, "sns", "CreateTopic", "{\"Name\":\"t\"}"));
	r = request_for(&c, properties, NULL);
	ck_assert_msg((t->create(&r, &out) < 0) == (d->fault != NULL), "%s: %s",
		      d->properties, c.call.fault.message);
	if (d->fault) {
		ck_assert_str_eq(c.call.fault.code, d->fault);
		ck_assert_ptr_null(out.physical_id);
		/* Nothing is left behind. */
		run_steps(&c, "sns",
			  &(struct step){ "ListTopics", "{}", NULL, "Topics/1", NULL },
			  1);
		cloud_close(&c);
		return;
	}
	if (d->attribute)
		ck_assert_str_eq(json_str(out.attributes, d->attribute, ""), d->want);
	if (changed) {
		r = request_for(&c, changed, properties);
		ck_assert_msg(t->update(&r, &out) == 0, "%s", c.call.fault.message);
	}
	r = request_for(&c, changed ? changed : properties, NULL);
	ck_assert_msg(t->remove(&r, &out) == 0, "%s", c.call.fault.message);
	ck_assert_msg(t->remove(&r, &out) == 0, "%s", c.call.fault.message);
	run_steps(&c, "sns",
		  &(struct step){ "ListSubscriptions", "{}", NULL, "Subscriptions/0",
				  NULL },
		  1);
	free(out.physical_id);
	cJSON_Delete(out.attributes);
	cloud_close(&c);
}
END_TEST

static Suite *sns_suite(void)
{
	Suite *s = suite_create("sns");
	TCase *tc = tcase_create("sns");

	tcase_add_test(tc, topics_and_subscriptions);
	tcase_add_test(tc, messages_are_kept_and_delivered);
	tcase_add_test(tc, queues_get_messages);
	tcase_add_loop_test(tc, filter_matches, 0, ARRAY_SIZE(filters));
	tcase_add_loop_test(tc, resource_lives, 0, ARRAY_SIZE(resources));
	suite_add_tcase(s, tc);
	return s;
}

CHECK_MAIN(sns_suite)
