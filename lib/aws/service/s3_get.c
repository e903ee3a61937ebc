/*
 * An object's bytes in order, to a sink: one request, and further ones for the rest where
 * a connection breaks.
 */
#include "aws/service/s3_request.h"
#include "base/str.h"
#include "http/retry.h"

#define RESUMES	       8 /* in a row without a byte between */
#define FIRST_PAUSE_MS 100

struct get {
	struct s3_target at;
	const char *version_id;
	const struct http_sink *to;
	bool begun; /* `object` is known */
	struct s3_object object;
	struct checksum *sum; /* NULL: S3 said none of the whole */
	int64_t done;
	bool stopped; /* by the sink */
	bool wrong;
};

static void get_release(struct get *g)
{
	s3_object_release(&g->object);
	checksum_freep(&g->sum);
}

/* The rest must be of the same object, and the right part of it. */
static bool is_rest(const struct get *g, int status, const struct http_headers *h)
{
	FP_AUTO(freep)
	char *want = xasprintf("bytes %lld-%lld/%lld", (long long)g->done,
			       (long long)g->object.size - 1, (long long)g->object.size);

	return status == 206 && str_eq(headers_get(h, "Content-Range"), want) &&
	       str_eq(headers_get(h, "ETag"), g->object.etag);
}

static bool on_begin(void *ctx, int status, const struct http_headers *h)
{
	struct get *g = ctx;

	if (g->done) {
		g->wrong = !is_rest(g, status, h);
		return !g->wrong;
	}
	get_release(g);
	s3_read_object(&g->object, h);
	if (*g->object.checksum && !g->object.composite)
		g->sum = checksum_new(g->object.checksum_name);
	g->begun = true;
	return !g->to->begin || g->to->begin(g->to->ctx, status, h);
}

static bool on_data(void *ctx, const void *data, size_t n)
{
	struct get *g = ctx;

	if (g->sum)
		checksum_update(g->sum, data, n);
	g->done += (int64_t)n;
	g->stopped = !g->to->write(g->to->ctx, data, n);
	return !g->stopped;
}

static int ask(struct get *g, struct fp_error *err)
{
	FP_AUTO(request_release) struct http_request req;
	FP_AUTO(response_release) struct http_response res = { 0 };
	const struct http_sink sink = { .write = on_data, .ctx = g, .begin = on_begin };
	const char *version = g->object.version_id ? g->object.version_id : g->version_id;

	s3_request(&req, "GET", g->at.key, version);
	headers_set(&req.headers, "x-amz-checksum-mode", "ENABLED");
	if (g->done) {
		FP_AUTO(freep) char *range = xasprintf("bytes=%lld-", (long long)g->done);

		headers_set(&req.headers, "Range", range);
		headers_set(&req.headers, "If-Match", g->object.etag);
	}
	if (s3_send(&g->at, "GetObject", &req, &sink, NULL, &res, err) == 0)
		return g->begun || on_begin(g, res.status, &res.headers) ? 0 : -1;
	if (g->wrong)
		(void)fp_fail(
			err, FP_ERR_PROTOCOL,
			"s3://%s/%s: the connection broke after %lld bytes, and the "
			"answer for the rest was another's",
			g->at.bucket, g->at.key, (long long)g->done);
	else if (g->done && err && str_eq(err->aws_code, "PreconditionFailed"))
		(void)fp_fail(err, FP_ERR_PROTOCOL,
			      "s3://%s/%s changed while it was read; read it again",
			      g->at.bucket, g->at.key);
	return -1;
}

/* Whether the rest can be asked for. */
static bool may_resume(const struct get *g, const struct fp_error *err)
{
	return g->begun && g->done && !g->stopped && !g->wrong && *g->object.etag &&
	       g->object.size > g->done && retry_may_pass(err);
}

static int check_whole(struct get *g, struct fp_error *err)
{
	FP_AUTO(buf_release) struct buf text = BUF_INIT;

	if (g->object.size >= 0 && g->done != g->object.size)
		return fp_fail(err, FP_ERR_PROTOCOL,
			       "s3://%s/%s: %lld of its %lld bytes came", g->at.bucket,
			       g->at.key, (long long)g->done, (long long)g->object.size);
	if (!g->sum)
		return 0;
	checksum_final(g->sum, &text);
	if (str_eq(buf_str(&text), g->object.checksum))
		return 0;
	return fp_fail(err, FP_ERR_PROTOCOL,
		       "s3://%s/%s: the bytes that came have the %s %s, S3's is %s; "
		       "something between changed them",
		       g->at.bucket, g->at.key, g->object.checksum_name, buf_str(&text),
		       g->object.checksum);
}

static int get_all(struct get *g, struct fp_error *err)
{
	int64_t pause_ms = FIRST_PAUSE_MS;
	int tries = 0;

	for (;;) {
		struct fp_error why = { 0 };
		int64_t before = g->done;

		if (ask(g, &why) == 0)
			return check_whole(g, err);
		if (g->done > before) {
			tries = 0;
			pause_ms = FIRST_PAUSE_MS;
		}
		if (!may_resume(g, &why) || ++tries > RESUMES || !aws_pause(pause_ms)) {
			if (err)
				*err = why;
			return -1;
		}
		pause_ms *= 2;
	}
}

int s3_get(struct aws_client *c, const char *bucket, const char *key,
	   const char *version_id, const struct http_sink *sink, struct s3_object *out,
	   struct fp_error *err)
{
	FP_AUTO(get_release)
	struct get g = { .at = { c, bucket, key }, .version_id = version_id, .to = sink };

	if (get_all(&g, err) < 0)
		return -1;
	if (out) {
		*out = g.object;
		g.object = (struct s3_object){ 0 };
	}
	return 0;
}
