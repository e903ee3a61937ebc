#include "render/render.h"

#include "base/embed.h"
#include "base/str.h"
#include "cfn/eval.h"
#include "cfn/template.h"
#include "render/derive.h"
#include "render/wire.h"
#include "yaml/emit.h"
#include "yaml/load.h"

/* The templates of stacks/, compiled in. */
extern const struct embed embed_stacks[];

/*
 * A bucket has one output, a processor four resources: what CloudFormation's
 * quotas leave for one stack.
 */
#define BUCKETS_MAX    CFN_MAX_OUTPUTS
#define PROCESSORS_MAX (CFN_MAX_RESOURCES / 4)

static void check_counts(const struct manifest *m, struct diags *diags)
{
	if (m->nbuckets > BUCKETS_MAX)
		diags_add(diags, m->buckets[BUCKETS_MAX].pos,
			  "put the others into a project of their own",
			  "there are %zu buckets, and their stack can hold %d "
			  "(CloudFormation allows %d outputs)",
			  m->nbuckets, BUCKETS_MAX, CFN_MAX_OUTPUTS);
	if (m->nprocessors > PROCESSORS_MAX)
		diags_add(diags, m->processors[PROCESSORS_MAX].pos,
			  "put the others into a project of their own",
			  "there are %zu processors, and their stack can hold %d "
			  "(CloudFormation allows %d resources)",
			  m->nprocessors, PROCESSORS_MAX, CFN_MAX_RESOURCES);
}

/* The only name that templates have of what is known now. */
static const struct node *known(void *ctx, const char *name)
{
	return str_eq(name, "manifest") ? ctx : NULL;
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

/* One template to one stack, an empty one when no resource is left of it. */
static void render_stack(struct rendering *r, const struct embed *file,
			 const char *prefix, const struct cfn_scope *scope,
			 struct diags *diags)
{
	struct arena *a = &r->arena;
	const char *path = arena_printf(a, "stacks/%s.yaml", file->name);
	struct rendered_stack s = { .name = file->name };
	struct node *source = NULL, *template = NULL;

	if (node_load(&source, a, (const char *)file->data, file->size, path, NULL,
		      diags) < 0 ||
	    cfn_eval_template(&template, a, source, scope, diags) < 0)
		return;
	s.stack_name = arena_printf(a, "%s-%s", prefix, s.name);
	if (!node_get(template, "Resources")) {
		r->empty[r->nempty++] = s;
		return;
	}
	if (cfn_template_check(template, diags) < 0)
		return;
	s.template = template;
	s.capability = cfn_capability(template);
	emit_body(&s, a, diags);
	r->stacks[r->nstacks++] = s;
}

int render_manifest(struct rendering *out, const struct manifest *m, struct diags *diags)
{
	struct cfn_scope scope = { .ref = known };
	size_t before = diags->n, n = 0;
	const char *prefix;

	*out = (struct rendering){ 0 };
	check_counts(m, diags);
	if (diags->n > before)
		return -1;
	while (embed_stacks[n].name)
		n++;
	out->stacks = arena_array(&out->arena, n + 1, sizeof(*out->stacks));
	out->empty = arena_array(&out->arena, n + 1, sizeof(*out->empty));
	prefix = arena_strdup(&out->arena, derive_prefix(&out->arena, m));
	scope.ctx = derive_manifest(&out->arena, m);
	for (size_t i = 0; i < n; i++)
		render_stack(out, &embed_stacks[i], prefix, &scope, diags);
	if (diags->n == before)
		wire_stacks(out, m, diags);
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
