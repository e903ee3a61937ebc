/* Credentials from AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY. */
#include "aws/credentials/providers.h"

#include "base/clock.h"
#include "base/str.h"

static enum cred_result get(struct aws_credentials *out, const struct cred_context *c,
			    struct fp_error *err)
{
	const char *id = cred_env(c->env, "AWS_ACCESS_KEY_ID");
	const char *secret = cred_env(c->env, "AWS_SECRET_ACCESS_KEY");
	/* The AWS CLI takes the old name first. */
	const char *token = str_or(cred_env(c->env, "AWS_SECURITY_TOKEN"),
				   cred_env(c->env, "AWS_SESSION_TOKEN"));
	const char *expires = cred_env(c->env, "AWS_CREDENTIAL_EXPIRATION");
	int64_t expires_ms = 0;

	/* As the AWS CLI: whoever names a profile on the command line means it. */
	if (c->no_env)
		return cred_none(err, "passed over, for --profile is given");
	if (!id)
		return cred_none(err, "AWS_ACCESS_KEY_ID is not set");
	if (!secret)
		return cred_error(err, "AWS_ACCESS_KEY_ID is set, but "
				       "AWS_SECRET_ACCESS_KEY is not");
	if (expires && !time_parse(expires, &expires_ms))
		return cred_error(err,
				  "AWS_CREDENTIAL_EXPIRATION is '%s', which is no "
				  "time like 2026-01-02T03:04:05Z",
				  expires);
	aws_credentials_set(out, id, secret, token);
	out->expires_ms = expires_ms;
	buf_puts(c->found, "AWS_ACCESS_KEY_ID");
	return CRED_FOUND;
}

const struct cred_provider cred_environment = { "environment", get };
