/* REST-JSON: paths, query and headers to operations' inputs, and back. */
#include <ctype.h>

#include "base/digest.h"
#include "base/fs.h"
#include "base/json.h"
#include "base/str.h"
#include "emulator/common.h"
#include "emulator/service/lambda.h"
#include "wire/arn.h"
#include "wire/uri.h"

#define FUNCTIONS "/2015-03-31/functions"
#define MAPPINGS  "/2015-03-31/event-source-mappings"
#define EVENT	  "/2019-09-25/functions/{FunctionName}/event-invoke-config"

static const struct route {
	const char *method, *path, *action;
	int status;
} routes[] = {
	{ "POST", FUNCTIONS, "CreateFunction", 201 },
	{ "GET", FUNCTIONS, "ListFunctions", 200 },
	{ "GET", FUNCTIONS "/{FunctionName}", "GetFunction", 200 },
	{ "DELETE", FUNCTIONS "/{FunctionName}", "DeleteFunction", 204 },
	{ "GET", FUNCTIONS "/{FunctionName}/configuration", "GetFunctionConfiguration",
	  200 },
	{ "PUT", FUNCTIONS "/{FunctionName}/configuration", "UpdateFunctionConfiguration",
	  200 },
	{ "PUT", FUNCTIONS "/{FunctionName}/code", "UpdateFunctionCode", 200 },
	{ "POST", FUNCTIONS "/{FunctionName}/invocations", "Invoke", 200 },
	{ "POST", FUNCTIONS "/{FunctionName}/policy", "AddPermission", 201 },
	{ "GET", FUNCTIONS "/{FunctionName}/policy", "GetPolicy", 200 },
	{ "DELETE", FUNCTIONS "/{FunctionName}/policy/{StatementId}", "RemovePermission",
	  204 },
	{ "PUT", "/2017-10-31/functions/{FunctionName}/concurrency",
	  "PutFunctionConcurrency", 200 },
	{ "GET", "/2019-09-30/functions/{FunctionName}/concurrency",
	  "GetFunctionConcurrency", 200 },
	{ "DELETE", "/2017-10-31/functions/{FunctionName}/concurrency",
	  "DeleteFunctionConcurrency", 204 },
	{ "PUT", EVENT, "PutFunctionEventInvokeConfig", 200 },
	{ "POST", EVENT, "UpdateFunctionEventInvokeConfig", 200 },
	{ "GET", EVENT, "GetFunctionEventInvokeConfig", 200 },
	{ "DELETE", EVENT, "DeleteFunctionEventInvokeConfig", 204 },
	{ "GET", EVENT "/list", "ListFunctionEventInvokeConfigs", 200 },
	{ "POST", MAPPINGS, "CreateEventSourceMapping", 202 },
	{ "GET", MAPPINGS, "ListEventSourceMappings", 200 },
	{ "GET", MAPPINGS "/{UUID}", "GetEventSourceMapping", 200 },
	{ "PUT", MAPPINGS "/{UUID}", "UpdateEventSourceMapping", 202 },
	{ "DELETE", MAPPINGS "/{UUID}", "DeleteEventSourceMapping", 202 },
	{ "POST", "/2017-03-31/tags/{Resource}", "TagResource", 204 },
	{ "DELETE", "/2017-03-31/tags/{Resource}", "UntagResource", 204 },
	{ "GET", "/2017-03-31/tags/{Resource}", "ListTags", 200 },
	{ "GET", "/2016-08-19/account-settings", "GetAccountSettings", 200 },
};

/* Whether the path fits; its variables go into `in`. An ARN in a path is encoded, so
 * that a variable never holds a slash. */
static bool match(const char *pattern, const char *path, cJSON *in)
{
	while (*pattern) {
		FP_AUTO(buf_release) struct buf value = BUF_INIT;
		const char *end = strchr(pattern, '}');
		char name[32];
		size_t n;

		if (*pattern != '{') {
			if (*pattern++ != *path++)
				return false;
			continue;
		}
		n = strcspn(path, "/");
		if (!n || !end || (size_t)(end - pattern) > sizeof(name))
			return false;
		(void)snprintf(name, sizeof(name), "%.*s", (int)(end - pattern - 1),
			       pattern + 1);
		uri_decode(&value, path, n, false);
		json_set_str(in, name, buf_str(&value));
		path += n;
		pattern = end + 1;
	}
	/* Some clients end the collection's path with a slash. */
	return !*path || str_eq(path, "/");
}

static const struct route *find_route(const char *method, const char *path, cJSON **in)
{
	for (size_t k = 0; k < ARRAY_SIZE(routes); k++) {
		cJSON *variables = cJSON_CreateObject();

		if (str_eq(routes[k].method, method) &&
		    match(routes[k].path, path, variables)) {
			*in = variables;
			return &routes[k];
		}
		cJSON_Delete(variables);
	}
	return NULL;
}

static void add_query(cJSON *in, const char *query)
{
	struct uri_params params = URI_PARAMS_INIT;
	cJSON *keys = NULL;

	uri_params_parse(&params, query, strlen(query), true);
	for (size_t k = 0; k < params.n; k++) {
		char name[64];

		(void)snprintf(name, sizeof(name), "%s", params.v[k].name);
		if (str_eq(name, "tagKeys")) {
			keys = keys ? keys : json_set_array(in, "TagKeys");
			json_push_str(keys, params.v[k].value);
			continue;
		}
		name[0] = (char)toupper((unsigned char)name[0]);
		json_set_str(in, name, params.v[k].value);
	}
	uri_params_release(&params);
}

static int read_body(struct call *c, const struct rest_request *req, struct buf *out)
{
	struct fp_error err = { 0 };

	if (!req->body_path) {
		if (req->http->body.len)
			buf_add(out, req->http->body.data, req->http->body.len);
		return 0;
	}
	if (fs_read(out, req->body_path, 2 * LAMBDA_MAX_ZIP, &err) < 0)
		return fault_from(&c->fault, &err);
	return 0;
}

static bool has_header(const struct rest_request *req, const char *name,
		       const char **value)
{
	*value = headers_get(&req->http->headers, name);
	return *value != NULL;
}

static int add_invocation(struct call *c, const struct rest_request *req, cJSON *in,
			  const struct buf *body)
{
	FP_AUTO(buf_release) struct buf context = BUF_INIT;
	const char *value;

	json_set_str(in, "Payload", body->len ? body->data : "{}");
	if (has_header(req, "X-Amz-Invocation-Type", &value))
		json_set_str(in, "InvocationType", value);
	if (has_header(req, "X-Amz-Log-Type", &value))
		json_set_str(in, "LogType", value);
	if (!has_header(req, "X-Amz-Client-Context", &value))
		return 0;
	if (!base64_decode(&context, value, strlen(value)) ||
	    strcspn(buf_str(&context), "\r\n") != context.len)
		return fault_set(&c->fault, 400, "InvalidRequestContentException",
				 "Client context must be a valid Base64-encoded JSON "
				 "object on one "
				 "line.");
	json_set_str(in, "ClientContext", buf_str(&context));
	return 0;
}

static int add_body(struct call *c, cJSON *in, const struct buf *body)
{
	FP_AUTO(json_freep) cJSON *members = NULL;
	struct fp_error err = { 0 };

	if (!body->len)
		return 0;
	if (json_has_nul(body))
		return fault_set(&c->fault, 400, "InvalidRequestContentException",
				 "the request has a character of value 0 in a text");
	members = json_parse(body->data, body->len, "the request", &err);
	if (!members || !cJSON_IsObject(members))
		return fault_set(&c->fault, 400, "InvalidRequestContentException",
				 "Could not parse request body into json: %s",
				 members ? "it is no object" : err.message);
	/* What the path says wins: CreateFunction's name is in the body only. */
	json_each_member (m, members)
		if (!cJSON_GetObjectItemCaseSensitive(in, m->string))
			json_set(in, m->string, cJSON_Duplicate(m, true));
	return 0;
}

static void answer_invocation(const cJSON *out, struct rest_response *res)
{
	static const struct {
		const char *header, *member;
	} headers[] = {
		{ "X-Amz-Function-Error", "FunctionError" },
		{ "X-Amz-Log-Result", "LogResult" },
		{ "X-Amz-Executed-Version", "ExecutedVersion" },
	};

	res->status = (int)json_int(out, "StatusCode", 200);
	for (size_t k = 0; k < ARRAY_SIZE(headers); k++)
		if (json_str(out, headers[k].member, NULL))
			headers_set(&res->headers, headers[k].header,
				    json_str(out, headers[k].member, ""));
	buf_puts(&res->body, json_str(out, "Payload", ""));
}

/* Other services reach functions of all regions by their ARN, clients do not. */
static int check_region(struct call *c, const cJSON *in)
{
	const char *name = json_str(in, "FunctionName", "");
	struct arn arn;

	if (!arn_parse(&arn, name) || str_eq(arn.region, c->region))
		return 0;
	return fault_set(&c->fault, 404, "ResourceNotFoundException",
			 "Functions from '%s' are not reachable in this region ('%s')",
			 arn.region, c->region);
}

static const struct operation *find_operation(const char *name)
{
	const struct operation *o = lambda_operations;

	while (!str_eq(o->name, name))
		o++;
	return o;
}

int lambda_rest(struct call *c, struct rest_request *req, struct rest_response *res)
{
	FP_AUTO(json_freep) cJSON *in = NULL;
	FP_AUTO(json_freep) cJSON *out = cJSON_CreateObject();
	FP_AUTO(buf_release) struct buf body = BUF_INIT;
	const struct route *route = find_route(req->http->method, req->http->path, &in);
	bool invoke = route && str_eq(route->action, "Invoke");

	if (!route)
		return fault_set(&c->fault, 501, "NotImplemented",
				 "the emulator's Lambda does not do %s %s",
				 req->http->method, req->http->path);
	c->action = route->action;
	add_query(in, req->http->query);
	if (read_body(c, req, &body) < 0 ||
	    (invoke ? add_invocation(c, req, in, &body) : add_body(c, in, &body)) < 0 ||
	    check_region(c, in) < 0 || find_operation(route->action)->run(c, in, out) < 0)
		return -1;
	res->status = route->status;
	headers_set(&res->headers, "Content-Type", "application/json");
	if (invoke)
		answer_invocation(out, res);
	else if (route->status != 204)
		json_print(&res->body, out);
	return 0;
}
