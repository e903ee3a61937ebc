/* Credentials from AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY. */
#include "aws/credentials/providers.h"

#include "base/clock.h"
#include "base/str.h"

static enum cred_result get(struct aws_credentials *out, const struct aws_env *env,
			    struct fp_error *err)
{
	const char *id = cred_env(env, "AWS_ACCESS_KEY_ID");
	const char *secret = cred_env(env, "AWS_SECRET_ACCESS_KEY");
	const char *token = cred_env(env, "AWS_SESSION_TOKEN");
	const char *expires = cred_env(env, "AWS_CREDENTIAL_EXPIRATION");

	/* As the SDKs: whoever names a profile on the command line means it. */
	if (env->profile) {
		(void)fp_fail(err, FP_ERR_CREDENTIALS,
			      "passed over, for --profile is given");
		return CRED_NONE;
	}
	if (!id && !secret) {
		(void)fp_fail(err, FP_ERR_CREDENTIALS, "AWS_ACCESS_KEY_ID is not set");
		return CRED_NONE;
	}
	if (!id || !secret) {
		(void)fp_fail(err, FP_ERR_CREDENTIALS, "%s is set, but %s is not",
			      id ? "AWS_ACCESS_KEY_ID" : "AWS_SECRET_ACCESS_KEY",
			      id ? "AWS_SECRET_ACCESS_KEY" : "AWS_ACCESS_KEY_ID");
		return CRED_ERROR;
	}
	cred_set(out, id, secret, str_or(token, cred_env(env, "AWS_SECURITY_TOKEN")));
	if (expires && !time_parse(expires, &out->expires_ms))
		out->expires_ms = 0;
	return CRED_FOUND;
}

const struct cred_provider cred_environment = { "environment", get };
