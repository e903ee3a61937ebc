#include "plan/dag.h"

#include "base/buf.h"

void dag_init(struct dag *d, size_t n)
{
	*d = (struct dag){ .n = n };
	d->state = xcalloc(n, sizeof(*d->state));
}

void dag_add(struct dag *d, size_t from, size_t to)
{
	if (d->nedges == d->cap) {
		d->cap = d->cap ? d->cap * 2 : 16;
		d->edges = xrealloc(d->edges, d->cap * sizeof(*d->edges));
	}
	d->edges[d->nedges++] = (struct dag_edge){ from, to };
}

void dag_reverse(struct dag *d)
{
	for (size_t i = 0; i < d->nedges; i++)
		d->edges[i] = (struct dag_edge){ d->edges[i].to, d->edges[i].from };
}

static bool ready(const struct dag *d, size_t node)
{
	for (size_t i = 0; i < d->nedges; i++)
		if (d->edges[i].to == node && d->state[d->edges[i].from] != DAG_DONE)
			return false;
	return true;
}

size_t dag_next(struct dag *d)
{
	for (size_t i = 0; i < d->n; i++) {
		if (d->state[i] == DAG_WAITING && ready(d, i)) {
			d->state[i] = DAG_RUNNING;
			return i;
		}
	}
	return SIZE_MAX;
}

static void skip_dependents(struct dag *d, size_t node)
{
	for (size_t i = 0; i < d->nedges; i++) {
		size_t to = d->edges[i].to;

		if (d->edges[i].from != node || d->state[to] != DAG_WAITING)
			continue;
		d->state[to] = DAG_SKIPPED;
		skip_dependents(d, to);
	}
}

void dag_finish(struct dag *d, size_t node, bool ok)
{
	d->state[node] = ok ? DAG_DONE : DAG_FAILED;
	if (!ok)
		skip_dependents(d, node);
}

bool dag_over(const struct dag *d)
{
	for (size_t i = 0; i < d->n; i++)
		if (d->state[i] == DAG_WAITING || d->state[i] == DAG_RUNNING)
			return false;
	return true;
}

/* What is left when all that can be done was done, waits for a cycle. */
int dag_check(const struct dag *d, struct fp_error *err)
{
	FP_AUTO(dag_release) struct dag copy = { .n = d->n, .edges = NULL, .nedges = 0 };
	FP_AUTO(buf_release) struct buf cycle = BUF_INIT;
	size_t node;

	copy.state = xcalloc(d->n, sizeof(*copy.state));
	for (size_t i = 0; i < d->nedges; i++)
		dag_add(&copy, d->edges[i].from, d->edges[i].to);
	while ((node = dag_next(&copy)) != SIZE_MAX)
		dag_finish(&copy, node, true);
	for (size_t i = 0; i < d->n; i++)
		if (copy.state[i] != DAG_DONE)
			buf_printf(&cycle, "%s%zu", cycle.len ? ", " : "", i);
	if (cycle.len == 0)
		return 0;
	return fp_fail(err, FP_ERR_TEMPLATE, "these wait for each other: %s",
		       buf_str(&cycle));
}

void dag_release(struct dag *d)
{
	free(d->state);
	free(d->edges);
	*d = (struct dag){ 0 };
}
