#include "runtime/api.h"

#include "base/json.h"
#include "base/str.h"
#include "wire/uri.h"

#define BASE		   "/2018-06-01/runtime/"
#define CONNECT_TIMEOUT_MS 1000
#define MAX_TYPE	   100

static void start_request(const struct runtime_api *api, struct http_request *req,
			  const char *method, const char *path)
{
	request_init(req, method, path);
	free(req->scheme);
	free(req->host);
	req->scheme = xstrdup("http");
	req->host = xstrdup(api->host);
}

int api_open(struct runtime_api *api, struct fp_error *err)
{
	/* The wait for work is as long as the freeze between two invocations. */
	const struct http_options o = { .connect_timeout_ms = CONNECT_TIMEOUT_MS,
					.idle_timeout_ms = -1,
					.user_agent = "fpctl-runtime/" FPCTL_VERSION,
					.no_proxy = true };

	*api = (struct runtime_api){ .host = getenv("AWS_LAMBDA_RUNTIME_API") };
	if (!api->host || !*api->host)
		return fp_fail(
			err, FP_ERR_INPUT,
			"AWS_LAMBDA_RUNTIME_API is not set: this program is started by "
			"AWS Lambda, or by 'fpctl local'");
	if (http_client_new(&api->http, &o, err) < 0)
		return -1;
	start_request(api, &api->next, "GET", BASE "invocation/next");
	return 0;
}

void api_close(struct runtime_api *api)
{
	if (!api->http)
		return;
	request_release(&api->next);
	http_client_freep(&api->http);
}

static const char *header(const struct http_response *res, const char *name)
{
	return str_or(headers_get(&res->headers, name), "");
}

int api_next(struct runtime_api *api, struct http_response *res, struct invocation *inv,
	     struct fp_error *err)
{
	int64_t deadline = 0;

	if (http_send(api->http, &api->next, NULL, NULL, res, err) < 0)
		return -1;
	*inv = (struct invocation){
		.request_id = header(res, "Lambda-Runtime-Aws-Request-Id"),
		.function_arn = header(res, "Lambda-Runtime-Invoked-Function-Arn"),
		.trace_id = header(res, "Lambda-Runtime-Trace-Id"),
		.event = buf_str(&res->body),
		.event_len = res->body.len,
	};
	if (res->status != 200 || !*inv->request_id) {
		(void)fp_fail(err, FP_ERR_PROTOCOL, "the Runtime API answered %d%s",
			      res->status,
			      res->status == 200 ? " without a request id" : "");
		if (err)
			err->http_status = res->status;
		return -1;
	}
	(void)str_to_i64(header(res, "Lambda-Runtime-Deadline-Ms"), 0, INT64_MAX,
			 &deadline);
	inv->deadline_ms = deadline;
	return 0;
}

/*
 * A connection kept over a freeze may be dead without our knowing, so what no
 * answer came to is sent once more; the API refuses a second answer by itself.
 */
static int post(struct runtime_api *api, struct http_request *req, struct fp_error *err)
{
	struct http_response res = { 0 };
	int status, rc = http_send(api->http, req, NULL, NULL, &res, NULL);

	if (rc < 0) {
		response_release(&res);
		rc = http_send(api->http, req, NULL, NULL, &res, err);
	}
	status = res.status;
	response_release(&res);
	if (rc < 0)
		return -1;
	if (status == 413)
		return fp_fail(err, FP_ERR_LIMIT,
			       "the answer is larger than Lambda's 6 MiB");
	if (status < 200 || status > 299)
		return fp_fail(err, FP_ERR_PROTOCOL, "the Runtime API answered %d to %s",
			       status, req->path);
	return 0;
}

static char *invocation_path(const char *request_id, const char *what)
{
	FP_AUTO(buf_release) struct buf path = BUF_INIT;

	buf_puts(&path, BASE "invocation/");
	uri_encode(&path, request_id, strlen(request_id), "");
	buf_printf(&path, "/%s", what);
	return buf_detach(&path);
}

int api_respond(struct runtime_api *api, const char *request_id, const struct buf *answer,
		struct fp_error *err)
{
	FP_AUTO(freep) char *path = invocation_path(request_id, "response");
	FP_AUTO(request_release) struct http_request req;

	start_request(api, &req, "POST", path);
	headers_add(&req.headers, "Content-Type", "application/json");
	if (answer->len)
		buf_add(&req.body, answer->data, answer->len);
	else
		buf_puts(&req.body, "null");
	return post(api, &req, err);
}

/* Category.Name, the name with a capital first, as the API wants it in the header. */
static void header_type(char out[MAX_TYPE], const char *type)
{
	bool categorized = str_starts(type, "Function.") || str_starts(type, "Runtime.");
	size_t n = 0;

	if (!categorized)
		n = (size_t)snprintf(out, MAX_TYPE, "Function.");
	for (; *type && n < MAX_TYPE - 1; type++) {
		bool letter = (*type >= 'a' && *type <= 'z') ||
			      (*type >= 'A' && *type <= 'Z');

		if (letter || (*type >= '0' && *type <= '9') || *type == '.')
			out[n++] = *type;
	}
	out[n] = '\0';
	n = categorized ? 0 : strlen("Function.");
	if (out[n] >= 'a' && out[n] <= 'z')
		out[n] = (char)(out[n] - ('a' - 'A'));
}

static void error_body(struct buf *out, const char *type, const char *message)
{
	buf_puts(out, "{\"errorMessage\":");
	json_quote(out, message, strlen(message));
	buf_puts(out, ",\"errorType\":");
	json_quote(out, type, strlen(type));
	buf_puts(out, ",\"stackTrace\":[]}");
}

int api_fail(struct runtime_api *api, const char *request_id, const char *type,
	     const char *message, struct fp_error *err)
{
	FP_AUTO(freep)
	char *path = request_id ? invocation_path(request_id, "error")
				: xstrdup(BASE "init/error");
	FP_AUTO(request_release) struct http_request req;
	char in_header[MAX_TYPE];

	start_request(api, &req, "POST", path);
	header_type(in_header, type);
	headers_add(&req.headers, "Content-Type",
		    "application/vnd.aws.lambda.error+json");
	headers_add(&req.headers, "Lambda-Runtime-Function-Error-Type", in_header);
	error_body(&req.body, type, message);
	return post(api, &req, err);
}
