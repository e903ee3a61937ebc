/* YAML by libyaml's events. */
#include <yaml.h>

#include "base/map.h"
#include "base/str.h"
#include "yaml/loader.h"

struct reader {
	struct loader *l;
	yaml_parser_t parser;
	yaml_event_t ev; /* the event at hand */
	struct map anchors;
	const char *text;
	size_t len;
};

#define TAG_CHARACTERS \
	"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789:._-"

struct anchor {
	struct node *node; /* NULL while it is still being read */
	size_t nodes, height;
};

static struct fp_pos position(const struct reader *r, yaml_mark_t mark)
{
	return (struct fp_pos){ r->l->file, (unsigned)mark.line + 1,
				(unsigned)mark.column + 1 };
}

/* libyaml gives a byte's offset, not a line, for what it cannot even read. */
static struct fp_pos position_of_byte(const struct reader *r, size_t offset)
{
	struct fp_pos pos = { r->l->file, 1, 1 };

	for (size_t i = 0; i < offset && i < r->len; i++) {
		if (r->text[i] == '\n') {
			pos.line++;
			pos.column = 1;
		} else if ((r->text[i] & 0xc0) != 0x80) {
			pos.column++;
		}
	}
	return pos;
}

/* What nobody sees on the screen is worth a word. Marks count characters. */
static bool stands_at_tab(const struct reader *r, yaml_mark_t mark)
{
	size_t characters = 0, i = 0;

	for (; i < r->len; i++)
		if ((r->text[i] & 0xc0) != 0x80 && characters++ == mark.index)
			break;
	return i < r->len && r->text[i] == '\t';
}

/* What libyaml finds most often, and what mostly was meant. */
static const char *syntax_hint(const struct reader *r)
{
	static const struct {
		const char *problem, *hint;
	} hints[] = {
		{ "did not find expected key",
		  "indent the names of a map alike, and quote what begins with a sign" },
		{ "mapping values are not allowed in this context",
		  "quote a value with ': ' in it, and indent the names of a map alike" },
		{ "found character that cannot start any token",
		  "quote a value that begins with this sign" },
		{ "did not find expected alphabetic or numeric character",
		  "quote a value that begins with * or &" },
		{ "did not find expected '-' indicator",
		  "begin each item of a list with '- '" },
		{ "did not find expected ',' or '}'",
		  "close the brace, or put commas between the entries" },
		{ "did not find expected ',' or ']'",
		  "close the bracket, or put commas between the items" },
		{ "found unexpected end of stream", "close the quotation mark" },
	};
	const yaml_parser_t *p = &r->parser;

	if (stands_at_tab(r, p->problem_mark))
		return "indent with spaces, not with tabs";
	for (size_t i = 0; i < ARRAY_SIZE(hints); i++)
		if (str_eq(p->problem, hints[i].problem))
			return hints[i].hint;
	return NULL;
}

static void parser_failed(struct reader *r)
{
	const yaml_parser_t *p = &r->parser;
	const char *problem = str_or(p->problem, "it cannot be read");
	const char *hint = syntax_hint(r);

	if (p->error == YAML_READER_ERROR)
		loader_fail(r->l, position_of_byte(r, p->problem_offset), NULL, "%s",
			    problem);
	else if (p->context && p->context_mark.line != p->problem_mark.line)
		loader_fail(r->l, position(r, p->problem_mark), hint,
			    "%s %s (from line %zu)", problem, p->context,
			    p->context_mark.line + 1);
	else
		loader_fail(r->l, position(r, p->problem_mark), hint, "%s%s%s", problem,
			    p->context ? " " : "", str_or(p->context, ""));
}

/* Step to the next event; false after a finding. */
static bool next(struct reader *r)
{
	yaml_event_delete(&r->ev);
	if (yaml_parser_parse(&r->parser, &r->ev))
		return true;
	parser_failed(r);
	return false;
}

static bool next_but_one(struct reader *r)
{
	if (!next(r))
		return false;
	return next(r);
}

static struct node *read_node(struct reader *r, size_t depth, size_t *height);

/*
 * Split what follows a node's "!": *local is the tag to keep ("!Ref") or NULL, *core
 * the part behind "tag:yaml.org,2002:" of the usual ones or NULL.
 */
static bool read_tag(struct reader *r, const yaml_char_t *tag, struct fp_pos pos,
		     const char **local, const char **core)
{
	static const char prefix[] = "tag:yaml.org,2002:";
	const char *t = (const char *)tag;

	*core = *local = NULL;
	if (!t || str_eq(t, "!"))
		return true;
	if (str_starts(t, prefix)) {
		*core = t + strlen(prefix);
		return true;
	}
	if (t[0] == '!' && strspn(t + 1, TAG_CHARACTERS) == strlen(t + 1)) {
		*local = arena_strdup(r->l->a, t);
		return true;
	}
	loader_fail(r->l, pos, NULL, "the tag '%s' means nothing here", t);
	return false;
}

static bool core_tag_ok(const char *core, enum node_kind kind, enum scalar_type *type)
{
	static const char *const names[] = { "null", "bool", "int", "float", "str" };

	if (kind != NODE_SCALAR)
		return str_eq(core, kind == NODE_SEQUENCE ? "seq" : "map");
	if (str_eq(core, "str")) {
		*type = SCALAR_STRING;
		return true;
	}
	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		if (str_eq(core, names[i]))
			return *type == (enum scalar_type)i;
	return false;
}

static struct node *read_scalar(struct reader *r)
{
	struct fp_pos pos = position(r, r->ev.start_mark);
	const char *text = (const char *)r->ev.data.scalar.value, *core;
	size_t len = r->ev.data.scalar.length;
	bool plain = r->ev.data.scalar.style == YAML_PLAIN_SCALAR_STYLE;
	struct node *n = node_string_n(r->l->a, text, len);

	n->pos = pos;
	if (!read_tag(r, r->ev.data.scalar.tag, pos, &n->tag, &core))
		return NULL;
	if (core) {
		n->scalar.type = node_scalar_type(text, len);
		if (!core_tag_ok(core, NODE_SCALAR, &n->scalar.type))
			return loader_fail(r->l, pos, NULL,
					   "'%s' is not of the type !!%s", text, core);
	} else if (plain && r->ev.data.scalar.plain_implicit) {
		n->scalar.type = node_scalar_type(text, len);
	}
	return n;
}

static struct node *read_sequence(struct reader *r, size_t depth, size_t *height)
{
	struct node *seq = node_sequence(r->l->a);
	const char *core;

	seq->pos = position(r, r->ev.start_mark);
	if (!read_tag(r, r->ev.data.sequence_start.tag, seq->pos, &seq->tag, &core))
		return NULL;
	if (core && !core_tag_ok(core, NODE_SEQUENCE, NULL))
		return loader_fail(r->l, seq->pos, NULL, "a list is not of the type !!%s",
				   core);
	for (;;) {
		struct node *item;

		if (!next(r))
			return NULL;
		if (r->ev.type == YAML_SEQUENCE_END_EVENT)
			return seq;
		item = read_node(r, depth + 1, height);
		if (!item)
			return NULL;
		node_push(r->l->a, seq, item);
	}
}

/* Put in what the mapping does not have itself. */
static bool merge(struct reader *r, struct node *map, const struct node *from)
{
	if (from->kind == NODE_SEQUENCE && !from->tag) {
		for (size_t i = 0; i < from->seq.n; i++)
			if (from->seq.v[i]->kind == NODE_SEQUENCE ||
			    !merge(r, map, from->seq.v[i]))
				return false;
		return true;
	}
	if (from->kind != NODE_MAPPING || from->tag)
		return false;
	for (size_t i = 0; i < from->map.n; i++) {
		const struct node_pair *p = &from->map.v[i];

		if (!node_find(map, p->key->scalar.text))
			node_put_node(r->l->a, map, p->key, p->value);
	}
	return true;
}

static struct node *read_key(struct reader *r, bool *is_merge)
{
	size_t height = 0;
	struct fp_pos pos = position(r, r->ev.start_mark);
	bool plain = r->ev.type == YAML_SCALAR_EVENT &&
		     r->ev.data.scalar.style == YAML_PLAIN_SCALAR_STYLE;
	struct node *key;

	if (r->ev.type != YAML_SCALAR_EVENT && r->ev.type != YAML_ALIAS_EVENT)
		return loader_fail(r->l, pos, "quote it if it begins with [ or {",
				   "a key must be a text, not a list or a map");
	key = read_node(r, 1, &height);
	if (!key)
		return NULL;
	if (key->kind != NODE_SCALAR || key->tag)
		return loader_fail(r->l, pos, NULL, "a key must be a text, not a %s",
				   node_kind_name(key));
	if (strlen(key->scalar.text) != key->scalar.len)
		return loader_fail(r->l, pos, NULL, "a key holds a NUL character");
	*is_merge = plain && node_is(key, "<<");
	return key;
}

static struct node *read_mapping(struct reader *r, size_t depth, size_t *height)
{
	struct node *map = node_mapping(r->l->a), *merged = NULL;
	const char *core;

	map->pos = position(r, r->ev.start_mark);
	if (!read_tag(r, r->ev.data.mapping_start.tag, map->pos, &map->tag, &core))
		return NULL;
	if (core && !core_tag_ok(core, NODE_MAPPING, NULL))
		return loader_fail(r->l, map->pos, NULL, "a map is not of the type !!%s",
				   core);
	for (;;) {
		struct node *key, *value;
		bool is_merge = false;

		if (!next(r))
			return NULL;
		if (r->ev.type == YAML_MAPPING_END_EVENT)
			break;
		key = read_key(r, &is_merge);
		if (!key || !next(r))
			return NULL;
		value = read_node(r, depth + 1, height);
		if (!value)
			return NULL;
		if (!is_merge)
			loader_put(r->l, map, key, value);
		else if (merged)
			return loader_fail(r->l, key->pos, "give one '<<' a list of maps",
					   "a second merge key '<<'");
		else
			merged = value;
	}
	if (merged && !merge(r, map, merged))
		return loader_fail(r->l, merged->pos, NULL,
				   "the merge key '<<' takes a map or a list of maps");
	return map;
}

static struct node *read_alias(struct reader *r, size_t depth, size_t *height)
{
	const char *name = (const char *)r->ev.data.alias.anchor;
	struct fp_pos pos = position(r, r->ev.start_mark);
	const struct anchor *known = map_get(&r->anchors, name);

	if (!known)
		return loader_fail(r->l, pos, "a plain '*' at the beginning needs quotes",
				   "unknown alias '*%s'", name);
	if (!known->node)
		return loader_fail(r->l, pos, NULL,
				   "the alias '*%s' stands inside what it names", name);
	if (!loader_count(r->l, pos, known->nodes) ||
	    !loader_depth_ok(r->l, pos, depth + known->height - 1))
		return NULL;
	*height = FP_MAX(*height, depth + known->height - 1);
	return known->node;
}

static struct anchor *open_anchor(struct reader *r, const yaml_char_t *name)
{
	struct anchor *it;

	if (!name)
		return NULL;
	it = arena_alloc(r->l->a, sizeof(*it));
	map_put(&r->anchors, (const char *)name, it);
	return it;
}

/*
 * The node that begins with the event at hand. `depth` is the level where it
 * stands; *height becomes the deepest level below it, if that is more.
 */
static struct node *read_node(struct reader *r, size_t depth, size_t *height)
{
	struct fp_pos pos = position(r, r->ev.start_mark);
	size_t before = r->l->nodes, deepest = depth;
	struct anchor *anchor = NULL;
	struct node *n = NULL;

	if (r->ev.type == YAML_ALIAS_EVENT)
		return read_alias(r, depth, height);
	if (!loader_count(r->l, pos, 1))
		return NULL;
	if (r->ev.type == YAML_SCALAR_EVENT) {
		anchor = open_anchor(r, r->ev.data.scalar.anchor);
		n = read_scalar(r);
	} else if (!loader_depth_ok(r->l, pos, depth)) {
		return NULL;
	} else if (r->ev.type == YAML_SEQUENCE_START_EVENT) {
		anchor = open_anchor(r, r->ev.data.sequence_start.anchor);
		n = read_sequence(r, depth, &deepest);
	} else {
		anchor = open_anchor(r, r->ev.data.mapping_start.anchor);
		n = read_mapping(r, depth, &deepest);
	}
	*height = FP_MAX(*height, deepest);
	if (anchor)
		*anchor = (struct anchor){ n, r->l->nodes - before, deepest - depth + 1 };
	return n;
}

static struct node *read_document(struct reader *r)
{
	size_t height = 0;
	struct node *n;

	if (!next_but_one(r))
		return NULL;
	if (r->ev.type == YAML_STREAM_END_EVENT) {
		n = node_null(r->l->a);
		n->pos = (struct fp_pos){ r->l->file, 1, 1 };
		return n;
	}
	if (!next(r))
		return NULL;
	n = read_node(r, 1, &height);
	if (!n || !next_but_one(r))
		return NULL;
	if (r->ev.type != YAML_STREAM_END_EVENT)
		return loader_fail(r->l, position(r, r->ev.start_mark),
				   "keep one document a file",
				   "a second document begins");
	return n;
}

struct node *load_yaml(struct loader *l, const char *text, size_t n)
{
	struct reader r = { .l = l, .text = text, .len = n };
	struct node *node = NULL;

	if (!yaml_parser_initialize(&r.parser))
		fp_die("out of memory: cannot start the YAML parser");
	yaml_parser_set_encoding(&r.parser, YAML_UTF8_ENCODING);
	yaml_parser_set_input_string(&r.parser, (const unsigned char *)text, n);
	node = read_document(&r);
	yaml_event_delete(&r.ev);
	yaml_parser_delete(&r.parser);
	map_release(&r.anchors, NULL);
	return node;
}
