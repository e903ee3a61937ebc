#include "emulator/service.h"

extern const struct service service_lambda, service_logs, service_iam, service_sqs;

#include "lambda_s3.h"

const struct service *const services[] = { &service_lambda, &service_logs, &service_iam,
					   &service_sqs,    &lambda_s3,	   NULL };

#include "emulator/service/lambda_poller.h"
#include "lambda_world.h"

#define WAIT_MS	   20000
#define QUEUE	   "arn:aws:sqs:us-east-1:000000000000:q"
#define MAP(more)  "{\"EventSourceArn\":\"" QUEUE "\",\"FunctionName\":\"f\"" more "}"
#define SEND(body) "{\"QueueUrl\":\"q\",\"MessageBody\":\"" body "\"}"
#define MAKE(seconds) \
	"{\"QueueName\":\"q\",\"Attributes\":{\"VisibilityTimeout\":\"" seconds "\"}}"
#define PARTIAL ",\"FunctionResponseTypes\":[\"ReportBatchItemFailures\"]"

static const struct {
	const char *name, *response;
	int done; /* of the messages m1 and m2 */
} verdicts[] = {
	{ "nothing said", "", 2 },
	{ "null", "null", 2 },
	{ "no list", "{}", 2 },
	{ "null list", "{\"batchItemFailures\":null}", 2 },
	{ "empty list", "{\"batchItemFailures\":[]}", 2 },
	{ "one", "{\"batchItemFailures\":[{\"itemIdentifier\":\"m2\"}]}", 1 },
	{ "both",
	  "{\"batchItemFailures\":[{\"itemIdentifier\":\"m2\"},{\"itemIdentifier\":"
	  "\"m1\"}]}",
	  0 },
	{ "unknown", "{\"batchItemFailures\":[{\"itemIdentifier\":\"m3\"}]}", 0 },
	{ "empty name", "{\"batchItemFailures\":[{\"itemIdentifier\":\"\"}]}", 0 },
	{ "no name", "{\"batchItemFailures\":[{\"itemidentifier\":\"m1\"}]}", 0 },
	{ "no object", "{\"batchItemFailures\":[\"m1\"]}", 0 },
	{ "a text as list", "{\"batchItemFailures\":\"m1\"}", 0 },
	{ "a text", "\"ok\"", 0 },
	{ "no JSON", "{", 0 },
};

START_TEST(answers_are_understood)
{
	const __typeof__(verdicts[0]) *v = &verdicts[_i];
	FP_AUTO(json_freep)
	cJSON *messages = cJSON_Parse("[{\"MessageId\":\"m1\",\"ReceiptHandle\":\"h1\"},"
				      "{\"MessageId\":\"m2\",\"ReceiptHandle\":\"h2\"}]");
	FP_AUTO(json_freep) cJSON *verdict = batch_verdict(messages, v->response);
	int done = cJSON_GetArraySize(json_get(verdict, "Done"));
	int failed = cJSON_GetArraySize(json_get(verdict, "Failed"));

	ck_assert_msg(done == v->done && done + failed == 2, "%s: %d done, %d failed",
		      v->name, done, failed);
	if (done == 1)
		ck_assert_str_eq(json_get(verdict, "Done")->child->valuestring, "h1");
}
END_TEST

static const struct step managed[] = {
	{ "CreateEventSourceMapping", MAP(""), "InvalidParameterValueException", NULL,
	  NULL },
	{ "CreateEventSourceMapping",
	  "{\"EventSourceArn\":\"arn:aws:dynamodb:us-east-1:000000000000:table/t\","
	  "\"FunctionName\":\"f\"}",
	  "NotImplemented", NULL, NULL },
	{ "CreateEventSourceMapping",
	  "{\"EventSourceArn\":\"" QUEUE "\",\"FunctionName\":\"g\"}",
	  "ResourceNotFoundException", NULL, NULL },
	{ "CreateEventSourceMapping", MAP(",\"FilterCriteria\":{\"Filters\":[{}]}"),
	  "NotImplemented", NULL, NULL },
	{ "GetEventSourceMapping", "{\"UUID\":\"x\"}", "ResourceNotFoundException", NULL,
	  NULL },
	{ "DeleteEventSourceMapping", "{\"UUID\":\"x\"}", "ResourceNotFoundException",
	  NULL, NULL },
	{ "ListEventSourceMappings", "{}", NULL, "EventSourceMappings/0", NULL },
};

static const struct step with_queue[] = {
	{ "CreateEventSourceMapping", MAP(",\"BatchSize\":0"),
	  "InvalidParameterValueException", NULL, NULL },
	{ "CreateEventSourceMapping", MAP(",\"BatchSize\":11"),
	  "InvalidParameterValueException", NULL, NULL },
	{ "CreateEventSourceMapping", MAP(",\"MaximumBatchingWindowInSeconds\":301"),
	  "InvalidParameterValueException", NULL, NULL },
	{ "CreateEventSourceMapping", MAP(",\"FunctionResponseTypes\":[\"x\"]"),
	  "InvalidParameterValueException", NULL, NULL },
	{ "CreateEventSourceMapping",
	  MAP(",\"ScalingConfig\":{\"MaximumConcurrency\":1}"),
	  "InvalidParameterValueException", NULL, NULL },
	{ "CreateEventSourceMapping",
	  MAP(",\"BatchSize\":20,\"MaximumBatchingWindowInSeconds\":1,\"Enabled\":false,"
	      "\"ScalingConfig\":{\"MaximumConcurrency\":2}" PARTIAL),
	  NULL, "State", "Disabled" },
	{ "CreateEventSourceMapping", MAP(""), "ResourceConflictException", NULL, NULL },
	{ "ListEventSourceMappings", "{\"FunctionName\":\"f\"}", NULL,
	  "EventSourceMappings/0/BatchSize", "20" },
	{ "ListEventSourceMappings", "{\"FunctionName\":\"g\"}", NULL,
	  "EventSourceMappings/0", NULL },
	{ "ListEventSourceMappings", "{\"EventSourceArn\":\"" QUEUE "\"}", NULL,
	  "EventSourceMappings/0/ScalingConfig/MaximumConcurrency", "2" },
};

START_TEST(mappings_are_managed)
{
	struct cloud c;

	world_open(&c, NULL);
	make_function(&c, ",\"Timeout\":5");
	run_steps(&c, "lambda", managed, ARRAY_SIZE(managed));
	cJSON_Delete(call_json(&c, "sqs", "CreateQueue", MAKE("4")));
	/* It would come again while the function is still at it. */
	run_steps(&c, "lambda", managed, 1);
	cJSON_Delete(call_json(&c, "sqs", "SetQueueAttributes",
			       "{\"QueueUrl\":\"q\",\"Attributes\":{"
			       "\"VisibilityTimeout\":\"5\"}}"));
	run_steps(&c, "lambda", with_queue, ARRAY_SIZE(with_queue));
	world_close(&c);
}
END_TEST

/* The queue's number of messages: all that there are. */
static int64_t left_in(struct cloud *c)
{
	FP_AUTO(json_freep)
	cJSON *out = call_json(c, "sqs", "GetQueueAttributes",
			       "{\"QueueUrl\":\"q\",\"AttributeNames\":[\"All\"]}");

	return json_int(out, "Attributes.ApproximateNumberOfMessages", 0) +
	       json_int(out, "Attributes.ApproximateNumberOfMessagesNotVisible", 0);
}

static bool comes_to(struct cloud *c, int64_t (*count)(struct cloud *c), int64_t wanted)
{
	int64_t until = clock_now_ms() + WAIT_MS;

	while (count(c) != wanted && clock_now_ms() < until)
		clock_sleep_ms(5);
	return count(c) == wanted;
}

static void start_mapping(struct cloud *c, const char *queue, const char *mapping)
{
	cJSON_Delete(call_json(c, "sqs", "CreateQueue", queue));
	ck_assert_msg(!c->call.fault.status, "%s", c->call.fault.message);
	cJSON_Delete(call_json(c, "lambda", "CreateEventSourceMapping", mapping));
	ck_assert_msg(!c->call.fault.status, "%s", c->call.fault.message);
}

static void send_one(struct cloud *c, const char *message)
{
	cJSON_Delete(call_json(c, "sqs", "SendMessage", message));
	ck_assert_msg(!c->call.fault.status, "%s", c->call.fault.message);
}

START_TEST(messages_reach_the_function)
{
	struct cloud c;

	world_open(&c, NULL);
	make_function(&c, "");
	start_mapping(&c, MAKE("600"), MAP(""));
	for (int k = 0; k < 25; k++)
		send_one(&c, SEND("hello"));
	ck_assert(comes_to(&c, left_in, 0));
	world_close(&c);
}
END_TEST

/* The receives of a queue's first message, or -1 when it has none. */
static int64_t receives(struct cloud *c)
{
	FP_AUTO(store_done) struct store_rows r = { 0 };

	ck_assert_int_eq(store_query(&r, c->emu.store, NULL,
				     "SELECT received FROM sqs_messages", ""),
			 0);
	return store_next(&r) ? store_int(&r, 0) : -1;
}

static const struct {
	const char *name, *more, *message;
} failing[] = {
	{ "the function fails", "", SEND("fail") },
	{ "the function reports the message", PARTIAL, SEND("reject") },
	{ "the function crashes", PARTIAL, SEND("crash") },
};

START_TEST(failed_messages_come_again)
{
	FP_AUTO(freep) char *mapping = NULL;
	struct cloud c;

	world_open(&c, NULL);
	make_function(&c, ",\"Timeout\":1");
	mapping = xasprintf("{\"EventSourceArn\":\"" QUEUE "\",\"FunctionName\":\"f\"%s}",
			    failing[_i].more);
	start_mapping(&c, MAKE("1"), mapping);
	send_one(&c, failing[_i].message);
	ck_assert_msg(comes_to(&c, receives, 2), "%s", failing[_i].name);
	ck_assert_int_eq(left_in(&c), 1);
	world_close(&c);
}
END_TEST

START_TEST(unreported_failures_delete_nothing_else)
{
	struct cloud c;

	world_open(&c, NULL);
	make_function(&c, "");
	/* Who does not say that answers are read gets all deleted. */
	start_mapping(&c, MAKE("600"), MAP(""));
	send_one(&c, SEND("reject"));
	ck_assert(comes_to(&c, left_in, 0));
	world_close(&c);
}
END_TEST

static int64_t at_work(struct cloud *c FP_UNUSED)
{
	return (int64_t)lambda_pool_size();
}

/* What a function had when the emulator stopped is there for the next one, and was no
 * attempt; a kill leaves it as taken, which the start gives back. */
START_TEST(cut_off_messages_are_kept)
{
	struct cloud c;
	char *state;

	world_open(&c, NULL);
	make_function(&c, ",\"Timeout\":60");
	start_mapping(&c, MAKE("600"), MAP(""));
	send_one(&c, SEND("sleep"));
	ck_assert(comes_to(&c, receives, 1) && comes_to(&c, at_work, 1));
	state = world_stop(&c);
	cloud_open(&c, state);
	ck_assert_int_eq(receives(&c), 0);
	ck_assert_int_eq(store_begin(c.emu.store, NULL), 0);
	ck_assert_int_eq(store_exec(c.emu.store, NULL,
				    "UPDATE sqs_messages SET received = 1, taken = 1,"
				    " visible_ms = ?",
				    "i", clock_now_ms() + 600000),
			 1);
	ck_assert_int_eq(store_commit(c.emu.store, NULL), 0);
	ck_assert_int_eq(service_sqs.start(&c.emu, NULL), 0);
	ck_assert_int_eq(receives(&c), 0);
	cloud_close(&c);
}
END_TEST

START_TEST(mappings_end_and_change)
{
	FP_AUTO(json_freep) cJSON *list = NULL;
	FP_AUTO(freep) char *change = NULL;
	const char *uuid;
	struct cloud c;

	world_open(&c, NULL);
	make_function(&c, "");
	start_mapping(&c, MAKE("600"), MAP(""));
	list = call_json(&c, "lambda", "ListEventSourceMappings", "{}");
	uuid = json_str(cJSON_GetArrayItem(json_get(list, "EventSourceMappings"), 0),
			"UUID", "");
	change = xasprintf("{\"UUID\":\"%s\",\"Enabled\":false,\"BatchSize\":3}", uuid);
	cJSON_Delete(call_json(&c, "lambda", "UpdateEventSourceMapping", change));
	ck_assert_int_eq(c.call.fault.status, 0);
	send_one(&c, SEND("waits"));
	clock_sleep_ms(50);
	ck_assert_int_eq(left_in(&c), 1);
	free(change);
	change = xasprintf("{\"UUID\":\"%s\",\"Enabled\":true}", uuid);
	cJSON_Delete(call_json(&c, "lambda", "UpdateEventSourceMapping", change));
	ck_assert(comes_to(&c, left_in, 0));
	cJSON_Delete(call_json(&c, "lambda", "DeleteEventSourceMapping", change));
	ck_assert_int_eq(c.call.fault.status, 0);
	send_one(&c, SEND("stays"));
	clock_sleep_ms(50);
	ck_assert_int_eq(left_in(&c), 1);
	world_close(&c);
}
END_TEST

static int64_t visible_in(struct cloud *c)
{
	FP_AUTO(json_freep)
	cJSON *out = call_json(c, "sqs", "GetQueueAttributes",
			       "{\"QueueUrl\":\"q\",\"AttributeNames\":[\"All\"]}");

	return json_int(out, "Attributes.ApproximateNumberOfMessages", 0);
}

/* What a mapping gathers is there again as soon as it ends: not when the window does. */
START_TEST(a_mapping_ends_amid_its_window)
{
	FP_AUTO(json_freep) cJSON *list = NULL;
	FP_AUTO(freep) char *change = NULL;
	struct cloud c;

	world_open(&c, NULL);
	make_function(&c, "");
	start_mapping(&c, MAKE("600"),
		      MAP(",\"BatchSize\":100,\"MaximumBatchingWindowInSeconds\":300"));
	send_one(&c, SEND("waits"));
	ck_assert(comes_to(&c, visible_in, 0));
	list = call_json(&c, "lambda", "ListEventSourceMappings", "{}");
	change = xasprintf(
		"{\"UUID\":\"%s\",\"Enabled\":false}",
		json_str(json_get(list, "EventSourceMappings")->child, "UUID", ""));
	cJSON_Delete(call_json(&c, "lambda", "UpdateEventSourceMapping", change));
	ck_assert(comes_to(&c, visible_in, 1));
	ck_assert_int_eq(receives(&c), 0);
	world_close(&c);
}
END_TEST

START_TEST(mapping_as_a_resource)
{
	const struct resource_type *t = find_type("AWS::Lambda::EventSourceMapping");
	FP_AUTO(json_freep) cJSON *before = cJSON_Parse(MAP(",\"BatchSize\":5" PARTIAL));
	FP_AUTO(json_freep) cJSON *after = cJSON_Parse(MAP(",\"Enabled\":false"));
	FP_AUTO(json_freep) cJSON *got = NULL;
	FP_AUTO(freep) char *by_uuid = NULL;
	struct resource out = { NULL, NULL }, twice = { NULL, NULL };
	struct resource_request r;
	struct cloud c;

	world_open(&c, NULL);
	make_function(&c, "");
	cJSON_Delete(call_json(&c, "sqs", "CreateQueue", MAKE("600")));
	r = request_for(&c, before, NULL);
	ck_assert_msg(t->create(&r, &out) == 0, "%s", c.call.fault.message);
	/* A create that was cut off is made again. */
	ck_assert_msg(t->create(&r, &twice) == 0, "%s", c.call.fault.message);
	ck_assert_str_eq(out.physical_id, twice.physical_id);
	ck_assert_str_eq(json_str(out.attributes, "Id", ""), out.physical_id);
	ck_assert(strstr(json_str(out.attributes, "EventSourceMappingArn", ""),
			 ":event-source-mapping:"));
	r = request_for(&c, after, before);
	ck_assert_msg(t->update(&r, &out) == 0, "%s", c.call.fault.message);
	by_uuid = xasprintf("{\"UUID\":\"%s\"}", out.physical_id);
	got = call_json(&c, "lambda", "GetEventSourceMapping", by_uuid);
	ck_assert_int_eq(json_int(got, "BatchSize", 0), 10);
	ck_assert_str_eq(json_str(got, "State", ""), "Disabled");
	ck_assert_ptr_null(json_get(got, "FunctionResponseTypes")->child);
	r = request_for(&c, after, NULL);
	ck_assert_int_eq(t->remove(&r, &out), 0);
	ck_assert_int_eq(t->remove(&r, &out), 0);
	free(out.physical_id);
	free(twice.physical_id);
	cJSON_Delete(out.attributes);
	cJSON_Delete(twice.attributes);
	world_close(&c);
}
END_TEST

static Suite *mappings_suite(void)
{
	Suite *s = suite_create("lambda_mappings");
	TCase *tc = tcase_create("lambda_mappings");

	tcase_set_timeout(tc, 120);
	tcase_add_loop_test(tc, answers_are_understood, 0, ARRAY_SIZE(verdicts));
	tcase_add_test(tc, mappings_are_managed);
	tcase_add_test(tc, messages_reach_the_function);
	tcase_add_loop_test(tc, failed_messages_come_again, 0, ARRAY_SIZE(failing));
	tcase_add_test(tc, unreported_failures_delete_nothing_else);
	tcase_add_test(tc, cut_off_messages_are_kept);
	tcase_add_test(tc, mappings_end_and_change);
	tcase_add_test(tc, a_mapping_ends_amid_its_window);
	tcase_add_test(tc, mapping_as_a_resource);
	suite_add_tcase(s, tc);
	return s;
}

int main(int argc FP_UNUSED, char **argv)
{
	return lambda_world_main(argv, mappings_suite);
}
