#include "aws/service/sqs.h"

#include "aws/members.h"
#include "base/json.h"

/* A message received twice is hidden twice; and gone is gone. */
static const char *const harmless[] = { "ReceiveMessage", "DeleteMessage", NULL };

static const struct aws_api sqs = { .service = "sqs",
				    .version = "AmazonSQS",
				    .protocol = AWS_JSON_1_0,
				    .repeatable = harmless };
/* Sending what SQS knows to be the same message. */
static const struct aws_api sqs_same = { .service = "sqs",
					 .version = "AmazonSQS",
					 .protocol = AWS_JSON_1_0,
					 .at_least_once = true };

static const char *const counts[] = { "ApproximateNumberOfMessages",
				      "ApproximateNumberOfMessagesNotVisible",
				      "ApproximateNumberOfMessagesDelayed" };

static bool is_missing(const struct fp_error *err)
{
	return str_ends(err->aws_code, "NonExistentQueue") ||
	       str_ends(err->aws_code, "QueueDoesNotExist");
}

int sqs_queue_url(struct aws_client *c, const char *name, char **out,
		  struct fp_error *err)
{
	FP_AUTO(json_freep) cJSON *in = aws_input("QueueName", name);
	struct fp_error why = { 0 };

	if (aws_call_for_text(c, &sqs, "GetQueueUrl", in, "QueueUrl", out, &why) == 0)
		return 0;
	return is_missing(&why) ? 0 : aws_pass_error(err, &why);
}

static int get_attributes(struct aws_client *c, const char *queue_url,
			  const char *const *names, size_t n, cJSON **out,
			  struct fp_error *err)
{
	FP_AUTO(json_freep) cJSON *in = aws_input("QueueUrl", queue_url);
	cJSON *list = json_set_array(in, "AttributeNames");
	struct fp_error why = { 0 };

	for (size_t i = 0; i < n; i++)
		json_push_str(list, names[i]);
	if (aws_call_for(c, &sqs, "GetQueueAttributes", in, "Attributes", out, &why) == 0)
		return 0;
	return is_missing(&why) ? 0 : aws_pass_error(err, &why);
}

int sqs_attributes(struct aws_client *c, const char *queue_url, cJSON **out,
		   struct fp_error *err)
{
	static const char *const all[] = { "All" };

	return get_attributes(c, queue_url, all, ARRAY_SIZE(all), out, err);
}

int sqs_count(struct aws_client *c, const char *queue_url, int64_t *count,
	      struct fp_error *err)
{
	FP_AUTO(json_freep) cJSON *attributes = NULL;

	*count = -1;
	if (get_attributes(c, queue_url, counts, ARRAY_SIZE(counts), &attributes, err) <
	    0)
		return -1;
	if (!attributes)
		return 0;
	*count = 0;
	for (size_t i = 0; i < ARRAY_SIZE(counts); i++) {
		int64_t n = json_int(attributes, counts[i], -1);

		if (n < 0 || n > INT64_MAX / 4)
			return fp_fail(err, FP_ERR_PROTOCOL,
				       "sqs GetQueueAttributes: the answer has no %s",
				       counts[i]);
		*count += n;
	}
	return 0;
}

int sqs_send(struct aws_client *c, const struct sqs_message *m, char **id,
	     struct fp_error *err)
{
	const struct aws_api *api = m->deduplication ? &sqs_same : &sqs;
	FP_AUTO(json_freep) cJSON *in = aws_input("QueueUrl", m->queue_url);
	FP_AUTO(freep) char *message_id = NULL;

	json_set_str(in, "MessageBody", m->body);
	aws_put_int(in, "DelaySeconds", m->delay_s);
	json_set_str(in, "MessageGroupId", m->group);
	json_set_str(in, "MessageDeduplicationId", m->deduplication);
	if (aws_call_for_text(c, api, "SendMessage", in, "MessageId", &message_id, err) <
	    0)
		return -1;
	if (id) {
		*id = message_id;
		message_id = NULL;
	}
	return 0;
}

int sqs_receive(struct aws_client *c, const char *queue_url, int wait_s, int hide_s,
		cJSON **out, struct fp_error *err)
{
	FP_AUTO(json_freep) cJSON *in = aws_input("QueueUrl", queue_url), *answer = NULL;

	json_push_str(json_set_array(in, "AttributeNames"), "All");
	json_push_str(json_set_array(in, "MessageAttributeNames"), "All");
	json_set_int(in, "MaxNumberOfMessages", 10);
	aws_put_int(in, "VisibilityTimeout", hide_s);
	json_set_int(in, "WaitTimeSeconds", wait_s);
	if (aws_call(c, &sqs, "ReceiveMessage", in, &answer, err) < 0)
		return -1;
	/* Without messages the member is absent. */
	*out = cJSON_DetachItemFromObjectCaseSensitive(answer, "Messages");
	if (!*out)
		*out = cJSON_CreateArray();
	return 0;
}

int sqs_delete(struct aws_client *c, const char *queue_url, const char *receipt,
	       struct fp_error *err)
{
	FP_AUTO(json_freep) cJSON *in = aws_input("QueueUrl", queue_url);

	json_set_str(in, "ReceiptHandle", receipt);
	return aws_call(c, &sqs, "DeleteMessage", in, NULL, err);
}

int sqs_redrive(struct aws_client *c, const char *dead_letter_arn, const char *to_arn,
		int per_second, char **task, struct fp_error *err)
{
	FP_AUTO(json_freep) cJSON *in = aws_input("SourceArn", dead_letter_arn);
	FP_AUTO(freep) char *handle = NULL;

	json_set_str(in, "DestinationArn", to_arn);
	aws_put_int(in, "MaxNumberOfMessagesPerSecond", per_second);
	if (aws_call_for_text(c, &sqs, "StartMessageMoveTask", in, "TaskHandle", &handle,
			      err) < 0)
		return -1;
	if (task) {
		*task = handle;
		handle = NULL;
	}
	return 0;
}
