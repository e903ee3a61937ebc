#include "aws/service/signin.h"

#include "base/clock.h"
#include "base/json.h"

#define TOKEN_PATH "/v1/token"
/* A day: documented are 15 minutes at most. */
#define MAX_LIFE_S 86400

static const struct aws_api signin = { .service = "signin", .protocol = AWS_REST_JSON };

int signin_token_url(char **out, const struct aws_client *c, struct fp_error *err)
{
	FP_AUTO(freep) char *endpoint = aws_endpoint(c, signin.service, NULL, err);

	if (!endpoint)
		return -1;
	*out = xasprintf("%s%s", endpoint, TOKEN_PATH);
	return 0;
}

static int take(struct aws_credentials *out, char **next_refresh, const cJSON *answer,
		struct fp_error *err)
{
	const cJSON *access = json_get(answer, "accessToken");
	const char *id = json_str(access, "accessKeyId", NULL);
	const char *secret = json_str(access, "secretAccessKey", NULL);
	const char *token = json_str(access, "sessionToken", NULL);
	const char *refresh = json_str(answer, "refreshToken", NULL);
	int64_t expires_in_s = json_int(answer, "expiresIn", 0);

	if (!id || !secret || !token || !refresh || expires_in_s <= 0 ||
	    expires_in_s > MAX_LIFE_S)
		return fp_fail(err, FP_ERR_PROTOCOL,
			       "signin CreateOAuth2Token: the answer has no accessToken, "
			       "refreshToken or expiresIn");
	aws_credentials_set(out, id, secret, token);
	out->expires_ms = clock_now_ms() + expires_in_s * 1000;
	*next_refresh = xstrdup(refresh);
	return 0;
}

int signin_create_token(struct aws_credentials *out, char **next_refresh,
			struct aws_client *c, const char *client_id,
			const char *refresh_token, const char *dpop, struct fp_error *err)
{
	FP_AUTO(json_wipe_freep) cJSON *in = cJSON_CreateObject();
	FP_AUTO(json_wipe_freep) cJSON *answer = NULL;
	FP_AUTO(request_release) struct http_request req;

	request_init(&req, "POST", TOKEN_PATH);
	headers_set(&req.headers, "DPoP", dpop);
	json_set_str(in, "clientId", client_id);
	json_set_str(in, "refreshToken", refresh_token);
	json_set_str(in, "grantType", "refresh_token");
	if (aws_call_rest(c, &signin, "CreateOAuth2Token", &req, in, &answer, err) < 0)
		return -1;
	return take(out, next_refresh, answer, err);
}
