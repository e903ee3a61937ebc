/*
 * What client.c, send.c and call.c share.
 */
#ifndef FP_AWS_INTERNAL_H
#define FP_AWS_INTERNAL_H

#include <pthread.h>
#include <stdatomic.h>

#include "aws/client.h"
#include "http/retry.h"

struct aws_client {
	struct http_client *http;
	struct retry_bucket *bucket;
	struct aws_env env;
	char *profile, *region, *endpoint_url,
		*configured_url; /* the last three: or NULL */
	bool anonymous;
	unsigned max_attempts;
	int64_t total_timeout_ms;
	atomic_int_fast64_t requests;
	atomic_int_fast64_t skew_ms; /* the service's clock less ours */

	pthread_mutex_t lock; /* guards what follows */
	struct aws_credentials credentials;
	const char *provider; /* NULL: not asked yet */
	bool given;	      /* the caller's own: never refreshed */
};

/* One call on its way. */
struct aws_send {
	const char *service;
	const char *what;	  /* "cloudformation CreateChangeSet", for messages */
	bool repeatable;	  /* doing it twice does no harm */
	const char *payload_hash; /* as in struct sigv4_scope */
	const struct http_sink *sink;
	const struct http_progress *progress;
};

/*
 * Point `req` at the endpoint: scheme, host, and the path behind what the
 * endpoint's own path is. `bucket` as in aws_send.
 */
FP_MUST_CHECK int aws_address(struct aws_client *c, const char *service,
			      const char *bucket, struct http_request *req,
			      struct fp_error *err);
/* Sign and send an addressed request, again where that helps; 2xx or an error. */
FP_MUST_CHECK int aws_transmit(struct aws_client *c, const struct aws_send *send,
			       struct http_request *req, struct http_response *res,
			       struct fp_error *err);

#endif
