#include "aws/service/sns.h"

#include "base/json.h"

static const struct aws_api sns = { .service = "sns",
				    .version = "2010-03-31",
				    .protocol = AWS_QUERY,
				    .at_least_once = true };

int sns_publish(struct aws_client *c, const char *topic_arn, const char *subject,
		const char *message, const cJSON *attributes, struct fp_error *err)
{
	FP_AUTO(json_freep) cJSON *in = cJSON_CreateObject();
	cJSON *to;

	json_set_str(in, "TopicArn", topic_arn);
	json_set_str(in, "Subject", subject);
	json_set_str(in, "Message", message);
	if (attributes && attributes->child) {
		to = json_set_object(in, "MessageAttributes");
		json_each (a, attributes) {
			cJSON *value = json_set_object(to, a->string);

			json_set_str(value, "DataType", "String");
			json_set_str(value, "StringValue", cJSON_GetStringValue(a));
		}
	}
	return aws_call(c, &sns, "Publish", in, NULL, err);
}
