/*
 * Waiting until something is done: looked at again and again, with the SDKs' growing
 * and jittered delays.
 * Source: Smithy 2.0, "Waiters" (delays between retries).
 */
#ifndef FP_AWS_WAITER_H
#define FP_AWS_WAITER_H

#include <cjson/cJSON.h>

#include "base/base.h"
#include "base/error.h"

/* What a caller may ask of any waiter; a field that is 0 is as the waiter has it. */
struct aws_patience {
	int64_t min_ms, max_ms; /* between two looks: the first, the longest */
	int64_t timeout_ms;
	/* After each look that did not end it; false stops (FP_ERR_INTERRUPTED). */
	bool (*progress)(void *ctx, const char *status, int64_t waited_ms);
	void *ctx;
};

struct aws_waiter {
	const char *what; /* "stack 'x'", for messages */
	/* Look once: what there is now, which may be NULL and is the waiter's. */
	int (*look)(void *ctx, cJSON **found, struct fp_error *err);
	void *ctx;
	bool (*done)(const cJSON *found);
	const char *status; /* its member that says the state, in AWS's words */
	int64_t min_ms, max_ms, timeout_ms;
};

/*
 * `patience` may be NULL. *out is what was found in the end, owned by the caller. A look
 * that fails by what passes (retry_may_pass: throttling, a lost network) is repeated,
 * any other failure is the waiter's. FP_ERR_TIMEOUT names the last status;
 * FP_ERR_INTERRUPTED after Ctrl-C.
 */
FP_MUST_CHECK int aws_wait(const struct aws_waiter *w,
			   const struct aws_patience *patience, cJSON **out,
			   struct fp_error *err);

#endif
