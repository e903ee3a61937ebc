#include "http/retry.h"

#include <pthread.h>
#include <stdlib.h>

#include "base/digest.h"
#include "base/str.h"

#define DEFAULT_ATTEMPTS  3
#define BUCKET_TOKENS	  500
#define COST_TRANSIENT	  14
#define COST_THROTTLED	  5
#define GIVEN_BY_SUCCESS  1 /* when it needed no retry */
#define BASE_TRANSIENT_MS 50
#define BASE_THROTTLED_MS 1000
#define MAX_WAIT_MS	  20000
/* How much longer than our own wait a server may make us wait. */
#define MAX_ASKED_MS 5000

struct retry_bucket {
	pthread_mutex_t lock;
	unsigned tokens;
};

enum failure { FINAL, TRANSIENT, THROTTLED };

struct retry_bucket *retry_bucket_new(void)
{
	struct retry_bucket *b = xcalloc(1, sizeof(*b));

	(void)pthread_mutex_init(&b->lock, NULL);
	b->tokens = BUCKET_TOKENS;
	return b;
}

void retry_bucket_freep(struct retry_bucket **b)
{
	if (!*b)
		return;
	(void)pthread_mutex_destroy(&(*b)->lock);
	free(*b);
	*b = NULL;
}

static bool bucket_take(struct retry_bucket *b, unsigned cost)
{
	bool enough;

	if (!b)
		return true;
	(void)pthread_mutex_lock(&b->lock);
	enough = b->tokens >= cost;
	if (enough)
		b->tokens -= cost;
	(void)pthread_mutex_unlock(&b->lock);
	return enough;
}

static bool is_one_of(const char *code, const char *const *list, size_t n)
{
	for (size_t i = 0; code && i < n; i++)
		if (str_eq(code, list[i]))
			return true;
	return false;
}

/* The lists are the guide's, which botocore's retries/standard.py repeats. */
static enum failure judge_code(const char *code)
{
	static const char *const throttled[] = {
		"Throttling",
		"ThrottlingException",
		"ThrottledException",
		"RequestThrottledException",
		"TooManyRequestsException",
		"ProvisionedThroughputExceededException",
		"TransactionInProgressException",
		"RequestLimitExceeded",
		"BandwidthLimitExceeded",
		"LimitExceededException",
		"RequestThrottled",
		"SlowDown",
		"PriorRequestNotComplete",
		"EC2ThrottledException",
	};
	static const char *const transient[] = { "RequestTimeout",
						 "RequestTimeoutException",
						 "InternalError" };

	if (is_one_of(code, throttled, ARRAY_SIZE(throttled)))
		return THROTTLED;
	return is_one_of(code, transient, ARRAY_SIZE(transient)) ? TRANSIENT : FINAL;
}

/* Of an answer with an error code, or NULL. */
static enum failure judge_answer(int status, const char *aws_code)
{
	enum failure by_code = judge_code(aws_code);

	if (by_code != FINAL)
		return by_code;
	switch (status) {
	case 429:
		return THROTTLED;
	case 500:
	case 502:
	case 503:
	case 504:
		return TRANSIENT;
	default:
		return FINAL;
	}
}

static enum failure judge(const struct http_response *res, const char *aws_code,
			  const struct fp_error *err)
{
	if (res)
		return judge_answer(res->status, aws_code);
	return err && (err->code == FP_ERR_NETWORK || err->code == FP_ERR_TIMEOUT)
		       ? TRANSIENT
		       : FINAL;
}

bool retry_may_pass(const struct fp_error *err)
{
	return judge(NULL, NULL, err) != FINAL ||
	       judge_answer(err->http_status, err->aws_code) != FINAL;
}

/* A uniform random part of min(base * 2^retries, MAX_WAIT_MS). */
static int64_t backoff_ms(int64_t base, unsigned retries)
{
	int64_t most = FP_MIN(base << FP_MIN(retries, 20U), (int64_t)MAX_WAIT_MS);
	uint32_t random;

	random_bytes(&random, sizeof(random));
	return (int64_t)((uint64_t)most * random >> 32);
}

/* What the server asks for: milliseconds in AWS's header, seconds in HTTP's. */
static int64_t asked_ms(const struct http_response *res)
{
	const char *ms = res ? headers_get(&res->headers, "x-amz-retry-after") : NULL;
	const char *seconds = res ? headers_get(&res->headers, "Retry-After") : NULL;
	int64_t n;

	if (ms && str_to_i64(ms, 0, INT32_MAX, &n))
		return n;
	if (seconds && str_to_i64(seconds, 0, INT32_MAX, &n))
		return n * 1000;
	return 0;
}

bool retry_again(struct retry *r, const struct http_response *res, const char *aws_code,
		 const struct fp_error *err, int64_t *wait_ms)
{
	enum failure f = judge(res, aws_code, err);
	unsigned most = r->max_attempts ? r->max_attempts : DEFAULT_ATTEMPTS;
	unsigned cost = f == THROTTLED ? COST_THROTTLED : COST_TRANSIENT;
	int64_t own, asked;

	if (f == FINAL || r->attempt >= most || !bucket_take(r->bucket, cost))
		return false;
	r->cost = cost;
	own = backoff_ms(f == THROTTLED ? BASE_THROTTLED_MS : BASE_TRANSIENT_MS,
			 r->attempt ? r->attempt - 1 : 0);
	asked = FP_MIN(asked_ms(res), own + MAX_ASKED_MS);
	*wait_ms = FP_MAX(own, asked);
	return true;
}

void retry_succeeded(struct retry *r)
{
	struct retry_bucket *b = r->bucket;

	if (!b)
		return;
	(void)pthread_mutex_lock(&b->lock);
	b->tokens += r->cost ? r->cost : GIVEN_BY_SUCCESS;
	b->tokens = FP_MIN(b->tokens, (unsigned)BUCKET_TOKENS);
	(void)pthread_mutex_unlock(&b->lock);
}
