/* Static keys of a profile in the shared credentials file, or in the config file. */
#include "aws/credentials/providers.h"

static enum cred_result from_view(struct aws_credentials *out,
				  const struct cred_context *c, enum profiles_view view,
				  const char *file, struct fp_error *err)
{
	const char *id = profiles_get(c->profiles, view, SECTION_PROFILE, c->profile,
				      "aws_access_key_id");
	const char *secret = profiles_get(c->profiles, view, SECTION_PROFILE, c->profile,
					  "aws_secret_access_key");
	/* The AWS CLI takes the old name first. */
	const char *token = profiles_get(c->profiles, view, SECTION_PROFILE, c->profile,
					 "aws_security_token");

	if (!token)
		token = profiles_get(c->profiles, view, SECTION_PROFILE, c->profile,
				     "aws_session_token");
	if (!profiles_has(c->profiles, view, SECTION_PROFILE, c->profile))
		return cred_none(err, "there is no profile '%s' in it", c->profile);
	if (!id)
		return cred_none(err, "profile '%s' has no aws_access_key_id",
				 c->profile);
	if (!secret)
		return cred_error(err,
				  "profile '%s' of the %s has aws_access_key_id but no "
				  "aws_secret_access_key",
				  c->profile, file);
	/* Signing with nothing gives a riddle of an answer. */
	if (!*id || !*secret)
		return cred_error(err, "profile '%s' of the %s has an empty %s",
				  c->profile, file,
				  *id ? "aws_secret_access_key" : "aws_access_key_id");
	aws_credentials_set(out, id, secret, token && *token ? token : NULL);
	buf_printf(c->found, "profile '%s'", c->profile);
	return CRED_FOUND;
}

static enum cred_result from_credentials(struct aws_credentials *out,
					 const struct cred_context *c,
					 struct fp_error *err)
{
	return from_view(out, c, PROFILES_CREDENTIALS, "credentials file", err);
}

static enum cred_result from_config(struct aws_credentials *out,
				    const struct cred_context *c, struct fp_error *err)
{
	return from_view(out, c, PROFILES_CONFIG, "config file", err);
}

const struct cred_provider cred_credentials_file = { "credentials file",
						     from_credentials };
const struct cred_provider cred_config_file = { "config file", from_config };
