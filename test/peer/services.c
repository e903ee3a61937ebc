/*
 * services CASE: makes one call of lib/aws/service with fixed input to the endpoint of
 * the environment, and prints as JSON what it understood of the answers. Without a case:
 * their names. test/e2e/services/ has the same input for botocore.
 */
#include <stdio.h>
#include <string.h>

#include "aws/service/cloudformation.h"
#include "aws/service/cloudwatch.h"
#include "aws/service/codebuild.h"
#include "aws/service/codeconnections.h"
#include "aws/service/codepipeline.h"
#include "aws/service/iam.h"
#include "aws/service/lambda.h"
#include "aws/service/logs.h"
#include "aws/service/sns.h"
#include "aws/service/sqs.h"
#include "aws/service/ssm.h"
#include "base/json.h"

/* What every encoding has to get right. */
#define ODD          \
	"st\xc3\xa4" \
	"ck & <x> \"q\" 100% a+b/c=d~e"

static const struct aws_patience quick = { .min_ms = 1,
					   .max_ms = 2,
					   .timeout_ms = 10000 };

static struct strs *list_of(const char *const *items, size_t n)
{
	static struct strs list;

	list = (struct strs){ (char **)(uintptr_t)items, n, n };
	return &list;
}
#define LIST(...)                                     \
	list_of((const char *const[]){ __VA_ARGS__ }, \
		sizeof((const char *const[]){ __VA_ARGS__ }) / sizeof(char *))

static struct map *pairs(struct map *m, const char *const *items)
{
	for (; items[0]; items += 2)
		map_put(m, items[0], (void *)(uintptr_t)items[1]);
	return m;
}
#define PAIRS(m, ...) pairs(m, (const char *const[]){ __VA_ARGS__, NULL })

static void map_free(struct map *m)
{
	map_release(m, NULL);
}

static int text_out(int rc, const char *text, cJSON **out)
{
	if (rc == 0)
		*out = text ? cJSON_CreateString(text) : cJSON_CreateNull();
	return rc;
}

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

static int connections(struct aws_client *c, cJSON **out, struct fp_error *err)
{
	return codeconnections_list(c, "GitHub", out, err);
}

/* Lambda */

static int function(struct aws_client *c, cJSON **out, struct fp_error *err)
{
	return lambda_function(c, ODD, out, err);
}

static int function_configuration(struct aws_client *c, cJSON **out, struct fp_error *err)
{
	return lambda_configuration(c, "arn:aws:lambda:eu-west-1:1:function:f", "v & 1",
				    out, err);
}

static int update_code_s3(struct aws_client *c, cJSON **out, struct fp_error *err)
{
	struct lambda_code code = { .function = ODD,
				    .bucket = "bucket",
				    .key = "k/" ODD,
				    .version = "v1",
				    .architecture = "arm64",
				    .revision = "r-1",
				    .publish = true,
				    .dry_run = true };

	return lambda_update_code(c, &code, out, err);
}

static int update_code_zip(struct aws_client *c, cJSON **out, struct fp_error *err)
{
	struct lambda_code code = { .function = "f",
				    .zip = "PK\3\4\0\xff\xfe",
				    .zip_size = 7 };

	return lambda_update_code(c, &code, out, err);
}

static int lambda_limits(struct aws_client *c, cJSON **out, struct fp_error *err)
{
	return lambda_account(c, out, err);
}

static int run(struct aws_client *c, const struct lambda_invocation *i, cJSON **out,
	       struct fp_error *err)
{
	FP_AUTO(lambda_result_release) struct lambda_result r = { 0 };

	if (lambda_invoke(c, i, &r, err) < 0)
		return -1;
	*out = cJSON_CreateObject();
	json_set_int(*out, "StatusCode", r.status);
	json_set_str(*out, "FunctionError", r.error);
	json_set_str(*out, "ExecutedVersion", r.version);
	json_set_str(*out, "Payload", buf_str(&r.payload));
	json_set_str(*out, "LogResult", buf_str(&r.log));
	return 0;
}

static int invoke(struct aws_client *c, cJSON **out, struct fp_error *err)
{
	static const char payload[] = "{\"a\": \""
				      "\xc3\xa4"
				      "\"}";
	struct lambda_invocation i = { .function = ODD,
				       .qualifier = "live",
				       .payload = payload,
				       .n = sizeof(payload) - 1 };

	return run(c, &i, out, err);
}

static int invoke_async(struct aws_client *c, cJSON **out, struct fp_error *err)
{
	struct lambda_invocation i = {
		.function = "f", .payload = "[]", .n = 2, .async = true
	};

	return run(c, &i, out, err);
}

static int invoke_dry(struct aws_client *c, cJSON **out, struct fp_error *err)
{
	struct lambda_invocation i = { .function = "f", .dry_run = true };

	return run(c, &i, out, err);
}

/* Logs, metrics */

static bool take_events(void *ctx, const cJSON *events)
{
	json_each (e, events)
		cJSON_AddItemToArray(ctx, cJSON_Duplicate(e, true));
	return true;
}

static int filter_events(struct aws_client *c, cJSON **out, struct fp_error *err)
{
	struct log_filter f = { .group = "/g/" ODD,
				.streams = LIST("s1", ODD),
				.start_ms = 1700000000123,
				.end_ms = 1800000000456,
				.pattern = "{ $.a = \"b\" }" };

	*out = cJSON_CreateArray();
	return logs_filter(c, &f, take_events, *out, err);
}

static int filter_prefix(struct aws_client *c, cJSON **out, struct fp_error *err)
{
	struct log_filter f = { .group = "g", .stream_prefix = "2026/" };

	*out = cJSON_CreateArray();
	return logs_filter(c, &f, take_events, *out, err);
}

static int log_events(struct aws_client *c, cJSON **out, struct fp_error *err)
{
	struct log_reading r = { .group = "g",
				 .stream = ODD,
				 .start_ms = 1700000000123,
				 .end_ms = 1800000000456,
				 .token = "f/0" };
	FP_AUTO(freep) char *token = NULL;
	int rc;

	*out = cJSON_CreateObject();
	rc = logs_read(c, &r, take_events, json_set_array(*out, "events"), &token, err);
	json_set_str(*out, "token", token);
	return rc;
}

static int log_tail(struct aws_client *c, cJSON **out, struct fp_error *err)
{
	return logs_tail(c, "g", ODD, 50, out, err);
}

static int log_groups(struct aws_client *c, cJSON **out, struct fp_error *err)
{
	return logs_groups(c, "/aws/" ODD, out, err);
}

static int log_streams(struct aws_client *c, cJSON **out, struct fp_error *err)
{
	return logs_streams(c, "g", 0, out, err);
}

static int metrics(struct aws_client *c, cJSON **out, struct fp_error *err)
{
	FP_AUTO(map_free) struct map dimensions = MAP_INIT;
	const struct metric_query queries[] = {
		{ .id = "m1",
		  .namespace = "AWS/Lambda",
		  .name = "Duration",
		  .dimensions = PAIRS(&dimensions, "FunctionName", ODD, "Resource", "f"),
		  .stat = "p99.9",
		  .period_s = 60,
		  .hidden = true },
		{ .id = "e1", .expression = "m1 / 2", .label = ODD, .period_s = 300 },
	};
	FP_AUTO(metric_data_release) struct metric_data data = { 0 };

	if (cloudwatch_metric_data(c, queries, 2, 1700000000000, 1700003600000, &data,
				   err) < 0)
		return -1;
	*out = cJSON_CreateArray();
	for (size_t i = 0; i < data.n; i++) {
		const struct metric_series *s = &data.v[i];
		cJSON *to = json_push_object(*out), *points;

		json_set_str(to, "Id", s->id);
		json_set_str(to, "Label", s->label);
		json_set_bool(to, "partial", s->partial);
		points = json_set_array(to, "points");
		for (size_t k = 0; k < s->n; k++) {
			cJSON *p = json_push_object(points);

			json_set_int(p, "t", s->time_ms[k]);
			json_set(p, "v", cJSON_CreateNumber(s->value[k]));
		}
	}
	return 0;
}

/* SNS, SQS, SSM, IAM */

static int publish(struct aws_client *c, cJSON **out, struct fp_error *err)
{
	FP_AUTO(json_freep) cJSON *attributes = cJSON_CreateObject();

	(void)out;
	json_set_str(attributes, "status", "ok");
	json_set_str(attributes, "what", ODD);
	return sns_publish(c, "arn:aws:sns:eu-west-1:1:t", "s & s", ODD, attributes, err);
}

static int subscriptions(struct aws_client *c, cJSON **out, struct fp_error *err)
{
	return sns_subscriptions(c, "arn:aws:sns:eu-west-1:1:t", out, err);
}

static int topic_attributes(struct aws_client *c, cJSON **out, struct fp_error *err)
{
	return sns_attributes(c, "arn:aws:sns:eu-west-1:1:t", out, err);
}

#define QUEUE "https://sqs.eu-west-1.amazonaws.com/111122223333/q"

static int queue_url(struct aws_client *c, cJSON **out, struct fp_error *err)
{
	FP_AUTO(freep) char *url = NULL;
	int rc = sqs_queue_url(c, "q.fifo", &url, err);

	return text_out(rc, url, out);
}

static int queue_attributes(struct aws_client *c, cJSON **out, struct fp_error *err)
{
	return sqs_attributes(c, QUEUE, out, err);
}

static int queue_count(struct aws_client *c, cJSON **out, struct fp_error *err)
{
	int64_t n = 0;
	int rc = sqs_count(c, QUEUE, &n, err);

	*out = cJSON_CreateNumber((double)n);
	return rc;
}

static int send_message(struct aws_client *c, cJSON **out, struct fp_error *err)
{
	struct sqs_message m = { .queue_url = QUEUE,
				 .body = ODD,
				 .group = "g",
				 .deduplication = "d",
				 .delay_s = 5 };
	FP_AUTO(freep) char *id = NULL;
	int rc = sqs_send(c, &m, &id, err);

	return text_out(rc, id, out);
}

static int receive(struct aws_client *c, cJSON **out, struct fp_error *err)
{
	return sqs_receive(c, QUEUE, 20, 30, out, err);
}

static int delete_message(struct aws_client *c, cJSON **out, struct fp_error *err)
{
	(void)out;
	return sqs_delete(c, QUEUE, ODD, err);
}

static int redrive(struct aws_client *c, cJSON **out, struct fp_error *err)
{
	FP_AUTO(freep) char *task = NULL;
	int rc = sqs_redrive(c, "arn:aws:sqs:eu-west-1:1:dlq",
			     "arn:aws:sqs:eu-west-1:1:q", 10, &task, err);

	return text_out(rc, task, out);
}

static int parameter(struct aws_client *c, cJSON **out, struct fp_error *err)
{
	FP_AUTO(freep) char *value = NULL;
	int rc = ssm_parameter(c, "/a/" ODD, &value, err);

	return text_out(rc, value, out);
}

static int parameters(struct aws_client *c, cJSON **out, struct fp_error *err)
{
	return ssm_parameters(
		c,
		LIST("/1", "/2", "/3", "/4", "/5", "/6", "/7", "/8", "/9", "/10", "/11"),
		out, err);
}

static int role(struct aws_client *c, cJSON **out, struct fp_error *err)
{
	return iam_role(c, ODD, out, err);
}

#define CASE(f)       \
	{             \
#f, f \
	}
static const struct {
	const char *name;
	int (*call)(struct aws_client *c, cJSON **out, struct fp_error *err);
} cases[] = {
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
	CASE(function),
	CASE(function_configuration),
	CASE(update_code_s3),
	CASE(update_code_zip),
	CASE(lambda_limits),
	CASE(invoke),
	CASE(invoke_async),
	CASE(invoke_dry),
	CASE(filter_events),
	CASE(filter_prefix),
	CASE(log_events),
	CASE(log_tail),
	CASE(log_groups),
	CASE(log_streams),
	CASE(metrics),
	CASE(publish),
	CASE(subscriptions),
	CASE(topic_attributes),
	CASE(queue_url),
	CASE(queue_attributes),
	CASE(queue_count),
	CASE(send_message),
	CASE(receive),
	CASE(delete_message),
	CASE(redrive),
	CASE(parameter),
	CASE(parameters),
	CASE(role),
};

static int run_case(size_t i)
{
	FP_AUTO(aws_client_freep) struct aws_client *c = NULL;
	FP_AUTO(json_freep) cJSON *out = NULL;
	FP_AUTO(freep) char *text = NULL;
	struct aws_options o = { 0 };
	struct fp_error err = { 0 };

	if (aws_client_new(&c, &o, &err) < 0 || cases[i].call(c, &out, &err) < 0) {
		fprintf(stderr, "%s: %s\n", cases[i].name, err.message);
		return 1;
	}
	text = out ? json_text(out) : xstrdup("null");
	puts(text);
	return 0;
}

int main(int argc, char **argv)
{
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		if (argc < 2)
			puts(cases[i].name);
		else if (str_eq(argv[1], cases[i].name))
			return run_case(i);
	}
	return argc < 2 ? 0 : 2;
}
