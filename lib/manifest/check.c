#include "base/map.h"
#include "base/str.h"
#include "manifest/checker.h"
#include "yaml/load.h"

/* Where in the document we are: "buckets", "uploads", "prefix". */
struct trail {
	const struct trail *up;
	const char *name;
};

static void put_trail(struct buf *out, const struct trail *t)
{
	if (!t->name)
		return;
	put_trail(out, t->up);
	if (out->len)
		buf_putc(out, '.');
	buf_puts(out, t->name);
}

/* "'buckets.uploads.prefix'", in the arena. */
static const char *trail_text(struct checker *c, const struct trail *t)
{
	FP_AUTO(buf_release) struct buf b = BUF_INIT;

	put_trail(&b, t);
	return t->name ? shown(c->arena, buf_str(&b)) : "the manifest";
}

static struct node *check_field(struct checker *c, const struct field *f, struct node *in,
				const struct trail *at);

static const struct field *find_child(const struct checker *c, const struct field *parent,
				      const char *name)
{
	for (const struct field *f = c->schema->fields;
	     f < c->schema->fields + c->schema->n; f++) {
		const char *own = schema_child(parent, f);

		if (own && str_eq(own, name))
			return f;
	}
	return NULL;
}

/* "did you mean 'suffix'? known: on, prefix, suffix, processor" */
static void report_unknown(struct checker *c, const struct field *parent,
			   const struct node *key, const struct trail *at)
{
	FP_AUTO(buf_release) struct buf hint = BUF_INIT;
	FP_AUTO(buf_release) struct buf known = BUF_INIT;
	FP_AUTO(freep) const char **names = xcalloc(c->schema->n, sizeof(*names));
	const char *nearest;
	size_t n = 0;

	for (size_t i = 0; i < c->schema->n; i++) {
		const char *name = schema_child(parent, &c->schema->fields[i]);

		if (!name)
			continue;
		buf_printf(&known, "%s%s", n ? ", " : "", name);
		names[n++] = name;
	}
	nearest = str_nearest(node_text(key), names, n);
	if (nearest)
		buf_printf(&hint, "did you mean '%s'? ", nearest);
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

static bool is_empty(const struct node *in)
{
	return in->kind == NODE_SCALAR && in->scalar.type == SCALAR_NULL;
}

/* Whether it is a map or nothing; otherwise a finding. */
static bool want_map(struct checker *c, const struct field *f, const struct node *in,
		     const struct trail *at)
{
	if (in->kind == NODE_MAPPING || is_empty(in))
		return true;
	diags_add(c->diags, in->pos, NULL, "%s must be a map of %s, not a %s",
		  trail_text(c, at), f->type == FIELD_MAP ? "names" : "fields",
		  node_kind_name(in));
	return false;
}

static struct node *check_object(struct checker *c, const struct field *f,
				 struct node *in, const struct trail *at)
{
	struct node *out = node_mapping(c->arena);
	bool ok = want_map(c, f, in, at);

	out->pos = in->pos;
	for (size_t i = 0; ok && in->kind == NODE_MAPPING && i < in->map.n; i++)
		if (!find_child(c, f, node_text(in->map.v[i].key)))
			report_unknown(c, f, in->map.v[i].key, at);
	for (size_t i = 0; ok && i < c->schema->n; i++) {
		const struct field *row = &c->schema->fields[i];
		const char *name = schema_child(f, row);
		struct trail below = { at, name };
		struct node *given, *value = NULL;

		if (!name)
			continue;
		given = node_get(in, name);
		if (given)
			value = check_field(c, row, given, &below);
		else if (row->fallback)
			value = default_of(c, row, &below);
		else if (row->flags & FIELD_REQUIRED)
			diags_add(c->diags, in->pos, NULL, "%s is missing: %s",
				  trail_text(c, &below), row->doc);
		if (value)
			node_put(c->arena, out, name, value);
	}
	return out;
}

static struct node *check_map(struct checker *c, const struct field *f, struct node *in,
			      const struct trail *at)
{
	struct node *out = node_mapping(c->arena);
	const struct field *item = find_child(c, f, "*");

	out->pos = in->pos;
	if (!want_map(c, f, in, at) || in->kind != NODE_MAPPING)
		return out;
	for (size_t i = 0; i < in->map.n; i++) {
		struct node_pair *p = &in->map.v[i];
		struct trail below = { at, node_text(p->key) };
		struct node *value;

		checker_key(c, f, p->key, trail_text(c, at));
		value = check_field(c, item, p->value, &below);
		if (value)
			node_put_node(c->arena, out, p->key, value);
	}
	return out;
}

static struct node *check_list(struct checker *c, const struct field *f, struct node *in,
			       const struct trail *at)
{
	struct map seen = MAP_INIT;
	struct node *out = node_sequence(c->arena);
	const char *name = trail_text(c, at);
	size_t n = in->kind == NODE_SEQUENCE ? in->seq.n : 1;

	out->pos = in->pos;
	if (!n && (f->flags & FIELD_FILLED))
		diags_add(c->diags, in->pos, checker_allowed(c, f),
			  "%s must not be empty", name);
	for (size_t i = 0; i < n; i++) {
		struct node *item = in->kind == NODE_SEQUENCE ? in->seq.v[i] : in;
		struct node *value = checker_scalar(c, f, item, name);

		if (!value)
			continue;
		if (map_put(&seen, node_text(value), value))
			diags_add(c->diags, item->pos, "remove one of them",
				  "%s is listed twice in %s",
				  shown(c->arena, node_text(value)), name);
		else
			node_push(c->arena, out, value);
	}
	map_release(&seen, NULL);
	return out;
}

static struct node *check_field(struct checker *c, const struct field *f, struct node *in,
				const struct trail *at)
{
	if (f->type == FIELD_OBJECT)
		return check_object(c, f, in, at);
	if (f->type == FIELD_MAP)
		return check_map(c, f, in, at);
	if (f->flags & FIELD_LIST)
		return check_list(c, f, in, at);
	return checker_scalar(c, f, in, trail_text(c, at));
}

static void drop_pattern(regex_t *r)
{
	if (r)
		regfree(r);
	free(r);
}

struct node *schema_check(const struct schema *s, struct arena *a, const struct node *doc,
			  struct diags *diags)
{
	struct trail top = { NULL, NULL };
	struct checker c = { s, a, diags, NULL, NULL };
	struct node *out;

	c.patterns = xcalloc(s->n, sizeof(regex_t *));
	c.defaults = arena_array(a, s->n, sizeof(struct node *));
	out = check_field(&c, s->fields, (struct node *)doc, &top);
	for (size_t i = 0; i < s->n; i++)
		drop_pattern(c.patterns[i]);
	free(c.patterns);
	return out;
}
