#include "cfn/refs.h"

#include "base/str.h"
#include "cfn/subtext.h"

struct walk {
	bool conditions;
	ref_fn *fn;
	void *ctx;
};

static void report(const struct walk *w, enum ref_kind kind, const struct node *at,
		   const char *name, const char *attribute)
{
	struct ref ref = { kind, name, attribute, at->pos };

	w->fn(w->ctx, &ref);
}

/* "Name", or "Name.Attribute" where a dot makes it one. */
static void report_path(const struct walk *w, const struct node *at, const char *text,
			size_t len)
{
	FP_AUTO(freep) char *name = xstrndup(text, len);
	char *dot = strchr(name, '.');

	if (dot)
		*dot = '\0';
	report(w, dot ? REF_ATTRIBUTE : REF_NAME, at, name, dot ? dot + 1 : NULL);
}

static void walk_node(const struct walk *w, const struct node *n);

static void walk_items(const struct walk *w, const struct node *list, size_t from)
{
	for (size_t i = from; i < list->seq.n; i++)
		walk_node(w, list->seq.v[i]);
}

static void walk_contents(const struct walk *w, const struct node *n)
{
	if (n->kind == NODE_SEQUENCE)
		walk_items(w, n, 0);
	for (size_t i = 0; n->kind == NODE_MAPPING && i < n->map.n; i++)
		walk_node(w, n->map.v[i].value);
}

static void walk_sub(const struct walk *w, const struct node *arg)
{
	const struct node *text = arg, *vars = NULL;
	const char *s, *end;
	struct sub_piece p;

	if (arg->kind == NODE_SEQUENCE && arg->seq.n == 2) {
		text = arg->seq.v[0];
		vars = arg->seq.v[1];
		walk_node(w, vars);
	}
	if (text->kind != NODE_SCALAR)
		return;
	s = text->scalar.text;
	end = s + text->scalar.len;
	while ((p = sub_next(&s, end)).kind != SUB_END) {
		FP_AUTO(freep)
		char *name = p.kind == SUB_VARIABLE ? xstrndup(p.text, p.len) : NULL;

		if (name && !node_get(vars, name))
			report_path(w, text, name, p.len);
	}
}

/* A function whose first argument names something. */
static void walk_named(const struct walk *w, const struct node *arg, enum ref_kind kind)
{
	const struct node *first = arg->seq.v[0];

	if (first->kind == NODE_SCALAR && !first->tag)
		report(w, kind, first, first->scalar.text, NULL);
	else {
		report(w, kind, first, NULL, NULL);
		walk_node(w, first);
	}
	walk_items(w, arg, 1);
}

static void walk_get_att(const struct walk *w, const struct node *arg)
{
	const struct node *attribute;

	if (arg->kind == NODE_SCALAR) {
		report_path(w, arg, arg->scalar.text, arg->scalar.len);
		return;
	}
	if (arg->kind != NODE_SEQUENCE || arg->seq.n < 2 || !node_text(arg->seq.v[0]))
		return;
	attribute = arg->seq.v[1];
	if (arg->seq.v[0]->tag)
		walk_node(w, arg->seq.v[0]);
	report(w, REF_ATTRIBUTE, arg,
	       arg->seq.v[0]->tag ? NULL : node_text(arg->seq.v[0]),
	       attribute->tag ? NULL : node_text(attribute));
	walk_node(w, attribute);
}

static void walk_call(const struct walk *w, const struct call *c)
{
	const struct node *arg = c->arg;
	struct node bare = *arg;

	switch (c->fn) {
	case FN_REF:
		if (arg->kind == NODE_SCALAR)
			report(w, REF_NAME, arg, arg->scalar.text, NULL);
		return;
	case FN_CONDITION:
		if (arg->kind == NODE_SCALAR)
			report(w, REF_CONDITION, arg, arg->scalar.text, NULL);
		return;
	case FN_GET_ATT:
		walk_get_att(w, arg);
		return;
	case FN_SUB:
		walk_sub(w, arg);
		return;
	case FN_IF:
	case FN_FIND_IN_MAP:
		if (arg->kind == NODE_SEQUENCE && arg->seq.n)
			walk_named(w, arg, c->fn == FN_IF ? REF_CONDITION : REF_MAPPING);
		return;
	default:
		bare.tag = arg == c->node ? NULL : arg->tag;
		walk_node(w, &bare);
	}
}

static void walk_node(const struct walk *w, const struct node *n)
{
	struct call c;

	if (n->kind == NODE_SCALAR && !n->tag)
		return;
	if (call_of(n, &c) == CALL_FOUND)
		walk_call(w, &c);
	else if (w->conditions && n->kind == NODE_MAPPING && n->map.n == 1 &&
		 node_is(n->map.v[0].key, "Condition") && node_text(n->map.v[0].value))
		report(w, REF_CONDITION, n, node_text(n->map.v[0].value), NULL);
	else
		walk_contents(w, n);
}

void each_ref(const struct node *n, bool conditions, ref_fn *fn, void *ctx)
{
	struct walk w = { conditions, fn, ctx };

	if (n)
		walk_node(&w, n);
}
