/* Flow collections: members between brackets, in one line or in several. */
#include "yaml/editor.h"

static size_t start_of(const struct span_item *it)
{
	return it->key ? it->key->start : it->value->start;
}

/* The comma in [at, end), where only blanks and comments can be beside; or SIZE_MAX. */
static size_t comma_in(const struct editor *e, size_t at, size_t end)
{
	for (; at < end; at++) {
		if (e->text[at] == '#')
			at = line_end(e, at);
		else if (e->text[at] == ',')
			return at;
	}
	return SIZE_MAX;
}

static bool has_break(const struct editor *e, size_t from, size_t to)
{
	return line_end(e, from) < to;
}

static bool starts_line(const struct editor *e, size_t at)
{
	return skip_blanks(e, line_start(e, at)) == at;
}

/* Brackets, and no "? key" in them. */
static int check(struct editor *e, const struct span *c)
{
	if (!strchr("{[", e->text[c->body]))
		return editor_fail(e, c,
				   "a pair in a list that has no braces cannot be edited "
				   "in place: edit the file by hand");
	for (size_t i = 0; i < c->n; i++) {
		size_t at = start_of(&c->v[i]);

		while (at && strchr(" \t\r\n", e->text[at - 1]))
			at--;
		if (at && e->text[at - 1] == '?')
			return editor_fail(e, c,
					   "keys behind '?' cannot be edited in place: "
					   "edit the file by hand");
	}
	return 0;
}

static void insert_first(struct editor *e, const struct span *c, struct buf *item)
{
	size_t from = c->body + 1, close = c->end - 1;

	if (skip_blanks(e, from) != close) {
		editor_splice(e, from, from, item->data, item->len);
		return;
	}
	if (close > from) {
		FP_AUTO(buf_release) struct buf padded = BUF_INIT;

		buf_printf(&padded, " %s ", item->data);
		editor_splice(e, from, close, padded.data, padded.len);
		return;
	}
	editor_splice(e, from, close, item->data, item->len);
}

/* In a line of its own, as the last one is. */
static void insert_line(struct editor *e, size_t last, size_t end, size_t comma,
			const struct buf *item)
{
	FP_AUTO(buf_release) struct buf text = BUF_INIT;
	size_t line = line_start(e, last);
	size_t at = line_end(e, comma == SIZE_MAX ? end : comma);

	buf_puts(&text, e->newline);
	buf_add(&text, e->text + line, last - line);
	buf_add(&text, item->data, item->len);
	if (comma == SIZE_MAX)
		editor_splice(e, end, end, ",", 1);
	else
		buf_putc(&text, ',');
	editor_splice(e, at, at, text.data, text.len);
}

int flow_insert(struct editor *e, struct span *c, const char *key,
		const struct node *value)
{
	FP_AUTO(buf_release) struct buf item = BUF_INIT;
	FP_AUTO(buf_release) struct buf text = BUF_INIT;
	size_t close = c->end - 1, end, comma, from;
	const struct span_item *last;

	if (check(e, c) < 0)
		return -1;
	if (key) {
		put_key(e, &item, c, key);
		buf_putc(&item, ' ');
	}
	put_inline(e, &item, value, NULL, true);
	if (!c->n) {
		insert_first(e, c, &item);
		return 0;
	}
	last = &c->v[c->n - 1];
	end = item_end(last);
	comma = comma_in(e, end, close);
	from = comma == SIZE_MAX ? end : comma;
	if (last->value->style != SPAN_EMPTY && starts_line(e, start_of(last)) &&
	    has_break(e, from, close)) {
		insert_line(e, start_of(last), end, comma, &item);
	} else if (comma != SIZE_MAX) {
		buf_printf(&text, " %s,", item.data);
		editor_splice(e, comma + 1, comma + 1, text.data, text.len);
	} else {
		/* Behind "key:" a comma needs a space. */
		buf_printf(&text, "%s, %s", e->text[end - 1] == ':' ? " " : "",
			   item.data);
		editor_splice(e, end, end, text.data, text.len);
	}
	return 0;
}

/* The member's line as a whole; its comma or the one before is on it or above. */
static void remove_line(struct editor *e, const struct span *c, size_t i, size_t comma)
{
	size_t start = start_of(&c->v[i]), end = item_end(&c->v[i]), before;
	size_t low = i ? item_end(&c->v[i - 1]) : c->body;

	editor_splice(e, first_line(e, start, column_of(e, start), (int64_t)low),
		      line_next(e, end), "", 0);
	if (!i || comma != SIZE_MAX)
		return;
	before = comma_in(e, item_end(&c->v[i - 1]), start);
	editor_splice(e, before, before + 1, "", 0);
}

static void remove_only(struct editor *e, const struct span *c, size_t comma)
{
	size_t start = start_of(&c->v[0]), end = item_end(&c->v[0]), close = c->end - 1;
	size_t body = c->body + 1;

	if (comma != SIZE_MAX)
		end = comma + 1;
	if (skip_blanks(e, body) == start && skip_blanks(e, end) == close) {
		bool padded = start > body && close > end;

		editor_splice(e, body, close, " ", padded);
	} else {
		editor_splice(e, start, end, "", 0);
	}
}

int flow_remove(struct editor *e, struct span *c, size_t i)
{
	size_t start = start_of(&c->v[i]), end = item_end(&c->v[i]), close = c->end - 1;
	bool is_last = i + 1 == c->n;
	size_t next = is_last ? close : start_of(&c->v[i + 1]), comma, before;

	if (check(e, c) < 0)
		return -1;
	comma = comma_in(e, end, next);
	before = i ? comma_in(e, item_end(&c->v[i - 1]), start) : SIZE_MAX;
	if (starts_line(e, start) && has_break(e, end, next) &&
	    (comma == SIZE_MAX || !has_break(e, end, comma)))
		remove_line(e, c, i, comma);
	else if (c->n == 1)
		remove_only(e, c, comma);
	else if (i && !has_break(e, before, start))
		/* With the comma before; the one behind then parts its neighbours. */
		editor_splice(e, before, end, "", 0);
	else if (comma != SIZE_MAX && !has_break(e, comma, next))
		editor_splice(e, start, is_last ? comma + 1 : next, "", 0);
	else if (comma != SIZE_MAX)
		editor_splice(e, start, comma + 1, "", 0);
	else {
		editor_splice(e, start, end, "", 0);
		editor_splice(e, before, before + 1, "", 0);
	}
	return 0;
}

int flow_replace(struct editor *e, struct span *old, const struct node *value)
{
	FP_AUTO(buf_release) struct buf text = BUF_INIT;

	if (old->style == SPAN_EMPTY && old->start)
		buf_puts(&text, e->text[old->start - 1] == ':' ? " " : ": ");
	put_inline(e, &text, value, old, true);
	editor_splice(e, old->start, old->end, text.data, text.len);
	return 0;
}
