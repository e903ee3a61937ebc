#include "base/json.h"
#include "base/str.h"
#include "yaml/emit.h"
#include "yaml/number.h"

struct json_writer {
	struct buf *out;
	unsigned indent;
	struct arena arena; /* of the long forms of short ones */
};

static void new_line(struct json_writer *w, unsigned depth)
{
	if (!w->indent)
		return;
	buf_putc(w->out, '\n');
	buf_fill(w->out, ' ', (size_t)w->indent * depth);
}

static void put_scalar(struct json_writer *w, const struct node *n)
{
	bool value = false;

	switch (n->scalar.type) {
	case SCALAR_NULL:
		buf_puts(w->out, "null");
		return;
	case SCALAR_BOOL:
		node_as_bool(n, &value);
		buf_puts(w->out, value ? "true" : "false");
		return;
	case SCALAR_INT:
	case SCALAR_FLOAT:
		if (number_put(w->out, n))
			return;
		break;
	case SCALAR_STRING:
		break;
	}
	json_quote(w->out, n->scalar.text, n->scalar.len);
}

static void put(struct json_writer *w, const struct node *n, unsigned depth);

static void put_items(struct json_writer *w, const struct node *n, unsigned depth)
{
	bool list = n->kind == NODE_SEQUENCE;
	size_t count = list ? n->seq.n : n->map.n;

	buf_putc(w->out, list ? '[' : '{');
	for (size_t i = 0; i < count; i++) {
		if (i)
			buf_putc(w->out, ',');
		new_line(w, depth + 1);
		if (list) {
			put(w, n->seq.v[i], depth + 1);
			continue;
		}
		json_quote(w->out, n->map.v[i].key->scalar.text,
			   n->map.v[i].key->scalar.len);
		buf_puts(w->out, w->indent ? ": " : ":");
		put(w, n->map.v[i].value, depth + 1);
	}
	if (count)
		new_line(w, depth);
	buf_putc(w->out, list ? ']' : '}');
}

static void put(struct json_writer *w, const struct node *n, unsigned depth)
{
	n = node_long_form(&w->arena, n);
	if (n->kind == NODE_SCALAR)
		put_scalar(w, n);
	else
		put_items(w, n, depth);
}

void node_emit_json(struct buf *out, const struct node *n, unsigned indent)
{
	struct json_writer w = { out, indent, ARENA_INIT };

	put(&w, n, 0);
	arena_release(&w.arena);
}
