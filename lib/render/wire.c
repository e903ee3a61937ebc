#include "render/wire.h"

#include "base/map.h"
#include "base/str.h"
#include "manifest/naming.h"

struct wiring {
	struct rendering *r;
	const struct manifest *m;
	struct diags *diags;
	struct map outputs; /* name -> struct rendered_stack */
	struct map codes;   /* "ProcessorDefaultCodeKey" -> the processor's name */
};

static void collect_outputs(struct wiring *w)
{
	for (size_t i = 0; i < w->r->nstacks; i++) {
		struct rendered_stack *s = &w->r->stacks[i];
		const struct node *outputs = node_get(s->template, "Outputs");

		for (size_t k = 0; outputs && k < outputs->map.n; k++) {
			const struct node *key = outputs->map.v[k].key;
			const struct rendered_stack *first = map_get(&w->outputs,
								     node_text(key));

			if (first)
				diags_add(w->diags, key->pos, "rename one of them",
					  "output '%s' is in stack '%s' too",
					  node_text(key), first->name);
			else
				map_put(&w->outputs, node_text(key), s);
		}
	}
}

static void collect_codes(struct wiring *w)
{
	struct arena *a = &w->r->arena;

	for (size_t i = 0; i < w->m->nprocessors; i++)
		map_put(&w->codes,
			arena_printf(a, "Processor%sCodeKey",
				     naming_id(a, w->m->processors[i].name)),
			arena_strdup(a, w->m->processors[i].name));
}

static bool has_need(const struct rendered_stack *s, const char *name)
{
	for (size_t i = 0; i < s->nneeds; i++)
		if (str_eq(s->needs[i], name))
			return true;
	return false;
}

static void add_need(struct rendered_stack *s, const char *name)
{
	if (!has_need(s, name))
		s->needs[s->nneeds++] = name;
}

/* What the manifest says of a stack of the user's; NULL for the built-in ones. */
static const struct manifest_stack *own_stack(const struct wiring *w, const char *name)
{
	for (size_t i = 0; i < w->m->nstacks; i++)
		if (str_eq(w->m->stacks[i].name, name))
			return &w->m->stacks[i];
	return NULL;
}

static void wire_parameter(struct wiring *w, struct rendered_stack *s,
			   const struct manifest_stack *own, const struct node_pair *p)
{
	struct render_parameter *to = &s->parameters[s->nparameters++];
	const struct node *given;
	const struct rendered_stack *from;

	to->name = node_text(p->key);
	given = own ? node_get(own->parameters, to->name) : NULL;
	from = map_get(&w->outputs, to->name);
	to->processor = map_get(&w->codes, to->name);
	if (given) {
		to->from = PARAM_GIVEN;
		to->value = arena_strdup(&w->r->arena, node_text(given));
	} else if (from && from != s) {
		to->from = PARAM_FROM_OUTPUT;
		to->stack = from->name;
		add_need(s, from->name);
	} else if (to->processor) {
		to->from = PARAM_FROM_CODE;
	} else {
		to->from = PARAM_DEFAULT;
		if (!node_get(p->value, "Default"))
			diags_add(w->diags, p->key->pos,
				  "name it after an output of another stack, or give "
				  "it a Default",
				  "parameter '%s' of stack '%s' has no value", to->name,
				  s->name);
	}
}

/* A value for what is no parameter would be lost without a word. */
static void check_given(struct wiring *w, const struct rendered_stack *s,
			const struct manifest_stack *own)
{
	const struct node *given = own->parameters;
	const struct node *declared = node_get(s->template, "Parameters");

	for (size_t i = 0; given && i < given->map.n; i++)
		if (!node_get(declared, node_text(given->map.v[i].key)))
			diags_add(w->diags, given->map.v[i].key->pos, NULL,
				  "the template of stack '%s' has no parameter '%s', "
				  "or does not use it",
				  s->name, node_text(given->map.v[i].key));
}

/* `s3` means every stack of buckets. A stack of which nothing is left is no need. */
static void add_named_need(struct wiring *w, struct rendered_stack *s, const char *need)
{
	for (size_t i = 0; i < w->r->nstacks; i++) {
		const char *name = w->r->stacks[i].name;

		if (str_eq(name, need) ||
		    (spread_number(need) == 1 && spread_number(name)))
			add_need(s, name);
	}
}

static void wire_stack(struct wiring *w, struct rendered_stack *s)
{
	const struct manifest_stack *own = own_stack(w, s->name);
	const struct node *parameters = node_get(s->template, "Parameters");
	struct arena *a = &w->r->arena;

	s->nneeds = s->nparameters = 0;
	s->needs = arena_array(a, w->r->nstacks, sizeof(*s->needs));
	s->parameters = arena_array(a, (parameters ? parameters->map.n : 0) + 1,
				    sizeof(*s->parameters));
	for (size_t i = 0; parameters && i < parameters->map.n; i++)
		wire_parameter(w, s, own, &parameters->map.v[i]);
	if (!own)
		return;
	check_given(w, s, own);
	for (size_t i = 0; i < own->nneeds; i++)
		add_named_need(w, s, own->needs[i]);
}

/* Whether all that `s` needs stands among the first `n`. */
static bool is_ready(const struct rendered_stack *s, const struct rendered_stack *done,
		     size_t n)
{
	size_t met = 0;

	for (size_t i = 0; i < n; i++)
		met += has_need(s, done[i].name);
	return met == s->nneeds;
}

/* The first stack from `done` on that stack `at` waits for. All of those wait. */
static size_t waits_for(const struct rendering *r, size_t done, size_t at)
{
	size_t i = done;

	while (!has_need(&r->stacks[at], r->stacks[i].name))
		i++;
	return i;
}

/* "a -> b -> a", along what each waits for. */
static void tell_cycle(struct wiring *w, size_t done)
{
	FP_AUTO(buf_release) struct buf path = BUF_INIT;
	const struct rendered_stack *v = w->r->stacks;
	const struct manifest_stack *own;
	size_t start = done, at;

	/* After as many steps as there are stacks one walks on the cycle. */
	for (size_t i = 0; i < w->r->nstacks; i++)
		start = waits_for(w->r, done, start);
	at = start;
	do {
		buf_printf(&path, "%s -> ", v[at].name);
		at = waits_for(w->r, done, at);
	} while (at != start);
	own = own_stack(w, v[start].name);
	diags_add(w->diags, own ? own->pos : (struct fp_pos){ 0 },
		  "break it with a predictable name", "stacks need each other: %s%s",
		  buf_str(&path), v[start].name);
}

static void order_stacks(struct wiring *w)
{
	struct rendered_stack *v = w->r->stacks;

	for (size_t n = 0; n < w->r->nstacks; n++) {
		size_t next = n;
		struct rendered_stack found;

		while (next < w->r->nstacks && !is_ready(&v[next], v, n))
			next++;
		if (next == w->r->nstacks) {
			tell_cycle(w, n);
			return;
		}
		found = v[next];
		memmove(v + n + 1, v + n, (next - n) * sizeof(*v));
		v[n] = found;
	}
}

void wire_stacks(struct rendering *r, const struct manifest *m, struct diags *diags)
{
	struct wiring w = { r, m, diags, MAP_INIT, MAP_INIT };

	collect_outputs(&w);
	collect_codes(&w);
	for (size_t i = 0; i < r->nstacks; i++)
		wire_stack(&w, &r->stacks[i]);
	order_stacks(&w);
	map_release(&w.outputs, NULL);
	map_release(&w.codes, NULL);
}
