/* What may be said of a function, and what it is when nothing is said. */
#include <ctype.h>

#include "base/json.h"
#include "base/str.h"
#include "emulator/bus.h"
#include "emulator/common.h"
#include "emulator/service/lambda.h"
#include "wire/arn.h"

#define MAX_ENVIRONMENT 4096

static int invalid(struct call *c, const char *field, const char *value, const char *rule)
{
	return fault_set(
		&c->fault, 400, "ValidationException",
		"1 validation error detected: Value '%s' at '%s' failed to satisfy "
		"constraint: %s",
		value, field, rule);
}

static const char *const reserved[] = {
	"_HANDLER",
	"_X_AMZN_TRACE_ID",
	"AWS_DEFAULT_REGION",
	"AWS_REGION",
	"AWS_EXECUTION_ENV",
	"AWS_LAMBDA_FUNCTION_NAME",
	"AWS_LAMBDA_FUNCTION_MEMORY_SIZE",
	"AWS_LAMBDA_FUNCTION_VERSION",
	"AWS_LAMBDA_INITIALIZATION_TYPE",
	"AWS_LAMBDA_LOG_GROUP_NAME",
	"AWS_LAMBDA_LOG_STREAM_NAME",
	"AWS_ACCESS_KEY",
	"AWS_ACCESS_KEY_ID",
	"AWS_SECRET_ACCESS_KEY",
	"AWS_SESSION_TOKEN",
	"AWS_LAMBDA_RUNTIME_API",
	"LAMBDA_TASK_ROOT",
	"LAMBDA_RUNTIME_DIR",
};

static bool is_variable_name(const char *s)
{
	if (!isalpha((unsigned char)*s) || !s[1])
		return false;
	while (isalnum((unsigned char)*s) || *s == '_')
		s++;
	return !*s;
}

static int check_environment(struct call *c, const cJSON *variables)
{
	FP_AUTO(freep) char *text = variables ? json_text(variables) : NULL;

	json_each_member (v, variables) {
		for (size_t k = 0; k < ARRAY_SIZE(reserved); k++)
			if (str_eq(v->string, reserved[k]))
				return fault_set(
					&c->fault, 400, "InvalidParameterValueException",
					"Lambda was unable to configure your environment "
					"variables because the environment variables you "
					"have provided contains reserved keys that are "
					"currently not supported for modification. "
					"Reserved keys used in this request: %s",
					v->string);
		if (!is_variable_name(v->string))
			return invalid(c, "environment.variables", v->string,
				       "Member must satisfy regular expression pattern: "
				       "[a-zA-Z]([a-zA-Z0-9_])+");
		if (!cJSON_IsString(v))
			return fault_set(&c->fault, 400, "SerializationException",
					 "the environment variable '%s' is no text",
					 v->string);
	}
	if (text && strlen(text) > MAX_ENVIRONMENT)
		return fault_set(
			&c->fault, 400, "InvalidParameterValueException",
			"Lambda was unable to configure your environment variables "
			"because the environment variables you have provided exceeded "
			"the 4KB limit. String measured: %s",
			text);
	return 0;
}

static int set_environment(struct call *c, cJSON *config, const cJSON *value)
{
	const cJSON *variables = json_get(value, "Variables");

	if (check_environment(c, variables) < 0)
		return -1;
	if (variables && variables->child)
		json_set(json_set_object(config, "Environment"), "Variables",
			 cJSON_Duplicate(variables, true));
	else
		cJSON_DeleteItemFromObjectCaseSensitive(config, "Environment");
	return 0;
}

static int set_number(struct call *c, cJSON *config, const cJSON *value, int min, int max)
{
	FP_AUTO(freep) char *text = cJSON_PrintUnformatted(value);
	int64_t n = cJSON_IsNumber(value) ? (int64_t)value->valuedouble : INT64_MIN;

	if (cJSON_IsString(value) && !str_to_i64(value->valuestring, min, max, &n))
		n = INT64_MIN;
	if (n < min || n > max) {
		char rule[96];

		(void)snprintf(rule, sizeof(rule),
			       "Member must have value between %d and %d", min, max);
		return invalid(c, value->string, str_or(text, ""), rule);
	}
	json_set_int(config, value->string, n);
	return 0;
}

static int set_timeout(struct call *c, cJSON *config, const cJSON *value)
{
	return set_number(c, config, value, 1, 900);
}

static int set_memory(struct call *c, cJSON *config, const cJSON *value)
{
	return set_number(c, config, value, 128, 10240);
}

static int set_text(struct call *c, cJSON *config, const cJSON *value)
{
	if (!cJSON_IsString(value))
		return fault_set(&c->fault, 400, "SerializationException",
				 "'%s' is no text", value->string);
	json_set_str(config, value->string, value->valuestring);
	return 0;
}

static int set_key(struct call *c, cJSON *config, const cJSON *value)
{
	if (*str_or(cJSON_GetStringValue(value), ""))
		return set_text(c, config, value);
	cJSON_DeleteItemFromObjectCaseSensitive(config, value->string);
	return 0;
}

static int set_runtime(struct call *c, cJSON *config, const cJSON *value)
{
	const char *s = str_or(cJSON_GetStringValue(value), "");

	if (!str_eq(s, "provided.al2023") && !str_eq(s, "provided.al2"))
		return fault_set(
			&c->fault, 501, "NotImplemented",
			"the emulator runs functions of the runtime provided.al2023 "
			"only, not '%s'",
			s);
	return set_text(c, config, value);
}

static int set_role(struct call *c, cJSON *config, const cJSON *value)
{
	FP_AUTO(json_freep) cJSON *in = cJSON_CreateObject();
	FP_AUTO(json_freep) cJSON *out = cJSON_CreateObject();
	const char *role = str_or(cJSON_GetStringValue(value), "");
	struct arn arn;

	if (!arn_parse(&arn, role) || !str_eq(arn.service, "iam") ||
	    !str_starts(arn.resource, "role/"))
		return invalid(c, "role", role,
			       "Member must satisfy regular expression pattern: "
			       "arn:(aws[a-zA-Z-]*)?:iam::\\d{12}:role/"
			       "?[a-zA-Z_0-9+=,.@\\-_/]+");
	json_set_str(in, "RoleArn", role);
	json_set_str(in, "Service", "lambda.amazonaws.com");
	if (bus_call(c, "iam", "FpctlRoleTrusts", in, out) < 0)
		return -1;
	if (!json_bool(out, "Trusts", false))
		return fault_set(
			&c->fault, 400, "InvalidParameterValueException",
			"The role defined for the function cannot be assumed by Lambda.");
	return set_text(c, config, value);
}

static int set_architectures(struct call *c, cJSON *config, const cJSON *value)
{
	const char *s = str_or(cJSON_GetStringValue(cJSON_GetArrayItem(value, 0)), "");

	if (cJSON_GetArraySize(value) != 1 ||
	    (!str_eq(s, "x86_64") && !str_eq(s, "arm64")))
		return invalid(c, "architectures", s,
			       "Member must satisfy enum value set: [x86_64, arm64], one "
			       "of them");
	json_set(config, "Architectures", cJSON_Duplicate(value, true));
	return 0;
}

static int set_storage(struct call *c, cJSON *config, const cJSON *value)
{
	cJSON *size = json_get(value, "Size");

	if (!size)
		return 0;
	return set_number(c, json_set_object(config, "EphemeralStorage"), size, 512,
			  10240);
}

static int set_tracing(struct call *c, cJSON *config, const cJSON *value)
{
	const char *mode = json_str(value, "Mode", "PassThrough");

	if (!str_eq(mode, "Active") && !str_eq(mode, "PassThrough"))
		return invalid(
			c, "tracingConfig.mode", mode,
			"Member must satisfy enum value set: [Active, PassThrough]");
	json_set_str(json_set_object(config, "TracingConfig"), "Mode", mode);
	return 0;
}

static int set_logging(struct call *c, cJSON *config, const cJSON *value)
{
	static const char *const members[] = { "LogFormat", "LogGroup", NULL };
	FP_AUTO(freep)
	char *group = xasprintf("/aws/lambda/%s", json_str(config, "FunctionName", ""));
	const char *format = json_str(value, "LogFormat", "Text");
	cJSON *logging;

	if (refuse_unsupported(c, "a function's LoggingConfig", value, members) < 0)
		return -1;
	if (!str_eq(format, "Text"))
		return fault_set(
			&c->fault, 501, "NotImplemented",
			"the emulator writes logs in the LogFormat Text only, not '%s'",
			format);
	logging = json_set_object(config, "LoggingConfig");
	json_set_str(logging, "LogFormat", format);
	json_set_str(logging, "LogGroup",
		     str_or(json_str(value, "LogGroup", NULL), group));
	return 0;
}

static int set_dead_letters(struct call *c, cJSON *config, const cJSON *value)
{
	const char *target = json_str(value, "TargetArn", "");
	struct arn arn;

	if (!*target) {
		cJSON_DeleteItemFromObjectCaseSensitive(config, "DeadLetterConfig");
		return 0;
	}
	if (!arn_parse(&arn, target) ||
	    (!str_eq(arn.service, "sns") && !str_eq(arn.service, "sqs")))
		return fault_set(&c->fault, 501, "NotImplemented",
				 "the emulator sends dead letters to queues and topics "
				 "only, not to '%s'",
				 target);
	json_set_str(json_set_object(config, "DeadLetterConfig"), "TargetArn", target);
	return 0;
}

static int set_package(struct call *c, cJSON *config FP_UNUSED, const cJSON *value)
{
	if (str_eq(cJSON_GetStringValue(value), "Zip"))
		return 0;
	return fault_set(&c->fault, 501, "NotImplemented",
			 "the emulator runs functions from zip files only, not images");
}

static int set_snap_start(struct call *c, cJSON *config FP_UNUSED, const cJSON *value)
{
	if (str_eq(json_str(value, "ApplyOn", "None"), "None"))
		return 0;
	return fault_set(&c->fault, 501, "NotImplemented",
			 "the emulator has no SnapStart");
}

static int set_publish(struct call *c, cJSON *config FP_UNUSED, const cJSON *value)
{
	if (!cJSON_IsTrue(value))
		return 0;
	return fault_set(&c->fault, 501, "NotImplemented",
			 "the emulator has no published versions of functions");
}

static int not_needed(struct call *c FP_UNUSED, cJSON *config FP_UNUSED,
		      const cJSON *value FP_UNUSED)
{
	return 0;
}

static const struct {
	const char *name;
	int (*set)(struct call *c, cJSON *config, const cJSON *value);
} members[] = {
	{ "Runtime", set_runtime },
	{ "Role", set_role },
	{ "Handler", set_text },
	{ "Description", set_text },
	{ "KMSKeyArn", set_key },
	{ "Timeout", set_timeout },
	{ "MemorySize", set_memory },
	{ "Environment", set_environment },
	{ "TracingConfig", set_tracing },
	{ "Architectures", set_architectures },
	{ "EphemeralStorage", set_storage },
	{ "LoggingConfig", set_logging },
	{ "DeadLetterConfig", set_dead_letters },
	{ "PackageType", set_package },
	{ "SnapStart", set_snap_start },
	{ "Publish", set_publish },
	{ "FunctionName", not_needed },
	{ "Code", not_needed },
	{ "Tags", not_needed },
	{ "RevisionId", not_needed },
};

static int apply(struct call *c, cJSON *config, const cJSON *value)
{
	for (size_t k = 0; k < ARRAY_SIZE(members); k++)
		if (str_eq(members[k].name, value->string))
			return members[k].set(c, config, value);
	return 1;
}

int lambda_config_apply(struct call *c, cJSON *config, const cJSON *in)
{
	static const char *const none[] = { NULL };
	FP_AUTO(json_freep) cJSON *unknown = cJSON_CreateObject();

	json_each_member (value, in) {
		int rc = cJSON_IsNull(value) ? 0 : apply(c, config, value);

		if (rc < 0)
			return -1;
		if (rc > 0)
			json_set(unknown, value->string, cJSON_Duplicate(value, true));
	}
	return refuse_unsupported(c, "Lambda functions", unknown, none);
}

cJSON *lambda_config_new(const struct call *c, const char *name)
{
	FP_AUTO(freep) char *resource = xasprintf("function:%s", name);
	FP_AUTO(freep) char *arn = service_arn(c, "lambda", c->region, resource);
	cJSON *config = cJSON_CreateObject();
	cJSON *logging;

	json_set_str(config, "FunctionName", name);
	json_set_str(config, "FunctionArn", arn);
	json_set_str(config, "Description", "");
	json_set_int(config, "Timeout", 3);
	json_set_int(config, "MemorySize", 128);
	json_set_str(config, "Version", "$LATEST");
	json_set_str(config, "PackageType", "Zip");
	json_set_str(config, "State", "Active");
	json_set_str(config, "LastUpdateStatus", "Successful");
	json_set_str(json_set_object(config, "TracingConfig"), "Mode", "PassThrough");
	json_set_str(json_set_object(config, "SnapStart"), "ApplyOn", "None");
	json_set_str(json_get(config, "SnapStart"), "OptimizationStatus", "Off");
	json_push_str(json_set_array(config, "Architectures"), "x86_64");
	json_set_int(json_set_object(config, "EphemeralStorage"), "Size", 512);
	logging = json_set_object(config, "LoggingConfig");
	json_set_str(logging, "LogFormat", "Text");
	json_set_fmt(logging, "LogGroup", "/aws/lambda/%s", name);
	return config;
}
