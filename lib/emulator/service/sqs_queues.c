#include <ctype.h>

#include "base/clock.h"
#include "base/json.h"
#include "base/str.h"
#include "emulator/common.h"
#include "emulator/service/sqs.h"
#include "wire/arn.h"

#define MAX_NAME 80
#define PAGE	 1000

void sqs_queue_release(struct sqs_queue *q)
{
	free(q->region);
	free(q->name);
	free(q->arn);
	cJSON_Delete(q->attributes);
	cJSON_Delete(q->tags);
	memset(q, 0, sizeof(*q));
}

char *sqs_url(const struct call *c, const char *name)
{
	return xasprintf("%s/%s/%s", c->emu->url, c->emu->account, name);
}

static int no_queue(struct call *c)
{
	return fault_set(&c->fault, 400, SQS_CODE "NonExistentQueue",
			 "The specified queue does not exist.");
}

static int load(struct call *c, const char *region, const char *name,
		struct sqs_queue *out)
{
	FP_AUTO(store_done) struct store_rows r = { 0 };
	struct fp_error err = { 0 };

	memset(out, 0, sizeof(*out));
	if (store_query(&r, c->emu->store, &err,
			"SELECT id, attributes, tags, created_ms, modified_ms"
			" FROM sqs_queues WHERE region = ? AND name = ?",
			"ss", region, name) < 0)
		return fault_from(&c->fault, &err);
	if (!store_next(&r))
		return no_queue(c);
	out->id = store_int(&r, 0);
	out->region = xstrdup(region);
	out->name = xstrdup(name);
	out->arn = xasprintf("arn:%s:sqs:%s:%s:%s", arn_partition(region), region,
			     c->emu->account, name);
	out->attributes = cJSON_Parse(store_text(&r, 1));
	out->tags = cJSON_Parse(store_text(&r, 2));
	out->created_ms = store_int(&r, 3);
	out->modified_ms = store_int(&r, 4);
	return 0;
}

static int load_name(struct call *c, const char *name, struct sqs_queue *out)
{
	return load(c, c->region, name, out);
}

int sqs_load_arn(struct call *c, const char *text, struct sqs_queue *out)
{
	struct arn arn;

	memset(out, 0, sizeof(*out));
	if (!text || !arn_parse(&arn, text) || !str_eq(arn.service, "sqs") ||
	    !str_eq(arn.account, c->emu->account))
		return no_queue(c);
	return load(c, arn.region, arn.resource, out);
}

int sqs_load_url(struct call *c, const cJSON *in, struct sqs_queue *out)
{
	const char *url = sqs_require(c, in, "QueueUrl"), *name;
	size_t n = strlen(c->emu->account);

	memset(out, 0, sizeof(*out));
	if (!url)
		return -1;
	name = strrchr(url, '/');
	if (!name)
		return load(c, c->region, url, out);
	if ((size_t)(name - url) < n || strncmp(name - n, c->emu->account, n) != 0)
		return no_queue(c);
	return load(c, c->region, name + 1, out);
}

int sqs_save(struct call *c, const struct sqs_queue *q)
{
	FP_AUTO(freep) char *attributes = json_text(q->attributes);
	FP_AUTO(freep) char *tags = json_text(q->tags);
	struct fp_error err = { 0 };

	if (store_exec(c->emu->store, &err,
		       "UPDATE sqs_queues SET attributes = ?, tags = ?, modified_ms = ?"
		       " WHERE id = ?",
		       "ssii", attributes, tags, q->modified_ms, q->id) < 0)
		return fault_from(&c->fault, &err);
	return 0;
}

static int check_name(struct call *c, const char *name)
{
	size_t n = strlen(name), k = 0;

	if (str_ends(name, ".fifo"))
		return fault_set(&c->fault, 501, "NotImplemented",
				 "the emulator has no FIFO queues: '%s' cannot be one",
				 name);
	while (isalnum((unsigned char)name[k]) || (name[k] && strchr("-_", name[k])))
		k++;
	if (name[k] || n < 1 || n > MAX_NAME)
		return sqs_invalid(c,
				   "Can only include alphanumeric characters, hyphens, "
				   "or underscores. 1 to 80 in length");
	return 0;
}

/* Creating it again is fine as long as what is asked for is what it has. */
static int check_same(struct call *c, const struct sqs_queue *q, const cJSON *wanted)
{
	json_each_member (a, wanted) {
		const char *has = sqs_attribute_get(q, a->string);
		const char *value = cJSON_GetStringValue(a);

		if (value && str_eq(value, "false") && !has)
			continue;
		if (value && !str_eq(str_or(has, ""), value))
			return fault_set(&c->fault, 400, "QueueAlreadyExists",
					 "A queue already exists with the same name and "
					 "a different value for attribute %s",
					 a->string);
	}
	return 0;
}

static int insert(struct call *c, struct sqs_queue *q)
{
	FP_AUTO(store_done) struct store_rows r = { 0 };
	FP_AUTO(freep) char *tags = json_text(q->tags);
	struct fp_error err = { 0 };

	q->created_ms = q->modified_ms = clock_now_ms();
	if (store_query(&r, c->emu->store, &err,
			"INSERT INTO sqs_queues (region, name, attributes, tags,"
			" created_ms, modified_ms) VALUES (?, ?, '{}', ?, ?4, ?4)"
			" RETURNING id",
			"sssi", q->region, q->name, tags, q->created_ms) < 0 ||
	    !store_next(&r))
		return fault_from(&c->fault, &err);
	q->id = store_int(&r, 0);
	return 0;
}

static int make(struct call *c, const char *name, const cJSON *in)
{
	FP_AUTO(sqs_queue_release) struct sqs_queue q = { 0 };

	q.region = xstrdup(c->region);
	q.name = xstrdup(name);
	q.arn = service_arn(c, "sqs", c->region, name);
	q.attributes = cJSON_CreateObject();
	q.tags = cJSON_CreateObject();
	tags_merge(q.tags, json_get(in, "tags"));
	tags_merge(q.tags, json_get(in, "Tags"));
	if (insert(c, &q) < 0 ||
	    sqs_attributes_apply(c, &q, json_get(in, "Attributes")) < 0)
		return -1;
	return sqs_save(c, &q);
}

static int create_queue(struct call *c, void *arg)
{
	FP_AUTO(sqs_queue_release) struct sqs_queue q = { 0 };
	const cJSON *in = arg;
	const char *name = sqs_require(c, in, "QueueName");

	if (!name || check_name(c, name) < 0)
		return -1;
	if (load_name(c, name, &q) == 0)
		return check_same(c, &q, json_get(in, "Attributes"));
	if (!str_eq(c->fault.code, SQS_CODE "NonExistentQueue"))
		return -1;
	memset(&c->fault, 0, sizeof(c->fault));
	return make(c, name, in);
}

int sqs_CreateQueue(struct call *c, const cJSON *in, cJSON *out)
{
	FP_AUTO(freep) char *url = NULL;

	if (in_transaction(c, create_queue, (void *)(uintptr_t)in) < 0)
		return -1;
	url = sqs_url(c, json_str(in, "QueueName", ""));
	json_set_str(out, "QueueUrl", url);
	return 0;
}

static int empty(struct call *c, const struct sqs_queue *q)
{
	struct fp_error err = { 0 };

	if (store_exec(c->emu->store, &err, "DELETE FROM sqs_messages WHERE queue = ?",
		       "i", q->id) < 0)
		return fault_from(&c->fault, &err);
	sqs_wake(q->id);
	return 0;
}

static int purge_queue(struct call *c, void *arg)
{
	FP_AUTO(sqs_queue_release) struct sqs_queue q = { 0 };

	return sqs_load_url(c, arg, &q) < 0 ? -1 : empty(c, &q);
}

int sqs_PurgeQueue(struct call *c, const cJSON *in, cJSON *out FP_UNUSED)
{
	return in_transaction(c, purge_queue, (void *)(uintptr_t)in);
}

static int delete_queue(struct call *c, void *arg)
{
	FP_AUTO(sqs_queue_release) struct sqs_queue q = { 0 };
	struct fp_error err = { 0 };

	if (sqs_load_url(c, arg, &q) < 0 || empty(c, &q) < 0)
		return -1;
	if (store_exec(c->emu->store, &err, "DELETE FROM sqs_queues WHERE id = ?", "i",
		       q.id) < 0)
		return fault_from(&c->fault, &err);
	return 0;
}

int sqs_DeleteQueue(struct call *c, const cJSON *in, cJSON *out FP_UNUSED)
{
	return in_transaction(c, delete_queue, (void *)(uintptr_t)in);
}

int sqs_GetQueueUrl(struct call *c, const cJSON *in, cJSON *out)
{
	FP_AUTO(sqs_queue_release) struct sqs_queue q = { 0 };
	const char *name = sqs_require(c, in, "QueueName");
	const char *owner = json_str(in, "QueueOwnerAWSAccountId", c->emu->account);
	FP_AUTO(freep) char *url = NULL;

	if (!name)
		return -1;
	if (!str_eq(owner, c->emu->account))
		return no_queue(c);
	if (load_name(c, name, &q) < 0)
		return -1;
	url = sqs_url(c, name);
	json_set_str(out, "QueueUrl", url);
	return 0;
}

/* Of the region's queues, by name, those that `wants` takes; the token is a name. */
static int list(struct call *c, const cJSON *in, cJSON *out, const char *member,
		bool (*wants)(const char *name, const char *attributes, const void *arg),
		const void *arg)
{
	FP_AUTO(store_done) struct store_rows r = { 0 };
	cJSON *urls = json_set_array(out, member);
	struct fp_error err = { 0 };
	FP_AUTO(freep) char *last = NULL;
	int64_t left;

	if (sqs_number(c, in, "MaxResults", 1, PAGE, PAGE, &left) < 0)
		return -1;
	if (store_query(&r, c->emu->store, &err,
			"SELECT name, attributes FROM sqs_queues"
			" WHERE region = ? AND name > ? ORDER BY name",
			"ss", c->region, json_str(in, "NextToken", "")) < 0)
		return fault_from(&c->fault, &err);
	while (store_next(&r)) {
		FP_AUTO(freep) char *url = sqs_url(c, store_text(&r, 0));

		if (!wants(store_text(&r, 0), store_text(&r, 1), arg))
			continue;
		if (left-- == 0) {
			json_set_str(out, "NextToken", last);
			break;
		}
		freep(&last);
		last = xstrdup(store_text(&r, 0));
		json_push_str(urls, url);
	}
	return 0;
}

static bool has_prefix(const char *name, const char *attributes FP_UNUSED,
		       const void *prefix)
{
	return str_starts(name, prefix);
}

int sqs_ListQueues(struct call *c, const cJSON *in, cJSON *out)
{
	return list(c, in, out, "QueueUrls", has_prefix,
		    json_str(in, "QueueNamePrefix", ""));
}

static bool sends_letters_to(const char *name FP_UNUSED, const char *text,
			     const void *arn)
{
	FP_AUTO(json_freep) cJSON *attributes = cJSON_Parse(text);
	FP_AUTO(json_freep)
	cJSON *redrive = cJSON_Parse(json_str(attributes, "RedrivePolicy", "{}"));

	return str_eq(json_str(redrive, "deadLetterTargetArn", ""), arn);
}

int sqs_ListDeadLetterSourceQueues(struct call *c, const cJSON *in, cJSON *out)
{
	FP_AUTO(sqs_queue_release) struct sqs_queue q = { 0 };

	if (sqs_load_url(c, in, &q) < 0)
		return -1;
	return list(c, in, out, "queueUrls", sends_letters_to, q.arn);
}

static int change_tags(struct call *c, void *arg)
{
	FP_AUTO(sqs_queue_release) struct sqs_queue q = { 0 };
	const cJSON *in = arg;

	if (sqs_load_url(c, in, &q) < 0)
		return -1;
	tags_merge(q.tags, json_get(in, "Tags"));
	json_each (key, json_get(in, "TagKeys"))
		cJSON_DeleteItemFromObjectCaseSensitive(q.tags,
							str_or(key->valuestring, ""));
	return sqs_save(c, &q);
}

int sqs_TagQueue(struct call *c, const cJSON *in, cJSON *out FP_UNUSED)
{
	return in_transaction(c, change_tags, (void *)(uintptr_t)in);
}

int sqs_UntagQueue(struct call *c, const cJSON *in, cJSON *out FP_UNUSED)
{
	return in_transaction(c, change_tags, (void *)(uintptr_t)in);
}

int sqs_ListQueueTags(struct call *c, const cJSON *in, cJSON *out)
{
	FP_AUTO(sqs_queue_release) struct sqs_queue q = { 0 };

	if (sqs_load_url(c, in, &q) < 0)
		return -1;
	if (cJSON_GetArraySize(q.tags))
		json_set(out, "Tags", cJSON_Duplicate(q.tags, true));
	return 0;
}
