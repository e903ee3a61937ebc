#include "manifest/environment.h"

#include "base/str.h"
#include "manifest/checker.h"
#include "manifest/rules.h"

/* The schema refuses more: those are not looked at one by one. */
#define ENVIRONMENTS_MAX ((size_t)40)

static void place_of(struct buf *out, const struct diag *d)
{
	buf_printf(out, "%d:%d", d->pos.line, d->pos.column);
}

void findings_init(struct findings *f, struct diags *diags, size_t first)
{
	*f = (struct findings){ .out = diags, .places = MAP_INIT, .said = MAP_INIT };
	for (size_t i = first; i < diags->n; i++) {
		FP_AUTO(buf_release) struct buf place = BUF_INIT;

		place_of(&place, &diags->v[i]);
		map_put(&f->places, buf_str(&place), f);
	}
}

void findings_release(struct findings *f)
{
	map_release(&f->places, NULL);
	map_release(&f->said, NULL);
	free(f->v);
}

static void say(struct findings *f, const struct diag *d, const char *key,
		const struct manifest_environment *e)
{
	uintptr_t known = (uintptr_t)map_get(&f->said, key);

	if (known) {
		f->v[known - 1].count++;
		return;
	}
	if (f->n == f->cap) {
		f->cap = f->cap ? 2 * f->cap : 8;
		f->v = xrealloc(f->v, f->cap * sizeof(*f->v));
	}
	f->v[f->n++] = (struct saying){ f->out->n, 1, e };
	(void)map_put(&f->said, key, (void *)(uintptr_t)f->n);
	diags_add(f->out, d->pos, d->hint, "%s", d->message);
}

static bool is_before(struct fp_pos a, struct fp_pos b)
{
	return a.line != b.line ? a.line < b.line : a.column < b.column;
}

/* Whether the place is in the environment's own part of the document. */
static bool is_own(const struct manifest *m, const struct manifest_environment *e,
		   struct fp_pos pos)
{
	size_t next = (size_t)(e - m->environments) + 1;

	if (is_before(pos, e->pos))
		return false;
	if (next < m->nenvironments)
		return is_before(pos, m->environments[next].pos);
	for (size_t i = 0; i < m->document->map.n; i++) {
		struct fp_pos key = m->document->map.v[i].key->pos;

		if (is_before(e->pos, key) && !is_before(pos, key))
			return false;
	}
	return true;
}

void findings_name(struct findings *f, const struct manifest *m)
{
	for (size_t i = 0; i < f->n; i++) {
		const struct saying *s = &f->v[i];
		struct diag *d = &f->out->v[s->at];

		if (!s->first || s->count >= m->nenvironments ||
		    is_own(m, s->first, d->pos) || strstr(d->message, "environment '"))
			continue;
		d->message = s->count == 1
				     ? arena_printf(&f->out->arena,
						    "%s (in environment '%s')",
						    d->message, s->first->name)
				     : arena_printf(&f->out->arena,
						    "%s (in environment '%s' and %zu "
						    "more)",
						    d->message, s->first->name,
						    s->count - 1);
	}
}

/* Those of a merged document. With `anew`, what the document's own findings said of
 * the same place is not repeated in other words. */
static void take(struct findings *f, const struct diags *found,
		 const struct manifest_environment *e, bool anew)
{
	for (size_t i = 0; i < found->n; i++) {
		const struct diag *d = &found->v[i];
		FP_AUTO(buf_release) struct buf key = BUF_INIT;

		place_of(&key, d);
		if (anew && map_has(&f->places, buf_str(&key)))
			continue;
		buf_printf(&key, ":%s", d->message);
		say(f, d, buf_str(&key), e);
	}
}

void environments_read(struct manifest *m, const struct node *part)
{
	const struct node *all = node_get(part, "environments");

	if (!all)
		return;
	m->nenvironments = FP_MIN(all->map.n, ENVIRONMENTS_MAX);
	m->environments = arena_array(&m->arena, m->nenvironments + 1,
				      sizeof(*m->environments));
	for (size_t i = 0; i < m->nenvironments; i++) {
		struct manifest_environment *e = &m->environments[i];
		const struct node *v = all->map.v[i].value;

		e->name = node_text(all->map.v[i].key);
		e->account = node_text(node_get(v, "account"));
		e->region = node_text(node_get(v, "region"));
		node_as_bool(node_get(v, "protect"), &e->protect);
		e->pos = all->map.v[i].key->pos;
	}
}

const char *environments_known(struct arena *a, const struct manifest *m)
{
	FP_AUTO(buf_release) struct buf b = BUF_INIT;

	if (!m->nenvironments)
		return "define it under 'environments'";
	buf_puts(&b, "known: ");
	for (size_t i = 0; i < m->nenvironments; i++)
		buf_printf(&b, "%s%s", i ? ", " : "", m->environments[i].name);
	return arena_strdup(a, buf_str(&b));
}

static void report_unknown(const struct manifest *m, const char *name,
			   struct diags *diags)
{
	FP_AUTO(arena_release) struct arena a = ARENA_INIT;
	const char **names = arena_array(&a, m->nenvironments + 1, sizeof(*names));
	const char *nearest, *hint = environments_known(&a, m);

	for (size_t i = 0; i < m->nenvironments; i++)
		names[i] = m->environments[i].name;
	nearest = str_nearest(name, names, m->nenvironments);
	if (nearest)
		hint = arena_printf(&a, "did you mean '%s'? %s", nearest, hint);
	diags_add(diags, m->environments[0].pos, hint, "there is no environment %s",
		  shown(&a, name));
}

const struct manifest_environment *environment_find(const struct manifest *m,
						    const char *name, struct diags *diags)
{
	if (!name)
		return m->nenvironments ? &m->environments[0] : NULL;
	for (size_t i = 0; i < m->nenvironments; i++)
		if (str_eq(m->environments[i].name, name))
			return &m->environments[i];
	if (m->nenvironments)
		report_unknown(m, name, diags);
	else
		diags_add(diags, m->document->pos, "leave -e out",
			  "there is no environment '%s': the manifest defines none",
			  name);
	return NULL;
}

/* `map` with `value` for `key`, or without it when NULL. */
static struct node *with(struct arena *a, const struct node *map, const char *key,
			 struct node *value)
{
	struct node *out = node_mapping(a);

	out->pos = map->pos;
	for (size_t i = 0; i < map->map.n; i++)
		if (!node_is(map->map.v[i].key, key))
			node_put_node(a, out, map->map.v[i].key, map->map.v[i].value);
	if (value)
		node_put(a, out, key, value);
	return out;
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
	struct node *processors;

	if (doc->kind != NODE_MAPPING || node_get(given, "default") ||
	    (given && given->kind != NODE_MAPPING && !node_is_null(given)))
		return doc;
	if (!given || given->kind != NODE_MAPPING)
		processors = node_mapping(a);
	else if (given->map.n && !is_used(doc, "default"))
		return doc;
	else
		processors = with(a, given, "default", NULL);
	node_put(a, processors, "default", node_mapping(a));
	return with(a, doc, "processors", processors);
}

static const struct node *as_environment(const struct manifest *m, struct arena *a,
					 const struct manifest_environment *e)
{
	const struct node *doc = m->document, *over;

	if (e) {
		over = node_get(node_get(doc, "environments"), e->name);
		doc = schema_merge(&manifest_schema, a,
				   with(a, doc, "environments", NULL),
				   over && over->kind == NODE_MAPPING ? over : NULL);
	}
	return with_default(a, doc);
}

const struct node *environment_check(const struct manifest *m, struct arena *a,
				     const struct manifest_environment *e,
				     struct findings *f)
{
	FP_AUTO(diags_release) struct diags form = DIAGS_INIT;
	FP_AUTO(diags_release) struct diags rules = DIAGS_INIT;
	const struct node *root;

	root = schema_check(&manifest_schema, a, as_environment(m, a, e), &form);
	take(f, &form, e, true);
	rules_check(m, e, root, a, &rules);
	take(f, &rules, e, false);
	return root;
}
