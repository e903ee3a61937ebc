/*
 * Amazon CloudWatch: metrics as numbers over time.
 * Source: API Reference, GetMetricData, 2010-08-01, by the Query protocol, which AWS
 * goes on serving beside its newer ones.
 */
#ifndef FP_AWS_CLOUDWATCH_H
#define FP_AWS_CLOUDWATCH_H

#include "aws/client.h"
#include "base/map.h"

/* A metric's statistic, or an expression over other queries. */
struct metric_query {
	const char *id;		/* begins with a small letter; letters, digits, '_' */
	const char *expression; /* NULL: what follows */
	const char *namespace, *name;
	const struct map *dimensions; /* name -> char *; or NULL */
	const char *stat;	      /* "Sum", "Average", "p99" ... */
	int period_s;
	const char *label; /* or NULL: CloudWatch makes one */
	bool hidden;	   /* needed by an expression only */
};

struct metric_series {
	char *id, *label;
	int64_t *time_ms; /* ascending: where each period begins */
	double *value;
	size_t n, cap;
	bool partial; /* CloudWatch could not give all */
};
struct metric_data {
	struct metric_series *v; /* one a query that is not hidden; a SEARCH gives more */
	size_t n, cap;
};
void metric_data_release(struct metric_data *d);

/* Periods without data have no point. At most 500 queries (FP_ERR_INPUT). */
FP_MUST_CHECK int cloudwatch_metric_data(struct aws_client *c,
					 const struct metric_query *queries, size_t n,
					 int64_t start_ms, int64_t end_ms,
					 struct metric_data *out, struct fp_error *err);

#endif
