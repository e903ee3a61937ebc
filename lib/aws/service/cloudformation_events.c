/*
 * What happened: a stack's events, and those of its operations.
 */
#include "aws/service/cloudformation_internal.h"

struct news {
	cJSON *all;	   /* oldest first */
	const char *after; /* known already; or NULL */
};

/* The service gives them newest first. */
static bool take_news(void *ctx, cJSON *page)
{
	struct news *news = ctx;
	cJSON *events = json_get(page, "StackEvents"), *e;

	while (cJSON_IsArray(events) && (e = cJSON_DetachItemFromArray(events, 0))) {
		if (news->after && str_eq(json_str(e, "EventId", NULL), news->after)) {
			cJSON_Delete(e);
			return false;
		}
		(void)cJSON_InsertItemInArray(news->all, 0, e);
	}
	return true;
}

int cloudformation_events(struct aws_client *c, const char *stack, const char *after,
			  cJSON **out, struct fp_error *err)
{
	static const struct aws_pages pages = { .api = &cloudformation_api,
						.action = "DescribeStackEvents" };
	FP_AUTO(json_freep) cJSON *in = cloudformation_input(stack);
	FP_AUTO(json_freep) cJSON *all = cJSON_CreateArray();
	struct news news = { all, after };
	struct fp_error why = { 0 };

	*out = NULL;
	if (aws_paginate(c, &pages, in, take_news, &news, &why) < 0)
		return cloudformation_is_absent(&why) ? 0 : aws_pass_error(err, &why);
	*out = all;
	all = NULL;
	return 0;
}

int cloudformation_operation_events(struct aws_client *c, const struct event_query *q,
				    cJSON **out, struct fp_error *err)
{
	FP_AUTO(json_freep) cJSON *in = cloudformation_input(q->stack);

	json_set_str(in, "ChangeSetName", q->change_set);
	json_set_str(in, "OperationId", q->operation_id);
	if (q->failed)
		json_set_bool(json_set_object(in, "Filters"), "FailedEvents", true);
	return cloudformation_collect(c, "DescribeEvents", in, "OperationEvents", out,
				      err);
}

int cloudformation_findings(struct aws_client *c, const char *stack,
			    const char *change_set, struct buf *out, struct fp_error *err)
{
	struct event_query q = { .stack = stack,
				 .change_set = change_set,
				 .failed = true };
	FP_AUTO(json_freep) cJSON *all = NULL;

	if (cloudformation_operation_events(c, &q, &all, err) < 0)
		return -1;
	json_each (e, all) {
		const char *path = json_str(e, "ValidationPath", NULL);
		const char *reason = json_str(e, "ValidationStatusReason", NULL);

		if (!reason)
			continue;
		buf_printf(out, "%s%s%s%s", out->len ? "; " : "",
			   str_or(path, json_str(e, "LogicalResourceId", "")),
			   path ? ": " : " ", reason);
	}
	return 0;
}
