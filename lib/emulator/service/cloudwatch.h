/*
 * What the files of CloudWatch share: alarms that keep the state they are given,
 * dashboards, and the numbers that are put. Nothing evaluates an alarm here.
 * Source: Amazon CloudWatch API Reference, 2010-08-01.
 */
#ifndef FP_EMULATOR_CLOUDWATCH_H
#define FP_EMULATOR_CLOUDWATCH_H

#include "emulator/service.h"

/* ValidationError, as most of what is refused. */
int cloudwatch_invalid(struct call *c, const char *fmt, ...) FP_PRINTF(2, 3);
/*
 * Query has texts for numbers and booleans: make them what they are, in place, by the
 * members' names at any depth. ValidationError for a text that is none.
 */
int cloudwatch_make_typed(struct call *c, cJSON *in);
/* {"Name","Value"} pairs as one text whatever their order: what identifies a metric.
 * Owned by the caller. */
char *cloudwatch_dimensions_key(const cJSON *dimensions);

struct cloudwatch_alarm {
	cJSON *doc; /* as DescribeAlarms gives it */
	cJSON *tags;
};
void cloudwatch_alarm_release(struct cloudwatch_alarm *a);
/* ResourceNotFound, 404. */
int cloudwatch_load_alarm(struct call *c, const char *name, struct cloudwatch_alarm *out);
/* In a transaction. */
int cloudwatch_save_alarm(struct call *c, const struct cloudwatch_alarm *a);
/* In a transaction: what DescribeAlarmHistory tells. `type` is ConfigurationUpdate,
 * StateUpdate or Action. */
int cloudwatch_record(struct call *c, const char *alarm, const char *type,
		      const char *summary, const cJSON *data);

/* The formatter takes these for nested calls. */
/* clang-format off */
#define CLOUDWATCH_OPERATIONS(X) \
	X(PutMetricAlarm) X(DescribeAlarms) X(DescribeAlarmsForMetric) X(DeleteAlarms) \
	X(SetAlarmState) X(EnableAlarmActions) X(DisableAlarmActions) \
	X(DescribeAlarmHistory) X(PutDashboard) X(GetDashboard) X(ListDashboards) \
	X(DeleteDashboards) X(PutMetricData) X(ListMetrics) X(GetMetricStatistics) \
	X(GetMetricData) X(TagResource) X(UntagResource) X(ListTagsForResource)
/* clang-format on */
#define X(name) int cloudwatch_##name(struct call *c, const cJSON *in, cJSON *out);
CLOUDWATCH_OPERATIONS(X)
#undef X

extern const struct resource_type cloudwatch_resources[];

#endif
