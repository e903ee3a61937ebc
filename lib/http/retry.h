/*
 * When to try again: the SDKs' "standard" mode. Attempts are limited, waits are
 * full-jittered exponentials, a token bucket stops retry storms.
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
	unsigned max_attempts; /* 3, or AWS_MAX_ATTEMPTS */
	unsigned attempt;      /* made so far */
	unsigned cost;         /* tokens that the last retry took */
};

/*
 * After an attempt: whether to make another, and how long to wait before it.
 * `res` is NULL when no answer came; `err` then says why. `aws_code` is the
 * error code of the answer, or NULL. Honours Retry-After.
 */
bool retry_again(struct retry *r, const struct http_response *res, const char *aws_code,
		 const struct fp_error *err, int64_t *wait_ms);
/* After a success: give tokens back. */
void retry_succeeded(struct retry *r);

#endif
