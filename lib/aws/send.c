/*
 * From a request to an answer: address, signature, attempts, errors.
 */
#include "aws/endpoint.h"
#include "aws/internal.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/str.h"
#include "wire/wire_error.h"

/* Services accept a signature 5 minutes off; nearer differences are no matter. */
#define SKEW_MATTERS_MS 240000LL

static void set_text(char **field, char *owned)
{
	free(*field);
	*field = owned;
}

/* A bucket with dots would not fit the certificate of *.s3.REGION. */
static bool wants_path_style(const struct http_request *req, const char *bucket)
{
	return endpoint_is_local(req->host) ||
	       (str_eq(req->scheme, "https") && strchr(bucket, '.'));
}

int aws_address(struct aws_client *c, const char *service, const char *bucket,
		struct http_request *req, struct fp_error *err)
{
	FP_AUTO(freep) char *url = aws_endpoint(c, service);
	FP_AUTO(request_release) struct http_request at;
	const char *base;

	request_init(&at, "GET", "/");
	if (request_set_url(&at, url, err) < 0)
		return fp_wrap(err, "endpoint of %s", service);
	base = str_eq(at.path, "/") ? "" : at.path;
	if (bucket && wants_path_style(&at, bucket))
		set_text(&req->path, xasprintf("%s/%s%s", base, bucket, req->path));
	else
		set_text(&req->path, xasprintf("%s%s", base, req->path));
	set_text(&req->scheme, xstrdup(at.scheme));
	if (bucket && !wants_path_style(&at, bucket))
		set_text(&req->host, xasprintf("%s.%s", bucket, at.host));
	else
		set_text(&req->host, xstrdup(at.host));
	return 0;
}

static int sign(struct aws_client *c, const struct aws_send *send,
		struct http_request *req, struct fp_error *err)
{
	FP_AUTO(aws_credentials_release) struct aws_credentials creds = { 0 };
	struct sigv4_scope scope = sigv4_for(send->service, c->region,
					     clock_now_ms() + atomic_load(&c->skew_ms));

	if (c->anonymous)
		return 0;
	if (aws_client_credentials(c, &creds, err) < 0)
		return -1;
	if (send->payload_hash)
		scope.payload_hash = send->payload_hash;
	headers_remove(&req->headers, "Authorization");
	headers_remove(&req->headers, "X-Amz-Date");
	headers_remove(&req->headers, "X-Amz-Security-Token");
	return sigv4_sign(req, &scope, &creds, NULL, err);
}

/* A sink that remembers whether it was given anything: then no attempt may follow. */
struct watched_sink {
	const struct http_sink *to;
	bool used;
};

static bool watched_write(void *ctx, const void *data, size_t n)
{
	struct watched_sink *w = ctx;

	w->used = true;
	return w->to->write(w->to->ctx, data, n);
}

/* Correct our clock by the answer's; true when that explains the refusal. */
static bool learn_clock(struct aws_client *c, const struct http_response *res,
			const char *code)
{
	static const char *const codes[] = {
		"RequestTimeTooSkewed",	     "RequestExpired",
		"RequestInTheFuture",	     "SignatureDoesNotMatch",
		"InvalidSignatureException", "AuthFailure"
	};
	const char *date = headers_get(&res->headers, "Date");
	int64_t theirs, skew;

	for (size_t i = 0; i < ARRAY_SIZE(codes); i++) {
		if (!str_eq(code, codes[i]) || !date || !time_parse(date, &theirs))
			continue;
		skew = theirs - clock_now_ms();
		if (llabs(skew - atomic_load(&c->skew_ms)) < SKEW_MATTERS_MS)
			return false;
		atomic_store(&c->skew_ms, skew);
		return true;
	}
	return false;
}

/* The request did not leave this machine, or found nobody. */
static bool not_received(const struct fp_error *err)
{
	return strstr(err->message, "cannot connect") ||
	       strstr(err->message, "cannot resolve");
}

static int explain(const struct aws_send *send, const struct http_request *req,
		   struct fp_error *err)
{
	const char *hint =
		endpoint_is_local(req->host)
			? "start the emulator with 'fpctl local up', or check the "
			  "endpoint"
			: "check the network, the proxy, the region and the endpoint";

	if ((err->code == FP_ERR_NETWORK || err->code == FP_ERR_TIMEOUT) &&
	    not_received(err))
		(void)fp_fail(err, err->code, "%s; %s", err->message, hint);
	return fp_wrap(err, "%s", send->what);
}

/* Whether the service cannot have acted on the request. */
static bool not_acted_on(const struct http_response *res, const struct fp_error *err)
{
	if (res)
		return res->status < 500;
	return not_received(err);
}

/* 0: an answer of 2xx; 1: try again after *wait_ms; -1: an error. */
static int attempt(struct aws_client *c, const struct aws_send *send,
		   struct http_request *req, struct retry *retry,
		   struct http_response *res, int64_t *wait_ms, struct fp_error *err)
{
	struct watched_sink watched = { send->sink, false };
	struct http_sink sink = { watched_write, &watched };
	int64_t start = clock_monotonic_ms();
	bool answered;

	if (sign(c, send, req, err) < 0)
		return fp_wrap(err, "%s", send->what);
	retry->attempt++;
	atomic_fetch_add(&c->requests, 1);
	answered = http_send(c->http, req, send->sink ? &sink : NULL, send->progress, res,
			     err) == 0;
	log_msg(LOG_DEBUG, "%s: %s %s://%s%s: %d in %lld ms", send->what, req->method,
		req->scheme, req->host, req->path, answered ? res->status : 0,
		(long long)(clock_monotonic_ms() - start));
	if (answered && res->status >= 200 && res->status < 300) {
		retry_succeeded(retry);
		return 0;
	}
	if (answered)
		wire_read_error(res, err);
	if (answered && retry->attempt == 1 && learn_clock(c, res, err->aws_code)) {
		*wait_ms = 0;
		return 1;
	}
	if (!watched.used &&
	    (send->repeatable || not_acted_on(answered ? res : NULL, err)) &&
	    retry_again(retry, answered ? res : NULL, answered ? err->aws_code : NULL,
			err, wait_ms))
		return 1;
	return explain(send, req, err);
}

int aws_transmit(struct aws_client *c, const struct aws_send *send,
		 struct http_request *req, struct http_response *res,
		 struct fp_error *err)
{
	struct retry retry = { .bucket = c->bucket, .max_attempts = c->max_attempts };
	int64_t start = clock_monotonic_ms(), wait_ms = 0;
	struct fp_error last = { 0 };
	int rc;

	while ((rc = attempt(c, send, req, &retry, res, &wait_ms, &last)) > 0) {
		int64_t used = clock_monotonic_ms() - start + wait_ms;

		log_msg(LOG_DEBUG, "%s: again in %lld ms: %s", send->what,
			(long long)wait_ms, last.message);
		response_release(res);
		*res = (struct http_response){ 0 };
		if (c->total_timeout_ms && used > c->total_timeout_ms)
			rc = fp_wrap(&last, "%s: gave up after %lld ms", send->what,
				     (long long)used);
		else if (!aws_pause(wait_ms))
			rc = fp_fail(&last, FP_ERR_INTERRUPTED, "%s: stopped",
				     send->what);
		if (rc < 0)
			break;
	}
	if (rc < 0 && err)
		*err = last;
	return rc;
}

int aws_send(struct aws_client *c, const char *service, const char *bucket,
	     struct http_request *req, const struct http_sink *sink,
	     const struct http_progress *progress, struct http_response *res,
	     struct fp_error *err)
{
	FP_AUTO(freep) char *what = xasprintf("%s %s", service, req->method);
	const char *hash = headers_get(&req->headers, "x-amz-content-sha256");
	FP_AUTO(freep) char *payload_hash = hash ? xstrdup(hash) : NULL;
	struct aws_send send = {
		.service = service,
		.what = what,
		/* S3's only POSTs here delete by name. */
		.repeatable = !str_eq(req->method, "POST") || str_eq(service, "s3"),
		.payload_hash = payload_hash,
		.sink = sink,
		.progress = progress,
	};

	if (aws_address(c, service, bucket, req, err) < 0)
		return -1;
	return aws_transmit(c, &send, req, res, err);
}
