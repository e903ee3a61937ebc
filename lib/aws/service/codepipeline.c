#include "aws/service/codepipeline.h"

#include "aws/members.h"
#include "aws/paginate.h"
#include "base/json.h"

static const struct aws_api api = { .service = "codepipeline",
				    .version = "CodePipeline_20150709",
				    .protocol = AWS_JSON_1_1 };

/* An approval may take days: who waits for one says so. */
#define LOOK_FIRST_MS	2000
#define LOOK_SLOWEST_MS 15000
#define PATIENCE_MS	(8 * 3600 * 1000LL)

int codepipeline_pipeline(struct aws_client *c, const char *pipeline, cJSON **out,
			  struct fp_error *err)
{
	FP_AUTO(json_freep) cJSON *in = aws_input("name", pipeline);

	return aws_call(c, &api, "GetPipeline", in, out, err);
}

int codepipeline_state(struct aws_client *c, const char *pipeline, cJSON **out,
		       struct fp_error *err)
{
	FP_AUTO(json_freep) cJSON *in = aws_input("name", pipeline);

	return aws_call(c, &api, "GetPipelineState", in, out, err);
}

int codepipeline_executions(struct aws_client *c, const char *pipeline, size_t max,
			    cJSON **out, struct fp_error *err)
{
	static const struct aws_pages pages = { .api = &api,
						.action = "ListPipelineExecutions",
						.list = "pipelineExecutionSummaries",
						.token = "nextToken",
						.limit = "maxResults",
						.limit_max = 100 };
	FP_AUTO(json_freep) cJSON *in = aws_input("pipelineName", pipeline);

	return aws_collect(c, &pages, in, max, out, err);
}

static cJSON *execution_input(const char *pipeline, const char *id)
{
	cJSON *in = aws_input("pipelineName", pipeline);

	json_set_str(in, "pipelineExecutionId", id);
	return in;
}

int codepipeline_execution(struct aws_client *c, const char *pipeline, const char *id,
			   cJSON **out, struct fp_error *err)
{
	FP_AUTO(json_freep) cJSON *in = execution_input(pipeline, id);

	return aws_call_for(c, &api, "GetPipelineExecution", in, "pipelineExecution", out,
			    err);
}

int codepipeline_actions(struct aws_client *c, const char *pipeline, const char *id,
			 size_t max, cJSON **out, struct fp_error *err)
{
	static const struct aws_pages pages = { .api = &api,
						.action = "ListActionExecutions",
						.list = "actionExecutionDetails",
						.token = "nextToken",
						.limit = "maxResults",
						.limit_max = 100 };
	FP_AUTO(json_freep) cJSON *in = aws_input("pipelineName", pipeline);

	if (id)
		json_set_str(json_set_object(in, "filter"), "pipelineExecutionId", id);
	return aws_collect(c, &pages, in, max, out, err);
}

struct execution_look {
	struct aws_client *c;
	const char *pipeline, *id;
};

static int look(void *ctx, cJSON **found, struct fp_error *err)
{
	const struct execution_look *l = ctx;

	return codepipeline_execution(l->c, l->pipeline, l->id, found, err);
}

static bool is_over(const cJSON *execution)
{
	const char *status = json_str(execution, "status", "");

	return !str_eq(status, "InProgress") && !str_eq(status, "Stopping");
}

int codepipeline_wait(struct aws_client *c, const char *pipeline, const char *id,
		      const struct aws_patience *patience, cJSON **out,
		      struct fp_error *err)
{
	FP_AUTO(freep)
	char *what = xasprintf("execution %s of pipeline '%s'", id, pipeline);
	struct execution_look l = { c, pipeline, id };
	struct aws_waiter w = { .what = what,
				.look = look,
				.ctx = &l,
				.done = is_over,
				.status = "status",
				.min_ms = LOOK_FIRST_MS,
				.max_ms = LOOK_SLOWEST_MS,
				.timeout_ms = PATIENCE_MS };

	return aws_wait(&w, patience, out, err);
}

static void put_revisions(cJSON *in, const struct pipeline_start *s)
{
	cJSON *list = s->nrevisions ? json_set_array(in, "sourceRevisions") : NULL;

	for (size_t i = 0; i < s->nrevisions; i++) {
		cJSON *to = json_push_object(list);

		json_set_str(to, "actionName", s->revisions[i].action);
		json_set_str(to, "revisionType", s->revisions[i].type);
		json_set_str(to, "revisionValue", s->revisions[i].value);
	}
}

int codepipeline_start(struct aws_client *c, const struct pipeline_start *s, char **id,
		       struct fp_error *err)
{
	FP_AUTO(json_freep) cJSON *in = aws_input("name", s->pipeline);

	aws_put_pairs(in, "variables", s->variables, "name", "value");
	aws_put_token(in, "clientRequestToken", s->token);
	put_revisions(in, s);
	return aws_call_for_text(c, &api, "StartPipelineExecution", in,
				 "pipelineExecutionId", id, err);
}

int codepipeline_stop(struct aws_client *c, const char *pipeline, const char *id,
		      bool abandon, const char *reason, struct fp_error *err)
{
	FP_AUTO(json_freep) cJSON *in = execution_input(pipeline, id);

	json_set_bool(in, "abandon", abandon);
	json_set_str(in, "reason", reason);
	return aws_call(c, &api, "StopPipelineExecution", in, NULL, err);
}

int codepipeline_retry_stage(struct aws_client *c, const char *pipeline,
			     const char *stage, const char *id, bool all_actions,
			     struct fp_error *err)
{
	FP_AUTO(json_freep) cJSON *in = execution_input(pipeline, id);

	json_set_str(in, "stageName", stage);
	json_set_str(in, "retryMode", all_actions ? "ALL_ACTIONS" : "FAILED_ACTIONS");
	return aws_call(c, &api, "RetryStageExecution", in, NULL, err);
}

int codepipeline_rollback_stage(struct aws_client *c, const char *pipeline,
				const char *stage, const char *target, char **id,
				struct fp_error *err)
{
	FP_AUTO(json_freep) cJSON *in = aws_input("pipelineName", pipeline);

	json_set_str(in, "stageName", stage);
	json_set_str(in, "targetPipelineExecutionId", target);
	return aws_call_for_text(c, &api, "RollbackStage", in, "pipelineExecutionId", id,
				 err);
}

int codepipeline_approve(struct aws_client *c, const struct approval *a,
			 struct fp_error *err)
{
	FP_AUTO(json_freep) cJSON *in = aws_input("pipelineName", a->pipeline);
	cJSON *result;

	json_set_str(in, "stageName", a->stage);
	json_set_str(in, "actionName", a->action);
	result = json_set_object(in, "result");
	json_set_str(result, "summary", str_or(a->summary, ""));
	json_set_str(result, "status", a->approved ? "Approved" : "Rejected");
	json_set_str(in, "token", a->token);
	return aws_call(c, &api, "PutApprovalResult", in, NULL, err);
}
