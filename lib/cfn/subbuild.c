#include "cfn/subbuild.h"

#include "base/json.h"
#include "base/str.h"
#include "cfn/subtext.h"

#define MAX_TEXT ((size_t)4 << 20)

void sub_build_release(struct sub_build *b)
{
	buf_release(&b->plain);
	buf_release(&b->kept);
}

void sub_build_text(struct sub_build *b, const char *text, size_t len)
{
	if (!len)
		return;
	b->pieces++;
	if (b->kept.len + len > MAX_TEXT) {
		b->ev->too_large = true;
		return;
	}
	buf_add(&b->plain, text, len);
	for (size_t i = 0; i < len; i++) {
		bool opens = text[i] == '{' && b->kept.len > 0 &&
			     b->kept.data[b->kept.len - 1] == '$';

		buf_putc(&b->kept, text[i]);
		if (opens)
			buf_putc(&b->kept, '!');
	}
}

void sub_build_name(struct sub_build *b, const char *name, struct node *value)
{
	buf_printf(&b->kept, "${%s}", name);
	b->only = value;
	b->pieces++;
	b->unknown++;
}

static bool is_given(const struct sub_build *b, const char *name, size_t len)
{
	FP_AUTO(freep) char *copy = xstrndup(name, len);

	return node_get(b->given, copy) || node_get(b->vars, copy);
}

/* Whether all that an inner Fn::Sub names means the same out here. */
static bool can_inline(const struct sub_build *b, const struct node *sub)
{
	const char *s = sub->scalar.text, *end = s + sub->scalar.len;
	struct sub_piece p;

	while ((p = sub_next(&s, end)).kind != SUB_END)
		if (p.kind == SUB_VARIABLE && is_given(b, p.text, p.len))
			return false;
	return true;
}

static struct node *named(struct sub_build *b, const char *name)
{
	struct node *n = eval_text(b->ev, b->pos, name, strlen(name));

	n->tag = fn_tag(strchr(name, '.') ? FN_GET_ATT : FN_REF);
	return n;
}

/* A known part of an inner Fn::Sub. */
static void put_inner(struct sub_build *b, const char *text, size_t len)
{
	FP_AUTO(buf_release) struct buf json = BUF_INIT;

	if (!b->quoted) {
		sub_build_text(b, text, len);
		return;
	}
	json_quote(&json, text, len);
	sub_build_text(b, json.data + 1, json.len - 2);
}

static void inline_sub(struct sub_build *b, const struct node *sub)
{
	const char *s = sub->scalar.text, *end = s + sub->scalar.len;
	struct sub_piece p;

	while ((p = sub_next(&s, end)).kind != SUB_END) {
		FP_AUTO(freep) char *text = xstrndup(p.text, p.len);

		if (p.kind == SUB_TEXT) {
			put_inner(b, p.text, p.len);
		} else if (p.kind == SUB_ESCAPED) {
			sub_build_text(b, "${", 2);
			put_inner(b, p.text, p.len);
			sub_build_text(b, "}", 1);
		} else {
			sub_build_name(b, text, named(b, text));
		}
	}
}

static void escape_text(struct sub_build *b, struct node *n)
{
	FP_AUTO(buf_release) struct buf json = BUF_INIT;

	json_quote(&json, n->scalar.text, n->scalar.len);
	if (json.len - 2 == n->scalar.len)
		return;
	n->scalar.len = json.len - 2;
	n->scalar.text = arena_strndup(b->ev->a, json.data + 1, n->scalar.len);
}

/* Of a value that may stand in quotes, escape what is known: its texts. */
static void escape(struct sub_build *b, struct node *n)
{
	struct call c;
	struct node *arg;

	if (call_of(n, &c) != CALL_FOUND) {
		if (n->kind == NODE_SCALAR && !n->tag)
			escape_text(b, n);
		for (size_t i = 0; n->kind == NODE_SEQUENCE && i < n->seq.n; i++)
			escape(b, n->seq.v[i]);
		for (size_t i = 0; n->kind == NODE_MAPPING && i < n->map.n; i++)
			escape(b, n->map.v[i].value);
		return;
	}
	arg = (struct node *)c.arg;
	if (c.fn == FN_SUB && arg->kind == NODE_SCALAR)
		escape_text(b, arg);
	else if (c.fn == FN_SUB || c.fn == FN_JOIN || c.fn == FN_IF)
		for (size_t i = c.fn == FN_IF; i < arg->seq.n; i++)
			escape(b, arg->seq.v[i]);
}

static bool put_unknown(struct sub_build *b, const char *name, struct node *value)
{
	bool scalar = value->kind == NODE_SCALAR;

	if (scalar && (str_eq(value->tag, "!Ref") || str_eq(value->tag, "!GetAtt")) &&
	    !is_given(b, value->scalar.text, value->scalar.len)) {
		sub_build_name(b, value->scalar.text, value);
		return true;
	}
	if (scalar && str_eq(value->tag, "!Sub") && can_inline(b, value)) {
		inline_sub(b, value);
		return true;
	}
	if (b->quoted) {
		value = node_copy(b->ev->a, value);
		escape(b, value);
	}
	if (!b->vars)
		b->vars = node_mapping(b->ev->a);
	if (!node_get(b->vars, name))
		node_put(b->ev->a, b->vars, name, value);
	sub_build_name(b, name, value);
	return true;
}

bool sub_build_value(struct sub_build *b, const char *name, struct node *value)
{
	if (!is_known(value))
		return put_unknown(b, name, value);
	if (value->kind == NODE_SCALAR && !node_is_null(value)) {
		sub_build_text(b, value->scalar.text, value->scalar.len);
		return true;
	}
	ev_fail(b->ev, b->pos, NULL, "'%s' is a %s: it cannot be put into a text", name,
		node_kind_name(value));
	return false;
}

struct node *sub_build_finish(struct sub_build *b)
{
	struct node *text, *list;

	if (b->ev->too_large)
		return ev_fail(b->ev, b->pos, NULL, "the text grows beyond %zu bytes",
			       MAX_TEXT);
	if (!b->unknown)
		return eval_text(b->ev, b->pos, buf_str(&b->plain), b->plain.len);
	if (b->pieces == 1)
		return b->only;
	text = eval_text(b->ev, b->pos, buf_str(&b->kept), b->kept.len);
	if (!b->vars) {
		text->tag = fn_tag(FN_SUB);
		return text;
	}
	list = node_sequence(b->ev->a);
	list->pos = b->vars->pos = b->pos;
	list->tag = fn_tag(FN_SUB);
	node_push(b->ev->a, list, text);
	node_push(b->ev->a, list, b->vars);
	return list;
}
