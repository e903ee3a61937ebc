#include "base/json.h"
#include "base/str.h"
#include "emulator/bus.h"
#include "emulator/common.h"
#include "emulator/service/logs.h"

static int run(const struct resource_request *r, const char *action, const cJSON *in,
	       cJSON *out)
{
	return bus_call(r->call, "logs", action, in, out);
}

static bool fault_is(const struct resource_request *r, const char *code)
{
	if (!str_eq(r->call->fault.code, code))
		return false;
	memset(&r->call->fault, 0, sizeof(r->call->fault));
	return true;
}

static int set_retention(const struct resource_request *r, const char *name)
{
	const cJSON *days = json_get(r->properties, "RetentionInDays");
	FP_AUTO(json_freep) cJSON *in = cJSON_CreateObject();

	json_set_str(in, "logGroupName", name);
	if (!days)
		return run(r, "DeleteRetentionPolicy", in, NULL);
	json_set_int(in, "retentionInDays",
		     json_int(r->properties, "RetentionInDays", 0));
	return run(r, "PutRetentionPolicy", in, NULL);
}

static int check_own(const struct resource_request *r, const char *name)
{
	FP_AUTO(json_freep) cJSON *in = cJSON_CreateObject();
	FP_AUTO(json_freep) cJSON *out = cJSON_CreateObject();

	json_set_str(in, "logGroupName", name);
	if (run(r, "ListTagsLogGroup", in, out) < 0)
		return -1;
	if (tags_are_of_resource(json_get(out, "tags"), r))
		return 0;
	return fault_set(&r->call->fault, 409, "AlreadyExists",
			 "Resource of type 'AWS::Logs::LogGroup' with identifier "
			 "'{\"/properties/LogGroupName\":\"%s\"}' already exists.",
			 name);
}

static int check_supported(const struct resource_request *r)
{
	static const char *const known[] = { "LogGroupName", "RetentionInDays", "Tags",
					     "KmsKeyId",     "LogGroupClass",	NULL };

	if (!str_eq(json_str(r->properties, "LogGroupClass", "STANDARD"), "STANDARD"))
		return fault_set(
			&r->call->fault, 501, "NotImplemented",
			"the emulator has log groups of the class STANDARD only");
	return refuse_unsupported(r->call, "AWS::Logs::LogGroup", r->properties, known);
}

static int group_remove(const struct resource_request *r, const struct resource *old)
{
	FP_AUTO(json_freep) cJSON *in = cJSON_CreateObject();

	json_set_str(in, "logGroupName", old->physical_id);
	if (run(r, "DeleteLogGroup", in, NULL) < 0 &&
	    !fault_is(r, "ResourceNotFoundException"))
		return -1;
	return 0;
}

static int group_create(const struct resource_request *r, struct resource *out)
{
	const char *given = json_str(r->properties, "LogGroupName", NULL);
	FP_AUTO(freep) char *name = given ? xstrdup(given) : resource_name(r, 512);
	FP_AUTO(freep) char *resource = xasprintf("log-group:%s:*", name);
	FP_AUTO(freep)
	char *arn = service_arn(r->call, "logs", r->call->region, resource);
	FP_AUTO(json_freep) cJSON *in = cJSON_CreateObject();

	json_set_str(in, "logGroupName", name);
	json_set_str(in, "kmsKeyId", json_str(r->properties, "KmsKeyId", NULL));
	json_set(in, "tags", tags_of_resource(r));
	if (check_supported(r) < 0)
		return -1;
	if (run(r, "CreateLogGroup", in, NULL) < 0 &&
	    !(fault_is(r, "ResourceAlreadyExistsException") && check_own(r, name) == 0))
		return -1;
	out->physical_id = xstrdup(name);
	out->attributes = cJSON_CreateObject();
	json_set_str(out->attributes, "Arn", arn);
	return set_retention(r, name) < 0 ? resource_undo(r, group_remove, out) : 0;
}

static int group_update(const struct resource_request *r, struct resource *inout)
{
	FP_AUTO(json_freep) cJSON *before = tags_from_list(json_get(r->previous, "Tags"));
	FP_AUTO(json_freep) cJSON *in = cJSON_CreateObject();
	cJSON *gone = json_set_array(in, "tags");

	if (check_supported(r) < 0)
		return -1;
	if (!str_eq(json_str(r->properties, "KmsKeyId", ""),
		    json_str(r->previous, "KmsKeyId", "")))
		return fault_set(
			&r->call->fault, 501, "NotImplemented",
			"the emulator does not change the KmsKeyId of a log group");
	json_set_str(in, "logGroupName", inout->physical_id);
	json_each_member (tag, before)
		json_push_str(gone, tag->string);
	if (run(r, "UntagLogGroup", in, NULL) < 0)
		return -1;
	json_set(in, "tags", tags_of_resource(r));
	if (run(r, "TagLogGroup", in, NULL) < 0)
		return -1;
	return set_retention(r, inout->physical_id);
}

const struct resource_type logs_resources[] = {
	{ "AWS::Logs::LogGroup", group_create, group_update, group_remove },
	{ NULL, NULL, NULL, NULL },
};
