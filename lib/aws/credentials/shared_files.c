/* Static keys of a profile in the shared credentials and config files. */
#include "aws/credentials/providers.h"
#include "aws/profile.h"
#include "base/str.h"

/* What a profile may have instead of static keys; the message says how to go on. */
static const char *const other_ways[] = { "role_arn",	   "sso_session",
					  "sso_start_url", "credential_process",
					  "login_session", "web_identity_token_file" };

static enum cred_result from_text(struct aws_credentials *out, const struct buf *text,
				  enum profile_file file, const char *profile,
				  struct fp_error *err)
{
	FP_AUTO(freep)
	char *id = profile_value(buf_str(text), text->len, file, profile,
				 "aws_access_key_id");
	FP_AUTO(freep)
	char *secret = profile_value(buf_str(text), text->len, file, profile,
				     "aws_secret_access_key");
	FP_AUTO(freep)
	char *token = profile_value(buf_str(text), text->len, file, profile,
				    "aws_session_token");

	if (!id && !secret)
		return CRED_NONE;
	if (!id || !secret) {
		(void)fp_fail(err, FP_ERR_CREDENTIALS, "profile '%s' has no %s", profile,
			      id ? "aws_secret_access_key" : "aws_access_key_id");
		return CRED_ERROR;
	}
	cred_set(out, id, secret, token);
	mem_wipe(secret, strlen(secret));
	return CRED_FOUND;
}

/* The profile has no keys: why, as precisely as the files tell. */
static enum cred_result explain(const struct buf *config, bool exists,
				const struct aws_env *env, struct fp_error *err)
{
	const char *profile = profile_name(env);

	for (size_t i = 0; i < ARRAY_SIZE(other_ways); i++) {
		FP_AUTO(freep)
		char *value = profile_value(buf_str(config), config->len, PROFILE_CONFIG,
					    profile, other_ways[i]);

		if (!value)
			continue;
		(void)fp_fail(
			err, FP_ERR_CREDENTIALS,
			"profile '%s' uses %s, which fpctl does not read; export its "
			"keys with 'aws configure export-credentials --format env'",
			profile, other_ways[i]);
		return CRED_ERROR;
	}
	if (exists || str_eq(profile, "default")) {
		(void)fp_fail(err, FP_ERR_CREDENTIALS,
			      "profile '%s' has no aws_access_key_id", profile);
		return CRED_NONE;
	}
	(void)fp_fail(
		err, FP_ERR_CREDENTIALS,
		"there is no profile '%s' in the shared config and credentials files",
		profile);
	return CRED_ERROR;
}

static enum cred_result get(struct aws_credentials *out, const struct aws_env *env,
			    struct fp_error *err)
{
	static const enum profile_file order[] = { PROFILE_CREDENTIALS, PROFILE_CONFIG };
	FP_AUTO(buf_release) struct buf text = BUF_INIT;
	const char *profile = profile_name(env);
	enum cred_result result = CRED_NONE;
	bool exists = false;

	for (size_t i = 0; i < ARRAY_SIZE(order) && result == CRED_NONE; i++) {
		buf_clear(&text);
		if (profile_read(&text, env, order[i], err) < 0)
			return CRED_ERROR;
		exists = exists ||
			 profile_exists(buf_str(&text), text.len, order[i], profile);
		result = from_text(out, &text, order[i], profile, err);
	}
	return result == CRED_NONE ? explain(&text, exists, env, err) : result;
}

const struct cred_provider cred_shared_files = { "shared files", get };
