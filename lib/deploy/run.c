/*
 * A deployment: observe, plan, and the stacks and uploads along the graph.
 */
#include "aws/service/cloudformation.h"
#include "base/clock.h"
#include "base/json.h"
#include "base/str.h"
#include "cfn/template.h"
#include "deploy/internal.h"
#include "http/client.h"

static bool takes_code(const struct rendered_stack *s, const char *processor)
{
	for (size_t i = 0; i < s->nparameters; i++)
		if (s->parameters[i].from == PARAM_FROM_CODE &&
		    str_eq(s->parameters[i].processor, processor))
			return true;
	return false;
}

/* The first processor with the same code: one upload serves them all. */
static size_t first_with_key(const struct job *job, size_t k)
{
	size_t first = 0;

	while (!str_eq(job->d->code[first].asset.key, job->d->code[k].asset.key))
		first++;
	return first;
}

/* The node in which a stack loses what its bridge kept: after those who used it. */
static size_t last_step(const struct job *job, size_t stack)
{
	return job->d->rendering->nstacks + job->d->ncode + stack;
}

/* Whoever reads this stack's outputs is over with it, in its own last step, too. */
static void add_last_step(struct dag *dag, const struct job *job, size_t i, size_t direct)
{
	const struct rendering *r = job->d->rendering;

	dag_add(dag, i, last_step(job, i));
	for (size_t e = 0; e < direct; e++) {
		size_t user = dag->edges[e].to;

		if (dag->edges[e].from != i)
			continue;
		dag_add(dag, user, last_step(job, i));
		if (user < r->nstacks)
			dag_add(dag, last_step(job, user), last_step(job, i));
	}
	for (size_t user = 0; user < r->nstacks; user++)
		if (plan_holds_back(r, &job->live, i, user))
			dag_add(dag, user, last_step(job, i));
}

static void add_last_steps(struct dag *dag, const struct job *job)
{
	size_t direct = dag->nedges;

	for (size_t i = 0; i < job->d->rendering->nstacks; i++)
		if (job->bridges[i].needed)
			add_last_step(dag, job, i, direct);
}

static bool needs_upload(const struct job *job, size_t i)
{
	return job->d->rendering->stacks[i].body_len > CFN_MAX_BODY ||
	       job->bridges[i].stack.body_len > CFN_MAX_BODY;
}

/* The stacks, those with large templates after the bucket; behind them one node an
 * upload: after the bucket, before its users; then one a stack for its last step. */
static void build_graph(struct dag *dag, const struct job *job)
{
	const struct rendering *r = job->d->rendering;
	FP_AUTO(dag_release) struct dag stacks = { 0 };
	size_t artifacts = artifact_stack(r);

	plan_dag(&stacks, r);
	dag_init(dag, last_step(job, r->nstacks));
	for (size_t i = 0; i < stacks.nedges; i++)
		dag_add(dag, stacks.edges[i].from, stacks.edges[i].to);
	for (size_t i = 0; i < r->nstacks; i++)
		if (artifacts != SIZE_MAX && i != artifacts && needs_upload(job, i))
			dag_add(dag, artifacts, i);
	for (size_t k = 0; k < job->d->ncode; k++) {
		size_t upload = r->nstacks + k;

		size_t first = first_with_key(job, k);

		if (artifacts != SIZE_MAX)
			dag_add(dag, artifacts, upload);
		if (first != k)
			dag_add(dag, r->nstacks + first, upload);
		for (size_t i = 0; i < r->nstacks; i++)
			if (takes_code(&r->stacks[i], job->d->code[k].processor))
				dag_add(dag, upload, i);
	}
	add_last_steps(dag, job);
}

/* Nobody asks for code that is deployed already, or uploaded for another one. */
static bool wants_code(const struct job *job, size_t k)
{
	const struct rendering *r = job->d->rendering;

	for (size_t same = k; same < job->d->ncode; same++) {
		if (first_with_key(job, same) != k)
			continue;
		for (size_t i = 0; i < r->nstacks; i++)
			if (takes_code(&r->stacks[i], job->d->code[same].processor) &&
			    job->plan.v[i].action != PLAN_NONE)
				return true;
	}
	return false;
}

static int run_node(void *ctx, size_t node, struct fp_error *err)
{
	struct job *job = ctx;
	size_t nstacks = job->d->rendering->nstacks;

	if (http_interrupted())
		return fp_fail(err, FP_ERR_INTERRUPTED, "stopped before all was begun");
	if (node < nstacks)
		return job->bridges[node].needed ? execute_bridge(job, node, err)
						 : execute_stack(job, node, err);
	if (node >= last_step(job, 0)) {
		node -= last_step(job, 0);
		return job->bridges[node].needed ? execute_stack(job, node, err) : 0;
	}
	return wants_code(job, node - nstacks) ? upload_code(job, node - nstacks, err)
					       : 0;
}

static void skip_node(void *ctx, size_t node)
{
	struct job *job = ctx;
	struct deploy_event e = { .kind = DEPLOY_STACK_SKIPPED,
				  .time_ms = clock_now_ms() };

	/* A bridge that failed has told so itself. */
	if (node >= last_step(job, 0) && job->bridges[node - last_step(job, 0)].crossed)
		node -= last_step(job, 0);
	if (node >= job->d->rendering->nstacks)
		return;
	e.stack = job->d->rendering->stacks[node].stack_name;
	job_report(job, &e);
	job_count(job, &job->sum->skipped);
}

static void report_plan(struct job *job)
{
	for (size_t i = 0; i < job->plan.n; i++) {
		const struct plan_stack *p = &job->plan.v[i];
		struct deploy_event e = { .kind = DEPLOY_STACK_PLANNED,
					  .stack = p->stack->stack_name,
					  .action = p->action,
					  .reason = p->reason,
					  .time_ms = clock_now_ms() };

		job_report(job, &e);
	}
}

static void find_bridges(struct job *job)
{
	const struct rendering *r = job->d->rendering;

	job->bridges = xcalloc(r->nstacks, sizeof(*job->bridges));
	for (size_t i = 0; i < r->nstacks; i++)
		job->bridges[i].needed = plan_bridge(&job->bridges[i].stack, &job->arena,
						     r, &job->live, i);
}

/* Whether its next template lacks a queue that it has: only then it is worth a look. */
static bool loses_queue(const struct job *job, size_t i)
{
	const struct node *old = node_get(job->live.v[i].template, "Resources");
	const struct node *new = node_get(job->d->rendering->stacks[i].template,
					  "Resources");

	for (size_t k = 0; old && old->kind == NODE_MAPPING && k < old->map.n; k++)
		if (node_is(node_get(old->map.v[k].value, "Type"), "AWS::SQS::Queue") &&
		    !node_get(new, node_text(old->map.v[k].key)))
			return true;
	return false;
}

static int find_queues(struct job *job, struct fp_error *err)
{
	for (size_t i = 0; i < job->d->rendering->nstacks; i++) {
		const struct live_stack *live = &job->live.v[i];
		FP_AUTO(json_freep) cJSON *resources = NULL;

		if (!live->exists || !loses_queue(job, i))
			continue;
		if (cloudformation_resources(job->d->aws, live->stack_id, &resources,
					     err) < 0 ||
		    queues_leaving(&job->queues, job->d->aws, live, i,
				   job->d->rendering->stacks[i].template, resources,
				   err) < 0)
			return -1;
	}
	return queues_check(&job->queues, err);
}

static int run_job(struct job *job, struct fp_error *err)
{
	const struct deploy_context *d = job->d;
	FP_AUTO(dag_release) struct dag dag = { 0 };

	if (observe_settled(job, err) < 0 ||
	    plan_build(&job->plan, d->rendering, &job->live, &job->code, d->manifest,
		       err) < 0 ||
	    find_queues(job, err) < 0)
		return -1;
	report_plan(job);
	find_bridges(job);
	build_graph(&dag, job);
	return dag_run(&dag, run_node, skip_node, job, err);
}

int deploy_run(const struct deploy_context *d, struct deploy_summary *sum,
	       struct fp_error *err)
{
	FP_AUTO(job_release) struct job job;

	job_init(&job, d, sum);
	return job_end(&job, run_job(&job, err), err);
}
