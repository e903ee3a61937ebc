/* Fn::Sub and Fn::ToJsonString: texts in which some parts may stay unknown. */
#include "base/json.h"
#include "base/str.h"
#include "cfn/evaluator.h"
#include "cfn/subbuild.h"
#include "cfn/subtext.h"
#include "yaml/emit.h"

/* The value of a name that is neither a given variable nor known by path. */
static bool put_attribute(struct sub_build *b, const char *name)
{
	const struct cfn_scope *scope = b->ev->scope;
	const char *dot = strchr(name, '.');
	const struct node *value = NULL;
	struct node *kept;

	if (dot && scope->get_att) {
		FP_AUTO(freep) char *id = xstrndup(name, (size_t)(dot - name));

		value = scope->get_att(scope->ctx, id, dot + 1);
	}
	if (value)
		return sub_build_value(b, name, (struct node *)value);
	if (scope->complete) {
		name_unresolved(b->ev, b->pos, name);
		return false;
	}
	kept = eval_text(b->ev, b->pos, name, strlen(name));
	kept->tag = fn_tag(dot ? FN_GET_ATT : FN_REF);
	sub_build_name(b, name, kept);
	return true;
}

/* `vars` are the evaluated given ones. */
static bool put_variable(struct sub_build *b, const struct node *vars,
			 const struct sub_piece *p)
{
	const char *name = name_expand(b->ev, b->pos, p->text, p->len, true);
	const struct node *value;

	if (!name)
		return false;
	name = name == p->text ? arena_strndup(b->ev->a, p->text, p->len) : name;
	if (!*name || str_eq(name, "AWS::NoValue")) {
		ev_fail(b->ev, b->pos, NULL, "Fn::Sub cannot put '${%s}' into a text",
			name);
		return false;
	}
	value = node_get(vars, name);
	if (value)
		return sub_build_value(b, name, (struct node *)value);
	switch (name_resolve(b->ev, name, &value)) {
	case KNOWN:
		return sub_build_value(b, name, (struct node *)value);
	case MISSING:
		name_unresolved(b->ev, b->pos, name);
		return false;
	case OPAQUE:
	case UNKNOWN:
		break;
	}
	return put_attribute(b, name);
}

static bool put_pieces(struct sub_build *b, const struct node *text,
		       const struct node *vars)
{
	const char *s = text->scalar.text, *end = s + text->scalar.len;
	struct sub_piece p;
	bool ok = true;

	while ((p = sub_next(&s, end)).kind != SUB_END) {
		if (p.kind == SUB_TEXT) {
			sub_build_text(b, p.text, p.len);
		} else if (p.kind == SUB_VARIABLE) {
			ok &= put_variable(b, vars, &p);
		} else {
			sub_build_text(b, "${", 2);
			sub_build_text(b, p.text, p.len);
			sub_build_text(b, "}", 1);
		}
	}
	return ok;
}

struct node *call_sub(struct evaluator *ev, const struct call *c)
{
	FP_AUTO(sub_build_release) struct sub_build b = { .ev = ev, .pos = c->node->pos };
	const struct node *text = c->arg, *vars = NULL;
	struct node *out;

	if (text->kind == NODE_SEQUENCE && text->seq.n == 2) {
		vars = text->seq.v[1];
		text = text->seq.v[0];
		if (vars->kind != NODE_MAPPING || vars->tag)
			return ev_fail(
				ev, vars->pos, NULL,
				"Fn::Sub takes a map of variables second, not a %s",
				node_kind_name(vars));
		vars = eval_node(ev, vars);
		if (!vars)
			return NULL;
	}
	if (text->kind != NODE_SCALAR || (text->tag && text != c->node))
		return ev_fail(ev, c->node->pos, NULL,
			       "Fn::Sub takes a text, or a list of a text and a map of "
			       "variables");
	b.given = vars;
	if (!put_pieces(&b, text, vars))
		return NULL;
	out = sub_build_finish(&b);
	if (out && text == c->node && str_eq(out->tag, c->node->tag) &&
	    node_equal(out, text))
		return (struct node *)c->node;
	return out;
}

static bool is_list_parameter(const struct evaluator *ev, const char *name)
{
	const char *type = node_text(
		node_at(node_get(node_get(ev->tmpl, "Parameters"), name), "Type"));

	return type && strstr(type, "List");
}

/* Whether an unknown value is a text for certain, so that it may stand in quotes. */
static bool gives_text(const struct evaluator *ev, const struct node *n)
{
	struct call c;

	if (call_of(n, &c) != CALL_FOUND)
		return n->kind == NODE_SCALAR && !node_is_null(n);
	switch (c.fn) {
	case FN_BASE64:
	case FN_GET_ATT:
	case FN_IMPORT_VALUE:
	case FN_JOIN:
	case FN_SUB:
		return true;
	case FN_REF:
		return c.arg->kind == NODE_SCALAR &&
		       !is_list_parameter(ev, c.arg->scalar.text) &&
		       !str_eq(c.arg->scalar.text, "AWS::NoValue");
	case FN_IF:
		return c.arg->seq.n == 3 && gives_text(ev, c.arg->seq.v[1]) &&
		       gives_text(ev, c.arg->seq.v[2]);
	default:
		return false;
	}
}

/* Whether Fn::Sub can say the same as the JSON text of `n`. */
static bool fits_sub(const struct evaluator *ev, const struct node *n)
{
	if (!is_known(n) &&
	    (n->tag || (n->kind == NODE_MAPPING && n->map.n == 1 &&
			str_starts(n->map.v[0].key->scalar.text, "Fn::"))))
		return gives_text(ev, n);
	if (n->kind == NODE_SEQUENCE) {
		for (size_t i = 0; i < n->seq.n; i++)
			if (!fits_sub(ev, n->seq.v[i]))
				return false;
	} else if (n->kind == NODE_MAPPING) {
		for (size_t i = 0; i < n->map.n; i++)
			if (!fits_sub(ev, n->map.v[i].value))
				return false;
	}
	return true;
}

static bool put_json(struct sub_build *b, const struct node *n);

static bool put_json_items(struct sub_build *b, const struct node *n)
{
	bool list = n->kind == NODE_SEQUENCE, ok = true;
	size_t count = list ? n->seq.n : n->map.n;

	sub_build_text(b, list ? "[" : "{", 1);
	for (size_t i = 0; i < count; i++) {
		if (i)
			sub_build_text(b, ",", 1);
		if (!list) {
			FP_AUTO(buf_release) struct buf key = BUF_INIT;

			json_quote(&key, n->map.v[i].key->scalar.text,
				   n->map.v[i].key->scalar.len);
			buf_putc(&key, ':');
			sub_build_text(b, key.data, key.len);
		}
		ok &= put_json(b, list ? n->seq.v[i] : n->map.v[i].value);
	}
	sub_build_text(b, list ? "]" : "}", 1);
	return ok;
}

static bool put_json(struct sub_build *b, const struct node *n)
{
	FP_AUTO(buf_release) struct buf text = BUF_INIT;
	struct call c;
	bool ok;

	if (is_known(n)) {
		node_emit_json(&text, n, 0);
		sub_build_text(b, text.data, text.len);
		return true;
	}
	if (call_of(n, &c) == CALL_NONE)
		return put_json_items(b, n);
	sub_build_text(b, "\"", 1);
	buf_printf(&text, "Value%zu", b->unknown + 1);
	b->quoted = true;
	ok = sub_build_value(b, text.data, (struct node *)n);
	b->quoted = false;
	sub_build_text(b, "\"", 1);
	return ok;
}

/*
 * With unknown texts inside it becomes an Fn::Sub, which needs no transform. What is
 * unknown is taken to hold nothing that JSON escapes: names and ARNs.
 */
struct node *call_to_json_string(struct evaluator *ev, const struct call *c)
{
	FP_AUTO(sub_build_release) struct sub_build b = { .ev = ev, .pos = c->node->pos };
	struct node *value = eval_arg(ev, c);

	if (!value)
		return NULL;
	if (value->kind == NODE_SCALAR && !value->tag)
		return ev_fail(ev, c->node->pos, NULL,
			       "Fn::ToJsonString takes a list or a map, not a %s",
			       node_kind_name(value));
	if (!is_known(value) && !fits_sub(ev, value))
		return eval_unknown(ev, c, value);
	return put_json(&b, value) ? sub_build_finish(&b) : NULL;
}
