/*
 * Credentials of `aws login`: 15 minutes long, renewed by the sign-in service for as
 * long as the login lasts.
 * Source: AWS SDKs and Tools Reference Guide, "Login provider"; botocore where the guide
 * is silent.
 */
#include "aws/credentials/dpop.h"
#include "aws/credentials/providers.h"
#include "aws/credentials/token_file.h"
#include "aws/service/signin.h"
#include "base/clock.h"
#include "base/json.h"
#include "base/log.h"
#include "base/str.h"

#define CACHE_FOLDER	  "~/.aws/login/cache"
#define REFRESH_BEFORE_MS 300000LL

static int how_to_log_in(const struct cred_context *c, const char *why,
			 struct fp_error *err)
{
	return fp_fail(err, FP_ERR_CREDENTIALS, "%s: run 'aws login --profile %s'", why,
		       c->profile);
}

/* What the file says now; its time of expiry may be over. */
static int take(struct aws_credentials *out, const cJSON *token)
{
	const cJSON *access = json_get(token, "accessToken");
	const char *id = json_str(access, "accessKeyId", NULL);
	const char *secret = json_str(access, "secretAccessKey", NULL);
	const char *session = json_str(access, "sessionToken", NULL);
	int64_t expires_ms;

	if (!id || !secret || !session ||
	    !time_parse(json_str(access, "expiresAt", NULL), &expires_ms))
		return -1;
	aws_credentials_set(out, id, secret, session);
	out->expires_ms = expires_ms;
	return 0;
}

static int load(cJSON **token, struct aws_credentials *out, const char *path,
		struct fp_error *err)
{
	static const char *const needed[] = { "refreshToken", "dpopKey", "clientId" };

	if (token_file_read(token, path, err) < 0)
		return -1;
	for (size_t i = 0; i < ARRAY_SIZE(needed); i++)
		if (!json_str(*token, needed[i], NULL))
			return fp_fail(err, FP_ERR_INPUT, "'%s' has no %s", path,
				       needed[i]);
	return take(out, *token) < 0
		       ? fp_fail(err, FP_ERR_INPUT,
				 "the accessToken in '%s' is not complete", path)
		       : 0;
}

static bool lives(const struct aws_credentials *creds, int64_t ms)
{
	return creds->expires_ms - clock_now_ms() > ms;
}

static bool is_stale(const struct aws_credentials *creds, const struct cred_context *c)
{
	return c->stale && str_eq(creds->session_token, c->stale->session_token);
}

static void keep(cJSON *token, const char *path, const struct aws_credentials *creds,
		 const char *refresh_token)
{
	cJSON *access = json_get(token, "accessToken");

	token_file_set(access, "accessKeyId", creds->access_key_id);
	token_file_set(access, "secretAccessKey", creds->secret_access_key);
	token_file_set(access, "sessionToken", creds->session_token);
	token_file_set_time(access, "expiresAt", creds->expires_ms);
	token_file_set(token, "refreshToken", refresh_token);
	token_file_write(path, token);
}

static int refresh(struct aws_credentials *out, cJSON *token, const char *path,
		   const struct cred_context *c, struct fp_error *err)
{
	struct aws_options o = cred_client_options(c);
	FP_AUTO(aws_client_freep) struct aws_client *client = NULL;
	FP_AUTO(freep) char *url = NULL;
	FP_AUTO(str_wipe) char *proof = NULL;
	FP_AUTO(str_wipe) char *next = NULL;

	o.anonymous = true;
	if (aws_client_new(&client, &o, err) < 0 ||
	    signin_token_url(&url, client, err) < 0)
		return -1;
	if (dpop_proof(&proof, json_str(token, "dpopKey", ""), url, clock_now_ms(), err) <
	    0)
		return fp_wrap(err, "dpopKey of '%s'", path);
	if (signin_create_token(out, &next, client, json_str(token, "clientId", ""),
				json_str(token, "refreshToken", ""), proof, err) < 0)
		return -1;
	keep(token, path, out, next);
	return 0;
}

static int explain(const struct cred_context *c, const struct fp_error *why,
		   struct fp_error *err)
{
	FP_AUTO(freep) char *text = NULL;

	if (str_eq(why->aws_code, "INSUFFICIENT_PERMISSIONS"))
		return fp_fail(err, FP_ERR_CREDENTIALS,
			       "the login of profile '%s' may not be renewed: its "
			       "policies have to allow signin:CreateOAuth2Token (%s)",
			       c->profile, why->message);
	if (why->code == FP_ERR_INPUT) {
		text = xasprintf("the login cannot be renewed (%s)", why->message);
		return how_to_log_in(c, text, err);
	}
	/* 429 and 5xx are no judgement of the login. */
	if (why->http_status >= 400 && why->http_status < 429) {
		text = xasprintf("the login has ended (%s)", why->message);
		return how_to_log_in(c, text, err);
	}
	*err = *why;
	return fp_wrap(err, "the login has to be renewed and cannot be");
}

static int renew(struct aws_credentials *out, cJSON *token, const char *path,
		 const struct cred_context *c, struct fp_error *err)
{
	FP_AUTO(json_wipe_freep) cJSON *again = NULL;
	struct aws_credentials now = { 0 };
	struct fp_error why = { 0 };

	if (refresh(out, token, path, c, &why) == 0)
		return 0;
	log_msg(LOG_DEBUG, "the login is not renewed: %s", why.message);
	/* Another process may have been faster; or what is there lives for a while. */
	if (load(&again, &now, path, NULL) == 0 && lives(&now, 0) && !is_stale(&now, c)) {
		*out = now;
		return 0;
	}
	aws_credentials_release(&now);
	return explain(c, &why, err);
}

static char *file_of(const struct cred_context *c, const char *session)
{
	const char *folder = cred_env(c->env, "AWS_LOGIN_CACHE_DIRECTORY");

	return token_file_path(c->env, str_or(folder, CACHE_FOLDER), "SHA256", session);
}

static enum cred_result get(struct aws_credentials *out, const struct cred_context *c,
			    struct fp_error *err)
{
	FP_AUTO(json_wipe_freep) cJSON *token = NULL;
	FP_AUTO(aws_credentials_release) struct aws_credentials now = { 0 };
	FP_AUTO(freep) char *path = NULL;
	const char *session = cred_setting(c, "login_session");
	struct fp_error why = { 0 };

	if (!session)
		return cred_none(err, "profile '%s' has no login_session", c->profile);
	path = file_of(c, session);
	if (!path)
		return cred_error(err, "logins are kept in the home folder: set HOME");
	if (load(&token, &now, path, &why) < 0) {
		FP_AUTO(freep)
		char *text = why.code == FP_ERR_NOT_FOUND
				     ? xstrdup("nobody has logged in")
				     : xasprintf("the login cannot be used (%s)",
						 why.message);

		(void)how_to_log_in(c, text, err);
		return CRED_ERROR;
	}
	buf_printf(c->found, "login session '%s'", session);
	if (lives(&now, REFRESH_BEFORE_MS) && !is_stale(&now, c)) {
		aws_credentials_copy(out, &now);
		return CRED_FOUND;
	}
	return renew(out, token, path, c, err) < 0 ? CRED_ERROR : CRED_FOUND;
}

const struct cred_provider cred_login = { "login", get };
