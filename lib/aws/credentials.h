/*
 * Where the credentials come from: providers asked in the SDKs' order.
 * Source: AWS SDKs and Tools Reference Guide, "Standardized credential
 * providers".
 */
#ifndef FP_AWS_CREDENTIALS_H
#define FP_AWS_CREDENTIALS_H

#include "aws/env.h"
#include "wire/sigv4.h"

enum cred_result { CRED_FOUND, CRED_NONE, CRED_ERROR };

struct cred_provider {
	const char *name; /* "environment" */
	/* CRED_NONE: not configured here, ask the next one; `err` says why not. */
	enum cred_result (*get)(struct aws_credentials *out, const struct aws_env *env,
				struct fp_error *err);
};

extern const struct cred_provider *const cred_chain[]; /* ends with NULL */

/*
 * The first provider's that has any. `*name` is its name. FP_ERR_CREDENTIALS
 * when none has, with what was tried and what to do.
 */
FP_MUST_CHECK int cred_resolve(struct aws_credentials *out, const char **name,
			       const struct aws_env *env, struct fp_error *err);

/* A value of the shared config file's profile ("region"), or NULL; caller frees. */
char *aws_profile_get(const struct aws_env *env, const char *key);

#endif
