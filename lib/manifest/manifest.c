#include "manifest/manifest.h"

#include "base/fs.h"
#include "base/str.h"
#include "manifest/checker.h"
#include "manifest/rules.h"
#include "manifest/schema.h"
#include "yaml/load.h"

#define FILE_MAX (4u << 20)

static const char **texts(struct arena *a, const struct node *list, size_t *n)
{
	const char **v = arena_array(a, list->seq.n + 1, sizeof(*v));

	for (*n = 0; *n < list->seq.n; ++*n)
		v[*n] = node_text(list->seq.v[*n]);
	return v;
}

static int64_t number(const struct node *map, const char *name)
{
	int64_t v = 0;

	if (!node_as_int(node_get(map, name), &v))
		fp_die("field '%s' of a checked manifest is no number", name);
	return v;
}

static void read_bucket(struct manifest *m, struct manifest_bucket *b,
			const struct node_pair *p)
{
	b->name = node_text(p->key);
	b->on = texts(&m->arena, node_get(p->value, "on"), &b->non);
	b->prefix = texts(&m->arena, node_get(p->value, "prefix"), &b->nprefix);
	b->suffix = texts(&m->arena, node_get(p->value, "suffix"), &b->nsuffix);
	b->processor = node_text(node_get(p->value, "processor"));
	b->pos = p->key->pos;
}

static void read_processor(struct manifest_processor *it, const struct node_pair *p)
{
	const struct node *environment = node_get(p->value, "environment");

	it->name = node_text(p->key);
	it->source = node_text(node_get(p->value, "source"));
	it->arch = node_text(node_get(p->value, "arch"));
	it->memory_mib = number(p->value, "memory");
	it->timeout_s = number(p->value, "timeout");
	it->environment = environment->map.n ? environment : NULL;
	it->pos = p->key->pos;
}

/* From the normal form, which has no findings against it. */
static void read_root(struct manifest *m)
{
	const struct node *tags = node_get(m->root, "tags");
	const struct node *buckets = node_get(m->root, "buckets");
	const struct node *processors = node_get(m->root, "processors");

	m->project = node_text(node_get(m->root, "project"));
	m->region = node_text(node_get(m->root, "region"));
	m->ntags = tags->map.n;
	m->tags = arena_array(&m->arena, m->ntags + 1, sizeof(*m->tags));
	for (size_t i = 0; i < m->ntags; i++)
		m->tags[i] = (struct manifest_tag){ node_text(tags->map.v[i].key),
						    node_text(tags->map.v[i].value) };
	m->nbuckets = buckets->map.n;
	m->buckets = arena_array(&m->arena, m->nbuckets + 1, sizeof(*m->buckets));
	for (size_t i = 0; i < m->nbuckets; i++)
		read_bucket(m, &m->buckets[i], &buckets->map.v[i]);
	m->nprocessors = processors->map.n;
	m->processors = arena_array(&m->arena, m->nprocessors + 1,
				    sizeof(*m->processors));
	for (size_t i = 0; i < m->nprocessors; i++)
		read_processor(&m->processors[i], &processors->map.v[i]);
	m->notify_email = texts(&m->arena, node_get(m->root, "notify"),
				&m->nnotify_email);
}

/* Whether any bucket goes to `processor`, be it said or by default. */
static bool is_used(const struct node *doc, const char *processor)
{
	const struct node *buckets = node_get(doc, "buckets");

	if (!buckets || buckets->kind != NODE_MAPPING)
		return false;
	for (size_t i = 0; i < buckets->map.n; i++) {
		const struct node *named = node_get(buckets->map.v[i].value, "processor");

		if (!named || node_is(named, processor))
			return true;
	}
	return false;
}

/*
 * The document with `processors.default: {}` when it may be left unsaid: a
 * bucket goes there, or no processor is defined at all.
 */
static const struct node *with_default(struct arena *a, const struct node *doc)
{
	const struct node *given = node_get(doc, "processors");
	struct node *out, *processors;

	if (doc->kind != NODE_MAPPING || node_get(given, "default") ||
	    (given && given->kind != NODE_MAPPING && !node_is_null(given)))
		return doc;
	processors = node_mapping(a);
	if (given && given->kind == NODE_MAPPING) {
		if (given->map.n && !is_used(doc, "default"))
			return doc;
		processors = node_shallow(a, given);
	}
	node_put(a, processors, "default", node_mapping(a));
	out = node_shallow(a, doc);
	node_set(a, out, "processors", processors);
	return out;
}

/* One finding that says more than "must be a map". */
static bool is_empty(const struct node *doc, struct diags *diags)
{
	if (!node_is_null(doc))
		return false;
	diags_add(diags, doc->pos, "the smallest one is 'project: NAME'",
		  "the manifest is empty");
	return true;
}

static int check_document(struct manifest *m, const struct node *doc,
			  const char *environment, struct diags *diags)
{
	if (is_empty(doc, diags))
		return -1;
	if (environment)
		diags_add(diags, doc->pos, "leave -e out",
			  "there is no environment %s: the manifest defines none",
			  shown(&m->arena, environment));
	m->root = schema_check(&manifest_schema, &m->arena, with_default(&m->arena, doc),
			       diags);
	rules_check(m->root, &m->arena, diags);
	return diags->n ? -1 : 0;
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
	if (doc && check_document(m, doc, environment, diags) < 0)
		rc = -1;
	if (rc < 0 || diags->n > before) {
		diags_sort(diags);
		manifest_release(m);
		return -1;
	}
	read_root(m);
	return 0;
}

int manifest_load(struct manifest *m, const char *path, const char *environment,
		  struct diags *diags, char **source, struct fp_error *err)
{
	FP_AUTO(buf_release) struct buf text = BUF_INIT;
	int rc;

	*m = (struct manifest){ 0 };
	*source = NULL;
	if (!fs_exists(path))
		return fp_fail(
			err, FP_ERR_NOT_FOUND,
			"there is no manifest '%s': change to the project's folder, "
			"or name the file with -f",
			path);
	if (fs_read(&text, path, FILE_MAX, err) < 0)
		return fp_wrap(err, "cannot read the manifest");
	rc = manifest_parse(m, buf_str(&text), text.len, path, environment, diags);
	*source = buf_detach(&text);
	return rc;
}

void manifest_release(struct manifest *m)
{
	arena_release(&m->arena);
	*m = (struct manifest){ 0 };
}
