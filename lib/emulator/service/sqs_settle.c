/* What becomes of a received message: deleted, or visible at another time. */
#include <ctype.h>

#include "base/clock.h"
#include "base/json.h"
#include "base/str.h"
#include "emulator/common.h"
#include "emulator/service/sqs.h"

#define MAX_VISIBILITY 43200
#define MAX_ENTRY_ID   80

static int bad_handle(struct call *c, const char *text)
{
	return fault_set(&c->fault, 400, "ReceiptHandleIsInvalid",
			 "The input receipt handle \"%.200s\" is not a valid receipt "
			 "handle.",
			 text);
}

static int read_handle(struct call *c, const struct sqs_queue *q, const cJSON *in,
		       struct sqs_handle *h)
{
	const char *text = sqs_require(c, in, "ReceiptHandle");

	if (!text)
		return -1;
	return sqs_handle_parse(h, text) && h->queue == q->id ? 0 : bad_handle(c, text);
}

/* A handle of an earlier time deletes nothing, as on AWS; so does one of what is gone. */
static int delete_message(struct call *c, const struct sqs_queue *q, const cJSON *in,
			  cJSON *out FP_UNUSED)
{
	struct fp_error err = { 0 };
	struct sqs_handle h;

	if (read_handle(c, q, in, &h) < 0)
		return -1;
	if (store_exec(c->emu->store, &err,
		       "DELETE FROM sqs_messages WHERE id = ? AND queue = ?"
		       " AND receipt = ?",
		       "iis", h.message, q->id, h.receipt) < 0)
		return fault_from(&c->fault, &err);
	return 0;
}

static int change_visibility(struct call *c, const struct sqs_queue *q, const cJSON *in,
			     cJSON *out FP_UNUSED)
{
	int64_t seconds, now = clock_now_ms();
	struct fp_error err = { 0 };
	struct sqs_handle h;
	int n;

	if (!json_get(in, "VisibilityTimeout"))
		return fault_set(&c->fault, 400, "MissingParameter",
				 "The request must contain the parameter "
				 "VisibilityTimeout.");
	if (read_handle(c, q, in, &h) < 0 ||
	    sqs_number(c, in, "VisibilityTimeout", 0, MAX_VISIBILITY, -1, &seconds) < 0)
		return -1;
	n = store_exec(c->emu->store, &err,
		       "UPDATE sqs_messages SET visible_ms = ? WHERE id = ? AND queue = ?"
		       " AND receipt = ? AND visible_ms > ?",
		       "iiisi", now + seconds * 1000, h.message, q->id, h.receipt, now);
	if (n < 0)
		return fault_from(&c->fault, &err);
	if (n == 0)
		return fault_set(&c->fault, 400, SQS_CODE "MessageNotInflight",
				 "Value for parameter ReceiptHandle is invalid. Reason: "
				 "Message does not exist or is not available for "
				 "visibility timeout change.");
	sqs_wake(q->id);
	return 0;
}

struct settle_ctx {
	const cJSON *in;
	cJSON *out;
	int (*run)(struct call *c, const struct sqs_queue *q, const cJSON *entry,
		   cJSON *item);
};

static int settle_one(struct call *c, void *arg)
{
	FP_AUTO(sqs_queue_release) struct sqs_queue q = { 0 };
	struct settle_ctx *x = arg;

	return sqs_load_url(c, x->in, &q) < 0 ? -1 : x->run(c, &q, x->in, x->out);
}

static int settle_batch(struct call *c, void *arg)
{
	struct settle_ctx *x = arg;

	return sqs_batch(c, x->in, x->out, x->run);
}

int sqs_DeleteMessage(struct call *c, const cJSON *in, cJSON *out)
{
	struct settle_ctx x = { in, out, delete_message };

	return in_transaction(c, settle_one, &x);
}

int sqs_DeleteMessageBatch(struct call *c, const cJSON *in, cJSON *out)
{
	struct settle_ctx x = { in, out, delete_message };

	return in_transaction(c, settle_batch, &x);
}

int sqs_ChangeMessageVisibility(struct call *c, const cJSON *in, cJSON *out)
{
	struct settle_ctx x = { in, out, change_visibility };

	return in_transaction(c, settle_one, &x);
}

int sqs_ChangeMessageVisibilityBatch(struct call *c, const cJSON *in, cJSON *out)
{
	struct settle_ctx x = { in, out, change_visibility };

	return in_transaction(c, settle_batch, &x);
}

static bool is_entry_id(const char *s)
{
	size_t n = 0;

	while (isalnum((unsigned char)s[n]) || (s[n] && strchr("-_", s[n])))
		n++;
	return n && n <= MAX_ENTRY_ID && !s[n];
}

static int check_entries(struct call *c, const cJSON *entries)
{
	int n = cJSON_GetArraySize(entries);

	if (n < 1)
		return fault_set(&c->fault, 400, SQS_CODE "EmptyBatchRequest",
				 "There should be at least one entry in the request.");
	if (n > SQS_BATCH)
		return fault_set(&c->fault, 400, SQS_CODE "TooManyEntriesInBatchRequest",
				 "Maximum number of entries per request are %d. You have "
				 "sent %d.",
				 SQS_BATCH, n);
	json_each (a, entries) {
		if (!is_entry_id(json_str(a, "Id", "")))
			return fault_set(
				&c->fault, 400, SQS_CODE "InvalidBatchEntryId",
				"A batch entry id can only contain alphanumeric "
				"characters, hyphens and underscores. It can be at "
				"most 80 letters long.");
		for (const cJSON *b = a->next; b; b = b->next)
			if (str_eq(json_str(a, "Id", ""), json_str(b, "Id", "")))
				return fault_set(&c->fault, 400,
						 SQS_CODE "BatchEntryIdsNotDistinct",
						 "Id %s repeated.",
						 json_str(a, "Id", ""));
	}
	return 0;
}

static void add_failure(struct call *c, cJSON *failed, const char *id)
{
	cJSON *item = json_push_object(failed);

	json_set_str(item, "Id", id);
	json_set_bool(item, "SenderFault", c->fault.status < 500);
	json_set_str(item, "Code", c->fault.code);
	json_set_str(item, "Message", c->fault.message);
	memset(&c->fault, 0, sizeof(c->fault));
}

int sqs_batch(struct call *c, const cJSON *in, cJSON *out,
	      int (*run)(struct call *c, const struct sqs_queue *q, const cJSON *entry,
			 cJSON *item))
{
	FP_AUTO(sqs_queue_release) struct sqs_queue q = { 0 };
	const cJSON *entries = json_get(in, "Entries");
	cJSON *done = json_set_array(out, "Successful");
	cJSON *failed = json_set_array(out, "Failed");

	if (sqs_load_url(c, in, &q) < 0 || check_entries(c, entries) < 0)
		return -1;
	json_each (entry, entries) {
		cJSON *item = cJSON_CreateObject();

		json_set_str(item, "Id", json_str(entry, "Id", ""));
		if (run(c, &q, entry, item) == 0) {
			cJSON_AddItemToArray(done, item);
			continue;
		}
		cJSON_Delete(item);
		/* What is no fault of the entry's ends all of it. */
		if (c->fault.status >= 500 && c->fault.status != 501)
			return -1;
		add_failure(c, failed, json_str(entry, "Id", ""));
	}
	if (!failed->child)
		cJSON_DeleteItemFromObjectCaseSensitive(out, "Failed");
	return 0;
}

static int settle_row(struct call *c, const cJSON *handle, const char *sql)
{
	struct fp_error err = { 0 };
	struct sqs_handle h;

	if (!sqs_handle_parse(&h, str_or(cJSON_GetStringValue(handle), "")))
		return bad_handle(c, str_or(cJSON_GetStringValue(handle), ""));
	if (store_exec(c->emu->store, &err, sql, "is", h.message, h.receipt) < 0)
		return fault_from(&c->fault, &err);
	sqs_wake(h.queue);
	return 0;
}

static int settle_taken(struct call *c, void *arg)
{
	const cJSON *in = arg;
	static const struct {
		const char *member, *sql;
	} fates[] = {
		{ "Done", "DELETE FROM sqs_messages WHERE id = ? AND receipt = ?" },
		{ "Failed", "UPDATE sqs_messages SET taken = 0 WHERE id = ?"
			    " AND receipt = ?" },
		{ "Untouched", "UPDATE sqs_messages SET taken = 0, visible_ms = 0,"
			       " received = received - 1 WHERE id = ? AND receipt = ?" },
	};

	for (size_t k = 0; k < ARRAY_SIZE(fates); k++)
		json_each (handle, json_get(in, fates[k].member))
			if (settle_row(c, handle, fates[k].sql) < 0)
				return -1;
	return 0;
}

/*
 * What an event source mapping took (FpctlTake), by receipt handles: Done is deleted,
 * Failed comes again after its visibility timeout, Untouched was never given to the
 * function and is there again at once.
 */
int sqs_FpctlSettle(struct call *c, const cJSON *in, cJSON *out FP_UNUSED)
{
	return in_transaction(c, settle_taken, (void *)(uintptr_t)in);
}
