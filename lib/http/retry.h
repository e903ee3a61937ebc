/*
 * When to try again: the SDKs' "standard" mode as it is since November 2026.
 * Attempts are limited; waits are full-jittered exponentials from 50 ms (from 1 s
 * after throttling) up to 20 s; a bucket of 500 tokens stops retry storms (14 a
 * retry, 5 after throttling).
 * Source: AWS SDKs and Tools Reference Guide, "Retry behavior".
 */
#ifndef FP_HTTP_RETRY_H
#define FP_HTTP_RETRY_H

#include "wire/message.h"

struct retry_bucket; /* shared by all calls of a client */
struct retry_bucket *retry_bucket_new(void);
void retry_bucket_freep(struct retry_bucket **b);

struct retry {
	struct retry_bucket *bucket;
	const char *service;   /* "sts": some have codes of their own; or NULL */
	unsigned max_attempts; /* AWS_MAX_ATTEMPTS; 0: 3 */
	unsigned attempt;      /* made so far: the caller counts them */
	unsigned cost;	       /* tokens that the last retry took */
};

enum retry_kind {
	RETRY_NEVER,	 /* it would fail the same way */
	RETRY_TRANSIENT, /* no answer, or a fault of the service: 500, 502, 503, 504 */
	RETRY_THROTTLED, /* refused for coming too often: not acted on */
};

/*
 * What kind of failure `err` tells of: no answer (http_status 0), or one with
 * http_status and aws_code. `service` may be NULL.
 */
enum retry_kind retry_judge(const char *service, const struct fp_error *err);

/*
 * After a failed attempt: whether to make another, and how long to wait before it.
 * Honours x-amz-retry-after and Retry-After of `res`, up to 5 s more than its own
 * wait; `res` may be NULL.
 */
bool retry_again(struct retry *r, const struct http_response *res,
		 const struct fp_error *err, int64_t *wait_ms);
/*
 * Whether a call that failed after all its attempts may succeed later: no answer
 * came, or one that is no judgement of the request.
 */
bool retry_may_pass(const struct fp_error *err);
/* After a success: give tokens back. */
void retry_succeeded(struct retry *r);

#endif
