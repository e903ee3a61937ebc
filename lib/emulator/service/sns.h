/*
 * What the files of SNS share. Messages are kept and can be read with
 * FpctlListMessages; e-mail and https deliveries are recorded, not sent.
 */
#ifndef FP_EMULATOR_SNS_H
#define FP_EMULATOR_SNS_H

#include "emulator/service.h"

struct sns_topic {
	char *arn;
	cJSON *attributes; /* what was set: object of texts */
	cJSON *tags;	   /* object */
};
void sns_topic_release(struct sns_topic *t);
/* NotFound, InvalidParameter. */
int sns_load_topic(struct call *c, const char *arn, struct sns_topic *out);
int sns_invalid(struct call *c, const char *fmt, ...) FP_PRINTF(2, 3);

/*
 * Filter policies: strings, numbers, booleans, null, prefix, suffix, anything-but,
 * numeric, exists, equals-ignore-case, cidr, $or. Source: SNS Developer Guide, "Amazon
 * SNS subscription filter policies". What is not understood is refused when it is set.
 */
int sns_filter_check(struct call *c, const char *policy);
/* `values` are the message's attributes, or its body, as JSON. */
bool sns_filter_matches(const cJSON *policy, const cJSON *values);

/* Give a stored message to the topic's subscriptions: in the open transaction.
 * Fills the deliveries: [{Protocol, Endpoint}]. */
struct sns_message {
	const char *id, *topic_arn, *subject, *timestamp;
	const char *message;   /* the default one */
	const cJSON *messages; /* by protocol, for MessageStructure=json; or NULL */
	const cJSON *attributes;
};
int sns_deliver(struct call *c, const struct sns_message *m, cJSON *deliveries);

/* The formatter takes these for nested calls. */
/* clang-format off */
#define SNS_OPERATIONS(X) \
	X(CreateTopic) X(DeleteTopic) X(ListTopics) X(GetTopicAttributes) \
	X(SetTopicAttributes) X(Subscribe) X(Unsubscribe) X(ListSubscriptions) \
	X(ListSubscriptionsByTopic) X(GetSubscriptionAttributes) \
	X(SetSubscriptionAttributes) X(Publish) X(PublishBatch) X(TagResource) \
	X(UntagResource) X(ListTagsForResource) X(FpctlListMessages) \
	X(FpctlClearMessages) X(FpctlMayPublish)
/* clang-format on */
#define X(name) int sns_##name(struct call *c, const cJSON *in, cJSON *out);
SNS_OPERATIONS(X)
#undef X

extern const struct resource_type sns_resources[];

#endif
