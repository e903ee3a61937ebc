/* What becomes of an accepted event: its attempts, and where it goes in the end. */
#include "base/clock.h"
#include "base/json.h"
#include "base/log.h"
#include "base/str.h"
#include "emulator/bus.h"
#include "emulator/service/lambda.h"
#include "wire/arn.h"

#define ASYNC_RETRIES  2     /* after function errors, unless configured */
#define ASYNC_PAUSE_MS 1000  /* before the first retry; AWS waits a minute */
#define ASYNC_AGE_S    21600 /* until an event is given up, unless configured */

/* The record that destinations get: of an event that was never invoked, it has no
 * response. */
static cJSON *outcome(const struct lambda_function *f, const cJSON *run,
		      const struct invocation *inv, const char *condition)
{
	bool invoked = inv->result == LAMBDA_DONE;
	cJSON *j = cJSON_CreateObject(), *request, *response, *payload;
	char now[25];

	time_iso(now, clock_now_ms());
	json_set_str(j, "version", "1.0");
	json_set_str(j, "timestamp", now);
	request = json_set_object(j, "requestContext");
	json_set_str(request, "requestId", inv->request_id);
	json_set_fmt(request, "functionArn", "%s:$LATEST",
		     json_str(f->config, "FunctionArn", ""));
	json_set_str(request, "condition", condition);
	json_set_int(request, "approximateInvokeCount",
		     json_int(run, "Attempt", 1) - !invoked);
	payload = cJSON_Parse(inv->payload);
	json_set(j, "requestPayload", payload ? payload : cJSON_CreateNull());
	if (!invoked)
		return j;
	response = json_set_object(j, "responseContext");
	json_set_int(response, "statusCode", 200);
	json_set_str(response, "executedVersion", "$LATEST");
	if (inv->failed)
		json_set_str(response, "functionError", "Unhandled");
	payload = cJSON_Parse(buf_str(&inv->response));
	json_set(j, "responsePayload", payload ? payload : cJSON_CreateNull());
	return j;
}

/* To a function, a queue or a topic. `attributes` are for the latter two; NULL: none. */
static int send_to(struct call *c, const char *target, const char *text,
		   const cJSON *attributes)
{
	FP_AUTO(json_freep) cJSON *in = cJSON_CreateObject();
	const char *service = "sns", *action = "Publish";
	struct arn arn;

	if (arn_parse(&arn, target) && str_eq(arn.service, "lambda")) {
		service = "lambda";
		action = "Invoke";
		json_set_str(in, "FunctionName", target);
		json_set_str(in, "InvocationType", "Event");
		json_set_str(in, "Payload", text);
	} else if (str_eq(arn.service, "sqs")) {
		service = "sqs";
		action = "FpctlSend";
		json_set_str(in, "QueueArn", target);
		json_set_str(in, "MessageBody", text);
	} else {
		json_set_str(in, "TopicArn", target);
		json_set_str(in, "Message", text);
	}
	if (attributes && !str_eq(service, "lambda"))
		json_set(in, "MessageAttributes", cJSON_Duplicate(attributes, true));
	return bus_enqueue(c, service, action, in, LAMBDA_EVENT_RETRIES, 0);
}

static int send_outcome(struct call *c, const char *target,
			const struct lambda_function *f, const cJSON *run,
			const struct invocation *inv, const char *condition)
{
	FP_AUTO(json_freep) cJSON *record = outcome(f, run, inv, condition);
	FP_AUTO(freep) char *text = json_text(record);

	return send_to(c, target, text, NULL);
}

static int after_success(struct call *c, const struct lambda_function *f,
			 const cJSON *run, const struct invocation *inv)
{
	const char *target = json_str(f->event_config,
				      "DestinationConfig.OnSuccess.Destination", "");

	return *target ? send_outcome(c, target, f, run, inv, "Success") : 0;
}

static void add_attribute(cJSON *attributes, const char *name, const char *type,
			  const char *value)
{
	cJSON *a = json_set_object(attributes, name);

	json_set_str(a, "DataType", type);
	json_set_str(a, "StringValue", value);
}

/* A dead letter is the event itself; what went wrong stands beside it. */
static int send_letter(struct call *c, const char *target, const struct invocation *inv)
{
	FP_AUTO(json_freep) cJSON *attributes = cJSON_CreateObject();
	FP_AUTO(json_freep) cJSON *response = cJSON_Parse(buf_str(&inv->response));
	bool invoked = inv->result == LAMBDA_DONE;

	add_attribute(attributes, "RequestID", "String", inv->request_id);
	add_attribute(attributes, "ErrorCode", "Number", invoked ? "200" : "429");
	add_attribute(attributes, "ErrorMessage", "String",
		      str_or(json_str(response, "errorMessage", NULL),
			     invoked ? "Unhandled" : "Rate Exceeded."));
	return send_to(c, target, inv->payload, attributes);
}

static int drop_event(struct call *c, const struct lambda_function *f, const cJSON *run,
		      const struct invocation *inv, const char *condition)
{
	const char *target = json_str(f->event_config,
				      "DestinationConfig.OnFailure.Destination", "");
	const char *letters = json_str(f->config, "DeadLetterConfig.TargetArn", "");

	log_msg(LOG_WARN,
		"the function '%s' gives the event %s up (%s, attempt %lld): %s", f->name,
		inv->request_id, condition, (long long)json_int(run, "Attempt", 1),
		*target || *letters ? "it goes to the destination" : "it is dropped");
	if (*target && send_outcome(c, target, f, run, inv, condition) < 0)
		return -1;
	return *letters ? send_letter(c, letters, inv) : 0;
}

static bool is_too_old(const struct lambda_function *f, const cJSON *run)
{
	int64_t seconds = json_int(f->event_config, "MaximumEventAgeInSeconds",
				   ASYNC_AGE_S);

	return clock_now_ms() - json_int(run, "Accepted", 0) > seconds * 1000;
}

static int after_failure(struct call *c, const struct lambda_function *f,
			 const cJSON *run, const struct invocation *inv)
{
	int64_t attempt = json_int(run, "Attempt", 1);
	int64_t retries = json_int(f->event_config, "MaximumRetryAttempts",
				   ASYNC_RETRIES);
	FP_AUTO(json_freep) cJSON *next = cJSON_Duplicate(run, true);

	if (attempt > retries || is_too_old(f, run))
		return drop_event(c, f, run, inv,
				  attempt > retries ? "RetriesExhausted"
						    : "EventAgeExceeded");
	json_set_int(next, "Attempt", attempt + 1);
	return bus_enqueue(c, "lambda", "FpctlRunEvent", next, LAMBDA_EVENT_RETRIES,
			   ASYNC_PAUSE_MS * attempt);
}

/* A throttled event waits, but not for a function that may never run, nor for ever. */
static int after_none(struct call *c, const struct lambda_function *f, const cJSON *run,
		      const struct invocation *inv)
{
	if (inv->result == LAMBDA_THROTTLED && f->concurrency == 0)
		return drop_event(c, f, run, inv, "RetriesExhausted");
	if (inv->result == LAMBDA_THROTTLED && is_too_old(f, run))
		return drop_event(c, f, run, inv, "EventAgeExceeded");
	return lambda_result_fault(c, f, inv);
}

/*
 * An accepted event's turn, given by the bus. A fault with 429 or 5xx leaves it
 * queued; a function's error is not a fault: the next attempt is queued before
 * this delivery ends, so that none is lost between the two.
 */
int lambda_FpctlRunEvent(struct call *c, const cJSON *in, cJSON *out FP_UNUSED)
{
	FP_AUTO(lambda_function_release) struct lambda_function f = LAMBDA_FUNCTION_INIT;
	FP_AUTO(freep) char *event = lambda_event_text(in);
	struct invocation inv;
	int rc;

	if (lambda_load(c, &f, json_str(in, "FunctionName", NULL), NULL) < 0)
		return -1;
	invocation_init(&inv, event, strlen(event));
	(void)snprintf(inv.request_id, sizeof(inv.request_id), "%s",
		       json_str(in, "RequestId", inv.request_id));
	inv.waits = true;
	rc = lambda_run(c, &f, &inv);
	if (rc == 0 && inv.result != LAMBDA_DONE)
		rc = after_none(c, &f, in, &inv);
	else if (rc == 0)
		rc = inv.failed ? after_failure(c, &f, in, &inv)
				: after_success(c, &f, in, &inv);
	invocation_release(&inv);
	return rc;
}
