#include "emulator/service/cloudwatch.h"

#include <stdarg.h>

#include "base/json.h"
#include "base/str.h"

static const char schema[] =
	"CREATE TABLE IF NOT EXISTS cloudwatch_alarms ("
	" region TEXT NOT NULL, name TEXT NOT NULL, doc TEXT NOT NULL, tags TEXT NOT "
	"NULL,"
	" PRIMARY KEY (region, name)) WITHOUT ROWID;"
	"CREATE TABLE IF NOT EXISTS cloudwatch_history ("
	" id INTEGER PRIMARY KEY AUTOINCREMENT, region TEXT NOT NULL, name TEXT NOT NULL,"
	" ms INTEGER NOT NULL, type TEXT NOT NULL, summary TEXT NOT NULL,"
	" data TEXT NOT NULL);"
	"CREATE INDEX IF NOT EXISTS cloudwatch_history_name ON cloudwatch_history"
	" (region, name);"
	"CREATE TABLE IF NOT EXISTS cloudwatch_dashboards ("
	" name TEXT PRIMARY KEY, body TEXT NOT NULL, modified INTEGER NOT NULL,"
	" tags TEXT NOT NULL) WITHOUT ROWID;"
	"CREATE TABLE IF NOT EXISTS cloudwatch_data ("
	" region TEXT NOT NULL, namespace TEXT NOT NULL, name TEXT NOT NULL,"
	" dimensions TEXT NOT NULL, unit TEXT NOT NULL, ms INTEGER NOT NULL,"
	" numbers TEXT NOT NULL);"
	"CREATE INDEX IF NOT EXISTS cloudwatch_data_metric ON cloudwatch_data"
	" (region, namespace, name, dimensions, ms)";

int cloudwatch_invalid(struct call *c, const char *fmt, ...)
{
	char text[900];
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	return fault_set(&c->fault, 400, "ValidationError", "%s", text);
}

enum number { NOT_TYPED, IS_NUMBER, IS_BOOL };

static enum number type_of(const char *name)
{
	static const struct {
		const char *name;
		enum number type;
	} typed[] = {
		{ "ActionsEnabled", IS_BOOL },
		{ "ReturnData", IS_BOOL },
		{ "Threshold", IS_NUMBER },
		{ "Period", IS_NUMBER },
		{ "EvaluationPeriods", IS_NUMBER },
		{ "DatapointsToAlarm", IS_NUMBER },
		{ "EvaluationInterval", IS_NUMBER },
		{ "SampleCount", IS_NUMBER },
		{ "Sum", IS_NUMBER },
		{ "Minimum", IS_NUMBER },
		{ "Maximum", IS_NUMBER },
		{ "StorageResolution", IS_NUMBER },
		{ "Values", IS_NUMBER },
		{ "Counts", IS_NUMBER },
		{ "MaxRecords", IS_NUMBER },
	};

	for (size_t i = 0; name && i < ARRAY_SIZE(typed); i++)
		if (str_eq(typed[i].name, name))
			return typed[i].type;
	return NOT_TYPED;
}

static int make_one(struct call *c, cJSON *item, const char *name, enum number type)
{
	FP_AUTO(freep) char *text = xstrdup(item->valuestring);
	char *end = text;
	double number = strtod(text, &end);

	if (type == IS_BOOL && !str_eq(text, "true") && !str_eq(text, "false"))
		return cloudwatch_invalid(c, "%s must be true or false, not '%s'", name,
					  text);
	if (type == IS_NUMBER && (!*text || *end))
		return cloudwatch_invalid(c, "%s must be a number, not '%s'", name, text);
	free(item->valuestring);
	item->valuestring = NULL;
	if (type == IS_BOOL) {
		item->type = str_eq(text, "true") ? cJSON_True : cJSON_False;
		return 0;
	}
	item->type = cJSON_Number;
	cJSON_SetNumberHelper(item, number);
	return 0;
}

static int make_typed(struct call *c, cJSON *in, const char *list)
{
	json_each (item, in) {
		const char *name = cJSON_IsArray(in) ? list : item->string;
		enum number type = type_of(name);

		if (item->child && make_typed(c, item, name) < 0)
			return -1;
		if (cJSON_IsString(item) && type != NOT_TYPED &&
		    make_one(c, item, name, type) < 0)
			return -1;
	}
	return 0;
}

int cloudwatch_make_typed(struct call *c, cJSON *in)
{
	return make_typed(c, in, NULL);
}

char *cloudwatch_dimensions_key(const cJSON *dimensions)
{
	FP_AUTO(strs_release) struct strs pairs = STRS_INIT;
	FP_AUTO(json_freep) cJSON *list = cJSON_CreateArray();

	json_each (d, dimensions) {
		FP_AUTO(json_freep) cJSON *pair = cJSON_CreateArray();
		FP_AUTO(freep) char *text = NULL;

		json_push_str(pair, json_str(d, "Name", ""));
		json_push_str(pair, json_str(d, "Value", ""));
		text = json_text(pair);
		strs_add(&pairs, text);
	}
	strs_sort(&pairs);
	for (size_t i = 0; i < pairs.n; i++)
		cJSON_AddItemToArray(list, cJSON_Parse(pairs.v[i]));
	return json_text(list);
}

/* What the errors are called where Query is not spoken. */
static const char *error_shape(const char *action, const char *code)
{
	static const struct {
		const char *code, *shape;
	} shapes[] = {
		{ "InvalidParameterInput", "DashboardInvalidInputError" },
		{ "InvalidParameterValue", "InvalidParameterValueException" },
		{ "InvalidParameterCombination", "InvalidParameterCombinationException" },
		{ "MissingParameter", "MissingRequiredParameterException" },
		{ "InvalidFormat", "InvalidFormatFault" },
		{ "LimitExceeded", "LimitExceededFault" },
		{ "InternalError", "InternalServiceFault" },
	};

	if (str_eq(code, "ResourceNotFound")) {
		if (str_ends(action, "Dashboard") || str_ends(action, "Dashboards"))
			return "DashboardNotFoundError";
		return str_eq(action, "SetAlarmState") ? "ResourceNotFound"
						       : "ResourceNotFoundException";
	}
	for (size_t i = 0; i < ARRAY_SIZE(shapes); i++)
		if (str_eq(shapes[i].code, code))
			return shapes[i].shape;
	return NULL;
}

static const struct operation operations[] = {
#define X(name) { #name, cloudwatch_##name },
	CLOUDWATCH_OPERATIONS(X)
#undef X
		{ NULL, NULL }
};

extern const struct service service_cloudwatch;
const struct service service_cloudwatch = {
	.name = "monitoring",
	.protocol = SERVICE_QUERY,
	.also = SERVICE_ALSO(SERVICE_JSON_1_0) | SERVICE_ALSO(SERVICE_CBOR),
	.xmlns = "http://monitoring.amazonaws.com/doc/2010-08-01/",
	.target = "GraniteServiceVersion20100801",
	.schema = schema,
	.operations = operations,
	.error_shape = error_shape,
	.resources = cloudwatch_resources,
};
