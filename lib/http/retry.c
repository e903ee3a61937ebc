#include "http/retry.h"

#include <pthread.h>
#include <stdlib.h>

#include "base/clock.h"
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

/* The list is the guide's, which botocore's retries/standard.py repeats. */
static bool is_throttling(const char *service, const char *code)
{
	static const char *const codes[] = {
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

	if (is_one_of(code, codes, ARRAY_SIZE(codes)))
		return true;
	/* The key service's throttling, as these two pass it on. */
	return (str_eq(service, "sqs") && str_eq(code, "KmsThrottled")) ||
	       (str_eq(service, "sns") && str_eq(code, "KMSThrottling"));
}

static bool is_transient(const char *service, const char *code)
{
	static const char *const codes[] = { "RequestTimeout",
					     "RequestTimeoutException" };

	if (is_one_of(code, codes, ARRAY_SIZE(codes)))
		return true;
	/* Two conditional writes to one key met: S3 asks for another try, with a 409. */
	if (str_eq(service, "s3") && str_eq(code, "ConditionalRequestConflict"))
		return true;
	/* STS could not reach the identity provider. */
	return str_eq(service, "sts") && str_eq(code, "IDPCommunicationError");
}

enum retry_kind retry_judge(const char *service, const struct fp_error *err)
{
	if (err->http_status == 0)
		return err->code == FP_ERR_NETWORK || err->code == FP_ERR_TIMEOUT
			       ? RETRY_TRANSIENT
			       : RETRY_NEVER;
	if (err->http_status == 429 || is_throttling(service, err->aws_code))
		return RETRY_THROTTLED;
	if (is_transient(service, err->aws_code))
		return RETRY_TRANSIENT;
	switch (err->http_status) {
	case 500:
	case 502:
	case 503:
	case 504:
		return RETRY_TRANSIENT;
	default:
		return RETRY_NEVER;
	}
}

bool retry_may_pass(const struct fp_error *err)
{
	return retry_judge(NULL, err) != RETRY_NEVER;
}

/* A uniform random part of min(base * 2^retries, MAX_WAIT_MS). */
static int64_t backoff_ms(int64_t base, unsigned retries)
{
	int64_t most = FP_MIN(base << FP_MIN(retries, 20U), (int64_t)MAX_WAIT_MS);
	uint32_t random;

	random_bytes(&random, sizeof(random));
	return (int64_t)((uint64_t)most * random >> 32);
}

/* What the server asks for: milliseconds in AWS's header; seconds, or a moment, in
 * HTTP's. */
static int64_t asked_ms(const struct http_response *res)
{
	const char *ms = res ? headers_get(&res->headers, "x-amz-retry-after") : NULL;
	const char *after = res ? headers_get(&res->headers, "Retry-After") : NULL;
	int64_t n;

	if (ms && str_to_i64(ms, 0, INT32_MAX, &n))
		return n;
	if (after && str_to_i64(after, 0, INT32_MAX, &n))
		return n * 1000;
	if (after && time_parse(after, &n))
		return FP_MAX(n - clock_now_ms(), 0);
	return 0;
}

bool retry_again(struct retry *r, const struct http_response *res,
		 const struct fp_error *err, int64_t *wait_ms)
{
	enum retry_kind kind = retry_judge(r->service, err);
	bool throttled = kind == RETRY_THROTTLED;
	unsigned most = r->max_attempts ? r->max_attempts : DEFAULT_ATTEMPTS;
	unsigned cost = throttled ? COST_THROTTLED : COST_TRANSIENT;
	int64_t own, asked;

	if (kind == RETRY_NEVER || r->attempt >= most || !bucket_take(r->bucket, cost))
		return false;
	r->cost = cost;
	own = backoff_ms(throttled ? BASE_THROTTLED_MS : BASE_TRANSIENT_MS,
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
