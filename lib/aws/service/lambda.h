/*
 * AWS Lambda. Configurations are returned as the answers' own objects, with the members
 * of the API Reference, 2015-03-31. What is returned by `out` is the caller's to free.
 * A function is named by its name or its ARN.
 */
#ifndef FP_AWS_LAMBDA_H
#define FP_AWS_LAMBDA_H

#include "aws/client.h"
#include "aws/waiter.h"

/* GetFunction: Configuration, Code (where it can be got for 10 minutes), Tags,
 * Concurrency. NULL when there is no such function. */
FP_MUST_CHECK int lambda_function(struct aws_client *c, const char *function, cJSON **out,
				  struct fp_error *err);
/* Its configuration only; `qualifier` (a version or alias) may be NULL. NULL when there
 * is no such function. */
FP_MUST_CHECK int lambda_configuration(struct aws_client *c, const char *function,
				       const char *qualifier, cJSON **out,
				       struct fp_error *err);

struct lambda_code {
	const char *function;
	const char *bucket, *key, *version; /* of the zip in S3; version may be NULL */
	const void *zip;		    /* or the zip itself, at most 50 MB */
	size_t zip_size;
	const char *architecture; /* "arm64"; NULL: as it is */
	const char *revision;	  /* only if it is still this RevisionId; or NULL */
	bool publish;		  /* as a version of its own */
	bool dry_run;		  /* check the right to do it only */
};
/* *out is the configuration; lambda_wait_updated() tells when it is in force. */
FP_MUST_CHECK int lambda_update_code(struct aws_client *c, const struct lambda_code *code,
				     cJSON **out, struct fp_error *err);
/* AccountLimit and AccountUsage. */
FP_MUST_CHECK int lambda_account(struct aws_client *c, cJSON **out, struct fp_error *err);

struct lambda_invocation {
	const char *function, *qualifier; /* qualifier may be NULL */
	const void *payload;		  /* a JSON document; n 0: none */
	size_t n;
	bool async;   /* as an event: accepted, not answered; 1 MB at most */
	bool dry_run; /* check the right to do it only */
};
struct lambda_result {
	int status;	    /* 200, 202 (async) or 204 (dry run) */
	struct buf payload; /* what the function answered, or its error */
	char *error;	    /* "Unhandled", "Handled"; NULL: it succeeded */
	char *version;	    /* that ran; or NULL */
	struct buf log;	    /* the last 4 KB of its log; empty for async */
};
void lambda_result_release(struct lambda_result *r);
/*
 * A function that fails is a success of the call: see r->error. Never repeated when it is
 * unknown whether it ran.
 */
FP_MUST_CHECK int lambda_invoke(struct aws_client *c, const struct lambda_invocation *i,
				struct lambda_result *r, struct fp_error *err);

/* Wait until the function is Active, or its last update Successful: *out is its
 * configuration. FP_ERR_AWS with Lambda's reason when that failed. */
FP_MUST_CHECK int lambda_wait_active(struct aws_client *c, const char *function,
				     const struct aws_patience *patience, cJSON **out,
				     struct fp_error *err);
FP_MUST_CHECK int lambda_wait_updated(struct aws_client *c, const char *function,
				      const struct aws_patience *patience, cJSON **out,
				      struct fp_error *err);

#endif
