#include "manifest/edit.h"

#include "manifest/manifest.h"
#include "yaml/edit.h"
#include "yaml/load.h"

static const struct node *value_at(const struct node *doc, const struct strs *path)
{
	for (size_t i = 0; doc && i < path->n; i++)
		doc = edit_step(doc, path->v[i]);
	return doc;
}

static const char *nearest_key(const struct node *map, const char *name)
{
	FP_AUTO(freep) const char **names = NULL;
	size_t n = map && map->kind == NODE_MAPPING ? map->map.n : 0;

	names = xcalloc(n + 1, sizeof(*names));
	for (size_t i = 0; i < n; i++)
		names[i] = node_text(map->map.v[i].key);
	return str_nearest(name, names, n);
}

/* "; did you mean 'uploads'?", or nothing. */
static void put_nearest(struct buf *out, const char *nearest)
{
	if (nearest)
		buf_printf(out, "; did you mean '%s'?", nearest);
}

int manifest_edit_environment(struct strs *path, const char *text, size_t n,
			      const char *file, const char *environment,
			      struct fp_error *err)
{
	FP_AUTO(arena_release) struct arena a = ARENA_INIT;
	FP_AUTO(buf_release) struct buf hint = BUF_INIT;
	struct strs full = STRS_INIT;
	struct node *doc;

	if (!environment)
		return 0;
	if (node_load_one(&doc, &a, text, n, file, err) < 0)
		return -1;
	if (!node_get(node_get(doc, "environments"), environment)) {
		put_nearest(&hint,
			    nearest_key(node_get(doc, "environments"), environment));
		return fp_fail(err, FP_ERR_NOT_FOUND, "there is no environment '%s'%s%s",
			       environment,
			       hint.len ? "" : "; define it without -e: fpctl set ",
			       hint.len ? hint.data : "environments.NAME '{}'");
	}
	strs_add(&full, "environments");
	strs_add(&full, environment);
	for (size_t i = 0; i < path->n; i++)
		strs_add(&full, path->v[i]);
	strs_release(path);
	*path = full;
	return 0;
}

/* The maps whose items have names of their own, and what one item is called. */
static const struct {
	const char *map, *item, *command;
} named[] = {
	{ "buckets", "bucket", "fpctl bucket add" },
	{ "processors", "processor", "fpctl processor add" },
	{ "environments", "environment", NULL },
	{ "stacks", "stack", NULL },
	{ "notify", "topic", NULL },
};

/*
 * A field of an item that does not exist is probably a mistyped name. Of buckets and
 * processors there is a command to make one; others may come in passing.
 */
static int check_item(const struct node *doc, const struct strs *path, size_t at,
		      struct fp_error *err)
{
	const char *name = path->n > at + 2 ? path->v[at + 1] : NULL, *near;
	FP_AUTO(buf_release) struct buf hint = BUF_INIT;
	const struct node *items, *here = doc;

	for (size_t i = 0; name && i < ARRAY_SIZE(named); i++) {
		if (!str_eq(named[i].map, path->v[at]))
			continue;
		items = node_get(doc, named[i].map);
		for (size_t k = 0; k < at; k++)
			here = edit_step(here, path->v[k]);
		here = node_get(here, named[i].map);
		if (node_get(items, name) || node_get(here, name) ||
		    (str_eq(named[i].item, "processor") && str_eq(name, "default")))
			return 0;
		near = nearest_key(items, name);
		if (!near && !named[i].command)
			return 0;
		put_nearest(&hint, near);
		buf_puts(&hint, near ? " " : "; ");
		if (named[i].command)
			buf_printf(&hint, "`%s %s` makes one", named[i].command, name);
		else
			buf_printf(&hint, "`fpctl set %s.%s '{}'` makes one",
				   named[i].map, name);
		return fp_fail(err, FP_ERR_NOT_FOUND, "there is no %s '%s'%s",
			       named[i].item, name, hint.data);
	}
	return 0;
}

static int check_items(const struct node *doc, const struct strs *path,
		       struct fp_error *err)
{
	if (check_item(doc, path, 0, err) < 0)
		return -1;
	if (path->n > 2 && str_eq(path->v[0], "environments"))
		return check_item(doc, path, 2, err);
	return 0;
}

/* What cannot be taken out is named with the nearest that could. */
static int check_there(const struct node *doc, const struct strs *path, const char *file,
		       struct fp_error *err)
{
	FP_AUTO(buf_release) struct buf text = BUF_INIT;
	const struct node *next;

	for (size_t i = 0; i < path->n; i++, doc = next) {
		struct strs head = { path->v, i + 1, i + 1 };

		next = edit_step(doc, path->v[i]);
		if (next)
			continue;
		edit_path_put(&text, &head);
		buf_putc(&text, '\'');
		put_nearest(&text, nearest_key(doc, path->v[i]));
		return fp_fail(err, FP_ERR_NOT_FOUND, "%s has no '%s", file, text.data);
	}
	return 0;
}

/* The findings of all environments. */
static size_t findings_of(const char *text, size_t n, const char *file,
			  struct diags *diags)
{
	FP_AUTO(manifest_release) struct manifest m = { 0 };

	if (manifest_parse(&m, text, n, file, NULL, diags) == 0 &&
	    manifest_check_all(&m, diags) == 0)
		return 0;
	return diags->n;
}

static int check_result(struct manifest_edit *out, const char *text, size_t n,
			const char *file, struct diags *diags, struct fp_error *err)
{
	FP_AUTO(diags_release) struct diags old = DIAGS_INIT;
	size_t had;

	out->left = findings_of(out->text.data, out->text.len, file, diags);
	if (!out->left)
		return 0;
	had = findings_of(text, n, file, &old);
	if (out->left < had) {
		diags_release(diags);
		return 0;
	}
	if (had)
		return fp_fail(err, FP_ERR_MANIFEST,
			       "nothing was changed: %s is not valid as it is, and this "
			       "edit mends nothing",
			       file);
	return fp_fail(err, FP_ERR_MANIFEST,
		       "nothing was changed: %s would have %zu error%s", file, out->left,
		       out->left == 1 ? "" : "s");
}

int manifest_edit(struct manifest_edit *out, const char *text, size_t n, const char *file,
		  const struct strs *path, const struct node *value, struct diags *diags,
		  struct fp_error *err)
{
	struct node *doc;

	*out = (struct manifest_edit){ 0 };
	if (node_load_one(&doc, &out->arena, text, n, file, err) < 0)
		return -1;
	if (value ? check_items(doc, path, err) < 0
		  : check_there(doc, path, file, err) < 0)
		return -1;
	out->before = value_at(doc, path);
	out->after = value ? node_copy(&out->arena, value) : NULL;
	if (value && out->before && node_equal(out->before, value)) {
		out->same = true;
		buf_add(&out->text, text, n);
		return 0;
	}
	if (value ? edit_set(&out->text, text, n, file, path, value, err) < 0
		  : edit_unset(&out->text, text, n, file, path, err) < 0)
		return -1;
	return check_result(out, text, n, file, diags, err);
}

void manifest_edit_release(struct manifest_edit *e)
{
	arena_release(&e->arena);
	buf_release(&e->text);
	*e = (struct manifest_edit){ 0 };
}
