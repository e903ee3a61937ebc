/* What is set beside a function: asynchronous invocation, and tags. */
#include "base/clock.h"
#include "base/json.h"
#include "base/str.h"
#include "emulator/common.h"
#include "emulator/service/lambda.h"
#include "wire/arn.h"

struct setting {
	const cJSON *in;
	cJSON *out;
	bool keep; /* what is not given stays */
};

static int check_destination(struct call *c, const cJSON *in, const char *path)
{
	const char *target = json_str(in, path, NULL);
	struct arn arn;

	if (!target || !*target)
		return 0;
	if (!arn_parse(&arn, target))
		return fault_set(&c->fault, 400, "InvalidParameterValueException",
				 "The provided destination is not an ARN: '%s'", target);
	if (!str_eq(arn.service, "sns") && !str_eq(arn.service, "sqs") &&
	    !str_eq(arn.service, "lambda"))
		return fault_set(
			&c->fault, 501, "NotImplemented",
			"the emulator sends to queues, topics and functions only, not "
			"to the destination '%s'",
			target);
	return 0;
}

int lambda_set_within(struct call *c, cJSON *config, const cJSON *in, const char *name,
		      int64_t min, int64_t max)
{
	int64_t n = json_int(in, name, INT64_MIN);

	if (!json_get(in, name))
		return 0;
	if (n < min || n > max)
		return fault_set(&c->fault, 400, "InvalidParameterValueException",
				 "%s is between %lld and %lld", name, (long long)min,
				 (long long)max);
	json_set_int(config, name, n);
	return 0;
}

static int set_event_config(struct call *c, struct lambda_function *f, void *ctx)
{
	struct setting *s = ctx;
	const cJSON *destinations = json_get(s->in, "DestinationConfig");

	if (!s->keep || !f->event_config) {
		cJSON_Delete(f->event_config);
		f->event_config = cJSON_CreateObject();
	}
	if (check_destination(c, destinations, "OnSuccess.Destination") < 0 ||
	    check_destination(c, destinations, "OnFailure.Destination") < 0 ||
	    lambda_set_within(c, f->event_config, s->in, "MaximumRetryAttempts", 0, 2) <
		    0 ||
	    lambda_set_within(c, f->event_config, s->in, "MaximumEventAgeInSeconds", 60,
			      21600) < 0)
		return -1;
	if (destinations)
		json_set(f->event_config, "DestinationConfig",
			 cJSON_Duplicate(destinations, true));
	json_set_fmt(f->event_config, "FunctionArn", "%s:$LATEST",
		     json_str(f->config, "FunctionArn", ""));
	json_set_int(f->event_config, "LastModified", clock_now_ms() / 1000);
	json_each_member (m, f->event_config)
		json_set(s->out, m->string, cJSON_Duplicate(m, true));
	return 0;
}

int lambda_PutFunctionEventInvokeConfig(struct call *c, const cJSON *in, cJSON *out)
{
	struct setting s = { in, out, false };

	return lambda_change(c, in, set_event_config, &s);
}

int lambda_UpdateFunctionEventInvokeConfig(struct call *c, const cJSON *in, cJSON *out)
{
	struct setting s = { in, out, true };

	return lambda_change(c, in, set_event_config, &s);
}

static int no_event_config(struct call *c, const struct lambda_function *f)
{
	return fault_set(&c->fault, 404, "ResourceNotFoundException",
			 "The function %s:$LATEST doesn't have an EventInvokeConfig",
			 json_str(f->config, "FunctionArn", ""));
}

int lambda_GetFunctionEventInvokeConfig(struct call *c, const cJSON *in, cJSON *out)
{
	FP_AUTO(lambda_function_release) struct lambda_function f = LAMBDA_FUNCTION_INIT;

	if (lambda_load(c, &f, json_str(in, "FunctionName", NULL),
			json_str(in, "Qualifier", NULL)) < 0)
		return -1;
	if (!f.event_config)
		return no_event_config(c, &f);
	json_each_member (m, f.event_config)
		json_set(out, m->string, cJSON_Duplicate(m, true));
	return 0;
}

int lambda_ListFunctionEventInvokeConfigs(struct call *c, const cJSON *in, cJSON *out)
{
	FP_AUTO(lambda_function_release) struct lambda_function f = LAMBDA_FUNCTION_INIT;
	cJSON *list = json_set_array(out, "FunctionEventInvokeConfigs");

	if (lambda_load(c, &f, json_str(in, "FunctionName", NULL), NULL) < 0)
		return -1;
	if (f.event_config)
		cJSON_AddItemToArray(list, cJSON_Duplicate(f.event_config, true));
	return 0;
}

static int delete_event_config(struct call *c, struct lambda_function *f,
			       void *ctx FP_UNUSED)
{
	if (!f->event_config)
		return no_event_config(c, f);
	cJSON_Delete(f->event_config);
	f->event_config = NULL;
	return 0;
}

int lambda_DeleteFunctionEventInvokeConfig(struct call *c, const cJSON *in,
					   cJSON *out FP_UNUSED)
{
	return lambda_change(c, in, delete_event_config, NULL);
}

static int add_tags(struct call *c FP_UNUSED, struct lambda_function *f, void *tags)
{
	tags_merge(f->tags, tags);
	return 0;
}

static int remove_tags(struct call *c FP_UNUSED, struct lambda_function *f, void *keys)
{
	const cJSON *list = keys;

	json_each (key, list)
		cJSON_DeleteItemFromObjectCaseSensitive(f->tags,
							str_or(key->valuestring, ""));
	return 0;
}

/* The tag operations call the function "Resource". */
static cJSON *named(const cJSON *in)
{
	cJSON *name = cJSON_CreateObject();

	json_set_str(name, "FunctionName", json_str(in, "Resource", ""));
	return name;
}

int lambda_TagResource(struct call *c, const cJSON *in, cJSON *out FP_UNUSED)
{
	FP_AUTO(json_freep) cJSON *name = named(in);

	return lambda_change(c, name, add_tags, json_get(in, "Tags"));
}

int lambda_UntagResource(struct call *c, const cJSON *in, cJSON *out FP_UNUSED)
{
	FP_AUTO(json_freep) cJSON *name = named(in);

	return lambda_change(c, name, remove_tags, json_get(in, "TagKeys"));
}

int lambda_ListTags(struct call *c, const cJSON *in, cJSON *out)
{
	FP_AUTO(lambda_function_release) struct lambda_function f = LAMBDA_FUNCTION_INIT;

	if (lambda_load(c, &f, json_str(in, "Resource", NULL), NULL) < 0)
		return -1;
	json_set(out, "Tags", cJSON_Duplicate(f.tags, true));
	return 0;
}
