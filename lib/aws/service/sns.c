#include "aws/service/sns.h"

#include "aws/members.h"
#include "aws/paginate.h"
#include "base/json.h"

static const struct aws_api sns = { .service = "sns",
				    .version = "2010-03-31",
				    .protocol = AWS_QUERY,
				    .at_least_once = true };

int sns_publish(struct aws_client *c, const char *topic_arn, const char *subject,
		const char *message, const cJSON *attributes, struct fp_error *err)
{
	FP_AUTO(json_freep) cJSON *in = aws_input("TopicArn", topic_arn);
	cJSON *to;

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

int sns_subscriptions(struct aws_client *c, const char *topic_arn, cJSON **out,
		      struct fp_error *err)
{
	static const struct aws_pages pages = { .api = &sns,
						.action = "ListSubscriptionsByTopic",
						.list = "Subscriptions" };
	FP_AUTO(json_freep) cJSON *in = aws_input("TopicArn", topic_arn);

	return aws_collect(c, &pages, in, 0, out, err);
}

int sns_attributes(struct aws_client *c, const char *topic_arn, cJSON **out,
		   struct fp_error *err)
{
	FP_AUTO(json_freep) cJSON *in = aws_input("TopicArn", topic_arn);
	struct fp_error why = { 0 };

	if (aws_call_for(c, &sns, "GetTopicAttributes", in, "Attributes", out, &why) == 0)
		return 0;
	return str_eq(why.aws_code, "NotFound") ? 0 : aws_pass_error(err, &why);
}
