/*
 * Credentials of an ECS task, an EKS pod or a CodeBuild build: an HTTP server
 * that the container's environment names.
 * Source: AWS SDKs and Tools Reference Guide, "Container credential provider".
 */
#include <arpa/inet.h>

#include "aws/credentials/metadata.h"
#include "base/fs.h"
#include "base/log.h"
#include "base/str.h"

#define ECS_ADDRESS	   "http://169.254.170.2"
#define ATTEMPTS	   3
#define PAUSE_MS	   1000
#define CONNECT_TIMEOUT_MS 2000
#define TOTAL_TIMEOUT_MS   3000
#define MAX_TOKEN	   65536

/* "localhost" of "localhost:80", "::1" of "[::1]:80"; owned by the caller. */
static char *bare_host(const char *host)
{
	if (host[0] == '[')
		return xstrndup(host + 1, strcspn(host + 1, "]"));
	return xstrndup(host, strcspn(host, ":"));
}

/*
 * Over plain HTTP a secret may only come from this machine, or from what AWS puts
 * beside it. As botocore does, names are not resolved: whoever answers for a name today
 * may be somebody else tomorrow.
 */
static bool host_allowed(const struct http_request *req)
{
	static const char *const hosts[] = { "localhost", "169.254.170.2",
					     "169.254.170.23", "fd00:ec2::23" };
	FP_AUTO(freep) char *host = bare_host(req->host);
	struct in6_addr v6;
	struct in_addr v4;

	if (str_eq(req->scheme, "https"))
		return true;
	for (size_t i = 0; i < ARRAY_SIZE(hosts); i++)
		if (str_eq(host, hosts[i]))
			return true;
	if (inet_pton(AF_INET, host, &v4) == 1)
		return ntohl(v4.s_addr) >> 24 == IN_LOOPBACKNET;
	return inet_pton(AF_INET6, host, &v6) == 1 && IN6_IS_ADDR_LOOPBACK(&v6);
}

static int address(struct http_request *req, const struct aws_env *env,
		   struct fp_error *err)
{
	const char *relative = cred_env(env, "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI");
	const char *full = cred_env(env, "AWS_CONTAINER_CREDENTIALS_FULL_URI");
	FP_AUTO(freep)
	char *url = relative ? xasprintf("%s%s", ECS_ADDRESS, relative) : xstrdup(full);

	if (request_set_url(req, url, err) < 0)
		return fp_wrap(err, "AWS_CONTAINER_CREDENTIALS_%s_URI",
			       relative ? "RELATIVE" : "FULL");
	if (!host_allowed(req))
		return fp_fail(err, FP_ERR_CREDENTIALS,
			       "'%s' of AWS_CONTAINER_CREDENTIALS_%s_URI is neither "
			       "https nor an "
			       "address of this host, 169.254.170.2, 169.254.170.23 or "
			       "[fd00:ec2::23]",
			       req->host, relative ? "RELATIVE" : "FULL");
	return 0;
}

/* The file is read anew each time, for EKS replaces it; it goes before the text. */
static int add_token(struct http_request *req, const struct aws_env *env,
		     struct fp_error *err)
{
	FP_AUTO(buf_wipe) struct buf text = BUF_INIT;
	const char *path = cred_env(env, "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE");
	const char *token = cred_env(env, "AWS_CONTAINER_AUTHORIZATION_TOKEN");

	if (path) {
		if (fs_read(&text, path, MAX_TOKEN, err) < 0)
			return fp_wrap(err, "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE");
		while (text.len > 0 && strchr("\r\n", text.data[text.len - 1]))
			buf_truncate(&text, text.len - 1);
		if (!text.len)
			return fp_fail(err, FP_ERR_CREDENTIALS,
				       "the authorization token file '%s' is empty",
				       path);
		token = buf_str(&text);
	}
	if (token && (strpbrk(token, "\r\n") || (path && strlen(token) != text.len)))
		return fp_fail(err, FP_ERR_CREDENTIALS,
			       "the container's authorization token has a line break");
	if (token)
		headers_set(&req->headers, "Authorization", token);
	return 0;
}

/* 0: credentials; 1: another attempt may help; -1: none does. */
static int attempt(struct aws_credentials *out, struct http_client *client,
		   const struct http_request *req, struct fp_error *err)
{
	FP_AUTO(response_release) struct http_response res = { 0 };

	if (http_send(client, req, NULL, NULL, &res, err) < 0)
		return err->code == FP_ERR_INTERRUPTED ? -1 : 1;
	if (res.status == 200)
		return metadata_read(out, buf_str(&res.body), res.body.len, err) < 0;
	(void)metadata_refused(&res, err);
	return res.status >= 500 || res.status == 429 || res.status == 408 ? 1 : -1;
}

static int fetch(struct aws_credentials *out, const struct cred_context *c,
		 const struct http_request *req, struct fp_error *err)
{
	FP_AUTO(http_client_freep) struct http_client *client = NULL;
	int rc;

	if (metadata_client(&client, c, CONNECT_TIMEOUT_MS, TOTAL_TIMEOUT_MS, err) < 0)
		return -1;
	for (unsigned n = 1; (rc = attempt(out, client, req, err)) > 0; n++) {
		log_msg(LOG_DEBUG, "container credentials, attempt %u: %s", n,
			err->message);
		if (n == ATTEMPTS || !aws_pause(PAUSE_MS))
			return -1;
	}
	return rc;
}

static enum cred_result get(struct aws_credentials *out, const struct cred_context *c,
			    struct fp_error *err)
{
	FP_AUTO(request_release) struct http_request req;
	FP_AUTO(freep) char *url = NULL;
	FP_AUTO(freep) char *shown = NULL;

	request_init(&req, "GET", "/");
	req.answer_max = METADATA_MAX;
	if (!cred_env(c->env, "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI") &&
	    !cred_env(c->env, "AWS_CONTAINER_CREDENTIALS_FULL_URI"))
		return cred_none(err, "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI and "
				      "..._FULL_URI are not set");
	headers_set(&req.headers, "Accept", "application/json");
	if (address(&req, c->env, err) < 0 || add_token(&req, c->env, err) < 0)
		return CRED_ERROR;
	url = request_url(&req);
	shown = url_shown(url);
	if (fetch(out, c, &req, err) < 0) {
		(void)fp_wrap(err, "%s", shown);
		return CRED_ERROR;
	}
	buf_puts(c->found, shown);
	return CRED_FOUND;
}

const struct cred_provider cred_container = { "container", get };
