/*
 * AWS CloudFormation. Stacks, events and resources are returned as the answers'
 * own objects (all values are texts), with the members of the API Reference,
 * 2010-05-15. Lists are complete: every page was read.
 */
#ifndef FP_AWS_CLOUDFORMATION_H
#define FP_AWS_CLOUDFORMATION_H

#include "aws/client.h"
#include "base/map.h"

struct change_set {
	const char *stack, *name;
	const char *type;	  /* "CREATE" or "UPDATE" */
	const char *body, *url;	  /* one of them */
	const struct map *params; /* name -> char *; all the parameters that are given */
	const struct map *tags;	  /* name -> char * */
	const char *capability;	  /* "CAPABILITY_NAMED_IAM", or NULL */
	const char *token;	  /* the same token: the same change set */
};

/* DescribeStacks of one; *out is NULL when it does not exist. Name or stack id. */
FP_MUST_CHECK int cloudformation_stack(struct aws_client *c, const char *stack,
				       cJSON **out, struct fp_error *err);
/* DescribeStacks of all that the region has, as an array that the caller owns. */
FP_MUST_CHECK int cloudformation_stacks(struct aws_client *c, cJSON **out,
					struct fp_error *err);
/* Append the template as it was given. */
FP_MUST_CHECK int cloudformation_template(struct aws_client *c, const char *stack,
					  struct buf *out, struct fp_error *err);
/* *stack_id is owned by the caller. */
FP_MUST_CHECK int cloudformation_create_change_set(struct aws_client *c,
						   const struct change_set *s,
						   char **stack_id, struct fp_error *err);
/* DescribeChangeSet, of its Status and StatusReason. */
FP_MUST_CHECK int cloudformation_change_set(struct aws_client *c, const char *stack,
					    const char *name, cJSON **out,
					    struct fp_error *err);
FP_MUST_CHECK int cloudformation_delete_change_set(struct aws_client *c,
						   const char *stack, const char *name,
						   struct fp_error *err);
/* What a failed first creation made is deleted, whatever its DeletionPolicy. */
FP_MUST_CHECK int cloudformation_execute(struct aws_client *c, const char *stack,
					 const char *name, const char *token,
					 struct fp_error *err);
FP_MUST_CHECK int cloudformation_delete(struct aws_client *c, const char *stack,
					const char *token, struct fp_error *err);
/* Switch the protection against deletion on or off. */
FP_MUST_CHECK int cloudformation_protect(struct aws_client *c, const char *stack, bool on,
					 struct fp_error *err);
/*
 * The stack's events, oldest first, that are newer than the one with the id
 * `after` (NULL: all). An array, owned by the caller; NULL when the stack does
 * not exist.
 */
FP_MUST_CHECK int cloudformation_events(struct aws_client *c, const char *stack,
					const char *after, cJSON **out,
					struct fp_error *err);
/* StackResourceSummaries as an array, owned by the caller. */
FP_MUST_CHECK int cloudformation_resources(struct aws_client *c, const char *stack,
					   cJSON **out, struct fp_error *err);
/*
 * Append what early validation found in a change set, "path: reason" each,
 * with "; " between.
 */
FP_MUST_CHECK int cloudformation_findings(struct aws_client *c, const char *stack,
					  const char *change_set, struct buf *out,
					  struct fp_error *err);

#endif
