#include "base/str.h"
#include "manifest/checker.h"
#include "manifest/rules.h"

/* Beyond it nothing is followed: the schema refuses so many. */
#define STACKS_MAX 200

static const char *const builtin[] = { "key", "artifacts",  "sns",     "lambda",
				       "s3",  "monitoring", "pipeline" };

bool rules_is_own_stack(const char *name)
{
	for (size_t i = 0; i < ARRAY_SIZE(builtin); i++)
		if (str_eq(name, builtin[i]))
			return true;
	return false;
}

/* "s3-2": where buckets go that have no room in "s3". */
static bool is_overflow(const char *name)
{
	return str_starts(name, "s3-") && name[3] &&
	       strspn(name + 3, "0123456789") == strlen(name + 3);
}

static void check_name(const struct rules *r, const struct node *key)
{
	const char *name = node_text(key);

	if (rules_is_own_stack(name))
		diags_add(r->diags, key->pos,
			  arena_printf(r->arena,
				       "to change that one write stacks/%s.yaml ('fpctl "
				       "eject %s' copies it out); otherwise choose "
				       "another name",
				       name, name),
			  "'%s' is a stack of fpctl's own", name);
	else if (is_overflow(name))
		diags_add(r->diags, key->pos, "choose another name",
			  "fpctl names stacks '%s' itself when there are many buckets",
			  name);
}

static void check_needs(const struct rules *r, const struct node *stacks,
			const struct node_pair *p)
{
	const struct node *needs = node_get(p->value, "needs");
	const char *names[STACKS_MAX + ARRAY_SIZE(builtin)];
	size_t n = 0;

	for (size_t i = 0; i < ARRAY_SIZE(builtin); i++)
		names[n++] = builtin[i];
	for (size_t i = 0; i < stacks->map.n && i < STACKS_MAX; i++)
		names[n++] = node_text(stacks->map.v[i].key);
	for (size_t i = 0; needs && i < needs->seq.n; i++) {
		const struct node *want = needs->seq.v[i];

		if (rules_is_own_stack(node_text(want)) ||
		    node_get(stacks, node_text(want)))
			continue;
		diags_add(r->diags, want->pos,
			  rules_suggest(r, names, n, node_text(want),
					"name one of 'stacks', or key, artifacts, sns, "
					"lambda, s3, monitoring, pipeline"),
			  "there is no stack %s", shown(r->arena, node_text(want)));
	}
}

struct walk {
	const struct rules *r;
	const struct node *stacks;
	enum { WHITE, GREY, BLACK } colour[STACKS_MAX];
	size_t path[STACKS_MAX]; /* the grey ones, in order */
	size_t depth;
};

static const char *name_of(const struct walk *w, size_t i)
{
	return node_text(w->stacks->map.v[i].key);
}

/* `want` is the need that leads back to stack `to`. */
static void report_cycle(struct walk *w, size_t to, const struct node *want)
{
	FP_AUTO(buf_release) struct buf way = BUF_INIT;
	size_t at = 0;

	while (w->path[at] != to)
		at++;
	for (; at < w->depth; at++)
		buf_printf(&way, "%s -> ", name_of(w, w->path[at]));
	diags_add(w->r->diags, want->pos, "take one of them out of 'needs'",
		  "stacks wait for each other: %s%s", buf_str(&way), name_of(w, to));
}

static void visit(struct walk *w, size_t i)
{
	const struct node *needs = node_get(w->stacks->map.v[i].value, "needs");

	w->colour[i] = GREY;
	w->path[w->depth++] = i;
	for (size_t k = 0; needs && k < needs->seq.n; k++) {
		const struct node *want = needs->seq.v[k];
		const struct node_pair *p = node_find(w->stacks, node_text(want));
		size_t to;

		if (!p)
			continue;
		to = (size_t)(p - w->stacks->map.v);
		if (w->colour[to] == GREY)
			report_cycle(w, to, want);
		else if (w->colour[to] == WHITE)
			visit(w, to);
	}
	w->depth--;
	w->colour[i] = BLACK;
}

void rules_check_stacks(const struct rules *r)
{
	const struct node *stacks = node_get(r->root, "stacks");
	struct walk w = { .r = r, .stacks = stacks };

	if (!stacks)
		return;
	for (size_t i = 0; i < stacks->map.n; i++) {
		check_name(r, stacks->map.v[i].key);
		check_needs(r, stacks, &stacks->map.v[i]);
	}
	for (size_t i = 0; stacks->map.n <= STACKS_MAX && i < stacks->map.n; i++)
		if (w.colour[i] == WHITE)
			visit(&w, i);
}
