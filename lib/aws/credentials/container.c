/*
 * Credentials of an ECS task, an EKS pod or a CodeBuild build: an HTTP server
 * that the container's environment names.
 * Source: AWS SDKs and Tools Reference Guide, "Container credential provider".
 */
#include "aws/credentials/providers.h"

#include "base/clock.h"
#include "base/fs.h"
#include "base/json.h"
#include "base/str.h"
#include "http/client.h"

#define ECS_ADDRESS "http://169.254.170.2"
#define ATTEMPTS    3
#define MAX_TOKEN   65536

/* Over plain HTTP a secret may only come from these; the fourth is EKS's. */
static bool host_allowed(const struct http_request *req)
{
	static const char *const hosts[] = { "127.0.0.1",     "localhost",
					     "169.254.170.2", "169.254.170.23",
					     "[::1]",	      "[fd00:ec2::23]" };

	if (str_eq(req->scheme, "https") || str_starts(req->host, "127."))
		return true;
	for (size_t i = 0; i < ARRAY_SIZE(hosts); i++) {
		size_t n = strlen(hosts[i]);

		if (strncmp(req->host, hosts[i], n) == 0 &&
		    (req->host[n] == '\0' || req->host[n] == ':'))
			return true;
	}
	return false;
}

static int add_token(struct http_request *req, const struct aws_env *env,
		     struct fp_error *err)
{
	FP_AUTO(buf_release) struct buf text = BUF_INIT;
	const char *path = cred_env(env, "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE");
	const char *token = cred_env(env, "AWS_CONTAINER_AUTHORIZATION_TOKEN");

	if (path) {
		if (fs_read(&text, path, MAX_TOKEN, err) < 0)
			return -1;
		while (text.len > 0 && strchr("\r\n", text.data[text.len - 1]))
			buf_truncate(&text, text.len - 1);
		token = buf_str(&text);
	}
	if (token && strpbrk(token, "\r\n"))
		return fp_fail(err, FP_ERR_CREDENTIALS,
			       "the container's authorization token has a line break");
	if (token)
		headers_set(&req->headers, "Authorization", token);
	return 0;
}

static int fetch(struct buf *out, const struct http_request *req, struct fp_error *err)
{
	struct http_options options = { .connect_timeout_ms = 2000,
					.total_timeout_ms = 5000,
					.no_proxy = true };
	FP_AUTO(http_client_freep) struct http_client *client = NULL;

	if (http_client_new(&client, &options, err) < 0)
		return -1;
	for (unsigned i = 0; i < ATTEMPTS; i++) {
		FP_AUTO(response_release) struct http_response res = { 0 };

		if (i > 0)
			clock_sleep_ms(200 << i);
		if (http_send(client, req, NULL, NULL, &res, err) < 0)
			continue;
		if (res.status == 200) {
			buf_add(out, buf_str(&res.body), res.body.len);
			return 0;
		}
		(void)fp_fail(err, FP_ERR_CREDENTIALS, "the answer is HTTP %d",
			      res.status);
		if (res.status < 500)
			break;
	}
	return -1;
}

static int read_answer(struct aws_credentials *out, const struct buf *text,
		       struct fp_error *err)
{
	FP_AUTO(json_freep)
	cJSON *j = json_parse(buf_str(text), text->len, "the container's credentials",
			      err);
	const char *id = json_str(j, "AccessKeyId", NULL);
	const char *secret = json_str(j, "SecretAccessKey", NULL);
	const char *expires = json_str(j, "Expiration", NULL);

	if (!j)
		return -1;
	if (!id || !secret)
		return fp_fail(err, FP_ERR_CREDENTIALS,
			       "the answer has no AccessKeyId and SecretAccessKey");
	cred_set(out, id, secret, json_str(j, "Token", NULL));
	if (expires && !time_parse(expires, &out->expires_ms))
		out->expires_ms = 0;
	return 0;
}

static enum cred_result get(struct aws_credentials *out, const struct cred_context *c,
			    struct fp_error *err)
{
	const struct aws_env *env = c->env;
	const char *relative = cred_env(env, "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI");
	const char *full = cred_env(env, "AWS_CONTAINER_CREDENTIALS_FULL_URI");
	FP_AUTO(freep) char *url = NULL;
	FP_AUTO(buf_release) struct buf text = BUF_INIT;
	FP_AUTO(request_release) struct http_request req;

	request_init(&req, "GET", "/");
	if (!relative && !full) {
		(void)fp_fail(
			err, FP_ERR_CREDENTIALS,
			"AWS_CONTAINER_CREDENTIALS_RELATIVE_URI and ..._FULL_URI are "
			"not set");
		return CRED_NONE;
	}
	url = relative ? xasprintf("%s%s", ECS_ADDRESS, relative) : xstrdup(full);
	if (request_set_url(&req, url, err) < 0)
		return CRED_ERROR;
	if (!host_allowed(&req)) {
		(void)fp_fail(err, FP_ERR_CREDENTIALS,
			      "'%s' is neither https nor an address of this host", url);
		return CRED_ERROR;
	}
	headers_set(&req.headers, "Accept", "application/json");
	if (add_token(&req, env, err) < 0 || fetch(&text, &req, err) < 0 ||
	    read_answer(out, &text, err) < 0)
		return CRED_ERROR;
	return CRED_FOUND;
}

const struct cred_provider cred_container = { "container", get };
