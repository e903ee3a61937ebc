#include "base/json.h"
#include "base/str.h"
#include "emulator/bus.h"
#include "emulator/common.h"
#include "emulator/service/sqs.h"

#define MAX_NAME 80

static const char *const queue_properties[] = {
	"QueueName",
	"DelaySeconds",
	"MaximumMessageSize",
	"MessageRetentionPeriod",
	"ReceiveMessageWaitTimeSeconds",
	"VisibilityTimeout",
	"SqsManagedSseEnabled",
	"RedrivePolicy",
	"RedriveAllowPolicy",
	"KmsMasterKeyId",
	"KmsDataKeyReusePeriodSeconds",
	"FifoQueue",
	"Tags",
	NULL,
};

static int run(const struct resource_request *r, const char *action, const cJSON *in,
	       cJSON *out)
{
	return bus_call(r->call, "sqs", action, in, out);
}

static bool is_gone(const struct resource_request *r)
{
	if (!str_eq(r->call->fault.code, SQS_CODE "NonExistentQueue"))
		return false;
	memset(&r->call->fault, 0, sizeof(r->call->fault));
	return true;
}

/* As texts; what the template no longer says goes back to its default. */
static cJSON *attributes_of(const struct resource_request *r)
{
	static const char *const apart[] = { "QueueName", "Tags", "FifoQueue" };
	cJSON *attributes = cJSON_CreateObject();

	json_each_member (p, r->previous)
		json_set_str(attributes, p->string, "");
	json_each_member (p, r->properties) {
		FP_AUTO(freep) char *text = json_or_text(r->properties, p->string);

		json_set_str(attributes, p->string, text);
	}
	for (size_t k = 0; k < ARRAY_SIZE(apart); k++)
		cJSON_DeleteItemFromObjectCaseSensitive(attributes, apart[k]);
	return attributes;
}

static int check_properties(const struct resource_request *r)
{
	if (json_bool(r->properties, "FifoQueue", false))
		return fault_set(&r->call->fault, 501, "NotImplemented",
				 "the emulator has no FIFO queues; remove 'FifoQueue' of "
				 "AWS::SQS::Queue to go on locally");
	return refuse_unsupported(r->call, "AWS::SQS::Queue", r->properties,
				  queue_properties);
}

static void describe(const struct resource_request *r, const char *name,
		     struct resource *out)
{
	FP_AUTO(freep) char *arn = service_arn(r->call, "sqs", r->call->region, name);
	FP_AUTO(freep) char *url = sqs_url(r->call, name);
	cJSON *a = cJSON_CreateObject();

	json_set_str(a, "Arn", arn);
	json_set_str(a, "QueueName", name);
	json_set_str(a, "QueueUrl", url);
	cJSON_Delete(out->attributes);
	out->attributes = a;
}

/* The physical ID is the URL; the name is its end. */
static const char *name_of(const char *url)
{
	const char *slash = strrchr(url, '/');

	return slash ? slash + 1 : url;
}

static cJSON *by_url(const char *url)
{
	cJSON *in = cJSON_CreateObject();

	json_set_str(in, "QueueUrl", url);
	return in;
}

/* Put the wanted tags, and take away those that only the template before had. */
static int update_tags(const struct resource_request *r, const char *url)
{
	FP_AUTO(json_freep) cJSON *wanted = tags_of_resource(r);
	FP_AUTO(json_freep) cJSON *before = tags_from_list(json_get(r->previous, "Tags"));
	FP_AUTO(json_freep) cJSON *in = by_url(url);
	cJSON *keys = json_set_array(in, "TagKeys");

	json_each_member (tag, before)
		if (!cJSON_GetObjectItemCaseSensitive(wanted, tag->string))
			json_push_str(keys, tag->string);
	json_set(in, "Tags", cJSON_Duplicate(wanted, true));
	return run(r, "TagQueue", in, NULL);
}

static int queue_update(const struct resource_request *r, struct resource *inout)
{
	FP_AUTO(json_freep) cJSON *in = by_url(inout->physical_id);

	json_set(in, "Attributes", attributes_of(r));
	if (check_properties(r) < 0 || run(r, "SetQueueAttributes", in, NULL) < 0)
		return -1;
	describe(r, name_of(inout->physical_id), inout);
	return update_tags(r, inout->physical_id);
}

/* A create that was cut off may have made it already; a namesake is a conflict. */
static int check_free(const struct resource_request *r, const char *name)
{
	FP_AUTO(freep) char *url = sqs_url(r->call, name);
	FP_AUTO(json_freep) cJSON *in = by_url(url);
	FP_AUTO(json_freep) cJSON *out = cJSON_CreateObject();

	if (run(r, "ListQueueTags", in, out) < 0)
		return is_gone(r) ? 0 : -1;
	if (tags_are_of_resource(json_get(out, "Tags"), r))
		return 0;
	return fault_set(&r->call->fault, 409, "AlreadyExists", "%s already exists",
			 name);
}

static int queue_create(const struct resource_request *r, struct resource *out)
{
	FP_AUTO(freep) char *generated = resource_name(r, MAX_NAME);
	const char *name = json_str(r->properties, "QueueName", generated);
	FP_AUTO(json_freep) cJSON *in = cJSON_CreateObject();

	if (check_properties(r) < 0 || check_free(r, name) < 0)
		return -1;
	json_set_str(in, "QueueName", name);
	json_set(in, "Attributes", attributes_of(r));
	json_set(in, "tags", tags_of_resource(r));
	if (run(r, "CreateQueue", in, NULL) < 0)
		return -1;
	out->physical_id = sqs_url(r->call, name);
	describe(r, name, out);
	return 0;
}

static int queue_remove(const struct resource_request *r, const struct resource *old)
{
	FP_AUTO(json_freep) cJSON *in = by_url(old->physical_id);

	return run(r, "DeleteQueue", in, NULL) < 0 && !is_gone(r) ? -1 : 0;
}

static int set_policy(const struct resource_request *r, const char *url, const char *text)
{
	FP_AUTO(json_freep) cJSON *in = by_url(url);

	json_set_str(json_set_object(in, "Attributes"), "Policy", text);
	return run(r, "SetQueueAttributes", in, NULL);
}

static bool has(const cJSON *list, const char *url)
{
	json_each (item, list)
		if (str_eq(cJSON_GetStringValue(item), url))
			return true;
	return false;
}

/* On the queues that it names now, and no more on those that it named before. */
static int put_policies(const struct resource_request *r)
{
	static const char *const known[] = { "Queues", "PolicyDocument", NULL };
	FP_AUTO(freep) char *text = json_or_text(r->properties, "PolicyDocument");
	const cJSON *queues = json_get(r->properties, "Queues");

	if (refuse_unsupported(r->call, "AWS::SQS::QueuePolicy", r->properties, known) <
	    0)
		return -1;
	json_each (url, queues)
		if (set_policy(r, str_or(cJSON_GetStringValue(url), ""), text) < 0)
			return -1;
	json_each (url, json_get(r->previous, "Queues"))
		if (!has(queues, cJSON_GetStringValue(url)) &&
		    set_policy(r, str_or(cJSON_GetStringValue(url), ""), "") < 0 &&
		    !is_gone(r))
			return -1;
	return 0;
}

static int policy_create(const struct resource_request *r, struct resource *out)
{
	if (put_policies(r) < 0)
		return -1;
	out->physical_id = resource_name(r, MAX_NAME);
	out->attributes = cJSON_CreateObject();
	json_set_str(out->attributes, "Id", out->physical_id);
	return 0;
}

static int policy_update(const struct resource_request *r,
			 struct resource *inout FP_UNUSED)
{
	return put_policies(r);
}

static int policy_remove(const struct resource_request *r,
			 const struct resource *old FP_UNUSED)
{
	json_each (url, json_get(r->properties, "Queues"))
		if (set_policy(r, str_or(cJSON_GetStringValue(url), ""), "") < 0 &&
		    !is_gone(r))
			return -1;
	return 0;
}

const struct resource_type sqs_resources[] = {
	{ "AWS::SQS::Queue", queue_create, queue_update, queue_remove },
	{ "AWS::SQS::QueuePolicy", policy_create, policy_update, policy_remove },
	{ NULL, NULL, NULL, NULL },
};
