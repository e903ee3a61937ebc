#include "manifest/manifest.h"

#include "base/fs.h"
#include "base/str.h"
#include "manifest/environment.h"
#include "manifest/read.h"
#include "manifest/schema.h"
#include "yaml/load.h"

#define FILE_MAX (4u << 20)

/* One finding that says more than "must be a map". */
static bool is_empty(const struct node *doc, struct diags *diags)
{
	if (!node_is_null(doc))
		return false;
	diags_add(diags, doc->pos, "the smallest one is 'project: NAME'",
		  "the manifest is empty");
	return true;
}

static bool has_environments(const struct node *doc)
{
	const struct node *all = node_get(doc, "environments");

	return all && all->kind == NODE_MAPPING && all->map.n;
}

static void become(struct manifest *m, const struct node *root,
		   const struct manifest_environment *e)
{
	m->root = root;
	m->environment = e ? e->name : NULL;
	m->account = e ? e->account : NULL;
	m->protect = e && e->protect;
	manifest_read(m);
}

/* All environments but `done`: what is wrong with them comes out in the same run. */
static void check_others(const struct manifest *m,
			 const struct manifest_environment *done, struct findings *f)
{
	for (size_t i = 0; i < m->nenvironments; i++) {
		const struct manifest_environment *e = &m->environments[i];
		FP_AUTO(arena_release) struct arena a = ARENA_INIT;

		if (e != done)
			environment_check(m, &a, e, f);
	}
}

static void check_document(struct manifest *m, const char *environment,
			   struct diags *diags)
{
	size_t before = diags->n;
	const struct manifest_environment *e;
	struct findings f;
	const struct node *root;

	if (is_empty(m->document, diags))
		return;
	if (has_environments(m->document))
		environments_read(m, schema_check_part(&manifest_schema, &m->arena,
						       m->document, diags));
	findings_init(&f, diags, before);
	e = environment_find(m, environment, diags);
	if (!e && m->nenvironments)
		e = &m->environments[0];
	root = environment_check(m, &m->arena, e, &f);
	if (diags->n > before)
		check_others(m, e, &f);
	else
		become(m, root, e);
	findings_name(&f, m);
	findings_release(&f);
}

int manifest_parse(struct manifest *m, const char *text, size_t n, const char *path,
		   const char *environment, struct diags *diags)
{
	FP_AUTO(freep) char *folder = fs_dirname(path);
	struct node *doc = NULL;
	size_t before = diags->n;
	int rc;

	*m = (struct manifest){ 0 };
	m->path = arena_strdup(&m->arena, path);
	m->folder = arena_strdup(&m->arena, folder);
	/* Duplicate keys leave a document to check further. */
	rc = node_load(&doc, &m->arena, text, n, path, NULL, diags);
	m->document = doc;
	if (doc)
		check_document(m, environment, diags);
	if (rc < 0 || diags->n > before) {
		diags_sort(diags);
		manifest_release(m);
		return -1;
	}
	return 0;
}

int manifest_select(struct manifest *out, const struct manifest *m,
		    const char *environment, struct diags *diags)
{
	size_t before = diags->n;
	const struct manifest_environment *e;
	struct findings f;
	const struct node *root;

	*out = (struct manifest){
		.path = m->path,
		.folder = m->folder,
		.document = m->document,
		.environments = m->environments,
		.nenvironments = m->nenvironments,
	};
	e = environment_find(out, environment, diags);
	if (diags->n > before)
		return -1;
	findings_init(&f, diags, before);
	root = environment_check(out, &out->arena, e, &f);
	findings_release(&f);
	if (diags->n > before) {
		diags_sort(diags);
		manifest_release(out);
		return -1;
	}
	become(out, root, e);
	return 0;
}

int manifest_check_all(const struct manifest *m, struct diags *diags)
{
	size_t before = diags->n;
	struct findings f;

	findings_init(&f, diags, before);
	check_others(m,
		     m->nenvironments ? environment_find(m, m->environment, diags) : NULL,
		     &f);
	findings_name(&f, m);
	findings_release(&f);
	diags_sort(diags);
	return diags->n > before ? -1 : 0;
}

int manifest_missing(const char *path, struct fp_error *err)
{
	return fp_fail(err, FP_ERR_NOT_FOUND,
		       "there is no manifest '%s'; `fpctl init` writes one, -f FILE "
		       "names another",
		       path);
}

int manifest_load(struct manifest *m, const char *path, const char *environment,
		  struct diags *diags, char **source, struct fp_error *err)
{
	FP_AUTO(buf_release) struct buf text = BUF_INIT;
	int rc;

	*m = (struct manifest){ 0 };
	*source = NULL;
	if (!fs_exists(path))
		return manifest_missing(path, err);
	if (fs_read(&text, path, FILE_MAX, err) < 0)
		return fp_wrap(err, "cannot read the manifest");
	rc = manifest_parse(m, buf_str(&text), text.len, path, environment, diags);
	*source = buf_detach(&text);
	return rc;
}

bool manifest_is_first(const struct manifest *m)
{
	return !m->environment || !m->nenvironments ||
	       str_eq(m->environment, m->environments[0].name);
}

void manifest_release(struct manifest *m)
{
	arena_release(&m->arena);
	*m = (struct manifest){ 0 };
}
