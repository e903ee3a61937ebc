#include "base/json.h"
#include "base/str.h"
#include "emulator/bus.h"
#include "emulator/common.h"
#include "emulator/service/lambda.h"

#define MAX_FUNCTION_NAME 64

/* An operation of this service, with a fault that says which resource it was for. */
static int run(const struct resource_request *r, const char *action, const cJSON *in,
	       cJSON *out)
{
	return bus_call(r->call, "lambda", action, in, out);
}

/* The properties that the API takes as they are; Code, Tags and the like apart. */
static cJSON *configuration(const cJSON *properties)
{
	static const char *const apart[] = { "Code", "Tags",
					     "ReservedConcurrentExecutions" };
	cJSON *in = cJSON_Duplicate(properties, true);
	cJSON *key = cJSON_DetachItemFromObjectCaseSensitive(in, "KmsKeyArn");

	for (size_t k = 0; k < ARRAY_SIZE(apart); k++)
		cJSON_DeleteItemFromObjectCaseSensitive(in, apart[k]);
	/* The API writes it otherwise. */
	if (key)
		json_set(in, "KMSKeyArn", key);
	return in;
}

static int code_of(const struct resource_request *r, cJSON **out)
{
	static const char *const known[] = { "S3Bucket", "S3Key", "S3ObjectVersion",
					     NULL };
	const cJSON *code = json_get(r->properties, "Code");

	/* ZipFile is source text in CloudFormation, for Node.js and Python only. */
	if (refuse_unsupported(r->call, "AWS::Lambda::Function's Code", code, known) < 0)
		return -1;
	*out = cJSON_Duplicate(code, true);
	return 0;
}

static int set_concurrency(const struct resource_request *r, const char *name)
{
	const cJSON *n = json_get(r->properties, "ReservedConcurrentExecutions");
	FP_AUTO(json_freep) cJSON *in = cJSON_CreateObject();

	json_set_str(in, "FunctionName", name);
	if (!n && !json_get(r->previous, "ReservedConcurrentExecutions"))
		return 0;
	if (!n)
		return run(r, "DeleteFunctionConcurrency", in, NULL);
	json_set(in, "ReservedConcurrentExecutions", cJSON_Duplicate(n, true));
	return run(r, "PutFunctionConcurrency", in, NULL);
}

static void fill_function(struct resource *out, const char *name, const char *arn)
{
	if (!out->physical_id)
		out->physical_id = xstrdup(name);
	if (!out->attributes)
		out->attributes = cJSON_CreateObject();
	json_set_str(out->attributes, "Arn", arn);
}

/* A create that was cut off may have made it already; a namesake is a conflict. */
static int find_own(const struct resource_request *r, const char *name, cJSON *answer)
{
	const struct fault conflict = r->call->fault;
	FP_AUTO(json_freep) cJSON *in = cJSON_CreateObject();
	FP_AUTO(json_freep) cJSON *found = cJSON_CreateObject();

	json_set_str(in, "FunctionName", name);
	if (conflict.status != 409 || run(r, "GetFunction", in, found) < 0)
		return -1;
	if (!tags_are_of_resource(json_get(found, "Tags"), r)) {
		r->call->fault = conflict;
		return -1;
	}
	memset(&r->call->fault, 0, sizeof(r->call->fault));
	json_set_str(answer, "FunctionArn",
		     json_str(found, "Configuration.FunctionArn", ""));
	return 0;
}

static const struct {
	const char *name, *empty;
} reset[] = {
	{ "Description", "\"\"" },
	{ "KMSKeyArn", "\"\"" },
	{ "Timeout", "3" },
	{ "MemorySize", "128" },
	{ "Environment", "{\"Variables\":{}}" },
	{ "TracingConfig", "{\"Mode\":\"PassThrough\"}" },
	{ "EphemeralStorage", "{\"Size\":512}" },
	{ "LoggingConfig", "{\"LogFormat\":\"Text\"}" },
	{ "DeadLetterConfig", "{\"TargetArn\":\"\"}" },
};

/* What the template no longer says goes back to its default. */
static cJSON *changed_configuration(const struct resource_request *r, const char *name)
{
	FP_AUTO(json_freep) cJSON *before = configuration(r->previous);
	cJSON *in = configuration(r->properties);

	for (size_t k = 0; k < ARRAY_SIZE(reset); k++)
		if (!json_get(in, reset[k].name) && json_get(before, reset[k].name))
			json_set(in, reset[k].name, cJSON_Parse(reset[k].empty));
	cJSON_DeleteItemFromObjectCaseSensitive(in, "Architectures");
	json_set_str(in, "FunctionName", name);
	return in;
}

static int update_code(const struct resource_request *r, const char *name)
{
	const cJSON *architectures = json_get(r->properties, "Architectures");
	cJSON *in = NULL;
	int rc;

	if (cJSON_Compare(json_get(r->properties, "Code"), json_get(r->previous, "Code"),
			  true) &&
	    cJSON_Compare(architectures, json_get(r->previous, "Architectures"), true))
		return 0;
	if (code_of(r, &in) < 0)
		return -1;
	json_set_str(in, "FunctionName", name);
	if (architectures)
		json_set(in, "Architectures", cJSON_Duplicate(architectures, true));
	rc = run(r, "UpdateFunctionCode", in, NULL);
	cJSON_Delete(in);
	return rc;
}

/* Put the wanted tags, and take away those that only the template before had. */
static int update_tags(const struct resource_request *r, const char *arn)
{
	FP_AUTO(json_freep) cJSON *wanted = tags_of_resource(r);
	FP_AUTO(json_freep) cJSON *before = tags_from_list(json_get(r->previous, "Tags"));
	FP_AUTO(json_freep) cJSON *in = cJSON_CreateObject();
	cJSON *keys = json_set_array(in, "TagKeys");

	json_set_str(in, "Resource", arn);
	json_each_member (tag, before)
		if (!cJSON_GetObjectItemCaseSensitive(wanted, tag->string))
			json_push_str(keys, tag->string);
	if (keys->child && run(r, "UntagResource", in, NULL) < 0)
		return -1;
	json_set(in, "Tags", cJSON_Duplicate(wanted, true));
	return run(r, "TagResource", in, NULL);
}

static int function_update(const struct resource_request *r, struct resource *inout)
{
	FP_AUTO(json_freep) cJSON *in = changed_configuration(r, inout->physical_id);
	FP_AUTO(json_freep) cJSON *answer = cJSON_CreateObject();
	const char *arn;

	if (run(r, "UpdateFunctionConfiguration", in, answer) < 0 ||
	    update_code(r, inout->physical_id) < 0 ||
	    set_concurrency(r, inout->physical_id) < 0)
		return -1;
	arn = json_str(answer, "FunctionArn", "");
	fill_function(inout, inout->physical_id, arn);
	return update_tags(r, arn);
}

static int function_remove(const struct resource_request *r, const struct resource *old)
{
	FP_AUTO(json_freep) cJSON *in = cJSON_CreateObject();

	json_set_str(in, "FunctionName", old->physical_id);
	return run(r, "DeleteFunction", in, NULL) < 0 && !resource_gone(r) ? -1 : 0;
}

static int function_create(const struct resource_request *r, struct resource *out)
{
	const char *given = json_str(r->properties, "FunctionName", NULL);
	FP_AUTO(freep)
	char *name = given ? xstrdup(given) : resource_name(r, MAX_FUNCTION_NAME);
	FP_AUTO(json_freep) cJSON *in = configuration(r->properties);
	FP_AUTO(json_freep) cJSON *answer = cJSON_CreateObject();
	cJSON *code;

	if (code_of(r, &code) < 0)
		return -1;
	json_set(in, "Code", code);
	json_set(in, "Tags", tags_of_resource(r));
	json_set_str(in, "FunctionName", name);
	if (run(r, "CreateFunction", in, answer) < 0 && find_own(r, name, answer) < 0)
		return -1;
	fill_function(out, name, json_str(answer, "FunctionArn", ""));
	return set_concurrency(r, name) < 0 ? resource_undo(r, function_remove, out) : 0;
}

/* "STACK-LOGICAL-SUFFIX", the statement's ID, which makes creating idempotent. */
static int permission_create(const struct resource_request *r, struct resource *out)
{
	FP_AUTO(json_freep) cJSON *in = cJSON_Duplicate(r->properties, true);
	FP_AUTO(freep) char *id = resource_name(r, 100);

	json_set_str(in, "StatementId", id);
	if (run(r, "AddPermission", in, NULL) < 0 && r->call->fault.status != 409)
		return -1;
	memset(&r->call->fault, 0, sizeof(r->call->fault));
	out->physical_id = xstrdup(id);
	out->attributes = cJSON_CreateObject();
	json_set_str(out->attributes, "Id", id);
	return 0;
}

static int permission_remove(const struct resource_request *r, const struct resource *old)
{
	FP_AUTO(json_freep) cJSON *in = cJSON_CreateObject();

	json_set_str(in, "FunctionName", json_str(r->properties, "FunctionName", ""));
	json_set_str(in, "StatementId", old->physical_id);
	return run(r, "RemovePermission", in, NULL) < 0 && !resource_gone(r) ? -1 : 0;
}

static int put_event_config(const struct resource_request *r)
{
	static const char *const known[] = {
		"FunctionName",		"Qualifier",
		"MaximumRetryAttempts", "MaximumEventAgeInSeconds",
		"DestinationConfig",	NULL
	};

	if (refuse_unsupported(r->call, "AWS::Lambda::EventInvokeConfig", r->properties,
			       known) < 0)
		return -1;
	return run(r, "PutFunctionEventInvokeConfig", r->properties, NULL);
}

static int event_config_create(const struct resource_request *r, struct resource *out)
{
	if (put_event_config(r) < 0)
		return -1;
	out->physical_id = xasprintf("%s|%s", json_str(r->properties, "FunctionName", ""),
				     json_str(r->properties, "Qualifier", ""));
	out->attributes = cJSON_CreateObject();
	return 0;
}

static int event_config_update(const struct resource_request *r,
			       struct resource *inout FP_UNUSED)
{
	return put_event_config(r);
}

static int event_config_remove(const struct resource_request *r,
			       const struct resource *old FP_UNUSED)
{
	return run(r, "DeleteFunctionEventInvokeConfig", r->properties, NULL) < 0 &&
			       !resource_gone(r)
		       ? -1
		       : 0;
}

const struct resource_type lambda_resources[] = {
	{ "AWS::Lambda::Function", function_create, function_update, function_remove },
	{ "AWS::Lambda::Permission", permission_create, NULL, permission_remove },
	{ "AWS::Lambda::EventInvokeConfig", event_config_create, event_config_update,
	  event_config_remove },
	{ "AWS::Lambda::EventSourceMapping", lambda_mapping_create, lambda_mapping_update,
	  lambda_mapping_remove },
	{ NULL, NULL, NULL, NULL },
};
