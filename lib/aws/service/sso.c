#include "aws/service/sso.h"

#include "base/json.h"
#include "base/str.h"

/* Ten years: what is longer is no duration. */
#define MAX_LIFE_S 315360000

static const struct aws_api portal = { .service = "sso", .protocol = AWS_REST_JSON };
static const struct aws_api oidc = { .service = "sso-oidc", .protocol = AWS_REST_JSON };

static int take(struct aws_credentials *out, const cJSON *answer, struct fp_error *err)
{
	const cJSON *role = json_get(answer, "roleCredentials");
	const char *id = json_str(role, "accessKeyId", NULL);
	const char *secret = json_str(role, "secretAccessKey", NULL);
	const char *token = json_str(role, "sessionToken", NULL);
	int64_t expires_ms = json_int(role, "expiration", 0);

	if (!id || !secret || !token || expires_ms <= 0)
		return fp_fail(err, FP_ERR_PROTOCOL,
			       "sso GetRoleCredentials: the answer has no accessKeyId, "
			       "secretAccessKey, sessionToken or expiration");
	aws_credentials_set(out, id, secret, token);
	out->expires_ms = expires_ms;
	return 0;
}

int sso_role_credentials(struct aws_credentials *out, struct aws_client *c,
			 const char *account, const char *role, const char *token,
			 struct fp_error *err)
{
	FP_AUTO(json_wipe_freep) cJSON *answer = NULL;
	FP_AUTO(request_release) struct http_request req;

	request_init(&req, "GET", "/federation/credentials");
	request_add_query(&req, "role_name", role);
	request_add_query(&req, "account_id", account);
	headers_set(&req.headers, "x-amz-sso_bearer_token", token);
	if (aws_call_rest(c, &portal, "GetRoleCredentials", &req, NULL, &answer, err) < 0)
		return -1;
	return take(out, answer, err);
}

void sso_token_release(struct sso_token *t)
{
	str_wipe(&t->access);
	str_wipe(&t->refresh);
	*t = (struct sso_token){ 0 };
}

int sso_create_token(struct sso_token *out, struct aws_client *c, const char *client_id,
		     const char *client_secret, const char *refresh_token,
		     struct fp_error *err)
{
	FP_AUTO(json_wipe_freep) cJSON *in = cJSON_CreateObject();
	FP_AUTO(json_wipe_freep) cJSON *answer = NULL;
	FP_AUTO(request_release) struct http_request req;
	const char *access, *refresh;
	int64_t expires_in_s;

	request_init(&req, "POST", "/token");
	json_set_str(in, "grantType", "refresh_token");
	json_set_str(in, "clientId", client_id);
	json_set_str(in, "clientSecret", client_secret);
	json_set_str(in, "refreshToken", refresh_token);
	if (aws_call_rest(c, &oidc, "CreateToken", &req, in, &answer, err) < 0)
		return -1;
	access = json_str(answer, "accessToken", NULL);
	refresh = json_str(answer, "refreshToken", NULL);
	expires_in_s = json_int(answer, "expiresIn", 0);
	if (!access || expires_in_s <= 0 || expires_in_s > MAX_LIFE_S)
		return fp_fail(err, FP_ERR_PROTOCOL,
			       "sso-oidc CreateToken: the answer has no accessToken or "
			       "expiresIn");
	out->access = xstrdup(access);
	out->refresh = refresh ? xstrdup(refresh) : NULL;
	out->expires_in_s = expires_in_s;
	return 0;
}
