#include "base/clock.h"
#include "base/json.h"
#include "base/str.h"
#include "emulator/common.h"
#include "emulator/service/sqs.h"
#include "wire/arn.h"

#define MAX_RECEIVES 1000
#define MAX_SOURCES  10

static int check_policy(struct call *c, const struct sqs_queue *q, const char *value);
static int check_redrive(struct call *c, const struct sqs_queue *q, const char *value);
static int check_redrive_allow(struct call *c, const struct sqs_queue *q,
			       const char *value);

/* Source: the attributes of CreateQueue and SetQueueAttributes. */
static const struct attribute {
	const char *name, *fallback; /* NULL: absent unless set */
	int64_t min, max;	     /* both 0: no number */
	int (*check)(struct call *c, const struct sqs_queue *q, const char *value);
} settable[] = {
	{ "DelaySeconds", "0", 0, 900, NULL },
	{ "MaximumMessageSize", "1048576", 1024, 1048576, NULL },
	{ "MessageRetentionPeriod", "345600", 60, 1209600, NULL },
	{ "ReceiveMessageWaitTimeSeconds", "0", 0, 20, NULL },
	{ "VisibilityTimeout", "30", 0, 43200, NULL },
	{ "SqsManagedSseEnabled", "true", 0, 0, NULL },
	{ "Policy", NULL, 0, 0, check_policy },
	{ "RedrivePolicy", NULL, 0, 0, check_redrive },
	{ "RedriveAllowPolicy", NULL, 0, 0, check_redrive_allow },
	{ "KmsMasterKeyId", NULL, 0, 0, NULL },
	{ "KmsDataKeyReusePeriodSeconds", NULL, 60, 86400, NULL },
};

static const char *const of_fifo[] = { "FifoQueue", "ContentBasedDeduplication",
				       "DeduplicationScope", "FifoThroughputLimit" };

static const char *const computed[] = { "QueueArn",
					"CreatedTimestamp",
					"LastModifiedTimestamp",
					"ApproximateNumberOfMessages",
					"ApproximateNumberOfMessagesNotVisible",
					"ApproximateNumberOfMessagesDelayed" };

static const struct attribute *find(const char *name)
{
	for (size_t k = 0; k < ARRAY_SIZE(settable); k++)
		if (str_eq(settable[k].name, name))
			return &settable[k];
	return NULL;
}

static int bad_value(struct call *c, const char *name)
{
	return fault_set(&c->fault, 400, "InvalidAttributeValue",
			 "Invalid value for the parameter %s.", name);
}

static int bad_reason(struct call *c, const char *name, const char *value,
		      const char *reason)
{
	return sqs_invalid(c, "Value %.300s for parameter %s is invalid. Reason: %s",
			   value, name, reason);
}

static int check_policy(struct call *c, const struct sqs_queue *q FP_UNUSED,
			const char *value)
{
	FP_AUTO(json_freep) cJSON *j = json_parse(value, strlen(value), "it", NULL);

	return cJSON_IsObject(j) && json_get(j, "Statement") ? 0 : bad_value(c, "Policy");
}

/* Whether the dead-letter queue takes what comes from there. */
static bool takes_from(const struct sqs_queue *letters, const char *source)
{
	const char *text = json_str(letters->attributes, "RedriveAllowPolicy", "{}");
	FP_AUTO(json_freep) cJSON *j = cJSON_Parse(text);
	const char *who = json_str(j, "redrivePermission", "allowAll");

	json_each (arn, json_get(j, "sourceQueueArns"))
		if (str_eq(who, "byQueue") && str_eq(cJSON_GetStringValue(arn), source))
			return true;
	return str_eq(who, "allowAll");
}

static int check_redrive(struct call *c, const struct sqs_queue *q, const char *value)
{
	FP_AUTO(json_freep) cJSON *j = json_parse(value, strlen(value), "it", NULL);
	FP_AUTO(sqs_queue_release) struct sqs_queue letters = { 0 };
	const char *name = "RedrivePolicy";
	const char *target = json_str(j, "deadLetterTargetArn", NULL);
	int64_t n = json_int(j, "maxReceiveCount", INT64_MIN);
	struct arn arn;

	if (!cJSON_IsObject(j))
		return bad_reason(c, name, value,
				  "Redrive policy is not a valid JSON map.");
	if (!target || !json_get(j, "maxReceiveCount"))
		return bad_reason(c, name, value,
				  target ? "Redrive policy does not contain mandatory "
					   "attribute: maxReceiveCount."
					 : "Redrive policy does not contain mandatory "
					   "attribute: deadLetterTargetArn.");
	if (n < 1 || n > MAX_RECEIVES)
		return bad_reason(c, name, value,
				  "Invalid value for maxReceiveCount: it is between 1 "
				  "and 1000.");
	if (!arn_parse(&arn, target) || !str_eq(arn.region, q->region) ||
	    sqs_load_arn(c, target, &letters) < 0)
		return bad_reason(c, name, value, "Dead letter target does not exist.");
	if (letters.id == q->id)
		return bad_reason(c, name, value,
				  "Dead letter target is the queue itself.");
	return takes_from(&letters, q->arn)
		       ? 0
		       : bad_reason(c, name, value,
				    "Dead letter target does not allow this queue as a "
				    "source (its RedriveAllowPolicy).");
}

static int check_redrive_allow(struct call *c, const struct sqs_queue *q FP_UNUSED,
			       const char *value)
{
	FP_AUTO(json_freep) cJSON *j = json_parse(value, strlen(value), "it", NULL);
	const char *who = json_str(j, "redrivePermission", "");
	int n = cJSON_GetArraySize(json_get(j, "sourceQueueArns"));

	if (str_eq(who, "byQueue")
		    ? n < 1 || n > MAX_SOURCES
		    : (!str_eq(who, "allowAll") && !str_eq(who, "denyAll")) || n > 0)
		return bad_reason(
			c, "RedriveAllowPolicy", value,
			"redrivePermission is allowAll, denyAll, or byQueue with "
			"1 to 10 sourceQueueArns.");
	return 0;
}

static int unknown_attribute(struct call *c, const char *name, const char *value)
{
	for (size_t k = 0; k < ARRAY_SIZE(of_fifo); k++)
		if (str_eq(of_fifo[k], name))
			return str_eq(value, "false") || !*value
				       ? 0
				       : fault_set(&c->fault, 501, "NotImplemented",
						   "the emulator has no FIFO queues, "
						   "which the attribute '%s' asks for",
						   name);
	return fault_set(&c->fault, 400, "InvalidAttributeName", "Unknown Attribute %s.",
			 name);
}

static int set_one(struct call *c, struct sqs_queue *q, const char *name,
		   const char *value)
{
	const struct attribute *a = find(name);
	int64_t n;

	if (!a)
		return unknown_attribute(c, name, value);
	if (!*value) {
		cJSON_DeleteItemFromObjectCaseSensitive(q->attributes, name);
		return 0;
	}
	if (a->max && !str_to_i64(value, a->min, a->max, &n))
		return bad_value(c, name);
	if (str_eq(name, "SqsManagedSseEnabled") && !str_eq(value, "true") &&
	    !str_eq(value, "false"))
		return bad_value(c, name);
	if (a->check && a->check(c, q, value) < 0)
		return -1;
	json_set_str(q->attributes, name, value);
	return 0;
}

/* One kind of encryption at a time: what is asked for now takes the other's place. */
static int settle_encryption(struct call *c, struct sqs_queue *q, const cJSON *wanted)
{
	const char *key = json_str(wanted, "KmsMasterKeyId", "");
	bool managed = str_eq(json_str(wanted, "SqsManagedSseEnabled", ""), "true");

	if (*key && managed)
		return fault_set(
			&c->fault, 400, "InvalidAttributeValue",
			"You can use one type of server-side encryption (SSE) at "
			"one time. You can either enable KMS SSE or SQS SSE.");
	if (*key)
		json_set_str(q->attributes, "SqsManagedSseEnabled", "false");
	if (managed)
		cJSON_DeleteItemFromObjectCaseSensitive(q->attributes, "KmsMasterKeyId");
	return 0;
}

int sqs_attributes_apply(struct call *c, struct sqs_queue *q, const cJSON *wanted)
{
	json_each_member (a, wanted) {
		FP_AUTO(freep)
		char *text = cJSON_IsString(a) ? xstrdup(a->valuestring) : json_text(a);

		if (set_one(c, q, a->string, text) < 0)
			return -1;
	}
	return settle_encryption(c, q, wanted);
}

const char *sqs_attribute_get(const struct sqs_queue *q, const char *name)
{
	const struct attribute *a = find(name);

	return json_str(q->attributes, name, a ? a->fallback : NULL);
}

int64_t sqs_attribute_int(const struct sqs_queue *q, const char *name)
{
	int64_t n = 0;

	(void)str_to_i64(str_or(sqs_attribute_get(q, name), "0"), 0, INT64_MAX, &n);
	return n;
}

static bool is_attribute(const char *name)
{
	for (size_t k = 0; k < ARRAY_SIZE(computed); k++)
		if (str_eq(computed[k], name))
			return true;
	for (size_t k = 0; k < ARRAY_SIZE(of_fifo); k++)
		if (str_eq(of_fifo[k], name))
			return true;
	return find(name) || str_eq(name, "All");
}

static bool is_wanted(const cJSON *names, const char *name)
{
	json_each (n, names)
		if (str_eq(cJSON_GetStringValue(n), name) ||
		    str_eq(cJSON_GetStringValue(n), "All"))
			return true;
	return false;
}

static void put(cJSON *out, const cJSON *names, const char *name, const char *value)
{
	if (value && is_wanted(names, name))
		json_set_str(out, name, value);
}

static void put_number(cJSON *out, const cJSON *names, const char *name, int64_t value)
{
	if (is_wanted(names, name))
		json_set_fmt(out, name, "%lld", (long long)value);
}

/* What waits, what somebody holds, and what is not due for the first time. */
static int count(struct call *c, const struct sqs_queue *q, const cJSON *names,
		 cJSON *out)
{
	FP_AUTO(store_done) struct store_rows r = { 0 };
	struct fp_error err = { 0 };
	int64_t now = clock_now_ms();
	int64_t oldest = now - sqs_attribute_int(q, "MessageRetentionPeriod") * 1000;

	if (store_query(&r, c->emu->store, &err,
			"SELECT COUNT(*) FILTER (WHERE visible_ms <= ?1),"
			" COUNT(*) FILTER (WHERE visible_ms > ?1 AND receipt NOT NULL),"
			" COUNT(*) FILTER (WHERE visible_ms > ?1 AND receipt IS NULL)"
			" FROM sqs_messages WHERE queue = ?2 AND sent_ms > ?3",
			"iii", now, q->id, oldest) < 0)
		return fault_from(&c->fault, &err);
	if (!store_next(&r))
		return 0;
	put_number(out, names, "ApproximateNumberOfMessages", store_int(&r, 0));
	put_number(out, names, "ApproximateNumberOfMessagesNotVisible", store_int(&r, 1));
	put_number(out, names, "ApproximateNumberOfMessagesDelayed", store_int(&r, 2));
	return 0;
}

int sqs_GetQueueAttributes(struct call *c, const cJSON *in, cJSON *out)
{
	FP_AUTO(sqs_queue_release) struct sqs_queue q = { 0 };
	const cJSON *names = json_get(in, "AttributeNames");
	cJSON *a;

	if (sqs_load_url(c, in, &q) < 0)
		return -1;
	json_each (name, names)
		if (!is_attribute(str_or(cJSON_GetStringValue(name), "")))
			return fault_set(&c->fault, 400, "InvalidAttributeName",
					 "Unknown Attribute %s.",
					 str_or(cJSON_GetStringValue(name), ""));
	if (!names || !names->child)
		return 0;
	a = json_set_object(out, "Attributes");
	put(a, names, "QueueArn", q.arn);
	put_number(a, names, "CreatedTimestamp", q.created_ms / 1000);
	put_number(a, names, "LastModifiedTimestamp", q.modified_ms / 1000);
	for (size_t k = 0; k < ARRAY_SIZE(settable); k++)
		put(a, names, settable[k].name, sqs_attribute_get(&q, settable[k].name));
	return count(c, &q, names, a);
}

static int set_attributes(struct call *c, void *arg)
{
	FP_AUTO(sqs_queue_release) struct sqs_queue q = { 0 };
	const cJSON *in = arg;

	if (sqs_load_url(c, in, &q) < 0 ||
	    sqs_attributes_apply(c, &q, json_get(in, "Attributes")) < 0)
		return -1;
	q.modified_ms = clock_now_ms();
	sqs_wake(q.id);
	return sqs_save(c, &q);
}

int sqs_SetQueueAttributes(struct call *c, const cJSON *in, cJSON *out FP_UNUSED)
{
	return in_transaction(c, set_attributes, (void *)(uintptr_t)in);
}
