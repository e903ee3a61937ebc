#include "event.h"

#include "base/json.h"
#include "wire/uri.h"

/* S3 in SNS in SQS is the deepest that AWS makes. */
#define MAX_WRAPPERS 4

static int parse_document(struct event *out, const cJSON *doc, const char *message,
			  int depth, struct fp_error *err);

void event_release(struct event *e)
{
	for (size_t i = 0; i < e->n; i++) {
		free(e->v[i].bucket);
		free(e->v[i].key);
		free(e->v[i].version);
		free(e->v[i].name);
		free(e->v[i].time);
		free(e->v[i].message);
	}
	free(e->v);
	strs_release(&e->broken);
	*e = (struct event)EVENT_INIT;
}

static char *copy_or_null(const char *s)
{
	return s && *s ? xstrdup(s) : NULL;
}

static struct event_object *grow(struct event *e)
{
	if (e->n == e->cap) {
		e->cap = e->cap ? 2 * e->cap : 4;
		e->v = xrealloc(e->v, e->cap * sizeof(*e->v));
	}
	return &e->v[e->n];
}

static int add_object(struct event *out, const cJSON *record, const char *message,
		      struct fp_error *err)
{
	FP_AUTO(buf_release) struct buf key = BUF_INIT;
	const char *bucket = json_str(record, "s3.bucket.name", "");
	const char *coded = json_str(record, "s3.object.key", "");

	if (!*bucket || !*coded)
		return fp_fail(err, FP_ERR_INPUT, "a record of the event names no %s",
			       *bucket ? "object key" : "bucket");
	if (out->n == EVENT_MAX_OBJECTS)
		return fp_fail(err, FP_ERR_LIMIT, "the event names more than %d objects",
			       EVENT_MAX_OBJECTS);
	uri_decode(&key, coded, strlen(coded), true);
	if (strlen(buf_str(&key)) != key.len)
		return fp_fail(err, FP_ERR_INPUT, "an object key holds a NUL byte");
	*grow(out) = (struct event_object){
		.bucket = xstrdup(bucket),
		.key = buf_detach(&key),
		.version = copy_or_null(json_str(record, "s3.object.versionId", NULL)),
		.name = xstrdup(json_str(record, "eventName", "")),
		.time = xstrdup(json_str(record, "eventTime", "")),
		.message = copy_or_null(message),
	};
	out->n++;
	return 0;
}

static int parse_inner(struct event *out, const char *text, const char *message,
		       int depth, struct fp_error *err)
{
	FP_AUTO(json_freep) cJSON *doc = NULL;

	if (depth >= MAX_WRAPPERS)
		return fp_fail(err, FP_ERR_INPUT, "the event is wrapped too often");
	doc = json_parse(text, strlen(text), "wrapped event", err);
	return doc ? parse_document(out, doc, message, depth + 1, err) : -1;
}

/* A message that is not understood fails alone; the others are worked on. */
static int parse_message(struct event *out, const cJSON *record, int depth,
			 struct fp_error *err)
{
	const char *id = json_str(record, "messageId", "");

	if (!*id)
		return fp_fail(err, FP_ERR_INPUT, "an SQS record has no messageId");
	out->from_queue = true;
	if (parse_inner(out, json_str(record, "body", ""), id, depth, NULL) == 0)
		return 0;
	/* What it named already stays: to check an object twice does no harm. */
	strs_add(&out->broken, id);
	return 0;
}

static int parse_record(struct event *out, const cJSON *record, const char *message,
			int depth, struct fp_error *err)
{
	const char *source = json_str(record, "eventSource",
				      json_str(record, "EventSource", ""));

	if (str_eq(source, "aws:s3"))
		return add_object(out, record, message, err);
	if (str_eq(source, "aws:sqs"))
		return parse_message(out, record, depth, err);
	if (str_eq(source, "aws:sns"))
		return parse_inner(out, json_str(record, "Sns.Message", ""), message,
				   depth, err);
	return fp_fail(err, FP_ERR_INPUT,
		       "the event comes from '%s'; this function takes S3's, also by SQS "
		       "and SNS",
		       source);
}

static int parse_document(struct event *out, const cJSON *doc, const char *message,
			  int depth, struct fp_error *err)
{
	const cJSON *records = json_get(doc, "Records");

	if (str_eq(json_str(doc, "Event", ""), "s3:TestEvent")) {
		out->test = true;
		return 0;
	}
	/* What SNS puts into a queue. */
	if (str_eq(json_str(doc, "Type", ""), "Notification"))
		return parse_inner(out, json_str(doc, "Message", ""), message, depth,
				   err);
	if (!cJSON_IsArray(records))
		return fp_fail(err, FP_ERR_INPUT,
			       "this is no S3 event: it has no list of Records");
	json_each (record, records)
		if (parse_record(out, record, message, depth, err) < 0)
			return -1;
	return 0;
}

int event_parse(struct event *out, const char *json, size_t n, struct fp_error *err)
{
	FP_AUTO(json_freep) cJSON *doc = json_parse(json, n, "event", err);

	if (doc && parse_document(out, doc, NULL, 0, err) == 0)
		return 0;
	event_release(out);
	return -1;
}
