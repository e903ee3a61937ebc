/*
 * What a refusal tells to put right before the same request is sent again: our clock, our
 * credentials, the bucket's region. Each at most once a call, so that loops end.
 * Source: AWS SDKs and Tools Reference Guide (clock skew, credentials); Amazon S3 User
 * Guide, "Making requests using the REST API" (redirects).
 */
#ifndef FP_AWS_MEND_H
#define FP_AWS_MEND_H

#include "aws/address.h"
#include "aws/bucket_region.h"
#include "http/retry.h"

/* One call on its way. */
struct aws_send {
	const char *service;
	const char *what;	  /* "cloudformation CreateChangeSet", for messages */
	const char *bucket;	  /* S3 only; or NULL */
	bool repeatable;	  /* doing it twice does no harm */
	const char *payload_hash; /* as in struct sigv4_scope */
	const struct http_sink *sink;
	const struct http_progress *progress;
};

/* How it stands with it. */
struct aws_progress {
	struct aws_client *c;
	const struct aws_send *send;
	struct http_request *req;
	struct http_response *res;
	struct retry retry;
	char *path;		  /* of the request, without the endpoint's own */
	char region[REGION_SIZE]; /* that it is sent to */
	bool addressed;
	struct aws_place place;
	struct aws_credentials used; /* by the last signature */
	int64_t skew_ms;	     /* the same */
	int64_t start_ms;	     /* monotonic */
	bool clock_mended, credentials_mended, region_mended;
	bool sink_used; /* bytes were given away: no attempt may follow */
};

/* Address and sign p->req; asks for credentials where that is needed. */
FP_MUST_CHECK int aws_sign(struct aws_progress *p, struct fp_error *err);

/* What is left of the call's time; 0 when it has no limit, never less than 1. */
int64_t aws_time_left(const struct aws_progress *p);

/*
 * After an error answer (p->res, read into `err`): 1 when something was put right and the
 * request is to be sent again at once; 0 when there is nothing to mend; -1 when mending
 * failed, which `err` then tells in place of the refusal.
 */
FP_MUST_CHECK int aws_mend(struct aws_progress *p, struct fp_error *err);

#endif
