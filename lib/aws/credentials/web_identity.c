/*
 * A role assumed by the token of an identity provider: pods of EKS, CI systems. The
 * environment's settings go before the profile's, one by one.
 */
#include "aws/credentials/role.h"
#include "base/fs.h"

#define MAX_TOKEN 65536

static const char *setting(const struct cred_context *c, const char *variable,
			   const char *key)
{
	const char *value = c->no_env ? NULL : cred_env(c->env, variable);

	return value ? value : cred_setting(c, key);
}

static int read_token(struct buf *out, const char *path, struct fp_error *err)
{
	if (fs_read(out, path, MAX_TOKEN, err) < 0)
		return -1;
	while (out->len > 0 && strchr(" \t\r\n", out->data[out->len - 1]))
		buf_truncate(out, out->len - 1);
	if (out->len == 0)
		return fp_fail(err, FP_ERR_CREDENTIALS, "the token file '%s' is empty",
			       path);
	return 0;
}

static enum cred_result get(struct aws_credentials *out, const struct cred_context *c,
			    struct fp_error *err)
{
	const char *path = setting(c, "AWS_WEB_IDENTITY_TOKEN_FILE",
				   "web_identity_token_file");
	struct sts_role role = {
		.role_arn = setting(c, "AWS_ROLE_ARN", "role_arn"),
		.session_name = setting(c, "AWS_ROLE_SESSION_NAME", "role_session_name"),
	};
	FP_AUTO(buf_wipe) struct buf token = BUF_INIT;

	if (!path || !*path)
		return cred_none(err,
				 c->no_env ? "profile '%s' has no web_identity_token_file"
					   : "AWS_WEB_IDENTITY_TOKEN_FILE is not set, "
					     "and profile '%s' has no "
					     "web_identity_token_file",
				 c->profile);
	if (!role.role_arn || !*role.role_arn)
		return cred_error(err,
				  "there is a token file '%s', but neither "
				  "AWS_ROLE_ARN nor role_arn says for which role",
				  path);
	buf_printf(c->found, "%s by the token file '%s'", role.role_arn, path);
	if (role_cached(out, c, &role)) {
		buf_puts(c->found, ", cached");
		return CRED_FOUND;
	}
	if (read_token(&token, path, err) < 0)
		return CRED_ERROR;
	role.web_identity_token = buf_str(&token);
	if (role_assume(out, c, &role, NULL, err) == 0)
		return CRED_FOUND;
	(void)fp_wrap(err, "the role %s", role.role_arn);
	return CRED_ERROR;
}

const struct cred_provider cred_web_identity = { "web identity", get };
