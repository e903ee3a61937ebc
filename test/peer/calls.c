/*
 * calls PROJECT: the typed calls against an emulator that has the project deployed; each
 * does what it says. Prints "ok" and "not ok" lines, and "counts PASSED FAILED".
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "aws/members.h"
#include "aws/service/cloudformation.h"
#include "aws/service/cloudwatch.h"
#include "aws/service/iam.h"
#include "aws/service/lambda.h"
#include "aws/service/logs.h"
#include "aws/service/sns.h"
#include "aws/service/sqs.h"
#include "base/clock.h"
#include "base/json.h"

static const char template[] =
	"Resources:\n"
	"  Dead: { Type: 'AWS::SQS::Queue', Properties: { QueueName: typed-dead } }\n"
	"  Queue:\n"
	"    Type: AWS::SQS::Queue\n"
	"    Properties:\n"
	"      QueueName: typed-queue\n"
	"      RedrivePolicy: { maxReceiveCount: 3, deadLetterTargetArn: !GetAtt "
	"Dead.Arn }\n"
	"  Topic: { Type: 'AWS::SNS::Topic', Properties: { TopicName: typed-topic } }\n"
	"  Subscription:\n"
	"    Type: AWS::SNS::Subscription\n"
	"    Properties: { TopicArn: !Ref Topic, Protocol: email, Endpoint: "
	"a@example.com }\n"
	"  Role:\n"
	"    Type: AWS::IAM::Role\n"
	"    Properties:\n"
	"      RoleName: typed-role\n"
	"      AssumeRolePolicyDocument:\n"
	"        Version: '2012-10-17'\n"
	"        Statement:\n"
	"          - { Effect: Allow, Action: 'sts:AssumeRole',\n"
	"              Principal: { Service: lambda.amazonaws.com } }\n"
	"Outputs:\n"
	"  Url: { Value: !Ref Queue, Export: { Name: typed-url } }\n"
	"  Topic: { Value: !Ref Topic }\n";

static const struct aws_patience quick = { .min_ms = 20,
					   .max_ms = 200,
					   .timeout_ms = 60000 };
#define EXTRA "typed-extra"

struct run {
	struct aws_client *c;
	const char *project;
	struct fp_error err;
	int passed, failed;
};

/* `rc` of a call, and whether what it gave is right. */
static void check(struct run *r, const char *name, bool good)
{
	printf("%sok %s%s%s\n", good ? "" : "not ", name, good ? "" : ": ",
	       good ? "" : r->err.message);
	r->passed += good;
	r->failed += !good;
	r->err = (struct fp_error){ 0 };
}

static bool has(const cJSON *list, const char *member, const char *value)
{
	json_each (item, list)
		if (str_eq(member ? json_str(item, member, NULL)
				  : cJSON_GetStringValue(item),
			   value))
			return true;
	return false;
}

/* The value of an output of a stack; owned by the caller. */
static char *output(struct run *r, const char *stack, const char *key)
{
	FP_AUTO(json_freep) cJSON *s = NULL;

	if (cloudformation_stack(r->c, stack, &s, &r->err) == 0)
		json_each (o, json_get(s, "Outputs"))
			if (str_eq(json_str(o, "OutputKey", NULL), key))
				return xstrdup(json_str(o, "OutputValue", ""));
	return xstrdup("");
}

static void read_stacks(struct run *r)
{
	FP_AUTO(freep) char *name = xasprintf("%s-lambda", r->project);
	FP_AUTO(json_freep)
	cJSON *all = NULL, *one = NULL, *none = NULL, *parts = NULL, *list = NULL;
	FP_AUTO(buf_release) struct buf body = BUF_INIT;

	check(r, "all stacks",
	      cloudformation_stacks(r->c, &all, &r->err) == 0 &&
		      has(all, "StackName", name));
	check(r, "a stack",
	      cloudformation_stack(r->c, name, &one, &r->err) == 0 &&
		      aws_time(one, "CreationTime", 0) > 1700000000000 &&
		      !json_bool(one, "EnableTerminationProtection", true));
	check(r, "a stack that is not there",
	      cloudformation_stack(r->c, "nobody", &none, &r->err) == 0 && !none);
	check(r, "its template",
	      cloudformation_template(r->c, name, &body, &r->err) == 0 &&
		      strstr(buf_str(&body), "AWS::Lambda::Function"));
	check(r, "its resources",
	      cloudformation_resources(r->c, name, &parts, &r->err) == 0 &&
		      has(parts, "ResourceType", "AWS::Lambda::Function"));
	check(r, "the list of stacks",
	      cloudformation_list(r->c, NULL, &list, &r->err) == 0 &&
		      has(list, "StackName", name));
}

static int make_change_set(struct run *r, const char *type, const char *name,
			   cJSON **made)
{
	struct change_set set = { .stack = EXTRA,
				  .name = name,
				  .type = type,
				  .body = template,
				  .capability = "CAPABILITY_NAMED_IAM" };
	FP_AUTO(freep) char *id = NULL;

	if (cloudformation_create_change_set(r->c, &set, &id, &r->err) < 0)
		return -1;
	return cloudformation_wait_change_set(r->c, EXTRA, name, &quick, made, &r->err);
}

static void create_stack(struct run *r)
{
	FP_AUTO(json_freep)
	cJSON *made = NULL, *changes = NULL, *sets = NULL, *stack = NULL, *events = NULL,
	      *more = NULL, *exports = NULL, *imports = NULL, *operations = NULL;
	struct event_query q = { .stack = EXTRA };
	const cJSON *last;

	check(r, "a change set is made",
	      make_change_set(r, "CREATE", "one", &made) == 0 &&
		      str_eq(json_str(made, "Status", NULL), "CREATE_COMPLETE"));
	check(r, "with its changes",
	      cloudformation_changes(r->c, EXTRA, "one", true, &changes, &r->err) == 0 &&
		      cJSON_GetArraySize(json_get(changes, "Changes")) == 5);
	check(r, "is listed",
	      cloudformation_change_sets(r->c, EXTRA, &sets, &r->err) == 0 &&
		      has(sets, "ChangeSetName", "one"));
	check(r, "is executed",
	      cloudformation_execute(r->c, EXTRA, "one", NULL, false, &r->err) == 0);
	check(r, "and the stack is there",
	      cloudformation_wait(r->c, EXTRA, "CREATE_COMPLETE", &quick, &stack,
				  &r->err) == 0);
	check(r, "its events, oldest first",
	      cloudformation_events(r->c, EXTRA, NULL, &events, &r->err) == 0 &&
		      str_eq(json_str(cJSON_GetArrayItem(events, 0), "ResourceStatus", 0),
			     "REVIEW_IN_PROGRESS"));
	last = cJSON_GetArrayItem(events, cJSON_GetArraySize(events) - 1);
	check(r, "and none after the last",
	      cloudformation_events(r->c, EXTRA, json_str(last, "EventId", ""), &more,
				    &r->err) == 0 &&
		      cJSON_GetArraySize(more) == 0);
	check(r, "the operations' events",
	      cloudformation_operation_events(r->c, &q, &operations, &r->err) == 0 &&
		      cJSON_IsArray(operations));
	check(r, "an export",
	      cloudformation_exports(r->c, &exports, &r->err) == 0 &&
		      has(exports, "Name", "typed-url"));
	check(r, "that nobody imports",
	      cloudformation_imports(r->c, "typed-url", &imports, &r->err) == 0 &&
		      cJSON_GetArraySize(imports) == 0);
}

static void change_nothing(struct run *r)
{
	FP_AUTO(json_freep) cJSON *made = NULL;

	check(r, "a change set without changes",
	      make_change_set(r, "UPDATE", "two", &made) == 0 &&
		      cloudformation_is_empty(made));
	check(r, "is deleted",
	      cloudformation_delete_change_set(r->c, EXTRA, "two", &r->err) == 0);
	check(r, "protected", cloudformation_protect(r->c, EXTRA, true, &r->err) == 0);
	check(r, "and so not deleted",
	      cloudformation_delete(r->c, EXTRA, NULL, &r->err) < 0 &&
		      str_eq(r->err.aws_code, "ValidationError"));
	check(r, "protected no more",
	      cloudformation_protect(r->c, EXTRA, false, &r->err) == 0);
	check(r, "there is no update to cancel",
	      cloudformation_cancel_update(r->c, EXTRA, NULL, &r->err) < 0);
	check(r, "and no roll-back to go on with",
	      cloudformation_continue_rollback(r->c, EXTRA, NULL, &r->err) < 0);
}

static void delete_stack(struct run *r)
{
	FP_AUTO(json_freep) cJSON *gone = NULL;

	check(r, "the stack is deleted",
	      cloudformation_delete(r->c, EXTRA, NULL, &r->err) == 0 &&
		      cloudformation_wait(r->c, EXTRA, "DELETE_COMPLETE", &quick, &gone,
					  &r->err) == 0);
}

static void use_queue(struct run *r)
{
	FP_AUTO(freep) char *url = NULL, *none = NULL, *id = NULL;
	FP_AUTO(json_freep)
	cJSON *attributes = NULL, *got = NULL, *empty = NULL, *nothing = NULL;
	struct sqs_message m = { .body = "hello \xc3\xa4 <&>" };
	const cJSON *first;
	int64_t n = 0;

	check(r, "a queue's address",
	      sqs_queue_url(r->c, "typed-queue", &url, &r->err) == 0 && url);
	check(r, "a queue that is not there",
	      sqs_queue_url(r->c, "typed-nothing", &none, &r->err) == 0 && !none);
	m.queue_url = str_or(url, "");
	check(r, "its attributes",
	      sqs_attributes(r->c, m.queue_url, &attributes, &r->err) == 0 &&
		      json_int(attributes, "VisibilityTimeout", -1) == 30);
	check(r, "a message is sent", sqs_send(r->c, &m, &id, &r->err) == 0 && id);
	check(r, "and counted", sqs_count(r->c, m.queue_url, &n, &r->err) == 0 && n == 1);
	check(r, "and received",
	      sqs_receive(r->c, m.queue_url, 1, 5, &got, &r->err) == 0 &&
		      has(got, "Body", m.body));
	first = cJSON_GetArrayItem(got, 0);
	check(r, "and deleted",
	      sqs_delete(r->c, m.queue_url, json_str(first, "ReceiptHandle", ""),
			 &r->err) == 0);
	check(r, "then there is none",
	      sqs_receive(r->c, m.queue_url, 0, 0, &empty, &r->err) == 0 &&
		      cJSON_GetArraySize(empty) == 0);
	check(r, "no attributes of no queue",
	      sqs_attributes(r->c, "http://127.0.0.1/000000000000/typed-nothing",
			     &nothing, &r->err) == 0 &&
		      !nothing);
}

static void use_topic(struct run *r)
{
	FP_AUTO(freep) char *arn = output(r, EXTRA, "Topic");
	FP_AUTO(json_freep)
	cJSON *attributes = NULL, *list = NULL, *none = NULL,
	      *filter = cJSON_CreateObject();

	json_set_str(filter, "status", "ok");
	check(r, "a topic is published to",
	      sns_publish(r->c, arn, "subject", "message", filter, &r->err) == 0);
	check(r, "its subscriptions",
	      sns_subscriptions(r->c, arn, &list, &r->err) == 0 &&
		      has(list, "Endpoint", "a@example.com"));
	check(r, "its attributes",
	      sns_attributes(r->c, arn, &attributes, &r->err) == 0 &&
		      str_eq(json_str(attributes, "TopicArn", NULL), arn));
	check(r, "a topic that is not there",
	      sns_attributes(r->c, "arn:aws:sns:us-east-1:000000000000:nothing", &none,
			     &r->err) == 0 &&
		      !none);
}

static void use_role(struct run *r)
{
	FP_AUTO(json_freep) cJSON *role = NULL, *none = NULL, *policy = NULL;
	const char *text;

	check(r, "a role", iam_role(r->c, "typed-role", &role, &r->err) == 0 && role);
	text = json_str(role, "AssumeRolePolicyDocument", "");
	policy = json_parse(text, strlen(text), "the policy", &r->err);
	check(r, "whose trust is JSON",
	      has(json_get(policy, "Statement"), "Action", "sts:AssumeRole"));
	check(r, "a role that is not there",
	      iam_role(r->c, "typed-nobody", &none, &r->err) == 0 && !none);
}

static void update_code(struct run *r, const char *function)
{
	FP_AUTO(freep) char *stack = xasprintf("%s-lambda", r->project);
	FP_AUTO(json_freep) cJSON *s = NULL, *after = NULL, *ready = NULL;
	struct lambda_code code = { .function = function };

	if (cloudformation_stack(r->c, stack, &s, &r->err) < 0)
		return;
	json_each (p, json_get(s, "Parameters")) {
		const char *key = json_str(p, "ParameterKey", "");

		if (str_eq(key, "ArtifactBucketName"))
			code.bucket = json_str(p, "ParameterValue", NULL);
		else if (str_ends(key, "CodeKey"))
			code.key = json_str(p, "ParameterValue", NULL);
	}
	check(r, "a function's code is updated",
	      lambda_update_code(r->c, &code, &after, &r->err) == 0 &&
		      json_str(after, "CodeSha256", NULL));
	check(r, "and is in force",
	      lambda_wait_updated(r->c, function, &quick, &ready, &r->err) == 0 &&
		      str_eq(json_str(ready, "CodeSha256", ""),
			     json_str(after, "CodeSha256", NULL)));
}

static void use_function(struct run *r, const char *function)
{
	struct lambda_invocation i = { .function = function,
				       .payload = "{\"Records\":[]}",
				       .n = 14 };
	FP_AUTO(lambda_result_release)
	struct lambda_result done = { 0 }, queued = { 0 }, tried = { 0 };
	FP_AUTO(json_freep)
	cJSON *all = NULL, *none = NULL, *active = NULL;

	check(r, "a function",
	      lambda_function(r->c, function, &all, &r->err) == 0 &&
		      json_str(all, "Code.Location", NULL));
	check(r, "a function that is not there",
	      lambda_function(r->c, "typed-nobody", &none, &r->err) == 0 && !none);
	check(r, "is active",
	      lambda_wait_active(r->c, function, &quick, &active, &r->err) == 0);
	check(r, "is invoked",
	      lambda_invoke(r->c, &i, &done, &r->err) == 0 && done.status == 200 &&
		      !done.error && done.payload.len &&
		      strstr(buf_str(&done.log), "REPORT"));
	i.async = true;
	check(r, "is sent an event",
	      lambda_invoke(r->c, &i, &queued, &r->err) == 0 && queued.status == 202);
	i.dry_run = true;
	check(r, "may be invoked",
	      lambda_invoke(r->c, &i, &tried, &r->err) == 0 && tried.status == 204);
	update_code(r, function);
}

static bool count_events(void *ctx, const cJSON *events)
{
	*(int *)ctx += cJSON_GetArraySize(events);
	return true;
}

static void read_logs(struct run *r, const char *function)
{
	FP_AUTO(json_freep) cJSON *groups = NULL, *streams = NULL, *tail = NULL;
	FP_AUTO(freep) char *group = NULL, *token = NULL, *again = NULL;
	struct log_reading reading = { 0 };
	struct log_filter filter = { .start_ms = 1000 };
	int n = 0, read = 0, later = 0;

	check(r, "log groups",
	      logs_groups(r->c, "/aws/lambda/", &groups, &r->err) == 0 &&
		      cJSON_GetArraySize(groups) > 0);
	group = xasprintf("/aws/lambda/%s", function);
	filter.group = reading.group = group;
	check(r, "a group's streams",
	      logs_streams(r->c, group, 5, &streams, &r->err) == 0 &&
		      cJSON_GetArraySize(streams) > 0);
	reading.stream = json_str(cJSON_GetArrayItem(streams, 0), "logStreamName", "");
	check(r, "its events",
	      logs_filter(r->c, &filter, count_events, &n, &r->err) == 0 && n > 0);
	check(r, "a stream from its start",
	      logs_read(r->c, &reading, count_events, &read, &token, &r->err) == 0 &&
		      read > 0 && token);
	reading.token = token;
	check(r, "and nothing after its end",
	      logs_read(r->c, &reading, count_events, &later, &again, &r->err) == 0 &&
		      later == 0);
	check(r, "the last events",
	      logs_tail(r->c, group, reading.stream, 2, &tail, &r->err) == 0 &&
		      cJSON_GetArraySize(tail) == FP_MIN(read, 2));
}

/* What lib/aws does not do itself: there must be a metric to read. */
static int put_metric(struct run *r, double value)
{
	static const struct aws_api api = { .service = "monitoring",
					    .version = "2010-08-01",
					    .protocol = AWS_QUERY };
	FP_AUTO(json_freep) cJSON *in = aws_input("Namespace", "Typed");
	cJSON *datum = json_push_object(json_set_array(in, "MetricData"));
	cJSON *dimension = json_push_object(json_set_array(datum, "Dimensions"));

	json_set_str(datum, "MetricName", "Count");
	json_set(datum, "Value", cJSON_CreateNumber(value));
	json_set_str(dimension, "Name", "Of");
	json_set_str(dimension, "Value", "a & b");
	return aws_call(r->c, &api, "PutMetricData", in, NULL, &r->err);
}

static void read_metrics(struct run *r)
{
	struct map dimensions = MAP_INIT;
	struct metric_query q[] = { { .id = "n",
				      .namespace = "Typed",
				      .name = "Count",
				      .dimensions = &dimensions,
				      .stat = "Sum",
				      .period_s = 60,
				      .label = "how many" } };
	int64_t now = clock_now_ms();
	FP_AUTO(metric_data_release) struct metric_data data = { 0 };
	double sum = 0;

	map_put(&dimensions, "Of", (char[]){ "a & b" });
	check(r, "numbers are counted", put_metric(r, 2.5) == 0 && put_metric(r, 4) == 0);
	check(r, "and read",
	      cloudwatch_metric_data(r->c, q, 1, now - 600000, now + 60000, &data,
				     &r->err) == 0 &&
		      data.n == 1 && str_eq(data.v[0].label, "how many"));
	for (size_t i = 0; data.n && i < data.v[0].n; i++)
		sum += data.v[0].value[i];
	check(r, "and are the same", sum == 6.5);
	map_release(&dimensions, NULL);
}

int main(int argc, char **argv)
{
	struct run r = { .project = argc > 1 ? argv[1] : "typed" };
	FP_AUTO(freep) char *function = xasprintf("%s-default", r.project);
	struct aws_options o = { 0 };

	if (aws_client_new(&r.c, &o, &r.err) < 0) {
		fprintf(stderr, "%s\n", r.err.message);
		return 1;
	}
	read_stacks(&r);
	create_stack(&r);
	change_nothing(&r);
	use_queue(&r);
	use_topic(&r);
	use_role(&r);
	delete_stack(&r);
	use_function(&r, function);
	read_logs(&r, function);
	read_metrics(&r);
	aws_client_freep(&r.c);
	printf("counts %d %d\n", r.passed, r.failed);
	return r.failed ? 1 : 0;
}
