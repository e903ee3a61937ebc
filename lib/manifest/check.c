#include "base/map.h"
#include "base/str.h"
#include "manifest/checker.h"
#include "yaml/load.h"

static void put_trail(struct buf *out, const struct trail *t)
{
	if (!t->name)
		return;
	put_trail(out, t->up);
	if (out->len)
		buf_putc(out, '.');
	buf_puts(out, t->name);
}

const char *trail_text(const struct checker *c, const struct trail *t)
{
	FP_AUTO(buf_release) struct buf b = BUF_INIT;

	t = c->named ? c->named : t;
	put_trail(&b, t);
	return t->name ? shown(c->arena, buf_str(&b)) : "the manifest";
}

static struct node *check_field(struct checker *c, const struct field *f, struct node *in,
				const struct trail *at);

static const struct children *below(const struct checker *c, const struct field *f)
{
	return &c->children[f - c->schema->fields];
}

/* "'memory' is a field of processors.NAME", when it is one elsewhere. */
static void put_elsewhere(const struct checker *c, struct buf *hint, const char *name)
{
	for (size_t i = 1; i < c->schema->n; i++) {
		const char *path = c->schema->fields[i].path;
		const char *own = field_name(&c->schema->fields[i]);

		if (own == path || !str_eq(own, name))
			continue;
		buf_printf(hint, "'%s' is a field of '", name);
		for (const char *p = path; p < own - 1; p++)
			buf_puts(hint, *p == '*' ? "NAME" : (char[]){ *p, '\0' });
		buf_puts(hint, "'; ");
		return;
	}
}

/* "did you mean 'suffix'? known: on, prefix, suffix, processor" */
static void report_unknown(struct checker *c, const struct field *parent,
			   const struct node *key, const struct trail *at)
{
	const struct children *children = below(c, parent);
	const struct field *once = children_find(&c->children[0], node_text(key));
	FP_AUTO(buf_release) struct buf hint = BUF_INIT;
	FP_AUTO(buf_release) struct buf known = BUF_INIT;
	FP_AUTO(freep) const char **names = xcalloc(children->n + 1, sizeof(*names));
	const char *nearest;

	if ((parent->flags & FIELD_PARTIAL) && once) {
		diags_add(c->diags, key->pos, "leave it out",
			  "'%s' is the whole project's, and cannot be in %s",
			  field_name(once), trail_text(c, at));
		return;
	}
	for (size_t i = 0; i < children->n; i++) {
		names[i] = field_name(children->v[i]);
		buf_printf(&known, "%s%s", i ? ", " : "", names[i]);
	}
	nearest = str_nearest(node_text(key), names, children->n);
	if (nearest)
		buf_printf(&hint, "did you mean '%s'? ", nearest);
	else
		put_elsewhere(c, &hint, node_text(key));
	buf_printf(&hint, "known: %s", buf_str(&known));
	diags_add(c->diags, key->pos, hint.data, "unknown field %s in %s",
		  shown(c->arena, node_text(key)), trail_text(c, at));
}

static struct node *default_of(struct checker *c, const struct field *f,
			       const struct trail *at)
{
	size_t row = (size_t)(f - c->schema->fields);
	struct fp_error err = { 0 };
	struct node *parsed;

	if (!c->defaults[row]) {
		if (node_load_one(&parsed, c->arena, f->fallback, strlen(f->fallback),
				  "the defaults", &err) < 0)
			fp_die("the default of '%s' is no YAML: %s", f->path,
			       err.message);
		parsed->pos = (struct fp_pos){ 0 };
		c->defaults[row] = check_field(c, f, parsed, at);
	}
	return c->defaults[row];
}

/* Whether it is a map or nothing; otherwise a finding. */
static bool want_map(struct checker *c, const struct field *f, const struct node *in,
		     const struct trail *at)
{
	if (in->tag) {
		diags_add(c->diags, in->pos, "write the values themselves",
			  "%s cannot have a tag (%s)", trail_text(c, at),
			  shown(c->arena, in->tag));
		return false;
	}
	if (in->kind == NODE_MAPPING || node_is_null(in))
		return true;
	diags_add(c->diags, in->pos,
		  f->example ? arena_printf(c->arena, "such as %s", f->example) : NULL,
		  "%s must be a map of %s, not %s", trail_text(c, at),
		  f->type == FIELD_MAP ? "names" : "fields",
		  in->kind == NODE_SCALAR && in->scalar.type != SCALAR_STRING
			  ? shown(c->arena, in->scalar.text)
			  : arena_printf(c->arena, "a %s", node_kind_name(in)));
	return false;
}

/* `given` is what the object has for that row, or NULL. */
static struct node *check_child(struct checker *c, const struct field *row,
				const struct node *object, struct node *given,
				const struct trail *at)
{
	struct trail here = { at, field_name(row) };

	if (given && !(c->over && node_is_null(given)))
		return check_field(c, row, given, &here);
	if (c->part)
		return NULL;
	if (row->fallback)
		return default_of(c, row, &here);
	if (row->flags & FIELD_REQUIRED)
		diags_add(c->diags, object->pos, NULL, "%s is missing: %s",
			  trail_text(c, &here), row->doc);
	return NULL;
}

static struct node *check_object(struct checker *c, const struct field *f,
				 struct node *in, const struct trail *at)
{
	const struct children *children = below(c, f);
	struct node *out = node_mapping(c->arena);
	struct node *given[CHILDREN_MAX] = { NULL };
	struct checker part = *c, *with = c;

	out->pos = in->pos;
	if (!want_map(c, f, in, at))
		return out;
	if (f->flags & FIELD_PARTIAL) {
		part.part = part.over = true;
		with = &part;
	}
	for (size_t i = 0; in->kind == NODE_MAPPING && i < in->map.n; i++) {
		const struct node *key = in->map.v[i].key;
		size_t k = children_index(children, node_text(key));

		if (k == children->n || strlen(node_text(key)) != key->scalar.len)
			report_unknown(c, f, key, at);
		else if (!given[k])
			given[k] = in->map.v[i].value;
	}
	for (size_t i = 0; i < children->n; i++) {
		struct node *value = check_child(with, children->v[i], in, given[i], at);

		if (value)
			node_put_node(c->arena, out, children->keys[i], value);
	}
	return out;
}

static void check_count(struct checker *c, const struct field *f, const struct node *in,
			size_t n, const struct trail *at)
{
	const struct node *first;

	if (!f->most || n <= f->most)
		return;
	first = in->kind == NODE_MAPPING ? in->map.v[f->most].key : in->seq.v[f->most];
	diags_add(c->diags, first->pos, NULL,
		  "%s has %zu entries; at most %zu are allowed", trail_text(c, at), n,
		  f->most);
}

/* `buckets: {prefix: in/}`: a field of an item, where the item's name must be. */
static bool lacks_name(struct checker *c, const struct field *item,
		       const struct node_pair *p, const struct trail *at)
{
	const char *key = node_text(p->key);

	if (item->type != FIELD_OBJECT || p->value->kind == NODE_MAPPING ||
	    node_is_null(p->value) || !children_find(below(c, item), key))
		return false;
	diags_add(
		c->diags, p->key->pos,
		arena_printf(c->arena, "write NAME: {%s: ...}", key),
		"'%s' is a field of what has a name in %s, and needs that name above it",
		key, trail_text(c, at));
	return true;
}

static struct node *check_items(struct checker *c, const struct field *f, struct node *in,
				const struct trail *at)
{
	const struct field *item = children_find(below(c, f), "*");
	struct node *out = node_mapping(c->arena);

	out->pos = in->pos;
	if (in->kind != NODE_MAPPING)
		return out;
	check_count(c, f, in, in->map.n, at);
	for (size_t i = 0; i < in->map.n; i++) {
		struct node_pair *p = &in->map.v[i];
		struct trail here = { at, node_text(p->key) };
		struct node *value;

		if (lacks_name(c, item, p, at))
			continue;
		checker_key(c, f, p->key, at);
		if (c->over && node_is_null(p->value) && item->type != FIELD_OBJECT)
			continue;
		value = check_field(c, item, p->value, &here);
		if (value)
			node_put_node(c->arena, out, p->key, value);
	}
	return out;
}

/* {notifications: {email: VALUE}} for "notifications.email". */
static struct node *spell_out(struct arena *a, const char *path, struct node *value)
{
	const char *dot = strchr(path, '.');
	size_t n = dot ? (size_t)(dot - path) : strlen(path);
	struct node *map = node_mapping(a), *key = node_string_n(a, path, n);

	map->pos = key->pos = value->pos;
	node_put_node(a, map, key, dot ? spell_out(a, dot + 1, value) : value);
	return map;
}

/* Messages name the map itself: what it stands for was not written. */
static struct node *check_shorthand(struct checker *c, const struct field *f,
				    struct node *in, const struct trail *at)
{
	struct checker with = *c;

	with.named = at;
	return check_items(&with, f, spell_out(c->arena, f->shorthand, in), at);
}

static struct node *check_list(struct checker *c, const struct field *f, struct node *in,
			       const struct trail *at)
{
	struct map seen = MAP_INIT;
	struct node *out = node_sequence(c->arena);
	size_t n = in->kind == NODE_SEQUENCE ? in->seq.n : 1;

	out->pos = in->pos;
	if (!n && (f->flags & FIELD_FILLED))
		diags_add(c->diags, in->pos, checker_allowed(c, f),
			  "%s must not be empty", trail_text(c, at));
	check_count(c, f, in, n, at);
	for (size_t i = 0; i < n; i++) {
		struct node *item = in->kind == NODE_SEQUENCE ? in->seq.v[i] : in;
		struct node *value = checker_scalar(c, f, item, at);

		if (!value)
			continue;
		if (map_put(&seen, node_text(value), value))
			diags_add(c->diags, item->pos, "remove one of them",
				  "%s is listed twice in %s",
				  shown(c->arena, node_text(value)), trail_text(c, at));
		else
			node_push(c->arena, out, value);
	}
	map_release(&seen, NULL);
	return out;
}

static struct node *check_map(struct checker *c, const struct field *f, struct node *in,
			      const struct trail *at)
{
	bool nothing = node_is_null(in) || (in->kind == NODE_MAPPING && !in->map.n);

	if (f->shorthand && nothing && !c->part)
		return default_of(c, f, at);
	if (f->shorthand && !nothing && in->kind != NODE_MAPPING && !in->tag)
		return check_shorthand(c, f, in, at);
	if (!want_map(c, f, in, at))
		return node_mapping(c->arena);
	return check_items(c, f, in, at);
}

static struct node *check_field(struct checker *c, const struct field *f, struct node *in,
				const struct trail *at)
{
	if (f->type == FIELD_OBJECT && (!f->words || in->kind == NODE_MAPPING))
		return check_object(c, f, in, at);
	if (f->type == FIELD_MAP)
		return check_map(c, f, in, at);
	if (f->flags & FIELD_LIST)
		return check_list(c, f, in, at);
	return checker_scalar(c, f, in, at);
}

static void drop_pattern(regex_t *r)
{
	if (r)
		regfree(r);
	free(r);
}

static struct node *check_document(const struct schema *s, struct arena *a,
				   const struct node *doc, bool part, struct diags *diags)
{
	struct trail top = { NULL, NULL };
	struct checker c = { .schema = s, .arena = a, .diags = diags, .part = part };
	struct node *out;

	c.children = schema_children(s, a);
	c.patterns = xcalloc(s->n, sizeof(regex_t *));
	c.defaults = arena_array(a, s->n, sizeof(struct node *));
	out = check_field(&c, s->fields, (struct node *)doc, &top);
	for (size_t i = 0; i < s->n; i++)
		drop_pattern(c.patterns[i]);
	free(c.patterns);
	return out;
}

struct node *schema_check(const struct schema *s, struct arena *a, const struct node *doc,
			  struct diags *diags)
{
	return check_document(s, a, doc, false, diags);
}

struct node *schema_check_part(const struct schema *s, struct arena *a,
			       const struct node *doc, struct diags *diags)
{
	return check_document(s, a, doc, true, diags);
}
