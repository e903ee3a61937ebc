/*
 * The calls that deployments and pipelines make: see services.h.
 */
#include "services.h"

#include "aws/service/cloudformation.h"
#include "aws/service/codebuild.h"
#include "aws/service/codeconnections.h"
#include "aws/service/codepipeline.h"

static const struct aws_patience quick = { .min_ms = 1,
					   .max_ms = 2,
					   .timeout_ms = 10000 };

/* CloudFormation */

static int stack(struct aws_client *c, cJSON **out, struct fp_error *err)
{
	return cloudformation_stack(c, ODD, out, err);
}

static int stacks(struct aws_client *c, cJSON **out, struct fp_error *err)
{
	return cloudformation_stacks(c, out, err);
}

static int stack_list(struct aws_client *c, cJSON **out, struct fp_error *err)
{
	return cloudformation_list(c, LIST("CREATE_FAILED", "DELETE_COMPLETE"), out, err);
}

static int stack_list_all(struct aws_client *c, cJSON **out, struct fp_error *err)
{
	return cloudformation_list(c, NULL, out, err);
}

static int template(struct aws_client *c, cJSON **out, struct fp_error *err)
{
	FP_AUTO(buf_release) struct buf b = BUF_INIT;
	int rc = cloudformation_template(c, ODD, &b, err);

	return text_out(rc, buf_str(&b), out);
}

static int template_of(struct aws_client *c, cJSON **out, struct fp_error *err)
{
	FP_AUTO(buf_release) struct buf b = BUF_INIT;
	int rc = cloudformation_template_of(c, ODD, "set-1", true, &b, err);

	return text_out(rc, buf_str(&b), out);
}

static int resources(struct aws_client *c, cJSON **out, struct fp_error *err)
{
	return cloudformation_resources(c, ODD, out, err);
}

static int account_limits(struct aws_client *c, cJSON **out, struct fp_error *err)
{
	return cloudformation_account_limits(c, out, err);
}

static int exports(struct aws_client *c, cJSON **out, struct fp_error *err)
{
	return cloudformation_exports(c, out, err);
}

static int imports(struct aws_client *c, cJSON **out, struct fp_error *err)
{
	return cloudformation_imports(c, ODD, out, err);
}

static int protect(struct aws_client *c, cJSON **out, struct fp_error *err)
{
	(void)out;
	return cloudformation_protect(c, ODD, false, err);
}

static int delete_plain(struct aws_client *c, cJSON **out, struct fp_error *err)
{
	struct stack_deletion how = { .token = "t-1" };

	(void)out;
	return cloudformation_delete(c, ODD, &how, err);
}

static int delete_forced(struct aws_client *c, cJSON **out, struct fp_error *err)
{
	struct stack_deletion how = { .token = "t-1",
				      .role = "arn:aws:iam::1:role/r",
				      .retain = LIST("A", "B"),
				      .force = true };

	(void)out;
	return cloudformation_delete(c, ODD, &how, err);
}

static int delete_express(struct aws_client *c, cJSON **out, struct fp_error *err)
{
	struct deployment_config config = { .express = true };
	struct stack_deletion how = { .token = "t-1", .config = &config };

	(void)out;
	return cloudformation_delete(c, ODD, &how, err);
}

static int cancel_update(struct aws_client *c, cJSON **out, struct fp_error *err)
{
	(void)out;
	return cloudformation_cancel_update(c, ODD, "t-1", err);
}

static int continue_rollback(struct aws_client *c, cJSON **out, struct fp_error *err)
{
	struct rollback how = { .token = "t-1",
				.role = "arn:aws:iam::1:role/r",
				.skip = LIST("A", "Nested.B") };

	(void)out;
	return cloudformation_continue_rollback(c, ODD, &how, err);
}

static int continue_forced(struct aws_client *c, cJSON **out, struct fp_error *err)
{
	struct rollback how = { .token = "t-1", .force = true };

	(void)out;
	return cloudformation_continue_rollback(c, ODD, &how, err);
}

static int rollback(struct aws_client *c, cJSON **out, struct fp_error *err)
{
	struct rollback how = { .token = "t-1", .role = "arn:aws:iam::1:role/r" };
	FP_AUTO(freep) char *id = NULL;
	int rc = cloudformation_rollback(c, ODD, &how, &id, err);

	return text_out(rc, id, out);
}

static int wait_stack(struct aws_client *c, cJSON **out, struct fp_error *err)
{
	return cloudformation_wait(c, ODD, "UPDATE_COMPLETE", &quick, out, err);
}

static int create_set(struct aws_client *c, const struct change_set *set, cJSON **out,
		      struct fp_error *err)
{
	FP_AUTO(freep) char *id = NULL;
	int rc = cloudformation_create_change_set(c, set, &id, err);

	return text_out(rc, id, out);
}

static int change_set_body(struct aws_client *c, cJSON **out, struct fp_error *err)
{
	FP_AUTO(map_free) struct map params = MAP_INIT, tags = MAP_INIT;
	struct change_set set = {
		.stack = ODD,
		.name = "set-1",
		.type = "CREATE",
		.body = "Resources:\n  A: { Type: 'x' }\n",
		.params = PAIRS(&params, "P", "a,b c", "Kept", NULL, "Empty", ""),
		.tags = PAIRS(&tags, "k:1", ODD, "k2", "v"),
		.capability = "CAPABILITY_NAMED_IAM",
		.token = "t-1",
		.description = ODD,
		.role = "arn:aws:iam::1:role/r",
		.import_existing = true,
		.on_failure = "DO_NOTHING",
	};

	return create_set(c, &set, out, err);
}

static int change_set_drift(struct aws_client *c, cJSON **out, struct fp_error *err)
{
	struct change_set set = { .stack = ODD,
				  .name = "set-1",
				  .type = "UPDATE",
				  .token = "t-1",
				  .revert_drift = true };

	return create_set(c, &set, out, err);
}

static int change_set_express(struct aws_client *c, cJSON **out, struct fp_error *err)
{
	struct deployment_config config = { .express = true, .disable_rollback = true };
	struct change_set set = { .stack = ODD,
				  .name = "set-1",
				  .type = "UPDATE",
				  .url = "https://b.s3.eu-west-1.amazonaws.com/k%20k",
				  .token = "t-1",
				  .config = &config };

	return create_set(c, &set, out, err);
}

static int change_set(struct aws_client *c, cJSON **out, struct fp_error *err)
{
	return cloudformation_change_set(c, ODD, "set-1", out, err);
}

static int changes(struct aws_client *c, cJSON **out, struct fp_error *err)
{
	return cloudformation_changes(c, ODD, "set-1", true, out, err);
}

static int change_sets(struct aws_client *c, cJSON **out, struct fp_error *err)
{
	return cloudformation_change_sets(c, ODD, out, err);
}

static int delete_change_set(struct aws_client *c, cJSON **out, struct fp_error *err)
{
	(void)out;
	return cloudformation_delete_change_set(c, ODD, "set-1", err);
}

static int execute(struct aws_client *c, cJSON **out, struct fp_error *err)
{
	(void)out;
	return cloudformation_execute(c, ODD, "set-1", "t-1", false, err);
}

static int execute_kept(struct aws_client *c, cJSON **out, struct fp_error *err)
{
	(void)out;
	return cloudformation_execute(c, ODD, "set-1", "t-1", true, err);
}

static int wait_change_set(struct aws_client *c, cJSON **out, struct fp_error *err)
{
	return cloudformation_wait_change_set(c, ODD, "set-1", &quick, out, err);
}

static int stack_events(struct aws_client *c, cJSON **out, struct fp_error *err)
{
	return cloudformation_events(c, ODD, NULL, out, err);
}

static int operation_events(struct aws_client *c, cJSON **out, struct fp_error *err)
{
	struct event_query q = { .stack = ODD,
				 .change_set = "set-1",
				 .operation_id = "op-1",
				 .failed = true };

	return cloudformation_operation_events(c, &q, out, err);
}

static int detect_drift(struct aws_client *c, cJSON **out, struct fp_error *err)
{
	FP_AUTO(freep) char *id = NULL;
	int rc = cloudformation_detect_drift(c, ODD, LIST("A", "B"), &id, err);

	return text_out(rc, id, out);
}

static int wait_drift(struct aws_client *c, cJSON **out, struct fp_error *err)
{
	return cloudformation_wait_drift(c, "d-1", &quick, out, err);
}

static int drifts(struct aws_client *c, cJSON **out, struct fp_error *err)
{
	return cloudformation_drifts(c, ODD, LIST("MODIFIED", "DELETED"), out, err);
}

/* CodePipeline */

static int pipeline(struct aws_client *c, cJSON **out, struct fp_error *err)
{
	return codepipeline_pipeline(c, ODD, out, err);
}

static int pipeline_state(struct aws_client *c, cJSON **out, struct fp_error *err)
{
	return codepipeline_state(c, ODD, out, err);
}

static int executions(struct aws_client *c, cJSON **out, struct fp_error *err)
{
	return codepipeline_executions(c, ODD, 0, out, err);
}

static int execution(struct aws_client *c, cJSON **out, struct fp_error *err)
{
	return codepipeline_execution(c, ODD, "e-1", out, err);
}

static int executions_cut(struct aws_client *c, cJSON **out, struct fp_error *err)
{
	return codepipeline_executions(c, ODD, 2, out, err);
}

static int wait_execution(struct aws_client *c, cJSON **out, struct fp_error *err)
{
	return codepipeline_wait(c, ODD, "e-1", &quick, out, err);
}

static int actions(struct aws_client *c, cJSON **out, struct fp_error *err)
{
	return codepipeline_actions(c, ODD, "e-1", 0, out, err);
}

static int actions_all(struct aws_client *c, cJSON **out, struct fp_error *err)
{
	return codepipeline_actions(c, ODD, NULL, 0, out, err);
}

static int start(struct aws_client *c, cJSON **out, struct fp_error *err)
{
	static const struct source_revision revisions[] = {
		{ "Source", "COMMIT_ID", "abc" }, { "S3", "S3_OBJECT_KEY", ODD }
	};
	FP_AUTO(map_free) struct map variables = MAP_INIT;
	struct pipeline_start s = { .pipeline = ODD,
				    .token = "t-1",
				    .variables = PAIRS(&variables, "V", ODD, "W", "2"),
				    .revisions = revisions,
				    .nrevisions = ARRAY_SIZE(revisions) };
	FP_AUTO(freep) char *id = NULL;
	int rc = codepipeline_start(c, &s, &id, err);

	return text_out(rc, id, out);
}

static int stop(struct aws_client *c, cJSON **out, struct fp_error *err)
{
	(void)out;
	return codepipeline_stop(c, ODD, "e-1", true, ODD, err);
}

static int retry_stage(struct aws_client *c, cJSON **out, struct fp_error *err)
{
	(void)out;
	return codepipeline_retry_stage(c, ODD, "Build", "e-1", true, err);
}

static int rollback_stage(struct aws_client *c, cJSON **out, struct fp_error *err)
{
	FP_AUTO(freep) char *id = NULL;
	int rc = codepipeline_rollback_stage(c, ODD, "Deploy", "e-1", &id, err);

	return text_out(rc, id, out);
}

static int approve(struct aws_client *c, cJSON **out, struct fp_error *err)
{
	struct approval a = { ODD, "Deploy", "Approve", "tok-1", ODD, true };

	(void)out;
	return codepipeline_approve(c, &a, err);
}

static int reject(struct aws_client *c, cJSON **out, struct fp_error *err)
{
	struct approval a = { ODD, "Deploy", "Approve", "tok-1", NULL, false };

	(void)out;
	return codepipeline_approve(c, &a, err);
}

/* CodeBuild, CodeConnections */

static int builds(struct aws_client *c, cJSON **out, struct fp_error *err)
{
	return codebuild_builds(c, LIST("p:1", "p:2"), out, err);
}

static int project_builds(struct aws_client *c, cJSON **out, struct fp_error *err)
{
	return codebuild_project_builds(c, ODD, 0, out, err);
}

static int projects(struct aws_client *c, cJSON **out, struct fp_error *err)
{
	return codebuild_projects(c, LIST("p", ODD), out, err);
}

static int connection(struct aws_client *c, cJSON **out, struct fp_error *err)
{
	return codeconnections_get(
		c, "arn:aws:codeconnections:eu-west-1:111122223333:connection/u-1", out,
		err);
}

static int connection_older(struct aws_client *c, cJSON **out, struct fp_error *err)
{
	return codeconnections_get(
		c, "arn:aws:codestar-connections:eu-west-1:111122223333:connection/u-1",
		out, err);
}

static int wait_connection(struct aws_client *c, cJSON **out, struct fp_error *err)
{
	return codeconnections_wait(
		c, "arn:aws:codestar-connections:eu-west-1:111122223333:connection/u-1",
		&quick, out, err);
}

static int connections(struct aws_client *c, cJSON **out, struct fp_error *err)
{
	return codeconnections_list(c, "GitHub", out, err);
}

static const struct service_case cases[] = {
	CASE(stack),
	CASE(stacks),
	CASE(stack_list),
	CASE(stack_list_all),
	CASE(template),
	CASE(template_of),
	CASE(resources),
	CASE(account_limits),
	CASE(exports),
	CASE(imports),
	CASE(protect),
	CASE(delete_plain),
	CASE(delete_forced),
	CASE(delete_express),
	CASE(cancel_update),
	CASE(continue_rollback),
	CASE(continue_forced),
	CASE(rollback),
	CASE(wait_stack),
	CASE(change_set_body),
	CASE(change_set_drift),
	CASE(change_set_express),
	CASE(change_set),
	CASE(changes),
	CASE(change_sets),
	CASE(delete_change_set),
	CASE(execute),
	CASE(execute_kept),
	CASE(wait_change_set),
	CASE(stack_events),
	CASE(operation_events),
	CASE(detect_drift),
	CASE(wait_drift),
	CASE(drifts),
	CASE(pipeline),
	CASE(pipeline_state),
	CASE(executions),
	CASE(executions_cut),
	CASE(wait_execution),
	CASE(execution),
	CASE(actions),
	CASE(actions_all),
	CASE(start),
	CASE(stop),
	CASE(retry_stage),
	CASE(rollback_stage),
	CASE(approve),
	CASE(reject),
	CASE(builds),
	CASE(project_builds),
	CASE(projects),
	CASE(connection),
	CASE(connection_older),
	CASE(connections),
	CASE(wait_connection),
};

int main(int argc FP_UNUSED, char **argv)
{
	return service_main(cases, ARRAY_SIZE(cases), argv[1]);
}
