/*
 * Where the credentials come from: providers asked in the AWS CLI's order, and what
 * each one said.
 * Source: AWS SDKs and Tools Reference Guide, "Standardized credential providers";
 * botocore's resolver where the guide is silent.
 */
#ifndef FP_AWS_CREDENTIALS_H
#define FP_AWS_CREDENTIALS_H

#include "aws/env.h"
#include "base/error.h"
#include "wire/sigv4.h"

enum cred_result { CRED_FOUND, CRED_NONE, CRED_ERROR };

/* One provider that was asked, in order. Never holds a secret. */
struct cred_step {
	const char *provider; /* "environment": a constant */
	enum cred_result result;
	char *why; /* what was found, or why not */
};
struct cred_report {
	struct cred_step *v;
	size_t n, cap;
};
void cred_report_release(struct cred_report *r);
/* Append; `why` is copied. */
void cred_report_add(struct cred_report *r, const char *provider, enum cred_result result,
		     const char *why);

struct cred_question {
	const struct aws_env *env;
	/* Whose STS is asked to assume a role; NULL: the environment's, the profile's. */
	const char *region;
	int64_t timeout_ms; /* of each call to STS, SSO or sign-in; 0: none */
	/* Not the first time: credentials that are cached on disk but equal `stale` do
	 * not count, and nobody is asked for a one-time code again. */
	bool again;
	const struct aws_credentials *stale; /* or NULL */
};

/*
 * The credentials of the first provider that has any. `*name` is its name, a constant.
 * FP_ERR_CREDENTIALS when none has, with what to do; what STS, SSO or the network said
 * keeps its own code; FP_ERR_INPUT for shared files with a broken line or without the
 * profile that was named; FP_ERR_INTERRUPTED after Ctrl-C. `report` may be NULL;
 * otherwise it is appended to, also after a failure.
 */
FP_MUST_CHECK int cred_resolve(struct aws_credentials *out, const char **name,
			       const struct cred_question *q, struct cred_report *report,
			       struct fp_error *err);

#endif
