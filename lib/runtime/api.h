/*
 * The Runtime API's four requests, without the loop around them.
 * Source: AWS Lambda Developer Guide, "Using the Lambda runtime API".
 */
#ifndef FP_RUNTIME_API_H
#define FP_RUNTIME_API_H

#include "http/client.h"
#include "runtime/runtime.h"

struct runtime_api {
	struct http_client *http;
	const char *host;	  /* "127.0.0.1:9001"; borrowed from the environment */
	struct http_request next; /* made once: it never changes */
};

/* FP_ERR_INPUT when AWS_LAMBDA_RUNTIME_API is not set. */
FP_MUST_CHECK int api_open(struct runtime_api *api, struct fp_error *err);
void api_close(struct runtime_api *api);

/*
 * Wait for an invocation, however long; `inv` points into `res`, which the
 * caller releases. Fails with err->http_status 0 when no answer came.
 */
FP_MUST_CHECK int api_next(struct runtime_api *api, struct http_response *res,
			   struct invocation *inv, struct fp_error *err);
/* Send the answer of the handler. FP_ERR_LIMIT when it is too large for Lambda. */
FP_MUST_CHECK int api_respond(struct runtime_api *api, const char *request_id,
			      const struct buf *answer, struct fp_error *err);
/* Report why an invocation failed or, when `request_id` is NULL, the start. */
FP_MUST_CHECK int api_fail(struct runtime_api *api, const char *request_id,
			   const char *type, const char *message, struct fp_error *err);

#endif
