#include "base/str.h"
#include "graph/build.h"

static size_t stack_index(const struct rendering *r, const char *name)
{
	size_t i = 0;

	while (i < r->nstacks && !str_eq(r->stacks[i].name, name))
		i++;
	return i;
}

/* The one that makes the pipeline, and "s3-2" and so on, which stand behind "s3". */
static bool is_hidden(const char *name)
{
	return str_eq(name, "pipeline") ||
	       (str_starts(name, "s3-") && !name[3 + strspn(name + 3, "0123456789")]);
}

/* Whether stack `i` waits for `k`, through others too: one row a stack. */
struct reach {
	bool *v;
	size_t n;
};

static void reach_fill(struct reach *w, const struct rendering *r)
{
	*w = (struct reach){ xcalloc(r->nstacks * r->nstacks + 1, 1), r->nstacks };
	for (size_t i = 0; i < w->n; i++) {
		for (size_t k = 0; k < r->stacks[i].nneeds; k++) {
			size_t need = stack_index(r, r->stacks[i].needs[k]);

			if (need >= i)
				continue;
			w->v[i * w->n + need] = true;
			for (size_t j = 0; j < need; j++)
				w->v[i * w->n + j] |= w->v[need * w->n + j];
		}
	}
}

/* Whether it waits for `k`, and for no other stack that waits for `k`. */
static bool is_direct(const struct reach *w, size_t i, size_t k)
{
	for (size_t j = k + 1; j < i; j++)
		if (w->v[i * w->n + j] && w->v[j * w->n + k])
			return false;
	return w->v[i * w->n + k];
}

static const struct manifest_stack *own_stack(const struct manifest *m, const char *name)
{
	for (size_t i = 0; i < m->nstacks; i++)
		if (str_eq(m->stacks[i].name, name))
			return &m->stacks[i];
	return NULL;
}

/* Of folded stacks the number: "3 stacks". */
static void detail_stack(struct graph *g, const struct manifest *m,
			 const struct rendering *r, const char *name)
{
	const struct manifest_stack *own = own_stack(m, name);
	size_t n = 1;

	if (own) {
		part_detail(g, &g->stacks, own->template);
		return;
	}
	for (size_t i = 0; str_eq(name, "s3") && i < r->nstacks; i++)
		n += is_hidden(r->stacks[i].name) &&
		     !str_eq(r->stacks[i].name, "pipeline");
	if (n > 1)
		part_detail(g, &g->stacks, arena_printf(&g->arena, "%zu stacks", n));
}

/* The order of the environments: "dev, prod (approval)". */
static void detail_environments(struct graph *g, const struct manifest *m)
{
	FP_AUTO(buf_release) struct buf text = BUF_INIT;

	for (size_t i = 0; i < m->nenvironments; i++) {
		const char *name = m->environments[i].name;

		buf_printf(&text, "%s%s", i ? " \xe2\x86\x92 " : "", name);
		for (size_t k = 0; k < m->pipeline->napprove; k++)
			if (str_eq(m->pipeline->approve[k], name))
				buf_puts(&text, " (approval)");
	}
	part_detail(g, &g->stacks, buf_str(&text));
}

static size_t add_pipeline(struct graph *g, const struct manifest *m)
{
	struct graph_part *p = &g->stacks;
	size_t source = part_add(p, GRAPH_SOURCE, m->pipeline->github, 0), pipeline;

	part_detail(g, p, m->pipeline->branch);
	pipeline = part_add(p, GRAPH_PIPELINE, "pipeline", 1);
	detail_environments(g, m);
	part_link(p, source, pipeline, false);
	return pipeline;
}

/* Stacks stand in an order in which what they wait for comes first. */
static void add_stack(struct graph *g, const struct manifest *m,
		      const struct rendering *r, const struct reach *w, size_t *nodes,
		      size_t i)
{
	struct graph_part *p = &g->stacks;
	unsigned rank = m->pipeline ? 2 : 0;
	size_t at = part_add(p, GRAPH_STACK, arena_strdup(&g->arena, r->stacks[i].name),
			     rank);

	detail_stack(g, m, r, r->stacks[i].name);
	nodes[i] = at;
	for (size_t k = 0; k < i; k++) {
		if (nodes[k] == SIZE_MAX || !is_direct(w, i, k))
			continue;
		rank = FP_MAX(rank, p->nodes[nodes[k]].rank + 1);
		part_link(p, nodes[k], at, false);
	}
	p->nodes[at].rank = rank;
}

void build_stacks(struct graph *g, const struct manifest *m, const struct rendering *r)
{
	FP_AUTO(freep) size_t *nodes = xcalloc(r->nstacks + 1, sizeof(*nodes));
	size_t pipeline = m->pipeline ? add_pipeline(g, m) : 0;
	struct reach w;

	reach_fill(&w, r);
	for (size_t i = 0; i < r->nstacks; i++) {
		nodes[i] = SIZE_MAX;
		if (is_hidden(r->stacks[i].name))
			continue;
		add_stack(g, m, r, &w, nodes, i);
		if (m->pipeline && g->stacks.nodes[nodes[i]].rank == 2)
			part_link(&g->stacks, pipeline, nodes[i], false);
	}
	free(w.v);
}
