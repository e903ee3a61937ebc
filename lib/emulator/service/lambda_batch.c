/* A batch of a queue's messages: the event that it makes, and what the answer says. */
#include "base/json.h"
#include "base/str.h"
#include "emulator/service/lambda_poller.h"

static void add_attributes(cJSON *record, const cJSON *attributes)
{
	cJSON *out = json_set_object(record, "messageAttributes");

	json_each_member (a, attributes) {
		cJSON *item = json_set_object(out, a->string);

		json_set_str(item, "stringValue", json_str(a, "StringValue", NULL));
		json_set_str(item, "binaryValue", json_str(a, "BinaryValue", NULL));
		(void)json_set_array(item, "stringListValues");
		(void)json_set_array(item, "binaryListValues");
		json_set_str(item, "dataType", json_str(a, "DataType", ""));
	}
}

char *batch_event(const cJSON *messages, const char *queue, const char *region)
{
	FP_AUTO(json_freep) cJSON *event = cJSON_CreateObject();
	cJSON *records = json_set_array(event, "Records");

	json_each (m, messages) {
		cJSON *record = json_push_object(records);

		json_set_str(record, "messageId", json_str(m, "MessageId", ""));
		json_set_str(record, "receiptHandle", json_str(m, "ReceiptHandle", ""));
		json_set_str(record, "body", json_str(m, "Body", ""));
		json_set(record, "attributes",
			 cJSON_Duplicate(json_get(m, "Attributes"), true));
		add_attributes(record, json_get(m, "MessageAttributes"));
		json_set_str(record, "md5OfMessageAttributes",
			     json_str(m, "MD5OfMessageAttributes", NULL));
		json_set_str(record, "md5OfBody", json_str(m, "MD5OfBody", ""));
		json_set_str(record, "eventSource", "aws:sqs");
		json_set_str(record, "eventSourceARN", queue);
		json_set_str(record, "awsRegion", region);
	}
	return json_text(event);
}

static bool is_in_batch(const cJSON *messages, const char *id)
{
	json_each (m, messages)
		if (str_eq(json_str(m, "MessageId", ""), id))
			return true;
	return false;
}

/*
 * Source: Lambda Developer Guide, "Implementing partial batch responses": an empty
 * or null answer or list is success; no JSON, a missing, empty or unknown
 * identifier is a failure of all.
 */
static bool is_understood(const cJSON *answer, const cJSON *messages)
{
	const cJSON *failures = json_get(answer, "batchItemFailures");

	if (!answer || (!cJSON_IsObject(answer) && !cJSON_IsNull(answer)))
		return false;
	if (failures && !cJSON_IsNull(failures) && !cJSON_IsArray(failures))
		return false;
	json_each (f, failures) {
		const char *id = json_str(f, "itemIdentifier", "");

		if (!*id || !is_in_batch(messages, id))
			return false;
	}
	return true;
}

static bool has_failed(const cJSON *answer, const char *id)
{
	json_each (f, json_get(answer, "batchItemFailures"))
		if (str_eq(json_str(f, "itemIdentifier", ""), id))
			return true;
	return false;
}

cJSON *batch_verdict(const cJSON *messages, const char *response)
{
	FP_AUTO(json_freep) cJSON *answer = NULL;
	cJSON *verdict = cJSON_CreateObject();
	cJSON *done = json_set_array(verdict, "Done");
	cJSON *failed = json_set_array(verdict, "Failed");
	bool all_failed;

	answer = *response ? json_parse(response, strlen(response), "the answer", NULL)
			   : cJSON_CreateNull();
	all_failed = !is_understood(answer, messages);
	json_each (m, messages) {
		bool bad = all_failed || has_failed(answer, json_str(m, "MessageId", ""));

		json_push_str(bad ? failed : done, json_str(m, "ReceiptHandle", ""));
	}
	return verdict;
}

cJSON *batch_all(const cJSON *messages, const char *fate)
{
	cJSON *verdict = cJSON_CreateObject();
	cJSON *list = json_set_array(verdict, fate);

	json_each (m, messages)
		json_push_str(list, json_str(m, "ReceiptHandle", ""));
	return verdict;
}
