/* New values as text, in the style of what stands around them. */
#include "base/json.h"
#include "yaml/editor.h"
#include "yaml/emitter.h"

#define WIDTH 80 /* a value that would make a longer line gets several */

/* Whether every reader takes the plain text for that string, in brackets too. */
static bool plain_ok(const char *s, size_t n, bool in_flow)
{
	return node_plain_is_string(s, n) && !memchr(s, '\t', n) &&
	       (!in_flow || (strcspn(s, ",[]{}?") >= n && s[n - 1] != ':'));
}

static void put_text(const struct editor *e, struct buf *out, const char *s, size_t n,
		     char quote)
{
	bool single = quote == '\'' && emit_printable(s, n, "");
	/* Escapes are for machines: the other quote reads better. */
	bool spare = (memchr(s, '"', n) || memchr(s, '\\', n)) &&
		     emit_printable(s, n, "");

	if (e->json)
		json_quote(out, s, n);
	else if (single || spare)
		emit_single(out, s, n);
	else
		emit_double(out, s, n);
}

/* A key may be plain where the text has it plain already: `on`. */
static bool is_plain_key(const struct span *c, const char *key)
{
	for (size_t i = 0; i < c->n; i++) {
		const struct span *k = c->v[i].key;

		if (k && k->style == SPAN_PLAIN && str_eq(k->text, key))
			return true;
		if (is_plain_key(c->v[i].value, key))
			return true;
	}
	return false;
}

/* The quote that all keys of the map have, or '\0'. */
static char quote_of_keys(const struct span *map)
{
	char quote = '\0';

	for (size_t i = 0; map && i < map->n; i++) {
		const struct span *k = map->v[i].key;

		if (!k || (k->style != SPAN_SINGLE && k->style != SPAN_DOUBLE))
			return '\0';
		quote = k->style == SPAN_SINGLE ? '\'' : '"';
	}
	return quote;
}

void put_key(const struct editor *e, struct buf *out, const struct span *map,
	     const char *key)
{
	char quote = e->json ? '"' : quote_of_keys(map);
	size_t n = strlen(key);

	if (!quote && (plain_ok(key, n, true) || is_plain_key(e->root, key)))
		buf_puts(out, key);
	else
		put_text(e, out, key, n, quote ? quote : e->quote);
	buf_putc(out, ':');
}

static void put_scalar(const struct editor *e, struct buf *out, const struct node *n,
		       const struct span *old, bool in_flow)
{
	char quote = e->json ? '"' : '\0';

	if (!n->tag && n->scalar.type != SCALAR_STRING) {
		emit_value(out, n);
		return;
	}
	if (old && old->style == SPAN_SINGLE)
		quote = '\'';
	else if (old && old->style == SPAN_DOUBLE)
		quote = '"';
	if (!quote && plain_ok(n->scalar.text, n->scalar.len, in_flow))
		buf_add(out, n->scalar.text, n->scalar.len);
	else
		put_text(e, out, n->scalar.text, n->scalar.len, quote ? quote : e->quote);
}

void put_inline(const struct editor *e, struct buf *out, const struct node *n,
		const struct span *old, bool in_flow)
{
	if (n->tag)
		buf_printf(out, "%s ", n->tag);
	if (n->kind == NODE_SCALAR) {
		put_scalar(e, out, n, old, in_flow);
		return;
	}
	if (n->kind == NODE_SEQUENCE) {
		buf_putc(out, '[');
		for (size_t i = 0; i < n->seq.n; i++) {
			buf_puts(out, i ? ", " : "");
			put_inline(e, out, n->seq.v[i], NULL, true);
		}
		buf_putc(out, ']');
		return;
	}
	buf_putc(out, '{');
	for (size_t i = 0; i < n->map.n; i++) {
		buf_puts(out, i ? ", " : "");
		put_key(e, out, NULL, n->map.v[i].key->scalar.text);
		buf_putc(out, ' ');
		put_inline(e, out, n->map.v[i].value, NULL, true);
	}
	buf_putc(out, '}');
}

void edit_inline(struct buf *out, const struct node *value)
{
	static const struct span nothing = { .kind = NODE_SCALAR };
	const struct editor plain = { .root = (struct span *)&nothing, .quote = '"' };

	put_inline(&plain, out, value, NULL, false);
}

static size_t count_of(const struct node *n)
{
	if (n->kind == NODE_SCALAR)
		return 0;
	return n->kind == NODE_SEQUENCE ? n->seq.n : n->map.n;
}

bool wants_block(const struct editor *e, const struct span *up, size_t depth,
		 size_t column, const char *key, const struct node *value)
{
	FP_AUTO(buf_release) struct buf line = BUF_INIT;

	if (e->json || value->tag || !count_of(value))
		return false;
	for (size_t i = up ? up->n : 0; i-- > 0;) {
		const struct span *s = up->v[i].value;

		if (s->kind == value->kind && s->n && !s->has_properties &&
		    (s->style == SPAN_BLOCK || s->style == SPAN_FLOW))
			return s->style == SPAN_BLOCK;
	}
	if (depth == 0 && value->kind == NODE_MAPPING)
		return true;
	put_inline(e, &line, value, NULL, false);
	return column + strlen(key) + 2 + line.len > WIDTH;
}

void put_members(const struct editor *e, struct buf *out, size_t depth, size_t column,
		 const struct node *n)
{
	for (size_t i = 0; i < count_of(n); i++) {
		buf_puts(out, e->newline);
		buf_fill(out, ' ', column);
		if (n->kind == NODE_SEQUENCE) {
			buf_puts(out, "- ");
			put_inline(e, out, n->seq.v[i], NULL, false);
		} else {
			put_pair(e, out, NULL, depth, column,
				 n->map.v[i].key->scalar.text, n->map.v[i].value);
		}
	}
}

void put_pair(const struct editor *e, struct buf *out, const struct span *siblings,
	      size_t depth, size_t column, const char *key, const struct node *value)
{
	put_key(e, out, siblings, key);
	if (wants_block(e, siblings, depth, column, key, value)) {
		put_members(e, out, depth + 1, column + step_of(e, siblings, value->kind),
			    value);
		return;
	}
	buf_putc(out, ' ');
	put_inline(e, out, value, NULL, false);
}
