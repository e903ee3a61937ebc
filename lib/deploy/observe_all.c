/*
 * What is deployed of a project whatever its manifest was then.
 */
#include "aws/service/cloudformation.h"
#include "base/str.h"
#include "deploy/internal.h"
#include "manifest/naming.h"
#include "plan/placement.h"

/* The s3 stack with the highest number, by index; SIZE_MAX: there is none. */
static size_t last_of_s3(const struct rendering *r)
{
	size_t last = SIZE_MAX;

	for (size_t i = 0; i < r->nstacks; i++)
		if (spread_number(r->stacks[i].name) &&
		    (last == SIZE_MAX || spread_number(r->stacks[i].name) >
						 spread_number(r->stacks[last].name)))
			last = i;
	return last;
}

/* Behind the last one, and waiting for whatever that waits for. */
static void append_s3(struct rendering *all, struct arena *arena, size_t last,
		      const char *prefix)
{
	const struct rendered_stack *before = &all->stacks[last];
	struct rendered_stack *stacks = arena_array(arena, all->nstacks + 1,
						    sizeof(*stacks));
	struct rendered_stack *s = &stacks[all->nstacks];

	memcpy(stacks, all->stacks, all->nstacks * sizeof(*stacks));
	s->name = spread_name(arena, spread_number(before->name) + 1);
	s->stack_name = arena_printf(arena, "%s-%s", prefix, s->name);
	s->needs = before->needs;
	s->nneeds = before->nneeds;
	all->stacks = stacks;
	all->nstacks++;
}

/* One more stack of `all`, the last. */
static int observe_last(struct live *live, const struct rendering *all,
			const struct deploy_context *d, struct fp_error *err)
{
	struct rendering one = { .stacks = &all->stacks[all->nstacks - 1], .nstacks = 1 };
	struct deploy_context of_one = *d;
	struct live seen;

	of_one.rendering = &one;
	if (deploy_observe(&seen, &of_one, err) < 0)
		return -1;
	live->v = xrealloc(live->v, (live->n + 1) * sizeof(*live->v));
	live->v[live->n++] = seen.v[0];
	free(seen.v);
	return 0;
}

int deploy_observe_all(struct live *out, struct rendering *all, struct arena *arena,
		       struct spread *where, const struct deploy_context *d,
		       struct fp_error *err)
{
	const struct manifest *m = d->manifest;
	const char *prefix = naming_prefix(arena, m->project, m->environment);
	struct deploy_context of_all = *d;
	size_t last;

	*all = rendering_with_empty(arena, d->rendering);
	of_all.rendering = all;
	if (deploy_observe(out, &of_all, err) < 0)
		return -1;
	while ((last = last_of_s3(all)) != SIZE_MAX && out->v[last].exists) {
		append_s3(all, arena, last, prefix);
		if (observe_last(out, all, d, err) < 0) {
			live_release(out);
			return -1;
		}
	}
	for (size_t i = 0; where && i < all->nstacks; i++)
		plan_read_placement(where, prefix, all->stacks[i].name, &out->v[i]);
	return 0;
}

int deploy_unprotect(const struct deploy_context *d, const struct live_stack *live,
		     struct fp_error *err)
{
	return cloudformation_protect(d->aws, live->stack_id, false, err);
}
