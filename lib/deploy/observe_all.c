/*
 * What is deployed of a project whatever its manifest was then.
 */
#include "aws/service/cloudformation.h"
#include "base/json.h"
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

static struct rendered_stack *append(struct rendering *all, struct arena *arena,
				     const char *prefix, const char *name)
{
	struct rendered_stack *stacks = arena_array(arena, all->nstacks + 1,
						    sizeof(*stacks));
	struct rendered_stack *s = &stacks[all->nstacks];

	memcpy(stacks, all->stacks, all->nstacks * sizeof(*stacks));
	s->name = name;
	s->stack_name = arena_printf(arena, "%s-%s", prefix, name);
	all->stacks = stacks;
	all->nstacks++;
	return s;
}

/* Behind the last one, and waiting for whatever that waits for. */
static void append_s3(struct rendering *all, struct arena *arena, size_t last,
		      const char *prefix)
{
	size_t number = spread_number(all->stacks[last].name) + 1;
	struct rendered_stack *s = append(all, arena, prefix, spread_name(arena, number));

	s->needs = all->stacks[last].needs;
	s->nneeds = all->stacks[last].nneeds;
}

/* One more stack of `all`, the last. */
static int observe_last(struct live *live, const struct rendering *all,
			const struct deploy_context *d, struct fp_error *err)
{
	struct rendering one = { .stacks = &all->stacks[all->nstacks - 1], .nstacks = 1 };
	struct deploy_context of_one = *d;
	struct live seen = { 0 };

	of_one.rendering = &one;
	if (deploy_observe(&seen, &of_one, err) < 0)
		return -1;
	live->v = xrealloc(live->v, (live->n + 1) * sizeof(*live->v));
	live->v[live->n++] = seen.v[0];
	free(seen.v);
	return 0;
}

static bool is_known(const struct rendering *all, const char *stack)
{
	for (size_t i = 0; i < all->nstacks; i++)
		if (str_eq(all->stacks[i].stack_name, stack))
			return true;
	return false;
}

static const char *tag_of(const cJSON *stack, const char *key)
{
	json_each (tag, json_get(stack, "Tags"))
		if (str_eq(json_str(tag, "Key", ""), key))
			return json_str(tag, "Value", "");
	return NULL;
}

/* One of the environment that no name leads to: of the manifest's `stacks`, which it
 * had once. A stack within another one bears that one's tags. */
static bool is_forgotten(const cJSON *stack, const struct rendering *all,
			 const struct manifest *m, const char *prefix)
{
	const char *name = json_str(stack, "StackName", "");
	size_t n = strlen(prefix);

	return str_starts(name, prefix) && name[n] == '-' && name[n + 1] &&
	       !json_get(stack, "ParentId") && !is_known(all, name) &&
	       str_eq(tag_of(stack, NAMING_PROJECT_TAG), m->project) &&
	       str_eq(tag_of(stack, NAMING_ENVIRONMENT_TAG), m->environment);
}

/* Each may need all of the others, and none of them needs it. */
static void append_forgotten(struct rendering *all, struct arena *arena,
			     const char *prefix, const char *stack)
{
	const char *name = arena_strdup(arena, stack + strlen(prefix) + 1);
	struct rendered_stack *s = append(all, arena, prefix, name);

	s->needs = arena_array(arena, all->nstacks, sizeof(*s->needs));
	for (size_t i = 0; i + 1 < all->nstacks; i++)
		s->needs[s->nneeds++] = all->stacks[i].name;
}

static int observe_forgotten(struct live *live, struct rendering *all,
			     struct arena *arena, const char *prefix,
			     const struct deploy_context *d, struct fp_error *err)
{
	FP_AUTO(json_freep) cJSON *stacks = NULL;
	struct fp_error why = { 0 };

	if (cloudformation_stacks(d->aws, &stacks, &why) < 0) {
		/* Who may see only what he knows by name goes on with that. */
		if (why.http_status == 403)
			return 0;
		if (err)
			*err = why;
		return fp_wrap(err, "cannot list the stacks");
	}
	json_each (s, stacks) {
		if (!is_forgotten(s, all, d->manifest, prefix))
			continue;
		append_forgotten(all, arena, prefix, json_str(s, "StackName", ""));
		if (observe_last(live, all, d, err) < 0)
			return -1;
	}
	return 0;
}

static int observe_rest(struct live *live, struct rendering *all, struct arena *arena,
			const char *prefix, const struct deploy_context *d,
			struct fp_error *err)
{
	size_t last;

	while ((last = last_of_s3(all)) != SIZE_MAX && live->v[last].exists) {
		append_s3(all, arena, last, prefix);
		if (observe_last(live, all, d, err) < 0)
			return -1;
	}
	return observe_forgotten(live, all, arena, prefix, d, err);
}

int deploy_observe_all(struct live *out, struct rendering *all, struct arena *arena,
		       struct spread *where, const struct deploy_context *d,
		       struct fp_error *err)
{
	const struct manifest *m = d->manifest;
	const char *prefix = naming_prefix(arena, m->project, m->environment);
	struct deploy_context of_all = *d;

	*all = rendering_with_empty(arena, d->rendering);
	of_all.rendering = all;
	if (deploy_observe(out, &of_all, err) < 0)
		return -1;
	if (observe_rest(out, all, arena, prefix, d, err) < 0) {
		live_release(out);
		return -1;
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
