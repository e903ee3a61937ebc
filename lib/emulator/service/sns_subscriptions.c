#include "base/digest.h"
#include "base/json.h"
#include "base/str.h"
#include "emulator/common.h"
#include "emulator/service/sns.h"
#include "wire/arn.h"

#define PAGE 100

struct subscription {
	char *arn, *topic, *protocol, *endpoint;
	cJSON *attributes; /* what was set */
};

static void subscription_release(struct subscription *s)
{
	free(s->arn);
	free(s->topic);
	free(s->protocol);
	free(s->endpoint);
	cJSON_Delete(s->attributes);
}

#define COLUMNS "SELECT arn, topic, protocol, endpoint, attributes FROM sns_subscriptions"

static void read_row(struct subscription *s, const struct store_rows *r)
{
	s->arn = xstrdup(store_text(r, 0));
	s->topic = xstrdup(store_text(r, 1));
	s->protocol = xstrdup(store_text(r, 2));
	s->endpoint = xstrdup(store_text(r, 3));
	s->attributes = cJSON_Parse(store_text(r, 4));
}

static int save(struct call *c, const struct subscription *s)
{
	FP_AUTO(freep) char *attributes = json_text(s->attributes);
	struct fp_error err = { 0 };

	if (store_exec(c->emu->store, &err,
		       "INSERT OR REPLACE INTO sns_subscriptions"
		       " (arn, topic, protocol, endpoint, attributes) VALUES (?, ?, ?, "
		       "?, ?)",
		       "sssss", s->arn, s->topic, s->protocol, s->endpoint,
		       attributes) < 0)
		return fault_from(&c->fault, &err);
	return 0;
}

static int load(struct call *c, const char *arn, struct subscription *s)
{
	FP_AUTO(store_done) struct store_rows r = { 0 };
	struct fp_error err = { 0 };

	if (!arn)
		return sns_invalid(c, "SubscriptionArn");
	if (store_query(&r, c->emu->store, &err, COLUMNS " WHERE arn = ?", "s", arn) < 0)
		return fault_from(&c->fault, &err);
	if (!store_next(&r))
		return fault_set(&c->fault, 404, "NotFound",
				 "Subscription does not exist");
	read_row(s, &r);
	return 0;
}

static int check_endpoint(struct call *c, const char *protocol, const char *endpoint)
{
	struct arn arn;
	bool good;

	if (str_eq(protocol, "email") || str_eq(protocol, "email-json"))
		good = strchr(endpoint, '@') && !strpbrk(endpoint, " \r\n");
	else if (str_eq(protocol, "https"))
		good = str_starts(endpoint, "https://");
	else if (str_eq(protocol, "http"))
		good = str_starts(endpoint, "http://");
	else if (str_eq(protocol, "lambda"))
		good = arn_parse(&arn, endpoint) && str_eq(arn.service, "lambda");
	else if (str_eq(protocol, "sqs"))
		good = arn_parse(&arn, endpoint) && str_eq(arn.service, "sqs") &&
		       !str_ends(endpoint, ".fifo");
	else
		return fault_set(
			&c->fault, 501, "NotImplemented",
			"the emulator subscribes email, email-json, http, https, "
			"lambda and sqs, not '%s'",
			protocol);
	return good ? 0
		    : sns_invalid(c, "Endpoint Reason: '%s' is none for the protocol %s",
				  endpoint, protocol);
}

static int set_attribute(struct call *c, struct subscription *s, const char *name,
			 const char *value)
{
	static const char *const known[] = { "FilterPolicy", "FilterPolicyScope",
					     "RawMessageDelivery", "DeliveryPolicy",
					     NULL };
	size_t k = 0;

	while (known[k] && !str_eq(known[k], name))
		k++;
	if (!known[k])
		return fault_set(&c->fault, 501, "NotImplemented",
				 "the emulator does not support the attribute '%s' of "
				 "subscriptions",
				 name);
	if (!*value || (k == 0 && str_eq(value, "{}"))) {
		cJSON_DeleteItemFromObjectCaseSensitive(s->attributes, name);
		return 0;
	}
	if (k == 0 && sns_filter_check(c, value) < 0)
		return -1;
	if (k == 1 && !str_eq(value, "MessageAttributes") &&
	    !str_eq(value, "MessageBody"))
		return sns_invalid(c, "FilterPolicyScope: Invalid value [%s]", value);
	if (k == 2 && !str_eq(value, "true") && !str_eq(value, "false"))
		return sns_invalid(c, "RawMessageDelivery: Invalid value [%s]", value);
	json_set_str(s->attributes, name, value);
	return 0;
}

/* A policy for attributes is flat: they are. */
static int check_scope(struct call *c, const struct subscription *s)
{
	const char *text = json_str(s->attributes, "FilterPolicy", "{}");
	FP_AUTO(json_freep) cJSON *policy = cJSON_Parse(text);

	if (str_eq(json_str(s->attributes, "FilterPolicyScope", ""), "MessageBody"))
		return 0;
	json_each (key, policy)
		if (cJSON_IsObject(key))
			return sns_invalid(c,
					   "Filter policy scope MessageAttributes does "
					   "not support nested filter policy");
	return 0;
}

struct subscribe_ctx {
	const cJSON *in;
	cJSON *out;
};

/* The one with the same topic, protocol and endpoint: subscribing again is no error. */
static int find_same(struct call *c, struct subscription *s)
{
	FP_AUTO(store_done) struct store_rows r = { 0 };
	struct subscription same = { 0 };
	struct fp_error err = { 0 };
	int rc = 0;

	if (store_query(&r, c->emu->store, &err,
			COLUMNS " WHERE topic = ? AND protocol = ? AND endpoint = ?",
			"sss", s->topic, s->protocol, s->endpoint) < 0)
		return fault_from(&c->fault, &err);
	if (!store_next(&r))
		return 0;
	read_row(&same, &r);
	if (s->attributes->child && !cJSON_Compare(s->attributes, same.attributes, true))
		rc = sns_invalid(c, "Attributes Reason: Subscription already exists with "
				    "different attributes");
	subscription_release(s);
	*s = same;
	return rc;
}

static int subscribe(struct call *c, void *arg)
{
	struct subscribe_ctx *x = arg;
	FP_AUTO(sns_topic_release) struct sns_topic t = { 0 };
	FP_AUTO(subscription_release) struct subscription s = { 0 };
	char id[37];

	if (sns_load_topic(c, json_str(x->in, "TopicArn", NULL), &t) < 0 ||
	    check_endpoint(c, json_str(x->in, "Protocol", ""),
			   json_str(x->in, "Endpoint", "")) < 0)
		return -1;
	random_uuid(id);
	s.arn = xasprintf("%s:%s", t.arn, id);
	s.topic = xstrdup(t.arn);
	s.protocol = xstrdup(json_str(x->in, "Protocol", ""));
	s.endpoint = xstrdup(json_str(x->in, "Endpoint", ""));
	s.attributes = cJSON_CreateObject();
	json_each_member (a, json_get(x->in, "Attributes"))
		if (set_attribute(c, &s, a->string, str_or(a->valuestring, "")) < 0)
			return -1;
	if (check_scope(c, &s) < 0 || find_same(c, &s) < 0)
		return -1;
	json_set_str(x->out, "SubscriptionArn", s.arn);
	return save(c, &s);
}

/* Nobody has to confirm anything here: a subscription counts at once. */
int sns_Subscribe(struct call *c, const cJSON *in, cJSON *out)
{
	struct subscribe_ctx x = { in, out };

	return in_transaction(c, subscribe, &x);
}

static int unsubscribe(struct call *c, void *arg)
{
	struct fp_error err = { 0 };

	if (store_exec(c->emu->store, &err, "DELETE FROM sns_subscriptions WHERE arn = ?",
		       "s", (const char *)arg) < 0)
		return fault_from(&c->fault, &err);
	return 0;
}

int sns_Unsubscribe(struct call *c, const cJSON *in, cJSON *out FP_UNUSED)
{
	const char *arn = require_str(c, in, "SubscriptionArn", "InvalidParameter");

	return arn ? in_transaction(c, unsubscribe, (void *)(uintptr_t)arn) : -1;
}

/* `topic` NULL: those of the region. */
static int list(struct call *c, const char *topic, const cJSON *in, cJSON *out)
{
	FP_AUTO(freep) char *prefix = service_arn(c, "sns", c->region, "");
	FP_AUTO(store_done) struct store_rows r = { 0 };
	cJSON *items = json_set_array(out, "Subscriptions");
	struct fp_error err = { 0 };
	int left = PAGE;

	if (store_query(&r, c->emu->store, &err, COLUMNS " WHERE arn > ? ORDER BY arn",
			"s", json_str(in, "NextToken", "")) < 0)
		return fault_from(&c->fault, &err);
	while (store_next(&r)) {
		cJSON *item;

		if (!str_starts(store_text(&r, 0), prefix) ||
		    (topic && !str_eq(store_text(&r, 1), topic)))
			continue;
		if (left-- == 0) {
			json_set_str(
				out, "NextToken",
				json_str(items->child->prev, "SubscriptionArn", NULL));
			break;
		}
		item = json_push_object(items);
		json_set_str(item, "SubscriptionArn", store_text(&r, 0));
		json_set_str(item, "Owner", c->emu->account);
		json_set_str(item, "Protocol", store_text(&r, 2));
		json_set_str(item, "Endpoint", store_text(&r, 3));
		json_set_str(item, "TopicArn", store_text(&r, 1));
	}
	return 0;
}

int sns_ListSubscriptions(struct call *c, const cJSON *in, cJSON *out)
{
	return list(c, NULL, in, out);
}

int sns_ListSubscriptionsByTopic(struct call *c, const cJSON *in, cJSON *out)
{
	FP_AUTO(sns_topic_release) struct sns_topic t = { 0 };

	if (sns_load_topic(c, json_str(in, "TopicArn", NULL), &t) < 0)
		return -1;
	return list(c, t.arn, in, out);
}

int sns_GetSubscriptionAttributes(struct call *c, const cJSON *in, cJSON *out)
{
	FP_AUTO(subscription_release) struct subscription s = { 0 };
	cJSON *a;

	if (load(c, json_str(in, "SubscriptionArn", NULL), &s) < 0)
		return -1;
	a = json_set_object(out, "Attributes");
	json_set_bool(a, "__map", true);
	json_set_str(a, "SubscriptionArn", s.arn);
	json_set_str(a, "TopicArn", s.topic);
	json_set_str(a, "Protocol", s.protocol);
	json_set_str(a, "Endpoint", s.endpoint);
	json_set_str(a, "Owner", c->emu->account);
	json_set_str(a, "ConfirmationWasAuthenticated", "true");
	json_set_str(a, "PendingConfirmation", "false");
	json_set_str(a, "RawMessageDelivery", "false");
	json_set_str(a, "SubscriptionPrincipal", c->caller_arn);
	if (json_get(s.attributes, "FilterPolicy"))
		json_set_str(a, "FilterPolicyScope", "MessageAttributes");
	tags_merge(a, s.attributes);
	return 0;
}

static int set_subscription_attribute(struct call *c, void *arg)
{
	const cJSON *in = arg;
	FP_AUTO(subscription_release) struct subscription s = { 0 };

	if (load(c, json_str(in, "SubscriptionArn", NULL), &s) < 0 ||
	    set_attribute(c, &s, json_str(in, "AttributeName", ""),
			  json_str(in, "AttributeValue", "")) < 0)
		return -1;
	return save(c, &s);
}

int sns_SetSubscriptionAttributes(struct call *c, const cJSON *in, cJSON *out FP_UNUSED)
{
	return in_transaction(c, set_subscription_attribute, (void *)(uintptr_t)in);
}
