/*
 * A call to an AWS service: endpoint, signature, retries, errors. The services
 * themselves are in service/, a file each.
 */
#ifndef FP_AWS_CLIENT_H
#define FP_AWS_CLIENT_H

#include <cjson/cJSON.h>

#include "aws/credentials.h"
#include "http/client.h"
#include "wire/sigv4.h"

struct aws_options {
	const char *region;	 /* NULL: AWS_REGION, AWS_DEFAULT_REGION, the profile */
	const char *region_from; /* for messages; NULL: "--region" */
	const char *profile;	 /* NULL: AWS_PROFILE or "default" */
	/* For all services; NULL: the environment's, then the profile's, then AWS's. */
	const char *endpoint_url;
	const char *endpoint_from; /* for messages; NULL: "--endpoint-url" */
	const struct aws_credentials *credentials; /* NULL: the chain */
	bool anonymous; /* sign nothing: AssumeRoleWithWebIdentity, SSO */
	const struct aws_env
		*env; /* borrowed while the client lives; NULL: this process's */
	int64_t total_timeout_ms; /* of one call; 0: none */
};

/* Safe to share between threads. */
struct aws_client;
FP_MUST_CHECK int aws_client_new(struct aws_client **out, const struct aws_options *o,
				 struct fp_error *err);
void aws_client_freep(struct aws_client **c);
const char *aws_client_region(const struct aws_client *c);
const struct aws_settings *aws_client_settings(const struct aws_client *c);
/*
 * Credentials to sign with, copied. Asked for at the first call, and anew before they
 * expire: within 15 minutes of it one thread does while the others go on with the old
 * ones, and a failure is only logged; within 10 all wait, and a failure is theirs. (Half
 * and a quarter of the life that they were got with, when that is shorter.)
 */
FP_MUST_CHECK int aws_client_credentials(struct aws_client *c,
					 struct aws_credentials *out,
					 struct fp_error *err);
/*
 * The service says that `stale` expired: whoever asks next waits for fresh ones, unless
 * another thread got them meanwhile. False when the caller's own can only stay as they
 * are: then trying again is no use.
 */
bool aws_client_refresh(struct aws_client *c, const struct aws_credentials *stale);
/*
 * How the providers fared, for `fpctl doctor`: asks them when nobody did yet. `out` is
 * appended to, also when it returns -1 because no provider has any.
 */
FP_MUST_CHECK int aws_client_credential_report(struct aws_client *c,
					       struct cred_report *out,
					       struct fp_error *err);
/* How many requests were sent: for the summary and the tests. */
int64_t aws_client_requests(const struct aws_client *c);
/* Sleep; false at once when the process was interrupted (http_interrupted). */
bool aws_pause(int64_t ms);
/* For tests: from now on pauses take no time (false: they do again). */
void aws_hurry(bool on);

/*
 * "https://sts.eu-west-1.amazonaws.com", or what is configured instead, as
 * endpoint_resolve has it; with a bucket (S3 only, else NULL) its address. Owned by the
 * caller; NULL after a failure.
 */
char *aws_endpoint(const struct aws_client *c, const char *service, const char *bucket,
		   struct fp_error *err);

/*
 * One way to call each kind of service; service/ wraps them, an operation a function:
 *   aws_call       Query and JSON (CloudFormation, SNS, SSM ...)
 *   aws_call_rest  REST-JSON (Lambda, SSO)
 *   aws_call_raw   REST-JSON where headers count or the answer is no JSON (Invoke)
 *   aws_rest       S3: bodies of any size, buckets as a part of the host
 */
struct aws_api {
	const char *service; /* endpoint and signing name: "cloudformation" */
	const char *version; /* Query: "2010-05-15"; JSON: the X-Amz-Target prefix */
	enum { AWS_QUERY, AWS_JSON_1_0, AWS_JSON_1_1, AWS_REST_JSON } protocol;
	bool at_least_once; /* doing a call twice is better than not at all (SNS) */
	/*
	 * Operations that change something and may yet be done twice, ended by NULL, or
	 * NULL. What only reads (Describe, Get, List ...), REST's GET, HEAD, PUT and
	 * DELETE, and what carries an idempotency token is known to be so.
	 */
	const char *const *repeatable;
};

/*
 * Call an operation of a Query or JSON service. `in` may be NULL; `*out` is owned
 * by the caller and may be NULL when nobody wants it. Mutating calls are retried
 * only when they carry an idempotency token or were not received. An error
 * answer is FP_ERR_AWS with aws_code, request id and the service's message.
 */
FP_MUST_CHECK int aws_call(struct aws_client *c, const struct aws_api *api,
			   const char *action, const cJSON *in, cJSON **out,
			   struct fp_error *err);

/*
 * Call an operation of a REST-JSON service (Lambda, SSO): `req` has method, path, query
 * and headers, and a body unless `in` is given. Otherwise as aws_call; an empty answer
 * is an empty object.
 */
FP_MUST_CHECK int aws_call_rest(struct aws_client *c, const struct aws_api *api,
				const char *action, struct http_request *req,
				const cJSON *in, cJSON **out, struct fp_error *err);

/* As aws_call_rest, but the answer is handed on as it came; `res` is the caller's. */
FP_MUST_CHECK int aws_call_raw(struct aws_client *c, const struct aws_api *api,
			       const char *action, struct http_request *req,
			       struct http_response *res, struct fp_error *err);

/* A call to S3, besides the request itself. */
struct aws_rest {
	const char *service;   /* "s3" */
	const char *operation; /* "PutObject": named in errors */
	const char *bucket;    /* S3 only, else NULL: virtual-hosted or path style */
	bool once;	       /* twice may do harm: again only if it was not received */
	const struct http_sink *sink;	      /* as in http_send; or NULL */
	const struct http_progress *progress; /* the same */
};

/*
 * Call S3: `req` has method, path, query, headers and body; scheme
 * and host are filled in. Any 2xx is a success, except that S3 may answer 200 with an
 * error document; 404 and the like are FP_ERR_AWS. An answer in memory is at most
 * 16 MiB unless req->answer_max says otherwise (FP_ERR_LIMIT). A bucket that lies in
 * another region is found there. Once the sink was given bytes there is no further
 * attempt.
 */
FP_MUST_CHECK int aws_rest(struct aws_client *c, const struct aws_rest *how,
			   struct http_request *req, struct http_response *res,
			   struct fp_error *err);

#endif
