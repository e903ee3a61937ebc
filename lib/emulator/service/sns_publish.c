#include "base/clock.h"
#include "base/digest.h"
#include "base/json.h"
#include "base/str.h"
#include "emulator/common.h"
#include "emulator/service/sns.h"

#define MAX_MESSAGE (256 * 1024)
#define MAX_BATCH   10
#define MAX_LIST    1000

static int check_subject(struct call *c, const char *subject)
{
	size_t n = subject ? strlen(subject) : 0;

	if (!subject)
		return 0;
	if (n < 1 || n > 100)
		return sns_invalid(c, "Subject: 1 to 100 letters");
	for (; *subject; subject++)
		if ((unsigned char)*subject < 0x20)
			return sns_invalid(
				c, "Subject: no line breaks or control characters");
	return 0;
}

static int check_attributes(struct call *c, const cJSON *attributes, size_t *size)
{
	json_each_member (a, attributes) {
		const char *type = json_str(a, "DataType", "");
		const char *value = json_str(a, "StringValue",
					     json_str(a, "BinaryValue", ""));

		if (!str_starts(type, "String") && !str_starts(type, "Number") &&
		    !str_starts(type, "Binary"))
			return fault_set(
				&c->fault, 400, "ParameterValueInvalid",
				"The message attribute '%s' has an invalid message "
				"attribute type, the set of supported type prefixes is "
				"Binary, Number, and String.",
				a->string);
		if (!*value)
			return fault_set(
				&c->fault, 400, "ParameterValueInvalid",
				"The message attribute '%s' must contain a non-empty "
				"value.",
				a->string);
		*size += strlen(a->string) + strlen(type) + strlen(value);
	}
	return 0;
}

/* MessageStructure=json: messages by protocol, of which "default" must be there. */
static int read_structure(struct call *c, const cJSON *in, cJSON **messages)
{
	const char *structure = json_str(in, "MessageStructure", "");
	const char *text = json_str(in, "Message", "");

	*messages = NULL;
	if (!*structure)
		return 0;
	if (!str_eq(structure, "json"))
		return sns_invalid(c, "MessageStructure is json or absent");
	*messages = json_parse(text, strlen(text), "the message", NULL);
	if (!json_str(*messages, "default", NULL))
		return sns_invalid(
			c, "Message Structure - No default entry in JSON message body");
	return 0;
}

static int store_message(struct call *c, const struct sns_message *m,
			 const cJSON *deliveries)
{
	FP_AUTO(json_freep) cJSON *values = cJSON_CreateObject();
	FP_AUTO(freep) char *sent = json_text(deliveries), *attributes = NULL;
	struct fp_error err = { 0 };

	json_each_member (a, m->attributes)
		json_set_str(values, a->string,
			     json_str(a, "StringValue", json_str(a, "BinaryValue", "")));
	attributes = json_text(values);
	if (store_exec(c->emu->store, &err,
		       "INSERT INTO sns_messages (message_id, topic, subject, message, "
		       "attributes,"
		       " timestamp, deliveries) VALUES (?, ?, ?, ?, ?, ?, ?)",
		       "sssssss", m->id, m->topic_arn, m->subject, m->message, attributes,
		       m->timestamp, sent) < 0)
		return fault_from(&c->fault, &err);
	return 0;
}

static int publish(struct call *c, const char *topic_arn, const cJSON *in, char id[37])
{
	FP_AUTO(json_freep) cJSON *deliveries = cJSON_CreateArray();
	FP_AUTO(json_freep) cJSON *messages = NULL;
	FP_AUTO(sns_topic_release) struct sns_topic t = { 0 };
	const cJSON *attributes = json_get(in, "MessageAttributes");
	const char *text = json_str(in, "Message", "");
	char now[25];
	struct sns_message m = { .id = id,
				 .subject = json_str(in, "Subject", NULL),
				 .timestamp = now,
				 .attributes = attributes };
	size_t size = strlen(text);

	if (sns_load_topic(c, topic_arn, &t) < 0 || check_subject(c, m.subject) < 0 ||
	    check_attributes(c, attributes, &size) < 0 ||
	    read_structure(c, in, &messages) < 0)
		return -1;
	if (!*text)
		return sns_invalid(c, "Empty message");
	if (size > MAX_MESSAGE)
		return sns_invalid(c, "Message too long");
	random_uuid(id);
	time_iso(now, clock_now_ms());
	m.topic_arn = t.arn;
	m.messages = messages;
	m.message = json_str(messages, "default", text);
	if (sns_deliver(c, &m, deliveries) < 0)
		return -1;
	return store_message(c, &m, deliveries);
}

struct publish_ctx {
	const cJSON *in;
	const char *topic;
	char id[37];
};

static int publish_in_transaction(struct call *c, void *arg)
{
	struct publish_ctx *x = arg;

	return publish(c, x->topic, x->in, x->id);
}

int sns_Publish(struct call *c, const cJSON *in, cJSON *out)
{
	struct publish_ctx x = { .in = in };

	if (json_get(in, "PhoneNumber"))
		return fault_set(&c->fault, 501, "NotImplemented",
				 "the emulator sends no text messages");
	x.topic = json_str(in, "TopicArn", json_str(in, "TargetArn", NULL));
	if (in_transaction(c, publish_in_transaction, &x) < 0)
		return -1;
	json_set_str(out, "MessageId", x.id);
	return 0;
}

static int check_batch(struct call *c, const cJSON *entries)
{
	int n = cJSON_GetArraySize(entries);

	if (n < 1)
		return fault_set(&c->fault, 400, "EmptyBatchRequest",
				 "The batch request doesn't contain any entries.");
	if (n > MAX_BATCH)
		return fault_set(
			&c->fault, 400, "TooManyEntriesInBatchRequest",
			"The batch request contains more entries than permissible: %d "
			"over %d.",
			n, MAX_BATCH);
	json_each (a, entries)
		for (const cJSON *b = a->next; b; b = b->next)
			if (str_eq(json_str(a, "Id", ""), json_str(b, "Id", "")))
				return fault_set(&c->fault, 400,
						 "BatchEntryIdsNotDistinct",
						 "Two or more batch entries in the "
						 "request have the "
						 "same Id.");
	return 0;
}

static void publish_entry(struct call *c, const char *topic, const cJSON *entry,
			  cJSON *out)
{
	struct publish_ctx x = { .in = entry, .topic = topic };
	cJSON *item;

	if (in_transaction(c, publish_in_transaction, &x) == 0) {
		item = json_push_object(json_get(out, "Successful"));
		json_set_str(item, "MessageId", x.id);
	} else {
		item = json_push_object(json_get(out, "Failed"));
		json_set_str(item, "Code", c->fault.code);
		json_set_str(item, "Message", c->fault.message);
		json_set_bool(item, "SenderFault", c->fault.status < 500);
		memset(&c->fault, 0, sizeof(c->fault));
	}
	json_set_str(item, "Id", json_str(entry, "Id", ""));
}

int sns_PublishBatch(struct call *c, const cJSON *in, cJSON *out)
{
	const cJSON *entries = json_get(in, "PublishBatchRequestEntries");
	const char *topic = json_str(in, "TopicArn", NULL);
	FP_AUTO(sns_topic_release) struct sns_topic t = { 0 };

	if (sns_load_topic(c, topic, &t) < 0 || check_batch(c, entries) < 0)
		return -1;
	(void)json_set_array(out, "Successful");
	(void)json_set_array(out, "Failed");
	json_each (entry, entries)
		publish_entry(c, topic, entry, out);
	return 0;
}

static int64_t number_of(struct call *c, const char *message_id)
{
	FP_AUTO(store_done) struct store_rows r = { 0 };

	if (!message_id || store_query(&r, c->emu->store, NULL,
				       "SELECT id FROM sns_messages WHERE message_id = ?",
				       "s", message_id) < 0)
		return 0;
	return store_next(&r) ? store_int(&r, 0) : 0;
}

/* Every message that was published, oldest first; AfterId is a MessageId. */
int sns_FpctlListMessages(struct call *c, const cJSON *in, cJSON *out)
{
	const char *topic = json_str(in, "TopicArn", NULL);
	FP_AUTO(store_done) struct store_rows r = { 0 };
	cJSON *list = json_set_array(out, "Messages");
	struct fp_error err = { 0 };

	if (store_query(
		    &r, c->emu->store, &err,
		    "SELECT message_id, topic, subject, message, attributes, timestamp,"
		    " deliveries FROM sns_messages WHERE id > ? AND (?2 IS NULL OR topic "
		    "= ?2)"
		    " ORDER BY id LIMIT ?3",
		    "isi", number_of(c, json_str(in, "AfterId", NULL)), topic,
		    (int64_t)MAX_LIST) < 0)
		return fault_from(&c->fault, &err);
	while (store_next(&r)) {
		cJSON *m = json_push_object(list),
		      *attributes = cJSON_Parse(store_text(&r, 4));

		json_set_str(m, "MessageId", store_text(&r, 0));
		json_set_str(m, "TopicArn", store_text(&r, 1));
		json_set_str(m, "Subject", store_text(&r, 2));
		json_set_str(m, "Message", store_text(&r, 3));
		json_set_bool(attributes, "__map", true);
		json_set(m, "Attributes", attributes);
		json_set_str(m, "Timestamp", store_text(&r, 5));
		json_set(m, "Deliveries", cJSON_Parse(store_text(&r, 6)));
	}
	return 0;
}

static int clear_messages(struct call *c, void *arg)
{
	struct fp_error err = { 0 };

	if (store_exec(c->emu->store, &err,
		       "DELETE FROM sns_messages WHERE ?1 IS NULL OR topic = ?1", "s",
		       (const char *)arg) < 0)
		return fault_from(&c->fault, &err);
	return 0;
}

int sns_FpctlClearMessages(struct call *c, const cJSON *in, cJSON *out FP_UNUSED)
{
	const char *topic = json_str(in, "TopicArn", NULL);

	return in_transaction(c, clear_messages, (void *)(uintptr_t)topic);
}
