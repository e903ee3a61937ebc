#include "base/clock.h"
#include "deploy/internal.h"

#define DEFAULT_TIMEOUT_MS (60LL * 60 * 1000)

void job_init(struct job *job, const struct deploy_context *d, struct deploy_summary *sum)
{
	*job = (struct job){ .d = d, .sum = sum, .plan = PLAN_INIT, .code = MAP_INIT };
	*sum = (struct deploy_summary){ 0 };
	job->deadline_ms = clock_monotonic_ms() +
			   (d->timeout_ms ? d->timeout_ms : DEFAULT_TIMEOUT_MS);
	job->requests = aws_client_requests(d->aws);
	for (size_t i = 0; i < d->ncode; i++)
		(void)map_put(&job->code, d->code[i].processor, d->code[i].asset.key);
	pthread_mutex_init(&job->lock, NULL);
}

void job_release(struct job *job)
{
	job->sum->requests = aws_client_requests(job->d->aws) - job->requests;
	live_release(&job->live);
	plan_release(&job->plan);
	map_release(&job->code, NULL);
	free(job->bridges);
	queues_release(&job->queues);
	arena_release(&job->arena);
	pthread_mutex_destroy(&job->lock);
}

void job_report(struct job *job, const struct deploy_event *e)
{
	if (!job->d->report)
		return;
	pthread_mutex_lock(&job->lock);
	job->d->report(job->d->report_ctx, e);
	pthread_mutex_unlock(&job->lock);
}

void job_count(struct job *job, size_t *counter)
{
	pthread_mutex_lock(&job->lock);
	++*counter;
	pthread_mutex_unlock(&job->lock);
}

void job_begin(struct job *job)
{
	pthread_mutex_lock(&job->lock);
	job->begun = true;
	pthread_mutex_unlock(&job->lock);
}

int job_end(const struct job *job, int rc, struct fp_error *err)
{
	if (rc == 0 || !err || err->code != FP_ERR_INTERRUPTED)
		return rc;
	if (!job->begun)
		return fp_fail(err, FP_ERR_INTERRUPTED,
			       "stopped before anything was changed");
	return fp_fail(
		err, FP_ERR_INTERRUPTED,
		"detached: CloudFormation goes on with what was begun; 'fpctl status' "
		"shows how far it is, and the same command again follows it");
}

int job_wait(struct job *job, int64_t ms, const char *stack, struct fp_error *err)
{
	if (!aws_pause(ms))
		return fp_fail(err, FP_ERR_INTERRUPTED, "stopped waiting for %s", stack);
	if (clock_monotonic_ms() > job->deadline_ms)
		return fp_fail(
			err, FP_ERR_TIMEOUT,
			"%s has not ended in the time allowed; CloudFormation goes on: "
			"'fpctl status' shows how far it is, and the same command "
			"again follows it",
			stack);
	return 0;
}
