/*
 * Threads that run blocking code along a graph.
 */
#include "deploy/internal.h"

#define MAX_THREADS 16

struct crew {
	struct dag *dag;
	parallel_fn run;
	void (*skipped)(void *ctx, size_t i);
	void *ctx;
	pthread_mutex_t lock; /* guards all that follows, and the dag */
	pthread_cond_t changed;
	struct fp_error first;
	bool failed;
};

/* Finish a node; its dependents that were passed over are told. */
static void finish(struct crew *crew, size_t node, int rc, const struct fp_error *why)
{
	struct dag *dag = crew->dag;
	FP_AUTO(freep) bool *waiting = xcalloc(dag->n, sizeof(*waiting));

	for (size_t i = 0; i < dag->n; i++)
		waiting[i] = dag->state[i] == DAG_WAITING;
	dag_finish(dag, node, rc == 0);
	if (rc < 0 && !crew->failed) {
		crew->failed = true;
		crew->first = *why;
	}
	for (size_t i = 0; i < dag->n && crew->skipped; i++)
		if (waiting[i] && dag->state[i] == DAG_SKIPPED)
			crew->skipped(crew->ctx, i);
	pthread_cond_broadcast(&crew->changed);
}

static void *work(void *arg)
{
	struct crew *crew = arg;

	pthread_mutex_lock(&crew->lock);
	while (!dag_over(crew->dag)) {
		size_t node = dag_next(crew->dag);
		struct fp_error why = { 0 };
		int rc;

		if (node == SIZE_MAX) {
			pthread_cond_wait(&crew->changed, &crew->lock);
			continue;
		}
		pthread_mutex_unlock(&crew->lock);
		rc = crew->run(crew->ctx, node, &why);
		pthread_mutex_lock(&crew->lock);
		finish(crew, node, rc, &why);
	}
	pthread_mutex_unlock(&crew->lock);
	return NULL;
}

int dag_run(struct dag *dag, parallel_fn run, void (*skipped)(void *ctx, size_t i),
	    void *ctx, struct fp_error *err)
{
	struct crew crew = { .dag = dag, .run = run, .skipped = skipped, .ctx = ctx };
	pthread_t threads[MAX_THREADS];
	size_t n = 0;

	/* A cycle would make all of them wait for ever. */
	if (dag_check(dag, err) < 0)
		return -1;
	pthread_mutex_init(&crew.lock, NULL);
	pthread_cond_init(&crew.changed, NULL);
	/* This thread is one of them, so it goes on even where none can be started. */
	while (n + 1 < FP_MIN(dag->n, MAX_THREADS) &&
	       pthread_create(&threads[n], NULL, work, &crew) == 0)
		n++;
	(void)work(&crew);
	while (n > 0)
		(void)pthread_join(threads[--n], NULL);
	pthread_cond_destroy(&crew.changed);
	pthread_mutex_destroy(&crew.lock);
	if (!crew.failed)
		return 0;
	if (err)
		*err = crew.first;
	return -1;
}

int parallel(size_t n, parallel_fn run, void *ctx, struct fp_error *err)
{
	FP_AUTO(dag_release) struct dag dag = { 0 };

	dag_init(&dag, n);
	return dag_run(&dag, run, NULL, ctx, err);
}
