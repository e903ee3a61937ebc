#include "base/clock.h"
#include "base/digest.h"
#include "base/json.h"
#include "base/str.h"
#include "emulator/service/lambda_instance.h"

#define PREFIX "/2018-06-01/runtime/"

static void answer(struct connection *conn, int status, const char *json)
{
	runtime_answer_head(&conn->out, status, "application/json",
			    conn->close_after ? "Connection: close\r\n" : "",
			    strlen(json));
	buf_puts(&conn->out, json);
}

static void refuse(struct connection *conn, int status, const char *type,
		   const char *text)
{
	FP_AUTO(buf_release) struct buf body = BUF_INIT;

	buf_puts(&body, "{\"errorMessage\":");
	json_quote(&body, text, strlen(text));
	buf_printf(&body, ",\"errorType\":\"%s\"}\n", type);
	answer(conn, status, body.data);
}

static void accept_answer(struct connection *conn)
{
	answer(conn, 202, "{\"status\":\"OK\"}\n");
}

static void event_headers(struct buf *out, const struct instance *i)
{
	uint8_t root[16], parent[8];
	char root_hex[33], parent_hex[17];
	int64_t now = clock_now_ms();

	random_bytes(root, sizeof(root));
	random_bytes(parent, sizeof(parent));
	hex_encode(root_hex, root, sizeof(root));
	hex_encode(parent_hex, parent, sizeof(parent));
	buf_printf(out, "Lambda-Runtime-Aws-Request-Id: %s\r\n", i->current->request_id);
	buf_printf(out, "Lambda-Runtime-Deadline-Ms: %lld\r\n",
		   (long long)(now + i->deadline_ms - clock_monotonic_ms()));
	buf_printf(out, "Lambda-Runtime-Invoked-Function-Arn: %s\r\n", i->spec.arn);
	buf_printf(
		out,
		"Lambda-Runtime-Trace-Id: Root=1-%08llx-%.24s;Parent=%s;Sampled=%d\r\n",
		(unsigned long long)(now / 1000), root_hex, parent_hex, i->spec.traced);
	if (i->current->client_context)
		buf_printf(out, "Lambda-Runtime-Client-Context: %s\r\n",
			   i->current->client_context);
}

/* The invocation begins when its event is first given out, not when it is asked
 * for again. */
static void begin(struct instance *i)
{
	i->delivered = true;
	i->begun_ms = clock_monotonic_ms();
	i->deadline_ms = i->begun_ms + i->spec.timeout_ms;
	lambda_log_line(&i->log, "START RequestId: %s Version: $LATEST",
			i->current->request_id);
}

void runtime_deliver(struct instance *i)
{
	FP_AUTO(buf_release) struct buf extra = BUF_INIT;
	struct connection *conn = NULL;

	for (size_t k = 0; k < INSTANCE_CONNECTIONS; k++)
		if (i->connections[k].fd >= 0 && i->connections[k].waits)
			conn = &i->connections[k];
	if (!conn || !i->current)
		return;
	if (!i->delivered)
		begin(i);
	event_headers(&extra, i);
	if (conn->close_after)
		buf_puts(&extra, "Connection: close\r\n");
	runtime_answer_head(&conn->out, 200, "application/json", extra.data,
			    i->current->size);
	buf_add(&conn->out, i->current->payload, i->current->size);
	conn->waits = false;
}

static void serve_next(struct instance *i, struct connection *conn)
{
	if (i->refused) {
		refuse(conn, 403, "InvalidStateTransition",
		       "the runtime has reported an init error");
		return;
	}
	if (!i->reached_next) {
		i->reached_next = true;
		i->init_ms = clock_monotonic_ms() - i->born_ms;
	}
	/* Only the newest connection waits: an older one was given up. */
	for (size_t k = 0; k < INSTANCE_CONNECTIONS; k++)
		i->connections[k].waits = false;
	conn->waits = true;
	runtime_deliver(i);
}

/* Whether `id` is the running invocation; answers the runtime when it is not. */
static bool is_current(struct instance *i, struct connection *conn, const char *id)
{
	if (i->current && i->delivered && str_eq(id, i->current->request_id))
		return true;
	if (!i->reached_next || str_eq(id, i->last_id))
		refuse(conn, 403, "InvalidStateTransition",
		       "this is not the time for an answer to an invocation");
	else
		refuse(conn, 400, "InvalidRequestID", "no such invocation is running");
	return false;
}

static void serve_response(struct instance *i, struct connection *conn, const char *id)
{
	const struct runtime_request *r = &conn->parser.req;

	if (!is_current(i, conn, id))
		return;
	if (*r->response_mode) {
		refuse(conn, 400, "InvalidFunctionResponseMode",
		       "the emulator takes buffered responses only");
		return;
	}
	if (r->too_large) {
		refuse(conn, 413, "RequestEntityTooLarge", "the response is over 6 MiB");
		instance_fail(
			i, "Function.ResponseSizeTooLarge",
			"Response payload size exceeded maximum allowed payload size "
			"(%d bytes).",
			LAMBDA_MAX_PAYLOAD);
		return;
	}
	accept_answer(conn);
	instance_finish(i, false, buf_str(&r->body), r->body.len);
}

/* The runtime's account of its error, or one in its place when it is no JSON. */
static void fail_with_body(struct instance *i, const struct runtime_request *r)
{
	FP_AUTO(json_freep)
	cJSON *j = r->too_large
			   ? NULL
			   : json_parse(buf_str(&r->body), r->body.len, "error", NULL);

	if (j)
		instance_finish(i, true, r->body.data, r->body.len);
	else
		instance_fail(i, str_or(r->error_type, "Runtime.Unknown"),
			      "the runtime reported an error that is no JSON");
}

static void serve_error(struct instance *i, struct connection *conn, const char *id)
{
	if (!is_current(i, conn, id))
		return;
	accept_answer(conn);
	fail_with_body(i, &conn->parser.req);
}

static void serve_init_error(struct instance *i, struct connection *conn)
{
	if (i->reached_next || i->refused) {
		refuse(conn, 403, "InvalidStateTransition", "the init phase is over");
		return;
	}
	i->refused = true;
	i->ended = true;
	accept_answer(conn);
	if (i->current)
		fail_with_body(i, &conn->parser.req);
}

/* "invocation/ID/response": the ID, when `path` ends so. */
static bool invocation_id(char id[37], const char *path, const char *end)
{
	const char *start = path + strlen("invocation/"), *slash;

	if (!str_starts(path, "invocation/"))
		return false;
	slash = strchr(start, '/');
	if (!slash || !str_eq(slash, end) || slash - start >= 37)
		return false;
	memcpy(id, start, (size_t)(slash - start));
	id[slash - start] = '\0';
	return true;
}

/* Only the function itself: not a web page that guesses the port. */
static bool is_ours(const struct instance *i, const struct runtime_request *r)
{
	char host[32];

	(void)snprintf(host, sizeof(host), "127.0.0.1:%d", i->port);
	return !r->has_origin && str_eq(r->host, host);
}

void runtime_serve(struct instance *i, struct connection *conn)
{
	const struct runtime_request *r = &conn->parser.req;
	const char *path = r->path + strlen(PREFIX);
	bool get = str_eq(r->method, "GET"), post = str_eq(r->method, "POST");
	char id[37];

	conn->close_after = r->close;
	if (!str_starts(r->path, PREFIX) || !is_ours(i, r))
		refuse(conn, 404, "NotFound", "this is the Runtime API of one function");
	else if (get && str_eq(path, "invocation/next"))
		serve_next(i, conn);
	else if (post && str_eq(path, "init/error"))
		serve_init_error(i, conn);
	else if (post && invocation_id(id, path, "/response"))
		serve_response(i, conn, id);
	else if (post && invocation_id(id, path, "/error"))
		serve_error(i, conn, id);
	else
		refuse(conn, 404, "NotFound", "the Runtime API has no such path");
}
