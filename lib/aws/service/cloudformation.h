/*
 * AWS CloudFormation. Stacks, events, resources and the like are returned as the
 * answers' own objects, with the members of the API Reference, 2010-05-15; all values
 * are texts (aws/members.h reads them). Lists are arrays, complete: every page was read.
 * What is returned by `out` is the caller's to free.
 *
 * A stack is named by its name or its id; only the id finds a deleted one. Tokens make
 * a call repeatable, and name the operation in its events; NULL: one is made.
 */
#ifndef FP_AWS_CLOUDFORMATION_H
#define FP_AWS_CLOUDFORMATION_H

#include "aws/client.h"
#include "aws/waiter.h"
#include "base/map.h"
#include "base/str.h"

/* How an operation is deployed: always said in full, as AWS advises. */
struct deployment_config {
	bool express; /* answered before the resources have settled */
	bool disable_rollback;
};

struct change_set {
	const char *stack, *name;
	const char *type;	/* "CREATE", "UPDATE" or "IMPORT" */
	const char *body, *url; /* one of them; neither: the stack's own template */
	/* name -> char *; all the parameters that are given. NULL: as the stack has it.
	 */
	const struct map *params;
	const struct map *tags;	 /* name -> char * */
	const char *capability;	 /* "CAPABILITY_NAMED_IAM", or NULL */
	const char *token;	 /* the same token: the same change set */
	const char *description; /* or NULL */
	const char *role;	 /* ARN of CloudFormation's role, or NULL */
	bool revert_drift;	 /* what drifted goes back to the template */
	bool import_existing;	 /* adopt resources of the same name */
	const char *on_failure;	 /* "DELETE", "DO_NOTHING", "ROLLBACK"; or NULL */
	const struct deployment_config *config; /* or NULL; then without on_failure */
};

/* Stacks (cloudformation.c) */

/* DescribeStacks of one; *out is NULL when it does not exist. */
FP_MUST_CHECK int cloudformation_stack(struct aws_client *c, const char *stack,
				       cJSON **out, struct fp_error *err);
/* DescribeStacks of all that the region has. */
FP_MUST_CHECK int cloudformation_stacks(struct aws_client *c, cJSON **out,
					struct fp_error *err);
/* StackSummaries with one of these statuses, also stacks that are deleted; NULL: all
 * of the last 90 days. */
FP_MUST_CHECK int cloudformation_list(struct aws_client *c, const struct strs *statuses,
				      cJSON **out, struct fp_error *err);
/* Append the template as it was given. */
FP_MUST_CHECK int cloudformation_template(struct aws_client *c, const char *stack,
					  struct buf *out, struct fp_error *err);
/* The same of a change set (NULL: of the stack), or as it is after macros. */
FP_MUST_CHECK int cloudformation_template_of(struct aws_client *c, const char *stack,
					     const char *change_set, bool processed,
					     struct buf *out, struct fp_error *err);
/* StackResourceSummaries. */
FP_MUST_CHECK int cloudformation_resources(struct aws_client *c, const char *stack,
					   cJSON **out, struct fp_error *err);
/* AccountLimits: Name and Value. */
FP_MUST_CHECK int cloudformation_account_limits(struct aws_client *c, cJSON **out,
						struct fp_error *err);
/* Exports: ExportingStackId, Name, Value. */
FP_MUST_CHECK int cloudformation_exports(struct aws_client *c, cJSON **out,
					 struct fp_error *err);
/* The names of the stacks that import it: an array of texts, empty when none does. */
FP_MUST_CHECK int cloudformation_imports(struct aws_client *c, const char *export,
					 cJSON **out, struct fp_error *err);
/* Switch the protection against deletion on or off. */
FP_MUST_CHECK int cloudformation_protect(struct aws_client *c, const char *stack, bool on,
					 struct fp_error *err);

/* Operations (cloudformation_operations.c) */

struct stack_deletion {
	const char *token, *role;  /* or NULL */
	const struct strs *retain; /* logical ids, of a stack in DELETE_FAILED; or NULL */
	bool force;		   /* leave behind what cannot be deleted */
	const struct deployment_config *config; /* or NULL */
};
/* `how` may be NULL. A stack that is not there is a success. */
FP_MUST_CHECK int cloudformation_delete(struct aws_client *c, const char *stack,
					const struct stack_deletion *how,
					struct fp_error *err);
/* Of an update that runs: it is rolled back. */
FP_MUST_CHECK int cloudformation_cancel_update(struct aws_client *c, const char *stack,
					       const char *token, struct fp_error *err);
struct rollback {
	const char *token, *role; /* or NULL */
	const struct strs *skip;  /* cloudformation_continue_rollback only */
	bool force;		  /* the same; not with `skip` */
	const struct deployment_config *config; /* cloudformation_rollback only */
};
/* Out of UPDATE_ROLLBACK_FAILED; `how` may be NULL. */
FP_MUST_CHECK int cloudformation_continue_rollback(struct aws_client *c,
						   const char *stack,
						   const struct rollback *how,
						   struct fp_error *err);
/*
 * Back to the last stable state, out of CREATE_FAILED or UPDATE_FAILED. What a failed
 * first creation made is deleted, whatever its DeletionPolicy. *operation_id may be NULL
 * afterwards; `how` and `operation_id` may be NULL.
 */
FP_MUST_CHECK int cloudformation_rollback(struct aws_client *c, const char *stack,
					  const struct rollback *how, char **operation_id,
					  struct fp_error *err);
/*
 * Wait until no operation runs on the stack; *out is the stack then, NULL when it does
 * not exist (a deleted one does by its id). FP_ERR_STACK when it is not in the status
 * `want` then, unless that is NULL; "DELETE_COMPLETE" is also that it is not there.
 */
FP_MUST_CHECK int cloudformation_wait(struct aws_client *c, const char *stack,
				      const char *want,
				      const struct aws_patience *patience, cJSON **out,
				      struct fp_error *err);

/* Change sets (cloudformation_changes.c) */

/* *stack_id is owned by the caller. */
FP_MUST_CHECK int cloudformation_create_change_set(struct aws_client *c,
						   const struct change_set *s,
						   char **stack_id, struct fp_error *err);
/* DescribeChangeSet, of its Status and StatusReason; only the first Changes. */
FP_MUST_CHECK int cloudformation_change_set(struct aws_client *c, const char *stack,
					    const char *name, cJSON **out,
					    struct fp_error *err);
/* The same with all Changes, and with the values before and after when `values`. */
FP_MUST_CHECK int cloudformation_changes(struct aws_client *c, const char *stack,
					 const char *name, bool values, cJSON **out,
					 struct fp_error *err);
/* Summaries of the stack's change sets. */
FP_MUST_CHECK int cloudformation_change_sets(struct aws_client *c, const char *stack,
					     cJSON **out, struct fp_error *err);
FP_MUST_CHECK int cloudformation_delete_change_set(struct aws_client *c,
						   const char *stack, const char *name,
						   struct fp_error *err);
/*
 * What a failed first creation made is deleted, whatever its DeletionPolicy, unless
 * `disable_rollback` (not for a change set with `config` or `on_failure`) keeps it.
 */
FP_MUST_CHECK int cloudformation_execute(struct aws_client *c, const char *stack,
					 const char *name, const char *token,
					 bool disable_rollback, struct fp_error *err);
/* Whether a change set is still being made. */
bool cloudformation_is_making(const cJSON *change_set);
/* Whether it failed only because there is nothing to change. */
bool cloudformation_is_empty(const cJSON *change_set);
/* Wait until it is made or failed: *out as cloudformation_change_set gives it. */
FP_MUST_CHECK int cloudformation_wait_change_set(struct aws_client *c, const char *stack,
						 const char *name,
						 const struct aws_patience *patience,
						 cJSON **out, struct fp_error *err);

/* Events (cloudformation_events.c) */

/*
 * The stack's events, oldest first, that are newer than the one with the id
 * `after` (NULL: all). NULL when the stack does not exist.
 */
FP_MUST_CHECK int cloudformation_events(struct aws_client *c, const char *stack,
					const char *after, cJSON **out,
					struct fp_error *err);
/* Which events: of a stack, a change set (its name needs the stack) or an operation. */
struct event_query {
	const char *stack, *change_set, *operation_id; /* NULL: any */
	bool failed;				       /* only those of failures */
};
/* OperationEvents of DescribeEvents, in the service's order: newest first. */
FP_MUST_CHECK int cloudformation_operation_events(struct aws_client *c,
						  const struct event_query *q,
						  cJSON **out, struct fp_error *err);
/*
 * Append what early validation found in a change set, "path: reason" each,
 * with "; " between.
 */
FP_MUST_CHECK int cloudformation_findings(struct aws_client *c, const char *stack,
					  const char *change_set, struct buf *out,
					  struct fp_error *err);

/* Drift (cloudformation_drift.c) */

/* Start to look for it, in these resources or (NULL) in all; *id names the search. */
FP_MUST_CHECK int cloudformation_detect_drift(struct aws_client *c, const char *stack,
					      const struct strs *resources, char **id,
					      struct fp_error *err);
/* Wait for the search: DetectionStatus, StackDriftStatus, DriftedStackResourceCount.
 * A DETECTION_FAILED is no error: some resources could be compared. */
FP_MUST_CHECK int cloudformation_wait_drift(struct aws_client *c, const char *id,
					    const struct aws_patience *patience,
					    cJSON **out, struct fp_error *err);
/* StackResourceDrifts with one of these statuses ("MODIFIED", "DELETED"); NULL: all. */
FP_MUST_CHECK int cloudformation_drifts(struct aws_client *c, const char *stack,
					const struct strs *statuses, cJSON **out,
					struct fp_error *err);

#endif
