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

	json_each (a, attributes) {
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

static cJSON *lambda_event(const struct sns_message *m, const char *subscription,
			   const char *message)
{
	cJSON *event = cJSON_CreateObject();
	cJSON *record = json_push_object(json_set_array(event, "Records")), *sns,
	      *attributes;

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
	attributes = json_set_object(sns, "MessageAttributes");
	json_each (a, m->attributes) {
		cJSON *item = json_set_object(attributes, a->string);

		json_set_str(item, "Type", json_str(a, "DataType", ""));
		json_set_str(item, "Value",
			     json_str(a, "StringValue", json_str(a, "BinaryValue", "")));
	}
	return event;
}

static bool may_invoke(struct call *c, const char *function, const char *topic)
{
	FP_AUTO(json_freep) cJSON *in = cJSON_CreateObject();
	FP_AUTO(json_freep) cJSON *out = cJSON_CreateObject();
	bool allowed;

	json_set_str(in, "FunctionName", function);
	json_set_str(in, "Principal", "sns.amazonaws.com");
	json_set_str(in, "SourceArn", topic);
	json_set_str(in, "SourceAccount", c->emu->account);
	allowed = bus_call(c, "lambda", "FpctlMayInvoke", in, out) == 0 &&
		  json_bool(out, "Allowed", false);
	memset(&c->fault, 0, sizeof(c->fault));
	return allowed;
}

/* 1: delivered; 0: not, as on AWS nobody hears of it but the log; -1: fault. */
static int to_lambda(struct call *c, const struct sns_message *m,
		     const char *subscription, const char *function, const char *message)
{
	FP_AUTO(json_freep) cJSON *in = cJSON_CreateObject();

	if (!may_invoke(c, function, m->topic_arn)) {
		log_msg(LOG_WARN,
			"the topic '%s' may not invoke '%s': its message is not "
			"delivered",
			m->topic_arn, function);
		return 0;
	}
	json_set_str(in, "FunctionName", function);
	json_set_str(in, "InvocationType", "Event");
	json_set(in, "Payload", lambda_event(m, subscription, message));
	return bus_enqueue(c, "lambda", "Invoke", in, RETRIES, 0) < 0 ? -1 : 1;
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
		int rc = 1;
		cJSON *d;

		if (!wants(attributes, m))
			continue;
		if (str_eq(protocol, "lambda"))
			rc = to_lambda(c, m, store_text(&r, 0), endpoint,
				       json_str(m->messages, protocol, m->message));
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
