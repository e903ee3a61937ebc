/*
 * Calls by the Query and the JSON protocol.
 */
#include "aws/internal.h"
#include "base/json.h"
#include "base/str.h"
#include "wire/query.h"

static bool repeatable(const struct aws_api *api, const char *action, const cJSON *in)
{
	static const char *const reads[] = { "Describe", "Get", "List", "Validate" };
	static const char *const tokens[] = { "ClientRequestToken", "ClientToken",
					      "IdempotencyToken" };

	if (api->at_least_once)
		return true;
	for (size_t i = 0; i < ARRAY_SIZE(reads); i++)
		if (str_starts(action, reads[i]))
			return true;
	for (size_t i = 0; i < ARRAY_SIZE(tokens); i++)
		if (json_get(in, tokens[i]))
			return true;
	return false;
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
		    const cJSON *in, struct http_request *req, cJSON **out,
		    struct fp_error *err)
{
	FP_AUTO(freep) char *what = xasprintf("%s %s", api->service, action);
	FP_AUTO(response_release) struct http_response res = { 0 };
	struct aws_send send = { .service = api->service,
				 .what = what,
				 .repeatable = repeatable(api, action, in) };

	if (aws_address(c, api->service, NULL, req, err) < 0 ||
	    aws_transmit(c, &send, req, &res, err) < 0)
		return -1;
	if (!out)
		return 0;
	*out = decode(&res, api, err);
	if (*out)
		return 0;
	if (err)
		err->code = FP_ERR_PROTOCOL;
	return fp_wrap(err, "%s", what);
}

int aws_call(struct aws_client *c, const struct aws_api *api, const char *action,
	     const cJSON *in, cJSON **out, struct fp_error *err)
{
	FP_AUTO(request_release) struct http_request req;

	request_init(&req, "POST", "/");
	encode(&req, api, action, in);
	return transmit(c, api, action, in, &req, out, err);
}

int aws_call_rest(struct aws_client *c, const struct aws_api *api, const char *action,
		  struct http_request *req, const cJSON *in, cJSON **out,
		  struct fp_error *err)
{
	if (in) {
		json_print(&req->body, in);
		headers_set(&req->headers, "Content-Type", "application/json");
	}
	return transmit(c, api, action, in, req, out, err);
}
