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
	unsigned max_attempts; /* AWS_MAX_ATTEMPTS; 0: 3 */
	unsigned attempt;      /* made so far: the caller counts them */
	unsigned cost;	       /* tokens that the last retry took */
};

/*
 * After an attempt: whether to make another, and how long to wait before it.
 * `res` is NULL when no answer came; `err` then says why. `aws_code` is the
 * error code of the answer, or NULL. Honours x-amz-retry-after and Retry-After.
 */
bool retry_again(struct retry *r, const struct http_response *res, const char *aws_code,
		 const struct fp_error *err, int64_t *wait_ms);
/*
 * Whether a call that failed after all its attempts may succeed later: no answer
 * came, or one that is no judgement of the request.
 */
bool retry_may_pass(const struct fp_error *err);
/* After a success: give tokens back. */
void retry_succeeded(struct retry *r);

#endif
