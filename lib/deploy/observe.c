/*
 * What is deployed, read from CloudFormation.
 */
#include "aws/service/cloudformation.h"
#include "base/clock.h"
#include "base/json.h"
#include "base/str.h"
#include "deploy/internal.h"
#include "manifest/naming.h"
#include "yaml/load.h"

/* A list of {key: ..., value: ...} as a map of owned texts. */
static struct map *read_pairs(const cJSON *list, const char *key, const char *value)
{
	struct map *m = xcalloc(1, sizeof(*m));

	json_each (pair, list) {
		const char *name = json_str(pair, key, NULL);

		if (name)
			free(map_put(m, name, xstrdup(json_str(pair, value, ""))));
	}
	return m;
}

static int read_template(struct live_stack *out, struct aws_client *aws,
			 struct fp_error *err)
{
	FP_AUTO(buf_release) struct buf body = BUF_INIT;
	struct fp_error why = { 0 };

	if (cloudformation_template(aws, out->stack_id, &body, err) < 0)
		return -1;
	/* Somebody else's template may be beyond us: then it differs. */
	if (node_load_one(&out->template, &out->arena, buf_str(&body), body.len,
			  "deployed template", &why) < 0)
		out->template = NULL;
	return 0;
}

int observe_stack(struct live_stack *out, struct aws_client *aws, const char *stack,
		  bool template, struct fp_error *err)
{
	FP_AUTO(json_freep) cJSON *s = NULL;

	if (cloudformation_stack(aws, stack, &s, err) < 0)
		return -1;
	if (!s)
		return 0;
	out->exists = true;
	out->status = xstrdup(json_str(s, "StackStatus", ""));
	out->protect = json_bool(s, "EnableTerminationProtection", false);
	out->stack_id = xstrdup(json_str(s, "StackId", stack));
	if (!time_parse(json_str(s, "LastUpdatedTime", json_str(s, "CreationTime", "")),
			&out->changed_ms))
		out->changed_ms = 0;
	out->parameters = read_pairs(json_get(s, "Parameters"), "ParameterKey",
				     "ParameterValue");
	out->outputs = read_pairs(json_get(s, "Outputs"), "OutputKey", "OutputValue");
	out->tags = read_pairs(json_get(s, "Tags"), "Key", "Value");
	/* A stack under review has no template yet. */
	if (template && !str_eq(out->status, "REVIEW_IN_PROGRESS"))
		return read_template(out, aws, err);
	return 0;
}

struct observation {
	struct live *live;
	const struct deploy_context *d;
};

/* Which of the two tags it is that says so. */
static int not_ours(const char *stack, const struct live_stack *live,
		    const struct manifest *m, struct fp_error *err)
{
	const char *project = live->tags ? map_get(live->tags, NAMING_PROJECT_TAG) : NULL;
	const char *environment = live->tags ? map_get(live->tags, NAMING_ENVIRONMENT_TAG)
					     : NULL;

	if (!str_eq(project, m->project))
		return fp_fail(err, FP_ERR_STACK,
			       "stack %s is not of this project: it has no tag "
			       "%s=%s; give the project another name",
			       stack, NAMING_PROJECT_TAG, m->project);
	if (!m->environment)
		return fp_fail(err, FP_ERR_STACK,
			       "stack %s is of this project's environment '%s': give "
			       "the project or the environment another name",
			       stack, environment);
	return fp_fail(err, FP_ERR_STACK,
		       "stack %s is not of the environment '%s': it has no tag %s=%s; "
		       "give the environment another name",
		       stack, m->environment, NAMING_ENVIRONMENT_TAG, m->environment);
}

static int observe_one(void *ctx, size_t i, struct fp_error *err)
{
	struct observation *o = ctx;
	const char *stack = o->d->rendering->stacks[i].stack_name;

	if (observe_stack(&o->live->v[i], o->d->aws, stack, true, err) < 0)
		return fp_wrap(err, "cannot read stack %s", stack);
	if (o->live->v[i].exists && !plan_is_ours(&o->live->v[i], o->d->manifest))
		return not_ours(stack, &o->live->v[i], o->d->manifest, err);
	return 0;
}

int deploy_observe(struct live *out, const struct deploy_context *d, struct fp_error *err)
{
	struct observation o = { out, d };
	size_t n = d->rendering->nstacks;

	*out = (struct live){ xcalloc(n, sizeof(*out->v)), n };
	if (parallel(n, observe_one, &o, err) == 0)
		return 0;
	live_release(out);
	return -1;
}

static int wait_for_one(void *ctx, size_t i, struct fp_error *err)
{
	struct job *job = ctx;
	struct live_stack *live = &job->live.v[i];
	const char *stack = job->d->rendering->stacks[i].stack_name;
	FP_AUTO(follow_release)
	struct follow f = { .job = job, .stack = stack, .stack_id = live->stack_id };
	struct deploy_event started = { .kind = DEPLOY_STACK_STARTED,
					.stack = stack,
					.action = PLAN_BLOCKED,
					.status = live->status };

	if (!live_busy(live))
		return 0;
	job_report(job, &started);
	job_begin(job);
	if (follow_from_now(&f, err) < 0 || follow_to_end(&f, err) < 0)
		return -1;
	live_stack_release(live);
	return observe_stack(live, job->d->aws, stack, true, err);
}

int observe_settled(struct job *job, struct fp_error *err)
{
	if (job->d->observed) {
		job->live = *job->d->observed;
		*job->d->observed = (struct live){ NULL, 0 };
	} else if (deploy_observe(&job->live, job->d, err) < 0) {
		return -1;
	}
	return parallel(job->d->rendering->nstacks, wait_for_one, job, err);
}
