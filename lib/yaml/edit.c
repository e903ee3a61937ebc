#include "yaml/editor.h"
#include "yaml/load.h"

/* What one call works on. */
struct job {
	struct editor e;
	const struct strs *path;
	const struct node *before; /* the document */
	const struct node *value;  /* NULL: take out */
};

/* "'buckets.uploads'": the first `n` parts; "the document" of none. */
static const char *part_of_path(struct job *j, size_t n)
{
	FP_AUTO(buf_release) struct buf b = BUF_INIT;
	struct strs head = { j->path->v, n, n };

	if (!n)
		return "the document";
	buf_putc(&b, '\'');
	edit_path_put(&b, &head);
	buf_putc(&b, '\'');
	return arena_strndup(j->e.arena, b.data, b.len);
}

static bool holds(const struct span *outer, const struct span *inner)
{
	return outer->start <= inner->start && inner->end <= outer->end;
}

/*
 * An edit at `s` must not show elsewhere, through an alias. `inside`: only members of
 * s change, and s stays.
 */
static int check_shared(struct job *j, const struct span *s, bool inside)
{
	for (size_t i = 0; i < j->e.naliases; i++) {
		const struct span *alias = j->e.aliases[i], *t = alias->target;

		if (!t || !(holds(t, s) || (!inside && holds(s, t))) || holds(s, alias))
			continue;
		return editor_fail(
			&j->e, s,
			"%s is shared: line %u uses it as *%s, and would change "
			"too; write it out there first, or edit the file by hand",
			part_of_path(j, j->path->n), alias->line, t->anchor);
	}
	return 0;
}

/* The value with the parts of the path from `from` on as maps around it. */
static const struct node *wrap(struct job *j, size_t from)
{
	const struct node *value = j->value;

	for (size_t i = j->path->n; i-- > from;) {
		struct node *map = node_mapping(j->e.arena);

		node_put(j->e.arena, map, j->path->v[i], (struct node *)value);
		value = map;
	}
	return value;
}

static int replace(struct job *j, struct span *s, size_t depth, const struct node *value)
{
	if (check_shared(j, s, false) < 0)
		return -1;
	if (s->up ? s->up->style == SPAN_FLOW : s->style == SPAN_FLOW)
		return flow_replace(&j->e, s, value);
	return block_replace(&j->e, s, depth, value);
}

/* Part `k` of the path is not in the collection `c`. */
static int insert(struct job *j, struct span *c, size_t k)
{
	const char *key = c->kind == NODE_MAPPING ? j->path->v[k] : NULL;
	const struct node *value = wrap(j, k + 1);

	if (check_shared(j, c, true) < 0)
		return -1;
	if (!c->n && c->style == SPAN_FLOW && c->kind == NODE_MAPPING &&
	    (!c->up || c->up->style == SPAN_BLOCK))
		return block_replace(&j->e, c, k ? k - 1 : 0, wrap(j, k));
	if (c->style == SPAN_FLOW)
		return flow_insert(&j->e, c, key, value);
	return block_insert(&j->e, c, k, key, value);
}

static int not_there(struct job *j, size_t n)
{
	return fp_fail(j->e.err, FP_ERR_NOT_FOUND, "%s: there is no %s", j->e.file,
		       part_of_path(j, n));
}

static int fail_alias(struct job *j, const struct span *s, size_t k)
{
	return editor_fail(
		&j->e, s,
		"%s is the alias *%s of line %u, which an edit here would change "
		"too: write it out first, or edit the file by hand",
		part_of_path(j, k), s->anchor, s->target ? s->target->line : 0);
}

/* A step into a list. Returns the item, or NULL with *rc. */
static struct span *step_into_list(struct job *j, struct span *c, size_t k, int *rc)
{
	int64_t i;
	const char *part = j->path->v[k];

	if (!str_to_i64(part, 0, INT32_MAX, &i))
		*rc = editor_fail(
			&j->e, c,
			"%s is a list: name an item by its number, from 0 to %zu",
			part_of_path(j, k), c->n);
	else if ((size_t)i < c->n)
		return c->v[i].value;
	else if (!j->value)
		*rc = not_there(j, k + 1);
	else if ((size_t)i == c->n && k + 1 == j->path->n)
		*rc = insert(j, c, k);
	else
		*rc = editor_fail(&j->e, c, "%s has %zu item%s: the next one is %zu",
				  part_of_path(j, k), c->n, c->n == 1 ? "" : "s", c->n);
	return NULL;
}

/* A step into a map. Returns the value, or NULL with *rc. */
static struct span *step_into_map(struct job *j, struct span *c, size_t k,
				  const struct node *at, int *rc)
{
	const char *part = j->path->v[k];
	const struct span_item *it = span_find(c, part);
	const struct span_item *merge = it ? NULL : span_find(c, "<<");

	if (it)
		return it->value;
	if (merge && node_get(at, part) && (!j->value || k + 1 < j->path->n))
		*rc = editor_fail(&j->e, merge->key,
				  "%s comes in through the merge key '<<' and is shared: "
				  "edit the file by hand",
				  part_of_path(j, k + 1));
	else
		*rc = j->value ? insert(j, c, k) : not_there(j, k + 1);
	return NULL;
}

static int take_out(struct job *j, struct span *s)
{
	if (check_shared(j, s, false) < 0)
		return -1;
	return s->up->style == SPAN_FLOW ? flow_remove(&j->e, s->up, s->index)
					 : block_remove(&j->e, s->up, s->index);
}

static int edit_at_path(struct job *j)
{
	struct span *s = j->e.root;
	const struct node *at = j->before;
	int rc = 0;

	for (size_t k = 0; k < j->path->n; k++) {
		struct span *next;

		if (s->style == SPAN_ALIAS)
			return fail_alias(j, s, k);
		if (s->kind == NODE_SCALAR) {
			if (!j->value)
				return not_there(j, k + 1);
			if (node_is_null(at))
				return replace(j, s, k ? k - 1 : 0, wrap(j, k));
			return editor_fail(
				&j->e, s,
				"%s is neither a map nor a list: it has no '%s'",
				part_of_path(j, k), j->path->v[k]);
		}
		next = s->kind == NODE_SEQUENCE ? step_into_list(j, s, k, &rc)
						: step_into_map(j, s, k, at, &rc);
		if (!next)
			return rc;
		at = edit_step(at, j->path->v[k]);
		s = next;
	}
	return j->value ? replace(j, s, j->path->n - 1, j->value) : take_out(j, s);
}

static struct node *changed(struct job *j, const struct node *n, size_t k);

static struct node *changed_list(struct job *j, const struct node *n, size_t k)
{
	bool last = k + 1 == j->path->n;
	struct node *out = node_sequence(j->e.arena);
	int64_t at = -1;

	out->tag = n->tag;
	(void)str_to_i64(j->path->v[k], 0, INT32_MAX, &at);
	for (size_t i = 0; i < n->seq.n; i++) {
		if ((int64_t)i != at)
			node_push(j->e.arena, out, n->seq.v[i]);
		else if (!last || j->value)
			node_push(j->e.arena, out, changed(j, n->seq.v[i], k + 1));
	}
	if ((size_t)at == n->seq.n && j->value)
		node_push(j->e.arena, out, (struct node *)j->value);
	return out;
}

/* The document as it must be afterwards, made from nodes and not from text. */
static struct node *changed(struct job *j, const struct node *n, size_t k)
{
	struct node *out;
	bool found = false;

	if (k == j->path->n)
		return (struct node *)j->value;
	if (!n || node_is_null(n))
		return (struct node *)wrap(j, k);
	if (n->kind == NODE_SEQUENCE)
		return changed_list(j, n, k);
	out = node_mapping(j->e.arena);
	out->tag = n->tag;
	for (size_t i = 0; n->kind == NODE_MAPPING && i < n->map.n; i++) {
		const struct node_pair *p = &n->map.v[i];
		bool is_it = str_eq(p->key->scalar.text, j->path->v[k]);

		found = found || is_it;
		if (!is_it)
			node_put_node(j->e.arena, out, p->key, p->value);
		else if (k + 1 < j->path->n || j->value)
			node_put_node(j->e.arena, out, p->key,
				      changed(j, p->value, k + 1));
	}
	if (!found && j->value)
		node_put(j->e.arena, out, j->path->v[k], (struct node *)wrap(j, k + 1));
	return out;
}

static int by_place(const void *a, const void *b)
{
	const struct splice *x = *(const struct splice *const *)a;
	const struct splice *y = *(const struct splice *const *)b;

	if (x->from != y->from)
		return x->from < y->from ? -1 : 1;
	return x < y ? -1 : x > y;
}

static void apply(struct buf *out, const struct editor *e)
{
	const struct splice *order[ARRAY_SIZE(e->splices)] = { NULL };
	size_t at = 0;

	for (size_t i = 0; i < e->nsplices; i++)
		order[i] = &e->splices[i];
	qsort(order, e->nsplices, sizeof(*order), by_place);
	for (size_t i = 0; i < e->nsplices; i++) {
		const struct splice *s = order[i];

		if (s->from > at)
			buf_add(out, e->text + at, s->from - at);
		buf_puts(out, s->text);
		at = FP_MAX(at, s->to);
	}
	buf_add(out, e->text + at, e->n - at);
}

/* A wrong edit must not leave: the new text says what the nodes say. */
static int check_result(struct job *j, const char *text, size_t n)
{
	FP_AUTO(diags_release) struct diags diags = DIAGS_INIT;
	struct node *after;

	if (node_load(&after, j->e.arena, text, n, j->e.file, NULL, &diags) == 0 &&
	    node_equal(after, changed(j, j->before, 0)))
		return 0;
	return fp_fail(j->e.err, FP_ERR_INPUT,
		       "%s: the layout around %s cannot be edited in place: "
		       "edit the file by hand",
		       j->e.file, part_of_path(j, j->path->n));
}

static int edit(struct buf *out, const char *text, size_t n, const char *file,
		const struct strs *path, const struct node *value, struct fp_error *err)
{
	FP_AUTO(arena_release) struct arena arena = ARENA_INIT;
	FP_AUTO(buf_release) struct buf result = BUF_INIT;
	size_t mark = n >= 3 && memcmp(text, "\xef\xbb\xbf", 3) == 0 ? 3 : 0;
	struct node *before = NULL;
	struct job j = {
		.e = { .text = text + mark,
		       .n = n - mark,
		       .file = file,
		       .arena = &arena,
		       .err = err },
		.path = path,
		.value = value,
	};

	if (!path->n)
		return fp_fail(err, FP_ERR_USAGE, "the path is empty");
	if (node_load_one(&before, &arena, text, n, file, err) < 0)
		return -1;
	j.before = before;
	if (editor_read(&j.e) < 0 || edit_at_path(&j) < 0)
		return -1;
	buf_add(&result, text, mark);
	apply(&result, &j.e);
	if (check_result(&j, buf_str(&result), result.len) < 0)
		return -1;
	buf_add(out, result.data, result.len);
	return 0;
}

int edit_set(struct buf *out, const char *text, size_t n, const char *file,
	     const struct strs *path, const struct node *value, struct fp_error *err)
{
	return edit(out, text, n, file, path, value, err);
}

int edit_unset(struct buf *out, const char *text, size_t n, const char *file,
	       const struct strs *path, struct fp_error *err)
{
	return edit(out, text, n, file, path, NULL, err);
}
