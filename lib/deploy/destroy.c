/*
 * Taking everything down, in the graph's reverse order.
 */
#include "aws/service/cloudformation.h"
#include "aws/service/s3.h"
#include "base/clock.h"
#include "base/json.h"
#include "base/str.h"
#include "deploy/internal.h"
#include "http/client.h"

struct search {
	const struct deploy_context *d;
	const struct live *live;
	struct deploy_data *found; /* by index of the stack */
};

static bool keeps(const struct node *template, const char *logical_id)
{
	const struct node *r = node_get(node_get(template, "Resources"), logical_id);
	const char *policy = node_text(node_get(r, "DeletionPolicy"));

	return policy && str_starts(policy, "Retain");
}

static void add_bucket(struct deploy_buckets *b, struct deploy_bucket bucket)
{
	b->v = xrealloc(b->v, (b->n + 1) * sizeof(*b->v));
	b->v[b->n++] = bucket;
}

static int search_stack(void *ctx, size_t i, struct fp_error *err)
{
	struct search *s = ctx;
	const struct live_stack *live = &s->live->v[i];
	FP_AUTO(json_freep) cJSON *resources = NULL;

	if (!live->exists)
		return 0;
	if (cloudformation_resources(s->d->aws, live->stack_id, &resources, err) < 0)
		return -1;
	json_each (r, resources) {
		struct deploy_bucket b = { .stack = i };
		const char *name = json_str(r, "PhysicalResourceId", "");

		if (!str_eq(json_str(r, "ResourceType", ""), "AWS::S3::Bucket") || !*name)
			continue;
		if (s3_count(s->d->aws, name, DEPLOY_COUNT_LIMIT, &b.objects, err) < 0)
			return -1;
		if (b.objects < 0)
			continue;
		b.name = xstrdup(name);
		b.retained = keeps(live->template, json_str(r, "LogicalResourceId", ""));
		b.artifacts = i == artifact_stack(s->d->rendering);
		add_bucket(&s->found[i].buckets, b);
	}
	return queues_leaving(&s->found[i].queues, s->d->aws, live, i, NULL, resources,
			      err);
}

static void take_over(struct deploy_data *all, struct deploy_data *found)
{
	for (size_t k = 0; k < found->buckets.n; k++)
		add_bucket(&all->buckets, found->buckets.v[k]);
	free(found->buckets.v);
	queues_move(&all->queues, &found->queues);
}

int deploy_find_data(struct deploy_data *out, const struct deploy_context *d,
		     const struct live *live, struct fp_error *err)
{
	FP_AUTO(freep) struct deploy_data *found = xcalloc(live->n, sizeof(*found));
	struct search s = { d, live, found };
	int rc = parallel(live->n, search_stack, &s, err);

	*out = (struct deploy_data){ 0 };
	for (size_t i = 0; i < live->n; i++)
		take_over(out, &found[i]);
	if (rc < 0)
		deploy_data_release(out);
	return rc;
}

void deploy_data_release(struct deploy_data *data)
{
	for (size_t i = 0; i < data->buckets.n; i++)
		free(data->buckets.v[i].name);
	free(data->buckets.v);
	queues_release(&data->queues);
	*data = (struct deploy_data){ 0 };
}

int deploy_check_data(const struct deploy_data *data, struct fp_error *err)
{
	for (size_t i = 0; i < data->buckets.n; i++) {
		const struct deploy_bucket *b = &data->buckets.v[i];

		if (!b->artifacts && b->objects > 0)
			return fp_fail(
				err, FP_ERR_INPUT,
				"bucket %s holds %lld%s object%s, so nothing was "
				"deleted; empty it, or give --delete-data to lose them",
				b->name, (long long)b->objects,
				b->objects >= DEPLOY_COUNT_LIMIT ? " or more" : "",
				b->objects == 1 ? "" : "s");
	}
	for (size_t i = 0; i < data->queues.n; i++) {
		const struct deploy_queue *q = &data->queues.v[i];

		if (!q->worked_off && q->messages > 0)
			return fp_fail(err, FP_ERR_INPUT,
				       "queue %s holds %lld message%s that nobody takes, "
				       "so nothing was deleted; look at them with 'aws "
				       "sqs receive-message --queue-url %s', or give "
				       "--delete-data to lose them",
				       q->name, (long long)q->messages,
				       q->messages == 1 ? "" : "s", q->url);
	}
	return 0;
}

struct destruction {
	struct job *job;
	struct deploy_data data;
	bool delete_data;
};

static int empty_buckets(struct destruction *d, size_t stack, struct fp_error *err)
{
	for (size_t i = 0; i < d->data.buckets.n; i++) {
		const struct deploy_bucket *b = &d->data.buckets.v[i];
		struct deploy_event e = {
			.kind = DEPLOY_EMPTIED,
			.stack = d->job->d->rendering->stacks[stack].stack_name,
			.resource = b->name,
		};
		int64_t deleted;

		if (b->stack != stack || (!d->delete_data && !b->artifacts))
			continue;
		if (s3_empty(d->job->d->aws, b->name, &deleted, err) < 0)
			return fp_wrap(err, "cannot empty bucket %s", b->name);
		if (!deleted)
			continue;
		e.done = (size_t)deleted;
		e.time_ms = clock_now_ms();
		job_report(d->job, &e);
	}
	return 0;
}

/* CloudFormation let them be, for the data; there is none in them any more. */
static int delete_kept(struct destruction *d, size_t stack, struct fp_error *err)
{
	for (size_t i = 0; i < d->data.buckets.n; i++) {
		const struct deploy_bucket *b = &d->data.buckets.v[i];

		if (b->stack == stack && b->retained &&
		    s3_delete_bucket(d->job->d->aws, b->name, err) < 0)
			return -1;
	}
	return 0;
}

static int take_down(struct destruction *d, size_t i, struct fp_error *err)
{
	const struct live_stack *live = &d->job->live.v[i];
	const char *stack = d->job->d->rendering->stacks[i].stack_name;

	if (empty_buckets(d, i, err) < 0 ||
	    (!d->delete_data && queues_wait(d->job, &d->data.queues, i, err) < 0))
		return -1;
	if (delete_stack(d->job, stack, live->stack_id, false, err) < 0)
		return -1;
	return delete_kept(d, i, err);
}

static int destroy_node(void *ctx, size_t i, struct fp_error *err)
{
	struct destruction *d = ctx;
	struct job *job = d->job;
	struct deploy_event e = { .kind = DEPLOY_STACK_STARTED,
				  .stack = job->d->rendering->stacks[i].stack_name,
				  .time_ms = clock_now_ms() };
	struct fp_error why = { 0 };
	int rc;

	if (!job->live.v[i].exists) {
		job_count(job, &job->sum->unchanged);
		return 0;
	}
	if (http_interrupted())
		return fp_fail(err, FP_ERR_INTERRUPTED, "stopped before all was begun");
	job_report(job, &e);
	rc = take_down(d, i, &why);
	e.kind = rc < 0 ? DEPLOY_STACK_FAILED : DEPLOY_STACK_DONE;
	e.reason = rc < 0 ? why.message : NULL;
	e.time_ms = clock_now_ms();
	job_report(job, &e);
	job_count(job, rc < 0 ? &job->sum->failed : &job->sum->deleted);
	if (rc < 0 && err)
		*err = why;
	return rc;
}

static void skip_stack(void *ctx, size_t i)
{
	struct destruction *d = ctx;
	struct deploy_event e = { .kind = DEPLOY_STACK_SKIPPED,
				  .stack = d->job->d->rendering->stacks[i].stack_name,
				  .time_ms = clock_now_ms() };

	job_report(d->job, &e);
	job_count(d->job, &d->job->sum->skipped);
}

static int destroy_all(struct destruction *d, struct fp_error *err)
{
	struct job *job = d->job;
	FP_AUTO(dag_release) struct dag dag = { 0 };

	if (observe_settled(job, err) < 0 ||
	    deploy_find_data(&d->data, job->d, &job->live, err) < 0 ||
	    (!d->delete_data && deploy_check_data(&d->data, err) < 0))
		return -1;
	plan_dag(&dag, job->d->rendering);
	dag_reverse(&dag);
	return dag_run(&dag, destroy_node, skip_stack, d, err);
}

int deploy_destroy(const struct deploy_context *dc, bool delete_data,
		   struct deploy_summary *sum, struct fp_error *err)
{
	FP_AUTO(job_release) struct job job;
	struct destruction d = { .job = &job, .delete_data = delete_data };
	int rc;

	job_init(&job, dc, sum);
	rc = job_end(&job, destroy_all(&d, err), err);
	deploy_data_release(&d.data);
	return rc;
}
