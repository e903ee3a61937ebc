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
	DEPLOY_STACK_PLANNED, /* action is set */
	DEPLOY_STACK_STARTED,
	DEPLOY_RESOURCE, /* a stack event: resource, type, status, reason */
	DEPLOY_STACK_DONE,
	DEPLOY_STACK_FAILED,  /* reason is the root cause */
	DEPLOY_STACK_SKIPPED, /* a stack that it needs failed */
	DEPLOY_UPLOAD,	      /* resource is the processor; reason the S3 key */
	DEPLOY_EMPTIED,	      /* resource is the bucket; done the objects deleted */
	DEPLOY_QUEUE, /* resource is a queue that is waited for; done its messages */
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
	/* What deploy_observe saw a moment ago, of the rendering's stacks and maybe of
	 * others behind them: taken over instead of looking again. May be NULL. */
	struct live *observed;
	deploy_report report;
	void *report_ctx;
	int64_t timeout_ms; /* of the whole; 0: one hour */
};

struct deploy_summary {
	size_t created, updated, unchanged, deleted, failed, skipped;
	size_t uploaded;
	int64_t requests; /* sent to AWS */
};

/*
 * What is deployed: one DescribeStacks and, where it exists, one GetTemplate a stack.
 * FP_ERR_STACK when a stack of such a name is somebody else's.
 */
FP_MUST_CHECK int deploy_observe(struct live *out, const struct deploy_context *d,
				 struct fp_error *err);

/*
 * The same of all that the project may have: `all` (in `arena`) begins with d's
 * rendering, then come those that are empty now, then s3 stacks of a time with more
 * buckets, as far as there are any, and what else bears the project's tags and names
 * (as far as the credentials may list stacks). `where` (may be NULL) is told where each
 * bucket lies.
 */
FP_MUST_CHECK int deploy_observe_all(struct live *out, struct rendering *all,
				     struct arena *arena, struct spread *where,
				     const struct deploy_context *d,
				     struct fp_error *err);
/* Switch the termination protection of a stack off. */
FP_MUST_CHECK int deploy_unprotect(const struct deploy_context *d,
				   const struct live_stack *live, struct fp_error *err);

/*
 * Bring everything up. On failure `err` holds the first root cause, with the
 * resource and CloudFormation's reason. A second run changes nothing.
 * A stack loses a queue when it is empty: FP_ERR_TIMEOUT when it has not become so,
 * and FP_ERR_INPUT before anything is changed when it holds dead letters.
 */
FP_MUST_CHECK int deploy_run(const struct deploy_context *d, struct deploy_summary *sum,
			     struct fp_error *err);

/* A bucket that a stack owns. */
struct deploy_bucket {
	char *name;
	size_t stack;	 /* index of rendering.stacks */
	bool retained;	 /* its DeletionPolicy keeps it when its stack goes */
	bool artifacts;	 /* holds only what fpctl built itself */
	int64_t objects; /* with their versions, counted up to DEPLOY_COUNT_LIMIT */
};
struct deploy_buckets {
	struct deploy_bucket *v;
	size_t n;
};
#define DEPLOY_COUNT_LIMIT 10000

/* A queue that a stack owns, and that goes with it. */
struct deploy_queue {
	char *url;
	const char *name; /* the end of `url` */
	size_t stack;	  /* index of rendering.stacks */
	/* A function of the same stack takes its messages, so they can be waited for.
	 * Those of another one, of dead letters, are data. */
	bool worked_off;
	int64_t messages; /* nearly; see sqs.h */
};
struct deploy_queues {
	struct deploy_queue *v;
	size_t n;
};

/* What would be lost with the stacks. */
struct deploy_data {
	struct deploy_buckets buckets;
	struct deploy_queues queues;
};

/* All that is deployed, for a question before destroying. */
FP_MUST_CHECK int deploy_find_data(struct deploy_data *out,
				   const struct deploy_context *d,
				   const struct live *live, struct fp_error *err);
/* FP_ERR_INPUT when a bucket holds objects that fpctl did not make, or a queue messages
 * that nobody takes. */
FP_MUST_CHECK int deploy_check_data(const struct deploy_data *data, struct fp_error *err);
void deploy_data_release(struct deploy_data *data);

/*
 * Take everything down in reverse order. With `delete_data` buckets are emptied
 * first; without it, a bucket that holds objects makes it fail before anything is
 * deleted. The artifact bucket is emptied in any case: `fpctl build` makes its
 * contents anew. Buckets that their stack would keep go too, once they are empty.
 * It is the same for queues; those that a function works off are waited for.
 */
FP_MUST_CHECK int deploy_destroy(const struct deploy_context *d, bool delete_data,
				 struct deploy_summary *sum, struct fp_error *err);

#endif
