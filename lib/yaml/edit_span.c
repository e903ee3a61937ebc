/* Where each node stands in the text's bytes, by libyaml's events. */
#include <yaml.h>

#include <stdarg.h>

#include "base/map.h"
#include "yaml/editor.h"
#include "yaml/loader.h"

struct walker {
	struct editor *e;
	yaml_parser_t parser;
	yaml_event_t ev;
	struct map anchors;
	size_t characters, bytes; /* the same place: marks count characters */
	size_t singles, doubles;
};

int editor_fail(struct editor *e, const struct span *at, const char *fmt, ...)
{
	struct fp_pos pos = { e->file, at->line, at->column };
	FP_AUTO(freep) char *message = NULL;
	va_list args;

	va_start(args, fmt);
	if (vasprintf(&message, fmt, args) < 0)
		fp_die("out of memory: cannot format '%s'", fmt);
	va_end(args);
	return fp_fail_at(e->err, FP_ERR_INPUT, pos, "%s", message);
}

static bool is_break(char c)
{
	return c == '\n' || c == '\r';
}

size_t line_start(const struct editor *e, size_t at)
{
	while (at && !is_break(e->text[at - 1]))
		at--;
	return at;
}

size_t line_end(const struct editor *e, size_t at)
{
	while (at < e->n && !is_break(e->text[at]))
		at++;
	return at;
}

size_t line_next(const struct editor *e, size_t at)
{
	at = line_end(e, at);
	if (at + 1 < e->n && e->text[at] == '\r' && e->text[at + 1] == '\n')
		return at + 2;
	return FP_MIN(at + 1, e->n);
}

size_t skip_blanks(const struct editor *e, size_t at)
{
	while (at < e->n && (e->text[at] == ' ' || e->text[at] == '\t'))
		at++;
	return at;
}

size_t column_of(const struct editor *e, size_t at)
{
	return at - line_start(e, at);
}

bool begins_line(const struct editor *e, size_t at)
{
	while (at && e->text[at - 1] == ' ')
		at--;
	return at == 0 || is_break(e->text[at - 1]);
}

size_t behind_colon(const struct editor *e, const struct span *key)
{
	size_t at = skip_blanks(e, key->end);

	if (key->up->style == SPAN_FLOW)
		while (at < e->n && strchr(" \t\r\n", e->text[at]))
			at++;
	return at < e->n && e->text[at] == ':' ? at + 1 : 0;
}

size_t item_end(const struct span_item *it)
{
	return it->key ? FP_MAX(it->key->end, it->value->end) : it->value->end;
}

struct span_item *span_find(const struct span *map, const char *key)
{
	for (size_t i = 0; i < map->n; i++)
		if (map->v[i].key->kind == NODE_SCALAR &&
		    str_eq(map->v[i].key->text, key))
			return &map->v[i];
	return NULL;
}

void editor_splice(struct editor *e, size_t from, size_t to, const char *text, size_t n)
{
	struct splice *s = &e->splices[e->nsplices++];

	if (e->nsplices > ARRAY_SIZE(e->splices))
		fp_die("an edit of more than %zu places", ARRAY_SIZE(e->splices));
	*s = (struct splice){ from, to, arena_strndup(e->arena, text, n) };
}

static size_t byte_of(struct walker *w, yaml_mark_t mark)
{
	const struct editor *e = w->e;

	for (; w->characters < mark.index && w->bytes < e->n; w->characters++)
		do
			w->bytes++;
		while (w->bytes < e->n && (e->text[w->bytes] & 0xc0) == 0x80);
	for (; w->characters > mark.index; w->characters--)
		do
			w->bytes--;
		while ((e->text[w->bytes] & 0xc0) == 0x80);
	return w->bytes;
}

static struct span *new_span(struct walker *w, struct span *up, enum node_kind kind,
			     const yaml_char_t *anchor, const yaml_char_t *tag)
{
	struct span *s = arena_alloc(w->e->arena, sizeof(*s));

	s->kind = kind;
	s->up = up;
	s->line = (unsigned)w->ev.start_mark.line + 1;
	s->column = (unsigned)w->ev.start_mark.column + 1;
	s->start = s->body = byte_of(w, w->ev.start_mark);
	s->end = byte_of(w, w->ev.end_mark);
	s->has_properties = anchor || tag;
	if (anchor) {
		s->anchor = arena_strdup(w->e->arena, (const char *)anchor);
		map_put(&w->anchors, s->anchor, s);
	}
	return s;
}

static void add_item(struct editor *e, struct span *c, struct span *key,
		     struct span *value)
{
	if (c->n == c->cap) {
		struct span_item *v;

		c->cap = c->cap ? 2 * c->cap : 4;
		v = arena_array(e->arena, c->cap, sizeof(*v));
		if (c->n)
			memcpy(v, c->v, c->n * sizeof(*v));
		c->v = v;
	}
	value->index = c->n;
	c->v[c->n++] = (struct span_item){ key, value };
}

/*
 * libyaml ends a block scalar behind the empty lines that follow it. They are part of
 * it only when its header says so: "|+".
 */
static void end_literal(const struct editor *e, struct span *s)
{
	size_t header = line_end(e, s->start), last = s->end;
	size_t at = s->has_properties ? header : s->start + 1;

	/* An indentation and a chomping indicator, in any order. */
	for (; at < header && strchr("+-123456789", e->text[at]); at++) {
		s->keeps = s->keeps || e->text[at] == '+';
		s->strips = s->strips || e->text[at] == '-';
	}
	if (s->keeps) {
		if (last && e->text[last - 1] == '\n')
			last--;
		if (last && e->text[last - 1] == '\r')
			last--;
	} else {
		while (last > header && strchr(" \t\r\n", e->text[last - 1]))
			last--;
	}
	s->end = FP_MAX(last, header);
}

static struct span *read_scalar(struct walker *w, struct span *up)
{
	static const enum span_style styles[] = {
		[YAML_PLAIN_SCALAR_STYLE] = SPAN_PLAIN,
		[YAML_SINGLE_QUOTED_SCALAR_STYLE] = SPAN_SINGLE,
		[YAML_DOUBLE_QUOTED_SCALAR_STYLE] = SPAN_DOUBLE,
		[YAML_LITERAL_SCALAR_STYLE] = SPAN_LITERAL,
		[YAML_FOLDED_SCALAR_STYLE] = SPAN_LITERAL,
	};
	struct span *s = new_span(w, up, NODE_SCALAR, w->ev.data.scalar.anchor,
				  w->ev.data.scalar.tag);

	s->style = styles[w->ev.data.scalar.style];
	s->text = arena_strndup(w->e->arena, (const char *)w->ev.data.scalar.value,
				w->ev.data.scalar.length);
	w->singles += s->style == SPAN_SINGLE;
	w->doubles += s->style == SPAN_DOUBLE;
	if (s->style == SPAN_PLAIN && s->start == s->end)
		s->style = SPAN_EMPTY;
	if (s->style == SPAN_LITERAL)
		end_literal(w->e, s);
	return s;
}

static bool next(struct walker *w)
{
	yaml_event_delete(&w->ev);
	return yaml_parser_parse(&w->parser, &w->ev) != 0;
}

static struct span *read_span(struct walker *w, struct span *up);

/* libyaml puts a value that is not there where the next token begins. */
static void place_empty(const struct editor *e, const struct span *key,
			struct span *value)
{
	size_t at = behind_colon(e, key);

	value->start = value->body = value->end = at ? at : key->end;
}

static struct span *read_members(struct walker *w, struct span *c)
{
	for (;;) {
		struct span *key = NULL, *value;

		if (!next(w))
			return NULL;
		if (w->ev.type == YAML_MAPPING_END_EVENT ||
		    w->ev.type == YAML_SEQUENCE_END_EVENT)
			break;
		if (c->kind == NODE_MAPPING) {
			key = read_span(w, c);
			if (!key || !next(w))
				return NULL;
			key->index = c->n;
		}
		value = read_span(w, c);
		if (!value)
			return NULL;
		if (key && value->style == SPAN_EMPTY)
			place_empty(w->e, key, value);
		add_item(w->e, c, key, value);
	}
	if (c->style == SPAN_FLOW) {
		c->end = byte_of(w, w->ev.end_mark);
	} else {
		c->end = item_end(&c->v[c->n - 1]);
	}
	return c;
}

static struct span *read_collection(struct walker *w, struct span *up)
{
	bool is_map = w->ev.type == YAML_MAPPING_START_EVENT, flow;
	struct span *c;

	if (is_map) {
		flow = w->ev.data.mapping_start.style == YAML_FLOW_MAPPING_STYLE;
		c = new_span(w, up, NODE_MAPPING, w->ev.data.mapping_start.anchor,
			     w->ev.data.mapping_start.tag);
	} else {
		flow = w->ev.data.sequence_start.style == YAML_FLOW_SEQUENCE_STYLE;
		c = new_span(w, up, NODE_SEQUENCE, w->ev.data.sequence_start.anchor,
			     w->ev.data.sequence_start.tag);
	}
	c->style = flow ? SPAN_FLOW : SPAN_BLOCK;
	if (flow && c->end > c->start)
		c->body = c->end - 1;
	return read_members(w, c);
}

static struct span *read_alias(struct walker *w, struct span *up)
{
	struct editor *e = w->e;
	struct span *s = new_span(w, up, NODE_SCALAR, NULL, NULL);

	s->style = SPAN_ALIAS;
	s->anchor = arena_strdup(e->arena, (const char *)w->ev.data.alias.anchor);
	s->target = map_get(&w->anchors, s->anchor);
	if (e->naliases == e->cap) {
		struct span **v;

		e->cap = e->cap ? 2 * e->cap : 4;
		v = arena_array(e->arena, e->cap, sizeof(*v));
		if (e->naliases)
			memcpy(v, e->aliases, e->naliases * sizeof(*v));
		e->aliases = v;
	}
	e->aliases[e->naliases++] = s;
	return s;
}

static struct span *read_span(struct walker *w, struct span *up)
{
	if (w->ev.type == YAML_ALIAS_EVENT)
		return read_alias(w, up);
	if (w->ev.type == YAML_SCALAR_EVENT)
		return read_scalar(w, up);
	return read_collection(w, up);
}

static void read_stream(struct walker *w)
{
	/* The stream's start, then the document's or the stream's end. */
	bool ok = next(w);

	ok = ok && next(w);
	if (!ok)
		return;
	if (w->ev.type == YAML_STREAM_END_EVENT) {
		w->e->root = new_span(w, NULL, NODE_SCALAR, NULL, NULL);
		w->e->root->style = SPAN_EMPTY;
		w->e->root->start = w->e->root->body = w->e->root->end = w->e->n;
	} else if (next(w)) {
		w->e->root = read_span(w, NULL);
	}
}

/* How deep the first of its kind is indented; SIZE_MAX when there is none. */
static size_t first_step(const struct editor *e, const struct span *c,
			 enum node_kind kind)
{
	for (size_t i = 0; i < c->n; i++) {
		const struct span *key = c->v[i].key, *value = c->v[i].value;
		size_t below;

		if (key && value->style == SPAN_BLOCK && value->kind == kind &&
		    !value->has_properties && begins_line(e, value->start) &&
		    begins_line(e, key->start) &&
		    column_of(e, value->start) >= column_of(e, key->start))
			return column_of(e, value->start) - column_of(e, key->start);
		below = first_step(e, value, kind);
		if (below != SIZE_MAX)
			return below;
	}
	return SIZE_MAX;
}

size_t step_of(const struct editor *e, const struct span *map, enum node_kind kind)
{
	for (size_t i = 0; map && i < map->n; i++) {
		const struct span *key = map->v[i].key, *value = map->v[i].value;

		if (key && value->style == SPAN_BLOCK && value->kind == kind &&
		    !value->has_properties && begins_line(e, value->start) &&
		    begins_line(e, key->start))
			return column_of(e, value->start) - column_of(e, key->start);
	}
	return kind == NODE_MAPPING ? e->indent : e->dash;
}

static void read_habits(struct walker *w)
{
	struct editor *e = w->e;
	const char *lf = memchr(e->text, '\n', e->n), *cr = memchr(e->text, '\r', e->n);
	size_t step = first_step(e, e->root, NODE_MAPPING);
	size_t dash = first_step(e, e->root, NODE_SEQUENCE);

	e->newline = "\n";
	if (lf && lf > e->text && lf[-1] == '\r')
		e->newline = "\r\n";
	else if (!lf && cr)
		e->newline = "\r";
	e->indent = step == SIZE_MAX || !step ? 2 : step;
	e->dash = dash == SIZE_MAX ? e->indent : dash;
	e->quote = w->singles > w->doubles ? '\'' : '"';
}

static bool is_json(const struct editor *e)
{
	FP_AUTO(diags_release) struct diags diags = DIAGS_INIT;
	struct loader l = { .a = e->arena,
			    .diags = &diags,
			    .file = e->file,
			    .limits = { SIZE_MAX, SIZE_MAX, SIZE_MAX } };
	struct fp_pos where;
	const char *problem = NULL;

	return e->root->style == SPAN_FLOW &&
	       load_json(&l, e->text, e->n, &where, &problem) != NULL;
}

int editor_read(struct editor *e)
{
	struct walker w = { .e = e };
	size_t line = 1;

	if (!yaml_parser_initialize(&w.parser))
		fp_die("out of memory: cannot start the YAML parser");
	yaml_parser_set_encoding(&w.parser, YAML_UTF8_ENCODING);
	yaml_parser_set_input_string(&w.parser, (const unsigned char *)e->text, e->n);
	read_stream(&w);
	if (!e->root)
		line = w.parser.problem_mark.line + 1;
	else
		read_habits(&w);
	yaml_event_delete(&w.ev);
	yaml_parser_delete(&w.parser);
	map_release(&w.anchors, NULL);
	if (!e->root)
		return fp_fail_at(e->err, FP_ERR_INPUT,
				  (struct fp_pos){ e->file, (unsigned)line, 0 },
				  "this JSON cannot be edited in place: it is no YAML");
	e->json = is_json(e);
	return 0;
}
