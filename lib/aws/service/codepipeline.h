/*
 * AWS CodePipeline. What is rich is returned as the answers' own objects, with the
 * members of the API Reference, 2015-07-09 (numbers, and moments as seconds:
 * aws/members.h). What is returned by `out` or as a text is the caller's to free.
 */
#ifndef FP_AWS_CODEPIPELINE_H
#define FP_AWS_CODEPIPELINE_H

#include "aws/client.h"
#include "aws/waiter.h"
#include "base/map.h"

/* The definition: `pipeline` and `metadata`. FP_ERR_AWS PipelineNotFoundException. */
FP_MUST_CHECK int codepipeline_pipeline(struct aws_client *c, const char *pipeline,
					cJSON **out, struct fp_error *err);
/* Where each stage and action stands, as pipelineName and stageStates. */
FP_MUST_CHECK int codepipeline_state(struct aws_client *c, const char *pipeline,
				     cJSON **out, struct fp_error *err);
/* pipelineExecutionSummaries, the newest first; `max` 0: all of the last 12 months. */
FP_MUST_CHECK int codepipeline_executions(struct aws_client *c, const char *pipeline,
					  size_t max, cJSON **out, struct fp_error *err);
/* One execution: status, artifactRevisions, variables, trigger. */
FP_MUST_CHECK int codepipeline_execution(struct aws_client *c, const char *pipeline,
					 const char *id, cJSON **out,
					 struct fp_error *err);
/*
 * Wait until it is over, whatever its status then: Succeeded, Failed, Stopped, Cancelled,
 * Superseded. It stays InProgress while an approval is awaited.
 */
FP_MUST_CHECK int codepipeline_wait(struct aws_client *c, const char *pipeline,
				    const char *id, const struct aws_patience *patience,
				    cJSON **out, struct fp_error *err);
/* actionExecutionDetails, the newest first; `id` NULL: of all executions. */
FP_MUST_CHECK int codepipeline_actions(struct aws_client *c, const char *pipeline,
				       const char *id, size_t max, cJSON **out,
				       struct fp_error *err);

/* Which revision a source action is to take instead of the newest. */
struct source_revision {
	const char *action;
	const char *type; /* "COMMIT_ID", "S3_OBJECT_VERSION_ID" ... */
	const char *value;
};
struct pipeline_start {
	const char *pipeline;
	const char *token;	     /* the same token: the same execution; or NULL */
	const struct map *variables; /* name -> char *; or NULL */
	const struct source_revision *revisions;
	size_t nrevisions;
};
FP_MUST_CHECK int codepipeline_start(struct aws_client *c, const struct pipeline_start *s,
				     char **id, struct fp_error *err);
/* `abandon`: actions that run are not waited for. `reason` may be NULL. */
FP_MUST_CHECK int codepipeline_stop(struct aws_client *c, const char *pipeline,
				    const char *id, bool abandon, const char *reason,
				    struct fp_error *err);
/* Its failed actions again, or all of them. */
FP_MUST_CHECK int codepipeline_retry_stage(struct aws_client *c, const char *pipeline,
					   const char *stage, const char *id,
					   bool all_actions, struct fp_error *err);
/* To what the execution `target` deployed there; *id is the execution that does it. */
FP_MUST_CHECK int codepipeline_rollback_stage(struct aws_client *c, const char *pipeline,
					      const char *stage, const char *target,
					      char **id, struct fp_error *err);

/* The answer to an approval action; the token is its state's latestExecution.token. */
struct approval {
	const char *pipeline, *stage, *action, *token;
	const char *summary; /* at most 512 characters, shown beside the answer */
	bool approved;
};
FP_MUST_CHECK int codepipeline_approve(struct aws_client *c, const struct approval *a,
				       struct fp_error *err);

#endif
