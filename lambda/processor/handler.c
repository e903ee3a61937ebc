#include "handler.h"

#include "aws/service/s3.h"
#include "aws/service/sns.h"
#include "base/clock.h"
#include "base/fs.h"
#include "result.h"

/* Left of the invocation's time for saying that it was too short. */
#define REPORT_TIME_MS 2000

/* An object on its way through the checks. */
struct reading {
	struct inspect inspect;
	struct digest *sha256;
	int64_t stop_ms; /* by the wall clock; 0: never */
	bool stopped;
};

static bool take(void *ctx, const void *data, size_t n)
{
	struct reading *r = ctx;

	if (r->stop_ms && clock_now_ms() > r->stop_ms) {
		r->stopped = true;
		return false;
	}
	digest_update(r->sha256, data, n);
	inspect_feed(&r->inspect, data, n);
	return true;
}

static void finish_reading(struct reading *in, struct result *r)
{
	uint8_t sum[SHA256_LEN];

	inspect_finish(&in->inspect, &r->file);
	if (in->stopped) {
		r->file.first = (struct finding){ 0 };
		finding_set(&r->file.first, 0, 0,
			    "not read to its end: the function's time ran out after %lld "
			    "bytes; raise the processor's timeout or memory",
			    (long long)r->file.size);
	} else {
		(void)digest_final(in->sha256, sum);
		hex_encode(r->sha256, sum, sizeof(sum));
	}
	if (r->file.first.text[0])
		r->status = RESULT_FAILED;
	else
		r->status = r->file.type == TYPE_EMPTY ? RESULT_EMPTY : RESULT_OK;
}

/* Answers that another try would only get again. */
static bool is_result(const struct fp_error *err, struct result *r)
{
	/* 405: the version that the event names is a delete marker. */
	if (err->http_status == 404 || err->http_status == 405) {
		r->status = RESULT_MISSING;
		return true;
	}
	if (str_eq(err->aws_code, "InvalidObjectState")) {
		r->status = RESULT_FAILED;
		finding_set(&r->file.first, 0, 0,
			    "archived: it must be restored before it can be read");
		return true;
	}
	return false;
}

static int read_object(struct processor *p, const struct invocation *inv,
		       struct result *r, struct fp_error *err)
{
	const struct event_object *o = r->object;
	FP_AUTO(digest_freep) struct digest *sha256 = digest_new("SHA256");
	FP_AUTO(s3_object_release) struct s3_object object = { 0 };
	FP_AUTO(freep) struct reading *in = xmalloc(sizeof(*in));
	struct http_sink sink = { .write = take, .ctx = in };

	in->sha256 = sha256;
	in->stopped = false;
	in->stop_ms = inv->deadline_ms ? inv->deadline_ms - REPORT_TIME_MS : 0;
	inspect_init(&in->inspect, o->key);
	if (s3_get(p->aws, o->bucket, o->key, o->version, &sink, &object, err) < 0 &&
	    !in->stopped)
		return is_result(err, r) ? 0 : -1;
	if (!in->stopped && object.size >= 0 && object.size != in->inspect.size)
		return fp_fail(err, FP_ERR_PROTOCOL,
			       "S3 sent %lld of the %lld bytes of s3://%s/%s",
			       (long long)in->inspect.size, (long long)object.size,
			       o->bucket, o->key);
	finish_reading(in, r);
	return 0;
}

static int notify(struct processor *p, const struct result *r, struct fp_error *err)
{
	FP_AUTO(json_freep) cJSON *message = NULL;
	FP_AUTO(json_freep) cJSON *attributes = NULL;
	FP_AUTO(freep) char *text = NULL;
	FP_AUTO(freep) char *subject = NULL;
	struct fp_error why = { 0 };
	int rc = 0;

	if (!p->topics.n)
		return 0;
	message = result_message(r);
	attributes = result_attributes(r);
	text = json_text(message);
	subject = result_subject(r);
	/* One that fails keeps nothing from the others. */
	for (size_t i = 0; i < p->topics.n; i++) {
		if (sns_publish(p->aws, p->topics.v[i], subject, text, attributes,
				rc == 0 ? err : &why) < 0)
			rc = -1;
	}
	return rc;
}

/* The log is best effort: a full pipe is no reason to try the file again. */
static void write_log(const struct processor *p, const struct result *r)
{
	FP_AUTO(buf_release) struct buf line = BUF_INIT;

	result_log(&line, r);
	(void)!fs_write_all(p->log_fd, line.data, line.len, "log", NULL);
}

static int process(struct processor *p, const struct invocation *inv, struct result *r,
		   struct fp_error *err)
{
	int64_t start = clock_monotonic_ms();
	int rc = 0;

	if (str_starts(r->object->name, "ObjectRemoved"))
		r->status = RESULT_REMOVED;
	else
		rc = read_object(p, inv, r, err);
	if (rc == 0)
		rc = notify(p, r, err);
	r->duration_ms = clock_monotonic_ms() - start;
	if (rc < 0) {
		r->status = RESULT_ERROR;
		r->error = err->message;
	}
	write_log(p, r);
	return rc;
}

/* SQS deletes what is not named here. */
static void answer_queue(struct buf *out, const struct strs *failed)
{
	FP_AUTO(json_freep) cJSON *j = cJSON_CreateObject();
	cJSON *list = json_set_array(j, "batchItemFailures");

	for (size_t i = 0; i < failed->n; i++)
		json_set_str(json_push_object(list), "itemIdentifier", failed->v[i]);
	json_print(out, j);
}

static int process_all(struct processor *p, const struct invocation *inv,
		       const struct event *event, struct strs *failed, cJSON *results,
		       struct fp_error *err)
{
	int rc = 0;

	for (size_t i = 0; i < event->n; i++) {
		struct result r = { .object = &event->v[i],
				    .request_id = inv->request_id };
		struct fp_error why = { 0 };

		if (process(p, inv, &r, &why) == 0) {
			cJSON_AddItemToArray(results, result_message(&r));
		} else if (event->v[i].message) {
			if (!strs_has(failed, event->v[i].message))
				strs_add(failed, event->v[i].message);
		} else if (rc == 0) {
			*err = why;
			rc = -1;
		}
	}
	return rc;
}

int processor_handle(void *ctx, const struct invocation *inv, struct buf *out,
		     struct fp_error *err)
{
	FP_AUTO(event_release) struct event event = EVENT_INIT;
	FP_AUTO(json_freep) cJSON *answer = cJSON_CreateObject();
	cJSON *results = json_set_array(answer, "results");

	if (event_parse(&event, inv->event, inv->event_len, err) < 0)
		return fp_wrap(err, "cannot use the event");
	if (process_all(ctx, inv, &event, &event.broken, results, err) < 0)
		return -1;
	if (event.from_queue)
		answer_queue(out, &event.broken);
	else
		json_print(out, answer);
	return 0;
}
