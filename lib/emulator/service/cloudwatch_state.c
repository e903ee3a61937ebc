/* What becomes of alarms: their state, their actions, their history. */
#include <ctype.h>

#include "base/clock.h"
#include "base/json.h"
#include "base/str.h"
#include "emulator/bus.h"
#include "emulator/common.h"
#include "emulator/service/cloudwatch.h"
#include "wire/shape.h"

#define PUBLISH_RETRIES 3
#define MAX_HISTORY	100
#define MAX_IN_SUBJECT	60

static const struct {
	const char *state, *actions;
} states[] = {
	{ "OK", "OKActions" },
	{ "ALARM", "AlarmActions" },
	{ "INSUFFICIENT_DATA", "InsufficientDataActions" },
};

int cloudwatch_record(struct call *c, const char *alarm, const char *type,
		      const char *summary, const cJSON *data)
{
	FP_AUTO(json_freep) cJSON *plain = cJSON_Duplicate(data, true);
	FP_AUTO(freep) char *text = NULL;
	struct fp_error err = { 0 };

	shape_to_json(plain);
	text = json_text(plain);
	if (store_exec(c->emu->store, &err,
		       "INSERT INTO cloudwatch_history (region, name, ms, type, summary,"
		       " data) VALUES (?, ?, ?, ?, ?, ?)",
		       "ssisss", c->region, alarm, clock_now_ms(), type, summary,
		       text) < 0)
		return fault_from(&c->fault, &err);
	return 0;
}

/* As CloudWatch has them in messages: "2026-01-02T03:04:05.678+0000". */
static void set_moment(cJSON *message, const char *name, const cJSON *moment)
{
	int64_t ms = 0;
	char text[25];

	(void)shape_is_time(moment, &ms);
	time_iso(text, ms);
	json_set_fmt(message, name, "%.23s+0000", text);
}

static void copy(cJSON *to, const char *name, const cJSON *from, const char *member)
{
	const cJSON *value = json_get(from, member);

	json_set(to, name, value ? cJSON_Duplicate(value, true) : cJSON_CreateNull());
}

static void describe_trigger(cJSON *trigger, const cJSON *doc)
{
	static const char *const members[] = { "MetricName",
					       "Namespace",
					       "Unit",
					       "Period",
					       "EvaluationPeriods",
					       "DatapointsToAlarm",
					       "ComparisonOperator",
					       "Threshold",
					       "TreatMissingData",
					       "EvaluateLowSampleCountPercentile" };
	const char *extended = json_str(doc, "ExtendedStatistic", NULL);
	FP_AUTO(freep) char *statistic = xstrdup(json_str(doc, "Statistic", ""));
	cJSON *dimensions;

	for (size_t i = 0; i < ARRAY_SIZE(members); i++)
		if (json_get(doc, members[i]))
			copy(trigger, members[i], doc, members[i]);
	for (char *s = statistic; *s; s++)
		*s = (char)toupper((unsigned char)*s);
	json_set_str(trigger, "StatisticType",
		     extended ? "ExtendedStatistic" : "Statistic");
	json_set_str(trigger, extended ? "ExtendedStatistic" : "Statistic",
		     extended ? extended : statistic);
	dimensions = json_set_array(trigger, "Dimensions");
	json_each (d, json_get(doc, "Dimensions")) {
		cJSON *item = json_push_object(dimensions);

		json_set_str(item, "value", json_str(d, "Value", ""));
		json_set_str(item, "name", json_str(d, "Name", ""));
	}
}

/* Source: CloudWatch User Guide, "Notifying users on alarm changes". */
static cJSON *describe_change(const struct call *c, const cJSON *doc, const char *old)
{
	cJSON *m = cJSON_CreateObject();

	copy(m, "AlarmName", doc, "AlarmName");
	copy(m, "AlarmDescription", doc, "AlarmDescription");
	json_set_str(m, "AWSAccountId", c->emu->account);
	set_moment(m, "AlarmConfigurationUpdatedTimestamp",
		   json_get(doc, "AlarmConfigurationUpdatedTimestamp"));
	copy(m, "NewStateValue", doc, "StateValue");
	copy(m, "NewStateReason", doc, "StateReason");
	set_moment(m, "StateChangeTime", json_get(doc, "StateUpdatedTimestamp"));
	json_set_str(m, "Region", c->region);
	copy(m, "AlarmArn", doc, "AlarmArn");
	json_set_str(m, "OldStateValue", old);
	for (size_t i = 0; i < ARRAY_SIZE(states); i++)
		copy(m, states[i].actions, doc, states[i].actions);
	describe_trigger(json_set_object(m, "Trigger"), doc);
	return m;
}

/* Whether the topic is there and lets CloudWatch in. */
static bool may_publish(struct call *c, const cJSON *doc, const char *topic)
{
	FP_AUTO(json_freep) cJSON *in = cJSON_CreateObject();
	FP_AUTO(json_freep) cJSON *out = cJSON_CreateObject();
	const struct fault none = { 0 };
	bool may;

	json_set_str(in, "TopicArn", topic);
	json_set_str(in, "Principal", "cloudwatch.amazonaws.com");
	json_set_str(in, "SourceArn", json_str(doc, "AlarmArn", ""));
	json_set_str(in, "SourceAccount", c->emu->account);
	may = bus_call(c, "sns", "FpctlMayPublish", in, out) == 0 &&
	      json_bool(out, "Allowed", false);
	c->fault = none;
	return may;
}

/* The bytes of a name that a subject has room for: whole characters. */
static int fitting(const char *name)
{
	size_t n = 0, k;

	while ((k = str_utf8_len(name + n, strlen(name + n))) && n + k <= MAX_IN_SUBJECT)
		n += k;
	return (int)n;
}

static int act(struct call *c, const cJSON *doc, const char *topic, const char *old)
{
	const char *name = json_str(doc, "AlarmName", "");
	FP_AUTO(json_freep) cJSON *message = describe_change(c, doc, old);
	FP_AUTO(json_freep) cJSON *in = cJSON_CreateObject();
	FP_AUTO(freep) char *text = json_text(message);
	FP_AUTO(freep) char *summary = NULL;
	bool may = may_publish(c, doc, topic);

	json_set_str(in, "TopicArn", topic);
	json_set_fmt(in, "Subject", "%s: \"%.*s\" in %s", json_str(doc, "StateValue", ""),
		     fitting(name), name, c->region);
	json_set_str(in, "Message", text);
	if (may && bus_enqueue(c, "sns", "Publish", in, PUBLISH_RETRIES, 0) < 0)
		return -1;
	summary = xasprintf(may ? "Successfully executed action %s"
				: "Failed to execute action %s. CloudWatch Alarms is not "
				  "authorized to perform: SNS:Publish",
			    topic);
	return cloudwatch_record(c, name, "Action", summary, message);
}

static int change_state(struct call *c, struct cloudwatch_alarm *a, const cJSON *in,
			size_t state)
{
	FP_AUTO(freep) char *old = xstrdup(json_str(a->doc, "StateValue", ""));
	const char *name = json_str(a->doc, "AlarmName", "");
	bool changed = !str_eq(old, states[state].state);
	FP_AUTO(freep) char *summary = NULL;

	json_set_str(a->doc, "StateValue", states[state].state);
	json_set_str(a->doc, "StateReason", json_str(in, "StateReason", ""));
	cJSON_DeleteItemFromObjectCaseSensitive(a->doc, "StateReasonData");
	json_set_str(a->doc, "StateReasonData", json_str(in, "StateReasonData", NULL));
	shape_set_time(a->doc, "StateUpdatedTimestamp", clock_now_ms());
	if (changed)
		shape_set_time(a->doc, "StateTransitionedTimestamp", clock_now_ms());
	if (cloudwatch_save_alarm(c, a) < 0)
		return -1;
	if (!changed)
		return 0;
	summary = xasprintf("Alarm updated from %s to %s", old, states[state].state);
	if (cloudwatch_record(c, name, "StateUpdate", summary, a->doc) < 0)
		return -1;
	if (!json_bool(a->doc, "ActionsEnabled", true))
		return 0;
	json_each (action, json_get(a->doc, states[state].actions))
		if (act(c, a->doc, str_or(action->valuestring, ""), old) < 0)
			return -1;
	return 0;
}

static int set_alarm_state(struct call *c, void *arg)
{
	const cJSON *in = arg;
	const char *wanted = json_str(in, "StateValue", "");
	FP_AUTO(cloudwatch_alarm_release) struct cloudwatch_alarm a = { NULL, NULL };
	size_t state = 0;

	while (state < ARRAY_SIZE(states) && !str_eq(states[state].state, wanted))
		state++;
	if (state == ARRAY_SIZE(states))
		return cloudwatch_invalid(
			c, "StateValue is OK, ALARM or INSUFFICIENT_DATA, not '%s'",
			wanted);
	if (cloudwatch_load_alarm(c, json_str(in, "AlarmName", ""), &a) < 0)
		return -1;
	return change_state(c, &a, in, state);
}

int cloudwatch_SetAlarmState(struct call *c, const cJSON *in, cJSON *out FP_UNUSED)
{
	const char *data = json_str(in, "StateReasonData", NULL);
	FP_AUTO(json_freep) cJSON *parsed = data ? cJSON_Parse(data) : NULL;

	if (!require_str(c, in, "AlarmName", "ValidationError") ||
	    !require_str(c, in, "StateReason", "ValidationError"))
		return -1;
	if (data && !parsed)
		return fault_set(&c->fault, 400, "InvalidFormat",
				 "StateReasonData is no JSON");
	return in_transaction(c, set_alarm_state, (void *)(uintptr_t)in);
}

struct switching {
	const cJSON *names;
	bool on;
};

static int switch_actions(struct call *c, void *arg)
{
	const struct switching *s = arg;

	json_each (name, s->names) {
		FP_AUTO(cloudwatch_alarm_release)
		struct cloudwatch_alarm a = { NULL, NULL };

		/* CloudWatch passes over alarms that are not there. */
		if (cloudwatch_load_alarm(c, str_or(name->valuestring, ""), &a) < 0) {
			if (c->fault.status != 404)
				return -1;
			memset(&c->fault, 0, sizeof(c->fault));
			continue;
		}
		json_set_bool(a.doc, "ActionsEnabled", s->on);
		if (cloudwatch_save_alarm(c, &a) < 0)
			return -1;
	}
	return 0;
}

int cloudwatch_EnableAlarmActions(struct call *c, const cJSON *in, cJSON *out FP_UNUSED)
{
	struct switching s = { json_get(in, "AlarmNames"), true };

	return in_transaction(c, switch_actions, &s);
}

int cloudwatch_DisableAlarmActions(struct call *c, const cJSON *in, cJSON *out FP_UNUSED)
{
	struct switching s = { json_get(in, "AlarmNames"), false };

	return in_transaction(c, switch_actions, &s);
}

static bool is_asked_for(const struct store_rows *r, const cJSON *in)
{
	const char *name = json_str(in, "AlarmName", NULL);
	const char *type = json_str(in, "HistoryItemType", NULL);
	int64_t first, last, ms = store_int(r, 2);

	return (!name || str_eq(name, store_text(r, 1))) &&
	       (!type || str_eq(type, store_text(r, 3))) &&
	       (!shape_read_time(json_get(in, "StartDate"), &first) || ms >= first) &&
	       (!shape_read_time(json_get(in, "EndDate"), &last) || ms <= last);
}

int cloudwatch_DescribeAlarmHistory(struct call *c, const cJSON *in, cJSON *out)
{
	bool forward = str_eq(json_str(in, "ScanBy", ""), "TimestampAscending");
	FP_AUTO(store_done) struct store_rows r = { 0 };
	int64_t left = json_int(in, "MaxRecords", MAX_HISTORY), last = 0;
	int64_t from = json_int(in, "NextToken", forward ? 0 : INT64_MAX);
	cJSON *list = json_set_array(out, "AlarmHistoryItems");
	struct fp_error err = { 0 };

	if (store_query(&r, c->emu->store, &err,
			forward ? "SELECT id, name, ms, type, summary, data FROM"
				  " cloudwatch_history WHERE region = ? AND id > ?"
				  " ORDER BY id"
				: "SELECT id, name, ms, type, summary, data FROM"
				  " cloudwatch_history WHERE region = ? AND id < ?"
				  " ORDER BY id DESC",
			"si", c->region, from) < 0)
		return fault_from(&c->fault, &err);
	while (store_next(&r)) {
		cJSON *item;

		if (!is_asked_for(&r, in))
			continue;
		if (left-- <= 0) {
			json_set_fmt(out, "NextToken", "%lld", (long long)last);
			break;
		}
		last = store_int(&r, 0);
		item = json_push_object(list);
		json_set_str(item, "AlarmName", store_text(&r, 1));
		json_set_str(item, "AlarmType", "MetricAlarm");
		shape_set_time(item, "Timestamp", store_int(&r, 2));
		json_set_str(item, "HistoryItemType", store_text(&r, 3));
		json_set_str(item, "HistorySummary", store_text(&r, 4));
		json_set_str(item, "HistoryData", store_text(&r, 5));
	}
	return 0;
}
