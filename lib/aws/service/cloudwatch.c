#include "aws/service/cloudwatch.h"

#include "aws/members.h"
#include "aws/paginate.h"
#include "base/clock.h"
#include "base/json.h"

#define MAX_QUERIES 500

static const struct aws_api api = { .service = "monitoring",
				    .version = "2010-08-01",
				    .protocol = AWS_QUERY };

void metric_data_release(struct metric_data *d)
{
	for (size_t i = 0; i < d->n; i++) {
		free(d->v[i].id);
		free(d->v[i].label);
		free(d->v[i].time_ms);
		free(d->v[i].value);
	}
	free(d->v);
	*d = (struct metric_data){ 0 };
}

static void put_query(cJSON *list, const struct metric_query *q)
{
	cJSON *to = json_push_object(list), *stat, *metric;

	json_set_str(to, "Id", q->id);
	json_set_str(to, "Label", q->label);
	json_set_bool(to, "ReturnData", !q->hidden);
	if (q->expression) {
		json_set_str(to, "Expression", q->expression);
		aws_put_int(to, "Period", q->period_s);
		return;
	}
	stat = json_set_object(to, "MetricStat");
	metric = json_set_object(stat, "Metric");
	json_set_str(metric, "Namespace", q->namespace);
	json_set_str(metric, "MetricName", q->name);
	aws_put_pairs(metric, "Dimensions", q->dimensions, "Name", "Value");
	json_set_int(stat, "Period", q->period_s);
	json_set_str(stat, "Stat", q->stat);
}

static void put_time(cJSON *in, const char *member, int64_t ms)
{
	char text[25];

	time_iso(text, ms);
	json_set_str(in, member, text);
}

/* A series goes on over pages. */
static struct metric_series *find_series(struct metric_data *d, const char *id,
					 const char *label)
{
	struct metric_series *s;

	for (size_t i = 0; i < d->n; i++)
		if (str_eq(d->v[i].id, id) && str_eq(d->v[i].label, label))
			return &d->v[i];
	if (d->n == d->cap) {
		d->cap = d->cap ? d->cap * 2 : 8;
		d->v = xrealloc(d->v, d->cap * sizeof(*d->v));
	}
	s = &d->v[d->n++];
	*s = (struct metric_series){ .id = xstrdup(id), .label = xstrdup(label) };
	return s;
}

static void add_point(struct metric_series *s, int64_t time_ms, double value)
{
	if (s->n == s->cap) {
		s->cap = s->cap ? s->cap * 2 : 64;
		s->time_ms = xrealloc(s->time_ms, s->cap * sizeof(*s->time_ms));
		s->value = xrealloc(s->value, s->cap * sizeof(*s->value));
	}
	s->time_ms[s->n] = time_ms;
	s->value[s->n++] = value;
}

static bool take_page(void *ctx, cJSON *page)
{
	struct metric_data *d = ctx;

	json_each (r, json_get(page, "MetricDataResults")) {
		struct metric_series *s = find_series(d, json_str(r, "Id", ""),
						      json_str(r, "Label", ""));
		const cJSON *times = json_get(r, "Timestamps");
		const cJSON *values = json_get(r, "Values");
		const cJSON *t = times ? times->child : NULL;
		const cJSON *v = values ? values->child : NULL;

		/* The last page that has it judges. */
		s->partial = !str_eq(json_str(r, "StatusCode", "Complete"), "Complete");
		for (; t && v; t = t->next, v = v->next)
			add_point(s, aws_time(t, NULL, 0), aws_number(v, NULL, 0));
	}
	return true;
}

int cloudwatch_metric_data(struct aws_client *c, const struct metric_query *queries,
			   size_t n, int64_t start_ms, int64_t end_ms,
			   struct metric_data *out, struct fp_error *err)
{
	static const struct aws_pages pages = { .api = &api, .action = "GetMetricData" };
	FP_AUTO(json_freep) cJSON *in = cJSON_CreateObject();
	cJSON *list = json_set_array(in, "MetricDataQueries");

	*out = (struct metric_data){ 0 };
	if (n > MAX_QUERIES)
		return fp_fail(err, FP_ERR_INPUT,
			       "%zu metrics are asked for, and CloudWatch takes %d", n,
			       MAX_QUERIES);
	for (size_t i = 0; i < n; i++)
		put_query(list, &queries[i]);
	put_time(in, "StartTime", start_ms);
	put_time(in, "EndTime", end_ms);
	json_set_str(in, "ScanBy", "TimestampAscending");
	if (aws_paginate(c, &pages, in, take_page, out, err) == 0)
		return 0;
	metric_data_release(out);
	return -1;
}
