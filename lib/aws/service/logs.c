#include "aws/service/logs.h"

#include "aws/members.h"
#include "aws/paginate.h"
#include "base/json.h"

static const struct aws_api api = { .service = "logs",
				    .version = "Logs_20140328",
				    .protocol = AWS_JSON_1_1 };

/* API Reference: of one answer. */
#define MAX_EVENTS  10000
#define MAX_STREAMS 50

struct reading {
	logs_fn report;
	void *ctx;
	size_t left; /* SIZE_MAX: no limit */
};

static bool read_page(void *ctx, cJSON *page)
{
	struct reading *r = ctx;
	cJSON *events = json_get(page, "events");
	size_t n = (size_t)cJSON_GetArraySize(events);

	while (n > r->left)
		cJSON_DeleteItemFromArray(events, (int)--n);
	if (n && !r->report(r->ctx, events))
		return false;
	if (r->left != SIZE_MAX)
		r->left -= n;
	return r->left > 0;
}

int logs_filter(struct aws_client *c, const struct log_filter *f, logs_fn report,
		void *ctx, struct fp_error *err)
{
	static const struct aws_pages pages = { .api = &api,
						.action = "FilterLogEvents",
						.token = "nextToken" };
	FP_AUTO(json_freep) cJSON *in = aws_input("logGroupName", f->group);
	struct reading r = { report, ctx, f->max ? f->max : SIZE_MAX };

	aws_put_list(in, "logStreamNames", f->streams);
	json_set_str(in, "logStreamNamePrefix", f->stream_prefix);
	aws_put_int(in, "startTime", f->start_ms);
	aws_put_int(in, "endTime", f->end_ms);
	json_set_str(in, "filterPattern", f->pattern);
	aws_put_int(in, "limit", (int64_t)FP_MIN(f->max, MAX_EVENTS));
	return aws_paginate(c, &pages, in, read_page, &r, err);
}

static cJSON *stream_input(const char *group, const char *stream, bool from_head)
{
	cJSON *in = aws_input("logGroupName", group);

	json_set_str(in, "logStreamName", stream);
	json_set_bool(in, "startFromHead", from_head);
	return in;
}

int logs_read(struct aws_client *c, const struct log_reading *r, logs_fn report,
	      void *ctx, char **token, struct fp_error *err)
{
	static const struct aws_pages pages = { .api = &api,
						.action = "GetLogEvents",
						.token = "nextToken",
						.next = "nextForwardToken",
						.repeat_ends = true };
	FP_AUTO(json_freep) cJSON *in = stream_input(r->group, r->stream, true);
	struct reading all = { report, ctx, SIZE_MAX };
	const char *last;

	aws_put_int(in, "startTime", r->start_ms);
	aws_put_int(in, "endTime", r->end_ms);
	json_set_str(in, "nextToken", r->token);
	if (aws_paginate(c, &pages, in, read_page, &all, err) < 0)
		return -1;
	last = json_str(in, "nextToken", NULL);
	if (token)
		*token = last ? xstrdup(last) : NULL;
	return 0;
}

int logs_tail(struct aws_client *c, const char *group, const char *stream, int n,
	      cJSON **out, struct fp_error *err)
{
	FP_AUTO(json_freep) cJSON *in = stream_input(group, stream, false);

	json_set_int(in, "limit", n);
	return aws_call_for(c, &api, "GetLogEvents", in, "events", out, err);
}

int logs_groups(struct aws_client *c, const char *prefix, cJSON **out,
		struct fp_error *err)
{
	static const struct aws_pages pages = { .api = &api,
						.action = "DescribeLogGroups",
						.list = "logGroups",
						.token = "nextToken" };
	FP_AUTO(json_freep) cJSON *in = aws_input("logGroupNamePrefix", prefix);

	return aws_collect(c, &pages, in, 0, out, err);
}

int logs_streams(struct aws_client *c, const char *group, size_t max, cJSON **out,
		 struct fp_error *err)
{
	static const struct aws_pages pages = { .api = &api,
						.action = "DescribeLogStreams",
						.list = "logStreams",
						.token = "nextToken",
						.limit = "limit",
						.limit_max = MAX_STREAMS };
	FP_AUTO(json_freep) cJSON *in = aws_input("logGroupName", group);

	json_set_str(in, "orderBy", "LastEventTime");
	json_set_bool(in, "descending", true);
	return aws_collect(c, &pages, in, max, out, err);
}
