/*
 * Credentials of a role, by a login at AWS IAM Identity Center (`aws sso login`).
 * Source: AWS SDKs and Tools Reference Guide, "IAM Identity Center credential provider".
 */
#include "aws/service/sso.h"
#include "aws/credentials/providers.h"
#include "aws/credentials/sso_token.h"
#include "base/json.h"
#include "base/str.h"

static const char *of_session(const struct cred_context *c, const char *session,
			      const char *key)
{
	return profiles_get(c->profiles, PROFILES_MERGED, SECTION_SSO_SESSION, session,
			    key);
}

/* What stands in both places must be the same in both. */
static int check_session(const struct cred_context *c, const char *session,
			 struct fp_error *err)
{
	static const char *const keys[] = { "sso_start_url", "sso_region",
					    "sso_account_id", "sso_role_name",
					    "sso_registration_scopes" };

	if (!profiles_has(c->profiles, PROFILES_MERGED, SECTION_SSO_SESSION, session))
		return fp_fail(err, FP_ERR_CREDENTIALS,
			       "profile '%s' names the sso-session '%s', which is not in "
			       "the config file",
			       c->profile, session);
	for (size_t i = 0; i < ARRAY_SIZE(keys); i++) {
		const char *ours = cred_setting(c, keys[i]);
		const char *theirs = of_session(c, session, keys[i]);

		if (ours && theirs && !str_eq(ours, theirs))
			return fp_fail(err, FP_ERR_CREDENTIALS,
				       "%s is '%s' in profile '%s', but '%s' in its "
				       "sso-session '%s'",
				       keys[i], ours, c->profile, theirs, session);
	}
	return 0;
}

static void add_missing(struct buf *missing, const char *value, const char *key)
{
	if (!value || !*value)
		buf_printf(missing, "%s%s", missing->len ? ", " : "", key);
}

static int read_config(struct sso_config *out, const struct cred_context *c,
		       struct fp_error *err)
{
	FP_AUTO(buf_release) struct buf missing = BUF_INIT;
	const char *session = cred_setting(c, "sso_session");

	*out = (struct sso_config){
		.session = session,
		.start_url = cred_setting(c, "sso_start_url"),
		.region = cred_setting(c, "sso_region"),
		.account = cred_setting(c, "sso_account_id"),
		.role = cred_setting(c, "sso_role_name"),
	};
	if (session) {
		if (check_session(c, session, err) < 0)
			return -1;
		/* The login is of the session: its place does not come from a profile. */
		out->start_url = of_session(c, session, "sso_start_url");
		out->region = of_session(c, session, "sso_region");
		if (!out->account)
			out->account = of_session(c, session, "sso_account_id");
		if (!out->role)
			out->role = of_session(c, session, "sso_role_name");
	}
	add_missing(&missing, out->start_url, "sso_start_url");
	add_missing(&missing, out->region, "sso_region");
	add_missing(&missing, out->account, "sso_account_id");
	add_missing(&missing, out->role, "sso_role_name");
	if (missing.len)
		return fp_fail(err, FP_ERR_CREDENTIALS,
			       "profile '%s' uses SSO, but has no %s", c->profile,
			       buf_str(&missing));
	return 0;
}

static char *cache_name(const struct sso_config *sso)
{
	struct cred_arg args[] = {
		{ .name = "accountId", .value = sso->account },
		{ .name = "roleName", .value = sso->role },
		{ .name = sso->session ? "sessionName" : "startUrl",
		  .value = sso->session ? sso->session : sso->start_url },
	};

	return cred_cache_name(args, ARRAY_SIZE(args), true);
}

static int ask(struct aws_credentials *out, const struct cred_context *c,
	       const struct sso_config *sso, struct fp_error *err)
{
	FP_AUTO(aws_client_freep) struct aws_client *client = NULL;
	FP_AUTO(str_wipe) char *token = NULL;
	FP_AUTO(freep) char *how = sso_how_to_log_in(c, sso);

	if (sso_access_token(&token, c, sso, err) < 0 ||
	    sso_client(&client, c, sso, err) < 0)
		return -1;
	if (sso_role_credentials(out, client, sso->account, sso->role, token, err) == 0)
		return 0;
	if (err->http_status == 401)
		return fp_fail(err, FP_ERR_CREDENTIALS,
			       "the SSO login is no longer good (%s): %s", err->message,
			       how);
	if (err->http_status == 403 || err->http_status == 404)
		return fp_wrap(err,
			       "the SSO login may not take role '%s' of account %s "
			       "(see sso_role_name and sso_account_id)",
			       sso->role, sso->account);
	return -1;
}

static enum cred_result get(struct aws_credentials *out, const struct cred_context *c,
			    struct fp_error *err)
{
	FP_AUTO(freep) char *name = NULL;
	FP_AUTO(json_wipe_freep) cJSON *more = NULL;
	struct sso_config sso;

	if (!cred_setting(c, "sso_account_id") && !cred_setting(c, "sso_role_name"))
		return cred_none(err,
				 "profile '%s' has no sso_account_id and sso_role_name",
				 c->profile);
	if (read_config(&sso, c, err) < 0)
		return CRED_ERROR;
	buf_printf(c->found, "role '%s' of account %s, by %s '%s'", sso.role, sso.account,
		   sso.session ? "sso-session" : "start url",
		   sso.session ? sso.session : sso.start_url);
	name = cache_name(&sso);
	if (cred_cache_read(out, c, name))
		return CRED_FOUND;
	if (ask(out, c, &sso, err) < 0)
		return CRED_ERROR;
	more = cJSON_CreateObject();
	json_set_str(more, "ProviderType", "sso");
	cred_cache_write(c, name, out, sso.account, more);
	return CRED_FOUND;
}

const struct cred_provider cred_sso = { "sso", get };
