#include "base/str.h"
#include "manifest/checker.h"

struct merger {
	struct arena *arena;
	const struct schema *schema;
	const struct children *children; /* by row */
};

/* The row of what `key` names below the row `f`; NULL when nothing may replace it. */
static const struct field *row_of(const struct merger *m, const struct field *f,
				  const struct node *key)
{
	const struct field *row = children_find(&m->children[f - m->schema->fields],
						f->type == FIELD_MAP ? "*"
								     : node_text(key));

	return row && !(row->flags & FIELD_ONCE) ? row : NULL;
}

/* An item of a map of objects: null means that it is there, with all defaults. */
static bool stays_as_null(const struct field *f, const struct field *row)
{
	return f->type == FIELD_MAP && row->type == FIELD_OBJECT;
}

static struct node *merge(const struct merger *m, const struct field *f,
			  const struct node *base, const struct node *over)
{
	struct node *out;

	if (base->kind != NODE_MAPPING || over->kind != NODE_MAPPING)
		return (struct node *)over;
	out = node_mapping(m->arena);
	out->pos = base->pos;
	out->tag = base->tag;
	for (size_t i = 0; i < base->map.n; i++) {
		const struct node_pair *p = &base->map.v[i];
		const struct field *row = row_of(m, f, p->key);
		struct node *value = node_get(over, node_text(p->key));

		if (!value || !row)
			node_put_node(m->arena, out, p->key, p->value);
		else if (!node_is_null(value))
			node_put_node(m->arena, out, p->key,
				      merge(m, row, p->value, value));
		else if (stays_as_null(f, row))
			node_put_node(m->arena, out, p->key, value);
	}
	for (size_t i = 0; i < over->map.n; i++) {
		const struct node_pair *p = &over->map.v[i];
		const struct field *row = row_of(m, f, p->key);

		if (row && !node_find(base, node_text(p->key)) &&
		    (!node_is_null(p->value) || stays_as_null(f, row)))
			node_put_node(m->arena, out, p->key, p->value);
	}
	return out;
}

const struct node *schema_merge(const struct schema *s, struct arena *a,
				const struct node *base, const struct node *over)
{
	struct merger m = { a, s, schema_children(s, a) };

	return over ? merge(&m, s->fields, base, over) : base;
}
