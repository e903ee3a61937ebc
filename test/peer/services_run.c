/*
 * The calls to what runs: functions, logs, metrics, queues, topics: see services.h.
 */
#include "services.h"

#include "aws/service/cloudwatch.h"
#include "aws/service/iam.h"
#include "aws/service/lambda.h"
#include "aws/service/logs.h"
#include "aws/service/sns.h"
#include "aws/service/sqs.h"
#include "aws/service/ssm.h"

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
	struct log_filter f = { .group = "g", .stream_prefix = "2026/", .max = 20000 };

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

static int log_streams_cut(struct aws_client *c, cJSON **out, struct fp_error *err)
{
	return logs_streams(c, "g", 1, out, err);
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

static const struct service_case cases[] = {
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
	CASE(log_streams_cut),
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

int main(int argc FP_UNUSED, char **argv)
{
	return service_main(cases, ARRAY_SIZE(cases), argv[1]);
}
