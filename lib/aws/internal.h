/*
 * What client.c, send.c and call.c share.
 */
#ifndef FP_AWS_INTERNAL_H
#define FP_AWS_INTERNAL_H

#include <pthread.h>
#include <stdatomic.h>

#include "aws/bucket_region.h"
#include "aws/client.h"
#include "aws/settings.h"
#include "http/retry.h"

/* client_credentials.c: the credentials, and when to ask for others. */
struct cred_keeper {
	pthread_mutex_t lock;	 /* guards what follows */
	pthread_cond_t answered; /* with each round */
	struct aws_credentials credentials;
	const char *provider; /* NULL: not found yet */
	struct cred_report report;
	bool given;  /* the caller's own: never refreshed */
	bool stale;  /* the service refused them as expired */
	bool asking; /* a thread asks the chain */
	bool failed; /* the last round, and why */
	struct fp_error failure;
	uint64_t rounds;
	int64_t advisory_ms, mandatory_ms; /* of life left: see client.h */
	int64_t not_before_ms; /* monotonic: when to try an advisory refresh again */
};
void keeper_init(struct cred_keeper *k, const struct aws_credentials *given);
void keeper_release(struct cred_keeper *k);

struct aws_client {
	struct http_client *http;
	struct retry_bucket *bucket;
	struct aws_env env;
	char *profile; /* or NULL */
	struct aws_settings settings;
	const char *region; /* the settings' */
	bool anonymous;
	unsigned max_attempts;
	int64_t total_timeout_ms;
	atomic_int_fast64_t requests;
	atomic_int_fast64_t skew_ms; /* the service's clock less ours */
	struct bucket_regions *regions;

	struct cred_keeper keeper;
};

struct aws_send; /* mend.h */
/*
 * Address, sign and send a request, again where that helps; 2xx or an error. `req` has
 * its path as the service knows it.
 */
FP_MUST_CHECK int aws_transmit(struct aws_client *c, const struct aws_send *send,
			       struct http_request *req, struct http_response *res,
			       struct fp_error *err);

#endif
