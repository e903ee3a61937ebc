/*
 * Queues and topics that keep the order (FIFO), and what does not go with them.
 * Source: SQS API, "CreateQueue"; SNS API, "CreateTopic" and "Subscribe"; S3 User Guide,
 * "Amazon S3 Event Notifications".
 */
#include "cfn/checker.h"

enum order { UNKNOWN, STANDARD, FIFO };

static enum order order_of(const struct node *resource)
{
	bool queue = node_is(node_get(resource, "Type"), "AWS::SQS::Queue");
	const struct node *properties = node_get(resource, "Properties");
	const struct node *flag;

	if (!queue && !node_is(node_get(resource, "Type"), "AWS::SNS::Topic"))
		return UNKNOWN;
	if (properties && (check_is_function(properties) || check_has_macro(properties)))
		return UNKNOWN;
	flag = node_get(properties, queue ? "FifoQueue" : "FifoTopic");
	if (!flag)
		return STANDARD;
	if (check_is_function(flag) || !node_text(flag))
		return UNKNOWN;
	return str_ieq(node_text(flag), "true") ? FIFO : STANDARD;
}

/* Of the resource that a Ref or a GetAtt names. */
static enum order order_named(const struct checker *c, const struct node *value)
{
	FP_AUTO(freep) char *id = NULL;
	const char *name;
	struct call call;

	if (!value || call_of(value, &call) != CALL_FOUND ||
	    (call.fn != FN_REF && call.fn != FN_GET_ATT))
		return UNKNOWN;
	name = node_text(call.arg->kind == NODE_SEQUENCE && call.arg->seq.n
				 ? call.arg->seq.v[0]
				 : call.arg);
	id = name ? xstrndup(name, strcspn(name, ".")) : NULL;
	return order_of(id ? node_get(c->resources, id) : NULL);
}

static void check_name(const struct checker *c, const struct step *at,
		       const struct node *resource, const char *key, const char *flag)
{
	const struct node *name = node_get(node_get(resource, "Properties"), key);
	FP_AUTO(freep) char *hint = NULL;
	struct step here = { at, key, 0 };
	enum order order = order_of(resource);

	if (!name || check_is_function(name) || !node_text(name) || order == UNKNOWN ||
	    (order == FIFO) == str_ends(node_text(name), ".fifo"))
		return;
	hint = order == FIFO ? xasprintf("name it '%s.fifo'", node_text(name))
			     : xasprintf("add '%s: true'", flag);
	check_fail(c, &here, name->pos, hint,
		   order == FIFO ? "with %s the name ends in .fifo"
				 : "only with %s the name ends in .fifo",
		   flag);
}

static void check_deduplication(const struct checker *c, const struct step *at,
				const struct node *resource, const char *flag)
{
	static const char key[] = "ContentBasedDeduplication";
	const struct node_pair *p = node_find(node_get(resource, "Properties"), key);
	struct step here = { at, key, 0 };

	if (p && order_of(resource) == STANDARD && node_text(p->value) &&
	    str_ieq(node_text(p->value), "true"))
		check_fail(c, &here, p->key->pos, NULL, "needs %s", flag);
}

static void check_dead_letters(const struct checker *c, const struct step *at,
			       const struct node *resource)
{
	const struct node *properties = node_get(resource, "Properties");
	const struct node *target = node_get(node_get(properties, "RedrivePolicy"),
					     "deadLetterTargetArn");
	struct step policy = { at, "RedrivePolicy", 0 };
	struct step here = { &policy, "deadLetterTargetArn", 0 };
	enum order own = order_of(resource), other = order_named(c, target);

	if (own != UNKNOWN && other != UNKNOWN && own != other)
		check_fail(c, &here, target->pos, NULL,
			   "the dead letters of a %s queue go to a %s one, too",
			   own == FIFO ? "FIFO" : "standard",
			   own == FIFO ? "FIFO" : "standard");
}

static void check_subscription(const struct checker *c, const struct step *at,
			       const struct node *resource)
{
	const struct node *properties = node_get(resource, "Properties");
	const struct node *endpoint = node_get(properties, "Endpoint");
	struct step here = { at, "Endpoint", 0 };

	if (order_named(c, node_get(properties, "TopicArn")) == STANDARD &&
	    order_named(c, endpoint) == FIFO)
		check_fail(c, &here, endpoint->pos, "subscribe it to a FIFO topic",
			   "a FIFO queue cannot subscribe to a standard topic");
}

static void check_notifications(const struct checker *c, const struct step *at,
				const struct node *resource, const char *list,
				const char *key)
{
	const struct node *all = node_get(
		node_get(node_get(resource, "Properties"), "NotificationConfiguration"),
		list);
	struct step outer = { at, "NotificationConfiguration", 0 };
	struct step inner = { &outer, list, 0 };

	for (size_t i = 0; all && all->kind == NODE_SEQUENCE && i < all->seq.n; i++) {
		const struct node *target = node_get(all->seq.v[i], key);
		struct step item = { &inner, NULL, i }, here = { &item, key, 0 };

		if (order_named(c, target) == FIFO)
			check_fail(c, &here, target->pos, NULL,
				   "S3 sends no events to a FIFO %s",
				   str_eq(key, "Queue") ? "queue" : "topic");
	}
}

void check_fifo(const struct checker *c, const struct step *at,
		const struct node *resource)
{
	struct step here = { at, "Properties", 0 };

	if (str_eq(c->type, "AWS::SQS::Queue")) {
		check_name(c, &here, resource, "QueueName", "FifoQueue");
		check_deduplication(c, &here, resource, "FifoQueue");
		check_dead_letters(c, &here, resource);
	} else if (str_eq(c->type, "AWS::SNS::Topic")) {
		check_name(c, &here, resource, "TopicName", "FifoTopic");
		check_deduplication(c, &here, resource, "FifoTopic");
	} else if (str_eq(c->type, "AWS::SNS::Subscription")) {
		check_subscription(c, &here, resource);
	} else if (str_eq(c->type, "AWS::S3::Bucket")) {
		check_notifications(c, &here, resource, "QueueConfigurations", "Queue");
		check_notifications(c, &here, resource, "TopicConfigurations", "Topic");
	}
}
