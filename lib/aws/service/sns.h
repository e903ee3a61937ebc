/*
 * Amazon SNS.
 */
#ifndef FP_AWS_SNS_H
#define FP_AWS_SNS_H

#include "aws/client.h"

/* `attributes` is an object of strings for filter policies, or NULL. */
FP_MUST_CHECK int sns_publish(struct aws_client *c, const char *topic_arn,
			      const char *subject, const char *message,
			      const cJSON *attributes, struct fp_error *err);
/* An array of SubscriptionArn ("PendingConfirmation" until it is), Owner, Protocol,
 * Endpoint, TopicArn; owned by the caller. */
FP_MUST_CHECK int sns_subscriptions(struct aws_client *c, const char *topic_arn,
				    cJSON **out, struct fp_error *err);
/* The topic's attributes, an object of texts, owned by the caller; NULL when there is
 * no such topic. */
FP_MUST_CHECK int sns_attributes(struct aws_client *c, const char *topic_arn, cJSON **out,
				 struct fp_error *err);

#endif
