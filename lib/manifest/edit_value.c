/* What a value on the command line means for the field that it is for. */
#include "manifest/checker.h"
#include "manifest/edit.h"
#include "yaml/edit.h"
#include "yaml/load.h"

struct reader {
	struct arena *a;
	const struct schema *schema;
	struct children *children; /* by row */
	struct fp_error *err;
};

static const struct children *below(const struct reader *r, const struct field *f)
{
	return &r->children[f - r->schema->fields];
}

static const struct field *child_of(const struct reader *r, const struct field *f,
				    const char *name)
{
	return children_find(below(r, f), f->type == FIELD_MAP ? "*" : name);
}

/* The field that anything but a map means for this one. */
static const struct field *short_field(const struct reader *r, const struct field *f)
{
	FP_AUTO(strs_release) struct strs parts = STRS_INIT;

	if (!f->shorthand)
		return NULL;
	strs_split(&parts, f->shorthand, '.');
	for (size_t i = 0; f && i < parts.n; i++)
		f = child_of(r, f, parts.v[i]);
	return f;
}

/* "there is no field 'buckets.uploads.sufix'; did you mean 'suffix'? known: ..." */
static int unknown(const struct reader *r, const struct field *f, const struct strs *path,
		   size_t k)
{
	const struct children *known = below(r, f);
	FP_AUTO(buf_release) struct buf text = BUF_INIT;
	FP_AUTO(freep) const char **names = xcalloc(known->n + 1, sizeof(*names));
	struct strs head = { path->v, k + 1, k + 1 };
	const char *nearest;

	edit_path_put(&text, &head);
	buf_putc(&text, '\'');
	for (size_t i = 0; i < known->n; i++)
		names[i] = field_name(known->v[i]);
	nearest = str_nearest(path->v[k], names, known->n);
	if (nearest)
		buf_printf(&text, "; did you mean '%s'?", nearest);
	for (size_t i = 0; i < known->n; i++)
		buf_printf(&text, "%s%s",
			   i	     ? ", "
			   : nearest ? " known: "
				     : "; known: ",
			   names[i]);
	return fp_fail(r->err, FP_ERR_INPUT, "there is no field '%s", text.data);
}

static bool is_index(const char *part)
{
	return part[strspn(part, "0123456789")] == '\0';
}

/* The row of the path; *item says that it is an item of the row's list. */
static int find_field(const struct field **out, bool *item, const struct reader *r,
		      const struct strs *path)
{
	const struct field *f = r->schema->fields;

	*item = false;
	for (size_t k = 0; k < path->n; k++) {
		const struct field *next = NULL, *list = short_field(r, f);

		list = list ? list : f;
		if ((list->flags & FIELD_LIST) && !*item && is_index(path->v[k])) {
			*item = true;
			f = list;
			continue;
		}
		if (!*item && (f->type == FIELD_MAP || f->type == FIELD_OBJECT))
			next = child_of(r, f, path->v[k]);
		if (!next)
			return unknown(r, f, path, k);
		f = next;
	}
	*out = f;
	return 0;
}

static struct node *as_string(const struct reader *r, const struct node *n)
{
	struct node *out = node_shallow(r->a, n);

	out->scalar.type = SCALAR_STRING;
	return out;
}

/* Whether the text stays what it was when it is written and read. */
static bool writes_itself(const struct node *n)
{
	FP_AUTO(buf_release) struct buf b = BUF_INIT;

	edit_inline(&b, n);
	return str_eq(b.data, n->scalar.text);
}

/* The value with strings where the fields want them. */
static const struct node *fit(const struct reader *r, const struct field *f,
			      const struct node *n)
{
	const struct field *instead = short_field(r, f);
	struct node *out;

	if (n->tag)
		return n;
	if (instead && n->kind != NODE_MAPPING)
		return fit(r, instead, n);
	if (n->kind == NODE_SCALAR) {
		if (n->scalar.type == SCALAR_NULL || n->scalar.type == SCALAR_STRING)
			return n;
		if (f->type == FIELD_STRING ||
		    (f->type == FIELD_TEXT && !writes_itself(n)))
			return as_string(r, n);
		return n;
	}
	if (n->kind == NODE_SEQUENCE) {
		out = node_sequence(r->a);
		for (size_t i = 0; i < n->seq.n; i++)
			node_push(r->a, out, (struct node *)fit(r, f, n->seq.v[i]));
		return out;
	}
	out = node_mapping(r->a);
	for (size_t i = 0; i < n->map.n; i++) {
		const struct node_pair *p = &n->map.v[i];
		const struct field *child = NULL;

		if (f->type == FIELD_MAP || f->type == FIELD_OBJECT)
			child = child_of(r, f, node_text(p->key));
		node_put_node(r->a, out, p->key,
			      child ? (struct node *)fit(r, child, p->value) : p->value);
	}
	return out;
}

/* Whether the field takes the text as it stands, without YAML's rules. */
static bool is_raw(const struct reader *r, const struct field *f, bool item,
		   const char *given)
{
	const struct field *instead = short_field(r, f);
	bool list = !item && ((instead ? instead : f)->flags & FIELD_LIST);

	if (instead && *given != '{')
		f = instead;
	if (f->type != FIELD_STRING && f->type != FIELD_TEXT)
		return false;
	if (node_scalar_type(given, strlen(given)) == SCALAR_NULL && *given)
		return false;
	return !*given || !strchr(list ? "\"'[|>&!" : "\"'|>&!", *given);
}

int manifest_edit_value(const struct node **out, struct arena *a, const struct strs *path,
			const char *given, struct fp_error *err)
{
	struct reader r = { a, &manifest_schema, schema_children(&manifest_schema, a),
			    err };
	const struct field *f = manifest_schema.fields;
	struct node *n;
	bool item;

	if (find_field(&f, &item, &r, path) < 0)
		return -1;
	if (is_raw(&r, f, item, given)) {
		n = node_string(a, given);
		n->scalar.type = node_scalar_type(given, n->scalar.len);
		if (!*given)
			n->scalar.type = SCALAR_STRING;
	} else if (node_load_one(&n, a, given, strlen(given), "the value", err) < 0) {
		return -1;
	}
	*out = fit(&r, f, n);
	return 0;
}
