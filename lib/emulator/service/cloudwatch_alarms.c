#include "base/clock.h"
#include "base/json.h"
#include "base/str.h"
#include "emulator/common.h"
#include "emulator/service/cloudwatch.h"
#include "wire/arn.h"
#include "wire/shape.h"

#define MAX_PAGE   100
#define PAGE	   50
#define DAY_S	   86400
#define MAX_NAME   255
#define MAX_ACTION 5

static const char *const settable[] = { "AlarmName",
					"AlarmDescription",
					"ActionsEnabled",
					"OKActions",
					"AlarmActions",
					"InsufficientDataActions",
					"MetricName",
					"Namespace",
					"Statistic",
					"ExtendedStatistic",
					"Dimensions",
					"Period",
					"Unit",
					"EvaluationPeriods",
					"DatapointsToAlarm",
					"Threshold",
					"ComparisonOperator",
					"TreatMissingData",
					"EvaluateLowSampleCountPercentile",
					"Metrics",
					"Tags",
					NULL };

static const char *const action_lists[] = { "OKActions", "AlarmActions",
					    "InsufficientDataActions" };

void cloudwatch_alarm_release(struct cloudwatch_alarm *a)
{
	cJSON_Delete(a->doc);
	cJSON_Delete(a->tags);
}

static int no_alarm(struct call *c, const char *name)
{
	return fault_set(&c->fault, 404, "ResourceNotFound",
			 "the alarm '%s' does not exist", name);
}

int cloudwatch_load_alarm(struct call *c, const char *name, struct cloudwatch_alarm *out)
{
	FP_AUTO(store_done) struct store_rows r = { 0 };
	struct fp_error err = { 0 };

	*out = (struct cloudwatch_alarm){ NULL, NULL };
	if (store_query(&r, c->emu->store, &err,
			"SELECT doc, tags FROM cloudwatch_alarms"
			" WHERE region = ? AND name = ?",
			"ss", c->region, name) < 0)
		return fault_from(&c->fault, &err);
	if (!store_next(&r))
		return no_alarm(c, name);
	out->doc = cJSON_Parse(store_text(&r, 0));
	out->tags = cJSON_Parse(store_text(&r, 1));
	return 0;
}

int cloudwatch_save_alarm(struct call *c, const struct cloudwatch_alarm *a)
{
	FP_AUTO(freep) char *doc = json_text(a->doc);
	FP_AUTO(freep) char *tags = json_text(a->tags);
	struct fp_error err = { 0 };

	if (store_exec(
		    c->emu->store, &err,
		    "INSERT OR REPLACE INTO cloudwatch_alarms (region, name, doc, tags)"
		    " VALUES (?, ?, ?, ?)",
		    "ssss", c->region, json_str(a->doc, "AlarmName", ""), doc, tags) < 0)
		return fault_from(&c->fault, &err);
	return 0;
}

static bool is_one_of(const char *text, const char *const *list)
{
	while (*list && !str_eq(*list, text))
		list++;
	return *list != NULL;
}

static int check_words(struct call *c, const cJSON *in)
{
	static const char *const operators[] = { "GreaterThanOrEqualToThreshold",
						 "GreaterThanThreshold",
						 "LessThanThreshold",
						 "LessThanOrEqualToThreshold", NULL };
	static const char *const bands[] = { "LessThanLowerOrGreaterThanUpperThreshold",
					     "LessThanLowerThreshold",
					     "GreaterThanUpperThreshold", NULL };
	static const char *const statistics[] = { "SampleCount", "Average", "Sum",
						  "Minimum",	 "Maximum", NULL };
	static const char *const missing[] = { "breaching", "notBreaching", "ignore",
					       "missing", NULL };
	static const char *const samples[] = { "evaluate", "ignore", NULL };
	static const struct {
		const char *name;
		const char *const *words;
	} enums[] = { { "ComparisonOperator", operators },
		      { "Statistic", statistics },
		      { "TreatMissingData", missing },
		      { "EvaluateLowSampleCountPercentile", samples } };

	if (is_one_of(json_str(in, "ComparisonOperator", ""), bands))
		return fault_set(&c->fault, 501, "NotImplemented",
				 "the emulator has no alarms on anomaly detection");
	for (size_t i = 0; i < ARRAY_SIZE(enums); i++) {
		const char *word = json_str(in, enums[i].name, NULL);

		if (word && !is_one_of(word, enums[i].words))
			return cloudwatch_invalid(
				c, "'%s' is no value of %s: it is one of '%s', '%s', ...",
				word, enums[i].name, enums[i].words[0],
				enums[i].words[1]);
	}
	return 0;
}

static int check_period(struct call *c, const cJSON *in, bool metrics)
{
	int64_t period = json_int(in, "Period", 0);
	int64_t periods = json_int(in, "EvaluationPeriods", 0);
	int64_t points = json_int(in, "DatapointsToAlarm", periods);

	if (periods < 1)
		return cloudwatch_invalid(c, "EvaluationPeriods must be at least 1");
	if (points < 1 || points > periods)
		return cloudwatch_invalid(
			c, "DatapointsToAlarm must be between 1 and EvaluationPeriods");
	if (metrics)
		return 0;
	if (period != 10 && period != 20 && period != 30 && (period < 60 || period % 60))
		return cloudwatch_invalid(
			c, "Period must be 10, 20, 30 or a multiple of 60");
	if (period * periods > (period < 3600 ? DAY_S : 7 * DAY_S))
		return cloudwatch_invalid(c,
					  "Metrics cannot be checked across more than %s "
					  "(EvaluationPeriods * Period must be <= %d)",
					  period < 3600 ? "a day" : "a week",
					  period < 3600 ? DAY_S : 7 * DAY_S);
	return 0;
}

static int check_metric(struct call *c, const cJSON *in)
{
	const char *extended = json_str(in, "ExtendedStatistic", NULL);
	bool metrics = json_get(in, "Metrics") != NULL;
	bool single = json_get(in, "MetricName") || json_get(in, "Namespace") ||
		      json_get(in, "Dimensions");

	if (metrics && single)
		return cloudwatch_invalid(
			c, "Metrics and MetricName, Namespace, Dimensions exclude each "
			   "other");
	if (!metrics && (!json_get(in, "MetricName") || !json_get(in, "Namespace")))
		return cloudwatch_invalid(c, "an alarm needs MetricName and Namespace, "
					     "or Metrics");
	if (!metrics && (extended != NULL) == (json_get(in, "Statistic") != NULL))
		return cloudwatch_invalid(
			c, "exactly one of Statistic and ExtendedStatistic is required");
	if (!cJSON_IsNumber(json_get(in, "Threshold")))
		return cloudwatch_invalid(c, "the parameter 'Threshold' is required");
	if (cJSON_GetArraySize(json_get(in, "Dimensions")) > 30)
		return cloudwatch_invalid(c, "a metric has at most 30 dimensions");
	return check_period(c, in, metrics);
}

static int check_actions(struct call *c, const cJSON *in)
{
	for (size_t i = 0; i < ARRAY_SIZE(action_lists); i++) {
		const cJSON *list = json_get(in, action_lists[i]);

		if (cJSON_GetArraySize(list) > MAX_ACTION)
			return cloudwatch_invalid(c, "%s has at most %d actions",
						  action_lists[i], MAX_ACTION);
		json_each (action, list) {
			const char *text = cJSON_GetStringValue(action);
			struct arn arn;

			if (!text || !arn_parse(&arn, text))
				return cloudwatch_invalid(c, "Invalid arn syntax: %s",
							  str_or(text, ""));
			if (!str_eq(arn.service, "sns"))
				return fault_set(&c->fault, 501, "NotImplemented",
						 "the emulator's alarms act on SNS "
						 "topics only, not on %s",
						 text);
		}
	}
	return 0;
}

static int check_alarm(struct call *c, const cJSON *in)
{
	const char *name = require_str(c, in, "AlarmName", "ValidationError");

	if (!name || !require_str(c, in, "ComparisonOperator", "ValidationError") ||
	    refuse_unsupported(c, "alarms", in, settable) < 0 || check_words(c, in) < 0 ||
	    check_metric(c, in) < 0)
		return -1;
	if (strlen(name) > MAX_NAME)
		return cloudwatch_invalid(c, "AlarmName has at most %d characters",
					  MAX_NAME);
	return check_actions(c, in);
}

static void set_state(cJSON *doc, const cJSON *before)
{
	static const char *const kept[] = { "StateValue", "StateReason",
					    "StateReasonData", "StateUpdatedTimestamp",
					    "StateTransitionedTimestamp" };

	json_set_str(doc, "StateValue", "INSUFFICIENT_DATA");
	json_set_str(doc, "StateReason", "Unchecked: Initial alarm creation");
	shape_set_time(doc, "StateUpdatedTimestamp", clock_now_ms());
	shape_set_time(doc, "StateTransitionedTimestamp", clock_now_ms());
	for (size_t i = 0; i < ARRAY_SIZE(kept); i++)
		if (json_get(before, kept[i]))
			json_set(doc, kept[i],
				 cJSON_Duplicate(json_get(before, kept[i]), true));
}

static cJSON *describe_new(const struct call *c, const cJSON *in, const cJSON *before)
{
	FP_AUTO(freep)
	char *resource = xasprintf("alarm:%s", json_str(in, "AlarmName", ""));
	FP_AUTO(freep) char *arn = service_arn(c, "cloudwatch", c->region, resource);
	cJSON *doc = cJSON_CreateObject();

	for (size_t i = 0; settable[i]; i++)
		if (json_get(in, settable[i]) && !str_eq(settable[i], "Tags"))
			json_set(doc, settable[i],
				 cJSON_Duplicate(json_get(in, settable[i]), true));
	json_set_str(doc, "AlarmArn", arn);
	if (!json_get(doc, "ActionsEnabled"))
		json_set_bool(doc, "ActionsEnabled", true);
	for (size_t i = 0; i < ARRAY_SIZE(action_lists); i++)
		if (!cJSON_IsArray(json_get(doc, action_lists[i])))
			(void)json_set_array(doc, action_lists[i]);
	if (!cJSON_IsArray(json_get(doc, "Dimensions")))
		(void)json_set_array(doc, "Dimensions");
	shape_set_time(doc, "AlarmConfigurationUpdatedTimestamp", clock_now_ms());
	set_state(doc, before);
	return doc;
}

static int put_alarm(struct call *c, void *arg)
{
	const cJSON *in = arg;
	const char *name = json_str(in, "AlarmName", "");
	FP_AUTO(cloudwatch_alarm_release) struct cloudwatch_alarm old = { NULL, NULL };
	FP_AUTO(cloudwatch_alarm_release) struct cloudwatch_alarm new = { NULL, NULL };
	FP_AUTO(freep) char *summary = NULL;

	if (cloudwatch_load_alarm(c, name, &old) < 0) {
		if (c->fault.status != 404)
			return -1;
		memset(&c->fault, 0, sizeof(c->fault));
	}
	new.doc = describe_new(c, in, old.doc);
	/* An alarm that is there keeps its tags whatever the request says. */
	new.tags = old.tags ? cJSON_Duplicate(old.tags, true)
			    : tags_from_list(json_get(in, "Tags"));
	summary = xasprintf("Alarm \"%s\" %s", name, old.doc ? "updated" : "created");
	if (cloudwatch_save_alarm(c, &new) < 0)
		return -1;
	return cloudwatch_record(c, name, "ConfigurationUpdate", summary, new.doc);
}

int cloudwatch_PutMetricAlarm(struct call *c, const cJSON *in, cJSON *out FP_UNUSED)
{
	static const char *const own[] = { "Action", "Version" };
	FP_AUTO(json_freep) cJSON *typed = cJSON_Duplicate(in, true);

	for (size_t i = 0; i < ARRAY_SIZE(own); i++)
		cJSON_DeleteItemFromObjectCaseSensitive(typed, own[i]);
	if (cloudwatch_make_typed(c, typed) < 0 || check_alarm(c, typed) < 0)
		return -1;
	return in_transaction(c, put_alarm, typed);
}

static bool lists(const cJSON *list, const char *text)
{
	json_each (item, list)
		if (str_eq(cJSON_GetStringValue(item), text))
			return true;
	return false;
}

static bool acts_on(const cJSON *doc, const char *prefix)
{
	for (size_t i = 0; i < ARRAY_SIZE(action_lists); i++)
		json_each (action, json_get(doc, action_lists[i]))
			if (str_starts(str_or(action->valuestring, ""), prefix))
				return true;
	return false;
}

static bool is_wanted(const cJSON *in, const cJSON *doc)
{
	const char *name = json_str(doc, "AlarmName", "");
	const char *state = json_str(in, "StateValue", NULL);
	const char *action = json_str(in, "ActionPrefix", NULL);
	const cJSON *names = json_get(in, "AlarmNames");
	const cJSON *types = json_get(in, "AlarmTypes");

	return (!names || !names->child || lists(names, name)) &&
	       (!types || !types->child || lists(types, "MetricAlarm")) &&
	       str_starts(name, json_str(in, "AlarmNamePrefix", "")) &&
	       (!state || str_eq(state, json_str(doc, "StateValue", ""))) &&
	       (!action || acts_on(doc, action));
}

int cloudwatch_DescribeAlarms(struct call *c, const cJSON *in, cJSON *out)
{
	static const char *const unknown[] = { "ChildrenOfAlarmName",
					       "ParentsOfAlarmName" };
	FP_AUTO(store_done) struct store_rows r = { 0 };
	int64_t left = json_int(in, "MaxRecords", PAGE);
	cJSON *list = json_set_array(out, "MetricAlarms");
	const char *last = NULL;
	struct fp_error err = { 0 };

	(void)json_set_array(out, "CompositeAlarms");
	for (size_t i = 0; i < ARRAY_SIZE(unknown); i++)
		if (json_get(in, unknown[i]))
			return fault_set(&c->fault, 501, "NotImplemented",
					 "the emulator has no composite alarms");
	if (left < 1 || left > MAX_PAGE)
		return cloudwatch_invalid(c, "MaxRecords is between 1 and %d", MAX_PAGE);
	if (store_query(&r, c->emu->store, &err,
			"SELECT doc FROM cloudwatch_alarms WHERE region = ? AND name > ?"
			" ORDER BY name",
			"ss", c->region, json_str(in, "NextToken", "")) < 0)
		return fault_from(&c->fault, &err);
	while (store_next(&r)) {
		FP_AUTO(json_freep) cJSON *doc = cJSON_Parse(store_text(&r, 0));

		if (!is_wanted(in, doc))
			continue;
		if (left-- == 0) {
			json_set_str(out, "NextToken", last);
			break;
		}
		last = json_str(doc, "AlarmName", "");
		cJSON_AddItemToArray(list, doc);
		doc = NULL;
	}
	return 0;
}

int cloudwatch_DescribeAlarmsForMetric(struct call *c, const cJSON *in, cJSON *out)
{
	static const char *const same[] = { "MetricName", "Namespace", "Statistic",
					    "ExtendedStatistic", "Unit" };
	FP_AUTO(freep)
	char *key = cloudwatch_dimensions_key(json_get(in, "Dimensions"));
	FP_AUTO(store_done) struct store_rows r = { 0 };
	cJSON *list = json_set_array(out, "MetricAlarms");
	struct fp_error err = { 0 };

	if (!require_str(c, in, "MetricName", "ValidationError") ||
	    !require_str(c, in, "Namespace", "ValidationError"))
		return -1;
	if (store_query(&r, c->emu->store, &err,
			"SELECT doc FROM cloudwatch_alarms WHERE region = ?"
			" ORDER BY name",
			"s", c->region) < 0)
		return fault_from(&c->fault, &err);
	while (store_next(&r)) {
		FP_AUTO(json_freep) cJSON *doc = cJSON_Parse(store_text(&r, 0));
		FP_AUTO(freep)
		char *its = cloudwatch_dimensions_key(json_get(doc, "Dimensions"));
		int64_t period = json_int(in, "Period", json_int(doc, "Period", 0));
		bool fits = str_eq(its, key) && period == json_int(doc, "Period", 0);

		for (size_t i = 0; i < ARRAY_SIZE(same); i++)
			fits = fits && (!json_get(in, same[i]) ||
					str_eq(json_str(in, same[i], ""),
					       json_str(doc, same[i], "")));
		if (!fits)
			continue;
		cJSON_AddItemToArray(list, doc);
		doc = NULL;
	}
	return 0;
}

static int delete_alarms(struct call *c, void *arg)
{
	const cJSON *names = arg;
	struct fp_error err = { 0 };

	json_each (name, names) {
		const char *text = str_or(name->valuestring, "");
		int n = store_exec(c->emu->store, &err,
				   "DELETE FROM cloudwatch_alarms WHERE region = ? AND"
				   " name = ?",
				   "ss", c->region, text);

		if (n < 0)
			return fault_from(&c->fault, &err);
		if (n == 0)
			return no_alarm(c, text);
	}
	return 0;
}

int cloudwatch_DeleteAlarms(struct call *c, const cJSON *in, cJSON *out FP_UNUSED)
{
	const cJSON *names = json_get(in, "AlarmNames");

	if (!names || !names->child)
		return cloudwatch_invalid(c, "the parameter 'AlarmNames' is required");
	return in_transaction(c, delete_alarms, (void *)(uintptr_t)names);
}
