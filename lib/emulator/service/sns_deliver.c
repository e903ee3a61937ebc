#include "base/json.h"
#include "base/log.h"
#include "base/str.h"
#include "emulator/bus.h"
#include "emulator/service/sns.h"

#define RETRIES 100 /* of handing an event to Lambda */

/* Message attributes as filter policies see them. */
static cJSON *attribute_values(const cJSON *attributes)
{
	cJSON *values = cJSON_CreateObject();

	json_each_member (a, attributes) {
		const char *type = json_str(a, "DataType", "");
		const char *text = json_str(a, "StringValue", NULL);
		cJSON *value = NULL;

		if (!text)
			continue;
		if (str_starts(type, "Number") || str_starts(type, "String.Array"))
			value = cJSON_Parse(text);
		json_set(values, a->string, value ? value : cJSON_CreateString(text));
	}
	return values;
}

static bool wants(const cJSON *attributes, const struct sns_message *m)
{
	const char *text = json_str(attributes, "FilterPolicy", NULL);
	bool body = str_eq(json_str(attributes, "FilterPolicyScope", ""), "MessageBody");
	FP_AUTO(json_freep) cJSON *policy = text ? cJSON_Parse(text) : NULL;
	FP_AUTO(json_freep) cJSON *values = NULL;

	if (!policy)
		return true;
	values = body ? cJSON_Parse(m->message) : attribute_values(m->attributes);
	return cJSON_IsObject(values) && sns_filter_matches(policy, values);
}

static cJSON *event_attributes(const struct sns_message *m)
{
	cJSON *attributes = cJSON_CreateObject();

	json_each_member (a, m->attributes) {
		cJSON *item = json_set_object(attributes, a->string);

		json_set_str(item, "Type", json_str(a, "DataType", ""));
		json_set_str(item, "Value",
			     json_str(a, "StringValue", json_str(a, "BinaryValue", "")));
	}
	return attributes;
}

static cJSON *lambda_event(const struct sns_message *m, const char *subscription,
			   const char *message)
{
	cJSON *event = cJSON_CreateObject();
	cJSON *record = json_push_object(json_set_array(event, "Records")), *sns;

	json_set_str(record, "EventSource", "aws:sns");
	json_set_str(record, "EventVersion", "1.0");
	json_set_str(record, "EventSubscriptionArn", subscription);
	sns = json_set_object(record, "Sns");
	json_set_str(sns, "Type", "Notification");
	json_set_str(sns, "MessageId", m->id);
	json_set_str(sns, "TopicArn", m->topic_arn);
	if (m->subject)
		json_set_str(sns, "Subject", m->subject);
	else
		json_set(sns, "Subject", cJSON_CreateNull());
	json_set_str(sns, "Message", message);
	json_set_str(sns, "Timestamp", m->timestamp);
	json_set(sns, "MessageAttributes", event_attributes(m));
	return event;
}

/* Whether the other's policy lets the topic in; as on AWS nobody hears of a refusal
 * but the log. */
static bool may_reach(struct call *c, const char *service, const char *may,
		      const char *member, const char *target, const char *topic)
{
	FP_AUTO(json_freep) cJSON *in = cJSON_CreateObject();
	FP_AUTO(json_freep) cJSON *out = cJSON_CreateObject();
	bool allowed;

	json_set_str(in, member, target);
	json_set_str(in, "Principal", "sns.amazonaws.com");
	json_set_str(in, "SourceArn", topic);
	json_set_str(in, "SourceAccount", c->emu->account);
	allowed = bus_call(c, service, may, in, out) == 0 &&
		  json_bool(out, "Allowed", false);
	memset(&c->fault, 0, sizeof(c->fault));
	if (!allowed)
		log_msg(LOG_WARN,
			"the topic '%s' may not reach '%s': its message is not delivered",
			topic, target);
	return allowed;
}

/* 1: delivered; 0: not; -1: fault. */
static int to_lambda(struct call *c, const struct sns_message *m,
		     const char *subscription, const char *function, const char *message)
{
	FP_AUTO(json_freep) cJSON *in = cJSON_CreateObject();

	if (!may_reach(c, "lambda", "FpctlMayInvoke", "FunctionName", function,
		       m->topic_arn))
		return 0;
	json_set_str(in, "FunctionName", function);
	json_set_str(in, "InvocationType", "Event");
	json_set(in, "Payload", lambda_event(m, subscription, message));
	return bus_enqueue(c, "lambda", "Invoke", in, RETRIES, 0) < 0 ? -1 : 1;
}

/* What a queue's message is when it is not raw. It is not signed, for there is no
 * certificate that a reader could fetch. */
static cJSON *envelope(const struct call *c, const struct sns_message *m,
		       const char *subscription, const char *message)
{
	cJSON *j = cJSON_CreateObject();

	json_set_str(j, "Type", "Notification");
	json_set_str(j, "MessageId", m->id);
	json_set_str(j, "TopicArn", m->topic_arn);
	json_set_str(j, "Subject", m->subject);
	json_set_str(j, "Message", message);
	json_set_str(j, "Timestamp", m->timestamp);
	json_set_fmt(j, "UnsubscribeURL", "%s/?Action=Unsubscribe&SubscriptionArn=%s",
		     c->emu->url, subscription);
	if (m->attributes && m->attributes->child)
		json_set(j, "MessageAttributes", event_attributes(m));
	return j;
}

static int to_queue(struct call *c, const struct sns_message *m, const char *subscription,
		    const char *queue, const char *message, bool raw)
{
	FP_AUTO(json_freep) cJSON *in = cJSON_CreateObject();
	FP_AUTO(json_freep) cJSON *wrapped = NULL;
	FP_AUTO(freep) char *text = NULL;

	if (!may_reach(c, "sqs", "FpctlMaySend", "QueueArn", queue, m->topic_arn))
		return 0;
	json_set_str(in, "QueueArn", queue);
	if (raw) {
		json_set_str(in, "MessageBody", message);
		if (m->attributes)
			json_set(in, "MessageAttributes",
				 cJSON_Duplicate(m->attributes, true));
	} else {
		wrapped = envelope(c, m, subscription, message);
		text = json_text(wrapped);
		json_set_str(in, "MessageBody", text);
	}
	return bus_enqueue(c, "sqs", "FpctlSend", in, RETRIES, 0) < 0 ? -1 : 1;
}
/* By protocol; what goes to people is only recorded, as delivered. */
static int deliver_to(struct call *c, const struct sns_message *m,
		      const struct store_rows *r, const cJSON *attributes)
{
	const char *arn = store_text(r, 0), *protocol = store_text(r, 1);
	const char *endpoint = store_text(r, 2);
	const char *message = json_str(m->messages, protocol, m->message);

	if (str_eq(protocol, "lambda"))
		return to_lambda(c, m, arn, endpoint, message);
	if (str_eq(protocol, "sqs"))
		return to_queue(c, m, arn, endpoint, message,
				json_bool(attributes, "RawMessageDelivery", false));
	return 1;
}

int sns_deliver(struct call *c, const struct sns_message *m, cJSON *deliveries)
{
	FP_AUTO(store_done) struct store_rows r = { 0 };
	struct fp_error err = { 0 };

	if (store_query(
		    &r, c->emu->store, &err,
		    "SELECT arn, protocol, endpoint, attributes FROM sns_subscriptions"
		    " WHERE topic = ? ORDER BY arn",
		    "s", m->topic_arn) < 0)
		return fault_from(&c->fault, &err);
	while (store_next(&r)) {
		const char *protocol = store_text(&r, 1), *endpoint = store_text(&r, 2);
		FP_AUTO(json_freep) cJSON *attributes = cJSON_Parse(store_text(&r, 3));
		cJSON *d;
		int rc;

		if (!wants(attributes, m))
			continue;
		rc = deliver_to(c, m, &r, attributes);
		if (rc < 0)
			return -1;
		if (rc == 0)
			continue;
		d = json_push_object(deliveries);
		json_set_str(d, "Protocol", protocol);
		json_set_str(d, "Endpoint", endpoint);
	}
	return 0;
}
