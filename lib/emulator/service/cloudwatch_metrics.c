/* The numbers that were put, and what is asked about them. */
#include <math.h>

#include "base/clock.h"
#include "base/json.h"
#include "base/str.h"
#include "emulator/common.h"
#include "emulator/service/cloudwatch.h"
#include "wire/shape.h"

#define MAX_POINTS  1440
#define MAX_QUERIES 500
#define PAGE	    500

/* Of one period, or of one datum. */
struct numbers {
	double count, sum, min, max;
};

static int invalid_value(struct call *c, const char *what)
{
	return fault_set(&c->fault, 400, "InvalidParameterValue", "%s", what);
}

static void add(struct numbers *n, const struct numbers *more)
{
	n->min = n->count > 0 ? fmin(n->min, more->min) : more->min;
	n->max = n->count > 0 ? fmax(n->max, more->max) : more->max;
	n->count += more->count;
	n->sum += more->sum;
}

static double number(const cJSON *j, const char *name)
{
	const cJSON *v = json_get(j, name);

	return cJSON_IsNumber(v) ? v->valuedouble : NAN;
}

/* A datum has a value, values with their counts, or a statistic set. */
static int read_numbers(struct call *c, const cJSON *datum, struct numbers *out)
{
	const cJSON *set = json_get(datum, "StatisticValues");
	const cJSON *count = json_get(datum, "Counts");
	const cJSON *value = json_get(datum, "Value");

	*out = (struct numbers){ 0 };
	if (set)
		*out = (struct numbers){ number(set, "SampleCount"), number(set, "Sum"),
					 number(set, "Minimum"), number(set, "Maximum") };
	if (value)
		add(out,
		    &(struct numbers){ 1, number(datum, "Value"), number(datum, "Value"),
				       number(datum, "Value") });
	count = count ? count->child : NULL;
	json_each (v, json_get(datum, "Values")) {
		double n = count ? count->valuedouble : 1, one = v->valuedouble;

		add(out, &(struct numbers){ n, n * one, one, one });
		count = count ? count->next : NULL;
	}
	if (out->count > 0 && isfinite(out->sum) && isfinite(out->min) &&
	    isfinite(out->max))
		return 0;
	return invalid_value(c, "a metric datum needs a finite Value, Values or "
				"StatisticValues");
}

static int put_datum(struct call *c, const char *namespace, cJSON *datum)
{
	FP_AUTO(freep)
	char *dimensions = cloudwatch_dimensions_key(json_get(datum, "Dimensions"));
	const char *name = json_str(datum, "MetricName", "");
	const cJSON *moment = json_get(datum, "Timestamp");
	FP_AUTO(freep) char *text = NULL;
	int64_t ms = clock_now_ms();
	struct fp_error err = { 0 };
	struct numbers n;

	if (!*name)
		return fault_set(&c->fault, 400, "MissingParameter",
				 "the parameter 'MetricName' is required");
	if (moment && !shape_read_time(moment, &ms))
		return invalid_value(c, "Timestamp is no moment");
	/* Its value is called otherwise than a parameter of the same type elsewhere. */
	if (cJSON_IsString(json_get(datum, "Value"))) {
		char *end;
		double v = strtod(json_str(datum, "Value", ""), &end);

		if (*end)
			return invalid_value(c, "Value is no number");
		json_set(datum, "Value", cJSON_CreateNumber(v));
	}
	if (read_numbers(c, datum, &n) < 0)
		return -1;
	text = xasprintf("[%.17g,%.17g,%.17g,%.17g]", n.count, n.sum, n.min, n.max);
	if (store_exec(c->emu->store, &err,
		       "INSERT INTO cloudwatch_data (region, namespace, name, dimensions,"
		       " unit, ms, numbers) VALUES (?, ?, ?, ?, ?, ?, ?)",
		       "sssssis", c->region, namespace, name, dimensions,
		       json_str(datum, "Unit", "None"), ms, text) < 0)
		return fault_from(&c->fault, &err);
	return 0;
}

static int put_data(struct call *c, void *arg)
{
	const cJSON *in = arg;

	json_each (datum, json_get(in, "MetricData"))
		if (put_datum(c, json_str(in, "Namespace", ""), datum) < 0)
			return -1;
	return 0;
}

int cloudwatch_PutMetricData(struct call *c, const cJSON *in, cJSON *out FP_UNUSED)
{
	FP_AUTO(json_freep) cJSON *typed = cJSON_Duplicate(in, true);

	if (!require_str(c, in, "Namespace", "MissingParameter"))
		return -1;
	if (json_get(in, "EntityMetricData"))
		return fault_set(&c->fault, 501, "NotImplemented",
				 "the emulator does not support EntityMetricData");
	if (cloudwatch_make_typed(c, typed) < 0)
		return -1;
	return in_transaction(c, put_data, typed);
}

/* A filter may name a dimension alone, or with its value. */
static bool has_dimensions(const cJSON *have, const cJSON *wanted)
{
	json_each (w, wanted) {
		const char *value = json_str(w, "Value", NULL);
		bool found = false;

		json_each (pair, have) {
			const char *name = cJSON_GetStringValue(pair->child);
			const char *its = cJSON_GetStringValue(pair->child->next);

			found = found || (str_eq(name, json_str(w, "Name", "")) &&
					  (!value || str_eq(its, value)));
		}
		if (!found)
			return false;
	}
	return true;
}

static void describe_metric(cJSON *metric, const char *namespace, const char *name,
			    const cJSON *pairs)
{
	cJSON *list;

	json_set_str(metric, "Namespace", namespace);
	json_set_str(metric, "MetricName", name);
	list = json_set_array(metric, "Dimensions");
	json_each (pair, pairs) {
		cJSON *d = json_push_object(list);

		json_set_str(d, "Name", cJSON_GetStringValue(pair->child));
		json_set_str(d, "Value", cJSON_GetStringValue(pair->child->next));
	}
}

int cloudwatch_ListMetrics(struct call *c, const cJSON *in, cJSON *out)
{
	const char *namespace = json_str(in, "Namespace", NULL);
	const char *name = json_str(in, "MetricName", NULL);
	int64_t skip = json_int(in, "NextToken", 0), at = 0;
	FP_AUTO(store_done) struct store_rows r = { 0 };
	cJSON *list = json_set_array(out, "Metrics");
	struct fp_error err = { 0 };

	if (store_query(&r, c->emu->store, &err,
			"SELECT DISTINCT namespace, name, dimensions FROM cloudwatch_data"
			" WHERE region = ? ORDER BY namespace, name, dimensions",
			"s", c->region) < 0)
		return fault_from(&c->fault, &err);
	while (store_next(&r)) {
		FP_AUTO(json_freep) cJSON *pairs = cJSON_Parse(store_text(&r, 2));

		if ((namespace && !str_eq(namespace, store_text(&r, 0))) ||
		    (name && !str_eq(name, store_text(&r, 1))) ||
		    !has_dimensions(pairs, json_get(in, "Dimensions")) || at++ < skip)
			continue;
		if (at > skip + PAGE) {
			json_set_fmt(out, "NextToken", "%lld", (long long)skip + PAGE);
			break;
		}
		describe_metric(json_push_object(list), store_text(&r, 0),
				store_text(&r, 1), pairs);
	}
	return 0;
}

/* A metric over time. */
struct series {
	struct numbers *v; /* by period */
	size_t n;
	int64_t start_ms, period_ms;
	char unit[64];
};

static void series_release(struct series *s)
{
	free(s->v);
}

/* Of `metric`: {Namespace, MetricName, Dimensions}. */
static int read_series(struct call *c, const cJSON *metric, const cJSON *range,
		       int64_t period_s, struct series *out)
{
	FP_AUTO(freep)
	char *key = cloudwatch_dimensions_key(json_get(metric, "Dimensions"));
	FP_AUTO(store_done) struct store_rows r = { 0 };
	struct fp_error err = { 0 };
	int64_t first, last;

	if (!shape_read_time(json_get(range, "StartTime"), &first) ||
	    !shape_read_time(json_get(range, "EndTime"), &last) || last <= first)
		return invalid_value(c, "StartTime must lie before EndTime");
	if (period_s < 1 || (period_s > 30 && period_s % 60))
		return invalid_value(c, "Period must be 1, 5, 10, 20, 30 or a multiple "
					"of 60");
	out->period_ms = period_s * 1000;
	out->start_ms = first - first % out->period_ms;
	if ((last - out->start_ms) / out->period_ms >= (int64_t)MAX_POINTS * 100)
		return invalid_value(c, "the time asked for has too many periods");
	out->n = (size_t)((last - out->start_ms + out->period_ms - 1) / out->period_ms);
	out->v = xcalloc(out->n, sizeof(*out->v));
	if (store_query(&r, c->emu->store, &err,
			"SELECT ms, numbers, unit FROM cloudwatch_data WHERE region = ?"
			" AND namespace = ? AND name = ? AND dimensions = ? AND ms >= ?"
			" AND ms < ?",
			"ssssii", c->region, json_str(metric, "Namespace", ""),
			json_str(metric, "MetricName", ""), key, out->start_ms, last) < 0)
		return fault_from(&c->fault, &err);
	while (store_next(&r)) {
		FP_AUTO(json_freep) cJSON *j = cJSON_Parse(store_text(&r, 1));
		struct numbers one = { cJSON_GetArrayItem(j, 0)->valuedouble,
				       cJSON_GetArrayItem(j, 1)->valuedouble,
				       cJSON_GetArrayItem(j, 2)->valuedouble,
				       cJSON_GetArrayItem(j, 3)->valuedouble };

		add(&out->v[(store_int(&r, 0) - out->start_ms) / out->period_ms], &one);
		(void)snprintf(out->unit, sizeof(out->unit), "%s", store_text(&r, 2));
	}
	return 0;
}

static const char *const statistic_names[] = { "SampleCount", "Average", "Sum", "Minimum",
					       "Maximum" };

/* NAN: there is no such statistic. */
static double statistic(const struct numbers *n, const char *name)
{
	const double values[] = { n->count, n->sum / n->count, n->sum, n->min, n->max };

	for (size_t i = 0; i < ARRAY_SIZE(statistic_names); i++)
		if (str_eq(statistic_names[i], name))
			return values[i];
	return NAN;
}

static int check_statistic(struct call *c, const char *name)
{
	static const struct numbers one = { 1, 1, 1, 1 };

	if (!isnan(statistic(&one, name)))
		return 0;
	return fault_set(&c->fault, 501, "NotImplemented",
			 "the emulator knows SampleCount, Average, Sum, Minimum and "
			 "Maximum, not the statistic '%s'",
			 name);
}

int cloudwatch_GetMetricStatistics(struct call *c, const cJSON *in, cJSON *out)
{
	FP_AUTO(series_release) struct series s = { 0 };
	const cJSON *names = json_get(in, "Statistics");
	cJSON *list;

	if (!require_str(c, in, "Namespace", "MissingParameter") ||
	    !require_str(c, in, "MetricName", "MissingParameter"))
		return -1;
	if (json_get(in, "ExtendedStatistics"))
		return fault_set(&c->fault, 501, "NotImplemented",
				 "the emulator does not support ExtendedStatistics");
	if (!names || !names->child)
		return fault_set(&c->fault, 400, "MissingParameter",
				 "the parameter 'Statistics' is required");
	json_each (name, names)
		if (check_statistic(c, str_or(name->valuestring, "")) < 0)
			return -1;
	if (read_series(c, in, in, json_int(in, "Period", 0), &s) < 0)
		return -1;
	json_set_str(out, "Label", json_str(in, "MetricName", ""));
	list = json_set_array(out, "Datapoints");
	for (size_t i = 0; i < s.n; i++) {
		cJSON *point;

		if (!(s.v[i].count > 0))
			continue;
		point = json_push_object(list);
		shape_set_time(point, "Timestamp", s.start_ms + (int64_t)i * s.period_ms);
		json_each (name, names)
			json_set(point, name->valuestring,
				 cJSON_CreateNumber(
					 statistic(&s.v[i], name->valuestring)));
		json_set_str(point, "Unit", s.unit);
	}
	return 0;
}

static int answer_query(struct call *c, const cJSON *in, const cJSON *query, cJSON *out)
{
	const cJSON *stat = json_get(query, "MetricStat");
	const char *name = json_str(stat, "Stat", "");
	bool newest = !str_eq(json_str(in, "ScanBy", ""), "TimestampAscending");
	FP_AUTO(series_release) struct series s = { 0 };
	cJSON *times, *values;

	if (!stat)
		return fault_set(&c->fault, 501, "NotImplemented",
				 "the emulator does not support metric math: '%s'",
				 json_str(query, "Expression", ""));
	if (check_statistic(c, name) < 0 ||
	    read_series(c, json_get(stat, "Metric"), in, json_int(stat, "Period", 0),
			&s) < 0)
		return -1;
	json_set_str(out, "Id", json_str(query, "Id", ""));
	json_set_str(out, "Label",
		     json_str(query, "Label", json_str(stat, "Metric.MetricName", "")));
	times = json_set_array(out, "Timestamps");
	values = json_set_array(out, "Values");
	json_set_str(out, "StatusCode", "Complete");
	for (size_t k = 0; k < s.n; k++) {
		size_t i = newest ? s.n - 1 - k : k;

		if (!(s.v[i].count > 0))
			continue;
		shape_push_time(times, s.start_ms + (int64_t)i * s.period_ms);
		cJSON_AddItemToArray(values,
				     cJSON_CreateNumber(statistic(&s.v[i], name)));
	}
	return 0;
}

int cloudwatch_GetMetricData(struct call *c, const cJSON *in, cJSON *out)
{
	const cJSON *queries = json_get(in, "MetricDataQueries");
	cJSON *results = json_set_array(out, "MetricDataResults");

	if (!queries || !queries->child || cJSON_GetArraySize(queries) > MAX_QUERIES)
		return cloudwatch_invalid(
			c, "MetricDataQueries must have 1 to %d members", MAX_QUERIES);
	json_each (query, queries)
		if (json_bool(query, "ReturnData", true) &&
		    answer_query(c, in, query, json_push_object(results)) < 0)
			return -1;
	return 0;
}
