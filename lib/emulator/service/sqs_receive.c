#include "base/clock.h"
#include "base/digest.h"
#include "base/json.h"
#include "base/str.h"
#include "emulator/common.h"
#include "emulator/service/sqs.h"

#define MAX_VISIBILITY 43200
#define MAX_WAIT       20
#define MAX_TAKEN      10000   /* a batch of Lambda's */
#define MAX_TAKEN_SIZE 2750000 /* bytes: half of an event, for JSON may double them */

/* A row as it was found. */
struct found {
	int64_t id, sent_ms, received, first_ms;
	char *message_id, *body, *attributes, *system, *sender, *source;
};

struct receive {
	const cJSON *in;	 /* what of a message is wanted */
	cJSON *messages;	 /* what was received */
	int64_t max, visibility; /* messages, seconds; -1: the queue's */
	bool everything, taken;	 /* for an event source mapping */
	struct sqs_queue q;
	struct sqs_queue letters; /* the dead-letter queue; id 0: none */
	int64_t max_receives;
	int64_t next_ms; /* when the first of the others becomes visible */
};

static void found_release(struct found *f, size_t n)
{
	for (size_t k = 0; k < n; k++) {
		free(f[k].message_id);
		free(f[k].body);
		free(f[k].attributes);
		free(f[k].system);
		free(f[k].sender);
		free(f[k].source);
	}
	free(f);
}

static char *column(const struct store_rows *r, int n)
{
	return store_text(r, n) ? xstrdup(store_text(r, n)) : NULL;
}

/* The visible ones, the longest visible first; *n of them, owned by the caller. */
static struct found *look(struct call *c, const struct receive *x, size_t *n)
{
	FP_AUTO(store_done) struct store_rows r = { 0 };
	struct fp_error err = { 0 };
	size_t size = 0;
	struct found *f;

	*n = 0;
	if (store_query(&r, c->emu->store, &err,
			"SELECT id, sent_ms, received, first_ms, message_id, body,"
			" attributes, system, sender, source FROM sqs_messages"
			" WHERE queue = ? AND visible_ms <= ?"
			" ORDER BY visible_ms, id LIMIT ?",
			"iii", x->q.id, clock_now_ms(), x->max) < 0) {
		(void)fault_from(&c->fault, &err);
		return NULL;
	}
	f = xcalloc((size_t)x->max, sizeof(*f));
	while ((!x->taken || size < MAX_TAKEN_SIZE) && store_next(&r)) {
		struct found *m = &f[(*n)++];

		m->id = store_int(&r, 0);
		m->sent_ms = store_int(&r, 1);
		m->received = store_int(&r, 2);
		m->first_ms = store_int(&r, 3);
		m->message_id = column(&r, 4);
		m->body = column(&r, 5);
		size += strlen(m->body);
		m->attributes = column(&r, 6);
		m->system = column(&r, 7);
		m->sender = column(&r, 8);
		m->source = column(&r, 9);
	}
	return f;
}

static bool is_named(const cJSON *names, const char *name)
{
	json_each (n, names) {
		const char *s = str_or(cJSON_GetStringValue(n), "");
		size_t k = strlen(s);

		if (str_eq(s, name) || str_eq(s, "All") || str_eq(s, ".*") ||
		    (k > 2 && str_ends(s, ".*") && strncmp(s, name, k - 1) == 0))
			return true;
	}
	return false;
}

static void put_system(const struct receive *x, cJSON *out, const char *name,
		       const char *value)
{
	if (value &&
	    (x->everything || is_named(json_get(x->in, "AttributeNames"), name) ||
	     is_named(json_get(x->in, "MessageSystemAttributeNames"), name)))
		json_set_str(out, name, value);
}

static void put_system_number(const struct receive *x, cJSON *out, const char *name,
			      int64_t value)
{
	char text[24];

	(void)snprintf(text, sizeof(text), "%lld", (long long)value);
	put_system(x, out, name, text);
}

static void add_system(const struct receive *x, cJSON *message, const struct found *m)
{
	FP_AUTO(json_freep) cJSON *system = m->system ? cJSON_Parse(m->system) : NULL;
	cJSON *out = json_set_object(message, "Attributes");

	put_system(x, out, "SenderId", m->sender);
	put_system_number(x, out, "SentTimestamp", m->sent_ms);
	put_system_number(x, out, "ApproximateReceiveCount", m->received + 1);
	put_system_number(x, out, "ApproximateFirstReceiveTimestamp", m->first_ms);
	put_system(x, out, "AWSTraceHeader",
		   json_str(system, "AWSTraceHeader.StringValue", NULL));
	put_system(x, out, "MessageGroupId", json_str(system, "MessageGroupId", NULL));
	put_system(x, out, "DeadLetterQueueSourceArn", m->source);
	if (!out->child)
		cJSON_DeleteItemFromObjectCaseSensitive(message, "Attributes");
}

/* The digest is of those that are given. */
static void add_attributes(const struct receive *x, cJSON *message, const struct found *m)
{
	FP_AUTO(json_freep)
	cJSON *all = m->attributes ? cJSON_Parse(m->attributes) : NULL;
	cJSON *out = cJSON_CreateObject();
	char md5[33];

	json_each_member (a, all)
		if (x->everything ||
		    is_named(json_get(x->in, "MessageAttributeNames"), a->string))
			json_set(out, a->string, cJSON_Duplicate(a, true));
	sqs_md5_attributes(md5, out);
	if (out->child) {
		json_set_str(message, "MD5OfMessageAttributes", md5);
		json_set(message, "MessageAttributes", out);
	} else {
		cJSON_Delete(out);
	}
}

static int take(struct call *c, struct receive *x, struct found *m)
{
	struct sqs_handle h = { .queue = x->q.id, .message = m->id };
	FP_AUTO(freep) char *handle = NULL;
	int64_t now = clock_now_ms();
	struct fp_error err = { 0 };
	cJSON *out;
	char md5[33];

	random_uuid(h.receipt);
	if (!m->first_ms)
		m->first_ms = now;
	if (store_exec(c->emu->store, &err,
		       "UPDATE sqs_messages SET received = received + 1, visible_ms = ?,"
		       " first_ms = ?, receipt = ?, taken = ? WHERE id = ?",
		       "iisii", now + x->visibility * 1000, m->first_ms, h.receipt,
		       (int64_t)x->taken, m->id) < 0)
		return fault_from(&c->fault, &err);
	handle = sqs_handle_text(&h);
	sqs_md5_text(md5, m->body);
	out = json_push_object(x->messages);
	json_set_str(out, "MessageId", m->message_id);
	json_set_str(out, "ReceiptHandle", handle);
	json_set_str(out, "MD5OfBody", md5);
	json_set_str(out, "Body", m->body);
	add_system(x, out, m);
	add_attributes(x, out, m);
	return 0;
}

static int drop(struct call *c, const struct found *m)
{
	struct fp_error err = { 0 };

	if (store_exec(c->emu->store, &err, "DELETE FROM sqs_messages WHERE id = ?", "i",
		       m->id) < 0)
		return fault_from(&c->fault, &err);
	return 0;
}

/* Its age and its identifier stay, as for AWS's standard queues. */
static int move_to_letters(struct call *c, const struct receive *x, const struct found *m)
{
	struct fp_error err = { 0 };

	if (store_exec(
		    c->emu->store, &err,
		    "UPDATE sqs_messages SET queue = ?, visible_ms = ?, receipt = NULL,"
		    " taken = 0, source = ? WHERE id = ?",
		    "iisi", x->letters.id, clock_now_ms(), x->q.arn, m->id) < 0)
		return fault_from(&c->fault, &err);
	sqs_wake(x->letters.id);
	return 0;
}

/* 1: it was received; 0: it went elsewhere; -1: fault. */
static int handle(struct call *c, struct receive *x, struct found *m)
{
	int64_t keep_ms = sqs_attribute_int(&x->q, "MessageRetentionPeriod") * 1000;

	if (m->sent_ms + keep_ms <= clock_now_ms())
		return drop(c, m);
	if (x->letters.id && m->received >= x->max_receives)
		return move_to_letters(c, x, m);
	return take(c, x, m) < 0 ? -1 : 1;
}

/* A queue whose dead-letter queue is gone keeps its messages. */
static int read_redrive(struct call *c, struct receive *x)
{
	const char *text = json_str(x->q.attributes, "RedrivePolicy", NULL);
	FP_AUTO(json_freep) cJSON *j = text ? cJSON_Parse(text) : NULL;

	sqs_queue_release(&x->letters);
	if (!j)
		return 0;
	x->max_receives = json_int(j, "maxReceiveCount", INT64_MAX);
	if (sqs_load_arn(c, json_str(j, "deadLetterTargetArn", ""), &x->letters) == 0)
		return 0;
	if (c->fault.status != 400)
		return -1;
	memset(&c->fault, 0, sizeof(c->fault));
	return 0;
}

static int find_next(struct call *c, struct receive *x)
{
	FP_AUTO(store_done) struct store_rows r = { 0 };
	struct fp_error err = { 0 };

	x->next_ms = INT64_MAX;
	if (store_query(&r, c->emu->store, &err,
			"SELECT visible_ms FROM sqs_messages WHERE queue = ?"
			" ORDER BY visible_ms LIMIT 1",
			"i", x->q.id) < 0)
		return fault_from(&c->fault, &err);
	if (store_next(&r))
		x->next_ms = store_int(&r, 0);
	return 0;
}

static int reload(struct call *c, struct receive *x)
{
	FP_AUTO(freep) char *arn = xstrdup(x->q.arn);
	int64_t id = x->q.id;

	sqs_queue_release(&x->q);
	if (sqs_load_arn(c, arn, &x->q) < 0)
		return -1;
	/* One that was made anew under the name is another queue. */
	if (x->q.id != id)
		return fault_set(&c->fault, 400, SQS_CODE "NonExistentQueue",
				 "The specified queue does not exist.");
	return read_redrive(c, x);
}

static int look_and_take(struct call *c, void *arg)
{
	struct receive *x = arg;
	size_t n = 0;
	bool again = true;

	if (reload(c, x) < 0)
		return -1;
	while (again) {
		struct found *f = look(c, x, &n);
		int rc = f ? 0 : -1;

		for (size_t k = 0; k < n && rc >= 0; k++)
			rc = handle(c, x, &f[k]);
		found_release(f, f ? n : 0);
		if (rc < 0)
			return -1;
		again = n && !x->messages->child;
	}
	return x->messages->child ? 0 : find_next(c, x);
}

/* Until there are messages, or the time is over. */
static int receive(struct call *c, struct receive *x, int64_t wait_ms)
{
	int64_t until = clock_now_ms() + wait_ms;
	struct sqs_waiter *w = sqs_wait_begin(x->q.id, x->taken);
	int rc;

	for (;;) {
		rc = in_transaction(c, look_and_take, x);
		if (rc < 0 || x->messages->child || clock_now_ms() >= until ||
		    !sqs_wait(w, FP_MIN(until, x->next_ms)))
			break;
	}
	sqs_wait_end(w);
	sqs_queue_release(&x->q);
	sqs_queue_release(&x->letters);
	return rc;
}

static int check_names(struct call *c, const cJSON *names)
{
	static const char *const known[] = { "All",
					     "SenderId",
					     "SentTimestamp",
					     "ApproximateReceiveCount",
					     "ApproximateFirstReceiveTimestamp",
					     "SequenceNumber",
					     "MessageDeduplicationId",
					     "MessageGroupId",
					     "AWSTraceHeader",
					     "DeadLetterQueueSourceArn" };

	json_each (n, names) {
		size_t k = 0;

		while (k < ARRAY_SIZE(known) &&
		       !str_eq(known[k], cJSON_GetStringValue(n)))
			k++;
		if (k == ARRAY_SIZE(known))
			return fault_set(&c->fault, 400, "InvalidAttributeName",
					 "Unknown Attribute %s.",
					 str_or(cJSON_GetStringValue(n), ""));
	}
	return 0;
}

int sqs_ReceiveMessage(struct call *c, const cJSON *in, cJSON *out)
{
	struct receive x = { .in = in };
	int64_t wait;

	if (sqs_number(c, in, "MaxNumberOfMessages", 1, SQS_BATCH, 1, &x.max) < 0 ||
	    sqs_number(c, in, "VisibilityTimeout", 0, MAX_VISIBILITY, -1, &x.visibility) <
		    0 ||
	    check_names(c, json_get(in, "AttributeNames")) < 0 ||
	    check_names(c, json_get(in, "MessageSystemAttributeNames")) < 0 ||
	    sqs_load_url(c, in, &x.q) < 0)
		return -1;
	if (sqs_number(c, in, "WaitTimeSeconds", 0, MAX_WAIT,
		       sqs_attribute_int(&x.q, "ReceiveMessageWaitTimeSeconds"),
		       &wait) < 0) {
		sqs_queue_release(&x.q);
		return -1;
	}
	if (x.visibility < 0)
		x.visibility = sqs_attribute_int(&x.q, "VisibilityTimeout");
	x.messages = json_set_array(out, "Messages");
	if (receive(c, &x, wait * 1000) < 0)
		return -1;
	/* JSON leaves an empty list out. */
	if (!x.messages->child)
		cJSON_DeleteItemFromObjectCaseSensitive(out, "Messages");
	return 0;
}

/* What an event source mapping asks for: all of a message, and more of them. */
int sqs_FpctlTake(struct call *c, const cJSON *in, cJSON *out)
{
	struct receive x = { .in = in, .everything = true, .taken = true };

	if (sqs_number(c, in, "Max", 1, MAX_TAKEN, SQS_BATCH, &x.max) < 0 ||
	    sqs_load_arn(c, json_str(in, "QueueArn", NULL), &x.q) < 0)
		return -1;
	x.visibility = sqs_attribute_int(&x.q, "VisibilityTimeout");
	x.messages = json_set_array(out, "Messages");
	return receive(c, &x, json_int(in, "WaitMs", 0));
}

int sqs_FpctlDescribeQueue(struct call *c, const cJSON *in, cJSON *out)
{
	FP_AUTO(sqs_queue_release) struct sqs_queue q = { 0 };

	if (sqs_load_arn(c, json_str(in, "QueueArn", NULL), &q) < 0)
		return -1;
	json_set_int(out, "VisibilityTimeout",
		     sqs_attribute_int(&q, "VisibilityTimeout"));
	return 0;
}

int sqs_FpctlWakeMappings(struct call *c FP_UNUSED, const cJSON *in FP_UNUSED,
			  cJSON *out FP_UNUSED)
{
	sqs_wake_mappings();
	return 0;
}
