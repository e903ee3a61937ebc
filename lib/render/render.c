#include "render/render.h"

#include "base/embed.h"
#include "base/str.h"
#include "cfn/eval.h"
#include "cfn/template.h"
#include "render/derive.h"
#include "render/internal.h"
#include "render/policies.h"
#include "render/wire.h"
#include "yaml/emit.h"
#include "yaml/load.h"

/* The templates of stacks/, compiled in. */
extern const struct embed embed_stacks[];
extern const struct embed_nodes embed_templates[];

#define BUCKETS	   "s3"
#define PROCESSORS "lambda"
#define PIPELINE   "pipeline"

const char *render_builtin_name(size_t i)
{
	return embed_stacks[i].name;
}

const char *render_builtin(const char *name, size_t *n)
{
	for (const struct embed *e = embed_stacks; e->name; e++) {
		if (str_eq(e->name, name)) {
			*n = e->size;
			return (const char *)e->data;
		}
	}
	return NULL;
}

/* The only name that templates have of what is known now. */
static const struct node *known(void *ctx, const char *name)
{
	return str_eq(name, "manifest") ? ctx : NULL;
}

static const struct render_source *find_source(const struct render_input *in,
					       const char *name)
{
	const char *environment = in->manifest->environment;

	for (size_t i = 0; i < in->nsources; i++) {
		const struct render_source *s = &in->sources[i];

		if (str_eq(s->name, name) &&
		    (!s->environment ||
		     (environment && str_eq(s->environment, environment))))
			return s;
	}
	return NULL;
}

static const struct node *builtin_tree(const char *name)
{
	for (const struct embed_nodes *e = embed_templates; e->name; e++)
		if (str_eq(e->name, name))
			return e->root;
	return NULL;
}

/* The parsed template: the project's own, else the built-in one. NULL after a finding,
 * or when there is none. */
static const struct node *load(struct arena *a, const struct render_input *in,
			       const char *name, struct diags *diags)
{
	const struct render_source *own = find_source(in, name);
	struct node *tree = NULL;

	if (!own)
		return builtin_tree(name);
	if (!own->text || node_load(&tree, a, own->text, own->n,
				    arena_strdup(a, own->path), NULL, diags) < 0)
		return NULL;
	return tree;
}

static void emit_body(struct rendered_stack *s, struct arena *a, struct diags *diags)
{
	FP_AUTO(buf_release) struct buf body = BUF_INIT;

	node_emit_yaml(&body, s->template);
	s->body = arena_strndup(a, buf_str(&body), body.len);
	s->body_len = body.len;
	if (s->body_len > CFN_MAX_URL_BODY)
		diags_add(diags, s->template->pos, NULL,
			  "template '%s' has %zu bytes; CloudFormation allows %d",
			  s->name, s->body_len, CFN_MAX_URL_BODY);
}

static size_t count(const struct node *template, const char *section)
{
	const struct node *map = node_get(template, section);

	return map && map->kind == NODE_MAPPING ? map->map.n : 0;
}

static void push(struct arena *a, struct rendered_stack **v, size_t *n,
		 const struct rendered_stack *s)
{
	/* The array is full at 0 and at each power of two. */
	if ((*n & (*n - 1)) == 0) {
		struct rendered_stack *more = arena_array(a, 2 * *n + 1, sizeof(*more));

		if (*n)
			memcpy(more, *v, *n * sizeof(*more));
		*v = more;
	}
	(*v)[(*n)++] = *s;
}

void render_nothing(struct rendering *r, const char *name, const char *stack_name)
{
	const struct rendered_stack s = { .name = name, .stack_name = stack_name };

	push(&r->arena, &r->empty, &r->nempty, &s);
}

/* Their stack cannot be spread: it is the manifest that has too many. */
static void too_many_processors(const struct manifest *m, size_t resources,
				struct diags *diags)
{
	diags_add(diags, m->processors[m->nprocessors - 1].pos,
		  "put some into a project of their own",
		  "the %zu processors have %zu resources, and their stack can hold %d",
		  m->nprocessors, resources, CFN_MAX_RESOURCES);
}

/* One template to one stack, an empty one when no resource is left of it. */
static void render_tree(struct rendering *r, const struct render_input *in,
			const struct node *tree, const char *name, const char *stack_name,
			const struct node *manifest, struct diags *diags)
{
	const struct cfn_scope scope = { .ref = known, .ctx = (void *)manifest };
	struct rendered_stack s = { .name = name, .stack_name = stack_name };
	struct node *template = NULL;

	if (cfn_eval_template(&template, &r->arena, tree, &scope, diags) < 0)
		return;
	if (!count(template, "Resources")) {
		render_nothing(r, name, stack_name);
		return;
	}
	if (str_eq(name, PROCESSORS) &&
	    count(template, "Resources") > CFN_MAX_RESOURCES) {
		too_many_processors(in->manifest, count(template, "Resources"), diags);
		return;
	}
	if (str_eq(name, PROCESSORS))
		policies_check(template, in->manifest, diags);
	if (cfn_template_check(template, diags) < 0)
		return;
	s.template = template;
	s.capability = cfn_capability(template);
	emit_body(&s, &r->arena, diags);
	push(&r->arena, &r->stacks, &r->nstacks, &s);
}

void render_template(struct rendering *r, const struct render_input *in, const char *name,
		     const char *stack_name, const struct node *manifest,
		     struct diags *diags)
{
	const struct node *tree = load(&r->arena, in, name, diags);

	if (tree)
		render_tree(r, in, tree, arena_strdup(&r->arena, name), stack_name,
			    manifest, diags);
}

/* The manifest as templates read it, but of its buckets only these. */
static const struct node *with_buckets(struct arena *a, const struct node *manifest,
				       struct node *buckets)
{
	struct node *out = node_mapping(a);

	for (size_t i = 0; i < manifest->map.n; i++) {
		const struct node_pair *p = &manifest->map.v[i];

		node_put_node(a, out, p->key,
			      node_is(p->key, "buckets") ? buckets : p->value);
	}
	return out;
}

/*
 * What a bucket takes of resources and outputs with the project's own template: what it
 * gives for the first bucket alone.
 */
static void weigh_by_template(struct spread_weight *w, const struct node *tree,
			      const struct node *manifest)
{
	FP_AUTO(arena_release) struct arena a = ARENA_INIT;
	FP_AUTO(diags_release) struct diags ignored = DIAGS_INIT;
	struct node *one = node_sequence(&a), *template;
	struct cfn_scope scope = { .ref = known };

	node_push(&a, one, node_get(manifest, "buckets")->seq.v[0]);
	scope.ctx = (void *)with_buckets(&a, manifest, one);
	if (cfn_eval_template(&template, &a, tree, &scope, &ignored) < 0)
		return;
	w->resources = count(template, "Resources");
	w->outputs = count(template, "Outputs");
}

/* How many stacks the buckets lie in, and numbers[i] is bucket i's. */
static size_t place(size_t *numbers, const struct render_input *in, const char *prefix,
		    const struct node *tree, const struct node *manifest)
{
	const struct manifest *m = in->manifest;
	FP_AUTO(freep) struct spread_weight *w = xcalloc(m->nbuckets + 1, sizeof(*w));
	struct spread_weight own = { 0 };

	if (find_source(in, BUCKETS) && m->nbuckets)
		weigh_by_template(&own, tree, manifest);
	for (size_t i = 0; i < m->nbuckets; i++) {
		w[i] = spread_weigh(&m->buckets[i], prefix);
		w[i].resources = FP_MAX(w[i].resources, own.resources);
		w[i].outputs = FP_MAX(w[i].outputs, own.outputs);
	}
	return spread_buckets(numbers, m, prefix, in->placed, w);
}

/* The buckets' stacks; behind the last one an empty one that there may be yet. */
static void render_buckets(struct rendering *r, const struct render_input *in,
			   const struct node *manifest, struct diags *diags)
{
	const struct manifest *m = in->manifest;
	const struct node *all = node_get(manifest, "buckets");
	const struct node *tree = load(&r->arena, in, BUCKETS, diags);
	const char *prefix = derive_prefix(&r->arena, m);
	FP_AUTO(freep) size_t *numbers = xcalloc(m->nbuckets + 1, sizeof(*numbers));
	FP_AUTO(freep) struct node **parts = NULL;
	size_t n;

	if (!tree)
		return;
	n = place(numbers, in, prefix, tree, manifest);
	n = FP_MAX(n, spread_highest(in->placed, prefix)) + 1;
	parts = xcalloc(n, sizeof(struct node *));
	for (size_t k = 0; k < n; k++)
		parts[k] = node_sequence(&r->arena);
	for (size_t i = 0; i < m->nbuckets; i++) {
		node_push(&r->arena, parts[numbers[i] - 1], all->seq.v[i]);
		spread_put(&r->spread, prefix, m->buckets[i].name, numbers[i]);
	}
	for (size_t k = 0; k < n; k++) {
		const char *name = spread_name(&r->arena, k + 1);

		render_tree(r, in, tree, name,
			    arena_printf(&r->arena, "%s-%s", prefix, name),
			    with_buckets(&r->arena, manifest, parts[k]), diags);
	}
}

static void render_own(struct rendering *r, const struct render_input *in,
		       const struct manifest_stack *own, const char *prefix,
		       const struct node *manifest, struct diags *diags)
{
	const struct render_source *source = find_source(in, own->name);

	if (source && !source->text)
		return;
	if (!source) {
		diags_add(diags, own->pos, NULL, "the template of stack '%s' is missing",
			  own->name);
		return;
	}
	render_template(r, in, own->name,
			arena_printf(&r->arena, "%s-%s", prefix, own->name), manifest,
			diags);
}

int render_stacks(struct rendering *out, const struct render_input *in,
		  struct diags *diags)
{
	const struct manifest *m = in->manifest;
	size_t before = diags->n;
	const struct node *manifest;
	const char *prefix;

	*out = (struct rendering){ 0 };
	prefix = derive_prefix(&out->arena, m);
	manifest = derive_manifest(&out->arena, m);
	for (const struct embed *e = embed_stacks; e->name; e++) {
		if (str_eq(e->name, BUCKETS))
			render_buckets(out, in, manifest, diags);
		else if (!str_eq(e->name, PIPELINE))
			render_template(
				out, in, e->name,
				arena_printf(&out->arena, "%s-%s", prefix, e->name),
				manifest, diags);
	}
	for (size_t i = 0; i < m->nstacks; i++)
		render_own(out, in, &m->stacks[i], prefix, manifest, diags);
	if (diags->n == before)
		wire_stacks(out, m, diags);
	if (diags->n == before)
		return 0;
	rendering_release(out);
	return -1;
}

int render_manifest(struct rendering *out, const struct render_input *in,
		    struct diags *diags)
{
	size_t before = diags->n;

	if (render_stacks(out, in, diags) == 0 && manifest_is_first(in->manifest)) {
		pipeline_render(out, in, diags);
		if (diags->n == before)
			wire_stacks(out, in->manifest, diags);
	}
	if (diags->n == before)
		return 0;
	diags_sort(diags);
	rendering_release(out);
	return -1;
}

struct rendering rendering_with_empty(struct arena *arena, const struct rendering *r)
{
	struct rendering all = { .arena = ARENA_INIT };

	all.stacks = arena_array(arena, r->nstacks + r->nempty + 1, sizeof(*all.stacks));
	for (size_t i = 0; i < r->nstacks; i++)
		all.stacks[all.nstacks++] = r->stacks[i];
	for (size_t i = 0; i < r->nempty; i++) {
		struct rendered_stack *s = &all.stacks[all.nstacks];

		*s = r->empty[i];
		s->needs = arena_array(arena, all.nstacks + 1, sizeof(*s->needs));
		for (size_t k = 0; k < all.nstacks; k++)
			s->needs[s->nneeds++] = all.stacks[k].name;
		all.nstacks++;
	}
	return all;
}

void rendering_release(struct rendering *r)
{
	spread_release(&r->spread);
	arena_release(&r->arena);
	*r = (struct rendering){ 0 };
}

const struct rendered_stack *rendering_find(const struct rendering *r, const char *name)
{
	for (size_t i = 0; i < r->nstacks; i++)
		if (str_eq(r->stacks[i].name, name))
			return &r->stacks[i];
	return NULL;
}
