/*
 * Amazon CloudWatch Logs. Events, groups and streams are the answers' own objects, with
 * the members of the API Reference, 2014-03-28; moments are milliseconds since 1970.
 */
#ifndef FP_AWS_LOGS_H
#define FP_AWS_LOGS_H

#include "aws/client.h"
#include "base/str.h"

struct log_filter {
	const char *group;
	const struct strs *streams; /* these only; or NULL */
	const char *stream_prefix;  /* or NULL; not with `streams` */
	int64_t start_ms, end_ms;   /* 0: unbounded; the end is not included */
	const char *pattern;	    /* a filter pattern, or NULL */
	size_t max;		    /* events; 0: all */
};
/* An array of events, as their call gives them; false: no more of them, please. */
typedef bool (*logs_fn)(void *ctx, const cJSON *events);
/*
 * FilterLogEvents: events of all streams, by time; logStreamName, timestamp, message,
 * ingestionTime, eventId. Pages may be empty: those are not reported.
 */
FP_MUST_CHECK int logs_filter(struct aws_client *c, const struct log_filter *f,
			      logs_fn report, void *ctx, struct fp_error *err);

struct log_reading {
	const char *group, *stream;
	int64_t start_ms, end_ms; /* as above */
	const char *token;	  /* where another reading ended; or NULL: the start */
};
/*
 * GetLogEvents: a stream from the start to what is its end now. *token, which may be
 * NULL, is where to go on later; owned by the caller.
 */
FP_MUST_CHECK int logs_read(struct aws_client *c, const struct log_reading *r,
			    logs_fn report, void *ctx, char **token,
			    struct fp_error *err);
/* The last `n` (10,000 at most) events of a stream, the oldest first; an array, owned by
 * the caller. */
FP_MUST_CHECK int logs_tail(struct aws_client *c, const char *group, const char *stream,
			    int n, cJSON **out, struct fp_error *err);

/* logGroups whose names begin so (NULL: all), by name; an array, owned by the caller. */
FP_MUST_CHECK int logs_groups(struct aws_client *c, const char *prefix, cJSON **out,
			      struct fp_error *err);
/*
 * logStreams of a group, the last written first; `max` 0: all. An array, owned by the
 * caller.
 */
FP_MUST_CHECK int logs_streams(struct aws_client *c, const char *group, size_t max,
			       cJSON **out, struct fp_error *err);

#endif
