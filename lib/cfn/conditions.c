#include "base/str.h"
#include "cfn/evaluator.h"

static bool collect(struct evaluator *ev, struct node *key, const struct node *value,
		    bool kept, void *ctx FP_UNUSED)
{
	struct condition *c;

	if (map_has(&ev->conditions, key->scalar.text)) {
		ev_fail(ev, key->pos, NULL, "the condition '%s' comes out twice",
			key->scalar.text);
		return false;
	}
	c = arena_alloc(ev->a, sizeof(*c));
	*c = (struct condition){ .body = value, .key = key, .frames = ev->frames };
	if (kept) {
		c->done = ev->open_conditions = true;
		c->truth = TRUTH_UNKNOWN;
		c->rest = (struct node *)value;
	}
	map_put(&ev->conditions, key->scalar.text, c);
	return true;
}

void conditions_collect(struct evaluator *ev)
{
	const struct node *section = node_get(ev->tmpl, "Conditions");

	if (section && section->kind == NODE_MAPPING && !section->tag)
		each_entry(ev, section, collect, NULL);
}

static enum truth failed(struct evaluator *ev, struct fp_pos pos, const char *hint,
			 const char *format, const char *name)
{
	FP_AUTO(freep) char *message = NULL;

	if (asprintf(&message, "%s '%s'", format, name) < 0)
		fp_die("out of memory");
	ev_fail(ev, pos, hint, "%s", message);
	return TRUTH_FAILED;
}

/* A render-time name: "bucket.versioning". */
static enum truth resolve_flag(struct evaluator *ev, const char *name, struct fp_pos pos)
{
	const struct node *value = NULL;
	bool flag;

	switch (name_resolve(ev, name, &value)) {
	case OPAQUE:
		return TRUTH_UNKNOWN;
	case MISSING:
		name_unresolved(ev, pos, name);
		return TRUTH_FAILED;
	case KNOWN:
		if (node_is_null(value))
			return TRUTH_FALSE;
		if (node_as_bool(value, &flag))
			return flag ? TRUTH_TRUE : TRUTH_FALSE;
		ev_fail(ev, pos, NULL, "'%s' is a %s, not true or false", name,
			node_kind_name(value));
		return TRUTH_FAILED;
	case UNKNOWN:
		break;
	}
	if (ev->open_conditions || (ev->scope->open && strchr(name, '.')))
		return TRUTH_UNKNOWN;
	return ev->tmpl || ev->scope->complete ? TRUTH_FAILED : TRUTH_UNKNOWN;
}

static const char *near_condition(struct evaluator *ev, const char *name)
{
	FP_AUTO(strs_release) struct strs names = STRS_INIT;
	const char *near;

	map_each (e, &ev->conditions)
		strs_add(&names, e->key);
	near = str_nearest(name, (const char *const *)names.v, names.n);
	return near ? arena_printf(ev->a, "did you mean '%s'?", near)
		    : name_hint(ev, name);
}

enum truth condition_named(struct evaluator *ev, const char *name, struct fp_pos pos)
{
	struct condition *c = map_get(&ev->conditions, name);
	const struct frame *frames = ev->frames;
	size_t before = ev->diags->n;
	enum truth truth;

	if (!c) {
		truth = resolve_flag(ev, name, pos);
		if (truth == TRUTH_FAILED && ev->diags->n == before)
			failed(ev, pos, near_condition(ev, name), "unknown condition",
			       name);
		return truth;
	}
	if (c->done)
		return c->truth;
	if (c->busy)
		return failed(ev, c->key->pos, NULL,
			      "a condition depends on itself:", name);
	c->busy = true;
	ev->frames = c->frames;
	c->truth = condition_eval(ev, c->body, &c->rest);
	ev->frames = frames;
	c->busy = false;
	c->done = true;
	return c->truth;
}

/* A name, as {"Condition": name} or !Condition gives it. */
static enum truth eval_reference(struct evaluator *ev, const struct node *n,
				 const struct node *arg, struct node **rest)
{
	const char *name = name_arg(ev, arg, "Condition");
	enum truth truth;

	if (!name)
		return TRUTH_FAILED;
	truth = condition_named(ev, name, arg->pos);
	if (truth == TRUTH_UNKNOWN) {
		*rest = eval_text(ev, n->pos, name, strlen(name));
		(*rest)->tag = fn_tag(FN_CONDITION);
	}
	return truth;
}

/* And, Or: what is decided is left out; `decisive` decides the whole. */
static enum truth eval_junction(struct evaluator *ev, const struct call *c,
				enum truth decisive, struct node **rest)
{
	struct node *left;
	enum truth all = decisive == TRUTH_TRUE ? TRUTH_FALSE : TRUTH_TRUE;
	bool bad = false;

	if (c->arg->kind != NODE_SEQUENCE || c->arg->seq.n < 2 || c->arg->seq.n > 10) {
		ev_fail(ev, c->node->pos, NULL, "%s takes a list of 2 to 10 conditions",
			fn_name(c->fn));
		return TRUTH_FAILED;
	}
	left = node_sequence(ev->a);
	left->pos = c->arg->pos;
	for (size_t i = 0; i < c->arg->seq.n; i++) {
		struct node *part = NULL;
		enum truth truth = condition_eval(ev, c->arg->seq.v[i], &part);

		bad |= truth == TRUTH_FAILED;
		if (truth == decisive)
			all = decisive;
		if (truth == TRUTH_UNKNOWN)
			node_push(ev->a, left, part);
	}
	if (bad)
		return TRUTH_FAILED;
	if (all == decisive || left->seq.n == 0)
		return all;
	*rest = left->seq.n == 1 ? left->seq.v[0] : eval_keep(ev, c, left);
	return TRUTH_UNKNOWN;
}

static enum truth eval_not(struct evaluator *ev, const struct call *c, struct node **rest)
{
	struct node *part = NULL, *list;
	enum truth truth;

	if (c->arg->kind != NODE_SEQUENCE || c->arg->seq.n != 1) {
		ev_fail(ev, c->node->pos, NULL, "Fn::Not takes a list of 1");
		return TRUTH_FAILED;
	}
	truth = condition_eval(ev, c->arg->seq.v[0], &part);
	if (truth == TRUTH_FAILED)
		return truth;
	if (truth != TRUTH_UNKNOWN)
		return truth == TRUTH_TRUE ? TRUTH_FALSE : TRUTH_TRUE;
	list = node_sequence(ev->a);
	list->pos = c->arg->pos;
	node_push(ev->a, list, part);
	*rest = eval_keep(ev, c, list);
	return TRUTH_UNKNOWN;
}

/* As CloudFormation compares: by text, so that 1 equals "1". */
static bool values_equal(const struct node *a, const struct node *b)
{
	bool x, y;

	if (a->kind != NODE_SCALAR || b->kind != NODE_SCALAR)
		return node_equal(a, b);
	if (node_as_bool(a, &x) && node_as_bool(b, &y))
		return x == y;
	return str_eq(a->scalar.text, b->scalar.text);
}

static enum truth eval_equals(struct evaluator *ev, const struct call *c,
			      struct node **rest)
{
	struct node *args = eval_args(ev, c, 2, 2);

	if (!args)
		return TRUTH_FAILED;
	if (is_known(args))
		return values_equal(args->seq.v[0], args->seq.v[1]) ? TRUTH_TRUE
								    : TRUTH_FALSE;
	*rest = eval_keep(ev, c, args);
	return TRUTH_UNKNOWN;
}

/* Any other value: a render-time flag by Ref, or a function that gives a flag. */
static enum truth eval_flag(struct evaluator *ev, const struct node *n,
			    struct node **rest)
{
	struct node *value = eval_node(ev, n);
	bool flag;

	if (!value)
		return TRUTH_FAILED;
	if (value == NO_VALUE)
		return TRUTH_FALSE;
	if (node_as_bool(value, &flag))
		return flag ? TRUTH_TRUE : TRUTH_FALSE;
	if (is_known(value)) {
		ev_fail(ev, n->pos, NULL, "a condition is expected here, not a %s",
			node_kind_name(value));
		return TRUTH_FAILED;
	}
	*rest = value;
	return TRUTH_UNKNOWN;
}

enum truth condition_eval(struct evaluator *ev, const struct node *n, struct node **rest)
{
	struct call c;
	enum truth truth;

	if (!eval_within_limits(ev, n))
		return TRUTH_FAILED;
	if (n->kind == NODE_MAPPING && !n->tag && n->map.n == 1 &&
	    node_is(n->map.v[0].key, "Condition"))
		c = (struct call){ FN_CONDITION, n, n->map.v[0].value };
	else if (call_of(n, &c) != CALL_FOUND)
		return eval_flag(ev, n, rest);
	ev->depth++;
	switch (c.fn) {
	case FN_AND:
		truth = eval_junction(ev, &c, TRUTH_FALSE, rest);
		break;
	case FN_OR:
		truth = eval_junction(ev, &c, TRUTH_TRUE, rest);
		break;
	case FN_NOT:
		truth = eval_not(ev, &c, rest);
		break;
	case FN_EQUALS:
		truth = eval_equals(ev, &c, rest);
		break;
	case FN_CONDITION:
		truth = eval_reference(ev, n, c.arg, rest);
		break;
	default:
		truth = eval_flag(ev, n, rest);
	}
	ev->depth--;
	return truth;
}

struct node *call_truth(struct evaluator *ev, const struct call *c)
{
	struct node *rest = NULL, *value;

	switch (condition_eval(ev, c->node, &rest)) {
	case TRUTH_FAILED:
		return NULL;
	case TRUTH_UNKNOWN:
		return rest;
	case TRUTH_TRUE:
		value = node_bool(ev->a, true);
		break;
	default:
		value = node_bool(ev->a, false);
	}
	value->pos = c->node->pos;
	return value;
}
