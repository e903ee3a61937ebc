/*
 * Drift: where the resources differ from the template.
 */
#include "aws/service/cloudformation_internal.h"

#define LOOK_FIRST_MS	500
#define LOOK_SLOWEST_MS 10000
#define PATIENCE_MS	(3600 * 1000LL)

int cloudformation_detect_drift(struct aws_client *c, const char *stack,
				const struct strs *resources, char **id,
				struct fp_error *err)
{
	FP_AUTO(json_freep) cJSON *in = cloudformation_input(stack);

	aws_put_list(in, "LogicalResourceIds", resources);
	return aws_call_for_text(c, &cloudformation_api, "DetectStackDrift", in,
				 "StackDriftDetectionId", id, err);
}

struct drift_look {
	struct aws_client *c;
	const char *id;
};

static int look(void *ctx, cJSON **found, struct fp_error *err)
{
	const struct drift_look *l = ctx;
	FP_AUTO(json_freep) cJSON *in = aws_input("StackDriftDetectionId", l->id);

	return aws_call(l->c, &cloudformation_api, "DescribeStackDriftDetectionStatus",
			in, found, err);
}

static bool is_over(const cJSON *detection)
{
	return !str_eq(json_str(detection, "DetectionStatus", ""),
		       "DETECTION_IN_PROGRESS");
}

int cloudformation_wait_drift(struct aws_client *c, const char *id,
			      const struct aws_patience *patience, cJSON **out,
			      struct fp_error *err)
{
	struct drift_look l = { c, id };
	struct aws_waiter w = { .what = "the search for drift",
				.look = look,
				.ctx = &l,
				.done = is_over,
				.status = "DetectionStatus",
				.min_ms = LOOK_FIRST_MS,
				.max_ms = LOOK_SLOWEST_MS,
				.timeout_ms = PATIENCE_MS };

	return aws_wait(&w, patience, out, err);
}

int cloudformation_drifts(struct aws_client *c, const char *stack,
			  const struct strs *statuses, cJSON **out, struct fp_error *err)
{
	FP_AUTO(json_freep) cJSON *in = cloudformation_input(stack);

	aws_put_list(in, "StackResourceDriftStatusFilters", statuses);
	return cloudformation_collect(c, "DescribeStackResourceDrifts", in,
				      "StackResourceDrifts", out, err);
}
