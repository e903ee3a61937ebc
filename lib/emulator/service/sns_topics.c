#include <ctype.h>

#include "base/json.h"
#include "base/str.h"
#include "emulator/common.h"
#include "emulator/service/sns.h"
#include "wire/arn.h"

#define PAGE 100

static const char *const settable[] = { "Policy",
					"DisplayName",
					"DeliveryPolicy",
					"KmsMasterKeyId",
					"SignatureVersion",
					"TracingConfig",
					NULL };

void sns_topic_release(struct sns_topic *t)
{
	free(t->arn);
	cJSON_Delete(t->attributes);
	cJSON_Delete(t->tags);
}

int sns_load_topic(struct call *c, const char *text, struct sns_topic *out)
{
	FP_AUTO(store_done) struct store_rows r = { 0 };
	struct fp_error err = { 0 };
	struct arn arn;

	memset(out, 0, sizeof(*out));
	if (!text || !arn_parse(&arn, text) || !str_eq(arn.service, "sns"))
		return sns_invalid(c, "TopicArn Reason: '%s' is no topic's ARN",
				   str_or(text, ""));
	if (store_query(&r, c->emu->store, &err,
			"SELECT attributes, tags FROM sns_topics WHERE arn = ?", "s",
			text) < 0)
		return fault_from(&c->fault, &err);
	if (!store_next(&r))
		return fault_set(&c->fault, 404, "NotFound", "Topic does not exist");
	out->arn = xstrdup(text);
	out->attributes = cJSON_Parse(store_text(&r, 0));
	out->tags = cJSON_Parse(store_text(&r, 1));
	return 0;
}

static int save_topic(struct call *c, const struct sns_topic *t)
{
	FP_AUTO(freep) char *attributes = json_text(t->attributes);
	FP_AUTO(freep) char *tags = json_text(t->tags);
	struct fp_error err = { 0 };

	if (store_exec(c->emu->store, &err,
		       "INSERT OR REPLACE INTO sns_topics (arn, attributes, tags)"
		       " VALUES (?, ?, ?)",
		       "sss", t->arn, attributes, tags) < 0)
		return fault_from(&c->fault, &err);
	return 0;
}

static int check_policy(struct call *c, const char *text)
{
	FP_AUTO(json_freep) cJSON *j = json_parse(text, strlen(text), "the policy", NULL);

	if (!cJSON_IsObject(j) || !json_get(j, "Statement"))
		return sns_invalid(c, "Policy statement action out of service scope or "
				      "malformed: it is no policy document");
	return 0;
}

static int set_attribute(struct call *c, struct sns_topic *t, const char *name,
			 const char *value)
{
	size_t k = 0;

	/* What says that a topic is as all are here. */
	if (str_eq(name, "FifoTopic") && str_eq(value, "false"))
		return 0;
	while (settable[k] && !str_eq(settable[k], name))
		k++;
	if (!settable[k])
		return fault_set(
			&c->fault, 501, "NotImplemented",
			"the emulator does not support the attribute '%s' of topics",
			name);
	if (!*value) {
		cJSON_DeleteItemFromObjectCaseSensitive(t->attributes, name);
		return 0;
	}
	if (str_eq(name, "Policy") && check_policy(c, value) < 0)
		return -1;
	json_set_str(t->attributes, name, value);
	return 0;
}

static int check_name(struct call *c, const char *name)
{
	size_t n = strlen(name);

	for (size_t k = 0; k < n; k++)
		if (!isalnum((unsigned char)name[k]) && !strchr("-_", name[k]))
			return str_ends(name, ".fifo")
				       ? fault_set(&c->fault, 501, "NotImplemented",
						   "the emulator has no FIFO topics")
				       : sns_invalid(c, "Topic Name");
	return n < 1 || n > 256 ? sns_invalid(c, "Topic Name") : 0;
}

struct topic_ctx {
	const cJSON *in;
	cJSON *out;
};

static int create_topic(struct call *c, void *arg)
{
	struct topic_ctx *x = arg;
	const char *name = json_str(x->in, "Name", "");
	FP_AUTO(freep) char *arn = service_arn(c, "sns", c->region, name);
	FP_AUTO(json_freep) cJSON *tags = tags_from_list(json_get(x->in, "Tags"));
	FP_AUTO(sns_topic_release) struct sns_topic t = { 0 };

	if (check_name(c, name) < 0)
		return -1;
	if (sns_load_topic(c, arn, &t) < 0) {
		if (c->fault.status != 404)
			return -1;
		memset(&c->fault, 0, sizeof(c->fault));
		t.arn = xstrdup(arn);
		t.attributes = cJSON_CreateObject();
		t.tags = cJSON_Duplicate(tags, true);
	} else if (tags->child && !cJSON_Compare(tags, t.tags, true)) {
		return sns_invalid(
			c, "Tags Reason: Topic already exists with different tags");
	}
	json_each_member (a, json_get(x->in, "Attributes"))
		if (set_attribute(c, &t, a->string, str_or(a->valuestring, "")) < 0)
			return -1;
	json_set_str(x->out, "TopicArn", arn);
	return save_topic(c, &t);
}

int sns_CreateTopic(struct call *c, const cJSON *in, cJSON *out)
{
	static const char *const known[] = { "Name",   "Attributes", "Tags",
					     "Action", "Version",    NULL };
	struct topic_ctx x = { in, out };

	if (refuse_unsupported(c, "CreateTopic", in, known) < 0)
		return -1;
	return in_transaction(c, create_topic, &x);
}

static int delete_topic(struct call *c, void *arg)
{
	const char *arn = arg;
	struct fp_error err = { 0 };

	if (store_exec(c->emu->store, &err, "DELETE FROM sns_topics WHERE arn = ?", "s",
		       arn) < 0 ||
	    store_exec(c->emu->store, &err,
		       "DELETE FROM sns_subscriptions WHERE topic = ?", "s", arn) < 0)
		return fault_from(&c->fault, &err);
	return 0;
}

int sns_DeleteTopic(struct call *c, const cJSON *in, cJSON *out FP_UNUSED)
{
	const char *arn = require_str(c, in, "TopicArn", "InvalidParameter");

	return arn ? in_transaction(c, delete_topic, (void *)(uintptr_t)arn) : -1;
}

int sns_ListTopics(struct call *c, const cJSON *in, cJSON *out)
{
	FP_AUTO(freep) char *prefix = service_arn(c, "sns", c->region, "");
	FP_AUTO(store_done) struct store_rows r = { 0 };
	cJSON *list = json_set_array(out, "Topics");
	struct fp_error err = { 0 };
	int left = PAGE;

	if (store_query(&r, c->emu->store, &err,
			"SELECT arn FROM sns_topics WHERE arn > ? ORDER BY arn", "s",
			json_str(in, "NextToken", "")) < 0)
		return fault_from(&c->fault, &err);
	while (store_next(&r)) {
		if (!str_starts(store_text(&r, 0), prefix))
			continue;
		if (left-- == 0) {
			json_set_str(out, "NextToken",
				     json_str(list->child->prev, "TopicArn", NULL));
			break;
		}
		json_set_str(json_push_object(list), "TopicArn", store_text(&r, 0));
	}
	return 0;
}

static int64_t count_subscriptions(struct call *c, const char *topic)
{
	FP_AUTO(store_done) struct store_rows r = { 0 };

	if (store_query(&r, c->emu->store, NULL,
			"SELECT COUNT(*) FROM sns_subscriptions WHERE topic = ?", "s",
			topic) < 0)
		return 0;
	return store_next(&r) ? store_int(&r, 0) : 0;
}

static void default_policy(const struct call *c, cJSON *attributes, const char *arn)
{
	json_set_fmt(
		attributes, "Policy",
		"{\"Version\":\"2008-10-17\",\"Id\":\"__default_policy_ID\","
		"\"Statement\":[{"
		"\"Sid\":\"__default_statement_ID\",\"Effect\":\"Allow\",\"Principal\":{"
		"\"AWS\":\"*\"},\"Action\":[\"SNS:GetTopicAttributes\","
		"\"SNS:SetTopicAttributes\",\"SNS:AddPermission\",\"SNS:"
		"RemovePermission\","
		"\"SNS:DeleteTopic\",\"SNS:Subscribe\",\"SNS:ListSubscriptionsByTopic\","
		"\"SNS:Publish\"],\"Resource\":\"%s\",\"Condition\":{\"StringEquals\":{"
		"\"AWS:SourceOwner\":\"%s\"}}}]}",
		arn, c->emu->account);
}

int sns_GetTopicAttributes(struct call *c, const cJSON *in, cJSON *out)
{
	FP_AUTO(sns_topic_release) struct sns_topic t = { 0 };
	cJSON *a;

	if (sns_load_topic(c, json_str(in, "TopicArn", NULL), &t) < 0)
		return -1;
	a = json_set_object(out, "Attributes");
	json_set_bool(a, "__map", true);
	json_set_str(a, "TopicArn", t.arn);
	json_set_str(a, "Owner", c->emu->account);
	json_set_str(a, "DisplayName", "");
	json_set_fmt(a, "SubscriptionsConfirmed", "%lld",
		     (long long)count_subscriptions(c, t.arn));
	json_set_str(a, "SubscriptionsPending", "0");
	json_set_str(a, "SubscriptionsDeleted", "0");
	default_policy(c, a, t.arn);
	tags_merge(a, t.attributes);
	return 0;
}

static int set_topic_attribute(struct call *c, void *arg)
{
	const cJSON *in = arg;
	FP_AUTO(sns_topic_release) struct sns_topic t = { 0 };

	if (sns_load_topic(c, json_str(in, "TopicArn", NULL), &t) < 0 ||
	    set_attribute(c, &t, json_str(in, "AttributeName", ""),
			  json_str(in, "AttributeValue", "")) < 0)
		return -1;
	return save_topic(c, &t);
}

int sns_SetTopicAttributes(struct call *c, const cJSON *in, cJSON *out FP_UNUSED)
{
	return in_transaction(c, set_topic_attribute, (void *)(uintptr_t)in);
}

/* The operations on tags name a missing topic otherwise than the rest do. */
static int load_tagged(struct call *c, const cJSON *in, struct sns_topic *out)
{
	if (sns_load_topic(c, json_str(in, "ResourceArn", NULL), out) == 0)
		return 0;
	if (c->fault.status == 404)
		(void)fault_set(&c->fault, 404, "ResourceNotFound",
				"Resource does not exist");
	return -1;
}

static int change_tags(struct call *c, void *arg)
{
	const cJSON *in = arg;
	FP_AUTO(json_freep) cJSON *tags = tags_from_list(json_get(in, "Tags"));
	FP_AUTO(sns_topic_release) struct sns_topic t = { 0 };

	if (load_tagged(c, in, &t) < 0)
		return -1;
	tags_merge(t.tags, tags);
	json_each (key, json_get(in, "TagKeys"))
		cJSON_DeleteItemFromObjectCaseSensitive(t.tags,
							str_or(key->valuestring, ""));
	return save_topic(c, &t);
}

int sns_TagResource(struct call *c, const cJSON *in, cJSON *out FP_UNUSED)
{
	return in_transaction(c, change_tags, (void *)(uintptr_t)in);
}

int sns_UntagResource(struct call *c, const cJSON *in, cJSON *out FP_UNUSED)
{
	return in_transaction(c, change_tags, (void *)(uintptr_t)in);
}

int sns_ListTagsForResource(struct call *c, const cJSON *in, cJSON *out)
{
	FP_AUTO(sns_topic_release) struct sns_topic t = { 0 };

	if (load_tagged(c, in, &t) < 0)
		return -1;
	json_set(out, "Tags", tags_to_list(t.tags));
	return 0;
}

int sns_FpctlMayPublish(struct call *c, const cJSON *in, cJSON *out)
{
	FP_AUTO(sns_topic_release) struct sns_topic t = { 0 };
	FP_AUTO(json_freep) cJSON *policy = NULL;

	if (sns_load_topic(c, json_str(in, "TopicArn", NULL), &t) < 0)
		return -1;
	/* The policy that a topic has from the start lets the account's own alarms in. */
	if (!json_get(t.attributes, "Policy") &&
	    str_eq(json_str(in, "Principal", ""), "cloudwatch.amazonaws.com")) {
		json_set_bool(out, "Allowed", true);
		return 0;
	}
	policy = cJSON_Parse(json_str(t.attributes, "Policy", "{}"));
	json_set_bool(out, "Allowed",
		      policy_allows(policy, json_str(in, "Principal", ""), "sns:Publish",
				    json_str(in, "SourceArn", ""),
				    json_str(in, "SourceAccount", "")));
	return 0;
}
