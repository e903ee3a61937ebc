/*
 * A deployment: observe, plan, and the stacks and uploads along the graph.
 */
#include "base/clock.h"
#include "base/str.h"
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

/* The stacks, and behind them one node an upload: after the bucket, before its users. */
static void build_graph(struct dag *dag, const struct job *job)
{
	const struct rendering *r = job->d->rendering;
	FP_AUTO(dag_release) struct dag stacks = { 0 };
	size_t artifacts = artifact_stack(r);

	plan_dag(&stacks, r);
	dag_init(dag, r->nstacks + job->d->ncode);
	for (size_t i = 0; i < stacks.nedges; i++)
		dag_add(dag, stacks.edges[i].from, stacks.edges[i].to);
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
		return execute_stack(job, node, err);
	return wants_code(job, node - nstacks) ? upload_code(job, node - nstacks, err)
					       : 0;
}

static void skip_node(void *ctx, size_t node)
{
	struct job *job = ctx;
	struct deploy_event e = { .kind = DEPLOY_STACK_SKIPPED,
				  .time_ms = clock_now_ms() };

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

static int run_job(struct job *job, struct fp_error *err)
{
	const struct deploy_context *d = job->d;
	FP_AUTO(dag_release) struct dag dag = { 0 };

	if (observe_settled(job, err) < 0 ||
	    plan_build(&job->plan, d->rendering, &job->live, &job->code, d->manifest,
		       err) < 0)
		return -1;
	report_plan(job);
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
