#include "base/str.h"
#include "manifest/checker.h"
#include "manifest/environment.h"
#include "manifest/naming.h"
#include "manifest/rules.h"

/* PREFIX-artifacts-ACCOUNT-REGION must be a bucket's name, too. */
static void check_prefix(const struct rules *r)
{
	const struct node *project = node_get(r->root, "project");
	const char *region = node_text(node_get(r->root, "region")), *hint;
	const char *problem = r->prefix ? naming_too_long(r->arena, r->prefix,
							  NAMING_ARTIFACTS, region, &hint)
					: NULL;

	if (problem && r->environment)
		diags_add(r->diags, r->environment->pos,
			  arena_printf(r->arena, "%s, or the project's name", hint),
			  "environment '%s': the bucket for the processors' code: %s",
			  r->environment->name, problem);
	else if (problem)
		diags_add(r->diags, project->pos, hint,
			  "project '%s': the bucket for the processors' code: %s",
			  node_text(project), problem);
}

/* Whether `other` may be in this environment's account and region. */
static bool may_meet(const struct rules *r, const struct manifest_environment *other)
{
	const char *account = r->environment->account;
	const char *region = node_text(node_get(r->root, "region"));
	const char *its = str_or(other->region,
				 node_text(node_get(r->manifest->document, "region")));

	return (!account || !other->account || str_eq(account, other->account)) &&
	       (!region || !its || str_eq(region, its));
}

/* Whether the environment `e` has the item `name` of the map `kind`. */
static bool has_item(const struct rules *r, const struct manifest_environment *e,
		     const char *kind, const char *name)
{
	const struct node *doc = r->manifest->document;
	const struct node *over = node_get(node_get(doc, "environments"), e->name);

	if (str_eq(kind, "processors") && str_eq(name, "default"))
		return true;
	if (str_eq(kind, "stacks") && rules_is_own_stack(name))
		return true;
	return node_get(node_get(doc, kind), name) ||
	       node_get(node_get(over, kind), name);
}

static const struct {
	const char *map, *what;
} kinds[] = {
	{ "buckets", "bucket" },
	{ "processors", "processor" },
	{ "notify", "topic" },
	{ "stacks", "stack" },
};

/* In `dev` the bucket `eu-in` has the name of `in` in the environment `dev-eu`. */
static void check_meeting(const struct rules *r, const struct manifest_environment *other,
			  const char *rest)
{
	for (size_t k = 0; k < ARRAY_SIZE(kinds); k++) {
		const struct node *map = node_get(r->root, kinds[k].map);

		for (size_t i = 0; map && i < map->map.n; i++) {
			const struct node *key = map->map.v[i].key;
			const char *name = node_text(key);
			const char *own = name + strlen(rest) + 1;

			if (!str_starts(name, rest) || own[-1] != '-' ||
			    !has_item(r, other, kinds[k].map, own))
				continue;
			diags_add(r->diags, key->pos, "rename one of them",
				  "%s %s of environment '%s' would be '%s-%s' in AWS, as "
				  "%s '%s' of environment '%s'",
				  kinds[k].what, shown(r->arena, name),
				  r->environment->name, str_or(r->prefix, "PROJECT"),
				  name, kinds[k].what, own, other->name);
		}
	}
}

static void check_others(const struct rules *r)
{
	const struct manifest *m = r->manifest;
	size_t n = strlen(r->environment->name);

	for (size_t i = 0; i < m->nenvironments; i++) {
		const struct manifest_environment *e = &m->environments[i];

		if (str_starts(e->name, r->environment->name) && e->name[n] == '-' &&
		    may_meet(r, e))
			check_meeting(r, e, e->name + n + 1);
	}
}

static void check_approve(const struct rules *r, const struct node *pipeline)
{
	const struct node *approve = node_get(pipeline, "approve");
	const struct node *all = node_get(r->manifest->document, "environments");

	for (size_t i = 0; approve && i < approve->seq.n; i++) {
		const struct node *want = approve->seq.v[i];

		if (node_get(all, node_text(want)))
			continue;
		diags_add(r->diags, want->pos,
			  rules_nearest(r, all, node_text(want),
					r->manifest->nenvironments
						? "name one of 'environments'"
						: "define it under 'environments'"),
			  "there is no environment %s", shown(r->arena, node_text(want)));
	}
}

static void check_pipeline(const struct rules *r)
{
	const struct manifest *m = r->manifest;
	const struct node *pipeline = node_get(r->root, "pipeline");

	if (!pipeline)
		return;
	check_approve(r, pipeline);
	for (size_t i = 0; i < m->nenvironments; i++) {
		const struct manifest_environment *e = &m->environments[i];

		if (str_eq(e->name, "pipeline"))
			diags_add(r->diags, e->pos, "choose another name",
				  "environment 'pipeline': its names would be as the "
				  "pipeline's own");
	}
}

void rules_check_environments(const struct rules *r)
{
	check_prefix(r);
	if (r->environment)
		check_others(r);
	check_pipeline(r);
}
