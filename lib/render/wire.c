#include "render/wire.h"

#include "base/map.h"
#include "base/str.h"
#include "manifest/naming.h"

struct wiring {
	struct rendering *r;
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

static void collect_codes(struct wiring *w, const struct manifest *m)
{
	struct arena *a = &w->r->arena;

	for (size_t i = 0; i < m->nprocessors; i++)
		map_put(&w->codes,
			arena_printf(a, "Processor%sCodeKey",
				     naming_id(a, m->processors[i].name)),
			arena_strdup(a, m->processors[i].name));
}

static bool has_need(const struct rendered_stack *s, const char *name)
{
	for (size_t i = 0; i < s->nneeds; i++)
		if (str_eq(s->needs[i], name))
			return true;
	return false;
}

static void wire_parameter(struct wiring *w, struct rendered_stack *s,
			   const struct node_pair *p)
{
	struct render_parameter *to = &s->parameters[s->nparameters++];
	const struct rendered_stack *from;

	to->name = node_text(p->key);
	from = map_get(&w->outputs, to->name);
	to->processor = map_get(&w->codes, to->name);
	if (from && from != s) {
		to->from = PARAM_FROM_OUTPUT;
		to->stack = from->name;
		if (!has_need(s, from->name))
			s->needs[s->nneeds++] = from->name;
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

static void wire_stack(struct wiring *w, struct rendered_stack *s)
{
	const struct node *parameters = node_get(s->template, "Parameters");
	struct arena *a = &w->r->arena;

	s->needs = arena_array(a, w->r->nstacks, sizeof(*s->needs));
	if (!parameters)
		return;
	s->parameters = arena_array(a, parameters->map.n + 1, sizeof(*s->parameters));
	for (size_t i = 0; i < parameters->map.n; i++)
		wire_parameter(w, s, &parameters->map.v[i]);
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

static void order_stacks(struct wiring *w)
{
	struct rendered_stack *v = w->r->stacks;

	for (size_t n = 0; n < w->r->nstacks; n++) {
		size_t next = n;
		struct rendered_stack found;

		while (next < w->r->nstacks && !is_ready(&v[next], v, n))
			next++;
		if (next == w->r->nstacks) {
			diags_add(w->diags, (struct fp_pos){ 0 },
				  "break it with a predictable name",
				  "stack '%s' needs itself by way of its parameters",
				  v[n].name);
			return;
		}
		found = v[next];
		memmove(v + n + 1, v + n, (next - n) * sizeof(*v));
		v[n] = found;
	}
}

void wire_stacks(struct rendering *r, const struct manifest *m, struct diags *diags)
{
	struct wiring w = { r, diags, MAP_INIT, MAP_INIT };

	collect_outputs(&w);
	collect_codes(&w, m);
	for (size_t i = 0; i < r->nstacks; i++)
		wire_stack(&w, &r->stacks[i]);
	order_stacks(&w);
	map_release(&w.outputs, NULL);
	map_release(&w.codes, NULL);
}
