/* A template's sections, and what is left of them. */
#include "base/str.h"
#include "cfn/eval.h"
#include "cfn/evaluator.h"
#include "cfn/path.h"
#include "cfn/refs.h"

#define MAX_PATHS 1000 /* findings beyond are not shown anyway */

struct section {
	struct node *out;
	struct map *removed; /* logical IDs whose condition is false */
};

static bool put_resource_key(struct evaluator *ev, struct node *out,
			     const struct node_pair *p)
{
	struct node *value;

	if (node_is(p->key, "DependsOn") && p->value->kind == NODE_SCALAR &&
	    !p->value->tag) {
		const char *id = name_arg(ev, p->value, "DependsOn");

		value = id ? eval_text(ev, p->value->pos, id, strlen(id)) : NULL;
	} else {
		value = eval_node(ev, p->value);
	}
	if (value && value != NO_VALUE)
		node_put_node(ev->a, out, p->key, value);
	return value != NULL;
}

/* A resource or an output: its Condition decides whether it is there at all. */
static bool put_conditional(struct evaluator *ev, struct node *key,
			    const struct node *value, bool kept, void *ctx)
{
	struct section *section = ctx;
	const struct node *condition = node_get(value, "Condition");
	enum truth truth = TRUTH_TRUE;
	const char *name = NULL;
	struct node *out;
	bool ok = true;

	if (value->kind != NODE_MAPPING || value->tag) {
		out = kept ? (struct node *)value : eval_node(ev, value);
		return out && eval_put(ev, section->out, key, out);
	}
	if (condition) {
		name = name_arg(ev, condition, "Condition");
		truth = name ? condition_named(ev, name, condition->pos) : TRUTH_FAILED;
	}
	if (truth == TRUTH_FAILED)
		return false;
	if (truth == TRUTH_FALSE) {
		map_put(section->removed, key->scalar.text, section);
		return true;
	}
	out = node_mapping(ev->a);
	out->pos = value->pos;
	for (size_t i = 0; i < value->map.n; i++) {
		const struct node_pair *p = &value->map.v[i];

		if (!node_is(p->key, "Condition"))
			ok &= put_resource_key(ev, out, p);
		else if (truth == TRUTH_UNKNOWN)
			node_put_node(ev->a, out, p->key,
				      eval_text(ev, condition->pos, name, strlen(name)));
	}
	return ok && eval_put(ev, section->out, key, out);
}

/* Nobody waits for a resource that is not there. */
static void forget_removed(struct evaluator *ev, struct node *resources,
			   const struct map *removed)
{
	for (size_t i = 0; removed->n && i < resources->map.n; i++) {
		struct node *resource = resources->map.v[i].value;
		struct node *on = node_get(resource, "DependsOn"), *left;

		if (!on || on->tag)
			continue;
		left = node_sequence(ev->a);
		left->pos = on->pos;
		for (size_t k = 0; on->kind == NODE_SEQUENCE && k < on->seq.n; k++)
			if (!map_has(removed, str_or(node_text(on->seq.v[k]), "")))
				node_push(ev->a, left, on->seq.v[k]);
		if (on->kind == NODE_SCALAR ? map_has(removed, on->scalar.text)
					    : !left->seq.n)
			node_remove(ev->a, resource, "DependsOn");
		else if (on->kind == NODE_SEQUENCE)
			node_set(ev->a, resource, "DependsOn", left);
	}
}

static struct node *eval_conditional(struct evaluator *ev, const struct node *section)
{
	struct map removed = MAP_INIT;
	struct section s = { node_mapping(ev->a), &removed };
	bool ok;

	if (section->kind != NODE_MAPPING || section->tag)
		return ev_fail(ev, section->pos, NULL, "a section is a map, not a %s",
			       node_kind_name(section));
	s.out->pos = section->pos;
	ok = each_entry(ev, section, put_conditional, &s);
	if (ok)
		forget_removed(ev, s.out, &removed);
	map_release(&removed, NULL);
	return ok ? s.out : NULL;
}

/* The conditions that are not decided yet, as far as they go. */
static struct node *undecided_conditions(struct evaluator *ev, const struct node *section)
{
	struct node *out = node_mapping(ev->a);
	bool ok = true;

	out->pos = section->pos;
	map_each (e, &ev->conditions) {
		struct condition *c = e->value;
		enum truth truth = condition_named(ev, e->key, c->key->pos);

		ok &= truth != TRUTH_FAILED;
		if (truth == TRUTH_UNKNOWN)
			ok &= eval_put(ev, out, (struct node *)c->key, c->rest);
	}
	return ok ? out : NULL;
}

static struct node *eval_section(struct evaluator *ev, const char *name,
				 const struct node *value)
{
	if (str_eq(name, "Resources") || str_eq(name, "Outputs"))
		return eval_conditional(ev, value);
	if (str_eq(name, "Conditions"))
		return undecided_conditions(ev, value);
	if (str_eq(name, "Mappings"))
		return (struct node *)ev->mappings;
	/* Rules have functions of their own; they see parameters only. */
	if (str_eq(name, "Rules"))
		return (struct node *)value;
	return eval_node(ev, value);
}

struct use {
	struct map names, conditions, mappings; /* name -> itself */
	struct strs todo;			/* conditions to look into */
	bool any_mapping;
	bool any; /* a macro may name everything */
};

static void note_use(void *ctx, const struct ref *ref)
{
	struct use *use = ctx;

	if (ref->kind == REF_MAPPING && !ref->name)
		use->any_mapping = true;
	else if (ref->kind == REF_MAPPING)
		map_put(&use->mappings, ref->name, use);
	else if (ref->kind == REF_NAME)
		map_put(&use->names, ref->name, use);
	else if (ref->kind == REF_CONDITION && ref->name &&
		 !map_put(&use->conditions, ref->name, use))
		strs_add(&use->todo, ref->name);
}

static void note_section(struct use *use, const struct node *section)
{
	if (!section || section->kind != NODE_MAPPING)
		return;
	each_ref(section, false, note_use, use);
	for (size_t i = 0; i < section->map.n; i++) {
		const char *condition = node_text(
			node_get(section->map.v[i].value, "Condition"));
		struct ref ref = { REF_CONDITION, condition, NULL, { 0 } };

		if (condition)
			note_use(use, &ref);
	}
}

/* The pairs that `used` names, or NULL when there are none. */
static struct node *only_used(struct evaluator *ev, const struct node *section,
			      const struct map *used)
{
	struct node *out = node_mapping(ev->a);

	if (section->kind != NODE_MAPPING || section->tag)
		return (struct node *)section;
	out->pos = section->pos;
	for (size_t i = 0; i < section->map.n; i++) {
		const struct node_pair *p = &section->map.v[i];

		if (map_has(used, p->key->scalar.text) ||
		    is_foreach_key(p->key->scalar.text) ||
		    node_is(p->key, "Fn::Transform"))
			node_put_node(ev->a, out, p->key, p->value);
	}
	return out->map.n ? out : NULL;
}

static bool is_empty_map(const struct node *n)
{
	return n->kind == NODE_MAPPING && !n->tag && n->map.n == 0;
}

/* The name a section is filtered by, or NULL when it stays whole. */
static const struct map *filter_of(const struct use *use, const char *section)
{
	if (use->any)
		return NULL;
	if (str_eq(section, "Parameters"))
		return &use->names;
	if (str_eq(section, "Conditions"))
		return &use->conditions;
	if (str_eq(section, "Mappings") && !use->any_mapping)
		return &use->mappings;
	return NULL;
}

/* Without the transform Fn::FindInMap takes texts, Ref and itself, and no default. */
static bool is_extended_find(const struct node *args)
{
	struct call c;

	if (args->kind != NODE_SEQUENCE)
		return false;
	for (size_t i = 0; i < args->seq.n; i++)
		if (i == 3 || (i == 0 && !is_known(args->seq.v[i])) ||
		    (call_of(args->seq.v[i], &c) == CALL_FOUND && c.fn != FN_REF &&
		     c.fn != FN_FIND_IN_MAP))
			return true;
	return false;
}

/* Nor do these attributes take a function. */
static bool is_extended_policy(const struct node_pair *p)
{
	const char *key = p->key->scalar.text;

	return (str_eq(key, "DeletionPolicy") || str_eq(key, "UpdateReplacePolicy")) &&
	       !is_known(p->value);
}

static bool has_extensions(const struct node *n)
{
	struct call c;

	if (is_foreach_item(n))
		return true;
	if (call_of(n, &c) == CALL_FOUND &&
	    (c.fn == FN_LENGTH || c.fn == FN_TO_JSON_STRING ||
	     (c.fn == FN_FIND_IN_MAP && is_extended_find(c.arg))))
		return true;
	for (size_t i = 0; n->kind == NODE_SEQUENCE && i < n->seq.n; i++)
		if (has_extensions(n->seq.v[i]))
			return true;
	for (size_t i = 0; n->kind == NODE_MAPPING && i < n->map.n; i++)
		if (is_foreach_key(n->map.v[i].key->scalar.text) ||
		    is_extended_policy(&n->map.v[i]) || has_extensions(n->map.v[i].value))
			return true;
	return false;
}

/* The Transform section without the extensions, or NULL when it is empty then. */
static struct node *other_transforms(const struct evaluator *ev,
				     const struct node *transform)
{
	static const char name[] = "AWS::LanguageExtensions";
	struct node *out;

	if (transform->kind != NODE_SEQUENCE)
		return node_is(transform, name) ? NULL : (struct node *)transform;
	out = node_sequence(ev->a);
	out->pos = transform->pos;
	for (size_t i = 0; i < transform->seq.n; i++)
		if (!node_is(transform->seq.v[i], name))
			node_push(ev->a, out, transform->seq.v[i]);
	return out->seq.n ? out : NULL;
}

/* Loops that stay are there whether anything names what they make or not. */
static void note_loops(struct use *use, const struct node *section)
{
	for (size_t i = 0; section && section->kind == NODE_MAPPING && i < section->map.n;
	     i++)
		if (is_foreach_key(section->map.v[i].key->scalar.text))
			each_ref(section->map.v[i].value, true, note_use, use);
}

/* "Fn::ValueOf": [NAME, ATTRIBUTE] of Rules names a parameter as a text. */
static void note_rules(struct use *use, const struct node *n)
{
	const struct node *named = node_get(n, "Fn::ValueOf");

	if (named && named->kind == NODE_SEQUENCE && named->seq.n &&
	    node_text(named->seq.v[0]))
		map_put(&use->names, node_text(named->seq.v[0]), use);
	for (size_t i = 0; n->kind == NODE_SEQUENCE && i < n->seq.n; i++)
		note_rules(use, n->seq.v[i]);
	for (size_t i = 0; n->kind == NODE_MAPPING && i < n->map.n; i++)
		note_rules(use, n->map.v[i].value);
}

static void note_all(struct use *use, const struct evaluator *ev, const struct node *tmpl)
{
	const struct node *conditions = node_get(tmpl, "Conditions");
	const struct node *transform = node_get(tmpl, "Transform");

	use->any = node_get(tmpl, "Fn::Transform") ||
		   (transform && other_transforms(ev, transform));
	if (node_get(tmpl, "Rules"))
		note_rules(use, node_get(tmpl, "Rules"));

	note_loops(use, node_get(tmpl, "Parameters"));
	note_loops(use, conditions);

	note_section(use, node_get(tmpl, "Resources"));
	note_section(use, node_get(tmpl, "Outputs"));
	note_section(use, node_get(tmpl, "Hooks"));
	note_section(use, node_get(tmpl, "Rules"));
	for (size_t i = 0; i < use->todo.n; i++)
		each_ref(node_get(conditions, use->todo.v[i]), true, note_use, use);
}

static struct node *drop_unused(struct evaluator *ev, const struct node *tmpl)
{
	struct use use = { .any_mapping = false };
	struct node *out = node_mapping(ev->a), *kept;

	out->pos = tmpl->pos;
	note_all(&use, ev, tmpl);
	for (size_t i = 0; i < tmpl->map.n; i++) {
		const struct node_pair *p = &tmpl->map.v[i];
		const struct map *filter = filter_of(&use, p->key->scalar.text);

		kept = filter ? only_used(ev, p->value, filter) : p->value;
		if (kept && !is_empty_map(kept))
			node_put_node(ev->a, out, p->key, kept);
	}
	if (node_get(out, "Transform") && !has_extensions(out)) {
		kept = other_transforms(ev, node_get(out, "Transform"));
		if (kept)
			node_set(ev->a, out, "Transform", kept);
		else
			node_remove(ev->a, out, "Transform");
	}
	map_release(&use.names, NULL);
	map_release(&use.conditions, NULL);
	map_release(&use.mappings, NULL);
	strs_release(&use.todo);
	return out;
}

static struct node *eval_sections(struct evaluator *ev)
{
	const struct node *mappings = node_get(ev->tmpl, "Mappings");
	struct node *out = node_mapping(ev->a);
	bool ok = true;

	out->pos = ev->tmpl->pos;
	conditions_collect(ev);
	ev->mappings = mappings ? eval_node(ev, mappings) : NULL;
	for (size_t i = 0; i < ev->tmpl->map.n; i++) {
		const struct node_pair *p = &ev->tmpl->map.v[i];
		struct node *value = eval_section(ev, p->key->scalar.text, p->value);

		ok &= value != NULL;
		if (value && value != NO_VALUE)
			node_put_node(ev->a, out, p->key, value);
	}
	return ok ? out : NULL;
}

/* Each finding says where in the template it is: as far as it is in this document. */
static void add_paths(struct diags *diags, size_t from, const struct node *tmpl)
{
	for (size_t i = from; i < diags->n && i - from < MAX_PATHS; i++) {
		FP_AUTO(buf_release) struct buf path = BUF_INIT;
		struct diag *d = &diags->v[i];

		if (path_find(&path, NULL, tmpl, d->pos) && path.len)
			d->message = arena_printf(&diags->arena, "%s: %s", path.data,
						  d->message);
	}
}

int cfn_eval_template(struct node **out, struct arena *a, const struct node *tmpl,
		      const struct cfn_scope *scope, struct diags *diags)
{
	struct evaluator ev = {
		.a = a, .scope = scope, .diags = diags, .tmpl = tmpl, .start = a->used
	};
	size_t before = diags->n;
	struct node *whole;

	*out = NULL;
	if (tmpl->kind != NODE_MAPPING || tmpl->tag) {
		ev_fail(&ev, tmpl->pos, "it begins with 'Resources:'",
			"a template is a map, not a %s", node_kind_name(tmpl));
		return -1;
	}
	whole = eval_sections(&ev);
	if (whole && diags->n == before)
		*out = drop_unused(&ev, whole);
	map_release(&ev.conditions, NULL);
	add_paths(diags, before, tmpl);
	return diags->n > before ? -1 : 0;
}
