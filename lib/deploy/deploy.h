/*
 * Observe, plan, upload, execute: the stacks in parallel along the graph, by
 * change sets. Reports through a callback, never through ui.
 */
#ifndef FP_DEPLOY_H
#define FP_DEPLOY_H

#include "aws/client.h"
#include "pack/asset.h"
#include "plan/plan.h"

/* The built zip of each processor, by name. */
struct deploy_code {
	const char *processor;
	struct asset asset;
};

enum deploy_event_kind {
	DEPLOY_STACK_PLANNED,  /* action is set */
	DEPLOY_STACK_STARTED,
	DEPLOY_RESOURCE,       /* a stack event: resource, type, status, reason */
	DEPLOY_STACK_DONE,
	DEPLOY_STACK_FAILED,   /* reason is the root cause */
	DEPLOY_STACK_SKIPPED,  /* a stack that it needs failed */
	DEPLOY_UPLOAD,         /* resource is the processor; reason the S3 key */
};

struct deploy_event {
	enum deploy_event_kind kind;
	const char *stack; /* "invoices-lambda" */
	enum plan_action action;
	const char *resource, *type, *status, *reason; /* may be NULL */
	int64_t time_ms;
	size_t done, total; /* resources of this stack, where known */
};

/* Called from any thread, one at a time. */
typedef void (*deploy_report)(void *ctx, const struct deploy_event *e);

struct deploy_context {
	struct aws_client *aws;
	const struct manifest *manifest;
	const struct rendering *rendering;
	const struct deploy_code *code;
	size_t ncode;
	deploy_report report;
	void *report_ctx;
	int64_t timeout_ms; /* of the whole; 0: one hour */
};

struct deploy_summary {
	size_t created, updated, unchanged, deleted, failed, skipped;
	size_t uploaded;
};

/* What is deployed: one DescribeStacks and, where it exists, one GetTemplate a stack. */
FP_MUST_CHECK int deploy_observe(struct live *out, const struct deploy_context *d,
				 struct fp_error *err);

/*
 * Bring everything up. On failure `err` holds the first root cause, with the
 * resource and CloudFormation's reason. A second run changes nothing.
 */
FP_MUST_CHECK int deploy_run(const struct deploy_context *d, struct deploy_summary *sum,
			     struct fp_error *err);

/*
 * Take everything down in reverse order. Buckets that hold objects are emptied
 * first when `delete_data`, else they make it fail before anything is deleted.
 */
FP_MUST_CHECK int deploy_destroy(const struct deploy_context *d, bool delete_data,
				 struct deploy_summary *sum, struct fp_error *err);

#endif
