#include "base/str.h"
#include "manifest/checker.h"

const char *schema_child(const struct field *parent, const struct field *f)
{
	size_t n = strlen(parent->path);
	const char *name = f->path;

	if (f == parent)
		return NULL;
	if (n) {
		if (strncmp(f->path, parent->path, n) != 0 || f->path[n] != '.')
			return NULL;
		name += n + 1;
	}
	return strchr(name, '.') ? NULL : name;
}

const char *field_name(const struct field *f)
{
	const char *dot = strrchr(f->path, '.');

	return dot ? dot + 1 : f->path;
}

size_t children_index(const struct children *c, const char *name)
{
	size_t i = 0;

	while (i < c->n && !node_is(c->keys[i], name))
		i++;
	return i;
}

const struct field *children_find(const struct children *c, const char *name)
{
	size_t i = children_index(c, name);

	return i < c->n ? c->v[i] : NULL;
}

/* The index of the row that is directly above; rows follow their parents. */
static size_t parent_of(const struct schema *s, size_t row)
{
	size_t up = row;

	do
		up--;
	while (up && !schema_child(&s->fields[up], &s->fields[row]));
	return up;
}

static void add_document(struct children *partial, const struct children *top)
{
	for (size_t i = 0; i < top->n; i++)
		if (!(top->v[i]->flags & FIELD_ONCE))
			partial->v[partial->n++] = top->v[i];
}

static void put_keys(struct children *c, struct arena *a)
{
	if (c->n > CHILDREN_MAX)
		fp_die("a field has %zu fields below it; CHILDREN_MAX is %d", c->n,
		       CHILDREN_MAX);
	c->keys = arena_array(a, c->n + 1, sizeof(struct node *));
	for (size_t i = 0; i < c->n; i++)
		c->keys[i] = node_string(a, field_name(c->v[i]));
}

struct children *schema_children(const struct schema *s, struct arena *a)
{
	struct children *all = arena_array(a, s->n, sizeof(*all));
	size_t *parents = arena_array(a, s->n, sizeof(*parents));

	for (size_t i = 1; i < s->n; i++) {
		parents[i] = parent_of(s, i);
		all[parents[i]].n++;
	}
	for (size_t i = 0; i < s->n; i++) {
		size_t room = all[i].n +
			      (s->fields[i].flags & FIELD_PARTIAL ? all[0].n : 0);

		all[i].v = arena_array(a, room + 1, sizeof(*all[i].v));
	}
	for (size_t i = 0; i < s->n; i++)
		all[i].n = 0;
	for (size_t i = 1; i < s->n; i++) {
		struct children *up = &all[parents[i]];

		up->v[up->n++] = &s->fields[i];
	}
	for (size_t i = 0; i < s->n; i++)
		if (s->fields[i].flags & FIELD_PARTIAL)
			add_document(&all[i], &all[0]);
	for (size_t i = 0; i < s->n; i++)
		put_keys(&all[i], a);
	return all;
}
