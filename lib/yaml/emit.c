#include "yaml/emit.h"

#include "base/str.h"
#include "yaml/emitter.h"
#include "yaml/number.h"

#define INDENT 2

static size_t utf8_char(const char *s, size_t n, uint32_t *c)
{
	static const unsigned char mask[] = { 0, 0x7f, 0x1f, 0x0f, 0x07 };
	size_t len = str_utf8_len(s, n);

	if (!len) {
		*c = (unsigned char)*s;
		return 1;
	}
	*c = (unsigned char)*s & mask[len];
	for (size_t i = 1; i < len; i++)
		*c = *c << 6 | ((unsigned char)s[i] & 0x3f);
	return len;
}

/* What may stand in a YAML text as it is, in every reader. */
static bool is_printable(uint32_t c)
{
	return (c >= 0x20 && c < 0x7f) || (c >= 0xa0 && c != 0x2028 && c != 0x2029 &&
					   c != 0xfeff && (c | 1) != 0xffff);
}

bool emit_printable(const char *s, size_t n, const char *besides)
{
	uint32_t c;

	for (size_t i = 0; i < n;) {
		i += utf8_char(s + i, n - i, &c);
		if (!is_printable(c) && !(c && c < 0x80 && strchr(besides, (int)c)))
			return false;
	}
	return true;
}

void emit_double(struct buf *out, const char *s, size_t n)
{
	uint32_t c;

	buf_putc(out, '"');
	for (size_t i = 0, len; i < n; i += len) {
		len = utf8_char(s + i, n - i, &c);
		if (c == '"' || c == '\\')
			buf_printf(out, "\\%c", (int)c);
		else if (c == '\n')
			buf_puts(out, "\\n");
		else if (c == '\t')
			buf_puts(out, "\\t");
		else if (is_printable(c))
			buf_add(out, s + i, len);
		else
			buf_printf(out, c < 0x100 ? "\\x%02x" : "\\u%04x", (unsigned)c);
	}
	buf_putc(out, '"');
}

void emit_single(struct buf *out, const char *s, size_t n)
{
	buf_putc(out, '\'');
	for (size_t i = 0; i < n; i++) {
		if (s[i] == '\'')
			buf_putc(out, '\'');
		buf_putc(out, s[i]);
	}
	buf_putc(out, '\'');
}

static void put_quoted(struct buf *out, const char *s, size_t n)
{
	bool has_escapes = memchr(s, '"', n) || memchr(s, '\\', n);

	if (!has_escapes || !emit_printable(s, n, ""))
		emit_double(out, s, n);
	else
		emit_single(out, s, n);
}

/* Texts with line breaks that a literal block gives back as they are. */
static bool fits_block(const char *s, size_t n)
{
	return memchr(s, '\n', n) && !strchr(" \t\n", s[0]) &&
	       emit_printable(s, n, "\n\t");
}

/* Behind "key: ": the lines, `column` deep, without the last line's end. */
static void put_block(struct buf *out, const char *s, size_t n, size_t column)
{
	const char *end = s + n, *nl;

	buf_putc(out, '|');
	if (end[-1] != '\n')
		buf_putc(out, '-');
	else if (n > 1 && end[-2] == '\n')
		buf_putc(out, '+');
	if (end[-1] == '\n')
		end--;
	for (;; s = nl + 1) {
		nl = memchr(s, '\n', (size_t)(end - s));
		buf_putc(out, '\n');
		if (s < end && s != nl)
			buf_fill(out, ' ', column);
		buf_add(out, s, (size_t)((nl ? nl : end) - s));
		if (!nl)
			return;
	}
}

static void put_string(struct buf *out, const struct node *n)
{
	if (node_plain_is_string(n->scalar.text, n->scalar.len))
		buf_add(out, n->scalar.text, n->scalar.len);
	else
		put_quoted(out, n->scalar.text, n->scalar.len);
}

void emit_value(struct buf *out, const struct node *scalar)
{
	bool value = false;

	if (scalar->scalar.type == SCALAR_NULL) {
		buf_puts(out, "null");
	} else if (scalar->scalar.type == SCALAR_BOOL) {
		node_as_bool(scalar, &value);
		buf_puts(out, value ? "true" : "false");
	} else if (!number_put(out, scalar)) {
		buf_puts(out, scalar->scalar.text);
	}
}

static void put_scalar(struct buf *out, const struct node *n)
{
	if (n->tag || n->scalar.type == SCALAR_STRING)
		put_string(out, n);
	else
		emit_value(out, n);
}

/*
 * A key is its text, whatever that would mean as a value. Behind 1024 characters a
 * reader no longer looks for the colon: such a key stands in a line of its own.
 */
static void put_key(struct buf *out, const struct node *key, size_t column)
{
	size_t from = out->len;

	put_string(out, key);
	if (out->len - from > 1000) {
		buf_truncate(out, from);
		buf_puts(out, "? ");
		put_string(out, key);
		buf_putc(out, '\n');
		buf_fill(out, ' ', column);
	}
	buf_puts(out, ": ");
}

static bool is_empty(const struct node *n)
{
	return n->kind == NODE_SEQUENCE ? n->seq.n == 0 : n->map.n == 0;
}

static void put_node(struct buf *out, const struct node *n, size_t column);

/*
 * The pairs or items of a collection that begins at the cursor, which stands in
 * `column`; each further one begins a line. Leaves the last line open.
 */
static void put_items(struct buf *out, const struct node *n, size_t column)
{
	size_t count = n->kind == NODE_SEQUENCE ? n->seq.n : n->map.n;

	for (size_t i = 0; i < count; i++) {
		if (i) {
			buf_putc(out, '\n');
			buf_fill(out, ' ', column);
		}
		if (n->kind == NODE_SEQUENCE) {
			const struct node *item = n->seq.v[i];

			buf_puts(out, "- ");
			if (!item->tag && item->kind != NODE_SCALAR && !is_empty(item))
				put_items(out, item, column + INDENT);
			else
				put_node(out, item, column + INDENT);
			continue;
		}
		put_key(out, n->map.v[i].key, column);
		put_node(out, n->map.v[i].value, column + INDENT);
	}
}

/* What stands behind "key: " or "- "; its lines, if more, begin in `column`. */
static void put_node(struct buf *out, const struct node *n, size_t column)
{
	if (n->tag) {
		buf_puts(out, n->tag);
		buf_putc(out, ' ');
	}
	if (n->kind == NODE_SCALAR) {
		bool text = n->tag || n->scalar.type == SCALAR_STRING;

		if (text && n->scalar.len && fits_block(n->scalar.text, n->scalar.len))
			put_block(out, n->scalar.text, n->scalar.len, column);
		else
			put_scalar(out, n);
		return;
	}
	if (is_empty(n)) {
		buf_puts(out, n->kind == NODE_SEQUENCE ? "[]" : "{}");
		return;
	}
	buf_truncate(out, out->len - 1); /* the space before the line's end */
	buf_putc(out, '\n');
	buf_fill(out, ' ', column);
	put_items(out, n, column);
}

void node_emit_yaml(struct buf *out, const struct node *n)
{
	if (n->kind != NODE_SCALAR && !n->tag && !is_empty(n))
		put_items(out, n, 0);
	else if (n->kind == NODE_SCALAR || is_empty(n))
		put_node(out, n, INDENT);
	else
		put_node(out, n, 0);
	buf_putc(out, '\n');
}
