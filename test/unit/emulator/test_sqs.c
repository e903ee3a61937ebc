#include "emulator/service.h"

extern const struct service service_sqs;
const struct service *const services[] = { &service_sqs, NULL };

#include <pthread.h>

#include "base/clock.h"
#include "base/digest.h"
#include "emulator/service/sqs.h"
#include "steps.h"

#define ARN(name) "arn:aws:sqs:us-east-1:000000000000:" name
#define NO_QUEUE  SQS_CODE "NonExistentQueue"
#define ATTRIBUTE(name, value) \
	"{\"QueueUrl\":\"q\",\"Attributes\":{\"" name "\":\"" value "\"}}"
#define REDRIVE(target, n)                                 \
	ATTRIBUTE("RedrivePolicy",                         \
		  "{\\\"deadLetterTargetArn\\\":\\\"" ARN( \
			  target) "\\\",\\\"maxReceiveCount\\\":" n "}")
#define ALL "{\"QueueUrl\":\"q\",\"AttributeNames\":[\"All\"]}"

static const struct step queues[] = {
	{ "GetQueueUrl", "{\"QueueName\":\"q\"}", NO_QUEUE, NULL, NULL },
	{ "CreateQueue", "{}", "MissingParameter", NULL, NULL },
	{ "CreateQueue", "{\"QueueName\":\"a b\"}", "InvalidParameterValue", NULL, NULL },
	{ "CreateQueue", "{\"QueueName\":\"a.fifo\"}", "NotImplemented", NULL, NULL },
	{ "CreateQueue",
	  "{\"QueueName\":\"q\",\"Attributes\":{\"VisibilityTimeout\":\"43201\"}}",
	  "InvalidAttributeValue", NULL, NULL },
	{ "GetQueueUrl", "{\"QueueName\":\"q\"}", NO_QUEUE, NULL, NULL },
	{ "CreateQueue",
	  "{\"QueueName\":\"q\",\"Attributes\":{\"VisibilityTimeout\":\"5\"},"
	  "\"tags\":{\"a\":\"b\"}}",
	  NULL, "QueueUrl", "http://127.0.0.1:4566/000000000000/q" },
	{ "CreateQueue", "{\"QueueName\":\"q\"}", NULL, "QueueUrl",
	  "http://127.0.0.1:4566/000000000000/q" },
	{ "CreateQueue",
	  "{\"QueueName\":\"q\",\"Attributes\":{\"VisibilityTimeout\":\"5\"}}", NULL,
	  NULL, NULL },
	{ "CreateQueue",
	  "{\"QueueName\":\"q\",\"Attributes\":{\"VisibilityTimeout\":\"6\"}}",
	  "QueueAlreadyExists", NULL, NULL },
	{ "CreateQueue", "{\"QueueName\":\"r\"}", NULL, NULL, NULL },
	{ "ListQueues", "{\"MaxResults\":1}", NULL, "NextToken", "q" },
	{ "ListQueues", "{\"NextToken\":\"q\"}", NULL, "QueueUrls/0",
	  "http://127.0.0.1:4566/000000000000/r" },
	{ "ListQueues", "{\"QueueNamePrefix\":\"r\"}", NULL, "QueueUrls/1", NULL },
	{ "GetQueueUrl", "{\"QueueName\":\"q\",\"QueueOwnerAWSAccountId\":\"1\"}",
	  NO_QUEUE, NULL, NULL },
	/* The emulator's port may have been another one. */
	{ "GetQueueAttributes",
	  "{\"QueueUrl\":\"http://localhost:1/000000000000/q\",\"AttributeNames\":["
	  "\"QueueArn\"]}",
	  NULL, "Attributes/QueueArn", ARN("q") },
	{ "GetQueueAttributes",
	  "{\"QueueUrl\":\"http://localhost:1/111111111111/q\",\"AttributeNames\":["
	  "\"QueueArn\"]}",
	  NO_QUEUE, NULL, NULL },
	{ "GetQueueAttributes", ALL, NULL, "Attributes/VisibilityTimeout", "5" },
	{ "GetQueueAttributes", ALL, NULL, "Attributes/MaximumMessageSize", "1048576" },
	{ "GetQueueAttributes", ALL, NULL, "Attributes/RedrivePolicy", NULL },
	{ "GetQueueAttributes", "{\"QueueUrl\":\"q\"}", NULL, "Attributes", NULL },
	{ "GetQueueAttributes", "{\"QueueUrl\":\"q\",\"AttributeNames\":[\"x\"]}",
	  "InvalidAttributeName", NULL, NULL },
	{ "SetQueueAttributes", ATTRIBUTE("x", "y"), "InvalidAttributeName", NULL, NULL },
	{ "SetQueueAttributes", ATTRIBUTE("FifoQueue", "true"), "NotImplemented", NULL,
	  NULL },
	{ "SetQueueAttributes", ATTRIBUTE("Policy", "{"), "InvalidAttributeValue", NULL,
	  NULL },
	{ "SetQueueAttributes", ATTRIBUTE("DelaySeconds", "1x"), "InvalidAttributeValue",
	  NULL, NULL },
	{ "SetQueueAttributes", REDRIVE("none", "3"), "InvalidParameterValue", NULL,
	  NULL },
	{ "SetQueueAttributes", REDRIVE("q", "3"), "InvalidParameterValue", NULL, NULL },
	{ "SetQueueAttributes", REDRIVE("r", "1001"), "InvalidParameterValue", NULL,
	  NULL },
	{ "SetQueueAttributes", ATTRIBUTE("RedrivePolicy", "{}"), "InvalidParameterValue",
	  NULL, NULL },
	{ "SetQueueAttributes", REDRIVE("r", "3"), NULL, NULL, NULL },
	{ "ListDeadLetterSourceQueues", "{\"QueueUrl\":\"r\"}", NULL, "queueUrls/0",
	  "http://127.0.0.1:4566/000000000000/q" },
	{ "SetQueueAttributes",
	  "{\"QueueUrl\":\"r\",\"Attributes\":{\"RedriveAllowPolicy\":"
	  "\"{\\\"redrivePermission\\\":\\\"byQueue\\\"}\"}}",
	  "InvalidParameterValue", NULL, NULL },
	{ "SetQueueAttributes",
	  "{\"QueueUrl\":\"r\",\"Attributes\":{\"RedriveAllowPolicy\":"
	  "\"{\\\"redrivePermission\\\":\\\"denyAll\\\"}\"}}",
	  NULL, NULL, NULL },
	{ "SetQueueAttributes", REDRIVE("r", "4"), "InvalidParameterValue", NULL, NULL },
	{ "SetQueueAttributes",
	  "{\"QueueUrl\":\"r\",\"Attributes\":{\"RedriveAllowPolicy\":"
	  "\"{\\\"redrivePermission\\\":\\\"byQueue\\\",\\\"sourceQueueArns\\\":["
	  "\\\"" ARN("q") "\\\"]}\"}}",
	  NULL, NULL, NULL },
	{ "SetQueueAttributes", REDRIVE("r", "4"), NULL, NULL, NULL },
	{ "SetQueueAttributes", ATTRIBUTE("KmsMasterKeyId", "alias/aws/sqs"), NULL, NULL,
	  NULL },
	{ "GetQueueAttributes", ALL, NULL, "Attributes/SqsManagedSseEnabled", "false" },
	{ "SetQueueAttributes", ATTRIBUTE("SqsManagedSseEnabled", "true"), NULL, NULL,
	  NULL },
	{ "GetQueueAttributes", ALL, NULL, "Attributes/KmsMasterKeyId", NULL },
	{ "ListQueueTags", "{\"QueueUrl\":\"q\"}", NULL, "Tags/a", "b" },
	{ "TagQueue", "{\"QueueUrl\":\"q\",\"Tags\":{\"c\":\"d\"}}", NULL, NULL, NULL },
	{ "UntagQueue", "{\"QueueUrl\":\"q\",\"TagKeys\":[\"a\"]}", NULL, NULL, NULL },
	{ "ListQueueTags", "{\"QueueUrl\":\"q\"}", NULL, "Tags", "{\"c\":\"d\"}" },
	/* Lists where maps belong. */
	{ "CreateQueue",
	  "{\"QueueName\":\"s\",\"Attributes\":[{\"a\":\"b\"}],\"tags\":[\"a\"]}", NULL,
	  NULL, NULL },
	{ "SetQueueAttributes", "{\"QueueUrl\":\"s\",\"Attributes\":[\"a\",{}]}", NULL,
	  NULL, NULL },
	{ "TagQueue", "{\"QueueUrl\":\"s\",\"Tags\":[\"a\"]}", NULL, NULL, NULL },
	{ "TagQueue", "{\"QueueUrl\":\"s\",\"Tags\":{\"a\":\"b\"}}", NULL, NULL, NULL },
	{ "ListQueueTags", "{\"QueueUrl\":\"s\"}", NULL, "Tags", "{\"a\":\"b\"}" },
	{ "DeleteQueue", "{\"QueueUrl\":\"q\"}", NULL, NULL, NULL },
	{ "DeleteQueue", "{\"QueueUrl\":\"q\"}", NO_QUEUE, NULL, NULL },
};

START_TEST(queues_are_managed)
{
	struct cloud c;

	cloud_open(&c, NULL);
	run_steps(&c, "sqs", queues, ARRAY_SIZE(queues));
	cloud_close(&c);
}
END_TEST

#define SEND(more) "{\"QueueUrl\":\"q\",\"MessageBody\":\"hi\"" more "}"
#define WITH(name, type, kind, value)                                                  \
	SEND(",\"MessageAttributes\":{\"" name "\":{\"DataType\":\"" type "\",\"" kind \
	     "\":\"" value "\"}}")
#define BATCH(entries) "{\"QueueUrl\":\"q\",\"Entries\":[" entries "]}"

static const struct step messages[] = {
	{ "SendMessage", SEND(""), NO_QUEUE, NULL, NULL },
	{ "CreateQueue",
	  "{\"QueueName\":\"q\",\"Attributes\":{\"MaximumMessageSize\":\"1024\"}}", NULL,
	  NULL, NULL },
	{ "ReceiveMessage", "{\"QueueUrl\":\"q\"}", NULL, "Messages", NULL },
	{ "SendMessage", "{\"QueueUrl\":\"q\"}", "MissingParameter", NULL, NULL },
	{ "SendMessage", "{\"QueueUrl\":\"q\",\"MessageBody\":\"\\u0001\"}",
	  "InvalidMessageContents", NULL, NULL },
	{ "SendMessage", "{\"QueueUrl\":\"q\",\"MessageBody\":\"\\uffff\"}",
	  "InvalidMessageContents", NULL, NULL },
	{ "SendMessage", SEND(",\"DelaySeconds\":901"), "InvalidParameterValue", NULL,
	  NULL },
	{ "SendMessage", SEND(",\"MessageDeduplicationId\":\"1\""),
	  "InvalidParameterValue", NULL, NULL },
	{ "SendMessage", WITH("a..b", "String", "StringValue", "x"),
	  "InvalidParameterValue", NULL, NULL },
	{ "SendMessage", WITH("AWS.a", "String", "StringValue", "x"),
	  "InvalidParameterValue", NULL, NULL },
	{ "SendMessage", SEND(",\"MessageGroupId\":\"a b\""), "InvalidParameterValue",
	  NULL, NULL },
	{ "SendMessage", WITH("a", "Text", "StringValue", "x"), "InvalidParameterValue",
	  NULL, NULL },
	{ "SendMessage", WITH("a", "String", "StringValue", ""), "InvalidParameterValue",
	  NULL, NULL },
	{ "SendMessage", WITH("a", "Number", "StringValue", "x"), "InvalidParameterValue",
	  NULL, NULL },
	{ "SendMessage", WITH("a", "Number", "StringValue", "0x1"),
	  "InvalidParameterValue", NULL, NULL },
	{ "SendMessage", SEND(",\"MessageAttributes\":[{\"DataType\":\"String\"}]"),
	  "SerializationException", NULL, NULL },
	{ "SendMessage", WITH("a", "Binary", "BinaryValue", "*"), "InvalidParameterValue",
	  NULL, NULL },
	{ "SendMessage",
	  SEND(",\"MessageSystemAttributes\":{\"X\":{\"DataType\":\"String\","
	       "\"StringValue\":\"x\"}}"),
	  "InvalidParameterValue", NULL, NULL },
	{ "SendMessage", WITH("a", "String", "StringValue", "v"), NULL,
	  "MD5OfMessageAttributes", "a18cbb58171ebf4ce88d9fb787f9210b" },
	{ "ReceiveMessage",
	  "{\"QueueUrl\":\"q\",\"VisibilityTimeout\":0,\"MessageAttributeNames\":[\"b.*"
	  "\"]}",
	  NULL, "Messages/0/MessageAttributes", NULL },
	{ "ReceiveMessage",
	  "{\"QueueUrl\":\"q\",\"VisibilityTimeout\":0,\"MessageAttributeNames\":[\"a\"],"
	  "\"AttributeNames\":[\"ApproximateReceiveCount\"]}",
	  NULL, "Messages/0/Attributes/ApproximateReceiveCount", "2" },
	{ "ReceiveMessage", "{\"QueueUrl\":\"q\",\"MessageAttributeNames\":[\"All\"]}",
	  NULL, "Messages/0/MessageAttributes/a/StringValue", "v" },
	{ "ReceiveMessage", "{\"QueueUrl\":\"q\"}", NULL, "Messages", NULL },
	{ "ReceiveMessage", "{\"QueueUrl\":\"q\",\"MaxNumberOfMessages\":11}",
	  "InvalidParameterValue", NULL, NULL },
	{ "ReceiveMessage", "{\"QueueUrl\":\"q\",\"WaitTimeSeconds\":21}",
	  "InvalidParameterValue", NULL, NULL },
	{ "ReceiveMessage", "{\"QueueUrl\":\"q\",\"AttributeNames\":[\"x\"]}",
	  "InvalidAttributeName", NULL, NULL },
	{ "GetQueueAttributes", ALL, NULL,
	  "Attributes/ApproximateNumberOfMessagesNotVisible", "1" },
	{ "SendMessage", SEND(",\"DelaySeconds\":900"), NULL, NULL, NULL },
	{ "GetQueueAttributes", ALL, NULL,
	  "Attributes/ApproximateNumberOfMessagesDelayed", "1" },
	{ "PurgeQueue", "{\"QueueUrl\":\"q\"}", NULL, NULL, NULL },
	{ "GetQueueAttributes", ALL, NULL,
	  "Attributes/ApproximateNumberOfMessagesDelayed", "0" },
	{ "DeleteMessage", "{\"QueueUrl\":\"q\",\"ReceiptHandle\":\"x\"}",
	  "ReceiptHandleIsInvalid", NULL, NULL },
	{ "PurgeQueue", "{\"QueueUrl\":\"q\"}", NULL, NULL, NULL },
	{ "SendMessage", SEND(",\"MessageGroupId\":\"tenant-1\""), NULL, NULL, NULL },
	{ "ReceiveMessage", "{\"QueueUrl\":\"q\",\"AttributeNames\":[\"All\"]}", NULL,
	  "Messages/0/Attributes/MessageGroupId", "tenant-1" },
	{ "PurgeQueue", "{\"QueueUrl\":\"q\"}", NULL, NULL, NULL },
	{ "SendMessageBatch", BATCH(""), SQS_CODE "EmptyBatchRequest", NULL, NULL },
	{ "SendMessageBatch", BATCH("{\"Id\":\"a b\",\"MessageBody\":\"x\"}"),
	  SQS_CODE "InvalidBatchEntryId", NULL, NULL },
	{ "SendMessageBatch",
	  BATCH("{\"Id\":\"a\",\"MessageBody\":\"x\"},{\"Id\":\"a\",\"MessageBody\":"
		"\"y\"}"),
	  SQS_CODE "BatchEntryIdsNotDistinct", NULL, NULL },
	{ "SendMessageBatch",
	  BATCH("{\"Id\":\"a\",\"MessageBody\":\"x\"},{\"Id\":\"b\"}"), NULL,
	  "Failed/0/Code", "MissingParameter" },
	{ "SendMessageBatch", BATCH("{\"Id\":\"c\",\"MessageBody\":\"abc\"}"), NULL,
	  "Successful/0/MD5OfMessageBody", "900150983cd24fb0d6963f7d28e17f72" },
	{ "GetQueueAttributes", ALL, NULL, "Attributes/ApproximateNumberOfMessages",
	  "2" },
};

START_TEST(messages_are_sent_and_received)
{
	struct cloud c;

	cloud_open(&c, NULL);
	run_steps(&c, "sqs", messages, ARRAY_SIZE(messages));
	cloud_close(&c);
}
END_TEST

/* Ten times 102 KiB are a batch, but not with their attributes. */
START_TEST(attributes_count_in_a_batch)
{
	FP_AUTO(buf_release) struct buf entries = BUF_INIT;
	FP_AUTO(freep) char *body = xcalloc(1, 102 * 1024 + 1);
	FP_AUTO(freep) char *in = NULL;
	struct cloud c;

	memset(body, 'x', 102 * 1024);
	for (int k = 0; k < 10; k++)
		buf_printf(
			&entries,
			"%s{\"Id\":\"%d\",\"MessageBody\":\"%s\",\"MessageAttributes\":{"
			"\"a\":{\"DataType\":\"String\",\"StringValue\":\"%.500s\"},"
			"\"b\":{\"DataType\":\"String\",\"StringValue\":\"%s\"}}}",
			k ? "," : "", k, body, body, k ? "x" : body);
	in = xasprintf("{\"QueueUrl\":\"q\",\"Entries\":[%s]}", buf_str(&entries));
	cloud_open(&c, NULL);
	cJSON_Delete(call_json(&c, "sqs", "CreateQueue", "{\"QueueName\":\"q\"}"));
	cJSON_Delete(call_json(&c, "sqs", "SendMessageBatch", in));
	ck_assert_str_eq(c.call.fault.code, SQS_CODE "BatchRequestTooLong");
	cloud_close(&c);
}
END_TEST

START_TEST(digests_are_those_of_clients)
{
	FP_AUTO(json_freep)
	cJSON *attributes = cJSON_Parse(
		"{\"n\":{\"DataType\":\"Number\",\"StringValue\":\"1\"},"
		"\"b\":{\"DataType\":\"Binary\",\"BinaryValue\":\"AAE=\"},"
		"\"s\":{\"DataType\":\"String\",\"StringValue\":\"x\"}}");
	char md5[33];

	/* Computed by another program, by the rule in the Developer Guide. */
	sqs_md5_attributes(md5, attributes);
	ck_assert_str_eq(md5, "e8fd96fba13158785b45408c35002cc8");
	sqs_md5_attributes(md5, NULL);
	ck_assert_str_eq(md5, "");
}
END_TEST

/* The receipt handle of one received message, owned by the caller; NULL: none. */
static char *receive(struct cloud *c, const char *in)
{
	FP_AUTO(json_freep) cJSON *out = call_json(c, "sqs", "ReceiveMessage", in);
	const cJSON *m = cJSON_GetArrayItem(json_get(out, "Messages"), 0);

	ck_assert_msg(!c->call.fault.status, "%s", c->call.fault.message);
	return m ? xstrdup(json_str(m, "ReceiptHandle", "")) : NULL;
}

static void with_handle(struct cloud *c, const char *action, const char *handle,
			const char *more, const char *fault)
{
	FP_AUTO(freep)
	char *in = xasprintf("{\"QueueUrl\":\"q\",\"ReceiptHandle\":\"%s\"%s}", handle,
			     more);

	cJSON_Delete(call_json(c, "sqs", action, in));
	ck_assert_str_eq(c->call.fault.code, fault);
}

static void make_queue(struct cloud *c, const char *in)
{
	cJSON_Delete(call_json(c, "sqs", "CreateQueue", in));
	ck_assert_msg(!c->call.fault.status, "%s", c->call.fault.message);
}

static void expect_count(struct cloud *c, const char *which, const char *n)
{
	FP_AUTO(freep) char *path = xasprintf("Attributes/ApproximateNumberOf%s", which);
	struct step s = { "GetQueueAttributes", ALL, NULL, path, n };

	run_steps(c, "sqs", &s, 1);
}

START_TEST(handles_are_of_one_receive)
{
	FP_AUTO(freep) char *old = NULL, *new = NULL, *gone = NULL;
	struct cloud c;

	cloud_open(&c, NULL);
	make_queue(&c, "{\"QueueName\":\"q\"}");
	make_queue(&c, "{\"QueueName\":\"other\"}");
	cJSON_Delete(call_json(&c, "sqs", "SendMessage", SEND("")));
	old = receive(&c, "{\"QueueUrl\":\"q\"}");
	with_handle(&c, "ChangeMessageVisibility", old, "", "MissingParameter");
	with_handle(&c, "ChangeMessageVisibility", old, ",\"VisibilityTimeout\":-1",
		    "InvalidParameterValue");
	with_handle(&c, "ChangeMessageVisibility", old, ",\"VisibilityTimeout\":43201",
		    "InvalidParameterValue");
	with_handle(&c, "ChangeMessageVisibility", old, ",\"VisibilityTimeout\":0", "");
	/* It is nobody's now. */
	with_handle(&c, "ChangeMessageVisibility", old, ",\"VisibilityTimeout\":9",
		    SQS_CODE "MessageNotInflight");
	new = receive(&c, "{\"QueueUrl\":\"q\"}");
	ck_assert_str_ne(old, new);
	with_handle(&c, "DeleteMessage", old, "", "");
	expect_count(&c, "MessagesNotVisible", "1");
	with_handle(&c, "DeleteMessage", new, ",\"QueueUrl\":\"q\"", "");
	expect_count(&c, "MessagesNotVisible", "0");
	with_handle(&c, "DeleteMessage", new, "", "");
	gone = receive(&c, "{\"QueueUrl\":\"q\"}");
	ck_assert_ptr_null(gone);
	cloud_close(&c);
}
END_TEST

static void age(struct cloud *c, const char *column, int64_t ms)
{
	FP_AUTO(freep)
	char *sql = xasprintf("UPDATE sqs_messages SET %s = %s - ?", column, column);

	ck_assert_int_eq(store_begin(c->emu.store, NULL), 0);
	ck_assert_int_ge(store_exec(c->emu.store, NULL, sql, "i", ms), 0);
	ck_assert_int_eq(store_commit(c->emu.store, NULL), 0);
}

START_TEST(messages_go_to_the_dead_letter_queue)
{
	static const struct step redrive = { "SetQueueAttributes",
					     REDRIVE("letters", "2"), NULL, NULL, NULL };
	static const struct step letter = {
		"ReceiveMessage",
		"{\"QueueUrl\":\"letters\",\"AttributeNames\":[\"All\"]}", NULL,
		"Messages/0/Attributes/DeadLetterQueueSourceArn", ARN("q")
	};
	struct cloud c;

	cloud_open(&c, NULL);
	make_queue(&c, "{\"QueueName\":\"q\"}");
	make_queue(&c, "{\"QueueName\":\"letters\"}");
	run_steps(&c, "sqs", &redrive, 1);
	cJSON_Delete(call_json(&c, "sqs", "SendMessage", SEND("")));
	for (int k = 0; k < 3; k++) {
		FP_AUTO(freep) char *handle = receive(&c, "{\"QueueUrl\":\"q\"}");

		ck_assert_msg((handle != NULL) == (k < 2), "receive %d", k);
		age(&c, "visible_ms", 30000);
	}
	expect_count(&c, "Messages", "0");
	run_steps(&c, "sqs", &letter, 1);
	cloud_close(&c);
}
END_TEST

/* Without the dead-letter queue there is nowhere to go. */
START_TEST(a_lost_dead_letter_queue_loses_nothing)
{
	static const struct step redrive = { "SetQueueAttributes",
					     REDRIVE("letters", "1"), NULL, NULL, NULL };
	struct cloud c;

	cloud_open(&c, NULL);
	make_queue(&c, "{\"QueueName\":\"q\"}");
	make_queue(&c, "{\"QueueName\":\"letters\"}");
	run_steps(&c, "sqs", &redrive, 1);
	cJSON_Delete(call_json(&c, "sqs", "DeleteQueue", "{\"QueueUrl\":\"letters\"}"));
	cJSON_Delete(call_json(&c, "sqs", "SendMessage", SEND("")));
	for (int k = 0; k < 3; k++) {
		FP_AUTO(freep) char *handle = receive(&c, "{\"QueueUrl\":\"q\"}");

		ck_assert_ptr_nonnull(handle);
		age(&c, "visible_ms", 30000);
	}
	cloud_close(&c);
}
END_TEST

START_TEST(old_messages_are_forgotten)
{
	FP_AUTO(freep) char *handle = NULL;
	struct cloud c;

	cloud_open(&c, NULL);
	make_queue(&c, "{\"QueueName\":\"q\",\"Attributes\":{"
		       "\"MessageRetentionPeriod\":\"60\"}}");
	cJSON_Delete(call_json(&c, "sqs", "SendMessage", SEND("")));
	age(&c, "sent_ms", 60000);
	expect_count(&c, "Messages", "0");
	handle = receive(&c, "{\"QueueUrl\":\"q\"}");
	ck_assert_ptr_null(handle);
	cloud_close(&c);
}
END_TEST

struct sender {
	struct cloud c;
	const char *action, *in;
};

static void *send_later(void *arg)
{
	struct sender *s = arg;

	clock_sleep_ms(50);
	cJSON_Delete(call_json(&s->c, "sqs", s->action, s->in));
	return NULL;
}

#define WAITING "{\"QueueUrl\":\"q\",\"WaitTimeSeconds\":20}"

/* Long polling ends with the message, not with the time; a delayed one wakes, too. */
static const struct {
	const char *action, *in;
	const char *fault; /* of who waits */
} wakers[] = {
	{ "SendMessage", SEND(""), "" },
	{ "SendMessage", SEND(",\"DelaySeconds\":1"), "" },
	{ "SendMessageBatch", BATCH("{\"Id\":\"a\",\"MessageBody\":\"x\"}"), "" },
	{ "FpctlSend", "{\"QueueArn\":\"" ARN("q") "\",\"MessageBody\":\"x\"}", "" },
	{ "DeleteQueue", "{\"QueueUrl\":\"q\"}", NO_QUEUE },
};

START_TEST(who_waits_is_woken)
{
	int64_t begun = clock_monotonic_ms();
	FP_AUTO(json_freep) cJSON *out = NULL;
	struct sender s;
	pthread_t thread;
	struct cloud c;

	cloud_open(&c, NULL);
	make_queue(&c, "{\"QueueName\":\"q\"}");
	s = (struct sender){ c, wakers[_i].action, wakers[_i].in };
	ck_assert_int_eq(pthread_create(&thread, NULL, send_later, &s), 0);
	out = call_json(&c, "sqs", "ReceiveMessage", WAITING);
	ck_assert_str_eq(c.call.fault.code, wakers[_i].fault);
	ck_assert_int_eq(cJSON_GetArraySize(json_get(out, "Messages")),
			 !*wakers[_i].fault);
	ck_assert_int_lt(clock_monotonic_ms() - begun, 15000);
	(void)pthread_join(thread, NULL);
	cloud_close(&c);
}
END_TEST

static void *stop_later(void *arg FP_UNUSED)
{
	clock_sleep_ms(50);
	sqs_wait_stop();
	return NULL;
}

START_TEST(who_waits_gives_up_when_the_service_stops)
{
	int64_t begun = clock_monotonic_ms();
	FP_AUTO(freep) char *none = NULL;
	pthread_t thread;
	struct cloud c;

	cloud_open(&c, NULL);
	make_queue(&c, "{\"QueueName\":\"q\"}");
	ck_assert_int_eq(pthread_create(&thread, NULL, stop_later, NULL), 0);
	none = receive(&c, WAITING);
	ck_assert_ptr_null(none);
	ck_assert_int_lt(clock_monotonic_ms() - begun, 15000);
	(void)pthread_join(thread, NULL);
	cloud_close(&c);
}
END_TEST

static const struct {
	const char *action, *in, *json;
} requests[] = {
	{ "CreateQueue",
	  "{\"QueueName\":\"q\",\"Attribute\":[{\"Name\":\"DelaySeconds\",\"Value\":"
	  "\"1\"}],"
	  "\"Tag\":[{\"Key\":\"a\",\"Value\":\"b\"}]}",
	  "{\"QueueName\":\"q\",\"Attributes\":{\"DelaySeconds\":\"1\"},\"Tags\":{\"a\":"
	  "\"b\"}}" },
	{ "GetQueueAttributes", "{\"AttributeName\":[\"All\"]}",
	  "{\"AttributeNames\":[\"All\"]}" },
	{ "GetQueueAttributes", "{\"AttributeName\":\"All\"}",
	  "{\"AttributeNames\":[\"All\"]}" },
	{ "GetQueueAttributes", "{\"AttributeName\":\"\"}", "{\"AttributeNames\":[]}" },
	{ "SendMessageBatch",
	  "{\"SendMessageBatchRequestEntry\":[{\"Id\":\"1\",\"MessageAttribute\":[{"
	  "\"Name\":"
	  "\"n\",\"Value\":{\"DataType\":\"String\"}}]}]}",
	  "{\"Entries\":[{\"Id\":\"1\",\"MessageAttributes\":{\"n\":{\"DataType\":"
	  "\"String\"}"
	  "}}]}" },
	{ "UntagQueue", "{\"TagKey\":[\"a\"]}", "{\"TagKeys\":[\"a\"]}" },
	/* What is of another shape than it should be. */
	{ "TagQueue", "{\"Tag\":\"x\"}", "{\"Tags\":{}}" },
	{ "TagQueue", "{\"Tag\":[\"x\",{\"Value\":\"y\"}]}", "{\"Tags\":{}}" },
	{ "DeleteMessageBatch", "{\"DeleteMessageBatchRequestEntry\":[\"x\"]}",
	  "{\"Entries\":[\"x\"]}" },
};

START_TEST(query_is_read)
{
	FP_AUTO(json_freep) cJSON *in = cJSON_Parse(requests[_i].in);
	FP_AUTO(freep) char *got = NULL;

	sqs_from_query(requests[_i].action, in);
	got = json_text(in);
	ck_assert_str_eq(got, requests[_i].json);
}
END_TEST

static const struct {
	const char *action, *out, *flat;
} answers[] = {
	{ "ListQueues", "{\"QueueUrls\":[\"a\",\"b\"]}",
	  "{\"QueueUrl\":\"a\",\"QueueUrl\":\"b\"}" },
	{ "ListQueues", "{\"QueueUrls\":[]}", "{}" },
	{ "GetQueueAttributes", "{\"Attributes\":{\"x\":\"1\",\"y\":\"2\"}}",
	  "{\"Attribute\":{\"Name\":\"x\",\"Value\":\"1\"},\"Attribute\":{\"Name\":\"y\","
	  "\"Value\":\"2\"}}" },
	{ "ReceiveMessage",
	  "{\"Messages\":[{\"Body\":\"b\",\"Attributes\":{\"x\":\"1\"}}]}",
	  "{\"Message\":{\"Body\":\"b\",\"Attribute\":{\"Name\":\"x\",\"Value\":\"1\"}}"
	  "}" },
	{ "DeleteMessageBatch",
	  "{\"Successful\":[{\"Id\":\"1\"}],\"Failed\":[{\"Id\":\"2\"}]}",
	  "{\"DeleteMessageBatchResultEntry\":{\"Id\":\"1\"},\"BatchResultErrorEntry\":{"
	  "\"Id\":\"2\"}}" },
};

START_TEST(query_is_written)
{
	FP_AUTO(json_freep) cJSON *out = cJSON_Parse(answers[_i].out);
	FP_AUTO(freep) char *got = NULL;

	sqs_to_query(answers[_i].action, out);
	got = json_text(out);
	ck_assert_str_eq(got, answers[_i].flat);
}
END_TEST

static const struct {
	const char *policy;
	bool allowed;
} policies[] = {
	{ "", false },
	{ "{\\\"Statement\\\":{\\\"Effect\\\":\\\"Allow\\\",\\\"Principal\\\":{"
	  "\\\"Service\\\":"
	  "\\\"s3.amazonaws.com\\\"},\\\"Action\\\":\\\"sqs:SendMessage\\\"}}",
	  true },
	{ "{\\\"Statement\\\":{\\\"Effect\\\":\\\"Allow\\\",\\\"Principal\\\":{"
	  "\\\"Service\\\":"
	  "\\\"sns.amazonaws.com\\\"},\\\"Action\\\":\\\"sqs:SendMessage\\\"}}",
	  false },
};

START_TEST(policies_say_who_may_send)
{
	FP_AUTO(freep)
	char *set = xasprintf("{\"QueueUrl\":\"q\",\"Attributes\":{\"Policy\":\"%s\"}}",
			      policies[_i].policy);
	struct step steps[] = {
		{ "CreateQueue", "{\"QueueName\":\"q\"}", NULL, NULL, NULL },
		{ "SetQueueAttributes", set, NULL, NULL, NULL },
		{ "FpctlMaySend",
		  "{\"QueueArn\":\"" ARN("q") "\",\"Principal\":\"s3.amazonaws.com\","
					      "\"SourceArn\":\"arn:aws:s3:::b\"}",
		  NULL, "Allowed", policies[_i].allowed ? "true" : "false" },
		{ "FpctlMaySend", "{\"QueueArn\":\"x\"}", NO_QUEUE, NULL, NULL },
	};
	struct cloud c;

	cloud_open(&c, NULL);
	run_steps(&c, "sqs", steps, ARRAY_SIZE(steps));
	cloud_close(&c);
}
END_TEST

START_TEST(queue_as_a_resource)
{
	const struct resource_type *t = find_type("AWS::SQS::Queue");
	FP_AUTO(json_freep)
	cJSON *before = cJSON_Parse(
		"{\"QueueName\":\"q\",\"VisibilityTimeout\":60,"
		"\"RedrivePolicy\":{\"deadLetterTargetArn\":\"" ARN(
			"letters") "\",\"maxReceiveCount\":5},"
				   "\"Tags\":[{\"Key\":\"a\",\"Value\":\"b\"}]}");
	FP_AUTO(json_freep) cJSON *after = cJSON_Parse("{\"QueueName\":\"q\"}");
	FP_AUTO(json_freep) cJSON *fifo = cJSON_Parse("{\"FifoQueue\":true}");
	FP_AUTO(json_freep) cJSON *foreign = cJSON_Parse("{\"QueueName\":\"letters\"}");
	struct resource out = { NULL, NULL }, twice = { NULL, NULL };
	static const struct step made[] = {
		{ "GetQueueAttributes", ALL, NULL, "Attributes/RedrivePolicy",
		  "{\"deadLetterTargetArn\":\"" ARN("letters") "\",\"maxReceiveCount\":5}" },
		{ "ListQueueTags", "{\"QueueUrl\":\"q\"}", NULL, "Tags/a", "b" },
	}, changed[] = {
		{ "GetQueueAttributes", ALL, NULL, "Attributes/RedrivePolicy", NULL },
		{ "GetQueueAttributes", ALL, NULL, "Attributes/VisibilityTimeout", "30" },
		{ "ListQueueTags", "{\"QueueUrl\":\"q\"}", NULL, "Tags/a", NULL },
	};
	struct resource_request r;
	struct cloud c;

	cloud_open(&c, NULL);
	make_queue(&c, "{\"QueueName\":\"letters\"}");
	r = request_for(&c, fifo, NULL);
	ck_assert_int_eq(t->create(&r, &out), -1);
	ck_assert_str_eq(c.call.fault.code, "NotImplemented");
	r = request_for(&c, foreign, NULL);
	ck_assert_int_eq(t->create(&r, &out), -1);
	ck_assert_str_eq(c.call.fault.code, "AlreadyExists");
	r = request_for(&c, before, NULL);
	ck_assert_msg(t->create(&r, &out) == 0, "%s", c.call.fault.message);
	ck_assert_msg(t->create(&r, &twice) == 0, "%s", c.call.fault.message);
	ck_assert_str_eq(out.physical_id, "http://127.0.0.1:4566/000000000000/q");
	ck_assert_str_eq(json_str(out.attributes, "Arn", ""), ARN("q"));
	ck_assert_str_eq(json_str(out.attributes, "QueueName", ""), "q");
	run_steps(&c, "sqs", made, ARRAY_SIZE(made));
	r = request_for(&c, after, before);
	ck_assert_msg(t->update(&r, &out) == 0, "%s", c.call.fault.message);
	run_steps(&c, "sqs", changed, ARRAY_SIZE(changed));
	r = request_for(&c, after, NULL);
	ck_assert_int_eq(t->remove(&r, &out), 0);
	ck_assert_int_eq(t->remove(&r, &out), 0);
	free(out.physical_id);
	free(twice.physical_id);
	cJSON_Delete(out.attributes);
	cJSON_Delete(twice.attributes);
	cloud_close(&c);
}
END_TEST

START_TEST(policy_as_a_resource)
{
	const struct resource_type *t = find_type("AWS::SQS::QueuePolicy");
	FP_AUTO(json_freep)
	cJSON *before = cJSON_Parse("{\"Queues\":[\"http://h/000000000000/q\"],"
				    "\"PolicyDocument\":{\"Statement\":[]}}");
	FP_AUTO(json_freep)
	cJSON *after = cJSON_Parse("{\"Queues\":[\"http://h/000000000000/r\"],"
				   "\"PolicyDocument\":{\"Statement\":[]}}");
	static const struct step set = { "GetQueueAttributes", ALL, NULL,
					 "Attributes/Policy", "{\"Statement\":[]}" };
	static const struct step unset = { "GetQueueAttributes", ALL, NULL,
					   "Attributes/Policy", NULL };
	struct resource out = { NULL, NULL };
	struct resource_request r;
	struct cloud c;

	cloud_open(&c, NULL);
	r = request_for(&c, before, NULL);
	ck_assert_int_eq(t->create(&r, &out), -1);
	ck_assert_str_eq(c.call.fault.code, NO_QUEUE);
	make_queue(&c, "{\"QueueName\":\"q\"}");
	make_queue(&c, "{\"QueueName\":\"r\"}");
	r = request_for(&c, before, NULL);
	ck_assert_msg(t->create(&r, &out) == 0, "%s", c.call.fault.message);
	run_steps(&c, "sqs", &set, 1);
	r = request_for(&c, after, before);
	ck_assert_msg(t->update(&r, &out) == 0, "%s", c.call.fault.message);
	run_steps(&c, "sqs", &unset, 1);
	r = request_for(&c, after, NULL);
	ck_assert_int_eq(t->remove(&r, &out), 0);
	cJSON_Delete(call_json(&c, "sqs", "DeleteQueue", "{\"QueueUrl\":\"r\"}"));
	r = request_for(&c, after, NULL);
	ck_assert_int_eq(t->remove(&r, &out), 0);
	free(out.physical_id);
	cJSON_Delete(out.attributes);
	cloud_close(&c);
}
END_TEST

static Suite *sqs_suite(void)
{
	Suite *s = suite_create("sqs");
	TCase *tc = tcase_create("sqs");

	tcase_add_test(tc, queues_are_managed);
	tcase_add_test(tc, messages_are_sent_and_received);
	tcase_add_test(tc, attributes_count_in_a_batch);
	tcase_add_test(tc, digests_are_those_of_clients);
	tcase_add_test(tc, handles_are_of_one_receive);
	tcase_add_test(tc, messages_go_to_the_dead_letter_queue);
	tcase_add_test(tc, a_lost_dead_letter_queue_loses_nothing);
	tcase_add_test(tc, old_messages_are_forgotten);
	tcase_add_loop_test(tc, who_waits_is_woken, 0, ARRAY_SIZE(wakers));
	tcase_add_test(tc, who_waits_gives_up_when_the_service_stops);
	tcase_add_loop_test(tc, query_is_read, 0, ARRAY_SIZE(requests));
	tcase_add_loop_test(tc, query_is_written, 0, ARRAY_SIZE(answers));
	tcase_add_loop_test(tc, policies_say_who_may_send, 0, ARRAY_SIZE(policies));
	tcase_add_test(tc, queue_as_a_resource);
	tcase_add_test(tc, policy_as_a_resource);
	suite_add_tcase(s, tc);
	return s;
}

CHECK_MAIN(sqs_suite)
