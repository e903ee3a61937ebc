#include "base/clock.h"
#include "base/digest.h"
#include "base/json.h"
#include "base/str.h"
#include "emulator/bus.h"
#include "emulator/service/lambda.h"

char *lambda_event_text(const cJSON *in)
{
	const cJSON *payload = json_get(in, "Payload");

	if (!payload || cJSON_IsNull(payload))
		return xstrdup("{}");
	return cJSON_IsString(payload) ? xstrdup(payload->valuestring)
				       : json_text(payload);
}

static int check_event(struct call *c, const char *event, size_t max)
{
	FP_AUTO(json_freep) cJSON *j = NULL;
	struct fp_error err = { 0 };
	size_t n = strlen(event);

	if (n > max)
		return fault_set(
			&c->fault, 413, "RequestTooLargeException",
			"%zu byte payload is too large for the invocation (limit %zu "
			"bytes)",
			n, max);
	j = json_parse(event, n, "the payload", &err);
	if (!j)
		return fault_set(&c->fault, 400, "InvalidRequestContentException",
				 "Could not parse request body into json: %s",
				 err.message);
	return 0;
}

int lambda_result_fault(struct call *c, const struct lambda_function *f,
			const struct invocation *inv)
{
	if (inv->result == LAMBDA_THROTTLED)
		return fault_set(&c->fault, 429, "TooManyRequestsException",
				 "Rate Exceeded: all instances of '%s' are busy",
				 f->name);
	return fault_set(&c->fault, 503, "ServiceException", "the emulator is stopping");
}

static void add_tail(cJSON *out, const struct buf *tail)
{
	FP_AUTO(buf_release) struct buf text = BUF_INIT;
	size_t n = FP_MIN(tail->len, (size_t)LAMBDA_TAIL);

	if (n)
		base64_encode(&text, tail->data + tail->len - n, n);
	json_set_str(out, "LogResult", buf_str(&text));
}

static int invoke_and_wait(struct call *c, const struct lambda_function *f,
			   const cJSON *in, const char *event, cJSON *out)
{
	struct invocation inv;
	int rc;

	invocation_init(&inv, event, strlen(event));
	inv.client_context = json_str(in, "ClientContext", NULL);
	rc = lambda_run(c, f, &inv);
	if (rc == 0 && inv.result != LAMBDA_DONE)
		rc = lambda_result_fault(c, f, &inv);
	if (rc == 0) {
		json_set_int(out, "StatusCode", 200);
		json_set_str(out, "ExecutedVersion", "$LATEST");
		if (inv.failed)
			json_set_str(out, "FunctionError", "Unhandled");
		json_set_str(out, "Payload", buf_str(&inv.response));
		if (str_eq(json_str(in, "LogType", NULL), "Tail"))
			add_tail(out, &inv.tail);
	}
	invocation_release(&inv);
	return rc;
}

static int accept_event(struct call *c, const struct lambda_function *f,
			const char *event, cJSON *out)
{
	FP_AUTO(json_freep) cJSON *run = cJSON_CreateObject();
	char request_id[37];

	random_uuid(request_id);
	json_set_str(run, "FunctionName", json_str(f->config, "FunctionArn", ""));
	json_set_str(run, "Payload", event);
	json_set_str(run, "RequestId", request_id);
	json_set_int(run, "Attempt", 1);
	json_set_int(run, "Accepted", clock_now_ms());
	if (bus_enqueue(c, "lambda", "FpctlRunEvent", run, LAMBDA_EVENT_RETRIES, 0) < 0)
		return -1;
	json_set_int(out, "StatusCode", 202);
	return 0;
}

int lambda_Invoke(struct call *c, const cJSON *in, cJSON *out)
{
	FP_AUTO(lambda_function_release) struct lambda_function f = LAMBDA_FUNCTION_INIT;
	FP_AUTO(freep) char *event = lambda_event_text(in);
	const char *type = str_or(json_str(in, "InvocationType", NULL),
				  "RequestResponse");
	bool async = str_eq(type, "Event");

	if (lambda_load(c, &f, json_str(in, "FunctionName", NULL),
			json_str(in, "Qualifier", NULL)) < 0)
		return -1;
	if (str_eq(type, "DryRun")) {
		json_set_int(out, "StatusCode", 204);
		return 0;
	}
	if (!async && !str_eq(type, "RequestResponse"))
		return fault_set(
			&c->fault, 400, "InvalidParameterValueException",
			"'%s' is no InvocationType: use RequestResponse, Event or "
			"DryRun",
			type);
	if (check_event(c, event, async ? LAMBDA_MAX_EVENT : LAMBDA_MAX_PAYLOAD) < 0)
		return -1;
	return async ? accept_event(c, &f, event, out)
		     : invoke_and_wait(c, &f, in, event, out);
}
