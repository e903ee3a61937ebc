/*
 * From a request to an answer: address, signature, attempts, errors.
 */
#include "aws/advice.h"
#include "aws/endpoint.h"
#include "aws/internal.h"
#include "aws/mend.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/str.h"
#include "wire/wire_error.h"

/* Answers in memory. The largest of AWS's: 6 MB of a Lambda, 15 MB of metrics. */
#define ANSWER_MAX ((size_t)16 << 20)
#define ERROR_MAX  ((size_t)1 << 20)

#define LOOK_MS	   200

int aws_sign(struct aws_progress *p, struct fp_error *err)
{
	struct aws_client *c = p->c;
	const struct aws_send *send = p->send;
	struct http_request *req = p->req;
	struct sigv4_scope scope;

	if (!p->addressed && aws_address(c, send->service, send->bucket, p->region,
					 p->path, req, &p->place, err) < 0)
		return -1;
	p->addressed = true;
	p->skew_ms = atomic_load(&c->skew_ms);
	if (c->anonymous)
		return 0;
	aws_credentials_release(&p->used);
	if (aws_client_credentials(c, &p->used, err) < 0)
		return -1;
	scope = sigv4_for(p->place.service, p->place.region, clock_now_ms() + p->skew_ms);
	if (send->payload_hash)
		scope.payload_hash = send->payload_hash;
	headers_remove(&req->headers, "Authorization");
	headers_remove(&req->headers, "X-Amz-Date");
	headers_remove(&req->headers, "X-Amz-Security-Token");
	return sigv4_sign(req, &scope, &p->used, NULL, err);
}

/* A sink that remembers whether it was given anything. */
static bool watched_write(void *ctx, const void *data, size_t n)
{
	struct aws_progress *p = ctx;

	p->sink_used = true;
	return p->send->sink->write(p->send->sink->ctx, data, n);
}

static bool watched_begin(void *ctx, int status, const struct http_headers *headers)
{
	struct aws_progress *p = ctx;

	return p->send->sink->begin(p->send->sink->ctx, status, headers);
}

/*
 * What S3 could not finish after it had begun to answer 200, and what a proxy answers
 * in the service's place. An object may well hold either.
 */
static bool is_disguised(const struct aws_progress *p)
{
	bool is_s3 = str_eq(p->send->service, "s3");
	bool has_object = is_s3 && str_eq(p->req->method, "GET");

	if (p->send->sink || has_object || p->res->body.len == 0)
		return false;
	return wire_is_web_page(p->res) || (is_s3 && wire_is_error_document(p->res));
}

int64_t aws_time_left(const struct aws_progress *p)
{
	int64_t most = p->c->total_timeout_ms;

	if (most <= 0)
		return 0;
	return FP_MAX(most - (clock_monotonic_ms() - p->start_ms), 1);
}

/* Once; 0 with any answer of the service's own. */
static int exchange(struct aws_progress *p, struct fp_error *err)
{
	const struct aws_send *send = p->send;
	struct http_sink sink = { .write = watched_write, .ctx = p };
	int64_t start = clock_monotonic_ms(), left = aws_time_left(p);
	struct http_request *req = p->req;
	int64_t own_limit = req->timeout_ms;
	int rc;

	if (send->sink && send->sink->begin)
		sink.begin = watched_begin;
	if (left && (!own_limit || left < own_limit))
		req->timeout_ms = left;
	if (!req->answer_max)
		req->answer_max = send->sink ? ERROR_MAX : ANSWER_MAX;
	req->once = !send->repeatable;
	p->retry.attempt++;
	atomic_fetch_add(&p->c->requests, 1);
	rc = http_send(p->c->http, req, send->sink ? &sink : NULL, send->progress, p->res,
		       err);
	req->timeout_ms = own_limit;
	log_msg(LOG_DEBUG, "%s: %s %s://%s%s: %d in %lld ms", send->what, req->method,
		req->scheme, req->host, req->path, rc == 0 ? p->res->status : 0,
		(long long)(clock_monotonic_ms() - start));
	return rc;
}

/* The request left this machine and may have been acted on. */
static bool may_be_done(const struct aws_progress *p, const struct fp_error *err)
{
	if (err->http_status == 0)
		return !err->unsent;
	return err->http_status >= 500 &&
	       retry_judge(p->send->service, err) != RETRY_THROTTLED;
}

/* 0: an answer of 2xx; 1: try again after *wait_ms; -1: an error. */
static int attempt(struct aws_progress *p, int64_t *wait_ms, struct fp_error *err)
{
	int rc;

	*wait_ms = 0;
	if (aws_sign(p, err) < 0)
		return -1;
	if (exchange(p, err) == 0) {
		bool good = p->res->status >= 200 && p->res->status < 300;
		bool disguised = good && is_disguised(p);

		if (good && !disguised) {
			retry_succeeded(&p->retry);
			return 0;
		}
		wire_read_error(p->res, err);
		if (disguised && err->code == FP_ERR_AWS)
			err->http_status = 500;
		rc = aws_mend(p, err);
		if (rc != 0)
			return rc;
	}
	if (p->sink_used || (!p->send->repeatable && may_be_done(p, err)))
		return -1;
	return retry_again(&p->retry, p->res, err, wait_ms) ? 1 : -1;
}

/* One line: what was asked for, how often, what came of it, what to do about it. */
static int explain(const struct aws_progress *p, struct fp_error *err)
{
	const char *hint = p->req->host && endpoint_is_local(p->req->host)
				   ? "start the emulator with 'fpctl local up', or check "
				     "the endpoint"
				   : "check the network, the proxy, the region and the "
				     "endpoint";

	if (err->unsent && (err->code == FP_ERR_NETWORK || err->code == FP_ERR_TIMEOUT))
		(void)fp_hint(err, "%s", hint);
	aws_advise(err, p->send->service);
	if (p->retry.attempt > 1)
		return fp_wrap(err, "%s, %u attempts", p->send->what, p->retry.attempt);
	return fp_wrap(err, "%s", p->send->what);
}

/* A pause, unless whoever watches the transfer wants it stopped meanwhile. */
static bool pause_watched(const struct aws_progress *p, int64_t ms)
{
	const struct http_progress *watch = p->send->progress;

	for (; watch && ms > LOOK_MS; ms -= LOOK_MS)
		if (!watch->report(watch->ctx, 0, 0) || !aws_pause(LOOK_MS))
			return false;
	return aws_pause(ms);
}

static int try_all(struct aws_progress *p, struct fp_error *err)
{
	int64_t wait_ms, used;
	int rc;

	while ((rc = attempt(p, &wait_ms, err)) > 0) {
		used = clock_monotonic_ms() - p->start_ms + wait_ms;
		log_msg(LOG_DEBUG, "%s: again in %lld ms: %s", p->send->what,
			(long long)wait_ms, err->message);
		response_release(p->res);
		*p->res = (struct http_response){ 0 };
		if (p->c->total_timeout_ms > 0 && used >= p->c->total_timeout_ms)
			return fp_wrap(err, "no time is left to try again");
		if (!pause_watched(p, wait_ms))
			return fp_fail(err, FP_ERR_INTERRUPTED, "stopped");
	}
	return rc;
}

int aws_transmit(struct aws_client *c, const struct aws_send *send,
		 struct http_request *req, struct http_response *res,
		 struct fp_error *err)
{
	struct aws_progress p = { .c = c,
				  .send = send,
				  .req = req,
				  .res = res,
				  .start_ms = clock_monotonic_ms(),
				  .retry = { .bucket = c->bucket,
					     .service = send->service,
					     .max_attempts = c->max_attempts } };
	FP_AUTO(freep) char *path = xstrdup(req->path);
	struct fp_error last = { 0 };
	int rc;

	p.path = path;
	aws_region_of(c, send->bucket, p.region);
	rc = try_all(&p, &last);
	aws_credentials_release(&p.used);
	if (rc == 0)
		return 0;
	(void)explain(&p, &last);
	response_release(res);
	*res = (struct http_response){ 0 };
	if (err)
		*err = last;
	return -1;
}

int aws_rest(struct aws_client *c, const struct aws_rest *how, struct http_request *req,
	     struct http_response *res, struct fp_error *err)
{
	FP_AUTO(freep) char *what = xasprintf("%s %s", how->service, how->operation);
	const char *hash = headers_get(&req->headers, "x-amz-content-sha256");
	FP_AUTO(freep) char *payload_hash = hash ? xstrdup(hash) : NULL;
	struct aws_send send = {
		.service = how->service,
		.what = what,
		.bucket = how->bucket,
		.repeatable = !how->once,
		.payload_hash = payload_hash,
		.sink = how->sink,
		.progress = how->progress,
	};

	return aws_transmit(c, &send, req, res, err);
}
