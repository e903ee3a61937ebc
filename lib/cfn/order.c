/* Who waits for whom, and an order that respects it. */
#include "cfn/order.h"
#include "base/map.h"
#include "base/str.h"
#include "cfn/refs.h"
#include "cfn/template.h"

struct needs {
	const struct node *section;
	struct strs *out;
};

static void add_need(struct needs *needs, const char *id)
{
	if (id && node_get(needs->section, id) && !strs_has(needs->out, id))
		strs_add(needs->out, id);
}

static void note_need(void *ctx, const struct ref *ref)
{
	if (ref->kind == REF_NAME || ref->kind == REF_ATTRIBUTE)
		add_need(ctx, ref->name);
}

static void add_depends_on(struct needs *needs, const struct node *on)
{
	if (on->kind == NODE_SCALAR)
		add_need(needs, on->scalar.text);
	for (size_t i = 0; on->kind == NODE_SEQUENCE && i < on->seq.n; i++)
		add_need(needs, node_text(on->seq.v[i]));
}

void cfn_dependencies(struct strs *out, const struct node *tmpl, const char *logical_id)
{
	const struct node *resources = node_get(tmpl, "Resources");
	const struct node *resource = node_get(resources, logical_id);
	struct needs needs = { resources, out };

	if (!resource || resource->kind != NODE_MAPPING)
		return;
	for (size_t i = 0; i < resource->map.n; i++) {
		const struct node_pair *p = &resource->map.v[i];

		if (node_is(p->key, "DependsOn"))
			add_depends_on(&needs, p->value);
		else
			each_ref(p->value, false, note_need, &needs);
	}
}

struct vertex {
	const struct node *key;
	struct strs needs;
	size_t *dependents, ndependents, cap;
	size_t waiting; /* needs that are not placed yet */
};

struct graph {
	struct vertex *v;
	size_t n;
	struct map ids; /* logical ID -> vertex */
};

static void graph_release(struct graph *g)
{
	for (size_t i = 0; i < g->n; i++) {
		strs_release(&g->v[i].needs);
		free(g->v[i].dependents);
	}
	free(g->v);
	map_release(&g->ids, NULL);
}

static void add_dependent(struct vertex *v, size_t who)
{
	if (v->ndependents == v->cap) {
		v->cap = v->cap ? 2 * v->cap : 4;
		v->dependents = xrealloc(v->dependents, v->cap * sizeof(*v->dependents));
	}
	v->dependents[v->ndependents++] = who;
}

/* Append what the entry `id` of a section needs. */
typedef void needs_fn(struct strs *out, const struct node *tmpl, const char *id);

static void graph_build(struct graph *g, const struct node *tmpl, const char *name,
			needs_fn *needs)
{
	const struct node *section = node_get(tmpl, name);

	if (!section || section->kind != NODE_MAPPING)
		return;
	g->n = section->map.n;
	g->v = xcalloc(g->n ? g->n : 1, sizeof(*g->v));
	for (size_t i = 0; i < g->n; i++) {
		g->v[i].key = section->map.v[i].key;
		map_put(&g->ids, g->v[i].key->scalar.text, &g->v[i]);
	}
	for (size_t i = 0; i < g->n; i++) {
		struct vertex *v = &g->v[i];

		needs(&v->needs, tmpl, v->key->scalar.text);
		v->waiting = v->needs.n;
		for (size_t k = 0; k < v->needs.n; k++)
			add_dependent(map_get(&g->ids, v->needs.v[k]), i);
	}
}

/* A binary heap of vertex numbers, the smallest first. */
struct heap {
	size_t *v, n;
};

static void heap_push(struct heap *h, size_t x)
{
	size_t i = h->n++;

	for (; i && h->v[(i - 1) / 2] > x; i = (i - 1) / 2)
		h->v[i] = h->v[(i - 1) / 2];
	h->v[i] = x;
}

static size_t heap_pop(struct heap *h)
{
	size_t top = h->v[0], last = h->v[--h->n], i = 0;

	for (;;) {
		size_t child = 2 * i + 1;

		if (child >= h->n)
			break;
		if (child + 1 < h->n && h->v[child + 1] < h->v[child])
			child++;
		if (h->v[child] >= last)
			break;
		h->v[i] = h->v[child];
		i = child;
	}
	h->v[i] = last;
	return top;
}

/* Each vertex as soon as it waits for none, by number; returns how many got a place. */
static size_t place(struct graph *g, struct strs *out)
{
	struct heap ready = { xcalloc(g->n + 1, sizeof(size_t)), 0 };
	size_t placed = 0;

	for (size_t i = 0; i < g->n; i++)
		if (g->v[i].waiting == 0)
			heap_push(&ready, i);
	for (; ready.n; placed++) {
		struct vertex *v = &g->v[heap_pop(&ready)];

		strs_add(out, v->key->scalar.text);
		for (size_t k = 0; k < v->ndependents; k++)
			if (--g->v[v->dependents[k]].waiting == 0)
				heap_push(&ready, v->dependents[k]);
	}
	free(ready.v);
	return placed;
}

/* A need that has no place either; a vertex that waits has one. */
static struct vertex *next_waiting(const struct graph *g, const struct vertex *v)
{
	for (size_t i = 0; i < v->needs.n; i++) {
		struct vertex *need = map_get(&g->ids, v->needs.v[i]);

		if (need->waiting)
			return need;
	}
	return NULL;
}

/* Walking on, one must meet a vertex again: from there on it is the cycle. */
static void describe_cycle(const struct graph *g, struct buf *text, struct fp_pos *pos)
{
	struct vertex *v = g->v, *start;

	while (!v->waiting)
		v++;
	for (size_t i = 0; i < g->n; i++)
		v = next_waiting(g, v);
	start = v;
	for (struct vertex *w = next_waiting(g, v); w != v; w = next_waiting(g, w))
		start = FP_MIN(start, w);
	v = start;
	*pos = v->key->pos;
	do {
		buf_printf(text, "%s -> ", v->key->scalar.text);
		v = next_waiting(g, v);
	} while (v != start);
	buf_puts(text, start->key->scalar.text);
}

static bool find(struct graph *g, struct strs *out, struct buf *cycle, struct fp_pos *pos)
{
	if (place(g, out) == g->n)
		return true;
	describe_cycle(g, cycle, pos);
	return false;
}

bool order_find(struct strs *out, const struct node *tmpl, struct buf *cycle,
		struct fp_pos *pos)
{
	FP_AUTO(graph_release) struct graph g = { NULL, 0, MAP_INIT };

	graph_build(&g, tmpl, "Resources", cfn_dependencies);
	return find(&g, out, cycle, pos);
}

static void note_condition(void *ctx, const struct ref *ref)
{
	if (ref->kind == REF_CONDITION)
		add_need(ctx, ref->name);
}

static void conditions_asked(struct strs *out, const struct node *tmpl, const char *name)
{
	const struct node *conditions = node_get(tmpl, "Conditions");
	struct needs needs = { conditions, out };

	each_ref(node_get(conditions, name), true, note_condition, &needs);
}

bool order_find_conditions(const struct node *tmpl, struct buf *cycle, struct fp_pos *pos)
{
	FP_AUTO(graph_release) struct graph g = { NULL, 0, MAP_INIT };
	FP_AUTO(strs_release) struct strs order = STRS_INIT;

	graph_build(&g, tmpl, "Conditions", conditions_asked);
	return find(&g, &order, cycle, pos);
}

int cfn_resource_order(struct strs *out, const struct node *tmpl, struct fp_error *err)
{
	FP_AUTO(buf_release) struct buf cycle = BUF_INIT;
	struct fp_pos pos;

	if (order_find(out, tmpl, &cycle, &pos))
		return 0;
	return fp_fail_at(err, FP_ERR_TEMPLATE, pos, "resources wait for one another: %s",
			  cycle.data);
}
