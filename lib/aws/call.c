/*
 * Calls by the Query and the JSON protocols.
 */
#include "aws/internal.h"
#include "aws/mend.h"
#include "base/json.h"
#include "base/str.h"
#include "wire/query.h"

/* AWS names what only reads by these verbs. */
static bool is_read(const char *action)
{
	static const char *const verbs[] = { "Describe", "Get",	     "List",
					     "BatchGet", "Validate", "Filter" };

	for (size_t i = 0; i < ARRAY_SIZE(verbs); i++)
		if (str_starts(action, verbs[i]))
			return true;
	return false;
}

static bool has_token(const cJSON *in)
{
	static const char *const tokens[] = { "ClientRequestToken", "clientRequestToken",
					      "ClientToken", "IdempotencyToken",
					      "idempotencyToken" };

	for (size_t i = 0; i < ARRAY_SIZE(tokens); i++)
		if (json_get(in, tokens[i]))
			return true;
	return false;
}

static bool is_listed(const char *const *list, const char *action)
{
	for (; list && *list; list++)
		if (str_eq(*list, action))
			return true;
	return false;
}

/* RFC 9110, "Idempotent Methods". */
static bool is_idempotent(const char *method)
{
	return str_eq(method, "GET") || str_eq(method, "HEAD") || str_eq(method, "PUT") ||
	       str_eq(method, "DELETE");
}

static bool repeatable(const struct aws_api *api, const char *action, const char *method,
		       const cJSON *in)
{
	if (api->at_least_once || is_listed(api->repeatable, action) || has_token(in))
		return true;
	return api->protocol == AWS_REST_JSON ? is_idempotent(method) : is_read(action);
}

static void encode(struct http_request *req, const struct aws_api *api,
		   const char *action, const cJSON *in)
{
	FP_AUTO(freep) char *target = NULL;

	headers_set(&req->headers, "Accept", "*/*");
	if (api->protocol == AWS_QUERY) {
		query_encode_request(&req->body, action, api->version, in);
		headers_set(&req->headers, "Content-Type",
			    "application/x-www-form-urlencoded; charset=utf-8");
		return;
	}
	if (in)
		json_print(&req->body, in);
	else
		buf_puts(&req->body, "{}");
	target = xasprintf("%s.%s", api->version, action);
	headers_set(&req->headers, "X-Amz-Target", target);
	headers_set(&req->headers, "Content-Type",
		    api->protocol == AWS_JSON_1_0 ? "application/x-amz-json-1.0"
						  : "application/x-amz-json-1.1");
}

static cJSON *decode(const struct http_response *res, const struct aws_api *api,
		     struct fp_error *err)
{
	if (api->protocol == AWS_QUERY)
		return query_decode_response(buf_str(&res->body), res->body.len, err);
	if (res->body.len == 0)
		return cJSON_CreateObject();
	return json_parse(buf_str(&res->body), res->body.len, "the answer", err);
}

static int transmit(struct aws_client *c, const struct aws_api *api, const char *action,
		    const cJSON *in, struct http_request *req, struct http_response *res,
		    struct fp_error *err)
{
	FP_AUTO(freep) char *what = xasprintf("%s %s", api->service, action);
	struct aws_send send = { .service = api->service,
				 .what = what,
				 .repeatable = repeatable(api, action, req->method, in) };

	return aws_transmit(c, &send, req, res, err);
}

static int transmit_and_decode(struct aws_client *c, const struct aws_api *api,
			       const char *action, const cJSON *in,
			       struct http_request *req, cJSON **out,
			       struct fp_error *err)
{
	FP_AUTO(response_release) struct http_response res = { 0 };

	if (transmit(c, api, action, in, req, &res, err) < 0)
		return -1;
	if (!out)
		return 0;
	*out = decode(&res, api, err);
	if (*out)
		return 0;
	if (err)
		err->code = FP_ERR_PROTOCOL;
	(void)fp_hint(err, "%s may not be the service: check the endpoint and the proxy",
		      req->host);
	return fp_wrap(err, "%s %s", api->service, action);
}

int aws_call(struct aws_client *c, const struct aws_api *api, const char *action,
	     const cJSON *in, cJSON **out, struct fp_error *err)
{
	FP_AUTO(request_release) struct http_request req;

	request_init(&req, "POST", "/");
	encode(&req, api, action, in);
	return transmit_and_decode(c, api, action, in, &req, out, err);
}

int aws_call_rest(struct aws_client *c, const struct aws_api *api, const char *action,
		  struct http_request *req, const cJSON *in, cJSON **out,
		  struct fp_error *err)
{
	if (in) {
		json_print(&req->body, in);
		headers_set(&req->headers, "Content-Type", "application/json");
	}
	return transmit_and_decode(c, api, action, in, req, out, err);
}

int aws_call_raw(struct aws_client *c, const struct aws_api *api, const char *action,
		 struct http_request *req, struct http_response *res,
		 struct fp_error *err)
{
	return transmit(c, api, action, NULL, req, res, err);
}
