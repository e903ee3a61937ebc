#include "cfn/eval.h"

#include <stdarg.h>

#include "base/str.h"
#include "cfn/evaluator.h"

#define MAX_DEPTH  400
#define MAX_STEPS  50000000u
#define MAX_MEMORY ((size_t)512 << 20)

struct node no_value;

struct node *ev_fail(struct evaluator *ev, struct fp_pos pos, const char *hint,
		     const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	diags_vadd(ev->diags, pos, hint, fmt, args);
	va_end(args);
	return NULL;
}

static call_fn *const calls[FN_COUNT] = {
	[FN_AND] = call_truth,
	[FN_BASE64] = call_base64,
	[FN_CIDR] = call_cidr,
	[FN_CONDITION] = call_truth,
	[FN_EQUALS] = call_truth,
	[FN_FIND_IN_MAP] = call_find_in_map,
	[FN_GET_ATT] = call_get_att,
	[FN_GET_AZS] = call_get_azs,
	[FN_GET_STACK_OUTPUT] = call_get_stack_output,
	[FN_IF] = call_if,
	[FN_IMPORT_VALUE] = call_import_value,
	[FN_JOIN] = call_join,
	[FN_LENGTH] = call_length,
	[FN_NOT] = call_truth,
	[FN_OR] = call_truth,
	[FN_REF] = call_ref,
	[FN_SELECT] = call_select,
	[FN_SPLIT] = call_split,
	[FN_SUB] = call_sub,
	[FN_TO_JSON_STRING] = call_to_json_string,
	[FN_TRANSFORM] = call_transform,
};

struct node *eval_text(struct evaluator *ev, struct fp_pos pos, const char *text,
		       size_t len)
{
	struct node *n = node_string_n(ev->a, text, len);

	n->pos = pos;
	return n;
}

/* A text without a function: only loops' variables are replaced in it. */
static struct node *eval_scalar(struct evaluator *ev, const struct node *n)
{
	const char *text;

	if (n->scalar.type != SCALAR_STRING || !ev->frames)
		return (struct node *)n;
	text = name_expand(ev, n->pos, n->scalar.text, n->scalar.len, false);
	if (!text || text == n->scalar.text)
		return text ? (struct node *)n : NULL;
	return eval_text(ev, n->pos, text, strlen(text));
}

static struct node *eval_key(struct evaluator *ev, const struct node *key)
{
	const char *text = name_expand(ev, key->pos, key->scalar.text, key->scalar.len,
				       true);

	if (!text || text == key->scalar.text)
		return text ? (struct node *)key : NULL;
	return eval_text(ev, key->pos, text, strlen(text));
}

static struct node *eval_list(struct evaluator *ev, const struct node *n)
{
	struct node *out = NULL;
	bool failed = false;

	for (size_t i = 0; i < n->seq.n; i++) {
		const struct node *item = n->seq.v[i];
		bool loop = is_foreach_item(item);
		struct node *value = loop ? NULL : eval_node(ev, item);

		if (!out && value != item) {
			out = node_sequence(ev->a);
			out->pos = n->pos;
			for (size_t k = 0; k < i; k++)
				node_push(ev->a, out, n->seq.v[k]);
		}
		if (loop)
			failed |= !splice_items(ev, item, out);
		else if (!value)
			failed = true;
		else if (out && value != NO_VALUE)
			node_push(ev->a, out, value);
	}
	return failed ? NULL : out ? out : (struct node *)n;
}

bool eval_put(struct evaluator *ev, struct node *map, struct node *key,
	      struct node *value)
{
	const struct node_pair *first = node_find(map, key->scalar.text);

	if (first) {
		ev_fail(ev, key->pos, NULL,
			"the key '%s' comes out twice (also from line %u)",
			key->scalar.text, first->key->pos.line);
		return false;
	}
	node_put_node(ev->a, map, key, value);
	return true;
}

static bool put_entry(struct evaluator *ev, struct node *key, const struct node *value,
		      bool kept, void *ctx)
{
	struct node *v = kept ? (struct node *)value : eval_node(ev, value);

	if (!v || v == NO_VALUE)
		return v != NULL;
	return eval_put(ev, ctx, key, v);
}

static struct node *eval_unrolled(struct evaluator *ev, const struct node *n)
{
	struct node *out = node_mapping(ev->a);

	out->pos = n->pos;
	return each_entry(ev, n, put_entry, out) ? out : NULL;
}

static bool has_loop(const struct node *map)
{
	for (size_t i = 0; i < map->map.n; i++)
		if (is_foreach_key(map->map.v[i].key->scalar.text))
			return true;
	return false;
}

static struct node *eval_map(struct evaluator *ev, const struct node *n)
{
	struct node *out = NULL;
	bool failed = false;

	if (has_loop(n))
		return eval_unrolled(ev, n);
	for (size_t i = 0; i < n->map.n; i++) {
		const struct node_pair *p = &n->map.v[i];
		struct node *key = eval_key(ev, p->key), *value = eval_node(ev, p->value);

		if (!out && (key != p->key || value != p->value)) {
			out = node_mapping(ev->a);
			out->pos = n->pos;
			for (size_t k = 0; k < i; k++)
				node_put_node(ev->a, out, n->map.v[k].key,
					      n->map.v[k].value);
		}
		if (!key || !value)
			failed = true;
		else if (out && value != NO_VALUE)
			failed |= !eval_put(ev, out, key, value);
	}
	return failed ? NULL : out ? out : (struct node *)n;
}

static struct node *unknown_function(struct evaluator *ev, const struct node *n)
{
	const char *name = n->tag ? n->tag : n->map.v[0].key->scalar.text;
	const char *near = fn_nearest(name);

	return ev_fail(ev, n->pos,
		       near ? arena_printf(ev->a, "did you mean '%s'?", near) : NULL,
		       "unknown function '%s'", name);
}

/* A value whose tag, if it has one, is passed over. */
static struct node *eval_untagged(struct evaluator *ev, const struct node *n)
{
	struct node *value;
	struct call c;

	if (n->tag) {
		struct node *bare = node_shallow(ev->a, n);

		bare->tag = NULL;
		n = bare;
	}
	switch (call_of(n, &c)) {
	case CALL_FOUND:
		return calls[c.fn](ev, &c);
	case CALL_UNKNOWN:
		return unknown_function(ev, n);
	case CALL_NONE:
		break;
	}
	if (n->kind == NODE_SCALAR)
		value = eval_scalar(ev, n);
	else
		value = n->kind == NODE_SEQUENCE ? eval_list(ev, n) : eval_map(ev, n);
	return value;
}

bool eval_within_limits(struct evaluator *ev, const struct node *n)
{
	if (ev->too_large)
		return false;
	if (++ev->steps <= MAX_STEPS && ev->depth < MAX_DEPTH &&
	    ev->a->used - ev->start <= MAX_MEMORY)
		return true;
	ev->too_large = true;
	ev_fail(ev, n->pos, NULL,
		ev->depth < MAX_DEPTH
			? "the template's loops and texts grow too large here"
			: "the template is nested too deeply here");
	return false;
}

struct node *eval_node(struct evaluator *ev, const struct node *n)
{
	struct node *value = NULL;
	struct call c;

	if (!eval_within_limits(ev, n))
		return NULL;
	ev->depth++;
	if (!n->tag)
		value = eval_untagged(ev, n);
	else if (call_of(n, &c) == CALL_FOUND)
		value = calls[c.fn](ev, &c);
	else
		unknown_function(ev, n);
	ev->depth--;
	return value;
}

struct node *eval_arg(struct evaluator *ev, const struct call *c)
{
	struct node *value = c->arg == c->node ? eval_untagged(ev, c->node)
					       : eval_node(ev, c->arg);

	if (value == NO_VALUE)
		return ev_fail(ev, c->node->pos, NULL, "%s cannot take AWS::NoValue",
			       fn_name(c->fn));
	return value;
}

static struct node *no_value_ref(struct evaluator *ev, const struct node *at)
{
	struct node *ref = eval_text(ev, at->pos, "AWS::NoValue", strlen("AWS::NoValue"));

	ref->tag = fn_tag(FN_REF);
	return ref;
}

struct node *eval_args(struct evaluator *ev, const struct call *c, size_t min, size_t max)
{
	const struct node *arg = c->arg;
	struct node *out = NULL;
	bool failed = false;

	if (arg->kind != NODE_SEQUENCE || arg->seq.n < min || arg->seq.n > max) {
		if (min == max)
			return ev_fail(ev, c->node->pos, NULL, "%s takes a list of %zu",
				       fn_name(c->fn), min);
		return ev_fail(ev, c->node->pos, NULL, "%s takes a list of %zu to %zu",
			       fn_name(c->fn), min, max);
	}
	out = node_sequence(ev->a);
	out->pos = arg->pos;
	for (size_t i = 0; i < arg->seq.n; i++) {
		struct node *value = eval_node(ev, arg->seq.v[i]);

		failed |= !value;
		if (value == NO_VALUE)
			value = no_value_ref(ev, arg->seq.v[i]);
		node_push(ev->a, out, value);
	}
	return failed ? NULL : out;
}

/*
 * Newer functions, whose short forms not every reader of templates knows. CloudFormation
 * takes no short form inside !GetStackOutput.
 */
static bool stays_long(const struct call *c, const struct node *arg)
{
	if (c->fn == FN_GET_STACK_OUTPUT && !is_known(arg))
		return true;
	return c->arg != c->node && (c->fn == FN_GET_STACK_OUTPUT || c->fn == FN_LENGTH ||
				     c->fn == FN_TO_JSON_STRING || c->fn == FN_TRANSFORM);
}

struct node *eval_keep(struct evaluator *ev, const struct call *c, struct node *arg)
{
	struct node *out, *key;

	if (!arg->tag && !stays_long(c, arg)) {
		struct call inner;

		out = node_shallow(ev->a, arg);
		out->pos = c->node->pos;
		out->tag = fn_tag(c->fn);
		if (out->kind == NODE_SCALAR)
			out->scalar.type = SCALAR_STRING;
		if (call_of(arg, &inner) == CALL_NONE)
			return out;
	}
	out = node_mapping(ev->a);
	key = node_string(ev->a, fn_name(c->fn));
	out->pos = key->pos = c->node->pos;
	node_put_node(ev->a, out, key, arg);
	return out;
}

struct node *eval_unknown(struct evaluator *ev, const struct call *c, struct node *arg)
{
	if (!ev->scope->complete)
		return eval_keep(ev, c, arg);
	return ev_fail(ev, c->node->pos, NULL, "%s: its value is not known here",
		       fn_name(c->fn));
}

int cfn_eval_value(struct node **out, struct arena *a, const struct node *value,
		   const struct node *tmpl, const struct cfn_scope *scope,
		   struct fp_error *err)
{
	FP_AUTO(diags_release) struct diags diags = DIAGS_INIT;
	struct evaluator ev = { .a = a,
				.scope = scope,
				.diags = &diags,
				.tmpl = tmpl,
				.mappings = node_get(tmpl, "Mappings"),
				.start = a->used };
	struct node *got;

	conditions_collect(&ev);
	got = diags.n ? NULL : eval_node(&ev, value);
	map_release(&ev.conditions, NULL);
	*out = got == NO_VALUE ? NULL : got;
	if (got)
		return 0;
	if (diags.v[0].hint)
		return fp_fail_at(err, FP_ERR_UNRESOLVED, diags.v[0].pos, "%s: %s",
				  diags.v[0].message, diags.v[0].hint);
	return fp_fail_at(err, FP_ERR_UNRESOLVED, diags.v[0].pos, "%s",
			  diags.v[0].message);
}
