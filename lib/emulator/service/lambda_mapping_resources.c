#include "base/json.h"
#include "base/str.h"
#include "emulator/bus.h"
#include "emulator/common.h"
#include "emulator/service/lambda.h"

static int run(const struct resource_request *r, const char *action, const cJSON *in,
	       cJSON *out)
{
	return bus_call(r->call, "lambda", action, in, out);
}

/* As the API takes them, with the resource's tags as an object. */
static cJSON *members(const struct resource_request *r)
{
	cJSON *in = cJSON_Duplicate(r->properties, true);

	json_set(in, "Tags", tags_of_resource(r));
	return in;
}

static void describe(struct resource *out, const cJSON *config)
{
	if (!out->physical_id)
		out->physical_id = xstrdup(json_str(config, "UUID", ""));
	cJSON_Delete(out->attributes);
	out->attributes = cJSON_CreateObject();
	json_set_str(out->attributes, "Id", out->physical_id);
	json_set_str(out->attributes, "EventSourceMappingArn",
		     json_str(config, "EventSourceMappingArn", ""));
}

/* A create that was cut off may have made it already. */
static int find_own(const struct resource_request *r, cJSON *answer)
{
	FP_AUTO(lambda_function_release) struct lambda_function f = LAMBDA_FUNCTION_INIT;
	FP_AUTO(lambda_mapping_release) struct lambda_mapping m = { 0 };
	const struct fault conflict = r->call->fault;

	if (conflict.status != 409 ||
	    lambda_load(r->call, &f, json_str(r->properties, "FunctionName", NULL),
			NULL) < 0 ||
	    lambda_mapping_find(r->call, json_str(f.config, "FunctionArn", ""),
				json_str(r->properties, "EventSourceArn", ""), &m) < 0)
		return -1;
	if (!tags_are_of_resource(m.tags, r)) {
		r->call->fault = conflict;
		return -1;
	}
	memset(&r->call->fault, 0, sizeof(r->call->fault));
	json_each_member (member, m.config)
		json_set(answer, member->string, cJSON_Duplicate(member, true));
	return 0;
}

int lambda_mapping_create(const struct resource_request *r, struct resource *out)
{
	FP_AUTO(json_freep) cJSON *in = members(r);
	FP_AUTO(json_freep) cJSON *answer = cJSON_CreateObject();

	if (run(r, "CreateEventSourceMapping", in, answer) < 0 && find_own(r, answer) < 0)
		return -1;
	describe(out, answer);
	return 0;
}

static const struct {
	const char *name, *empty;
} reset[] = {
	{ "BatchSize", "10" },
	{ "MaximumBatchingWindowInSeconds", "0" },
	{ "FunctionResponseTypes", "[]" },
	{ "ScalingConfig", "{}" },
	{ "Enabled", "true" },
};

/* What the template no longer says goes back to its default. */
int lambda_mapping_update(const struct resource_request *r, struct resource *inout)
{
	FP_AUTO(json_freep) cJSON *in = members(r);
	FP_AUTO(json_freep) cJSON *answer = cJSON_CreateObject();

	for (size_t k = 0; k < ARRAY_SIZE(reset); k++)
		if (!json_get(in, reset[k].name) && json_get(r->previous, reset[k].name))
			json_set(in, reset[k].name, cJSON_Parse(reset[k].empty));
	json_set_str(in, "UUID", inout->physical_id);
	if (run(r, "UpdateEventSourceMapping", in, answer) < 0)
		return -1;
	describe(inout, answer);
	return 0;
}

int lambda_mapping_remove(const struct resource_request *r, const struct resource *old)
{
	FP_AUTO(json_freep) cJSON *in = cJSON_CreateObject();

	json_set_str(in, "UUID", old->physical_id);
	return run(r, "DeleteEventSourceMapping", in, NULL) < 0 && !resource_gone(r) ? -1
										     : 0;
}
