#include "base/json.h"
#include "base/str.h"
#include "emulator/bus.h"
#include "emulator/common.h"
#include "emulator/service/sns.h"

static int run(const struct resource_request *r, const char *action, const cJSON *in,
	       cJSON *out)
{
	return bus_call(r->call, "sns", action, in, out);
}

static const char *const topic_attributes[] = { "DisplayName", "KmsMasterKeyId",
						"SignatureVersion", "TracingConfig" };

static int check_topic(const struct resource_request *r)
{
	static const char *const known[] = {
		"TopicName",	    "DisplayName",   "KmsMasterKeyId",
		"SignatureVersion", "TracingConfig", "Tags",
		"Subscription",	    "FifoTopic",     NULL
	};

	if (json_bool(r->properties, "FifoTopic", false))
		return fault_set(&r->call->fault, 501, "NotImplemented",
				 "the emulator has no FIFO topics");
	return refuse_unsupported(r->call, "AWS::SNS::Topic", r->properties, known);
}

static bool lists_subscription(const cJSON *list, const cJSON *wanted)
{
	json_each (s, list)
		if (cJSON_Compare(s, wanted, true))
			return true;
	return false;
}

/* Subscribing again gives the ARN of the subscription that is there. */
static int unsubscribe(const struct resource_request *r, const char *topic,
		       const cJSON *old)
{
	FP_AUTO(json_freep) cJSON *in = cJSON_Duplicate(old, true);
	FP_AUTO(json_freep) cJSON *found = cJSON_CreateObject();

	json_set_str(in, "TopicArn", topic);
	if (run(r, "Subscribe", in, found) < 0)
		return -1;
	return run(r, "Unsubscribe", found, NULL);
}

/* Those that the topic's own property lists. */
static int set_subscriptions(const struct resource_request *r, const char *topic)
{
	const cJSON *wanted = json_get(r->properties, "Subscription");
	const cJSON *before = json_get(r->previous, "Subscription");

	json_each (s, before)
		if (!lists_subscription(wanted, s) && unsubscribe(r, topic, s) < 0)
			return -1;
	json_each (s, wanted) {
		FP_AUTO(json_freep) cJSON *in = cJSON_Duplicate(s, true);

		json_set_str(in, "TopicArn", topic);
		if (run(r, "Subscribe", in, NULL) < 0)
			return -1;
	}
	return 0;
}

static int set_topic_attributes(const struct resource_request *r, const char *topic)
{
	FP_AUTO(json_freep) cJSON *in = cJSON_CreateObject();

	json_set_str(in, "TopicArn", topic);
	for (size_t k = 0; k < ARRAY_SIZE(topic_attributes); k++) {
		const char *name = topic_attributes[k];

		if (!json_get(r->properties, name) && !json_get(r->previous, name))
			continue;
		json_set_str(in, "AttributeName", name);
		json_set_str(in, "AttributeValue", json_str(r->properties, name, ""));
		if (run(r, "SetTopicAttributes", in, NULL) < 0)
			return -1;
	}
	return 0;
}

/* A topic of that name which is not ours is not taken over. */
static int check_own_or_none(const struct resource_request *r, const char *arn,
			     const char *name)
{
	int foreign = resource_is_foreign(r, "sns", "ResourceArn", arn);

	if (foreign <= 0)
		return foreign;
	return fault_set(&r->call->fault, 409, "AlreadyExists",
			 "The topic '%s' exists already and belongs to someone else",
			 name);
}

static int topic_remove(const struct resource_request *r, const struct resource *old)
{
	FP_AUTO(json_freep) cJSON *in = cJSON_CreateObject();

	json_set_str(in, "TopicArn", old->physical_id);
	return run(r, "DeleteTopic", in, NULL);
}

static int topic_create(const struct resource_request *r, struct resource *out)
{
	const char *given = json_str(r->properties, "TopicName", NULL);
	FP_AUTO(freep) char *name = given ? xstrdup(given) : resource_name(r, 256);
	FP_AUTO(freep) char *arn = service_arn(r->call, "sns", r->call->region, name);
	FP_AUTO(json_freep) cJSON *in = cJSON_CreateObject();
	FP_AUTO(json_freep) cJSON *tags = tags_of_resource(r);

	json_set_str(in, "Name", name);
	json_set(in, "Tags", tags_to_list(tags));
	if (check_topic(r) < 0 || check_own_or_none(r, arn, name) < 0 ||
	    run(r, "CreateTopic", in, NULL) < 0)
		return -1;
	out->physical_id = xstrdup(arn);
	out->attributes = cJSON_CreateObject();
	json_set_str(out->attributes, "TopicArn", arn);
	json_set_str(out->attributes, "TopicName", name);
	if (set_topic_attributes(r, arn) < 0 || set_subscriptions(r, arn) < 0)
		return resource_undo(r, topic_remove, out);
	return 0;
}

static int topic_update(const struct resource_request *r, struct resource *inout)
{
	FP_AUTO(json_freep) cJSON *wanted = tags_of_resource(r);
	FP_AUTO(json_freep) cJSON *before = tags_from_list(json_get(r->previous, "Tags"));
	FP_AUTO(json_freep) cJSON *in = cJSON_CreateObject();
	cJSON *keys;

	json_set_str(in, "ResourceArn", inout->physical_id);
	keys = json_set_array(in, "TagKeys");
	json_each_member (tag, before)
		json_push_str(keys, tag->string);
	if (check_topic(r) < 0 || run(r, "UntagResource", in, NULL) < 0)
		return -1;
	cJSON_DeleteItemFromObjectCaseSensitive(in, "TagKeys");
	json_set(in, "Tags", tags_to_list(wanted));
	if (run(r, "TagResource", in, NULL) < 0 ||
	    set_topic_attributes(r, inout->physical_id) < 0)
		return -1;
	return set_subscriptions(r, inout->physical_id);
}

/* `policy` NULL: back to the default one. */
static int put_policy(const struct resource_request *r, const cJSON *topics,
		      const char *policy)
{
	FP_AUTO(json_freep) cJSON *in = cJSON_CreateObject();

	json_set_str(in, "AttributeName", "Policy");
	json_set_str(in, "AttributeValue", str_or(policy, ""));
	json_each (topic, topics) {
		json_set_str(in, "TopicArn", cJSON_GetStringValue(topic));
		if (run(r, "SetTopicAttributes", in, NULL) < 0 &&
		    (policy || !resource_gone(r)))
			return -1;
	}
	return 0;
}

static int policy_put(const struct resource_request *r)
{
	FP_AUTO(freep) char *policy = json_or_text(r->properties, "PolicyDocument");

	/* Topics that the template no longer lists get the default policy back. */
	if (r->previous && put_policy(r, json_get(r->previous, "Topics"), NULL) < 0)
		return -1;
	return put_policy(r, json_get(r->properties, "Topics"), str_or(policy, "{}"));
}

static int policy_create(const struct resource_request *r, struct resource *out)
{
	if (policy_put(r) < 0)
		return -1;
	out->physical_id = resource_name(r, 128);
	out->attributes = cJSON_CreateObject();
	json_set_str(out->attributes, "Id", out->physical_id);
	return 0;
}

static int policy_update(const struct resource_request *r,
			 struct resource *inout FP_UNUSED)
{
	return policy_put(r);
}

static int policy_remove(const struct resource_request *r,
			 const struct resource *old FP_UNUSED)
{
	return put_policy(r, json_get(r->properties, "Topics"), NULL);
}

static int check_subscription(const struct resource_request *r)
{
	static const char *const known[] = { "Endpoint",
					     "Protocol",
					     "TopicArn",
					     "FilterPolicy",
					     "FilterPolicyScope",
					     "RawMessageDelivery",
					     "DeliveryPolicy",
					     "Region",
					     NULL };
	const char *region = json_str(r->properties, "Region", r->call->region);

	if (!str_eq(region, r->call->region))
		return fault_set(
			&r->call->fault, 501, "NotImplemented",
			"the emulator subscribes to topics of the stack's region only");
	return refuse_unsupported(r->call, "AWS::SNS::Subscription", r->properties,
				  known);
}

static void subscription_attributes(cJSON *attributes, const cJSON *properties)
{
	static const char *const names[] = { "FilterPolicy", "FilterPolicyScope",
					     "RawMessageDelivery", "DeliveryPolicy" };

	for (size_t k = 0; k < ARRAY_SIZE(names); k++) {
		FP_AUTO(freep) char *text = json_or_text(properties, names[k]);

		json_set_str(attributes, names[k], text);
	}
}

static int subscription_create(const struct resource_request *r, struct resource *out)
{
	FP_AUTO(json_freep) cJSON *in = cJSON_CreateObject();
	FP_AUTO(json_freep) cJSON *made = cJSON_CreateObject();

	json_set_str(in, "TopicArn", json_str(r->properties, "TopicArn", NULL));
	json_set_str(in, "Protocol", json_str(r->properties, "Protocol", NULL));
	json_set_str(in, "Endpoint", json_str(r->properties, "Endpoint", NULL));
	subscription_attributes(json_set_object(in, "Attributes"), r->properties);
	if (check_subscription(r) < 0 || run(r, "Subscribe", in, made) < 0)
		return -1;
	out->physical_id = xstrdup(json_str(made, "SubscriptionArn", ""));
	out->attributes = cJSON_CreateObject();
	json_set_str(out->attributes, "Arn", out->physical_id);
	return 0;
}

static int subscription_update(const struct resource_request *r, struct resource *inout)
{
	FP_AUTO(json_freep) cJSON *in = cJSON_CreateObject();
	FP_AUTO(json_freep) cJSON *wanted = cJSON_CreateObject();
	FP_AUTO(json_freep) cJSON *before = cJSON_CreateObject();

	if (check_subscription(r) < 0)
		return -1;
	json_set_str(in, "SubscriptionArn", inout->physical_id);
	subscription_attributes(wanted, r->properties);
	subscription_attributes(before, r->previous);
	json_each_member (a, before)
		if (!cJSON_GetObjectItemCaseSensitive(wanted, a->string))
			json_set_str(wanted, a->string, "");
	json_each_member (a, wanted) {
		json_set_str(in, "AttributeName", a->string);
		json_set_str(in, "AttributeValue", a->valuestring);
		if (run(r, "SetSubscriptionAttributes", in, NULL) < 0)
			return -1;
	}
	return 0;
}

static int subscription_remove(const struct resource_request *r,
			       const struct resource *old)
{
	FP_AUTO(json_freep) cJSON *in = cJSON_CreateObject();

	json_set_str(in, "SubscriptionArn", old->physical_id);
	return run(r, "Unsubscribe", in, NULL);
}

const struct resource_type sns_resources[] = {
	{ "AWS::SNS::Topic", topic_create, topic_update, topic_remove },
	{ "AWS::SNS::TopicPolicy", policy_create, policy_update, policy_remove },
	{ "AWS::SNS::Subscription", subscription_create, subscription_update,
	  subscription_remove },
	{ NULL, NULL, NULL, NULL },
};
