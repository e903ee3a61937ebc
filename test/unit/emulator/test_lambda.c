#include "emulator/service.h"

extern const struct service service_lambda, service_logs, service_iam, service_sns,
	service_sqs;

#include "lambda_s3.h"

const struct service *const services[] = {
	&service_lambda, &service_logs, &service_iam, &service_sns,
	&service_sqs,	 &lambda_s3,	NULL
};

#include "lambda_world.h"

static cJSON *invoke(struct cloud *c, const char *event)
{
	FP_AUTO(json_freep) cJSON *in = cJSON_CreateObject();
	FP_AUTO(freep) char *text = NULL;

	json_set_str(in, "FunctionName", "f");
	json_set_str(in, "Payload", event);
	json_set_str(in, "LogType", "Tail");
	text = json_text(in);
	return call_json(c, "lambda", "Invoke", text);
}

static const struct {
	const char *name, *more, *event;
	bool failed;
	const char *payload, *tail; /* parts of them */
} invocations[] = {
	{ "echo", "", "{\"a\":1}", false, "{\"got\":{\"a\":1}}",
	  "event {\"a\":1}\nno end" },
	{ "logged", "", "1", false, "", "START RequestId: " },
	{ "reported", "", "1", false, "", "Memory Size: 128 MB\tMax Memory Used: " },
	{ "environment", ",\"Environment\":{\"Variables\":{\"GREETING\":\"hi\"}}",
	  "\"environment\"", false, "[\"f\",\"hi\",\"us-east-1\"", "" },
	{ "error", "", "\"fail\"", true,
	  "{\"errorMessage\":\"no\",\"errorType\":\"My.Error\"}", "END" },
	{ "crash", "", "\"crash\"", true, "Runtime exited with error: exit status 3",
	  "Runtime.ExitError" },
	{ "quiet end", "", "\"quit\"", true, "Runtime exited without providing a reason",
	  "" },
	{ "timeout", ",\"Timeout\":1", "\"sleep\"", true,
	  "Task timed out after 1.00 seconds", "Sandbox.Timedout" },
	{ "memory", ",\"Timeout\":20", "\"hog\"", true, "Runtime.OutOfMemory",
	  "over 128 MB" },
	{ "too large", "", "\"big\"", true, "Function.ResponseSizeTooLarge", "" },
	{ "init error", ",\"Environment\":{\"Variables\":{\"MODE\":\"init-error\"}}", "1",
	  true, "bad start", "START" },
	{ "init crash", ",\"Environment\":{\"Variables\":{\"MODE\":\"init-crash\"}}", "1",
	  true, "Runtime exited with error: exit status 7", "" },
};

START_TEST(invocation_ends_as_it_should)
{
	const __typeof__(invocations[0]) *d = &invocations[_i];
	FP_AUTO(buf_release) struct buf tail = BUF_INIT;
	FP_AUTO(json_freep) cJSON *out = NULL;
	const char *log;
	struct cloud c;

	world_open(&c, NULL);
	make_function(&c, d->more);
	out = invoke(&c, d->event);
	ck_assert_msg(!c.call.fault.status, "%s: %s", d->name, c.call.fault.message);
	ck_assert_msg((json_str(out, "FunctionError", NULL) != NULL) == d->failed,
		      "%s: %s", d->name, json_str(out, "Payload", ""));
	ck_assert_msg(strstr(json_str(out, "Payload", ""), d->payload) != NULL, "%s: %s",
		      d->name, json_str(out, "Payload", ""));
	log = json_str(out, "LogResult", "");
	ck_assert(base64_decode(&tail, log, strlen(log)));
	ck_assert_msg(strstr(buf_str(&tail), d->tail) != NULL, "%s: %s", d->name,
		      buf_str(&tail));
	/* Whatever it was, the next one is carried out; those that cannot start aside. */
	cJSON_Delete(out);
	out = invoke(&c, "2");
	if (!strstr(d->name, "init"))
		ck_assert_str_eq(json_str(out, "Payload", ""), "{\"got\":2}");
	world_close(&c);
}
END_TEST

/* The process id that answers. */
static long instance_pid(struct cloud *c)
{
	FP_AUTO(json_freep) cJSON *out = invoke(c, "\"environment\"");
	FP_AUTO(json_freep) cJSON *answer = cJSON_Parse(json_str(out, "Payload", "[]"));

	return (long)cJSON_GetNumberValue(cJSON_GetArrayItem(answer, 3));
}

START_TEST(instances_are_kept_until_the_function_changes)
{
	static const struct step change[] = {
		{ "UpdateFunctionConfiguration", "{\"FunctionName\":\"f\",\"Timeout\":9}",
		  NULL, "Timeout", "9" },
	};
	static const struct step tag[] = {
		{ "AddPermission",
		  "{\"FunctionName\":\"f\",\"StatementId\":\"s\",\"Action\":\"lambda:*\","
		  "\"Principal\":\"s3.amazonaws.com\"}",
		  NULL, NULL, NULL },
	};
	struct cloud c;
	long first;

	world_open(&c, NULL);
	make_function(&c, "");
	first = instance_pid(&c);
	ck_assert_int_gt(first, 0);
	ck_assert_int_eq(instance_pid(&c), first);
	run_steps(&c, "lambda", tag, 1);
	ck_assert_int_eq(instance_pid(&c), first);
	run_steps(&c, "lambda", change, 1);
	ck_assert_int_ne(instance_pid(&c), first);
	for (int k = 0; k < 100 && lambda_pool_size() > 1; k++)
		clock_sleep_ms(20);
	ck_assert_uint_eq(lambda_pool_size(), 1);
	world_close(&c);
}
END_TEST

static void *invoke_nap(void *arg)
{
	struct cloud *c = arg, own = *c;
	FP_AUTO(json_freep) cJSON *out = invoke(&own, "\"nap\"");

	return (void *)(uintptr_t)str_eq(json_str(out, "Payload", ""),
					 "{\"got\":\"nap\"}");
}

START_TEST(invocations_wait_for_an_instance)
{
	pthread_t threads[3 * LAMBDA_MAX_INSTANCES];
	void *good;
	struct cloud c;

	world_open(&c, NULL);
	make_function(&c, "");
	for (size_t k = 0; k < ARRAY_SIZE(threads); k++)
		ck_assert_int_eq(pthread_create(&threads[k], NULL, invoke_nap, &c), 0);
	for (size_t k = 0; k < ARRAY_SIZE(threads); k++) {
		(void)pthread_join(threads[k], &good);
		ck_assert(good != NULL);
	}
	ck_assert_uint_le(lambda_pool_size(), LAMBDA_MAX_INSTANCES);
	world_close(&c);
}
END_TEST

static int count_lines(struct cloud *c, const char *pattern)
{
	FP_AUTO(freep)
	char *in = xasprintf("{\"logGroupName\":\"/aws/lambda/f\","
			     "\"filterPattern\":\"%s\"}",
			     pattern);
	FP_AUTO(json_freep) cJSON *out = call_json(c, "logs", "FilterLogEvents", in);

	return cJSON_GetArraySize(json_get(out, "events"));
}

#define EVENT(payload)                                                                \
	"{\"FunctionName\":\"f\",\"InvocationType\":\"Event\",\"Payload\":\"" payload \
	"\"}"

START_TEST(events_are_retried_and_then_sent_on)
{
	static const struct step steps[] = {
		{ "PutFunctionEventInvokeConfig",
		  "{\"FunctionName\":\"f\",\"MaximumRetryAttempts\":1,"
		  "\"DestinationConfig\":"
		  "{\"OnFailure\":{\"Destination\":\"arn:aws:sns:us-east-1:000000000000:"
		  "t\"}}}",
		  NULL, NULL, NULL },
		{ "PutFunctionEventInvokeConfig",
		  "{\"FunctionName\":\"f\",\"MaximumRetryAttempts\":3}",
		  "InvalidParameterValueException", NULL, NULL },
		{ "Invoke", EVENT("\\\"fail\\\""), NULL, "StatusCode", "202" },
		{ "Invoke", EVENT("\\\"fine\\\""), NULL, "StatusCode", "202" },
		{ "Invoke", EVENT("broken"), "InvalidRequestContentException", NULL,
		  NULL },
	};
	FP_AUTO(json_freep) cJSON *out = NULL;
	struct fp_error err = { 0 };
	struct cloud c;

	world_open(&c, NULL);
	make_function(&c, "");
	cJSON_Delete(call_json(&c, "sns", "CreateTopic", "{\"Name\":\"t\"}"));
	ck_assert_int_eq(bus_start(c.emu.bus, &err), 0);
	run_steps(&c, "lambda", steps, ARRAY_SIZE(steps));
	ck_assert(bus_idle(c.emu.bus, 20000));
	out = call_json(&c, "sns", "FpctlListMessages", "{}");
	ck_assert_int_eq(cJSON_GetArraySize(json_get(out, "Messages")), 1);
	ck_assert(strstr(
		json_str(cJSON_GetArrayItem(json_get(out, "Messages"), 0), "Message", ""),
		"\"approximateInvokeCount\":2"));
	c.state = world_stop(&c);
	world_open(&c, c.state);
	ck_assert_int_eq(count_lines(&c, "event fail"), 2);
	ck_assert_int_eq(count_lines(&c, "event fine"), 1);
	world_close(&c);
}
END_TEST

/* As from a topic, or a bucket that was written to by a client, elsewhere. */
/* Who asks and waits is told at once that the reserved instances are busy. */
START_TEST(reserved_concurrency_throttles)
{
	static const struct step reserve = {
		"PutFunctionConcurrency",
		"{\"FunctionName\":\"f\",\"ReservedConcurrentExecutions\":1}", NULL, NULL,
		NULL
	};
	pthread_t thread;
	struct cloud c;
	void *good;

	world_open(&c, NULL);
	make_function(&c, "");
	run_steps(&c, "lambda", &reserve, 1);
	ck_assert_int_eq(pthread_create(&thread, NULL, invoke_nap, &c), 0);
	while (!lambda_pool_size())
		clock_sleep_ms(1);
	cJSON_Delete(invoke(&c, "1"));
	ck_assert_str_eq(c.call.fault.code, "TooManyRequestsException");
	(void)pthread_join(thread, &good);
	ck_assert(good != NULL);
	cJSON_Delete(invoke(&c, "1"));
	ck_assert_str_eq(c.call.fault.code, "");
	world_close(&c);
}
END_TEST

static cJSON *first_message(struct cloud *c, const char *queue)
{
	FP_AUTO(freep)
	char *in = xasprintf("{\"QueueUrl\":\"%s\",\"WaitTimeSeconds\":20,"
			     "\"MessageAttributeNames\":[\"All\"]}",
			     queue);
	FP_AUTO(json_freep) cJSON *out = call_json(c, "sqs", "ReceiveMessage", in);

	return cJSON_DetachItemFromArray(json_get(out, "Messages"), 0);
}

#define TO_QUEUE(name) "arn:aws:sqs:us-east-1:000000000000:" name

/* A destination gets a record of the event, a dead-letter queue the event itself. */
START_TEST(lost_events_reach_queues)
{
	static const struct step steps[] = {
		{ "PutFunctionEventInvokeConfig",
		  "{\"FunctionName\":\"f\",\"MaximumRetryAttempts\":0,"
		  "\"DestinationConfig\":{\"OnFailure\":{\"Destination\":"
		  "\"" TO_QUEUE("lost") "\"},\"OnSuccess\":{\"Destination\":"
					"\"" TO_QUEUE("done") "\"}}}",
		  NULL, NULL, NULL },
		{ "Invoke", EVENT("\\\"fail\\\""), NULL, "StatusCode", "202" },
		{ "Invoke", EVENT("\\\"fine\\\""), NULL, "StatusCode", "202" },
	};
	static const char *const queues[] = { "lost", "done", "letters" };
	FP_AUTO(json_freep) cJSON *lost = NULL;
	FP_AUTO(json_freep) cJSON *done = NULL;
	FP_AUTO(json_freep) cJSON *letter = NULL;
	struct cloud c;

	world_open(&c, NULL);
	for (size_t k = 0; k < ARRAY_SIZE(queues); k++) {
		FP_AUTO(freep) char *in = xasprintf("{\"QueueName\":\"%s\"}", queues[k]);

		cJSON_Delete(call_json(&c, "sqs", "CreateQueue", in));
	}
	make_function(
		&c, ",\"DeadLetterConfig\":{\"TargetArn\":\"" TO_QUEUE("letters") "\"}");
	ck_assert_int_eq(bus_start(c.emu.bus, NULL), 0);
	run_steps(&c, "lambda", steps, ARRAY_SIZE(steps));
	lost = first_message(&c, "lost");
	done = first_message(&c, "done");
	letter = first_message(&c, "letters");
	ck_assert(
		strstr(json_str(lost, "Body", ""), "\"condition\":\"RetriesExhausted\""));
	ck_assert(strstr(json_str(lost, "Body", ""), "\"requestPayload\":\"fail\""));
	ck_assert(strstr(json_str(done, "Body", ""), "\"condition\":\"Success\""));
	ck_assert_str_eq(json_str(letter, "Body", ""), "\"fail\"");
	ck_assert_str_eq(
		json_str(letter, "MessageAttributes.ErrorMessage.StringValue", ""), "no");
	world_close(&c);
}
END_TEST

/* Of a function that may not run at all, no event waits. */
START_TEST(no_event_waits_for_a_function_that_may_not_run)
{
	static const struct step steps[] = {
		{ "PutFunctionConcurrency",
		  "{\"FunctionName\":\"f\",\"ReservedConcurrentExecutions\":0}", NULL,
		  NULL, NULL },
		{ "Invoke", EVENT("1"), NULL, "StatusCode", "202" },
	};
	FP_AUTO(json_freep) cJSON *letter = NULL;
	struct cloud c;

	world_open(&c, NULL);
	cJSON_Delete(call_json(&c, "sqs", "CreateQueue", "{\"QueueName\":\"letters\"}"));
	make_function(
		&c, ",\"DeadLetterConfig\":{\"TargetArn\":\"" TO_QUEUE("letters") "\"}");
	ck_assert_int_eq(bus_start(c.emu.bus, NULL), 0);
	run_steps(&c, "lambda", steps, ARRAY_SIZE(steps));
	letter = first_message(&c, "letters");
	ck_assert_str_eq(json_str(letter, "Body", ""), "1");
	ck_assert_str_eq(json_str(letter, "MessageAttributes.ErrorCode.StringValue", ""),
			 "429");
	world_close(&c);
}
END_TEST

START_TEST(an_arn_reaches_another_region)
{
	static const struct step steps[] = {
		{ "Invoke", EVENT("\\\"plain\\\""), "ResourceNotFoundException", NULL,
		  NULL },
		{ "Invoke",
		  "{\"FunctionName\":\"arn:aws:lambda:us-east-1:000000000000:function:"
		  "f\","
		  "\"InvocationType\":\"Event\",\"Payload\":\"\\\"far\\\"\"}",
		  NULL, "StatusCode", "202" },
	};
	struct fp_error err = { 0 };
	struct cloud c;

	world_open(&c, NULL);
	make_function(&c, "");
	ck_assert_int_eq(bus_start(c.emu.bus, &err), 0);
	c.call.region = "eu-west-1";
	run_steps(&c, "lambda", steps, ARRAY_SIZE(steps));
	ck_assert(bus_idle(c.emu.bus, 20000));
	c.state = world_stop(&c);
	world_open(&c, c.state);
	ck_assert_int_eq(count_lines(&c, "event far"), 1);
	world_close(&c);
}
END_TEST

START_TEST(code_goes_with_its_function)
{
	FP_AUTO(freep) char *folder = NULL;
	struct cloud c;

	world_open(&c, NULL);
	make_function(&c, "");
	folder = xasprintf("%s/functions/us-east-1/f", c.state);
	c.state = world_stop(&c);
	world_open(&c, c.state);
	ck_assert(fs_is_dir(folder));
	/* An instance may still run in it. */
	cJSON_Delete(
		call_json(&c, "lambda", "DeleteFunction", "{\"FunctionName\":\"f\"}"));
	ck_assert_msg(!c.call.fault.status, "%s", c.call.fault.message);
	c.state = world_stop(&c);
	world_open(&c, c.state);
	ck_assert(!fs_is_dir(folder));
	world_close(&c);
}
END_TEST

START_TEST(accepted_events_outlive_the_emulator)
{
	struct fp_error err = { 0 };
	struct cloud c;

	world_open(&c, NULL);
	make_function(&c, "");
	ck_assert_int_eq(bus_start(c.emu.bus, &err), 0);
	for (int k = 0; k < 30; k++)
		cJSON_Delete(call_json(&c, "lambda", "Invoke", EVENT("\\\"nap\\\"")));
	clock_sleep_ms(100);
	c.state = world_stop(&c);
	world_open(&c, c.state);
	ck_assert_int_gt(bus_pending(c.emu.bus), 0);
	ck_assert_int_eq(bus_start(c.emu.bus, &err), 0);
	ck_assert(bus_idle(c.emu.bus, 30000));
	c.state = world_stop(&c);
	world_open(&c, c.state);
	/* At least once: those that were cut off run again. */
	ck_assert_int_ge(count_lines(&c, "END"), 30);
	world_close(&c);
}
END_TEST

static const struct step api[] = {
	{ "GetFunction", "{\"FunctionName\":\"f\"}", NULL, "Configuration/State",
	  "Active" },
	{ "GetFunction", "{\"FunctionName\":\"f:1\"}", "ResourceNotFoundException", NULL,
	  NULL },
	{ "GetFunction", "{\"FunctionName\":\"a b\"}", "InvalidParameterValueException",
	  NULL, NULL },
	{ "GetFunctionConfiguration",
	  "{\"FunctionName\":\"arn:aws:lambda:us-east-1:000000000000:function:f:$"
	  "LATEST\"}",
	  NULL, "FunctionName", "f" },
	{ "ListFunctions", "{}", NULL, "Functions/0/FunctionName", "f" },
	{ "CreateFunction", "{\"FunctionName\":\"f\"}", "ResourceConflictException", NULL,
	  NULL },
	{ "CreateFunction",
	  "{\"FunctionName\":\"g\",\"Role\":\"x\",\"Runtime\":\"python3.12\","
	  "\"Handler\":\"h\"}",
	  "ValidationException", NULL, NULL },
	{ "CreateFunction",
	  "{\"FunctionName\":\"g\",\"Runtime\":\"python3.12\",\"Role\":\"" ROLE_ARN
	  "\",\"Handler\":\"h\"}",
	  "NotImplemented", NULL, NULL },
	{ "CreateFunction",
	  "{\"FunctionName\":\"g\",\"Runtime\":\"provided.al2023\",\"Role\":\"" ROLE_ARN
	  "\",\"Handler\":\"h\",\"Code\":{\"ZipFile\":\"bm8gemlw\"}}",
	  "InvalidParameterValueException", NULL, NULL },
	{ "CreateFunction",
	  "{\"FunctionName\":\"g\",\"Runtime\":\"provided.al2023\",\"Role\":\"" ROLE_ARN
	  "\",\"Handler\":\"h\",\"Code\":{\"S3Bucket\":\"b\",\"S3Key\":\"no\"}}",
	  "InvalidParameterValueException", NULL, NULL },
	{ "UpdateFunctionConfiguration", "{\"FunctionName\":\"f\",\"MemorySize\":64}",
	  "ValidationException", NULL, NULL },
	{ "UpdateFunctionConfiguration",
	  "{\"FunctionName\":\"f\",\"Environment\":{\"Variables\":{\"AWS_REGION\":\"x\"}}"
	  "}",
	  "InvalidParameterValueException", NULL, NULL },
	{ "UpdateFunctionConfiguration",
	  "{\"FunctionName\":\"f\",\"VpcConfig\":{\"SubnetIds\":[\"s\"]}}",
	  "NotImplemented", NULL, NULL },
	{ "UpdateFunctionConfiguration",
	  "{\"FunctionName\":\"f\",\"VpcConfig\":{},\"Layers\":[]}", NULL, "MemorySize",
	  "128" },
	{ "UpdateFunctionConfiguration",
	  "{\"FunctionName\":\"f\",\"RevisionId\":\"old\"}",
	  "PreconditionFailedException", NULL, NULL },
	{ "GetPolicy", "{\"FunctionName\":\"f\"}", "ResourceNotFoundException", NULL,
	  NULL },
	{ "AddPermission",
	  "{\"FunctionName\":\"f\",\"StatementId\":\"s\",\"Action\":\"lambda:"
	  "InvokeFunction\","
	  "\"Principal\":\"s3.amazonaws.com\",\"SourceArn\":\"arn:aws:s3:::b-*\","
	  "\"SourceAccount\":\"000000000000\"}",
	  NULL, NULL, NULL },
	{ "AddPermission",
	  "{\"FunctionName\":\"f\",\"StatementId\":\"s\",\"Action\":\"lambda:*\","
	  "\"Principal\":\"*\"}",
	  "ResourceConflictException", NULL, NULL },
	{ "FpctlMayInvoke",
	  "{\"FunctionName\":\"f\",\"Principal\":\"s3.amazonaws.com\","
	  "\"SourceArn\":\"arn:aws:s3:::b-in\",\"SourceAccount\":\"000000000000\"}",
	  NULL, "Allowed", "true" },
	{ "FpctlMayInvoke",
	  "{\"FunctionName\":\"f\",\"Principal\":\"s3.amazonaws.com\","
	  "\"SourceArn\":\"arn:aws:s3:::c\",\"SourceAccount\":\"000000000000\"}",
	  NULL, "Allowed", "false" },
	{ "FpctlMayInvoke",
	  "{\"FunctionName\":\"f\",\"Principal\":\"s3.amazonaws.com\","
	  "\"SourceArn\":\"arn:aws:s3:::b-in\",\"SourceAccount\":\"111111111111\"}",
	  NULL, "Allowed", "false" },
	{ "FpctlMayInvoke",
	  "{\"FunctionName\":\"f\",\"Principal\":\"sns.amazonaws.com\"}", NULL, "Allowed",
	  "false" },
	{ "RemovePermission", "{\"FunctionName\":\"f\",\"StatementId\":\"s\"}", NULL,
	  NULL, NULL },
	{ "RemovePermission", "{\"FunctionName\":\"f\",\"StatementId\":\"s\"}",
	  "ResourceNotFoundException", NULL, NULL },
	{ "PutFunctionConcurrency",
	  "{\"FunctionName\":\"f\",\"ReservedConcurrentExecutions\":0}", NULL, NULL,
	  NULL },
	{ "Invoke", "{\"FunctionName\":\"f\"}", "TooManyRequestsException", NULL, NULL },
	{ "Invoke", "{\"FunctionName\":\"f\",\"InvocationType\":\"DryRun\"}", NULL,
	  "StatusCode", "204" },
	{ "UpdateFunctionCode", "{\"FunctionName\":\"f\",\"ImageUri\":\"x\"}",
	  "NotImplemented", NULL, NULL },
	{ "DeleteFunction", "{\"FunctionName\":\"f\"}", NULL, NULL, NULL },
	{ "DeleteFunction", "{\"FunctionName\":\"f\"}", "ResourceNotFoundException", NULL,
	  NULL },
};

START_TEST(functions_are_managed)
{
	struct cloud c;

	world_open(&c, NULL);
	make_function(&c, "");
	run_steps(&c, "lambda", api, ARRAY_SIZE(api));
	world_close(&c);
}
END_TEST

START_TEST(another_architecture_is_named)
{
	const char *other = str_eq(this_arch(), "arm64") ? "x86_64" : "arm64";
	FP_AUTO(freep)
	char *in = xasprintf(
		"{\"FunctionName\":\"f\",\"S3Bucket\":\"b\",\"S3Key\":\"code.zip\","
		"\"Architectures\":[\"%s\"]}",
		other);
	FP_AUTO(json_freep) cJSON *out = NULL;
	const char *payload;
	struct cloud c;

	world_open(&c, NULL);
	make_function(&c, "");
	cJSON_Delete(call_json(&c, "lambda", "UpdateFunctionCode", in));
	out = invoke(&c, "1");
	payload = json_str(out, "Payload", "");
	ck_assert_msg(strstr(payload, other) && strstr(payload, this_arch()), "%s",
		      payload);
	world_close(&c);
}
END_TEST

START_TEST(function_as_a_resource)
{
	const struct resource_type *t = find_type("AWS::Lambda::Function");
	const struct resource_type *p = find_type("AWS::Lambda::Permission");
	FP_AUTO(freep)
	char *text = xasprintf(
		"{\"Runtime\":\"provided.al2023\",\"Handler\":\"h\",\"Role\":\"" ROLE_ARN
		"\","
		"\"Architectures\":[\"%s\"],\"Timeout\":\"60\","
		"\"ReservedConcurrentExecutions\":5,"
		"\"Code\":{\"S3Bucket\":\"b\",\"S3Key\":\"code.zip\"},"
		"\"Tags\":[{\"Key\":\"a\",\"Value\":\"b\"}]}",
		this_arch());
	FP_AUTO(json_freep) cJSON *properties = cJSON_Parse(text);
	FP_AUTO(json_freep) cJSON *changed = cJSON_Parse(text);
	FP_AUTO(json_freep)
	cJSON *permission = cJSON_Parse("{\"FunctionName\":\"stack-Thing-ABCDEFGHIJKL\","
					"\"Action\":\"lambda:InvokeFunction\","
					"\"Principal\":\"s3.amazonaws.com\"}");
	static const struct step after[] = {
		{ "GetFunction", "{\"FunctionName\":\"stack-Thing-ABCDEFGHIJKL\"}", NULL,
		  "Configuration/Timeout", "3" },
		{ "GetFunction", "{\"FunctionName\":\"stack-Thing-ABCDEFGHIJKL\"}", NULL,
		  "Tags/a", NULL },
		{ "GetFunction", "{\"FunctionName\":\"stack-Thing-ABCDEFGHIJKL\"}", NULL,
		  "Concurrency", NULL },
	};
	struct resource f = { NULL, NULL }, again = { NULL, NULL }, s = { NULL, NULL };
	struct resource_request r;
	struct cloud c;

	world_open(&c, NULL);
	make_function(&c, "");
	r = request_for(&c, properties, NULL);
	ck_assert_msg(t->create(&r, &f) == 0, "%s", c.call.fault.message);
	ck_assert_str_eq(f.physical_id, "stack-Thing-ABCDEFGHIJKL");
	ck_assert_msg(t->create(&r, &again) == 0, "%s", c.call.fault.message);
	ck_assert_str_eq(json_str(again.attributes, "Arn", ""),
			 json_str(f.attributes, "Arn", "-"));
	cJSON_DeleteItemFromObject(changed, "Timeout");
	cJSON_DeleteItemFromObject(changed, "Tags");
	cJSON_DeleteItemFromObject(changed, "ReservedConcurrentExecutions");
	r = request_for(&c, changed, properties);
	ck_assert_msg(t->update(&r, &f) == 0, "%s", c.call.fault.message);
	run_steps(&c, "lambda", after, ARRAY_SIZE(after));
	r = request_for(&c, permission, NULL);
	ck_assert_msg(p->create(&r, &s) == 0, "%s", c.call.fault.message);
	ck_assert_int_eq(p->remove(&r, &s), 0);
	r = request_for(&c, changed, NULL);
	ck_assert_int_eq(t->remove(&r, &f), 0);
	ck_assert_int_eq(t->remove(&r, &f), 0);
	free(f.physical_id);
	cJSON_Delete(f.attributes);
	free(again.physical_id);
	cJSON_Delete(again.attributes);
	free(s.physical_id);
	cJSON_Delete(s.attributes);
	world_close(&c);
}
END_TEST

START_TEST(unsupported_property_is_refused)
{
	const struct resource_type *t = find_type("AWS::Lambda::Function");
	FP_AUTO(json_freep)
	cJSON *properties = cJSON_Parse(
		"{\"Runtime\":\"provided.al2023\",\"Handler\":\"h\",\"Role\":\"" ROLE_ARN
		"\",\"Code\":{\"S3Bucket\":\"b\",\"S3Key\":\"code.zip\"},"
		"\"RuntimeManagementConfig\":{\"UpdateRuntimeOn\":\"FunctionUpdate\"}}");
	struct resource f = { NULL, NULL };
	struct resource_request r;
	struct cloud c;

	world_open(&c, NULL);
	make_function(&c, "");
	r = request_for(&c, properties, NULL);
	ck_assert_int_eq(t->create(&r, &f), -1);
	ck_assert_str_eq(c.call.fault.code, "NotImplemented");
	ck_assert_ptr_nonnull(strstr(c.call.fault.message, "RuntimeManagementConfig"));
	ck_assert_ptr_null(f.physical_id);
	f.physical_id = (char[]){ "f" };
	r = request_for(&c, properties, NULL);
	ck_assert_int_eq(t->update(&r, &f), -1);
	ck_assert_str_eq(c.call.fault.code, "NotImplemented");
	world_close(&c);
}
END_TEST

static const struct {
	const char *name, *bytes;
	int result;
	const char *method, *path, *body;
	bool too_large;
} requests[] = {
	{ "get", "GET /a HTTP/1.1\r\nHost: h\r\n\r\n", 1, "GET", "/a", "", false },
	{ "body", "POST /a HTTP/1.1\r\ncontent-length: 3\r\n\r\nabc", 1, "POST", "/a",
	  "abc", false },
	{ "half a body", "POST /a HTTP/1.1\r\nContent-Length: 3\r\n\r\nab", 0, "", "", "",
	  false },
	{ "half a head", "POST /a HTTP/1.1\r\nContent-", 0, "", "", "", false },
	{ "chunks",
	  "POST /a HTTP/1.1\r\nTransfer-Encoding: "
	  "chunked\r\n\r\n2\r\nab\r\n1;x=y\r\nc\r\n"
	  "0\r\nT: v\r\n\r\n",
	  1, "POST", "/a", "abc", false },
	{ "half a chunk", "POST /a HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n2\r\na",
	  0, "", "", "", false },
	{ "no chunk", "POST /a HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n", -1,
	  "", "", "", false },
	{ "chunk too long",
	  "POST /a HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nab\r\n0\r\n\r\n",
	  -1, "", "", "", false },
	{ "over the cap", "POST /a HTTP/1.1\r\nContent-Length: 12\r\n\r\n0123456789ab", 1,
	  "POST", "/a", "01234567", true },
	{ "negative", "POST /a HTTP/1.1\r\nContent-Length: -1\r\n\r\n", -1, "", "", "",
	  false },
	{ "no HTTP", "hello\r\n\r\n", -1, "", "", "", false },
	{ "old HTTP", "GET /a HTTP/0.9\r\n\r\n", -1, "", "", "", false },
	{ "header without a colon", "GET /a HTTP/1.1\r\nabc\r\n\r\n", -1, "", "", "",
	  false },
};

START_TEST(request_is_read)
{
	const __typeof__(requests[0]) *d = &requests[_i];
	size_t n = strlen(d->bytes);

	/* At once, and byte by byte. */
	for (size_t part = n; part; part = part == n ? 1 : 0) {
		struct runtime_parser p;
		int rc = 0;

		runtime_parser_init(&p, 8);
		for (size_t at = 0; at < n && rc == 0; at += part) {
			runtime_parser_feed(&p, d->bytes + at, part);
			rc = runtime_parser_run(&p);
		}
		ck_assert_msg(rc == d->result, "%s: %d", d->name, rc);
		if (rc == 1) {
			ck_assert_str_eq(p.req.method, d->method);
			ck_assert_str_eq(p.req.path, d->path);
			ck_assert_str_eq(buf_str(&p.req.body), d->body);
			ck_assert_int_eq(p.req.too_large, d->too_large);
			runtime_parser_next(&p);
			ck_assert(!runtime_parser_amid(&p));
		}
		runtime_parser_release(&p);
	}
}
END_TEST

static Suite *lambda_suite(void)
{
	Suite *s = suite_create("lambda");
	TCase *tc = tcase_create("lambda");

	tcase_set_timeout(tc, 120);
	tcase_add_loop_test(tc, invocation_ends_as_it_should, 0, ARRAY_SIZE(invocations));
	tcase_add_test(tc, instances_are_kept_until_the_function_changes);
	tcase_add_test(tc, invocations_wait_for_an_instance);
	tcase_add_test(tc, events_are_retried_and_then_sent_on);
	tcase_add_test(tc, reserved_concurrency_throttles);
	tcase_add_test(tc, lost_events_reach_queues);
	tcase_add_test(tc, no_event_waits_for_a_function_that_may_not_run);
	tcase_add_test(tc, accepted_events_outlive_the_emulator);
	tcase_add_test(tc, an_arn_reaches_another_region);
	tcase_add_test(tc, code_goes_with_its_function);
	tcase_add_test(tc, functions_are_managed);
	tcase_add_test(tc, another_architecture_is_named);
	tcase_add_test(tc, function_as_a_resource);
	tcase_add_test(tc, unsupported_property_is_refused);
	tcase_add_loop_test(tc, request_is_read, 0, ARRAY_SIZE(requests));
	suite_add_tcase(s, tc);
	return s;
}

int main(int argc FP_UNUSED, char **argv)
{
	return lambda_world_main(argv, lambda_suite);
}
