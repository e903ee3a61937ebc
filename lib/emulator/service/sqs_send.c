#include "base/clock.h"
#include "base/json.h"
#include "base/str.h"
#include "emulator/common.h"
#include "emulator/service/sqs.h"

#define MAX_DELAY   900
#define MAX_PAYLOAD 1048576 /* bytes of a batch */

/* With the group, which is a system attribute to those who receive. */
static char *system_text(const struct sqs_message *m)
{
	FP_AUTO(json_freep)
	cJSON *system = cJSON_IsObject(m->system) ? cJSON_Duplicate(m->system, true)
						  : cJSON_CreateObject();

	json_set_str(system, "MessageGroupId", m->group);
	return system->child ? json_text(system) : NULL;
}

static int insert(struct call *c, const struct sqs_queue *q, const struct sqs_message *m,
		  int64_t delay_s)
{
	FP_AUTO(freep) char *attributes = m->attributes ? json_text(m->attributes) : NULL;
	FP_AUTO(freep) char *system = system_text(m);
	int64_t now = clock_now_ms();
	struct fp_error err = { 0 };

	if (store_exec(c->emu->store, &err,
		       "INSERT INTO sqs_messages (queue, message_id, body, attributes,"
		       " system, sender, sent_ms, visible_ms, received)"
		       " VALUES (?, ?, ?, ?, ?, ?, ?, ?, 0)",
		       "isssssii", q->id, m->id, m->body, attributes, system,
		       c->emu->account, now, now + delay_s * 1000) < 0)
		return fault_from(&c->fault, &err);
	sqs_wake(q->id);
	return 0;
}

static int check_size(struct call *c, const struct sqs_queue *q, size_t size)
{
	int64_t max = sqs_attribute_int(q, "MaximumMessageSize");

	if ((int64_t)size <= max)
		return 0;
	return sqs_invalid(c,
			   "One or more parameters are invalid. Reason: Message must be "
			   "shorter than %lld bytes.",
			   (long long)max);
}

static int send_message(struct call *c, const struct sqs_queue *q, const cJSON *in,
			cJSON *out)
{
	struct sqs_message m;
	int64_t delay;

	if (sqs_message_read(c, &m, in) < 0 || check_size(c, q, m.size) < 0 ||
	    sqs_number(c, in, "DelaySeconds", 0, MAX_DELAY,
		       sqs_attribute_int(q, "DelaySeconds"), &delay) < 0 ||
	    insert(c, q, &m, delay) < 0)
		return -1;
	json_set_str(out, "MessageId", m.id);
	json_set_str(out, "MD5OfMessageBody", m.md5_body);
	if (*m.md5_attributes)
		json_set_str(out, "MD5OfMessageAttributes", m.md5_attributes);
	if (*m.md5_system)
		json_set_str(out, "MD5OfMessageSystemAttributes", m.md5_system);
	return 0;
}

struct send_ctx {
	const cJSON *in;
	cJSON *out;
};

static int send_by_url(struct call *c, void *arg)
{
	FP_AUTO(sqs_queue_release) struct sqs_queue q = { 0 };
	struct send_ctx *x = arg;

	return sqs_load_url(c, x->in, &q) < 0 ? -1 : send_message(c, &q, x->in, x->out);
}

int sqs_SendMessage(struct call *c, const cJSON *in, cJSON *out)
{
	struct send_ctx x = { in, out };

	return in_transaction(c, send_by_url, &x);
}

static int send_by_arn(struct call *c, void *arg)
{
	FP_AUTO(sqs_queue_release) struct sqs_queue q = { 0 };
	struct send_ctx *x = arg;

	if (sqs_load_arn(c, json_str(x->in, "QueueArn", NULL), &q) < 0)
		return -1;
	return send_message(c, &q, x->in, x->out);
}

/* What other services send: by the queue's ARN, whatever its region. */
int sqs_FpctlSend(struct call *c, const cJSON *in, cJSON *out)
{
	struct send_ctx x = { in, out };

	return in_transaction(c, send_by_arn, &x);
}

int sqs_FpctlMaySend(struct call *c, const cJSON *in, cJSON *out)
{
	FP_AUTO(sqs_queue_release) struct sqs_queue q = { 0 };
	FP_AUTO(json_freep) cJSON *policy = NULL;

	if (sqs_load_arn(c, json_str(in, "QueueArn", NULL), &q) < 0)
		return -1;
	policy = cJSON_Parse(json_str(q.attributes, "Policy", "{}"));
	json_set_bool(out, "Allowed",
		      policy_allows(policy, json_str(in, "Principal", ""),
				    "sqs:SendMessage", json_str(in, "SourceArn", ""),
				    json_str(in, "SourceAccount", "")));
	return 0;
}

/* As send_message counts it; what is wrong with an entry is said there. */
static size_t size_of(const cJSON *entry)
{
	size_t n = strlen(json_str(entry, "MessageBody", ""));

	json_each_member (a, json_get(entry, "MessageAttributes")) {
		const char *binary = json_str(a, "BinaryValue", NULL);

		n += strlen(a->string) + strlen(json_str(a, "DataType", ""));
		n += binary ? strlen(binary) / 4 * 3
			    : strlen(json_str(a, "StringValue", ""));
	}
	return n;
}

static int check_batch_size(struct call *c, const cJSON *entries)
{
	size_t total = 0;

	json_each (entry, entries)
		total += size_of(entry);
	if (total > MAX_PAYLOAD)
		return fault_set(
			&c->fault, 400, SQS_CODE "BatchRequestTooLong",
			"Batch requests cannot be longer than %d bytes. You have "
			"sent %zu bytes.",
			MAX_PAYLOAD, total);
	return 0;
}

static int send_batch(struct call *c, void *arg)
{
	struct send_ctx *x = arg;

	return sqs_batch(c, x->in, x->out, send_message);
}

/* One transaction: ten messages cost one commit. */
int sqs_SendMessageBatch(struct call *c, const cJSON *in, cJSON *out)
{
	struct send_ctx x = { in, out };

	if (check_batch_size(c, json_get(in, "Entries")) < 0)
		return -1;
	return in_transaction(c, send_batch, &x);
}
