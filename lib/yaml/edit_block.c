/* Block collections: members are lines, and take their comments with them. */
#include "yaml/editor.h"

static int unusual(struct editor *e, const struct span *at)
{
	return editor_fail(e, at,
			   "the layout here cannot be edited in place: "
			   "edit the file by hand");
}

/* A list's dash; SIZE_MAX when it is not to be found. */
static size_t dash_of(const struct editor *e, const struct span *c, size_t i)
{
	size_t at = c->v[i].value->start, low = i ? item_end(&c->v[i - 1]) : c->start;
	size_t column = column_of(e, c->start);

	while (at > low && e->text[at - 1] == ' ')
		at--;
	if (at > low && e->text[at - 1] == '-' && (i == 0 || begins_line(e, at - 1)))
		return at - 1;
	if (c->has_properties)
		return SIZE_MAX;
	if (i == 0)
		return c->start;
	for (at = line_start(e, at); at > low; at = line_start(e, at - 1))
		if (at + column < e->n && e->text[at + column] == '-' &&
		    begins_line(e, at + column))
			return at + column;
	return SIZE_MAX;
}

/* Where a member's own text begins; SIZE_MAX behind an explicit "? ". */
static size_t start_of(const struct editor *e, const struct span *c, size_t i)
{
	size_t at;

	if (c->kind == NODE_SEQUENCE)
		return dash_of(e, c, i);
	at = c->v[i].key->start;
	while (at && e->text[at - 1] == ' ')
		at--;
	return at && e->text[at - 1] == '?' ? SIZE_MAX : c->v[i].key->start;
}

/* The column of its members. */
static size_t column_in(const struct editor *e, const struct span *c)
{
	size_t at = c->has_properties ? start_of(e, c, 0) : c->start;

	return at == SIZE_MAX ? SIZE_MAX : column_of(e, at);
}

static bool is_blank(const struct editor *e, size_t line)
{
	return skip_blanks(e, line) == line_end(e, line);
}

/* The column of a line's comment when that is all it has; else SIZE_MAX. */
static size_t comment_column(const struct editor *e, size_t line)
{
	size_t at = line;

	while (at < e->n && e->text[at] == ' ')
		at++;
	return at < e->n && e->text[at] == '#' ? at - line : SIZE_MAX;
}

/* Before the line break of what belongs to the member that ends at `end`. */
static size_t extent(const struct editor *e, size_t end, size_t column)
{
	size_t at = line_end(e, end);

	for (;;) {
		size_t line = line_next(e, at), comment;

		if (line >= e->n)
			return at;
		comment = comment_column(e, line);
		if (comment == SIZE_MAX || comment <= column)
			return at;
		at = line_end(e, line);
	}
}

/* The line before, if it begins behind `low`; else SIZE_MAX. low -1: any line. */
static size_t line_above(const struct editor *e, size_t line, int64_t low)
{
	size_t at;

	if (!line)
		return SIZE_MAX;
	at = line - 1;
	if (at && e->text[at] == '\n' && e->text[at - 1] == '\r')
		at--;
	at = line_start(e, at);
	return (int64_t)at > low ? at : SIZE_MAX;
}

size_t first_line(const struct editor *e, size_t start, size_t column, int64_t low)
{
	size_t line = line_start(e, start), first = line, above;

	for (;;) {
		above = line_above(e, first, low);
		if (above == SIZE_MAX || comment_column(e, above) != column)
			return first;
		if (above == 0)
			return line; /* what the file begins with is about all of it */
		first = above;
	}
}

/* Where text that is not the member's may end: comments do not begin before. */
static int64_t low_of(const struct span *c, size_t i)
{
	const struct span_item *it;

	if (i)
		return (int64_t)item_end(&c->v[i - 1]);
	if (!c->up)
		return -1;
	it = &c->up->v[c->index];
	return (int64_t)(it->key ? it->key->end : c->up->start);
}

/* The block scalar that member i ends with; else NULL. */
static const struct span *literal_at_end(const struct span *c, size_t i)
{
	const struct span *s = c->v[i].value;

	while (s->style == SPAN_BLOCK)
		s = s->v[s->n - 1].value;
	return s->style == SPAN_LITERAL ? s : NULL;
}

/* Take out the lines of the members i to j. */
static int drop_lines(struct editor *e, const struct span *c, size_t i, size_t j)
{
	size_t column = column_in(e, c), start = start_of(e, c, i), from, to, above;
	const struct span *literal = i ? literal_at_end(c, i - 1) : NULL;

	if (column == SIZE_MAX || start == SIZE_MAX)
		return unusual(e, c);
	from = first_line(e, start, column, low_of(c, i));
	to = line_next(e, extent(e, item_end(&c->v[j]), column));
	above = line_above(e, from, low_of(c, i));
	if (above != SIZE_MAX && is_blank(e, above) && (to == e->n || is_blank(e, to)))
		from = above;
	/* Empty lines that come to stand below "|+" would become part of it. */
	while (literal && literal->keeps && to < e->n && is_blank(e, to))
		to = line_next(e, to);
	/* A text without a last line break stays one, but for a block scalar's own. */
	if (to == e->n && from && (!literal || literal->strips) &&
	    !strchr("\r\n", e->text[to - 1])) {
		from--;
		if (from && e->text[from] == '\n' && e->text[from - 1] == '\r')
			from--;
	}
	editor_splice(e, from, to, "", 0);
	return 0;
}

/* The byte behind "key:" or "-" of a collection whose members stand below. */
static size_t behind_head(const struct editor *e, const struct span *c)
{
	size_t dash;

	if (c->up->kind == NODE_MAPPING)
		return behind_colon(e, c->up->v[c->index].key);
	dash = dash_of(e, c->up, c->index);
	return dash == SIZE_MAX ? 0 : dash + 1;
}

/* Write `text` where a whole block collection was. */
static int put_instead(struct editor *e, const struct span *c, const struct buf *text)
{
	size_t at;

	if (!c->up || c->has_properties || !begins_line(e, c->start)) {
		editor_splice(e, c->start, c->end, buf_str(text), text->len);
		return 0;
	}
	at = behind_head(e, c);
	if (!at)
		return unusual(e, c);
	editor_splice(e, at, at, " ", 1);
	editor_splice(e, at, at, buf_str(text), text->len);
	return drop_lines(e, c, 0, c->n - 1);
}

int block_remove(struct editor *e, struct span *c, size_t i)
{
	size_t start = start_of(e, c, i), next;

	if (start == SIZE_MAX)
		return unusual(e, c);
	if (c->n == 1) {
		FP_AUTO(buf_release) struct buf text = BUF_INIT;

		buf_puts(&text, c->kind == NODE_MAPPING ? "{}" : "[]");
		return put_instead(e, c, &text);
	}
	if (begins_line(e, start))
		return drop_lines(e, c, i, i);
	next = i + 1 < c->n ? start_of(e, c, i + 1) : SIZE_MAX;
	if (next == SIZE_MAX)
		return unusual(e, c);
	editor_splice(e, start, next, "", 0);
	return 0;
}

/*
 * Whether a blank line parts the last member of the document's own map, and the text at
 * `at`, behind it, lets a new one be parted alike.
 */
static bool is_parted(const struct editor *e, const struct span *c, size_t column,
		      size_t at)
{
	const struct span *literal = literal_at_end(c, c->n - 1);
	size_t start, above, next = line_next(e, at);

	if (c->up || (literal && literal->keeps) || c->n < 2 ||
	    (next < e->n && !is_blank(e, next)))
		return false;
	start = start_of(e, c, c->n - 1);
	if (start == SIZE_MAX)
		return false;
	above = line_above(e, first_line(e, start, column, low_of(c, c->n - 1)),
			   low_of(c, c->n - 1));
	return above != SIZE_MAX && is_blank(e, above);
}

/* Whether a line break behind the text's end would become part of a block scalar. */
static bool ends_in_literal(const struct editor *e, const struct span *c)
{
	const struct span *s = literal_at_end(c, c->n - 1);

	return s && !s->strips && !strchr("\r\n", e->text[e->n - 1]) &&
	       line_end(e, s->end) == e->n;
}

int block_insert(struct editor *e, struct span *c, size_t depth, const char *key,
		 const struct node *value)
{
	FP_AUTO(buf_release) struct buf text = BUF_INIT;
	size_t column = column_in(e, c), at;
	bool before = ends_in_literal(e, c);

	at = before ? start_of(e, c, c->n - 1) : 0;
	if (column == SIZE_MAX || at == SIZE_MAX ||
	    (before && (c->kind == NODE_SEQUENCE || !begins_line(e, at))))
		return unusual(e, c);
	if (before) {
		at = first_line(e, at, column, low_of(c, c->n - 1));
	} else {
		at = extent(e, item_end(&c->v[c->n - 1]), column);
		buf_puts(&text, e->newline);
		if (is_parted(e, c, column, at))
			buf_puts(&text, e->newline);
	}
	buf_fill(&text, ' ', column);
	if (c->kind == NODE_MAPPING) {
		put_pair(e, &text, c, depth, column, key, value);
	} else {
		buf_puts(&text, "- ");
		put_inline(e, &text, value, NULL, false);
	}
	if (before)
		buf_puts(&text, e->newline);
	editor_splice(e, at, at, text.data, text.len);
	return 0;
}

/* The document held nothing: its members become the last lines. */
static int replace_root(struct editor *e, struct span *old, const struct node *value)
{
	FP_AUTO(buf_release) struct buf text = BUF_INIT;
	size_t lead = strlen(e->newline), at = line_end(e, old->end);

	put_members(e, &text, 0, 0, value);
	if (old->end > old->start && begins_line(e, old->start)) {
		editor_splice(e, old->start, old->end, text.data + lead, text.len - lead);
	} else if (at == line_start(e, at)) {
		buf_puts(&text, e->newline);
		editor_splice(e, at, at, text.data + lead, text.len - lead);
	} else {
		editor_splice(e, old->start, old->end, "", 0);
		editor_splice(e, at, at, text.data, text.len);
	}
	return 0;
}

/* Members below a key whose value was in its line, or where others were. */
static int replace_by_members(struct editor *e, struct span *old, size_t depth,
			      const struct node *value)
{
	FP_AUTO(buf_release) struct buf text = BUF_INIT;
	const struct span *key = old->up->v[old->index].key;
	size_t column = column_in(e, old->up), colon = behind_colon(e, key);
	size_t at = line_end(e, old->end);

	if (column == SIZE_MAX || !colon)
		return unusual(e, old);
	if (old->style == SPAN_BLOCK && old->kind == value->kind) {
		column = column_in(e, old);
		at = line_end(e, colon);
	} else {
		column += step_of(e, old->up, value->kind);
	}
	put_members(e, &text, depth + 1, column, value);
	if (old->style == SPAN_BLOCK) {
		at = line_end(e, colon);
		editor_splice(e, at, at, text.data, text.len);
		return drop_lines(e, old, 0, old->n - 1);
	}
	editor_splice(e, colon, old->end, "", 0);
	editor_splice(e, at, at, text.data, text.len);
	return 0;
}

static bool is_empty(const struct node *n)
{
	return n->kind == NODE_SCALAR ||
	       (n->kind == NODE_SEQUENCE ? n->seq.n : n->map.n) == 0;
}

static bool by_members(struct editor *e, const struct span *old, size_t depth,
		       const struct node *value)
{
	const struct span *key = old->up->v[old->index].key;

	if (!key || is_empty(value) || value->tag || e->json)
		return false;
	if (old->style == SPAN_BLOCK)
		return begins_line(e, old->start) && !old->has_properties;
	if (old->style == SPAN_FLOW && old->n)
		return false;
	return wants_block(e, old->up, depth, column_of(e, key->start), key->text, value);
}

int block_replace(struct editor *e, struct span *old, size_t depth,
		  const struct node *value)
{
	FP_AUTO(buf_release) struct buf text = BUF_INIT;

	if (!old->up && old->style != SPAN_FLOW && value->kind == NODE_MAPPING)
		return replace_root(e, old, value);
	if (old->up && by_members(e, old, depth, value))
		return replace_by_members(e, old, depth, value);
	if (old->style == SPAN_EMPTY && old->start &&
	    strchr(":-?", e->text[old->start - 1]))
		buf_putc(&text, ' ');
	put_inline(e, &text, value, old, false);
	if (old->style == SPAN_BLOCK)
		return put_instead(e, old, &text);
	editor_splice(e, old->start, old->end, text.data, text.len);
	return 0;
}
