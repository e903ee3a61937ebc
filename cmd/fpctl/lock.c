#include "lock.h"

#include "base/fs.h"
#include "manifest/naming.h"
#include "yaml/emit.h"
#include "yaml/load.h"

#define LOCK_FILE "fpctl.lock"
#define LOCK_MAX  (4u << 20)
#define HEAD                                                                       \
	"# Which stack each bucket lies in: fpctl writes this, and a bucket must " \
	"not move.\n# Keep it under version control.\n"

static char *lock_path(const struct manifest *m)
{
	return app_beside(m, LOCK_FILE);
}

/* "invoices-dev" and 2 of "invoices-dev-s3-2"; 0 when it is no stack of buckets. */
static size_t split_name(const char *stack, char **prefix)
{
	const char *end = stack + strlen(stack);

	for (const char *p = end; p > stack; p--) {
		size_t number = p[-1] == '-' ? spread_number(p) : 0;

		if (!number)
			continue;
		*prefix = xasprintf("%.*s", (int)(p - 1 - stack), stack);
		return number;
	}
	return 0;
}

struct reading {
	struct spread *out;
	struct map seen; /* "PREFIX:BUCKET" -> its stack's name */
	struct diags *diags;
};

static void read_bucket(struct reading *r, const char *stack, const char *prefix,
			size_t number, const struct node *item)
{
	const char *name = node_text(item), *first;
	FP_AUTO(freep) char *key = NULL;

	if (!name || !*name) {
		diags_add(r->diags, item->pos, NULL,
			  "a bucket's name is wanted here, not a %s",
			  node_kind_name(item));
		return;
	}
	key = xasprintf("%s:%s", prefix, name);
	first = map_get(&r->seen, key);
	if (first)
		diags_add(r->diags, item->pos,
			  "leave it where it is deployed, and delete the other line",
			  "bucket '%s' is in stack '%s' too", name, first);
	(void)map_put(&r->seen, key, (void *)(uintptr_t)stack);
	spread_put(r->out, prefix, name, number);
}

static void read_stack(struct reading *r, const struct node_pair *p)
{
	FP_AUTO(freep) char *prefix = NULL;
	const char *stack = node_text(p->key);
	size_t number = split_name(stack, &prefix);

	if (!number || p->value->kind != NODE_SEQUENCE) {
		diags_add(r->diags, p->key->pos,
			  "write `PREFIX-s3:` or `PREFIX-s3-2:` and a list of buckets",
			  number ? "stack '%s' has no list of buckets"
				 : "'%s' is no stack of buckets",
			  stack);
		return;
	}
	spread_put(r->out, prefix, "", number);
	for (size_t i = 0; i < p->value->seq.n; i++)
		read_bucket(r, stack, prefix, number, p->value->seq.v[i]);
}

/* NULL without a finding or an error: there is no file, or nothing is in it. */
static struct node *load(struct arena *a, const char *path, struct buf *text,
			 struct diags *diags, struct fp_error *err)
{
	struct node *root = NULL;

	if (!fs_exists(path) || fs_read(text, path, LOCK_MAX, err) < 0 ||
	    node_load(&root, a, buf_str(text), text->len, path, NULL, diags) < 0 ||
	    node_is_null(root))
		return NULL;
	if (root->kind == NODE_MAPPING)
		return root;
	diags_add(diags, root->pos, NULL, "stacks are wanted here, not a %s",
		  node_kind_name(root));
	return NULL;
}

int lock_read(struct spread *out, const struct manifest *m, struct diags *diags,
	      struct fp_error *err)
{
	FP_AUTO(arena_release) struct arena a = ARENA_INIT;
	FP_AUTO(buf_release) struct buf text = BUF_INIT;
	FP_AUTO(freep) char *path = lock_path(m);
	struct reading r = { .out = out, .diags = diags };
	struct fp_error why = { 0 };
	size_t before = diags->n;
	struct node *root = load(&a, path, &text, diags, &why);

	for (size_t i = 0; root && i < root->map.n; i++)
		read_stack(&r, &root->map.v[i]);
	map_release(&r.seen, NULL);
	if (why.message[0]) {
		*err = why;
		return -1;
	}
	return diags->n == before ? 0 : -1;
}

struct entry {
	const char *stack;
	char *prefix;
	size_t number;
	struct strs buckets;
};

static int by_stack(const void *a, const void *b)
{
	const struct entry *x = a, *y = b;
	int c = strcmp(x->prefix, y->prefix);

	return c ? c : (x->number > y->number) - (x->number < y->number);
}

/* What the file says of the other environments' stacks. */
static size_t keep_others(struct entry *v, const struct node *root, const char *prefix)
{
	size_t n = 0;

	for (size_t i = 0; root && i < root->map.n; i++) {
		const struct node_pair *p = &root->map.v[i];
		struct entry *e = &v[n];

		*e = (struct entry){ .stack = node_text(p->key) };
		e->number = split_name(e->stack, &e->prefix);
		if (!e->number || p->value->kind != NODE_SEQUENCE ||
		    str_eq(e->prefix, prefix)) {
			free(e->prefix);
			continue;
		}
		for (size_t k = 0; k < p->value->seq.n; k++)
			strs_add(&e->buckets, node_text(p->value->seq.v[k]));
		n++;
	}
	return n;
}

static size_t add_own(struct entry *v, size_t n, struct arena *a,
		      const struct manifest *m, const struct rendering *r,
		      const char *prefix)
{
	size_t highest = spread_highest(&r->spread, prefix);

	for (size_t k = 0; k < highest; k++)
		v[n + k] = (struct entry){
			.stack = arena_printf(a, "%s-%s", prefix, spread_name(a, k + 1)),
			.prefix = xstrdup(prefix),
			.number = k + 1,
		};
	for (size_t i = 0; i < m->nbuckets; i++) {
		const char *name = m->buckets[i].name;

		strs_add(&v[n + spread_get(&r->spread, prefix, name) - 1].buckets, name);
	}
	return n + highest;
}

static void format(struct buf *out, struct arena *a, struct entry *v, size_t n)
{
	struct node *root = node_mapping(a);

	if (n)
		qsort(v, n, sizeof(*v), by_stack);
	for (size_t i = 0; i < n; i++) {
		struct node *list = node_sequence(a);

		strs_sort(&v[i].buckets);
		for (size_t k = 0; k < v[i].buckets.n; k++)
			node_push(a, list, node_string(a, v[i].buckets.v[k]));
		if (list->seq.n)
			node_put(a, root, v[i].stack, list);
		strs_release(&v[i].buckets);
		free(v[i].prefix);
	}
	buf_puts(out, HEAD);
	node_emit_yaml(out, root);
}

bool lock_wanted(const struct manifest *m)
{
	FP_AUTO(freep) char *path = lock_path(m);

	return m->nbuckets > LOCK_BUCKETS || fs_exists(path);
}

int lock_write(const struct manifest *m, const struct rendering *r, struct fp_error *err)
{
	FP_AUTO(arena_release) struct arena a = ARENA_INIT;
	FP_AUTO(diags_release) struct diags ignored = DIAGS_INIT;
	FP_AUTO(buf_release) struct buf old = BUF_INIT;
	FP_AUTO(buf_release) struct buf text = BUF_INIT;
	FP_AUTO(freep) char *path = lock_path(m);
	FP_AUTO(freep) struct entry *v = NULL;
	const char *prefix = naming_prefix(&a, m->project, m->environment);
	struct fp_error why = { 0 };
	struct node *root;
	size_t n;

	if (!lock_wanted(m))
		return 0;
	root = load(&a, path, &old, &ignored, &why);
	n = (root ? root->map.n : 0) + spread_highest(&r->spread, prefix) + 1;
	v = xcalloc(n, sizeof(*v));
	n = keep_others(v, root, prefix);
	n = add_own(v, n, &a, m, r, prefix);
	format(&text, &a, v, n);
	if (old.len == text.len && memcmp(buf_str(&old), buf_str(&text), old.len) == 0)
		return 0;
	return fs_write_atomic(path, text.data, text.len, 0644, err);
}
