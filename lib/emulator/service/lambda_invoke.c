#include "base/clock.h"
#include "base/digest.h"
#include "base/json.h"
#include "base/log.h"
#include "base/str.h"
#include "emulator/bus.h"
#include "emulator/service/lambda.h"
#include "wire/arn.h"

#define ASYNC_RETRIES	 2    /* after function errors, unless configured */
#define ASYNC_PAUSE_MS	 1000 /* before the first retry; AWS waits a minute */
#define THROTTLE_RETRIES 1000 /* throttled events are not lost */

/* The event: a text is taken as it is, anything else is printed. */
static char *event_text(const cJSON *in)
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

static int result_fault(struct call *c, const struct lambda_function *f,
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
		rc = result_fault(c, f, &inv);
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
	if (bus_enqueue(c, "lambda", "FpctlRunEvent", run, THROTTLE_RETRIES, 0) < 0)
		return -1;
	json_set_int(out, "StatusCode", 202);
	return 0;
}

int lambda_Invoke(struct call *c, const cJSON *in, cJSON *out)
{
	FP_AUTO(lambda_function_release) struct lambda_function f = LAMBDA_FUNCTION_INIT;
	FP_AUTO(freep) char *event = event_text(in);
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

/* The record that destinations get. */
static cJSON *outcome(const struct lambda_function *f, const cJSON *run,
		      const struct invocation *inv)
{
	cJSON *j = cJSON_CreateObject(), *request, *response, *payload;
	char now[25];

	time_iso(now, clock_now_ms());
	json_set_str(j, "version", "1.0");
	json_set_str(j, "timestamp", now);
	request = json_set_object(j, "requestContext");
	json_set_str(request, "requestId", inv->request_id);
	json_set_fmt(request, "functionArn", "%s:$LATEST",
		     json_str(f->config, "FunctionArn", ""));
	json_set_str(request, "condition", inv->failed ? "RetriesExhausted" : "Success");
	json_set_int(request, "approximateInvokeCount", json_int(run, "Attempt", 1));
	payload = cJSON_Parse(inv->payload);
	json_set(j, "requestPayload", payload ? payload : cJSON_CreateNull());
	response = json_set_object(j, "responseContext");
	json_set_int(response, "statusCode", 200);
	json_set_str(response, "executedVersion", "$LATEST");
	if (inv->failed)
		json_set_str(response, "functionError", "Unhandled");
	payload = cJSON_Parse(buf_str(&inv->response));
	json_set(j, "responsePayload", payload ? payload : cJSON_CreateNull());
	return j;
}

static int send_to(struct call *c, const char *target, const cJSON *message)
{
	FP_AUTO(json_freep) cJSON *in = cJSON_CreateObject();
	FP_AUTO(freep) char *text = json_text(message);
	struct arn arn;

	if (arn_parse(&arn, target) && str_eq(arn.service, "lambda")) {
		json_set_str(in, "FunctionName", target);
		json_set_str(in, "InvocationType", "Event");
		json_set_str(in, "Payload", text);
		return bus_enqueue(c, "lambda", "Invoke", in, THROTTLE_RETRIES, 0);
	}
	json_set_str(in, "TopicArn", target);
	json_set_str(in, "Message", text);
	return bus_enqueue(c, "sns", "Publish", in, THROTTLE_RETRIES, 0);
}

static int after_success(struct call *c, const struct lambda_function *f,
			 const cJSON *run, const struct invocation *inv)
{
	const char *target = json_str(f->event_config,
				      "DestinationConfig.OnSuccess.Destination", NULL);
	FP_AUTO(json_freep) cJSON *message = NULL;

	if (!target)
		return 0;
	message = outcome(f, run, inv);
	return send_to(c, target, message);
}

static int drop_event(struct call *c, const struct lambda_function *f, const cJSON *run,
		      const struct invocation *inv)
{
	const char *target = json_str(f->event_config,
				      "DestinationConfig.OnFailure.Destination", NULL);
	const char *letters = json_str(f->config, "DeadLetterConfig.TargetArn", NULL);
	FP_AUTO(json_freep) cJSON *message = outcome(f, run, inv);

	log_msg(LOG_WARN, "the function '%s' failed %lld times on the event %s: %s",
		f->name, (long long)json_int(run, "Attempt", 1), inv->request_id,
		target || letters ? "it goes to the destination" : "it is dropped");
	if (target && send_to(c, target, message) < 0)
		return -1;
	return letters ? send_to(c, letters, json_get(message, "requestPayload")) : 0;
}

static int after_failure(struct call *c, const struct lambda_function *f,
			 const cJSON *run, const struct invocation *inv)
{
	int64_t attempt = json_int(run, "Attempt", 1);
	int64_t retries = json_int(f->event_config, "MaximumRetryAttempts",
				   ASYNC_RETRIES);
	int64_t max_age = json_int(f->event_config, "MaximumEventAgeInSeconds", 21600) *
			  1000;
	FP_AUTO(json_freep) cJSON *next = cJSON_Duplicate(run, true);

	if (attempt > retries || clock_now_ms() - json_int(run, "Accepted", 0) > max_age)
		return drop_event(c, f, run, inv);
	json_set_int(next, "Attempt", attempt + 1);
	return bus_enqueue(c, "lambda", "FpctlRunEvent", next, THROTTLE_RETRIES,
			   ASYNC_PAUSE_MS * attempt);
}

/*
 * An accepted event's turn, given by the bus. A fault with 429 or 5xx leaves it
 * queued; a function's error is not a fault: the next attempt is queued before
 * this delivery ends, so that none is lost between the two.
 */
int lambda_FpctlRunEvent(struct call *c, const cJSON *in, cJSON *out FP_UNUSED)
{
	FP_AUTO(lambda_function_release) struct lambda_function f = LAMBDA_FUNCTION_INIT;
	FP_AUTO(freep) char *event = event_text(in);
	struct invocation inv;
	int rc;

	if (lambda_load(c, &f, json_str(in, "FunctionName", NULL), NULL) < 0)
		return -1;
	invocation_init(&inv, event, strlen(event));
	(void)snprintf(inv.request_id, sizeof(inv.request_id), "%s",
		       json_str(in, "RequestId", inv.request_id));
	rc = lambda_run(c, &f, &inv);
	if (rc == 0 && inv.result != LAMBDA_DONE)
		rc = result_fault(c, &f, &inv);
	else if (rc == 0)
		rc = inv.failed ? after_failure(c, &f, in, &inv)
				: after_success(c, &f, in, &inv);
	invocation_release(&inv);
	return rc;
}
