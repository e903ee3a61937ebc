#include "emulator/service.h"

extern const struct service service_cloudwatch;

/* In place of SNS: everybody may publish but to "closed"; counts what is published. */
static int published;
static char subject[200];

static int may_publish(struct call *c, const cJSON *in, cJSON *out);
static int publish(struct call *c, const cJSON *in, cJSON *out);

static const struct operation sns_operations[] = {
	{ "FpctlMayPublish", may_publish },
	{ "Publish", publish },
	{ NULL, NULL },
};
static const struct service fake_sns = { .name = "sns", .operations = sns_operations };
const struct service *const services[] = { &service_cloudwatch, &fake_sns, NULL };

#include "emulator/service/cloudwatch.h"
#include "steps.h"

static int may_publish(struct call *c, const cJSON *in, cJSON *out)
{
	(void)c;
	json_set_bool(out, "Allowed", !str_ends(json_str(in, "TopicArn", ""), ":closed"));
	return 0;
}

static int publish(struct call *c, const cJSON *in, cJSON *out FP_UNUSED)
{
	(void)c;
	(void)snprintf(subject, sizeof(subject), "%s", json_str(in, "Subject", ""));
	__atomic_add_fetch(&published, 1, __ATOMIC_SEQ_CST);
	return 0;
}

#define TOPIC(name) "arn:aws:sns:us-east-1:000000000000:" name
#define METRIC	    "\"MetricName\":\"Errors\",\"Namespace\":\"AWS/Lambda\","
#define REST                                                            \
	"\"Statistic\":\"Sum\",\"Period\":300,\"EvaluationPeriods\":1," \
	"\"Threshold\":1,\"ComparisonOperator\":\"GreaterThanOrEqualToThreshold\""
#define ALARM(name, more) "{\"AlarmName\":\"" name "\"," METRIC REST more "}"

static const struct step alarms[] = {
	{ "PutMetricAlarm", "{}", "ValidationError", NULL, NULL },
	{ "PutMetricAlarm", "{\"AlarmName\":\"a\"," REST "}", "ValidationError", NULL,
	  NULL },
	{ "PutMetricAlarm", ALARM("a", ",\"ExtendedStatistic\":\"p99\""),
	  "ValidationError", NULL, NULL },
	{ "PutMetricAlarm", ALARM("a", ",\"TreatMissingData\":\"never\""),
	  "ValidationError", NULL, NULL },
	{ "PutMetricAlarm", ALARM("a", ",\"DatapointsToAlarm\":2"), "ValidationError",
	  NULL, NULL },
	{ "PutMetricAlarm", ALARM("a", ",\"AlarmActions\":[\"topic\"]"),
	  "ValidationError", NULL, NULL },
	{ "PutMetricAlarm",
	  ALARM("a", ",\"AlarmActions\":[\"arn:aws:automate:us-east-1:ec2:stop\"]"),
	  "NotImplemented", NULL, NULL },
	{ "PutMetricAlarm", ALARM("a", ",\"EvaluationCriteria\":{\"PromQLCriteria\":1}"),
	  "NotImplemented", NULL, NULL },
	/* As Query has it: all texts. */
	{ "PutMetricAlarm",
	  "{\"Action\":\"PutMetricAlarm\",\"Version\":\"2010-08-01\",\"AlarmName\":"
	  "\"a\"," METRIC
	  "\"Statistic\":\"Sum\",\"Period\":\"7\",\"EvaluationPeriods\":\"1\","
	  "\"Threshold\":\"1\",\"ComparisonOperator\":\"LessThanThreshold\"}",
	  "ValidationError", NULL, NULL },
	{ "PutMetricAlarm",
	  "{\"AlarmName\":\"a\"," METRIC
	  "\"Statistic\":\"Sum\",\"Period\":\"x\",\"EvaluationPeriods\":\"1\","
	  "\"Threshold\":\"1\",\"ComparisonOperator\":\"LessThanThreshold\"}",
	  "ValidationError", NULL, NULL },
	{ "PutMetricAlarm",
	  "{\"AlarmName\":\"a\"," METRIC
	  "\"Statistic\":\"Sum\",\"Period\":\"60\",\"EvaluationPeriods\":\"1441\","
	  "\"Threshold\":\"1\",\"ComparisonOperator\":\"LessThanThreshold\"}",
	  "ValidationError", NULL, NULL },
	{ "PutMetricAlarm",
	  "{\"AlarmName\":\"a\"," METRIC
	  "\"Statistic\":\"Sum\",\"Period\":\"60\",\"EvaluationPeriods\":\"1\","
	  "\"Threshold\":\"1.5\",\"ActionsEnabled\":\"true\",\"ComparisonOperator\":"
	  "\"LessThanThreshold\",\"Tags\":[{\"Key\":\"k\",\"Value\":\"v\"}],"
	  "\"AlarmActions\":[\"" TOPIC("open") "\"],\"OKActions\":[\"" TOPIC(
		  "closed") "\"],\"Dimensions\":[{\"Name\":\"F\",\"Value\":\"f\"}]}",
	  NULL, NULL, NULL },
	{ "DescribeAlarms", "{}", NULL, "MetricAlarms/0/Threshold", "1.5" },
	{ "DescribeAlarms", "{}", NULL, "MetricAlarms/0/StateValue",
	  "INSUFFICIENT_DATA" },
	{ "DescribeAlarms", "{\"AlarmNamePrefix\":\"b\"}", NULL, "MetricAlarms/0", NULL },
	{ "DescribeAlarms", "{\"AlarmNames\":[\"a\"]}", NULL, "MetricAlarms/0/Period",
	  "60" },
	{ "DescribeAlarms", "{\"StateValue\":\"OK\"}", NULL, "MetricAlarms/0", NULL },
	{ "DescribeAlarms", "{\"ActionPrefix\":\"arn:aws:lambda\"}", NULL,
	  "MetricAlarms/0", NULL },
	{ "DescribeAlarms", "{\"AlarmTypes\":[\"CompositeAlarm\"]}", NULL,
	  "MetricAlarms/0", NULL },
	{ "DescribeAlarms", "{\"MaxRecords\":\"0\"}", "ValidationError", NULL, NULL },
	{ "DescribeAlarmsForMetric",
	  "{" METRIC "\"Dimensions\":[{\"Name\":\"F\",\"Value\":\"f\"}]}", NULL,
	  "MetricAlarms/0/AlarmName", "a" },
	{ "DescribeAlarmsForMetric", "{" METRIC "\"Dimensions\":[]}", NULL,
	  "MetricAlarms/0", NULL },
	{ "ListTagsForResource",
	  "{\"ResourceARN\":\"arn:aws:cloudwatch:us-east-1:000000000000:alarm:a\"}", NULL,
	  "Tags/0/Value", "v" },
	{ "SetAlarmState",
	  "{\"AlarmName\":\"a\",\"StateValue\":\"RED\","
	  "\"StateReason\":\"r\"}",
	  "ValidationError", NULL, NULL },
	{ "SetAlarmState",
	  "{\"AlarmName\":\"b\",\"StateValue\":\"OK\","
	  "\"StateReason\":\"r\"}",
	  "ResourceNotFound", NULL, NULL },
	{ "SetAlarmState",
	  "{\"AlarmName\":\"a\",\"StateValue\":\"OK\","
	  "\"StateReason\":\"r\",\"StateReasonData\":\"{\"}",
	  "InvalidFormat", NULL, NULL },
	/* Refused by its topic: only the history tells. */
	{ "SetAlarmState",
	  "{\"AlarmName\":\"a\",\"StateValue\":\"OK\","
	  "\"StateReason\":\"r\"}",
	  NULL, NULL, NULL },
	{ "DescribeAlarmHistory", "{\"HistoryItemType\":\"Action\"}", NULL,
	  "AlarmHistoryItems/0/HistorySummary",
	  "Failed to execute action " TOPIC(
		  "closed") ". CloudWatch Alarms is not "
			    "authorized to perform: SNS:Publish" },
	{ "SetAlarmState",
	  "{\"AlarmName\":\"a\",\"StateValue\":\"ALARM\","
	  "\"StateReason\":\"r\"}",
	  NULL, NULL, NULL },
	/* It stays what it is: nothing is told. */
	{ "SetAlarmState",
	  "{\"AlarmName\":\"a\",\"StateValue\":\"ALARM\","
	  "\"StateReason\":\"s\"}",
	  NULL, NULL, NULL },
	/* Put anew it keeps its state and its tags. */
	{ "PutMetricAlarm", ALARM("a", ",\"AlarmActions\":[\"" TOPIC("open") "\"]"), NULL,
	  NULL, NULL },
	{ "DescribeAlarms", "{}", NULL, "MetricAlarms/0/StateValue", "ALARM" },
	{ "DisableAlarmActions", "{\"AlarmNames\":[\"a\",\"nobody\"]}", NULL, NULL,
	  NULL },
	{ "SetAlarmState",
	  "{\"AlarmName\":\"a\",\"StateValue\":\"OK\","
	  "\"StateReason\":\"r\"}",
	  NULL, NULL, NULL },
	{ "SetAlarmState",
	  "{\"AlarmName\":\"a\",\"StateValue\":\"ALARM\","
	  "\"StateReason\":\"r\"}",
	  NULL, NULL, NULL },
	{ "DescribeAlarmHistory", "{\"MaxRecords\":\"1\"}", NULL,
	  "AlarmHistoryItems/0/HistorySummary", "Alarm updated from OK to ALARM" },
	{ "PutMetricAlarm", ALARM("b", ""), NULL, NULL, NULL },
	{ "DescribeAlarms", "{\"MaxRecords\":1}", NULL, "NextToken", "a" },
	{ "DescribeAlarms", "{\"NextToken\":\"a\"}", NULL, "MetricAlarms/0/AlarmName",
	  "b" },
	{ "DeleteAlarms", "{\"AlarmNames\":[\"a\",\"c\"]}", "ResourceNotFound", NULL,
	  NULL },
	/* All or none. */
	{ "DescribeAlarms", "{}", NULL, "MetricAlarms/0/AlarmName", "a" },
	{ "DeleteAlarms", "{\"AlarmNames\":[\"a\",\"b\"]}", NULL, NULL, NULL },
	{ "DescribeAlarms", "{}", NULL, "MetricAlarms/0", NULL },
};

#define BOARD(widget) \
	"{\"DashboardName\":\"d\",\"DashboardBody\":\"{\\\"widgets\\\":[" widget "]}\"}"

static const struct step dashboards[] = {
	{ "GetDashboard", "{\"DashboardName\":\"d\"}", "ResourceNotFound", NULL, NULL },
	{ "PutDashboard", "{\"DashboardName\":\"a b\",\"DashboardBody\":\"{}\"}",
	  "InvalidParameterInput", NULL, NULL },
	{ "PutDashboard", "{\"DashboardName\":\"d\",\"DashboardBody\":\"[]\"}",
	  "InvalidParameterInput", NULL, NULL },
	{ "PutDashboard", "{\"DashboardName\":\"d\",\"DashboardBody\":\"{}\"}",
	  "InvalidParameterInput", NULL, NULL },
	{ "PutDashboard", BOARD("{}"), "InvalidParameterInput", NULL, NULL },
	{ "PutDashboard", BOARD("{\\\"type\\\":\\\"pie\\\",\\\"properties\\\":{}}"),
	  "InvalidParameterInput", NULL, NULL },
	{ "PutDashboard",
	  BOARD("{\\\"type\\\":\\\"metric\\\",\\\"properties\\\":{\\\"metrics\\\":[[\\\"N"
		"\\\",\\\"M\\\"]]}}"),
	  "InvalidParameterInput", NULL, NULL },
	{ "PutDashboard",
	  BOARD("{\\\"type\\\":\\\"metric\\\",\\\"width\\\":25,\\\"properties\\\":{"
		"\\\"region\\\":\\\"r\\\",\\\"metrics\\\":[[\\\"N\\\",\\\"M\\\"]]}}"),
	  "InvalidParameterInput", NULL, NULL },
	{ "PutDashboard",
	  BOARD("{\\\"type\\\":\\\"metric\\\",\\\"width\\\":24,\\\"properties\\\":{"
		"\\\"region\\\":\\\"r\\\",\\\"metrics\\\":[[\\\"N\\\",\\\"M\\\"]]}},{"
		"\\\"type\\\":\\\"text\\\",\\\"properties\\\":{\\\"markdown\\\":\\\"\\\""
		"}}"),
	  NULL, NULL, NULL },
	{ "GetDashboard", "{\"DashboardName\":\"d\"}", NULL, "DashboardArn",
	  "arn:aws:cloudwatch::000000000000:dashboard/d" },
	{ "ListDashboards", "{\"DashboardNamePrefix\":\"d\"}", NULL,
	  "DashboardEntries/0/DashboardName", "d" },
	{ "ListDashboards", "{\"DashboardNamePrefix\":\"e\"}", NULL, "DashboardEntries/0",
	  NULL },
	{ "DeleteDashboards", "{}", "InvalidParameterValue", NULL, NULL },
	{ "DeleteDashboards", "{\"DashboardNames\":[\"d\",\"e\"]}", "ResourceNotFound",
	  NULL, NULL },
	{ "DeleteDashboards", "{\"DashboardNames\":[\"d\"]}", NULL, NULL, NULL },
};

#define AT(s)	    "\"Timestamp\":\"2026-01-02T03:04:" s "Z\""
#define DATUM(more) "{\"MetricName\":\"Files\"," AT("05") more "}"
#define RANGE                                                 \
	"\"StartTime\":\"2026-01-02T03:04:00Z\",\"EndTime\":" \
	"\"2026-01-02T03:06:00Z\""

static const struct step numbers[] = {
	{ "PutMetricData", "{\"MetricData\":[]}", "MissingParameter", NULL, NULL },
	{ "PutMetricData", "{\"Namespace\":\"n\",\"MetricData\":[" DATUM("") "]}",
	  "InvalidParameterValue", NULL, NULL },
	{ "PutMetricData",
	  "{\"Namespace\":\"n\",\"MetricData\":[" DATUM(",\"Value\":\"x\"") "]}",
	  "InvalidParameterValue", NULL, NULL },
	{ "PutMetricData",
	  "{\"Namespace\":\"n\",\"MetricData\":[{\"MetricName\":\"m\",\"Value\":1,"
	  "\"Timestamp\":\"soon\"}]}",
	  "InvalidParameterValue", NULL, NULL },
	{ "PutMetricData",
	  "{\"Namespace\":\"n\",\"MetricData\":[" DATUM(",\"Value\":\"2.5\"") "," DATUM(
		  ",\"Values\":[1,\"2\"],\"Counts\":[\"2\",1]") "," DATUM(",\"StatisticVa"
									  "lues\":{"
									  "\"SampleCount"
									  "\":2,\"Sum\":"
									  "3,\"Minimum\":"
									  "0,"
									  "\"Maximum\":"
									  "9}") "]}",
	  NULL, NULL, NULL },
	{ "ListMetrics", "{\"Namespace\":\"n\"}", NULL, "Metrics/0/MetricName", "Files" },
	{ "ListMetrics", "{\"Dimensions\":[{\"Name\":\"x\"}]}", NULL, "Metrics/0", NULL },
	{ "GetMetricStatistics",
	  "{\"Namespace\":\"n\",\"MetricName\":\"Files\"," RANGE
	  ",\"Period\":60,\"Statistics\":[\"Sum\"]}",
	  NULL, "Datapoints/0/Sum", "9.5" },
	{ "GetMetricStatistics",
	  "{\"Namespace\":\"n\",\"MetricName\":\"Files\"," RANGE
	  ",\"Period\":60,\"Statistics\":[\"Maximum\",\"SampleCount\"]}",
	  NULL, "Datapoints/0/SampleCount", "6" },
	{ "GetMetricStatistics",
	  "{\"Namespace\":\"n\",\"MetricName\":\"Files\"," RANGE
	  ",\"Period\":61,\"Statistics\":[\"Sum\"]}",
	  "InvalidParameterValue", NULL, NULL },
	{ "GetMetricStatistics",
	  "{\"Namespace\":\"n\",\"MetricName\":\"Files\"," RANGE
	  ",\"Period\":60,\"Statistics\":[\"Mode\"]}",
	  "NotImplemented", NULL, NULL },
	{ "GetMetricData",
	  "{" RANGE ",\"MetricDataQueries\":[{\"Id\":\"m\",\"MetricStat\":{\"Metric\":{"
	  "\"Namespace\":\"n\",\"MetricName\":\"Files\"},\"Period\":60,\"Stat\":"
	  "\"Minimum\"}}]}",
	  NULL, "MetricDataResults/0/Values/0", "0" },
	{ "GetMetricData",
	  "{" RANGE ",\"MetricDataQueries\":[{\"Id\":\"m\",\"Expression\":\"a+b\"}]}",
	  "NotImplemented", NULL, NULL },
};

START_TEST(alarms_tell_their_topics)
{
	struct cloud c;

	cloud_open(&c, NULL);
	ck_assert_int_eq(bus_start(c.emu.bus, NULL), 0);
	run_steps(&c, "monitoring", alarms, ARRAY_SIZE(alarms));
	ck_assert(bus_idle(c.emu.bus, 10000));
	ck_assert_int_eq(published, 1);
	ck_assert_str_eq(subject, "ALARM: \"a\" in us-east-1");
	cloud_close(&c);
}
END_TEST

/* A subject has room for 60 bytes of a name: half of the character behind 59 letters. */
#define LONG_NAME                                                             \
	"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\xc3\xa9" \
	"b"

static const struct step long_name[] = {
	{ "PutMetricAlarm", ALARM(LONG_NAME, ",\"OKActions\":[\"" TOPIC("open") "\"]"),
	  NULL, NULL, NULL },
	{ "SetAlarmState",
	  "{\"AlarmName\":\"" LONG_NAME "\",\"StateValue\":\"OK\",\"StateReason\":\"r\"}",
	  NULL, NULL, NULL },
};

START_TEST(long_names_are_cut_between_characters)
{
	struct cloud c;

	cloud_open(&c, NULL);
	ck_assert_int_eq(bus_start(c.emu.bus, NULL), 0);
	run_steps(&c, "monitoring", long_name, ARRAY_SIZE(long_name));
	ck_assert(bus_idle(c.emu.bus, 10000));
	ck_assert_str_eq(subject,
			 "OK: \"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
			 "aaa\" in us-east-1");
	cloud_close(&c);
}
END_TEST

START_TEST(dashboards_are_checked)
{
	struct cloud c;

	cloud_open(&c, NULL);
	run_steps(&c, "monitoring", dashboards, ARRAY_SIZE(dashboards));
	cloud_close(&c);
}
END_TEST

START_TEST(numbers_are_summed)
{
	struct cloud c;

	cloud_open(&c, NULL);
	run_steps(&c, "monitoring", numbers, ARRAY_SIZE(numbers));
	cloud_close(&c);
}
END_TEST

static const struct {
	const char *type, *properties, *changed, *attribute, *want, *fault;
} resources[] = {
	{ "AWS::CloudWatch::Alarm", ALARM("shop", ""),
	  ALARM("shop", ",\"Unit\":\"Count\""), "Arn",
	  "arn:aws:cloudwatch:us-east-1:000000000000:alarm:shop", NULL },
	{ "AWS::CloudWatch::Alarm", ALARM("shop", ",\"TreatMissingData\":\"x\""), NULL,
	  NULL, NULL, "ValidationError" },
	{ "AWS::CloudWatch::Alarm", ALARM("taken", ""), NULL, NULL, NULL,
	  "AlreadyExists" },
	{ "AWS::CloudWatch::Dashboard", "{\"DashboardBody\":\"{\\\"widgets\\\":[]}\"}",
	  "{\"DashboardBody\":{\"widgets\":[]}}", NULL, NULL, NULL },
	{ "AWS::CloudWatch::Dashboard", "{\"DashboardBody\":\"{}\"}", NULL, NULL, NULL,
	  "InvalidParameterInput" },
	{ "AWS::CloudWatch::Dashboard", "{\"DashboardBody\":\"{}\",\"Shape\":1}", NULL,
	  NULL, NULL, "NotImplemented" },
};

START_TEST(resource_lives)
{
	const __typeof__(resources[0]) *d = &resources[_i];
	const struct resource_type *t = find_type(d->type);
	FP_AUTO(json_freep) cJSON *properties = cJSON_Parse(d->properties);
	FP_AUTO(json_freep) cJSON *changed = d->changed ? cJSON_Parse(d->changed) : NULL;
	struct resource out = { NULL, NULL };
	struct resource_request r;
	struct cloud c;

	cloud_open(&c, NULL);
	cJSON_Delete(call_json(&c, "monitoring", "PutMetricAlarm", ALARM("taken", "")));
	r = request_for(&c, properties, NULL);
	ck_assert_msg((t->create(&r, &out) < 0) == (d->fault != NULL), "%s: %s",
		      d->properties, c.call.fault.message);
	if (d->fault) {
		ck_assert_str_eq(c.call.fault.code, d->fault);
		ck_assert_ptr_null(out.physical_id);
		cloud_close(&c);
		return;
	}
	if (d->attribute)
		ck_assert_str_eq(json_str(out.attributes, d->attribute, ""), d->want);
	if (changed) {
		r = request_for(&c, changed, properties);
		ck_assert_msg(t->update(&r, &out) == 0, "%s", c.call.fault.message);
	}
	r = request_for(&c, changed ? changed : properties, NULL);
	ck_assert_msg(t->remove(&r, &out) == 0, "%s", c.call.fault.message);
	ck_assert_msg(t->remove(&r, &out) == 0, "%s", c.call.fault.message);
	free(out.physical_id);
	cJSON_Delete(out.attributes);
	cloud_close(&c);
}
END_TEST

static Suite *cloudwatch_suite(void)
{
	Suite *s = suite_create("cloudwatch");
	TCase *tc = tcase_create("cloudwatch");

	tcase_add_test(tc, alarms_tell_their_topics);
	tcase_add_test(tc, long_names_are_cut_between_characters);
	tcase_add_test(tc, dashboards_are_checked);
	tcase_add_test(tc, numbers_are_summed);
	tcase_add_loop_test(tc, resource_lives, 0, ARRAY_SIZE(resources));
	suite_add_tcase(s, tc);
	return s;
}

CHECK_MAIN(cloudwatch_suite)
