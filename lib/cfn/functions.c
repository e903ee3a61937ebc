/* Ref, GetAtt, If, and the functions that take one value. */
#include "base/digest.h"
#include "base/str.h"
#include "cfn/evaluator.h"
#include "yaml/emit.h"

static struct node *keep_text(struct evaluator *ev, const struct call *c,
			      const char *text)
{
	return eval_unknown(ev, c, eval_text(ev, c->node->pos, text, strlen(text)));
}

struct node *call_ref(struct evaluator *ev, const struct call *c)
{
	const char *name = name_arg(ev, c->arg, "Ref");
	const struct node *value = NULL;

	if (!name)
		return NULL;
	if (str_eq(name, "AWS::NoValue"))
		return NO_VALUE;
	switch (name_resolve(ev, name, &value)) {
	case KNOWN:
		return node_is_null(value) ? NO_VALUE : (struct node *)value;
	case MISSING:
		return name_unresolved(ev, c->node->pos, name);
	case OPAQUE:
		break;
	case UNKNOWN:
		if (ev->scope->complete || (strchr(name, '.') && !ev->scope->open))
			return name_unresolved(ev, c->node->pos, name);
	}
	if (c->arg == c->node && str_eq(name, c->node->scalar.text))
		return (struct node *)c->node;
	return keep_text(ev, c, name);
}

static struct node *get_att(struct evaluator *ev, const struct call *c, const char *id,
			    const char *attribute)
{
	const struct cfn_scope *scope = ev->scope;
	const struct node *value = scope->get_att
					   ? scope->get_att(scope->ctx, id, attribute)
					   : NULL;
	const char *text;

	if (value)
		return (struct node *)value;
	text = arena_printf(ev->a, "%s.%s", id, attribute);
	if (scope->complete)
		return name_unresolved(ev, c->node->pos, text);
	if (c->arg == c->node && node_is(c->node, text))
		return (struct node *)c->node;
	return keep_text(ev, c, text);
}

/* The list form, whose attribute may be a function. */
static struct node *get_att_list(struct evaluator *ev, const struct call *c)
{
	struct node *args;
	const char *id;

	if (c->arg->kind != NODE_SEQUENCE || c->arg->seq.n != 2)
		return ev_fail(ev, c->node->pos, NULL,
			       "Fn::GetAtt takes 'Resource.Attribute' or a list of both");
	id = name_arg(ev, c->arg->seq.v[0], "Fn::GetAtt");
	args = id ? eval_args(ev, c, 2, 2) : NULL;
	if (!args)
		return NULL;
	args->seq.v[0] = eval_text(ev, c->arg->seq.v[0]->pos, id, strlen(id));
	if (!is_known(args->seq.v[1]))
		return eval_unknown(ev, c, args);
	if (args->seq.v[1]->kind != NODE_SCALAR)
		return ev_fail(ev, args->seq.v[1]->pos, NULL,
			       "Fn::GetAtt takes an attribute's name, not a %s",
			       node_kind_name(args->seq.v[1]));
	return get_att(ev, c, id, args->seq.v[1]->scalar.text);
}

struct node *call_get_att(struct evaluator *ev, const struct call *c)
{
	const char *name, *dot;

	if (c->arg->kind != NODE_SCALAR)
		return get_att_list(ev, c);
	name = name_arg(ev, c->arg, "Fn::GetAtt");
	if (!name)
		return NULL;
	dot = strchr(name, '.');
	if (!dot || dot == name || !dot[1])
		return ev_fail(ev, c->node->pos, "write it as Resource.Attribute",
			       "Fn::GetAtt '%s' names no attribute", name);
	return get_att(ev, c, arena_strndup(ev->a, name, (size_t)(dot - name)), dot + 1);
}

static struct node *branch(struct evaluator *ev, const struct call *c, size_t i)
{
	return eval_node(ev, c->arg->seq.v[i]);
}

struct node *call_if(struct evaluator *ev, const struct call *c)
{
	struct node *args, *rest = NULL;
	const struct node *first;
	const char *name = NULL;
	enum truth truth;

	if (c->arg->kind != NODE_SEQUENCE || c->arg->seq.n != 3)
		return ev_fail(ev, c->node->pos, NULL,
			       "Fn::If takes a list of 3: condition, value if true, "
			       "value if false");
	first = c->arg->seq.v[0];
	if (first->kind == NODE_SCALAR && !first->tag) {
		name = name_arg(ev, first, "Fn::If");
		truth = name ? condition_named(ev, name, first->pos) : TRUTH_FAILED;
	} else {
		truth = condition_eval(ev, first, &rest);
	}
	if (truth == TRUTH_FAILED)
		return NULL;
	if (truth != TRUTH_UNKNOWN)
		return branch(ev, c, truth == TRUTH_TRUE ? 1 : 2);
	if (!name)
		return ev_fail(
			ev, first->pos, "declare it under Conditions",
			"Fn::If takes a condition's name: this one is not known here");
	args = eval_args(ev, c, 3, 3);
	if (!args)
		return NULL;
	if (node_equal(args->seq.v[1], args->seq.v[2]))
		return branch(ev, c, 1);
	args->seq.v[0] = eval_text(ev, first->pos, name, strlen(name));
	return eval_keep(ev, c, args);
}

/* One known scalar, or NULL with *kept set to what comes out instead (or NULL). */
static const struct node *scalar_arg(struct evaluator *ev, const struct call *c,
				     struct node **kept)
{
	struct node *value = eval_arg(ev, c);

	*kept = NULL;
	if (!value)
		return NULL;
	if (!is_known(value)) {
		*kept = eval_unknown(ev, c, value);
		return NULL;
	}
	if (value->kind == NODE_SCALAR)
		return value;
	ev_fail(ev, c->node->pos, NULL, "%s takes a text, not a %s", fn_name(c->fn),
		node_kind_name(value));
	return NULL;
}

struct node *call_base64(struct evaluator *ev, const struct call *c)
{
	FP_AUTO(buf_release) struct buf out = BUF_INIT;
	struct node *kept;
	const struct node *value = scalar_arg(ev, c, &kept);

	if (!value)
		return kept;
	base64_encode(&out, value->scalar.text, value->scalar.len);
	return eval_text(ev, c->node->pos, buf_str(&out), out.len);
}

struct node *call_import_value(struct evaluator *ev, const struct call *c)
{
	const struct cfn_scope *scope = ev->scope;
	struct node *kept;
	const struct node *name = scalar_arg(ev, c, &kept), *value;

	if (!name)
		return kept;
	value = scope->import ? scope->import(scope->ctx, name->scalar.text) : NULL;
	if (value)
		return (struct node *)value;
	if (scope->complete)
		return ev_fail(ev, c->node->pos, NULL, "no export is named '%s'",
			       name->scalar.text);
	return eval_keep(ev, c, (struct node *)name);
}

/* Zones differ by account: rendering keeps them, the emulator has three a region. */
struct node *call_get_azs(struct evaluator *ev, const struct call *c)
{
	struct node *kept, *zones;
	const struct node *region = scalar_arg(ev, c, &kept), *own = NULL;

	if (!region || !ev->scope->complete)
		return region ? eval_keep(ev, c, (struct node *)region) : kept;
	if (!region->scalar.len) {
		if (name_resolve(ev, "AWS::Region", &own) != KNOWN ||
		    own->kind != NODE_SCALAR)
			return name_unresolved(ev, c->node->pos, "AWS::Region");
		region = own;
	}
	zones = node_sequence(ev->a);
	zones->pos = c->node->pos;
	for (int zone = 'a'; zone <= 'c'; zone++)
		node_push(ev->a, zones,
			  node_string(ev->a, arena_printf(ev->a, "%s%c",
							  region->scalar.text, zone)));
	return zones;
}

static const char *const output_keys[] = { "OutputName", "StackName", "Region",
					   "RoleArn" };
static const char *const transform_keys[] = { "Name", "Parameters" };

/* Whether the argument is a map of these keys, the first `required` of them there. */
static bool takes_map(struct evaluator *ev, const struct call *c, const struct node *args,
		      const char *const *keys, size_t n, size_t required)
{
	const char *name = fn_name(c->fn);
	struct call inner;
	size_t i, k;

	if (call_of(args, &inner) != CALL_NONE)
		return true;
	if (args->kind != NODE_MAPPING)
		return ev_fail(ev, c->node->pos, NULL, "%s takes a map, not a %s", name,
			       node_kind_name(args)) != NULL;
	for (i = 0; i < required; i++)
		if (!node_get(args, keys[i]))
			return ev_fail(ev, c->node->pos, NULL, "%s needs the key '%s'",
				       name, keys[i]) != NULL;
	for (i = 0; i < args->map.n; i++) {
		const struct node *key = args->map.v[i].key;
		const char *near = str_nearest(key->scalar.text, keys, n);

		for (k = 0; k < n && !node_is(key, keys[k]);)
			k++;
		if (k == n)
			return ev_fail(ev, key->pos,
				       near ? arena_printf(ev->a, "did you mean '%s'?",
							   near)
					    : NULL,
				       "%s has no key '%s'", name,
				       key->scalar.text) != NULL;
	}
	return true;
}

struct node *call_get_stack_output(struct evaluator *ev, const struct call *c)
{
	const struct cfn_scope *scope = ev->scope;
	struct node *args = eval_arg(ev, c);
	const struct node *value;

	if (!args)
		return NULL;
	if (!takes_map(ev, c, args, output_keys, ARRAY_SIZE(output_keys), 2))
		return NULL;
	value = scope->stack_output && is_known(args)
			? scope->stack_output(scope->ctx, args)
			: NULL;
	return value ? (struct node *)value : eval_unknown(ev, c, args);
}

struct node *call_transform(struct evaluator *ev, const struct call *c)
{
	struct node *args = eval_arg(ev, c);

	if (!args ||
	    !takes_map(ev, c, args, transform_keys, ARRAY_SIZE(transform_keys), 1))
		return NULL;
	return eval_unknown(ev, c, args);
}
