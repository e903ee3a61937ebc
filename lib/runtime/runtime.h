/*
 * The Lambda Runtime API's client, and the handler that a custom processor
 * implements.
 * Source: AWS Lambda Developer Guide, "Using the Lambda runtime API"; what is
 * done where it leaves a choice stands in docs/processor.md.
 */
#ifndef FP_RUNTIME_H
#define FP_RUNTIME_H

#include "base/buf.h"
#include "base/error.h"

/* One invocation, valid until the handler returns. */
struct invocation {
	const char *request_id;
	const char *function_arn;
	const char *trace_id; /* "" when not traced */
	int64_t deadline_ms;  /* since the epoch, by the wall clock */
	const char *event;    /* NUL-terminated JSON */
	size_t event_len;
};

/*
 * Handle one event: append the JSON answer to `out`. On -1 the invocation is
 * reported as failed with err->message, of type err->aws_code or
 * "Function.HandlerError".
 */
typedef int (*runtime_handler)(void *ctx, const struct invocation *inv, struct buf *out,
			       struct fp_error *err);

/*
 * Ask AWS_LAMBDA_RUNTIME_API for invocations and handle them one at a time,
 * until the API goes away. Returns -1 when it cannot go on.
 */
int runtime_run(runtime_handler handler, void *ctx, struct fp_error *err);

/* Report that the function cannot start, before the first invocation. */
void runtime_init_failed(const char *type, const struct fp_error *why);

#endif
