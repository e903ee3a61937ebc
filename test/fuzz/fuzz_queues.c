/*
 * What clients and functions say about queues. The first line tells which:
 * "filter": a filter policy and, behind a line break, what it is held against;
 * "answer": a function's answer to a batch; else an action of SQS, with a form of
 * the Query protocol or a JSON object behind it, carried out on a queue "q".
 */
#include "base/json.h"
#include "cloud.h"
#include "emulator/service/lambda_poller.h"
#include "emulator/service/sns.h"
#include "emulator/service/sqs.h"
#include "wire/query.h"

#define MAX_INPUT 65536

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

/* What was taken matches or does not; what was not taken says why. */
static void filter(char *text)
{
	struct call call = fuzz_call("sns");
	char *end = strchr(text, '\n');
	FP_AUTO(json_freep) cJSON *policy = NULL;
	FP_AUTO(json_freep) cJSON *values = NULL;

	if (end)
		*end = '\0';
	if (sns_filter_check(&call, text) < 0) {
		if (!call.fault.code[0])
			abort();
		return;
	}
	policy = cJSON_Parse(text);
	values = end ? cJSON_Parse(end + 1) : NULL;
	(void)sns_filter_matches(policy, values);
}

/* Each message is done or has failed, whatever the answer. */
static void answer(const char *text)
{
	FP_AUTO(json_freep)
	cJSON *messages = cJSON_Parse("[{\"MessageId\":\"m1\",\"ReceiptHandle\":\"h1\"},"
				      "{\"MessageId\":\"m2\",\"ReceiptHandle\":\"h2\"}]");
	FP_AUTO(json_freep) cJSON *verdict = batch_verdict(messages, text);

	if (cJSON_GetArraySize(json_get(verdict, "Done")) +
		    cJSON_GetArraySize(json_get(verdict, "Failed")) !=
	    2)
		abort();
}

static const struct operation *find_operation(const char *name)
{
	const struct operation *o = service_find("sqs")->operations;

	while (o->name && !str_eq(o->name, name))
		o++;
	return o->name ? o : NULL;
}

static void ask(const char *action, const char *text)
{
	struct call call = fuzz_call("sqs");
	bool json = *text == '{';
	FP_AUTO(json_freep)
	cJSON *in = json ? json_parse(text, strlen(text), "it", NULL)
			 : query_decode_request(text, strlen(text), NULL);
	FP_AUTO(json_freep) cJSON *out = cJSON_CreateObject();
	FP_AUTO(buf_release) struct buf answer_text = BUF_INIT;
	const struct operation *o = find_operation(action);

	if (!o || !in)
		return;
	if (!json)
		sqs_from_query(action, in);
	if (o->run(&call, in, out) < 0) {
		if (call.fault.status < 400 || !call.fault.code[0])
			abort();
		return;
	}
	if (json) {
		json_print(&answer_text, out);
		return;
	}
	sqs_to_query(action, out);
	query_encode_response(&answer_text, action, "x", "fuzz", out);
}

static void open_queue(void)
{
	open_state();
	/* Nobody is there who could end a long poll. */
	sqs_wait_stop();
	ask("CreateQueue", "QueueName=q");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	FP_AUTO(freep) char *text = NULL;
	char *rest;

	if (n > MAX_INPUT)
		return 0;
	if (!emu.store)
		open_queue();
	text = xstrndup((const char *)data, n);
	rest = strchr(text, '\n');
	if (!rest)
		return 0;
	*rest++ = '\0';
	if (str_eq(text, "filter"))
		filter(rest);
	else if (str_eq(text, "answer"))
		answer(rest);
	else
		ask(text, rest);
	return 0;
}
