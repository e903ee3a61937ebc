#include "aws/credentials/sso_token.h"

#include "aws/credentials/token_file.h"
#include "aws/service/sso.h"
#include "base/clock.h"
#include "base/json.h"
#include "base/log.h"
#include "base/str.h"

#define CACHE_FOLDER	  "~/.aws/sso/cache"
#define REFRESH_BEFORE_MS 900000LL

char *sso_how_to_log_in(const struct cred_context *c, const struct sso_config *sso)
{
	if (sso->session)
		return xasprintf("run 'aws sso login --sso-session %s'", sso->session);
	return xasprintf("run 'aws sso login --profile %s'", c->profile);
}

int sso_client(struct aws_client **out, const struct cred_context *c,
	       const struct sso_config *sso, struct fp_error *err)
{
	struct aws_options o = cred_client_options(c);

	o.region = sso->region;
	o.region_from = "sso_region";
	o.anonymous = true;
	return aws_client_new(out, &o, err);
}

/* The token in the file, and when it ends. */
static int load(cJSON **token, int64_t *expires_ms, const char *path,
		struct fp_error *err)
{
	const char *expires;

	if (token_file_read(token, path, err) < 0)
		return -1;
	expires = json_str(*token, "expiresAt", NULL);
	if (json_str(*token, "accessToken", NULL) && time_parse(expires, expires_ms))
		return 0;
	json_wipe_freep(token);
	return fp_fail(err, FP_ERR_INPUT, "'%s' has no accessToken and expiresAt", path);
}

/* Whether there is all that a refresh needs; the registration must live, too. */
static bool can_refresh(const cJSON *token, struct fp_error *err)
{
	static const char *const needed[] = { "refreshToken", "clientId", "clientSecret",
					      "registrationExpiresAt" };
	int64_t registered_ms;

	for (size_t i = 0; i < ARRAY_SIZE(needed); i++) {
		if (json_str(token, needed[i], NULL))
			continue;
		(void)fp_fail(err, FP_ERR_CREDENTIALS, "the login has no %s", needed[i]);
		return false;
	}
	if (!time_parse(json_str(token, needed[3], NULL), &registered_ms) ||
	    registered_ms <= clock_now_ms()) {
		(void)fp_fail(
			err, FP_ERR_CREDENTIALS,
			"the registration of the client that logged in has expired");
		return false;
	}
	return true;
}

static int refresh(cJSON *token, int64_t *expires_ms, const struct cred_context *c,
		   const struct sso_config *sso, struct fp_error *err)
{
	FP_AUTO(aws_client_freep) struct aws_client *client = NULL;
	FP_AUTO(sso_token_release) struct sso_token fresh = { 0 };

	if (!can_refresh(token, err))
		return -1;
	if (sso_client(&client, c, sso, err) < 0 ||
	    sso_create_token(&fresh, client, json_str(token, "clientId", ""),
			     json_str(token, "clientSecret", ""),
			     json_str(token, "refreshToken", ""), err) < 0)
		return -1;
	*expires_ms = clock_now_ms() + fresh.expires_in_s * 1000;
	token_file_set(token, "startUrl", sso->start_url);
	token_file_set(token, "region", sso->region);
	token_file_set(token, "accessToken", fresh.access);
	token_file_set_time(token, "expiresAt", *expires_ms);
	/* The old one is spent: without a new one this login ends with its token. */
	token_file_set(token, "refreshToken", str_or(fresh.refresh, ""));
	if (!fresh.refresh)
		cJSON_DeleteItemFromObjectCaseSensitive(token, "refreshToken");
	return 0;
}

static int give(char **out, const cJSON *token)
{
	*out = xstrdup(json_str(token, "accessToken", ""));
	return 0;
}

/* Whether it is over, or only nobody can be asked. */
static int over(const struct cred_context *c, const struct sso_config *sso,
		const struct fp_error *why, struct fp_error *err)
{
	FP_AUTO(freep) char *how = sso_how_to_log_in(c, sso);
	bool answered = why->code == FP_ERR_AWS && why->http_status < 500;

	if (!answered && why->code != FP_ERR_CREDENTIALS) {
		*err = *why;
		return fp_wrap(err, "the SSO login has expired and cannot be refreshed");
	}
	return fp_fail(err, FP_ERR_CREDENTIALS, "the SSO login has expired (%s): %s",
		       why->message, how);
}

static int of_session(char **out, cJSON **token, int64_t expires_ms, const char *path,
		      const struct cred_context *c, const struct sso_config *sso,
		      struct fp_error *err)
{
	FP_AUTO(json_wipe_freep) cJSON *again = NULL;
	struct fp_error why = { 0 };

	if (expires_ms - clock_now_ms() >= REFRESH_BEFORE_MS)
		return give(out, *token);
	if (refresh(*token, &expires_ms, c, sso, &why) == 0) {
		token_file_write(path, *token);
		return give(out, *token);
	}
	log_msg(LOG_DEBUG, "the SSO login is not refreshed: %s", why.message);
	/* Another process may have spent the refresh token in the meantime. */
	if (load(&again, &expires_ms, path, NULL) == 0 && expires_ms > clock_now_ms())
		return give(out, again);
	return over(c, sso, &why, err);
}

int sso_access_token(char **out, const struct cred_context *c,
		     const struct sso_config *sso, struct fp_error *err)
{
	FP_AUTO(json_wipe_freep) cJSON *token = NULL;
	FP_AUTO(freep)
	char *path = token_file_path(c->env, CACHE_FOLDER, "SHA1",
				     sso->session ? sso->session : sso->start_url);
	FP_AUTO(freep) char *how = sso_how_to_log_in(c, sso);
	struct fp_error why = { 0 };
	int64_t expires_ms = 0;

	if (!path)
		return fp_fail(err, FP_ERR_CREDENTIALS,
			       "SSO logins are kept in the home folder: set HOME");
	if (load(&token, &expires_ms, path, &why) < 0)
		return why.code == FP_ERR_NOT_FOUND
			       ? fp_fail(err, FP_ERR_CREDENTIALS,
					 "nobody has logged in to SSO: %s", how)
			       : fp_fail(err, FP_ERR_CREDENTIALS,
					 "the SSO login cannot be used (%s): %s",
					 why.message, how);
	if (sso->session)
		return of_session(out, &token, expires_ms, path, c, sso, err);
	if (expires_ms > clock_now_ms())
		return give(out, token);
	return fp_fail(err, FP_ERR_CREDENTIALS, "the SSO login has expired: %s", how);
}
