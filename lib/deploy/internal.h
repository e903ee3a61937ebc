/*
 * What the files of lib/deploy share: a job is one deployment or destruction.
 */
#ifndef FP_DEPLOY_INTERNAL_H
#define FP_DEPLOY_INTERNAL_H

#include <pthread.h>

#include "deploy/deploy.h"

/* A stack that cannot lose everything at once: see plan_bridge. */
struct bridge {
	struct rendered_stack stack;
	bool needed, crossed; /* crossed: it is deployed, what is left over can go */
};

struct job {
	const struct deploy_context *d;
	struct live live;
	struct plan plan;
	struct bridge *bridges; /* by index of the rendering */
	/* What the stacks lose with this deployment. */
	struct deploy_queues queues;
	struct arena arena; /* of the bridges */
	struct map code;    /* processor -> S3 key, borrowed */
	struct deploy_summary *sum;
	bool begun;	      /* CloudFormation was told to do something */
	int64_t deadline_ms;  /* on the monotonic clock */
	int64_t requests;     /* of the client when the job began */
	pthread_mutex_t lock; /* around reports and the summary */
};
void job_init(struct job *job, const struct deploy_context *d,
	      struct deploy_summary *sum);
void job_release(struct job *job);
void job_report(struct job *job, const struct deploy_event *e);
/* Add to a counter of the summary. */
void job_count(struct job *job, size_t *counter);
/* From here on CloudFormation does something, with or without us. */
void job_begin(struct job *job);
/*
 * The end of a job: whatever call an interruption met, the error says whether
 * CloudFormation goes on, and how to come back. Returns rc.
 */
int job_end(const struct job *job, int rc, struct fp_error *err);
/* Wait; FP_ERR_TIMEOUT says that CloudFormation goes on with `stack`. */
FP_MUST_CHECK int job_wait(struct job *job, int64_t ms, const char *stack,
			   struct fp_error *err);

/* run(ctx, i) for each i below n at the same time; the first error wins. */
typedef int (*parallel_fn)(void *ctx, size_t i, struct fp_error *err);
FP_MUST_CHECK int parallel(size_t n, parallel_fn run, void *ctx, struct fp_error *err);
/*
 * Run the nodes of a graph as they become ready, at most 16 at a time. Independent
 * ones go on after a failure; `skipped` is called for those that wait for it.
 */
FP_MUST_CHECK int dag_run(struct dag *dag, parallel_fn run,
			  void (*skipped)(void *ctx, size_t i), void *ctx,
			  struct fp_error *err);

/* Read one stack into `out`, which is empty; with its template, or without. */
FP_MUST_CHECK int observe_stack(struct live_stack *out, struct aws_client *aws,
				const char *stack, bool template, struct fp_error *err);
/* Observe all; stacks that are busy are waited for and read again. */
FP_MUST_CHECK int observe_settled(struct job *job, struct fp_error *err);

/* An operation on a stack, followed to its end. */
struct follow {
	struct job *job;
	const char *stack; /* the name, for reports */
	const char *stack_id;
	char *last_event; /* owned; NULL: none was seen */
	bool quiet;	  /* report nothing */
	size_t done, total;
	char *status; /* owned: how it ended; "DELETE_COMPLETE" when it is gone */
	char *resource, *type, *reason; /* owned: the root cause, or NULL */
	char *stack_reason;		/* owned: what the stack itself said, or NULL */
};
void follow_release(struct follow *f);
/* Pass over the events that there are: the next ones are the operation's. */
FP_MUST_CHECK int follow_from_now(struct follow *f, struct fp_error *err);
/* Wait until f->status is known. Throttling and a short loss of the network pass. */
FP_MUST_CHECK int follow_to_end(struct follow *f, struct fp_error *err);
/* FP_ERR_STACK with the root cause of a followed operation. Returns -1. */
int follow_fail(const struct follow *f, struct fp_error *err);

/* DeleteStack, followed to its end. A stack that does not exist is fine. */
FP_MUST_CHECK int delete_stack(struct job *job, const char *stack, const char *stack_id,
			       bool quiet, struct fp_error *err);

/* Bring one stack up, by index: nothing, create, update or recreate. */
FP_MUST_CHECK int execute_stack(struct job *job, size_t i, struct fp_error *err);
/* Bring it to its bridge, which the summary does not count. */
FP_MUST_CHECK int execute_bridge(struct job *job, size_t i, struct fp_error *err);

/*
 * Append the queues that stack `i`, as it is deployed, loses when its template becomes
 * `next`; all of them when that is NULL. `resources` is its StackResourceSummaries.
 */
FP_MUST_CHECK int queues_leaving(struct deploy_queues *out, struct aws_client *aws,
				 const struct live_stack *live, size_t i,
				 const struct node *next, const cJSON *resources,
				 struct fp_error *err);
/* FP_ERR_INPUT when one of dead letters holds some. */
FP_MUST_CHECK int queues_check(const struct deploy_queues *q, struct fp_error *err);
/* Wait until those of stack `i` are worked off; then check for dead letters again. */
FP_MUST_CHECK int queues_wait(struct job *job, const struct deploy_queues *q, size_t i,
			      struct fp_error *err);
/* Append all of `from`, which is empty then. */
void queues_move(struct deploy_queues *to, struct deploy_queues *from);
void queues_release(struct deploy_queues *q);

/* The index of the stack that owns the artifact bucket; SIZE_MAX: there is none. */
size_t artifact_stack(const struct rendering *r);
/* Upload a processor's zip (by index of d->code) when its key is not there yet. */
FP_MUST_CHECK int upload_code(struct job *job, size_t i, struct fp_error *err);
/* Upload a template too large for a request; *url is owned by the caller. */
FP_MUST_CHECK int upload_template(struct job *job, const struct rendered_stack *s,
				  char **url, struct fp_error *err);

#endif
