/*
 * Following a stack's operation to its end: polling, events, the root cause.
 */
#include "aws/service/cloudformation.h"
#include "base/clock.h"
#include "base/json.h"
#include "base/str.h"
#include "deploy/internal.h"
#include "http/retry.h"

/* An endpoint that answers this fast is on this machine. */
#define FAST_ANSWER_MS	30
#define FAST_POLL_MS	50
#define FIRST_POLL_MS	500
#define SLOWEST_POLL_MS 3000
/* After so many polls without an event, the stack itself is asked. */
#define IDLE_POLLS 5
/* So many polls in a row may fail by what passes: throttling, a lost network. */
#define FAILURES_MAX 5

void follow_release(struct follow *f)
{
	free(f->last_event);
	free(f->status);
	free(f->resource);
	free(f->type);
	free(f->reason);
	free(f->stack_reason);
}

static void set_text(char **field, const char *text)
{
	free(*field);
	*field = text ? xstrdup(text) : NULL;
}

/* Keep the first one. */
static void set_once(char **field, const char *text)
{
	if (!*field && text && *text)
		*field = xstrdup(text);
}

static bool is_stack(const struct follow *f, const cJSON *e)
{
	const char *id = json_str(e, "PhysicalResourceId", "");

	return str_eq(json_str(e, "ResourceType", ""), "AWS::CloudFormation::Stack") &&
	       (str_eq(id, f->stack_id) ||
		str_eq(json_str(e, "LogicalResourceId", ""), f->stack));
}

/* What failed only because something else did is not the cause. */
static bool is_cause(const char *status, const char *reason)
{
	return str_ends(status, "_FAILED") &&
	       !str_starts(reason, "Resource creation cancelled") &&
	       !str_starts(reason, "Resource update cancelled") &&
	       !str_starts(reason, "Resource deletion cancelled");
}

static void note_cause(struct follow *f, const cJSON *e)
{
	const char *status = json_str(e, "ResourceStatus", "");
	const char *reason = json_str(e, "ResourceStatusReason", "");

	if (is_stack(f, e)) {
		if (str_ends(status, "_FAILED") || strstr(status, "ROLLBACK"))
			set_once(&f->stack_reason, reason);
		return;
	}
	if (f->resource || !is_cause(status, reason))
		return;
	set_once(&f->resource, json_str(e, "LogicalResourceId", "?"));
	set_once(&f->type, json_str(e, "ResourceType", "?"));
	set_once(&f->reason, str_or(reason, status));
}

static void report(struct follow *f, const cJSON *e)
{
	struct deploy_event event = {
		.kind = DEPLOY_RESOURCE,
		.stack = f->stack,
		.resource = json_str(e, "LogicalResourceId", ""),
		.type = json_str(e, "ResourceType", ""),
		.status = json_str(e, "ResourceStatus", ""),
		.reason = json_str(e, "ResourceStatusReason", NULL),
		.total = f->total,
	};

	if (!time_parse(json_str(e, "Timestamp", ""), &event.time_ms))
		event.time_ms = clock_now_ms();
	if (!is_stack(f, e) && str_ends(event.status, "_COMPLETE"))
		f->done++;
	event.done = f->done;
	if (!f->quiet)
		job_report(f->job, &event);
}

/* Read the new events; *ended: the stack's own says that it is over. */
static int read_events(struct follow *f, size_t *count, bool *ended, struct fp_error *err)
{
	FP_AUTO(json_freep) cJSON *events = NULL;

	*count = 0;
	if (cloudformation_events(f->job->d->aws, f->stack_id, f->last_event, &events,
				  err) < 0)
		return -1;
	*ended = !events;
	json_each (e, events) {
		const char *status = json_str(e, "ResourceStatus", "");

		++*count;
		note_cause(f, e);
		report(f, e);
		if (is_stack(f, e))
			*ended = !str_ends(status, "_IN_PROGRESS");
		set_text(&f->last_event, json_str(e, "EventId", NULL));
	}
	return 0;
}

int follow_from_now(struct follow *f, struct fp_error *err)
{
	FP_AUTO(json_freep) cJSON *events = NULL;

	if (cloudformation_events(f->job->d->aws, f->stack_id, NULL, &events, err) < 0)
		return -1;
	json_each (e, events)
		set_text(&f->last_event, json_str(e, "EventId", NULL));
	return 0;
}

/* Whether the stack itself says that nothing runs any more; sets the status then. */
static int ask_stack(struct follow *f, bool *ended, struct fp_error *err)
{
	FP_AUTO(json_freep) cJSON *s = NULL;
	const char *status;

	if (cloudformation_stack(f->job->d->aws, f->stack_id, &s, err) < 0)
		return -1;
	status = json_str(s, "StackStatus", "DELETE_COMPLETE");
	*ended = !str_ends(status, "_IN_PROGRESS");
	if (*ended)
		set_text(&f->status, status);
	return 0;
}

/* Look once; *count: the new events, *ended: f->status says how. */
static int poll_once(struct follow *f, unsigned *idle, size_t *count, bool *ended,
		     struct fp_error *err)
{
	if (read_events(f, count, ended, err) < 0)
		return -1;
	*idle = *count ? 0 : *idle + 1;
	if (!*ended && *idle < IDLE_POLLS)
		return 0;
	*idle = 0;
	return ask_stack(f, ended, err);
}

/* A failed poll ends nothing but the following, and that only when it goes on so. */
static int forgive(const struct follow *f, unsigned failures, const struct fp_error *why,
		   struct fp_error *err)
{
	if (retry_may_pass(why) && failures < FAILURES_MAX)
		return 0;
	if (err)
		*err = *why;
	if (why->code == FP_ERR_INTERRUPTED)
		return -1;
	return fp_wrap(err,
		       "CloudFormation goes on with %s, which cannot be followed any "
		       "more; the same command again follows it",
		       f->stack);
}

int follow_to_end(struct follow *f, struct fp_error *err)
{
	int64_t shortest = 0, delay = 0;
	unsigned idle = 0, failures = 0;

	for (;;) {
		int64_t start = clock_monotonic_ms();
		struct fp_error why = { 0 };
		bool ended = false;
		size_t count = 0;

		if (poll_once(f, &idle, &count, &ended, &why) == 0)
			failures = 0;
		else if (forgive(f, ++failures, &why, err) < 0)
			return -1;
		else
			ended = false;
		if (ended)
			return 0;
		if (!shortest)
			shortest = clock_monotonic_ms() - start < FAST_ANSWER_MS
					   ? FAST_POLL_MS
					   : FIRST_POLL_MS;
		delay = count && !failures ? shortest
					   : FP_MIN(FP_MAX(delay, shortest) * 3 / 2,
						    SLOWEST_POLL_MS);
		if (job_wait(f->job, delay, f->stack, err) < 0)
			return -1;
	}
}

int follow_fail(const struct follow *f, struct fp_error *err)
{
	if (f->resource)
		return fp_fail(err, FP_ERR_STACK, "stack %s is %s: %s (%s): %s", f->stack,
			       f->status, f->resource, f->type, f->reason);
	return fp_fail(err, FP_ERR_STACK, "stack %s is %s: %s", f->stack, f->status,
		       str_or(f->stack_reason, "CloudFormation gives no reason"));
}

int delete_stack(struct job *job, const char *stack, const char *stack_id, bool quiet,
		 struct fp_error *err)
{
	FP_AUTO(follow_release)
	struct follow f = {
		.job = job, .stack = stack, .stack_id = stack_id, .quiet = quiet
	};

	if (follow_from_now(&f, err) < 0 ||
	    cloudformation_delete(job->d->aws, stack_id, NULL, err) < 0)
		return -1;
	job_begin(job);
	if (follow_to_end(&f, err) < 0)
		return -1;
	return str_eq(f.status, "DELETE_COMPLETE") ? 0 : follow_fail(&f, err);
}
