/*
 * One stack: change set, wait, execute, follow.
 */
#include "aws/service/cloudformation.h"
#include "base/clock.h"
#include "base/json.h"
#include "base/str.h"
#include "cfn/template.h"
#include "deploy/internal.h"

/* A stack on its way up. */
struct step {
	struct job *job;
	size_t i;
	const struct rendered_stack *stack;
	bool bridge; /* `stack` is one */
	enum plan_action action;
	char *reason;
	struct map params, tags;
	char *url;	/* of an uploaded template, or NULL */
	char *stack_id; /* once the change set is there */
	char name[64];	/* of the change set */
	char token[37];
};

static void step_release(struct step *s)
{
	free(s->reason);
	free(s->url);
	free(s->stack_id);
	map_release(&s->params, NULL);
	map_release(&s->tags, NULL);
}

static bool is_create(const struct step *s)
{
	return s->action == PLAN_CREATE;
}

/* All that it needs is up now: every value is known, and so is the action. */
static int settle(struct step *s, struct fp_error *err)
{
	const struct deploy_context *d = s->job->d;
	FP_AUTO(freep) bool *settled = xcalloc(d->rendering->nstacks, sizeof(*settled));

	for (size_t i = 0; i < d->rendering->nstacks; i++)
		settled[i] = true;
	if (plan_params(&s->params, d->rendering, s->stack, &s->job->live, settled,
			&s->job->code, err) < 0)
		return -1;
	s->action = plan_stack_action(&s->reason, s->stack, &s->job->live.v[s->i],
				      &s->params, d->manifest);
	plan_tags(&s->tags, d->manifest);
	if (s->bridge)
		plan_keep_params(&s->params, s->stack, &s->job->live.v[s->i]);
	if (s->action != PLAN_BLOCKED)
		return 0;
	return fp_fail(err, FP_ERR_STACK, "stack %s is %s: %s", s->stack->stack_name,
		       s->job->live.v[s->i].status, s->reason);
}

static int make_change_set(struct step *s, struct fp_error *err)
{
	struct change_set set = {
		.stack = s->stack->stack_name,
		.name = s->name,
		.type = is_create(s) ? "CREATE" : "UPDATE",
		.params = &s->params,
		.tags = &s->tags,
		.capability = s->stack->capability,
		.token = s->token,
	};

	random_uuid(s->token);
	(void)snprintf(s->name, sizeof(s->name), "fpctl-%s", s->token);
	if (s->stack->body_len > CFN_MAX_URL_BODY)
		return fp_fail(err, FP_ERR_LIMIT,
			       "the template has %zu bytes, and CloudFormation takes %d",
			       s->stack->body_len, CFN_MAX_URL_BODY);
	if (s->stack->body_len > CFN_MAX_BODY &&
	    upload_template(s->job, s->stack, &s->url, err) < 0)
		return -1;
	set.url = s->url;
	set.body = s->url ? NULL : s->stack->body;
	return cloudformation_create_change_set(s->job->d->aws, &set, &s->stack_id, err);
}

/* The change set's own reason, and what early validation found behind it. */
static int refuse(struct step *s, const char *reason, struct fp_error *err)
{
	FP_AUTO(buf_release) struct buf findings = BUF_INIT;

	if (strstr(reason, "AWS::EarlyValidation") &&
	    cloudformation_findings(s->job->d->aws, s->stack_id, s->name, &findings,
				    NULL) == 0 &&
	    findings.len > 0)
		reason = buf_str(&findings);
	return fp_fail(err, FP_ERR_STACK,
		       "stack %s: CloudFormation refuses the change set: %s",
		       s->stack->stack_name, str_or(reason, "it gives no reason"));
}

/* Wait for the change set; *empty: there is nothing to change. */
static int await_change_set(struct step *s, bool *empty, struct fp_error *err)
{
	int64_t delay = 25;

	for (;;) {
		FP_AUTO(json_freep) cJSON *set = NULL;

		if (cloudformation_change_set(s->job->d->aws, s->stack_id, s->name, &set,
					      err) < 0)
			return -1;
		if (str_eq(json_str(set, "Status", ""), "CREATE_COMPLETE"))
			return 0;
		if (!cloudformation_is_making(set)) {
			*empty = cloudformation_is_empty(set);
			return *empty ? 0
				      : refuse(s, json_str(set, "StatusReason", ""), err);
		}
		delay = FP_MIN(delay * 2, 2000);
		if (job_wait(s->job, delay, s->stack->stack_name, err) < 0)
			return -1;
	}
}

/* Whether the stack is but an announcement: another deployment may have made it. */
static bool is_unborn(const struct step *s)
{
	FP_AUTO(json_freep) cJSON *stack = NULL;

	return cloudformation_stack(s->job->d->aws, s->stack_id, &stack, NULL) == 0 &&
	       str_eq(json_str(stack, "StackStatus", ""), "REVIEW_IN_PROGRESS");
}

/* Best effort: the error that led here is the one to tell. */
static void discard_change_set(struct step *s)
{
	if (is_create(s) && is_unborn(s))
		(void)!delete_stack(s->job, s->stack->stack_name, s->stack_id, true,
				    NULL);
	else
		(void)!cloudformation_delete_change_set(s->job->d->aws, s->stack_id,
							s->name, NULL);
}

static bool succeeded(const char *status)
{
	return str_eq(status, "CREATE_COMPLETE") || str_eq(status, "UPDATE_COMPLETE");
}

static size_t count_resources(const struct node *template)
{
	const struct node *resources = node_get(template, "Resources");

	return resources && resources->kind == NODE_MAPPING ? resources->map.n : 0;
}

/* Where the resource that failed is written, in a template of the project's own. */
static void locate(const struct step *s, const char *resource, struct fp_error *err)
{
	const struct node *all = node_get(s->stack->template, "Resources");
	const struct node_pair *found = resource ? node_find(all, resource) : NULL;
	FP_AUTO(freep) char *message = NULL;

	if (!err || !found || !found->key->pos.file ||
	    str_starts(found->key->pos.file, "built-in"))
		return;
	message = xstrdup(err->message);
	(void)fp_fail_at(err, err->code, found->key->pos, "%s", message);
}

static int execute_and_follow(struct step *s, struct fp_error *err)
{
	FP_AUTO(follow_release)
	struct follow f = { .job = s->job,
			    .stack = s->stack->stack_name,
			    .stack_id = s->stack_id };

	if (is_create(s))
		f.total = count_resources(s->stack->template);
	if (follow_from_now(&f, err) < 0 ||
	    cloudformation_execute(s->job->d->aws, s->stack_id, s->name, s->token, false,
				   err) < 0) {
		discard_change_set(s);
		return -1;
	}
	job_begin(s->job);
	if (follow_to_end(&f, err) < 0)
		return -1;
	if (succeeded(f.status))
		return 0;
	(void)follow_fail(&f, err);
	locate(s, f.resource, err);
	/* What is left of a failed creation would block the next one. */
	if (is_create(s))
		(void)!delete_stack(s->job, s->stack->stack_name, s->stack_id, true,
				    NULL);
	return -1;
}

/* Read what is deployed now: others take their parameters from its outputs. */
static int refresh(struct step *s, struct fp_error *err)
{
	struct live_stack *live = &s->job->live.v[s->i];

	live_stack_release(live);
	return observe_stack(live, s->job->d->aws, s->stack_id, false, err);
}

static int change(struct step *s, bool *changed, struct fp_error *err)
{
	const struct live_stack *live = &s->job->live.v[s->i];
	bool empty = false;

	if (s->action == PLAN_RECREATE) {
		if (delete_stack(s->job, s->stack->stack_name, live->stack_id, true,
				 err) < 0)
			return fp_wrap(err, "cannot remove what failed before");
		s->action = PLAN_CREATE;
	}
	if (make_change_set(s, err) < 0)
		return -1;
	if (await_change_set(s, &empty, err) < 0) {
		discard_change_set(s);
		return -1;
	}
	*changed = !empty;
	if (empty) {
		discard_change_set(s);
		return 0;
	}
	if (execute_and_follow(s, err) < 0)
		return -1;
	return refresh(s, err);
}

/* Behind the change, for a creation that fails must be deleted. */
static int protect(struct step *s, bool *changed, struct fp_error *err)
{
	const struct manifest *m = s->job->d->manifest;
	struct live_stack *live = &s->job->live.v[s->i];

	if (s->bridge || !plan_protection_differs(live, m))
		return 0;
	if (cloudformation_protect(s->job->d->aws, live->stack_id, m->protect, err) < 0)
		return fp_wrap(err, "cannot switch the protection against deletion %s",
			       m->protect ? "on" : "off");
	live->protect = m->protect;
	*changed = true;
	return 0;
}

static void report_end(const struct step *s, int rc, bool changed,
		       const struct fp_error *err)
{
	struct deploy_event e = { .kind = rc < 0 ? DEPLOY_STACK_FAILED
						 : DEPLOY_STACK_DONE,
				  .stack = s->stack->stack_name,
				  .action = changed ? s->action : PLAN_NONE,
				  .reason = rc < 0 ? err->message : NULL,
				  .time_ms = clock_now_ms() };
	struct deploy_summary *sum = s->job->sum;

	if (s->bridge && rc == 0 && !changed)
		return;
	job_report(s->job, &e);
	if (rc < 0)
		job_count(s->job, &sum->failed);
	else if (s->bridge)
		return;
	else if (!changed)
		job_count(s->job, &sum->unchanged);
	else
		job_count(s->job, is_create(s) ? &sum->created : &sum->updated);
}

static int execute(struct job *job, size_t i, bool bridge, struct fp_error *err)
{
	FP_AUTO(step_release)
	struct step s = { .job = job,
			  .i = i,
			  .bridge = bridge,
			  .stack = bridge ? &job->bridges[i].stack
					  : &job->d->rendering->stacks[i],
			  .params = MAP_INIT,
			  .tags = MAP_INIT };
	struct fp_error why = { 0 };
	bool changed = false;
	int rc = settle(&s, &why);

	if (rc == 0 && s.action != PLAN_NONE) {
		struct deploy_event started = {
			.kind = DEPLOY_STACK_STARTED,
			.stack = s.stack->stack_name,
			.action = s.action,
			.reason = bridge ? "keeping what other stacks still use"
					 : s.reason,
			.time_ms = clock_now_ms()
		};

		job_report(job, &started);
		rc = bridge ? 0 : queues_wait(job, &job->queues, i, &why);
		if (rc == 0 && s.action != PLAN_PROTECT)
			rc = change(&s, &changed, &why);
		if (rc == 0)
			rc = protect(&s, &changed, &why);
		if (rc < 0 && why.code != FP_ERR_STACK && why.code != FP_ERR_INTERRUPTED)
			(void)fp_wrap(&why, "stack %s", s.stack->stack_name);
	}
	report_end(&s, rc, changed, &why);
	if (rc < 0 && err)
		*err = why;
	return rc;
}

int execute_stack(struct job *job, size_t i, struct fp_error *err)
{
	return execute(job, i, false, err);
}

int execute_bridge(struct job *job, size_t i, struct fp_error *err)
{
	if (execute(job, i, true, err) < 0)
		return -1;
	job->bridges[i].crossed = true;
	return 0;
}
