/*
 * Counts the lines of each text file and tells every topic of the project.
 */
#include "aws/service/s3.h"
#include "aws/service/sns.h"
#include "base/json.h"
#include "base/str.h"
#include "runtime/runtime.h"
#include "wire/uri.h"

/* A file may be larger than the memory: it comes in pieces. */
static bool count_lines(void *ctx, const void *data, size_t n)
{
	int64_t *lines = ctx;

	for (const char *p = data, *end = p + n; (p = memchr(p, '\n', (size_t)(end - p)));
	     p++)
		++*lines;
	return true;
}

static int tell(struct aws_client *aws, const cJSON *message, struct fp_error *err)
{
	FP_AUTO(freep) char *text = json_text(message);
	FP_AUTO(strs_release) struct strs topics = STRS_INIT;

	strs_split(&topics, str_or(getenv("NOTIFICATION_TOPIC_ARNS"), ""), ' ');
	for (size_t i = 0; i < topics.n; i++)
		if (*topics.v[i] &&
		    sns_publish(aws, topics.v[i], "lines", text, NULL, err) < 0)
			return -1;
	return 0;
}

static int handle_file(struct aws_client *aws, const cJSON *record, struct fp_error *err)
{
	const char *bucket = json_str(record, "s3.bucket.name", "");
	const char *encoded = json_str(record, "s3.object.key", "");
	FP_AUTO(buf_release) struct buf key = BUF_INIT;
	FP_AUTO(json_freep) cJSON *message = cJSON_CreateObject();
	int64_t lines = 0;
	struct http_sink sink = { .write = count_lines, .ctx = &lines };

	/* Events have the key as forms have it: "a+b%C3%BC". */
	uri_decode(&key, encoded, strlen(encoded), true);
	if (s3_get(aws, bucket, buf_str(&key), NULL, &sink, NULL, err) < 0)
		return -1;
	json_set_str(message, "status", "ok");
	json_set_str(message, "bucket", bucket);
	json_set_str(message, "key", buf_str(&key));
	json_set_int(message, "records", lines);
	return tell(aws, message, err);
}

static int handle(void *ctx, const struct invocation *inv, struct buf *out,
		  struct fp_error *err)
{
	FP_AUTO(json_freep)
	cJSON *event = json_parse(inv->event, inv->event_len, "the event", err);

	if (!event)
		return -1;
	json_each (record, json_get(event, "Records"))
		if (handle_file(ctx, record, err) < 0)
			return -1;
	buf_puts(out, "{}");
	return 0;
}

int main(void)
{
	FP_AUTO(aws_client_freep) struct aws_client *aws = NULL;
	struct aws_options options = { 0 };
	struct fp_error err = { 0 };

	if (aws_client_new(&aws, &options, &err) < 0)
		runtime_init_failed("Runtime.InitError", &err);
	else if (runtime_run(handle, aws, &err) == 0)
		return 0;
	(void)fprintf(stderr, "%s\n", err.message);
	return 1;
}
