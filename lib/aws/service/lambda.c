#include "aws/service/lambda.h"

#include "aws/members.h"
#include "base/digest.h"
#include "base/json.h"
#include "wire/uri.h"

static const struct aws_api api = { .service = "lambda", .protocol = AWS_REST_JSON };

/* The SDKs' waiters: from 1 s, for 5 minutes. */
#define LOOK_FIRST_MS	1000
#define LOOK_SLOWEST_MS 10000
#define PATIENCE_MS	(300 * 1000LL)

/* A function may take 15 minutes (Lambda quotas), and its sandbox comes before that. */
#define INVOKE_MS (16 * 60 * 1000LL)

/* "/2015-03-31/functions/NAME" and what follows it. */
static void function_request(struct http_request *req, const char *method,
			     const char *function, const char *rest)
{
	FP_AUTO(buf_release) struct buf path = BUF_INIT;

	buf_puts(&path, "/2015-03-31/functions/");
	uri_encode(&path, function, strlen(function), "");
	buf_puts(&path, rest);
	request_init(req, method, buf_str(&path));
}

static int get(struct aws_client *c, const char *action, const char *function,
	       const char *rest, const char *qualifier, cJSON **out, struct fp_error *err)
{
	FP_AUTO(request_release) struct http_request req;
	struct fp_error why = { 0 };

	*out = NULL;
	function_request(&req, "GET", function, rest);
	if (qualifier)
		request_add_query(&req, "Qualifier", qualifier);
	if (aws_call_rest(c, &api, action, &req, NULL, out, &why) == 0)
		return 0;
	return str_eq(why.aws_code, "ResourceNotFoundException")
		       ? 0
		       : aws_pass_error(err, &why);
}

int lambda_function(struct aws_client *c, const char *function, cJSON **out,
		    struct fp_error *err)
{
	return get(c, "GetFunction", function, "", NULL, out, err);
}

int lambda_configuration(struct aws_client *c, const char *function,
			 const char *qualifier, cJSON **out, struct fp_error *err)
{
	return get(c, "GetFunctionConfiguration", function, "/configuration", qualifier,
		   out, err);
}

static void put_zip(cJSON *in, const struct lambda_code *code)
{
	FP_AUTO(buf_release) struct buf text = BUF_INIT;

	if (!code->zip)
		return;
	base64_encode(&text, code->zip, code->zip_size);
	json_set_str(in, "ZipFile", buf_str(&text));
}

int lambda_update_code(struct aws_client *c, const struct lambda_code *code, cJSON **out,
		       struct fp_error *err)
{
	FP_AUTO(request_release) struct http_request req;
	FP_AUTO(json_freep) cJSON *in = aws_input("S3Bucket", code->bucket);

	json_set_str(in, "S3Key", code->key);
	json_set_str(in, "S3ObjectVersion", code->version);
	put_zip(in, code);
	if (code->architecture)
		json_push_str(json_set_array(in, "Architectures"), code->architecture);
	json_set_str(in, "RevisionId", code->revision);
	aws_put_flag(in, "Publish", code->publish);
	aws_put_flag(in, "DryRun", code->dry_run);
	function_request(&req, "PUT", code->function, "/code");
	return aws_call_rest(c, &api, "UpdateFunctionCode", &req, in, out, err);
}

int lambda_account(struct aws_client *c, cJSON **out, struct fp_error *err)
{
	FP_AUTO(request_release) struct http_request req;

	request_init(&req, "GET", "/2016-08-19/account-settings");
	return aws_call_rest(c, &api, "GetAccountSettings", &req, NULL, out, err);
}

void lambda_result_release(struct lambda_result *r)
{
	buf_release(&r->payload);
	buf_release(&r->log);
	free(r->error);
	free(r->version);
	*r = (struct lambda_result){ 0 };
}

static char *copy_header(const struct http_response *res, const char *name)
{
	const char *value = headers_get(&res->headers, name);

	return value ? xstrdup(value) : NULL;
}

static void invoke_request(struct http_request *req, const struct lambda_invocation *i)
{
	function_request(req, "POST", i->function, "/invocations");
	if (i->qualifier)
		request_add_query(req, "Qualifier", i->qualifier);
	headers_set(&req->headers, "Content-Type", "application/json");
	headers_set(&req->headers, "X-Amz-Invocation-Type",
		    i->dry_run ? "DryRun"
		    : i->async ? "Event"
			       : "RequestResponse");
	headers_set(&req->headers, "X-Amz-Log-Type",
		    i->async || i->dry_run ? "None" : "Tail");
	buf_add(&req->body, i->payload, i->n);
	req->timeout_ms = INVOKE_MS;
	req->idle_timeout_ms = -1; /* the function may be silent for all of it */
}

int lambda_invoke(struct aws_client *c, const struct lambda_invocation *i,
		  struct lambda_result *r, struct fp_error *err)
{
	FP_AUTO(request_release) struct http_request req;
	FP_AUTO(response_release) struct http_response res = { 0 };
	const char *log;

	invoke_request(&req, i);
	if (aws_call_raw(c, &api, "Invoke", &req, &res, err) < 0)
		return -1;
	*r = (struct lambda_result){ .status = res.status };
	r->payload = res.body;
	res.body = (struct buf)BUF_INIT;
	r->error = copy_header(&res, "X-Amz-Function-Error");
	r->version = copy_header(&res, "X-Amz-Executed-Version");
	log = headers_get(&res.headers, "X-Amz-Log-Result");
	if (log && !base64_decode(&r->log, log, strlen(log)))
		buf_puts(&r->log, log);
	return 0;
}

struct function_look {
	struct aws_client *c;
	const char *function;
	const char *state; /* "State" or "LastUpdateStatus": its member */
	const char *failed;
};

static int look(void *ctx, cJSON **found, struct fp_error *err)
{
	const struct function_look *l = ctx;
	FP_AUTO(json_freep) cJSON *now = NULL;
	FP_AUTO(freep) char *reason = xasprintf("%sReason", l->state);

	if (lambda_configuration(l->c, l->function, NULL, &now, err) < 0)
		return -1;
	if (!now)
		return fp_fail(err, FP_ERR_NOT_FOUND, "there is no function '%s'",
			       l->function);
	if (str_eq(json_str(now, l->state, ""), "Failed"))
		return fp_fail(err, FP_ERR_AWS, "function '%s': %s: %s", l->function,
			       l->failed,
			       json_str(now, reason, "Lambda gives no reason"));
	*found = now;
	now = NULL;
	return 0;
}

static bool is_active(const cJSON *function)
{
	return !str_eq(json_str(function, "State", ""), "Pending");
}

static bool is_updated(const cJSON *function)
{
	return !str_eq(json_str(function, "LastUpdateStatus", ""), "InProgress");
}

static int wait_for(struct function_look *l, bool (*done)(const cJSON *),
		    const struct aws_patience *patience, cJSON **out,
		    struct fp_error *err)
{
	FP_AUTO(freep) char *what = xasprintf("function '%s'", l->function);
	struct aws_waiter w = { .what = what,
				.look = look,
				.ctx = l,
				.done = done,
				.status = l->state,
				.min_ms = LOOK_FIRST_MS,
				.max_ms = LOOK_SLOWEST_MS,
				.timeout_ms = PATIENCE_MS };

	return aws_wait(&w, patience, out, err);
}

int lambda_wait_active(struct aws_client *c, const char *function,
		       const struct aws_patience *patience, cJSON **out,
		       struct fp_error *err)
{
	struct function_look l = { c, function, "State", "it cannot be made active" };

	return wait_for(&l, is_active, patience, out, err);
}

int lambda_wait_updated(struct aws_client *c, const char *function,
			const struct aws_patience *patience, cJSON **out,
			struct fp_error *err)
{
	struct function_look l = { c, function, "LastUpdateStatus", "its update failed" };

	return wait_for(&l, is_updated, patience, out, err);
}
