#include "aws/service/sqs.h"

#include "base/json.h"
#include "base/str.h"

static const struct aws_api sqs = { .service = "sqs",
				    .version = "AmazonSQS",
				    .protocol = AWS_JSON_1_0 };

static const char *const counts[] = { "ApproximateNumberOfMessages",
				      "ApproximateNumberOfMessagesNotVisible",
				      "ApproximateNumberOfMessagesDelayed" };

static bool is_missing(const struct fp_error *err)
{
	return str_ends(err->aws_code, "NonExistentQueue") ||
	       str_ends(err->aws_code, "QueueDoesNotExist");
}

/* All values are texts. */
static int add_up(const cJSON *attributes, int64_t *count, struct fp_error *err)
{
	*count = 0;
	for (size_t i = 0; i < ARRAY_SIZE(counts); i++) {
		int64_t n;

		if (!str_to_i64(json_str(attributes, counts[i], ""), 0, INT64_MAX / 4,
				&n))
			return fp_fail(err, FP_ERR_PROTOCOL,
				       "sqs GetQueueAttributes: the answer has no %s",
				       counts[i]);
		*count += n;
	}
	return 0;
}

int sqs_count(struct aws_client *c, const char *queue_url, int64_t *count,
	      struct fp_error *err)
{
	FP_AUTO(json_freep) cJSON *in = cJSON_CreateObject();
	FP_AUTO(json_freep) cJSON *answer = NULL;
	struct fp_error why = { 0 };
	cJSON *names;

	json_set_str(in, "QueueUrl", queue_url);
	names = json_set_array(in, "AttributeNames");
	for (size_t i = 0; i < ARRAY_SIZE(counts); i++)
		json_push_str(names, counts[i]);
	if (aws_call(c, &sqs, "GetQueueAttributes", in, &answer, &why) == 0)
		return add_up(json_get(answer, "Attributes"), count, err);
	*count = -1;
	if (is_missing(&why))
		return 0;
	if (err)
		*err = why;
	return -1;
}
