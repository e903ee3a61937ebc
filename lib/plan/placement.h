/*
 * Which s3 stack each bucket is deployed in. Deployed templates know best: where they
 * have a bucket, it stays.
 */
#ifndef FP_PLAN_PLACEMENT_H
#define FP_PLAN_PLACEMENT_H

#include "plan/plan.h"

/*
 * Put the buckets of one deployed s3 stack into `out`. `name` is the stack's short one
 * ("s3-2"), `prefix` what the environment's names begin with. Nothing happens for a stack
 * of another kind, or one that is not there.
 */
void plan_read_placement(struct spread *out, const char *prefix, const char *name,
			 const struct live_stack *live);

#endif
